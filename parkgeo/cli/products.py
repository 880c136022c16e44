"""The files of a finished analysis that people take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.store import Snapshot

__all__ = ["write_parcel_list", "write_products"]


def write_products(snapshot: Snapshot, folder: Path) -> tuple[Path, ...]:
    """Write the register and the map in each language, and one GeoPackage of all.

    Parameters
    ----------
    snapshot
        The analysis.
    folder
        Where to.

    Returns
    -------
    tuple of pathlib.Path
        What was written.
    """
    from maps import render_map
    from parkgeo.export import write_geopackage, write_register
    from parkgeo.files import publish_file

    written = [folder / "park.gpkg"]
    write_geopackage(snapshot, written[0], lang="zh")
    for lang in LANGUAGES:
        register, page = folder / f"idle-register-{lang}.xlsx", folder / f"map-{lang}.html"
        write_register(snapshot, register, lang=lang)
        with publish_file(page) as beside:
            beside.write_text(render_map(snapshot, lang=lang), encoding="utf-8", newline="\n")
        written += [register, page]
    return tuple(written)


def write_parcel_list(snapshot: Snapshot, path: Path, *, where: str, lang: str, personal: bool) -> int:
    """Write chosen parcels as a list for paper; gives how many.

    Parameters
    ----------
    snapshot
        The analysis.
    path
        Ends in ``.pdf``, ``.docx`` or ``.html``.
    where
        CQL2 text; empty is all parcels.
    lang
        ``zh`` or ``en``.
    personal
        Leave fields that tell of a person in clear.
    """
    from parkgeo.export.cells import published
    from parkgeo.report import Chosen, write_list
    from parkgeo.store.where import parse

    rows = published(snapshot, "parcels", where=where or None, personal=personal)
    chosen = Chosen(condition=parse(where), written=where) if where else Chosen()
    write_list(snapshot, rows, path, chosen=chosen, lang=lang)
    return len(rows)
