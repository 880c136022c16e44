"""Length of lines within areas, as road density needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["length_within_m"]


def length_within_m(
    lines: NDArray[Any], areas: NDArray[Any], group: NDArray[np.intp], *, groups: int
) -> NDArray[np.float64]:
    """Length of the lines of each group within each area.

    Parameters
    ----------
    lines
        Centre lines in metres; None and empty ones have no length.
    areas
        Polygons in the same coordinate system.
    group
        Of each line, a number below ``groups``, such as that of its class of road.
    groups
        Number of groups.

    Returns
    -------
    numpy.ndarray
        Areas × groups, metres; 0 where no line is.

    Notes
    -----
    A line that leaves an area counts as far as it lies in it; one that runs exactly along the edge counts half, for half of the
    road lies outside. Two lines at one place count twice: lines that are drawn twice are to be taken out before.

    Examples
    --------
    >>> lines = np.array([shapely.LineString([(-50, 5), (60, 5)]), shapely.LineString([(5, 0), (5, 10)])])
    >>> length_within_m(lines, np.array([shapely.box(0, 0, 100, 10)]), np.array([0, 1]), groups=2).tolist()
    [[60.0, 10.0]]
    """
    tree = shapely.STRtree(lines)
    found = np.zeros((len(areas), groups))
    for at, area in enumerate(areas):
        near = tree.query(area, predicate="intersects")
        shapely.prepare(area)
        within = shapely.contains_properly(area, lines[near])
        whole, crossing = near[within], near[~within]
        inside, along = (
            shapely.length(shapely.intersection(lines[crossing], ground))
            for ground in (area, shapely.boundary(area))
        )
        length = np.concatenate([shapely.length(lines[whole]), inside - along / 2])
        found[at] = np.bincount(group[np.concatenate([whole, crossing])], weights=length, minlength=groups)
    return found
