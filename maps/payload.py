"""The data of a map: a snapshot as one value of JSON and arrays, see `maps.pack`.

Only columns named here leave the snapshot; a person's name or telephone is in none of them. A missing value is told by its column's
kind, see `maps.columns`, and is never 0 or an empty text.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from maps.access import MODES, access_columns
from maps.colouring import GROUPS, colourings
from maps.columns import code_column, encode_column, numbers
from maps.details import findings, gaps
from maps.overlays import overlays
from maps.pack import Texts
from maps.shapes import WORLD, pack_shapes, world_coordinates
from maps.specs import plan_maps, shipped_specs
from maps.words import CODES, UNITS, in_all_languages, sentences
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from maps.specs import MapSpec
    from parkgeo.store import Snapshot

__all__ = ["PARCEL_COLUMNS", "PORTABLE_LIMIT", "SIMPLIFIED_ABOVE", "SIMPLIFIED_TO_M", "bounds_of", "build_payload", "describe_snapshot", "embeddable", "page_words", "parcel_columns"]  # fmt: skip

PORTABLE_LIMIT = 30_000
"""Most parcels that one file carries in full; above, details are left out, and the map says so."""

SIMPLIFIED_ABOVE = 150_000
"""Most parcels whose outlines one file carries vertex by vertex; above, they are simplified, and the map says so."""

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
_ALWAYS = ("holder", "idle")

PARCEL_COLUMNS = (*_HEAD, *(column.rstrip("?") for columns in _SECTIONS.values() for column in columns))
"""All columns of the parcels that a map may embed, beside minutes to facilities, see `maps.access.access_columns`."""


def build_payload(snapshot: Snapshot, *, lang: str, specs: Sequence[MapSpec] | None = None) -> dict[str, Any]:
    """All that the page needs to draw a snapshot.

    Parameters
    ----------
    snapshot
        A finished analysis.
    lang
        Language to open in, ``zh`` or ``en``; both are embedded.
    specs
        The maps to choose from, the first shown first; by default those that come with parkgeo.

    Returns
    -------
    dict
        To be packed by `maps.pack.pack`.
    """
    table = snapshot.read("parcels")
    parcels = embeddable(snapshot, table)
    full = len(parcels) <= PORTABLE_LIMIT
    simplified = len(parcels) > SIMPLIFIED_ABOVE
    shapes = world_coordinates(parcels, snapshot.crs, tolerance_m=SIMPLIFIED_TO_M if simplified else None)
    bounds = bounds_of(snapshot, shapes)
    origin = (float(np.floor(bounds[0])), float(np.floor(bounds[1])))
    places = {str(parcel_id): place for place, parcel_id in enumerate(parcels["parcel_id"])}
    wanted = shipped_specs() if specs is None else specs
    found = colourings(snapshot, table, wanted)
    maps, left_out = plan_maps(snapshot, table, wanted, found)
    return {
        "lang": lang,
        "languages": list(LANGUAGES),
        "meta": describe_snapshot(snapshot, full=full, simplified=simplified),
        "origin": list(origin),
        "bounds": bounds,
        **page_words(),
        "parcels": {
            "count": len(parcels),
            "ids": Texts(str(parcel_id) for parcel_id in parcels["parcel_id"]),
            "areas": parcels.geometry.area.to_numpy().astype(np.float32),
            "columns": parcel_columns(snapshot, parcels, full=full),
            "shapes": pack_shapes(shapes, origin),
        },
        "colourings": [colouring.as_dict() for colouring in found],
        "maps": maps,
        "left_out": left_out,
        "layers": overlays(snapshot, origin, full=full),
        "findings": findings(snapshot, places, full=full),
        "gaps": gaps(snapshot, table, places) if full else {},
    }


def page_words() -> dict[str, Any]:
    """What a page says of its own accord, in every language, and how it arranges what it tells of a parcel."""
    return {
        "text": sentences() | {f"colour_{name}": in_all_languages(words) for name, words in GROUPS.items()},
        "codes": {code: in_all_languages(words) for code, words in CODES.items()},
        "units": {unit: in_all_languages(words) for unit, words in UNITS.items()},
        "sections": _SECTIONS,
        "modes": MODES,
    }


def embeddable(snapshot: Snapshot, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The parcels with no column but those named here and minutes to facilities, and none that the catalogue calls personal."""
    columns = [
        column
        for column in (*PARCEL_COLUMNS, *access_columns(parcels))
        if column in parcels and not snapshot.field("parcels", column).get("personal")
    ]
    return parcels[[*columns, parcels.geometry.name]]


def bounds_of(snapshot: Snapshot, shapes: NDArray[np.object_]) -> list[float]:
    """Around the parcels and, where it is known, the park's boundary: west, north, east, south in the square, whole units."""
    if "parks" in snapshot.tables:
        shapes = np.concatenate([shapes, world_coordinates(snapshot.read("parks"), snapshot.crs)])
    west, north, east, south = (float(edge) for edge in shapely.total_bounds(shapes))
    if not math.isfinite(west + north + east + south):
        return [0.0, 0.0, WORLD, WORLD]  # nothing has a place
    return [float(np.floor(west)), float(np.floor(north)), float(np.ceil(east)), float(np.ceil(south))]


def describe_snapshot(snapshot: Snapshot, *, full: bool, simplified: bool) -> dict[str, Any]:
    """What a page says of the snapshot as a whole."""
    manifest = snapshot.manifest
    park = manifest.get("park")
    return {
        "park": str(park) if park else None,
        "as_of": snapshot.as_of.isoformat(),
        "name": snapshot.name,
        "version": str(manifest.get("version", "")),
        "crs": str(snapshot.crs.name),
        "no_ledger": "supply" in manifest.get("layers_missing", ()),
        "limit": None if full else PORTABLE_LIMIT,
        "tolerance": SIMPLIFIED_TO_M if simplified else None,
    }


def parcel_columns(snapshot: Snapshot, parcels: gpd.GeoDataFrame, *, full: bool) -> dict[str, dict[str, Any]]:
    """The parcels' columns by name; of a map too large for one file only what the search and the verdict need."""
    minutes = set(access_columns(parcels))
    columns = {}
    for name in parcels.columns:
        if name in ("parcel_id", parcels.geometry.name) or (not full and name not in _ALWAYS):
            continue
        if name in minutes:
            if parcels[name].notna().any():
                columns[name] = _minutes(snapshot, parcels[name])
        else:
            columns[name] = encode_column(snapshot, "parcels", parcels[name])
    if "idle" in columns:
        columns["idle"] |= code_column(parcels["idle"])
    return columns


def _minutes(snapshot: Snapshot, values: pd.Series[Any]) -> dict[str, Any]:
    """Minutes to the nearest facility of a kind, by one way of travel, to a tenth."""
    return {**encode_column(snapshot, "parcels", values), "values": numbers(values, digits=1)}
