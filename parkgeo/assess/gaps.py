"""Why a figure is missing and what to ask for: missing is never zero, and never without a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from parkgeo.assess.written import text_column
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["field_gaps", "gaps_frame", "layer_gaps", "parcel_gaps"]

Gap = tuple[str, str | None, str, dict[str, str]]

_COLUMNS = ("table", "parcel_id", "field", "ask_zh", "ask_en")
_TEXT = pa.large_string()
_NO_LAYER = "The layer {layer} is missing."


def gaps_frame(gaps: Iterable[Gap | pd.DataFrame | Callable[[], pd.DataFrame]]) -> pd.DataFrame:
    """Gaps as a table.

    Parameters
    ----------
    gaps
        Table, parcel (None for all), field, and what to ask for in each language; or frames of such rows, with the columns
        of the result, or functions that make such frames.

    Returns
    -------
    pandas.DataFrame
        ``table``, ``parcel_id``, ``field``, ``ask_zh``, ``ask_en``; sorted.
    """
    rows: list[tuple[str | None, ...]] = []
    parts: dict[str, list[pa.Array]] = {name: [] for name in _COLUMNS}
    for each in gaps:
        gap = each() if callable(each) else each
        if isinstance(gap, pd.DataFrame):
            _add(parts, gap)
        else:
            table, parcel, field, ask = gap
            rows.append((table, parcel, field, ask["zh"], ask["en"]))
    _add(parts, pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str"))
    columns = {name: _whole(column) for name, column in parts.items()}
    order = pa.array(np.lexsort([_ranks(column) for column in reversed(columns.values())]))
    return pd.DataFrame(
        {name: text_column(column.take(order).cast(_TEXT)) for name, column in columns.items()}
    )


def _add(parts: dict[str, list[pa.Array]], gap: pd.DataFrame) -> None:
    """Rows, each text held once: a thousand parcels are asked the same."""
    for name, column in parts.items():
        texts = pa.array(gap[name], type=_TEXT, from_pandas=True)
        whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        column.append(pc.dictionary_encode(whole))


def _whole(parts: list[pa.Array]) -> pa.DictionaryArray:
    """Parts of a column with one dictionary."""
    return pa.chunked_array(parts).unify_dictionaries().combine_chunks()


def _ranks(column: pa.DictionaryArray) -> NDArray[np.int64]:
    """Numbers that sort as the texts do, those that are missing first."""
    ranks = pc.rank(column.dictionary).to_numpy(zero_copy_only=False).astype(np.int64)
    codes = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False)
    # The last stands for what is missing, whose code is -1.
    found: NDArray[np.int64] = np.append(ranks, 0)[codes]
    return found


def layer_gaps(field: str, needs: Iterable[tuple[str, dict[str, str]]]) -> Iterator[Gap]:
    """Gaps of a field for want of layers, each with its titles by language."""
    for _, titles in needs:
        yield "parcels", None, field, {lang: say(_NO_LAYER, lang, layer=titles[lang]) for lang in LANGUAGES}


def field_gaps(field: str, sentence: str, *, table: str = "parcels") -> list[Gap]:
    """A gap of a field on all rows of a table, for want of a column."""
    return [(table, None, field, {lang: say(sentence, lang) for lang in LANGUAGES})]


def parcel_gaps(
    parcel_ids: pd.Series[Any], missing: NDArray[np.bool_], field: str, sentence: str
) -> pd.DataFrame:
    """A gap for each parcel where a field is missing, all for one reason, as a frame for `gaps_frame`."""
    ask = {f"ask_{lang}": say(sentence, lang) for lang in LANGUAGES}
    ids = parcel_ids.to_numpy(dtype=object)[missing]
    return pd.DataFrame({"table": "parcels", "parcel_id": ids, "field": field, **ask}, columns=list(_COLUMNS))
