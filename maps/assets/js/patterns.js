/* Patterns over fills, and the legend's samples, drawn by the same means as the map. */
(function (parkgeo) {
  "use strict";

  const SIZE = 8; // px of the screen
  const tiles = new Map();

  /** A small repeating picture: diagonal lines or dots, sharp on dense screens. */
  function patternTile(kind, ink, ratio) {
    const key = `${kind} ${ink} ${ratio}`;
    if (tiles.has(key)) {
      return tiles.get(key);
    }
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIZE * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = context.strokeStyle = ink;
    context.lineWidth = 1.3;
    context.beginPath();
    if (kind === "dots") {
      context.arc(SIZE / 2, SIZE / 2, 1.3, 0, 2 * Math.PI);
      context.fill();
    } else {
      // Three strokes, so that the corners meet those of the next tile.
      for (const shift of [-SIZE, 0, SIZE]) {
        context.moveTo(shift, SIZE);
        context.lineTo(shift + SIZE, 0);
      }
      context.stroke();
    }
    tiles.set(key, canvas);
    return canvas;
  }

  /** A fill with a pattern whose grid begins at x and y, in px: neighbouring pictures that count from one corner show no seam. */
  function patternFill(context, style, ratio, x = 0, y = 0) {
    const pattern = context.createPattern(patternTile(style.pattern, style.ink, ratio), "repeat");
    pattern.setTransform(new DOMMatrix().translate(-(x % SIZE), -(y % SIZE)).scale(1 / ratio));
    return pattern;
  }

  function dashes(style) {
    return (style.dash || "").split(" ").filter(Boolean).map(Number);
  }

  function swatch(style, kind) {
    const canvas = parkgeo.element("canvas", "pg-swatch");
    const ratio = Math.max(1, Math.ceil(window.devicePixelRatio || 1));
    const [width, height] = [26, 16];
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.setLineDash(dashes(style));
    context.lineWidth = Math.max(style.weight, 0.8);
    context.strokeStyle = style.stroke;
    context.beginPath();
    if (kind === parkgeo.POINT) {
      context.arc(width / 2, height / 2, style.radius || 4.5, 0, 2 * Math.PI);
    } else if (kind === parkgeo.LINE) {
      context.moveTo(1, height / 2);
      context.lineTo(width - 1, height / 2);
    } else {
      context.rect(1.5, 1.5, width - 3, height - 3);
    }
    if (style.fill && kind !== parkgeo.LINE) {
      context.globalAlpha = style.fill_opacity === undefined ? 1 : style.fill_opacity;
      context.fillStyle = style.fill;
      context.fill();
      context.globalAlpha = 1;
    }
    if (style.pattern && kind !== parkgeo.LINE) {
      context.fillStyle = patternFill(context, style, ratio);
      context.fill();
    }
    context.stroke();
    return canvas;
  }

  Object.assign(parkgeo, { dashes, patternFill, swatch });
})((window.parkgeo = window.parkgeo || {}));
