"""Files of OpenStreetMap: what a layer takes, what the tags say, how areas are made, and what cannot be read."""

from __future__ import annotations

import gzip
import itertools
import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import osmium
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.errors import InputError
from parkgeo.ingest import osm_elements
from parkgeo.ingest.osm import osm_tables, read_osm
from parkgeo.ingest.osm_tags import all_rules, rules_of
from parkgeo.layers import schema
from tests.office import layer, read, reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable

STEP = 0.001
"""Degrees between the nodes of the made-up grid: node 100·y + x lies at x, y."""


def node(x: int, y: int) -> int:
    return 100 * y + x


def square(x: int, y: int, size: int) -> list[int]:
    """A closed way around a square of the grid."""
    return [
        node(x, y),
        node(x + size, y),
        node(x + size, y + size),
        node(x, y + size),
        node(x, y),
    ]


class Map:
    """A map in the making: nodes come by themselves, but for those said to be missing."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.nodes: set[int] = set()

    def point(self, number: int, **tags: str) -> Map:
        self.nodes.discard(number)
        x, y = number % 100 * STEP, number // 100 * STEP
        self.parts.append(
            f'<node id="{number}" version="1" lon="{11 + x:.7f}" lat="{50 + y:.7f}">{_tags(tags)}</node>'
        )
        return self

    def way(
        self, number: int, nodes: Sequence[int], tags: Mapping[str, str], *, missing: Iterable[int] = ()
    ) -> Map:
        self.nodes |= set(nodes) - set(missing)
        refs = "".join(f'<nd ref="{one}"/>' for one in nodes)
        self.parts.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')
        return self

    def relation(self, number: int, members: Sequence[tuple[int, str]], tags: Mapping[str, str]) -> Map:
        refs = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in members)
        self.parts.append(f'<relation id="{number}" version="1">{refs}{_tags(tags)}</relation>')
        return self

    def xml(self) -> str:
        for number in sorted(self.nodes):
            self.point(number)
        # Nodes, ways, relations, as a file for osmium's own writer must have them.
        ordered = sorted(self.parts, key=lambda part: ("<node", "<way ", "<rela").index(part[:5]))
        return f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{"".join(ordered)}</osm>'

    def save(self, path: Path) -> Path:
        path.write_text(self.xml(), encoding="utf-8", newline="\n")
        return path


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


@pytest.fixture
def made(tmp_path):
    def of(drawn: Map, what: str) -> RawTable:
        return read_osm(drawn.save(tmp_path / "map.osm"), what)

    return of


def road(**tags: str) -> Map:
    return Map().way(1, [node(0, 0), node(1, 0), node(2, 0)], {"highway": "primary"} | tags)


def cells(table: RawTable, row: int = 0) -> dict[str, object]:
    return table.frame.iloc[row].to_dict()


def in_steps(table: RawTable, row: int = 0) -> float:
    """Area in squares of the grid."""
    return round(shapely.area(table.geometry[row]) / STEP**2, 6)


def said(table: RawTable) -> list[str]:
    return [str(doubt.what) for doubt in table.doubts]


# ---- what the tags say


def test_a_building_with_all_it_says(made):
    tags = {
        "building": "warehouse",
        "building:levels": "2",
        "height": "33'",
        "name": "一号库 & Co",
        "note": "x",
    }
    table = made(Map().way(7, square(0, 0, 1), tags), "buildings")
    found = cells(table)
    assert found.pop("tags") == json.dumps(tags, ensure_ascii=False, sort_keys=True)
    assert found == {
        "building_id": "way/7", "osm_id": "way/7", "osm_version": 1, "name": "一号库 & Co", "kind": "building",
        "use": "warehouse", "floors": 2.0, "height_m": pytest.approx(10.0584),
    }  # fmt: skip
    assert table.crs == "EPSG:4326"
    assert in_steps(table) == 1


def test_a_building_site_is_not_completed_and_says_what_it_will_be(made):
    found = cells(
        made(
            Map().way(1, square(0, 0, 1), {"building": "construction", "construction": "industrial"}),
            "buildings",
        )
    )
    assert found["completed"] is False
    assert found["use"] == "industrial"


def test_that_a_building_stands_does_not_say_it_was_accepted_as_complete(made):
    assert "completed" not in cells(made(Map().way(1, square(0, 0, 1), {"building": "yes"}), "buildings"))


def test_a_canopy_is_a_structure_and_an_entrance_is_no_building(made):
    drawn = Map().way(1, square(0, 0, 1), {"building": "roof"}).point(5, building="entrance")
    table = made(drawn.way(2, square(2, 0, 1), {"building": "no"}), "buildings")
    assert table.frame["kind"].tolist() == ["structure"]
    assert table.declared == 1
    assert "2 elements are left out by their tags: 1 building=entrance, 1 building=no" in map(
        str, table.notes
    )


@pytest.mark.parametrize(
    ("written", "km_h"),
    [("50", 50), ("50 mph", 80.4672), ("30mph", 48.28032), ("60 km/h", 60), ("7.5", 7.5)],
)
def test_speeds(made, written, km_h):
    table = made(road(maxspeed=written), "roads")
    assert cells(table)["speed_km_h"] == pytest.approx(km_h, abs=1e-9)
    assert table.doubts == ()


@pytest.mark.parametrize(
    "written", ["none", "walk", "CN:urban", "50;70", "signals", "-5", "1e9", "٥٠ mph mph"]
)
def test_a_speed_that_is_no_figure_is_missing_and_said(made, written):
    table = made(road(maxspeed=written), "roads")
    assert "speed_km_h" not in cells(table)
    assert said(table) == [f"Speed is missing where the tag is no figure: maxspeed={written}"]
    assert table.doubts[0].rows == (1,)


@pytest.mark.parametrize(
    ("tags", "field", "value"),
    [
        ({"maxheight": "3.8"}, "max_height_m", 3.8),
        ({"maxheight": "12'6\""}, "max_height_m", 3.81),
        ({"maxheight": "12 ft"}, "max_height_m", 3.6576),
        ({"maxweight": "7.5 t"}, "max_weight_t", 7.5),
        ({"maxweight": "16000 lbs"}, "max_weight_t", 7.25747792),
        ({"maxweight": "3500 kg"}, "max_weight_t", 3.5),
        ({"width": "6.5 m"}, "width_m", 6.5),
        ({"lanes": "2"}, "lanes", 2),
        ({"layer": "-2", "tunnel": "yes"}, "level", -2),
        ({"bridge": "viaduct"}, "level", 1),
        ({"bridge": "no"}, "level", 0),
        ({"tunnel": "yes"}, "level", -1),
        ({"tunnel": "building_passage"}, "level", 0),
        ({}, "level", 0),
    ],
)
def test_figures_of_a_road(made, tags, field, value):
    table = made(road(**tags), "roads")
    assert cells(table)[field] == pytest.approx(value, abs=1e-9)
    assert table.doubts == ()


@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({}, False),
        ({"oneway": "yes"}, True),
        ({"oneway": "1"}, True),
        ({"oneway": "no"}, False),
        ({"highway": "motorway"}, True),
        ({"highway": "motorway", "oneway": "no"}, False),
        ({"highway": "motorway_link"}, False),
        ({"junction": "roundabout"}, True),
        ({"oneway": "reversible"}, None),
    ],
)
def test_one_way_as_stated_else_as_openstreetmap_implies(made, tags, oneway):
    table = made(road(**tags), "roads")
    assert cells(table).get("oneway") is oneway
    assert bool(said(table)) is (oneway is None)


def test_a_road_drawn_against_its_traffic_is_turned_round(made):
    along, against = made(road(oneway="yes"), "roads"), made(road(oneway="-1"), "roads")
    assert cells(against)["oneway"] is True
    assert list(against.geometry[0].coords) == list(along.geometry[0].coords)[::-1]


CLASSES = {
    "motorway": "motorway", "trunk_link": "expressway", "primary": "arterial", "secondary": "secondary",
    "tertiary": "local", "residential": "local", "service": "internal",
}  # fmt: skip


def test_classes_and_what_is_no_road_for_vehicles(made):
    drawn = Map()
    others = ("footway", "footway", "cycleway", "track", "construction")
    for number, value in enumerate((*CLASSES, *others), 1):
        drawn.way(number, [node(0, number), node(1, number)], {"highway": value})
    drawn.way(50, [node(0, 50), node(1, 50)], {"highway": "service", "motor_vehicle": "no"})
    drawn.way(
        51, [node(0, 51), node(1, 51)], {"highway": "service", "access": "no", "motor_vehicle": "permit"}
    )
    drawn.way(52, square(0, 60, 2), {"highway": "service", "area": "yes"})
    drawn.point(node(0, 1), highway="crossing")
    table = made(drawn, "roads")
    assert table.frame["road_class"].tolist() == [*CLASSES.values(), "internal"]
    assert table.frame["road_id"].tolist()[-1] == "way/51"
    assert table.declared == 8
    assert str(table.notes[-1]) == (
        "7 elements are left out by their tags: 2 highway=footway, 1 area=yes, 1 highway=construction, "
        "1 highway=cycleway, 1 highway=track, 1 motor_vehicle=no"
    )


def test_facilities_are_points_and_areas(made):
    drawn = (
        Map().point(1, amenity="fire_station", name="Wache").way(3, square(0, 1, 2), {"amenity": "school"})
    )
    drawn.point(node(8, 8), highway="motorway_junction").point(node(8, 9), amenity="restaurant")
    drawn.way(4, square(5, 5, 1)[:4], {"amenity": "hospital"})
    table = made(drawn, "facilities")
    assert dict(zip(table.frame["facility_id"], table.frame["kind"], strict=True)) == {
        "node/1": "fire_station", "node/808": "motorway_ramp", "way/3": "school", "way/4": "hospital",
    }  # fmt: skip
    assert [shapely.get_type_id(shape) for shape in table.geometry] == [0, 0, 3, -1]
    assert str(table.spoiled[3]) == "its outline does not close: 2 open ends"


def test_utilities_by_what_flows(made):
    drawn = Map()
    flows = {"water": "water", "sewage": "drainage", "gas": "gas", "hot_water": "heat"}
    for number, substance in enumerate((*flows, "oil"), 1):
        drawn.way(
            number,
            [node(0, number), node(1, number)],
            {"man_made": "pipeline", "substance": substance, "diameter": "300 mm"},
        )
    drawn.way(9, [node(0, 9), node(1, 9)], {"power": "line", "diameter": "thick"})
    table = made(drawn, "utilities")
    assert table.frame["kind"].tolist() == [*flows.values(), "power"]
    assert table.frame["diameter_mm"].tolist() == [300, 300, 300, 300, None]
    assert said(table) == ["Diameter is missing where the tag is no figure: diameter=thick"]


def test_land_as_parcels_and_as_parks(made):
    drawn = Map().way(1, square(0, 0, 2), {"landuse": "industrial", "name": "北区"})
    drawn.way(2, square(4, 0, 2), {"landuse": "brownfield"}).way(3, square(8, 0, 2), {"landuse": "forest"})
    parcels = made(drawn, "parcels")
    assert parcels.frame["land_use"].tolist() == ["industrial", "brownfield"]
    assert "land_use_code" not in parcels.frame
    assert "areas of one use as OpenStreetMap has them: they are no parcels of a cadastre" in map(
        str, parcels.notes
    )
    assert made(drawn, "parks").frame["park_id"].tolist() == ["way/1"]


def test_all_tell_whom_to_name(made):
    for what in all_rules():
        assert str(made(Map(), what).notes[0]).startswith("© OpenStreetMap contributors, ODbL")


def test_the_table_of_tags_says_only_what_the_layers_know():
    for what, rules in all_rules().items():
        fields = schema(what).fields
        assert set(rules.fields) <= set(fields)
        for take in rules.take:
            for name, value in take.fixed.items():
                assert value in fields[name].codes or fields[name].open_codes, (what, name, value)


# ---- areas out of ways


def area(made, ways: Sequence[Sequence[int]], *, roles: Sequence[str] = ()) -> RawTable:
    drawn = Map()
    for number, nodes in enumerate(ways, 1):
        drawn.way(number, nodes, {})
    members = list(enumerate(roles or [""] * len(ways), 1))
    return made(drawn.relation(5, members, {"type": "multipolygon", "landuse": "industrial"}), "parcels")


def test_a_ring_in_pieces_with_a_hole(made):
    outer = square(0, 0, 4)
    pieces = [outer[:3], outer[:1] + outer[:1:-1], square(1, 1, 1)]
    table = area(made, pieces, roles=["outer", "outer", "inner"])
    assert table.frame["parcel_id"].tolist() == ["relation/5"]
    assert in_steps(table) == 15


def test_an_island_in_a_hole_and_a_second_part(made):
    ways = [square(0, 0, 9), square(1, 1, 7), square(2, 2, 4), square(3, 3, 1), square(20, 0, 3)]
    table = area(made, ways)
    assert in_steps(table) == 81 - 49 + 16 - 1 + 9
    assert len(table.geometry[0].geoms) == 3
    assert table.geometry[0].is_valid


def test_holes_that_share_a_side_are_one_hole(made):
    left = [node(1, 1), node(2, 1), node(2, 2), node(1, 2), node(1, 1)]
    right = [node(2, 1), node(3, 1), node(3, 2), node(2, 2), node(2, 1)]
    table = area(made, [square(0, 0, 4), left, right], roles=["outer", "inner", "inner"])
    assert in_steps(table) == 14
    assert len(table.geometry[0].interiors) == 1


@pytest.mark.parametrize("pieces", [1, 2])
def test_parts_that_touch_at_a_node_stay_two(made, pieces):
    low, high = square(0, 0, 1), square(1, 1, 1)
    eight = [*low[:2], *high, *low[3:]]
    table = area(made, [eight] if pieces == 1 else [low, high])
    assert in_steps(table) == 2
    assert table.geometry[0].is_valid
    assert len(table.geometry[0].geoms) == 2


def test_wrong_roles_do_not_matter(made):
    assert in_steps(area(made, [square(0, 0, 4), square(1, 1, 1)], roles=["inner", "outer"])) == 15


def test_the_label_of_an_area_is_no_part_of_its_outline(made):
    drawn = Map().way(1, square(0, 0, 2), {}).point(node(1, 1), name="label")
    drawn.relation(5, [(1, "outer")], {"type": "multipolygon", "landuse": "industrial"})
    label = f'<member type="node" ref="{node(1, 1)}" role="label"/>'
    drawn.parts[-1] = drawn.parts[-1].replace("<member", f"{label}<member", 1)
    assert in_steps(made(drawn, "parcels")) == 4


def test_a_way_named_twice_counts_once(made):
    drawn = Map().way(1, square(0, 0, 2), {})
    drawn.relation(5, [(1, "outer"), (1, "outer")], {"type": "multipolygon", "landuse": "industrial"})
    assert in_steps(made(drawn, "parcels")) == 4


@given(
    cuts=st.sets(st.integers(0, 15), min_size=1),
    flips=st.lists(st.booleans(), min_size=17, max_size=17),
    order=st.randoms(use_true_random=False),
)
def test_however_a_ring_is_cut_its_area_is_the_same(tmp_path_factory, cuts, flips, order):
    ring = [
        *(node(x, 0) for x in range(4)), *(node(4, y) for y in range(4)),
        *(node(x, 4) for x in range(4, 0, -1)), *(node(0, y) for y in range(4, 0, -1)),
    ]  # fmt: skip
    at = sorted(cuts)
    turned = ring[at[0] :] + ring[: at[0]]
    ends = [one - at[0] for one in at] + [len(ring)]
    closed = [*turned, turned[0]]
    ways = [closed[first : last + 1] for first, last in itertools.pairwise(ends)]
    ways = [way[::-1] if flip else way for way, flip in zip(ways, flips, strict=False)]
    ways.append(square(1, 1, 2))
    order.shuffle(ways)
    drawn = Map()
    for number, way in enumerate(ways, 1):
        drawn.way(number, way, {})
    drawn.relation(
        1,
        [(number, "") for number in range(1, len(ways) + 1)],
        {"type": "multipolygon", "landuse": "industrial"},
    )
    table = read_osm(drawn.save(tmp_path_factory.mktemp("ring") / "map.osm"), "parcels")
    assert in_steps(table) == 16 - 4


# ---- what cannot be made is rejected by name, never lost


BROKEN = {
    "way/1": ("an outline of fewer than three points", lambda m: m.way(1, [1, 2, 1], {"building": "yes"})),
    "way/2": (
        "its outline does not close: 2 open ends",
        lambda m: m.way(2, [1, 2, 102, 101], {"building": "yes"}),
    ),
    "way/3": (
        "2 of its 4 nodes are not in the file",
        lambda m: m.way(3, square(5, 5, 1), {"building": "yes"}, missing=square(5, 5, 1)[:2]),
    ),
    "way/4": ("an outline of fewer than three points", lambda m: m.way(4, [1], {"building": "yes"})),
    "way/5": ("an outline of fewer than three points", lambda m: m.way(5, [], {"building": "yes"})),
    "node/6": ("mapped as a point: there is no outline", lambda m: m.point(6, building="yes")),
    "relation/7": (
        "1 of the 2 ways it is made of are not in the file",
        lambda m: m.way(70, square(8, 8, 1), {}).relation(
            7, [(70, "outer"), (71, "inner")], {"type": "multipolygon", "building": "yes"}
        ),
    ),
    "relation/8": (
        "its outline does not close: 2 open ends",
        lambda m: (
            m.way(80, square(8, 1, 1)[:3], {})
            .way(81, square(8, 1, 1)[2:4], {})
            .relation(8, [(80, ""), (81, "")], {"type": "multipolygon", "building": "yes"})
        ),
    ),
    "relation/9": (
        "it is made of no ways",
        lambda m: m.relation(9, [], {"type": "multipolygon", "building": "yes"}),
    ),
    "relation/10": (
        "its outline crosses itself",
        lambda m: (
            m.way(100, [node(20, 0), node(22, 2), node(22, 0), node(20, 2), node(20, 0)], {})
            .way(101, square(30, 0, 1), {})
            .relation(10, [(100, ""), (101, "")], {"type": "multipolygon", "building": "yes"})
        ),
    ),
}


def test_each_broken_outline_is_rejected_with_its_number(tmp_path):
    drawn = Map().way(900, square(40, 40, 2), {"landuse": "industrial"})
    drawn.way(901, square(40, 40, 1), {"building": "yes"})
    for _, draw in BROKEN.values():
        draw(drawn)
    drawn.save(tmp_path / "map.osm")
    intake = read(tmp_path, layer("parcels", "map.osm"), layer("buildings", "map.osm"))
    assert reasons(intake) == {name: reason for name, (reason, _) in BROKEN.items()}
    assert intake.layers.buildings["building_id"].tolist() == ["way/901"]


def test_a_relation_that_is_no_area_is_counted(made):
    table = made(Map().relation(1, [], {"type": "site", "building": "yes"}), "buildings")
    assert (table.declared, len(table.frame)) == (0, 0)
    assert str(table.notes[-1]) == "1 elements are left out by their tags: 1 type=site"


def test_an_outline_that_crosses_itself_is_mended_where_repairs_are_entered(tmp_path):
    bow = [node(10, 10), node(12, 12), node(12, 10), node(10, 12), node(10, 10)]
    drawn = Map().way(1, square(0, 0, 20), {"landuse": "industrial"}).way(2, bow, {"building": "yes"})
    drawn.save(tmp_path / "map.osm")
    intake = read(tmp_path, layer("parcels", "map.osm"), layer("buildings", "map.osm"))
    assert intake.account["repairs"]["id"].tolist() == ["way/2"]
    assert len(intake.layers.buildings) == 1


def test_a_road_cut_by_the_edge_keeps_its_parts_and_is_never_joined_across(made):
    nodes = [node(x, 0) for x in range(8)]
    table = made(Map().way(1, nodes, {"highway": "primary"}, missing=[node(2, 0), node(6, 0)]), "roads")
    starts = [[round((x - 11) / STEP) for x, _ in part.coords] for part in table.geometry[0].geoms]
    assert starts == [[0, 1], [3, 4, 5]]
    assert said(table) == ["1 lines go on beyond the edge of the file: only what is in it is read"]


def test_a_road_of_which_one_point_is_left_is_rejected(made):
    table = made(Map().way(1, [1, 2, 3], {"highway": "primary"}, missing=[2]), "roads")
    assert str(table.spoiled[0]) == "1 of its 3 nodes are not in the file"
    assert (
        str(made(Map().way(1, [1], {"highway": "primary"}), "roads").spoiled[0])
        == "a line of fewer than two points"
    )


def test_a_node_beyond_the_earth_is_no_place(tmp_path):
    path = road().save(tmp_path / "map.osm")
    path.write_text(
        path.read_text(encoding="utf-8").replace('lat="50.0000000"', 'lat="95.0000000"', 1), encoding="utf-8"
    )
    table = read_osm(path, "roads")
    assert len(table.geometry[0].coords) == 2
    assert len(table.doubts) == 1


# ---- files


def town() -> Map:
    drawn = (
        Map().way(1, square(0, 0, 4), {"landuse": "industrial"}).way(2, square(1, 1, 1), {"building": "厂房"})
    )
    drawn.way(3, [node(0, 9), node(5, 9)], {"highway": "primary", "oneway": "-1"}).way(4, square(5, 5, 3), {})
    drawn.relation(5, [(4, "outer")], {"type": "multipolygon", "building": "yes"})
    return drawn.point(node(9, 9), highway="bus_stop")


def save_as(path: Path, drawn: Map) -> Path:
    """The same map in another format, by osmium's own writer."""
    plain = drawn.save(path.with_name("plain.osm"))
    with osmium.SimpleWriter(osmium.io.File(str(path))) as writer:
        for one in osmium.FileProcessor(str(plain)):
            writer.add(one)
    return path


@pytest.mark.parametrize("name", ["map.osm.gz", "map.osm.bz2", "map.osm.pbf", "map.pbf", "地图.OSM"])
@pytest.mark.parametrize("what", ["parcels", "buildings", "roads", "facilities"])
def test_every_ending_gives_the_same(tmp_path, name, what):
    plain = read_osm(town().save(tmp_path / "a.osm"), what)
    if name.endswith("OSM"):
        other = read_osm(town().save(tmp_path / name), what)
    else:
        other = read_osm(save_as(tmp_path / name, town()), what)
    assert other.frame.equals(plain.frame)
    assert len(plain.frame)
    assert shapely.to_wkt(other.geometry).tolist() == shapely.to_wkt(plain.geometry).tolist()
    assert other.notes == plain.notes


def test_the_order_within_a_file_is_free(tmp_path):
    path = town().save(tmp_path / "map.osm")
    head, body = path.read_text(encoding="utf-8").removesuffix("</osm>").split('<osm version="0.6">')
    parts = (
        body.replace("><node", ">\n<node").replace("><way", ">\n<way").replace("><rel", ">\n<rel").split("\n")
    )
    back = tmp_path / "back.osm"
    back.write_text(f'{head}<osm version="0.6">{"".join(parts[::-1])}</osm>', encoding="utf-8")
    for what in ("buildings", "roads"):
        first, second = read_osm(path, what), read_osm(back, what)
        assert first.frame.equals(second.frame)
        assert shapely.to_wkt(first.geometry).tolist() == shapely.to_wkt(second.geometry).tolist()


def test_elements_that_an_editor_has_not_uploaded(made):
    path_nodes = [-1, -2, -3]
    drawn = Map().way(-7, path_nodes, {"highway": "service"})
    table = made(drawn, "roads")
    assert table.frame["road_id"].tolist() == ["way/-7"]
    assert len(table.geometry[0].coords) == 3


def test_what_a_file_holds(tmp_path):
    found = {one.name: (one.geometry, one.rows) for one in osm_tables(town().save(tmp_path / "map.osm"))}
    assert found == {
        "parks": ("polygon", 1), "parcels": ("polygon", 1), "buildings": ("polygon", 2), "roads": ("line", 1),
        "facilities": ("mixed", 1),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["map.osm", "map.osm.gz", "map.osm.bz2", "map.osm.pbf"])
def test_a_file_cut_short_is_refused(tmp_path, name):
    whole = save_as(tmp_path / name, town()).read_bytes()
    for keep in (0, 1, len(whole) // 3, len(whole) - 9):
        (tmp_path / name).write_bytes(whole[:keep])
        with pytest.raises(InputError, match=r"map\.osm"):
            read_osm(tmp_path / name, "buildings")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm", b"<html></html>"),
        ("a.pbf", b"<osm version='0.6'></osm>"),
        ("a.osm.gz", b"<osm version='0.6'></osm>"),
        ("a.osm", b'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><osm version="0.6"><node id="1" lat="1" lon="1"><tag k="building" v="&x;"/></node></osm>'),
        ("a.osm", b'<osm version="0.6"><node id="99999999999999999999" lat="1" lon="1"/></osm>'),
        ("a.osm", b'<osm version="0.6"><node id="1" lat="here" lon="1"/></osm>'),
        ("a.osm", gzip.compress(b"<osm version='0.6'></osm>", mtime=0)),
    ],
)  # fmt: skip
def test_content_of_another_kind_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        read_osm(tmp_path / name, "buildings")


def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(osm_elements, "_ALWAYS_ALLOWED", 1 << 20)
    path = tmp_path / "a.osm.gz"
    path.write_bytes(gzip.compress(b'<osm version="0.6">' + b" " * (4 << 20) + b"</osm>"))
    with pytest.raises(InputError, match="it unpacks to more than"):
        read_osm(path, "buildings")


def test_a_layer_that_openstreetmap_does_not_have():
    with pytest.raises(InputError, match=r"no layer 'supply' — park\.toml — it gives parks, parcels"):
        rules_of("supply")


def test_a_layer_within_the_file_can_only_be_the_layer(tmp_path):
    path = town().save(tmp_path / "map.osm")
    assert read_osm(path, "roads", table="roads").declared == 1
    with pytest.raises(InputError, match="it has no layer 'lines'"):
        read_osm(path, "roads", table="lines")


def test_a_project_of_one_file(tmp_path):
    save_as(tmp_path / "town.osm.pbf", town())
    names = ("parks", "parcels", "buildings", "roads", "facilities")
    intake = read(tmp_path, *(layer(name, "town.osm.pbf") for name in names))
    assert {name: len(intake.layers.tables()[name]) for name in names} == {
        "parks": 1, "parcels": 1, "buildings": 2, "roads": 1, "facilities": 1,
    }  # fmt: skip
    assert intake.layers.roads["oneway"].tolist() == [True]
    assert intake.clean
    said_of_all = intake.account["sources"]["notes_en"]
    assert said_of_all.str.contains("© OpenStreetMap contributors").all()
