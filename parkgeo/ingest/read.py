"""A project's files → validated layers and the account of every row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.errors import FilterError, InputError, ParkgeoError, gather
from parkgeo.ingest.assemble import Intake, assemble
from parkgeo.ingest.build import ReadFile
from parkgeo.ingest.mended import put_in_place, read_mended
from parkgeo.ingest.openers import Opened, Opener, Protection, open_all, opener_for
from parkgeo.ingest.osm_place import read_place
from parkgeo.ingest.worker.copies import combined, digests_of
from parkgeo.layers import RasterSource, schema, sentence
from parkgeo.project import RASTER_LAYERS
from parkgeo.store.where import select

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable
    from parkgeo.project import Project, Source

__all__ = ["Intake", "read_layers", "read_with"]

# Begins with a dot: what was fetched is not among the files that a person put there.
_OSM_CACHE = ".osm"


def read_layers(
    project: Project, *, trusted: bool = False, progress: Callable[[str], None] = lambda _: None
) -> Intake:
    """Read all of a project's files.

    Parameters
    ----------
    project
        What park.toml says.
    trusted
        Open the files in this process, without limits; else in a process of their own (see `parkgeo.ingest.worker`).
    progress
        Called with the name of each layer as it is begun.

    Returns
    -------
    Intake
        Every row of every file is in its layer or in ``account["rejects"]``.

    Raises
    ------
    InputError
        Files that cannot be used at all: missing, unreadable, without a coordinate system, without parcels. All are
        named at once.
    """
    rasters = any(project.sources.get(layer) for layer in RASTER_LAYERS)
    with opener_for(trusted=trusted, rasters=rasters) as opener:
        return read_with(opener, project, progress=progress)


def read_with(
    opener: Opener, project: Project, *, progress: Callable[[str], None] = lambda _: None
) -> Intake:
    """Read all of a project's files through an opener that is at work already; see `read_layers`."""
    wanted = [
        (source, file) for sources in project.sources.values() for source in sources for file in source.files
    ]
    problems: list[ParkgeoError] = []
    unread: list[Opened] = []
    read: dict[str, list[ReadFile]] = {}
    rasters: dict[str, list[RasterSource]] = {name: [] for name in RASTER_LAYERS}
    digests: dict[Path, str] = {}
    for opened in open_all(wanted, opener, progress=progress):
        digests |= opened.digests
        try:
            _enter(project, opened, read, rasters)
        except ParkgeoError as error:
            # Rasters are evidence, not a condition: without one the rest is judged all the same.
            if opened.source.layer in RASTER_LAYERS:
                unread.append(opened)
            else:
                problems.append(error)
    for source in (one for sources in project.sources.values() for one in sources if one.place):
        progress(source.layer)
        try:
            _enter(project, _from_map(source, project), read, rasters)
        except ParkgeoError as error:
            problems.append(error)
    mended: list[RawTable] = []
    for path in project.mended:
        try:
            tables, read_for_it = read_mended(path, opener)
        except ParkgeoError as error:
            problems.append(error)
        else:
            mended.extend(tables)
            digests |= read_for_it
    if problems:
        raise gather(problems, InputError)
    read = _supply_from_parcels(put_in_place(read, mended))
    protection = Protection(isolated=opener.isolated, held=opener.held)
    return assemble(project, read, rasters, digests, protection, unread)


def _from_map(source: Source, project: Project) -> Opened:
    """A place's roads, buildings or facilities from OpenStreetMap; this process asks, for a child has no network."""
    cache = project.folder / (project.osm.get("cache") or _OSM_CACHE)
    raw = read_place(source.place, source.layer, project.osm, cache)
    return Opened(source, raw.path, raw, digests_of(raw.path))


def _enter(
    project: Project,
    opened: Opened,
    read: dict[str, list[ReadFile]],
    rasters: dict[str, list[RasterSource]],
) -> None:
    """Put a file that was opened where it belongs, or say why it could not be."""
    source, found = opened.source, opened.found
    if isinstance(found, ParkgeoError):
        raise found
    if isinstance(found, RasterSource):
        rasters[source.layer].append(found)
        return
    raw = _only_where(found, source.where)
    # Two sheets of one file have rows of the same number.
    shown = "#".join(filter(None, (project.shown(opened.path), source.table)))
    read.setdefault(source.layer, []).append(ReadFile(source, raw, shown, combined(opened.digests)))


def _only_where(raw: RawTable, where: str) -> RawTable:
    """The rows that park.toml asks for; the others are neither accepted nor rejected, and it is said how many they are."""
    if not where:
        return raw
    try:
        kept = np.flatnonzero(select(raw.frame.infer_objects(), where))
    except FilterError as error:
        raise InputError(
            f"where = {where[:80]!r}: {error.what}", where=str(raw.path), mend=error.mend
        ) from error
    place = {int(at): new for new, at in enumerate(kept)}
    note = sentence(
        "only the {kept} of {all} rows where {where}", kept=len(kept), all=len(raw.frame), where=where
    )
    return replace(
        raw,
        frame=raw.frame.iloc[kept].reset_index(drop=True),
        rows=raw.rows[kept],
        geometry=None if raw.geometry is None else raw.geometry[kept],
        declared=max(raw.declared - (len(raw.frame) - len(kept)), 0),
        notes=(*raw.notes, note),
        spoiled={place[at]: reason for at, reason in raw.spoiled.items() if at in place},
        cut_off=frozenset(place[at] for at in raw.cut_off if at in place),
    )


def _supply_from_parcels(read: dict[str, list[ReadFile]]) -> dict[str, list[ReadFile]]:
    """Where no ledger is given, the supply fields among the parcels' columns are the ledger."""
    if "supply" in read:
        return read
    own, ledger = schema("parcels").fields, schema("supply").fields
    only_supply = {name for name in ledger if name not in own}
    parcels = []
    derived = []
    for one in read.get("parcels", []):
        columns = one.source.columns
        here = {name: column for name, column in columns.items() if name not in only_supply}
        parcels.append(replace(one, source=replace(one.source, columns=here)))
        theirs = {name: column for name, column in columns.items() if name in ledger}
        headers = [schema("supply").field_for(str(text)) for text in one.raw.frame.columns]
        found = {field.name for field in headers if field is not None} | set(theirs)
        if found & only_supply:
            raw = replace(one.raw, geometry=None, spoiled={}, doubts=(), notes=())
            derived.append(replace(one, source=replace(one.source, layer="supply", columns=theirs), raw=raw))
    return {**read, "parcels": parcels} | ({"supply": derived} if derived else {})
