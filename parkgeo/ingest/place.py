"""Whether what was read lies where the parcels lie.

A layer in another coordinate system than stated lies elsewhere. It must not read as empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from parkgeo.errors import InputError
from parkgeo.ingest.crs import to_crs
from parkgeo.ingest.ground import Ground
from parkgeo.ingest.misplaced import would_fit
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray
    from shapely import Geometry, Polygon

    from parkgeo.ingest.build import ReadFile
    from parkgeo.ingest.ground import Box
    from parkgeo.layers import RasterSource, Sentence

__all__ = ["far_files", "odd_places"]

# The layers must touch the park's surroundings; roads and mains may run on for ever. Facilities are often far off on
# purpose: a port, an airport.
_NEAR_M = {"facilities": 100_000.0}
_USUALLY_NEAR_M = 5_000.0
# Parcels of one office lie within a county.
_COUNTY_M = 100_000.0


@dataclass(frozen=True)
class Far:
    """A file that lies elsewhere, and what to tell of it."""

    layer: str
    file: str
    error: InputError


def far_files(
    frames: Mapping[str, Any],
    read: Mapping[str, list[ReadFile]],
    rasters: Mapping[str, Iterable[RasterSource]],
) -> Iterator[Far]:
    """Files of which nothing lies where the park is: by the boundary, else by the parcels, unless all others gainsay them.

    Parameters
    ----------
    frames
        Layer → validated frame in metres, with ``source_file``.
    read
        Layer → its files as they were read, each with its ground.
    rasters
        Layer → its rasters.

    Yields
    ------
    Far
        One a file, with the zone or the order of axes that would bring it there, where one does.
    """
    files = list(_files(frames, rasters))
    seat = _seat(files)
    known = {(layer, one.shown): one for layer, ones in read.items() for one in ones}
    for one in files:
        distance = one.distance_m(seat.shape)
        if one.layer == seat.layer or distance <= _NEAR_M.get(one.layer, _USUALLY_NEAR_M):
            continue
        what = (
            f"nothing of it lies near {seat.noun}; it is {distance / 1000:,.0f} km off to the "
            f"{_side(seat.shape, one.shape)}: the neighbouring zone?"
        )
        file = known.get((one.layer, one.file))
        place = _degrees(seat.shape, frames["parcels"].crs)
        hint = _hint(file, place) if file is not None else ""
        mend = f"check its crs, and that of {seat.noun}: datum, zone, zone prefix, order of axes"
        where, mended = f"{one.file} ({one.layer})", f"{hint}; {mend}" if hint else mend
        yield Far(one.layer, one.file, InputError(what, where=where, mend=mended))


@dataclass(frozen=True)
class _Lying:
    """A file and where it lies, in the working system."""

    layer: str
    file: str
    shapes: NDArray[np.object_]

    @property
    def shape(self) -> Polygon:
        """The box around it, without what lies astray."""
        centres = _centres(self.shapes)
        off = np.hypot(*(centres - np.median(centres, axis=0)).T)
        together = self.shapes[off <= _COUNTY_M]
        return shapely.box(*shapely.total_bounds(together if len(together) else self.shapes))

    def distance_m(self, seat: Geometry) -> float:
        """From the nearest of its shapes."""
        return float(shapely.distance(self.shapes, seat).min())


@dataclass(frozen=True)
class _Seat:
    """Where the park is, and which layer says so."""

    layer: str
    noun: str
    shape: Geometry


def _files(frames: Mapping[str, Any], rasters: Mapping[str, Iterable[RasterSource]]) -> Iterator[_Lying]:
    crs = frames["parcels"].crs
    for layer, frame in frames.items():
        if "geometry" in frame:
            for file, part in frame.groupby("source_file", sort=True):
                yield _Lying(layer, str(file), np.asarray(part.geometry.array, dtype=object))
    for layer, sources in rasters.items():
        for one in sources:
            box = np.array([shapely.box(one.left, one.bottom, one.right, one.top)], dtype=object)
            moved = to_crs(box, CRS.from_wkt(one.crs).to_2d(), crs)
            if np.isfinite(shapely.bounds(moved)).all():
                yield _Lying(layer, one.path.name, moved)


def _seat(files: list[_Lying]) -> _Seat:
    """The layer that the others are held against.

    The boundary and the parcels agree as a rule; the parcels, drawn finer, then tell the place. Where they do not, the one
    that more of the other files lie at is right, and of equals the boundary. Without a boundary it is the parcels, unless two
    others and more lie together elsewhere.
    """
    parks = [one for one in files if one.layer == "parks"]
    parcels = [one for one in files if one.layer == "parcels"]
    others = [one for one in files if one.layer not in ("parks", "parcels")]
    by_parcels = _Seat("parcels", "the parcels", shapely.union_all([one.shape for one in parcels]))
    if parks:
        by_parks = _Seat("parks", "the boundary", shapely.union_all([one.shape for one in parks]))
        at_parks = sum(_near(one, by_parks.shape) for one in others)
        at_parcels = sum(_near(one, by_parcels.shape) for one in others)
        together = [one for one in parcels if _near(one, by_parks.shape)]
        if together:
            return by_parcels if len(together) == len(parcels) else by_parks
        return by_parcels if at_parcels > at_parks else by_parks
    if len(others) > 1 and not any(_near(one, by_parcels.shape) for one in others):
        first = others[0].shape
        if all(_near(one, first) for one in others):
            return _Seat("", "the other files", shapely.union_all([one.shape for one in others]))
    return by_parcels


def _near(one: _Lying, seat: Geometry) -> bool:
    return one.distance_m(seat) <= _NEAR_M.get(one.layer, _USUALLY_NEAR_M)


def _side(seat: Geometry, other: Geometry) -> str:
    here, there = seat.centroid, other.centroid
    east, north = there.x - here.x, there.y - here.y
    if abs(east) >= abs(north):
        return "east" if east > 0 else "west"
    return "north" if north > 0 else "south"


def _degrees(seat: Geometry, crs: CRS) -> Box | None:
    return Ground(crs, "").box(np.array([seat], dtype=object))


def _hint(file: ReadFile, place: Box | None) -> str:
    if place is None or file.ground is None or file.raw.geometry is None:
        return ""
    return would_fit(file.ground, file.raw.geometry, place)


def odd_places(
    frames: dict[str, Any], *, boundary_given: bool
) -> Iterator[tuple[str, str, Sentence, Sentence, NDArray[np.int64]]]:
    """Parcels far from the others, and parks in which no parcel lies.

    Parameters
    ----------
    frames
        As for `far_files`.
    boundary_given
        Whether the parks were read from a file.

    Yields
    ------
    tuple
        File, layer, what is wrong, how to mend it, rows in the file. The rows stay in their layer.
    """
    parcels = frames["parcels"]
    centres = _centres(np.asarray(parcels.geometry.array, dtype=object))
    off = np.hypot(*(centres - np.median(centres, axis=0)).T)
    astray = parcels[off > _COUNTY_M]
    for file, part in astray.groupby("source_file", sort=True):
        what = sentence(
            "{km} km and more from the other parcels", km=f"{off[off > _COUNTY_M].min() / 1000:,.0f}"
        )
        yield (
            str(file),
            "parcels",
            what,
            sentence("correct the coordinates, or the crs of the file"),
            part["source_row"].to_numpy(),
        )
    if boundary_given:
        parks = frames["parks"]
        shapes: NDArray[np.object_] = np.asarray(parks.geometry.array, dtype=object)
        tree = shapely.STRtree(np.asarray(parcels.geometry.array, dtype=object))
        with_parcels = np.unique(tree.query(shapes, predicate="intersects")[0])
        bare = parks.iloc[np.setdiff1d(np.arange(len(parks)), with_parcels)]
        for file, part in bare.groupby("source_file", sort=True):
            mend = sentence("give its parcels, or leave the park out")
            yield (
                str(file),
                "parks",
                sentence("a park in which no parcel lies"),
                mend,
                part["source_row"].to_numpy(),
            )


def _centres(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    bounds = shapely.bounds(shapes)
    return np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])
