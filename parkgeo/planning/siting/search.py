"""The search for a site: who fits best, who nearly does and why not, of whom it is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.planning.siting.fit import GRADES, grade_of, judged_limits
from parkgeo.planning.siting.gates import Demand, Offer, gates_of, judge, misses
from parkgeo.planning.siting.needs import CRITERIA
from parkgeo.planning.siting.score import points, weights_of
from parkgeo.planning.siting.stability import stability, weighted
from parkgeo.planning.siting.terms import Terms, shipped_terms
from parkgeo.planning.siting.words import asked_for, counterfactual, criterion_name, gate_name, limit_words

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.planning.siting.brief import Brief
    from parkgeo.planning.siting.fit import Limit

__all__ = ["Found", "Site", "search"]


@dataclass(frozen=True)
class Site:
    """A site that was looked at.

    Attributes
    ----------
    row
        In the table of sites.
    site_id, kind, parcel_ids
        Of the site.
    verdict
        1 fits, 0 does not, -1 undetermined.
    score, low, high
        0–100 by what is known, and what it could be if what is not known were worst or best; NaN where nothing is known.
    known
        Share of the weights whose criteria are known.
    grade
        ``high``, ``medium``, ``low``, ``no`` or ``undetermined``.
    breakdown
        Criterion → points and share of the weights.
    stability
        Share of draws in which it stays among the best; NaN of sites that do not fit.
    limits
        What each gate says.
    """

    row: int
    site_id: str
    kind: str
    parcel_ids: str
    verdict: int
    score: float
    low: float
    high: float
    known: float
    grade: str
    breakdown: dict[str, tuple[float, float]]
    stability: float
    limits: tuple[Limit, ...]

    def counterfactual(self, lang: str) -> str:
        """The least change that would make it fit."""
        return counterfactual(self.limits, lang)

    def as_dict(self, lang: str) -> dict[str, Any]:
        """Plain values, words in a language; None where a figure is not known."""
        parts = [
            {"criterion": name, "title": criterion_name(name, lang), "points": _plain(got), "weight": _plain(weight)}
            for name, (got, weight) in self.breakdown.items()
        ]  # fmt: skip
        return {
            "site_id": self.site_id, "kind": self.kind, "parcel_ids": self.parcel_ids.split(";"), "grade": self.grade,
            "score": _plain(self.score), "score_low": _plain(self.low), "score_high": _plain(self.high), "known_weight": _plain(self.known),
            "stability": _plain(self.stability), "breakdown": parts, "limits": [limit_dict(limit, lang) for limit in self.limits],
            "counterfactual": self.counterfactual(lang), "ask": asked_for(self.limits, lang),
        }  # fmt: skip


def limit_dict(limit: Limit, lang: str) -> dict[str, Any]:
    """A limit as plain values, with its sentence."""
    verdict = {1: "yes", 0: "no", -1: "undetermined"}[limit.verdict]
    return {
        "gate": limit.gate, "title": gate_name(limit.gate, lang), "verdict": verdict, "needed": _plain(limit.needed),
        "has": _plain(limit.has), "margin": _plain(limit.margin), "unit": limit.unit, "words": limit_words(limit, lang),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value that JSON can hold; None where it is not known or has no bound."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):  # numpy's numbers are floats too, and no JSON
        return float(value) if math.isfinite(value) else None
    return value


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    brief
        What was looked for.
    asked
        How many sites were looked at.
    fits, fails, unknown
        How many fit, do not, and are undetermined.
    ranked
        The best that fit, best first.
    why_not
        Sites that do not fit, the nearest miss first: fewest gates failed, then least lacking.
    undetermined
        Sites of which it is not known, those with the fewest open questions first.
    """

    brief: Brief
    asked: int
    fits: int
    fails: int
    unknown: int
    ranked: tuple[Site, ...]
    why_not: tuple[Site, ...]
    undetermined: tuple[Site, ...]

    def as_dict(self, lang: str) -> dict[str, Any]:
        """Plain values, words in a language."""
        lists = {
            name: [site.as_dict(lang) for site in getattr(self, name)]
            for name in ("ranked", "why_not", "undetermined")
        }
        counts = {
            "asked": self.asked,
            "fit": self.fits,
            "do_not_fit": self.fails,
            "undetermined": self.unknown,
        }
        return {
            "brief": self.brief.name,
            "needs": self.brief.needs.name(lang),
            "source": self.brief.needs.source,
            "counts": counts,
            **lists,
        }


def search(
    sites: pd.DataFrame, brief: Brief, *, terms: Terms | None = None, offer: Offer | None = None
) -> Found:
    """Look for sites for a project.

    Parameters
    ----------
    sites
        As `parkgeo.planning.siting.table.site_table` gives it. Where its ``candidate`` is known of some, only sites that could come free
        (neither ``none`` nor missing) are asked, unless the brief asks all.
    brief
        What is looked for.
    terms
        Settings of the packs in force; None: those that come with parkgeo.
    offer
        The same sites as arrays, where they are at hand.

    Returns
    -------
    Found
        The order of the rows decides nothing: what is equal stands in the order of its id.

    Examples
    --------
    >>> import pandas as pd
    >>> from parkgeo.planning.siting.brief import read_brief
    >>> from parkgeo.planning.siting.table import site_table
    >>> plots = pd.DataFrame({"parcel_id": ["A", "B", "C"], "net_area_m2": [958.0, 2000.0, None], "site_area_m2": [990.0, 2100.0, 5000.0]})
    >>> found = search(site_table(plots), read_brief({"needs": {"area": "1000 m2"}}))
    >>> [site.site_id for site in found.ranked], found.why_not[0].counterfactual("en"), found.undetermined[0].site_id
    (['B'], 'It would fit with 42 m² more net area.', 'C')
    """
    settings = _settings(brief, shipped_terms() if terms is None else terms)
    most = math.nan if brief.holders_most is None else float(brief.holders_most)
    demand = Demand.of([brief.needs], settings, holders_most=most)
    rows = _rows_asked(sites, brief)
    part = (Offer.of(sites) if offer is None else offer).rows(rows)
    gates = gates_of(demand)
    told = [judge(gate, part, demand) for gate in gates]
    failed = (
        np.sum([one.no[:, 0] for one in told], axis=0, dtype=np.int64)
        if told
        else np.zeros(len(rows), dtype=np.int64)
    )
    unsure = (
        np.sum([one.open[:, 0] for one in told], axis=0, dtype=np.int64)
        if told
        else np.zeros(len(rows), dtype=np.int64)
    )
    got = np.column_stack(
        [np.broadcast_to(points(name, part, demand)[:, :1], (len(rows), 1)) for name in CRITERIA]
    )
    weights = weights_of(demand)[:, 0]
    score = weighted(got, weights)
    fits, fails, open_ = (
        np.flatnonzero(mask)
        for mask in ((failed == 0) & (unsure == 0), failed > 0, (failed == 0) & (unsure > 0))
    )
    best = np.nan_to_num(score, nan=-1.0)
    ranked = fits[np.argsort(-best[fits], kind="stable")]
    lack = (
        np.sum([misses(gate, part.rows(fails), demand)[:, 0] for gate in gates], axis=0)
        if len(fails)
        else np.zeros(0)
    )
    nearest = fails[np.lexsort((unsure[fails], lack, failed[fails]))]
    least_open = open_[np.lexsort((-best[open_], unsure[open_]))]
    firm = np.full(len(rows), np.nan)
    firm[fits] = stability(
        got[fits], weights, top=brief.top, draws=settings.draws, spread=settings.spread, seed=settings.seed
    )
    shown = (ranked[: brief.top], nearest[: brief.shown], least_open[: brief.shown])
    lists = (_told(sites, rows, each, part, demand, got, weights, score, firm) for each in shown)
    return Found(brief, len(rows), len(fits), len(fails), len(open_), *lists)


def _settings(brief: Brief, terms: Terms) -> Terms:
    own = {name: getattr(brief, name) for name in ("draws", "seed", "spread")}
    return replace(terms, **{name: value for name, value in own.items() if value is not None})


def _rows_asked(sites: pd.DataFrame, brief: Brief) -> NDArray[np.intp]:
    """Rows that the brief asks about, in the order of their ids."""
    mask = np.isin(sites["kind"].to_numpy(dtype=object).astype(str), brief.kinds)
    if brief.park:
        mask = mask & (sites["park_id"] == brief.park).to_numpy(dtype=bool)
    if not brief.all_parcels and sites["candidate"].notna().any():
        free = sites["candidate"].notna() & (sites["candidate"] != "none")
        mask = mask & (free | (sites["kind"] == "joined")).to_numpy(dtype=bool)
    rows = np.flatnonzero(mask)
    found: NDArray[np.intp] = rows[
        np.argsort(sites["site_id"].to_numpy(dtype=object)[rows].astype(str), kind="stable")
    ]
    return found


def _told(
    sites: pd.DataFrame, rows: NDArray[np.intp], places: NDArray[np.intp], part: Offer, demand: Demand,
    got: NDArray[np.float64], weights: NDArray[np.float64], score: NDArray[np.float64], firm: NDArray[np.float64],
) -> tuple[Site, ...]:  # fmt: skip
    """The sites that are shown, with all that is said of them."""
    limits = judged_limits(part.rows(places), demand)
    total = weights.sum()
    table = sites.iloc[rows[places]][["site_id", "kind", "parcel_ids"]].astype(str).to_numpy()
    found = []
    for at, (place, told) in enumerate(zip(places, limits, strict=True)):
        known = float((weights * ~np.isnan(got[place])).sum() / total) if total else 0.0
        low = float(np.nansum(weights * got[place]) / total) if total else math.nan
        verdict = (
            0 if any(one.verdict == 0 for one in told) else -1 if any(one.verdict < 0 for one in told) else 1
        )
        parts = {
            name: (float(got[place, column]), float(weights[column] / total))
            for column, name in enumerate(CRITERIA)
            if weights[column] > 0
        }
        grade = grade_of(np.array([verdict]), score[[place]], np.array([known]), demand.terms)[0]
        found.append(
            Site(
                int(rows[place]), *table[at], verdict, float(score[place]), low, low + 100.0 * (1 - known), known, GRADES[int(grade)],
                parts, float(firm[place]), tuple(told),
            )
        )  # fmt: skip
    return tuple(found)
