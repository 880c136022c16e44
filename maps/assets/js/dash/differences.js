/* What differs between two states of the park, parcel by parcel; both in the classes of one colouring. No drawing here. */
(function (parkgeo) {
  "use strict";

  const SAME = 1e-9;

  /** The class of a value: of codes by the code, of numbers by the band; the last class is that of what is missing. */
  function classOf({ classes, kind }, value) {
    const missing = classes.length - 1;
    if (value === null) {
      return missing;
    }
    if (kind !== "quantity") {
      const found = classes.findIndex((one) => one.code === value);
      return found < 0 ? missing : found;
    }
    const bands = classes.slice(0, missing).map(({ band }) => band);
    const found = bands.findIndex(([above, upTo]) => (above === null || value > above) && (upTo === null || value <= upTo));
    return found < 0 ? nearest(bands, value) : found;
  }

  /** Beyond all bands: the one whose end is nearest, whichever way round they are listed. */
  function nearest(bands, value) {
    const far = ([above, upTo]) => (above !== null && value <= above ? above - value : value - upTo);
    return bands.reduce((best, band, number) => (far(band) < far(bands[best]) ? number : best), 0);
  }

  /** The classes of another view's parcels, as a colouring of this view has them: the same colour means the same on both maps. */
  async function classesLike(colouring, other) {
    const theirs = other.colouring(colouring.key);
    if (colouring.kind !== "quantity" && theirs) {
      const of = await other.classes(colouring.key);
      const same = theirs.classes.map((one, number) => (number === theirs.classes.length - 1 ? colouring.classes.length - 1 : classOf(colouring, one.code)));
      return Uint8Array.from(of, (number) => same[number]);
    }
    const column = await other.column(colouring.column);
    const missing = colouring.classes.length - 1;
    return Uint8Array.from({ length: other.count }, (_, row) => (column ? classOf(colouring, parkgeo.valueAt(column, row)) : missing));
  }

  function differ(before, after) {
    if (typeof before === "number" && typeof after === "number") {
      return Math.abs(before - after) > SAME * Math.max(Math.abs(before), Math.abs(after));
    }
    return before !== after;
  }

  /**
   * Parcels that differ in a column: { changed: [{ id, left, right, before, after }], added: [row of right], gone: [row of left] }, left
   * and right the rows there.
   */
  async function differences(left, right, name, kept) {
    const [was, is] = [await left.column(name), await right.column(name)];
    const rows = new Map(Array.from({ length: left.count }, (_, row) => [left.data.parcels.ids.at(row), row]));
    const told = { changed: [], added: [], gone: [] };
    for (let row = 0; row < right.count; row += 1) {
      const id = right.data.parcels.ids.at(row);
      const there = rows.get(id);
      rows.delete(id);
      if (there === undefined) {
        told.added.push(row);
        continue;
      }
      const [before, after] = [was ? parkgeo.valueAt(was, there) : null, is ? parkgeo.valueAt(is, row) : null];
      if (differ(before, after)) {
        told.changed.push({ id, left: there, right: row, before, after });
      }
    }
    told.gone = [...rows.values()];
    const numbers = told.changed.some(({ after, before }) => typeof after === "number" || typeof before === "number");
    const size = ({ before, after }) => (before === null || after === null ? Infinity : Math.abs(after - before));
    // Equal sizes must give 0, and two that are missing are no number apart.
    told.changed.sort((a, b) => (numbers && size(a) !== size(b) ? size(b) - size(a) : a.id < b.id ? -1 : 1));
    return kept ? only(told, kept) : told;
  }

  /** Of all that differs, what a filter keeps. */
  function only({ changed, added, gone }, kept) {
    return { changed: changed.filter(kept), added: added.filter((right) => kept({ right })), gone: gone.filter((left) => kept({ left })) };
  }

  /** How many went from which class to which: [{ from, to, count }], most first. */
  function transitions(changed, colouring) {
    const counts = new Map();
    for (const { before, after } of changed) {
      const [from, to] = [classOf(colouring, before), classOf(colouring, after)];
      if (from !== to) {
        const key = from * colouring.classes.length + to;
        counts.set(key, (counts.get(key) || 0) + 1);
      }
    }
    const split = ([key, count]) => ({ from: Math.floor(key / colouring.classes.length), to: key % colouring.classes.length, count });
    return [...counts].map(split).sort((a, b) => b.count - a.count);
  }

  /** A cell of a CSV; what a spreadsheet would run as a formula gets an apostrophe before it. */
  function cell(value) {
    if (value === null || value === undefined) {
      return "";
    }
    const text = typeof value === "number" ? String(value) : String(value).replace(/^ *[=+\-@\t\r\n|%]/, "'$&");
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  /** A file that spreadsheets open with its letters right. */
  function asCsv(rows) {
    return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
  }

  Object.assign(parkgeo, { classOf, classesLike, differences, transitions, asCsv });
})((window.parkgeo = window.parkgeo || {}));
