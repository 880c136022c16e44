"""Companies' yearly figures on the parcels they occupy."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.metrics.performance import Attribution, attribute_performance, latest_year

NAN = float("nan")
YEAR = 2025
MEASURES = ("output_wan", "tax_wan")


def occupancy(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of company, parcel, area, from, to; what is left out is blank."""
    names = ("enterprise_id", "parcel_id", "occupied_area_m2", "from_on", "to_on")
    frame = pd.DataFrame([dict(zip(names, row, strict=False)) for row in rows], columns=list(names))
    frame["occupied_area_m2"] = frame["occupied_area_m2"].astype("float64")
    for name in ("from_on", "to_on"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def returns(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of company, output, tax, year, month."""
    names = ("enterprise_id", "output_wan", "tax_wan", "year", "month")
    frame = pd.DataFrame(
        [{"year": YEAR, **dict(zip(names, row, strict=False))} for row in rows], columns=list(names)
    )
    return frame.astype(dict.fromkeys(names[1:], "float64"))


def split(where: pd.DataFrame, what: pd.DataFrame) -> Attribution:
    return attribute_performance(where, what, year=YEAR, measures=MEASURES)


def test_a_company_on_one_parcel_gives_it_all():
    found = split(occupancy(("e", "a", NAN)), returns(("e", 300, 30)))
    assert found.parcels.loc["a"].tolist() == [300.0, 30.0]
    assert found.unattributed.tolist() == [0.0, 0.0]
    assert found.reasons.empty


def test_area_splits():
    found = split(occupancy(("e", "a", 100), ("e", "b", 300)), returns(("e", 400, 40)))
    assert found.parcels["output_wan"].to_dict() == {"a": 100.0, "b": 300.0}
    assert found.parcels["tax_wan"].to_dict() == {"a": 10.0, "b": 30.0}


def test_time_splits_too():
    # Half the area for the whole year against the same area for 73 of 365 days: five to one.
    rows = occupancy(("e", "a", 100, "2020-01-01", None), ("e", "b", 100, "2025-10-20", "2026-05-01"))
    assert split(rows, returns(("e", 600, 60))).parcels["output_wan"].tolist() == pytest.approx(
        [500.0, 100.0]
    )


@pytest.mark.parametrize(
    ("from_on", "to_on"), [("2026-01-01", None), (None, "2024-12-31"), ("2025-06-01", "2025-05-01")]
)
def test_who_was_not_there_in_the_year_does_not_count(from_on, to_on):
    rows = occupancy(("e", "a", 100), ("e", "b", 100, from_on, to_on))
    found = split(rows, returns(("e", 600, 60)))
    assert found.parcels["output_wan"].to_dict() == {"a": 600.0}


@pytest.mark.parametrize(("from_on", "to_on"), [("2025-12-31", None), (None, "2025-01-01")])
def test_a_single_day_counts(from_on, to_on):
    rows = occupancy(("e", "a", 100), ("e", "b", 100, from_on, to_on))
    assert split(rows, returns(("e", 366, 0))).parcels["output_wan"].tolist() == pytest.approx([365.0, 1.0])


def test_companies_on_a_parcel_add_up():
    found = split(occupancy(("e", "a", 1), ("f", "a", 5)), returns(("e", 100, 1), ("f", 50, 2)))
    assert found.parcels.loc["a"].tolist() == [150.0, 3.0]


def test_one_without_a_return_makes_the_parcel_missing_and_says_why():
    found = split(occupancy(("e", "a", 1), ("f", "a", 5)), returns(("e", 100, 1)))
    assert found.parcels.loc["a"].isna().all()
    assert set(found.reasons.itertuples(index=True, name=None)) == {
        ("a", "f", "output_wan", "no_return"), ("a", "f", "tax_wan", "no_return"),
    }  # fmt: skip


def test_one_measure_may_be_known_and_another_not():
    found = split(occupancy(("e", "a", 1)), returns(("e", 100, NAN)))
    assert found.parcels["output_wan"].tolist() == [100.0]
    assert found.parcels["tax_wan"].isna().tolist() == [True]
    assert found.reasons["measure"].tolist() == ["tax_wan"]


def test_an_unknown_area_among_several_parcels_splits_nothing():
    found = split(occupancy(("e", "a", 100), ("e", "b", NAN)), returns(("e", 400, 40)))
    assert found.parcels.isna().all(axis=None)
    assert found.unattributed.tolist() == [400.0, 40.0]
    assert set(found.reasons["reason"]) == {"no_area"}
    assert sorted(set(found.reasons.index)) == ["a", "b"]


def test_areas_of_zero_split_nothing():
    found = split(occupancy(("e", "a", 0), ("e", "b", 0)), returns(("e", 400, 40)))
    assert found.unattributed["output_wan"] == 400.0


def test_several_leases_of_one_parcel_are_one_parcel():
    rows = occupancy(("e", "a", NAN, "2020-01-01", "2025-06-30"), ("e", "a", NAN, "2025-07-01", None))
    found = split(rows, returns(("e", 400, 40)))
    assert found.parcels["output_wan"].to_dict() == {"a": 400.0}
    assert found.unattributed["output_wan"] == 0.0


def test_who_filed_twice_has_no_certain_figure():
    found = split(occupancy(("e", "a", 1)), returns(("e", 100, 1), ("e", 200, 2)))
    assert found.parcels.loc["a"].isna().all()
    assert found.unattributed["output_wan"] == 300.0


def test_months_and_other_years_are_not_the_year():
    what = returns(("e", 100, 1), ("e", 9, 9, YEAR, 1), ("e", 7, 7, YEAR - 1))
    found = split(occupancy(("e", "a", 1)), what)
    assert found.parcels.loc["a"].tolist() == [100.0, 1.0]
    assert found.attributed["output_wan"] + found.unattributed["output_wan"] == 100.0


def test_a_company_that_occupies_nothing_is_not_attributed():
    found = split(occupancy(("e", "a", 1)), returns(("e", 100, 1), ("ghost", 40, 4)))
    assert found.attributed["output_wan"] == 100.0
    assert found.unattributed["output_wan"] == 40.0


def test_a_measure_that_no_return_holds_is_not_invented():
    found = attribute_performance(
        occupancy(("e", "a", 1)), returns(("e", 100, 1)).drop(columns="tax_wan"), year=YEAR, measures=MEASURES
    )
    assert list(found.parcels) == ["output_wan"]


def test_only_the_keys_are_needed():
    where = occupancy(("e", "a", 1))[["enterprise_id", "parcel_id"]]
    what = returns(("e", 100, 1))[["enterprise_id", "year", "output_wan"]]
    found = attribute_performance(where, what, year=YEAR, measures=["output_wan"])
    assert found.parcels["output_wan"].to_dict() == {"a": 100.0}


@pytest.mark.parametrize(
    ("where", "what"), [(occupancy(), returns(("e", 100, 1))), (occupancy(("e", "a", 1)), returns())]
)
def test_nothing_in_nothing_out(where, what):
    found = split(where, what)
    assert found.parcels.isna().all(axis=None) or found.parcels.empty
    assert found.attributed.tolist() == [0.0, 0.0]


class TestLatestYear:
    @pytest.mark.parametrize(
        ("as_of", "year"),
        [("2026-06-30", 2025), ("2025-12-31", 2025), ("2025-12-30", 2024), ("2024-06-30", None)],
    )
    def test_is_one_that_was_over(self, as_of, year):
        what = returns(("e", 1, 1, 2024), ("e", 1, 1, 2025), ("e", 1, 1, 2026))
        assert latest_year(what, dt.date.fromisoformat(as_of)) == year

    def test_months_are_no_year(self):
        assert latest_year(returns(("e", 1, 1, 2025, 3)), dt.date(2026, 6, 30)) is None

    def test_no_returns(self):
        assert latest_year(returns(), dt.date(2026, 6, 30)) is None


_COMPANY, _PARCEL = st.sampled_from("efgh"), st.sampled_from("abcde")
_DAY = st.none() | st.dates(dt.date(2024, 6, 1), dt.date(2026, 6, 1)).map(str)
_WHERE = st.lists(st.tuples(_COMPANY, _PARCEL, st.none() | st.floats(0, 1e5), _DAY, _DAY), max_size=10)
_WHAT = st.lists(
    st.tuples(_COMPANY, st.none() | st.floats(0, 1e6), st.none() | st.floats(-1e3, 1e5)), max_size=6
)


@settings(max_examples=25)
@given(_WHERE, _WHAT)
def test_attributed_and_not_attributed_are_all(where, what):
    found = split(occupancy(*where), returns(*what))
    for measure in MEASURES:
        # Counted again: what lies on parcels or in the sum of those that could not be split, company by company.
        placed, rest = 0.0, 0.0
        for company, filed in returns(*what).groupby("enterprise_id"):
            there = split(occupancy(*(row for row in where if row[0] == company)), filed).parcels
            value = there[measure].sum() if len(there) and there[measure].notna().all() else NAN
            if np.isnan(value):
                rest += filed[measure].sum()
            else:
                placed += value
                assert value == pytest.approx(filed[measure].sum(), abs=1e-6)
        assert found.attributed[measure] == pytest.approx(placed, abs=1e-6)
        assert found.unattributed[measure] == pytest.approx(rest, abs=1e-6)


@settings(max_examples=30)
@given(_WHERE, _WHAT, st.randoms(use_true_random=False))
def test_order_changes_nothing(where, what, random):
    before = split(occupancy(*where), returns(*what))
    after = split(occupancy(*random.sample(where, len(where))), returns(*random.sample(what, len(what))))
    pd.testing.assert_frame_equal(before.parcels, after.parcels)
    assert sorted(before.reasons.itertuples(name=None)) == sorted(after.reasons.itertuples(name=None))


@given(_WHERE, _WHAT)
def test_every_missing_figure_has_a_reason_and_no_other(where, what):
    found = split(occupancy(*where), returns(*what))
    for measure in MEASURES:
        missing = set(found.parcels.index[found.parcels[measure].isna()]) if len(found.parcels) else set()
        assert missing == set(found.reasons.index[found.reasons["measure"] == measure])


@given(_WHERE, _WHAT)
def test_what_was_given_stays_as_it_was(where, what):
    rows, filed = occupancy(*where), returns(*what)
    before = rows.copy(deep=True), filed.copy(deep=True)
    split(rows, filed)
    pd.testing.assert_frame_equal(rows, before[0])
    pd.testing.assert_frame_equal(filed, before[1])


def test_the_reason_says_what_was_filed():
    where = occupancy(("twice", "a", 10.0), ("monthly", "b", 10.0), ("silent", "c", 10.0))
    what = returns(("twice", 1, 1), ("twice", 2, 2), ("monthly", 3, 3, YEAR, 1))
    reasons = split(where, what).reasons["reason"]
    assert set(reasons["a"]) == {"several_returns"}
    assert set(reasons["b"]) == {"monthly_only"}
    assert set(reasons["c"]) == {"no_return"}
