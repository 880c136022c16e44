"""What is to be placed where, as arrays: projects, sites, which pairs fit, and what they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.errors import InputError, name_some

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

__all__ = ["NOWHERE", "Capacity", "Leading", "Problem", "Separation", "Weights"]

NOWHERE = -1
"""In the place of a site: the project is not placed."""

_ZERO = 1e-6
POINTS = 100.0
"""A plan that places every project at a score of 100 has as many."""


@dataclass(frozen=True)
class Capacity:
    """What some sites can draw from one source.

    Attributes
    ----------
    service
        ``power``, ``water``, ``gas`` …
    source
        Id of the main or station, or of the site where it serves one.
    sites
        Places of the sites that it serves.
    limit
        What it has to spare, in the unit of ``use``.
    use
        What each project draws; NaN where that is not known, and then nothing is counted.
    """

    service: str
    source: str
    sites: NDArray[np.intp]
    limit: float
    use: NDArray[np.float64]


@dataclass(frozen=True)
class Separation:
    """Projects that are a hazard, projects that suffer from one, and which sites are too near each other for the two.

    Attributes
    ----------
    hazards, sensitives
        Places of projects. One may be both; it does not disturb itself.
    needed_m
        The distance that is kept.
    near
        Sites × sites: nearer than that. A site is near itself.
    """

    hazards: tuple[int, ...]
    sensitives: tuple[int, ...]
    needed_m: float
    near: csr_array


@dataclass(frozen=True)
class Leading:
    """How many industries may lead among the projects that are placed.

    Attributes
    ----------
    most
        So many may.
    share
        An industry leads when it takes more than this share of the land that the placed projects need.
    penalty
        Points that each industry above ``most`` costs; None where there may be none.
    """

    most: int
    share: float
    penalty: float | None = None


@dataclass(frozen=True)
class Weights:
    """How much the fit and the output of a plan count; only their ratio matters.

    Examples
    --------
    >>> Weights(3, 1).shares
    (0.75, 0.25)
    """

    fit: float = 1.0
    output: float = 0.0

    @property
    def shares(self) -> tuple[float, float]:
        """Both as parts of 1."""
        total = self.fit + self.output
        return self.fit / total, self.output / total


@dataclass(frozen=True, eq=False)
class Problem:
    """Many projects, many sites.

    Attributes
    ----------
    projects, sites
        Names.
    score
        Projects × sites, 0 to 100; NaN where it is not known.
    fits
        Projects × sites: whether a site meets what a project needs.
    area_m2
        Land that each project needs, above 0.
    site_area_m2
        Net area of each site; NaN where it is not known, and then nothing is placed there.
    must
        Projects that are to be placed in any case.
    industry
        Code of each project's industry; empty where it is not known, and then it leads nowhere.
    output_wan
        Yearly output of each project, 万元; NaN where it is not known.
    weights
        What counts how much.
    capacities, separations
        What sites share, and what projects keep from each other.
    overlaps
        Groups of sites that share land, of which one at most is used.
    leading
        How many industries may lead; None where it does not matter.

    Examples
    --------
    A project of 1 ha, two sites; the second is too small, so only the first may be chosen.

    >>> one = Problem(("mill",), ("S1", "S2"), np.array([[60.0, 90.0]]), np.ones((1, 2), bool), np.array([10_000.0]), np.array([12_000.0, 9_000.0]))
    >>> one.eligible.tolist(), one.value[0, 0]
    ([[True, False]], np.float64(60.0))
    """

    projects: tuple[str, ...]
    sites: tuple[str, ...]
    score: NDArray[np.floating]
    fits: NDArray[np.bool_]
    area_m2: NDArray[np.float64]
    site_area_m2: NDArray[np.float64]
    must: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    industry: tuple[str, ...] = ()
    output_wan: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    weights: Weights = field(default_factory=Weights)
    capacities: tuple[Capacity, ...] = ()
    separations: tuple[Separation, ...] = ()
    overlaps: tuple[NDArray[np.intp], ...] = ()
    leading: Leading | None = None

    def __post_init__(self) -> None:
        """Fill in what was left out, and see that all arrays are of one size.

        Raises
        ------
        InputError
            They are not, or a project needs no land.
        """
        count = len(self.projects)
        if not len(self.must):
            object.__setattr__(self, "must", np.zeros(count, dtype=bool))
        if not self.industry:
            object.__setattr__(self, "industry", ("",) * count)
        if not len(self.output_wan):
            object.__setattr__(self, "output_wan", np.full(count, np.nan))
        shape = (count, len(self.sites))
        if self.score.shape != shape or self.fits.shape != shape:
            raise InputError(
                f"scores of {self.score.shape} and fits of {self.fits.shape} do not go with {shape[0]} projects and {shape[1]} sites"
            )
        lengths = {len(one) for one in (self.area_m2, self.must, self.industry, self.output_wan)}
        if lengths != {count} or len(self.site_area_m2) != len(self.sites):
            raise InputError("the figures of projects or sites are not as many as their names")
        landless = [name for name, area in zip(self.projects, self.area_m2, strict=True) if not area > 0]
        if landless:
            raise InputError(f"no land is asked for: {name_some(landless)}", mend="give the area that the project needs")  # fmt: skip
        if not self.weights.fit + self.weights.output > 0 or min(self.weights.fit, self.weights.output) < 0:
            raise InputError("weights are not negative, and one is above 0", where="weights")

    @cached_property
    def eligible(self) -> NDArray[np.bool_]:
        """Projects × sites: what fits, has a score, and has room for the project if nothing else is there."""
        with np.errstate(invalid="ignore"):
            found = self.fits & ~np.isnan(self.score) & (self.area_m2[:, None] <= self.site_area_m2)
        for one in self.capacities:
            found[np.ix_(np.flatnonzero(one.use > one.limit), one.sites)] = False
        eligible: NDArray[np.bool_] = found
        return eligible

    @cached_property
    def value(self) -> NDArray[np.float64]:
        """Projects × sites: points that a project brings on a site.

        Notes
        -----
        ``100 (w_fit · score/100 · area/Σarea + w_output · output/Σoutput)``, sums over all projects, weights as parts of 1. So a plan has
        at most 100 points, and areas and 万元 can be weighed against each other. An output or a score that is not known brings nothing.
        """
        fit, output = self.weights.shares
        brought = np.nan_to_num(self.output_wan)
        whole = brought.sum()
        yearly = brought / whole if whole > 0 else brought
        by_fit = np.nan_to_num(self.score.astype(np.float64)) / POINTS
        land = self.area_m2 / self.area_m2.sum()
        points: NDArray[np.float64] = POINTS * (fit * by_fit * land[:, None] + output * yearly[:, None])
        return points

    def points(self, at: NDArray[np.intp]) -> float:
        """Points of a plan: the place of each project's site, -1 where it has none."""
        placed = np.flatnonzero(at != NOWHERE)
        return float(self.value[placed, at[placed]].sum()) - self.fine(at)

    def fine(self, at: NDArray[np.intp]) -> float:
        """Points that are taken off for industries above those that may lead."""
        rule = self.leading
        if rule is None or rule.penalty is None:
            return 0.0
        return rule.penalty * max(0, len(self.leaders(at)) - rule.most)

    def leaders(self, at: NDArray[np.intp]) -> tuple[str, ...]:
        """Industries that lead in a plan, by name."""
        if self.leading is None:
            return ()
        land: dict[str, float] = {}
        for place in np.flatnonzero(at != NOWHERE).tolist():
            land[self.industry[place]] = land.get(self.industry[place], 0.0) + float(self.area_m2[place])
        # A solver's zero is not nothing: a share that is just met does not lead.
        least = self.leading.share * sum(land.values()) + _ZERO * float(self.area_m2.max())
        return tuple(sorted(name for name, area in land.items() if name and area > least))
