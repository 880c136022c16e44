/* Conditions as plain JSON, and which parcels meet them.
 *
 *   any       { column: [values, null for no data] }    the column has one of these values
 *   ranges    { column: { from, to, missing } }         a figure, both ends included, in the column's own unit; missing: or no data
 *   findings  { codes, verdicts }                       one of these findings was made, with one of these verdicts
 *   holder    text that the holder's name has in it, in whatever letter case
 *   ids       [parcels' ids]    it is one of these
 *   areas     { rings: [[[longitude, latitude]…]…], touching }    in one of these areas; touching: or partly in it
 *
 * All that are given must be met. What is missing meets nothing, unless a condition names it.
 */
(function (parkgeo) {
  "use strict";

  const CHOICES = ["idle", "land_state", "candidate", "grade", "industry_code"];
  const FIGURES = ["site_area_m2", "score", "far", "output_wan_per_mu", "tax_wan_per_mu", "access_score", "idle_days"];
  const HOLDER = "holder";
  const FOUND = ["yes", "undetermined"];
  const MOST = { values: 200, letters: 200, rings: 20, corners: 500 };
  // Figures come rounded to so much (maps/columns.py): a condition is about the figure as it is shown.
  const STEPS = { area: 0.01, percent: 0.00001, number: 0.0001 };
  const DEGREES = 6;
  const NO_TEXT = 0xffffffff;

  function isText(value) {
    return typeof value === "string" && value.length <= MOST.letters;
  }

  function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  function entries(value) {
    return isObject(value) ? Object.entries(value) : [];
  }

  function readAny(given, knows) {
    const any = {};
    for (const [column, values] of entries(given)) {
      if (CHOICES.includes(column) && knows(column) && Array.isArray(values)) {
        const kept = [...new Set(values.filter((value) => value === null || isText(value)))].slice(0, MOST.values);
        if (kept.length) {
          any[column] = kept;
        }
      }
    }
    return any;
  }

  function readRanges(given, knows) {
    const ranges = {};
    for (const [column, range] of entries(given)) {
      if (FIGURES.includes(column) && knows(column) && isObject(range)) {
        const [from, to] = [range.from, range.to].map((end) => (Number.isFinite(end) ? end : null));
        if (from !== null || to !== null) {
          ranges[column] = { from, to, missing: range.missing === true };
        }
      }
    }
    return ranges;
  }

  function readFindings(given, knows) {
    if (!isObject(given) || !Array.isArray(given.codes)) {
      return null;
    }
    const codes = [...new Set(given.codes.filter((code) => isText(code) && knows(code)))].slice(0, MOST.values);
    const verdicts = FOUND.filter((verdict) => Array.isArray(given.verdicts) && given.verdicts.includes(verdict));
    return codes.length ? { codes, verdicts: verdicts.length ? verdicts : [FOUND[0]] } : null;
  }

  function readIds(given) {
    const ids = Array.isArray(given) ? [...new Set(given.filter((id) => typeof id === "string" && id))].slice(0, parkgeo.MOST_MARKS) : [];
    return ids.length ? ids : null;
  }

  function isCorner(corner) {
    return Array.isArray(corner) && corner.length === 2 && Math.abs(corner[0]) <= 180 && Math.abs(corner[1]) <= 90;
  }

  function readAreas(given) {
    if (!isObject(given) || !Array.isArray(given.rings)) {
      return null;
    }
    const rings = given.rings.filter((ring) => Array.isArray(ring) && ring.length >= 3 && ring.length <= MOST.corners && ring.every(isCorner));
    const round = (angle) => Number(angle.toFixed(DEGREES));
    const rounded = rings.slice(0, MOST.rings).map((ring) => ring.map(([lng, lat]) => [round(lng), round(lat)]));
    return rounded.length ? { rings: rounded, touching: given.touching === true } : null;
  }

  /** What of a value from anywhere is a condition on columns that there are. */
  function readCriteria(given, knows) {
    const told = isObject(given) ? given : {};
    const criteria = { any: readAny(told.any, knows), ranges: readRanges(told.ranges, knows) };
    const more = {
      findings: readFindings(told.findings, knows),
      holder: isText(told.holder) && told.holder.trim() && knows(HOLDER) ? told.holder : null,
      ids: readIds(told.ids),
      areas: readAreas(told.areas),
    };
    for (const part of ["any", "ranges"]) {
      if (!Object.keys(criteria[part]).length) {
        delete criteria[part];
      }
    }
    return { ...criteria, ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null)) };
  }

  /** The ends of a range as numbers to compare with: half a step around what is shown. Both the page and the service compare with these. */
  function endsOf({ from, to }, kind) {
    const step = STEPS[kind] || STEPS.number;
    const end = (value, side) => (value === null ? null : Number((Math.round(value / step) * step + (side * step) / 2).toFixed(8)));
    return [end(from, -1), end(to, 1)];
  }

  /** A text without regard to letter case, as the service folds it. */
  function fold(text) {
    return text.toUpperCase().toLowerCase().replaceAll("ς", "σ");
  }

  /** The distinct values of a column of codes or texts. */
  function wordsOf(column) {
    if (!column.words) {
      column.words = column.kind === "code" ? column.codes : Array.from({ length: column.texts.length }, (_, place) => column.texts.at(place));
    }
    return column.words;
  }

  function foldedOf(column) {
    if (!column.folded) {
      column.folded = wordsOf(column).map(fold);
    }
    return column.folded;
  }

  /** Keep the rows whose value is among those of which keep(word's place) is true; missing where kept is. */
  function keepWords(mask, column, keep, missing) {
    const { values, kind } = column;
    const table = Uint8Array.from(wordsOf(column), (_, place) => (keep(place) ? 1 : 0));
    const [none, first] = kind === "code" ? [0, 1] : [NO_TEXT, 0];
    for (let row = 0; row < mask.length; row += 1) {
      const value = values[row];
      mask[row] &= value === none ? missing : table[value - first];
    }
  }

  function keepRange(mask, { kind, values }, range) {
    const [from, to] = endsOf(range, kind);
    const [least, most] = [from === null ? -Infinity : from, to === null ? Infinity : to];
    for (let row = 0; row < mask.length; row += 1) {
      const value = values[row];
      mask[row] &= Number.isNaN(value) ? range.missing : value >= least && value <= most;
    }
  }

  /** Rows that meet the criteria; null where there are none to meet. column: name → column; rowsIn: areas → rows; rowOf: id → row. */
  async function maskOf(criteria, count, column, rowsIn, rowOf) {
    if (!Object.keys(criteria).length) {
      return null;
    }
    const mask = new Uint8Array(count).fill(1);
    for (const [name, values] of Object.entries(criteria.any || {})) {
      const found = await column(name);
      const words = wordsOf(found);
      keepWords(mask, found, (place) => values.includes(words[place]), values.includes(null) ? 1 : 0);
    }
    for (const [name, range] of Object.entries(criteria.ranges || {})) {
      keepRange(mask, await column(name), range);
    }
    if (criteria.findings) {
      const some = new Uint8Array(count);
      for (const code of criteria.findings.codes) {
        const one = new Uint8Array(count).fill(1);
        const found = await column(code);
        const words = wordsOf(found);
        keepWords(one, found, (place) => criteria.findings.verdicts.includes(words[place]), 0);
        one.forEach((kept, row) => {
          some[row] |= kept;
        });
      }
      mask.forEach((_, row) => {
        mask[row] &= some[row];
      });
    }
    if (criteria.holder) {
      const found = await column(HOLDER);
      const [wanted, folded] = [fold(criteria.holder.trim()), foldedOf(found)];
      keepWords(mask, found, (place) => folded[place].includes(wanted), 0);
    }
    const keepOnly = (rows) => {
      const kept = new Uint8Array(count);
      rows.forEach((row) => {
        kept[row] = 1;
      });
      mask.forEach((_, row) => {
        mask[row] &= kept[row];
      });
    };
    if (criteria.ids) {
      keepOnly(criteria.ids.map(rowOf).filter((row) => row >= 0));
    }
    if (criteria.areas) {
      keepOnly(await rowsIn(criteria.areas));
    }
    return mask;
  }

  Object.assign(parkgeo, { CHOICES, FIGURES, HOLDER, FOUND, readCriteria, endsOf, maskOf, wordsOf });
})((window.parkgeo = window.parkgeo || {}));
