"""The parameter ``filter``: CQL2 in text or JSON, as the tree that every store evaluates.

A filter is read without knowing of which collection, then held against a collection's fields: so it is refused in the
same words whichever store keeps the rows, before any of them is asked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from api.asked.systems import CRS84, read_system, transformer_from_crs84
from api.errors import RequestError, quote_short
from parkgeo.errors import FilterError, name_some
from parkgeo.store.where import check, parse, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from api.served.catalogue import FieldInfo

__all__ = ["FILTER_LANGS", "check_filter", "read_filter"]

_HALF_INSTANT = re.compile(r"'(\d{4}-\d{2}-\d{2})T'", re.ASCII)


def _parse_of_gdal(text: str) -> dict[str, Any] | bool:
    """Text as GDAL writes it, up to 3.12 at least: after a day stands a ``T``, and no hour."""
    return parse(_HALF_INSTANT.sub(r"'\1'", text))


_READERS: dict[str, Callable[[str], dict[str, Any] | bool]] = {
    "cql2-text": parse,
    "cql2-json": parse_json,
    "cql-text": _parse_of_gdal,
}
FILTER_LANGS = tuple(_READERS)
"""Languages of filters, the usual one first; ``cql-text`` is an older name of it, by which GDAL asks."""

_KINDS = {
    "number": "number", "integer": "number", "string": "text", "boolean": "flag", "date": "time", "date-time": "time",
}  # fmt: skip
_PIECES = 64
"""A straight edge in metres is a curve in degrees: long edges are cut, each into about so many pieces."""

_STRAIGHT_M = 100.0
"""Length up to which an edge in metres is, to a tenth of a millimetre, straight in degrees."""

_TURN_M, _TURN_DEGREES = 1.0, 1e-5
"""How far a place may come out beside itself after going to degrees and back."""

_REMEMBERED = 256


def read_filter(given: Mapping[str, str], systems: tuple[str, ...]) -> dict[str, Any] | bool:
    """A filter as CQL2 JSON, geometry in CRS84.

    Parameters
    ----------
    given
        Query parameters: ``filter``, ``filter-lang``, ``filter-crs``.
    systems
        Addresses of the coordinate systems in which geometry may be given.

    Returns
    -------
    dict or bool
        In the form of `parkgeo.store.cql2_json`.

    Raises
    ------
    RequestError
        The filter, its language or its system cannot be followed.

    Examples
    --------
    >>> given = {"filter": "S_INTERSECTS(geometry, POINT(31 121))", "filter-crs": "EPSG:4326"}
    >>> system = "http://www.opengis.net/def/crs/EPSG/0/4326"
    >>> read_filter(given, (CRS84, system))["args"][1]
    {'type': 'Point', 'coordinates': [121.0, 31.0]}
    """
    system = read_system(given.get("filter-crs"), systems, "filter-crs")
    lang = given.get("filter-lang", FILTER_LANGS[0])
    if lang not in _READERS:
        raise RequestError(
            f"filters are not read in {quote_short(lang)}",
            where="filter-lang",
            mend=f"use {name_some(FILTER_LANGS)}",
        )
    try:
        tree = _READERS[lang](given["filter"])
        moved: dict[str, Any] | bool = tree if system == CRS84 else _in_degrees(tree, system)
    except FilterError as error:
        raise _refused(error) from error
    return moved


def check_filter(condition: str | bytes, fields: Iterable[FieldInfo], *, geometry: bool) -> None:
    """Hold a filter against a collection's fields.

    Parameters
    ----------
    condition
        The tree as JSON.
    fields
        Those by which the caller may filter.
    geometry
        Whether the features have any.

    Raises
    ------
    RequestError
        It names what is not there, or compares what cannot be compared.
    """
    kinds = tuple((field.name, _KINDS.get(field.kind, "other")) for field in fields)
    try:
        _check(condition, kinds, "geometry" if geometry else None)
    except FilterError as error:
        raise _refused(error) from error


@lru_cache(maxsize=_REMEMBERED)
def _check(condition: str | bytes, kinds: tuple[tuple[str, str], ...], geometry: str | None) -> None:
    check(orjson.loads(condition), dict(kinds), geometry=geometry)


def _refused(error: FilterError) -> RequestError:
    return RequestError(
        f"{error.what} ({error.where})" if error.where else error.what, where="filter", mend=error.mend
    )


def _in_degrees(node: Any, system: str) -> Any:
    """A tree with every geometry brought from a system to CRS84."""
    if isinstance(node, list):
        return [_in_degrees(item, system) for item in node]
    if not isinstance(node, dict):
        return node
    if "bbox" in node:
        return _box_in_degrees(node["bbox"], system)
    if "type" in node:
        return _shape_in_degrees(shapely.from_geojson(orjson.dumps(node)), system)
    if "args" in node:
        return {**node, "args": _in_degrees(node["args"], system)}
    return node


def _box_in_degrees(corners: list[float], system: str) -> dict[str, Any]:
    first, second, third, fourth = corners
    if _is_geographic(system):
        return {"bbox": [second, first, fourth, third]}
    if first > third or second > fourth:
        raise FilterError(
            "the least of an axis of BBOX is above its greatest", mend="axes as filter-crs orders them"
        )
    return _shape_in_degrees(shapely.box(first, second, third, fourth), system)


def _shape_in_degrees(shape: Any, system: str) -> dict[str, Any]:
    _demand_places(shapely.get_coordinates(shape), system)
    if not _is_geographic(system):
        low_a, low_b, high_a, high_b = shapely.bounds(shape).tolist()
        shape = shapely.segmentize(shape, max(_STRAIGHT_M, max(high_a - low_a, high_b - low_b) / _PIECES))
    moved = shapely.transform(shape, lambda points: _moved(points, system, "INVERSE"))
    node: dict[str, Any] = orjson.loads(shapely.to_geojson(moved))
    return node


def _demand_places(points: NDArray[np.float64], system: str) -> None:
    """Refuse what is no place in a system: a projection gives degrees for it, but other coordinates for those degrees."""
    again = _moved(_moved(points, system, "INVERSE"), system, "FORWARD")
    tolerance = _TURN_DEGREES if _is_geographic(system) else _TURN_M
    if not bool((np.abs(again - points) < tolerance).all()):
        raise FilterError(
            "the geometry lies beyond where filter-crs has places",
            mend="write its axes in the order that filter-crs has",
        )


def _moved(points: NDArray[np.float64], system: str, direction: str) -> NDArray[np.float64]:
    way = transformer_from_crs84(system)
    return np.column_stack(way.transform(points[:, 0], points[:, 1], direction=direction))


def _is_geographic(system: str) -> bool:
    crs = transformer_from_crs84(system).target_crs
    return crs is not None and crs.is_geographic
