"""The parameter ``filter``: CQL2 in text or JSON, as the tree that every store evaluates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.errors import RequestError, quote_short
from parkgeo.store.where import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_filter"]

_TEXT = "cql2-text"


def read_filter(given: Mapping[str, str], systems: tuple[str, ...]) -> Any:
    """A filter as CQL2 JSON, geometry in CRS84.

    Parameters
    ----------
    given
        Query parameters: ``filter``, ``filter-lang``, ``filter-crs``.
    systems
        Addresses of the coordinate systems in which geometry may be given.

    Raises
    ------
    RequestError, FilterError
        The filter, its language or its system cannot be followed.
    """
    del systems
    if given.get("filter-lang", _TEXT) != _TEXT:
        raise RequestError(
            f"filters are not read in {quote_short(given['filter-lang'])}",
            where="filter-lang",
            mend=f"use {_TEXT}",
        )
    return parse(given["filter"])
