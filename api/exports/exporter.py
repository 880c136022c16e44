"""Files written in threads, a few at a time, each streamed once and then removed, whatever happens on the way."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from api.errors import BusyError, TooMuchError
from api.exports.scratch import Scratch
from api.exports.stream import Courses
from parkgeo.errors import ParkgeoError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

    from api.exports.limits import ExportLimits

__all__ = ["Exporter"]

_LOG = logging.getLogger("parkgeo.api")
_PIECE = 256 * 1024


class Exporter:
    """Writes files to take away.

    Parameters
    ----------
    limits
        How many at once, how large, how long.
    folder
        Where they are written.
    """

    def __init__(self, limits: ExportLimits, folder: Path) -> None:
        self.limits = limits
        self.scratch = Scratch(folder)
        self.courses = Courses()
        self._pool = ThreadPoolExecutor(max_workers=limits.at_once, thread_name_prefix="parkgeo-export")
        self._open = 0
        self._guard = threading.Lock()

    @property
    def open(self) -> int:
        """Exports that are waiting, being written or going out."""
        return self._open

    def check(self, rows: int, columns: int, *, form: str) -> None:
        """Refuse what is too large for a file.

        Parameters
        ----------
        rows, columns
            Of the file.
        form
            Its ending: a workbook and a list for paper hold less than others.

        Raises
        ------
        TooMuchError
            It is; the message says how to ask for less.
        """
        bounded = {"xlsx": self.limits.sheet_values, "pdf": self.limits.paper_values}
        most = bounded.get(form, self.limits.values)
        if rows * columns > most:
            other = ", or take .gpkg, .parquet or .csv" if form in bounded else ""
            raise TooMuchError(
                f"{rows} rows of {columns} columns are more than the {most} values that a file of this kind may hold here",
                mend=f"choose rows with filter or bbox, columns with properties=, first rows with limit={other}",
            )

    async def export(
        self, name: str, write: Callable[[Path], object], headers: Mapping[str, str]
    ) -> Response:
        """Write a file, and answer with it.

        Parameters
        ----------
        name
            The file's name, ours; its ending tells the writers the format.
        write
            Writes it, in a thread.
        headers
            Of the answer.

        Raises
        ------
        BusyError
            More exports are open than there may be.
        StoreError
            It cannot be written: the disk is full, say.
        """
        self._enter()
        try:
            writing = self._pool.submit(self._write, name, write)
        except BaseException:
            self._leave()
            raise
        try:
            file = await asyncio.wrap_future(writing)
        except asyncio.CancelledError:
            # A thread cannot be stopped: it writes to the end, and then its file goes. What did not begin never will.
            writing.add_done_callback(self._abandon)
            raise
        except BaseException:
            self._leave()
            raise
        return _FileOnce(self, file, headers)

    def _enter(self) -> None:
        with self._guard:
            if self._open >= self.limits.open:
                raise BusyError(
                    f"{self._open} exports are being made already",
                    mend="ask again in a little while",
                )
            self._open += 1

    def _leave(self) -> None:
        with self._guard:
            self._open -= 1

    def _abandon(self, writing: Future[Path]) -> None:
        if not writing.cancelled() and writing.exception() is None:
            self.scratch.clear(writing.result().parent)
        self._leave()

    def discard(self, file: Path) -> None:
        """Remove a file that went out, or did not."""
        self.scratch.clear(file.parent)
        self._leave()

    def _write(self, name: str, write: Callable[[Path], object]) -> Path:
        room = self.scratch.room()
        try:
            write(room / name)
        except BaseException as error:
            self.scratch.clear(room)
            if isinstance(error, OSError) and not isinstance(error, ParkgeoError):
                # What the writer says is for someone at the machine; a client can only wait.
                _LOG.warning("an export failed: %s", error)
                raise StoreError(
                    "the file cannot be written here now",
                    mend="try again later; if it stays so, tell whoever runs this service: its disk may be full",
                ) from error
            raise
        return room / name

    def close(self) -> None:
        """Finish what is being written, and remove everything."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.scratch.close()


class _FileOnce(StreamingResponse):
    """A file as an answer; removed when it went out, and when the client left before."""

    def __init__(self, exporter: Exporter, file: Path, headers: Mapping[str, str]) -> None:
        self._exporter = exporter
        self._file = file
        self._pieces = self._read()
        super().__init__(self._pieces, headers={**headers, "Content-Length": str(file.stat().st_size)})

    async def _read(self) -> AsyncGenerator[bytes]:
        # Read here and not in a thread: it was written a moment ago, and a thread might still read when the client has left.
        while piece := self._open.read(_PIECE):
            yield piece

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stalled_s = self._exporter.limits.stalled_s

        async def send_soon(message: Message) -> None:
            await asyncio.wait_for(send(message), stalled_s)

        try:
            with self._file.open("rb") as self._open:
                await super().__call__(scope, receive, send_soon)
        except TimeoutError:
            _LOG.info("a client took nothing of its file for %g s and was given up", stalled_s)
        finally:
            # No wait here, not even a short one: the task may be on its way out because the client left.
            asyncio.get_running_loop().run_in_executor(None, self._exporter.discard, self._file)
