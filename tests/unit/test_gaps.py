"""The table of gaps: whatever is missing, each row once as it was told, in the order of its texts."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.gaps import field_gaps, gaps_frame, parcel_gaps

TEXT = st.sampled_from(["", "a", "B", "é", "宗", "宗地", "𠀀"])
ROW = st.tuples(TEXT, st.none() | TEXT, TEXT, TEXT, TEXT)
COLUMNS = ["table", "parcel_id", "field", "ask_zh", "ask_en"]


@given(st.lists(ROW, max_size=6), st.lists(st.lists(ROW, max_size=4), max_size=3))
def test_rows_and_frames_in_one_order(rows, frames):
    told = [(table, parcel, field, {"zh": zh, "en": en}) for table, parcel, field, zh, en in rows]
    made = [pd.DataFrame(own, columns=COLUMNS, dtype=kind) for own, kind in zip(frames, ("str", object, "str"), strict=False)]  # fmt: skip
    later = [lambda frame=frame: frame for frame in made]
    every = [*rows, *(row for own in frames for row in own)]
    expected = sorted(every, key=lambda row: (row[0], row[1] is not None, row[1] or "", *row[2:]))
    for frame in (gaps_frame([*told, *made]), gaps_frame([*later, *told])):
        assert frame.columns.tolist() == COLUMNS
        assert (frame.dtypes == "str").all()
        found = frame.astype(object).where(frame.notna(), None)
        assert list(found.itertuples(index=False, name=None)) == expected


def test_a_field_of_all_parcels_stands_before_those_of_one():
    ids = pd.Series(["p", "q"])
    frame = gaps_frame([parcel_gaps(ids, (ids == "q").to_numpy(), "far", "The layer {layer} is missing."), *field_gaps("far", "Ask.")])  # fmt: skip
    assert frame["parcel_id"].fillna("-").tolist() == ["-", "q"]
