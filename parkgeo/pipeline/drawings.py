"""Rectangles drawn on what is left of sites, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.metrics.rectangle import rectangle_drawn, rectangle_fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["Drawings"]

_KEPT = 100_000
"""Answers that are kept."""


class Drawings:
    """Whether rectangles find room on sites.

    Parameters
    ----------
    net_of
        Site → what is left of it to build on; None where that is not known.

    Examples
    --------
    >>> from shapely import box, union_all
    >>> drawings = Drawings({"A": union_all([box(0, 0, 20, 20), box(20, 0, 70, 5)])}.get)
    >>> drawings.answers([("A", True), ("B", True)], (70.0, 5.0), most=9).tolist()
    [1, -1]
    """

    def __init__(self, net_of: Callable[[str], Any]) -> None:
        self._net_of = net_of
        self._told: dict[tuple[str, tuple[float, float]], int] = {}

    def answers(
        self, sites: Iterable[tuple[str, bool]], sides: tuple[float, float], *, most: int
    ) -> NDArray[np.int8]:
        """Answers for some sites, in their order.

        Parameters
        ----------
        sites
            Name of each, and whether its largest rectangle is known, and not to hold the one that is asked for.
        sides
            Long and short, metres.
        most
            So many are drawn at most; a site of which it is not known what is left does not count.

        Returns
        -------
        numpy.ndarray
            int8: 1 it finds room, 0 none was found, -1 not drawn.
        """
        found = []
        for name, known in sites:
            shape = self._net_of(name) if most > 0 else None
            if shape is None:
                found.append(-1)
                continue
            # What was drawn before counts too, so that an answer does not depend on what was asked before it.
            most -= 1
            key = (name, sides)
            if key not in self._told:
                fits = rectangle_drawn if known else rectangle_fits
                if len(self._told) >= _KEPT:
                    self._told.clear()
                self._told[key] = int(fits(shape, *sides))
            found.append(self._told[key])
        return np.array(found, dtype=np.int8)
