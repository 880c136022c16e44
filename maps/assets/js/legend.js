/* The legend: what the colours mean, how many parcels and how much land each class has, and what must be said beside them. */
(function (parkgeo) {
  "use strict";

  const AREA_COLUMNS = {
    mu: [["column_mu", (row) => row.mu]],
    ha: [["column_ha", (row) => row.ha]],
    m2: [["column_m2", (row) => row.ha * parkgeo.M2_PER_HA]],
  };

  class Legend {
    /** changed: called with the key of the colouring that the reader chooses; mapChosen: with a map, see maps/specs.py. */
    constructor(view, words, colours, changed, mapChosen) {
      this.mapChosen = mapChosen;
      this.view = view;
      this.words = words;
      this.colours = colours;
      this.changed = changed;
      this.node = parkgeo.element("details", "pg-panel pg-legend");
    }

    fill() {
      const { colours, words } = this;
      const { name, crs, version } = this.view.meta;
      this.node.replaceChildren(
        parkgeo.element("summary", "", colours.subject()),
        ...this.maps(),
        ...colours.chooser(this.changed),
        ...this.table(),
        ...this.notes().map((text) => parkgeo.element("p", "pg-note", text)),
        ...this.scheme(),
        this.beside,
        parkgeo.element("p", "pg-source", words.say("source", { name, crs, version })),
        ...this.leftOut(),
      );
    }

    /** The questions that maps ask, to choose one of. */
    maps() {
      const { maps } = this.view;
      if (maps.length < 2) {
        return [];
      }
      const label = parkgeo.element("label", "pg-colour-by");
      const options = maps.map((map) => [map.id, this.words.of(map.title)]);
      const { map } = this.colours;
      const select = parkgeo.choice("pg-map-choice", this.words.say("question"), options, map ? map.id : "", (id) => this.mapChosen(maps.find((one) => one.id === id)));
      label.append(parkgeo.element("span", "", this.words.say("question")), select);
      return [label];
    }

    /** Maps that this snapshot cannot answer, and why. */
    leftOut() {
      const { left_out: leftOut } = this.view.data;
      if (!leftOut.length) {
        return [];
      }
      const node = parkgeo.element("details", "pg-left-out");
      const list = parkgeo.element("ul", "");
      for (const { title, reason } of leftOut) {
        const item = parkgeo.userText("li", "", this.words.of(title));
        item.append(parkgeo.userText("span", "", this.words.of(reason)));
        list.append(item);
      }
      node.append(parkgeo.element("summary", "", this.words.say("left_out", { count: this.words.figure(leftOut.length, 0) })), list);
      return [node];
    }

    /** The layers that are on, for paper, where there is no layer control. */
    get beside() {
      if (!this.layers) {
        this.layers = parkgeo.element("ul", "pg-beside");
      }
      return this.layers;
    }

    /** How the values were parted into classes; a verdict or a code has no other way. */
    scheme() {
      const { colouring, bare } = this.colours;
      return colouring && colouring.kind === "quantity" && !bare ? [parkgeo.userText("p", "pg-source", this.words.of(colouring.scheme))] : [];
    }

    notes() {
      const { colours, view, words } = this;
      const { colouring } = colours;
      const notes = [];
      // Without a ledger "0 idle" does not mean that none is.
      if (view.meta.no_ledger && colours.suspected) {
        notes.push(words.say("no_ledger"));
      }
      if (colours.bare) {
        notes.push(words.say("bare"));
      }
      if (view.shown) {
        notes.push(words.say("selected_only", { count: words.figure(view.shown.reduce((sum, one) => sum + one, 0), 0) }));
      }
      if (!colours.bare && colouring && colouring.verified === false) {
        notes.push(words.say("unverified_figure", { source: words.of(colouring.source) || parkgeo.DASH }));
      }
      return notes;
    }

    table() {
      const { colouring, of, bare } = this.colours;
      if (bare || !colouring || !of) {
        return [];
      }
      const columns = [["column_parcels", (row) => row.count], ...AREA_COLUMNS[this.words.areaUnit]];
      const rows = this.view.tally(colouring, of);
      const table = parkgeo.element("table", "");
      const head = parkgeo.element("tr", "");
      head.append(parkgeo.element("td", ""));
      for (const [key] of columns) {
        const cell = parkgeo.element("th", "pg-number", this.words.say(key));
        cell.scope = "col";
        head.append(cell);
      }
      table.append(head);
      const total = { count: 0, ha: 0, mu: 0 };
      rows.forEach((row, number) => {
        const line = this.row(this.colours.label(colouring, number), row, row.style, columns);
        if (colouring.kind === "verdict") {
          line.dataset.verdict = row.code;
        }
        table.append(line);
        for (const key of Object.keys(total)) {
          total[key] += row[key];
        }
      });
      const sum = this.row(this.words.say("total"), total, null, columns);
      sum.className = "pg-total";
      table.append(sum);
      return [table];
    }

    row(label, row, style, columns) {
      const line = parkgeo.element("tr", "");
      const name = parkgeo.element("th", "");
      name.scope = "row";
      name.append(style ? parkgeo.swatch(style, parkgeo.POLYGON) : parkgeo.element("span", "pg-swatch"), parkgeo.userText("span", "", label));
      line.append(name);
      for (const [key, value] of columns) {
        const digits = key === "column_ha" || key === "column_mu" ? 1 : 0;
        line.append(parkgeo.element("td", "pg-number", this.words.figure(value(row), digits, true)));
      }
      return line;
    }
  }

  Object.assign(parkgeo, { Legend });
})((window.parkgeo = window.parkgeo || {}));
