/* Pictures below the shapes: an image's index in classes, one colour a class, nothing where nothing is seen. */
(function (parkgeo) {
  "use strict";

  const PANE = "pg-pictures";
  const OPACITY = 0.85;

  /** A picture's classes as a canvas. */
  function paint({ width, height, classes }, styles) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    const colours = [0, ...styles.map(({ fill }) => {
      const [red, green, blue] = [1, 3, 5].map((at) => parseInt(fill.slice(at, at + 2), 16));
      return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    })];
    for (let at = 0; at < words.length; at += 1) {
      words[at] = colours[classes[at]];
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  class Pictures {
    /** members: of layers that have a picture. */
    constructor(members) {
      this.members = members;
      this.made = new Map();
      this.map = null;
    }

    addTo(map) {
      this.map = map;
      map.createPane(PANE).style.zIndex = 150; // below the shapes, above a basemap
      this.update();
    }

    /** Show the pictures that are on. */
    update() {
      if (!this.map) {
        return;
      }
      for (const member of this.members) {
        const shown = this.made.get(member);
        if (member.visible && !shown) {
          this.made.set(member, this.overlay(member.layer).addTo(this.map));
        } else if (!member.visible && shown) {
          shown.remove();
          this.made.delete(member);
        }
      }
    }

    overlay({ picture, styles, title }) {
      const [west, north, east, south] = picture.bounds;
      const canvas = paint(picture, styles);
      canvas.classList.add("pg-picture");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", title.join(" · "));
      const corners = [parkgeo.toLatLng(west, south), parkgeo.toLatLng(east, north)];
      // The one overlay of Leaflet that takes an element as it is; an image would need the canvas once more as text.
      return L.svgOverlay(canvas, corners, { pane: PANE, opacity: OPACITY, interactive: false });
    }
  }

  Object.assign(parkgeo, { Pictures });
})((window.parkgeo = window.parkgeo || {}));
