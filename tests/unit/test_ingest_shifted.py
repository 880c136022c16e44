"""GCJ-02 and BD-09: the published values, the way back to 1e-8°, and files that are declared to hold them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.errors import InputError
from parkgeo.ingest.shifted import bd09, from_bd09, from_gcj02, gcj02, shifted
from tests.builders import land, rect
from tests.office import EAST, NORTH, faults, layer, parcels, read, write

# The rectangle of the formula, a kilometre and more from its edges: a place at the edge may be displaced over it.
CHINA = st.tuples(st.floats(72.03, 137.8), st.floats(0.85, 55.8))
NEARLY = 1e-8

# longitude, latitude in WGS 84 → GCJ-02 → BD-09, and GCJ-02 → BD-09: the test values of the Rust crates geotool and
# coordtransform_rs, the latter after github.com/wandergis/coordtransform
GEOTOOL = (
    (121.0917077, 30.6107779),
    (121.09626935575027, 30.608604331756705),
    (121.10271732371203, 30.61484572185035),
)
BAIDU = ((116.404, 39.915), (116.41036949371029, 39.92133699351021))

# longitude, latitude in WGS 84 and in GCJ-02: the test values of eviltransform (github.com/googollee/eviltransform, python/test.py)
PUBLISHED_GCJ = {
    "Shanghai": ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    "Shenzhen": ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    "Beijing": ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    # The example of the Rust crate coord_transforms, given to the last digit.
    "Nanjing": ((118.0, 32.0), (118.00543101383846, 31.997964381055795)),
    "Tiananmen": ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    "Jiaxing": GEOTOOL[:2],
}


def point(*at):
    return np.array([at], dtype=np.float64)


@pytest.mark.parametrize("place", PUBLISHED_GCJ)
def test_the_published_displacement(place):
    """The sources take 6 378 137 m or 6 378 245 m for the earth: they differ by 1e-7° at most."""
    plain, moved = PUBLISHED_GCJ[place]
    assert gcj02(point(*plain))[0] == pytest.approx(moved, abs=2e-7)
    assert from_gcj02(point(*moved))[0] == pytest.approx(plain, abs=2e-7)


@pytest.mark.parametrize("place", ["Nanjing", "Tiananmen"])
def test_the_published_value_to_its_last_digit(place):
    plain, moved = PUBLISHED_GCJ[place]
    assert gcj02(point(*plain))[0] == pytest.approx(moved, abs=1e-12)


def test_the_published_step_to_baidu():
    plain, _, moved = GEOTOOL
    assert bd09(point(*plain))[0] == pytest.approx(moved, abs=2e-7)
    assert from_bd09(point(*moved))[0] == pytest.approx(plain, abs=2e-7)
    gcj, moved = BAIDU
    assert bd09(from_gcj02(point(*gcj)))[0] == pytest.approx(moved, abs=1e-10)


@given(st.lists(CHINA, min_size=1, max_size=20))
def test_the_way_back_is_exact_over_china(places):
    points = np.array(places)
    assert np.abs(from_gcj02(gcj02(points)) - points).max() < NEARLY
    assert np.abs(from_bd09(bd09(points)) - points).max() < NEARLY


@given(CHINA)
def test_the_displacement_is_of_hundreds_of_metres(place):
    moved = gcj02(point(*place))[0]
    metres = np.hypot((moved[0] - place[0]) * np.cos(np.radians(place[1])), moved[1] - place[1]) * 111_320
    assert 0 < metres < 1500


@pytest.mark.parametrize("place", [(14.4, 50.1), (-74.0, 40.7), (151.2, -33.9), (137.9, 35.0), (120.0, 0.5)])
def test_outside_china_nothing_moves(place):
    assert gcj02(point(*place)).tolist() == from_gcj02(point(*place)).tolist() == [list(place)]


def test_what_is_not_finite_stays_so_and_inputs_stay_untouched():
    points = np.array([[np.nan, 30.0], [np.inf, 30.0], [118.0, 32.0]])
    before = points.copy()
    for back in (from_gcj02, from_bd09):
        assert np.isfinite(back(points)).all(axis=1).tolist() == [False, False, True]
    assert from_gcj02(np.empty((0, 2))).shape == (0, 2)
    np.testing.assert_array_equal(points, before)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GCJ-02", "GCJ-02"),
        ("gcj02", "GCJ-02"),
        ("BD-09", "BD-09"),
        ("bd09", "BD-09"),
        ("GCJ", None),
        ("EPSG:4490", None),
    ],
)
def test_names(text, name):
    found = shifted(text)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(("crs", "displace"), [("GCJ-02", gcj02), ("BD-09", bd09)])
def test_a_file_declared_displaced_lies_where_it_did(tmp_path, crs, displace):
    """Facilities digitised from a web map, and the boundary with the axes in the order of latitude and longitude."""
    plain = parcels(2)
    moved = plain.to_crs(4490)
    moved["geometry"] = shapely.transform(np.asarray(moved.geometry.array), displace)
    write(plain, tmp_path / "p.gpkg")
    write(moved, tmp_path / "m.geojson")
    turned = moved.set_geometry(
        shapely.transform(np.asarray(moved.geometry.array), lambda xy: xy[:, ::-1]), crs=4490
    )
    write(turned, tmp_path / "t.gpkg")
    intake = read(
        tmp_path,
        layer("parcels", "p.gpkg"),
        layer("plan", "m.geojson", crs=crs),
        layer("constraints", "t.gpkg", crs=crs, axes="north_east"),
    )
    for name in ("plan", "constraints"):
        got = np.asarray(getattr(intake.layers, name).geometry.array)
        assert shapely.get_coordinates(got) == pytest.approx(
            shapely.get_coordinates(np.asarray(plain.geometry.array)), abs=1e-3
        )
    told = intake.account["sources"].set_index("layer")["crs"]
    assert told["plan"] == f"{crs} → EPSG:4490 ← park.toml"
    notes = intake.account["faults"].query("severity == 'note'")["what_en"].tolist()
    assert any(text.startswith(f"park.toml states {crs}, the file itself EPSG:4") for text in notes)
    assert not faults(intake)


def test_undeclared_they_are_off_by_half_a_kilometre(tmp_path):
    """Nothing is guessed: the figures are followed."""
    moved = parcels(1).to_crs(4490)
    moved["geometry"] = shapely.transform(np.asarray(moved.geometry.array), gcj02)
    write(parcels(1), tmp_path / "p.gpkg")
    write(moved, tmp_path / "m.geojson")
    off = read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "m.geojson")).layers.plan.geometry.iloc[0]
    assert 300 < off.centroid.distance(rect(EAST, NORTH, 100, 100).centroid) < 800


def test_metres_are_not_gcj02(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    with pytest.raises(InputError, match=r"do not lie where GCJ-02.*degrees"):
        read(tmp_path, layer("parcels", "p.gpkg", crs="GCJ-02"))
    write(land([rect(EAST, NORTH, 1, 1)]), tmp_path / "x.gpkg")
