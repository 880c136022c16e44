"""Accessibility and services on the map, as data: classes, layers, minutes, and what is missing."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import example, given

from maps import render_map
from maps.classes import minute_breaks as round_breaks
from maps.payload import build_payload
from parkgeo.units import M2_PER_HA
from tests.access_snapshot import ASKS, CUT_OFF, LIMIT_M, NO_ROAD, PARCELS, build_access_snapshot
from tests.packed_map import page_data, page_text, shapes_of, texts_in, through_bytes, values
from tests.snapshot_builder import HOSTILE, build_snapshot

NEW_GROUPS = {"isochrones", "network", "reach", "gates", "links", "network_report"}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_access_snapshot(tmp_path_factory.mktemp("access"))


@pytest.fixture(scope="module")
def data(snapshot):
    return through_bytes(build_payload(snapshot, lang="en"))


def _colouring(data, key):
    return next(one for one in data["colourings"] if one["key"] == key)


def _bands(colouring):
    return [row["band"] for row in colouring["classes"]]


def _layer(data, name):
    return next(one for one in data["layers"] if one["id"] == name)


def test_classes_are_those_of_the_minutes_and_legend_counts_are_theirs(data, snapshot):
    ramp = _colouring(data, "travel_min_motorway_ramp")
    # 2, 5, 8, (missing), 14, 17, 20, (missing), 26 … 35: steps of 10 part them into four.
    assert _bands(ramp) == [[None, 10], [10, 20], [20, 30], [30, None], None]
    assert ramp["of"].tolist() == [0, 0, 0, 4, 1, 1, 1, 4, 2, 2, 3, 3]
    plots = snapshot.read("parcels")
    hectares = plots.geometry.area.to_numpy() / M2_PER_HA
    for number, row in enumerate(ramp["classes"]):
        inside = ramp["of"] == number
        assert row["count"] == inside.sum()
        assert row["ha"] == pytest.approx(hectares[inside].sum(), abs=1e-4)
    assert sum(row["count"] for row in ramp["classes"]) == PARCELS


def test_up_to_a_break_is_the_class_below_it(data):
    ramp = _colouring(data, "travel_min_motorway_ramp")
    assert ramp["of"][6] == 1  # 20 minutes are within "10 to 20"


def test_no_value_has_a_class_and_a_style_of_its_own(data):
    ramp = _colouring(data, "travel_min_motorway_ramp")
    last = ramp["classes"][-1]
    assert last["label"] == ["不可达或不明", "No access, or not known"]
    assert {ramp["of"][at] for at in (CUT_OFF, NO_ROAD)} == {len(ramp["classes"]) - 1}
    fills = [row["style"]["fill"] for row in ramp["classes"]]
    assert len(set(fills)) == len(fills)
    assert last["style"]["pattern"] == "hatch"


def test_where_more_is_better_the_best_class_comes_first(data):
    score, ready = _colouring(data, "access_score"), _colouring(data, "services_ready")
    assert _bands(score) == [[80, None], [60, 80], [40, 60], [20, 40], [None, 20], None]
    assert score["of"][0] == 0
    assert score["of"][11] == 4  # 100 − 99
    assert _bands(ready) == [[7, 7], [6, 6], [5, 5], [4, 4], [None, 3], None]
    assert ready["of"][:3].tolist() == [0, 1, 2]
    assert ready["of"][NO_ROAD] == 4


def test_a_column_without_any_value_is_not_offered(data, snapshot):
    assert "truck_min_port" in snapshot.read("parcels")
    assert "truck_min_port" not in {one["key"] for one in data["colourings"]}


def test_minutes_of_the_pop_up_are_the_columns(data, snapshot):
    columns, modes = data["parcels"]["columns"], data["modes"]
    assert list(modes) == ["car", "truck", "walk"]
    told = {name for name in columns if name.startswith(tuple(modes.values()))}
    # Nobody asked for the bus stop by car, and no port was reached.
    assert told == {"travel_min_motorway_ramp", "truck_min_motorway_ramp", "walk_min_bus_stop"}
    car = snapshot.read("parcels")["travel_min_motorway_ramp"]
    assert values(columns["travel_min_motorway_ramp"]) == [
        None if np.isnan(value) else value for value in car
    ]
    assert values(columns["walk_min_bus_stop"])[0] == 4


def test_why_a_figure_is_missing_is_there_for_the_pop_up(data):
    gaps = data["gaps"]
    told = {
        (parcel, key): ask
        for parcel, key, ask in zip(
            gaps["rows"].tolist(), values(gaps["keys"]), values(gaps["asks"][1]), strict=True
        )
    }
    for at, (_, english) in ASKS.items():
        assert told[at, "travel_min_motorway_ramp"] == english


def test_all_layers_are_there_and_off(data):
    layers = [layer for layer in data["layers"] if layer["group"] in NEW_GROUPS]
    assert {layer["group"] for layer in layers} == NEW_GROUPS
    assert not any(layer["shown"] for layer in layers)
    assert all(len(layer["title"]) == 2 and layer["title"][0] != layer["title"][1] for layer in layers)


def test_bands_of_an_isochrone_do_not_lie_on_each_other(data):
    layer = _layer(data, "isochrones:motorway_ramp:car")
    assert layer["bands"] == [[None, 5], [5, 10]]
    near, far = shapes_of(layer["shapes"], data["origin"])
    assert shapely.intersection(near, far).area < 1e-6 * near.area
    assert far.area == pytest.approx(3 * near.area, rel=1e-3)  # 800² less 400²
    assert len(layer["styles"]) == 2
    assert layer["of"].tolist() == [0, 1]
    assert layer["title"] == ["高速出入口（小汽车）", "motorway ramp, by car"]


def test_reach_is_the_packs_limit_round_the_mains(data, snapshot):
    layer = _layer(data, "reach:water")
    main = snapshot.read("utilities").query("kind == 'water'").geometry.iloc[0]
    metres = 110_900  # of latitude, at 32° north
    south, north = shapely.bounds(shapes_of(layer["shapes"], data["origin"])[0])[[1, 3]]
    assert (north - south) * metres == pytest.approx(2 * LIMIT_M, rel=0.01)
    assert layer["title"][1] == "water supply, within 100 m"
    assert main.length > 0
    # Of a kind without a limit nothing is drawn, and no limit is made up.
    assert not any(one["id"] == "reach:power" for one in data["layers"])


def test_roads_stand_by_the_part_they_belong_to(data, snapshot):
    edges = snapshot.read("network_edges")
    assert _layer(data, "network:island")["count"] == 1
    assert _layer(data, "network:main")["count"] == edges.query("part == 'main'")["road_id"].nunique()


def test_edges_of_one_road_are_one_shape(snapshot, monkeypatch):
    edges = snapshot.read("network_edges")
    halves = edges.iloc[[0, 0]].copy()
    line = edges.geometry.iloc[0]
    halves.geometry = [shapely.ops.substring(line, 0, 0.5, normalized=True), shapely.ops.substring(line, 0.5, 1, normalized=True)]  # fmt: skip
    real = type(snapshot).read
    monkeypatch.setattr(
        type(snapshot), "read", lambda self, name: halves if name == "network_edges" else real(self, name)
    )
    layer = _layer(through_bytes(build_payload(snapshot, lang="en")), "network:main")
    assert layer["shapes"]["rings"].tolist() == [1]


def test_given_and_assumed_gates_are_apart(data):
    assert [_layer(data, f"gates:gates_{name}")["count"] for name in ("given", "assumed")] == [1, 3]
    assert values(_layer(data, "gates:gates_assumed")["columns"]["trucks"]) == ["no", "yes", "yes"]


def test_the_report_of_the_network_is_a_layer_a_kind(data):
    assert _layer(data, "network_report:near_miss")["title"] == [
        "疑似未接的断头",
        "end that just misses a road",
    ]
    assert _layer(data, "network_report:dangling_end")["count"] == 1


def test_a_snapshot_before_there_were_travel_times_is_as_it_was(tmp_path):
    data = through_bytes(build_payload(build_snapshot(tmp_path, parcels=12), lang="en"))
    assert not {one["group"] for one in data["colourings"]} & {"car", "truck", "walk", "score"}
    assert not any(name.startswith(tuple(data["modes"].values())) for name in data["parcels"]["columns"])
    assert not NEW_GROUPS & {layer["group"] for layer in data["layers"]}


def test_empty_tables_make_no_layers(snapshot, monkeypatch):
    real = type(snapshot).read
    empty = ("isochrones", "network_edges", "gate_points", "links", "network_report")
    monkeypatch.setattr(
        type(snapshot),
        "read",
        lambda self, name: real(self, name).iloc[:0] if name in empty else real(self, name),
    )
    groups = {layer["group"] for layer in build_payload(snapshot, lang="en")["layers"]}
    assert groups & NEW_GROUPS == {"reach"}


def test_hostile_ids_of_roads_stay_data(tmp_path):
    page = render_map(build_access_snapshot(tmp_path, hostile=True), lang="en")
    assert not set(page_text(page)) & set("<>&")
    assert HOSTILE[0] in texts_in(page_data(page))


@given(st.lists(st.floats(min_value=0.0, max_value=5000.0), min_size=1, max_size=60))
@example([3.0, 3.0])
@example([0.0, 5000.0])
def test_breaks_are_few_rising_and_part_what_is_there(values):
    minutes = np.array(values)
    breaks = round_breaks(minutes)
    assert len(breaks) <= 4
    assert list(breaks) == sorted(set(breaks))
    assert all(value % 1 == 0 for value in breaks)
    assert all(minutes.min() <= value <= minutes.max() for value in breaks)


def test_one_parcel_far_away_does_not_make_one_class_of_the_others():
    minutes = np.append(np.linspace(4.0, 14.0, 99), 400.0)
    assert round_breaks(minutes)[0] <= 6
