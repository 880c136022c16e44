"""Which snapshot is live: loaded once, the next one beside it, swapped between two requests."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import math
import sys
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from api.asked.systems import systems_of
from api.errors import BusyError, GoneError, quote_short
from parkgeo.errors import NotFoundError, ParkgeoError, StoreError, name_some

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from api.served.catalogue import Collection
    from api.served.shelf import Shelf
    from api.served.summary import Summary
    from parkgeo.store import Snapshot

__all__ = ["Edition", "Live", "load_edition"]

_LOG = logging.getLogger("parkgeo.api")
_RETRY_S = 30.0
_CHECK_S = 5.0
_SHORTEST_S = 0.05


@dataclass(frozen=True, eq=False)
class Edition:
    """A snapshot, ready to be served.

    Attributes
    ----------
    snapshot
        The finished analysis.
    collections
        Id → collection.
    summary
        The figures of the first page.
    systems
        Addresses of the coordinate systems it is served in.
    modified
        Since when its addresses answer as they do, in whole seconds since 1970: when it was published, and for the live
        one always later than the one before it, also where that is published again.
    """

    snapshot: Snapshot
    collections: dict[str, Collection]
    summary: Summary
    systems: tuple[str, ...]
    modified: int = 0
    _pages: OrderedDict[str, Future[bytes]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def name(self) -> str:
        """The snapshot's name."""
        return self.snapshot.name

    def collection(self, name: str) -> Collection:
        """A collection by its id.

        Raises
        ------
        NotFoundError
            No collection has that id.
        """
        if name not in self.collections:
            raise NotFoundError(
                f"no collection {quote_short(name)}",
                mend=f"there are {name_some(self.collections, shown=30)}",
            )
        return self.collections[name]

    async def page(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A page that is made once for the snapshot, in a thread, however many ask for it meanwhile.

        Parameters
        ----------
        name
            What tells the page from others of this snapshot.
        make
            Makes it.

        Raises
        ------
        BusyError
            Too many others are being made.
        """
        with self._lock:
            made = self._pages.get(name)
            if made is None or (made.done() and made.exception() is not None):
                self._make_room()
                made = self._pages[name] = _PAGE_MAKER.submit(make)
            self._pages.move_to_end(name)
        # Shielded: one client that leaves must not take the page from the others.
        return await asyncio.shield(asyncio.wrap_future(made))

    def _make_room(self) -> None:
        """Let the pages go that were not asked for the longest; called under the lock."""
        finished = [name for name, page in self._pages.items() if page.done()]
        if len(self._pages) - len(finished) >= _PAGES_WAITING:
            raise BusyError("too many pages are being made", mend="ask again in a little while")
        for name in finished[: max(len(self._pages) + 1 - _PAGES_KEPT, 0)]:
            del self._pages[name]


_PAGES_KEPT = 64
_PAGES_WAITING = 32
_PAGE_MAKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parkgeo-page")


def load_edition(shelf: Shelf, snapshot: Snapshot) -> Edition:
    """Make a snapshot ready to be served."""
    began = time.perf_counter()
    collections = shelf.collections(snapshot)
    published = math.ceil(shelf.published(snapshot.name))
    edition = Edition(snapshot, collections, shelf.summary(snapshot), systems_of(snapshot.crs), published)
    features = sum(len(collection.rows) for collection in collections.values())
    _give_back()
    _LOG.info("loaded %s: %d features in %.1f s", snapshot.name, features, time.perf_counter() - began)
    return edition


def _give_back() -> None:
    """Return to the system what loading needed and serving does not: glibc keeps much of it."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:  # other C libraries have none
            trim(0)


class Live:
    """The live snapshot of a shelf and the few before it.

    A request asks once for its edition and keeps it, so that it never sees two. That another became live is noticed by a
    request, and it is loaded in a thread; requests are answered from the old edition until the new one is whole.

    Parameters
    ----------
    shelf
        Where snapshots are published.
    check_s
        Seconds between two looks at which is live.
    keep
        Editions held at once, and snapshots to which paging may return.
    """

    def __init__(self, shelf: Shelf, *, check_s: float = 1.0, keep: int = 3) -> None:
        self.shelf = shelf
        self._check_s = check_s
        self._keep = keep
        self._lock = threading.Lock()
        # One thread: two snapshots are never loaded at once, which would double the memory at its peak.
        self._loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parkgeo-load")
        self._loads: dict[str, Future[Edition]] = {}
        self._editions: OrderedDict[str, Edition] = OrderedDict()
        self._current: Edition | None = None
        self._seen: Hashable = None
        self._look_at = 0.0
        self._looking: Future[None] | None = None
        # A thread of its own: a database that says nothing holds up neither a load nor anybody else's threads.
        self._checker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parkgeo-check")
        self._checking: Future[None] | None = None
        self.swaps = 0
        self.loaded_at: float | None = None

    @property
    def loaded(self) -> Edition | None:
        """The live edition, as far as one was loaded; nothing is looked up."""
        return self._current

    async def current(self) -> Edition:
        """The live edition.

        Raises
        ------
        StoreError
            Nothing was published yet.
        """
        edition = self._current
        if edition is None:
            # A shelf may be a database, which takes its time to answer or to say nothing.
            seen = await asyncio.to_thread(self.shelf.mark)
            edition = await self._load(await asyncio.to_thread(self.shelf.current))
            self._swap(edition, seen)
        else:
            self._look_soon()
        return edition

    async def ready(self) -> Edition:
        """The live edition, if it can be asked now.

        Raises
        ------
        StoreError
            Nothing was published yet, or the store does not answer.
        """
        edition = await self.current()
        if self._checking is None or self._checking.done():
            # One question at a time, however many ask whether the service is ready.
            self._checking = self._checker.submit(self.shelf.check)
        try:
            await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._checking)), _CHECK_S)
        except TimeoutError:
            raise StoreError("the store does not answer", mend="look whether it runs") from None
        return edition

    async def watch(self) -> None:
        """Look again and again, so that the first request after a quiet night is not answered with yesterday's snapshot."""
        while True:
            await asyncio.sleep(max(self._check_s, _SHORTEST_S))
            if self._current is not None:
                self._look_soon()

    def _look_soon(self) -> None:
        if time.monotonic() >= self._look_at and (self._looking is None or self._looking.done()):
            self._look_at = time.monotonic() + self._check_s
            self._looking = self._loader.submit(self._look)

    async def at(self, name: str) -> Edition:
        """An edition by its snapshot's name: in memory, or among the last few on disk.

        Raises
        ------
        GoneError
            The snapshot is no longer kept.
        """
        await self.current()
        with self._lock:
            edition = self._editions.get(name)
        if edition is None and name not in (await asyncio.to_thread(self.shelf.names))[-self._keep :]:
            raise GoneError(
                f"snapshot {quote_short(name)}, to which this page belongs, is no longer kept",
                mend="start again at the first page",
            )
        return edition or await self.named(name)

    async def named(self, name: str) -> Edition:
        """An edition by its snapshot's name, however old.

        Raises
        ------
        NotFoundError
            There is no snapshot of that name.
        """
        await self.current()
        with self._lock:
            edition = self._editions.get(name)
        if edition is not None and (
            edition is self._current or name in await asyncio.to_thread(self.shelf.names)
        ):
            self._remember(edition)
            return edition
        edition = await self._load(await asyncio.to_thread(self.shelf.snapshot, name))
        self._remember(edition)
        return edition

    def _look(self) -> None:
        """Start to load what is live now, if it changed."""
        try:
            seen = self.shelf.mark()
            if seen is None or seen == self._seen:
                return
            snapshot = self.shelf.current()
        except (ParkgeoError, OSError) as error:
            self._put_off(error)
            return
        with self._lock:
            edition = self._editions.get(snapshot.name)
        if edition is not None:
            self._swap(edition, seen)
            return
        self._submit(snapshot).add_done_callback(lambda load: self._finish(load, seen))

    def _finish(self, load: Future[Edition], seen: Hashable) -> None:
        error = load.exception()
        if error is not None:
            self._put_off(error)
        else:
            self._swap(load.result(), seen)

    def _put_off(self, error: BaseException) -> None:
        self._look_at = time.monotonic() + _RETRY_S
        _LOG.error("the new snapshot cannot be loaded; the earlier one stays live", exc_info=error)

    def _swap(self, edition: Edition, seen: Hashable) -> None:
        with self._lock:
            before = self._current
            if before is not None and before.name != edition.name and edition.modified <= before.modified:
                edition = replace(edition, modified=before.modified + 1)
            self._current, self._seen = edition, seen
            self.swaps, self.loaded_at = self.swaps + 1, time.time()
        self._remember(edition)

    def _remember(self, edition: Edition) -> None:
        with self._lock:
            self._editions[edition.name] = edition
            self._editions.move_to_end(edition.name)
            current = self._current.name if self._current else ""
            while len(self._editions) > self._keep:
                oldest = next(name for name in self._editions if name != current)
                del self._editions[oldest]

    def _submit(self, snapshot: Snapshot) -> Future[Edition]:
        """The load of a snapshot; the one under way if there is one."""
        with self._lock:
            load = self._loads.get(snapshot.name)
            if load is None:
                load = self._loads[snapshot.name] = self._loader.submit(load_edition, self.shelf, snapshot)
                load.add_done_callback(lambda _: self._loads.pop(snapshot.name, None))
            return load

    async def _load(self, snapshot: Snapshot) -> Edition:
        return await asyncio.shield(asyncio.wrap_future(self._submit(snapshot)))
