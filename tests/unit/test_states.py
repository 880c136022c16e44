"""States of land: each class by hand, yes, no and undetermined; then the laws that no office's data may break."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.contracts import contracts_of
from parkgeo.assess.judged import judged_findings
from parkgeo.assess.states import (
    LAND_STATES,
    approved_not_supplied,
    below_contract,
    built_not_producing,
    high_performer,
    land_kind,
    land_state,
    low_efficiency,
    occupants_of,
    standing_of,
    supplied_not_started,
    underbuilt,
    used_in_part,
)
from parkgeo.assess.states.contract import not_in_ledger
from parkgeo.assess.states.efficiency import industry_means
from parkgeo.assess.states.occupants import current
from parkgeo.assess.states.trivalent import all_of, any_of, at_least, below, known
from parkgeo.assess.states.underbuilt import least_far, new_project_far
from parkgeo.assess.states.use import months_between
from parkgeo.errors import PackError
from parkgeo.metrics.designation import covered_by, planned_code
from parkgeo.packs import RuleBook, load_packs
from parkgeo.pipeline.states import _without_day
from tests.builders import land, rect

AS_OF = dt.date(2026, 6, 30)
DATES = (
    "approved_on", "contract_on", "handover_on", "agreed_start", "actual_start", "permit_on", "actual_completion",
    "suspended_since", "resumed_on",
)  # fmt: skip
NUMBERS = (
    "developed_area_m2", "construction_area_m2", "supplied_area_m2", "agreed_output_wan_per_mu", "agreed_tax_wan_per_mu",
)  # fmt: skip
BUILT = {
    "supply_status": "supplied", "contract_on": "2010-01-01", "handover_on": "2010-02-01", "permit_on": "2010-03-01",
    "actual_start": "2010-03-01", "actual_completion": "2012-06-30", "supplied_area_m2": 20_000.0, "developed_area_m2": 19_000.0,
    "agreed_output_wan_per_mu": 300.0, "agreed_tax_wan_per_mu": 12.0,
}  # fmt: skip
VACANT = {"supply_status": "supplied", "contract_on": "2024-01-01", "handover_on": "2024-02-01"}
YIELDS = {
    "output_wan_per_mu": 400.0, "tax_wan_per_mu": 20.0, "electricity_kwh_per_mu": 90_000.0, "building_density": 0.4,
    "building_coefficient": 0.5, "far": 1.2,
}  # fmt: skip
NOTHING = {
    "output_wan_per_mu": np.nan, "tax_wan_per_mu": np.nan, "electricity_kwh_per_mu": np.nan, "building_density": 0.0,
    "building_coefficient": 0.0, "far": 0.0,
}  # fmt: skip
HEAD = '[pack]\nname = "county"\nedition = "2026"\n'
OURS = 'source = "the county\'s rules"\nedition = "2026"\nverified = true\n'


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory):
    """Lay figures of an office over the national pack."""
    folder = tmp_path_factory.mktemp("packs")

    @cache
    def rules(**figures: str) -> RuleBook:
        text = HEAD + "".join(
            f"[{key.replace('__', '.')}]\nvalue = {value}\n{OURS}" for key, value in figures.items()
        )
        (folder / "county.toml").write_text(text, encoding="utf-8")
        return load_packs(["national", "county.toml"], folder)

    return rules


def ledger(*rows: dict[str, Any], without: tuple[str, ...] = ()) -> pd.DataFrame:
    """A ledger of rows for p0, p1 …, or for the parcel that a row names; missing keys are blank cells."""
    names = ["parcel_id", "supply_status", "contract_id", *DATES, *NUMBERS, "unreadable"]
    filled = [{"parcel_id": f"p{at}", **row} for at, row in enumerate(rows)]
    frame = pd.DataFrame(filled, columns=[*names, *sorted({key for row in rows for key in row} - set(names))])
    for name in DATES:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in NUMBERS:
        frame[name] = frame[name].astype("float64")
    frame["source_file"], frame["source_row"] = "ledger.xlsx", range(2, len(frame) + 2)
    return frame.drop(columns=list(without))


def plots(*rows: dict[str, Any]) -> pd.DataFrame:
    """Parcels p0, p1 … of 20 000 m² (30 mu) of industrial land, C35."""
    base = {
        "land_kind": "industry",
        "site_area_m2": 20_000.0,
        "registered_area_m2": 20_000.0,
        "industry_code": "35",
    }
    frame = pd.DataFrame([{"parcel_id": f"p{at}", **base, **NOTHING, **row} for at, row in enumerate(rows)])
    return land([rect(200 * at, 0, 100, 200) for at in range(len(rows))], **{name: frame[name].to_list() for name in frame}, park_id="k")  # fmt: skip


def stand(
    parcels: pd.DataFrame, supply: pd.DataFrame | None, rules: RuleBook, *, year: int | None = 2025, as_of: dt.date = AS_OF
) -> Any:  # fmt: skip
    return standing_of(
        parcels, contracts_of(parcels, supply), rules, as_of, has_ledger=supply is not None, year=year
    )


def one(rule: Any, plot: dict[str, Any], row: dict[str, Any] | None, rules: RuleBook, **more: Any) -> Any:
    """The answer of a class for one parcel, with its table's row; a verdict of None where the class is not about it."""
    supply = ledger(row) if row is not None else ledger()
    return first(rule(stand(plots(plot), supply, rules, **more)))


def first(judged: Any) -> Any:
    """The first row of an answer's table; a verdict of None where the class is not about the parcel."""
    return judged.table.assign(verdict=verdicts_of(judged.table)).iloc[0]


def verdicts_of(table: pd.DataFrame) -> pd.Series[Any]:
    """Verdicts as objects: None where the class is not about a parcel."""
    return pd.Series(
        [None if pd.isna(each) else each for each in table["verdict"]], table.index, dtype=object
    )


def told(row: Any) -> tuple[str | None, str, str]:
    return row["verdict"], row["case"], row["missing"]


class TestThreeValues:
    def test_unknown_never_becomes_no(self):
        values = np.array([-1, 0, 1], dtype=np.int8)
        for answer in (all_of(values, np.full(3, 1, np.int8)), any_of(values, np.full(3, -1, np.int8))):
            assert answer.tolist() == [-1, 0, 1]
        assert all_of(np.zeros(1, np.int8), np.full(1, -1, np.int8)).tolist() == [-1]
        assert any_of(np.zeros(1, np.int8), np.full(1, 1, np.int8)).tolist() == [1]

    def test_limits(self):
        values = np.array([4.999, 5.0, 5.001, np.nan])
        assert below(values, 5.0).tolist() == [1, -1, -1, 0]
        assert at_least(values, 5.0).tolist() == [-1, 1, 1, 0]
        assert below(values, np.full(4, np.nan)).tolist() == [0, 0, 0, 0]
        assert known(np.array([True, False])).tolist() == [1, -1]


class TestKindOfLand:
    def test_code_then_plan_then_name(self, office):
        parcels = pd.DataFrame(
            {
                "site_area_m2": [9000.0] * 7,
                "land_use_code": ["100101", "1401", "16", "0701", None, None, None],
                "land_use": ["绿地", None, None, None, None, "工业用地", None],
            }
        )
        planned = pd.Series(["1402", "100101", None, None, "1101", None, None], dtype="str")
        found = land_kind(parcels, planned, pd.Series([0.0] * 7), office())
        kinds = ["industry", "not_built_on", "reserve", "other", "storage", "industry", "unknown"]
        assert found["land_kind"].tolist() == kinds
        assert found["use_code"].tolist()[:5] == ["100101", "1401", "16", "0701", "1101"]
        assert found["use_code"].isna().tolist()[5:] == [True, True]

    @pytest.mark.parametrize(
        ("site", "covered", "kind"),
        [(499.9, 0.0, "too_small"), (500.0, 0.0, "industry"), (9000.0, 0.49, "industry"), (9000.0, 0.5, "not_built_on"), (10.0, 0.9, "not_built_on")],
    )  # fmt: skip
    def test_small_and_corridor(self, office, site, covered, kind):
        parcels = pd.DataFrame({"site_area_m2": [site], "land_use_code": ["100101"]})
        found = land_kind(parcels, pd.Series([None], dtype="str"), pd.Series([covered]), office())
        assert found["land_kind"].tolist() == [kind]

    @pytest.mark.parametrize(
        ("code", "name", "kind"),
        [
            *((code, None, "not_built_on") for code in ("1701", "18", "23", "01", "0101", "03", "1207", "1301", "14", "G1", "G2", "S1", "S2", "U", "U12", "E1", "H2", "H3")),
            *((code, None, "unknown") for code in ("05", "15", "1506", "H", "H1", "T", "99")),
            *((code, None, "other") for code in ("0701", "0901", "0801", "R2", "A33", "B1")),
            *((None, name, "not_built_on") for name in ("防护绿地", "公园绿地", "道路", "城镇道路用地", "工业区道路", "变电站用地", "河流", "河流水面", "高压走廊", "供电用地", "广场", "广场用地", "防护绿地（G2）", "绿地、道路用地", "Road")),
            *((None, name, "reserve") for name in ("留白用地", "储备用地")),
            *((None, name, "other") for name in ("道路运输设备制造", "绿地集团总部", "商业广场", "crossroad")),
            (None, "绿地机械工业用地", "industry"), (None, "工业用地、道路用地", "industry"),
            ("15", "防护绿地", "not_built_on"), ("100101", "防护绿地", "industry"),
        ],
    )  # fmt: skip
    def test_every_code_and_name(self, office, code, name, kind):
        parcels = pd.DataFrame(
            {"site_area_m2": [9000.0], "land_use_code": [code], "land_use": [name]}, dtype=object
        )
        parcels["site_area_m2"] = 9000.0
        found = land_kind(parcels, pd.Series([None], dtype="str"), pd.Series([0.0]), office())
        assert found["land_kind"].tolist() == [kind]

    def test_other_classifications(self, office):
        parcels = pd.DataFrame({"site_area_m2": [9000.0] * 4, "land_use_code": ["0601", "M2", "W1", "R2"]})
        found = land_kind(parcels, pd.Series([None] * 4, dtype="str"), pd.Series([0.0] * 4), office())
        assert found["land_kind"].tolist() == ["industry", "industry", "storage", "other"]

    def test_the_plan_that_covers_most(self):
        parcels = land([rect(0, 0, 10, 10), rect(20, 0, 10, 10), rect(40, 0, 10, 10)])
        plan = land(
            [rect(0, 0, 4, 10), rect(4, 0, 6, 10), rect(20, 0, 4, 10), rect(40, 0, 3, 10), rect(43, 0, 3, 10)],
            planned_use_code=["1401", "100101", "100101", "1402", "1402"],
        )  # fmt: skip
        found = planned_code(parcels, plan, least_share=0.5)
        assert found.tolist()[0] == "100101"
        assert found.isna().tolist() == [False, True, False]
        assert planned_code(parcels, plan.drop(columns="planned_use_code"), least_share=0.5).isna().all()

    def test_share_within_zones(self):
        parcels = land([rect(0, 0, 10, 10), rect(20, 0, 10, 10)])
        assert covered_by(parcels, land([rect(0, 0, 5, 5), rect(5, 5, 5, 5)])).tolist() == [0.5, 0.0]
        assert covered_by(parcels, land([])).tolist() == [0.0, 0.0]


class TestApproved:
    def test_by_the_status(self, office):
        row = one(
            approved_not_supplied,
            {},
            {"supply_status": "approved_not_supplied", "approved_on": "2026-06-20"},
            office(),
        )
        assert told(row) == ("yes", "yes", "")
        assert (row["observed"], row["threshold"], row["since"]) == (10.0, 0.0, pd.Timestamp("2026-06-20"))

    def test_without_the_day(self, office):
        assert (
            told(one(approved_not_supplied, {}, {"supply_status": "approved_not_supplied"}, office()))[0]
            == "yes"
        )

    def test_an_office_that_waits_two_years(self, office):
        rules = office(state__approved_not_supplied="730")
        for on, verdict in (("2024-06-30", "yes"), ("2024-07-01", "no"), (None, "undetermined")):
            row = one(
                approved_not_supplied,
                {},
                {"supply_status": "approved_not_supplied", "approved_on": on},
                rules,
            )
            assert row["verdict"] == verdict
        assert row["missing"] == "approved_on"

    @pytest.mark.parametrize("status", ["supplied", "recovered", "reserve"])
    def test_other_statuses(self, office, status):
        assert one(approved_not_supplied, {}, {"supply_status": status}, office())["verdict"] == "no"

    def test_a_blank_status(self, office):
        assert told(one(approved_not_supplied, {}, {"approved_on": "2020-01-01"}, office())) == ("undetermined", "status", "supply_status")  # fmt: skip
        assert one(approved_not_supplied, {}, {"contract_on": "2020-01-01"}, office())["verdict"] == "no"
        # A contract of a day to come is none yet.
        assert (
            one(approved_not_supplied, {}, {"contract_on": "2027-01-01"}, office())["verdict"]
            == "undetermined"
        )

    def test_not_in_the_ledger_is_asked_for_elsewhere(self, office):
        assert one(approved_not_supplied, {}, None, office())["verdict"] is None
        assert approved_not_supplied(stand(plots({}), None, office())) is None

    @pytest.mark.parametrize("kind", ["not_built_on", "too_small", "reserve"])
    def test_land_not_meant_to_be_built_on(self, office, kind):
        row = {"supply_status": "approved_not_supplied"}
        assert one(approved_not_supplied, {"land_kind": kind}, row, office())["verdict"] is None


class TestSuppliedNotStarted:
    def test_handed_over_yesterday(self, office):
        row = one(supplied_not_started, {}, VACANT | {"handover_on": "2026-06-29"}, office())
        assert told(row) == ("yes", "yes", "")
        assert (row["observed"], row["since"]) == (1.0, pd.Timestamp("2026-06-29"))

    def test_since_the_contract_where_no_handover_is_on_record(self, office):
        assert one(supplied_not_started, {}, VACANT | {"handover_on": None}, office())["since"] == pd.Timestamp("2024-01-01")  # fmt: skip

    @pytest.mark.parametrize(("share", "verdict"), [(0.0499, "yes"), (0.05, "no"), (np.nan, "undetermined")])
    def test_what_stands_there(self, office, share, verdict):
        """Where halls stand and no start is reported it is a matter of evidence; without buildings nobody knows: taking the layer away never turns a no into a yes."""
        assert one(supplied_not_started, {"building_density": share}, VACANT, office())["verdict"] == verdict

    @pytest.mark.parametrize(
        ("cells", "verdict", "missing"),
        [
            ({"actual_start": "2025-01-01", "permit_on": "2025-01-01"}, "no", ""),
            ({"actual_start": "2026-07-01", "permit_on": "2025-01-01"}, "yes", ""),
            ({"actual_start": "2025-01-01"}, "undetermined", "permit_on"),
            ({"unreadable": "actual_start"}, "undetermined", "actual_start"),
            ({"actual_completion": "2025-01-01"}, "no", ""),
            ({"supply_status": "recovered"}, None, ""),
            (
                {"supply_status": None, "contract_on": None, "handover_on": None},
                "undetermined",
                "supply_status",
            ),
        ],
    )
    def test_start_and_status(self, office, cells, verdict, missing):
        row = one(supplied_not_started, {}, VACANT | cells, office())
        assert (row["verdict"], row["missing"]) == (verdict, missing)

    def test_a_column_that_was_never_asked_for(self, office):
        supply = ledger(VACANT, without=("actual_start",))
        row = supplied_not_started(stand(plots({}), supply, office())).table.iloc[0]
        assert (row["verdict"], row["missing"]) == ("undetermined", "actual_start")

    def test_several_contracts(self, office):
        supply = ledger(VACANT, VACANT | {"parcel_id": "p0"})
        for share, verdict in ((0.0, "undetermined"), (0.4, "no")):
            row = supplied_not_started(
                stand(plots({"building_density": share}), supply, office())
            ).table.iloc[0]
            assert row["verdict"] == verdict


class TestUsedInPart:
    @pytest.mark.parametrize(
        ("developed", "supplied", "verdict"),
        [(9_999.0, 20_000.0, "yes"), (10_000.0, 20_000.0, "no"), (19_000.0, 20_000.0, "no"), (1_000.0, 2_999.0, "no"), (1_000.0, 3_000.0, "yes")],
    )  # fmt: skip
    def test_by_the_ledger(self, office, developed, supplied, verdict):
        """Less than half, and at least 3 mu (2 000 m²) unused: 1 999 m² are not enough."""
        cells = {"developed_area_m2": developed, "supplied_area_m2": supplied}
        row = one(used_in_part, YIELDS, BUILT | cells, office())
        assert row["verdict"] == verdict
        assert row["observed"] == pytest.approx(developed / supplied)

    def test_the_area_to_be_developed_comes_before_the_supplied(self, office):
        cells = {"developed_area_m2": 9_000.0, "construction_area_m2": 9_000.0}
        assert one(used_in_part, YIELDS, BUILT | cells, office())["verdict"] == "no"

    @pytest.mark.parametrize(
        ("coefficient", "density", "verdict", "missing"),
        [
            (0.19, 0.1, "yes", ""), (0.2, 0.1, "no", ""), (np.nan, 0.2, "no", ""), (np.nan, np.nan, "undetermined", "developed_area_m2"),
            (np.nan, 0.1, "undetermined", "developed_area_m2, kind"),
        ],
    )  # fmt: skip
    def test_by_what_stands_there(self, office, coefficient, density, verdict, missing):
        plot = YIELDS | {"building_coefficient": coefficient, "building_density": density}
        row = one(used_in_part, plot, BUILT | {"developed_area_m2": None}, office())
        assert (row["verdict"], row["missing"]) == (verdict, missing)

    def test_a_cell_that_could_not_be_read_convicts_nobody(self, office):
        cells = {"developed_area_m2": None, "unreadable": "developed_area_m2"}
        assert (
            one(used_in_part, YIELDS | {"building_coefficient": 0.1}, BUILT | cells, office())["verdict"]
            == "undetermined"
        )

    def test_works_that_are_not_completed_are_not_judged(self, office):
        cells = {"developed_area_m2": 100.0, "actual_completion": None}
        assert one(used_in_part, YIELDS, BUILT | cells, office())["verdict"] is None
        assert (
            one(used_in_part, YIELDS, BUILT | cells | {"actual_completion": "2026-07-01"}, office())[
                "verdict"
            ]
            is None
        )

    def test_housing_is_judged_too(self, office):
        assert one(used_in_part, YIELDS | {"land_kind": "other"}, BUILT | {"developed_area_m2": 100.0}, office())["verdict"] == "yes"  # fmt: skip


class TestBuiltNotProducing:
    @pytest.mark.parametrize("completed", ["2025-06-30", "2025-07-01"])
    @pytest.mark.parametrize("output", [0.0, 0.1, -1.0, np.nan])
    @pytest.mark.parametrize("kwh", [0.0, 499.9, 500.0, np.nan])
    def test_all_three_must_hold(self, office, completed, output, kwh):
        plot = YIELDS | {"output_wan_per_mu": output, "electricity_kwh_per_mu": kwh}
        row = one(built_not_producing, plot, BUILT | {"actual_completion": completed}, office())
        if completed == "2025-07-01" or output > 0 or kwh >= 500:
            assert row["verdict"] == "no"
        elif output == 0 and kwh < 500:
            assert told(row) == ("yes", "yes", "")
            assert (row["observed"], row["since"]) == (12.0, pd.Timestamp("2025-06-30"))
        else:
            assert row["verdict"] == "undetermined"
            asked = set(row["missing"].split(", "))
            assert ("electricity_kwh" in asked) == np.isnan(kwh)
            assert ("output_wan" in asked) == (not output >= 0)
            assert ("enterprise_id" in asked) == (np.isnan(kwh) and not output >= 0)

    def test_old_returns_say_nothing_of_today(self, office):
        plot = YIELDS | {"electricity_kwh_per_mu": 0.0}
        assert one(built_not_producing, plot, BUILT, office(), year=2025)["verdict"] == "no"
        assert one(built_not_producing, plot, BUILT, office(), year=2023)["verdict"] == "undetermined"

    def test_when_it_was_completed_is_not_known(self, office):
        plot = YIELDS | {"output_wan_per_mu": 0.0, "electricity_kwh_per_mu": 0.0}
        supply = ledger(BUILT, without=("actual_completion",))
        row = built_not_producing(stand(plots(plot), supply, office())).table.iloc[0]
        assert (row["verdict"], row["missing"]) == ("undetermined", "actual_completion")

    @pytest.mark.parametrize(
        ("plot", "cells"),
        [({"land_kind": "other"}, {}), ({"land_kind": "reserve"}, {}), ({}, {"actual_completion": None}), ({}, {"supply_status": "recovered"})],
    )  # fmt: skip
    def test_land_that_it_is_not_about(self, office, plot, cells):
        silent = YIELDS | {"output_wan_per_mu": 0.0, "electricity_kwh_per_mu": 0.0}
        assert one(built_not_producing, silent | plot, BUILT | cells, office())["verdict"] is None

    @pytest.mark.parametrize(
        ("start", "end", "months"),
        [
            ("2025-06-30", "2026-06-29", 11), ("2025-06-30", "2026-06-30", 12), ("2025-01-31", "2025-02-28", 1), ("2024-02-29", "2025-02-28", 12),
            ("2025-07-31", "2026-06-30", 11), ("2026-07-01", "2026-06-30", -1),
        ],
    )  # fmt: skip
    def test_full_months(self, start, end, months):
        assert months_between(np.array([start], dtype="datetime64[D]"), np.datetime64(end)).tolist() == [
            months
        ]


class TestBelowContract:
    @pytest.mark.parametrize(
        ("output", "tax", "verdict", "missing"),
        [
            (300.0, 12.0, "no", ""), (299.9, 12.0, "yes", ""), (300.0, 11.9, "yes", ""), (0.0, 0.0, "yes", ""),
            (np.nan, 11.9, "yes", ""), (np.nan, 12.0, "undetermined", "output_wan"), (np.nan, np.nan, "undetermined", "output_wan, tax_wan"),
        ],
    )  # fmt: skip
    def test_one_below_is_enough(self, office, output, tax, verdict, missing):
        row = one(
            below_contract, YIELDS | {"output_wan_per_mu": output, "tax_wan_per_mu": tax}, BUILT, office()
        )
        assert (row["verdict"], row["missing"]) == (verdict, missing)

    def test_what_is_not_agreed(self, office):
        blank = {"agreed_output_wan_per_mu": None, "agreed_tax_wan_per_mu": None}
        row = one(below_contract, YIELDS, BUILT | blank, office())
        assert told(row) == ("undetermined", "not_agreed", "agreed_output_wan_per_mu, agreed_tax_wan_per_mu")
        assert (
            one(below_contract, YIELDS, BUILT | {"agreed_output_wan_per_mu": None}, office())["verdict"]
            == "undetermined"
        )
        only_tax = office(state__contract_figures='["tax"]')
        assert (
            one(below_contract, YIELDS, BUILT | {"agreed_output_wan_per_mu": None}, only_tax)["verdict"]
            == "no"
        )
        zero = {"agreed_output_wan_per_mu": 0.0}
        assert one(below_contract, YIELDS, BUILT | zero, office())["verdict"] == "no"

    def test_a_ledger_that_never_asked(self, office):
        supply = ledger(BUILT, without=("agreed_output_wan_per_mu", "agreed_tax_wan_per_mu"))
        assert below_contract(stand(plots(YIELDS), supply, office())) is None

    @pytest.mark.parametrize(("output", "verdict"), [(400.0, None), (299.9, "yes"), (np.nan, "undetermined")])
    def test_a_ledger_that_asked_for_output_alone(self, office, output, verdict):
        """Output that is met clears nobody, for the tax agreed may not be; the column is asked for once, not of each parcel."""
        supply = ledger(BUILT, without=("agreed_tax_wan_per_mu",))
        standing = stand(plots(YIELDS | {"output_wan_per_mu": output}), supply, office())
        assert verdicts_of(below_contract(standing).table).tolist() == [verdict]
        assert not_in_ledger(standing.contracts, office()) == ["agreed_tax_wan_per_mu"]

    @pytest.mark.parametrize(
        ("completed", "verdict"), [("2024-12-31", "yes"), ("2025-01-01", "no"), ("2026-01-01", "no")]
    )
    def test_nothing_is_due_of_the_year_of_completion(self, office, completed, verdict):
        plot = YIELDS | {"output_wan_per_mu": 10.0}
        assert (
            one(below_contract, plot, BUILT | {"actual_completion": completed}, office())["verdict"]
            == verdict
        )

    def test_an_office_that_allows_a_tenth(self, office):
        rules = office(state__below_contract_share="0.9")
        for output, verdict in ((270.0, "no"), (269.9, "yes")):
            assert (
                one(below_contract, YIELDS | {"output_wan_per_mu": output}, BUILT, rules)["verdict"]
                == verdict
            )

    def test_a_figure_that_no_contract_has(self, office):
        with pytest.raises(PackError, match="output, tax"):
            one(below_contract, YIELDS, BUILT, office(state__contract_figures='["jobs"]'))


def low(plot: dict[str, Any], rules: RuleBook, *, row: dict[str, Any] = BUILT, taxes: tuple[float, ...] = (), rent: str = "own") -> Any:  # fmt: skip
    """Low efficiency of p0, with its company's tax of 2025, 2024 … in 万元 a mu of 30."""
    parcels = plots(plot)
    standing = stand(parcels, ledger(row), rules)
    occupancy = pd.DataFrame(
        {"enterprise_id": ["e"], "parcel_id": ["p0"], "occupied_area_m2": [20_000.0], "tenure": [rent]}
    )
    returns = pd.DataFrame(
        {
            "enterprise_id": "e",
            "year": [2025 - at for at in range(len(taxes))],
            "tax_wan": [30 * tax for tax in taxes],
        }
    )
    occupants = occupants_of(parcels, occupancy, None, returns, AS_OF, year=2025, years=2)
    return low_efficiency(standing, built_not_producing(standing), occupants)


class TestLowEfficiency:
    @pytest.mark.parametrize(
        ("tax", "verdict"), [(4.99, "yes"), (5.0, "no"), (0.0, "yes"), (np.nan, "undetermined")]
    )
    def test_tax_below_the_figure(self, office, tax, verdict):
        row = low(YIELDS | {"tax_wan_per_mu": tax}, office(), taxes=(tax, 20.0)).table.iloc[0]
        assert (row["verdict"], row["threshold"]) == (verdict, 5.0)
        assert row["missing"] == ("tax_wan" if verdict == "undetermined" else "")

    def test_no_tax_in_two_years(self, office):
        rules = office(efficiency__tax_below_wan_per_mu='""')
        for taxes, verdict in (
            ((0.0, 0.0), "yes"),
            ((0.0, 1.0), "no"),
            ((1.0, 0.0), "no"),
            ((0.0,), "undetermined"),
            ((1.0,), "no"),
        ):
            plot = YIELDS | {"tax_wan_per_mu": taxes[0]}
            assert low(plot, rules, taxes=taxes).table.iloc[0]["verdict"] == verdict, taxes

    def test_several_grounds_are_all_named(self, office):
        plot = YIELDS | {"tax_wan_per_mu": 0.0, "output_wan_per_mu": 0.0, "electricity_kwh_per_mu": 0.0}
        judged = low(plot, office(), taxes=(0.0, 0.0))
        words = judged.reasons(np.array([0]))
        assert words["en"].iloc[0] == "Low efficiency: tax of 2025 is 0 wan yuan/mu, below 5; no tax in 2 years on end; built and not producing."  # fmt: skip
        assert (
            words["zh"].iloc[0]
            == "低效用地：2025 年亩均税收 0 万元，低于 5 万元；连续 2 年无税收；建而未投。"
        )

    def test_not_due_in_the_year_of_completion_but_silent_after_a_year(self, office):
        new = BUILT | {"actual_completion": "2025-03-01"}
        assert (
            low(YIELDS | {"tax_wan_per_mu": 1.0}, office(), row=new, taxes=(1.0, 1.0)).table.iloc[0][
                "verdict"
            ]
            == "no"
        )
        silent = YIELDS | {"tax_wan_per_mu": 0.0, "output_wan_per_mu": 0.0, "electricity_kwh_per_mu": 0.0}
        judged = low(silent, office(), row=new, taxes=(0.0, 0.0))
        assert judged.table.iloc[0]["verdict"] == "yes"
        assert judged.reasons(np.array([0]))["en"].iloc[0] == "Low efficiency: built and not producing."

    def test_grounds_that_an_office_switches_on(self, office):
        met = YIELDS | {"tax_wan_per_mu": 11.0}
        assert low(met, office(), taxes=(11.0, 11.0)).table.iloc[0]["verdict"] == "no"
        rules = office(efficiency__tax_below_contract="true")
        assert low(met, rules, taxes=(11.0, 11.0)).table.iloc[0]["verdict"] == "yes"
        rules = office(efficiency__let_to_outside_taxpayers="true")
        assert low(met, rules, taxes=(11.0, 11.0)).table.iloc[0]["verdict"] == "no"
        row = low(met, rules, taxes=(11.0, 11.0), rent="rent").table.iloc[0]
        assert (row["verdict"], row["missing"]) == ("undetermined", "tenure")

    def test_the_mean_of_its_industry(self):
        tax = np.array([10.0, 20.0, 6.0, np.nan, 5.0])
        area = np.array([100.0, 300.0, 100.0, 100.0, 100.0])
        codes = pd.Series(["13", "13", "13", "13", None])
        assert industry_means(tax, area, codes, least=3).tolist()[:4] == [15.2] * 4
        assert np.isnan(industry_means(tax, area, codes, least=4)).all()
        assert np.isnan(industry_means(tax, area, codes, least=3)[4])

    def test_dongyang_compares_with_the_mean(self, tmp_path):
        rules = load_packs(["national", "dongyang"], tmp_path)
        taxes = [10.0, 10.0, 10.0, 10.0, 20.0]
        parcels = plots(*(YIELDS | {"tax_wan_per_mu": tax} for tax in taxes))
        standing = stand(parcels, ledger(*[BUILT] * 5), rules)
        occupants = occupants_of(parcels, None, None, None, AS_OF, year=2025, years=2)
        # All above 5; the mean of five parcels of one size is 12. Grounds that Dongyang's definition lacks are off there.
        table = low_efficiency(standing, None, occupants).table
        assert table["verdict"].tolist() == ["yes"] * 4 + ["no"]

    def test_housing_is_not_judged(self, office):
        assert low(YIELDS | {"land_kind": "other", "tax_wan_per_mu": 0.0}, office(), taxes=(0.0,)).table["verdict"].isna().all()  # fmt: skip


class TestUnderbuilt:
    @staticmethod
    def judge(plot: dict[str, Any], rules: RuleBook, row: dict[str, Any] = BUILT) -> Any:
        parcels = plots(YIELDS | plot)
        industry = pd.Series(parcels["industry_code"].to_list(), index=parcels.index, dtype="str")
        return first(underbuilt(stand(parcels, ledger(row), rules), industry))

    @pytest.mark.parametrize(
        ("plot", "verdict", "case", "observed", "threshold"),
        [
            ({"far": 0.7}, "no", "no", None, None),
            ({"far": 0.699}, "yes", "far", 0.699, 0.7),
            ({"building_coefficient": 0.299}, "yes", "coefficient", 0.299, 0.3),
            ({"building_coefficient": 0.3}, "no", "no", None, None),
            ({"far": 0.1, "building_coefficient": 0.1}, "yes", "both", 0.1, 0.7),
            ({"far": np.nan}, "undetermined", "unknown", None, None),
            ({"far": np.nan, "building_coefficient": 0.1}, "yes", "coefficient", None, None),
            ({"industry_code": None}, "undetermined", "unknown", None, None),
            ({"industry_code": "59"}, "no", "no", None, None),
            ({"building_coefficient": np.nan, "building_density": 0.3}, "no", "no", None, None),
            (
                {"building_coefficient": np.nan, "building_density": 0.2},
                "undetermined",
                "unknown",
                None,
                None,
            ),
            ({"land_kind": "storage", "far": 0.1}, None, "far", None, None),
        ],
    )
    def test_against_the_indicators(self, office, plot, verdict, case, observed, threshold):
        row = self.judge(plot, office())
        assert (row["verdict"], row["case"]) == (verdict, case)
        if observed is not None:
            assert (row["observed"], row["threshold"]) == (observed, threshold)

    def test_the_edition_of_2023_where_the_office_stands_behind_it(self, tmp_path):
        (tmp_path / "county.toml").write_text(
            '[pack]\nname = "county"\nedition = "2026"\nswitch_on = ["control.building_coefficient_min"]\n', encoding="utf-8"
        )  # fmt: skip
        rules = load_packs(["national", "county.toml"], tmp_path)
        assert self.judge({"building_coefficient": 0.39}, rules)["verdict"] == "yes"

    @pytest.mark.parametrize(
        ("signed", "plot", "verdict", "case", "threshold"),
        [
            ("2024-07-01", {"far": 1.49}, "yes", "project", 1.5),
            ("2024-07-01", {"far": 1.5}, "no", "no", None),
            ("2024-06-30", {"far": 1.49}, "no", "no", None),
            (None, {"far": 1.49}, "undetermined", "unknown", None),
            (None, {"far": 1.5}, "no", "no", None),
            (None, {"far": 0.6}, "yes", "far", 0.7),
            ("2024-07-01", {"far": 0.6}, "yes", "project", 1.5),
            ("2024-07-01", {"far": 1.49, "industry_code": None}, "yes", "project", 1.5),
            ("2024-07-01", {"far": 1.5, "industry_code": None}, "undetermined", "unknown", None),
            ("2024-07-01", {"far": 1.2, "building_coefficient": 0.1}, "yes", "project_both", 1.5),
        ],
    )
    def test_new_projects(self, office, signed, plot, verdict, case, threshold):
        rules = office(control__far_min_project="1.5", control__far_min_project_from='"2024-07-01"')
        row = self.judge(plot, rules, BUILT | {"contract_on": signed})
        assert (row["verdict"], row["case"]) == (verdict, case)
        if threshold is not None:
            assert row["threshold"] == threshold
        if verdict == "undetermined":
            assert row["missing"] == ("contract_on" if signed is None else "industry_code")

    def test_new_projects_of_a_year_and_of_no_day(self, office, tmp_path):
        row = BUILT | {"contract_on": "2024-01-01"}
        rules = office(control__far_min_project="1.5", control__far_min_project_from='"2024"')
        assert self.judge({"far": 1.4}, rules, row)["verdict"] == "yes"
        assert self.judge({"far": 1.4}, rules, row | {"contract_on": "2023-12-31"})["verdict"] == "no"
        silent = load_packs(["national", "jiangsu-south"], tmp_path)
        assert self.judge({"far": 1.4}, silent, row)["verdict"] == "no"
        told = _without_day(silent)
        assert [(each[2], "jiangsu-south" in each[3]["en"], "1.5" in each[3]["zh"]) for each in told] == [
            ("underbuilt", True, True)
        ]
        assert _without_day(rules) == _without_day(office()) == []
        with pytest.raises(PackError, match="a year or a day"):
            new_project_far(office(control__far_min_project="1.5", control__far_min_project_from='"soon"'))

    def test_works_not_completed_are_not_judged(self, office):
        assert self.judge({"far": 0.1}, office(), BUILT | {"actual_completion": None})["verdict"] is None

    def test_abroad_there_are_no_indicators(self, tmp_path):
        rules = load_packs(["scotland"], tmp_path)
        parcels = plots(YIELDS)
        assert underbuilt(stand(parcels, ledger(BUILT), rules), pd.Series(["35"])) is None

    def test_a_doubtful_code_takes_the_least(self, office):
        """29 of 2017 is rubber (0.8) or plastics (1.0) of 2002."""
        found = least_far(pd.Series(["29", "13", None, "29"]), office())
        assert found["far_min"].tolist()[:2] == [0.8, 1.0]
        assert found["ambiguous"].tolist() == [True, False, False, True]


class TestHighPerformer:
    @pytest.mark.parametrize(
        ("output", "tax", "verdict"),
        [
            (837.6, 45.3, "yes"), (837.5, 45.3, "no"), (837.6, 45.2, "no"), (837.6, np.nan, "undetermined"), (837.5, np.nan, "no"),
            (np.nan, np.nan, None),
        ],
    )  # fmt: skip
    def test_both_against_the_published_averages(self, office, output, tax, verdict):
        """12 563.33 and 678.99 万元/ha are 837.56 and 45.27 万元/mu."""
        plot = YIELDS | {"output_wan_per_mu": output, "tax_wan_per_mu": tax}
        assert one(high_performer, plot, BUILT, office())["verdict"] == verdict

    def test_abroad_there_is_no_average(self, tmp_path):
        assert high_performer(stand(plots(YIELDS), ledger(BUILT), load_packs(["scotland"], tmp_path))) is None


class TestOneState:
    CASES = (
        ("not_built_on", {"land_kind": "not_built_on"}, VACANT),
        ("too_small", {"land_kind": "too_small"}, VACANT),
        ("reserve", {"land_kind": "reserve"}, VACANT),
        ("reserve", {}, {"supply_status": "reserve"}),
        ("recovered", {}, VACANT | {"supply_status": "recovered"}),
        ("approved_not_supplied", {}, {"supply_status": "approved_not_supplied"}),
        ("supplied_not_started", {}, VACANT),
        ("suspended", {"building_density": 0.1}, BUILT | {"actual_completion": None, "suspended_since": "2024-01-01"}),
        ("under_construction", {}, BUILT | {"actual_completion": None}),
        ("under_construction", {}, BUILT | {"actual_completion": None, "suspended_since": "2024-01-01", "resumed_on": "2025-01-01"}),
        ("under_construction", {}, BUILT | {"actual_completion": None, "suspended_since": "2026-07-01"}),
        ("built_not_producing", YIELDS | {"output_wan_per_mu": 0.0, "electricity_kwh_per_mu": 0.0}, BUILT),
        ("undetermined", YIELDS | {"output_wan_per_mu": np.nan, "electricity_kwh_per_mu": np.nan}, BUILT),
        ("used_in_part", YIELDS | {"output_wan_per_mu": 1.0}, BUILT | {"developed_area_m2": 100.0}),
        ("below_contract", YIELDS | {"output_wan_per_mu": 1.0}, BUILT),
        ("in_use", YIELDS, BUILT),
        ("in_use", YIELDS, BUILT | {"agreed_tax_wan_per_mu": None}),
        ("in_use", YIELDS, VACANT),  # no start reported, and halls that yield
        ("undetermined", {"building_density": 0.4}, VACANT),  # no start reported, and halls of which nothing is known
        ("undetermined", {}, VACANT | {"unreadable": "actual_start"}),
    )  # fmt: skip

    @pytest.mark.parametrize(("state", "plot", "row"), CASES)
    def test_the_first_that_holds(self, office, state, plot, row):
        standing = stand(plots(plot), ledger(row), office())
        assert answers(standing)[1].tolist() == [state]
        assert state in LAND_STATES

    def test_without_a_ledger(self, office):
        standing = stand(plots({}, YIELDS), None, office())
        assert answers(standing)[1].tolist() == ["undetermined", "in_use"]


def answers(standing: Any) -> tuple[dict[str, Any], pd.Series]:
    """All classes and the state of parcels whose companies say nothing beyond the metrics."""
    parcels = standing.parcels
    occupants = occupants_of(parcels, None, None, None, AS_OF, year=None, years=2)
    producing = built_not_producing(standing)
    found = {
        "approved_not_supplied": approved_not_supplied(standing), "supplied_not_started": supplied_not_started(standing),
        "used_in_part": used_in_part(standing), "built_not_producing": producing, "below_contract": below_contract(standing),
        "low_efficiency": low_efficiency(standing, producing, occupants), "underbuilt": underbuilt(standing, occupants.industry),
        "high_performer": high_performer(standing),
    }  # fmt: skip
    return found, land_state(standing, found)


class TestOccupants:
    def test_who_is_there_on_the_day(self):
        rows = pd.DataFrame(
            {
                "parcel_id": list("abcd"),
                "from_on": pd.to_datetime(["2020-01-01", "2026-07-01", None, "2020-01-01"]),
                "to_on": pd.to_datetime(["2026-06-30", None, None, "2026-06-29"]),
            }
        )
        assert rows[current(rows, AS_OF)]["parcel_id"].tolist() == ["a", "c"]

    def test_industry_of_the_companies_where_they_agree(self):
        parcels = pd.DataFrame({"parcel_id": list("abcd"), "industry_code": ["13", None, None, None]})
        occupancy = pd.DataFrame({"parcel_id": list("abbccd"), "enterprise_id": list("wwxwyz")})
        companies = pd.DataFrame(
            {"enterprise_id": list("wxyz"), "industry_code": ["C35", "3510", "26", None]}
        )
        found = occupants_of(parcels, occupancy, companies, None, AS_OF, year=None, years=0).industry
        assert found.tolist()[:2] == ["13", "35"]
        assert found.isna().tolist() == [False, False, True, True]


class TestLaws:
    rows = st.fixed_dictionaries(
        {},
        optional={
            "supply_status": st.sampled_from(["supplied", "approved_not_supplied", "reserve", "recovered"]),
            **{name: st.dates(dt.date(2019, 1, 1), dt.date(2027, 1, 1)).map(str) for name in DATES},
            "developed_area_m2": st.floats(0, 30_000), "construction_area_m2": st.floats(1, 30_000), "supplied_area_m2": st.floats(1, 30_000),
            "agreed_output_wan_per_mu": st.floats(0, 500), "agreed_tax_wan_per_mu": st.floats(0, 30),
        },
    )  # fmt: skip
    facts = st.fixed_dictionaries(
        {},
        optional={
            "output_wan_per_mu": st.one_of(st.just(0.0), st.floats(0, 1000)), "tax_wan_per_mu": st.one_of(st.just(0.0), st.floats(0, 60)),
            "electricity_kwh_per_mu": st.one_of(st.just(0.0), st.floats(0, 1000)), "building_density": st.floats(0, 1),
            "building_coefficient": st.floats(0, 1), "far": st.floats(0, 3),
        },
    )  # fmt: skip
    unknown = dict.fromkeys(NOTHING, np.nan)

    @given(row=rows, fact=facts, data=st.data())
    def test_taking_data_away_never_turns_undetermined_into_no(self, office, row, fact, data):
        """Cells are taken by name: blank cells whose blankness the ledger means (start, completion) are made unreadable."""
        keys = sorted([*row, *fact])
        gone = set(data.draw(st.lists(st.sampled_from(keys), unique=True))) if keys else set()
        unread = ", ".join(sorted(gone & set(row)))
        less = {key: value for key, value in row.items() if key not in gone} | {"unreadable": unread or None}
        facts = {key: value for key, value in fact.items() if key not in gone}
        before, after = (
            answers(stand(plots(self.unknown | plot), ledger(cells), office()))[0]
            for plot, cells in ((fact, row), (facts, less))
        )
        for code, judged in before.items():
            if judged.table["verdict"].iloc[0] == "undetermined":
                assert after[code].table["verdict"].iloc[0] != "no", code

    @given(row=rows, fact=facts)
    def test_each_parcel_has_one_state_and_every_finding_a_reason(self, office, row, fact):
        parcels = plots(self.unknown | fact)
        found, state = answers(stand(parcels, ledger(row), office()))
        assert set(state) <= set(LAND_STATES)
        for judged in found.values():
            table = judged_findings(judged, parcels)
            assert (table["reason_zh"].str.len() > 4).all()
            assert (table["reason_en"].str.len() > 4).all()
            assert (table.loc[table["verdict"] == "undetermined", "missing"] != "").all()

    @given(row=rows, fact=facts, parts=st.integers(2, 5))
    def test_splitting_a_parcel_keeps_its_verdicts_and_its_land(self, office, row, fact, parts):
        """Figures per mu stay as they are; areas of the ledger are divided. Only what asks for a least area may change."""
        plot = self.unknown | fact
        areas = {
            name: row[name] / parts
            for name in ("developed_area_m2", "construction_area_m2", "supplied_area_m2")
            if name in row
        }
        piece = plot | {"site_area_m2": 20_000.0 / parts, "registered_area_m2": 20_000.0 / parts}
        whole, state = answers(stand(plots(plot), ledger(row), office(state__unused_least_mu="0")))
        pieces, states = answers(
            stand(plots(*[piece] * parts), ledger(*[row | areas] * parts), office(state__unused_least_mu="0"))
        )
        assert states.tolist() == state.tolist() * parts
        for code, judged in whole.items():
            assert pieces[code].table["verdict"].tolist() == judged.table["verdict"].tolist() * parts, code

    @given(cells=st.lists(rows, min_size=1, max_size=5), fact=facts, data=st.data())
    def test_the_order_of_rows_changes_nothing(self, office, cells, fact, data):
        order = data.draw(st.permutations(range(len(cells))))
        parcels, supply = plots(*[self.unknown | fact] * len(cells)), ledger(*cells)
        found, state = answers(stand(parcels, supply, office()))
        again, moved = answers(stand(parcels.iloc[order], supply, office()))
        assert moved.sort_index().tolist() == state.tolist()
        for code, judged in found.items():
            assert again[code].table["verdict"].sort_index().tolist() == judged.table["verdict"].tolist()
