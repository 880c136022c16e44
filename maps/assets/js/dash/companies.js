/* The table of companies: the last year that the service tells of, by grade and score; those on the parcels that are shown. */
(function (parkgeo) {
  "use strict";

  const COLUMNS = ["name", "grade", "score", "rank", "industry_code", "land_m2", "output_wan_per_mu", "tax_wan_per_mu", "output_wan_growth", "next_grade", "lift"];
  const FIRST = "grade,-score";
  const COLLECTION = "company_years";
  const PAGE = 10000;
  const MOST_LETTERS = 1800; // of a condition; the service takes 2048 bytes
  const PERCENT = /_(ratio|share|growth)$/;

  /** All features of a collection that a condition chooses, page by page. */
  async function readAll(dashboard, collection, given) {
    const found = [];
    let address = `collections/${collection}/items?${new URLSearchParams({ ...given, skipGeometry: "true", limit: String(PAGE) })}`;
    while (address) {
      const page = await dashboard.ask(address);
      found.push(...page.features.map(({ properties }) => properties));
      const next = page.links.find(({ rel }) => rel === "next");
      const query = next ? new URL(next.href).search : "";
      address = query ? `collections/${collection}/items${query}` : null;
    }
    return found;
  }

  /** Rows of JSON as a column of arrays. */
  function columnFrom(rows, name, type) {
    if (type === "number" || type === "integer") {
      const kind = name.endsWith("_m2") ? "area" : PERCENT.test(name) ? "percent" : "number";
      return { kind, unit: "", values: Float64Array.from(rows, (row) => (row[name] === null || row[name] === undefined ? NaN : row[name])) };
    }
    const places = new Map();
    const values = Uint32Array.from(rows, (row) => {
      const text = row[name];
      if (text === null || text === undefined || text === "") {
        return 0xffffffff;
      }
      if (!places.has(text)) {
        places.set(text, places.size);
      }
      return places.get(text);
    });
    return { kind: "text", unit: "", values, texts: [...places.keys()] };
  }

  async function lastYear(dashboard) {
    const told = await dashboard.ask(`collections/${COLLECTION}/items?${new URLSearchParams({ sortby: "-year", limit: "1", properties: "year", skipGeometry: "true" })}`);
    return told.features.length ? told.features[0].properties.year : null;
  }

  /** Rows of parcels on which each company is. */
  async function whereabouts(dashboard, ids) {
    const places = new Map(ids.map((id) => [id, []]));
    if (dashboard.collections.has("occupancy")) {
      for (const { enterprise_id: id, parcel_id: parcel } of await readAll(dashboard, "occupancy", { properties: "enterprise_id,parcel_id" })) {
        const row = dashboard.rowOf(parcel);
        if (row >= 0 && places.has(id)) {
          places.get(id).push(row);
        }
      }
    }
    return places;
  }

  function shownColumn(dashboard, schema, name, column, widths) {
    const { words } = dashboard;
    const unit = schema[name] && schema[name]["x-ogc-unit"];
    column.unit = unit && unit !== "1" ? unit : "";
    return {
      name,
      width: widths[name],
      number: column.kind !== "text",
      data: () => column,
      title: () => [words.of(words.data.languages.map((lang) => schema[name]["x-parkgeo-title"][lang])), parkgeo.unitOf(column, words)].filter(Boolean).join(" · "),
      text: (row) => parkgeo.cellText(column, row, words, (value) => (name === "industry_code" ? dashboard.word(name, value) : value)),
    };
  }

  /** What lifts the grade, in the reader's language. */
  function liftColumn(dashboard, rows, widths) {
    const { words } = dashboard;
    const columns = new Map(words.data.languages.map((lang) => [lang, columnFrom(rows, `lift_${lang}`, "string")]));
    const data = () => columns.get(words.lang);
    return { name: "lift", width: widths.lift, number: false, data, title: () => words.say("dash_lift"), text: (row) => parkgeo.cellText(data(), row, words, (text) => text) };
  }

  /** The sheet, or null where there are no companies. */
  async function companiesSheet(dashboard, widths) {
    const { collections } = dashboard;
    const year = collections.has(COLLECTION) ? await lastYear(dashboard) : null;
    if (year === null) {
      return null;
    }
    const { words } = dashboard;
    const { properties: schema } = await dashboard.ask(`collections/${COLLECTION}/schema`);
    const rows = await readAll(dashboard, COLLECTION, { filter: `year = ${year}` });
    const ids = rows.map((row) => row.enterprise_id);
    const places = await whereabouts(dashboard, ids);
    const columns = COLUMNS.filter((name) => Object.hasOwn(schema, name)).map((name) => shownColumn(dashboard, schema, name, columnFrom(rows, name, schema[name].type), widths));
    columns.push(...(Object.hasOwn(schema, "lift_zh") ? [liftColumn(dashboard, rows, widths)] : []));
    const names = columns.map(({ name }) => name);
    const sheet = new parkgeo.TableSheet(dashboard, {
      id: "companies", collection: COLLECTION, count: rows.length, columns, first: parkgeo.writeSort(parkgeo.readSort(FIRST, names)),
      choose: (row) => dashboard.choose(places.get(ids[row]).length ? places.get(ids[row])[0] : -1, { from: "table" }),
      label: () => words.say("dash_companies_of", { year }),
    });
    sheet.sorted = () => sheet.fill();
    sheet.rows = () => {
      const { mask } = dashboard.selection;
      return mask ? sheet.order().filter((row) => places.get(ids[row]).some((parcel) => mask[parcel])) : sheet.order();
    };
    sheet.chosen = () => (dashboard.parcel < 0 ? -1 : ids.findIndex((id) => places.get(id).includes(dashboard.parcel)));
    // Companies are not chosen by what is known of parcels: they are named one by one.
    sheet.only = () => {
      const named = dashboard.selection.mask ? ` AND enterprise_id IN (${[...sheet.rows()].map((row) => `'${ids[row].replaceAll("'", "''")}'`).join(", ")})` : "";
      return named.length <= MOST_LETTERS ? `year = ${year}${named}` : null;
    };
    return sheet;
  }

  Object.assign(parkgeo, { companiesSheet });
})((window.parkgeo = window.parkgeo || {}));
