"""Relations of geometries: known answers, shapely row by row, and distances against the ellipsoid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, MultiPoint, Point, Polygon, box

from parkgeo.errors import FilterError
from parkgeo.store.cql2_words import SPATIAL
from parkgeo.store.where import Columns, evaluate, parse, select

RELATIONS = [op for op in SPATIAL if op != "s_dwithin"]
SHAPES = gpd.GeoDataFrame(
    {"n": range(1, 10)},
    geometry=[
        box(0, 0, 1, 1), box(1, 0, 2, 1), box(0.5, 0.5, 1.5, 1.5), box(0.25, 0.25, 0.75, 0.75), Point(1, 1), LineString([(-1, 0.5), (3, 0.5)]),
        None, MultiPoint([(0.5, 0.5), (5, 5)]), Polygon(),
    ],
    crs="OGC:CRS84",
)  # fmt: skip


def rows(expression, table=SHAPES):
    return (np.flatnonzero(select(table, expression)) + 1).tolist()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("S_INTERSECTS(geometry, BBOX(0, 0, 1, 1))", [1, 2, 3, 4, 5, 6, 8]),
        ("S_WITHIN(geometry, BBOX(0, 0, 1, 1))", [1, 4]),
        ("S_CONTAINS(geometry, BBOX(0.3, 0.3, 0.6, 0.6))", [1, 4]),
        ("S_CONTAINS(geometry, MULTIPOINT((0.5 0.5), (60 60)))", []),
        ("S_EQUALS(geometry, POLYGON((1 1, 1 0, 0 0, 0 1, 0.5 1, 1 1)))", [1]),
        ("S_EQUALS(geometry, BBOX(0, 0, 1, 1))", [1]),
        ("S_TOUCHES(geometry, BBOX(0, 0, 1, 1))", [2, 5]),
        ("S_CROSSES(geometry, BBOX(0, 0, 1, 1))", [6, 8]),
        ("S_OVERLAPS(geometry, BBOX(0, 0, 1, 1))", [3]),
        ("S_DISJOINT(geometry, BBOX(0, 0, 1, 1))", []),
        ("S_DISJOINT(geometry, BBOX(0, 0, 0.4, 0.4))", [2, 3, 5, 6, 8]),
        ("NOT S_DISJOINT(geometry, BBOX(0, 0, 1, 1))", [1, 2, 3, 4, 5, 6, 8]),
        ("S_WITHIN(BBOX(0.3, 0.3, 0.6, 0.6), geometry)", [1, 4]),
        ("S_CONTAINS(BBOX(0, 0, 1, 1), geometry)", [1, 4]),
        ("S_INTERSECTS(geometry, geometry)", [1, 2, 3, 4, 5, 6, 8]),
        ("S_TOUCHES(geometry, geometry)", []),
        ("S_DWITHIN(geometry, geometry, 0)", [1, 2, 3, 4, 5, 6, 8]),
        ("S_CROSSES(LINESTRING(0 0, 2 2), BBOX(0, 0, 1, 1)) AND n < 3", [1, 2]),
        ("S_DWITHIN(POINT(0 0), POINT(0 1), 111000) AND n < 3", [1, 2]),
        ("S_DWITHIN(POINT(0 0), POINT(0 1), 110000)", []),
        ("S_INTERSECTS(geometry, POINT(0.5 0.5))", [1, 3, 4, 6, 8]),
        ("S_INTERSECTS(geometry, BBOX(0.5, 0.5, 0.5, 0.5))", [1, 3, 4, 6, 8]),
        ("S_INTERSECTS(geometry, BBOX(4.9, 5, 5.1, 5))", [8]),
        ("S_INTERSECTS(geometry, BBOX(0.9, 0.9, -7, 1.1, 1.1, 7))", [1, 2, 3, 5]),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(5 5), LINESTRING(0.3 0.3, 0.4 0.3)))", [1, 4, 8]),
        ("S_INTERSECTS(geometry, POINT Z (5 5 100))", [8]),
        ("geometry IS NOT NULL", [1, 2, 3, 4, 5, 6, 8]),
    ],
)
def test_known_answers(expression, expected):
    assert rows(expression) == expected


COORDINATES = st.integers(0, 4).map(lambda number: number / 2)
BOXES = (
    st.tuples(COORDINATES, COORDINATES, COORDINATES, COORDINATES)
    .map(lambda t: (min(t[0], t[2]), min(t[1], t[3]), max(t[0], t[2]), max(t[1], t[3])))
    .filter(lambda t: t[0] < t[2] and t[1] < t[3])
)
LITERALS = st.one_of(
    BOXES.map(lambda t: box(*t)),
    st.tuples(COORDINATES, COORDINATES).map(Point),
    st.lists(st.tuples(COORDINATES, COORDINATES), min_size=2, max_size=4, unique=True).map(LineString),
    st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=3, unique=True).map(MultiPoint),
).filter(shapely.is_valid)


@given(st.sampled_from(RELATIONS), st.lists(LITERALS | st.none(), min_size=1, max_size=5), LITERALS)
@settings(max_examples=200, deadline=None)
def test_relations_agree_with_shapely_row_by_row(op, shapes, literal):
    table = gpd.GeoDataFrame(geometry=shapes, crs="OGC:CRS84")
    relation = getattr(shapely, op.removeprefix("s_"))
    wkt = shapely.to_wkt(literal, trim=True)
    there = [shape is not None for shape in shapes]
    expected = [
        is_there and bool(relation(shape, literal)) for is_there, shape in zip(there, shapes, strict=True)
    ]
    assert select(table, f"{op}(geometry, {wkt})").tolist() == expected
    contrary = [is_there and not one for is_there, one in zip(there, expected, strict=True)]
    assert select(table, f"NOT {op}(geometry, {wkt})").tolist() == contrary
    turned = [
        is_there and bool(relation(literal, shape)) for is_there, shape in zip(there, shapes, strict=True)
    ]
    assert select(table, f"{op}({wkt}, geometry)").tolist() == turned


# — distances

GEOD = Geod(ellps="WGS84")


def ring_of_points(longitude, latitude, metres):
    """Points at distances around a place on the ellipsoid."""
    found = [
        GEOD.fwd(longitude, latitude, angle, metre)[:2] for angle in range(0, 360, 30) for metre in metres
    ]
    return gpd.GeoSeries([Point(*place) for place in found], crs="OGC:CRS84")


@pytest.mark.parametrize("crs", ["EPSG:4549", "OGC:CRS84", "EPSG:4490", "EPSG:3857"])
@pytest.mark.parametrize("metres", [0.5, 60.0, 5000.0])
def test_distances_are_metres_on_the_ground(crs, metres):
    """In a zone's plane, in degrees, and in Web Mercator, whose own metres are a sixth too long here; to 1 in 1000."""
    points = ring_of_points(120.3, 31.4, (metres * 0.998, metres * 1.002))
    table = gpd.GeoDataFrame(geometry=points.to_crs(crs))
    found = select(table, f"S_DWITHIN(geometry, POINT(120.3 31.4), {metres!r})")
    assert found.tolist() == [True, False] * 12


def test_distance_is_to_the_nearest_part_and_zero_touches():
    table = gpd.GeoDataFrame(geometry=[box(500_000, 3_432_000, 500_100, 3_432_100)], crs=4549)
    corner = gpd.GeoSeries([Point(500_103, 3_432_104)], crs=4549).to_crs("OGC:CRS84").iloc[0]
    inside = gpd.GeoSeries([Point(500_050, 3_432_050)], crs=4549).to_crs("OGC:CRS84").iloc[0]
    assert select(table, f"S_DWITHIN(geometry, POINT({corner.x!r} {corner.y!r}), 5.001)").tolist() == [True]
    assert select(table, f"S_DWITHIN(geometry, POINT({corner.x!r} {corner.y!r}), 4.999)").tolist() == [False]
    assert select(table, f"S_DWITHIN(POINT({inside.x!r} {inside.y!r}), geometry, 0)").tolist() == [True]


def test_a_long_edge_of_a_literal_is_straight_in_degrees_for_distances_too():
    """Along a parallel 230 km long the straight line in the plane passes about a kilometre from its middle."""
    points = [Point(118.8, 31), Point(120, 31), Point(120, 31.004), Point(121.2, 31)]
    table = gpd.GeoDataFrame(geometry=points, crs="OGC:CRS84").to_crs(4549)
    found = select(table, "S_DWITHIN(geometry, LINESTRING(118.8 31, 121.2 31), 10)")
    assert found.tolist() == [True, True, False, True]


def test_far_and_polar_distances_are_answered():
    table = gpd.GeoDataFrame(
        geometry=[Point(179.999, 0), Point(0, 89.9), Point(-179.999, 0), None], crs="OGC:CRS84"
    )
    assert select(table, "S_DWITHIN(geometry, POINT(180 0), 1000)").tolist() == [True, False, True, False]
    assert select(table, "S_DWITHIN(geometry, POINT(180 89.9), 30000)").tolist() == [
        False,
        True,
        False,
        False,
    ]
    assert not select(table, "S_DWITHIN(geometry, POINT(120 31), 1000000)").any()


@pytest.mark.parametrize(
    "metres",
    ["-1", "-0.001", "1000000.5", "1e7", "NaN", "inf", "'5'", "", "n", "TRUE", "5 m", "5 km", "5, 'km'", "5, meters", "POINT(1 2)"],
)  # fmt: skip
def test_a_distance_that_is_none_or_has_a_unit_is_refused_in_one_sentence(metres):
    asked = f"S_DWITHIN(geometry, POINT(1 2), {metres})" if metres else "S_DWITHIN(geometry, POINT(1 2))"
    with pytest.raises(FilterError, match="the last its distance in metres") as told:
        select(SHAPES, asked)
    assert "0 to 1000000, without a unit" in told.value.mend


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("S_DWITHIN(geometry, POINT(1 2))", "takes 3"),
        ("S_DWITHIN(geometry, POINT(1 2), -1)", "metres"),
        ("S_DWITHIN(geometry, POINT(1 2), n)", "metres"),
        ("S_DWITHIN(geometry, POINT(1 2), 1e12)", "metres"),
        ("S_DWITHIN(n, POINT(1 2), 1)", "is no geometry"),
        ("S_WITHIN(geometri, POINT(1 2))", "did you mean geometry"),
        ("S_WITHIN(geometry, POINT(181 2))", "outside the globe"),
        ("S_WITHIN(geometry, POINT(nan 2))", "no number"),
        ("S_WITHIN(geometry, POINT(1e999 2))", "no number"),
        ("S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT EMPTY))", "empty"),
        ("S_WITHIN(geometry, n + 1)", "no geometry"),
        ("S_NEAR(geometry, POINT(1 2))", "functions known here"),
        ("geometry = geometry", "cannot be compared"),
        ("POINT(1 2) = geometry", "S_INTERSECTS"),
        ("POINT(1 2)", "a condition is missing"),
    ],
)
def test_wrong_places_are_named(expression, part):
    with pytest.raises(FilterError) as caught:
        select(SHAPES, expression)
    assert part in str(caught.value)


def test_a_table_without_a_coordinate_system_is_named():
    table = gpd.GeoDataFrame(geometry=[Point(1, 2)])
    for expression in ("S_INTERSECTS(geometry, POINT(1 2))", "S_DWITHIN(geometry, POINT(1 2), 5)"):
        with pytest.raises(FilterError, match="no coordinate system"):
            select(table, expression)


@given(st.sampled_from([*RELATIONS, "s_dwithin"]), LITERALS)
@settings(max_examples=100, deadline=None)
def test_a_geometry_that_is_at_hand_in_degrees_gives_the_same_rows(op, literal):
    table = SHAPES.to_crs(3857)
    degrees = table.geometry.to_crs("OGC:CRS84").to_numpy()
    degrees[shapely.is_empty(degrees)] = None
    prepared = Columns(table, degrees=degrees, tree=shapely.STRtree(degrees))
    more = ", 20000" if op == "s_dwithin" else ""
    tree = parse(f"{op}(geometry, {shapely.to_wkt(literal, trim=True)}{more})")
    np.testing.assert_array_equal(evaluate(prepared, tree), evaluate(table, tree))
    np.testing.assert_array_equal(evaluate(prepared, tree), evaluate(prepared, tree))
