"""Which features are asked for: Python's values as the parameters of an address."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Choice", "crs_address", "read_choice"]

Moment = str | dt.date | dt.datetime
"""A day or an instant; text is passed on as it is."""


class Choice(TypedDict, total=False):
    """What narrows and orders the features of a collection; all of it may be left out.

    Attributes
    ----------
    bbox
        Least and greatest of each axis: west, south, east, north in degrees, or as `bbox_crs` orders its axes.
    bbox_crs
        System of `bbox`: an EPSG number, or an address.
    filter
        CQL2: as text, or as the object that CQL2 JSON writes.
    datetime
        One moment, or from and until, None where that end is open.
    sortby
        Fields; a minus before a name turns its order round.
    equal
        Field → the value that it must have.
    properties
        Fields to give; else all.
    """

    bbox: Sequence[float]
    bbox_crs: int | str
    filter: str | Mapping[str, Any]
    datetime: Moment | tuple[Moment | None, Moment | None]
    sortby: str | Sequence[str]
    equal: Mapping[str, str | float | bool]
    properties: Sequence[str]


def crs_address(system: int | str) -> str:
    """The address of a coordinate system, by which the service names it.

    Examples
    --------
    >>> crs_address(4549)
    'http://www.opengis.net/def/crs/EPSG/0/4549'
    >>> crs_address("EPSG:4490")
    'http://www.opengis.net/def/crs/EPSG/0/4490'
    """
    text = str(system)
    code = text.upper().removeprefix("EPSG:")
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}" if code.isdecimal() else text


def read_choice(choice: Choice) -> dict[str, str]:
    """A choice as query parameters.

    Examples
    --------
    >>> read_choice({"bbox": (119.9, 31.7, 120.1, 31.8), "sortby": ["-site_area_m2", "parcel_id"]})
    {'bbox': '119.9,31.7,120.1,31.8', 'sortby': '-site_area_m2,parcel_id'}
    >>> read_choice({"datetime": (dt.date(2026, 1, 1), None), "equal": {"idle": "yes"}})
    {'idle': 'yes', 'datetime': '2026-01-01/..'}
    """
    told = {name: _plain(value) for name, value in choice.get("equal", {}).items()}
    if "bbox" in choice:
        told["bbox"] = ",".join(_plain(float(number)) for number in choice["bbox"])
    if "bbox_crs" in choice:
        told["bbox-crs"] = crs_address(choice["bbox_crs"])
    if "filter" in choice:
        told.update(_filter(choice["filter"]))
    if "datetime" in choice:
        told["datetime"] = _moments(choice["datetime"])
    if "sortby" in choice:
        told["sortby"] = _joined(choice["sortby"])
    if "properties" in choice:
        told["properties"] = _joined(choice["properties"])
    return told


def _plain(value: str | float) -> str:
    """A value as the service reads it; ``True`` would be no truth to it."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _joined(names: str | Sequence[str]) -> str:
    return names if isinstance(names, str) else ",".join(names)


def _filter(condition: str | Mapping[str, Any]) -> dict[str, str]:
    if isinstance(condition, str):
        return {"filter": condition, "filter-lang": "cql2-text"}
    return {"filter": json.dumps(condition, ensure_ascii=False), "filter-lang": "cql2-json"}


def _moments(when: Moment | tuple[Moment | None, Moment | None]) -> str:
    if isinstance(when, tuple):
        return "/".join(".." if end is None else _moment(end) for end in when)
    return _moment(when)


def _moment(when: Moment) -> str:
    """A day, or an instant in UTC; one without a zone is taken to be in the zone of this computer."""
    if isinstance(when, dt.datetime):
        return when.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return when if isinstance(when, str) else when.isoformat()
