/* What charts show, worked out of columns: no drawing here. */
(function (parkgeo) {
  "use strict";

  const MOST_BINS = 24;
  const TAIL = 0.995; // above this share of the values one bar holds all, so that a single parcel does not flatten the rest
  const MOST_POINTS = 4000;

  /** Rows of a selection that have a number, and their numbers. */
  function known(rows, values, scale = 1) {
    const kept = [];
    for (const row of rows) {
      if (!Number.isNaN(values[row])) {
        kept.push(row);
      }
    }
    return { rows: Uint32Array.from(kept), values: Float64Array.from(kept, (row) => values[row] * scale), missing: rows.length - kept.length };
  }

  function quantile(sorted, share) {
    const place = (sorted.length - 1) * share;
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
  }

  function median(values) {
    return values.length ? quantile(Float64Array.from(values).sort(), 0.5) : null;
  }

  /** A round step that cuts a span into at most so many parts. */
  function roundStep(span, most) {
    const least = span / most;
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 2.5, 5, 10].map((one) => one * power).find((step) => step >= least * (1 - 1e-12));
  }

  /**
   * How many parcels lie in each of equal bands: { bins: [{ from, to, count }], above } where `above` of them, in the last band, lie
   * beyond its end. Bands hold their lower edge.
   */
  function histogram(values) {
    if (!values.length) {
      return { bins: [], above: 0 };
    }
    const sorted = Float64Array.from(values).sort();
    const [least, most] = [sorted[0], sorted[sorted.length - 1]];
    const tail = quantile(sorted, TAIL);
    const end = most > least + 1.5 * (tail - least) && tail > least ? tail : most;
    if (end === least) {
      return { bins: [{ from: least, to: least, count: values.length }], above: 0 };
    }
    const step = roundStep(end - least, MOST_BINS - 1);
    const first = Math.floor(least / step);
    const count = Math.max(1, Math.floor(end / step) - first + 1);
    const bins = Array.from({ length: count }, (_, place) => ({ from: (first + place) * step, to: (first + place + 1) * step, count: 0 }));
    let above = 0;
    for (const value of values) {
      const place = Math.floor(value / step) - first;
      bins[Math.min(place, count - 1)].count += 1;
      above += place >= count ? 1 : 0;
    }
    return { bins, above };
  }

  /** Which points of many are drawn: all, or every so-manieth, the chosen one among them. */
  function sample(count, chosen, most = MOST_POINTS) {
    if (count <= most) {
      return Array.from({ length: count }, (_, place) => place);
    }
    const every = count / most;
    const drawn = new Set(Array.from({ length: most }, (_, place) => Math.floor(place * every)));
    if (chosen >= 0) {
      drawn.add(chosen);
    }
    return [...drawn].sort((a, b) => a - b);
  }

  /** Points in each quarter around two thresholds: [low low, high low, low high, high high] of x and y. */
  function quarters(xs, ys, atX, atY) {
    const counts = [0, 0, 0, 0];
    for (let place = 0; place < xs.length; place += 1) {
      counts[(xs[place] >= atX ? 1 : 0) + (ys[place] >= atY ? 2 : 0)] += 1;
    }
    return counts;
  }

  /** The places of the greatest or the least values, the first of equals first. */
  function ranking(values, most, greatest) {
    const order = Uint32Array.from({ length: values.length }, (_, place) => place);
    const sign = greatest ? -1 : 1;
    order.sort((a, b) => sign * (values[a] - values[b]) || a - b);
    return [...order.subarray(0, most)];
  }

  /** Each year's mean over the land of some parcels: rows of { row, year, value }, areas by row. */
  function byYear(entries, areas, mask) {
    const years = new Map();
    for (const { row, year, value } of entries) {
      if (row >= 0 && value !== null && (!mask || mask[row])) {
        const [sum, land] = years.get(year) || [0, 0];
        years.set(year, [sum + value * areas[row], land + areas[row]]);
      }
    }
    return [...years].sort(([a], [b]) => a - b).map(([year, [sum, land]]) => [String(year), land ? sum / land : null]);
  }

  Object.assign(parkgeo, { chartdata: { known, quantile, median, roundStep, histogram, sample, quarters, ranking, byYear, MOST_POINTS } });
})((window.parkgeo = window.parkgeo || {}));
