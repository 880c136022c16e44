/* Words and figures in the reader's language: sentences, codes, units, areas, dates. */
(function (parkgeo) {
  "use strict";

  const DASH = "—";
  const M2_PER_HA = 10000;
  const M2_PER_MU = 10000 / 15;
  const AREA_UNITS = ["mu", "ha", "m2"];
  const M2_PER = { mu: M2_PER_MU, ha: M2_PER_HA, m2: 1 };

  class Words {
    /** data: text (key → sentence in each language), codes, units, languages and the language to open in. */
    constructor(data) {
      this.data = data;
      this.language = Math.max(0, data.languages.indexOf(data.lang));
      this.areaUnit = AREA_UNITS[0];
      this.formats = new Map();
    }

    get lang() {
      return this.data.languages[this.language];
    }

    say(key, values) {
      const sentence = this.data.text[key][this.language];
      return sentence.replace(/\{(\w+)\}/g, (whole, name) => (values && Object.hasOwn(values, name) ? values[name] : whole));
    }

    knows(key) {
      return Object.hasOwn(this.data.text, key);
    }

    /** What stands in each language, in this one. */
    of(texts) {
      return texts ? texts[this.language] : null;
    }

    code(value) {
      return value !== null && Object.hasOwn(this.data.codes, value) ? this.data.codes[value][this.language] : value;
    }

    /** A code, or several with commas between them; a user's own text is left as it is. */
    codes(value) {
      const parts = value.split(", ");
      const all = parts.length > 1 && parts.every((part) => Object.hasOwn(this.data.codes, part));
      return all ? this.list(parts.map((part) => this.code(part))) : this.code(value);
    }

    unit(unit) {
      return Object.hasOwn(this.data.units, unit) ? this.data.units[unit][this.language] : unit;
    }

    list(names) {
      return names.join(this.lang === "zh" ? "、" : ", ");
    }

    /** A number with at most so many decimals, or, among others in a column, with just so many. */
    figure(value, digits, fixed) {
      if (value === null || value === undefined || Number.isNaN(value)) {
        return DASH;
      }
      const scale = 10 ** digits;
      const rounded = Math.round(value * scale) / scale + 0; // + 0: a small loss rounds to 0, not to −0
      const key = `${this.lang} ${digits} ${Boolean(fixed)}`;
      if (!this.formats.has(key)) {
        const options = { maximumFractionDigits: digits, minimumFractionDigits: fixed ? digits : 0 };
        this.formats.set(key, new Intl.NumberFormat(this.lang === "zh" ? "zh-CN" : "en", options));
      }
      return this.formats.get(key).format(rounded);
    }

    withUnit(value, unit, digits) {
      const figure = this.figure(value, digits);
      return unit && figure !== DASH ? `${figure} ${this.unit(unit)}` : figure;
    }

    /** An area in the unit that the reader chose; beside mu stand the square metres that deeds state. */
    area(m2) {
      if (m2 === null || m2 === undefined || Number.isNaN(m2)) {
        return DASH;
      }
      if (this.areaUnit === "ha") {
        return this.withUnit(m2 / M2_PER_HA, "ha", m2 < M2_PER_HA ? 4 : 2);
      }
      const metres = this.withUnit(m2, "m2", 0);
      return this.areaUnit === "m2" ? metres : `${metres} (${this.withUnit(m2 / M2_PER_MU, "mu", 1)})`;
    }

    /** An area short enough for a list. */
    land(m2) {
      return this.withUnit(m2 / M2_PER[this.areaUnit], this.areaUnit, { mu: 1, ha: 2, m2: 0 }[this.areaUnit]);
    }

    length(metres) {
      return metres < 10000 ? this.withUnit(metres, "m", metres < 100 ? 1 : 0) : this.withUnit(metres / 1000, "km", 2);
    }

    /** A share; below one in a hundred the second decimal still tells something. */
    percent(value) {
      return `${this.figure(value * 100, Math.abs(value) < 0.01 ? 2 : 1)} %`;
    }

    /** A field of a row as a person reads it; null where it has no value. */
    value({ kind, unit, value }) {
      if (value === null || value === undefined) {
        return null;
      }
      switch (kind) {
        case "area":
          return this.area(value);
        case "percent":
          return this.percent(value);
        case "number":
          return this.withUnit(value, unit, 2);
        case "date":
          return value;
        default:
          return this.codes(value);
      }
    }

    /** Above one figure, up to another; the unit once. */
    band([above, upTo], unit) {
      const figure = (value) => this.figure(value, 2);
      const last = (value) => this.withUnit(value, unit, 2);
      if (above === null && upTo === null) {
        return this.say("class_any");
      }
      if (above === null) {
        return this.say("class_up_to", { to: last(upTo) });
      }
      if (upTo === null) {
        return this.say("class_over", { from: last(above) });
      }
      return above === upTo ? last(upTo) : this.say("class_between", { from: figure(above), to: last(upTo) });
    }
  }

  Object.assign(parkgeo, { Words, DASH, AREA_UNITS, M2_PER, M2_PER_HA, M2_PER_MU });
})((window.parkgeo = window.parkgeo || {}));
