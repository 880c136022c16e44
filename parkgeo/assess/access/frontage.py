"""No frontage: a parcel that lies on no road onto which it might open."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.assess.access.approach import decided, road_line
from parkgeo.assess.states.telling import number, still
from parkgeo.metrics.network.edges import edge_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.assess.access.approach import Approach, Met
    from parkgeo.assess.judged import Judged

__all__ = ["no_frontage"]

_HAIR = 1e-6
_NO_FRONTAGE = {
    "yes": "No frontage: the edge of the nearest road, {road}, is {distance} m away; up to {limit} m is frontage.",
    "far": "Undetermined: no road is drawn within {cover} m; the nearest, {road}, is {distance} m away. The layer of roads may not cover this place.",
    "stray": "Undetermined: the parcel lies on no road, and the gate that is recorded lies {stray} m from the nearest one, beyond {gate} m: a road may be missing.",
    "no_road": "Undetermined: the layer of roads has none onto which a parcel may open.",
    "no_layer": "Undetermined: no roads are given.",
    "no": "",
}


def no_frontage(approach: Approach) -> Judged | None:
    """Parcels without a road along them.

    Parameters
    ----------
    approach
        The parcels and the roads; ``access.frontage_m``, ``access.roads_cover_m``, ``access.gate_m``.

    Returns
    -------
    Judged or None
        None where no pack has the figure. ``observed`` is the distance to the edge of the nearest road that a parcel may open onto,
        metres. A parcel with a given gate that meets a road has frontage. Undetermined without roads, where none is drawn for
        far around, and where a recorded gate says that there is a road which is not drawn.
    """
    figure, cover, gate = (
        approach.rules.get(f"access.{name}") for name in ("frontage_m", "roads_cover_m", "gate_m")
    )
    if figure is None:
        return None
    met, count = approach.met, len(approach.parcels)
    limit = figure.number("m")
    covered = cover.number("m") if cover else np.inf
    distance = np.full(count, np.nan) if met is None else met.frontage_m
    stray = np.full(count, np.nan) if met is None else met.stray_m
    none = np.full(count, met is None)
    gated = np.zeros(count, dtype=bool) if met is None else approach.passage("car").gate
    found = [
        (none, "no_layer"), (gated | (distance <= limit), "no"), (np.isnan(distance), "no_road"), (~np.isnan(stray), "stray"),
        (distance > covered, "far"), (~none, "yes"),
    ]  # fmt: skip
    nearest = _nearest_roads(approach, met, distance)
    values = {
        "road": lambda at, _lang: [nearest(int(one))[1] for one in at],
        "distance": number(distance), "stray": number(stray), "limit": still(limit), "cover": still(covered),
        "gate": still(gate.number("m") if gate else np.nan),
    }  # fmt: skip

    def told(at: int) -> list[dict[str, Any]]:
        row = nearest(at)[0]
        lines = (
            []
            if met is None or row < 0
            else [
                road_line(met.roads, row),
                {"what": "frontage_m", "value": round(float(distance[at]), 3)},
            ]
        )
        return [*lines, figure.as_evidence()]

    return decided(
        approach, "no_frontage", figure, _NO_FRONTAGE, found,
        about=approach.about, doubtful=("no_layer", "no_road", "stray", "far"), observed=distance, threshold=limit,
        values=values, told=told,
    )  # fmt: skip


def _nearest_roads(
    approach: Approach, met: Met | None, distance: NDArray[np.float64]
) -> Callable[[int], tuple[int, str]]:
    """Row and name of the road whose edge is nearest to a parcel; looked up for those only that have a finding."""
    if met is None:
        return lambda _at: (-1, "—")
    edges = np.flatnonzero(met.may_front)

    @cache
    def tree() -> tuple[NDArray[np.object_], shapely.STRtree]:
        lines = edge_lines(met.graph, edges)
        return lines, shapely.STRtree(lines)

    half = met.half_width_m[edges]

    @cache
    def row_of(at: int) -> tuple[int, str]:
        if np.isnan(distance[at]):
            return -1, "—"
        lines, index = tree()
        shape = approach.parcels.geometry.iloc[at]
        near = np.sort(index.query(shape, predicate="dwithin", distance=distance[at] + half.max() + _HAIR))
        off = np.maximum(shapely.distance(lines[near], shape) - half[near], 0.0)
        row = int(met.graph.road[edges[near[int(np.argmin(off))]]])
        return row, str(met.names[row])

    return row_of
