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
from parkgeo.ingest.raw import Doubt, Lost, RawTable
from parkgeo.ingest.values import Uncalculated
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["read_raw", "write_raw"]

_ROWS, _REST = "rows.arrow", "rest.json"
_SHAPES, _NUMBERS = "shapes", "numbers"
# Types of cells that Arrow holds as they are, where a column holds no other.
_PLAIN_TYPES = (str, int, float, bool)


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
        columns[_SHAPES] = pa.array(shapely.to_wkb(raw.geometry, include_srid=False), type=pa.large_binary())
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
    ValueError, KeyError, TypeError, OSError
        The folder does not hold what it should; Arrow's own errors are among the first.
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
        notes=tuple(_heard(one) for one in rest["notes"]),
        doubts=tuple(
            Doubt(_heard(one["what"]), _heard(one["mend"]), tuple(int(row) for row in one["rows"]))
            for one in rest["doubts"]
        ),
        spoiled={int(at): _heard(why) for at, why in rest["spoiled"]},
        cut_off=frozenset(int(at) for at in rest["cut_off"]),
        lost=tuple(
            Lost(
                None if one["row"] is None else int(one["row"]), _heard(one["reason"]), _heard(one["mend"]), str(one["content"])
            )
            for one in rest["lost"]
        ),
    )  # fmt: skip


def _column(cells: pd.Series[Any]) -> tuple[str, list[Any]]:
    """How a column is written, and its arrays."""
    import pyarrow as pa

    if cells.dtype != object:
        return "typed", [pa.array(cells, from_pandas=True)]
    kinds = set(map(type, cells)) - {type(None)}
    if len(kinds) <= 1 and kinds <= set(_PLAIN_TYPES):
        try:
            return "plain", [pa.array(list(cells), from_pandas=False)]
        except (OverflowError, pa.ArrowException):  # a whole number beyond 64 bits, half a surrogate pair
            return "mixed", _tagged(cells)
    return "mixed", _tagged(cells)


def _tagged(cells: pd.Series[Any]) -> list[Any]:
    import pyarrow as pa

    tags, texts = [], []
    for cell in cells:
        tag, text = _tag(cell)
        tags.append(tag)
        texts.append(text.encode("utf-8", "surrogatepass"))
    return [pa.array(tags, type=pa.string()), pa.array(texts, type=pa.large_binary())]


def _tag(cell: object) -> tuple[str, str]:
    """A cell's kind and its text."""
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return "none", ""
    if isinstance(cell, np.datetime64):
        return "datetime", pd.Timestamp(cell).isoformat()
    return next(
        ((tag, write(cell)) for kinds, tag, write in _TAGS if isinstance(cell, kinds)), ("text", str(cell))
    )


# The order matters: a truth value is a whole number too, a datetime a date.
_TAGS: tuple[tuple[tuple[type, ...], str, Callable[[Any], str]], ...] = (
    ((Uncalculated,), "formula", str),
    ((str,), "text", str),
    ((bool, np.bool_), "bool", lambda cell: "1" if cell else ""),
    ((int, np.integer), "int", lambda cell: str(int(cell))),
    ((float, np.floating), "float", lambda cell: repr(float(cell))),
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
    cells: pd.Series[Any] = arrays[0].to_pandas(integer_object_nulls=True)
    return cells


def _read_plain(arrays: list[Any]) -> pd.Series[Any]:
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
