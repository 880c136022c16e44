"""Whose delay it is by the ledger's words, what a price that cannot be gives, and where no start is counted from."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from parkgeo.assess.causes import GIVEN, OPEN, OWN, ledger_causes
from parkgeo.assess.contracts import contracts_of
from parkgeo.assess.delays import no_stops
from parkgeo.assess.judged import judged_findings
from parkgeo.assess.not_started import not_started
from parkgeo.assess.records import amount_conflict, date_conflict, price_in_doubt
from parkgeo.assess.routes import disposal_routes
from parkgeo.assess.suspended import suspended
from parkgeo.packs import load_packs
from tests.builders import land, rect

if TYPE_CHECKING:
    from parkgeo.assess.judged import Judged
    from parkgeo.packs import RuleBook

AS_OF = dt.date(2026, 6, 30)
DEFAULT_ON = '[pack]\nname = "county"\nedition = "2026"\nswitch_on = ["idle.default_start_after_handover_years", "idle.routes"]\n'


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory):
    """Lay an office's pack over the national one."""
    folder = tmp_path_factory.mktemp("packs")

    @cache
    def rules(text: str = "") -> RuleBook:
        names = ["national", *(["county.toml"] if text else [])]
        (folder / "county.toml").write_text(text, encoding="utf-8", newline="\n")
        return load_packs(names, folder)

    return rules


def ledger(**cells: Any) -> pd.DataFrame:
    """One row for P0; what ends in _on, _start, _completion or _since is a day."""
    row = {"parcel_id": "P0", "supply_status": "supplied", "agreed_start": "2020-01-01", "actual_start": None}
    frame = pd.DataFrame([row | cells])
    for name in frame:
        if str(name).endswith(("_on", "_start", "_completion", "_since")):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.assign(source_file="ledger.xlsx", source_row=2)


def judge(supply: pd.DataFrame, rules: RuleBook, **more: Any) -> Judged:
    return not_started(pd.DataFrame({"parcel_id": ["P0"]}), supply, rules, AS_OF, **more)


class TestCause:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            *((text, GIVEN) for text in ("规划调整", "市政府依法修改规划", "拆迁未完成", "因台风停工", "非企业自身原因，规划调整", "不是企业自身原因的规划调整", "规划调整，手续补办", "信访和拆迁")),
            *((text, OWN) for text in ("企业自身规划调整", "企业自行调整规划", "企业自身原因", "公司原因", "受让人原因未交地", "企业申请规划调整", "资金紧张，企业自身原因", "企业自身前期工作未完成")),
            *((text, OPEN) for text in ("", None, "老板跑路", "非企业自身原因", "规划调整、企业自身原因", "企业自身原因，拆迁未完成", "规划调整致企业自行停工", "企业自行按政府要求调整规划", "管委会同意企业自行规划调整")),
        ],
    )  # fmt: skip
    def test_of_a_text(self, office, text, kind):
        contract = pd.DataFrame({"government_delay_cause": pd.Series([text], dtype="str")})
        assert ledger_causes(contract, office()).tolist() == [kind]

    def test_no_column_is_open_and_no_words_take_all(self, office):
        bare = pd.DataFrame({"government_delay_days": [3.0]})
        assert ledger_causes(bare, office()).tolist() == [OPEN]
        assert ledger_causes(bare, load_packs(["common"], Path())).tolist() == [GIVEN]

    @pytest.mark.parametrize(
        ("cause", "case", "verdict"),
        [("规划调整", "within_the_year", "no"), ("企业自身规划调整", "idle", "yes"), ("规划调整，企业自身原因", "delay_unproven", "undetermined"), ("老板跑路", "delay_unproven", "undetermined")],
    )  # fmt: skip
    @pytest.mark.parametrize("days", [2100.0, None])
    def test_what_it_makes_of_the_clock(self, office, cause, case, verdict, days):
        supply = ledger(government_delay_days=days, government_delay_cause=cause)
        row = judge(supply, office()).table.iloc[0]
        if days is None and verdict != "yes":
            case, verdict = "delay_unknown", "undetermined"
        assert (row["case"], row["verdict"]) == (case, verdict)
        if verdict == "yes":
            assert row["delay_days"] == 0
            assert row["observed"] == (AS_OF - dt.date(2020, 1, 1)).days

    def test_own_cause_is_told_with_its_words_and_the_figure(self, office):
        supply = ledger(government_delay_days=2100.0, government_delay_cause="企业自身规划调整")
        judged = judge(supply, office())
        words = judged.reasons(np.array([0]))
        assert "(企业自身规划调整)" in words["en"].iloc[0]
        assert "企业自身规划调整" in words["zh"].iloc[0]
        assert "idle.own_cause_words" in [line["what"] for line in judged.told(0)]

    def test_suspended_works_wait_for_no_own_cause(self, office):
        cells = {
            "actual_start": "2023-01-01", "suspended_since": "2024-01-01", "permit_on": "2022-12-01", "developed_area_m2": 10.0,
            "construction_area_m2": 1000.0, "agreed_investment_wan": 100.0, "invested_wan": 1.0, "government_delay_days": 700.0,
        }  # fmt: skip
        parcels = pd.DataFrame({"parcel_id": ["P0"]})
        answers = {}
        for cause in ("企业自身规划调整", "规划调整"):
            supply = ledger(**cells, government_delay_cause=cause)
            second = suspended(parcels, supply, judge(supply, office()), office(), AS_OF)
            answers[cause] = second.table["verdict"].iloc[0], second.reasons(np.array([0]))["en"].iloc[0]
        assert answers["企业自身规划调整"][0] == "yes"
        assert "the holder's own (企业自身规划调整)" in answers["企业自身规划调整"][1]
        assert answers["规划调整"][0] == "undetermined"

    def test_no_way_of_article_12_opens(self, office):
        rules = office(DEFAULT_ON)
        parcels = pd.DataFrame({"parcel_id": ["P0"]})
        for cause, opened in (("企业自身规划调整", False), ("规划调整", True)):
            supply = ledger(government_delay_days=10.0, government_delay_cause=cause)
            first = judge(supply, rules)
            assert first.table["verdict"].tolist() == ["yes"]
            second = suspended(parcels, supply, first, rules, AS_OF)
            routes = disposal_routes(
                (first, second), contracts_of(parcels, supply), no_stops(1), rules, np.datetime64(AS_OF, "D")
            )
            assert (routes[0] is not None) == opened


class TestPriceInDoubt:
    @staticmethod
    def office_of(*prices: float) -> tuple[pd.DataFrame, pd.DataFrame]:
        count = len(prices)
        parcels = land([rect(200.0 * at, 0, 100, 100) for at in range(count)], site_area_m2=[10_000.0] * count, park_id=["K"] * count, parcel_id=[f"P{at}" for at in range(count)])  # fmt: skip
        rows = [ledger(price_wan=price, supplied_area_m2=10_000.0, parcel_id=f"P{at}", agreed_start="2025-01-01", supply_mode="grant") for at, price in enumerate(prices)]  # fmt: skip
        return parcels, pd.concat(rows, ignore_index=True)

    def test_is_what_the_finding_is_about(self, office):
        parcels, supply = self.office_of(500.0, 480.0, 520.0, 5_000_000.0, 0.0)
        doubted = price_in_doubt(parcels, supply, office())
        assert doubted.tolist() == [False, False, False, True, True]
        flagged = amount_conflict(parcels, supply, None, None, office()).table["verdict"] == "yes"
        assert doubted.tolist() == flagged.tolist()
        assert not price_in_doubt(parcels, None, office()).any()
        assert not price_in_doubt(parcels, supply.drop(columns="price_wan"), office()).any()

    def test_gives_no_fee(self, office):
        parcels, supply = self.office_of(500.0, 480.0, 520.0, 5_000_000.0)
        doubted = price_in_doubt(parcels, supply, office())
        judged = not_started(parcels, supply, office(), AS_OF, price_doubted=doubted)
        assert judged.table["verdict"].tolist() == ["yes"] * 4
        assert judged.table["fee_wan"].tolist()[:3] == [100.0, 96.0, 104.0]
        assert np.isnan(judged.table["fee_wan"].iloc[3])
        assert [("price_wan" in each) for each in judged.table["missing"]] == [False, False, False, True]
        words = judged.reasons(np.arange(4))["en"]
        assert "cannot be as it is written" in words.iloc[3]
        assert "100 wan yuan" in words.iloc[0]

    def test_asked_for_even_where_recovery_follows(self, office):
        supply = ledger(price_wan=5e6)
        row = judge(supply, office(), price_doubted=np.array([True])).table.iloc[0]
        assert row["consequence"] == "recovery"
        assert np.isnan(row["fee_wan"])
        assert "price_wan" in row["missing"]


class TestHandoverBeforeTheContract:
    @pytest.mark.parametrize(
        ("handover", "contract", "case"),
        [("2021-01-01", "2021-01-02", "handover_conflict"), ("2021-01-02", "2021-01-02", "idle"), ("2021-01-01", None, "idle")],
    )  # fmt: skip
    def test_no_default_start_is_counted_from_it(self, office, handover, contract, case):
        supply = ledger(agreed_start=None, handover_on=handover, contract_on=contract)
        judged = judge(supply, office(DEFAULT_ON))
        row = judged.table.iloc[0]
        assert row["case"] == case
        if case == "handover_conflict":
            assert row["verdict"] == "undetermined"
            assert row["missing"] == "handover_on, contract_on"
            assert np.isnan(row["fee_wan"])
            assert contract in judged.reasons(np.array([0]))["en"].iloc[0]

    def test_it_is_a_finding(self, office):
        parcels = land([rect(0, 0, 100, 100)], parcel_id=["P0"], park_id=["K"])
        supply = ledger(agreed_start=None, handover_on="2021-01-01", contract_on="2021-01-11")
        found = judged_findings(date_conflict(parcels, {"supply": supply}, office()), parcels)
        assert found[["verdict", "observed"]].to_numpy().tolist() == [["yes", 10.0]]

    def test_an_agreed_start_stands(self, office):
        supply = ledger(handover_on="2019-01-01", contract_on="2019-06-01")
        assert judge(supply, office(DEFAULT_ON)).table["case"].tolist() == ["idle"]
