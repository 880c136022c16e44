"""What PostGIS holds is what memory holds: the same rows, in the same order, in the same bytes; and publishing is whole or not at all."""

import asyncio
import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, box

from api import Settings
from api.asked.selection import EVERYTHING, Selection
from api.asked.systems import read_bounds
from api.errors import GoneError, RequestError
from api.postgis import Database, PostgisShelf, publish
from api.served.catalogue import build_collections
from parkgeo.errors import FilterError, NotFoundError, ProjectError, StoreError
from parkgeo.store import Workspace
from parkgeo.store.where import parse
from tests.api.conftest import open_client
from tests.snapshot_builder import CRS_EPSG, build_snapshot

AS_OF = dt.date(2026, 6, 30)
WEST, SOUTH = 500_000.0, 3_500_000.0
WORDS = [
    "yes",
    "no",
    "",
    "Ärger",
    "STRASSE",
    "straße",
    "İstanbul",
    "ﬁle",
    "地块%",
    "a_b",
    "back\\slash",
    "ΑΣ",
    "ας",
    "😀",
    None,
]


def ugly_table(count=60):
    """A table with something of each kind, many values missing, many the same."""
    draw = np.random.default_rng(7)
    pick = lambda values: [values[place] for place in draw.integers(0, len(values), count)]  # noqa: E731
    days = [pd.NaT, *(pd.Timestamp("2024-01-01") + pd.Timedelta(days=day) for day in (0, 1, 31, 400))]
    moments = [
        pd.NaT,
        pd.Timestamp("2024-01-01 00:00:01"),
        pd.Timestamp("2024-01-01 23:59:59.5"),
        pd.Timestamp("2024-02-01"),
    ]
    shapes = [
        None if place % 11 == 3
        else MultiPolygon([box(WEST + 300 * (place % 8), SOUTH + 300 * (place // 8), WEST + 300 * (place % 8) + 250, SOUTH + 300 * (place // 8) + 200 + place)])
        for place in range(count)
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"P/{number:03d}#é" for number in range(count)],
            "park_id": "K1",
            "name": pick(WORDS),
            "other": pick(WORDS),
            "area": pick([0.0, -1.5, 2.5, 1e300, -1e300, 1e-300, 3.0, np.nan]),
            "whole": pd.array(pick([1, 2, 3, -4, None]), dtype="Int64"),
            "count": pick([0, 1, 2**53 + 1, -7]),
            "flag": pd.array(pick([True, False, None]), dtype="boolean"),
            "since": pd.Series(pick(days), dtype="datetime64[ms]"),
            "seen": pd.Series(pick(moments), dtype="datetime64[us]"),
            "nothing": pd.Series([None] * count, dtype=object),
            "listed": pd.Series(
                [[str(place), "x"] if place % 3 else None for place in range(count)], dtype=object
            ),
        },
        geometry=gpd.GeoSeries(shapes, crs=CRS_EPSG),
        crs=CRS_EPSG,
    )


@pytest.fixture(scope="module")
def ugly(tmp_path_factory):
    table = ugly_table()
    mixed = gpd.GeoDataFrame(
        {"utility_id": ["a", "b", "c"], "kind": ["gas", None, "heat"]},
        geometry=[Point(WEST, SOUTH), LineString([(WEST, SOUTH), (WEST + 9, SOUTH + 9)]), None],
        crs=CRS_EPSG,
    )
    catalogue = {
        "fields": {},
        "findings": {},
        "tables": {"parcels": {"zh": "宗地", "en": "Parcels", "key": "parcel_id"}},
    }
    manifest = {
        "version": "0",
        "park": "园",
        "crs": table.crs.to_wkt(),
        "packs": [],
        "inputs": [],
        "layers_missing": [],
    }
    workspace = Workspace(tmp_path_factory.mktemp("ugly"))
    return workspace.publish(AS_OF, {"parcels": table, "utilities": mixed}, catalogue, manifest)


@contextlib.contextmanager
def shelf_of(address, **told):
    shelf = PostgisShelf(Database(address, **told))
    try:
        yield shelf
    finally:
        shelf.close()


@pytest.fixture(scope="module")
def both(postgis, ugly):
    """The same collection twice: in memory, in the database."""
    address = postgis.create()
    publish(ugly, address)
    with shelf_of(address) as shelf:
        there = shelf.current()
        yield build_collections(ugly), shelf.collections(there), ugly, there


def page(rows, *args, **more):
    return asyncio.run(rows.page(*args, **more))


def pages(rows, selection, limit, **more):
    """All pages, one after the other."""
    after, found = None, []
    while True:
        one = page(rows, selection, limit, after=after, **more)
        found.append((one.features, one.matched, one.returned))
        after = one.following
        if after is None:
            return found


def test_features_are_the_same_bytes_in_the_same_order(both):
    memory, database, *_ = both
    assert set(memory) == set(database) >= {"parcels", "utilities_points", "utilities_lines"}
    for name, collection in memory.items():
        other = database[name]
        assert pages(collection.rows, EVERYTHING, 7) == pages(other.rows, EVERYTHING, 7)
        assert (len(collection.rows), collection.rows.extent) == (len(other.rows), other.rows.extent)
        for told in ("id", "titles", "geometry_type", "fields", "time", "period"):
            assert getattr(collection, told) == getattr(other, told)
        for feature in orjson.loads(b"[" + page(collection.rows, EVERYTHING, 100).features + b"]"):
            mine, theirs = (asyncio.run(rows.item(feature["id"])) for rows in (collection.rows, other.rows))
            assert mine == theirs is not None


@pytest.mark.parametrize("name", ["", "P/000", "\0", "\ud800", "'; DROP TABLE x --", "9" * 100_000])
def test_an_item_that_is_not_there_is_none(both, name):
    assert asyncio.run(both[1]["parcels"].rows.item(name)) is None


def test_tables_are_read_back_with_their_types_and_in_their_order(both):
    memory, database, folder, there = both
    for table in there.tables:
        read, told = there.read(table), folder.read(table)
        assert isinstance(read, gpd.GeoDataFrame) == isinstance(told, gpd.GeoDataFrame)
        listed = [name for name in ("listed",) if name in told]
        for name in listed:
            assert [None if one is None else list(one) for one in read[name]] == [
                None if one is None else [str(part) if isinstance(part, str) else part for part in one] for one in told[name]
            ]  # fmt: skip
        pd.testing.assert_frame_equal(
            pd.DataFrame(read).drop(columns=listed), pd.DataFrame(told).drop(columns=listed)
        )
    mine, theirs = (asyncio.run(one["parcels"].rows.frame(EVERYTHING, 9)) for one in (memory, database))
    assert list(mine["parcel_id"]) == list(theirs["parcel_id"])
    assert mine.crs == theirs.crs
    with pytest.raises(NotFoundError):
        there.read("rejects")


NUMBERS = st.sampled_from(["0", "1", "-1.5", "2.5", "3", "1e300", "1e-300", "9007199254740993"])
TEXTS = st.sampled_from(
    [word.replace("'", "''") for word in WORDS if word is not None] + ["strasse", "it''s", "ΑΣ", "İ"]
)
PATTERNS = st.text(alphabet=["%", "_", "\\", "a", "S", "s", "ß", "地", "Ä"], max_size=5)
DAYS = st.sampled_from(["DATE('2024-01-01')", "DATE('2024-02-01')", "TIMESTAMP('2024-01-01T00:00:01Z')", "TIMESTAMP('2024-02-01T00:00:00Z')", "'2024-01-02'"])  # fmt: skip
SIGNS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
NUMERIC = st.recursive(
    NUMBERS | st.sampled_from(["area", "whole", '"count"', "nothing"]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
    max_leaves=4,
)
TEXTUAL = TEXTS.map("'{}'".format) | st.sampled_from(["name", "other", "CASEI(name)", "CASEI(other)"])
TIMES = st.sampled_from(["since", "seen"])
INTERVALS = st.sampled_from(["INTERVAL('2024-01-01', '..')", "INTERVAL('..', '2024-02-01')", "INTERVAL('2024-01-01', '2024-01-31')",
                             "INTERVAL('2024-01-01T00:00:01Z', '2024-02-01T00:00:00Z')", "INTERVAL(since, seen)", "seen"])  # fmt: skip
RELATIONS = st.sampled_from(["T_AFTER", "T_BEFORE", "T_DURING", "T_EQUALS", "T_INTERSECTS", "T_DISJOINT", "T_CONTAINS", "T_FINISHES", "T_MEETS", "T_STARTS", "T_OVERLAPS"])  # fmt: skip
DEGREES = st.builds("{} {}".format, st.floats(119.99, 120.04).map(lambda x: round(x, 4)), st.floats(31.61, 31.66).map(lambda y: round(y, 4)))  # fmt: skip
PLACES = (
    DEGREES.map("POINT({})".format)
    | st.builds("LINESTRING({}, {})".format, DEGREES, DEGREES)
    | st.sampled_from(["BBOX(119.9, 31, 120.006, 31.7)", "BBOX(170, -80, -170, 80)", "BBOX(120.0, 31.62, 120.002, 31.63)",
                       "POLYGON((120 31.62, 120.01 31.62, 120.01 31.64, 120 31.62))", "MULTIPOINT((120 31.62), (120.001 31.621))"])
)  # fmt: skip
LEAVES = st.one_of(
    st.builds("{} {} {}".format, NUMERIC, SIGNS, NUMERIC),
    st.builds("{} {} {}".format, TEXTUAL, SIGNS, TEXTUAL),
    st.builds("{} {} {}".format, TIMES, SIGNS, DAYS | TIMES),
    st.builds("{} LIKE '{}'".format, TEXTUAL, PATTERNS),
    st.builds("CASEI(name) LIKE CASEI('{}')".format, PATTERNS),
    st.builds("{} BETWEEN {} AND {}".format, NUMERIC, NUMERIC, NUMERIC),
    st.builds("name IN ('{}', '{}')".format, TEXTS, TEXTS),
    st.builds("area IN ({}, {})".format, NUMBERS, NUMBERS),
    st.builds("{} IS NULL".format, st.sampled_from(["name", "area", "whole", "flag", "since", "nothing", "listed", "geometry"])),
    st.builds("{}({}, {})".format, RELATIONS, TIMES, INTERVALS),
    st.builds("{}(geometry, {})".format, st.sampled_from(["S_INTERSECTS", "S_DISJOINT", "S_WITHIN", "S_CONTAINS", "S_TOUCHES"]), PLACES),
    st.builds("S_DWITHIN(geometry, {}, {})".format, PLACES, st.sampled_from(["0", "100", "900", "5000"])),
    st.sampled_from(["flag", "flag = TRUE", "flag <> TRUE", "TRUE", "nothing = 1", "area = nothing"]),
)  # fmt: skip
FILTERS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds("({}) AND ({})".format, inner, inner)
        | st.builds("({}) OR ({})".format, inner, inner)
        | inner.map("NOT ({})".format)
    ),
    max_leaves=5,
)
ORDERS = st.lists(st.tuples(st.sampled_from(["name", "area", "whole", "count", "flag", "since", "seen"]), st.booleans()), max_size=3, unique_by=lambda key: key[0])  # fmt: skip
BOXES = st.none() | st.sampled_from(
    ["119.9,31,120.006,31.7", "120,31.62,120,31.62", "120,31.6,120,31.7", "170,0,130,60", "0,0,1,1"]
)


@settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(FILTERS, ORDERS, BOXES, st.sampled_from([1, 4, 100]))
def test_both_stores_find_the_same_rows_in_the_same_order(both, text, order, bounds, limit):
    memory, database, *_ = both
    try:
        condition = orjson.dumps(parse(text)).decode()
    except FilterError:
        reject()
    selection = Selection(shape=read_bounds(bounds), condition=condition, order=tuple(order))
    told = []
    for collections in (memory, database):
        try:
            told.append(pages(collections["parcels"].rows, selection, limit))
        except FilterError as error:
            told.append(str(error))
    assert told[0] == told[1]


@pytest.fixture(scope="module")
def wide(postgis, tmp_path_factory):
    """A collection of so many rows that an index is worth it, ties and missing values among them."""
    rows, draw = 3_000, np.random.default_rng(5)
    numbers = draw.normal(size=rows).round(1)
    table = gpd.GeoDataFrame(
        {
            "parcel_id": [f"P{number:05d}" for number in range(rows)],
            "name": [f"n{number % 700}" for number in range(rows)],
            "area": np.where(draw.random(rows) < 0.2, np.nan, numbers),
            "whole": draw.integers(0, 5, rows),
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 900, rows), unit="D"),
        },
        geometry=[box(WEST + at, SOUTH, WEST + at + 1, SOUTH + 1) for at in range(rows)],
        crs=CRS_EPSG,
    )
    catalogue = {"fields": {}, "findings": {}, "tables": {}}
    manifest = {
        "version": "0",
        "park": "",
        "crs": table.crs.to_wkt(),
        "packs": [],
        "inputs": [],
        "layers_missing": [],
    }
    snapshot = Workspace(tmp_path_factory.mktemp("wide")).publish(
        AS_OF, {"parcels": table}, catalogue, manifest
    )
    address = postgis.create()
    publish(snapshot, address)
    with shelf_of(address) as shelf:
        yield build_collections(snapshot)["parcels"].rows, shelf.collections(shelf.current())["parcels"].rows


@pytest.mark.parametrize(
    ("name", "falls"),
    [("area", False), ("area", True), ("whole", False), ("whole", True), ("since", False), ("since", True), ("name", False)],
)  # fmt: skip
def test_a_sorted_page_is_read_from_an_index_at_any_depth(wide, monkeypatch, name, falls):
    memory, database = wide
    asked = []
    execute = psycopg.Connection.execute

    def noted(connection, query, values=None, **told):
        text = query if isinstance(query, str) else query.as_string(connection)
        if text.startswith(("SELECT ARRAY(SELECT _place", "\nWITH chosen AS (SELECT ARRAY(SELECT _place")):
            bare = values[: text.partition(") AS places")[0].count("%s")]
            asked.append(
                [_plan(execute, connection, text, bare, put_in_order) for put_in_order in ("on", "off")]
            )
        return execute(connection, query, values, **told)

    monkeypatch.setattr(psycopg.Connection, "execute", noted)
    selection = Selection(order=((name, falls),))
    mine = theirs = None
    for _ in range(28):
        one, other = (
            page(rows, selection, 100, after=after) for rows, after in ((memory, mine), (database, theirs))
        )
        assert one.features == other.features
        mine, theirs = one.following, other.following
    assert len(asked) > 28
    for chosen, ordered in asked:
        # The last few rows may be fetched and then put in order, which is quicker; but never all are looked at,
        assert "Seq Scan" not in chosen, chosen
        # and an index has them in the order that is asked for.
        assert "Index" in ordered, ordered
        assert "Sort" not in ordered, ordered


def _plan(execute, connection, text, values, put_in_order):
    for way in ("enable_sort", "enable_bitmapscan"):
        execute(connection, f"SET {way} = {put_in_order}")
    lines = execute(connection, f"EXPLAIN {_places(text)}", values).fetchall()
    for way in ("enable_sort", "enable_bitmapscan"):
        execute(connection, f"RESET {way}")
    return "\n".join(line for (line,) in lines)


def _places(text):
    """The part of a question that finds rows."""
    start = text.index("SELECT _place")
    return text[start : text.index("LIMIT %s", start) + len("LIMIT %s")]


@pytest.mark.parametrize(
    "text",
    ["nam = 'x'", "area = 'x'", "name > 1", "flag > 2", "listed = 1", "CASEI(area) = 'x'", "area LIKE 'x'", "geometry = 1",
     "S_INTERSECTS(name, POINT(1 2))", "S_INTERSECTS(geometry, POINT(500 2))", "T_AFTER(name, DATE('2024-01-01'))", "name + 1 = 2"],
)  # fmt: skip
def test_both_stores_refuse_the_same_filters_in_the_same_words(both, text):
    words = []
    for collections in both[:2]:
        with pytest.raises(FilterError) as refused:
            page(collections["parcels"].rows, Selection(condition=orjson.dumps(parse(text)).decode()), 1)
        words.append(str(refused.value))
    assert words[0] == words[1]


@pytest.mark.parametrize(
    "after", [[], [1, 2], ["1"], [None], [-1], [True], [1.5], [60], [59], [2**31], [10**30]]
)
def test_a_place_that_is_none_is_refused(both, after):
    with pytest.raises(RequestError):
        page(both[1]["parcels"].rows, EVERYTHING, 5, after=after)


def test_a_row_of_another_query_is_no_place_to_go_on(both):
    rows = both[1]["parcels"].rows
    selection = Selection(condition=orjson.dumps(parse("name = 'yes'")).decode(), order=(("area", True),))
    wrong = next(
        place for place in range(60)
        if place not in asyncio.run(rows.frame(selection)).index and b'"name":"no"' in page(rows, EVERYTHING, 1, after=[place - 1] if place else None).features
    )  # fmt: skip
    with pytest.raises(RequestError):
        page(rows, selection, 5, after=[wrong])


@pytest.mark.parametrize("most", [1, 500, 2_000, 10_000])
def test_a_page_ends_before_it_grows_too_large(both, most):
    memory, database, *_ = both
    for selection in (EVERYTHING, Selection(condition=orjson.dumps(parse("area > 0")).decode())):
        assert pages(memory["parcels"].rows, selection, 20, most_bytes=most) == pages(
            database["parcels"].rows, selection, 20, most_bytes=most
        )


def test_what_lies_in_a_box_is_drawn_the_largest_first(both):
    for bounds in ((119.9, 31, 120.006, 31.7), (0, 0, 1, 1), (-180, -90, 180, 90)):
        for most in (3, 1000):
            for selection in (EVERYTHING, Selection(condition=orjson.dumps(parse("area > 0")).decode())):
                mine, theirs = (
                    asyncio.run(one["parcels"].rows.patch(bounds, ("name", "area"), selection, most))
                    for one in both[:2]
                )
                assert sorted(mine.ids) == sorted(theirs.ids)
                row = {name: place for place, name in enumerate(theirs.ids)}
                places = [row[name] for name in mine.ids]
                for name, values in theirs.columns.items():
                    told = [values[place] for place in places]
                    assert told == [None if one != one else one for one in mine.columns[name]]  # noqa: PLR0124
                assert all(a.equals(b) for a, b in zip(mine.geometry, theirs.geometry[places], strict=True))


# — publishing


def ask(address, text, *values):
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(text, values).fetchall()


@pytest.fixture
def database(postgis):
    return postgis.create()


@pytest.fixture
def three(tmp_path):
    return [build_snapshot(tmp_path, parcels=parcels) for parcels in (5, 6, 7)]


def test_views_show_the_live_snapshot_with_titles_and_units(database, three):
    for snapshot in three:
        done = publish(snapshot, database)
        assert (done.written, done.srid, done.made_srid) == (True, CRS_EPSG, False)
        count = len(snapshot.read("parcels"))
        assert ask(database, "SELECT count(*), min(ST_SRID(geometry)) FROM parkgeo.parcels") == [
            (count, CRS_EPSG)
        ]
    columns = ask(database, "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'parkgeo' AND table_name = 'parcels'")  # fmt: skip
    told = dict(columns)
    assert not [name for name in told if name.startswith("_")]
    assert (told["site_area_m2"], told["agreed_start"], told["idle"]) == ("double precision", "date", "text")
    assert ask(database, "SELECT type, srid FROM geometry_columns WHERE f_table_schema = 'parkgeo' AND f_table_name = 'parcels'") == [("MULTIPOLYGON", CRS_EPSG)]  # fmt: skip
    comments = ask(database, "SELECT col_description('parkgeo.parcels'::regclass, attnum) FROM pg_attribute WHERE attrelid = 'parkgeo.parcels'::regclass AND attname = 'site_area_m2'")  # fmt: skip
    assert "·" in comments[0][0]
    assert "m²" in comments[0][0] or "m2" in comments[0][0]
    assert ask(database, "SELECT name FROM parkgeo.snapshots WHERE live") == [(three[-1].name,)]


def test_publishing_again_changes_nothing_and_an_earlier_one_can_be_live_again(database, three):
    assert publish(three[0], database).written
    first = ask(database, "SELECT published_at FROM parkgeo.snapshots")
    assert not publish(three[0], database).written
    assert ask(database, "SELECT published_at FROM parkgeo.snapshots") == first
    publish(three[1], database)
    assert not publish(three[0], database).written
    assert ask(database, "SELECT count(*) FROM parkgeo.parcels") == [(5,)]
    assert publish(three[0], database, again=True).written


def test_the_oldest_are_removed_and_never_the_live_one(database, three):
    for snapshot in three:
        publish(snapshot, database)
    assert publish(three[0], database, keep=1).removed == (three[2].name, three[1].name)
    assert ask(database, "SELECT name FROM parkgeo.snapshots") == [(three[0].name,)]
    assert ask(database, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'parkgeo_2%%'") == [(1,)]


def test_the_reader_reads_and_nothing_else(database, three):
    role = f'reader {os.getpid()} "x" %s'
    publish(three[0], database, reader=role)
    assert publish(three[1], database).readers == (role,)
    ask(database, "SELECT 1")
    import psycopg
    from psycopg import sql

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        assert connection.execute("SELECT count(*) FROM parkgeo.parcels").fetchone() == (6,)
        schema = connection.execute("SELECT schema_name FROM parkgeo.snapshots WHERE live").fetchone()[0]
        assert connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, "_parcels"))
        ).fetchone() == (6,)
        for text in (
            "DELETE FROM parkgeo.snapshots",
            "CREATE TABLE parkgeo.x (a int)",
            f'DROP SCHEMA "{schema}" CASCADE',
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(text)


KILLED = """
import os, signal, sys
from api.postgis import publish
from api.postgis import publish as _
import api.postgis.publish as room
from parkgeo.store import Workspace
stop = sys.argv[4]
def tell(name):
    if name == stop:
        os.kill(os.getpid(), signal.SIGKILL)
publish(Workspace(sys.argv[1]).snapshot(sys.argv[2]), sys.argv[3], tell=tell)
"""


@pytest.mark.parametrize("stop", ["parks", "supply", "plan"])
def test_a_publisher_that_is_killed_leaves_the_old_one_live(database, three, tmp_path, stop):
    publish(three[0], database)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), three[1].name, database, stop], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert ask(database, "SELECT count(*) FROM parkgeo.parcels") == [(5,)]
    assert ask(database, "SELECT name, live FROM parkgeo.snapshots") == [(three[0].name, True)]
    assert publish(three[1], database).written
    assert ask(database, "SELECT count(*) FROM parkgeo.parcels") == [(6,)]


def test_two_publishers_come_one_after_the_other(database, three):
    done = []
    threads = [
        threading.Thread(target=lambda one=one: done.append(publish(one, database)))
        for one in three
        for _ in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 6
    assert sorted(one.name for one in done if one.written) == sorted(one.name for one in three)
    assert ask(database, "SELECT count(*) FROM parkgeo.snapshots WHERE live") == [(1,)]


def test_a_system_without_a_number_gets_one_of_its_own(database, tmp_path):
    from pyproj import CRS

    odd = CRS.from_proj4(
        "+proj=tmerc +lat_0=0 +lon_0=120.123 +k=1 +x_0=500000 +y_0=-3000000 +ellps=GRS80 +units=m +no_defs"
    )
    table = gpd.GeoDataFrame({"parcel_id": ["a"]}, geometry=[box(0, 0, 9, 9)], crs=odd)
    manifest = {
        "version": "0",
        "park": "",
        "crs": odd.to_wkt(),
        "packs": [],
        "inputs": [],
        "layers_missing": [],
    }
    snapshot = Workspace(tmp_path).publish(
        AS_OF, {"parcels": table}, {"fields": {}, "findings": {}}, manifest
    )
    first, second = publish(snapshot, database), publish(snapshot, database, again=True)
    assert (first.made_srid, second.made_srid, first.srid) == (True, False, second.srid)
    assert first.srid >= 910_000
    assert ask(database, "SELECT ST_SRID(geometry) FROM parkgeo.parcels") == [(first.srid,)]


@pytest.mark.parametrize("address", ["", "http://x", "postgresql://user:geheim@127.0.0.1:port/x", "postgresql://u:geheim@127.0.0.1:1/x", "postgresql://u:geheim@[::1/x"])  # fmt: skip
def test_a_wrong_address_is_refused_and_its_password_never_shown(three, address, caplog):
    with pytest.raises((ProjectError, StoreError)) as refused:
        publish(three[0], address)
    assert "geheim" not in f"{refused.value!r} {refused.value} {caplog.text}"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_settings_never_show_the_address():
    assert "geheim" not in repr(Settings(store="postgresql://u:geheim@h/d"))


# — serving


def test_a_snapshot_removed_under_a_reader_is_gone(database, three):
    publish(three[0], database)
    with shelf_of(database) as shelf:
        rows = shelf.collections(shelf.current())["parcels"].rows
        publish(three[1], database, keep=1)
        for wanted in (
            rows.page(EVERYTHING, 5),
            rows.item("x"),
            rows.matched(Selection(order=(), parks=("a",))),
            rows.frame(EVERYTHING),
        ):
            with pytest.raises(GoneError):
                asyncio.run(wanted)


def test_the_collections_of_a_removed_snapshot_are_gone_too(database, three, tmp_path):
    publish(three[0], database)
    with open_client(Settings(tmp_path, store=database, check_s=0.0)) as client:
        address = f"/snapshots/{three[0].name}/collections"
        assert client.get(address).status_code == 200
        publish(three[1], database, keep=1)
        until = time.monotonic() + 30
        while client.get(address).status_code == 200:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert client.get(address).status_code in {404, 410}


def test_a_new_snapshot_is_noticed_and_paging_stays_with_its_own(database, three, tmp_path):
    publish(three[0], database)
    with open_client(Settings(tmp_path, store=database, check_s=0.0)) as client:
        first = client.get("/collections/parcels/items?limit=3").json()
        following = next(link["href"] for link in first["links"] if link["rel"] == "next")
        publish(three[1], database)
        deadline = time.monotonic() + 30
        while client.get("/readyz").json()["snapshot"] != three[1].name:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert client.get("/collections/parcels/items").json()["numberMatched"] == 6
        assert client.get(following).json()["numberMatched"] == 5


def test_an_empty_database_is_not_ready(database, tmp_path):
    with open_client(Settings(tmp_path, store=database)) as client:
        assert client.get("/healthz").status_code == 200
        told = client.get("/collections")
        assert told.status_code == 503
        assert "parkgeo publish" in told.json()["mend"]


def test_the_service_goes_on_when_the_database_comes_back(three, tmp_path, caplog):
    from tests.api.postgis_server import missing, started_server

    if missing():
        pytest.skip(missing())
    with started_server() as server:
        address = server.create()
        publish(three[0], address)
        with open_client(Settings(tmp_path, store=address, check_s=0.0)) as client:
            url = "/collections/parcels/items"
            assert client.get(url).status_code == 200
            server.stop()
            for _ in range(3):
                told = client.get(url)
                assert told.status_code == 503
                assert told.headers["retry-after"]
                assert str(server.port) not in told.text
            told = client.get("/readyz")
            assert (told.status_code, told.headers["content-type"]) == (503, "application/problem+json")
            assert "the database: OperationalError (connection refused)" in caplog.text
            assert str(server.port) not in caplog.text
            assert client.get("/healthz").status_code == 200
            assert client.get("/collections").status_code == 200
            server.start()
            assert client.get(url).json()["numberMatched"] == 5
            assert client.get("/readyz").json()["snapshot"] == three[0].name


# — the command line


def run(*words, env=None):
    return subprocess.run(
        [sys.executable, "-m", "parkgeo", *words], capture_output=True, encoding="utf-8", check=False, env={**os.environ, **(env or {})}
    )  # fmt: skip


def test_the_command_publishes_and_says_what_it_did(database, three, tmp_path):
    first = run("publish", database, "--workspace", str(tmp_path), "--lang", "zh")
    assert (first.returncode, first.stderr) == (0, "")
    assert "parkgeo_20260630_" in first.stdout
    assert three[2].name in first.stdout
    told = run("publish", "--workspace", str(tmp_path), "--snapshot", three[0].name, "--keep", "1", "--json", env={"PARKGEO_STORE": database})  # fmt: skip
    assert orjson.loads(told.stdout)["removed"] == [three[2].name]
    assert ask(database, "SELECT count(*) FROM parkgeo.parcels") == [(5,)]


@pytest.mark.usefixtures("three")
def test_the_command_never_shows_a_password(tmp_path):
    refused = run(
        "publish", "postgresql://u:geheim@127.0.0.1:1/x", "--workspace", str(tmp_path), "--lang", "en"
    )
    assert refused.returncode == 2
    assert "cannot be reached" in refused.stderr
    assert "geheim" not in refused.stdout + refused.stderr


def test_both_stores_show_a_bound_key_the_same_rows(both):
    memory, database, *_ = both
    for parks in (("K1",), ("K1", "K2"), ("K2",), (), ("\0",), ('"{K1}\\',)):
        for name in memory:
            bound = Selection(parks=parks)
            mine, theirs = memory[name].rows, database[name].rows
            assert pages(mine, bound, 7) == pages(theirs, bound, 7)
            assert asyncio.run(mine.matched(bound)) == asyncio.run(theirs.matched(bound))
            first = orjson.loads(b"[" + page(mine, EVERYTHING, 1).features + b"]")[0]["id"]
            assert asyncio.run(mine.item(first, parks)) == asyncio.run(theirs.item(first, parks))
    assert asyncio.run(database["parcels"].rows.matched(Selection(parks=("K1",)))) == 60
