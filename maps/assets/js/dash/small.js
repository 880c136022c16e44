/* Small pieces of the dashboard: drawings, tables, figures short enough for a panel, and what the service answers. */
(function (parkgeo) {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const BAR = { width: 240, height: 14 };
  const SPARK = { width: 96, height: 26, margin: 4 };
  const SIGNIFICANT = 3;
  const MOST_DIGITS = 4;

  function svg(tag, attributes, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) {
      node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  /** A drawing with what it says for those who do not see it. */
  function picture(className, width, height, label, ...children) {
    const size = { viewBox: `0 0 ${width} ${height}`, class: className, role: "img", "aria-label": label };
    return svg("svg", size, ...children);
  }

  /** A figure with at most three significant digits, as there is room for in a panel. */
  function short(words, value, unit) {
    if (value === null || value === undefined || !Number.isFinite(value)) {
      return parkgeo.DASH;
    }
    const rounded = Number(value.toPrecision(SIGNIFICANT));
    const digits = rounded ? SIGNIFICANT - 1 - Math.floor(Math.log10(Math.abs(rounded))) : 0;
    const figure = words.figure(rounded, Math.min(MOST_DIGITS, Math.max(0, digits)));
    if (unit === "%") {
      return `${figure} %`;
    }
    return unit && unit !== "1" ? `${figure} ${unit}` : figure;
  }

  /** A number of parcels and their land, in the unit that the reader chose. */
  function land(words, m2) {
    return words.land(m2);
  }

  /** A bar for a figure; a thick tick where its benchmark is, a dashed one where the whole park is. */
  function bar({ value, low, high, benchmark, whole, most: end, colour, label }) {
    const known = [value, low, high, benchmark, whole].filter((one) => Number.isFinite(one));
    const most = end || Math.max(...known, 0) * 1.1 || 1;
    const at = (figure) => (BAR.width * Math.max(0, figure)) / most;
    const { width, height } = BAR;
    const parts = [svg("rect", { x: 0, y: 3, width, height: height - 6, fill: "#e4e7ea" })];
    if (Number.isFinite(low) && Number.isFinite(high) && high > low) {
      parts.push(svg("rect", { x: at(low), y: 3, width: Math.max(1, at(high) - at(low)), height: height - 6, fill: colour, "fill-opacity": 0.35 }));
    }
    if (Number.isFinite(value)) {
      parts.push(svg("rect", { x: 0, y: 3, width: at(value), height: height - 6, fill: colour }));
    }
    const tick = (figure, more) => svg("line", { x1: at(figure), x2: at(figure), y1: 0, y2: height, stroke: "#1d2126", ...more });
    if (Number.isFinite(whole)) {
      parts.push(tick(whole, { "stroke-width": 1.5, "stroke-dasharray": "2 2" }));
    }
    if (Number.isFinite(benchmark)) {
      parts.push(tick(benchmark, { "stroke-width": 3, class: "pg-benchmark" }));
    }
    const drawn = picture("pg-bar-picture", width, height, label, ...parts);
    drawn.setAttribute("preserveAspectRatio", "none"); // as wide as the panel is
    return drawn;
  }

  /** A line over time, its points where there are values; null breaks it. */
  function spark(values, label) {
    const { width, height, margin } = SPARK;
    const known = values.filter((value) => value !== null);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const x = (place) => margin + ((width - 2 * margin) * place) / Math.max(1, values.length - 1);
    const y = (value) => (most > least ? height - margin - ((height - 2 * margin) * (value - least)) / (most - least) : height / 2);
    const lines = [];
    values.forEach((value, place) => {
      if (value !== null && place && values[place - 1] !== null) {
        lines.push(svg("line", { x1: x(place - 1), y1: y(values[place - 1]), x2: x(place), y2: y(value), stroke: "#35608f", "stroke-width": 1.6 }));
      }
    });
    const dots = values.flatMap((value, place) => (value === null ? [] : [svg("circle", { cx: x(place), cy: y(value), r: 2.4, fill: "#35608f" })]));
    return picture("pg-spark", width, height, label, ...lines, ...dots);
  }

  /** A table: head of texts, rows of cells that are texts or nodes; numbers names the columns that stand to the right. */
  function table(className, caption, head, rows, numbers = []) {
    const node = parkgeo.element("table", className);
    const top = parkgeo.element("tr", "");
    head.forEach((text, column) => {
      const cell = parkgeo.userText("th", numbers.includes(column) ? "pg-number" : "", text);
      cell.scope = "col";
      top.append(cell);
    });
    const body = parkgeo.element("tbody", "");
    for (const row of rows) {
      const line = parkgeo.element("tr", "");
      row.forEach((value, column) => {
        const cell = parkgeo.element(column ? "td" : "th", numbers.includes(column) ? "pg-number" : "");
        if (!column) {
          cell.scope = "row";
        }
        cell.append(value instanceof Node ? value : parkgeo.element("bdi", "", value));
        line.append(cell);
      });
      body.append(line);
    }
    const crown = parkgeo.element("thead", "");
    crown.append(top);
    node.append(parkgeo.element("caption", "", caption), crown, body);
    return node;
  }

  /** A heading with what stands under it; nothing where nothing does. */
  function section(title, ...nodes) {
    if (!nodes.length) {
      return [];
    }
    const node = parkgeo.element("section", "pg-part");
    node.append(parkgeo.element("h3", "", title), ...nodes);
    return [node];
  }

  /** JSON of the service; what it refuses is an error with its own words. */
  async function ask(address) {
    const answer = await parkgeo.reach(address, { headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      const error = new Error([told.detail, told.mend].filter(Boolean).join(" · ") || `${answer.status}`);
      error.status = answer.status;
      throw error;
    }
    return answer.json();
  }

  /** What went wrong, said where the answer would stand, with a way to ask again. */
  function problem(words, error, again) {
    const node = parkgeo.userText("p", "pg-problem", words.say("panel_failed", { reason: error.message }));
    node.setAttribute("role", "alert");
    if (again) {
      node.append(" ", parkgeo.button("pg-button pg-again", words.say("panel_again"), again));
    }
    return node;
  }

  Object.assign(parkgeo, { svg, picture, short, land, bar, spark, plainTable: table, part: section, ask, problem });
})((window.parkgeo = window.parkgeo || {}));
