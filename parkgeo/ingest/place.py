"""Whether what was read lies where the parcels lie.

A layer in another coordinate system than stated lies elsewhere. It must not read as empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.errors import InputError
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely import Polygon

    from parkgeo.layers import Sentence

__all__ = ["far_files", "odd_places"]

# The layers must touch the park's surroundings; roads and mains may run on for ever. Facilities are often far off on
# purpose: a port, an airport.
_NEAR_M = {"facilities": 100_000.0}
_USUALLY_NEAR_M = 5_000.0
# Parcels of one office lie within a county.
_COUNTY_M = 100_000.0


def far_files(frames: dict[str, Any]) -> Iterator[InputError]:
    """Files of which nothing lies near the parcels.

    Parameters
    ----------
    frames
        Layer → validated frame in metres, with ``source_file``.

    Yields
    ------
    InputError
        One a file.
    """
    near = _surroundings(frames["parcels"])
    for layer, frame in frames.items():
        if "geometry" not in frame or layer == "parcels":
            continue
        for file, part in frame.groupby("source_file", sort=True):
            shapes: NDArray[np.object_] = np.asarray(part.geometry.array, dtype=object)
            distances = shapely.distance(shapes, near)
            if distances.min() > _NEAR_M.get(layer, _USUALLY_NEAR_M):
                yield InputError(
                    f"nothing of it lies near the parcels; it is {distances.min() / 1000:,.0f} km off",
                    where=f"{file} ({layer})",
                    mend="check its crs, and that of the parcels: datum, zone, zone prefix, order of axes",
                )


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
    centres = _centres(parcels)
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


def _centres(parcels: gpd.GeoDataFrame) -> NDArray[np.float64]:
    bounds = shapely.bounds(np.asarray(parcels.geometry.array, dtype=object))
    return np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])


def _surroundings(parcels: gpd.GeoDataFrame) -> Polygon:
    """The box around the parcels, without those that lie astray."""
    centres = _centres(parcels)
    off = np.hypot(*(centres - np.median(centres, axis=0)).T)
    shapes: NDArray[np.object_] = np.asarray(parcels.geometry.array, dtype=object)
    together = shapes[off <= _COUNTY_M]
    return shapely.box(*shapely.total_bounds(together if len(together) else shapes))
