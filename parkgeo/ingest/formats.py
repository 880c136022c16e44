"""The map formats: which ending is read how, what a file must begin with, which files belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parkgeo.errors import InputError, name_some, unreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FORMATS", "Format", "TableInfo", "check_beginning", "companions", "format_of"]


@dataclass(frozen=True)
class Format:
    """A format of map files.

    Attributes
    ----------
    name
        As the account shows it: GDAL's driver, or what we call it where GDAL is not asked.
    endings
        Of its files, in small letters.
    begins
        What a file of it begins with, one of these; empty where its reader looks at the content itself.
    beside
        Endings of further files that belong to one of its files.
    behind
        What further files add behind the whole name, as in ``a.gpkg-wal``.
    """

    name: str
    endings: tuple[str, ...]
    begins: tuple[bytes, ...] = ()
    beside: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableInfo:
    """A layer, sheet or file that holds one, as a person chooses among them.

    Attributes
    ----------
    name
        What ``layer`` in park.toml names it by; empty where the file holds just one.
    geometry
        ``polygon``, ``line``, ``point``, ``mixed``, or ``none`` for a table; empty where it is not known.
    rows
        How many; None where counting would mean reading it all.
    """

    name: str
    geometry: str
    rows: int | None


FORMATS = (
    Format("ESRI Shapefile", (".shp",), (b"\x00\x00\x27\x0a",), (".shx", ".dbf", ".prj", ".cpg")),
    Format("GPKG", (".gpkg",), (b"SQLite format 3\x00",), behind=("-wal", "-journal")),
    Format("OpenFileGDB", (".gdb",)),
    Format("GeoJSON", (".geojson", ".json")),
    Format("GeoJSONSeq", (".geojsonl", ".geojsons", ".ndjson", ".jsonl")),
    Format("TopoJSON", (".topojson",)),
    Format("FlatGeobuf", (".fgb",), (b"fgb",)),
    Format("Parquet", (".parquet", ".geoparquet"), (b"PAR1",)),
    Format("KML", (".kml",)),
    Format("KMZ", (".kmz",), (b"PK\x03\x04",)),
    Format("GML", (".gml",), beside=(".xsd",)),
    Format("DXF", (".dxf",)),
    Format("MapInfo File", (".tab",), beside=(".dat", ".map", ".id", ".ind", ".dbf")),
    Format("MapInfo File", (".mif",), beside=(".mid",)),
    Format("zip", (".zip",), (b"PK\x03\x04",)),
)
"""All that is read as a map, but for coordinate text files."""

_RASTER = Format("GTiff", (".tif", ".tiff"), beside=(".tfw", ".tifw", ".wld"))
_BY_ENDING = {ending: one for one in FORMATS for ending in one.endings}
_FOLDER = ".gdb"


def format_of(path: Path) -> Format:
    """The format that a file's ending tells.

    Raises
    ------
    InputError
        None has this ending.
    """
    found = _BY_ENDING.get(path.suffix.lower())
    if found is None:
        raise InputError(
            f"files ending in {path.suffix!r} are not read as maps",
            where=str(path),
            mend=f"give one of {name_some(_BY_ENDING, shown=40)}",
        )
    return found


def check_beginning(path: Path, kind: Format) -> None:
    """See that a file begins as its format does, before anything else opens it.

    Content of another kind (a VRT, the description of a service) under a familiar ending could make other drivers
    read other files or fetch addresses.

    Raises
    ------
    InputError
        It cannot be read, is empty, or begins otherwise.
    """
    longest = max(map(len, kind.begins), default=1)
    try:
        with path.open("rb") as file:
            head = file.read(longest)
    except OSError as error:
        raise unreadable(path, error) from error
    if not head:
        raise InputError("the file is empty (0 bytes)", where=str(path), mend="copy or save it again")
    if kind.begins and not head.startswith(kind.begins):
        raise InputError(
            f"the content is not {kind.name}",
            where=str(path),
            mend="give the file its true ending, or save it again",
        )


def companions(path: Path) -> dict[str, Path]:
    """The files that make up one file of a user's: a shapefile's parts, the files in a file geodatabase's folder.

    Parameters
    ----------
    path
        A file, or the folder of a file geodatabase.

    Returns
    -------
    dict
        Ending in small letters → file, found whatever the case of their endings, the file itself among them; for a
        file geodatabase name → file, of the folder.
    """
    ending = path.suffix.lower()
    if ending == _FOLDER and path.is_dir():
        inside = sorted(other for other in path.iterdir() if other.is_file() and not other.is_symlink())
        return {other.name: other for other in inside}
    kind = _RASTER if ending in _RASTER.endings else _BY_ENDING.get(ending)
    if kind is None or not (kind.beside or kind.behind):
        return {ending: path}
    near = sorted(other for other in path.parent.iterdir() if other.name.startswith(path.stem))
    found = {
        other.suffix.lower(): other
        for other in near
        if other.stem == path.stem and other.suffix.lower() in kind.beside
    }
    behind = {more: other for other in near for more in kind.behind if other.name == path.name + more}
    ordered = {one: found[one] for one in kind.beside if one in found}
    return {ending: path} | ordered | behind
