"""The layer of gates from its file to the result: what it holds is used, or named with the reason why it is not."""

from __future__ import annotations

import pytest
import shapely

from parkgeo.pipeline import run_project
from parkgeo.project import read_project
from tests.builders import land, rect
from tests.office import EAST, NORTH, faults, layer, parcels, project, read, reasons, write
from tests.unit.test_access_stage import BESIDE, STREET, access, desk, facilities, roads, told
from tests.unit.test_access_stage import parcels as plots

GATE = shapely.Point(EAST + 50, NORTH - 5)


def gates(*shapes, parcel="P1", **columns):
    """Gates G1, G2, … of a parcel."""
    names = {"gate_id": [f"G{at + 1}" for at in range(len(shapes))], "parcel_id": [parcel] * len(shapes)}
    return land(shapes, **(names | columns))


def said_of_gates(part):
    """What the account says of gates: parcel and sentence."""
    rows = told(part)
    return rows[rows.index == "gates"][["parcel_id", "ask_en"]].to_numpy().tolist()


class TestIntake:
    def test_points_are_accepted_and_a_multipoint_of_one_is_a_point(self, tmp_path):
        write(parcels(), tmp_path / "p.gpkg")
        write(gates(shapely.MultiPoint([GATE])), tmp_path / "g.gpkg")
        intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("gates", "g.gpkg"))
        assert intake.layers.gates.geometry.tolist() == [GATE]

    @pytest.mark.parametrize(
        ("shape", "reason"),
        [
            (shapely.MultiPoint([(EAST, NORTH), (EAST + 9, NORTH)]), "several points in one row"),
            (shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)]), "not a point"),
            (rect(EAST, NORTH, 9, 9), "not a point"),
            (shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)]), "not a point"),
            (None, "no geometry"),
        ],
    )  # fmt: skip
    def test_what_is_not_one_point_is_refused_with_the_reason(self, tmp_path, shape, reason):
        write(parcels(), tmp_path / "p.gpkg")
        write(gates(GATE, shape), tmp_path / "g.gpkg", geometry_type="Unknown")
        intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("gates", "g.gpkg"))
        assert intake.layers.gates["gate_id"].tolist() == ["G1"]
        assert reasons(intake) == {"G2": reason}

    def test_a_gate_of_a_parcel_that_is_not_there_is_named_with_file_and_row(self, tmp_path):
        write(parcels(), tmp_path / "p.gpkg")
        write(gates(GATE, GATE, parcel="P1").assign(parcel_id=["P1", "P99"]), tmp_path / "g.gpkg")
        intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("gates", "g.gpkg"))
        assert faults(intake) == ["Parcel ID that is not in Parcels: P99 (Gate ID G2)"]
        (fault,) = intake.account["faults"].query("layer == 'gates'").to_dict("records")
        assert (fault["layer"], fault["file"], fault["rows"]) == ("gates", "g.gpkg", "2")


def test_a_file_of_gates_comes_out_as_gate_points(tmp_path):
    write(parcels(), tmp_path / "p.gpkg")
    write(roads([(EAST - 50, NORTH - 5), (EAST + 350, NORTH - 5)]), tmp_path / "r.gpkg")
    write(gates(GATE, parcel="P1", trucks=[False]), tmp_path / "g.gpkg")
    entries = [layer("parcels", "p.gpkg"), layer("roads", "r.gpkg"), layer("gates", "g.gpkg")]
    path = project(tmp_path, "\n".join(entries), park='packs = ["national"]')
    snapshot = run_project(read_project(path), tmp_path / "ws", trusted=True).snapshot
    found = snapshot.read("gate_points").set_index("parcel_id")
    assert found[["given", "trucks"]].to_dict("index") == {
        "P1": {"given": True, "trucks": False},
        "P2": {"given": False, "trucks": True},
        "P3": {"given": False, "trucks": True},
    }
    assert found.geometry["P1"].equals_exact(GATE, 1e-6)
    assert snapshot.read("parcels").set_index("parcel_id")["gates"].to_dict() == {"P1": 1, "P2": 1, "P3": 1}


class TestFarGates:
    """A gate farther from any road than access.gate_m, 60 m."""

    far = shapely.Point(150, 61)
    near = shapely.Point(150, 60)

    def asked(self, *shapes, land_=BESIDE):
        own = gates(*shapes).assign(source_file="gates.gpkg", source_row=range(7, 7 + len(shapes)))
        return said_of_gates(access(desk(plots(land_), roads=roads(STREET), gates=own)))

    def test_within_the_limit_nothing_is_said(self):
        assert self.asked(self.near) == []

    def test_one_that_is_replaced_by_assumed_ones_is_named(self):
        assert self.asked(self.far) == [
            ["P1", "Gate G1 (gates.gpkg, row 7) lies 61 m from the nearest road that it may open onto, farther than 60 m, and is left out: the parcel has no other gate on record, so gates are assumed along its frontage. Correct its place, or ask for the road."]
        ]  # fmt: skip

    def test_one_beside_a_gate_that_counts_is_named(self):
        ((parcel, text),) = self.asked(self.near, self.far)
        assert parcel == "P1"
        assert text.startswith("Gate G2 (gates.gpkg, row 8) lies 61 m ")
        assert "the parcel's other gates count" in text

    def test_one_of_a_parcel_without_frontage_is_named(self):
        ((_, text),) = self.asked(self.far, land_=rect(100, 105, 100, 100))
        assert "the parcel now meets no road" in text

    def test_where_no_road_may_be_opened_onto_it_is_said(self):
        motorway = roads(STREET, road_class=["motorway"])
        part = access(desk(plots(BESIDE), roads=motorway, gates=gates(self.near)))
        ((_, text),) = said_of_gates(part)
        assert text.startswith("Gate G1 lies — m from")


def test_a_parcel_whose_gates_are_closed_to_trucks_is_told_so():
    own = gates(shapely.Point(200, 5), trucks=[False])
    away = rect(100, 305, 100, 100)
    town = desk(plots(BESIDE, away), roads=roads(STREET), facilities=facilities(("port", 900, 0)), gates=own)
    part = access(town)
    assert part.columns["truck_min_port"].isna().all()
    asked = told(part).loc["truck_min_port"].set_index("parcel_id")["ask_en"]
    assert asked["P1"].startswith("None of the gates on record is open to trucks")
    assert asked["P2"].startswith("The parcel meets no road")
    assert told(part).loc["travel_min_port"]["parcel_id"] == "P2"
