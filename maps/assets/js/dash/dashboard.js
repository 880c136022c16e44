/* The dashboard: what stands around the map, all about the same parcels.
 *
 * Parts (panel, charts, history …) are classes on parkgeo, made with the dashboard as their only argument before anything is restored; a
 * part may have start(), awaited once the address's state is restored. parkgeo.Panel gives .node, which fills the right side; tabs below the map
 * come by addTab. What a part may rely on:
 *   page, view, words    the map's page, its data and its language, see map.js, view.js, words.js
 *   root, snapshot       the service's root as the page reaches it; the name of the snapshot that is shown
 *   address(path)        where this very snapshot answers: address("parcels/…"), address("collections/parcels/items?…")
 *   ask(path)            the JSON that stands there, or an error whose message a person can read
 *   schema               the parcels' fields as /collections/parcels/schema tells them (titles, units, codes), ready before parts start
 *   selection            { mask, rows, count, ha }: mask null while no filter is set; rows in the order of the table
 *   parcel, choose(row, {from})       the chosen parcel's row, or -1
 *   filters.criteria, filters.cql2(), setCriteria(criteria)      see criteria.js, cql2.js
 *   column(name)         a column of the parcels or null; title(name), word(name, code): what it and its codes are called
 *   listen(event, heard)              "selection", "parcel", "language" (also units)
 *   addTab({id, title, node, shown})  title() gives its text; shown() is called whenever the tab comes to be seen
 *   state.keep(part, value), state.of(part)     a part's own state in the address, JSON; "state" is told when Back or Forward changed it
 *   marks                parcels ticked in the tables, see marks.js; "marks" is told when they change
 *   toSnapshot(name)     opens another snapshot's dashboard with all that is set here
 *   notice(text, {error})             a sentence above the table; said to screen readers too
 */
(function (parkgeo) {
  "use strict";

  const PARTS = ["Panel", "Charts", "Siting", "History", "Compare"];
  const NARROW_PX = 900;
  const SHEET = 0.46; // of the window's height, as dashboard.css has it
  const STAYS = ["map", "search", "state", "siting"]; // whoever chose a parcel there has the map where it is wanted
  const { element } = parkgeo;

  class Dashboard {
    constructor(page) {
      Object.assign(this, { page, view: page.view, words: page.words });
      this.root = /\/snapshots\/[^/]+\/dashboard$/.test(window.location.pathname) ? "../../" : "";
      this.snapshot = page.view.meta.name;
      this.schema = {};
      this.collections = new Set();
      this.industries = new Map();
      this.parcel = -1;
      this.heard = new Map();
      this.selection = { mask: null, rows: Uint32Array.from({ length: page.view.count }, (_, row) => row), count: page.view.count, ha: NaN };
      this.state = new parkgeo.State(this);
      this.marks = new parkgeo.Marks(this);
      this.filters = new parkgeo.Filters(this);
      this.rail = new parkgeo.Rail(this);
      this.tabs = new parkgeo.Tabs(this);
      this.downloads = new parkgeo.Downloads(this);
      this.parts = [];
    }

    async run() {
      document.body.classList.add("pg-dashboard");
      this.lay();
      await this.learn();
      await this.filters.prepare();
      await parkgeo.makeTables(this);
      this.parts = PARTS.filter((name) => parkgeo[name]).map((name) => new parkgeo[name](this));
      const panel = this.parts.find((part) => parkgeo.Panel && part instanceof parkgeo.Panel);
      if (panel) {
        this.aside.append(panel.node);
      }
      this.listen("language", () => this.speak());
      parkgeo.tieToMap(this);
      this.speak();
      this.fit();
      await this.state.restore();
      for (const part of this.parts) {
        if (part.start) {
          await part.start();
        }
      }
      this.state.watch();
      document.body.dataset.dashboard = "ready";
    }

    /** What fields and industries are called. */
    async learn() {
      const { properties } = await this.ask("collections/parcels/schema");
      this.schema = properties;
      const told = await this.ask("collections?f=json");
      this.collections = new Set(told.collections.map(({ id }) => id));
      if (this.collections.has("industries")) {
        const { features } = await this.ask("collections/industries/items?limit=10000&properties=industry_code,zh,en&skipGeometry=true");
        this.industries = new Map(features.map(({ properties: { industry_code: code, zh, en } }) => [code, { zh, en }]));
      }
    }

    /** The places on the page: all are children of its body, laid out by dashboard.css. */
    lay() {
      const { body } = document;
      this.main = this.page.map.getContainer();
      this.main.id = this.main.id || "pg-map";
      this.skip = element("a", "pg-skip");
      this.skip.href = "#";
      // The address's hash is the state's: jump without it.
      this.skip.addEventListener("click", (event) => {
        event.preventDefault();
        this.tabs.focus();
      });
      this.aside = element("aside", "pg-aside");
      this.said = element("p", "pg-notice");
      this.said.hidden = true;
      this.live = element("p", "pg-unseen");
      this.live.setAttribute("role", "status");
      body.prepend(this.skip);
      body.append(this.rail.node, this.filters.node, this.aside, this.tabs.node, this.said, this.live);
      this.sheet = parkgeo.button("pg-sheet-handle", "", () => this.setSheet(!this.sheetOpen));
      this.aside.append(this.sheet);
      this.setSheet(false);
    }

    get narrow() {
      return window.innerWidth < NARROW_PX;
    }

    /** The panel where it is a sheet from below: open or but its handle. */
    setSheet(open) {
      this.sheetOpen = open;
      this.aside.classList.toggle("pg-open", open);
      this.sheet.setAttribute("aria-expanded", String(open));
    }

    /** How much of the map, in pixels from below, the open sheet hides once it stands. */
    covered() {
      const { bottom, height } = this.main.getBoundingClientRect();
      return this.narrow && this.sheetOpen ? Math.min(height * 0.7, Math.max(0, bottom - window.innerHeight * (1 - SHEET))) : 0;
    }

    speak() {
      const { words } = this;
      this.skip.textContent = words.say("dash_skip");
      this.aside.setAttribute("aria-label", words.say("dash_panel"));
      this.sheet.textContent = words.say("dash_panel");
      this.sheet.setAttribute("aria-label", words.say("dash_panel"));
      this.downloads.speak();
      this.filters.speak();
      this.rail.speak();
      this.tabs.speak();
    }

    /** The map has less room than the page: what lies on it is arranged anew. */
    fit() {
      const { page } = this;
      const small = this.main.clientWidth < 700;
      page.map.invalidateSize({ animate: false });
      for (const panel of [page.layers, page.minimap]) {
        panel.node.open = !small && panel === page.minimap && this.main.clientHeight > 420;
      }
      page.legend.node.open = this.main.clientWidth >= 420 && this.main.clientHeight >= 460;
      page.arrange();
      page.fit();
    }

    /* the service */

    address(path) {
      return `${this.root}snapshots/${encodeURIComponent(this.snapshot)}/${path}`;
    }

    /** A column of the parcels; null where the snapshot has none. What the service does not have it is not asked for. */
    async column(name) {
      return Object.hasOwn(this.schema, name) || name in (this.view.data.parcels.columns || {}) ? this.view.column(name) : null;
    }

    /** What a field of the parcels is called. */
    title(name) {
      const titles = Object.hasOwn(this.schema, name) && this.schema[name]["x-parkgeo-title"];
      return titles ? titles[this.words.lang] : name;
    }

    /** What a value of a field is called, where it is a code. */
    word(name, value) {
      const colouring = this.view.colouring(name);
      const verdict = colouring && colouring.kind === "verdict" && colouring.classes.find(({ code, label }) => code === value && label);
      if (verdict) {
        return this.words.of(verdict.label); // as the legend calls it
      }
      const codes = (Object.hasOwn(this.schema, name) && this.schema[name]["x-parkgeo-codes"]) || {};
      if (Object.hasOwn(codes, value)) {
        return codes[value][this.words.lang];
      }
      const industry = name === "industry_code" && this.industries.get(value);
      return industry ? `${value} ${industry[this.words.lang]}` : this.words.codes(value);
    }

    /** What it is called that a field has no value: of a verdict as the legend calls it. */
    none(name) {
      const colouring = this.view.colouring(name);
      const last = colouring && colouring.kind === "verdict" && colouring.classes.at(-1);
      return last && last.label ? this.words.of(last.label) : this.words.say("dash_no_data");
    }

    /** The row of a parcel, -1 where there is none of that id. */
    rowOf(id) {
      if (!this.rows) {
        const { ids } = this.view.data.parcels;
        this.rows = new Map(Array.from({ length: ids.length }, (_, row) => [ids.at(row), row]));
      }
      return this.rows.has(id) ? this.rows.get(id) : -1;
    }

    async ask(path) {
      const answer = await parkgeo.reach(this.address(path), { headers: { Accept: "application/geo+json, application/json" } });
      if (!answer.ok) {
        throw new Error(await parkgeo.complaint(answer, this.words));
      }
      return answer.json();
    }

    toSnapshot(name) {
      window.location.assign(`${this.root}snapshots/${encodeURIComponent(name)}/dashboard${this.state.hashFor(name)}`);
    }

    /* what is shown */

    async setCriteria(criteria) {
      await this.filters.set(criteria);
    }

    /** Called by the filters and the tables: other parcels, or in another order. */
    select(mask, rows) {
      this.view.mask("filters", mask);
      const { areas } = this.view.data.parcels;
      let ha = areas ? 0 : NaN;
      if (areas) {
        for (const row of rows) {
          ha += areas[row];
        }
        ha /= parkgeo.M2_PER_HA;
      }
      this.selection = { mask, rows, count: rows.length, ha };
      this.tell("selection");
    }

    choose(row, { from = "" } = {}) {
      if (row === this.parcel) {
        return;
      }
      this.parcel = row;
      const { layers } = this.page;
      layers.stage.choose(layers.parcels, row);
      if (row >= 0 && this.narrow && !["state", "siting"].includes(from)) {
        this.setSheet(true);
      }
      if (row >= 0 && !STAYS.includes(from)) {
        this.show(row).catch((error) => this.notice(error.message, { error: true }));
      }
      this.tell("parcel", { from });
      this.state.write();
    }

    /** Bring a parcel into the map's view; a map that shows it already stays as it is. */
    async show(row) {
      const corners = await this.view.bounds(row);
      const { map } = this.page;
      const covered = this.covered();
      if (corners && (covered || !map.getBounds().contains(corners))) {
        map.fitBounds(corners, { maxZoom: Math.max(16, map.getZoom()), paddingBottomRight: [0, covered], animate: false });
      }
    }

    addTab(tab) {
      this.tabs.add(tab);
    }

    /* what happens */

    listen(event, heard) {
      this.heard.set(event, [...(this.heard.get(event) || []), heard]);
    }

    tell(event, more) {
      for (const heard of this.heard.get(event) || []) {
        heard(more);
      }
    }

    notice(text, { error = false } = {}) {
      this.said.hidden = !text;
      this.said.classList.toggle("pg-error", error);
      this.said.setAttribute("role", error ? "alert" : "status");
      const close = parkgeo.button("pg-button pg-small", this.words.say("close"), () => this.notice(""), "×");
      this.said.replaceChildren(...(text ? [parkgeo.userText("span", "", text), close] : []));
    }
  }

  /** What the service says of an answer that is none: the sentence and how to mend it. */
  async function complaint(answer, words) {
    const told = await answer.json().catch(() => null);
    const said = told && told.detail ? [told.detail, told.mend].filter(Boolean).join(" — ") : answer.statusText;
    return words.say("dash_refused", { status: answer.status, said });
  }

  Object.assign(parkgeo, { Dashboard, complaint });
})((window.parkgeo = window.parkgeo || {}));
