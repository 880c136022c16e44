"""What several candidates are together: their ground, and what is left of it. Measured with what lies near, so that one set costs little."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from parkgeo.metrics.net_land import Fronts, fronting_edges
from parkgeo.metrics.net_land import net_land as taken_off
from parkgeo.pipeline.net_land import front_lines, rectangle_columns, takings
from parkgeo.planning.assembly import whole_ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.pipeline.desk import Desk

__all__ = ["Ground", "Grounds"]

_TAKING_LAYERS = ("constraints", "utilities", "buildings")
_KEPT = 20_000
"""Grounds that are kept."""


class Ground(NamedTuple):
    """Some candidates joined.

    Attributes
    ----------
    whole
        Their ground, slots closed.
    net
        What is left of it to build on.
    net_area_m2
        Of that.
    removed
        What took the rest, as `parkgeo.metrics.net_land.NetLand` has it.
    """

    whole: Any
    net: Any
    net_area_m2: float
    removed: pd.DataFrame


class Grounds:
    """Grounds of a desk's candidates, each worked out once.

    Parameters
    ----------
    desk
        After the stage ``net_land``.
    shapes
        Outlines of its candidates.
    """

    def __init__(self, desk: Desk, shapes: NDArray[np.object_]) -> None:
        self._desk, self._shapes = desk, shapes
        self._made: dict[tuple[int, ...], Ground] = {}
        self._largest: dict[tuple[int, ...], tuple[float, float, float]] = {}

    def of(self, members: Sequence[int]) -> Ground:
        """The ground of some candidates, by position.

        Notes
        -----
        No setback runs where two of the parcels meet; buildings stay.
        """
        key = tuple(sorted(members))
        if key not in self._made:
            if len(self._made) >= _KEPT:
                self._made.clear()
            self._made[key] = self._ground(key)
        return self._made[key]

    def largest(self, sets: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """Area, long and short side of the largest rectangle on what is left of each of some sets: (sets, 3)."""
        if len(self._largest) >= _KEPT:
            self._largest.clear()
        new = [each for each in dict.fromkeys(sets) if each not in self._largest]
        if new:
            net = np.empty(len(new), dtype=object)
            net[:] = [self.of(each).net for each in new]
            held = rectangle_columns(net)
            rows = np.column_stack([held[f"rectangle_{name}"] for name in ("area_m2", "long_m", "short_m")])
            self._largest |= dict(zip(new, map(tuple, rows.tolist()), strict=True))
        return np.array([self._largest[each] for each in sets], dtype=np.float64).reshape(-1, 3)

    def _ground(self, members: tuple[int, ...]) -> Ground:
        touching = self._desk.rules.get("assembly.touching_m")
        whole = whole_ground(self._shapes[list(members)], 0.0 if touching is None else touching.number("m"))
        alone = np.array([whole], dtype=object)
        near = self._near(whole.bounds)
        left = taken_off(alone, takings(near, alone, self._fronts(alone), cleared=np.zeros(1, dtype=bool)))
        return Ground(whole, left.shape[0], float(left.net_area_m2[0]), left.removed)

    @cached_property
    def _trees(self) -> dict[str, shapely.STRtree]:
        layers = {name: getattr(self._desk.layers, name) for name in _TAKING_LAYERS}
        return {
            name: shapely.STRtree(np.asarray(layer.geometry.array, dtype=object))
            for name, layer in layers.items()
            if layer is not None
        }

    @cached_property
    def _around_m(self) -> float:
        widths = self._desk.rules.get("net_land.corridor_half_width_m")
        return 1.0 + max(widths.table("m").values() if widths else (), default=0.0)

    def _near(self, bounds: tuple[float, float, float, float]) -> Desk:
        """The desk with those rows only that could take something off ground within bounds."""
        room = shapely.box(*bounds).buffer(self._around_m)
        rows = {name: np.sort(tree.query(room)) for name, tree in self._trees.items()}
        cut = {name: getattr(self._desk.layers, name).iloc[own] for name, own in rows.items()}
        return replace(self._desk, layers=replace(self._desk.layers, **cut), _kept={})

    @cached_property
    def _roads(self) -> tuple[NDArray[np.object_], NDArray[np.float64], shapely.STRtree] | None:
        lines = self._desk.once(front_lines)
        return None if lines is None else (*lines, shapely.STRtree(lines[0]))

    def _fronts(self, ground: NDArray[np.object_]) -> Fronts | None:
        if self._roads is None:
            return None
        lines, reach, tree = self._roads
        own = np.sort(tree.query(ground[0], predicate="dwithin", distance=float(reach.max(initial=0.0))))
        return fronting_edges(ground, lines[own], reach[own])
