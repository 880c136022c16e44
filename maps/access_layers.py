"""The layers on accessibility and services: isochrones, mains with their reach, the road network and its gates, links that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from maps.palette import LINKS, NETWORK_PARTS, UTILITIES, band_styles, gate_style, reach_style, report_style
from maps.words import CODES, in_all_languages
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    import pandas as pd

    from maps.layer import Drawing

__all__ = ["ACCESS_COLUMNS", "ACCESS_LAYERS"]

ACCESS_COLUMNS: dict[str, tuple[str, ...]] = {
    "network_edges": ("road_id", "road_class", "part"),
    "gate_points": ("parcel_id", "trucks"),
    "links": ("road_id", "parcels_slower", "parcels_cut_off", "minutes_lost"),
    "network_report": ("kind", "road_id", "other_road_id", "value", "unit"),
}
"""Table → columns that its pop-up shows."""

_SIMPLER_M = 2.0
"""How far outlines and roads may move: they are drawn round figures of 100 m and more."""

_ISOCHRONE_M = 8.0
"""How far an isochrone may move: it holds the ground up to 150 m from a road, and no border on the ground."""

_ROUND_CORNER = 4
"""Segments of a quarter circle round the end of a main: enough to see where its reach ends."""

_SERVICES = tuple(kind for kind in UTILITIES if kind != "other")


def _words(code: str) -> list[str]:
    """A code in each language; an office's own as it is written."""
    return in_all_languages(CODES[code]) if code in CODES else [code] * len(LANGUAGES)


def _rows(drawing: Drawing, table: str) -> Any:
    """A table's rows that have a shape; None where the snapshot has no such table or nothing in it."""
    if table not in drawing.snapshot.tables:
        return None
    rows = drawing.snapshot.read(table)
    if not isinstance(rows, gpd.GeoDataFrame):
        return None
    rows = rows[~(rows.geometry.isna() | rows.geometry.is_empty)]
    return rows if len(rows) else None


def isochrones(drawing: Drawing) -> list[dict[str, Any]]:
    """One layer a kind of facility and way of travel, cut into bands: ground that is reached sooner is in the nearer band only."""
    rows = _rows(drawing, "isochrones")
    if rows is None:
        return []
    layers = []
    for (kind, mode), of_kind in rows.groupby(["kind", "mode"], sort=False):
        rings, bands = _bands(of_kind)
        title = [
            say("{kind}, {mode}", lang, kind=word, mode=say(_MODES.get(str(mode), str(mode)), lang))
            for word, lang in zip(_words(str(kind)), LANGUAGES, strict=True)
        ]
        styles = band_styles(len(bands))
        layer = drawing.layer(f"isochrones:{kind}:{mode}", "isochrones", title, styles[0], rings)
        of = np.arange(len(bands), dtype=np.uint8)
        layers.append(layer | {"bands": bands, "styles": styles, "of": of, "unit": "min"})
    return layers


_MODES = {"car": "by car", "truck": "by truck", "walk": "on foot"}


def _bands(rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[list[float | None]]]:
    """Each isochrone less that of fewer minutes, and above and up to how many minutes each band goes.

    Blocks of land that no isochrone holds are in none of the bands, so bands have fewer points than whole isochrones.
    """
    rows = rows.sort_values("minutes")
    # Simplified before they are parted, so that neighbouring bands share their border.
    shapes = shapely.simplify(rows.geometry.to_numpy(), _ISOCHRONE_M)
    shapes[1:] = shapely.difference(shapes[1:], shapes[:-1].copy())
    minutes = [float(value) for value in rows["minutes"]]
    bands = [[low, high] for low, high in zip([None, *minutes[:-1]], minutes, strict=True)]
    return gpd.GeoDataFrame(geometry=shapes, crs=rows.crs), bands


def reach(drawing: Drawing) -> list[dict[str, Any]]:
    """For each kind of main the ground within the pack's limit of connection."""
    rows = _rows(drawing, "utilities")
    figure = drawing.snapshot.catalogue.get("figures", {}).get("services.limit_m", {})
    limits = figure.get("value")
    if rows is None or "kind" not in rows or not isinstance(limits, dict) or not figure.get("on", True):
        return []
    layers = []
    for kind in _SERVICES:
        mains = rows.geometry[rows["kind"] == kind].to_numpy()
        if not len(mains) or kind not in limits:
            continue
        limit = float(limits[kind])
        ground = shapely.union_all(shapely.buffer(mains, limit, quad_segs=_ROUND_CORNER))
        title = [
            say("{kind}, within {limit} m", lang, kind=word, limit=f"{limit:g}")
            for word, lang in zip(_words(kind), LANGUAGES, strict=True)
        ]
        shape = gpd.GeoDataFrame(geometry=[ground], crs=rows.crs)
        layer = drawing.layer(
            f"reach:{kind}", "reach", title, reach_style(kind), shape, tolerance_m=_SIMPLER_M
        )
        layers.append(layer | {"count": len(mains)})
    return layers


def network(drawing: Drawing) -> list[dict[str, Any]]:
    """The roads by the part of the network that they belong to, the edges of one road as one shape."""
    edges = _rows(drawing, "network_edges")
    if edges is None:
        return []
    rows = _by_road(edges)
    return [
        drawing.layer(
            f"network:{part}", "network", _words(part), style, rows[rows["part"] == part],
            columns=ACCESS_COLUMNS["network_edges"], table="network_edges", tolerance_m=_SIMPLER_M,
        )
        for part, style in NETWORK_PARTS.items()
        if (rows["part"] == part).any()
    ]  # fmt: skip


def _by_road(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    keys = [name for name in ("part", "road_id") if name in edges]
    group = edges.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")
    shapes = shapely.line_merge(
        shapely.multilinestrings(edges.geometry.to_numpy()[order], indices=group[order])
    )
    first = edges.iloc[np.unique(group, return_index=True)[1]]
    kept = [name for name in ACCESS_COLUMNS["network_edges"] if name in edges]
    return gpd.GeoDataFrame(first[kept].reset_index(drop=True), geometry=shapes, crs=edges.crs)


def gates(drawing: Drawing) -> list[dict[str, Any]]:
    """Gates that the office gave, and those assumed along a parcel's frontage."""
    rows = _rows(drawing, "gate_points")
    if rows is None or not drawing.full:
        return []
    given = rows["given"].fillna(value=False).astype(bool)
    rows = rows.assign(trucks=np.where(rows["trucks"].fillna(value=False).astype(bool), "yes", "no"))
    return [
        drawing.layer(
            f"gates:{name}", "gates", _words(name), gate_style(given=name == "gates_given"), rows[chosen],
            columns=ACCESS_COLUMNS["gate_points"], table="gate_points",
        )
        for name, chosen in (("gates_given", given), ("gates_assumed", ~given))
        if chosen.any()
    ]  # fmt: skip


def links(drawing: Drawing) -> list[dict[str, Any]]:
    """The road segments whose closure costs most."""
    rows = _rows(drawing, "links")
    if rows is None:
        return []
    title = in_all_languages("Segments that matter most")
    return [drawing.layer("links", "links", title, LINKS, rows, columns=ACCESS_COLUMNS["links"])]


def network_report(drawing: Drawing) -> list[dict[str, Any]]:
    """What was seen of the road network, one layer a kind of remark."""
    rows = _rows(drawing, "network_report")
    if rows is None:
        return []
    kinds: pd.Series[Any] = rows["kind"].astype(str)
    return [
        drawing.layer(
            f"network_report:{kind}", "network_report", _words(kind), report_style(number), rows[kinds == kind],
            columns=ACCESS_COLUMNS["network_report"],
        )
        for number, kind in enumerate(sorted(kinds.unique()))
    ]  # fmt: skip


ACCESS_LAYERS = {
    "isochrones": isochrones,
    "network": network,
    "reach": reach,
    "links": links,
    "gates": gates,
    "network_report": network_report,
}
"""Group of layers → what makes them."""
