"""A table's columns and geometry as the values of GeoJSON."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS, Transformer

__all__ = ["column_values", "encode_features", "to_crs84", "values_as"]

_DECIMALS = 9  # of a degree: a tenth of a millimetre, finer than any survey
_AT_ONCE = 2_000
"""Geometries that are written before their features are."""
_AS_CRS84 = frozenset({4326, 4490})
"""Systems whose degrees are those of CRS84: WGS 84 itself, and CGCS2000, of which PROJ says so after half a second of search."""
_KIND_OF_TYPE = {"number": "number", "integer": "integer", "date": "date", "flag": "boolean", "list": "array"}


def column_values(column: pd.Series[Any], told: str = "text") -> tuple[str, list[Any]]:
    """A column's kind and its values, ready for JSON.

    One kind holds for the whole column: a client that read integers on the first page cuts the decimals of the second.

    Parameters
    ----------
    column
        Any column of a snapshot's table but geometry.
    told
        Type that the catalogue states; decides where the values leave it open.

    Returns
    -------
    tuple of (str, list)
        ``boolean``, ``integer``, ``number``, ``date``, ``date-time``, ``array``, ``object`` or ``string``, and the
        values. Missing values, NaN and infinities are None.

    Examples
    --------
    >>> column_values(pd.Series([1.5, float("nan")]))
    ('number', [1.5, None])
    >>> column_values(pd.Series([2025.0, None]), "integer")
    ('integer', [2025, None])
    """
    missing = column.isna().to_numpy()
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_integer_dtype(column.dtype):
        return "boolean" if pd.api.types.is_bool_dtype(column.dtype) else "integer", _listed(column, missing)
    if pd.api.types.is_float_dtype(column.dtype):
        return _numbers(column.to_numpy(dtype=np.float64, na_value=np.nan), told)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _moments(column, missing)
    return _objects(_listed(column, missing), told)


def values_as(column: pd.Series[Any], kind: str) -> list[Any]:
    """Some rows' values of a column whose kind is known, as they stand in the features.

    Parameters
    ----------
    column
        Rows of a column.
    kind
        Of the whole column, as `column_values` found it.

    Examples
    --------
    >>> values_as(pd.Series([2025.0, None]), "integer"), values_as(pd.Series([2025.0, None]), "number")
    ([2025, None], [2025.0, None])
    """
    missing = column.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _texts_of(pd.DatetimeIndex(column), missing, kind)
    if pd.api.types.is_float_dtype(column.dtype):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return _plain_numbers(numbers, whole=kind == "integer")
    values = _listed(column, missing)
    if column.dtype != object:
        return values
    plain = [_plain(value) for value in values]
    if kind != "string":
        return plain
    return [value if value is None or isinstance(value, str) else str(value) for value in plain]


def _listed(column: pd.Series[Any], missing: NDArray[np.bool_]) -> list[Any]:
    """A column as Python values, None where it is missing."""
    values = column.to_numpy(dtype=object, copy=True)
    values[missing] = None
    return list(values.tolist())


def _numbers(values: NDArray[np.float64], told: str) -> tuple[str, list[Any]]:
    finite = np.isfinite(values)
    whole = told == "integer" and bool(np.all(values[finite] == np.round(values[finite])))
    return "integer" if whole else "number", _plain_numbers(values, whole=whole)


def _plain_numbers(values: NDArray[np.float64], *, whole: bool) -> list[Any]:
    finite = np.isfinite(values)
    plain = np.where(finite, values, 0).astype(np.int64 if whole else np.float64).astype(object)
    plain[~finite] = None
    return list(plain.tolist())


def _moments(column: pd.Series[Any], missing: NDArray[np.bool_]) -> tuple[str, list[Any]]:
    moments = pd.DatetimeIndex(column)
    days = bool(np.all((moments == moments.normalize())[~missing])) and moments.tz is None
    kind = "date" if days else "date-time"
    return kind, _texts_of(moments, missing, kind)


def _texts_of(moments: pd.DatetimeIndex, missing: NDArray[np.bool_], kind: str) -> list[Any]:
    if moments.tz is not None:
        moments = moments.tz_convert("UTC").tz_localize(None)
    exact = moments.to_numpy().astype("datetime64[D]" if kind == "date" else "datetime64[s]")
    texts = exact.astype(str).astype(object)
    if kind == "date-time":
        texts = texts + "Z"
    texts[missing] = None
    return list(texts.tolist())


def _objects(values: list[Any], told: str) -> tuple[str, list[Any]]:
    types = set(map(type, values))
    if types <= {str, type(None)} and str in types:
        return "string", values
    plain = [_plain(value) for value in values]
    kinds = {_kind(value) for value in values if value is not None}
    if not kinds:
        return _KIND_OF_TYPE.get(told, "string"), plain
    if kinds <= {"integer", "number"}:
        return ("integer" if kinds == {"integer"} else "number"), plain
    if len(kinds) == 1:
        return kinds.pop(), plain
    return "string", [value if value is None or isinstance(value, str) else str(value) for value in plain]


def _kind(value: object) -> str:
    # bool is an int and datetime a date, so the narrower come first
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (dt.datetime, "date-time"),
        (dt.date, "date"),
        ((list, tuple, np.ndarray), "array"),
        (dict, "object"),
    )
    return next((kind for type_, kind in kinds if isinstance(value, type_)), "string")


def _plain(value: Any) -> Any:
    plain: Any
    if isinstance(value, np.generic):
        plain = _plain(value.item())
    elif value is None or isinstance(value, bool | int | str):
        plain = value
    elif isinstance(value, float):
        plain = value if math.isfinite(value) else None
    elif isinstance(value, dt.date):
        plain = value.isoformat()
    elif isinstance(value, list | tuple | np.ndarray):
        plain = [_plain(part) for part in value]
    elif isinstance(value, dict):
        plain = {str(key): _plain(part) for key, part in value.items()}
    else:
        plain = str(value)
    return plain


def to_crs84(geometry: Any) -> NDArray[np.object_]:
    """Geometry as GeoJSON wants it: CRS84 (longitude, latitude), exterior rings counter-clockwise, two dimensions.

    Parameters
    ----------
    geometry
        GeoSeries with a CRS. Heights are not served: cadastral files carry zeros there.

    Returns
    -------
    numpy.ndarray
        Geometry in degrees to nine decimals; None where it is missing or empty.
    """
    way = _to_degrees(geometry.crs)
    flat = geometry.to_numpy()
    flat = shapely.force_2d(flat) if shapely.has_z(flat).any() else flat
    degrees = shapely.transform(
        flat, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])).round(_DECIMALS)
    )
    polygonal = np.isin(shapely.get_type_id(degrees), (3, 6))
    # GEOS puts exteriors clockwise when it normalizes; RFC 7946 wants the reverse.
    degrees[polygonal] = shapely.reverse(shapely.normalize(degrees[polygonal]))
    degrees[shapely.is_empty(degrees)] = None
    return np.asarray(degrees, dtype=object)


@lru_cache(maxsize=8)
def _to_degrees(crs: CRS) -> Transformer:
    """The way to CRS84, found once for all tables of a snapshot."""
    from pyproj import Transformer

    degrees = crs.geodetic_crs
    plain = not (crs.is_bound or crs.is_compound)
    if plain and degrees is not None and degrees.to_epsg(min_confidence=100) in _AS_CRS84:
        return Transformer.from_crs(crs, degrees, always_xy=True)
    return Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)


def encode_features(
    ids: Sequence[str], columns: dict[str, list[Any]], geometry: NDArray[np.object_]
) -> Iterator[bytes]:
    """Each row as the bytes of a GeoJSON feature, one after another.

    What is taken should be let go again: a hundred thousand of them held at once took 0.8 GB, and joined 0.1 GB.

    Parameters
    ----------
    ids
        Feature ids.
    columns
        Name → values as `column_values` gives them.
    geometry
        As `to_crs84` gives it; None where there is none.
    """
    names = tuple(columns)
    rows = zip(*columns.values(), strict=True) if columns else (() for _ in ids)
    shapes = itertools.chain.from_iterable(
        shapely.to_geojson(geometry[at : at + _AT_ONCE]) for at in range(0, len(geometry), _AT_ONCE)
    )
    for name, row, shape in zip(ids, rows, shapes, strict=True):
        yield orjson.dumps(
            {
                "type": "Feature",
                "id": name,
                "geometry": None if shape is None else orjson.Fragment(shape),
                "properties": dict(zip(names, row, strict=True)),
            }
        )
