"""The child: holds itself, then reads what it is told until its input ends.

It speaks JSON lines with its parent: first ``{"held": […]}``, then one answer a job.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, ProjectError
from parkgeo.ingest.worker.holds import Bounds, hold_resources, hold_rights
from parkgeo.ingest.worker.orders import source_from

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["main"]


def main() -> None:
    """Run until standard input ends; the orders stand in the last argument."""
    orders = json.loads(sys.argv[-1])
    # What libraries print must not come between our lines.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    held = hold_resources(Bounds(**orders["bounds"]))
    if _load(rasters=orders["rasters"]) <= set(orders["drivers"]):
        held.add("drivers")
    held |= hold_rights([Path(orders["readable"])], Path(orders["writable"]))
    _answer(answers, {"held": sorted(held)})
    for line in sys.stdin:
        _answer(answers, _do(json.loads(line)))


def _load(*, rasters: bool) -> set[str]:
    """Load the readers while their files may still be read; the drivers that came."""
    import pyogrio
    import pyproj  # noqa: F401
    import python_calamine  # noqa: F401 - loaded now, used later
    import xlrd  # noqa: F401 - as above

    import parkgeo.ingest.opening
    import parkgeo.ingest.worker.wire

    drivers = set(pyogrio.list_drivers())
    if rasters:
        import rasterio

        import parkgeo.ingest.fractions
        import parkgeo.ingest.worker.levels
        import parkgeo.ingest.worker.zones  # noqa: F401

        with rasterio.Env() as environment:
            drivers |= set(environment.drivers())
    return drivers


def _answer(answers: TextIO, told: dict[str, Any]) -> None:
    answers.write(json.dumps(told) + "\n")
    answers.flush()


def _do(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return _WORK[job["work"]](job)
    except (InputError, ProjectError) as error:
        return {
            "error": type(error).__name__,
            "what": error.what,
            "where": error.where,
            "mend": error.mend,
        }
    except MemoryError:
        return {"error": "MemoryError"}
    except RecursionError:
        return {
            "error": "InputError", "what": "nested too deeply to be read", "where": job["path"],
            "mend": "save it again from a GIS program or Excel",
        }  # fmt: skip


def _read(job: dict[str, Any]) -> dict[str, Any]:
    from parkgeo.ingest.opening import open_source
    from parkgeo.ingest.worker.wire import write_raw

    write_raw(open_source(Path(job["path"]), source_from(job["source"])), Path(job["into"]))
    return {}


def _raster(job: dict[str, Any]) -> dict[str, Any]:
    from parkgeo.ingest.rasters import read_raster

    found = asdict(read_raster(Path(job["path"]), source_from(job["source"])))
    return {name: value for name, value in found.items() if name not in {"path", "date"}}


def _tables(job: dict[str, Any]) -> dict[str, Any]:
    from parkgeo.ingest.opening import tables_in

    return {"tables": [asdict(one) for one in tables_in(Path(job["path"]))]}


def _pixels(job: dict[str, Any]) -> dict[str, Any]:
    from parkgeo.ingest.worker.zones import looking_from, read_shapes, write_figures
    from parkgeo.ingest.zonal import read_pixels

    path = Path(job["path"])
    found = read_pixels(path, read_shapes(path.parent), looking_from(job["looking"]))
    write_figures(found, Path(job["into"]))
    return {}


def _pictures(job: dict[str, Any]) -> dict[str, Any]:
    from parkgeo.ingest.pictures import Frame, read_pictures
    from parkgeo.ingest.worker.zones import looking_from, read_nodes, write_cells

    path = Path(job["path"])
    frame = Frame(job["width"], job["height"], read_nodes(path.parent))
    write_cells(read_pictures(path, frame, looking_from(job["looking"])), Path(job["into"]))
    return {}


def _heights(job: dict[str, Any]) -> dict[str, Any]:
    from parkgeo.ingest.heights import read_heights
    from parkgeo.ingest.worker.levels import heights_told, read_metres, write_heights_found
    from parkgeo.ingest.worker.zones import read_shapes

    path = Path(job["path"])
    found = read_heights(path, read_shapes(path.parent), read_metres(path.parent), job["steep"])
    write_heights_found(found, Path(job["into"]))
    return heights_told(found)


_WORK = {
    "read": _read,
    "raster": _raster,
    "tables": _tables,
    "pixels": _pixels,
    "pictures": _pictures,
    "heights": _heights,
}
