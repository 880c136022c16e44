"""The data of a map: a snapshot as one JSON value.

Only columns named here leave the snapshot; a person's name or telephone is in none of them. Every text is stored once in ``strings`` and
referred to by its place there; a missing value is null, never 0 or an empty text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from maps.access import access_columns, colourings, minutes_table, ramps
from maps.columns import Strings, days, encode_column, numbers, texts
from maps.encode import display_shapes, encode_shapes
from maps.overlays import overlays
from maps.palette import NOT_JUDGED, VERDICTS
from maps.words import CODES, UNITS, in_all_languages, sentences
from parkgeo.i18n import LANGUAGES
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from parkgeo.store import Snapshot

__all__ = ["PARCEL_COLUMNS", "PORTABLE_LIMIT", "SIMPLIFIED_TO_M", "build_payload", "verdict_classes"]

PORTABLE_LIMIT = 30_000
"""Most parcels that one file carries in full; above, outlines are simplified and details left out, and the map says so."""

SIMPLIFIED_TO_M = 1.0
"""How far an outline may move, in metres, when it is simplified."""

# Section of the pop-up → columns. "?" = shown only when there is a value; the others show a dash, so that a gap is seen.
_SECTIONS: dict[str, tuple[str, ...]] = {
    "identity": ("name?", "land_use", "land_use_code?", "industry_code?", "supply_status", "supply_mode?", "right_type?"),
    "idle": ("idle_since?", "idle_days?", "idle_consequence?", "idle_fee_wan?", "government_delay_days?", "government_delay_cause?", "price_wan?"),
    "dates": (
        "approved_on?", "contract_on?", "handover_on", "agreed_start", "actual_start", "agreed_completion?",
        "actual_completion?", "suspended_since?",
    ),
    "areas": ("site_area_m2", "registered_area_m2", "area_difference_ratio"),
    "built": ("far", "planned_far?", "building_density", "planned_density?", "building_coefficient", "footprint_m2?", "floor_area_m2?"),
    "access": ("access_score", "gates?", "frontage_m?"),
    "services": ("services_ready", "services_missing?", "services_bottleneck?", "levelled_ground?", "ground_slope?", "cut_fill_m3?"),
    "yield": ("output_wan_per_mu", "value_added_wan_per_mu", "tax_wan_per_mu", "fixed_assets_wan_per_mu"),
}  # fmt: skip

_HEAD = ("parcel_id", "holder", "idle", "verdict_reason_zh", "verdict_reason_en")

PARCEL_COLUMNS = (*_HEAD, *(column.rstrip("?") for columns in _SECTIONS.values() for column in columns))
"""All columns of the parcels that a map may embed, beside minutes to facilities, see `maps.access.access_columns`."""

_FINDING_TEXTS = (
    "code",
    "verdict",
    "severity",
    "unit",
    "clause_zh",
    "clause_en",
    "missing",
    "reason_zh",
    "reason_en",
)


def verdict_classes(parcels: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """How many parcels and how much land are in each class of the idle verdict.

    Parameters
    ----------
    parcels
        Polygons in a projected system in metres; ``idle`` holds yes, no, undetermined or is missing.

    Returns
    -------
    list of dict
        ``code``, ``count``, ``area_m2``, ``ha``, ``mu`` for all four classes in the legend's order, also where there is none.
    """
    codes = _verdicts(parcels)
    areas = parcels.geometry.area
    rows = []
    for code in VERDICTS:
        of_class = codes == code
        area = float(areas[of_class].sum())
        rows.append(
            {
                "code": code,
                "count": int(of_class.sum()),
                "area_m2": round(area, 2),
                "ha": round(area / M2_PER_HA, 4),
                "mu": round(area / M2_PER_MU, 4),
            }
        )
    return rows


def build_payload(snapshot: Snapshot, *, lang: str) -> dict[str, Any]:
    """All that the page needs to draw a snapshot, as JSON values.

    Parameters
    ----------
    snapshot
        A finished analysis.
    lang
        Language to open in, ``zh`` or ``en``; both are embedded.
    """
    table = snapshot.read("parcels")
    parcels = _embeddable(snapshot, table)
    full = len(parcels) <= PORTABLE_LIMIT
    strings = Strings()
    shapes = display_shapes(parcels, snapshot.crs, tolerance_m=None if full else SIMPLIFIED_TO_M)
    west, south, east, north = _bounds(snapshot, shapes)
    origin = (west, south)
    index = {parcel_id: place for place, parcel_id in enumerate(parcels["parcel_id"])}
    found = colourings(snapshot, parcels, strings)
    payload = {
        "lang": lang,
        "languages": list(LANGUAGES),
        "meta": _meta(snapshot, strings, full=full),
        "origin": list(origin),
        "bounds": [[south, west], [north, east]],
        "text": sentences(),
        "codes": {code: in_all_languages(words) for code, words in CODES.items()},
        "units": {unit: in_all_languages(words) for unit, words in UNITS.items()},
        "verdict_styles": VERDICTS,
        "classes": verdict_classes(parcels),
        "parcels": {
            "shapes": encode_shapes(shapes, origin),
            **_parcel_values(snapshot, parcels, strings, full=full),
        },
        "colourings": found,
        "ramps": ramps(found),
        "findings": _findings(snapshot, strings, index, full=full),
        "gaps": _gaps(snapshot, table, strings, index) if full else {},
        "layers": overlays(snapshot, strings, origin, full=full),
    }
    # Last, when every text has its place.
    return {**payload, "strings": strings.texts}


def _embeddable(snapshot: Snapshot, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The parcels with no column but those named here and minutes to facilities, and none that the catalogue calls personal."""
    columns = [
        column
        for column in (*PARCEL_COLUMNS, *access_columns(parcels))
        if column in parcels and not snapshot.field("parcels", column).get("personal")
    ]
    return parcels[[*columns, parcels.geometry.name]]


def _bounds(snapshot: Snapshot, shapes: Any) -> tuple[float, float, float, float]:
    """Degrees around the parcels and, where it is known, the park's boundary."""
    import numpy as np
    import shapely

    if "parks" in snapshot.tables:
        shapes = np.concatenate([shapes, display_shapes(snapshot.read("parks"), snapshot.crs)])
    west, south, east, north = (round(float(edge), 7) for edge in shapely.total_bounds(shapes))
    return west, south, east, north


def _meta(snapshot: Snapshot, strings: Strings, *, full: bool) -> dict[str, Any]:
    manifest = snapshot.manifest
    return {
        "park": strings.place(manifest.get("park")),
        "as_of": snapshot.as_of.isoformat(),
        "name": snapshot.name,
        "version": str(manifest.get("version", "")),
        "crs": str(snapshot.crs.name),
        "no_ledger": "supply" in manifest.get("layers_missing", ()),
        "simplified": None if full else {"limit": PORTABLE_LIMIT, "tolerance": SIMPLIFIED_TO_M},
    }


def _verdicts(parcels: pd.DataFrame) -> pd.Series[str]:
    if "idle" not in parcels:
        return pd.Series(NOT_JUDGED, index=parcels.index)
    known = parcels["idle"].isin(list(VERDICTS))
    return parcels["idle"].where(known, NOT_JUDGED).astype(str)


def _parcel_values(
    snapshot: Snapshot, parcels: gpd.GeoDataFrame, strings: Strings, *, full: bool
) -> dict[str, Any]:
    order = list(VERDICTS)
    head = {
        "ids": strings.places(parcels["parcel_id"]),
        "holders": texts(parcels, "holder", strings),
        "classes": [order.index(code) for code in _verdicts(parcels)],
        "reasons": [texts(parcels, f"verdict_reason_{lang}", strings) if full else [] for lang in LANGUAGES],
        "areas": numbers(parcels.geometry.area, digits=2),
    }
    if not full:
        return {**head, "columns": [], "minutes": None}
    columns = []
    for section, names in _SECTIONS.items():
        for name in names:
            column = name.rstrip("?")
            if column in parcels:
                encoded = encode_column(snapshot, "parcels", parcels[column], strings)
                columns.append({"section": section, "optional": name.endswith("?"), **encoded})
    return {**head, "columns": columns, "minutes": minutes_table(parcels, strings)}


def _findings(snapshot: Snapshot, strings: Strings, index: dict[str, int], *, full: bool) -> dict[str, Any]:
    catalogue = snapshot.findings_catalogue
    titles = {
        code: [strings.place(entry.get(lang, code)) for lang in LANGUAGES]
        for code, entry in catalogue.items()
    }
    # What parkgeo sets itself is no rule that someone could verify.
    settings = sorted(code for code, entry in catalogue.items() if entry.get("kind", "rule") == "setting")
    named = {"titles": titles, "settings": settings}
    if "findings" not in snapshot.tables or not full:
        return {**named, "parcels": [], "texts": {}}
    table = snapshot.read("findings")
    missing = table["missing"] if "missing" in table else pd.Series([], dtype=object)
    return {
        **named,
        "parcels": [index.get(parcel_id) for parcel_id in table["parcel_id"]],
        "texts": {column: texts(table, column, strings) for column in _FINDING_TEXTS},
        "since": days(table["since"]),
        "observed": numbers(table["observed"]),
        "threshold": numbers(table["threshold"]),
        "verified": [bool(value) for value in table["verified"]],
        "fields": _field_titles(snapshot, missing, strings),
    }


def _field_titles(
    snapshot: Snapshot, missing: Iterable[object], strings: Strings
) -> dict[str, list[int | None]]:
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
                titles[name] = [strings.place(entry[lang]) for lang in LANGUAGES]
                break
    return titles


def _gaps(
    snapshot: Snapshot, parcels: gpd.GeoDataFrame, strings: Strings, index: dict[str, int]
) -> dict[str, Any]:
    """What is missing and what to ask for, parcel by parcel; ``whole``: what is missing for want of a layer or column.

    A gap of the whole layer stands once, with the places of the parcels that it spares because they have the value.
    """
    if "gaps" not in snapshot.tables:
        return {}
    table = snapshot.read("gaps")
    own = table[table["parcel_id"].isin(list(index))]
    # Of another layer's gaps only those of a field that the parcels carry speak of a parcel.
    whole = table[
        table["parcel_id"].isna() & (table["table"].eq("parcels") | table["field"].isin(list(parcels)))
    ]
    return {
        "parcels": [index[parcel_id] for parcel_id in own["parcel_id"]],
        **_asked(snapshot, own, strings),
        "whole": {
            **_asked(snapshot, whole, strings),
            "spared": [_spared(parcels, field) for field in whole["field"]],
        },
    }


def _asked(snapshot: Snapshot, gaps: pd.DataFrame, strings: Strings) -> dict[str, Any]:
    """Fields of gaps, by name and by title in each language, and what to ask for."""
    titles = [snapshot.field(layer, field) for layer, field in zip(gaps["table"], gaps["field"], strict=True)]
    return {
        "keys": strings.places(gaps["field"]),
        "fields": [strings.places(title[lang] for title in titles) for lang in LANGUAGES],
        "asks": [texts(gaps, f"ask_{lang}", strings) for lang in LANGUAGES],
    }


def _spared(parcels: gpd.GeoDataFrame, field: str) -> list[int]:
    """Places of the parcels that have the field's value; none where there is no such column."""
    if field not in parcels:
        return []
    return [place for place, missing in enumerate(_is_missing(parcels[field])) if not missing]


def _is_missing(values: pd.Series[Any]) -> pd.Series[bool]:
    """Where a value is missing: null, or, in a column of verdicts, undetermined; there null is a parcel not to be judged."""
    if values.isin(["yes", "no", "undetermined"]).any():
        return values.eq("undetermined").fillna(value=False).astype(bool)
    return values.isna()
