/* The filters: what is set, said as chips that can be taken away, and the parcels that are left. The form is in form.js. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;

  class Filters {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.criteria = {}; // what is shown
      this.wanted = {}; // what was asked for last: the service may yet have to say which parcels lie in an area
      this.columns = new Map();
      this.findings = [];
      this.areas = new parkgeo.Areas(dashboard);
      this.turn = 0;
      this.node = element("section", "pg-filters");
      this.form = new parkgeo.FilterForm(this);
      this.chips = element("ul", "pg-chips");
      this.count = element("output", "pg-shown");
      this.actions = element("div", "pg-actions");
    }

    /** Columns that can be filtered by, and the findings that were made. */
    async prepare() {
      const wanted = [...parkgeo.CHOICES, ...parkgeo.FIGURES, parkgeo.HOLDER].filter((name) => this.knows(name));
      const found = await Promise.all(wanted.map((name) => this.dashboard.column(name)));
      wanted.forEach((name, place) => found[place] && this.columns.set(name, found[place]));
      const told = await this.dashboard.ask("findings?f=json").catch(() => ({ groups: [] }));
      const byCode = new Map(told.groups.filter(({ code }) => this.knows(code)).map((group) => [group.code, group]));
      this.findings = [...byCode.values()];
      this.form.build();
    }

    knows(name) {
      return Object.hasOwn(this.dashboard.schema, name);
    }

    get empty() {
      return !Object.keys(this.criteria).length;
    }

    cql2() {
      return parkgeo.cql2Of(this.criteria, (name) => this.columns.get(name)?.kind);
    }

    /** Set criteria, whoever made them, and show what meets them. */
    async set(given) {
      this.turn += 1;
      const { turn } = this;
      const { dashboard } = this;
      const criteria = parkgeo.readCriteria(given, (name) => this.knows(name));
      this.wanted = criteria;
      const mask = await parkgeo.maskOf(criteria, dashboard.view.count, (name) => dashboard.column(name), (areas) => this.areas.within(areas), (id) => dashboard.rowOf(id));
      if (turn !== this.turn) {
        return; // something else was set meanwhile
      }
      this.criteria = criteria;
      this.areas.touching = Boolean(criteria.areas && criteria.areas.touching);
      await this.draw();
      if (criteria.ids) {
        dashboard.marks.take(criteria.ids);
      }
      dashboard.marks.keep();
      dashboard.select(mask, dashboard.tabs.order(mask));
      this.fill();
      dashboard.state.write();
    }

    /** Change some conditions and leave the others. */
    async change(part) {
      try {
        await this.set({ ...this.wanted, ...part });
      } catch (error) {
        this.wanted = this.criteria; // what is shown is what is set
        this.fill();
        this.dashboard.notice(error.message, { error: true });
      }
    }

    /** Areas were drawn on the map, ticked or taken away. places: [latitude, longitude] of each. */
    async drawn(places) {
      const rings = places.map((ring) => ring.map(([lat, lng]) => [lng, lat]));
      await this.change({ areas: { rings, touching: this.areas.touching } });
    }

    /** The sketch shows the areas that are set, also those that a link brought. */
    async draw() {
      const { sketch } = this.dashboard.page;
      const { rings } = this.criteria.areas || { rings: [] };
      const key = (ring) => ring.map((corner) => corner.map((angle) => angle.toFixed(6)).join(" ")).join(",");
      const there = new Map(sketch.kept.filter(({ kind }) => kind === "area").map((one) => [key(one.places.map(([lat, lng]) => [lng, lat])), one]));
      for (const one of there.values()) {
        one.selected = false;
      }
      for (const ring of rings) {
        const places = ring.map(([lng, lat]) => [lat, lng]);
        const one = there.get(key(ring)) || sketch.keep("area", places);
        one.selected = true;
        one.rows = await this.areas.rows(places);
      }
      sketch.fill();
    }

    /* what is said */

    speak() {
      this.node.setAttribute("aria-label", this.words.say("dash_filters"));
      this.form.build();
      this.actions.replaceChildren(this.dashboard.downloads.node, this.dashboard.downloads.copier());
      this.node.replaceChildren(this.form.opener, this.count, this.chips, this.actions, this.form.node);
      this.fill();
    }

    fill() {
      const { words, dashboard } = this;
      const { view } = dashboard;
      this.form.read();
      this.chips.replaceChildren(...this.texts().map(([text, rest]) => this.chip(text, rest)));
      const { marks } = dashboard;
      if (marks.rows.size && !this.criteria.ids) {
        const item = element("li", "");
        const said = words.say("dash_only_marked", { count: words.figure(marks.rows.size, 0) });
        item.append(parkgeo.button("pg-button pg-small pg-only-marked", said, () => this.change({ ids: marks.ids })));
        this.chips.append(item);
      }
      if (!this.empty) {
        const item = element("li", "");
        item.append(parkgeo.button("pg-button pg-small pg-clear", words.say("dash_clear"), () => this.clear({})));
        this.chips.append(item);
      }
      const mask = dashboard.selection.mask;
      const values = { count: words.figure(dashboard.selection.count, 0), all: words.figure(view.count, 0), area: parkgeo.land(words, dashboard.selection.ha * parkgeo.M2_PER_HA) };
      this.count.title = words.withUnit(dashboard.selection.ha * parkgeo.M2_PER_HA, "m2", 0);
      this.count.textContent = words.say(mask ? "dash_count_of" : "dash_count", values);
    }

    /** The chips' texts, each with the criteria that are left without it. */
    texts() {
      const { criteria, words } = this;
      const without = (part, name) => {
        const { [name]: gone, ...rest } = criteria[part];
        return { ...criteria, [part]: rest };
      };
      const bare = (part) => ({ ...criteria, [part]: undefined });
      const said = [];
      for (const [name, values] of Object.entries(criteria.any || {})) {
        said.push([`${this.title(name)}: ${words.list(values.map((value) => this.valueWord(name, value)))}`, without("any", name)]);
      }
      for (const [name, range] of Object.entries(criteria.ranges || {})) {
        said.push([`${this.title(name)}: ${this.rangeWord(name, range)}`, without("ranges", name)]);
      }
      if (criteria.findings) {
        const { codes, verdicts } = criteria.findings;
        const names = codes.map((code) => this.title(code));
        said.push([`${words.say("findings")}: ${words.list(names)} (${words.list(verdicts.map((one) => words.say(`verdict_${one}`)))})`, bare("findings")]);
      }
      if (criteria.holder) {
        said.push([`${this.title(parkgeo.HOLDER)}: ${criteria.holder}`, bare("holder")]);
      }
      if (criteria.ids) {
        said.push([words.say("dash_only_marked", { count: words.figure(criteria.ids.length, 0) }), bare("ids")]);
      }
      if (criteria.areas) {
        const values = { count: words.figure(criteria.areas.rings.length, 0) };
        said.push([words.say(criteria.areas.touching ? "dash_areas_touching" : "dash_areas_within", values), bare("areas")]);
      }
      return said;
    }

    chip(text, rest) {
      const item = parkgeo.userText("li", "pg-chip", text);
      const label = this.words.say("dash_remove", { filter: text });
      item.append(parkgeo.button("", label, () => this.clear(rest), "×"));
      return item;
    }

    async clear(rest) {
      await this.set(rest);
      this.form.opener.focus();
    }

    title(name) {
      return this.dashboard.title(name);
    }

    valueWord(name, value) {
      return value === null ? this.dashboard.none(name) : this.dashboard.word(name, value);
    }

    /** What a figure is shown and typed in: areas in the reader's unit. */
    scale(name) {
      const area = this.columns.get(name)?.kind === "area";
      const { areaUnit } = this.words;
      const factor = { mu: parkgeo.M2_PER_MU, ha: parkgeo.M2_PER_HA, m2: 1 }[areaUnit];
      return area ? { factor, unit: areaUnit } : { factor: 1, unit: this.columns.get(name)?.unit || "" };
    }

    rangeWord(name, { from, to, missing }) {
      const { words } = this;
      const { factor, unit } = this.scale(name);
      const [least, most] = [from, to].map((end) => (end === null ? null : words.figure(end / factor, 4)));
      const suffix = unit ? ` ${words.unit(unit)}` : "";
      const key = least === null ? "dash_up_to" : most === null ? "dash_from" : "dash_from_to";
      const said = words.say(key, { from: least, to: most }) + suffix;
      return missing ? words.list([said, words.say("dash_no_data")]) : said;
    }
  }

  Object.assign(parkgeo, { Filters });
})((window.parkgeo = window.parkgeo || {}));
