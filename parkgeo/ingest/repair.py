"""Repair of invalid geometry, with the area before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Repair", "repair"]

_MOST_VERTICES = 1_000_000
_FAMILY_TYPES = {"polygon": (3, 6), "line": (1, 5)}


@dataclass(frozen=True)
class Repair:
    """One mended geometry.

    Attributes
    ----------
    row
        Position in the array.
    what
        What was wrong, as GEOS says it.
    before_m2, after_m2
        Area before (of the ring as drawn) and after.
    """

    row: int
    what: str
    before_m2: float
    after_m2: float


def repair(shapes: NDArray[np.object_], family: str) -> tuple[NDArray[np.object_], tuple[Repair, ...]]:
    """Mend what is invalid and can be mended.

    Parameters
    ----------
    shapes
        In metres; None stays None.
    family
        ``polygon``, ``line`` or ``any``: what a mended shape must still be; parts of other kinds fall away and show in
        the area.

    Returns
    -------
    tuple
        New shapes, and one repair for each that was mended. What is beyond mending (not finite, above a million
        vertices) stays as it is, for the validator.

    Notes
    -----
    ``make_valid(method="structure")``: it keeps rings as rings, and its time is bounded; GEOS's default way can take
    minutes on a few hundred crossing edges and may invent area.
    """
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    sound = shapely.is_valid(shapes) | shapely.is_missing(shapes) | shapely.is_empty(shapes)
    rows = np.flatnonzero(~sound & finite & (shapely.get_num_coordinates(shapes) <= _MOST_VERTICES))
    if not len(rows):
        return shapes, ()
    mended = shapes.copy()
    mended[rows] = [
        _only(shape, family) for shape in shapely.make_valid(shapes[rows], method="structure", keep_collapsed=False)
    ]
    found = tuple(
        Repair(
            int(row), str(shapely.is_valid_reason(shapes[row])), float(shapely.area(shapes[row])), float(shapely.area(mended[row]))
        )
        for row in rows
    )
    return mended, found


def _only(shape: shapely.Geometry, family: str) -> shapely.Geometry:
    wanted = _FAMILY_TYPES.get(family)
    if wanted is None or shapely.get_type_id(shape) in wanted:
        return shape
    parts = [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) in wanted]
    return shapely.union_all(parts) if parts else shapely.from_wkt("POLYGON EMPTY")
