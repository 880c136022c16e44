"""What runs there: electricity and water against the industry, output and tax."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.evidence.lines import CANNOT_SAY, IDLE, IN_USE, Line, choose, column, no_days

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["industry_norm", "meter_line", "output_line"]

_NO_ROWS = pd.DataFrame(
    {name: pd.Series(dtype=float) for name in ("total", "months", "companies", "unread", "unsplit", "own")}
)


def industry_norm(parcels: pd.DataFrame, value: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """The median of the parcels of the same industry that have a figure above 0.

    Parameters
    ----------
    parcels
        ``industry_code`` where it is known; its first two digits count.
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
    >>> industry_norm(land, np.array([10.0, 20.0, 90.0, 1000.0]), 3).tolist()
    [20.0, 20.0, 20.0, 55.0]
    """
    running = np.isfinite(value) & (value > 0)
    norm = np.full(len(parcels), np.median(value[running]) if running.sum() >= max(least, 1) else np.nan)
    if "industry_code" not in parcels:
        return norm
    code = pd.factorize(
        parcels["industry_code"].astype("str").str[:2].where(parcels["industry_code"].notna())
    )[0]
    known = running & (code >= 0)
    grouped = pd.Series(value[known]).groupby(code[known])
    count = grouped.size()
    own = grouped.median()[count >= least]
    at = own.index.get_indexer(pd.Index(code))
    return np.where(at >= 0, np.append(own.to_numpy(dtype=float), np.nan)[at], norm)


def meter_line(
    name: str,
    parcels: pd.DataFrame,
    per_mu: NDArray[np.float64],
    found: pd.DataFrame | None,
    rules: RuleBook,
    *,
    unit: str,
    last: dt.date | None = None,
) -> Line:
    """A meter's twelve months against the industry's.

    Parameters
    ----------
    name
        ``electricity`` or ``water``.
    parcels
        ``parcel_id``, ``industry_code``.
    per_mu
        Twelve months per mu of each parcel.
    found
        `parkgeo.metrics.meters.Metered.parcels`; None: no readings.
    rules
        The packs in force.
    unit
        Of the figure per mu.
    last
        Last day of the twelve months.

    Returns
    -------
    Line

    Notes
    -----
    A figure that came by splitting a company's meter over several parcels shows that the company is at work, not where: it
    contradicts nothing. A split zero is zero on each.
    """
    count = len(parcels)
    on = (found if found is not None else _NO_ROWS).reindex(parcels["parcel_id"])
    unread, unsplit, own = (on[each].to_numpy(dtype=float) for each in ("unread", "unsplit", "own"))
    norm = industry_norm(parcels, per_mu, rules["evidence.industry_parcels"].number("1"))
    low, high = (rules[f"evidence.meter_{each}_share"].number("1") for each in ("idle", "in_use"))
    case, says = choose(
        count,
        [
            (np.full(count, found is None), "no_meter", CANNOT_SAY),
            (on["companies"].isna().to_numpy(dtype=bool), "no_company", CANNOT_SAY),
            (unread > 0, "unread", CANNOT_SAY),
            (unsplit > 0, "unsplit", CANNOT_SAY),
            (per_mu == 0, "zero", IDLE),
            (~np.isfinite(norm) | ~np.isfinite(per_mu), "no_norm", CANNOT_SAY),
            (per_mu < low * norm, "low", IDLE),
            (per_mu >= high * norm, "normal", IN_USE),
        ],
        ("between", CANNOT_SAY),
    )
    end = no_days(count) if last is None else np.full(count, np.datetime64(last, "D"))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = 100 * per_mu / norm
    return Line(
        name, says, case, per_mu, unit, end,
        firm=(says == IDLE) | (own > 0),
        numbers={
            "figure": (per_mu, 1), "norm": (norm, 1), "share": (share, 1), "months": (on["months"].to_numpy(dtype=float), 0),
            "least": (np.full(count, rules["evidence.meter_months"].number("month")), 0),
        },
        days={"on": end},
        source_file=on["source_file"].to_numpy(dtype=object) if "source_file" in on else None,
        source_row=on["source_row"].to_numpy(dtype=float) if "source_row" in on else None,
    )  # fmt: skip


def output_line(
    parcels: pd.DataFrame,
    year: int | None,
    own: NDArray[np.bool_],
    rules: RuleBook,
    *,
    source_file: NDArray[np.object_] | None = None,
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
    norms = [industry_norm(parcels, each, least) for each in (output, tax)]
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
    end = no_days(count) if year is None else np.full(count, np.datetime64(f"{year}-12-31", "D"))
    return Line(
        "output", says, case, np.where(np.isnan(output), tax, output), "wan/mu", end,
        firm=(says == IDLE) | own,
        numbers={"output": (output, 1), "tax": (tax, 2), "output_norm": (norms[0], 1), "tax_norm": (norms[1], 2)},
        days={"on": end},
        source_file=source_file, source_row=source_row,
    )  # fmt: skip
