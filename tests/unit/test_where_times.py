"""Relations of times: the standard's own figures, the cql2 package, and a plain reading by dates."""

from __future__ import annotations

import datetime as dt

import cql2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.errors import FilterError
from parkgeo.store.cql2_words import TEMPORAL
from parkgeo.store.where import select

PLACES = pd.DataFrame(
    {
        "date": pd.to_datetime(["2021-04-16", "2022-04-16", "2023-04-16", None]),
        "start": pd.to_datetime(["2021-04-16T10:15:59", "2022-04-16T10:13:19", "2022-04-16T10:15:10", None]),
        "end": pd.to_datetime(["2022-04-16T10:16:06", "2023-04-16T10:16:06", "2022-04-16T10:16:06", None]),
    }
)
"""The rows with times of the test data of OGC 21-065 (places of Natural Earth), as its expected figures leave them."""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("t_after(\"date\",date('2022-04-16'))", 1), ("t_before(\"date\",date('2022-04-16'))", 1), ("t_disjoint(\"date\",date('2022-04-16'))", 2),
        ("t_equals(\"date\",date('2022-04-16'))", 1), ("t_intersects(\"date\",date('2022-04-16'))", 1),
        ("t_after(\"date\",interval('2022-01-01','2022-12-31'))", 1), ("t_before(\"date\",interval('2022-01-01','2022-12-31'))", 1),
        ("t_disjoint(\"date\",interval('2022-01-01','2022-12-31'))", 2), ("t_equals(\"date\",interval('2022-01-01','2022-12-31'))", 0),
        ("t_equals(\"date\",interval('2022-04-16','2022-04-16'))", 1), ("t_intersects(\"date\",interval('2022-01-01','2022-12-31'))", 1),
        ("t_after(start,timestamp('2022-04-16T10:13:19Z'))", 1), ("t_before(start,timestamp('2022-04-16T10:13:19Z'))", 1),
        ("t_disjoint(start,timestamp('2022-04-16T10:13:19Z'))", 2), ("t_equals(start,timestamp('2022-04-16T10:13:19Z'))", 1),
        ("t_intersects(start,timestamp('2022-04-16T10:13:19Z'))", 1),
        ("t_after(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 0), ("t_before(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 1),
        ("t_disjoint(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 1), ("t_equals(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 0),
        ("t_intersects(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 2),
        ("t_after(interval(start,end),interval('..','2022-04-16T10:13:19Z'))", 1), ("t_before(interval(start,end),interval('2023-01-01T00:00:00Z','..'))", 2),
        ("t_disjoint(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:09Z'))", 1),
        ("t_equals(interval(start,end),interval('2021-04-16T10:15:59Z','2022-04-16T10:16:06Z'))", 1),
        ("t_intersects(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:09Z'))", 2),
        ("T_CONTAINS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 1),
        ("T_DURING(interval(start,end),interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 1),
        ("T_FINISHES(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:16:06Z'))", 1),
        ("T_FINISHEDBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:16:06Z'))", 1),
        ("T_MEETS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 0),
        ("T_METBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 1),
        ("T_OVERLAPPEDBY(interval(start,end),interval('2020-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 2),
        ("T_OVERLAPS(interval(start,end),interval('2022-04-16T10:13:19Z','2023-04-16T10:15:10Z'))", 1),
        ("T_STARTEDBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 1),
        ("T_STARTS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 0),
        ("t_before(interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'),start)", 0), ("t_after(interval('2023-01-01T00:00:00Z','..'),interval(start,end))", 2),
        ("T_CONTAINS(interval('2021-04-16T10:13:19Z','2023-04-16T10:15:10Z'),interval(start,end))", 2),
        ("T_DURING(interval('2022-07-01T00:00:00Z','2022-12-31T23:59:59Z'),interval(start,end))", 1),
        ("T_MEETS(interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))", 1),
        ("T_STARTS(interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))", 1),
        ("start=end", 0), ("start<=end", 3), ("start<>end", 3), ("\"date\" in (DATE('2021-04-16'),DATE('2022-04-16'),DATE('2022-04-18'))", 2),
        ("\"date\" not in (DATE('2021-04-16'),DATE('2022-04-16'),DATE('2022-04-18'))", 1), ("start in ('2022-04-16T10:13:19Z', '2022-04-14T15:52:56Z')", 1),
    ],
)  # fmt: skip
def test_the_figures_of_the_standards_own_tests(expression, expected):
    """Annex A of OGC 21-065, temporal functions and property-property, with the number of rows that it expects."""
    assert select(PLACES, expression).sum() == expected


# — a plain reading of the same relations

PLAIN = {
    "t_after": lambda a, _b, _c, d: a > d,
    "t_before": lambda _a, b, c, _d: b < c,
    "t_contains": lambda a, b, c, d: a < c and d < b,
    "t_disjoint": lambda a, b, c, d: b < c or d < a,
    "t_during": lambda a, b, c, d: c < a and b < d,
    "t_equals": lambda a, b, c, d: (a, b) == (c, d),
    "t_finishedBy": lambda a, b, c, d: a < c and b == d,
    "t_finishes": lambda a, b, c, d: c < a and b == d,
    "t_intersects": lambda a, b, c, d: a <= d and c <= b,
    "t_meets": lambda _a, b, c, _d: b == c,
    "t_metBy": lambda a, _b, _c, d: a == d,
    "t_overlappedBy": lambda a, b, c, d: c < a < d < b,
    "t_overlaps": lambda a, b, c, d: a < c < b < d,
    "t_startedBy": lambda a, b, c, d: a == c and d < b,
    "t_starts": lambda a, b, c, d: a == c and b < d,
}
FIRST, LAST = dt.date.min, dt.date.max
DAYS = st.integers(1, 9).map(lambda day: dt.date(2026, 1, day))
INTERVALS = st.tuples(DAYS, DAYS).map(sorted)
OPEN_INTERVALS = st.tuples(INTERVALS, st.booleans(), st.booleans()).map(
    lambda t: (FIRST if t[1] else t[0][0], LAST if t[2] else t[0][1])
)


def interval(begin, end):
    ends = ("'..'" if day in {FIRST, LAST} else f"'{day}'" for day in (begin, end))
    return f"INTERVAL({', '.join(ends)})"


def test_each_relation_has_a_plain_reading():
    assert set(PLAIN) == set(TEMPORAL)


@given(st.sampled_from(sorted(PLAIN)), st.lists(INTERVALS, min_size=1, max_size=6), OPEN_INTERVALS)
@settings(max_examples=400, deadline=None)
def test_relations_agree_with_a_plain_reading(op, rows, literal):
    table = pd.DataFrame(rows, columns=["a", "b"]).astype("datetime64[us]")
    expected = [PLAIN[op](*row, *literal) for row in rows]
    assert select(table, f"{op}(INTERVAL(a, b), {interval(*literal)})").tolist() == expected
    reversed_ = [PLAIN[op](*literal, *row) for row in rows]
    assert select(table, f"{op.upper()}({interval(*literal)}, INTERVAL(a, b))").tolist() == reversed_
    instants = [PLAIN[op](row[0], row[0], *literal) for row in rows]
    assert select(table, f"{op}(a, {interval(*literal)})").tolist() == instants


@given(st.sampled_from(sorted(PLAIN)), INTERVALS, INTERVALS)
@settings(max_examples=200, deadline=None)
def test_relations_agree_with_the_cql2_package(op, one, two):
    text = f"{op}({interval(*one)}, {interval(*two)})"
    assert select(pd.DataFrame(index=[0]), text).tolist() == [cql2.parse_text(text).reduce({}).to_json()]


@given(
    st.sampled_from(sorted(PLAIN)),
    st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), max_size=6),
    OPEN_INTERVALS,
)
@settings(max_examples=200, deadline=None)
def test_what_an_end_that_is_missing_decides_is_unknown(op, rows, literal):
    """Whatever day stood there: where all of them agree the row is decided, else it is in neither set."""
    table = pd.DataFrame(rows, columns=["a", "b"]).astype("datetime64[us]")
    text = f"{op}(INTERVAL(a, b), {interval(*literal)})"
    yes, no = select(table, text), select(table, f"NOT {text}")
    assert not (yes & no).any()
    for row, is_yes, is_no in zip(rows, yes, no, strict=True):
        if None not in row:
            assert is_yes == PLAIN[op](*row, *literal) == (not is_no)
        elif row == (None, None):
            assert not is_yes
            assert not is_no


# — days and points in time

MOMENTS = pd.DataFrame(
    {
        "seen": pd.to_datetime(["2025-12-31T23:59:59", "2026-01-01T00:00:00", "2026-01-01T10:00:00", "2026-01-02T00:00:00", None]),
        "there": pd.to_datetime(["2026-01-01T07:59:00+08:00"] * 5, utc=True).tz_convert("Asia/Shanghai"),
        "plain": [dt.date(2026, 1, 1), dt.date(2026, 1, 2), None, None, None],
        "text": ["2026-01-01"] * 5,
        "none": [None] * 5,
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("seen = DATE('2026-01-01')", [2, 3]),
        ("seen <> DATE('2026-01-01')", [1, 4]),
        ("seen > DATE('2026-01-01')", [4]),
        ("seen = TIMESTAMP('2026-01-01T00:00:00Z')", [2]),
        ("seen = '2026-01-01T18:00:00+08:00'", [3]),
        ("seen > '2026-01-01'", [4]),
        ("seen BETWEEN DATE('2026-01-01') AND TIMESTAMP('2026-01-01T10:00:00Z')", [2, 3]),
        ("T_INTERSECTS(seen, INTERVAL('2025-01-01', '2026-01-01'))", [1, 2, 3]),
        ("T_INTERSECTS(seen, INTERVAL('2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z'))", [1, 2]),
        ("T_AFTER(seen, DATE('2026-01-01'))", [4]),
        ("T_AFTER(seen, '2026-01-01T00:00:00Z')", [3, 4]),
        ("T_EQUALS(TIMESTAMP('2026-01-01T05:00:00Z'), DATE('2026-01-01')) AND seen IS NULL", [5]),
        ("T_DURING(seen, INTERVAL('2025-12-31', '2026-01-02'))", [2, 3]),
        ("T_BEFORE(INTERVAL('..', seen), DATE('2026-01-02'))", [1, 2, 3]),
        (
            "T_EQUALS(INTERVAL('2026-01-01', seen), INTERVAL('2026-01-01T05:00:00Z', '2026-01-01T06:00:00Z'))",
            [2, 3],
        ),
        ("T_INTERSECTS(seen, INTERVAL('..', '..'))", [1, 2, 3, 4]),
        ("there = DATE('2025-12-31')", [1, 2, 3, 4, 5]),
        ("there = TIMESTAMP('2025-12-31T23:59:00Z')", [1, 2, 3, 4, 5]),
        ("plain = DATE('2026-01-01')", [1]),
        ("T_AFTER(plain, '2026-01-01')", [2]),
        ("plain > seen", [1, 2]),
        ("T_AFTER(none, '2026-01-01') OR NOT T_AFTER(none, '2026-01-01')", []),
        ("seen < DATE('9999-12-31')", [1, 2, 3, 4]),
        ("seen < DATE('0001-01-01')", []),
    ],
)
def test_a_day_beside_a_point_in_time_is_compared_as_days(expression, expected):
    found = select(MOMENTS, expression)
    assert (np.flatnonzero(found) + 1).tolist() == expected


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("T_AFTER(text, DATE('2026-01-01'))", "T_AFTER compares dates"),
        ("T_AFTER(seen, 5)", "no time"),
        ("T_AFTER(seen, seen + 1)", "no time"),
        ("T_AFTER(seen)", "takes 2"),
        ("T_AFTER(sen, DATE('2026-01-01'))", "did you mean seen"),
        ("T_AFTER(seen, 'soon')", "'soon' is not a date"),
        ("T_AFTER(seen, INTERVAL('2026-01-01'))", "begin and an end"),
        ("T_AFTER(seen, INTERVAL('2026-02-01', '2026-01-01'))", "ends before it begins"),
        ("T_AFTER(seen, INTERVAL('2026-02-01', '2026-03-01T00:00:00Z'))", "the other a timestamp"),
        ("T_AFTER(seen, INTERVAL(5, '..'))", "an end of an interval"),
        ("seen = INTERVAL('2026-01-01', '..')", "T_INTERSECTS"),
        ("seen = DATE('2026-01-01T25:00:00Z')", "is not a date"),
        ("seen = TIMESTAMP('2026-01-01T25:00:00Z')", "is not a date"),
        ("seen = TIMESTAMP('0001-01-01T00:00:00+08:00')", "is not a date"),
        ("seen = TIMESTAMP('2026-01-01T00:00:00Z ')", "is not a date"),
        ("seen = DATE(20260101)", "for example: DATE"),
        ("seen = DATE('٢٠٢٦-01-01')", "is not a date"),
    ],
)
def test_wrong_times_are_named(expression, part):
    with pytest.raises(FilterError) as caught:
        select(MOMENTS, expression)
    assert part in str(caught.value)
