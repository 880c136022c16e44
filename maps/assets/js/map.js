/* The park's map in the page: puts together the view, its colours, layers, legend, pop-ups, search and tools. */
(function (parkgeo) {
  "use strict";

  const NARROW_PX = 900;
  const POPUP_PX = 380;
  const { element } = parkgeo;

  class ParkMap {
    constructor(map, view, words) {
      Object.assign(this, { map, view, words });
      this.colours = new parkgeo.Colours(view, words);
      this.layers = new parkgeo.Layers(view, words, this.colours, (uncovered) => this.layersChanged(uncovered));
      this.legend = new parkgeo.Legend(view, words, this.colours, (key) => this.recolour(key), (chosen) => this.chooseMap(chosen));
      this.cards = new parkgeo.Cards(view, words, this.colours);
      this.searching = new parkgeo.Search(view, words, (row) => this.goTo(row));
      this.minimap = new parkgeo.MiniMap(map, view, words);
      this.sketch = new parkgeo.Sketch({ map, view, words, changed: () => this.selected() });
      this.head = document.getElementById("parkgeo-head");
      this.bar = element("div", "leaflet-bar pg-bar");
      this.open = null;
      this.turn = 0;
    }

    async run() {
      const wide = this.map.getContainer().clientWidth >= NARROW_PX;
      this.layers.node.open = wide;
      this.minimap.node.open = wide;
      this.legend.node.open = this.map.getContainer().clientWidth >= 600;
      await this.colours.choose(this.colours.chosen);
      const { map } = this;
      L.control.zoom({ position: "topleft" }).addTo(map);
      parkgeo.corner(map, this.bar, "topleft");
      parkgeo.corner(map, this.sketch.node, "topleft");
      parkgeo.corner(map, this.layers.node, "topright");
      parkgeo.corner(map, this.legend.node, "bottomleft");
      parkgeo.corner(map, this.minimap.node, "bottomright");
      L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(map);
      this.sheet = new parkgeo.Sheet(this);
      this.listen();
      if (this.view.maps.length) {
        this.layers.setOn(this.view.maps[0].layers);
      }
      this.speak();
      map.invalidateSize();
      this.arrange();
      this.fit();
      this.layers.recolour();
      this.layers.stage.addTo(map);
      this.layers.pictures.addTo(map);
      await this.layers.stage.settled();
      await this.minimap.prepare();
      map.getContainer().dataset.ready = "yes";
    }

    /** Panels above one another share a side: the upper one scrolls in what the lower one leaves. */
    arrange() {
      const { legend, minimap, layers, map, sketch } = this;
      const room = (below) => `${Math.max(140, map.getSize().y - below)}px`;
      legend.node.style.maxHeight = room(24);
      layers.node.style.maxHeight = room(minimap.node.offsetHeight + 52); // with the scale and the margins
      sketch.node.style.maxHeight = room(legend.node.offsetHeight + 32);
    }

    listen() {
      const { map } = this;
      map.on("resize", () => this.arrange());
      for (const { node } of [this.minimap, this.legend]) {
        new ResizeObserver(() => this.arrange()).observe(node);
      }
      map.on("click", (event) => this.clicked(event.latlng));
      map.on("popupclose", (event) => this.closed(event.popup));
      // Leaflet closes by Escape only while the map itself has the focus, not its pop-up.
      map.getPane("popupPane").addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
          map.closePopup();
          map.getContainer().focus();
        }
      });
      let pending = null;
      map.on("mousemove", ({ latlng }) => {
        if (!pending) {
          requestAnimationFrame(() => {
            const over = !this.sketch.active && this.layers.stage.at(pending) !== null;
            map.getContainer().classList.toggle("pg-over", over);
            pending = null;
          });
        }
        pending = latlng;
      });
    }

    /** Say everything in the language that is chosen now. */
    speak() {
      const { lang } = this.words;
      document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
      this.fillHead();
      this.legend.fill();
      this.layers.fill();
      this.fillBar();
      this.minimap.speak();
      this.sheet.speak();
      if (!this.sketch.node.hidden) {
        this.sketch.fill();
      }
      this.nameStockControls();
      this.refill();
    }

    /** Leaflet's own buttons speak English; here they speak the reader's language. */
    nameStockControls() {
      const container = this.map.getContainer();
      container.setAttribute("aria-label", this.words.say("map"));
      for (const [selector, key] of [[".leaflet-control-zoom-in", "zoom_in"], [".leaflet-control-zoom-out", "zoom_out"], [".leaflet-popup-close-button", "close"]]) {
        for (const node of container.querySelectorAll(selector)) {
          node.title = this.words.say(key);
          node.setAttribute("aria-label", this.words.say(key));
        }
      }
    }

    /* head and buttons */

    fillHead() {
      const { words } = this;
      const { park, as_of: date, limit, tolerance } = this.view.meta;
      const titles = element("div", "pg-titles");
      this.question = element("h1", "");
      this.suspected = element("span", "pg-badge", words.say("suspected"));
      titles.append(this.question, this.suspected);
      this.ask();
      const line = element("p", "pg-subtitle");
      line.append(parkgeo.userText("span", "pg-park", park), element("span", "pg-asof", words.say("as_of", { date })));
      titles.append(line);
      if (limit !== null) {
        const values = { limit: words.figure(limit, 0), tolerance: words.figure(tolerance, 1) };
        titles.append(element("p", "pg-note", words.say(tolerance === null ? "reduced" : "simplified", values)));
      }
      const tools = element("div", "pg-tools");
      tools.append(this.searching.box(), this.unitChoice(), this.languageButton());
      if (document.fullscreenEnabled) {
        tools.append(parkgeo.button("pg-button pg-full", words.say("full_screen"), () => fullScreen(), parkgeo.icon("full")));
      }
      this.head.replaceChildren(titles, tools);
    }

    /** The title asks what the colours answer; only what may be wrong is a suspicion. */
    ask() {
      const { park } = this.view.meta;
      const question = this.colours.question();
      this.question.replaceChildren(element("bdi", "", question));
      this.suspected.hidden = !this.colours.suspected;
      document.title = park ? `${question} ${park}` : question;
    }

    unitChoice() {
      const { words } = this;
      const units = parkgeo.AREA_UNITS.map((unit) => [unit, words.unit(unit)]);
      return parkgeo.choice("pg-button pg-unit", words.say("area_unit"), units, words.areaUnit, (unit) => {
        words.areaUnit = unit;
        this.speak();
        this.head.querySelector(".pg-unit").focus();
      });
    }

    languageButton() {
      const { words } = this;
      const { languages } = words.data;
      const next = (words.language + 1) % languages.length;
      const name = { zh: "中文", en: "English" }[languages[next]];
      const node = parkgeo.button("pg-button pg-language", name, () => {
        words.language = next;
        this.speak();
        this.head.querySelector(".pg-language").focus();
      });
      node.lang = languages[next];
      return node;
    }

    fillBar() {
      const { words } = this;
      const node = (name, key, picture, action) => parkgeo.button(`pg-bar-button ${name}`, words.say(key), action, parkgeo.icon(picture));
      this.bar.replaceChildren(
        node("pg-home-button", "whole_park", "home", () => this.fit()),
        node("pg-measure", "sketch", "sketch", () => this.sketch.toggle()),
        node("pg-print", "print_view", "print", () => this.sheet.show()),
      );
    }

    /* colours and layers */

    /** Another colour was chosen: of the parcels, the legend and the question. */
    async recolour(key, from = ".pg-colour-by select:not(.pg-map-choice)") {
      await this.colours.choose(key);
      this.layers.recolour();
      this.ask();
      this.legend.fill();
      this.layers.fill();
      this.legend.node.querySelector(from).focus();
      await this.refill();
    }

    /** Another question: its colours, and just its layers. */
    async chooseMap(chosen) {
      this.colours.asked = chosen;
      this.layers.setOn(chosen.layers);
      await this.recolour(chosen.colour, ".pg-map-choice");
    }

    layersChanged(uncovered) {
      if (uncovered) {
        this.legend.fill();
      }
    }

    /** Some parcels are left out, or no longer. */
    selected() {
      this.layers.recolour();
      this.legend.fill();
    }

    /** Show the whole park beside or above the legend, whichever leaves more room. */
    fit() {
      const legend = this.legend.node.open ? this.legend.node : { offsetWidth: 0, offsetHeight: 0 };
      const right = this.layers.node.open ? this.layers.node.offsetWidth : 0;
      const bounds = L.latLngBounds(this.view.whole);
      const choices = [
        { left: legend.offsetWidth, bottom: 0 },
        { left: 0, bottom: legend.offsetHeight },
      ].map(({ left, bottom }) => ({
        paddingTopLeft: L.point(left + 24, 24),
        paddingBottomRight: L.point(right + 24, bottom + 24),
      }));
      const zoom = (choice) => this.map.getBoundsZoom(bounds, false, choice.paddingTopLeft.add(choice.paddingBottomRight));
      const best = zoom(choices[0]) >= zoom(choices[1]) ? choices[0] : choices[1];
      this.map.fitBounds(bounds, { ...best, animate: false });
    }

    /* one shape */

    async clicked(latlng) {
      if (this.sketch.active) {
        this.sketch.add(latlng);
        return;
      }
      const hit = this.layers.stage.at(latlng);
      if (!hit) {
        return;
      }
      if (hit.member === this.layers.parcels) {
        await this.selectParcel(hit.row, latlng);
      } else {
        await this.show(latlng, () => this.cards.shape(hit.member.layer, hit.row));
      }
    }

    async goTo(row) {
      const bounds = await this.view.bounds(row);
      if (!bounds) {
        return;
      }
      this.map.fitBounds(bounds, { maxZoom: 16, animate: false });
      if (await this.selectParcel(row, L.latLngBounds(bounds).getCenter())) {
        this.open.popup.getElement().querySelector(".pg-card").focus();
      }
    }

    async selectParcel(row, latlng) {
      const shown = await this.show(latlng, () => this.cards.parcel(row));
      if (shown) {
        this.layers.stage.choose(this.layers.parcels, row);
      }
      return shown;
    }

    /** Open a pop-up; false if something else was asked for before it was ready. */
    async show(latlng, build) {
      this.map.closePopup();
      this.turn += 1;
      const { turn } = this;
      const content = await build();
      if (turn !== this.turn) {
        return false;
      }
      const size = this.map.getSize();
      const clear = this.clearOfPanels(size);
      const popup = L.popup({
        className: "pg-popup",
        minWidth: Math.min(300, size.x - 60),
        maxWidth: Math.min(POPUP_PX, size.x - 60),
        maxHeight: Math.max(160, Math.min(Math.round(size.y * 0.62), size.y - clear.top - clear.bottom - 70)),
        autoPanPaddingTopLeft: [clear.left, clear.top],
        autoPanPaddingBottomRight: [clear.right, clear.bottom],
      });
      this.open = { popup, build };
      popup.setLatLng(latlng).setContent(content).openOn(this.map);
      this.nameStockControls();
      return true;
    }

    /** What is open says it anew: in another language, unit or colour. */
    async refill() {
      const { open } = this;
      if (open) {
        const content = await open.build();
        if (this.open === open) {
          open.popup.setContent(content);
        }
      }
    }

    /** Margins that keep a pop-up off the panels: between them where the map is wide, else below and above them. */
    clearOfPanels(size) {
      const [legend, layers] = [this.legend.node, this.layers.node];
      const gap = 20;
      if (legend.offsetWidth + layers.offsetWidth + POPUP_PX + 5 * gap <= size.x) {
        return { left: legend.offsetWidth + gap, right: layers.offsetWidth + gap, top: gap, bottom: gap };
      }
      const top = layers.open ? gap : layers.offsetHeight + gap;
      const bottom = legend.offsetHeight + gap;
      const left = size.x < POPUP_PX + 6 * gap ? gap : 3 * gap; // room for the buttons, if there is any
      return { left, right: gap, top, bottom: size.y - top - bottom > 300 ? bottom : gap };
    }

    closed(popup) {
      if (this.open && this.open.popup === popup) {
        this.open = null;
        this.layers.stage.choose(this.layers.parcels, -1);
      }
    }
  }

  function fullScreen() {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    } else {
      document.documentElement.requestFullscreen();
    }
  }

  Object.assign(parkgeo, { ParkMap });
})((window.parkgeo = window.parkgeo || {}));
