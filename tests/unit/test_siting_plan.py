"""The gate of land use reads the plan: what the plan says decides, a clash with the register is named, and so is a plan that is not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from parkgeo.packs import RuleBook, load_packs
from parkgeo.pipeline.siting_rows import site_rows
from parkgeo.planning.siting import Needs, Terms, fit, site_table
from parkgeo.planning.siting.found import limit_dict
from parkgeo.planning.siting.words import asked_for, limit_words

EPSG = 4528
NO_LAYERS = dict.fromkeys(("buildings", "utilities", "constraints", "facilities", "net_land"))
WORKS = Needs("works", uses=("1001", "M"), hazard_class=None)


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load_packs(["national"], Path())


def table(joined: str = "", **columns: list[object]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    plots = pd.DataFrame({"parcel_id": [f"P{at}" for at in range(count)], **columns})
    sites = pd.DataFrame({"site_id": ["S"], "parcel_ids": [joined]}) if joined else None
    return site_table(plots, sites)


def verdicts(sites: pd.DataFrame, needs: Needs = WORKS, **terms: object) -> list[int]:
    return fit(sites, [needs], terms=replace(Terms(), **terms)).verdict[:, 0].tolist()


def test_what_the_plan_says_decides_and_a_clash_is_open():
    sites = table(
        use_code=["100101", "100101", "0701", "16", "100101", None, "100101", "100101"],
        planned_code=["1401", "100101", "100101", "100101", "0701;100101", "100101", "?", "10"],
        plan_agrees=[0.0, 1.0, 0.0, 1.0, 0.0, np.nan, np.nan, 1.0],
    )
    assert verdicts(sites) == [0, 1, -1, 1, 0, 1, -1, 1]


def test_the_words_name_the_plan_the_register_and_the_want_of_a_plan():
    sites = table(
        use_code=["100101", "0701", "100101"],
        planned_code=["1401", "100101", "-"],
        plan_agrees=[0.0, 0.0, np.nan],
    )
    found = fit(sites, [WORKS])
    told = [limit_words(found.limits(at, 0)[0], "en") for at in range(3)]
    assert told == [
        "land use by plan: 1401 by plan, 100101 by register, 1001, M needed",
        "land use by plan: undetermined (100101 by plan, 0701 by register, 1001, M needed)",
        "land use by register; no plan: 100101, 1001, M needed",
    ]
    assert limit_words(found.limits(2, 0)[0], "zh").startswith("登记用途（无规划）：")
    plain = limit_dict(found.limits(0, 0)[0], "en")
    assert (plain["basis"], plain["has"], plain["registered"]) == ("plan", "1401", "100101")
    assert limit_dict(found.limits(2, 0)[0], "en")["basis"] == "register"


def test_without_a_plan_an_office_may_have_the_use_undetermined():
    sites = table(use_code=["100101", "0701"])
    assert verdicts(sites) == [1, 0]
    assert verdicts(sites, register_suffices=False) == [-1, -1]
    limits = fit(sites, [WORKS], terms=replace(Terms(), register_suffices=False)).failed(0, 0)
    assert "the land-use code of the plan" in asked_for(limits, "en")


def test_of_joined_land_each_parcel_counts():
    columns = {"use_code": ["100101", "100101"], "plan_agrees": [1.0, np.nan]}
    assert verdicts(table("P0;P1", planned_code=["100101", "-"], **columns)) == [1, 1, 1]
    assert verdicts(table("P0;P1", planned_code=["0701", "-"], **columns)) == [0, 1, 0]
    assert verdicts(
        table("P0;P1", planned_code=["100101", "-"], use_code=["100101", None], plan_agrees=[1.0, np.nan])
    ) == [1, -1, -1]


def test_the_class_of_industrial_land_is_the_plans():
    needs, terms = Needs("n", hazard_class=2), {"hazard_classes": {"100101": 1, "100102": 2}}
    sites = table(use_code=["100102", "100101"], planned_code=["100101", "100102"], plan_agrees=[0.0, 1.0])
    assert verdicts(sites, needs, **terms) == [0, 1]


def test_uses_that_cover_a_considerable_share_are_read_off_the_plan(rules):
    plots = gpd.GeoDataFrame(
        {"parcel_id": ["A", "B", "C", "D"], "use_code": ["100101"] * 4, "plan_conflict": ["no", "yes", None, "undetermined"]},
        geometry=[box(1000 * at, 0, 1000 * at + 100, 100) for at in range(4)], crs=EPSG,
    )  # fmt: skip
    plan = gpd.GeoDataFrame(
        {"planned_use_code": ["100101", "0701", "1401", "100101", "100101", None]},
        # A: a sliver of 1 % is no use of it. B: half and half. C: a tenth is covered. D: a part that the plan does not say.
        geometry=[box(0, 0, 99, 100), box(99, 0, 150, 100), box(1000, 0, 1050, 100), box(1050, 0, 1100, 100), box(2000, 0, 2010, 100), box(3000, 0, 3100, 100)],
        crs=EPSG,
    )  # fmt: skip
    rows = site_rows(plots, {**NO_LAYERS, "plan": plan}, rules)
    assert rows["planned_code"].tolist() == ["100101", "100101;1401", "-", "?"]
    np.testing.assert_array_equal(rows["plan_agrees"], [1.0, 0.0, np.nan, np.nan])
    assert site_rows(plots, {**NO_LAYERS, "plan": None}, rules)["planned_code"].tolist() == ["-"] * 4
