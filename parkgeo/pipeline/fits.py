"""The matrix of fit of a siting desk as rows, the best first; and desks that know only some of the sites."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.planning.siting.fit import GRADES, Fit, judged_limits
from parkgeo.planning.siting.found import limit_dict
from parkgeo.planning.siting.words import asked_for, counterfactual

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from parkgeo.pipeline.siting import SitingDesk
    from parkgeo.planning.siting import Limit

__all__ = ["ORDER", "Fits", "fits_of", "holding", "within"]

ORDER = ("high", "medium", "low", "undetermined", "no")
"""Grades, the best first."""

_STEP = 1_000.0
"""Between two grades; scores are at most 100."""


@dataclass(frozen=True, eq=False)
class Fits:
    """Sites × industries as rows.

    A cell is a row of the sites times the number of industries, plus the column of the industry.

    Attributes
    ----------
    fit
        The matrix, its sites in the order of their ids.
    """

    fit: Fit

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """All cells, the best first: by grade, then by score; what is equal by the site's id, then by industry."""
        place = np.zeros(len(ORDER), dtype=np.float64)
        for code, name in GRADES.items():
            place[code] = ORDER.index(name)  # the code −1 is the last place
        score = np.nan_to_num(self.fit.score.astype(np.float64), nan=-1.0)
        order: NDArray[np.int64] = np.argsort((place[self.fit.grade] * _STEP - score).ravel(), kind="stable")
        return order

    def cells(self, *, industries: Collection[str] = (), grades: Collection[str] = ()) -> NDArray[np.int64]:
        """The cells of some industries and grades, the best first; of all where none is named.

        Parameters
        ----------
        industries
            Keys.
        grades
            Of `ORDER`.
        """
        wanted = np.ones(self.fit.grade.shape, dtype=bool)
        if industries:
            wanted &= np.array([one.key in industries for one in self.fit.needs], dtype=bool)[None, :]
        if grades:
            wanted &= np.isin(self.fit.grade, [code for code, name in GRADES.items() if name in grades])
        return self.order[wanted.ravel()[self.order]]

    def as_dicts(self, cells: Sequence[int] | NDArray[np.int64], lang: str) -> list[dict[str, Any]]:
        """Cells as plain values, with the limits that are not passed, or of which that is not known."""
        sites, needs = np.divmod(np.asarray(cells, dtype=np.int64), len(self.fit.needs))
        failed: dict[int, list[Limit]] = {}
        for need in np.unique(needs):
            # Together, for the gates are as soon asked about a thousand sites as about one.
            rows = np.flatnonzero(needs == need)
            told = self._limits(sites[rows], int(need))
            failed |= {
                int(row): [one for one in each if one.verdict != 1]
                for row, each in zip(rows, told, strict=True)
            }
        return [self._as_dict(int(site), int(need), failed[row], lang) for row, (site, need) in enumerate(zip(sites, needs, strict=True))]  # fmt: skip

    def _limits(self, sites: NDArray[np.int64], need: int) -> list[list[Limit]]:
        demand = self.fit.demand
        numbers = {name: values[need : need + 1] for name, values in demand.numbers.items()}
        one = replace(demand, needs=self.fit.needs[need : need + 1], numbers=numbers)
        return judged_limits(self.fit.offer(sites), one)

    def _as_dict(self, site: int, need: int, failed: list[Limit], lang: str) -> dict[str, Any]:
        name, kind, parcels = (str(column[site]) for column in self._texts)
        score, known = float(self.fit.score[site, need]), float(self.fit.known[site, need])
        needs = self.fit.needs[need]
        return {
            "site_id": name, "kind": kind, "parcel_ids": parcels.split(";") if kind == "joined" else [parcels],
            "industry": needs.key, "title": needs.name(lang), "grade": GRADES[int(self.fit.grade[site, need])],
            "score": None if np.isnan(score) else round(score, 3), "known_weight": None if np.isnan(known) else round(known, 6),
            "failed": [limit_dict(limit, lang) for limit in failed], "counterfactual": counterfactual(failed, lang), "ask": asked_for(failed, lang),
        }  # fmt: skip

    @cached_property
    def _texts(self) -> tuple[NDArray[np.object_], ...]:
        return tuple(
            self.fit.sites[name].to_numpy(dtype=object) for name in ("site_id", "kind", "parcel_ids")
        )


def fits_of(desk: SitingDesk, *, all_parcels: bool = False) -> Fits:
    """All sites of a desk that could come free, or all that it has, for all industries of the packs."""
    order = np.argsort(desk.sites["site_id"].to_numpy(dtype=object).astype(str), kind="stable")
    return Fits(_chosen(desk, order).fit(all_parcels=all_parcels))


def within(desk: SitingDesk, parks: Collection[str]) -> SitingDesk:
    """A desk with the sites of some parks; what is said of them stays as it was.

    Parameters
    ----------
    desk
        With all sites.
    parks
        Ids.

    Examples
    --------
    A joined site whose parcels lie in several parks is none's: to each it would tell of the other.

    >>> import pandas as pd
    >>> from parkgeo.packs import RuleBook
    >>> from parkgeo.pipeline.siting import SitingDesk
    >>> from parkgeo.planning.siting import site_table
    >>> plots = pd.DataFrame({"parcel_id": ["A", "B", "C"], "park_id": ["P1", "P1", "P2"]})
    >>> joined = pd.DataFrame({"site_id": ["S1", "S2"], "parcel_ids": ["A;B", "B;C"]})
    >>> desk = SitingDesk(None, site_table(plots, joined), np.full(5, None), RuleBook((), {}))
    >>> within(desk, ["P1"]).sites["site_id"].tolist()
    ['A', 'B', 'S1']
    """
    sites = desk.sites
    joined = np.flatnonzero((sites["kind"] == "joined").to_numpy())
    single = np.flatnonzero((sites["kind"] != "joined").to_numpy())
    codes, known = pd.factorize(sites["park_id"].to_numpy(dtype=object)[single])
    members = sites["parcel_ids"].iloc[joined].astype(str).str.split(";").explode()
    names = pd.Index(sites["site_id"].to_numpy(dtype=object)[single])
    places = names.get_indexer(pd.Index(members.to_numpy(dtype=object)))
    park_of = pd.Series(np.append(codes, -1)[places], index=members.index).groupby(level=0)
    first, last = (told.reindex(joined, fill_value=-1).to_numpy() for told in (park_of.min(), park_of.max()))
    park = np.empty(len(sites), dtype=np.int64)
    park[single], park[joined] = codes, np.where(first == last, first, -1)
    allowed = [code for code, name in enumerate(known) if name in parks]
    return _chosen(desk, np.flatnonzero(np.isin(park, allowed)))


def holding(desk: SitingDesk, parcel: str) -> SitingDesk:
    """A desk with a parcel and the joined sites that it is part of."""
    sites = desk.sites
    held = (sites["site_id"] == parcel).to_numpy(dtype=bool, copy=True)
    joined = np.flatnonzero((sites["kind"] == "joined").to_numpy())
    members = ";" + sites["parcel_ids"].iloc[joined].astype(str) + ";"
    held[joined] |= members.str.contains(f";{parcel};", regex=False).to_numpy(dtype=bool)
    return _chosen(desk, np.flatnonzero(held))


def _chosen(desk: SitingDesk, rows: NDArray[np.int64]) -> SitingDesk:
    return replace(desk, sites=desk.sites.iloc[rows].reset_index(drop=True), shapes=desk.shapes[rows])
