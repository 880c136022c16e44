/* What lies under the park: basemaps that the service offers, none at first. Nothing is asked of anybody before one is chosen. */
(function (parkgeo) {
  "use strict";

  const PANE = "pg-basemap";
  const WHOLE = 256;
  const SHIFTED = 128; // px: over so little ground the displacement differs by less than half a pixel

  /* GCJ-02, the displacement of Chinese web maps; formula and constants as github.com/googollee/eviltransform has them. */

  const [AXIS, ECCENTRICITY] = [6378245, 0.006693421622965943];
  const { PI, abs, cos, sin, sqrt } = Math;

  /** Where GCJ-02 puts a place of WGS 84: latitude and longitude in degrees. */
  function toGcj02(lat, lng) {
    if (lng < 72.004 || lng > 137.8347 || lat < 0.8293 || lat > 55.8271) {
      return [lat, lng];
    }
    const [x, y] = [lng - 105, lat - 35];
    const shared = ((20 * sin(6 * PI * x) + 20 * sin(2 * PI * x)) * 2) / 3;
    const north =
      -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + shared +
      ((20 * sin(PI * y) + 40 * sin((PI / 3) * y)) * 2) / 3 + ((160 * sin((PI / 12) * y) + 320 * sin((PI / 30) * y)) * 2) / 3;
    const east =
      300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + shared +
      ((20 * sin(PI * x) + 40 * sin((PI / 3) * x)) * 2) / 3 + ((150 * sin((PI / 12) * x) + 300 * sin((PI / 30) * x)) * 2) / 3;
    const angle = (lat * PI) / 180;
    const magic = 1 - ECCENTRICITY * sin(angle) ** 2;
    return [
      lat + (north * 180) / (((AXIS * (1 - ECCENTRICITY)) / (magic * sqrt(magic))) * PI),
      lng + (east * 180) / ((AXIS / sqrt(magic)) * cos(angle) * PI),
    ];
  }

  /** By how many px the tiles of a displaced map lie off at a place of the map, at a level. */
  function displacement(x, y, z) {
    const scale = parkgeo.WORLD / (WHOLE * 2 ** z);
    const [lat, lng] = parkgeo.toLatLng(x * scale, y * scale);
    const [east, south] = parkgeo.toWorld(...toGcj02(lat, lng));
    return [east / scale - x, south / scale - y];
  }

  /** Tiles that are displaced by GCJ-02, each cut together of those that lie under it in truth. */
  const ShiftedLayer = L.GridLayer.extend({
    initialize(url, options) {
      this.url = url;
      L.GridLayer.prototype.initialize.call(this, { ...options, tileSize: SHIFTED });
    },

    createTile({ x, y, z }, done) {
      const holder = parkgeo.element("div", "pg-shifted");
      const [dx, dy] = displacement((x + 0.5) * SHIFTED, (y + 0.5) * SHIFTED, z);
      const [west, north] = [x * SHIFTED + dx, y * SHIFTED + dy];
      let waiting = 1;
      const ready = () => {
        waiting -= 1;
        if (!waiting) {
          done(null, holder);
        }
      };
      for (let col = Math.floor(west / WHOLE); col * WHOLE < west + SHIFTED; col += 1) {
        for (let row = Math.floor(north / WHOLE); row * WHOLE < north + SHIFTED; row += 1) {
          const picture = parkgeo.element("img", "");
          waiting += 1;
          picture.addEventListener("load", ready, { once: true });
          picture.addEventListener("error", ready, { once: true });
          picture.alt = "";
          picture.style.left = `${col * WHOLE - west}px`;
          picture.style.top = `${row * WHOLE - north}px`;
          picture.src = L.Util.template(this.url, { x: col, y: row, z, s: this.server(col, row) });
          holder.append(picture);
        }
      }
      setTimeout(ready);
      return holder;
    },

    server(col, row) {
      const { subdomains } = this.options;
      return subdomains.length ? subdomains[Math.abs(col + row) % subdomains.length] : "";
    },
  });

  class Basemaps {
    /** told: what the service offers, see /basemaps. */
    constructor(map, words, told, root) {
      Object.assign(this, { map, words, told, root });
      this.chosen = "";
      this.shown = [];
      this.credit = parkgeo.element("div", "pg-attribution");
      this.credit.hidden = true;
      map.createPane(PANE).style.zIndex = 150; // below the tiles of the map itself
      map.getContainer().append(this.credit);
    }

    /** A list to choose from, in the words of now. */
    choice() {
      const { words } = this;
      const label = parkgeo.element("label", "pg-ground");
      const options = [["", words.say("basemap_none")], ...this.told.map(({ id, title }) => [id, words.of(title)])];
      label.append(parkgeo.element("span", "", words.say("basemap")), parkgeo.choice("pg-button", words.say("basemap"), options, this.chosen, (id) => this.choose(id)));
      return label;
    }

    choose(id) {
      const one = this.told.find((told) => told.id === id) || null;
      this.shown.forEach((layer) => layer.remove());
      this.chosen = one ? id : "";
      this.shown = one ? one.urls.map((url) => this.layer(one, url).addTo(this.map)) : [];
      this.credit.textContent = one ? one.attribution : "";
      this.credit.hidden = !one;
    }

    layer(one, url) {
      const coarser = Math.log2(one.tile_size / WHOLE);
      const options = {
        pane: PANE, noWrap: true, minZoom: 0, maxZoom: 24, minNativeZoom: one.min_zoom + coarser, maxNativeZoom: one.max_zoom + coarser,
        tileSize: one.tile_size, zoomOffset: -coarser, subdomains: one.subdomains,
      };
      const address = /^https?:/.test(url) ? url : this.root + url;
      return one.shifted ? new ShiftedLayer(address, options) : L.tileLayer(address, options);
    }
  }

  /** The basemaps of the service; null where it offers none. */
  async function offerBasemaps(map, words, root) {
    const answer = await fetch(`${root}basemaps`);
    const told = answer.ok ? (await answer.json()).basemaps : [];
    return told.length ? new Basemaps(map, words, told, root) : null;
  }

  Object.assign(parkgeo, { Basemaps, ShiftedLayer, offerBasemaps, toGcj02, displacement });
})((window.parkgeo = window.parkgeo || {}));
