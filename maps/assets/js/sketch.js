/* Measuring and drawing: a line in m or km, an area in the reader's unit with the parcels inside it, kept until deleted, as GeoJSON. */
(function (parkgeo) {
  "use strict";

  const INK = { color: "#0B3C8C", weight: 3, dashArray: "6 4", fillColor: "#0B3C8C", fillOpacity: 0.08, interactive: false };
  const LEAST = { line: 2, area: 3 };
  const MASK = "sketch";

  class Sketch {
    /** page: { map, view, words, changed }; changed is called when parcels were selected or no longer are. */
    constructor(page) {
      this.page = page;
      this.node = parkgeo.element("section", "pg-panel pg-sketch");
      this.node.hidden = true;
      this.drawing = null;
      this.kept = [];
      this.group = L.featureGroup().addTo(page.map);
      page.map.on("mousemove", (event) => this.follow(event.latlng));
      page.map.on("dblclick", () => this.drawing && this.finish());
      page.map.getContainer().addEventListener("keydown", (event) => this.key(event));
      this.node.addEventListener("keydown", (event) => this.key(event));
    }

    /** While something is drawn, clicks on the map are its corners. */
    get active() {
      return this.drawing !== null;
    }

    toggle() {
      this.node.hidden = !this.node.hidden;
      if (this.node.hidden) {
        this.cancel();
      } else {
        this.fill();
        this.node.querySelector("button").focus();
      }
    }

    begin(kind) {
      this.cancel();
      this.drawing = { kind, places: [], shape: null };
      this.page.map.closePopup();
      this.page.map.doubleClickZoom.disable();
      this.page.map.getContainer().classList.add("pg-drawing");
      this.fill();
      this.node.querySelector(".pg-at-centre").focus();
    }

    cancel() {
      if (this.drawing && this.drawing.shape) {
        this.drawing.shape.remove();
      }
      this.drawing = null;
      this.page.map.doubleClickZoom.enable();
      this.page.map.getContainer().classList.remove("pg-drawing");
      if (!this.node.hidden) {
        this.fill();
      }
    }

    add({ lat, lng }) {
      const { places } = this.drawing;
      const last = places[places.length - 1];
      // The second click of a double click is no corner of its own.
      if (!last || last[0] !== lat || last[1] !== lng) {
        places.push([lat, lng]);
      }
      this.redraw(places);
      this.tell();
    }

    undo() {
      this.drawing.places.pop();
      this.redraw(this.drawing.places);
      this.tell();
    }

    /** Where the next corner would come to lie. */
    follow({ lat, lng }) {
      if (this.drawing && this.drawing.places.length) {
        this.redraw([...this.drawing.places, [lat, lng]]);
      }
    }

    redraw(places) {
      const { drawing } = this;
      if (drawing.shape) {
        drawing.shape.remove();
      }
      drawing.shape = this.shape(drawing.kind, places);
    }

    shape(kind, places) {
      return (kind === "area" ? L.polygon(places, INK) : L.polyline(places, INK)).addTo(this.group);
    }

    /** Keep a line or an area, drawn here or brought by a link; areas select what lies in them. */
    keep(kind, places) {
      const one = { kind, places, shape: this.shape(kind, places), rows: [], selected: kind === "area" };
      this.kept.push(one);
      return one;
    }

    async finish() {
      const { kind, places } = this.drawing;
      if (places.length < LEAST[kind]) {
        return;
      }
      this.cancel();
      const one = this.keep(kind, places);
      if (kind === "area") {
        one.rows = await this.page.view.within(places.map((place) => parkgeo.toWorld(...place)));
      }
      this.select();
      const first = this.node.querySelector(".pg-sketches button");
      if (first) {
        first.focus();
      }
    }

    remove(one) {
      one.shape.remove();
      this.kept = this.kept.filter((other) => other !== one);
      this.select();
      this.node.querySelector("button").focus();
    }

    /** The parcels inside the areas that are ticked are selected; without such an area all are. */
    select() {
      const areas = this.kept.filter((one) => one.selected);
      let rows = null;
      if (areas.length) {
        rows = new Uint8Array(this.page.view.count);
        areas.forEach((one) => one.rows.forEach((row) => {
          rows[row] = 1;
        }));
      }
      this.page.view.mask(MASK, rows);
      this.fill();
      this.page.changed();
    }

    key(event) {
      if (!this.drawing) {
        return;
      }
      const inside = event.target === this.page.map.getContainer();
      if (event.key === "Escape") {
        this.cancel();
        this.node.querySelector("button").focus();
      } else if (event.key === "Backspace" && this.drawing.places.length) {
        this.undo();
      } else if (event.key === " " && inside) {
        this.add(this.page.map.getCenter());
      } else if (event.key === "Enter" && inside) {
        this.finish();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    }

    /* the panel */

    measure({ kind, places }) {
      const { words } = this.page;
      if (places.length < LEAST[kind]) {
        return parkgeo.DASH;
      }
      const ring = kind === "area" ? [...places, places[0]] : places;
      const length = words.length(parkgeo.geodesy.length(ring));
      return kind === "line" ? length : `${words.area(parkgeo.geodesy.area(places))} · ${words.say("perimeter", { length })}`;
    }

    fill() {
      const { words } = this.page;
      const heads = ["line", "area"].map((kind) => parkgeo.button("pg-button", words.say(`sketch_${kind}`), () => this.begin(kind)));
      const row = parkgeo.element("div", "pg-row");
      row.append(...heads);
      this.node.setAttribute("aria-label", words.say("sketch"));
      this.node.replaceChildren(parkgeo.element("h2", "", words.say("sketch")), row, ...(this.drawing ? this.now() : this.past()));
    }

    /** What is being drawn. */
    now() {
      const { map, words } = this.page;
      const row = parkgeo.element("div", "pg-row");
      const centre = parkgeo.button("pg-button pg-at-centre", words.say("sketch_centre"), () => this.add(map.getCenter()));
      this.figure = parkgeo.element("p", "pg-figure", this.measure(this.drawing));
      this.figure.setAttribute("aria-live", "polite");
      this.ending = parkgeo.button("pg-button", words.say("sketch_finish"), () => this.finish());
      this.undoing = parkgeo.button("pg-button", words.say("sketch_undo"), () => this.undo());
      row.append(centre, this.undoing, this.ending, parkgeo.button("pg-button", words.say("sketch_cancel"), () => this.cancel()));
      this.tell();
      return [parkgeo.element("p", "pg-none", words.say("sketch_hint")), this.figure, row];
    }

    tell() {
      const { kind, places } = this.drawing;
      this.figure.textContent = this.measure(this.drawing);
      this.ending.disabled = places.length < LEAST[kind];
      this.undoing.disabled = !places.length;
    }

    /** What was drawn. */
    past() {
      const { words } = this.page;
      const list = parkgeo.element("ol", "pg-sketches");
      list.append(...this.kept.map((one) => this.item(one)));
      return this.kept.length ? [list, parkgeo.button("pg-button pg-download", words.say("sketch_download"), () => this.save())] : [];
    }

    item(one) {
      const { view, words } = this.page;
      const item = parkgeo.element("li", "");
      item.append(parkgeo.element("span", "pg-figure", this.measure(one)));
      if (one.kind === "area") {
        const label = parkgeo.element("label", "pg-layer");
        const input = parkgeo.element("input", "");
        input.type = "checkbox";
        input.checked = one.selected;
        input.addEventListener("change", () => {
          one.selected = input.checked;
          this.select();
        });
        const values = { count: words.figure(one.rows.length, 0), area: words.area(view.areaOf(one.rows)) };
        label.append(input, parkgeo.element("span", "", words.say("sketch_inside", values)));
        item.append(label);
      }
      item.append(parkgeo.button("pg-button pg-small", words.say("sketch_delete"), () => this.remove(one)));
      return item;
    }

    async save() {
      const features = [];
      for (const one of this.kept) {
        features.push(await this.feature(one));
      }
      const text = JSON.stringify({ type: "FeatureCollection", features }, null, 1);
      parkgeo.download(`${this.page.view.meta.name}-sketch.geojson`, "application/geo+json", text);
    }

    /** Longitude first, as RFC 7946 has it; rings are closed and turn to the left. */
    async feature({ kind, places, rows }) {
      const { view } = this.page;
      const points = places.map(([lat, lng]) => [lng, lat].map((angle) => Math.round(angle * 1e7) / 1e7));
      const properties = { snapshot: view.meta.name, as_of: view.meta.as_of };
      if (kind === "line") {
        return { type: "Feature", properties: { ...properties, length_m: round(parkgeo.geodesy.length(places)) }, geometry: { type: "LineString", coordinates: points } };
      }
      const turn = points.reduce((sum, [x, y], here) => {
        const [nextX, nextY] = points[(here + 1) % points.length];
        return sum + (x - points[0][0]) * (nextY - points[0][1]) - (nextX - points[0][0]) * (y - points[0][1]);
      }, 0);
      const ring = turn < 0 ? points.reverse() : points;
      const facts = await Promise.all(rows.map((row) => view.facts(row)));
      const told = { ...properties, area_m2: round(parkgeo.geodesy.area(places)), parcels: facts.map((one) => one.id) };
      return { type: "Feature", properties: told, geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] } };
    }
  }

  function round(metres) {
    return Math.round(metres * 100) / 100;
  }

  Object.assign(parkgeo, { Sketch });
})((window.parkgeo = window.parkgeo || {}));
