"""Completed land that is used in part (用而未尽), or on which nothing is produced (建而未投)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.contracts import numbers, unreadable
from parkgeo.assess.states.telling import (
    answered,
    cases,
    cells,
    day,
    metrics,
    missing_names,
    number,
    sentences,
    still,
)
from parkgeo.assess.states.trivalent import (
    NO,
    UNKNOWN,
    YES,
    all_of,
    at_least,
    below,
    known,
    verdicts,
)
from parkgeo.assess.wording import figure_texts
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.assess.states.standing import Standing

__all__ = ["built_not_producing", "months_between", "used_in_part"]

_PART = {
    "yes": "Used in part: completed, and {share} % of the area is developed; {unused} mu are not used.",
    "yes_coefficient": "Used in part: completed, and the building coefficient is {share} %; {unused} mu are not built on. The developed area is not in the ledger.",
    "unknown": "Undetermined: completed, but how much of the land is developed is not known.",
}
_SILENT = {
    "yes": "Built, not producing: completed on {completed_on}, {months} months ago; no output in {year}, and {kwh} kWh per mu of electricity in twelve months.",
    "no_output": "Undetermined: completed, but what is produced is not known.",
    "no_meter": "Undetermined: no output in {year}, but what electricity was used is not known.",
    "no_date": "Undetermined: no output and hardly any electricity, but when the works were completed is not known.",
}


def _standing_land(standing: Standing) -> NDArray[np.bool_]:
    """Land that is built and not known to be without supply."""
    judged: NDArray[np.bool_] = standing.meant & (standing.built == YES) & (standing.supplied != NO)
    return judged


def used_in_part(standing: Standing) -> Judged | None:
    """用而未尽: completed, and a developable part of the parcel is not used.

    Parameters
    ----------
    standing
        What is known of the parcels.

    Returns
    -------
    Judged or None
        None where no pack has the figure. ``observed`` is the developed share: the ledger's developed area ÷ the area to be
        developed, else the area supplied, registered or drawn; where the ledger has no developed area, the building coefficient,
        held against a threshold of its own. Without a coefficient the building density is the least that it can be: it can clear a
        parcel and never convict it.
    """
    figure = standing.rules.get("state.used_in_part_below")
    if figure is None:
        return None
    rules, contracts = standing.rules, standing.contracts
    whole = numbers(contracts, "construction_area_m2")
    for other in (numbers(contracts, "supplied_area_m2"), standing.metric("registered_area_m2"), standing.metric("site_area_m2")):  # fmt: skip
        whole = np.where(whole > 0, whole, other)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        developed = np.where(whole > 0, numbers(contracts, "developed_area_m2") / whole, np.nan)
    by_ledger = ~np.isnan(developed)
    coefficient, density = standing.metric("building_coefficient"), standing.built_share
    least = np.where(by_ledger, figure.number("1"), rules["state.used_in_part_coefficient_below"].number("1"))
    share = np.where(by_ledger, developed, np.where(np.isnan(coefficient), density, coefficient))
    unused = (1 - share) * np.where(by_ledger, whole, standing.metric("site_area_m2")) / M2_PER_MU
    answer = all_of(below(share, least), at_least(unused, rules["state.unused_least_mu"].number("mu")))
    # A cell that could not be read was not left blank, and a density is not the coefficient.
    unsure = (~by_ledger & np.isnan(coefficient)) | unreadable(contracts, "developed_area_m2")
    answer = np.where((answer == YES) & unsure, UNKNOWN, answer).astype(np.int8)
    case = cases(
        [(answer == UNKNOWN, "unknown"), (answer == NO, "no"), (by_ledger, "yes")], "yes_coefficient"
    )
    verdict = verdicts(answer, _standing_land(standing))
    missing = missing_names(
        {"developed_area_m2": ~by_ledger, "kind": ~by_ledger & ~np.isnan(density) & np.isnan(coefficient)},
        verdict,
    )
    names = ("actual_completion", "developed_area_m2", "construction_area_m2", "supplied_area_m2")
    return answered(
        "used_in_part", figure, standing, verdict,
        case=case, observed=share, threshold=least, missing=missing,
        reasons=sentences(
            _PART, case, missing, {"share": lambda at, lang: figure_texts(100 * share[at], lang), "unused": number(unused)},
        ),
        told=[
            cells(contracts, *names), metrics(standing.parcels, "building_coefficient", "building_density", "site_area_m2"),
            lambda at: [(figure if by_ledger[at] else rules["state.used_in_part_coefficient_below"]).as_evidence(),
                        rules["state.unused_least_mu"].as_evidence()],
        ],
    )  # fmt: skip


def built_not_producing(standing: Standing) -> Judged | None:
    """建而未投: completed for some time, no output, hardly any electricity.

    Parameters
    ----------
    standing
        What is known of the parcels.

    Returns
    -------
    Judged or None
        None where no pack has the figure. ``observed`` is the full months since the completion, ``since`` the completion. Judged
        is industrial and storage land that is built.

    Notes
    -----
    All three must hold: completed for so many months, no output in the latest full year, and electricity of twelve months below
    the figure. One that does not hold makes it "no"; else one that is not known leaves it open. An output below 0 says nothing.
    """
    figure = standing.rules.get("state.not_producing_months")
    if figure is None:
        return None
    rules, contracts = standing.rules, standing.contracts
    most = rules["state.not_producing_kwh_per_mu"]
    since = np.where(standing.completed == YES, standing.completed_on, np.datetime64("NaT", "D"))
    months = months_between(since, standing.day)
    output, kwh = standing.yearly("output_wan_per_mu"), standing.metric("electricity_kwh_per_mu")
    long_ago = at_least(months, figure.number("month"))
    no_output = known(output == 0, output >= 0)
    dark = below(kwh, most.number("kWh/mu"))
    answer = all_of(long_ago, no_output, dark)
    case = cases(
        [
            (answer == YES, "yes"),
            (answer == NO, "no"),
            (no_output == UNKNOWN, "no_output"),
            (dark == UNKNOWN, "no_meter"),
        ],
        "no_date",
    )
    verdict = verdicts(answer, _standing_land(standing) & standing.works)
    missing = missing_names(
        {
            "enterprise_id": (no_output == UNKNOWN) & (dark == UNKNOWN),
            "output_wan": no_output == UNKNOWN,
            "electricity_kwh": dark == UNKNOWN,
            "actual_completion": long_ago == UNKNOWN,
        },
        verdict,
    )
    values = {
        "completed_on": day(since), "months": number(months, 0), "kwh": number(kwh, 0),
        "year": still(str(standing.year or "—")),
    }  # fmt: skip
    return answered(
        "built_not_producing", figure, standing, verdict,
        case=case, observed=months, threshold=figure.number("month"), missing=missing, since=since,
        reasons=sentences(_SILENT, case, missing, values),
        told=[
            cells(contracts, "actual_completion"),
            metrics(standing.parcels, "output_wan_per_mu", "electricity_kwh_per_mu", "building_density"),
            lambda _: [figure.as_evidence(), most.as_evidence()],
        ],
    )  # fmt: skip


def months_between(start: NDArray[np.datetime64], end: np.datetime64) -> NDArray[np.float64]:
    """Full months from each day to another; NaN where the first is missing.

    Examples
    --------
    >>> days = np.array(["2025-06-30", "2025-07-01", "2024-02-29"], dtype="datetime64[D]")
    >>> months_between(days, np.datetime64("2026-06-30")).tolist()
    [12.0, 11.0, 28.0]
    """
    first, last = start.astype("datetime64[M]"), end.astype("datetime64[M]")
    months = (last - first).astype(float)
    day_of = (start - first.astype("datetime64[D]")).astype(float)
    reached = (end - last.astype("datetime64[D]")).astype(float)
    longest = ((last + 1).astype("datetime64[D]") - last.astype("datetime64[D]")).astype(float) - 1
    # A month without such a day is full on its last one.
    full = np.where(np.minimum(day_of, longest) <= reached, months, months - 1)
    return np.where(np.isnat(start), np.nan, full)
