"""What is exported in which form: rows of a collection, or a whole snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import NotFoundError, StoreError
from parkgeo.export import write_table
from parkgeo.export.cells import in_key_order
from parkgeo.export.worded import first_columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from api.records.view import SnapshotView
    from parkgeo.report import Chosen
    from parkgeo.store import Snapshot

__all__ = [
    "LIST_FILE",
    "MEDIA_TYPES",
    "PACKED",
    "ROW_FORMS",
    "WHOLE_FILES",
    "write_parcel_list",
    "write_rows",
]

MEDIA_TYPES = {
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "pmtiles": "application/vnd.pmtiles",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
"""Ending → media type."""

PACKED = tuple(MEDIA_TYPES[form] for form in ("xlsx", "parquet", "pmtiles", "docx", "pdf"))
"""Media types that are not compressed on their way: they are packed already. A GeoPackage is not, and shrinks to a quarter."""

ROW_FORMS = ("gpkg", "xlsx", "csv", "geojson", "parquet")
"""Endings of a collection's rows."""

LIST_FILE = "parcels.pdf"
"""The one list for paper: parcels with a map of them."""


def _table_of(snapshot: Snapshot, collection: str) -> str:
    """The table that a collection is of; a part with one kind of geometry is named after its table."""
    return collection if collection in snapshot.tables else collection.rpartition("_")[0]


def write_rows(
    snapshot: Snapshot,
    collection: str,
    frame: pd.DataFrame,
    path: Path,
    *,
    lang: str,
    ordered: bool,
    properties: tuple[str, ...] | None,
    first: tuple[str, ...] = (),
    words: bool = False,
) -> None:
    """Write rows of a collection in the form that the path's ending names.

    Parameters
    ----------
    snapshot
        Whose titles the columns have.
    collection
        Its id.
    frame
        The rows, as `api.served.rows.Rows.frame` gives them.
    path
        Where to.
    lang
        ``zh`` or ``en``: titles, where the form has them.
    ordered
        Whether the request asked for an order; else it is that of the table's key.
    properties
        The only columns to be written, beside geometry; None is all.
    first
        Columns before all others.
    words
        For people: words for codes, figures rounded.
    """
    table = _table_of(snapshot, collection)
    if not ordered:
        frame = in_key_order(table, frame)
    if properties is not None:
        geometry = [name for name in frame.columns if name == "geometry"]
        frame = frame[[*properties, *geometry]]
    write_table(snapshot, table, first_columns(frame, first), path, lang=lang, words=words)


def write_parcel_list(
    view: Snapshot, frame: pd.DataFrame, path: Path, *, lang: str, chosen: Chosen, ordered: bool
) -> None:
    """Write parcels as a list for paper.

    Parameters
    ----------
    view
        What the caller may know; the other parcels are drawn beneath the chosen.
    frame
        The rows, as `api.served.rows.Rows.frame` gives them.
    path
        Where to.
    lang
        ``zh`` or ``en``.
    chosen
        What was asked for.
    ordered
        Whether the request asked for an order; else it is that of the table's key.
    """
    from parkgeo.report import write_list

    rows = frame if ordered else in_key_order("parcels", frame)
    try:
        write_list(view, rows, path, lang=lang, chosen=chosen)
    except NotFoundError as error:
        # The parcels are there: what was not found is a font.
        raise StoreError(error.what, where=error.where, mend=error.mend) from error


def _geopackage(view: Snapshot, path: Path, *, lang: str) -> None:
    from parkgeo.export import write_geopackage

    write_geopackage(view, path, lang=lang)


def _register(view: Snapshot, path: Path, *, lang: str) -> None:
    from parkgeo.export import write_register

    write_register(view, path, lang=lang)


def _register_document(view: Snapshot, path: Path, *, lang: str) -> None:
    from parkgeo.report import write_register_document

    write_register_document(view, path, lang=lang)


def _report(view: Snapshot, path: Path, *, lang: str) -> None:
    from parkgeo.report import write_report

    write_report(view, path, lang=lang)


def _tiles(view: SnapshotView, path: Path, *, lang: str) -> None:
    from api.tiles.archive import write_pmtiles

    write_pmtiles(view, path, built=view.collections, lang=lang)


WHOLE_FILES: dict[str, Callable[..., None]] = {
    "snapshot.gpkg": _geopackage,
    "snapshot.pmtiles": _tiles,
    "register.xlsx": _register,
    "register.pdf": _register_document,
    "register.docx": _register_document,
    "report.docx": _report,
    "report.pdf": _report,
}
"""Name of a file about a whole snapshot → what writes it."""
