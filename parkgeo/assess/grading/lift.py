"""What would lift a company by one grade, and why one is not rated, in words."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.grading.scheme import INDICATORS
from parkgeo.assess.grading.veto import UNKNOWN
from parkgeo.assess.wording import compose, field_names
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.grading.evaluate import Evaluation, Marks
    from parkgeo.assess.grading.scheme import Scheme

__all__ = ["company_lifts", "indicator_lifts", "not_rated_reasons", "unit_words"]

_INDICATOR = {
    "top": "Already in the best grade.",
    "no_place": "No better grade has a place among {count} companies.",
    "reach": "{title}: {value} → {needed} {unit} alone would bring grade {next}, all else as it is.",
    "cannot": "{title}: cannot bring grade {next} alone, even at its cap.",
    "veto": "The score is good for grade {next}; no indicator helps before the veto is lifted.",
}
_COMPANY = {
    "top": "Grade {grade} with {score} points, the best grade.",
    "no_place": "Grade {grade} with {score} points; no better grade has a place among {count} companies.",
    "one": "Grade {grade} with {score} points; grade {next} begins at {target}. By one indicator alone: {title} from {value} to {needed} {unit}. By all together: each {rise} % higher.",
    "single": "Grade {grade} with {score} points; grade {next} begins at {target}. By one indicator alone: {title} from {value} to {needed} {unit}.",
    "all": "Grade {grade} with {score} points; grade {next} begins at {target}. No indicator does it alone; all together: each {rise} % higher.",
    "none": "Grade {grade} with {score} points; grade {next} begins at {target}. No indicator does it alone, nor does an equal rise of all: what is 0 stays 0, and caps hold.",
    "veto": "Grade {grade} because of a veto ({kinds}); without it the {score} points are good for grade {next}.",
    "unclear": "{score} points, good for grade {next}; but whether what the ledger names is a veto must be said first.",
}
_VETO_FIRST = {"veto": "The veto ({kinds}) must be lifted first. {sentence}"}
_NOT_RATED = {
    "no_return": "Not rated: no return for the year.",
    "monthly_only": "Not rated: only monthly figures for the year, no yearly return.",
    "no_land": "Not rated: no land is recorded for the company in the year.",
    "land_unknown": "Not rated: the area of its land is not known for every parcel. Missing: {fields}.",
    "new_company": "Not rated: a new company, with land here for less than {years} years by the end of the year.",
    "scale_unknown": "Not rated: whether it is above or below scale is not known. Missing: {fields}.",
    "several_returns": "Not rated: several returns for the year, which do not agree on one figure: {fields}.",
    "missing": "Not rated: missing {fields}.",
    "no_indicator": "Not rated: no indicator of the evaluation can be computed for any company.",
    "veto_unknown": "No grade: what the ledger names as veto is none of the kinds known; the office must say whether it is one.",
}
_LAYERS = ("performance", "occupancy", "enterprises")
_FIELDS = {"land_unknown": ("occupied_area_m2",), "scale_unknown": ("scale",)}
_UNITS = {
    "wan": ("万元", "wan yuan"), "mu": ("亩", "mu"), "tce": ("吨标准煤", "tce"), "kWh": ("千瓦时", "kWh"), "m3": ("立方米", "m³"),
    "t": ("吨", "t"), "person": ("人", "person"), "10k kWh": ("万千瓦时", "10k kWh"), "1": ("%", "%"),
}  # fmt: skip
_PERCENT = 100.0
_PLAIN, _FINE = 2, 4


def unit_words(unit: str, lang: str) -> str:
    """A unit as a reader writes it.

    Examples
    --------
    >>> unit_words("wan/mu", "en"), unit_words("wan/mu", "zh")
    ('wan yuan/mu', '万元/亩')
    """
    return "/".join(_UNITS[part][0 if lang == "zh" else 1] for part in unit.split("/"))


def indicator_lifts(found: Evaluation, marks: Marks, scheme: Scheme) -> dict[str, NDArray[np.object_]]:
    """For each rated company and indicator of a group what it alone would do.

    Returns
    -------
    dict
        Language → sentences, companies × indicators.
    """
    rows = found.companies.iloc[marks.rows]
    barred, veto = _barred(rows, scheme)
    told = {lang: np.empty(marks.needed.shape, dtype=object) for lang in LANGUAGES}
    count = len(rows)
    for at, name in enumerate(marks.names):
        case = _cases(rows, barred, np.where(np.isnan(marks.needed[:, at]), "cannot", "reach"), scheme)
        value, needed = marks.terms.value[:, at], marks.needed[:, at]
        unit, every = INDICATORS[name].unit, np.arange(count)
        has, wants = _texts(value, name, every), _texts(needed, name, every, up=True)
        for lang in LANGUAGES:
            plain = compose(
                _INDICATOR, case, lang, count=[str(count)] * count, title=[_name(name, lang)] * count,
                value=has, needed=wants, unit=[unit_words(unit, lang)] * count, next=_next(rows, barred),
            )  # fmt: skip
            kinds = _kinds(rows["veto"], scheme, lang)
            told[lang][:, at] = _after_veto(veto, plain, kinds, lang)
    return told


def _after_veto(
    veto: NDArray[np.bool_], sentences: list[str], kinds: NDArray[np.object_], lang: str
) -> NDArray[np.object_]:
    """Sentences that begin with the veto where one stands before the better grade."""
    found = np.empty(len(sentences), dtype=object)
    found[:] = sentences
    at = np.flatnonzero(veto)
    found[at] = compose(
        _VETO_FIRST, ["veto"] * len(at), lang, kinds=kinds[at].tolist(), sentence=found[at].tolist()
    )
    return found


def company_lifts(found: Evaluation, marks: Marks, scheme: Scheme) -> dict[str, list[str]]:
    """For each rated company of a group the shortest way to the next grade, by language."""
    rows = found.companies.iloc[marks.rows]
    barred, veto = _barred(rows, scheme)
    best = _shortest(marks)
    alone, together = best >= 0, ~np.isnan(marks.rise)
    way = np.select([alone & together, alone, together], ["one", "single", "all"], default="none")
    case = _cases(rows, barred, way, scheme)
    case[barred & rows["grade"].isna().to_numpy()] = "unclear"
    at, each = np.maximum(best, 0), np.arange(len(rows))
    value, needed = marks.terms.value[each, at], marks.needed[each, at]
    texts = np.full((2, len(rows)), "—", dtype=object)
    for column, name in enumerate(marks.names):
        own = np.flatnonzero(best == column)
        texts[0, own], texts[1, own] = _texts(value, name, own), _texts(needed, name, own, up=True)
    rise = np.ceil(marks.rise * 10 * _PERCENT) / 10
    figures = {
        "grade": _plain(rows["grade"]), "next": _next(rows, barred), "score": _points(rows["score"]),
        "target": _points(rows["next_score"]), "count": [str(len(rows))] * len(rows), "value": texts[0], "needed": texts[1],
        "rise": [f"{share:,.1f}" for share in rise.tolist()],
    }  # fmt: skip
    told = {}
    for lang in LANGUAGES:
        kinds = _kinds(rows["veto"], scheme, lang)
        titles = np.array([_name(name, lang) for name in marks.names] or [""], dtype=object)
        units = np.array(
            [unit_words(INDICATORS[name].unit, lang) for name in marks.names] or [""], dtype=object
        )
        plain = compose(_COMPANY, case, lang, title=titles[at], unit=units[at], kinds=kinds, **figures)
        told[lang] = _after_veto(veto, plain, kinds, lang).tolist()
    return told


def not_rated_reasons(found: Evaluation, scheme: Scheme) -> pd.DataFrame:
    """Why a company has no grade; None where it has one.

    Returns
    -------
    pandas.DataFrame
        ``zh`` and ``en`` on the companies' index.
    """
    code = found.companies["not_rated"].to_numpy(dtype=object)
    at = np.flatnonzero(pd.notna(code))
    lacking = found.companies["lacking"].to_numpy(dtype=object)[at]
    years = [f"{scheme.new_years:g}"] * len(at)
    told = {}
    for lang in LANGUAGES:
        fields = [
            field_names(", ".join(_FIELDS.get(str(why), names or ())), _LAYERS, lang)
            for why, names in zip(code[at], lacking, strict=True)
        ]
        said = np.full(len(code), None, dtype=object)
        said[at] = compose(_NOT_RATED, code[at], lang, fields=fields, years=years)
        told[lang] = said
    return pd.DataFrame(told, index=found.companies.index).astype("str")


def _barred(rows: pd.DataFrame, scheme: Scheme) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether only a veto stands before the better grade; and whether one does beside the score."""
    barred = (rows["grade_by_score"] != rows["grade"]).to_numpy(dtype=bool)
    allowed = scheme.grades[: scheme.grades.index(scheme.veto_best)] if scheme.veto_best else ()
    later = rows["veto"].notna().to_numpy() & rows["next_grade"].isin(allowed).to_numpy() & ~barred
    return barred, later


def _cases(
    rows: pd.DataFrame, barred: NDArray[np.bool_], way: NDArray[np.str_], scheme: Scheme
) -> NDArray[np.object_]:
    """The case of each sentence; ``way`` where there is a next grade."""
    best = (rows["grade_by_score"] == scheme.grades[0]).to_numpy(dtype=bool)
    nowhere = rows["next_grade"].isna().to_numpy()
    return np.select([barred, best, nowhere], ["veto", "top", "no_place"], default=way).astype(object)


def _next(rows: pd.DataFrame, barred: NDArray[np.bool_]) -> list[str]:
    """The next grade: where a veto bars it, the one that the score is good for."""
    return _plain(rows["next_grade"].where(~barred, rows["grade_by_score"]))


def _plain(texts: pd.Series[str]) -> list[str]:
    return [str(each) for each in texts.astype(object).where(texts.notna(), "—")]


def _points(values: pd.Series[float]) -> list[str]:
    return [f"{value:,.2f}" for value in values.tolist()]


def _shortest(marks: Marks) -> NDArray[np.intp]:
    """The indicator that needs the least rise in proportion to itself; −1 where none is enough."""
    value = marks.terms.value
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = (marks.needed - value) / np.abs(value)
    rise = np.where(
        np.isnan(marks.needed),
        np.inf,
        np.nan_to_num(rise, nan=np.finfo(float).max, posinf=np.finfo(float).max),
    )
    if not rise.shape[1]:
        return np.full(len(rise), -1)
    best = rise.argmin(axis=1)
    return np.where(np.isinf(rise[np.arange(len(rise)), best]), -1, best)


def _texts(values: NDArray[np.float64], name: str, at: NDArray[np.intp], *, up: bool = False) -> list[str]:
    """Figures with as many digits as they take; what is needed is rounded up, so that what is said is enough."""
    shown = values[at] * (_PERCENT if INDICATORS[name].unit == "1" else 1.0)
    small = np.abs(shown) < 1
    if up:
        scale = np.where(small, 10.0**_FINE, 10.0**_PLAIN)
        above = np.ceil(shown * scale)
        shown = (above + (above / scale < shown)) / scale
    return [
        "—" if isnan(value) else f"{value:,.4f}" if fine else f"{value:,.2f}"
        for value, fine in zip(shown.tolist(), small.tolist(), strict=True)
    ]


def _name(name: str, lang: str) -> str:
    return INDICATORS[name].zh if lang == "zh" else INDICATORS[name].en


def _kinds(veto: pd.Series[str], scheme: Scheme, lang: str) -> NDArray[np.object_]:
    """Kinds of veto in words: in Chinese the first word that tells each."""
    words = {kind: told[0] if lang == "zh" else kind for kind, told in scheme.veto_words.items() if told}
    words[UNKNOWN] = "待核实" if lang == "zh" else "to be verified"
    comma = "、" if lang == "zh" else ", "
    found = np.full(len(veto), "", dtype=object)
    for at in np.flatnonzero(veto.notna().to_numpy()).tolist():
        found[at] = comma.join(words.get(kind, kind) for kind in str(veto.iloc[at]).split(", "))
    return found
