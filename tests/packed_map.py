"""Reads the data of a map as its page does, by another program: bytes to values, columns to lists, arrays to shapes."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import math
import re
from typing import Any

import numpy as np
import shapely

from maps.pack import pack

_TYPES = {
    "i1": "int8",
    "u1": "uint8",
    "i2": "<i2",
    "u2": "<u2",
    "i4": "<i4",
    "u4": "<u4",
    "f4": "<f4",
    "f8": "<f8",
}
WORLD = 2.0**32


def unpack(content: bytes) -> Any:
    """Bytes as `maps.pack.pack` writes them; texts become lists."""
    assert content[:4] == b"PGP1"
    length = int.from_bytes(content[4:8], "little")
    base = 8 + length
    assert base % 8 == 0

    def array(place: list[Any]) -> np.ndarray[Any, Any]:
        kind, at, size = place
        assert (base + at) % 8 == 0
        return np.frombuffer(content, dtype=_TYPES[kind], count=size, offset=base + at)

    def value(part: dict[str, Any]) -> Any:
        if "$" in part:
            return array(part["$"])
        if "$t" in part:
            ends, letters = part["$t"]
            whole = letters.tobytes()
            starts = [0, *ends.tolist()]
            return [
                whole[start:end].decode("utf-8") for start, end in zip(starts, ends.tolist(), strict=False)
            ]
        return part

    def plain(part: Any) -> Any:
        if isinstance(part, dict):
            inner = {key: plain(item) if key != "$" else item for key, item in part.items()}
            return value(inner)
        return [plain(item) for item in part] if isinstance(part, list) else part

    return plain(json.loads(content[8:base].decode("utf-8")))


def page_text(page: str) -> str:
    """What stands in the data's place of a page."""
    found = re.search(
        r'<script type="application/octet-stream" id="parkgeo-data">(.*?)</script>', page, re.DOTALL
    )
    assert found is not None
    return found[1]


def page_data(page: str) -> Any:
    """The data inside a page."""
    return unpack(gzip.decompress(base64.b64decode(page_text(page), validate=True)))


def through_bytes(payload: dict[str, Any]) -> Any:
    """A payload as a page reads it."""
    return unpack(pack(payload))


def values(column: dict[str, Any]) -> list[Any]:
    """A column's values; None where one is missing."""
    raw = column["values"].tolist()
    match column["kind"]:
        case "code":
            return [column["codes"][value - 1] if value else None for value in raw]
        case "text":
            return [None if value == 2**32 - 1 else column["texts"][value] for value in raw]
        case "date":
            day = dt.date(1970, 1, 1)
            return [None if value == -(2**31) else (day + dt.timedelta(value)).isoformat() for value in raw]
        case _:
            return [None if isinstance(value, float) and math.isnan(value) else value for value in raw]


def texts_in(value: Any) -> set[str]:
    """All texts anywhere in the data."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(*(texts_in(item) for item in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(texts_in, value))
    return set()


def shapes_of(packed: dict[str, Any], origin: list[float]) -> list[Any]:
    """Shapes in degrees; None where there is nothing."""
    points = np.cumsum(packed["steps"].reshape(-1, 2).astype(np.int64), axis=0) + np.asarray(origin)
    longitude = points[:, 0] / WORLD * 360 - 180
    latitude = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * points[:, 1] / WORLD))))
    places = np.column_stack((longitude, latitude))
    rings = np.split(places, np.cumsum(packed["counts"])[:-1]) if len(packed["counts"]) else []
    ends = np.cumsum(packed["rings"])
    return [
        _shape(int(kind), rings[int(end - count) : int(end)])
        for kind, count, end in zip(packed["kinds"], packed["rings"], ends, strict=True)
    ]


def _shape(kind: int, rings: list[Any]) -> Any:
    match kind:
        case 0:
            return shapely.MultiPoint(np.concatenate(rings))
        case 1:
            return shapely.MultiLineString(rings)
        case 2:
            # Shells and holes by the way they turn: y grows to the south in the square, to the north in degrees.
            turns = [shapely.LinearRing(ring).is_ccw for ring in rings]
            shells = [
                shapely.Polygon(ring) for ring, turn in zip(rings, turns, strict=True) if turn == turns[0]
            ]
            holes = [
                shapely.Polygon(ring) for ring, turn in zip(rings, turns, strict=True) if turn != turns[0]
            ]
            return shapely.union_all(shells).difference(shapely.union_all(holes))
        case _:
            return None
