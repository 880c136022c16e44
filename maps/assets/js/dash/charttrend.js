/* How it has gone: small charts over the snapshots that are kept and over the years of the returns, all of the same parcels. */
(function (parkgeo) {
  "use strict";

  const { chartdata, chartParts } = parkgeo;
  const BLUE = "#35608f";
  const YEARLY = ["output_wan_per_mu", "tax_wan_per_mu", "value_added_wan_per_mu", "fixed_assets_wan_per_mu"];
  const COUNTED = [["column_parcels", {}], ["chart_idle", { idle: "yes" }], ["chart_undetermined", { idle: "undetermined" }]];
  const PAGE = 10000;
  const MOST_ROWS = 40000; // of years and parcels; more would be long to fetch for one line
  const asked = new WeakMap();

  /** Counts in each snapshot of what the filter keeps there: the service counts, by the same filter. */
  async function countsOverTime(dashboard) {
    const days = parkgeo.daysApart(await parkgeo.snapshotsOf(dashboard));
    const filter = dashboard.filters.cql2();
    const series = COUNTED.map(([key]) => ({ key, points: [] }));
    let failed = 0;
    for (const { name, as_of: day } of days.length > 1 ? days : []) {
      const counts = await Promise.all(COUNTED.map(([, more]) => count(dashboard, name, { ...(filter ? { filter } : {}), ...more })));
      failed += counts.includes(null) ? 1 : 0;
      series.forEach(({ points }, place) => points.push([day, counts[place]]));
    }
    return { series: days.length > 1 ? series : [], failed };
  }

  /** How many match; null where that snapshot cannot be asked so. */
  async function count(dashboard, snapshot, query) {
    const asking = new URLSearchParams({ limit: 1, skipGeometry: "true", properties: "parcel_id", ...query });
    try {
      const told = await parkgeo.ask(`${dashboard.root}snapshots/${encodeURIComponent(snapshot)}/collections/parcels/items?${asking}`);
      return told.numberMatched;
    } catch (error) {
      if ([400, 404, 410].includes(error.status)) {
        return null;
      }
      throw error;
    }
  }

  /** The parcels' own years: entries of each measure as { row, year, value }; null where there are too many or none. */
  function parcelYears(dashboard) {
    if (!asked.has(dashboard)) {
      const promise = readYears(dashboard);
      asked.set(dashboard, promise);
      promise.catch(() => asked.delete(dashboard));
    }
    return asked.get(dashboard);
  }

  async function readYears(dashboard) {
    const schema = dashboard.collections.has("parcel_years") ? await dashboard.ask("collections/parcel_years/schema") : null;
    const names = schema ? YEARLY.filter((name) => schema.properties[name]) : [];
    if (!names.length) {
      return null;
    }
    const found = Object.fromEntries(names.map((name) => [name, []]));
    const rows = new Map(Array.from({ length: dashboard.view.count }, (_, row) => [dashboard.view.data.parcels.ids.at(row), row]));
    let query = `?${new URLSearchParams({ limit: PAGE, skipGeometry: "true", properties: ["parcel_id", "year", ...names].join(",") })}`;
    while (query) {
      const page = await dashboard.ask(`collections/parcel_years/items${query}`);
      if (page.numberMatched > MOST_ROWS) {
        return null;
      }
      for (const { properties } of page.features) {
        const row = rows.has(properties.parcel_id) ? rows.get(properties.parcel_id) : -1;
        names.forEach((name) => found[name].push({ row, year: properties.year, value: properties[name] === undefined ? null : properties[name] }));
      }
      const next = page.links.find((link) => link.rel === "next");
      // Its address may bear another name of this service than the reader's: only what it asks for counts.
      query = next ? new URL(next.href, window.location.href).search : null;
    }
    return { names, found };
  }

  function small(told, title, unit, points, mark) {
    const { words } = told;
    return {
      type: "line",
      data: { labels: points.map(([when]) => when), datasets: [{ data: points.map(([, value]) => value), borderColor: BLUE, backgroundColor: BLUE, pointRadius: 4, borderWidth: 2, spanGaps: false }] },
      options: chartParts.options(told, {
        scales: { x: { ticks: { color: "#3b4248" }, grid: { display: false } }, y: chartParts.axis(told, unit, { grace: "15%", beginAtZero: true }) },
        plugins: { legend: { display: false }, tooltip: { callbacks: { label: (one) => parkgeo.short(words, one.raw) } } },
      }),
      plugins: mark ? [chartParts.marking([mark])] : [],
    };
  }

  async function trend(told) {
    const { dashboard, words } = told;
    const { mask } = dashboard.selection;
    const { series, failed } = await countsOverTime(dashboard);
    const lines = series.map(({ key, points }) => ({ title: words.say(key), unit: words.say("column_parcels"), points }));
    const years = await parcelYears(dashboard);
    const whole = told.record ? (told.record.park_years || []).filter((row) => row.park_id === told.record.park_id) : [];
    const { areas } = dashboard.view.data.parcels;
    const site = await told.column("site_area_m2");
    for (const name of years ? years.names : YEARLY) {
      const points = years ? chartdata.byYear(years.found[name], site ? site.values : areas, mask) : mask ? [] : whole.map((row) => [String(row.year), row[name] === undefined ? null : row[name]]);
      if (points.some(([, value]) => value !== null)) {
        lines.push({ title: told.title(name), unit: told.unitOf(name), points });
      }
    }
    const notes = [words.say("chart_trend_how")];
    if (!series.length) {
      notes.push(words.say("panel_one_snapshot"));
    }
    if (failed) {
      notes.push(words.say("chart_not_counted", { count: words.figure(failed, 0) }));
    }
    if (!years && mask) {
      notes.push(words.say("chart_years_whole"));
    }
    const shown = lines.filter(({ points }) => points.length > 1);
    const rows = shown.flatMap(({ title, unit, points }) => points.map(([when, value]) => [title, when, value === null ? parkgeo.DASH : words.figure(value, 2), unit]));
    const table = { head: [words.say("chart_measure"), words.say("chart_when"), words.say("chart_value"), words.say("chart_unit")], rows, numbers: [2] };
    return { charts: shown.map(({ title, unit, points }) => ({ title, config: small(told, title, unit, points) })), notes, table };
  }

  Object.assign(parkgeo.chartKinds, { trend });
})((window.parkgeo = window.parkgeo || {}));
