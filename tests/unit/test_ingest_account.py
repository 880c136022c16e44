"""The account: declared = accepted + rejected, in both languages, and a layer that failed does not read as zero."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import parkgeo.ingest
import parkgeo.layers
from parkgeo.errors import InputError, ProjectError
from parkgeo.i18n import messages
from parkgeo.ingest.read import read_with
from parkgeo.pipeline import run_project
from parkgeo.project import read_project
from tests.builders import land, rect
from tests.office import (
    EAST,
    NORTH,
    check_balance,
    faults,
    layer,
    parcels,
    project,
    read,
    reasons,
    shared_data,
    write,
    write_xlsx,
)

PACKAGES = [Path(str(package.__file__)).parent for package in (parkgeo.ingest, parkgeo.layers)]


def sentences():
    """Every pattern that ingest and layers speak: constant texts given to sentence(), and to the helper that builds one."""
    for folder in PACKAGES:
        for file in sorted(folder.glob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("sentence", "_by_file"):
                    yield from (
                        one.value
                        for one in node.args
                        if isinstance(one, ast.Constant) and " " in str(one.value)
                    )
                if (
                    isinstance(node, ast.Assign)
                    and getattr(node.targets[0], "id", "") == "what"
                    and isinstance(node.value, ast.Constant)
                ):
                    yield node.value.value


def test_every_sentence_is_known_in_chinese_with_the_same_values():
    patterns = set(sentences())
    assert len(patterns) > 80
    for pattern in patterns:
        chinese = messages("zh").get(pattern)
        assert chinese, pattern
        names = {part.split("}")[0] for part in pattern.split("{")[1:]}
        assert {part.split("}")[0] for part in chinese.split("{")[1:]} == names, pattern


def test_the_account_speaks_both_languages(tmp_path):
    write(parcels(3, parcel_id=["A", None, "C"], 登记面积=["12,5", 1, 2]), tmp_path / "p.gpkg")
    account = read(tmp_path, layer("parcels", "p.gpkg")).account
    (reject,) = account["rejects"].to_dict(orient="records")
    assert (reject["reason_zh"], reject["reason_en"]) == ("“宗地代码”没有值", "no value in Parcel ID")
    assert (reject["mend_zh"], reject["mend_en"]) == ("请填写“宗地代码”", "fill in Parcel ID")
    (fault,) = account["faults"].query("severity == 'fault'").to_dict(orient="records")
    assert fault["what_zh"] == "登记面积：不是数字：'12,5'"
    assert fault["mend_zh"] == "只填数字，单位写在列头"
    assert (fault["field"], fault["rows"], fault["file"]) == ("registered_area_m2", "1", "p.gpkg")


def test_an_empty_account_has_its_columns(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    account = read(tmp_path, layer("parcels", "p.gpkg")).account
    for name in ("rejects", "repairs"):
        assert account[name].empty
        assert {"layer", "file", "row", "id"} <= set(account[name])


def test_a_layer_of_which_no_row_can_be_used_is_missing_not_zero(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(land([shapely.Point(EAST, NORTH)]), tmp_path / "b.gpkg")
    write(land([rect(0, 0, 1, 1)]).iloc[:0], tmp_path / "empty.gpkg")
    for name in ("b.gpkg", "empty.gpkg"):
        intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", name))
        assert intake.layers.buildings is None
        assert not intake.clean
        assert faults(intake) == ["no row of Buildings can be used; the layer is treated as missing"]


@pytest.mark.parametrize("name", ["parcels", "parks"])
def test_without_parcels_or_with_a_spoiled_boundary_nothing_runs_and_the_reason_is_said(tmp_path, name):
    write(parcels(), tmp_path / "p.gpkg")
    write(land([None, None], parcel_id=["A", "B"]), tmp_path / "x.gpkg", geometry_type="Polygon")
    entries = (
        [layer("parcels", "x.gpkg")]
        if name == "parcels"
        else [layer("parcels", "p.gpkg"), layer("parks", "x.gpkg")]
    )
    with pytest.raises(
        InputError,
        match="no usable coordinates" if name == "parcels" else "no park boundary is left: 2 × no geometry",
    ):
        read(tmp_path, *entries)


def test_a_parcels_file_with_no_rows(tmp_path):
    write(parcels().iloc[:0], tmp_path / "p.gpkg")
    with pytest.raises(InputError, match="holds no parcels"):
        read(tmp_path, layer("parcels", "p.gpkg"))


def test_all_unusable_files_are_named_at_once(tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"")
    (tmp_path / "b.geojson").write_bytes(b"{")
    (tmp_path / "c.xlsx").write_bytes(b"x")
    with pytest.raises(InputError, match="3 to mend"):
        read(tmp_path, layer("parcels", "a.gpkg"), layer("roads", "b.geojson"), layer("supply", "c.xlsx"))


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        (
            "fields = { parcelid = '宗地代码' }",
            ProjectError,
            "unknown field 'parcelid' of layer parcels.*did you mean 'parcel_id'",
        ),
        (
            "fields = { parcel_id = 'ZDDM' }",
            InputError,
            r"no column 'ZDDM' for parcel_id.*p\.gpkg \(parcels\).*there are",
        ),
        (
            "fields = { registered_area_m2 = { column = '面积', unit = '斤' } }",
            ProjectError,
            "registered_area_m2: unit '斤' does not convert.*亩",
        ),
    ],
)
def test_what_park_toml_maps_must_be_there(tmp_path, more, error, said):
    write(parcels(面积=[1.0, 2.0, 3.0]), tmp_path / "p.gpkg")
    with pytest.raises(error, match=said):
        read(tmp_path, layer("parcels", "p.gpkg") + more)


def test_a_required_field_without_a_column_is_named_with_the_columns_there(tmp_path):
    write(parcels().rename(columns={"parcel_id": "代号"}), tmp_path / "p.gpkg")
    with pytest.raises(InputError, match=r"no column for parcel_id \(宗地代码\).*there are 代号"):
        read(tmp_path, layer("parcels", "p.gpkg"))


def test_references_to_nothing_are_said_and_stay(tmp_path):
    write(parcels(2), tmp_path / "p.gpkg")
    write_xlsx([["宗地代码", "土地价款"], ["P1", 1], ["P1", 2], ["P9", 3]], tmp_path / "l.xlsx")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("supply", "l.xlsx"))
    assert len(intake.layers.supply) == 3
    assert faults(intake) == ["Parcel ID that is not in Parcels: P9", "several contracts for one parcel: P1"]


def test_features_without_ids_are_numbered_and_it_is_noted(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(land([rect(EAST + x, NORTH, 9, 9) for x in (0, 20)]), tmp_path / "b.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "b.gpkg"))
    assert intake.layers.buildings["building_id"].tolist() == ["buildings-000001", "buildings-000002"]
    assert "2 without Building ID: numbered by their order" in intake.account["faults"]["what_en"].tolist()
    assert intake.clean


def test_a_formula_that_failed_is_no_title_within_the_table(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    ledger = [["宗地代码", "约定动工日期", "土地价款"], ["#N/A", None, None], [None, None, 12.0]]
    write_xlsx(ledger, tmp_path / "l.xlsx")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("supply", "l.xlsx"))
    assert intake.account["sources"].set_index("file")["rows_declared"]["l.xlsx"] == 2
    assert intake.account["rejects"]["row"].tolist() == [2, 3]


CELLS = st.sampled_from([None, "P1", "P2", "１", 1.0, 1e18, "#N/A", "", "=1+1"])
SHAPE = st.sampled_from(
    [
        None,
        rect(EAST, NORTH, 10, 10),
        rect(EAST + 20, NORTH, 5, 5),
        shapely.Polygon(),
        shapely.Point(EAST, NORTH),
        shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)]),
    ]
)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(CELLS, SHAPE, st.sampled_from(["12", "约12", -5, None])), min_size=1, max_size=8),
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6),
)
def test_whatever_the_rows_every_one_is_accounted_for(tmp_path, crew, rows, ledger):
    frame = land(
        [shape for _, shape, _ in rows],
        parcel_id=[None if one is None else str(one) for one, _, _ in rows],
        登记面积=[None if one is None else str(one) for *_, one in rows],
    )
    frame.to_parquet(tmp_path / "p.parquet")
    write(parcels(1, parcel_id=["good"]), tmp_path / "good.gpkg")
    write_xlsx([["宗地代码", "约定动工日期", "土地价款"], *map(list, ledger)], tmp_path / "l.xlsx")
    path = project(
        tmp_path,
        "".join([layer("parcels", "good.gpkg"), layer("parcels", "p.parquet"), layer("supply", "l.xlsx")]),
    )
    intake = read_with(crew, read_project(path))
    check_balance(intake)
    declared = intake.account["sources"].set_index("file")["rows_declared"]
    assert declared["p.parquet"] == len(rows)
    assert declared["l.xlsx"] == sum(
        any(cell is not None and str(cell).strip() for cell in row) for row in ledger
    )
    assert "good" in intake.layers.parcels["parcel_id"].tolist()


def test_the_plots_of_bubenec_come_in_whole(tmp_path):
    """407 plots, 144 buildings, 35 streets, as its README counts them."""
    path = shared_data() / "bubenec" / "bubenec.gpkg"
    if not path.is_file():
        pytest.skip("no shared data beside the checkout")
    intake = read(
        tmp_path,
        layer("parcels", path.as_posix(), layer="plots") + "fields = { parcel_id = 'ID' }\n",
        layer("buildings", path.as_posix(), layer="buildings"),
        layer("roads", path.as_posix(), layer="streets"),
    )
    counts = intake.account["sources"].set_index("layer")["rows_declared"].to_dict()
    assert counts == {"parcels": 407, "buildings": 144, "roads": 35}
    assert intake.crs.to_epsg() == 32633
    assert reasons(intake) == {}


def test_rows_keep_their_dtypes_over_files(tmp_path):
    write(parcels(2, 登记面积=[1.0, 2.0]), tmp_path / "a.gpkg")
    other = parcels(2, parcel_id=["X1", "X2"], holder=["甲", "乙"])
    other["geometry"] = other.translate(0, 500)
    write(other, tmp_path / "b.gpkg")
    got = read(tmp_path, layer("parcels", "a.gpkg"), layer("parcels", "b.gpkg")).layers.parcels
    assert got["registered_area_m2"].dtype == np.float64
    assert got["source_file"].tolist() == ["a.gpkg"] * 2 + ["b.gpkg"] * 2
    assert pd.isna(got["holder"].iloc[0])


def notes(intake):
    table = intake.account["faults"]
    return table[table["severity"] == "note"]


def test_rows_that_are_numbered_are_told_of_each_file(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(land([rect(EAST, NORTH, 9, 9), rect(EAST + 20, NORTH, 9, 9)]), tmp_path / "a.gpkg")
    write(land([rect(EAST + 40, NORTH, 9, 9)], building_id=["B1"]), tmp_path / "b.gpkg")
    intake = read(
        tmp_path, layer("parcels", "p.gpkg"), layer("buildings", "a.gpkg"), layer("buildings", "b.gpkg")
    )
    told = notes(intake).query("layer == 'buildings'")
    assert told[["file", "what_en"]].to_numpy().tolist() == [
        ["a.gpkg", "2 without Building ID: numbered by their order"]
    ]


def test_a_working_system_that_distorts_is_told_of_the_parcels_file(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), park="working_crs = 'EPSG:3857'")
    found = intake.account["faults"].query("severity == 'fault'")
    assert found["what_en"].str.contains("times those on the ground").sum() == 1
    assert found["file"].tolist() == ["p.gpkg"]


def drawn(folder, shapes, **columns):
    write(parcels(), folder / "p.gpkg")
    write(land(shapes, **columns), folder / "b.gpkg")
    return read(folder, layer("parcels", "p.gpkg"), layer("buildings", "b.gpkg"))


def test_a_building_that_is_drawn_twice_is_at_fault(tmp_path):
    shapes = [rect(EAST + x, NORTH, 10, 10) for x in (0, 1, 10, 50, 51)]
    kinds = ["建筑物", None, "建筑物", "建筑物", "构筑物"]
    intake = drawn(tmp_path, shapes, building_id=["A", "B", "C", "D", "E"], 类别=kinds)
    (found,) = intake.account["faults"].query("severity == 'fault'").to_dict(orient="records")
    assert (found["layer"], found["file"], found["rows"]) == ("buildings", "b.gpkg", "1, 2")
    assert found["what_en"] == (
        "the same ground is drawn as buildings twice, so footprint and density count it twice: A, B"
    )
    assert len(intake.layers.buildings) == 5
    # B also reaches one metre into C: that may be how the wall was measured.
    (small,) = notes(intake).query("layer == 'buildings'").to_dict(orient="records")
    assert (small["file"], small["rows"]) == ("b.gpkg", "2, 3")
    assert small["what_en"] == "buildings overlap a little, 10 m² in all: B, C"


def test_walls_that_touch_and_slivers_are_nothing(tmp_path):
    shapes = [rect(EAST + x, NORTH, 10, 10) for x in (0, 10, 19.95)]
    intake = drawn(tmp_path, shapes, building_id=["A", "B", "C"])
    assert intake.clean
    assert notes(intake).query("layer == 'buildings'").empty


def test_many_buildings_side_by_side_cost_no_comparison_of_all_pairs(tmp_path):
    shapes = [rect(EAST + 0.05 * (at % 200), NORTH + 0.05 * (at // 200), 0.05, 0.05) for at in range(10_000)]
    assert drawn(tmp_path, shapes, building_id=[f"B{at}" for at in range(10_000)]).clean


ABSURD = {
    "supply": ("government_delay_days", "price_wan", "supplied_area_m2", "term_years", "invested_wan"),
    "performance": ("output_wan", "tax_wan", "energy_tce", "staff"),
}


@pytest.mark.parametrize("figure", ["1e300", "-1e300", "1e28", "20250630"])
@pytest.mark.usefixtures("one_crew")
def test_no_figure_however_absurd_stops_the_analysis(tmp_path, figure):
    write(parcels(3, registered_area_m2=[float(figure), 1.0, 2.0]), tmp_path / "p.gpkg")
    heads = {
        "supply": "parcel_id,supply_status,agreed_start,actual_start",
        "performance": "enterprise_id,year",
    }
    cells = {"supply": "P1,已供,2020-01-01,", "performance": "E1,2025"}
    for name, fields in ABSURD.items():
        lines = [",".join([heads[name], *fields]), ",".join([cells[name], *[figure] * len(fields)])]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "o.csv").write_text("enterprise_id,parcel_id\nE1,P1\n", encoding="utf-8")
    files = {
        "parcels": "p.gpkg",
        "supply": "supply.csv",
        "performance": "performance.csv",
        "occupancy": "o.csv",
    }
    path = project(tmp_path, "".join(layer(name, file) for name, file in files.items()))
    run = run_project(read_project(path), tmp_path / "workspace")
    assert not run.clean
    assert len(run.snapshot.read("parcels")) == 3
    assert "government_delay_days" in run.snapshot.read("supply")["unreadable"].iloc[0]


def test_a_column_with_a_code_for_its_header_is_told_with_its_title(tmp_path):
    write(parcels(1), tmp_path / "p.gpkg")
    write_xlsx([["parcel_id", "agreed_start", "土地价款"], ["P1", "soon", "much"]], tmp_path / "l.xlsx")
    table = read(tmp_path, layer("parcels", "p.gpkg"), layer("supply", "l.xlsx")).account["faults"]
    told = dict(zip(table["field"], zip(table["what_zh"], table["what_en"], strict=True), strict=True))
    assert told["agreed_start"][0].startswith("agreed_start（约定动工日期）：")
    assert told["agreed_start"][1].startswith("agreed_start (Agreed start): ")
    assert told["price_wan"][0].startswith("土地价款：")
