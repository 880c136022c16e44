"""Stage: the park as a whole, after all that is said of its parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.park import idle_gaps, land_classes, land_ledger, leading_industries, park_indicators
from parkgeo.assess.park.comeback import cost_basis
from parkgeo.assess.park.companies import home_park, occupied_on, yearly_returns
from parkgeo.assess.park.industries import company_industries, parcel_industries
from parkgeo.assess.park.rows import indicator_frame
from parkgeo.assess.park.whole import OnePark, whole_park
from parkgeo.assess.wording import taken
from parkgeo.metrics.designation import covered_by
from parkgeo.metrics.ground import ground_account
from parkgeo.metrics.performance import latest_year
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.pipeline.desk import Desk

__all__ = ["park"]

_NO_COMPANIES = pd.DataFrame({"park_id": [], "industry": [], "output_wan": []}, dtype=object)


def park(desk: Desk) -> Part:
    """Land ledger, industries, indicators and zone type of each park."""
    parcels, rules = desk.parcels, desk.rules
    classes = land_classes(parcels, _barred_share(desk), rules, desk.as_of)
    ledger = land_ledger(parcels, classes, ground_account(parcels, desk.parks))
    occupied = None if desk.layers.occupancy is None else occupied_on(desk.layers.occupancy, desk.as_of)
    companies = company_industries(desk.layers.enterprises)
    year, filed = _filed(desk)
    industries = leading_industries(
        parcels, parcel_industries(parcels, occupied, companies), _outputs(filed, companies), rules
    )
    basis = cost_basis(parcels, rules)
    rows: list[dict[str, Any]] = park_indicators(parcels, rules)
    told: list[Gap] = idle_gaps(rows, rules)
    zones = []
    ids = parcels["park_id"].astype(str).to_numpy(dtype=object)
    plain = pd.DataFrame(parcels).drop(columns="geometry")
    for about in pd.DataFrame(desk.parks.drop(columns="geometry")).to_dict(orient="records"):
        park_id = str(about["park_id"])
        at = np.flatnonzero(ids == park_id)
        one = OnePark(
            about, at, taken(plain, at, [str(name) for name in plain]), classes.iloc[at],
            ledger.of(park_id), occupied, _of_park(filed, park_id), year,
            industries[industries["park_id"] == park_id], basis,
        )  # fmt: skip
        whole = whole_park(one, rules, desk.as_of)
        rows += [{"park_id": park_id, **row} for row in whole.rows]
        told += [gap for gap in whole.gaps if gap not in told]
        zones.append(whole.zone_type)
    zone = pd.DataFrame({"zone_type": pd.Series(zones, index=desk.parks.index, dtype="str")})
    frame = indicator_frame(rows).sort_values("park_id", kind="stable").reset_index(drop=True)
    tables = {"land_ledger": ledger.table(), "industries": industries, "indicators": frame}
    return Part(parks=zone, tables=tables, gaps=[*told])


def _barred_share(desk: Desk) -> NDArray[np.float64] | None:
    """Share of each parcel under the pack's kinds of constraints, ground under several counted once."""
    layer, kinds = desk.layers.constraints, desk.rules.get("ledger.unbuildable_constraints")
    if layer is None or "kind" not in layer or kinds is None:
        return None
    own = layer[layer["kind"].isin(kinds.texts())]
    if own.empty:
        return None
    parts = shapely.get_parts(shapely.union_all(np.asarray(own.geometry.array, dtype=object)))
    zones = gpd.GeoDataFrame(geometry=parts[shapely.area(parts) > 0], crs=own.crs)
    return np.asarray(covered_by(desk.parcels, zones), dtype=np.float64)


def _filed(desk: Desk) -> tuple[int | None, tuple[pd.DataFrame, pd.DataFrame] | None]:
    """The latest full year, and its returns and those of the year before, each with its company's park."""
    performance, occupancy = desk.layers.performance, desk.layers.occupancy
    year = None if performance is None else latest_year(performance, desk.as_of)
    if performance is None or occupancy is None or year is None:
        return None, None
    home = home_park(occupancy, desk.parcels)
    latest, before = (
        own.assign(park_id=own.index.to_series().map(home))
        for own in (yearly_returns(performance, each) for each in (year, year - 1))
    )
    return year, (latest, before)


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
