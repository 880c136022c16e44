"""The data of a page of the service: a part of what a page in one file carries, the rest one by one as it is asked for.

Parcels and the layers of `TILED` are drawn from vector tiles; what is derived for the map alone (bands of isochrones, the network,
ground within reach, links, gates) is packed when its layer is first shown. `maps.payload` says what a page in one file holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from maps.colouring import colourings
from maps.columns import encode_column
from maps.details import field_titles, findings, gaps
from maps.layer import Drawing
from maps.overlays import (
    DERIVED,
    GROUPS,
    OVERLAY_COLUMNS,
    PARTED_BY,
    area_of,
    overlays,
    parts_of,
    reasons,
    told,
)
from maps.pack import Texts
from maps.payload import bounds_of, describe_snapshot, embeddable, page_words, parcel_columns
from maps.shapes import LINE, POINT, POLYGON, world_coordinates
from maps.siting_choices import siting_choices
from maps.siting_layers import AREA_OF
from maps.specs import lay_specs, plan_maps
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from maps.specs import MapSpec
    from parkgeo.store import Snapshot

__all__ = [
    "NOT_DRAWN", "TILED", "build_colouring", "build_layer", "build_parcel", "build_places", "build_row", "build_view", "class_numbers",
]  # fmt: skip

TILED = (
    "roads",
    "buildings",
    "blocks",
    "plan",
    "constraints",
    "net_land",
    "sites",
    "utilities",
    "findings",
    "facilities",
)
"""Tables that are layers of the map and are drawn from tiles, as the parcels are."""

NOT_DRAWN = 255
"""The class of a row that is on no layer of the map."""

_BASE = (
    "holder",
    "idle",
    "land_state",
    "grade",
    "land_use",
    "land_use_code",
    "industry_code",
    "access_score",
    "site_area_m2",
)
_KINDS = {"Point": POINT, "LineString": LINE, "Polygon": POLYGON}
_NOWHERE = -(2**31)


def build_view(snapshot: Snapshot, types: Mapping[str, str | None], own: Sequence[MapSpec]) -> dict[str, Any]:
    """What a page of the service starts with.

    Parameters
    ----------
    snapshot
        The rows that the reader may see; of columns that are asked for by name it gives those that there are.
    types
        Tables that are drawn from tiles → GeoJSON type of all their rows, None where they differ.
    own
        The office's own maps, laid over those that come with parkgeo.

    Returns
    -------
    dict
        As `maps.payload.build_payload` gives it, but for: the parcels' ``shapes`` and most of their columns; ``of`` of colourings;
        ``shapes`` and ``columns`` of layers, which have ``kind`` instead and, if they are drawn from tiles, ``tiles`` (the table) and
        ``number`` (their class there); what findings and gaps say.
    """
    table = snapshot.read("parcels")
    parcels = embeddable(snapshot, table)
    bounds = bounds_of(snapshot, world_coordinates(parcels, snapshot.crs))
    specs = lay_specs(own)
    found = colourings(snapshot, table, specs)
    maps, left_out = plan_maps(snapshot, table, specs, found)
    fields = snapshot.catalogue["fields"].get("parcels", {})
    base = [
        name
        for name in table.columns
        if (name in _BASE or fields.get(name, {}).get("type") == "verdict")
        and not snapshot.field("parcels", name).get("personal")
    ]
    return {
        "languages": list(LANGUAGES),
        "meta": describe_snapshot(snapshot, full=True, simplified=False),
        "origin": bounds[:2],
        "bounds": bounds,
        **page_words(),
        "parcels": {
            "count": len(table),
            "ids": Texts(str(parcel_id) for parcel_id in table["parcel_id"]),
            "areas": table.geometry.area.to_numpy().astype(np.float32),
            "columns": {name: encode_column(snapshot, "parcels", table[name]) for name in base},
        },
        "colourings": [_without(colouring.as_dict(), "of") for colouring in found],
        "maps": maps,
        "left_out": left_out,
        "layers": _layers(snapshot, types, (bounds[0], bounds[1])),
        "findings": findings(snapshot, {}, full=False) | {"fields": _missing_fields(snapshot)},
        "gaps": {},
        "siting": siting_choices(snapshot),
    }


def _missing_fields(snapshot: Snapshot) -> dict[str, list[str]]:
    """Titles of the fields that findings wait for."""
    if "findings" not in snapshot.tables:
        return {}
    table = snapshot.read("findings", ["missing"])
    return field_titles(snapshot, table["missing"]) if "missing" in table else {}


def _without(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in names}


def _layers(
    snapshot: Snapshot, types: Mapping[str, str | None], origin: tuple[float, float]
) -> list[dict[str, Any]]:
    """All layers beside the parcels, in drawing order, the boundary whole, because every page draws it, and pictures of images too."""
    drawing = Drawing(snapshot, origin, full=True)
    layers: list[dict[str, Any]] = []
    for group in GROUPS:
        if group in types:
            layers += _tiled(snapshot, group, types[group])
        elif group in DERIVED:
            layers += [_head(layer) for layer in DERIVED[group](drawing)]
        elif group in ("parks", "imagery"):
            layers += overlays(snapshot, origin, full=True, only=group)
    return layers


def _tiled(snapshot: Snapshot, table: str, geometry_type: str | None) -> list[dict[str, Any]]:
    kind = _KINDS.get((geometry_type or "").removeprefix("Multi"))
    rows = _parting(snapshot, table, AREA_OF.get(table))
    parts = parts_of(snapshot, table, rows)
    return [
        {
            "id": part.id, "group": table, "title": part.title, "style": part.style, "shown": part.shown,
            "count": int(part.rows.sum()), "kind": LINE if kind is None else kind, "tiles": table, "number": number,
            **area_of(table, rows[part.rows]),
        }
        for number, part in enumerate(parts)
    ]  # fmt: skip


def _parting(snapshot: Snapshot, table: str, also: str | None = None) -> pd.DataFrame:
    """A table's rows with the columns by which it is parted into layers, and another, as far as it has them."""
    return snapshot.read(table, (*PARTED_BY.get(table, ()), *([also] if also else ())))


def _head(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer without what is asked for when it is first shown."""
    kinds = layer["shapes"]["kinds"]
    return _without(layer, "shapes", "columns", "reasons") | {
        "kind": int(kinds[0]) if len(kinds) else POLYGON
    }


def class_numbers(snapshot: Snapshot, table: str) -> NDArray[np.uint8] | None:
    """The place of each row's layer among those of its table, `NOT_DRAWN` where it is on none; None where all are on one layer."""
    if table not in PARTED_BY:
        return None
    rows = _parting(snapshot, table)
    numbers = np.full(len(rows), NOT_DRAWN, dtype=np.uint8)
    for number, part in enumerate(parts_of(snapshot, table, rows)[:NOT_DRAWN]):
        numbers[part.rows] = number
    return numbers


def build_colouring(snapshot: Snapshot, key: str, own: Sequence[MapSpec]) -> dict[str, Any] | None:
    """One colouring with its classes and ``of``, the class of each parcel; None where there is none of that key."""
    column = key.partition("@")[0]
    if column not in snapshot.catalogue["fields"].get("parcels", {}):
        return None
    # Its own column and the ground are enough: a table of parcels has a hundred others.
    table = snapshot.read("parcels", [column, "geometry"])
    found = colourings(snapshot, table, [spec for spec in lay_specs(own) if spec.key == key])
    return next((one.as_dict() for one in found if one.key == key), None)


def build_layer(snapshot: Snapshot, layer_id: str, origin: tuple[float, float]) -> dict[str, Any] | None:
    """A layer that is derived for the map, with shapes and columns; None where there is none of that id."""
    make = DERIVED.get(layer_id.partition(":")[0])
    layers = make(Drawing(snapshot, origin, full=True)) if make else []
    return next((layer for layer in layers if layer["id"] == layer_id), None)


def build_places(snapshot: Snapshot, origin: tuple[float, float]) -> dict[str, NDArray[Any]]:
    """Where each parcel is: its box and the middle of its ground, whole units from the origin; the least number where it has no shape."""
    shapes = world_coordinates(snapshot.read("parcels", ["geometry"]), snapshot.crs)
    boxes = shapely.bounds(shapes)
    middles = shapely.get_coordinates(
        shapely.centroid(np.where(np.isnan(boxes[:, 0]), shapely.Point(0, 0), shapes))
    )
    middles[np.isnan(boxes[:, 0])] = np.nan
    return {
        name: np.nan_to_num(np.rint(places - np.resize(origin, places.shape[1])), nan=_NOWHERE).astype(np.int32).ravel()
        for name, places in (("boxes", boxes), ("middles", middles))
    }  # fmt: skip


def build_parcel(snapshot: Snapshot) -> dict[str, Any]:
    """All that a page tells of one parcel, packed as if it were the only one.

    Parameters
    ----------
    snapshot
        Holds of the parcels this one only, of findings and gaps those that concern it.
    """
    table = snapshot.read("parcels")
    parcels = embeddable(snapshot, table)
    places = {str(parcel_id): place for place, parcel_id in enumerate(parcels["parcel_id"])}
    return {
        "languages": list(LANGUAGES),
        "parcels": {
            "count": len(parcels),
            "ids": Texts(str(parcel_id) for parcel_id in parcels["parcel_id"]),
            "columns": parcel_columns(snapshot, parcels, full=True),
        },
        "colourings": [],
        "layers": [],
        "findings": findings(snapshot, places, full=True),
        "gaps": gaps(snapshot, table, places),
    }


def build_row(snapshot: Snapshot, table: str, rows: pd.DataFrame) -> dict[str, Any]:
    """What the pop-up of a row of another table says: its columns and, of a finding, the reason.

    Parameters
    ----------
    snapshot
        Gives titles.
    table
        Its table.
    rows
        The one row.
    """
    rows = told(rows)
    columns = {
        name: encode_column(snapshot, table, rows[name])
        for name in OVERLAY_COLUMNS.get(table, ())
        if name in rows and not snapshot.field(table, name).get("personal")
    }
    return {"columns": columns, "reasons": reasons(rows) if table == "findings" else None}
