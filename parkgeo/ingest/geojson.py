"""GeoJSON and sequences of it, read without GDAL: each feature keeps its place, nothing is fetched, nothing is dropped."""

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
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["LONGITUDE_LATITUDE", "load_json", "named_crs", "properties_of", "read_features", "read_sequence"]

LONGITUDE_LATITUDE = "EPSG:4326"
"""What GeoJSON and its kin are in where they state nothing."""

_NAMED = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d+)", re.IGNORECASE)
_CRS84 = re.compile(r"(urn:ogc:def:crs:)?OGC:([\d.]*:)?CRS84h?", re.IGNORECASE)
_CONTENT_SHOWN = 2_000
_RECORD_SEPARATOR = "\x1e"


def load_json(path: Path, encoding: str = "") -> tuple[Any, str]:
    """The JSON content of a file, and the encoding it was read in.

    Parameters
    ----------
    path
        The file.
    encoding
        Empty tries UTF-8 (as the standard has it), then GB18030.

    Raises
    ------
    InputError
        It cannot be read, or is not JSON.
    """
    text, used = read_text(path, encoding)
    try:
        return json.loads(text), used
    except RecursionError:
        # Python says here how deep it can go itself, which is nothing to whoever wrote the file.
        raise InputError(
            "its brackets stand in one another deeper than any map's",
            where=str(path),
            mend="save it as GeoJSON from a GIS program",
        ) from None
    except ValueError as error:
        raise InputError(
            f"not JSON ({error})", where=str(path), mend="it may be cut short: save or copy it again"
        ) from error


def read_features(content: object, path: Path, *, encoding: str, stated_crs: str = "") -> RawTable:
    """Read a GeoJSON file's content.

    Parameters
    ----------
    content
        A FeatureCollection, or one feature.
    path, encoding
        Where it stands and how it was read.
    stated_crs
        What park.toml states; the file's own word is then passed over.

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
    features = _features(content, path)
    crs, notes = named_crs(content, path, stated_crs)
    return _rows(
        enumerate(features, 1), path, encoding=encoding, driver="GeoJSON", crs=crs, notes=notes,
        declared=len(features),
    )  # fmt: skip


def read_sequence(path: Path, *, encoding: str = "") -> RawTable:
    """Read GeoJSON features written one a line, or one behind each record separator (RFC 8142).

    Parameters
    ----------
    path
        The file.
    encoding
        As for `load_json`.

    Returns
    -------
    RawTable
        A row a feature, numbered by its line, or by its place where separators part them; a line that is no feature is
        among the lost rows.

    Raises
    ------
    InputError
        It cannot be read, or no line is a feature.
    """
    text, used = read_text(path, encoding)
    found: list[tuple[int, Any]] = []
    broken: list[Lost] = []
    for number, one in _records(text):
        try:
            found.append((number, json.loads(one)))
        except (ValueError, RecursionError):
            broken.append(
                Lost(number, sentence("not a feature"), sentence("write it again"), one[:_CONTENT_SHOWN])
            )
    raw = _rows(
        found, path, encoding=used, driver="GeoJSONSeq", crs=LONGITUDE_LATITUDE, notes=(),
        declared=len(found) + len(broken), broken=broken,
    )  # fmt: skip
    if not len(raw.rows):
        raise InputError(
            "no line of it is a feature", where=str(path), mend="write one GeoJSON feature a line"
        )
    return raw


def _records(text: str) -> Iterable[tuple[int, str]]:
    """Number and text of each record that is not blank."""
    if _RECORD_SEPARATOR in text:
        records = [one for part in text.split(_RECORD_SEPARATOR) for one in _lines_of(part)]
        return enumerate(records, 1)
    # Only a line feed ends a line here: a text may hold other signs that str.splitlines takes for line ends.
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _lines_of(part: str) -> list[str]:
    """What stands behind a separator: one text, over several lines maybe, else a text on each line."""
    lines = [line for line in part.split("\n") if line.strip()]
    if len(lines) <= 1:
        return lines
    try:
        json.loads(part)
    except (ValueError, RecursionError):
        return lines
    return [part]


def _rows(
    features: Iterable[tuple[int, Any]],
    path: Path,
    *,
    encoding: str,
    driver: str,
    crs: str,
    notes: tuple[Sentence, ...],
    declared: int,
    broken: Iterable[Lost] = (),
) -> RawTable:
    kept: list[dict[str, Any]] = []
    rows: list[int] = []
    lost = list(broken)
    for number, feature in features:
        if isinstance(feature, dict) and feature.get("type") == "Feature":
            kept.append(feature)
            rows.append(number)
        else:
            shown = json.dumps(feature, ensure_ascii=False)[:_CONTENT_SHOWN]
            lost.append(
                Lost(number, sentence("not a feature"), sentence("draw it, or delete the row"), shown)
            )
    written = [_geometry_text(feature.get("geometry")) for feature in kept]
    shapes, spoiled = shapes_from_geojson(written)
    frame, odd = properties_of(kept)
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
        crs=crs,
        driver=driver,
        encoding=encoding,
        declared=declared,
        notes=notes,
        doubts=doubts,
        spoiled=spoiled,
        lost=tuple(sorted(lost, key=lambda one: one.row or 0)),
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


def properties_of(features: list[dict[str, Any]]) -> tuple[pd.DataFrame, list[int]]:
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


def named_crs(content: Any, path: Path, stated: str = "") -> tuple[str, tuple[Sentence, ...]]:
    """The coordinate system that the content names, and what is to be said of it.

    Parameters
    ----------
    content
        A JSON object.
    path
        Where it stands, for the message.
    stated
        What park.toml states.

    Raises
    ------
    InputError
        It is not named by a number and park.toml states none; a link is never followed.
    """
    crs = content.get("crs") if isinstance(content, dict) else None
    if crs is None:
        return LONGITUDE_LATITUDE, ()
    kind = crs.get("type") if isinstance(crs, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if kind == "name" and isinstance(name, str):
        if found := _NAMED.fullmatch(name.strip()):
            return f"EPSG:{found.group(1)}", ()
        if _CRS84.fullmatch(name.strip()):
            return LONGITUDE_LATITUDE, ()
    shown = json.dumps(crs, ensure_ascii=False)[:80]
    if stated:
        return "", (sentence("the coordinate system it refers to is not looked up: {text}", text=shown),)
    raise InputError(
        f"its coordinate system is not named by an EPSG number: {shown}",
        where=str(path),
        mend="set crs in park.toml, or save it again in EPSG:4326 or with a named crs",
    )
