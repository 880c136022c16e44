"""From a snapshot's sites and a portfolio to a plan, its tables and its words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from parkgeo.cli.allocate import print_allocation
from parkgeo.packs import load_packs
from parkgeo.pipeline.allocation import allocate
from parkgeo.pipeline.allocation_told import allocation_dict, allocation_frames
from parkgeo.pipeline.feeding import sources
from parkgeo.pipeline.siting import SitingDesk
from parkgeo.planning.allocation.portfolio import read_portfolio
from parkgeo.planning.siting import site_table
from tests.builders import land, rect

NAN = float("nan")
RULES = load_packs(["national"], Path())
SIDE = 200.0
IDS = ("A", "B", "C")
SHAPES = [rect(at * 400, 0, SIDE, SIDE) for at in range(3)]


def utilities(*rows):
    frame = pd.DataFrame(rows, columns=["utility_id", "kind", "capacity", "used", "capacity_unit", "at"])
    points = [Point(at, 190) for at in frame.pop("at")]
    return gpd.GeoDataFrame(frame, geometry=points, crs=4528)


def desk_of(*, joined=None, mains=None, **columns):
    """Three parcels in a row, 200 m apart, each 4 ha gross and 3 ha net."""
    told = {
        "parcel_id": IDS,
        "park_id": "P",
        "use_code": "100101",
        "candidate": "idle",
        "site_area_m2": 40_000.0,
        "net_area_m2": 30_000.0,
        "access_score": [90.0, 60.0, 30.0],
        "services_ready": 7.0,
        "power_kva": 5000.0,
        "power_kva_most": 5000.0,
    }
    parcels = pd.DataFrame(told | columns)
    table = site_table(parcels, joined)
    shapes = np.array([*SHAPES, *([SHAPES[0].union(SHAPES[1])] if joined is not None else [])], dtype=object)
    layers = {} if mains is None else {"utilities": mains}
    snapshot = SimpleNamespace(
        tables=tuple(layers), read=lambda name: layers[name], crs=land(SHAPES).crs, name="snap",
        as_of=dt.date(2026, 6, 30), manifest={"park": "P"},
    )  # fmt: skip
    return SitingDesk(snapshot, table, shapes, RULES)


def project(name, area="2 ha", **more):
    needs = {"area": area} | more.pop("needs", {})
    return {"name": name, "industry": more.pop("industry", "99"), "needs": needs} | more


def placed(desk, projects, *, joins=False, **rules):
    portfolio = read_portfolio({"projects": projects, "rules": rules}, desk.rules)
    return allocate(desk, portfolio, joins=joins)


def sites_of(told):
    return [None if at < 0 else told.problem.sites[at] for at in told.plan.at]


def test_the_best_sites_go_first_and_what_is_left_is_told():
    told = placed(desk_of(), [project("x"), project("y")])
    assert sorted(sites_of(told)) == ["A", "B"]
    sites = allocation_frames(told)["allocation_sites"]
    assert sites["left_m2"].tolist() == [10_000.0, 10_000.0]


def test_two_small_projects_share_the_best_site():
    told = placed(desk_of(), [project("x", "1.5 ha"), project("y", "1.5 ha")])
    assert sites_of(told) == ["A", "A"]
    assert any(
        note.startswith("Sites that take several projects: 1")
        for note in allocation_dict(told, "en")["notes"]
    )


def test_what_is_not_known_is_asked_for_and_let_in_only_on_demand():
    desk = desk_of(net_area_m2=NAN)
    told = allocation_dict(placed(desk, [project("x")]), "en")
    assert told["projects"][0]["site_id"] is None
    assert "Ask for the net area" in told["projects"][0]["reason"]
    let_in = allocation_dict(placed(desk, [project("x")], undetermined=True), "en")
    assert let_in["projects"][0]["fits"] == "undetermined"
    assert let_in["projects"][0]["site_net_area_m2"] is None
    assert any("not known whether they fit: 1" in note for note in let_in["notes"])


def test_where_nothing_fits_the_nearest_miss_is_named():
    told = allocation_dict(placed(desk_of(), [project("x", "3.2 ha")]), "en")
    assert "The nearest, " in told["projects"][0]["reason"]
    assert "2,000 m²" in told["projects"][0]["reason"]


def test_a_substation_feeds_what_lies_near_it():
    mains = utilities(("T1", "power", 6.0, 1.0, "MVA", 300), ("T2", "power", 2000.0, 0.0, "kVA", 900))
    need = {"power": "3 MVA"}
    told = placed(desk_of(mains=mains), [project(name, needs=need) for name in "xy"])
    assert [one.source for one in told.problem.capacities] == ["T1", "T2"]
    assert sum(site is None for site in sites_of(told)) == 1
    rows = allocation_frames(told)["allocation_services"]
    assert rows[["utility_id", "spare", "drawn", "left"]].to_numpy().tolist() == [
        ["T1", 5000.0, 3000.0, 2000.0]
    ]


def test_sources_are_those_with_most_to_spare_whatever_the_order_of_rows():
    mains = utilities(
        ("T1", "power", 6.0, 1.0, "MVA", 100), ("T2", "power", 5000.0, 0.0, "kVA", 150), ("T3", "power", 9.0, NAN, "MVA", 100),
        ("W1", "water", 9.0, 1.0, "kVA", 100),
    )  # fmt: skip
    for rows in (mains, mains.iloc[::-1]):
        found = sources(np.array(SHAPES, dtype=object), rows, RULES)
        assert next((one.service, one.utility_id, one.spare) for one in found) == ("power", "T1", 5000.0)
        assert {one.utility_id for one in found} <= {"T1", "T2"}
    assert sources(np.array(SHAPES, dtype=object), None, RULES) == []


def test_hazard_and_sensitive_project_keep_apart():
    asked = [project("x", hazard=True), project("y", sensitive=True)]
    assert sorted(sites_of(placed(desk_of(), asked, separation="200 m"))) == ["A", "B"]
    assert sorted(sites_of(placed(desk_of(), asked, separation="201 m"))) == ["A", "C"]


def test_joined_parcels_only_where_asked_and_never_beside_their_own_parts():
    joined = pd.DataFrame({"site_id": ["S1"], "parcel_ids": ["A;B"], "net_area_m2": [62_000.0]})
    large = [project("x", "6 ha"), project("y")]
    assert sites_of(placed(desk_of(joined=joined), large))[0] is None
    told = placed(desk_of(joined=joined), large, joins=True)
    assert sites_of(told) == ["S1", "C"]


def test_leading_industries_by_the_packs_hard_soft_and_off():
    four = [project(name, "7000 m2", industry=name) for name in ("15", "17", "18", "21")]
    assert sites_of(placed(desk_of(), four)).count(None) == 1
    assert sites_of(placed(desk_of(), four, leading="off")).count(None) == 0
    assert sites_of(placed(desk_of(), four, leading="soft", leading_penalty=1)).count(None) == 0
    assert sites_of(placed(desk_of(), four, leading="soft", leading_penalty=90)).count(None) == 1


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["x is to be placed in any case", "at least 900 m apart"]),
        ("zh", ["x 必须落位", "间距不小于 900 米"]),
    ],
)
def test_demands_that_clash_are_named(lang, words):
    asked = [
        project("x", hazard=True, must=True),
        project("y", sensitive=True, must=True),
        project("z", must=True),
    ]
    told = allocation_dict(placed(desk_of(), asked, separation="900 m"), lang)
    assert told["state"] == "clash"
    assert len(told["clash"]) == 3
    assert told["clash_smallest"]
    for word in words:
        assert any(word in line for line in told["clash"])


def test_a_project_that_must_be_placed_and_fits_nowhere_says_what_lacks(capsys):
    told = placed(desk_of(), [project("x", "3.2 ha", must=True)])
    (line,) = allocation_dict(told, "en")["clash"]
    assert line.startswith("x is to be placed in any case: No site fits. The nearest, ")
    assert "2,000 m²" in line
    print_allocation(told, "zh")
    printed = capsys.readouterr().out
    assert "x 必须落位：没有适配的地块。最接近的 A：" in printed
    assert "。。" not in printed
    assert "未列出的要求仍可能冲突" in printed
    (line,) = allocation_dict(placed(desk_of(net_area_m2=NAN), [project("x", must=True)]), "en")["clash"]
    assert "Ask for the net area" in line


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_is_json_without_nan(lang):
    asked = [project("=cmd|'/c calc'!A1 {x}"), project("y", "9 ha"), project("z")]
    told = allocation_dict(placed(desk_of(), asked), lang)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["projects"][0]["project"] == "=cmd|'/c calc'!A1 {x}"
    assert told["others"]
    assert told["projects"][1]["reason"]


def test_input_is_left_as_it_was():
    desk = desk_of()
    before = desk.sites.copy(deep=True)
    placed(desk, [project("x")])
    pd.testing.assert_frame_equal(desk.sites, before)
