# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""Companies, who occupies what, three years of returns, twelve months of meters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.sample.assign import PRODUCING
from parkgeo.sample.cases import CASES
from parkgeo.sample.names import TRADES, company_names
from parkgeo.sample.place import stream
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Companies", "per_mu", "settle_companies"]

YEARS = (2023, 2024, 2025)
MONTHS = tuple((2025, month) for month in range(7, 13)) + tuple((2026, month) for month in range(1, 7))
_SEASON = (0.98, 0.72, 1.02, 1.0, 0.99, 1.02, 1.1, 1.12, 1.03, 0.97, 1.02, 1.05)
_GROUPS_OF = (1, 2, 2, 3, 3, 4)
_SHARED_PARCELS = 5
_CASES = {case.key: case for case in CASES}


@dataclass(frozen=True)
class Companies:
    """The economy of the park.

    Parameters
    ----------
    enterprises
        A row a company.
    occupancy
        A row for each company on each parcel, with area in m² and dates as ISO text.
    returns
        A row a company and year, money in 万元.
    meters
        A row a company and month: kWh and m³.
    """

    enterprises: pd.DataFrame
    occupancy: pd.DataFrame
    returns: pd.DataFrame
    meters: pd.DataFrame


def settle_companies(parcels: gpd.GeoDataFrame, seed: int) -> Companies:
    """Found companies on the works that produce and let them report.

    Parameters
    ----------
    parcels
        With state and case.
    seed
        Of the sample.

    Returns
    -------
    Companies
        60 to 120 companies; every producing works has at least one.
    """
    rng = stream(seed, "companies")
    seats = _seats(parcels, rng)
    enterprises = _found(seats, parcels, rng)
    occupancy = _occupy(seats, parcels, rng)
    plans = [_figures(parcels, seat, stream(seed, f"figures {n}")) for n, seat in enumerate(seats)]
    returns = _returns(enterprises, plans, stream(seed, "returns"))
    meters = _meters(enterprises, returns, plans, stream(seed, "meters"))
    return Companies(enterprises, occupancy, returns, meters)


@dataclass(frozen=True)
class _Seat:
    """Where a company sits: row numbers of parcels with the share of each that it takes."""

    shares: dict[int, float]
    trade: str
    case: str = ""
    tenant: bool = False


def _seats(parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> list[_Seat]:
    """Who sits where: each planted case alone, some works let to several, the rest in runs of one to three."""
    works = parcels[parcels["trade"].ne("") & parcels["state"].isin([*PRODUCING, "conflict_bare"])]
    alone = [int(k) for k in works.index[works["case"].ne("") | works["mark"].ne("")]]
    seats = [_Seat({k: 1.0}, works.loc[k, "trade"], works.loc[k, "case"]) for k in alone]
    rest = [int(k) for k in works.index if k not in set(alone)]
    industry = [k for k in rest if works.loc[k, "zone"] == "industry"]
    shared = [industry[int(n)] for n in rng.permutation(len(industry))[:_SHARED_PARCELS]]
    runs = _runs(works, [k for k in rest if k not in set(shared)], rng)
    for k in shared:
        cuts = rng.dirichlet(np.full(3, 6.0)) * 0.94
        seats.extend(_Seat({k: round(float(cut), 3)}, works.loc[k, "trade"], tenant=True) for cut in cuts[:2])
        # the third tenant is a company that has its own works elsewhere
        home = int(rng.integers(len(runs)))
        runs[home] = _Seat({**runs[home].shares, k: round(float(cuts[2]), 3)}, runs[home].trade)
    return [*seats, *runs]


def _runs(works: gpd.GeoDataFrame, rest: list[int], rng: np.random.Generator) -> list[_Seat]:
    """Works of one trade, in the order of the blocks, under one company: a works and its extensions."""
    runs: list[_Seat] = []
    for trade in sorted(set(works.loc[rest, "trade"])):
        same = [k for k in rest if works.loc[k, "trade"] == trade]
        while same:
            length = int(_GROUPS_OF[int(rng.integers(len(_GROUPS_OF)))])
            runs.append(_Seat(dict.fromkeys(same[:length], 1.0), trade))
            same = same[length:]
    return runs


def _found(seats: list[_Seat], parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Number, name, trade and scale of every company."""
    names = company_names(len(seats), [TRADES[seat.trade].word for seat in seats], rng)
    area = parcels.geometry.area
    ground = [sum(share * float(area.loc[k]) for k, share in seat.shares.items()) for seat in seats]
    return pd.DataFrame(
        {
            "enterprise_id": [f"YTQ{n:04d}" for n in range(1, len(seats) + 1)],
            "name": names,
            "industry_code": [seat.trade for seat in seats],
            "industry": [TRADES[seat.trade].name for seat in seats],
            "scale": ["规上" if m2 > 14_000.0 else "规下" for m2 in ground],
        }
    )


def _occupy(seats: list[_Seat], parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of who occupies what; some former tenancies with a date of leaving."""
    rows = []
    for n, seat in enumerate(seats, start=1):
        for k, share in seat.shares.items():
            rent = seat.tenant or share < 1.0
            rows.append(
                {
                    "enterprise_id": f"YTQ{n:04d}",
                    "parcel_id": parcels.loc[k, "parcel_id"],
                    "occupied_area_m2": round(share * float(parcels.loc[k, "core"].area), 1),
                    "from_on": f"{int(rng.integers(2009, 2022))}-{int(rng.integers(1, 13)):02d}-01",
                    "to_on": f"{int(rng.integers(2028, 2036))}-12-31" if rent else None,
                    "tenure": "租用" if rent else "自有",
                }
            )
    for n in range(6):
        host = rows[len(rows) // 2 + 5 * n]
        guest = rows[-1 - 4 * n]
        rows.append(
            {
                "enterprise_id": guest["enterprise_id"],
                "parcel_id": host["parcel_id"],
                "occupied_area_m2": round(0.15 * float(str(host["occupied_area_m2"])), 1),
                "from_on": f"{2016 + n % 3}-07-01",
                "to_on": f"{2020 + n % 3}-06-30",
                "tenure": "租用",
            }
        )
    return pd.DataFrame(rows)


def _figures(parcels: gpd.GeoDataFrame, seat: _Seat, rng: np.random.Generator) -> dict[str, float]:
    """A company's ground in mu and what it yields per mu in 2025."""
    trade = TRADES[seat.trade]
    given = _CASES[seat.case].figures if seat.case else {}
    output = float(np.clip(trade.output_wan_per_mu * np.exp(rng.normal(0.0, 0.38)), 158.0, 930.0))
    tax = float(np.clip(output * rng.uniform(0.035, 0.058), rng.uniform(6.6, 8.8), 44.0))
    mu = sum(share * float(parcels.loc[k, "core"].area) for k, share in seat.shares.items()) / M2_PER_MU
    return {
        "mu": mu,
        "output": given.get("output", output),
        "tax": given.get("tax", tax),
        "assets": float(np.clip(output * rng.uniform(0.75, 1.1), 165.0, 660.0)),
        "growth": float(rng.uniform(0.02, 0.11)),
        "bare": float(seat.case.startswith("ledger_boasts")),
        "silent": float(seat.case.startswith("silent")),
    }


def _returns(
    enterprises: pd.DataFrame, plans: list[dict[str, float]], rng: np.random.Generator
) -> pd.DataFrame:
    """Three years of returns; a works that fell silent did so over those years."""
    rows = []
    for enterprise_id, plan in zip(enterprises["enterprise_id"], plans, strict=True):
        if plan["bare"]:
            continue
        for back, year in zip((2, 1, 0), YEARS, strict=True):
            fade = (
                (0.0, 25.0, 110.0)[back]
                if plan["silent"]
                else plan["output"] / (1.0 + plan["growth"]) ** back
            )
            output = round(plan["mu"] * fade, 1)
            tax = round(
                plan["mu"]
                * (fade * 0.03 if plan["silent"] else plan["tax"] / (1.0 + plan["growth"]) ** back),
                1,
            )
            rows.append(
                {
                    "enterprise_id": enterprise_id,
                    "year": year,
                    "output_wan": output,
                    "value_added_wan": round(output * float(rng.uniform(0.22, 0.28)), 1),
                    "revenue_wan": round(output * float(rng.uniform(0.94, 1.05)), 1),
                    "tax_wan": tax,
                    "fixed_assets_wan": round(plan["mu"] * plan["assets"] * (1.0 - 0.03 * back), 1),
                    "rd_wan": round(output * float(rng.uniform(0.008, 0.045)), 1),
                    "energy_tce": round(output * float(rng.uniform(0.03, 0.12)), 1),
                    "staff": int(output * float(rng.uniform(0.006, 0.014))) + 3,
                }
            )
    return pd.DataFrame(rows)


def _meters(
    enterprises: pd.DataFrame, returns: pd.DataFrame, plans: list[dict[str, float]], rng: np.random.Generator
) -> pd.DataFrame:
    """Twelve months of electricity and water; zero where nobody works."""
    yearly = returns[returns["year"] == YEARS[-1]].set_index("enterprise_id")["output_wan"]
    rows = []
    for company, plan in zip(enterprises.itertuples(), plans, strict=True):
        trade = TRADES[str(company.industry_code)]
        output = 0.0 if plan["bare"] else float(yearly.get(company.enterprise_id, 0.0))
        own = float(rng.uniform(0.8, 1.25))
        for year, month in MONTHS:
            beat = _SEASON[month - 1] * float(rng.uniform(0.93, 1.07)) / 12.0
            rows.append(
                {
                    "enterprise_id": company.enterprise_id,
                    "year": year,
                    "month": month,
                    "electricity_kwh": round(output * trade.kwh_per_wan * own * beat),
                    "water_m3": round(output * trade.m3_per_wan * own * beat),
                }
            )
    return pd.DataFrame(rows)


def per_mu(companies: Companies, parcels: gpd.GeoDataFrame, column: str) -> pd.Series:
    """A figure of the last year per mu of each parcel, split by the area that its companies occupy at the year's end.

    Parameters
    ----------
    companies
        Occupancy and returns.
    parcels
        With ``parcel_id`` and geometry in metres.
    column
        Of the returns, in 万元.

    Returns
    -------
    pandas.Series
        万元/亩 by parcel number; parcels without a reporting company are absent.
    """
    last = companies.returns[companies.returns["year"] == YEARS[-1]].set_index("enterprise_id")[column]
    there = companies.occupancy[
        companies.occupancy["to_on"].isna() | (companies.occupancy["to_on"] > f"{YEARS[-1]}-12-31")
    ]
    whole = there.groupby("enterprise_id")["occupied_area_m2"].transform("sum")
    part = there["occupied_area_m2"] / whole * there["enterprise_id"].map(last)
    total = part.groupby(there["parcel_id"]).sum(min_count=1).dropna()
    mu = parcels.set_index("parcel_id").geometry.area / M2_PER_MU
    ratio: pd.Series = total / mu.reindex(total.index)
    return ratio
