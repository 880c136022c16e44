"""A problem as a mixed-integer programme: columns, rows, bounds, all as sparse arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array, csc_array

from parkgeo.planning.allocation.problem import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.planning.allocation.problem import Capacity, Problem, Separation

__all__ = ["Demand", "Model", "build"]


class Demand(NamedTuple):
    """What a plan has to meet and could be asked to let go.

    Attributes
    ----------
    kind
        ``must`` (a project that is to be placed), ``capacity``, ``separation`` or ``leading``.
    which
        Places: of the project, of the capacity in the problem, of hazard and sensitive project; nothing for ``leading``.
    """

    kind: str
    which: tuple[int, ...] = ()


@dataclass(frozen=True)
class Model:
    """Maximise ``gain · x`` where ``matrix x ≤ most`` (``= most`` where ``equal``) and ``low ≤ x ≤ high``.

    Attributes
    ----------
    project, site
        Of the first columns, one a pair that fits, the places of both.
    gain, low, high, whole
        By column: pairs, then whether each project is placed, then what the rows need beside. Only columns that are not whole by
        themselves as soon as the others are need be marked as whole.
    matrix, most, equal
        The rows.
    demand
        Of each row the place in ``demands`` of what it stands for; -1 for what nobody can let go: areas, and that a project is one.
    demands
        What could be let go.
    lead, leading_most
        Columns that say which industry leads, and how many of them may be 1; none where nothing is asked, or where more cost points.
    """

    project: NDArray[np.intp]
    site: NDArray[np.intp]
    gain: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    whole: NDArray[np.bool_]
    matrix: csc_array
    most: NDArray[np.float64]
    equal: NDArray[np.bool_]
    demand: NDArray[np.intp]
    demands: tuple[Demand, ...]
    lead: NDArray[np.intp]
    leading_most: int

    @property
    def pairs(self) -> int:
        """How many columns are pairs."""
        return len(self.project)

    def plan(self, found: NDArray[np.float64], pairs: NDArray[np.intp], projects: int) -> NDArray[np.intp]:
        """The site of each project, -1 where it has none, from the values of some pairs' columns."""
        at = np.full(projects, NOWHERE, dtype=np.intp)
        chosen = pairs[found > 0.5]  # noqa: PLR2004 - a whole number, but for the solver's tolerance
        at[self.project[chosen]] = self.site[chosen]
        return at


class _Rows:
    """Collects rows and columns of a model."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows = 0
        self._parts: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]] = []
        self._most: list[NDArray[np.float64]] = []
        self._equal: list[NDArray[np.bool_]] = []
        self._demand: list[NDArray[np.intp]] = []
        self.demands: list[Demand] = []
        self.gains: list[NDArray[np.float64]] = []
        self.highs: list[NDArray[np.float64]] = []
        self.wholes: list[NDArray[np.bool_]] = []

    def more_columns(
        self, count: int, *, gain: float = 0.0, high: float = 1.0, whole: bool = False
    ) -> NDArray[np.intp]:
        """Places of new columns."""
        self.wholes.append(np.full(count, whole))
        self.gains.append(np.full(count, gain))
        self.highs.append(np.full(count, high))
        self.columns += count
        return np.arange(self.columns - count, self.columns, dtype=np.intp)

    def add(
        self,
        rows: NDArray[np.intp],
        columns: NDArray[np.intp],
        factors: NDArray[np.float64] | float,
        most: NDArray[np.float64],
        *,
        equal: bool = False,
        demand: Demand | None = None,
    ) -> None:
        """Rows, numbered from 0 among themselves."""
        place = -1
        if demand is not None:
            place = len(self.demands)
            self.demands.append(demand)
        values = np.broadcast_to(np.asarray(factors, dtype=np.float64), columns.shape)
        self._parts.append((rows + self.rows, columns, values))
        self._most.append(most)
        self._equal.append(np.full(len(most), equal))
        self._demand.append(np.full(len(most), place, dtype=np.intp))
        self.rows += len(most)

    def whole(self) -> tuple[csc_array, NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]:
        """Matrix, right-hand sides, which are equalities, and what each row stands for."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        matrix = coo_array((values, (rows, columns)), shape=(self.rows, self.columns))
        most, equal, demand = (
            np.concatenate(self._most),
            np.concatenate(self._equal),
            np.concatenate(self._demand),
        )
        return csc_array(matrix), most, equal, demand


def build(problem: Problem, *, pairwise: bool = False) -> Model:
    """The programme of a problem.

    Parameters
    ----------
    problem
        Projects, sites and rules.
    pairwise
        Write each pair of projects that keep a distance by itself, so that each can be let go; else all in fewer, tighter rows.

    Returns
    -------
    Model
        A row a site for its area, one for its large projects, of which any two are too much; a row a source of a service; a row a
        sensitive project and site where no hazard may then be near.

    Notes
    -----
    ``x[p, s]`` project on site, ``placed[p] = Σ_s x[p, s]``. An industry that does not lead (``lead = 0``) has at most its share of the
    land: ``land_i - share · land ≤ (1 - share) · (all that the projects of i need) · lead_i``.
    """
    project, site = np.nonzero(problem.eligible)
    rows = _Rows(len(project))
    placed = rows.more_columns(len(problem.projects))
    pairs = np.arange(len(project), dtype=np.intp)
    count = len(placed)
    rows.add(
        np.concatenate([project, np.arange(count)]), np.concatenate([pairs, placed]),
        np.concatenate([np.ones(len(pairs)), -np.ones(count)]), np.zeros(count), equal=True,
    )  # fmt: skip
    _areas(problem, project, site, rows)
    for place, one in enumerate(problem.capacities):
        _capacity(one, Demand("capacity", (place,)), project, site, rows, len(problem.sites))
    for keep in problem.separations:
        (_pairwise if pairwise else _separation)(problem, keep, project, site, rows)
    lead = _leading(problem, placed, rows)
    matrix, most, equal, demand = rows.whole()
    low = np.zeros(rows.columns)
    low[placed] = problem.must
    return Model(
        project, site, np.concatenate([problem.value[project, site], *rows.gains]), low,
        np.concatenate([np.ones(len(project)), *rows.highs]),
        np.concatenate([np.ones(len(project), dtype=bool), *rows.wholes]), matrix, most, equal, demand, tuple(rows.demands),
        lead, problem.leading.most if problem.leading else 0,
    )  # fmt: skip


def _areas(problem: Problem, project: NDArray[np.intp], site: NDArray[np.intp], rows: _Rows) -> None:
    """What stands on a site is not more than it has; of sites that share land one is used."""
    share = problem.area_m2[project] / problem.site_area_m2[site]
    pairs, count = np.arange(len(project), dtype=np.intp), len(problem.sites)
    shared = np.unique(np.concatenate([*problem.overlaps, np.zeros(0, dtype=np.intp)]))
    used = rows.more_columns(len(shared))
    column = np.full(count, -1, dtype=np.intp)
    column[shared] = used
    full = np.bincount(site, share, count)
    _of_sites(np.flatnonzero((full > 1) & (column < 0)), site, pairs, share, rows)
    # Of projects that need more than half of a site two never go together: the fractions of a programme without whole numbers
    # would else fill the site with parts of each.
    large = share > 0.5  # noqa: PLR2004 - half
    several = np.flatnonzero((np.bincount(site[large], minlength=count) > 1) & (column < 0))
    _of_sites(several, site[large], pairs[large], np.ones(int(large.sum())), rows)
    if not len(shared):
        return
    _of_sites(shared, site, pairs, share, rows, against=used)
    inside = np.flatnonzero(column[site] >= 0)
    each = np.arange(len(inside), dtype=np.intp)
    rows.add(
        np.concatenate([each, each]), np.concatenate([inside, column[site[inside]]]),
        np.concatenate([np.ones(len(each)), -np.ones(len(each))]), np.zeros(len(each)),
    )  # fmt: skip
    sizes = np.array([len(group) for group in problem.overlaps])
    rows.add(
        np.repeat(np.arange(len(sizes), dtype=np.intp), sizes), column[np.concatenate(problem.overlaps)], 1.0, np.ones(len(sizes))
    )  # fmt: skip


def _of_sites(
    wanted: NDArray[np.intp],
    site: NDArray[np.intp],
    columns: NDArray[np.intp],
    factors: NDArray[np.float64],
    rows: _Rows,
    *,
    against: NDArray[np.intp] | None = None,
) -> None:
    """A row for each wanted site: the sum over its columns is at most 1, or at most a column."""
    if not len(wanted):
        return
    row = np.full(max(int(wanted.max()), int(site.max(initial=0))) + 1, -1, dtype=np.intp)
    row[wanted] = np.arange(len(wanted))
    kept = row[site] >= 0
    at, which, how = row[site[kept]], columns[kept], factors[kept]
    most = np.ones(len(wanted))
    if against is not None:
        at = np.concatenate([at, np.arange(len(wanted), dtype=np.intp)])
        which, how = np.concatenate([which, against]), np.concatenate([how, -np.ones(len(wanted))])
        most = np.zeros(len(wanted))
    rows.add(at, which, how, most)


def _capacity(
    one: Capacity, demand: Demand, project: NDArray[np.intp], site: NDArray[np.intp], rows: _Rows, sites: int
) -> None:
    """All that draws on a source, as shares of what it has to spare."""
    served = np.zeros(sites, dtype=bool)
    served[one.sites] = True
    drawn = np.nan_to_num(one.use)[project]
    pairs = np.flatnonzero(served[site] & (drawn > 0))
    if np.isnan(one.limit) or not len(pairs):
        return
    rows.add(np.zeros(len(pairs), dtype=np.intp), pairs, drawn[pairs] / one.limit, np.ones(1), demand=demand)


def _separation(
    problem: Problem, keep: Separation, project: NDArray[np.intp], site: NDArray[np.intp], rows: _Rows
) -> None:
    """A site where one of the hazards stands (``hot``) has no sensitive project near."""
    both = set(keep.hazards) & set(keep.sensitives)
    groups = [(keep.hazards, tuple(one for one in keep.sensitives if one not in both))]
    groups += [(tuple(other for other in keep.hazards if other != one), (one,)) for one in sorted(both)]
    count = len(problem.sites)
    for hazards, sensitives in groups:
        pairs = np.flatnonzero(np.isin(project, hazards))
        if not len(pairs) or not sensitives:
            continue
        here = np.unique(site[pairs])
        column = np.full(count, -1, dtype=np.intp)
        column[here] = rows.more_columns(len(here))
        each = np.arange(len(pairs), dtype=np.intp)
        rows.add(
            np.concatenate([each, each]), np.concatenate([pairs, column[site[pairs]]]),
            np.concatenate([np.ones(len(each)), -np.ones(len(each))]), np.zeros(len(each)),
        )  # fmt: skip
        for one in sensitives:
            _kept_off(keep, np.flatnonzero(project == one), site, here, column, rows)


def _kept_off(
    keep: Separation, pairs: NDArray[np.intp], site: NDArray[np.intp], here: NDArray[np.intp],
    column: NDArray[np.intp], rows: _Rows, *, demand: Demand | None = None,
) -> None:  # fmt: skip
    """For each site in ``here``: what stands there by ``column``, and a project's pairs near it, are not more than one."""
    of = np.full(len(column), -1, dtype=np.intp)
    of[site[pairs]] = pairs
    near = keep.near[here].tocoo()
    kept = of[near.col] >= 0
    row, which = np.asarray(near.row)[kept].astype(np.intp), of[near.col[kept]]
    met, row = np.unique(row, return_inverse=True)
    if not len(met):
        return
    rows.add(
        np.concatenate([row, np.arange(len(met), dtype=np.intp)]), np.concatenate([which, column[here[met]]]), 1.0,
        np.ones(len(met)), demand=demand,
    )  # fmt: skip


def _pairwise(
    problem: Problem, keep: Separation, project: NDArray[np.intp], site: NDArray[np.intp], rows: _Rows
) -> None:
    for hazard, sensitive in _couples(keep):
        pairs = np.flatnonzero(project == hazard)
        column = np.full(len(problem.sites), -1, dtype=np.intp)
        column[site[pairs]] = pairs
        demand = Demand("separation", (hazard, sensitive))
        _kept_off(keep, np.flatnonzero(project == sensitive), site, site[pairs], column, rows, demand=demand)


def _couples(keep: Separation) -> Iterator[tuple[int, int]]:
    """Each two projects once."""
    seen: set[frozenset[int]] = set()
    for hazard in keep.hazards:
        for sensitive in keep.sensitives:
            two = frozenset((hazard, sensitive))
            if hazard != sensitive and two not in seen:
                seen.add(two)
                yield hazard, sensitive


def _leading(problem: Problem, placed: NDArray[np.intp], rows: _Rows) -> NDArray[np.intp]:
    """Rows on the land of each industry; the columns that say which one leads, where their number is fixed."""
    rule = problem.leading
    names = sorted({name for name in problem.industry if name})
    if rule is None or len(names) <= rule.most:
        return np.zeros(0, dtype=np.intp)
    of = np.array([names.index(name) if name else -1 for name in problem.industry], dtype=np.intp)
    land = problem.area_m2 / problem.area_m2.max()
    lead = rows.more_columns(len(names), whole=True)
    own = np.flatnonzero(of >= 0)
    every = np.arange(len(names), dtype=np.intp)
    if rule.share > 0:
        shared = (
            np.repeat(every, len(placed)),
            np.tile(placed, len(names)),
            np.tile(-rule.share * land, len(names)),
        )
    else:
        shared = (every[:0], every[:0], land[:0])
    ceiling = (1 - rule.share) * np.bincount(of[own], land[own], len(names))
    rows.add(
        np.concatenate([of[own], shared[0], every]), np.concatenate([placed[own], shared[1], lead]),
        np.concatenate([land[own], shared[2], -ceiling]), np.zeros(len(names)),
    )  # fmt: skip
    over = rows.more_columns(
        int(rule.penalty is not None), gain=-(rule.penalty or 0.0), high=float(len(names))
    )
    rows.add(
        np.zeros(len(names) + len(over), dtype=np.intp), np.concatenate([lead, over]),
        np.concatenate([np.ones(len(names)), -np.ones(len(over))]), np.array([float(rule.most)]),
        demand=Demand("leading") if rule.penalty is None else None,
    )  # fmt: skip
    return lead if rule.penalty is None else lead[:0]
