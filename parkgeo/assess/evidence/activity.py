"""What runs there: electricity and water against the industry, output and tax."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.assess.evidence.lines import (
    CANNOT_SAY,
    IDLE,
    IN_USE,
    Line,
    choose,
    column,
    no_days,
    one_day,
    one_number,
)

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.metrics.meters import Metered
    from parkgeo.packs import RuleBook

__all__ = ["industries_of", "industry_norm", "meter_line", "output_line"]


def industries_of(parcels: pd.DataFrame) -> NDArray[np.intp]:
    """Number of each parcel's industry, the first two digits of ``industry_code``; -1 where it is not known.

    Examples
    --------
    >>> industries_of(pd.DataFrame({"industry_code": ["3612", "17", None, "36"]})).tolist()
    [0, 1, -1, 0]
    """
    code = coded(parcels, "industry_code")
    number = pd.factorize(pd.Series([str(word)[:2] for word in code.words], dtype=object))[0]
    # The last stands for a parcel without a code, whose number is -1.
    return np.append(number, -1)[code.codes]


def industry_norm(
    industry: NDArray[np.intp], value: NDArray[np.float64], least: float
) -> NDArray[np.float64]:
    """The median of the parcels of the same industry that have a figure above 0.

    Parameters
    ----------
    industry
        Number of each parcel's industry, see `industries_of`; -1 where it is not known.
    value
        Figure per mu of each parcel.
    least
        With figures on fewer parcels an industry takes the park's median; where the park has fewer, there is none.

    Returns
    -------
    numpy.ndarray
        NaN where there is none.

    Notes
    -----
    Works that stand still are left out: the norm is what a running one of the industry uses.

    Examples
    --------
    >>> land = pd.DataFrame({"industry_code": ["36", "3612", "36", "17"]})
    >>> industry_norm(industries_of(land), np.array([10.0, 20.0, 90.0, 1000.0]), 3).tolist()
    [20.0, 20.0, 20.0, 55.0]
    """
    running = np.isfinite(value) & (value > 0)
    whole = np.median(value[running]) if running.sum() >= max(least, 1) else np.nan
    norms = np.full(industry.max(initial=-1) + 2, whole)  # the last stands for a parcel of no known industry
    known = running & (industry >= 0)
    grouped = pd.Series(value[known]).groupby(industry[known])
    own = grouped.median()[grouped.size() >= least]
    norms[own.index.to_numpy(dtype=np.intp)] = own.to_numpy(dtype=float)
    return norms[industry]


def meter_line(
    name: str,
    industry: NDArray[np.intp],
    per_mu: NDArray[np.float64],
    found: Metered | None,
    rules: RuleBook,
    *,
    unit: str,
    last: dt.date | None = None,
    source_file: pd.Categorical | None = None,
    source_row: NDArray[np.float64] | None = None,
) -> Line:
    """A meter's twelve months against the industry's.

    Parameters
    ----------
    name
        ``electricity`` or ``water``.
    industry
        Number of each parcel's industry, see `industries_of`.
    per_mu
        Twelve months per mu of each parcel.
    found
        The meter's twelve months on the parcels; None: no readings.
    rules
        The packs in force.
    unit
        Of the figure per mu.
    last
        Last day of the twelve months.
    source_file, source_row
        Of a sole company's last reading.

    Returns
    -------
    Line

    Notes
    -----
    A figure that came by splitting a company's meter over several parcels shows that the company is at work, not where: it
    contradicts nothing. A split zero is zero on each.
    """
    count = len(per_mu)
    nothing = np.zeros(count, dtype=bool)
    nobody, unread, unsplit, own, months = (
        (~nothing, nothing, nothing, nothing, one_number(count, np.nan))
        if found is None
        else (
            found.there.companies == 0,
            found.unread > 0,
            found.unsplit > 0,
            found.there.own > 0,
            found.months,
        )
    )
    norm = industry_norm(industry, per_mu, rules["evidence.industry_parcels"].number("1"))
    low, high = (rules[f"evidence.meter_{each}_share"].number("1") for each in ("idle", "in_use"))
    case, says = choose(
        count,
        [
            (np.full(count, found is None), "no_meter", CANNOT_SAY),
            (nobody, "no_company", CANNOT_SAY),
            (unread, "unread", CANNOT_SAY),
            (unsplit, "unsplit", CANNOT_SAY),
            (per_mu == 0, "zero", IDLE),
            (~np.isfinite(norm) | ~np.isfinite(per_mu), "no_norm", CANNOT_SAY),
            (per_mu < low * norm, "low", IDLE),
            (per_mu >= high * norm, "normal", IN_USE),
        ],
        ("between", CANNOT_SAY),
    )
    end = no_days(count) if last is None else one_day(count, np.datetime64(last, "D"))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = 100 * per_mu / norm
    return Line(
        name, says, case, per_mu, unit, end,
        firm=(says == IDLE) | own,
        numbers={
            "figure": (per_mu, 1), "norm": (norm, 1), "share": (share, 1), "months": (months, 0),
            "least": (one_number(count, rules["evidence.meter_months"].number("month")), 0),
        },
        days={"on": end},
        source_file=source_file, source_row=source_row,
    )  # fmt: skip


def output_line(
    parcels: pd.DataFrame,
    year: int | None,
    own: NDArray[np.bool_],
    rules: RuleBook,
    *,
    industry: NDArray[np.intp] | None = None,
    source_file: pd.Categorical | None = None,
    source_row: NDArray[np.float64] | None = None,
) -> Line:
    """Output and tax of the latest full year against the industry's.

    Parameters
    ----------
    parcels
        ``output_wan_per_mu``, ``tax_wan_per_mu``, ``industry_code``.
    year
        Of the figures; None: there are no yearly returns.
    own
        Where a company is on the parcel that is on no other.
    rules
        The packs in force.
    industry
        Number of each parcel's industry where it was looked up already, see `industries_of`.
    source_file, source_row
        Of the return, where one company is on the parcel.

    Returns
    -------
    Line
        Figure: output per mu; where only the tax is known, tax per mu.

    Notes
    -----
    Both zero: idle, and so it is where one is zero and the returns do not hold the other at all. A blank one is not zero.
    """
    count = len(parcels)
    output, tax = column(parcels, "output_wan_per_mu"), column(parcels, "tax_wan_per_mu")
    filed = [each for each in (output, tax) if np.isfinite(each).any()]
    least = rules["evidence.industry_parcels"].number("1")
    enough = rules["evidence.output_in_use_share"].number("1")
    group = industries_of(parcels) if industry is None else industry
    norms = [industry_norm(group, each, least) for each in (output, tax)]
    running = np.zeros(count, dtype=bool)
    for each, norm in zip((output, tax), norms, strict=True):
        running |= (each > 0) & (each >= enough * norm)
    known = np.isfinite(output) | np.isfinite(tax)
    zero = np.logical_and.reduce([each == 0 for each in filed]) if filed else np.zeros(count, dtype=bool)
    case, says = choose(
        count,
        [
            (np.full(count, year is None or not filed), "no_returns", CANNOT_SAY),
            (~known, "no_return", CANNOT_SAY),
            (zero, "zero", IDLE),
            (running, "running", IN_USE),
        ],
        ("between", CANNOT_SAY),
    )
    end = no_days(count) if year is None else one_day(count, np.datetime64(f"{year}-12-31", "D"))
    return Line(
        "output", says, case, np.where(np.isnan(output), tax, output), "wan/mu", end,
        firm=(says == IDLE) | own,
        numbers={"output": (output, 1), "tax": (tax, 2), "output_norm": (norms[0], 1), "tax_norm": (norms[1], 2)},
        days={"on": end},
        source_file=source_file, source_row=source_row,
    )  # fmt: skip
