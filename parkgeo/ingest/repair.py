"""Repair of invalid geometry, with the area before and after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.errors import ShapelyError

from parkgeo.ingest.tangles import crossings, tangled
from parkgeo.layers import FARTHEST_M, Sentence, are_valid, sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Repair", "Repaired", "repair"]

_MOST_VERTICES = 1_000_000
# Crossings beyond the number of corners: 50 000 take about two seconds, and so many all shapes together may have.
_MOST_CROSSINGS = 50_000
# A shape of so few corners has no more than a few hundred crossings.
_FEW_CORNERS = 32
_TANGLED = (
    sentence("an outline so tangled that it can be neither checked nor mended"),
    sentence("draw it again, or delete the row"),
)
_FAMILY_TYPES = {"polygon": (3, 6), "line": (1, 5), "point": (0, 4)}
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


@dataclass(frozen=True)
class Repaired:
    """Shapes of which those that could be were mended.

    Attributes
    ----------
    shapes
        Valid or mended ones; None where there was none, and for those that are ``beyond``. What cannot be mended for
        other reasons (not on the earth, above a million corners, nothing left of it) stays as it is, for the validator to
        reject.
    repairs
        One for each that was mended.
    sound
        Whether a shape was valid as it came.
    beyond
        Position → why a shape was given up, and how a person mends it.
    """

    shapes: NDArray[np.object_]
    repairs: tuple[Repair, ...]
    sound: NDArray[np.bool_]
    beyond: dict[int, tuple[Sentence, Sentence]]


def repair(shapes: NDArray[np.object_], family: str) -> Repaired:
    """Mend what is invalid and can be mended.

    Parameters
    ----------
    shapes
        In metres; None stays None.
    family
        ``polygon``, ``line``, ``point`` or ``any``: what a mended shape must still be; parts of other kinds fall away and show in
        the area.

    Returns
    -------
    Repaired

    Notes
    -----
    ``make_valid(method="structure")``: it keeps rings as rings; GEOS's default way can take minutes on a few hundred
    crossing edges and may invent area. Its time grows with the crossings, of which a thousand corners can have half a
    million, so they are counted before and shapes with too many are given up, those with fewest crossings first mended.
    """
    # NaN and infinity compare as false; None and empty shapes have no bounds.
    placed = (np.abs(shapely.bounds(shapes)) <= FARTHEST_M).all(axis=1)
    hopeless = tangled(_without(shapes, ~placed))
    sound = are_valid(_without(shapes, hopeless))
    mends = placed & (shapely.get_num_coordinates(shapes) <= _MOST_VERTICES)
    rows = np.flatnonzero(~sound & mends & ~hopeless)
    mendable = _within_reach(shapes, rows)
    hopeless[np.setdiff1d(rows, mendable)] = True
    mended = _without(shapes, hopeless)
    found = []
    for row in mendable:
        try:
            kept = _only(shapely.make_valid(shapes[row], method="structure", keep_collapsed=False), family)
        except ShapelyError:
            continue  # beyond mending: the validator rejects it
        if shapely.is_empty(kept):
            continue
        mended[row] = kept
        before, after = float(shapely.area(shapes[row])), float(shapely.area(kept))
        found.append(Repair(int(row), _trouble(shapes[row]), before, after))
    return Repaired(mended, tuple(found), sound, {int(row): _TANGLED for row in np.flatnonzero(hopeless)})


def _without(shapes: NDArray[np.object_], left_out: NDArray[np.bool_]) -> NDArray[np.object_]:
    """The shapes in an array of their own, None for those that are left out."""
    kept = shapes.copy()
    kept[left_out] = None
    return kept


def _within_reach(shapes: NDArray[np.object_], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of these rows those whose crossings can be mended in time, in their order."""
    corners = shapely.get_num_coordinates(shapes[rows])
    beyond = np.zeros(len(rows), dtype=np.int64)
    polygonal = np.isin(shapely.get_type_id(shapes[rows]), _FAMILY_TYPES["polygon"])
    for at in np.flatnonzero(polygonal & (corners > _FEW_CORNERS)):
        most = _MOST_CROSSINGS + int(corners[at])
        beyond[at] = max(crossings(shapes[rows[at]], most) - corners[at], 0)
    fewest = np.argsort(beyond, kind="stable")
    return np.sort(rows[fewest[np.cumsum(beyond[fewest]) <= _MOST_CROSSINGS]])


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
