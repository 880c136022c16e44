"""Laws of scenarios, through all that a scenario goes through: roads are cut and joined, the network is made, parcels are measured."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from parkgeo.layers import Change, Layers, Scenario
from parkgeo.packs import load_packs
from parkgeo.pipeline.access import access
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.network import road_network
from parkgeo.pipeline.scenario import outcome
from parkgeo.pipeline.services import services
from tests.builders import land, rect

if TYPE_CHECKING:
    from parkgeo.pipeline.scenario import Outcome

EAST, NORTH, STEP = 40_500_000.0, 3_400_000.0, 200.0
RULES = load_packs(["national"], Path())
SPOTS = st.tuples(st.integers(0, 4), st.integers(0, 4))
LINES = st.lists(SPOTS, min_size=2, max_size=4, unique=True)
ROADS = st.lists(
    st.tuples(
        LINES,
        st.sampled_from([15.0, 30.0, 60.0, np.nan]),
        st.booleans(),
        st.sampled_from(["arterial", "local", "motorway"]),
    ),
    min_size=1,
    max_size=6,
)
FACILITIES = st.lists(
    st.tuples(SPOTS, st.sampled_from(["port", "motorway_ramp", "fire_station", "bus_stop", "canteen"])),
    min_size=1,
    max_size=4,
)
MINUTES = ("travel_min_", "truck_min_", "walk_min_", "frontage_m")


def at(x: float, y: float) -> tuple[float, float]:
    return EAST + STEP * x, NORTH + STEP * y


def line(points: list[tuple[int, int]]) -> LineString:
    return LineString([at(*point) for point in points])


def desk_of(
    roads: list[tuple[Any, ...]], facilities: list[tuple[Any, ...]] = (), *, port: Any = None
) -> Desk:
    """A park of 5 × 5 parcels in the quarters of a grid, with the columns of both stages."""
    spots = [(x, y) for x in range(5) for y in range(5)]
    shapes = [rect(at(x, y)[0] + 20, at(x, y)[1] + 20, 60, 60) for x, y in spots]
    named = [f"P{x}{y}" for x, y in spots]
    parcels = land(
        shapes,
        parcel_id=named,
        park_id="K",
        land_kind="built",
        site_area_m2=3600.0,
        source_file="p",
        source_row=range(25),
    )
    drawn = land(
        [shapely.MultiLineString([line(points)]) for points, *_ in roads],
        road_id=[f"R{number}" for number in range(len(roads))],
        speed_km_h=[speed for _, speed, *_ in roads],
        oneway=pd.Series([oneway for *_, oneway, _ in roads], dtype=object),
        road_class=[one for *_, one in roads],
    )
    placed = land(
        [Point(*at(*spot)) for spot, _ in facilities],
        facility_id=[f"F{number}" for number in range(len(facilities))],
        kind=[kind for _, kind in facilities],
    )
    parks = land([rect(EAST - 100, NORTH - 100, 1200, 1200)], park_id=["K"], name=["K"], source_file=["k"])
    held = Layers(parks=parks, parcels=parcels, roads=drawn, facilities=placed if facilities else port)
    desk = Desk(held, RULES, dt.date(2026, 6, 30), parcels.copy(), parks.copy(), pd.DataFrame())
    desk = desk.take(access(desk))
    return desk.take(services(desk))


def minutes(found: Outcome) -> pd.DataFrame:
    return found.parcels[found.parcels["metric"].str.startswith(MINUTES)]


def new_road(points: list[tuple[int, int]], **fields: Any) -> Change:
    return Change("add_road", "n", {"road_id": "new", **fields}, shapely.MultiLineString([line(points)]))


@settings(max_examples=20, deadline=None)
@given(ROADS, FACILITIES, LINES, st.sampled_from([20.0, 90.0, None]), st.booleans())
def test_a_new_road_makes_nothing_slower_and_cuts_nobody_off(roads, facilities, points, speed, oneway):
    fields = {"oneway": oneway} | ({"speed_km_h": speed} if speed else {})
    found = outcome(desk_of(roads, facilities), Scenario("s", (new_road(points, **fields),)))
    assert set(minutes(found)["effect"]) <= {"better", "reached"}


@settings(max_examples=20, deadline=None)
@given(ROADS, FACILITIES, st.data())
def test_closing_makes_nothing_faster_and_reaches_nobody(roads, facilities, data):
    desk = desk_of(roads, facilities)
    if data.draw(st.booleans()):
        closed = Change("close_road", "n", road_id=f"R{data.draw(st.integers(0, len(roads) - 1))}")
    else:
        # Where roads are drawn on each other a cut is a place at which one may change from one to the other.
        seen = desk.once(road_network).seen
        assume(not (seen["kind"] == "duplicate_line").any())
        points = data.draw(st.sampled_from(roads))[0]
        along = line(points[:2])
        part = shapely.ops.substring(along, 0.0, data.draw(st.sampled_from([0.3, 0.6, 1.0])), normalized=True)
        closed = Change("close_road", "n", geometry=shapely.affinity.translate(part, 1.0, 2.0))
    found = outcome(desk, Scenario("s", (closed,)))
    assert set(minutes(found)["effect"]) <= {"worse", "cut_off"}


@settings(max_examples=10, deadline=None)
@given(ROADS, FACILITIES)
def test_what_changes_nothing_gives_no_rows(roads, facilities):
    desk = desk_of(roads, facilities)
    wider = Change("change_road", "n", {"lanes": 8.0}, road_id="R0")
    # The same road once more, drawn on its whole length.
    again = Change("change_road", "n", {"name": "new"}, geometry=line(roads[-1][0]))
    found = outcome(desk, Scenario("s", (wider, again)))
    assert found.parcels.empty
    assert found.parks.empty


@settings(max_examples=10, deadline=None)
@given(ROADS, FACILITIES, st.sampled_from([5.0, 45.0, 110.0]))
def test_another_speed_gives_what_a_park_with_that_speed_gives(roads, facilities, speed):
    desk = desk_of(roads, facilities)
    found = outcome(desk, Scenario("s", (Change("change_road", "n", {"speed_km_h": speed}, road_id="R0"),)))
    other = desk_of([(roads[0][0], speed, *roads[0][2:]), *roads[1:]], facilities)
    after = desk.parcels.set_index("parcel_id").copy()
    for row in minutes(found).to_dict(orient="records"):
        after.loc[row["parcel_id"], row["metric"]] = row["after"]
    names = [name for name in after if str(name).startswith(MINUTES)]
    expected = other.parcels.set_index("parcel_id")[names].astype(float)
    np.testing.assert_allclose(after[names].astype(float), expected, rtol=0, atol=0.001)


@settings(max_examples=6, deadline=None)
@given(ROADS, FACILITIES, LINES)
def test_the_desk_stays_as_it_was(roads, facilities, points):
    desk = desk_of(roads, facilities)
    before = (desk.layers.roads.copy(), desk.parcels.copy(), desk.layers.facilities.copy())
    changes = (
        Change("change_road", "n", {"speed_km_h": 9.0}, road_id="R0"),
        new_road(points),
        Change("add_facility", "n", {"facility_id": "new", "kind": "port"}, Point(*at(1, 1))),
    )
    outcome(desk, Scenario("s", changes))
    for now, then in zip((desk.layers.roads, desk.parcels, desk.layers.facilities), before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(now), pd.DataFrame(then))


ALONG = [([(0, 0), (4, 0)], 60.0, False, "arterial")]


def test_a_bypass_by_arithmetic():
    """A detour of 2.4 km, at 60 km/h a minute each kilometre, becomes 0.8 km."""
    detour = ([(0, 0), (0, 4), (4, 4), (4, 0)], 60.0, False, "arterial")
    desk = desk_of([detour], [((4, 0), "port")])
    found = outcome(desk, Scenario("s", (new_road([(0, 0), (4, 0)], speed_km_h=60.0),)))
    rows = found.parcels.set_index(["metric", "parcel_id"])
    one = rows.loc[("travel_min_port", "P00")]
    # Its gate lies 20 m off the detour, 50 m up: 2.35 km before, 0.85 km after, and 20 m at 10 km/h.
    assert one["before"] == pytest.approx(2.35 + 0.12)
    assert one["after"] == pytest.approx(0.85 + 0.12)
    assert one["effect"] == "better"
    parks = found.parks.set_index("metric").loc["travel_min_port"]
    assert parks["parcels_better"] > 0
    assert parks["parcels_worse"] == parks["parcels_cut_off"] == 0
    assert parks["change"] == pytest.approx(parks["after"] - parks["before"])


def test_who_loses_his_only_road_is_cut_off_and_counted():
    desk = desk_of([*ALONG, ([(4, 0), (4, 2)], 60.0, False, "arterial")], [((4, 2), "port")])
    found = outcome(desk, Scenario("s", (Change("close_road", "n", road_id="R0"),)))
    rows = found.parcels[found.parcels["metric"] == "travel_min_port"]
    along = [name for name in desk.parcels["parcel_id"] if name.endswith("0") and name != "P40"]
    assert set(rows.loc[rows["effect"] == "cut_off", "parcel_id"]) == set(along)
    assert rows["after"].isna().sum() == len(along)
    told = found.parks.set_index("metric").loc["travel_min_port"]
    assert told["parcels_cut_off"] == len(along)
    assert "the only entrances of parcels P00, P10" in found.changes["what_en"].iloc[0]
    # Who is cut off does not count in the means: those that are left have the way they had.
    assert told["before"] == pytest.approx(told["after"]) or np.isnan(told["before"])


def test_a_facility_keeps_its_entrance_when_a_road_is_built_past_it():
    """The port stands 10 m off the road; a lane from nowhere, 1 m off, must not draw it away."""
    port = land([Point(EAST + 790, NORTH + 10)], facility_id=["F"], kind=["port"])
    desk = desk_of(ALONG, port=port)
    lane = shapely.MultiLineString([[(EAST + 789, NORTH + 9), (EAST + 789, NORTH + 190)]])
    found = outcome(desk, Scenario("s", (Change("add_road", "n", {"road_id": "new"}, lane),)))
    assert found.changes["doubtful"].tolist() == [True]
    assert not (found.parcels["metric"] == "travel_min_port").any()


def test_a_parcel_without_frontage_gets_a_gate_on_a_new_road():
    desk = desk_of(ALONG, [((4, 0), "port")])
    assert desk.parcels.set_index("parcel_id").loc["P13", "no_frontage"] != "no"
    found = outcome(desk, Scenario("s", (new_road([(1, 0), (1, 4)], speed_km_h=30.0, road_class="local"),)))
    rows = found.parcels.set_index(["metric", "parcel_id"])
    assert rows.loc[("no_frontage", "P13"), "after_text"] == "no"
    # 0.65 km at 30 km/h, 0.6 km at 60 km/h, and from the edge of the parcel to the road at 10 km/h.
    assert rows.loc[("travel_min_port", "P13"), "after"] == pytest.approx(
        1.3 + 0.6 + 0.02 / 10 * 60, abs=0.01
    )
    assert rows.loc[("travel_min_port", "P13"), "effect"] == "reached"


def test_a_main_brings_a_service_and_leaves_the_ways_alone():
    desk = desk_of(ALONG, [((4, 0), "port")])
    main = Change("add_main", "n", {"utility_id": "new", "kind": "heat"}, line([(0, 0), (4, 0)]))
    found = outcome(desk, Scenario("s", (main,)))
    rows = found.parcels[found.parcels["metric"] == "main_m_heat"].set_index("parcel_id")
    assert rows.loc["P00", "after"] == pytest.approx(20.0)
    assert minutes(found).empty


def test_a_facility_whose_road_is_closed_is_reached_by_nobody_and_is_to_be_looked_at():
    desk = desk_of([*ALONG, ([(4, 0), (4, 2)], 60.0, False, "arterial")], [((2, 0), "port")])
    found = outcome(desk, Scenario("s", (Change("close_road", "n", road_id="R0"),)))
    rows = found.parcels[found.parcels["metric"] == "travel_min_port"]
    assert set(rows["effect"]) == {"cut_off"}
    assert found.changes["doubtful"].tolist() == [True]
    assert "the entrances of facilities F0 are taken to lie on it" in found.changes["what_en"].iloc[0]


def test_a_stretch_of_an_osm_road_meets_others_only_where_they_share_a_vertex():
    """A bridge of OpenStreetMap without a level crosses a road; slower in part, it must not come to meet it."""
    desk = desk_of(
        [([(0, 1), (4, 1)], 60.0, False, "arterial"), ([(2, 0), (2, 4)], 60.0, False, "arterial")],
        [((2, 4), "port")],
    )
    roads = desk.layers.roads.assign(road_id=["way/1", "way/2"])
    desk = replace(desk, layers=replace(desk.layers, roads=roads), _kept={})
    desk = desk.take(access(desk))
    assert desk.parcels.set_index("parcel_id")["travel_min_port"].isna()["P01"]
    slow = Change("change_road", "n", {"speed_km_h": 20.0}, geometry=line([(1, 1), (3, 1)]))
    found = outcome(desk, Scenario("s", (slow,)))
    assert not (found.parcels["effect"] == "reached").any()


def test_a_gate_stays_on_its_side_of_a_one_way_road_that_is_drawn_out_and_back():
    """Found by the law above: the gate of the way back came to lie on the way out."""
    main = ([(4, 4), (0, 0), (2, 2)], np.nan, False, "motorway")
    back = ([(3, 3), (2, 1), (4, 1), (0, 1)], np.nan, True, "local")
    desk = desk_of([main, back], [((2, 0), "motorway_ramp"), ((0, 1), "bus_stop")])
    found = outcome(desk, Scenario("s", (new_road([(2, 2), (1, 3)], oneway=False),)))
    assert set(minutes(found)["effect"]) <= {"better", "reached"}


def test_a_road_that_is_drawn_twice_is_closed_once_for_all():
    """Found by the law above: the double that had lain beneath was faster."""
    slow, fast = ([(0, 0), (4, 0)], 20.0, False, "arterial"), ([(4, 0), (0, 0)], 60.0, False, "arterial")
    desk = desk_of([slow, fast, ([(4, 0), (4, 2)], 60.0, False, "arterial")], [((4, 2), "port")])
    found = outcome(desk, Scenario("s", (Change("close_road", "n", road_id="R0"),)))
    assert set(minutes(found)["effect"]) <= {"worse", "cut_off"}
    assert (found.parcels["effect"] == "cut_off").any()
    assert "roads R1 are drawn on others here" in found.changes["what_en"].iloc[0]
