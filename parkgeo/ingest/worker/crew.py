"""The parent's side: children that open files, one job at a time each, with a deadline."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import pyarrow as pa
import shapely

from parkgeo.errors import InputError, ProjectError
from parkgeo.ingest.worker.copies import copy_in
from parkgeo.ingest.worker.holds import Bounds
from parkgeo.ingest.worker.orders import source_as
from parkgeo.ingest.worker.wire import raster_from, read_raw, tables_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import IO

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.ingest.formats import TableInfo
    from parkgeo.ingest.heights import Heights
    from parkgeo.ingest.pictures import Frame
    from parkgeo.ingest.raw import RawTable
    from parkgeo.ingest.zonal import Looking
    from parkgeo.layers import RasterSource
    from parkgeo.project import Source

__all__ = ["Crew"]

# Isolated Python forgets where packages are; the parent's own places are told to it, and nothing else.
_START = "import json,sys; sys.path[:]=json.loads(sys.argv[1]); from parkgeo.ingest.worker.child import main; main()"
_READY_WITHIN_S = 120.0
_SAVE_AGAIN = "open it in a GIS program or in Excel and save it again"
_GONE_WITHIN_S = 5.0
_TAIL = 300
# What reading an answer can raise that is not what it should be.
_NONSENSE = (
    ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError, pa.ArrowException,
    shapely.errors.ShapelyError,
)  # fmt: skip
_Found = TypeVar("_Found")
ALLOWED_DRIVERS = frozenset({
    "ESRI Shapefile", "GPKG", "OpenFileGDB", "GeoJSON", "GeoJSONSeq", "TopoJSON", "FlatGeobuf", "KML", "LIBKML", "GML", "DXF",
    "MapInfo File", "OSM", "GTiff", "MEM",
})  # fmt: skip
"""GDAL drivers that a child may have; ``MEM`` holds what others are working on and opens no file."""

_GDAL = {
    "GDAL_DRIVER_PATH": "disable", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "PROJ_NETWORK": "OFF",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/none", "GDAL_HTTP_TIMEOUT": "1", "GDAL_HTTP_MAX_RETRY": "0", "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GDAL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # fmt: skip


@dataclass
class _Child:
    """A running child and what it said it is held by."""

    process: subprocess.Popen[str]
    stdin: IO[str]
    answers: queue.SimpleQueue[str]
    errors: Path
    held: frozenset[str]
    job_handle: int


class Crew:
    """Children that read files on the parent's behalf; each is started when it is first needed.

    Parameters
    ----------
    bounds
        How much a child may use.
    rasters
        Whether rasters are among the files; loading their readers costs time.

    Notes
    -----
    Threads may call it side by side: each job takes a child that waits, or starts one. A child that crashes or overstays
    costs the file it read; the next job gets another.
    """

    isolated = True

    def __init__(self, bounds: Bounds | None = None, *, rasters: bool = False) -> None:
        self.bounds = bounds or Bounds()
        self._rasters = rasters
        self._stack = ExitStack()
        self._idle: list[_Child] = []
        self._all: list[_Child] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._folder = Path(
            self._stack.enter_context(
                tempfile.TemporaryDirectory(prefix="parkgeo-", ignore_cleanup_errors=True)
            )
        )
        for name in ("in", "out"):
            (self._folder / name).mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._all:
            _end(child)
        self._stack.close()

    @property
    def held(self) -> frozenset[str]:
        """Names of the limits (see `holds.HOLDS`) that held in every child so far; empty before the first job."""
        with self._lock:
            told = [child.held for child in self._all]
        return frozenset.intersection(*told) if told else frozenset()

    def read(self, path: Path, source: Source) -> tuple[RawTable, dict[Path, str]]:
        """Read a vector file or table.

        Parameters
        ----------
        path
            The file.
        source
            What park.toml says of it.

        Returns
        -------
        tuple
            What it holds, and the SHA-256 of each file that was copied to be read.

        Raises
        ------
        InputError, ProjectError
            As the reader says; or it crashed, took too long, or needed more memory than it may have.
        """
        with _job(self._folder) as (entry, into):
            copy, digests = copy_in(path, entry)
            job = {"work": "read", "source": source_as(source), "into": str(into)}
            return self._do(job, path, copy, digests, lambda _: read_raw(into, path)), digests

    def raster(self, path: Path, source: Source) -> tuple[RasterSource, dict[Path, str]]:
        """Read a raster's header; see `read`."""
        with _job(self._folder) as (entry, _):
            copy, digests = copy_in(path, entry)
            job = {"work": "raster", "source": source_as(source)}
            return self._do(job, path, copy, digests, lambda told: raster_from(told, path, source)), digests

    def pixels(self, image: RasterSource, shapes: NDArray[np.object_], looking: Looking) -> pd.DataFrame:
        """What an image shows of polygons; see `parkgeo.ingest.zonal.read_pixels`."""
        from parkgeo.ingest.worker.zones import looking_as, read_figures, seconds_to_look, write_shapes

        with _job(self._folder) as (entry, into):
            copy, digests = copy_in(image.path, entry)
            write_shapes(shapes, entry)
            job = {"work": "pixels", "looking": looking_as(looking), "into": str(into)}
            more_s, count = seconds_to_look(image, shapes), len(shapes)
            return self._do(
                job, image.path, copy, digests, lambda _: read_figures(into, count), more_s=more_s
            )

    def pictures(self, image: RasterSource, frame: Frame, looking: Looking) -> dict[str, NDArray[np.uint8]]:
        """Pictures of an image's indices; see `parkgeo.ingest.pictures.read_pictures`."""
        from parkgeo.ingest.worker.zones import looking_as, read_cells, write_nodes

        with _job(self._folder) as (entry, into):
            copy, digests = copy_in(image.path, entry)
            write_nodes(frame, entry)
            size = {"width": frame.width, "height": frame.height}
            job = {"work": "pictures", "looking": looking_as(looking), "into": str(into), **size}
            return self._do(job, image.path, copy, digests, lambda _: read_cells(into, frame))

    def heights(
        self, dem: RasterSource, shapes: NDArray[np.object_], metres: NDArray[np.float64], steep: float
    ) -> Heights:
        """What a terrain model says of polygons; see `parkgeo.ingest.heights.read_heights`."""
        from parkgeo.ingest.worker.levels import read_heights_found, write_metres
        from parkgeo.ingest.worker.zones import seconds_to_look, write_shapes

        with _job(self._folder) as (entry, into):
            copy, digests = copy_in(dem.path, entry)
            write_shapes(shapes, entry)
            write_metres(metres, entry)
            job = {"work": "heights", "steep": steep, "into": str(into)}
            more_s, count = 2 * seconds_to_look(dem, shapes), len(shapes)
            return self._do(
                job, dem.path, copy, digests, lambda told: read_heights_found(told, into, count), more_s=more_s
            )  # fmt: skip

    def tables(self, path: Path) -> tuple[TableInfo, ...]:
        """What layers or sheets a file holds; see `parkgeo.ingest.formats.tables_in`."""
        with _job(self._folder) as (entry, _):
            copy, digests = copy_in(path, entry)
            return self._do({"work": "tables"}, path, copy, digests, tables_from)

    def _do(
        self,
        job: dict[str, Any],
        path: Path,
        copy: Path,
        digests: dict[Path, str],
        understand: Callable[[dict[str, Any]], _Found],
        *,
        more_s: float = 0.0,
    ) -> _Found:
        """Have a job done, and understand its answer; a child that answers otherwise than it should gets no further job."""
        size_gb = sum(part.stat().st_size for part in digests) / 1e9
        child = self._take()
        seconds = self.bounds.job_s + self.bounds.job_s_per_gb * size_gb + more_s
        line = _answer(child, job | {"path": str(copy)}, path, seconds)
        with _understood(child, path):
            told = json.loads(line)
            found = self._refused(told, path, copy) if "error" in told else understand(told)
        with self._lock:
            self._idle.append(child)
        if isinstance(found, InputError | ProjectError):
            raise found
        return found

    def _refused(self, told: dict[str, Any], path: Path, copy: Path) -> InputError | ProjectError:
        if told["error"] == "MemoryError":
            return InputError(
                f"reading it needs more than {self.bounds.memory_bytes >> 30} GiB of memory", where=str(path),
                mend="see that it is what it should be; split it, or read it with --trusted if you know where it comes from",
            )  # fmt: skip
        kind = ProjectError if told["error"] == "ProjectError" else InputError
        # The user knows the file and what belongs to it by their own names, not by their copies'.
        names = {
            str(copy): str(path),
            str(copy.parent / "file"): str(path.with_suffix("")),
            str(copy.parent): str(path.parent),
        }
        said = []
        for part in ("what", "where", "mend"):
            text = str(told[part])
            for theirs, own in names.items():
                text = text.replace(theirs, own)
            said.append(text)
        what, where, mend = said
        return kind(what, where=where, mend=mend)

    def _take(self) -> _Child:
        """A child that waits for work, else a new one."""
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.process.poll() is None:
                    return child
        return self._start()

    def _start(self) -> _Child:
        with self._lock:
            number = len(list(self._folder.glob("errors-*")))
            errors = self._folder / f"errors-{number}"
            errors.touch()
        orders = {
            "bounds": self.bounds.as_dict(), "rasters": self._rasters, "drivers": sorted(ALLOWED_DRIVERS),
            "readable": str(self._folder / "in"), "writable": str(self._folder / "out"),
        }  # fmt: skip
        process, job_handle = self._launch(json.dumps(orders), errors)
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("a child without pipes")
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(stdout, answers), daemon=True).start()
        try:
            line = answers.get(timeout=_READY_WITHIN_S)
        except queue.Empty:
            line = ""
        if not line:
            process.kill()
            process.wait()
            tail = errors.read_text(encoding="utf-8", errors="replace").strip()[-_TAIL:]
            raise InputError(
                f"the process that opens files could not be started ({tail})", where=sys.executable,
                mend="see that this Python runs by itself; --trusted opens files without it",
            )  # fmt: skip
        held = {"copies", "time", *json.loads(line)["held"]} | _held_from_outside(job_handle)
        child = _Child(process, stdin, answers, errors, frozenset(held), job_handle)
        with self._lock:
            self._all.append(child)
        return child

    def _launch(self, orders: str, errors: Path) -> tuple[subprocess.Popen[str], int]:
        # In a virtual environment Windows' python.exe starts the real one as a further process; that one is started at once.
        python = getattr(sys, "_base_executable", sys.executable) if os.name == "nt" else sys.executable
        places = [place for place in sys.path if place] + [str(Path(__file__).parents[3])]
        command = [python, "-I", "-X", "utf8", "-c", _START, json.dumps(places), orders]
        if sys.platform == "darwin":
            from parkgeo.ingest.worker.macos import start_under_profile

            command = start_under_profile(command, self._folder / "out")
        with errors.open("wb") as sink:
            process = subprocess.Popen(  # noqa: S603 - this Python, and orders of our own
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink, text=True, encoding="utf-8",
                env=_environment(self._folder / "out", rasters=self._rasters), cwd=self._folder / "out",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        if os.name != "nt":
            return process, 0
        from parkgeo.ingest.worker.windows import hold_in_job

        return process, hold_in_job(int(getattr(process, "_handle")), self.bounds.memory_bytes)  # noqa: B009 - Windows only


@contextmanager
def _job(folder: Path) -> Iterator[tuple[Path, Path]]:
    """A job's two folders: for the copy to be read, and for what is found."""
    with (
        tempfile.TemporaryDirectory(dir=folder / "in", ignore_cleanup_errors=True) as entry,
        tempfile.TemporaryDirectory(dir=folder / "out", ignore_cleanup_errors=True) as into,
    ):
        yield Path(entry), Path(into)


def _answer(child: _Child, job: dict[str, Any], path: Path, seconds: float) -> str:
    """The line in which a child answers within some seconds; it is ended where it does not."""
    try:
        child.stdin.write(json.dumps(job) + "\n")
        child.stdin.flush()
        line = child.answers.get(timeout=seconds)
    except queue.Empty:
        _end(child)
        raise InputError(
            f"reading it took longer than {seconds:.0f} s and was given up", where=str(path),
            mend="see that it is what it should be; simplify or split it, or read it with --trusted if you know where it comes from",
        ) from None  # fmt: skip
    except OSError:  # the child is gone
        line = ""
    if not line:
        raise _crashed(child, path)
    return line


@contextmanager
def _understood(child: _Child, path: Path) -> Iterator[None]:
    """End a child that says what its kind does not say: what it read may have taken it over.

    Raises
    ------
    InputError
        It did.
    """
    try:
        yield
    except _NONSENSE as error:
        _end(child)
        raise InputError(
            f"its reader gave something that cannot be read ({type(error).__name__})",
            where=str(path),
            mend=_SAVE_AGAIN,
        ) from error


def _crashed(child: _Child, path: Path) -> InputError:
    with suppress(subprocess.TimeoutExpired):  # it may have closed its output and live on
        child.process.wait(_GONE_WITHIN_S)
    child.process.kill()
    code = child.process.wait()
    last = child.errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    _end(child)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    more = f": {last[0][:_TAIL]}" if last else ""
    return InputError(f"its reader broke down ({how}{more})", where=str(path), mend=_SAVE_AGAIN)


def _listen(pipe: IO[str], answers: queue.SimpleQueue[str]) -> None:
    """Hand on each line; an empty one says that the child is gone."""
    with suppress(ValueError, OSError):  # the pipe may be closed while it is read
        for line in pipe:
            answers.put(line)
    answers.put("")


def _end(child: _Child) -> None:
    child.process.kill()
    child.process.wait()
    for pipe in (child.process.stdin, child.process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was still to be written has no reader any more
                pipe.close()


def _held_from_outside(job_handle: int) -> set[str]:
    """What the parent, or the profile it starts the child under, holds."""
    if os.name == "nt":
        return {"memory", "programs"} if job_handle else set()
    if sys.platform == "darwin":
        from parkgeo.ingest.worker.macos import profile_there

        return {"network", "writing"} if profile_there() else set()
    return set()


def _environment(scratch: Path, *, rasters: bool) -> dict[str, str]:
    """What a child finds in its environment: GDAL's settings, a place for scratch files, and of the parent's the least."""
    kept = {
        name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR", "LANG", "LC_ALL") if name in os.environ
    }
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP", "HOME", "USERPROFILE", "CPL_TMPDIR"), str(scratch))
    return kept | places | _GDAL | {"GDAL_SKIP": _other_drivers(rasters=rasters)}


@cache
def _other_drivers(*, rasters: bool) -> str:
    """All drivers of the GDALs at hand that no allowed format needs, as GDAL_SKIP wants them."""
    import pyogrio

    drivers = set(pyogrio.list_drivers())
    if rasters:
        import rasterio

        with rasterio.Env() as environment:
            drivers |= set(environment.drivers())
    return ",".join(sorted(drivers - ALLOWED_DRIVERS))
