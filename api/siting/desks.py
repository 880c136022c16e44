"""Where sites are asked about: a desk for each snapshot and each set of parks, and a bound on what is asked at once."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from api.errors import BusyError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from starlette.requests import Request

    from api.asked.ask import Ask
    from api.served.live import Edition
    from api.siting.limits import SitingLimits
    from parkgeo.pipeline.fits import Fits
    from parkgeo.pipeline.siting import SitingDesk
    from parkgeo.store import Snapshot

__all__ = ["Desk", "Desks"]

_T = TypeVar("_T")
_Made = OrderedDict["tuple[str, ...] | None", "Future[Desk]"]
_KEPT = 4
"""Desks of one snapshot that are kept: one for those who see all parks, and some for keys that are bound to a few."""


class Desk:
    """What a caller may ask of the sites of a snapshot.

    Parameters
    ----------
    siting
        With the caller's sites. What is said of them, such as the distance to housing, was worked out with all that there is.
    """

    def __init__(self, siting: SitingDesk) -> None:
        self.siting = siting

    @cached_property
    def fits(self) -> Fits:
        """All industries, on the sites that could come free."""
        from parkgeo.pipeline.fits import fits_of

        return fits_of(self.siting)

    def fits_of(self, parcel: str, *, joined: bool) -> Fits:
        """All industries on a parcel, whatever its state, and if wanted on the joined sites that it is part of."""
        from parkgeo.pipeline.fits import Fits, fits_of, holding

        if joined:
            return fits_of(holding(self.siting, parcel), all_parcels=True)
        return Fits(self.siting.fit(site=parcel))


class Desks:
    """Answers what is asked about sites, in threads, a few at a time.

    Parameters
    ----------
    limits
        How many.
    """

    def __init__(self, limits: SitingLimits) -> None:
        self.limits = limits
        self._pool = ThreadPoolExecutor(max_workers=limits.at_once, thread_name_prefix="parkgeo-siting")
        self._kept: WeakKeyDictionary[Edition, _Made] = WeakKeyDictionary()
        self._open = 0
        # Work that is done at once leaves while it is still being counted.
        self._lock = threading.RLock()

    @property
    def open(self) -> int:
        """Questions that are waiting or worked on."""
        return self._open

    async def desk(self, ask: Ask) -> Desk:
        """The desk of the snapshot that a request is about, with the parks of which its caller may know; made once."""
        whole = await self._made(ask.edition, None, partial(_open_desk, ask.edition.snapshot))
        parks = ask.caller.parks
        return (
            whole if parks is None else await self._made(ask.edition, parks, partial(_narrowed, whole, parks))
        )

    async def _made(self, edition: Edition, parks: tuple[str, ...] | None, make: Callable[[], Desk]) -> Desk:
        with self._lock:
            known = self._kept.setdefault(edition, OrderedDict())
            made = known.get(parks)
            if made is None or (made.done() and (made.cancelled() or made.exception() is not None)):
                made = known[parks] = self._submit(make)
            known.move_to_end(parks)
            done = [each for each, desk in known.items() if each is not None and desk.done()]
            for each in done[: max(len(known) - _KEPT, 0)]:
                del known[each]
        # Shielded: one client that leaves must not take the desk from the others.
        return await asyncio.shield(asyncio.wrap_future(made))

    async def run(self, work: Callable[[], _T], request: Request | None = None) -> _T:
        """Do some work in a thread when its turn comes.

        Parameters
        ----------
        work
            What is done.
        request
            Its request, whose body was read: what waits for its turn when the client leaves is never begun.

        Raises
        ------
        BusyError
            Too much is being asked already.
        RequestError
            The client left.
        """
        with self._lock:
            doing = self._submit(work)
        told = asyncio.wrap_future(doing)
        if request is None:
            return await told
        leaving = asyncio.create_task(_left(request))
        both: set[asyncio.Future[Any]] = {told, leaving}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not told.done():
                raise RequestError("the connection broke off")
            return await told
        finally:
            leaving.cancel()
            # A thread cannot be stopped: what runs goes on to its end, which is bounded; what waits never begins.
            doing.cancel()

    def _submit(self, work: Callable[[], _T]) -> Future[_T]:
        """Put work into the queue; called under the lock."""
        if self._open >= self.limits.open:
            raise BusyError(
                f"{self._open} questions about sites are being answered already",
                mend="ask again in a little while",
            )
        doing = self._pool.submit(work)
        self._open += 1
        doing.add_done_callback(self._leave)
        return doing

    def _leave(self, _: Future[Any]) -> None:
        with self._lock:
            self._open -= 1

    def close(self) -> None:
        """Finish what is worked on; what waits is never begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _open_desk(snapshot: Snapshot) -> Desk:
    from parkgeo.pipeline.siting import siting_desk

    return Desk(siting_desk(snapshot))


def _narrowed(whole: Desk, parks: tuple[str, ...]) -> Desk:
    from parkgeo.pipeline.fits import within

    return Desk(within(whole.siting, parks))


async def _left(request: Request) -> None:
    """Wait until the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
