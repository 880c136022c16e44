"""Lines of evidence: each by hand, all combinations of what they say, and the laws that missing data must not break."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.evidence import (
    LINES,
    Combined,
    Line,
    buildings_line,
    combined,
    conflict_judged,
    contract_line,
    evidence_table,
    field_check_rank,
    imagery_line,
    industries_of,
    industry_norm,
    meter_line,
    output_line,
    permit_line,
    reported_start,
    works_open,
)
from parkgeo.assess.evidence.lines import SAYS
from parkgeo.assess.evidence.notes import notes
from parkgeo.errors import PackError
from parkgeo.metrics.meters import Metered, Occupants
from parkgeo.packs import load_packs

if TYPE_CHECKING:
    from parkgeo.packs import RuleBook

DAY = np.datetime64("2026-06-30", "D")
ALONE = np.array([-1])
"""One parcel of no known industry."""
NUMBER = {"cannot_say": 0, "idle": 1, "in_use": 2}


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load_packs(["national"], Path())


def changed(rules: RuleBook, **values: Any) -> RuleBook:
    """The packs with some of the evidence's settings changed."""
    figures = {
        f"evidence.{name}": replace(rules[f"evidence.{name}"], value=value) for name, value in values.items()
    }
    return replace(rules, figures=rules.figures | figures)


def ledger(**cells: Any) -> pd.DataFrame:
    """One parcel's row; texts of dates are dates."""
    row = {
        name: pd.to_datetime([value]) if value is None or isinstance(value, str) else [value]
        for name, value in cells.items()
    }
    return pd.DataFrame({"entries": [1], "source_file": ["ledger.xlsx"], "source_row": [7], **row})


def land(**cells: Any) -> pd.DataFrame:
    return pd.DataFrame({"parcel_id": ["a"], **{name: [value] for name, value in cells.items()}})


def told(line: Line) -> tuple[str, str]:
    return line.case[0], SAYS[line.says[0]]


class TestContract:
    @pytest.mark.parametrize(
        ("clock", "cells", "expected"),
        [
            ("yes", {"actual_start": None}, ("not_started", "idle")),
            ("no", {"actual_start": None}, ("within_time", "cannot_say")),
            ("undetermined", {"actual_start": None}, ("open", "cannot_say")),
            ("no", {"actual_start": "2024-01-01"}, ("started", "in_use")),
            ("no", {"actual_start": "2026-06-30"}, ("started", "in_use")),
            ("no", {"actual_start": "2026-07-01"}, ("within_time", "cannot_say")),  # it lies ahead
            ("no", {"actual_start": "2020-01-01", "actual_completion": "2022-01-01"}, ("completed", "in_use")),
            ("no", {"actual_start": "2020-01-01", "actual_completion": "2026-07-01"}, ("started", "in_use")),
            ("yes", {"actual_start": None, "actual_completion": "2022-01-01"}, ("completed_not_started", "cannot_say")),
            ("no", {"actual_start": "2020-01-01", "suspended_since": "2026-01-01"}, ("suspended_lately", "cannot_say")),
            ("no", {"actual_start": "2020-01-01", "suspended_since": "2025-01-01", "resumed_on": "2025-03-01"}, ("started", "in_use")),
            ("no", {"actual_start": "2020-01-01", "suspended_since": "2025-01-01", "resumed_on": "2024-03-01"}, ("suspended_lately", "cannot_say")),
        ],
    )  # fmt: skip
    def test_by_the_clock_and_the_dates(self, clock, cells, expected):
        assert told(contract_line(land(idle_not_started=clock), ledger(**cells), DAY)) == expected

    def test_suspended_for_a_year(self):
        cells = {"actual_start": "2020-01-01", "suspended_since": "2024-01-01"}
        line = contract_line(land(idle_not_started="no", idle_suspended="yes"), ledger(**cells), DAY)
        assert told(line) == ("suspended", "idle")
        assert not line.firm[0], "what was built before a suspension stays, and may be used"

    def test_figure_day_and_place(self):
        line = contract_line(land(idle_not_started="no"), ledger(actual_start="2026-06-01"), DAY)
        assert (line.figure[0], str(line.day[0]), line.unit) == (29.0, "2026-06-01", "day")
        assert (line.source_file[0], line.source_row[0]) == ("ledger.xlsx", 7.0)

    @pytest.mark.parametrize(("entries", "case"), [(0, "no_row"), (2, "several")])
    def test_no_row_or_several_say_nothing(self, entries, case):
        row = ledger(actual_start=None).assign(entries=entries)
        assert told(contract_line(land(idle_not_started="undetermined"), row, DAY)) == (case, "cannot_say")

    def test_without_verdicts_and_dates_nothing(self):
        assert told(contract_line(land(), ledger(), DAY)) == ("open", "cannot_say")


class TestPermit:
    @pytest.mark.parametrize(
        ("clock", "cells", "expected"),
        [
            ("no", {}, ("not_asked", "cannot_say")),
            ("no", {"permit_on": "2025-01-01"}, ("held", "cannot_say")),
            ("no", {"permit_on": "2020-01-01", "actual_completion": "2022-01-01"}, ("completed", "in_use")),
            ("no", {"permit_on": "2020-01-01", "actual_completion": "2019-01-01"}, ("held", "cannot_say")),
            ("no", {"permit_on": None, "actual_start": "2024-01-01"}, ("start_without", "cannot_say")),
            ("yes", {"permit_on": None, "agreed_start": "2025-06-30"}, ("none", "idle")),
            ("yes", {"permit_on": None, "agreed_start": "2025-07-01"}, ("not_due", "cannot_say")),
            ("undetermined", {"permit_on": None, "agreed_start": "2024-01-01"}, ("none", "idle")),
            ("no", {"permit_on": None, "agreed_start": "2024-01-01"}, ("not_due", "cannot_say")),  # excused
            ("yes", {"permit_on": None, "agreed_start": None}, ("not_due", "cannot_say")),
            ("yes", {"permit_on": "2026-07-01", "agreed_start": "2024-01-01"}, ("none", "idle")),  # it lies ahead
        ],
    )  # fmt: skip
    def test_by_the_dates(self, rules, clock, cells, expected):
        assert told(permit_line(land(idle_not_started=clock), ledger(**cells), rules, DAY)) == expected

    def test_what_cannot_be_read_was_not_left_blank(self, rules):
        row = ledger(permit_on=None, agreed_start="2024-01-01").assign(unreadable="permit_on")
        assert told(permit_line(land(idle_not_started="yes"), row, rules, DAY)) == ("not_asked", "cannot_say")


NOT_STARTED = np.array(["NaT"], dtype="datetime64[D]")


class TestBuildings:
    """On a site of 1000 m²; nothing is built below 10 m², in use from 100 m² completed."""

    def line(self, rules: RuleBook, started: str = "NaT", **cells: float) -> Line:
        return buildings_line(
            land(site_area_m2=1000.0, **cells), np.array([started], dtype="datetime64[D]"), rules, DAY
        )

    @pytest.mark.parametrize(
        ("cells", "expected", "figure"),
        [
            ({}, ("no_layer", "cannot_say"), np.nan),
            ({"footprint_m2": 0.0, "completed_footprint_m2": 0.0}, ("nothing", "idle"), 0.0),
            ({"footprint_m2": 9.9, "completed_footprint_m2": 9.9}, ("nothing", "idle"), 0.0099),
            ({"footprint_m2": 0.0, "completed_footprint_m2": 0.0, "building_coefficient": 0.4}, ("yards", "cannot_say"), 0.0),
            ({"footprint_m2": 0.0, "completed_footprint_m2": 0.0, "building_coefficient": 0.0}, ("nothing", "idle"), 0.0),
            ({"footprint_m2": 100.0, "completed_footprint_m2": 100.0}, ("completed", "in_use"), 0.1),
            ({"footprint_m2": 99.0, "completed_footprint_m2": 99.0}, ("little", "cannot_say"), 0.099),
            ({"footprint_m2": 500.0, "completed_footprint_m2": 0.0}, ("not_completed", "cannot_say"), 0.0),
            ({"footprint_m2": 500.0, "completed_footprint_m2": 99.0}, ("not_completed", "cannot_say"), 0.099),
            ({"footprint_m2": 500.0, "completed_footprint_m2": np.nan}, ("drawn", "in_use"), 0.5),
            ({"footprint_m2": 500.0}, ("drawn", "in_use"), 0.5),
        ],
    )  # fmt: skip
    def test_by_shares(self, rules, cells, expected, figure):
        line = self.line(rules, **cells)
        assert told(line) == expected
        assert line.figure[0] == pytest.approx(figure, nan_ok=True)

    def test_an_office_may_ask_for_completion(self, rules):
        strict = changed(rules, drawn_buildings_stand=False)
        assert told(self.line(strict, footprint_m2=500.0)) == ("not_completed", "cannot_say")

    @pytest.mark.parametrize(
        ("started", "firm"), [("2025-06-30", True), ("2025-07-01", False), ("NaT", True)]
    )
    def test_works_need_not_show_within_twelve_months(self, rules, started, firm):
        assert self.line(rules, started, footprint_m2=0.0).firm.tolist() == [firm]


class TestImagery:
    """Seen by half at least, not older than twelve months, built from 20 %, empty from 90 %."""

    SEEN: dict[str, Any] = {  # noqa: RUF012 - read only
        "imagery_on": pd.Timestamp("2026-05-17"), "imagery_valid_share": 1.0, "built_share": 0.0, "vegetated_share": 0.1,
        "bare_share": 0.85,
    }  # fmt: skip

    def line(self, rules: RuleBook, started: str = "NaT", *, works: bool = False, **cells: Any) -> Line:
        since = np.array([started], dtype="datetime64[D]")
        return imagery_line(land(**(self.SEEN | cells)), since, np.array([works]), rules, DAY)

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ({}, ("empty", "idle")),
            ({"imagery_on": pd.NaT}, ("no_image", "cannot_say")),
            ({"imagery_on": pd.Timestamp("2025-06-30")}, ("empty", "idle")),
            ({"imagery_on": pd.Timestamp("2025-06-29")}, ("old", "cannot_say")),
            ({"imagery_on": pd.Timestamp("2026-07-01")}, ("later", "cannot_say")),
            ({"imagery_valid_share": 0.0}, ("unclear", "cannot_say")),
            ({"imagery_valid_share": np.nan}, ("unclear", "cannot_say")),
            ({"built_share": np.nan}, ("no_classes", "cannot_say")),
            ({"vegetated_share": 0.05, "bare_share": 0.85}, ("empty", "idle")),  # 90 % itself
            ({"vegetated_share": 0.04, "bare_share": 0.85}, ("between", "cannot_say")),
            ({"vegetated_share": np.nan, "built_share": 0.1}, ("between", "cannot_say")),
            ({"built_share": 0.2, "vegetated_share": 0.4, "bare_share": 0.4}, ("built", "in_use")),
            ({"built_share": 0.19, "vegetated_share": 0.4, "bare_share": 0.41}, ("between", "cannot_say")),
        ],
    )
    def test_by_shares_and_day(self, rules, cells, expected):
        assert told(self.line(rules, **cells)) == expected

    def test_too_cloudy_tells_how_much_was_seen(self, rules):
        line = self.line(rules, imagery_valid_share=0.3)
        assert (*told(line), line.figure[0]) == ("unclear", "cannot_say", 0.3)

    def test_without_images(self, rules):
        assert told(imagery_line(land(), NOT_STARTED, np.array([False]), rules, DAY)) == (
            "no_image",
            "cannot_say",
        )

    @pytest.mark.parametrize(
        ("case", "en", "zh"),
        [
            ("all_later", "after the day of judgement", "评价时点之后"),
            ("no_bands", "is not named", "波段"),
            ("none_used", "could not be used", "不能使用"),
        ],
    )
    def test_why_there_is_none(self, rules, case, en, zh):
        line = imagery_line(land(), NOT_STARTED, np.array([False]), rules, DAY, without=case)
        assert told(line) == (case, "cannot_say")
        note = notes(line, np.array([0]))
        assert en in note["en"][0].as_py()
        assert zh in note["zh"][0].as_py()

    def test_an_image_from_before_works_could_show_contradicts_nothing(self, rules):
        assert self.line(rules, "2025-05-17").firm[0]
        assert not self.line(rules, "2025-05-18").firm[0]

    def test_bare_ground_may_be_the_building_site(self, rules):
        assert not self.line(rules, "2024-01-01", works=True).firm[0]
        overgrown = {"vegetated_share": 0.9, "bare_share": 0.05}
        assert self.line(rules, "2024-01-01", works=True, **overgrown).firm[0]
        assert self.line(rules, "2024-01-01", works=True, built_share=0.5).firm[0]


def meter(count: int, **cells: Any) -> Metered:
    told = {"companies": 1, "own": 1, "unread": 0, "unsplit": 0, "months": 12.0} | cells
    first = np.arange(count) == 0
    row = {name: np.where(first, value, np.nan if name == "months" else 0) for name, value in told.items()}
    there = Occupants(row["companies"], row["own"], np.where(first, 0, -1))
    return Metered(there, np.zeros(count), row["months"], row["unread"], row["unsplit"], np.full(count, -1))


class TestMeters:
    """Against a median of 100: idle below 5, in use from 20."""

    def line(self, rules: RuleBook, value: float, **cells: Any) -> Line:
        others = pd.DataFrame({"parcel_id": list("abcdef"), "industry_code": "36"})
        figures = np.array([value, 100.0, 100.0, 100.0, 100.0, 100.0])
        return meter_line(
            "electricity",
            industries_of(others),
            figures,
            meter(6, **cells),
            rules,
            unit="kWh/mu",
            last=dt.date(2026, 6, 30),
        )

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (0.0, ("zero", "idle")),
            (4.99, ("low", "idle")),
            (5.0, ("between", "cannot_say")),
            (19.99, ("between", "cannot_say")),
            (20.0, ("normal", "in_use")),
        ],
    )
    def test_by_the_share_of_the_median(self, rules, value, expected):
        assert told(self.line(rules, value)) == expected

    @pytest.mark.parametrize(
        ("cells", "case"),
        [({"unread": 1, "months": 11.0}, "unread"), ({"unsplit": 1}, "unsplit")],
    )
    def test_incomplete_says_nothing(self, rules, cells, case):
        assert told(self.line(rules, np.nan, **cells)) == (case, "cannot_say")

    def test_nobody_there_and_no_readings(self, rules):
        line = self.line(rules, 100.0)
        assert line.case[1:].tolist() == ["no_company"] * 5
        assert not line.says[1:].any()
        without = meter_line("water", ALONE, np.array([np.nan]), None, rules, unit="m3/mu")
        assert told(without) == ("no_meter", "cannot_say")

    def test_too_few_to_compare_with(self, rules):
        for value, expected in ((0.0, ("zero", "idle")), (1.0, ("no_norm", "cannot_say"))):
            line = meter_line("water", ALONE, np.array([value]), meter(1), rules, unit="m3/mu")
            assert told(line) == expected

    def test_a_split_figure_shows_no_place(self, rules):
        assert not self.line(rules, 100.0, own=0).firm[0]
        assert self.line(rules, 100.0, own=1).firm[0]
        assert self.line(rules, 0.0, own=0).firm[0], "a split zero is zero on each"


class TestNorm:
    def test_those_that_stand_still_are_left_out(self):
        same = pd.DataFrame({"industry_code": ["36"] * 5})
        assert (
            industry_norm(industries_of(same), np.array([0.0, 0.0, np.nan, 10.0, 30.0]), 2).tolist()
            == [20.0] * 5
        )

    def test_a_small_industry_takes_the_parks_and_a_small_park_has_none(self):
        two = pd.DataFrame({"industry_code": ["36", "36", "17", None]})
        value = np.array([10.0, 20.0, 90.0, 30.0])
        assert industry_norm(industries_of(two), value, 2).tolist() == [15.0, 15.0, 25.0, 25.0]
        assert np.isnan(industry_norm(industries_of(two), value, 5)).all()

    def test_without_codes_the_parks(self):
        assert industry_norm(
            industries_of(pd.DataFrame(index=range(2))), np.array([10.0, 20.0]), 1
        ).tolist() == [15.0, 15.0]

    def test_codes_of_any_length_by_two_digits(self):
        mixed = pd.DataFrame({"industry_code": ["3612", "36", "361"]})
        assert industry_norm(industries_of(mixed), np.array([1.0, 2.0, 9.0]), 3).tolist() == [2.0] * 3


class TestOutput:
    """Against medians of 100 (output) and 10 (tax): in use from 10 or 1."""

    def line(
        self, rules: RuleBook, output: float, tax: float, *, own: bool = True, year: int | None = 2025
    ) -> Line:
        frame = pd.DataFrame(
            {"parcel_id": list("abcdef"), "output_wan_per_mu": [output] + [100.0] * 5, "tax_wan_per_mu": [tax] + [10.0] * 5}
        )  # fmt: skip
        return output_line(frame, year, np.array([own] * 6), rules)

    @pytest.mark.parametrize(
        ("output", "tax", "expected"),
        [
            (0.0, 0.0, ("zero", "idle")),
            (0.0, np.nan, ("between", "cannot_say")),  # a blank tax is not zero
            (np.nan, 0.0, ("between", "cannot_say")),
            (np.nan, np.nan, ("no_return", "cannot_say")),
            (9.0, 0.9, ("between", "cannot_say")),
            (10.5, 0.0, ("running", "in_use")),
            (0.0, 1.5, ("running", "in_use")),
            (np.nan, 1.5, ("running", "in_use")),
            (-5.0, 0.0, ("between", "cannot_say")),
        ],
    )
    def test_by_the_share_of_the_median(self, rules, output, tax, expected):
        assert told(self.line(rules, output, tax)) == expected

    def test_where_the_returns_hold_no_tax_output_alone_decides(self, rules):
        frame = pd.DataFrame({"parcel_id": ["a", "b"], "output_wan_per_mu": [0.0, 5.0]})
        line = output_line(frame, 2025, np.array([True, True]), rules)
        assert [SAYS[each] for each in line.says] == ["idle", "cannot_say"]

    def test_without_a_year(self, rules):
        assert told(self.line(rules, 100.0, 10.0, year=None)) == ("no_returns", "cannot_say")

    def test_a_split_return_shows_no_place(self, rules):
        assert not self.line(rules, 100.0, 10.0, own=False).firm[0]
        assert self.line(rules, 0.0, 0.0, own=False).firm[0]


def lines_of(table: list[tuple[str, ...]], *, firm: bool = True) -> dict[str, Line]:
    """Lines that say what the table's columns say, a row a parcel, in the order of `LINES`."""
    count = len(table)
    return {
        name: Line(
            name, np.array([NUMBER[row[at]] for row in table], dtype=np.int8), pd.Categorical(["open"] * count),
            np.full(count, np.nan), "1", np.full(count, np.datetime64("NaT"), dtype="datetime64[D]"), np.full(count, firm),
        )
        for at, name in enumerate(LINES)
    }  # fmt: skip


def sure(found: Combined) -> list[str | None]:
    """How surely the lines say it, of each parcel."""
    return [None if pd.isna(each) else each for each in found.confidence]


ALL = list(product(SAYS, repeat=len(LINES)))
GROUPS = {
    "paper": ("contract", "permit"),
    "site": ("buildings", "imagery"),
    "activity": ("electricity", "water", "output"),
}
SITE = ("buildings", "imagery")
AGAINST = [
    ("contract", "idle", (*SITE, "electricity", "output")),
    ("contract", "in_use", SITE),
    ("electricity", "in_use", SITE),
    ("output", "in_use", SITE),
]
OTHER = {"idle": "in_use", "in_use": "idle"}


def by_the_book(row: tuple[str, ...]) -> tuple[str, str | None, int]:
    """docs/evidence.md, followed with a pencil."""
    says = dict(zip(LINES, row, strict=True))
    pairs = sum(
        says[one] == word and says[other] == OTHER[word] for one, word, others in AGAINST for other in others
    )
    if pairs:
        return "conflict", None, pairs
    voices = {}
    for group, members in GROUPS.items():
        words = {says[name] for name in members} - {"cannot_say"}
        if len(words) == 1:
            voices[group] = words.pop()
    if not voices:
        return "cannot_say", None, 0
    heard = next(iter(voices.values()))
    agree = [group for group, word in voices.items() if word == heard]
    differ = len(voices) - len(agree)
    lines = sum(says[name] == heard for group in agree for name in GROUPS[group])
    if len(agree) >= 2 and not differ:
        return heard, "high", 0
    if (len(agree) >= 2 and differ == 1) or (len(agree) == 1 and lines >= 2 and not differ):
        return heard, "medium", 0
    return heard, "low", 0


class TestTogether:
    def test_every_combination(self, rules):
        found = combined(lines_of(ALL), rules)
        for at, row in enumerate(ALL):
            assert (found.says[at], sure(found)[at], found.pairs[at]) == by_the_book(row), row

    @pytest.mark.parametrize(
        ("row", "says", "confidence"),
        [
            # contract, permit, buildings, imagery, electricity, water, output
            ("idle       idle       idle       idle       cannot_say cannot_say cannot_say", "idle", "high"),
            ("in_use     in_use     in_use     in_use     in_use     in_use     in_use", "in_use", "high"),
            ("in_use     in_use     in_use     in_use     idle       idle       idle", "in_use", "medium"),
            ("in_use     cannot_say cannot_say cannot_say cannot_say cannot_say cannot_say", "in_use", "low"),
            ("cannot_say cannot_say idle       cannot_say cannot_say cannot_say cannot_say", "idle", "low"),
            ("cannot_say cannot_say idle       idle       cannot_say cannot_say cannot_say", "idle", "medium"),
            ("cannot_say cannot_say idle       in_use     cannot_say cannot_say cannot_say", "cannot_say", None),
            ("idle       idle       in_use     in_use     in_use     in_use     in_use", "conflict", None),
            ("in_use     cannot_say idle       idle       idle       idle       cannot_say", "conflict", None),
            ("in_use     cannot_say cannot_say cannot_say idle       idle       idle", "in_use", "low"),
            ("cannot_say idle       in_use     cannot_say in_use     cannot_say cannot_say", "idle", "low"),
        ],
    )  # fmt: skip
    def test_by_hand(self, rules, row, says, confidence):
        found = combined(lines_of([tuple(row.split())]), rules)
        assert (found.says[0], sure(found)[0]) == (says, confidence)

    @pytest.mark.parametrize("name", LINES)
    def test_a_line_that_falls_silent_never_makes_a_contradiction(self, rules, name):
        lines = lines_of(ALL)
        before = combined(lines, rules)
        lines[name] = replace(lines[name], says=np.zeros(len(ALL), dtype=np.int8))
        after = combined(lines, rules)
        assert not ((after.says == "conflict") & (before.says != "conflict")).any()
        assert (after.pairs <= before.pairs).all()

    def test_what_is_not_firm_contradicts_nothing(self, rules):
        found = combined(lines_of(ALL, firm=False), rules)
        assert not found.pairs.any()
        assert not (found.says == "conflict").any()

    def test_silence_says_nothing(self, rules):
        found = combined(lines_of([("cannot_say",) * len(LINES)]), rules)
        assert (found.says[0], sure(found)[0], found.spoken[0]) == ("cannot_say", None, 0)

    def test_the_pack_decides_how_many_contradictions_make_one(self, rules):
        row = [("in_use", "cannot_say", "idle", "cannot_say", "cannot_say", "cannot_say", "cannot_say")]
        assert combined(lines_of(row), rules).says[0] == "conflict"
        assert combined(lines_of(row), changed(rules, conflict=2)).says[0] == "in_use"

    def test_a_line_that_the_pack_leaves_out_does_not_count(self, rules):
        without = changed(rules, groups={"paper": ["contract"], "site": ["buildings"]})
        row = [("idle", "idle", "idle", "in_use", "in_use", "in_use", "in_use")]
        found = combined(lines_of(row), without)
        assert (found.says[0], found.confidence[0]) == ("idle", "high")

    @pytest.mark.parametrize(
        "values",
        [
            {"groups": {"paper": ["contrat"]}},
            {"groups": {"paper": ["contract"], "site": ["contract"]}},
            {"contradictions": {"contract_maybe": ["imagery"]}},
            {"contradictions": {"contract_idle": ["images"]}},
        ],
    )
    def test_a_pack_that_cannot_be_followed_is_refused(self, rules, values):
        with pytest.raises(PackError, match=r"evidence\."):
            combined(lines_of(ALL[:1]), changed(rules, **values))


class TestConflict:
    def test_verdicts(self, rules):
        row = {
            "yes": "in_use cannot_say idle cannot_say cannot_say cannot_say cannot_say",
            "no": "in_use cannot_say in_use cannot_say cannot_say cannot_say cannot_say",
            "one group": "in_use in_use cannot_say cannot_say cannot_say cannot_say cannot_say",
            "not judged": "in_use cannot_say idle cannot_say cannot_say cannot_say cannot_say",
        }
        lines = lines_of([tuple(each.split()) for each in row.values()])
        about = np.array([True, True, True, False])
        judged = conflict_judged(combined(lines, rules), about, lines, rules, pd.RangeIndex(4))
        assert judged.table["verdict"].tolist() == ["yes", "no", np.nan, np.nan]
        assert judged.table["observed"].tolist()[:2] == [1.0, 0.0]

    def test_the_sentence_names_who_says_what(self, rules):
        parcel = land(
            idle_not_started="no", site_area_m2=1000.0, footprint_m2=0.0, completed_footprint_m2=0.0
        )
        row = ledger(actual_start="2023-04-10")
        started = reported_start(row, DAY)
        silent = lines_of([("cannot_say",) * len(LINES)])
        lines = silent | {
            "contract": contract_line(parcel, row, DAY),
            "buildings": buildings_line(parcel, started, rules, DAY),
        }
        judged = conflict_judged(combined(lines, rules), np.array([True]), lines, rules, parcel.index)
        said = judged.reasons(np.array([0]))
        assert said["en"][0] == (
            "The evidence contradicts itself. Idle: buildings – Buildings are drawn on 0 % of the parcel. In use: "
            "contract – By the ledger works began on 2023-04-10. A visit to the site decides."
        )
        assert "2023-04-10" in said["zh"][0]
        evidence = judged.told(0)
        assert evidence[0] == {
            "what": "evidence_contract", "value": "in_use", "figure": 1177.0, "unit": "day", "day": "2023-04-10",
            "file": "ledger.xlsx", "row": 7,
        }  # fmt: skip
        assert [each["what"] for each in evidence[2:]] == ["evidence.conflict", "evidence.contradictions"]


class TestFieldCheck:
    def test_contradictions_first_then_the_larger(self, rules):
        says = np.array(
            ["conflict", "cannot_say", "conflict", "in_use", "cannot_say", "conflict"], dtype=object
        )
        area = np.array([10.0, 500.0, 30.0, 900.0, 700.0, 30.0])
        against = np.array([4, 0, 2, 0, 0, 2])
        about = np.array([True] * 6)
        rank = field_check_rank(says, about, area, against, rules)
        assert rank[[0, 1, 2, 4, 5]].tolist() == [3.0, 5.0, 1.0, 4.0, 2.0]
        assert np.isnan(rank[3])

    def test_only_what_is_judged(self, rules):
        rank = field_check_rank(
            np.array(["conflict"], dtype=object), np.array([False]), np.array([1.0]), np.array([2]), rules
        )
        assert np.isnan(rank).all()

    def test_the_pack_says_whom(self, rules):
        says = np.array(["conflict", "idle"], dtype=object)
        only = changed(rules, field_check=["idle"])
        rank = field_check_rank(says, np.array([True, True]), np.array([1.0, 1.0]), np.array([2, 0]), only)
        assert rank[1] == 1
        assert np.isnan(rank[0])
        with pytest.raises(PackError, match="never"):
            field_check_rank(says, np.array([True, True]), np.ones(2), np.zeros(2, dtype=int), changed(rules, field_check=["never"]))  # fmt: skip


class TestTable:
    def test_a_row_a_parcel_and_line_in_both_languages(self, rules):
        parcels = pd.DataFrame(
            {"parcel_id": ["a", "b", "c"], "idle_not_started": ["no", "yes", None], "site_area_m2": 1000.0,
             "footprint_m2": [500.0, 0.0, 0.0], "completed_footprint_m2": [500.0, 0.0, 0.0]}
        )  # fmt: skip
        row = ledger(actual_start="2023-04-10", permit_on="2023-01-01", agreed_start="2023-03-01")
        rows = pd.concat([row, row.assign(actual_start=pd.NaT, permit_on=pd.NaT), row], ignore_index=True)
        started = reported_start(rows, DAY)
        nothing, nobody = np.full(3, np.nan), np.full(3, -1)
        lines = [
            contract_line(parcels, rows, DAY), permit_line(parcels, rows, rules, DAY),
            buildings_line(parcels, started, rules, DAY), imagery_line(parcels, started, works_open(rows, DAY), rules, DAY),
            meter_line("electricity", nobody, nothing, None, rules, unit="kWh/mu"),
            meter_line("water", nobody, nothing, None, rules, unit="m3/mu"),
            output_line(parcels, None, np.zeros(3, dtype=bool), rules),
        ]  # fmt: skip
        table = evidence_table(
            np.array(["a", "b", "c"], dtype=object), np.array([True, True, False]), {line.name: line for line in lines}, rules
        )  # fmt: skip
        assert table["parcel_id"].tolist() == ["a"] * 7 + ["b"] * 7
        assert table["line"].tolist() == [*LINES, *LINES]
        assert table["group"].tolist()[:7] == ["paper"] * 2 + ["site"] * 2 + ["activity"] * 3
        assert table["says"].tolist()[:3] == ["in_use", "cannot_say", "in_use"]
        assert table["says"].tolist()[7:10] == ["idle", "idle", "idle"]
        assert table["note_en"][2] == "Completed buildings stand on 50 % of the parcel."
        assert table["note_zh"].str.contains("[一-鿿]").all()
        assert (table["note_zh"] != table["note_en"]).all()
        assert table.loc[0, ["source_file", "source_row"]].tolist() == ["ledger.xlsx", 7.0]


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_parcels_changes_nothing(rows, random):
    packs = load_packs(["national"], Path())
    order = list(range(len(rows)))
    random.shuffle(order)
    straight, shuffled = (combined(lines_of(each), packs) for each in (rows, [rows[at] for at in order]))
    assert shuffled.says.tolist() == [straight.says[at] for at in order]
    assert sure(shuffled) == [sure(straight)[at] for at in order]
