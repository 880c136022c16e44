"""Cells as people write them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.ingest import values as values_module
from parkgeo.ingest.cells import Uncalculated
from parkgeo.ingest.values import mend_of, read_cell, read_values
from parkgeo.layers import schema, schemas
from parkgeo.units import M2_PER_MU

FIELDS = {
    "number": schema("supply").fields["price_wan"],
    "ratio": schema("plan").fields["planned_density"],
    "integer": schema("performance").fields["year"],
    "month": schema("performance").fields["month"],
    "area": schema("supply").fields["supplied_area_m2"],
    "date": schema("supply").fields["agreed_start"],
    "started": schema("supply").fields["actual_start"],
    "flag": schema("buildings").fields["completed"],
    "code": schema("supply").fields["supply_status"],
    "open": schema("facilities").fields["kind"],
    "id": schema("parcels").fields["parcel_id"],
    "text": schema("parcels").fields["holder"],
    "list": schema("parcels").fields["parents"],
}
SIX = "six digits: a year and a month, or a year of two digits, a month and a day"
BLANKS = [None, "", "  ", "-", "——", "无", "/", "NULL", float("nan"), pd.NaT, pd.NA, np.datetime64("NaT")]


def one(kind, cell, factor=1.0):
    """The value of a cell, and what is wrong with it."""
    read = read_values(pd.Series([cell], dtype=object), FIELDS[kind], factor=factor)
    value, bad = read.series.iloc[0], read.troubles
    missing = value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    (trouble,) = [str(told) for told in bad] or [""]
    return (None if missing else value), trouble


def marked(marks):
    """Troubles or remarks as plain words and positions."""
    return {str(told): rows.tolist() for told, rows in marks.items()}


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("cell", BLANKS)
def test_a_blank_is_missing_and_no_fault(kind, cell):
    assert one(kind, cell) == (None, "")


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", "1,200", 1200.0), ("number", "1，200.5", 1200.5), ("number", " 12 ", 12.0), ("number", "１２", 12.0),
        ("number", "1 200 000", 1_200_000.0), ("number", "-5", -5.0), ("number", "−5", -5.0), ("number", "1e3", 1000.0),
        ("number", ".5", 0.5), ("number", np.float32(0.5), 0.5), ("number", 7, 7.0), ("ratio", "35%", 0.35), ("ratio", "35 ％", 0.35),
        ("number", "3,000万元", 3000.0), ("number", "￥300万", 300.0), ("number", "1.5 亿元", 15_000.0), ("number", "人民币500元", 0.05),
        ("area", "12.5亩", 12.5 * M2_PER_MU), ("area", "1.2公顷", 12_000.0), ("area", "300㎡", 300.0), ("area", "300 m²", 300.0),
        ("area", "0.3万亩", 0.3 * (10_000 * M2_PER_MU)), ("area", "５００平方米", 500.0), ("number", "5千元", 0.5),
        ("date", "2025年3月1号", "2025-03-01"), ("date", "2025.3.1", "2025-03-01"), ("date", "2025-3-1 0:00:00", "2025-03-01"),
        ("date", "二〇二五年三月一日", "2025-03-01"), ("date", "二○二五年十二月三十一日", "2025-12-31"), ("date", "二零二五年十月廿一日", "2025-10-21"),
        ("date", "202503", "2025-03-31"), ("date", "199912", "1999-12-31"), ("date", 200012, "2000-12-31"),
        ("integer", "2024年度", 2024.0), ("month", "十二月", 12.0), ("month", "12月份", 12.0), ("month", "2024-03", 3.0), ("month", "2024年11月", 11.0),
        ("month", pd.Timestamp(2024, 3, 1).to_pydatetime(), 3.0), ("id", "330226001001\nGB00001", "330226001001GB00001"), ("id", "P1、", "P1、"),
        ("text", "同上海路", "同上海路"), ("date", "2024年2月", "2024-02-29"), ("date", "2025.03", "2025-03-31"), ("date", "2025/3", "2025-03-31"), ("date", 202503, "2025-03-31"),
        ("date", 2025.03, "2025-03-31"), ("date", "2025.10", "2025-10-31"), ("date", "2025年3月份", "2025-03-31"), ("date", "二〇二五年三月", "2025-03-31"),
        ("started", "2024年2月", "2024-02-01"), ("started", "202402", "2024-02-01"),
        ("id", "'0099", "0099"), ("id", "91330201MA2AB3C4XD", "91330201MA2AB3C4XD"), ("id", "００１ ", "001"),
        ("integer", "2025年", 2025.0), ("integer", "3月", 3.0), ("integer", 2025.0, 2025.0),
        ("date", "2025-06-30", "2025-06-30"), ("date", "2025年6月30日", "2025-06-30"), ("date", "2025.6.30", "2025-06-30"),
        ("date", "2025/6/30 00:00:00", "2025-06-30"), ("date", "20250630", "2025-06-30"), ("date", 20250630, "2025-06-30"),
        ("date", 20250630.0, "2025-06-30"), ("date", 45838, "2025-06-30"), ("date", "45838", "2025-06-30"),
        ("date", pd.Timestamp(2025, 6, 30, 23, 59).to_pydatetime(), "2025-06-30"), ("date", dt.date(2025, 6, 30), "2025-06-30"),
        ("date", "2025-06-30T00:00:00+08:00", "2025-06-30"), ("date", "２０２５年６月３０日", "2025-06-30"),
        ("flag", "是", True), ("flag", 0, False), ("flag", 1.0, True), ("flag", True, True), ("flag", "No", False),
        ("code", "已供", "supplied"), ("code", "SUPPLIED", "supplied"), ("code", "批而未供", "approved_not_supplied"),
        ("open", "博物馆", "博物馆"), ("open", "港口", "port"),
        ("id", 12.0, "12"), ("id", " GB０1 ", "GB01"), ("id", 10**17 + 12, "100000000000000012"),
        ("id", "320583 001001 GB00012", "320583001001GB00012"), ("id", "Plot  7", "Plot 7"), ("id", "\ufeffA\u200b", "A"),
        ("text", 12.0, "12"), ("text", pd.Timestamp(2025, 6, 30).to_pydatetime(), "2025-06-30"), ("text", "＝1+1", "＝1+1"),
        ("list", "A1、A2；A3 A4,", "A1, A2, A3, A4"),
    ],
)  # fmt: skip
def test_what_people_write(kind, cell, value):
    got, trouble = one(kind, cell)
    assert trouble == ""
    assert got == (pd.Timestamp(value) if kind in ("date", "started") else value)


@pytest.mark.parametrize(
    ("kind", "cell", "trouble"),
    [
        ("number", "约12亩", "not a number"), ("number", "12,5", "not a number"), ("number", "12 5", "not a number"),
        ("number", "1.2.3", "not a number"), ("number", "1,20,000", "not a number"), ("number", "五", "not a number"),
        ("number", "inf", "not a number"), ("number", "1e999", "not a number"), ("number", True, "not a number"),
        ("number", float("inf"), "not a number"), ("number", "12%", "a number with a unit that does not convert here"), ("number", ".", "not a number"),
        ("number", "1e400", "not a number"), ("number", 10**400, "not a number"), ("number", "+", "not a number"),
        ("integer", "2025.5", "not a whole number"), ("integer", 0.5, "not a whole number"),
        ("date", "2024-02-30", "not a day from 1950 to 2200"), ("date", "2025年13月", "not a day from 1950 to 2200"),
        ("date", "2025-13-01", "not a day from 1950 to 2200"), ("date", "9999-12-31", "not a day from 1950 to 2200"),
        ("date", "0202-05-01", "not a day from 1950 to 2200"), ("date", "去年", "not a day from 1950 to 2200"),
        ("date", 2025, "a year without month and day"), ("date", "二〇二五年", "a year without month and day"), ("date", "2025年", "a year without month and day"),
        ("date", "25.3.1", "a year of two digits, which could be another"), ("date", "25年3月", "a year of two digits, which could be another"),
        ("date", 2025.1, "January or October: a program may have cut the zero of .10"), ("date", "二〇二五年一二月", "not a day from 1950 to 2200"),
        ("date", "2025年3月底", "not a day from 1950 to 2200"), ("date", "202513", "not a day from 1950 to 2200"),
        ("number", "￥300", "a number with a unit that does not convert here"), ("number", "300亩", "a number with a unit that does not convert here"),
        ("number", "3万美元", "not a number"), ("integer", "3亩", "a number with a unit that does not convert here"), ("date", dt.time(0, 0), "not a day from 1950 to 2200"),
        ("date", pd.Timestamp(1899, 12, 30).to_pydatetime(), "not a day from 1950 to 2200"), ("date", "1/2/2025", "not a day from 1950 to 2200"),
        ("date", "2025-06-30 开工", "not a day from 1950 to 2200"),
        ("flag", "也许", "neither yes nor no"), ("flag", 2, "neither yes nor no"),
        ("code", "不详", "not one of the known words"),
        ("id", 1.0e18, "a number so long that its last digits are lost"), ("id", "1.0E+18", "a number so long that its last digits are lost"),
        ("id", float("inf"), "a number so long that its last digits are lost"),
        ("date", "200304", SIX), ("date", 200304, SIX), ("date", 200903.0, SIX), ("started", "201212", SIX),
        ("date", "250301", "a year of two digits, which could be another"),
        *((kind, cell, "says 'as above'") for kind in ("id", "text", "number", "date", "code", "open", "list")
          for cell in ("同上", "〃", "″", "ditto", " Ditto ")),
        *(("id", cell, "several ids in one cell") for cell in ("P1、P2", "P1\nP2", "P1,P2", "P9；P10", "330226001001GB00001\n330226001001GB00002")),
        ("month", "2024.1", "not a whole number"), ("month", pd.Timestamp(2024, 3, 9).to_pydatetime(), "not a number"), ("month", "一二月", "not a number"),
        ("text", "#REF!", "an error of Excel"), ("id", "#N/A", "an error of Excel"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_missing_and_told(kind, cell, trouble):
    assert one(kind, cell) == (None, trouble)


def test_a_factor_that_leads_beyond_all_numbers_is_a_fault():
    assert one("number", "1e308", factor=1e4) == (None, "not a number")


@pytest.mark.parametrize("kind", FIELDS)
def test_every_trouble_has_a_way_to_mend_it(kind):
    for cell in ("?!", "#REF!", 1.5, 1e18, "2024-02-30"):
        read = read_values(pd.Series([cell], dtype=object), FIELDS[kind])
        for trouble in read.troubles:
            assert mend_of(trouble, FIELDS[kind]).speak("zh")


@given(
    st.dates(dt.date(1950, 1, 1), dt.date(2200, 12, 31)),
    st.sampled_from(
        ["{0}-{1}-{2}", "{0}年{1}月{2}日", "{0}.{1:02}.{2:02}", "{0}/{1}/{2}", "{0}{1:02}{2:02}"]
    ),
)
def test_every_day_comes_back(day, pattern):
    assert one("date", pattern.format(day.year, day.month, day.day)) == (pd.Timestamp(day), "")


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["{}", "{:,}", " {} ", "{!r}"]))
def test_every_number_comes_back(value, pattern):
    assert one("number", pattern.format(value)) == (value, "")


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(),
            st.datetimes(),
            st.dates(),
            st.times(),
            st.binary(),
        )
    )
)
def test_any_cells_give_a_column_as_long_and_blanks_where_there_is_trouble(cells):
    for layer in schemas().values():
        for field in layer.fields.values():
            read = read_values(pd.Series(cells, dtype=object), field)
            values = read.series
            assert len(values) == len(cells)
            for rows in read.troubles.values():
                assert values.iloc[rows].isna().all()
            if field.kind in ("number", "integer"):
                assert np.isfinite(values.dropna()).all()


@given(st.lists(st.one_of(st.none(), st.floats())))
def test_a_column_of_numbers_reads_as_its_cells_do(cells):
    column = pd.Series(cells, dtype="float64")
    fast = read_values(column, FIELDS["number"])
    slow = read_values(column.astype(object), FIELDS["number"])
    pd.testing.assert_series_equal(fast.series, slow.series)
    assert marked(fast.troubles) == marked(slow.troubles)


@pytest.mark.parametrize(
    "cell", ["1899-12-31", "1900-01-00", "2201-01-01", "20", "99999999", 1e300, "0001-01-01"]
)
def test_days_of_no_land_right_are_no_days(cell):
    assert one("date", cell) == (None, "not a day from 1950 to 2200")


@pytest.mark.parametrize(
    ("kind", "cell", "factor", "value", "remark"),
    [
        ("ratio", "85%", 0.01, 0.85, ""),
        ("ratio", 85, 0.01, 0.85, ""),
        ("ratio", 0.85, 1.0, 0.85, ""),
        ("number", "3亿元", 1.0, 30_000.0, "the unit in the cell is used, not the column's"),
        ("number", "3万元", 1e-4, 3.0, "the unit in the cell is used, not the column's"),
        ("number", "3元", 1e-4, 3e-4, ""),
        ("number", 3, 1e-4, 3e-4, ""),
        ("date", "2025年3月", 1.0, "2025-03-31", "the day is not given: taken as the last of the month"),
        ("started", "2025年3月", 1.0, "2025-03-01", "the day is not given: taken as the first of the month"),
        ("date", "2025年3月2日", 1.0, "2025-03-02", ""),
    ],
)
def test_a_value_that_is_not_as_it_stands_is_remarked_and_kept(kind, cell, factor, value, remark):
    read = read_values(pd.Series([None, cell], dtype=object), FIELDS[kind], factor=factor)
    assert read.series.iloc[1] == (pd.Timestamp(value) if kind in ("date", "started") else value)
    assert marked(read.remarks) == ({remark: [1]} if remark else {})
    assert read.troubles == {}


def test_a_date_whose_field_names_no_day_for_a_month_needs_the_day():
    field = dataclasses.replace(FIELDS["date"], month_day="")
    assert read_cell("2025-03-01", field).value == dt.date(2025, 3, 1)
    assert str(read_cell("2025年3月", field).trouble) == "not a day from 1950 to 2200"


def test_every_date_field_says_which_day_stands_for_a_month():
    """The day that is lenient to the land user: late for what must be done and for a stop, early for what was done."""
    days = {
        field.name: field.month_day
        for layer in schemas().values()
        for field in layer.fields.values()
        if field.kind == "date"
    }
    early = {"actual_start", "actual_completion", "permit_on", "completed_on", "from_on", "resumed_on"}
    assert {name for name, day in days.items() if day == "first"} == early
    assert {name for name, day in days.items() if day == "last"} == set(days) - early


def slowly(cells, field, factor):
    """The column read cell by cell: values, troubles and remarks."""
    read = [read_cell(cell, field, factor) for cell in cells]
    troubles, remarks = {}, {}
    for at, one in enumerate(read):
        if one.trouble is not None:
            troubles.setdefault(str(one.trouble), []).append(at)
        if one.remark is not None:
            remarks.setdefault(str(one.remark), []).append(at)
    return [one.value for one in read], [one.factor for one in read], troubles, remarks


WRITTEN = st.sampled_from(
    [
        "", " ", "无", "－", "NULL", "nan", "#N/A", "#ref!", "12.5亩", "3,000万元", "85%", "２０", "约3", "是", "否", "已供", "出让",
        "2025年3月", "202503", "2025.3.1", "二〇二五年三月一日", "25.3.1", "320583 001001 GB00012", "320583001001GB00012", "A\u200b",
        " 云溪 ", "云溪轴承有限公司", "a\nb", "1.0E+18", "'001", "=1+1", "０", "￥5", "-", "x", "1,2", "45838",
    ]
)  # fmt: skip
CELLS = st.one_of(
    WRITTEN,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.integers(-5, 3000).map(float),
    st.text(max_size=6),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=8))])),
    st.builds(Uncalculated, st.just("=A1")),
    st.builds(np.float64, st.floats()),
    st.builds(np.int64, st.integers(-9, 9)),
)
COLUMNS = st.one_of(
    st.lists(CELLS, max_size=12),
    st.lists(WRITTEN, max_size=12),
    st.lists(st.text(max_size=9), max_size=12, unique=True),
    st.lists(st.from_regex(r"[0-9A-Za-z_-]{1,9}", fullmatch=True), max_size=12),
    st.lists(st.floats() | st.none() | st.integers(), max_size=12),
)


@given(COLUMNS, st.sampled_from(sorted(FIELDS)), st.sampled_from([1.0, 1e-4, 0.01, 15.0]))
def test_a_column_reads_as_its_cells_do(cells, kind, factor):
    read = read_values(pd.Series(cells, dtype=object), FIELDS[kind], factor=factor)
    values, factors, troubles, remarks = slowly(cells, FIELDS[kind], factor)
    got = [None if pd.isna(value) else value for value in read.series]
    if FIELDS[kind].kind in ("number", "integer"):
        scaled = [
            None if value is None else value * (factor if own is None else own)
            for value, own in zip(values, factors, strict=True)
        ]
        endless = [at for at, value in enumerate(scaled) if value is not None and math.isinf(value)]
        for at in endless:
            scaled[at] = None
            for rows in remarks.values():
                rows[:] = [row for row in rows if row != at]
        if endless:
            troubles["not a number"] = sorted({*troubles.get("not a number", []), *endless})
        assert got == [None if value is None else pytest.approx(value, rel=1e-15) for value in scaled]
    elif FIELDS[kind].kind == "date":
        assert got == [None if value is None else pd.Timestamp(value) for value in values]
    else:
        assert got == values
        assert [type(value) for value in got] == [type(value) for value in values]
    assert marked(read.troubles) == troubles
    assert marked(read.remarks) == {remark: rows for remark, rows in remarks.items() if rows}


@given(st.lists(st.none() | WRITTEN | st.text(max_size=9), max_size=12), st.sampled_from(sorted(FIELDS)))
def test_a_typed_column_of_text_reads_as_one_of_objects(cells, kind):
    typed = read_values(pd.Series(cells, dtype="str"), FIELDS[kind])
    plain = read_values(pd.Series(cells, dtype=object), FIELDS[kind])
    pd.testing.assert_series_equal(typed.series, plain.series)
    assert marked(typed.troubles) == marked(plain.troubles)
    assert marked(typed.remarks) == marked(plain.remarks)


@given(st.lists(st.none() | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2260, 1, 1)), max_size=9))  # noqa: DTZ001
def test_a_typed_column_of_moments_reads_as_one_of_objects(cells):
    typed = read_values(pd.Series(cells, dtype="datetime64[us]"), FIELDS["date"])
    plain = read_values(pd.Series(cells, dtype=object), FIELDS["date"])
    pd.testing.assert_series_equal(typed.series, plain.series)
    assert marked(typed.troubles) == marked(plain.troubles)


@pytest.mark.parametrize("kind", ["id", "text"])
@pytest.mark.parametrize(
    "odd",
    [" x", "x ", "#N/A", "#ref!", "无", "－", "NULL", "", "a\nb", "1.0E+18", "０１", "A\u200b", "无\u200b", "'1", "a  b", None, "x\u3000"],
)  # fmt: skip
def test_one_odd_text_among_clean_ones_is_read_as_it_is_alone(kind, odd):
    cells = ["GB00001", odd, "320583001001GB00012"]
    values, _, troubles, _ = slowly(cells, FIELDS[kind], 1.0)
    for dtype in ("str", object):
        read = read_values(pd.Series(cells, dtype=dtype), FIELDS[kind])
        assert [None if pd.isna(value) else value for value in read.series] == values
        assert marked(read.troubles) == troubles


@pytest.mark.parametrize("kind", ["number", "text", "date", "flag"])
@pytest.mark.parametrize(
    "cells",
    [
        [True, 1, 1.0, "1"],
        [1.0, True, np.int64(1)],
        [
            dt.datetime(2025, 6, 30, 23, tzinfo=dt.UTC),
            dt.datetime(2025, 7, 1, 7, tzinfo=dt.timezone(dt.timedelta(hours=8))),
        ],
    ],
)
def test_what_is_equal_and_not_alike_is_read_apart(kind, cells):
    values, _, troubles, _ = slowly(cells, FIELDS[kind], 1.0)
    read = read_values(pd.Series(cells, dtype=object), FIELDS[kind])
    got = [None if pd.isna(value) else value for value in read.series]
    assert got == [pd.Timestamp(value) if isinstance(value, dt.date) else value for value in values]
    assert marked(read.troubles) == troubles


def test_a_clean_column_is_not_read_cell_by_cell(monkeypatch):
    """Ids, names, numbers and days of a hundred thousand parcels are taken as they are; codes are read once each."""
    looked_at = []
    monkeypatch.setattr(
        values_module, "read_cell", lambda cell, *rest: looked_at.append(cell) or read_cell(cell, *rest)
    )
    count = 3000
    numbers = range(count)
    columns = {
        "id": [f"320583001001GB{at:05d}" for at in numbers],
        "text": [f"云溪第 {at} 有限公司" for at in numbers],
        "number": [at * 1.5 for at in numbers],
        "code": ["已供", "批而未供"] * (count // 2),
        "date": [dt.date(2020, 1, 1 + at % 28) for at in numbers],
    }
    for kind, cells in columns.items():
        assert not marked(read_values(pd.Series(cells, dtype=object), FIELDS[kind]).troubles)
    assert len(looked_at) == 2 + 28


@pytest.mark.parametrize("kind", ["id", "text"])
def test_as_above_is_found_in_a_column_of_clean_text(kind):
    cells = [f"A{at}" for at in range(50)] + ["ditto"]
    read = read_values(pd.Series(cells, dtype=object), FIELDS[kind])
    assert marked(read.troubles) == {"says 'as above'": [50]}
    assert read.series.tolist() == [*cells[:50], None]
