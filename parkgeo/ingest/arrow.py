"""Columns as Arrow holds them → a plain table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from parkgeo.ingest.raw import Doubt
from parkgeo.layers import sentence

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plain_frame"]


def plain_frame(content: Any, left_out: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[Doubt, ...]]:
    """Columns as pandas has them, and a doubt that names those whose text is broken.

    Parameters
    ----------
    content
        A pyarrow.Table.
    left_out
        Columns that are not wanted.

    Notes
    -----
    Whole numbers stay whole where some are missing, so that long ids keep every digit. Lists and structures become JSON
    text, bytes their hexadecimal digits: what a cell holds can be shown and handed on.
    """
    kept = content.drop_columns(
        [name for name in left_out if name in content.column_names]
    ).replace_schema_metadata(None)
    broken = []
    for at, name in enumerate(kept.column_names):
        column, sound = _plain_column(kept[name])
        if column is not kept[name]:
            kept = kept.set_column(at, name, column)
        if not sound:
            broken.append(name)
    frame: pd.DataFrame = kept.to_pandas(integer_object_nulls=True, ignore_metadata=True)
    frame = frame.reindex(range(content.num_rows))  # without columns pandas would count no rows
    if not broken:
        return frame, ()
    what = sentence(
        "text that is not UTF-8, with \ufffd for what cannot be read: {columns}", columns=tuple(broken)
    )
    return frame, (Doubt(what, sentence("save it again from a GIS program")),)


def _plain_column(column: Any) -> tuple[Any, bool]:
    """A column of scalars, and whether its text could be read."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain_column(column.cast(kind.value_type))
    if pa.types.is_string_view(kind):
        return _plain_column(column.cast(pa.large_string()))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            cells = column.cast(pa.binary() if pa.types.is_string(kind) else pa.large_binary()).to_pylist()
            texts = [None if cell is None else cell.decode("utf-8", errors="replace") for cell in cells]
            return pa.chunked_array([pa.array(texts, type=pa.large_string())]), False
        return column, True
    simple = (
        pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date, pa.types.is_timestamp,
        pa.types.is_null,
    )  # fmt: skip
    if any(test(kind) for test in simple):
        return column, True
    texts = [None if cell is None else _as_text(cell) for cell in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, type=pa.large_string())]), True


def _as_text(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)
