"""What ``parkgeo init`` found, for a person and for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.cli.console import out
from parkgeo.errors import ProjectError
from parkgeo.i18n import say
from parkgeo.layers import schemas
from parkgeo.project import RASTER_LAYERS, TABLE_LAYERS, VECTOR_LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from parkgeo.guess import Draft, Entry

__all__ = ["check_place", "draft_json", "print_draft"]

_NEEDED_FOR = {
    "parks": "what lies outside the park, and figures of each park; without it the parcels' union is the one park",
    "parcels": "everything: the one layer that must be there",
    "supply": "suspected idle land, by the dates of contract, start and completion",
    "delays": "days of government delay that stop the clock",
    "buildings": "floor area ratio, building density, and whether anything stands on a parcel",
    "enterprises": "the companies' names and industries",
    "occupancy": "output and tax per mu: who is on which parcel",
    "performance": "output and tax per mu: what the companies returned",
    "supply_links": "distances between companies that supply each other, and what holds the park together",
    "roads": "frontage and travel times",
    "utilities": "services ready, and mains within reach",
    "facilities": "minutes to gateways and services",
    "gates": "where each parcel meets the road; without it, along its frontage",
    "constraints": "restricted land on the map",
    "plan": "the plan on the map",
    "imagery": "vegetated, bare and built ground of each parcel, and how it changed",
    "dem": "slope, level ground and earthworks of each parcel",
}


def check_place(output: Path, *, force: bool) -> None:
    """See that no project file is lost.

    Raises
    ------
    ProjectError
        There is one and it is not to be replaced, or the place is a folder.
    """
    if output.is_dir():
        raise ProjectError("a folder, not a file", where=str(output), mend="name the park.toml to write")
    if output.exists() and not force:
        raise ProjectError(
            "there is a project file already",
            where=str(output),
            mend="give another -o, or --force to replace it",
        )


def draft_json(draft: Draft, output: Path) -> dict[str, Any]:
    """The draft for a script: entries with columns, confidence and reasons, what is not used, what is missing."""
    return {
        "park_toml": str(output),
        "name": draft.name,
        "sure": draft.sure,
        "layers": [_entry_json(entry, draft) for entry in draft.entries],
        "not_used": [
            {
                "path": _shown(one.path, draft),
                "table": one.table,
                "reason_en": one.reason.speak("en"),
                "reason_zh": one.reason.speak("zh"),
                "unreadable": one.unreadable,
            }
            for one in draft.not_used
        ],
        "missing": [
            {
                "layer": layer,
                "needed_for_en": _NEEDED_FOR[layer],
                "needed_for_zh": say(_NEEDED_FOR[layer], "zh"),
            }
            for layer in _missing(draft)
        ],
        "notes": [note.speak("en") for note in draft.notes],
    }


def _entry_json(entry: Entry, draft: Draft) -> dict[str, Any]:
    return {
        "layer": entry.layer,
        "path": _shown(entry.path, draft),
        "table": entry.table,
        "confidence": entry.confidence,
        "used": entry.not_live is None,
        "not_used_en": entry.not_live.speak("en") if entry.not_live else None,
        "reasons_en": [reason.speak("en") for reason in entry.reasons],
        "crs": entry.system.name if entry.system else "",
        "crs_sure": entry.system.sure if entry.system else True,
        "date": entry.date,
        "bands": entry.bands,
        "fields": [
            {
                "field": guess.field.name,
                "column": guess.column,
                "unit": guess.unit,
                "confidence": guess.confidence,
                "used": guess.live,
                "reasons_en": [reason.speak("en") for reason in guess.reasons],
                "others": list(guess.others),
            }
            for guess in entry.columns
        ],
        "unused_columns": list(entry.unused),
    }


def _shown(path: Path, draft: Draft) -> str:
    try:
        return path.relative_to(draft.folder).as_posix()
    except ValueError:
        return path.as_posix()


def _missing(draft: Draft) -> list[str]:
    return [layer for layer in (*VECTOR_LAYERS, *TABLE_LAYERS, *RASTER_LAYERS) if not draft.has(layer)]


def print_draft(draft: Draft, output: Path, lang: str) -> None:
    """Print a line a file, then what is unsure, what is not used, what is missing, and what to do next."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    console = out()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(("Layer", "File", "How sure", "Columns")):
        table.add_column(say(title, lang), overflow="fold", no_wrap=at in (0, 2))
    for entry in draft.live:
        table.add_row(
            _title(entry.layer, lang), _named(entry, draft), say(entry.confidence, lang), _count(entry, lang)
        )
    console.print(table)
    for entry in draft.entries:
        _print_unsure(console, entry, draft, lang)
    for one in draft.not_used:
        name = " · ".join(part for part in (_shown(one.path, draft), one.table) if part)
        kind = "not read" if one.unreadable else "not used"
        console.print(f"{say(kind, lang)}: {name}: {one.reason.speak(lang)}", soft_wrap=True)
    for note in draft.notes:
        console.print(note.speak(lang), soft_wrap=True)
    for layer in _missing(draft):
        needed = say(_NEEDED_FOR[layer], lang)
        console.print(
            say("missing: {layer}, needed for {what}", lang, layer=_title(layer, lang), what=needed),
            soft_wrap=True,
        )
    console.print(say("wrote {file}", lang, file=output), soft_wrap=True)
    console.print(_next(draft, output, lang), soft_wrap=True)


def _next(draft: Draft, output: Path, lang: str) -> str:
    if not draft.has("parcels"):
        return say("No table looks like the parcels: name it in {file}.", lang, file=output)
    if draft.sure:
        return say("Everything is sure. Next: parkgeo check {file}", lang, file=output)
    return say("Look at the lines that are not sure, then: parkgeo check {file}", lang, file=output)


def _title(layer: str, lang: str) -> str:
    """A layer's title; rasters have no schema."""
    if layer not in schemas():
        return say(layer, lang)
    return schemas()[layer].zh if lang == "zh" else schemas()[layer].en


def _named(entry: Entry, draft: Draft) -> str:
    return " · ".join(part for part in (_shown(entry.path, draft), entry.table) if part)


def _count(entry: Entry, lang: str) -> str:
    """How many columns are fields, by how sure they are."""
    counts = {
        confidence: sum(guess.live and guess.confidence == confidence for guess in entry.columns)
        for confidence in ("sure", "likely", "guess")
    }
    return say(", ", lang).join(
        f"{count} {say(confidence, lang)}" for confidence, count in counts.items() if count
    )


def _print_unsure(console: Console, entry: Entry, draft: Draft, lang: str) -> None:
    """What of an entry a person must look at."""
    name = f"{_title(entry.layer, lang)} · {_named(entry, draft)}"
    if entry.not_live is not None:
        console.print(f"{say('not used', lang)}: {name}: {entry.not_live.speak(lang)}", soft_wrap=True)
        return
    if entry.confidence != "sure":
        why = say("; ", lang).join(reason.speak(lang) for reason in entry.reasons)
        console.print(f"{say(entry.confidence, lang)}: {name}: {why}", soft_wrap=True)
    if entry.system is not None and not entry.system.sure:
        why = entry.system.reason.speak(lang)
        console.print(f"{say('guess', lang)}: {name}: {why}", soft_wrap=True)
    for guess in entry.columns:
        if guess.confidence != "sure":
            title = guess.field.zh if lang == "zh" else guess.field.en
            why = say("; ", lang).join(reason.speak(lang) for reason in guess.reasons)
            kind = say(guess.confidence if guess.live else "not used", lang)
            console.print(f"{kind}: {name}: {title} ← {guess.column}: {why}", soft_wrap=True)
