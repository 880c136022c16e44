"""Contracts and companies against parcels: several contracts, no company, more land occupied than there is, companies without land."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.codes import CODES
from parkgeo.assess.findings import FINDING_COLUMNS, evidence
from parkgeo.assess.judged import Judged
from parkgeo.assess.membership import present
from parkgeo.assess.rows import finding_id, reasons
from parkgeo.assess.states.trivalent import UNKNOWN, YES, all_of, at_least, known, verdicts
from parkgeo.assess.wording import compose, figure_texts
from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.packs import Figure, RuleBook

__all__ = ["company_without_land", "no_company", "occupied_beyond_parcel", "several_contracts"]

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


def several_contracts(parcels: pd.DataFrame, supply: pd.DataFrame | None, rules: RuleBook) -> Judged | None:
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
    rows = _rows_by_parcel(parcels, supply)
    held = parcels["parcel_id"].map(supply["parcel_id"].value_counts()).fillna(0.0)
    count = np.asarray(held, dtype=np.float64)
    wrong = count > rule.number("1")
    names = ("contract_id", "supply_status", "contract_on")

    def words(at: NDArray[np.intp], lang: str) -> list[str]:
        found = [supply.iloc[rows(int(each))] for each in at]
        return compose(
            _CONTRACTS, ["yes"] * len(at), lang,
            count=[str(len(each)) for each in found], rows=[_row_numbers(each) for each in found], file=[_files(each) for each in found],
        )  # fmt: skip

    return _judged(
        "several_contracts", rule, parcels, verdicts(known(wrong), count > 0),
        count, rule.number("1"), words, lambda at: _lines(supply.iloc[rows(at)], names),
    )  # fmt: skip


def no_company(
    parcels: pd.DataFrame,
    there: pd.DataFrame | None,
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
    empty = known(~present(parcels["parcel_id"], there["parcel_id"]))
    verdict = verdicts(all_of(stands, empty), works)
    open_question = verdict == "undetermined"

    def words(at: NDArray[np.intp], lang: str) -> list[str]:
        cases = np.select(
            [open_question[at], completed[at] == YES], ["unknown", "completed"], default="built"
        ).tolist()
        return compose(_EMPTY, cases, lang, share=figure_texts(100 * share[at], lang))

    def lines(at: int) -> list[dict[str, Any]]:
        return [
            {"what": "building_density", "value": None if np.isnan(share[at]) else round(float(share[at]), 6)}
        ]

    return _judged(
        "no_company", rule, parcels, verdict, share, rule.number("1"), words, lines,
        missing=np.where(open_question, "actual_completion", ""),
    )  # fmt: skip


def occupied_beyond_parcel(
    parcels: pd.DataFrame, there: pd.DataFrame | None, rules: RuleBook
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
    if rule is None or there is None or "occupied_area_m2" not in there:
        return None
    rows = _rows_by_parcel(parcels, there)
    by_parcel = there.groupby("parcel_id")["occupied_area_m2"]
    ids = parcels["parcel_id"]
    stated = ids.map(by_parcel.sum()).to_numpy(dtype=float)
    count = ids.map(by_parcel.size()).fillna(0).to_numpy(dtype=float)
    blank = count - ids.map(by_parcel.count()).fillna(0).to_numpy(dtype=float)
    site = parcels["site_area_m2"].to_numpy(dtype=float)
    most = 1 + rule.number("1")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where((site > 0) & (stated > 0), stated / site, np.nan)
    # What is known of the others' may exceed the parcel already; if it does not, the one that is not known may.
    whole = known(ratio > most, (ratio > most) | (blank == 0) | (count <= 1))
    verdict = verdicts(whole, count > 0)

    def words(at: NDArray[np.intp], lang: str) -> list[str]:
        found = [there.iloc[rows(int(each))] for each in at]
        return compose(
            _BEYOND, np.where(verdict[at] == "yes", "yes", "unknown").tolist(), lang,
            area=figure_texts(stated[at], lang, digits=0), site=figure_texts(site[at], lang, digits=0),
            times=figure_texts(ratio[at], lang, digits=2), count=[str(len(each)) for each in found],
            rows=[_row_numbers(each) for each in found], file=[_files(each) for each in found],
        )  # fmt: skip

    names = ("enterprise_id", "occupied_area_m2", "from_on", "to_on")
    return _judged(
        "occupied_beyond_parcel", rule, parcels, verdict, ratio, most, words,
        lambda at: _lines(there.iloc[rows(at)], names),
        missing=np.where(verdict == "undetermined", "occupied_area_m2", ""),
    )  # fmt: skip


def company_without_land(
    enterprises: pd.DataFrame | None, there: pd.DataFrame | None, park_ids: list[str], rules: RuleBook
) -> tuple[pd.Series[str] | None, pd.DataFrame]:
    """Companies of which no land is on record on the day of judgement.

    Parameters
    ----------
    enterprises
        The list of companies.
    there
        Rows of who occupies what on the day; None without a layer of occupancy.
    park_ids
        The parks: where there is one, the finding is its.
    rules
        The packs in force.

    Returns
    -------
    tuple
        The verdict of each company on the index of ``enterprises`` (None where nothing is judged), and findings without parcel and place.
    """
    rule = rules.get("records.company_without_land")
    nothing = pd.DataFrame(columns=[*FINDING_COLUMNS, "geometry"])
    if rule is None or not rule.flag() or enterprises is None or there is None:
        return None, nothing
    landless = ~present(enterprises["enterprise_id"], there["enterprise_id"])
    verdict = pd.Series(np.where(landless, "yes", "no"), index=enterprises.index, dtype="str")
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
        for company in enterprises[landless].to_dict("records")
    ]
    return verdict, pd.DataFrame(rows, columns=nothing.columns) if rows else nothing


def _called(company: dict[Any, Any]) -> str:
    """A company by name and id; by its id alone where it has no name."""
    known, name = str(company["enterprise_id"]), company.get("name")
    return known if name is None or pd.isna(name) or not str(name).strip() else f"{name} ({known})"


def _judged(
    code: str,
    rule: Figure,
    parcels: pd.DataFrame,
    verdict: NDArray[np.object_],
    observed: NDArray[np.float64],
    threshold: float,
    words: Callable[[NDArray[np.intp], str], list[str]],
    lines: Callable[[int], list[dict[str, Any]]],
    *,
    missing: NDArray[np.object_] | str = "",
) -> Judged:
    table = pd.DataFrame(
        {
            "verdict": pd.Series(verdict, index=parcels.index, dtype=object),
            "case": "",
            "observed": observed,
            "threshold": threshold,
            "since": np.full(len(parcels), np.datetime64("NaT"), dtype="datetime64[s]"),
            "verified": True,
            "missing": missing,
        },
        index=parcels.index,
    )
    return Judged(
        code, rule, table,
        lambda at: pd.DataFrame({lang: words(at, lang) for lang in LANGUAGES}, dtype=object),
        lambda at: [*lines(at), rule.as_evidence()],
    )  # fmt: skip


def _rows_by_parcel(parcels: pd.DataFrame, rows: pd.DataFrame) -> Callable[[int], list[int]]:
    """Position of a parcel → positions of its rows; worked out when the first is asked for."""
    found: dict[Any, Any] = {}

    def of(at: int) -> list[int]:
        if not found:
            found.update(rows.groupby("parcel_id").indices)
        return list(found.get(parcels["parcel_id"].iloc[at], ()))

    return of


def _row_numbers(rows: pd.DataFrame) -> str:
    if "source_row" not in rows:
        return "—"
    return name_some([str(int(row)) for row in rows["source_row"]])


def _files(rows: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(rows["source_file"].astype(str))) if "source_file" in rows else "—"


def _lines(rows: pd.DataFrame, names: list[str] | tuple[str, ...]) -> list[dict[str, Any]]:
    """The cells of rows, with file and row."""
    there = [name for name in names if name in rows]
    return [line for row in rows.to_dict("records") for line in _cells(row, there)]


def _cells(row: dict[Any, Any], names: list[str]) -> list[dict[str, Any]]:
    where = {"file": str(row["source_file"]), "row": int(row["source_row"])} if "source_row" in row else {}
    return [{"what": name, "value": _plain(row[name]), **where} for name in names]


def _plain(value: Any) -> object:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return float(value) if isinstance(value, float | np.floating) else value
