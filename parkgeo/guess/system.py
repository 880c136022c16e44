"""In which coordinate system a table stands, and whether its axes are the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.crs import parse_crs
from parkgeo.ingest.evidence import Placed, candidate_systems
from parkgeo.ingest.ground import Ground
from parkgeo.ingest.misplaced import likely_systems
from parkgeo.ingest.systems import settle
from parkgeo.layers import FARTHEST_M, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.guess.look import Table
    from parkgeo.layers import Sentence

__all__ = ["SystemGuess", "guess_systems"]

_COORDINATE_TEXT = "coordinate text"


@dataclass(frozen=True)
class SystemGuess:
    """The coordinate system of a table.

    Attributes
    ----------
    ground
        How its coordinates come to the ground; None where nothing tells for certain.
    stated
        Whether the file states its system.
    sure
        Whether it need not be confirmed.
    reason
        What was seen.
    candidates
        Lines to choose from, where it is not sure.
    axes
        What park.toml must say of the axes; empty where they are as usual.
    """

    ground: Ground | None
    stated: bool
    sure: bool
    reason: Sentence
    candidates: tuple[str, ...] = ()
    axes: str = ""

    @property
    def name(self) -> str:
        """Its number and name; empty where it is not known."""
        return self.ground.name if self.ground is not None else ""


def guess_systems(tables: Sequence[Table]) -> list[SystemGuess | None]:
    """The coordinate system of each table; None for a table without shapes.

    Parameters
    ----------
    tables
        All tables of a folder: what states no system may lie where another lies.
    """
    found = [_stated(table) if len(table.shapes) else None for table in tables]
    placed = [
        Placed("", table.path.name, guess.ground, box)
        for table, guess in zip(tables, found, strict=True)
        if guess is not None and guess.ground is not None and guess.sure
        if (box := guess.ground.box(table.shapes)) is not None
    ]
    return [
        _unstated(table, placed) if guess is not None and guess.ground is None else guess
        for table, guess in zip(tables, found, strict=True)
    ]


def _stated(table: Table) -> SystemGuess:
    nothing = sentence("the file states no coordinate system")
    if not table.raw.crs.strip():
        return SystemGuess(None, stated=False, sure=False, reason=nothing)
    try:
        crs, _ = settle(parse_crs(table.raw.crs, str(table.path)), table.path.name)
    except InputError:
        nothing = sentence("what the file states as its coordinate system is none that can be used")
        return SystemGuess(None, stated=False, sure=False, reason=nothing)
    ground, turned = Ground(crs, ""), Ground(crs, "", swapped=True)
    if ground.fits(table.shapes):
        return SystemGuess(ground, stated=True, sure=True, reason=sentence("stated in the file"))
    if turned.fits(table.shapes):
        reason = sentence(
            "its coordinates lie where this system is meant for only with northing or latitude first"
        )
        axes = "east_north" if table.raw.driver == _COORDINATE_TEXT else "north_east"
        return SystemGuess(turned, stated=True, sure=True, reason=reason, axes=axes)
    reason = sentence("its coordinates do not lie where this system is meant for")
    return SystemGuess(None, stated=True, sure=False, reason=reason, candidates=_candidates(table, []))


def _unstated(table: Table, placed: list[Placed]) -> SystemGuess:
    """A system that the other files leave as the only one; else what the figures look like."""
    guess = _stated(table)
    for swapped in (False, True):
        fitting = candidate_systems(table.shapes, placed, swapped=swapped) if placed else ()
        if len(fitting) == 1 and fitting[0].ground.key:
            one = fitting[0]
            reason = (
                sentence(
                    "of the systems that the other files state only that of {file} puts it at their place",
                    file=one.file,
                )
                if one.file
                else sentence("its coordinates look like degrees at the place of the other files")
            )
            axes = "north_east" if swapped else ""
            if guess.stated:
                reason = sentence("{reason}: {seen}", reason=guess.reason, seen=reason)
            # Written out, since what the file states is not it; that two contradict each other is for a person to see.
            return SystemGuess(one.ground, stated=False, sure=not guess.stated, reason=reason, axes=axes)
        if fitting:
            lines = tuple(
                f'crs = "{one.ground.key}"  # {one.ground.name}' for one in fitting if one.ground.key
            )
            reason = sentence("several systems would put it at the place of the other files")
            return SystemGuess(None, guess.stated, sure=False, reason=reason, candidates=lines)
    return SystemGuess(
        None, guess.stated, sure=False, reason=guess.reason, candidates=_candidates(table, placed)
    )


def _candidates(table: Table, placed: list[Placed]) -> tuple[str, ...]:
    """What the figures look like by their size alone."""
    bounds = shapely.bounds(table.shapes)
    known = bounds[(np.abs(bounds) <= FARTHEST_M).all(axis=1)]
    if not len(known):
        return ()
    west, south, east, north = (float(one) for one in np.median(known, axis=0))
    likely = likely_systems((west, south, east, north), place=placed[0].box if placed else None)
    return tuple(
        f'crs = "{one.crs}"{f"; axes = {one.axes!r}" if one.axes else ""}  # {one.name}'.replace("'", '"')
        for one in likely[:4]
    )
