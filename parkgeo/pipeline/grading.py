"""Companies of the evaluated year → scores and grades, in tables and on parcels."""

from __future__ import annotations

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
from parkgeo.metrics.returns import WHY
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
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


def grades(desk: Desk, books: Books, page: Page, company_years: pd.DataFrame) -> Part:
    """Evaluate the companies of a year.

    Parameters
    ----------
    desk
        Packs, companies, returns.
    books, page
        All periods, and the evaluated year.
    company_years
        See `parkgeo.pipeline.company_tables.yearly_tables`.

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
    year = page.stays.period.year
    own = company_years[company_years["year"] == year]
    companies = own.assign(**_known_of(desk, books, own, year))
    at = page.stays.of.companies.get_indexer(pd.Index(companies["enterprise_id"]))
    why = pd.DataFrame(
        np.asarray(WHY, dtype=object)[page.returns.why[at]],
        columns=list(page.measures),
        index=companies.index,
    )
    found = evaluate(companies, why, scheme, year)
    graded = company_years.join(_company_columns(found, scheme))
    parcels, gaps = _on_parcels(desk, page, found, scheme, at)
    scores = [_scores(companies, found, marks, scheme) for marks in found.marks if len(marks.rows)]
    tables = {"company_years": graded}
    if scores:
        tables["scores"] = pd.concat(scores, ignore_index=True)
    return Part(
        parcels,
        gaps=[*gaps, *_scheme_gaps(desk, found)],
        tables=tables,
        facts={"evaluation": _facts(found, scheme, year)},
    )


def _known_of(desk: Desk, books: Books, own: pd.DataFrame, year: int) -> dict[str, Any]:
    """Scale, first day on land and veto of the companies."""
    known: dict[str, Any] = {
        "since": _since(books)[books.tenancies.companies.get_indexer(pd.Index(own["enterprise_id"]))]
    }
    told = desk.layers.enterprises
    if told is not None and "scale" in told:
        known["scale"] = own["enterprise_id"].map(
            told.drop_duplicates("enterprise_id").set_index("enterprise_id")["scale"]
        )
    returns = desk.layers.performance
    if returns is not None and "veto" in returns:
        said = returns[(returns["year"] == year) & returns["veto"].notna()]
        joined = said.groupby("enterprise_id")["veto"].agg("; ".join)
        known["veto"] = own["enterprise_id"].map(joined)
    return known


def _since(books: Books) -> NDArray[np.datetime64]:
    """The first day of each company on land here; NaT where a row does not say from when."""
    of = books.tenancies
    first = np.full(len(of.companies), np.iinfo(np.int64).max)
    np.minimum.at(first, of.company, of.first)
    unknown = (first == np.iinfo(np.int64).max) | (first == np.iinfo(np.int32).min)
    days = np.where(unknown, 0, first).astype("datetime64[D]").astype("datetime64[s]")
    days[unknown] = np.datetime64("NaT")
    return days


def _company_columns(found: Evaluation, scheme: Scheme) -> pd.DataFrame:
    table = found.companies
    columns = table[
        ["group", "score", "rank", "grade", "veto", "next_grade", "next_score", "rise_for_next_grade"]
    ].copy()
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


def _scores(companies: pd.DataFrame, found: Evaluation, marks: Marks, scheme: Scheme) -> pd.DataFrame:
    """A row for each rated company of a group and indicator."""
    rows, wide = companies.iloc[marks.rows], marks.terms.value.shape
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
            "year": np.repeat(rows["year"].to_numpy(), wide[1]),
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
) -> tuple[pd.DataFrame, list[Gap | pd.DataFrame]]:
    """Each parcel's score, the mean of its companies' by land, and its grade, the worst of theirs."""
    stays, count = page.stays, len(page.stays.of.parcels)
    score = np.full(len(stays.of.companies), np.nan)
    score[at] = found.companies["score"].to_numpy(dtype=float)
    place = {grade: position for position, grade in enumerate(scheme.grades)}
    none = len(scheme.grades)
    grade = np.full(len(stays.of.companies), none)
    grade[at] = found.companies["grade"].map(place).fillna(none).to_numpy(dtype=np.int64)
    worst = np.full(count + 1, -1)
    np.maximum.at(worst, stays.parcel, grade[stays.company])
    names = np.asarray([*scheme.grades, None, None], dtype=object)
    columns = pd.DataFrame(
        {"score": land_mean(stays, score), "grade": names[worst[:-1]]}, index=desk.parcels.index
    ).astype({"grade": "str"})
    ids = desk.parcels["parcel_id"].to_numpy(dtype=object)
    occupied = stays.occupied()
    gaps: list[Gap | pd.DataFrame] = [alike_gaps(ids[~occupied], ["score", "grade"], _VACANT)]
    gaps += [
        alike_gaps(ids[occupied & columns[name].isna().to_numpy()], [name], _UNRATED)
        for name in ("score", "grade")
    ]
    return columns, gaps


def _scheme_gaps(desk: Desk, found: Evaluation) -> list[Gap | pd.DataFrame]:
    gaps: list[Gap | pd.DataFrame] = []
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
