"""Scenarios as people write them: what is read of them, what becomes of the layers, and what is refused, feature by feature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from shapely import LineString, Point

from parkgeo.errors import InputError, ParkgeoError
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.scenarios import drawn_scenario, read_scenarios
from parkgeo.layers import Change, Layers, Scenario
from parkgeo.planning import applied
from parkgeo.planning.follow import Stretch, followed
from parkgeo.project import read_project
from tests.builders import CRS, land, rect
from tests.office import parcels, project, write

if TYPE_CHECKING:
    from pathlib import Path

EAST, NORTH = 40_500_000.0, 3_400_000.0
LIMITS = {"follow_m": 10.0, "join_m": 5.0}


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in points])


def layers(**columns: Any) -> Layers:
    """R0 runs east for 400 m, R1 crosses it in the middle, R2 runs beside it 40 m to the north."""
    shapes = [line((0, 0), (400, 0)), line((200, -200), (200, 200)), line((0, 40), (400, 40))]
    roads = land(
        [shapely.MultiLineString([one]) for one in shapes],
        **(
            {"road_id": ["R0", "R1", "R2"], "speed_km_h": [60.0, np.nan, 30.0], "lanes": [2.0, 2.0, 2.0]}
            | columns
        ),
    )
    held = land([rect(EAST, NORTH + 50, 100, 100)], parcel_id=["P"])
    return Layers(parks=held, parcels=held, roads=roads)


def change(**more: Any) -> Change:
    return Change(**({"action": "close_road", "place": "here"} | more))


def after(*changes: Change, held: Layers | None = None) -> Any:
    return applied(held or layers(), Scenario("s", changes), **LIMITS)


def said(found: Any) -> list[str]:
    return ["; ".join(each.speak("en") for each in one.said) for one in found.effects]


def metres(found: Any) -> dict[str, float]:
    roads = found.layers.roads
    return dict(zip(roads["road_id"], roads.length, strict=True))


def features(path: Path, *told: dict[str, Any], crs: str | None = f"urn:ogc:def:crs:EPSG::{CRS}") -> Path:
    content: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": shape and shapely.geometry.mapping(shape),
                "properties": properties,
            }
            for shape, properties in ((one.pop("shape", None), one) for one in told)
        ],
    }
    if crs is not None:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def drawn(path: Path, *told: dict[str, Any], **options: Any) -> Scenario:
    with opener_for(trusted=True, rasters=False) as opener:
        return drawn_scenario(opener, features(path / "plan.geojson", *told, **options), parcels().crs)


# — lines that follow roads


def test_a_line_follows_what_runs_along_it_and_not_what_crosses():
    shapes = np.asarray(layers().roads.geometry.array, dtype=object)
    assert followed(line((50, 4), (300, -3)), shapes, within_m=10) == [
        Stretch(0, 0, pytest.approx(50, abs=0.5), pytest.approx(300, abs=0.5))
    ]
    assert followed(line((0, 1), (400, 1)), shapes, within_m=10) == [Stretch(0, 0, 0.0, 400.0)]
    assert followed(line((0, 20), (400, 20)), shapes, within_m=10) == []


def test_of_two_carriageways_the_one_that_is_drawn_on_is_followed():
    pair = np.array([line((0, 0), (400, 0)), line((0, 8), (400, 8))], dtype=object)
    assert [one.row for one in followed(line((100, 0.5), (300, 0.5)), pair, within_m=10)] == [0]
    assert [one.row for one in followed(line((100, 4), (300, 4)), pair, within_m=10)] == [0, 1]


def test_a_line_that_turns_follows_both_roads_and_overruns_neither():
    shapes = np.asarray(layers().roads.geometry.array, dtype=object)
    found = followed(line((0, 0), (200, 0), (200, 150)), shapes, within_m=10)
    assert {one.row for one in found} == {0, 1}
    lengths = {one.row: one.end_m - one.begin_m for one in found}
    assert lengths[0] == pytest.approx(200, abs=10.1)
    assert lengths[1] == pytest.approx(150, abs=10.1)


# — roads closed, changed, added


def test_a_road_is_closed_whole_by_name_and_in_part_by_a_line():
    assert metres(after(change(road_id="R0"))) == {"R1": 400.0, "R2": 400.0}
    part = after(change(geometry=line((100, 3), (300, 3))))
    assert metres(part)["R0"] == pytest.approx(200)
    assert said(part) == ["closes 200 m of R0"]
    assert part.origin.tolist() == [0, 1, 2]


def test_a_named_road_is_closed_only_as_far_as_its_line_goes():
    found = after(change(road_id="R2", geometry=line((0, 38), (100, 38))))
    assert metres(found) == {"R0": 400.0, "R1": 400.0, "R2": pytest.approx(300)}


def test_a_changed_stretch_has_a_row_of_its_own_and_meets_the_rest_at_one_point():
    slow = change(action="change_road", geometry=line((100, 3), (300, 3)), fields={"speed_km_h": 20.0})
    found = after(slow)
    roads = found.layers.roads.set_index("road_id")
    assert roads["speed_km_h"].to_dict() == {
        "R0": 60.0,
        "R1": pytest.approx(np.nan, nan_ok=True),
        "R2": 30.0,
        "R0 (2)": 20.0,
    }
    assert roads.length["R0 (2)"] == pytest.approx(200)
    assert (
        roads.geometry["R0"].boundary.intersection(roads.geometry["R0 (2)"].boundary).geom_type
        == "MultiPoint"
    )
    assert found.origin.tolist() == [0, 1, 2, 0]
    assert said(found) == ["changes 200 m of R0: Speed 60 → 20"]


def test_widening_changes_no_speed_and_says_so():
    wide = change(action="change_road", road_id="R0", fields={"lanes": 6.0})
    found = after(wide)
    assert found.layers.roads["speed_km_h"].iloc[0] == 60.0
    assert "no model of capacity" in said(found)[0]
    with_speed = after(change(action="change_road", road_id="R0", fields={"lanes": 6.0, "speed_km_h": 80.0}))
    assert "capacity" not in said(with_speed)[0]


def test_another_class_says_which_speed_counts():
    told = {
        road: said(after(change(action="change_road", road_id=road, fields={"road_class": "arterial"})))[0]
        for road in ("R0", "R1")
    }
    assert "the speed that is stated stays" in told["R0"]
    assert "now that of the new class" in told["R1"]


def test_what_is_so_already_is_to_be_looked_at():
    found = after(change(action="change_road", road_id="R0", fields={"speed_km_h": 60.0}))
    assert [one.doubtful for one in found.effects] == [True]
    assert said(found) == ["changes nothing: R0 are so already"]


def test_an_end_that_nearly_meets_a_road_is_drawn_to_it_and_one_far_off_is_not():
    new = change(
        action="add_road",
        fields={"road_id": "N"},
        geometry=shapely.MultiLineString([line((350, 3), (350, 34))]),
    )
    found = after(new)
    assert found.layers.roads.geometry.iloc[3].bounds[1] == NORTH
    assert found.layers.roads.geometry.iloc[3].bounds[3] == NORTH + 34
    assert said(found) == ["new road N, 31 m; an end 3.0 m beside road R0 was drawn to it; it meets R0"]
    alone = after(
        change(
            action="add_road",
            fields={"road_id": "N"},
            geometry=shapely.MultiLineString([line((500, 0), (500, 90))]),
        )
    )
    assert said(alone) == ["new road N, 90 m; it meets no other road"]
    assert alone.effects[0].doubtful
    assert found.origin.tolist() == [0, 1, 2, -1]


def test_what_is_added_makes_a_layer_where_there_is_none():
    found = after(
        change(
            action="add_facility", fields={"facility_id": "F", "kind": "port"}, geometry=Point(EAST, NORTH)
        )
    )
    assert found.layers.facilities["kind"].tolist() == ["port"]
    odd = after(
        change(
            action="add_facility", fields={"facility_id": "F", "kind": "prot"}, geometry=Point(EAST, NORTH)
        )
    )
    assert odd.effects[0].doubtful


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([change(road_id="R9")], "there is no road R9 — here — roads are R0, R1, R2"),
        ([change(road_id="R1"), change(road_id="R1", place="there")], "road R1 is closed twice: here closes it — there — delete one"),
        (
            [change(road_id="R1"), change(action="change_road", road_id="R1", fields={"lanes": 4.0}, place="there")],
            "road R1 is closed and changed: here says so — there",
        ),
        (
            [
                change(action="change_road", road_id="R1", fields={"lanes": 4.0}),
                change(action="change_road", road_id="R1", fields={"lanes": 6.0}, place="there"),
            ],
            "here gives another lanes of road R1 — there",
        ),
        ([change(geometry=line((0, 90), (400, 90)))], "the line follows no road: it only crosses R1 — here — draw it along the road, no farther than 10 m"),
        ([change(road_id="R2", geometry=line((0, 0), (400, 0)))], "the line does not follow road R2 — here"),
        (
            [change(action="add_road", fields={"road_id": "R1"}, geometry=line((0, 0), (9, 9)))],
            "road_id R1 is there already — here",
        ),
        (
            [change(action="add_main", fields={"utility_id": "U", "kind": "gas"}, geometry=Point(EAST + 2e5, NORTH))],
            "it lies 200 km from the parcels — here",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_named_with_its_mend(changes, told):
    with pytest.raises(InputError) as caught:
        after(*changes)
    assert told in str(caught.value)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(InputError, match="3 to mend"):
        after(change(road_id="A"), change(road_id="B"), change(road_id="C"))


def test_roads_cannot_be_closed_where_there_are_none():
    held = land([rect(EAST, NORTH, 100, 100)], parcel_id=["P"])
    with pytest.raises(InputError, match="there is no layer of roads"):
        after(change(road_id="R0"), held=Layers(parks=held, parcels=held))


# — files


def test_a_file_is_read_as_the_layers_are(tmp_path):
    found = drawn(
        tmp_path,
        {
            "action": "add_road",
            "shape": line((0, 0), (50, 0)),
            "道路等级": "主干路",
            "车速": "50",
            "单行": "否",
        },
        {"action": "新增设施", "shape": Point(EAST, NORTH), "kind": "消防站"},
        {"action": "Close Road", "road_id": "R1"},
        {"action": "change_road", "shape": line((0, 0), (50, 0)), "speed_km_h": 20, "stroke": "#f00"},
        {"action": "add_main", "shape": line((0, 0), (50, 0)), "kind": "heat", "utility_id": "H1"},
    )
    assert [one.action for one in found.changes] == [
        "add_road",
        "add_facility",
        "close_road",
        "change_road",
        "add_main",
    ]
    assert found.name == "plan"
    road, facility, closed, changed, main = found.changes
    assert road.fields == {
        "road_id": "plan.geojson 1",
        "road_class": "arterial",
        "speed_km_h": 50.0,
        "oneway": False,
    }
    assert facility.fields["kind"] == "fire_station"
    assert (closed.road_id, closed.geometry) == ("R1", None)
    assert changed.fields == {"speed_km_h": 20.0}
    assert main.fields == {"utility_id": "H1", "kind": "heat"}
    assert changed.place == "plan.geojson feature 4"
    assert road.geometry.length == pytest.approx(50)


def test_degrees_are_brought_to_the_working_system(tmp_path):
    degrees = land([line((0, 0), (400, 0))]).to_crs(4326).geometry.iloc[0]
    found = drawn(tmp_path, {"action": "close_road", "shape": degrees}, crs=None)
    assert found.changes[0].geometry.hausdorff_distance(line((0, 0), (400, 0))) < 0.01


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ([], "it holds no change — plan.geojson"),
        ([{"road_id": "R1"}], "no property action — plan.geojson"),
        ([{"action": "burn"}, {"action": None}], "2 to mend"),
        ([{"action": "burn"}], "unknown action 'burn' — plan.geojson feature 1 — one of add_road"),
        ([{"action": "close_road"}], "it says no road — plan.geojson feature 1 — name its road_id"),
        ([{"action": "change_road", "road_id": "R1", "x": 1}], "it changes nothing — plan.geojson feature 1 — give at least one of name"),
        ([{"action": "change_road", "road_id": "R1", "speed_km_h": -5}], "speed_km_h -5 is not within 0 to 200"),
        ([{"action": "change_road", "road_id": "R1", "speed_km_h": "fast"}], "plan.geojson feature 1"),
        ([{"action": "close_road", "shape": Point(EAST, NORTH)}], "a Point follows no road"),
        ([{"action": "add_road", "shape": Point(EAST, NORTH)}], "not a line — plan.geojson feature 1"),
        ([{"action": "add_road"}], "no geometry — plan.geojson feature 1"),
        ([{"action": "add_road", "shape": line((0, 0), (9, 0)), "speed_km_h": 900}], "Speed is not within 0 to 200"),
        ([{"action": "add_facility", "shape": Point(EAST, NORTH)}], "no kind — plan.geojson feature 1 — give kind, such as motorway_ramp"),
        ([{"action": "add_main", "shape": Point(EAST, NORTH), "kind": "magic"}], "plan.geojson feature 1"),
        ([{"action": "add_main", "shape": Point(EAST + n, NORTH), "kind": "gas", "utility_id": "U"} for n in (1, 2)], "the same id"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_feature(tmp_path, told, message):
    with pytest.raises(InputError) as caught:
        drawn(tmp_path, *told)
    assert message in str(caught.value)


def test_metres_without_a_declared_system_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"feature 1 — declare the coordinate system"):
        drawn(tmp_path, {"action": "close_road", "shape": line((0, 0), (9, 0))}, crs=None)


def test_a_hostile_text_stays_text(tmp_path):
    bad = "{0.__class__} <script>\n=1+1"
    with pytest.raises(InputError) as caught:
        drawn(tmp_path, {"action": bad})
    assert "unknown action" in str(caught.value)


# — park.toml

ROADS = land([line((0, 0), (400, 0)), line((0, 40), (400, 40))], road_id=["R1", "R2"])


def planned(folder: Path, text: str) -> tuple[Scenario, ...]:
    write(parcels(), folder / "p.gpkg")
    path = project(folder, f"[[layers.parcels]]\npath = 'p.gpkg'\n{text}")
    with opener_for(trusted=True, rasters=False) as opener:
        return read_scenarios(opener, read_project(path), parcels().crs)[0]


def test_park_toml_closes_and_changes_by_name_and_by_file(tmp_path):
    features(tmp_path / "x.geojson", {"action": "close_road", "road_id": "R3"})
    (one, two) = planned(
        tmp_path,
        '[[scenarios]]\nname = "works"\ntitle = "道路施工"\nclose = ["R1"]\nspeed_km_h = { R2 = 20 }\nroad_class = { R2 = "支路" }\npath = "x.geojson"\n'
        '[[scenarios]]\nname = "other"\nclose = "R2"\n',
    )  # fmt: skip
    assert (one.name, one.title) == ("works", "道路施工")
    told = [(change.action, change.road_id, dict(change.fields)) for change in one.changes]
    assert told == [
        ("close_road", "R1", {}),
        ("change_road", "R2", {"road_class": "local", "speed_km_h": 20.0}),
        ("close_road", "R3", {}),
    ]
    assert one.changes[0].place == "park.toml [[scenarios]] 1: R1"
    assert [change.road_id for change in two.changes] == ["R2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[scenarios]]\nclose = ['R1']", "no name"),
        ("[[scenarios]]\nname = 'a'", "it changes nothing"),
        ("[[scenarios]]\nname = 'a'\nclose = ['R1']\n[[scenarios]]\nname = 'a'\nclose = ['R2']", "[[scenarios]] 2"),
        ("[[scenarios]]\nname = 'a'\nclosed = ['R1']", "did you mean 'close'?"),
        ("[[scenarios]]\nname = 'a'\nclose = [1]", "close must be text or a list of texts"),
        ("[[scenarios]]\nname = 'a'\nspeed_km_h = 20", "speed_km_h must be a table of road_id = value"),
        ("[[scenarios]]\nname = 'a'\nspeed_km_h = { R1 = 900 }", "speed_km_h 900 is not within 0 to 200 — park.toml [[scenarios]] 1: R1"),
        ("[[scenarios]]\nname = 'a'\nroad_class = { R1 = 'boulevard' }", "[[scenarios]] 1: R1"),
        ("[[scenarios]]\nname = 'a'\npath = 'no.geojson'", "no such file"),
    ],
)  # fmt: skip
def test_what_park_toml_says_wrongly_is_said(tmp_path, text, message):
    with pytest.raises(ParkgeoError) as caught:
        planned(tmp_path, text)
    assert message in str(caught.value)
