"""What a scenario must not pass over in silence: facilities that nobody reaches, speeds that close, roads that are only crossed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point

from parkgeo.cli.scenario import differing_figures
from parkgeo.errors import InputError
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.scenarios import drawn_scenario
from parkgeo.layers import Layers, Scenario
from parkgeo.pipeline.scenario import outcome
from parkgeo.planning import applied, faults_of
from parkgeo.planning.follow import followed
from tests.builders import CRS, land, rect
from tests.office import parcels
from tests.unit.test_scenario_laws import at, desk_of
from tests.unit.test_scenarios import EAST, LIMITS, NORTH, after, change, drawn, features, layers, line, said

ROAD = ([(0, 0), (5, 0)], 30.0, False, "local")


def facility(x: float, y: float, kind: str = "port") -> Any:
    return change(
        action="add_facility", fields={"facility_id": "new", "kind": kind}, geometry=Point(*at(x, y))
    )


# — a facility off the roads


def test_a_new_facility_far_from_every_road_is_to_be_looked_at():
    told = outcome(desk_of([ROAD]), Scenario("s", (facility(2, 40),)))
    assert not told.clean
    assert told.changes["what_en"].tolist() == [
        "new facility new: port; it lies farther than 300 m from every road that it may open onto: it is reached by nobody"
    ]


def test_a_new_facility_on_a_road_is_done_and_so_is_one_far_away_with_a_road_of_its_own():
    assert outcome(desk_of([ROAD]), Scenario("s", (facility(2, 0.1),))).clean
    way = change(
        action="add_road",
        fields={"road_id": "way"},
        geometry=shapely.MultiLineString([LineString([at(2, 0), at(2, 40)])]),
    )
    assert outcome(desk_of([ROAD]), Scenario("s", (facility(2, 40), way))).clean


def test_a_canteen_beside_a_motorway_alone_is_reached_by_nobody():
    motorway = ([(0, 0), (5, 0)], 30.0, False, "motorway")
    assert not outcome(desk_of([motorway]), Scenario("s", (facility(2, 0.1, "canteen"),))).clean


# — speeds


@pytest.mark.parametrize(
    ("action", "field", "value", "message"),
    [
        ("change_road", "speed_km_h", 0.0, "speed_km_h 0 closes no road — here — use close_road"),
        ("change_road", "observed_km_h", 0.0, "observed_km_h 0 closes no road — here — use close_road"),
        ("add_road", "speed_km_h", 0.0, "speed_km_h 0 closes no road — here — leave the road out, or give its speed"),
        ("change_road", "speed_km_h", 0.2, "speed_km_h 0.2 is not within 1 to 130 km/h, beyond which that of the class counts — here"),
        ("add_road", "speed_km_h", 180.0, "speed_km_h 180 is not within 1 to 130 km/h"),
    ],
)  # fmt: skip
def test_a_speed_that_would_be_replaced_is_refused(action, field, value, message):
    fields: dict[str, object] = {field: value}
    shape = None
    if action == "add_road":
        fields["road_id"], shape = "N", shapely.MultiLineString([line((0, 0), (0, 90))])
    one = change(action=action, road_id="" if action == "add_road" else "R0", fields=fields, geometry=shape)
    with pytest.raises(InputError) as caught:
        applied(layers(), Scenario("s", (one,)), **LIMITS, speeds_km_h=(1.0, 130.0))
    assert message in str(caught.value)


def test_the_packs_own_limits_count():
    slow = change(action="change_road", road_id="R0", fields={"speed_km_h": 140.0})
    with pytest.raises(InputError, match="is not within 1 to 130 km/h"):
        outcome(desk_of([ROAD]), Scenario("s", (slow,)))


# — roads that are crossed


def slanted(degrees: float, length: float = 1300.0, mid: float = 200.0) -> LineString:
    x, y = length * np.cos(np.radians(degrees)), length * np.sin(np.radians(degrees))
    return line((mid - x, -y), (mid + x, y))


@pytest.mark.parametrize("degrees", [16, 20, 30, 36, 45, 90])
def test_a_road_that_is_crossed_at_an_angle_is_not_followed(degrees):
    roads = np.array([line((0, 0), (400, 0))], dtype=object)
    assert followed(slanted(degrees), roads, within_m=10) == []


@pytest.mark.parametrize("degrees", [17, 30])
def test_a_short_road_that_is_crossed_at_an_angle_is_not_followed(degrees):
    roads = np.array([line((0, 0), (30, 0))], dtype=object)
    assert followed(slanted(degrees, mid=15), roads, within_m=10) == []


def test_a_careless_line_is_followed_still():
    roads = np.array([line((0, 0), (400, 0))], dtype=object)
    assert [one.row for one in followed(line((50, 7), (130, -7)), roads, within_m=10)] == [0]
    arc = shapely.Point(EAST, NORTH).buffer(60, quad_segs=64).exterior
    inner = shapely.Point(EAST, NORTH).buffer(54, quad_segs=64).exterior
    bend, beside = (shapely.ops.substring(one, 0, 0.25, normalized=True) for one in (arc, inner))
    assert followed(beside, np.array([bend], dtype=object), within_m=10)[0].begin_m == 0


def test_what_is_only_crossed_is_told():
    with pytest.raises(InputError, match="the line follows no road: it only crosses R0, R1, R2 — here"):
        after(change(geometry=slanted(25)))
    roads = land(
        [shapely.MultiLineString([one]) for one in (line((0, 0), (400, 0)), line((50, -80), (350, 80)))],
        road_id=["R0", "slant"],
    )
    held = land([rect(EAST, NORTH + 50, 100, 100)], parcel_id=["P"])
    found = after(change(geometry=line((0, 0), (400, 0))), held=Layers(parks=held, parcels=held, roads=roads))
    assert said(found) == ["closes 400 m of R0; it only crosses slant: nothing changes there"]


# — faults, all at once and each once


def test_a_road_that_is_closed_twice_is_told_so_and_nothing_else():
    with pytest.raises(InputError) as caught:
        after(change(road_id="R1"), change(road_id="R1", place="there"))
    assert str(caught.value) == "road R1 is closed twice: here closes it — there — delete one of them"
    with pytest.raises(InputError) as caught:
        after(change(road_id="R1"), change(road_id="R1", place="there", geometry=line((200, 0), (200, 90))))
    assert str(caught.value) == "road R1 is closed already — there — delete this, or what closes it"


def test_an_unknown_kind_is_one_fault(tmp_path):
    with pytest.raises(InputError) as caught:
        drawn(tmp_path, {"action": "add_main", "shape": Point(EAST, NORTH), "kind": "beer"})
    assert "not one of the known words: 'beer' — plan.geojson feature 1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_faults_of_a_file_come_at_once_in_the_order_of_its_features(tmp_path):
    path = features(
        tmp_path / "plan.geojson",
        {"action": "close_road", "road_id": "R9"},
        {"action": "burn"},
        {"action": "change_road", "road_id": "R1"},
        {"road_id": "R1"},
        {"action": "add_main", "shape": Point(EAST, NORTH), "kind": "beer"},
        {"action": "add_facility", "kind": "port"},
        {"action": "close_road", "road_id": "R2"},
        {"action": "change_road", "road_id": "R0", "speed_km_h": 0},
        {"action": "add_main", "shape": Point(EAST, NORTH), "kind": "gas"},
    )

    def more(scenario: Scenario) -> Any:
        return faults_of(layers(), scenario, **LIMITS)

    with opener_for(trusted=True, rasters=False) as opener, pytest.raises(InputError) as caught:
        drawn_scenario(opener, path, parcels().crs, more=more)
    head, *told = str(caught.value).splitlines()
    assert head == "7 to mend"
    for text, number, what in zip(
        told,
        (1, 2, 3, 4, 5, 6, 8),
        ("there is no road R9", "'burn'", "changes nothing", "no action", "'beer'", "no geometry", "closes no road"),
        strict=True,
    ):  # fmt: skip
        assert f"plan.geojson feature {number} — " in text
        assert what in text


# — GeoJSON of what differs


def test_a_figure_that_stays_is_told_before_and_after_and_one_that_is_unknown_is_not():
    held = pd.DataFrame(
        {
            "parcel_id": ["A", "B", "C"],
            "travel_min_port": [10.0, 4.0, np.nan],
            "unreachable": ["no", "no", "undetermined"],
            "access_score": [1.0, 1.0, 1.0],
        }
    )
    rows = pd.DataFrame(
        [
            ("s", "A", "travel_min_port", 10.0, 12.0, 2.0, None, None, "worse"),
            ("s", "B", "unreachable", np.nan, np.nan, np.nan, "no", "yes", "worse"),
            ("s", "C", "unreachable", np.nan, np.nan, np.nan, "undetermined", "yes", "changed"),
        ],
        columns=["scenario", "parcel_id", "metric", "before", "after", "change", "before_text", "after_text", "effect"],
    )  # fmt: skip
    snapshot = SimpleNamespace(
        read=lambda _: land([rect(EAST, NORTH, 9, 9)] * 3, **held.to_dict(orient="list")),
        crs=f"EPSG:{CRS}",
    )
    told = differing_figures(rows, cast("Any", snapshot)).set_index("parcel_id")
    assert told["travel_min_port_before"].tolist() == pytest.approx([10, 4, np.nan], nan_ok=True)
    assert told["travel_min_port_after"].tolist() == pytest.approx([12, 4, np.nan], nan_ok=True)
    assert told["travel_min_port_change"].tolist() == pytest.approx([2, 0, np.nan], nan_ok=True)
    assert told["unreachable_before"].tolist() == ["no", "no", "undetermined"]
    assert told["unreachable_after"].tolist() == ["no", "yes", "yes"]
    assert not [name for name in told if name.startswith("access_score") or name == "unreachable_change"]
    assert told.geometry.notna().all()
