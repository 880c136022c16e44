"""What a reader found, as files: Arrow for rows and shapes, JSON for the rest.

Both sides know the format and nothing in it is code, so a child that was taken over can lie about a file's content and do
nothing else.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.i18n import messages
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.raw import Doubt, Lost, RawTable
from parkgeo.ingest.values import Uncalculated
from parkgeo.layers import RasterSource, Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from parkgeo.project import Source

__all__ = ["raster_from", "read_raw", "tables_from", "write_raw"]

_ROWS, _REST = "rows.arrow", "rest.json"
_SHAPES_AT_ONCE = 8_192
_SHAPES, _NUMBERS = "shapes", "numbers"
# Types of cells that Arrow holds as they are, where a column holds no other.
_PLAIN_TYPES = frozenset({str, int, float, bool, dt.date})


@dataclass(frozen=True)
class _Title:
    """A field's or layer's title in each language."""

    zh: str
    en: str


def write_raw(raw: RawTable, folder: Path) -> None:
    """Write what was read into a folder.

    Parameters
    ----------
    raw
        Its cells are text, numbers, dates, times, truth values or None; others are written as text.
    folder
        Must be there and empty.
    """
    import pyarrow as pa

    columns: dict[str, Any] = {_NUMBERS: pa.array(np.asarray(raw.rows, dtype=np.int64))}
    told = []
    for at, name in enumerate(raw.frame.columns):
        how, arrays = _column(raw.frame.iloc[:, at])
        told.append({"name": str(name), "how": how})
        columns |= {f"{at}.{part}": array for part, array in enumerate(arrays)}
    if raw.geometry is not None:
        columns[_SHAPES] = _wkb(raw.geometry)
    table = pa.table(columns)
    with pa.OSFile(str(folder / _ROWS), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    rest = {
        "table": raw.table, "crs": raw.crs, "driver": raw.driver, "encoding": raw.encoding, "declared": int(raw.declared),
        "columns": told, "has_geometry": raw.geometry is not None,
        "notes": [_said(one) for one in raw.notes],
        "doubts": [{"what": _said(one.what), "mend": _said(one.mend), "rows": [int(row) for row in one.rows]} for one in raw.doubts],
        "spoiled": [[int(at), _said(why)] for at, why in raw.spoiled.items()],
        "cut_off": sorted(int(at) for at in raw.cut_off),
        "lost": [
            {"row": None if one.row is None else int(one.row), "reason": _said(one.reason), "mend": _said(one.mend), "content": one.content}
            for one in raw.lost
        ],
    }  # fmt: skip
    (folder / _REST).write_text(json.dumps(rest), encoding="utf-8")


def read_raw(folder: Path, path: Path) -> RawTable:
    """Read what `write_raw` wrote.

    Parameters
    ----------
    folder
        Where it was written.
    path
        The file that it came from.

    Raises
    ------
    ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError
        The folder does not hold what it should; Arrow and shapely have errors of their own besides.
    """
    import pyarrow as pa

    rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
    with pa.OSFile(str(folder / _ROWS), "rb") as source:
        table = pa.ipc.open_file(source).read_all()
    table.validate(full=True)
    frame = pd.DataFrame(
        {
            at: _READERS[told["how"]]([table[f"{at}.{part}"] for part in range(_PARTS[told["how"]])])
            for at, told in enumerate(rest["columns"])
        },
        index=range(table.num_rows), copy=False,
    )  # fmt: skip
    if not pa.types.is_int64(table[_NUMBERS].type) or table[_NUMBERS].null_count:
        raise TypeError("rows without numbers")
    frame.columns = pd.Index([str(told["name"]) for told in rest["columns"]])
    shapes = None
    if rest["has_geometry"]:
        shapes = np.asarray(shapely.from_wkb(table[_SHAPES].to_numpy()), dtype=object)
    return RawTable(
        path=path,
        table=str(rest["table"]),
        frame=frame,
        rows=table[_NUMBERS].to_numpy(),
        geometry=shapes,
        crs=str(rest["crs"]),
        driver=str(rest["driver"]),
        encoding=str(rest["encoding"]),
        declared=int(rest["declared"]),
        notes=tuple(_sentence(one) for one in rest["notes"]),
        doubts=tuple(
            Doubt(_sentence(one["what"]), _sentence(one["mend"]), tuple(int(row) for row in one["rows"]))
            for one in rest["doubts"]
        ),
        spoiled={int(at): _sentence(why) for at, why in rest["spoiled"]},
        cut_off=frozenset(int(at) for at in rest["cut_off"]),
        lost=tuple(
            Lost(
                None if one["row"] is None else int(one["row"]), _sentence(one["reason"]), _sentence(one["mend"]), str(one["content"])
            )
            for one in rest["lost"]
        ),
    )  # fmt: skip


def raster_from(told: dict[str, Any], path: Path, source: Source) -> RasterSource:
    """The header of a raster from what a child told of it; errors as of `read_raw`."""
    numbers = {name: float(told[name]) for name in ("pixel_m", "left", "bottom", "right", "top")}
    return RasterSource(
        path=path, date=source.date, bands=source.bands, crs=str(told["crs"]), width=int(told["width"]),
        height=int(told["height"]), **numbers,
    )  # fmt: skip


def tables_from(told: dict[str, Any]) -> tuple[TableInfo, ...]:
    """What layers or sheets a file holds, from what a child told of it; errors as of `read_raw`."""
    return tuple(
        TableInfo(str(one["name"]), str(one["geometry"]), None if one["rows"] is None else int(one["rows"]))
        for one in told["tables"]
    )


def _wkb(shapes: NDArray[np.object_]) -> Any:
    """Shapes as WKB, some thousands at once: the same memory serves them all."""
    import pyarrow as pa

    kind = pa.large_binary()
    parts = [shapes[at : at + _SHAPES_AT_ONCE] for at in range(0, len(shapes), _SHAPES_AT_ONCE)]
    return pa.chunked_array(
        [pa.array(shapely.to_wkb(part, include_srid=False), type=kind) for part in parts], type=kind
    )


def _column(cells: pd.Series[Any]) -> tuple[str, list[Any]]:
    """How a column is written, and its arrays."""
    import pyarrow as pa

    if cells.dtype != object:
        return "typed", [pa.array(cells, from_pandas=True)]
    kinds = set(map(type, cells.tolist())) - {type(None)}
    if len(kinds) <= 1 and kinds <= _PLAIN_TYPES:
        try:
            return "plain", [pa.array(cells.tolist(), from_pandas=False)]
        except (OverflowError, pa.ArrowException):  # a whole number beyond 64 bits, half a surrogate pair
            return "mixed", _tagged(cells)
    return "mixed", _tagged(cells)


def _tagged(cells: pd.Series[Any]) -> list[Any]:
    import pyarrow as pa

    tags, texts = [], []
    values = cells.tolist()
    ways = {kind: _tagging(kind) for kind in set(map(type, values))}
    for cell in values:
        tag, text_of = ways[type(cell)]
        tags.append(tag)
        texts.append(text_of(cell).encode("utf-8", "surrogatepass"))
    return [pa.array(tags, type=pa.string()), pa.array(texts, type=pa.large_binary())]


def _tagging(kind: type) -> tuple[str, Callable[[Any], str]]:
    """The tag of a type of cells, and how its cells become text."""
    return next(((tag, text_of) for kinds, tag, text_of in _TAGS if issubclass(kind, kinds)), ("text", str))


# The order matters: no time is a datetime too, a truth value a whole number, a datetime a date.
_TAGS: tuple[tuple[tuple[type, ...], str, Callable[[Any], str]], ...] = (
    ((type(None), type(pd.NaT), type(pd.NA)), "none", lambda _: ""),
    ((Uncalculated,), "formula", str),
    ((str,), "text", str),
    ((bool, np.bool_), "bool", lambda cell: "1" if cell else ""),
    ((int, np.integer), "int", lambda cell: str(int(cell))),
    ((float, np.floating), "float", lambda cell: repr(float(cell))),
    ((np.datetime64,), "datetime", lambda cell: pd.Timestamp(cell).isoformat()),
    ((dt.datetime,), "datetime", lambda cell: str(cell.isoformat())),
    ((dt.date,), "date", lambda cell: str(cell.isoformat())),
    ((dt.time,), "time", lambda cell: str(cell.isoformat())),
)

_UNTAG: dict[str, Callable[[str], object]] = {
    "none": lambda _: None,
    "formula": Uncalculated,
    "text": str,
    "bool": bool,
    "int": int,
    "float": float,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
}


def _read_typed(arrays: list[Any]) -> pd.Series[Any]:
    from pyarrow import types

    kind = arrays[0].type
    scalar = (
        types.is_large_string, types.is_string, types.is_integer, types.is_floating, types.is_boolean, types.is_temporal,
        types.is_null,
    )  # fmt: skip
    if not any(test(kind) for test in scalar):
        raise TypeError(f"cells of type {kind}")
    cells: pd.Series[Any] = arrays[0].to_pandas(integer_object_nulls=True)
    return cells


def _read_plain(arrays: list[Any]) -> pd.Series[Any]:
    import pyarrow as pa

    if pa.types.is_date32(arrays[0].type):  # many times faster than one by one
        cells: pd.Series[Any] = arrays[0].to_pandas(date_as_object=True)
        return cells
    return pd.Series(arrays[0].to_pylist(), dtype=object)


def _read_mixed(arrays: list[Any]) -> pd.Series[Any]:
    tags, texts = arrays[0].to_pylist(), arrays[1].to_pylist()
    cells = [
        _UNTAG[tag](text.decode("utf-8", "surrogatepass")) for tag, text in zip(tags, texts, strict=True)
    ]
    return pd.Series(cells, dtype=object)


_READERS: dict[str, Callable[[list[Any]], pd.Series[Any]]] = {
    "typed": _read_typed,
    "plain": _read_plain,
    "mixed": _read_mixed,
}
_PARTS = {"typed": 1, "plain": 1, "mixed": 2}


def _said(value: object) -> Any:
    """A sentence, or a value in one, as JSON."""
    if isinstance(value, Sentence):
        return {"say": value.pattern, "with": [[name, _said(one)] for name, one in value.values]}  # noqa: PD011 - no frame
    if isinstance(value, tuple):
        return {"all": [_said(one) for one in value]}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.integer | np.floating):
        return value.item()
    zh, en = getattr(value, "zh", None), getattr(value, "en", None)
    return {"zh": zh, "en": en} if isinstance(zh, str) and isinstance(en, str) else str(value)


def _sentence(told: Any) -> Sentence:
    """A sentence that can be said in each language: a pattern of ours may have come without its values."""
    heard = _heard(told)
    if not isinstance(heard, Sentence):
        raise TypeError("no sentence where one was meant")
    for lang in ("zh", "en"):
        heard.speak(lang)
    return heard


def _heard(told: Any) -> Any:
    """The value that `_said` told of."""
    if isinstance(told, list):
        raise TypeError("a list where a sentence was meant")
    if not isinstance(told, dict):
        return told
    if "all" in told:
        return tuple(_heard(one) for one in told["all"])
    if "say" not in told:
        return _Title(str(told["zh"]), str(told["en"]))
    pattern = str(told["say"])
    # Patterns are filled in by str.format, which can be made to show what it should not: only our own sentences.
    if pattern and pattern not in messages("zh"):
        return sentence("{text}", text=pattern)
    return Sentence(pattern, tuple((str(name), _heard(one)) for name, one in told["with"]))
