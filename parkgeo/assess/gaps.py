"""Why a figure is missing and what to ask for: missing is never zero, and never without a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["field_gaps", "gaps_frame", "layer_gaps", "parcel_gaps"]

Gap = tuple[str, str | None, str, dict[str, str]]

_COLUMNS = ("table", "parcel_id", "field", "ask_zh", "ask_en")
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
    rows, frames = [], []
    for each in gaps:
        gap = each() if callable(each) else each
        if isinstance(gap, pd.DataFrame):
            frames.append(gap)
        else:
            table, parcel, field, ask = gap
            rows.append((table, parcel, field, ask["zh"], ask["en"]))
    frame = pd.concat([pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object), *frames]).astype("str")
    return frame.sort_values(list(_COLUMNS), kind="stable", na_position="first").reset_index(drop=True)


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
