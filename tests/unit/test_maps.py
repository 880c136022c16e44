"""The map as text and data, without a browser."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import resources
from itertools import pairwise

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps import bundle, document, park_map, payload, render_map
from maps.encode import UNITS_PER_DEGREE, display_shapes, encode_shapes
from maps.overlays import GROUPS, OVERLAY_COLUMNS
from maps.palette import VERDICTS
from maps.payload import PARCEL_COLUMNS, build_payload, verdict_classes
from maps.words import CODES, SENTENCES, UNITS
from parkgeo.errors import ProjectError
from parkgeo.i18n import messages
from tests.browser.without_ledger import LAYER_GAPS, build_without_ledger
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


def _data(page):
    inside = re.search(r'<script type="application/json" id="parkgeo-data">(.*?)</script>', page, re.DOTALL)
    return json.loads(inside[1])


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
    code = page.replace(json.dumps(_data(page)), "")
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
        r"^\| (leaflet/\S+) .* ([0-9a-f]{64}) \|$",
        folder.joinpath("LICENSES.md").read_text("utf-8"),
        re.MULTILINE,
    )
    present = {f"leaflet/{path.name}" for path in folder.joinpath("leaflet").iterdir() if path.is_file()}
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
    assert ["L.featureGroup" in shells[0], len(re.findall("L.featureGroup\\(\\s*\\{", shells[0]))] == [
        True,
        len(GROUPS),
    ]


def test_shell_alone_opens_as_an_empty_map(snapshot):
    assert document.DATA_PLACE in park_map(snapshot).get_root().render()


def test_hostile_text_neither_ends_the_data_nor_fills_a_place(hostile):
    page = render_map(hostile)
    strings = set(_data(page)["strings"])
    assert set(HOSTILE) <= strings | {
        text for text in HOSTILE if any(place.startswith(text) for place in strings)
    }
    assert len(re.findall(r"<script[ >]", page)) == len(re.findall(r"</script>", page)) == 6
    inside = page.partition('id="parkgeo-data">')[2].partition("</script>")[0]
    assert not set(inside) & set("<>&\u2028\u2029")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_opens_in_the_language_asked_for(snapshot, lang):
    page = render_map(snapshot, lang=lang)
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
    assert re.search(rf'parkgeoMap\.start\(\w+, "{lang}"', page)
    assert _data(page)["text"]["title"] == ["哪些地闲置？", "Which land is idle?"]


def test_other_languages_are_refused(snapshot):
    for make in (park_map, render_map):
        with pytest.raises(ProjectError, match="fr"):
            make(snapshot, lang="fr")


def test_legend_counts_and_areas_are_those_of_the_parcels(snapshot):
    parcels = snapshot.read("parcels")
    rows = {row["code"]: row for row in build_payload(snapshot, lang="zh")["classes"]}
    assert list(rows) == ["yes", "undetermined", "no", "not_judged"]
    for code, row in rows.items():
        of_class = parcels[parcels["idle"].isna() if code == "not_judged" else parcels["idle"] == code]
        assert row["count"] == len(of_class) > 0
        assert row["area_m2"] == pytest.approx(of_class.geometry.area.sum(), abs=0.01)
        assert row["mu"] == pytest.approx(row["ha"] * 15, abs=0.01)


def test_all_classes_are_listed_where_there_is_one_or_none():
    square = gpd.GeoDataFrame({"idle": ["yes"]}, geometry=[shapely.box(0, 0, 100, 200)], crs=4549)
    assert [(row["count"], row["ha"], row["mu"]) for row in verdict_classes(square)] == [
        (1, 2, 30),
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
    ]
    unjudged = square.drop(columns="idle")
    assert [row["count"] for row in verdict_classes(unjudged)] == [0, 0, 0, 1]


def test_missing_is_null_and_never_zero(snapshot):
    parcels = snapshot.read("parcels")
    columns = {column["key"]: column for column in build_payload(snapshot, lang="zh")["parcels"]["columns"]}
    assert {"far", "registered_area_m2", "actual_start", "tax_wan_per_mu"} <= set(columns)
    for name, column in columns.items():
        missing = [value is None for value in column["values"]]
        assert missing == parcels[name].isna().tolist(), name
    assert 0.0 in columns["government_delay_days"]["values"]  # a real nought stays one


def test_columns_without_a_value_at_all_and_nullable_types_are_null():
    from maps.columns import numbers

    assert numbers(pd.Series([1, None, 3], dtype="Int64")) == [1.0, None, 3.0]
    assert numbers(pd.Series([np.inf, -np.inf, np.nan])) == [None, None, None]


def test_personal_fields_are_neither_listed_nor_embedded(page):
    fields = tomllib.loads(resources.files("parkgeo").joinpath("layers/fields.toml").read_text("utf-8"))
    personal = {name for table in fields.values() for name, entry in table.items() if entry.get("personal")}
    assert {"contact", "phone"} <= personal
    listed = {*PARCEL_COLUMNS, *(column for columns in OVERLAY_COLUMNS.values() for column in columns)}
    assert not personal & listed
    assert not any(text in page for text in PERSONAL)


def test_a_column_that_a_catalogue_calls_personal_stays_out(snapshot, monkeypatch):
    monkeypatch.setitem(
        snapshot.catalogue["fields"]["parcels"], "holder", {"zh": "权利人", "en": "Holder", "personal": True}
    )
    monkeypatch.setitem(
        snapshot.catalogue["fields"]["parcels"], "name", {"zh": "名称", "en": "Name", "personal": True}
    )
    data = build_payload(snapshot, lang="zh")
    assert set(data["parcels"]["holders"]) == {None}
    assert "name" not in {column["key"] for column in data["parcels"]["columns"]}
    assert "长江精密机械有限公司" not in data["strings"]


def test_every_row_of_every_layer_is_drawn(snapshot):
    data = build_payload(snapshot, lang="zh")
    drawn = {}
    for layer in data["layers"]:
        drawn[layer["group"]] = drawn.get(layer["group"], 0) + layer["count"]
        assert len(layer["shapes"]) == layer["count"]
        assert None not in layer["shapes"]
    for table in OVERLAY_COLUMNS:
        assert drawn[table] == len(snapshot.read(table)), table
    findings = snapshot.read("findings")
    assert (
        drawn["findings"] == ((findings["verdict"] == "yes") & ~findings["code"].str.startswith("idle")).sum()
    )
    assert len(data["parcels"]["shapes"]) == len(snapshot.read("parcels"))


def test_absent_layers_are_absent(snapshot, monkeypatch):
    kept = {"parcels": snapshot.manifest["tables"]["parcels"]}
    monkeypatch.setitem(snapshot.manifest, "tables", kept)
    data = build_payload(snapshot, lang="en")
    assert data["layers"] == []
    assert data["findings"]["parcels"] == []
    assert render_map(snapshot, lang="en")


def _decode(shape, origin):
    polygons = []
    for rings in shape[1:]:
        paths = [np.cumsum(np.reshape(ring, (-1, 2)), axis=0) / UNITS_PER_DEGREE + origin for ring in rings]
        polygons.append(shapely.Polygon(paths[0], paths[1:]))
    return shapely.MultiPolygon(polygons)


def test_coordinates_are_those_of_another_transformation_to_a_centimetre(snapshot):
    parcels = snapshot.read("parcels")
    data = build_payload(snapshot, lang="zh")
    expected = parcels.to_crs(4490)  # CGCS2000, by geopandas
    for shape, wanted in zip(data["parcels"]["shapes"], expected.geometry, strict=True):
        assert shapely.hausdorff_distance(_decode(shape, data["origin"]), wanted) < 1.1e-7


def test_shapes_with_holes_parts_heights_and_nothing():
    holed = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]])
    mixed = shapely.GeometryCollection(
        [shapely.Point(1, 1), shapely.MultiLineString([[(0, 0, 5), (1, 0, 5)], [(0, 1), (1, 1)]])]
    )
    shapes = encode_shapes(
        [holed, mixed, shapely.MultiPoint([(1, 2), (3, 4)]), None, shapely.Polygon()], (0.0, 0.0)
    )
    assert [len(rings) for rings in shapes[0][1:]] == [2]
    assert shapes[1] == [1, [0, 0, 10_000_000, 0], [0, 10_000_000, 10_000_000, 0]]
    assert shapes[2] == [0, [10_000_000, 20_000_000], [30_000_000, 40_000_000]]
    assert shapes[3:] == [None, None]


def test_display_shapes_are_flat_degrees(snapshot):
    west, south, east, north = shapely.total_bounds(display_shapes(snapshot.read("parcels"), snapshot.crs))
    assert 119.9 < west < east < 120.1
    assert 31.5 < south < north < 32.0


def test_beyond_the_limit_outlines_are_simplified_and_it_is_said(snapshot, monkeypatch):
    monkeypatch.setattr(payload, "PORTABLE_LIMIT", len(snapshot.read("parcels")) - 1)
    small = build_payload(snapshot, lang="zh")
    assert small["meta"]["simplified"] == {"limit": 59, "tolerance": 1.0}
    assert small["parcels"]["columns"] == []
    assert [row["count"] for row in small["classes"]] == [9, 8, 35, 8]
    assert "buildings" not in {layer["group"] for layer in small["layers"]}
    monkeypatch.undo()
    assert build_payload(snapshot, lang="zh")["meta"]["simplified"] is None


def test_verdict_colours_come_with_a_pattern():
    assert VERDICTS["yes"]["fill"] == "#D55E00"
    assert VERDICTS["yes"]["pattern"] == "hatch"
    assert VERDICTS["undetermined"]["fill"] == "#F0E442"
    assert VERDICTS["undetermined"]["pattern"] == "dots"
    assert (VERDICTS["no"]["fill"], VERDICTS["no"]["fill_opacity"]) == ("#009E73", 0.35)
    assert VERDICTS["not_judged"]["fill"] == "#FFFFFF"
    assert all(style["weight"] == 0.6 for style in VERDICTS.values())


def test_every_word_of_the_page_is_known_and_translated():
    scripts = "".join(bundle.script_text(name) for name in bundle.SCRIPTS if name.startswith("parkgeo"))
    said = {
        word for inside in re.findall(r"say\(([^)`]*)", scripts) for word in re.findall(r'"(\w+)"', inside)
    }
    said |= set(re.findall(r'\["(group_\w+)"', scripts))
    families = ("class_", "section_", "verdict_", "column_", "zoom_", "close", "colour_", "mode_")
    assert said <= set(SENTENCES)
    assert {key for key in SENTENCES if not key.startswith(families)} == {
        key for key in said if not key.startswith(families)
    }
    chinese = messages("zh")
    assert {*SENTENCES.values(), *CODES.values(), *UNITS.values()} <= set(chinese)


def test_groups_of_the_page_are_those_of_the_shell():
    script = bundle.script_text("parkgeo-map.js")
    stack = re.search(r"const STACK = \[(.*?)\]", script)[1]
    assert tuple(re.findall(r'"(\w+)"', stack)) == GROUPS


def test_texts_stand_once(snapshot):
    strings = build_payload(snapshot, lang="zh")["strings"]
    assert len(strings) == len(set(strings))
    assert not any(first == second for first, second in pairwise(sorted(strings)))


@pytest.fixture(scope="module")
def unledgered(tmp_path_factory):
    return build_without_ledger(tmp_path_factory.mktemp("unledgered"))


def test_gaps_of_a_whole_layer_are_embedded_once_with_the_parcels_they_spare(unledgered):
    parcels = unledgered.read("parcels")
    data = build_payload(unledgered, lang="en")
    whole = data["gaps"]["whole"]
    told = {data["strings"][key]: spared for key, spared in zip(whole["keys"], whole["spared"], strict=True)}
    assert told == {
        "idle_not_started": [],
        "far": [place for place, known in enumerate(parcels["far"].notna()) if known],
        "tax_wan_per_mu": [],
    }
    assert told["far"]
    asks = {data["strings"][ask] for ask in whole["asks"][1]}
    assert asks == {english for _, _, english in LAYER_GAPS}
    assert data["gaps"]["parcels"] == []


def test_a_gap_of_another_layers_field_is_in_no_parcels_list(snapshot):
    assert build_payload(snapshot, lang="en")["gaps"]["whole"]["keys"] == []


def test_a_verdict_that_is_deliberately_not_given_is_no_gap():
    verdicts = pd.Series(["undetermined", None, "no"])
    assert payload._is_missing(verdicts).tolist() == [True, False, False]
    assert payload._is_missing(pd.Series([None, None], dtype=object)).tolist() == [True, True]
    assert payload._is_missing(pd.Series([1.0, np.nan])).tolist() == [False, True]


def test_the_page_knows_that_there_is_no_ledger_and_what_is_a_setting(snapshot, unledgered):
    data = [build_payload(each, lang="zh") for each in (snapshot, unledgered)]
    assert [each["meta"]["no_ledger"] for each in data] == [False, True]
    assert [each["findings"]["settings"] for each in data] == [[], ["area_mismatch"]]


@pytest.mark.parametrize("sentence", [*SENTENCES.values()])
def test_no_sentence_promises_to_say_whom_to_ask(sentence):
    assert "whom" not in sentence
    assert "向谁" not in messages("zh")[sentence]
