"""A table's columns between pandas and the database: as CSV through COPY, whole columns at a time, both ways."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from api.postgis.layout import ColumnLayout, in_database
from api.served.encode import column_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["as_csv", "database_column", "lay_out_columns", "parse_csv", "text_of"]

_CHUNK = 20_000
_NUL, _REPLACED = "\0", "\N{REPLACEMENT CHARACTER}"
_OBJECTS = {
    "string": "text", "empty": "nothing", "categorical": "text", "boolean": "flag", "date": "time", "datetime": "time",
    "datetime64": "time", "integer": "number", "floating": "number", "mixed-integer-float": "number", "decimal": "number",
}  # fmt: skip


def lay_out_columns(frame: pd.DataFrame) -> tuple[ColumnLayout, ...]:
    """How a table's columns lie in the database.

    Parameters
    ----------
    frame
        Without geometry.
    """
    names = [str(name) for name in frame.columns]
    return tuple(
        ColumnLayout(name, column, *_kind_and_type(frame.iloc[:, place]), str(frame.dtypes.iloc[place]))
        for place, (name, column) in enumerate(zip(names, in_database(names), strict=True))
    )


def _kind_and_type(series: pd.Series[Any]) -> tuple[str, str]:
    """The type of the database, and what filters see."""
    dtype = series.dtype
    if pd.api.types.is_bool_dtype(dtype):
        kind = "flag"
    elif pd.api.types.is_numeric_dtype(dtype):
        kind = "number"
    elif pd.api.types.is_datetime64_any_dtype(dtype):
        kind = "time"
    else:
        kind = _OBJECTS.get(pd.api.types.infer_dtype(series, skipna=True), "other")
    return _type(kind, series), kind


def _type(kind: str, series: pd.Series[Any]) -> str:
    if kind == "number":
        whole = pd.api.types.is_integer_dtype(series.dtype) and series.dtype != np.uint64
        return "bigint" if whole else "double precision"
    if kind == "time":
        times = pd.to_datetime(series)
        if times.dt.tz is not None:
            return "timestamp with time zone"
        days = bool((times.dropna() == times.dropna().dt.normalize()).all())
        return "date" if days else "timestamp without time zone"
    return {"flag": "boolean", "other": "jsonb"}.get(kind, 'text COLLATE "C"')


def text_of(values: Sequence[str | None]) -> pa.Array:
    """Text as the database can hold it: it knows no NUL."""
    texts = pa.array(values, type=pa.large_string())
    return pc.replace_substring(texts, _NUL, _REPLACED)


def database_column(series: pd.Series[Any], layout: ColumnLayout) -> pa.Array:
    """A column as COPY takes it."""
    if layout.kind == "number":
        return _numbers_column(series, whole=layout.type == "bigint")
    if layout.kind == "flag":
        return pa.Array.from_pandas(series.astype("boolean"), type=pa.bool_())
    if layout.kind == "time":
        return _times_column(pd.to_datetime(series), days=layout.type == "date")
    missing = series.isna().to_numpy()
    if layout.kind == "other":
        _, values = column_values(series)
        return text_of([None if gone else _json(value) for value, gone in zip(values, missing, strict=True)])
    return text_of([None if gone else str(value) for value, gone in zip(series, missing, strict=True)])


def _numbers_column(series: pd.Series[Any], *, whole: bool) -> pa.Array:
    if whole:
        return pa.Array.from_pandas(series, type=pa.int64())
    numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
    # What is larger than any number is as good as missing, to filters and in features too.
    return pa.array(np.where(np.isfinite(numbers), numbers, np.nan), from_pandas=True)


def _times_column(times: pd.Series[Any], *, days: bool) -> pa.Array:
    if times.dt.tz is not None:
        return pa.Array.from_pandas(times.dt.tz_convert("UTC"), type=pa.timestamp("us", tz="UTC"))
    return pa.Array.from_pandas(times, type=pa.date32() if days else pa.timestamp("us"))


def _json(value: Any) -> str:
    # jsonb knows no NUL either, not even an escaped one.
    return orjson.dumps(value).decode().replace("\\u0000", _REPLACED)


def as_csv(columns: dict[str, pa.Array]) -> Iterator[bytes]:
    """Columns as CSV, some rows at a time; a missing value is empty, an empty text is in quotation marks."""
    table = pa.table(columns)
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    for start in range(0, table.num_rows, _CHUNK):
        sink = io.BytesIO()
        arrow_csv.write_csv(table.slice(start, _CHUNK), sink, options)
        yield sink.getvalue()


def parse_csv(text: bytes, names: Sequence[str], columns: Sequence[ColumnLayout]) -> pd.DataFrame:
    """Rows as COPY gives them, with the columns' own types of pandas.

    Parameters
    ----------
    text
        CSV without a line of names.
    names
        Of all columns in it; those of which `columns` says nothing stay text.
    columns
        What is known of them.
    """
    reads = {"number": pa.float64(), "flag": pa.bool_()}
    types = {
        column.column: pa.int64() if column.type == "bigint" else reads.get(column.kind, pa.large_string())
        for column in columns
    }
    told = {name: types.get(name, pa.large_string()) for name in names}
    if not text:
        table = pa.table({name: pa.array([], type=kind) for name, kind in told.items()})
    else:
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(
                column_names=list(names), block_size=max(1 << 20, len(text) + 1)
            ),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=told,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
    known = {column.column: column for column in columns}
    series = {name: _restored(table.column(name), known.get(name)) for name in names}
    return pd.DataFrame(series, columns=list(names))


def _restored(values: pa.ChunkedArray, column: ColumnLayout | None) -> pd.Series[Any]:
    if column is None:
        return pd.Series(values.to_pylist(), dtype=object)
    if column.kind == "other":
        return pd.Series(
            [None if one is None else orjson.loads(one) for one in values.to_pylist()], dtype=object
        )
    if column.kind == "time":
        return _times(pd.Series(values.to_pylist(), dtype="str"), column)
    if column.kind == "number" and column.dtype == "object":
        return pd.Series(values.to_pylist(), dtype=object)
    if column.dtype in {"int64", "float64"}:
        return _as(pd.Series(values.to_numpy()), column)
    return _as(pd.Series(values.to_pylist(), dtype=object), column)


def _times(texts: pd.Series[Any], column: ColumnLayout) -> pd.Series[Any]:
    zoned = column.type == "timestamp with time zone"
    times = pd.to_datetime(texts, format="ISO8601", utc=zoned)
    if column.dtype == "object":
        plain = times.dt.date if column.type == "date" else times.dt.to_pydatetime()
        return pd.Series(plain, dtype=object).where(texts.notna(), None)
    return _as(times, column)


def _as(series: pd.Series[Any], column: ColumnLayout) -> pd.Series[Any]:
    """A series with the type that the column had."""
    dtype: Any = column.dtype
    restored: pd.Series[Any] = series.astype(dtype)
    return restored
