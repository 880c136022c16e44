"""Roads become a graph: what meets, what is reported, what hangs together, and how long it takes; by arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString

from parkgeo.metrics.network.edges import edge_lines, lengths
from parkgeo.metrics.network.graph import Profile, Weights
from parkgeo.metrics.network.hours import parse_hours
from parkgeo.metrics.network.noding import road_graph
from parkgeo.metrics.network.report import topology_report
from parkgeo.metrics.network.speeds import weights
from parkgeo.metrics.network.splitting import carried, split
from parkgeo.metrics.network.topology import edge_parts, main_part, parts, to_networkx
from tests.builders import land

if TYPE_CHECKING:
    import geopandas as gpd

    from parkgeo.metrics.network.graph import RoadGraph

CAR = Profile("car", {"arterial": 60.0, "local": 30.0}, unknown_km_h=20.0, least_km_h=1.0, most_km_h=130.0)


def roads(*drawn: Any, **columns: Any) -> gpd.GeoDataFrame:
    """A roads layer R0, R1, … by the points of its lines."""
    shapes = [LineString(points) if isinstance(points, list) else points for points in drawn]
    return land(shapes, **({"road_id": [f"R{at}" for at in range(len(shapes))]} | columns))


def graph_of(layer: gpd.GeoDataFrame, *, osm: Any = False, join: bool = False) -> RoadGraph:
    return seen_of(layer, osm=osm, join=join)[0]


def seen_of(
    layer: gpd.GeoDataFrame, *, osm: Any = False, join: bool = False
) -> tuple[RoadGraph, gpd.GeoDataFrame]:
    by_vertex = np.broadcast_to(np.asarray(osm, dtype=bool), len(layer))
    graph, seen = road_graph(layer, by_vertex=by_vertex, snap_m=0.05, near_miss_m=5, join=join)
    check(graph)
    return graph, seen


def check(graph: RoadGraph) -> None:
    """Arrays that agree with each other: edges begin and end at their nodes and are as long as they are drawn."""
    assert len(graph.first) == graph.edges + 1
    assert graph.first[-1] == len(graph.xy)
    assert (graph.xy[graph.first[:-1]] == graph.node_xy[graph.start]).all()
    assert (graph.xy[graph.first[1:] - 1] == graph.node_xy[graph.end]).all()
    assert (graph.length_m > 0).all()
    np.testing.assert_allclose(lengths(graph.xy, graph.first), graph.length_m, atol=1e-7)
    np.testing.assert_allclose(shapely.length(edge_lines(graph)), graph.length_m, atol=1e-7)
    assert set(graph.start) | set(graph.end) == set(range(graph.nodes))


def report(layer: gpd.GeoDataFrame, *, join: bool = False, profile: Profile = CAR) -> pd.DataFrame:
    graph, seen = seen_of(layer, join=join)
    minutes = weights(graph, layer, profile)
    return topology_report(
        graph, layer, minutes, parts(graph, minutes), seen=seen, profile=profile, island_m=500
    )


def told(found: pd.DataFrame, kind: str) -> list[tuple[Any, ...]]:
    """Rows of one kind of report: road, other road, value."""
    rows = found[found["kind"] == kind]
    return list(zip(rows["road_id"], rows["other_road_id"], rows["value"].round(6), strict=True))


def joined(graph: RoadGraph) -> int:
    """Number of parts, whatever the directions."""
    open_ = Weights(graph.length_m, graph.length_m)
    return int((parts(graph, open_).component_m > 0).sum())


ACROSS, UP = [(0, 0), (100, 0)], [(40, -50), (40, 50)]


def test_roads_that_cross_without_a_vertex_meet():
    graph = graph_of(roads(ACROSS, UP))
    assert graph.node_xy.tolist() == [[0, 0], [40, -50], [40, 0], [40, 50], [100, 0]]
    assert sorted(zip(graph.road.tolist(), graph.length_m.tolist(), strict=True)) == [
        (0, 40),
        (0, 60),
        (1, 50),
        (1, 50),
    ]


@pytest.mark.parametrize("level", [[0, 1], [-1, 0], [1, 2], [None, 1]])
def test_a_bridge_or_tunnel_does_not_meet_what_it_crosses(level):
    graph, seen = seen_of(roads(ACROSS, UP, level=pd.Series(level, dtype="float64")))
    assert (graph.nodes, graph.edges, joined(graph)) == (4, 2, 2)
    assert seen.empty


@pytest.mark.parametrize("level", [[0, 0], [None, 0], [1, 1], [None, None]])
def test_roads_of_one_level_meet_and_a_missing_level_is_the_ground(level):
    assert joined(graph_of(roads(ACROSS, UP, level=pd.Series(level, dtype="float64")))) == 1


def test_a_crossing_under_a_crossing_is_two_nodes():
    four = roads(ACROSS, UP, [(0, -40), (80, 40)], [(40, -60), (40, 60)], level=[0, 0, 1, 1])
    graph = graph_of(four)
    assert (graph.node_xy == (40, 0)).all(axis=1).sum() == 2
    assert joined(graph) == 2


@pytest.mark.parametrize("level", [1, -1])
def test_the_end_of_a_bridge_or_tunnel_meets_the_road_where_it_comes_down(level):
    graph = graph_of(roads(ACROSS, [(40, 0), (40, 50)], level=[0, level]))
    assert (graph.nodes, graph.edges, joined(graph)) == (4, 3, 1)


def test_a_road_over_a_bridge_is_one_way_through_and_the_road_below_stays_below():
    graph = graph_of(
        roads(
            [(0, 0), (40, 0)],
            [(40, 0), (60, 0)],
            [(60, 0), (100, 0)],
            [(50, -50), (50, 50)],
            level=[0, 1, 0, 0],
        )
    )
    assert (graph.nodes, graph.edges, joined(graph)) == (6, 4, 2)


def test_a_junction_below_a_flyover_stays_below_it():
    """Four roads end at a junction on the ground, and a flyover passes right over it."""
    ground = [[(50, 0), (0, 0)], [(50, 0), (100, 0)], [(50, 0), (50, 50)], [(50, 0), (50, -50)]]
    graph, seen = seen_of(roads(*ground, [(-50, -100), (150, 100)], level=[0, 0, 0, 0, 1]))
    assert (graph.nodes, graph.edges, joined(graph)) == (7, 5, 2)
    assert seen.empty


def test_a_road_that_ends_below_a_bridge_is_a_near_miss_and_joined_when_told():
    layer = roads(ACROSS, [(40, 0), (40, 50)], level=[1, 0])
    graph, seen = seen_of(layer)
    assert joined(graph) == 2
    assert seen[["kind", "row", "other", "value"]].to_numpy().tolist() == [["near_miss", 1, 0, 0]]
    graph, seen = seen_of(layer, join=True)
    assert (graph.nodes, graph.edges, joined(graph)) == (4, 3, 1)
    assert seen["kind"].tolist() == ["joined"]


@pytest.mark.parametrize("off", [0.0, 0.03, -0.03])
def test_a_t_junction_whose_end_is_a_few_centimetres_off_meets(off):
    graph, seen = seen_of(roads(ACROSS, [(40, off), (40, 50)]))
    assert (graph.nodes, graph.edges, joined(graph)) == (4, 3, 1)
    assert graph.length_m.sum() == pytest.approx(150, abs=0.05)
    assert seen.empty


def test_ends_a_few_centimetres_apart_are_one_node():
    graph = graph_of(roads([(0, 0), (40, 0)], [(40.03, 0.02), (80, 0)], [(40, -0.03), (40, -50)]))
    assert (graph.nodes, graph.edges) == (4, 3)


def test_the_snapping_distance_ends_where_it_says():
    assert joined(graph_of(roads(ACROSS, [(40, 0.049), (40, 50)]))) == 1
    assert joined(graph_of(roads(ACROSS, [(40, 0.051), (40, 50)]))) == 2


def test_a_line_that_crosses_itself_has_a_node_there():
    graph = graph_of(roads([(0, 0), (100, 0), (100, 50), (40, 50), (40, -50)]))
    assert (graph.nodes, graph.edges) == (3, 3)
    assert sorted(graph.length_m.tolist()) == [40, 50, 60 + 50 + 60 + 50]


def test_a_closed_road_is_a_loop_from_its_end_to_itself():
    square = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    graph = graph_of(roads(square))
    assert (graph.nodes, graph.edges, graph.length_m.tolist()) == (1, 1, [400])
    graph = graph_of(roads(square, [(100, 50), (200, 50)]))
    assert (graph.nodes, graph.edges) == (3, 3)
    assert joined(graph) == 1


def test_roads_that_lie_on_each_other_in_part_share_what_they_share():
    """R0 from 0 to 60 and R1 from 40 to 100: 100 m of road, of which 20 m are drawn twice."""
    graph, seen = seen_of(roads([(0, 0), (60, 0)], [(40, 0), (100, 0)]))
    assert graph.node_xy[:, 0].tolist() == [0, 40, 60, 100]
    assert graph.length_m.tolist() == [40, 20, 40]
    assert seen[["kind", "row", "other", "value"]].to_numpy().tolist() == [["duplicate_line", 1, 0, 20]]


def test_a_road_inside_another_one_adds_nothing():
    graph, seen = seen_of(roads([(0, 0), (100, 0)], [(20, 0), (50, 0), (80, 0)]))
    assert graph.length_m.sum() == 100
    assert seen["value"].tolist() == [60]


def test_a_line_that_goes_back_on_itself_counts_once():
    graph, seen = seen_of(roads([(0, 0), (100, 0), (70, 0)]))
    assert graph.length_m.sum() == 100
    assert seen[["row", "other", "value"]].to_numpy().tolist() == [[0, 0, 30]]


@pytest.mark.parametrize("twice", [ACROSS, ACROSS[::-1]])
def test_a_road_drawn_twice_counts_once(twice):
    graph, seen = seen_of(roads(ACROSS, twice, UP))
    assert graph.length_m.sum() == 200
    assert seen[["kind", "row", "other", "value"]].to_numpy().tolist() == [["duplicate_line", 1, 0, 100]]


def test_two_carriageways_drawn_as_one_line_stay_open_both_ways():
    layer = roads(ACROSS, ACROSS[::-1], oneway=[True, True])
    graph, seen = seen_of(layer)
    assert (graph.edges, len(seen)) == (2, 0)
    assert main_part(graph, weights(graph, layer, CAR)).all()


@pytest.mark.parametrize("oneway", [[True, True, False], [False, True, True], [True, False, True]])
def test_no_direction_is_lost_with_a_duplicate(oneway):
    layer = roads(ACROSS, [(0, 0), (50, 0)], [(50, 0), (0, 0)], oneway=oneway)
    graph = graph_of(layer)
    minutes = weights(graph, layer, CAR)
    west, middle = (graph.node_xy[:, 0] == 0).argmax(), (graph.node_xy[:, 0] == 50).argmax()
    ways = to_networkx(graph, minutes)
    assert ways.has_edge(west, middle)
    assert ways.has_edge(middle, west)


def test_a_flyover_drawn_on_the_road_below_it_is_another_road():
    graph, seen = seen_of(roads(ACROSS, ACROSS, level=[0, 1]))
    assert (graph.nodes, graph.edges) == (2, 2)
    assert seen.empty
    graph, seen = seen_of(roads(ACROSS, ACROSS, ACROSS, ACROSS, level=[0, 1, 0, 1]))
    assert graph.road.tolist() == [0, 1]
    assert seen[["row", "other"]].to_numpy().tolist() == [[2, 0], [3, 1]]


def test_lines_without_length_are_reported_and_left_out():
    graph, seen = seen_of(
        roads(ACROSS, [(5, 5), (5, 5)], LineString(), [(7, 7), (7.01, 7)], MultiLineString())
    )
    assert graph.edges == 1
    assert seen["kind"].unique().tolist() == ["zero_length"]
    assert seen[["row", "value"]].round(6).to_numpy().tolist() == [[1, 0], [2, 0], [4, 0], [3, 0.01]]


def test_several_lines_of_one_row_are_one_road():
    graph = graph_of(roads(MultiLineString([ACROSS, UP])))
    assert (graph.nodes, graph.edges, set(graph.road)) == (5, 4, {0})


def test_osm_roads_meet_only_where_they_share_a_vertex():
    with_vertex = [(0, 0), (40, 0), (100, 0)]
    assert joined(graph_of(roads(ACROSS, UP), osm=True)) == 2
    assert joined(graph_of(roads(with_vertex, [(40, -50), (40, 0), (40, 50)]), osm=True)) == 1
    assert joined(graph_of(roads(with_vertex, [(40, -50), (40, 0), (40, 50)], level=[0, 1]), osm=True)) == 1
    assert joined(graph_of(roads(ACROSS, [(40, 0.01), (40, 50)]), osm=True)) == 2


def test_drawn_roads_meet_osm_roads_as_they_meet_each_other():
    layer = roads(ACROSS, UP, [(70, -50), (70, 50)])
    graph = graph_of(layer, osm=[True, False, True])
    assert joined(graph) == 2
    assert (graph.node_xy == (40, 0)).all(axis=1).any()


def test_points_along_a_curve_closer_than_the_snapping_distance_do_not_swallow_it():
    """Two roads lie on each other with a vertex every 3 cm: they are still as long as they are."""
    dense = [(0.03 * step, 0.0) for step in range(1001)]
    graph = graph_of(roads(dense, [*dense, (30.0, 40.0)]))
    assert graph.length_m.sum() == pytest.approx(70)


def test_near_misses_are_reported_and_joined_only_when_told():
    layer = roads(ACROSS, [(40, 3), (40, 50)])
    graph, seen = seen_of(layer)
    assert joined(graph) == 2
    assert seen[["kind", "row", "other", "value"]].to_numpy().tolist() == [["near_miss", 1, 0, 3]]
    assert seen.geometry[0].equals(LineString([(40, 3), (40, 0)]))
    graph, seen = seen_of(layer, join=True)
    assert joined(graph) == 1
    assert sorted(graph.length_m.tolist()) == [3, 40, 47, 60]
    assert seen[["kind", "row", "other", "value"]].to_numpy().tolist() == [["joined", 1, 0, 3]]


def test_two_ends_that_face_each_other_are_joined_once():
    graph, seen = seen_of(roads([(0, 0), (40, 0)], [(44, 0), (100, 0)]), join=True)
    assert graph.length_m.tolist() == [40, 56, 4]
    assert seen[["kind", "row", "other"]].to_numpy().tolist() == [["joined", 0, 1]]


def test_two_ends_that_face_each_other_are_reported_once():
    _, seen = seen_of(roads([(0, 0), (40.1, 0.3)], [(44.7, 1.9), (100, 0)]))
    assert seen[["kind", "row", "other"]].to_numpy().tolist() == [["near_miss", 0, 1]]


def test_ends_that_miss_different_places_are_reported_each():
    # The second road ends short of the first's end, which ends short of the third: two gaps.
    _, seen = seen_of(roads([(0, 0), (40, 0)], [(44, 0), (100, 0)], [(41, 3), (41, 90)]))
    assert sorted(seen[["row", "other"]].to_numpy().tolist()) == [[0, 2], [1, 0]]


def test_a_ring_that_is_not_quite_closed_misses_its_own_other_end():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 3)]
    graph, seen = seen_of(roads(ring), join=True)
    assert seen["value"].tolist() == [3]
    assert graph.length_m.sum() == 397 + 3


def test_a_road_that_stops_short_of_itself_is_a_near_miss():
    graph, seen = seen_of(roads([(0, 0), (100, 0), (100, 50), (40, 50), (40, 3)]), join=True)
    assert seen["value"].tolist() == [3]
    assert (graph.nodes, graph.edges, graph.length_m.sum()) == (3, 3, 260)


def test_a_stub_or_a_bend_is_no_near_miss():
    assert seen_of(roads(ACROSS, [(40, 0), (40, 4)]))[1].empty
    assert seen_of(roads([(0, 0), (100, 0), (100, 4), (97, 4)]))[1].empty


def test_near_misses_beyond_the_distance_are_none():
    assert seen_of(roads(ACROSS, [(40, 5.1), (40, 50)]))[1].empty


def test_islands_and_a_network_in_two_parts():
    found = report(roads([(0, 0), (2000, 0)], [(0, 900), (499, 900)], [(0, 1800), (501, 1800)]))
    assert told(found, "island") == [("R1", None, 499)]
    assert told(found, "split_network") == [("R2", None, 501)]
    assert len(told(found, "dangling_end")) == 6
    assert found.geometry.notna().all()


def test_one_way_traps_in_and_out():
    """A two-way road; a one-way road out of it that ends, and one that comes into it from nowhere."""
    layer = roads(ACROSS, [(100, 0), (130, 0)], [(0, 70), (0, 0)], oneway=[False, True, True])
    graph, seen = seen_of(layer)
    minutes = weights(graph, layer, CAR)
    found = parts(graph, minutes)
    assert graph.node_xy[found.main].tolist() == [[0, 0], [100, 0]]
    assert graph.node_xy[found.entered & ~found.left].tolist() == [[130, 0]]
    assert graph.node_xy[found.left & ~found.entered].tolist() == [[0, 70]]
    assert edge_parts(graph, minutes, found).tolist() == ["main", "trap", "trap"]
    table = topology_report(graph, layer, minutes, found, seen=seen, profile=CAR, island_m=500)
    assert told(table, "one_way_trap") == [("R1", None, 30)]
    assert told(table, "one_way_no_entry") == [("R2", None, 70)]


def test_a_single_one_way_road_has_no_main_part():
    layer = roads(ACROSS, oneway=[True])
    graph = graph_of(layer)
    assert not main_part(graph, weights(graph, layer, CAR)).any()
    assert told(report(layer), "one_way_trap") == [("R0", None, 100)]


def test_the_main_part_is_the_longest_not_the_one_with_most_nodes():
    star = [[(0, 0), (5 * np.cos(turn), 5 * np.sin(turn))] for turn in np.arange(6)]
    graph = graph_of(roads(*star, [(100, 100), (900, 100)]))
    assert main_part(graph, Weights(graph.length_m, graph.length_m)).sum() == 2


def minutes_of(layer: gpd.GeoDataFrame, profile: Profile = CAR) -> list[list[float]]:
    graph = graph_of(layer)
    found = weights(graph, layer, profile)
    return [found.along.round(9).tolist(), found.against.round(9).tolist()]


KM = [(0, 0), (1000, 0)]


def test_minutes_by_stated_speed_class_and_neither():
    apart = [[(0, 100 * at), (1000, 100 * at)] for at in range(4)]
    layer = roads(
        *apart, speed_km_h=[40, np.nan, np.nan, np.nan], road_class=["arterial", "arterial", "motorway", None]
    )
    assert minutes_of(layer)[0] == [1.5, 1, 3, 3]
    assert told(report(layer), "no_speed") == [("R2", None, 20), ("R3", None, 20)]


@pytest.mark.parametrize("speed", [0, -5, 999, 0.5, 130.01])
def test_an_absurd_speed_stands_back_for_that_of_the_class_and_is_reported(speed):
    layer = roads(KM, speed_km_h=[speed], road_class=["local"])
    assert minutes_of(layer) == [[2], [2]]
    assert told(report(layer), "absurd_speed") == [("R0", None, speed)]


def test_observed_speeds_count_where_asked_for():
    layer = roads(KM, speed_km_h=[60.0], observed_km_h=[20.0])
    asked = Profile("car", {}, 20, 1, 130, observed=True)
    assert minutes_of(layer)[0] == [1]
    assert minutes_of(layer, asked)[0] == [3]
    assert minutes_of(layer.assign(observed_km_h=[np.nan]), asked)[0] == [1]
    assert minutes_of(layer.assign(observed_km_h=[0.0]), asked)[0] == [1]


def test_trucks_drive_no_faster_than_trucks():
    truck = Profile("truck", {"arterial": 30.0}, 20, 1, 130, capped=True)
    layer = roads(KM, speed_km_h=[60.0], road_class=["arterial"])
    assert minutes_of(layer, truck)[0] == [2]
    assert minutes_of(layer.assign(speed_km_h=[15.0]), truck)[0] == [4]
    assert minutes_of(layer.assign(road_class=[None]), truck)[0] == [3]


def test_one_way_roads_are_open_as_drawn_and_both_ways_on_foot():
    layer = roads(KM, oneway=pd.Series([True], dtype="boolean"), road_class=["arterial"])
    walk = Profile("walk", {}, 20, 1, 130, constant_km_h=5, both_ways=True)
    assert minutes_of(layer) == [[1], [np.inf]]
    assert minutes_of(layer, walk) == [[12], [12]]
    assert minutes_of(layer, Profile("walk", {}, 20, 1, 130, barred_classes=("arterial",)))[0] == [np.inf]


@pytest.mark.parametrize(
    ("column", "value", "shut"),
    [
        ("max_height_m", 3.9, True), ("max_height_m", 4.0, False), ("max_height_m", 0, False),
        ("max_height_m", np.nan, False), ("max_weight_t", 20, True), ("max_weight_t", 55, False),
        ("truck_closed_hours", "7:00-22:00", True), ("truck_closed_hours", "22:00-6:00", False),
        ("truck_closed_hours", "不明", False), ("truck_closed_hours", None, False),
    ],
)  # fmt: skip
def test_limits_close_roads_to_trucks(column, value, shut):
    truck = Profile("truck", {}, 20, 1, 130, height_m=4, weight_t=49, hour=10)
    assert np.isinf(minutes_of(roads(KM, **{column: [value]}), truck)[0][0]) == shut
    assert minutes_of(roads(KM, **{column: [value]}))[0] == [3]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("7:00-9:00;17:00-19:00", [(7, 9), (17, 19)]), ("07-09", [(7, 9)]), ("22:00-06:00", [(22, 24), (0, 6)]),
        ("７：００～９：００，１７：００—１９：３０", [(7, 9), (17, 19.5)]), ("7:00至9:00；", [(7, 9)]), ("7时-9时30分", [(7, 9.5)]),
        ("22:00-次日6:00", [(22, 24), (0, 6)]), ("0-24", [(0, 24)]), ("全天", [(0, 24)]), ("22:00-0:00", [(22, 24)]),
        ("", None), ("rush hour", None), ("7:00", None), ("7:60-9:00", None), ("25-26", None), ("7-7", None),
        ("-9", None), ("7:00-9:00;x", None), ("7:00-9:00-11:00", None), ("24:30-25", None), ("7:5-9", None),
    ],
)  # fmt: skip
def test_hours_are_read_strictly(text, spans):
    assert parse_hours(text) == spans


def test_hours_that_cannot_be_read_are_reported_and_close_nothing():
    layer = roads(KM, UP, ACROSS, truck_closed_hours=["all day long", "7-9", None])
    assert told(report(layer), "hours_unreadable") == [("R0", None, pytest.approx(np.nan, nan_ok=True))]


def test_no_roads_give_no_graph_and_no_report():
    found = report(roads())
    assert found.empty
    assert {"kind", "road_id", "other_road_id", "value", "unit", "geometry"} == set(found.columns)
    assert graph_of(roads()).nodes == 0
    assert graph_of(roads(LineString())).edges == 0


def test_a_network_closed_throughout_has_no_main_part_and_no_islands():
    shut = Profile("walk", {}, 20, 1, 130, barred_classes=("local",))
    layer = roads(ACROSS, UP, road_class=["local", "local"])
    graph = graph_of(layer)
    minutes = weights(graph, layer, shut)
    found = parts(graph, minutes)
    assert not found.main.any()
    assert set(edge_parts(graph, minutes, found)) == {"closed"}
    assert told(report(layer, profile=shut), "island") == []


def test_nodes_are_put_on_edges_several_at_once():
    graph = graph_of(roads([(0, 0), (60, 0), (60, 40)], [(60, 40), (60, 140)]))
    made, nodes, edge_map = split(graph, np.array([0, 1, 0, 0, 1]), np.array([0.8, 0.5, 0.3, 0.3, 0.0]))
    check(made)
    assert made.node_xy[nodes].tolist() == [[60, 20], [60, 90], [30, 0], [30, 0], [60, 40]]
    assert nodes[2] == nodes[3]
    assert made.length_m.round(9).tolist() == [30, 50, 20, 50, 50]
    assert edge_map.edge.tolist() == [0, 0, 0, 1, 1]
    assert edge_map.begin.tolist() == [0, 0.3, 0.8, 0, 0.5]
    assert edge_map.end.tolist() == [0.3, 0.8, 1, 0.5, 1]
    assert (made.node_xy[: graph.nodes] == graph.node_xy).all()
    minutes = carried(Weights(np.array([10.0, 4.0]), np.array([np.inf, 4.0])), edge_map)
    assert minutes.along.round(9).tolist() == [3, 5, 2, 2, 2]
    assert np.isinf(minutes.against[:3]).all()


def test_splitting_nowhere_changes_nothing():
    graph = graph_of(roads(ACROSS, UP))
    made, nodes, _ = split(graph, np.zeros(0, dtype=np.intp), np.zeros(0))
    assert (made.edges, len(nodes)) == (graph.edges, 0)
    made, nodes, _ = split(graph, np.array([0, 0]), np.array([1e-12, 1 - 1e-12]))
    assert made.edges == graph.edges
    assert nodes.tolist() == [graph.start[0], graph.end[0]]


def test_rows_are_told_by_position_whatever_the_index():
    layer = roads(ACROSS, UP).set_index(pd.Index([7, 7]))
    assert set(graph_of(layer).road) == {0, 1}


def test_the_layer_is_not_changed():
    layer = roads(ACROSS, UP, level=[0, None])
    before = layer.copy(deep=True)
    report(layer)
    pd.testing.assert_frame_equal(layer, before)
