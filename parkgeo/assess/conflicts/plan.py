"""Parcels whose registered use is not what the plan says of their ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.coded import Coded, coded
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES
from parkgeo.metrics.coverage import coverage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.packs import RuleBook

__all__ = ["NOT_CODED", "NOT_PLANNED", "AgainstPlan", "against_plan", "clash", "planned_uses"]

NOT_PLANNED, NOT_CODED = "-", "?"
"""In the place of a planned use: no plan covers the parcel, and the plan says no code."""


@dataclass(frozen=True)
class AgainstPlan:
    """Every parcel against the plan.

    Attributes
    ----------
    verdict
        ``yes``, ``no``, ``undetermined``; None where the plan covers too little of the parcel.
    missing
        Field to ask for where undetermined, else "".
    clash_m2
        Area of each parcel whose planned use is another.
    covered_m2
        Area that the plan covers; never more than the parcel's own.
    parcel, plot, area_m2
        Pairs of parcel and plot that clash.
    """

    verdict: NDArray[np.object_]
    missing: NDArray[np.object_]
    clash_m2: NDArray[np.float64]
    covered_m2: NDArray[np.float64]
    parcel: NDArray[np.intp]
    plot: NDArray[np.intp]
    area_m2: NDArray[np.float64]


def clash(
    registered: str, planned: str, compatible: Mapping[str, Sequence[str]], undecided: Sequence[str]
) -> np.int8:
    """Whether a registered use stands against a planned one.

    Parameters
    ----------
    registered, planned
        Codes.
    compatible
        Prefix of a planned code → prefixes of registered codes that go with it.
    undecided
        Prefixes of registered codes whose use is yet to be decided.

    Returns
    -------
    numpy.int8
        `YES` a conflict, `NO` none. `UNKNOWN` where one code is in letters, the other in digits, and nothing is said of how the
        planned one reads in the other's classification.

    Examples
    --------
    >>> rules = {"100102": ["100101"], "M1": ["100101"]}
    >>> [int(clash(one, other, rules, ["16"])) for one, other in (("100101", "100102"), ("100102", "100101"), ("0701", "07"))]
    [-1, 1, -1]
    >>> int(clash("0701", "M1", rules, [])), int(clash("0701", "A5", rules, []))
    (1, 0)
    """
    if registered.startswith((planned, *undecided)) or planned.startswith(registered):
        return NO
    told = [prefix for key, prefixes in compatible.items() if planned.startswith(key) for prefix in prefixes]
    if any(registered.startswith(prefix) or prefix.startswith(registered) for prefix in told):
        return NO
    digits = registered[:1].isdigit()
    same = digits == planned[:1].isdigit()
    return YES if same or any(prefix[:1].isdigit() == digits for prefix in told) else UNKNOWN


def against_plan(parcels: gpd.GeoDataFrame, plan: gpd.GeoDataFrame, rules: RuleBook) -> AgainstPlan:
    """Hold each parcel's registered use against the plan's plots on its ground.

    Parameters
    ----------
    parcels
        ``land_use_code`` as registered; geometry in metres.
    plan
        ``planned_use_code``; geometry in the same coordinate system.
    rules
        ``layout.plan_*``.

    Returns
    -------
    AgainstPlan

    Notes
    -----
    A parcel is in conflict where more than ``layout.plan_conflict_m2`` of it, and more than ``layout.plan_conflict_share``, is
    planned for a use that does not go with its own; edges drawn a little apart are none. Where as much of it has no code, or one that
    cannot be compared, that is undetermined.
    """
    cover = coverage(parcels.geometry, plan.geometry)
    own, planned = coded(parcels, "land_use_code"), coded(plan, "planned_use_code")
    answer = _answers(own, planned, cover.parcel, cover.building, rules)
    count, site = len(parcels), np.asarray(parcels.geometry.area, dtype=np.float64)

    def area(of: NDArray[np.bool_]) -> NDArray[np.float64]:
        found = np.bincount(cover.parcel[of], weights=cover.area_m2[of], minlength=count)
        return np.minimum(found.astype(np.float64), site)

    covered, clashing, open_ = (
        area(np.ones(len(answer), dtype=bool)),
        area(answer == YES),
        area(answer == UNKNOWN),
    )
    least = _least(site, rules)
    sure, unsure = clashing > least, clashing + open_ > least
    verdict = np.where(sure, "yes", np.where(unsure, "undetermined", "no")).astype(object)
    verdict[covered < rules["layout.plan_covered_share"].number("1") * site] = None
    asked = np.where(own.codes < 0, "land_use_code", "planned_use_code").astype(object)
    missing = np.where(verdict == "undetermined", asked, "").astype(object)
    kept = (answer == YES) & (verdict == "yes")[cover.parcel]
    return AgainstPlan(
        verdict, missing, clashing, covered, cover.parcel[kept], cover.building[kept], cover.area_m2[kept]
    )


def planned_uses(
    parcels: gpd.GeoDataFrame, plan: gpd.GeoDataFrame | None, rules: RuleBook
) -> NDArray[np.object_]:
    """What the plan says of each parcel's ground.

    Parameters
    ----------
    parcels
        Geometry in metres.
    plan
        ``planned_use_code``; geometry in the same coordinate system; None where there is none.
    rules
        ``layout.plan_*``.

    Returns
    -------
    numpy.ndarray
        Codes in order, joined by ``;``: each use that covers more of the parcel than `against_plan` looks past. `NOT_CODED` among them for
        ground whose use the plan does not say, `NOT_PLANNED` alone where the plan covers too little of the parcel.
    """
    found = np.full(len(parcels), NOT_PLANNED, dtype=object)
    if plan is None or not len(plan) or rules.get("layout.plan_conflict_m2") is None:
        return found
    cover, planned = coverage(parcels.geometry, plan.geometry), coded(plan, "planned_use_code")
    site = np.asarray(parcels.geometry.area, dtype=np.float64)
    words = np.array([*map(str, planned.words), NOT_CODED], dtype=object)
    pairs, place = np.unique(
        cover.parcel * len(words) + planned.codes[cover.building] % len(words), return_inverse=True
    )
    area = np.bincount(place, weights=cover.area_m2, minlength=len(pairs))
    parcel, word = np.divmod(pairs, len(words))
    covered = np.bincount(parcel, weights=area, minlength=len(parcels))
    kept = (area > _least(site, rules)[parcel]) & (
        covered >= rules["layout.plan_covered_share"].number("1") * site
    )[parcel]
    table = pd.DataFrame({"parcel": parcel[kept], "word": words[word[kept]]}).sort_values(["parcel", "word"])
    told = table.groupby("parcel")["word"].agg(";".join)
    found[told.index.to_numpy(dtype=np.intp)] = told.to_numpy(dtype=object)
    return found


def _least(site: NDArray[np.float64], rules: RuleBook) -> NDArray[np.float64]:
    """Area of each parcel up to which a planned use is looked past."""
    share = rules["layout.plan_conflict_share"].number("1")
    return np.maximum(rules["layout.plan_conflict_m2"].number("m2"), share * site)


def _answers(
    own: Coded, planned: Coded, parcel: NDArray[np.intp], plot: NDArray[np.intp], rules: RuleBook
) -> Answer:
    """Each pair of a parcel and a plot; a million pairs have a few hundred different codes, and each two are compared once."""
    table, undecided = rules.get("layout.plan_compatible"), rules.get("layout.plan_undecided")
    compatible = table.lists() if table else {}
    reserve = undecided.texts() if undecided else ()
    left, right = own.codes[parcel], planned.codes[plot]
    found = np.full(len(parcel), UNKNOWN, dtype=np.int8)
    both = np.flatnonzero((left >= 0) & (right >= 0))
    width = max(len(planned.words), 1)
    pairs, place = np.unique(left[both] * width + right[both], return_inverse=True)
    told = [
        clash(str(own.words[pair // width]), str(planned.words[pair % width]), compatible, reserve)
        for pair in pairs.tolist()
    ]
    found[both] = np.array(told, dtype=np.int8)[place] if told else found[both]
    return found
