"""Why a parcel's or a company's yearly figure is missing, and what to ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.wording import compose
from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["alike_gaps", "occupant_gaps"]

_OCCUPANTS = {
    "no_return": "No return for {year}: {companies}.",
    "blank": "The return for {year} leaves it blank: {companies}.",
    "several_returns": "Several returns for {year}, which do not agree on one figure: {companies}.",
    "monthly_only": "Only monthly figures for {year}, no yearly return: {companies}.",
    "no_area": "Occupied area is not known, so the figure cannot be split: {companies}.",
}


def alike_gaps(ids: NDArray[Any], fields: Sequence[str], sentence: str, /, **values: object) -> pd.DataFrame:
    """The same gap of every field on each of some parcels.

    Parameters
    ----------
    ids
        Parcels.
    fields
        Columns of parcels that are missing on all of them.
    sentence
        What to ask for, a key of the message catalogue.
    **values
        What fills it.

    Returns
    -------
    pandas.DataFrame
        Rows for `parkgeo.assess.gaps.gaps_frame`.
    """
    count = len(ids)
    return pd.DataFrame(
        {
            "table": "parcels",
            "parcel_id": np.tile(np.asarray(ids, dtype=object), len(fields)),
            "field": np.repeat(np.asarray(fields, dtype=object), count),
            **{f"ask_{lang}": say(sentence, lang, **values) for lang in LANGUAGES},
        },
        columns=["table", "parcel_id", "field", *(f"ask_{lang}" for lang in LANGUAGES)],
    )


def occupant_gaps(reasons: pd.DataFrame, needs: Mapping[str, Sequence[str]], year: int) -> list[pd.DataFrame]:
    """Gaps of yearly figures, from the reasons of an attribution.

    Parameters
    ----------
    reasons
        See `parkgeo.metrics.performance.Attribution`.
    needs
        Column of parcels → measures of the returns that it is made of.
    year
        Of the figures.

    Returns
    -------
    list of pandas.DataFrame
        For each column a row a parcel and reason, with the companies named.
    """
    flat = reasons.reset_index()
    found = []
    for field, measures in needs.items():
        own = flat[flat["measure"].isin(measures)]
        rows = own[["parcel_id", "reason", "enterprise_id"]].drop_duplicates()
        if len(rows):
            found.append(_told(rows.sort_values(["parcel_id", "reason", "enterprise_id"]), field, year))
    return found


def _told(rows: pd.DataFrame, field: str, year: int) -> pd.DataFrame:
    """Rows sorted by parcel, reason and company; one gap for each of the first two."""
    keys = rows[["parcel_id", "reason"]]
    starts = np.flatnonzero(~keys.duplicated().to_numpy(dtype=bool))
    named = _named(rows["enterprise_id"].to_numpy(dtype=object), starts)
    first = keys.iloc[starts]
    reason = first["reason"].to_numpy(dtype=object)
    years = [str(year)] * len(first)
    return pd.DataFrame(
        {
            "table": "parcels",
            "parcel_id": first["parcel_id"].to_numpy(dtype=object),
            "field": field,
            **{
                f"ask_{lang}": compose(_OCCUPANTS, reason, lang, year=years, companies=named)
                for lang in LANGUAGES
            },
        }
    )


def _named(companies: NDArray[np.object_], starts: NDArray[np.intp]) -> list[str]:
    """The companies of each run, the first five of them by name."""
    ends = np.append(starts[1:], len(companies))
    return [
        str(companies[start]) if end - start == 1 else name_some(companies[start:end])
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
