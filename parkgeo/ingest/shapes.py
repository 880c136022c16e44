"""Geometry as files hold it → shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.errors import ShapelyError

from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["shapes_from_geojson", "shapes_from_wkb"]

_UNREADABLE = sentence("geometry that cannot be read: broken, curved or of a rare kind")


def shapes_from_wkb(cells: Sequence[bytes | None]) -> tuple[NDArray[np.object_], dict[int, Sentence]]:
    """Shapes from well-known binary.

    Parameters
    ----------
    cells
        One a row; None where there is no geometry.

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
    return _read(list(cells), shapely.from_wkb)


def shapes_from_geojson(cells: Sequence[str | None]) -> tuple[NDArray[np.object_], dict[int, Sentence]]:
    """Shapes from GeoJSON geometries as text; see `shapes_from_wkb`."""
    return _read(list(cells), shapely.from_geojson)


def _read(
    cells: list[bytes | None] | list[str | None], parse: Callable[..., NDArray[np.object_]]
) -> tuple[NDArray[np.object_], dict[int, Sentence]]:
    given = np.empty(len(cells), dtype=object)
    given[:] = cells
    try:
        return np.asarray(parse(given), dtype=object), {}
    except (ShapelyError, NotImplementedError, ValueError, TypeError):
        # One bad geometry must not cost the others: each by itself.
        shapes = np.empty(len(cells), dtype=object)
        spoiled = {}
        for at, cell in enumerate(cells):
            try:
                shapes[at] = None if cell is None else parse(cell)
            except (ShapelyError, NotImplementedError, ValueError, TypeError):
                spoiled[at] = _UNREADABLE
        return shapes, spoiled
