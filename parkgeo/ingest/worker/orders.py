"""What a parent tells a child of a source, as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

from parkgeo.project import Column, Source

__all__ = ["source_as", "source_from"]

_TEXTS = ("layer", "table", "encoding", "crs", "where", "place", "axes")


def source_as(source: Source) -> dict[str, Any]:
    """A source as JSON has it, without its files: a child gets one copy at a time.

    Examples
    --------
    >>> source_from(source_as(Source("parcels", (), table="地块"))).table
    '地块'
    """
    return {name: getattr(source, name) for name in _TEXTS} | {
        "columns": {name: [one.name, one.unit] for name, one in source.columns.items()},
        "date": source.date.isoformat() if source.date else None,
        "bands": source.bands,
    }


def source_from(told: dict[str, Any]) -> Source:
    """The source that `source_as` told of."""
    return Source(
        files=(),
        columns={name: Column(*parts) for name, parts in told["columns"].items()},
        date=dt.date.fromisoformat(told["date"]) if told["date"] else None,
        bands=told["bands"],
        **{name: told[name] for name in _TEXTS},
    )
