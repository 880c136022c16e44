/* The tables of parcels: all of them, and the register of suspected idle land, worst first. That of companies is in companies.js. */
(function (parkgeo) {
  "use strict";

  const PARCELS = [
    "parcel_id", "holder", "idle", "land_state", "grade", "score", "site_area_m2", "industry_code", "land_use", "far", "output_wan_per_mu",
    "tax_wan_per_mu", "access_score", "services_ready", "idle_days",
  ];
  const REGISTER = ["parcel_id", "holder", "idle", "idle_days", "idle_since", "evidence_says", "way", "clause", "idle_fee_wan", "idle_consequence", "site_area_m2", "reason"];
  // Verdict, consequence and days one after the other: codes sort by their letters, so the worst of each comes first when turned round.
  const WORST = "-idle,-idle_consequence,-idle_days,-idle_fee_wan";
  const ID = "parcel_id";
  const IDLE = ["yes", "undetermined"];
  const RULES = ["idle_not_started", "idle_suspended"];
  const WIDTHS = {
    parcel_id: 212, holder: 226, idle: 150, land_state: 150, land_use: 130, industry_code: 170, clause: 230, idle_since: 150, reason: 640, name: 240, idle_consequence: 190, lift: 640,
    evidence_says: 140, way: 170,
  };
  const SWATCHED = ["evidence_says"]; // beside the verdicts

  /** A table and what it is sorted by. columns: [{ name, data, … }] as Table has them. */
  class Sheet {
    constructor(dashboard, { id, collection, count, columns, first = "", ties = "", choose, label, marks = null }) {
      Object.assign(this, { dashboard, id, collection, count, columns, first, ties });
      this.sort = first;
      this.orders = new Map();
      this.table = new parkgeo.Table({ columns, choose, label, marks, empty: () => dashboard.words.say(collection === "parcels" ? "dash_none" : "dash_none_companies"), sorted: (keys) => this.resort(parkgeo.writeSort(keys)) });
    }

    get keys() {
      return parkgeo.readSort(this.sort, this.columns.map(({ name }) => name));
    }

    setSort(text) {
      this.sort = parkgeo.writeSort(parkgeo.readSort(text, this.columns.map(({ name }) => name)));
    }

    resort(sort) {
      this.setSort(sort || this.first);
      this.sorted();
      this.dashboard.state.write();
    }

    /** All rows in their order; kept until they are sorted otherwise. */
    order() {
      if (!this.orders.has(this.sort)) {
        this.orders.clear();
        const data = (name) => this.columns.find((column) => column.name === name).data();
        // What is equal stands by its id, here as in a file.
        const keys = [...this.keys, ...(this.ties ? [[this.ties, false]] : [])];
        this.orders.set(this.sort, parkgeo.orderBy(this.count, keys.map(([name, down]) => [data(name), down])));
      }
      return this.orders.get(this.sort);
    }
  }

  /** A column of the parcels as a table shows it. */
  function columnOf(dashboard, name, column) {
    const { words, view } = dashboard;
    const colouring = view.colouring(name);
    const styles = colouring && (colouring.kind === "verdict" || SWATCHED.includes(name)) ? new Map(colouring.classes.map((one) => [one.code, one.style])) : null;
    return {
      name,
      width: WIDTHS[name],
      number: ["area", "percent", "number"].includes(column.kind),
      data: () => column,
      title: () => [dashboard.title(name), parkgeo.unitOf(column, words)].filter(Boolean).join(" · "),
      text: (row) => parkgeo.cellText(column, row, words, (value) => dashboard.word(name, value)),
      swatch: styles && ((row) => styles.get(parkgeo.valueAt(column, row)) || null),
    };
  }

  /** Boxes to tick parcels with. */
  function marksOf(dashboard) {
    const { marks, words, view } = dashboard;
    return {
      has: (row) => marks.has(row),
      among: (rows) => marks.among(rows),
      set: (rows, on) => marks.set(rows, on),
      label: (row) => words.say("dash_mark", { id: view.data.parcels.ids.at(row) }),
      all: () => words.say("dash_mark_all"),
    };
  }

  /** The parcels' ids as a column. */
  function idsOf({ view }) {
    const { ids, count } = view.data.parcels;
    return { kind: "text", unit: "", values: Uint32Array.from({ length: count }, (_, row) => row), texts: ids };
  }

  async function columnsOf(dashboard, names) {
    const found = await Promise.all(names.map((name) => (name === ID ? idsOf(dashboard) : dashboard.column(name))));
    return names.flatMap((name, place) => (found[place] ? [columnOf(dashboard, name, found[place])] : []));
  }

  /** Which clauses a parcel is judged by: those of the rules that found it idle, or could not say. */
  async function clauseColumn(dashboard) {
    const { filters, words, view } = dashboard;
    const rules = filters.findings.filter(({ code }) => RULES.includes(code));
    const columns = await Promise.all(rules.map(({ code }) => dashboard.column(code)));
    if (!rules.length) {
      return [];
    }
    const values = new Uint8Array(view.count);
    columns.forEach((column, place) => {
      const found = Uint8Array.from(column.codes, (code) => (IDLE.includes(code) ? 1 << place : 0));
      column.values.forEach((value, row) => {
        values[row] |= value ? found[value - 1] : 0;
      });
    });
    const clauses = (bits) => rules.filter((_, place) => bits & (1 << place)).map((rule) => rule[`clause_${words.lang}`]).filter(Boolean);
    const data = { kind: "code", values, codes: Array.from({ length: 3 }, (_, place) => String(place + 1)) };
    return [{
      name: "clause", width: WIDTHS.clause, number: false, data: () => data, title: () => words.say("dash_clause"),
      text: (row) => words.list(clauses(values[row])) || parkgeo.DASH,
    }];
  }

  /** The reason of the verdict in the reader's language, sorted in it too. */
  async function reasonColumn(dashboard) {
    const { words } = dashboard;
    const columns = new Map();
    for (const lang of words.data.languages) {
      columns.set(lang, await dashboard.column(`verdict_reason_${lang}`));
    }
    const data = () => columns.get(words.lang);
    return [...columns.values()].every(Boolean)
      ? [{ name: "reason", width: WIDTHS.reason, number: false, data, title: () => words.say("dash_reason"), text: (row) => parkgeo.cellText(data(), row, words, (text) => text) }]
      : [];
  }

  async function parcelsSheet(dashboard) {
    const { view, words } = dashboard;
    const columns = await columnsOf(dashboard, PARCELS);
    const sheet = new Sheet(dashboard, {
      id: "parcels", collection: "parcels", count: view.count, columns, first: ID, ties: ID, choose: (row) => dashboard.choose(row, { from: "table" }), label: () => words.say("column_parcels"), marks: marksOf(dashboard),
    });
    sheet.sorted = () => dashboard.select(dashboard.selection.mask, dashboard.tabs.order(dashboard.selection.mask));
    sheet.rows = () => dashboard.selection.rows;
    return sheet;
  }

  async function registerSheet(dashboard) {
    const { view, words } = dashboard;
    const idle = await dashboard.column("idle");
    const plain = await columnsOf(dashboard, REGISTER);
    const columns = [...plain, ...(await clauseColumn(dashboard)), ...(await reasonColumn(dashboard))].sort((one, other) => REGISTER.indexOf(one.name) - REGISTER.indexOf(other.name));
    const sheet = new Sheet(dashboard, {
      id: "register", collection: "parcels", count: view.count, columns, first: parkgeo.writeSort(parkgeo.readSort(WORST, columns.map(({ name }) => name))),
      ties: ID, choose: (row) => dashboard.choose(row, { from: "table" }), label: () => words.say("dash_register"), marks: marksOf(dashboard),
    });
    sheet.sorted = () => sheet.fill();
    sheet.rows = () => {
      const { mask } = dashboard.selection;
      const wanted = Uint8Array.from(idle.codes, (code) => (IDLE.includes(code) ? 1 : 0));
      return sheet.order().filter((row) => (!mask || mask[row]) && idle.values[row] && wanted[idle.values[row] - 1]);
    };
    sheet.condition = () => "idle IN ('yes', 'undetermined')";
    return sheet;
  }

  function addSheet(dashboard, sheet, title) {
    const node = parkgeo.element("div", "pg-table");
    node.append(sheet.table.node);
    sheet.fill = () => {
      sheet.shown = sheet.rows();
      sheet.table.fill(sheet.shown, sheet.keys);
      dashboard.live.textContent = dashboard.words.say("dash_rows", { count: dashboard.words.figure(sheet.shown.length, 0) });
    };
    const seen = () => dashboard.tabs.current && dashboard.tabs.current.id === sheet.id && dashboard.tabs.open;
    const refresh = () => seen() && sheet.fill();
    dashboard.addTab({ id: sheet.id, title, node, table: sheet, shown: () => sheet.fill() });
    dashboard.listen("selection", refresh);
    dashboard.listen("marks", () => sheet.table.told.marks && sheet.table.marked());
    dashboard.listen("parcel", () => sheet.chosen && sheet.table.mark(sheet.chosen()));
    return sheet;
  }

  async function makeTables(dashboard) {
    const { words } = dashboard;
    const parcels = await parcelsSheet(dashboard);
    parcels.chosen = () => dashboard.parcel;
    addSheet(dashboard, parcels, () => words.say("column_parcels"));
    if (Object.hasOwn(dashboard.schema, "idle")) {
      const register = await registerSheet(dashboard);
      register.chosen = () => dashboard.parcel;
      addSheet(dashboard, register, () => words.say("dash_register"));
    }
    const companies = await parkgeo.companiesSheet(dashboard, WIDTHS);
    if (companies) {
      addSheet(dashboard, companies, () => words.say("dash_companies"));
    }
  }

  Object.assign(parkgeo, { TableSheet: Sheet, makeTables });
})((window.parkgeo = window.parkgeo || {}));
