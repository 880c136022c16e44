"""Which classification a code in digits is read by, and what says that it is the wrong one."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.land_codes import use_prefixes
from parkgeo.assess.not_started import not_started
from parkgeo.assess.park.land_use import land_classes
from parkgeo.assess.states import land_kind, name_contradicts
from parkgeo.errors import PackError
from parkgeo.packs import load_packs
from parkgeo.pipeline.land import land as land_stage
from tests.builders import land, rect

if TYPE_CHECKING:
    from parkgeo.packs import RuleBook

LISTS = ("land.not_built_on", "land.not_construction", "land.reserve", "land.construction")
SURVEY = "GB/T 21010"
_NOTHING = pd.Series([None], dtype="str")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory):
    """Packs with a classification of the office's."""
    folder = tmp_path_factory.mktemp("packs")

    @cache
    def rules(classification: str | None = None) -> RuleBook:
        if classification is None:
            return load_packs(["national"], folder)
        (folder / "county.toml").write_text(
            f'[pack]\nname = "county"\nedition = "2026"\n[ledger.classification]\nvalue = "{classification}"\n'
            'source = "the register"\nedition = "2025"\nverified = true\n',
            encoding="utf-8", newline="\n",
        )  # fmt: skip
        return load_packs(["national", "county.toml"], folder)

    return rules


def kind(code: str, rules: RuleBook, name: str | None = None) -> str:
    parcels = pd.DataFrame({"site_area_m2": [9000.0], "land_use_code": [code], "land_use": [name]})
    return str(land_kind(parcels, _NOTHING, pd.Series([0.0]), rules)["land_kind"].iloc[0])


class TestClassification:
    @pytest.mark.parametrize(
        ("code", "by_2023", "by_survey"),
        [
            ("1001", "industry", "not_built_on"), ("1004", "other", "not_built_on"), ("1101", "storage", "not_built_on"),
            ("1107", "other", "not_built_on"), ("1202", "not_built_on", "not_built_on"), ("1201", "not_built_on", "unknown"),
            ("0601", "industry", "industry"), ("0604", "storage", "storage"), ("0602", "other", "other"), ("0809", "other", "not_built_on"),
            ("0810", "other", "not_built_on"), ("0501", "unknown", "other"), ("0901", "other", "unknown"), ("0701", "other", "other"),
            ("0101", "not_built_on", "not_built_on"), ("16", "reserve", "unknown"), ("M1", "industry", "industry"), ("G2", "not_built_on", "not_built_on"),
        ],
    )  # fmt: skip
    def test_kind_of_land(self, office, code, by_2023, by_survey):
        assert kind(code, office()) == by_2023
        assert kind(code, office("2023")) == by_2023
        assert kind(code, office(SURVEY)) == by_survey

    def test_a_street_by_the_survey_is_not_idle(self, office):
        ledger = pd.DataFrame(
            {"parcel_id": ["a"], "supply_status": ["supplied"], "agreed_start": pd.to_datetime(["2020-01-01"]), "actual_start": [pd.NaT]}
        )  # fmt: skip
        parcels = pd.DataFrame({"parcel_id": ["a"], "land_use_code": ["1004"]})
        day = dt.date(2026, 6, 30)
        assert not_started(parcels, ledger, office(), day).table["verdict"].tolist() == ["yes"]
        assert not_started(parcels, ledger, office(SURVEY), day).table["verdict"].isna().tolist() == [True]

    def test_public_land_of_the_ledger(self, office):
        parcels = pd.DataFrame({"site_area_m2": [1.0, 1.0], "land_use_code": ["1004", "1207"]})
        day = dt.date(2026, 6, 30)
        found = {name: land_classes(parcels, None, office(name), day)["built"] for name in ("2023", SURVEY)}
        assert found["2023"].isna().tolist() == [True, False]
        assert found[SURVEY].isna().tolist() == [False, True]

    def test_letters_alone(self, office):
        assert use_prefixes(office("GB 50137"), "state.industrial_codes") == ("M",)
        assert use_prefixes(office(), "state.no_such_list") == ()

    def test_one_that_is_not_one(self, office):
        with pytest.raises(PackError, match=r"(?s)2017.*ledger\.classification.*GB/T 21010"):
            kind("1001", office("2017"))

    @given(st.from_regex(r"\A(0[1-9]|1[0-2])[0-9]{0,2}\Z"))
    def test_no_code_is_in_two_lists(self, office, code):
        for rules in (office(), office(SURVEY)):
            held = [key for key in LISTS if code.startswith(use_prefixes(rules, key) or ("-",))]
            assert len(held) <= 1


class TestNameAgainstCode:
    @pytest.mark.parametrize(
        ("code", "name", "by_2023", "by_survey"),
        [
            ("1207", "工业用地", True, True), ("1004", "城镇道路用地", True, False), ("1101", "河流", True, False),
            ("0601", "工业用地", False, False), ("1001", "工业用地", False, True), ("1101", "物流仓储用地", False, True),
            ("1207", "城镇道路用地", False, False), ("100101", "防护绿地", True, False), ("0701", "工业用地", False, False),
            ("100101", "一类工业用地", False, True), ("100101", "厂房", False, False), ("100101", None, False, False),
            (None, "工业用地", False, False), ("1207", "工业区道路", False, False), ("16", "留白用地", False, False),
            ("M1", "工业仓储用地", False, False),
        ],
    )  # fmt: skip
    def test_pairs(self, office, code, name, by_2023, by_survey):
        parcels = pd.DataFrame({"land_use_code": [code], "land_use": [name]}, dtype="str")
        assert name_contradicts(parcels, office()).tolist() == [by_2023]
        assert name_contradicts(parcels, office(SURVEY)).tolist() == [by_survey]

    def test_nothing_to_hold_against_each_other(self, office):
        for columns in ({}, {"land_use_code": ["1207"]}, {"land_use": ["工业用地"]}):
            parcels = pd.DataFrame({"parcel_id": ["a"], **columns})
            assert name_contradicts(parcels, office()).tolist() == [False]
        assert (
            len(name_contradicts(pd.DataFrame({"land_use_code": [], "land_use": []}, dtype="str"), office()))
            == 0
        )

    def test_the_stage_names_the_parcels(self, office):
        ground = land([rect(100.0 * at, 0, 100, 100) for at in range(3)], parcel_id=["a", "b", "c"], site_area_m2=[1e4] * 3)  # fmt: skip
        ground["land_use_code"] = ["1207", "1001", "1207"]
        ground["land_use"] = ["工业用地", "工业用地", "道路"]

        class Desk:
            parcels = ground
            rules = office()

            class layers:  # noqa: N801 - stands for a desk's attribute
                plan = None
                constraints = None

        (gaps,) = land_stage(Desk()).gaps
        assert gaps["parcel_id"].tolist() == ["a"]
        assert gaps["field"].tolist() == ["land_use_code"]
        assert "ledger.classification" in gaps["ask_en"].iloc[0]
