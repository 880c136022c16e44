/* Two states of the park side by side: this snapshot and another, or this one and what a scenario would make of it. */
(function (parkgeo) {
  "use strict";

  const { element, userText } = parkgeo;
  const LISTED = 300;
  const FIRST = "idle";

  class Compare {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.kept = { with: null, colour: null, only: false };
      this.options = [];
      this.turn = 0;
      this.unread = null;
      this.views = new Map();
      this.node = element("dialog", "pg-compare");
      this.tools = element("div", "pg-compare-tools");
      this.status = element("p", "pg-panel-status");
      this.status.setAttribute("role", "status");
      this.list = element("div", "pg-compare-list");
      this.maps = new parkgeo.TwoMaps((side, row) => this.clicked(side, row));
      const body = element("div", "pg-compare-body");
      body.append(this.maps.node, this.list);
      this.node.append(this.tools, this.status, body);
      this.node.addEventListener("close", () => this.closed());
      document.body.append(this.node);
      dashboard.listen("language", () => this.node.open && this.fill());
    }

    async start() {
      const kept = this.dashboard.state.of("compare");
      if (kept && typeof kept === "object") {
        Object.assign(this.kept, { with: String(kept.with || ""), colour: String(kept.colour || ""), only: kept.only === true });
        await this.open();
      }
    }

    async open() {
      if (this.node.open) {
        return;
      }
      this.node.setAttribute("aria-label", this.words.say("panel_compare"));
      this.node.showModal();
      const { map } = this.dashboard.page;
      this.maps.open({ minZoom: map.getMinZoom(), maxZoom: map.getMaxZoom() }, this.words);
      this.maps.fit(this.dashboard.view.whole);
      await this.fill();
      // What is listed beside them changes the room that the maps have.
      this.maps.fit(this.dashboard.view.whole);
    }

    closed() {
      this.turn += 1;
      this.maps.close();
      this.dashboard.state.keep("compare", null);
      const opener = document.querySelector(".pg-compare-open");
      if (opener) {
        opener.focus();
      }
    }

    set(values) {
      Object.assign(this.kept, values);
      this.dashboard.state.keep("compare", this.kept);
      this.fill();
    }

    /** What this snapshot can be held against: [key, words] each. */
    async choices() {
      const { dashboard, words } = this;
      const snapshots = (await parkgeo.snapshotsOf(dashboard)).filter((one) => one.name !== dashboard.snapshot).reverse();
      // Who may see some parks only is told of no scenario; then there are none to choose.
      const { scenarios } = await parkgeo.ask(dashboard.address("scenarios?f=json")).catch((error) => {
        // Snapshots can be compared all the same.
        this.unread = [403, 404].includes(error.status) ? null : error;
        return { scenarios: [] };
      });
      const done = scenarios.filter((one) => one.state === "done" && one.snapshot === dashboard.snapshot);
      return [
        ...snapshots.map((one) => [`snapshot:${one.name}`, words.say("compare_snapshot", { date: one.as_of, name: one.name })]),
        ...done.map((one) => [`scenario:${one.id}`, words.say("compare_scenario", { title: one.title || one.id.slice(0, 8) })]),
      ];
    }

    async fill() {
      this.turn += 1;
      const { turn, words } = this;
      this.status.textContent = words.say("panel_reading");
      this.unread = null;
      try {
        this.options = await this.choices();
        const keys = this.options.map(([key]) => key);
        if (!keys.includes(this.kept.with)) {
          this.kept.with = keys[0] || null;
        }
        const pair = this.kept.with ? await this.pair() : null;
        const told = pair ? await pair.compare() : null;
        if (turn === this.turn && this.node.open) {
          this.status.textContent = "";
          this.show(pair, told);
          if (this.unread) {
            this.list.append(parkgeo.problem(words, this.unread, () => this.fill()));
          }
        }
      } catch (error) {
        if (turn === this.turn && this.node.open) {
          this.status.textContent = "";
          this.fillTools(null);
          this.list.replaceChildren(parkgeo.problem(words, error, () => this.fill()));
        }
      }
    }

    async pair() {
      const [kind, ...rest] = this.kept.with.split(":");
      const name = rest.join(":");
      if (kind === "scenario") {
        const result = await this.dashboard.ask(`scenarios/${name.split("/").map(encodeURIComponent).join("/")}?f=json`);
        return new parkgeo.ScenarioPair(this.dashboard, result, this.kept);
      }
      if (!this.views.has(name)) {
        this.views.set(name, await parkgeo.viewOf(this.dashboard, name));
      }
      return new parkgeo.SnapshotPair(this.dashboard, this.views.get(name), this.kept);
    }

    fillTools(pair) {
      const { words, kept } = this;
      const held = this.tools.contains(document.activeElement) ? document.activeElement.dataset.tool : null;
      const parts = [element("h2", "", words.say("panel_compare"))];
      if (this.options.length) {
        parts.push(tool("with", parkgeo.choice("pg-compare-with", words.say("compare_with"), this.options, kept.with, (key) => this.set({ with: key }))));
      }
      if (pair && pair.colours.length) {
        parts.push(tool("colour", parkgeo.choice("pg-compare-colour", words.say("colour_by"), pair.colours, pair.colour, (colour) => this.set({ colour }))));
        const label = element("label", "pg-compare-only");
        const box = tool("only", element("input", ""));
        Object.assign(box, { type: "checkbox", checked: kept.only });
        box.addEventListener("change", () => this.set({ only: box.checked }));
        label.append(box, words.say("compare_only"));
        parts.push(label);
      }
      parts.push(tool("close", parkgeo.button("pg-button pg-compare-close", words.say("close"), () => this.node.close())));
      this.tools.replaceChildren(...parts);
      const again = held ? this.tools.querySelector(`[data-tool="${held}"]`) : null;
      if (again) {
        again.focus();
      } else if (document.activeElement === this.node) {
        this.tools.querySelector("[data-tool]").focus();
      }
    }

    show(pair, told) {
      this.pair_ = pair;
      this.fillTools(pair);
      if (!pair) {
        this.list.replaceChildren(element("p", "pg-none", this.words.say("compare_none")));
        return;
      }
      if (!told) {
        this.list.replaceChildren(element("p", "pg-none", this.words.say("compare_nothing")));
        return;
      }
      told.sides.forEach((side, place) => this.maps.show(place, side));
      this.list.replaceChildren(...this.summary(told), ...this.legend(told), ...this.table(told));
    }

    summary({ counts, notes }) {
      const { words } = this;
      const figures = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, words.figure(count, 0)]));
      const lead = element("p", "pg-lead", words.say("compare_counts", figures));
      return [lead, ...notes.map((text) => userText("p", "pg-caption", text))];
    }

    /** What the colours mean, and how many parcels each class has on either side. */
    legend({ colouring, sides, moves }) {
      if (!colouring) {
        return [];
      }
      const { words } = this;
      const { colours } = this.dashboard.page;
      const tally = sides.map(({ look }) => {
        const counts = new Array(colouring.classes.length).fill(0);
        look.of.forEach((number, row) => {
          counts[number] += !look.shown || look.shown[row] ? 1 : 0;
        });
        return counts;
      });
      const rows = colouring.classes.map(({ style }, number) => {
        const name = element("span", "");
        name.append(parkgeo.swatch(style, parkgeo.POLYGON), userText("span", "", colours.label(colouring, number)));
        return [name, words.figure(tally[0][number], 0), words.figure(tally[1][number], 0)];
      });
      const head = [words.of(colouring.title), ...sides.map(({ short }) => short)];
      const table = parkgeo.plainTable("pg-plain pg-compare-legend", words.say("compare_classes"), head, rows, [1, 2]);
      const list = element("ul", "pg-moves");
      list.append(...moves.map(({ from, to, count }) => userText("li", "", words.say("compare_move", { from: colours.label(colouring, from), to: colours.label(colouring, to), count: words.figure(count, 0) }))));
      return [table, ...(moves.length ? [list] : [])];
    }

    table({ head, entries, csv, file, numbers, links }) {
      const { words } = this;
      const rows = entries.slice(0, LISTED).map((entry) => [this.entryButton(entry), ...entry.cells]);
      const table = parkgeo.plainTable("pg-plain pg-compare-rows", words.say("compare_list"), head, rows, numbers);
      const more = entries.length > LISTED ? [element("p", "pg-caption", words.say("compare_listed", { shown: words.figure(LISTED, 0), count: words.figure(entries.length, 0) }))] : [];
      const tools = element("p", "pg-links");
      tools.append(parkgeo.button("pg-button pg-compare-csv", words.say("compare_csv"), () => parkgeo.download(file, "text/csv;charset=utf-8", parkgeo.asCsv(csv()))));
      for (const { href, text } of links) {
        const link = element("a", "pg-button pg-link", text);
        link.href = href;
        tools.append(link);
      }
      return [tools, ...(rows.length ? [table] : []), ...more];
    }

    entryButton(entry) {
      return parkgeo.button("pg-row-button", entry.id, () => this.goTo(entry), userText("span", "", entry.id));
    }

    async goTo({ left, right }) {
      const bounds = await this.pair_.bounds(left, right);
      if (bounds) {
        this.maps.sides[0].map.fitBounds(bounds, { maxZoom: 16, animate: false });
      }
      this.maps.choose(left, right);
    }

    clicked(side, row) {
      const [left, right] = this.pair_.rows(side, row);
      this.maps.choose(left, right);
      this.status.textContent = this.pair_.said(left, right);
    }
  }

  function tool(name, node) {
    node.dataset.tool = name;
    return node;
  }

  Object.assign(parkgeo, { Compare, COMPARE_FIRST: FIRST });
})((window.parkgeo = window.parkgeo || {}));
