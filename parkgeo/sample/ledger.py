# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""The supply ledger: who got which land when, for how much, and what was agreed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.sample.cases import CASES
from parkgeo.sample.companies import Companies, per_mu
from parkgeo.sample.names import company_names
from parkgeo.sample.parcels import PUBLIC_CODES
from parkgeo.sample.place import stream
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

    from parkgeo.sample.verdicts import Case

__all__ = ["LEDGER_COLUMNS", "keep_ledger", "name_holders"]

LEDGER_COLUMNS = (
    "parcel_id",
    "contract_id",
    "holder",
    "supply_status",
    "supply_mode",
    "term_years",
    "supplied_area_ha",
    "price_wan",
    "approved_on",
    "contract_on",
    "handover_on",
    "agreed_start",
    "permit_on",
    "actual_start",
    "agreed_completion",
    "actual_completion",
    "suspended_since",
    "government_delay_days",
    "government_delay_cause",
    "developed_area_m2",
    "agreed_investment_wan",
    "invested_wan",
    "agreed_output_wan_per_mu",
    "agreed_tax_wan_per_mu",
)

_CASES = {case.key: case for case in CASES}
_COMPLETED = frozenset({"built", "part", "sparse", "silent", "unknown_use"})
_PRICE_WAN_PER_MU = {"0701": (310.0, 460.0), "0901": (130.0, 240.0), "1101": (20.0, 30.0)}
_TERM_YEARS = {"0701": 70, "0901": 40}
_OFFICE = "云汀县临港工业园管理委员会"
_RESERVE = "云汀县土地储备中心"
_LANDLORD = "云汀县临港标准厂房建设有限公司"


def name_holders(parcels: gpd.GeoDataFrame, companies: Companies, seed: int) -> list[str]:
    """The holder of each parcel: its own company, the landlord of let works, the park's office or the reserve.

    Returns
    -------
    list of str
        In the order of the parcels.
    """
    owners = companies.occupancy[companies.occupancy["tenure"] == "自有"].drop_duplicates("parcel_id")
    names = companies.enterprises.set_index("enterprise_id")["name"]
    owner = dict(zip(owners["parcel_id"], owners["enterprise_id"].map(names), strict=True))
    let = set(companies.occupancy["parcel_id"]) - set(owner)
    words = [
        "置业" if code == "0701" else "商贸" if code == "0901" else "实业" for code in parcels["use_code"]
    ]
    strangers = company_names(len(parcels) // 2, words, stream(seed, "holders"))
    holders = []
    for n, row in enumerate(parcels.itertuples()):
        if row.state in {"reserve", "approved"}:
            holders.append(_RESERVE)
        elif row.use_code in PUBLIC_CODES:
            holders.append(_OFFICE)
        elif row.parcel_id in let:
            holders.append(_LANDLORD)
        else:
            stranger = strangers[n % len(strangers)]
            holders.append(owner.get(row.parcel_id, stranger))
    return holders


def keep_ledger(parcels: gpd.GeoDataFrame, companies: Companies, seed: int) -> pd.DataFrame:
    """The ledger as the office keeps it, with a hidden column of when a works was truly finished.

    Parameters
    ----------
    parcels
        With state, case and holder.
    companies
        For what a parcel yields: an ordinary contract asks for less than that.
    seed
        Of the sample.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`LEDGER_COLUMNS` (dates as :class:`datetime.date` or None) and ``finished``, which is not written.
    """
    rng = stream(seed, "ledger")
    output = per_mu(companies, parcels, "output_wan")
    tax = per_mu(companies, parcels, "tax_wan")
    rows = []
    for n, parcel in enumerate(parcels.itertuples(), start=1):
        row = _row(parcel, n, output.get(parcel.parcel_id), tax.get(parcel.parcel_id), rng)
        case = _CASES.get(parcel.case)
        if parcel.use_code in PUBLIC_CODES or (case is not None and not case.row):
            continue
        rows.append(row)
    return pd.DataFrame(rows, columns=[*LEDGER_COLUMNS, "finished"]).astype(object)


def _row(
    parcel: Any, number: int, output: float | None, tax: float | None, rng: np.random.Generator
) -> dict[str, Any]:
    """One parcel's row; the same number of draws whatever its state."""
    draws = rng.random(16)
    row: dict[str, Any] = dict.fromkeys([*LEDGER_COLUMNS, "finished"])
    row["parcel_id"] = parcel.parcel_id
    row["supply_status"] = {"reserve": "储备", "approved": "批而未供"}.get(parcel.state, "已供")
    if parcel.state == "reserve":
        return row
    if parcel.state == "approved":
        row["approved_on"] = dt.date(2019, 3, 1) + dt.timedelta(days=int(draws[0] * 1800))
        return row
    case = _CASES.get(parcel.case)
    says = dict(case.ledger) if case else {}
    row.update(_contract(parcel, number, draws))
    row.update(_dates(parcel.state, says, draws))
    row.update(_progress(parcel, says, draws))
    row.update(_promises(parcel, case, output, tax))
    for key, value in says.items():
        if key in row:
            row[key] = dt.date.fromisoformat(value) if isinstance(value, str) and value[:2] == "20" else value
    return row


def _contract(parcel: Any, number: int, draws: np.ndarray) -> dict[str, Any]:
    """Number, holder, mode, term, area and price."""
    low, high = _PRICE_WAN_PER_MU.get(parcel.use_code, (22.0, 38.0))
    mu = parcel.geometry.area / M2_PER_MU
    mode = "挂牌出让"
    if parcel.use_code == "1101" and draws[1] < 0.08:
        mode = "先租后让"
    return {
        "contract_id": f"3305992{number:05d}",
        "holder": parcel.holder,
        "supply_mode": mode,
        "term_years": 20 if mode == "先租后让" else _TERM_YEARS.get(parcel.use_code, 50),
        "supplied_area_ha": round(parcel.geometry.area / M2_PER_HA, 4),
        "price_wan": round((low + (high - low) * draws[0]) * mu, 1),
    }


def _dates(state: str, says: dict[str, object], draws: np.ndarray) -> dict[str, Any]:
    """The course of a contract: approval, contract, handover, start, completion, in that order."""
    earliest, span = {
        "building": (dt.date(2024, 9, 1), 420),
        "suspended": (dt.date(2021, 3, 1), 480),
    }.get(state, (dt.date(2008, 2, 1), 4400))
    agreed = earliest + dt.timedelta(days=int(draws[2] * span))
    if isinstance(says.get("agreed_start"), str):
        agreed = dt.date.fromisoformat(str(says["agreed_start"]))
    contract = agreed - dt.timedelta(days=170 + int(draws[3] * 120))
    late = dt.timedelta(days=int(-50 + draws[4] * 220))
    done = agreed + dt.timedelta(days=540 + int(draws[5] * 240))
    dates: dict[str, Any] = {
        "approved_on": contract - dt.timedelta(days=90 + int(draws[6] * 200)),
        "contract_on": contract,
        "handover_on": contract + dt.timedelta(days=25 + int(draws[7] * 60)),
        "agreed_start": agreed,
        "agreed_completion": done,
    }
    if state == "vacant":
        if contract > dt.date(2026, 5, 1):
            dates["handover_on"] = dates["contract_on"] = dt.date(2026, 5, 8)
        if says.get("agreed_start", "") is None:
            dates["agreed_completion"] = None
        return dates
    dates["actual_start"] = agreed + late
    dates["permit_on"] = agreed + late - dt.timedelta(days=9 + int(draws[8] * 20))
    if state in _COMPLETED | {"conflict_built"}:
        dates["finished"] = dates["actual_completion"] = done + late + dt.timedelta(days=int(draws[9] * 90))
    if state == "conflict_built":
        dates["permit_on"] = None
    return dates


def _progress(parcel: Any, says: dict[str, object], draws: np.ndarray) -> dict[str, Any]:
    """Developed area in m² and investment in 万元 (without land price and taxes)."""
    area = parcel.core.area
    per_mu_wan = {"0701": 700.0, "0901": 520.0, "1101": 210.0}.get(parcel.use_code, 330.0)
    agreed = round(per_mu_wan * (0.8 + 0.4 * draws[10]) * area / M2_PER_MU, 0)
    progress: dict[str, Any] = {"agreed_investment_wan": agreed, "government_delay_days": 0}
    if parcel.case == "handed_over_late":
        progress["government_delay_days"] = None
    developed, invested = {
        "vacant": (None, None),
        "building": (0.38 + 0.3 * draws[11], 0.35 + 0.4 * draws[12]),
    }.get(parcel.state, (0.9 + 0.1 * draws[11], 0.96 + 0.2 * draws[12]))
    developed, invested = says.get("developed_share", developed), says.get("invested_share", invested)
    if developed is not None:
        progress["developed_area_m2"] = round(float(str(developed)) * area, 0)
    if invested is not None:
        progress["invested_wan"] = round(float(str(invested)) * agreed, 0)
    return progress


def _promises(parcel: Any, case: Case | None, output: float | None, tax: float | None) -> dict[str, Any]:
    """Output and tax per mu that the contract asks for; works only."""
    if not parcel.trade:
        return {}
    factor = float(str(case.ledger.get("agreed_factor", 0.72))) if case else 0.72
    if not output or tax is None:
        return {"agreed_output_wan_per_mu": 260.0, "agreed_tax_wan_per_mu": 12.0}
    return {
        "agreed_output_wan_per_mu": round(factor * output, 0),
        "agreed_tax_wan_per_mu": round(factor * tax, 1),
    }
