"""A whole collection as one GeoJSON document, page after page: never all of it in memory.

GIS programs open an address as if it were a file on a disk: they ask how long it is and then read parts of it. So a
document can be measured by going through it once; where its pages begin is remembered, and a part of it starts at the
page in which it lies.
"""

from __future__ import annotations

import asyncio
import bisect
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from api.served.reshape import AS_STORED, Look, reshaped

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Hashable

    from api.asked.selection import Selection
    from api.served.rows import Page, Rows

__all__ = ["Course", "Courses", "Document", "read_range"]

_PAGE_ROWS, _PAGE_BYTES = 1_000, 256 * 1024
"""What is between two waits for the client: little enough that others are answered meanwhile."""

_REMEMBERED = 64
_END = b"\n]}\n"
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where a page begins: at which byte after the document's head, after how many features, and how to ask for it."""

    offset: int
    sent: int
    after: list[Any] | None


@dataclass(frozen=True, slots=True)
class Course:
    """Where the pages of a document begin, and how many bytes follow its head."""

    stops: tuple[_Stop, ...]
    size: int


class Courses:
    """The courses of the documents that were measured last."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Course] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, name: Hashable) -> Course | None:
        """The course of a document, where it is remembered."""
        with self._guard:
            found = self._known.get(name)
            if found is not None:
                self._known.move_to_end(name)
            return found

    def keep(self, name: Hashable, course: Course) -> None:
        """Remember a course, and forget the one that was not asked for the longest."""
        with self._guard:
            self._known[name] = course
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


class Document:
    """A FeatureCollection of all that a request chooses.

    Parameters
    ----------
    rows
        Of the collection.
    selection
        Which, in which order.
    limit
        Most features; None is all.
    look
        How the features are to look.
    """

    def __init__(
        self, rows: Rows, selection: Selection, *, limit: int | None = None, look: Look = AS_STORED
    ) -> None:
        self._rows = rows
        self._selection = selection
        self._limit = limit
        self._look = look
        self._first: Page | None = None
        self._head = b""

    async def open(self, head: dict[str, Any]) -> None:
        """Read the first page, so that what is wrong with the request is said as an error and not amid a document.

        Parameters
        ----------
        head
            Members that go before the features; how many match and follow is added.
        """
        first = self._first = await self._page(0, None)
        told = first.matched if self._limit is None else min(self._limit, first.matched)
        start = orjson.dumps({**head, "numberMatched": first.matched, "numberReturned": told})
        self._head = start[:-1] + b',"features":[\n'

    @property
    def short(self) -> bool:
        """Whether it is one page."""
        return self._first is not None and (
            self._first.following is None or self._size(self._first.returned) == 0
        )

    async def measure(self) -> Course:
        """Go through it once."""
        stops, size = [], 0
        async for stop, piece in self._run(_Stop(0, 0, None)):
            stops.append(stop)
            size = stop.offset + len(piece)
        return Course(tuple(stops), size + len(_END))

    def length(self, course: Course) -> int:
        """Bytes of the document."""
        return len(self._head) + course.size

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The document."""
        yield self._head
        async for _, piece in self._run(_Stop(0, 0, None)):
            if piece:
                yield piece
        yield _END

    async def part(self, course: Course, first: int, last: int) -> AsyncGenerator[bytes]:
        """The document's bytes from `first` to `last`, both included."""
        begin = len(self._head)
        if first < begin:
            yield self._head[first : last + 1]
        place = max(bisect.bisect_right(course.stops, first - begin, key=lambda stop: stop.offset) - 1, 0)
        async for stop, piece in self._run(course.stops[place]):
            at = begin + stop.offset
            if at > last:
                return
            if told := piece[max(first - at, 0) : last + 1 - at]:
                yield told
        at = self.length(course) - len(_END)
        if last >= at:
            yield _END[max(first - at, 0) : last + 1 - at]

    async def _run(self, begin: _Stop) -> AsyncGenerator[tuple[_Stop, bytes]]:
        stop: _Stop | None = begin
        while stop is not None:
            page = self._first if stop.sent == 0 else None
            page = page or await self._page(stop.sent, stop.after)
            body = page.features
            if self._look != AS_STORED and body:
                body = await asyncio.to_thread(reshaped, body, self._look)
            piece = b",\n" + body if stop.sent else body
            yield stop, piece
            sent = stop.sent + page.returned
            more = page.following is not None and self._size(sent) > 0
            stop = _Stop(stop.offset + len(piece), sent, page.following) if more else None

    async def _page(self, sent: int, after: list[Any] | None) -> Page:
        return await self._rows.page(self._selection, self._size(sent), after=after, most_bytes=_PAGE_BYTES)

    def _size(self, sent: int) -> int:
        return _PAGE_ROWS if self._limit is None else min(_PAGE_ROWS, self._limit - sent)


def read_range(header: str | None, length: int) -> tuple[int, int] | None:
    """The bytes that a Range header asks for; None where it asks for none that can be given, and all is.

    Examples
    --------
    >>> read_range("bytes=0-99", 1000), read_range("bytes=990-", 1000), read_range("bytes=-5", 1000)
    ((0, 99), (990, 999), (995, 999))
    >>> read_range("bytes=0-1,5-6", 1000), read_range("bytes=9-2", 1000)
    (None, None)
    """
    found = _RANGE.fullmatch(header or "")
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(length - int(found[2]), 0), length - 1
    else:
        first, last = int(found[1]), min(int(found[2]) if found[2] else length - 1, length - 1)
    return (first, last) if first <= last else None
