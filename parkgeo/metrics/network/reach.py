"""From nodes to gates: minutes from a gate on an edge to a node of the graph, and the best gate of each place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.metrics.network.arcs import Network, Origins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights

__all__ = ["AT_NODE", "Gates", "Question", "Reach", "entry_minutes", "gates_of", "question", "way_to_ends"]

AT_NODE = 1e-9
"""A fraction so close to 0 or 1 is the node: one need not drive on the edge."""

M_PER_KM_H_MIN = 1000.0 / 60.0
"""Metres a minute at one kilometre an hour."""


@dataclass(frozen=True)
class Reach:
    """How places reach what was searched for. One row a place; of `k_nearest` also one column a rank.

    Attributes
    ----------
    minutes
        Of the quickest way, with what it takes between road and place at both ends; NaN where there is none.
    km
        Length of that way, kilometres, with the stretches between road and place; NaN where there is none or none was asked.
    extra_km
        Of that, the sum of what was asked to be summed, motorway for one; NaN where there is none or none was asked.
    which
        Position of the node that is reached in the nodes that were given; −1 where there is none.
    gate
        Row of the ends that the way uses; −1 where there is none.
    """

    minutes: NDArray[np.float64]
    km: NDArray[np.float64]
    extra_km: NDArray[np.float64]
    which: NDArray[np.intp]
    gate: NDArray[np.intp]


def entry_minutes(off_m: NDArray[np.float64], entry_km_h: float) -> NDArray[np.float64]:
    """Minutes between a road and a place off it.

    Parameters
    ----------
    off_m
        Straight distance, metres.
    entry_km_h
        Speed there; infinite where it is to cost nothing.

    Examples
    --------
    >>> import numpy as np
    >>> entry_minutes(np.array([50.0]), 10.0).tolist()
    [0.3]
    """
    return off_m / (entry_km_h * M_PER_KM_H_MIN)


class Gates(NamedTuple):
    """Ends with what it takes from each to the two nodes of its edge, or from them to it. One number a row of the ends.

    Attributes
    ----------
    start, end
        Nodes of the edge.
    to_start, to_end
        Minutes between the place and the node, entry and part of the edge; infinite where that way is closed.
    part_start, part_end
        Share of the edge that lies between.
    order, first, owner
        Rows by owner, where each owner's rows begin in that order, and those owners.
    """

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    to_start: NDArray[np.float64]
    to_end: NDArray[np.float64]
    part_start: NDArray[np.float64]
    part_end: NDArray[np.float64]
    order: NDArray[np.intp]
    first: NDArray[np.intp]
    owner: NDArray[np.intp]

    def best(self, minutes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Least of the ends' minutes of each owner in ``owner``, and the first row that has it."""
        if not len(self.order):
            return np.empty(0), np.empty(0, dtype=np.intp)
        sorted_ = minutes[self.order]
        if len(self.first) == len(self.order):
            return sorted_, self.order
        least = np.minimum.reduceat(sorted_, self.first)
        counts = np.diff(np.append(self.first, len(sorted_)))
        at = np.where(sorted_ == np.repeat(least, counts), np.arange(len(sorted_)), len(sorted_))
        return least, self.order[np.minimum.reduceat(at, self.first)]


def gates_of(graph: RoadGraph, weights: Weights, ends: Ends, *, inbound: bool, entry_km_h: float) -> Gates:
    """What it takes between each end and the two nodes of its edge.

    Parameters
    ----------
    graph, weights
        The roads and their minutes.
    ends
        Where places meet them.
    inbound
        Whether one drives to the place, and not from it.
    entry_km_h
        Speed between road and place.

    Returns
    -------
    Gates
        Minutes and shares, a number a row of the ends.
    """
    part_start, part_end = ends.fraction, 1.0 - ends.fraction
    along, against = weights.along[ends.edge], weights.against[ends.edge]
    entry = entry_minutes(ends.off_m, entry_km_h)
    order = np.argsort(ends.owner, kind="stable")
    owners = ends.owner[order]
    first = np.flatnonzero(np.diff(owners, prepend=-1) != 0)
    return Gates(
        start=graph.start[ends.edge],
        end=graph.end[ends.edge],
        to_start=entry + _share(along if inbound else against, part_start),
        to_end=entry + _share(against if inbound else along, part_end),
        part_start=part_start,
        part_end=part_end,
        order=order,
        first=first,
        owner=owners[first],
    )


def _share(minutes: NDArray[np.float64], part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minutes of part of an edge; none at its node, even where the edge is closed."""
    return np.multiply(minutes, part, out=np.zeros_like(part), where=part > AT_NODE)


def way_to_ends(
    gates: Gates, to_node: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Quickest between each end and what was searched for, over one node of its edge or the other.

    Parameters
    ----------
    gates
        The ends.
    to_node
        Minutes between each node and what was searched for.

    Returns
    -------
    tuple
        Minutes of each end, infinite where there is no way; the node that it goes over; the share of the edge driven.
    """
    over_start = to_node[gates.start] + gates.to_start
    over_end = to_node[gates.end] + gates.to_end
    ahead = over_end < over_start
    return (
        np.where(ahead, over_end, over_start),
        np.where(ahead, gates.end, gates.start),
        np.where(ahead, gates.part_end, gates.part_start),
    )


class Question(NamedTuple):
    """What is asked, made ready: the network, the facilities on nodes and the ends of the places.

    Attributes
    ----------
    network
        The roads, arranged for search.
    facilities
        The facilities as places that a search begins at, with their entry.
    off_m
        Distance of each facility from its node.
    ends, gates
        Where the places meet the roads.
    owners
        Number of places.
    inbound
        Whether one comes from the facility to the place.
    """

    network: Network
    facilities: Origins
    off_m: NDArray[np.float64]
    ends: Ends
    gates: Gates
    owners: int
    inbound: bool

    @property
    def from_facilities(self) -> bool:
        """Whether there are no more facilities than places, so that a search begins at them."""
        return self.facilities.places <= len(self.gates.owner)


def question(
    graph: RoadGraph, weights: Weights, nodes: NDArray[np.intp], ends: Ends, owners: int | None, *,
    inbound: bool, entry_km_h: float, off_m: NDArray[np.float64] | None, network: Network | None,
) -> Question:  # fmt: skip
    """Make ready what is asked; the parameters are those of `nearest`."""
    nodes = np.asarray(nodes, dtype=np.intp)
    off_m = np.zeros(len(nodes)) if off_m is None else off_m
    places = np.arange(len(nodes))
    return Question(
        network=network or Network(graph, weights),
        facilities=Origins(places, nodes, entry_minutes(off_m, entry_km_h), len(nodes)),
        off_m=off_m,
        ends=ends,
        gates=gates_of(graph, weights, ends, inbound=inbound, entry_km_h=entry_km_h),
        owners=owners if owners is not None else int(ends.owner.max(initial=-1)) + 1,
        inbound=inbound,
    )
