"""Layout and sites on the map, as data: layers, what they count, what their pop-ups say, and what colours the parcels."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from maps import payload, render_map
from maps.payload import build_payload
from maps.served import build_layer, build_row, build_view
from maps.siting_choices import siting_choices
from tests.packed_map import page_data, page_text, shapes_of, texts_in, through_bytes, values
from tests.siting_snapshot import CANDIDATES, NET_M2, PARCELS, SITE_M2, build_siting_snapshot
from tests.snapshot_builder import HOSTILE, build_snapshot

GROUPS = {"net_land", "sites", "blocks", "neighbour_conflicts"}
TYPES = {"net_land": "MultiPolygon", "sites": "MultiPolygon", "blocks": "MultiPolygon"}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_siting_snapshot(tmp_path_factory.mktemp("siting"))


@pytest.fixture(scope="module")
def data(snapshot):
    return through_bytes(build_payload(snapshot, lang="en"))


def _layers(data):
    return {one["id"]: one for one in data["layers"] if one["group"] in GROUPS}


def _colouring(data, key):
    return next(one for one in data["colourings"] if one["key"] == key)


def test_layers_say_how_many_they_are_and_of_how_much_land(data):
    told = {name: (one["count"], one.get("area_m2")) for name, one in _layers(data).items()}
    assert told == {
        "net_land": (2, sum(NET_M2)), "sites": (1, SITE_M2), "blocks:oversized": (1, 200_000.0), "blocks:plain": (1, 80_000.0),
        "neighbour_conflicts": (3, None),
    }  # fmt: skip
    assert not any(one["shown"] for one in _layers(data).values())
    assert all(one["title"][0] != one["title"][1] for one in _layers(data).values())


def test_a_joined_site_names_its_parcels_and_what_stands_in_its_way(data, snapshot):
    columns = _layers(data)["sites"]["columns"]
    ids = snapshot.read("parcels")["parcel_id"].tolist()
    assert values(columns["parcel_ids"]) == [f"{ids[2]}, {ids[3]}"]
    assert values(columns["obstacles"]) == ["several_holders, minor_road"]
    # Without rates the cost is not known, and that is no cost of 0.
    assert values(columns["cost_wan"]) == [None]
    assert set(data["codes"]) >= {"several_holders", "minor_road", "class_3_industry", "hazard_source"}


def test_lines_of_conflicts_lead_into_both_parcels_even_where_they_touch(data):
    layer = _layers(data)["neighbour_conflicts"]
    parcels = shapes_of(data["parcels"]["shapes"], data["origin"])
    lines = shapely.get_parts(shapes_of(layer["shapes"], data["origin"]))
    first, last = shapely.get_point(lines[2], 0), shapely.get_point(lines[2], -1)
    assert parcels[4].contains(first)
    assert not parcels[4].intersects(last)  # the facility itself
    for (one, other), line in zip(((0, 1), (1, 2)), lines[:2], strict=True):
        first, last = shapely.get_point(line, 0), shapely.get_point(line, -1)
        assert parcels[one].contains(first)
        assert parcels[other].contains(last)
        # The way is straight enough: no line goes back and forth between the two.
        assert line.length < 1.25 * shapely.distance(first, last)
    assert values(layer["columns"]["distance_m"]) == [40.0, 0.0, 30.0]
    assert values(layer["columns"]["needed_m"]) == [100.0, 50.0, 100.0]


def test_parcels_are_coloured_by_what_could_come_free(data):
    colouring = _colouring(data, "candidate")
    assert colouring["group"] == "siting"
    codes = [row["code"] for row in colouring["classes"]]
    assert [codes[at] for at in colouring["of"]] == [code or "no_value" for code in CANDIDATES]
    assert sum(row["count"] for row in colouring["classes"]) == PARCELS
    clusters = _colouring(data, "output_cluster")
    assert [row["code"] for row in clusters["classes"]][:2] == ["high_high", "low_low"]
    assert clusters["suspected"] is False
    # A column that the snapshot has not is not offered.
    assert not any(one["key"] == "idle_cluster" for one in data["colourings"])


def test_the_questions_on_sites_turn_their_layers_on(data):
    maps = {one["id"]: one for one in data["maps"]}
    assert maps["where-to-build"]["colour"] == "candidate"
    assert {"net_land", "sites"} <= set(maps["where-to-build"]["layers"])
    assert "neighbour_conflicts" in maps["conflicts"]["layers"]


def test_a_snapshot_before_there_were_sites_says_which_questions_it_cannot_answer(tmp_path):
    data = through_bytes(build_payload(build_snapshot(tmp_path, parcels=12), lang="en"))
    assert not _layers(data)
    assert {"where-to-build", "conflicts"} <= {one["id"] for one in data["left_out"]}


def test_a_map_too_large_for_one_file_leaves_details_out_and_keeps_sites(snapshot, monkeypatch):
    monkeypatch.setattr(payload, "PORTABLE_LIMIT", PARCELS - 1)
    layers = _layers(through_bytes(build_payload(snapshot, lang="en")))
    assert set(layers) == {"sites", "neighbour_conflicts"}
    assert all(not layer["columns"] for layer in layers.values())


def test_a_page_of_the_service_has_the_same_layers_piece_by_piece(data, snapshot):
    whole = _layers(data)
    heads = _layers(build_view(snapshot, TYPES, ()))
    assert set(heads) == set(whole)
    for name, head in heads.items():
        assert {key: head.get(key) for key in ("count", "area_m2", "title", "style")} == {
            key: whole[name].get(key) for key in ("count", "area_m2", "title", "style")
        }
        assert head.get("tiles") == (None if name == "neighbour_conflicts" else head["group"])
    assert [heads[name]["number"] for name in ("blocks:oversized", "blocks:plain")] == [0, 1]
    origin = (data["origin"][0], data["origin"][1])
    layer = build_layer(snapshot, "neighbour_conflicts", origin)
    assert np.array_equal(layer["shapes"]["steps"], whole["neighbour_conflicts"]["shapes"]["steps"])
    row = through_bytes(build_row(snapshot, "sites", snapshot.read("sites")))
    assert {name: values(column) for name, column in row["columns"].items()} == {
        name: values(column) for name, column in whole["sites"]["columns"].items()
    }


def test_the_form_offers_what_the_packs_know_of_industries(snapshot):
    choices = build_view(snapshot, TYPES, ())["siting"]
    machinery = next(one for one in choices["industries"] if one["key"] == "machinery")
    assert machinery["code"] == "34"
    assert machinery["name"] == ["通用设备制造", "General machinery"]
    assert machinery["verified"] is False
    # 20 亩 are 20 ÷ 15 ha.
    assert machinery["needs"]["area"] == pytest.approx(40_000 / 3)
    assert machinery["needs"]["rectangle"] == [100.0, 45.0]
    assert machinery["needs"]["travel"] == {"motorway_ramp": 30.0}
    codes = [one["code"] for one in choices["industries"]]
    assert codes == sorted(codes)
    assert {"access_score", "economy"} <= set(choices["weights"])


def test_an_industry_that_nobody_can_read_stands_there_by_its_name(tmp_path, monkeypatch):
    plain = build_snapshot(tmp_path, parcels=12)
    assert siting_choices(plain) == {"industries": [], "weights": {}}
    written = {
        "name": [HOSTILE[0]],
        "area": ["much"],
        "rectangle": ["1 m"],
        "travel_max": ["port", "rail soon"],
    }
    figures = {"industries.odd": {"value": written}, "industries.off": {"value": {}, "on": False}, "siting.weights": {"value": 3}}  # fmt: skip
    monkeypatch.setitem(plain.catalogue, "figures", figures)
    odd = {"key": "odd", "code": "", "name": [HOSTILE[0]] * 2, "needs": {"travel": {}}, "verified": False}
    assert siting_choices(plain) == {"industries": [odd], "weights": {}}


def test_empty_tables_and_hostile_words_make_no_page_that_breaks(snapshot, tmp_path, monkeypatch):
    page = render_map(build_siting_snapshot(tmp_path, hostile=True), lang="en")
    assert not set(page_text(page)) & set("<>&")
    assert HOSTILE[0] in texts_in(page_data(page))
    real = type(snapshot).read
    monkeypatch.setattr(
        type(snapshot),
        "read",
        lambda self, name, *rest: (
            real(self, name, *rest).iloc[:0] if name in GROUPS else real(self, name, *rest)
        ),
    )
    assert all(not one["count"] for one in _layers(build_payload(snapshot, lang="en")).values())
