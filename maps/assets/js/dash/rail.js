/* The questions that the maps ask, one beside the other; choosing one colours the map and sets its layers. */
(function (parkgeo) {
  "use strict";

  const { element } = parkgeo;

  class Rail {
    constructor(dashboard) {
      this.dashboard = dashboard;
      this.node = element("nav", "pg-rail");
      this.buttons = new Map();
    }

    speak() {
      const { view, words, page } = this.dashboard;
      this.node.setAttribute("aria-label", words.say("question"));
      this.buttons.clear();
      const list = element("ul", "");
      for (const map of view.maps) {
        const item = element("li", "");
        const button = element("button", "pg-view");
        button.type = "button";
        button.dataset.map = map.id;
        button.append(element("bdi", "", words.of(map.title)));
        button.addEventListener("click", async () => {
          await page.chooseMap(map);
          this.buttons.get(map.id).focus();
        });
        item.append(button);
        list.append(item);
        this.buttons.set(map.id, button);
      }
      this.node.replaceChildren(list);
      this.node.hidden = view.maps.length < 2;
      this.mark();
    }

    mark() {
      const { map } = this.dashboard.page.colours;
      for (const [id, button] of this.buttons) {
        button.setAttribute("aria-current", String(Boolean(map) && map.id === id));
      }
    }
  }

  Object.assign(parkgeo, { Rail });
})((window.parkgeo = window.parkgeo || {}));
