"""Files that state no coordinate system: completed where the project's other files leave one answer, refused else.

The systems that may be it are those stated by the other files, vector or raster, and where the coordinates are degrees the
longitude and latitude of those datums and of CGCS2000 (WGS 84 outside China). One that puts the file at the place of the
others is the answer. Two that do are none, for Xi'an 80 and CGCS2000 put a file at the same place within 100 m.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from parkgeo.errors import InputError, ParkgeoError, gather, name_some
from parkgeo.ingest.crs import datum_shift_known, middle_of
from parkgeo.ingest.grids import read_grids
from parkgeo.ingest.ground import Ground, apart_m, stated_ground
from parkgeo.ingest.misplaced import likely_systems, misplaced
from parkgeo.ingest.raw import Doubt
from parkgeo.layers import FARTHEST_M, sentence
from parkgeo.project import VECTOR_LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.ingest.build import ReadFile
    from parkgeo.ingest.ground import Box
    from parkgeo.layers import RasterSource
    from parkgeo.project import Project

__all__ = ["Placed", "candidate_systems", "find_grounds", "raster_places"]

_MOST_LATITUDE, _MOST_LONGITUDE = 90.0, 180.0
_CHINA = (73.0, 3.0, 136.0, 54.0)
_NEAR_M = {"facilities": 100_000.0}
_USUALLY_NEAR_M = 5_000.0
_SAME_M = 1.0
_FIRST = ("parks", "parcels")


@dataclass(frozen=True)
class Placed:
    """A file whose ground is stated.

    Attributes
    ----------
    layer, file
        Its layer, and its path as park.toml reaches it.
    ground
        What was stated.
    box
        Where it lies.
    """

    layer: str
    file: str
    ground: Ground
    box: Box


def find_grounds(
    read: Mapping[str, list[ReadFile]], rasters: Mapping[str, Iterable[RasterSource]], project: Project
) -> dict[str, list[ReadFile]]:
    """Settle for every map file how its coordinates come to the ground.

    Parameters
    ----------
    read
        Layer → its files.
    rasters
        Layer → its rasters.
    project
        What park.toml says.

    Returns
    -------
    dict
        As ``read``, each file with geometry with its ``ground``.

    Raises
    ------
    ProjectError
        A grid in park.toml is none.
    InputError
        A file states no system and none can be told for certain; what is stated is none, or the coordinates contradict it. All
        such files are named at once.
    """
    grids = read_grids(project.grids)
    problems: list[ParkgeoError] = []
    grounds: dict[int, Ground] = {}
    placed: list[Placed] = raster_places(rasters)
    mute: list[ReadFile] = []
    for layer in VECTOR_LAYERS:
        for file in read.get(layer, []):
            try:
                ground = _checked(file, stated_ground(file.source, file.raw, grids))
            except InputError as error:
                problems.append(error)
                continue
            if ground is None:
                mute.append(file)
                continue
            grounds[id(file)] = ground
            box = ground.box(_shapes(file))
            if box is not None:
                placed.append(Placed(layer, file.shown, ground, box))
    for file in mute:
        try:
            grounds[id(file)] = _completed(file, placed)
        except InputError as error:
            problems.append(error)
    if problems:
        raise gather(problems, InputError)
    return {
        layer: [replace(file, ground=grounds.get(id(file))) for file in files]
        for layer, files in read.items()
    }


def raster_places(rasters: Mapping[str, Iterable[RasterSource]]) -> list[Placed]:
    """Where the rasters lie."""
    found = []
    for layer, sources in rasters.items():
        for one in sources:
            ground = Ground(CRS.from_wkt(one.crs).to_2d(), "")
            box = ground.box_of(np.array([[one.left, one.bottom, one.right, one.top]]))
            if box is not None:
                found.append(Placed(layer, one.path.name, ground, box))
    return found


def candidate_systems(
    shapes: NDArray[np.object_], placed: Sequence[Placed], *, layer: str = "", swapped: bool = False
) -> tuple[Placed, ...]:
    """Systems that would put a file at the place of the others; one is an answer, several are none.

    Parameters
    ----------
    shapes
        As in the file.
    placed
        The other files; the boundary tells the place, else the parcels, else all of them.
    layer
        The file's layer: facilities may lie farther off.
    swapped
        Whether the file has northing or latitude first.

    Returns
    -------
    tuple of Placed
        Each with the file that states the system. Systems that put the file on the same ground count once.
    """
    place = next(
        (found for name in _FIRST if (found := [one.box for one in placed if one.layer == name])), None
    )
    boxes = place or [one.box for one in placed]
    near = _NEAR_M.get(layer, _USUALLY_NEAR_M)
    fitting: list[Placed] = []
    for one in (*placed, *_in_degrees(shapes, placed)):
        ground = Ground(one.ground.crs, "", swapped, one.ground.step)
        box = ground.box(shapes) if ground.fits(shapes) else None
        if box is None or min(apart_m(box, other) for other in boxes) > near:
            continue
        if not any(_same_ground(ground, other.ground, shapes) for other in fitting):
            fitting.append(replace(one, ground=ground))
    return tuple(fitting)


def _in_degrees(shapes: NDArray[np.object_], placed: Sequence[Placed]) -> list[Placed]:
    """Longitude and latitude on the datums of the other files and on CGCS2000, where the coordinates may be that."""
    middle = middle_of(shapes)
    if not placed or middle is None or abs(middle[0]) > _MOST_LONGITUDE or abs(middle[1]) > _MOST_LONGITUDE:
        return []
    found = []
    for one in placed:
        geodetic: Any = one.ground.crs.geodetic_crs
        found.append(replace(one, ground=Ground(geodetic, "")))
    west, south, east, north = _CHINA
    box = placed[0].box
    china = west <= box[0] <= east and south <= box[1] <= north
    # First in the row, for it is the name that people know.
    return [Placed("", "", Ground(CRS.from_epsg(4490 if china else 4326), ""), box), *found]


def _same_ground(one: Ground, other: Ground, shapes: NDArray[np.object_]) -> bool:
    """Whether two systems put shapes on the same ground for certain: within a metre, and by datums that are known to agree."""
    if not datum_shift_known(one.crs, other.crs):
        return False
    middle = middle_of(shapes)
    if middle is None:
        return True
    point = np.array([shapely.Point(middle)], dtype=object)
    here, there = (shapely.bounds(ground.shapes(point, CRS.from_epsg(4326)))[0] for ground in (one, other))
    return apart_m(tuple(here), tuple(there)) <= _SAME_M


def _checked(file: ReadFile, ground: Ground | None) -> Ground | None:
    if ground is not None:
        trouble = misplaced(ground, _shapes(file), _where(file))
        if trouble is not None:
            raise trouble
    return ground


def _shapes(file: ReadFile) -> NDArray[np.object_]:
    if file.raw.geometry is None:
        raise InputError("it has no geometry", where=_where(file), mend="give a map file")
    return file.raw.geometry


def _where(file: ReadFile) -> str:
    return f"{file.raw.path} ({file.source.layer})"


def _completed(file: ReadFile, placed: Sequence[Placed]) -> Ground:
    """The ground of a file that states none, with the doubt that says on what evidence.

    Raises
    ------
    InputError
        No system is the only one that puts it at the place of the others.
    """
    shapes, axes = _shapes(file), file.source.axes
    swapped = axes == "north_east" and file.raw.driver != "coordinate text"
    found = candidate_systems(shapes, placed, layer=file.source.layer, swapped=swapped)
    if len(found) != 1:
        raise _unknown(file, found, placed)
    one = found[0]
    ground = one.ground
    if one.file:
        evidence = sentence("as {file} states, and it puts the file at its place", file=one.file)
    else:
        evidence = sentence("its coordinates are degrees at the place of the other files")
    what = sentence(
        "it states no coordinate system; taken as {name}: {evidence}", name=ground.name, evidence=evidence
    )
    mend = sentence('if that is right, set crs = "{crs}" in park.toml', crs=ground.key or "…")
    label = f"{ground.key or ground.name} ← {one.file or '°'}"
    return replace(ground, label=label, doubts=(Doubt(what, mend),))


def _unknown(file: ReadFile, found: Sequence[Placed], placed: Sequence[Placed]) -> InputError:
    where = _where(file)
    if found:
        names = name_some(one.ground.name for one in found)
        lines = " or ".join(f'crs = "{one.ground.key}"' for one in found if one.ground.key)
        return InputError(
            f"no coordinate system, and {len(found)} would put it at the place of the other files: {names}",
            where=where, mend=f"ask whoever gave the file, and set {lines or 'crs'} in its entry in park.toml",
        )  # fmt: skip
    bounds = shapely.bounds(_shapes(file))
    known = bounds[(np.abs(bounds) <= FARTHEST_M).all(axis=1)]
    first = next((one.box for name in _FIRST for one in placed if one.layer == name), None)
    place = first or (placed[0].box if placed else None)
    likely = likely_systems(_around(known), place=place) if len(known) else ()
    if likely:
        others = ", ".join(f"{one.name} would be {one.crs}" for one in likely[1:3])
        mend = f"give the .prj file, or set crs in park.toml, probably {likely[0]}" + (
            f"; {others}" if others else ""
        )
    else:
        mend = (
            'give the .prj file, or set crs in park.toml, for example crs = "EPSG:4528"; eastings of six digits need the '
            'central meridian, as in "EPSG:4549" (CGCS2000, central meridian 120°)'
        )
    return InputError("no coordinate system", where=where, mend=mend)


def _around(bounds: NDArray[np.float64]) -> tuple[float, float, float, float]:
    middle = np.median(bounds, axis=0)
    return float(middle[0]), float(middle[1]), float(middle[2]), float(middle[3])
