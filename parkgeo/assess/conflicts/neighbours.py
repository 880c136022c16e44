"""Pairs that stand too near each other: class 3 works, hazard sources and warehouses beside housing, schools, hospitals, offices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES
from parkgeo.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.packs import RuleBook

__all__ = ["Needed", "Pairs", "Places", "incompatible_pairs", "needed_distances", "open_parcels", "places_of"]

_BETWEEN = "|"
_HALF_TURN, _TURN = 180.0, 360.0
_AT_ONCE = 50_000
"""Parcels of unknown use whose neighbours are held in memory together: where no use is known all are each other's."""


class Needed(NamedTuple):
    """A row of the table of distances: metres that a sensitive kind keeps from a source."""

    source: str
    sensitive: str
    metres: float


@dataclass(frozen=True)
class Places:
    """Parcels, then facilities of the kinds that the table of distances knows.

    Attributes
    ----------
    ids, shapes
        Of each.
    parcels
        How many of them are parcels.
    kinds
        Kind → whether each is of it.
    """

    ids: NDArray[np.object_]
    shapes: NDArray[np.object_]
    parcels: int
    kinds: Mapping[str, Answer]


@dataclass(frozen=True)
class Pairs:
    """Pairs that are too near, a row each, the nearest of what they want first.

    Attributes
    ----------
    source, sensitive
        Positions in `Places`.
    kind, sensitive_kind
        What they are.
    distance_m, needed_m
        Between their edges, and what is to lie between.
    downwind
        Whether the sensitive one lies downwind: ``yes``, ``no``; None where the packs name no wind.
    """

    source: NDArray[np.intp]
    sensitive: NDArray[np.intp]
    kind: NDArray[np.object_]
    sensitive_kind: NDArray[np.object_]
    distance_m: NDArray[np.float64]
    needed_m: NDArray[np.float64]
    downwind: NDArray[np.object_]


def needed_distances(rules: RuleBook) -> list[Needed]:
    """The table of distances; empty where no pack has one.

    Raises
    ------
    PackError
        A row does not name two kinds, or a kind that has neither uses nor facilities.
    """
    figure = rules.get("layout.neighbour_distance_m")
    if figure is None:
        return []
    known = {
        kind
        for name in ("neighbour_uses", "neighbour_facilities")
        if (table := rules.get(f"layout.{name}"))
        for kind in table.lists()
    }
    rows = []
    for name, metres in figure.table("m").items():
        source, _, sensitive = name.partition(_BETWEEN)
        unknown = sorted({source, sensitive} - known)
        if unknown:
            raise PackError(
                f"{figure.key}: {name!r} names a kind that nothing belongs to: {', '.join(map(repr, unknown))}",
                where=figure.pack,
                mend='write "source|sensitive place", of kinds in layout.neighbour_uses or layout.neighbour_facilities',
            )
        rows.append(Needed(source, sensitive, metres))
    return rows


def places_of(
    parcels: gpd.GeoDataFrame,
    kinds: Mapping[str, Answer],
    facilities: gpd.GeoDataFrame | None,
    rules: RuleBook,
) -> Places:
    """Parcels and facilities with their kinds; a facility on a parcel of its own kind stands for that parcel and is left out."""
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    ids, own = parcels["parcel_id"].astype(str).to_numpy(dtype=object), dict(kinds)
    listed = rules.get("layout.neighbour_facilities")
    if facilities is None or listed is None or "kind" not in facilities:
        return Places(ids, shapes, len(shapes), own)
    of_kind = {
        kind: np.array(facilities["kind"].isin(names), dtype=bool) for kind, names in listed.lists().items()
    }
    points = np.asarray(facilities.geometry.array, dtype=object)
    for kind, there in of_kind.items():
        rows = np.flatnonzero(there)
        same = np.flatnonzero(own[kind] == YES) if kind in own else np.empty(0, dtype=np.intp)
        on = shapely.STRtree(shapes[same]).query(points[rows], predicate="intersects")[0]
        there[rows[on]] = False
    kept = np.flatnonzero(np.logical_or.reduce([*of_kind.values(), np.zeros(len(points), dtype=bool)]))
    nobody = np.full(len(shapes), NO, dtype=np.int8)
    answers = {
        kind: np.concatenate(
            [own.get(kind, nobody), np.where(of_kind[kind][kept], YES, NO) if kind in of_kind else np.full(len(kept), NO)]
        ).astype(np.int8)
        for kind in own | of_kind
    }  # fmt: skip
    names = facilities["facility_id"].astype(str).to_numpy(dtype=object)[kept]
    return Places(np.concatenate([ids, names]), np.concatenate([shapes, points[kept]]), len(shapes), answers)


def incompatible_pairs(places: Places, rules: RuleBook) -> Pairs:
    """Pairs that are nearer than the packs' table says; at least one of the two is a parcel.

    Parameters
    ----------
    places
        Parcels and facilities.
    rules
        ``layout.neighbour_distance_m``, ``layout.wind_from_deg``, ``layout.wind_sector_deg``.

    Returns
    -------
    Pairs
        Of a pair with several rows in the table the one of which most is lacking.
    """
    found: list[pd.DataFrame] = []
    for need in needed_distances(rules):
        source, sensitive = (
            np.flatnonzero(places.kinds[kind] == YES) if kind in places.kinds else np.empty(0, dtype=np.intp)
            for kind in (need.source, need.sensitive)
        )
        at, beside = _within(places.shapes, source, sensitive, need.metres)
        kept = (at != beside) & ((at < places.parcels) | (beside < places.parcels))
        at, beside = at[kept], beside[kept]
        distance = shapely.distance(places.shapes[at], places.shapes[beside])
        found.append(
            pd.DataFrame(
                {
                    "source": at, "sensitive": beside, "kind": need.source, "sensitive_kind": need.sensitive,
                    "distance_m": distance, "needed_m": need.metres,
                }
            )[distance < need.metres]
        )  # fmt: skip
    columns = ["source", "sensitive", "kind", "sensitive_kind", "distance_m", "needed_m"]
    pairs = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    lacking = pairs["distance_m"].astype(float) - pairs["needed_m"].astype(float)
    pairs = pairs.iloc[np.lexsort((pairs["sensitive_kind"].astype(str), pairs["kind"].astype(str), lacking))]
    pairs = pairs.drop_duplicates(["source", "sensitive"])
    source, sensitive = (pairs[name].to_numpy(dtype=np.intp) for name in ("source", "sensitive"))
    return Pairs(
        source, sensitive, pairs["kind"].to_numpy(dtype=object), pairs["sensitive_kind"].to_numpy(dtype=object),
        pairs["distance_m"].to_numpy(dtype=np.float64), pairs["needed_m"].to_numpy(dtype=np.float64),
        _downwind(places.shapes[source], places.shapes[sensitive], rules),
    )  # fmt: skip


def open_parcels(places: Places, rules: RuleBook) -> NDArray[np.bool_]:
    """Parcels that may be in such a pair, since the use of one of the two is not known."""
    found = np.zeros(len(places.ids), dtype=bool)
    asked: set[tuple[bytes, bytes, float]] = set()
    for need in needed_distances(rules):
        if need.source not in places.kinds or need.sensitive not in places.kinds:
            continue
        one, other = places.kinds[need.source], places.kinds[need.sensitive]
        for left, right in ((one == UNKNOWN, other != NO), (one == YES, other == UNKNOWN)):
            # Land without any code is of no known kind in every row of the table: it is looked for once.
            key = (left.tobytes(), right.tobytes(), need.metres)
            if key in asked:
                continue
            asked.add(key)
            rows = np.flatnonzero(left)
            for some in np.array_split(rows, len(rows) // _AT_ONCE + 1):
                at, beside = _within(places.shapes, some, np.flatnonzero(right), need.metres)
                kept = at != beside
                found[at[kept]] = found[beside[kept]] = True
    return found[: places.parcels]


def _within(
    shapes: NDArray[np.object_], one: NDArray[np.intp], other: NDArray[np.intp], metres: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs no farther apart than some metres."""
    if not len(one) or not len(other):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    at, beside = shapely.STRtree(shapes[other]).query(shapes[one], predicate="dwithin", distance=metres)
    return one[at], other[beside]


def _downwind(
    source: NDArray[np.object_], sensitive: NDArray[np.object_], rules: RuleBook
) -> NDArray[np.object_]:
    """Whether the second lies where the wind blows to from the first, by their middles."""
    wind, sector = rules.get("layout.wind_from_deg"), rules.get("layout.wind_sector_deg")
    if wind is None or sector is None:
        return np.full(len(source), None, dtype=object)
    way = shapely.get_coordinates(shapely.centroid(sensitive)) - shapely.get_coordinates(
        shapely.centroid(source)
    )
    bearing = np.degrees(np.arctan2(way[:, 0], way[:, 1]))
    # The wind blows to where it does not come from: half a turn away from it nothing is apart.
    apart = np.abs((bearing - wind.number("deg")) % _TURN - _HALF_TURN)
    return np.where(apart <= sector.number("deg"), "yes", "no").astype(object)
