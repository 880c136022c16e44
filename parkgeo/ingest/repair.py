"""Repair of invalid geometry, with the area before and after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.errors import ShapelyError

from parkgeo.layers import FARTHEST_M, Sentence, sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Repair", "repair"]

_MOST_VERTICES = 1_000_000
_FAMILY_TYPES = {"polygon": (3, 6), "line": (1, 5)}
_CHANGED = 1e-6
# What GEOS says of an invalid shape → our words, which are in both languages.
_TROUBLES = {
    "Self-intersection": sentence("the outline crosses itself"),
    "Ring Self-intersection": sentence("the outline touches itself"),
    "Hole lies outside shell": sentence("a hole lies outside the outline"),
    "Holes are nested": sentence("a hole lies within a hole"),
    "Nested shells": sentence("a part lies within another part"),
    "Interior is disconnected": sentence("holes cut the polygon in two"),
    "Duplicate Rings": sentence("the same ring twice"),
    "Too few points in geometry component": sentence("a ring or line of too few points"),
}
_PLACE = re.compile(r"(.*?)\s*\[(.*)\]")


@dataclass(frozen=True)
class Repair:
    """One mended geometry.

    Attributes
    ----------
    row
        Position in the array.
    what
        What was wrong, and where.
    before_m2, after_m2
        Area before (of the rings as drawn) and after.
    """

    row: int
    what: Sentence
    before_m2: float
    after_m2: float

    @property
    def changes_area(self) -> bool:
        """Whether the area is another than before, by more than a millionth."""
        return abs(self.after_m2 - self.before_m2) > _CHANGED * max(self.before_m2, self.after_m2)


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
        New shapes, and one repair for each that was mended. What is beyond mending (not on the earth, above a million
        vertices, nothing left of it) stays as it is, for the validator to reject.

    Notes
    -----
    ``make_valid(method="structure")``: it keeps rings as rings, and its time is bounded; GEOS's default way can take
    minutes on a few hundred crossing edges and may invent area.
    """
    # NaN and infinity compare as false.
    usable = (np.abs(shapely.bounds(shapes)) <= FARTHEST_M).all(axis=1)
    sound = shapely.is_valid(shapes) | shapely.is_missing(shapes) | shapely.is_empty(shapes)
    rows = np.flatnonzero(~sound & usable & (shapely.get_num_coordinates(shapes) <= _MOST_VERTICES))
    if not len(rows):
        return shapes, ()
    mended = shapes.copy()
    found = []
    for row in rows:
        try:
            kept = _only(shapely.make_valid(shapes[row], method="structure", keep_collapsed=False), family)
        except ShapelyError:
            continue  # beyond mending: the validator rejects it
        if shapely.is_empty(kept):
            continue
        mended[row] = kept
        before, after = float(shapely.area(shapes[row])), float(shapely.area(kept))
        found.append(Repair(int(row), _trouble(shapes[row]), before, after))
    return mended, tuple(found)


def _trouble(shape: shapely.Geometry) -> Sentence:
    reason = str(shapely.is_valid_reason(shape))
    found = _PLACE.fullmatch(reason)
    kind, place = (found.group(1), found.group(2)) if found else (reason, "")
    said = _TROUBLES.get(kind, sentence("invalid geometry"))
    return (
        sentence("{trouble}, near {place}", trouble=said, place=place.replace(" ", ", ")) if place else said
    )


def _only(shape: shapely.Geometry, family: str) -> shapely.Geometry:
    wanted = _FAMILY_TYPES.get(family)
    if wanted is None or shapely.get_type_id(shape) in wanted:
        return shape
    parts = [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) in wanted]
    return shapely.union_all(parts) if parts else shapely.GeometryCollection()
