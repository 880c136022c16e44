"""Stage: records that contradict each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.assess.judged import judged_findings, not_judged, verdict_text
from parkgeo.assess.records import (
    across_findings,
    amount_conflict,
    buildings_across,
    company_without_land,
    date_conflict,
    no_company,
    occupied_beyond_parcel,
    several_contracts,
    year_gaps,
)
from parkgeo.assess.states import WORKS, standing_of
from parkgeo.assess.states.occupants import current
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.assess.judged import Judged
    from parkgeo.pipeline.desk import Desk

__all__ = ["records"]


def records(desk: Desk) -> Part:
    """Dates, amounts, contracts, companies and buildings that do not go together."""
    layers, rules, parcels = desk.layers, desk.rules, desk.parcels
    there = None if layers.occupancy is None else current(layers.occupancy, desk.as_of)
    year = desk.found.facts.get("performance_year")
    standing = standing_of(
        parcels, desk.contracts, rules, desk.as_of, has_ledger=layers.supply is not None, year=year
    )
    works = parcels["land_kind"].isin(WORKS).to_numpy(dtype=bool)
    tables = {"supply": layers.supply, "occupancy": layers.occupancy, "delays": layers.delays}
    across = buildings_across(parcels, layers.buildings, rules)
    answers: dict[str, Judged | None] = {
        "date_conflict": date_conflict(parcels, tables, rules),
        "amount_conflict": amount_conflict(
            parcels, layers.supply, layers.occupancy, layers.performance, rules
        ),
        "several_contracts": several_contracts(parcels, layers.supply, rules),
        "no_company": no_company(parcels, there, works, standing.completed, rules),
        "occupied_beyond_parcel": occupied_beyond_parcel(parcels, there, rules),
    }
    found: list[Callable[[], pd.DataFrame]] = [
        partial(judged_findings, judged, parcels) for judged in answers.values() if judged is not None
    ]
    answers["building_across_parcels"] = across[0] if across else None
    if across is not None and layers.buildings is not None:
        found.append(partial(across_findings, *across, parcels, layers.buildings))
    landless, companies = company_without_land(
        layers.enterprises, there, desk.parks["park_id"].astype(str).tolist(), rules
    )
    tables_left: dict[str, pd.DataFrame] = {}
    if landless is not None and layers.enterprises is not None:
        tables_left["enterprises"] = layers.enterprises.assign(company_without_land=landless)
    columns = {
        code: not_judged(parcels) if judged is None else verdict_text(judged)
        for code, judged in answers.items()
    }
    return Part(
        pd.DataFrame(columns),
        findings=[*found, companies],
        gaps=list(year_gaps(layers.performance, year, desk.as_of)),
        tables=tables_left,
    )
