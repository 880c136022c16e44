/* The sheet for a visit: the map with a number on each parcel, then what to look for on each, a box to tick and a line to write on. */
(function (parkgeo) {
  "use strict";

  const MOST = 60;
  const COLUMNS = ["parcel_id", "holder", "site_area_m2", "idle", "clause", "idle_since", "idle_days", "reason", "evidence_conflict"];
  // What the land's state, else its verdict, leaves open for the eye.
  const CHECKS = {
    supplied_not_started: "visit_check_started", suspended: "visit_check_suspended", used_in_part: "visit_check_part",
    built_not_producing: "visit_check_producing", below_contract: "visit_check_producing", under_construction: "visit_check_works",
  };
  const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/;
  const { element } = parkgeo;

  /** What the register shows of a parcel, by column; a table without one leaves it out. */
  async function columnsOf(dashboard) {
    const { tabs, words } = dashboard;
    const sheets = ["parcels", "register"].map((id) => tabs.tabs.find((tab) => tab.id === id)).filter((tab) => tab && tab.table);
    const known = new Map(sheets.flatMap(({ table }) => table.columns.map((column) => [column.name, column])));
    const conflict = await dashboard.column("evidence_conflict");
    if (conflict) {
      const text = (row) => parkgeo.cellText(conflict, row, words, (code) => (code === "yes" ? words.say("visit_conflict_yes") : code === "no" ? words.say("visit_conflict_no") : dashboard.word("evidence_conflict", code)));
      known.set("evidence_conflict", { title: () => dashboard.title("evidence_conflict"), text });
    }
    return COLUMNS.flatMap((name) => (known.has(name) ? [[name, known.get(name)]] : []));
  }

  /** What is to be looked at on a parcel, as a function of its row. */
  async function checksOf(dashboard) {
    const { words } = dashboard;
    const [state, conflict, idle] = await Promise.all(["land_state", "evidence_conflict", "idle"].map((name) => dashboard.column(name)));
    const said = (column, row) => (column ? parkgeo.valueAt(column, row) : null);
    return (row) => {
      const open = ["yes", "undetermined"].includes(said(idle, row)) ? "visit_check_idle" : "visit_check_use";
      const keys = [...(said(conflict, row) === "yes" ? ["visit_check_conflict"] : []), CHECKS[said(state, row)] || open];
      return keys.map((key) => words.say(key)).join(words.lang === "zh" ? "" : " ");
    };
  }

  /** Where dossiers are for others than this computer, as the service says of itself; null where it knows no such address. */
  async function officeOf(dashboard) {
    const { links } = await dashboard.ask("collections?f=json");
    const self = links.find(({ rel }) => rel === "self");
    const here = self && new URL(self.href, window.location.href);
    return here && !LOOPBACK.test(here.hostname) ? `${here.origin}${here.pathname.replace(/\/collections$/, "")}` : null;
  }

  function linkTo(dashboard, office, row) {
    const { words, view } = dashboard;
    const link = element("a", "");
    link.href = `${office}/parcels/${encodeURIComponent(view.data.parcels.ids.at(row))}?f=html&lang=${words.lang}`;
    link.textContent = link.href;
    const cell = element("p", "pg-visit-link");
    cell.append(link);
    return cell;
  }

  function cellsOf(tag, texts) {
    return texts.map((text) => parkgeo.userText(tag, "", text));
  }

  async function listOf(dashboard, rows) {
    const { words } = dashboard;
    const [columns, checks, office] = await Promise.all([columnsOf(dashboard), checksOf(dashboard), officeOf(dashboard)]);
    const table = element("table", "pg-visit-table");
    const head = element("thead", "");
    const heads = element("tr", "");
    heads.append(...cellsOf("th", ["", ...columns.map(([, column]) => column.title()), words.say("visit_check"), words.say("visit_done"), words.say("visit_notes")]));
    head.append(heads);
    const body = element("tbody", "");
    rows.forEach((row, place) => {
      const line = element("tr", "");
      const told = columns.map(([, column]) => column.text(row));
      const cells = cellsOf("td", [words.figure(place + 1, 0), ...told, checks(row)]);
      cells[0].className = "pg-visit-place";
      if (office !== null) {
        cells[1].append(linkTo(dashboard, office, row));
      }
      line.append(...cells, element("td", "pg-visit-tick", "☐"), element("td", "pg-visit-notes"));
      body.append(line);
    });
    table.append(head, body);
    return table;
  }

  /** The list's numbers on the map, each amid its parcel. */
  async function numbersOf({ view, words }, rows) {
    const corners = await Promise.all(rows.map((row) => view.bounds(row)));
    const marks = corners.flatMap((box, place) => {
      const html = element("span", "", words.figure(place + 1, 0));
      const icon = L.divIcon({ className: "pg-visit-number", html, iconSize: [20, 20] });
      return box ? [L.marker(L.latLngBounds(box).getCenter(), { icon, interactive: false, keyboard: false })] : [];
    });
    return L.layerGroup(marks);
  }

  /** Show the print view with the list below the map. */
  async function printVisit(dashboard) {
    const { words, page, view, selection, filters } = dashboard;
    const parcel = filters.criteria.ids ? -1 : dashboard.parcel; // who marked some goes to all of them
    // The register's rows stand here as in the register, the worst first.
    const { sheet } = dashboard.downloads;
    if (parcel < 0 && filters.empty && sheet.id !== "register") {
      dashboard.notice(words.say("visit_filter_first", { most: words.figure(MOST, 0) }));
      return;
    }
    const shown = sheet.collection === "parcels" ? sheet.rows() : selection.rows;
    const rows = parcel >= 0 ? [parcel] : [...shown.slice(0, MOST)];
    document.querySelector(".pg-visit")?.remove();
    const node = element("section", "pg-visit");
    const values = { count: words.figure(rows.length, 0), all: words.figure(parcel >= 0 ? 1 : shown.length, 0) };
    const [list, numbers] = await Promise.all([listOf(dashboard, rows), numbersOf(dashboard, rows)]);
    node.append(
      element("h2", "", words.say("dash_visit")),
      element("p", "", words.say("dash_visit_count", values)),
      element("p", "", `${words.say("as_of", { date: view.meta.as_of })} · ${words.say("suspected")} · ${words.say("visit_numbers")}`),
      list,
    );
    document.body.append(node);
    numbers.addTo(page.map);
    await page.sheet.show();
    const closing = new MutationObserver(() => {
      if (!page.sheet.open) {
        closing.disconnect();
        numbers.remove();
        node.remove();
      }
    });
    closing.observe(page.sheet.tools, { attributes: true, attributeFilter: ["hidden"] });
  }

  Object.assign(parkgeo, { printVisit });
})((window.parkgeo = window.parkgeo || {}));
