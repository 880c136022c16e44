/* The dates of a parcel on a line, from the approval to the day of judgement; days that are not known are named as missing. */
(function (parkgeo) {
  "use strict";

  const { svg } = parkgeo;
  const DAY_MS = 86400000;
  const LINE = { width: 344, left: 10, right: 10, label: 15, base: 16, below: 34 };
  const INK = { paper: "#35608f", due: "#a11526", done: "#00553e", stop: "#8a3b00", today: "#1d2126" };
  // Field → what kind of day it is; those of `WANTED` are said to be missing where they are not known.
  const DAYS = [
    ["approved_on", "paper"],
    ["contract_on", "paper"],
    ["handover_on", "paper"],
    ["permit_on", "paper"],
    ["agreed_start", "due"],
    ["actual_start", "done"],
    ["agreed_completion", "due"],
    ["actual_completion", "done"],
    ["suspended_since", "stop"],
  ];
  const WANTED = ["contract_on", "handover_on", "agreed_start", "actual_start", "agreed_completion", "actual_completion"];

  function number(day) {
    return Date.parse(day) / DAY_MS;
  }

  /** A sign for the kind of day, so that it does not hang on colour alone. */
  function sign(kind, x, y) {
    switch (kind) {
      case "due":
        return svg("path", { d: `M${x} ${y - 5} ${x + 5} ${y} ${x} ${y + 5} ${x - 5} ${y}z`, fill: "#fff", stroke: INK.due, "stroke-width": 1.8 });
      case "done":
        return svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8, fill: INK.done });
      case "stop":
        return svg("path", { d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8`, stroke: INK.stop, "stroke-width": 2.2 });
      case "today":
        return svg("rect", { x: x - 1.2, y: y - 7, width: 2.4, height: 14, fill: INK.today });
      default:
        return svg("circle", { cx: x, cy: y, r: 4, fill: INK.paper });
    }
  }

  /** What is known of the days: [{ name, title, day, kind }], earliest first, and the titles of those that are missing. */
  function daysOf(record, words) {
    const titles = (name) => record.fields[name][words.lang];
    const present = DAYS.filter(([name]) => record.fields[name]);
    const known = present
      .filter(([name]) => record.fields[name].value)
      .map(([name, kind]) => ({ name, kind, title: titles(name), day: String(record.fields[name].value).slice(0, 10) }));
    known.push({ name: "as_of", kind: "today", title: words.say("panel_as_of"), day: record.as_of });
    known.sort((a, b) => number(a.day) - number(b.day));
    const supplied = record.fields.supply_status && record.fields.supply_status.value === "supplied";
    const missing = present.filter(([name]) => supplied && WANTED.includes(name) && !record.fields[name].value).map(([name]) => titles(name));
    return { known, missing };
  }

  function drawing(known, idleSince, label) {
    const { width, left, right, label: step, base, below } = LINE;
    const [first, last] = [number(known[0].day), number(known.at(-1).day)];
    const x = (day) => left + ((width - left - right) * (number(day) - first)) / Math.max(1, last - first);
    const y = base;
    const parts = [svg("line", { x1: left, x2: width - right, y1: y, y2: y, stroke: "#767676", "stroke-width": 1.4 })];
    const until = known.find((one) => one.name === "as_of").day;
    if (idleSince && number(idleSince) <= number(until)) {
      const from = Math.max(left, x(idleSince));
      parts.push(svg("rect", { x: from, y: y - 4, width: Math.max(2, x(until) - from), height: 8, fill: "#D55E00", "fill-opacity": 0.75, class: "pg-idle-span" }));
    }
    const texts = []; // over all the lines, so that these pass behind them
    known.forEach((one, place) => {
      const at = x(one.day);
      const level = y + below + place * step - 12;
      const late = at > width * 0.5;
      parts.push(svg("path", { d: `M${at} ${y}V${level}`, stroke: "#9aa1a8", "stroke-width": 0.8, fill: "none" }));
      const text = svg("text", { x: late ? at - 4 : at + 4, y: level + 3, "text-anchor": late ? "end" : "start", "font-size": 11, fill: INK[one.kind], stroke: "#fff", "stroke-width": 4, "paint-order": "stroke" });
      text.textContent = `${one.day} ${one.title}`;
      texts.push(text);
    });
    parts.push(...texts, ...known.map((one) => sign(one.kind, x(one.day), y)));
    return parkgeo.picture("pg-timeline", width, y + below + known.length * step - 8, label, ...parts);
  }

  /** The line, the days that are missing, and all of it as a list for those who do not see the drawing. */
  function timeline(record, words) {
    const { known, missing } = daysOf(record, words);
    if (known.length < 2 && !missing.length) {
      return [];
    }
    const said = words.list(known.map((one) => `${one.title} ${one.day}`));
    const since = record.fields.idle_since ? record.fields.idle_since.value : null;
    const nodes = [];
    if (known.length > 1) {
      nodes.push(drawing(known, since, said));
      if (since) {
        nodes.push(parkgeo.element("p", "pg-caption", words.say("panel_idle_span", { date: String(since).slice(0, 10) })));
      }
    }
    if (missing.length) {
      nodes.push(parkgeo.userText("p", "pg-needs pg-days-missing", words.say("panel_days_missing", { days: words.list(missing) })));
    }
    return nodes;
  }

  Object.assign(parkgeo, { timeline, daysOf });
})((window.parkgeo = window.parkgeo || {}));
