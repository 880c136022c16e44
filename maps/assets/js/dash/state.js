/* All that is set on the dashboard, in the hash of its address: Back and Forward work, and a copied link shows the same elsewhere.
 *
 * The hash is name=value pairs like a query's; what stands at its beginning is left out. Whoever wrote a link may have written anything:
 * each value is looked at before it is used, and what is not understood counts as not there.
 */
(function (parkgeo) {
  "use strict";

  const MOST = 8000; // letters of a hash; more is no link of ours
  const PLACES = 5;
  const SHOWN = 60; // letters of what was not understood

  class State {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.parts = new Map();
      this.restoring = true;
      this.pending = null;
      this.first = ""; // what an address without a hash showed when it was opened
    }

    /* parts' own */

    keep(part, value) {
      if (value === null || value === undefined) {
        this.parts.delete(part);
      } else {
        this.parts.set(part, value);
      }
      this.write();
    }

    of(part) {
      return this.parts.has(part) ? this.parts.get(part) : null;
    }

    /* writing */

    /** Something was set: put it in the address. What follows at once (a map that moves) takes the place of what it follows. */
    write({ replace = false } = {}) {
      if (this.restoring) {
        return;
      }
      if (this.pending) {
        this.pending.replace = this.pending.replace && replace;
        return;
      }
      this.pending = { replace };
      setTimeout(() => {
        const { pending } = this;
        this.pending = null;
        const hash = this.hash();
        if (hash !== window.location.hash) {
          window.history[pending.replace ? "replaceState" : "pushState"](null, "", hash);
        }
      });
    }

    /** Whether all that is set is more than an address holds. */
    get tooLong() {
      return this.hash().length > MOST;
    }

    hash() {
      return this.hashFor(this.dashboard.snapshot);
    }

    hashFor(snapshot) {
      const { dashboard } = this;
      const { page, words } = dashboard;
      const { map, colours, layers } = page;
      const centre = map.getCenter();
      const given = new URLSearchParams();
      const set = (name, value) => value !== null && value !== "" && given.set(name, value);
      set("snapshot", snapshot);
      set("lang", words.lang);
      set("unit", words.areaUnit);
      set("filter", dashboard.filters.empty ? "" : JSON.stringify(dashboard.filters.criteria));
      set("tab", dashboard.tabs.open ? dashboard.tabs.chosen : `-${dashboard.tabs.chosen}`);
      for (const [tab, sort] of dashboard.tabs.sorts()) {
        set(`sort.${tab}`, sort);
      }
      set("parcel", dashboard.parcel >= 0 ? dashboard.view.data.parcels.ids.at(dashboard.parcel) : "");
      set("colour", colours.chosen);
      set("question", colours.map ? colours.map.id : "");
      set("layers", layers.members.filter((member) => member.visible && member !== layers.parcels).map((member) => member.id).join(","));
      set("at", [centre.lat.toFixed(PLACES), centre.lng.toFixed(PLACES), map.getZoom().toFixed(2)].join(","));
      for (const [part, value] of this.parts) {
        set(`part.${part}`, JSON.stringify(value));
      }
      return `#${given}`;
    }

    /* reading */

    watch() {
      this.restoring = false;
      this.first = this.hash();
      window.addEventListener("popstate", () => this.restore({ again: true }));
      this.dashboard.page.map.on("moveend", () => this.write({ replace: true }));
    }

    /** Set all as the address says. */
    async restore({ again = false } = {}) {
      const hash = window.location.hash || this.first;
      const given = new URLSearchParams(hash.length <= MOST ? hash.slice(1) : "");
      this.lost = new parkgeo.Lost(this.dashboard);
      if (hash.length > MOST) {
        this.lost.add("dash_lost_long", {});
      }
      if (!hash) {
        await this.dashboard.filters.set(null);
        return;
      }
      this.restoring = true;
      try {
        if (await this.elsewhere(given.get("snapshot"))) {
          return;
        }
        this.restoreParts(given);
        await this.restoreRest(given);
        this.lost.say();
      } finally {
        this.restoring = !again;
      }
      if (again) {
        this.dashboard.tell("state");
      }
    }

    /** A link names its snapshot; another one is opened, unless it is no longer kept. */
    async elsewhere(name) {
      const { dashboard } = this;
      if (!name || name === dashboard.snapshot) {
        return false;
      }
      const answer = await parkgeo.reach(`${dashboard.root}snapshots/${encodeURIComponent(name)}?f=json`);
      if (answer.ok) {
        window.location.replace(`${dashboard.root}snapshots/${encodeURIComponent(name)}/dashboard${window.location.hash}`);
        return true;
      }
      this.lost.first = () => dashboard.words.say("dash_snapshot_gone", { name, shown: dashboard.snapshot });
      return false;
    }

    restoreParts(given) {
      this.parts.clear();
      for (const [name, value] of given) {
        const read = name.startsWith("part.") ? readJson(value) : null;
        if (read !== null) {
          this.parts.set(name.slice(5), read);
        } else if (!this.lost.knows(name) || (name.startsWith("part.") && value !== "null")) {
          this.lost.part(name, value);
        }
      }
    }

    async restoreRest(given) {
      const { dashboard } = this;
      const { page, words, tabs } = dashboard;
      const language = words.data.languages.indexOf(given.get("lang"));
      const unit = given.get("unit");
      words.language = language >= 0 ? language : words.language;
      words.areaUnit = parkgeo.AREA_UNITS.includes(unit) ? unit : words.areaUnit;
      this.lost.choices(given);
      const tab = given.get("tab") || "";
      tabs.restore(tab.replace(/^-/, ""), !tab.startsWith("-"), new Map([...given].filter(([name]) => name.startsWith("sort.")).map(([name, sort]) => [name.slice(5), sort])));
      await parkgeo.colourAs(dashboard, { colour: given.get("colour"), question: given.get("question"), layers: given.get("layers") });
      page.speak();
      const [lat, lng, zoom] = (given.get("at") || "").split(",").map(Number);
      if ([lat, lng, zoom].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lng) <= 360 && zoom >= 0 && zoom <= 24) {
        page.map.setView([lat, lng], zoom, { animate: false });
        if (!page.map.getBounds().intersects(L.latLngBounds(dashboard.view.whole))) {
          this.lost.add("dash_lost_view", {});
          page.fit();
        }
      } else if (given.has("at")) {
        this.lost.part("at", given.get("at"));
      }
      dashboard.marks.take(this.of("marks"));
      const filter = readJson(given.get("filter"));
      await dashboard.filters.set(filter);
      this.lost.filter(given.get("filter"), filter);
      const row = given.has("parcel") ? dashboard.rowOf(given.get("parcel")) : -1;
      if (given.has("parcel") && row < 0) {
        this.lost.add("dash_lost_parcel", { value: given.get("parcel").slice(0, SHOWN) });
      }
      dashboard.choose(row, { from: given.has("at") ? "state" : "" });
    }
  }

  function readJson(text) {
    try {
      return text ? JSON.parse(text) : null;
    } catch (error) {
      if (error instanceof SyntaxError) {
        return null;
      }
      throw error;
    }
  }

  Object.assign(parkgeo, { State });
})((window.parkgeo = window.parkgeo || {}));
