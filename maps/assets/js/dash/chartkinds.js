/* Each kind of chart out of a selection's columns: what the library draws, what is said beside it, and the same figures as a table. */
(function (parkgeo) {
  "use strict";

  const { chartdata } = parkgeo;
  const BLUE = "#35608f";
  const DARK = "#1d2126";
  const RED = "#a11526";
  const SHAPES = { yes: "triangle", undetermined: "rectRot", no: "circle", not_judged: "rect" };
  const RANKED = 15;
  const NAME_LETTERS = 18;
  const LISTED = 100;
  const X = "far";
  const Y = "output_wan_per_mu";
  const QUARTERS = ["chart_loose_low", "chart_dense_low", "chart_loose_high", "chart_dense_high"];
  const UNPRINTED = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

  /** A user's text on one line of a drawing, where nothing keeps its writing direction to itself. */
  function plain(text, most = NAME_LETTERS) {
    const letters = [...text.replace(UNPRINTED, "\ufffd")];
    return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("");
  }

  /** Lines across a chart with their words: marks of { axis, at, text, colour, dash }, and words in its corners. */
  function marking(marks, corners = []) {
    return {
      id: "parkgeo-marks",
      afterDatasetsDraw({ ctx, chartArea: area, scales }) {
        ctx.save();
        ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
        let level = 0;
        for (const { axis, at, text, colour, dash } of marks) {
          const place = Math.min(Math.max(scales[axis].getPixelForValue(at), axis === "x" ? area.left : area.top), axis === "x" ? area.right : area.bottom);
          ctx.strokeStyle = ctx.fillStyle = colour;
          ctx.lineWidth = 2;
          ctx.setLineDash(dash);
          ctx.beginPath();
          ctx.moveTo(axis === "x" ? place : area.left, axis === "x" ? area.top : place);
          ctx.lineTo(axis === "x" ? place : area.right, axis === "x" ? area.bottom : place);
          ctx.stroke();
          const late = axis === "x" && place > (area.left + area.right) / 2;
          ctx.textAlign = axis === "y" ? "center" : late ? "right" : "left";
          ctx.textBaseline = axis === "x" ? "top" : "bottom";
          const [left, top] = axis === "x" ? [place + (late ? -5 : 5), area.top + 2 + 15 * level] : [(area.left + area.right) / 2, place - 2];
          halo(ctx, text, left, top, colour);
          level += axis === "x" ? 1 : 0;
        }
        corners.forEach((text, place) => {
          const [right, high] = [place % 2 === 1, place >= 2];
          ctx.textAlign = right ? "right" : "left";
          ctx.textBaseline = high ? "top" : "bottom";
          halo(ctx, text, right ? area.right - 6 : area.left + 6, high ? area.top + 3 : area.bottom - 6, "#4b535b");
        });
        ctx.restore();
      },
    };
  }

  function halo(ctx, text, left, top, colour) {
    ctx.setLineDash([]);
    ctx.lineWidth = 4;
    ctx.strokeStyle = "rgba(255, 255, 255, 0.9)";
    ctx.strokeText(text, left, top);
    ctx.fillStyle = colour;
    ctx.fillText(text, left, top);
  }

  function axis(told, title, more) {
    const ticks = { color: "#3b4248", callback: (value) => told.words.figure(value, 2) };
    return { type: "linear", title: { display: true, text: title, color: DARK }, ticks, grid: { color: "#e4e7ea" }, ...more };
  }

  /** What charts share: they stand still, fill their place, and a point leads to its parcel. */
  function options(told, more) {
    return {
      animation: false, responsive: true, maintainAspectRatio: false,
      onClick(event, hit, chart) {
        const rows = hit.length ? chart.data.datasets[hit[0].datasetIndex].rows : null;
        if (rows) {
          told.dashboard.choose(rows[hit[0].index], { from: "chart" });
        }
      },
      ...more,
    };
  }

  function benchmarkMark(told, name, where, scale) {
    const found = told.benchmarks.get(name);
    if (!found) {
      return [];
    }
    const key = found.verified ? "chart_benchmark" : "chart_benchmark_unverified";
    return [{ axis: where, at: found.value * scale, text: told.words.say(key, { value: parkgeo.short(told.words, found.value * scale) }), colour: RED, dash: [] }];
  }

  function benchmarkNote(told, name) {
    const found = told.benchmarks.get(name);
    return found ? [told.words.say(found.verified ? "chart_source_of" : "chart_source_unverified", { title: told.title(name), source: found.source })] : [];
  }

  function missingNote(told, count) {
    return count ? [told.words.say("chart_missing", { count: told.words.figure(count, 0) })] : [];
  }

  /** The chosen parcel's row as a button that chooses; in tables keys reach what on the drawing only a pointer does. */
  function rowButton(told, row) {
    return parkgeo.button("pg-row-button", told.name(row), () => told.dashboard.choose(row, { from: "chart" }), parkgeo.userText("span", "", told.name(row)));
  }

  async function distribution(told) {
    const { words, metric } = told;
    const { rows, values, missing } = chartdata.known(told.rows, metric.column.values, metric.scale);
    const { bins, above } = chartdata.histogram(values);
    const own = told.dashboard.parcel >= 0 ? metric.column.values[told.dashboard.parcel] * metric.scale : NaN;
    const marks = benchmarkMark(told, metric.name, "x", metric.scale);
    if (!Number.isNaN(own)) {
      marks.push({ axis: "x", at: own, text: words.say("chart_this", { value: parkgeo.short(words, own) }), colour: DARK, dash: [5, 3] });
    }
    const band = ({ from, to }, place) => words.say(above && place === bins.length - 1 ? "class_over" : "class_between", { from: words.figure(from, 2), to: words.figure(to, 2) });
    const width = bins.length ? bins[0].to - bins[0].from : 1;
    const ends = [bins.length ? bins[0].from : 0, ...marks.map((mark) => mark.at).filter((at) => at < (bins.length ? bins.at(-1).to * 4 : 1))];
    const config = {
      type: "bar",
      data: { datasets: [{ data: bins.map(({ from, to, count }) => ({ x: (from + to) / 2, y: count })), backgroundColor: BLUE, barPercentage: 0.96, categoryPercentage: 1, barThickness: "flex" }] },
      options: options(told, {
        scales: {
          x: axis(told, metric.axis, { min: Math.min(...ends), max: Math.max(...ends, bins.length ? bins.at(-1).to : 1) + 0.02 * width, offset: false }),
          y: axis(told, words.say("column_parcels"), { beginAtZero: true, ticks: { precision: 0, callback: (value) => words.figure(value, 0) } }),
        },
        plugins: { legend: { display: false }, tooltip: { callbacks: { title: ([one]) => band(bins[one.dataIndex], one.dataIndex), label: (one) => words.say("chart_parcels", { count: words.figure(one.raw.y, 0) }) } } },
      }),
      plugins: [marking(marks)],
    };
    const middle = chartdata.median(values);
    const notes = [
      ...(values.length ? [words.say("chart_median", { count: words.figure(rows.length, 0), value: parkgeo.short(words, middle, metric.unit) })] : []),
      ...(above ? [words.say("chart_above", { count: words.figure(above, 0), end: words.figure(bins.at(-1).to, 2) })] : []),
      ...benchmarkNote(told, metric.name), ...missingNote(told, missing),
    ];
    const table = { head: [metric.axis, words.say("column_parcels")], rows: bins.map((bin, place) => [band(bin, place), words.figure(bin.count, 0)]), numbers: [1] };
    return { charts: values.length ? [{ title: metric.title, config }] : [], notes, table };
  }

  async function ranking(told) {
    const { words, metric } = told;
    const { rows, values, missing } = chartdata.known(told.rows, metric.column.values, metric.scale);
    const order = chartdata.ranking(values, RANKED, !told.least);
    const shown = order.map((place) => rows[place]);
    const chosen = (row) => row === told.dashboard.parcel;
    const config = {
      type: "bar",
      data: {
        labels: shown.map((row, place) => `${place + 1}  ${plain(told.name(row))}`),
        datasets: [{ data: order.map((place) => values[place]), rows: shown, backgroundColor: BLUE, borderColor: DARK, borderWidth: shown.map((row) => (chosen(row) ? 3 : 0)), barPercentage: 0.8 }],
      },
      options: options(told, {
        indexAxis: "y",
        scales: { x: axis(told, metric.axis, { beginAtZero: true }), y: { ticks: { autoSkip: false, color: DARK }, grid: { display: false } } },
        plugins: { legend: { display: false }, tooltip: { callbacks: { title: ([one]) => plain(told.name(shown[one.dataIndex]), 60), label: (one) => parkgeo.short(words, one.raw, metric.unit) } } },
      }),
      plugins: [marking(benchmarkMark(told, metric.name, "x", metric.scale))],
    };
    const notes = [words.say(told.least ? "chart_last" : "chart_first", { shown: words.figure(shown.length, 0), count: words.figure(rows.length, 0) }), ...benchmarkNote(told, metric.name), ...missingNote(told, missing)];
    const table = {
      head: [words.say("chart_rank"), words.say("chart_parcel"), metric.axis],
      rows: order.map((place, at) => [words.figure(at + 1, 0), rowButton(told, rows[place]), words.figure(values[place], 2)]), numbers: [0, 2],
    };
    return { charts: shown.length ? [{ title: metric.title, config }] : [], notes, table };
  }

  /** Points by their verdict, each with its sign, and a ring around the chosen one. */
  function pointSets(told, points, xs, ys, drawn) {
    const { verdicts, words } = told;
    const sets = (verdicts ? verdicts.colouring.classes : [{ code: "", style: { fill: BLUE, stroke: DARK }, label: null }]).map(({ code, style, label }, number) => {
      const places = drawn.filter((place) => !verdicts || verdicts.of[points[place]] === number);
      return {
        label: label ? words.of(label) : "", rows: places.map((place) => points[place]), data: places.map((place) => ({ x: xs[place], y: ys[place] })),
        pointStyle: SHAPES[code] || "circle", backgroundColor: style.fill, borderColor: style.stroke, borderWidth: 0.8, pointRadius: code === "yes" ? 6 : 4, pointHoverRadius: 7,
      };
    });
    const own = points.indexOf(told.dashboard.parcel);
    const ring = own < 0 ? [] : [{ label: words.say("chart_chosen"), rows: [points[own]], data: [{ x: xs[own], y: ys[own] }], pointStyle: "circle", backgroundColor: "transparent", borderColor: DARK, borderWidth: 3, pointRadius: 10, pointHoverRadius: 10 }];
    return [...ring, ...sets.filter((set) => set.data.length)];
  }

  async function scatter(told) {
    const { words } = told;
    const [across, up] = [await told.column(X), await told.column(Y)];
    const points = across && up ? Uint32Array.from(told.rows.filter((row) => !Number.isNaN(across.values[row]) && !Number.isNaN(up.values[row]))) : new Uint32Array();
    const [xs, ys] = [across, up].map((column) => Float64Array.from(points, (row) => column.values[row]));
    const cut = (name, values) => (told.benchmarks.has(name) ? told.benchmarks.get(name).value : chartdata.median(values));
    const [atX, atY] = [cut(X, xs), cut(Y, ys)];
    const counts = chartdata.quarters(xs, ys, atX, atY);
    const drawn = chartdata.sample(points.length, points.indexOf(told.dashboard.parcel));
    const corners = QUARTERS.map((key, place) => words.say("chart_quarter", { name: words.say(key), count: words.figure(counts[place], 0) }));
    const mark = (where, at) => ({ axis: where, at, text: words.figure(at, 2), colour: "#6b7280", dash: [6, 4] });
    const config = {
      type: "scatter",
      data: { datasets: pointSets(told, points, xs, ys, drawn) },
      options: options(told, {
        scales: { x: axis(told, told.axis(X, across), { beginAtZero: true }), y: axis(told, told.axis(Y, up), { beginAtZero: true }) },
        plugins: {
          legend: { position: "top", align: "end", labels: { usePointStyle: true, color: DARK } },
          tooltip: { callbacks: { label: (one) => `${plain(told.name(one.dataset.rows[one.dataIndex]), 40)}: ${words.figure(one.raw.x, 2)} · ${words.figure(one.raw.y, 1)}` } },
        },
      }),
      plugins: [marking([mark("x", atX), mark("y", atY)], corners)],
    };
    const source = (name) => words.say(told.benchmarks.has(name) ? "chart_line_benchmark" : "chart_line_median", { title: told.title(name), source: told.benchmarks.has(name) ? told.benchmarks.get(name).source : "" });
    const notes = points.length ? [source(X), source(Y)] : [];
    if (drawn.length < points.length) {
      notes.push(words.say("chart_sample", { shown: words.figure(drawn.length, 0), count: words.figure(points.length, 0) }));
    }
    notes.push(...missingNote(told, told.rows.length - points.length));
    const best = chartdata.ranking(ys, LISTED, true);
    const table = {
      head: [words.say("chart_parcel"), told.axis(X, across), told.axis(Y, up)],
      rows: best.map((place) => [rowButton(told, points[place]), words.figure(xs[place], 2), words.figure(ys[place], 2)]), numbers: [1, 2], more: corners,
    };
    return { charts: points.length ? [{ title: words.say("chart_scatter"), config }] : [], notes, table };
  }

  Object.assign(parkgeo, { chartKinds: { distribution, ranking, scatter }, chartParts: { marking, axis, options } });
})((window.parkgeo = window.parkgeo || {}));
