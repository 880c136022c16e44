"""Cells as people write them."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.ingest.values import mend_of, read_values
from parkgeo.layers import schema, schemas

FIELDS = {
    "number": schema("supply").fields["price_wan"],
    "ratio": schema("plan").fields["planned_density"],
    "integer": schema("performance").fields["year"],
    "date": schema("supply").fields["agreed_start"],
    "flag": schema("buildings").fields["completed"],
    "code": schema("supply").fields["supply_status"],
    "open": schema("facilities").fields["kind"],
    "id": schema("parcels").fields["parcel_id"],
    "text": schema("parcels").fields["holder"],
    "list": schema("parcels").fields["parents"],
}
BLANKS = [None, "", "  ", "-", "——", "无", "/", "NULL", float("nan"), pd.NaT, pd.NA, np.datetime64("NaT")]


def one(kind, cell, factor=1.0):
    """The value of a cell, and what is wrong with it."""
    values, bad = read_values(pd.Series([cell], dtype=object), FIELDS[kind], factor=factor)
    value = values.iloc[0]
    missing = value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    (trouble,) = [str(told) for told in bad] or [""]
    return (None if missing else value), trouble


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
    assert got == (pd.Timestamp(value) if kind == "date" else value)


@pytest.mark.parametrize(
    ("kind", "cell", "trouble"),
    [
        ("number", "约12亩", "not a number"), ("number", "12,5", "not a number"), ("number", "12 5", "not a number"),
        ("number", "1.2.3", "not a number"), ("number", "1,20,000", "not a number"), ("number", "五", "not a number"),
        ("number", "inf", "not a number"), ("number", "1e999", "not a number"), ("number", True, "not a number"),
        ("number", float("inf"), "not a number"), ("number", "12%", "not a number"), ("number", ".", "not a number"),
        ("number", "1e400", "not a number"), ("number", 10**400, "not a number"), ("number", "+", "not a number"),
        ("integer", "2025.5", "not a whole number"), ("integer", 0.5, "not a whole number"),
        ("date", "2024-02-30", "not a day from 1950 to 2200"), ("date", "2025年3月", "not a day from 1950 to 2200"),
        ("date", "2025-13-01", "not a day from 1950 to 2200"), ("date", "9999-12-31", "not a day from 1950 to 2200"),
        ("date", "0202-05-01", "not a day from 1950 to 2200"), ("date", "去年", "not a day from 1950 to 2200"),
        ("date", 2025, "not a day from 1950 to 2200"), ("date", dt.time(0, 0), "not a day from 1950 to 2200"),
        ("date", pd.Timestamp(1899, 12, 30).to_pydatetime(), "not a day from 1950 to 2200"), ("date", "1/2/2025", "not a day from 1950 to 2200"),
        ("date", "2025-06-30 开工", "not a day from 1950 to 2200"),
        ("flag", "也许", "neither yes nor no"), ("flag", 2, "neither yes nor no"),
        ("code", "不详", "not one of the known words"),
        ("id", 1.0e18, "a number so long that its last digits are lost"), ("id", "1.0E+18", "a number so long that its last digits are lost"),
        ("id", float("inf"), "a number so long that its last digits are lost"),
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
        _, bad = read_values(pd.Series([cell], dtype=object), FIELDS[kind])
        for trouble in bad:
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
            values, bad = read_values(pd.Series(cells, dtype=object), field)
            assert len(values) == len(cells)
            for rows in bad.values():
                assert values.iloc[rows].isna().all()
            if field.kind in ("number", "integer"):
                assert np.isfinite(values.dropna()).all()


@given(st.lists(st.one_of(st.none(), st.floats())))
def test_a_column_of_numbers_reads_as_its_cells_do(cells):
    column = pd.Series(cells, dtype="float64")
    fast, bad_fast = read_values(column, FIELDS["number"])
    slow, bad_slow = read_values(column.astype(object), FIELDS["number"])
    pd.testing.assert_series_equal(fast, slow)
    assert {str(told): rows.tolist() for told, rows in bad_fast.items()} == {
        str(told): rows.tolist() for told, rows in bad_slow.items()
    }


@pytest.mark.parametrize(
    "cell", ["1899-12-31", "1900-01-00", "2201-01-01", "20", "99999999", 1e300, "0001-01-01"]
)
def test_days_of_no_land_right_are_no_days(cell):
    assert one("date", cell) == (None, "not a day from 1950 to 2200")
