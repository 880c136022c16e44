"""The parameters by which a request chooses rows, and how they are to look.

Rows are chosen by bbox, filter, datetime, sortby, and by fields under their own names; they look as crs, properties and
skipGeometry say.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from api.asked.filters import check_filter, read_filter
from api.asked.instants import read_moments
from api.asked.selection import Selection
from api.asked.systems import read_bounds, read_system
from api.errors import RequestError, quote_short
from api.served.reshape import Look
from parkgeo.errors import name_some

if TYPE_CHECKING:
    from collections.abc import Collection as Codes

    from api.asked.ask import Ask
    from api.served.catalogue import Collection, FieldInfo

__all__ = ["CHOOSING", "FILTER_LANGS", "LOOKING", "UNSORTABLE", "demand_code", "read_look", "read_selection"]

CHOOSING = frozenset({"bbox", "bbox-crs", "filter", "filter-lang", "filter-crs", "datetime", "sortby"})
"""Parameters that choose rows, beside the collection's own fields."""

LOOKING = frozenset({"crs", "properties", "skipGeometry"})
"""Parameters that say how features look."""

FILTER_LANGS = ("cql2-text", "cql2-json", "cql-text")
"""Languages of filters; the last is an older name of the first, by which GDAL asks."""

UNSORTABLE = frozenset({"array", "object"})
"""Kinds of fields that have no order and are compared with nothing."""

_LONGEST_NAME = 100
_SORTED_BY = 8
_REMEMBERED = 256
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_selection(ask: Ask, collection: Collection, others: frozenset[str] = frozenset()) -> Selection:
    """The rows that a request chooses of a collection.

    Parameters
    ----------
    ask
        The request; its parameters were not looked at yet (`Ask.of` with ``more=True``).
    collection
        Of which.
    others
        Further parameters that the route reads itself.

    Raises
    ------
    RequestError, FilterError
        A parameter is unknown, or cannot be read.
    """
    given, systems = ask.given, ask.edition.systems
    conditions: list[Any] = []
    if not given.keys() <= CHOOSING | others:
        fields = {field.name: field for field in ask.fields(collection)}
        for name in given.keys() - CHOOSING - others - fields.keys():
            raise _unknown(name, others)
        own = sorted(given.keys() & fields.keys() - CHOOSING - others)
        conditions = [_equality(fields[name], given[name]) for name in own]
    system = read_system(given.get("bbox-crs"), systems, "bbox-crs")
    if given.get("filter-lang", FILTER_LANGS[0]) not in FILTER_LANGS:
        raise RequestError(
            f"filters are not read in {quote_short(given['filter-lang'])}",
            where="filter-lang",
            mend=f"use {name_some(FILTER_LANGS)}",
        )
    if "filter" in given:
        asked = {name: given[name] for name in ("filter", "filter-lang", "filter-crs") if name in given}
        told = _filter(tuple(asked.items()), systems)
        spatial = collection.geometry_type is not None or collection.rows.extent is not None
        check_filter(told, ask.fields(collection), geometry=spatial)
        conditions.insert(0, orjson.Fragment(told))
    elif "filter-crs" in given:
        read_system(given["filter-crs"], systems, "filter-crs")
    moments = read_moments(given.get("datetime"))
    if moments is not None and " QGIS/" in ask.request.headers.get("user-agent", ""):
        # QGIS 3.22 writes a comparison with any field of days as datetime= and shows what comes without looking again.
        raise RequestError(
            "QGIS asks for the time of a feature where a field was meant, and would show wrong rows",
            where="datetime",
            mend="in the filter of the layer write to_date(\"field\") >= to_date('2024-01-01')",
        )
    tree = conditions[0] if len(conditions) == 1 else {"op": "and", "args": conditions}
    return Selection(
        shape=read_bounds(given.get("bbox"), system),
        condition=orjson.dumps(tree, option=orjson.OPT_SORT_KEYS).decode() if conditions else "",
        moments=moments if collection.time else None,
        parks=ask.caller.parks,
        order=_order(ask, collection) if "sortby" in given else (),
    )


def read_look(ask: Ask, collection: Collection) -> Look:
    """How the features of an answer are to look: parameters crs, properties and skipGeometry.

    Raises
    ------
    RequestError
        One of them cannot be followed.
    """
    given = ask.given
    system = read_system(given.get("crs"), ask.edition.systems, "crs")
    skip = given.get("skipGeometry", "false")
    if skip not in {"true", "false"}:
        raise RequestError(
            f"{quote_short(skip)} is neither true nor false", where="skipGeometry", mend="use true or false"
        )
    names = given.get("properties")
    if names is None:
        return Look(system, None, geometry=skip == "false")
    known = [field.name for field in collection.fields]
    asked = names.split(",", len(known) + 1)
    for name in asked:
        if name not in known:
            raise RequestError(
                f"no field {quote_short(name)} in {collection.id}",
                where="properties",
                mend=f"there are {name_some(known, shown=100)}",
            )
    return Look(system, tuple(asked), geometry=skip == "false")


def _unknown(name: str, others: frozenset[str]) -> RequestError:
    return RequestError(
        f"no parameter {quote_short(name)} here",
        where=name[:_LONGEST_NAME],
        mend=f"there are {name_some(sorted(CHOOSING | others), shown=30)}, and the fields of the collection",
    )


@lru_cache(maxsize=_REMEMBERED)
def _filter(asked: tuple[tuple[str, str], ...], systems: tuple[str, ...]) -> bytes:
    """A filter as CQL2 JSON, keys sorted. The same few come again and again, so they are not read anew."""
    return orjson.dumps(read_filter(dict(asked), systems), option=orjson.OPT_SORT_KEYS)


def _equality(field: FieldInfo, text: str) -> dict[str, Any]:
    """``?idle=yes`` as a condition."""
    value: Any = text
    if field.kind in UNSORTABLE:
        raise RequestError(f"{field.name} is compared with nothing", where=field.name, mend="leave it out")
    if field.closed:
        demand_code(field.name, text, field.codes)
    elif field.kind in {"number", "integer"}:
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value):
            raise _no_value(field, text, "a number", "12.5")
    elif field.kind == "boolean":
        if text not in {"true", "false"}:
            raise _no_value(field, text, "true or false", "true")
        value = text == "true"
    elif field.kind in {"date", "date-time"}:
        try:
            moments = None if "/" in text else read_moments(text)
        except RequestError:
            moments = None
        if moments is None:
            raise _no_value(field, text, "a date", "2026-06-30")
        begin = moments[0]
        value = {"date": text} if _DAY.fullmatch(text) else {"timestamp": f"{begin}Z"}
    return {"op": "=", "args": [{"property": field.name}, value]}


def demand_code(name: str, text: str, codes: Codes[str]) -> None:
    """See that a value is one of those that a field can have: with another, nothing would ever be found.

    Raises
    ------
    RequestError
        It is none; the message lists them.
    """
    if text not in codes:
        raise RequestError(
            f"{name} is never {quote_short(text)}",
            where=name,
            mend=f"there are {name_some(codes, shown=100)}",
        )


def _no_value(field: FieldInfo, text: str, what: str, example: str) -> RequestError:
    return RequestError(
        f"{quote_short(text)} is not {what}", where=field.name, mend=f"for example: {field.name}={example}"
    )


def _order(ask: Ask, collection: Collection) -> tuple[tuple[str, bool], ...]:
    """``sortby=-site_area_m2,parcel_id``."""
    names = {field.name for field in ask.fields(collection) if field.kind not in UNSORTABLE}
    parts = ask.given["sortby"].split(",", _SORTED_BY)
    order = tuple((part[1:] if part[:1] in {"-", "+"} else part, part[:1] == "-") for part in parts)
    for name, _ in order:
        if name not in names:
            raise RequestError(
                f"no field {quote_short(name)} to sort by",
                where="sortby",
                mend=f"at most {_SORTED_BY} of the collection's sortables with commas between, a minus before those that fall",
            )
    if len({name for name, _ in order}) < len(order) or len(order) > _SORTED_BY:
        raise RequestError(
            "a field to sort by is there twice, or there are too many",
            where="sortby",
            mend=f"at most {_SORTED_BY}, each once",
        )
    return order
