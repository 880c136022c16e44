"""Coordinates that contradict their system or the other files: axes, zone, prefix; never put right in silence."""

from __future__ import annotations

import numpy as np
import pyogrio
import pytest
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.formats import FORMATS
from tests.builders import land, rect
from tests.office import EAST, NORTH, faults, imagery, layer, parcels, read, write


def turned(frame):
    shapes = shapely.transform(np.asarray(frame.geometry.array), lambda xy: xy[:, ::-1])
    return frame.set_geometry(shapes, crs=frame.crs)


@pytest.mark.parametrize("crs", [4528, 4549, 4490, 4326])
@pytest.mark.parametrize("name", ["parcels", "plan", "parks"])
def test_axes_the_other_way_round(tmp_path, crs, name):
    write(parcels(3), tmp_path / "p.gpkg")
    write(turned(parcels(3).to_crs(crs)), tmp_path / "x.gpkg")
    others = () if name == "parcels" else (layer("parcels", "p.gpkg"),)
    with pytest.raises(InputError, match=r'axes the other way round.*x\.gpkg.*add axes = "north_east"'):
        read(tmp_path, layer(name, "x.gpkg"), *others)
    intake = read(tmp_path, layer(name, "x.gpkg", axes="north_east"), *others)
    got = getattr(intake.layers, name).to_crs(4528).geometry.iloc[0]
    assert got.centroid.distance(rect(EAST, NORTH, 100, 100).centroid) < 0.001
    assert not faults(intake)


def test_axes_turned_that_were_right(tmp_path):
    write(parcels(3), tmp_path / "p.gpkg")
    with pytest.raises(InputError, match='take axes = "north_east" out'):
        read(tmp_path, layer("parcels", "p.gpkg", axes="north_east"))
    assert read(tmp_path, layer("parcels", "p.gpkg", axes="east_north")).clean


def test_degrees_that_fit_both_ways_are_caught_by_the_place(tmp_path):
    """Near Prague 14° E, 50° N turned over is 50° E, 14° N, in the Gulf of Aden: only the other files can tell."""
    plots = parcels(2).set_geometry([rect(x, 5_550_000, 100, 100) for x in (460_000, 460_100)], crs=32633)
    write(plots, tmp_path / "p.gpkg")
    write(turned(plots.to_crs(4326)), tmp_path / "x.gpkg")
    with pytest.raises(
        InputError, match=r'nothing of it lies near the parcels.*axes = "north_east" would put it there'
    ):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.gpkg"))


def test_coordinate_text_has_its_own_order(tmp_path):
    """Its reader already turns northing, easting; axes = "north_east" says no more than the format."""
    lines = "\n".join(
        f"J{at},1,{NORTH + y},{EAST + x}"
        for at, (x, y) in enumerate([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)], 1)
    )
    (tmp_path / "p.txt").write_text(
        f"[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=40\n[地块坐标]\n5,1,P1,甲,面,,工业用地,,@\n{lines}\n",
        encoding="utf-8",
    )
    write(parcels(1), tmp_path / "b.gpkg")
    for axes in ({}, {"axes": "north_east"}):
        intake = read(tmp_path, layer("parks", "p.txt", **axes), layer("parcels", "b.gpkg"))
        assert intake.layers.parks.geometry.iloc[0].bounds == (EAST, NORTH, EAST + 100, NORTH + 100)


@pytest.mark.skipif(all(".gml" not in one.endings for one in FORMATS), reason="GML is not read here")
@pytest.mark.parametrize("crs", [4490, 4528])
def test_gml_is_given_east_first(tmp_path, crs):
    """GML writes latitude first for EPSG:4490; GDAL gives it in the order of maps."""
    write(parcels(3), tmp_path / "p.gpkg")
    pyogrio.write_dataframe(parcels(1).to_crs(crs), tmp_path / "x.gml", driver="GML", FORMAT="GML3.2")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.gml"))
    assert intake.layers.plan.geometry.iloc[0].centroid.distance(rect(EAST, NORTH, 100, 100).centroid) < 0.01


CONTRADICTIONS = {
    "4527": (parcels(2), r"eastings begin with zone 40, the system is zone 39.*crs = \"EPSG:4528\""),
    "2363": (parcels(2), r"eastings begin with zone 40, the system is zone 39.*crs = \"EPSG:2364\""),
    "4549": (parcels(2), r"eastings begin with zone 40, the system has no zone.*crs = \"EPSG:4528\""),
    "4528": (parcels(2).to_crs(4549), r"eastings have no zone in them, the system has zone 40"),
    "32650": (
        parcels(2),
        r"do not lie where EPSG:32650 WGS 84 / UTM zone 50N is meant for.*crs = \"EPSG:4528\"",
    ),
    "4490": (parcels(2), r"do not lie where EPSG:4490.*crs = \"EPSG:4528\""),
}


@pytest.mark.parametrize("crs", CONTRADICTIONS)
@pytest.mark.parametrize("name", ["parcels", "plan"])
def test_a_prefix_that_contradicts_the_system(tmp_path, crs, name):
    frame, said = CONTRADICTIONS[crs]
    write(parcels(1), tmp_path / "p.gpkg")
    write(frame, tmp_path / "x.shp")
    write(frame.set_crs(int(crs), allow_override=True), tmp_path / "crs.shp")
    (tmp_path / "x.prj").write_bytes((tmp_path / "crs.prj").read_bytes())
    others = () if name == "parcels" else (layer("parcels", "p.gpkg"),)
    with pytest.raises(InputError, match=rf"x\.shp \({name}\)") as caught:
        read(tmp_path, layer(name, "x.shp"), *others)
    assert caught.match(said)


@pytest.mark.parametrize(
    ("crs", "shift", "side", "hint"),
    [
        (
            "EPSG:4548",
            -40_000_000,
            "west",
            r'crs = "EPSG:4549" \(CGCS2000, central meridian 120°\) would put it there',
        ),
        ("EPSG:4550", -40_000_000, "east", r'crs = "EPSG:4549"'),
        ("EPSG:4527", -1_000_000, "west", r'begin with 39 and would lie there with 40.*crs = "EPSG:4528"'),
        ("EPSG:4529", 1_000_000, "east", r'begin with 41 and would lie there with 40.*crs = "EPSG:4528"'),
        ("EPSG:2385", -40_000_000 - 0, "", ""),
    ],
)
def test_parcels_in_the_neighbouring_zone_are_caught_by_the_boundary(tmp_path, crs, shift, side, hint):
    """500 000 m is the middle of every zone: three degrees at 30.7° N are 287 km."""
    moved = parcels(3).set_geometry(parcels(3).translate(shift), crs=crs)
    write(moved, tmp_path / "p.gpkg")
    write(parcels(1), tmp_path / "b.gpkg")
    entries = (layer("parcels", "p.gpkg"), layer("parks", "b.gpkg"))
    if not side:  # Xi'an 80 of the same meridian lies there
        assert read(tmp_path, *entries)
        return
    with pytest.raises(
        InputError,
        match=rf"near the boundary; it is 287 km off to the {side}: the neighbouring zone\? — p\.gpkg \(parcels\) — .*{hint}",
    ):
        read(tmp_path, *entries)


def test_of_boundary_and_parcels_the_one_alone_is_wrong(tmp_path):
    """The buildings stand at the parcels: it is the boundary that lies in another zone."""
    write(parcels(3), tmp_path / "p.gpkg")
    write(parcels(1), tmp_path / "house.gpkg")
    write(parcels(1).to_crs(4549).set_crs(4548, allow_override=True), tmp_path / "b.gpkg")
    with pytest.raises(InputError) as caught:
        read(tmp_path, layer("parcels", "p.gpkg"), layer("parks", "b.gpkg"), layer("buildings", "house.gpkg"))
    assert caught.match(
        r"^nothing of it lies near the parcels; it is 287 km off to the west.*b\.gpkg \(parks\).*EPSG:4549"
    )


def test_without_a_boundary_the_others_tell_together(tmp_path):
    write(parcels(3).to_crs(4549).set_crs(4548, allow_override=True), tmp_path / "p.gpkg")
    write(parcels(1), tmp_path / "house.gpkg")
    write(land([shapely.LineString([(EAST, NORTH), (EAST + 300, NORTH)])]), tmp_path / "road.gpkg")
    image = imagery(tmp_path / "i.tif", "EPSG:4528", EAST - 100, NORTH + 300, 100)
    house, road = layer("buildings", "house.gpkg"), layer("roads", "road.gpkg")
    for others in ((house, road), (house, image), (house, road, image)):
        with pytest.raises(
            InputError,
            match=r"^nothing of it lies near the other files; it is 287 km.*p\.gpkg \(parcels\).*EPSG:4549",
        ):
            read(tmp_path, layer("parcels", "p.gpkg"), *others)
    with pytest.raises(
        InputError,
        match=r"near the parcels; it is 287 km.*house\.gpkg \(buildings\).*and that of the parcels",
    ):
        read(tmp_path, layer("parcels", "p.gpkg"), house)
    # An image alone stops nothing: it is left out, and the fault names both that may be wrong.
    alone = read(tmp_path, layer("parcels", "p.gpkg"), image)
    assert alone.layers.imagery == ()
    told = alone.account["faults"].set_index("layer").loc["imagery"]
    assert "near the parcels; it is 287 km" in told["what_en"]
    assert "and that of the parcels" in told["mend_en"]


def test_of_several_parcel_files_the_one_off_the_boundary_is_named(tmp_path):
    write(parcels(3), tmp_path / "b.gpkg")
    write(parcels(2), tmp_path / "a.gpkg")
    far = parcels(1).assign(parcel_id=["X"]).to_crs(4549).set_crs(4550, allow_override=True)
    write(far, tmp_path / "c.gpkg")
    with pytest.raises(InputError, match=r"^nothing of it lies near the boundary.*c\.gpkg \(parcels\)"):
        read(tmp_path, layer("parcels", "a.gpkg"), layer("parcels", "c.gpkg"), layer("parks", "b.gpkg"))
