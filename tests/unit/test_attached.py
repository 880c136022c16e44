"""Rows beside their parcels: counted, added and found by position as pandas does it by id."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.attached import attached

PARCELS = pd.DataFrame({"parcel_id": ["a", "b", "c"]})
rows = st.lists(st.tuples(st.sampled_from(["a", "b", "c", "x", None]), st.sampled_from([1.0, 2.5, np.nan])), max_size=12)  # fmt: skip


@given(rows=rows)
def test_as_by_id(rows):
    table = pd.DataFrame(rows, columns=["parcel_id", "area"]).astype({"parcel_id": object, "area": float})
    held = attached(table, PARCELS)
    by_id = table.groupby("parcel_id")["area"]
    ids = PARCELS["parcel_id"]
    assert held.count(3).tolist() == ids.map(by_id.size()).fillna(0).tolist()
    assert held.total(table["area"].to_numpy(), 3).tolist() == ids.map(by_id.sum()).fillna(0).tolist()
    for at, name in enumerate(ids):
        assert held.of(at).tolist() == np.flatnonzero(table["parcel_id"] == name).tolist()


@given(rows=rows, seed=st.integers(0, 9))
def test_some_of_the_rows_keep_their_parcels(rows, seed):
    table = pd.DataFrame(rows, columns=["parcel_id", "area"]).astype({"parcel_id": object, "area": float})
    some = np.random.default_rng(seed).random(len(table)) < 0.5
    kept, again = attached(table, PARCELS).where(some), attached(table[some], PARCELS)
    assert kept.place.tolist() == again.place.tolist()
    assert kept.rows["parcel_id"].tolist() == again.rows["parcel_id"].tolist()


def test_what_was_looked_up_is_not_looked_up_again():
    held = attached(pd.DataFrame({"parcel_id": ["b"]}), PARCELS)
    assert attached(held, PARCELS.iloc[::-1]) is held
