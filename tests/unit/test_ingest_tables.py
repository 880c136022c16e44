"""Ledgers in Excel and CSV, with what people do to them."""

from __future__ import annotations

import struct
import zipfile

import openpyxl
import pandas as pd
import pytest

from parkgeo.errors import InputError, ProjectError
from parkgeo.units import M2_PER_MU
from tests.builders import land, rect
from tests.office import EAST, NORTH, faults, layer, parcels, read, reasons, write, write_xlsx

HEADER = ["宗地代码", "约定动工日期", "土地价款(万元)"]
ROWS = [["P1", "2025年6月30日", "1,200.5"], ["P2", None, None]]


@pytest.fixture
def park(tmp_path):
    """A folder with two parcels."""
    write(parcels(2), tmp_path / "p.gpkg")
    return tmp_path


def ledger(park, path, **keys):
    return read(park, layer("parcels", "p.gpkg"), layer("supply", path, **keys))


def text(rows, *, delimiter=",", end="\r\n"):
    return end.join(
        delimiter.join('"' + str(cell) + '"' if delimiter in str(cell) else str(cell or "") for cell in row)
        for row in rows
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimited_text_in_each_encoding(park, encoding, delimiter):
    path = park / "l.csv"
    path.write_bytes(text([HEADER, *ROWS], delimiter=delimiter).encode(encoding))
    supply = ledger(park, path).layers.supply
    assert supply["agreed_start"].tolist() == [pd.Timestamp(2025, 6, 30), pd.NaT]
    assert supply["price_wan"].tolist()[0] == 1200.5
    assert supply["source_row"].tolist() == [2, 3]


def test_a_stated_encoding_may_have_a_bom(park):
    (park / "l.csv").write_bytes(text([HEADER, *ROWS]).encode("utf-8-sig"))
    assert len(ledger(park, "l.csv", encoding="utf-8").layers.supply) == 2


@pytest.mark.parametrize("encoding", ["hex", "nonsense", "idna", "utf-8", "a\0b"])
def test_a_wrong_encoding_is_an_error_in_words(park, encoding):
    (park / "l.csv").write_bytes(text([HEADER, *ROWS]).encode("gbk"))
    with pytest.raises((InputError, ProjectError)):
        ledger(park, "l.csv", encoding=encoding)


def test_the_header_need_not_be_first_and_blank_rows_are_no_rows(park):
    path = write_xlsx(
        [
            ["云溪园区供地台账"],
            [],
            ["制表：张三", None, "2026年"],
            HEADER,
            ROWS[0],
            [None, " ", None],
            ROWS[1],
        ],
        park / "l.xlsx",
    )
    intake = ledger(park, path)
    assert intake.layers.supply["source_row"].tolist() == [5, 7]
    assert intake.clean


def test_mapped_columns_are_headers_too(park):
    path = write_xlsx([["台账"], ["甲", "乙"], ["P1", "2025-06-30"]], park / "l.xlsx")
    entry = layer("supply", path) + "fields = { parcel_id = '甲', agreed_start = '乙' }\n"
    assert len(read(park, layer("parcels", "p.gpkg"), entry).layers.supply) == 1


def test_the_sheet_with_the_header_is_taken_and_its_likes_are_named(park):
    path = write_xlsx([["说明"], ["见第二页"]], park / "l.xlsx", sheet="封面")
    book = openpyxl.load_workbook(path)
    for name in ("2024", "2025"):
        sheet = book.create_sheet(name)
        for row in (HEADER, ROWS[0]):
            sheet.append(row)
    book.save(path)
    intake = ledger(park, path)
    assert intake.account["sources"]["table"].tolist() == ["p", "2024"]
    assert faults(intake) == ["sheet 2024 is read; sheets that look like it are not: 2025"]
    assert ledger(park, path, layer="2025").clean
    with pytest.raises(InputError, match=r"no sheet '2026'.*封面, 2024, 2025"):
        ledger(park, path, layer="2026")


def test_formulas_without_results_are_said_and_missing(park):
    """openpyxl writes formulas and no results, as do many programs that make workbooks."""
    path = write_xlsx([HEADER, ["P1", "2025-06-30", "=600*2"], ['="P"&2', None, 5]], park / "l.xlsx")
    intake = ledger(park, path)
    assert intake.layers.supply["parcel_id"].tolist() == ["P1"]
    assert intake.layers.supply["price_wan"].isna().all()
    assert faults(intake) == ["土地价款(万元): a formula whose result is not in the file: '=600*2'"]
    assert reasons(intake)["3"] == "宗地代码: a formula whose result is not in the file: '=\"P\"&2'"


def test_errors_of_excel_are_no_values(park):
    path = write_xlsx([HEADER, ["P1", "#N/A", "#DIV/0!"], ["#REF!", None, 5]], park / "l.xlsx")
    intake = ledger(park, path)
    assert [text.split(": ")[1] for text in faults(intake)] == ["an error of Excel", "an error of Excel"]
    assert "an error of Excel" in reasons(intake)["3"]


@pytest.mark.parametrize("cell", [320583001001000012.0, 320583001001000000, "3.20583E+17"])
def test_ids_that_excel_has_destroyed_are_rejected_with_the_reason(park, cell):
    intake = ledger(park, write_xlsx([HEADER, [cell, "2025-06-30", 1]], park / "l.xlsx"))
    assert "supply" in intake.layers.missing()
    assert "last digits are lost" in next(iter(reasons(intake).values()))
    assert any("treated as missing" in what for what in faults(intake))


def test_ids_join_whatever_their_spaces_widths_and_type(tmp_path):
    ids = ["320583001001GB00012", "1001", "Plot 7"]
    write(parcels(3, parcel_id=ids), tmp_path / "p.gpkg")
    written = ["３２０５８３ 001001 GB00012 ", 1001.0, "Plot\u00a0 7\u200b"]
    path = write_xlsx([HEADER, *[[one, "2025-06-30", 1] for one in written]], tmp_path / "l.xlsx")
    intake = ledger(tmp_path, path)
    assert sorted(intake.layers.supply["parcel_id"]) == sorted(ids)
    assert intake.clean


def test_merged_cells_are_said(park):
    path = write_xlsx([HEADER, ["P1", "2025-06-30", 100], ["P2", "2025-07-31", None]], park / "l.xlsx")
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("C2:C3")
    book.save(path)
    intake = ledger(park, path)
    table = intake.account["faults"].query("severity == 'fault'")
    assert table[["what_en", "rows"]].to_numpy().tolist() == [
        ["土地价款(万元): merged cells: the value stands in the first of their rows only", "3"]
    ]


def test_duplicate_headers_are_told_apart_and_said(park):
    path = write_xlsx([[*HEADER, "土地价款(万元)"], ["P1", "2025-06-30", 100, 200]], park / "l.xlsx")
    intake = ledger(park, path)
    assert intake.layers.supply["price_wan"].tolist() == [100]
    assert faults(intake) == [
        "several columns could be Land price: 土地价款(万元) is read, 土地价款(万元) (2) are not"
    ]


def test_cells_outside_the_header_are_said(park):
    path = write_xlsx(
        [[*HEADER, None], ["P1", "2025-06-30", 100, "延期"], ["P2", None, None, None, "x"]], park / "l.xlsx"
    )
    table = ledger(park, path).account["faults"].query("severity == 'fault'")
    assert table[["what_en", "rows"]].to_numpy().tolist() == [
        ["cells in columns without a header are not read", "2, 3"]
    ]


def test_an_open_quotation_mark_swallows_no_rows(park):
    (park / "l.csv").write_text('宗地代码,土地价款\nP1,"12\nP2,13\n', encoding="utf-8")
    with pytest.raises(InputError, match="quotation mark is not closed"):
        ledger(park, "l.csv")
    (park / "l.csv").write_text('宗地代码,权利人,土地价款\nP1,"甲\n乙",12\n', encoding="utf-8")
    assert "runs over several lines" in faults(ledger(park, "l.csv"))[0]


def test_figures_in_a_unit_that_does_not_convert_are_not_taken(park):
    path = write_xlsx(
        [["宗地代码", "成交价（元/㎡）", "出让年限(年)"], ["P1", 300, 50], ["P2", None, 50]], park / "l.xlsx"
    )
    intake = ledger(park, path)
    assert intake.layers.supply["price_wan"].isna().all()
    assert intake.layers.supply["unreadable"].dropna().to_dict() == {0: "price_wan"}
    assert faults(intake) == ["成交价（元/㎡）: the unit 元/㎡ does not convert to 万元; not read: '300'"]


def test_the_column_whose_unit_fits_goes_before_one_whose_unit_does_not(park):
    path = write_xlsx([["宗地代码", "成交价（元/㎡）", "成交价（万元）"], ["P1", 300, 600]], park / "l.xlsx")
    intake = ledger(park, path)
    assert intake.layers.supply["price_wan"].tolist() == [600]
    assert intake.clean


def test_a_unit_that_park_toml_states_counts_before_the_header(park):
    path = write_xlsx([["宗地代码", "成交价（人民币/千）"], ["P1", 300]], park / "l.xlsx")
    mapped = "fields = { price_wan = { column = '成交价（人民币/千）', unit = '千元' } }\n"
    intake = read(park, layer("parcels", "p.gpkg"), layer("supply", path) + mapped)
    assert intake.layers.supply["price_wan"].tolist() == [30]


@pytest.mark.parametrize("header", ["成交价（单位：亿元）", "成交价（人民币亿元）", "成交价（亿元，含税）"])
def test_a_unit_may_stand_with_its_word(park, header):
    intake = ledger(park, write_xlsx([["宗地代码", header], ["P1", 2]], park / "l.xlsx"))
    assert intake.layers.supply["price_wan"].tolist() == [20_000]
    assert intake.clean


def test_the_own_unit_of_a_bare_number_stays(park):
    pipes = land([rect(EAST, NORTH, 10, 10)], 管线编号=["G1"], **{"容量(吨/日)": [30.0]})
    write(pipes, park / "u.gpkg")
    intake = read(park, layer("parcels", "p.gpkg"), layer("utilities", "u.gpkg"))
    assert intake.layers.utilities["capacity"].tolist() == [30]
    assert faults(intake) == [
        "容量(吨/日): the unit 吨/日 is not known here; the values are taken as they stand"
    ]


def test_units_in_headers_convert(park):
    path = write_xlsx([["宗地代码", "土地价款（亿元）", "供应面积 [公顷]"], ["P1", 1.5, 2]], park / "l.xlsx")
    supply = ledger(park, path).layers.supply
    assert supply[["price_wan", "supplied_area_m2"]].to_numpy().tolist() == [[15_000, 20_000]]


def test_a_very_long_text_and_hostile_text_stay_text(park):
    long = "长" * 300_000
    path = write_xlsx(
        [[*HEADER, "受让人"], ["P1", "2025-06-30", 1, "{{7*7}}'; DROP TABLE x;--"]], park / "l.xlsx"
    )
    (park / "l.csv").write_text(f"宗地代码,受让人\nP1,{long}\n", encoding="utf-8")
    assert ledger(park, "l.csv").layers.supply["holder"].tolist() == [long]
    assert ledger(park, path).layers.supply["holder"].tolist() == ["{{7*7}}'; DROP TABLE x;--"]


def broken(kind, path):
    write_xlsx([HEADER, *ROWS], path)
    if kind == "zip of something else":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "x")
    elif kind == "old .xls":
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000)
    elif kind == "cut":
        path.write_bytes(path.read_bytes()[:2000])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "no sheet data":
        parts = {}
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)


@pytest.mark.parametrize("kind", ["zip of something else", "old .xls", "cut", "empty", "no sheet data"])
def test_a_workbook_that_is_none(park, kind):
    broken(kind, park / "l.xlsx")
    with pytest.raises(InputError) as caught:
        ledger(park, "l.xlsx")
    assert "l.xlsx" in caught.value.where
    assert caught.value.mend


def test_a_stray_cell_at_the_end_of_the_sheet_does_not_take_the_memory(park):
    path = write_xlsx([HEADER, *ROWS], park / "l.xlsx")
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "x"
    book.save(path)
    with pytest.raises(InputError, match="reaches to row 1048576"):
        ledger(park, path)


@pytest.mark.parametrize("rows", [[], [["  "]], [["a", "b"], [1, 2]]])
def test_a_table_without_what_is_needed(park, rows):
    with pytest.raises(InputError):
        ledger(park, write_xlsx(rows, park / "l.xlsx"))


def test_other_endings_are_refused(park):
    (park / "l.doc").write_bytes(b"x")
    with pytest.raises(InputError, match=r"'\.doc' are not read as tables.*save it as \.xlsx"):
        ledger(park, "l.doc")


def test_files_of_one_layer_may_have_other_columns(park):
    write_xlsx([["企业代码", "年份", "工业总产值(万元)"], ["E1", 2025, 10]], park / "a.xlsx")
    write_xlsx([["企业代码", "年份", "月份", "用电量(千瓦时)"], ["E1", "2025年", "3月", 7]], park / "b.xlsx")
    intake = read(
        park, layer("parcels", "p.gpkg"), layer("performance", "a.xlsx"), layer("performance", "b.xlsx")
    )
    got = intake.layers.performance
    assert got[["year", "month", "output_wan", "electricity_kwh"]].fillna(-1).to_numpy().tolist() == [
        [2025, -1, 10, -1],
        [2025, 3, -1, 7],
    ]
    assert intake.clean


def test_copies_in_a_ledger_count_once_and_double_figures_are_said(park):
    write_xlsx(
        [["企业代码", "年份", "产值"], ["E1", 2025, 10], ["E1", 2025, 10], ["E2", 2025, 1], ["E2", 2025, 2]],
        park / "a.xlsx",
    )
    intake = read(park, layer("parcels", "p.gpkg"), layer("performance", "a.xlsx"))
    assert intake.account["rejects"][["row", "reason_en"]].to_numpy().tolist() == [
        [3, "a copy of an earlier row"]
    ]
    assert faults(intake) == ["several figures for one company and period: Output: E2"]


def test_supply_columns_of_the_parcels_are_the_ledger_where_there_is_none(tmp_path):
    write(parcels(2, 约定动工日期=["2025-06-30", ""], 受让人=["甲", "乙"]), tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg"))
    assert intake.layers.supply["agreed_start"].tolist() == [pd.Timestamp(2025, 6, 30), pd.NaT]
    assert "agreed_start" not in intake.layers.parcels
    write_xlsx([HEADER, *ROWS], tmp_path / "l.xlsx")
    given = ledger(tmp_path, "l.xlsx").layers.supply
    assert "price_wan" in given
    entry = layer("parcels", "p.gpkg") + "fields = { agreed_start = '约定动工日期' }\n"
    assert len(read(tmp_path, entry).layers.supply) == 2
    with pytest.raises(
        ProjectError, match=r"unknown field 'agreed_start' of layer parcels.*a field of supply"
    ):
        read(tmp_path, entry, layer("supply", "l.xlsx"))


def test_a_whole_number_that_ends_in_the_zeros_of_excel_is_no_id(park):
    """Some programs write all digits: those that Excel lost are zeros then, others are exact."""
    path = write_xlsx([HEADER, [111, "2025-06-30", 1], [222, "2025-06-30", 2]], park / "l.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b">111<", b">320583001001000000<")
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b">222<", b">320583001001000012<")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert ledger(park, path).layers.supply["parcel_id"].tolist() == ["320583001001000012"]


def test_a_month_that_cannot_be_read_does_not_make_a_yearly_figure(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    months = ["", "3", "三", "13", "0", "6月"]
    rows = "".join(f"E{at},2025,{month},1\n" for at, month in enumerate(months)) + "Z,今年,1,1\nY,25,1,1\n"
    (tmp_path / "r.csv").write_text("企业代码,年份,月份,税收\n" + rows, encoding="utf-8")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("performance", "r.csv"))
    got = intake.layers.performance
    assert got["enterprise_id"].tolist() == ["E0", "E1", "E5"]
    assert got["month"].fillna(0).tolist() == [0, 3, 6]
    assert "unreadable" not in got
    told = reasons(intake)
    assert set(told) == {"E2", "E3", "E4", "Z", "Y"}
    assert all(told[one].startswith("the month cannot be read") for one in ("E2", "E3", "E4"))
    mends = intake.account["rejects"].set_index("id")["mend_en"]
    assert mends["E2"] == "write 1 to 12, or leave it blank for a whole year"


def notes(intake, name="supply"):
    """What is noted of the file of a layer."""
    return [
        text
        for text in intake.account["sources"].set_index("layer").loc[name, "notes_en"].split("; ")
        if text
    ]


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_header_of_two_rows_gives_each_column_both_its_headings(park, ending):
    rows = [
        ["宗地代码", "约定", "", "实际", ""],
        ["", "动工日期", "竣工日期", "动工日期", "竣工日期"],
        ["P1", "2025-01-01", "2026-01-01", "2025-02-01", "2026-02-01"],
    ]
    if ending == ".csv":
        (park / "l.csv").write_text(text(rows), encoding="utf-8")
    else:
        path = write_xlsx([[cell or None for cell in row] for row in rows], park / "l.xlsx")
        book = openpyxl.load_workbook(path)
        for area in ("A1:A2", "B1:C1", "D1:E1"):
            book.active.merge_cells(area)
        book.save(path)
    supply = ledger(park, f"l{ending}").layers.supply
    names = ["agreed_start", "agreed_completion", "actual_start", "actual_completion"]
    assert supply[names].iloc[0].tolist() == [pd.Timestamp(one) for one in rows[2][1:]]
    assert supply["source_row"].tolist() == [3]


def test_a_heading_that_makes_another_figure_is_not_cut_off(park):
    """A planned tax is no tax paid; a general heading is dropped, and that is said."""
    rows = [
        ["基本情况", "基本情况", "计划", "完成情况"],
        ["企业代码", "年份", "税收", "产值"],
        ["E1", 2025, 90, 7],
    ]
    intake = read(park, layer("parcels", "p.gpkg"), layer("performance", write_xlsx(rows, park / "l.xlsx")))
    assert "tax_wan" not in intake.layers.performance
    assert intake.layers.performance["output_wan"].tolist() == [7]
    sources = intake.account["sources"].set_index("layer")
    assert sources.loc["performance", "columns_unused"] == "计划税收"
    assert notes(intake, "performance") == [
        "headings that are no part of the names of the columns below them: 基本情况, 完成情况"
    ]


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("供应面积/亩", 30, "supplied_area_m2", 30 * M2_PER_MU), ("供应面积亩", 30, "supplied_area_m2", 30 * M2_PER_MU),
        ("供应面积（公顷）", 2, "supplied_area_m2", 20_000), ("供应\n面积\n（公顷）", 2, "supplied_area_m2", 20_000),
        ("供应面积㎡", 9, "supplied_area_m2", 9), ("供应面积:平方米", 9, "supplied_area_m2", 9),
        ("土地价款万元", 5, "price_wan", 5), ("土地价款/元", 5e4, "price_wan", 5), ("土地价款，亿元", 2, "price_wan", 20_000),
        ("ＣＲＪＫ（元）", 5e4, "price_wan", 5), ("土 地 价 款", 5, "price_wan", 5),
    ],
)  # fmt: skip
def test_units_in_headers_however_they_are_written(park, header, cell, field, value):
    intake = ledger(park, write_xlsx([["宗地代码", header], ["P1", cell]], park / "l.xlsx"))
    assert intake.layers.supply[field].tolist() == [value]
    assert intake.clean


def test_a_unit_above_the_table_counts_for_columns_without_one(park):
    rows = [
        ["供地台账"],
        ["单位：亩、元"],
        ["宗地代码", "供应面积", "土地价款", "已投资额(万元)"],
        ["P1", 3, 5e4, 7],
    ]
    intake = ledger(park, write_xlsx(rows, park / "l.xlsx"))
    row = intake.layers.supply.iloc[0]
    assert [row["supplied_area_m2"], row["price_wan"], row["invested_wan"]] == [2000, 5, 7]
    assert notes(intake) == [
        "the unit 亩, stated above the table, is that of 供应面积",
        "the unit 元, stated above the table, is that of 土地价款",
    ]


def test_a_row_of_units_counts_for_a_column_that_is_mapped_by_name(park):
    path = write_xlsx([["甲列", "乙列", "供应面积"], [None, "元", "亩"], ["P1", 5e4, 3]], park / "l.xlsx")
    entry = layer("supply", path) + "fields = { parcel_id = '甲列', price_wan = '乙列' }\n"
    row = read(park, layer("parcels", "p.gpkg"), entry).layers.supply.iloc[0]
    assert [row["price_wan"], row["supplied_area_m2"]] == [5, 2000]
    entry = entry.replace("'乙列'", "{ column = '乙列', unit = '亿元' }")
    assert read(park, layer("parcels", "p.gpkg"), entry).layers.supply["price_wan"].tolist() == [5e8]


def test_a_share_shown_as_a_percentage_stays_that_share(park):
    """Under a header of percentages 0.85 shown as 85 % is 0.85, and 85 is 0.85 too."""
    rows = [["企业代码", "年份", "产能利用率(%)"], ["E1", 2025, 0.85], ["E2", 2025, 85], ["E3", 2025, "85%"]]
    path = write_xlsx(rows, park / "l.xlsx")
    book = openpyxl.load_workbook(path)
    book.active["C2"].number_format = "0.0%"
    book.save(path)
    got = read(park, layer("parcels", "p.gpkg"), layer("performance", path)).layers.performance
    assert got["capacity_use"].tolist() == [0.85, 0.85, 0.85]
    book.active["C1"] = "产能利用率"
    book.active["C3"] = 0.5
    book.save(path)
    got = read(park, layer("parcels", "p.gpkg"), layer("performance", path)).layers.performance
    assert got["capacity_use"].tolist() == [0.85, 0.5, 0.85]


def test_totals_footers_and_headers_printed_again_are_named_and_other_rows_without_an_id_are_rejects(park):
    rows = [
        [1, "P1", "2025-06-30", 100],
        ["一期小计", None, None, 100],
        ["序号", *HEADER],
        [2, "P2", "2025-06-30", 50],
        [3, None, "2025-06-30", 20],
        [None, "合 计", None, 170],
        ["填表人：张三", None, "审核人：李四"],
        ["注：合同以原件为准"],
    ]
    intake = ledger(park, write_xlsx([["序号", *HEADER], *rows], park / "l.xlsx"))
    assert intake.layers.supply["source_row"].tolist() == [2, 5]
    assert list(reasons(intake)) == ["6"]
    assert notes(intake) == [
        "totals are no rows of data: row 3, 7 (一期小计, 合 计)",
        "remarks below the table are no rows of data: row 8–9 (填表人：张三, 注：合同以原件为准)",
        "the header printed again is no row of data: row 4",
    ]


def test_a_parcel_that_is_called_like_a_total_or_a_remark_stays(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    rows = [
        ["受让人", *HEADER],
        ["合计", "P1", None, 1],
        ["备注：无", "P2", None, 2],
        ["甲乙", "P合计", None, 3],
        ["注：见附件", "P3", None, 4],
    ]
    intake = ledger(tmp_path, write_xlsx(rows, tmp_path / "l.xlsx"))
    assert sorted(intake.layers.supply["parcel_id"]) == ["P1", "P2", "P3", "P合计"]


def test_a_row_that_could_number_the_columns_of_a_small_table_is_data(tmp_path):
    write(parcels(1, parcel_id=["1"]), tmp_path / "p.gpkg")
    path = write_xlsx([["宗地代码", "土地价款", "供应面积"], [1, 2, 3]], tmp_path / "l.xlsx")
    assert ledger(tmp_path, path).layers.supply["price_wan"].tolist() == [2]


def test_a_hidden_sheet_is_read_where_it_is_the_one_and_said(park):
    path = write_xlsx([["说明"]], park / "l.xlsx", sheet="封面")
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("台账")
    for row in (HEADER, *ROWS):
        sheet.append(row)
    sheet.sheet_state = "hidden"
    book.save(path)
    assert notes(ledger(park, path)) == ["sheet 台账 is hidden"]


def test_lines_longer_or_shorter_than_the_header_are_faults_and_trailing_delimiters_are_none(park):
    lines = ["宗地代码,受让人,土地价款", "P1,云溪,轴承,100", "P2,甲乙,50,,,", "P3,丙"]
    (park / "l.csv").write_text("\n".join(lines), encoding="utf-8")
    intake = ledger(park, "l.csv")
    table = intake.account["faults"].query("severity == 'fault'")
    assert table.loc[table["what_en"].str.startswith("more cells"), "rows"].tolist() == ["2"]
    assert table.loc[table["what_en"].str.startswith("fewer cells"), "rows"].tolist() == ["4"]
    assert not table["what_en"].str.contains("without a header").any()
    assert intake.layers.supply.set_index("source_row").loc[3, "price_wan"] == 50
    assert len(intake.layers.supply) == 3


def test_a_last_line_cut_short_is_a_row_and_no_title(park):
    (park / "l.csv").write_text("宗地代码,受让人,土地价款\nP1,甲,1\nP2,乙,2\nP", encoding="utf-8")
    intake = ledger(park, "l.csv")
    sources = intake.account["sources"].set_index("layer")
    assert sources.loc["supply", "rows_declared"] == 3
    assert "title" not in sources.loc["supply", "notes_en"]
    assert intake.layers.supply["parcel_id"].tolist() == ["P1", "P2", "P"]
    table = intake.account["faults"].query("severity == 'fault'")
    assert table.loc[table["what_en"].str.startswith("fewer cells"), "rows"].tolist() == ["4"]


BIG5 = "宗地代碼,受讓人,土地價款\r\nP1,雲溪軸承製造有限公司,1200\r\nP2,臺灣精密機械股份有限公司,30\r\n"


@pytest.mark.parametrize(("encoding", "used"), [("big5", "Big5"), ("gbk", "GB18030"), ("utf-8", "UTF-8")])
def test_traditional_hanzi_are_found_in_their_encoding(park, encoding, used):
    (park / "l.csv").write_bytes(BIG5.encode(encoding))
    entry = (
        layer("supply", "l.csv")
        + "fields = { parcel_id = '宗地代碼', holder = '受讓人', price_wan = '土地價款' }\n"
    )
    intake = read(park, layer("parcels", "p.gpkg"), entry)
    assert intake.layers.supply["holder"].tolist() == ["雲溪軸承製造有限公司", "臺灣精密機械股份有限公司"]
    assert intake.account["sources"].set_index("layer").loc["supply", "encoding"] == used


def record(number, body=b""):
    return struct.pack("<HH", number, len(body)) + body


def xls(rows, *, name="台账", from_1904=False):
    """A workbook of Excel 97 with one sheet, by hand: the stream of records in a compound file of one stream."""
    letters = name.encode("utf-16-le")
    begin = struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6)
    head = record(0x809, begin) + record(0x22, struct.pack("<H", from_1904))
    listed = 4 + 8 + len(letters)
    place = struct.pack("<IBBBB", len(head) + listed + 4, 0, 0, len(name), 1) + letters
    stream = head + record(0x85, place) + record(0x0A) + record(0x809, begin[:2] + b"\x10\0" + begin[4:])
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            at = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, str) and cell.startswith("#"):
                stream += record(0x205, at + {"#N/A": b"\x2a\1", "#REF!": b"\x17\1"}[cell])
            elif isinstance(cell, str):
                stream += record(0x204, at + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
            elif cell is not None:
                stream += record(0x203, at + struct.pack("<d", cell))
    stream = (stream + record(0x0A)).ljust(4096, b"\0")
    stream += b"\0" * (-len(stream) % 512)
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    chain = [0xFFFFFFFD, end, *range(3, len(stream) // 512 + 2), end]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)

    def entry(title, kind, child, start, size):
        text = title.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
        return text.ljust(64, b"\0") + links + b"\0" * 36 + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream))
    return (
        header
        + struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
        + folder.ljust(512, b"\0")
        + stream
    )


@pytest.mark.parametrize("ending", [".xls", ".et"])
@pytest.mark.parametrize(("from_1904", "serial"), [(False, 45838), (True, 45838 - 1462)])
def test_workbooks_of_excel_97_and_wps(park, ending, from_1904, serial):
    rows = [["供地台账"], HEADER, ["P1", serial, "1,200万元"], ["P2", "#N/A", 5.5], ["#REF!", None, 1]]
    (park / f"l{ending}").write_bytes(xls(rows, from_1904=from_1904))
    intake = ledger(park, f"l{ending}")
    assert intake.layers.supply["agreed_start"].tolist() == [pd.Timestamp(2025, 6, 30), pd.NaT]
    assert intake.layers.supply["price_wan"].tolist() == [1200, 5.5]
    assert faults(intake) == ["约定动工日期: an error of Excel: '#N/A'"]
    assert reasons(intake) == {"5": "宗地代码: an error of Excel: '#REF!'"}


def ods(path, body):
    """An OpenDocument table by hand."""
    spaces = " ".join(
        f'xmlns:{short}="{long}"'
        for short, long in {
            "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
            "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
            "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
            "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        }.items()
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>")  # fmt: skip
    return path


def ods_text(text, **given):
    more = "".join(f' {name.replace("_", ":", 1)}="{value}"' for name, value in given.items())
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def test_an_opendocument_table(park):
    rows = [
        "".join(map(ods_text, ["宗地代码", "受让人", "约定动工日期", "产能", "土地价款"])),
        ods_text("P1") + ods_text("云溪", **{"table_number-rows-spanned": 2})
        + '<table:table-cell office:value-type="date" office:date-value="2025-06-30"><text:p>2025/6/30</text:p></table:table-cell>'
        + '<table:table-cell/><table:table-cell office:value-type="float" office:value="5.5"><text:p>5.5</text:p></table:table-cell>',
        ods_text("P2") + "<table:covered-table-cell/><table:table-cell/><table:table-cell/>"
        + ods_text("#DIV/0!", calcext_=None).replace(' calcext:="None"', ' calcext:value-type="error"'),
    ]  # fmt: skip
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    tail = '<table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    ods(park / "l.ods", f'<table:table table:name="台账">{body}{tail}</table:table>')
    intake = ledger(park, "l.ods")
    supply = intake.layers.supply
    assert supply["holder"].tolist() == ["云溪", "云溪"]
    assert supply["agreed_start"].tolist() == [pd.Timestamp(2025, 6, 30), pd.NaT]
    assert supply["price_wan"].tolist()[0] == 5.5
    assert faults(intake) == ["土地价款: an error of Excel: '#DIV/0!'"]
    assert notes(intake) == ["merged cells are filled into all their rows: row 3"]


def test_an_opendocument_table_repeated_without_end_is_refused(park):
    row = f'<table:table-row table:number-rows-repeated="1048576">{ods_text("x", **{"table_number-columns-repeated": 16384})}</table:table-row>'
    ods(park / "l.ods", f'<table:table table:name="台账">{row}</table:table>')
    with pytest.raises(InputError, match="reaches to row 1048576"):
        ledger(park, "l.ods")


def xlsb(path, rows):
    """A binary workbook by hand, as [MS-XLSB] lays it out."""

    def record(number, body=b""):
        head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
        return head + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body

    def wide(text):
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    sheet = record(129) + record(148, bytes(16)) + record(145)
    for at, row in enumerate(rows):
        sheet += record(
            0, struct.pack("<IIHBBB", at, 0, 300, 0, 0x10 if at == 1 else 0, 0) + struct.pack("<I", 0)
        )
        for column, cell in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(cell, float):
                sheet += record(5, place + struct.pack("<d", cell))
            else:
                sheet += record(3, place + b"\x07") if cell == "#DIV/0!" else record(6, place + wide(cell))
    sheet += record(146) + record(130)
    book = record(131) + record(153, bytes(12)) + record(143)
    book += record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("台账")) + record(144) + record(132)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>')  # fmt: skip
    return path


def test_a_binary_workbook(park):
    intake = ledger(
        park, xlsb(park / "l.xlsb", [HEADER, ["P1", "2025-06-30", 5.5], ["P2", 45838.0, "#DIV/0!"]])
    )
    assert intake.layers.supply["agreed_start"].tolist() == [pd.Timestamp(2025, 6, 30)] * 2
    assert intake.layers.supply["price_wan"].tolist()[0] == 5.5
    assert faults(intake) == ["土地价款(万元): an error of Excel: '#DIV/0!'"]
    assert notes(intake) == ["hidden rows are read: row 2"]


def repack(path, change):
    """Write a workbook again with its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_workbook_that_unpacks_without_end_is_refused_before_it_is_parsed(park):
    path = write_xlsx([HEADER, *ROWS], park / "l.xlsx")
    repack(
        path,
        lambda parts: parts.update(
            {"xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"] + b" " * 30_000_000}
        ),
    )
    assert path.stat().st_size < 200_000
    with pytest.raises(InputError, match=r"it unpacks to .* 30 MB, .* times its size"):
        ledger(park, path)


def test_an_archive_that_lies_about_the_size_of_a_part_is_damaged(park):
    path = repack(write_xlsx([HEADER, *[ROWS[0]] * 500], park / "l.xlsx"), lambda _: None)
    with zipfile.ZipFile(path) as archive:
        size = struct.pack("<I", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
    content = path.read_bytes()
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, struct.pack("<I", 100)))
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        ledger(park, path)


def test_a_part_that_declares_entities_is_refused(park):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def change(parts):
        name = "xl/worksheets/sheet1.xml"
        parts[name] = bomb + parts[name].partition(b"?>")[2] if b"?>" in parts[name] else bomb + parts[name]

    with pytest.raises(InputError, match="its XML cannot be read"):
        ledger(park, repack(write_xlsx([HEADER, *ROWS], park / "l.xlsx"), change))


def test_a_dimension_that_lies_is_not_believed(park):
    def change(parts):
        name = "xl/worksheets/sheet1.xml"
        assert b'ref="A1:C3"' in parts[name]
        parts[name] = parts[name].replace(b'ref="A1:C3"', b'ref="A1:XFD1048576"')

    path = repack(write_xlsx([HEADER, *ROWS], park / "l.xlsx"), change)
    assert len(ledger(park, path).layers.supply) == 2
    repack(
        path,
        lambda parts: parts.update(
            {"xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"].replace(b"XFD1048576", b"A1")}
        ),
    )
    assert len(ledger(park, path).layers.supply) == 2


SUPPLIED = [
    ["一、已供地块"],
    ["宗地代码", "受让人", "供应面积(亩)", "合同签订日期"],
    ["P1", "甲", 30, "2020-1-2"],
    ["小计", None, 30, None],
    [],
]
UNSUPPLIED = [["P2", "2024-5-1", 2, "工业"], ["P3", "2024-6-1", 2, "工业"]]
OTHER = ["宗地代码", "拟供时间", "供应面积(公顷)", "规划用途"]


@pytest.mark.parametrize("title", [["二、未供地块"], ["未供地块"], []])
def test_rows_under_another_header_are_rejects(park, title):
    path = write_xlsx([*SUPPLIED, title, OTHER, *UNSUPPLIED], park / "l.xlsx")
    intake = ledger(park, path)
    assert intake.layers.supply["parcel_id"].tolist() == ["P1"]
    table = intake.account["rejects"].query("layer == 'supply'")
    assert table["row"].tolist() == [7, 8, 9]
    assert set(table["reason_en"]) == {"the rows stand under another header: row 7"}
    assert '"供应面积(公顷)": 2' in table["content"].tolist()[1]
    assert intake.account["sources"].set_index("layer").loc["supply", "rows_declared"] == 4
    if title:
        said = intake.account["sources"].set_index("layer").loc["supply", "notes_en"]
        assert f"titles within the table are no rows of data: row 6 ({title[0]})" in said


def test_below_a_title_under_the_same_header_rows_are_read(park):
    rows = [["P3", "乙", 30, "2020-1-2"]]
    path = write_xlsx([*SUPPLIED, ["二、续"], SUPPLIED[1], *rows], park / "l.xlsx")
    intake = ledger(park, path)
    assert intake.layers.supply["parcel_id"].tolist() == ["P1", "P3"]
    assert reasons(intake) == {}


def test_under_the_first_header_printed_again_rows_are_read_once_more(park):
    path = write_xlsx(
        [*SUPPLIED, OTHER, UNSUPPLIED[0], SUPPLIED[1], ["P3", "乙", 30, "2020-1-2"]], park / "l.xlsx"
    )
    assert ledger(park, path).layers.supply["parcel_id"].tolist() == ["P1", "P3"]


def test_both_rows_of_a_header_printed_again_are_the_header(park):
    head = [["宗地代码", "受让人", "约定", None], [None, None, "动工日期", "竣工日期"]]
    days = ["2025-01-01", "2026-01-01"]
    path = write_xlsx([*head, ["P1", "甲", *days], *head, ["P2", "乙", *days]], park / "l.xlsx")
    book = openpyxl.load_workbook(path)
    for area in ("A1:A2", "B1:B2", "C1:D1"):
        book.active.merge_cells(area)
    book.save(path)
    intake = ledger(park, path)
    assert intake.layers.supply["parcel_id"].tolist() == ["P1", "P2"]
    assert reasons(intake) == {}


def test_headings_in_another_language_below_the_header_are_no_row(park):
    path = write_xlsx([["宗地代码", "受让人"], ["parcel_id", "holder"], ["P1", "甲"]], park / "l.xlsx")
    intake = ledger(park, path)
    assert intake.layers.supply["parcel_id"].tolist() == ["P1"]
    said = intake.account["sources"].set_index("layer").loc["supply", "notes_en"]
    assert said == "headings below the header are no rows of data: row 2 (parcel_id)"


def test_an_id_alone_in_its_row_is_no_title(park):
    path = write_xlsx([["宗地代码", "受让人"], ["P1", "甲"], ["P2", None]], park / "l.xlsx")
    assert ledger(park, path).layers.supply["parcel_id"].tolist() == ["P1", "P2"]
    path = write_xlsx([["宗地代码", "受让人"], ["东地块", "甲"], ["西地块", None]], park / "m.xlsx")
    assert ledger(park, path).layers.supply["parcel_id"].tolist() == ["东地块", "西地块"]


def test_an_id_cell_of_several_ids_is_a_reject(park):
    cells = ["P1、P2", "P1\nP2", "P1,P2", "P1；P2"]
    path = write_xlsx([["宗地代码", "受让人"], *([cell, "甲"] for cell in cells)], park / "l.xlsx")
    intake = ledger(park, path)
    assert intake.layers.supply is None
    table = intake.account["rejects"].query("layer == 'supply'")
    assert table["reason_en"].tolist() == [f"宗地代码: several ids in one cell: {cell!r}" for cell in cells]


def returns(park, rows, *, sheet="Sheet1"):
    path = write_xlsx(rows, park / "r.xlsx", sheet=sheet)
    return read(park, layer("parcels", "p.gpkg"), layer("performance", path))


RETURN = [["企业代码", "工业总产值(万元)"], ["E1", 5]]


@pytest.mark.parametrize(
    ("title", "sheet"),
    [
        (["2024年度规上工业企业经济指标"], "Sheet1"),
        (["规上工业企业经济指标"], "2024年"),
        (["2024年指标", "填表日期：2025年3月1日"], "2024"),
    ],
)
def test_the_year_of_a_title_is_that_of_all_rows(park, title, sheet):
    intake = returns(park, [title, *RETURN], sheet=sheet)
    assert intake.layers.performance["year"].tolist() == [2024]
    said = intake.account["sources"].set_index("layer").loc["performance", "notes_en"]
    assert "no column says the year: 2024," in said


@pytest.mark.parametrize(
    "title", ["2023年、2024年指标", "2024年1-3月指标", "2024年三季度指标", "2023-2024年指标", "经济指标"]
)
def test_a_title_of_several_years_or_of_a_part_of_one_gives_no_year(park, title):
    with pytest.raises(InputError, match="no column for year"):
        returns(park, [[title], *RETURN])


def test_a_month_with_its_year_agrees_with_the_years_column(park):
    months = ["2024-03", "十二月", "12月份", pd.Timestamp(2024, 5, 1).to_pydatetime(), "2023-03"]
    rows = [["企业代码", "年度", "月份"], *([f"E{at}", "2024年度", month] for at, month in enumerate(months))]
    intake = returns(park, rows)
    found = intake.layers.performance
    assert found["year"].tolist() == [2024] * 4
    assert found["month"].tolist() == [3, 12, 12, 5]
    assert faults(intake) == ["月份: a month of another year than the row's: '2023-03'"]
    assert len(reasons(intake)) == 1
