"""Where the made-up park lies: its own frame of metres, the map frame, and the random streams.

Everything is built in *site metres*: map coordinates (EPSG:4528) less :data:`ORIGIN`, so that arithmetic stays
small and rounding to a millimetre is exact. A street plan is drawn straight in *plan metres* (u along the river,
v away from it) and bent and turned into site metres by :func:`to_site`, as streets follow a river bank.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import shapely

__all__ = [
    "AS_OF",
    "EPSG",
    "GRID_M",
    "ORIGIN",
    "bend",
    "stream",
    "to_map",
    "to_plan",
    "to_site",
]

EPSG = 4528
"""CGCS2000 / 3-degree Gauss-Krüger zone 40 (central meridian 120° E), eastings with the zone prefix."""

ORIGIN = (40_523_000.0, 3_385_000.0)
"""Easting and northing of the site frame's origin."""

AS_OF = "2026-06-30"
"""The day on which the sample is judged."""

GRID_M = 0.001
"""Coordinates are whole millimetres, so that they are the same numbers on every machine."""

_TURN = np.deg2rad(9.0)


def stream(seed: int, theme: str) -> np.random.Generator:
    """Random numbers of one theme: a further draw in one theme leaves the others as they were.

    Examples
    --------
    >>> bool(stream(1, "roads").integers(100) == stream(1, "roads").integers(100))
    True
    """
    words = np.random.SeedSequence([seed, zlib.crc32(theme.encode())])
    return np.random.Generator(np.random.PCG64(words))


def to_site(points: Any) -> np.ndarray:
    """Plan metres to site metres: a gentle bend, then a turn of nine degrees.

    Parameters
    ----------
    points
        n × 2 array of (u, v) in plan metres.

    Returns
    -------
    numpy.ndarray
        n × 2 array of (x, y) in site metres.
    """
    uv = np.asarray(points, dtype=float)
    u = uv[:, 0] + 45.0 * np.sin(uv[:, 1] / 1000.0)
    v = uv[:, 1] + 80.0 * np.sin(uv[:, 0] / 1300.0 + 0.4)
    return np.column_stack([u * np.cos(_TURN) - v * np.sin(_TURN), u * np.sin(_TURN) + v * np.cos(_TURN)])


def to_plan(points: Any) -> np.ndarray:
    """Site metres to plan metres: the inverse of :func:`to_site`, by iteration.

    Examples
    --------
    >>> bool(np.allclose(to_plan(to_site([[1500.0, -900.0]])), [[1500.0, -900.0]]))
    True
    """
    xy = np.asarray(points, dtype=float)
    bent = np.column_stack(
        [
            xy[:, 0] * np.cos(_TURN) + xy[:, 1] * np.sin(_TURN),
            -xy[:, 0] * np.sin(_TURN) + xy[:, 1] * np.cos(_TURN),
        ]
    )
    uv = bent.copy()
    for _ in range(12):
        uv = np.column_stack(
            [
                bent[:, 0] - 45.0 * np.sin(uv[:, 1] / 1000.0),
                bent[:, 1] - 80.0 * np.sin(uv[:, 0] / 1300.0 + 0.4),
            ]
        )
    return uv


def bend(plan_geometry: Any, *, every_m: float = 110.0) -> Any:
    """A geometry drawn in plan metres as it lies on the site, with vertices close enough to follow the bend."""
    dense = shapely.segmentize(plan_geometry, every_m)
    return shapely.set_precision(shapely.transform(dense, to_site), GRID_M)


def to_map(geometry: Any) -> Any:
    """Site metres to EPSG:4528, rounded to the millimetre."""
    return shapely.transform(geometry, lambda xy: np.round(xy + np.asarray(ORIGIN), 3))
