"""Indices of images as pictures below the parcels: what the snapshot's table ``image_pictures`` holds, in classes with a legend."""

from __future__ import annotations

import base64
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from maps.ramps import ramp_styles
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from maps.layer import Drawing

__all__ = ["BANDS", "imagery"]

BANDS: tuple[tuple[float | None, float | None], ...] = (
    (None, -0.2),
    (-0.2, 0.0),
    (0.0, 0.2),
    (0.2, 0.4),
    (0.4, 0.6),
    (0.6, None),
)
"""Above and up to which value of an index each class goes; the same for all, so that pictures of two days can be compared."""

_LEVELS = 254
_HALF_M = math.pi * 6_378_137.0
_WORLD = 2.0**32
_TITLES = {
    "ndvi": "Vegetation index NDVI, {day}",
    "ndbi": "Built-up index NDBI, {day}",
    "bsi": "Bare soil index BSI, {day}",
}


def imagery(drawing: Drawing) -> list[dict[str, Any]]:
    """One layer an image and index, the latest image first; one file carries the latest alone."""
    if "image_pictures" not in drawing.snapshot.tables:
        return []
    rows = drawing.snapshot.read("image_pictures")
    rows = rows[rows["image_index"].isin(list(_TITLES))].sort_values(
        ["imagery_on", "image_index"], ascending=[False, True], kind="stable"
    )
    rows = rows[rows["imagery_on"] == rows["imagery_on"].max()]
    styles = ramp_styles(len(BANDS), "cividis")
    layers = []
    for number, row in enumerate(rows.itertuples(index=False)):
        day = f"{row.imagery_on:%Y-%m-%d}"
        layers.append(
            {
                "id": f"imagery:{number}",
                "group": "imagery",
                "title": [say(_TITLES[row.image_index], lang, day=day) for lang in LANGUAGES],
                "style": styles[0],
                "styles": styles,
                "bands": [list(band) for band in BANDS],
                "unit": "1",
                "shown": False,
                "count": 1,
                "columns": {},
                "picture": _picture(row),
            }
        )
    return layers


def _picture(row: Any) -> dict[str, Any]:
    cells = np.frombuffer(zlib.decompress(base64.b64decode(row.cells)), dtype=np.uint8)
    values = (cells.astype(np.float32) - 1) / _LEVELS * 2 - 1
    edges = [up for _, up in BANDS if up is not None]
    classes = np.where(cells > 0, np.searchsorted(edges, values, side="left") + 1, 0).astype(np.uint8)
    bounds = [
        (row.west + _HALF_M) / (2 * _HALF_M) * _WORLD,
        (_HALF_M - row.north) / (2 * _HALF_M) * _WORLD,
        (row.east + _HALF_M) / (2 * _HALF_M) * _WORLD,
        (_HALF_M - row.south) / (2 * _HALF_M) * _WORLD,
    ]
    return {"bounds": bounds, "width": int(row.width), "height": int(row.height), "classes": classes}
