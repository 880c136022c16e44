"""The suspension clock by hand, the two criteria, both paragraphs together, and the laws."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parkgeo.assess.contracts import contracts_of
from parkgeo.assess.delays import read_delays
from parkgeo.assess.not_started import not_started
from parkgeo.assess.routes import add_routes, combined, disposal_routes
from parkgeo.assess.suspended import CASES, suspended
from parkgeo.assess.suspended_words import SENTENCES
from parkgeo.packs import RuleBook, load_packs
from parkgeo.packs.book import known_figures, lay
from parkgeo.packs.reading import parse_pack

if TYPE_CHECKING:
    from parkgeo.assess.judged import Judged

AS_OF = dt.date(2026, 6, 30)
DATES = (
    "agreed_start", "actual_start", "permit_on", "actual_completion", "suspended_since", "resumed_on", "handover_on",
    "contract_on",
)  # fmt: skip
SHIPPED = load_packs(["national"], Path())
HALTED: dict[str, Any] = {
    "supply_status": "supplied", "agreed_start": "2021-06-01", "actual_start": "2021-07-01", "actual_completion": None,
    "suspended_since": "2024-05-20", "resumed_on": None, "developed_area_m2": 5_000.0, "supplied_area_m2": 20_000.0,
    "agreed_investment_wan": 10_000.0, "invested_wan": 6_000.0,
}  # fmt: skip
"""Started, stopped two years ago, a quarter developed, three fifths invested: idle by area."""


@cache
def rules(*texts: str, switch_on: str = "") -> RuleBook:
    """The national pack with an office's figures over it: ``key = value`` each."""
    head = f'[pack]\nname = "c"\nedition = "1"\nswitch_on = [{switch_on}]\n'
    body = "".join(
        f'[idle.{key}]\nvalue = {value}\nsource = "ours"\nedition = "1"\nverified = true\n'
        for key, value in (text.split(" = ") for text in texts)
    )
    pack = parse_pack({"c.toml": (head + body).encode()}, "c", known_figures())
    book, problems = lay([*SHIPPED.packs, pack])
    assert not problems
    return book


def ledger(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows)).assign(parcel_id=[f"p{at}" for at in range(len(rows))])
    for name in set(DATES) & set(frame):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in (name for name in frame if name.endswith(("_m2", "_wan", "_days"))):
        frame[name] = frame[name].astype("float64")
    return frame


def both(
    supply: pd.DataFrame | None,
    book: RuleBook = SHIPPED,
    as_of: dt.date = AS_OF,
    delays: pd.DataFrame | None = None,
    **land: Any,
) -> tuple[Judged, Judged]:
    """Both paragraphs of parcel p0."""
    parcels = pd.DataFrame({"parcel_id": ["p0"], **land})
    stops = read_delays(parcels, delays, book, as_of)
    first = not_started(parcels, supply, book, as_of, stops=stops)
    return first, suspended(parcels, supply, first, book, as_of, stops=stops)


def first_row(judged: Judged) -> pd.Series:
    """The answer for the first parcel; None where there is no verdict, and no consequence."""
    row = judged.table.iloc[0].astype(object)
    for name in ("verdict", "consequence"):
        if name in row and pd.isna(row[name]):
            row[name] = None
    return row


def judge(
    drop: tuple[str, ...] = (),
    book: RuleBook = SHIPPED,
    as_of: dt.date = AS_OF,
    delays: pd.DataFrame | None = None,
    **cells: Any,
) -> pd.Series:
    """The halted works, with other cells, without some columns."""
    supply = ledger({name: value for name, value in {**HALTED, **cells}.items() if name not in drop})
    return first_row(both(supply, book, as_of, delays)[1])


def idle(*args: Any, **cells: Any) -> str | None:
    """Both paragraphs together, of the halted works with other cells."""
    return combined_of(ledger({**HALTED, **cells}), *args)


def combined_of(supply: pd.DataFrame | None, book: RuleBook = SHIPPED, as_of: dt.date = AS_OF) -> str | None:
    first, second = both(supply, book, as_of)
    verdict = combined(first.table["verdict"], second.table["verdict"])[0]
    return None if pd.isna(verdict) else verdict


def told(row: pd.Series) -> tuple[str, str | None, str]:
    return row["case"], row["verdict"], row["missing"]


class TestTheYear:
    @pytest.mark.parametrize(
        ("since", "as_of", "verdict"),
        [
            ("2025-06-30", "2026-06-29", "no"),  # day 364
            ("2025-06-30", "2026-06-30", "yes"),  # day 365
            ("2025-06-30", "2026-07-01", "yes"),
            ("2023-06-30", "2024-06-29", "no"),  # day 365 of a year of 366
            ("2023-06-30", "2024-06-30", "yes"),
            ("2024-02-29", "2025-02-27", "no"),
            ("2024-02-29", "2025-02-28", "yes"),
        ],
    )
    def test_is_full_on_the_anniversary(self, since, as_of, verdict):
        row = judge(suspended_since=since, as_of=dt.date.fromisoformat(as_of))
        assert told(row) == ("idle" if verdict == "yes" else "within_the_year", verdict, "")

    def test_days_and_since(self):
        row = judge(suspended_since="2023-06-30", as_of=dt.date(2024, 7, 10))
        assert (row["observed"], row["threshold"]) == (376.0, 366.0)
        assert row["since"] == pd.Timestamp("2024-06-30")

    def test_dated_delay_stops_it_and_delay_before_the_suspension_does_not(self):
        delays = pd.DataFrame(
            {
                "parcel_id": "p0", "from_on": pd.to_datetime(["2024-01-01", "2025-05-01"]),
                "to_on": pd.to_datetime(["2024-06-30", "2026-07-15"]), "cause": "petition", "document": "函",
            }
        )  # fmt: skip
        row = judge(delays=delays.iloc[:1])
        assert (row["case"], row["delay_days"]) == ("idle", 42)  # 2024-05-20 to 2024-06-30
        assert row["since"] == pd.Timestamp("2025-07-01")
        assert judge(delays=delays)["case"] == "delay_running"

    def test_the_ledgers_days_have_no_dates_so_they_are_a_claim(self):
        row = judge(government_delay_days=800.0)
        assert told(row) == ("delay_unproven", "undetermined", "from_on, to_on")
        assert judge(government_delay_days=30.0)["verdict"] == "yes"
        row = judge(government_delay_days=None, government_delay_cause="信访")
        assert told(row) == ("delay_unknown", "undetermined", "government_delay_days, government_delay_cause")


class TestCriteria:
    @pytest.mark.parametrize(
        ("developed", "invested", "verdict", "missing"),
        [
            (0.0, 6000.0, "yes", ""),
            (6_666.0, 6000.0, "yes", ""),
            (20_000 / 3, 6000.0, "no", ""),  # one third is not below it
            (10_000.0, 2499.0, "yes", ""),
            (10_000.0, 2500.0, "no", ""),  # nor is 25 %
            (5_000.0, 1000.0, "yes", ""),
            (5_000.0, None, "yes", ""),  # one met criterion suffices
            (None, 1000.0, "yes", ""),
            (10_000.0, None, "undetermined", "invested_wan"),
            (None, 6000.0, "undetermined", "developed_area_m2"),
            (None, None, "undetermined", "developed_area_m2, invested_wan"),
        ],
    )
    def test_one_met_suffices_and_an_unmet_one_needs_the_other(self, developed, invested, verdict, missing):
        row = judge(developed_area_m2=developed, invested_wan=invested)
        assert (row["verdict"], row["missing"]) == (verdict, missing)

    def test_shares(self):
        row = judge()
        assert (row["developed_share"], row["invested_share"]) == (0.25, 0.6)

    def test_the_area_to_be_developed_else_supplied_else_registered(self):
        assert judge(construction_area_m2=10_000.0)["developed_share"] == 0.5
        assert judge(construction_area_m2=None)["developed_share"] == 0.25
        supply = ledger({**HALTED, "supplied_area_m2": None})
        assert both(supply, registered_area_m2=[50_000.0])[1].table["developed_share"].tolist() == [0.1]
        blurred = judge(construction_area_m2=None, unreadable="construction_area_m2")
        assert np.isnan(blurred["developed_share"])

    def test_by_floor_area_where_the_office_says_so(self):
        book = rules('developed_area_basis = "floor"')
        row = judge(book=book, developed_floor_area_m2=9_000.0, agreed_floor_area_m2=18_000.0)
        assert (row["developed_share"], row["verdict"]) == (0.5, "no")
        row = judge(book=book, invested_wan=9_000.0)
        assert told(row) == (
            "progress_unknown", "undetermined", "developed_floor_area_m2, agreed_floor_area_m2",
        )  # fmt: skip

    def test_land_price_and_taxes_are_taken_off_both_where_the_figures_hold_them(self):
        book = rules("investment_includes_land_price = true")
        price = {"price_wan": 4_900.0, "land_taxes_wan": 100.0, "developed_area_m2": 10_000.0}
        # 6000 and 10000 less 5000 each: a fifth.
        row = judge(book=book, **price)
        assert (row["invested_share"], row["verdict"]) == (pytest.approx(0.2), "yes")
        assert judge(**price)["invested_share"] == 0.6
        assert told(judge(book=book, **{**price, "land_taxes_wan": None})) == (
            "progress_unknown", "undetermined", "land_taxes_wan",
        )  # fmt: skip
        assert np.isnan(judge(book=book, **price, invested_wan=4_000.0)["invested_share"])

    @pytest.mark.parametrize("nothing", [0.0, 5e-324])
    def test_a_whole_of_nothing_gives_no_share(self, nothing):
        row = judge(supplied_area_m2=nothing, agreed_investment_wan=nothing)
        assert told(row) == (
            "progress_unknown", "undetermined", "construction_area_m2, agreed_investment_wan",
        )  # fmt: skip

    def test_verified_only_where_the_office_says_what_developed_means(self):
        assert not judge()["verified"]
        assert judge(book=rules('developed_area_basis = "land"'))["verified"]
        assert judge(invested_wan=9_000.0, developed_area_m2=15_000.0)["verified"]


class TestWhatTheLedgerSays:
    def test_completed_works_are_not_idle(self):
        assert told(judge(actual_completion="2025-01-01"))[:2] == ("completed", "no")

    def test_blank_says_that_works_go_on(self):
        assert told(judge(suspended_since=None))[:2] == ("not_suspended", "no")
        assert told(judge(suspended_since="2026-07-01"))[:2] == ("not_suspended", "no")

    def test_resumed_works_are_not_idle(self):
        assert told(judge(resumed_on="2026-06-30"))[:2] == ("resumed", "no")
        assert told(judge(resumed_on="2026-07-01"))[:2] == ("idle", "yes")
        assert told(judge(unreadable="resumed_on")) == ("resumption_unknown", "undetermined", "resumed_on")

    def test_dates_that_contradict_each_other_are_named(self):
        row = judge(resumed_on="2024-01-01")
        assert told(row) == ("dates_conflict", "undetermined", "suspended_since, resumed_on")
        row = judge(actual_start="2024-06-01")
        assert told(row) == ("dates_conflict", "undetermined", "actual_start, suspended_since")

    def test_suspended_without_a_start(self):
        row = judge(actual_start=None)
        assert told(row) == ("start_unknown", "undetermined", "actual_start")
        assert told(judge(permit_on=None)) == ("start_unknown", "undetermined", "permit_on")

    def test_a_column_that_is_not_there(self):
        assert told(judge(drop=("suspended_since",))) == (
            "suspension_unknown", "undetermined", "suspended_since",
        )  # fmt: skip
        assert told(judge(drop=("suspended_since",), actual_start="2025-07-01"))[:2] == (
            "started_lately",
            "no",
        )
        assert told(judge(drop=("suspended_since",), actual_completion="2024-01-01"))[:2] == (
            "completed",
            "no",
        )
        assert told(judge(drop=("suspended_since", "actual_completion")))[:2] == ("not_asked", None)

    def test_a_cell_that_cannot_be_read(self):
        row = judge(suspended_since=None, unreadable="suspended_since")
        assert told(row) == ("suspension_unknown", "undetermined", "suspended_since")

    def test_a_blank_status(self):
        assert told(judge(supply_status=None)) == ("status_unknown", "undetermined", "supply_status")

    def test_land_without_works_or_papers_is_the_first_paragraphs(self):
        assert judge(actual_start=None, suspended_since=None)["verdict"] is None
        assert judge(supply_status="reserve")["verdict"] is None
        assert first_row(both(None)[1])["verdict"] is None


class TestBoth:
    def test_yes_before_undetermined_before_no_before_none(self):
        verdicts = ["yes", "undetermined", "no", None]
        pairs = [(one, two) for one in verdicts for two in verdicts]
        found = combined(*(pd.Series(side, dtype=object) for side in zip(*pairs, strict=True)))
        assert [None if pd.isna(each) else each for each in found] == [
            verdicts[min(verdicts.index(one), verdicts.index(two))] for one, two in pairs
        ]

    def test_the_sentence_keeps_the_discretion(self):
        said = both(ledger(HALTED))[1].reasons(np.array([0])).iloc[0]
        assert said["en"].startswith(
            "Suspected idle, and may be recognised as idle: works are suspended since 2024-05-20"
        )
        assert "25 % of the area developed (below 33.3 %)" in said["en"]
        assert "可以认定为闲置土地" in said["zh"]
        assert "裁量" in said["zh"]

    def test_every_case_has_a_sentence_that_begins_with_its_verdict(self):
        begins = {
            "yes": "Suspected idle",
            "no": "Not idle: ",
            "undetermined": "Undetermined: ",
            None: "Not judged: ",
        }
        assert set(SENTENCES) == set(CASES)
        assert all(text.startswith(begins[CASES[case]]) for case, text in SENTENCES.items())

    def test_routes_are_off_as_shipped_and_marked_where_switched_on(self):
        supply = ledger(
            {
                "supply_status": "supplied",
                "agreed_start": "2023-01-01",
                "actual_start": None,
                "government_delay_days": 9.0,
            }
        )
        book = rules(switch_on='"idle.routes"')
        contract = contracts_of(pd.DataFrame({"parcel_id": ["p0"]}), supply)
        stops = read_delays(pd.DataFrame({"parcel_id": ["p0"]}), None, book, AS_OF)
        day = np.datetime64(AS_OF, "D")
        assert disposal_routes(both(supply), contract, stops, SHIPPED, day).tolist() == [None]
        routes = disposal_routes(both(supply, book), contract, stops, book, day)
        assert routes.tolist() == [
            "extend_start, change_use, temporary_use, agreed_recovery, land_swap, other"
        ]
        said = add_routes(np.array(["Yes."], dtype=object), routes, book, "en").tolist()[0]
        assert said.startswith("Yes. Where the cause is the government's: extend the agreed start")
        assert said.endswith("(Order 53, art. 12; unverified rule).")
        plain = ledger({"supply_status": "supplied", "agreed_start": "2023-01-01", "actual_start": None})
        contract = contracts_of(pd.DataFrame({"parcel_id": ["p0"]}), plain)
        assert disposal_routes(both(plain, book), contract, stops, book, day).tolist() == [None]


_DAY = st.dates(dt.date(2021, 1, 1), dt.date(2026, 12, 31)).map(str)
_AMOUNT = st.none() | st.floats(0, 20_000)
_ROW = st.fixed_dictionaries(
    {
        "supply_status": st.sampled_from(["supplied", "supplied", "supplied", None]),
        "agreed_start": st.none() | _DAY, "actual_start": st.none() | _DAY | _DAY, "permit_on": _DAY | _DAY | st.none(),
        "actual_completion": st.none() | st.none() | _DAY, "suspended_since": st.none() | _DAY | _DAY,
        "resumed_on": st.none() | st.none() | _DAY, "developed_area_m2": _AMOUNT, "supplied_area_m2": st.just(20_000.0),
        "agreed_investment_wan": _AMOUNT, "invested_wan": _AMOUNT, "price_wan": st.none() | st.floats(0, 3_000),
        "land_taxes_wan": st.none() | st.floats(0, 300), "foundation_kind": st.sampled_from(["other", "piled", None]),
        "foundation_share": st.none() | st.floats(0, 1) | st.just(1.0),
        "government_delay_days": st.none() | st.none() | st.floats(0, 900),
    }
)  # fmt: skip
_AS_OF = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
_BOOK = st.sampled_from([(), ("investment_includes_land_price = true",), ('developed_area_basis = "floor"',)])


@given(_ROW, _AS_OF, _BOOK, st.data())
def test_removing_data_never_clears_land(row, as_of, book, data):
    """Blank a cell or drop a column: what both paragraphs say together never turns from yes or open to no.

    A blank suspension in a column that is there says that works go on; a ledger without a column for the permit or the
    foundation did not ask for it. These are answers, not removed data. Nor is a contradiction: works that were suspended and
    never reported as begun leave it open, and a ledger that does not hold the suspension holds nothing against "not begun".
    """
    book = rules(*book) if book else SHIPPED
    before = combined_of(ledger(row), book, as_of)
    assume(before in ("yes", "undetermined"))
    name = data.draw(st.sampled_from(sorted(set(row) - {"suspended_since", "supplied_area_m2"})))
    assert combined_of(ledger({**row, name: None}), book, as_of) in ("yes", "undetermined")
    column = data.draw(
        st.sampled_from(sorted(set(row) - {"permit_on", "foundation_share", "supplied_area_m2"}))
    )
    assume(not (column == "suspended_since" and row["suspended_since"] and row["actual_start"] is None))
    assert combined_of(ledger(row).drop(columns=column), book, as_of) in ("yes", "undetermined")


@given(_ROW, _AS_OF, st.integers(0, 900))
def test_a_later_day_never_clears_suspended_land(row, as_of, days):
    later = as_of + dt.timedelta(days=days)
    news = [
        row[name]
        for name in ("resumed_on", "actual_completion", "actual_start", "suspended_since", "permit_on")
    ]
    assume(not any(day and as_of < dt.date.fromisoformat(day) <= later for day in news))
    before, after = (both(ledger(row), as_of=each)[1].table["verdict"].tolist()[0] for each in (as_of, later))
    assume(not row["government_delay_days"])
    assert (before, after) not in (("yes", "no"), ("undetermined", "no"), ("yes", None))


@given(_ROW, _AS_OF)
def test_a_yes_counted_again_without_numpy(row, as_of):
    judged = both(ledger(row), as_of=as_of)[1].table.iloc[0]
    if judged["verdict"] != "yes":
        return
    since = dt.date.fromisoformat(row["suspended_since"])
    assert (pd.Timestamp(since) + pd.DateOffset(years=1)).date() <= as_of
    assert dt.date.fromisoformat(row["actual_start"]) <= since
    assert not row["resumed_on"] or dt.date.fromisoformat(row["resumed_on"]) > as_of
    by_area = row["developed_area_m2"] is not None and row["developed_area_m2"] * 3 < row["supplied_area_m2"]
    money = row["invested_wan"], row["agreed_investment_wan"]
    by_money = None not in money and money[0] * 4 < money[1]
    assert by_area or by_money
