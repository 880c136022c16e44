"""The map as text and data, without a browser."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import subprocess
import sys
import tomllib
from importlib import resources

import folium
import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given

from maps import bundle, details, document, park_map, payload, render_map
from maps.colouring import colourings
from maps.columns import NO_TEXT, code_column, encode_column, text_column
from maps.overlays import GROUPS, OVERLAY_COLUMNS
from maps.pack import Texts, pack
from maps.page import ASSETS
from maps.palette import VERDICTS
from maps.payload import PARCEL_COLUMNS, build_payload
from maps.shapes import degrees, pack_shapes, world_coordinates
from maps.words import CODES, SENTENCES, UNITS
from parkgeo.errors import ProjectError
from parkgeo.i18n import messages
from tests.browser.without_ledger import LAYER_GAPS, build_without_ledger
from tests.packed_map import WORLD, page_data, page_text, shapes_of, texts_in, through_bytes, unpack, values
from tests.snapshot_builder import HOSTILE, PERSONAL, build_snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("hostile"), hostile=True)


@pytest.fixture(scope="module")
def page(snapshot):
    return render_map(snapshot)


def _read(snapshot, lang="zh"):
    return through_bytes(build_payload(snapshot, lang=lang))


def _idle(data):
    return next(colouring for colouring in data["colourings"] if colouring["key"] == "idle")


def test_same_snapshot_same_bytes_in_another_process(snapshot, page):
    program = (
        "import sys, hashlib; from maps import render_map; from parkgeo.store import Snapshot; from pathlib import Path; "
        "print(hashlib.sha256(render_map(Snapshot(Path(sys.argv[1]))).encode()).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(snapshot.path)],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert told.stdout.strip() == hashlib.sha256(page.encode()).hexdigest()


def test_nothing_is_loaded_from_anywhere(page):
    code = page.replace(page_text(page), "")
    hosts = set(re.findall(r"(?:https?:)?//([\w-]+(?:\.[\w-]+)+)", code))
    # A namespace, and names in Leaflet's comments and in its attribution, which is switched off.
    assert hosts <= {"www.w3.org", "leafletjs.com", "bugzilla.mozilla.org"}
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(?!data:)", page)
    assert not re.search(r"url\((?!data:|#default#VML)", code)


def test_policy_allows_exactly_the_scripts_and_styles_inside(page):
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        texts = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        assert rules[rule].split() == [f"'sha256-{digest}'" for digest in hashes]
        assert all("\r" not in text for text in texts)
    assert rules["default-src"] == rules["connect-src"] == "'none'"
    assert rules["img-src"] == "data:"


def test_bundled_files_are_those_listed():
    folder = resources.files("maps").joinpath("assets")
    listed = re.findall(
        r"^\| ((?:leaflet|pbf|chart)/\S+) .* ([0-9a-f]{64}) \|$",
        folder.joinpath("LICENSES.md").read_text("utf-8"),
        re.MULTILINE,
    )
    present = {
        f"{name}/{path.name}"
        for name in ("leaflet", "pbf", "chart")
        for path in folder.joinpath(name).iterdir()
        if path.is_file()
    }
    present |= {f"leaflet/images/{path.name}" for path in folder.joinpath("leaflet", "images").iterdir()}
    assert present == {name for name, _ in listed}
    for name, digest in listed:
        assert hashlib.sha256(folder.joinpath(*name.split("/")).read_bytes()).hexdigest() == digest, name


def test_bundled_text_has_line_ends_as_a_browser_reads_them():
    for text in (*map(bundle.script_text, bundle.SCRIPTS), *map(bundle.style_text, bundle.STYLES)):
        assert "\r" not in text
        assert "</script" not in text
        assert "sourceMappingURL" not in text


def test_folium_keeps_its_own_lists(snapshot):
    before = (list(folium.Map.default_js), list(folium.Map.default_css))
    shell = park_map(snapshot)
    assert isinstance(shell, folium.Map)
    assert (folium.Map.default_js, folium.Map.default_css) == before
    assert before[0]


def test_shell_is_the_same_whatever_users_wrote(snapshot, hostile):
    shells = [document._render_shell(park_map(each), "zh") for each in (snapshot, hostile)]
    assert shells[0] == shells[1]
    assert not set(HOSTILE) & set(re.findall(r"[^\n]+", shells[0]))


def test_shell_alone_opens_as_an_empty_map(snapshot):
    assert document.DATA_PLACE in park_map(snapshot).get_root().render()


def test_hostile_text_neither_ends_the_data_nor_fills_a_place(hostile):
    page = render_map(hostile)
    told = texts_in(page_data(page))
    assert set(HOSTILE) <= told | {text for text in HOSTILE if any(place.startswith(text) for place in told)}
    # The scripts of the page, the one that folium writes for the map, and the data.
    expected = len(bundle.SCRIPTS) + 3
    assert len(re.findall(r"<script[ >]", page)) == len(re.findall(r"</script>", page)) == expected
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", page_text(page))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_opens_in_the_language_asked_for(snapshot, lang):
    page = render_map(snapshot, lang=lang)
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
    assert re.search(rf'parkgeo\.start\(\w+, "{lang}"', page)
    assert page_data(page)["maps"][0]["title"] == ["哪些地闲置？", "Which land is idle?"]


def test_other_languages_are_refused(snapshot):
    for make in (park_map, render_map):
        with pytest.raises(ProjectError, match="fr"):
            make(snapshot, lang="fr")


def test_legend_counts_and_areas_are_those_of_the_parcels(snapshot):
    parcels = snapshot.read("parcels")
    idle = _idle(_read(snapshot))
    assert [row["code"] for row in idle["classes"]] == ["yes", "undetermined", "no", "not_judged"]
    for number, row in enumerate(idle["classes"]):
        inside = parcels["idle"].isna() if row["code"] == "not_judged" else parcels["idle"] == row["code"]
        assert row["count"] == inside.sum() > 0
        assert row["ha"] * 10_000 == pytest.approx(parcels[inside].geometry.area.sum(), abs=1)
        assert row["mu"] == pytest.approx(row["ha"] * 15, abs=0.01)
        assert (idle["of"] == number).tolist() == inside.tolist()


def test_all_classes_are_listed_where_there_is_one_or_none(snapshot):
    square = gpd.GeoDataFrame({"idle": ["yes"]}, geometry=[shapely.box(0, 0, 100, 200)], crs=4549)
    (idle,) = colourings(snapshot, square)
    assert [(row.count, row.ha, row.mu) for row in idle.classes] == [
        (1, 2, 30),
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
    ]
    (idle,) = colourings(snapshot, square.drop(columns="idle"))
    assert [row.count for row in idle.classes] == [0, 0, 0, 1]


def test_missing_is_missing_and_never_zero(snapshot):
    parcels = snapshot.read("parcels")
    columns = _read(snapshot)["parcels"]["columns"]
    assert {"far", "registered_area_m2", "actual_start", "tax_wan_per_mu"} <= set(columns)
    for name, column in columns.items():
        missing = [value is None for value in values(column)]
        assert missing == parcels[name].isna().tolist(), name
    assert 0.0 in values(columns["government_delay_days"])  # a real nought stays one


def test_values_are_those_of_the_snapshot(snapshot):
    parcels = snapshot.read("parcels")
    data = _read(snapshot)
    columns = data["parcels"]["columns"]
    assert data["parcels"]["ids"] == parcels["parcel_id"].tolist()
    holders = [holder if isinstance(holder, str) else None for holder in parcels["holder"]]
    assert values(columns["holder"]) == holders
    for name in ("idle", "supply_status", "land_use"):
        assert values(columns[name]) == [one if isinstance(one, str) else None for one in parcels[name]], name
    assert columns["far"]["values"] == pytest.approx(parcels["far"].to_numpy(), abs=5e-5, nan_ok=True)
    dates = [None if pd.isna(day) else day.date().isoformat() for day in parcels["agreed_start"]]
    assert values(columns["agreed_start"]) == dates
    assert data["parcels"]["areas"] == pytest.approx(parcels.geometry.area, rel=1e-6)


def test_columns_without_a_value_at_all_and_nullable_types_are_missing(snapshot):
    from maps.columns import days, numbers

    assert np.isnan(numbers(pd.Series([1, None, 3], dtype="Int64"))).tolist() == [False, True, False]
    assert np.isnan(numbers(pd.Series([np.inf, -np.inf, np.nan]))).all()
    assert days(pd.Series([None, None], dtype="datetime64[ns]")).tolist() == [-(2**31)] * 2
    assert text_column(pd.Series([None, "", np.nan], dtype=object))["values"].tolist() == [NO_TEXT] * 3
    blank = encode_column(snapshot, "parcels", pd.Series([None, None], name="far", dtype="float64"))
    assert np.isnan(blank["values"]).all()


@given(st.lists(st.none() | st.text(max_size=12), max_size=40))
def test_codes_and_texts_come_back_as_they_were(told):
    wanted = [text or None for text in told]
    wanted = [text and text.encode("utf-8", "replace").decode() for text in wanted]
    for column in (code_column, text_column):
        packed = unpack(pack(column(pd.Series(told, dtype=object))))
        assert values(packed) == wanted


def test_more_codes_than_a_number_holds_become_texts():
    many = pd.Series([f"c{number}" for number in range(70_000)])
    column = code_column(many)
    assert column["kind"] == "text"
    assert code_column(many[:300])["values"].dtype == np.uint16
    assert values(unpack(pack(column)))[69_999] == "c69999"


def test_personal_fields_are_neither_listed_nor_embedded(page):
    fields = tomllib.loads(resources.files("parkgeo").joinpath("layers/fields.toml").read_text("utf-8"))
    personal = {name for table in fields.values() for name, entry in table.items() if entry.get("personal")}
    assert {"contact", "phone"} <= personal
    listed = {*PARCEL_COLUMNS, *(column for columns in OVERLAY_COLUMNS.values() for column in columns)}
    assert not personal & listed
    assert not any(text in page for text in PERSONAL)
    assert not any(text in told for text in PERSONAL for told in texts_in(page_data(page)))


def test_a_column_that_a_catalogue_calls_personal_stays_out(snapshot, monkeypatch):
    monkeypatch.setitem(
        snapshot.catalogue["fields"]["parcels"], "holder", {"zh": "权利人", "en": "Holder", "personal": True}
    )
    monkeypatch.setitem(
        snapshot.catalogue["fields"]["parcels"], "name", {"zh": "名称", "en": "Name", "personal": True}
    )
    data = _read(snapshot)
    assert not {"holder", "name"} & set(data["parcels"]["columns"])
    assert "长江精密机械有限公司" not in texts_in(data)


def test_every_row_of_every_layer_is_drawn(snapshot):
    data = _read(snapshot)
    drawn = {}
    for layer in data["layers"]:
        drawn[layer["group"]] = drawn.get(layer["group"], 0) + layer["count"]
        assert len(layer["shapes"]["kinds"]) == layer["count"]
        assert 3 not in layer["shapes"]["kinds"]
    for table in set(OVERLAY_COLUMNS) & set(snapshot.tables):
        assert drawn[table] == len(snapshot.read(table)), table
    findings = snapshot.read("findings")
    assert (
        drawn["findings"] == ((findings["verdict"] == "yes") & ~findings["code"].str.startswith("idle")).sum()
    )
    assert (
        len(data["parcels"]["shapes"]["kinds"]) == data["parcels"]["count"] == len(snapshot.read("parcels"))
    )


def test_absent_layers_are_absent(snapshot, monkeypatch):
    kept = {"parcels": snapshot.manifest["tables"]["parcels"]}
    monkeypatch.setitem(snapshot.manifest, "tables", kept)
    data = _read(snapshot, "en")
    assert data["layers"] == []
    assert data["findings"]["rows"].tolist() == []
    assert render_map(snapshot, lang="en")


def test_coordinates_are_those_of_another_transformation_to_a_centimetre(snapshot):
    parcels = snapshot.read("parcels")
    data = _read(snapshot)
    expected = parcels.to_crs(4490)  # CGCS2000, by geopandas
    drawn = shapes_of(data["parcels"]["shapes"], data["origin"])
    for shape, wanted in zip(drawn, expected.geometry, strict=True):
        assert shapely.hausdorff_distance(shape, wanted) < 1.1e-7


def test_bounds_hold_all_that_is_there(snapshot):
    data = _read(snapshot)
    west, north, east, south = data["bounds"]
    wanted = snapshot.read("parks").to_crs(4490).total_bounds
    assert [*degrees(west, south), *degrees(east, north)] == pytest.approx(wanted, abs=2e-7)


def _packed(*shapes):
    return pack_shapes(np.array(shapes, dtype=object), (0.0, 0.0))


def test_shapes_with_holes_parts_heights_and_nothing():
    holed = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]])
    mixed = shapely.GeometryCollection(
        [shapely.Point(1, 1), shapely.MultiLineString([[(0, 0, 5), (1, 0, 5)], [(0, 1), (1, 1)]])]
    )
    packed = _packed(holed, mixed, shapely.MultiPoint([(1, 2), (3, 4)]), None, shapely.Polygon())
    assert packed["kinds"].tolist() == [2, 1, 0, 3, 3]
    assert packed["rings"].tolist() == [2, 2, 2, 0, 0]
    assert packed["counts"].tolist() == [4, 3, 2, 2, 1, 1]
    places = np.cumsum(packed["steps"].reshape(-1, 2), axis=0)
    assert places[7:].tolist() == [[0, 0], [1, 0], [0, 1], [1, 1], [1, 2], [3, 4]]


def test_shells_turn_one_way_and_holes_the_other():
    """A path of many shapes is filled by the non-zero rule: where two overlap, the ground is filled."""
    shell, hole = [(0, 0), (9, 0), (9, 9), (0, 9)], [(1, 1), (2, 1), (2, 2)]
    turns = []
    for outer in (shell, shell[::-1]):
        for inner in (hole, hole[::-1]):
            packed = _packed(shapely.Polygon(outer, [inner]))
            rings = np.split(np.cumsum(packed["steps"].reshape(-1, 2), axis=0), [4])
            turns.append([shapely.LinearRing(ring).is_ccw for ring in rings])
    assert {tuple(turn) for turn in turns} in ({(True, False)}, {(False, True)})


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(-(2**30), 2**30), st.integers(-(2**30), 2**30)), min_size=2, max_size=9
        ),
        max_size=6,
    )
)
def test_vertices_come_back_as_they_were(lines):
    packed = _packed(*(shapely.LineString(line) for line in lines))
    places = np.cumsum(packed["steps"].reshape(-1, 2).astype(np.int64), axis=0)
    assert places.tolist() == [[x, y] for line in lines for x, y in line]
    assert packed["counts"].tolist() == [len(line) for line in lines]


@given(st.floats(-179.9, 179.9), st.floats(-80, 80))
def test_degrees_undo_the_square(longitude, latitude):
    point = gpd.GeoDataFrame(geometry=[shapely.Point(longitude, latitude)], crs=4326)
    x, y = shapely.get_coordinates(world_coordinates(point, point.crs))[0]
    assert 0 <= x <= WORLD
    assert degrees(x, y) == pytest.approx((longitude, latitude), abs=1e-9)


def test_packed_numbers_stand_at_multiples_of_eight_and_texts_are_cut_where_they_end():
    told = {
        "a": np.arange(3, dtype=np.uint8),
        "b": [Texts(["é", "", "长江"]), {"c": np.array([1.5, np.nan])}],
    }
    read = unpack(pack(told))
    assert read["a"].tolist() == [0, 1, 2]
    assert read["b"][0] == ["é", "", "长江"]
    assert np.isnan(read["b"][1]["c"][1])
    with pytest.raises(TypeError, match="int64"):
        pack({"a": np.arange(3)})
    with pytest.raises(ValueError, match="JSON"):
        pack({"a": float("nan")})


def test_beyond_the_limits_details_are_left_out_and_outlines_simplified_and_it_is_said(snapshot, monkeypatch):
    count = len(snapshot.read("parcels"))
    whole = _read(snapshot)
    assert [whole["meta"]["limit"], whole["meta"]["tolerance"]] == [None, None]
    monkeypatch.setattr(payload, "PORTABLE_LIMIT", count - 1)
    small = _read(snapshot)
    assert [small["meta"]["limit"], small["meta"]["tolerance"]] == [count - 1, None]
    assert set(small["parcels"]["columns"]) == {"holder", "idle"}
    assert [row["count"] for row in _idle(small)["classes"]] == [9, 8, 35, 8]
    assert "buildings" not in {layer["group"] for layer in small["layers"]}
    # Every vertex is there still.
    assert small["parcels"]["shapes"]["steps"].tolist() == whole["parcels"]["shapes"]["steps"].tolist()
    monkeypatch.setattr(payload, "SIMPLIFIED_ABOVE", count - 1)
    monkeypatch.setattr(payload, "SIMPLIFIED_TO_M", 100.0)
    simplified = _read(snapshot)
    assert simplified["meta"]["tolerance"] == 100.0
    assert len(simplified["parcels"]["shapes"]["steps"]) < len(whole["parcels"]["shapes"]["steps"])


def test_verdict_colours_come_with_a_pattern():
    assert VERDICTS["yes"]["fill"] == "#D55E00"
    assert VERDICTS["yes"]["pattern"] == "hatch"
    assert VERDICTS["undetermined"]["fill"] == "#F0E442"
    assert VERDICTS["undetermined"]["pattern"] == "dots"
    assert (VERDICTS["no"]["fill"], VERDICTS["no"]["fill_opacity"]) == ("#009E73", 0.35)
    assert VERDICTS["not_judged"]["fill"] == "#FFFFFF"
    assert all(style["weight"] == 0.6 for style in VERDICTS.values())


def test_every_word_of_the_page_is_known_and_translated():
    scripts = "".join(bundle.script_text(name) for name in bundle.SCRIPTS if name.startswith("js/"))
    said = {
        word for inside in re.findall(r"say\(([^)`]*)", scripts) for word in re.findall(r'"(\w+)"', inside)
    }
    said |= set(re.findall(r'\["((?:group|column)_\w+)"', scripts))
    said |= set(re.findall(r'node\("[\w-]+", "(\w+)"', scripts))
    families = ("class_", "section_", "verdict_", "column_", "zoom_", "close", "colour_", "mode_", "sketch_")
    assert said <= set(SENTENCES)
    assert {key for key in SENTENCES if not key.startswith(families)} == {
        key for key in said if not key.startswith(families)
    }
    chinese = messages("zh")
    assert {*SENTENCES.values(), *CODES.values(), *UNITS.values()} <= set(chinese)


def test_groups_of_the_page_are_those_of_the_shell():
    script = bundle.script_text("js/layers.js")
    stack = re.search(r"const STACK = \[(.*?)\]", script)[1]
    assert tuple(re.findall(r'"(\w+)"', stack)) == GROUPS


def test_texts_of_a_column_stand_once(snapshot):
    columns = _read(snapshot)["parcels"]["columns"].values()
    lists = [column.get("texts") or column.get("codes") for column in columns]
    assert any(lists)
    assert all(len(texts) == len(set(texts)) for texts in lists if texts)


def test_every_script_is_in_the_page_and_none_is_long(page):
    folder = resources.files("maps").joinpath("assets", "js")
    files = {f"js/{file.name}" for file in folder.iterdir() if file.is_file()}
    files |= {f"js/dash/{file.name}" for file in folder.joinpath("dash").iterdir()}
    inside = {name for name in bundle.SCRIPTS if name.startswith("js/")}
    # The others are of the service's pages only.
    assert files == inside | {name for name in ASSETS if name.startswith("js/")}
    assert all((bundle.script_text(name) in page) == (name in inside) for name in files)
    assert all(len(bundle.script_text(name).splitlines()) < 350 for name in files)


@pytest.fixture(scope="module")
def unledgered(tmp_path_factory):
    return build_without_ledger(tmp_path_factory.mktemp("unledgered"))


def test_gaps_of_a_whole_layer_are_embedded_once_with_the_parcels_they_spare(unledgered):
    parcels = unledgered.read("parcels")
    data = _read(unledgered, "en")
    whole = data["gaps"]["whole"]
    told = {key: spared.tolist() for key, spared in zip(values(whole["keys"]), whole["spared"], strict=True)}
    assert told == {
        "idle_not_started": [],
        "far": [place for place, known in enumerate(parcels["far"].notna()) if known],
        "tax_wan_per_mu": [],
    }
    assert told["far"]
    assert set(values(whole["asks"][1])) == {english for _, _, english in LAYER_GAPS}
    assert data["gaps"]["rows"].tolist() == []


def test_a_gap_of_another_layers_field_is_in_no_parcels_list(snapshot):
    assert values(_read(snapshot, "en")["gaps"]["whole"]["keys"]) == []


def test_a_verdict_that_is_deliberately_not_given_is_no_gap():
    verdicts = pd.Series(["undetermined", None, "no"])
    assert details.is_missing(verdicts).tolist() == [True, False, False]
    assert details.is_missing(pd.Series([None, None], dtype=object)).tolist() == [True, True]
    assert details.is_missing(pd.Series([1.0, np.nan])).tolist() == [False, True]


def test_the_page_knows_that_there_is_no_ledger_and_what_is_a_setting(snapshot, unledgered):
    data = [_read(each) for each in (snapshot, unledgered)]
    assert [each["meta"]["no_ledger"] for each in data] == [False, True]
    assert [each["findings"]["settings"] for each in data] == [[], ["area_mismatch"]]


@pytest.mark.parametrize("sentence", [*SENTENCES.values()])
def test_no_sentence_promises_to_say_whom_to_ask(sentence):
    assert "whom" not in sentence
    assert "向谁" not in messages("zh")[sentence]
