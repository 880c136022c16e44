"""Gates that go by a code: land use, class of industrial land, industries that are not let in.

Few codes stand in many rows, so each is answered once. Answers are int8: 1 yes, 0 no, -1 open; the last row is that of a code that is missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.planning.siting.needs import Needs
    from parkgeo.planning.siting.terms import Terms

__all__ = ["class_of", "hazard_answers", "restricted_answers", "use_answers"]


def use_answers(known: Sequence[str], needs: Sequence[Needs], _: Terms) -> NDArray[np.int8]:
    """Answer of each code (rows, the last of a code that is missing) for each need; a code that says less than is asked leaves it open."""
    found = np.full((len(known) + 1, len(needs)), -1, dtype=np.int8)
    for column, one in enumerate(needs):
        if not one.uses:
            found[:, column] = 1
            continue
        for row, codes in enumerate(known):
            # Of joined parcels all must allow it, and one that does not decides.
            told = [_use(code, one.uses) for code in codes.split(";")]
            found[row, column] = 0 if 0 in told else min(told)
    return found


def _use(code: str, allowed: tuple[str, ...]) -> int:
    if code.startswith(allowed):
        return 1
    return -1 if any(prefix.startswith(code) for prefix in allowed) else 0


def hazard_answers(known: Sequence[str], needs: Sequence[Needs], terms: Terms) -> NDArray[np.int8]:
    """Land of a class takes projects of that class and of those below; of land whose code tells no class, those of class 1."""
    needed = np.array(
        [np.nan if one.hazard_class is None else one.hazard_class for one in needs], dtype=np.float64
    )
    classes = np.array([class_of(code, terms) for code in known] + [np.nan])[:, None]
    told = np.where(np.isnan(classes), np.where(needed <= 1, 1, -1), np.where(classes >= needed, 1, 0))
    told[-1] = -1
    found: NDArray[np.int8] = np.where(np.isnan(needed), 1, told).astype(np.int8)
    return found


def class_of(codes: str, terms: Terms) -> float:
    """The class of industrial land that a land-use code tells, of joined parcels the lowest; NaN where one tells none."""
    lowest = math.inf
    for code in codes.split(";"):
        told = [level for prefix, level in terms.hazard_classes.items() if code.startswith(prefix)]
        lowest = min(lowest, max(told)) if told and not math.isnan(lowest) else math.nan
    return lowest


def restricted_answers(known: Sequence[str], needs: Sequence[Needs], terms: Terms) -> NDArray[np.int8]:
    """Whether a park lets an industry in: not where the list names it or a group that it is of; open where it names a part of it."""
    lists = terms.restricted
    everywhere = lists.get("all", ())
    rows = [
        (*everywhere, *(prefix for one in park.split(";") for prefix in lists.get(one, ()))) for park in known
    ]
    elsewhere = tuple(prefix for prefixes in lists.values() for prefix in prefixes)
    found = np.ones((len(known) + 1, len(needs)), dtype=np.int8)
    for column, one in enumerate(needs):
        if not one.industry:
            continue
        for row, barred in enumerate([*rows, everywhere]):
            if one.industry.startswith(barred):
                found[row, column] = 0
            elif any(prefix.startswith(one.industry) for prefix in barred):
                found[row, column] = -1
        barred_elsewhere = any(
            one.industry.startswith(prefix) or prefix.startswith(one.industry) for prefix in elsewhere
        )
        if found[-1, column] == 1 and barred_elsewhere:
            found[-1, column] = -1
    return found
