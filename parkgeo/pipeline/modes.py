"""Part of a stage: the mode in which each park agglomerates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.coded import coded
from parkgeo.assess.mode_indicators import (
    company_indicators,
    facility_indicators,
    land_indicators,
    policy_indicators,
)
from parkgeo.assess.modes import MODE_COLUMNS, Known, mode_rows, park_mode, scored_modes
from parkgeo.assess.park.industries import edition
from parkgeo.assess.supply_links import links_of_mode

if TYPE_CHECKING:
    from parkgeo.assess.supply_links import Placed
    from parkgeo.pipeline.desk import Desk

__all__ = ["modes"]

_READ = ("land_kind", "site_area_m2")


def modes(
    desk: Desk, companies: pd.DataFrame, placed: Placed | None, parks: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns of the parks, and the table ``aggregation_modes``.

    Parameters
    ----------
    desk
        Layers, packs, parcels.
    companies
        Of all parks, index enterprise_id.
    placed
        Supply links; None without the table.
    parks
        Figures of `parkgeo.assess.structure.concentration_of_parks` and `parkgeo.assess.supply_links.link_figures`.
    """
    named = coded(desk.parcels, "park_id")
    read = [
        *(name for name in _READ if name in desk.parcels),
        *(name for name in desk.parcels if name.startswith("travel_min_")),
    ]
    land = pd.DataFrame(desk.parcels)[read]
    columns, tables = [], [pd.DataFrame({name: [] for name in MODE_COLUMNS}).astype(MODE_COLUMNS)]
    of_park = {str(name): own for name, own in companies.groupby("park_id")}
    about = desk.parks.drop(columns="geometry").to_dict(orient="records")
    for at, row in enumerate(about):
        park_id = str(row["park_id"])
        own = of_park.get(park_id, companies.iloc[:0])
        known = float(np.nan_to_num(parks["output_known_share"].iloc[at]))
        found = {
            name: Known(float(parks[name].iloc[at]), known)
            for name in ("dominant_company_share", "company_herfindahl")
        }
        # What one end of which is in no known park may be inside or outside: the figures rest on the others alone.
        sure = 1.0 - float(parks["link_within_high"].iloc[at] - parks["link_within_low"].iloc[at])
        found["link_within_share"] = Known(float(parks["link_within_share"].iloc[at]), sure)
        found |= company_indicators(own, desk.rules, edition(desk.rules))
        found |= facility_indicators(_kinds_near(desk, at), desk.rules)
        found |= land_indicators(land[named.among([park_id])], desk.rules)
        found |= policy_indicators(row, float(own["output_wan"].sum()), known, desk.rules)
        if placed is not None:
            of_links = links_of_mode(placed, park_id, own)
            found |= {name: Known(value, 1.0 if np.isnan(sure) else sure) for name, value in of_links.items()}
        scored = scored_modes(found, desk.rules)
        mode, confidence = park_mode(scored, desk.rules)
        columns.append((mode, confidence))
        tables.append(mode_rows(park_id, scored, mode, desk.rules))
    frame = pd.DataFrame(
        columns, columns=["aggregation_mode", "aggregation_confidence"], index=desk.parks.index
    )
    return frame.astype({"aggregation_mode": "str", "aggregation_confidence": "float64"}), pd.concat(
        tables, ignore_index=True
    )


def _kinds_near(desk: Desk, at: int) -> pd.Series[Any] | None:
    """Kinds of the facilities that are near a park, as the pack says of links; None without the layer."""
    layer, near = desk.layers.facilities, desk.rules.get("agglomeration.link_near_km")
    if layer is None or "kind" not in layer:
        return None
    if near is None:
        return pd.Series(layer["kind"])
    shape = desk.parks.geometry.iloc[at]
    shapely.prepare(shape)
    close = shapely.dwithin(np.asarray(layer.geometry.array, dtype=object), shape, near.number("m"))
    return pd.Series(layer.loc[close, "kind"])
