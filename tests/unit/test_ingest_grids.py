"""Own grids in park.toml: known answers by arithmetic and by published transformations, and what cannot be a grid."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from parkgeo.errors import InputError, ProjectError
from parkgeo.ingest.grids import read_grids
from tests.builders import land, rect
from tests.office import EAST, NORTH, faults, layer, parcels, read, write

TO = {"to": "EPSG:4528"}
SEVEN = {"dx_m": 0.0, "dy_m": 0.0, "dz_m": 0.0, "rx_s": 0.0, "ry_s": 0.0, "rz_s": 0.0, "scale_ppm": 0.0}
FOUR = {"east_m": EAST, "north_m": NORTH, "rotation_deg": 90.0, "turn": "counterclockwise", "scale": 1.0}


def moved(table, *points):
    return read_grids({"g": table})["g"].move(np.array(points, dtype=np.float64))


def test_affine():
    """E = 2 + 1·10 + 0·20, as the docstring has it; a shear tells b from d."""
    assert moved(TO | {"affine": [1, 0.01, 2, 0, 1, 3]}, (10, 20)).tolist() == [[12.2, 23.0]]


@pytest.mark.parametrize(
    ("turn", "there"), [("counterclockwise", (EAST - 20, NORTH + 10)), ("clockwise", (EAST + 20, NORTH - 10))]
)
def test_four_parameters_by_a_right_angle(turn, there):
    """East 10, north 20, turned by 90° is west 20, north 10; the other way round east 20, south 10."""
    assert moved(TO | {"helmert4": FOUR | {"turn": turn}}, (10, 20))[0] == pytest.approx(there, abs=1e-9)


def test_four_parameters_in_seconds_and_ppm():
    small = {
        "east_m": 100.0,
        "north_m": 200.0,
        "rotation_s": 10.0,
        "turn": "counterclockwise",
        "scale_ppm": 5.0,
    }
    angle = 10 / 3600 * math.pi / 180
    x, y = 40_000.0, 30_000.0
    want = (
        100 + 1.000005 * (x * math.cos(angle) - y * math.sin(angle)),
        200 + 1.000005 * (x * math.sin(angle) + y * math.cos(angle)),
    )
    assert moved(TO | {"helmert4": small}, (x, y))[0] == pytest.approx(want, abs=1e-9)


def seven(convention, **figures):
    return {"from": "EPSG:4610", "to": "EPSG:4490", "helmert7": SEVEN | figures | {"convention": convention}}


@pytest.mark.parametrize(("convention", "sign"), [("position_vector", 1), ("coordinate_frame", -1)])
def test_seven_parameters_by_the_published_matrix(convention, sign):
    """IOGP 373-7-2, methods 1033 and 1032, written out: X' = T + (1 + s)·R·X between geocentric coordinates at height 0."""
    given_ = {
        "dx_m": -12.5,
        "dy_m": 150.25,
        "dz_m": 80.0,
        "rx_s": 1.5,
        "ry_s": -2.0,
        "rz_s": 3.0,
        "scale_ppm": -4.0,
    }
    longitude, latitude = 120.0, 30.0
    x, y, z = geocentric(longitude, latitude, 6_378_140.0, 298.257)
    rx, ry, rz = (sign * math.radians(given_[key] / 3600) for key in ("rx_s", "ry_s", "rz_s"))
    k = 1 + given_["scale_ppm"] * 1e-6
    want = (
        given_["dx_m"] + k * (x - rz * y + ry * z),
        given_["dy_m"] + k * (rz * x + y - rx * z),
        given_["dz_m"] + k * (-ry * x + rx * y + z),
    )
    got = moved(seven(convention, **given_), (longitude, latitude))[0]
    there = geocentric(*got, 6_378_137.0, 298.257222101)
    # The height that comes out is left away: what remains is measured across, in the direction of the plumb line none.
    up = np.array(
        [
            math.cos(math.radians(got[1])) * math.cos(math.radians(got[0])),
            math.cos(math.radians(got[1])) * math.sin(math.radians(got[0])),
            math.sin(math.radians(got[1])),
        ]
    )
    off = np.array(want) - there
    assert np.linalg.norm(off - up * (off @ up)) < 1e-3


def geocentric(longitude, latitude, axis_m, flattening):
    square = 2 / flattening - 1 / flattening**2
    lon, lat = math.radians(longitude), math.radians(latitude)
    radius = axis_m / math.sqrt(1 - square * math.sin(lat) ** 2)
    return np.array(
        [
            radius * math.cos(lat) * math.cos(lon),
            radius * math.cos(lat) * math.sin(lon),
            radius * (1 - square) * math.sin(lat),
        ]
    )


# Operation in the EPSG register, from, to, convention, its seven figures.
REGISTER = [
    (1314, 4277, 4326, "position_vector", (446.448, -125.157, 542.06, 0.15, 0.247, 0.842, -20.489)),
    (1280, 4203, 4283, "coordinate_frame", (-117.763, -51.51, 139.061, -0.292, -0.443, -0.277, -0.191)),
]


@pytest.mark.parametrize(("code", "start", "to", "convention", "figures"), REGISTER)
def test_seven_parameters_as_the_register_applies_them(code, start, to, convention, figures):
    table = {
        "from": f"EPSG:{start}",
        "to": f"EPSG:{to}",
        "helmert7": dict(zip(SEVEN, figures, strict=True)) | {"convention": convention},
    }
    place = (-3.0, 52.0) if to == 4326 else (145.0, -37.0)
    published = Transformer.from_pipeline(f"urn:ogc:def:coordinateOperation:EPSG::{code}")
    latitude, longitude = published.transform(place[1], place[0])[:2]
    assert moved(table, place)[0] == pytest.approx((longitude, latitude), abs=1e-9)
    assert abs(longitude - place[0]) > 1e-4


TURN, STRETCH = 0.3, 1.00002
CONTROL = [(1000.0, 2000.0), (4000.0, 2500.0), (2500.0, 6000.0), (3000.0, 1000.0)]


def truth(x, y):
    p, q = STRETCH * math.cos(math.radians(TURN)), STRETCH * math.sin(math.radians(TURN))
    return EAST + p * x - q * y, NORTH + q * x + p * y


def control(count=4, **off):
    rows = [[x, y, *truth(x, y)] for x, y in CONTROL[:count]]
    for at, by in off.items():
        rows[int(at[1:])][2] += by
    return rows


@pytest.mark.parametrize("count", [2, 3, 4])
def test_control_points_give_the_parameters_back(count):
    grid = read_grids({"g": TO | {"points": control(count)}})["g"]
    assert grid.move(np.array([[2000.0, 2000.0]]))[0] == pytest.approx(truth(2000, 2000), abs=1e-6)
    assert "turned by 0.300000°, scale 20.00 ppm; left over at most 0.000 m" in str(grid.notes[0])
    assert [str(one.what) for one in grid.doubts] == (
        ["grid g hangs on two control points: nothing checks them"] if count == 2 else []
    )


@given(st.lists(st.floats(-0.05, 0.05), min_size=8, max_size=8))
def test_the_fit_is_the_one_with_the_least_squares(errors):
    rows = np.array(control())
    rows[:, 2:] += np.array(errors).reshape(4, 2)
    grid = read_grids({"g": TO | {"points": rows.tolist()}})["g"]
    x, y = rows[:, 0] - 2000, rows[:, 1] - 2000
    ones, none = np.ones(4), np.zeros(4)
    design = np.vstack([np.column_stack([x, -y, ones, none]), np.column_stack([y, x, none, ones])])
    aim = np.concatenate([rows[:, 2] - EAST, rows[:, 3] - NORTH])
    best = design @ np.linalg.lstsq(design, aim, rcond=None)[0]
    got = grid.move(rows[:, :2]) - (EAST, NORTH)
    assert np.concatenate([got[:, 0], got[:, 1]]) == pytest.approx(best, abs=1e-5)


def test_what_is_left_over_is_said_and_held_against_the_tolerance():
    table = TO | {"points": control(a1=0.4)}
    assert "left over at most 0.2" in str(read_grids({"g": table})["g"].notes[0])
    read_grids({"g": table | {"tolerance_m": 0.3}})
    with pytest.raises(ProjectError, match=r"fit no grid within 0\.05 m: point \d is off by 0\.2"):
        read_grids({"g": table | {"tolerance_m": 0.05}})


WRONG = {
    "nothing": (TO, "no parameters"),
    "two ways": (TO | {"affine": [1, 0, 0, 0, 1, 0], "points": control()}, "affine and points"),
    "no to": ({"affine": [1, 0, 0, 0, 1, 0]}, "to must be"),
    "to in degrees": ({"to": "EPSG:4490", "affine": [1, 0, 0, 0, 1, 0]}, "not in metres"),
    "to unknown": ({"to": "EPSG:9", "affine": [1, 0, 0, 0, 1, 0]}, "not a coordinate system"),
    "to of the wrong type": ({"to": [4528], "affine": [1, 0, 0, 0, 1, 0]}, "to must be"),
    "unknown key": (TO | {"affine": [1, 0, 0, 0, 1, 0], "from": "EPSG:2364"}, "unknown key 'from'"),
    "five figures": (TO | {"affine": [1, 0, 0, 0, 1]}, "six numbers"),
    "text for a figure": (TO | {"affine": [1, 0, 0, 0, 1, "0"]}, "six numbers"),
    "infinite": (TO | {"affine": [1, 0, math.inf, 0, 1, 0]}, "six numbers"),
    "turned over": (TO | {"affine": [0, 1, 0, 1, 0, 0]}, "turns the plane over"),
    "kilometres": (TO | {"affine": [1000, 0, 0, 0, 1000, 0]}, "a metre of the grid would be 1000 m"),
    "no table": (TO | {"helmert4": [1, 2]}, "must be a table"),
    "dx for east": (TO | {"helmert4": {"dx_m": 1.0}}, "ΔX is north_m"),
    "no turn": (TO | {"helmert4": {key: FOUR[key] for key in FOUR if key != "turn"}}, "needs turn"),
    "two scales": (TO | {"helmert4": FOUR | {"scale_ppm": 1.0}}, "one of scale and scale_ppm"),
    "ppm as ratio": (TO | {"helmert4": FOUR | {"scale": 12.5}}, "scale_ppm about 0"),
    "lacks a shift": (TO | {"helmert4": {key: FOUR[key] for key in FOUR if key != "north_m"}}, "lacks north_m"),
    "no convention": (
        {"from": "EPSG:2364", "to": "EPSG:4528", "helmert7": SEVEN},
        'convention = "position_vector" or "coordinate_frame"; published sets differ in sign',
    ),
    "no from": (TO | {"helmert7": SEVEN | {"convention": "position_vector"}}, "from must be"),
    "six of seven": (
        {"from": "EPSG:2364", "to": "EPSG:4528", "helmert7": dict.fromkeys(list(SEVEN)[1:], 0.0) | {"convention": "position_vector"}},
        "lacks dx_m",
    ),
    "one point": (TO | {"points": control(1)}, "has 1 control points"),
    "a point twice": (TO | {"points": [control()[0]] * 2}, "two of its points are one"),
    "three figures": (TO | {"points": [[1, 2, 3]] * 2}, "list of \\[x, y, E, N\\]"),
    "points in kilometres": (TO | {"points": [[row[0] / 1000, row[1] / 1000, *row[2:]] for row in control()]}, "a metre of the grid"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_grid_is_refused(what):
    table, said = WRONG[what]
    with pytest.raises(ProjectError, match=rf"\[grids\.g\].*{said}"):
        read_grids({"g": table})


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(
        ProjectError, match=r"(?s)3 to mend.*grids\.a\].*grids\.GCJ-02\] the name.*grids\.4528\]"
    ):
        read_grids({"a": {}, "good": TO | {"affine": [1, 0, 0, 0, 1, 0]}, "GCJ-02": TO, "4528": TO})


def grid(text):
    return f'[grids.old_city]\nto = "EPSG:4528"\n{text}\n'


LOCAL = 'LOCAL_CS["city grid",UNIT["metre",1]]'


def test_a_file_in_a_city_grid_lies_right(tmp_path):
    """The city counts from the corner of the first parcel; its file says LOCAL_CS, which park.toml overrules."""
    write(parcels(2), tmp_path / "b.gpkg")
    own = land([rect(0, 0, 100, 100), rect(100, 0, 100, 100)], parcel_id=["P1", "P2"])
    write(own, tmp_path / "p.shp")
    (tmp_path / "p.prj").write_text(LOCAL, encoding="utf-8")
    with pytest.raises(
        InputError, match=r"city grid: tied to no place.*surveying office.*three control points.*grids\.NAME"
    ):
        read(tmp_path, layer("parcels", "p.shp"), layer("parks", "b.gpkg"))
    intake = read(
        tmp_path, layer("parcels", "p.shp", crs="old_city"), layer("parks", "b.gpkg"),
        grid(f"affine = [1, 0, {EAST}, 0, 1, {NORTH}]"),
    )  # fmt: skip
    assert [shape.bounds for shape in intake.layers.parcels.geometry] == [
        (EAST, NORTH, EAST + 100, NORTH + 100), (EAST + 100, NORTH, EAST + 200, NORTH + 100),
    ]  # fmt: skip
    assert intake.crs.to_epsg() == 4528
    told = intake.account["sources"].set_index("layer")["crs"]
    assert told["parcels"] == "old_city → EPSG:4528 ← park.toml"


def test_control_points_in_park_toml(tmp_path):
    own = land([rect(2000, 2000, 100, 100)], parcel_id=["P1"])
    write(own, tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg", crs="old_city"), grid(f"points = {control(3)}"))
    assert intake.layers.parcels.geometry.iloc[0].area == pytest.approx(100 * 100 * STRETCH**2)
    corner = shapely.get_coordinates(intake.layers.parcels.geometry.iloc[0])
    assert np.hypot(*(corner - truth(2000, 2000)).T).min() < 1e-6
    assert any("3 control points" in text for text in intake.account["faults"]["what_en"])
    assert not faults(intake)


def test_xian_80_with_its_own_parameters_lands_right_and_without_is_marked(tmp_path):
    """A shift of 100 m along the earth's axis at 30.7° N is 86 m of northing."""
    write(parcels(2), tmp_path / "p.gpkg")
    write(parcels(2).set_crs(2364, allow_override=True), tmp_path / "x.gpkg")
    plain = read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.gpkg"))
    assert any("no published shift" in text for text in faults(plain))
    figures = ", ".join(f"{key} = {100.0 if key == 'dz_m' else 0.0}" for key in SEVEN)
    table = f'[grids.xian]\nfrom = "EPSG:2364"\nto = "EPSG:4528"\nhelmert7 = {{ {figures}, convention = "position_vector" }}\n'
    shifted = read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.gpkg", crs="xian"), table)
    assert not faults(shifted)
    before, after = (intake.layers.plan.geometry.iloc[0].centroid for intake in (plain, shifted))
    assert after.y - before.y == pytest.approx(100 * math.cos(math.radians(30.72)), abs=2.0)
    assert abs(after.x - before.x) < 0.1


def test_a_grid_that_leads_elsewhere_or_has_no_such_name(tmp_path):
    write(land([rect(0, 0, 100, 100)], parcel_id=["P1"]), tmp_path / "p.gpkg")
    with pytest.raises(InputError, match=r"do not lie where old_city is meant for.*\[grids\.old_city\]"):
        read(
            tmp_path,
            layer("parcels", "p.gpkg", crs="old_city"),
            grid(f"affine = [1, 0, {NORTH}, 0, 1, {EAST}]"),
        )
    with pytest.raises(InputError, match=r"not a coordinate system: 'old_ctiy'.*did you mean 'old_city'"):
        read(tmp_path, layer("parcels", "p.gpkg", crs="old_ctiy"), grid("affine = [1, 0, 0, 0, 1, 0]"))
    with pytest.raises(ProjectError, match=r"\[grids\.old_city\] affine must be six numbers"):
        read(tmp_path, layer("parcels", "p.gpkg", crs="EPSG:4528"), grid("affine = [1, 0]"))


def test_a_grid_from_another_meridian_is_refused():
    paris = CRS.from_epsg(4807)
    table = {"from": paris.to_wkt(), "to": "EPSG:4326", "helmert7": SEVEN | {"convention": "position_vector"}}
    with pytest.raises(ProjectError, match="does not count from Greenwich"):
        read_grids({"g": table})


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ([1, 0, EAST, 0, 1, NORTH], False),
        ([1.05, 0, EAST, 0, 1, NORTH], True),
        ([1, 0.004, EAST, 0, 1, NORTH], True),
    ],
)
def test_a_grid_that_stretches_the_ground_is_said(figures, said):
    """5 % to the east, or a shear of 4 mm a metre: parcels would have another area."""
    grid = read_grids({"g": TO | {"affine": figures}})["g"]
    assert [str(doubt.what).startswith("grid g: a metre") for doubt in grid.doubts] == [True] * said
