"""The package's door: a dossier or a report of a snapshot, into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import ProjectError
from parkgeo.files import publish_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from parkgeo.report.document import Document
    from parkgeo.report.fonts import Font
    from parkgeo.report.list_report import Chosen
    from parkgeo.report.studio import Studio
    from parkgeo.store import Snapshot
    from parkgeo.store.photos import Photo

__all__ = [
    "DOSSIER_ENDINGS",
    "LIST_ENDINGS",
    "REPORT_ENDINGS",
    "write_dossier",
    "write_list",
    "write_register_document",
    "write_report",
]

DOSSIER_ENDINGS = (".html", ".htm", ".pdf", ".docx")
REPORT_ENDINGS = (".docx", ".pdf", ".html", ".htm")
LIST_ENDINGS = (".pdf", ".docx", ".html", ".htm")


def write_dossier(
    snapshot: Snapshot,
    parcel_id: str,
    path: Path,
    *,
    lang: str,
    fonts: Path | None = None,
    photos: Sequence[Photo] = (),
) -> None:
    """Write the dossier of a parcel.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    parcel_id
        The parcel.
    path
        Ends in one of `DOSSIER_ENDINGS`. It is replaced only when the new file is whole.
    lang
        ``zh`` or ``en``.
    fonts
        A folder with a Chinese font, where the system has none.
    photos
        Of the parcel, as `parkgeo.store.photos.photos_of` finds them.

    Raises
    ------
    NotFoundError
        No parcel has that id, or no font holds Chinese characters.
    ProjectError
        The file's ending is none of ours.
    StoreError
        The file cannot be written.
    """
    from parkgeo.report.parcel_report import parcel_document

    _check(path, DOSSIER_ENDINGS)
    _write(
        path,
        lang,
        fonts,
        lambda studio: parcel_document(snapshot, parcel_id, lang=lang, studio=studio, photos=photos),
    )


def write_report(snapshot: Snapshot, path: Path, *, lang: str, fonts: Path | None = None) -> None:
    """Write the park report.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    path
        Ends in one of `REPORT_ENDINGS`. It is replaced only when the new file is whole.
    lang
        ``zh`` or ``en``.
    fonts
        A folder with a Chinese font, where the system has none.

    Raises
    ------
    NotFoundError
        No font holds Chinese characters.
    ProjectError
        The file's ending is none of ours.
    StoreError
        The file cannot be written.
    """
    from parkgeo.report.park_report import park_document

    _check(path, REPORT_ENDINGS)
    _write(path, lang, fonts, lambda studio: park_document(snapshot, lang=lang, studio=studio))


def write_register_document(snapshot: Snapshot, path: Path, *, lang: str, fonts: Path | None = None) -> None:
    """Write the register of suspected idle land with a small map of each parcel.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    path
        Ends in one of `REPORT_ENDINGS`. It is replaced only when the new file is whole.
    lang
        ``zh`` or ``en``.
    fonts
        A folder with a Chinese font, where the system has none.

    Raises
    ------
    NotFoundError
        No font holds Chinese characters.
    ProjectError
        The file's ending is none of ours.
    StoreError
        The file cannot be written.
    """
    from parkgeo.report.register_report import register_document

    _check(path, REPORT_ENDINGS)
    _write(path, lang, fonts, lambda studio: register_document(snapshot, lang=lang, studio=studio))


def write_list(
    snapshot: Snapshot,
    rows: pd.DataFrame,
    path: Path,
    *,
    chosen: Chosen | None = None,
    lang: str,
    fonts: Path | None = None,
) -> None:
    """Write chosen parcels as a list with a map of them.

    Parameters
    ----------
    snapshot
        Of which they are.
    rows
        The chosen parcels in their order, with what may leave.
    path
        Ends in one of `LIST_ENDINGS`. It is replaced only when the new file is whole.
    chosen
        What was asked for, to be said on the first page; None is all parcels.
    lang
        ``zh`` or ``en``.
    fonts
        A folder with a Chinese font, where the system has none.

    Raises
    ------
    NotFoundError
        No font holds Chinese characters.
    ProjectError
        The file's ending is none of ours, or a column was chosen that the parcels do not have.
    StoreError
        The file cannot be written.
    """
    from parkgeo.report.list_report import Chosen, list_document

    _check(path, LIST_ENDINGS)
    asked = Chosen() if chosen is None else chosen
    _write(path, lang, fonts, lambda studio: list_document(snapshot, rows, asked, lang=lang, studio=studio))


def _check(path: Path, endings: tuple[str, ...]) -> None:
    if path.suffix.lower() not in endings:
        raise ProjectError(
            f"cannot write {path.name!r}: the format follows the file's ending",
            mend=f"end the name in one of {', '.join(endings)}",
        )


def _write(path: Path, lang: str, fonts: Path | None, build: Callable[[Studio], Document]) -> None:
    from parkgeo.report.fonts import find_font
    from parkgeo.report.studio import Studio

    # A Chinese font is wanted for either language: holders' names are Chinese in both.
    font = find_font(fonts, chinese=lang == "zh")
    document = build(Studio(font))
    content = _content(document, _fit(font, document, fonts), path.suffix.lower())
    with publish_file(path) as beside:
        beside.write_bytes(content)


def _fit(font: Font, document: Document, fonts: Path | None) -> Font:
    """The font, or an error where the document holds characters that it lacks."""
    from parkgeo.report.document import document_texts
    from parkgeo.report.fonts import find_font, has_chinese

    return find_font(fonts, chinese=True) if has_chinese(document_texts(document)) else font


def _content(document: Document, font: Font, ending: str) -> bytes:
    if ending == ".pdf":
        from parkgeo.report.pdf import document_pdf

        return document_pdf(document, font)
    if ending == ".docx":
        from parkgeo.report.word import document_docx

        return document_docx(document)
    from parkgeo.report.html import document_html

    return document_html(document).encode("utf-8")
