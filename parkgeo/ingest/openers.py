"""Who opens a project's files: children of their own, or, for files that are trusted, this process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from parkgeo.errors import ParkgeoError
from parkgeo.ingest.formats import companions
from parkgeo.ingest.opening import open_source
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.worker.copies import digests_of
from parkgeo.ingest.worker.crew import Crew
from parkgeo.ingest.worker.holds import HOLDS
from parkgeo.project import RASTER_LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.ingest.formats import TableInfo
    from parkgeo.ingest.heights import Heights
    from parkgeo.ingest.pictures import Frame
    from parkgeo.ingest.raw import RawTable
    from parkgeo.ingest.zonal import Looking
    from parkgeo.layers import RasterSource, Sentence
    from parkgeo.project import Source

__all__ = ["Opened", "Opener", "Protection", "open_all", "opener_for"]

_MOST_CHILDREN = 4
# A child takes most of a second to start, in which another one reads about so much.
_BYTES_A_CHILD = 30_000_000


class Opener(Protocol):
    """Opens one file at a time; what it gives with each are the SHA-256 of the files read."""

    def read(self, path: Path, source: Source) -> tuple[RawTable, dict[Path, str]]:
        """A vector file or a table."""
        ...

    def raster(self, path: Path, source: Source) -> tuple[RasterSource, dict[Path, str]]:
        """A raster's header."""
        ...

    def pixels(self, image: RasterSource, shapes: NDArray[np.object_], looking: Looking) -> pd.DataFrame:
        """What an image shows of polygons in its coordinate system; see `parkgeo.ingest.zonal.read_pixels`."""
        ...

    def pictures(self, image: RasterSource, frame: Frame, looking: Looking) -> dict[str, NDArray[np.uint8]]:
        """Pictures of an image's indices; see `parkgeo.ingest.pictures.read_pictures`."""
        ...

    def heights(
        self, dem: RasterSource, shapes: NDArray[np.object_], metres: NDArray[np.float64], steep: float
    ) -> Heights:
        """What a terrain model says of polygons in its coordinate system; see `parkgeo.ingest.heights.read_heights`."""
        ...

    def tables(self, path: Path) -> tuple[TableInfo, ...]:
        """The layers or sheets in a file."""
        ...

    @property
    def isolated(self) -> bool:
        """Whether it opens files in processes of their own."""
        ...

    @property
    def held(self) -> frozenset[str]:
        """Limits that hold while files are read."""
        ...


class _ThisProcess:
    """Opens files here, without any limit."""

    isolated = False
    held: frozenset[str] = frozenset()

    def __enter__(self) -> _ThisProcess:  # noqa: PYI034 - one of its kind
        return self

    def __exit__(self, *_: object) -> None:
        return

    def read(self, path: Path, source: Source) -> tuple[RawTable, dict[Path, str]]:
        with ThreadPoolExecutor(1) as beside:
            digests = beside.submit(digests_of, path)
            return open_source(path, source), digests.result()

    def raster(self, path: Path, source: Source) -> tuple[RasterSource, dict[Path, str]]:
        return read_raster(path, source), digests_of(path)

    def pixels(self, image: RasterSource, shapes: NDArray[np.object_], looking: Looking) -> pd.DataFrame:
        from parkgeo.ingest.zonal import read_pixels

        return read_pixels(image.path, shapes, looking)

    def pictures(self, image: RasterSource, frame: Frame, looking: Looking) -> dict[str, NDArray[np.uint8]]:
        from parkgeo.ingest.pictures import read_pictures

        return read_pictures(image.path, frame, looking)

    def heights(
        self, dem: RasterSource, shapes: NDArray[np.object_], metres: NDArray[np.float64], steep: float
    ) -> Heights:
        from parkgeo.ingest.heights import read_heights

        return read_heights(dem.path, shapes, metres, steep)

    def tables(self, path: Path) -> tuple[TableInfo, ...]:
        from parkgeo.ingest.opening import tables_in

        return tables_in(path)


def opener_for(*, trusted: bool, rasters: bool) -> AbstractContextManager[Opener]:
    """An opener, ready within its context.

    Parameters
    ----------
    trusted
        Whether the files may be opened in this process.
    rasters
        Whether rasters are among them.
    """
    return _ThisProcess() if trusted else Crew(rasters=rasters)


@dataclass(frozen=True)
class Protection:
    """How this process was protected from the files it had opened.

    Attributes
    ----------
    isolated
        Whether they were opened in a process of their own.
    held
        Limits that held, by name; see `parkgeo.ingest.worker.holds.HOLDS`.
    """

    isolated: bool
    held: frozenset[str]

    def limits(self) -> dict[str, tuple[Sentence, bool]]:
        """Each limit, what it says, and whether it held."""
        return {name: (said, name in self.held) for name, said in HOLDS.items()}


@dataclass(frozen=True)
class Opened:
    """A file that was opened, or why it could not be.

    Attributes
    ----------
    source, path
        What was asked for.
    found
        What it holds; the error where it cannot be used.
    digests
        SHA-256 of each file that was read for it.
    """

    source: Source
    path: Path
    found: RawTable | RasterSource | ParkgeoError
    digests: dict[Path, str]


def open_all(
    wanted: Iterable[tuple[Source, Path]], opener: Opener, *, progress: Callable[[str], None] = lambda _: None
) -> Iterator[Opened]:
    """Open files, several at a time where they are opened elsewhere.

    Parameters
    ----------
    wanted
        Sources and one file of each.
    opener
        Who opens them.
    progress
        Called with the layer of each file as its result is awaited.

    Yields
    ------
    Opened
        In the order in which they are wanted.
    """
    listed = list(wanted)
    at_once = 1
    if opener.isolated:
        at_once = max(
            min(os.cpu_count() or 1, _MOST_CHILDREN, len(listed), _bytes(listed) // _BYTES_A_CHILD), 1
        )
    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(_open, source, path, opener) for source, path in listed]
        try:
            for (source, _), found in zip(listed, running, strict=True):
                progress(source.layer)
                yield found.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _bytes(listed: list[tuple[Source, Path]]) -> int:
    """Size of all the files; what cannot be looked at counts for nothing, for its opening will say so."""
    total = 0
    for _, path in listed:
        with suppress(OSError):
            total += sum(part.stat().st_size for part in companions(path).values())
    return total


def _open(source: Source, path: Path, opener: Opener) -> Opened:
    try:
        if source.layer in RASTER_LAYERS:
            found, digests = opener.raster(path, source)
            return Opened(source, path, found, digests)
        return Opened(source, path, *opener.read(path, source))
    except ParkgeoError as error:
        return Opened(source, path, error, {})
