"""Files as a person names them: by path, or by a pattern."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_folder", "is_given", "matching"]

# Main file → endings of the files beside it that are parts of it and never a file of their own.
_BESIDE = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".xml", ".qmd"),
    ".tab": (".dat", ".map", ".id", ".ind", ".dbf"),
    ".mif": (".mid",),
    ".gml": (".xsd", ".gfs"),
    ".gpkg": (".gpkg-wal", ".gpkg-shm", ".gpkg-journal"),
    ".tif": (".tfw", ".tifw", ".wld", ".ovr", ".xml"),
    ".tiff": (".tfw", ".tifw", ".wld", ".ovr", ".xml"),
}
# A file geodatabase is a folder.
_GEODATABASE = ".gdb"


def is_given(path: Path) -> bool:
    """Whether a path names a file, or the folder that is one."""
    return _is(path, Path.is_file) or _is_geodatabase(path)


def is_folder(path: Path) -> bool:
    """Whether a path names a folder."""
    return _is(path, Path.is_dir)


def matching(folder: Path, pattern: str) -> list[Path]:
    """Files that a pattern names, sorted; of a shapefile only its .shp, whatever else the pattern names beside it.

    So for other formats of several files; of a file geodatabase the folder and none of what is in it.
    """
    try:
        # Unlike Path.glob it takes absolute patterns.
        found = sorted(folder / name for name in glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207
    except (OSError, ValueError, RecursionError):
        return []
    parts = {
        path.with_suffix("").as_posix() + ending
        for path in found
        for ending in _BESIDE.get(path.suffix.lower(), ())
    }
    return [
        path
        for path in found
        if is_given(path)
        and path.with_suffix("").as_posix() + path.suffix.lower() not in parts
        and path.parent.suffix.lower() != _GEODATABASE
    ]


def _is(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether a path names a thing of a kind; a name that the system does not allow names nothing."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


def _is_geodatabase(path: Path) -> bool:
    return path.suffix.lower() == _GEODATABASE and _is(path, Path.is_dir)
