/* Shapes as arrays: no object for any of them, whether they were packed with the page or came as a vector tile. */
(function (parkgeo) {
  "use strict";

  const [POINT, LINE, POLYGON, NOTHING] = [0, 1, 2, 3];
  const WORLD = 2 ** 32;

  /**
   * kinds: one a shape; first: the first ring of each shape, and the end; start: the first vertex of each ring, and the end;
   * xy: the vertices, counted from an origin; rows: which row of its table a shape is, null where it is the shape's own place.
   */
  class Shapes {
    constructor({ kinds, first, start, xy, rows }) {
      this.kinds = kinds;
      this.first = first;
      this.start = start;
      this.xy = xy;
      this.rows = rows || null;
      this.boxes = boxesOf(this);
    }

    get length() {
      return this.kinds.length;
    }

    row(shape) {
      return this.rows ? this.rows[shape] : shape;
    }

    /** Shapes that touch a box, in their order. */
    within(west, north, east, south) {
      const { boxes, kinds } = this;
      const found = (this.scratch = this.scratch || new Uint32Array(kinds.length));
      let count = 0;
      for (let shape = 0, at = 0; shape < kinds.length; shape += 1, at += 4) {
        if (kinds[shape] !== NOTHING && boxes[at] <= east && boxes[at + 2] >= west && boxes[at + 1] <= south && boxes[at + 3] >= north) {
          found[count] = shape;
          count += 1;
        }
      }
      return found.slice(0, count);
    }

    /** Whether a shape is at a point, or nearer to it than the reach; of a polygon, if so asked, its outline alone. */
    hits(shape, x, y, reach, outline) {
      const at = 4 * shape;
      if (x < this.boxes[at] - reach || x > this.boxes[at + 2] + reach || y < this.boxes[at + 1] - reach || y > this.boxes[at + 3] + reach) {
        return false;
      }
      if (this.kinds[shape] === POLYGON && !outline) {
        return this.contains(shape, x, y);
      }
      return this.distance(shape, x, y) <= reach;
    }

    contains(shape, x, y) {
      const { first, start, xy } = this;
      let inside = false;
      for (let ring = first[shape]; ring < first[shape + 1]; ring += 1) {
        let before = start[ring + 1] - 1;
        for (let here = start[ring]; here < start[ring + 1]; here += 1) {
          const [x1, y1, x2, y2] = [xy[2 * here], xy[2 * here + 1], xy[2 * before], xy[2 * before + 1]];
          if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) {
            inside = !inside;
          }
          before = here;
        }
      }
      return inside;
    }

    /** The middle of a polygon's area, or of the box of what has none. */
    middle(shape) {
      const { first, start, xy, boxes } = this;
      const at = 4 * shape;
      // From the box's corner, lest the products of large numbers lose the small ones.
      const [x0, y0] = [boxes[at], boxes[at + 1]];
      let [area, x, y] = [0, 0, 0];
      for (let ring = first[shape]; ring < first[shape + 1]; ring += 1) {
        let before = start[ring + 1] - 1;
        for (let here = start[ring]; here < start[ring + 1]; here += 1) {
          const [x1, y1, x2, y2] = [xy[2 * before] - x0, xy[2 * before + 1] - y0, xy[2 * here] - x0, xy[2 * here + 1] - y0];
          const cross = x1 * y2 - x2 * y1;
          area += cross;
          x += (x1 + x2) * cross;
          y += (y1 + y2) * cross;
          before = here;
        }
      }
      return area ? [x0 + x / (3 * area), y0 + y / (3 * area)] : [(boxes[at] + boxes[at + 2]) / 2, (boxes[at + 1] + boxes[at + 3]) / 2];
    }

    /** From a point to the nearest line or point of a shape; of a polygon, to its outline. */
    distance(shape, x, y) {
      const { first, start, xy, kinds } = this;
      let least = Infinity;
      for (let ring = first[shape]; ring < first[shape + 1]; ring += 1) {
        const end = start[ring + 1];
        let before = kinds[shape] === POLYGON ? end - 1 : start[ring];
        for (let here = start[ring]; here < end; here += 1) {
          least = Math.min(least, toSegment(x, y, xy[2 * before], xy[2 * before + 1], xy[2 * here], xy[2 * here + 1]));
          before = here;
        }
      }
      return least;
    }
  }

  /** Latitude and longitude of a place in the Web Mercator square. */
  function toLatLng(x, y) {
    return [(Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD))) * 180) / Math.PI, (x / WORLD) * 360 - 180];
  }

  /** A place in the square from latitude and longitude. */
  function toWorld(lat, lng) {
    const angle = (lat * Math.PI) / 180;
    return [((lng + 180) / 360) * WORLD, ((1 - Math.asinh(Math.tan(angle)) / Math.PI) / 2) * WORLD];
  }

  function toSegment(x, y, x1, y1, x2, y2) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = dx || dy ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy))) : 0;
    return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
  }

  function boxesOf({ kinds, first, start, xy }) {
    const boxes = new Int32Array(4 * kinds.length);
    for (let shape = 0; shape < kinds.length; shape += 1) {
      let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let vertex = start[first[shape]]; vertex < start[first[shape + 1]]; vertex += 1) {
        const [x, y] = [xy[2 * vertex], xy[2 * vertex + 1]];
        west = x < west ? x : west;
        east = x > east ? x : east;
        north = y < north ? y : north;
        south = y > south ? y : south;
      }
      boxes.set([west, north, east, south], 4 * shape);
    }
    return boxes;
  }

  function sums(counts) {
    const out = new Uint32Array(counts.length + 1);
    for (let place = 0; place < counts.length; place += 1) {
      out[place + 1] = out[place] + counts[place];
    }
    return out;
  }

  /** Shapes as maps/shapes.py packs them; the steps become the vertices where they are, so the same arrays are read once. */
  function readShapes({ kinds, rings, counts, steps }) {
    const xy = steps;
    for (let place = 2; place < xy.length; place += 1) {
      xy[place] += xy[place - 2];
    }
    return new Shapes({ kinds, first: sums(rings), start: sums(counts), xy });
  }

  Object.assign(parkgeo, { POINT, LINE, POLYGON, NOTHING, WORLD, Shapes, readShapes, toLatLng, toWorld });
})((window.parkgeo = window.parkgeo || {}));
