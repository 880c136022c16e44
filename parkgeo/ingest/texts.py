"""Whole columns of text: whether they stand as they should, and their distinct texts, without a look at each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.ingest.cells import BLANK_WORDS, DITTO_WORDS, is_blank, is_ditto

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["clean_ids", "clean_texts", "distinct_texts", "mostly_distinct", "text_column"]

# Ids of these letters alone stand as they should; what else they may be are words for nothing, looked for apart.
_CLEAN_ID = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
_LONGEST_WORD = max(map(len, BLANK_WORDS | DITTO_WORDS))
_SAMPLE = 1000


def text_column(cells: pd.Series[Any]) -> Any:
    """A column of text and missing cells alone as an Arrow array; None for any other."""
    import pyarrow as pa

    if isinstance(cells.dtype, pd.StringDtype):
        array = pa.array(cells, type=pa.large_string())
    elif cells.dtype == object and {str, type(None)}.issuperset(map(type, cells)):
        try:
            array = pa.array(cells.to_numpy(), type=pa.large_string())
        except UnicodeEncodeError:  # half of a surrogate pair, which no file in a known encoding holds
            return None
    else:
        return None
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def mostly_distinct(array: Any) -> bool:
    """Whether the first thousand cells are so different that a list of distinct texts saves nothing."""
    sample = array[:_SAMPLE]
    return 2 * len(sample.unique()) > len(sample)


def distinct_texts(array: Any) -> tuple[NDArray[np.intp], list[str | None]]:
    """Each cell's place among the distinct texts, and these in the order of their first appearance."""
    encoded = array.dictionary_encode(null_encoding="encode")
    return encoded.indices.to_numpy().astype(np.intp), encoded.dictionary.to_pylist()


def clean_ids(array: Any) -> bool:
    """Whether every text is an id that reads as itself; missing ones do.

    Examples
    --------
    >>> import pyarrow as pa
    >>> [clean_ids(pa.array([text], pa.large_string())) for text in ("GB00012", "ＧＢ１", "null", "1.0E+18")]
    [True, False, False, False]
    """
    array = array.drop_null()
    if not len(array):
        return False
    return not _letters(array).translate(None, _CLEAN_ID) and not _any_word(array)


def clean_texts(array: Any) -> bool:
    """Whether every text reads as itself: no outer space, no word for nothing, no error of Excel; missing ones do.

    Examples
    --------
    >>> import pyarrow as pa
    >>> [clean_texts(pa.array([text], pa.large_string())) for text in ("云溪 轴承", " 云溪", "——", "#REF!")]
    [True, False, False, False]
    """
    import pyarrow.compute as pc

    array = array.drop_null()
    if not len(array):
        return False
    letters = _letters(array)
    # Of what is printable only the common space is cut from the ends of a text.
    if b"#" in letters or not letters.decode("utf-8").isprintable():
        return False
    spaced = pc.any(pc.or_(pc.starts_with(array, " "), pc.ends_with(array, " "))).as_py()
    return not spaced and not _any_word(array)


def _letters(array: Any) -> bytes:
    """All the column's text in one, as UTF-8."""
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)
    first, last = offsets[array.offset], offsets[array.offset + len(array)]
    data = array.buffers()[2]
    return bytes(memoryview(data)[first:last]) if data is not None else b""


def _any_word(array: Any) -> bool:
    """Whether a text is a word for nothing or for the cell above: these are short, and no longer text folds to one."""
    import pyarrow.compute as pc

    short = array.filter(pc.less_equal(pc.utf8_length(array), _LONGEST_WORD))
    return any(is_blank(text) or is_ditto(text) for text in short.unique().to_pylist())
