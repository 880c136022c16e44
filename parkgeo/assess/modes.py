"""The mode in which a park agglomerates: a score of each of five, with what speaks for it and how much of that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.findings import evidence
from parkgeo.i18n import LANGUAGES, figure, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parkgeo.packs import RuleBook

__all__ = ["MODES", "MODE_COLUMNS", "Known", "Mode", "mode_rows", "park_mode", "scored_modes"]

MODES = {
    "leading_firm": {"zh": "龙头带动", "en": "Leading firm"},
    "innovation": {"zh": "创新资源", "en": "Innovation resource"},
    "market_hub": {"zh": "市场枢纽", "en": "Market hub"},
    "policy_led": {"zh": "政策引导", "en": "Policy-led"},
    "symbiosis": {"zh": "产业共生", "en": "Symbiosis"},
}
"""The five modes, with their titles."""

MODE_COLUMNS = {
    "park_id": "str", "mode": "str", "score": "float64", "confidence": "float64", "leads": "bool", "evidence": "str",
    "missing": "str", "reason_zh": "str", "reason_en": "str",
}  # fmt: skip
"""Columns of the table ``aggregation_modes``."""

_TITLES = {
    "dominant_company_share": ("最大企业产值占比", "output share of the largest company"),
    "company_herfindahl": ("企业产值集中度", "concentration of output over companies"),
    "dominant_link_share": (
        "与最大企业有关的园内供应额占比",
        "share of supply inside that touches the largest company",
    ),
    "rd_share": ("研发投入占比", "R&D share of revenue"),
    "high_tech_output_share": ("高技术行业产值占比", "output share of high-technology industries"),
    "innovation_facilities": ("创新设施数", "facilities of innovation"),
    "market_output_share": ("商贸流通行业产值占比", "output share of trade and carriage"),
    "storage_land_share": ("物流仓储用地占工业仓储用地比", "storage land in industrial and storage land"),
    "market_facilities": ("市场与流通设施数", "markets and hubs of trade"),
    "gateways_near": ("时限内可达的门户种类数", "kinds of gateway within the time"),
    "level_points": ("园区级别", "level of the park"),
    "policy_promised_share": ("政策承诺金额与产值之比", "policy promised ÷ output"),
    "policy_paid_share": ("政策兑现金额与产值之比", "policy paid ÷ output"),
    "link_within_share": ("园内供应额占比", "share of supply that stays in the park"),
    "linked_company_share": ("有园内供应联系的企业占比", "companies with supply links inside"),
    "link_evenness": ("园内供应联系的行业均匀度", "evenness of the links over industries"),
}
_TOLD = "{mode}: {score} of 100 points, {confidence} % of what it is judged by is known: {lines}. Thresholds are parkgeo's settings, not verified."
_UNTOLD = "{mode}: undetermined, only {confidence} % of what it is judged by is known. Not known: {missing}."
_LINE = "{what} {value} ({low} to {high}: {points} points)"


@dataclass(frozen=True)
class Known:
    """An indicator of a park.

    Attributes
    ----------
    value
        NaN where not known.
    share
        How much of the park it rests on, 0 to 1: of an indicator of companies' output, the companies whose output is known.
    """

    value: float
    share: float = 1.0


@dataclass(frozen=True)
class Mode:
    """How far a park is of a mode.

    Attributes
    ----------
    name
        One of `MODES`.
    score
        0 to 100; NaN where too little is known.
    confidence
        Known share of what it is judged by, 0 to 1.
    lines
        Lines of evidence: what, value, low, high, points.
    """

    name: str
    score: float
    confidence: float
    lines: tuple[dict[str, Any], ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Indicators that are not known."""
        return tuple(line["what"] for line in self.lines if line["value"] is None)


def scored_modes(indicators: Mapping[str, Known], rules: RuleBook) -> tuple[Mode, ...]:
    """A score of each mode that the packs name indicators for.

    Parameters
    ----------
    indicators
        Of one park, by name.
    rules
        ``agglomeration.mode_indicators``, ``mode_low``, ``mode_high``, ``mode_known_least``.

    Returns
    -------
    tuple of Mode
        Points of an indicator = 100 × (value - low) ÷ (high - low), between 0 and 100; the score is the mean of those that are
        known, NaN where the confidence is below the pack's least.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> modes = scored_modes({"dominant_company_share": Known(0.3), "company_herfindahl": Known(0.3)}, load_packs([], Path()))
    >>> modes[0].name, modes[0].score, round(modes[0].confidence, 2)
    ('leading_firm', 75.0, 0.67)
    """
    named, least = rules.get("agglomeration.mode_indicators"), rules.get("agglomeration.mode_known_least")
    lows, highs = rules.get("agglomeration.mode_low"), rules.get("agglomeration.mode_high")
    if named is None or lows is None or highs is None:
        return ()
    low, high, lists = lows.table(), highs.table(), named.lists()
    found = []
    for name in (mode for mode in MODES if lists.get(mode)):
        lines = [
            _line(what, indicators.get(what, Known(np.nan)), low[what], high[what])
            for what in lists[name]
            if what in low and what in high
        ]
        points = [line["points"] for line in lines if line["points"] is not None]
        confidence = sum(line["share"] for line in lines) / len(lines) if lines else 0.0
        known = bool(points) and confidence >= (least.number("1") if least else 0.0)
        found.append(Mode(name, float(np.mean(points)) if known else np.nan, confidence, tuple(lines)))
    return tuple(found)


def _line(what: str, known: Known, low: float, high: float) -> dict[str, Any]:
    told = np.isfinite(known.value)
    rise = (known.value - low) / (high - low) if high != low else float(known.value >= high)
    return {
        "what": what, "value": float(known.value) if told else None, "low": low, "high": high,
        "points": float(np.clip(100.0 * rise, 0.0, 100.0)) if told else None,
        "share": float(known.share) if told and np.isfinite(known.share) else 0.0,
    }  # fmt: skip


def park_mode(modes: Sequence[Mode], rules: RuleBook) -> tuple[str, float]:
    """The mode of a park, and how sure that is.

    Parameters
    ----------
    modes
        From `scored_modes`.
    rules
        ``agglomeration.modes_judged_least``, ``mode_score_least``, ``mode_lead_least``.

    Returns
    -------
    tuple
        Name of the mode; ``mixed`` where none reaches the least score or none leads the next by enough; ``undetermined`` where too few have
        a score. Confidence: of the leading mode, times the share of modes that have a score; NaN where undetermined.
    """
    least = {
        name: found.number("1") if (found := rules.get(f"agglomeration.{name}")) else 0.0
        for name in ("modes_judged_least", "mode_score_least", "mode_lead_least")
    }
    judged = sorted((one for one in modes if np.isfinite(one.score)), key=lambda one: -one.score)
    if not judged or len(judged) < least["modes_judged_least"]:
        return "undetermined", np.nan
    first = judged[0]
    confidence = first.confidence * len(judged) / len(modes)
    ahead = first.score - judged[1].score if len(judged) > 1 else np.inf
    leads = first.score >= least["mode_score_least"] and ahead >= least["mode_lead_least"]
    return first.name if leads else "mixed", confidence


def mode_rows(park_id: str, modes: Sequence[Mode], leading: str, rules: RuleBook) -> pd.DataFrame:
    """Rows of the table ``aggregation_modes`` of one park: the highest score first.

    Parameters
    ----------
    park_id, modes
        Of the park.
    leading
        From `park_mode`.
    rules
        The thresholds' source goes into the evidence.

    Returns
    -------
    pandas.DataFrame
        `MODE_COLUMNS`.
    """
    bounds = rules.get("agglomeration.mode_low")
    cited: dict[str, Any] = {"source": bounds.cite(), "verified": bounds.verified} if bounds else {}
    order = sorted(modes, key=lambda one: -np.nan_to_num(one.score, nan=-1.0))
    rows = [
        {
            "park_id": park_id, "mode": one.name, "score": one.score, "confidence": one.confidence, "leads": one.name == leading,
            "evidence": evidence([line | cited for line in one.lines]), "missing": ", ".join(one.missing),
        } | {f"reason_{lang}": _reason(one, lang) for lang in LANGUAGES}
        for one in order
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(MODE_COLUMNS)).astype(MODE_COLUMNS)


def _reason(mode: Mode, lang: str) -> str:
    which, between = (0, "、") if lang == "zh" else (1, ", ")
    about = {
        "mode": MODES[mode.name][lang],
        "confidence": figure(100 * mode.confidence, lang, digits=0),
    }
    if np.isnan(mode.score):
        missing = between.join(_TITLES.get(name, (name, name))[which] for name in mode.missing)
        return say(_UNTOLD, lang, **about, missing=missing or "—")
    lines = [
        say(
            _LINE, lang, what=_TITLES.get(line["what"], (line["what"], line["what"]))[which],
            value=figure(line["value"], lang, digits=3), low=figure(line["low"], lang, digits=3),
            high=figure(line["high"], lang, digits=3), points=figure(line["points"], lang, digits=0),
        )
        for line in mode.lines
        if line["value"] is not None
    ]  # fmt: skip
    joined = ("；" if lang == "zh" else "; ").join(lines)
    return say(_TOLD, lang, **about, score=figure(mode.score, lang, digits=0), lines=joined)
