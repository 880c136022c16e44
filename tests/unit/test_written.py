"""Days, figures and sentences as Arrow columns of text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.wording import figure_texts
from parkgeo.assess.written import chosen, days_written, figures_written, sentences_written, text_column
from parkgeo.metrics.ids import parcel_places, places, present

NUMBERS = st.floats(min_value=-1e12, max_value=1e12) | st.floats(min_value=-2000, max_value=2000)


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.integers(min_value=0, max_value=3))
def test_figures_are_those_of_the_other_wording(values, digits):
    # Both round; here to the nearest, so numbers that are round already must be written the same.
    rounded = np.round(np.array(values), digits) + 0.0
    assert figures_written(rounded, digits=digits).to_pylist() == figure_texts(rounded, "en", digits=digits)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.05, "0.05"),
        (-0.5, "-0.5"),
        (999.999, "1,000"),
        (1000.0, "1,000"),
        (1_000_000.1, "1,000,000.1"),
        (-1_002_003.25, "-1,002,003.25"),
        (float("nan"), "—"),
    ],
)
def test_a_figure(value, text):
    assert figures_written(np.array([value, 7.0]), digits=2).to_pylist() == [text, "7"]


def test_a_figure_beyond_what_a_float_tells_apart():
    values = np.array([1e22, 2.5])
    assert figures_written(values, digits=1).to_pylist() == ["10,000,000,000,000,000,000,000", "2.5"]


def test_days_and_no_day():
    days = np.array(["2024-02-29", "NaT", "0999-01-01"], dtype="datetime64[D]")
    assert days_written(days).to_pylist() == ["2024-02-29", "—", "0999-01-01"]


def test_each_row_has_its_own_sentence_and_one_without_a_case_none():
    case = np.array([1, -1, 0, 1])
    columns = [{}, {"a": pa.array(["x", "y{b}"]), "b": "%s"}]
    texts = sentences_written(["plain 100 %", "{a}: {b}"], case, "en", columns)
    assert texts.to_pylist() == ["x: %s", None, "plain 100 %", "y{b}: %s"]


def test_no_rows():
    assert sentences_written(["{a}"], np.array([], dtype=int), "en", [{"a": pa.array([])}]).to_pylist() == []


def test_a_text_column_is_as_pandas_makes_it():
    column = pd.Series(text_column(chosen(("a", None), np.array([0, 1, 0]))))
    pd.testing.assert_series_equal(column, pd.Series(["a", None, "a"], dtype="str"))


@pytest.mark.parametrize("dtype", [object, "str"])
def test_where_ids_are_among_others(dtype):
    ids, others = pd.Series(["b", "x", "a"], dtype=dtype), pd.Series(["a", "b", "b"], dtype=dtype)
    assert places(ids, others).tolist() == [1, -1, 0]
    assert present(ids, others).tolist() == [True, False, True]


_IDS = st.sampled_from(["a", "b", "c", "d", "e"])


@given(st.lists(st.none() | _IDS, max_size=9), st.lists(st.none() | _IDS, max_size=9))
def test_places_are_the_first_of_several_whichever_column_is_longer(ids, others):
    expected = [others.index(each) if each is not None and each in others else -1 for each in ids]
    assert places(pd.Series(ids, dtype="str"), pd.Series(others, dtype="str")).tolist() == expected


@given(st.permutations(["a", "b", "c"]), st.lists(_IDS, max_size=9), st.integers(0, 3))
def test_rows_in_the_order_of_parcels_have_the_same_places(parcel_ids, more, times):
    parcels = pd.Series(parcel_ids, dtype=object)
    for ids in (parcel_ids * times, more, [*parcel_ids, *more], [None, *parcel_ids[1:]]):
        column = pd.Series(ids, dtype=object)
        assert parcel_places(column, parcels).tolist() == places(column, parcels).tolist()
