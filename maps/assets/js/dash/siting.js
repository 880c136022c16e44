/* The tab where a project looks for a site: the brief on one side, what the service finds on the other, the sites on the map. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;
  const TAB = "siting";

  class Siting {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.words = dashboard.words;
      this.turn = 0;
      this.brief = null; // what was looked for last
      this.answer = null; // what was found for it, and in which language that stands
      if (!dashboard.view.data.siting) {
        return; // a service that knows nothing of sites
      }
      this.form = new parkgeo.SitingForm(dashboard, { search: () => this.look(), clear: () => this.clear() });
      this.map = new parkgeo.SitingMap(dashboard, (site) => this.show(site));
      this.found = new parkgeo.SitingFound(dashboard, (site) => this.show(site));
      this.node = element("div", "pg-siting");
      this.status = element("p", "pg-panel-status");
      this.status.setAttribute("role", "status");
      this.content = element("div", "pg-siting-found");
      this.right = element("div", "pg-siting-right");
      this.right.append(this.status, this.content);
      this.node.append(this.form.node, this.right);
      this.form.build();
      this.idle();
      dashboard.addTab({ id: TAB, title: () => this.words.say("siting_tab"), node: this.node, shown: () => this.shown() });
      dashboard.listen("language", () => this.speak());
      dashboard.listen("state", () => this.restore());
    }

    get seen() {
      return this.node.getClientRects().length > 0;
    }

    start() {
      if (this.form) {
        this.restore();
      }
    }

    /** The brief as the address has it; looked for when the tab is seen. */
    restore() {
      const kept = this.dashboard.state.of(TAB);
      const same = JSON.stringify(kept) === JSON.stringify(this.brief);
      if (same) {
        return;
      }
      this.form.set(kept);
      this.brief = null;
      this.map.clear();
      this.idle();
      this.waiting = kept ? this.form.read() : null;
      if (this.seen) {
        this.shown();
      }
    }

    /** What a link asked for, once somebody looks. */
    shown() {
      const { waiting } = this;
      this.waiting = null;
      if (waiting) {
        this.brief = waiting;
        this.ask();
      }
    }

    speak() {
      this.form.build();
      if (this.answer && this.answer.lang === this.words.lang) {
        this.fill(this.answer.told); // in other units
      } else if (this.brief) {
        this.ask();
      } else {
        this.idle();
      }
    }

    idle() {
      this.answer = null;
      this.status.textContent = "";
      this.content.replaceChildren(element("p", "pg-none", this.words.say("siting_hint")));
    }

    clear() {
      this.turn += 1;
      this.brief = null;
      this.dashboard.state.keep(TAB, null);
      this.map.clear();
      this.form.set(null);
      this.idle();
    }

    look() {
      const brief = this.form.read();
      if (brief) {
        this.brief = brief;
        this.dashboard.state.keep(TAB, brief);
        this.ask();
      }
    }

    /** Ask the service; what was asked for before is dropped when it comes late. */
    async ask() {
      this.turn += 1;
      const { turn, words } = this;
      this.answer = null;
      this.status.textContent = words.say("siting_searching");
      this.content.setAttribute("aria-busy", "true");
      try {
        const answer = await parkgeo.reach(this.dashboard.address(`sites/search?lang=${words.lang}`), {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: "application/json" },
          body: JSON.stringify(this.brief),
        });
        const told = await answer.json().catch(() => ({}));
        if (turn !== this.turn) {
          return;
        }
        if (answer.ok) {
          this.answer = { told, lang: words.lang };
          this.fill(told);
        } else {
          this.refused(answer, told);
        }
      } catch (error) {
        if (turn === this.turn) {
          this.content.replaceChildren(parkgeo.problem(words, error, () => this.ask()));
        }
      } finally {
        if (turn === this.turn) {
          this.status.textContent = "";
          this.content.setAttribute("aria-busy", "false");
        }
      }
    }

    /** Faults that only the service sees are said below the form as it says them. */
    refused(answer, told) {
      const faults = Array.isArray(told.faults) ? told.faults : [];
      this.map.clear();
      if (faults.length) {
        this.form.say(faults.map((text) => ["", String(text)]));
        this.idle();
        return;
      }
      const said = [told.detail, told.mend].filter(Boolean).join(" — ") || String(answer.status);
      this.content.replaceChildren(parkgeo.problem(this.words, new Error(said), () => this.ask()));
    }

    fill(told) {
      const { words, dashboard } = this;
      const file = parkgeo.button("pg-button pg-small", words.say("siting_file"), () => {
        parkgeo.download("brief.json", "application/json", `${JSON.stringify(this.brief, null, 2)}\n`);
      });
      this.content.replaceChildren(...this.found.nodes({ ...told, industry: this.form.industry }), file);
      this.right.scrollTop = 0;
      if (this.node.scrollHeight > this.node.clientHeight) {
        this.node.scrollTop = this.right.offsetTop - this.node.offsetTop; // one below the other, where there is no room for two columns
      }
      this.map.number(told.ranked).catch((error) => dashboard.notice(error.message, { error: true }));
      dashboard.live.textContent = this.content.querySelector(".pg-lead").textContent;
    }

    async show(site) {
      const { words, dashboard } = this;
      for (const button of this.content.querySelectorAll("[data-site]")) {
        button.setAttribute("aria-current", String(button.dataset.site === site.site_id));
      }
      try {
        const there = await this.map.look(site);
        dashboard.live.textContent = words.say(there ? "siting_shown" : "siting_no_place", { site: parkgeo.siteName(words, site) });
      } catch (error) {
        dashboard.notice(error.message, { error: true });
      }
    }
  }

  Object.assign(parkgeo, { Siting });
})((window.parkgeo = window.parkgeo || {}));
