"""park.toml: read, or refused with everything that is wrong in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.errors import ProjectError
from parkgeo.project import Column, read_project

GOOD = """
[park]
name = "云溪"
as_of = 2026-06-30
packs = ["national", "own.toml"]
[layers.parcels]
path = ["a.shp", "more/*.shp"]
layer = 2024
fields = { parcel_id = "宗地代码", registered_area_m2 = { column = "面积", unit = "亩" } }
[[layers.imagery]]
path = "i.tif"
date = 2026-05-01
bands = { red = 3 }
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with the files that the projects here name."""
    (tmp_path / "more").mkdir()
    for name in ("a.shp", "a.dbf", "i.tif", "more/c.shp", "more/b.shp", "more/b.dbf", "[1].shp"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def parse(folder, text):
    path = folder / "park.toml"
    path.write_text(text, encoding="utf-8")
    return read_project(path)


def test_a_good_one(folder):
    project = parse(folder, GOOD)
    (source,) = project.sources["parcels"]
    assert [file.name for file in source.files] == ["a.shp", "b.shp", "c.shp"]
    assert source.table == "2024"
    assert source.columns == {"parcel_id": Column("宗地代码"), "registered_area_m2": Column("面积", "亩")}
    assert (project.name, project.as_of, project.packs) == (
        "云溪",
        dt.date(2026, 6, 30),
        ("national", "own.toml"),
    )
    assert project.sources["imagery"][0].bands == {"red": 3}
    assert read_project(folder).path == folder / "park.toml"


def test_scenarios_are_kept_as_they_are_written(folder):
    project = parse(
        folder, GOOD + '[[scenarios]]\nname = "works"\nclose = ["R1"]\n[[scenarios]]\nname = "more"\n'
    )
    assert project.scenarios == ({"name": "works", "close": ["R1"]}, {"name": "more"})
    assert parse(folder, GOOD).scenarios == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[layers.parcels] is missing"),
        ("[layers]\nparcels = []", "[layers.parcels] is empty"),
        ("[layers.parcels]", "path is missing"),
        ("scenarios = 5", "scenarios must be tables"),
        ("scenarios = [5]", "scenarios must be tables"),
        ("[layers.parcels]\npath = []", "path is missing"),
        ("[layers.parcels]\npath = ''", "is a folder"),
        ("[layers.parcels]\npath = 'more'", "'more' is a folder"),
        ("[layers.parcels]\npath = 'x.shp'", "no such file"),
        ("[layers.parcels]\npath = 'x*.shp'", "no file matches"),
        ("[layers.parcels]\npath = '\\u0000'", "no such file"),
        ('[layers.parcels]\npath = "\\u0000"', "no such file"),
        ('[layers.parcels]\npath = "*\\u0000"', "no file matches"),
        ("[layers.parcels]\npath = '" + "x" * 5000 + "'", "no such file"),
        ("[layers.parcels]\npath = 5", "path must be text"),
        ("[layers]\nparcels = 5", "must be a table"),
        ("[layers.parcel]\npath = 'a.shp'", "did you mean 'parcels'?"),
        ("[layers.parcels]\npath = 'a.shp'\nfeilds = {}", "did you mean 'fields'?"),
        ("[layers.parcels]\npath = 'a.shp'\nfields = 5", "fields must be a table"),
        ("[layers.parcels]\npath = 'a.shp'\nfields = { a = 5 }", "must be a column's name"),
        ("[layers.parcels]\npath = 'a.shp'\nfields = { a = { column = 'x', unit = [] } }", "unit must be text"),
        ("[layers.parcels]\npath = 'a.shp'\nfields = { a = { column = 'x', units = 'm' } }", "did you mean 'unit'?"),
        ("[layers.dem]\npath = 'a.shp'\nbands = { a = true }", "bands must be"),
        ("[park]\nas_of = '2026-02-30'", "as_of must be a date"),
        ("[park]\nas_of = 12:00:00", "as_of must be a date"),
        ("[park]\nas_of = 2026-02-30", "not TOML"),
        ("[park]\nname = []", "name must be text"),
        ("[park]\npacks = [1]", "packs must be"),
        ("park = 5", "[park] must be a table"),
        ("x = " + "[" * 5000, "not TOML"),
        ("x = 1" + "0" * 5000, "not TOML"),
        ("x = 'C:\\u0000", "not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(folder, text, said):
    with pytest.raises(ProjectError) as caught:
        parse(folder, text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 2_000


def test_all_that_is_wrong_is_said_at_once(folder):
    with pytest.raises(ProjectError, match=r"3 to mend") as caught:
        parse(folder, "[park]\nnames = 'x'\n[layers.parcels]\npath = 'x.shp'\n[layers.roads]\npath = 'more'")
    assert str(caught.value).count("\n  - ") == 3


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder):
    assert [
        file.name for file in parse(folder, "[layers.parcels]\npath = '[1].shp'").sources["parcels"][0].files
    ] == ["[1].shp"]


def test_a_pattern_over_all_parts_of_a_shapefile_is_the_shapefile(folder):
    assert [
        file.name for file in parse(folder, "[layers.parcels]\npath = 'a.*'").sources["parcels"][0].files
    ] == ["a.shp"]


def test_a_file_named_twice_is_read_once(folder):
    assert len(parse(folder, "[layers.parcels]\npath = ['a.shp', 'a.*']").sources["parcels"][0].files) == 1


def test_absolute_patterns_and_folders_with_brackets(folder):
    odd = folder / "[x]"
    odd.mkdir()
    (odd / "p.shp").write_bytes(b"x")
    text = f"[layers.parcels]\npath = ['{(folder / 'more').as_posix()}/*.shp']"
    assert len(parse(folder, text).sources["parcels"][0].files) == 2
    assert len(parse(odd, "[layers.parcels]\npath = 'p.s*'").sources["parcels"][0].files) == 1


@pytest.mark.parametrize("name", ["nothing.toml", "more", "a\0b", "x" * 5000, "a.shp/park.toml"])
def test_a_project_that_is_not_there(folder, name):
    with pytest.raises(ProjectError):
        read_project(folder / name)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe[\0", "[park]\nname = '园'".encode("gbk"), b"\0", b"\xef\xbb\xbf"]
)
def test_files_that_are_no_utf8_toml(folder, content):
    (folder / "park.toml").write_bytes(content)
    with pytest.raises(ProjectError):
        read_project(folder)


def test_a_bom_is_no_content(folder):
    (folder / "park.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_project(folder).name == "云溪"


VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False), st.dates(), st.times(),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12), st.sampled_from(["a.shp", "*", "[", "**x", "more", "..", "/", "a\0"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["column", "unit", "x", "path"]), inner, max_size=3)),
    max_leaves=4,
)  # fmt: skip


def toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return value.isoformat() if isinstance(value, dt.date | dt.time) else repr(value)


@given(
    st.dictionaries(st.sampled_from(["name", "as_of", "packs", "working_crs", "other"]), VALUES),
    st.dictionaries(
        st.sampled_from(["parcels", "parks", "imagery", "supply", "other"]),
        st.one_of(
            VALUES,
            st.dictionaries(
                st.sampled_from(
                    ["path", "layer", "encoding", "crs", "where", "fields", "date", "bands", "x"]
                ),
                VALUES,
            ),
        ),
    ),
)
def test_any_values_are_read_or_refused(folder, park, layers):
    text = f"park = {toml(park)}\nlayers = {toml(layers)}\n"
    try:
        project = parse(folder, text)
    except ProjectError:
        return
    assert project.sources["parcels"][0].files


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(folder, content):
    (folder / "park.toml").write_bytes(content)
    with pytest.raises(ProjectError):
        read_project(folder)


def test_a_file_that_may_not_be_read(folder, monkeypatch):
    path = folder / "park.toml"
    path.write_text(GOOD, encoding="utf-8")

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    # What the system answers a plain user; the superuser, as which some machines run tests, may read anything.
    for name in ("open", "read_bytes", "read_text"):
        monkeypatch.setattr(Path, name, refuse)
    with pytest.raises(ProjectError, match="cannot be read"):
        read_project(path)
