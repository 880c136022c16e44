"""The road graph in arrays: what meets what, how long, and how many minutes along and against each edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Ends", "Profile", "RoadGraph", "Weights"]


@dataclass(frozen=True)
class RoadGraph:
    """Nodes and edges of the roads; an edge is a stretch of one road between two nodes, as drawn.

    Attributes
    ----------
    node_xy
        Nodes × 2, metres.
    start, end
        Node at which each edge begins and ends, as it is drawn; the same node where it is a loop.
    length_m
        Of each edge; above 0.
    road
        Of each edge, the row of the roads layer that it is part of.
    oneway
        Of each edge: 0 both ways, 1 only as drawn.
    xy, first
        Points of all edges one after the other, and the position of each edge's first point (edges + 1 numbers): the points of
        edge ``e`` are ``xy[first[e]:first[e + 1]]``.
    """

    node_xy: NDArray[np.float64]
    start: NDArray[np.intp]
    end: NDArray[np.intp]
    length_m: NDArray[np.float64]
    road: NDArray[np.intp]
    oneway: NDArray[np.int8]
    xy: NDArray[np.float64]
    first: NDArray[np.intp]

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_xy)

    @property
    def edges(self) -> int:
        """Number of edges."""
        return len(self.start)


@dataclass(frozen=True)
class Profile:
    """Who travels: what is open to them, and how fast they are.

    Attributes
    ----------
    name
        ``car``, ``truck`` or ``walk``.
    speed_km_h
        Class of road → speed where a road states none; for a truck the most that it drives there.
    unknown_km_h
        Speed on a road without speed and class.
    least_km_h, most_km_h
        A stated speed beyond them is absurd and not used.
    constant_km_h
        One speed everywhere, whatever roads state, on foot; NaN elsewhere.
    capped
        Whether ``speed_km_h`` is the most even where a road states more, as for trucks.
    observed
        Whether observed speeds are used where a road has one.
    barred_classes
        Classes of road that are closed to them.
    height_m, weight_t, hour
        Of the vehicle, held against a road's limits; NaN where they do not count.
    both_ways
        Whether one-way roads are open in both directions, as on foot.
    """

    name: str
    speed_km_h: Mapping[str, float]
    unknown_km_h: float
    least_km_h: float
    most_km_h: float
    constant_km_h: float = np.nan
    capped: bool = False
    observed: bool = False
    barred_classes: tuple[str, ...] = ()
    height_m: float = np.nan
    weight_t: float = np.nan
    hour: float = np.nan
    both_ways: bool = False


@dataclass(frozen=True)
class Weights:
    """Minutes along each edge of a graph as drawn, and against it; infinite where it is closed."""

    along: NDArray[np.float64]
    against: NDArray[np.float64]


@dataclass(frozen=True)
class Ends:
    """Where places, parcels' gates or facilities, meet the graph: a row a meeting point.

    Attributes
    ----------
    owner
        Position of the place; several rows where it has several gates.
    edge, fraction
        Edge it meets, and how far along it as drawn, 0 to 1, by length.
    off_m
        Straight distance between the place and the road.
    trucks
        Whether trucks may use it.
    """

    owner: NDArray[np.intp]
    edge: NDArray[np.intp]
    fraction: NDArray[np.float64]
    off_m: NDArray[np.float64]
    trucks: NDArray[np.bool_]
