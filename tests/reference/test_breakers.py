"""Files that broke other readers: each of their rows is accepted or rejected with a reason, none is lost.

The files come from the tests of Fiona and pyogrio. How many rows each holds and what becomes of them is written here from
looking at them with ogrinfo (GDAL 3.6); areas of arcs and surfaces are GDAL's own.
"""

from __future__ import annotations

import warnings

import pyogrio
import pytest
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.opening import tables_in
from parkgeo.ingest.vector import read_vector
from tests.office import layer, parcels, read, reasons, shared_data, write

FOLDER = shared_data() / "breakers"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no shared data beside the checkout")

# File → layer it is read as, columns and system that park.toml adds, rows declared, rows accepted, reasons of the others.
FILES = {
    "coutwildrnp.shp": ("parcels", "fields = { parcel_id = 'WILDRNP020' }", "", 67, 67, set()),
    "coutwildrnp.zip": ("parcels", "fields = { parcel_id = 'WILDRNP020' }", "", 67, 67, set()),
    "gre.shp": ("parcels", "fields = { parcel_id = 'name' }", "", 1, 1, set()),
    "grenada.geojson": ("parcels", "fields = { parcel_id = 'name' }", "", 1, 1, set()),
    "issue627.geojson": ("parcels", "fields = { parcel_id = 'WILDRNP020' }", "", 3, 3, set()),
    "curvepolygon.gpkg": ("buildings", "", "", 1, 1, set()),
    "multisurface.gpkg": ("buildings", "", "", 1, 1, set()),
    "curve.gpkg": ("roads", "", "", 1, 1, set()),
    "line_zm.gpkg": ("roads", "", "", 1, 1, set()),
    "multicurve.gml": ("roads", "", "EPSG:4326", 1, 1, set()),
    "test_tin.shp": ("buildings", "", "EPSG:4326", 1, 1, set()),
    "test_gpkg_nulls.gpkg": ("buildings", "", "", 4, 0, {"not a polygon"}),
    "test_tz.geojson": ("buildings", "", "", 1, 0, {"not a polygon"}),
}


def test_every_file_is_here():
    """But for parts of the others, and the geodatabase and the table, which have tests of their own."""
    parts = {".dbf", ".shx", ".prj", ".cpg", ".xsd", ".txt"}
    there = {path.name for path in FOLDER.iterdir() if path.suffix not in parts}
    assert there == {*FILES, "testopenfilegdb.gdb.zip", "test_tin.csv"}


@pytest.mark.parametrize("name", FILES)
def test_each_row_is_accepted_or_rejected_with_its_reason(tmp_path, name):
    kind, fields, crs, declared, accepted, why = FILES[name]
    shape = read_vector(FOLDER / name).geometry[0]
    place = shapely.centroid(shape)
    entries = [layer(kind, (FOLDER / name).as_posix(), **({"crs": crs} if crs else {})) + fields + "\n"]
    if kind != "parcels":  # parcels of their own, where the file lies
        near = parcels(1)
        near["geometry"] = [shapely.buffer(place, 2.0)]
        write(near.set_crs("EPSG:4326", allow_override=True), tmp_path / "p.gpkg")
        entries.insert(0, layer("parcels", "p.gpkg"))
    intake = read(tmp_path, *entries)
    (source,) = intake.account["sources"].query("layer == @kind").to_dict("records")
    assert source["rows_declared"] == declared
    assert source["rows_accepted"] == accepted
    assert set(reasons(intake).values()) == why


@pytest.mark.parametrize("name", ["curve.gpkg", "curvepolygon.gpkg", "multisurface.gpkg", "multicurve.gml"])
def test_arcs_are_drawn_as_gdal_draws_them(name):
    """Against pyogrio without Arrow, which asks GDAL for shapes without arcs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pyogrio.read_dataframe(FOLDER / name).geometry.array
    ours = read_vector(FOLDER / name)
    for a, b in zip(ours.geometry, theirs, strict=True):
        assert shapely.equals_exact(shapely.get_parts(a), shapely.get_parts(b)).all()
    assert "1 geometries with arcs: drawn with a corner every 4°" in map(str, ours.notes)


def test_a_tin_is_the_ground_it_covers():
    """Two triangles: one stands upright, the other is half of a unit square."""
    raw = read_vector(FOLDER / "test_tin.shp")
    assert raw.geometry[0].equals(shapely.Polygon([(0, 0), (0, 1), (1, 1)]))
    assert str(raw.notes[0]) == "1 surfaces made of faces: read as the ground they cover"


def test_every_layer_of_a_geodatabase_gives_the_rows_it_states():
    """37 layers of points to multipatches, with Z, M, nulls and gaps between their numbers."""
    path = FOLDER / "testopenfilegdb.gdb.zip"
    tables = tables_in(path)
    assert len(tables) == 37
    counted = {}
    for one in tables:
        raw = read_vector(path, table=one.name)
        assert raw.declared == len(raw.frame) == one.rows
        assert raw.spoiled == {}
        counted[one.name] = raw.declared
    assert (counted["point"], counted["big_layer"], counted["hole"], counted["several_polygons"]) == (
        5,
        341,
        12,
        9,
    )
    assert set(read_vector(path, table="hole").rows) != set(range(1, 13))
    with pytest.raises(InputError, match="it holds 37 layers"):
        read_vector(path)
