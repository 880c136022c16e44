"""Stage: how parks and blocks are laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.coded import coded
from parkgeo.assess.judged import text_column
from parkgeo.assess.layout import GROUPS, MIX, Mix, mix_of, oversized, use_group
from parkgeo.assess.park.layout import ParkLayout, layout_rows
from parkgeo.assess.park.reach import road_density_row
from parkgeo.metrics.layout import (
    Blocks,
    block_of,
    blocks_between,
    compactness,
    dividing_lines,
    effective_mesh,
    group_areas,
    junction_counts,
    least_rectangles,
    orientation_spread,
    patches,
    rectangularity,
)
from parkgeo.metrics.network.speeds import classes
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.net_land import parcel_fronts
from parkgeo.pipeline.network import road_network
from parkgeo.pipeline.reach import network_ends_short, parks_reach
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.pipeline.desk import Desk

__all__ = ["LaidOut", "laid_out", "layout"]

_M2_PER_KM2 = 1e6
_COLUMNS = (
    *MIX, "road_density_km_per_km2", "intersections_per_km2", "block_area_median_ha", "effective_mesh_ha",
    "frontage_share", "frontage_mean_m", "building_orientation_spread",
)  # fmt: skip
_NOT_BUILDINGS = ("structure", "yard")


@dataclass(frozen=True)
class LaidOut:
    """What the stages on layout and on the park say together; see `parkgeo.pipeline.desk.Desk.once`.

    Attributes
    ----------
    block
        Position of each parcel's block; -1: none.
    blocks
        The table.
    parks
        Columns of the parks.
    rows
        Indicators.
    gaps
        Why some are missing.
    """

    block: NDArray[np.intp]
    blocks: gpd.GeoDataFrame
    parks: pd.DataFrame
    rows: list[dict[str, Any]]
    gaps: list[Gap]


def layout(desk: Desk) -> Part:
    """Shape of parcels, blocks between roads, and uses, holdings and directions of parks."""
    found = desk.once(laid_out)
    names = pd.Categorical.from_codes(found.block, pd.Index(found.blocks["block_id"], dtype=object))
    columns = pd.DataFrame(
        {
            "compactness": compactness(desk.parcels.geometry),
            "rectangularity": rectangularity(desk.parcels.geometry),
            "block_id": text_column(names, desk.parcels.index),
        }
    )
    # Without roads there are no blocks to tell of.
    tables = {} if desk.once(road_network) is None else {"blocks": found.blocks}
    # Its rows, and why some are missing, go to the table of indicators with those of the stage on the park.
    return Part(columns, parks=found.parks, tables={**tables})


def laid_out(desk: Desk) -> LaidOut:
    """Blocks and figures of the parks; for `parkgeo.pipeline.desk.Desk.once`."""
    parcels, rules = desk.parcels, desk.rules
    ids = [str(each) for each in desk.parks["park_id"]]
    own = coded(parcels, "park_id")
    home = pd.Index(ids).get_indexer(pd.Index([str(word) for word in own.words]))[own.codes]
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64)
    group = use_group(parcels, rules)
    planned = _areas(np.where(_by_plan(parcels), area, 0.0), group, home, len(ids))
    blocks, block = _blocks(desk)
    of_parks = mix_of(_areas(area, group, home, len(ids)), rules)
    of_blocks = mix_of(_areas(area, group, block, len(blocks.shapes)), rules)
    table, verdicts = _table(desk, blocks, of_blocks, ids)
    values = _park_values(desk, of_parks, blocks, home)
    rows: list[dict[str, Any]] = []
    gaps: list[Gap] = []
    for at, park_id in enumerate(ids):
        told = {str(name): float(values[name].iloc[at]) for name in values}
        uncovered = park_id if network_ends_short(desk.once(parks_reach), park_id) else ""
        park = ParkLayout(
            told, of_parks.areas[at], verdicts[blocks.park == at], uncovered, planned[at, : len(GROUPS)]
        )
        made, open_ = layout_rows(park, rules)
        rows += [{"park_id": park_id, **row} for row in made]
        gaps += [gap for gap in open_ if gap not in gaps]
    return LaidOut(block, table, values[list(_COLUMNS)].set_axis(desk.parks.index), rows, gaps)


def _by_plan(parcels: pd.DataFrame) -> NDArray[np.bool_]:
    """Where the code that decides is not the register's."""
    own = parcels.get("land_use_code", pd.Series(None, index=parcels.index, dtype="str"))
    decides = parcels.get("use_code", own)
    found: NDArray[np.bool_] = (own.isna() & decides.notna()).to_numpy(dtype=bool)
    return found


def _areas(
    area: NDArray[np.float64], group: NDArray[np.intp], owner: NDArray[np.intp], owners: int
) -> NDArray[np.float64]:
    return group_areas(area, group, owner, groups=len(GROUPS), owners=owners)


def _counted(desk: Desk) -> NDArray[np.bool_] | None:
    """Which edges of the road graph divide blocks; None without roads."""
    network = desk.once(road_network)
    if network is None:
        return None
    left_out = list(desk.rules["layout.block_roads_left_out"].texts())
    return ~np.isin(classes(network.roads)[network.drawn.road], left_out)


def _covered(desk: Desk) -> NDArray[np.bool_]:
    """Which parks have a road drawn near; of others it is not known how roads divide them."""
    reach = desk.once(parks_reach)
    return np.array(
        [not np.isnan(reach.roads_m[str(each)]).all() for each in desk.parks["park_id"]], dtype=bool
    )


def _blocks(desk: Desk) -> tuple[Blocks, NDArray[np.intp]]:
    """Blocks, and the block of each parcel; small ground without parcels is no block."""
    network, counted = desk.once(road_network), _counted(desk)
    shapes = np.asarray(desk.parcels.geometry.array, dtype=object)
    if network is None or counted is None:
        none = np.empty(0, dtype=np.intp)
        return Blocks(np.empty(0, dtype=object), none), np.full(len(shapes), -1, dtype=np.intp)
    grounds = np.asarray(desk.parks.geometry.array, dtype=object)
    drawn = blocks_between(dividing_lines(network.drawn, counted), grounds)
    block = block_of(shapes, drawn.shapes)
    kept = shapely.area(drawn.shapes) >= desk.rules["layout.block_area_m2"].number("m2")
    kept[block[block >= 0]] = True
    kept &= _covered(desk)[drawn.park]
    # The last stands for parcels in no block.
    place = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
    return Blocks(drawn.shapes[kept], drawn.park[kept]), place[block]


def _table(
    desk: Desk, blocks: Blocks, mix: Mix, ids: list[str]
) -> tuple[gpd.GeoDataFrame, NDArray[np.object_]]:
    """The table of blocks, and their verdicts."""
    around = least_rectangles(blocks.shapes)
    verdicts = oversized(around.long_m, mix, desk.rules)
    before = np.searchsorted(blocks.park, blocks.park)
    numbers = np.arange(len(blocks.park)) - before + 1
    parks = [ids[at] for at in blocks.park]
    columns = {
        "block_id": pd.array([f"{park}-{n}" for park, n in zip(parks, numbers, strict=True)], dtype="str"),
        "park_id": pd.array(parks, dtype="str"),
        "area_m2": shapely.area(blocks.shapes),
        "long_side_m": around.long_m,
        "short_side_m": around.short_m,
        **{str(name): mix.columns[name].to_numpy() for name in mix.columns},
        "oversized": pd.array(list(verdicts), dtype="str"),
    }
    return gpd.GeoDataFrame(columns, geometry=blocks.shapes, crs=desk.parcels.crs), verdicts


def _park_values(desk: Desk, mix: Mix, blocks: Blocks, home: NDArray[np.intp]) -> pd.DataFrame:
    parks = len(mix.areas)
    reach, counted, network = desk.once(parks_reach), _counted(desk), desk.once(road_network)
    ground = shapely.area(np.asarray(desk.parks.geometry.array, dtype=object))
    values = mix.columns.copy()
    for name in (*_COLUMNS[len(MIX) :], "blocks"):
        values[name] = np.nan
    lengths = [reach.roads_m[str(each)].tolist() for each in desk.parks["park_id"]]
    values["road_density_km_per_km2"] = [
        road_density_row(sure, open_, m2, desk.rules)[0]["value"]
        for (sure, open_, _), m2 in zip(lengths, ground.tolist(), strict=True)
    ]
    if network is not None and counted is not None:
        met = junction_counts(network.drawn, counted, np.asarray(desk.parks.geometry.array, dtype=object))
        covered = _covered(desk)
        values["intersections_per_km2"] = np.where(
            covered & (ground > 0), met / (ground / _M2_PER_KM2), np.nan
        )
        values["blocks"] = np.where(covered, np.bincount(blocks.park, minlength=parks), np.nan)
        sizes = pd.Series(shapely.area(blocks.shapes) / M2_PER_HA).groupby(blocks.park).median()
        values["block_area_median_ha"] = sizes.reindex(range(parks)).to_numpy()
    values["effective_mesh_ha"] = _mesh(desk, home, parks) / M2_PER_HA
    values["frontage_share"], values["frontage_mean_m"] = _frontage(desk, home, parks)
    values["building_orientation_spread"] = _grain(desk, parks)
    return values


def _frontage(
    desk: Desk, home: NDArray[np.intp], parks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of each park's parcels, by area, with an edge along a road, and the mean length of such edges of one parcel, metres."""
    fronts = desk.once(parcel_fronts)
    if fronts is None:
        return np.full(parks, np.nan), np.full(parks, np.nan)
    area = desk.parcels["site_area_m2"].to_numpy(dtype=np.float64)
    length = np.bincount(fronts.place, weights=shapely.length(fronts.edge), minlength=len(area))
    inside, has, covered = home >= 0, length > 0, _covered(desk)
    land, fronting, metres, count = (
        np.bincount(home[inside], weights=weights[inside], minlength=parks)
        for weights in (area, area * has, length, has.astype(np.float64))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(covered & (land > 0), fronting / land, np.nan)
        return share, np.where(covered & (count > 0), metres / count, np.nan)


def _mesh(desk: Desk, home: NDArray[np.intp], parks: int) -> NDArray[np.float64]:
    parcels = desk.parcels
    patch = patches(
        np.asarray(parcels.geometry.array, dtype=object), coded(parcels, "holder").codes,
        touching_m=desk.rules["layout.patch_m"].number("m"),
    )  # fmt: skip
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64)
    return effective_mesh(area, patch, home, owners=parks)


def _grain(desk: Desk, parks: int) -> NDArray[np.float64]:
    """Spread of the buildings' directions in each park; a building stands where its inner point lies."""
    buildings = desk.layers.buildings
    if buildings is None:
        return np.full(parks, np.nan)
    shapes = np.asarray(buildings.geometry.array, dtype=object)
    if "kind" in buildings:
        shapes = shapes[~buildings["kind"].isin(_NOT_BUILDINGS).to_numpy(dtype=bool)]
    grounds = np.asarray(desk.parks.geometry.array, dtype=object)
    building, park = shapely.STRtree(grounds).query(shapely.point_on_surface(shapes), predicate="intersects")
    owner = np.full(len(shapes), -1, dtype=np.intp)
    # Of two parks that overlap the first one has it.
    owner[building[::-1]] = park[::-1]
    return orientation_spread(least_rectangles(shapes).azimuth, shapely.area(shapes), owner, parks)
