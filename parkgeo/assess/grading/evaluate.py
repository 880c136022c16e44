"""Companies and a scheme → scores, ranks, grades, and what each lacks for the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.grading.bands import grade_of, next_better, ranks
from parkgeo.assess.grading.counterfactual import Terms, equal_rise, needed_values
from parkgeo.assess.grading.eligible import Ratable, group_of, missing_fields, ratable, refused
from parkgeo.assess.grading.veto import UNKNOWN, veto_kinds
from parkgeo.metrics.returns import WHY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.grading.scheme import Scheme

__all__ = ["BASES", "Evaluation", "Marks", "evaluate"]

BASES = ("pack", "park_median")
"""Where a benchmark comes from: the packs, or the median of the companies rated together."""


@dataclass(frozen=True)
class Marks:
    """One group's indicators: what was weighed, against what.

    Attributes
    ----------
    group
        ``all``, ``above`` or ``below`` scale.
    names, weight, benchmark, basis
        Of each indicator that counts; ``basis`` is one of `BASES`.
    dropped
        Indicators that no company of the group has, or whose benchmark is not above 0.
    rows
        Positions of the rated companies.
    terms
        Of their scores.
    target
        The score from which each one's next better grade begins; NaN where there is none.
    """

    group: str
    names: tuple[str, ...]
    weight: NDArray[np.float64]
    benchmark: NDArray[np.float64]
    basis: tuple[str, ...]
    dropped: tuple[str, ...]
    rows: NDArray[np.intp]
    terms: Terms
    target: NDArray[np.float64]

    @cached_property
    def needed(self) -> NDArray[np.float64]:
        """What each indicator alone would have to be: see `parkgeo.assess.grading.counterfactual.needed_values`."""
        return needed_values(self.terms, self.target)

    @cached_property
    def rise(self) -> NDArray[np.float64]:
        """The share by which all would have to rise: see `parkgeo.assess.grading.counterfactual.equal_rise`."""
        return equal_rise(self.terms, self.target)


@dataclass(frozen=True)
class Evaluation:
    """How the companies stand.

    Attributes
    ----------
    companies
        On the index given: ``group``, ``score``, ``rank`` (in the group, 1 the best), ``grade_by_score`` (before any veto),
        ``grade``, ``veto`` (kinds), ``next_grade``, ``next_score``, ``not_rated`` (code), ``lacking`` (tuple of fields). A code with a score is a veto that is not clear.
    marks
        Of each group.
    """

    companies: pd.DataFrame
    marks: tuple[Marks, ...]

    @property
    def rise(self) -> NDArray[np.float64]:
        """Of each company the share by which all its indicators would have to rise for the next grade."""
        found = np.full(len(self.companies), np.nan)
        for marks in self.marks:
            found[marks.rows] = marks.rise
        return found


def evaluate(companies: pd.DataFrame, why: pd.DataFrame, scheme: Scheme, year: int) -> Evaluation:
    """Score, rank and grade the companies of a year.

    Parameters
    ----------
    companies
        ``returns``, ``parcels``, ``land_mu``, ``since``, the measures; ``scale`` and ``veto`` where they are known.
    why
        On the same index, for each measure why it is missing: position in `parkgeo.metrics.returns.WHY`.
    scheme
        Weights, benchmarks, bands.
    year
        Evaluated.

    Returns
    -------
    Evaluation

    Notes
    -----
    Score = Σ min(value ÷ benchmark, cap) × weight. A company that lacks one indicator is not rated; an indicator that every
    company of the group lacks is left out for all, and its weight goes to the others in proportion. Where the packs
    give weights for firms below scale, these are ranked by themselves.
    """
    count, group = len(companies), group_of(companies, scheme)
    against = refused(companies, why, scheme, year)
    against[_none(against) & _none(group)] = "scale_unknown"
    told: dict[str, NDArray[Any]] = {
        "group": group,
        **{name: np.full(count, np.nan) for name in ("score", "rank", "next_score")},
        **{
            name: np.full(count, None, dtype=object)
            for name in ("grade_by_score", "grade", "next_grade", "lacking")
        },
        "not_rated": against,
    }
    told["veto"] = (
        veto_kinds(companies["veto"], scheme) if "veto" in companies else np.full(count, None, dtype=object)
    )
    open_to = _none(against)
    found = []
    for name, weights in (("all", scheme.weights), ("above", scheme.weights), ("below", scheme.below_scale)):
        at = np.flatnonzero(group == name)
        if weights and len(at):
            who = ratable(companies.iloc[at], open_to[at], weights)
            _name_the_rest(at[open_to[at] & ~who.rated], companies, why, told, who)
            found.append(_group(name, at, who, told, scheme))
    _veto(told, scheme)
    return Evaluation(pd.DataFrame(told, index=companies.index), tuple(found))


def _none(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Where there is nothing."""
    return np.asarray(pd.isna(values), dtype=np.bool_)


def _group(
    name: str, at: NDArray[np.intp], who: Ratable, told: dict[str, NDArray[Any]], scheme: Scheme
) -> Marks:
    """Rate one group; its answers are put among those told."""
    who, benchmark, basis = _benchmarks(who, scheme)
    rows = at[who.rated]
    terms = Terms(who.cells[who.rated], benchmark, who.weight, scheme.cap)
    score = terms.score()
    grade = grade_of(score, scheme)
    target, better = next_better(score, scheme)
    names = np.asarray([*scheme.grades, None], dtype=object)
    told["score"][rows], told["rank"][rows] = score, ranks(score)
    told["grade_by_score"][rows] = told["grade"][rows] = names[grade]
    told["next_grade"][rows], told["next_score"][rows] = names[better], target
    return Marks(name, who.names, who.weight, benchmark, basis, who.dropped, rows, terms, target)


def _name_the_rest(
    rest: NDArray[np.intp],
    companies: pd.DataFrame,
    why: pd.DataFrame,
    told: dict[str, NDArray[Any]],
    who: Ratable,
) -> None:
    """Why those against whom nothing else stands are not rated."""
    several = why.iloc[rest] == WHY.index("several_returns")
    for fields, at in missing_fields(companies.iloc[rest], who.names):
        rows = rest[at]
        uncertain = several.iloc[at][[field for field in fields if field in several]].any(axis=1)
        told["not_rated"][rows] = (
            np.where(uncertain, "several_returns", "missing") if who.names else "no_indicator"
        )
        for row in rows.tolist():  # a tuple is one value here; an assignment at once would take it apart
            told["lacking"][row] = fields


def _benchmarks(who: Ratable, scheme: Scheme) -> tuple[Ratable, NDArray[np.float64], tuple[str, ...]]:
    """The packs' benchmarks, and medians of the rated for what they lack; one that is not above 0 measures nothing."""
    if not who.rated.any():
        return who, np.ones(len(who.names)), ("pack",) * len(who.names)
    medians = np.median(who.cells[who.rated], axis=0)
    values = np.array(
        [scheme.benchmarks.get(name, median) for name, median in zip(who.names, medians, strict=True)]
    )
    who = who.without([name for name, value in zip(who.names, values, strict=True) if not value > 0])
    if not who.names:
        who = replace(who, rated=np.zeros_like(who.rated))
    basis = tuple("pack" if name in scheme.benchmarks else "park_median" for name in who.names)
    return who, values[values > 0], basis


def _veto(told: dict[str, NDArray[Any]], scheme: Scheme) -> None:
    """Grades no better than a veto allows; none where it is not clear whether there is one and it would matter."""
    if scheme.veto_best is None:
        return
    better = np.isin(
        told["grade_by_score"].astype(str), scheme.grades[: scheme.grades.index(scheme.veto_best)]
    )
    barred = better & ~_none(told["veto"])
    unclear = barred & (told["veto"] == UNKNOWN)
    told["grade"][barred] = scheme.veto_best
    told["grade"][unclear] = None
    told["not_rated"][unclear] = "veto_unknown"
