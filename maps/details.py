"""What the pop-up of a parcel tells beside its columns: findings, and what is missing and whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maps.columns import code_column, days, numbers, text_column
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.store import Snapshot

__all__ = ["field_titles", "findings", "gaps", "is_missing"]

_CODES = ("code", "verdict", "unit", "clause_zh", "clause_en")
_TEXTS = ("missing", "reason_zh", "reason_en")


def findings(snapshot: Snapshot, places: dict[str, int], *, full: bool) -> dict[str, Any]:
    """The findings as columns, and which parcel each is of.

    Parameters
    ----------
    snapshot
        A finished analysis.
    places
        Parcel id → row of the parcels.
    full
        False leaves out all but the titles.

    Returns
    -------
    dict
        ``titles`` (code → words in each language), ``settings`` (codes that parkgeo set itself), ``fields`` (name → title in each
        language), ``rows`` (row of the parcel, -1 none), ``columns``.
    """
    catalogue = snapshot.findings_catalogue
    named: dict[str, Any] = {
        "titles": {
            code: [str(entry.get(lang, code)) for lang in LANGUAGES] for code, entry in catalogue.items()
        },
        # What parkgeo sets itself is no rule that someone could verify.
        "settings": sorted(
            code for code, entry in catalogue.items() if entry.get("kind", "rule") == "setting"
        ),
    }
    if "findings" not in snapshot.tables or not full:
        return {**named, "fields": {}, "rows": np.zeros(0, dtype=np.int32), "columns": {}}
    table = snapshot.read("findings")
    absent = pd.Series([None] * len(table), dtype=object)
    return {
        **named,
        "fields": field_titles(snapshot, table.get("missing", absent)),
        "rows": _rows(table["parcel_id"], places),
        "columns": {
            **{name: code_column(table.get(name, absent)) for name in _CODES},
            **{name: text_column(table.get(name, absent)) for name in _TEXTS},
            "since": {"kind": "date", "values": days(table["since"])},
            "observed": {"kind": "number", "values": numbers(table["observed"])},
            "threshold": {"kind": "number", "values": numbers(table["threshold"])},
            "verified": {"kind": "flag", "values": table["verified"].fillna(value=False).to_numpy(dtype=np.uint8)},
        },
    }  # fmt: skip


def _rows(parcel_ids: pd.Series[Any], places: dict[str, int]) -> NDArray[np.int32]:
    return np.array([places.get(str(parcel_id), -1) for parcel_id in parcel_ids], dtype=np.int32)


def field_titles(snapshot: Snapshot, missing: Iterable[object]) -> dict[str, list[str]]:
    """Titles of the fields that findings name as missing, whichever table they belong to."""
    names = {
        name.strip()
        for value in missing
        if isinstance(value, str)
        for name in value.split(",")
        if name.strip()
    }
    titles = {}
    for name in sorted(names):
        for table in ("supply", "parcels", *snapshot.tables):
            entry = snapshot.field(table, name)
            if entry["zh"] != name:
                titles[name] = [str(entry[lang]) for lang in LANGUAGES]
                break
    return titles


def gaps(snapshot: Snapshot, parcels: gpd.GeoDataFrame, places: dict[str, int]) -> dict[str, Any]:
    """What is missing and what to ask for, parcel by parcel; ``whole``: what is missing for want of a layer or column.

    A gap of the whole layer stands once, with the rows of the parcels that it spares because they have the value.
    """
    if "gaps" not in snapshot.tables:
        return {}
    table = snapshot.read("gaps")
    own = table[table["parcel_id"].isin(list(places))]
    # Of another layer's gaps only those of a field that the parcels carry speak of a parcel.
    whole = table[
        table["parcel_id"].isna() & (table["table"].eq("parcels") | table["field"].isin(list(parcels)))
    ]
    return {
        "rows": _rows(own["parcel_id"], places),
        **_asked(snapshot, own),
        "whole": {**_asked(snapshot, whole), "spared": [_spared(parcels, field) for field in whole["field"]]},
    }


def _asked(snapshot: Snapshot, table: pd.DataFrame) -> dict[str, Any]:
    """Fields of gaps, by name and by title in each language, and what to ask for."""
    titles = [
        _titled(snapshot, layer, field) for layer, field in zip(table["table"], table["field"], strict=True)
    ]
    return {
        "keys": text_column(table["field"]),
        "fields": [
            text_column(pd.Series([entry[lang] for entry in titles], dtype=object)) for lang in LANGUAGES
        ],
        "asks": [text_column(table[f"ask_{lang}"]) for lang in LANGUAGES],
    }


def _titled(snapshot: Snapshot, layer: str, field: str) -> dict[str, Any]:
    """The catalogue's entry of a field; where the snapshot has no such layer, that of another layer with the field."""
    known = snapshot.field(layer, field)
    if known["zh"] != field:
        return known
    return next(
        (
            snapshot.field(other, field)
            for other, fields in snapshot.catalogue["fields"].items()
            if field in fields
        ),
        known,
    )


def _spared(parcels: gpd.GeoDataFrame, field: str) -> NDArray[np.uint32]:
    """Rows of the parcels that have the field's value; none where there is no such column."""
    if field not in parcels:
        return np.zeros(0, dtype=np.uint32)
    return np.flatnonzero(~is_missing(parcels[field]).to_numpy()).astype(np.uint32)


def is_missing(values: pd.Series[Any]) -> pd.Series[bool]:
    """Where a value is missing: null, or, in a column of verdicts, undetermined; there null is a parcel not to be judged."""
    if values.isin(["yes", "no", "undetermined"]).any():
        return values.eq("undetermined").fillna(value=False).astype(bool)
    return values.isna()
