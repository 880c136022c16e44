"""Low efficiency (低效用地) by the grounds that the packs switch on, and high performers (高效用地) against published averages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.states.contract import below_agreed
from parkgeo.assess.states.telling import (
    ASKED,
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
    at_least,
    below,
    known,
    verdicts,
)
from parkgeo.assess.wording import ask, compose
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.assess.states.occupants import Occupants
    from parkgeo.assess.states.standing import Standing
    from parkgeo.packs import Figure

__all__ = ["high_performer", "industry_means", "low_efficiency"]

_SAID = {
    "yes": "Low efficiency: {grounds}.",
    "undetermined": "Undetermined whether low efficiency: {grounds}.",
}
_GROUNDS = {
    "tax_below_wan_per_mu": "tax of {year} is {tax} wan yuan/mu, below {least}",
    "tax_below_industry_mean": "tax of {year} is {tax} wan yuan/mu, below the mean of its industry in the park, {mean}",
    "no_tax_years": "no tax in {years} years on end",
    "not_producing": "built and not producing",
    "tax_below_contract": "tax of {year} is {tax} wan yuan/mu, below the {agreed} that the contract agrees",
    "let_to_outside_taxpayers": "mainly let to tenants who pay their taxes elsewhere",
}
_OPEN_GROUNDS = {
    "tax_below_wan_per_mu": "the tax is not known",
    "tax_below_industry_mean": "the tax, or the industry's mean, is not known",
    "no_tax_years": "the tax of {years} years is not known",
    "not_producing": "whether it produces is not known",
    "tax_below_contract": "the tax, or what the contract agrees, is not known",
    "let_to_outside_taxpayers": "where the tenants pay their taxes, or how much is let, is not known",
    "due": "when the works were completed is not known",
}
_JOIN = {"zh": "；", "en": "; "}
_MOSTLY = 0.5
_HIGH = {
    "yes": "High performer: output of {year} is {output} wan yuan/mu and tax {tax}, at least the national average ({output_average} and {tax_average}).",
    "unknown": "Undetermined: one of output and tax is not known, and the other is at least the national average.",
}


def industry_means(
    value: NDArray[np.float64], area: NDArray[np.float64], industry: pd.Series[Any], *, least: float
) -> NDArray[np.float64]:
    """Mean per mu of each parcel's industry, weighted by area.

    Parameters
    ----------
    value
        Per mu; NaN where missing, and such a parcel does not count.
    area
        m².
    industry
        Code of each parcel.
    least
        Parcels that a mean needs.

    Returns
    -------
    numpy.ndarray
        NaN where the industry is not known or has fewer parcels with a figure.

    Examples
    --------
    >>> codes = pd.Series(["13", "13", "26"])
    >>> industry_means(np.array([1.0, 4.0, 9.0]), np.array([200.0, 100.0, 100.0]), codes, least=2).tolist()
    [2.0, 2.0, nan]
    """
    places, distinct = pd.factorize(industry)
    counted = ~np.isnan(value) & (places >= 0)
    weights = np.where(counted, area, 0.0)
    groups = len(distinct)
    total = np.bincount(places[counted], weights=(weights * np.nan_to_num(value))[counted], minlength=groups)
    ground = np.bincount(places[counted], weights=weights[counted], minlength=groups)
    count = np.bincount(places[counted], minlength=groups)
    mean = np.full(groups + 1, np.nan)
    enough = np.flatnonzero((count >= least) & (ground > 0))
    mean[enough] = total[enough] / ground[enough]
    return mean[places]


def low_efficiency(standing: Standing, producing: Judged | None, occupants: Occupants) -> Judged | None:
    """低效用地: by the grounds that the packs in force switch on; one that holds is enough.

    Parameters
    ----------
    standing
        What is known of the parcels.
    producing
        The answer of `parkgeo.assess.states.use.built_not_producing`.
    occupants
        What the companies say.

    Returns
    -------
    Judged or None
        None where no ground is on. ``observed`` is the tax per mu. Judged is industrial land that is built.

    Notes
    -----
    A ground of a year's tax holds only where the works were completed before that year; built-not-producing has a term of its own.
    """
    rules = standing.rules
    grounds = _grounds(standing, producing, occupants)
    if not grounds:
        return None
    due = standing.due()
    timely = [all_of(due, answer) for name, answer in grounds.items() if name != "not_producing"]
    answer = any_of(*timely, *(each for name, each in grounds.items() if name == "not_producing"))
    holds = {
        name: (each == YES) & ((name == "not_producing") | (due == YES)) for name, each in grounds.items()
    }
    waits = {name: each == UNKNOWN for name, each in grounds.items()}
    waits["due"] = np.logical_or.reduce([each == YES for each in grounds.values()]) & (due == UNKNOWN)
    tax = standing.yearly("tax_wan_per_mu")
    figure = rules["efficiency.tax_below_wan_per_mu"]
    threshold = figure.number("wan/mu") if not figure.empty else np.nan
    judged = standing.industry() & standing.meant & (standing.built == YES) & (standing.supplied != NO)
    verdict = verdicts(answer, judged)
    nowhere = np.zeros(len(tax), dtype=bool)
    missing = missing_names(
        {
            "enterprise_id": waits.get("not_producing", nowhere) & np.isnan(tax),
            "tax_wan": np.isnan(tax) | waits.get("no_tax_years", nowhere),
            "industry_code": waits.get("tax_below_industry_mean", nowhere)
            & occupants.industry.isna().to_numpy(),
            "agreed_tax_wan_per_mu": waits.get("tax_below_contract", nowhere),
            "tenure": waits.get("let_to_outside_taxpayers", nowhere),
            "actual_completion": waits["due"],
            "electricity_kwh": waits.get("not_producing", nowhere)
            & np.isnan(standing.metric("electricity_kwh_per_mu")),
        },
        verdict,
    )
    used = [rules[f"efficiency.{name}"] for name in grounds]
    return answered(
        "low_efficiency", figure, standing, verdict,
        case=cases([(answer == YES, "yes"), (answer == NO, "no")], "unknown"),
        observed=tax, threshold=threshold, missing=missing,
        reasons=_grounds_told(standing, occupants, verdict, holds, waits, missing),
        told=[
            metrics(standing.parcels, "tax_wan_per_mu", "output_wan_per_mu", "electricity_kwh_per_mu", "industry_code"),
            cells(standing.contracts, "agreed_tax_wan_per_mu", "actual_completion"),
            lambda _: [one.as_evidence() for one in used],
        ],
    )  # fmt: skip


def _grounds(standing: Standing, producing: Judged | None, occupants: Occupants) -> dict[str, Answer]:
    """Each ground that is on, and where it holds."""
    rules = standing.rules
    tax = standing.yearly("tax_wan_per_mu")
    found: dict[str, Answer] = {}
    if least := rules.get("efficiency.tax_below_wan_per_mu"):
        found["tax_below_wan_per_mu"] = below(tax, least.number("wan/mu"))
    if _on(rules.get("efficiency.tax_below_industry_mean")):
        found["tax_below_industry_mean"] = below(tax, _means(standing, occupants))
    if (years := rules.get("efficiency.no_tax_years")) and years.number("year") >= 1:
        found["no_tax_years"] = _no_tax(occupants.tax_by_year, int(years.number("year")))
    if _on(rules.get("efficiency.not_producing")) and producing is not None:
        said = producing.table["verdict"].array
        found["not_producing"] = known(np.asarray(said == "yes"), np.asarray(said != "undetermined"))
    if _on(rules.get("efficiency.tax_below_contract")):
        found["tax_below_contract"] = below_agreed(standing, "tax", 1.0)[0]
    if _on(rules.get("efficiency.let_to_outside_taxpayers")):
        # No file says where a tenant pays; land that is not mainly let is clear of this ground.
        let = at_least(occupants.rented_share, _MOSTLY)
        found["let_to_outside_taxpayers"] = np.where(let == YES, UNKNOWN, let).astype(np.int8)
    return found


def _on(figure: Figure | None) -> bool:
    return figure is not None and figure.flag()


def _means(standing: Standing, occupants: Occupants) -> NDArray[np.float64]:
    """Mean tax of each parcel's industry on industrial land."""
    tax = np.where(standing.industry(), standing.yearly("tax_wan_per_mu"), np.nan)
    least = standing.rules["efficiency.industry_mean_least"].number("1")
    return industry_means(tax, standing.metric("site_area_m2"), occupants.industry, least=least)


def _no_tax(tax_by_year: pd.DataFrame, years: int) -> Answer:
    """No tax in each of the latest years; one year with some is "no", one not known leaves it open."""
    if tax_by_year.shape[1] < years:
        paid = tax_by_year.to_numpy(dtype=float) > 0
        return np.where(paid.any(axis=1), NO, UNKNOWN).astype(np.int8)
    columns = tax_by_year.to_numpy(dtype=float)[:, :years].T
    return all_of(*(known(column <= 0, ~np.isnan(column)) for column in columns))


def _grounds_told(
    standing: Standing,
    occupants: Occupants,
    verdict: pd.Categorical,
    holds: Mapping[str, NDArray[np.bool_]],
    waits: Mapping[str, NDArray[np.bool_]],
    missing: pd.Categorical,
) -> Callable[[NDArray[np.intp]], pd.DataFrame]:
    """All grounds that hold in one sentence; where none does, all that are open."""
    rules = standing.rules
    least = rules.get("efficiency.tax_below_wan_per_mu")
    years = rules.get("efficiency.no_tax_years")
    values: dict[str, Any] = {
        "tax": number(standing.yearly("tax_wan_per_mu")),
        "least": still(least.number("wan/mu") if least else np.nan),
        "mean": number(_means(standing, occupants)) if "tax_below_industry_mean" in holds else still(np.nan),
        "agreed": number(
            standing.contracts["agreed_tax_wan_per_mu"].to_numpy(dtype=float)
            if "agreed_tax_wan_per_mu" in standing.contracts
            else np.full(len(verdict), np.nan)
        ),
    }
    fixed = {"year": str(standing.year or "—"), "years": f"{years.number('year'):g}" if years else "—"}

    def reasons(at: NDArray[np.intp]) -> pd.DataFrame:
        told: dict[str, NDArray[np.object_]] = {}
        yes, asked = np.asarray(verdict[at] == "yes"), np.asarray(missing[at], dtype=object)
        for lang in LANGUAGES:
            columns = {name: text(at, lang) for name, text in values.items()}
            columns |= {name: [text] * len(at) for name, text in fixed.items()}
            lists: list[list[str]] = [[] for _ in at]
            for flags, patterns, on in ((holds, _GROUNDS, yes), (waits, _OPEN_GROUNDS, ~yes)):
                for name, flag in flags.items():
                    places = np.flatnonzero(flag[at] & on)
                    part = {key: [column[place] for place in places] for key, column in columns.items()}
                    for place, text in zip(
                        places, compose(patterns, [name] * len(places), lang, **part), strict=True
                    ):
                        lists[place].append(text)
            grounds = [_JOIN[lang].join(texts) for texts in lists]
            case = np.where(yes, "yes", "undetermined").astype(object)
            said = np.array(compose(_SAID, case, lang, grounds=grounds), dtype=object)
            told[lang] = ask(said, asked, ASKED, lang)
        return pd.DataFrame(told, dtype=object)

    return reasons


def high_performer(standing: Standing) -> Judged | None:
    """高效用地: output and tax per mu both at least a multiple of the published averages.

    Parameters
    ----------
    standing
        What is known of the parcels.

    Returns
    -------
    Judged or None
        None where a pack lacks the averages of output or tax. ``observed`` is the lesser of the two ratios. Judged is industrial land
        that is built and of which at least one of the two figures is known: who has filed nothing is no candidate.
    """
    rules = standing.rules
    figure = rules.get("efficiency.high_performer_ratio")
    averages = [rules.benchmark(name) for name in ("output_wan_per_mu", "tax_wan_per_mu")]
    if figure is None or any(average is None for average in averages):
        return None
    output_average, tax_average = (average.number("wan/mu") for average in averages if average is not None)
    output, tax = standing.yearly("output_wan_per_mu"), standing.yearly("tax_wan_per_mu")
    ratios = (output / output_average, tax / tax_average)
    answer = all_of(*(at_least(ratio, figure.number("1")) for ratio in ratios))
    case = cases([(answer == YES, "yes"), (answer == NO, "no")], "unknown")
    candidate = ~(np.isnan(output) & np.isnan(tax))
    judged = standing.industry() & standing.meant & (standing.built == YES) & (standing.supplied != NO)
    verdict = verdicts(answer, judged & candidate)
    missing = missing_names({"output_wan": np.isnan(output), "tax_wan": np.isnan(tax)}, verdict)
    values = {
        "output": number(output), "tax": number(tax), "year": still(str(standing.year or "—")),
        "output_average": still(output_average), "tax_average": still(tax_average),
    }  # fmt: skip
    return answered(
        "high_performer", figure, standing, verdict,
        case=case, observed=np.fmin(*ratios), threshold=figure.number("1"), missing=missing,
        reasons=sentences(_HIGH, case, missing, values),
        told=[
            metrics(standing.parcels, "output_wan_per_mu", "tax_wan_per_mu"),
            lambda _: [figure.as_evidence(), *(average.as_evidence() for average in averages if average is not None)],
        ],
    )  # fmt: skip
