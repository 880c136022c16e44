"""Conflicts on ground of a few parcels: who is too near whom, use against plan, what lies under a constraint, and what is not known."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.assess.conflicts import buildable, incompatible_pairs, parcel_kinds, places_of
from parkgeo.assess.conflicts.neighbours import needed_distances
from parkgeo.assess.conflicts.plan import clash
from parkgeo.assess.findings import findings_frame
from parkgeo.errors import PackError
from parkgeo.layers import Layers
from parkgeo.packs import load_packs
from parkgeo.pipeline.conflicts import conflicts
from parkgeo.pipeline.desk import Desk
from tests.builders import land, rect

DAY = dt.date(2026, 6, 30)
RULES = load_packs(["national"], Path())
HEAD = '[pack]\nname = "ours"\nedition = "1"\n'
OURS = 'source = "ours"\nedition = "1"\nverified = true\n'
KIND = {
    "1401": "not_built_on",
    "100103": "industry",
    "100101": "industry",
    "1001": "industry",
    None: "unknown",
}


@pytest.fixture
def office(tmp_path):
    def rules(**figures):
        text = "".join(f"[layout.{name}]\nvalue = {value}\n{OURS}" for name, value in figures.items())
        (tmp_path / "ours.toml").write_text(HEAD + text, encoding="utf-8")
        return load_packs(["national", "ours.toml"], tmp_path)

    return rules


def sites(shapes, codes, **columns):
    """Parcels P0, P1, … with a registered code each."""
    own = pd.array(list(codes), dtype="str")
    parcels = land(
        shapes, parcel_id=[f"P{at}" for at in range(len(shapes))], park_id="K", use_code=own, land_use_code=own,
        land_kind=[KIND.get(code, "other") for code in codes], **columns,
    )  # fmt: skip
    return parcels.assign(site_area_m2=parcels.area)


def stage(parcels, rules=RULES, **layers):
    park = land([rect(-5000, -5000, 10000, 10000)], park_id=["K"], source_file=["b"])
    every = Layers(parks=park, parcels=parcels, **layers)
    part = conflicts(Desk(every, rules, DAY, parcels, park, pd.DataFrame(index=parcels.index)))
    return part, findings_frame(part.findings, parcels.crs)


def row_of(*gaps, codes):
    """Squares of 100 m in a row, so many metres apart."""
    x, shapes = 0.0, [rect(0, 0, 100, 100)]
    for gap in gaps:
        x += 100 + gap
        shapes.append(rect(x, 0, 100, 100))
    return sites(shapes, codes)


def evidence(row):
    return {line["what"]: line["value"] for line in json.loads(row["evidence"])}


class TestNeighbours:
    def test_both_are_told_with_the_other_and_the_distance(self):
        part, found = stage(row_of(60, 140, codes=["100103", "0701", "0701"]))
        assert part.columns["incompatible_neighbour"].tolist() == ["yes", "yes", "no"]
        rows = found.set_index("parcel_id")
        assert [evidence(rows.loc[one])["neighbour"] for one in ("P0", "P1")] == ["P1", "P0"]
        assert rows[["observed", "threshold"]].to_numpy().tolist() == [[60, 100]] * 2
        assert rows.loc["P1", "reason_en"].startswith(
            "The parcel (housing) lies 60 m from parcel P0 (class 3 industry)"
        )
        assert rows.loc["P1", "reason_zh"].startswith("本宗地（居住）距宗地 P0（三类工业）60 米")
        assert not rows["verified"].any()
        assert found["finding_id"].is_unique
        table = part.tables["neighbour_conflicts"]
        assert table[["parcel_id", "other_id", "kind", "other_kind"]].to_numpy().tolist() == [
            ["P0", "P1", "class_3_industry", "housing"], ["P1", "P0", "housing", "class_3_industry"],
        ]  # fmt: skip
        assert table.geometry.length.tolist() == [60, 60]
        assert table["downwind"].isna().all()

    @pytest.mark.parametrize(("gap", "verdict"), [(0, "yes"), (99.9, "yes"), (100, "no"), (100.1, "no")])
    def test_the_distance_itself_is_far_enough(self, gap, verdict):
        part, _ = stage(row_of(gap, codes=["100103", "0701"]))
        assert part.columns["incompatible_neighbour"].tolist() == [verdict] * 2

    def test_where_the_two_touch_the_line_is_still_one(self):
        part, _ = stage(row_of(0, codes=["100103", "0701"]))
        assert part.tables["neighbour_conflicts"].geometry.is_valid.all()
        assert part.tables["neighbour_conflicts"].geometry.length.tolist() == [100, 100]

    @pytest.mark.parametrize(
        ("wind", "verdict"), [(270, "yes"), (226, "yes"), (224, "no"), (90, "no"), (0, "no")]
    )
    def test_the_wind_carries_from_the_works_to_the_housing(self, office, wind, verdict):
        """The housing lies east of the works: a west wind (270°) blows on it, up to 45° aside."""
        part, found = stage(row_of(60, codes=["100103", "0701"]), office(wind_from_deg=f"{wind}.0"))
        assert part.tables["neighbour_conflicts"]["downwind"].tolist() == [verdict] * 2
        assert found["reason_en"].str.contains("lies downwind").tolist() == [verdict == "yes"] * 2

    def test_facilities_count_as_the_other(self):
        facilities = land(
            [shapely.Point(150, 50), shapely.Point(50, 150), shapely.Point(50, 50)],
            facility_id=["F1", "F2", "F3"], kind=["hazard_source", "school", "bus_stop"],
        )  # fmt: skip
        parcels = sites([rect(0, 0, 100, 100), rect(200, 0, 100, 100)], ["100103", "0701"])
        part, _ = stage(parcels, facilities=facilities)
        pairs = (
            part.tables["neighbour_conflicts"][["parcel_id", "other_id", "other_kind"]].to_numpy().tolist()
        )
        assert sorted(pairs) == [["P0", "F2", "school"], ["P1", "F1", "hazard_source"]]
        assert not part.gaps

    def test_a_facility_on_a_parcel_of_its_kind_is_that_parcel(self):
        school = land([shapely.Point(200, 50)], facility_id=["F"], kind=["school"])
        part, _ = stage(row_of(50, codes=["100103", "0804"]), facilities=school)
        assert sorted(part.tables["neighbour_conflicts"]["other_id"]) == ["P0", "P1"]

    def test_unknown_use_near_what_it_may_clash_with_is_undetermined(self):
        part, found = stage(row_of(50, 150, 500, codes=[None, "100103", "1401", "1401"]))
        assert part.columns["incompatible_neighbour"].tolist() == ["undetermined", "undetermined", "no", "no"]
        assert set(found["missing"]) == {"land_use_code"}

    def test_industry_without_its_class_may_be_of_class_3(self):
        part, _ = stage(row_of(50, codes=["1001", "0701"]))
        assert part.columns["incompatible_neighbour"].tolist() == ["undetermined"] * 2
        part, _ = stage(row_of(50, codes=["100101", "0701"]))
        assert part.columns["incompatible_neighbour"].tolist() == ["no"] * 2

    def test_without_any_use_nothing_is_judged_and_that_is_said(self):
        part, found = stage(row_of(50, codes=[None, None]))
        assert part.columns["incompatible_neighbour"].isna().all()
        assert "incompatible_neighbour" in {gap[2] for gap in part.gaps}
        assert not len(found)

    def test_a_kind_that_nothing_belongs_to_is_refused(self, office):
        with pytest.raises(PackError, match="names a kind that nothing belongs to: 'crèche'"):
            needed_distances(office(neighbour_distance_m='{ "class_3_industry|crèche" = 50 }'))

    @settings(max_examples=30)
    @given(
        st.lists(
            st.tuples(st.integers(0, 800), st.integers(0, 800), st.sampled_from(["100103", "0701", "0804", "1401"])),
            min_size=2, max_size=9,
        ),
        st.randoms(),
    )  # fmt: skip
    def test_pairs_are_those_of_all_pairs_in_any_order(self, spots, chance):
        def pairs(order):
            parcels = sites(
                [rect(spots[at][0], spots[at][1], 60, 40) for at in order], [spots[at][2] for at in order]
            )
            found = incompatible_pairs(places_of(parcels, parcel_kinds(parcels, RULES), None, RULES), RULES)
            return {(order[one], order[two]) for one, two in zip(found.source, found.sensitive, strict=True)}

        expected = {
            (one, two)
            for one, (x, y, code) in enumerate(spots)
            for two, (u, v, other) in enumerate(spots)
            if code == "100103"
            and other in ("0701", "0804")
            and rect(x, y, 60, 40).distance(rect(u, v, 60, 40)) < 100
        }
        order = list(range(len(spots)))
        assert pairs(order) == expected
        chance.shuffle(order)
        assert pairs(order) == expected


class TestPlan:
    def judged(self, registered, *plots, rules=RULES, shape=None):
        parcels = sites([shape or rect(0, 0, 100, 100)], [registered])
        plan = land([each[0] for each in plots], plan_id=[f"G{at}" for at in range(len(plots))],
                    planned_use_code=pd.array([each[1] for each in plots], dtype="str"))  # fmt: skip
        part, found = stage(parcels, rules, plan=plan)
        return part.columns["plan_conflict"].iloc[0], found[found["code"] == "plan_conflict"], part

    def test_area_in_conflict(self):
        verdict, found, _ = self.judged(
            "100101", (rect(0, 0, 70, 100), "100101"), (rect(70, 0, 100, 100), "1401")
        )
        assert verdict == "yes"
        row = found.iloc[0]
        assert row["observed"] == row["geometry"].area == 3000
        assert evidence(row) | {
            "registered_use_code": "100101",
            "planned_use_code": "1401",
            "plan_id": "G1",
        } == evidence(row)
        assert "30 % of the parcel" in row["reason_en"]

    @pytest.mark.parametrize("strip", [0.9, 4.9])
    def test_edges_drawn_a_little_apart_are_no_conflict(self, strip):
        plots = (rect(0, 0, 100 - strip, 100), "100101"), (rect(100 - strip, 0, 50, 100), "1401")
        assert self.judged("100101", *plots)[0] == "no"

    def test_several_strips_add_up(self):
        plots = (rect(0, 0, 100, 92), "100101"), (rect(0, 92, 100, 4), "1401"), (rect(0, 96, 100, 4), "0701")
        verdict, found, _ = self.judged("100101", *plots)
        assert verdict == "yes"
        assert found.iloc[0]["observed"] == pytest.approx(800)
        assert evidence(found.iloc[0])["planned_use_code"] == "1401, 0701"

    @pytest.mark.parametrize(
        ("registered", "planned", "verdict"),
        [
            ("100101", "100102", "no"), ("100102", "100101", "yes"), ("0701", "07", "no"), ("16", "1401", "no"), ("100101", "M2", "no"),
            ("0701", "M2", "yes"), ("0701", "F", "undetermined"), (None, "100101", "undetermined"), ("100101", None, "undetermined"),
        ],
    )  # fmt: skip
    def test_what_goes_with_what(self, registered, planned, verdict):
        own = (rect(0, 0, 100, 100), planned), (rect(500, 0, 9, 9), "1401")
        parcels = sites([rect(0, 0, 100, 100), rect(900, 900, 9, 9)], [registered, "1401"])
        plan = land(
            [each[0] for each in own], planned_use_code=pd.array([each[1] for each in own], dtype="str")
        )
        part, found = stage(parcels, plan=plan)
        assert part.columns["plan_conflict"].iloc[0] == verdict
        if verdict == "undetermined":
            asked = found.loc[found["code"] == "plan_conflict", "missing"].tolist()
            assert asked == ["land_use_code" if registered is None else "planned_use_code"]

    def test_beyond_the_plan_nothing_is_judged_and_the_plan_is_asked_for(self):
        verdict, found, part = self.judged("100101", (rect(0, 0, 40, 100), "1401"))
        assert pd.isna(verdict)
        assert not len(found)
        assert any(
            isinstance(gap, pd.DataFrame) and set(gap["field"]) == {"plan_conflict"} for gap in part.gaps
        )

    @given(st.text("0179MR", min_size=1, max_size=6))
    def test_a_use_never_clashes_with_itself(self, code):
        assert clash(code, code, {}, []) == -1


class TestConstraints:
    def judged(self, code, kind, *, buildings=None, limit=np.nan, shape=None, rules=RULES):
        parcels = sites([rect(0, 0, 100, 100)], [code])
        zone = land(
            [shape or rect(60, 0, 100, 100)], constraint_id=["Z"], kind=[kind], height_limit_m=[limit]
        )
        part, found = stage(parcels, rules, constraints=zone, buildings=buildings)
        return (
            part.columns["constraint_conflict"].iloc[0],
            found[found["code"] == "constraint_conflict"],
            part,
        )

    @pytest.mark.parametrize(
        ("code", "kind", "verdict"),
        [
            ("100101", "ecological_red_line", "yes"), ("1401", "ecological_red_line", "no"), ("16", "permanent_farmland", "yes"),
            (None, "permanent_farmland", "undetermined"), ("0701", "hazard_distance", "yes"), ("100101", "hazard_distance", "no"),
            (None, "hazard_distance", "undetermined"), ("100101", None, "undetermined"),
        ],
    )  # fmt: skip
    def test_land_under_a_constraint(self, code, kind, verdict):
        found, rows, _ = self.judged(code, kind)
        assert found == verdict
        if verdict == "yes":
            row = rows.iloc[0]
            assert row["observed"] == row["geometry"].area == evidence(row)["constraint_area_m2"] == 4000
            assert evidence(row)["constraint_id"] == "Z"
            assert row["threshold"] == 100
        if verdict == "undetermined":
            assert rows["missing"].tolist() == ["kind" if kind is None else "land_use_code"]

    def test_a_corner_is_no_conflict(self):
        assert self.judged("100101", "ecological_red_line", shape=rect(95, 95, 50, 50))[0] == "no"

    def test_only_what_stands_on_the_parcel_counts_under_a_corridor(self):
        hall = land([rect(50, 0, 100, 10)])
        verdict, rows, _ = self.judged("100101", "corridor", buildings=hall)
        assert verdict == "yes"
        assert rows.iloc[0][["observed", "threshold"]].tolist() == [400, 20]
        assert self.judged("100101", "corridor", buildings=land([rect(0, 0, 50, 50)]))[0] == "no"

    @pytest.mark.parametrize(
        ("height", "limit", "verdict", "missing"),
        [(33.0, 33.0, "no", ""), (33.1, 33.0, "yes", ""), (np.nan, 33.0, "undetermined", "height_m"), (9.0, np.nan, "undetermined", "height_limit_m")],
    )  # fmt: skip
    def test_height(self, height, limit, verdict, missing):
        tower = land([rect(70, 10, 20, 20)], height_m=[height])
        found, rows, _ = self.judged("100101", "height_limit", buildings=tower, limit=limit)
        assert found == verdict
        assert rows["missing"].tolist() == ([] if verdict == "no" else [missing])
        if verdict == "yes":
            assert rows.iloc[0][["observed", "threshold", "unit"]].tolist() == [33.1, 33.0, "m"]

    def test_the_tallest_is_told_and_one_that_is_known_to_be_too_tall_outweighs_an_unknown_one(self):
        towers = land([rect(70, 10 * at, 5, 5) for at in range(3)], height_m=[40.0, np.nan, 50.0])
        verdict, rows, _ = self.judged("100101", "height_limit", buildings=towers, limit=33.0)
        assert (verdict, rows["observed"].tolist()) == ("yes", [50])

    def test_a_neighbours_tower_is_the_neighbours(self):
        tower = land([rect(99, 10, 20, 20)], height_m=[90.0])
        parcels = sites([rect(0, 0, 100, 100), rect(100, 0, 100, 100)], ["100101"] * 2)
        zone = land([rect(0, 0, 300, 300)], constraint_id=["Z"], kind=["height_limit"], height_limit_m=[33.0])
        part, _ = stage(parcels, constraints=zone, buildings=tower)
        assert part.columns["constraint_conflict"].tolist() == ["no", "yes"]

    def test_without_buildings_it_is_not_known_what_stands_there(self):
        verdict, rows, _ = self.judged("100101", "corridor")
        assert verdict == "undetermined"
        assert rows["missing"].tolist() == ["footprint_m2"]

    def test_a_kind_in_no_rule_is_named(self):
        verdict, _, part = self.judged("100101", "flood")
        assert verdict == "no"
        assert any("flood" in gap[3]["en"] for gap in part.gaps if isinstance(gap, tuple))

    def test_an_office_may_hold_works_against_water_protection(self, office):
        rules = office(constraint_conflicts='{ water_protection = ["class_3_industry"] }')
        assert self.judged("100103", "water_protection", rules=rules)[0] == "yes"
        assert self.judged("100101", "water_protection", rules=rules)[0] == "no"
        with pytest.raises(PackError, match="names 'works'"):
            self.judged("100101", "corridor", rules=office(constraint_conflicts='{ corridor = ["works"] }'))

    def test_without_the_layer_nothing_is_judged(self):
        part, found = stage(sites([rect(0, 0, 10, 10)], ["100101"]))
        assert part.columns[["constraint_conflict", "plan_conflict"]].isna().all(axis=None)
        assert not len(found)


def test_what_land_is_to_be_built_on():
    parcels = sites([rect(0, 0, 9, 9)] * 4, ["100101", "1401", None, "01"])
    assert buildable(parcels, RULES).tolist() == [1, -1, 0, -1]
