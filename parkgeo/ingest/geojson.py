"""GeoJSON, read without GDAL: each feature keeps its place, nothing is fetched, nothing is dropped."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import InputError
from parkgeo.ingest.raw import Doubt, Lost, RawTable
from parkgeo.ingest.shapes import shapes_from_geojson
from parkgeo.ingest.text import read_text
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_geojson"]

_LONGITUDE_LATITUDE = "EPSG:4326"
_NAMED = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d+)", re.IGNORECASE)
_CRS84 = re.compile(r"(urn:ogc:def:crs:)?OGC:([\d.]*:)?CRS84h?", re.IGNORECASE)
_CONTENT_SHOWN = 2_000


def read_geojson(path: Path, *, encoding: str = "") -> RawTable:
    """Read a GeoJSON file.

    Parameters
    ----------
    path
        A FeatureCollection, or one feature.
    encoding
        Empty tries UTF-8 (as the standard has it), then GB18030.

    Returns
    -------
    RawTable
        A row a feature; what is no feature is among the lost rows. Without ``crs`` the coordinates are longitude and
        latitude, as the standard says.

    Raises
    ------
    InputError
        Not GeoJSON, or with a coordinate system that is only linked to.
    """
    text, used = read_text(path, encoding)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"not JSON ({error})", where=str(path), mend="it may be cut short: save or copy it again"
        ) from error
    features = _features(content, path)
    kept: list[dict[str, Any]] = []
    rows: list[int] = []
    lost: list[Lost] = []
    for number, feature in enumerate(features, 1):
        if isinstance(feature, dict) and feature.get("type") == "Feature":
            kept.append(feature)
            rows.append(number)
        else:
            lost.append(
                Lost(
                    number, sentence("not a feature"), sentence("draw it, or delete the row"),
                    json.dumps(feature, ensure_ascii=False)[:_CONTENT_SHOWN],
                )
            )  # fmt: skip
    written = [_geometry_text(feature.get("geometry")) for feature in kept]
    shapes, spoiled = shapes_from_geojson(written)
    frame, odd = _properties(kept)
    doubts: tuple[Doubt, ...] = ()
    if odd:
        doubts = (
            Doubt(
                sentence("properties that are not a set of names and values"),
                sentence("save it again from a GIS program"),
                tuple(rows[at] for at in odd),
            ),
        )
    return RawTable(
        path=path,
        table="",
        frame=frame,
        rows=np.array(rows, dtype=np.int64),
        geometry=shapes,
        crs=_crs(content, path),
        driver="GeoJSON",
        encoding=used,
        declared=len(features),
        doubts=doubts,
        spoiled=spoiled,
        lost=tuple(lost),
    )


def _features(content: object, path: Path) -> list[Any]:
    if isinstance(content, dict):
        if content.get("type") == "Feature":
            return [content]
        if content.get("type") == "FeatureCollection" and isinstance(content.get("features"), list):
            features: list[Any] = content["features"]
            return features
    kind = content.get("type") if isinstance(content, dict) else type(content).__name__
    raise InputError(
        f"not a FeatureCollection but {str(kind)[:40]!r}",
        where=str(path),
        mend="save it as GeoJSON from a GIS program",
    )


def _geometry_text(geometry: object) -> str | None:
    return None if geometry is None else json.dumps(geometry)


def _properties(features: list[dict[str, Any]]) -> tuple[pd.DataFrame, list[int]]:
    """Properties as columns, in the order they first appear; and positions where they are no object."""
    names: dict[str, None] = {}
    odd = []
    every: list[dict[str, Any]] = []
    for at, feature in enumerate(features):
        held = feature.get("properties")
        if held is not None and not isinstance(held, dict):
            odd.append(at)
        properties = held if isinstance(held, dict) else {}
        every.append(properties)
        names.update(dict.fromkeys(properties))
    columns = {name: [_cell(properties.get(name)) for properties in every] for name in names}
    return pd.DataFrame(columns, index=range(len(features)), dtype=object), odd


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _crs(content: dict[str, Any], path: Path) -> str:
    stated = content.get("crs")
    if stated is None:
        return _LONGITUDE_LATITUDE
    kind = stated.get("type") if isinstance(stated, dict) else None
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if kind == "name" and isinstance(name, str):
        if found := _NAMED.fullmatch(name.strip()):
            return f"EPSG:{found.group(1)}"
        if _CRS84.fullmatch(name.strip()):
            return _LONGITUDE_LATITUDE
    raise InputError(
        f"its coordinate system is not named by an EPSG number: {json.dumps(stated, ensure_ascii=False)[:80]}",
        where=str(path),
        mend="save it again from a GIS program, in EPSG:4326 or with a named crs",
    )
