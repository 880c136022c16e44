"""Which park a parcel belongs to."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.metrics.membership import park_of
from tests.builders import land, rect

WEST, EAST = rect(0, 0, 100, 100), rect(100, 0, 100, 100)
PARKS = land([WEST, EAST], park_id=["w", "e"])
ONE = land([WEST], park_id=["w"])


@pytest.mark.parametrize(
    ("shape", "park"),
    [
        (rect(10, 10, 20, 20), "w"),
        (rect(110, 10, 20, 20), "e"),
        (rect(95, 10, 20, 20), "e"),  # a quarter west, the rest east
        (rect(85, 10, 20, 20), "w"),
        (rect(-50, 10, 20, 20), "w"),  # outside both: the nearest
        (rect(250, 10, 20, 20), "e"),
    ],
)
def test_the_park_that_holds_most_of_it_else_the_nearest(shape, park):
    assert park_of(land([shape]), PARKS).tolist() == [park]


def test_of_equal_halves_the_last_by_id_whatever_the_order():
    halves = land([rect(90, 10, 20, 20)])
    assert park_of(halves, PARKS).tolist() == park_of(halves, PARKS.iloc[::-1]).tolist() == ["w"]


def test_as_stated_where_there_is_such_a_park():
    inside_west = [rect(10, 10, 5, 5)] * 4
    stated = land(inside_west, park_id=["e", "gone", None, float("nan")])
    assert park_of(stated, PARKS).tolist() == ["e", "w", "w", "w"]


def test_one_park_holds_all():
    parcels = land([rect(500, 500, 5, 5), rect(1, 1, 5, 5)], park_id=["gone", "w"])
    assert park_of(parcels, ONE).tolist() == ["w", "w"]
    assert park_of(parcels.drop(columns="park_id"), ONE).tolist() == ["w", "w"]


@pytest.mark.parametrize("parks", [PARKS, ONE])
def test_index_name_and_input(parks):
    parcels = land([rect(1, 1, 5, 5), rect(120, 1, 5, 5)]).set_axis(pd.Index([4, 9]))
    before = parcels.copy(deep=True), parks.copy(deep=True)
    found = park_of(parcels, parks)
    assert found.index.tolist() == [4, 9]
    assert found.name == "park_id"
    pd.testing.assert_frame_equal(parcels, before[0])
    pd.testing.assert_frame_equal(parks, before[1])
    assert park_of(parcels.iloc[:0], parks).empty


@given(
    st.lists(st.tuples(st.integers(-5, 25), st.integers(-5, 12)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_order_of_parcels_and_parks_changes_nothing(corners, random):
    # On a grid of tens, so that equal halves and touching edges are common.
    parcels = land(
        [rect(10 * x, 10 * y, 20, 20) for x, y in corners], parcel_id=[str(at) for at in range(len(corners))]
    )
    parks = land([WEST, EAST, rect(0, 100, 200, 50)], park_id=["w", "e", "n"])
    parcels = parcels[parcels.intersects(parks.union_all())]
    rows = random.sample(range(len(parcels)), len(parcels))
    before = park_of(parcels, parks)
    after = park_of(parcels.iloc[rows], parks.iloc[random.sample(range(3), 3)])
    pd.testing.assert_series_equal(before.iloc[rows], after)
