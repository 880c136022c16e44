"""A park's roads ready to be travelled, and what can be asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.metrics.network.ends import carried_ends
from parkgeo.metrics.network.graph import Profile
from parkgeo.metrics.network.isochrones import isochrone
from parkgeo.metrics.network.links import links
from parkgeo.metrics.network.report import topology_report
from parkgeo.metrics.network.search import k_nearest, nearest, pair_chunks
from parkgeo.metrics.network.speeds import classes
from parkgeo.metrics.network.topology import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping, Sequence

    import geopandas as gpd
    import shapely
    from numpy.typing import NDArray

    from parkgeo.metrics.network.arcs import Network
    from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights
    from parkgeo.metrics.network.links import Links
    from parkgeo.metrics.network.pairs import Pairs
    from parkgeo.metrics.network.reach import Reach
    from parkgeo.metrics.network.splitting import EdgeMap
    from parkgeo.metrics.network.topology import Parts
    from parkgeo.packs import RuleBook

__all__ = ["MODES", "MOTORWAY", "Places", "RoadNetwork", "profile_of", "taken"]

MODES = ("car", "truck", "walk")
"""Who travels."""

MOTORWAY = "motorway"
"""The class of road that tolls are paid on, and onto which nothing opens."""


@dataclass(frozen=True)
class Places:
    """Where facilities stand on the graph, a row a facility of the layer.

    Attributes
    ----------
    node
        Of the graph; -1 where a facility is too far from every road of its mode.
    off_m
        Distance from that node's road.
    """

    node: NDArray[np.intp]
    off_m: NDArray[np.float64]


@dataclass(frozen=True)
class RoadNetwork:
    """A park's roads, and what meets them.

    Attributes
    ----------
    roads
        The layer.
    rules
        The packs in force.
    parcels
        Number of parcels; owners of gates are their positions.
    kind
        Kind of each facility, empty where it is not stated; of no length without facilities.
    drawn
        The graph as drawn: an edge from junction to junction. Tables number these edges.
    seen
        What was left out or looked wrong while it was made.
    graph, edge_map
        The graph that is searched, with a node where each facility stands, and which edge of ``drawn`` each of its edges is of.
    gates, given
        Where parcels meet ``drawn``, and whether that gate stands in the layer of gates or was taken to be there.
    gate_off_m
        Of each row of the layer of gates, metres to the nearest road that it may open onto; NaN where there is none, or where the
        row is about no parcel.
    stray_m
        Of parcels whose given gates all lie too far from any road, how far the nearest of them does; NaN elsewhere.
    frontage_m
        Of each parcel, metres to the edge of the nearest road that it may open onto; NaN where there is none at all.
    half_width_m, may_front
        Of each edge of ``drawn``: from its line to its edge, and whether a parcel may open onto it.
    places
        By mode, where facilities stand.
    networks, weights
        By mode, ``graph`` arranged for search; minutes on ``drawn``.
    """

    roads: gpd.GeoDataFrame
    rules: RuleBook
    parcels: int
    kind: NDArray[np.object_]
    drawn: RoadGraph
    seen: gpd.GeoDataFrame
    graph: RoadGraph
    edge_map: EdgeMap
    gates: Ends
    given: NDArray[np.bool_]
    gate_off_m: NDArray[np.float64]
    stray_m: NDArray[np.float64]
    frontage_m: NDArray[np.float64]
    half_width_m: NDArray[np.float64]
    may_front: NDArray[np.bool_]
    places: dict[str, Places]
    networks: dict[str, Network]
    weights: dict[str, Weights]
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def inbound_kinds(self) -> frozenset[str]:
        """Kinds whose vehicles come to the parcel."""
        return frozenset(self.rules["access.inbound_kinds"].texts())

    @cached_property
    def entry_km_h(self) -> float:
        """Speed between a road and a place off it."""
        return self.rules["access.entry_speed_km_h"].number("km/h")

    @cached_property
    def motorway_km(self) -> NDArray[np.float64]:
        """Kilometres of motorway on each edge of ``graph``."""
        return np.where(classes(self.roads)[self.graph.road] == MOTORWAY, self.graph.length_m / 1000.0, 0.0)

    @cached_property
    def connected(self) -> NDArray[np.bool_]:
        """Whether each parcel meets a road."""
        found = np.zeros(self.parcels, dtype=bool)
        found[self.gates.owner] = True
        return found

    def parts(self, mode: str) -> Parts:
        """What hangs together on ``drawn`` for a mode."""
        found: Parts = self._once(("parts", mode), lambda: parts(self.drawn, self.weights[mode]))
        return found

    def report(self) -> gpd.GeoDataFrame:
        """What is wrong with the roads; see `parkgeo.metrics.network.report.topology_report`."""
        limit = self.rules["network.island_m"].number("m")
        return topology_report(
            self.drawn, self.roads, self.weights["car"], self.parts("car"),
            seen=self.seen, profile=profile_of("car", self.rules), island_m=limit,
        )  # fmt: skip

    def drawn_ends(self, mode: str) -> tuple[Ends, NDArray[np.intp]]:
        """Gates on ``drawn`` that a mode may use, and their rows in ``gates``."""
        rows = np.flatnonzero(self.gates.trucks) if mode == "truck" else np.arange(len(self.gates.owner))
        return taken(self.gates, rows), rows

    def ends(self, mode: str) -> Ends:
        """Gates on ``graph`` that a mode may use."""
        found: Ends = self._once(
            ("ends", mode), lambda: carried_ends(self.drawn_ends(mode)[0], self.edge_map)
        )
        return found

    def kinds(self) -> list[str]:
        """Kinds of facilities that the layer has, in alphabetical order."""
        return sorted({str(kind) for kind in self.kind if kind})

    def of_kind(self, kind: str, mode: str = "car") -> NDArray[np.intp]:
        """Rows of the facilities of a kind that are on the roads of a mode."""
        return np.flatnonzero((self.kind == kind) & (self.places[mode].node >= 0))

    def off_network(self, kind: str, mode: str = "car") -> NDArray[np.intp]:
        """Rows of the facilities of a kind that are too far from every road of a mode."""
        return np.flatnonzero((self.kind == kind) & (self.places[mode].node < 0))

    def inbound(self, kind: str) -> bool:
        """Whether one comes from the facility to the parcel."""
        return kind in self.inbound_kinds

    def nearest(self, kind: str, mode: str = "car") -> Reach:
        """How each parcel reaches the nearest facility of a kind; ``which`` is the facility's row, ``extra_km`` motorway."""
        found: Reach = self._once(("nearest", kind, mode), lambda: self._nearest(kind, mode))
        return found

    def k_nearest(self, kind: str, mode: str, k: int) -> Reach:
        """How each parcel reaches the k nearest facilities of a kind, a column a rank."""
        rows = self.of_kind(kind, mode)
        found = k_nearest(
            self.graph, self.networks[mode].weights, self.places[mode].node[rows], self.ends(mode), k, **self._asked(kind, mode, rows)
        )  # fmt: skip
        return _of_rows(found, rows)

    def pair_chunks(self, kind: str, mode: str, limit_min: float = np.inf) -> Iterator[Pairs]:
        """All pairs of facility of a kind, by its position in `of_kind`, and parcel within a time, some at a time."""
        rows = self.of_kind(kind, mode)
        return pair_chunks(
            self.graph, self.networks[mode].weights, self.places[mode].node[rows], self.ends(mode), limit_min,
            **self._asked(kind, mode, rows),
        )  # fmt: skip

    def isochrones(
        self,
        kind: str,
        mode: str,
        minutes: Sequence[float],
        joined: MutableMapping[bytes, shapely.Geometry] | None = None,
    ) -> NDArray[np.object_]:
        """Ground from which the nearest facility of a kind is reached within each time; None where there is none.

        ``joined`` keeps what was joined, from one kind to the next; see `parkgeo.metrics.network.isochrones.isochrone`.
        """
        rows = self.of_kind(kind, mode)
        return isochrone(
            self.graph, self.networks[mode].weights, self.places[mode].node[rows], minutes,
            reach_m=self.rules["access.isochrone_reach_m"].number("m"), entry_km_h=self.entry_km_h,
            off_m=self.places[mode].off_m[rows], inbound=self.inbound(kind), network=self.networks[mode],
            joined=joined,
        )  # fmt: skip

    def links(self, kinds: Sequence[str], *, tried: int, mode: str = "car") -> Links:
        """What it costs parcels where each edge of ``drawn`` is closed, by the nearest facilities of some kinds."""
        rows = [self.of_kind(kind, mode) for kind in kinds if not self.inbound(kind)]
        place = self.places[mode]
        return links(
            self.graph, self.networks[mode].weights, [place.node[one] for one in rows], self.ends(mode),
            entry_km_h=self.entry_km_h, tried=tried, segment=self.edge_map.edge,
            off_m=[place.off_m[one] for one in rows], network=self.networks[mode],
        )  # fmt: skip

    @cached_property
    def worst_links(self) -> Links:
        """What closing each stretch of road costs, by the packs' kinds of gateways, the worst first."""
        tried = int(self.rules["access.links_tried"].number("1"))
        return self.links(self.rules["access.links_kinds"].texts(), tried=tried)

    def _nearest(self, kind: str, mode: str) -> Reach:
        rows = self.of_kind(kind, mode)
        found = nearest(
            self.graph, self.networks[mode].weights, self.places[mode].node[rows], self.ends(mode),
            extra_km=self.motorway_km if mode == "truck" else None, **self._asked(kind, mode, rows),
        )  # fmt: skip
        return _of_rows(found, rows)

    def _asked(self, kind: str, mode: str, rows: NDArray[np.intp]) -> dict[str, Any]:
        return {
            "entry_km_h": self.entry_km_h, "owners": self.parcels, "inbound": self.inbound(kind),
            "off_m": self.places[mode].off_m[rows], "network": self.networks[mode],
        }  # fmt: skip

    def _once(self, key: object, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def _of_rows(found: Reach, rows: NDArray[np.intp]) -> Reach:
    """The same with rows of the layer for positions among those that were searched for."""
    return replace(found, which=np.append(rows, -1)[found.which])


def taken(ends: Ends, rows: NDArray[np.intp]) -> Ends:
    """Some rows of ends."""
    return replace(
        ends,
        owner=ends.owner[rows],
        edge=ends.edge[rows],
        fraction=ends.fraction[rows],
        off_m=ends.off_m[rows],
        trucks=ends.trucks[rows],
    )


def profile_of(mode: str, rules: RuleBook) -> Profile:
    """Who travels, by the packs.

    Parameters
    ----------
    mode
        One of `MODES`.
    rules
        The packs in force, group ``network``.
    """
    own = {
        name: rules[f"network.{name}"] for name in ("speed_km_h", "truck_speed_km_h", "walk_barred_classes")
    }
    truck, walk = mode == "truck", mode == "walk"
    return Profile(
        name=mode,
        speed_km_h=own["truck_speed_km_h" if truck else "speed_km_h"].table("km/h"),
        unknown_km_h=rules["network.speed_unknown_km_h"].number("km/h"),
        least_km_h=rules["network.speed_min_km_h"].number("km/h"),
        most_km_h=rules["network.speed_max_km_h"].number("km/h"),
        constant_km_h=rules["network.walk_speed_km_h"].number("km/h") if walk else np.nan,
        capped=truck,
        observed=rules["network.observed_speeds"].flag(),
        barred_classes=own["walk_barred_classes"].texts() if walk else (),
        height_m=rules["network.truck_height_m"].number("m") if truck else np.nan,
        weight_t=rules["network.truck_weight_t"].number("t") if truck else np.nan,
        hour=rules["network.truck_hour"].number("h") if truck else np.nan,
        both_ways=walk,
    )
