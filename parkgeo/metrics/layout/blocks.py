"""Blocks: ground between the centre lines of roads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.clip import shared_area
from parkgeo.metrics.network.edges import edge_lines, kept_edges
from parkgeo.metrics.voids import polygon_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph

__all__ = ["Blocks", "block_of", "blocks_between", "dividing_lines", "junction_counts"]

_JUNCTION = 3


@dataclass(frozen=True)
class Blocks:
    """Blocks, park by park, each park's from north to south.

    Attributes
    ----------
    shapes
        Polygons to the roads' centre lines, or to the park's outline.
    park
        Position of the park of each.
    """

    shapes: NDArray[np.object_]
    park: NDArray[np.intp]


def blocks_between(lines: NDArray[np.object_], parks: NDArray[np.object_]) -> Blocks:
    """Ground of each park as the roads divide it.

    Parameters
    ----------
    lines
        Centre lines in metres of the roads that divide blocks.
    parks
        Outlines; where two overlap the ground is the first one's.

    Returns
    -------
    Blocks
        All ground of the parks, each part once. A road that ends within a block divides nothing.

    Examples
    --------
    >>> road = shapely.LineString([(40, -5), (40, 205)])
    >>> found = blocks_between(np.array([road]), np.array([shapely.box(0, 0, 100, 200)]))
    >>> shapely.area(found.shapes).tolist()
    [8000.0, 12000.0]
    """
    near = np.unique(shapely.STRtree(lines).query(parks, predicate="intersects")[1])
    drawn = shapely.union_all([*lines[near], *shapely.boundary(parks)])
    faces, _ = polygon_parts(np.array([shapely.polygonize(shapely.get_parts(drawn))], dtype=object))
    points = shapely.point_on_surface(faces)
    face, park = shapely.STRtree(parks).query(points, predicate="intersects")
    # Written from the last park to the first, so that of two the first one stays.
    owner = np.full(len(faces), -1, dtype=np.intp)
    order = np.argsort(-park, kind="stable")
    owner[face[order]] = park[order]
    kept = np.flatnonzero(owner >= 0)
    middle = np.round(shapely.get_coordinates(points[kept]), 3)
    # The westernmost comes first of those at one height, and the order of the roads decides nothing.
    kept = kept[np.lexsort((middle[:, 0], -middle[:, 1], owner[kept]))]
    return Blocks(faces[kept], owner[kept])


def block_of(shapes: NDArray[np.object_], blocks: NDArray[np.object_]) -> NDArray[np.intp]:
    """Block that holds most of each parcel.

    Parameters
    ----------
    shapes
        Parcels.
    blocks
        Polygons that do not overlap.

    Returns
    -------
    numpy.ndarray
        Position of the block; -1 where none holds anything of it. Of two that hold as much, the first.

    Examples
    --------
    >>> halves = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    >>> block_of(np.array([shapely.box(8, 2, 18, 4), shapely.box(90, 0, 99, 9)]), halves).tolist()
    [1, -1]
    """
    best = np.full(len(shapes), -1, dtype=np.intp)
    block, parcel = shapely.STRtree(shapes).query(blocks)
    ours = blocks[~shapely.is_prepared(blocks)]
    shapely.prepare(ours)
    whole = shapely.covers(blocks[block], shapes[parcel])
    area = np.where(whole, shapely.area(shapes)[parcel], 0.0)
    crossing = np.flatnonzero(~whole)
    crossing = crossing[shapely.intersects(blocks[block[crossing]], shapes[parcel[crossing]])]
    shapely.destroy_prepared(ours)
    area[crossing] = shared_area(blocks[block[crossing]], shapes[parcel[crossing]])
    # The last write wins, so writing in order of the area leaves the largest.
    order = np.lexsort((-block, area))
    order = order[area[order] > 0]
    best[parcel[order]] = block[order]
    return best


def junction_counts(
    graph: RoadGraph, counted: NDArray[np.bool_], areas: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Number of junctions of roads within each area.

    Parameters
    ----------
    graph
        The roads.
    counted
        Which of its edges count.
    areas
        Polygons in metres; a junction on an edge lies within.

    Returns
    -------
    numpy.ndarray
        Nodes at which three or more ends of counted edges meet; a loop has two.
    """
    kept = kept_edges(graph, counted)
    degree = np.bincount(np.concatenate([kept.start, kept.end]), minlength=graph.nodes)
    points = shapely.points(graph.node_xy[degree >= _JUNCTION])
    area, _ = shapely.STRtree(points).query(areas, predicate="intersects")
    return np.bincount(area, minlength=len(areas)).astype(np.int64)


def dividing_lines(graph: RoadGraph, counted: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Lines of the edges that divide blocks."""
    return edge_lines(kept_edges(graph, counted))
