"""Net land: figures in the head, nothing lost or counted twice, and what is not known is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, affinity

from parkgeo.assess.candidates import candidate_kinds, holder_numbers
from parkgeo.assess.gaps import gaps_frame
from parkgeo.layers import Layers
from parkgeo.metrics.net_land import Taking, fronting_edges, net_land, setback_taking, zones_taking
from parkgeo.packs import load_packs
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.net_land import net_land as stage
from tests.builders import l_shape, land, rect, with_hole

RULES = load_packs(["national"], Path())
DAY = dt.date(2026, 6, 30)
SQUARE = rect(0, 0, 100, 100)


def overlaid(**values):
    figures = {
        key.replace("__", "."): replace(RULES.figures[key.replace("__", ".")], value=value)
        for key, value in values.items()
    }
    return replace(RULES, figures=RULES.figures | figures)


def desk(*shapes, rules=RULES, layers=None, terrain=None, **columns):
    """A desk as the stages before leave it; every parcel is vacant where nothing else is said."""
    count = len(shapes)
    parcels = land(
        shapes,
        **{
            "parcel_id": [f"P{at}" for at in range(1, count + 1)],
            "park_id": ["K"] * count,
            "site_area_m2": [0.0 if shape is None else shape.area for shape in shapes],
            "land_state": ["supplied_not_started"] * count,
            "idle": ["no"] * count,
            "low_efficiency": ["no"] * count,
            "source_file": ["parcels.shp"] * count,
            "source_row": list(range(1, count + 1)),
        }
        | columns,
    )
    park = land([shapely.box(0, 0, 1, 1)], park_id=["K"], source_file=[""])
    whole = Layers(parks=park, parcels=parcels, **(layers or {}))
    return Desk(whole, rules, DAY, parcels, park, pd.DataFrame(index=parcels.index), terrain=terrain)


def street(*lines, road_class="local"):
    count = len(lines)
    return land(
        [LineString(line) for line in lines],
        road_id=pd.array([f"R{at}" for at in range(count)], dtype="str"), road_class=[road_class] * count, width_m=[10.0] * count,
        source_file=["roads.shp"] * count, source_row=range(count),
    )  # fmt: skip


def zones(kind, *shapes):
    return land(shapes, constraint_id=[f"C{at}" for at in range(len(shapes))], kind=[kind] * len(shapes))


def causes(part):
    table = part.tables["net_removed"]()
    return table.groupby("cause")["area_m2"].sum().round(6).to_dict()


class TestByHand:
    """Each figure can be worked out on paper."""

    def test_setbacks_alone(self):
        part = stage(desk(SQUARE))
        assert part.columns["net_area_m2"].tolist() == [pytest.approx(94 * 94)]
        assert part.columns["net_share"].tolist() == [pytest.approx(0.8836)]
        assert causes(part) == {"setback_side": 10000 - 94 * 94}

    def test_a_road_asks_for_more(self):
        # The road's edge lies 5 m south of the parcel.
        part = stage(desk(SQUARE, layers={"roads": street([(-200, -10), (300, -10)])}))
        assert causes(part) == {"setback_road": 500.0, "setback_side": pytest.approx(9500 - 94 * 92)}
        assert part.columns["net_frontage_m"].tolist() == [100.0]

    def test_each_cause_its_own_area_in_the_packs_order(self):
        layers = {
            "constraints": zones("flood", rect(-50, -50, 70, 300)),  # the western 20 m
            "utilities": land([LineString([(22, -9), (22, 109)])], kind=["power"], utility_id=["U"]),  # 17 to 27, of which 7 m are left
            "buildings": land([rect(10, 40, 50, 20)], building_id=["B"]),  # from 27 on 36 m by 26 m with its clearance
        }  # fmt: skip
        part = stage(desk(SQUARE, layers=layers, rules=overlaid(net_land__setback_side_m=0)))
        assert causes(part) == {"constraint": 2000.0, "corridor": 700.0, "building": 36 * 26.0}
        assert part.columns["net_area_m2"].tolist() == [pytest.approx(10000 - 2000 - 700 - 936)]
        told = part.tables["net_removed"]()
        assert told["what"].tolist() == ["flood", "power", ""]

    def test_another_order_moves_areas_between_causes_and_leaves_the_sum(self):
        layers = {
            "constraints": zones("flood", rect(0, 0, 20, 100)),
            "buildings": land([rect(13, 13, 4, 4)], building_id=["B"]),
        }
        one = stage(desk(SQUARE, layers=layers))
        last = ["building", "setback_side", "setback_road", "corridor", "constraint"]
        other = stage(desk(SQUARE, layers=layers, rules=overlaid(net_land__order=last)))
        assert "building" not in causes(one)
        assert causes(other)["building"] == 100.0
        assert one.columns["net_area_m2"].tolist() == pytest.approx(other.columns["net_area_m2"].tolist())

    def test_a_constraint_that_bars_nothing_takes_nothing(self):
        part = stage(desk(SQUARE, layers={"constraints": zones("height_limit", SQUARE)}))
        assert causes(part) == {"setback_side": pytest.approx(1164)}

    def test_overlapping_zones_of_one_kind_count_once(self):
        layers = {"constraints": zones("flood", rect(0, 0, 30, 100), rect(20, 0, 30, 100))}
        assert causes(stage(desk(SQUARE, layers=layers)))["constraint"] == 5000.0

    def test_buildings_go_where_the_pack_has_them_cleared(self):
        layers = {"buildings": land([rect(40, 40, 20, 20)], building_id=["B"])}
        kept = stage(desk(SQUARE, layers=layers))
        gone = stage(desk(SQUARE, layers=layers, rules=overlaid(net_land__cleared_candidates=["vacant"])))
        assert causes(kept)["building"] == 26 * 26
        assert "building" not in causes(gone)

    def test_yards_go_and_a_neighbours_clearance_is_the_neighbours(self):
        layers = {"buildings": land([rect(40, 40, 20, 20), rect(101, 0, 20, 100)], building_id=["B", "N"], kind=["yard", "building"])}  # fmt: skip
        assert "building" not in causes(stage(desk(SQUARE, layers=layers)))

    def test_rectangle_frontage_and_depth(self):
        shape = rect(0, 0, 100, 60)
        part = stage(desk(shape, layers={"roads": street([(-200, -10), (300, -10)])}))
        row = part.columns.iloc[0]
        assert (row["rectangle_long_m"], row["rectangle_short_m"]) == pytest.approx((94, 52), rel=1e-4)
        assert (row["net_frontage_m"], row["net_depth_m"]) == pytest.approx((100, 52), rel=1e-4)
        along = stage(desk(shape, layers={"roads": street([(-10, -200), (-10, 300)])})).columns.iloc[0]
        assert (along["net_frontage_m"], along["net_depth_m"]) == pytest.approx((60, 92), rel=1e-4)

    def test_an_edge_that_leads_away_from_the_road_is_no_frontage(self):
        road = np.array([LineString([(-99, -5), (199, -5)])])
        found = fronting_edges(np.array([SQUARE, rect(0, 300, 9, 9)]), road, np.array([20.0]))
        assert found.place.tolist() == [0]
        assert shapely.length(found.edge).tolist() == [100.0]


class TestNothingOrUnknown:
    """Nothing left is zero and said; what is not known is missing and asked for."""

    def test_nothing_left(self):
        part = stage(desk(SQUARE, layers={"constraints": zones("flood", rect(-9, -9, 200, 200))}))
        row = part.columns.iloc[0]
        assert row[["net_area_m2", "rectangle_area_m2", "rectangle_long_m"]].tolist() == [0, 0, 0]
        assert np.isnan(row["rectangle_angle_deg"])
        told = gaps_frame(part.gaps).query("parcel_id == 'P1'")
        assert told["field"].tolist() == ["net_area_m2"]
        assert len(part.tables["net_land"]()) == 0

    def test_a_parcel_narrower_than_its_setbacks(self):
        assert stage(desk(rect(0, 0, 100, 5))).columns["net_area_m2"].tolist() == [0.0]

    def test_land_in_use_has_net_land_and_no_rectangle(self):
        part = stage(desk(SQUARE, rect(200, 0, 50, 50), land_state=["in_use", "reserve"]))
        assert part.columns["candidate"].tolist() == ["none", "reserve"]
        assert part.columns["net_area_m2"].notna().all()
        assert part.columns["rectangle_area_m2"].isna().tolist() == [True, False]
        assert part.tables["net_land"]()["parcel_id"].tolist() == ["P2"]

    def test_layers_that_lack_are_asked_for(self):
        told = gaps_frame(stage(desk(SQUARE)).gaps)["ask_en"].str.cat()
        for word in ("constraints", "buildings", "roads", "utilities", "setbacks", "terrain"):
            assert word in told, word
        assert stage(desk(SQUARE)).columns["net_frontage_m"].isna().all()

    def test_steep_ground_is_said_not_to_be_taken_off(self):
        told = gaps_frame(stage(desk(SQUARE, terrain=pd.DataFrame({"parcel_id": ["P1"]}))).gaps)
        assert told["ask_en"].str.contains("ground_steep_share").any()

    def test_a_pack_without_setbacks_is_said(self):
        part = stage(desk(SQUARE, rules=overlaid(net_land__setback_side_m="", net_land__setback_road_m="")))
        assert part.columns["net_area_m2"].tolist() == [10000.0]
        assert gaps_frame(part.gaps)["ask_en"].str.contains("hold no setback").any()

    def test_no_parcel_at_all(self):
        assert len(stage(desk()).columns) == 0


def test_kinds_of_candidates_and_their_order():
    parcels = pd.DataFrame(
        {
            "idle": ["yes", "undetermined", "no", "no", "no", "no", None],
            "low_efficiency": ["yes", "no", "yes", "yes", "undetermined", "no", "yes"],
            "land_state": ["supplied_not_started", "in_use", "used_in_part", "recovered", "used_in_part", "approved_not_supplied", "in_use"],
        }
    )  # fmt: skip
    assert candidate_kinds(parcels, RULES).tolist() == [
        "idle", "none", "low_efficiency", "reserve", "used_in_part", "vacant", "low_efficiency",
    ]  # fmt: skip


def test_a_blank_holder_is_one_of_its_own_but_for_the_governments_land():
    parcels = pd.DataFrame({"holder": [None, None, "A", None, None], "land_state": ["in_use", "in_use", "in_use", "reserve", "recovered"]})  # fmt: skip
    numbers = holder_numbers(parcels)
    assert len(set(numbers.tolist())) == 4
    assert numbers[3] == numbers[4]


shapes = st.tuples(st.floats(-40, 120), st.floats(-40, 120), st.floats(1, 80), st.floats(1, 80), st.floats(0, 90)).map(
    lambda each: affinity.rotate(rect(*each[:4]), each[4])
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    ground=st.sampled_from([SQUARE, l_shape(0, 0, 100), with_hole(0, 0, 100, 30)]),
    zone=st.lists(shapes, max_size=4), hall=st.lists(shapes, max_size=4), turn=st.floats(0, 180), side=st.floats(0, 30),
)  # fmt: skip
def test_gross_is_net_and_what_was_taken(ground, zone, hall, turn, side):
    line = affinity.rotate(LineString([(-99, 50), (199, 50)]), turn)
    parcels = np.array([ground, affinity.translate(ground, 100, 0)], dtype=object)
    takings = [
        zones_taking(parcels, np.array(zone, dtype=object), "constraint", "flood"),
        zones_taking(parcels, np.array([line]), "corridor", "power", grown_m=4),
        *setback_taking(
            parcels, fronting_edges(parcels, np.array([line]), np.array([20.0])), side_m=side, road_m=6
        ),
        zones_taking(parcels, np.array(hall, dtype=object), "building", "", grown_m=2),
    ]
    found = net_land(parcels, takings)
    gone = np.bincount(
        found.removed["place"].to_numpy(dtype=int), weights=found.removed["area_m2"], minlength=2
    )
    assert found.net_area_m2 + gone == pytest.approx(shapely.area(parcels), abs=1e-4)
    assert (found.removed["area_m2"] > 0).all()
    assert shapely.area(found.shape) == pytest.approx(found.net_area_m2)
    # The union of all that is taken, in one cut.
    for at in range(2):
        all_taken = shapely.union_all(np.concatenate([each.shape[each.place == at] for each in takings]))
        assert found.net_area_m2[at] == pytest.approx(parcels[at].difference(all_taken).area, abs=1e-3)


def test_missing_shapes_stay_missing():
    taking = Taking("constraint", "", np.array([0, 1]), np.array([SQUARE, SQUARE]))
    found = net_land(np.array([None, SQUARE], dtype=object), [taking])
    assert np.isnan(found.net_area_m2[0])
    assert found.net_area_m2[1] == 0
