"""Moran's I, local Moran and Getis-Ord G* against libpysal and esda, on the data of Columbus and St Louis that come with libpysal.

Reference figures (Queen, row-standardised, `weights.Queen` and `esda.Moran`): CRIME 0.500189, HOVAL 0.180093, INC 0.415629.
"""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pytest

from parkgeo.metrics.agglomeration.clusters import getis_ord_star, global_moran, local_moran
from parkgeo.metrics.agglomeration.permutation import adjusted_p
from parkgeo.metrics.agglomeration.weights import neighbours
from tests.office import shared_data

FILE = shared_data() / "pysal" / "columbus" / "columbus.shp"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the shared data is not beside the checkout")

MORAN = {"CRIME": 0.500189, "HOVAL": 0.180093, "INC": 0.415629}


@pytest.fixture(scope="module")
def columbus():
    return gpd.read_file(FILE)


@pytest.fixture(scope="module")
def near(columbus):
    return neighbours(np.asarray(columbus.geometry.array, dtype=object))


@pytest.fixture(scope="module")
def pysal(columbus):
    """esda, and libpysal's own Queen weights."""
    esda, libpysal = pytest.importorskip("esda"), pytest.importorskip("libpysal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = libpysal.weights.Queen.from_dataframe(columbus, use_index=False)
    weights.transform = "R"
    return esda, weights


@pytest.mark.parametrize(("name", "expected"), MORAN.items())
def test_global_moran_is_the_published_figure(columbus, near, name, expected):
    assert global_moran(columbus[name].to_numpy(dtype=float), near).statistic == pytest.approx(
        expected, abs=5e-7
    )


def test_neighbours_are_libpysals(near, pysal):
    _, weights = pysal
    ours = {at: set(near.other[near.at == at].tolist()) for at in range(near.count)}
    assert ours == {at: set(own) for at, own in weights.neighbors.items()}


@pytest.mark.parametrize("name", MORAN)
def test_global_moran_and_its_chance_are_esdas(columbus, near, pysal, name):
    esda, weights = pysal
    values = columbus[name].to_numpy(dtype=float)
    theirs, ours = esda.Moran(values, weights, permutations=0), global_moran(values, near)
    np.testing.assert_allclose(ours, [theirs.I, theirs.EI, theirs.z_rand, theirs.p_rand], rtol=1e-9)


@pytest.mark.parametrize("name", MORAN)
def test_local_moran_is_esdas(columbus, near, pysal, name):
    esda, weights = pysal
    values = columbus[name].to_numpy(dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = esda.Moran_Local(values, weights, permutations=9999, seed=1, n_jobs=1)
    ours = local_moran(values, near, alpha=0.05, permutations=9999, seed=1)
    np.testing.assert_allclose(ours.statistic, theirs.Is, rtol=1e-9, atol=1e-12)
    # esda's pseudo p is one-sided by default, ours two-sided; each is drawn, so they are close and not equal.
    np.testing.assert_allclose(np.minimum(1, 2 * theirs.p_sim), ours.p, atol=0.03)
    quadrant = np.where(ours.adjusted_p <= 0.05, ours.cluster, 4)
    theirs_kind = np.array([0, 3, 1, 2])[theirs.q - 1]
    told = quadrant < 4
    assert (quadrant[told] == theirs_kind[told]).all()


@pytest.mark.parametrize("name", MORAN)
def test_getis_ord_star_is_esdas(columbus, near, pysal, name):
    """With binary weights: its variance of row-standardised ones is that of a single neighbour, ours that of Ord and Getis for either."""
    esda, weights = pysal
    values = columbus[name].to_numpy(dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = esda.G_Local(values, weights, transform="B", star=True, permutations=0)
    np.testing.assert_allclose(getis_ord_star(values, near), theirs.Zs, rtol=1e-9, atol=1e-12)


def test_adjusted_p_calls_the_same_significant_as_esdas_fdr(pysal):
    esda, _ = pysal
    p = np.random.default_rng(3).uniform(size=200) ** 3
    limit = esda.fdr(p, 0.05)
    assert (p <= limit).sum() > 5
    np.testing.assert_array_equal(adjusted_p(p) <= 0.05, p <= limit)
