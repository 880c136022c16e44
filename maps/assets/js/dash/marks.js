/* Parcels that the reader ticks in the tables, one by one or all that are shown; the filters may keep just these.
 *
 * They stand in the address, alone or as a condition of the filters, so there are only so many as an address has room for.
 */
(function (parkgeo) {
  "use strict";

  const MOST = 150;

  class Marks {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.rows = new Set();
    }

    get ids() {
      const { ids } = this.dashboard.view.data.parcels;
      return [...this.rows].map((row) => ids.at(row));
    }

    has(row) {
      return this.rows.has(row);
    }

    /** How many of some rows are marked: none, some or all of them. */
    among(rows) {
      const count = rows.length ? rows.reduce((sum, row) => sum + (this.rows.has(row) ? 1 : 0), 0) : 0;
      return count === 0 ? "none" : count === rows.length ? "all" : "some";
    }

    /** Mark rows or no longer; more than there is room for are not marked at all. */
    async set(rows, on) {
      const { dashboard } = this;
      const { words, live, filters } = dashboard;
      const next = new Set(this.rows);
      rows.forEach((row) => (on ? next.add(row) : next.delete(row)));
      if (next.size > MOST) {
        dashboard.notice(words.say("dash_marks_most", { most: words.figure(MOST, 0), count: words.figure(next.size, 0) }), { error: true });
      } else {
        this.rows = next;
        if (filters.criteria.ids) {
          await filters.change({ ids: this.ids });
        }
      }
      this.keep();
      dashboard.tell("marks");
      filters.fill();
      live.textContent = words.say("dash_marked", { count: words.figure(this.rows.size, 0) });
    }

    /** As an address has them. */
    take(ids) {
      const given = Array.isArray(ids) ? ids.slice(0, MOST).filter((id) => typeof id === "string") : [];
      this.rows = new Set(given.map((id) => this.dashboard.rowOf(id)).filter((row) => row >= 0));
      this.dashboard.tell("marks");
    }

    /** In the address once: with the filters, or by themselves. */
    keep() {
      const { state, filters } = this.dashboard;
      state.keep("marks", this.rows.size && !filters.criteria.ids ? this.ids : null);
    }
  }

  Object.assign(parkgeo, { Marks, MOST_MARKS: MOST });
})((window.parkgeo = window.parkgeo || {}));
