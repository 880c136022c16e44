/* Shapes on a canvas, by classes: a few long paths a class, whatever the number of shapes.
 *
 * Everything here is a generator: it draws a while, then gives way, so that no frame waits for a hundred thousand shapes.
 */
(function (parkgeo) {
  "use strict";

  const DOT_PX = 4; // smaller shapes are drawn as their box
  const PLAIN_PX = 10; // smaller ones have no pattern
  const CHUNK = 6000; // vertices to a path
  const GHOST = { stroke: "#A7AEB4", weight: 0.5 };
  const HALO = [
    { stroke: "#FFFFFF", weight: 6 },
    { stroke: "#111111", weight: 3 },
  ];

  /** Many shapes as few paths. */
  class Paths {
    constructor() {
      this.all = [];
      this.vertices = CHUNK;
    }

    /** The path to draw the next shape on; a new one when the last is long. */
    next(vertices) {
      if (this.vertices >= CHUNK) {
        this.all.push(new Path2D());
        this.vertices = 0;
      }
      this.vertices += vertices;
      return this.all[this.all.length - 1];
    }
  }

  /** A shape as part of a path, in px. */
  function trace(path, shapes, shape, { west, north, scale }, radius) {
    const { xy, first, start, kinds } = shapes;
    const kind = kinds[shape];
    for (let ring = first[shape]; ring < first[shape + 1]; ring += 1) {
      const [begin, end] = [start[ring], start[ring + 1]];
      if (kind === parkgeo.POINT) {
        for (let vertex = begin; vertex < end; vertex += 1) {
          const [x, y] = [(xy[2 * vertex] - west) * scale, (xy[2 * vertex + 1] - north) * scale];
          path.moveTo(x + radius, y);
          path.arc(x, y, radius, 0, 2 * Math.PI);
        }
        continue;
      }
      path.moveTo((xy[2 * begin] - west) * scale, (xy[2 * begin + 1] - north) * scale);
      for (let vertex = begin + 1; vertex < end; vertex += 1) {
        path.lineTo((xy[2 * vertex] - west) * scale, (xy[2 * vertex + 1] - north) * scale);
      }
      if (kind === parkgeo.POLYGON) {
        path.closePath();
      }
    }
  }

  function verticesOf({ first, start }, shape) {
    return start[first[shape + 1]] - start[first[shape]];
  }

  /** A point wears a white rim and the colour of its kind, unless its style says otherwise. */
  function asPoint(style, rim) {
    const line = rim ? {} : { stroke: "#FFFFFF", weight: 1.5 };
    return { ...style, fill: style.fill || style.stroke, fill_opacity: 1, radius: style.radius || 4.5, pattern: undefined, dash: undefined, ...line };
  }

  /** What is drawn of one class: boxes of small shapes at once, paths of the others later, when all classes have theirs. */
  class ClassPaths {
    constructor(style, view, rim) {
      this.style = style;
      this.view = view;
      this.point = asPoint(style, rim);
      this.plain = new Paths();
      this.patterned = style.pattern ? new Paths() : this.plain;
      this.lines = new Paths();
      this.points = new Paths();
    }

    add(shapes, shape) {
      const kind = shapes.kinds[shape];
      const vertices = verticesOf(shapes, shape);
      if (kind === parkgeo.POLYGON) {
        const wide = sideOf(shapes, shape) * this.view.scale;
        trace((wide < PLAIN_PX ? this.plain : this.patterned).next(vertices), shapes, shape, this.view);
      } else if (kind === parkgeo.LINE) {
        trace(this.lines.next(vertices), shapes, shape, this.view);
      } else {
        trace(this.points.next(8 * vertices), shapes, shape, this.view, this.point.radius);
      }
    }

    *fill(context) {
      const { style } = this;
      const plain = this.plain === this.patterned ? [this.plain] : [this.plain, this.patterned];
      if (style.fill) {
        context.fillStyle = style.fill;
        context.globalAlpha = style.fill_opacity === undefined ? 1 : style.fill_opacity;
        for (const path of plain.flatMap((paths) => paths.all)) {
          context.fill(path, "nonzero");
          yield;
        }
        context.globalAlpha = 1;
      }
      if (style.pattern) {
        context.fillStyle = parkgeo.patternFill(context, style, this.view.ratio, this.view.x, this.view.y);
        for (const path of this.patterned.all) {
          context.fill(path, "nonzero");
          yield;
        }
      }
    }

    *stroke(context) {
      const { style, point } = this;
      const outlines = this.plain === this.patterned ? this.plain.all : [...this.plain.all, ...this.patterned.all];
      pen(context, style);
      for (const path of [...outlines, ...this.lines.all]) {
        context.stroke(path);
        yield;
      }
      pen(context, point);
      context.fillStyle = point.fill;
      for (const path of this.points.all) {
        context.fill(path);
        context.stroke(path);
        yield;
      }
      context.setLineDash([]);
    }
  }

  function pen(context, style) {
    context.strokeStyle = style.stroke;
    context.lineWidth = style.weight;
    context.setLineDash(parkgeo.dashes(style));
  }

  function sideOf({ boxes }, shape) {
    const at = 4 * shape;
    return Math.max(boxes[at + 2] - boxes[at], boxes[at + 3] - boxes[at + 1]);
  }

  /** Too small for a path: its box, at least a pixel. */
  function dot(context, shapes, shape, { west, north, scale }, style) {
    const { boxes } = shapes;
    const at = 4 * shape;
    const [width, height] = [(boxes[at + 2] - boxes[at]) * scale, (boxes[at + 3] - boxes[at + 1]) * scale];
    const box = [(boxes[at] - west) * scale, (boxes[at + 1] - north) * scale, Math.max(1, width), Math.max(1, height)];
    if (style.fill) {
      context.fillRect(...box);
    } else {
      context.strokeRect(...box);
    }
  }

  /**
   * The shapes of one layer on one picture.
   *
   * part: shapes, found (which of them), west and north (the picture's corner in the shapes' units).
   * look: styles, of (class of each row, or null), shown (1 a row that is not filtered out, or null), rim.
   * view: scale (px a unit), ratio (of the screen), x and y (the picture's corner on the whole map, px).
   */
  function* draw(context, part, look, view) {
    const { shapes } = part;
    const seen = { ...view, west: part.west, north: part.north };
    const { ghosts, classes } = sort(part, look);
    // The first class, the one that a map is about, lies on top.
    const paths = [];
    if (ghosts.length) {
      paths.push(yield* pathsOf(context, shapes, ghosts, GHOST, seen, false));
    }
    for (let number = look.styles.length - 1; number >= 0; number -= 1) {
      if (classes[number]) {
        paths.push(yield* pathsOf(context, shapes, classes[number], look.styles[number], seen, look.rim));
      }
    }
    for (const one of paths) {
      yield* one.fill(context);
    }
    for (const one of paths) {
      yield* one.stroke(context);
    }
  }

  /** Shapes by class; those that a filter leaves out by themselves. */
  function sort({ shapes, found }, { styles, of, shown }) {
    const classes = new Array(styles.length);
    const ghosts = [];
    for (const shape of found) {
      const row = shapes.row(shape);
      if (shown && !shown[row]) {
        ghosts.push(shape);
        continue;
      }
      const number = of ? of[row] : 0;
      (classes[number] || (classes[number] = [])).push(shape);
    }
    return { ghosts, classes };
  }

  function* pathsOf(context, shapes, members, style, view, rim) {
    const paths = new ClassPaths(style, view, rim);
    const small = DOT_PX / view.scale;
    context.fillStyle = style.fill || style.stroke;
    context.globalAlpha = style.fill_opacity === undefined || !style.fill ? 1 : style.fill_opacity;
    pen(context, style);
    context.setLineDash([]);
    let count = 0;
    for (const shape of members) {
      if (shapes.kinds[shape] === parkgeo.POLYGON && sideOf(shapes, shape) < small) {
        dot(context, shapes, shape, view, style);
      } else {
        paths.add(shapes, shape);
      }
      count += 1;
      if (count % 2000 === 0) {
        yield;
        // Another picture may have been drawn on meanwhile, but never on this context: its state stands.
      }
    }
    context.globalAlpha = 1;
    return paths;
  }

  /** A line round the chosen row, white below and dark above, so that it stands out on every fill. */
  function drawHalo(context, part, row, view) {
    const { shapes } = part;
    const path = new Path2D();
    for (const shape of part.found) {
      if (shapes.row(shape) === row) {
        trace(path, shapes, shape, { ...view, west: part.west, north: part.north }, 8);
      }
    }
    context.lineJoin = "round";
    for (const style of HALO) {
      pen(context, style);
      context.stroke(path);
    }
    context.lineJoin = "miter";
  }

  Object.assign(parkgeo, { draw, drawHalo, asPoint });
})((window.parkgeo = window.parkgeo || {}));
