/* What the parcels are coloured by: a verdict, a grade, a quantity, or nothing but their outlines. It answers; others draw. */
(function (parkgeo) {
  "use strict";

  const OUTLINE = "outline";
  const EMPTY = { stroke: "#333333", weight: 1 };

  class Colours {
    constructor(view, words) {
      this.view = view;
      this.words = words;
      this.chosen = view.maps.length ? view.maps[0].colour : view.colourings.length ? view.colourings[0].key : OUTLINE;
      this.of = null;
      this.had = OUTLINE; // what was chosen last and is there
      this.asked = view.maps[0] || null;
      // Fills over the bands of an isochrone would mix with their colours: parcels are outlines while one is on.
      this.bare = false;
    }

    get colouring() {
      return this.view.colouring(this.chosen);
    }

    /** The map that asks what is shown: the one chosen last, or another that is coloured so. */
    get map() {
      const maps = this.view.maps.filter((one) => one.colour === this.chosen);
      return maps.find((one) => one === this.asked) || maps[0] || null;
    }

    get suspected() {
      return Boolean(this.map ? this.map.suspected : this.colouring && this.colouring.suspected);
    }

    /** Choose, and have the classes ready; where they cannot be had, what was there before stays chosen. */
    async choose(key) {
      this.chosen = key;
      try {
        const of = this.colouring ? await this.view.classes(key) : null;
        if (this.chosen === key) {
          Object.assign(this, { of, had: key });
        }
      } catch (error) {
        this.chosen = this.chosen === key ? this.had : this.chosen;
        throw error;
      }
    }

    /** How the parcels are drawn now, see drawing.js. */
    look() {
      const plain = this.bare || !this.colouring || !this.of;
      const styles = plain ? [EMPTY] : this.colouring.classes.map((one) => one.style);
      return { styles, of: plain ? null : this.of, shown: this.view.shown };
    }

    /** The question that the page answers. */
    question() {
      if (this.map) {
        return this.words.of(this.map.title);
      }
      if (!this.colouring) {
        return this.words.say("map");
      }
      return Object.hasOwn(this.view.data.modes, this.colouring.group) || this.colouring.group === "score"
        ? this.words.say("title_access")
        : this.words.of(this.colouring.title);
    }

    /** What the legend is about; in short where there is little room. */
    subject(short) {
      const brief = short && this.colouring && this.colouring.kind !== "verdict";
      return this.colouring && !brief ? this.words.of(this.colouring.title) : this.words.say("column_parcels");
    }

    /** A sample for the layer control, where one stands for all classes. */
    sample() {
      const plain = this.bare || !this.colouring;
      if (plain) {
        return EMPTY;
      }
      const { classes } = this.colouring;
      const calm = classes.find((one) => one.code === "no");
      return (calm || classes[0]).style;
    }

    label(colouring, number) {
      const { label, band } = colouring.classes[number];
      return label ? this.words.of(label) : this.words.band(band, colouring.unit);
    }

    /** Whether a class is that of the parcels without a value: the last one. */
    isMissing(colouring, number) {
      return number === colouring.classes.length - 1;
    }

    /** Who travels and to what, for the closed list shows no group; another has its title, and how a map parts it in its own way. */
    name(colouring) {
      const { words } = this;
      const { column, group, key, scheme, title } = colouring;
      const { modes } = this.view.data;
      const travels = Object.hasOwn(modes, group) && column.startsWith(modes[group]);
      const name = travels ? `${words.say(`mode_${group}`)} · ${words.code(column.slice(modes[group].length))}` : words.of(title);
      return key === column ? name : `${name} · ${words.of(scheme)}`;
    }

    chooser(changed) {
      if (this.view.colourings.length < 2) {
        return [];
      }
      const label = parkgeo.element("label", "pg-colour-by");
      const select = parkgeo.element("select", "");
      for (const group of new Set(this.view.colourings.map((colouring) => colouring.group))) {
        const options = this.view.colourings.filter((colouring) => colouring.group === group).map((one) => option(one.key, this.name(one)));
        const key = `colour_${group}`;
        if (this.words.knows(key)) {
          const set = parkgeo.element("optgroup", "");
          set.label = this.words.say(key);
          set.append(...options);
          select.append(set);
        } else {
          select.append(...options);
        }
      }
      select.append(option(OUTLINE, this.words.say("colour_outline")));
      select.value = this.chosen;
      select.addEventListener("change", () => changed(select.value));
      label.append(parkgeo.element("span", "", this.words.say("colour_by")), select);
      return [label];
    }

    /** The parcel's value of what the map shows, or why there is none. */
    line(row, facts) {
      const { colouring } = this;
      if (!colouring || colouring.kind === "verdict" || !this.of) {
        return [];
      }
      const number = this.of[row];
      const line = parkgeo.element("p", "pg-verdict pg-quantity");
      const field = facts.fields[colouring.column];
      const missing = this.isMissing(colouring, number);
      const value = colouring.kind === "quantity" && field && !missing ? this.words.value(field) : null;
      line.append(parkgeo.swatch(colouring.classes[number].style, parkgeo.POLYGON));
      line.append(parkgeo.element("strong", "", value === null ? this.label(colouring, number) : value), parkgeo.element("span", "", this.subject()));
      const reasons = missing ? facts.gaps.filter((gap) => gap.key === colouring.column) : [];
      return [line, ...reasons.map((gap) => parkgeo.userText("p", "pg-needs pg-user", this.words.of(gap.ask)))];
    }
  }

  function option(value, text) {
    const node = parkgeo.element("option", "", text);
    node.value = value;
    return node;
  }

  Object.assign(parkgeo, { Colours, OUTLINE });
})((window.parkgeo = window.parkgeo || {}));
