"""Features in another coordinate system, with fewer properties, or without geometry.

A store answers with features as they were encoded; what a request wants otherwise is made of those, so that every store
gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import shapely

from api.asked.systems import CRS84, from_crs84

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AS_STORED", "Look", "reshaped"]


@dataclass(frozen=True, slots=True)
class Look:
    """How features are to look.

    Attributes
    ----------
    system
        Address of the coordinate system.
    properties
        Names of the properties that are wanted; None for all.
    geometry
        Whether geometry is wanted.
    """

    system: str = CRS84
    properties: tuple[str, ...] | None = None
    geometry: bool = True


AS_STORED = Look()
"""As they were encoded."""


def reshaped(features: bytes, look: Look) -> bytes:
    """Features as a request wants them.

    Parameters
    ----------
    features
        GeoJSON features with commas between, as `api.served.rows.Page.features` holds them.
    look
        How they are to look.

    Returns
    -------
    bytes
        The same features in the same order.

    Examples
    --------
    >>> feature = b'{"type":"Feature","id":"1","geometry":null,"properties":{"a":1,"b":2}}'
    >>> reshaped(feature, Look(properties=("b",)))
    b'{"type":"Feature","id":"1","geometry":null,"properties":{"b":2}}'
    """
    if look == AS_STORED:
        return features
    told = orjson.loads(b"[" + features + b"]")
    if look.properties is not None:
        wanted = frozenset(look.properties)
        for one in told:
            one["properties"] = {name: value for name, value in one["properties"].items() if name in wanted}
    if not look.geometry:
        for one in told:
            one["geometry"] = None
    elif look.system != CRS84:
        _move(told, look.system)
    return orjson.dumps(told)[1:-1]


def _move(features: Iterable[dict[str, Any]], system: str) -> None:
    there = [one for one in features if one["geometry"] is not None]
    shapes = shapely.from_geojson([orjson.dumps(one["geometry"]) for one in there])
    for one, moved in zip(there, shapely.to_geojson(from_crs84(shapes, system)), strict=True):
        one["geometry"] = orjson.Fragment(moved)
