/* The tab of charts below the map: one question at a time, of the same parcels as map and table. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;
  // Beside this script, at the address of this very edition of the files.
  const LIBRARY = document.currentScript ? new URL("../../chart/chart.umd.min.js", document.currentScript.src).href : null;
  const KINDS = ["distribution", "trend", "scatter", "ranking"];
  const MEASURED = ["distribution", "ranking"];
  const FIRST = "output_wan_per_mu";
  let library = null;

  /** The drawing library, asked for when charts are first looked at. */
  function load() {
    if (!library) {
      library = new Promise((done, failed) => {
        const script = element("script", "");
        script.src = LIBRARY;
        script.addEventListener("load", () => done(window.Chart));
        script.addEventListener("error", () => failed(new Error(LIBRARY)));
        document.head.append(script);
      });
      library.catch(() => {
        library = null;
      });
    }
    return library;
  }

  class Charts {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.kind = KINDS[0];
      this.metric = null;
      this.least = false;
      this.drawn = [];
      this.turn = 0;
      this.stale = true;
      this.node = element("div", "pg-charts");
      this.tools = element("div", "pg-chart-tools");
      this.status = element("p", "pg-panel-status");
      this.status.setAttribute("role", "status");
      this.content = element("div", "pg-chart-content");
      this.node.append(this.tools, this.status, this.content);
      dashboard.addTab({ id: "charts", title: () => this.words.say("chart_tab"), node: this.node, shown: () => this.show() });
      for (const event of ["selection", "parcel", "language"]) {
        dashboard.listen(event, () => this.changed());
      }
      dashboard.listen("state", () => {
        this.restore();
        this.changed();
      });
    }

    async start() {
      this.restore();
      // The tab may be open already, drawn before the address had said which chart.
      this.changed();
    }

    /** Metrics to choose from: what the map can be coloured by, each column once. */
    get metrics() {
      const { colourings } = this.dashboard.view;
      const seen = new Set();
      return colourings.filter(({ kind, column }) => kind === "quantity" && !seen.has(column) && seen.add(column));
    }

    restore() {
      const kept = this.dashboard.state.of("charts") || {};
      const columns = this.metrics.map((one) => one.column);
      this.kind = KINDS.includes(kept.kind) ? kept.kind : KINDS[0];
      this.metric = columns.includes(kept.metric) ? kept.metric : columns.includes(FIRST) ? FIRST : columns[0] || null;
      this.least = kept.least === true;
    }

    set(values) {
      Object.assign(this, values);
      this.dashboard.state.keep("charts", { kind: this.kind, metric: this.metric, least: this.least });
      this.draw();
    }

    get visible() {
      return this.node.getClientRects().length > 0;
    }

    changed() {
      this.stale = true;
      if (this.visible) {
        this.draw();
      }
    }

    show() {
      if (this.stale) {
        this.draw();
      }
    }

    fillTools() {
      const { words } = this;
      const held = this.tools.contains(document.activeElement) ? document.activeElement.dataset.tool : null;
      const kinds = element("div", "pg-chart-kinds");
      kinds.setAttribute("role", "group");
      kinds.setAttribute("aria-label", words.say("chart_kind"));
      for (const kind of KINDS) {
        const node = parkgeo.button("pg-button", words.say(`chart_${kind}`), () => this.set({ kind }));
        node.setAttribute("aria-pressed", kind === this.kind);
        node.dataset.tool = kind;
        kinds.append(node);
      }
      const more = MEASURED.includes(this.kind) && this.metric ? [this.metricChoice()] : [];
      if (this.kind === "ranking") {
        const options = [["most", words.say("chart_most")], ["least", words.say("chart_least")]];
        const select = parkgeo.choice("pg-chart-end", words.say("chart_order"), options, this.least ? "least" : "most", (end) => this.set({ least: end === "least" }));
        select.dataset.tool = "end";
        more.push(select);
      }
      this.tools.replaceChildren(kinds, ...more);
      const again = held ? [...this.tools.querySelectorAll("[data-tool]")].find((node) => node.dataset.tool === held) : null;
      if (again) {
        again.focus();
      }
    }

    metricChoice() {
      const { words } = this;
      const select = parkgeo.choice("pg-chart-metric", words.say("chart_metric"), [], "", (metric) => this.set({ metric }));
      select.dataset.tool = "metric";
      const groups = new Map();
      for (const one of this.metrics) {
        const option = element("option", "", words.of(one.title));
        option.value = one.column;
        groups.set(one.group, [...(groups.get(one.group) || []), option]);
      }
      for (const [group, options] of groups) {
        const set = element("optgroup", "");
        set.label = words.knows(`colour_${group}`) ? words.say(`colour_${group}`) : group;
        set.append(...options);
        select.append(set);
      }
      select.value = this.metric;
      return select;
    }

    /** What a kind of chart is told: the selection, the metric, benchmarks, and how to name things. */
    async told() {
      const { dashboard, words } = this;
      const { view } = dashboard;
      const record = await this.record();
      const colouring = view.colouring("idle");
      const column = (name) => dashboard.column(name);
      const about = (name) => view.colourings.find((one) => one.column === name);
      const title = (name) => (about(name) ? words.of(about(name).title) : dashboard.schema[name] ? dashboard.schema[name]["x-parkgeo-title"][words.lang] : name);
      const unitOf = (name) => {
        const unit = about(name) ? about(name).unit : (dashboard.schema[name] || {})["x-ogc-unit"];
        return unit && unit !== "1" ? words.unit(unit) : "";
      };
      const told = {
        dashboard, words, record, column, title, unitOf, least: this.least,
        rows: dashboard.selection.rows,
        benchmarks: benchmarksOf(record, words),
        verdicts: colouring ? { colouring, of: await view.classes("idle") } : null,
        axis: (name) => withUnit(title(name), unitOf(name)),
      };
      const [holders, ids] = [await column("holder"), view.data.parcels.ids];
      told.name = (row) => (holders ? parkgeo.valueAt(holders, row) : null) || ids.at(row);
      told.metric = MEASURED.includes(this.kind) ? await this.measure(told) : null;
      return told;
    }

    async measure(told) {
      const { words } = this;
      const column = await told.column(this.metric);
      const areas = { mu: parkgeo.M2_PER_MU, ha: parkgeo.M2_PER_HA, m2: 1 };
      const scales = { area: [1 / areas[words.areaUnit], words.unit(words.areaUnit)], percent: [100, "%"] };
      const [scale, unit] = scales[column.kind] || [1, told.unitOf(this.metric)];
      const title = told.title(this.metric);
      return { name: this.metric, column, scale, unit, title, axis: withUnit(title, unit) };
    }

    /** The park's record, for benchmarks; of the park that the panel shows. */
    async record() {
      const panel = this.dashboard.parts.find((part) => part instanceof parkgeo.Panel);
      if (!panel) {
        return null;
      }
      await panel.park.list();
      const park = panel.park.chosen;
      return park ? this.dashboard.ask(`parks/${encodeURIComponent(park.id)}?f=json`) : null;
    }

    async draw() {
      this.turn += 1;
      const { turn, words } = this;
      this.fillTools();
      this.status.textContent = words.say("panel_reading");
      let made = null;
      try {
        const [told] = await Promise.all([this.told(), load()]);
        made = turn === this.turn ? await parkgeo.chartKinds[this.kind](told) : null;
      } catch (error) {
        made = { problem: parkgeo.problem(words, error, () => this.draw()) };
      }
      if (turn !== this.turn) {
        return;
      }
      this.status.textContent = "";
      this.stale = false;
      this.drawn.forEach((chart) => chart.destroy());
      this.drawn = [];
      if (made.problem) {
        this.content.replaceChildren(made.problem);
        return;
      }
      this.lay(made);
    }

    lay({ charts, notes, table }) {
      const { words } = this;
      const grid = element("div", `pg-chart-grid pg-chart-${this.kind}`);
      const canvases = charts.map(({ title }) => {
        const figure = element("figure", "pg-chart");
        const place = element("div", "pg-chart-place");
        const canvas = element("canvas", "");
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", words.say("chart_picture", { title }));
        place.append(canvas);
        figure.append(parkgeo.userText("figcaption", "", title), place);
        grid.append(figure);
        return canvas;
      });
      if (!charts.length) {
        grid.append(element("p", "pg-none", words.say("chart_nothing")));
      }
      const { meta, count } = this.dashboard.view;
      const { selection } = this.dashboard;
      const of = words.say(selection.mask ? "chart_of_selected" : "chart_of_all", { shown: words.figure(selection.rows.length, 0), count: words.figure(count, 0) });
      const source = words.say("chart_source", { date: meta.as_of, name: meta.name });
      const foot = [of, ...notes, source].map((text) => parkgeo.userText("p", "pg-caption", text));
      this.content.replaceChildren(grid, ...foot, ...this.asTable(charts, table));
      this.drawn = charts.map(({ config }, place) => new window.Chart(canvases[place], config));
    }

    asTable(charts, { head, rows, numbers, more }) {
      if (!charts.length) {
        return [];
      }
      const node = element("details", "pg-chart-table");
      const title = this.words.say(`chart_${this.kind}`);
      node.append(element("summary", "", this.words.say("chart_as_table")), ...(more || []).map((text) => element("p", "pg-caption", text)), parkgeo.plainTable("pg-plain", title, head, rows, numbers));
      return [node];
    }
  }

  function withUnit(title, unit) {
    return unit ? `${title} (${unit})` : title;
  }

  /** Benchmarks of the park's indicators by the column that they are about. */
  function benchmarksOf(record, words) {
    const rows = record ? record.indicators.filter((row) => row.benchmark !== null && row.benchmark !== undefined) : [];
    return new Map(rows.map((row) => [row.name, { value: row.benchmark, verified: row.verified !== false, source: row[`benchmark_${words.lang}`] || row.benchmark_source || parkgeo.DASH }]));
  }

  Object.assign(parkgeo, { Charts });
})((window.parkgeo = window.parkgeo || {}));
