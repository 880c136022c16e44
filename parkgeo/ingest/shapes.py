"""Geometry as files hold it → shapes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.errors import ShapelyError

from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["is_curved", "outlines_of_surfaces", "shapes_from_geojson", "shapes_from_wkb"]

_UNREADABLE = sentence("geometry that cannot be read: broken, curved or of a rare kind")
_UPRIGHT = sentence("a surface whose faces all stand upright: it covers no ground")
_FAILURES = (ShapelyError, NotImplementedError, ValueError, TypeError)
_POINT, _LINE, _POLYGON, _MULTIPOLYGON = 1, 2, 3, 6
_CURVED = frozenset(range(8, 15))
_POLYHEDRAL, _TIN, _TRIANGLE = 15, 16, 17
# Surfaces made of faces, as the plain kinds of the same layout.
_AS_PLAIN = {_POLYHEDRAL: _MULTIPOLYGON, _TIN: _MULTIPOLYGON, _TRIANGLE: _POLYGON}
_PER_DIMENSION = 1000
# Little-endian, without heights; and the head of a multipolygon with one part.
_FLAT_POLYGON = struct.pack("<BI", 1, _POLYGON)
_OF_ONE = struct.pack("<BII", 1, _MULTIPOLYGON, 1)
_DEEPEST = 32


def shapes_from_wkb(cells: Sequence[bytes | None]) -> tuple[NDArray[np.object_], dict[int, Sentence]]:
    """Shapes from well-known binary.

    Parameters
    ----------
    cells
        One a row; None where there is no geometry. Where all are plain polygons they become multipolygons of one, as
        layers hold them: putting a head before the bytes costs a fifth of building them anew.

    Returns
    -------
    tuple
        Shapes, None where there is none or none that can be read; and for the latter position → why.

    Examples
    --------
    >>> shapes, spoiled = shapes_from_wkb([shapely.to_wkb(shapely.Point(1, 2)), None, b"?"])
    >>> [shape is None for shape in shapes], list(spoiled)
    ([False, True, True], [2])
    """
    given = list(cells)
    if all(cell is None or cell.startswith(_FLAT_POLYGON) for cell in given):
        given = [cell and _OF_ONE + cell for cell in given]
    return _read(given, shapely.from_wkb)


def shapes_from_geojson(cells: Sequence[str | None]) -> tuple[NDArray[np.object_], dict[int, Sentence]]:
    """Shapes from GeoJSON geometries as text; see `shapes_from_wkb`."""
    return _read(list(cells), shapely.from_geojson)


def is_curved(cell: bytes) -> bool:
    """Whether well-known binary holds an arc: a circular string, a compound curve, a surface with a curved outline."""
    return _kind(cell) in _CURVED


def outlines_of_surfaces(
    cells: Sequence[bytes | None], rows: Sequence[int]
) -> tuple[dict[int, shapely.Geometry], dict[int, Sentence]]:
    """The ground that surfaces made of faces cover: triangles, triangulated networks, polyhedral surfaces.

    Parameters
    ----------
    cells
        Well-known binary, one a row.
    rows
        Positions of those that could not be read as they are.

    Returns
    -------
    tuple
        Position → the union of the faces as they lie in plan; and position → why there is none. A row in neither is no
        such surface.
    """
    found: dict[int, shapely.Geometry] = {}
    spoiled: dict[int, Sentence] = {}
    for row in rows:
        cell = cells[row]
        try:
            plain = _as_plain(cell) if cell is not None else None
            if plain is None:
                continue
            faces = shapely.get_parts(shapely.get_parts(shapely.from_wkb(plain)))
            covered = shapely.union_all([face for face in shapely.force_2d(faces) if shapely.area(face) > 0])
        except (struct.error, RecursionError, *_FAILURES):
            continue
        if shapely.is_empty(covered):
            spoiled[row] = _UPRIGHT
        else:
            found[row] = covered
    return found, spoiled


def _kind(cell: bytes) -> int:
    if len(cell) < 5:  # noqa: PLR2004 - the byte order and the type
        return 0
    (kind,) = struct.unpack_from("<I" if cell[0] else ">I", cell, 1)
    return int(kind & 0x0FFFFFFF) % _PER_DIMENSION


def _as_plain(cell: bytes) -> bytes | None:
    """Well-known binary with faces written as polygons; None where it has no faces."""
    out = bytearray()
    changed = _copy_plain(cell, 0, out, 0)[1]
    return bytes(out) if changed else None


def _copy_plain(cell: bytes, at: int, out: bytearray, depth: int) -> tuple[int, bool]:
    """Copy one geometry with its parts; where it ends, and whether a kind was changed."""
    if depth > _DEEPEST:
        raise RecursionError
    order = "<" if cell[at] else ">"
    (kind,) = struct.unpack_from(f"{order}I", cell, at + 1)
    base, dimensions = kind % _PER_DIMENSION, kind // _PER_DIMENSION
    plain = _AS_PLAIN.get(base, base)
    out += cell[at : at + 1] + struct.pack(f"{order}I", dimensions * _PER_DIMENSION + plain)
    width = 8 * (2 + (dimensions in (1, 3)) + (dimensions in (2, 3)))
    at += 5
    if plain == _POINT:
        out += cell[at : at + width]
        return at + width, False
    (count,) = struct.unpack_from(f"{order}I", cell, at)
    out += cell[at : at + 4]
    at, changed = at + 4, plain != base
    if plain == _LINE:
        out += cell[at : at + count * width]
        return at + count * width, changed
    for _ in range(count):
        if plain == _POLYGON:
            (corners,) = struct.unpack_from(f"{order}I", cell, at)
            out += cell[at : at + 4 + corners * width]
            at += 4 + corners * width
        else:
            at, inner = _copy_plain(cell, at, out, depth + 1)
            changed = changed or inner
    return at, changed


def _read(
    cells: list[bytes | None] | list[str | None], parse: Callable[..., NDArray[np.object_]]
) -> tuple[NDArray[np.object_], dict[int, Sentence]]:
    given = np.empty(len(cells), dtype=object)
    given[:] = cells
    try:
        return np.asarray(parse(given), dtype=object), {}
    except _FAILURES:
        # One bad geometry must not cost the others: each by itself.
        shapes = np.empty(len(cells), dtype=object)
        spoiled = {}
        for at, cell in enumerate(cells):
            try:
                shapes[at] = None if cell is None else parse(cell)
            except _FAILURES:
                spoiled[at] = _UNREADABLE
        return shapes, spoiled
