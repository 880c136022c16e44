"""Modes of agglomeration, structure of industries, supply links, missing links: by hand; what is not known says nothing."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.assess.chain import CHAIN_COLUMNS, chain_gaps
from parkgeo.assess.mode_indicators import (
    company_indicators,
    facility_indicators,
    land_indicators,
    policy_indicators,
)
from parkgeo.assess.modes import MODES, Known, Mode, mode_rows, park_mode, scored_modes
from parkgeo.assess.park.companies import holdings
from parkgeo.assess.structure import STRUCTURE_COLUMNS, concentration_of_parks, industry_structure
from parkgeo.assess.supply_links import link_figures, links_of_mode, placed_links, supply_distances
from parkgeo.packs import load_packs
from tests.builders import CRS, rect

NAN = float("nan")
RULES = load_packs(["national"], Path())
BARE = load_packs([], Path())
INDICATORS = sorted(
    {what for names in RULES["agglomeration.mode_indicators"].lists().values() for what in names}
)


def companies(*rows, **more):
    """A row a company: id, park, industry, output."""
    frame = pd.DataFrame(list(rows), columns=["enterprise_id", "park_id", "industry", "output_wan"])
    frame = frame.astype({"output_wan": "float64"}).assign(staff=NAN, rd_wan=NAN, revenue_wan=NAN)
    return frame.assign(**more).set_index("enterprise_id")


TWO_PARKS = companies(
    ("a", "K", "39", 60.0), ("b", "K", "39", 20.0), ("c", "K", "36", 20.0), ("d", "L", "36", 100.0), ("e", "L", None, 40.0)
)  # fmt: skip


class TestStructure:
    def test_without_a_region_all_parks_together_are_the_reference(self):
        found = industry_structure(TWO_PARKS, RULES, "2017").set_index(["park_id", "industry"])
        assert found["output_share"].to_dict() == {("K", "39"): 0.8, ("K", "36"): 0.2, ("L", "36"): 1.0}
        # Of the 200 whose industry is known 80 are of 39 and 120 of 36.
        assert found["location_quotient"].round(6).to_dict() == {
            ("K", "39"): 2.0, ("K", "36"): round(0.2 / 0.6, 6), ("L", "36"): round(1 / 0.6, 6),
        }  # fmt: skip
        assert set(found["reference"]) == {"all_parks"}
        assert found.loc[
            ("K", "39"), ["companies", "largest_company_share", "company_herfindahl"]
        ].tolist() == [2, 0.75, 0.625]

    def test_the_region_of_the_pack_goes_first(self, tmp_path):
        (tmp_path / "ours.toml").write_text(
            '[pack]\nname = "ours"\nedition = "1"\n[park.region_output_shares]\nvalue = { "39" = 0.1 }\nsource = "ours"\nedition = "1"\nverified = true\n',
            encoding="utf-8",
        )
        found = industry_structure(TWO_PARKS, load_packs(["national", "ours.toml"], tmp_path), "2017")
        quotient = found.set_index(["park_id", "industry"])["location_quotient"]
        assert quotient["K", "39"] == pytest.approx(8)
        assert quotient.drop(("K", "39")).isna().all()
        assert set(found["reference"]) == {"region"}

    def test_one_park_and_no_region_has_no_quotient(self):
        found = industry_structure(TWO_PARKS[TWO_PARKS["park_id"] == "K"], RULES, "2017")
        assert found["location_quotient"].isna().all()
        assert set(found["reference"]) == {"none"}

    def test_staff_stands_beside_output(self):
        found = industry_structure(TWO_PARKS.assign(staff=[10, 20, 70, 100, 5]), RULES, "2017")
        assert found.set_index(["park_id", "industry"])["staff_share"]["K", "36"] == pytest.approx(0.7)
        assert industry_structure(TWO_PARKS, RULES, "2017")["staff_quotient"].isna().all()

    def test_output_not_known_is_not_zero(self):
        found = industry_structure(TWO_PARKS.assign(output_wan=NAN), RULES, "2017")
        assert (
            found[["output_wan", "output_share", "location_quotient", "company_herfindahl"]]
            .isna()
            .all(axis=None)
        )
        assert found["companies"].sum() == 4

    def test_nobody(self):
        found = industry_structure(TWO_PARKS.iloc[:0], RULES, "2017")
        assert list(found) == list(STRUCTURE_COLUMNS)
        assert found.empty

    def test_concentration(self):
        ids = pd.Series(["K", "L", "M"])
        found = concentration_of_parks(TWO_PARKS.assign(output_wan=[60, 20, 20, 100, NAN]), ids)
        assert found["dominant_company_share"].tolist()[:2] == [0.6, 1.0]
        assert found["company_herfindahl"].tolist()[:2] == pytest.approx([0.44, 1.0])
        assert found["industry_herfindahl"].tolist()[:2] == pytest.approx([0.68, 1.0])
        assert found["output_known_share"].tolist()[:2] == [1.0, 0.5]
        assert found.iloc[2].isna().all()


def gaps_of(rows, *, unknown=None, least=0.05, chain=None):
    frame = industry_structure(companies(*rows), RULES, "2017")
    table = {"36": ("33", "39"), "39": ("38",)} if chain is None else chain
    strengths = {"strong": 0.5, "moderate": 0.2}
    return chain_gaps(frame, unknown or {}, table, edition="2017", share_least=least, strengths=strengths)


class TestChain:
    def test_what_an_industry_needs_and_the_park_lacks(self):
        found = gaps_of(
            [("a", "K", "36", 70.0), ("b", "K", "39", 30.0), ("c", "L", "33", 5.0), ("d", "L", "38", 9.0)]
        )
        assert found[["park_id", "industry", "lacks", "strength", "nearest_park"]].to_numpy().tolist() == [
            ["K", "36", "33", "strong", "L"],
            ["K", "39", "38", "moderate", "L"],
        ]
        assert found["lacks_zh"].tolist() == ["金属制品业", "电气机械和器材制造业"]
        assert set(found["verdict"]) == {"yes"}

    def test_a_company_of_unknown_industry_may_be_what_is_missing(self):
        found = gaps_of([("a", "K", "36", 70.0)], unknown={"K": 2})
        assert found["verdict"].tolist() == ["undetermined"] * 2
        assert found["nearest_park"].isna().all()

    def test_small_industries_are_left_out_and_those_of_unknown_output_are_not(self):
        assert gaps_of([("a", "K", "36", 1.0), ("b", "K", "13", 99.0)]).empty
        assert set(gaps_of([("a", "K", "36", NAN), ("b", "K", "13", NAN)])["strength"]) == {"unknown"}

    def test_no_table_and_nobody(self):
        assert gaps_of([("a", "K", "36", 70.0)], chain={}).empty
        assert list(gaps_of([])) == list(CHAIN_COLUMNS)

    @settings(max_examples=12, deadline=None)
    @given(st.sets(st.sampled_from(["13", "33", "36", "38", "39"]), min_size=1))
    def test_more_industries_never_lack_more_of_the_same(self, present):
        """One more industry can fill gaps of the others and never opens one for them."""
        few = gaps_of([(code, "K", code, 10.0) for code in sorted(present)], least=0.0)
        many = gaps_of([(code, "K", code, 10.0) for code in sorted(present | {"38"})], least=0.0)
        own = {(row.industry, row.lacks) for row in many.itertuples() if row.industry in present}
        assert own <= {(row.industry, row.lacks) for row in few.itertuples()}

    def test_the_shipped_table_names_known_industries(self):
        from parkgeo.packs.industry import industry_title

        for code, needs in RULES["agglomeration.chain"].lists().items():
            assert code not in needs
            assert all(industry_title(each, "2017", "en") for each in (code, *needs))


SHAPES = np.array([rect(0, 0, 10, 10), rect(300, 400, 10, 10), rect(90_000, 0, 10, 10)], dtype=object)


def linked(rows, *, held=True):
    table = pd.DataFrame(rows, columns=["from_id", "to_id", "value_wan"])
    occupancy = pd.DataFrame({"enterprise_id": ["a", "b", "d"]})
    found = holdings(occupancy, np.array([0, 1, 2]), 3, dt.date(2026, 6, 30)) if held else None
    home = pd.Series({"a": "K", "b": "K", "d": "L"}) if held else pd.Series(dtype="str")
    return placed_links(table, found, home, SHAPES)


LINKS = [("a", "b", 60.0), ("d", "a", 30.0), ("x", "b", 10.0), ("a", "a", 5.0)]


class TestLinks:
    def test_distances(self):
        found = supply_distances(linked(LINKS), CRS)
        assert found["distance_m"].round(1).tolist()[:2] == [500.0, 90_000.0]
        assert np.isnan(found["distance_m"].iloc[2])
        assert found["within_park"].tolist() == ["yes", "no", "undetermined"]
        assert found["park_id"].fillna("").tolist() == ["K", "", ""]
        assert found.geometry.length.round(1).tolist()[:2] == [500.0, 90_000.0]
        assert found.geometry.isna().tolist() == [False, False, True]

    def test_shares_by_value(self):
        found = link_figures(linked(LINKS), pd.Series(["K", "L", "M"]), 20.0)
        assert found.loc[0].to_dict() == pytest.approx({
            "link_value_wan": 100, "link_within_share": 6 / 9, "link_within_low": 0.6, "link_within_high": 0.7, "link_near_share": 6 / 9,
            "link_mean_km": (60 * 0.5 + 30 * 90) / 90, "link_placed_share": 0.9,
        })  # fmt: skip
        assert found.loc[1, ["link_within_share", "link_mean_km"]].tolist() == [0, 90]
        assert found.loc[2].isna().all()

    def test_by_count_where_a_value_is_missing(self):
        found = link_figures(linked([("a", "b", 60.0), ("d", "a", NAN)]), pd.Series(["K"]), 20.0)
        assert found.loc[0, ["link_value_wan", "link_within_share"]].tolist() == [60, 0.5]

    def test_without_the_table_of_occupancy_nothing_is_placed(self):
        placed = linked(LINKS, held=False)
        assert np.isnan(placed.metres).all()
        assert link_figures(placed, pd.Series(["K"]), 20.0).isna().all(axis=None)
        assert set(supply_distances(placed, CRS)["within_park"]) == {"undetermined"}

    def test_nobody_supplies_anybody(self):
        placed = linked([])
        assert supply_distances(placed, CRS).empty
        assert link_figures(placed, pd.Series(["K"]), 20.0).isna().all(axis=None)

    def test_what_links_say_of_the_mode(self):
        own = companies(
            ("a", "K", "39", 10.0), ("b", "K", "36", 90.0), ("c", "K", "13", 5.0), ("e", "K", "13", 5.0)
        )
        found = links_of_mode(linked(LINKS), "K", own)
        assert found == {"linked_company_share": 0.5, "link_evenness": 0.0, "dominant_link_share": 1.0}
        lonely = links_of_mode(linked([("x", "y", 1.0)]), "K", own)
        assert lonely["linked_company_share"] == 0
        assert np.isnan(lonely["dominant_link_share"])


class TestIndicators:
    def test_of_companies(self):
        rows = [
            ("a", "K", "39", 60.0),
            ("b", "K", "51", 20.0),
            ("c", "K", None, 20.0),
            ("d", "K", "36", 20.0),
        ]
        own = companies(*rows, rd_wan=[3.0, 1.0, NAN, NAN], revenue_wan=[60.0, 20.0, 20.0, NAN])
        found = company_indicators(own, RULES, "2017")
        assert found["rd_share"] == Known(0.05, 0.5)
        assert found["high_tech_output_share"] == Known(0.6, 0.75)
        assert found["market_output_share"] == Known(0.2, 0.75)
        assert company_indicators(own.iloc[:0], RULES, "2017") == {}

    def test_no_facility_of_a_kind_is_not_none_of_it(self):
        kinds = pd.Series(["incubator", "research", "logistics_hub", "school"])
        assert facility_indicators(kinds, RULES) == {
            "innovation_facilities": Known(2.0),
            "market_facilities": Known(1.0),
        }
        assert facility_indicators(kinds.iloc[3:], RULES) == facility_indicators(None, RULES) == {}

    def test_of_land(self):
        land = pd.DataFrame(
            {
                "land_kind": ["storage", "industry", "unknown", "other"], "site_area_m2": [10.0, 30.0, 40.0, 99.0],
                "travel_min_port": [20.0, 31.0, 50.0, NAN], "travel_min_airport": [20.0, 30.0, 50.0, NAN], "travel_min_core_city": NAN,
            }
        )  # fmt: skip
        found = land_indicators(land, RULES)
        assert found["storage_land_share"] == Known(0.25, 0.5)
        assert found["gateways_near"] == Known(1.0, 0.4)
        assert land_indicators(land[["site_area_m2"]], RULES) == {}

    def test_of_policy(self):
        park = {"level": "国家级经开区", "policy_promised_wan": 20.0, "policy_paid_wan": None}
        assert policy_indicators(park, 1000.0, 0.8, RULES) == {
            "level_points": Known(1.0), "policy_promised_share": Known(0.02, 0.8)
        }  # fmt: skip
        assert policy_indicators({"level": "?", "policy_paid_wan": 1.0}, 0.0, 0.0, RULES) == {}


def of(name, score, confidence=1.0):
    return Mode(name, score, confidence, ())


class TestModes:
    def test_points_rise_between_the_bounds(self):
        modes = {
            one.name: one
            for one in scored_modes({"rd_share": Known(0.03), "high_tech_output_share": Known(0.8)}, RULES)
        }
        assert [line["points"] for line in modes["innovation"].lines] == [pytest.approx(50), 100, None]
        assert modes["innovation"].score == pytest.approx(75)
        assert modes["innovation"].confidence == pytest.approx(2 / 3)
        assert modes["innovation"].missing == ("innovation_facilities",)

    def test_too_little_known_has_no_score(self):
        modes = {one.name: one for one in scored_modes({"rd_share": Known(0.03)}, RULES)}
        assert np.isnan(modes["innovation"].score)
        half = scored_modes({name: Known(1.0, 0.4) for name in INDICATORS}, RULES)
        assert all(np.isnan(one.score) for one in half)
        assert park_mode(half, RULES)[0] == "undetermined"

    def test_nothing_known_and_no_pack(self):
        modes = scored_modes({}, RULES)
        assert [one.name for one in modes] == list(MODES)
        name, confidence = park_mode(modes, RULES)
        assert name == "undetermined"
        assert np.isnan(confidence)
        assert park_mode([], RULES)[0] == "undetermined"

    def test_the_parks_mode(self):
        three = [
            of("leading_firm", 70, 0.8),
            of("innovation", 40),
            of("market_hub", 20),
            of("symbiosis", NAN, 0.1),
        ]
        assert park_mode(three, RULES) == ("leading_firm", pytest.approx(0.8 * 3 / 4))
        assert (
            park_mode([of("leading_firm", 70), of("innovation", 67), of("market_hub", 2)], RULES)[0]
            == "mixed"
        )
        assert (
            park_mode([of("leading_firm", 49), of("innovation", 7), of("market_hub", 2)], RULES)[0] == "mixed"
        )
        assert park_mode(three[:2], RULES)[0] == "undetermined"

    @given(
        st.dictionaries(st.sampled_from(INDICATORS), st.floats(0, 10)),
        st.sampled_from(INDICATORS),
        st.floats(0, 10),
    )
    def test_more_of_what_speaks_for_a_mode_never_lowers_it(self, given_values, name, more):
        known = {what: Known(value) for what, value in given_values.items()} | {name: Known(0.0)}
        before, after = (scored_modes(known | {name: Known(value)}, RULES) for value in (0.0, more))
        for one, other in zip(before, after, strict=True):
            assert np.isnan(one.score) == np.isnan(other.score)
            assert not other.score < one.score - 1e-9
            assert np.isnan(one.score) or 0 <= one.score <= 100
            assert 0 <= one.confidence <= 1

    def test_rows_tell_figures_thresholds_and_that_they_are_not_verified(self):
        known = {name: Known(0.3) for name in ("dominant_company_share", "company_herfindahl")}
        rows = mode_rows("K", scored_modes(known, RULES), "leading_firm", RULES)
        first = rows.iloc[0]
        assert first[["mode", "leads", "missing"]].tolist() == ["leading_firm", True, "dominant_link_share"]
        lines = json.loads(first["evidence"])
        assert lines[0]["value"] == 0.3
        assert lines[0]["low"] == 0.1
        assert lines[0]["points"] == pytest.approx(50)
        assert not any(line["verified"] for line in lines)
        assert lines[2]["value"] is None
        assert "龙头带动：得分 75" in first["reason_zh"]
        assert first["reason_en"].startswith(
            "Leading firm: 75 of 100 points, 67 % of what it is judged by is known"
        )
        assert rows["leads"].sum() == 1
        assert "无法判定" in rows.iloc[-1]["reason_zh"]

    def test_bounds_lie_in_order_and_every_indicator_has_them(self):
        low, high = RULES["agglomeration.mode_low"].table(), RULES["agglomeration.mode_high"].table()
        assert set(low) == set(high) == set(INDICATORS)
        assert all(low[name] < high[name] for name in INDICATORS)

    def test_the_common_pack_alone_is_enough(self):
        assert len(scored_modes({}, BARE)) == len(MODES)
