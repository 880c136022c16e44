"""Companies of the evaluated year → scores and grades, in tables and on parcels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import field_gaps
from parkgeo.assess.grading import evaluate, scheme_of
from parkgeo.assess.grading.lift import company_lifts, indicator_lifts, not_rated_reasons
from parkgeo.assess.grading.scheme import INDICATORS
from parkgeo.assess.occupant_gaps import alike_gaps
from parkgeo.i18n import LANGUAGES, say
from parkgeo.metrics.attribution import land_mean
from parkgeo.metrics.company import told_of
from parkgeo.pipeline.desk import Part
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.grading import Evaluation, Scheme
    from parkgeo.assess.grading.evaluate import Marks
    from parkgeo.pipeline.books import Books, Page
    from parkgeo.pipeline.desk import Desk

__all__ = ["GRADED", "grades"]

GRADED = (
    "group", "score", "rank", "grade", "veto", "next_grade", "next_score", "rise_for_next_grade", "not_rated_reason_zh",
    "not_rated_reason_en", "lift_zh", "lift_en",
)  # fmt: skip
"""Columns of ``company_years`` that only the evaluated year has."""

_NO_SCHEME = "No pack in force says how companies are evaluated, so they are not graded."
_NO_VETO_COLUMN = (
    "The companies' returns have no column for vetoes (safety, environment, energy): grades are without them."
)
_DROPPED = (
    "No company reports what {indicator} needs: it is left out for all, and its weight goes to the others."
)
_VACANT = "No company is recorded on the parcel in that year."
_UNRATED = "A company on the parcel is not rated; its row among the companies says why."
_MEDIAN = "parkgeo's setting: median of the {count} companies rated together"


def grades(desk: Desk, books: Books, page: Page, company_years: Callable[[], pd.DataFrame]) -> Part:
    """Evaluate the companies of a year.

    Parameters
    ----------
    desk
        Packs, companies, returns.
    books, page
        All periods, and the evaluated year.
    company_years
        Makes that table, see `parkgeo.pipeline.company_tables.yearly_tables`.

    Returns
    -------
    Part
        ``score`` and ``grade`` of parcels, ``company_years`` with `GRADED`, ``scores``.
    """
    scheme = scheme_of(desk.rules)
    if scheme is None:
        none = pd.DataFrame({"score": np.nan, "grade": None}, index=desk.parcels.index)
        unsaid = [gap for name in ("score", "grade") for gap in field_gaps(name, _NO_SCHEME)]
        return Part(none.astype({"grade": "str"}), gaps=unsaid, tables={"company_years": company_years})
    year, at = page.stays.period.year, told_of(page.stays, page.returns)
    companies = _companies(desk, books, page, at)
    found = evaluate(companies, pd.DataFrame(page.returns.why[at], columns=list(page.measures)), scheme, year)
    parcels, gaps = _on_parcels(desk, page, found, scheme, at)
    tables = {"company_years": partial(_graded, company_years, found, scheme, year)}
    if any(len(marks.rows) for marks in found.marks):
        tables["scores"] = partial(_scores, books, at, found, scheme, year)
    return Part(
        parcels,
        gaps=[gaps, *_scheme_gaps(desk, found)],
        tables=tables,
        facts={"evaluation": _facts(found, scheme, year)},
    )


def _companies(desk: Desk, books: Books, page: Page, at: NDArray[np.intp]) -> pd.DataFrame:
    """What companies are rated by: measures, land, first day on it, scale and veto."""
    stays, land = page.stays, page.stays.land_m2[at]
    told: dict[str, Any] = {
        "returns": page.returns.rows[at],
        "parcels": stays.parcels_of[at],
        "land_mu": np.where(land > 0, land, np.nan) / M2_PER_MU,
        "since": _since(books)[at],
        **{name: page.returns.figures[at, column] for column, name in enumerate(page.measures)},
    }
    if books.told is not None and "scale" in books.told:
        told["scale"] = books.said("scale").array.take(at)
    returns = desk.layers.performance
    if returns is not None and "veto" in returns:
        said = returns[(returns["year"] == stays.period.year) & returns["veto"].notna()]
        joined = said.groupby("enterprise_id")["veto"].agg("; ".join)
        told["veto"] = stays.of.companies[at].to_series().map(joined).to_numpy(dtype=object)
    return pd.DataFrame(told, copy=False)


def _since(books: Books) -> NDArray[np.datetime64]:
    """The first day of each company on land here; NaT where a row does not say from when."""
    of = books.tenancies
    first = np.full(len(of.companies), np.iinfo(np.int64).max)
    np.minimum.at(first, of.company, of.first)
    unknown = (first == np.iinfo(np.int64).max) | (first == np.iinfo(np.int32).min)
    days = np.where(unknown, 0, first).astype("datetime64[D]").astype("datetime64[s]")
    days[unknown] = np.datetime64("NaT")
    return days


def _graded(
    company_years: Callable[[], pd.DataFrame], found: Evaluation, scheme: Scheme, year: int
) -> pd.DataFrame:
    """``company_years`` with the columns of the evaluated year."""
    table = company_years()
    own = table.index[table["year"] == year]
    return table.join(_company_columns(found, scheme).set_axis(own))


def _company_columns(found: Evaluation, scheme: Scheme) -> pd.DataFrame:
    table = found.companies
    columns = table[["group", "score", "rank", "grade", "veto", "next_grade", "next_score"]].assign(
        rise_for_next_grade=found.rise
    )
    why = not_rated_reasons(found, scheme)
    lifts = {lang: np.full(len(table), None, dtype=object) for lang in LANGUAGES}
    for marks in found.marks:
        for lang, told in company_lifts(found, marks, scheme).items():
            lifts[lang][marks.rows] = told
    for lang in LANGUAGES:
        columns[f"not_rated_reason_{lang}"] = why[lang]
        columns[f"lift_{lang}"] = lifts[lang]
    return _as_texts(columns[list(GRADED)])


def _as_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Texts as texts; a column that is empty would else be stored as one of nothing."""
    plain = {name: "str" for name in table if table[name].dtype == object}
    return table.astype(plain)


def _scores(books: Books, at: NDArray[np.intp], found: Evaluation, scheme: Scheme, year: int) -> pd.DataFrame:
    """A row for each rated company and indicator."""
    labels = books.labels.take(at)
    groups = [_group_scores(labels, found, marks, scheme, year) for marks in found.marks if len(marks.rows)]
    return pd.concat(groups, ignore_index=True)


def _group_scores(
    labels: pd.DataFrame, found: Evaluation, marks: Marks, scheme: Scheme, year: int
) -> pd.DataFrame:
    rows, wide = labels.iloc[marks.rows], marks.terms.value.shape
    lifts = indicator_lifts(found, marks, scheme)
    ratio = marks.terms.ratio()

    def each(values: Any) -> pd.Series[Any]:
        """Of indicators, for every company."""
        return pd.Series(values).take(np.tile(np.arange(wide[1]), wide[0])).reset_index(drop=True)

    def own(values: pd.Series[Any]) -> pd.Series[Any]:
        """Of companies, for every indicator."""
        return values.astype("str").take(np.repeat(np.arange(wide[0]), wide[1])).reset_index(drop=True)

    weighing = scheme.weighing
    table = pd.DataFrame(
        {
            "enterprise_id": own(rows["enterprise_id"]),
            "name": own(rows["name"]),
            "year": np.full(wide[0] * wide[1], year),
            "group": marks.group,
            "indicator": each(list(marks.names)),
            "zh": each([INDICATORS[name].zh for name in marks.names]),
            "en": each([INDICATORS[name].en for name in marks.names]),
            "unit": each([INDICATORS[name].unit for name in marks.names]),
            "value": marks.terms.value.ravel(),
            "benchmark": each(marks.benchmark),
            "benchmark_basis": each(list(marks.basis)),
            "benchmark_source": each(_sources(marks, scheme)),
            "weight": each(marks.weight),
            "weight_source": weighing.cite() if weighing else "",
            "verified": each(_verified(marks, scheme)),
            "ratio": ratio.ravel(),
            "points": marks.terms.points().ravel(),
            "cap": (ratio > scheme.cap).ravel(),
            "needed_for_next_grade": marks.needed.ravel(),
            "next_grade": own(found.companies["next_grade"].iloc[marks.rows]),
            **{f"lift_{lang}": lifts[lang].ravel() for lang in LANGUAGES},
        }
    )
    return _as_texts(table)


def _sources(marks: Marks, scheme: Scheme) -> list[str]:
    given = scheme.figures.get("benchmarks")
    median = say(_MEDIAN, "en", count=len(marks.rows))
    return [given.cite() if given and basis == "pack" else median for basis in marks.basis]


def _verified(marks: Marks, scheme: Scheme) -> list[bool]:
    """Whether weight and benchmark both come from a source that was seen."""
    weighing, given = scheme.weighing, scheme.figures.get("benchmarks")
    weighed = weighing is not None and weighing.verified
    return [weighed and basis == "pack" and given is not None and given.verified for basis in marks.basis]


def _on_parcels(
    desk: Desk, page: Page, found: Evaluation, scheme: Scheme, at: NDArray[np.intp]
) -> tuple[pd.DataFrame, Callable[[], pd.DataFrame]]:
    """Each parcel's score, the mean of its companies' by land, and its grade, the worst of theirs; and what makes their gaps."""
    stays, count = page.stays, len(page.stays.of.parcels)
    score = np.full(len(stays.of.companies), np.nan)
    score[at] = found.companies["score"].to_numpy(dtype=float)
    none = len(scheme.grades)
    grade = np.full(len(stays.of.companies), none)
    own = pd.Categorical(found.companies["grade"], categories=scheme.grades).codes
    grade[at] = np.where(own < 0, none, own)
    worst = np.full(count + 1, -1)
    np.maximum.at(worst, stays.parcel, grade[stays.company])
    names = pd.array([*scheme.grades, None, None], dtype="str")
    columns = pd.DataFrame(
        {"score": land_mean(stays, score), "grade": names.take(worst[:-1])}, index=desk.parcels.index
    )
    return columns, partial(_unrated, desk.parcels["parcel_id"], columns, stays.occupied)


def _unrated(ids: pd.Series[Any], columns: pd.DataFrame, occupied: NDArray[np.bool_]) -> pd.DataFrame:
    """Parcels without score or grade, and why."""
    names = ids.to_numpy(dtype=object)
    gaps = [alike_gaps(names[~occupied], ["score", "grade"], _VACANT)]
    gaps += [
        alike_gaps(names[occupied & columns[name].isna().to_numpy()], [name], _UNRATED)
        for name in ("score", "grade")
    ]
    return pd.concat(gaps)


def _scheme_gaps(desk: Desk, found: Evaluation) -> list[Gap]:
    gaps: list[Gap] = []
    returns = desk.layers.performance
    if returns is not None and "veto" not in returns:
        gaps += field_gaps("grade", _NO_VETO_COLUMN)
    for name in sorted({name for marks in found.marks for name in marks.dropped}):
        titles = {"zh": INDICATORS[name].zh, "en": INDICATORS[name].en}
        ask = {lang: say(_DROPPED, lang, indicator=titles[lang]) for lang in LANGUAGES}
        gaps.append(("company_years", None, "score", ask))
    return gaps


def _facts(found: Evaluation, scheme: Scheme, year: int) -> dict[str, Any]:
    """For the manifest: what was weighed against what, and whose rules these are."""
    weighing = scheme.weighing
    counted = found.companies["grade"].value_counts()
    return {
        "year": year,
        "weights": weighing.key if weighing else "",
        "parkgeos_own": scheme.ours,
        "by": "score" if scheme.shares is None else "rank",
        "grades": {grade: int(counted.get(grade, 0)) for grade in scheme.grades},
        "not_rated": int(found.companies["grade"].isna().sum()),
        "groups": {
            marks.group: {
                "rated": len(marks.rows),
                "left_out": list(marks.dropped),
                "indicators": {
                    name: {
                        "weight": round(float(weight), 6),
                        "benchmark": round(float(benchmark), 6),
                        "basis": basis,
                    }
                    for name, weight, benchmark, basis in zip(
                        marks.names, marks.weight, marks.benchmark, marks.basis, strict=True
                    )
                },
            }
            for marks in found.marks
        },
    }
