"""Who waits for what happens to jobs: woken from the threads that work, waiting in the loop that answers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

from api.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Watcher", "Watchers"]


class Watcher:
    """Somebody who waits for what happens to a job; made within the loop in which it waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Say that something happened; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> bool:
        """Wait until something happens, or for so long; gives whether it did."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        happened = self._event.is_set()
        self._event.clear()
        return happened


class Watchers:
    """All who wait.

    Parameters
    ----------
    most
        How many may.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._waiting: dict[Watcher, str] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @contextlib.contextmanager
    def watch(self, name: str) -> Iterator[Watcher]:
        """Be woken when something happens to the job of that id.

        Raises
        ------
        BusyError
            As many wait as may.
        """
        watcher = Watcher()
        with self._lock:
            if len(self._waiting) >= self.most:
                raise BusyError("as many follow events as may", mend="ask for the job itself now and then")
            self._waiting[watcher] = name
        try:
            yield watcher
        finally:
            with self._lock:
                del self._waiting[watcher]

    def wake(self, name: str | None = None) -> None:
        """Wake those who wait for a job; None wakes all."""
        with self._lock:
            for watcher, awaited in self._waiting.items():
                if name in {None, awaited}:
                    watcher.wake()
