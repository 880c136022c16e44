"""Stage: candidates joined into sites, and combinations of them around a wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array

from parkgeo.assess.candidates import NO_CANDIDATE, holder_numbers
from parkgeo.assess.coded import among
from parkgeo.assess.gaps import field_gaps
from parkgeo.i18n import LANGUAGES, say
from parkgeo.metrics.net_land import net_land as taken_off
from parkgeo.metrics.network.ends import edge_lines
from parkgeo.metrics.network.speeds import classes
from parkgeo.metrics.rectangle import rectangle_fits
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.grounds import Grounds
from parkgeo.pipeline.net_land import fronts_of, rectangle_columns, takings
from parkgeo.pipeline.network import road_network
from parkgeo.planning.assembly import (
    Combinations,
    Joins,
    Pool,
    Streets,
    Wish,
    bringing_in_wan,
    combinations,
    groups,
    joins,
    site_id,
    whole_ground,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.pipeline.desk import Desk

__all__ = ["OBSTACLES", "Candidates", "assembly", "candidates_of", "combined", "obstacle_codes"]

OBSTACLES = ("building_kept", "constraint", "main_across", "minor_road", "several_holders")
"""What stands in the way of a joined site, in the order in which it is written."""

_COLUMNS = (
    "site_id", "parcel_ids", "parcels", "holders", "area_m2", "net_area_m2", "rectangle_area_m2", "rectangle_long_m",
    "rectangle_short_m", "cost_wan", "obstacles",
)  # fmt: skip
_NO_RATES = "The packs in force hold no rate of compensation, so the cost of bringing land in is not known: set assembly.compensation_wan_per_mu in your pack, by kind of candidate."
_RATES_LACK = "The packs in force hold no rate of compensation for some kinds of candidate land ({kinds}), so the cost of sites with such land is not known: add them to assembly.compensation_wan_per_mu."
_NO_ROADS = "There is no layer of roads, so parcels are joined only where their outlines meet, not across minor roads: ask for it."
_NO_HOLDERS = "The register has no holders, so each parcel counts as having one of its own: ask for them."


class Candidates(NamedTuple):
    """Land that could be joined.

    Attributes
    ----------
    rows
        Positions among the parcels.
    shape, area_m2
        Outline and area of each.
    holder
        Number of each one's holder.
    cost_wan
        What each costs to bring in; NaN where no rate is known.
    pairs
        What can be joined, by position among the candidates.
    """

    rows: NDArray[np.intp]
    shape: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    holder: NDArray[np.intp]
    cost_wan: NDArray[np.float64]
    pairs: Joins


def assembly(desk: Desk) -> Part:
    """Sites of two or more candidates that hang together, from the packs' area on."""
    land = desk.once(candidates_of)
    group = groups(len(land.rows), land.pairs)
    least = desk.rules.get("assembly.site_area_min_m2")
    size = np.bincount(group, minlength=1)
    total = np.bincount(group, weights=land.area_m2, minlength=1)
    large = (size > 1) & (total >= (0.0 if least is None else least.number("m2")))
    order = np.argsort(group, kind="stable")
    members = [own for own in np.split(order, np.cumsum(size)[:-1]) if len(own) and large[group[own[0]]]]
    return Part(gaps=_gaps(desk, land), tables={"sites": _site_table(desk, land, members)})


def candidates_of(desk: Desk) -> Candidates:
    """Candidates of a desk after `parkgeo.pipeline.net_land.net_land`, and which of them can be joined."""
    parcels, rules = desk.parcels, desk.rules
    rows = np.flatnonzero(np.asarray(parcels["candidate"] != NO_CANDIDATE, dtype=bool))
    own = pd.DataFrame(parcels.drop(columns="geometry")).iloc[rows]
    shape = np.asarray(parcels.geometry.array, dtype=object)[rows]
    touching = rules.get("assembly.touching_m")
    pairs = joins(shape, _streets(desk), touching_m=0.0 if touching is None else touching.number("m"))
    area = own["site_area_m2"].to_numpy(dtype=np.float64)
    rates = rules.get("assembly.compensation_wan_per_mu")
    cost = bringing_in_wan(
        own["candidate"].tolist(), area, rates.table("wan/mu") if rates else {},
        fee_wan=_numbers(own, "idle_fee_wan"), recovered=among(own, "idle_consequence", ["recovery"]),
    )  # fmt: skip
    return Candidates(rows, shape, area, holder_numbers(own), cost, pairs)


def _numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _streets(desk: Desk) -> Streets:
    network, minor = desk.once(road_network), desk.rules.get("assembly.minor_roads")
    if network is None:
        return Streets.none()
    own = classes(network.roads)[network.drawn.road]
    may = np.isin(own, list(minor.texts()) if minor else [])
    return Streets(edge_lines(network.drawn), 2 * network.half_width_m, may)


def combined(
    desk: Desk, wish: Wish, *, land: Candidates | None = None
) -> tuple[Combinations, list[tuple[str, ...]]]:
    """All minimal combinations of a desk's candidates around a wish, and the parcels of each.

    Parameters
    ----------
    desk
        After the stage ``net_land``.
    wish
        Area of the land as drawn, holders, area and rectangle of what is left of it.
    land
        From `candidates_of`, where it is at hand.
    """
    land = desk.once(candidates_of) if land is None else land
    most = desk.rules["assembly.combinations_most"].number("1")
    pool = Pool(
        land.area_m2, land.holder, land.cost_wan, np.stack([land.pairs.left, land.pairs.right], axis=1)
    )

    grounds = Grounds(desk, land.shape)

    def fits(members: tuple[int, ...]) -> bool:
        ground = grounds.of(members)
        enough = wish.net_area_m2 is None or ground.net_area_m2 >= wish.net_area_m2
        return enough and (wish.rectangle_m is None or rectangle_fits(ground.net, *wish.rectangle_m))

    found = combinations(pool, wish, most=int(most), fits=fits)
    ids = desk.parcels["parcel_id"].to_numpy(dtype=object)[land.rows]
    return found, [tuple(str(ids[at]) for at in members) for members in found.members]


def _ground(desk: Desk, land: Candidates, members: Sequence[int]) -> Any:
    touching = desk.rules.get("assembly.touching_m")
    return whole_ground(land.shape[list(members)], 0.0 if touching is None else touching.number("m"))


def _net(desk: Desk, grounds: NDArray[np.object_]) -> Any:
    """What is left of joined land: no setback runs where two of its parcels meet; buildings stay."""
    stay = np.zeros(len(grounds), dtype=bool)
    return taken_off(grounds, takings(desk, grounds, fronts_of(desk, grounds), cleared=stay))


def _site_table(desk: Desk, land: Candidates, members: list[NDArray[np.intp]]) -> gpd.GeoDataFrame:
    crs = desk.parcels.crs
    if not members:
        return gpd.GeoDataFrame(_empty(), geometry=[], crs=crs)
    grounds = np.array([_ground(desk, land, own.tolist()) for own in members], dtype=object)
    net = _net(desk, grounds)
    held = rectangle_columns(net.shape)
    ids = desk.parcels["parcel_id"].to_numpy(dtype=object)[land.rows]
    named = [sorted(str(ids[at]) for at in own) for own in members]
    obstacles = obstacle_codes(desk, land, members, net.removed, grounds)
    frame = pd.DataFrame(
        {
            "site_id": [site_id(own) for own in named],
            "parcel_ids": [";".join(own) for own in named],
            "parcels": [len(own) for own in members],
            "holders": [len(np.unique(land.holder[own])) for own in members],
            "area_m2": [float(land.area_m2[own].sum()) for own in members],
            "net_area_m2": net.net_area_m2,
            **{name: held[name] for name in ("rectangle_area_m2", "rectangle_long_m", "rectangle_short_m")},
            "cost_wan": [float(land.cost_wan[own].sum()) for own in members],
            "obstacles": obstacles,
        }
    )
    parts, owner = shapely.get_parts(grounds, return_index=True)
    table = gpd.GeoDataFrame(frame, geometry=shapely.multipolygons(parts, indices=owner), crs=crs)
    return table.sort_values(["area_m2", "site_id"], ascending=[False, True], ignore_index=True)


def _empty() -> pd.DataFrame:
    texts = {"site_id", "parcel_ids", "obstacles"}
    kinds = {
        name: "str" if name in texts else "int64" if name in {"parcels", "holders"} else "float64"
        for name in _COLUMNS
    }
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def obstacle_codes(
    desk: Desk,
    land: Candidates,
    members: list[NDArray[np.intp]],
    removed: pd.DataFrame,
    grounds: NDArray[np.object_],
) -> list[str]:
    """Codes of what stands in the way of each site, joined by semicolons; sites may share parcels.

    Parameters
    ----------
    desk, land
        Candidates, and what is around.
    members
        Positions of each site's candidates.
    removed
        What was taken off each site, see `parkgeo.metrics.net_land.NetLand`.
    grounds
        Of each.
    """
    count = len(members)
    size = [len(own) for own in members]
    has_land = coo_array(
        (np.ones(sum(size)), (np.repeat(np.arange(count), size), np.concatenate(members))),
        (count, len(land.rows)),
    ).tocsc()
    over = land.pairs.across
    both = has_land[:, land.pairs.left[over]].multiply(has_land[:, land.pairs.right[over]])
    across = np.asarray(both.sum(axis=1)).ravel() > 0
    place, cause = removed["place"].to_numpy(dtype=np.intp), removed["cause"].to_numpy(dtype=object)
    every = np.arange(count)
    mains = desk.layers.utilities
    crossed = np.zeros(count, dtype=bool)
    if mains is not None:
        crossed[
            shapely.STRtree(np.asarray(mains.geometry.array, dtype=object)).query(
                grounds, predicate="intersects"
            )[0]
        ] = True
    has = {
        "building_kept": np.isin(every, place[cause == "building"]),
        "constraint": np.isin(every, place[cause == "constraint"]),
        "main_across": crossed,
        "minor_road": across,
        "several_holders": np.array([len(np.unique(land.holder[own])) > 1 for own in members]),
    }
    return [";".join(code for code in OBSTACLES if has[code][at]) for at in range(count)]


def _gaps(desk: Desk, land: Candidates) -> list[Gap | pd.DataFrame]:
    gaps: list[Gap | pd.DataFrame] = []
    rates = desk.rules.get("assembly.compensation_wan_per_mu")
    kinds = set(desk.parcels["candidate"].iloc[land.rows])
    if rates is None:
        gaps += field_gaps("cost_wan", _NO_RATES, table="sites")
    elif lacking := sorted(kinds - set(rates.table())):
        ask = {lang: say(_RATES_LACK, lang, kinds=", ".join(lacking)) for lang in LANGUAGES}
        gaps.append(("sites", None, "cost_wan", ask))
    if desk.layers.roads is None:
        gaps += field_gaps("parcel_ids", _NO_ROADS, table="sites")
    if "holder" not in desk.parcels:
        gaps += field_gaps("holders", _NO_HOLDERS, table="sites")
    return gaps
