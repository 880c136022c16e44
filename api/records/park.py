"""A park: its figures, its indicators with what they are held against, and its parcels by verdict."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.errors import quote_short
from api.records.view import whole_view
from api.served.encode import column_values
from api.served.summary import count_verdicts
from parkgeo.errors import NotFoundError
from parkgeo.export.titles import column_title, table_title, unit_word
from parkgeo.i18n import LANGUAGES, figure

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from parkgeo.store import Snapshot

__all__ = ["TABLES", "show_indicator", "tell_park"]

TABLES = (
    "indicators", "land_ledger", "industries", "park_years",
    "industry_structure", "aggregation_modes", "chain_gaps",
)  # fmt: skip
_FILES = frozenset({"source_file", "source_row"})


async def tell_park(ask: Ask, park_id: str) -> dict[str, Any]:
    """What a snapshot says of a park.

    Parameters
    ----------
    ask
        The request.
    park_id
        The park.

    Returns
    -------
    dict
        ``park_id``, ``snapshot``, ``as_of``, ``fields`` (field → value, titles, unit), ``verdicts`` (verdict on idle land →
        parcels and their area, null where there was no ledger to judge by), ``indicators`` (value or bounds, numerator, denominator,
        benchmark with its source, formula, ``verified``), ``land_ledger``, ``industries``, ``park_years``, ``industry_structure``,
        ``aggregation_modes``, ``chain_gaps``. A missing value is null; a table that the snapshot lacks is an empty list.

    Raises
    ------
    NotFoundError
        No park that the caller may know has that id.
    """
    rows = ask.rows(ask.collection("parks"))
    if await rows.item(park_id, ask.caller.parks) is None:
        raise NotFoundError(
            f"no park {quote_short(park_id)}", mend=f"the parks: {ask.here('collections', 'parks', 'items')}"
        )
    return await asyncio.to_thread(_tell, whole_view(ask), park_id)


def _tell(view: Snapshot, park_id: str) -> dict[str, Any]:
    parks = view.read("parks")
    ids = (
        parks["park_id"].astype(str)
        if "park_id" in parks
        else pd.Series(range(1, len(parks) + 1)).astype(str)
    )
    own = parks[(ids == park_id).to_numpy()]
    return {
        "park_id": park_id,
        "snapshot": view.name,
        "as_of": view.as_of.isoformat(),
        "fields": {
            name: {
                "value": value,
                **{lang: column_title(view, "parks", name, lang, unit=False) for lang in LANGUAGES},
                "unit": str(view.field("parks", name)["unit"] or ""),
            }
            for name, value in _rows(view, "parks", own)[0].items()
        },
        "verdicts": _verdicts(view, park_id),
        "titles": {
            name: {lang: table_title(view, name, lang) for lang in LANGUAGES}
            for name in TABLES
            if name in view.tables
        },
        **{name: _of_park(view, name, park_id) for name in TABLES},
    }


def _verdicts(view: Snapshot, park_id: str) -> dict[str, dict[str, float] | None]:
    parcels = view.read("parcels")
    if "park_id" in parcels:
        parcels = parcels[parcels["park_id"].astype(str) == park_id]
    ledger = "supply" not in view.manifest.get("layers_missing", ())
    return {
        verdict: None if tally is None else {"parcels": tally.parcels, "area_m2": tally.area_m2}
        for verdict, tally in count_verdicts(parcels, ledger=ledger).items()
    }


def _of_park(view: Snapshot, table: str, park_id: str) -> list[dict[str, Any]]:
    """Rows of a table about the park, or about no park in particular; with the units' words."""
    if table not in view.tables:
        return []
    frame = view.read(table)
    if "park_id" in frame:
        frame = frame[frame["park_id"].isna() | (frame["park_id"].astype(str) == park_id)]
    told = _rows(view, table, frame)
    for row in told:
        if row.get("unit"):
            row["units"] = {lang: unit_word(str(row["unit"]), lang) for lang in LANGUAGES}
    return told


def _rows(view: Snapshot, table: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns if name != "geometry" and name not in _FILES]
    columns = [column_values(frame[name], str(view.field(table, name)["type"]))[1] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)] if columns else []


def show_indicator(row: dict[str, Any], lang: str) -> str:
    """An indicator's value, or between what it must lie, or what it is in words.

    Examples
    --------
    >>> show_indicator({"value": None, "low": 1.5, "high": None}, "en")
    '≥ 1.5'
    """
    value, low, high = row.get("value"), row.get("low"), row.get("high")
    if isinstance(value, int | float):
        return figure(value, lang, digits=2)
    if low is not None and high is not None:
        return f"{figure(low, lang, digits=2)} – {figure(high, lang, digits=2)}"
    if low is not None:
        return f"≥ {figure(low, lang, digits=2)}"
    return str(row.get(f"value_{lang}") or "—")
