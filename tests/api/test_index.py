import asyncio
import datetime as dt

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from pyproj.crs import BoundCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation

from api.asked.selection import EVERYTHING, Selection
from api.asked.systems import read_bounds
from api.served.encode import column_values, encode_features, to_crs84
from api.served.memory import MemoryRows

SQUARES = np.array(
    [shapely.box(x, y, x + 0.6, y + 0.6) for x in range(-9, 9) for y in range(-6, 6)], dtype=object
)


class Index:
    """Rows in memory, asked without waiting."""

    def __init__(self, geometry):
        ids = [f"f{row}" for row in range(len(geometry))]
        self.rows = MemoryRows(ids, encode_features(ids, {}, geometry), geometry, pd.DataFrame({"id": ids}))

    def page(self, start, limit, *, bounds=None, **more):
        selection = EVERYTHING if bounds is None else Selection(shape=read_bounds(",".join(map(str, bounds))))
        return asyncio.run(self.rows.page(selection, limit, after=[start] if start else None, **more))

    def item(self, name):
        return asyncio.run(self.rows.item(name))


build = Index


@pytest.fixture(scope="module")
def index():
    return build(SQUARES)


def names(page):
    return [feature["id"] for feature in orjson.loads(b"[" + page.features + b"]")]


degrees = st.floats(-12, 12, allow_nan=False).map(lambda value: round(value, 3))


@given(st.tuples(degrees, degrees), st.tuples(degrees, degrees))
def test_a_box_finds_what_shapely_finds_one_by_one(index, one, other):
    west, east = sorted((one[0], other[0]))
    south, north = sorted((one[1], other[1]))
    page = index.page(0, 1000, bounds=(west, south, east, north))
    box = shapely.box(west, south, east, north)
    assert set(names(page)) == {f"f{row}" for row in np.flatnonzero(shapely.intersects(SQUARES, box))}
    assert page.matched == page.returned == len(names(page))


@given(st.integers(1, 50), st.booleans())
def test_pages_hold_each_match_once_and_in_one_order(index, limit, boxed):
    bounds = (-4.0, -3.0, 4.0, 3.0) if boxed else None
    whole = index.page(0, 10_000, bounds=bounds)
    gathered, start = [], 0
    while start is not None:
        page = index.page(start, limit, bounds=bounds)
        gathered += names(page)
        assert page.matched == whole.matched
        start = page.following and page.following[0]
    assert gathered == names(whole)
    assert len(set(gathered)) == whole.matched


def test_a_page_ends_before_its_bytes_run_out_but_holds_one_feature(index):
    size = len(index.item("f0")) + 20
    assert index.page(0, 50, most_bytes=3 * size).returned == 3
    assert index.page(0, 50, most_bytes=1).returned == 1
    assert index.page(0, 50, most_bytes=1).following == [1]


def test_a_box_across_the_antimeridian_finds_both_sides():
    geometry = shapely.points([[179.5, 0], [-179.5, 0], [0, 0]])
    assert set(names(build(geometry).page(0, 9, bounds=(179.0, -1.0, -179.0, 1.0)))) == {"f0", "f1"}


def test_neighbours_on_the_ground_are_neighbours_in_the_buffer(index):
    places = [int(name[1:]) for name in names(index.page(0, 1000))]
    steps = shapely.distance(SQUARES[places[1:]], SQUARES[places[:-1]])
    assert np.mean(steps) < 1.0  # in the order of a shuffled table it is above 6


def test_features_without_geometry_are_listed_but_meet_no_box():
    index = build(np.array([None, shapely.Point(1, 1), None], dtype=object))
    assert names(index.page(0, 9)) == ["f1", "f0", "f2"]
    assert names(index.page(0, 9, bounds=(-180.0, -90.0, 180.0, 90.0))) == ["f1"]


def test_an_empty_collection_is_an_empty_page():
    index = build(np.array([], dtype=object))
    page = index.page(0, 10)
    assert (page.features, page.matched, page.returned, page.following) == (b"", 0, 0, None)
    assert index.rows.extent is None
    assert index.item("f0") is None


def test_one_point_alone_is_a_collection():
    assert build(shapely.points([[5.0, 6.0]])).rows.extent == (5.0, 6.0, 5.0, 6.0)


@pytest.mark.parametrize(
    ("values", "told", "kind", "expected"),
    [
        ([1.5, np.nan, np.inf], "number", "number", [1.5, None, None]),
        ([2025.0, np.nan], "integer", "integer", [2025, None]),
        ([2025.5, np.nan], "integer", "number", [2025.5, None]),
        ([True, False], "flag", "boolean", [True, False]),
        ([True, None], "flag", "boolean", [True, None]),
        ([1, 2], "number", "integer", [1, 2]),
        (pd.array([1, None], dtype="Int64"), "number", "integer", [1, None]),
        ([pd.Timestamp("2024-03-01"), pd.NaT], "date", "date", ["2024-03-01", None]),
        ([pd.Timestamp("2024-03-01 08:30"), pd.NaT], "date", "date-time", ["2024-03-01T08:30:00Z", None]),
        ([pd.Timestamp("2024-03-01 08:00+08:00")], "date", "date-time", ["2024-03-01T00:00:00Z"]),
        ([dt.date(2024, 3, 1), None], "date", "date", ["2024-03-01", None]),
        ([None, None], "number", "number", [None, None]),
        ([None, None], "text", "string", [None, None]),
        (["甲", None, float("nan")], "text", "string", ["甲", None, None]),
        ([["a", "b"], None], "list", "array", [["a", "b"], None]),
        (["a", 1], "text", "string", ["a", "1"]),
    ],
)
def test_a_column_has_one_kind_and_missing_is_null(values, told, kind, expected):
    assert column_values(pd.Series(values), told) == (kind, expected)


@pytest.mark.parametrize(
    "told",
    [
        "EPSG:4549",
        "EPSG:4490",
        "EPSG:32650",
        "EPSG:5514",
        "EPSG:4549+5737",
        "with a shift of its own",
    ],
)
def test_degrees_are_those_that_proj_gives_for_crs84(told):
    """Also where the way to them is not searched for, because it is known."""
    if told.startswith("EPSG"):
        crs = CRS(told)
    else:
        zone = CRS(4549)
        shift = ToWGS84Transformation(zone.geodetic_crs, 100, -50, 20)
        crs = BoundCRS(source_crs=zone, target_crs="EPSG:4326", transformation=shift)
    here = (26.0, 50.0) if told == "EPSG:5514" else (120.2, 30.5)
    around = np.random.default_rng(6).uniform(-0.5, 0.5, (50, 2)) + here
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(*around.T)
    direct = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(x, y)
    degrees = to_crs84(gpd.GeoSeries(shapely.points(x, y), crs=crs))
    assert np.array_equal(shapely.get_coordinates(degrees), np.column_stack(direct).round(9))


def test_geometry_comes_in_degrees_with_exteriors_counter_clockwise():
    ring = shapely.Polygon([(0, 0), (0, 9), (9, 9), (9, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    series = gpd.GeoSeries([ring, shapely.Polygon(), None], crs=3857)
    polygon, empty, missing = to_crs84(series)
    assert shapely.is_ccw(shapely.get_exterior_ring(polygon))
    assert not shapely.is_ccw(shapely.get_interior_ring(polygon, 0))
    assert polygon.bounds == pytest.approx((0, 0, 8.08e-5, 8.08e-5), rel=1e-2)
    assert empty is None
    assert missing is None
