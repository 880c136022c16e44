"""What the companies on the parcels say beyond the metrics: industry, tax of the last years, how much is let."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.attached import attached
from parkgeo.metrics import attribute_performance
from parkgeo.metrics.ids import places, present
from parkgeo.packs.industry import two_digits

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.assess.attached import Attached

__all__ = ["Occupants", "current", "occupants_of"]


@dataclass(frozen=True)
class Occupants:
    """What the companies on the parcels say.

    Attributes
    ----------
    tax_by_year
        Tax on each parcel: a column a year, the latest first (that one per mu), on the parcels' index; of parcels that paid in the
        latest the earlier ones are missing.
    industry
        Industry code of each parcel, categorical: the register's, else that of its companies where all have one; missing where not
        known.
    rented_share
        Share of the occupied area that is let; NaN where not known.
    """

    tax_by_year: pd.DataFrame
    industry: pd.Series[Any]
    rented_share: NDArray[np.float64]


def occupants_of(
    parcels: pd.DataFrame,
    occupancy: pd.DataFrame | Attached | None,
    enterprises: pd.DataFrame | None,
    performance: pd.DataFrame | None,
    as_of: dt.date,
    *,
    year: int | None,
    years: int,
    let: bool = True,
    listed: NDArray[np.intp] | None = None,
) -> Occupants:
    """What the companies say of each parcel.

    Parameters
    ----------
    parcels
        ``parcel_id``, and ``industry_code`` where the register has it.
    occupancy, enterprises, performance
        Layers, as far as they are there.
    as_of
        The day of judgement: who is there now.
    year
        The latest full year with returns; None where there is none.
    years
        How many years of tax are asked for, that one included; of parcels whose tax of the latest is above 0 no more is asked.
    let
        Whether it is asked how much is let.
    listed
        Row in ``enterprises`` of each row of the occupancy where it was looked up already, -1 where it has none.

    Returns
    -------
    Occupants
    """
    every = None if occupancy is None else attached(occupancy, parcels)
    now = np.empty(0, dtype=bool) if every is None else current(every.rows, as_of)
    there = None if every is None else every.where(now)
    return Occupants(
        _tax_by_year(parcels, every, performance, year, years),
        _industry(parcels, there, enterprises, None if listed is None else listed[now]),
        _rented(there, len(parcels)) if let else np.full(len(parcels), np.nan),
    )


def current(occupancy: pd.DataFrame, as_of: dt.date) -> NDArray[np.bool_]:
    """Which rows are of who is there on a day; a blank start or end is open.

    Examples
    --------
    >>> import datetime as dt
    >>> rows = pd.DataFrame({"parcel_id": ["a", "b"], "to_on": pd.to_datetime(["2026-06-30", "2026-06-29"])})
    >>> current(rows, dt.date(2026, 6, 30)).tolist()
    [True, False]
    """
    day = pd.Timestamp(as_of)
    there = np.ones(len(occupancy), dtype=bool)
    if "from_on" in occupancy:
        there &= ~(occupancy["from_on"] > day).to_numpy(dtype=bool)
    if "to_on" in occupancy:
        there &= ~(occupancy["to_on"] < day).to_numpy(dtype=bool)
    return there


def _industry(
    parcels: pd.DataFrame,
    there: Attached | None,
    enterprises: pd.DataFrame | None,
    listed: NDArray[np.intp] | None,
) -> pd.Series[Any]:
    """The register's code, else the two digits of its companies, as numbers of `names`."""
    own = np.full(len(parcels), -1)
    names: pd.Index[Any] = pd.Index([], dtype=object)
    if "industry_code" in parcels:
        own, distinct = pd.factorize(parcels["industry_code"].astype("str"))
        names = pd.Index(list(distinct), dtype=object)
        own = np.where(np.append(two_digits(pd.Series(names)).notna(), False)[own], own, -1)
    if there is not None and enterprises is not None and "industry_code" in enterprises:
        theirs, others = _industry_of_companies(there, enterprises, listed, len(parcels))
        own = np.where((own < 0) & (theirs >= 0), theirs + len(names), own)
        names = pd.Index([*names, *others], dtype=object)
    # A code of the register may be that of companies elsewhere.
    again, different = pd.factorize(names)
    code = np.append(again, -1)[own]
    return pd.Series(pd.Categorical.from_codes(code, pd.Index(different)), index=parcels.index)


def _industry_of_companies(
    there: Attached, enterprises: pd.DataFrame, listed: NDArray[np.intp] | None, parcels: int
) -> tuple[NDArray[np.intp], pd.Index]:
    """Number of the one industry of each parcel's companies, -1 where there is no such; and the industries."""
    codes, names = pd.factorize(two_digits(enterprises["industry_code"]))
    if listed is None:
        listed = places(there.rows["enterprise_id"], enterprises["enterprise_id"])
    of_row = np.append(codes, -1)[listed]
    about = there.place >= 0
    least, most = np.full(parcels, len(names)), np.full(parcels, -1)
    np.minimum.at(least, there.place[about], of_row[about])
    np.maximum.at(most, there.place[about], of_row[about])
    # A company of unknown industry may be of another one than its neighbours.
    return np.where(least == most, most, -1), pd.Index(names, dtype=object)


def _rented(there: Attached | None, parcels: int) -> NDArray[np.float64]:
    if there is None or not {"tenure", "occupied_area_m2"} <= set(there.rows.columns):
        return np.full(parcels, np.nan)
    tenure = pd.Categorical(there.rows["tenure"])
    area = np.where(tenure.isna(), np.nan, there.rows["occupied_area_m2"].to_numpy(dtype=float))
    whole = there.total(area, parcels)
    let = there.total(np.where(np.asarray(tenure != "own"), area, 0.0), parcels)
    blank = there.total(np.isnan(area).astype(float), parcels)
    share = np.full(parcels, np.nan)
    np.divide(let, whole, out=share, where=(whole > 0) & (blank == 0))
    return share


def _tax_by_year(
    parcels: pd.DataFrame,
    occupancy: Attached | None,
    performance: pd.DataFrame | None,
    year: int | None,
    years: int,
) -> pd.DataFrame:
    """Tax of the latest years; a year without returns of tax has no column of figures, only of missing ones."""
    wanted = [] if year is None else [year - back for back in range(years)]
    found = pd.DataFrame(np.nan, index=parcels.index, columns=wanted, dtype="float64")
    if not wanted:
        return found
    latest = parcels["tax_wan_per_mu"].to_numpy(dtype=float)
    found[wanted[0]] = latest
    silent = ~(latest > 0)
    if occupancy is None or performance is None or "tax_wan" not in performance or not silent.any():
        return found
    # Whole companies, for what one yields is split over all its parcels.
    on_silent = np.append(silent, False)[occupancy.place]
    companies = occupancy.rows["enterprise_id"]
    stays = occupancy.rows[present(companies, companies[on_silent])]
    filed = performance[present(performance["enterprise_id"], stays["enterprise_id"])]
    for each in wanted[1:]:
        told = attribute_performance(stays, filed, year=each, measures=["tax_wan"]).parcels
        past = told["tax_wan"].reindex(parcels.loc[silent, "parcel_id"]).to_numpy(dtype=float)
        found.loc[silent, each] = past
    return found
