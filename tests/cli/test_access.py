"""``parkgeo access`` on the sample park: what it prints, and the files it writes, against NetworkX."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from parkgeo.metrics.network.topology import to_networkx
from parkgeo.pipeline.network import road_network
from parkgeo.pipeline.recall import recalled
from parkgeo.store import Workspace

TRUTH = json.loads((Path(__file__).parents[2] / "data" / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def snapshot(demo):
    return Workspace(demo[0]).current()


def test_it_prints_network_minutes_services_and_links(run, demo):
    text = run("access", "-w", demo[0]).stdout.decode()
    for words in (
        "Road network: ",
        "motorway ramp",
        "by truck",
        "Services ready, of seven",
        "Bottleneck of the park: heat",
    ):
        assert words in text
    assert "Traceback" not in text


def test_it_speaks_chinese(run, demo):
    text = run("access", "-w", demo[0], "--lang", "zh").stdout.decode()
    for words in ("路网：", "高速出入口", "货车", "园区配套短板：供热", "中断后影响最大的路段"):
        assert words in text


def test_json_has_the_same_figures_as_the_tables(run, demo, snapshot):
    told = json.loads(run("access", "-w", demo[0], "--json").stdout)
    parcels = snapshot.read("parcels")
    ramp = next(row for row in told["minutes"] if row["field"] == "travel_min_motorway_ramp")
    minutes = parcels["travel_min_motorway_ramp"]
    assert ramp["median"] == pytest.approx(minutes.median())
    assert ramp["unknown"] == minutes.isna().sum()
    assert sum(reason["parcels"] for reason in ramp["reasons"]) == ramp["unknown"]
    assert told["network"]["km"] == pytest.approx(snapshot.read("network_edges").length.sum() / 1000)


def test_a_planted_parcel_without_frontage_is_told_as_such(run, demo):
    planted = TRUTH["planted"]["no_frontage"]
    one = planted[0] if isinstance(planted[0], str) else planted[0]["parcel_id"]
    told = json.loads(run("access", "-w", demo[0], "--parcel", one, "--json").stdout)
    assert told["gates"] == 0
    assert told["score"] is None
    assert all(way["minutes"] is None for way in told["ways"])
    assert told["asks"]["travel_min_port"]["zh"]


def test_the_matrix_is_what_networkx_finds(run, demo, snapshot, tmp_path):
    file = tmp_path / "ramp.parquet"
    done = run("access", "-w", demo[0], "--matrix", file, "--to", "hospital")
    assert done.returncode == 0, done.stderr.decode()
    matrix = pd.read_parquet(file)
    assert list(matrix) == ["parcel_id", "facility_id", "mode", "minutes", "km", "reason"]
    parcels = snapshot.read("parcels")
    hospitals = snapshot.read("facilities").query("kind == 'hospital'")
    assert len(matrix) == len(parcels) * len(hospitals)
    nearest = matrix.groupby("parcel_id", sort=False)["minutes"].min().reindex(parcels["parcel_id"])
    np.testing.assert_allclose(nearest, parcels["travel_min_hospital"], rtol=1e-9)
    assert matrix["km"].isna().equals(matrix["minutes"].isna())
    assert (matrix["reason"] != "").equals(matrix["minutes"].isna())
    without = matrix[matrix["reason"] == "no_gate"]["parcel_id"]
    assert set(without) == set(parcels["parcel_id"][parcels["gates"] == 0])
    assert f"  {len(without)} rows without minutes: a parcel without a gate (no_gate)" in done.stdout.decode()
    network = road_network(recalled(snapshot))
    graph = to_networkx(network.graph, network.networks["car"].weights)
    target = network.places["car"].node[network.of_kind("hospital")[0]]
    lengths = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), target, weight="minutes")
    ends, known = network.ends("car"), matrix["minutes"].to_numpy()
    minutes = network.networks["car"].weights
    entry = 1 / (network.entry_km_h * 1000 / 60)
    best = np.full(len(parcels), np.inf)
    for owner, edge, part, off in zip(ends.owner, ends.edge, ends.fraction, ends.off_m, strict=True):
        back = lengths.get(network.graph.start[edge], np.inf) + (
            part * minutes.against[edge] if part > 0 else 0
        )
        on = lengths.get(network.graph.end[edge], np.inf) + (
            (1 - part) * minutes.along[edge] if part < 1 else 0
        )
        best[owner] = min(best[owner], min(back, on) + off * entry)
    best += network.places["car"].off_m[network.of_kind("hospital")[0]] * entry
    reached = np.isfinite(best)
    assert (reached == ~np.isnan(known)).all()
    np.testing.assert_allclose(known[reached], best[reached], rtol=1e-9)


def test_the_matrix_between_parcels_keeps_the_triangle(run, demo, snapshot, tmp_path):
    file = tmp_path / "between.parquet"
    assert run("access", "-w", demo[0], "--matrix", file, "--between", "--mode", "truck").returncode == 0
    matrix = pd.read_parquet(file)
    parcels = snapshot.read("parcels")
    count = len(parcels)
    assert len(matrix) == count * (count - 1)
    assert not (matrix["parcel_id"] == matrix["to_parcel_id"]).any()
    ids = parcels["parcel_id"]
    wide = matrix.pivot_table(index="parcel_id", columns="to_parcel_id", values="minutes", dropna=False)
    minutes = wide.reindex(index=ids, columns=ids).to_numpy()
    # Who comes in by one gate may leave by another, so the law holds over parcels with one gate.
    over = np.flatnonzero(parcels["gates"].to_numpy() == 1)
    assert len(over) > 5
    for two in over:
        detour = minutes[:, [two]] + minutes[[two], :]
        longer = minutes > detour + 1e-9
        assert not longer[~np.isnan(minutes) & ~np.isnan(detour)].any()
    assert (matrix["km"].dropna() >= 0).all()
    ends, network = matrix[["parcel_id", "to_parcel_id"]], road_network(recalled(snapshot))
    assert (matrix["reason"] != "").equals(matrix["minutes"].isna())
    gateless = set(ids[~network.connected])
    trucks = set(ids.iloc[network.ends("truck").owner])
    assert gateless
    wanted = np.where(
        ends.isin(gateless).any(axis=1), "no_gate", np.where(~ends.isin(trucks).all(axis=1), "no_truck_gate", "no_way")
    )  # fmt: skip
    null = matrix["minutes"].isna()
    assert (matrix["reason"][null] == wanted[null]).all()


def test_isochrones_hold_one_another_and_the_parcels_they_should(run, demo, snapshot, tmp_path):
    file = tmp_path / "ramp.geojson"
    done = run("access", "-w", demo[0], "--isochrones", file, "--from", "motorway_ramp", "--minutes", "6,3")
    assert done.returncode == 0, done.stderr.decode()
    rings = gpd.read_file(file)
    assert rings["minutes"].to_list() == [3, 6]
    assert rings.crs.to_epsg() == 4326
    near, far = rings.to_crs(snapshot.crs).geometry
    assert near.difference(far).area < 1e-5 * near.area  # outlines are simplified to a metre
    # A gate on a road that is reached lies in it; minutes include the way between gate and road.
    gates = snapshot.read("gate_points")
    parcels = snapshot.read("parcels").set_index("parcel_id")["travel_min_motorway_ramp"]
    within = gates.groupby("parcel_id").apply(
        lambda rows: rows.intersects(far.buffer(5)).any(), include_groups=False
    )
    assert within[parcels[within.index] <= 6].all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "port"], "--matrix FILE.parquet"),
        (["--matrix", "m.csv", "--to", "port"], "end the name in .parquet"),
        (["--matrix", "m.parquet"], "either --to KIND or --between"),
        (["--matrix", "m.parquet", "--to", "port", "--between"], "either --to KIND or --between"),
        (["--matrix", "m.parquet", "--to", "zoo"], "no facility of kind 'zoo'"),
        (["--isochrones", "i.geojson"], "--from motorway_ramp"),
        (["--isochrones", "i.geojson", "--from", "port", "--minutes", "5,x"], "such as 5,10,15"),
        (["--isochrones", "i.geojson", "--from", "port", "--minutes", "0"], "above 0"),
        (["--isochrones", "i.geojson", "--from", "port", "--mode", "boat"], "--mode is one of"),
        (["--parcel", "nowhere"], "no parcel 'nowhere'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_how_to_mend_it(run, demo, tmp_path, options, words):
    told = [str(tmp_path / one) if one.endswith((".parquet", ".csv", ".geojson")) else one for one in options]
    done = run("access", "-w", demo[0], *told)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert not list(tmp_path.iterdir())


def test_without_roads_it_says_so(run, demo, tmp_path):
    project = (demo[0] / "sample" / "park.toml").read_text(encoding="utf-8")
    without = demo[0] / "sample" / "roadless.toml"
    roadless = re.sub(r"\[layers\.roads[^\]]*\].*?(?=\n\[|\Z)", "", project, flags=re.DOTALL)
    without.write_text(roadless, encoding="utf-8", newline="\n")
    assert run("analyze", without, "-w", tmp_path / "ws").returncode in (0, 1)
    text = run("access", "-w", tmp_path / "ws").stdout.decode()
    assert "There are no roads" in text
    assert "Minutes from the parcels" not in text
    assert "motorway ramp" not in text
    done = run("access", "-w", tmp_path / "ws", "--matrix", tmp_path / "m.parquet", "--to", "port")
    assert done.returncode == 2
    assert "no roads to travel on" in done.stderr.decode()
    assert run("map", "-w", tmp_path / "ws", "-o", tmp_path / "map.html").returncode == 0
