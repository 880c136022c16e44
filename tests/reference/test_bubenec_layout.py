"""Layout of Prague's Bubeneč held against momepy: shape, direction, blocks, junctions and mix, on momepy's own data.

Source: ``bubenec.gpkg`` of pysal/momepy (BSD-3), as in `test_bubenec`. What momepy calls otherwise is brought to one measure: its
square compactness is 16 A ÷ P², ours 4π A ÷ P²; its orientation is the deviation from the nearest cardinal direction. Effective mesh
size and the spread of directions momepy has not: those are computed here by loops over its figures. The least rectangle momepy takes
from GEOS, which loses its fourth digit where coordinates are millions of metres: it is given the shapes near the origin.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from parkgeo.metrics.layout import (
    blocks_between,
    compactness,
    dividing_lines,
    effective_mesh,
    entropy,
    group_areas,
    junction_counts,
    least_rectangles,
    orientation_spread,
    patches,
    rectangularity,
    shares,
)
from parkgeo.metrics.network.noding import road_graph

if TYPE_CHECKING:
    from types import ModuleType

DATA = Path(__file__).parents[3] / "shared" / "data" / "bubenec" / "bubenec.gpkg"
pytestmark = pytest.mark.skipif(
    not DATA.is_file(), reason=f"needs momepy's {DATA.name} in shared/data beside the checkout"
)
CLOSE = {"rtol": 1e-6, "atol": 1e-6}


@pytest.fixture(scope="module")
def momepy() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its own imports warn of is not ours
        return pytest.importorskip("momepy", reason="needs momepy")


@pytest.fixture(scope="module", params=["buildings", "plots", "tessellation"])
def shapes(request: pytest.FixtureRequest) -> gpd.GeoDataFrame:
    return gpd.read_file(DATA, layer=request.param)


@pytest.fixture(scope="module")
def buildings() -> gpd.GeoDataFrame:
    return gpd.read_file(DATA, layer="buildings")


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    roads = gpd.read_file(DATA, layer="streets")
    return roads.assign(road_id=[str(at) for at in range(len(roads))])


@pytest.fixture(scope="module")
def park() -> shapely.Geometry:
    return shapely.box(*gpd.read_file(DATA, layer="tessellation").total_bounds)


def near_the_origin(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Each shape with its south-west corner at 0, 0."""
    moved = [
        shapely.transform(shape, lambda points, corner=shape.bounds[:2]: points - np.array(corner))
        for shape in layer.geometry
    ]
    return layer.set_geometry(gpd.GeoSeries(moved, crs=layer.crs, index=layer.index))


def test_compactness(momepy, shapes):
    expected = momepy.square_compactness(shapes) * np.pi / 4
    assert len(expected) > 100
    np.testing.assert_allclose(compactness(shapes.geometry), expected, **CLOSE)


def test_rectangularity(momepy, shapes):
    np.testing.assert_allclose(
        rectangularity(shapes.geometry), momepy.rectangularity(near_the_origin(shapes)), **CLOSE
    )


def test_direction_of_buildings(momepy, buildings):
    """Around two of the buildings two rectangles are equally small, and each program takes its own."""
    moved = near_the_origin(buildings)
    found = least_rectangles(np.asarray(buildings.geometry.array, dtype=object))
    np.testing.assert_allclose(
        found.area_m2, shapely.area(shapely.minimum_rotated_rectangle(moved.geometry.array)), rtol=1e-9
    )
    apart = np.abs(np.abs((found.azimuth + 45) % 90 - 45) - momepy.orientation(moved).to_numpy())
    assert (apart > 1e-6).sum() <= 2


def test_spread_of_directions_by_a_loop(buildings):
    drawn = np.asarray(buildings.geometry.array, dtype=object)
    azimuth, area = least_rectangles(drawn).azimuth, shapely.area(drawn)
    total = sum(
        weight * complex(np.cos(np.radians(4 * angle)), np.sin(np.radians(4 * angle)))
        for weight, angle in zip(area.tolist(), azimuth.tolist(), strict=True)
    )
    found = orientation_spread(azimuth, area, np.zeros(len(drawn), dtype=np.intp), 1)
    assert found[0] == pytest.approx(1 - abs(total) / area.sum(), rel=1e-9)
    assert 0.1 < found[0] < 0.9


def test_blocks_are_momepys_enclosures(momepy, streets, park):
    limit = gpd.GeoSeries([park], crs=streets.crs)
    expected = momepy.enclosures(streets, limit=limit, clip=True)
    graph, _ = road_graph(
        streets, by_vertex=np.zeros(len(streets), dtype=bool), snap_m=0.01, near_miss_m=0.0, join=False
    )
    lines = dividing_lines(graph, np.ones(graph.edges, dtype=bool))
    found = blocks_between(lines, np.array([park], dtype=object)).shapes
    assert len(found) == len(expected) > 5
    np.testing.assert_allclose(np.sort(shapely.area(found)), np.sort(expected.area), **CLOSE)


def test_junctions_are_momepys_nodes_of_three_streets(momepy, streets):
    known = momepy.node_degree(momepy.gdf_to_nx(streets, approach="primal"))
    expected = sum(1 for _, degree in known.nodes(data="degree") if degree >= 3)
    graph, _ = road_graph(
        streets, by_vertex=np.zeros(len(streets), dtype=bool), snap_m=0.01, near_miss_m=0.0, join=False
    )
    everywhere = np.array([shapely.box(*streets.total_bounds).buffer(1)], dtype=object)
    assert junction_counts(graph, np.ones(graph.edges, dtype=bool), everywhere).tolist() == [expected]
    assert expected > 5


def test_mix_is_momepys_shannon_diversity(momepy):
    """One piece of ground for each square metre of a group, so that its index of counts is ours of areas."""
    counts = [50, 30, 0, 15, 5]
    every = np.repeat(np.arange(5), counts)
    expected = momepy.shannon_diversity(pd.Series(every), categorical=True, categories=range(5)) / np.log(5)
    one = np.zeros(len(every), dtype=np.intp)
    found = entropy(shares(group_areas(np.ones(len(every)), every, one, groups=5, owners=1)))
    assert found[0] == pytest.approx(expected, rel=1e-6)


def test_effective_mesh_of_the_plots_by_a_loop():
    plots = gpd.read_file(DATA, layer="plots")
    area = plots.area.to_numpy()
    expected = sum(each * each for each in area.tolist()) / sum(area.tolist())
    nobody = np.full(len(plots), -1, dtype=np.intp)
    patch = patches(np.asarray(plots.geometry.array, dtype=object), nobody, touching_m=1.0)
    found = effective_mesh(area, patch, np.zeros(len(plots), dtype=np.intp), owners=1)
    assert found[0] == pytest.approx(expected, rel=1e-12)
    # All in one hand: what lies together is one patch, as geopandas merges it.
    together = plots.buffer(0.5).union_all()
    alone = np.zeros(len(plots), dtype=np.intp)
    patch = patches(np.asarray(plots.geometry.array, dtype=object), alone, touching_m=1.0)
    assert patch.max() + 1 == len(shapely.get_parts(together))
