"""Pictures of basemaps that are files of the office: MBTiles and PMTiles, opened to be read and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from parkgeo.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.tiles.grid import Tile
    from maps.basemaps import Basemap

__all__ = ["Rasters", "picture_type"]

_MOST_BYTES = 4_000_000
_ONE = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def picture_type(content: bytes) -> str | None:
    """The media type of a picture by its first bytes; None of what is none that browsers show.

    Examples
    --------
    >>> picture_type(bytes.fromhex("ffd8ffe0")), picture_type(b"<svg")
    ('image/jpeg', None)
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)


class Rasters:
    """The files among some basemaps.

    Parameters
    ----------
    basemaps
        Those of the service.

    Raises
    ------
    ProjectError
        A file is not what it is said to be.
    """

    def __init__(self, basemaps: tuple[Basemap, ...]) -> None:
        self._files = {one.id: _FORMS[one.kind](one.file) for one in basemaps if one.file is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def read(self, name: str, tile: Tile) -> bytes | None:
        """A picture, in a thread that may wait; None where there is none."""
        content = self._files[name](tile)
        return content if content and len(content) <= _MOST_BYTES and picture_type(content) else None


def _open_mbtiles(path: Path) -> Callable[[Tile], bytes | None]:
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"

    def read(tile: Tile) -> bytes | None:
        # Rows of MBTiles count from the south.
        place = (tile.z, tile.col, (1 << tile.z) - 1 - tile.row)
        with closing(sqlite3.connect(address, uri=True)) as database:
            row = database.execute(_ONE, place).fetchone()
        return bytes(row[0]) if row and isinstance(row[0], bytes) else None

    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute(_ONE, (0, 0, 0)).fetchone()
    except sqlite3.Error as error:
        raise ProjectError("not an MBTiles file", where=str(path), mend="make it anew, or take it off the list") from error  # fmt: skip
    return read


def _open_pmtiles(path: Path) -> Callable[[Tile], bytes | None]:
    from pmtiles import reader, tile

    def get_bytes(offset: int, length: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    make: Any = reader.Reader  # its methods state no types
    archive = make(get_bytes)
    try:
        head = archive.header()
    except Exception as error:
        raise ProjectError("not a PMTiles file", where=str(path), mend="make it anew, or take it off the list") from error  # fmt: skip
    if head["tile_type"] not in (tile.TileType.PNG, tile.TileType.JPEG, tile.TileType.WEBP):
        raise ProjectError("a PMTiles file of something else than pictures", where=str(path), mend="use one of PNG, JPEG or WebP")  # fmt: skip

    def read(place: Tile) -> bytes | None:
        if not head["min_zoom"] <= place.z <= head["max_zoom"]:
            return None
        found: bytes | None = archive.get(place.z, place.col, place.row)
        return found

    return read


_FORMS = {"mbtiles": _open_mbtiles, "pmtiles": _open_pmtiles}
