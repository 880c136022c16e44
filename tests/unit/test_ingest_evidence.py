"""Files without a coordinate system: completed where the other files leave one answer, refused with the likely line else."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.misplaced import likely_systems
from tests.builders import land, rect
from tests.office import EAST, NORTH, faults, imagery, layer, parcels, read, write


def mute(frame, path):
    """A shapefile without its .prj."""
    write(frame, path)
    path.with_suffix(".prj").unlink()
    return path


def test_the_boundary_names_the_system_of_the_parcels(tmp_path):
    write(parcels(3), tmp_path / "b.gpkg")
    mute(parcels(3), tmp_path / "p.shp")
    intake = read(tmp_path, layer("parcels", "p.shp"), layer("parks", "b.gpkg"))
    assert intake.crs.to_epsg() == 4528
    assert intake.layers.parcels.geometry.iloc[0].bounds == (EAST, NORTH, EAST + 100, NORTH + 100)
    assert faults(intake) == [
        (
            "it states no coordinate system; taken as EPSG:4528 CGCS2000 / 3-degree Gauss-Kruger zone 40: "
            "as b.gpkg states, and it puts the file at its place"
        )
    ]
    table = intake.account["faults"].query("severity == 'fault'")
    assert table["mend_en"].tolist() == ['if that is right, set crs = "EPSG:4528" in park.toml']
    assert intake.account["sources"].set_index("layer")["crs"]["parcels"] == "EPSG:4528 ← b.gpkg"


def test_the_same_with_a_layer_that_is_read_before_the_others(tmp_path):
    write(parcels(3), tmp_path / "p.gpkg")
    for name in ("parks", "buildings", "plan"):
        mute(parcels(1), tmp_path / f"{name}.shp")
    intake = read(
        tmp_path,
        *(layer(name, f"{name}.shp") for name in ("parks", "buildings", "plan")),
        layer("parcels", "p.gpkg"),
    )
    assert len(faults(intake)) == 3
    assert all("as p.gpkg states" in text for text in faults(intake))


def test_a_raster_is_evidence(tmp_path):
    mute(parcels(3), tmp_path / "p.shp")
    image = imagery(tmp_path / "i.tif", "EPSG:4528", EAST - 100, NORTH + 300, 100)
    intake = read(tmp_path, layer("parcels", "p.shp"), image)
    assert len(faults(intake)) == 1
    assert "as i.tif states" in faults(intake)[0]


def test_degrees_at_the_place_of_the_others(tmp_path):
    write(parcels(3), tmp_path / "p.gpkg")
    mute(parcels(1).to_crs(4490), tmp_path / "x.shp")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.shp"))
    assert intake.layers.plan.geometry.iloc[0].centroid.distance(rect(EAST, NORTH, 100, 100).centroid) < 0.01
    assert faults(intake) == [
        (
            "it states no coordinate system; taken as EPSG:4490 China Geodetic Coordinate System 2000: "
            "its coordinates are degrees at the place of the other files"
        )
    ]


def test_degrees_outside_china_are_wgs_84(tmp_path):
    plots = parcels(2).set_geometry([rect(x, 5_550_000, 100, 100) for x in (460_000, 460_100)], crs=32633)
    write(plots, tmp_path / "p.gpkg")
    mute(plots.iloc[:1].to_crs(4326), tmp_path / "x.shp")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.shp"))
    assert "taken as EPSG:4326 WGS 84" in faults(intake)[0]


def test_degrees_in_a_project_on_xian_80_may_be_either(tmp_path):
    write(parcels(3).set_crs(2364, allow_override=True), tmp_path / "p.gpkg")
    mute(parcels(1).to_crs(4490), tmp_path / "x.shp")
    with pytest.raises(
        InputError,
        match=r"2 would put it at the place.*EPSG:4490.*EPSG:4610 Xian 1980.*set crs = \"EPSG:4490\" or crs = \"EPSG:4610\"",
    ):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.shp"))


def test_two_datums_that_a_place_does_not_tell_apart(tmp_path):
    write(parcels(3), tmp_path / "p.gpkg")
    write(parcels(3).set_crs(2364, allow_override=True), tmp_path / "old.gpkg")
    mute(parcels(1), tmp_path / "x.shp")
    entries = (layer("parcels", "p.gpkg"), layer("plan", "old.gpkg"), layer("buildings", "x.shp"))
    with pytest.raises(
        InputError,
        match=r"2 would put.*EPSG:4528.*EPSG:2364.*x\.shp \(buildings\).*\"EPSG:4528\" or crs = \"EPSG:2364\"",
    ):
        read(tmp_path, *entries)
    assert read(tmp_path, *entries[:2], layer("buildings", "x.shp", crs="EPSG:4528"))


def test_gcj_02_is_never_the_answer(tmp_path):
    """Half a kilometre off is at the place as well: two answers are none."""
    write(parcels(3), tmp_path / "p.gpkg")
    write(parcels(1).to_crs(4326), tmp_path / "g.geojson")
    mute(parcels(1).to_crs(4326), tmp_path / "x.shp")
    with pytest.raises(InputError, match=r"2 would put.*GCJ-02"):
        read(
            tmp_path,
            layer("parcels", "p.gpkg"),
            layer("facilities", "g.geojson", crs="GCJ-02"),
            layer("plan", "x.shp"),
        )


def test_systems_that_agree_within_a_metre_are_one(tmp_path):
    """CGCS2000 by zone and the same by WGS 84 / .prj without a number; degrees in both."""
    write(parcels(3), tmp_path / "p.shp")
    write(parcels(1).to_crs(4326), tmp_path / "g.geojson")
    mute(parcels(1), tmp_path / "x.shp")
    mute(parcels(1).to_crs(4490), tmp_path / "y.shp")
    intake = read(
        tmp_path,
        layer("parcels", "p.shp"),
        layer("facilities", "g.geojson"),
        layer("plan", "x.shp"),
        layer("constraints", "y.shp"),
    )
    said = [text.partition("taken as ")[2][:9] for text in faults(intake)]
    assert sorted(said) == ["EPSG:4326", "EPSG:4528"]


def test_an_own_grid_may_be_the_answer(tmp_path):
    own = land([rect(0, 0, 100, 100)], parcel_id=["P1"])
    write(own, tmp_path / "p.gpkg")
    mute(own, tmp_path / "x.shp")
    intake = read(
        tmp_path, layer("parcels", "p.gpkg", crs="city"), layer("plan", "x.shp"),
        f'[grids.city]\nto = "EPSG:4528"\naffine = [1, 0, {EAST}, 0, 1, {NORTH}]\n',
    )  # fmt: skip
    assert intake.layers.plan.geometry.iloc[0].bounds == (EAST, NORTH, EAST + 100, NORTH + 100)
    assert "taken as city: as p.gpkg states" in faults(intake)[0]


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        (parcels(2), r'probably crs = "EPSG:4528" \(CGCS2000 zone 40\); Xi\'an 80 zone 40 would be EPSG:2364, Beijing 54 zone 40 would be EPSG:2416'),
        (parcels(2).to_crs(4498), r'probably crs = "EPSG:4498" \(CGCS2000 zone 20, 6°\)|probably crs = "EPSG:4499" \(CGCS2000 zone 21, 6°\)'),
        (parcels(2).to_crs(4490), r'probably crs = "EPSG:4490" \(CGCS2000 in degrees\)'),
        (parcels(2).to_crs(4549), r"central meridian, as in \"EPSG:4549\""),
        (land([rect(14.4, 50.1, 0.01, 0.01)], parcel_id=["A"]), r'probably crs = "EPSG:4326"'),
        (land([rect(NORTH, EAST, 100, 100)], parcel_id=["A"]), r'crs = "EPSG:4528" and axes = "north_east"'),
    ],
    ids=["zone 40", "6°", "degrees", "no zone", "Prague", "swapped"],
)  # fmt: skip
def test_alone_it_is_refused_with_the_likely_line(tmp_path, frame, line):
    mute(frame, tmp_path / "p.shp")
    with pytest.raises(InputError, match=r"no coordinate system.*p\.shp \(parcels\).*" + line):
        read(tmp_path, layer("parcels", "p.shp"))


def test_what_fits_no_stated_system_is_refused_with_the_one_that_would(tmp_path):
    """The others have zone 40 in their eastings, the file has none: their place tells the meridian, not the datum."""
    write(parcels(3), tmp_path / "p.gpkg")
    mute(parcels(1).to_crs(4549), tmp_path / "x.shp")
    with pytest.raises(
        InputError,
        match=r'no coordinate system.*x\.shp \(plan\).*crs = "EPSG:4549" \(CGCS2000, central meridian 120°\)',
    ):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.shp"))
    mute(parcels(1).translate(300_000).to_frame("geometry").set_crs(4528), tmp_path / "far.shp")
    with pytest.raises(InputError, match="no coordinate system"):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "far.shp"))


def test_all_files_without_a_system_are_named_at_once(tmp_path):
    mute(parcels(3), tmp_path / "p.shp")
    mute(parcels(1), tmp_path / "x.shp")
    with pytest.raises(InputError, match=r"(?s)2 to mend.*p\.shp.*x\.shp|x\.shp.*p\.shp"):
        read(tmp_path, layer("parcels", "p.shp"), layer("plan", "x.shp"))


def test_northing_first_and_no_system(tmp_path):
    write(parcels(3), tmp_path / "p.gpkg")
    turned = parcels(1).set_geometry(
        shapely.transform(np.asarray(parcels(1).geometry.array), lambda xy: xy[:, ::-1]), crs=4528
    )
    mute(turned, tmp_path / "x.shp")
    with pytest.raises(InputError, match=r'crs = "EPSG:4528" and axes = "north_east"'):
        read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.shp"))
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("plan", "x.shp", axes="north_east"))
    assert intake.layers.plan.geometry.iloc[0].bounds == (EAST, NORTH, EAST + 100, NORTH + 100)


@pytest.mark.parametrize(
    ("bounds", "codes"),
    [
        ((39_500_000, 3e6, 39_600_000, 3.1e6), ["EPSG:4527", "EPSG:2363", "EPSG:2415"]),
        ((13_500_000, 4e6, 13_600_000, 4.1e6), ["EPSG:4491", "EPSG:2327", "EPSG:21413"]),
        ((110, 30, 111, 31), ["EPSG:4490", "EPSG:4610", "EPSG:4214"]),
        ((-0.2, 51, 0.1, 52), ["EPSG:4326"]),
        ((500_000, 3e6, 500_100, 3.1e6), []),
        ((np.nan, 1, 2, 3), []),
        ((46_500_000, 3e6, 46_600_000, 3.1e6), []),
        ((40_500_000, 9e6, 40_600_000, 9.1e6), []),
    ],
)
def test_what_figures_look_like(bounds, codes):
    assert [one.crs for one in likely_systems(bounds)] == codes
