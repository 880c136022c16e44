"""The sample park analysed: every planted case found, none invented, every figure counted again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from parkgeo.pipeline import run_project
from parkgeo.project import read_project

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.pipeline import Run
    from parkgeo.store import Snapshot

DEFAULTS = ("default_start_after_handover_years", "default_start_after_approval_years")
PLACE = ("outside_park", "overlap", "duplicate", "sliver", "gap", "near_touching")
JUDGED = ("idle_not_started", "area_mismatch", *PLACE)


@pytest.fixture(scope="module")
def truth(sample: Path) -> dict[str, Any]:
    return json.loads((sample.parent / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def snapshot(sample_run: Run) -> Snapshot:
    return sample_run.snapshot


@pytest.fixture(scope="module")
def parcels(snapshot: Snapshot) -> gpd.GeoDataFrame:
    return snapshot.read("parcels").set_index("parcel_id")


@pytest.fixture(scope="module")
def findings(snapshot: Snapshot) -> gpd.GeoDataFrame:
    return snapshot.read("findings")


@pytest.fixture(scope="module")
def raw(sample: Path) -> dict[str, Any]:
    """The sample's files, read without parkgeo."""
    folder = sample.parent
    parcels = gpd.read_file(folder / "parcels" / "parcels.shp", encoding="GBK")
    buildings = gpd.read_file(folder / "buildings" / "buildings.shp", encoding="GBK")
    return {
        "parcels": parcels.set_index("宗地代码"),
        "buildings": buildings.set_geometry(buildings.make_valid(method="structure")),
        "occupancy": pd.read_excel(folder / "ledger" / "occupancy.xlsx", engine="openpyxl"),
        "returns": pd.read_excel(folder / "ledger" / "returns.xlsx", engine="openpyxl"),
        "ledger": pd.read_excel(folder / "ledger" / "supply.xlsx", engine="openpyxl").set_index("宗地代码"),
    }


@pytest.fixture(scope="module")
def pieces(raw: dict[str, Any]) -> pd.DataFrame:
    """Each part of a building on a parcel."""
    parcels = raw["parcels"].reset_index()[["宗地代码", "geometry"]]
    found = gpd.overlay(raw["buildings"], parcels, how="intersection", keep_geom_type=True)
    return found.assign(area=found.area)


def planted(truth: dict[str, Any], code: str, verdict: str) -> dict[str, dict[str, Any]]:
    """Of a code that the sample has no case of, none is to be found."""
    entries = truth["planted"].get(code, [])
    return {entry["parcel_id"]: entry for entry in entries if entry["verdict"] == verdict}


class TestVerdicts:
    def test_these_codes_are_judged(self, snapshot):
        assert tuple(snapshot.manifest["findings_judged"]) == (*JUDGED, "approved_area_mismatch")

    def test_the_boundary_has_no_approved_area_so_it_is_asked_for(self, snapshot, findings):
        assert snapshot.read("parks")["approved_area_mismatch"].isna().all()
        assert not (findings["code"] == "approved_area_mismatch").any()
        gaps = snapshot.read("gaps")
        asked = gaps[gaps["field"] == "approved_area_mismatch"]
        assert asked[["table", "parcel_id"]].fillna("").to_numpy().tolist() == [["parks", ""]]

    @pytest.mark.parametrize("code", JUDGED)
    @pytest.mark.parametrize("verdict", ["yes", "undetermined"])
    def test_planted_cases_are_found_and_none_is_invented(self, truth, parcels, findings, code, verdict):
        expected = set(planted(truth, code, verdict))
        assert set(parcels.index[parcels[code] == verdict]) == expected
        rows = findings[(findings["code"] == code) & (findings["verdict"] == verdict)]
        assert set(rows["parcel_id"]) == expected

    @pytest.mark.parametrize("code", JUDGED)
    def test_what_is_planted_as_no_is_no(self, truth, parcels, code):
        assert set(parcels.loc[list(planted(truth, code, "no")), code]) <= {"no"}

    def test_what_the_clock_is_not_about_is_not_judged(self, truth, parcels):
        told = truth["not_judged"]["idle_not_started"]
        assert set(parcels.index[parcels["idle_not_started"].isna()]) == {
            *told["public"],
            *told["unsupplied"],
        }
        assert parcels["idle"].equals(parcels["idle_not_started"])

    @pytest.mark.parametrize("code", ["area_mismatch", *PLACE])
    def test_the_other_rules_judge_every_parcel(self, parcels, code):
        assert parcels[code].isin(["yes", "no", "undetermined"]).all()

    def test_idle_since_the_planted_day(self, truth, parcels, findings):
        dated = {
            key: entry["since"]
            for key, entry in planted(truth, "idle_not_started", "yes").items()
            if "since" in entry
        }
        assert len(dated) > 8
        assert parcels["idle_since"].dt.strftime("%Y-%m-%d").loc[list(dated)].to_dict() == dated
        rows = findings[(findings["code"] == "idle_not_started") & findings["since"].notna()]
        assert (
            rows.set_index("parcel_id")["since"].dt.strftime("%Y-%m-%d").loc[list(dated)].to_dict() == dated
        )

    def test_what_to_ask_for(self, truth, findings):
        open_questions = findings[findings["verdict"] == "undetermined"].set_index(["code", "parcel_id"])[
            "missing"
        ]
        asked = {
            (code, parcel): entry["missing"]
            for code in JUDGED
            for parcel, entry in planted(truth, code, "undetermined").items()
            if "missing" in entry
        }
        assert len(asked) > 4
        for key, names in asked.items():
            # The truth file names the layer where the ledger has no row; the finding names what the row must hold.
            expected = (
                {"supply_status", "contract_id", "agreed_start", "actual_start"}
                if names == ["supply"]
                else set(names)
            )
            assert set(open_questions[key].split(", ")) == expected

    def test_place_findings_measure_what_was_planted(self, truth, findings):
        for code, key in (("outside_park", "outside_share"), ("overlap", "overlap_m2")):
            rows = findings[findings["code"] == code].set_index("parcel_id")
            for parcel, entry in planted(truth, code, "yes").items():
                assert rows.loc[parcel, "observed"] == pytest.approx(entry[key], rel=1e-3)
        gaps = findings[findings["code"] == "gap"].set_index("parcel_id")
        assert gaps.geometry.area.round(2).to_dict() == {
            parcel: entry["gap_m2"] for parcel, entry in planted(truth, "gap", "yes").items()
        }
        wholly = findings.loc[findings["code"] == "outside_park"].set_index("parcel_id")["reason_en"]
        for parcel, entry in planted(truth, "outside_park", "yes").items():
            assert wholly[parcel].startswith("The whole parcel") == (entry["outside_share"] == 1.0)

    def test_the_geometry_of_a_place_finding_is_the_part_concerned(self, parcels, findings):
        for row in findings[findings["code"] == "outside_park"].itertuples():
            assert row.geometry.area == pytest.approx(
                row.observed * parcels.loc[row.parcel_id, "site_area_m2"], rel=1e-9
            )
        for row in findings[findings["code"] == "overlap"].itertuples():
            assert row.geometry.area == pytest.approx(row.observed, rel=1e-9)
            assert row.geometry.within(parcels.geometry[row.parcel_id].buffer(1e-6))

    def test_every_finding_says_why_and_by_what(self, findings):
        for column in (
            "finding_id",
            "parcel_id",
            "park_id",
            "severity",
            "source",
            "evidence",
            "reason_zh",
            "reason_en",
        ):
            assert findings[column].str.strip().ne("").all(), column
        assert findings["finding_id"].is_unique
        assert findings["evidence"].map(json.loads).map(bool).all()
        assert (findings.loc[findings["verdict"] == "undetermined", "missing"] != "").all()
        assert not findings.geometry.is_empty.any()

    def test_every_parcel_has_its_reason_in_both_languages(self, parcels):
        begins = {
            "yes": ("Suspected idle", "疑似闲置"),
            "no": ("Not idle", "不属闲置"),
            "undetermined": ("Undetermined", "无法判定"),
        }
        for verdict, en, zh in zip(
            parcels["idle"], parcels["verdict_reason_en"], parcels["verdict_reason_zh"], strict=True
        ):
            expected = begins.get(verdict, ("Not judged", "不判定"))
            assert en.startswith(expected[0])
            assert zh.startswith(expected[1])

    def test_fees_are_a_fifth_of_the_price(self, parcels, raw):
        idle = parcels[parcels["idle"] == "yes"]
        price = raw["ledger"].loc[idle.index, "土地价款(万元)"]
        np.testing.assert_allclose(idle["idle_fee_wan"], 0.2 * price, rtol=1e-9)
        assert (
            parcels.loc[
                parcels["idle"] != "yes", ["idle_fee_wan", "idle_days", "idle_since", "idle_consequence"]
            ]
            .isna()
            .all(axis=None)
        )
        over = (pd.Timestamp("2026-06-30") >= idle["idle_since"] + pd.DateOffset(years=1)).map(
            {True: "recovery", False: "fee"}
        )
        assert idle["idle_consequence"].tolist() == over.tolist()


class TestDefaultsSwitchedOn:
    @pytest.mark.parametrize(
        "on", [DEFAULTS, DEFAULTS[:1], DEFAULTS[1:]], ids=["both", "handover", "approval"]
    )
    def test_only_what_needs_them_changes(self, sample, truth, parcels, tmp_path, on):
        pack = tmp_path / "county.toml"
        keys = ", ".join(f'"idle.{name}"' for name in on)
        pack.write_text(f'[pack]\nname = "county"\nedition = "1"\nswitch_on = [{keys}]\n', encoding="utf-8")
        run = run_project(read_project(sample).with_options(packs=(str(pack),)), tmp_path / "ws")
        now = run.snapshot.read("parcels").set_index("parcel_id")
        needing = {
            entry["parcel_id"]: entry
            for entry in truth["planted"]["idle_not_started"]
            if entry.get("needs") in on
        }
        assert needing
        expected = parcels["idle_not_started"].astype(object).copy()
        for parcel, entry in needing.items():
            expected[parcel] = entry["verdict_with_default"]
            if "since" in entry and entry["verdict_with_default"] == "yes":
                assert now.loc[parcel, "idle_since"] == pd.Timestamp(entry["since"])
        assert now["idle_not_started"].fillna("").to_dict() == expected.fillna("").to_dict()
        rows = run.snapshot.read("findings").set_index("parcel_id")
        decided = rows[(rows["code"] == "idle_not_started") & (rows["verdict"] == "yes")]
        # Delay in the count, and the very day of the anniversary, rest on readings that no source was seen for.
        of_decided = now.loc[decided.index]
        by_reading = (of_decided["government_delay_days"] > 0) | (
            of_decided["idle_since"] == pd.Timestamp(run.snapshot.as_of)
        )
        assert by_reading.sum() == 3
        assert decided["verified"].to_dict() == {
            parcel: parcel not in needing and not by_reading[parcel] for parcel in decided.index
        }
        assert run.snapshot.manifest["switched_on"] == sorted(f"idle.{name}" for name in on)


class TestTheAccount:
    def test_declared_is_accepted_and_rejected(self, snapshot):
        sources, rejects = snapshot.read("sources"), snapshot.read("rejects")
        assert (sources["rows_declared"] == sources["rows_accepted"] + sources["rows_rejected"]).all()
        assert len(rejects) == sources["rows_rejected"].sum()
        for layer, rows in sources.groupby("layer")["rows_accepted"].sum().items():
            assert snapshot.manifest["tables"][layer]["rows"] == rows

    def test_files_are_declared_with_the_rows_they_hold(self, snapshot, raw):
        declared = snapshot.read("sources").set_index("file")["rows_declared"]
        for file, name in (
            ("parcels/parcels.shp", "parcels"),
            ("buildings/buildings.shp", "buildings"),
            ("ledger/supply.xlsx", "ledger"),
            ("ledger/occupancy.xlsx", "occupancy"),
            ("ledger/returns.xlsx", "returns"),
        ):
            assert declared[file] == len(raw[name])

    def test_the_one_repair_is_told(self, snapshot, truth):
        repairs = snapshot.read("repairs")
        assert repairs["id"].tolist() == [entry["id"] for entry in truth["repaired"]]
        np.testing.assert_allclose(
            repairs["area_after_m2"], [entry["area_m2"] for entry in truth["repaired"]], atol=0.01
        )

    def test_every_missing_figure_has_a_reason(self, snapshot, parcels):
        gaps = snapshot.read("gaps")
        whole = set(gaps.loc[gaps["parcel_id"].isna(), "field"])
        told = set(zip(gaps["parcel_id"], gaps["field"], strict=True))
        figures = ("far", "floor_area_m2", "building_coefficient")
        per_mu = ("output", "value_added", "tax", "fixed_assets")
        for field in (*figures, *(f"{name}_wan_per_mu" for name in per_mu)):
            missing = {(parcel, field) for parcel in parcels.index[parcels[field].isna()]}
            assert field in whole or missing <= told
            assert not {(parcel, field) for parcel in parcels.index[parcels[field].notna()]} & told


class TestFigures:
    """Counted again from the files, by geopandas.overlay or by loops."""

    @staticmethod
    def compare(found: pd.Series, again: pd.Series, atol: float = 1e-6) -> None:
        np.testing.assert_allclose(found, again.reindex(found.index, fill_value=0.0), rtol=1e-9, atol=atol)

    def test_site_areas_and_their_difference(self, parcels, raw):
        self.compare(parcels["site_area_m2"], raw["parcels"].area)
        registered = raw["parcels"]["登记面积"] * 10_000 / 15
        np.testing.assert_allclose(
            parcels["area_difference_ratio"],
            (raw["parcels"].area / registered - 1).reindex(parcels.index),
            atol=1e-9,
        )

    def test_footprint_and_density(self, parcels, pieces):
        halls = pieces[pieces["类别"] == "建筑"]
        footprint = halls.groupby("宗地代码")["area"].sum()
        self.compare(parcels["footprint_m2"], footprint)
        self.compare(parcels["building_density"] * parcels["site_area_m2"], footprint)

    def test_coefficient_counts_structures_and_yards(self, parcels, pieces):
        self.compare(
            parcels["building_coefficient"] * parcels["site_area_m2"],
            pieces.groupby("宗地代码")["area"].sum(),
        )

    def test_floor_area_and_far(self, parcels, pieces):
        halls = pieces[pieces["类别"] == "建筑"]
        floors = halls["area"] * halls["层数"] * np.where(halls["层高"] > 8, 2, 1)
        total = floors.groupby(halls["宗地代码"]).sum()
        self.compare(parcels["floor_area_m2"], total, atol=1e-5)
        self.compare(parcels["far"] * parcels["site_area_m2"], total, atol=1e-5)

    def test_ten_parcels_by_hand(self, parcels, raw):
        built = parcels[parcels["footprint_m2"] > 0]
        for parcel_id in built.index[:: len(built) // 10][:10]:
            site = raw["parcels"].geometry[parcel_id]
            floor_area = occupied = 0.0
            for building in raw["buildings"].itertuples():
                shared = site.intersection(building.geometry).area
                occupied += shared
                if building.类别 == "建筑":
                    floor_area += shared * building.层数 * (2 if building.层高 > 8 else 1)
            assert parcels.loc[parcel_id, "far"] == pytest.approx(floor_area / site.area, rel=1e-9)
            assert parcels.loc[parcel_id, "building_coefficient"] == pytest.approx(
                occupied / site.area, rel=1e-9
            )

    def test_output_per_mu_by_loops(self, parcels, raw, snapshot):
        assert snapshot.manifest["performance_year"] == 2025
        returns = raw["returns"][raw["returns"]["年份"] == 2025].set_index("企业代码")
        assert returns.index.is_unique
        for column, field in (
            ("工业总产值(万元)", "output"),
            ("实缴税收(万元)", "tax"),
            ("工业增加值(万元)", "value_added"),
            ("固定资产投资(万元)", "fixed_assets"),
        ):
            totals = _totals(raw["occupancy"], returns[column])
            mu = raw["parcels"].area * 15 / 10_000
            again = pd.Series(totals).reindex(parcels.index) / mu.reindex(parcels.index)
            np.testing.assert_allclose(parcels[f"{field}_wan_per_mu"], again, rtol=1e-9)
            assert again.notna().sum() > 50

    def test_what_is_not_attributed_is_told(self, raw, snapshot):
        split = snapshot.manifest["performance_split"]
        filed = raw["returns"][raw["returns"]["年份"] == 2025]["工业总产值(万元)"].sum()
        assert split["attributed_wan"]["output_wan"] + split["unattributed_wan"][
            "output_wan"
        ] == pytest.approx(filed)

    def test_indicators(self, truth, parcels, raw, snapshot):
        told = snapshot.read("indicators").set_index("name")["value"]
        area = raw["parcels"].area
        idle, waiting = (
            list(planted(truth, "idle_not_started", verdict)) for verdict in ("yes", "undetermined")
        )
        assert told["parcels"] == truth["counts"]["parcels"] == len(area)
        assert told["idle_parcels"] == len(idle)
        assert told["undetermined_parcels"] == len(waiting)
        assert told["site_area_ha"] == pytest.approx(area.sum() / 1e4)
        assert told["idle_area_ha"] == pytest.approx(area[idle].sum() / 1e4)
        assert told["undetermined_area_ha"] == pytest.approx(area[waiting].sum() / 1e4)
        assert told["building_density"] == pytest.approx(parcels["footprint_m2"].sum() / area.sum())
        assert told["far"] == pytest.approx(parcels["floor_area_m2"].sum() / area.sum())
        returns = raw["returns"][raw["returns"]["年份"] == 2025].set_index("企业代码")
        totals = pd.Series(_totals(raw["occupancy"], returns["工业总产值(万元)"])).dropna()
        totals = totals[totals.index.isin(area.index)]
        assert told["output_wan_per_mu"] == pytest.approx(
            totals.sum() / (area[totals.index].sum() * 15 / 1e4)
        )

    def test_benchmarks_are_in_the_indicators_unit(self, snapshot):
        told = snapshot.read("indicators").set_index("name")
        assert told.loc["tax_wan_per_mu", "benchmark"] == pytest.approx(678.99 / 15)
        assert told.loc["far", "benchmark"] == 1.06
        assert np.isnan(told.loc["idle_area_ha", "benchmark"])


def _totals(occupancy: pd.DataFrame, filed: pd.Series[float]) -> dict[str, float]:
    """Parcel → 2025's figure of its companies, by area times days; NaN where any of them cannot be told."""

    @cache
    def days(start: pd.Timestamp, end: pd.Timestamp) -> int:
        first = max(start, pd.Timestamp("2025-01-01")) if pd.notna(start) else pd.Timestamp("2025-01-01")
        last = min(end, pd.Timestamp("2025-12-31")) if pd.notna(end) else pd.Timestamp("2025-12-31")
        return max((last - first).days + 1, 0)

    by_company: dict[str, list[tuple[str, float]]] = {}
    for row in occupancy.itertuples(index=False):
        company, parcel, area, start, end = row[:5]
        if days(pd.Timestamp(start), pd.Timestamp(end)):
            by_company.setdefault(company, []).append(
                (parcel, area * days(pd.Timestamp(start), pd.Timestamp(end)))
            )
    totals: dict[str, float] = {}
    for company, places in by_company.items():
        whole = sum(weight for _, weight in places)
        for parcel, weight in places:
            alone = len({place for place, _ in places}) == 1
            share = 1 / len(places) if alone else weight / whole
            totals[parcel] = totals.get(parcel, 0.0) + share * filed.get(company, float("nan"))
    return totals


def test_the_same_input_gives_the_same_bytes(sample, sample_run, tmp_path):
    """In another process, from another folder, with another hash seed, into another workspace."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = (
        "import sys; from parkgeo.pipeline import run_project; from parkgeo.project import read_project;"
        "print(run_project(read_project(sys.argv[1]), 'ws').snapshot.name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, os.path.relpath(sample, elsewhere)],
        cwd=elsewhere, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    first = sample_run.snapshot
    assert done.stdout.strip() == first.name
    second = elsewhere / "ws" / "snapshots" / first.name
    names = sorted(file.name for file in first.path.iterdir())
    assert sorted(file.name for file in second.iterdir()) == names
    for name in names:
        assert (second / name).read_bytes() == (first.path / name).read_bytes(), name


def test_nothing_of_this_machine_is_in_the_snapshot(sample, sample_run):
    for file in sample_run.snapshot.path.glob("*.json"):
        assert str(sample.parent) not in file.read_text(encoding="utf-8")
    assert not sample_run.snapshot.read("sources")["file"].str.contains(str(sample.parent), regex=False).any()
