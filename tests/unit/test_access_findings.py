"""No frontage, unreachable, unreachable for trucks: who is, who is not, of whom it cannot be said; sentences and evidence."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.assess.findings import findings_frame
from parkgeo.layers import Layers
from parkgeo.packs import load_packs
from parkgeo.pipeline.access import access
from parkgeo.pipeline.desk import Desk
from tests.builders import CRS, land, rect

RULES = load_packs(["national"], Path())
MAIN = [(0, 0), (2000, 0)]
LOT = rect(100, 5, 100, 100)
CODES = ["no_frontage", "unreachable", "truck_unreachable"]


def roads(*lines, **columns):
    count = len(lines)
    return land(
        [shapely.LineString(line) for line in lines],
        **{
            "road_id": [f"R{at}" for at in range(1, count + 1)],
            "name": pd.array(["东街", *[None] * (count - 1)][:count], dtype="str"),
            "road_class": ["local"] * count,
            "width_m": [10.0] * count,
            "source_file": ["roads.gpkg"] * count,
            "source_row": list(range(2, count + 2)),
        }
        | columns,
    )


def judged(shapes, streets, *, gates=None, rules=RULES, kinds=None):
    """Columns of the stage, and its findings by parcel and code."""
    count = len(shapes)
    parcels = land(
        shapes,
        parcel_id=[f"P{at}" for at in range(1, count + 1)],
        park_id=["K"] * count,
        land_kind=kinds or ["industry"] * count,
    )
    park = land([shapely.box(0, -1000, 3000, 3000)], park_id=["K"], source_file=[""])
    layers = Layers(parks=park, parcels=parcels, roads=streets, gates=gates)
    desk = Desk(layers, rules, dt.date(2026, 6, 30), parcels, park, pd.DataFrame(index=parcels.index))
    part = access(desk)
    return part.columns, findings_frame(part.findings, CRS).set_index(["parcel_id", "code"])


def verdicts(shapes, streets, code, **more):
    return (
        judged(shapes, streets, **more)[0][code].astype(object).where(lambda own: own.notna(), None).tolist()
    )


class TestNoFrontage:
    def test_fifteen_metres_from_the_edge_are_frontage_and_more_are_not(self):
        near, far = rect(100, 20, 50, 50), rect(300, 20.01, 50, 50)
        columns, findings = judged([near, far], roads(MAIN))
        assert columns["no_frontage"].tolist() == ["no", "yes"]
        assert columns["frontage_m"].tolist() == pytest.approx([15, 15.01])
        row = findings.loc[("P2", "no_frontage")]
        assert row["observed"] == pytest.approx(15.01)
        assert row["threshold"] == 15
        assert row["reason_zh"] == "不临路：最近道路 东街 (R1) 的边缘距宗地 15 米，15 米以内为临路。"
        evidence = json.loads(row["evidence"])
        assert evidence[0] == {"what": "road_id", "value": "R1", "file": "roads.gpkg", "row": 2}
        assert evidence[-1]["what"] == "access.frontage_m"

    def test_the_nearest_edge_counts_and_not_the_nearest_line(self):
        """P1 is 40 m from a line of a road 60 m wide, and 30 m from that of a road 2 m wide."""
        streets = roads(MAIN, [(0, 110), (2000, 110)], width_m=[60.0, 2.0])
        row = judged([rect(100, 40, 50, 40)], streets)
        assert row[0]["frontage_m"].tolist() == [10]
        streets = roads(MAIN, [(0, 110), (2000, 110)], width_m=[30.0, 2.0])
        findings = judged([rect(100, 40, 50, 40)], streets)[1]
        assert "R1" in findings.loc[("P1", "no_frontage"), "reason_en"]

    def test_a_width_that_is_blank_or_0_is_that_of_the_class(self):
        streets = roads(MAIN, width_m=[0.0])
        assert judged([rect(100, 9 + 15, 50, 50)], streets)[0]["frontage_m"].tolist() == [15]
        assert judged([rect(100, 24, 50, 50)], streets.drop(columns="width_m"))[0]["frontage_m"].tolist() == [
            15
        ]

    @pytest.mark.parametrize(("name", "values"), [("road_class", ["motorway"]), ("level", [1.0])])
    def test_land_opens_onto_no_motorway_and_no_bridge(self, name, values):
        columns, findings = judged([LOT], roads(MAIN, **{name: values}))
        assert columns["no_frontage"].tolist() == ["undetermined"]
        assert "none onto which" in findings.loc[("P1", "no_frontage"), "reason_en"]

    def test_where_no_road_is_drawn_for_far_around_it_cannot_be_said(self):
        columns, findings = judged([rect(100, 505, 50, 50), rect(100, 505.1, 50, 50)], roads(MAIN))
        assert columns["no_frontage"].tolist() == ["yes", "undetermined"]
        row = findings.loc[("P2", "no_frontage")]
        assert row["missing"] == "roads"
        assert row["reason_zh"].endswith("所缺资料：道路。") or "道路" in row["reason_zh"]

    def test_a_gate_that_meets_a_road_is_frontage(self):
        gates = land([shapely.Point(100, 50)], gate_id=["G"], parcel_id=["P1"])
        assert verdicts([rect(100, 45, 50, 50)], roads(MAIN), "no_frontage", gates=gates) == ["no"]

    def test_a_gate_far_from_every_road_says_that_one_is_not_drawn(self):
        gates = land([shapely.Point(120, 100)], gate_id=["G"], parcel_id=["P1"])
        columns, findings = judged([rect(100, 95, 50, 50), rect(300, 95, 50, 50)], roads(MAIN), gates=gates)
        assert columns["no_frontage"].tolist() == ["undetermined", "yes"]
        assert "100 m from the nearest one" in findings.loc[("P1", "no_frontage"), "reason_en"]

    def test_plots_too_small_to_judge_are_not_judged(self):
        assert verdicts([rect(100, 50, 5, 5)], roads(MAIN), "no_frontage", kinds=["too_small"]) == [None]


class TestUnreachable:
    def test_an_island_says_how_long_it_is_and_where_it_is_cut(self):
        streets = roads(MAIN, [(100, 300), (250, 300)])
        columns, findings = judged([LOT, rect(100, 305, 50, 50), rect(600, 200, 50, 50)], streets)
        assert columns["unreachable"].fillna("").tolist() == ["no", "yes", ""]
        row = findings.loc[("P2", "unreachable")]
        assert (row["observed"], row["threshold"], row["severity"]) == (150, 500, "high")
        assert row["reason_en"] == (
            "Unreachable: the roads that it lies on (R2), 150 m in all, do not hang together with the network; "
            "the nearest road of that, 东街 (R1), is 300 m away."
        )
        evidence = {line["what"]: line["value"] for line in json.loads(row["evidence"])}
        assert evidence["road_id"] == "R2"
        assert evidence["nearest_road"] == "R1"
        assert evidence["road_gap_m"] == 300

    def test_a_long_part_is_a_network_of_its_own_and_doubtful(self):
        streets = roads(MAIN, [(100, 300), (601, 300)])
        columns, findings = judged([rect(100, 305, 50, 50)], streets)
        assert columns["unreachable"].tolist() == ["undetermined"]
        assert findings.loc[("P1", "unreachable"), "missing"] == "roads"

    def test_a_part_that_a_near_miss_cuts_off_is_doubtful(self):
        streets = roads(MAIN, [(100, 4), (100, 200)])
        columns, findings = judged([rect(105, 100, 50, 50)], streets)
        assert columns["unreachable"].tolist() == ["undetermined"]
        assert "4 m away" in findings.loc[("P1", "unreachable"), "reason_en"]
        joined = replace(RULES.figures["network.join_near_misses"], value=True)
        rules = replace(RULES, figures=RULES.figures | {"network.join_near_misses": joined})
        assert verdicts([rect(105, 100, 50, 50)], streets, "unreachable", rules=rules) == ["no"]

    @pytest.mark.parametrize(
        ("line", "words"),
        [([(500, 0), (500, 300)], "in and not out"), ([(500, 300), (500, 0)], "out and not in")],
    )
    def test_one_way_traps(self, line, words):
        columns, findings = judged([rect(510, 150, 50, 50)], roads(MAIN, line, oneway=[False, True]))
        assert columns["unreachable"].tolist() == ["yes"]
        assert words in findings.loc[("P1", "unreachable"), "reason_en"]

    def test_in_by_one_gate_and_out_by_another_is_reached(self):
        lines = (MAIN, [(500, 0), (500, 300)], [(620, 300), (620, 0)])
        assert verdicts(
            [rect(510, 150, 100, 50)], roads(*lines, oneway=[False, True, True]), "unreachable"
        ) == ["no"]

    def test_a_single_one_way_road_is_no_network(self):
        columns, findings = judged([LOT], roads(MAIN, oneway=[True]))
        assert columns["unreachable"].tolist() == ["undetermined"]
        assert "from everywhere" in findings.loc[("P1", "unreachable"), "reason_en"]

    def test_a_gate_on_the_network_beside_one_on_an_island_is_enough(self):
        streets = roads(MAIN, [(100, 115), (200, 115)])
        assert verdicts([rect(100, 5, 100, 100)], streets, "unreachable") == ["no"]


class TestTrucks:
    LANE = ((500, 0), (500, 300))
    BEHIND = rect(510, 150, 50, 50)

    def test_without_limits_or_gates_nobody_was_asked(self):
        assert verdicts([LOT], roads(MAIN), "truck_unreachable") == [None]

    @pytest.mark.parametrize(
        ("name", "shut", "open_", "words"),
        [
            ("max_height_m", 3.5, 4.0, "height limit of 3.5 m, for a truck of 4 m"),
            ("max_weight_t", 20.0, 49.0, "weight limit of 20 t, for a truck of 49 t"),
            ("truck_closed_hours", "7:00-19:00", "22:00-6:00", "closed to trucks at 7:00-19:00"),
        ],
    )
    def test_each_limit_of_the_road_in_front(self, name, shut, open_, words):
        columns, findings = judged([LOT, self.BEHIND], roads(MAIN, self.LANE, **{name: [None, shut]}))
        assert columns["truck_unreachable"].tolist() == ["no", "yes"]
        assert words in findings.loc[("P2", "truck_unreachable"), "reason_en"]
        lines = [
            line
            for line in json.loads(findings.loc[("P2", "truck_unreachable"), "evidence"])
            if line.get("file")
        ]
        assert [(line["what"], line["value"], line["row"]) for line in lines] == [
            ("road_id", "R2", 3),
            (name, shut, 3),
        ]
        assert verdicts(
            [LOT, self.BEHIND], roads(MAIN, self.LANE, **{name: [None, open_]}), "truck_unreachable"
        ) == ["no", "no"]

    def test_a_limit_on_the_way_is_found_too(self):
        lines = (MAIN, [(500, 0), (500, 100)], [(500, 100), (500, 400)])
        columns, findings = judged(
            [rect(510, 250, 50, 50)], roads(*lines, max_height_m=[np.nan, 2.5, np.nan])
        )
        assert columns["truck_unreachable"].tolist() == ["yes"]
        row = findings.loc[("P1", "truck_unreachable")]
        assert (
            row["reason_en"]
            == "Trucks do not get to it, or not away from it: on the way there roads are closed to them. R2: height limit of 2.5 m, for a truck of 4 m."
        )
        assert row["reason_zh"].endswith("R2 限高 2.5 米，货车高 4 米。")

    def test_gates_that_trucks_may_not_use(self):
        gates = land([shapely.Point(150, 5)], gate_id=["G"], parcel_id=["P1"], trucks=[False])
        columns, findings = judged([LOT, rect(300, 5, 50, 50)], roads(MAIN), gates=gates)
        assert columns["truck_unreachable"].tolist() == ["yes", "no"]
        assert "none of the gates" in findings.loc[("P1", "truck_unreachable"), "reason_en"]

    def test_what_cars_do_not_reach_is_not_asked_again(self):
        streets = roads(MAIN, [(100, 300), (250, 300)], max_height_m=[np.nan, 2.0])
        assert verdicts([rect(100, 305, 50, 50)], streets, "truck_unreachable") == [None]


class TestLaws:
    @settings(max_examples=30)
    @given(
        st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=6),
        st.booleans(),
    )  # fmt: skip
    def test_verdicts_are_what_they_say(self, spots, oneway):
        """Whoever has a time has frontage and is reached; without roads nothing is no."""
        lines = [[(100 * a, 100 * b), (100 * c, 100 * d)] for a, b, c, d in spots if (a, b) != (c, d)]
        shapes = [rect(100 * at + 10, 100 * at + 10, 70, 60) for at in range(20)]
        if not lines:
            return
        streets = roads(*lines, oneway=[oneway] * len(lines), max_height_m=[3.0] * len(lines))
        columns, findings = judged(shapes, streets)
        assert (columns["gates"] > 0).equals(columns["no_frontage"] == "no")
        assert columns.loc[columns["no_frontage"] != "no", "unreachable"].isna().all()
        assert (columns.loc[columns["unreachable"] != "no", "truck_unreachable"].isna()).all()
        assert len(findings) == columns[CODES].isin(["yes", "undetermined"]).to_numpy().sum()
        assert (findings["missing"].eq("roads") == findings["verdict"].eq("undetermined")).all()
        assert findings["reason_zh"].str.len().gt(5).all()

    def test_hostile_names_are_only_text(self):
        streets = roads(MAIN, name=pd.array(["{0.__class__} <b>%s</b>"], dtype="str"))
        findings = judged([rect(100, 100, 50, 50)], streets)[1]
        assert "{0.__class__} <b>%s</b> (R1)" in findings.loc[("P1", "no_frontage"), "reason_zh"]
