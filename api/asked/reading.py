"""The parameters by which a request chooses rows: bbox, filter, datetime, sortby, and fields by their own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from api.asked.filters import read_filter
from api.asked.selection import Selection
from api.asked.systems import read_bounds, read_system
from api.errors import RequestError, quote_short
from parkgeo.errors import name_some

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from api.served.catalogue import Collection, FieldInfo

__all__ = ["CHOOSING", "read_selection"]

CHOOSING = frozenset({"bbox", "bbox-crs", "filter", "filter-lang", "filter-crs", "datetime", "sortby"})
"""Parameters that choose rows, beside the collection's own fields."""

_LONGEST_NAME = 100


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
    given = ask.given
    fields = {field.name: field for field in ask.fields(collection)}
    own = [name for name in given if name in fields and name not in CHOOSING and name not in others]
    for name in given:
        if name not in CHOOSING and name not in others and name not in fields:
            raise RequestError(
                f"no parameter {quote_short(name)} here",
                where=name[:_LONGEST_NAME],
                mend=f"there are {name_some(sorted(CHOOSING | others), shown=30)}, and the fields of the collection",
            )
    system = read_system(given.get("bbox-crs"), ask.edition.systems, "bbox-crs")
    conditions = [_equality(fields[name], given[name]) for name in own]
    if "filter" in given:
        conditions.insert(0, read_filter(given, ask.edition.systems))
    tree = conditions[0] if len(conditions) == 1 else {"op": "and", "args": conditions}
    condition = orjson.dumps(tree, option=orjson.OPT_SORT_KEYS).decode() if conditions else ""
    if "datetime" in given:
        raise RequestError("no collection has a time", where="datetime", mend="leave it out")
    return Selection(
        shape=read_bounds(given.get("bbox"), system),
        condition=condition,
        parks=ask.caller.parks,
        order=_order(given.get("sortby"), fields),
    )


def _equality(field: FieldInfo, text: str) -> dict[str, Any]:
    """``?idle=yes`` as a condition."""
    value: Any = text
    if field.kind in {"number", "integer"}:
        try:
            value = float(text)
        except ValueError as error:
            raise RequestError(f"{quote_short(text)} is not a number", where=field.name) from error
    elif field.kind == "boolean":
        value = text == "true"
    return {"op": "=", "args": [{"property": field.name}, value]}


def _order(text: str | None, fields: dict[str, FieldInfo]) -> tuple[tuple[str, bool], ...]:
    """``sortby=-site_area_m2,parcel_id``."""
    if text is None:
        return ()
    order = [(part[1:] if part[:1] in {"-", "+"} else part, part[:1] == "-") for part in text.split(",")]
    for name, _ in order:
        if name not in fields:
            raise RequestError(
                f"no field {quote_short(name)} to sort by",
                where="sortby",
                mend="for example: sortby=-site_area_m2",
            )
    return tuple(order)
