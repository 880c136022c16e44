"""Which rows of a collection a request is about, and in which order: one value that every store understands."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

__all__ = ["EVERYTHING", "Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows and their order.

    Every part narrows the rows; a part that is None, or empty, does not.

    Attributes
    ----------
    shape
        WKB of a polygon in CRS84: the row's geometry must meet it. A row without geometry meets none.
    condition
        A filter as CQL2 JSON, keys sorted, already held against the collection's fields.
    moments
        From and until, ISO 8601 in UTC, None for open: the row's time must meet the interval. A row without time meets all.
    parks
        Parks of which the caller may know; a row that belongs to none of them is not there.
    order
        Field and whether it falls; missing values come last. Rows that tie stay in the order of space.

    Examples
    --------
    >>> Selection(condition='{"args":[{"property":"idle"},"yes"],"op":"="}').mark("parcels")
    '19d543416418'
    """

    shape: bytes | None = None
    condition: str = ""
    moments: tuple[str | None, str | None] | None = None
    parks: tuple[str, ...] | None = None
    order: tuple[tuple[str, bool], ...] = ()

    def mark(self, collection: str) -> str:
        """A fingerprint of the query, so that a token or a tag is not carried to another."""
        told = (collection, self.shape, self.condition, self.moments, self.parks, self.order)
        return hashlib.blake2s(repr(told).encode(), digest_size=6).hexdigest()


EVERYTHING = Selection()
"""All rows, in the order of space."""
