"""Narrow ground: how wide a strip is, where outlines leave a strip or a hole between them, and which outlines share ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.clip import shared_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "is_narrower",
    "mean_width",
    "narrow_voids",
    "polygon_parts",
    "sharing_pairs",
    "strips_between",
    "subdivided",
]

# Two offsets bring an edge back to within its rounding (1e-8 m in a Gauss-Krüger zone); what is thinner than this is left of that.
_HAIR_M = 1e-4
# An offset corner is drawn to its point up to this many times the distance (an angle of 11.5°), and cut off beyond.
_MITRE_LIMIT = 10.0


def mean_width(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Width of the rectangle that has a shape's area and perimeter.

    Parameters
    ----------
    shapes
        Polygons or multipolygons in metres.

    Returns
    -------
    numpy.ndarray
        m, float64; 0 for an empty shape.

    Notes
    -----
    With half the perimeter s and the area A, the width is (s - √(s² - 4A)) / 2: exact for a rectangle, near A ÷ length for
    any thin strip, straight, bent or forked. A shape more compact than a square gets s / 2.

    Examples
    --------
    >>> mean_width(np.array([shapely.box(0, 0, 100, 0.2)])).round(9).tolist()
    [0.2]
    """
    half = shapely.length(shapes) / 2
    area = shapely.area(shapes)
    root = np.sqrt(np.maximum(half**2 - 4 * area, 0.0))
    # (s - root) / 2 loses its digits where A is small beside s²; this is the same number.
    width: NDArray[np.float64] = np.divide(
        2 * area, half + root, out=np.zeros_like(area), where=half + root > 0
    )
    return width


def is_narrower(shapes: NDArray[np.object_], width: float) -> NDArray[np.bool_]:
    """Whether a shape is narrower than a width everywhere: no circle of that diameter fits into it.

    Parameters
    ----------
    shapes
        Polygons or multipolygons in metres.
    width
        m.

    Returns
    -------
    numpy.ndarray
        bool; True for an empty shape.

    Notes
    -----
    The inward offset by half the width is empty. The offset is drawn only where area ÷ perimeter is below half the width: of a
    shape of one part without holes the largest circle has a radius of at least that much (Osserman).

    References
    ----------
    Osserman, R. (1979). Bonnesen-style isoperimetric inequalities. American Mathematical Monthly 86(1), 1-29.

    Examples
    --------
    >>> is_narrower(np.array([shapely.box(0, 0, 100, 0.2), shapely.box(0, 0, 100, 2)]), 1.0).tolist()
    [True, False]
    """
    plain = (shapely.get_num_interior_rings(shapes) == 0) & (shapely.get_num_geometries(shapes) == 1)
    wide = plain & (shapely.area(shapes) > shapely.length(shapes) * width / 2)
    narrow: NDArray[np.bool_] = ~wide
    offset = shapely.buffer(shapes[narrow], -width / 2, join_style="mitre")
    narrow[narrow] = shapely.is_empty(offset)
    return narrow


def polygon_parts(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Every polygon in shapes of any kind, and the place of the shape that it comes from; lines and points fall away."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    # A collection may hold multipolygons.
    inner, at = shapely.get_parts(parts, return_index=True)
    drawn = (shapely.get_type_id(inner) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(inner)
    return inner[drawn], owner[at][drawn]


def narrow_voids(covered: shapely.Geometry, width: float) -> NDArray[np.object_]:
    """Parts of the open ground beside and between outlines that are narrower than a width.

    Parameters
    ----------
    covered
        Polygon or multipolygon in metres: the ground that is taken.
    width
        m.

    Returns
    -------
    numpy.ndarray
        Polygons: strips, slots with an open mouth (as far as the mouth) and holes. Among them are specks at sharp corners and
        at vertices that lie beside a neighbour's edge by a rounding; see `mean_width`.

    Notes
    -----
    The closing of the covered ground: its outward offset by half the width, offset inward again, less the ground. Corners are
    offset to their points, so that a rectangular recess wider than the width stays open into its corners. Parts whose outward
    offsets do not meet have nothing to do with each other and are closed apart: the offset of a park of a hundred thousand parts
    at once takes the square of their number.

    Examples
    --------
    >>> slot = narrow_voids(shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(10.5, 0, 20, 10)]), 1.0)
    >>> shapely.area(slot).tolist()
    [5.0]
    """
    near = _near_each_other(polygon_parts(np.array([covered], dtype=object))[0], width)
    closed = _offset(_offset(near, width / 2), -width / 2)
    # Long points of sharp corners may cross each other.
    crossed = ~shapely.is_valid(closed)
    closed[crossed] = shapely.make_valid(closed[crossed])
    parts = polygon_parts(shapely.difference(closed, near))[0]
    return polygon_parts(_without_hairs(parts))[0]


def subdivided(
    shapes: NDArray[np.object_], *, vertices: int = 512
) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Polygons cut in halves until none has many vertices, so that what is asked of a place costs what lies there.

    Parameters
    ----------
    shapes
        Polygons.
    vertices
        Most that a piece may have.

    Returns
    -------
    tuple
        The pieces, and the place of the shape that each comes from.

    Examples
    --------
    >>> pieces, owner = subdivided(np.array([shapely.Point(0, 0).buffer(1, quad_segs=256)]), vertices=300)
    >>> len(pieces) > 2, bool(np.isclose(shapely.area(pieces).sum(), np.pi, rtol=1e-4))
    (True, True)
    """
    done: list[tuple[NDArray[np.object_], NDArray[np.intp]]] = []
    owner = np.arange(len(shapes))
    while True:
        large = shapely.get_num_coordinates(shapes) > vertices
        done.append((shapes[~large], owner[~large]))
        if not large.any():
            pieces, owners = zip(*done, strict=True)
            return np.concatenate(pieces), np.concatenate(owners)
        west, south, east, north = shapely.bounds(shapes[large]).T
        upright = east - west < north - south
        middle_x = np.where(upright, east, (west + east) / 2)
        middle_y = np.where(upright, (south + north) / 2, north)
        start_x, start_y = np.where(upright, west, middle_x), np.where(upright, middle_y, south)
        halves = (shapely.box(west, south, middle_x, middle_y), shapely.box(start_x, start_y, east, north))
        cut = [polygon_parts(shapely.intersection(shapes[large], half)) for half in halves]
        owner = np.concatenate([owner[large][at] for _, at in cut])
        shapes = np.concatenate([parts for parts, _ in cut])


def strips_between(
    left: NDArray[np.object_], right: NDArray[np.object_], width: float
) -> NDArray[np.object_]:
    """The open strip between the facing edges of each pair, where it is narrower than a width.

    Parameters
    ----------
    left, right
        Polygons or multipolygons in metres, of equal length.
    width
        m.

    Returns
    -------
    numpy.ndarray
        Empty where two shapes face each other nowhere so near; two that touch in a corner only do not face each other.

    Examples
    --------
    >>> one, other = np.array([shapely.box(0, 0, 10, 10)]), np.array([shapely.box(10.1, 4, 20, 14)])
    >>> shapely.area(strips_between(one, other, 0.2)).round(6).tolist()
    [0.6]
    """
    pair = shapely.union(left, right)
    return _without_hairs(shapely.difference(_offset(_offset(pair, width / 2), -width / 2), pair))


def sharing_pairs(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Pairs of shapes that share ground, each pair once.

    Parameters
    ----------
    shapes
        Valid polygons or multipolygons in metres.

    Returns
    -------
    tuple
        Places of the first, of the second (greater than the first), and the shared area in m². Shapes that only touch may come
        with the area that rounding gives them, 1e-6 m² and below.

    Examples
    --------
    >>> sharing_pairs(np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2), shapely.box(9, 9, 10, 10)]))
    (array([0]), array([1]), array([2.]))
    """
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    area = shared_area(shapes[left], shapes[right])
    share = area > 0
    return left[share], right[share], area[share]


def _near_each_other(parts: NDArray[np.object_], width: float) -> NDArray[np.object_]:
    """Disjoint polygons as multipolygons, one for those whose outward offsets by half a width meet."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    grown = _offset(parts, width / 2)
    left, right = shapely.STRtree(grown).query(grown, predicate="intersects")
    links = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(len(parts), len(parts)))
    label = connected_components(links, directed=False)[1] if len(parts) else left
    order = np.argsort(label, kind="stable")
    near: NDArray[np.object_] = shapely.multipolygons(parts[order], indices=label[order])
    return near


def _without_hairs(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes less the hairs that an outline drawn twice leaves along itself: no area, but all the length of the edge."""
    return _offset(_offset(shapes, -_HAIR_M), _HAIR_M)


def _offset(shapes: NDArray[np.object_], distance: float) -> NDArray[np.object_]:
    offset: NDArray[np.object_] = shapely.buffer(
        shapes, distance, join_style="mitre", mitre_limit=_MITRE_LIMIT
    )
    return offset
