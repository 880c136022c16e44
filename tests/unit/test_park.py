"""The park as a whole: a park whose every figure is arithmetic, the ledger's law, and what is not known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.park import land_classes, land_ledger, leading_industries
from parkgeo.assess.park.companies import company_rows, holdings, home_park
from parkgeo.assess.park.industries import (
    INDUSTRY_COLUMNS,
    leading_rows,
    parcel_industries,
    stated_industries,
)
from parkgeo.assess.park.rates import rate_bounds
from parkgeo.assess.park.rows import TITLES
from parkgeo.assess.park.score import ideal_potential, intensive_use_score
from parkgeo.assess.park.whole import READ, OnePark, whole_park
from parkgeo.assess.park.zone import zone_type
from parkgeo.errors import PackError
from parkgeo.layers import Layers, schema
from parkgeo.metrics.attribution import named_alike
from parkgeo.metrics.ground import ground_account
from parkgeo.packs import load_packs
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.park import park
from tests.builders import land, rect

NAN = float("nan")
DAY = dt.date(2026, 6, 30)
OFFICE = '[pack]\nname = "county"\nedition = "2026"\n'
SOURCE = 'source = "the county"\nedition = "2026"\nverified = true\n'


TENANCY = st.tuples(
    st.sampled_from(["a", "b", "c", "z"]), st.integers(-1, 2), st.sampled_from([1.0, 2.0, 3.0, NAN]), st.booleans()
)  # fmt: skip
"""Company, place of the parcel, area, whether it is there on the day."""


def held_by(rows, companies=None):
    ends = [None if on else "2020-01-01" for *_, on in rows]
    table = pd.DataFrame(
        {
            "enterprise_id": pd.Series([row[0] for row in rows], dtype=object),
            "occupied_area_m2": pd.Series([row[2] for row in rows], dtype=float),
            "to_on": pd.to_datetime(pd.Series(ends, dtype=object)),
        }
    )
    at = np.array([row[1] for row in rows], dtype=np.intp)
    return holdings(table, at, 3, DAY, companies=companies)


@pytest.fixture
def office(tmp_path):
    """The national pack with figures of an office over it."""

    def rules(**figures: str):
        text = OFFICE + "".join(f'["{key.split("__")[0]}".{key.split("__")[1]}]\nvalue = {value}\n{SOURCE}' for key, value in figures.items())  # fmt: skip
        (tmp_path / "office.toml").write_text(text, encoding="utf-8")
        return load_packs(["national", "office.toml"], tmp_path)

    return rules


NATIONAL = load_packs(["national"], Path())


@pytest.fixture
def national():
    return NATIONAL


# Eight parcels of 1 ha in a park of 10 ha: what each is stands beside it.
STATES = ["in_use", "in_use", "in_use", "not_built_on", "under_construction", "reserve", "approved_not_supplied", "suspended"]  # fmt: skip
USES = ["100101", "1101", "0701", "1207", "100101", "16", "100101", "100101"]
STATUS = [
    "supplied",
    "supplied",
    "supplied",
    None,
    "supplied",
    "reserve",
    "approved_not_supplied",
    "supplied",
]
IDLE = ["no", "no", "no", None, "no", None, None, "yes"]


def parcels_of(**columns):
    shapes = [rect(100 * at, 0, 100, 100) for at in range(8)]
    frame = land(
        shapes, parcel_id=[f"p{at}" for at in range(8)], park_id=["k"] * 8, land_state=STATES, land_use_code=USES,
        supply_status=STATUS, idle=IDLE, idle_consequence=[None] * 7 + ["recovery"],
        floor_area_m2=[8000.0, 12000.0, 20000.0, 0.0, 0.0, 0.0, 0.0, 0.0], footprint_m2=[4000.0, 6000.0, 2000.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        building_coefficient=[0.5, 0.7, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0],
        output_wan_per_mu=[100.0, 300.0, NAN, NAN, NAN, NAN, NAN, NAN], tax_wan_per_mu=[10.0, 20.0, NAN, NAN, NAN, NAN, NAN, NAN],
        fixed_assets_wan_per_mu=[200.0, 400.0, NAN, NAN, NAN, NAN, NAN, NAN], value_added_wan_per_mu=[30.0, 50.0, NAN, NAN, NAN, NAN, NAN, NAN],
        acquired=[None] * 5 + [True, True, None], levelled=[None] * 5 + [True, True, None], ready_services=[NAN] * 5 + [3.0, 2.0, NAN],
        contract_on=pd.to_datetime(["2010-01-01", "2022-01-01", "2023-01-01", None, "2025-01-01", None, None, "2021-06-30"]),
        releasable_area_m2=[0.0] * 7 + [1e4], releasable_floor_area_m2=NAN, idle_cost_wan_per_year=NAN, vertical_headroom_m2=NAN,
        roof_area_m2=NAN, pv_kwp_low=NAN, pv_kwp_high=NAN,
    )  # fmt: skip
    frame["site_area_m2"] = frame.area
    for name, values in columns.items():
        frame[name] = values
    return frame


PERFORMANCE = pd.DataFrame(
    {
        "enterprise_id": ["a", "b", "a", "b"], "year": [2024.0, 2024.0, 2025.0, 2025.0], "output_wan": [1000.0, 4000.0, 1500.0, 4500.0],
        "value_added_wan": [400.0, 600.0, 450.0, 750.0], "revenue_wan": [1000.0, 4000.0, 2000.0, 3000.0], "rd_wan": [10.0, 10.0, 60.0, 40.0],
        "capacity_use": [0.5, 0.5, 0.8, 0.6],
    }
)  # fmt: skip
OCCUPANCY = pd.DataFrame(
    {"enterprise_id": ["a", "b"], "parcel_id": ["p0", "p1"], "occupied_area_m2": [1e4, 1e4]}
)
ENTERPRISES = pd.DataFrame({"enterprise_id": ["a", "b"], "industry_code": ["3610", "C39"]})


def taken(parcels, rules, *, companies=True, **park_columns):
    """The park stage on a desk of these parcels."""
    boundary = land([rect(0, 0, 1000, 100)], park_id=["k"], **{name: [value] for name, value in park_columns.items()})  # fmt: skip
    more = (
        {"occupancy": OCCUPANCY, "performance": PERFORMANCE, "enterprises": ENTERPRISES} if companies else {}
    )
    layers = Layers(parks=boundary, parcels=parcels, **more)
    return park(Desk(layers, rules, DAY, parcels, boundary, pd.DataFrame(index=parcels.index)))


def rows_of(part):
    return part.tables["indicators"].set_index("name")


def asked(part):
    return {gap[2]: gap[3]["en"] for gap in part.gaps}


@pytest.fixture(scope="module")
def part():
    return taken(parcels_of(), NATIONAL, residents=300.0, policy_promised_wan=200.0, policy_paid_wan=150.0, leading_industries="汽车、电子")  # fmt: skip


class TestArithmetic:
    def test_the_ledger(self, part):
        ledger = part.tables["land_ledger"]().set_index("item")
        told = {item: area / 1e4 for item, area in ledger["area_m2"].items()}
        assert told == {
            "P": 10, "A": 4, "A1": 1, "A2": 2, "A3": 1, "A4": 0, "B": 4, "B21": 3, "B22": 1, "B23": 0, "C": 0, "U": 0, "N": 2, "O": 0,
            "S": 0, "D": 6, "E": 2, "F": 0, "DU": 0, "G": 1,
        }  # fmt: skip
        assert ledger["parcels"].drop(["N", "O", "S"]).to_dict() == {
            "P": 8, "A": 4, "A1": 1, "A2": 2, "A3": 1, "A4": 0, "B": 4, "B21": 3, "B22": 1, "B23": 0, "C": 0, "U": 0, "D": 6, "E": 2, "F": 0,
            "DU": 0, "G": 1,
        }  # fmt: skip
        assert (ledger["low_m2"] == ledger["high_m2"]).all()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("development_rate", 100 * 7 / 8),
            ("supply_rate", 100 * 6 / 7),
            ("completion_rate", 100 * 4 / 6),
            ("industrial_land_rate", 50),
            ("residential_land_rate", 25),
            ("idle_rate", 100 / 6),
            ("overall_far", 1.0),
            ("overall_building_density", 30),
            ("industrial_far", 1.0),
            ("industrial_building_coefficient", 60),
            ("industrial_fixed_assets_wan_per_ha", 300 * 15),
            ("industrial_output_wan_per_ha", 200 * 15),
            ("industrial_tax_wan_per_ha", 15 * 15),
            ("overall_tax_wan_per_ha", (10 + 20) * 15 / 4),  # housing and a road of A pay none
            ("population_density", 75),
            ("policy_fulfilment", 75),
            ("occupancy_rate", 100),
            ("value_added_growth", 20),
            ("capacity_use", 100 * (0.8 * 1500 + 0.6 * 4500) / 6000),
            ("rd_share", 2),
            ("leading_industries_stated", 2),
            ("leading_industries_counted", 2),
            ("suppliable_ha", 2),
            ("suppliable_industrial_ha", 1),
            ("management_potential_ha", 1),
            (
                "yearly_supply_ha",
                3 / 5,
            ),  # of 2022, 2023, 2025; the one of 2021-06-30 is five years old on the day
            ("years_of_supply", 2 / 0.6),
            ("releasable_ha", 1),
        ],
    )
    def test_an_indicator(self, part, name, value):
        row = rows_of(part).loc[name]
        assert row["value"] == pytest.approx(value)
        assert row["low"] - 1e-9 <= row["value"] <= row["high"] + 1e-9
        factor = 100 if row["unit"] == "%" else 1
        if not np.isnan(row["denominator"]) and name != "intensive_use_score":
            assert row["value"] == pytest.approx(factor * row["numerator"] / row["denominator"])

    def test_what_it_is_compared_with(self, part):
        rows = rows_of(part)
        assert rows.loc["development_rate", "benchmark"] == pytest.approx(89.66)
        assert rows.loc["industrial_tax_wan_per_ha", "benchmark"] == 678.99
        assert rows.loc["overall_far", "benchmark"] == 1.06
        assert rows.loc["leading_industries_counted", "benchmark"] == 3

    def test_every_indicator_is_there_and_says_how(self, part):
        rows = rows_of(part)
        assert set(TITLES) <= set(rows.index)
        assert (rows[["zh", "en", "formula_zh", "formula_en"]] != "").all().all()

    def test_the_zone(self, part):
        # A1 is just 25 % of A, which is no longer little housing, and A2 half of it.
        assert part.parks["zone_type"].tolist() == ["other"]
        assert rows_of(part).loc["zone_type", "value_zh"] == "其他"

    def test_what_is_missing_is_nan_with_what_to_ask(self, part):
        rows, gaps = rows_of(part), asked(part)
        for name in (
            "intensive_use_score",
            "structural_potential_ha",
            "intensity_potential_output_ha",
            "pv_kwp_low",
        ):
            assert np.isnan(rows.loc[name, "value"])
            assert gaps[name]
        assert "park.weights" in gaps["intensive_use_score"]
        assert "park.region_output_shares" in gaps["location_quotient"]

    def test_a_missing_figure_never_comes_without_a_gap(self, national):
        part = taken(parcels_of(), national, companies=False)
        rows = rows_of(part)
        silent = set(rows.index[rows["value"].isna() & (rows["value_en"] == "")]) - set(asked(part))
        plain = {"far", "building_density", *(name for name in rows.index if name.endswith("_per_mu"))}
        assert silent - plain == set()


class TestUnknown:
    def test_idle_undetermined_is_a_range(self, national):
        part = taken(parcels_of(idle=["undetermined", *IDLE[1:]]), national)
        row, ledger = rows_of(part).loc["idle_rate"], part.tables["land_ledger"]().set_index("item")
        assert ledger.loc["G", ["area_m2", "low_m2", "high_m2"]].tolist() == [1e4, 1e4, 2e4]
        assert (row["value"], row["low"], row["high"]) == pytest.approx((100 / 6, 100 / 6, 200 / 6))
        assert "undetermined" in asked(part)["idle_rate"]

    def test_nothing_judged_is_not_nothing_idle(self, national):
        part = taken(parcels_of(idle=["undetermined"] * 8), national)
        assert np.isnan(part.tables["land_ledger"]().set_index("item").loc["G", "area_m2"])
        row = rows_of(part).loc["idle_rate"]
        assert np.isnan(row["value"])
        assert (row["low"], row["high"]) == (0, 100)

    def test_readiness_not_known_leaves_the_rates_that_need_it_open(self, national):
        frame = parcels_of(ready_services=[NAN] * 8)
        part = taken(frame, national)
        ledger, rows = part.tables["land_ledger"]().set_index("item"), rows_of(part)
        assert ledger.loc["B23", "area_m2"] == 2e4
        assert ledger.loc["B21", ["low_m2", "high_m2"]].tolist() == [2e4, 4e4]
        assert np.isnan(rows.loc["development_rate", "value"])
        assert (rows.loc["development_rate", "low"], rows.loc["development_rate", "high"]) == (75, 100)
        assert "acquired" in asked(part)["development_rate"]
        assert rows.loc["completion_rate", "value"] == pytest.approx(100 * 4 / 6)

    @pytest.mark.parametrize("column", ["acquired", "levelled"])
    def test_one_that_fails_is_enough_not_to_be_ready(self, national, column):
        frame = parcels_of(ready_services=[NAN] * 8)
        frame.loc[5, column] = False
        assert land_classes(frame, None, national, DAY).loc[5, "ready"] == 0

    def test_without_states_ledger_or_buildings_nothing_is_known(self, national):
        told = ["land_state", "supply_status", "contract_on", "land_use_code", "ready_services"]
        classes = land_classes(parcels_of().drop(columns=told), None, national, DAY)
        assert classes[["built", "supplied", "ready"]].isna().all().all()
        assert classes["use"].isna().all()

    def test_no_supply_in_the_years_that_count(self, national):
        part = taken(parcels_of(contract_on=pd.to_datetime(["2001-01-01"] * 8)), national)
        assert rows_of(part).loc["yearly_supply_ha", "value"] == 0
        assert np.isnan(rows_of(part).loc["years_of_supply", "value"])
        assert "last 5 years" in asked(part)["years_of_supply"]


class TestClasses:
    @pytest.mark.parametrize(
        ("columns", "built"),
        [
            ({"supply_status": "supplied", "actual_completion": "2020-01-01"}, 1),
            ({"supply_status": "supplied", "actual_completion": "2027-01-01"}, NAN),
            ({"supply_status": "supplied", "actual_start": "2020-01-01", "building_density": 0.4}, 0),
            ({"supply_status": "reserve", "building_density": 0.4}, 0),
            ({"supply_status": "supplied", "building_density": 0.1}, 1),
            ({"supply_status": "supplied", "building_density": 0.05}, NAN),
            ({"supply_status": "supplied", "building_density": 0.0}, 0),
        ],
    )
    def test_without_a_state(self, national, columns, built):
        frame = land([rect(0, 0, 100, 100)], site_area_m2=[1e4], **{name: [value] for name, value in columns.items()})  # fmt: skip
        for name in ("actual_start", "actual_completion"):
            if name in frame:
                frame[name] = pd.to_datetime(frame[name])
        assert land_classes(frame, None, national, DAY)["built"].tolist() == pytest.approx(
            [built], nan_ok=True
        )

    @pytest.mark.parametrize(
        ("classification", "codes"),
        [
            ("2023", {"0701": "residential", "100102": "industrial", "110101": "industrial", "0602": "other", "1201": "other"}),
            ("GB/T 21010", {"0701": "residential", "0601": "industrial", "0604": "industrial", "1001": "other", "1201": "other"}),
        ],
    )  # fmt: skip
    def test_the_same_digits_mean_what_the_classification_says(self, office, classification, codes):
        rules = office(ledger__classification=f'"{classification}"')
        letters = {"M2": "industrial", "W1": "industrial", "R2": "residential", "G1": "other", "": None}
        named = codes | letters
        frame = land(
            [rect(0, 0, 1, 1)] * len(named), site_area_m2=[1.0] * len(named), land_use_code=list(named)
        )
        use = land_classes(frame, None, rules, DAY)["use"].astype(object)
        assert use.where(use.notna(), "").tolist() == [meant or "" for meant in named.values()]

    def test_a_classification_that_is_not_one(self, office):
        with pytest.raises(PackError, match="GB/T 21010"):
            land_classes(parcels_of(), None, office(ledger__classification='"2017"'), DAY)

    def test_public_land_may_be_left_open(self, office):
        classes = land_classes(parcels_of(), None, office(ledger__public_land='"unknown"'), DAY)
        assert classes.loc[3, ["built", "supplied"]].isna().all()
        with pytest.raises(PackError, match="built"):
            land_classes(parcels_of(), None, office(ledger__public_land='"maybe"'), DAY)

    def test_barred_land_is_not_counted_where_it_is_built_or_supplied(self, national):
        barred = land_classes(parcels_of(), np.full(8, 0.25), national, DAY)["unbuildable"]
        assert barred.tolist() == [0, 0, 0, 0, 0, 0.25, 0.25, 0]


CELL = st.tuples(
    st.sampled_from(["in_use", "under_construction", "reserve", "undetermined", None]),
    st.sampled_from(["supplied", "reserve", "approved_not_supplied", None]),
    st.sampled_from(["1001", "0701", "1401", "17", None]),
    st.sampled_from(["yes", "no", "undetermined", None]),
    st.floats(0, 1),
    st.integers(-150, 950),
    st.integers(-150, 950),
    st.integers(1, 400),
)


@given(st.lists(CELL, min_size=1, max_size=6))
def test_the_ledger_accounts_for_all_ground_of_the_boundary_once(cells):
    states, status, codes, idle, barred, xs, ys, sizes = zip(*cells, strict=True)
    shapes = [rect(x, y, size, size) for x, y, size in zip(xs, ys, sizes, strict=True)]
    frame = land(shapes, park_id=["k"] * len(cells), land_state=states, supply_status=status, land_use_code=codes, idle=idle)  # fmt: skip
    frame["site_area_m2"] = frame.area
    parks = land([rect(0, 0, 1000, 1000)], park_id=["k"])
    classes = land_classes(frame, np.array(barred), NATIONAL, DAY)
    area = land_ledger(frame, classes, ground_account(frame, parks)).of("k")
    assert area["A"] + area["B"] + area["C"] + area["U"] + area["N"] - area["O"] - area["S"] == pytest.approx(
        1e6
    )
    parcels = frame.area.sum()
    assert area["D"] + area["E"] + area["F"] + area["DU"] == pytest.approx(parcels)
    assert area["A1"] + area["A2"] + area["A3"] + area["A4"] == pytest.approx(area["A"])
    assert area["B21"] + area["B22"] + area["B23"] == pytest.approx(area["B"])
    certain = not any(area[item] for item in ("A4", "B23", "U", "DU", "GU"))
    asked = any(idle)
    assert np.isnan(area["GU"]) == (not asked)
    for name, (part, whole, (low, high)) in rate_bounds(area).items():
        if name == "idle_rate" and not asked:
            assert np.isnan(low)
            assert np.isnan(high)
            continue
        assert low <= high or whole == 0
        if whole > 0 and certain:
            assert (low, high) == pytest.approx((part / whole, part / whole))
    # Three values: what is not known never becomes idle.
    assert np.isnan(area["G"]) or area["G"] == pytest.approx(frame.area[frame["idle"] == "yes"].sum())


class TestZone:
    @pytest.mark.parametrize(
        ("industrial", "residential", "found"),
        [
            (0.3, 0.25, "integrated"),
            (0.3, 0.2499, "other"),
            (0.3001, 0.25, "other"),
            (0.3001, 0.2499, "industry_led"),
            (0.0, 0.25, "integrated"),
            (0.1 + 0.2, 0.25, "integrated"),  # 0.30000000000000004
        ],
    )
    def test_thresholds(self, national, industrial, residential, found):
        assert zone_type((industrial, industrial), (residential, residential), national) == found

    def test_open_only_where_it_could_be_another(self, national):
        assert zone_type((0.5, 0.9), (0.0, 0.1), national) == "industry_led"
        assert zone_type((0.2, 0.9), (0.0, 0.1), national) is None
        assert zone_type((NAN, NAN), (0.0, 0.1), national) is None

    def test_no_thresholds_no_type(self):
        abroad = load_packs([], Path())
        assert zone_type((0.5, 0.5), (0.0, 0.0), abroad) is None
        part = taken(parcels_of(), abroad)
        assert "zone_type" not in rows_of(part).index
        assert part.parks["zone_type"].isna().all()


class TestScore:
    IDEALS = "{ industrial_land_rate = 60, industrial_far = 2, industrial_output_wan_per_ha = 4000 }"

    def test_value_over_ideal_capped_and_weighted(self, office):
        rules = office(park__ideal_values=self.IDEALS, park__weights="{ industrial_land_rate = 1, industrial_far = 3 }")  # fmt: skip
        row, gaps = intensive_use_score({"industrial_land_rate": 90.0, "industrial_far": 1.0}, rules)
        assert row["value"] == pytest.approx((100 + 3 * 50) / 4)
        assert gaps == []

    def test_one_missing_leaves_it_missing(self, office):
        rules = office(park__ideal_values=self.IDEALS, park__weights="{ industrial_land_rate = 1, industrial_far = 3 }")  # fmt: skip
        row, gaps = intensive_use_score({"industrial_land_rate": 90.0, "industrial_far": NAN}, rules)
        assert np.isnan(row["value"])
        assert "Industrial floor area ratio" in gaps[0][3]["en"]
        assert "工业用地综合容积率" in gaps[0][3]["zh"]

    def test_a_weight_without_an_ideal(self, office):
        rules = office(park__ideal_values=self.IDEALS, park__weights="{ overall_far = 1 }")
        with pytest.raises(PackError, match="overall_far"):
            intensive_use_score({}, rules)

    def test_kinds_of_potential(self, office):
        values = {"industrial_land_rate": 50.0, "industrial_far": 1.5, "industrial_output_wan_per_ha": 5000.0}
        rows, gaps = ideal_potential(values, 10.0, 5.0, office(park__ideal_values=self.IDEALS))
        told = {row["name"]: row["value"] for row in rows}
        assert told["structural_potential_ha"] == pytest.approx(1.0)
        assert told["intensity_potential_far_ha"] == pytest.approx(1.25)
        assert told["intensity_potential_output_ha"] == 0
        assert np.isnan(told["intensity_potential_investment_ha"])
        assert [gap[2] for gap in gaps] == ["intensity_potential_investment_ha"]


class TestIndustries:
    OUTPUT = pd.DataFrame(
        {
            "park_id": ["k"] * 4,
            "industry": ["36", "36", "39", None],
            "output_wan": [100.0, 200.0, 100.0, 50.0],
        }
    )
    LAND = pd.DataFrame({"park_id": ["k"] * 4, "site_area_m2": [100.0, 200.0, 100.0, 600.0]})
    INDUSTRY = pd.Series(["36", "39", "39", None], dtype=object)

    def test_shares(self, national):
        table = leading_industries(self.LAND, self.INDUSTRY, self.OUTPUT, national).set_index("industry_code")
        assert table.index.tolist() == ["36", "39"]
        assert table["output_share"].tolist() == [0.75, 0.25]
        assert table["land_share"].tolist() == [0.25, 0.75]
        assert table["companies"].tolist() == [2, 1]
        assert table["location_quotient"].isna().all()
        assert table["leading"].all()
        assert table.loc["36", "zh"] == "汽车制造业"

    def test_location_quotient(self, office):
        rules = office(park__region_output_shares='{ "36" = 0.25, "39" = 0.5 }')
        table = leading_industries(self.LAND, self.INDUSTRY, self.OUTPUT, rules).set_index("industry_code")
        assert table["location_quotient"].tolist() == [3.0, 0.5]
        assert table["leading"].tolist() == [True, False]

    def test_nothing_known(self, national):
        table = leading_industries(
            self.LAND, pd.Series([None] * 4, dtype=object), self.OUTPUT.iloc[3:], national
        )
        assert table.empty
        rows, gaps = leading_rows(table, None, national)
        assert all(np.isnan(row["value"]) for row in rows)
        assert {gap[2] for gap in gaps} == {"leading_industries_stated", "leading_industries_counted", "location_quotient"}  # fmt: skip

    def test_a_parcel_is_of_the_industry_that_holds_most_of_it(self):
        where = pd.DataFrame(
            {"enterprise_id": ["a", "b"], "parcel_id": ["p", "p"], "occupied_area_m2": [1.0, 2.0]}
        )
        sites = pd.DataFrame({"parcel_id": ["p", "q"], "industry_code": ["13", "C1411"]})
        codes = pd.Series({"a": "36", "b": "39"}, dtype=object)
        held = holdings(where, np.array([0, 0]), 2, DAY)
        assert parcel_industries(sites, held, codes).tolist() == ["39", "14"]

    @given(
        st.lists(TENANCY, max_size=8),
        st.lists(st.sampled_from(["13", "C1411", "n/a", None]), min_size=3, max_size=3),
    )
    def test_industries_as_one_looks_them_up_one_by_one(self, rows, stated):
        sites = pd.DataFrame({"industry_code": pd.Series(stated, dtype=object)})
        codes = pd.Series({"a": "36", "b": "39", "c": None}, dtype=object)
        found = parcel_industries(sites, held_by(rows), codes)
        for at, own in enumerate({"13": "13", "C1411": "14"}.get(text) for text in stated):
            there = [
                (1 if np.isnan(area) else -area, who)
                for who, place, area, on in rows
                if on and place == at and codes.get(who)
            ]
            expected = codes[min(there)[1]] if there else own
            assert found[at] == expected or (expected is None and pd.isna(found[at]))

    def test_names_in_a_list(self):
        assert stated_industries("装备制造和新材料; 电子信息、装备制造") == ("装备制造", "新材料", "电子信息")
        assert stated_industries(None) == ()


def test_a_company_on_several_parks_is_of_the_one_it_holds_most_of():
    rows = [("a", 0, 1.0, True), ("a", 1, 2.0, False), ("b", -1, 1.0, True)]
    assert home_park(held_by(rows), pd.Series(["one", "two", "two"])).to_dict() == {"a": "two"}


@given(st.lists(TENANCY, max_size=10), st.lists(st.sampled_from(["one", "two"]), min_size=3, max_size=3))
def test_home_parks_as_one_adds_them_up_one_by_one(rows, parks):
    found = home_park(held_by(rows), pd.Series(parks)).to_dict()
    for company in "abcz":
        own = [(parks[place], area) for who, place, area, _ in rows if who == company and place >= 0]
        sums = {
            park: (
                -sum(area for at, area in own if at == park and not np.isnan(area)),
                -sum(at == park for at, _ in own),
            )
            for park, _ in own
        }
        assert found.get(company) == (min((*sums[park], park) for park in sums)[2] if sums else None)


@given(st.lists(TENANCY, max_size=10), st.lists(st.sampled_from(["one", "two"]), min_size=3, max_size=3))
def test_companies_looked_up_among_more_hold_the_same(rows, parks):
    _, looked_up = named_alike(pd.Series(["y", "z", "c"]), pd.Series([row[0] for row in rows], dtype=object))
    own, same = held_by(rows), held_by(rows, looked_up)
    categories = pd.Series(pd.Categorical(parks, categories=["one", "two"]))
    assert home_park(same, categories).to_dict() == home_park(own, pd.Series(parks)).to_dict()
    sites, codes = pd.DataFrame(index=range(3)), pd.Series({"a": "36", "b": "39", "c": None}, dtype=object)
    pd.testing.assert_series_equal(
        parcel_industries(sites, same, codes), parcel_industries(sites, own, codes)
    )


def test_occupied_on_the_day_itself():
    table = pd.DataFrame({"enterprise_id": "e", "from_on": pd.to_datetime(["2026-06-30", "2026-07-01", None, None]), "to_on": pd.to_datetime([None, None, "2026-06-30", "2026-06-29"])})  # fmt: skip
    held = holdings(table, np.array([0, 1, 2, -1]), 4, DAY)
    assert held.on_day.tolist() == [True, False, True, False]
    assert held.occupied.tolist() == [True, False, True, False]


def test_a_park_is_made_of_the_columns_that_it_says_it_reads(national):
    frame = parcels_of(contract_on=pd.to_datetime(["2024-01-01"] * 8), idle_consequence="recovery", tax_wan_per_mu=1.0, roof_area_m2=5.0)  # fmt: skip
    whole = pd.DataFrame(frame)
    classes = land_classes(frame, None, national, DAY)
    ledger = land_ledger(frame, classes, ground_account(frame, land([rect(0, 0, 1000, 100)], park_id=["k"])))
    one = OnePark({}, np.arange(8), whole, classes, ledger.of("k"), np.ones(8, dtype=bool), None, None, pd.DataFrame(columns=[*INDUSTRY_COLUMNS]), None)  # fmt: skip
    less = replace(one, parcels=whole[[name for name in READ if name in whole]])
    assert repr(whole_park(less, national, DAY).rows) == repr(whole_park(one, national, DAY).rows)


def test_two_parks_are_told_apart(national):
    frame = parcels_of(park_id=["k"] * 4 + ["m"] * 4)
    boundary = land([rect(0, 0, 400, 100), rect(400, 0, 600, 100)], park_id=["k", "m"])
    layers = Layers(parks=boundary, parcels=frame)
    part = park(Desk(layers, national, DAY, frame, boundary, pd.DataFrame(index=frame.index)))
    told = part.tables["indicators"].set_index(["park_id", "name"])["value"]
    assert told["k", "completion_rate"] == 100
    assert told["m", "completion_rate"] == 0
    areas = part.tables["land_ledger"]().set_index(["park_id", "item"])["area_m2"]
    assert (areas["k", "N"], areas["m", "N"]) == (0, 2e4)


class TestWhatNoPackJudges:
    """Scotland's pack alone holds no rule for idleness and no classes of land use."""

    RULES = load_packs(["scotland"], Path())

    def test_what_is_not_judged_is_missing_and_says_why(self):
        part = taken(parcels_of(idle=pd.Series([None] * 8, dtype=object)), self.RULES)
        rows = part.tables["indicators"].set_index("name")
        names = ["idle_parcels", "idle_area_ha", "undetermined_parcels", "undetermined_area_ha", "idle_rate", "management_potential_ha", "suppliable_ha", "years_of_supply", "leading_industries_counted"]  # fmt: skip
        assert rows.loc[names, ["value", "low", "high"]].isna().all(axis=None)
        asks = {gap[2]: gap[3] for gap in part.gaps}
        assert set(names) <= set(asks)
        assert "no pack in force holds a rule" in asks["idle_area_ha"]["en"]
        ledger = part.tables["land_ledger"]().set_index("item")
        assert ledger.loc["G", ["area_m2", "low_m2", "high_m2", "parcels"]].isna().all()

    def test_a_use_of_which_no_pack_knows_the_codes_is_not_known(self):
        done = parcels_of(actual_completion=pd.to_datetime(["2020-01-01"] * 8))
        ledger = taken(done, self.RULES).tables["land_ledger"]().set_index("item")["area_m2"]
        assert ledger["A"] == ledger["A4"] > 0
        assert ledger[["A1", "A2", "A3"]].sum() == 0


def test_overall_tax_is_only_a_least_where_returns_lack(national):
    parcels = parcels_of(tax_wan_per_mu=[10.0] + [NAN] * 7)
    part = taken(parcels, national)
    row = part.tables["indicators"].set_index("name").loc["overall_tax_wan_per_ha"]
    assert row["low"] == pytest.approx(10 * 15 / 4)
    assert np.isnan(row["value"])
    assert np.isnan(row["high"])
    assert "1.0 ha" in next(gap[3]["en"] for gap in part.gaps if gap[2] == "overall_tax_wan_per_ha")


def test_a_missing_field_is_named_by_its_title(national):
    filed = PERFORMANCE.drop(columns="capacity_use")
    latest, before = (filed[filed["year"] == year].set_index("enterprise_id") for year in (2025, 2024))
    _, gaps = company_rows(pd.DataFrame(parcels_of()), land_classes(parcels_of(), None, national, DAY), None, (latest, before), 2025, national)  # fmt: skip
    asks = next(gap[3] for gap in gaps if gap[2] == "capacity_use")
    assert schema("performance").fields["capacity_use"].zh in asks["zh"]
    assert "capacity_use" not in asks["zh"] + asks["en"]
