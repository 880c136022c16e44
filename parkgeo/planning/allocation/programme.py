"""HiGHS asked: the best of a programme with whole numbers, or without, and a bound that holds for all columns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from parkgeo.planning.allocation.model import Model

__all__ = ["Clock", "Relaxed", "Solved", "relaxed", "solved"]

_OPTIMAL, _INFEASIBLE = 0, 2
_FIRST = 40
"""Pairs of each project, the most valuable, that the relaxation starts with."""
_MORE = 40
"""Pairs of each project that are added in a round."""
_ZERO = 1e-7
_SHORTEST_S = 0.05


class Clock:
    """How long there is still time."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds, never below a little: a solver that gets no time at all does not answer."""
        return max(self._until - time.monotonic(), _SHORTEST_S)

    @property
    def out(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._until


class Relaxed(NamedTuple):
    """The programme without whole numbers.

    Attributes
    ----------
    bound
        No plan has more points; −inf where none exists.
    gain
        What each pair adds to the bound when it is forced in, 0 or less; by this a pair may be left out. Above 0: it is in for sure
        or was not looked at, and stays in.
    """

    bound: float
    gain: NDArray[np.float64]


class Solved(NamedTuple):
    """What the solver came to.

    Attributes
    ----------
    found
        Values of the columns of the pairs that took part; None without any plan.
    points, bound
        Of the plan, and of the best that there may be among these pairs.
    feasible
        Whether a plan exists; None where time was out before that was known.
    """

    found: NDArray[np.float64] | None
    points: float
    bound: float
    feasible: bool | None


class _Part(NamedTuple):
    """Some columns of a programme and the rows that they meet."""

    columns: NDArray[np.intp]
    rows: NDArray[np.intp]
    matrix: csr_array


def _part(model: Model, pairs: NDArray[np.intp]) -> _Part:
    columns = np.concatenate([pairs, np.arange(model.pairs, len(model.gain), dtype=np.intp)])
    matrix = model.matrix[:, columns].tocsr()
    # A row that only says that columns which are not there stay small says nothing; one that cannot hold without any column does.
    rows = np.flatnonzero((np.diff(matrix.indptr) > 0) | (model.most < 0))
    return _Part(columns, rows, matrix[rows])


def relaxed(model: Model, clock: Clock) -> Relaxed:
    """The bound by the programme without whole numbers, on all its columns.

    Parameters
    ----------
    model
        With all pairs that fit.
    clock
        It stops here, with a bound that is looser and holds.

    Returns
    -------
    Relaxed

    Notes
    -----
    Columns are brought in as they pay (column generation): prices ``u`` of the rows come from the columns that take part, and all others are
    held against them. For any such prices no plan has more than ``u · most + Σ max(low · r, high · r)`` with ``r = gain − matrixᵀ u`` over
    **all** columns (Lagrange; Geoffrion 1974), which is computed here and not taken from the solver, so that nothing rests on its tolerances.
    """
    # At least this much is known without any prices: each project on its best site.
    nothing = Relaxed(
        float(model.gain[_best(model, model.gain[: model.pairs], 1)].sum()), np.zeros(model.pairs)
    )
    active = np.zeros(model.pairs, dtype=bool)
    active[_best(model, model.gain[: model.pairs], _FIRST)] = True
    while not clock.out:
        part = _part(model, np.flatnonzero(active))
        prices, feasible = _prices(model, part, clock)
        if prices is None:
            if feasible or active.all():
                return nothing if feasible else Relaxed(-np.inf, nothing.gain)
            active[:] = True
            continue
        rest = model.gain - model.matrix.T @ prices
        bound = float(model.most @ prices + np.maximum(model.low * rest, model.high * rest).sum())
        if bound < nothing.bound:
            nothing = Relaxed(bound, rest[: model.pairs])
        paying = np.where(active, 0.0, rest[: model.pairs])
        if not (paying > _ZERO).any():
            break
        more = _best(model, paying, _MORE)
        active[more[paying[more] > _ZERO]] = True
    return nothing


def _best(model: Model, gain: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """The pairs with the largest gain, so many of each project."""
    order = np.lexsort((-gain, model.project))
    start = np.searchsorted(model.project[order], model.project[order])
    found: NDArray[np.intp] = order[np.arange(len(order)) - start < count]
    return found


def _prices(model: Model, part: _Part, clock: Clock) -> tuple[NDArray[np.float64] | None, bool]:
    """Prices of all rows; without prices whether there may be a plan, time being out, or none of the columns that take part."""
    equal = model.equal[part.rows]
    # linprog takes sparse rows and bounds as an array; its types do not say so.
    matrix: Any = part.matrix
    bounds: Any = np.stack([model.low[part.columns], model.high[part.columns]], axis=1)
    told = linprog(
        -model.gain[part.columns], A_ub=matrix[~equal], b_ub=model.most[part.rows][~equal], A_eq=matrix[equal],
        b_eq=model.most[part.rows][equal], bounds=bounds,
        method="highs", options={"time_limit": clock.left},
    )  # fmt: skip
    if told.status != _OPTIMAL:
        return None, told.status != _INFEASIBLE
    prices = np.zeros(len(model.most))
    prices[part.rows[~equal]] = np.maximum(-told.ineqlin.marginals, 0)
    prices[part.rows[equal]] = -told.eqlin.marginals
    return prices, True


def solved(
    model: Model, pairs: NDArray[np.intp], clock: Clock, *, gap: float, seconds: float = np.inf,
    floor: float = -np.inf, cuts: LinearConstraint | None = None,
) -> Solved:  # fmt: skip
    """The best plan among some pairs.

    Parameters
    ----------
    model, pairs
        The programme, and the places of the pairs that may be chosen.
    clock, seconds
        When to stop.
    gap
        It also stops when no plan can be better by more than this share.
    floor
        Only plans with at least so many points.
    cuts
        Further rows over the pairs and the columns behind them, as `numpy` puts them one after the other.
    """
    part = _part(model, pairs)
    most = model.most[part.rows]
    held = [LinearConstraint(part.matrix, np.where(model.equal[part.rows], most, -np.inf), most)]
    if floor > -np.inf:
        held.append(LinearConstraint(model.gain[part.columns][None, :], floor, np.inf))
    told = milp(
        -model.gain[part.columns], integrality=model.whole[part.columns].astype(np.int8),
        bounds=Bounds(model.low[part.columns], model.high[part.columns]), constraints=[*held, *([cuts] if cuts else [])],
        options={"time_limit": min(clock.left, seconds), "mip_rel_gap": gap},
    )  # fmt: skip
    if told.status == _INFEASIBLE:
        return Solved(None, -np.inf, -np.inf, feasible=False)
    bound = (
        np.inf
        if told.mip_dual_bound is None or np.isnan(told.mip_dual_bound)
        else float(-told.mip_dual_bound)
    )
    if told.x is None:
        return Solved(None, -np.inf, bound, None)
    points = float(-told.fun)
    return Solved(
        told.x[: len(pairs)], points, max(points, bound if bound < np.inf else points), feasible=True
    )
