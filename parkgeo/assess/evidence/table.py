"""The lines as a table: a row a parcel and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from parkgeo.assess.evidence.combine import groups
from parkgeo.assess.evidence.lines import LINES, SAYS
from parkgeo.assess.evidence.notes import notes
from parkgeo.assess.written import chosen, text_column
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.evidence.lines import Line
    from parkgeo.packs import RuleBook

__all__ = ["evidence_table"]

COLUMNS = (
    "parcel_id", "line", "group", "says", "figure", "unit", "day", "note_zh", "note_en", "source_file", "source_row",
)  # fmt: skip
_BLOCK = 1 << 16
"""Parcels whose sentences are put together at a time: what is worked with stays small beside what is kept."""


def evidence_table(
    parcel_ids: NDArray[np.object_], judged: NDArray[np.bool_], lines: Mapping[str, Line], rules: RuleBook
) -> pd.DataFrame:
    """What each line says of each judged parcel.

    Parameters
    ----------
    parcel_ids
        Of all parcels.
    judged
        Which have rows.
    lines
        By name.
    rules
        The packs in force, for the lines' groups.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, ``group`` empty where the pack does not count the line; by parcel, then line.
    """
    of = {line: group for group, members in groups(rules).items() for line in members}
    asked, every = np.flatnonzero(judged), [lines[name] for name in LINES]
    blocks = [_block(every, asked[start : start + _BLOCK]) for start in range(0, len(asked), _BLOCK)]
    same = np.tile(np.arange(len(LINES), dtype=np.int8), len(asked))
    ids = pa.array(parcel_ids, pa.large_string(), from_pandas=True)
    texts = {
        "parcel_id": ids.take(pa.array(np.repeat(asked, len(LINES)))),
        "line": chosen(LINES, same),
        "group": chosen([of.get(name, "") for name in LINES], same),
        "says": chosen(SAYS, _beside([line.says for line in every], asked)),
        "unit": chosen([line.unit for line in every], same),
        **{
            name: pa.chunked_array([block[name] for block in blocks], pa.large_string())
            for name in ("note_zh", "note_en", "source_file")
        },
    }
    columns = {name: text_column(column) for name, column in texts.items()} | {
        "figure": _beside([line.figure for line in every], asked),
        "day": _beside([line.day.astype("datetime64[s]") for line in every], asked),
        "source_row": _beside([_rows(line) for line in every], asked),
    }
    return pd.DataFrame({name: columns[name] for name in COLUMNS}, copy=False)


def _block(lines: Sequence[Line], at: NDArray[np.intp]) -> dict[str, pa.Array]:
    """Texts of all lines of some parcels, by parcel, then line."""
    order = pa.array(np.arange(len(at) * len(lines)).reshape(len(lines), len(at)).T.ravel())
    told = [notes(line, at) for line in lines]
    texts = {f"note_{lang}": [each[lang] for each in told] for lang in LANGUAGES}
    texts["source_file"] = [_files(line, at) for line in lines]
    return {name: pa.concat_arrays(parts).take(order) for name, parts in texts.items()}


def _files(line: Line, at: NDArray[np.intp]) -> pa.Array:
    if line.source_file is None:
        return pa.nulls(len(at), pa.large_string())
    names, code = line.source_file.categories, line.source_file.codes[at]
    return chosen([*names, None], np.where(code < 0, len(names), code))


def _rows(line: Line) -> NDArray[np.float64]:
    return np.full(len(line.says), np.nan) if line.source_row is None else line.source_row.astype(float)


def _beside(values: Sequence[NDArray[Any]], at: NDArray[np.intp]) -> NDArray[Any]:
    """Values of all lines of some parcels, by parcel, then line."""
    return np.stack([each[at] for each in values], axis=1).ravel()
