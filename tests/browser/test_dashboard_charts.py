"""Charts show the selection that map and table show, with the service's figures; the library that draws them is the one published."""

from __future__ import annotations

import hashlib
import re
from importlib import resources

import httpx
import numpy as np
import pytest

from tests.api.conftest import started
from tests.browser.dashboard import Seen
from tests.browser.waiting import until
from tests.chromium import open_chromium
from tests.history_builder import build_history

CALM = {"any": {"idle": ["no"]}}
TAB = "#pg-tab-charts"
LIBRARY = "chart/chart.umd.min.js"


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    build_history(folder, tmp_path_factory.mktemp("scratch"))
    with started(folder) as url:
        yield url


@pytest.fixture(scope="module")
def seen(browser, service):
    dashboard = Seen(browser, service)
    yield dashboard
    assert dashboard.complaints == []
    assert dashboard.strangers == []
    dashboard.page.close()


def _show(seen, kind, criteria):
    """Draw a kind of chart of what criteria keep; its page."""
    seen.set(criteria)
    page = seen.page
    page.click(TAB)
    page.click(f"[data-tool={kind}]")
    page.wait_for_selector(f".pg-chart-{kind} canvas")
    until(page, "document.querySelector('.pg-charts .pg-panel-status').textContent === ''")
    return page


def _table(page):
    """The same figures as a table, as texts."""
    return page.eval_on_selector_all(
        ".pg-chart-table tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )


def _parcels(service, **given):
    asked = {"limit": 1000, "skipGeometry": "true", **given}
    told = httpx.get(f"{service}/collections/parcels/items", params=asked).raise_for_status().json()
    return [feature["properties"] for feature in told["features"]]


def test_the_library_is_the_one_published_and_asked_for_only_by_who_looks_at_charts(browser, service):
    folder = resources.files("maps").joinpath("assets")
    listed = re.search(
        r"^\| chart/chart\.umd\.min\.js \|.* ([0-9a-f]{64}) \|$",
        folder.joinpath("LICENSES.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert hashlib.sha256(folder.joinpath(*LIBRARY.split("/")).read_bytes()).hexdigest() == listed[1]
    assert [file.name for file in folder.joinpath("chart").iterdir()] == ["chart.umd.min.js"]
    seen = Seen(browser, service)
    assert not any(url.endswith(LIBRARY) for url in seen.requests)
    _show(seen, "ranking", {})
    _show(seen, "distribution", {})
    assert sum(url.endswith(LIBRARY) for url in seen.requests) == 1
    seen.page.close()


def test_a_distribution_counts_each_selected_parcel_with_a_value_once(seen, service):
    page = _show(seen, "distribution", CALM)
    values = [row["output_wan_per_mu"] for row in _parcels(service, idle="no")]
    known = [value for value in values if value is not None]
    bins = page.evaluate(
        "parkgeo.dashboard.parts.find((part) => part instanceof parkgeo.Charts).drawn[0].data.datasets[0].data"
    )
    assert sum(one["y"] for one in bins) == len(known)
    step = bins[1]["x"] - bins[0]["x"]
    for one in bins:
        low, high = one["x"] - step / 2, one["x"] + step / 2
        assert one["y"] == sum(low <= value < high for value in known)
    assert [int(row[1]) for row in _table(page)] == [one["y"] for one in bins]
    foot = page.inner_text(".pg-chart-content")
    assert f"The {len(values)} of 40 parcels that are selected" in foot
    assert f"median {np.median(known):.3g}" in foot
    assert "Benchmark of Output per mu: Fuzhou" in foot
    assert "as of 2026-06-30" in foot


def test_a_ranking_is_the_services_order_and_a_bar_leads_to_its_parcel(seen, service):
    page = _show(seen, "ranking", CALM)
    rows = [row for row in _parcels(service, idle="no", sortby="-output_wan_per_mu,parcel_id") if row["output_wan_per_mu"]][:15]  # fmt: skip
    assert [row[1] for row in _table(page)] == [row["holder"] or row["parcel_id"] for row in rows]
    assert [float(row[2]) for row in _table(page)] == [round(row["output_wan_per_mu"], 2) for row in rows]
    place = page.evaluate(
        """() => {
            const chart = parkgeo.dashboard.parts.find((part) => part instanceof parkgeo.Charts).drawn[0];
            chart.canvas.scrollIntoView({ block: "center" });
            const bar = chart.getDatasetMeta(0).data[2];
            const { left, top } = chart.canvas.getBoundingClientRect();
            return [left + (bar.base + bar.x) / 2, top + bar.y];
        }"""
    )
    page.mouse.click(*place)
    chosen = until(
        page,
        "parkgeo.dashboard.parcel >= 0 && parkgeo.dashboard.view.data.parcels.ids.at(parkgeo.dashboard.parcel)",
    )
    assert chosen == rows[2]["parcel_id"]
    # The same by keys: each row of the table is a button.
    until(page, "document.querySelector('.pg-charts .pg-panel-status').textContent === ''")
    page.evaluate("document.querySelector('.pg-chart-table').open = true")
    page.focus(".pg-chart-table tbody tr:nth-child(5) button")
    page.keyboard.press("Enter")
    until(
        page,
        "(id) => parkgeo.dashboard.view.data.parcels.ids.at(parkgeo.dashboard.parcel) === id",
        rows[4]["parcel_id"],
    )
    page.evaluate("parkgeo.dashboard.choose(-1, {})")


def test_quarters_of_the_scatter_count_all_selected(seen, service):
    page = _show(seen, "scatter", {})
    rows = [
        row for row in _parcels(service) if row["far"] is not None and row["output_wan_per_mu"] is not None
    ]
    far, output = (np.array([row[name] for row in rows]) for name in ("far", "output_wan_per_mu"))
    dense, high = far >= np.median(far), output >= 350.0
    wanted = {
        "Loose and low": (~dense & ~high).sum(), "Dense, low yield": (dense & ~high).sum(),
        "Loose, high yield": (~dense & high).sum(), "Dense and high": (dense & high).sum(),
    }  # fmt: skip
    said = page.eval_on_selector_all(
        ".pg-chart-table .pg-caption", "nodes => nodes.map(node => node.textContent)"
    )
    assert said == [f"{name}: {count}" for name, count in wanted.items()]
    foot = page.inner_text(".pg-chart-content")
    assert "Line of Floor area ratio: median" in foot
    assert "Line of Output per mu: benchmark, Fuzhou" in foot
    drawn = page.evaluate(
        "parkgeo.dashboard.parts.find((part) => part instanceof parkgeo.Charts).drawn[0].data.datasets.map(({ data, pointStyle }) => [data.length, pointStyle])"
    )
    assert sum(count for count, _ in drawn) == len(rows)
    assert len({style for _, style in drawn}) == len(drawn)


def test_a_trend_counts_in_each_snapshot_by_the_same_filter_and_weighs_years_by_land(seen, service):
    page = _show(seen, "trend", CALM)
    rows = _table(page)
    snapshots = httpx.get(f"{service}/snapshots?f=json").json()["snapshots"]
    for snapshot in snapshots:
        told = httpx.get(f"{service}/snapshots/{snapshot['name']}/collections/parcels/items", params={"filter": "idle = 'no'", "limit": 1})  # fmt: skip
        assert ["Parcels", snapshot["as_of"], str(told.json()["numberMatched"]), "Parcels"] in rows
    assert len({row[2] for row in rows if row[0] == "Parcels"}) == 2
    land = {row["parcel_id"]: row["site_area_m2"] for row in _parcels(service, idle="no")}
    years = httpx.get(f"{service}/collections/parcel_years/items?limit=10000").json()["features"]
    own = [one["properties"] for one in years if one["properties"]["parcel_id"] in land]
    for year in (2022, 2025):
        known = [(row["output_wan_per_mu"], land[row["parcel_id"]]) for row in own if row["year"] == year]
        mean = sum(value * area for value, area in known) / sum(area for _, area in known)
        (shown,) = (row[2] for row in rows if row[0] == "Output per mu" and row[1] == str(year))
        assert float(shown) == pytest.approx(mean, abs=0.006)


def test_nothing_moves_and_many_points_are_a_sample_that_is_said(seen):
    page = _show(seen, "scatter", {})
    charts = "parkgeo.dashboard.parts.find((part) => part instanceof parkgeo.Charts)"
    assert page.evaluate(f"{charts}.drawn.every((chart) => chart.options.animation === false)")
    drawn = page.evaluate("parkgeo.chartdata.sample(100000, 77777)")
    assert 4000 <= len(drawn) <= 4001
    assert 77777 in drawn
    assert drawn == sorted(set(drawn))
    assert max(np.diff(drawn)) <= 25
    assert page.evaluate("parkgeo.chartdata.sample(3, -1)") == [0, 1, 2]


@pytest.mark.parametrize("seed", range(6))
def test_a_histogram_loses_no_value_and_keeps_edges_round(seen, seed):
    chance = np.random.default_rng(seed)
    values = [*(chance.lognormal(3, 0.3 + seed / 3, 500)).tolist(), *([1e6] if seed % 2 else []), -2.5]
    told = seen.page.evaluate("(values) => parkgeo.chartdata.histogram(Float64Array.from(values))", values)
    counts = [one["count"] for one in told["bins"]]
    assert sum(counts) == len(values)
    assert len(counts) <= 25
    for place, one in enumerate(told["bins"][:-1]):
        assert one["count"] == sum(one["from"] <= value < one["to"] for value in values)
        assert one["to"] == pytest.approx(told["bins"][place + 1]["from"])
    assert told["above"] == sum(value >= told["bins"][-1]["to"] for value in values)
    assert (told["above"] > 0) == bool(seed % 2) or told["above"] < 5


def test_what_is_chosen_is_in_a_copied_link(browser, seen, service):
    page = _show(seen, "ranking", {})
    page.select_option(".pg-chart-end", "least")
    page.select_option(".pg-chart-metric", "tax_wan_per_mu")
    page.wait_for_timeout(100)
    there = Seen(browser, service, f"?lang=en{seen.hash()}")
    until(there.page, "document.querySelector('[data-tool=ranking]').getAttribute('aria-pressed') === 'true'")
    assert there.page.input_value(".pg-chart-metric") == "tax_wan_per_mu"
    assert there.page.input_value(".pg-chart-end") == "least"
    there.page.close()
