"""Ledgers in Excel and CSV, with what people do to them."""

from __future__ import annotations

import zipfile

import openpyxl
import pandas as pd
import pytest

from parkgeo.errors import InputError, ProjectError
from tests.office import faults, layer, parcels, read, reasons, write, write_xlsx

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
        ["merged cells: the value stands in the first of their rows only", "3"]
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


def test_an_unknown_unit_in_a_header_is_not_passed_over(park):
    path = write_xlsx([["宗地代码", "土地价款(美元)", "出让年限(年)"], ["P1", 100, 50]], park / "l.xlsx")
    assert faults(ledger(park, path)) == [
        "土地价款(美元): the unit 美元 is not known here; the values are taken as wan"
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
    (park / "l.xls").write_bytes(b"x")
    with pytest.raises(InputError, match=r"'\.xls' are not read as tables.*save it as \.xlsx"):
        ledger(park, "l.xls")


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
