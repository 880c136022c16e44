"""Twelve months of meters on parcels: whose month counts, how a company's meter is split, and what stays missing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.metrics.attribution import Stays, between, named_alike, tenancies
from parkgeo.metrics.meters import meter_window, metered, occupants
from parkgeo.metrics.returns import filed

AS_OF = dt.date(2026, 6, 30)
MONTHS = [(2025, month) for month in range(7, 13)] + [(2026, month) for month in range(1, 7)]


def readings(company: str, value: float = 10.0, months: list[tuple[int, int]] | None = None) -> pd.DataFrame:
    """A reading of electricity for each month, in rows counted from 2."""
    months = MONTHS if months is None else months
    return pd.DataFrame(
        {
            "enterprise_id": company, "year": [float(year) for year, _ in months], "month": [float(month) for _, month in months],
            "electricity_kwh": value, "source_file": "meters.xlsx", "source_row": range(2, 2 + len(months)),
        }
    )  # fmt: skip


def places(*rows: tuple[str, str, float], **more: list[str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["enterprise_id", "parcel_id", "occupied_area_m2"])
    return frame.assign(**{name: pd.to_datetime(values) for name, values in more.items()})


def found(
    where: pd.DataFrame, read: pd.DataFrame, as_of: dt.date = AS_OF, least: int = 12
) -> dict[str, pd.DataFrame]:
    """Every meter on the parcels where anybody was, with the source row of the reading."""
    there, reading = named_alike(where["enterprise_id"], read["enterprise_id"])
    stays = Stays.within(
        tenancies(where, there, *named_alike(where["parcel_id"])), between(*meter_window(as_of))
    )
    source = np.append(read["source_row"].to_numpy(dtype=float), np.nan)
    tables = {}
    for name, meter in metered(stays, filed(read, reading), least_months=least).items():
        plain = {each: getattr(meter, each) for each in ("total", "months", "unread", "unsplit")}
        plain |= {"companies": meter.there.companies, "own": meter.there.own, "source_row": source[meter.row]}
        tables[name] = pd.DataFrame(plain, index=stays.of.parcels)[meter.there.companies > 0]
    return tables


def kwh(where: pd.DataFrame, *read: pd.DataFrame, as_of: dt.date = AS_OF, least: int = 12) -> pd.DataFrame:
    return found(where, pd.concat(read, ignore_index=True), as_of, least)["electricity_kwh"]


class TestTheTwelveMonths:
    @pytest.mark.parametrize(
        ("day", "first", "last"),
        [
            ("2026-06-30", "2025-07-01", "2026-06-30"),  # the month is over on its last day
            ("2026-06-29", "2025-06-01", "2026-05-31"),
            ("2026-07-01", "2025-07-01", "2026-06-30"),
            ("2026-07-15", "2025-07-01", "2026-06-30"),
            ("2026-12-31", "2026-01-01", "2026-12-31"),
            ("2026-01-01", "2025-01-01", "2025-12-31"),
            ("2024-02-28", "2023-02-01", "2024-01-31"),  # in a leap year February has one day more
            ("2024-02-29", "2023-03-01", "2024-02-29"),
            ("2025-02-28", "2024-03-01", "2025-02-28"),
        ],
    )
    def test_only_full_months_before_the_day(self, day, first, last):
        assert [str(each) for each in meter_window(dt.date.fromisoformat(day))] == [first, last]

    @given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 12, 31)))
    def test_it_is_a_year_that_ends_at_most_a_month_before(self, day):
        first, last = meter_window(day)
        assert first.day == 1
        assert (last + dt.timedelta(days=1)).day == 1
        assert first.replace(year=first.year + 1) == last + dt.timedelta(days=1)
        assert 0 <= (day - last).days <= 30

    def test_months_outside_do_not_count(self):
        around = readings("e", 1000.0, [(2025, 6), (2026, 7)])
        assert kwh(places(("e", "a", 1.0)), readings("e"), around)["total"].tolist() == [120.0]

    def test_the_running_month_does_not_count(self):
        told = kwh(places(("e", "a", 1.0)), readings("e"), as_of=dt.date(2026, 6, 29))
        assert told[["months", "unread"]].to_numpy().tolist() == [[11.0, 1]]
        assert told["total"].isna().all()


class TestMissing:
    def test_zero_is_a_figure_and_blank_is_none(self):
        assert kwh(places(("e", "a", 1.0)), readings("e", 0.0))["total"].tolist() == [0.0]
        blank = kwh(places(("e", "a", 1.0)), readings("e", np.nan))
        assert blank["total"].isna().all()
        assert blank[["months", "unread"]].to_numpy().tolist() == [[0.0, 1]]

    def test_eleven_months_are_no_year(self):
        assert kwh(places(("e", "a", 1.0)), readings("e", months=MONTHS[1:]))["total"].isna().all()

    def test_where_fewer_are_enough_they_are_brought_to_twelve(self):
        where, read = places(("e", "a", 1.0)), readings("e", months=MONTHS[2:])
        assert kwh(where, read, least=10)["total"].tolist() == [120.0]
        assert kwh(where, read, least=11)["total"].isna().all()

    def test_no_reading_at_all_is_never_a_year(self):
        assert kwh(places(("e", "a", 1.0)), readings("other"), least=0)["total"].isna().all()

    def test_two_readings_for_a_month_leave_it_uncertain(self):
        told = kwh(places(("e", "a", 1.0)), readings("e"), readings("e", months=MONTHS[:1]))
        assert told["total"].isna().all()
        assert told["months"].tolist() == [11.0]

    def test_a_month_13_is_no_january(self):
        odd = [*(month for month in MONTHS if month != (2026, 1)), (2025, 13)]
        told = kwh(places(("e", "a", 1.0)), readings("e", months=odd))
        assert told["months"].tolist() == [11.0]
        assert told["total"].isna().all()

    def test_electricity_and_water_may_stand_in_rows_of_their_own(self):
        read = readings("e")
        water = read.drop(columns="electricity_kwh").assign(water_m3=2.0)
        both = found(places(("e", "a", 1.0)), pd.concat([read, water], ignore_index=True))
        assert {name: each["total"].tolist() for name, each in both.items()} == {
            "electricity_kwh": [120.0],
            "water_m3": [24.0],
        }

    def test_one_company_not_known_leaves_the_parcel_missing(self):
        told = kwh(places(("e", "a", 1.0), ("f", "a", 1.0)), readings("e"))
        assert told["total"].isna().all()
        assert told[["companies", "unread", "unsplit"]].to_numpy().tolist() == [[2, 1, 0]]

    def test_a_company_on_two_parcels_without_area_cannot_be_split(self):
        told = kwh(places(("e", "a", 1.0), ("e", "b", np.nan)), readings("e"))
        assert told["total"].isna().all()
        assert told["unsplit"].tolist() == [1, 1]

    def test_without_months_or_the_field_nothing_was_read(self):
        assert found(places(("e", "a", 1.0)), readings("e").drop(columns="month")) == {}
        assert found(places(("e", "a", 1.0)), readings("e").drop(columns="electricity_kwh")) == {}

    def test_nothing_in_nothing_out(self):
        told = kwh(places().astype({"occupied_area_m2": float}), readings("e").iloc[:0])
        assert told.empty


class TestTheSplit:
    def test_by_area(self):
        told = kwh(places(("e", "a", 1.0), ("e", "b", 3.0)), readings("e"))
        assert told["total"].to_dict() == {"a": 30.0, "b": 90.0}
        assert told["own"].tolist() == [0, 0]

    def test_by_days_within_the_twelve_months(self):
        """From 2026-06-01 on 30 of 365 days, so 30 / 395 of the weight."""
        where = places(("e", "a", 1.0), ("e", "b", 1.0), from_on=[None, "2026-06-01"])
        assert kwh(where, readings("e"))["total"].to_dict() == pytest.approx(
            {"a": 120 * 365 / 395, "b": 120 * 30 / 395}
        )

    def test_who_had_left_before_or_came_after_is_not_there(self):
        where = places(
            ("e", "a", 1.0), ("e", "b", 1.0), ("e", "c", 1.0),
            from_on=["2020-01-01", "2020-01-01", "2026-07-01"], to_on=[None, "2025-06-30", None],
        )  # fmt: skip
        assert kwh(where, readings("e"))["total"].to_dict() == {"a": 120.0}

    def test_the_first_and_last_day_count(self):
        where = places(
            ("e", "a", 1.0), ("e", "b", 1.0), from_on=[None, "2026-06-30"], to_on=["2025-07-01", None]
        )
        assert kwh(where, readings("e"))["total"].to_dict() == {"a": 60.0, "b": 60.0}

    def test_a_company_on_one_parcel_gives_it_all_whatever_its_area(self):
        where = places(("e", "a", np.nan), ("e", "a", 5.0), ("f", "a", 0.0))
        told = kwh(where, readings("e"), readings("f", 1.0))
        assert told[["total", "companies", "own"]].to_numpy().tolist() == [[132.0, 2, 2]]

    def test_a_split_zero_is_zero_on_each(self):
        told = kwh(places(("e", "a", 1.0), ("e", "b", 3.0)), readings("e", 0.0))
        assert told["total"].tolist() == [0.0, 0.0]

    @given(
        st.lists(st.tuples(st.sampled_from("efg"), st.sampled_from("abcd"), st.floats(1, 1e4)), min_size=1)
    )
    def test_sums_are_preserved(self, rows):
        where = places(*rows)
        read = [readings(name, value) for name, value in (("e", 1.0), ("f", 20.0), ("g", 300.0))]
        expected = sum(12 * {"e": 1.0, "f": 20.0, "g": 300.0}[name] for name in set(where["enterprise_id"]))
        assert kwh(where, *read)["total"].sum() == pytest.approx(expected)

    @given(st.permutations(range(4)))
    def test_the_order_of_rows_changes_nothing(self, order):
        where = places(("e", "b", 1.0), ("e", "a", 3.0), ("f", "a", 2.0), ("g", "c", 1.0))
        read = [readings("e"), readings("f", 5.0), readings("g", 7.0)]
        shuffled = kwh(where.iloc[list(order)], *reversed(read))
        pd.testing.assert_frame_equal(shuffled.sort_index(), kwh(where, *read).sort_index())


class TestWhereItStands:
    def test_a_sole_company_names_its_last_reading(self):
        told = kwh(places(("e", "a", 1.0), ("e", "b", 1.0), ("f", "b", 1.0)), readings("e"), readings("f"))
        assert told["source_row"].to_dict() == pytest.approx({"a": 13.0, "b": np.nan}, nan_ok=True)

    def test_who_was_there(self):
        where = places(("e", "a", 1.0), ("e", "b", 1.0), ("f", "b", 1.0), ("g", "c", 1.0))
        of = tenancies(where, *named_alike(where["enterprise_id"]), *named_alike(where["parcel_id"]))
        there = occupants(Stays.within(of, between(dt.date(2025, 1, 1), dt.date(2025, 12, 31))))
        assert there.companies.tolist() == [1, 2, 1]
        assert there.own.tolist() == [0, 1, 1]
        assert there.sole.tolist() == [0, -1, 2]
