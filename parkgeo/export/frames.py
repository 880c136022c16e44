"""Tables that are worked out from a snapshot and are not in it, written as its own are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.export.flat import write_csv
from parkgeo.export.geojson import write_geojson
from parkgeo.export.titles import table_title
from parkgeo.export.worded import worded
from parkgeo.export.workbook import Sheet, altered, frame_columns, frame_rows, snapshot_book
from parkgeo.files import publish_file
from parkgeo.i18n import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["write_frames"]

_ENDINGS = (".xlsx", ".csv", ".geojson")


def write_frames(snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], path: Path, *, lang: str) -> None:
    """Write tables by the names under which the snapshot's catalogue knows their columns.

    Parameters
    ----------
    snapshot
        What they were worked out from.
    frames
        Name → table. A workbook has a sheet for each; CSV and GeoJSON hold the first.
    path
        Ends in ``.xlsx``, ``.csv`` or ``.geojson``. It is replaced only when the new file is whole.
    lang
        ``zh`` or ``en``: titles, where the format has them.

    Raises
    ------
    InputError
        The ending names none of these formats.
    StoreError
        The file cannot be written.
    """
    ending = path.suffix.casefold()
    if ending not in _ENDINGS:
        raise InputError(
            f"the file's ending names no format: {path.name!r}", mend=f"end the name in {', '.join(_ENDINGS)}"
        )
    name, first = next(iter(frames.items()))
    with publish_file(path) as beside:
        if ending == ".csv":
            write_csv(snapshot, name, first, beside)
        elif ending == ".geojson":
            write_geojson(snapshot, name, first, beside)
        else:
            _workbook(snapshot, frames, beside, lang)


def _workbook(snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], path: Path, lang: str) -> None:
    with snapshot_book(snapshot, path, lang=lang) as book:
        for name, rows in frames.items():
            # A workbook is for people, as its titles are; programs read CSV, GeoJSON or the JSON of the command.
            frame = worded(snapshot, name, rows, lang=lang)
            title = table_title(snapshot, name, lang)
            sheet = Sheet(
                name=title,
                heading=f"{snapshot.manifest['park']} · {title}",
                lines=[
                    say("As of {as_of} · snapshot {name}", lang, as_of=snapshot.as_of, name=snapshot.name)
                ],
                columns=frame_columns(snapshot, name, frame, lang),
                rows=frame_rows(snapshot, name, frame),
            )
            sheet.lines = [*sheet.lines, *altered(sheet, lang)]
            book.add(sheet)
