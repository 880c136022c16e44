"""Underbuilt (建设强度不足): completed industrial land below the control indicators."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import dates
from parkgeo.assess.states.telling import (
    answered,
    cases,
    cells,
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
    Answer,
    all_of,
    any_of,
    below,
    known,
    verdicts,
)
from parkgeo.errors import PackError
from parkgeo.packs.industry import far_min_for

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.assess.states.standing import Standing
    from parkgeo.packs import Figure, RuleBook

__all__ = ["least_far", "new_project_far", "underbuilt"]

_PATTERNS = {
    "both": "Underbuilt: floor area ratio {far}, at least {far_min} for its industry; building coefficient {coefficient} %, at least {coefficient_min} %.",
    "far": "Underbuilt: floor area ratio {far}, at least {far_min} for its industry.",
    "project_both": "Underbuilt: floor area ratio {far}, at least {far_min} for new projects; building coefficient {coefficient} %, at least {coefficient_min} %.",
    "project": "Underbuilt: floor area ratio {far}, at least {far_min} for new projects.",
    "coefficient": "Underbuilt: building coefficient {coefficient} %, at least {coefficient_min} %.",
    "unknown": "Undetermined: floor area ratio, building coefficient or industry is not known.",
}
_COEFFICIENTS = ("control.building_coefficient_min", "control.building_coefficient_min_2008")


def least_far(codes: pd.Series[Any], rules: RuleBook) -> pd.DataFrame:
    """Least floor area ratio of each parcel's industry.

    Parameters
    ----------
    codes
        Industry codes of the edition that the pack names (``land.industry_code_edition``).
    rules
        The packs in force.

    Returns
    -------
    pandas.DataFrame
        ``far_min`` (NaN where no table has the industry), ``ambiguous``, ``figure`` as `parkgeo.packs.industry.far_min_for` gives them,
        looked up once for each distinct code.
    """
    edition = rules.get("land.industry_code_edition")
    places, distinct = pd.factorize(codes)
    looked_up = pd.Series([*distinct, None], dtype=object)
    # A pack without an edition, or without tables, asks for no floor area ratio.
    found = (
        far_min_for(looked_up, edition.text(), rules)
        if edition
        else pd.DataFrame({"far_min": np.nan, "ambiguous": False, "figure": None}, index=looked_up.index)
    )
    return found.iloc[places].set_axis(codes.index)


def new_project_far(rules: RuleBook) -> tuple[Figure, np.datetime64] | None:
    """The least floor area ratio of new projects, and the first day of contracts that count as such.

    Returns
    -------
    tuple or None
        None where no pack in force gives the one or the other.

    Raises
    ------
    PackError
        The day is neither a year nor a day.
    """
    least, since = (rules.get(f"control.far_min_project{end}") for end in ("", "_from"))
    if least is None or since is None:
        return None
    text = since.text().strip()
    try:
        day = dt.date(int(text), 1, 1) if text.isdecimal() else dt.date.fromisoformat(text)
    except ValueError as error:
        raise PackError(
            f"{since.key} must be a year or a day, not {text!r}",
            where=since.pack,
            mend='write it as "2024" or "2024-07-01"',
        ) from error
    return least, np.datetime64(day, "D")


def underbuilt(standing: Standing, industry: pd.Series[Any]) -> Judged | None:
    """Floor area ratio or building coefficient below the least of the control indicators.

    Parameters
    ----------
    standing
        What is known of the parcels.
    industry
        Industry code of each parcel: its own, else its companies'.

    Returns
    -------
    Judged or None
        None where the packs have neither a table of floor area ratios nor a least coefficient. ``observed`` and ``threshold`` are those of
        the floor area ratio, or of the coefficient where that alone fails. Judged is completed industrial land.

    Notes
    -----
    One indicator below its least is enough. Without a coefficient the building density is the least that it can be, so it can clear
    a parcel and never convict it. An industry that the table does not have asks for no floor area ratio; one that is not known leaves
    the answer open. Where a code may be several old ones the least of their figures is taken. A project whose contract was signed on
    or after the day of `new_project_far` is judged by the larger of that figure and its industry's.

    References
    ----------
    工业项目建设用地控制指标, 国土资发〔2008〕24号 and 自然资发〔2023〕72号.
    """
    rules = standing.rules
    figure = rules.get("state.underbuilt")
    coefficient_rule = next((found for key in _COEFFICIENTS if (found := rules.get(key))), None)
    tables = any(rules.get(f"control.far_min_by_industry_{edition}") for edition in ("2023", "2002"))
    project = new_project_far(rules)
    if figure is None or not (tables or coefficient_rule or project):
        return None
    if not set(figure.texts()) <= {"far", "building_coefficient"}:
        raise PackError(f"{figure.key} can hold far and building_coefficient", where=figure.pack)
    least = least_far(industry, rules)
    far, far_min = standing.metric("far"), least["far_min"].to_numpy(dtype=float)
    on = "far" in figure.texts()
    by_industry = _by_far(far, far_min, industry, on=tables and on)
    by_project, new = _by_project(standing, far, project if on else None)
    by_far = any_of(by_industry, by_project)
    project_min = project[0].number("1") if project else np.nan
    # Where both hold the larger is the one to be named.
    new &= ~(far_min >= project_min)
    far_min = np.where(new, project_min, far_min)
    coefficient, by_coefficient = _by_coefficient(
        standing, coefficient_rule if "building_coefficient" in figure.texts() else None
    )
    answer = any_of(by_far, by_coefficient)
    coefficient_min = coefficient_rule.number("1") if coefficient_rule else np.nan
    both = (by_far == YES) & (by_coefficient == YES)
    case = cases(
        [
            (answer == NO, "no"),
            (answer == UNKNOWN, "unknown"),
            (both & new, "project_both"),
            (both, "both"),
            ((by_far == YES) & new, "project"),
            (by_far == YES, "far"),
        ],
        "coefficient",
    )
    judged = standing.industry() & standing.meant & (standing.built == YES) & (standing.supplied != NO)
    verdict = verdicts(answer, judged)
    missing = missing_names(
        {
            "industry_code": (by_industry == UNKNOWN) & (by_far == UNKNOWN) & industry.isna().to_numpy(),
            "contract_on": (by_project == UNKNOWN) & (by_far == UNKNOWN) & ~np.isnan(far),
            "floors": (by_far == UNKNOWN) & np.isnan(far),
            "kind": (by_coefficient == UNKNOWN),
        },
        verdict,
    )
    decisive = by_far != NO
    values = {
        "far": number(far, 2), "far_min": number(far_min, 2),
        "coefficient": number(100 * coefficient), "coefficient_min": still(100 * coefficient_min),
    }  # fmt: skip
    applied = least["figure"].to_numpy(dtype=object)

    def figures(at: int) -> list[dict[str, Any]]:
        used: list[Figure | None] = [figure, rules[str(applied[at])] if applied[at] else None]
        used += (
            [project[0], rules["control.far_min_project_from"]] if project and by_project[at] != NO else []
        )
        used.append(coefficient_rule if by_coefficient[at] != NO else None)
        return [one.as_evidence() for one in used if one is not None]

    return answered(
        "underbuilt", figure, standing, verdict,
        case=case, observed=np.where(decisive, far, coefficient), threshold=np.where(decisive, far_min, coefficient_min),
        missing=missing, reasons=sentences(_PATTERNS, case, missing, values),
        told=[
            metrics(standing.parcels, "far", "building_coefficient", "building_density", "industry_code"),
            cells(standing.contracts, "actual_completion", *(["contract_on"] if project else [])), figures,
        ],
    )  # fmt: skip


def _by_far(
    far: NDArray[np.float64], far_min: NDArray[np.float64], industry: pd.Series[Any], *, on: bool
) -> Answer:
    if not on:
        return known(np.zeros(len(far), dtype=bool))
    none_asked = np.isnan(far_min) & industry.notna().to_numpy()
    return np.where(none_asked, NO, below(far, far_min)).astype(np.int8)


def _by_project(
    standing: Standing, far: NDArray[np.float64], project: tuple[Figure, np.datetime64] | None
) -> tuple[Answer, NDArray[np.bool_]]:
    """By the figure of new projects, and which are known to be new."""
    if project is None:
        nobody = np.zeros(len(far), dtype=bool)
        return known(nobody), nobody
    least, since = project
    signed = dates(standing.contracts, "contract_on")
    new = known(signed >= since, ~np.isnat(signed))
    return all_of(new, below(far, least.number("1"))), new == YES


def _by_coefficient(standing: Standing, rule: Figure | None) -> tuple[NDArray[np.float64], Answer]:
    coefficient, density = standing.metric("building_coefficient"), standing.built_share
    if rule is None:
        return coefficient, known(np.zeros(len(density), dtype=bool))
    least = rule.number("1")
    cleared = np.isnan(coefficient) & (density >= least)
    return coefficient, np.where(cleared, NO, below(coefficient, least)).astype(np.int8)
