"""Dated government delays: which days count, which are only claimed, and the laws of more delay."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.delays import RUNNING, read_delays, stopped_days
from parkgeo.assess.not_started import not_started
from parkgeo.packs import RuleBook, load_packs
from parkgeo.packs.book import known_figures, lay
from parkgeo.packs.reading import parse_pack

AS_OF = dt.date(2026, 6, 30)
HEAD = '[pack]\nname = "county"\nedition = "2026"\n'
SET = '[{key}]\nvalue = {value}\nsource = "ours"\nedition = "2026"\nverified = true\n'
Row = tuple[str | None, str | None, str | None, str | None]


def rules(**values: str) -> RuleBook:
    """The national pack with an office's readings over it."""
    if not values:
        return load_packs(["national"], Path())
    text = HEAD + "".join(SET.format(key=f"idle.{key}", value=value) for key, value in values.items())
    book = load_packs(["national"], Path())
    laid, problems = lay([*book.packs, parse_pack({"c.toml": text.encode()}, "c", known_figures())])
    assert not problems
    return laid


def delays(*rows: Row, parcel: str = "p0") -> pd.DataFrame:
    """Rows of one parcel: first day, last day, cause, document."""
    frame = pd.DataFrame(
        [(parcel, *row) for row in rows], columns=["parcel_id", "from_on", "to_on", "cause", "document"]
    )
    for name in ("from_on", "to_on"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.assign(source_file="delays.xlsx", source_row=range(2, 2 + len(frame)))


def proven(first: str | None, last: str | None) -> Row:
    return first, last, "not_delivered", "政函1号"


def judge(
    rows: pd.DataFrame | None,
    book: RuleBook | None = None,
    *,
    as_of: dt.date = AS_OF,
    agreed: str = "2024-10-01",
    **more: Any,
) -> pd.Series:
    """A parcel whose start was agreed for 2024-10-01 by a contract of 2024-01-01, with these delays."""
    book = book or rules()
    land = pd.DataFrame({"parcel_id": ["p0"]})
    cells = {
        "parcel_id": ["p0"], "supply_status": ["supplied"], "agreed_start": [agreed], "actual_start": [None],
        "contract_on": ["2024-01-01"], **{name: [value] for name, value in more.items()},
    }  # fmt: skip
    supply = pd.DataFrame(cells)
    for name in ("agreed_start", "actual_start", "contract_on", "handover_on"):
        if name in supply:
            supply[name] = pd.to_datetime(supply[name]).astype("datetime64[s]")
    stops = read_delays(land, rows, book, as_of)
    return not_started(land, supply, book, as_of, stops=stops).table.iloc[0]


def told(row: pd.Series) -> tuple[str, str | None, str]:
    return row["case"], row["verdict"], row["missing"]


class TestDaysThatCount:
    @pytest.mark.parametrize(
        ("first", "last", "days", "verdict"),
        [
            ("2025-01-01", "2025-01-01", 1, "yes"),  # both days count: one day
            ("2025-01-01", "2025-09-29", 272, "yes"),  # 2024-10-01 and 272 days are 2025-06-30
            ("2025-01-01", "2025-09-30", 273, "no"),
        ],
    )
    def test_first_and_last_day_both(self, first, last, days, verdict):
        row = judge(delays(proven(first, last)))
        assert (row["delay_days"], row["verdict"]) == (days, verdict)
        assert row["clock_start"] == pd.Timestamp("2024-10-01") + pd.Timedelta(days=days)

    def test_overlaps_once(self):
        whole = delays(proven("2025-01-01", "2025-03-31"))
        pieces = delays(
            proven("2025-02-01", "2025-03-31"),
            proven("2025-01-01", "2025-02-15"),
            proven("2025-02-03", "2025-02-04"),
        )
        assert judge(pieces)["delay_days"] == judge(whole)["delay_days"] == 90

    def test_nothing_after_the_year_is_full(self):
        # The year is full on 2025-10-01: that day is too late, the day before is not.
        assert judge(delays(proven("2025-10-01", "2026-06-29")))["delay_days"] == 0
        late = judge(delays(proven("2025-09-30", "2026-06-29")))
        assert (late["delay_days"], late["verdict"]) == (273, "no")

    def test_a_delay_moves_the_year_so_that_the_next_one_counts(self):
        first, second = proven("2025-09-01", "2025-10-10"), proven("2025-11-01", "2025-11-10")
        assert judge(delays(second))["delay_days"] == 0
        assert judge(delays(first, second))["delay_days"] == 40 + 10  # full on 2025-11-10 by the first

    def test_before_the_agreed_start_from_the_contract_on(self):
        before = delays(proven("2023-12-01", "2024-01-31"))
        assert judge(before)["delay_days"] == 31  # January only: the contract is of 2024-01-01
        assert judge(before, rules(delay_counts_from='"agreed_start"'))["delay_days"] == 0

    def test_of_another_parcel_not(self):
        assert judge(delays(proven("2025-01-01", "2025-12-31"), parcel="p9"))["verdict"] == "yes"

    def test_that_has_not_begun_not(self):
        row = judge(delays(proven("2026-07-01", None)))
        assert told(row)[:2] == ("idle", "yes")

    def test_a_leap_day_is_a_day(self):
        row = judge(delays(proven("2024-02-28", "2024-03-01")))
        assert row["delay_days"] == 3


class TestADelayThatRuns:
    def test_stops_the_clock(self):
        row = judge(delays(proven("2025-06-01", None)))
        assert told(row) == ("delay_running", "no", "")
        assert np.isnan(row["observed"])
        assert pd.isna(row["since"])
        assert judge(delays(proven("2025-06-01", "2026-12-31")))["case"] == "delay_running"

    def test_that_ends_today_has_ended(self):
        row = judge(delays(proven("2025-09-30", "2026-06-30")))
        assert (row["case"], row["delay_days"]) == ("within_the_year", 274)

    def test_begun_after_the_year_was_full_stops_nothing(self):
        assert told(judge(delays(proven("2025-10-01", None))))[:2] == ("idle", "yes")

    def test_without_a_column_for_the_end_is_only_claimed(self):
        row = judge(delays(proven("2025-06-01", None)).drop(columns="to_on"))
        assert told(row) == ("delay_unproven", "undetermined", "to_on")

    def test_the_sentence_names_day_and_cause(self):
        land = pd.DataFrame({"parcel_id": ["p0"]})
        supply = pd.DataFrame(
            {
                "parcel_id": ["p0"], "agreed_start": pd.to_datetime(["2024-10-01"]), "actual_start": [pd.NaT],
            }
        )  # fmt: skip
        stops = read_delays(land, delays(proven("2025-06-01", None)), rules(), AS_OF)
        said = not_started(land, supply, rules(), AS_OF, stops=stops).reasons(np.array([0])).iloc[0]
        assert "2025-06-01" in said["en"]
        assert "not delivered" in said["en"]
        assert "未按期交地" in said["zh"]


class TestClaims:
    """Enough days to clear the land, but not proven."""

    @pytest.mark.parametrize(
        ("row", "missing"),
        [
            (("2024-11-01", "2026-01-31", "petition", None), "document"),
            (("2024-11-01", "2026-01-31", "绿化搬迁", "函"), "cause"),
            (("2024-11-01", "2026-01-31", None, "函"), "cause"),
            ((None, "2026-01-31", "petition", "函"), "from_on"),
            (("2026-01-31", "2024-11-01", "petition", "函"), "from_on, to_on"),
            (("2024-11-01", "2026-01-31", "绿化", None), "document, cause"),
        ],
    )
    def test_are_undetermined_with_what_would_prove_them(self, row, missing):
        assert told(judge(delays(row))) == ("delay_unproven", "undetermined", missing)

    def test_that_would_not_decide_leave_the_yes(self):
        row = judge(delays(("2024-11-01", "2024-11-30", "petition", None)))
        assert told(row)[:2] == ("idle", "yes")
        assert row["delay_days"] == 0

    def test_do_not_matter_while_the_year_runs(self):
        row = judge(delays(("2026-06-30", "2024-11-01", "petition", None)), agreed="2026-01-01")
        assert told(row) == ("within_the_year", "no", "")

    def test_proof_is_not_asked_for_where_the_office_says_so(self):
        row = judge(
            delays(("2024-11-01", "2026-01-31", "petition", None)), rules(delay_needs_document="false")
        )
        assert told(row) == ("within_the_year", "no", "")

    def test_force_majeure_and_preparation_are_listed_too(self):
        for cause in ("force_majeure", "preparation", "military_or_relics", "plan_change"):
            assert judge(delays(("2024-11-01", "2026-01-31", cause, "函")))["verdict"] == "no"

    def test_before_the_start_asks_for_the_contract(self):
        row = judge(delays(proven("2023-10-01", "2024-09-30")), contract_on=None)
        assert told(row) == ("delay_unproven", "undetermined", "contract_on")

    def test_recovery_waits_for_them_and_the_fee_does_not(self):
        claimed = delays(("2023-03-01", "2023-04-30", "petition", None))
        row = judge(claimed, agreed="2024-06-20")
        assert (row["verdict"], row["consequence"]) == (
            "yes",
            "recovery",
        )  # before the contract of 2024-01-01
        claimed = delays(("2024-07-01", "2024-07-31", "petition", None))
        row = judge(claimed, agreed="2024-06-20")
        assert (row["verdict"], row["consequence"]) == ("yes", "fee")


class TestTheLedgersNumber:
    def test_gives_way_to_dated_delays(self):
        row = judge(delays(proven("2025-01-01", "2025-09-30")), government_delay_days=5.0)
        assert (row["delay_days"], row["verdict"], row["delays_differ"]) == (273, "no", True)
        same = judge(delays(proven("2025-01-01", "2025-09-30")), government_delay_days=273.0)
        assert not same["delays_differ"]

    def test_that_is_higher_and_would_decide_leaves_it_open(self):
        row = judge(delays(proven("2025-01-01", "2025-01-31")), government_delay_days=300.0)
        assert told(row) == ("delay_unproven", "undetermined", "government_delay_days")

    def test_a_cause_without_days_is_answered_by_the_dates(self):
        row = judge(delays(proven("2025-01-01", "2025-01-31")), government_delay_cause="拆迁")
        assert told(row)[:2] == ("idle", "yes")


class TestLateHandover:
    def test_dated_late_delivery_settles_it(self):
        # Agreed to be handed over by 2024-06-30, handed over on 2025-03-31: 274 days.
        row = judge(delays(proven("2024-06-30", "2025-03-30")), handover_on="2025-03-31")
        assert (row["clock_start"], row["late"]) == (pd.Timestamp("2025-07-02"), False)
        assert row["verdict"] == "no"

    def test_delay_after_the_handover_moves_the_count_from_it(self):
        row = judge(
            delays(proven("2025-02-01", "2025-02-28")), handover_on="2025-01-01", as_of=dt.date(2026, 1, 28)
        )
        assert (row["case"], row["clock_start"]) == ("late_handover", pd.Timestamp("2025-01-29"))
        row = judge(
            delays(proven("2025-02-01", "2025-02-28")), handover_on="2025-01-01", as_of=dt.date(2026, 1, 29)
        )
        assert row["verdict"] == "yes"


def test_evidence_names_file_and_row_of_each_delay():
    land = pd.DataFrame({"parcel_id": ["q", "p0"]})
    supply = pd.DataFrame(
        {
            "parcel_id": ["p0"], "agreed_start": pd.to_datetime(["2024-10-01"]), "actual_start": [pd.NaT],
            "source_file": ["supply.xlsx"], "source_row": [7],
        }
    )  # fmt: skip
    rows = delays(proven("2025-01-01", "2025-01-31"), proven("2025-03-01", "2025-03-02"))
    judged = not_started(land, supply, rules(), AS_OF, stops=read_delays(land, rows, rules(), AS_OF))
    lines = judged.told(1)
    assert [line["row"] for line in lines if line["what"] == "from_on"] == [2, 3]
    assert {"what": "to_on", "value": "2025-03-02", "file": "delays.xlsx", "row": 3} in lines
    assert {"what": "delay_counted_days", "value": 33.0} in lines
    assert {line["what"] for line in lines} >= {
        "idle.delay_causes",
        "idle.delay_counts_from",
        "absent:permit_on",
    }
    assert [line["what"] for line in judged.told(0) if line.get("file")] == []


_DAY = st.dates(dt.date(2023, 1, 1), dt.date(2026, 12, 31)).map(str)
_INTERVAL = st.tuples(
    st.none() | _DAY,
    st.none() | _DAY,
    st.sampled_from(["petition", "not_delivered", "绿化", None]),
    st.sampled_from(["函", "函", None]),
)
_AS_OF = st.dates(dt.date(2024, 6, 1), dt.date(2027, 12, 31))
_IDLER = {"no": 0, "undetermined": 1, "yes": 2}


@given(st.lists(_INTERVAL, max_size=5), _INTERVAL, _AS_OF, st.none() | _DAY, st.none() | _DAY)
def test_more_delay_never_makes_land_more_idle(rows, more, as_of, contract, handover):
    before, after = (
        judge(delays(*each), as_of=as_of, contract_on=contract, handover_on=handover)
        for each in (rows, [*rows, more])
    )
    assert _IDLER[after["verdict"]] <= _IDLER[before["verdict"]]
    if after["verdict"] == "yes":
        assert after["observed"] <= before["observed"]
        assert (after["consequence"], before["consequence"]) != ("recovery", "fee")


@given(st.lists(_INTERVAL, min_size=1, max_size=4), _AS_OF, st.data())
def test_removing_what_proves_a_delay_never_clears_land(rows, as_of, data):
    """A blank last day is no removed datum: in a column that is there it says that the delay still runs."""
    frame = delays(*rows)
    before = judge(frame, as_of=as_of)
    name = data.draw(st.sampled_from(["from_on", "cause", "document", "contract_on", "to_on", "rows"]))
    if name == "rows":
        after = judge(frame.iloc[1:], as_of=as_of)
    elif name == "contract_on":
        after = judge(frame, as_of=as_of, contract_on=None)
    else:
        after = judge(frame.drop(columns=name), as_of=as_of)
    if before["verdict"] in ("yes", "undetermined"):
        assert after["verdict"] in ("yes", "undetermined")


@given(st.lists(st.tuples(_DAY, st.integers(0, 200)), max_size=6), _DAY, _DAY)
def test_stopped_days_counted_again_day_by_day(intervals, start, earliest):
    """The clock as a person would run it: day after day, standing still on every day of delay."""
    begin, floor = np.datetime64(start, "D"), min(np.datetime64(start, "D"), np.datetime64(earliest, "D"))
    covered: set[np.datetime64] = set()
    rows = []
    for first, length in intervals:
        day = np.datetime64(first, "D")
        covered |= {day + at for at in range(length + 1)}
        rows.append(proven(first, str(day + length)))
    spans = read_delays(
        pd.DataFrame({"parcel_id": ["p0"]}), delays(*rows), rules(), dt.date(2100, 1, 1)
    ).certain
    found = int(stopped_days(spans, np.array([begin]), np.array([floor]), 1)[0])
    # Days of delay before the start are added at once; then a day either runs or is added.
    stopped = len({day for day in covered if floor <= day < begin})
    day = begin
    while day < _year_on(begin + stopped) or (day in covered and day - 1 in covered and day > begin):
        stopped += day in covered
        day += 1
    assert found == stopped
    assert found < RUNNING


def _year_on(day: np.datetime64) -> np.datetime64:
    stamp = pd.Timestamp(day)
    return np.datetime64((stamp + pd.DateOffset(years=1)).date(), "D")
