"""The last sheets of the register: what is missing, what was rejected or repaired, which files were read, notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parkgeo.export.cells import published
from parkgeo.export.titles import column_title, spell_fields, table_title
from parkgeo.export.workbook import Column, Sheet, frame_columns, frame_rows, notice_lines
from parkgeo.i18n import say

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.export.cells import Notices
    from parkgeo.store import Snapshot

__all__ = ["account_sheets", "gaps_sheet", "notes_sheet"]

_TABLES = ("rejects", "repairs", "faults", "sources")
# A field's code: alone in a cell, or before the arrow that points to it from a column of the file.
_NAME, _USED = re.compile(r"^[a-z][a-z0-9_]*$"), re.compile(r"(?:(?<=, )|^)[a-z][a-z0-9_]*(?= ←)")


def gaps_sheet(snapshot: Snapshot, lang: str) -> Sheet:
    """What is missing and what to ask for: whole layers first, then parcel by parcel."""
    titles = (
        ("Layer", "text", 20),
        ("Parcel ID", "text", 22.5),
        ("Field", "text", 36),
        ("What to ask for", "long", 60),
    )
    asked: dict[tuple[str, str, str], list[str]] = {}
    if "gaps" in snapshot.tables:
        frame = published(snapshot, "gaps")
        frame = frame.astype(object).where(frame.notna(), "")
        for table, parcel, name, ask in zip(
            frame["table"], frame["parcel_id"], frame["field"], frame[f"ask_{lang}"], strict=True
        ):
            # One paper often settles several figures of a parcel: one line, its fields side by side.
            asked.setdefault((str(table), str(parcel), str(ask)), []).append(str(name))
    rows = [
        (
            table_title(snapshot, table, lang),
            parcel or say("(whole layer)", lang),
            spell_fields(snapshot, tuple(name for name in names if name), lang),
            ask,
        )
        for (table, parcel, ask), names in sorted(asked.items(), key=_urgency)
    ]
    return Sheet(
        name=say("What is missing", lang),
        heading=say("What is missing, and what to ask for", lang),
        lines=[say("Each line settles a verdict or a figure that is empty now.", lang)],
        columns=[Column(say(title, lang), kind, width) for title, kind, width in titles],
        rows=rows,
    )


def _urgency(gap: tuple[tuple[str, str, str], list[str]]) -> tuple[bool, bool]:
    """Whole layers first, then what verdicts wait for, then figures."""
    (table, parcel, _), _ = gap
    return parcel != "", table == "parcels"


def account_sheets(snapshot: Snapshot, lang: str) -> list[Sheet]:
    """Rejected rows, repaired rows, faults and files read, each with its own columns."""
    sheets = []
    for table in _TABLES:
        if table not in snapshot.tables:
            continue
        frame = published(snapshot, table)
        other = {"zh": "_en", "en": "_zh"}[lang]
        frame = frame.drop(columns=[name for name in frame.columns if name.endswith(other)])
        if "layer" in frame.columns:
            _name_fields(snapshot, frame, lang)
            frame["layer"] = [table_title(snapshot, str(layer), lang) for layer in frame["layer"]]
        sheets.append(
            Sheet(
                name=table_title(snapshot, table, lang),
                heading=table_title(snapshot, table, lang),
                lines=[say("{count} rows", lang, count=len(frame))],
                columns=frame_columns(snapshot, table, frame, lang),
                rows=frame_rows(snapshot, table, frame),
            )
        )
    return sheets


def _name_fields(snapshot: Snapshot, frame: pd.DataFrame, lang: str) -> None:
    """Put the titles of fields in the place of their codes; which column of the file is which field stands in one cell."""
    layers = [str(layer) for layer in frame["layer"]]
    for column, pattern in (("field", _NAME), ("columns_used", _USED)):
        if column in frame.columns:
            texts = zip(layers, frame[column], strict=True)
            frame[column] = [_with_titles(snapshot, layer, str(text), pattern, lang) for layer, text in texts]


def _with_titles(snapshot: Snapshot, layer: str, text: str, pattern: re.Pattern[str], lang: str) -> str:
    return pattern.sub(lambda found: column_title(snapshot, layer, found[0], lang, unit=False), text)


def notes_sheet(snapshot: Snapshot, lang: str, notices: Notices) -> Sheet:
    """How the register came about and how it is to be read."""
    manifest = snapshot.manifest
    rows = [
        (say("Park", lang), str(manifest["park"])),
        (say("As of", lang), snapshot.as_of.isoformat()),
        (say("Snapshot", lang), snapshot.name),
        (say("Program", lang), f"parkgeo {manifest['version']}"),
        (say("Coordinate system", lang), str(snapshot.crs.name)),
        *((say("Rule pack", lang), _pack(pack)) for pack in manifest.get("packs", ())),
        *((say("File read", lang), f"{entry['path']} (SHA-256 {entry['sha256']})") for entry in manifest.get("inputs", ())),
        *((say("Layer not given", lang), table_title(snapshot, layer, lang)) for layer in manifest.get("layers_missing", ())),
    ]  # fmt: skip
    rows += [(say("How to read it", lang), say(sentence, lang)) for sentence in _READING]
    sheet = Sheet(
        name=say("Notes", lang),
        heading=say("Notes", lang),
        lines=[say("Suspected, for verification", lang)],
        columns=[Column(say("Matter", lang), "text", 24), Column(say("Note", lang), "long", 110)],
        rows=rows,
    )
    sheet.rows = [*rows, *((say("Altered for Excel", lang), line) for line in notice_lines(notices, lang))]
    return sheet


_READING = (
    "Suspected idle: the clock of the clause has run out by the documents read. Recognition as idle land is the office's decision after its own investigation.",
    "Undetermined: a document is missing; the column Missing names it. It is neither idle nor not idle.",
    "An empty cell is a missing value, never zero.",
    "Verified: the clause or figure was seen in its source. Unverified: it is general knowledge and must be checked before use.",
    "1 mu is 10 000/15 m². Amounts are in 10 000 yuan.",
)


def _pack(pack: dict[str, str]) -> str:
    mark = pack.get("hash") or pack.get("sha256")
    named = f"{pack['name']} {pack.get('edition', '')}".strip()
    return f"{named} ({mark})" if mark else named
