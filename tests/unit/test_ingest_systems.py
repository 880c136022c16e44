"""CGCS2000, Xi'an 80 and Beijing 54: by number, by name, by figures, and where these contradict each other."""

from __future__ import annotations

import re

import pytest
from pyproj import CRS

from parkgeo.ingest.systems import ChinaSystem, china_systems, recognise, settle, system_name
from tests.office import faults, layer, parcels, read, write

DATUM_NAMES = {"CGCS2000": "China 2000", "XIAN80": "Xian 1980", "BEIJING54": "Beijing 1954"}
EVERY = sorted({one.code: one for one in china_systems()}.values(), key=lambda one: one.code)
PARAMETERS = {"meridian": "8802", "easting": "8806", "scale": "8805", "northing": "8807", "latitude": "8801"}


def parameters(crs):
    return {one.code: one.value for one in crs.coordinate_operation.params}


def test_there_are_as_many_as_the_register_has():
    """Section 8 of the rules: 21 + 21 three-degree, 11 + 11 six-degree zones and one geographic system for each datum."""
    assert len(EVERY) == 3 * (21 + 21 + 11 + 11 + 1)


def test_every_code_is_what_we_say_it_is():
    for system in EVERY:
        crs = CRS.from_epsg(system.code)
        assert crs.datum.name == DATUM_NAMES[system.datum]
        assert not crs.is_deprecated
        if not system.width:
            assert crs.is_geographic
            continue
        assert parameters(crs) == {
            PARAMETERS["meridian"]: system.meridian, PARAMETERS["easting"]: system.false_easting_m,
            PARAMETERS["scale"]: 1.0, PARAMETERS["northing"]: 0.0, PARAMETERS["latitude"]: 0.0,
        }  # fmt: skip
        assert ("3-degree" in crs.name) == (system.width == 3)
        assert crs.name.endswith(f"zone {system.zone}" if system.prefixed else f"CM {system.meridian}E")


@pytest.mark.parametrize("words", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_each_is_recognised_without_its_code(words):
    for system in EVERY[
        :: 7 if words == "WKT1_ESRI" else 1
    ]:  # PROJ takes a tenth of a second over each of Esri's
        found, doubts = settle(without_codes(CRS.from_epsg(system.code).to_wkt(words)), ".prj")
        assert not doubts, system
        assert "id" in found.to_json_dict(), system
        same = recognise(found)
        assert (same.datum, same.meridian) == (system.datum, system.meridian)
        assert not system.width or same.false_easting_m == system.false_easting_m


def without_codes(wkt: str) -> CRS:
    return CRS.from_wkt(re.sub(r',(AUTHORITY|ID)\["EPSG",\"?\d+\"?\]', "", wkt))


@pytest.mark.parametrize(
    ("name", "datum", "ellipsoid", "code"),
    [
        ("unnamed", "Xian_1980", '"unknown",6378137,298.257223563', 2364),  # as GDAL reads MapInfo's Xi'an 80
        ("unnamed", "Beijing_1954", '"Krassovsky",6378245,298.3', 2416),  # as GDAL reads MapInfo's Beijing 54
        ("unnamed", "unknown", '"IAG 1975",6378140,298.257', 2364),
        ("unnamed", "Unknown based on Krassovsky ellipsoid", '"Krassovsky 1940",6378245,298.3', 2416),
        ("西安80 40带", "西安80", '"IAG75",6378140,298.257', 2364),
        ("北京54坐标系", "D_Beijing_1954", '"Krasovsky_1940",6378245,298.3', 2416),
        ("2000国家大地坐标系", "D_China_2000", '"CGCS2000",6378137,298.257222101', 4528),
        ("x", "Pulkovo_1942", '"Krassovsky",6378245,298.3', None),
        ("x", "WGS_1984", '"WGS 84",6378137,298.257223563', None),
    ],
)
def test_datums_are_told_apart_in_what_other_programs_write(name, datum, ellipsoid, code):
    wkt = (
        f'PROJCS["{name}",GEOGCS["unnamed",DATUM["{datum}",SPHEROID[{ellipsoid}]],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],'
        'PARAMETER["central_meridian",120],PARAMETER["scale_factor",1],PARAMETER["false_easting",40500000],'
        'PARAMETER["false_northing",0],UNIT["metre",1]]'
    )
    found, doubts = settle(CRS.from_wkt(wkt), "a.tab")
    assert not doubts
    assert (found.to_epsg() if code else recognise(found)) == code


ESRI = CRS.from_epsg(2364).to_wkt("WKT1_ESRI")
GDAL = CRS.from_epsg(4528).to_wkt("WKT1_GDAL")
CENTRAL = CRS.from_epsg(4549).to_wkt("WKT1_ESRI")
UTM = CRS.from_epsg(32650).to_wkt("WKT1_ESRI")
DAMAGE = [
    (ESRI, "120.0", "117.0", "central meridian 117, by its name 120"),
    (ESRI, "40500000", "39500000", "false easting 39500000, by its name 40500000"),
    (ESRI, "40500000", "500000", "false easting 500000, by its name 40500000"),
    (ESRI, "6378140", "6378245", "ellipsoid 6378245 m, 1/298.257000000, by its name 6378140 m, 1/298.257000000"),
    (ESRI, 'PROJCS["Xian_1980', 'PROJCS["CGCS2000', "datum Xi'an 80, by its name CGCS2000"),
    (ESRI, '"Scale_Factor",1.0', '"Scale_Factor",0.9996', "scale factor 0.9996, by its name 1"),
    (GDAL, '"central_meridian",120', '"central_meridian",117', "central meridian 117, by its name 120"),
    (GDAL, "298.257222101", "298.3", "ellipsoid 6378137 m, 1/298.300000000, by its name 6378137 m, 1/298.257222101"),
    (CENTRAL, "CM_120E", "CM_117E", "central meridian 120, by its name 117"),
    (UTM, "117.0", "123.0", "central meridian 123, by its name 117"),
    (UTM, "0.9996", "1.0", "scale factor 1, by its name 0.9996"),
]  # fmt: skip


@pytest.mark.parametrize(("wkt", "was", "now", "said"), DAMAGE)
def test_a_name_that_its_figures_belie_is_said(wkt, was, now, said):
    assert was in wkt
    damaged = CRS.from_wkt(wkt.replace(was, now))
    crs, doubts = settle(damaged, ".prj")
    assert crs == damaged, "the figures are followed"
    assert [str(one.what).rpartition(": ")[2] for one in doubts] == [said]
    assert system_name(damaged) in str(doubts[0].what)


def test_a_damaged_prj_does_not_pass_in_silence(tmp_path):
    write(parcels(), tmp_path / "p.shp")
    prj = tmp_path / "p.prj"
    prj.write_text(
        prj.read_text(encoding="utf-8").replace("Zone_40", "Zone_39").replace("zone 40", "zone 39"),
        encoding="utf-8",
    )
    intake = read(tmp_path, layer("parcels", "p.shp"))
    assert len(faults(intake)) == 1
    assert (
        "central meridian 120, by its name 117, false easting 40500000, by its name 39500000"
        in faults(intake)[0]
    )


def test_the_account_says_what_was_used_and_where_it_was_found(tmp_path):
    write(parcels(), tmp_path / "p.shp")
    write(parcels(1), tmp_path / "b.gpkg")
    intake = read(
        tmp_path, layer("parcels", "p.shp"), layer("buildings", "b.gpkg"), layer("plan", "b.gpkg", crs="4528")
    )
    told = intake.account["sources"].set_index("layer")["crs"].to_dict()
    assert told == {"parcels": "EPSG:4528 ← .prj", "buildings": "EPSG:4528", "plan": "EPSG:4528 ← park.toml"}
    assert intake.clean


def test_another_system_than_the_file_states_is_noted(tmp_path):
    write(parcels().set_crs(2364, allow_override=True), tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg", crs="EPSG:4528"))
    notes = intake.account["faults"].query("severity == 'note'")["what_en"].tolist()
    assert (
        "park.toml states EPSG:4528 CGCS2000 / 3-degree Gauss-Kruger zone 40, the file itself EPSG:2364 "
        "Xian 1980 / 3-degree Gauss-Kruger zone 40: park.toml is followed"
    ) in notes


def test_a_system_and_its_meridian():
    assert ChinaSystem("BEIJING54", 6, 20, prefixed=True).meridian == 117
    assert [str(ChinaSystem("XIAN80", width, 20 if width == 6 else 40, prefixed=True)) for width in (3, 6)] == [
        "Xi'an 80 zone 40", "Xi'an 80 zone 20, 6°",
    ]  # fmt: skip
