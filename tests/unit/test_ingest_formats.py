"""Map formats beside the common five: what each holds arrives whole, and what it cannot give is said."""

from __future__ import annotations

import json
import stat
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, box

from parkgeo.errors import InputError
from parkgeo.ingest import archive
from parkgeo.ingest.formats import companions
from parkgeo.ingest.opening import tables_in
from parkgeo.ingest.topojson import read_topology
from parkgeo.ingest.vector import read_vector
from tests.builders import land, rect
from tests.drawings import block, drawing, entity, insert, line, mtext, polyline, square, text
from tests.office import EAST, NORTH, faults, layer, parcels, project, read, reasons, write

NAMES = ["云溪电子", "龙兴机械", "空地"]
CRS = "crs = 'EPSG:4528'\n"


def notes(raw):
    return [str(note) for note in raw.notes]


def doubts(raw):
    return [str(doubt.what) for doubt in raw.doubts]


def accounted(raw):
    """Rows declared are rows read and rows lost."""
    assert raw.declared == len(raw.frame) + len(raw.lost) == len(raw.rows) + len(raw.lost)
    return raw


def as_zip(path, files, *, names=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr((names or {}).get(name, name), content)
    return path


def shapefile_parts(folder, stem="宗地"):
    path = write(parcels(holder=NAMES), folder / "made.shp", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    return {f"{stem}{part.suffix}": part.read_bytes() for part in folder.glob("made.*")}


# --- every format gives the same parcels ---------------------------------------------------------------------------


def as_sequence(frame, path):
    rows = json.loads(frame.to_crs(4326).to_json(drop_id=True))["features"]
    mark = "\x1e" if path.suffix == ".geojsons" else ""
    path.write_text("".join(f"{mark}{json.dumps(one)}\n" for one in rows), encoding="utf-8", newline="\n")


def as_topology(frame, path):
    rings = [list(shape.exterior.coords) for shape in frame.to_crs(4326).geometry]
    shapes = [
        {"type": "Polygon", "arcs": [[at]], "properties": {"parcel_id": parcel, "holder": holder}}
        for at, (parcel, holder) in enumerate(zip(frame["parcel_id"], frame["holder"], strict=True))
    ]
    held = {
        "type": "Topology",
        "arcs": rings,
        "objects": {"宗地": {"type": "GeometryCollection", "geometries": shapes}},
    }
    path.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")


def as_kml(frame, path):
    marks = []
    for row in frame.to_crs(4326).itertuples():
        places = " ".join(f"{x!r},{y!r},0" for x, y in row.geometry.exterior.coords)
        marks.append(
            f"<Placemark><name>{row.holder}</name><ExtendedData><Data name='parcel_id'><value>{row.parcel_id}</value></Data>"
            f"<Data name='holder'><value>{row.holder}</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing>"
            f"<coordinates>{places}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        )
    content = f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>'
    if path.suffix == ".kmz":
        as_zip(path, {"doc.kml": content})
    else:
        path.write_text(content, encoding="utf-8")


def as_drawing(frame, path):
    held = [polyline("宗地", list(shape.exterior.coords)[:-1]) for shape in frame.geometry]
    for shape, parcel in zip(frame.geometry, frame["parcel_id"], strict=True):
        held.append(text("注记", parcel, (shape.centroid.x, shape.centroid.y)))
    path.write_bytes(drawing(held).encode("gbk"))


def as_tab(frame, path):
    pyogrio.write_dataframe(
        frame, path, driver="MapInfo File", FORMAT="TAB", layer_options={"ENCODING": "CP936"}
    )


def as_mif(frame, path):
    pyogrio.write_dataframe(frame, path, driver="MapInfo File", layer_options={"ENCODING": "CP936"})


def as_packed_shapefile(frame, path):
    del frame
    folder = path.with_suffix("")
    folder.mkdir()
    as_zip(path, shapefile_parts(folder))


def as_geoarrow(frame, path):
    frame.to_parquet(path, geometry_encoding="geoarrow")


MAKERS = {
    "p.geojsonl": as_sequence, "p.geojsons": as_sequence, "p.ndjson": as_sequence, "p.topojson": as_topology, "p.json": as_topology,
    "p.kml": as_kml, "p.kmz": as_kml, "p.gml": lambda frame, path: pyogrio.write_dataframe(frame, path, driver="GML"),
    "p.gdb": lambda frame, path: pyogrio.write_dataframe(frame, path, driver="OpenFileGDB"), "p.dxf": as_drawing,
    "p.tab": as_tab, "p.mif": as_mif, "p.zip": as_packed_shapefile, "p.parquet": as_geoarrow,
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_every_other_format_gives_the_same_parcels(tmp_path, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of writers
        MAKERS[name](parcels(holder=NAMES), tmp_path / name)
    intake = read(
        tmp_path,
        layer("parcels", name) + (CRS if name.endswith((".dxf", ".tab", ".mif")) else ""),
        park="working_crs = 'EPSG:4528'",
    )
    got = intake.layers.parcels.sort_values("parcel_id")
    assert got["parcel_id"].tolist() == ["P1", "P2", "P3"]
    if name != "p.dxf":
        assert got["holder"].tolist() == NAMES
    # MapInfo tables hold places on a grid.
    np.testing.assert_allclose(got.geometry.area, 10_000, rtol=1e-3 if name == "p.tab" else 1e-5)
    assert got["source_row"].tolist() == [1, 2, 3]
    assert intake.account["rejects"].empty
    assert tables_in(tmp_path / name)[0].rows in (3, None)


# --- archives -------------------------------------------------------------------------------------------------------


def test_names_in_the_code_page_of_windows_hold_a_shapefile_together(tmp_path):
    """WinRAR and Windows write names of zip entries in GBK without saying so."""
    made = tmp_path / "made"
    made.mkdir()
    parts = shapefile_parts(made)
    path = tmp_path / "p.zip"
    # zipfile writes plain names only as they are; so of as many letters first, and the bytes put in afterwards.
    plain = {name: chr(ord("A") + at) * len(name.encode("gbk")) for at, name in enumerate(parts)}
    raw = as_zip(path, parts, names=plain).read_bytes()
    for name, letters in plain.items():
        raw = raw.replace(letters.encode(), name.encode("gbk"))
    path.write_bytes(raw)
    assert {one.name for one in archive.datasets_in(path)} == {"宗地.shp"}
    assert read_vector(path).frame["holder"].tolist() == NAMES


def test_several_files_in_an_archive_are_named_and_chosen_by_layer(tmp_path):
    write(parcels(), tmp_path / "a.gpkg", layer="甲")
    write(parcels(2), tmp_path / "a.gpkg", layer="乙")
    write(parcels(1).to_crs(4326), tmp_path / "b.geojson")
    path = as_zip(
        tmp_path / "p.zip",
        {"x/a.gpkg": (tmp_path / "a.gpkg").read_bytes(), "b.geojson": (tmp_path / "b.geojson").read_bytes()},
    )
    with pytest.raises(InputError, match=r"it holds 2 map files.*set layer to one of b.geojson, x/a.gpkg"):
        read_vector(path)
    assert len(read_vector(path, table="b.geojson").frame) == 1
    assert len(read_vector(path, table="x/a.gpkg/乙").frame) == 2
    with pytest.raises(
        InputError, match=r"it holds 2 layers — .*p.zip › x/a.gpkg — set layer to one of 甲, 乙"
    ):
        read_vector(path, table="x/a.gpkg")
    assert [(one.name, one.rows) for one in tables_in(path)] == [
        ("b.geojson", 1),
        ("x/a.gpkg/甲", 3),
        ("x/a.gpkg/乙", 2),
    ]


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "name",
    ["../p.geojson", "a/../../p.geojson", "/p.geojson", "C:/p.geojson", "..\\p.geojson", link("p.geojson")],
)
def test_an_archive_that_reaches_out_is_refused(tmp_path, name):
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(name, "{}")
    with pytest.raises(InputError, match=r"a name that leads elsewhere|a link"):
        read_vector(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("p.geojson", b" " * (80 << 20))
    monkeypatch.setattr(archive, "_unpack", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match="bytes that unpack to 83886080"):
        read_vector(path)


def test_what_was_unpacked_is_removed(tmp_path, monkeypatch):
    made, scratch = tmp_path / "made", tmp_path / "scratch"
    made.mkdir()
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    read_vector(as_zip(tmp_path / "p.zip", shapefile_parts(made)))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"not a zip"])
def test_what_is_no_archive(tmp_path, content):
    path = tmp_path / "p.zip"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_vector(path)


VRT = "<OGRVRTDataSource><OGRVRTLayer name='p'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
WFS = "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>"
WMS = "<GDAL_WMS><Service name='TMS'><ServerUrl>http://127.0.0.1:9/</ServerUrl></Service></GDAL_WMS>"
PIPELINE = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read secret.gpkg"}'
MRF = "<MRF_META><CachedSource><Source>/etc/passwd</Source></CachedSource></MRF_META>"
ENDINGS = [
    "shp",
    "gpkg",
    "geojson",
    "json",
    "fgb",
    "parquet",
    "geojsonl",
    "topojson",
    "kml",
    "kmz",
    "gml",
    "dxf",
    "tab",
    "mif",
    "zip",
]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "content", [VRT, WFS, WMS, PIPELINE, MRF], ids=["vrt", "wfs", "wms", "pipeline", "mrf"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_description_of_other_sources_is_refused_under_every_ending(tmp_path, ending, content, packed):
    secret = write(parcels(), tmp_path / "secret.gpkg")
    made = tmp_path / "made"
    made.mkdir()
    parts = (
        {f"p{name.removeprefix('宗地')}": held for name, held in shapefile_parts(made).items()}
        if ending == "shp"
        else {}
    )
    files = parts | {f"p.{ending}": content.replace("{}", str(secret)).encode()}
    if packed:
        path = as_zip(tmp_path / "p.zip", files)
    else:
        for name, held in files.items():
            (tmp_path / name).write_bytes(held)
        path = tmp_path / f"p.{ending}"
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert caught.value.mend


# --- JSON -----------------------------------------------------------------------------------------------------------


def feature(number, **more):
    shape = json.loads(shapely.to_geojson(rect(120 + number / 1000, 30, 0.001, 0.001)))
    return {"type": "Feature", "properties": {"parcel_id": f"P{number}"}, "geometry": shape} | more


def test_a_single_separator_among_lines_costs_nothing(tmp_path):
    path = write(parcels(3).to_crs(4326), tmp_path / "p.geojsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], "\x1e" + lines[1], lines[2]]) + "\n", encoding="utf-8")
    intake = read(tmp_path, layer("parcels", "p.geojsonl"))
    assert intake.layers.parcels["parcel_id"].tolist() == ["P1", "P2", "P3"]


def test_a_broken_line_of_a_sequence_costs_itself_only(tmp_path):
    lines = [json.dumps(feature(1)), '{"type": "Feature", "prop', "", json.dumps(feature(2)), "7"]
    (tmp_path / "p.geojsonl").write_text("\n".join(lines), encoding="utf-8")
    intake = read(tmp_path, layer("parcels", "p.geojsonl"))
    assert intake.layers.parcels[["parcel_id", "source_row"]].to_numpy().tolist() == [["P1", 1], ["P2", 4]]
    assert intake.account["sources"]["rows_declared"].tolist() == [4]
    assert reasons(intake) == {"2": "not a feature", "5": "not a feature"}


def test_a_linked_system_is_passed_over_only_where_park_toml_states_one(tmp_path):
    path = tmp_path / "p.geojson"
    linked = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature(1)], "crs": linked}), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"set crs in park.toml"):
        read(tmp_path, layer("parcels", path))
    intake = read(tmp_path, layer("parcels", path, crs="EPSG:4490"))
    assert intake.account["sources"]["crs"].tolist() == ["EPSG:4490 ← park.toml"]
    assert "is not looked up" in intake.account["sources"]["notes_en"].iloc[0]


TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 2], "translate": [100, 10]},
    # Two unit squares side by side in steps of the grid: arc 0 is the side they share, 1 the rest of the left, 2 of the right.
    "arcs": [[[2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2], [2, 0]], [[2, 2], [2, 0], [0, -2], [-2, 0]]],
    "objects": {
        "地块": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"名称": "左"}, "id": 7},
                {"type": "Polygon", "arcs": [[2, 0]]},
                {"type": "MultiPolygon", "arcs": [[[0, 1]], [[~1, ~0]]]},
                {"type": None},
                {"type": "Polygon", "arcs": [[99]]},
                {"type": "Point", "coordinates": [4, 5]},
                None,
            ],
        },
        "路": {"type": "LineString", "arcs": [1, ~1]},
    },
}


def test_arcs_of_a_topology_are_joined_turned_and_put_in_place():
    """By hand: a grid step is 0.5 wide and 2 high from (100, 10), so a square of two steps has 1 × 4 = 4."""
    raw = accounted(read_topology(TOPOLOGY, "p.topojson", table="地块"))
    assert raw.geometry[0].equals(box(100, 10, 101, 14))
    assert raw.geometry[1].equals(box(101, 10, 102, 14))
    assert [raw.geometry[2].area, raw.geometry[3], raw.geometry[4], raw.geometry[5].coords[0]] == [
        8,
        None,
        None,
        (102, 20),
    ]
    assert sorted(raw.spoiled) == [4, 6]
    assert raw.frame[["名称", "id"]].iloc[0].tolist() == ["左", 7]
    (road,) = read_topology(TOPOLOGY, "p.topojson", table="路").geometry
    assert road.length == 2 * (1 + 4 + 1)
    with pytest.raises(InputError, match=r"it holds 2 layers.*set layer to one of 地块, 路"):
        read_topology(TOPOLOGY, "p.topojson")


def test_a_topology_is_read_as_gdal_reads_it(tmp_path):
    """An independent reference: GDAL's TopoJSON driver."""
    path = tmp_path / "p.topojson"
    one = {
        **TOPOLOGY,
        "objects": {
            "a": {"type": "GeometryCollection", "geometries": TOPOLOGY["objects"]["地块"]["geometries"][:2]}
        },
    }
    path.write_text(json.dumps(one), encoding="utf-8")
    theirs = pyogrio.read_dataframe(path)
    ours = read_vector(path)
    assert all(a.equals(b) for a, b in zip(ours.geometry, theirs.geometry, strict=True))


# --- KML and GML ----------------------------------------------------------------------------------------------------

RING = (
    "<LinearRing><coordinates>120,30,5 120.001,30,5\n 120.001, 30.001,5 120,30,5</coordinates></LinearRing>"
)
POLYGON = f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>"


def kml(*held, head=""):
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>园区</name>{"".join(held)}</Document></kml>'


def mark(name, shape=POLYGON, more=""):
    return f"<Placemark><name>{name}</name>{more}{shape}</Placemark>"


def kml_file(tmp_path, *held, head="", written="utf-8"):
    path = tmp_path / "p.kml"
    path.write_bytes(kml(*held, head=head).encode(written))
    return path


def test_columns_of_a_kml_are_its_names_and_extended_data(tmp_path):
    schema = "<ExtendedData><SchemaData schemaUrl='#s'><SimpleData name='地类'>工业</SimpleData></SchemaData></ExtendedData>"
    data = "<ExtendedData><Data name='面积'><displayName>x</displayName><value>12.5</value></Data></ExtendedData>"
    raw = accounted(read_vector(kml_file(tmp_path, mark("甲", more=schema), mark("乙", more=data))))
    assert raw.frame.to_dict("records") == [
        {"name": "甲", "地类": "工业", "面积": None},
        {"name": "乙", "地类": None, "面积": "12.5"},
    ]
    assert shapely.area(raw.geometry[0]) == pytest.approx(0.5e-6)
    assert raw.crs == "EPSG:4326"


def test_a_kml_is_read_as_gdal_reads_it(tmp_path):
    """An independent reference: GDAL's LIBKML driver on the same file."""
    hole = f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>120.0008,30.0002 120.0009,30.0002 120.0009,30.0003 120.0008,30.0002</coordinates></LinearRing></innerBoundaryIs></Polygon>"
    shapes = [
        POLYGON, hole, "<Point><coordinates>120,30</coordinates></Point>",
        "<LineString><coordinates>120,30 121,31 122,31</coordinates></LineString>", f"<MultiGeometry>{POLYGON}{hole}</MultiGeometry>",
    ]  # fmt: skip
    path = kml_file(tmp_path, *(mark(str(at), shape) for at, shape in enumerate(shapes)))
    theirs = gpd.GeoSeries(pyogrio.read_dataframe(path).geometry).force_2d()
    ours = read_vector(path).geometry
    assert [a.wkt for a in shapely.normalize(ours)] == [b.wkt for b in shapely.normalize(theirs.to_numpy())]


def test_what_a_kml_links_to_is_not_fetched_and_every_placemark_is_accounted_for(tmp_path):
    net = "<NetworkLink><Link><href>http://127.0.0.1:9/more.kml</href></Link></NetworkLink>"
    broken = POLYGON.replace("120.001,30,5", "120.001,x,5")
    label = f"<MultiGeometry><Point><coordinates>120,30</coordinates></Point>{POLYGON}</MultiGeometry>"
    path = kml_file(
        tmp_path, net, mark("a"), mark("b", broken), mark("c", ""), mark("d", label), "<!-- <Placemark/> -->"
    )
    intake = read(tmp_path, layer("parcels", path) + "fields = { parcel_id = 'name' }\n")
    assert intake.layers.parcels["parcel_id"].tolist() == ["a", "d"]
    assert reasons(intake) == {"b": "coordinates that cannot be read", "c": "no geometry"}
    assert "1 links to other files or addresses are not followed" in faults(intake)
    assert intake.account["sources"]["notes_en"].tolist() == ["1 points that label a polygon are left out"]


def test_folders_of_one_make_are_read_together_and_others_must_be_chosen(tmp_path):
    same = [f"<Folder><name>{name}</name>{mark(name)}</Folder>" for name in ("A区", "B区")]
    raw = read_vector(kml_file(tmp_path, *same))
    assert raw.frame["folder"].tolist() == ["A区", "B区"]
    assert (
        notes(raw)
        == ["2 folders read together; column folder says which", "heights and measures (Z, M) are left out"][
            :1
        ]
    )
    points = (
        f"<Folder><name>点</name>{mark('x', '<Point><coordinates>120,30</coordinates></Point>')}</Folder>"
    )
    path = kml_file(tmp_path, *same, points)
    with pytest.raises(InputError, match=r"3 folders whose places differ.*set layer to one of A区, B区, 点"):
        read_vector(path)
    assert read_vector(path, table="B区").frame["name"].tolist() == ["B区"]
    assert [(one.name, one.geometry) for one in tables_in(path)] == [
        ("A区", "polygon"),
        ("B区", "polygon"),
        ("点", "point"),
    ]


@pytest.mark.parametrize("written", ["gb2312", "GBK", "utf-8", "utf-16"])
def test_a_kml_in_the_encoding_that_it_declares(tmp_path, written):
    path = tmp_path / "p.kml"
    path.write_bytes(kml(mark("云溪电子")).replace("UTF-8", written).encode(written))
    assert read_vector(path).frame["name"].tolist() == ["云溪电子"]


ENTITIES = '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
GML = """<?xml version="1.0" encoding="utf-8"?>{head}<ogr:FeatureCollection xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://ogr.maptools.org/ http://127.0.0.1:9/p.xsd" xmlns:ogr="http://ogr.maptools.org/"
 xmlns:gml="http://www.opengis.net/gml/3.2">{held}</ogr:FeatureCollection>"""
MEMBER = """<ogr:featureMember><ogr:p gml:id="p.{n}"><ogr:geometryProperty><gml:Polygon srsName="urn:ogc:def:crs:EPSG::4490" gml:id="g{n}">
<gml:exterior><gml:LinearRing><gml:posList>30 120 30 120.001 30.001 120.001 30 120</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>
</ogr:geometryProperty><ogr:parcel_id>00{n}</ogr:parcel_id></ogr:p></ogr:featureMember>"""


def test_a_gml_counts_its_features_and_writes_nothing_beside_it(tmp_path):
    path = tmp_path / "p.gml"
    path.write_text(GML.format(head="", held="".join(MEMBER.format(n=n) for n in range(4))), encoding="utf-8")
    raw = accounted(read_vector(path))
    assert raw.frame["parcel_id"].tolist() == ["000", "001", "002", "003"]
    # The URN puts the latitude first.
    assert raw.geometry[0].bounds == (120, 30, 120.001, 30.001)
    assert [one.name for one in tmp_path.iterdir()] == ["p.gml"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.gml", GML.format(head=ENTITIES, held=MEMBER.format(n=1).replace("001", "&c;"))),
        ("p.gml", GML.format(head='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', held=MEMBER.format(n=1))),
        ("p.gml", GML.format(head="", held="")),
        ("p.gml", GML.format(head="", held=MEMBER.format(n=1))[:-200]),
        ("p.gml", "<x/>"),
        ("p.kml", kml(mark("&b;"), head=ENTITIES)),
        ("p.kml", kml()),
        ("p.kml", kml(mark("a"))[:-9]),
        ("p.kml", "<x/>"),
    ],
)
def test_xml_that_draws_in_other_things_or_gives_nothing_is_refused(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_vector(tmp_path / name)
    assert caught.value.mend


def test_a_schema_beside_a_gml_may_not_include_another(tmp_path):
    (tmp_path / "p.gml").write_text(GML.format(head="", held=MEMBER.format(n=1)), encoding="utf-8")
    (tmp_path / "p.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="http://127.0.0.1:9/x.xsd"/></xs:schema>',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="a schema that includes"):
        read_vector(tmp_path / "p.gml")


# --- DXF ------------------------------------------------------------------------------------------------------------


def dxf_file(tmp_path, *held, written="gbk", **how):
    path = tmp_path / "p.dxf"
    path.write_bytes(drawing(held, **how).encode(written))
    return path


def test_lines_become_outlines_and_texts_their_attributes(tmp_path):
    """Squares of 100 m, 10 m from four lines, a circle of radius 10 as GDAL draws it, two half circles of radius 5."""
    corners = square(EAST + 400, NORTH, 10)
    sides = [line("宗地", a, b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
    path = dxf_file(
        tmp_path,
        polyline("宗地", square(EAST, NORTH, 100)),
        polyline("宗地", [*square(EAST + 200, NORTH, 100), (EAST + 200, NORTH)], closed=False),
        *sides,
        entity("CIRCLE", "宗地", (100, "AcDbCircle"), (10, EAST + 600), (20, NORTH), (40, 10)),
        polyline("宗地", [(EAST + 700, NORTH), (EAST + 710, NORTH)], bulge=1),
        insert("宗地", "P", (EAST + 900, NORTH)),
        polyline("宗地", square(EAST + 990, NORTH, 9), closed=False),
        text("注记", "云溪电子", (EAST + 5, NORTH + 5)),
        mtext("注记", r"{\fSimSun|b0|i0;DK-01}", (EAST + 50, NORTH + 50)),
        text("注记", "12.5", (EAST + 205, NORTH + 5)),
        text("注记", "离", (EAST - 500, NORTH)),
        blocks=block("P", polyline("0", square(0, 0, 20))),
    )
    raw = accounted(read_vector(path, layer="parcels", table="宗地"))
    by_row = dict(zip(raw.rows.tolist(), raw.geometry, strict=True))
    areas = {row: shape.area for row, shape in by_row.items()}
    assert areas == {
        1: pytest.approx(10_000), 2: pytest.approx(10_000), 3: pytest.approx(100), 7: pytest.approx(100 * np.pi, rel=2e-3),
        8: pytest.approx(25 * np.pi, rel=2e-3), 9: pytest.approx(400), 10: 0,
    }  # fmt: skip
    assert raw.frame["text"].tolist()[:3] == ["云溪电子 | DK-01", "12.5", None]
    assert raw.frame["parcel_id"].tolist()[:3] == ["DK-01", None, None]
    assert raw.encoding == "GB18030"
    assert notes(raw)[:2] == ["4 lines close to 1 outlines", "3 texts are read into 2 outlines"]
    assert "1 texts stand in no outline" in notes(raw)
    assert raw.crs == ""


def test_layers_of_a_drawing_are_chosen_and_never_guessed(tmp_path):
    path = dxf_file(
        tmp_path, polyline("宗地", square(0, 0, 9)), polyline("道路", square(0, 0, 5), closed=True)
    )
    with pytest.raises(InputError, match=r"it holds 2 layers with shapes.*set layer to one of 宗地, 道路"):
        read_vector(path)
    assert read_vector(path, table="道路", layer="roads").geometry[0].geom_type == "LineString"
    assert read_vector(path, table="道路", layer="buildings").geometry[0].area == 25
    with pytest.raises(InputError, match="no layer '绿地'"):
        read_vector(path, table="绿地")
    assert [one.name for one in tables_in(path)] == ["宗地", "道路"]


def test_entities_that_gdal_does_not_draw_are_rejected_one_by_one(tmp_path):
    path = dxf_file(
        tmp_path,
        polyline("宗地", square(0, 0, 9)),
        entity("3DSOLID", "宗地", handle="A7"),
        text("宗地", "孤", (500, 500)),
        entity("VIEWPORT", "宗地", (67, 1)),
    )
    raw = accounted(read_vector(path))
    assert [(one.row, str(one.reason)) for one in raw.lost] == [
        (2, "an entity of a kind that is not read: 3DSOLID"),
        (3, "a text that stands in no outline"),
    ]
    assert "1 entities of sheets (paper space) are no rows" in notes(raw)


def test_a_hatch_of_an_outline_is_not_a_second_parcel(tmp_path):
    edges = [pair for x, y in square(0, 0, 9) for pair in ((10, x), (20, y))]
    hatch = entity(
        "HATCH", "宗地", (100, "AcDbHatch"), (10, 0), (20, 0), (30, 0), (2, "SOLID"), (70, 1), (71, 0), (91, 1), (92, 7), (72, 0), (73, 1),
        (93, 4), *edges, (97, 0), (75, 0), (76, 1), (98, 0),
    )  # fmt: skip
    raw = accounted(read_vector(dxf_file(tmp_path, polyline("宗地", square(0, 0, 9)), hatch)))
    assert [shape.area for shape in raw.geometry] == [81]
    assert notes(raw) == ["1 hatches fill an outline that is drawn already"]
    alone = accounted(read_vector(dxf_file(tmp_path, hatch)))
    assert [shape.area for shape in alone.geometry] == [81]


@pytest.mark.parametrize(
    ("version", "page", "written"),
    [("AC1018", "ANSI_936", "gbk"), ("AC1024", "ANSI_936", "utf-8"), ("AC1024", "ANSI_1251", "utf-8"), ("AC1015", "", "gbk"), ("AC1015", "ANSI_1252", "gbk"), ("AC1018", "ANSI_950", "big5")],
)  # fmt: skip
def test_text_of_a_drawing_in_its_code_page(tmp_path, version, page, written):
    held = (polyline("地", square(0, 0, 9)), text("地", "工業 \\U+6c38%%p", (5, 5)))
    raw = read_vector(dxf_file(tmp_path, *held, version=version, page=page, written=written))
    assert raw.frame[["layer", "text"]].to_numpy().tolist() == [["地", "工業 永±"]]


def test_a_drawing_cut_short_or_not_closed_is_said(tmp_path):
    path = dxf_file(
        tmp_path, polyline("a", square(0, 0, 9)), polyline("a", [*square(50, 0, 9), (50, 0.01)], closed=False)
    )
    assert "ends nearly meet" in doubts(read_vector(path))[0]
    whole = path.read_text(encoding="gbk")
    path.write_text(whole[: whole.index("0\nENDSEC\n0\nEOF")], encoding="gbk")
    assert "it is cut short" in doubts(read_vector(path))[0]


@pytest.mark.parametrize(
    "content",
    [
        b"AutoCAD Binary DXF\r\n\x1a\0",
        b"0\nSECTION\n2\nHEADER\n0\nENDSEC\n0\nEOF\n",
        b"nonsense\nx\n",
        b"0\nSECTION\n2\nENTITIES\n0\nLINE\nx\ny\n",
    ],
)
def test_what_is_no_drawing(tmp_path, content):
    (tmp_path / "p.dxf").write_bytes(content)
    with pytest.raises(InputError):
        read_vector(tmp_path / "p.dxf")


# --- MapInfo --------------------------------------------------------------------------------------------------------

MIF = """Version 450
Charset "{charset}"
Delimiter ","
CoordSys Earth Projection 8, 104, "m", 120, 0, 1, 40500000, 0
Columns 3
  宗地代码 Char(20)
  area Decimal(12,2)
  name Char(20)
Data

Region 1
  4
40500000 3400000
40500100 3400000
40500100 3400100
40500000 3400000
    Pen (1,2,0)
None
Rect 40500000 3400000 40500010 3400010
"""


@pytest.mark.parametrize(
    ("charset", "written"),
    [
        ("WindowsSimpChinese", "gbk"),
        ("Neutral", "gbk"),
        ("Neutral", "utf-8"),
        ("WindowsTradChinese", "big5"),
        ("UTF-8", "utf-8"),
    ],
)
def test_a_mif_in_its_code_page_with_blank_numbers_blank(tmp_path, charset, written):
    """GDAL alone reads the blank area as 0."""
    (tmp_path / "p.mif").write_bytes(MIF.format(charset=charset).replace("宗地代码", "代號").encode(written))
    (tmp_path / "p.mid").write_bytes('"001",,"工業"\n"002",12.5,"空"\n"003",3,""\n'.encode(written))
    raw = accounted(read_vector(tmp_path / "p.mif"))
    assert raw.frame.to_numpy().tolist() == [["001", None, "工業"], ["002", "12.5", "空"], ["003", "3", None]]
    assert list(raw.frame) == ["代號", "area", "name"]
    assert [None if shape is None else shape.area for shape in raw.geometry] == [5_000, None, 100]


def test_objects_and_rows_of_a_mif_that_do_not_fit_are_accounted_for(tmp_path):
    (tmp_path / "p.mif").write_bytes(MIF.format(charset="WindowsSimpChinese").encode("gbk"))
    (tmp_path / "p.mid").write_bytes('"001",1,"a"\n"002",2\n"003",3,"c"\n"004",4,"d"\n'.encode("gbk"))
    raw = accounted(read_vector(tmp_path / "p.mif"))
    assert raw.declared == 4
    assert [one.row for one in raw.lost] == [4]
    assert doubts(raw) == [
        "3 objects in the .mif, but 4 rows in the .mid",
        "rows of the .mid with more or fewer cells than columns",
    ]
    (tmp_path / "p.mid").unlink()
    with pytest.raises(InputError, match=r"its .mid file is missing"):
        read_vector(tmp_path / "p.mif")


def test_a_tab_that_is_made_of_others_is_refused_and_one_without_charset_is_read(tmp_path):
    as_tab(parcels(holder=NAMES), tmp_path / "p.tab")
    content = (tmp_path / "p.tab").read_bytes()
    (tmp_path / "p.tab").write_bytes(content.replace(b"WindowsSimpChinese", b"Neutral"))
    raw = accounted(read_vector(tmp_path / "p.tab"))
    assert raw.frame["holder"].tolist() == NAMES
    assert raw.encoding == "GBK"
    (tmp_path / "p.tab").write_bytes(content + b'begin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n')
    with pytest.raises(InputError, match="made of other tables"):
        read_vector(tmp_path / "p.tab")
    (tmp_path / "p.dat").unlink()
    (tmp_path / "p.tab").write_bytes(content)
    with pytest.raises(InputError, match=r"its .dat file is missing"):
        read_vector(tmp_path / "p.tab")


# --- GeoPackage, FlatGeobuf, geodatabase ----------------------------------------------------------------------------


def test_a_geopackage_with_changes_beside_it_is_refused(tmp_path):
    path = write(parcels(), tmp_path / "p.gpkg")
    (tmp_path / "p.gpkg-wal").write_bytes(b"")
    assert len(read_vector(path).frame) == 3
    (tmp_path / "p.gpkg-wal").write_bytes(b"x")
    with pytest.raises(InputError, match=r"changes stand in p.gpkg-wal"):
        read_vector(path)


def test_a_view_is_read_and_a_table_from_outside_is_refused(tmp_path):
    import sqlite3
    from contextlib import closing

    path = write(parcels(), tmp_path / "p.gpkg", layer="p")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE VIEW v AS SELECT fid AS OGC_FID, geom, parcel_id FROM p WHERE parcel_id <> 'P2'"
        )
        connection.execute(
            "INSERT INTO gpkg_contents SELECT 'v', data_type, 'v', '', last_change, min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents"
        )
        connection.execute(
            "INSERT INTO gpkg_geometry_columns SELECT 'v', column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns"
        )
    assert accounted(read_vector(path, table="v")).frame["parcel_id"].tolist() == ["P1", "P3"]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING VirtualOGR(''/etc/passwd'')')"
        )
    with pytest.raises(InputError, match=r"draws on something outside|cannot be read"):
        read_vector(path, table="p")


def test_features_that_a_flatgeobuf_holds_beyond_its_header_are_counted(tmp_path):
    """A header that states 3 where 5 stand: GDAL reads 3."""
    path = tmp_path / "p.fgb"
    pyogrio.write_dataframe(parcels(5), path, SPATIAL_INDEX="NO")
    content = bytearray(path.read_bytes())
    at = content.rindex((5).to_bytes(8, "little"), 0, 100)
    content[at : at + 8] = (3).to_bytes(8, "little")
    path.write_bytes(bytes(content))
    assert read_vector(path).declared == 5


def test_a_geodatabase_is_a_folder_and_all_of_it_is_copied(tmp_path):
    path = tmp_path / "p.gdb"
    pyogrio.write_dataframe(parcels(), path, driver="OpenFileGDB", layer="宗地")
    pyogrio.write_dataframe(parcels(2), path, driver="OpenFileGDB", layer="建筑", append=True)
    assert {one.name for one in companions(path).values()} == {one.name for one in path.iterdir()}
    assert len(accounted(read_vector(path, table="建筑")).frame) == 2
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as packed:
        for part in path.iterdir():
            packed.write(part, f"数据/p.gdb/{part.name}")
    assert len(accounted(read_vector(tmp_path / "p.zip", table="宗地")).frame) == 3
    (path / "a00000001.gdbtablx").unlink()
    with pytest.raises(InputError, match="not a file geodatabase"):
        read_vector(path)


# --- shapes and text ------------------------------------------------------------------------------------------------


def test_heights_are_left_out_and_said_once(tmp_path):
    path = write(
        land([shapely.force_3d(rect(EAST, NORTH, 9, 9), 5.0)] * 2, parcel_id=["a", "b"]), tmp_path / "p.gpkg"
    )
    raw = read_vector(path)
    assert notes(raw) == ["heights and measures (Z, M) are left out"]
    assert not shapely.has_z(raw.geometry).any()


def test_rows_of_another_kind_are_rejected_one_by_one(tmp_path):
    shapes = [
        rect(EAST, NORTH, 9, 9),
        Point(EAST, NORTH),
        MultiPolygon([rect(EAST + 20, NORTH, 1, 1)]),
        LineString([(EAST, NORTH), (EAST, NORTH + 9)]),
        None,
    ]
    write(land(shapes, parcel_id=list("abcde")), tmp_path / "p.gpkg", geometry_type="Unknown")
    intake = read(tmp_path, layer("parcels", "p.gpkg"))
    assert sorted(intake.layers.parcels["parcel_id"]) == ["a", "c"]
    assert reasons(intake) == {"b": "not a polygon", "d": "not a polygon", "e": "no geometry"}


SIMPLIFIED = ["云溪电子科技", "龙兴机械厂", "工业用地"]
TRADITIONAL = ["臺北市工業區", "龍興機械電子", "倉儲用地"]


@pytest.mark.parametrize(
    ("texts", "written", "cpg", "ldid", "found", "lying"),
    [
        (SIMPLIFIED, "gbk", None, 0, "GB18030", False), (SIMPLIFIED, "utf-8", None, 0, "UTF-8", False), (TRADITIONAL, "big5", None, 0, "BIG5", False),
        (TRADITIONAL, "big5", "950", 0, "BIG5", False), (TRADITIONAL, "big5", None, 0x4F, "BIG5", False), (TRADITIONAL, "big5", None, 0x57, "BIG5", False),
        (SIMPLIFIED, "gbk", "UTF-8", 0, "GB18030", True), (SIMPLIFIED, "gbk", "ISO-8859-1", 0, "GB18030", True), (SIMPLIFIED, "utf-8", "GBK", 0x4D, "UTF-8", True),
        (["𠮷田工业园", "𬭚公司", "云溪"], "gb18030", None, 0x4D, "GB18030", False), (["Café Zürich", "Ébène", "x"], "cp1252", "1252", 0x03, "cp1252", False),
    ],
)  # fmt: skip
def test_the_encoding_of_a_shapefile_by_what_its_bytes_are(tmp_path, texts, written, cpg, ldid, found, lying):
    path = write(parcels(holder=["一" * 20] * 3), tmp_path / "p.shp", encoding="UTF-8")
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    for text_ in texts:
        at = content.index("一".encode() * 20)
        content[at : at + 60] = text_.encode(written).ljust(60)
    content[29] = ldid
    dbf.write_bytes(bytes(content))
    path.with_suffix(".cpg").unlink() if cpg is None else path.with_suffix(".cpg").write_text(
        cpg, encoding="ascii"
    )
    raw = read_vector(path)
    assert raw.frame["holder"].tolist() == texts
    assert raw.encoding.lower() == found.lower()
    assert bool(raw.doubts) == lying


def test_text_that_could_be_either_is_read_as_gbk_and_doubted(tmp_path):
    path = write(parcels(1, holder=["xxxx"]), tmp_path / "p.shp")
    path.with_suffix(".cpg").unlink()
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"xxxx", "龍興".encode("big5")))
    assert "could be GB18030 or BIG5" in doubts(read_vector(path))[0]


def test_a_column_name_cut_in_mid_character_does_not_lose_the_file(tmp_path):
    path = write(parcels(ABCDEFGHIJ=NAMES), tmp_path / "p.shp", encoding="UTF-8")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"ABCDEFGHIJ", "登记面积".encode()[:10]))
    raw = read_vector(path)
    assert raw.frame["登记面"].tolist() == NAMES


def test_parts_of_one_file_are_no_files_of_their_own(tmp_path):
    as_tab(parcels(), tmp_path / "a.tab")
    as_mif(parcels(), tmp_path / "b.mif")
    pyogrio.write_dataframe(parcels(), tmp_path / "c.gml", driver="GML")
    pyogrio.write_dataframe(parcels(), tmp_path / "d.gdb", driver="OpenFileGDB")
    from parkgeo.project import read_project

    (source,) = read_project(project(tmp_path, layer("parcels", "[a-d].*"))).sources["parcels"]
    assert [file.name for file in source.files] == ["a.tab", "b.mif", "c.gml", "d.gdb"]
    assert set(companions(tmp_path / "a.tab")) == {".tab", ".dat", ".map", ".id"}
    assert set(companions(tmp_path / "b.mif")) == {".mif", ".mid"}


def test_sheets_and_single_tables_are_listed(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "供地台账"
    book.active.append(["宗地代码"])
    book.create_sheet("企业").append(["名称"])
    book.save(tmp_path / "l.xlsx")
    assert [one.name for one in tables_in(tmp_path / "l.xlsx")] == ["供地台账", "企业"]
    (tmp_path / "l.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert [(one.name, one.geometry) for one in tables_in(tmp_path / "l.csv")] == [("", "none")]
    write(parcels(holder=NAMES), tmp_path / "p.shp")
    assert [(one.name, one.geometry, one.rows) for one in tables_in(tmp_path / "p.shp")] == [
        ("", "polygon", 3)
    ]
