"""What the companies on the parcels say beyond the metrics: industry, tax of the last years, how much is let."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.membership import present
from parkgeo.metrics import attribute_performance
from parkgeo.packs.industry import two_digits

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

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
        Industry code of each parcel: the register's, else that of its companies where all have one; missing where not known.
    rented_share
        Share of the occupied area that is let; NaN where not known.
    """

    tax_by_year: pd.DataFrame
    industry: pd.Series[str]
    rented_share: NDArray[np.float64]


def occupants_of(
    parcels: pd.DataFrame,
    occupancy: pd.DataFrame | None,
    enterprises: pd.DataFrame | None,
    performance: pd.DataFrame | None,
    as_of: dt.date,
    *,
    year: int | None,
    years: int,
    let: bool = True,
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

    Returns
    -------
    Occupants
    """
    there = current(occupancy, as_of)
    return Occupants(
        _tax_by_year(parcels, occupancy, performance, year, years),
        _industry(parcels, there, enterprises),
        _rented(parcels, there) if let else np.full(len(parcels), np.nan),
    )


def current(occupancy: pd.DataFrame | None, as_of: dt.date) -> pd.DataFrame:
    """Rows of who is there on a day; a blank start or end is open.

    Examples
    --------
    >>> import datetime as dt
    >>> rows = pd.DataFrame({"parcel_id": ["a", "b"], "to_on": pd.to_datetime(["2026-06-30", "2026-06-29"])})
    >>> current(rows, dt.date(2026, 6, 30))["parcel_id"].tolist()
    ['a']
    """
    if occupancy is None:
        return pd.DataFrame({"parcel_id": [], "enterprise_id": []}, dtype="str")
    day = pd.Timestamp(as_of)
    there = np.ones(len(occupancy), dtype=bool)
    if "from_on" in occupancy:
        there &= ~(occupancy["from_on"] > day).to_numpy(dtype=bool)
    if "to_on" in occupancy:
        there &= ~(occupancy["to_on"] < day).to_numpy(dtype=bool)
    found: pd.DataFrame = occupancy[there]
    return found


def _industry(parcels: pd.DataFrame, there: pd.DataFrame, enterprises: pd.DataFrame | None) -> pd.Series[str]:
    own = (
        parcels["industry_code"].astype("str")
        if "industry_code" in parcels
        else pd.Series(None, index=parcels.index, dtype="str")
    )
    own = own.where(two_digits(own).notna(), None)
    if enterprises is None or "industry_code" not in enterprises:
        return own
    there = there[present(there["parcel_id"], parcels.loc[own.isna(), "parcel_id"])]
    if there.empty:
        return own
    by_company = enterprises.drop_duplicates("enterprise_id").set_index("enterprise_id")["industry_code"]
    # Numbers stand for the codes: groups of texts are gone through one by one, groups of numbers all at once.
    places, distinct = pd.factorize(two_digits(there["enterprise_id"].map(by_company)))
    of_parcel = pd.Series(places, index=there.index).groupby(there["parcel_id"])
    least, most = of_parcel.min(), of_parcel.max()
    # A company of unknown industry may be of another one than its neighbours.
    sure = least[(least == most) & (least >= 0)]
    one = pd.Series(np.asarray(distinct, dtype=object)[sure.to_numpy()], index=sure.index, dtype="str")
    theirs = parcels["parcel_id"].map(one)
    return own.where(own.notna(), theirs)


def _rented(parcels: pd.DataFrame, there: pd.DataFrame) -> NDArray[np.float64]:
    if there.empty or not {"tenure", "occupied_area_m2"} <= set(there.columns):
        return np.full(len(parcels), np.nan)
    area = there["occupied_area_m2"].where(there["tenure"].notna())
    known = pd.DataFrame({"all": area, "let": area.where(there["tenure"] != "own", 0.0)})
    known["blank"] = area.isna()
    total = known.groupby(there["parcel_id"]).sum()
    share = (total["let"] / total["all"].where(total["all"] > 0)).where(total["blank"] == 0)
    return parcels["parcel_id"].map(share).to_numpy(dtype=float)


def _tax_by_year(
    parcels: pd.DataFrame,
    occupancy: pd.DataFrame | None,
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
    on_silent = present(occupancy["parcel_id"], parcels.loc[silent, "parcel_id"])
    theirs = present(occupancy["enterprise_id"], occupancy.loc[on_silent, "enterprise_id"])
    filed = performance[present(performance["enterprise_id"], occupancy.loc[theirs, "enterprise_id"])]
    for each in wanted[1:]:
        told = attribute_performance(occupancy[theirs], filed, year=each, measures=["tax_wan"]).parcels
        past = told["tax_wan"].reindex(parcels.loc[silent, "parcel_id"]).to_numpy(dtype=float)
        found.loc[silent, each] = past
    return found
