"""The stage on access: a drawn town with answers by arithmetic, layers that lack this or that, and the sample against NetworkX."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parkgeo.assess.gaps import gaps_frame
from parkgeo.layers import Layers
from parkgeo.metrics import METRICS
from parkgeo.packs import load_packs
from parkgeo.pipeline.access import access
from parkgeo.pipeline.analysis import Tables
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.network import road_network
from parkgeo.pipeline.reach import parks_reach
from tests.builders import land, rect

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

RULES = load_packs(["national"], Path())
DAY = dt.date(2026, 6, 30)
M_A_MIN = 500.0
"""30 km/h."""
TRUCK = 25_000 / 60
WALK = 75.0
ENTRY = 10_000 / 60
STREET = [(0, 0), (1000, 0)]
LOOP = [(1000, 0), (1000, 200), (0, 200), (0, 0)]
MEASURED = [each.name for each in METRICS if each.name.startswith(("travel_", "truck_", "walk_"))]


def roads(*lines, **columns):
    """Streets of class local, 10 m wide, 30 km/h."""
    count = len(lines)
    return land(
        [shapely.LineString(line) for line in lines],
        **{
            "road_id": [f"R{at}" for at in range(1, count + 1)],
            "road_class": ["local"] * count,
            "speed_km_h": [30.0] * count,
            "width_m": [10.0] * count,
            "source_file": ["roads.gpkg"] * count,
            "source_row": list(range(2, count + 2)),
        }
        | columns,
    )


def facilities(*rows, **columns):
    """Points by kind, x, y."""
    return land(
        [shapely.Point(x, y) for _, x, y in rows],
        **{"facility_id": [f"F{at}" for at in range(1, len(rows) + 1)], "kind": [kind for kind, *_ in rows]}
        | columns,
    )


def parcels(*shapes, **columns):
    """Industrial land in one park."""
    count = len(shapes)
    return land(
        shapes,
        **{
            "parcel_id": [f"P{at}" for at in range(1, count + 1)],
            "park_id": ["K"] * count,
            "land_kind": ["industry"] * count,
            "site_area_m2": [shape.area for shape in shapes],
            "source_file": ["parcels.shp"] * count,
            "source_row": list(range(1, count + 1)),
        }
        | columns,
    )


def desk(land_, rules=RULES, **layers):
    """A desk with the layers that are named."""
    park = land([shapely.box(*land_.total_bounds)], park_id=["K"], source_file=[""])
    park["site_area_m2"] = park.area
    whole = Layers(parks=park, parcels=land_, **layers)
    return Desk(whole, rules, DAY, land_, park, pd.DataFrame(index=land_.index))


def overlaid(**values):
    """The packs with other values of some settings."""
    figures = {key: replace(RULES.figures[key], value=value) for key, value in values.items()}
    return replace(RULES, figures=RULES.figures | figures)


def told(part):
    return gaps_frame(part.gaps).set_index("field")


BESIDE = rect(100, 5, 100, 100)
"""Touches the edge of the street; its gate stands in the middle of 100 m of frontage, 5 m off the line at x = 150."""


class TestByHand:
    def test_minutes_kilometres_and_cost(self):
        town = desk(
            parcels(BESIDE), roads=roads(STREET), facilities=facilities(("port", 900, -20), ("canteen", 500, -10))
        )  # fmt: skip
        row = access(town).columns.iloc[0]
        entry = (5 + 20) / ENTRY
        assert row["gates"] == 1
        assert row["frontage_m"] == 0
        assert row["travel_min_port"] == pytest.approx(750 / M_A_MIN + entry)
        assert row["travel_km_port"] == pytest.approx(0.775)
        truck = 750 / TRUCK + entry
        assert row["truck_min_port"] == pytest.approx(truck)
        assert row["truck_yuan_per_t_port"] == pytest.approx((0.775 * 3.5 + truck) / 30)
        assert row["walk_min_canteen"] == pytest.approx(350 / WALK + 15 / ENTRY)
        assert row["travel_min_canteen"] == pytest.approx(350 / M_A_MIN + 15 / ENTRY)

    def test_a_fire_engine_comes_from_its_station_round_the_one_way_streets(self):
        ring = roads(STREET, LOOP, oneway=[True, True])
        town = desk(parcels(BESIDE), roads=ring, facilities=facilities(("fire_station", 650, -5), ("clinic", 650, -5)))  # fmt: skip
        row = access(town).columns.iloc[0]
        assert row["travel_min_fire_station"] == pytest.approx((350 + 1400 + 150) / M_A_MIN + 10 / ENTRY)
        assert row["travel_min_clinic"] == pytest.approx(500 / M_A_MIN + 10 / ENTRY)
        assert row["walk_min_clinic"] == pytest.approx(500 / WALK + 10 / ENTRY)

    def test_tolls_are_paid_on_the_motorway_alone(self):
        line = roads(STREET, [(1000, 0), (11_000, 0)], [(11_000, 0), (12_000, 0)], road_class=["local", "motorway", "local"], speed_km_h=[30.0, 100.0, 30.0])  # fmt: skip
        row = access(
            desk(parcels(BESIDE), roads=line, facilities=facilities(("airport", 12_000, 0)))
        ).columns.iloc[0]
        minutes = 1850 / TRUCK + 10_000 / (80_000 / 60) + 5 / ENTRY
        assert row["truck_min_airport"] == pytest.approx(minutes)
        assert row["truck_yuan_per_t_airport"] == pytest.approx((11.855 * 3.5 + minutes + 10 * 2.0) / 30)

    def test_the_score_and_its_breakdown_add_up(self):
        rules = overlaid(**{
            "access.score_weights": {"travel_min_port": 3, "walk_min_canteen": 1},
            "access.score_ideal": {"travel_min_port": 1, "walk_min_canteen": 0},
            "access.score_worst": {"travel_min_port": 3, "walk_min_canteen": 10},
        })  # fmt: skip
        town = desk(parcels(BESIDE), rules, roads=roads(STREET), facilities=facilities(("port", 900, -20), ("canteen", 500, -10)))  # fmt: skip
        part = access(town)
        row = part.columns.iloc[0]
        by_hand = 75 * (3 - row["travel_min_port"]) / 2 + 25 * (10 - row["walk_min_canteen"]) / 10
        assert row["access_score"] == pytest.approx(by_hand)
        assert Tables(part.tables)["access_scores"]["points"].sum() == pytest.approx(by_hand)

    def test_a_given_gate_takes_the_place_of_those_assumed(self):
        gates = land([shapely.Point(200, 5)], gate_id=["G1"], parcel_id=["P1"], trucks=[True])
        town = desk(
            parcels(BESIDE), roads=roads(STREET), facilities=facilities(("port", 900, 0)), gates=gates
        )
        part = access(town)
        assert part.columns["travel_min_port"].iloc[0] == pytest.approx(700 / M_A_MIN + 5 / ENTRY)
        points = Tables(part.tables)["gate_points"]
        assert points[["parcel_id", "given", "trucks"]].to_numpy().tolist() == [["P1", True, True]]
        assert shapely.get_coordinates(points.geometry).tolist() == [[200, 0]]

    def test_trucks_go_by_the_gate_that_is_open_to_them(self):
        gates = land([shapely.Point(200, 5), shapely.Point(110, 5)], gate_id=["G1", "G2"], parcel_id=["P1", "P1"], trucks=[False, True])  # fmt: skip
        town = desk(
            parcels(BESIDE), roads=roads(STREET), facilities=facilities(("port", 900, 0)), gates=gates
        )
        row = access(town).columns.iloc[0]
        assert row["travel_min_port"] == pytest.approx(700 / M_A_MIN + 5 / ENTRY)
        assert row["truck_min_port"] == pytest.approx(790 / TRUCK + 5 / ENTRY)
        assert row["truck_unreachable"] == "no"

    def test_a_ramp_drawn_beside_the_motorway_is_met_on_the_road_that_leads_there(self):
        line = roads(STREET, [(0, 100), (1000, 100)], road_class=["local", "motorway"], oneway=[False, True])
        row = access(
            desk(parcels(BESIDE), roads=line, facilities=facilities(("motorway_ramp", 600, 95)))
        ).columns.iloc[0]
        assert row["travel_min_motorway_ramp"] == pytest.approx(450 / M_A_MIN + 100 / ENTRY)

    def test_streets_of_openstreetmap_meet_at_shared_points_only(self):
        cross = ([(0, 0), (1000, 0)], [(500, -400), (500, 400)])
        for names, reached in ((["way/1", "way/2"], False), (["R1", "R2"], True)):
            town = desk(parcels(BESIDE), roads=roads(*cross, road_id=names), facilities=facilities(("port", 500, 300)))  # fmt: skip
            assert access(town).columns["travel_min_port"].notna().iloc[0] == reached


class TestTables:
    @pytest.fixture
    def tables(self):
        away = rect(400, 300, 50, 50)
        rows = (
            ("bus_stop", 200, 0),
            ("bus_stop", 400, 0),
            ("bus_stop", 900, 0),
            ("cold_store", 500, 0),
            ("port", 900, -20),
        )
        town = desk(
            parcels(BESIDE, away),
            roads=roads(STREET),
            facilities=facilities(*rows, weight=[1.0, 2.0, 4.0, 8.0, 16.0]),
        )
        return Tables(access(town).tables)  # fmt: skip

    def test_the_nearest_are_listed_by_rank(self, tables):
        own = tables["access"].query("kind == 'bus_stop' and mode == 'car'")
        assert own["facility_id"].tolist() == ["F1", "F2", "F3"]
        assert own["rank"].tolist() == [1, 2, 3]
        np.testing.assert_allclose(own["minutes"] - 5 / ENTRY, np.array([50, 250, 750]) / M_A_MIN)
        assert set(tables["access"]["parcel_id"]) == {"P1"}

    def test_a_kind_that_parkgeo_does_not_know_is_in_the_tables(self, tables):
        assert (tables["access"]["kind"] == "cold_store").sum() == 1
        assert "travel_min_cold_store" not in access_columns(tables)

    def test_what_is_reached_is_counted_and_weighed(self, tables):
        own = tables["access_kinds"].set_index(["parcel_id", "kind", "mode"])
        row = own.loc[("P1", "bus_stop", "car")]
        minutes = 5 / ENTRY + np.array([50, 250, 750]) / M_A_MIN
        assert row["facilities_within"] == 3
        assert row["weight_within"] == 7
        assert row["gravity"] == pytest.approx((np.array([1, 2, 4]) * 2.0 ** (-minutes / 15)).sum())
        assert (
            own.loc[("P2", "bus_stop", "car"), ["facilities_within", "weight_within", "gravity"]].isna().all()
        )
        assert set(own.index.get_level_values("mode")) == {"car", "truck", "walk"}

    def test_edges_say_where_they_lead_and_how_long(self, tables):
        edges = tables["network_edges"]
        assert len(edges) == 1
        assert edges["car_min_along"].iloc[0] == pytest.approx(2.0)
        assert edges["truck_min_against"].iloc[0] == pytest.approx(1000 / TRUCK)
        assert edges["part"].tolist() == ["main"]

    def test_isochrones_hold_the_ground_along_the_road(self, tables):
        port = tables["isochrones"].query("kind == 'port' and mode == 'car'").set_index("minutes")
        assert port.index.tolist() == [30, 15, 10, 5]
        assert port.geometry.loc[5].contains(shapely.Point(100, 100))
        assert not port.geometry.loc[5].contains(shapely.Point(100, 400))

    def test_links_say_who_is_cut_off(self, tables):
        links = tables["links"]
        assert links[["road_id", "parcels_slower", "parcels_cut_off"]].to_numpy().tolist() == [["R1", 1, 1]]


def access_columns(tables):
    return set(tables["access_scores"]["metric"])


class TestWhatIsMissing:
    def test_without_roads_nothing_is_measured_and_nothing_is_no(self):
        part = access(desk(parcels(BESIDE), facilities=facilities(("port", 900, 0))))
        assert part.columns[[*MEASURED, "gates", "frontage_m", "access_score"]].isna().all(axis=None)
        assert part.columns[["no_frontage", "unreachable"]].to_numpy().tolist() == [["undetermined"] * 2]
        assert part.columns["truck_unreachable"].isna().all()
        assert part.tables == {}
        findings = pd.concat([make() for make in part.findings])
        assert findings["missing"].tolist() == ["roads", "roads"]

    def test_an_empty_layer_of_roads_is_told(self):
        part = access(desk(parcels(BESIDE), roads=roads().iloc[:0], facilities=facilities(("port", 900, 0))))
        assert part.columns["no_frontage"].tolist() == ["undetermined"]
        assert "no line" in told(part).loc["travel_min_port", "ask_en"]

    def test_without_facilities_frontage_is_judged_all_the_same(self):
        part = access(desk(parcels(BESIDE, rect(100, 105, 100, 100)), roads=roads(STREET)))
        assert part.columns["no_frontage"].tolist() == ["no", "yes"]
        assert part.columns[MEASURED].isna().all(axis=None)
        assert len(Tables(part.tables)["access"]) == 0

    def test_a_kind_of_which_none_is_recorded_is_asked_for(self):
        part = access(desk(parcels(BESIDE), roads=roads(STREET), facilities=facilities(("port", 900, 0))))
        assert part.columns["travel_min_hospital"].isna().all()
        assert "No facility of this kind" in told(part).loc["travel_min_hospital", "ask_en"]
        assert "travel_min_port" not in told(part).index

    def test_a_facility_in_a_lake_is_left_out_and_named(self):
        where = {"source_file": ["ports.gpkg"] * 2, "source_row": [4, 5]}
        rows = facilities(("port", 900, -301), ("port", 900, -299), **where)
        part = access(desk(parcels(BESIDE), roads=roads(STREET), facilities=rows))
        assert part.columns["travel_min_port"].iloc[0] == pytest.approx(750 / M_A_MIN + 304 / ENTRY)
        ask = told(part).loc["travel_min_port", "ask_en"]
        assert "F1 (ports.gpkg, row 4)." in ask
        assert "F2" not in ask
        assert "F1（ports.gpkg 第 4 行）" in told(part).loc["travel_min_port", "ask_zh"]

    def test_each_parcel_without_a_time_has_the_reason(self):
        island = roads(STREET, [(100, 400), (300, 400)])
        part = access(
            desk(parcels(BESIDE, rect(100, 200, 50, 50), rect(100, 405, 50, 50)), roads=island, facilities=facilities(("port", 900, 0)))
        )  # fmt: skip
        assert part.columns["travel_min_port"].notna().tolist() == [True, False, False]
        why = gaps_frame(part.gaps).query("field == 'travel_min_port'").set_index("parcel_id")["ask_en"]
        assert why.index.tolist() == ["P2", "P3"]
        assert "meets no road" in why["P2"]
        assert "No way by car" in why["P3"]

    def test_facilities_without_kind_or_weight_do_no_harm(self):
        rows = facilities((None, 500, 0), ("canteen", 900, 0))
        part = access(desk(parcels(BESIDE), roads=roads(STREET), facilities=rows))
        kinds = Tables(part.tables)["access_kinds"]
        assert set(kinds["kind"]) == {"canteen"}
        assert kinds["weight_within"].isna().all()
        assert kinds["gravity"].notna().all()
        assert "no weight" in told(part).loc["weight_within", "ask_en"]
        bare = access(desk(parcels(BESIDE), roads=roads(STREET), facilities=rows.drop(columns="kind")))
        assert bare.columns[MEASURED].isna().all(axis=None)

    def test_the_score_says_what_it_lacks(self):
        part = access(desk(parcels(BESIDE), roads=roads(STREET), facilities=facilities(("port", 900, 0))))
        assert part.columns["access_score"].isna().all()
        ask = told(part).loc["access_score", "ask_en"]
        assert "core city" in ask
        assert "port" not in ask

    def test_a_kind_that_the_packs_do_not_list_is_no_column(self):
        rules = overlaid(**{"access.gateway_kinds": ["airport"]})
        part = access(
            desk(parcels(BESIDE), rules, roads=roads(STREET), facilities=facilities(("port", 900, 0)))
        )
        assert part.columns["travel_min_port"].isna().all()
        assert "do not list" in told(part).loc["travel_min_port", "ask_en"]

    def test_a_park_without_roads_has_no_density(self):
        rows, gaps = parks_reach(desk(parcels(BESIDE))).rows("K", np.array([0]))
        values = {row["name"]: row["value"] for row in rows}
        assert np.isnan(values["road_density_km_per_km2"])
        assert {gap[2] for gap in gaps} >= {"road_density_km_per_km2", "staff_within_canteen"}


class TestLaws:
    @settings(max_examples=25)
    @given(st.permutations(range(4)), st.permutations(range(3)))
    def test_the_order_of_rows_changes_nothing(self, lots, streets):
        shapes = [BESIDE, rect(400, 5, 60, 80), rect(700, -105, 200, 100), rect(300, 205, 90, 40)]
        lines = [STREET, [(500, -300), (500, 300)], [(0, 200), (1000, 200)]]
        rows = facilities(("port", 900, -200), ("port", 30, 190), ("fire_station", 480, 10))
        one = access(desk(parcels(*shapes), roads=roads(*lines), facilities=rows)).columns
        land_ = parcels(*shapes).iloc[list(lots)].reset_index(drop=True)
        other = access(
            desk(land_, roads=roads(*lines).iloc[list(streets)].reset_index(drop=True), facilities=rows)
        ).columns
        names = [
            "frontage_m",
            "gates",
            "travel_min_port",
            "travel_km_port",
            "truck_min_port",
            "travel_min_fire_station",
        ]
        np.testing.assert_allclose(other[names].to_numpy(), one[names].iloc[list(lots)].to_numpy(), rtol=1e-9)
        verdicts = ["no_frontage", "unreachable"]
        assert other[verdicts].fillna("").to_numpy().tolist() == one[verdicts].iloc[list(lots)].fillna("").to_numpy().tolist()  # fmt: skip

    @settings(max_examples=25)
    @given(
        st.lists(st.tuples(st.integers(0, 900), st.integers(-400, 400)), min_size=2, max_size=2, unique=True)
    )
    def test_another_road_makes_nothing_slower(self, ends):
        """With gates that are given, and roads no nearer to them than their own: a gate meets the road that lies nearest to it."""
        assume(shapely.LineString(ends).distance(shapely.Point(150, 5)) >= 5)
        gates = land([shapely.Point(150, 5)], gate_id=["G1"], parcel_id=["P1"], trucks=[True])
        rows = facilities(("port", 900, 0))
        lines = [STREET, [(0, 0), (0, 300), (900, 300)]]
        before, after = (
            access(desk(parcels(BESIDE), roads=roads(*own), facilities=rows, gates=gates)).columns["travel_min_port"].iloc[0]
            for own in (lines, [*lines, ends])
        )  # fmt: skip
        assert after <= before + 1e-9


class TestSample:
    """Times on the sample park again: NetworkX on the layer's own lines, cut at the gates."""

    @pytest.fixture
    def snapshot(self, sample_run) -> Snapshot:
        return sample_run.snapshot

    @pytest.mark.parametrize(("kind", "inbound"), [("port", False), ("fire_station", True)])
    def test_minutes_are_those_of_networkx(self, snapshot, kind, inbound):
        streets, parcels_ = snapshot.read("roads"), snapshot.read("parcels").set_index("parcel_id")
        points, place = (
            snapshot.read("gate_points"),
            snapshot.read("facilities").query("kind == @kind").geometry.iloc[0],
        )
        ground = streets.geometry[streets["level"] == 0]
        near = ground[ground.distance(place).idxmin()]
        spot, off_m = near.interpolate(near.project(place)), near.distance(place)
        graph = nx.DiGraph()
        for line, speed, oneway in zip(
            streets.geometry, streets["speed_km_h"], streets["oneway"], strict=True
        ):
            own = [each for each in [*points.geometry, spot] if each.distance(line) < 1e-6]
            for low, high in pairwise(sorted({0.0, line.length, *map(line.project, own)})):
                a, b = (_node(line.interpolate(each)) for each in (low, high))
                if a != b:
                    _shorter(graph, a, b, (high - low) / speed * 0.06)
                    if not oneway:
                        _shorter(graph, b, a, (high - low) / speed * 0.06)
        times = nx.single_source_dijkstra_path_length(
            graph if inbound else graph.reverse(), _node(spot), weight="minutes"
        )
        best = pd.Series(np.inf, index=parcels_.index)
        for parcel, gate, away_m in zip(points["parcel_id"], points.geometry, points["off_m"], strict=True):
            best[parcel] = min(best[parcel], times.get(_node(gate), np.inf) + (away_m + off_m) / ENTRY)
        expected = best.where(np.isfinite(best))
        assert expected.notna().sum() > 300
        np.testing.assert_allclose(parcels_[f"travel_min_{kind}"], expected, rtol=1e-6, atol=1e-6)

    def test_every_time_that_is_missing_has_a_reason(self, snapshot):
        parcels_, gaps = snapshot.read("parcels").set_index("parcel_id"), snapshot.read("gaps")
        for name in MEASURED:
            missing = set(parcels_.index[parcels_[name].isna()])
            assert missing == set(gaps.loc[gaps["field"] == name, "parcel_id"].dropna())

    def test_staff_and_road_density_are_among_the_indicators(self, snapshot):
        rows = snapshot.read("indicators").set_index("name")
        assert 0 < rows.loc["staff_within_canteen", "value"] < 100
        assert rows.loc["road_density_km_per_km2", "value"] == pytest.approx(4.29, abs=0.01)

    def test_the_manifest_tells_the_size_of_the_network(self, snapshot):
        network = snapshot.manifest["network"]
        assert network["edges"] == len(snapshot.read("network_edges"))
        assert network["gates_assumed"] == len(snapshot.read("gate_points"))
        assert network["parts"] == 2


def test_the_network_is_made_once():
    town = desk(parcels(BESIDE), roads=roads(STREET))
    assert town.once(road_network) is town.once(road_network)


def _node(point):
    return round(point.x, 3), round(point.y, 3)


def _shorter(graph, a, b, minutes):
    if minutes < graph.get_edge_data(a, b, {"minutes": np.inf})["minutes"]:
        graph.add_edge(a, b, minutes=minutes)
