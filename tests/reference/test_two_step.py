"""Two-step floating catchment areas against the figures of the library access (PySAL) on its own example.

Demand ``pop`` and supply ``doc`` of three tracts, minutes between them, a catchment of 61: `two_sfca_tracts.csv`, `two_sfca_cost.csv`;
its answers are `ref_access_2sfca.csv`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parkgeo.metrics.access import enhanced_two_step, two_step
from tests.office import shared_data

FOLDER = shared_data() / "pysal"
pytestmark = pytest.mark.skipif(
    not (FOLDER / "ref_access_2sfca.csv").is_file(), reason="the shared data is not beside the checkout"
)


@pytest.fixture(scope="module")
def example():
    tracts = pd.read_csv(FOLDER / "two_sfca_tracts.csv").set_index("geoid")
    cost = pd.read_csv(FOLDER / "two_sfca_cost.csv")
    owner, facility = (tracts.index.get_indexer(cost[name]) for name in ("origin", "dest"))
    return (
        facility, owner, cost["cost"].to_numpy(dtype=float), tracts["doc"].to_numpy(dtype=float), tracts["pop"].to_numpy(dtype=float),
        np.ones(len(tracts), dtype=bool),
    )  # fmt: skip


def test_three_tracts(example):
    found = two_step(*example, within_min=61).access
    np.testing.assert_allclose(found, [0.761364, 0.958333, 1.094697], atol=5e-7)
    reference = pd.read_csv(FOLDER / "ref_access_2sfca.csv")["2sfca_doc"]
    np.testing.assert_allclose(found, reference, rtol=1e-14)


def test_all_doctors_are_shared_out(example):
    found = two_step(*example, within_min=61).access
    assert (found * example[4]).sum() == pytest.approx(example[3].sum())


def test_one_band_of_full_weight_is_the_plain_measure(example):
    plain = two_step(*example, within_min=61)
    banded = enhanced_two_step(*example, steps_min=(30, 61), weights=(1, 1))
    np.testing.assert_array_equal(plain.access, banded.access)
