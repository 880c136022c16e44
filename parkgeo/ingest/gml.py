"""GML: features counted by their tags, shapes read by GDAL, nothing fetched and nothing written beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.ingest.formats import companions
from parkgeo.ingest.gdal import Opening, choose, layers_of, read_layer
from parkgeo.ingest.markup import local_name, read_markup, walk

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.formats import TableInfo
    from parkgeo.ingest.raw import RawTable

__all__ = ["gml_tables", "read_gml"]

_DRIVER = "GML"
_OPTIONS = {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO", "SKIP_RESOLVE_ELEMS": "ALL"}
_MEMBERS = frozenset({"featureMember", "featureMembers", "member", "cityObjectMember"})
_NAMESPACE = re.compile(r"xmlns(?::[\w.-]+)?\s*=\s*[\"']https?://www\.opengis\.net/(?:gml|wfs)[\w./]*[\"']")
_HEAD = 20_000


def gml_tables(path: Path, encoding: str = "") -> tuple[TableInfo, ...]:
    """The feature types in a GML file."""
    _counted(path, encoding)
    return layers_of(Opening(path, _DRIVER, options=_OPTIONS))


def read_gml(path: Path, *, table: str = "", encoding: str = "") -> RawTable:
    """Read a GML file, version 2 or 3.

    Parameters
    ----------
    path
        The file. An ``.xsd`` of the same name beside it tells the types of its columns; addresses of schemas in it are
        not followed.
    table
        Feature type; needed where it holds several.
    encoding
        Empty takes the file's declaration.

    Raises
    ------
    InputError
        Not GML, not well-formed, with a document type or entities, or nothing in it can be read.
    """
    counts, used = _counted(path, encoding)
    opening = Opening(path, _DRIVER, options=_OPTIONS)
    layer = choose(path, layers_of(opening), table).name
    raw = read_layer(opening, layer)
    declared = counts.get(layer, len(raw.frame))
    if not len(raw.frame):
        raise InputError(
            f"nothing in it can be read, though it holds {declared} features"
            if declared
            else "it holds no features",
            where=str(path),
            mend="open it in a GIS program and save it again",
        )
    return replace(raw, encoding=used, declared=declared)


def _counted(path: Path, encoding: str) -> tuple[dict[str, int], str]:
    """Feature type → number of features, counted by their tags; and the encoding.

    Raises
    ------
    InputError
        Not GML, or not fit to be handed on: GDAL would expand entities and follow what a schema includes.
    """
    text, used = read_markup(path, encoding)
    if not _NAMESPACE.search(text[:_HEAD]):
        raise InputError(
            "the content is not GML", where=str(path), mend="give the file its true ending, or save it again"
        )
    counts: dict[str, int] = {}
    above: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        if above and above[-1] in _MEMBERS:
            counts[name] = counts.get(name, 0) + 1
        above.append(name)

    walk(text, path, start=start, end=lambda _: above.pop())
    schema = companions(path).get(".xsd")
    if schema is not None:
        _check_schema(schema)
    return counts, used


def _check_schema(path: Path) -> None:
    """A schema beside the file may describe columns; it may not draw in further files."""
    text, _ = read_markup(path)

    def start(name: str, attributes: dict[str, str]) -> None:
        place = next((value for key, value in attributes.items() if local_name(key) == "schemaLocation"), "")
        if name in ("include", "redefine") and place:
            raise InputError(
                f"a schema that includes {place[:80]!r}",
                where=str(path),
                mend="remove the .xsd file beside the .gml",
            )

    walk(text, path, start=start)
