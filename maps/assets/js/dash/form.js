/* The form of the filters: what can be chosen, how many parcels have it, and figures from–to in the unit that they are shown in. */
(function (parkgeo) {
  "use strict";

  const WAIT_MS = 250;
  const { element } = parkgeo;

  class FilterForm {
    constructor(filters) {
      this.filters = filters;
      this.words = filters.words;
      this.node = element("form", "pg-form");
      this.node.id = "pg-filter-form";
      this.node.hidden = true;
      this.readers = [];
      this.opener = parkgeo.button("pg-button pg-filter-button", "", () => this.toggle());
      this.opener.setAttribute("aria-expanded", "false");
      this.opener.setAttribute("aria-controls", this.node.id);
      this.node.addEventListener("submit", (event) => event.preventDefault());
      for (const node of [this.node, this.opener]) {
        node.addEventListener("keydown", (event) => {
          if (event.key === "Escape" && !this.node.hidden) {
            event.preventDefault(); // it would empty the field with the holder's name
            this.toggle();
          }
        });
      }
    }

    toggle() {
      this.node.hidden = !this.node.hidden;
      this.opener.setAttribute("aria-expanded", String(!this.node.hidden));
      const into = this.node.hidden ? this.opener : this.node.querySelector("input, select, button");
      into.focus();
    }

    /** All controls anew: in another language or unit, or of other columns. */
    build() {
      const { filters, words } = this;
      this.readers = [];
      this.opener.textContent = words.say("dash_filters");
      this.opener.setAttribute("aria-label", words.say("dash_filters"));
      const choices = parkgeo.CHOICES.filter((name) => filters.columns.has(name)).map((name) => this.choices(name));
      const figures = parkgeo.FIGURES.filter((name) => filters.columns.has(name)).map((name) => this.range(name));
      const ranges = this.set(words.say("dash_figures"), figures, "pg-ranges");
      const close = parkgeo.button("pg-button pg-small pg-close-form", words.say("close"), () => this.toggle());
      this.node.replaceChildren(...choices, ...this.findings(), ...(figures.length ? [ranges] : []), ...this.holder(), this.areas(), close);
      this.read();
    }

    /** Set the controls as the criteria are. */
    read() {
      for (const reader of this.readers) {
        reader(this.filters.wanted);
      }
    }

    set(title, nodes, className) {
      const set = element("fieldset", className);
      set.append(element("legend", "", title), ...nodes);
      return set;
    }

    box(text, count, changed) {
      const label = element("label", "pg-layer");
      const input = element("input", "");
      input.type = "checkbox";
      input.addEventListener("change", () => changed(input.checked));
      label.append(input, parkgeo.userText("span", "pg-name", text));
      if (count !== null) {
        label.append(element("span", "pg-count", this.words.figure(count, 0)));
      }
      return { label, input };
    }

    /** The values of a column to choose among, those without a value last. */
    choices(name) {
      const { filters } = this;
      const column = filters.columns.get(name);
      const counts = countOf(column);
      const values = [...counts.keys()].filter((value) => value !== null);
      const order = Object.keys(filters.dashboard.schema[name]["x-parkgeo-codes"] || {});
      const place = (value) => (order.includes(value) ? order.indexOf(value) : order.length);
      values.sort((one, other) => place(one) - place(other) || (one < other ? -1 : 1));
      const all = [...values, ...(counts.has(null) ? [null] : [])];
      const boxes = all.map((value) => {
        const box = this.box(filters.valueWord(name, value), counts.get(value), (on) => {
          const before = (filters.wanted.any || {})[name] || [];
          const chosen = on ? [...before, value] : before.filter((one) => one !== value);
          filters.change({ any: { ...filters.wanted.any, [name]: chosen } });
        });
        this.readers.push(({ any = {} }) => {
          box.input.checked = (any[name] || []).includes(value);
        });
        box.input.dataset.filter = name;
        box.input.dataset.value = value === null ? "" : value;
        return box.label;
      });
      const set = this.set(filters.title(name), boxes, "pg-choices");
      set.dataset.filter = name;
      return set;
    }

    /** Findings by what they are called and the clause that they rest on. */
    findings() {
      const { filters, words } = this;
      if (!filters.findings.length) {
        return [];
      }
      const chosen = () => filters.wanted.findings || { codes: [], verdicts: [parkgeo.FOUND[0]] };
      const boxes = filters.findings.map((group) => {
        const clause = group[`clause_${words.lang}`];
        const text = [group[words.lang], clause].filter(Boolean).join(" · ");
        const box = this.box(text, null, (on) => {
          const { codes, verdicts } = chosen();
          filters.change({ findings: { codes: on ? [...codes, group.code] : codes.filter((code) => code !== group.code), verdicts } });
        });
        box.input.dataset.finding = group.code;
        this.readers.push(() => {
          box.input.checked = chosen().codes.includes(group.code);
        });
        return box.label;
      });
      const open = this.box(words.say("dash_also_undetermined"), null, (on) => {
        const verdicts = on ? parkgeo.FOUND : [parkgeo.FOUND[0]];
        filters.change({ findings: { codes: chosen().codes, verdicts } });
      });
      open.input.dataset.finding = "";
      this.readers.push(({ findings }) => {
        open.input.checked = Boolean(findings && findings.verdicts.includes("undetermined"));
        open.input.disabled = !findings;
      });
      return [this.set(words.say("dash_findings"), [open.label, ...boxes], "pg-choices pg-wide")];
    }

    /** A figure from–to; without one of its ends it is open there. */
    range(name) {
      const { filters, words } = this;
      const { factor, unit } = filters.scale(name);
      const row = element("div", "pg-range");
      row.setAttribute("role", "group");
      const title = unit ? `${filters.title(name)} (${words.unit(unit)})` : filters.title(name);
      row.setAttribute("aria-label", title);
      const ends = ["dash_least", "dash_most"].map((key) => {
        const input = element("input", "pg-figure-input");
        input.type = "number";
        input.step = "any";
        input.placeholder = words.say(key);
        input.setAttribute("aria-label", `${title}: ${words.say(key)}`);
        input.dataset.range = name;
        return input;
      });
      const missing = this.box(words.say("dash_no_data"), null, () => changed());
      const changed = () => {
        const [from, to] = ends.map((input) => (input.value === "" ? null : Number(input.value) * factor));
        filters.change({ ranges: { ...filters.wanted.ranges, [name]: { from, to, missing: missing.input.checked } } });
      };
      ends.forEach((input) => this.typed(input, changed));
      this.readers.push(({ ranges = {} }) => {
        const range = ranges[name] || { from: null, to: null, missing: false };
        [range.from, range.to].forEach((end, place) => {
          // What is being typed stays as it is typed: "1." is 1 already.
          if (document.activeElement !== ends[place]) {
            ends[place].value = end === null ? "" : String(Number((end / factor).toFixed(6)));
          }
        });
        missing.input.checked = range.missing;
        missing.input.disabled = !ranges[name];
      });
      row.append(element("span", "pg-range-title", title), ...ends, missing.label);
      return row;
    }

    holder() {
      const { filters } = this;
      if (!filters.columns.has(parkgeo.HOLDER)) {
        return [];
      }
      const input = element("input", "pg-holder-input");
      const title = filters.title(parkgeo.HOLDER);
      input.type = "search";
      input.maxLength = 100;
      input.placeholder = this.words.say("dash_contains");
      input.setAttribute("aria-label", `${title}: ${this.words.say("dash_contains")}`);
      this.typed(input, () => filters.change({ holder: input.value }));
      this.readers.push(({ holder }) => {
        if (document.activeElement !== input) {
          input.value = holder || "";
        }
      });
      return [this.set(title, [input], "pg-holder-set")];
    }

    /** Areas drawn on the map: what counts as in them, and where they are drawn. */
    areas() {
      const { filters, words } = this;
      const modes = [["", words.say("dash_within")], ["touching", words.say("dash_touching")]];
      const select = parkgeo.choice("", words.say("dash_areas"), modes, "", (mode) => {
        filters.areas.touching = mode === "touching";
        filters.change({ areas: filters.wanted.areas && { ...filters.wanted.areas, touching: mode === "touching" } });
      });
      this.readers.push(() => {
        select.value = filters.areas.touching ? "touching" : "";
      });
      const draw = parkgeo.button("pg-button pg-small pg-draw", words.say("dash_draw"), () => {
        const { sketch } = filters.dashboard.page;
        this.toggle();
        if (sketch.node.hidden) {
          sketch.toggle();
        }
        sketch.begin("area");
      });
      return this.set(words.say("dash_areas"), [select, draw], "pg-areas-set");
    }

    /** Act once the typing rests, or as soon as the reader goes on to something else: what was typed is not lost to what comes next. */
    typed(input, act) {
      let waiting = null;
      input.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(act, WAIT_MS);
      });
      input.addEventListener("change", () => {
        clearTimeout(waiting);
        act();
      });
    }
  }

  /** How many parcels have each value; null where they have none. */
  function countOf(column) {
    const words = parkgeo.wordsOf(column);
    const first = column.kind === "code" ? 1 : 0;
    const counts = new Uint32Array(words.length + 1);
    for (const value of column.values) {
      const place = value - first;
      counts[place >= 0 && place < words.length ? place : words.length] += 1;
    }
    const found = new Map();
    words.forEach((word, place) => counts[place] && found.set(word, counts[place]));
    if (counts[words.length]) {
      found.set(null, counts[words.length]);
    }
    return found;
  }

  Object.assign(parkgeo, { FilterForm });
})((window.parkgeo = window.parkgeo || {}));
