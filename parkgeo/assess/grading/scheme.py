"""The evaluation's weights, benchmarks and bands, as the packs in force give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.errors import PackError, name_some
from parkgeo.metrics.productivity import RATIOS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.packs import Figure, RuleBook

__all__ = ["INDICATORS", "Indicator", "Scheme", "scheme_of"]

_WHOLE = 100.0


@dataclass(frozen=True)
class Indicator:
    """What is divided by what, in fields of the returns; ``under`` None is the company's land."""

    over: str
    under: str | None
    unit: str
    zh: str
    en: str


# measure, unit, what it is called
_FLOWS = (
    ("output_wan", "wan", "产值", "Output"), ("value_added_wan", "wan", "增加值", "Value added"),
    ("revenue_wan", "wan", "营业收入", "Revenue"), ("tax_wan", "wan", "税收", "Tax"),
    ("fixed_assets_wan", "wan", "固定资产", "Fixed assets"), ("rd_wan", "wan", "研发经费", "R&D"),
    ("energy_tce", "tce", "能耗", "Energy"), ("electricity_kwh", "kWh", "用电量", "Electricity"),
    ("water_m3", "m3", "用水量", "Water"), ("emission_t", "t", "排放量", "Main pollutants"), ("staff", "person", "从业人员", "Staff"),
)  # fmt: skip
_RATIOS = (
    ("wan/person", "全员劳动生产率", "Labour productivity"), ("wan/tce", "单位能耗增加值", "Energy productivity"),
    ("wan/t", "单位排放增加值", "Emission productivity"), ("1", "研发经费占营业收入比重", "R&D share of revenue"),
    ("wan/10k kWh", "单位电耗税收", "Tax per electricity used"),
)  # fmt: skip

INDICATORS: dict[str, Indicator] = {
    **{
        f"{name}_per_mu": Indicator(name, None, f"{unit}/mu", f"亩均{zh}", f"{en} per mu")
        for name, unit, zh, en in _FLOWS
    },
    **{
        ratio.name: Indicator(ratio.over, ratio.under, *told)
        for ratio, told in zip(RATIOS, _RATIOS, strict=True)
    },
}
"""What a pack may weigh, by name."""


@dataclass(frozen=True)
class Scheme:
    """How companies are evaluated.

    Attributes
    ----------
    weights
        Indicator → weight.
    below_scale
        The same for firms below scale; None: they are evaluated as the others are.
    benchmarks
        Indicator → benchmark; the median of the rated companies stands in for one that is not there.
    cap
        Most of value ÷ benchmark that counts.
    grades
        The best first.
    shares
        Cumulative share of the ranks up to which each grade reaches; None: by score.
    least_scores
        Lowest score of each grade, the last one's aside, which takes the rest; None: by rank.
    veto_best
        The best grade under a veto; None: there is no such rule.
    veto_words
        Kind of veto → words that tell it.
    no_veto_words, below_words
        What the ledger writes where there is no veto, and for a firm below scale; casefolded.
    new_years
        A company with land for less than this many years is not rated; 0: it is.
    ours
        Whether weights or bands are parkgeo's own for want of the office's.
    figures
        What decides, by the name after ``evaluation.``.
    """

    weights: Mapping[str, float]
    below_scale: Mapping[str, float] | None
    benchmarks: Mapping[str, float]
    cap: float
    grades: tuple[str, ...]
    shares: tuple[float, ...] | None
    least_scores: tuple[float, ...] | None
    veto_best: str | None = None
    veto_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_veto_words: frozenset[str] = frozenset()
    below_words: frozenset[str] = frozenset()
    new_years: float = 0.0
    ours: bool = False
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def weighing(self) -> Figure | None:
        """The figure that the weights come from."""
        return self.figures.get("weights") or self.figures.get("default_indicators")


def scheme_of(rules: RuleBook) -> Scheme | None:
    """The evaluation that the packs in force describe.

    Parameters
    ----------
    rules
        The packs in force.

    Returns
    -------
    Scheme or None
        None where no pack has weights, or none has bands: then nobody is graded.

    Raises
    ------
    PackError
        An indicator that is not known, bands that do not reach the last rank, a veto's best grade that is no grade.
    """
    figures = rules.group("evaluation")
    weights, defaults = figures.get("weights"), figures.get("default_indicators")
    by_score, by_rank = figures.get("bands_by_score"), figures.get("bands_by_rank")
    default_bands = figures.get("default_bands_by_rank")
    bands = by_score or by_rank or default_bands
    if (weights is None and defaults is None) or bands is None:
        return None
    below = figures.get("weights_below_scale")
    marks = figures.get("benchmarks")
    cap = figures.get("cap")
    ordered = sorted(bands.table().items(), key=lambda each: -each[1] if bands is by_score else each[1])
    grades, edges = tuple(name for name, _ in ordered), tuple(edge for _, edge in ordered)
    if bands is not by_score and edges[-1] < 1:
        raise PackError(
            f"{bands.key} ends at {edges[-1]:g}, so the last companies would have no grade",
            where=bands.pack,
            mend="give the last grade the share 1.0",
        )
    words = figures.get("veto_kinds")
    is_new = "not_rated" in figures and "new_company" in figures["not_rated"].texts()
    return Scheme(
        weights=_weights(weights) if weights else _equal(defaults),
        below_scale=_weights(below) if below else None,
        benchmarks=_known(marks).table() if marks else {},
        cap=cap.number() if cap else np.inf,
        grades=grades,
        shares=None if bands is by_score else edges,
        least_scores=edges if bands is by_score else None,
        veto_best=_veto_best(figures.get("veto_best_grade"), grades),
        veto_words=words.lists() if words else {},
        no_veto_words=_casefolded(figures.get("no_veto_words")),
        below_words=_casefolded(figures.get("below_scale_words")),
        new_years=figures["new_company_years"].number("year")
        if is_new and "new_company_years" in figures
        else 0.0,
        ours=weights is None or bands is default_bands,
        figures=figures,
    )


def _weights(figure: Figure) -> dict[str, float]:
    return {name: weight for name, weight in _known(figure).table().items() if weight > 0}


def _equal(figure: Figure | None) -> dict[str, float]:
    names = _known(figure).texts() if figure else ()
    return dict.fromkeys(names, _WHOLE / max(len(names), 1))


def _known(figure: Figure) -> Figure:
    unknown = sorted(set(figure.value) - set(INDICATORS))
    if unknown:
        raise PackError(
            f"{figure.key} names {name_some(unknown)}, which parkgeo does not compute",
            where=figure.pack,
            mend=f"use {name_some(INDICATORS, shown=len(INDICATORS))}",
        )
    return figure


def _veto_best(figure: Figure | None, grades: tuple[str, ...]) -> str | None:
    if figure is None:
        return None
    if figure.text() not in grades:
        raise PackError(
            f"{figure.key} is {figure.text()!r}, which is no grade",
            where=figure.pack,
            mend=f"use {name_some(grades)}",
        )
    return figure.text()


def _casefolded(figure: Figure | None) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in figure.texts()) if figure else frozenset()
