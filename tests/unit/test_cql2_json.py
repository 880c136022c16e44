"""CQL2 JSON: the same trees and rows as the text gives, and nothing hostile gets further than a FilterError."""

from __future__ import annotations

import contextlib
import json

import cql2
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from parkgeo.errors import FilterError
from parkgeo.store.cql2_json import normal
from parkgeo.store.cql2_words import CONFORMANCE, MAX_BYTES, MAX_DEPTH
from parkgeo.store.where import evaluate, parse, parse_json

TABLE = gpd.GeoDataFrame(
    {
        "x": [1.0, np.nan, -2.0, 3.5],
        "t": ["a", "B", None, "闲置"],
        "f": pd.array([True, False, None, True], dtype="boolean"),
        "d": pd.to_datetime(["2026-01-01", None, "2025-06-30", "2026-06-30"]),
        "e": pd.to_datetime(["2026-02-01", "2026-02-01", None, "2026-12-31"]),
    },
    geometry=[Point(0, 0), Point(1, 1), None, Point(9, 9)],
    crs="OGC:CRS84",
)

TEXTS = [
    "x = 1 AND t = 'a'", "NOT (x > 0 OR t = 'B')", "t LIKE '%置' OR CASEI(t) = CASEI('b')", "x BETWEEN -3 AND 2", "x IN (1, 2.5, -2)",
    "x IS NULL", "geometry IS NULL", "f", "NOT f", "true", "x + 1 > 2 * x - 1 / 3", "d > DATE('2025-12-31')", "d <= TIMESTAMP('2026-01-01T00:00:00Z')",
    "T_AFTER(d, DATE('2026-01-01'))", "T_INTERSECTS(INTERVAL(d, e), INTERVAL('..', '2026-01-15'))", "t_finishedBy(INTERVAL(d, e), INTERVAL('2026-01-15', '2026-02-01'))",
    "S_INTERSECTS(geometry, BBOX(-1, -1, 2, 2))", "S_WITHIN(geometry, POLYGON((-1 -1, 2 -1, 2 2, -1 2, -1 -1)))", "s_disjoint(POINT(1 1), geometry)",
    "S_DWITHIN(geometry, MULTIPOINT((0 0), (9 9)), 1000.5)", "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(8 8, 10 10)))",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_both_languages_give_one_tree_and_the_same_rows(text):
    tree = parse(text)
    assert parse_json(json.dumps(tree, ensure_ascii=False)) == tree
    assert normal(tree) == tree
    np.testing.assert_array_equal(evaluate(TABLE, parse_json(json.dumps(tree))), evaluate(TABLE, tree))


@pytest.mark.parametrize("text", [text for text in TEXTS if "DWITHIN" not in text])
def test_the_json_that_the_cql2_package_writes_is_read_as_the_text(text):
    written = json.dumps(cql2.parse_text(text).to_json())
    assert _floats(parse_json(written)) == _floats(parse(text))


def _floats(node):
    """The package writes every number as a double."""
    if isinstance(node, list):
        return [_floats(item) for item in node]
    if isinstance(node, dict):
        return {key: _floats(value) for key, value in node.items()}
    return float(node) if isinstance(node, int) and not isinstance(node, bool) else node


VALUES = st.one_of(
    st.integers(-5, 5), st.sampled_from([{"property": "x"}, 2.5, 1e6]),
    st.tuples(st.sampled_from("+-*/"), st.integers(-3, 3)).map(lambda t: {"op": t[0], "args": [{"property": "x"}, t[1]]}),
)  # fmt: skip
LEAVES = st.one_of(
    st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), VALUES, VALUES).map(lambda t: {"op": t[0], "args": [t[1], t[2]]}),
    st.sampled_from(["", "a", "b", "闲置"]).map(lambda w: {"op": "=", "args": [{"op": "casei", "args": [{"property": "t"}]}, w]}),
    st.sampled_from(["%", "a", "_", "%置", "\\%"]).map(lambda w: {"op": "like", "args": [{"property": "t"}, w]}),
    st.tuples(VALUES, st.lists(VALUES, min_size=1, max_size=3)).map(lambda t: {"op": "in", "args": list(t)}),
    st.tuples(VALUES, VALUES, VALUES).map(lambda t: {"op": "between", "args": list(t)}),
    st.sampled_from(["x", "t", "d", "geometry"]).map(lambda name: {"op": "isNull", "args": [{"property": name}]}),
    st.sampled_from([True, False, {"property": "f"}]),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda c: {"op": "not", "args": [c]}),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)).map(lambda t: {"op": t[0], "args": t[1]}),
    ),
    max_leaves=5,
)  # fmt: skip


def written(node):  # noqa: PLR0911 - one for each form
    """A tree as CQL2 text, brackets everywhere."""
    if isinstance(node, bool):
        return str(node).lower()
    if isinstance(node, str):
        return "'" + node.replace("\\", "\\\\").replace("'", "''") + "'"
    if not isinstance(node, dict):
        return repr(node)
    if "property" in node:
        return f'"{node["property"]}"'
    op, args = node["op"], node["args"]
    if op == "in":
        return f"({written(args[0])} IN ({', '.join(map(written, args[1]))}))"
    parts = [written(arg) for arg in args]
    forms = {
        "not": "(NOT {})",
        "isNull": "({} IS NULL)",
        "casei": "CASEI({})",
        "between": "({} BETWEEN {} AND {})",
    }
    if op in forms:
        return forms[op].format(*parts)
    return "(" + f" {op} ".join(parts) + ")"


@given(TREES)
@settings(max_examples=300, deadline=None)
def test_a_tree_written_in_either_language_gives_the_same_rows(tree):
    told = json.dumps(tree)
    if len(told) <= MAX_BYTES:
        assert parse_json(told) == tree
        np.testing.assert_array_equal(
            evaluate(TABLE, parse_json(told)), evaluate(TABLE, parse(written(tree)))
        )


@given(TREES, TREES)
@settings(max_examples=200, deadline=None)
def test_the_laws_of_three_valued_logic(one, two):
    def rows(node):
        return evaluate(TABLE, node)

    def contrary(node):
        return {"op": "not", "args": [node]}

    def join(op, *parts):
        return {"op": op, "args": list(parts)}

    np.testing.assert_array_equal(rows(contrary(contrary(one))), rows(one))
    np.testing.assert_array_equal(rows(join("and", one, two)), rows(one) & rows(two))
    np.testing.assert_array_equal(rows(join("or", one, two)), rows(one) | rows(two))
    np.testing.assert_array_equal(
        rows(contrary(join("and", one, two))), rows(join("or", contrary(one), contrary(two)))
    )
    assert not (rows(one) & rows(contrary(one))).any()


# — what is not in the form is brought into it, or refused in a sentence


def test_other_spellings_become_the_one_form():
    tree = parse_json(
        '{"op": "T_FINISHEDBY", "args": [{"property": "d"}, {"interval": [{"date": "2026-01-01"}, ".."]}]}'
    )
    assert tree == {"op": "t_finishedBy", "args": [{"property": "d"}, {"interval": ["2026-01-01", ".."]}]}
    place = '{"type": "Point", "coordinates": [1, 2, 7.5], "bbox": [1, 2, 1, 2]}'
    assert parse_json(f'{{"op": "S_Within", "args": [{{"property": "geometry"}}, {place}]}}')["args"][1] == {
        "type": "Point",
        "coordinates": [1.0, 2.0],
    }
    assert parse_json('{"op": "s_intersects", "args": [{"property": "g"}, {"bbox": [1, 2, -9, 3, 4, 9]}]}')["args"][1] == {
        "bbox": [1, 2, 3, 4]
    }  # fmt: skip
    assert parse("d > TIMESTAMP('2026-01-01')")["args"][1] == {"timestamp": "2026-01-01T00:00:00Z"}
    assert parse("t_after(d, '2026-01-01')")["args"][1] == {"date": "2026-01-01"}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "not JSON"), ("{", "character 2"), ("null", "not a condition"), ("[]", "not a condition"), ("1", "not a condition"), ('"x"', "not a condition"),
        ("{}", "not a condition"), ('{"op": "exec", "args": []}', "not an operation known here"), ('{"op": ["="], "args": []}', "not a condition"),
        ('{"op": "=", "args": {}}', "args in a list"), ('{"op": "=", "args": [1]}', "argument"), ('{"op": "="}', "args in a list"),
        ('{"op": "=", "args": [1, 2], "x": 1}', "nothing else"), ('{"op": "=", "args": [{"property": "x"}, null]}', "not a condition"),
        ('{"op": "=", "args": [{"property": "x"}, [1]]}', "not a condition"), ('{"op": "=", "args": [{"property": 3}, 1]}', "named by text"),
        ('{"op": "and", "args": [true]}', "argument"), ('{"op": "not", "args": [true, true]}', "argument"), ('{"op": "and", "args": [true, 1]}', "not a condition"),
        ('{"op": "+", "args": [1, 2]}', "a value, not a condition"), ('{"op": "=", "args": [{"op": "not", "args": [true]}, true]}', "a condition, not a value"),
        ('{"op": "in", "args": [{"property": "x"}, []]}', "argument"), ('{"op": "in", "args": [{"property": "x"}, 1]}', "argument"),
        ('{"op": "like", "args": [{"property": "t"}, {"property": "t"}]}', "pattern"), ('{"op": "casei", "args": ["x"]}', "a value, not a condition"),
        ('{"op": "=", "args": [{"date": "2026-02-30"}, 1]}', "not a date"), ('{"op": "=", "args": [{"date": "2026-01-01T00:00:00Z"}, 1]}', "not a date"),
        ('{"op": "=", "args": [{"date": 5}, 1]}', "not a date"), ('{"op": "t_after", "args": [{"property": "d"}, 5]}', "no time"),
        ('{"op": "t_after", "args": [{"property": "d"}, {"interval": ["2026-01-01"]}]}', "begin and an end"),
        ('{"op": "t_after", "args": [{"property": "d"}, {"interval": ["2026-02-01", "2026-01-01"]}]}', "ends before it begins"),
        ('{"op": "t_after", "args": [{"property": "d"}, {"interval": ["2026-01-01", "2026-02-01T00:00:00Z"]}]}', "the other a timestamp"),
        ('{"op": "t_after", "args": [{"property": "d"}, {"interval": [null, ".."]}]}', "an end of an interval"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "Blob", "coordinates": [1, 2]}]}', "no type of geometry"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "Point", "coordinates": [1]}]}', "two numbers"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "Point", "coordinates": [[1, 2]]}]}', "two numbers"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}]}', "cannot be read"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "LineString", "coordinates": []}]}', "missing or nested"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "Point", "coordinates": [true, 2]}]}', "two numbers"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "Point", "coordinates": [1, 2], "crs": {}}]}', "own crs"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"type": "GeometryCollection", "geometries": []}]}', "empty"),
        ('{"op": "s_intersects", "args": [{"property": "g"}, {"bbox": [1, 2, 3]}]}', "four numbers"),
        *(
            (f'{{"op": "s_dwithin", "args": [{{"property": "g"}}, {{"bbox": [1, 2, 3, 4]}}, {metres}]}}', "in metres")
            for metres in ("-1", "1e7", "1e999", "null", "[5]", "true", '5, "km"', '"5 m"')
        ),
        ('{"op": "s_dwithin", "args": [{"property": "g"}, {"bbox": [1, 2, 3, 4]}, NaN]}', "NaN is no number"),
        ('{"op": "s_dwithin", "args": [{"property": "g"}, {"bbox": [1, 2, 3, 4]}, "5"]}', "in metres"),
        ('{"op": "s_dwithin", "args": [{"property": "g"}, {"bbox": [1, 2, 3, 4]}]}', "argument"),
        ('{"op": "=", "args": [1, 1e999]}', "too large"), ('{"op": "=", "args": [1, -1e999]}', "too large"), ('{"op": "=", "args": [1, ' + "9" * 1500 + "]}", "too large"),
        ('{"op": "=", "args": [1, NaN]}', "NaN is no number"), ('{"op": "=", "args": [1, -Infinity]}', "is no number"),
        ('{"op": "=", "op": "<>", "args": [1, 1]}', "there twice"), ('{"op": "=", "args": [{"property": "x", "property": "t"}, 1]}', "there twice"),
        ('{"op": "=", "args": [{"property": "t"}, "\\u0000"]}', "no character"), ('{"op": "=", "args": [{"property": "t"}, "\\ud800"]}', "no character"),
        ('{"op": "=", "args": [{"property": "\\ud800"}, 1]}', "no character"), ('{"op": "=", "args": [1, 1]} x', "not JSON"), ("\ufefftrue", "not JSON"),
        ("true" + " " * MAX_BYTES, "too long"), ("tru\0e", "no character"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text, part):
    with pytest.raises(FilterError) as caught:
        parse_json(text)
    assert part in str(caught.value)


DEEP = {
    "not": lambda n: '{"op":"not","args":[' * n + "true" + "]}" * n,
    "unclosed": lambda n: "[" * n,
    "objects": lambda n: '{"a":' * n + "1" + "}" * n,
    "coordinates": lambda n: '{"op":"s_intersects","args":[{"property":"g"},{"type":"Point","coordinates":'
    + "[" * n + "1,2" + "]" * n + "}]}",
}  # fmt: skip


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("depth", [MAX_DEPTH + 5, 10_000, 250_000])
def test_depth_is_refused_before_a_parser_sees_it(kind, depth, monkeypatch):
    text = DEEP[kind](depth)
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("a parser saw it"))
    with pytest.raises(FilterError, match=r"too deep|too long"):
        parse_json(text)
    with pytest.raises(FilterError, match=r"too deep|too long|cannot be read"):
        parse(text)


def test_the_stated_depth_is_read_and_brackets_in_texts_do_not_count():
    assert evaluate(TABLE, parse_json(DEEP["not"](MAX_DEPTH))).all()
    with pytest.raises(FilterError, match="too deep"):
        parse_json(DEEP["not"](MAX_DEPTH + 1))
    text = json.dumps({"op": "=", "args": [{"property": "t"}, '[{\\"' * 100]})
    assert parse_json(text)["args"][1] == '[{\\"' * 100


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["x", "t", "d", "2026-01-01", "..", "Point"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["op", "args", "property", "date", "timestamp", "interval", "bbox", "type", "coordinates", "geometries"]), inner, max_size=3),
        st.tuples(
            st.sampled_from(["and", "or", "not", "=", "<", "like", "between", "in", "isNull", "casei", "+", "t_after", "t_during", "s_within", "s_dwithin"]),
            st.lists(inner, max_size=3),
        ).map(lambda t: {"op": t[0], "args": t[1]}),
    ),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
@settings(max_examples=500, deadline=None)
def test_any_json_gives_rows_or_a_filter_error(value):
    for attempt in (
        lambda: evaluate(TABLE, value),
        lambda: evaluate(TABLE, parse_json(json.dumps(value))),
    ):
        with contextlib.suppress(FilterError):
            assert len(attempt()) == len(TABLE)


@given(st.text(max_size=80))
def test_any_text_gives_a_tree_or_a_filter_error(text):
    with contextlib.suppress(FilterError):
        assert isinstance(parse_json(text), dict | bool)


def test_only_named_classes_of_the_standard_are_claimed():
    assert {"cql2-text", "cql2-json", "basic-cql2", "temporal-functions"} <= set(CONFORMANCE)
    assert not {"arithmetic", "functions", "array-functions", "accent-insensitive-comparison"} & set(
        CONFORMANCE
    )
