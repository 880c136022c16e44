"""A parcel's dossier in the terminal, and written to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.cli.console import out
from parkgeo.errors import ProjectError
from parkgeo.i18n import figure, say
from parkgeo.packs.sources import source_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from parkgeo.store import Snapshot

__all__ = ["print_dossier", "write_dossiers"]

_VERDICTS = ("yes", "no", "undetermined")
_OTHER = {"zh": "_en", "en": "_zh"}
"""Ending of the columns that are of the other language."""


def write_dossiers(
    snapshot: Snapshot, parcel_id: str, files: Mapping[str, Path | None], *, lang: str, fonts: Path | None
) -> list[Path]:
    """Write the dossier of a parcel to each file that is named.

    Parameters
    ----------
    snapshot
        The analysis.
    parcel_id
        The parcel.
    files
        Ending → file; None where none is wanted.
    lang
        ``zh`` or ``en``.
    fonts
        A folder with a Chinese font, where the system has none.

    Returns
    -------
    list of pathlib.Path
        What was written.

    Raises
    ------
    ProjectError
        A file's ending is another than its option's.
    """
    from parkgeo.report import write_dossier
    from parkgeo.store.photos import photos_of

    wanted = {ending: file for ending, file in files.items() if file is not None}
    for ending, file in wanted.items():
        if file.suffix.lower() not in (ending, ending[:4]):
            raise ProjectError(
                f"this option writes {ending}, not {file.name!r}", mend=f"end the name in {ending}"
            )
    # A snapshot lies in the workspace's folder of snapshots.
    photos = photos_of(snapshot.path.parents[1], parcel_id)
    for file in wanted.values():
        write_dossier(snapshot, parcel_id, file, lang=lang, fonts=fonts, photos=photos)
    return list(wanted.values())


def print_dossier(told: dict[str, Any], snapshot: Snapshot, lang: str) -> None:
    """Print it: verdict, findings with evidence, accessibility and services, figures, what is missing, the rows behind it."""
    from parkgeo.cli.access import print_parcel_access

    console = out()
    console.print(f"{told['parcel_id']}  ·  {told['park']}  ·  {told['as_of']}", style="bold", soft_wrap=True)
    reason = told["reason"][lang]
    if reason and all(finding.get(f"reason_{lang}") != reason for finding in told["findings"]):
        console.print(reason, soft_wrap=True)
    _print_findings(console, told["findings"], lang)
    _print_lines(console, told["evidence"], lang)
    print_parcel_access(told["access"], snapshot, lang, nearest=True)
    _print_fields(console, told["fields"], lang)
    for record in told["records"]:
        values = "; ".join(
            f"{record['about'][name][lang]} {_shown(value, record['about'][name].get('codes', {}), lang)}"
            for name, value in record["values"].items()
            if value is not None
        )
        row = say("row {row}", lang, row=record["row"])
        console.print(f"{record[lang]} ({record['file']}, {row}): {values}", soft_wrap=True)
    source = told["source"]
    packs = ", ".join(f"{pack['name']} {pack['edition']}" for pack in told["packs"])
    console.print(
        say(
            "From {file}, row {row}; packs {packs}; snapshot {name}.", lang,
            file=source["file"] or "—", row=source["row"] or "—", packs=packs, name=told["snapshot"],
        ),
        soft_wrap=True,
    )  # fmt: skip


def _print_findings(console: Console, findings: list[dict[str, Any]], lang: str) -> None:
    for finding in findings:
        console.print()
        state = "" if finding["verified"] else "setting" if finding["kind"] == "setting" else "unverified"
        mark = f" [{say(state, lang)}]" if state else ""
        console.print(
            f"{finding[lang]} ({finding['code']}): {say(finding['verdict'], lang)}{mark}", style="bold"
        )
        console.print(str(finding.get(f"reason_{lang}") or ""), soft_wrap=True)
        basis = "; ".join(
            part
            for part in (finding.get(f"clause_{lang}"), source_in(str(finding.get("source") or ""), lang))
            if part
        )
        console.print(say("Basis: {basis}", lang, basis=basis), soft_wrap=True)
        for entry in finding["evidence"]:
            console.print("  " + _evidence_line(entry, lang), soft_wrap=True)


def _print_lines(console: Console, lines: list[dict[str, Any]], lang: str) -> None:
    """Lines of evidence: what each says, and why."""
    from parkgeo.report.words import code_word

    if lines:
        console.print()
    for line in lines:
        says = code_word(str(line.get("says") or "cannot_say"), lang)
        why = line.get(f"note_{lang}") or ""
        console.print(f"{code_word(str(line.get('line')), lang)}: {says}  {why}".rstrip(), soft_wrap=True)


def _print_fields(console: Console, fields: dict[str, Any], lang: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from parkgeo.report.access_facts import is_access_figure
    from parkgeo.report.words import unit_word

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(("Field", "Value", "Unit", "Formula, or what to ask for")):
        table.add_column(say(title, lang), justify="right" if at == 1 else "left", overflow="fold")
    for name, entry in fields.items():
        if name.startswith("verdict_reason") or name.endswith(_OTHER[lang]) or is_access_figure(name):
            continue
        about = entry.get(f"formula_{lang}", "")
        if entry["value"] is None:
            about = " ".join(entry["ask"][lang]) if "ask" in entry else about
        value = _shown(entry["value"], entry.get("codes", {}), lang)
        table.add_row(entry[lang], value, unit_word(entry["unit"], lang), about)
    console.print(table)


def _evidence_line(entry: dict[str, Any], lang: str) -> str:
    title = entry[lang]
    if entry["what"].startswith("absent:"):
        return say("{field}: the ledger has no such column", lang, field=title)
    if "pack" in entry:
        state = say("verified" if entry["verified"] else "unverified", lang)
        source = source_in(f"{entry['source']}, {entry['edition']}", lang)
        return f"{title} ({source}; {say(entry['kind'], lang)}, {state})"
    value = _shown(entry["value"], entry.get("codes", {}), lang)
    if entry.get("unreadable"):
        value = say("something that could not be read", lang)
    if "file" in entry:
        return f"{title}: {value}  ({entry['file']}, {say('row {row}', lang, row=entry['row'])})"
    return f"{title}: {value}"


def _shown(value: object, codes: dict[str, str], lang: str) -> str:
    from parkgeo.report.words import code_word

    if value is None:
        return "—"
    if isinstance(value, bool):
        return say("yes" if value else "no", lang)
    if isinstance(value, float):
        return figure(value, lang, digits=3)
    if value in _VERDICTS:
        return say(str(value), lang)
    return code_word(str(value), lang, known=codes) if codes else str(value)
