/* A sheet for the printer: the map with its title, legend, scale, north and origin on A4 or A3; what is on the screen is what is printed. */
(function (parkgeo) {
  "use strict";

  const PAPERS = ["A4", "A3"];
  const DENSITY = 2; // pictures for paper: 192 dots to the inch

  class Sheet {
    /** page: the map's, see map.js. */
    constructor(page) {
      this.page = page;
      this.paper = PAPERS[0];
      this.tools = parkgeo.element("div", "pg-sheet-tools");
      this.foot = parkgeo.element("footer", "pg-foot");
      this.north = parkgeo.element("div", "pg-north");
      this.tools.hidden = true;
      document.body.prepend(this.tools);
      document.body.append(this.foot);
      parkgeo.corner(page.map, this.north, "topright");
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.open) {
          this.close();
        }
      });
    }

    get open() {
      return !this.tools.hidden;
    }

    speak() {
      const { view, words } = this.page;
      const { as_of: date, name, crs, version } = view.meta;
      const paper = parkgeo.choice("pg-paper", words.say("paper"), PAPERS.map((one) => [one, words.say("landscape", { paper: one })]), this.paper, (chosen) => this.lay(chosen));
      const print = parkgeo.button("pg-button pg-go", words.say("print"), () => this.print());
      const close = parkgeo.button("pg-button", words.say("print_close"), () => this.close());
      this.tools.replaceChildren(parkgeo.element("strong", "", words.say("print_view")), paper, print, close, parkgeo.element("span", "pg-none", words.say("print_hint")));
      this.north.replaceChildren(parkgeo.element("span", "", words.say("north")), parkgeo.icon("north"));
      this.foot.replaceChildren(parkgeo.userText("span", "", words.say("as_of", { date })), parkgeo.userText("span", "", words.say("source", { name, crs, version })));
    }

    async show() {
      const { legend, map, layers, view } = this.page;
      const bounds = map.getBounds();
      this.before = { legend: legend.node.open, bounds, whole: bounds.contains(view.whole) };
      map.closePopup();
      this.tools.hidden = false;
      legend.node.open = true;
      layers.list(legend.beside);
      await this.lay(this.paper);
      this.tools.querySelector(".pg-go").focus();
    }

    /** Lay out a paper's size; the map keeps showing what it showed: the whole park as large as it can, or just that part. */
    async lay(paper) {
      const { map, layers } = this.page;
      this.paper = paper;
      this.dress(["pg-sheet", `pg-${paper.toLowerCase()}`]);
      map.invalidateSize({ animate: false });
      this.refit();
      layers.stage.setDensity(DENSITY);
      await layers.stage.settled();
    }

    close() {
      const { legend, map, layers } = this.page;
      this.tools.hidden = true;
      this.dress([]);
      legend.beside.replaceChildren();
      legend.node.open = this.before.legend;
      map.invalidateSize({ animate: false });
      this.refit();
      layers.stage.setDensity(null);
      document.querySelector(".pg-print").focus();
    }

    /** When the last picture is drawn: half a map is worse than none. */
    async print() {
      await this.page.layers.stage.settled();
      window.print();
    }

    refit() {
      if (this.before.whole) {
        this.page.fit();
      } else {
        this.page.map.fitBounds(this.before.bounds, { animate: false });
      }
    }

    dress(classes) {
      document.body.classList.remove("pg-sheet", ...PAPERS.map((paper) => `pg-${paper.toLowerCase()}`));
      document.body.classList.add(...classes);
    }
  }

  Object.assign(parkgeo, { Sheet });
})((window.parkgeo = window.parkgeo || {}));
