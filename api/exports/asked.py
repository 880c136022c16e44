"""What a request says of the file that it wants: for whom its values are written, which columns come first, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from api.errors import RequestError, quote_short
from parkgeo.errors import name_some
from parkgeo.i18n import say

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from api.served.catalogue import Collection

__all__ = ["VALUES", "WORDED_FORMS", "disposition", "kind_of", "read_first", "read_values"]

VALUES = ("codes", "words")
"""For whom values are written: programs, or people."""

WORDED_FORMS = ("xlsx", "csv")
"""Endings of files that people open."""

_UNORDERED = frozenset({"geojson", "pdf"})
_KINDS = {"all": "All", "filtered": "Filtered", "first": "First"}
_NO_CHOICE = frozenset({"sortby", "filter-lang", "filter-crs", "bbox-crs", "limit", "properties", "lang", "values", "first"})  # fmt: skip
"""Parameters that leave all rows in."""


def read_values(ask: Ask, form: str) -> bool:
    """Whether the file is for people: parameter values.

    Raises
    ------
    RequestError
        It is neither codes nor words, or the form is for programs alone.
    """
    asked = ask.given.get("values", VALUES[0])
    if asked not in VALUES:
        raise RequestError(
            f"values are not written as {quote_short(asked)}",
            where="values",
            mend=f"there are {name_some(VALUES)}",
        )
    if asked == "words" and form not in WORDED_FORMS:
        raise RequestError(
            f"values of a .{form} are not written as words by this",
            where="values",
            mend=f"leave values out, or take {name_some(WORDED_FORMS)}",
        )
    return asked == "words"


def read_first(ask: Ask, collection: Collection, form: str) -> tuple[str, ...]:
    """The columns that come before all others: parameter first.

    Raises
    ------
    RequestError
        The collection has no such field, or the form has no columns in an order.
    """
    asked = ask.given.get("first")
    if asked is None:
        return ()
    if form in _UNORDERED:
        raise RequestError(
            f"the columns of a .{form} are not put in order by first",
            where="first",
            mend="leave it out, or choose columns with properties",
        )
    known = [field.name for field in collection.fields]
    names = tuple(asked.split(",", len(known) + 1))
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise RequestError(
            f"no field {quote_short(unknown)} in {collection.id}",
            where="first",
            mend=f"there are {name_some(known, shown=100)}",
        )
    return names


def kind_of(ask: Ask, limit: int | None, matched: int) -> str:
    """Of which rows a file is: all, those of a filter, or the first of either."""
    if limit is not None and limit < matched:
        return "first"
    # A field of the collection narrows the rows as filter, bbox and datetime do.
    return "filtered" if ask.given.keys() - _NO_CHOICE else "all"


def disposition(ask: Ask, collection: Collection, form: str, *, kind: str, rows: int) -> str:
    """The header that names a file: its kind, how many rows and the day; in Chinese too for who reads Chinese.

    Parameters
    ----------
    ask
        The request.
    collection
        Of which the rows are.
    form
        Ending of the file.
    kind
        As `kind_of` has it.
    rows
        In the file.
    """
    day = ask.edition.snapshot.as_of
    told = f'attachment; filename="{collection.id}-{kind}-{rows}-{day}.{form}"'
    if ask.lang == "en":
        return told
    name = f"{collection.titles[ask.lang]}-{say(_KINDS[kind], ask.lang)}-{rows}-{day}.{form}"
    return f"{told}; filename*=UTF-8''{quote(name, safe='')}"
