"""Contracts and companies against parcels: several contracts, no company, more land occupied than there is, companies without land."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.attached import Attached, attached
from parkgeo.assess.codes import CODES
from parkgeo.assess.contracts import numbers
from parkgeo.assess.findings import FINDING_COLUMNS, evidence
from parkgeo.assess.judged import Judged, text_column, verdict_table
from parkgeo.assess.rows import finding_id, reasons
from parkgeo.assess.states.telling import cases
from parkgeo.assess.states.trivalent import UNKNOWN, YES, all_of, at_least, known, verdicts
from parkgeo.assess.wording import compose, figure_texts
from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES
from parkgeo.metrics.ids import places

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.packs import Figure, RuleBook

__all__ = [
    "company_without_land", "landless_findings", "no_company", "occupied_beyond_parcel", "several_contracts",
]  # fmt: skip

_CONTRACTS = {
    "yes": "The ledger holds {count} contracts for the parcel: rows {rows} of {file}.",
}
_EMPTY = {
    "completed": "Works were completed, and no company is recorded on the parcel.",
    "built": "Buildings cover {share} % of the parcel, and no company is recorded on it.",
    "unknown": "Undetermined: no company is recorded on the parcel, and whether anything is built is not known.",
}
_BEYOND = {
    "yes": "Companies occupy {area} m² of a parcel of {site} m² ({times} times as much): rows {rows} of {file}.",
    "unknown": "Undetermined: {count} companies are recorded on the parcel, and the area that one of them occupies is not known.",
}
_LANDLESS = "{company} is in the list of companies, and no land of its own or let to it is on record for the day of judgement."
_CODE = {code.code: code for code in CODES}


def several_contracts(
    parcels: pd.DataFrame, supply: pd.DataFrame | Attached | None, rules: RuleBook
) -> Judged | None:
    """Parcels with more than one row in the supply ledger: which of them is in force is not ours to guess.

    Parameters
    ----------
    parcels
        With ``parcel_id``.
    supply
        The ledger.
    rules
        The packs in force.

    Returns
    -------
    Judged or None
        ``observed`` is the number of rows. A parcel without a row is not judged.
    """
    rule = rules.get("records.contracts_per_parcel")
    if rule is None or supply is None:
        return None
    contracts = attached(supply, parcels)
    count = contracts.count(len(parcels)).astype(float)
    wrong = count > rule.number("1")

    def words(at: NDArray[np.intp], lang: str) -> list[str]:
        rows, file = _where(contracts, at)
        counts = [str(int(each)) for each in count[at]]
        return compose(_CONTRACTS, ["yes"] * len(at), lang, count=counts, rows=rows, file=file)

    return _judged(
        "several_contracts", rule, parcels, verdicts(known(wrong), count > 0),
        count, rule.number("1"), words, _lines(contracts, ("contract_id", "supply_status", "contract_on")),
    )  # fmt: skip


def no_company(
    parcels: pd.DataFrame,
    there: pd.DataFrame | Attached | None,
    works: NDArray[np.bool_],
    completed: Answer,
    rules: RuleBook,
) -> Judged | None:
    """Built land for works on which no company is recorded.

    Parameters
    ----------
    parcels
        ``parcel_id`` and ``building_density``.
    there
        Rows of who occupies what on the day of judgement; None without a layer of occupancy.
    works
        Industrial and storage land.
    completed
        By the ledger. Works under construction need no company yet.
    rules
        The packs in force.

    Returns
    -------
    Judged or None
        ``observed`` is the share under buildings.
    """
    rule = rules.get("records.no_company")
    if rule is None or there is None:
        return None
    share = parcels["building_density"].to_numpy(dtype=float)
    stands = np.where(completed == UNKNOWN, at_least(share, rule.number("1")), completed).astype(np.int8)
    empty = known(attached(there, parcels).count(len(parcels)) == 0)
    verdict = verdicts(all_of(stands, empty), works)

    def words(at: NDArray[np.intp], lang: str) -> list[str]:
        open_question = np.asarray(verdict[at] == "undetermined")
        case = np.select([open_question, completed[at] == YES], ["unknown", "completed"], default="built")
        return compose(_EMPTY, case.tolist(), lang, share=figure_texts(100 * share[at], lang))

    def lines(at: int) -> list[dict[str, Any]]:
        return [
            {"what": "building_density", "value": None if np.isnan(share[at]) else round(float(share[at]), 6)}
        ]

    return _judged(
        "no_company", rule, parcels, verdict, share, rule.number("1"), words, lines,
        missing="actual_completion",
    )  # fmt: skip


def occupied_beyond_parcel(
    parcels: pd.DataFrame, there: pd.DataFrame | Attached | None, rules: RuleBook
) -> Judged | None:
    """Parcels of which more is occupied on the day of judgement than there is.

    Parameters
    ----------
    parcels
        ``parcel_id`` and ``site_area_m2``.
    there
        Rows of who occupies what on the day; None without a layer of occupancy.
    rules
        The packs in force.

    Returns
    -------
    Judged or None
        ``observed`` is occupied ÷ drawn area. Where one of several occupants' area is not known and the others' do not exceed the parcel
        the verdict is undetermined; a company alone occupies what it occupies. A parcel without a company is not judged.
    """
    rule = rules.get("records.occupied_tolerance")
    if rule is None or there is None:
        return None
    stays = attached(there, parcels)
    if "occupied_area_m2" not in stays.rows:
        return None
    area = numbers(stays.rows, "occupied_area_m2")
    stated, count = stays.total(area, len(parcels)), stays.count(len(parcels))
    blank = stays.total(np.isnan(area).astype(float), len(parcels))
    site = parcels["site_area_m2"].to_numpy(dtype=float)
    most = 1 + rule.number("1")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where((site > 0) & (stated > 0), stated / site, np.nan)
    # What is known of the others' may exceed the parcel already; if it does not, the one that is not known may.
    whole = known(ratio > most, (ratio > most) | (blank == 0) | (count <= 1))
    verdict = verdicts(whole, count > 0)

    def words(at: NDArray[np.intp], lang: str) -> list[str]:
        rows, file = _where(stays, at)
        return compose(
            _BEYOND, np.where(verdict[at] == "yes", "yes", "unknown").tolist(), lang,
            area=figure_texts(stated[at], lang, digits=0), site=figure_texts(site[at], lang, digits=0),
            times=figure_texts(ratio[at], lang, digits=2), count=[str(each) for each in count[at]], rows=rows, file=file,
        )  # fmt: skip

    return _judged(
        "occupied_beyond_parcel", rule, parcels, verdict, ratio, most, words,
        _lines(stays, ("enterprise_id", "occupied_area_m2", "from_on", "to_on")), missing="occupied_area_m2",
    )  # fmt: skip


def company_without_land(
    enterprises: pd.DataFrame | None,
    there: pd.DataFrame | None,
    rules: RuleBook,
    *,
    listed: NDArray[np.intp] | None = None,
) -> pd.Series[str] | None:
    """Companies of which no land is on record on the day of judgement.

    Parameters
    ----------
    enterprises
        The list of companies.
    there
        Rows of who occupies what on the day; None without a layer of occupancy.
    rules
        The packs in force.
    listed
        Row in ``enterprises`` of each of those rows where it was looked up already, -1 where it has none.

    Returns
    -------
    pandas.Series or None
        ``yes`` or ``no`` for each company, on the index of ``enterprises``; None where nothing is judged.
    """
    rule = rules.get("records.company_without_land")
    if rule is None or not rule.flag() or enterprises is None or there is None:
        return None
    if listed is None:
        listed = places(there["enterprise_id"], enterprises["enterprise_id"])
    landless = np.bincount(listed[listed >= 0], minlength=len(enterprises)) == 0
    return text_column(verdicts(known(landless), np.ones(len(landless), dtype=bool)), enterprises.index)


def landless_findings(
    enterprises: pd.DataFrame, verdict: pd.Series[str], park_ids: list[str], rule: Figure
) -> pd.DataFrame:
    """Findings of companies without land, which have neither parcel nor place.

    Parameters
    ----------
    enterprises
        The list of companies.
    verdict
        What `company_without_land` says of them.
    park_ids
        The parks: where there is one, the finding is its.
    rule
        The pack's figure ``records.company_without_land``.

    Returns
    -------
    pandas.DataFrame
        Columns of `parkgeo.assess.findings.FINDING_COLUMNS` and ``geometry``.
    """
    code = _CODE["company_without_land"]
    names = [name for name in ("enterprise_id", "name") if name in enterprises]
    rows = [
        {
            "finding_id": finding_id(code.code, str(company["enterprise_id"])),
            "parcel_id": None,
            "park_id": park_ids[0] if len(park_ids) == 1 else None,
            "code": code.code,
            "verdict": "yes",
            "severity": code.severity,
            "observed": 0.0,
            "threshold": 1.0,
            "unit": code.unit,
            "clause_zh": rule.clause_zh,
            "clause_en": rule.clause_en,
            "source": rule.cite(),
            "verified": rule.verified,
            "since": pd.NaT,
            "evidence": evidence([*_cells(company, names), rule.as_evidence()]),
            "missing": "parcel_id",
            **reasons(_LANDLESS, company=_called(company)),
            "geometry": None,
        }
        for company in enterprises[verdict == "yes"].to_dict("records")
    ]
    return pd.DataFrame(rows, columns=[*FINDING_COLUMNS, "geometry"])


def _called(company: dict[Any, Any]) -> str:
    """A company by name and id; by its id alone where it has no name."""
    known, name = str(company["enterprise_id"]), company.get("name")
    return known if name is None or pd.isna(name) or not str(name).strip() else f"{name} ({known})"


def _judged(
    code: str,
    rule: Figure,
    parcels: pd.DataFrame,
    verdict: pd.Categorical,
    observed: NDArray[np.float64],
    threshold: float,
    words: Callable[[NDArray[np.intp], str], list[str]],
    lines: Callable[[int], list[dict[str, Any]]],
    *,
    missing: str = "",
) -> Judged:
    asked = cases([(np.asarray(verdict == "undetermined"), missing)], "")
    table = verdict_table(verdict, parcels.index, observed=observed, threshold=threshold, missing=asked)
    return Judged(
        code, rule, table,
        lambda at: pd.DataFrame({lang: words(at, lang) for lang in LANGUAGES}, dtype=object),
        lambda at: [*lines(at), rule.as_evidence()],
    )  # fmt: skip


def _where(held: Attached, at: NDArray[np.intp]) -> tuple[list[str], list[str]]:
    """Numbers of the rows of each of some parcels, and the files that they stand in."""
    found = [held.of(int(each)) for each in at]
    rows, files = ["—"] * len(found), ["—"] * len(found)
    if "source_row" in held.rows:
        line = held.rows["source_row"].array
        rows = [name_some([str(int(line[row])) for row in each]) for each in found]
    if "source_file" in held.rows:
        names = held.rows["source_file"].array
        files = [", ".join(dict.fromkeys(str(names[row]) for row in each)) for each in found]
    return rows, files


def _lines(held: Attached, names: tuple[str, ...]) -> Callable[[int], list[dict[str, Any]]]:
    """Evidence: cells of a parcel's rows, with file and row."""
    there = [name for name in names if name in held.rows]
    # Columns as they stand: of most parcels no cell is ever asked for.
    columns = {
        name: held.rows[name].array for name in (*there, "source_file", "source_row") if name in held.rows
    }
    return lambda at: [
        line
        for row in held.of(at)
        for line in _cells({name: column[row] for name, column in columns.items()}, there)
    ]


def _cells(row: dict[Any, Any], names: list[str]) -> list[dict[str, Any]]:
    where = {"file": str(row["source_file"]), "row": int(row["source_row"])} if "source_row" in row else {}
    return [{"what": name, "value": _plain(row[name]), **where} for name in names]


def _plain(value: Any) -> object:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return float(value) if isinstance(value, float | np.floating) else value
