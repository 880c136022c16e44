"""Map files: every format gives the same rows; every row is accepted or rejected with a reason."""

from __future__ import annotations

import json
import sqlite3
import struct
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon

from parkgeo.errors import InputError
from parkgeo.ingest import read_layers
from parkgeo.ingest.shapes import shapes_from_wkb
from parkgeo.ingest.vector import read_vector
from parkgeo.project import read_project
from tests.builders import land, rect, with_hole
from tests.office import EAST, NORTH, faults, layer, parcels, project, read, reasons, write

FORMATS = ("parcels.shp", "parcels.gpkg", "parcels.geojson", "parcels.fgb", "parcels.parquet")
NAMES = ["云溪电子", "龙兴机械", "空地"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path, name):
    frame = parcels(holder=NAMES, area=[15.0, 15.0, None]).rename(columns={"area": "亩"})
    wide = frame.to_crs(4326) if name.endswith(".geojson") else frame
    write(wide, tmp_path / name, **({"encoding": "GBK"} if name.endswith(".shp") else {}))
    fields = "[layers.parcels.fields]\nregistered_area_m2 = { column = '亩', unit = '亩' }\n"
    intake = read(tmp_path, layer("parcels", name) + fields, park="working_crs = 'EPSG:4528'")
    got = intake.layers.parcels
    assert got["parcel_id"].tolist() == ["P1", "P2", "P3"]
    assert got["holder"].tolist() == NAMES
    np.testing.assert_allclose(got["registered_area_m2"], [10_000, 10_000, np.nan])
    np.testing.assert_allclose(got.geometry.area, 10_000, rtol=1e-6)
    assert sorted(got["source_row"]) == [1, 2, 3]  # FlatGeobuf keeps its features in an order of its own
    assert intake.clean


@pytest.mark.parametrize(
    ("cpg", "ldid"),
    [("GBK", None), ("", None), (None, None), ("", 0x57), (None, 0x4D), ("UTF-8", None), ("nonsense", 0)],
)
def test_gbk_text_is_found_whatever_cpg_and_language_byte_say(tmp_path, cpg, ldid):
    path = write(parcels(holder=NAMES), tmp_path / "p.shp", encoding="GBK")
    side = path.with_suffix(".cpg")
    if cpg is None:
        side.unlink()
    else:
        side.write_text(cpg, encoding="ascii")
    if ldid is not None:
        content = bytearray(path.with_suffix(".dbf").read_bytes())
        content[29] = ldid
        path.with_suffix(".dbf").write_bytes(bytes(content))
    intake = read(tmp_path, layer("parcels", path))
    assert intake.layers.parcels["holder"].tolist() == NAMES
    assert intake.account["sources"]["encoding"].iloc[0].startswith("GB")
    assert bool(faults(intake)) == (cpg == "UTF-8")


def test_a_name_cut_in_mid_character_does_not_hide_the_encoding(tmp_path):
    path = write(parcels(holder=["云" * 100, "溪", "x"]), tmp_path / "p.shp", encoding="GBK")
    dbf = path.with_suffix(".dbf")
    content = dbf.read_bytes().replace(
        "云".encode("gbk") * 100 + b" ", ("云".encode("gbk") * 100)[:-1] + b"  "
    )
    dbf.write_bytes(content)
    path.with_suffix(".cpg").unlink()
    raw = read_vector(path)
    assert raw.encoding.startswith("GB")


def test_capital_endings_are_the_same_shapefile(tmp_path):
    write(parcels(), tmp_path / "p.shp")
    for part in list(tmp_path.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    assert len(read(tmp_path, layer("parcels", "p.SHP")).inputs) == 5


def test_editing_the_dbf_alone_is_seen_in_the_inputs(tmp_path):
    write(parcels(), tmp_path / "p.shp")
    before = read(tmp_path, layer("parcels", "p.shp")).inputs
    dbf = tmp_path / "p.dbf"
    dbf.write_bytes(dbf.read_bytes().replace(b"P3", b"P9"))
    after = read(tmp_path, layer("parcels", "p.shp")).inputs
    assert {one["path"] for one in before} == {"p.shp", "p.shx", "p.dbf", "p.prj", "p.cpg"}
    assert [a["path"] for a, b in zip(after, before, strict=True) if a != b] == ["p.dbf"]


@pytest.mark.parametrize("ending", [".dbf", ".shx"])
def test_a_missing_part_of_a_shapefile_is_named(tmp_path, ending):
    path = write(parcels(), tmp_path / "p.shp")
    path.with_suffix(ending).unlink()
    with pytest.raises(InputError, match=f"its {ending} file is missing.*copy all files"):
        read(tmp_path, layer("parcels", path))


@pytest.mark.parametrize("left", [3, 60, 99])
def test_an_index_that_is_cut_off_within_its_head_is_refused_in_words(tmp_path, left):
    path = write(parcels(), tmp_path / "p.shp")
    index = path.with_suffix(".shx")
    index.write_bytes(index.read_bytes()[:left])
    with pytest.raises(InputError, match=r"p\.shp") as refused:
        read_layers(read_project(project(tmp_path, layer("parcels", path))))
    assert "broke down" not in str(refused.value)
    assert refused.value.mend


def test_a_truncated_shp_rejects_what_is_not_there(tmp_path):
    path = write(parcels(10), tmp_path / "p.shp")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 300])
    intake = read(tmp_path, layer("parcels", path))
    assert intake.account["sources"]["rows_declared"].tolist() == [10]
    assert len(intake.layers.parcels) < 10


def test_a_dbf_that_is_cut_short_is_said_and_its_rows_are_rejected(tmp_path):
    path = write(parcels(10), tmp_path / "p.shp")
    dbf = path.with_suffix(".dbf")
    content = dbf.read_bytes()
    (head, width) = struct.unpack_from("<HH", content, 8)
    dbf.write_bytes(content[: head + 4 * width])
    intake = read(tmp_path, layer("parcels", path))
    assert any("states 10 rows and holds 4" in text for text in faults(intake))
    assert intake.account["sources"]["rows_declared"].tolist() == [10]
    assert intake.layers.parcels["parcel_id"].tolist() == ["P1", "P2", "P3", "P4"]


def test_deleted_rows_of_a_dbf_are_no_rows(tmp_path):
    path = write(parcels(4), tmp_path / "p.shp")
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    (head, width) = struct.unpack_from("<HH", content, 8)
    content[head + width] = 0x2A
    dbf.write_bytes(bytes(content))
    intake = read(tmp_path, layer("parcels", path))
    assert intake.layers.parcels["source_row"].tolist() == [1, 3, 4]
    assert intake.account["sources"]["rows_declared"].tolist() == [3]


@pytest.mark.parametrize("name", [*FORMATS, "p.json"])
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 200, b"nonsense", b"<OGRVRTDataSource/>", b'{"type": "Topology"}']
)
def test_what_is_no_such_file_is_refused_in_words(tmp_path, name, content):
    path = tmp_path / name
    write(parcels(), path) if name.endswith(".shp") else None
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(tmp_path, layer("parcels", path))
    assert caught.value.what
    assert str(path) in caught.value.where
    assert caught.value.mend


def test_a_geopackage_whose_stored_count_lies_is_read_whole(tmp_path):
    path = write(parcels(20), tmp_path / "p.gpkg")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE gpkg_ogr_contents SET feature_count = 5")
    intake = read(tmp_path, layer("parcels", path))
    assert intake.account["sources"]["rows_declared"].tolist() == [20]
    assert len(intake.layers.parcels) == 20


def test_long_whole_number_ids_keep_every_digit_beside_a_missing_one(tmp_path):
    """Floating point would make 320583001001000012 end in 000."""
    ids = pd.array([320583001001000012, None, 320583001001000013], dtype="Int64")
    path = write(parcels(3, parcel_id=ids), tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", path))
    assert intake.layers.parcels["parcel_id"].tolist() == ["320583001001000012", "320583001001000013"]
    assert reasons(intake) == {"2": "no value in Parcel ID"}


def test_long_ids_in_a_floating_point_column_are_refused(tmp_path):
    path = write(parcels(2, parcel_id=[3.20583001001e17, 12.0]), tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", path))
    assert intake.layers.parcels["parcel_id"].tolist() == ["12"]
    assert "last digits are lost" in reasons(intake)["1"]


def test_several_layers_and_none_named(tmp_path):
    path = write(parcels(), tmp_path / "p.gpkg", layer="甲")
    write(parcels(), path, layer="乙")
    with pytest.raises(InputError, match=r"it holds 2 layers.*set layer to one of 甲, 乙"):
        read(tmp_path, layer("parcels", path))
    assert len(read(tmp_path, layer("parcels", path, layer="乙")).layers.parcels) == 3
    with pytest.raises(InputError, match=r"no layer '丙'.*甲, 乙"):
        read(tmp_path, layer("parcels", path, layer="丙"))


def collection(*features: object, **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more)


def feature(number: int, geometry: object = ..., **properties: object) -> dict[str, object]:
    square = rect(120 + number / 1000, 30, 0.001, 0.001)
    shape = json.loads(shapely.to_geojson(square)) if geometry is ... else geometry
    return {
        "type": "Feature",
        "id": 9 - number,
        "properties": {"parcel_id": f"P{number}"} | properties,
        "geometry": shape,
    }


def test_null_features_are_counted_and_rejected_with_their_row(tmp_path):
    path = tmp_path / "p.geojson"
    path.write_text(collection(feature(1), None, feature(2), 7, feature(3, None)), encoding="utf-8")
    intake = read(tmp_path, layer("parcels", path))
    assert intake.layers.parcels[["parcel_id", "source_row"]].to_numpy().tolist() == [["P1", 1], ["P2", 3]]
    assert intake.account["sources"]["rows_declared"].tolist() == [5]
    assert reasons(intake) == {"2": "not a feature", "4": "not a feature", "P3": "no geometry"}


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Blob"},
        5,
        [],
        {"type": "Polygon", "coordinates": [[[0, 0], [1]]]},
    ],
)
def test_a_geometry_that_cannot_be_read_costs_its_row_only(tmp_path, geometry):
    path = tmp_path / "p.geojson"
    path.write_text(collection(feature(1), feature(2, geometry)), encoding="utf-8")
    intake = read(tmp_path, layer("parcels", path))
    assert intake.layers.parcels["parcel_id"].tolist() == ["P1"]
    assert list(reasons(intake)) == ["P2"]


def test_geojson_takes_named_systems_and_refuses_links(tmp_path):
    path = tmp_path / "p.geojson"
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    path.write_text(collection(feature(1), crs=named), encoding="utf-8")
    assert read(tmp_path, layer("parcels", path)).account["sources"]["crs"].tolist() == ["EPSG:4490"]
    link = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}
    path.write_text(collection(feature(1), crs=link), encoding="utf-8")
    with pytest.raises(InputError, match="not named by an EPSG number"):
        read(tmp_path, layer("parcels", path))


def test_a_date_with_a_time_zone_stays_the_day_that_is_written(tmp_path):
    path = tmp_path / "p.geojson"
    path.write_text(collection(feature(1, agreed_start="2025-03-01T00:00:00+08:00")), encoding="utf-8")
    assert read(tmp_path, layer("parcels", path)).layers.supply["agreed_start"].tolist() == [
        pd.Timestamp(2025, 3, 1)
    ]


def test_bom_and_crlf_are_no_content(tmp_path):
    path = tmp_path / "p.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + collection(feature(1)).replace(",", ",\r\n").encode())
    assert len(read(tmp_path, layer("parcels", path)).layers.parcels) == 1


BAD = {
    "null": (None, "no geometry"),
    "empty": (Polygon(), "empty geometry"),
    "infinite": (
        Polygon([(EAST, NORTH), (np.inf, NORTH), (EAST, NORTH + 9)]),
        "coordinates that lie nowhere on the earth",
    ),
    "beyond": (rect(1e300, NORTH, 1e299, 9), "coordinates that lie nowhere on the earth"),
    "point": (Point(EAST, NORTH), "not a polygon"),
    "line": (LineString([(EAST, NORTH), (EAST + 9, NORTH)]), "not a polygon"),
    "flat": (Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST, NORTH)]), "invalid"),
}


@pytest.mark.parametrize(("shape", "reason"), BAD.values(), ids=BAD)
def test_bad_geometry_is_rejected_with_its_reason(tmp_path, shape, reason):
    frame = land([rect(EAST, NORTH, 10, 10), shape], parcel_id=["good", "bad"])
    frame.to_parquet(tmp_path / "p.parquet")
    intake = read(tmp_path, layer("parcels", "p.parquet"))
    assert intake.layers.parcels["parcel_id"].tolist() == ["good"]
    assert set(reasons(intake)) == {"bad"}
    if shape is not None and shape.geom_type == "Polygon" and reason == "invalid":
        assert "area" in reasons(intake)["bad"] or "invalid" in reasons(intake)["bad"]
    else:
        assert reasons(intake)["bad"] == reason


def test_a_bow_tie_is_mended_with_its_areas_and_flagged(tmp_path):
    """Two triangles of 10 m × 5 m meet in the middle: 25 m² each, and their signs cancel before."""
    tie = Polygon([(EAST, NORTH), (EAST + 10, NORTH + 10), (EAST + 10, NORTH), (EAST, NORTH + 10)])
    write(land([tie], parcel_id=["P"]), tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg"))
    (mended,) = intake.account["repairs"].to_dict(orient="records")
    assert mended["what_en"].startswith("the outline crosses itself, near ")
    assert mended["what_zh"].startswith("轮廓自相交")
    assert mended["area_after_m2"] == pytest.approx(50)
    assert intake.layers.parcels.geometry.area.tolist() == pytest.approx([50])
    assert any("another area" in text for text in faults(intake))


def test_z_and_m_fall_away_and_parts_and_holes_stay(tmp_path):
    shapes = [
        shapely.force_3d(with_hole(EAST, NORTH, 10, 4), 5.0),
        MultiPolygon([rect(EAST + 20, NORTH, 1, 1), rect(EAST + 30, NORTH, 2, 2)]),
    ]
    write(land(shapes, parcel_id=["hole", "parts"]), tmp_path / "p.gpkg")
    got = read(tmp_path, layer("parcels", "p.gpkg")).layers.parcels
    assert got.geometry.area.tolist() == [84.0, 5.0]
    assert not got.geometry.has_z.any()
    assert set(got.geometry.geom_type) == {"MultiPolygon"}


def test_duplicate_ids_copies_go_and_of_those_that_differ_none_stays(tmp_path):
    frame = parcels(5, parcel_id=["A", "B", "B", "C", "C"])
    frame.loc[4, "geometry"] = frame.geometry[3]
    write(frame, tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg"))
    assert intake.layers.parcels["parcel_id"].tolist() == ["A", "C"]
    assert sorted(intake.account["rejects"][["row", "reason_en"]].to_numpy().tolist()) == [
        [2, "the same id in several rows that differ"],
        [3, "the same id in several rows that differ"],
        [5, "a copy of an earlier row"],
    ]


def test_buildings_with_the_same_number_are_kept_and_numbered_apart(tmp_path):
    """Offices number the buildings of each parcel 1, 2, 3: rejecting them would read as land without buildings."""
    write(parcels(), tmp_path / "p.gpkg")
    write(parcels(3, parcel_id=["P1", "P2", "P3"], building_id=["1", "1", "2"]), tmp_path / "b.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "b.gpkg"))
    assert sorted(intake.layers.buildings["building_id"]) == ["1", "1 (2)", "2"]
    assert any("numbered apart: 1" in text for text in faults(intake))


def test_the_content_of_a_reject_is_the_row_as_it_stood(tmp_path):
    write(parcels(2, parcel_id=["A", None], 备注=["x", "=cmd|'x'!A1"]), tmp_path / "p.gpkg")
    (reject,) = read(tmp_path, layer("parcels", "p.gpkg")).account["rejects"].to_dict(orient="records")
    content = json.loads(reject["content"])
    assert content["备注"] == "=cmd|'x'!A1"
    assert shapely.from_wkt(content["geometry"]).equals(rect(EAST + 100, NORTH, 100, 100))


def test_a_broken_shape_among_good_ones_is_known_by_its_place():
    shapes, spoiled = shapes_from_wkb([shapely.to_wkb(Point(1, 2)), b"\x01\x10", None])
    assert [shape is None for shape in shapes] == [False, True, True]
    assert list(spoiled) == [1]


def test_where_takes_the_rows_that_are_asked_for_and_says_so(tmp_path):
    write(parcels(3, 用途=["工业", "绿地", "工业"]), tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg") + "where = \"用途 = '工业'\"\n")
    assert intake.layers.parcels["parcel_id"].tolist() == ["P1", "P3"]
    assert intake.account["sources"][["rows_declared", "notes_en"]].to_numpy().tolist() == [
        [2, "only the 2 of 3 rows where 用途 = '工业'"]
    ]
    with pytest.raises(InputError, match="where = "):
        read(tmp_path, layer("parcels", "p.gpkg") + 'where = "nothing = 1"\n')


@pytest.mark.parametrize("name", ["p.shp", "p.gpkg", "p.fgb"])
@pytest.mark.parametrize("column", ["OGC_FID", "ogc_fid", "wkb_geometry", "source_row", "_part"])
def test_columns_by_the_names_that_readers_use_themselves(tmp_path, name, column):
    write(parcels(3, **{column: ["7", "8", "9"]}), tmp_path / name)
    got = read(tmp_path, layer("parcels", name)).layers.parcels
    assert sorted(got["source_row"]) == [1, 2, 3]
    assert column[:10] in read(tmp_path, layer("parcels", name)).account["sources"]["columns_unused"].iloc[0]


def test_a_layer_without_any_column_keeps_its_rows(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(parcels()[["geometry"]], tmp_path / "b.gpkg")
    assert len(read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "b.gpkg")).layers.buildings) == 3


def test_text_that_is_not_utf8_costs_its_letters_only(tmp_path):
    path = write(parcels(holder=["AAAA", "b", "c"]), tmp_path / "p.gpkg")
    path.write_bytes(path.read_bytes().replace(b"AAAA", b"AA\xff\xfe"))
    intake = read(tmp_path, layer("parcels", path))
    assert intake.layers.parcels["holder"].iloc[0].startswith("AA\ufffd")
    assert any("not UTF-8" in what for what in faults(intake))


def test_what_lies_beyond_the_end_of_a_shp_is_to_be_copied_and_not_drawn(tmp_path):
    shapes = list(parcels(10).geometry)
    shapes[4] = None
    path = write(
        land(shapes, n=range(1, 11), parcel_id=[f"P{at + 1}" for at in range(10)]), tmp_path / "p.shp"
    )
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 300])
    intake = read(tmp_path, layer("parcels", path))
    told = reasons(intake)
    assert told == {
        "P5": "no geometry",
        "P8": "the .shp file ends before this feature",
        "P9": "the .shp file ends before this feature",
        "P10": "the .shp file ends before this feature",
    }
    mends = intake.account["rejects"].set_index("id")["mend_en"]
    assert mends["P10"] == "the file is cut short: copy all its parts again"
    assert mends["P5"] == "draw it, or delete the row"
    chosen = read(tmp_path, layer("parcels", path, where="n = 10 or n = 1"))
    assert reasons(chosen) == {"P10": "the .shp file ends before this feature"}


def test_shapes_in_another_order_than_their_index_are_said(tmp_path):
    """Two entries of the .shx exchanged: each row would get the other's shape."""
    write(parcels(3), tmp_path / "p.shp")
    index = bytearray((tmp_path / "p.shx").read_bytes())
    index[100:108], index[108:116] = index[108:116], index[100:108]
    (tmp_path / "p.shx").write_bytes(index)
    intake = read(tmp_path, layer("parcels", "p.shp"))
    assert any("not in the order of the .shx" in what for what in faults(intake))
    assert intake.account["faults"].query("severity == 'fault'")["rows"].tolist() == ["2"]


def test_rows_marked_as_deleted_are_noted(tmp_path):
    write(parcels(3), tmp_path / "p.shp")
    table = bytearray((tmp_path / "p.dbf").read_bytes())
    begin, length = int.from_bytes(table[8:10], "little"), int.from_bytes(table[10:12], "little")
    table[begin + length] = ord("*")
    (tmp_path / "p.dbf").write_bytes(table)
    intake = read(tmp_path, layer("parcels", "p.shp"))
    (source,) = intake.account["sources"].to_dict(orient="records")
    assert "1 rows of the .dbf are marked as deleted" in source["notes_en"]
    assert source["rows_declared"] == 2
