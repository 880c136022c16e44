"""Exports, read back by other programs: GDAL through pyogrio, openpyxl, the csv and json modules."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from parkgeo.errors import FilterError, InputError, NotFoundError, StoreError
from parkgeo.export import ENDINGS, export_table, write_geopackage, write_register, write_tables
from parkgeo.export.cells import Notices, fit_text, plain_value, spreadsheet_text
from parkgeo.export.shapefile import short_names
from parkgeo.i18n import messages
from parkgeo.store import Snapshot
from tests.report_snapshot import build_report_snapshot
from tests.snapshot_builder import PERSONAL, build_snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return with_personal(build_snapshot(tmp_path_factory.mktemp("workspace")))


def with_personal(snapshot):
    """The catalogue says which fields are personal, as a real one does."""
    path = snapshot.path / "catalogue.json"
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    for name in ("contact", "phone"):
        catalogue["fields"]["enterprises"][name]["personal"] = True
    path.write_text(json.dumps(catalogue, ensure_ascii=False), encoding="utf-8")
    return Snapshot(snapshot.path)


@pytest.fixture(scope="module")
def parcels(snapshot):
    return snapshot.read("parcels").sort_values("parcel_id").reset_index(drop=True)


def read_sheets(path):
    book = openpyxl.load_workbook(path)
    return {sheet.title: sheet for sheet in book}


def table_of(sheet):
    """Header and rows of a sheet: the header is the row that the filter starts at."""
    top = int("".join(c for c in sheet.auto_filter.ref.split(":")[0] if c.isdigit()))
    last = int("".join(c for c in sheet.auto_filter.ref.split(":")[1] if c.isdigit()))
    header, *rows = sheet.iter_rows(min_row=top, max_row=last, values_only=True)
    return [title.replace("\n", "") for title in header], rows


def same_values(found, expected, columns):
    for column in columns:
        for one, other in zip(found[column], expected[column], strict=True):
            one, other = plain_value(one, day=True), plain_value(other, day=True)  # noqa: PLW2901 - the same form
            assert one == other or (isinstance(one, float) and math.isclose(one, other, rel_tol=1e-12)), (
                column
            )


# — one table in each format


@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".parquet"])
def test_exact_formats_give_back_every_row_and_value(snapshot, parcels, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    assert export_table(snapshot, "parcels", path) == 60
    read = gpd.read_parquet(path) if ending == ".parquet" else pyogrio.read_dataframe(path)
    # A FlatGeobuf's index puts rows in the order of place.
    found = read.sort_values("parcel_id").reset_index(drop=True)
    assert found.crs == snapshot.crs
    assert ending == ".fgb" or list(read["parcel_id"]) == list(parcels["parcel_id"])
    assert shapely.equals_exact(found.geometry.to_numpy(), parcels.geometry.to_numpy()).all()
    same_values(found, parcels, [name for name in parcels.columns if name != "geometry"])


@pytest.mark.parametrize("ending", [".shp", ".shp.zip"])
def test_a_shapefile_keeps_chinese_and_says_what_its_short_names_mean(snapshot, parcels, tmp_path, ending):
    path = tmp_path / f"宗地{ending}"
    assert export_table(snapshot, "parcels", path, where="idle = 'yes'") == 9
    read = pyogrio.read_dataframe(path)
    expected = parcels[parcels["idle"] == "yes"].reset_index(drop=True)
    names = short_names(name for name in parcels.columns if name != "geometry")
    assert set(names.values()) == set(read.columns) - {"geometry"}
    same_values(read.rename(columns={short: name for name, short in names.items()}), expected, names)
    assert shapely.equals(read.geometry.to_numpy(), expected.geometry.to_numpy()).all()
    if ending == ".shp":
        assert (tmp_path / "宗地.cpg").read_text(encoding="ascii").strip() == "UTF-8"
        with (tmp_path / "宗地.fields.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = {row["short"]: row for row in csv.DictReader(file)}
        assert rows["output_wan"]["name"] == "output_wan_per_mu"
        assert rows["output_wan"]["zh"] == "亩均产出（万元/亩）"
        assert rows["output_wan"]["en"] == "Output per mu (wan yuan/mu)"


def test_short_names_are_ascii_short_and_unique():
    names = [
        "verdict_reason_zh",
        "verdict_reason_en",
        "VERDICT_RE",
        "闲置",
        "面积",
        "",
        "x" * 30,
        *(f"same_start_{i}" for i in range(120)),
    ]
    short = short_names(names)
    assert list(short) == names
    assert all(name.isascii() and 0 < len(name) <= 10 for name in short.values())
    assert len({name.casefold() for name in short.values()}) == len(names)


def test_geojson_is_rfc_7946(snapshot, parcels, tmp_path):
    path = tmp_path / "out.geojson"
    assert export_table(snapshot, "parcels", path) == 60
    text = path.read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "Infinity" not in text
    collection = json.loads(text)
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    assert [feature["id"] for feature in collection["features"]] == list(parcels["parcel_id"])
    for feature, (_, row) in zip(collection["features"], parcels.iterrows(), strict=True):
        properties = feature["properties"]
        assert properties["holder"] == plain_value(row["holder"])
        assert properties["far"] == plain_value(row["far"])
        assert properties["agreed_start"] in {None, "2024-03-01"}
        for polygon in feature["geometry"]["coordinates"]:
            assert shapely.is_ccw(shapely.LinearRing(polygon[0]))
            assert all(
                -180 <= x <= 180 and -90 <= y <= 90 and round(x, 7) == x and round(y, 7) == y
                for x, y in polygon[0]
            )
    back = pyogrio.read_dataframe(path).to_crs(snapshot.crs)
    assert back.geometry.hausdorff_distance(parcels.geometry).max() < 0.02


def test_geojson_of_a_table_without_geometry(snapshot, tmp_path):
    assert export_table(snapshot, "indicators", tmp_path / "out.json") == 2
    features = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["features"]
    assert [feature["geometry"] for feature in features] == [None, None]
    assert features[0]["properties"]["benchmark"] is None


def test_csv_opens_in_excel_and_keeps_numbers(snapshot, parcels, tmp_path):
    path = tmp_path / "out.csv"
    assert export_table(snapshot, "parcels", path) == 60
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["parcel_id"] for row in rows] == list(parcels["parcel_id"])
    for row, (_, expected) in zip(rows, parcels.iterrows(), strict=True):
        assert row["holder"] == (plain_value(expected["holder"]) or "")
        ratio = plain_value(expected["area_difference_ratio"])
        assert (
            row["area_difference_ratio"] == ""
            if ratio is None
            else float(row["area_difference_ratio"]) == ratio
        )
        assert row["idle_since"] == (
            "" if pd.isna(expected["idle_since"]) else str(expected["idle_since"].date())
        )
        assert shapely.from_wkt(row["WKT"]).geom_type == "MultiPolygon"
    assert any(row["area_difference_ratio"].startswith("-0.0") for row in rows)


def test_excel_of_one_table_has_titles_with_units_and_real_dates(snapshot, parcels, tmp_path):
    path = tmp_path / "out.xlsx"
    assert export_table(snapshot, "parcels", path, lang="zh") == 60
    ((_, sheet),) = read_sheets(path).items()
    header, rows = table_of(sheet)
    names = [name for name in parcels.columns if name != "geometry"]
    assert header[0] == "宗地代码"
    assert header[names.index("site_area_m2")] == "用地面积（m²）"
    assert header[names.index("price_wan")] == "土地价款（万元）"
    assert len(rows) == 60
    for row, (_, expected) in zip(rows, parcels.iterrows(), strict=True):
        for value, name in zip(row, names, strict=True):
            wanted = plain_value(expected[name], day=True)
            if isinstance(wanted, dt.date):
                wanted = dt.datetime(wanted.year, wanted.month, wanted.day)  # noqa: DTZ001 - openpyxl's kind of date
            # Excel keeps sixteen digits of a number.
            close = isinstance(wanted, float) and math.isclose(value, wanted, rel_tol=1e-15)
            assert close or value == wanted, name


@pytest.mark.parametrize("ending", [".gpkg", ".xlsx", ".csv", ".parquet", ".json"])
def test_tables_without_geometry_have_formats_too(snapshot, tmp_path, ending):
    assert export_table(snapshot, "performance", tmp_path / f"out{ending}") == 43


@pytest.mark.parametrize("ending", [".shp", ".shp.zip", ".fgb"])
def test_formats_that_need_geometry_say_so(snapshot, tmp_path, ending):
    with pytest.raises(InputError, match="needs it"):
        export_table(snapshot, "gaps", tmp_path / f"out{ending}")
    assert list(tmp_path.iterdir()) == []


def test_a_shapefile_of_lines_and_points_is_refused(snapshot, tmp_path):
    with pytest.raises(InputError, match="one kind"):
        export_table(snapshot, "utilities", tmp_path / "out.shp")
    assert export_table(snapshot, "utilities", tmp_path / "out.shp", where="kind <> 'power'") == 5


def test_nothing_selected_is_an_empty_file_that_opens(snapshot, tmp_path):
    for ending in ENDINGS:
        path = tmp_path / f"out{ending}"
        assert export_table(snapshot, "parcels", path, where="site_area_m2 < 0") == 0
        if ending in {".gpkg", ".fgb", ".shp", ".geojson", ".shp.zip"}:
            assert pyogrio.read_info(path, force_feature_count=True)["features"] == 0


# — what is refused, with its mend


@pytest.mark.parametrize("name", ["out", "out.txt", "out.xls", ".gpkg", "out.gpkg.bak", "out.kml"])
def test_an_unknown_ending_names_the_known_ones(snapshot, tmp_path, name):
    with pytest.raises(InputError) as caught:
        export_table(snapshot, "parcels", tmp_path / name)
    assert all(ending in str(caught.value) for ending in ENDINGS)


def test_an_unknown_table_names_those_there(snapshot, tmp_path):
    with pytest.raises(NotFoundError, match=r"parks.*parcels.*findings"):
        export_table(snapshot, "parcel", tmp_path / "out.csv")


def test_a_wrong_filter_says_which_table(snapshot, tmp_path):
    with pytest.raises(FilterError, match=r"no column 'idel' — parcels — did you mean idle"):
        export_table(snapshot, "parcels", tmp_path / "out.csv", where="idel = 'yes'")


# — what may never leave


def test_personal_fields_never_leave(snapshot, tmp_path):
    with pytest.raises(FilterError, match="no column 'phone'"):
        export_table(snapshot, "enterprises", tmp_path / "x.csv", where="phone = '13800000000'")
    for ending in (".gpkg", ".json", ".csv", ".xlsx", ".parquet"):
        export_table(snapshot, "enterprises", tmp_path / f"out{ending}")
    write_geopackage(snapshot, tmp_path / "all.gpkg", lang="zh")
    write_register(snapshot, tmp_path / "register.xlsx", lang="zh")
    for name in ("out.gpkg", "all.gpkg"):
        masked = pyogrio.read_dataframe(tmp_path / name, layer="enterprises")
        assert set(masked["contact"]) == set(masked["phone"]) == {"***"}
    assert set(pd.read_parquet(tmp_path / "out.parquet")["phone"]) == {"***"}
    for path in (*tmp_path.glob("*.json"), *tmp_path.glob("*.csv"), *tmp_path.glob("*.gpkg")):
        content = path.read_bytes()
        assert not any(secret.encode("utf-8") in content for secret in PERSONAL), path.name
    for path in tmp_path.glob("*.xlsx"):
        shown = {
            cell
            for sheet in read_sheets(path).values()
            for row in sheet.iter_rows(values_only=True)
            for cell in row
        }
        assert not set(PERSONAL) & shown


# — the GeoPackage of all


def test_the_geopackage_holds_every_table_with_titles_in_both_languages(snapshot, tmp_path):
    path = tmp_path / "park.gpkg"
    write_geopackage(snapshot, path, lang="zh")
    layers = dict(pyogrio.list_layers(path))
    assert set(layers) == set(snapshot.tables)
    for name in snapshot.tables:
        assert len(pyogrio.read_dataframe(path, layer=name)) == len(snapshot.read(name))
        assert (layers[name] is not None) == snapshot.manifest["tables"][name]["geometry"]
    assert pyogrio.read_info(path, layer="parcels")["layer_metadata"]["IDENTIFIER"] == "宗地 Parcels"
    database = sqlite3.connect(path)
    titles = {
        (table, column): title
        for table, column, title in database.execute(
            "SELECT table_name, column_name, title FROM gpkg_data_columns"
        )
    }
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert titles["parcels", "output_wan_per_mu"] == "亩均产出（万元/亩） Output per mu (wan yuan/mu)"
    assert titles["parcels", "agreed_start"] == "约定动工日期 Agreed start"


# — the same input gives the same bytes


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_table_gives_the_same_bytes(snapshot, tmp_path, ending):
    written = []
    for turn in ("one", "two"):
        (tmp_path / turn).mkdir()
        export_table(snapshot, "parcels", tmp_path / turn / f"out{ending}")
        written.append({path.name: path.read_bytes() for path in sorted((tmp_path / turn).iterdir())})
    assert written[0] == written[1]


def test_geopackage_and_register_give_the_same_bytes_and_leave_gdal_as_it_was(snapshot, tmp_path):
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    for turn in ("one", "two"):
        write_geopackage(snapshot, tmp_path / f"{turn}.gpkg", lang="en")
        write_register(snapshot, tmp_path / f"{turn}.xlsx", lang="en")
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


# — a write that fails leaves the old file


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending != ".shp"])
def test_a_failed_write_leaves_the_old_file_and_no_litter(snapshot, tmp_path, ending, monkeypatch):
    path = tmp_path / f"out{ending}"
    path.write_text("the old file", encoding="utf-8")

    def fail(_source, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StoreError, match="No space left"):
        export_table(snapshot, "parcels", path)
    assert path.read_text(encoding="utf-8") == "the old file"
    assert list(tmp_path.iterdir()) == [path]


# — the register


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_register_lists_each_suspected_and_each_open_parcel(snapshot, parcels, tmp_path, lang):
    path = tmp_path / "register.xlsx"
    write_register(snapshot, path, lang=lang)
    sheets = read_sheets(path)
    first = next(iter(sheets.values()))
    assert first.title == {"zh": "疑似闲置土地清单", "en": "Suspected idle land"}[lang]
    header, rows = table_of(first)
    expected = parcels[parcels["idle"].isin(["yes", "undetermined"])].set_index("parcel_id")
    assert {row[1] for row in rows} == set(expected.index)
    assert [row[0] for row in rows] == list(range(1, len(expected) + 1))
    verdicts = {
        "zh": {"疑似闲置": "yes", "无法判定": "undetermined"},
        "en": {"Suspected idle": "yes", "Undetermined": "undetermined"},
    }[lang]
    for values in rows:
        row = dict(zip(header, values, strict=True))
        source = expected.loc[row[header[1]]]
        at = {name: values[place] for place, name in enumerate(
            "number id holder name use area mu mode price start handover begun suspended delay since days clause verdict basis evidence confidence missing fee way rank reason source".split()  # noqa: SIM905
        )}  # fmt: skip
        assert verdicts[at["verdict"]] == source["idle"]
        assert math.isclose(at["mu"], source["site_area_m2"] * 15 / 10_000)
        assert at["reason"] == source[f"verdict_reason_{lang}"]
        assert at["source"] == f"sample.gpkg : {source['source_row']}"
        assert at["days"] == plain_value(source["idle_days"])
        assert (at["since"] is None) == pd.isna(source["idle_since"])
        assert at["since"] is None or at["since"] == source["idle_since"]
        assert at["clause"] == {"zh": "闲置土地处置办法 第二条第一款", "en": "Order 53 art. 2 ¶1"}[lang]
        asked = {"zh": "约定动工日期、实际交地日期", "en": "Agreed start, Handover of land"}[lang]
        assert at["missing"] == (asked if source["idle"] == "undetermined" else None)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_register_says_the_evidence_line_by_line_the_way_and_the_rank(tmp_path, lang):
    whole = build_report_snapshot(tmp_path / "workspace", parcels=14)
    write_register(whole, tmp_path / "register.xlsx", lang=lang)
    header, rows = table_of(next(iter(read_sheets(tmp_path / "register.xlsx").values())))
    by_id = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    told = {name: by_id["320000-GB00003"][messages(lang).get(name, name)] for name in (
        "Evidence, line by line", "Confidence", "Suggested way", "Rank for field check", "Verdict"
    )}  # fmt: skip
    assert told == {
        "zh": {
            "Evidence, line by line": "合同 闲置 · 许可 闲置 · 建筑物 闲置 · 影像 无法判断 · 用电 在用 · 用水 闲置 · 产出与税收 闲置 · 综合 矛盾",
            "Confidence": None, "Suggested way": "低效用地再开发", "Rank for field check": 1, "Verdict": "疑似闲置",
        },
        "en": {
            "Evidence, line by line": "Contract idle · Permits idle · Buildings idle · Imagery cannot say · Electricity in use · Water idle · Output and tax idle · together contradictory",
            "Confidence": None, "Suggested way": "Redevelopment", "Rank for field check": 1, "Verdict": "Suspected idle",
        },
    }[lang]  # fmt: skip
    suspended = by_id["320000-GB00006"]
    assert (
        suspended[messages(lang).get("Verdict", "Verdict")]
        == {"zh": "疑似闲置（可以认定）", "en": "Suspected: may be recognised as idle"}[lang]
    )
    assert suspended[messages(lang).get("Confidence", "Confidence")] == {"zh": "中", "en": "Medium"}[lang]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_register_is_ready_for_the_printer(snapshot, tmp_path, lang):
    path = tmp_path / "register.xlsx"
    write_register(snapshot, path, lang=lang)
    for at, (name, sheet) in enumerate(read_sheets(path).items()):
        assert sheet.page_setup.orientation == "landscape", name
        assert sheet.page_setup.paperSize == (8 if at == 0 else 9), name
        assert at > 0 or sheet.page_setup.fitToWidth in (1, None), name
        assert sheet.page_setup.fitToHeight == 0, name
        assert sheet.print_title_rows, name
        assert sheet.freeze_panes, name
        assert sheet.auto_filter.ref, name


def test_the_register_accounts_for_all(snapshot, tmp_path):
    path = tmp_path / "register.xlsx"
    write_register(snapshot, path, lang="en")
    sheets = read_sheets(path)
    counts = {name: len([row for row in table_of(sheet)[1] if any(row)]) for name, sheet in sheets.items()}
    assert counts["Findings"] == len(snapshot.read("findings"))
    assert counts["Parcels"] == len(snapshot.read("parcels"))
    assert counts["Indicators"] == len(snapshot.read("indicators"))
    assert counts["What is missing"] == len(
        snapshot.read("gaps").groupby(["table", "parcel_id", "ask_en"], dropna=False)
    )
    assert {"Rejected rows", "Repaired rows", "Faults", "Files read"} <= set(counts)
    notes = "\n".join(str(row) for row in table_of(sheets["Notes"])[1])
    assert "cn-national 2012/2023" in notes
    assert "2026-06-30" in notes
    assert "Imagery" in notes
    gaps = table_of(sheets["What is missing"])[1]
    assert gaps[0][:2] == ("Imagery", "(whole layer)")


def test_the_register_speaks_chinese_throughout(snapshot, tmp_path):
    write_register(snapshot, tmp_path / "register.xlsx", lang="zh")
    english = set(messages("zh"))
    for name, sheet in read_sheets(tmp_path / "register.xlsx").items():
        header, _ = table_of(sheet)
        for title in (name, *header):
            assert title not in english or title == messages("zh")[title], (name, title)
            assert any("\u4e00" <= character <= "\u9fff" for character in title) or title in {
                "ID",
                "SHA-256",
            }, (name, title)


def test_bounds_sources_and_days_stand_in_the_register(tmp_path):
    full = build_snapshot(tmp_path / "workspace", parcels=7)
    indicators, findings = full.read("indicators"), full.read("findings")
    indicators = indicators.assign(low=1.0, high=1.0, value_zh=None, value_en=None)
    indicators.loc[0, ["value", "low", "high", "value_zh", "value_en"]] = [
        np.nan,
        91.5,
        100.0,
        "之间",
        "between",
    ]
    findings["source"] = "parkgeo's setting, no regulation's figure, 2026.2"
    indicators.to_parquet(full.path / "indicators.parquet")
    findings.to_parquet(full.path / "findings.parquet")
    for lang, titles, source in (
        ("zh", ("下限", "上限", "文字结论", "数值出处"), "parkgeo 的设置，并无法规数值，2026.2"),
        ("en", ("At least", "At most", "In words", "Source of the figure"), findings["source"].iloc[0]),
    ):
        write_register(full, tmp_path / "register.xlsx", lang=lang)
        sheets = [table_of(sheet) for sheet in read_sheets(tmp_path / "register.xlsx").values()]
        header, rows = sheets[3]
        name = indicators.sort_values(["park_id", "name"]).index.get_loc(0)
        told = [dict(zip(header, row, strict=True)) for row in rows]
        words = "之间" if lang == "zh" else "between"
        assert [told[name][title] for title in titles[:3]] == [91.5, 100.0, words]
        assert all(each[titles[0]] is None for at, each in enumerate(told) if at != name)
        header, rows = sheets[1]
        assert {row[header.index(titles[3])] for row in rows if any(row)} == {source}
        days = "自动工期限或停工起算天数" if lang == "zh" else "Days since due or suspended"
        assert days in sheets[0][0]
    export_table(full, "findings", tmp_path / "findings.xlsx", lang="zh")
    (sheet,) = read_sheets(tmp_path / "findings.xlsx").values()
    header, rows = table_of(sheet)
    assert "parkgeo 的设置，并无法规数值，2026.2" in rows[0]


def test_the_account_names_fields_by_their_titles(tmp_path):
    full = build_snapshot(tmp_path / "workspace", parcels=7)
    sources = full.read("sources").assign(
        columns_used="price_wan ← price_wan, agreed_start ← 约定动工日期, parcel_id ← a, b"
    )
    sources.assign(layer="supply").to_parquet(full.path / "sources.parquet")
    write_register(full, tmp_path / "register.xlsx", lang="zh")
    sheets = read_sheets(tmp_path / "register.xlsx")
    cells = {str(cell) for name in sheets for row in table_of(sheets[name])[1] for cell in row}
    price, start, parcel = (
        full.field("supply", name)["zh"] for name in ("price_wan", "agreed_start", "parcel_id")
    )
    assert price != "price_wan"
    assert f"{price} ← price_wan, {start} ← 约定动工日期, {parcel} ← a, b" in cells
    assert price in cells
    assert "price_wan" not in cells


def test_a_snapshot_of_parcels_alone_has_a_register(tmp_path):
    full = build_snapshot(tmp_path / "workspace", parcels=7)
    manifest = json.loads((full.path / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables"] = {name: manifest["tables"][name] for name in ("parcels", "findings")}
    (full.path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    alone = Snapshot(full.path)
    write_register(alone, tmp_path / "register.xlsx", lang="en")
    write_geopackage(alone, tmp_path / "park.gpkg", lang="en")
    assert table_of(read_sheets(tmp_path / "register.xlsx")["Parcels"])[1][0][0] == "320000-GB00001"


def test_the_account_of_a_check_is_a_workbook_of_its_own(tmp_path):
    rejects = pd.DataFrame(
        {"layer": ["parcels"], "row": pd.array([None], dtype="Int64"), "content": ["=1+1"]}
    )
    write_tables({"rejects": rejects, "faults": rejects.iloc[:0]}, tmp_path / "account.xlsx", lang="zh")
    sheets = read_sheets(tmp_path / "account.xlsx")
    assert list(sheets) == ["未接收记录", "数据问题"]
    assert table_of(sheets["未接收记录"]) == (["图层", "来源行", "该行内容"], [("parcels", None, "=1+1")])
    assert {cell.data_type for row in sheets["未接收记录"].iter_rows() for cell in row if cell.value} == {"s"}


# — cells


def test_text_for_spreadsheets():
    for live in ("=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1", " =1"):
        assert spreadsheet_text(live) == f"'{live}"
    for plain in ("宁波", "a=b", "'=1", ""):
        assert spreadsheet_text(plain) == plain


def test_text_that_excel_cannot_hold_is_altered_and_counted():
    notices = Notices()
    assert fit_text("a\x00b\x1bc", notices) == "a\ufffdb\ufffdc"
    assert fit_text("线\r\n二\t三", notices) == "线\n二\t三"
    long = fit_text("闲" * 40_000, notices)
    assert len(long) == 32_767
    assert long.endswith("…")
    wide = fit_text("😀" * 20_000, notices)
    assert len(wide.encode("utf-16-le")) // 2 <= 32_767
    assert notices.counts == {"control characters": 1, "long text": 2}
