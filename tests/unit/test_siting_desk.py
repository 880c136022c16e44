"""What a search reads of a snapshot: capacity, heights, sensitive neighbours, candidates; and a snapshot made before there was any of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from parkgeo.errors import NotFoundError
from parkgeo.packs import RuleBook, load_packs
from parkgeo.pipeline.siting import siting_desk
from parkgeo.pipeline.siting_rows import site_rows
from tests.snapshot_builder import build_snapshot

EPSG = 4528
NO_LAYERS = dict.fromkeys(("buildings", "utilities", "plan", "constraints", "facilities", "net_land"))


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load_packs(["national"], Path())


def layer(shapes: list[object], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=EPSG)


def plots(**columns: list[object]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    return layer(
        [box(1000 * at, 0, 1000 * at + 60, 40) for at in range(count)],
        parcel_id=[f"P{at}" for at in range(count)],
        **columns,
    )


def test_free_capacity_is_read_in_the_unit_of_the_need(rules):
    mains = layer(
        [Point(30, 60), LineString([(0, 50), (60, 50)]), Point(1030, 60), LineString([(1000, 90), (1060, 90)]), Point(30, 70), LineString([(0, 60), (60, 60)])],
        utility_id=["a", "b", "c", "d", "e", "f"], kind=["power", "power", "power", "water", "gas", "water"], capacity=[10.0, 900.0, 5.0, 100.0, 9.0, 50.0],
        used=[4.0, 100.0, None, 40.0, 1.0, 0.0], capacity_unit=["MVA", "kVA", "MVA", "m3/h", None, "t/h"],
    )  # fmt: skip
    rows = site_rows(plots(use_code=["1001"] * 3), {**NO_LAYERS, "utilities": mains}, rules)
    np.testing.assert_array_equal(rows["power_kva"], [6000.0, np.nan, 0.0])
    np.testing.assert_array_equal(rows["power_kva_most"], [6000.0, np.inf, 0.0])
    np.testing.assert_array_equal(
        rows["water_m3_per_day"], [np.nan, 1440.0, 0.0]
    )  # tonnes an hour are none of its units
    np.testing.assert_array_equal(rows["water_m3_per_day_most"], [np.inf, 1440.0, 0.0])
    np.testing.assert_array_equal(rows["gas_m3_per_h_most"], [np.inf, 0.0, 0.0])


def test_mains_of_a_map_or_of_unknown_kind_leave_it_open(rules):
    mains = layer(
        [Point(30, 60), Point(1030, 60)],
        utility_id=["way/1", "x"],
        kind=["power", None],
        capacity=[1.0, 1.0],
        used=[0.0, 0.0],
        capacity_unit=["MVA", "MVA"],
    )
    rows = site_rows(plots(use_code=["1001"] * 3), {**NO_LAYERS, "utilities": mains}, rules)
    np.testing.assert_array_equal(rows["power_kva"], [1000.0, np.nan, np.nan])
    np.testing.assert_array_equal(rows["power_kva_most"], [1000.0, np.inf, np.nan])
    assert "water_m3_per_day" not in rows


def test_what_is_sensitive_stands_in_parcels_and_facilities(rules):
    parcels = plots(use_code=["100103", "0701", None, "100101"])
    school = layer([Point(3030, 240)], kind=["school"])
    rows = site_rows(parcels, {**NO_LAYERS, "facilities": school}, rules)
    assert rows["sensitive_m"].tolist() == [940.0, 0.0, 0.0, 200.0]
    assert rows["sensitive_most_m"].tolist() == [940.0, 0.0, 940.0, 200.0]
    without = site_rows(parcels, NO_LAYERS, rules)
    assert without["sensitive_m"].isna().all()
    assert without["sensitive_most_m"].tolist() == [940.0, 0.0, 940.0, 1940.0]


def test_land_that_could_come_free_is_told_by_state_where_the_analysis_does_not_say(rules):
    columns = {
        "land_state": ["in_use", "reserve", "supplied_not_started", "in_use", "used_in_part"],
        "idle": ["no", None, "yes", "undetermined", "no"],
    }
    parcels = plots(use_code=["1001"] * 5, low_efficiency=["yes", None, None, "no", None], **columns)
    assert site_rows(parcels, NO_LAYERS, rules)["candidate"].tolist() == [
        "low_efficiency",
        "reserve",
        "idle",
        "none",
        "used_in_part",
    ]
    told = parcels.assign(candidate=["none", "idle", None, "none", "none"])
    assert site_rows(told, NO_LAYERS, rules)["candidate"].tolist() == ["none", "idle", "none", "none", "none"]


def test_a_project_builds_its_own_floors_but_in_buildings_that_stand(rules):
    parcels = plots(
        candidate=["idle", "low_efficiency", "low_efficiency", "low_efficiency"],
        footprint_m2=[900.0, 900.0, 900.0, 0.0],
    )
    buildings = layer([Point(0, 0)] * 2, parcel_id=["P1", "P1"], floor_load_t_per_m2=[0.5, 1.5])
    found = site_rows(parcels, {**NO_LAYERS, "buildings": buildings}, rules)["floor_load_t_m2"]
    np.testing.assert_array_equal(found, [np.inf, 1.5, np.nan, np.inf])


def test_codes_of_the_survey_do_not_pass_for_those_of_the_plan(rules):
    survey = RuleBook(
        rules.packs,
        rules.figures
        | {"ledger.classification": replace(rules["ledger.classification"], value="GB/T 21010")},
    )
    parcels = plots(use_code=["0601", "1001", "M1", None])
    told = site_rows(parcels, NO_LAYERS, survey)["use_code"].fillna("").tolist()
    assert told == ["1001 (GB/T 21010 0601)", "(GB/T 21010 1001)", "M1", ""]
    assert site_rows(parcels, NO_LAYERS, rules)["use_code"].fillna("").tolist() == ["0601", "1001", "M1", ""]


def test_a_parcel_that_is_cut_off_is_without_end_away(rules):
    parcels = plots(travel_min_port=[5.0, np.nan, np.nan], unreachable=["no", "yes", "no"])
    np.testing.assert_array_equal(
        site_rows(parcels, NO_LAYERS, rules)["travel_min_port"], [5.0, np.inf, np.nan]
    )


def test_a_snapshot_of_an_earlier_version_is_asked_all_the_same(tmp_path):
    desk = siting_desk(build_snapshot(tmp_path, parcels=6))
    found = desk.search(desk.brief({"industry": "machinery", "sites": {"all_parcels": True}}))
    assert found.asked == 6
    assert found.fits == 0
    assert found.fails + found.unknown == 6
    matrix = desk.fit(["34", "electronics"], all_parcels=True)
    assert matrix.grade.shape == (6, 2)
    assert desk.shape([desk.sites["site_id"][0], "none"])[1] is None
    with pytest.raises(NotFoundError, match="did you mean 'machinery'"):
        desk.fit(["machinry"])
    with pytest.raises(NotFoundError, match="no parcel or site"):
        desk.fit(site="P")
    with pytest.raises(NotFoundError, match="no park"):
        desk.search(desk.brief({"industry": "machinery", "sites": {"park": "nowhere"}}))
