"""All pairs of facility and place within a time, and the matrix of minutes between all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.metrics.network.arcs import Origins, from_each
from parkgeo.metrics.network.reach import Question, question, way_to_ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.metrics.network.arcs import Network
    from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights

__all__ = ["Pairs", "matrix", "pair_chunks", "pairs_within"]

PAIRS_AT_ONCE = 4_000_000
"""About as many pairs are handed on at once."""


class Pairs(NamedTuple):
    """Facilities and places that reach one another: position of the facility, of the place, and minutes. A row a pair."""

    facility: NDArray[np.intp]
    owner: NDArray[np.intp]
    minutes: NDArray[np.float64]


def _rows(asked: Question, limit: float) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Minutes from one facility to all places, or from one place to all facilities, whichever are fewer."""
    network, gates = asked.network, asked.gates
    near = (
        limit * (1.0 + 1e-9) + 1e-9
    )  # the sum may round another way; whoever asks holds it against the limit
    if asked.from_facilities:
        for place, trees in from_each(network.arcs(reverse=not asked.inbound), asked.facilities, limit=near):
            minutes = np.full(asked.owners, np.inf)
            minutes[gates.owner] = gates.best(way_to_ends(gates, trees.minutes)[0])[0]
            yield place, minutes
        return
    origin = np.searchsorted(gates.owner, asked.ends.owner)
    origins = Origins(
        np.concatenate([origin, origin]),
        np.concatenate([gates.start, gates.end]),
        np.concatenate([gates.to_start, gates.to_end]),
        len(gates.owner),
    )
    for place, trees in from_each(network.arcs(reverse=asked.inbound), origins, limit=near):
        yield int(gates.owner[place]), trees.minutes[asked.facilities.node] + asked.facilities.minutes


def pair_chunks(
    graph: RoadGraph,
    weights: Weights,
    nodes: NDArray[np.intp],
    ends: Ends,
    limit_min: float = np.inf,
    *,
    entry_km_h: float,
    owners: int | None = None,
    inbound: bool = False,
    off_m: NDArray[np.float64] | None = None,
    network: Network | None = None,
) -> Iterator[Pairs]:
    """All pairs of facility and place within a time, a few million at a time, to be summed or written as they come.

    Parameters
    ----------
    graph, weights, nodes, ends, entry_km_h, owners, inbound, off_m, network
        As of `nearest`.
    limit_min
        Minutes; infinite for all that reach one another.

    Yields
    ------
    Pairs
        Each pair once, over all chunks.
    """
    asked = question(
        graph, weights, nodes, ends, owners, inbound=inbound, entry_km_h=entry_km_h, off_m=off_m, network=network
    )  # fmt: skip
    held: list[tuple[int, NDArray[np.intp], NDArray[np.float64]]] = []
    count = 0
    for one, minutes in _rows(asked, limit_min):
        other = np.flatnonzero((minutes <= limit_min) & np.isfinite(minutes))
        held.append((one, other, minutes[other]))
        count += len(other)
        if count >= PAIRS_AT_ONCE:
            yield _pairs(held, from_facilities=asked.from_facilities)
            held, count = [], 0
    if count:
        yield _pairs(held, from_facilities=asked.from_facilities)


def _pairs(held: list[tuple[int, NDArray[np.intp], NDArray[np.float64]]], *, from_facilities: bool) -> Pairs:
    ones = np.repeat([one for one, _, _ in held], [len(other) for _, other, _ in held]).astype(np.intp)
    others = np.concatenate([other for _, other, _ in held])
    minutes = np.concatenate([minutes for _, _, minutes in held])
    return Pairs(ones, others, minutes) if from_facilities else Pairs(others, ones, minutes)


def pairs_within(
    graph: RoadGraph,
    weights: Weights,
    nodes: NDArray[np.intp],
    ends: Ends,
    limit_min: float,
    *,
    entry_km_h: float,
    owners: int | None = None,
    inbound: bool = False,
    off_m: NDArray[np.float64] | None = None,
    network: Network | None = None,
) -> Pairs:
    """All pairs of facility and place within a time, by facility and place.

    Parameters
    ----------
    graph, weights, nodes, ends, entry_km_h, owners, inbound, off_m, network
        As of `nearest`.
    limit_min
        Minutes.

    Returns
    -------
    Pairs
        Facility, place, minutes; 24 bytes a pair. Where that is too much, take `pair_chunks`.
    """
    chunks = list(
        pair_chunks(
            graph,
            weights,
            nodes,
            ends,
            limit_min,
            entry_km_h=entry_km_h,
            owners=owners,
            inbound=inbound,
            off_m=off_m,
            network=network,
        )
    )
    if not chunks:
        return Pairs(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), np.empty(0))
    pairs = Pairs(*(np.concatenate(column) for column in zip(*chunks, strict=True)))
    order = np.lexsort((pairs.owner, pairs.facility))
    return Pairs(pairs.facility[order], pairs.owner[order], pairs.minutes[order])


def matrix(
    graph: RoadGraph,
    weights: Weights,
    nodes: NDArray[np.intp],
    ends: Ends,
    *,
    entry_km_h: float,
    owners: int | None = None,
    inbound: bool = False,
    off_m: NDArray[np.float64] | None = None,
    network: Network | None = None,
) -> NDArray[np.float64]:
    """Minutes between every place and every facility.

    Parameters
    ----------
    graph, weights, nodes, ends, entry_km_h, owners, inbound, off_m, network
        As of `nearest`.

    Returns
    -------
    numpy.ndarray
        Places × facilities, minutes; NaN where there is no way. Where that is too much to hold, take `pair_chunks` without a
        limit.
    """
    asked = question(
        graph, weights, nodes, ends, owners, inbound=inbound, entry_km_h=entry_km_h, off_m=off_m, network=network
    )  # fmt: skip
    minutes = np.full((asked.owners, asked.facilities.places), np.inf)
    for one, row in _rows(asked, np.inf):
        if asked.from_facilities:
            minutes[:, one] = row
        else:
            minutes[one] = row
    return np.where(np.isfinite(minutes), minutes, np.nan)
