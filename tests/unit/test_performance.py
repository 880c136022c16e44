"""Companies' yearly figures on the parcels they occupy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.layers import Layers
from parkgeo.metrics.company import company_rows, parcel_figures
from parkgeo.metrics.performance import Attribution, attribute_performance, latest_year
from parkgeo.metrics.productivity import per_land, ratios
from parkgeo.metrics.trend import growth
from parkgeo.packs import load_packs
from parkgeo.pipeline.books import Page, open_books
from parkgeo.pipeline.company_tables import investment_intensity, park_rows, yearly_tables
from parkgeo.pipeline.performance import _split
from parkgeo.units import M2_PER_MU

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


class TestSums:
    def test_what_lies_beside_a_missing_figure_is_told(self):
        found = split(occupancy(("e", "a", 1), ("f", "a", 5)), returns(("e", 100, 1)))
        assert found.attributed["output_wan"] == found.incomplete["output_wan"] == 100.0
        assert found.unattributed["output_wan"] == 0.0

    def test_the_parts_that_the_manifest_tells_hold_nothing_twice(self):
        found = split(
            occupancy(("e", "a", 1), ("f", "a", 5), ("g", "b", 5)), returns(("e", 100, 1), ("g", 30, 2), ("h", 7, 3))
        )  # fmt: skip
        told = _split(found)
        parts = ("attributed_wan", "incomplete_wan", "unattributed_wan")
        assert [told[part]["output_wan"] for part in parts] == [30.0, 100.0, 7.0]

    @settings(max_examples=40)
    @given(_WHERE, _WHAT, st.sampled_from([0, 1, 2, 12]))
    def test_parcels_and_the_rest_are_all_that_was_filed(self, where, what, month):
        filed_rows = returns(*what).assign(month=float(month) if month else NAN)
        page = page_of(occupancy(*where), filed_rows, month=month)
        found = page.attribution()
        for measure in MEASURES:
            whole = filed_rows[measure].sum()
            parts = np.nansum(found.parcels[measure]) if len(found.parcels) else 0.0
            parts += found.incomplete[measure] + found.unattributed[measure]
            assert parts == pytest.approx(whole, rel=1e-12, abs=1e-7)

    def test_a_parcel_that_is_not_in_the_park_gets_no_figure_but_land(self):
        page = page_of(occupancy(("e", "a", 100), ("e", "elsewhere", 300)), returns(("e", 400, 40)))
        assert page.attribution().parcels["output_wan"].to_dict() == {"a": 100.0}
        assert page.attribution().unattributed["output_wan"] == 300.0
        assert page.stays.land_m2.tolist() == [400.0]
        assert page.stays.parcels_of.tolist() == [2]


def page_of(
    where: pd.DataFrame, what: pd.DataFrame, *, year: int = YEAR, month: int = 0, site: float = 1000.0
) -> Page:
    places = pd.Series(list("abcde"))
    layers = Layers(parks=None, parcels=None, occupancy=where, performance=what)
    books = open_books(layers, places, np.full(5, site))
    return books.month(year, month) if month else books.year(year)


class TestLand:
    def test_days_weigh(self):
        # Half a leap year's February on 290 m², the whole month on 100 m².
        rows = occupancy(("e", "a", 290, "2024-02-16", "2024-03-31"), ("e", "b", 100))
        assert page_of(rows, returns(("e", 1, 1)), year=2024, month=2).stays.land_m2.tolist() == [240.0]

    @pytest.mark.parametrize(("year", "days"), [(2024, 366), (2025, 365), (2000, 366), (1900, 365)])
    def test_a_move_within_a_year(self, year, days):
        rows = occupancy(("e", "a", 100, None, f"{year}-03-01"), ("e", "b", 300, f"{year}-03-02", None))
        there = 31 + (29 if days == 366 else 28) + 1
        land = page_of(rows, returns(), year=year).stays.land_m2[0]
        assert land == pytest.approx((100 * there + 300 * (days - there)) / days, rel=1e-12)

    def test_who_has_a_parcel_alone_has_all_of_it_and_it_is_said(self):
        stays = page_of(
            occupancy(("e", "a", NAN), ("f", "b", 70), ("g", "c", NAN), ("g", "d", 30)), returns()
        ).stays
        assert stays.land_m2.tolist() == [1000.0, 70.0, 1030.0]
        assert stays.basis.tolist() == [1, 0, 2]

    def test_blank_areas_on_a_shared_parcel_are_not_guessed(self):
        stays = page_of(occupancy(("e", "a", NAN), ("f", "a", 70)), returns()).stays
        assert np.isnan(stays.land_m2[0])
        assert stays.land_m2[1] == 70.0
        assert stays.basis.tolist() == [-1, 0]

    def test_two_blank_rows_at_one_time_would_count_twice(self):
        stays = page_of(occupancy(("e", "a", NAN), ("e", "a", NAN)), returns()).stays
        assert np.isnan(stays.land_m2).all()

    def test_a_renewed_lease_counts_once(self):
        rows = occupancy(("e", "a", NAN, None, "2025-06-30"), ("e", "a", NAN, "2025-07-01", None))
        stays = page_of(rows, returns()).stays
        assert stays.land_m2.tolist() == pytest.approx([1000.0])
        assert stays.parcels_of.tolist() == [1]
        assert stays.companies_on().tolist() == [1, 0, 0, 0, 0]

    def test_no_land_is_missing_not_zero(self):
        rows = company_rows(
            *parts(page_of(occupancy(("e", "a", 10, None, "2024-12-31")), returns(("e", 5, 1))))
        )
        assert rows["parcels"].tolist() == [0]
        assert rows[["land_mu", "output_wan_per_mu", "land_basis"]].isna().all(axis=None)


def parts(page: Page) -> tuple[Any, ...]:
    labels = pd.DataFrame({"enterprise_id": page.stays.of.companies})
    return page.stays, page.returns, page.measures, labels


class TestReturns:
    def test_two_files_each_with_some_measures_are_one_return(self):
        found = split(occupancy(("e", "a", 1)), returns(("e", 100, NAN), ("e", NAN, 7)))
        assert found.parcels.loc["a"].tolist() == [100.0, 7.0]

    def test_a_blank_cell_is_told_from_no_return(self):
        reasons = split(occupancy(("e", "a", 1), ("f", "b", 1)), returns(("e", 100, NAN))).reasons
        told = set(reasons.loc[reasons["measure"] == "tax_wan"].itertuples(name=None))
        assert told == {("a", "e", "tax_wan", "blank"), ("b", "f", "tax_wan", "no_return")}

    def test_negative_figures_pass(self):
        assert split(occupancy(("e", "a", 1)), returns(("e", -3, 1))).parcels.loc["a", "output_wan"] == -3.0

    @pytest.mark.parametrize(("months", "total"), [(range(1, 13), 1200.0), (range(2, 13), None)])
    def test_twelve_months_of_a_meter_are_a_year_and_eleven_are_not(self, months, total):
        what = pd.DataFrame({"enterprise_id": "e", "year": 2025.0, "month": [float(m) for m in months], "electricity_kwh": 100.0, "tax_wan": 1.0})  # fmt: skip
        page = page_of(occupancy(("e", "a", 1)), what)
        found = dict(zip(page.measures, page.returns.figures[0], strict=True))
        assert found["electricity_kwh"] == total or (total is None and np.isnan(found["electricity_kwh"]))
        assert np.isnan(found["tax_wan"])

    def test_a_month_read_twice_is_no_year(self):
        what = pd.DataFrame(
            {"enterprise_id": "e", "year": 2025.0, "month": [*range(1, 13), 12], "water_m3": 1.0}
        )
        assert np.isnan(page_of(occupancy(("e", "a", 1)), what).returns.figures).all()

    def test_a_month_13_is_no_period(self):
        what = returns(("e", 5, 1, YEAR, 13), ("e", 7, 1, 20_250))
        books = open_books(Layers(parks=None, parcels=None, performance=what), pd.Series(["a"]), np.ones(1))
        assert (books.filed.years(), books.filed.months()) == ([], [])


class TestTables:
    @staticmethod
    def of(where: pd.DataFrame, what: pd.DataFrame) -> dict[str, pd.DataFrame]:
        rules = load_packs(["national"], Path())
        desk = SimpleNamespace(rules=rules, parcels=pd.DataFrame({"park_id": ["P"] * 5}))
        books = open_books(
            Layers(parks=None, parcels=None, occupancy=where, performance=what), pd.Series(list("abcde")), np.full(5, 1000.0)
        )  # fmt: skip
        return {name: make() for name, make in yearly_tables(desk, books, np.full(5, NAN)).items()}

    def test_what_would_have_no_row_is_no_table(self):
        elsewhere = occupancy(("e", "elsewhere", 1.0))
        assert set(self.of(elsewhere, returns(("e", 5, 1)))) == {"company_years", "park_years"}
        assert set(self.of(elsewhere, returns(("e", 5, 1, YEAR, 3)))) == {"company_months"}
        # Who left before the last year is still in the table of the first.
        left = occupancy(("e", "a", 1.0, None, f"{YEAR - 1}-06-30"))
        both = self.of(left, returns(("e", 5, 1), ("e", 5, 1, YEAR - 1)))
        assert both["parcel_years"][["parcel_id", "year"]].to_numpy().tolist() == [["a", YEAR - 1]]

    def test_a_figure_of_one_park_is_not_anothers(self):
        parks = pd.Series(["P", "Q", None, "P", "P"])
        page = page_of(
            occupancy(("e", "a", 1), ("f", "b", 1), ("g", "c", 1)), returns(("e", 1, 1), ("f", 2, 2), ("g", 4, 4))
        )  # fmt: skip
        told = park_rows(parks, page, np.full(5, 1000.0))
        assert told["park_id"].fillna("").tolist() == ["P", "Q", ""]
        assert told["output_wan"].tolist() == [1.0, 2.0, 4.0]
        assert told["parcels"].tolist() == [1, 1, 0]


class TestRatios:
    def test_by_hand(self):
        totals = pd.DataFrame({
            "value_added_wan": [60.0], "staff": [12.0], "energy_tce": [30.0], "emission_t": [4.0], "rd_wan": [2.0],
            "revenue_wan": [100.0], "tax_wan": [8.0], "electricity_kwh": [40_000.0],
        })  # fmt: skip
        assert ratios(totals).iloc[0].to_dict() == {
            "labour_productivity_wan_per_person": 5.0, "energy_productivity_wan_per_tce": 2.0,
            "emission_productivity_wan_per_t": 15.0, "rd_share": 0.02, "tax_wan_per_10k_kwh": 2.0,
        }  # fmt: skip

    def test_of_a_parcel_are_those_of_what_came_to_it(self):
        what = pd.DataFrame(
            {
                "enterprise_id": ["e", "f"],
                "year": 2025.0,
                "value_added_wan": [100.0, 50.0],
                "staff": [10.0, 40.0],
            }
        )
        page = page_of(occupancy(("e", "a", 1), ("e", "b", 1), ("f", "b", 1)), what)
        figures = parcel_figures(page.stays, page.found, page.returns, page.measures, np.full(5, M2_PER_MU))
        found = figures["labour_productivity_wan_per_person"]
        assert found[:2].tolist() == [10.0, 100 / 45]
        assert found[2:].isna().all()

    def test_capacity_use_is_weighted_by_land(self):
        what = pd.DataFrame(
            {"enterprise_id": ["e", "f", "g"], "year": 2025.0, "capacity_use": [0.5, 0.9, 0.7]}
        )
        page = page_of(occupancy(("e", "a", 100), ("f", "a", 300), ("g", "b", NAN)), what)
        figures = parcel_figures(page.stays, page.found, page.returns, page.measures, np.full(5, 1.0))
        assert figures["capacity_use"][:2].tolist() == pytest.approx([0.8, 0.7])

    @given(st.floats(0.1, 1e4), st.floats(1, 1e6))
    def test_a_hectare_is_fifteen_mu(self, wan, area):
        row = per_land(pd.DataFrame({"tax_wan": [wan]}), np.array([area])).iloc[0]
        assert row["tax_wan_per_ha"] == pytest.approx(15 * row["tax_wan_per_mu"])


class TestGrowth:
    @staticmethod
    def of(*values: float, first: int = 2021, steady: float = 0.02) -> pd.DataFrame:
        years = pd.DataFrame({"e": "x", "year": range(first, first + len(values)), "tax_wan": values})
        return growth(years.sample(frac=1, random_state=1), "e", steady=steady).sort_index()

    def test_by_hand(self):
        found = self.of(100.0, 150.0, 121.0)
        assert found["tax_wan_growth"].tolist() == pytest.approx([NAN, 0.5, 121 / 150 - 1], nan_ok=True)
        assert found["tax_wan_compound_growth"].tolist() == pytest.approx([NAN, 0.5, 0.1], nan_ok=True)
        assert found["tax_wan_trend"].fillna("").tolist() == ["", "rising", "rising"]

    @pytest.mark.parametrize(
        ("last", "trend"), [(102.0, "steady"), (102.1, "rising"), (98.0, "steady"), (97.9, "falling")]
    )
    def test_steady_up_to_the_setting(self, last, trend):
        assert self.of(100.0, last)["tax_wan_trend"].tolist()[1] == trend

    def test_a_missing_year_is_spanned_by_the_compound_rate_alone(self):
        found = self.of(100.0, NAN, 121.0)
        assert found["tax_wan_growth"].isna().all()
        assert found["tax_wan_compound_growth"].tolist()[2] == pytest.approx(0.1)

    def test_a_year_without_a_row_is_no_year_before(self):
        years = pd.DataFrame({"e": "x", "year": [2021, 2023], "tax_wan": [100.0, 121.0]})
        found = growth(years, "e", steady=0.02)
        assert found["tax_wan_growth"].isna().all()
        assert found["tax_wan_compound_growth"].tolist()[1] == pytest.approx(0.1)

    def test_from_a_loss_there_is_a_direction_and_no_rate(self):
        found = self.of(-5.0, 10.0)
        assert found[["tax_wan_growth", "tax_wan_compound_growth"]].isna().all(axis=None)
        assert found["tax_wan_trend"].tolist()[1] == "rising"

    def test_to_nothing(self):
        found = self.of(100.0, 0.0)
        assert found["tax_wan_growth"].tolist()[1] == -1.0
        assert found["tax_wan_trend"].tolist()[1] == "falling"

    def test_companies_are_not_mixed(self):
        years = pd.DataFrame({"e": ["x", "y"], "year": [2021, 2022], "tax_wan": [1.0, 2.0]})
        assert growth(years, "e", steady=0.0)["tax_wan_growth"].isna().all()


@pytest.mark.parametrize(("included", "expected"), [("true", [30.0, 30.0, NAN]), ("false", [45.0, NAN, NAN])])
def test_investment_intensity_holds_the_land_price_once(tmp_path, included, expected):
    (tmp_path / "own.toml").write_text(
        f'[pack]\nname = "own"\nedition = "1"\n[evaluation.fixed_assets_include_land_price]\nvalue = {included}\n'
        'source = "s"\nedition = "1"\nverified = true\n',
        encoding="utf-8",
    )
    rules = load_packs(["national", "own.toml"], tmp_path)
    found = investment_intensity(
        pd.Series([60.0, 60.0, NAN]), np.array([30.0, NAN, 30.0]), np.full(3, 20_000.0), rules
    )
    assert found.tolist() == pytest.approx(expected, nan_ok=True)
