"""One ledger with all that offices do to a sheet, read cell by cell."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from parkgeo.layers import schema
from parkgeo.units import M2_PER_MU
from tests.office import faults, layer, parcels, read, reasons, write

TITLE = "云溪经济开发区供地台账（2026 年第一季度）"
# Two rows of headings over 15 columns; the first column is blank, as when a ledger is moved to the right.
TOP = [None, "序号", "宗地\n代码", "受让人", "供应\n方式", "供应面积/亩", "土地价款", "约定", None, "实际", None,
       "开发情况", None, "批准\r\n日期", "合同编号", "出让年限"]  # fmt: skip
LOW = [None, None, None, None, None, None, "（万元）", "动工日期", "竣工日期", "动工日期", "竣工日期",
       "已投资额", "已动工开发面积", None, None, None]  # fmt: skip
UNITS = [None, None, None, None, None, None, None, None, None, None, None, "元", "公顷", None, None, "年"]
NUMBERS = [None, *range(1, 16)]
MERGED = ["B3:B4", "C3:C4", "D3:D4", "E3:E4", "F3:F4", "H3:I3", "J3:K3", "L3:M3", "N3:N4", "O3:O4", "P3:P4"]
FIRST = 7
"""Row of the first parcel."""

ROWS = [
    ["P1", "云溪轴承有限公司", "出让", 30, "1,200.5", "2025年3月1日", "2027.3.1", dt.date(2025, 4, 2), None, 5_000_000, "1.2公顷", 45838, "HT-001", 50],
    ["P2", None, "挂牌出让", "1.5公顷", "3,000万元", "2025年3月", "2027年3月", "2025/3", "2027.03", "1.2亿元", 0.5, "二〇二五年三月一日", "00012", 50],
    ["P3", "甲乙电子", "划拨", "２０亩", "￥300万", "20250301", "202703", pd.Timestamp(2025, 3, 1, 8, 30).to_pydatetime(), "2027-3-1 0:00:00", "-", "—", "2025.3.1", 91330201, "50年"],
    ["P4", "丙丁材料", "租赁", "约12亩", "￥300", "25.3.1", "2027年", "去年", "2027.1", "=L7*2", "#DIV/0!", "2025-13-01", "'0099", 20],
]  # fmt: skip
TAIL = [
    ["合计", None, None, None, 75, 4500],
    ["填表人：张三", None, None, "审核人：李四", None, None, "2026年4月1日"],
    ["备注：本表面积以合同为准。"],
]


def ugly(path, *, epoch_1904=False):
    """Write the ledger: a cover sheet, the ledger, a hidden draft of it with fewer columns."""
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active.append([TITLE])
    sheet = book.create_sheet("台账")
    sheet.append([None, TITLE])
    sheet.append([None, "填报单位：云溪管委会", None, None, None, None, "单位：万元"])
    for row in (TOP, LOW, UNITS, NUMBERS):
        sheet.append(row)
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    for at, row in enumerate(ROWS, 1):
        days = [to_excel(dt.date(2025, 6, 30), epoch=book.epoch) if cell == 45838 else cell for cell in row]
        sheet.append([None, at, *days])
    for row in TAIL:
        sheet.append([None, *row])
    sheet.merge_cells("B1:P1")
    for area in (*MERGED, f"D{FIRST}:D{FIRST + 1}", "B11:D11"):
        sheet.merge_cells(area)
    sheet.row_dimensions[FIRST + 2].hidden = True
    sheet.column_dimensions["O"].hidden = True
    draft = book.create_sheet("草稿")
    draft.append(["宗地代码", "供应面积"])
    draft.append(["P9", 1])
    draft.sheet_state = "hidden"
    book.save(path)
    return path


@pytest.fixture(params=[False, True], ids=["1900", "1904"])
def intake(request, tmp_path):
    write(parcels(4), tmp_path / "p.gpkg")
    ugly(tmp_path / "l.xlsx", epoch_1904=request.param)
    return read(tmp_path, layer("parcels", "p.gpkg"), layer("supply", "l.xlsx"))


day = pd.Timestamp
MISSING = None
EXPECTED = {
    "parcel_id": ["P1", "P2", "P3", "P4"],
    "holder": ["云溪轴承有限公司", "云溪轴承有限公司", "甲乙电子", "丙丁材料"],
    "supply_mode": ["grant", "grant", "allocation", "lease"],
    "supplied_area_m2": [30 * M2_PER_MU, 15_000, 20 * M2_PER_MU, MISSING],
    "price_wan": [1200.5, 3000, 300, MISSING],
    "agreed_start": [day(2025, 3, 1), day(2025, 3, 31), day(2025, 3, 1), MISSING],
    "agreed_completion": [day(2027, 3, 1), day(2027, 3, 31), day(2027, 3, 31), MISSING],
    "actual_start": [day(2025, 4, 2), day(2025, 3, 1), day(2025, 3, 1), MISSING],
    "actual_completion": [MISSING, day(2027, 3, 1), day(2027, 3, 1), MISSING],
    "invested_wan": [500, 12_000, MISSING, MISSING],
    "developed_area_m2": [12_000, 5_000, MISSING, MISSING],
    "approved_on": [day(2025, 6, 30), day(2025, 3, 1), day(2025, 3, 1), MISSING],
    "contract_id": ["HT-001", "00012", "91330201", "0099"],
    "term_years": [50, 50, 50, 20],
    "source_row": [7, 8, 9, 10],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_cell_is_read_as_it_is_meant(intake, name):
    got = intake.layers.supply[name]
    assert [None if pd.isna(value) else value for value in got] == EXPECTED[name]


def test_no_other_field_is_made_up(intake):
    named = set(intake.layers.supply.columns) & set(schema("supply").fields)
    assert named == set(EXPECTED) - {"source_row"}


def test_what_could_not_be_read_is_named_with_its_cell(intake):
    assert sorted(faults(intake)) == sorted(
        [
            "供应面积(亩): not a number: '约12亩'",
            "土地价款(万元): a number with a unit that does not convert here: '￥300'",
            "约定动工日期: a year of two digits, which could be another: '25.3.1'",
            "约定竣工日期: a year without month and day: '2027年'",
            "实际动工日期: not a day from 1950 to 2200: '去年'",
            "实际竣工日期: January or October: a program may have cut the zero of .10: '2027.1'",
            "已投资额(元): a formula whose result is not in the file: '=L7*2'",
            "已动工开发面积(公顷): an error of Excel: '#DIV/0!'",
            "批准日期: not a day from 1950 to 2200: '2025-13-01'",
            "约定动工日期: the day is not given: taken as the last of the month: '2025年3月'",
            "约定竣工日期: the day is not given: taken as the last of the month: '2027年3月', '202703'",
            "实际动工日期: the day is not given: taken as the first of the month: '2025/3'",
            "实际竣工日期: the day is not given: taken as the first of the month: '2027.03'",
        ]
    )
    assert reasons(intake) == {}


def test_what_was_left_out_filled_or_taken_from_elsewhere_is_said(intake):
    sources = intake.account["sources"].set_index("layer").loc["supply"]
    assert sources["table"] == "台账"
    assert sources["notes_en"].split("; ") == [
        "row 5 holds the units of the columns",
        "row 6 numbers the columns",
        "headings that are no part of the names of the columns below them: 开发情况",
        "merged cells are filled into all their rows: row 8",
        "totals are no rows of data: row 11 (合计)",
        "remarks below the table are no rows of data: row 12–13 (填表人：张三, 备注：本表面积以合同为准。)",
        "hidden rows are read: row 9",
        "hidden columns are read: 合同编号",
    ]
    table = intake.account["faults"].query("severity == 'note' and layer == 'supply'")
    assert table[["what_en", "rows"]].to_numpy().tolist() == [
        ["供应面积(亩): the unit in the cell is used, not the column's: '1.5公顷'", "8"],
        ["已投资额(元): the unit in the cell is used, not the column's: '1.2亿元'", "8"],
    ]
