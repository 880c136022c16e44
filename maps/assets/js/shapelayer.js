/* All layers of shapes on one grid of canvases, drawn tile by tile in slices of time.
 *
 * A member is one layer: { id, source, look, visible, clickable, outline, chosen }. Its source gives, or promises, what lies on a tile:
 * { shapes, found, west, north, span }, the tile's corner and side in the shapes' units. See drawing.js for its look.
 */
(function (parkgeo) {
  "use strict";

  const TILE = 512;
  const REACH_PX = 5;
  const SLICE_MS = 40;
  const DENSEST = 2;

  const ShapeLayer = L.GridLayer.extend({
    options: { tileSize: TILE, updateWhenZooming: false, keepBuffer: 1, noWrap: true },

    /** members: lowest first. */
    initialize(members, options) {
      this.members = members;
      this.waiting = new Map();
      this.current = null;
      this.working = false;
      this.pending = 0;
      this.density = null;
      this.goal = null;
      L.setOptions(this, options);
      this.on("tileunload", ({ tile }) => this.drop(tile));
    },

    onAdd(map) {
      map.on("zoomend", this.sharpen, this);
      L.GridLayer.prototype.onAdd.call(this, map);
    },

    onRemove(map) {
      map.off("zoomend", this.sharpen, this);
      L.GridLayer.prototype.onRemove.call(this, map);
    },

    _animateZoom(event) {
      this.goal = event.zoom;
      L.GridLayer.prototype._animateZoom.call(this, event);
    },

    createTile({ x, y, z }, done) {
      const holder = parkgeo.element("div", "pg-tile");
      // Tiles are twice as wide as usual: one level less.
      holder.parkgeo = { x, y, z: z - Math.log2(TILE / 256), parts: new Map(), magnified: null };
      this.fill(holder);
      this.schedule(holder, () => done(null, holder));
      return holder;
    },

    /** Ask the sources of the layers that are on for what lies on a tile. */
    fill(holder) {
      const tile = holder.parkgeo;
      for (const member of this.members) {
        if (member.visible && !tile.parts.has(member)) {
          const part = member.source.tile(tile, 8);
          tile.parts.set(member, part instanceof Promise ? null : part);
          if (part instanceof Promise) {
            this.pending += 1;
            part.then((here) => this.arrived(holder, member, here), (error) => this.lost(holder, member, error));
          }
        }
      }
    },

    arrived(holder, member, part) {
      this.pending -= 1;
      if (holder.parkgeo) {
        holder.parkgeo.parts.set(member, part);
        this.schedule(holder);
      } else {
        this.rest();
      }
    },

    /** A source gave nothing: it may be asked again at the next repaint. */
    lost(holder, member, error) {
      this.pending -= 1;
      if (holder.parkgeo) {
        holder.parkgeo.parts.delete(member);
        this.fire("lost", { member, error });
      }
      this.rest();
    },

    drop(holder) {
      this.waiting.delete(holder);
      for (const member of holder.parkgeo.parts.keys()) {
        if (member.source.leave) {
          member.source.leave(holder.parkgeo);
        }
      }
      holder.parkgeo = null;
      holder.replaceChildren();
    },

    /** Draw all tiles again: looks have changed, the shapes have not. */
    repaint() {
      for (const { el } of Object.values(this._tiles || {})) {
        this.fill(el);
        this.schedule(el);
      }
    },

    /** Draw those tiles again on which a row of a member lies: the one that was chosen, and the one that is. */
    choose(member, row) {
      const before = member.chosen;
      member.chosen = row;
      for (const { el } of Object.values(this._tiles || {})) {
        const part = el.parkgeo && el.parkgeo.parts.get(member);
        if (part && part.found.some((shape) => [before, row].includes(part.shapes.row(shape)))) {
          this.schedule(el);
        }
      }
    },

    /** The source of a member gives other shapes from now on. */
    reload(member) {
      for (const { el } of Object.values(this._tiles || {})) {
        el.parkgeo.parts.delete(member);
      }
      this.repaint();
    },

    /** Between two levels of tiles pictures are drawn larger or smaller, so that lines and patterns keep their width and stay sharp. */
    magnification() {
      return this._map.getZoomScale(this.goal === null ? this._map.getZoom() : this.goal, this._tileZoom);
    },

    sharpen() {
      this.goal = null;
      const magnified = this.magnification();
      for (const { el } of Object.values(this._tiles || {})) {
        if (el.parkgeo && el.parkgeo.magnified !== null && el.parkgeo.magnified !== magnified) {
          this.schedule(el);
        }
      }
    },

    /** Draw for paper, or, with null, for the screen. */
    setDensity(density) {
      this.density = density;
      this.repaint();
    },

    schedule(holder, done) {
      const before = this.waiting.get(holder);
      this.waiting.set(holder, done || before || null);
      if (!this.working) {
        this.working = true;
        queueMicrotask(() => this.work());
      }
    },

    /** Draw until the slice is used up, give way, go on. */
    work() {
      const until = performance.now() + SLICE_MS;
      while (this.current || this.waiting.size) {
        if (!this.current) {
          const [holder, done] = this.waiting.entries().next().value;
          this.waiting.delete(holder);
          this.current = { holder, done, steps: this.paint(holder) };
        }
        if (!this.current.holder.parkgeo || this.current.steps.next().done) {
          const { done } = this.current;
          this.current = null;
          if (done) {
            done();
          }
        }
        if (performance.now() > until) {
          setTimeout(() => this.work());
          return;
        }
      }
      this.working = false;
      this.rest();
    },

    rest() {
      if (!this.working && !this.pending) {
        this.fire("painted");
      }
    },

    /** When all that is asked for is drawn. */
    settled() {
      return this.working || this.pending ? new Promise((resolve) => this.once("painted", resolve)) : Promise.resolve();
    },

    /** A tile, drawn aside and put in place when it is whole: what was there before shows until then. */
    *paint(holder) {
      const { x, y, parts } = holder.parkgeo;
      const magnified = this.magnification();
      const ratio = this.density || Math.min(DENSEST, window.devicePixelRatio || 1);
      const side = TILE * magnified;
      const size = Math.round(side * ratio);
      const canvas = parkgeo.element("canvas", "");
      canvas.width = canvas.height = size;
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const view = (part) => ({ scale: side / part.span, ratio, x: x * side, y: y * side });
      for (const member of this.members) {
        const part = parts.get(member);
        if (member.visible && part && part.found.length) {
          yield* parkgeo.draw(context, part, member.look, view(part));
        }
      }
      for (const member of this.members) {
        const part = parts.get(member);
        if (member.visible && part && member.chosen >= 0) {
          parkgeo.drawHalo(context, part, member.chosen, { west: part.west, north: part.north, ...view(part) });
        }
      }
      if (holder.parkgeo) {
        holder.parkgeo.magnified = magnified;
        holder.replaceChildren(canvas);
      }
    },

    /** What lies at a place, topmost first: its member and row, or null. */
    at(latlng) {
      const point = this._map.project(latlng, this._tileZoom);
      const [x, y] = [Math.floor(point.x / TILE), Math.floor(point.y / TILE)];
      const tile = this._tiles[`${x}:${y}:${this._tileZoom}`];
      if (!tile || !tile.el.parkgeo) {
        return null;
      }
      for (const member of [...this.members].reverse()) {
        const part = member.visible && member.clickable ? tile.el.parkgeo.parts.get(member) : null;
        const row = part ? this.hit(member, part, point.x / TILE - x, point.y / TILE - y) : -1;
        if (row >= 0) {
          return { member, row };
        }
      }
      return null;
    },

    /** Which row of a member is at a place of a tile, both from 0 to 1; -1 where there is none. */
    hit({ look, outline }, { shapes, found, west, north, span }, x, y) {
      const pixel = span / (TILE * this.magnification());
      const [east, south] = [west + x * span, north + y * span];
      for (let place = found.length - 1; place >= 0; place -= 1) {
        const row = shapes.row(found[place]);
        if (look.shown && !look.shown[row]) {
          continue;
        }
        const style = look.styles[look.of ? look.of[row] : 0];
        const reach = (shapes.kinds[found[place]] === parkgeo.POINT ? style.radius || REACH_PX : REACH_PX) * pixel;
        if (shapes.hits(found[place], east, south, reach, outline)) {
          return row;
        }
      }
      return -1;
    },
  });

  Object.assign(parkgeo, { ShapeLayer, TILE });
})((window.parkgeo = window.parkgeo || {}));
