/* The data of a page as the rest of the page asks for it, wherever it comes from.
 *
 * data: the view without its long columns (see maps/payload.py); source: who has those, at once or later (see source.js).
 */
(function (parkgeo) {
  "use strict";

  class View {
    constructor(data, source) {
      this.data = data;
      this.source = source;
      this.kept = new Map();
      this.masks = new Map();
      this.shown = null;
      this.byKey = new Map(data.colourings.map((colouring) => [colouring.key, colouring]));
    }

    get meta() {
      return this.data.meta;
    }

    get count() {
      return this.data.parcels.count;
    }

    get colourings() {
      return this.data.colourings;
    }

    get layers() {
      return this.data.layers;
    }

    get maps() {
      return this.data.maps;
    }

    colouring(key) {
      return this.byKey.get(key) || null;
    }

    /** A column of the parcels, asked for once. */
    column(name) {
      return this.once(`column ${name}`, () => this.source.column(name));
    }

    /** The class of each parcel, asked for once. */
    classes(key) {
      return this.once(`classes ${key}`, () => this.source.classes(key));
    }

    async once(key, ask) {
      if (!this.kept.has(key)) {
        const asked = Promise.resolve(ask());
        this.kept.set(key, asked);
        // What failed may be asked for again.
        asked.catch(() => this.kept.delete(key));
      }
      return this.kept.get(key);
    }

    async facts(row) {
      return this.source.facts(row);
    }

    async layerFacts(id, row) {
      return this.source.layerFacts(id, row);
    }

    async search(query, most) {
      return this.source.search(query, most);
    }

    async within(ring) {
      return this.source.within(ring);
    }

    async outlines() {
      return this.source.outlines();
    }

    /** Corners of a box as Leaflet has them: south-west and north-east. */
    async bounds(row) {
      const box = await this.source.box(row);
      return box && View.corners(box);
    }

    get whole() {
      return View.corners(this.data.bounds);
    }

    static corners([west, north, east, south]) {
      return [parkgeo.toLatLng(west, south), parkgeo.toLatLng(east, north)];
    }

    /** Leave parcels out by a name of ours (a sketch, a filter): 1 a row that stays; null takes it back. Shown is what all leave. */
    mask(name, rows) {
      if (rows) {
        this.masks.set(name, rows);
      } else {
        this.masks.delete(name);
      }
      const masks = [...this.masks.values()];
      this.shown = masks.length ? masks[0].map((_, row) => (masks.every((mask) => mask[row]) ? 1 : 0)) : null;
    }

    /** Parcels and land of each class: all of them, or, while some are left out, those that stay. */
    tally(colouring, classes) {
      if (!this.shown || !this.data.parcels.areas) {
        return colouring.classes;
      }
      const rows = colouring.classes.map((row) => ({ ...row, count: 0, ha: 0, mu: 0 }));
      const { areas } = this.data.parcels;
      for (let row = 0; row < this.count; row += 1) {
        if (this.shown[row]) {
          const one = rows[classes[row]];
          one.count += 1;
          one.ha += areas[row] / parkgeo.M2_PER_HA;
          one.mu += areas[row] / parkgeo.M2_PER_MU;
        }
      }
      return rows;
    }

    /** Land of some parcels, m². */
    areaOf(rows) {
      return rows.reduce((sum, row) => sum + this.data.parcels.areas[row], 0);
    }
  }

  Object.assign(parkgeo, { View });
})((window.parkgeo = window.parkgeo || {}));
