"""Stage: the park as a whole, after all that is said of its parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.assess.park import idle_gaps, land_ledger, leading_industries, park_indicators
from parkgeo.assess.park.rows import indicator_frame
from parkgeo.assess.park.services import service_indicators
from parkgeo.assess.park.whole import READ, OnePark, whole_park
from parkgeo.assess.wording import taken
from parkgeo.metrics.ground import ground_account
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.layout import laid_out
from parkgeo.pipeline.reach import parks_reach
from parkgeo.pipeline.shared import (
    cost_basis,
    filed_returns,
    held,
    industry_of_companies,
    industry_of_parcels,
    land_classes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.assess.gaps import Gap
    from parkgeo.pipeline.desk import Desk

__all__ = ["park"]

_NO_COMPANIES = pd.DataFrame({"park_id": [], "industry": [], "output_wan": []}, dtype=object)


def park(desk: Desk) -> Part:
    """Land ledger, industries, indicators and zone type of each park."""
    parcels, rules = desk.parcels, desk.rules
    classes, holdings, basis = desk.once(land_classes), desk.once(held), desk.once(cost_basis)
    ledger = land_ledger(parcels, classes, ground_account(parcels, desk.parks))
    year, filed = desk.once(filed_returns)
    outputs = _outputs(filed, desk.once(industry_of_companies))
    industries = leading_industries(parcels, desk.once(industry_of_parcels), outputs, rules)
    rows: list[dict[str, Any]] = park_indicators(parcels, rules)
    told: list[Gap] = idle_gaps(rows, rules)
    served, unserved = service_indicators(parcels, rules)
    reach = desk.once(parks_reach)
    zones = []
    ids = coded(parcels, "park_id")
    for about in pd.DataFrame(desk.parks.drop(columns="geometry")).to_dict(orient="records"):
        park_id = str(about["park_id"])
        at = np.flatnonzero(ids.among([park_id]))
        occupied = None if holdings is None else holdings.occupied[at]
        one = OnePark(
            about, at, taken(pd.DataFrame(parcels), at, READ), taken(classes, at, [str(name) for name in classes]),
            ledger.of(park_id), occupied, _of_park(filed, park_id), year,
            industries[industries["park_id"] == park_id], basis,
        )  # fmt: skip
        whole = whole_park(one, rules, desk.as_of)
        rows += [{"park_id": park_id, **row} for row in whole.rows]
        reached, unreached = reach.rows(park_id, at)
        rows += [{"park_id": park_id, **row} for row in reached]
        told += [gap for gap in [*whole.gaps, *unreached] if gap not in told]
        zones.append(whole.zone_type)
    laid = desk.once(laid_out)
    rows += served + laid.rows
    told += unserved + laid.gaps
    zone = pd.DataFrame({"zone_type": pd.Series(zones, index=desk.parks.index, dtype="str")})
    frame = indicator_frame(rows).sort_values("park_id", kind="stable").reset_index(drop=True)
    tables: dict[str, pd.DataFrame | Callable[[], pd.DataFrame]] = {
        "land_ledger": ledger.table,
        "industries": industries,
        "indicators": frame,
    }
    return Part(parks=zone, tables=tables, gaps=[*told])


def _of_park(
    filed: tuple[pd.DataFrame, pd.DataFrame] | None, park_id: str
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    if filed is None:
        return None
    latest, before = (own[own["park_id"] == park_id] for own in filed)
    return latest, before


def _outputs(filed: tuple[pd.DataFrame, pd.DataFrame] | None, companies: pd.Series[Any]) -> pd.DataFrame:
    """Park, industry and output of each company that is on a parcel of a park."""
    if filed is None:
        return _NO_COMPANIES.astype({"output_wan": "float64"})
    latest = filed[0].dropna(subset=["park_id"])
    made = latest["output_wan"] if "output_wan" in latest else pd.Series(np.nan, index=latest.index)
    return pd.DataFrame(
        {
            "park_id": latest["park_id"],
            "industry": latest.index.to_series().map(companies),
            "output_wan": made,
        }
    )
