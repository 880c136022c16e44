"""The register a land office files: suspected idle land first, then every finding, parcel, indicator and account."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from parkgeo.export.account import account_sheets, gaps_sheet, notes_sheet
from parkgeo.export.cells import date_columns, plain_value, published
from parkgeo.export.titles import code_word, entry, field_names, spell_fields, unit_word
from parkgeo.export.workbook import Column, Sheet, Verdict, frame_columns, frame_rows, snapshot_book
from parkgeo.files import publish_file
from parkgeo.i18n import figure, say
from parkgeo.packs.sources import source_in
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["write_register"]

_VERDICTS = ("yes", "undetermined")
_SEVERITIES = ("high", "medium", "low")
_LINES = {
    "contract": "Contract", "permit": "Permits", "buildings": "Buildings", "imagery": "Imagery", "electricity": "Electricity",
    "water": "Water", "output": "Output and tax",
}  # fmt: skip
_SAYS = {"idle": "idle", "in_use": "in use", "cannot_say": "cannot say", "conflict": "contradictory"}
_CONFIDENCE = {"high": "High", "medium": "Medium", "low": "Low"}


def write_register(snapshot: Snapshot, path: Path, *, lang: str) -> None:
    """Write the Excel register of a snapshot.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    path
        Ends in ``.xlsx``. It is replaced only when the new file is whole.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    StoreError
        The file cannot be written, for example while Excel has it open.

    Notes
    -----
    Sheets: suspected idle land (a row a parcel judged idle or undetermined), findings, parcels, indicators, what is
    missing, rejected and repaired rows, files read, notes. A missing value is an empty cell.
    """
    with publish_file(path) as beside, snapshot_book(snapshot, beside, lang=lang) as book:
        for sheet in (
            _idle_sheet(snapshot, lang),
            _findings_sheet(snapshot, lang),
            _parcels_sheet(snapshot, lang),
            _indicators_sheet(snapshot, lang),
            gaps_sheet(snapshot, lang),
            *account_sheets(snapshot, lang),
        ):
            book.add(sheet)
        book.add(notes_sheet(snapshot, lang, book.notices))


def _records(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    """A table's rows with plain values; empty when the snapshot has no such table."""
    if table not in snapshot.tables:
        return []
    frame: pd.DataFrame = published(snapshot, table)
    days = date_columns(snapshot, table, frame)
    names = [str(column) for column in frame.columns if column != "geometry"]
    columns = [[plain_value(value, day=name in days) for value in frame[name]] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _mu(area_m2: float | None) -> float | None:
    return None if area_m2 is None else area_m2 / M2_PER_MU


def _subtitle(snapshot: Snapshot, lang: str) -> str:
    return say(
        "{park} · as of {as_of} · snapshot {name}",
        lang,
        park=snapshot.manifest["park"],
        as_of=snapshot.as_of,
        name=snapshot.name,
    )


def _verdict(verdict: str | None, lang: str, *, yes: str = "Yes") -> Verdict:
    words = {"yes": yes, "undetermined": "Undetermined", "no": "No"}
    return Verdict(say(words.get(verdict or "", "Not judged"), lang), verdict)


def _basis(verified: bool | None, lang: str) -> str:  # noqa: FBT001 - a cell's value
    return "" if verified is None else say("Verified" if verified else "Unverified", lang)


# — sheet 1


def _idle_sheet(snapshot: Snapshot, lang: str) -> Sheet:
    parcels = [row for row in _records(snapshot, "parcels") if row.get("idle") in _VERDICTS]
    parcels.sort(key=lambda row: _VERDICTS.index(row["idle"]))
    grounds: dict[str, list[dict[str, Any]]] = {}
    for finding in _records(snapshot, "findings"):
        if str(finding["code"]).startswith("idle_"):
            grounds.setdefault(finding["parcel_id"], []).append(finding)
    rows = [
        (number, *_idle_row(snapshot, row, grounds.get(row["parcel_id"], []), lang))
        for number, row in enumerate(parcels, start=1)
    ]
    return Sheet(
        name=say("Suspected idle land", lang),
        heading=say("Register of suspected idle land", lang),
        lines=[_subtitle(snapshot, lang), _tally(parcels, lang), say(
            "Suspected, for verification: no parcel is idle land until the office has investigated and recognised it.", lang
        )],
        columns=_idle_columns(lang),
        rows=rows,
        closing=["", say("Prepared by:                    Checked by:                    Date:", lang)],
        across=True,
    )  # fmt: skip


def _tally(parcels: list[dict[str, Any]], lang: str) -> str:
    def total(verdict: str) -> tuple[int, str, str]:
        areas = [row.get("site_area_m2") or 0.0 for row in parcels if row["idle"] == verdict]
        return (
            len(areas),
            figure(sum(areas) / 10_000, lang, digits=2),
            figure(_mu(sum(areas)), lang, digits=1),
        )

    (idle, idle_ha, idle_mu), (open_count, open_ha, open_mu) = total("yes"), total("undetermined")
    return say(
        "Suspected idle: {idle} parcels, {idle_ha} ha ({idle_mu} mu). Undetermined for want of data: {open} parcels, {open_ha} ha ({open_mu} mu).",
        lang, idle=idle, idle_ha=idle_ha, idle_mu=idle_mu, open=open_count, open_ha=open_ha, open_mu=open_mu,
    )  # fmt: skip


def _idle_columns(lang: str) -> list[Column]:
    wide = lang == "zh"
    columns = (
        ("No.", "count", 5.5), ("Parcel ID", "text", 22.5), ("Holder", "text", 18), ("Name and location", "text", 12),
        ("Land use", "text", 11), ("Area (m²)", "area", 10.5), ("Area (mu)", "area", 8), ("Supply mode", "text", 9),
        ("Price (wan yuan)", "money", 10), ("Agreed start", "date", 11), ("Handover", "date", 11), ("Actual start", "date", 11),
        ("Suspended since", "date", 11), ("Government delay (days)", "whole", 11), ("Idle since", "date", 11), ("Days since due or suspended", "whole", 10),
        ("Clause", "text", 15), ("Verdict", "text", 10 if wide else 13), ("Basis", "text", 9.5 if wide else 11),
        ("Evidence, line by line", "text", 20), ("Confidence", "text", 8 if wide else 10.5), ("Missing", "text", 15),
        ("Idle fee (wan yuan)", "money", 9), ("Suggested way", "text", 14), ("Rank for field check", "whole", 8), ("Reason", "long", 36),
        ("Source", "text", 14),
    )  # fmt: skip
    return [Column(say(title, lang), kind, width) for title, kind, width in columns]


def _idle_row(
    snapshot: Snapshot, row: dict[str, Any], findings: list[dict[str, Any]], lang: str
) -> tuple[Any, ...]:
    """The cells after the number, in the order of `_idle_columns`."""
    deciding = [finding for finding in findings if finding["verdict"] == row["idle"]] or findings
    missing = tuple(name for finding in deciding for name in field_names(finding["missing"]))
    area = row.get("site_area_m2")
    place = dict.fromkeys(str(row[name]) for name in ("name", "location") if row.get(name))
    mode = row.get("supply_mode")
    # The file's name is enough to find the row; the sheet of files has the folders.
    file = row.get("source_file")
    source = (file and PurePosixPath(file).name, row.get("source_row"))
    return (
        row["parcel_id"],
        row.get("holder"),
        " ".join(place),
        row.get("land_use") or row.get("land_use_code"),
        area,
        _mu(area),
        code_word(snapshot, "parcels", "supply_mode", mode, lang) if mode else None,
        row.get("price_wan"),
        row.get("agreed_start"),
        row.get("handover_on"),
        row.get("actual_start"),
        row.get("suspended_since"),
        row.get("government_delay_days"),
        row.get("idle_since"),
        row.get("idle_days"),
        "; ".join(dict.fromkeys(finding[f"clause_{lang}"] for finding in deciding)),
        _verdict(row["idle"], lang, yes=_found(row)),
        _basis(all(finding["verified"] for finding in deciding) if deciding else None, lang),
        _evidence(row, lang),
        say(_CONFIDENCE[row["evidence_confidence"]], lang)
        if row.get("evidence_confidence") in _CONFIDENCE
        else None,
        spell_fields(snapshot, missing, lang),
        row.get("idle_fee_wan"),
        code_word(snapshot, "parcels", "way", row["way"], lang) if row.get("way") else None,
        row.get("field_check_rank"),
        row.get(f"verdict_reason_{lang}"),
        " : ".join(str(part) for part in source if part is not None),
    )


def _found(row: dict[str, Any]) -> str:
    """The words of a yes: by the second paragraph land *may* be recognised, the office decides."""
    discretionary = row.get("idle_suspended") == "yes" and row.get("idle_not_started") != "yes"
    return "Suspected: may be recognised as idle" if discretionary else "Suspected idle"


def _evidence(row: dict[str, Any], lang: str) -> str | None:
    """What each line of evidence says, and what they say together."""
    told = [
        f"{say(title, lang)} {say(_SAYS[row[f'evidence_{line}']], lang)}"
        for line, title in _LINES.items()
        if row.get(f"evidence_{line}") in _SAYS
    ]
    if told and row.get("evidence_says") in _SAYS:
        told.append(say("together {says}", lang, says=say(_SAYS[row["evidence_says"]], lang)))
    return " · ".join(told) or None


# — sheets 2 to 4


def _findings_sheet(snapshot: Snapshot, lang: str) -> Sheet:
    findings = _records(snapshot, "findings")
    findings.sort(key=lambda row: (_VERDICTS.index(row["verdict"]), _rank(row["severity"])))
    titles = (
        ("No.", "count", 6), ("Parcel ID", "text", 22.5), ("Finding", "text", 20), ("Verdict", "text", 13),
        ("Severity", "text", 9), ("Observed", "number", 11), ("Threshold", "number", 11), ("Unit", "text", 10),
        ("Since", "date", 12), ("Clause", "text", 22), ("Source of the figure", "text", 26), ("Basis", "text", 11), ("Missing", "text", 22),
        ("Reason", "long", 46),
    )  # fmt: skip
    return Sheet(
        name=say("Findings", lang),
        heading=say("All findings", lang),
        lines=[_subtitle(snapshot, lang)],
        columns=[Column(say(title, lang), kind, width) for title, kind, width in titles],
        rows=[(number, *_finding_row(snapshot, row, lang)) for number, row in enumerate(findings, start=1)],
    )


def _rank(severity: str | None) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def _finding_row(snapshot: Snapshot, row: dict[str, Any], lang: str) -> tuple[Any, ...]:
    return (
        row["parcel_id"] or row["park_id"],  # a finding without a parcel is of its park
        code_word(snapshot, "findings", "code", row["code"], lang),
        _verdict(row["verdict"], lang),
        say(str(row["severity"] or "").capitalize(), lang),
        row["observed"],
        row["threshold"],
        unit_word(row["unit"] or "", lang),
        row["since"],
        row[f"clause_{lang}"],
        source_in(row["source"] or "", lang),
        _basis(row["verified"], lang),
        spell_fields(snapshot, field_names(row["missing"]), lang),
        row[f"reason_{lang}"],
    )


def _parcels_sheet(snapshot: Snapshot, lang: str) -> Sheet:
    other = {"zh": "en", "en": "zh"}[lang]
    frame = published(snapshot, "parcels").drop(columns=[f"verdict_reason_{other}"], errors="ignore")
    codes = [name for name in ("idle", *snapshot.findings_catalogue) if name in frame.columns]
    for name in frame.columns.drop("geometry"):
        if entry(snapshot, "parcels", name)["type"] == "code" and name not in codes:
            words = (plain_value(value) for value in frame[name])
            frame[name] = [
                code_word(snapshot, "parcels", name, word, lang) if word else None for word in words
            ]
    verdicts = {place for place, name in enumerate(frame.columns.drop("geometry")) if name in codes}
    rows = [
        tuple(_verdict(value, lang) if place in verdicts else value for place, value in enumerate(row))
        for row in frame_rows(snapshot, "parcels", frame)
    ]
    return Sheet(
        name=say("Parcels", lang),
        heading=say("All parcels: figures and verdicts", lang),
        lines=[_subtitle(snapshot, lang)],
        columns=frame_columns(snapshot, "parcels", frame, lang),
        rows=rows,
    )


def _indicators_sheet(snapshot: Snapshot, lang: str) -> Sheet:
    titles = (
        ("Park ID", "text", 16), ("Indicator", "text", 26), ("Value", "number", 14), ("At least", "number", 12), ("At most", "number", 12), ("In words", "text", 22),
        ("Unit", "text", 14), ("Numerator", "number", 16), ("Denominator", "number", 16), ("Benchmark", "number", 12), ("Source of benchmark", "text", 30),
        ("Basis", "text", 12), ("Formula", "text", 30),
    )  # fmt: skip
    rows = [
        (
            row["park_id"],
            row[lang] or row["name"],
            row["value"],
            *_bounds(row),
            row.get(f"value_{lang}"),
            unit_word(row["unit"] or "", lang),
            row["numerator"],
            row["denominator"],
            row["benchmark"],
            " · ".join(
                text
                for text in (row.get(f"benchmark_{lang}"), source_in(row["benchmark_source"] or "", lang))
                if text
            ),
            # What has no benchmark and rests on no figure of the packs has no basis to be verified.
            _basis(None if row["benchmark"] is None and row["verified"] else row["verified"], lang),
            row.get(f"formula_{lang}", row.get("formula")),
        )
        for row in _records(snapshot, "indicators")
    ]
    return Sheet(
        name=say("Indicators", lang),
        heading=say("Park indicators", lang),
        lines=[_subtitle(snapshot, lang)],
        columns=[Column(say(title, lang), kind, width) for title, kind, width in titles],
        rows=rows,
    )


def _bounds(row: dict[str, Any]) -> tuple[float | None, float | None]:
    """The least and the most that an indicator may be; both empty where the two are one, for the value says it."""
    low, high = row.get("low"), row.get("high")
    return (None, None) if low == high else (low, high)
