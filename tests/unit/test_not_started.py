"""The not-started clock: every branch by hand, then the laws that no office's data may break."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parkgeo.assess.calendar import anniversary
from parkgeo.assess.delays import read_delays
from parkgeo.assess.not_started import CASES, not_started
from parkgeo.assess.suspended import suspended
from parkgeo.errors import PackError
from parkgeo.packs import RuleBook, load_packs

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.assess.judged import Judged

AS_OF = dt.date(2026, 6, 30)
DATES = ("agreed_start", "actual_start", "handover_on", "approved_on")
MORE_DATES = ("contract_on", "permit_on", "actual_completion", "suspended_since", "resumed_on")
BOTH_DEFAULTS = """
[pack]
name = "county"
edition = "2026"
switch_on = ["idle.default_start_after_handover_years", "idle.default_start_after_approval_years"]
"""
HANDOVER_DEFAULT = BOTH_DEFAULTS.replace(', "idle.default_start_after_approval_years"', "")
APPROVAL_DEFAULT = BOTH_DEFAULTS.replace('"idle.default_start_after_handover_years", ', "")
BLANK_IS_UNKNOWN = """
[pack]
name = "county"
edition = "2026"

[idle.blank_actual_start]
value = "unknown"
source = "the county's ledger rules"
edition = "2025"
verified = true
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory):
    """Lay an office's pack over the national one."""
    folder = tmp_path_factory.mktemp("packs")

    @cache
    def rules(text: str = "") -> RuleBook:
        if not text:
            return load_packs(["national"], folder)
        (folder / "county.toml").write_text(text, encoding="utf-8")
        return load_packs(["national", "county.toml"], folder)

    return rules


def ledger(*rows: dict[str, Any], parcel_ids: list[str] | None = None) -> pd.DataFrame:
    """A ledger of these rows, for the parcels p0, p1 …; a row's missing keys are blank cells."""
    names = ["supply_status", *DATES, "government_delay_days", "government_delay_cause", "price_wan"]
    names += sorted({name for row in rows for name in row} - set(names))
    # Days of delay stand with a cause of art. 8 unless a row says otherwise: without one they are not proven.
    proven = {"government_delay_cause": "拆迁未完成"}
    filled = [
        {"supply_status": "supplied", "handover_on": "2020-01-01", **(proven if row.get("government_delay_days") else {}), **row}
        for row in rows
    ]  # fmt: skip
    frame = pd.DataFrame(filled, columns=names)
    for name in DATES + tuple(set(MORE_DATES) & set(frame)):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in ("government_delay_days", "price_wan"):
        frame[name] = frame[name].astype("float64")
    return frame.assign(parcel_id=parcel_ids or [f"p{at}" for at in range(len(rows))])


def delay_rows(*rows: tuple[str, str | None, str | None, str | None, str | None]) -> pd.DataFrame:
    """Rows of delays: parcel, first day, last day, cause, document."""
    frame = pd.DataFrame(list(rows), columns=["parcel_id", "from_on", "to_on", "cause", "document"])
    for name in ("from_on", "to_on"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def land(*ids: str, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"parcel_id": list(ids), **columns})


def first_row(judged: Judged) -> pd.Series:
    """The answer for the first parcel; None where there is no verdict, and no consequence."""
    row = judged.table.iloc[0].astype(object)
    for name in ("verdict", "consequence"):
        if name in row and pd.isna(row[name]):
            row[name] = None
    return row


def judge(
    row: dict[str, Any], rules: RuleBook, *, as_of: dt.date = AS_OF, code: str | None = "100101"
) -> pd.Series:
    """Judge one parcel with one row of the ledger."""
    return first_row(not_started(land("p0", land_use_code=[code]), ledger(row), rules, as_of))


def told(row: pd.Series) -> tuple[str, str | None]:
    return row["case"], row["verdict"]


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        ("not_built_on", "not_built_on"),
        ("reserve", "reserve"),
        ("too_small", "too_small"),
        ("industry", "idle"),
    ],
)
def test_what_the_plan_or_its_size_exempts_is_not_judged(office, kind, case):
    parcels = land("p0", land_use_code=[None], land_kind=[kind])
    rows = ledger({"agreed_start": "2020-01-01"})
    first = not_started(parcels, rows, office(), AS_OF)
    assert told(first_row(first)) == (case, "yes" if case == "idle" else None)
    second = suspended(parcels, rows, first, office(), AS_OF)
    assert second.table["verdict"].isna().all()


class TestTheYear:
    @pytest.mark.parametrize(
        ("agreed", "as_of", "verdict"),
        [
            ("2025-06-30", "2026-06-29", "no"),  # day 364
            ("2025-06-30", "2026-06-30", "yes"),  # day 365
            ("2025-06-30", "2026-07-01", "yes"),  # day 366
            ("2023-06-30", "2024-06-29", "no"),  # day 365 of a year of 366
            ("2023-06-30", "2024-06-30", "yes"),
            ("2024-02-28", "2025-02-27", "no"),  # 2024-02-29 lies between
            ("2024-02-28", "2025-02-28", "yes"),
            ("2024-02-29", "2025-02-27", "no"),
            ("2024-02-29", "2025-02-28", "yes"),  # no such day: the month's last
            ("2023-02-28", "2024-02-27", "no"),
            ("2023-02-28", "2024-02-28", "yes"),  # not the 29th
            ("2024-03-01", "2025-02-28", "no"),
            ("2024-03-01", "2025-03-01", "yes"),
            ("2024-12-31", "2025-12-30", "no"),
            ("2024-12-31", "2025-12-31", "yes"),
        ],
    )
    def test_is_full_on_the_anniversary(self, office, agreed, as_of, verdict):
        row = judge({"agreed_start": agreed}, office(), as_of=dt.date.fromisoformat(as_of))
        assert told(row) == ("idle" if verdict == "yes" else "within_the_year", verdict)

    def test_says_days_and_the_length_of_the_year(self, office):
        row = judge({"agreed_start": "2023-06-30"}, office(), as_of=dt.date(2024, 7, 10))
        assert (row["observed"], row["threshold"]) == (376.0, 366.0)
        assert row["since"] == pd.Timestamp("2024-06-30")
        assert row["clock_start"] == row["start_on"] == pd.Timestamp("2023-06-30")
        assert row["start_basis"] == "agreed"

    def test_an_agreed_start_ahead_is_not_idle(self, office):
        row = judge({"agreed_start": "2026-12-01"}, office())
        assert told(row) == ("within_the_year", "no")
        assert row["observed"] < 0


class TestGovernmentDelay:
    @pytest.mark.parametrize(
        ("days", "verdict"),
        [(0, "yes"), (271, "yes"), (272, "yes"), (273, "no"), (272.2, "no"), (271.5, "yes")],
    )
    def test_moves_the_start(self, office, days, verdict):
        # 2024-10-01 and 272 days are 2025-06-30; a part of a day is a day.
        row = judge({"agreed_start": "2024-10-01", "government_delay_days": days}, office())
        assert row["verdict"] == verdict
        assert row["start_on"] == pd.Timestamp("2024-10-01")
        assert row["clock_start"] == pd.Timestamp("2024-10-01") + pd.Timedelta(days=np.ceil(days))
        assert row["delay_days"] == days

    def test_blank_or_absent_is_none_proven(self, office):
        blank = ledger({"agreed_start": "2024-10-01"})
        absent = blank.drop(columns=["government_delay_days", "government_delay_cause"])
        for supply in (blank, absent):
            row = not_started(land("p0"), supply, office(), AS_OF).table.iloc[0]
            assert told(row) == ("idle", "yes")
            assert row["delay_days"] == 0

    def test_a_cause_without_days_asks_for_the_days(self, office):
        row = judge({"agreed_start": "2024-10-01", "government_delay_cause": "拆迁未完成"}, office())
        assert told(row) == ("delay_unknown", "undetermined")
        assert row["missing"] == "government_delay_days, government_delay_cause"

    def test_a_cause_without_days_does_not_matter_while_the_year_runs(self, office):
        row = judge({"agreed_start": "2025-10-01", "government_delay_cause": "拆迁未完成"}, office())
        assert told(row) == ("within_the_year", "no")

    def test_a_cause_with_days_counts_the_days(self, office):
        cause = {"government_delay_cause": "拆迁未完成", "government_delay_days": 10}
        assert told(judge({"agreed_start": "2024-10-01", **cause}, office())) == ("idle", "yes")

    def test_days_that_cannot_be_read_are_not_none(self, office):
        row = judge(
            {"agreed_start": "2024-10-01", "unreadable": "price_wan, government_delay_days"}, office()
        )
        assert told(row) == ("delay_unknown", "undetermined")


class TestActualStart:
    @pytest.mark.parametrize(
        ("actual", "case"),
        [("2026-06-30", "started"), ("2021-01-01", "started"), ("2026-07-01", "idle_despite")],
    )
    def test_counts_up_to_the_day_of_judgement(self, office, actual, case):
        assert told(judge({"agreed_start": "2024-01-01", "actual_start": actual}, office())) == (
            case,
            CASES[case],
        )

    def test_settles_it_without_an_agreed_start_or_status(self, office):
        row = judge({"actual_start": "2024-01-01", "supply_status": None}, office())
        assert told(row) == ("started", "no")

    def test_blank_is_not_started(self, office):
        assert told(judge({"agreed_start": "2024-01-01"}, office())) == ("idle", "yes")

    def test_blank_is_unknown_where_the_office_says_so(self, office):
        rules = office(BLANK_IS_UNKNOWN)
        row = judge({"agreed_start": "2024-01-01"}, rules)
        assert told(row) == ("start_unknown", "undetermined")
        assert row["missing"] == "actual_start"
        assert told(judge({"agreed_start": "2026-01-01"}, rules)) == ("within_the_year", "no")
        # A date after the day of judgement is not blank.
        assert told(judge({"agreed_start": "2024-01-01", "actual_start": "2027-01-01"}, rules)) == (
            "idle_despite",
            "yes",
        )

    def test_an_absent_column_was_never_asked(self, office):
        supply = ledger({"agreed_start": "2024-01-01"}, {"agreed_start": "2026-01-01"}).drop(
            columns="actual_start"
        )
        judged = not_started(land("p0", "p1"), supply, office(), AS_OF).table
        assert judged["case"].tolist() == ["start_unknown", "within_the_year"]
        assert judged["verdict"].tolist() == ["undetermined", "no"]

    def test_a_cell_that_cannot_be_read_is_not_blank(self, office):
        row = judge({"agreed_start": "2024-01-01", "unreadable": "actual_start"}, office())
        assert told(row) == ("start_unknown", "undetermined")
        assert row["missing"] == "actual_start"


class TestWhatAStartIs:
    """The law's sense of a start: permit held, and the foundation so far as its kind asks."""

    ROW = {"agreed_start": "2024-01-01", "actual_start": "2024-03-01"}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("cells", "case", "missing"),
        [
            ({"permit_on": "2024-02-01"}, "started", ""),
            ({"permit_on": "2026-06-30"}, "started", ""),  # the later of the two is the start
            ({"permit_on": "2026-07-01"}, "idle_despite", ""),
            ({"permit_on": None}, "permit_unknown", "permit_on"),
            ({"permit_on": None, "actual_completion": "2025-01-01"}, "completed", ""),
            ({"foundation_kind": "deep_pit", "foundation_share": 1.0}, "started", ""),
            ({"foundation_kind": "deep_pit", "foundation_share": 0.9}, "idle_despite", ""),
            ({"foundation_kind": "piled", "foundation_share": 1.0}, "started", ""),
            ({"foundation_kind": "piled", "foundation_share": 0.99}, "idle_despite", ""),
            ({"foundation_kind": "other", "foundation_share": 1 / 3}, "started", ""),
            ({"foundation_kind": "other", "foundation_share": 0.33}, "started", ""),  # a third as an office writes it
            ({"foundation_kind": "other", "foundation_share": 0.32}, "idle_despite", ""),
            ({"foundation_kind": None, "foundation_share": 0.2}, "idle_despite", ""),  # short of every kind
            ({"foundation_kind": None, "foundation_share": 0.5}, "foundation_unknown", "foundation_kind"),
            ({"foundation_kind": "piled", "foundation_share": None}, "foundation_unknown", "foundation_share"),
            ({"foundation_kind": "piled"}, "started", ""),  # the ledger does not ask for the share
            ({"actual_start": None, "actual_completion": "2025-01-01"}, "completed", ""),
            ({"actual_start": "2027-01-01", "actual_completion": "2025-01-01"}, "dates_conflict", "actual_start, actual_completion"),
            ({"actual_start": None, "suspended_since": "2025-01-01"}, "dates_conflict", "actual_start, suspended_since"),
            ({"actual_start": "2027-01-01"}, "idle_despite", ""),
        ],
    )  # fmt: skip
    def test_by_hand(self, office, cells, case, missing):
        row = judge({**self.ROW, **cells}, office())
        assert told(row) == (case, CASES[case])
        assert row["missing"] == missing

    def test_without_a_permit_the_land_is_cleared_only_while_the_year_runs(self, office):
        row = judge({**self.ROW, "agreed_start": "2026-01-01", "permit_on": None}, office())
        assert told(row) == ("within_the_year", "no")
        row = judge({**self.ROW, "agreed_start": None, "permit_on": None}, office())
        assert told(row) == ("agreed_start_unknown", "undetermined")
        assert row["missing"] == "agreed_start, approved_on, permit_on"

    def test_the_start_is_the_later_of_start_and_permit(self, office):
        assert judge({**self.ROW, "permit_on": "2025-02-01"}, office())["works_on"] == pd.Timestamp(
            "2025-02-01"
        )
        assert judge({**self.ROW, "permit_on": "2024-02-01"}, office())["works_on"] == pd.Timestamp(
            "2024-03-01"
        )

    def test_a_ledger_that_does_not_ask_for_the_permit_says_so_in_the_evidence(self, office):
        frame = ledger({**self.ROW, "actual_start": "2027-01-01"}).assign(source_file="s.xlsx", source_row=2)
        judged = not_started(land("p0"), frame, office(), AS_OF)
        assert {"what": "absent:permit_on", "value": None} in judged.told(0)
        said = judged.reasons(np.array([0]))["en"].iloc[0]
        assert "The start that is reported (2027-01-01) lies after the day of judgement." in said


class TestDefaultStart:
    def test_is_off_as_shipped(self, office):
        row = judge({"handover_on": "2020-01-01", "approved_on": "2019-01-01"}, office())
        assert told(row) == ("agreed_start_unknown", "undetermined")
        assert row["missing"] == "agreed_start"

    def test_asks_for_every_date_that_could_serve(self, office):
        row = judge({"handover_on": None}, office())
        assert row["missing"] == "agreed_start, handover_on, approved_on"

    @pytest.mark.parametrize(("handover", "verdict"), [("2024-06-30", "yes"), ("2024-07-01", "no")])
    def test_is_a_year_after_handover_where_switched_on(self, office, handover, verdict):
        row = judge({"handover_on": handover, "approved_on": "2010-01-01"}, office(HANDOVER_DEFAULT))
        assert row["verdict"] == verdict
        assert row["start_basis"] == "handover"
        assert row["clock_start"] == pd.Timestamp(handover) + pd.DateOffset(years=1)
        assert not row["verified"]
        assert row["missing"] == ("price_wan" if verdict == "yes" else "")

    def test_government_delay_extends_it_too(self, office):
        row = judge({"handover_on": "2024-06-30", "government_delay_days": 1}, office(HANDOVER_DEFAULT))
        assert row["verdict"] == "no"

    def test_an_agreed_start_goes_before_it(self, office):
        row = judge({"agreed_start": "2026-01-01", "handover_on": "2015-01-01"}, office(BOTH_DEFAULTS))
        assert (row["start_basis"], row["verdict"], row["verified"]) == ("agreed", "no", True)

    @pytest.mark.parametrize(("approved", "verdict"), [("2024-06-30", "yes"), ("2024-07-01", "no")])
    def test_is_a_year_after_approval_where_handover_is_unclear(self, office, approved, verdict):
        row = judge({"handover_on": None, "approved_on": approved}, office(BOTH_DEFAULTS))
        assert (row["start_basis"], row["verdict"], row["verified"]) == ("approval", verdict, False)

    def test_approval_does_not_serve_where_the_handover_is_known(self, office):
        row = judge({"handover_on": "2020-01-01", "approved_on": "2019-01-01"}, office(APPROVAL_DEFAULT))
        assert told(row) == ("agreed_start_unknown", "undetermined")

    def test_each_is_switched_on_alone(self, office):
        row = judge({"handover_on": None, "approved_on": "2019-01-01"}, office(HANDOVER_DEFAULT))
        assert told(row) == ("agreed_start_unknown", "undetermined")

    def test_an_absent_column_or_an_unreadable_cell_does_not_say_that_none_was_agreed(self, office):
        supply = ledger({"handover_on": "2020-01-01"})
        for doubtful in (supply.drop(columns="agreed_start"), supply.assign(unreadable="agreed_start")):
            row = not_started(land("p0"), doubtful, office(BOTH_DEFAULTS), AS_OF).table.iloc[0]
            assert told(row) == ("agreed_start_unknown", "undetermined")

    def test_a_handover_that_cannot_be_read_is_not_unclear(self, office):
        blank = {"handover_on": None, "approved_on": "2019-01-01", "unreadable": "handover_on"}
        assert told(judge(blank, office(BOTH_DEFAULTS))) == ("agreed_start_unknown", "undetermined")

    def test_does_not_mark_what_it_did_not_decide(self, office):
        row = judge({"handover_on": "2020-01-01", "actual_start": "2024-01-01"}, office(BOTH_DEFAULTS))
        assert (row["case"], row["verified"]) == ("started", True)


class TestLateHandover:
    def test_within_a_year_of_the_handover_is_undetermined(self, office):
        row = judge({"agreed_start": "2023-06-15", "handover_on": "2025-07-01"}, office())
        assert told(row) == ("late_handover", "undetermined")
        assert row["missing"] == "government_delay_days, government_delay_cause"
        assert pd.isna(row["fee_wan"])

    def test_counts_from_the_handover_afterwards(self, office):
        row = judge({"agreed_start": "2020-01-01", "handover_on": "2025-06-30", "price_wan": 100}, office())
        assert told(row) == ("idle", "yes")
        assert row["late"]
        assert row["start_on"] == pd.Timestamp("2020-01-01")
        assert row["clock_start"] == pd.Timestamp("2025-06-30")
        assert row["since"] == pd.Timestamp("2026-06-30")
        assert row["observed"] == 365
        # Six years by the agreed date, one by the handover: recovery without compensation would be a wrong to the holder.
        assert row["consequence"] == "fee"

    def test_recovery_needs_two_years_from_the_handover(self, office):
        agreed = {"agreed_start": "2020-01-01"}
        assert judge({**agreed, "handover_on": "2024-07-01"}, office())["consequence"] == "fee"
        assert judge({**agreed, "handover_on": "2024-06-30"}, office())["consequence"] == "recovery"

    def test_a_handover_on_or_before_the_start_is_not_late(self, office):
        row = judge({"agreed_start": "2025-06-30", "handover_on": "2025-06-30"}, office())
        assert told(row) == ("idle", "yes")
        assert not row["late"]

    def test_delay_that_covers_the_handover_settles_it(self, office):
        # 2025-01-01 and 100 days are 2025-04-11.
        row = judge(
            {"agreed_start": "2025-01-01", "handover_on": "2025-04-11", "government_delay_days": 100}, office(),
            as_of=dt.date(2026, 4, 11),
        )  # fmt: skip
        assert told(row) == ("idle", "yes")
        assert not row["late"]


class TestConsequence:
    def test_fee_is_a_fifth_of_the_price_after_one_year(self, office):
        row = judge({"agreed_start": "2024-07-01", "price_wan": 350.0}, office())
        assert (row["consequence"], row["fee_wan"]) == ("fee", pytest.approx(70.0))

    def test_recovery_from_the_second_anniversary(self, office):
        assert judge({"agreed_start": "2024-07-01"}, office())["consequence"] == "fee"
        assert judge({"agreed_start": "2024-06-30"}, office())["consequence"] == "recovery"

    def test_no_price_no_fee(self, office):
        row = judge({"agreed_start": "2024-06-30"}, office())
        assert np.isnan(row["fee_wan"])

    @pytest.mark.parametrize("row", [{"agreed_start": "2026-01-01"}, {}, {"actual_start": "2020-01-01"}])
    def test_none_without_a_yes(self, office, row):
        judged = judge({**row, "price_wan": 350.0}, office())
        assert pd.isna(judged["consequence"])
        assert np.isnan(judged["fee_wan"])

    def test_a_yes_asks_for_the_handover(self, office):
        assert (
            judge({"agreed_start": "2024-01-01", "handover_on": None}, office())["missing"] == "handover_on"
        )
        assert judge({"agreed_start": "2024-01-01"}, office())["missing"] == ""


class TestTheLedger:
    def test_there_is_none(self, office):
        row = not_started(land("p0"), None, office(), AS_OF).table.iloc[0]
        assert told(row) == ("no_ledger", "undetermined")
        assert row["missing"] == "supply_status, contract_id, agreed_start, actual_start"

    def test_it_does_not_know_the_parcel(self, office):
        judged = not_started(land("p0", "q"), ledger({"agreed_start": "2024-01-01"}), office(), AS_OF).table
        assert judged["case"].tolist() == ["idle", "not_in_ledger"]
        assert judged["missing"].iloc[1] == "supply_status, contract_id, agreed_start, actual_start"

    def test_it_is_empty(self, office):
        judged = not_started(land("p0"), ledger({}).iloc[:0], office(), AS_OF).table
        assert judged["case"].tolist() == ["not_in_ledger"]

    def test_it_has_several_contracts_for_a_parcel(self, office):
        supply = ledger(
            {"agreed_start": "2026-01-01"}, {"agreed_start": "2020-01-01"}, {"agreed_start": "2020-01-01"},
            parcel_ids=["p0", "p0", "p1"],
        )  # fmt: skip
        judged = not_started(land("p0", "p1"), supply, office(), AS_OF).table
        assert judged["case"].tolist() == ["several_contracts", "idle"]
        assert judged["missing"].iloc[0] == "contract_id"

    @pytest.mark.parametrize("status", ["approved_not_supplied", "reserve", "recovered"])
    def test_land_that_is_not_supplied_is_not_judged(self, office, status):
        row = judge({"agreed_start": "2020-01-01", "supply_status": status}, office())
        assert told(row) == ("not_supplied", None)

    def test_a_blank_status_is_unknown_once_the_year_is_over(self, office):
        row = judge({"agreed_start": "2020-01-01", "supply_status": None}, office())
        assert told(row) == ("status_unknown", "undetermined")
        assert row["missing"] == "supply_status"
        assert judge({"agreed_start": "2026-01-01", "supply_status": None}, office())["verdict"] == "no"

    def test_a_ledger_without_status_is_of_supplied_land(self, office):
        supply = ledger({"agreed_start": "2020-01-01"}).drop(columns="supply_status")
        assert not_started(land("p0"), supply, office(), AS_OF).table["verdict"].tolist() == ["yes"]


class TestLandUse:
    @pytest.mark.parametrize(
        ("code", "case"),
        [
            ("1207", "not_built_on"), ("1301", "not_built_on"), ("14", "not_built_on"), ("1402", "not_built_on"),
            ("16", "reserve"), ("1001", "idle"), ("1101", "idle"), ("0701", "idle"), ("", "idle"), (None, "idle"),
        ],
    )  # fmt: skip
    def test_roads_utilities_green_and_reserve_are_not_judged(self, office, code, case):
        assert told(judge({"agreed_start": "2020-01-01"}, office(), code=code)) == (case, CASES[case])

    def test_needs_no_ledger(self, office):
        judged = not_started(land("a", "b", land_use_code=["1401", "1001"]), None, office(), AS_OF).table
        assert judged["verdict"].astype(object).where(judged["verdict"].notna(), None).tolist() == [
            None,
            "undetermined",
        ]

    def test_the_register_may_lack_the_column(self, office):
        assert not_started(land("p0"), ledger({"agreed_start": "2020-01-01"}), office(), AS_OF).table[
            "verdict"
        ].tolist() == ["yes"]

    def test_an_office_may_judge_all(self, office):
        text = '[pack]\nname = "c"\nedition = "1"\n[land.not_built_on]\nvalue = []\nsource = "ours"\nedition = "1"\nverified = true\n'
        assert judge({"agreed_start": "2020-01-01"}, office(text), code="1207")["verdict"] == "yes"


class TestPacksThatCannotBeFollowed:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("idle.full_years", "1.5"), ("idle.full_years", "0"), ("idle.recovery_years", "0.5"),
            ("idle.full_year_ends_on_anniversary", "false"), ("idle.government_delay_extends_start", "false"),
            ("idle.blank_actual_start", '"perhaps"'),
        ],
    )  # fmt: skip
    def test_are_refused(self, office, key, value):
        text = f'[pack]\nname = "c"\nedition = "1"\n[{key}]\nvalue = {value}\nsource = "ours"\nedition = "1"\nverified = true\n'
        with pytest.raises(PackError, match=key):
            judge({"agreed_start": "2020-01-01"}, office(text))

    def test_a_pack_may_set_two_full_years(self, office):
        text = '[pack]\nname = "c"\nedition = "1"\n[idle.full_years]\nvalue = 2\nsource = "ours"\nedition = "1"\nverified = true\n'
        assert judge({"agreed_start": "2024-07-01"}, office(text))["verdict"] == "no"
        assert judge({"agreed_start": "2024-06-30"}, office(text))["verdict"] == "yes"

    def test_an_unverified_blank_rule_marks_the_verdict(self, office):
        text = BLANK_IS_UNKNOWN.replace("true", "false").replace('"unknown"', '"not_started"')
        text = text.replace(
            'edition = "2026"\n', 'edition = "2026"\nswitch_on = ["idle.blank_actual_start"]\n', 1
        )
        rules = office(text)
        assert not judge({"agreed_start": "2020-01-01"}, rules)["verified"]
        assert judge({"agreed_start": "2020-01-01", "actual_start": "2027-01-01"}, rules)["verified"]
        assert judge({"agreed_start": "2026-01-01"}, rules)["verified"]


class TestDelayThatCannotBe:
    """More days of delay than have passed since the ledger's earliest date, a date typed into the days column perhaps."""

    @pytest.mark.parametrize("days", [4_000, 45_292, 20_250_630, 1e12])
    def test_does_not_clear_the_land(self, office, days):
        row = {"agreed_start": "2020-01-01", "government_delay_days": days}
        assert told(judge(row, office())) == ("delay_unknown", "undetermined")

    def test_of_just_the_days_that_passed_is_believed(self, office):
        passed = (AS_OF - dt.date(2020, 1, 1)).days
        row = {"agreed_start": "2020-01-01", "handover_on": "2020-01-01", "government_delay_days": passed}
        assert told(judge(row, office())) == ("within_the_year", "no")
        assert told(judge({**row, "government_delay_days": passed + 1}, office())) == (
            "delay_unknown",
            "undetermined",
        )

    def test_does_not_matter_while_the_year_runs_without_it(self, office):
        row = {"agreed_start": "2026-01-01", "government_delay_days": 45_292}
        assert told(judge(row, office())) == ("within_the_year", "no")


class TestVerified:
    """A finding is verified where no reading of parkgeo's own was needed."""

    def test_a_plain_case_is(self, office):
        assert judge({"agreed_start": "2024-01-01"}, office())["verified"]

    def test_the_very_anniversary_is_not_and_the_day_after_is(self, office):
        row = {"agreed_start": "2025-06-30"}
        assert not judge(row, office(), as_of=dt.date(2026, 6, 30))["verified"]
        assert judge(row, office(), as_of=dt.date(2026, 7, 1))["verified"]

    def test_delay_and_late_handover_are_not(self, office):
        assert not judge({"agreed_start": "2023-01-01", "government_delay_days": 30}, office())["verified"]
        assert not judge({"agreed_start": "2023-01-01", "handover_on": "2023-05-01"}, office())["verified"]


def test_no_parcels(office):
    judged = not_started(land(), ledger({}), office(), AS_OF).table
    assert judged.empty
    assert {"verdict", "case", "missing", "fee_wan", "consequence"} <= set(judged)


def test_every_case_was_reached(office):
    """The cases drawn here by hand are all that there are."""
    rows = [
        {"agreed_start": "2020-01-01"}, {"actual_start": "2020-01-01"}, {"agreed_start": "2026-01-01"}, {},
        {"supply_status": "reserve"}, {"agreed_start": "2020-01-01", "supply_status": None},
        {"agreed_start": "2020-01-01", "handover_on": "2026-01-01"},
        {"agreed_start": "2020-01-01", "government_delay_cause": "x"},
        {"agreed_start": "2020-01-01", "unreadable": "actual_start"}, {"actual_completion": "2020-01-01"},
        {"agreed_start": "2020-01-01", "actual_start": "2027-01-01"},
        {"agreed_start": "2020-01-01", "suspended_since": "2021-01-01"},
        {"agreed_start": "2020-01-01", "actual_start": "2021-01-01", "permit_on": "2021-01-01", "foundation_kind": "piled"},
        {"agreed_start": "2020-01-01"}, {"agreed_start": "2020-01-01"}, {}, {},
    ]  # fmt: skip
    rows[1]["permit_on"], rows[1]["foundation_share"] = "2020-01-01", 1.0
    rows.append({"agreed_start": "2020-01-01", "actual_start": "2020-01-01", "foundation_share": 1.0})
    ids = [f"p{at}" for at in range(15)] + ["twice", "twice", "no_permit"]
    parcels = land(
        *ids[:15], "twice", "no_permit", "none", "road", "held", land_use_code=[None] * 18 + ["1207", "16"]
    )
    stops = read_delays(
        parcels,
        delay_rows(("p13", "2020-03-01", None, "petition", "函1号"), ("p14", "2020-03-01", None, "petition", None)),
        office(), AS_OF,
    )  # fmt: skip
    reached = set(
        not_started(parcels, ledger(*rows, parcel_ids=ids), office(), AS_OF, stops=stops).table["case"]
    )
    reached |= set(not_started(land("a"), None, office(), AS_OF).table["case"])
    reached |= set(not_started(land("a", land_kind=["too_small"]), None, office(), AS_OF).table["case"])
    strange = land(
        "a", "b", land_use_code=["99", None], use_code=["99", None], land_kind=["unknown", "unknown"]
    )
    both = ledger(
        {"agreed_start": "2020-01-01"},
        {"agreed_start": "2020-01-01", "contract_on": "2022-01-01"},
        parcel_ids=["a", "b"],
    )
    reached |= set(not_started(strange, both, office(), AS_OF).table["case"])
    early = ledger({"handover_on": "2020-01-01", "contract_on": "2021-01-01"}, parcel_ids=["a"])
    reached |= set(not_started(land("a"), early, office(HANDOVER_DEFAULT), AS_OF).table["case"])
    assert reached == set(CASES)


OLD = {"agreed_start": "2020-01-01"}


@pytest.mark.parametrize(
    ("row", "case", "missing"),
    [
        ({"unreadable": "actual_completion"}, "start_unknown", "actual_completion"),
        ({"unreadable": "suspended_since"}, "start_unknown", "suspended_since"),
        ({"unreadable": "permit_on"}, "idle", ""),  # a permit alone is no start
        ({"contract_on": "2022-01-01"}, "clock_conflict", "agreed_start, contract_on"),
        ({"contract_on": "2020-01-01"}, "idle", ""),
        ({"government_delay_days": 2100.0, "government_delay_cause": None}, "delay_unproven", "government_delay_cause"),
        ({"government_delay_days": 2100.0, "government_delay_cause": "老板跑路"}, "delay_unproven", "government_delay_cause"),
        ({"government_delay_days": 2100.0, "government_delay_cause": "依法调整规划"}, "within_the_year", ""),
        ({"government_delay_days": 10.0, "government_delay_cause": None}, "idle", ""),
    ],
)  # fmt: skip
def test_what_is_not_proven_or_not_read_gives_no_firm_verdict(office, row, case, missing):
    found = judge({**OLD, **row}, office())
    assert found["case"] == case
    assert found["missing"] == missing


@pytest.mark.parametrize(("price", "fee"), [(0.0, np.nan), (1000.0, 200.0)])
def test_no_fee_of_a_price_of_nothing(office, price, fee):
    row = judge({"agreed_start": "2025-01-01", "price_wan": price}, office())
    assert row["consequence"] == "fee"
    assert np.isnan(fee) == np.isnan(row["fee_wan"])
    assert row["missing"] == ("price_wan" if np.isnan(fee) else "")


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), st.integers(1, 5))
def test_anniversary_agrees_with_the_calendar(day, years):
    try:
        expected = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        expected = dt.date(day.year + years, 2, 28)
    assert anniversary(np.array([day], dtype="datetime64[D]"), years)[0].item() == expected


# The laws. A row of the ledger, at random; blank cells are common.
_DAY = st.dates(dt.date(2021, 1, 1), dt.date(2026, 12, 31)).map(str)
_ROW = st.fixed_dictionaries(
    {
        "supply_status": st.sampled_from(["supplied", "supplied", "supplied", None, "reserve"]),
        "agreed_start": st.none() | _DAY,
        "actual_start": st.none() | st.none() | _DAY,
        "handover_on": st.none() | _DAY,
        "approved_on": st.none() | _DAY,
        "government_delay_days": st.none() | st.floats(0, 1500),
        "government_delay_cause": st.none() | st.none() | st.just("拆迁"),
        "price_wan": st.none() | st.floats(0, 1e5),
        "unreadable": st.none()
        | st.none()
        | st.sampled_from(["agreed_start", "actual_start", "government_delay_days"]),
    }
)
_AS_OF = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
_PACK = st.sampled_from(["", HANDOVER_DEFAULT, APPROVAL_DEFAULT, BOTH_DEFAULTS, BLANK_IS_UNKNOWN])
_IDLER = {"no": 0, "undetermined": 1, "yes": 2}


def _could_have_passed(row: dict[str, Any], as_of: dt.date) -> bool:
    dates = [dt.date.fromisoformat(row[name]) for name in DATES if name != "actual_start" and row.get(name)]
    return not dates or (row["government_delay_days"] or 0.0) <= max((as_of - min(dates)).days, 0)


@given(_ROW, _AS_OF, _PACK, st.floats(0, 1500))
def test_more_delay_never_makes_land_more_idle(office, row, as_of, pack, more):
    # Blank days with a cause are unknown days, so the law is about days that are known.
    assume(row["government_delay_days"] is not None or not row["government_delay_cause"])
    assume(row["unreadable"] != "government_delay_days")
    delayed = {**row, "government_delay_days": (row["government_delay_days"] or 0.0) + more}
    before, after = (judge(each, office(pack), as_of=as_of) for each in (row, delayed))
    assume(before["verdict"] is not None)
    assume(_could_have_passed(delayed, as_of))  # more days than that are not known days either
    assert _IDLER[after["verdict"]] <= _IDLER[before["verdict"]]
    if after["verdict"] == "yes":
        assert after["observed"] <= before["observed"]
        assert (after["consequence"], before["consequence"]) != ("recovery", "fee")


@given(_ROW, _AS_OF, _PACK, st.integers(0, 1500))
def test_a_later_day_never_turns_yes_into_no(office, row, as_of, pack, days):
    row = {**row, "actual_start": None}  # a start between the two days is news, not time
    later = as_of + dt.timedelta(days=days)
    before, after = (judge(row, office(pack), as_of=each) for each in (as_of, later))
    # Days of delay that cannot have passed by the first day may have by the second: the question is then answered.
    assume(_could_have_passed(row, as_of))
    if before["verdict"] is None:
        assert after["verdict"] is None
    else:
        assert _IDLER[after["verdict"]] >= _IDLER[before["verdict"]]


@given(_ROW, _AS_OF, _PACK, st.data())
def test_removing_data_never_clears_land(office, row, as_of, pack, data):
    """Blank a cell, drop a column or drop the row: a yes or an open question must not become a no.

    A blank agreed start is no removed datum where the office has switched a default start on: by that rule it says
    that none was agreed. So is a missing handover where only the default after approval is on: by that rule it is an
    unclear one. Approval stands in for the handover, so it is drawn no later than the handover.
    """
    rules = office(pack)
    if row["handover_on"] and row["approved_on"]:
        row["approved_on"] = min(row["approved_on"], row["handover_on"])
    before = judge(row, rules, as_of=as_of)
    assume(before["verdict"] in ("yes", "undetermined"))
    name = data.draw(
        st.sampled_from(
            [*DATES, "supply_status", "government_delay_days", "government_delay_cause", "price_wan"]
        )
    )
    supply = ledger(row)
    gone = not_started(land("p0"), supply.iloc[:0], rules, as_of).table.iloc[0]
    assert gone["verdict"] == "undetermined"
    assert not_started(land("p0"), None, rules, as_of).table["verdict"].tolist() == ["undetermined"]
    if name == "handover_on" and pack == APPROVAL_DEFAULT:
        return
    dropped = not_started(land("p0"), supply.drop(columns=name), rules, as_of).table.iloc[0]
    assert dropped["verdict"] in ("yes", "undetermined")
    if not (name == "agreed_start" and "default_start" in pack):
        blanked = judge({**row, name: None}, rules, as_of=as_of)
        assert blanked["verdict"] in ("yes", "undetermined")


@given(_ROW, _AS_OF, _PACK, st.sampled_from([*DATES, "government_delay_days", "supply_status"]))
def test_a_cell_that_cannot_be_read_never_makes_a_yes_or_a_no_of_a_blank(office, row, as_of, pack, name):
    """What is written there might say anything: blank is the strongest reading of it that can stand."""
    row = {**row, name: None, "unreadable": None}
    blank = judge(row, office(pack), as_of=as_of)
    unread = judge({**row, "unreadable": name}, office(pack), as_of=as_of)
    assert unread["verdict"] in (blank["verdict"], "undetermined")
    if name in ("actual_start", "agreed_start", "government_delay_days"):
        assert unread["verdict"] != "yes"


@given(st.lists(_ROW, min_size=2, max_size=12), _AS_OF, _PACK, st.randoms(use_true_random=False))
def test_row_order_changes_nothing(office, rows, as_of, pack, random):
    supply = ledger(*rows)
    ids = supply["parcel_id"].tolist()
    parcels = land(*ids, "unknown")
    shuffled_ids, shuffled_rows = (
        random.sample([*ids, "unknown"], len(ids) + 1),
        random.sample(range(len(ids)), len(ids)),
    )
    before = not_started(parcels, supply, office(pack), as_of).table.set_axis(parcels["parcel_id"])
    after = not_started(land(*shuffled_ids), supply.iloc[shuffled_rows], office(pack), as_of).table.set_axis(
        shuffled_ids
    )
    pd.testing.assert_frame_equal(before, after.reindex(before.index), check_names=False)


@given(st.lists(_ROW, min_size=1, max_size=8), _AS_OF, _PACK)
def test_what_was_given_stays_as_it_was(office, rows, as_of, pack):
    supply, parcels = ledger(*rows), land(*(f"p{at}" for at in range(len(rows))))
    parcels.index = pd.Index(range(100, 100 + len(rows)))
    ledger_before, parcels_before = supply.copy(deep=True), parcels.copy(deep=True)
    judged = not_started(parcels, supply, office(pack), as_of).table
    assert judged.index.equals(parcels.index)
    pd.testing.assert_frame_equal(supply, ledger_before)
    pd.testing.assert_frame_equal(parcels, parcels_before)


@given(_ROW, _AS_OF, _PACK)
def test_a_yes_rests_on_dates_that_are_there(office, row, as_of, pack):
    """Counted again, without numpy: a yes has a start a full year and the delay ago, and no start of works."""
    judged = judge(row, office(pack), as_of=as_of)
    if judged["verdict"] != "yes":
        return
    assert row["supply_status"] == "supplied"
    assert row["actual_start"] is None or dt.date.fromisoformat(row["actual_start"]) > as_of
    basis = {"agreed": ("agreed_start", 0), "handover": ("handover_on", 1), "approval": ("approved_on", 1)}
    name, years = basis[judged["start_basis"]]
    due = _years_on(dt.date.fromisoformat(row[name]), years)
    stated = dt.timedelta(days=int(np.ceil(row["government_delay_days"] or 0)))
    # Days without a cause of art. 8 are claimed: they do not move the clock, and recovery waits for them.
    start = due + stated if row["government_delay_cause"] else due
    claimed = due + stated
    if row["handover_on"]:
        start, claimed = (max(day, dt.date.fromisoformat(row["handover_on"])) for day in (start, claimed))
    assert _years_on(start, 1) <= as_of
    assert judged["observed"] == (as_of - start).days
    assert judged["consequence"] == ("recovery" if _years_on(claimed, 2) <= as_of else "fee")


def _years_on(day: dt.date, years: int) -> dt.date:
    last = {2: 28}.get(day.month, day.day)
    return (
        day.replace(year=day.year + years, day=min(day.day, last))
        if (day.month, day.day) == (2, 29)
        else day.replace(year=day.year + years)
    )


def test_the_rule_pack_is_where_the_office_put_it(office, tmp_path: Path):
    """The pack file is read relative to park.toml's folder, so the same name elsewhere is another pack."""
    (tmp_path / "county.toml").write_text(HANDOVER_DEFAULT, encoding="utf-8")
    assert load_packs(["national", "county.toml"], tmp_path)["idle.default_start_after_handover_years"].on
    assert not office()["idle.default_start_after_handover_years"].on
