"""Planted cases of Order 53: not started, no date to count from, suspended; thought through by hand."""

from __future__ import annotations

from parkgeo.sample.verdicts import Case, Verdict

__all__ = ["NOT_STARTED", "SUSPENDED", "UNDATED"]


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


NOT_STARTED = (
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

UNDATED = (
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

SUSPENDED = (
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
