"""Coordinate systems: stated, chosen, and caught when they do not fit the place."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from parkgeo.errors import InputError
from parkgeo.ingest.crs import choose_working_crs, datum_shift_known, fits, in_metres, parse_crs, to_crs
from tests.builders import land, rect
from tests.office import EAST, NORTH, faults, layer, parcels, read, write

SQUARE = np.array([rect(EAST, NORTH, 100, 100)], dtype=object)
LOCAL = 'LOCAL_CS["city grid",UNIT["metre",1]]'


@pytest.mark.parametrize(
    "text",
    ["4528", "EPSG:4528", "epsg:4528", CRS.from_epsg(4528).to_wkt(), CRS.from_epsg(4528).to_wkt("WKT1_ESRI")],
)
def test_codes_and_wkt_are_read(text):
    assert parse_crs(text, "x").to_epsg(min_confidence=20) == 4528


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "EPSG:9",
        "EPSG:999999",
        "http://127.0.0.1/x",
        "+proj=longlat",
        "/etc/passwd",
        "urn:ogc:def:crs:EPSG::4528",
        "EPSG:4978",
        LOCAL,
        "GCJ-02",
        "{}",
        "\0",
    ],
)
def test_other_texts_are_refused_and_nothing_is_fetched(text):
    with pytest.raises(InputError) as caught:
        parse_crs(text, "roads.geojson")
    assert caught.value.where == "roads.geojson"
    assert caught.value.mend


def test_heights_are_left_out():
    compound = CRS.from_wkt(CRS.from_user_input("EPSG:4528+5737").to_wkt())
    assert parse_crs(compound.to_wkt(), "x").to_epsg() == 4528


@pytest.mark.parametrize(
    ("own", "place", "chosen"),
    [
        (4528, (120.4, 30.7), 4528),
        (4549, (120.4, 30.7), 4549),
        (4490, (120.4, 30.7), 4549),
        (4326, (116.4, 39.9), 4548),
        (3857, (120.4, 30.7), 4549),
        (4326, (14.4, 50.1), 32633),
        (4326, (151.2, -33.9), 32756),
        (3857, (0.0, 0.0), 32631),  # its own scale there is 1, of a sphere: 0.7 % off the ellipsoid
    ],
)
def test_the_working_system_is_in_metres_and_true_to_area(own, place, chosen):
    shapes = np.asarray(gpd.GeoSeries([shapely.Point(place)], crs=4326).to_crs(own).array, dtype=object)
    assert choose_working_crs(CRS.from_epsg(own), shapes).to_epsg() == chosen


PLACES = {
    "China": st.tuples(st.floats(73.7, 134.7), st.floats(17.0, 53.5)),
    "elsewhere": st.tuples(st.floats(-179.9, 179.9), st.floats(-79, 83)),
}


@pytest.mark.parametrize("where", PLACES)
@given(data=st.data())
def test_areas_in_the_working_system_are_true_to_half_a_percent(where, data):
    """Against the geodesic area of a square of 200 m, whatever system the parcels came in."""
    longitude, latitude = data.draw(PLACES[where])
    own = data.draw(st.sampled_from([4326, 3857, *((4490, 4528, 4540, 32650) if where == "China" else ())]))
    size = 0.001
    square = shapely.segmentize(
        rect(longitude, latitude, size / np.cos(np.radians(latitude)), size), size / 4
    )
    there = to_crs(np.array([square], dtype=object), CRS.from_epsg(4326), CRS.from_epsg(own))
    try:
        working = choose_working_crs(CRS.from_epsg(own), there)
    except InputError:
        assert own not in {4326, 4490, 3857}, "a zone far away is refused"
        return
    assert in_metres(working)
    true = abs(Geod(ellps="GRS80").geometry_area_perimeter(square)[0])
    assert to_crs(there, CRS.from_epsg(own), working)[0].area == pytest.approx(true, rel=0.0052)


@pytest.mark.parametrize(
    ("code", "place"), [(3006, (24.0, 66.0)), (27700, (-7.5, 57.8)), (25832, (11.9, 54.0))]
)
def test_a_national_grid_fits_where_its_register_says_far_from_its_meridian(code, place):
    assert fits(CRS.from_epsg(code), *place)


@pytest.mark.parametrize("code", [4528, "esri"])
@pytest.mark.parametrize("east", [500_000, 39_500_000, 41_500_000, 120.5])
def test_another_zone_or_degrees_under_a_projected_system(code, east):
    """A .prj without a code has no area of use; its central meridian tells as much."""
    crs = (
        CRS.from_epsg(4528)
        if code == 4528
        else CRS.from_wkt(
            CRS.from_epsg(4528).to_wkt("WKT1_ESRI").replace("CGCS2000_3_Degree_GK_Zone_40", "own")
        )
    )
    with pytest.raises(InputError, match="do not lie where"):
        choose_working_crs(crs, np.array([rect(east, NORTH if east > 200 else 30, 1, 1)], dtype=object))


def test_transformed_shapes_keep_none_and_lose_height():
    shapes = np.array([shapely.force_3d(SQUARE[0], 5.0), None], dtype=object)
    there = to_crs(shapes, CRS.from_epsg(4528), CRS.from_epsg(4549))
    assert there[1] is None
    assert there[0].bounds == pytest.approx((500_000, NORTH, 500_100, NORTH + 100))
    assert not there[0].has_z
    assert shapes[0].has_z


@pytest.mark.parametrize(
    ("a", "b", "known"),
    [
        (4528, 4490, True),
        (4326, 4528, True),
        (2364, 4528, False),
        (2416, 4528, False),
        (2364, 2349 + 16, True),
        (4314, 4326, True),
    ],
)
def test_shifts_between_datums(a, b, known):
    assert datum_shift_known(CRS.from_epsg(a), CRS.from_epsg(b)) == known


def test_a_layer_in_another_datum_is_said(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(parcels(1).set_crs(2364, allow_override=True), tmp_path / "b.gpkg")
    assert any(
        "no published shift" in text
        for text in faults(read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "b.gpkg")))
    )


def test_no_system_is_an_error_until_park_toml_states_one(tmp_path):
    write(parcels(), tmp_path / "p.shp")
    (tmp_path / "p.prj").unlink()
    with pytest.raises(InputError, match=r"no coordinate system.*p\.shp.*set crs"):
        read(tmp_path, layer("parcels", "p.shp"))
    assert read(tmp_path, layer("parcels", "p.shp", crs="EPSG:4528")).crs.to_epsg() == 4528


@pytest.mark.parametrize("crs", ["EPSG:4527", "EPSG:4529", "EPSG:32633"])
@pytest.mark.parametrize("name", ["parks", "roads", "utilities", "buildings", "constraints", "plan"])
def test_a_layer_in_a_neighbouring_zone_does_not_read_as_empty(tmp_path, crs, name):
    write(parcels(), tmp_path / "p.gpkg")
    shape = (
        shapely.LineString([(EAST, NORTH), (EAST + 300, NORTH)])
        if name == "roads"
        else rect(EAST, NORTH, 300, 100)
    )
    write(land([shape]), tmp_path / "x.gpkg")
    assert read(tmp_path, layer("parcels", "p.gpkg"), layer(name, "x.gpkg"))
    with pytest.raises(InputError, match=rf"x\.gpkg \({name}\)"):
        read(tmp_path, layer("parcels", "p.gpkg"), layer(name, "x.gpkg", crs=crs))


def test_a_file_of_a_layer_elsewhere_is_caught_beside_a_good_one(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(parcels(1, building_id=["1"]), tmp_path / "a.gpkg")
    write(land([rect(EAST + 300_000, NORTH, 10, 10)], building_id=["2"]), tmp_path / "b.gpkg")
    with pytest.raises(InputError, match=r"300 km off.*b\.gpkg|it is 295 km off.*b\.gpkg|b\.gpkg"):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "a.gpkg"), layer("buildings", "b.gpkg"))


def test_mains_that_run_out_of_the_park_and_a_far_airport_are_welcome(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(
        land(
            [
                shapely.LineString([(EAST, NORTH), (EAST + 60_000, NORTH)]),
                shapely.LineString([(EAST + 40_000, NORTH), (EAST + 50_000, NORTH)]),
            ]
        ),
        tmp_path / "u.gpkg",
    )
    write(land([shapely.Point(EAST + 80_000, NORTH)], kind=["机场"]), tmp_path / "f.gpkg")
    intake = read(
        tmp_path, layer("parcels", "p.gpkg"), layer("utilities", "u.gpkg"), layer("facilities", "f.gpkg")
    )
    assert (len(intake.layers.utilities), len(intake.layers.facilities)) == (2, 1)
    assert intake.clean


def test_swapped_axes_are_an_error_not_an_empty_layer(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(
        parcels(1).to_crs(4490).set_geometry([rect(30.7, 120, 0.001, 0.001)], crs=4490), tmp_path / "b.gpkg"
    )
    with pytest.raises(InputError, match="do not lie where"):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "b.gpkg"))


def test_parcels_astray_are_named_and_widen_nothing(tmp_path):
    frame = parcels(4)
    frame.loc[3, "geometry"] = rect(EAST + 250_000, NORTH, 10, 10)
    write(frame, tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg"))
    table = intake.account["faults"].query("severity == 'fault'")
    assert table[["what_en", "rows"]].to_numpy().tolist() == [["250 km and more from the other parcels", "4"]]
    write(land([rect(EAST + 200_000, NORTH, 10, 10)]), tmp_path / "b.gpkg")
    with pytest.raises(InputError, match=r"b\.gpkg"):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "b.gpkg"))


def test_a_park_without_parcels_is_said(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(
        land([rect(EAST, NORTH, 300, 100), rect(EAST, NORTH + 1000, 9, 9)], park_id=["A", "B"]),
        tmp_path / "b.gpkg",
    )
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("parks", "b.gpkg"))
    table = intake.account["faults"].query("severity == 'fault'")
    assert table[["what_en", "rows"]].to_numpy().tolist() == [["a park in which no parcel lies", "2"]]


def test_the_working_system_that_park_toml_states(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    entry = layer("parcels", "p.gpkg")
    assert read(tmp_path, entry, park="working_crs = 'EPSG:4549'").crs.to_epsg() == 4549
    with pytest.raises(InputError, match="not in metres"):
        read(tmp_path, entry, park="working_crs = 'EPSG:4490'")
    mercator = read(tmp_path, entry, park="working_crs = 'EPSG:3857'")
    assert any("areas here are 1.3" in text for text in faults(mercator))


def test_a_damaged_projection_that_parses_is_refused():
    """One letter of the projection's name flipped: the WKT is one by its grammar, and leads nowhere."""
    wkt = CRS.from_epsg(4528).to_wkt("WKT1_ESRI").replace("Gauss_Kruger", "Gauss_Kruges")
    with pytest.raises(InputError, match="no way from it to longitude and latitude"):
        parse_crs(wkt, "parcels.prj")
