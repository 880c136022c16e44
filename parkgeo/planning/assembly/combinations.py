"""All minimal combinations of joined parcels around a wish.

A combination is a set of parcels that hang together by joins. It is minimal where no member can be left out with the rest still
hanging together and meeting the wish. The area only grows with a combination, a rectangle that fits goes on fitting, and
holders never become fewer; so a combination is minimal exactly where no smaller one within it meets the wish, and whatever has met it, or has too many
holders, need not be made larger. Every connected set is made once (Wernicke 2006), smaller ones first.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["Combinations", "Pool", "Wish", "combinations"]


class Pool(NamedTuple):
    """The parcels to choose from.

    Attributes
    ----------
    area_m2
        Area of each that counts towards the wish, m².
    holder
        Number of each one's holder; parcels of one holder have one number.
    cost_wan
        What each costs to bring in, 万元; NaN where that is not known.
    pairs
        Positions of parcels that can be joined: (pairs, 2).
    """

    area_m2: NDArray[np.float64]
    holder: NDArray[np.intp]
    cost_wan: NDArray[np.float64]
    pairs: NDArray[np.intp]


@dataclass(frozen=True)
class Wish:
    """What is looked for.

    Attributes
    ----------
    area_m2
        Least area, m².
    holders_most
        Most holders to deal with; None for any number.
    rectangle_m
        Long and short side of a rectangle that must fit, metres; None for none.
    net_area_m2
        Least area that can be built on, m²; None where only the area as drawn counts.
    """

    area_m2: float
    holders_most: int | None = None
    rectangle_m: tuple[float, float] | None = None
    net_area_m2: float | None = None

    @property
    def measured(self) -> bool:
        """Whether it must be measured on the ground."""
        return self.rectangle_m is not None or self.net_area_m2 is not None


class Combinations(NamedTuple):
    """What was found.

    Attributes
    ----------
    members
        Positions of the parcels of each combination, ascending; the best combination first.
    cost_wan, holders, area_m2
        Of each.
    looked_at
        Connected sets that were made.
    complete
        Whether all were looked at; else there may be more combinations, and better ones.
    """

    members: list[tuple[int, ...]]
    cost_wan: list[float]
    holders: list[int]
    area_m2: list[float]
    looked_at: int
    complete: bool


def combinations(
    pool: Pool,
    wish: Wish,
    *,
    most: int,
    fits: Callable[[tuple[int, ...]], bool] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Combinations:
    """All minimal combinations that meet a wish, best first: by cost, then holders, then area.

    Parameters
    ----------
    pool
        The parcels.
    wish
        What they must be together.
    most
        Connected sets that are looked at, at most.
    fits
        Whether a combination holds the wish's rectangle and net area; asked for only where the wish names one and the area as drawn is enough.
    stop
        Asked before each set; once it says so no more are looked at. None: only ``most`` ends it early.

    Returns
    -------
    Combinations
        Also single parcels that meet the wish alone. A cost that is not known comes after every cost that is.

    Raises
    ------
    ValueError
        The wish names a rectangle or a net area and nothing measures it.

    References
    ----------
    Wernicke, S. (2006). Efficient detection of network motifs. IEEE/ACM Transactions on Computational Biology and Bioinformatics
    3(4), 347-359 (each connected set once).

    Examples
    --------
    >>> pool = Pool(np.array([5.0, 6.0, 7.0]), np.array([0, 1, 1]), np.array([1.0, 1.0, 1.0]), np.array([[0, 1], [1, 2]]))
    >>> combinations(pool, Wish(10.0), most=100).members
    [(1, 2), (0, 1)]
    """
    if wish.measured and fits is None:
        raise ValueError("a wish with a rectangle or a net area needs a function that measures it")
    search = _Search(pool, wish, fits)
    found: list[tuple[int, ...]] = []
    looked = 0
    heap = list(search.roots())
    heapq.heapify(heap)
    while heap and looked < most and not (stop is not None and stop()):
        state = heapq.heappop(heap)
        looked += 1
        if search.meets(state.members):
            if search.is_minimal(state.members):
                found.append(tuple(sorted(state.members)))
        else:
            for larger in search.larger(state):
                heapq.heappush(heap, larger)
    told = sorted((search.worth(members), members) for members in found)
    return Combinations(
        [members for _, members in told], [float(pool.cost_wan[list(members)].sum()) for _, members in told],
        [worth[2] for worth, _ in told], [worth[3] for worth, _ in told], looked, not heap,
    )  # fmt: skip


class _State(NamedTuple):
    """A connected set, and what may be added to it without making a set twice; ordered by size, then the larger area."""

    size: int
    less_area: float
    members: tuple[int, ...]
    open: tuple[int, ...]


class _Search:
    """The pool as a graph, and what is asked of its sets."""

    def __init__(self, pool: Pool, wish: Wish, fits: Callable[[tuple[int, ...]], bool] | None) -> None:
        self._pool, self._wish, self._fits = pool, wish, fits
        self._beside: list[set[int]] = [set() for _ in pool.area_m2]
        for one, other in pool.pairs.tolist():
            if one != other:
                self._beside[one].add(other)
                self._beside[other].add(one)
        self._met: dict[tuple[int, ...], bool] = {}

    def roots(self) -> Iterator[_State]:
        """Each parcel by itself, in groups that can reach the area at all."""
        enough = self._reachable()
        for at in np.flatnonzero(enough).tolist():
            ahead = tuple(sorted(each for each in self._beside[at] if each > at))
            yield _State(1, -float(self._pool.area_m2[at]), (at,), ahead)

    def _reachable(self) -> NDArray[np.bool_]:
        group = np.full(len(self._beside), -1)
        for start in range(len(group)):
            stack = [start] if group[start] < 0 else []
            while stack:
                at = stack.pop()
                if group[at] < 0:
                    group[at] = start
                    stack += self._beside[at]
        total = np.bincount(group, weights=np.nan_to_num(self._pool.area_m2), minlength=len(group))
        return np.asarray(total[group] >= self._wish.area_m2)

    def larger(self, state: _State) -> Iterator[_State]:
        """The set with one more member, each such set from one side only."""
        root, left = state.members[0], list(state.open)
        near = set(state.members).union(*(self._beside[at] for at in state.members))
        while left:
            new = left.pop()
            members = (*state.members, new)
            if not self._few_holders(members):
                continue
            ahead = [each for each in self._beside[new] if each > root and each not in near]
            area = float(self._pool.area_m2[new])
            yield _State(len(members), state.less_area - area, members, (*left, *sorted(ahead)))

    def _few_holders(self, members: Sequence[int]) -> bool:
        most = self._wish.holders_most
        return most is None or len(set(self._pool.holder[list(members)].tolist())) <= most

    def meets(self, members: Sequence[int]) -> bool:
        """Whether a connected set is what is wished for."""
        key = tuple(sorted(members))
        if key not in self._met:
            self._met[key] = self._judged(key)
        return self._met[key]

    def _judged(self, members: tuple[int, ...]) -> bool:
        if not float(self._pool.area_m2[list(members)].sum()) >= self._wish.area_m2:
            return False
        if not self._few_holders(members):
            return False
        return not self._wish.measured or self._fits is None or self._fits(members)

    def is_minimal(self, members: Sequence[int]) -> bool:
        """Whether no member can be left out."""
        for gone in members:
            rest = [each for each in members if each != gone]
            if rest and self._hangs_together(rest) and self.meets(rest):
                return False
        return True

    def _hangs_together(self, members: list[int]) -> bool:
        own, seen, stack = set(members), {members[0]}, [members[0]]
        while stack:
            new = (self._beside[stack.pop()] & own) - seen
            seen |= new
            stack += new
        return len(seen) == len(own)

    def worth(self, members: tuple[int, ...]) -> tuple[bool, float, int, float]:
        """By what combinations are put in order, the least first."""
        rows = list(members)
        cost = float(self._pool.cost_wan[rows].sum())
        holders = len(set(self._pool.holder[rows].tolist()))
        unknown = math.isnan(cost)
        return unknown, 0.0 if unknown else cost, holders, float(self._pool.area_m2[rows].sum())
