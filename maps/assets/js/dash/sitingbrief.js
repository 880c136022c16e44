/* A project's brief: what stands in the form, as the service reads it, and back again from a link; and what is wrong with it.
 *
 * The form's entries are texts as they were typed: { name, industry, area, unit, long, short, power …, travel: { kind: text }, holders,
 * joins, all, top, weights: { criterion: number } or null }. Whoever made a link may have written anything: what is not understood is left out.
 */
(function (parkgeo) {
  "use strict";

  const AMOUNTS = { power: "kVA", water: "m3/day", gas: "m3/h", height: "m", floor_load: "t/m2" };
  const MOST = { top: 100, holders: 10000 };
  const LONGEST = 200;
  const TOP = "10";
  const HEAVIEST = 5;
  const KEY = /^[a-z0-9_]{1,60}$/;

  function empty(unit) {
    return {
      name: "", industry: "", area: "", unit, long: "", short: "", holders: "", joins: true, all: false, top: TOP, travel: {}, weights: null,
      ...Object.fromEntries(Object.keys(AMOUNTS).map((name) => [name, ""])),
    };
  }

  /** A number as people type it, also with the signs of a Chinese keyboard; NaN where it is none. */
  function number(text) {
    const plain = text.normalize("NFKC").trim().replace(/,(?=\d{3}(\D|$))/g, "");
    return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
  }

  /** What is wrong: [entry, key of a sentence, its values]. title(entry) is what the form calls it. */
  function faultsOf(given, title, words) {
    const faults = [];
    const amounts = ["area", "long", "short", ...Object.keys(AMOUNTS)].map((name) => [name, given[name]]);
    for (const [name, text] of [...amounts, ...Object.entries(given.travel).map(([kind, text]) => [`travel.${kind}`, text])]) {
      if (text.trim() && !(number(text) > 0)) {
        faults.push([name, "siting_number", { field: title(name) }]);
      }
    }
    for (const [name, most] of Object.entries(MOST)) {
      const value = number(given[name]);
      if ((given[name].trim() || name === "top") && !(Number.isInteger(value) && value >= 1 && value <= most)) {
        faults.push([name, "siting_whole", { field: title(name), most: words.figure(most, 0) }]);
      }
    }
    const sides = [given.long, given.short].map((text) => text.trim());
    if (Boolean(sides[0]) !== Boolean(sides[1])) {
      faults.push([sides[0] ? "short" : "long", "siting_both", {}]);
    }
    const room = number(given.long) * number(given.short);
    if (number(given.area) * parkgeo.M2_PER[given.unit] < room * (1 - 1e-9)) {
      faults.push(["area", "siting_room", { area: words.area(room) }]);
    }
    if (given.weights && !Object.values(given.weights).some((weight) => weight > 0)) {
      faults.push(["weights", "siting_no_weight", {}]);
    }
    if (!given.industry && ![...amounts.map(([, text]) => text), ...Object.values(given.travel)].some((text) => text.trim())) {
      faults.push(["industry", "siting_no_needs", {}]);
    }
    return faults;
  }

  /** The brief as the service reads it; only of entries without faults. */
  function briefOf(given) {
    const needs = {};
    const put = (name, text, unit) => {
      if (text.trim()) {
        needs[name] = `${number(text)} ${unit}`;
      }
    };
    put("area", given.area, given.unit);
    if (given.long.trim()) {
      needs.rectangle = [given.long, given.short].map((text) => `${number(text)} m`);
    }
    Object.entries(AMOUNTS).forEach(([name, unit]) => put(name, given[name], unit));
    const travel = Object.entries(given.travel).filter(([, text]) => text.trim());
    if (travel.length) {
      needs.travel_max = Object.fromEntries(travel.map(([kind, text]) => [kind, `${number(text)} min`]));
    }
    const sites = {
      ...(given.joins ? {} : { kinds: ["parcel"] }),
      ...(given.holders.trim() ? { holders_most: number(given.holders) } : {}),
      ...(given.all ? { all_parcels: true } : {}),
    };
    return {
      ...(given.name.trim() ? { name: given.name.trim() } : {}),
      ...(given.industry ? { industry: given.industry } : {}),
      top: number(given.top),
      ...(Object.keys(needs).length ? { needs } : {}),
      ...(given.weights ? { weights: { ...given.weights } } : {}),
      ...(Object.keys(sites).length ? { sites } : {}),
    };
  }

  /** A quantity's figure as text, where it is written in a unit; else nothing. */
  function figureIn(written, units) {
    const found = typeof written === "string" ? /^(\d{1,15}(?:\.\d{1,9})?) (\S+)$/.exec(written) : null;
    return found && units.includes(found[2]) ? [found[1], found[2]] : ["", ""];
  }

  function tableOf(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  }

  function whole(value) {
    return Number.isInteger(value) && value > 0 ? String(value) : "";
  }

  /** The entries that a brief of a link makes. choices: { industries, weights } of the page. */
  function entriesOf(brief, choices, unit) {
    const given = empty(unit);
    const { name, industry, top, needs, weights, sites } = tableOf(brief);
    const wanted = tableOf(needs);
    given.name = typeof name === "string" ? name.slice(0, LONGEST) : "";
    given.industry = choices.industries.some(({ key }) => key === industry) ? industry : "";
    given.top = whole(top) || TOP;
    const [area, written] = figureIn(wanted.area, parkgeo.AREA_UNITS);
    Object.assign(given, area ? { area, unit: written } : {});
    if (Array.isArray(wanted.rectangle) && wanted.rectangle.length === 2) {
      [given.long, given.short] = wanted.rectangle.map((side) => figureIn(side, ["m"])[0]);
    }
    for (const [key, in_] of Object.entries(AMOUNTS)) {
      [given[key]] = figureIn(wanted[key], [in_]);
    }
    for (const [kind, minutes] of Object.entries(tableOf(wanted.travel_max)).filter(([kind]) => KEY.test(kind))) {
      [given.travel[kind]] = figureIn(minutes, ["min"]);
    }
    const heavy = Object.entries(tableOf(weights)).filter(([key, weight]) => Object.hasOwn(choices.weights, key) && weight >= 0 && weight <= HEAVIEST);
    given.weights = heavy.length ? { ...Object.fromEntries(Object.keys(choices.weights).map((key) => [key, 0])), ...Object.fromEntries(heavy) } : null;
    const { kinds, holders_most: holders, all_parcels: all } = tableOf(sites);
    given.joins = !(Array.isArray(kinds) && !kinds.includes("joined"));
    given.holders = whole(holders);
    given.all = all === true;
    return given;
  }

  Object.assign(parkgeo, { emptyBrief: empty, briefFaults: faultsOf, briefOf, briefEntries: entriesOf, HEAVIEST_WEIGHT: HEAVIEST });
})((window.parkgeo = window.parkgeo || {}));
