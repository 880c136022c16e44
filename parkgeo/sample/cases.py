"""The planted cases: what is wrong with which parcel, and what a careful officer would say about it.

Each :class:`Case` is thought through by hand against Order 53 (idle land) and the land-state classes. ``ledger`` holds
what the supply ledger says instead of the ordinary dates (``None``: the cell is blank), ``figures`` what the companies
on the parcel report, ``state`` what stands there. Verdicts are those of 30 June 2026.
"""

from __future__ import annotations

from parkgeo.sample.idle_cases import NOT_STARTED, SUSPENDED, UNDATED
from parkgeo.sample.verdicts import Case, Verdict

__all__ = ["CASES"]

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
            Verdict("no_company", "yes", "halls completed; no company in the list of who occupies what"),
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

CASES: tuple[Case, ...] = (*NOT_STARTED, *UNDATED, *SUSPENDED, *_CONFLICTS, *_USE_OF_LAND, *_REGISTER)
"""All cases that are put on a works chosen at random; cases of place (overlap, frontage …) are in the ground."""
