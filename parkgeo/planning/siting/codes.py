"""Gates that go by a code: land use, class of industrial land, industries that are not let in.

Few codes stand in many rows, so each is answered once. Answers are int8: 1 yes, 0 no, -1 open; the last row is that of a code that is missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from parkgeo.planning.siting.needs import Needs
    from parkgeo.planning.siting.terms import Terms

__all__ = [
    "NOT_CODED",
    "NOT_PLANNED",
    "bases",
    "class_of",
    "hazard_answers",
    "plan_answers",
    "restricted_answers",
    "use_answers",
    "with_plan",
]

NOT_PLANNED, NOT_CODED = "-", "?"
"""In the place of a planned use: no plan covers the parcel, and the plan says no code."""


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
    if any(prefix.startswith(code) for prefix in allowed):
        return -1
    # Letters and digits are of two classifications: the one says nothing of the other.
    return -1 if all(prefix[:1].isalpha() != code[:1].isalpha() for prefix in allowed) else 0


def bases(planned: Sequence[str]) -> list[str]:
    """What the use of each site goes by: ``plan``, ``register`` where no plan covers it, ``partly`` where one covers some of its parcels.

    Examples
    --------
    >>> bases(["1401", "-", "-;1001"])
    ['plan', 'register', 'partly']
    """
    parts = [set(codes.split(";")) for codes in planned]
    return [
        "plan" if NOT_PLANNED not in each else "register" if len(each) == 1 else "partly" for each in parts
    ]


def plan_answers(
    known: Sequence[str],
    needs: Sequence[Needs],
    terms: Terms,
    answers: Callable[[Sequence[str], Sequence[Needs], Terms], NDArray[np.int8]],
) -> NDArray[np.int8]:
    """Answer of each site's planned uses, by the answers of single codes: one that is not allowed decides.

    What no plan covers is left to the register (1) or, where the packs have it so, to the plan that is to be asked for (-1).
    """
    codes = sorted({code for each in known for code in each.split(";")} - {NOT_PLANNED, NOT_CODED})
    told = dict(zip(codes, answers(codes, needs, terms), strict=False))
    told[NOT_CODED] = np.full(len(needs), -1, dtype=np.int8)
    told[NOT_PLANNED] = np.full(len(needs), 1 if terms.register_suffices else -1, dtype=np.int8)
    found = np.empty((len(known) + 1, len(needs)), dtype=np.int8)
    for row, each in enumerate((*known, NOT_PLANNED)):
        parts = np.array([told[code] for code in each.split(";")])
        found[row] = np.where((parts == 0).any(axis=0), 0, parts.min(axis=0))
    return found


def with_plan(
    register: NDArray[np.int8],
    plan: NDArray[np.int8],
    agrees: NDArray[np.float64],
    basis: NDArray[np.object_],
) -> NDArray[np.int8]:
    """What register and plan say together.

    Parameters
    ----------
    register, plan
        Answers, sites × needs.
    agrees
        Of each site: 1 the register goes with the plan, 0 it clashes, NaN not known.
    basis
        Of each site, see `bases`.

    Notes
    -----
    The plan's *no* decides. Its *yes* is open where the register clashes with it. Where the plan says less than is asked and the register,
    which goes with it, says enough, that is a *yes*. Without a plan it is as the register says.
    """
    goes, clashes = (agrees == 1)[:, None], (agrees == 0)[:, None]
    unsure = clashes | ((register == 0) & ~goes) | ((register < 0) & (basis == "partly")[:, None])
    refined = (plan < 0) & (register == 1) & goes
    by_plan = np.where(plan == 1, np.where(unsure, -1, 1), np.where(refined, 1, plan))
    found: NDArray[np.int8] = np.where(
        (basis == "register")[:, None], np.where(plan == 1, register, -1), by_plan
    ).astype(np.int8)
    return found


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
