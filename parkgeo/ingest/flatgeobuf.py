"""FlatGeobuf: features counted by walking over them, read by GDAL."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.gdal import Opening, choose, layers_of, read_layer
from parkgeo.ingest.text import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable

__all__ = ["count_features", "flatgeobuf_tables", "read_flatgeobuf"]

_DRIVER = "FlatGeobuf"
_MAGIC_BYTES = 8
# Slots of the header's table, in the order of the format's schema.
_FEATURES, _NODE_SIZE = 8, 9
_DEFAULT_NODE_SIZE = 16
_NODE_BYTES = 40


def flatgeobuf_tables(path: Path) -> tuple[TableInfo, ...]:
    """The one layer of a FlatGeobuf."""
    (one,) = layers_of(Opening(path, _DRIVER))[:1]
    return (TableInfo("", one.geometry, one.rows),)


def read_flatgeobuf(path: Path) -> RawTable:
    """Read a FlatGeobuf.

    Raises
    ------
    InputError
        It cannot be read.
    """
    opening = Opening(path, _DRIVER)
    raw = read_layer(opening, choose(path, layers_of(opening), "").name)
    return replace(raw, table="", declared=max(raw.declared, count_features(read_bytes(path))))


def count_features(content: bytes) -> int:
    """Features in a FlatGeobuf: those its header states, or those that stand there where they are more.

    Returns
    -------
    int
        0 where the content is damaged beyond counting.
    """
    try:
        (head,) = struct.unpack_from("<I", content, _MAGIC_BYTES)
        at = _MAGIC_BYTES + 4
        stated = _field(content, at, _FEATURES, "<Q", 0)
        node_size = _field(content, at, _NODE_SIZE, "<H", _DEFAULT_NODE_SIZE)
        place = at + head + (_index_bytes(stated, node_size) if stated and node_size > 1 else 0)
        found = 0
        while place + 4 <= len(content):
            (length,) = struct.unpack_from("<I", content, place)
            if not length or place + 4 + length > len(content):
                break
            place += 4 + length
            found += 1
    except struct.error:
        return 0
    return max(found, stated)


def _field(content: bytes, start: int, slot: int, kind: str, default: int) -> int:
    """A number in the root table of a flatbuffer."""
    (root,) = struct.unpack_from("<I", content, start)
    table = start + root
    (back,) = struct.unpack_from("<i", content, table)
    slots = table - back
    (size,) = struct.unpack_from("<H", content, slots)
    entry = 4 + 2 * slot
    if entry >= size:
        return default
    (offset,) = struct.unpack_from("<H", content, slots + entry)
    return int(struct.unpack_from(kind, content, table + offset)[0]) if offset else default


def _index_bytes(features: int, node_size: int) -> int:
    """Bytes of the packed R-tree before the features."""
    level, nodes = features, features
    while level > 1:
        level = -(-level // node_size)
        nodes += level
    return nodes * _NODE_BYTES
