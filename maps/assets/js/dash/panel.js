/* The panel beside the map: the park, or the parcel that is chosen; above it the snapshots that there are. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;

  class Panel {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.turn = 0;
      this.park = new parkgeo.ParkCard(dashboard);
      this.park.changed = () => this.fill();
      this.parcel = new parkgeo.ParcelCard(dashboard);
      this.over = new parkgeo.TimeBar(dashboard);
      this.content = element("div", "pg-panel-content");
      this.content.setAttribute("aria-live", "off");
      this.status = element("p", "pg-panel-status");
      this.status.setAttribute("role", "status");
      this.node = element("div", "pg-side");
      this.node.append(this.over.node, this.status, this.content);
      // Once for the park and once for each parcel, not for each letter of a filter that is being typed.
      dashboard.listen("parcel", () => this.fill({ moved: true }));
      dashboard.listen("selection", () => this.dashboard.parcel < 0 && this.fill());
      dashboard.listen("language", () => {
        this.over.fill();
        this.fill();
      });
    }

    async start() {
      await this.over.start();
      await this.fill();
    }

    /** Say anew what is shown; what was asked for before is dropped when it comes late. */
    async fill({ moved = false } = {}) {
      this.turn += 1;
      const { turn, words } = this;
      const row = this.dashboard.parcel;
      const held = this.content.contains(document.activeElement);
      this.node.dataset.shown = row < 0 ? "park" : "parcel";
      this.node.setAttribute("aria-busy", "true");
      this.status.textContent = moved ? words.say("panel_reading") : "";
      let nodes = null;
      try {
        nodes = row < 0 ? await this.park.nodes() : await this.parcel.nodes(row);
      } catch (error) {
        nodes = [parkgeo.problem(words, error, () => this.fill())];
      }
      if (turn !== this.turn) {
        return;
      }
      this.content.replaceChildren(...nodes);
      this.node.setAttribute("aria-busy", "false");
      this.status.textContent = "";
      if (moved) {
        this.node.scrollTop = 0;
        if (this.node.parentElement) {
          this.node.parentElement.scrollTop = 0;
        }
      }
      if (held && moved) {
        // The button that was pressed is gone: who uses keys goes on at the head of what came in its place.
        const head = this.content.querySelector(".pg-panel-title, select");
        if (head) {
          head.tabIndex = head.tagName === "SELECT" ? 0 : -1;
          head.focus();
        }
      }
      if (row < 0) {
        // What comes later, snapshot by snapshot: nobody waits for it.
        this.park.trends(this.content).catch((error) => this.content.append(parkgeo.problem(words, error)));
      }
    }
  }

  Object.assign(parkgeo, { Panel });
})((window.parkgeo = window.parkgeo || {}));
