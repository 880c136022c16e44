"""The filter: known answers, laws against a row-by-row reading, and against SQLite and GDAL, which are other programs."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading

import cql2
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from parkgeo.errors import FilterError
from parkgeo.store.cql2_text import MAX_BYTES, MAX_DEPTH
from parkgeo.store.where import evaluate, parse, select
from parkgeo.store.where_text import compile_pattern as _pattern

TABLE = pd.DataFrame(
    {
        "code": ["yes", "no", "undetermined", None, "Yes", "50%", "a_b"],
        "area": [100.0, 200.0, np.nan, 0.0, -5.0, 1e9, 200.0],
        "rows": [1, 2, 3, 4, 5, 6, 7],
        "good": [True, False, True, True, False, False, True],
        "since": pd.to_datetime(["2026-01-01", "2025-12-31", None, "2026-06-30", "2026-01-02", None, "2020-02-29"]),
        "empty": [None] * 7,
        "面积": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
    }
)  # fmt: skip


def rows(expression: str, table: pd.DataFrame = TABLE) -> list[int]:
    found = select(table, expression)
    assert found.dtype == np.bool_
    assert found.shape == (len(table),)
    return (np.flatnonzero(found) + 1).tolist()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("code = 'yes'", [1]),
        ("code <> 'yes'", [2, 3, 5, 6, 7]),
        ("NOT code = 'yes'", [2, 3, 5, 6, 7]),
        ("area > 100", [2, 6, 7]),
        ("100 < area", [2, 6, 7]),
        ("NOT area > 100", [1, 4, 5]),
        ("area IS NULL", [3]),
        ("area IS NOT NULL AND area <= 0", [4, 5]),
        ("area BETWEEN 0 AND 100", [1, 4]),
        ("area NOT BETWEEN 0 AND 100", [2, 5, 6, 7]),
        ("code IN ('yes', 'no')", [1, 2]),
        ("code NOT IN ('yes', 'no')", [3, 5, 6, 7]),
        ("code LIKE 'y%'", [1]),
        ("code ILIKE 'Y%'", [1, 5]),
        ("CASEI(code) = CASEI('YES')", [1, 5]),
        ("code LIKE '%\\%'", [6]),
        ("code LIKE 'a\\_b'", [7]),
        ("code LIKE '___'", [1, 5, 6, 7]),
        ("code LIKE '%e%d'", [3]),
        ("code LIKE ''", []),
        ("good", [1, 3, 4, 7]),
        ("NOT good", [2, 5, 6]),
        ("good = false", [2, 5, 6]),
        ("good < true", [2, 5, 6]),
        ("good >= false", [1, 2, 3, 4, 5, 6, 7]),
        ("'no' < code AND code < 'yet'", [1, 3]),
        ("code >= 'a_b' AND code <= 'no'", [2, 7]),
        ("code > 'a_'", [1, 2, 3, 7]),
        ("code <> 'never there'", [1, 2, 3, 5, 6, 7]),
        ("code <= 'never there'", [5, 6, 7]),
        ("code > 'never there'", [1, 2, 3]),
        ("code = code AND code IN (code, 'x')", [1, 2, 3, 5, 6, 7]),
        ("code < CASEI(code)", [5]),
        ("CASEI(code) IN (CASEI('YES'), 'no')", [1, 2, 5]),
        ("CASEI(code) LIKE CASEI('Y__')", [1, 5]),
        ("'yes' LIKE 'y_s' AND rows < 3", [1, 2]),
        ("'abc' LIKE 'x%'", []),
        ("code LIKE '%e%'", [1, 3, 5]),
        ("code LIKE '%es'", [1, 5]),
        ("rows IN (1, 2.0, area / 100)", [1, 2]),
        ("area IN (empty, 200)", [2, 7]),
        ("1 = 1 AND 2 IS NOT NULL", [1, 2, 3, 4, 5, 6, 7]),
        ("TIMESTAMP('2026-01-01T05:00:00Z') = DATE('2026-01-01')", [1, 2, 3, 4, 5, 6, 7]),
        ("since >= DATE('2026-01-01')", [1, 4, 5]),
        ("since = '2026-01-01'", [1]),
        ("since < TIMESTAMP('2026-01-01T00:00:00Z')", [2, 7]),
        ("since > '2025-12-31T23:00:00-02:00'", [4, 5]),
        ("since BETWEEN DATE('2025-12-31') AND DATE('2026-01-01')", [1, 2]),
        ("area / 0 = 1 OR rows = 1", [1]),
        ("NOT area / 0 = 1", []),
        ("area - 100 = rows * 100 - 100", [1, 2]),
        ("-rows < -6", [7]),
        ("empty = 'x' OR NOT empty = 'x'", []),
        ("empty IS NULL AND rows < 3", [1, 2]),
        ('rows = 面积 AND "面积" > 6', [7]),
        ("code = 'yes' OR area > 100 AND NOT good", [1, 2, 6]),
        ("(code = 'yes' OR area > 100) AND NOT good", [2, 6]),
        ("true", [1, 2, 3, 4, 5, 6, 7]),
        ("false", []),
    ],
)
def test_known_answers(expression, expected):
    assert rows(expression) == expected


def test_the_table_is_not_touched_and_order_and_index_do_not_matter():
    before = TABLE.copy(deep=True)
    shuffled = TABLE.sample(frac=1, random_state=3)
    found = select(shuffled, "area > 100 OR since < DATE('2026-01-01')")
    assert sorted(shuffled["rows"][found]) == rows("area > 100 OR since < DATE('2026-01-01')")
    pd.testing.assert_frame_equal(TABLE, before)


def test_an_empty_table_selects_nothing():
    assert select(TABLE.iloc[:0], "code LIKE '%e%' AND area > 1 AND since > '2026-01-01'").tolist() == []


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float32", "object"])
def test_numbers_of_every_kind_compare(dtype):
    table = pd.DataFrame({"n": pd.Series([1, 2, None], dtype=dtype)})
    assert rows("n >= 2", table) == [2]
    assert rows("NOT n >= 2", table) == [1]


@pytest.mark.parametrize("dtype", ["boolean", "object"])
def test_flags_may_be_missing(dtype):
    table = pd.DataFrame({"f": pd.Series([True, False, None], dtype=dtype)})
    assert rows("f", table) == [1]
    assert rows("NOT f", table) == [2]


# — what a person did wrong, and how to mend it


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("codes = 'yes'", "did you mean code"),
        ("CODE = 'yes'", "did you mean code"),
        ("zzzz = 1", "there are: code, area"),
        ("area = 'yes'", "write the number without quotes"),
        ("code = 5", "write text in single quotes"),
        ("code > DATE('2026-01-01')", "write text in single quotes"),
        ("since = 5", "write a date as DATE"),
        ("since = 'soon'", "'soon' is not a date"),
        ("since = DATE('2026-02-30')", "'2026-02-30' is not a date"),
        ("since = DATE('2026-02-01T00:00:00Z')", "is not a date"),
        ("code = null", "column IS NULL"),
        ("area LIKE '1%'", "LIKE looks into text"),
        ("code LIKE area", "pattern in single quotes"),
        ("code + 1 = 2", "is not a number"),
        ("CASEI(area) = 'x'", "CASEI takes text"),
        ("code", "compared with true"),
        ("area", "compared with true"),
        ("S_INTERSECTS(geometry, POINT(1 2))", "no geometry"),
        ("lower(code) = 'yes'", "functions known here"),
        ("code = 'yes", "character 8"),
        ("code == 'yes'", "character 7"),
        ("code = 'yes' AND", "ends too soon"),
        ("(code = 'yes'", "ends too soon"),
        ("code = 'yes')", "character 13"),
        ("(code = 'yes') = (area = 1)", "not conditions"),
        ("code AND 'x'", "a condition is missing"),
        ("1", "a condition is missing"),
        ("", "empty"),
        ("area = 1e999", "too large"),
        ("code = 'yes'; DROP TABLE parcels", "character 13"),
        ("__import__('os') = 1", "functions known here"),
    ],
)
def test_faults_are_named_with_their_mend(expression, part):
    with pytest.raises(FilterError) as caught:
        select(TABLE, expression)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "tree",
    [
        None, [], {}, {"op": "and", "args": []}, {"op": "=", "args": [1]}, {"op": "exec", "args": ["x"]}, {"op": 3, "args": []},
        {"op": "=", "args": [{"property": ["area"]}, 1]}, {"op": "=", "args": [{"date": 5}, {"property": "since"}]},
        {"op": "in", "args": [{"property": "area"}, "x"]}, {"op": "like", "args": [{"property": "code"}, {"op": "casei", "args": []}]},
        {"op": "=", "args": [{"property": "area"}, None]}, {"op": "=", "args": [{"property": "area"}, 10**400]}, {"op": "s_intersects", "args": [{"property": "g"}, {"type": "Blob"}]},
    ],
)  # fmt: skip
def test_a_tree_from_elsewhere_is_refused_with_words(tree):
    with pytest.raises(FilterError):
        evaluate(TABLE, tree)


def test_a_tree_from_elsewhere_cannot_be_deep():
    tree = {"property": "good"}
    for _ in range(5000):
        tree = {"op": "not", "args": [tree]}
    with pytest.raises(FilterError, match="too deep"):
        evaluate(TABLE, tree)
    value = {"property": "area"}
    for _ in range(5000):
        value = {"op": "+", "args": [value, 1]}
    with pytest.raises(FilterError, match="too deep"):
        evaluate(TABLE, {"op": "=", "args": [value, 1]})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("it''s", "it's"), ("it\\'s", "it's"), ("a\\tb\\nc\\r\\a\\b\\v\\f", "a\tb\nc\r\a\b\v\f"), ("C:\\\\new", "C:\\new"),
        ("100\\%", "100\\%"), ("\\x", "\\x"), ("''", "'"),
    ],
)  # fmt: skip
def test_texts_are_escaped_as_the_standard_says(written, meant):
    """Two quotes or a backslash before one, and the control characters of OGC 21-065's escaping; what LIKE escapes stays."""
    assert parse(f"a = '{written}'")["args"][1] == meant


@pytest.mark.parametrize("text", ["code = 'a\0b'", "code = 'a\ud800b'", "\0", "\udfff = 1"])
def test_what_is_no_character_is_refused(text):
    with pytest.raises(FilterError, match="no character"):
        parse(text)


def test_names_may_begin_with_a_colon_and_hold_dots():
    assert parse(":a.b:c = 1")["args"][0] == {"property": ":a.b:c"}


# — hostile text: bounded in length, depth and time, on the small stack of a server's thread

DEEP = {
    "brackets": lambda n: "(" * n + "rows = 1" + ")" * n,
    "unclosed": lambda n: "(" * n,
    "brackets with a mistake": lambda n: "(" * n + "rows = 1 =" + ")" * n,
    "not": lambda n: "not " * n + "good",
    "minus": lambda n: "rows = " + "-" * n + "1",
    "casei": lambda n: "casei(" * n + "code" + ")" * n + " = 'x'",
    "sum": lambda n: "rows = 1" + "+1" * n,
    "lists": lambda n: "rows in " + "(" * n + "1" + ")" * n,
    "dates": lambda n: "t_after(" * n + "since" + ", since)" * n,
    "wkt": lambda n: "s_intersects(geometry, " + "GEOMETRYCOLLECTION(" * n + "POINT(1 2)" + ")" * n + ")",
}


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100, 300])
def test_depth_is_refused_at_once(kind, depth):
    answers = []

    def attempt():
        try:
            parse(DEEP[kind](depth))
        except FilterError as error:
            answers.append(str(error))

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(answers) == 1


def calls_of(text):
    """How many functions run while a text is read."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        del frame, argument
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        with contextlib.suppress(FilterError):
            parse(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("kind", DEEP)
def test_what_is_too_deep_is_refused_after_so_many_steps_as_the_limit_is_deep(kind):
    """A reader that goes back at each bracket takes twice the steps for one more; this one takes the same for any."""
    shallow, deep = (calls_of(DEEP[kind](depth)) for depth in (MAX_DEPTH + 1, 300))
    assert shallow <= 20 * (MAX_DEPTH + 1)
    assert deep <= shallow + 10


@pytest.mark.parametrize("kind", ["brackets with a mistake", "brackets"])
def test_each_bracket_costs_the_same(kind):
    few, more, most = (calls_of(DEEP[kind](depth)) for depth in (5, 10, 20))
    assert most - more == 2 * (more - few)


@pytest.mark.parametrize("kind", ["brackets", "not", "minus", "sum"])
def test_the_stated_depth_is_read(kind):
    assert select(TABLE, DEEP[kind](MAX_DEPTH - 1)).shape == (len(TABLE),)


def test_length_is_limited_in_bytes():
    longest = "code = '" + "x" * (MAX_BYTES - 9) + "'"
    assert rows(longest) == []
    for text in (longest + " ", "code = '" + "闲" * (MAX_BYTES // 3) + "'"):
        with pytest.raises(FilterError, match="too long"):
            parse(text)


def test_a_pattern_cannot_run_away():
    """Each % is tried once: its part stands in an atomic group, so a text that fails is not tried in other ways."""
    table = pd.DataFrame({"t": ["a" * 30_000, "a" * 30_000 + "b"]})
    assert rows("t LIKE '" + "%a" * 900 + "%b'", table) == [2]
    made = _pattern("x%a%b_%c").pattern
    assert made == "x(?>.*?a)(?>.*?b.).*c"
    assert made.count(".*") == made.count("(?>") + 1  # only the last goes back, once over the text


@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_a_filter_error(text):
    with contextlib.suppress(FilterError):
        assert isinstance(parse(text), dict | bool)


WORDS = st.lists(
    st.sampled_from(["(", ")", ",", "=", "<>", "<", "+", "-", "*", "/", "'x'", "1", "2.5", "area", "code", "and", "or", "not", "in", "like", "between", "is", "null", "true", "date", "bbox", "point"]),
    max_size=14,
).map(" ".join)  # fmt: skip


@given(WORDS)
@settings(max_examples=300)
def test_any_row_of_words_gives_rows_or_a_filter_error(text):
    with contextlib.suppress(FilterError):
        assert len(select(TABLE, text)) == len(TABLE)


# — laws: three-valued logic against a reading row by row, and the tree against the cql2 package

NUMBERS = st.one_of(st.none(), st.integers(-3, 3).map(float))
TEXTS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "ab", "aba", "A", "a%", "闲置"]))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, TEXTS), max_size=8)


def quoted(text):
    return "'" + text + "'"


LEAVES = st.one_of(
    st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.integers(-3, 3)).map(
        lambda t: f"{t[0]} {t[1]} {t[2]}"
    ),
    st.sampled_from(["=", "<>", "<", ">="]).map(lambda sign: f"x {sign} y"),
    st.tuples(st.sampled_from(["=", "<>"]), st.sampled_from(["a", "ab", "", "闲置"])).map(lambda t: f"t {t[0]} {quoted(t[1])}"),
    st.sampled_from(["%", "a%", "%a", "_", "_b%", "%b%", "闲_"]).map(lambda p: f"t LIKE {quoted(p)}"),
    st.sampled_from(["x", "y", "t"]).map(lambda name: f"{name} IS NULL"),
    st.lists(st.integers(-3, 3), min_size=1, max_size=3).map(lambda v: f"x IN ({', '.join(map(str, v))})"),
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(lambda t: f"y BETWEEN {t[0]} AND {t[1]}"),
    st.tuples(st.sampled_from("+-*/"), st.integers(-3, 3)).map(lambda t: f"x {t[0]} y > {t[1]}"),
)  # fmt: skip
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda c: f"NOT ({c})"),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    ),
    max_leaves=6,
)


def row_value(node, row):
    if isinstance(node, dict) and "property" in node:
        return row[node["property"]]
    if not isinstance(node, dict):
        return node
    left, right = (row_value(arg, row) for arg in node["args"])
    if left is None or right is None or (node["op"] == "/" and right == 0):
        return None
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[node["op"]]


def like(text, pattern):
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(text[start:], pattern[1:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in {"_", text[0]} and like(text[1:], pattern[1:])


def both(parts):
    return False if False in parts else None if None in parts else True


def row_truth(node, row):  # noqa: PLR0911 - one for each operator
    """True, False or None for one row: what each operator means, said once more and plainly."""
    op, args = node["op"], node["args"]
    if op == "not":
        inner = row_truth(args[0], row)
        return None if inner is None else not inner
    if op in {"and", "or"}:
        parts = [row_truth(arg, row) for arg in args]
        if op == "and":
            return both(parts)
        inverse = both([None if part is None else not part for part in parts])
        return None if inverse is None else not inverse
    if op == "isNull":
        return row_value(args[0], row) is None
    left = row_value(args[0], row)
    if op == "in":
        return None if left is None else left in args[1]
    rest = [row_value(arg, row) for arg in args[1:]]
    if left is None or None in rest:
        return None
    if op == "between":
        return rest[0] <= left <= rest[1]
    if op == "like":
        return like(left, rest[0])
    order = (left > rest[0]) - (left < rest[0])
    return {
        "=": order == 0,
        "<>": order != 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
    }[op]


@given(ROWS, CONDITIONS)
@settings(max_examples=300, deadline=None)
def test_whole_columns_agree_with_row_by_row(data, condition):
    table = pd.DataFrame(data, columns=["x", "y", "t"]).astype({"x": float, "y": float, "t": "str"})
    tree = parse(condition)
    records = [{"x": x, "y": y, "t": t} for x, y, t in data]
    expected = [row_truth(tree, record) is True for record in records]
    assert select(table, condition).tolist() == expected
    refused = [row_truth(tree, record) is False for record in records]
    assert select(table, f"NOT ({condition})").tolist() == refused


@given(ROWS, CONDITIONS)
@settings(max_examples=200, deadline=None)
def test_whole_columns_agree_with_sqlite(data, condition):
    """SQLite reads the same text: its three-valued logic is another program's."""
    table = pd.DataFrame(data, columns=["x", "y", "t"]).astype({"x": float, "y": float, "t": "str"})
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA case_sensitive_like = ON")
    database.execute("CREATE TABLE rows (x REAL, y REAL, t TEXT)")
    database.executemany("INSERT INTO rows VALUES (?, ?, ?)", data)
    found = {number for (number,) in database.execute(f"SELECT rowid FROM rows WHERE {condition}")}  # noqa: S608 - our own text
    database.close()
    assert set((np.flatnonzero(select(table, condition)) + 1).tolist()) == found


@given(CONDITIONS)
@settings(max_examples=300, deadline=None)
def test_the_tree_is_the_one_of_the_cql2_package(condition):
    assert _flat(parse(condition)) == _flat(cql2.parse_text(condition).to_json())


def _flat(node):
    """``and`` inside ``and`` says the same as one ``and``; the package writes it flat."""
    if isinstance(node, list):
        return [_flat(item) for item in node]
    if not isinstance(node, dict):
        return node
    flat = {key: _flat(value) for key, value in node.items()}
    if flat.get("op") in {"and", "or"}:
        parts = (
            (arg["args"] if isinstance(arg, dict) and arg.get("op") == flat["op"] else [arg])
            for arg in flat["args"]
        )
        flat["args"] = [item for part in parts for item in part]
    return flat


@pytest.mark.parametrize(
    "text",
    [
        "a = -1.5e3", "a != 'it''s'", '"a b" = 1', "CASEI(a) LIKE CASEI('X%')", "a NOT IN (1, -2)", "a = -b", "2*a+3 >= b/(c-1)",
        "d > DATE('2026-01-01')", "d > TIMESTAMP('2026-01-01T00:00:00Z')", "S_INTERSECTS(g, BBOX(1,2,3,4))", "a = TRUE AND b",
        "S_INTERSECTS(g, POLYGON((0 0,1 0,1 1,0 0)))", "s_intersects(g, MULTIPOINT((1 2),(3 4)))", "NOT a IS NOT NULL", "a - b - c = 1",
        "a / b * c = 1", "NOT a = 1 AND b = 2", "a = 1 OR b = 2 AND c = 3",
    ],
)  # fmt: skip
def test_forms_of_the_language_are_read_as_the_cql2_package_reads_them(text):
    assert _flat(parse(text)) == _flat(cql2.parse_text(text).to_json())


# — geometry


@pytest.fixture
def plots():
    """Three 100 m squares at 500 m from each other on the meridian of zone 40, and a row without geometry."""
    shapes = [box(x, 3_500_000, x + 100, 3_500_100) for x in (500_000, 500_500, 501_000)]
    return gpd.GeoDataFrame({"n": [1, 2, 3, 4]}, geometry=[*shapes, None], crs=4549)


def degrees(plots, x, y):
    point = gpd.GeoSeries([Point(x, y)], crs=plots.crs).to_crs("OGC:CRS84").iloc[0]
    return point.x, point.y


def test_a_box_a_point_and_a_polygon_find_what_they_touch(plots):
    west, south = degrees(plots, 500_050, 3_500_050)
    east, north = degrees(plots, 500_550, 3_500_060)
    assert rows(f"S_INTERSECTS(geometry, BBOX({west}, {south}, {east}, {north}))", plots) == [1, 2]
    assert rows(f"S_INTERSECTS(POINT({east} {north}), geometry)", plots) == [2]
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    assert rows(f"S_INTERSECTS(geometry, POLYGON(({ring}))) AND n > 1", plots) == [2]
    assert rows("S_INTERSECTS(geometry, BBOX(-180, -90, 180, 90))", plots) == [1, 2, 3]
    assert rows("NOT S_INTERSECTS(geometry, BBOX(-180, -90, 180, 90))", plots) == []
    assert rows("S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))", plots) == []
    assert rows("geometry IS NULL", plots) == [4]


def test_an_edge_in_degrees_is_not_a_straight_line_in_metres():
    """Along a parallel 200 km long, the straight line between its ends passes far from it."""
    crs = "EPSG:4549"
    on_parallel = gpd.GeoSeries([Point(120.0, 31.0)], crs="OGC:CRS84").to_crs(crs)
    east_end = gpd.GeoSeries([Point(121.2, 31.5)], crs="OGC:CRS84").to_crs(crs)
    west_end = gpd.GeoSeries([Point(118.8, 31.5)], crs="OGC:CRS84").to_crs(crs)
    small = on_parallel.buffer(5).iloc[0]
    table = gpd.GeoDataFrame(geometry=[small, east_end.iloc[0], west_end.iloc[0]], crs=crs)
    assert rows("S_INTERSECTS(geometry, LINESTRING(118.8 31, 121.2 31))", table) == [1]


@pytest.mark.parametrize(
    ("literal", "part"),
    [
        ("POINT(500050 3500050)", "outside the globe"),
        ("BBOX(1, 2, 3)", "west, south, east, north"),
        ("BBOX(1, 4, 3, 2)", "south is above"),
        ("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))", "not valid"),
        ("'text'", "no geometry"),
        ("POINT(1 2), 5", "takes 2"),
        ("POLYGON((0 0, 1 1))", "WKT"),
    ],
)
def test_a_wrong_geometry_is_named(plots, literal, part):
    with pytest.raises(FilterError) as caught:
        select(plots, f"S_INTERSECTS(geometry, {literal})")
    assert part in str(caught.value)


def test_geometry_is_looked_for_in_the_geometry_column_only(plots):
    with pytest.raises(FilterError, match="no geometry"):
        select(plots, "S_INTERSECTS(n, POINT(1 2))")
    with pytest.raises(FilterError, match="cannot be compared"):
        select(plots, "geometry = 'x'")


POINTS = gpd.GeoDataFrame(
    geometry=[Point(500_061 + 137 * i, 3_432_000 + 211 * i) for i in range(300)], crs=4549
)
POINTS_IN_DEGREES = POINTS.geometry.to_crs("OGC:CRS84")


@given(st.floats(119.9, 120.6), st.floats(30.9, 31.7), st.floats(0, 0.3), st.floats(0, 0.3))
@settings(max_examples=60, deadline=None)
def test_boxes_agree_with_geopandas_in_degrees(west, south, width, height):
    window = box(west, south, west + width, south + height)
    expected = POINTS_IN_DEGREES.intersects(window).to_numpy()
    found = select(POINTS, f"S_INTERSECTS(geometry, BBOX({west}, {south}, {west + width}, {south + height}))")
    assert found.tolist() == expected.tolist()
