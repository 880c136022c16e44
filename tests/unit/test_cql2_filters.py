"""The API's parameters filter, filter-lang and filter-crs."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely import Point, box

from api.asked.filters import FILTER_LANGS, check_filter, read_filter
from api.asked.systems import systems_of
from api.errors import RequestError
from api.served.catalogue import FieldInfo
from parkgeo.errors import ParkgeoError
from parkgeo.store.where import evaluate

SYSTEMS = systems_of(CRS.from_epsg(4549))
PLOTS = gpd.GeoDataFrame(
    geometry=[box(500_000 + x, 3_432_000, 500_100 + x, 3_432_100) for x in (0, 500, 1000)], crs=4549
)
HERE = gpd.GeoSeries([Point(500_550, 3_432_050)], crs=4549)


def rows(expression, **given):
    asked = {"filter": expression, **{name.replace("_", "-"): value for name, value in given.items()}}
    return np.flatnonzero(evaluate(PLOTS, read_filter(asked, SYSTEMS))).tolist()


@pytest.mark.parametrize(("system", "turned"), [("CRS84", False), ("4326", True), ("4490", True), ("3857", False), ("4549", True)])  # fmt: skip
def test_coordinates_stand_in_the_order_that_the_systems_authority_states(system, turned):
    """Latitude, longitude for 4326 and 4490; northing, easting for 4549; x, y for Web Mercator and CRS84."""
    name = "OGC:CRS84" if system == "CRS84" else f"EPSG:{system}"
    assert CRS(name).axis_info[0].direction in ({"north"} if turned else {"east"})
    place = HERE.to_crs(name).iloc[0]
    a, b = (place.y, place.x) if turned else (place.x, place.y)
    w, s, e, n = gpd.GeoSeries(HERE.buffer(20), crs=4549).to_crs(name).total_bounds.tolist()
    corners = [s, w, n, e] if turned else [w, s, e, n]
    addresses = {"CRS84": SYSTEMS[0]}
    crs = addresses.get(system, f"http://www.opengis.net/def/crs/EPSG/0/{system}")
    point = {"type": "Point", "coordinates": [a, b]}
    for expression, lang in (
        (f"S_INTERSECTS(geometry, POINT({a!r} {b!r}))", "cql2-text"),
        (f"S_INTERSECTS(geometry, BBOX({', '.join(map(repr, corners))}))", "cql-text"),
        (json.dumps({"op": "s_intersects", "args": [{"property": "geometry"}, point]}), "cql2-json"),
        (json.dumps({"op": "not", "args": [{"op": "s_disjoint", "args": [{"bbox": corners}, {"property": "geometry"}]}]}), "cql2-json"),
    ):  # fmt: skip
        assert rows(expression, filter_crs=crs, filter_lang=lang) == [1]


def test_polygons_and_distances_are_brought_to_degrees_too():
    ring = "3432040 500540, 3432040 500560, 3432060 500560, 3432060 500540, 3432040 500540"
    assert rows(f"S_CONTAINS(geometry, POLYGON(({ring})))", filter_crs="EPSG:4549") == [1]
    assert rows("S_DWITHIN(geometry, POINT(3432050 500300), 201)", filter_crs="EPSG:4549") == [0, 1]
    assert rows("S_DWITHIN(geometry, POINT(3432050 500300), 199)", filter_crs="EPSG:4549") == []
    both = f"NOT (S_WITHIN(geometry, POLYGON(({ring}))) OR S_DISJOINT(geometry, POLYGON(({ring}))))"
    assert rows(both, filter_crs="EPSG:4549") == [1]


def test_a_straight_edge_in_metres_stays_straight_on_the_ground():
    tree = read_filter(
        {"filter": "S_INTERSECTS(geometry, LINESTRING(3432000 400000, 3432000 600000))", "filter-crs": "EPSG:4549"}, SYSTEMS
    )  # fmt: skip
    line = shapely.from_geojson(json.dumps(tree["args"][1]))
    back = gpd.GeoSeries([line.segmentize(0.001)], crs="OGC:CRS84").to_crs(4549).iloc[0]
    assert np.abs(shapely.get_coordinates(back)[:, 1] - 3_432_000).max() < 0.2


def test_a_box_across_the_antimeridian_stays_one_in_latitude_longitude():
    tree = read_filter(
        {"filter": "S_INTERSECTS(geometry, BBOX(-10, 170, 10, -170))", "filter-crs": "EPSG:4326"}, SYSTEMS
    )
    assert tree["args"][1] == {"bbox": [170, -10, -170, 10]}


@pytest.mark.parametrize(
    ("given", "where", "part"),
    [
        ({"filter-lang": "cql3"}, "filter-lang", "cql2-text, cql2-json, cql-text"),
        ({"filter-lang": ""}, "filter-lang", "not read in"),
        ({"filter-crs": "EPSG:9999"}, "filter-crs", "not served"),
        ({"filter-crs": "' OR 1=1"}, "filter-crs", "not served"),
        ({"filter": ""}, "filter", "empty"),
        ({"filter": "a ="}, "filter", "(character 4, it ends too soon)"),
        ({"filter": "a = 1", "filter-lang": "cql2-json"}, "filter", "not JSON"),
        ({"filter": "{}", "filter-lang": "cql2-text"}, "filter", "character 1"),
        ({"filter": "(" * 2000}, "filter", "too deep"),
        ({"filter": "x" * 1_000_000}, "filter", "too long"),
        ({"filter": "[" * 2000, "filter-lang": "cql2-json"}, "filter", "too deep"),
        ({"filter": "s_within(g, POINT(9e9 9e9))", "filter-crs": "EPSG:4549"}, "filter", "has places"),
        ({"filter": "s_within(g, POINT(1e300 1e308))", "filter-crs": "EPSG:3857"}, "filter", "has places"),
        (
            {"filter": "s_within(g, BBOX(2, 0, 1, 5))", "filter-crs": "EPSG:3857"},
            "filter",
            "least of an axis",
        ),
    ],
)
def test_wrong_parameters_are_named(given, where, part):
    with pytest.raises(RequestError) as caught:
        read_filter({"filter": "a = 1", **given}, SYSTEMS)
    assert caught.value.where == where
    assert part in str(caught.value)


def field(name, kind):
    return FieldInfo(name, kind, name, name, "", {}, "", {}, is_key=False)


FIELDS = (field("idle", "string"), field("area", "integer"), field("since", "date"), field("seen", "date-time"), field("done", "boolean"), field("of", "array"))  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("phone = '1'", "no column 'phone'"),
        ("area = 'x'", "holds numbers"),
        ("of = 'x'", "cannot be compared"),
        ("since = 5", "holds dates"),
        ("done = 'yes'", "true or false"),
        ("S_INTERSECTS(geometry, POINT(200 0))", "outside the globe"),
    ],
)
def test_a_filter_is_held_against_the_fields(expression, part):
    told = json.dumps(read_filter({"filter": expression}, SYSTEMS))
    with pytest.raises(RequestError) as caught:
        check_filter(told, FIELDS, geometry=True)
    assert caught.value.where == "filter"
    assert part in str(caught.value)


def test_a_filter_that_fits_passes_and_one_on_geometry_needs_some():
    expression = (
        "idle = 'yes' AND area > 1 AND since > '2026-01-01' AND T_AFTER(seen, since) AND done AND of IS NULL"
    )
    check_filter(json.dumps(read_filter({"filter": expression}, SYSTEMS)), FIELDS, geometry=False)
    told = json.dumps(read_filter({"filter": "S_INTERSECTS(geometry, POINT(1 2))"}, SYSTEMS))
    check_filter(told, FIELDS, geometry=True)
    with pytest.raises(ParkgeoError, match="no geometry"):
        check_filter(told, FIELDS, geometry=False)


def test_the_old_name_by_which_gdal_asks_is_among_the_languages():
    assert FILTER_LANGS == ("cql2-text", "cql2-json", "cql-text")
