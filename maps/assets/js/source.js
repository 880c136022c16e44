/* Where a page that is one file has its columns and shapes from: all came with it.
 *
 * Another source has the same methods; each may return what is asked for or a promise of it:
 *   column(name)          a column of the parcels, null where there is none
 *   classes(key)          the class of each parcel in a colouring
 *   tiles(layer)          what draws a layer, "parcels" or another's id: tile({x, y, z}, margin), see shapelayer.js
 *   facts(row)            a parcel: { id, fields: {name: field}, findings, gaps }, field = { title, kind, unit, value }
 *   layerFacts(id, row)   a row of another layer: { fields: {name: field}, reason: [in each language] or null }
 *   search(query, most)   { rows: [{ row, id, holder }], count }
 *   box(row)              [west, north, east, south] of a parcel in the Web Mercator square, null where it has no shape
 *   within(ring)          rows of the parcels whose middle is inside a ring of [x, y] in the square
 *   outlines()            { parcels, parks }: tile sources' shapes for an overview, each { shapes, origin } or null
 */
(function (parkgeo) {
  "use strict";

  const NO_TEXT = 0xffffffff;
  const NO_DAY = -2147483648;
  const DAY_MS = 86400000;

  /** The value of a row; null where it is missing. */
  function valueAt(column, row) {
    const value = column.values[row];
    switch (column.kind) {
      case "code":
        return value ? column.codes[value - 1] : null;
      case "text":
        return value === NO_TEXT ? null : column.texts.at(value);
      case "date":
        return value === NO_DAY ? null : new Date(value * DAY_MS).toISOString().slice(0, 10);
      default:
        return Number.isNaN(value) ? null : value;
    }
  }

  function fieldAt(column, row) {
    return { title: column.title, kind: column.kind, unit: column.unit, value: valueAt(column, row) };
  }

  /** Which entries of a table belong to a row, without looking through all of them. */
  class RowIndex {
    constructor(rows, count) {
      this.first = new Uint32Array(count + 1);
      for (const row of rows) {
        if (row >= 0) {
          this.first[row + 1] += 1;
        }
      }
      for (let row = 0; row < count; row += 1) {
        this.first[row + 1] += this.first[row];
      }
      this.entries = new Uint32Array(this.first[count]);
      const next = this.first.slice();
      rows.forEach((row, entry) => {
        if (row >= 0) {
          this.entries[next[row]] = entry;
          next[row] += 1;
        }
      });
    }

    of(row) {
      return [...this.entries.subarray(this.first[row], this.first[row + 1])];
    }
  }

  /** Shapes that came with the page: one set for all tiles. */
  class LocalTiles {
    constructor(shapes, origin) {
      this.shapes = shapes;
      this.origin = origin;
    }

    tile({ x, y, z }, margin) {
      const span = parkgeo.WORLD / 2 ** z;
      const [west, north] = [x * span - this.origin[0], y * span - this.origin[1]];
      const more = (margin * span) / parkgeo.TILE;
      const found = this.shapes.within(west - more, north - more, west + span + more, north + span + more);
      return { shapes: this.shapes, found, west, north, span };
    }
  }

  class PortableSource {
    constructor(data) {
      this.data = data;
      this.layers = new Map(data.layers.map((layer) => [layer.id, layer]));
      this.drawn = new Map();
      this.indexes = new Map();
      this.names = null;
    }

    column(name) {
      return this.own(name);
    }

    /** A column that came with the page. */
    own(name) {
      const { columns } = this.data.parcels;
      return Object.hasOwn(columns, name) ? columns[name] : null;
    }

    classes(key) {
      return this.data.colourings.find((colouring) => colouring.key === key).of;
    }

    /** Shapes are made of their steps when a layer is first shown: most layers never are. */
    tiles(id) {
      if (!this.drawn.has(id)) {
        const { shapes } = id === "parcels" ? this.data.parcels : this.layers.get(id);
        this.drawn.set(id, new LocalTiles(parkgeo.readShapes(shapes), this.data.origin));
      }
      return this.drawn.get(id);
    }

    index(name) {
      if (!this.indexes.has(name)) {
        this.indexes.set(name, new RowIndex(this.data[name].rows || [], this.data.parcels.count));
      }
      return this.indexes.get(name);
    }

    facts(row) {
      const { ids, columns } = this.data.parcels;
      const fields = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, fieldAt(column, row)]));
      return { id: ids.at(row), fields, findings: this.findingsOf(row), gaps: this.gapsOf(row) };
    }

    findingsOf(row) {
      const { columns } = this.data.findings;
      return this.index("findings").of(row).map((entry) => {
        const get = (name) => valueAt(columns[name], entry);
        return {
          ...Object.fromEntries(["code", "verdict", "unit", "missing", "since", "observed", "threshold"].map((name) => [name, get(name)])),
          clause: this.data.languages.map((lang) => get(`clause_${lang}`)),
          reason: this.data.languages.map((lang) => get(`reason_${lang}`)),
          verified: Boolean(get("verified")),
        };
      });
    }

    /** A parcel's own gaps and those of all parcels, unless it has the value all the same. */
    gapsOf(row) {
      const { gaps } = this.data;
      const gap = (from, entry) => ({
        key: valueAt(from.keys, entry),
        field: from.fields.map((column) => valueAt(column, entry)),
        ask: from.asks.map((column) => valueAt(column, entry)),
      });
      const shared = gaps.whole ? gaps.whole.spared.flatMap((spared, entry) => (spared.includes(row) ? [] : [gap(gaps.whole, entry)])) : [];
      return [...shared, ...this.index("gaps").of(row).map((entry) => gap(gaps, entry))];
    }

    layerFacts(id, row) {
      const { columns, reasons } = this.layers.get(id);
      const fields = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, fieldAt(column, row)]));
      return { fields, reason: reasons ? reasons.map((column) => valueAt(column, row)) : null };
    }

    search(query, most) {
      const wanted = query.toLocaleLowerCase();
      const { count, ids } = this.data.parcels;
      const holders = this.own("holder");
      if (!this.names) {
        this.names = Array.from({ length: count }, (_, row) => ids.at(row).toLocaleLowerCase());
      }
      // Each holder is compared once, however many parcels it holds.
      const texts = holders ? holders.texts || holders.codes : [];
      const held = Uint8Array.from({ length: texts.length }, (_, place) => (textAt(texts, place).toLocaleLowerCase().includes(wanted) ? 1 : 0));
      const place = (row) => (holders.kind === "code" ? holders.values[row] - 1 : holders.values[row]);
      const found = [];
      for (let row = 0; row < count; row += 1) {
        if (this.names[row].includes(wanted) || (holders && held[place(row)])) {
          found.push(row);
        }
      }
      const rows = found.slice(0, most).map((row) => ({ row, id: ids.at(row), holder: holders ? valueAt(holders, row) : null }));
      return { rows, count: found.length };
    }

    box(row) {
      const { shapes, origin } = this.tiles("parcels");
      if (shapes.kinds[row] === parkgeo.NOTHING) {
        return null;
      }
      return [...shapes.boxes.subarray(4 * row, 4 * row + 4)].map((edge, place) => edge + origin[place % 2]);
    }

    within(ring) {
      const { shapes, origin } = this.tiles("parcels");
      const line = ring.map(([x, y]) => [x - origin[0], y - origin[1]]);
      const edges = [0, 1].flatMap((axis) => [Math.min, Math.max].map((least) => least(...line.map((point) => point[axis]))));
      const [west, east, north, south] = edges;
      return [...shapes.within(west, north, east, south)].filter((row) => parkgeo.inRing(line, ...shapes.middle(row)));
    }

    outlines() {
      return { parcels: this.tiles("parcels"), parks: this.layers.has("parks") ? this.tiles("parks") : null };
    }
  }

  function textAt(texts, place) {
    return Array.isArray(texts) ? texts[place] : texts.at(place);
  }

  Object.assign(parkgeo, { PortableSource, LocalTiles, RowIndex, valueAt });
})((window.parkgeo = window.parkgeo || {}));
