"""The layers on what could be built where: joined sites, net land, blocks between roads, neighbours that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.palette import BLOCKS, CONFLICTS
from maps.words import in_all_languages

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maps.layer import Drawing
    from maps.palette import Style

__all__ = ["AREA_OF", "SITING_COLUMNS", "SITING_LAYERS", "block_parts", "listed"]

SITING_COLUMNS: dict[str, tuple[str, ...]] = {
    "sites": (
        "site_id", "parcel_ids", "parcels", "holders", "area_m2", "net_area_m2", "rectangle_area_m2", "rectangle_long_m",
        "rectangle_short_m", "cost_wan", "obstacles",
    ),
    "net_land": ("parcel_id", "net_area_m2"),
    "blocks": ("block_id", "area_m2", "oversized", "use_mix_entropy", "production_share", "living_share", "service_share", "green_share", "other_share"),
    "neighbour_conflicts": ("parcel_id", "kind", "other_id", "other_kind", "distance_m", "needed_m", "downwind"),
}  # fmt: skip
"""Table → columns that its pop-up shows."""

AREA_OF = {"sites": "area_m2", "net_land": "net_area_m2", "blocks": "area_m2"}
"""Table → the column whose sum stands beside the layer's count."""

_LISTS = ("parcel_ids", "obstacles")
_BLOCKS = {"oversized": "Oversized blocks", "plain": "Blocks between roads"}


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose lists of ids and codes, joined by semicolons, are parted as pop-ups part them.

    Examples
    --------
    >>> import pandas as pd
    >>> listed(pd.DataFrame({"obstacles": ["minor_road;several_holders"]}))["obstacles"].tolist()
    ['minor_road, several_holders']
    """
    there = [name for name in _LISTS if name in rows]
    return rows.assign(**{
        name: rows[name].map(lambda text: text.replace(";", ", "), na_action="ignore") for name in there
    })  # fmt: skip


def block_parts(rows: pd.DataFrame) -> list[tuple[str, list[str], Style, NDArray[np.bool_]]]:
    """Blocks that are too large apart from the others: id, title, style, and which rows."""
    large = np.zeros(len(rows), dtype=bool)
    if "oversized" in rows:
        large = rows["oversized"].eq("yes").to_numpy(dtype=bool, na_value=False)
    parts = {"oversized": large, "plain": ~large}
    return [
        (f"blocks:{name}", in_all_languages(_BLOCKS[name]), BLOCKS[name], of_part)
        for name, of_part in parts.items()
        if of_part.any()
    ]


def neighbour_conflicts(drawing: Drawing) -> list[dict[str, Any]]:
    """Between two parcels that should not be so near each other, a line from the one over the gap to the other."""
    if "neighbour_conflicts" not in drawing.snapshot.tables:
        return []
    rows = drawing.snapshot.read("neighbour_conflicts")
    if not isinstance(rows, gpd.GeoDataFrame) or not len(rows):
        return []
    rows = rows.set_geometry(_reaching(drawing, rows), crs=rows.crs)
    title = in_all_languages("Neighbours that do not go together")
    return [
        drawing.layer(
            "neighbour_conflicts", "neighbour_conflicts", title, CONFLICTS, rows,
            columns=SITING_COLUMNS["neighbour_conflicts"],
        )
    ]  # fmt: skip


def _reaching(drawing: Drawing, rows: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """The shortest lines, drawn out into both parcels: of two that touch, the line by itself would be no longer than a point."""
    parcels = drawing.snapshot.read("parcels")
    lines = rows.geometry.to_numpy()
    first, last = _places(shapely.get_point(lines, 0)), _places(shapely.get_point(lines, -1))
    here = _inside(parcels, rows["parcel_id"], first)
    there = _inside(parcels, rows["other_id"], last)
    # Which end of the line lies on which parcel is not said: the nearer one does.
    turned = (_distance(here, first) > _distance(here, last))[:, np.newaxis]
    corners = np.stack([here, np.where(turned, last, first), np.where(turned, first, last), there], axis=1)
    known = ~np.isnan(corners).any(axis=(1, 2))
    drawn = np.full(len(rows), None, dtype=object)
    drawn[known] = shapely.linestrings(corners[known])
    return drawn


def _inside(
    parcels: gpd.GeoDataFrame, names: pd.Series[Any], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A place inside each parcel that is named; of one that is not known here the end of the line."""
    alone = parcels[parcels["parcel_id"].isin(names)].drop_duplicates("parcel_id")
    middles = _places(shapely.point_on_surface(alone.geometry.to_numpy()))
    middles = np.vstack([middles, [[np.nan, np.nan]]])
    at = pd.Index(alone["parcel_id"].astype(str)).get_indexer(
        names.astype(str)
    )  # the last where it is not there
    return np.where(np.isnan(middles[at]), end, middles[at])


def _places(points: NDArray[np.object_]) -> NDArray[np.float64]:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.hypot(*(one - other).T)
    return found


SITING_LAYERS = {"neighbour_conflicts": neighbour_conflicts}
"""Group of layers that is derived for the map → what makes it."""
