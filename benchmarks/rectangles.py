"""Largest inscribed rectangles against a grid by brute force, in one run on one machine.

Run: ``python benchmarks/rectangles.py [parcels] [compared]``, by default 10 000 parcels, of which 20 are also given to the other
program: at every second degree the cells of a grid that GEOS says are covered, and the largest run of them by a histogram. Its
time is scaled to all parcels; the line says so. The shares of area say how near both come to each other.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import shapely
from shapely import affinity

from parkgeo.metrics.rectangle import largest_rectangles

ANGLES, CELLS = 45, 40


def parcels(count: int, *, seed: int = 3) -> list[shapely.Polygon]:
    """Turned blocks of 40 m to 300 m, most of them cut at a corner or two, some along a bent edge, some with a hole."""
    rng = np.random.default_rng(seed)
    made = []
    while len(made) < count:
        wide, deep = rng.uniform(40, 300, 2)
        shape = shapely.Polygon(
            [(0, 0), (wide, rng.uniform(-9, 9)), (wide + rng.uniform(-9, 9), deep), (0, deep)]
        )
        for _ in range(rng.integers(0, 3)):
            x, y = rng.choice([0, wide]), rng.choice([0, deep])
            cut = shapely.box(x - wide / 4, y - deep / 5, x + wide / 4, y + deep / 5)
            shape = shape.difference(affinity.rotate(cut, rng.uniform(-20, 20)))
        if rng.random() < 0.2:
            shape = shape.difference(shapely.Point(wide / 2, deep / 2).buffer(rng.uniform(3, 15), 4))
        shape = affinity.translate(affinity.rotate(shape, rng.uniform(0, 180)), 40_500_000, 3_400_000)
        if shape.geom_type == "Polygon":
            made.append(shape)
    return made


def by_grid(shape: shapely.Polygon) -> float:
    """Largest run of covered cells over all angles, m²."""
    best, middle = 0.0, shape.centroid
    for turn in np.arange(ANGLES) * 90 / ANGLES:
        turned = affinity.rotate(shape, -turn, origin=middle)
        left, low, right, high = turned.bounds
        xs, ys = np.linspace(left, right, CELLS + 1), np.linspace(low, high, CELLS + 1)
        shapely.prepare(turned)
        inside = shapely.covers(
            turned, shapely.box(*np.meshgrid(xs[:-1], ys[:-1]), *np.meshgrid(xs[1:], ys[1:]))
        )
        best = max(best, _run(inside) * (xs[1] - xs[0]) * (ys[1] - ys[0]))
    return best


def _run(inside: np.ndarray) -> int:
    height, most = np.zeros(inside.shape[1], dtype=int), 0
    for row in inside:
        height = (height + 1) * row
        least = height
        for wide in range(len(height)):
            least = least if wide == 0 else np.minimum(least[:-1], height[wide:])
            most = max(most, int(least.max()) * (wide + 1))
    return most


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    compared = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    shapes = parcels(count)
    begin = time.perf_counter()
    found = largest_rectangles(np.array(shapes, dtype=object)).area_m2
    ours = time.perf_counter() - begin
    print(f"parkgeo: {count} parcels in {ours:.1f} s, {ours / count * 1000:.2f} ms each")
    begin = time.perf_counter()
    grid = np.array([by_grid(shape) for shape in shapes[:compared]])
    theirs = (time.perf_counter() - begin) / compared * count
    print(
        f"grid of {CELLS} × {CELLS} at {ANGLES} angles: {theirs:.0f} s, scaled from {compared}: {theirs / ours:.0f} times as long"
    )
    share = grid / found[:compared]
    print(f"area by the grid ÷ ours: mean {share.mean():.3f}, most {share.max():.3f}")


if __name__ == "__main__":
    main()
