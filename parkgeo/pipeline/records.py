"""Stage: records that contradict each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import gaps_frame
from parkgeo.assess.judged import findings_later, not_judged, verdict_text
from parkgeo.assess.records import (
    across_findings,
    amount_conflict,
    buildings_across,
    company_without_land,
    date_conflict,
    landless_findings,
    no_company,
    occupied_beyond_parcel,
    several_contracts,
    year_gaps,
)
from parkgeo.assess.states import WORKS
from parkgeo.assess.states.occupants import current
from parkgeo.assess.states.standing import completed_by
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.shared import listed_companies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from parkgeo.assess.judged import Judged
    from parkgeo.pipeline.desk import Desk

__all__ = ["records"]


def records(desk: Desk) -> Part:
    """Dates, amounts, contracts, companies and buildings that do not go together."""
    layers, rules, parcels = desk.layers, desk.rules, desk.parcels
    tables = {name: desk.attached(name) for name in ("supply", "occupancy", "delays")}
    supply, occupancy = tables["supply"], tables["occupancy"]
    now = None if occupancy is None else current(occupancy.rows, desk.as_of)
    there = None if occupancy is None or now is None else occupancy.where(now)
    works = parcels["land_kind"].isin(WORKS).to_numpy(dtype=bool)
    completed = completed_by(desk.contracts, rules, np.datetime64(desk.as_of, "D"))
    across = buildings_across(parcels, layers.buildings, rules)
    answers: dict[str, Judged | None] = {
        "date_conflict": date_conflict(parcels, tables, rules),
        "amount_conflict": amount_conflict(parcels, supply, occupancy, layers.performance, rules),
        "several_contracts": several_contracts(parcels, supply, rules),
        "no_company": no_company(parcels, there, works, completed, rules),
        "occupied_beyond_parcel": occupied_beyond_parcel(parcels, there, rules),
    }
    found: list[Callable[[], pd.DataFrame]] = [
        findings_later(judged, parcels) for judged in answers.values() if judged is not None
    ]
    answers["building_across_parcels"] = across[0] if across else None
    if across is not None and layers.buildings is not None:
        found.append(partial(across_findings, *across, parcels, layers.buildings))
    holders = None if there is None else there.rows
    listed = desk.once(listed_companies)
    own = None if listed is None else listed[now]
    landless = company_without_land(layers.enterprises, holders, rules, listed=own)
    tables_left: dict[str, pd.DataFrame] = {}
    if landless is not None and layers.enterprises is not None:
        tables_left["enterprises"] = layers.enterprises.assign(company_without_land=landless)
        parks, rule = desk.parks["park_id"].astype(str).tolist(), rules["records.company_without_land"]
        found.append(partial(landless_findings, layers.enterprises, landless, parks, rule))
    columns = {
        code: not_judged(parcels) if judged is None else verdict_text(judged)
        for code, judged in answers.items()
    }
    return Part(
        pd.DataFrame(columns),
        findings=found,
        gaps=[partial(_gaps, desk.layers.performance, desk.found.facts.get("performance_year"), desk.as_of)],
        tables=tables_left,
    )


def _gaps(performance: pd.DataFrame | None, year: int | None, as_of: dt.date) -> pd.DataFrame:
    return gaps_frame(year_gaps(performance, year, as_of))
