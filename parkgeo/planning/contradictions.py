"""Changes of a scenario that say the same twice, or one thing and another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from parkgeo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parkgeo.layers import Change

__all__ = ["contradictions"]


def contradictions(changes: Iterable[Change]) -> Iterator[InputError]:
    """An error for each change that repeats or gainsays an earlier one.

    Parameters
    ----------
    changes
        Of one scenario. Lines that are drawn may overlap: they are followed one after the other.

    Examples
    --------
    >>> from parkgeo.layers import Change
    >>> one, two = (Change("close_road", f"feature {number}", road_id="R1") for number in (1, 2))
    >>> [error.what for error in contradictions([one, two])]
    ['road R1 is closed twice: feature 1 closes it']
    """
    same: dict[tuple[object, ...], Change] = {}
    named: dict[str, Change] = {}
    said: dict[tuple[str, str], Change] = {}
    for one in changes:
        first = same.setdefault(_identity(one), one)
        if first is not one:
            twice = one.action == "close_road" and one.geometry is None
            what = f"road {one.road_id} is closed twice: {first.place} closes it"
            yield _error(what if twice else f"the same as {first.place}", one)
            continue
        if one.geometry is not None:
            continue
        other = named.setdefault(one.road_id, one)
        if other.action != one.action:
            yield _error(f"road {one.road_id} is closed and changed: {other.place} says so", one)
            continue
        for field in one.fields:
            other = said.setdefault((one.road_id, field), one)
            if other is not one:
                yield _error(f"{other.place} gives another {field} of road {one.road_id}", one)


def _identity(change: Change) -> tuple[object, ...]:
    shape = b"" if change.geometry is None else shapely.to_wkb(shapely.normalize(change.geometry))
    # What is added without an id was numbered by its feature: its id tells nothing.
    fields = sorted((name, str(value)) for name, value in change.fields.items() if not name.endswith("_id"))
    return change.action, change.road_id, shape, *fields


def _error(what: str, change: Change) -> InputError:
    return InputError(what, where=change.place, mend="delete one of them")
