"""Attributes as a vector tile keeps them: each name and each value once, and per feature which of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from api.tiles.wire import framed, varint_sizes, varints, zigzag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["write_values"]

_KEYS, _VALUES = 0x1A, 0x22  # fields 3 and 4 of a layer
_TEXT, _DOUBLE, _SIGNED, _TRUTH = 0x0A, 0x19, 0x30, 0x38  # fields 1, 3, 6 and 7 of a value
_LARGEST = 2**63
_HEADS = tuple(bytes((_VALUES, size + 2, _TEXT, size)) for size in range(126))
"""What stands before a text, for the sizes that take one byte."""


def write_values(
    columns: Mapping[str, Sequence[Any] | NDArray[Any]],
) -> tuple[bytes, NDArray[np.int64]]:
    """The tables of a layer's keys and values.

    Parameters
    ----------
    columns
        Name → values, one a row: texts, numbers or truth values, None where missing, or an array of floats with NaN where
        missing. Anything else is written as JSON text.

    Returns
    -------
    tuple of (bytes, numpy.ndarray)
        Both tables, and the place in the table of values for each row and column; −1 where it is missing.

    Examples
    --------
    >>> write_values({"far": [1.5, None, 1.5], "idle": ["yes", "no", "yes"]})[1].tolist()
    [[0, 1], [-1, 2], [0, 1]]
    """
    rows = len(next(iter(columns.values()))) if columns else 0
    codes = np.full((rows, len(columns)), -1, dtype=np.int64)
    groups: dict[type, list[tuple[int, NDArray[Any]]]] = {float: [], str: [], int: [], bool: []}
    for place, column in enumerate(columns.values()):
        kind, values = _typed(column)
        groups[kind].append((place, values))
    tables, written = [], 0
    for kind, members in groups.items():
        if not members:
            continue
        found, distinct = pd.factorize(np.concatenate([values for _, values in members]))
        told = found.reshape(len(members), rows).T.astype(np.int64)
        codes[:, [place for place, _ in members]] = np.where(told < 0, -1, told + written)
        written += len(distinct)
        tables.append(_WRITERS[kind](distinct))
    keys = b"".join(framed(_KEYS, name.encode("utf-8", "replace")) for name in columns)
    return keys + b"".join(tables), codes


def _typed(column: Sequence[Any] | NDArray[Any]) -> tuple[type, NDArray[Any]]:
    """A column's one type, and its values as an array that `pandas.factorize` can take."""
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        return float, np.where(np.isfinite(column), column, np.nan).astype(np.float64)
    values = column if isinstance(column, np.ndarray) and column.dtype == object else _objects(list(column))
    types = set(map(type, values)) - {type(None)}
    if types <= {str} or types == {bool}:
        return (bool if bool in types else str), values
    if types == {int} and all(value is None or -_LARGEST <= value < _LARGEST for value in values):
        return int, values
    if types <= {int, float}:
        return float, np.array([_double(value) for value in values])
    return str, _objects([_text(value) for value in values])


def _objects(values: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _double(value: float | None) -> float:
    try:
        number = math.nan if value is None else float(value)
    except OverflowError:  # a whole number of more than 300 digits
        return math.nan
    return number if math.isfinite(number) else math.nan


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _write_doubles(numbers: NDArray[Any]) -> bytes:
    out = np.empty((len(numbers), 11), dtype=np.uint8)
    out[:, :3] = (_VALUES, 9, _DOUBLE)
    out[:, 3:] = numbers.astype("<f8").view(np.uint8).reshape(-1, 8)
    return out.tobytes()


def _write_texts(texts: NDArray[Any]) -> bytes:
    bodies = [text.encode("utf-8", "replace") for text in texts]
    return b"".join(
        [
            _HEADS[len(body)] + body if len(body) < len(_HEADS) else framed(_VALUES, framed(_TEXT, body))
            for body in bodies
        ]
    )


def _write_whole(numbers: NDArray[Any]) -> bytes:
    told = zigzag(numbers.astype(np.int64))
    out = np.empty((len(told), 4), dtype=np.uint64)
    out[:, 0], out[:, 2] = _VALUES, _SIGNED
    out[:, 1] = varint_sizes(told) + 1
    out[:, 3] = told
    return varints(out.ravel())


def _write_truths(truths: NDArray[Any]) -> bytes:
    return b"".join(bytes((_VALUES, 2, _TRUTH, int(truth))) for truth in truths)


_WRITERS: dict[type, Callable[[NDArray[Any]], bytes]] = {
    float: _write_doubles,
    str: _write_texts,
    int: _write_whole,
    bool: _write_truths,
}
