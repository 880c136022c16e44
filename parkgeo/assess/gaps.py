"""Why a figure is missing and what to ask for: missing is never zero, and never without a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["field_gaps", "gaps_frame", "layer_gaps", "occupant_gaps", "parcel_gaps"]

Gap = tuple[str, str | None, str, dict[str, str]]

_COLUMNS = ("table", "parcel_id", "field", "ask_zh", "ask_en")
_NO_LAYER = "The layer {layer} is missing."
_OCCUPANTS = {
    "no_return": "No return for {year}: {companies}.",
    "several_returns": "Several returns for {year}, which do not agree on one figure: {companies}.",
    "monthly_only": "Only monthly figures for {year}, no yearly return: {companies}.",
    "no_area": "Occupied area is not known, so the figure cannot be split: {companies}.",
}


def gaps_frame(gaps: Iterable[Gap]) -> pd.DataFrame:
    """Gaps as a table.

    Parameters
    ----------
    gaps
        Table, parcel (None for all), field, and what to ask for in each language.

    Returns
    -------
    pandas.DataFrame
        ``table``, ``parcel_id``, ``field``, ``ask_zh``, ``ask_en``; sorted.
    """
    rows = [(table, parcel, field, ask["zh"], ask["en"]) for table, parcel, field, ask in gaps]
    frame = (
        pd.DataFrame(rows, columns=list(_COLUMNS)).astype("str").where(lambda cells: cells != "None", None)
    )
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


def occupant_gaps(reasons: pd.DataFrame, year: int) -> Iterator[Gap]:
    """Gaps of yearly figures, from the reasons of an attribution."""
    grouped = reasons.reset_index().groupby(["parcel_id", "measure", "reason"], sort=True)["enterprise_id"]
    for (parcel_id, measure, reason), companies in grouped:
        named = name_some(sorted(set(companies)))
        ask = {lang: say(_OCCUPANTS[str(reason)], lang, year=year, companies=named) for lang in LANGUAGES}
        yield "parcels", str(parcel_id), f"{measure}_per_mu", ask
