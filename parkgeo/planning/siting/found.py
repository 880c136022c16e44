"""What a search found: sites with their scores and limits, as values and as words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from parkgeo.packs.sources import source_in
from parkgeo.planning.siting.joining_words import cost_words, joining_words, obstacle_name
from parkgeo.planning.siting.words import (
    asked_for,
    counterfactual,
    criterion_name,
    limit_title,
    limit_words,
    not_asked,
)

if TYPE_CHECKING:
    from parkgeo.planning.siting.brief import Brief
    from parkgeo.planning.siting.fit import Limit

__all__ = ["Found", "Joining", "Site", "limit_dict"]


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
    cost_wan
        Of bringing joined land in, 万元; NaN where that is not known.
    obstacles
        Codes of what stands in the way of joining.
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
    cost_wan: float = math.nan
    obstacles: tuple[str, ...] = ()

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
            "cost_wan": _plain(self.cost_wan), "cost_words": cost_words(self, lang),
            "obstacles": [{"code": code, "title": obstacle_name(code, lang)} for code in self.obstacles],
        }  # fmt: skip


def limit_dict(limit: Limit, lang: str) -> dict[str, Any]:
    """A limit as plain values, with its sentence."""
    verdict = {1: "yes", 0: "no", -1: "undetermined"}[limit.verdict]
    return {
        "gate": limit.gate, "title": limit_title(limit, lang), "basis": limit.basis, "registered": limit.registered, "verdict": verdict, "needed": _plain(limit.needed),
        "has": _plain(limit.has), "margin": _plain(limit.margin), "unit": limit.unit, "drawn": bool(limit.drawn), "words": limit_words(limit, lang),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value that JSON can hold; None where it is not known or has no bound."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):  # numpy's numbers are floats too, and no JSON
        return float(value) if math.isfinite(value) else None
    return value


@dataclass(frozen=True)
class Joining:
    """How parcels were joined for a search.

    Attributes
    ----------
    found, listed
        Combinations that meet the wish, and how many of them are among the sites.
    complete
        Whether all were looked at.
    """

    found: int
    listed: int
    complete: bool

    def as_dict(self, lang: str) -> dict[str, Any]:
        """Plain values, and a sentence where something was left out."""
        return {"found": self.found, "listed": self.listed, "complete": self.complete, "words": joining_words(self, lang)}  # fmt: skip


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
    joining
        How parcels were joined around the wish; None where they were not.
    """

    brief: Brief
    asked: int
    fits: int
    fails: int
    unknown: int
    ranked: tuple[Site, ...]
    why_not: tuple[Site, ...]
    undetermined: tuple[Site, ...]
    joining: Joining | None = None

    def first(self) -> Found:
        """No more sites than the brief has shown."""
        top, shown = self.brief.top, self.brief.shown
        return replace(self, ranked=self.ranked[:top], why_not=self.why_not[:shown], undetermined=self.undetermined[:shown])  # fmt: skip

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
            "source": source_in(self.brief.needs.source, lang),
            "source_verified": self.brief.needs.verified,
            "not_asked": not_asked(self.brief.needs, lang),
            "counts": counts,
            "joining": None if self.joining is None else self.joining.as_dict(lang),
            **lists,
        }
