"""Columns made ready: the same rows as plain reading gives; and what is refused without rows is what is refused with them."""

from __future__ import annotations

import operator

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from parkgeo.errors import FilterError
from parkgeo.store.where import Columns, check, evaluate, parse

WORDS = st.one_of(
    st.none(), st.text(max_size=4), st.sampled_from(["a", "ab", "A", "ß", "SS", "闲置", "\U0010ffff", "é"])
)
SIGNS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# NUL stands in no filter.
SAID = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)  # fmt: skip


def plain(op, left, right):
    """The simple version: one comparison a row, by Python."""
    return [a is not None and b is not None and SIGNS[op](a, b) for a, b in zip(left, right, strict=True)]


@given(st.lists(st.tuples(WORDS, WORDS), max_size=8), st.sampled_from(sorted(SIGNS)), SAID)
@settings(max_examples=400, deadline=None)
def test_texts_compare_as_python_compares_them(rows, op, word):
    left, right = [one for one, _ in rows], [two for _, two in rows]
    columns = Columns(pd.DataFrame({"l": pd.Series(left, dtype=object), "r": pd.Series(right, dtype=object)}))

    def found(*args):
        return evaluate(columns, {"op": op, "args": list(args)}).tolist()

    here, there = {"property": "l"}, {"property": "r"}
    assert found(here, word) == plain(op, left, [word] * len(left))
    assert found(word, here) == plain(op, [word] * len(left), left)
    assert found(here, there) == plain(op, left, right)
    folded = [None if one is None else one.casefold() for one in left]
    casei = {"op": "casei", "args": [here]}
    assert found(casei, {"op": "casei", "args": [word]}) == plain(op, folded, [word.casefold()] * len(left))
    assert found(casei, there) == plain(op, folded, right)


@given(st.lists(WORDS, max_size=8), st.lists(SAID, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_in_is_one_of_them(values, words):
    columns = Columns(pd.DataFrame({"t": pd.Series(values, dtype=object)}))
    tree = {"op": "in", "args": [{"property": "t"}, words]}
    assert evaluate(columns, tree).tolist() == [value in words for value in values]
    assert evaluate(columns, {"op": "not", "args": [tree]}).tolist() == [
        value is not None and value not in words for value in values
    ]


def like(text, pattern):
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(text[start:], pattern[1:]) for start in range(len(text) + 1))
    if pattern[0] == "\\" and len(pattern) > 1:
        return text[:1] == pattern[1] and like(text[1:], pattern[2:])
    return bool(text) and pattern[0] in {"_", text[0]} and like(text[1:], pattern[1:])


@given(
    st.lists(st.none() | st.text("ab%_\\\U0010ffff", max_size=5), max_size=8), st.text("ab%_\\", max_size=5)
)
@settings(max_examples=400, deadline=None)
def test_patterns_match_as_a_plain_reading_of_them(values, pattern):
    columns = Columns(pd.DataFrame({"t": pd.Series(values, dtype=object)}))
    expected = [value is not None and like(value, pattern) for value in values]
    assert evaluate(columns, {"op": "like", "args": [{"property": "t"}, pattern]}).tolist() == expected


@pytest.mark.parametrize("dtype", ["object", "str", "string", "category"])
def test_texts_of_every_kind_compare(dtype):
    columns = Columns(pd.DataFrame({"t": pd.Series(["b", None, "a", "b"], dtype=dtype)}))
    assert evaluate(columns, parse("t = 'b'")).tolist() == [True, False, False, True]
    assert evaluate(columns, parse("t < 'b'")).tolist() == [False, False, True, False]
    assert evaluate(columns, parse("t IS NULL")).tolist() == [False, True, False, False]


def test_a_number_that_is_none_is_missing():
    columns = Columns(pd.DataFrame({"x": [1.0, np.inf, -np.inf, np.nan]}))
    assert evaluate(columns, parse("x > 0")).tolist() == [True, False, False, False]
    assert evaluate(columns, parse("NOT x > 0")).tolist() == [False, False, False, False]
    assert evaluate(columns, parse("x IS NULL")).tolist() == [False, True, True, True]


def test_a_column_is_made_ready_once_and_only_if_it_is_named():
    class Counted(pd.DataFrame):
        asked: list[str] = []  # noqa: RUF012 - counts over all of them

        def __getitem__(self, name):
            self.asked.append(name)
            return super().__getitem__(name)

    columns = Columns(Counted({"a": [1, 2], "b": ["x", "y"], "c": [1, 2]}))
    for _ in range(3):
        assert evaluate(columns, parse("a = 1 AND CASEI(b) = 'x'")).tolist() == [True, False]
    assert Counted.asked == ["a", "b"]


# — without rows

TABLE = gpd.GeoDataFrame(
    {
        "code": ["yes", None], "area": [1.0, 2.0], "good": pd.array([True, None], dtype="boolean"),
        "since": pd.to_datetime(["2026-01-01", None]), "parts": [[1], [2]],
    },
    geometry=[Point(1, 2), None],
    crs="OGC:CRS84",
)  # fmt: skip
KINDS = {"code": "text", "area": "number", "good": "flag", "since": "time", "parts": "other"}


def said(attempt):
    try:
        attempt()
    except FilterError as error:
        return str(error)
    return ""


TOKENS = st.lists(
    st.sampled_from(["(", ")", ",", "=", "<", "+", "*", "'x'", "'2026-01-01'", "1", "area", "code", "good", "since", "parts", "geometry", "cod", "and", "or", "not", "in", "like", "between", "is", "null", "true", "casei(", "t_after(", "s_within(", "point(1 2)"]),
    max_size=12,
).map(" ".join)  # fmt: skip
OPERANDS = st.sampled_from(
    ["code", "area", "good", "since", "parts", "geometry", "sinc", "'x'", "'2026-01-01'", "1", "true", "area * 2", "code + 1", "CASEI(code)", "DATE('2026-01-01')", "POINT(1 2)", "BBOX(1, 4, 2, 3)", "INTERVAL(since, '..')"]
)  # fmt: skip
SHAPED = st.tuples(
    st.sampled_from(["{} = {}", "{} < {}", "{} LIKE {}", "{} IN ({}, 1)", "{} BETWEEN {} AND 5", "{} IS NULL OR {}", "T_DURING({}, {})", "S_WITHIN({}, {})", "S_DWITHIN({}, {}, 10)"]),
    OPERANDS, OPERANDS,
).map(lambda t: t[0].format(*t[1:]))  # fmt: skip


@given(st.one_of(TOKENS, SHAPED, SHAPED, SHAPED))
@settings(max_examples=500, deadline=None)
def test_what_is_refused_without_rows_is_what_is_refused_with_them_in_the_same_words(text):
    try:
        tree = parse(text)
    except FilterError:
        return
    assert said(lambda: check(tree, KINDS, geometry="geometry")) == said(lambda: evaluate(TABLE, tree))


def test_a_column_that_must_not_be_named_is_not_there():
    with pytest.raises(FilterError, match="no column 'phone'"):
        check(parse("phone = '1'"), KINDS)
    with pytest.raises(FilterError, match="no geometry"):
        check(parse("S_INTERSECTS(geometry, POINT(1 2))"), KINDS)
    assert check(parse("T_AFTER(since, '2026-01-01') AND code LIKE '%y' OR good"), KINDS) is None


def test_long_names_are_cut_in_messages():
    with pytest.raises(FilterError) as caught:
        evaluate(TABLE, parse("x" * 2000 + " = 1"))
    assert len(caught.value.what) < 100
