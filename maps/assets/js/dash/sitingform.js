/* The form of a project's brief. What the chosen industry needs stands in it in grey; what is written takes its place. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;
  const AMOUNTS = ["power", "water", "gas", "height", "floor_load"];
  const GATEWAY = "travel_min_";
  const STEP = 0.5;

  class SitingForm {
    /** search, clear: called when the reader asks for it. */
    constructor(dashboard, { search, clear }) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.choices = dashboard.view.data.siting;
      this.given = parkgeo.emptyBrief(this.words.areaUnit);
      this.inputs = new Map();
      this.clear = clear;
      this.node = element("form", "pg-brief");
      this.node.noValidate = true; // what is wrong is said here in the reader's language
      this.node.addEventListener("submit", (event) => {
        event.preventDefault();
        search();
      });
    }

    set(brief) {
      this.given = parkgeo.briefEntries(brief, this.choices, this.words.areaUnit);
      this.build();
    }

    /** Kinds of gateways that the parcels have minutes to, and those that the brief names. */
    get gateways() {
      const told = Object.keys(this.dashboard.schema).filter((name) => name.startsWith(GATEWAY)).map((name) => name.slice(GATEWAY.length));
      return [...new Set([...told, ...Object.keys(this.given.travel)])];
    }

    get industry() {
      return this.choices.industries.find(({ key }) => key === this.given.industry) || null;
    }

    title(name) {
      const [first, kind] = name.split(".");
      return kind === undefined ? this.words.say(`siting_${name}`) : `${this.words.say(`siting_${first}`)}, ${this.words.code(kind)}`;
    }

    /** All controls anew: in another language, or of another brief. */
    build() {
      const { words, given } = this;
      const held = this.node.contains(document.activeElement) ? document.activeElement.dataset.entry : null;
      const open = new Set([...this.node.querySelectorAll("details[open]")].map((node) => node.dataset.part));
      this.inputs.clear();
      this.faults = element("ul", "pg-brief-faults");
      this.faults.setAttribute("role", "alert");
      this.faults.hidden = true;
      const about = element("p", "pg-caption", words.say("siting_by_pack"));
      about.hidden = !given.industry;
      this.node.setAttribute("aria-label", words.say("siting_form"));
      this.node.replaceChildren(
        this.labelled("name", this.text("name", "")),
        this.labelled("industry", this.industries(about)),
        about,
        this.labelled("area", this.text("area", ""), this.units()),
        this.sides(),
        ...AMOUNTS.map((name) => this.labelled(name, this.text(name, ""))),
        this.part("travel", open, this.gateways.map((kind) => this.labelled(`travel.${kind}`, this.minutes(kind)))),
        this.labelled("holders", this.text("holders", "")),
        this.box("joins"),
        this.box("all"),
        this.part("weights", open, Object.keys(this.choices.weights).map((name) => this.slider(name))),
        this.labelled("top", this.text("top", "")),
        this.foot(),
      );
      this.hint();
      if (held && this.inputs.has(held)) {
        this.inputs.get(held).focus();
      }
    }

    labelled(name, ...controls) {
      const label = element("label", "pg-entry");
      label.append(element("span", "", this.title(name)), ...controls);
      return label;
    }

    enter(name, node) {
      node.dataset.entry = name;
      this.inputs.set(name, node);
      return node;
    }

    text(name) {
      const input = this.enter(name, element("input", ""));
      input.type = "text";
      input.autocomplete = "off";
      input.maxLength = name === "name" ? 200 : 20;
      input.inputMode = name === "name" ? "text" : "decimal";
      input.value = this.given[name];
      input.addEventListener("input", () => {
        this.given[name] = input.value;
      });
      return input;
    }

    minutes(kind) {
      const input = this.enter(`travel.${kind}`, element("input", ""));
      input.type = "text";
      input.inputMode = "decimal";
      input.autocomplete = "off";
      input.maxLength = 20;
      input.value = this.given.travel[kind] || "";
      input.addEventListener("input", () => {
        this.given.travel[kind] = input.value;
      });
      return input;
    }

    industries(about) {
      const { words, given } = this;
      const options = [["", words.say("siting_own")], ...this.choices.industries.map(({ key, code, name }) => [key, `${code} ${words.of(name)}`.trim()])];
      return this.enter("industry", parkgeo.choice("", words.say("siting_industry"), options, given.industry, (key) => {
        given.industry = key;
        about.hidden = !key;
        this.hint();
      }));
    }

    units() {
      const { words, given } = this;
      const options = parkgeo.AREA_UNITS.map((unit) => [unit, words.unit(unit)]);
      return parkgeo.choice("pg-brief-unit", words.say("area_unit"), options, given.unit, (unit) => {
        given.unit = unit;
        this.hint();
      });
    }

    sides() {
      const { words } = this;
      const set = element("fieldset", "pg-entry pg-sides");
      set.append(element("legend", "", words.say("siting_rectangle")));
      ["long", "short"].forEach((name, place) => {
        const input = this.text(name);
        input.setAttribute("aria-label", words.say(`siting_${name}`));
        set.append(...(place ? [element("span", "", "×")] : []), input);
      });
      return set;
    }

    box(name) {
      const label = element("label", "pg-entry pg-entry-box");
      const input = this.enter(name, element("input", ""));
      input.type = "checkbox";
      input.checked = this.given[name];
      input.addEventListener("change", () => {
        this.given[name] = input.checked;
      });
      label.append(input, element("span", "", this.words.say(`siting_${name}`)));
      return label;
    }

    /** Entries that few need, closed at first; open where something is set. */
    part(name, open, nodes) {
      const node = element("details", "pg-brief-part");
      node.dataset.part = name;
      node.hidden = !nodes.length;
      const set = name === "weights" ? this.given.weights : Object.values(this.given.travel).some((text) => text.trim());
      node.open = open.has(name) || Boolean(set);
      node.append(element("summary", "", this.words.say(`siting_${name}`)), ...nodes);
      return node;
    }

    slider(name) {
      const { words, choices } = this;
      const label = element("label", "pg-entry pg-slider");
      const input = this.enter(`weights.${name}`, element("input", ""));
      const shown = element("output", "");
      const weights = () => this.given.weights || choices.weights;
      input.type = "range";
      Object.assign(input, { min: "0", max: String(parkgeo.HEAVIEST_WEIGHT), step: String(STEP), value: String(weights()[name]) });
      const said = () => {
        shown.textContent = words.figure(Number(input.value), 1);
      };
      input.addEventListener("input", () => {
        this.given.weights = { ...weights(), [name]: Number(input.value) };
        said();
      });
      said();
      label.append(element("span", "", parkgeo.criterion(words, name)), input, shown);
      return label;
    }

    /** What stays in sight while the entries scroll. */
    foot() {
      const node = element("div", "pg-brief-foot");
      node.append(this.faults, this.buttons());
      return node;
    }

    buttons() {
      const { words } = this;
      const line = element("p", "pg-brief-buttons");
      const go = element("button", "pg-button pg-brief-go", words.say("siting_search"));
      go.type = "submit";
      line.append(go, parkgeo.button("pg-button pg-brief-anew", words.say("siting_clear"), () => this.clear()));
      return line;
    }

    /** What the industry needs, in grey where nothing is written. */
    hint() {
      const { words, given } = this;
      const needs = this.industry ? this.industry.needs : { travel: {} };
      const show = (name, value) => {
        if (this.inputs.has(name)) {
          this.inputs.get(name).placeholder = value === undefined ? "" : words.figure(value, 1);
        }
      };
      show("area", needs.area === undefined ? undefined : needs.area / parkgeo.M2_PER[given.unit]);
      const [long, short] = needs.rectangle || [];
      Object.entries({ long, short, ...Object.fromEntries(AMOUNTS.map((name) => [name, needs[name]])) }).forEach(([name, value]) => show(name, value));
      this.gateways.forEach((kind) => show(`travel.${kind}`, needs.travel[kind]));
    }

    /** The brief, or null and what is to be mended said at its entries and in a list. */
    read() {
      const { words } = this;
      const faults = parkgeo.briefFaults(this.given, (name) => this.title(name), words).map(([name, key, values]) => [name, words.say(key, values)]);
      this.say(faults);
      return faults.length ? null : parkgeo.briefOf(this.given);
    }

    /** faults: [entry or nothing, sentence]. */
    say(faults) {
      for (const input of this.inputs.values()) {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
      // In the order of the form.
      const order = [...this.inputs.keys(), ""];
      const sorted = [...faults].sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
      const items = sorted.map(([name, text], place) => {
        const item = parkgeo.userText("li", "", text);
        item.id = `pg-brief-fault-${place}`;
        const input = this.inputs.get(name);
        if (input) {
          input.setAttribute("aria-invalid", "true");
          input.setAttribute("aria-describedby", item.id);
        }
        return item;
      });
      this.faults.replaceChildren(element("li", "pg-brief-mend", this.words.say("siting_faults")), ...items);
      this.faults.hidden = !faults.length;
      const first = sorted.map(([name]) => this.inputs.get(name)).find(Boolean);
      if (first) {
        first.focus();
      }
    }
  }

  Object.assign(parkgeo, { SitingForm });
})((window.parkgeo = window.parkgeo || {}));
