/* Which parcels lie in areas that were drawn: the service says so, of the very shapes that a download chooses from. */
(function (parkgeo) {
  "use strict";

  const MOST_KEPT = 50;

  class Areas {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.kept = new Map();
      this.touching = false;
    }

    /** Rows of the parcels in one ring of [latitude, longitude]. */
    rows(places, touching = this.touching) {
      const ring = places.map(([lat, lng]) => [lng, lat].map((angle) => Number(angle.toFixed(6))));
      const filter = parkgeo.inArea(ring, touching);
      if (!this.kept.has(filter)) {
        if (this.kept.size >= MOST_KEPT) {
          this.kept.delete(this.kept.keys().next().value);
        }
        this.kept.set(filter, this.ask(filter));
      }
      return this.kept.get(filter);
    }

    async ask(filter) {
      const { dashboard } = this;
      try {
        const given = new URLSearchParams({ filter, properties: "parcel_id", skipGeometry: "true" });
        const { features } = await dashboard.ask(`parcels.geojson?${given}`);
        return features.map(({ properties }) => dashboard.rowOf(properties.parcel_id)).filter((row) => row >= 0);
      } catch (error) {
        this.kept.delete(filter);
        dashboard.notice(error.message, { error: true });
        return [];
      }
    }

    /** Rows in any of the areas of the criteria. */
    async within({ rings, touching }) {
      const found = await Promise.all(rings.map((ring) => this.rows(ring.map(([lng, lat]) => [lat, lng]), touching)));
      return new Set(found.flat());
    }
  }

  Object.assign(parkgeo, { Areas });
})((window.parkgeo = window.parkgeo || {}));
