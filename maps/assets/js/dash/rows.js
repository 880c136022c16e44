/* Rows of a table of any length: how they are ordered, and what their cells say. Columns are arrays as source.js has them. */
(function (parkgeo) {
  "use strict";

  const NO_DAY = -2147483648;
  const NO_TEXT = 0xffffffff;
  const DAY_MS = 86400000;
  const AREAS = { mu: [parkgeo.M2_PER_MU, 1], ha: [parkgeo.M2_PER_HA, 2], m2: [1, 0] };

  /** Texts by their code points, as the service sorts them. */
  function byPoints(one, other) {
    const [left, right] = [[...one], [...other]];
    const most = Math.min(left.length, right.length);
    for (let place = 0; place < most; place += 1) {
      const difference = left[place].codePointAt(0) - right[place].codePointAt(0);
      if (difference) {
        return difference;
      }
    }
    return left.length - right.length;
  }

  function compareTexts(one, other) {
    // Units and points differ in their order only where there are surrogates.
    return /[\ud800-\udfff]/.test(one + other) ? byPoints(one, other) : one < other ? -1 : one > other ? 1 : 0;
  }

  /** A number to sort each row by, NaN where it has no value; made once a column. */
  function ranksOf(column) {
    if (!column.ranks) {
      const { kind, values } = column;
      if (kind === "code" || kind === "text") {
        const words = parkgeo.wordsOf(column);
        const places = Uint32Array.from(words.keys()).sort((one, other) => compareTexts(words[one], words[other]));
        const ranks = new Float64Array(words.length);
        places.forEach((place, rank) => {
          ranks[place] = rank;
        });
        const [none, first] = kind === "code" ? [0, 1] : [NO_TEXT, 0];
        column.ranks = Float64Array.from(values, (value) => (value === none ? NaN : ranks[value - first]));
      } else {
        column.ranks = kind === "date" ? Float64Array.from(values, (value) => (value === NO_DAY ? NaN : value)) : values;
      }
    }
    return column.ranks;
  }

  /** All rows in the order of some keys, [column, whether from the greatest]; what is missing last, ties as they stood. */
  function orderBy(count, keys) {
    const rows = Uint32Array.from({ length: count }, (_, row) => row);
    const ranks = keys.map(([column, down]) => [ranksOf(column), down ? -1 : 1]);
    return ranks.length
      ? rows.sort((one, other) => {
        for (const [values, turn] of ranks) {
          const [left, right] = [values[one], values[other]];
          if (left !== right) {
            const [leftGone, rightGone] = [Number.isNaN(left), Number.isNaN(right)];
            if (leftGone !== rightGone) {
              return leftGone ? 1 : -1;
            }
            if (!leftGone) {
              return (left - right) * turn;
            }
          }
        }
        return one - other;
      })
      : rows;
  }

  /** The order without the rows that a mask leaves out. */
  function keepOf(order, mask) {
    return mask ? order.filter((row) => mask[row]) : order;
  }

  /** Name with "-" before it for the greatest first, several with commas: as the service's `sortby` has it. */
  function readSort(text, names) {
    const keys = (text || "").split(",").map((key) => [key.replace(/^-/, ""), key.startsWith("-")]);
    return keys.filter(([name], place) => names.includes(name) && keys.findIndex(([other]) => other === name) === place);
  }

  function writeSort(keys) {
    return keys.map(([name, down]) => (down ? `-${name}` : name)).join(",");
  }

  /** The unit that a column's figures are shown in, as a person reads it. */
  function unitOf(column, words) {
    return column.kind === "area" ? words.unit(words.areaUnit) : column.unit ? words.unit(column.unit) : "";
  }

  const dates = new Map();

  function dateText(day, lang) {
    if (!dates.has(lang)) {
      dates.set(lang, new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeZone: "UTC" }));
    }
    return dates.get(lang).format(new Date(day * DAY_MS));
  }

  /** What a cell says; the unit stands in the column's head. word: code → words. */
  function cellText(column, row, words, word) {
    const value = column.values[row];
    switch (column.kind) {
      case "area": {
        const [factor, digits] = AREAS[words.areaUnit];
        return words.figure(value / factor, digits, true);
      }
      case "percent":
        return Number.isNaN(value) ? parkgeo.DASH : words.percent(value);
      case "number":
        return words.figure(value, 2);
      case "date":
        return value === NO_DAY ? parkgeo.DASH : dateText(value, words.lang);
      default: {
        const text = parkgeo.valueAt(column, row);
        return text === null ? parkgeo.DASH : word(text);
      }
    }
  }

  Object.assign(parkgeo, { orderBy, keepOf, readSort, writeSort, unitOf, cellText, dateText });
})((window.parkgeo = window.parkgeo || {}));
