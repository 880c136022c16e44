"""The fast cut against GEOS, which is the reference."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.metrics import clip
from parkgeo.metrics.clip import shared_area

EAST, NORTH = 40_520_000.0, 3_384_000.0  # a place in a Gauss-Krüger zone with its prefix


def reference(left, right):
    return shapely.area(shapely.intersection(left, right))


def star(rng, corners):
    """A polygon that is mostly concave: corners at sorted angles and uneven distances."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(2, 40, corners)
    x, y = EAST + rng.uniform(0, 30), NORTH + rng.uniform(0, 30)
    shape = shapely.Polygon(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)]))
    return shape if shape.is_valid else shape.convex_hull


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 12), st.integers(3, 70))
def test_equals_geos_on_convex_concave_and_large_outlines(seed, few, many):
    rng = np.random.default_rng(seed)
    left = np.array([star(rng, many) for _ in range(12)], dtype=object)
    right = np.array(
        [star(rng, few).minimum_rotated_rectangle for _ in range(6)] + [star(rng, few) for _ in range(6)]
    )
    assert shared_area(left, right) == pytest.approx(reference(left, right), abs=1e-6)
    assert shared_area(right, left) == pytest.approx(reference(left, right), abs=1e-6)


def test_shared_edges_corners_copies_and_containment():
    steps = [(x, y, w, h) for x in (0, 5, 10) for y in (0, 5) for w in (5, 10) for h in (5, 10)]
    boxes = [shapely.box(EAST + x, NORTH + y, EAST + x + w, NORTH + y + h) for x, y, w, h in steps]
    left = np.array([one for one in boxes for _ in boxes], dtype=object)
    right = np.array([one for _ in boxes for one in boxes], dtype=object)
    assert shared_area(left, right).tolist() == reference(left, right).tolist()


def test_holes_parts_and_clockwise_rings():
    square = shapely.box(0, 0, 10, 10)
    holed = shapely.Polygon(square.exterior, [shapely.box(4, 4, 6, 6).exterior])
    two = shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(8, 8, 12, 12)])
    one = shapely.MultiPolygon([square])
    backwards = shapely.Polygon(square.exterior.coords[::-1])
    left = np.array([holed, two, one, backwards], dtype=object)
    right = np.array([shapely.box(5, 5, 20, 20)] * 4, dtype=object)
    assert shared_area(left, right).tolist() == [24.0, 16.0, 25.0, 25.0]
    assert shared_area(right, left).tolist() == [24.0, 16.0, 25.0, 25.0]


def test_simple_pairs_do_not_go_to_geos(monkeypatch):
    asked = []
    monkeypatch.setattr(clip.shapely, "intersection", lambda a, _: asked.extend(a) or a)
    left, right = (
        np.array([shapely.box(0, 0, 4, 4)], dtype=object),
        np.array([shapely.box(3, 3, 9, 9)], dtype=object),
    )
    assert shared_area(left, right).tolist() == [1.0]
    assert not asked


def test_nothing_in_nothing_out():
    none = np.array([], dtype=object)
    assert shared_area(none, none).tolist() == []
