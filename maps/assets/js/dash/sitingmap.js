/* Sites on the map: a number amid each that fits, and the outline of the one that the reader looks at. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;
  const OUTLINE = { color: "#5B2A86", weight: 4, fill: false, interactive: false };
  const SIZE = 24;

  class SitingMap {
    /** show: called with a site whose number was clicked. */
    constructor(dashboard, show) {
      this.dashboard = dashboard;
      this.show = show;
      this.numbers = L.layerGroup();
      this.outline = L.layerGroup();
      this.turn = 0;
    }

    rows({ parcel_ids: ids }) {
      return ids.map((id) => this.dashboard.rowOf(id)).filter((row) => row >= 0);
    }

    /** Around all parcels of a site; null where none has a place. */
    async bounds(site) {
      const corners = (await Promise.all(this.rows(site).map((row) => this.dashboard.view.bounds(row)))).filter(Boolean);
      return corners.length ? corners.reduce((whole, box) => whole.extend(L.latLngBounds(box)), L.latLngBounds(corners[0])) : null;
    }

    async number(sites) {
      this.clear();
      const { turn } = this;
      const { words, page } = this.dashboard;
      // The number of a joined site stands on its first parcel: the middle of them all may lie on another's land.
      const places = await Promise.all(sites.map((site) => this.bounds({ parcel_ids: site.parcel_ids.slice(0, 1) })));
      if (turn !== this.turn) {
        return;
      }
      places.forEach((box, place) => {
        if (box) {
          const html = element("span", "", words.figure(place + 1, 0));
          const icon = L.divIcon({ className: "pg-site-number", html, iconSize: [SIZE, SIZE] });
          // Who uses keys has the list.
          this.numbers.addLayer(L.marker(box.getCenter(), { icon, keyboard: false }).on("click", () => this.show(sites[place])));
        }
      });
      this.numbers.addTo(page.map);
    }

    /** The one site: brought into view, its parcel chosen or, of several, all of them outlined. True where it has a place. */
    async look(site) {
      const { dashboard } = this;
      const box = await this.bounds(site);
      this.outline.clearLayers();
      if (!box) {
        return false;
      }
      const { map } = dashboard.page;
      const rows = this.rows(site);
      const covered = dashboard.covered();
      map.fitBounds(box, { maxZoom: Math.max(16, map.getZoom()), padding: [24, 24], paddingBottomRight: [24, 24 + covered], animate: false });
      if (site.kind !== "joined") {
        dashboard.choose(rows[0], { from: "siting" });
        return true;
      }
      dashboard.choose(-1);
      await this.draw(site);
      return true;
    }

    /** Parcel by parcel: land that is joined around what a project asks for is in no table. */
    async draw({ parcel_ids: ids }) {
      this.turn += 1;
      const { turn } = this;
      const features = await Promise.all(ids.map((id) => this.dashboard.ask(`collections/parcels/items/${encodeURIComponent(id)}`)));
      if (turn === this.turn) {
        const shapes = L.geoJSON({ type: "FeatureCollection", features }, { style: OUTLINE, interactive: false });
        this.outline.addLayer(shapes).addTo(this.dashboard.page.map);
      }
    }

    clear() {
      this.turn += 1;
      this.numbers.clearLayers();
      this.outline.clearLayers();
    }
  }

  Object.assign(parkgeo, { SitingMap });
})((window.parkgeo = window.parkgeo || {}));
