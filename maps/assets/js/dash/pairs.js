/* What is held against what: two snapshots, or a snapshot and what a scenario would make of it. Each says what differs and how both look. */
(function (parkgeo) {
  "use strict";

  const EFFECTS = {
    better: { fill: "#4393c3", stroke: "#2166ac", weight: 0.6 },
    reached: { fill: "#2166ac", stroke: "#053061", weight: 0.6 },
    worse: { fill: "#f4a582", stroke: "#b2182b", weight: 0.6 },
    cut_off: { fill: "#b2182b", stroke: "#67001f", weight: 0.6, pattern: "hatch", ink: "#ffffff" },
    changed: { fill: "#bababa", stroke: "#4d4d4d", weight: 0.6 },
    unchanged: { fill: "#ffffff", stroke: "#767676", weight: 0.6 },
  };

  /** Another snapshot's data as the page has this one's. */
  async function viewOf(dashboard, name) {
    const base = `${dashboard.root}snapshots/${encodeURIComponent(name)}/`;
    const answer = await parkgeo.reach(`${base}view`, { headers: { Accept: "application/octet-stream" } });
    if (!answer.ok) {
      throw new Error(`${answer.status} ${name}`);
    }
    const data = await parkgeo.unpack(await answer.arrayBuffer());
    return new parkgeo.View(data, new parkgeo.ServedSource(data));
  }

  class Pair {
    constructor(dashboard, kept) {
      this.dashboard = dashboard;
      this.view = dashboard.view;
      this.words = dashboard.words;
      this.kept = kept;
    }

    /** The colouring asked for, else that of the verdict, else the first. */
    get colour() {
      const keys = this.colours.map(([key]) => key);
      return [this.kept.colour, parkgeo.COMPARE_FIRST].find((key) => keys.includes(key)) || keys[0] || null;
    }

    /** A value as the legend or a table says it. */
    text(colouring, column, value) {
      if (value === null || value === undefined) {
        return parkgeo.DASH;
      }
      if (colouring && colouring.kind !== "quantity") {
        return this.dashboard.page.colours.label(colouring, parkgeo.classOf(colouring, value));
      }
      const field = column ? { kind: column.kind, unit: column.unit } : { kind: "number", unit: null };
      return this.words.value({ ...field, unit: field.unit === "1" ? null : field.unit, value });
    }

    change(before, after) {
      return typeof before === "number" && typeof after === "number" ? after - before : null;
    }

    changeText(before, after) {
      const change = this.change(before, after);
      return change === null ? "" : `${change > 0 ? "+" : ""}${this.words.figure(change, 2)}`;
    }

    /** Rows that stay on a map: those that a filter keeps, and of them, where the reader wants just these, those that differ. */
    shown(count, mask, differing) {
      if (!mask && !this.kept.only) {
        return null;
      }
      const shown = new Uint8Array(count);
      for (let row = 0; row < count; row += 1) {
        shown[row] = (!mask || mask[row]) && (!this.kept.only || differing.has(row)) ? 1 : 0;
      }
      return shown;
    }

    get selectedNote() {
      const { mask, rows } = this.dashboard.selection;
      return mask ? [this.words.say(rows.length === 1 ? "compare_selected_one" : "compare_selected", { count: this.words.figure(rows.length, 0) })] : [];
    }
  }

  class SnapshotPair extends Pair {
    constructor(dashboard, other, kept) {
      super(dashboard, kept);
      this.other = other;
      this.later = this.view.meta.as_of >= other.meta.as_of;
      [this.left, this.right] = this.later ? [other, this.view] : [this.view, other];
      this.places = [this.left, this.right].map((view) => new Map(Array.from({ length: view.count }, (_, row) => [view.data.parcels.ids.at(row), row])));
    }

    get colours() {
      const both = this.view.colourings.filter((one) => this.other.colouring(one.key));
      return both.map((one) => [one.key, this.dashboard.page.colours.name(one)]);
    }

    /** The filter's rows in the other snapshot, by id; what is only there no filter of here can judge, so it stays. */
    otherMask() {
      const { mask } = this.dashboard.selection;
      const [here, there] = this.later ? [this.places[1], this.places[0]] : this.places;
      if (!mask) {
        return null;
      }
      const found = new Uint8Array(this.other.count);
      for (const [id, row] of there) {
        found[row] = here.has(id) ? mask[here.get(id)] : 1;
      }
      return found;
    }

    async compare() {
      const colouring = this.view.colouring(this.colour);
      if (!colouring) {
        return null;
      }
      const { mask } = this.dashboard.selection;
      const own = this.later ? "right" : "left";
      const kept = mask ? (one) => one[own] === undefined || Boolean(mask[one[own]]) : null;
      const found = await parkgeo.differences(this.left, this.right, colouring.column, kept);
      const [mine, theirs] = [await this.view.classes(colouring.key), await parkgeo.classesLike(colouring, this.other)];
      const columns = [await this.left.column(colouring.column), await this.right.column(colouring.column)];
      this.saying = { colouring, columns };
      const ofs = this.later ? [theirs, mine] : [mine, theirs];
      const masks = this.later ? [this.otherMask(), mask] : [mask, this.otherMask()];
      const differing = [new Set([...found.changed.map((one) => one.left), ...found.gone]), new Set([...found.changed.map((one) => one.right), ...found.added])];
      const sides = [this.left, this.right].map((view, side) => ({
        source: view.source,
        look: { styles: colouring.classes.map((one) => one.style), of: ofs[side], shown: this.shown(view.count, masks[side], differing[side]) },
        caption: this.words.say("compare_snapshot", { date: view.meta.as_of, name: view.meta.name }),
        short: view.meta.as_of,
      }));
      const counts = { changed: found.changed.length, added: found.added.length, gone: found.gone.length };
      const moves = parkgeo.transitions(found.changed, colouring);
      return { colouring, sides, counts, moves, notes: this.selectedNote, links: [], ...this.entries(found, colouring, columns, sides) };
    }

    entries({ changed, added, gone }, colouring, columns, sides) {
      const { words } = this;
      const title = words.of(colouring.title);
      const numbers = colouring.kind === "quantity";
      // Two words have no difference.
      const difference = (cell) => (numbers ? [cell] : []);
      const value = (side, row) => (columns[side] ? parkgeo.valueAt(columns[side], row) : null);
      const text = (side, one) => this.text(colouring, columns[side], one);
      const id = (side, row) => [this.left, this.right][side].data.parcels.ids.at(row);
      const entries = [
        ...changed.map((one) => ({ ...one, cells: [text(0, one.before), text(1, one.after), ...difference(this.changeText(one.before, one.after))] })),
        ...added.map((row) => ({ id: id(1, row), left: -1, right: row, before: null, after: value(1, row), cells: [words.say("compare_not_there"), text(1, value(1, row)), ...difference("")] })),
        ...gone.map((row) => ({ id: id(0, row), left: row, right: -1, before: value(0, row), after: null, cells: [text(0, value(0, row)), words.say("compare_not_there"), ...difference("")] })),
      ];
      const head = [words.say("chart_parcel"), ...sides.map(({ short }) => short), ...difference(words.say("compare_change"))];
      const plain = (side, one) => (numbers ? one : one === null ? null : text(side, one));
      const csv = () => [
        ["parcel_id", `${title} ${sides[0].short}`, `${title} ${sides[1].short}`, ...difference(words.say("compare_change"))],
        ...entries.map((one) => [one.id, one.left < 0 ? words.say("compare_not_there") : plain(0, one.before), one.right < 0 ? words.say("compare_not_there") : plain(1, one.after), ...difference(this.change(one.before, one.after))]),
      ];
      return { head, entries, csv, file: `parkgeo-${sides[0].short}-${sides[1].short}-${colouring.column}.csv`, numbers: numbers ? [1, 2, 3] : [] };
    }

    bounds(left, right) {
      return right >= 0 ? this.right.bounds(right) : this.left.bounds(left);
    }

    /** The rows on both sides of what was clicked on one. */
    rows(side, row) {
      const from = side === "left" ? 0 : 1;
      const id = [this.left, this.right][from].data.parcels.ids.at(row);
      const there = this.places[1 - from].has(id) ? this.places[1 - from].get(id) : -1;
      return from ? [there, row] : [row, there];
    }

    said(left, right) {
      const { colouring, columns } = this.saying;
      const id = left >= 0 ? this.left.data.parcels.ids.at(left) : this.right.data.parcels.ids.at(right);
      const [from, to] = [left, right].map((row, side) => (row < 0 ? this.words.say("compare_not_there") : this.text(colouring, columns[side], columns[side] ? parkgeo.valueAt(columns[side], row) : null)));
      return this.words.say("compare_said", { id, from, to });
    }
  }

  class ScenarioPair extends Pair {
    constructor(dashboard, result, kept) {
      super(dashboard, kept);
      this.result = result;
      this.entriesOf = new Map();
      for (const row of result.parcels || []) {
        this.entriesOf.set(row.metric, [...(this.entriesOf.get(row.metric) || []), row]);
      }
      this.places = new Map(Array.from({ length: this.view.count }, (_, row) => [this.view.data.parcels.ids.at(row), row]));
    }

    get colours() {
      return [...this.entriesOf.keys()].map((metric) => [metric, this.title(metric)]);
    }

    /** What each of the changes did. */
    get told() {
      return (this.result.changes || []).map((one) => one[`what_${this.words.lang}`]).filter(Boolean);
    }

    title(metric) {
      const known = this.dashboard.schema[metric];
      const colouring = this.view.colouring(metric);
      return known ? known["x-parkgeo-title"][this.words.lang] : colouring ? this.words.of(colouring.title) : metric;
    }

    /** Where the map has no colours for a measure: what became better and worse. */
    effects(metric) {
      const said = (effect) => this.words.data.text[`compare_${effect}`];
      const title = this.words.data.languages.map(() => this.title(metric));
      return { key: metric, column: metric, kind: "effect", title, classes: Object.entries(EFFECTS).map(([code, style]) => ({ code, style, label: said(code) })) };
    }

    async compare() {
      const metric = this.colour;
      if (!metric) {
        return null;
      }
      const known = this.view.colouring(metric);
      const colouring = known || this.effects(metric);
      const unchanged = colouring.classes.length - 1;
      const before = known ? await this.view.classes(metric) : new Uint8Array(this.view.count).fill(unchanged);
      const after = Uint8Array.from(before);
      const column = await this.dashboard.column(metric);
      const entries = [];
      for (const one of this.entriesOf.get(metric)) {
        const row = this.places.has(one.parcel_id) ? this.places.get(one.parcel_id) : -1;
        const [from, to] = [valueOf(one, "before"), valueOf(one, "after")];
        if (row >= 0 && (!this.dashboard.selection.mask || this.dashboard.selection.mask[row])) {
          after[row] = parkgeo.classOf(colouring, known ? to : one.effect);
          entries.push({ id: one.parcel_id, left: row, right: row, before: from, after: to, effect: one.effect });
        }
      }
      this.saying = { colouring: known, column, entries: new Map(entries.map((one) => [one.left, one])) };
      const differing = new Set(entries.map((one) => one.left));
      const shown = this.shown(this.view.count, this.dashboard.selection.mask, differing);
      const names = [this.words.say("compare_base", { date: this.view.meta.as_of }), this.words.say("compare_scenario", { title: this.result.title || this.result.id.slice(0, 8) })];
      const sides = [before, after].map((of, side) => ({
        source: this.view.source, look: { styles: colouring.classes.map((one) => one.style), of, shown }, caption: names[side],
        short: this.words.say(side ? "compare_after" : "compare_before"),
      }));
      const moves = known ? parkgeo.transitions(entries, colouring) : [];
      const address = this.dashboard.address(`scenarios/${this.result.id.split("/").map(encodeURIComponent).join("/")}?f=json`);
      const links = [{ href: address, text: this.words.say("compare_all_of_scenario") }];
      return { colouring, sides, moves, counts: { changed: entries.length, added: 0, gone: 0 }, notes: [...this.told, ...this.selectedNote], links, ...this.table(metric, entries, known, column, sides) };
    }

    table(metric, entries, known, column, sides) {
      const { words } = this;
      const text = (value) => (typeof value === "string" && !known ? words.codes(value) : this.text(known, column, value));
      const effect = (one) => (words.knows(`compare_${one.effect}`) ? words.say(`compare_${one.effect}`) : one.effect);
      const told = entries.map((one) => ({ ...one, cells: [text(one.before), text(one.after), [this.changeText(one.before, one.after), effect(one)].filter(Boolean).join(" · ")] }));
      const head = [words.say("chart_parcel"), ...sides.map(({ short }) => short), words.say("compare_change")];
      const csv = () => [["parcel_id", metric, ...head.slice(1)], ...told.map((one) => [one.id, metric, one.before, one.after, [this.change(one.before, one.after), effect(one)].filter((part) => part !== null).join(" ")])];
      return { head, entries: told, csv, file: `parkgeo-scenario-${metric}.csv`, numbers: [] };
    }

    bounds(left) {
      return this.view.bounds(left);
    }

    rows(side, row) {
      return [row, row];
    }

    said(row) {
      const { colouring, column, entries } = this.saying;
      const id = this.view.data.parcels.ids.at(row);
      const one = entries.get(row);
      return one ? this.words.say("compare_said", { id, from: this.text(colouring, column, one.before), to: this.text(colouring, column, one.after) }) : this.words.say("compare_same", { id });
    }
  }

  /** A figure, or, of verdicts and services, words. */
  function valueOf(row, when) {
    const text = row[`${when}_text`];
    return text !== null && text !== undefined && text !== "" ? text : row[when] === undefined ? null : row[when];
  }

  Object.assign(parkgeo, { SnapshotPair, ScenarioPair, viewOf });
})((window.parkgeo = window.parkgeo || {}));
