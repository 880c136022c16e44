"""The overlay of parcels and buildings: by hand, by geopandas, and by laws."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.affinity import scale, translate

from parkgeo.metrics import coverage
from tests.builders import CRS, l_shape, land, rect, with_hole


def areas(parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[float]:
    return coverage(parcels.geometry, buildings.geometry).per_parcel(parcels).tolist()


def by_overlay(parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> np.ndarray:
    """The same from geopandas: overlay, then groupby."""
    left = gpd.GeoDataFrame({"at": range(len(parcels))}, geometry=parcels.geometry.array, crs=parcels.crs)
    right = gpd.GeoDataFrame(
        {"of": range(len(buildings))}, geometry=buildings.geometry.array, crs=buildings.crs
    )
    left, right = (frame[~(frame.geometry.is_empty | frame.geometry.isna())] for frame in (left, right))
    pieces = gpd.overlay(left, right, how="intersection", keep_geom_type=True)
    return pieces.area.groupby(pieces["at"]).sum().reindex(range(len(parcels)), fill_value=0.0).to_numpy()


def test_a_building_inside_counts_whole():
    assert areas(land([rect(0, 0, 20, 10)]), land([rect(2, 2, 5, 4)])) == [20.0]


def test_a_building_across_an_edge_counts_by_part():
    parcels = land([rect(0, 0, 10, 10), rect(10, 0, 10, 10)])
    assert areas(parcels, land([rect(7, 0, 10, 10)])) == [30.0, 70.0]


def test_a_building_over_the_whole_parcel_counts_the_parcel():
    assert areas(land([rect(0, 0, 10, 10)]), land([rect(-5, -5, 40, 40)])) == [100.0]


def test_holes_are_left_out():
    assert areas(land([with_hole(0, 0, 10, 4)]), land([rect(0, 0, 10, 10)])) == [84.0]
    assert areas(land([rect(0, 0, 10, 10)]), land([with_hole(0, 0, 10, 4)])) == [84.0]
    assert areas(land([with_hole(0, 0, 10, 4)]), land([rect(4, 4, 2, 2)])) == [0.0]


def test_notches_are_left_out():
    assert areas(land([l_shape(0, 0, 10)]), land([rect(0, 0, 10, 10)])) == [75.0]
    assert areas(land([rect(5, 5, 10, 10)]), land([l_shape(0, 0, 10)])) == [0.0]


def test_parts_are_added():
    both = MultiPolygon([rect(0, 0, 2, 2), rect(8, 8, 4, 4)])
    assert areas(land([rect(0, 0, 10, 10)]), land([both])) == [8.0]
    assert areas(land([both]), land([rect(0, 0, 10, 10)])) == [8.0]


def test_touching_shares_nothing():
    cover = coverage(
        land([rect(0, 0, 10, 10)]).geometry, land([rect(10, 0, 5, 5), rect(10, 10, 1, 1)]).geometry
    )
    assert cover.parcel.size == cover.building.size == cover.area_m2.size == 0


def test_buildings_that_overlap_count_each_for_itself():
    assert areas(land([rect(0, 0, 10, 10)]), land([rect(0, 0, 4, 4), rect(0, 0, 4, 4)])) == [32.0]


def test_null_empty_and_other_shapes_cover_nothing():
    buildings = land([None, Polygon(), LineString([(0, 0), (9, 9)]), Point(1, 1), rect(0, 0, 2, 2)])
    cover = coverage(land([rect(0, 0, 10, 10), None, Polygon()]).geometry, buildings.geometry)
    assert cover.building.tolist() == [4]
    assert cover.parcel.tolist() == [0]
    assert cover.area_m2.tolist() == [4.0]


def test_pairs_are_sorted_by_parcel():
    parcels = land([rect(x, 0, 10, 10) for x in range(0, 100, 10)])
    cover = coverage(parcels.geometry, land([rect(5, 0, 90, 5), rect(0, 5, 100, 5)]).geometry)
    assert (np.diff(cover.parcel) >= 0).all()


def test_weight_and_its_gaps():
    parcels = land([rect(0, 0, 10, 10), rect(20, 0, 10, 10), rect(40, 0, 10, 10)])
    buildings = land([rect(0, 0, 2, 2), rect(5, 5, 1, 1), rect(20, 0, 3, 3)])
    cover = coverage(parcels.geometry, buildings.geometry)
    assert cover.per_parcel(parcels, np.array([2.0, 10.0, 0.0])).tolist() == [18.0, 0.0, 0.0]
    assert np.isnan(cover.per_parcel(parcels, np.array([2.0, np.nan, 0.0]))).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("one", "other"), [(None, None), (4490, 4490), (CRS, 4549), (CRS, None), (None, CRS)]
)
def test_needs_one_projected_system(one, other):
    with pytest.raises(ValueError, match="projected"):
        coverage(gpd.GeoSeries([rect(0, 0, 1, 1)], crs=one), gpd.GeoSeries([rect(0, 0, 1, 1)], crs=other))


@pytest.mark.parametrize(("parcels", "buildings"), [(0, 0), (0, 2), (2, 0)])
def test_nothing_covers_nothing(parcels, buildings):
    given_parcels = land([rect(0, 0, 1, 1)] * parcels)
    assert areas(given_parcels, land([rect(0, 0, 1, 1)] * buildings)) == [0.0] * parcels


def test_what_was_given_stays_as_it_was():
    parcels = land([rect(0, 0, 10, 10), rect(10, 0, 10, 10)], name=["a", "b"])
    buildings = land([rect(1, 1, 2, 2), rect(9, 1, 2, 2), rect(4, 4, 2, 2)])
    before = parcels.copy(deep=True), buildings.copy(deep=True)
    shapely.prepare(parcels.geometry.array[0])
    coverage(parcels.geometry, buildings.geometry)
    pd.testing.assert_frame_equal(parcels, before[0])
    pd.testing.assert_frame_equal(buildings, before[1])
    # What the caller prepared stays so, what was prepared here is released.
    assert shapely.is_prepared(np.asarray(parcels.geometry.array, dtype=object)).tolist() == [True, False]


def layout(seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Parcels on a bent grid and turned buildings of every awkward kind."""
    rng = np.random.default_rng(seed)
    nodes = np.stack(np.meshgrid(np.arange(6), np.arange(6), indexing="ij"), axis=-1) * 40.0
    nodes = nodes + rng.uniform(-6, 6, nodes.shape) + [40_500_000.0, 3_500_000.0]
    cells = [
        Polygon([nodes[i, j], nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]])
        for i in range(5)
        for j in range(5)
    ]
    cells[3] = cells[3].difference(cells[3].centroid.buffer(6))
    cells[4] = MultiPolygon([cells[4], cells[24]])
    cells[7] = cells[8]
    shapes = []
    for _ in range(80):
        centre = Point(np.add(rng.uniform(-10, 210, 2), (40_500_000.0, 3_500_000.0)))
        block = shapely.affinity.rotate(
            centre.buffer(rng.uniform(2, 15), cap_style="square"), rng.uniform(0, 90)
        )
        shapes.append(block.difference(block.centroid.buffer(1.5)) if rng.random() < 0.2 else block)
    shapes += [
        cells[0],
        cells[1],
        MultiPolygon([shapes[0], translate(shapes[1], 500, 0)]),
        None,
        Polygon(),
        shapes[2],
    ]
    return land(cells), land(shapes)


@pytest.mark.parametrize("seed", range(8))
def test_equals_geopandas_overlay(seed):
    parcels, buildings = layout(seed)
    np.testing.assert_allclose(areas(parcels, buildings), by_overlay(parcels, buildings), rtol=0, atol=1e-6)


SEEDS = st.integers(0, 10_000)


@given(SEEDS, st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_moving_both_changes_nothing(seed, east, north):
    parcels, buildings = layout(seed)
    moved = [
        land([shape and translate(shape, east, north) for shape in frame.geometry])
        for frame in (parcels, buildings)
    ]
    np.testing.assert_allclose(areas(*moved), areas(parcels, buildings), atol=1e-4)


@given(SEEDS, st.integers(2, 5))
def test_scaling_by_k_gives_k_squared(seed, k):
    parcels, buildings = layout(seed)
    bigger = [
        land([shape and scale(shape, k, k, origin=(40_500_000, 3_500_000)) for shape in frame.geometry])
        for frame in (parcels, buildings)
    ]
    np.testing.assert_allclose(areas(*bigger), k**2 * np.array(areas(parcels, buildings)), atol=1e-3)


@given(SEEDS, st.randoms(use_true_random=False))
def test_order_changes_nothing(seed, random):
    parcels, buildings = layout(seed)
    rows = random.sample(range(len(parcels)), len(parcels))
    others = random.sample(range(len(buildings)), len(buildings))
    mixed = areas(parcels.iloc[rows].reset_index(drop=True), buildings.iloc[others].reset_index(drop=True))
    np.testing.assert_allclose(mixed, np.array(areas(parcels, buildings))[rows], atol=1e-6)


@given(SEEDS)
def test_splitting_a_parcel_keeps_the_total(seed):
    parcels, buildings = layout(seed)
    west, south, east, north = parcels.total_bounds
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    split = land([shape.intersection(half) for half in halves for shape in parcels.geometry])
    parts = np.array(areas(split, buildings)).reshape(2, -1).sum(axis=0)
    np.testing.assert_allclose(parts, areas(parcels, buildings), atol=1e-5)
