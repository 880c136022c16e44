"""Records that contradict each other or cannot be: findings that name rows."""

from __future__ import annotations

from parkgeo.assess.records.amounts import amount_conflict, price_in_doubt
from parkgeo.assess.records.dates import date_conflict
from parkgeo.assess.records.ground import across_findings, buildings_across
from parkgeo.assess.records.holders import (
    company_without_land,
    landless_findings,
    no_company,
    occupied_beyond_parcel,
    several_contracts,
)
from parkgeo.assess.records.years import year_gaps

__all__ = [
    "across_findings",
    "amount_conflict",
    "buildings_across",
    "company_without_land",
    "date_conflict",
    "landless_findings",
    "no_company",
    "occupied_beyond_parcel",
    "price_in_doubt",
    "several_contracts",
    "year_gaps",
]
