/* Where the view is in the park: outlines of the park and its parcels, drawn once, and a frame that can be moved. */
(function (parkgeo) {
  "use strict";

  const [WIDTH, HEIGHT, MARGIN] = [168, 120, 6];
  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  class MiniMap {
    constructor(map, view, words) {
      this.map = map;
      this.view = view;
      this.words = words;
      this.node = parkgeo.element("details", "pg-panel pg-minimap");
      this.node.open = true;
      this.summary = parkgeo.element("summary", "");
      this.canvas = parkgeo.element("canvas", "");
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "img");
      this.node.append(this.summary, this.canvas);
      this.ground = null;
      const [west, north, east, south] = view.data.bounds;
      this.scale = Math.min((WIDTH - 2 * MARGIN) / (east - west), (HEIGHT - 2 * MARGIN) / (south - north));
      this.corner = [(west + east) / 2 - WIDTH / 2 / this.scale, (north + south) / 2 - HEIGHT / 2 / this.scale];
      this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
      this.canvas.addEventListener("keydown", (event) => this.key(event));
      this.node.addEventListener("toggle", () => this.frame());
      map.on("move zoomend resize", () => this.frame());
    }

    speak() {
      this.summary.textContent = this.words.say("minimap");
      this.canvas.setAttribute("aria-label", this.words.say("minimap_label"));
    }

    /** The ground below the frame: drawn once. */
    async prepare() {
      const { parcels, parks } = await this.view.outlines();
      const ratio = Math.max(1, Math.ceil(window.devicePixelRatio || 1));
      const ground = parkgeo.element("canvas", "");
      for (const canvas of [ground, this.canvas]) {
        canvas.width = WIDTH * ratio;
        canvas.height = HEIGHT * ratio;
      }
      const context = ground.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      if (parcels) {
        this.boxes(context, parcels);
      }
      if (parks) {
        const part = { shapes: parks.shapes, found: Uint32Array.from({ length: parks.shapes.length }, (_, shape) => shape), ...this.place(parks) };
        const look = { styles: [{ stroke: "#1F1F1F", weight: 1 }], of: null, shown: null };
        for (const _ of parkgeo.draw(context, part, look, { scale: this.scale, ratio, x: 0, y: 0 })) {
          // A park has one outline or a few: there is nothing to give way for.
        }
      }
      this.ground = ground;
      this.ratio = ratio;
      this.frame();
    }

    place({ origin }) {
      return { west: this.corner[0] - origin[0], north: this.corner[1] - origin[1] };
    }

    boxes(context, tiles) {
      const { west, north } = this.place(tiles);
      const { boxes, kinds } = tiles.shapes;
      context.fillStyle = "#B9C2C9";
      for (let shape = 0; shape < kinds.length; shape += 1) {
        const at = 4 * shape;
        const [x, y] = [(boxes[at] - west) * this.scale, (boxes[at + 1] - north) * this.scale];
        const [width, height] = [(boxes[at + 2] - boxes[at]) * this.scale, (boxes[at + 3] - boxes[at + 1]) * this.scale];
        context.fillRect(x, y, Math.max(width, 0.6), Math.max(height, 0.6));
      }
    }

    /** The frame: what the map shows now; where that is less than a few pixels, a cross. */
    frame() {
      if (!this.ground || !this.node.open) {
        return;
      }
      const bounds = this.map.getBounds();
      const [west, south] = this.at(bounds.getSouthWest());
      const [east, north] = this.at(bounds.getNorthEast());
      const context = this.canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      context.drawImage(this.ground, 0, 0);
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.strokeStyle = "#D7000F";
      context.lineWidth = 2;
      const [x, y] = [(west + east) / 2, (south + north) / 2];
      const [width, height] = [Math.max(east - west, 6), Math.max(south - north, 6)];
      const [left, top] = [Math.max(1, x - width / 2), Math.max(1, y - height / 2)];
      context.strokeRect(left, top, Math.min(WIDTH - 1, x + width / 2) - left, Math.min(HEIGHT - 1, y + height / 2) - top);
    }

    at({ lat, lng }) {
      const [x, y] = parkgeo.toWorld(lat, lng);
      return [(x - this.corner[0]) * this.scale, (y - this.corner[1]) * this.scale];
    }

    grab(event) {
      const move = ({ offsetX, offsetY }) => {
        const place = parkgeo.toLatLng(this.corner[0] + offsetX / this.scale, this.corner[1] + offsetY / this.scale);
        this.map.panTo(place, { animate: false });
      };
      this.canvas.setPointerCapture(event.pointerId);
      this.canvas.addEventListener("pointermove", move);
      this.canvas.addEventListener("pointerup", () => this.canvas.removeEventListener("pointermove", move), { once: true });
      move(event);
    }

    key(event) {
      const step = KEYS[event.key];
      if (step) {
        const size = this.map.getSize();
        this.map.panBy([step[0] * size.x / 4, step[1] * size.y / 4], { animate: false });
        event.preventDefault();
        event.stopPropagation();
      }
    }
  }

  Object.assign(parkgeo, { MiniMap });
})((window.parkgeo = window.parkgeo || {}));
