"""Buildings that lie on one another: the same ground drawn twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.layers import Sentence

__all__ = ["Overlap", "overlapping_buildings"]

# More than this share of the smaller one: it is the same building again, and not a wall measured twice.
_TWICE = 0.5
# Slivers along common walls are how outlines are drawn.
_SLIVER_M2, _SLIVER_SHARE = 1.0, 0.01
_NO_BUILDING = ("structure", "yard")


class Overlap(NamedTuple):
    """Buildings of one file that lie on others."""

    file: str
    """As park.toml reaches it."""
    twice: bool
    """Whether more than half of the smaller one lies on the other."""
    what: Sentence
    """What is wrong."""
    mend: Sentence
    """How to mend it."""
    rows: NDArray[np.int64]
    """Rows in the file."""


def overlapping_buildings(buildings: gpd.GeoDataFrame) -> Iterator[Overlap]:
    """Buildings that lie on one another.

    Parameters
    ----------
    buildings
        The validated layer, in metres. Structures and yards are left out, for a building may well stand in a yard.

    Yields
    ------
    Overlap
        For each file those that are drawn twice, and those that overlap less. The rows stay in their layer.
    """
    if "kind" in buildings:
        buildings = buildings[~buildings["kind"].isin(_NO_BUILDING)]
    shapes: NDArray[np.object_] = np.asarray(buildings.geometry.array, dtype=object)
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    shared = shapely.area(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]]))
    smaller = shapely.area(shapes)[pairs].min(axis=1)
    twice = shared > _TWICE * smaller
    little = ~twice & (shared > _SLIVER_M2) & (shared > _SLIVER_SHARE * smaller)
    files = buildings["source_file"].to_numpy()
    for file in sorted(set(files[pairs[twice | little]].ravel())):
        here = (files[pairs] == file).any(axis=1)
        if (twice & here).any():
            ids, rows = _named(buildings, pairs[twice & here], file)
            what = sentence(
                "the same ground is drawn as buildings twice, so footprint and density count it twice: {ids}",
                ids=ids,
            )
            yield Overlap(
                file, True, what, sentence("keep one of them, or cut away what the other covers"), rows
            )
        if (little & here).any():
            ids, rows = _named(buildings, pairs[little & here], file)
            area = f"{shared[little & here].sum():.0f}"
            what = sentence("buildings overlap a little, {area} m² in all: {ids}", area=area, ids=ids)
            yield Overlap(file, False, what, sentence(""), rows)


def _named(
    buildings: gpd.GeoDataFrame, pairs: NDArray[np.intp], file: str
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Ids of all that are in these pairs, and the rows of those in the file."""
    found = buildings.iloc[np.unique(pairs)]
    return tuple(found["building_id"]), found.loc[found["source_file"] == file, "source_row"].to_numpy()
