"""parkgeo init's guesses: on headers, on cells, on shapes, and what is written of them."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio import Affine
from shapely import LineString, Point

from parkgeo.errors import ProjectError
from parkgeo.guess import Draft, guess_folder
from parkgeo.guess.columns import ColumnGuess
from parkgeo.guess.content import content_of, fit
from parkgeo.guess.document import document, toml_text
from parkgeo.guess.draft import Entry
from parkgeo.guess.headers import likeness
from parkgeo.guess.scan import scan
from parkgeo.guess.words import is_copy, words_in
from parkgeo.layers import schema, sentence
from parkgeo.project import read_project
from tests.builders import CRS, land, rect
from tests.office import EAST, NORTH, parcels, write, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

PARCELS, SUPPLY = schema("parcels").fields, schema("supply").fields
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def guess(folder: Path) -> Draft:
    return guess_folder(folder, trusted=True)


def entry(draft: Draft, layer: str) -> Entry:
    (found,) = (one for one in draft.live if one.layer == layer)
    return found


def mapping(found: Entry) -> dict[str, str]:
    return {one.field.name: one.column for one in found.columns if one.live}


def column(found: Entry, field: str) -> ColumnGuess:
    return next(one for one in found.columns if one.field.name == field)


def houses(inside: gpd.GeoDataFrame, **columns: object) -> gpd.GeoDataFrame:
    """One building of 20 m × 20 m in each parcel."""
    shapes = [rect(shape.bounds[0] + 10, shape.bounds[1] + 10, 20, 20) for shape in inside.geometry]
    return land(shapes, **columns)


# Names


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("宗地", {"parcels"}),
        ("规划地块", {"plan"}),
        ("供地台账2024", {"supply"}),
        ("DK", {"parcels"}),
        ("zd_2024", {"parcels"}),
        ("GX_gs", {"utilities"}),
        ("buildings_2025_final", {"buildings"}),
        ("企业用地", {"occupancy"}),
        ("roadside", set()),
        ("DKNY", set()),
        ("Sheet1", set()),
    ],
)
def test_words_in_names(name, layers):
    assert {word.layer for word in words_in(name)} == layers


def test_copies_are_known_by_their_names():
    assert all(map(is_copy, ("宗地_备份", "parcels_old", "宗地(2)", "parcels backup")))
    assert not any(map(is_copy, ("宗地", "gold", "backupable")))


@pytest.mark.parametrize(
    ("header", "field", "least", "most"),
    [
        ("宗地代码", "parcel_id", 1.0, 1.0),
        ("ZDDM", "parcel_id", 1.0, 1.0),
        ("Parcel ID", "parcel_id", 1.0, 1.0),
        ("_宗地代码", "parcel_id", 0.9, 1.0),  # as XML writers put before what is no name
        ("宗地面积(亩)", "registered_area_m2", 1.0, 1.0),
        ("宗地面积_亩", "registered_area_m2", 0.9, 0.9),
        ("证载土地面积", "registered_area_m2", 0.5, 0.87),
        ("规划容积", "planned_far", 0.5, 0.87),
        ("容积率增速", "planned_far", 0.0, 0.45),  # another quantity
        ("备注", "parcel_id", 0.0, 0.0),
    ],
)
def test_headers(header, field, least, most):
    found = likeness(header, PARCELS[field])
    assert least <= (found.score if found else 0.0) <= most


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("宗地代", PARCELS["parcel_id"]),  # ten bytes of UTF-8 hold three letters and a third
        ("宗地代\ufffd", PARCELS["parcel_id"]),
        ("约定动工日", SUPPLY["agreed_start"]),  # ten bytes of GBK hold five
        ("registered", PARCELS["registered_area_m2"]),
        ("land_use_c", PARCELS["land_use_code"]),
    ],
)
def test_headers_that_a_shapefile_cut(header, field):
    found = likeness(header, field)
    assert found is not None
    assert "cut short" in str(found.reason)
    assert found.score >= 0.7


def test_a_short_header_is_not_taken_for_a_cut_one():
    assert likeness("reg", PARCELS["registered_area_m2"]) is None


def test_a_start_that_is_neither_agreed_nor_actual_becomes_neither(tmp_path):
    write(parcels(4), tmp_path / "parcels.gpkg")
    rows = [[f"P{at}", "已供", dt.date(2020, 1, at)] for at in range(1, 5)]
    write_xlsx([["宗地代码", "供应状态", "开工日期"], *rows], tmp_path / "供地.xlsx")
    found = entry(guess(tmp_path), "supply")
    assert not {"agreed_start", "actual_start"} & set(mapping(found))
    torn = next(one for one in found.columns if one.column == "开工日期")
    assert any("as well" in str(reason) for reason in torn.reasons)
    assert "开工日期" in found.unused


# Cells


def test_the_share_of_cells_that_fit():
    far = PARCELS["planned_far"]
    assert fit(content_of(pd.Series([1.5, 2.0, None]), PARCELS["parcel_id"]), far) == 1
    assert fit(content_of(pd.Series(["甲", "乙", "1.2", "3"]), PARCELS["parcel_id"]), far) == 0.5
    assert fit(content_of(pd.Series([None, " "]), PARCELS["parcel_id"]), far) is None


def test_parcel_numbers_are_known_without_a_header(tmp_path):
    frame = parcels(3, parcel_id=[7, 7, 8], C1=[f"330599001001GB0000{at}" for at in (1, 2, 3)])
    write(frame.rename(columns={"parcel_id": "C0"}), tmp_path / "a.gpkg")
    found = column(entry(guess(tmp_path), "parcels"), "parcel_id")
    assert (found.column, found.confidence) == ("C1", "likely")


def test_a_foreign_key_is_known_by_its_values(tmp_path):
    write(parcels(4), tmp_path / "parcels.gpkg")
    rows = [[f"P{at}", "已供", "出让"] for at in range(1, 5)]
    write_xlsx([["项目", "供应状态", "供应方式"], *rows], tmp_path / "台账.xlsx")
    found = entry(guess(tmp_path), "supply")
    assert mapping(found)["parcel_id"] == "项目"
    assert column(found, "parcel_id").confidence != "sure"


def test_words_of_a_code_tell_the_layer_and_the_column(tmp_path):
    write(parcels(4), tmp_path / "parcels.gpkg")
    lines = [LineString([(EAST, NORTH + at), (EAST + 400, NORTH + at)]) for at in range(3)]
    write(land(lines, 甲=["高速公路", "主干路", "支路"]), tmp_path / "a.gpkg")
    write(land([line.segmentize(9) for line in lines], 乙=["给水", "燃气", "热力"]), tmp_path / "b.gpkg")
    draft = guess(tmp_path)
    assert (entry(draft, "roads").path.name, mapping(entry(draft, "roads"))) == (
        "a.gpkg",
        {"road_class": "甲"},
    )
    assert (entry(draft, "utilities").path.name, mapping(entry(draft, "utilities"))) == (
        "b.gpkg",
        {"kind": "乙"},
    )


def test_a_blank_column_is_a_field_that_was_asked_for(tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    rows = [[f"P{at}", "已供", None] for at in range(1, 4)]
    write_xlsx([["宗地代码", "供应状态", "实际动工日期"], *rows], tmp_path / "供地.xlsx")
    assert column(entry(guess(tmp_path), "supply"), "actual_start").confidence == "sure"


def test_cells_that_contradict_a_header_are_not_mapped(tmp_path):
    frame = parcels(5, 规划容积率=["待定", "见批复", "待定", "无规划", "待定"])
    write(frame, tmp_path / "parcels.gpkg")
    found = entry(guess(tmp_path), "parcels")
    assert "planned_far" not in mapping(found)
    assert "规划容积率" in found.unused


def test_two_columns_for_one_field_are_never_sure(tmp_path):
    frame = parcels(3, 宗地号=["a", "b", "c"]).rename(columns={"parcel_id": "宗地编号"})
    write(frame, tmp_path / "parcels.gpkg")
    found = column(entry(guess(tmp_path), "parcels"), "parcel_id")
    assert found.confidence != "sure"
    assert {found.column, *found.others} == {"宗地编号", "宗地号"}


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(["宗地代码", "权利人", "宗地面积(亩)", "土地用途", "坐落", "备注"]))
def test_the_order_of_columns_changes_nothing(order, tmp_path_factory):
    folder = tmp_path_factory.mktemp("order")
    cells = {
        "宗地代码": ["A1", "A2"], "权利人": ["甲", "乙"], "宗地面积(亩)": [15.0, 15.0],
        "土地用途": ["工业", "工业"], "坐落": ["路", "路"], "备注": ["x", "y"],
    }  # fmt: skip
    shapes = [rect(EAST + 100 * at, NORTH, 100, 100) for at in range(2)]
    write(land(shapes, **{name: cells[name] for name in order}), folder / "a.gpkg")
    found = entry(guess(folder), "parcels")
    assert mapping(found) == {
        "parcel_id": "宗地代码", "holder": "权利人", "land_use": "土地用途",
        "registered_area_m2": "宗地面积(亩)", "location": "坐落",
    }  # fmt: skip


# Units


@pytest.mark.parametrize(
    ("header", "per_m2", "unit", "confidence"),
    [
        ("登记面积", 1.0, "", "sure"),
        ("登记面积", 15 / 10_000, "亩", "sure"),
        ("登记面积", 1 / 10_000, "公顷", "sure"),
        ("登记面积(亩)", 15 / 10_000, "亩", "sure"),
        ("登记面积_亩", 15 / 10_000, "亩", "sure"),
        ("登记面积(亩)", 1.0, "平方米", "guess"),  # the header is wrong, and so it is said
    ],
)
def test_the_unit_of_a_registered_area(header, per_m2, unit, confidence, tmp_path):
    """Parcels of 100 m × 100 m: 10 000 m², 15 mu, 1 ha."""
    write(parcels(4, **{header: [10_000 * per_m2] * 4}), tmp_path / "parcels.gpkg")
    found = column(entry(guess(tmp_path), "parcels"), "registered_area_m2")
    assert (found.unit, found.confidence) == (unit, confidence)


def test_areas_that_agree_with_nothing_drawn_keep_the_header_s_unit(tmp_path):
    write(parcels(4, **{"登记面积(公顷)": [3.0, 0.2, 7.0, 9.9]}), tmp_path / "parcels.gpkg")
    assert column(entry(guess(tmp_path), "parcels"), "registered_area_m2").unit == "公顷"


def test_the_unit_of_a_supplied_area_is_told_by_the_parcel(tmp_path):
    write(parcels(4), tmp_path / "parcels.gpkg")
    rows = [[f"P{at}", "已供", 15.0] for at in range(1, 5)]
    write_xlsx([["宗地代码", "供应状态", "供应面积"], *rows], tmp_path / "供地.xlsx")
    assert column(entry(guess(tmp_path), "supply"), "supplied_area_m2").unit == "亩"


def test_money_is_never_told_by_its_size(tmp_path):
    write(parcels(2), tmp_path / "parcels.gpkg")
    header = ["宗地代码", "供应状态", "土地价款", "已投资额(元)"]
    write_xlsx([header, ["P1", "已供", 9e7, 9e7], ["P2", "已供", 8e7, 9e7]], tmp_path / "供地.xlsx")
    found = entry(guess(tmp_path), "supply")
    assert column(found, "price_wan").unit == ""
    assert column(found, "invested_wan").unit == "元"


def test_a_share_written_as_a_percentage(tmp_path):
    write(parcels(3, 规划建筑密度=[35.0, 40.0, 45.0]), tmp_path / "parcels.gpkg")
    found = column(entry(guess(tmp_path), "parcels"), "planned_density")
    assert (found.unit, found.confidence) == ("%", "likely")


# Layers


def test_parcels_and_buildings_are_told_apart_by_their_place(tmp_path):
    lots = parcels(6)
    write(lots, tmp_path / "a.gpkg")
    write(houses(lots, nr=list(range(6))), tmp_path / "b.gpkg")
    draft = guess(tmp_path)
    assert entry(draft, "parcels").path.name == "a.gpkg"
    assert entry(draft, "buildings").path.name == "b.gpkg"


def test_the_boundary_is_the_polygon_that_holds_the_parcels(tmp_path):
    write(parcels(6), tmp_path / "a.gpkg")
    write(land([rect(EAST - 50, NORTH - 50, 700, 200)], 名称=["东园"]), tmp_path / "b.gpkg")
    draft = guess(tmp_path)
    assert entry(draft, "parks").path.name == "b.gpkg"
    assert draft.name == "东园"


def test_of_two_tables_of_parcels_one_is_used(tmp_path):
    write(parcels(6, 权利人=list("甲乙丙丁戊己")), tmp_path / "宗地.gpkg")
    write(parcels(6), tmp_path / "宗地_备份.gpkg")
    draft = guess(tmp_path)
    assert entry(draft, "parcels").path.name == "宗地.gpkg"
    (other,) = (one for one in draft.entries if one.not_live is not None)
    assert (other.layer, other.path.name) == ("parcels", "宗地_备份.gpkg")


def test_parts_of_one_layer_become_several_entries(tmp_path):
    lots = parcels(6)
    write(lots.iloc[:3], tmp_path / "宗地_东.gpkg")
    write(lots.iloc[3:], tmp_path / "宗地_西.gpkg")
    assert [one.path.name for one in guess(tmp_path).live] == ["宗地_东.gpkg", "宗地_西.gpkg"]


def test_a_copy_of_a_ledger_is_left_out(tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    rows = [["企业代码", "年份", "工业总产值(万元)"], ["Q1", 2024, 5.0], ["Q2", 2024, 6.0]]
    write_xlsx(rows, tmp_path / "产值.xlsx")
    write_xlsx(rows, tmp_path / "产值 副本.xlsx")
    write_xlsx([rows[0], ["Q1", 2025, 7.0]], tmp_path / "产值2025.xlsx")
    draft = guess(tmp_path)
    assert [one.path.name for one in draft.live] == ["parcels.gpkg", "产值.xlsx", "产值2025.xlsx"]


def test_the_ledger_s_columns_may_stand_with_the_parcels(tmp_path):
    frame = parcels(3, 供应状态=["已供"] * 3, 约定动工日期=["2020-01-01"] * 3, 面积说明=["约"] * 3)
    write(frame, tmp_path / "parcels.gpkg")
    found = mapping(entry(guess(tmp_path), "parcels"))
    assert found == {"parcel_id": "parcel_id", "supply_status": "供应状态", "agreed_start": "约定动工日期"}
    rows = [["P1", "已供"], ["P2", "已供"], ["P3", "已供"]]
    write_xlsx([["宗地代码", "供应状态"], *rows], tmp_path / "供地.xlsx")
    assert mapping(entry(guess(tmp_path), "parcels")) == {"parcel_id": "parcel_id"}


def test_sheets_are_looked_at_one_by_one(tmp_path):
    write(parcels(2), tmp_path / "parcels.gpkg")
    with pd.ExcelWriter(tmp_path / "台账.xlsx") as book:
        pd.DataFrame({"宗地代码": ["P1", "P2"], "供应状态": ["已供", "已供"]}).to_excel(
            book, sheet_name="甲", index=False
        )
        pd.DataFrame({"企业代码": ["Q1"], "企业名称": ["某厂"]}).to_excel(book, sheet_name="乙", index=False)
    draft = guess(tmp_path)
    assert (entry(draft, "supply").table, entry(draft, "enterprises").table) == ("甲", "乙")


def test_the_layers_of_a_drawing_are_its_tables(tmp_path):
    """Parcels and roads as lines, as draughtsmen draw them; the drawing states no system, the boundary does."""
    write(land([rect(EAST - 50, NORTH - 50, 700, 200)], 名称=["东园"]), tmp_path / "边界.gpkg")
    outlines = [shape.exterior for shape in parcels(3).geometry]
    ring_road = LineString(rect(EAST - 10, NORTH - 10, 320, 120).exterior.coords)
    drawn = land([*outlines, ring_road], Layer=["宗地"] * 3 + ["道路"])
    write(drawn, tmp_path / "a.dxf")
    draft = guess(tmp_path)
    assert [(one.layer, one.table) for one in draft.live] == [
        ("parks", "边界"),
        ("parcels", "宗地"),
        ("roads", "道路"),
    ]
    told = tomllib.loads(document(draft, tmp_path))["layers"]
    assert told["parcels"]["crs"] == told["roads"]["crs"] == f"EPSG:{CRS}"


def test_serial_numbers_refer_to_nothing(tmp_path):
    write(parcels(3, parcel_id=[1, 2, 3]), tmp_path / "parcels.gpkg")
    write_xlsx([["序", "供应状态"], [1, "已供"], [2, "已供"]], tmp_path / "供地.xlsx")
    assert not guess(tmp_path).has("supply")


def test_facilities_may_lie_far_off(tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    write(land([Point(EAST, NORTH + 50_000)], 设施类别=["港口"]), tmp_path / "设施.gpkg")
    assert guess(tmp_path).has("facilities")


def test_a_table_that_is_no_layer_is_named_with_its_reason(tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    write_xlsx([["菜名", "单价"], ["鱼", 20]], tmp_path / "菜单.xlsx")
    (one,) = guess(tmp_path).not_used
    assert (one.path.name, one.unreadable) == ("菜单.xlsx", False)
    assert str(one.reason)


def test_without_parcels_there_is_still_a_draft(tmp_path):
    write_xlsx([["企业代码", "企业名称"], ["Q1", "某厂"]], tmp_path / "企业.xlsx")
    draft = guess(tmp_path)
    assert draft.has("enterprises")
    assert not draft.has("parcels")
    assert not draft.sure
    assert "# [layers.parcels]" in document(draft, tmp_path)


# Coordinate systems


def test_a_missing_system_is_written_where_another_file_leaves_one_answer(tmp_path):
    lots = parcels(3)
    write(lots, tmp_path / "parcels.gpkg")
    write(houses(lots), tmp_path / "buildings.shp")
    (tmp_path / "buildings.prj").unlink()
    draft = guess(tmp_path)
    assert entry(draft, "buildings").system.ground.key == f"EPSG:{CRS}"
    told = tomllib.loads(document(draft, tmp_path))
    assert told["layers"]["buildings"]["crs"] == f"EPSG:{CRS}"
    assert "crs" not in told["layers"]["parcels"]


def test_a_system_that_nothing_tells_is_not_guessed(tmp_path):
    write(parcels(3), tmp_path / "parcels.shp")
    (tmp_path / "parcels.prj").unlink()
    draft = guess(tmp_path)
    text = document(draft, tmp_path)
    assert "crs" not in tomllib.loads(text)["layers"]["parcels"]
    assert '# crs = "EPSG:4528"' in text  # by the prefix 40 of its eastings, to choose from
    assert '# crs = "EPSG:2364"' in text
    assert not draft.sure


def test_axes_the_other_way_round(tmp_path):
    frame = parcels(3)
    turned = frame.set_geometry([rect(*shape.bounds[1::-1], 100, 100) for shape in frame.geometry], crs=CRS)
    write(turned, tmp_path / "parcels.gpkg")
    draft = guess(tmp_path)
    assert tomllib.loads(document(draft, tmp_path))["layers"]["parcels"]["axes"] == "north_east"


# Rasters


def raster(
    path: Path, bands: int, kind: str, value: float, *, names: tuple[str, ...] = (), **tags: str
) -> None:
    values = np.full((bands, 4, 4), value, dtype=kind)
    values[:, 0, 0] += 1
    options = {"driver": "GTiff", "width": 4, "height": 4, "count": bands, "dtype": kind, "crs": CRS}
    with rasterio.open(path, "w", transform=Affine(10, 0, EAST, 0, -10, NORTH + 40), **options) as file:
        file.write(values)
        for at, name in enumerate(names, 1):
            file.set_band_description(at, name)
        file.update_tags(**tags)


@pytest.mark.parametrize(
    ("name", "bands", "kind", "value", "layer", "confidence"),
    [
        ("dem.tif", 1, "float32", 12.0, "dem", "sure"),
        ("a.tif", 1, "float32", 12.0, "dem", "guess"),
        ("dem.tif", 1, "float32", 1e6, "", ""),  # no heights on this earth
        ("a.tif", 1, "uint8", 3.0, "", ""),  # classes
        ("a.tif", 4, "uint16", 900.0, "imagery", "likely"),
    ],
)
def test_what_a_raster_is(name, bands, kind, value, layer, confidence, tmp_path):
    raster(tmp_path / name, bands, kind, value)
    draft = guess(tmp_path)
    assert [(one.layer, one.confidence) for one in draft.live] == ([(layer, confidence)] if layer else [])
    assert len(draft.not_used) == (not layer)


@pytest.mark.parametrize(
    ("name", "tag", "date"),
    [
        ("2024-05-12.tif", "", dt.date(2024, 5, 12)),
        ("S2A_20240512T023551.tif", "", dt.date(2024, 5, 12)),
        ("GF2_20240512_L1A.tif", "", dt.date(2024, 5, 12)),
        ("影像2024年5月2日.tif", "", dt.date(2024, 5, 2)),
        ("a.tif", "2018:07:16 06:06:23", dt.date(2018, 7, 16)),
        ("20241350.tif", "", None),
        ("a.tif", "", None),
    ],
)
def test_the_day_of_an_image(name, tag, date, tmp_path):
    raster(tmp_path / name, 3, "uint16", 900, **({"TIFFTAG_DATETIME": tag} if tag else {}))
    (found,) = guess(tmp_path).live
    assert found.date == date


def test_bands_are_lines_only_where_the_file_names_them(tmp_path):
    raster(tmp_path / "2024-05-12.tif", 4, "uint16", 900, names=("Blue", "green", "B04", "NIR"))
    raster(tmp_path / "2025-05-12.tif", 4, "uint16", 900)
    named, unnamed = tomllib.loads(document(guess(tmp_path), tmp_path))["layers"]["imagery"]
    assert named["bands"] == {"blue": 1, "green": 2, "red": 3, "nir": 4}
    assert "bands" not in unnamed


def test_one_raster_of_heights_is_used(tmp_path):
    raster(tmp_path / "b_dem.tif", 1, "float32", 12.0)
    raster(tmp_path / "a.tif", 1, "float32", 12.0)
    assert [one.path.name for one in guess(tmp_path).live] == ["b_dem.tif"]


# The folder


def test_what_is_no_input_is_passed_over(tmp_path):
    write(parcels(2), tmp_path / "parcels.gpkg")
    for name in (
        "~$台账.xlsx",
        ".hidden.gpkg",
        ".writing-1-a.gpkg",
        "parcels.qmd",
        "README.txt",
        "notes.docx",
    ):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "ws" / "snapshots" / "one").mkdir(parents=True)
    write(parcels(2), tmp_path / "ws" / "snapshots" / "one" / "parcels.parquet")
    write_xlsx([["宗地代码"], ["P1"]], tmp_path / "rejects.xlsx")
    draft = guess(tmp_path)
    assert [one.path.name for one in draft.entries] == ["parcels.gpkg"]
    assert sorted(one.path.name for one in draft.not_used) == ["notes.docx", "rejects.xlsx"]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path):
    write(parcels(2), tmp_path / "parcels.gpkg")
    (tmp_path / "roads.shp").write_bytes(b"no shapefile")
    (tmp_path / "b.gpkg").write_bytes(b"")
    (tmp_path / "c.xlsx").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "d.tif").write_bytes(b"II*\x00")
    draft = guess(tmp_path)
    assert draft.has("parcels")
    assert {one.path.name for one in draft.not_used if one.unreadable} == {
        "roads.shp",
        "b.gpkg",
        "c.xlsx",
        "d.tif",
    }
    assert not draft.sure


def test_no_folder(tmp_path):
    with pytest.raises(ProjectError, match="no such folder"):
        guess(tmp_path / "nowhere")


# The document


@given(TEXT)
def test_any_text_is_read_back_from_toml(text):
    assert tomllib.loads(f"a = {toml_text(text)}") == {"a": text}


@settings(max_examples=60)
@given(name=TEXT, file=TEXT, table=TEXT, header=TEXT, why=TEXT)
def test_hostile_names_are_read_back_and_break_nothing(name, file, table, header, why, tmp_path_factory):
    root = tmp_path_factory.getbasetemp()
    told = ColumnGuess(
        PARCELS["parcel_id"], header, 0.7, (sentence("the header looks like “{name}”", name=why),), "", (why,)
    )
    weak = ColumnGuess(PARCELS["holder"], header, 0.3, ())
    path = root / ("x" + "".join(letter for letter in file if letter not in "/\\\0"))
    found = Entry(
        "parcels",
        path,
        table,
        "sure",
        (sentence("{what}", what=why),),
        sentence("{what}", what=why),
        (told, weak),
        (header,),
    )
    other = Entry(
        "parcels", path, table, "guess", (), sentence("a"), (told,), not_live=sentence("{what}", what=why)
    )
    draft = Draft(root, name, sentence("{what}", what=why), (found, other), (), ())
    read = tomllib.loads(document(draft, root))
    assert read == {
        "park": {"name": name, "packs": ["national"]},
        "layers": {"parcels": [{"path": path.name, "layer": table, "fields": {"parcel_id": header}}]},
    }


def test_the_document_is_a_project_that_can_be_read(tmp_path):
    (tmp_path / "数据 [1]").mkdir()
    write(parcels(2, **{'面"积\n': [1, 2]}), tmp_path / "数据 [1]" / "宗地.gpkg")
    text = document(guess(tmp_path), tmp_path)
    (tmp_path / "park.toml").write_text(text, encoding="utf-8")
    project = read_project(tmp_path / "park.toml")
    assert [file.name for file in project.sources["parcels"][0].files] == ["宗地.gpkg"]
    assert project.as_of is None


def test_one_folder_gives_one_document(tmp_path):
    lots = parcels(4)
    write(lots, tmp_path / "a.gpkg")
    write(houses(lots), tmp_path / "b.gpkg")
    assert document(guess(tmp_path), tmp_path) == document(guess(tmp_path), tmp_path)


# What a new user met


NUMBERS = [f"330226001001GB0000{at}" for at in range(1, 5)]


def boundary(**columns: object) -> gpd.GeoDataFrame:
    return land([rect(EAST - 50, NORTH - 50, 700, 200)], **(columns or {"园区名称": ["东园"]}))


def test_the_office_s_own_boundary_in_another_zone_stays_with_a_doubt(tmp_path):
    """As after a wrong zone: the check of places shall see it, so it must not be left out."""
    write(parcels(4), tmp_path / "parcels.gpkg")
    write(land([rect(EAST - 287_700, NORTH, 700, 200)], 园区名称=["东园"]), tmp_path / "园区边界.gpkg")
    draft = guess(tmp_path)
    found = entry(draft, "parks")
    assert found.confidence == "likely"
    assert "287 km from the parcels: another zone?" in str(found.reasons[0])
    assert not draft.sure


def test_what_is_hardly_a_layer_and_lies_elsewhere_is_a_remark(tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    far = LineString([(EAST, NORTH + 200_000), (EAST + 100, NORTH + 200_000)])
    write(land([far], 甲=["高速公路"]), tmp_path / "a.gpkg")
    draft = guess(tmp_path)
    (found,) = (one for one in draft.entries if one.layer == "roads")
    assert "200 km" in str(found.not_live)
    assert not draft.sure


def test_an_extract_of_openstreetmap_of_another_place_is_left_out(tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    nodes = "".join(f'<node id="{at}" version="1" lat="50.{at}" lon="14.{at}"/>' for at in (1, 2))
    way = '<way id="3" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>'
    (tmp_path / "map.osm").write_text(f'<osm version="0.6">{nodes}{way}</osm>', encoding="utf-8")
    draft = guess(tmp_path)
    assert not draft.has("roads")
    assert [" km from the parcels" in str(one.reason) for one in draft.not_used] == [True]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("园区边界", {"园区名称": ["东园"]}),
        ("四至", {"名称": ["东园"]}),
        ("boundary", {"ID": [1]}),
        ("a", {"YQMC": ["东园"]}),
        ("a", {"ID": ["7"]}),  # one single outline
    ],
)
def test_a_boundary_never_stands_in_for_parcels_that_cannot_be_read(name, columns, tmp_path):
    write(boundary(**columns), tmp_path / f"{name}.gpkg")
    (tmp_path / "宗地.shp").write_bytes(b"no shapefile")
    draft = guess(tmp_path)
    assert not draft.has("parcels")
    text = document(draft, tmp_path)
    told = text[text.index('# path = "宗地.shp"') - 400 :]
    assert "# [layers.parcels]" in told
    (unread,) = (one for one in draft.not_used if one.unreadable)
    assert str(unread.reason) in told


def test_several_parks_by_name_are_no_parcels(tmp_path):
    shapes = [rect(EAST + 900 * at, NORTH, 700, 200) for at in range(3)]
    write(land(shapes, ID=[1, 2, 3], 园区名称=["东", "西", "南"]), tmp_path / "a.gpkg")
    assert not guess(tmp_path).has("parcels")


def test_one_parcel_with_its_number_is_a_parcel(tmp_path):
    write(parcels(1).rename(columns={"parcel_id": "宗地代码"}), tmp_path / "a.gpkg")
    assert guess(tmp_path).has("parcels")


def test_parcels_without_an_id_say_which_column_could_be_it(tmp_path):
    frame = parcels(3, 权利人=["甲", "甲", "乙"], 图斑=["x1", "x2", "x3"]).drop(columns="parcel_id")
    write(
        frame.assign(备注=["<b>1</b>", "<b>2</b>", "<b>3</b>"], 图斑=["x1", "x2", "x2"]),
        tmp_path / "宗地.gpkg",
    )
    write(boundary(), tmp_path / "园区边界.gpkg")
    draft = guess(tmp_path)
    assert not draft.has("parcels")
    assert draft.has("parks")
    (found,) = (one for one in draft.entries if one.layer == "parcels")
    assert "图斑" in str(found.not_live) or "权利人" in str(found.not_live)
    assert "# [layers.parcels]" in document(draft, tmp_path)


def test_parcel_numbers_claim_the_id_over_a_header_that_says_name(tmp_path):
    frame = parcels(
        4, description=[f"<table><tr><td>{at}</td></tr></table>" for at in range(4)], name=NUMBERS
    )
    write(frame.drop(columns="parcel_id"), tmp_path / "宗地.gpkg")
    assert mapping(entry(guess(tmp_path), "parcels")) == {"parcel_id": "name"}


@pytest.mark.parametrize("text", ["<b>地块 {}</b>", "一段很长的说明" * 12 + "{}"])
def test_prose_is_never_an_id(text, tmp_path):
    frame = parcels(4, 说明=[text.format(at) for at in range(4)]).drop(columns="parcel_id")
    write(frame, tmp_path / "宗地.gpkg")
    assert not guess(tmp_path).has("parcels")


def test_a_cell_with_the_ids_of_two_parcels_does_not_undo_the_column(tmp_path):
    write(parcels(4), tmp_path / "parcels.gpkg")
    rows = [["P1", 1.0], ["P2", 2.0], ["P3\nP4", 3.0]]
    write_xlsx([["宗地代码", "成交价(万元)"], *rows], tmp_path / "供地台账.xlsx")
    assert mapping(entry(guess(tmp_path), "supply"))["parcel_id"] == "宗地代码"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_prices_the_one_whose_unit_converts_is_taken(order, tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    headers, cells = ("成交价（元/㎡）", "成交价（万元）"), (300.0, 600.0)
    rows = [[f"P{at}", "已供", *(cells[one] for one in order)] for at in range(1, 4)]
    write_xlsx([["宗地代码", "供应状态", *(headers[one] for one in order)], *rows], tmp_path / "供地.xlsx")
    found = column(entry(guess(tmp_path), "supply"), "price_wan")
    assert (found.column, found.confidence) == ("成交价（万元）", "sure")
    assert any("成交价（元/㎡）" in str(reason) for reason in found.reasons)


def test_a_price_in_a_unit_that_does_not_convert_is_only_a_remark(tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    rows = [[f"P{at}", "已供", 300.0] for at in range(1, 4)]
    write_xlsx([["宗地代码", "供应状态", "成交价（元/㎡）"], *rows], tmp_path / "供地.xlsx")
    draft = guess(tmp_path)
    found = column(entry(draft, "supply"), "price_wan")
    assert not found.live
    assert '\n# price_wan = "成交价（元/㎡）"' in document(draft, tmp_path)
    assert "does not convert" in str(found.reasons[-1])


@pytest.mark.parametrize(
    ("header", "confidence"),
    [("成交价", "likely"), ("成交价（含税）", "likely"), ("成交价（万元）", "sure"), ("price_wan", "sure")],
)
def test_a_price_without_a_unit_is_never_sure(header, confidence, tmp_path):
    write(parcels(3), tmp_path / "parcels.gpkg")
    rows = [[f"P{at}", "已供", 6e6] for at in range(1, 4)]
    write_xlsx([["宗地代码", "供应状态", header], *rows], tmp_path / "供地.xlsx")
    found = column(entry(guess(tmp_path), "supply"), "price_wan")
    assert (found.confidence, found.unit) == (confidence, "")
    assert any("no unit is stated: taken as 万元" in str(why) for why in found.reasons) == (
        confidence == "likely"
    )


@pytest.mark.parametrize(
    ("header", "value", "unit", "confidence"),
    [
        ("批准面积", 17.0, "公顷", "likely"),  # 14 ha are drawn
        ("批准面积", 240.0, "亩", "likely"),
        ("批准面积", 3.0, "", "likely"),  # near in no unit
        ("批准面积（公顷）", 17.0, "公顷", "sure"),
    ],
)
def test_the_unit_of_an_approved_area(header, value, unit, confidence, tmp_path):
    write(parcels(6), tmp_path / "parcels.gpkg")
    write(boundary(**{"园区名称": ["东园"], header: [value]}), tmp_path / "园区边界.gpkg")
    found = column(entry(guess(tmp_path), "parks"), "approved_area_m2")
    assert (found.unit, found.confidence) == (unit, confidence)


def test_metres_in_a_geojson_that_names_no_system(tmp_path):
    """Such a file stands for degrees; its figures are metres where the boundary lies."""
    write(parcels(4).set_crs(None, allow_override=True), tmp_path / "parcels.geojson")
    write(boundary(), tmp_path / "园区边界.gpkg")
    draft = guess(tmp_path)
    told = tomllib.loads(document(draft, tmp_path))["layers"]
    assert told["parcels"]["crs"] == f"EPSG:{CRS}"
    assert not entry(draft, "parcels").system.sure


def test_what_lies_too_deep_or_is_a_link_is_named(tmp_path):
    write(parcels(2), tmp_path / "parcels.gpkg")
    deep = tmp_path.joinpath(*"abcdefg")
    deep.mkdir(parents=True)
    write_xlsx([["宗地代码"], ["P1"]], deep / "供地.xlsx")
    try:
        (tmp_path / "供地链接.xlsx").symlink_to(deep / "供地.xlsx")
    except OSError:
        pytest.skip("this system makes no links")
    told = " ".join(str(note) for note in guess(tmp_path).notes)
    assert "a/b/c/d/e/f/g" in told
    assert "供地链接.xlsx" in told


def test_maps_are_looked_at_before_texts_where_not_all_can_be(tmp_path):
    for at in range(400):
        (tmp_path / f"a{at:03}.csv").write_text("x", encoding="utf-8")
    write(parcels(2), tmp_path / "z.gpkg")
    found = scan(tmp_path)
    assert len(found.files) == 400
    assert found.files[-1].name == "z.gpkg"
    assert [path.name for path, _ in found.passed] == ["a399.csv"]
    assert "a399.csv" in str(found.notes[0])
