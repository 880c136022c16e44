"""What the dashboard's filters leave is what the service gives for the same condition; what is missing is kept only when asked for."""

from __future__ import annotations

import json

import httpx
import numpy as np
import pytest

from tests.api.conftest import started
from tests.api.sample_service import serve_copy
from tests.browser.dashboard import Seen, cells
from tests.chromium import open_chromium
from tests.snapshot_builder import HOSTILE, build_snapshot

ROUND = [[120.2190, 30.5730], [120.2290, 30.5740], [120.2280, 30.5810], [120.2200, 30.5800]]
AREAS = {"rings": [ROUND, [[120.231, 30.576], [120.236, 30.576], [120.236, 30.581], [120.231, 30.581]]]}
CRITERIA = {
    "nothing": {},
    "verdict": {"any": {"idle": ["yes", "undetermined"]}},
    "verdict or none": {"any": {"idle": ["yes", None]}},
    "state": {"any": {"land_state": ["supplied_not_started", "suspended"]}},
    "grade and industry": {"any": {"grade": ["C", "D"], "industry_code": ["29", "36", None]}},
    "no grade": {"any": {"grade": [None]}},
    "area from": {"ranges": {"site_area_m2": {"from": 30_000, "to": None}}},
    "score to": {"ranges": {"score": {"from": None, "to": 80}}},
    "score or none": {"ranges": {"score": {"from": 60, "to": 80, "missing": True}}},
    "days and verdict": {"any": {"idle": ["yes"]}, "ranges": {"idle_days": {"from": 365, "to": None}}},
    "finding": {"findings": {"codes": ["service_missing", "underbuilt"], "verdicts": ["yes"]}},
    "finding not sure": {"findings": {"codes": ["idle_not_started"], "verdicts": ["yes", "undetermined"]}},
    "holder": {"holder": "实业"},
    "within": {"areas": AREAS},
    "touching": {"areas": {**AREAS, "touching": True}},
    "all at once": {
        "any": {"idle": ["no", "yes"], "grade": ["B", "C", "D", None]},
        "ranges": {
            "site_area_m2": {"from": 10_000, "to": 90_000},
            "far": {"from": 0.3, "to": 2, "missing": True},
        },
        "findings": {"codes": ["service_missing"], "verdicts": ["yes", "undetermined"]},
        "holder": "云",
        "areas": {**AREAS, "touching": True},
    },
}
SORTS = [
    "parcel_id",
    "-site_area_m2",
    "holder",
    "-grade",
    "far",
    "-idle_days",
    "-idle,land_state,-score",
    "-industry_code",
]


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def service(sample_run, tmp_path_factory):
    with serve_copy(sample_run.snapshot, tmp_path_factory.mktemp("served")) as url:
        yield url


@pytest.fixture(scope="module")
def seen(browser, service):
    dashboard = Seen(browser, service)
    yield dashboard
    assert dashboard.complaints == []
    assert dashboard.strangers == []
    dashboard.page.close()


def _asked(service, **given):
    answer = httpx.get(
        f"{service}/collections/parcels/items",
        params={
            "limit": 10_000,
            "skipGeometry": "true",
            "properties": "parcel_id",
            "sortby": "parcel_id",
            **given,
        },
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def _ids(told):
    return [feature["id"] for feature in told["features"]]


@pytest.mark.parametrize("name", CRITERIA)
def test_the_page_shows_what_the_service_gives_for_its_condition(seen, service, name):
    shown = seen.set(CRITERIA[name])
    told = _asked(service, **({"filter": shown["filter"]} if shown["filter"] else {}))
    assert shown["count"] == told["numberMatched"]
    assert shown["ids"] == _ids(told)
    assert f"{shown['count']} " in shown["said"]
    assert 0 < shown["count"] < told["numberMatched"] + (not shown["filter"] or 1)


def test_the_conditions_are_those_that_the_table_of_the_snapshot_meets(seen, sample_run):
    parcels = sample_run.snapshot.read("parcels")
    expected = {
        "verdict": parcels["idle"].isin(["yes", "undetermined"]),
        "verdict or none": parcels["idle"].eq("yes").fillna(value=False) | parcels["idle"].isna(),
        "score to": parcels["score"] <= 80,
        "score or none": parcels["score"].between(60, 80) | parcels["score"].isna(),
        "holder": parcels["holder"].str.contains("实业", na=False),
    }
    for name, kept in expected.items():
        assert set(seen.set(CRITERIA[name])["ids"]) == set(parcels["parcel_id"][kept]), name


def test_an_area_that_touches_more_than_it_holds(seen):
    within, touching = (set(seen.set(CRITERIA[name])["ids"]) for name in ("within", "touching"))
    assert within < touching


def test_a_figure_counts_as_it_is_shown(seen, service, sample_run):
    # 0.01 m² is what is shown: the parcel whose area is rounded up to the bound is in, in the page and in the service.
    areas = sample_run.snapshot.read("parcels").set_index("parcel_id")["site_area_m2"]
    shown = areas.round(2)
    parcel = (shown - areas).idxmax()
    assert shown[parcel] > areas[parcel]
    met = seen.set({"ranges": {"site_area_m2": {"from": float(shown[parcel]), "to": float(shown[parcel])}}})
    assert met["ids"] == [parcel]
    assert _ids(_asked(service, filter=met["filter"])) == [parcel]


@pytest.mark.parametrize("keys", SORTS)
def test_the_table_stands_in_the_services_order(seen, service, sample_run, keys):
    seen.set({})
    rows = seen.sort("parcels", keys)
    told = _ids(_asked(service, sortby=keys if "parcel_id" in keys else f"{keys},parcel_id"))
    # The page knows figures to four decimals: what differs by less may stand either way round.
    parcels = sample_run.snapshot.read("parcels").set_index("parcel_id", drop=False)
    names = [key.removeprefix("-") for key in keys.split(",")]
    here, there = (parcels.loc[ids, names].round(4).astype(str).to_numpy().tolist() for ids in (rows, told))
    assert here == there
    assert sorted(rows) == sorted(told)
    seen.sort("parcels", "parcel_id")


def test_the_register_has_the_worst_first(seen, sample_run):
    seen.set({})
    rows = seen.sort("register", "")
    parcels = sample_run.snapshot.read("parcels").set_index("parcel_id").loc[rows]
    grave = parcels["idle_consequence"].map({"recovery": 2, "fee": 1}).fillna(0)
    key = list(
        zip(
            parcels["idle"].eq("yes"), grave, parcels["idle_days"].fillna(-1), parcels["idle_fee_wan"].fillna(-1), strict=True
        )
    )  # fmt: skip
    assert key == sorted(key, reverse=True)
    assert set(parcels["idle"]) == {"yes", "undetermined"}


def test_companies_are_those_on_the_parcels_that_are_left(seen, sample_run):
    page = seen.page
    years, occupancy = (sample_run.snapshot.read(name) for name in ("company_years", "occupancy"))
    last = years[years["year"] == years["year"].max()]
    page.click("#pg-tab-companies")
    for criteria in ({}, {"any": {"grade": ["D"]}}, CRITERIA["within"]):
        left = seen.set(criteria)["ids"]
        there = set(occupancy["enterprise_id"][occupancy["parcel_id"].isin(left)])
        expected = last[last["enterprise_id"].isin(there)] if criteria else last
        grid = page.locator(".pg-pane:not([hidden]) [role=grid]")
        assert grid.get_attribute("aria-rowcount") == str(len(expected) + 1)
        grades = [text for text in cells(page, 2) if text != "—"]
        assert grades == sorted(grades)
    page.click(".pg-downloads summary")
    with page.expect_download() as waiting:
        page.click(".pg-menu-item[data-form=csv]")
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    names = list(expected["name"])
    assert all(name in text for name in names)
    assert not any(name in text for name in set(last["name"]) - set(names))
    seen.set({})
    page.click("#pg-tab-parcels")


def test_controls_set_conditions_and_chips_take_them_away(seen, service):
    page = seen.page
    seen.set({})
    page.click(".pg-filter-button")
    page.check("input[data-filter=idle][data-value=yes]")
    page.check("input[data-filter=land_state][data-value=supplied_not_started]")
    page.fill("input[data-range=site_area_m2] >> nth=0", "30")
    page.check("input[data-finding=service_missing]")
    page.fill(".pg-holder-input", "云")
    seen.until("parkgeo.dashboard.filters.cql2().includes('CASEI')")
    criteria = page.evaluate("parkgeo.dashboard.filters.criteria")
    assert criteria == {
        "any": {"idle": ["yes"], "land_state": ["supplied_not_started"]},
        "ranges": {"site_area_m2": {"from": 20_000, "to": None, "missing": False}},
        "findings": {"codes": ["service_missing"], "verdicts": ["yes"]},
        "holder": "云",
    }
    assert page.locator(".pg-chip").count() == 5
    count = _asked(service, filter=page.evaluate("parkgeo.dashboard.filters.cql2()"))["numberMatched"]
    assert page.inner_text(".pg-shown").startswith(f"{count} of ")
    page.keyboard.press("Escape")
    for left in (4, 3, 2, 1):
        page.click(".pg-chip button >> nth=0")
        seen.until(f"document.querySelectorAll('.pg-chip').length === {left}")
    page.click(".pg-clear")
    seen.until("parkgeo.dashboard.filters.empty")
    assert page.inner_text(".pg-shown").startswith("All ")
    assert not page.is_checked("input[data-filter=idle][data-value=yes]")


def test_the_form_speaks_the_unit_that_is_chosen(seen):
    seen.set({"ranges": {"site_area_m2": {"from": 20_000, "to": None}}})
    said = {}
    for unit in ("ha", "m2", "mu"):
        seen.page.select_option(".pg-unit", unit)
        said[unit] = (
            seen.page.input_value("input[data-range=site_area_m2] >> nth=0"),
            seen.page.inner_text(".pg-chip"),
        )
    assert {unit: value for unit, (value, _) in said.items()} == {"mu": "30", "ha": "2", "m2": "20000"}
    assert "20,000 m²" in said["m2"][1]
    seen.set({})


@pytest.mark.parametrize(
    "given",
    [
        "null",
        "[]",
        '{"any": 3, "ranges": "x", "findings": [], "holder": {}, "areas": {"rings": [[[1]]]}}',
        '{"any": {"idle": [{"a": 1}, 7]}, "ranges": {"far": {"from": "1 OR 1=1", "to": null}}}',
        '{"any": {"source_file": ["x"], "__proto__": ["x"]}, "findings": {"codes": ["constructor", "\' OR 1=1"]}}',
        '{"ranges": {"far": {"from": 1e999}}, "holder": "   "}',
    ],
)
def test_what_is_no_condition_is_none(seen, given):
    assert seen.set(json.loads(given))["filter"] == ""


def test_users_text_is_a_text_in_the_condition(browser, tmp_path):
    snapshot = build_snapshot(tmp_path, hostile=True)
    holders = snapshot.read("parcels")["holder"]
    with started(snapshot.path.parents[1]) as service:
        seen = Seen(browser, service)
        for text in (text for text in HOSTILE if len(text) <= 200):
            shown = seen.set({"holder": text})
            assert shown["count"] == np.count_nonzero(holders.str.casefold().str.contains(text.strip().casefold(), regex=False, na=False)), text  # fmt: skip
            assert shown["ids"] == _ids(_asked(service, filter=shown["filter"])), text
        assert seen.page.evaluate("window.__owned") is None
        assert seen.complaints == []
        seen.page.close()
