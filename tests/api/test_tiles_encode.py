"""What is encoded is what another program decodes, and that is what shapely says lies on the tile."""

import math

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)
from shapely.geometry import shape

from api.tiles.encode import encode_layer, number_features
from api.tiles.grid import BUFFER, EXTENT, PIXEL, Tile, limits_of, read_tile, tiles_over
from api.tiles.values import write_values
from api.tiles.wire import varint, varints, zigzag
from parkgeo.errors import NotFoundError

HERE = Tile(15, 13457, 27327)
FRAME = box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)


def on_ground(drawn, tile=HERE):
    """Geometry in units of the tile as degrees, by the formula of the EPSG guidance note."""

    def back(xy):
        side = 2.0**tile.z
        east = (xy[:, 0] / EXTENT + tile.col) / side
        south = (xy[:, 1] / EXTENT + tile.row) / side
        return np.column_stack(
            (east * 360 - 180, np.degrees(2 * np.arctan(np.exp(math.pi * (1 - 2 * south))) - math.pi / 2))
        )

    return shapely.transform(drawn, back)


def decode(body):
    return mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}) if body else {}


def encoded(drawn, tile=HERE, **columns):
    """The features of a layer, from geometry in units of the tile."""
    geometry = np.array([None if one is None else on_ground(one, tile) for one in drawn], dtype=object)
    names = [f"f{place}" for place in range(len(drawn))]
    return decode(encode_layer("layer", names, geometry, columns, tile)).get("layer", {"features": []})[
        "features"
    ]


def read_numbers(body):
    """Varints of a message, read one by one."""
    numbers, value, shift = [], 0, 0
    for byte in body:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return numbers


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_varints_are_read_back(numbers):
    told = varints(np.array(numbers, dtype=np.uint64))
    assert told == b"".join(map(varint, numbers))
    assert read_numbers(told) == numbers


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_zigzag_is_small_for_small_of_either_sign(numbers):
    told = zigzag(np.array(numbers, dtype=np.int64)).tolist()
    assert told == [2 * number if number >= 0 else -2 * number - 1 for number in numbers]


corner = st.tuples(st.integers(-6000, 10_000), st.integers(-6000, 10_000))
inner = st.tuples(st.integers(0, EXTENT), st.integers(0, EXTENT))


@st.composite
def areas(draw):
    """A valid polygon of whole units, with a hole or without, anywhere about the tile and of any size."""
    x, y = draw(corner)
    turns = sorted(draw(st.lists(st.integers(0, 359), min_size=3, max_size=12, unique=True)))
    reach = draw(st.sampled_from([30, 400, 2500, 20_000]))
    ring = [
        (round(x + reach * math.cos(math.radians(turn))), round(y + reach * math.sin(math.radians(turn))))
        for turn in turns
    ]
    whole = shapely.make_valid(Polygon(ring)).buffer(0)
    if draw(st.booleans()):
        whole = whole.difference(shapely.affinity.scale(whole, 0.4, 0.4))
    whole = shapely.set_precision(shapely.set_precision(whole, 1.0), 0)  # whole numbers, but ordinary ones
    assume(whole.geom_type == "Polygon" and not whole.is_empty)
    return whole


@given(st.lists(areas(), min_size=1, max_size=5), st.booleans())
def test_areas_are_those_that_lie_on_the_tile(drawn, several):
    drawn = [MultiPolygon([one]) if several else one for one in drawn]
    found = {feature["properties"]["id"]: feature for feature in encoded(drawn)}
    for place, one in enumerate(drawn):
        expected = one.intersection(FRAME)
        feature = found.pop(f"f{place}", None)
        if expected.area > 4 * PIXEL**2 and expected.buffer(-1.5).area > 0:
            assert feature is not None
        if feature is None:
            continue
        told = shape(feature["geometry"])
        assert told.is_valid, shapely.is_valid_reason(told)
        # Rounding moves a vertex by less than a unit; what is thinner may go, so both are held against the other's margin.
        assert (
            told.difference(expected.buffer(1.5)).area == pytest.approx(0, abs=1e-6)
            or expected.length < 4 * PIXEL
        )
        assert expected.buffer(-1.5).difference(told).area == pytest.approx(0, abs=1e-6)
    assert not found


@given(st.lists(st.lists(corner, min_size=2, max_size=8, unique=True), min_size=1, max_size=4))
def test_lines_are_those_that_lie_on_the_tile(paths):
    drawn = [LineString(path) for path in paths]
    found = {feature["properties"]["id"]: shape(feature["geometry"]) for feature in encoded(drawn)}
    for place, one in enumerate(drawn):
        expected = one.intersection(FRAME)
        if expected.length > 2:
            told = found.pop(f"f{place}")
            assert told.hausdorff_distance(expected) < 1.5
            assert told.length == pytest.approx(
                shapely.clip_by_rect(one, *FRAME.bounds).length, abs=2.0 * len(one.coords) + 2
            )
        else:
            found.pop(f"f{place}", None)
    assert not found


@given(st.lists(st.lists(corner, min_size=1, max_size=5), min_size=1, max_size=6))
def test_points_are_those_that_lie_on_the_tile(groups):
    found = {
        feature["properties"]["id"]: feature["geometry"] for feature in encoded(list(map(MultiPoint, groups)))
    }
    for place, group in enumerate(groups):
        expected = sorted([x, y] for x, y in group if FRAME.covers(Point(x, y)))
        told = found.pop(f"f{place}", {"type": "MultiPoint", "coordinates": []})
        coordinates = [told["coordinates"]] if told["type"] == "Point" else told["coordinates"]
        assert sorted(map(list, coordinates)) == expected
    assert not found


def read_rings(body):
    """The rings of the only feature, from the bytes themselves: the cursor, the commands."""
    from mapbox_vector_tile.Mapbox import vector_tile_pb2

    tile = vector_tile_pb2.tile()
    tile.ParseFromString(body)
    numbers, x, y, rings = list(tile.layers[0].features[0].geometry), 0, 0, []
    assert tile.layers[0].version == 2
    assert tile.layers[0].extent == EXTENT
    while numbers:
        head = numbers.pop(0)
        if head == 15:
            continue
        if head & 7 == 1:
            rings.append([])
        for _ in range(head >> 3):
            across, down = ((number >> 1) ^ -(number & 1) for number in (numbers.pop(0), numbers.pop(0)))
            x, y = x + across, y + down
            rings[-1].append((x, y))
    return rings


def doubled_area(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))


@pytest.mark.parametrize("turned", [False, True])
def test_exteriors_go_clockwise_on_the_screen_and_holes_the_other_way(turned):
    square, hole = box(100, 100, 900, 900), box(300, 300, 500, 500)
    drawn = square.difference(hole).union(box(2000, 2000, 2300, 2300))
    geometry = on_ground(shapely.reverse(drawn) if turned else drawn)
    body = encode_layer("layer", ["a"], np.array([geometry], dtype=object), {}, HERE)
    rings = read_rings(body)
    assert [doubled_area(ring) // 2 for ring in rings] == [640_000, -40_000, 90_000]
    assert all(len(ring) == 4 for ring in rings)  # ClosePath says the last


def test_the_specifications_own_example():
    # Mapbox Vector Tile 2.1, 4.3.5.6: a multipolygon of two polygons, the second with a hole.
    drawn = MultiPolygon(
        [
            Polygon([(0, 0), (10, 0), (10, 10), (0, 10)]),
            Polygon([(11, 11), (20, 11), (20, 20), (11, 20)], [[(13, 13), (13, 17), (17, 17), (17, 13)]]),
        ]
    )
    body = encode_layer("layer", ["a"], np.array([on_ground(drawn)], dtype=object), {}, HERE)
    rings = read_rings(body)
    told = [shapely.Polygon(ring).normalize() for ring in rings]
    expected = [box(0, 0, 10, 10), box(11, 11, 20, 20), box(13, 13, 17, 17)]
    assert told == [one.normalize() for one in expected]
    assert [doubled_area(ring) > 0 for ring in rings] == [True, True, False]


def test_a_polygon_that_covers_the_tile_covers_it_and_no_more():
    (feature,) = encoded([box(-(10**6), -(10**6), 10**6, 10**6)])
    assert shape(feature["geometry"]).equals(FRAME)


@pytest.mark.parametrize("z", [3, 8, 12, 13, 16])
@pytest.mark.parametrize("units", [0.01, 0.3, 0.9])
def test_what_is_smaller_than_a_unit_is_drawn_as_a_pixel(z, units):
    tile = Tile(z, 2**z // 3, 2**z // 2 + 1)
    middle = Point(1000, 1000)
    small = [middle.buffer(units / 2), LineString([(1000, 1000), (1000 + units, 1000)]), middle]
    area, line, point = sorted(encoded(small, tile), key=lambda feature: feature["properties"]["id"])
    assert shape(area["geometry"]).equals(
        box(1000 - PIXEL / 2, 1000 - PIXEL / 2, 1000 + PIXEL / 2, 1000 + PIXEL / 2)
    )
    assert shape(line["geometry"]).length == PIXEL
    assert point["geometry"]["coordinates"] == [1000, 1000]


def test_below_level_13_what_is_smaller_than_a_pixel_is_a_pixel_and_from_there_on_as_it_is():
    shed = box(1000, 1000, 1008, 1008)
    far, near = Tile(12, 1682, 3415), Tile(13, 3364, 6830)
    assert shape(encoded([shed], far)[0]["geometry"]).area == PIXEL**2
    assert shape(encoded([shed], near)[0]["geometry"]).area == 64


def test_what_is_long_and_thinner_than_a_unit_is_drawn_a_pixel_wide():
    (feature,) = encoded([box(100.6, 100, 100.9, 3000)])
    told = shape(feature["geometry"])
    assert told.is_valid
    assert told.bounds[3] - told.bounds[1] == pytest.approx(2900, abs=2 * PIXEL)
    assert told.bounds[2] - told.bounds[0] == pytest.approx(PIXEL, abs=2)


def test_outlines_are_simplified_below_level_13_by_half_a_pixel_at_most():
    turns = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    wavy = Polygon(
        np.column_stack((2000 + (1000 + 2 * np.sin(90 * turns)) * np.cos(turns), 2000 + 1000 * np.sin(turns)))
    )
    told = shape(encoded([wavy], Tile(12, 1682, 3415))[0]["geometry"])
    assert len(told.exterior.coords) < 100
    assert told.exterior.hausdorff_distance(wavy.exterior) <= PIXEL / 2 + 1
    assert len(shape(encoded([wavy], HERE)[0]["geometry"]).exterior.coords) > 1000


def test_a_bow_tie_made_by_rounding_is_mended():
    # Two spikes that miss each other by a tenth of a unit cross once they are rounded.
    drawn = Polygon([(0, 0), (100, 50.4), (0, 100), (0, 60), (99, 50.35), (0, 40)])
    assert drawn.is_valid
    for feature in encoded([drawn]):
        assert shape(feature["geometry"]).is_valid


def test_neighbouring_tiles_draw_the_same_ground():
    """What two tiles say of a feature on their common side is the same to a unit."""
    drawn = Polygon([(3000, 500), (6000, 900), (5500, 2000), (3500, 3000)])
    east = Tile(HERE.z, HERE.row, HERE.col + 1)
    geometry = np.array([on_ground(drawn)], dtype=object)
    west_part, east_part = (
        shape(decode(encode_layer("l", ["a"], geometry, {}, tile))["l"]["features"][0]["geometry"])
        for tile in (HERE, east)
    )
    joined = west_part.union(shapely.affinity.translate(east_part, EXTENT, 0))
    assert joined.symmetric_difference(drawn).area < drawn.length


def test_near_the_antimeridian_and_the_poles():
    tile = Tile(3, 0, 7)
    geometry = np.array([box(170, 70, 180, 90), box(-180, -90, 180, 90), Point(180, 85.0511)], dtype=object)
    features = decode(encode_layer("l", ["a", "world", "end"], geometry, {}, tile))["l"]["features"]
    told = {feature["properties"]["id"]: shape(feature["geometry"]) for feature in features}
    assert told["a"].bounds[2] == EXTENT  # the world ends here
    assert told["world"].bounds == (-BUFFER, -BUFFER, EXTENT, EXTENT + BUFFER)
    assert told["end"] == Point(EXTENT, 0)


def test_a_row_of_several_kinds_of_geometry_is_there_once_for_each_with_the_same_number():
    mixed = GeometryCollection(
        [Point(5, 5), LineString([(0, 0), (50, 50)]), MultiPolygon([box(100, 100, 200, 200)])]
    )
    features = encoded([mixed, None, GeometryCollection(), MultiLineString()])
    assert sorted(feature["geometry"]["type"] for feature in features) == ["LineString", "Point", "Polygon"]
    assert len({feature["id"] for feature in features}) == 1


@given(st.data())
def test_attributes_come_back_as_they_are_and_missing_ones_are_not_there(data):
    rows = data.draw(st.integers(1, 6))
    kinds = [
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=300),
    ]
    columns = {
        f"c{place}": data.draw(st.lists(st.one_of(st.none(), kind), min_size=rows, max_size=rows))
        for place, kind in enumerate(data.draw(st.lists(st.sampled_from(kinds), max_size=5)))
    }
    features = encoded([Point(10, 10)] * rows, HERE, **columns)
    assert len(features) == rows
    for place, feature in enumerate(features):
        told = dict(feature["properties"])
        assert told.pop("id") == f"f{place}"
        expected = {name: column[place] for name, column in columns.items() if column[place] is not None}
        assert told == expected
        assert {name: type(one) for name, one in told.items()} == {
            name: type(one) for name, one in expected.items()
        }


def test_each_value_is_written_once():
    body, codes = write_values({"a": ["x"] * 1000, "b": ["x"] * 1000, "c": np.full(1000, 2.5)})
    assert body.count(b"x") == 1
    assert len(body) < 40
    assert np.unique(codes).tolist() == [0, 1]


def test_no_float_that_is_not_a_number_and_no_list_breaks_a_tile():
    (feature,) = encoded(
        [Point(1, 1)], HERE, a=[math.inf], b=np.array([math.nan]), c=[["x", 1]], d=[10**40], e=["\ud800"]
    )
    assert feature["properties"] == {"id": "f0", "c": '["x",1]', "d": 1e40, "e": "?"}


def test_true_is_not_one_and_one_is_not_one_point_nought():
    (feature,) = encoded([Point(1, 1)], HERE, a=[True], b=[1], c=[1.0], d=["1"])
    told = feature["properties"]
    assert [type(told[name]) for name in "abcd"] == [bool, int, float, str]


def test_numbers_of_features_are_safe_in_javascript_and_stay():
    ids = ["7", "007", "320000-GB00003", "地块", "9" * 20, ""]
    told = number_features(ids).tolist()
    assert told[0] == 7
    assert len(set(told)) == len(ids)
    assert max(told) < 2**53
    assert told == number_features(ids).tolist()


def test_tiles_over_a_box_are_those_that_it_meets():
    bounds = (120.21, 30.57, 120.26, 30.60)
    for z in range(19):
        first_row, last_row, first_col, last_col = tiles_over(bounds, z)
        for row, col in ((first_row, first_col), (last_row, last_col)):
            assert box(*Tile(z, row, col).bounds()).intersects(box(*bounds))
        assert not box(*Tile(z, first_row - 1, first_col).bounds()).intersects(box(*bounds)) or first_row == 0
        assert (
            not box(*Tile(z, last_row, last_col + 1).bounds()).intersects(box(*bounds))
            or last_col == 2**z - 1
        )
    assert len(limits_of((-180.0, -90.0, 180.0, 90.0))) == 25


def test_projection_is_that_of_proj():
    from pyproj import Transformer

    way = Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True)
    places = np.array([[120.2, 30.6], [-70.0, -33.4], [0.0, 0.0], [179.9, 84.0]])
    metres = np.column_stack(way.transform(places[:, 0], places[:, 1]))
    half = 20_037_508.342789244
    units = (metres * [1, -1] + half) / (2 * half) * EXTENT * 2**10
    assert Tile(10, 0, 0).project(places) == pytest.approx(units, abs=1e-3)


@pytest.mark.parametrize(
    "place", [("25", "0", "0"), ("3", "8", "0"), ("3", "0", "8"), ("0", "1", "0"), ("9" * 30, "0", "0")]
)
def test_there_is_no_tile_beyond_the_world(place):
    with pytest.raises(NotFoundError):
        read_tile(*place)
