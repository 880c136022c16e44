"""The planted cases: what is wrong with which parcel, and what a careful officer would say about it.

Each :class:`Case` is thought through by hand against Order 53 (idle land) and the land-state classes. ``ledger`` holds
what the supply ledger says instead of the ordinary dates (``None``: the cell is blank), ``figures`` what the companies
on the parcel report, ``state`` what stands there. Verdicts are those of 30 June 2026.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["CASES", "Case", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What a code says about the parcel.

    Parameters
    ----------
    code
        Finding code.
    verdict
        yes, no or undetermined.
    why
        The reason in a sentence.
    more
        Further keys of the truth file: ``since`` (ISO date), ``needs`` (a figure that the office's pack must switch
        on), ``verdict_with_default``, ``missing`` (fields to ask for).
    """

    code: str
    verdict: str
    why: str
    more: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A parcel with something the matter.

    Parameters
    ----------
    key
        Name of the case; in the truth file too.
    state
        vacant, started, suspended, built, part, sparse, silent, unknown_use, conflict_built, conflict_bare.
    verdicts
        What holds of it.
    ledger
        Cells of the ledger that differ from the ordinary; ``None`` leaves a cell blank.
    figures
        What its company reports per mu, in 万元, instead of the ordinary.
    row
        Whether the ledger has a row.
    """

    key: str
    state: str
    verdicts: tuple[Verdict, ...]
    ledger: dict[str, object] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    row: bool = True


def _idle(key: str, agreed: str, verdict: str, why: str, *, since: str = "", **ledger: object) -> Case:
    """Vacant land with an agreed start and no start reported."""
    more: dict[str, object] = {"since": since} if since else {}
    start = Verdict(
        "supplied_not_started", "yes", "supplied; no start reported; nothing built", {"idle": verdict}
    )
    return Case(
        key,
        "vacant",
        (Verdict("idle_not_started", verdict, why, more), start),
        {"agreed_start": agreed, **ledger},
    )


def _stopped(key: str, verdict: str, why: str, **ledger: object) -> Case:
    """A started works that stands still."""
    return Case(
        key,
        "suspended",
        (
            Verdict("idle_suspended", verdict, why),
            Verdict("idle_not_started", "no", "construction was started"),
        ),
        ledger,
    )


_NOT_STARTED = (
    _idle(
        "idle_1y_a", "2025-03-15", "yes", "one full year on 2026-03-15, no start reported", since="2026-03-15"
    ),
    _idle(
        "idle_1y_b", "2024-12-20", "yes", "one full year on 2025-12-20, no start reported", since="2025-12-20"
    ),
    _idle("idle_1y_c", "2024-08-08", "yes", "one full year on 2025-08-08, not yet two", since="2025-08-08"),
    _idle(
        "idle_2y_a",
        "2023-09-01",
        "yes",
        "more than two years: recovery without compensation",
        since="2024-09-01",
    ),
    _idle(
        "idle_2y_b",
        "2022-05-10",
        "yes",
        "more than two years: recovery without compensation",
        since="2023-05-10",
    ),
    _idle(
        "idle_boundary_day",
        "2025-06-30",
        "yes",
        "the year is full on the very day, 2026-06-30",
        since="2026-06-30",
    ),
    _idle("idle_one_day_short", "2025-07-01", "no", "the year is full on 2026-07-01, one day after"),
    _idle(
        "idle_leap_day", "2024-02-29", "yes", "agreed on 29 February 2024: full at the end of February 2025"
    ),
    _idle(
        "delay_excuses",
        "2024-11-01",
        "no",
        "300 days of government delay move the start to 2025-08-28",
        government_delay_days=300,
        government_delay_cause="拆迁未完成，土地未能按期交付",
    ),
    _idle(
        "delay_too_short",
        "2023-10-10",
        "yes",
        "120 days of delay move the start to 2024-02-07 only",
        since="2025-02-07",
        government_delay_days=120,
        government_delay_cause="依法调整规划",
    ),
    _idle(
        "delay_boundary_day",
        "2024-10-01",
        "yes",
        "272 days move the start to 2025-06-30: full on the very day",
        since="2026-06-30",
        government_delay_days=272,
        government_delay_cause="文物勘探",
    ),
    _idle(
        "delay_one_day_more",
        "2024-10-01",
        "no",
        "273 days move the start to 2025-07-01: one day short",
        government_delay_days=273,
        government_delay_cause="文物勘探",
    ),
    _idle("fresh_a", "2026-04-20", "no", "the agreed start is two months ago"),
    _idle("fresh_b", "2025-11-12", "no", "the agreed start is seven months ago"),
    _idle("fresh_c", "2026-12-01", "no", "the agreed start lies ahead"),
    _idle("fresh_d", "2025-09-18", "no", "the agreed start is nine months ago"),
)

_UNDATED = (
    Case(
        "no_dates_at_all",
        "vacant",
        (
            Verdict(
                "idle_not_started",
                "undetermined",
                "no agreed start, no handover, no approval: no day to count from",
                {"missing": ["agreed_start", "handover_on", "approved_on"]},
            ),
        ),
        {"agreed_start": None, "handover_on": None, "approved_on": None, "contract_on": "2019-06-11"},
    ),
    Case(
        "handover_only_old",
        "vacant",
        (
            Verdict(
                "idle_not_started",
                "undetermined",
                "no agreed start; handover 2022-04-18 counts only by a default",
                {
                    "needs": "default_start_after_handover_years",
                    "verdict_with_default": "yes",
                    "since": "2024-04-18",
                    "missing": ["agreed_start"],
                },
            ),
        ),
        {
            "agreed_start": None,
            "handover_on": "2022-04-18",
            "approved_on": "2021-09-30",
            "contract_on": "2022-01-20",
        },
    ),
    Case(
        "handover_only_recent",
        "vacant",
        (
            Verdict(
                "idle_not_started",
                "undetermined",
                "no agreed start; by the default it would be 2025-09-22",
                {
                    "needs": "default_start_after_handover_years",
                    "verdict_with_default": "no",
                    "missing": ["agreed_start"],
                },
            ),
        ),
        {
            "agreed_start": None,
            "handover_on": "2024-09-22",
            "approved_on": "2024-02-02",
            "contract_on": "2024-06-28",
        },
    ),
    Case(
        "approval_only",
        "vacant",
        (
            Verdict(
                "idle_not_started",
                "undetermined",
                "no agreed start, no handover; approval 2021-03-05 counts by a default",
                {
                    "needs": "default_start_after_approval_years",
                    "verdict_with_default": "yes",
                    "since": "2023-03-05",
                    "missing": ["agreed_start", "handover_on"],
                },
            ),
        ),
        {"agreed_start": None, "handover_on": None, "approved_on": "2021-03-05", "contract_on": "2021-06-15"},
    ),
    _idle(
        "handed_over_late",
        "2023-06-15",
        "undetermined",
        "the land was handed over on 2025-11-20 only, long after the agreed start: ask why and from when to count",
        handover_on="2025-11-20",
        contract_on="2022-10-10",
        approved_on="2022-06-01",
    ),
    Case(
        "no_ledger_row",
        "vacant",
        (
            Verdict(
                "idle_not_started",
                "undetermined",
                "industrial land of which the ledger says nothing",
                {"missing": ["supply"]},
            ),
        ),
        row=False,
    ),
)

_SUSPENDED = (
    _stopped(
        "stopped_by_area",
        "yes",
        "developed 20 % (< 1/3), stopped on 2024-08-15",
        suspended_since="2024-08-15",
        developed_share=0.20,
        invested_share=0.60,
    ),
    _stopped(
        "stopped_by_investment",
        "yes",
        "invested 15 % (< 25 %), stopped on 2024-03-01",
        suspended_since="2024-03-01",
        developed_share=0.50,
        invested_share=0.15,
    ),
    _stopped(
        "stopped_boundary_day",
        "yes",
        "developed 25 % (< 1/3); the year is full on the very day, 2026-06-30",
        suspended_since="2025-06-30",
        developed_share=0.25,
        invested_share=0.45,
    ),
    _stopped(
        "stopped_lately",
        "no",
        "developed 20 %, but stopped on 2025-12-01 only",
        suspended_since="2025-12-01",
        developed_share=0.20,
        invested_share=0.20,
    ),
    _stopped(
        "stopped_far_on",
        "no",
        "stopped on 2024-02-20, but developed 60 % and invested 70 %",
        suspended_since="2024-02-20",
        developed_share=0.60,
        invested_share=0.70,
    ),
    Case(
        "stopped_unknown",
        "suspended",
        (
            Verdict(
                "idle_suspended",
                "undetermined",
                "stopped on 2024-05-20; neither developed area nor investment is known",
                {"missing": ["developed_area_m2", "agreed_investment_wan", "invested_wan"]},
            ),
            Verdict("idle_not_started", "no", "construction was started"),
        ),
        {
            "suspended_since": "2024-05-20",
            "developed_area_m2": None,
            "agreed_investment_wan": None,
            "invested_wan": None,
        },
    ),
)

_CONFLICTS = (
    *(
        Case(
            f"ledger_silent_{n}",
            "conflict_built",
            (
                Verdict(
                    "idle_not_started",
                    "yes",
                    f"by the ledger alone: agreed start {agreed}, no start reported",
                    {"since": since, "contested": True},
                ),
                Verdict(
                    "evidence_conflict",
                    "yes",
                    "the ledger says not started; halls, electricity and output are there",
                ),
            ),
            {
                "agreed_start": agreed,
                "actual_start": None,
                "actual_completion": None,
                "developed_area_m2": None,
            },
        )
        for n, agreed, since in (("a", "2021-04-12", "2022-04-12"), ("b", "2020-10-26", "2021-10-26"))
    ),
    *(
        Case(
            f"ledger_boasts_{n}",
            "conflict_bare",
            (
                Verdict("idle_not_started", "no", f"by the ledger: started on {started}"),
                Verdict(
                    "evidence_conflict",
                    "yes",
                    "the ledger says started; bare land, no building, no electricity",
                ),
            ),
            {"agreed_start": agreed, "actual_start": started, "developed_share": 0.45, "invested_share": 0.5},
        )
        for n, agreed, started in (("a", "2023-03-01", "2023-04-10"), ("b", "2024-01-15", "2024-01-08"))
    ),
    Case(
        "started_late",
        "built",
        (Verdict("idle_not_started", "no", "started fourteen months late, but started: not idle today"),),
        {"agreed_start": "2019-03-01", "actual_start": "2020-05-06", "actual_completion": "2021-11-30"},
    ),
)

_USE_OF_LAND = (
    *(
        Case(
            f"part_{n}",
            "part",
            (
                Verdict(
                    "used_in_part",
                    "yes",
                    f"completed, but only {share:.0%} of the parcel is built on or in use",
                ),
            ),
            {"developed_share": share},
        )
        for n, share in (("a", 0.42), ("b", 0.48), ("c", 0.38))
    ),
    *(
        Case(
            f"silent_{n}",
            "silent",
            (
                Verdict(
                    "built_not_producing",
                    "yes",
                    "halls completed years ago; no output in 2025, no electricity for twelve months",
                ),
                Verdict("low_efficiency", "yes", "built and not producing; no tax"),
                Verdict("below_contract", "yes", "output and tax are zero", {"also": "built_not_producing"}),
            ),
            figures={"output": 0.0, "tax": 0.0},
        )
        for n in ("a", "b", "c")
    ),
    Case(
        "unknown_use",
        "unknown_use",
        (
            Verdict(
                "built_not_producing",
                "undetermined",
                "halls completed; nobody says who is there or what the meter reads",
            ),
            Verdict("low_efficiency", "undetermined", "no company, no tax figure"),
            Verdict("below_contract", "undetermined", "no company, no output figure"),
        ),
    ),
    *(
        Case(
            f"below_{n}",
            "built",
            (
                Verdict(
                    "below_contract",
                    "yes",
                    "output and tax of 2025 are about half of what the contract agrees",
                ),
            ),
            {"agreed_factor": 2.0},
            {"output": output, "tax": tax},
        )
        for n, output, tax in (("a", 185.0, 8.5), ("b", 205.0, 9.4), ("c", 170.0, 7.9))
    ),
    *(
        Case(
            f"unpromised_{n}",
            "built",
            (
                Verdict(
                    "below_contract",
                    "undetermined",
                    "the contract's figures are not in the ledger",
                    {"missing": ["agreed_output_wan_per_mu", "agreed_tax_wan_per_mu"]},
                ),
            ),
            {"agreed_output_wan_per_mu": None, "agreed_tax_wan_per_mu": None},
        )
        for n in ("a", "b")
    ),
    *(
        Case(
            f"low_{n}",
            "built",
            (
                Verdict("low_efficiency", "yes", f"tax of {tax} 万元/亩 in 2025, below 5"),
                Verdict("below_contract", "no", "an old contract that asked little"),
            ),
            {"agreed_factor": 0.8},
            {"output": output, "tax": tax},
        )
        for n, output, tax in (("a", 62.0, 1.4), ("b", 88.0, 2.6), ("c", 104.0, 3.8), ("d", 71.0, 0.6))
    ),
    *(
        Case(
            f"high_{n}",
            "built",
            (Verdict("high_performer", "yes", f"{output:.0f} 万元/亩 of output, {tax:.0f} of tax"),),
            figures={"output": output, "tax": tax},
        )
        for n, output, tax in (("a", 1140.0, 58.0), ("b", 1065.0, 52.0), ("c", 980.0, 47.0))
    ),
    *(
        Case(
            f"sparse_{n}",
            "sparse",
            (Verdict("underbuilt", "yes", "floor area ratio near 0.25, building coefficient near 25 %"),),
        )
        for n in ("a", "b", "c")
    ),
)

_REGISTER = (
    *(
        Case(
            f"area_{n}",
            "built",
            (Verdict("area_mismatch", "yes", f"registered {share:+.1%} against the outline"),),
            {"registered_share": share},
        )
        for n, share in (("a", 0.08), ("b", -0.065), ("c", 0.12))
    ),
    Case(
        "area_unknown",
        "built",
        (
            Verdict(
                "area_mismatch", "undetermined", "no registered area", {"missing": ["registered_area_m2"]}
            ),
        ),
        {"registered_share": None},
    ),
)

CASES: tuple[Case, ...] = (*_NOT_STARTED, *_UNDATED, *_SUSPENDED, *_CONFLICTS, *_USE_OF_LAND, *_REGISTER)
"""All cases that are put on a works chosen at random; cases of place (overlap, frontage …) are in the ground."""
