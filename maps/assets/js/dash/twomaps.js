/* Two maps that move together, each with the parcels of one state of the park. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;

  class TwoMaps {
    /** chosen: called with the side and the row that was clicked. */
    constructor(chosen) {
      this.chosen = chosen;
      this.node = element("div", "pg-two-maps");
      this.sides = ["left", "right"].map((side) => {
        const figure = element("figure", "pg-one-map");
        const caption = element("figcaption", "");
        const place = element("div", "pg-one-map-place");
        figure.append(caption, place);
        this.node.append(figure);
        return { side, caption, place, map: null, member: null, stage: null };
      });
      this.moving = false;
    }

    /** Make the maps: once they stand in the page, for a map must know its size. */
    open(limits, words) {
      for (const one of this.sides) {
        one.map = L.map(one.place, {
          crs: L.CRS.EPSG3857, attributionControl: false, zoomControl: false, zoomSnap: 0.25, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false,
          inertia: false, ...limits,
        });
        if (one.side === "left") {
          L.control.zoom({ zoomInTitle: words.say("zoom_in"), zoomOutTitle: words.say("zoom_out") }).addTo(one.map);
        }
        one.map.on("move", () => this.follow(one));
        one.map.on("click", ({ latlng }) => {
          const hit = one.stage ? one.stage.at(latlng) : null;
          if (hit) {
            this.chosen(one.side, hit.row);
          }
        });
      }
    }

    close() {
      for (const one of this.sides) {
        if (one.map) {
          one.map.remove();
          Object.assign(one, { map: null, member: null, stage: null });
        }
      }
    }

    follow(moved) {
      if (this.moving) {
        return;
      }
      this.moving = true;
      for (const one of this.sides) {
        if (one !== moved && one.map) {
          one.map.setView(moved.map.getCenter(), moved.map.getZoom(), { animate: false });
        }
      }
      this.moving = false;
    }

    fit(bounds) {
      this.sides[0].map.invalidateSize();
      this.sides[1].map.invalidateSize();
      this.sides[0].map.fitBounds(bounds, { animate: false, padding: [12, 12] });
    }

    /** What a side shows: whose parcels, in which look (see drawing.js), under which words. */
    show(side, { source, look, caption }) {
      const one = this.sides[side];
      one.caption.replaceChildren(element("bdi", "", caption));
      one.place.setAttribute("aria-label", caption);
      if (one.stage) {
        one.stage.remove();
      }
      const tiles = { tile: (tile, margin) => source.tiles("parcels").tile(tile, margin), leave: (tile) => source.leave && source.leave("parcels", tile) };
      one.member = { id: "parcels", layer: { group: "parcels" }, look, source: tiles, visible: true, chosen: -1, clickable: true, outline: false };
      one.stage = new parkgeo.ShapeLayer([one.member]);
      one.stage.addTo(one.map);
    }

    /** Put the halo around a row of each side; -1 where it is not there. */
    choose(left, right) {
      [left, right].forEach((row, side) => {
        const { stage, member } = this.sides[side];
        if (stage) {
          stage.choose(member, row);
        }
      });
    }

    async settled() {
      await Promise.all(this.sides.map(({ stage }) => stage && stage.settled()));
    }
  }

  Object.assign(parkgeo, { TwoMaps });
})((window.parkgeo = window.parkgeo || {}));
