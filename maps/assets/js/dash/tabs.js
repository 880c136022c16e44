/* The drawer below the map: tabs of tables and of what other parts bring, one at a time, open or closed. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;

  class Tabs {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.tabs = [];
      this.chosen = "parcels";
      this.open = !dashboard.narrow;
      this.given = new Map();
      this.node = element("section", "pg-drawer");
      this.bar = element("div", "pg-tab-bar");
      this.list = element("div", "pg-tab-list");
      this.list.setAttribute("role", "tablist");
      this.list.addEventListener("keydown", (event) => this.key(event));
      this.toggler = parkgeo.button("pg-button pg-small pg-drawer-toggle", "", () => this.setOpen(!this.open));
      this.bar.append(this.list, this.toggler);
      this.node.append(this.bar);
    }

    /** tab: { id, title(), node, shown(), table } — the table, if it is one: see tables.js. */
    add(tab) {
      const head = element("button", "pg-tab");
      head.type = "button";
      head.id = `pg-tab-${tab.id}`;
      head.setAttribute("role", "tab");
      head.setAttribute("aria-controls", `pg-pane-${tab.id}`);
      head.addEventListener("click", () => this.choose(tab.id));
      const pane = element("div", "pg-pane");
      pane.id = `pg-pane-${tab.id}`;
      pane.setAttribute("role", "tabpanel");
      pane.setAttribute("aria-labelledby", head.id);
      pane.append(tab.node);
      this.tabs.push({ ...tab, head, pane });
      this.list.append(head);
      this.node.append(pane);
      if (this.given.has(tab.id) && tab.table) {
        tab.table.setSort(this.given.get(tab.id));
      }
      this.show();
    }

    get current() {
      return this.tabs.find((tab) => tab.id === this.chosen) || this.tabs[0];
    }

    choose(id) {
      this.chosen = id;
      this.open = true;
      this.show();
      this.dashboard.state.write();
    }

    setOpen(open) {
      this.open = open;
      this.show();
      this.dashboard.state.write();
    }

    show() {
      const { current } = this;
      document.body.classList.toggle("pg-drawer-open", this.open);
      for (const { head, pane, id, title } of this.tabs) {
        const on = id === current.id;
        head.textContent = title();
        head.setAttribute("aria-selected", String(on));
        head.tabIndex = on ? 0 : -1;
        pane.hidden = !on || !this.open;
      }
      const key = this.open ? "dash_drawer_close" : "dash_drawer_open";
      this.toggler.textContent = this.open ? "▾" : "▴";
      this.toggler.title = this.dashboard.words.say(key);
      this.toggler.setAttribute("aria-label", this.dashboard.words.say(key));
      this.toggler.setAttribute("aria-expanded", String(this.open));
      if (this.open && current && current.shown) {
        current.shown();
      }
    }

    speak() {
      this.list.setAttribute("aria-label", this.dashboard.words.say("dash_tables"));
      this.show();
    }

    focus() {
      this.setOpen(true);
      const { current } = this;
      (current.pane.querySelector("[tabindex='0'], button, input, select, a") || current.head).focus();
    }

    key(event) {
      const here = this.tabs.indexOf(this.current);
      const last = this.tabs.length - 1;
      const to = { ArrowRight: here === last ? 0 : here + 1, ArrowLeft: here ? here - 1 : last, Home: 0, End: last }[event.key];
      if (to !== undefined) {
        this.choose(this.tabs[to].id);
        this.current.head.focus();
        event.preventDefault();
      }
    }

    /* sorting, as the address has it */

    sorts() {
      return this.tabs.filter(({ table }) => table && table.sort !== table.first).map(({ id, table }) => [id, table.sort]);
    }

    restore(chosen, open, sorts) {
      this.given = sorts;
      this.chosen = chosen && chosen.length < 40 ? chosen : "parcels";
      this.open = chosen ? open : !this.dashboard.narrow;
      for (const { id, table } of this.tabs) {
        if (table) {
          table.setSort(sorts.has(id) ? sorts.get(id) : table.first);
        }
      }
      this.show();
    }

    /** Rows of the parcels in the order of their table. */
    order(mask) {
      return parkgeo.keepOf(this.tabs.find(({ id }) => id === "parcels").table.order(), mask);
    }
  }

  Object.assign(parkgeo, { Tabs });
})((window.parkgeo = window.parkgeo || {}));
