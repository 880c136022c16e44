"""The files of a folder → what park.toml shall say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.errors import ParkgeoError
from parkgeo.guess.choice import choose
from parkgeo.guess.confidence import LIKELY
from parkgeo.guess.content import typed
from parkgeo.guess.draft import Draft, Entry, NotUsed
from parkgeo.guess.look import Table, look, told_layer
from parkgeo.guess.rasters import guess_raster
from parkgeo.guess.rivals import settle_rivals
from parkgeo.guess.scan import scan
from parkgeo.guess.system import SystemGuess
from parkgeo.guess.units import areas_by_id, with_units
from parkgeo.ingest.crs import parse_crs
from parkgeo.ingest.ground import Ground
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.unknown import RASTER_ENDINGS
from parkgeo.layers import sentence
from parkgeo.project import RASTER_LAYERS, TABLE_LAYERS, VECTOR_LAYERS, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parkgeo.guess.choice import Candidate
    from parkgeo.guess.columns import ColumnGuess
    from parkgeo.guess.confidence import Confidence
    from parkgeo.ingest.openers import Opener
    from parkgeo.layers import Sentence

__all__ = ["guess_folder"]

_LAYERS = (*VECTOR_LAYERS, *TABLE_LAYERS, *RASTER_LAYERS)
_LONGEST_NAME = 80
_INDUSTRIAL = "land_use = 'industrial'"
_MOST_COLUMNS = 400
_KINDS = {
    "polygon": sentence("polygons"),
    "line": sentence("lines"),
    "point": sentence("points"),
    "mixed": sentence("shapes"),
    "none": sentence("a table"),
}


def guess_folder(
    folder: Path, *, trusted: bool = False, progress: Callable[[str], None] = lambda _: None
) -> Draft:
    """Look through a folder.

    Parameters
    ----------
    folder
        The folder.
    trusted
        Open the files in this process, without limits; else in a process of their own.
    progress
        Called with the name of each file as it is begun.

    Returns
    -------
    Draft

    Raises
    ------
    ProjectError
        It is no folder.
    """
    found = scan(folder)
    not_used = [NotUsed(path, "", reason) for path, reason in found.passed]
    entries: list[Entry] = []
    tables: list[Table] = []
    rasters = any(path.suffix.lower() in RASTER_ENDINGS for path in found.files)
    with opener_for(trusted=trusted, rasters=rasters) as opener:
        for path in found.files:
            progress(path.name)
            for seen in (_raster if path.suffix.lower() in RASTER_ENDINGS else look)(path, opener):
                if isinstance(seen, NotUsed):
                    not_used.append(seen)
                elif isinstance(seen, Entry):
                    entries.append(seen)
                elif (reason := _useless(seen)) is not None:
                    layer = told_layer(path, seen.name) if not seen.known else ""
                    not_used.append(NotUsed(path, seen.name or seen.known, reason, layer=layer))
                else:
                    tables.append(seen)
    candidates = settle_rivals(choose(tables, folder))
    for one in candidates:
        if not one.layer:
            reason = one.why_not or sentence("it looks like no layer")
            not_used.append(NotUsed(one.table.path, one.table.name or one.table.known, reason))
    entries = [*_one_terrain(entries), *_entries(candidates)]
    entries.sort(key=lambda entry: (_LAYERS.index(entry.layer), entry.not_live is not None))
    name, name_from = _park_name(folder, candidates)
    return Draft(folder, name, name_from, tuple(entries), tuple(not_used), found.notes)


def _useless(table: Table) -> Sentence | None:
    """Why a table cannot be any layer."""
    if not len(table.raw.frame):
        return sentence("it holds no rows")
    if table.raw.geometry is not None and not len(table.shapes):
        return sentence("none of its rows has a shape")
    if len(table.columns) > _MOST_COLUMNS:
        return sentence("it has {count} columns: no table of land", count=len(table.columns))
    return None


def _raster(path: Path, opener: Opener) -> Iterator[Entry | NotUsed]:
    try:
        raw, _ = opener.read(path, Source("", ()))
    except ParkgeoError as error:
        yield NotUsed(path, "", sentence("{what}", what=error.what), unreadable=True)
        return
    guess = guess_raster(path, raw)
    if not guess.layer:
        yield NotUsed(path, "", sentence("{reason}: {seen}", reason=guess.reasons[-1], seen=guess.reasons[0]))
        return
    what = sentence(
        "{width} × {height} pixels, {bands} bands",
        width=int(raw.frame["width"].iloc[0]), height=int(raw.frame["height"].iloc[0]), bands=len(raw.frame),
    )  # fmt: skip
    stated = sentence("stated in the file")
    system = SystemGuess(Ground(parse_crs(raw.crs, path.name), ""), stated=True, sure=True, reason=stated)
    yield Entry(
        guess.layer, path, "", guess.confidence, guess.reasons, what,
        system=system, date=guess.date, bands=guess.bands or {}, bands_sure=guess.bands_sure,
    )  # fmt: skip


def _one_terrain(entries: list[Entry]) -> list[Entry]:
    """Only one raster of heights is used: the surest, the first of equals."""
    heights = [entry for entry in entries if entry.layer == "dem"]
    order: dict[Confidence, int] = {"sure": 0, "likely": 1, "guess": 2}
    first = min(heights, key=lambda entry: order[entry.confidence], default=None)
    return [
        replace(entry, not_live=sentence("{other} is taken for the terrain", other=first.path.name))
        if first is not None and entry.layer == "dem" and entry is not first
        else entry
        for entry in entries
    ]


def _entries(candidates: list[Candidate]) -> list[Entry]:
    parcels = next((one for one in candidates if one.layer == "parcels" and one.why_not is None), None)
    areas = areas_by_id(parcels) if parcels is not None else pd.Series(dtype="float64")
    ledger = any(one.layer == "supply" and one.why_not is None for one in candidates)
    entries = [_entry(one, with_units(one, areas), ledger=ledger) for one in candidates if one.layer]
    mapped = {
        one.table.path
        for one in candidates
        if one.layer == "parks" and one.table.known and one.why_not is None
    }
    # OpenStreetMap's parks are its industrial areas; its other areas would all lie outside of them.
    return [
        replace(entry, where=_INDUSTRIAL) if entry.layer == "parcels" and entry.path in mapped else entry
        for entry in entries
    ]


def _entry(one: Candidate, columns: tuple[ColumnGuess, ...], *, ledger: bool) -> Entry:
    """A candidate as an entry of park.toml.

    The ledger's fields among the parcels' columns are written where they are plain and there is no ledger of its own.
    """
    raw, own = one.table.raw, one.chosen.layer.fields
    kept = tuple(
        guess for guess in columns if guess.field.name in own or (not ledger and guess.score >= LIKELY)
    )
    mapped = {guess.column for guess in kept if guess.live}
    kind = _KINDS[one.table.family]
    what = sentence("{rows} rows, {kind}", rows=len(raw.frame), kind=kind)
    if raw.encoding:
        what = sentence(
            "{rows} rows, {kind}, encoding {encoding}", rows=len(raw.frame), kind=kind, encoding=raw.encoding
        )
    return Entry(
        layer=one.layer,
        path=one.table.path,
        table=one.table.name,
        confidence=one.confidence,
        reasons=one.reasons,
        what=what,
        columns=kept,
        unused=tuple(column for column in one.table.columns if column not in mapped),
        system=one.system,
        not_live=one.why_not,
    )


def _park_name(folder: Path, candidates: list[Candidate]) -> tuple[str, Sentence]:
    """The park's name: of the one boundary, else the folder's."""
    for one in candidates:
        if one.layer == "parks" and one.why_not is None and len(one.table.raw.frame) == 1:
            for guess in one.chosen.columns:
                if guess.field.name == "name" and guess.live:
                    place = one.table.columns.index(guess.column)
                    values = typed(one.table.raw.frame.iloc[:, place], guess.field)
                    text = str(values.iloc[0] or "").strip()[:_LONGEST_NAME]
                    if text:
                        return text, sentence("from the boundary")
    return folder.resolve().name[:_LONGEST_NAME] or "park", sentence("from the folder's name")
