/* The park in the panel: how much of it is suspected idle, and six figures against their benchmarks, of all or of what is selected. */
(function (parkgeo) {
  "use strict";

  const { element, userText } = parkgeo;
  const BLUE = "#35608f";
  const ORANGE = "#D55E00";
  const SERVED = "#7a5195";
  const PERCENT = 100;

  // What is shown, by which indicator; `of` works the same out of the parcels' columns, `about` says how, where it is not the same.
  const FIGURES = [
    { id: "idle", name: "idle_rate", colour: ORANGE, of: idleShare, about: "panel_idle_of_selected" },
    { id: "output", name: "output_wan_per_mu", colour: BLUE, of: (data) => weighted(data, "output_wan_per_mu") },
    { id: "tax", name: "tax_wan_per_mu", colour: BLUE, of: (data) => weighted(data, "tax_wan_per_mu") },
    { id: "far", name: "far", colour: BLUE, of: density },
    { id: "services", name: "service_bottleneck", colour: SERVED, most: PERCENT, of: null },
    { id: "access", name: "access_score", colour: SERVED, most: PERCENT, of: (data) => middle(data, "access_score"), about: "panel_median_of" },
  ];
  const COLUMNS = ["site_area_m2", "floor_area_m2", "output_wan_per_mu", "tax_wan_per_mu", "access_score"];

  /* the same figures of some parcels: data = { rows, areas, columns, verdicts }; null where nothing is known */

  function weighted({ rows, areas, columns }, name) {
    const column = columns[name];
    if (!column) {
      return null;
    }
    let [sum, land] = [0, 0];
    for (const row of rows) {
      const value = column.values[row];
      if (!Number.isNaN(value)) {
        sum += value * areas[row];
        land += areas[row];
      }
    }
    return land ? sum / land : null;
  }

  function density({ rows, areas, columns }) {
    const floors = columns.floor_area_m2;
    if (!floors) {
      return null;
    }
    let [floor, land] = [0, 0];
    for (const row of rows) {
      if (!Number.isNaN(floors.values[row])) {
        floor += floors.values[row];
        land += areas[row];
      }
    }
    return land ? floor / land : null;
  }

  function idleShare({ rows, areas, verdicts }) {
    let [idle, land] = [0, 0];
    for (const row of rows) {
      land += areas[row];
      idle += verdicts && verdicts.codes[verdicts.of[row]] === "yes" ? areas[row] : 0;
    }
    return verdicts && land ? (PERCENT * idle) / land : null;
  }

  function middle({ rows, columns }, name) {
    const column = columns[name];
    const known = column ? Float64Array.from(rows, (row) => column.values[row]).filter((value) => !Number.isNaN(value)).sort() : [];
    const half = Math.floor(known.length / 2);
    return known.length ? (known.length % 2 ? known[half] : (known[half - 1] + known[half]) / 2) : null;
  }

  class ParkCard {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.parks = null;
    }

    /** The parks that there are, asked for once: id and name. */
    async list() {
      if (!this.parks) {
        const { dashboard } = this;
        const told = dashboard.collections.has("parks") ? await dashboard.ask("collections/parks/items?skipGeometry=true&limit=200") : { features: [] };
        this.parks = told.features.map(({ id, properties }) => ({ id: String(id), name: properties.name || String(id) }));
      }
      return this.parks;
    }

    get chosen() {
      const kept = this.dashboard.state.of("park");
      return this.parks.find((park) => park.id === kept) || this.parks[0] || null;
    }

    async data() {
      const { view, selection } = this.dashboard;
      const columns = {};
      for (const name of COLUMNS) {
        columns[name] = await this.dashboard.column(name);
      }
      const colouring = view.colouring("idle");
      const verdicts = colouring ? { of: await view.classes("idle"), codes: colouring.classes.map((one) => one.code) } : null;
      const areas = columns.site_area_m2 ? columns.site_area_m2.values : view.data.parcels.areas;
      return { rows: selection.rows, areas, columns, verdicts };
    }

    async nodes() {
      await this.list();
      const park = this.chosen;
      const record = park ? await this.dashboard.ask(`parks/${encodeURIComponent(park.id)}?f=json`) : null;
      const data = await this.data();
      this.record = record;
      const indicators = new Map((record ? record.indicators : []).map((row) => [row.name, row]));
      const list = element("ul", "pg-figures");
      list.append(...FIGURES.map((figure) => this.figure(figure, indicators, data)).filter(Boolean));
      return [...this.head(park), this.sentence(data), ...this.notes(park), list, ...this.more(park)];
    }

    head(park) {
      const { words } = this;
      if (this.parks.length > 1) {
        const options = this.parks.map(({ id, name }) => [id, name]);
        const select = parkgeo.choice("pg-park-choice", words.say("panel_park"), options, park.id, (id) => {
          this.dashboard.state.keep("park", id);
          this.changed();
        });
        return [select];
      }
      return [userText("h2", "pg-panel-title", park ? park.name : words.say("panel_park"))];
    }

    /** How many parcels, and how much land, are suspected idle. */
    sentence({ rows, areas, verdicts }) {
      const { words } = this;
      const node = element("p", "pg-lead");
      const tally = { yes: [0, 0], undetermined: [0, 0] };
      for (const row of verdicts ? rows : []) {
        const entry = tally[verdicts.codes[verdicts.of[row]]];
        if (entry) {
          entry[0] += 1;
          entry[1] += areas[row];
        }
      }
      const filtered = Boolean(this.dashboard.selection.mask);
      const figures = {
        idle: words.figure(tally.yes[0], 0), idle_land: parkgeo.land(words, tally.yes[1]), count: words.figure(rows.length, 0),
        unsure: words.figure(tally.undetermined[0], 0), unsure_land: parkgeo.land(words, tally.undetermined[1]),
      };
      const unjudged = this.dashboard.view.meta.no_ledger || !verdicts;
      node.textContent = unjudged ? words.say("no_ledger") : words.say(filtered ? (rows.length === 1 ? "panel_lead_one" : "panel_lead_selected") : "panel_lead", figures);
      return node;
    }

    notes(park) {
      const { selection } = this.dashboard;
      const notes = [];
      if (selection.mask) {
        notes.push(element("p", "pg-caption pg-follows", this.words.say("panel_follows")));
      }
      if (this.parks.length > 1 && park) {
        notes.push(element("p", "pg-caption", this.words.say("panel_one_park")));
      }
      return notes;
    }

    figure({ id, name, colour, most, of, about }, indicators, data) {
      const { words } = this;
      const { selection } = this.dashboard;
      const row = indicators.get(name) || this.own(name, of, data);
      if (!row) {
        return null;
      }
      const own = selection.mask && of ? of(data) : null;
      const follows = Boolean(selection.mask && of);
      const value = follows ? own : row.value;
      const unit = row.units ? words.of(words.data.languages.map((lang) => row.units[lang])) : "";
      const item = element("li", "pg-figure");
      item.dataset.figure = id;
      item.dataset.value = value === null || value === undefined ? "" : value;
      const head = element("p", "pg-figure-head");
      const shown = this.shown(row, value, unit, follows);
      const spark = element("span", "pg-trend");
      head.append(userText("span", "pg-figure-title", row[words.lang]), userText("strong", "", shown), spark);
      const benchmark = this.benchmark(row, unit);
      const whole = follows ? row.value : null;
      const told = [`${row[words.lang]}: ${shown}`, benchmark ? benchmark.textContent : ""].filter(Boolean).join(". ");
      const range = follows ? {} : { low: row.low, high: row.high };
      item.append(head, parkgeo.bar({ value, ...range, benchmark: row.benchmark, whole, most, colour, label: told }));
      item.append(...[benchmark, ...this.remarks(row, { follows, of, about, unit })].filter(Boolean));
      return item;
    }

    /** What the park's record does not have, of all parcels. */
    own(name, of, data) {
      const { view, schema, words } = this.dashboard;
      const field = Object.hasOwn(schema, name) ? schema[name] : null;
      const value = of && field ? of({ ...data, rows: Uint32Array.from({ length: view.count }, (_, row) => row) }) : null;
      if (value === null) {
        return null;
      }
      const { languages, units } = words.data;
      const unit = field["x-ogc-unit"] || "1";
      const said = unit === "1" ? null : Object.fromEntries(languages.map((lang, place) => [lang, Object.hasOwn(units, unit) ? units[unit][place] : unit]));
      return { value, ...field["x-parkgeo-title"], units: said, benchmark: null, low: null, high: null, verified: true, made: true };
    }

    shown(row, value, unit, follows) {
      const { words } = this;
      if (value !== null && value !== undefined) {
        return parkgeo.short(words, value, unit);
      }
      const { low, high } = row;
      if (!follows && low !== null && low !== undefined) {
        const figure = (one) => parkgeo.short(words, one, unit);
        return high !== null && high !== undefined ? words.say("panel_between", { low: figure(low), high: figure(high) }) : words.say("panel_at_least", { low: figure(low) });
      }
      return words.say("panel_unknown");
    }

    benchmark(row, unit) {
      const { words } = this;
      if (row.benchmark === null || row.benchmark === undefined) {
        return null;
      }
      const source = row[`benchmark_${words.lang}`] || row.benchmark_source || "";
      const node = userText("p", "pg-caption pg-against", words.say("panel_benchmark", { value: parkgeo.short(words, row.benchmark, unit), source }));
      node.title = row.benchmark_source || "";
      if (row.verified === false) {
        node.append(" ", element("span", "pg-tag pg-unverified", words.say("unverified")));
      }
      return node;
    }

    remarks(row, { follows, of, about, unit }) {
      const { words } = this;
      const { selection } = this.dashboard;
      const told = [];
      const named = row[`value_${words.lang}`];
      if (named) {
        told.push(named);
      }
      if (!follows && row.value !== null && row.low !== null && row.high !== null && row.low !== undefined && row.high - row.low > 1e-9 * Math.abs(row.high)) {
        told.push(words.say("panel_range", { low: parkgeo.short(words, row.low, unit), high: parkgeo.short(words, row.high, unit) }));
      }
      if (selection.mask && !of) {
        told.push(words.say("panel_whole_only"));
      }
      if (about && (follows || row.made)) {
        told.push(words.say(about));
      }
      if (follows) {
        told.push(words.say("panel_whole", { value: this.shown(row, row.value, unit, false) }));
      }
      return told.length ? [userText("p", "pg-caption", told.join(words.lang === "zh" ? "；" : "; "))] : [];
    }

    more(park) {
      const { dashboard, words } = this;
      if (!park) {
        return [userText("p", "pg-caption", words.say("panel_no_park"))];
      }
      const link = element("a", "pg-link", words.say("panel_all_indicators"));
      link.href = dashboard.address(`parks/${encodeURIComponent(park.id)}?f=html&lang=${words.lang}`);
      return [link];
    }

    /** The trend beside each figure: over snapshots, or, where there is one only, over the years of the record. */
    async trends(node) {
      const park = this.chosen;
      const kept = park ? await parkgeo.parkOverTime(this.dashboard, park.id) : [];
      const years = (this.record ? this.record.park_years || [] : []).filter((row) => row.park_id === this.record.park_id);
      for (const { id, name } of FIGURES) {
        const place = node.querySelector(`[data-figure="${id}"] .pg-trend`);
        const over = kept.map(({ as_of: day, record }) => [day, valueOf(record, name)]);
        const yearly = years.map((row) => [String(row.year), row[name] === undefined ? null : row[name]]);
        const points = over.filter(([, value]) => value !== null).length > 1 ? over : yearly;
        if (place && points.filter(([, value]) => value !== null).length > 1) {
          place.replaceChildren(this.trend(points, name));
        }
      }
    }

    trend(points, name) {
      const { words } = this;
      const said = words.list(points.filter(([, value]) => value !== null).map(([day, value]) => `${day}: ${parkgeo.short(words, value)}`));
      const node = parkgeo.spark(points.map(([, value]) => value), words.say("panel_trend", { points: said }));
      const title = parkgeo.svg("title", {});
      title.textContent = said;
      node.prepend(title);
      node.dataset.trend = name;
      return node;
    }
  }

  function valueOf(record, name) {
    const row = record.indicators.find((one) => one.name === name);
    return row && row.value !== undefined ? row.value : null;
  }

  Object.assign(parkgeo, { ParkCard });
})((window.parkgeo = window.parkgeo || {}));
