/* What a link says and this dashboard does not know: cut off on its way, made by hand, or of data that are no longer so. */
(function (parkgeo) {
  "use strict";

  const NAMES = ["snapshot", "lang", "unit", "filter", "tab", "parcel", "colour", "question", "layers", "at"];
  const MOST = 5;
  const SHOWN = 60;

  class Lost {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.first = null; // a sentence that goes before
      this.found = [];
    }

    add(key, values) {
      this.found.push([key, values]);
    }

    /** A part of the address, or of the filter, that cannot be read; its text is shown as text. */
    part(name, value) {
      this.add("dash_lost_part", { name: name.slice(0, SHOWN), value: String(value).slice(0, SHOWN) });
    }

    knows(name) {
      return NAMES.includes(name) || /^(sort|part)\./.test(name);
    }

    /** What is chosen of what there is: each is looked for. */
    choices(given) {
      const { page, words, view, tabs } = this.dashboard;
      const there = {
        lang: (value) => words.data.languages.includes(value),
        unit: (value) => parkgeo.AREA_UNITS.includes(value),
        colour: (value) => value === parkgeo.OUTLINE || Boolean(view.colouring(value)),
        question: (value) => view.maps.some(({ id }) => id === value),
        layers: (value) => value.split(",").filter(Boolean).every((id) => page.layers.byId.has(id)),
      };
      for (const [name, knows] of Object.entries(there)) {
        if (given.get(name) && !knows(given.get(name))) {
          this.part(name, given.get(name));
        }
      }
      for (const [name, sort] of given) {
        const tab = name.startsWith("sort.") && tabs.tabs.find(({ id }) => id === name.slice(5));
        const keys = tab && tab.table ? parkgeo.readSort(sort, tab.table.columns.map((column) => column.name)) : [];
        if (name.startsWith("sort.") && parkgeo.writeSort(keys) !== sort) {
          this.part(name, sort);
        }
      }
    }

    /** What of the filter is not among the criteria that are set. */
    filter(text, given) {
      const { filters } = this.dashboard;
      if (!text) {
        return;
      }
      if (typeof given !== "object" || given === null || Array.isArray(given)) {
        this.part("filter", text);
        return;
      }
      const { criteria } = filters;
      for (const [name, value] of Object.entries(given)) {
        if (!Object.hasOwn(criteria, name)) {
          this.part(name, JSON.stringify(value));
        } else if (name === "any" || name === "ranges") {
          this.fields(name, value, criteria[name]);
        } else if (name === "findings" || name === "ids" || name === "areas") {
          const list = { findings: "codes", areas: "rings" }[name];
          const [was, is] = list ? [value[list], criteria[name][list]] : [value, criteria[name]];
          const gone = name === "areas" ? was.slice(is.length) : was.filter((one) => !is.includes(one) || (name === "ids" && this.dashboard.rowOf(one) < 0));
          gone.forEach((one) => this.part(name, JSON.stringify(one)));
        }
      }
    }

    fields(part, given, kept) {
      for (const [name, value] of Object.entries(given)) {
        if (!Object.hasOwn(kept, name)) {
          this.part(name, JSON.stringify(value));
        } else if (part === "any") {
          value.filter((one) => !kept[name].includes(one) || !this.isValue(name, one)).forEach((one) => this.part(name, JSON.stringify(one)));
        }
      }
    }

    /** A value that the field has here, or may have. */
    isValue(name, value) {
      const { dashboard } = this;
      const codes = dashboard.schema[name]["x-parkgeo-codes"] || {};
      return value === null || Object.hasOwn(codes, value) || dashboard.industries.has(value) || parkgeo.wordsOf(dashboard.filters.columns.get(name)).includes(value);
    }

    /** One sentence with all of it, once the page shows what it can. */
    say() {
      const { dashboard } = this;
      const { words } = dashboard;
      const said = this.first ? [this.first()] : [];
      if (this.found.length) {
        const lost = words.list(this.found.slice(0, MOST).map(([key, values]) => words.say(key, values))) + (this.found.length > MOST ? " …" : "");
        said.push(words.say(dashboard.filters.empty ? "dash_lost_all" : "dash_lost", { lost }));
      }
      if (said.length) {
        dashboard.notice(said.join(" "), { error: true });
      }
    }
  }

  Object.assign(parkgeo, { Lost });
})((window.parkgeo = window.parkgeo || {}));
