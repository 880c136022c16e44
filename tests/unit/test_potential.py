"""What could come back or be added: by hand, missing stays missing, and the park's sum is that of its parcels."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parkgeo.assess.park.comeback import cost_basis, idle_cost, releasable_area
from parkgeo.assess.park.totals import potential_totals
from parkgeo.layers import Layers
from parkgeo.metrics.potential import floor_area_left, planned_far, unused_area, yearly_shortfall
from parkgeo.metrics.roofs import PvFactors, roofs
from parkgeo.packs import load_packs
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.potential import potential
from tests.builders import land, rect

NAN = float("nan")
DAY = dt.date(2026, 6, 30)
RULES = load_packs(["national"], Path())
MU = 10_000 / 15
FACTORS = PvFactors(0.5, 0.7, 0.15, 0.18, 0.1)


def told(values):
    return [None if np.isnan(value) else round(value, 6) for value in values]


class TestPlannedFar:
    SITES = (rect(0, 0, 10, 10), rect(20, 0, 10, 10), rect(40, 0, 10, 10))

    def test_register_then_plan_by_the_largest_share(self):
        sites = land(self.SITES, planned_far=[1.5, NAN, NAN])
        plan = land([rect(0, 0, 24, 10), rect(24, 0, 6, 10)], planned_far=[3.0, 2.0])
        assert told(planned_far(sites, plan)) == [1.5, 2.0, None]

    def test_a_plot_without_a_ratio_does_not_hide_one_that_has_it(self):
        plan = land([rect(0, 0, 10, 10), rect(0, 0, 5, 10)], planned_far=[NAN, 2.0])
        assert told(planned_far(land(self.SITES[:1]), plan)) == [2.0]

    def test_no_plan(self):
        assert told(planned_far(land(self.SITES), None)) == [None] * 3

    def test_input_is_left_as_it_was(self):
        sites = land(self.SITES, planned_far=[1.5, NAN, NAN])
        before = sites.copy(deep=True)
        planned_far(sites, land([rect(0, 0, 99, 99)], planned_far=[1.0]))
        pd.testing.assert_frame_equal(sites, before)


@pytest.mark.parametrize("missing", range(3))
def test_floor_area_left_is_missing_where_any_part_is(missing):
    parts = [pd.Series([1.0]), pd.Series([100.0]), pd.Series([40.0])]
    assert told(floor_area_left(*parts)) == [60.0]
    parts[missing] = pd.Series([NAN])
    assert told(floor_area_left(*parts)) == [None]


def test_unused_area_stays_within_the_site():
    assert told(unused_area(pd.Series([100.0]), pd.Series([130.0]), pd.Series([NAN]))) == [0.0]
    assert told(unused_area(pd.Series([100.0]), pd.Series([NAN]), pd.Series([NAN]))) == [None]


def test_shortfall():
    area = pd.Series([10 * MU] * 3)
    assert told(yearly_shortfall(area, pd.Series([20.0, 150.0, NAN]), 100.0)) == [800.0, 0.0, None]


class TestRoofs:
    def found(self, **columns):
        sites = land([rect(0, 0, 100, 100), rect(200, 0, 100, 100)])
        halls = land([rect(0, 0, 50, 20), rect(90, 0, 120, 10)], **columns)
        return roofs(sites, halls, FACTORS, DAY)

    def test_kinds(self):
        found = self.found(roof=["concrete", None])
        assert told(found["roof_area_m2"]) == [1100, 100]
        assert told(found["pv_kwp_low"]) == [1000 * 0.05 + 100 * 0.05, 5]
        assert told(found["pv_kwp_high"]) == [1000 * 0.07 + 100 * 0.126, 12.6]

    def test_only_completed_ones(self):
        assert told(self.found(completed=[True, False])["roof_area_m2"]) == [1000, 0]
        days = pd.to_datetime(["2026-06-30", "2026-07-01"])
        assert told(self.found(completed_on=days)["roof_area_m2"]) == [1000, 0]
        # The day overrules a flag that is ahead of it.
        assert told(self.found(completed=[True, True], completed_on=days)["roof_area_m2"]) == [1000, 0]

    def test_one_that_is_not_known_leaves_its_parcels_missing(self):
        assert told(self.found(completed=[True, None])["pv_kwp_low"]) == [None, None]

    def test_yards_have_no_roof(self):
        assert told(self.found(kind=["building", "yard"], completed=[True, None])["roof_area_m2"]) == [
            1000,
            0,
        ]

    def test_without_factors_area_only(self):
        sites = land([rect(0, 0, 100, 100)])
        found = roofs(sites, land([rect(0, 0, 10, 10)]), None, DAY)
        assert told(found.iloc[0]) == [100, None, None]


PARCELS = pd.DataFrame(
    {
        "parcel_id": list("abcdefg"), "park_id": "k", "site_area_m2": [10 * MU] * 7,
        "idle": ["yes", "yes", "no", "undetermined", "no", None, "no"],
        "land_state": ["supplied_not_started", "suspended", "built_not_producing", "supplied_not_started", "used_in_part", "not_built_on", "in_use"],
        "low_efficiency": [None, None, None, None, "no", None, "yes"], "developed_area_m2": [NAN, NAN, NAN, NAN, 4 * MU, NAN, NAN],
        "building_coefficient": [0.0, 0.1, 0.4, 0.0, 0.2, 0.0, 0.4], "value_added_wan_per_mu": [NAN, NAN, 0.0, NAN, 100.0, NAN, 40.0],
    }
)  # fmt: skip


def test_contradicted_land_is_not_known_to_be_releasable():
    contested = PARCELS.assign(evidence_conflict="yes")
    assert releasable_area(contested, RULES).isna().all()


def test_releasable_area():
    found = releasable_area(PARCELS, RULES)
    assert told(found / MU) == [10, 10, 10, None, 6, 0, 0]


class TestCost:
    def test_against_the_median_of_those_that_produce(self):
        basis = cost_basis(PARCELS, RULES)
        assert basis.figure is None
        assert basis.measure == "value_added_wan_per_mu"
        assert set(basis.wan_per_mu) == {70.0}
        # Of the suspended one a company is known that has not reported: its yield is not nothing.
        assert told(idle_cost(PARCELS, basis, PARCELS["parcel_id"].isin(["b", "g"]).to_numpy(), RULES)) == [
            700,
            None,
            700,
            None,
            None,
            None,
            300,
        ]

    def test_a_benchmark_of_the_pack_goes_first(self, tmp_path):
        head = '[pack]\nname = "c"\nedition = "1"\n[benchmark.value_added_wan_per_mu]\nvalue = 1500\nunit = "wan/ha"\n'
        source = 'source = "c"\nedition = "1"\nverified = true\n'
        (tmp_path / "office.toml").write_text(head + source, encoding="utf-8")
        basis = cost_basis(PARCELS, load_packs(["national", "office.toml"], tmp_path))
        assert basis.figure is not None
        assert set(basis.wan_per_mu) == {100.0}

    def test_output_of_the_national_pack_where_value_added_is_not_known(self):
        basis = cost_basis(PARCELS.drop(columns="value_added_wan_per_mu"), RULES)
        assert basis.measure == "output_wan_per_mu"
        assert basis.wan_per_mu[0] == pytest.approx(12563.33 / 15)

    def test_each_park_has_its_own_median(self):
        two = PARCELS.assign(park_id=["k"] * 5 + ["m"] * 2)
        assert cost_basis(two, RULES).wan_per_mu.tolist() == [100.0] * 5 + [40.0] * 2

    def test_nothing_to_measure_by(self):
        assert cost_basis(PARCELS, load_packs([], Path())).figure is None
        assert cost_basis(PARCELS.drop(columns="value_added_wan_per_mu"), load_packs([], Path())) is None


def test_totals_say_what_the_cost_is_measured_by():
    basis = cost_basis(PARCELS, RULES)
    own = PARCELS.assign(
        releasable_area_m2=releasable_area(PARCELS, RULES), idle_cost_wan_per_year=idle_cost(PARCELS, basis, None, RULES)
    )  # fmt: skip
    rows, gaps = potential_totals(own, basis, np.arange(7), RULES)
    by_name = {row["name"]: row for row in rows}
    assert by_name["releasable_ha"]["value"] == pytest.approx(36 * MU / 1e4)
    assert by_name["idle_cost_wan_per_year"]["value"] == pytest.approx(700 + 700 + 700 + 300)
    assert "median" in by_name["idle_cost_wan_per_year"]["value_en"]
    assert "70" in by_name["idle_cost_wan_per_year"]["value_zh"]
    unverified = {
        "releasable_ha",
        "idle_cost_wan_per_year",
        "vertical_headroom_m2",
        "pv_kwp_low",
        "pv_kwp_high",
    }
    assert {name for name, row in by_name.items() if not row["verified"]} == unverified
    assert {gap[2] for gap in gaps} >= {"pv_kwp_low", "vertical_headroom_m2", "releasable_floor_area_m2"}


class TestStage:
    def part(self, **layers):
        sites = land(
            [rect(200 * at, 0, 100, 100) for at in range(4)], parcel_id=list("abcd"), park_id="k", site_area_m2=1e4,
            idle=["no"] * 4, land_state=["in_use", "in_use", "not_built_on", "under_construction"], land_use_code=["1001", "1001", "1401", "1001"],
            industry_code=["39", "26", None, "39"], planned_far=[2.0, 2.0, 1.0, 2.0], floor_area_m2=[5000.0, 5000.0, 0.0, 0.0],
            supply_status="supplied", building_coefficient=0.5,
        )  # fmt: skip
        park = land([rect(0, 0, 700, 100)], park_id=["k"])
        return potential(Desk(Layers(parks=park, parcels=sites, **layers), RULES, DAY, sites, park, pd.DataFrame(index=sites.index)))  # fmt: skip

    def test_columns(self):
        found = self.part().columns
        assert told(found["releasable_floor_area_m2"]) == [15000, 15000, None, 20000]
        # Chemicals do not go up; what is not built has no headroom but room.
        assert told(found["vertical_headroom_m2"]) == [15000, None, None, None]
        assert found["roof_area_m2"].isna().all()
        assert found["way"].tolist() == ["none"] * 4

    def test_a_gap_where_no_plan_and_no_benchmark_say(self):
        assert [gap[2] for gap in self.part().gaps] == []

    def test_the_tenant_decides_the_industry(self):
        where = pd.DataFrame({"enterprise_id": ["x"], "parcel_id": ["b"], "occupied_area_m2": [1.0]})
        found = self.part(occupancy=where, enterprises=pd.DataFrame({"enterprise_id": ["x"], "industry_code": ["3911"]}))  # fmt: skip
        assert told(found.columns["vertical_headroom_m2"]) == [15000, 15000, None, None]
