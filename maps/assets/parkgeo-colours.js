/* What the parcels are coloured by: the verdict on idle land, minutes to a facility, scores, or nothing but their outlines.
 *
 * It answers for the colours, the legend and the lines of a pop-up; the map asks it. As there, texts reach the page through textContent only.
 */
(function () {
  "use strict";

  const GROUPS = ["car", "truck", "walk", "score"];
  const IDLE = "idle";
  const OUTLINE = "outline";
  const EMPTY = { stroke: "#333333", weight: 1 };

  class Colours {
    /** page: the map, for its words and figures; tools: how it makes elements and samples of a style. */
    constructor(page, tools) {
      this.page = page;
      this.tools = tools;
      this.data = page.data;
      this.chosen = IDLE;
      // Fills over the bands of an isochrone would mix with their colours: parcels are outlines while one is on.
      this.bare = false;
      this.byKey = new Map(this.data.colourings.map((colouring) => [colouring.key, colouring]));
    }

    get colouring() {
      return this.byKey.get(this.chosen) || null;
    }

    get showsIdle() {
      return this.chosen === IDLE;
    }

    /** The question that the page answers. */
    question() {
      if (this.colouring) {
        return this.page.say("title_access");
      }
      return this.page.say(this.showsIdle ? "title" : "map");
    }

    /** What the legend is about; in short where there is little room. */
    subject(short) {
      if (this.colouring && !short) {
        return this.page.text(this.colouring.title[this.page.language]);
      }
      return this.page.say(this.showsIdle ? "legend" : "column_parcels");
    }

    styles(colouring) {
      return this.data.ramps[colouring.bands.length];
    }

    number(place) {
      return Number(this.colouring.classes[place]);
    }

    style(place) {
      if (this.bare) {
        return EMPTY;
      }
      if (this.colouring) {
        return this.styles(this.colouring)[this.number(place)];
      }
      const { classes } = this.data.parcels;
      return this.showsIdle ? this.data.verdict_styles[this.data.classes[classes[place]].code] : EMPTY;
    }

    /** A sample for the layer control, where one stands for all classes. */
    sample() {
      if (this.bare) {
        return EMPTY;
      }
      return this.colouring ? this.styles(this.colouring)[0] : this.showsIdle ? this.data.verdict_styles.no : EMPTY;
    }

    /* the choice */

    chooser(changed) {
      const { element } = this.tools;
      if (!this.data.colourings.length) {
        return [];
      }
      const label = element("label", "pg-colour-by");
      const select = element("select", "");
      select.append(this.option(IDLE, this.page.say("legend")));
      for (const group of GROUPS) {
        const colourings = this.data.colourings.filter((colouring) => colouring.group === group);
        if (colourings.length) {
          const set = element("optgroup", "");
          set.label = this.page.say(`colour_${group}`);
          set.append(...colourings.map((colouring) => this.option(colouring.key, this.name(colouring))));
          select.append(set);
        }
      }
      select.append(this.option(OUTLINE, this.page.say("colour_outline")));
      select.value = this.chosen;
      select.addEventListener("change", () => {
        this.chosen = select.value;
        changed();
      });
      label.append(element("span", "", this.page.say("colour_by")), select);
      return [label];
    }

    option(value, text) {
      const option = this.tools.element("option", "", text);
      option.value = value;
      return option;
    }

    /** Who travels and to what, for the closed list shows no group; a score has its title. */
    name(colouring) {
      const kind = this.page.text(colouring.kind);
      if (kind === null) {
        return this.page.text(colouring.title[this.page.language]);
      }
      return `${this.page.say(`mode_${colouring.group}`)} · ${this.page.code(kind)}`;
    }

    /* the legend */

    rows() {
      if (this.bare) {
        return [];
      }
      const { colouring } = this;
      if (colouring) {
        return colouring.rows.map((row, number) => ({ label: this.label(colouring, number), row, style: this.styles(colouring)[number] }));
      }
      if (!this.showsIdle) {
        return [];
      }
      return this.data.classes.map((row) => ({
        label: this.page.say(`class_${row.code}`),
        row,
        style: this.data.verdict_styles[row.code],
      }));
    }

    label(colouring, number) {
      if (number < colouring.bands.length) {
        return this.band(colouring.bands[number], colouring.unit);
      }
      return colouring.group === "score" ? this.page.say("class_no_value") : this.page.say("class_none");
    }

    /** Above one figure, up to another; the unit once. */
    band([above, upTo], unit) {
      const figure = (value) => this.page.figure(value, 1);
      const last = (value) => this.page.withUnit(value, unit, 1);
      if (above === null && upTo === null) {
        return this.page.say("class_any");
      }
      if (above === null) {
        return this.page.say("class_up_to", { to: last(upTo) });
      }
      if (upTo === null) {
        return this.page.say("class_over", { from: last(above) });
      }
      return above === upTo ? last(upTo) : this.page.say("class_between", { from: figure(above), to: last(upTo) });
    }

    /* the pop-up */

    /** The parcel's value of what the map shows, or why there is none. */
    line(place) {
      const { element, swatch, userText } = this.tools;
      const { colouring } = this;
      if (!colouring) {
        return [];
      }
      const number = this.number(place);
      const line = element("p", "pg-verdict pg-quantity");
      const value = this.value(colouring, place);
      line.append(swatch(this.styles(colouring)[number], 2), element("strong", "", value === null ? this.label(colouring, number) : value));
      line.append(element("span", "", this.subject()));
      if (number < colouring.bands.length || this.data.meta.simplified) {
        return [line];
      }
      const reasons = this.page.gapsAt(place).filter((gap) => gap.key === colouring.key);
      return [line, ...reasons.map((gap) => userText("p", "pg-needs pg-user", gap.ask))];
    }

    value(colouring, place) {
      const { columns, minutes } = this.data.parcels;
      const column = columns.find((one) => one.key === colouring.key);
      if (column) {
        return this.page.cell(column, place);
      }
      const at = minutes ? minutes.kinds.indexOf(colouring.kind) : -1;
      const values = at >= 0 && minutes.modes[colouring.group] ? minutes.modes[colouring.group][at] : null;
      return values && values[place] !== null ? this.page.withUnit(values[place], colouring.unit, 1) : null;
    }

    /** Minutes to each kind of facility, a column for each way of travel. */
    table(place) {
      const { element } = this.tools;
      const { minutes } = this.data.parcels;
      if (!minutes || !minutes.kinds.length) {
        return [];
      }
      const modes = Object.keys(minutes.modes);
      const table = element("table", "pg-minutes");
      const head = element("tr", "");
      head.append(element("th", "", this.page.say("minutes_of")));
      for (const mode of modes) {
        head.append(this.heading(this.page.say(`mode_${mode}`), "col"));
      }
      table.append(head);
      minutes.kinds.forEach((kind, at) => {
        const row = element("tr", "");
        row.append(this.heading(this.page.code(this.page.text(kind)), "row"));
        for (const mode of modes) {
          const values = minutes.modes[mode][at];
          row.append(element("td", "pg-number", values ? this.page.figure(values[place], 1, true) : ""));
        }
        table.append(row);
      });
      return [table];
    }

    heading(text, scope) {
      const cell = this.tools.element("th", scope === "col" ? "pg-number" : "", text);
      cell.scope = scope;
      return cell;
    }
  }

  window.parkgeoColours = Colours;
})();
