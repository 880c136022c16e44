"""What pages ask for, made once in a thread and kept as long as there is room."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Kept"]

_ENTRY_BYTES = 1_000  # what a kept value costs beside its bytes
_MAKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="parkgeo-view")


class Kept:
    """Bytes and arrays by name; those asked for last stay.

    Parameters
    ----------
    most_bytes
        Bytes kept in memory.
    """

    def __init__(self, most_bytes: int = 128_000_000) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._at_work: dict[tuple[object, ...], asyncio.Task[Any]] = {}
        self._lock = threading.Lock()

    async def get(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """A value, kept or new, however many ask for it meanwhile.

        Parameters
        ----------
        key
            What tells it from all others, the snapshot and the caller's parks among it.
        make
            Makes it, in a thread: bytes, an array, or None.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        work = self._at_work.get(key)
        if work is None:
            work = self._at_work[key] = asyncio.create_task(self._make(key, make))
            work.add_done_callback(lambda _: self._at_work.pop(key, None))
        # Shielded: one client that leaves must not take the value from the others.
        return await asyncio.shield(work)

    async def _make(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        made = await asyncio.get_running_loop().run_in_executor(_MAKERS, make)
        with self._lock:
            self._kept[key] = made
            self._bytes += _size(made)
            while self._bytes > self._most_bytes:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= _size(gone)
        return made


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + _ENTRY_BYTES
    return len(value or b"") + _ENTRY_BYTES
