"""Why a figure is missing and what to ask for: missing is never zero, and never without a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["field_gaps", "gaps_frame", "layer_gaps", "parcel_gaps"]

Gap = tuple[str, str | None, str, dict[str, str]]

_COLUMNS = ("table", "parcel_id", "field", "ask_zh", "ask_en")
_NO_LAYER = "The layer {layer} is missing."


def gaps_frame(gaps: Iterable[Gap | pd.DataFrame]) -> pd.DataFrame:
    """Gaps as a table.

    Parameters
    ----------
    gaps
        Table, parcel (None for all), field, and what to ask for in each language; or frames of such rows, with the columns
        of the result.

    Returns
    -------
    pandas.DataFrame
        ``table``, ``parcel_id``, ``field``, ``ask_zh``, ``ask_en``; sorted.
    """
    rows, frames = [], []
    for gap in gaps:
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


def parcel_gaps(parcels: pd.DataFrame, field: str, sentence: str) -> Iterator[Gap]:
    """A gap for each parcel where a field is missing, all for one reason."""
    ask = {lang: say(sentence, lang) for lang in LANGUAGES}
    for parcel_id in parcels.loc[parcels[field].isna(), "parcel_id"]:
        yield "parcels", str(parcel_id), field, ask
