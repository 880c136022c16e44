"""Maps as TOML: what a file may say, what is told of one that is wrong, and which maps a snapshot can show."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from maps import specs as room
from maps.colouring import colourings
from maps.overlays import GROUPS as LAYER_GROUPS
from maps.quantities import Wanted
from maps.specfile import LAYERS
from maps.specs import (
    MapSpec,
    check_colours,
    lay_specs,
    parse_spec,
    plan_maps,
    read_spec,
    shipped_specs,
    workspace_specs,
)
from parkgeo.errors import ProjectError
from parkgeo.store import Workspace
from tests.snapshot_builder import build_snapshot

WHOLE = """
map = 1
id = "tax-2026"
title = { zh = "亩均税收", en = "Tax per mu" }
colour = "tax_wan_per_mu"
layers = ["parks", "roads", "utilities:water"]
suspected = true

[classes]
scheme = "natural_breaks"
count = 4
better = "more"
"""
HEAD = 'map = 1\nid = "a"\ntitle = { en = "A" }\ncolour = "far"\n'
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}${x}`'\\\"\u202e"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("specs"))


def wrong(text):
    with pytest.raises(ProjectError) as caught:
        parse_spec(text.encode(), "m.toml")
    return str(caught.value)


def test_a_whole_spec_says_what_it_says():
    assert parse_spec(WHOLE.encode(), "m.toml") == MapSpec(
        "tax-2026", ("亩均税收", "Tax per mu"), "tax_wan_per_mu", ("parks", "roads", "utilities:water"), suspected=True,
        classes=Wanted("natural_breaks", 4, better="more"),
    )  # fmt: skip


def test_the_least_that_a_spec_needs():
    assert parse_spec(HEAD.encode(), "m.toml") == MapSpec("a", ("A", "A"), "far")
    assert parse_spec(b"\xef\xbb\xbf" + HEAD.encode(), "m.toml").id == "a"


@pytest.mark.parametrize(
    ("line", "place", "mend"),
    [
        ("color = 1", "'color'", "did you mean 'colour'?"),
        ("layers = ['park']", "layers, number 1", "did you mean 'parks'?"),
        ("layers = ['roads', '../../etc']", "layers, number 2", "write one of parks"),
        ("layers = 'roads'", "layers", "write layers = "),
        ("suspected = 'yes'", "suspected", "write true or false"),
        ("classes = 'quantile'", "classes", "write [classes]"),
        ("[classes]\nscheme = 'jenks'", "classes.scheme", "write one of quantile, natural_breaks"),
        ("[classes]\nschema = 'quantile'", "classes.'schema'", "did you mean 'scheme'?"),
        ("[classes]\ncount = 8", "classes.count", "from 2 to 7"),
        ("[classes]\ncount = true", "classes.count", "from 2 to 7"),
        ("[classes]\nbetter = 'higher'", "classes.better", "more, less"),
        ("[classes]\nscheme = 'breaks'", "classes.breaks", "give both or neither"),
        ("[classes]\nbreaks = [1, 2]", "classes.breaks", "give both or neither"),
        ("[classes]\nscheme = 'breaks'\nbreaks = [2, 1]", "classes.breaks", "the least first"),
        ("[classes]\nscheme = 'breaks'\nbreaks = [1, 1]", "classes.breaks", "each number once"),
        ("[classes]\nscheme = 'breaks'\nbreaks = [1, nan]", "classes.breaks", "write 1 to 6 numbers"),
        ("[classes]\nscheme = 'breaks'\nbreaks = []", "classes.breaks", "write 1 to 6 numbers"),
        (
            "[classes]\nscheme = 'breaks'\nbreaks = [1, 2, 3, 4, 5, 6, 7]",
            "classes.breaks",
            "write 1 to 6 numbers",
        ),
        ("[classes]\nscheme = 'pack'", "classes.pack", "give both or neither"),
        ("[classes]\nscheme = 'pack'\npack = '../x'", "classes.pack", "such as benchmark.far"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_how_to_mend_it(line, place, mend):
    told = wrong(HEAD + line)
    assert f"m.toml, {place} — " in told
    assert mend in told
    assert "to mend" not in told  # one thing is wrong, one thing is told


@pytest.mark.parametrize("hostile", ["../../x", "A B", "", "a" * 41, "x\ny", "<script>", "é", "-a"])
def test_an_id_is_a_plain_word(hostile):
    told = wrong(f'map = 1\nid = {hostile!r}\ntitle = {{ en = "A" }}\ncolour = "far"'.replace("'", '"'))
    assert "m.toml, id" in told


@pytest.mark.parametrize("edition", ["", "map = 2\n", "map = true\n", "map = '1'\n"])
def test_the_edition_is_stated(edition):
    assert "write map = 1" in wrong(HEAD.replace("map = 1\n", edition))


@pytest.mark.parametrize(
    "title",
    [
        "{}",
        '{ zh = "" }',
        '{ zh = " " }',
        "{ en = 3 }",
        '{ en = "A", fr = "B" }',
        '"A"',
        '{ en = "' + "x" * 201 + '" }',
    ],
)
def test_a_title_is_a_short_text_in_a_language_that_is_known(title):
    assert "m.toml, title" in wrong(HEAD.replace('{ en = "A" }', title))


def test_all_that_is_wrong_is_told_at_once():
    told = wrong("map = 1\nid = '../x'\ncolour = 'Far!'\nlayers = ['road']\n[classes]\ncount = 99")
    assert told.startswith("5 to mend")
    assert [
        place
        for place in ("id", "title", "colour", "layers, number 1", "classes.count")
        if f"m.toml, {place} " not in told
    ] == []


def test_what_is_no_toml_is_told_with_its_line():
    assert "line 2" in wrong("map = 1\nid = \n")
    with pytest.raises(ProjectError, match=r"not TOML in UTF-8.*m\.toml"):
        parse_spec("title = '亩均税收'".encode("gb18030"), "m.toml")


def test_a_file_is_not_read_without_end(tmp_path):
    path = tmp_path / "big.toml"
    path.write_bytes(b"#" * 70_000)
    with pytest.raises(ProjectError, match="more than 65536 bytes"):
        read_spec(path)
    with pytest.raises(ProjectError, match="cannot be read"):
        read_spec(tmp_path / "none.toml")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_that_are_no_spec_give_one_clear_error(content):
    with pytest.raises(ProjectError, match=r"m\.toml"):
        parse_spec(content, "m.toml")


def test_a_deep_table_is_an_error_like_any_other():
    assert "m.toml" in wrong("a = " + "[" * 5000)


# Those that come with parkgeo, and an office's own


def test_the_shipped_maps_have_both_languages_and_a_question():
    shipped = shipped_specs()
    assert [spec.id for spec in shipped] == [
        "idle", "state", "output", "grade", "access", "services", "land-use", "built-intensity", "evidence",
        "where-to-build", "conflicts",
    ]  # fmt: skip
    assert all(
        spec.title[0].endswith("？") and spec.title[1].endswith("?") and spec.title[0] != spec.title[1]
        for spec in shipped
    )


def test_layers_that_a_spec_may_name_are_those_that_there_are():
    assert set(LAYERS) == set(LAYER_GROUPS) - {"parcels"}


def test_an_office_adds_a_map_and_replaces_one_by_files(tmp_path):
    folder = tmp_path / room.FOLDER
    folder.mkdir()
    (folder / "b.toml").write_text(WHOLE, encoding="utf-8")
    (folder / "a.toml").write_text(HEAD.replace('"a"', '"idle"'), encoding="utf-8")
    (folder / "c.toml").write_text(WHOLE, encoding="utf-8")
    (folder / "d.toml").write_text("map = 1", encoding="utf-8")
    (folder / "notes.txt").write_text("no map", encoding="utf-8")
    (folder / "e.toml").mkdir()
    own, problems = workspace_specs(tmp_path)
    assert [spec.id for spec in own] == ["idle", "tax-2026"]
    assert [("c.toml" in str(problem), "d.toml" in str(problem)) for problem in problems] == [
        (True, False),
        (False, True),
    ]
    laid = lay_specs(own)
    assert (laid[0].id, laid[0].colour, laid[-1].id) == ("idle", "far", "tax-2026")
    assert len(laid) == len(shipped_specs()) + 1
    assert workspace_specs(tmp_path / "nowhere") == ([], [])


def test_maps_of_a_workspace_outlive_an_analysis(tmp_path):
    folder = tmp_path / room.FOLDER
    folder.mkdir()
    (folder / "b.toml").write_text(WHOLE, encoding="utf-8")
    build_snapshot(tmp_path)
    assert Workspace(tmp_path).names()
    assert [spec.id for spec in workspace_specs(tmp_path)[0]] == ["tax-2026"]


# Which maps a snapshot can show


def planned(snapshot, specs):
    parcels = snapshot.read("parcels")
    return plan_maps(snapshot, parcels, specs, colourings(snapshot, parcels, specs))


def test_what_cannot_be_shown_is_left_out_with_a_reason(snapshot):
    specs = [
        MapSpec("idle", ("甲", "A"), "idle", ("parks",)),
        MapSpec("none", ("乙", "B"), "land_state"),
        MapSpec("text", ("丙", "C"), "land_use", classes=Wanted("quantile")),
        MapSpec("tax", ("丁", "D"), "tax_wan_per_mu", classes=Wanted("round")),
    ]
    maps, left_out = planned(snapshot, specs)
    # A spec cannot take "suspected" off the idle map.
    assert maps == [
        {"id": "idle", "title": ("甲", "A"), "colour": "idle", "layers": ["parks"], "suspected": True},
        {"id": "tax", "title": ("丁", "D"), "colour": "tax_wan_per_mu@tax", "layers": [], "suspected": False},
    ]
    assert [(one["id"], one["reason"][1]) for one in left_out] == [
        ("none", "The snapshot has no column land_state (land_state)."),
        ("text", "Land use (land_use) is no quantity, so it cannot be classed."),
    ]
    assert all(one["reason"][0] != one["reason"][1] for one in left_out)


def test_a_colour_that_no_catalogue_knows_is_an_error_where_a_user_asked_for_it(snapshot):
    specs = [MapSpec("a", ("甲", "A"), "tax_wan_per_m"), MapSpec("b", ("乙", "B"), "far")]
    with pytest.raises(
        ProjectError,
        match=r"unknown colour 'tax_wan_per_m' — map a, colour — did you mean 'tax_wan_per_mu'\?",
    ):
        check_colours(snapshot, specs)
    check_colours(snapshot, specs[1:])


def test_two_maps_class_one_column_each_its_own_way(snapshot):
    specs = [
        MapSpec(name, ("甲", "A"), "far", classes=Wanted("breaks", breaks=(at,)))
        for name, at in (("x", 0.6), ("y", 0.7))
    ]
    found = {one.key: one for one in colourings(snapshot, snapshot.read("parcels"), specs)}
    assert {"far", "far@x", "far@y"} <= set(found)
    assert found["far@x"].classes[0].band == (None, 0.6)
    assert found["far@y"].classes[0].band == (None, 0.7)


def test_a_title_is_data_as_it_was_written():
    text = 'map = 1\nid = "a"\ncolour = "far"\n[title]\nzh = ' + _toml(HOSTILE)
    assert parse_spec(text.encode(), "m.toml").title == (HOSTILE, HOSTILE)


def _toml(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
