"""Parcels against each other and against the boundary: known answers, laws, and a second way to count."""

from __future__ import annotations

import json
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from parkgeo.assess import approved_area_findings, boundary_findings
from parkgeo.assess.findings import findings_frame
from parkgeo.assess.rows import finding_id
from parkgeo.packs import RuleBook, load_packs
from tests.builders import CRS, rect, with_hole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

EAST, NORTH = 40_500_000.0, 3_400_000.0
TOPOLOGY = ("overlap", "duplicate", "sliver", "gap", "near_touching")


@cache
def national() -> RuleBook:
    return load_packs(["national"], Path())


def rules(**changes: float) -> RuleBook:
    """The national pack with some of the boundary's settings changed."""
    from dataclasses import replace

    book = national()
    changed = {f"boundary.{key}": value for key, value in changes.items()}
    figures = {
        key: replace(each, value=changed[key]) if key in changed else each
        for key, each in book.figures.items()
    }
    assert set(changed) <= set(figures)
    return RuleBook(book.packs, figures)


def cadastre(shapes: Sequence[Any], ids: Sequence[str] | None = None, **columns: Any) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": ids or [f"P{at}" for at in range(len(shapes))],
            "park_id": "A",
            "source_file": "p.shp",
            "source_row": range(1, len(shapes) + 1),
        },
        geometry=list(shapes),
        crs=CRS,
    )
    area = frame.geometry.area
    return frame.assign(
        **({"site_area_m2": area, "registered_area_m2": area, "area_difference_ratio": 0.0} | columns)
    )


def judge(
    shapes: Sequence[Any], boundary: Any = None, book: RuleBook | None = None, **more: Any
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    parcels = cadastre(shapes, **more)
    outline = boundary if boundary is not None else shapely.union_all(list(shapes))
    parks = gpd.GeoDataFrame({"park_id": ["A"]}, geometry=[outline], crs=CRS)
    verdicts, rows = boundary_findings(parcels, parks, book or rules(), boundary_given=boundary is not None)
    return verdicts.set_axis(parcels["parcel_id"]), findings_frame(rows, CRS)


def found(findings: gpd.GeoDataFrame) -> set[tuple[str, str]]:
    return set(zip(findings["code"], findings["parcel_id"], strict=True))


def row(*gaps: float, size: float = 100.0) -> list[Any]:
    """Squares in a row, with so much open ground after each."""
    at = np.cumsum([0.0, *(size + gap for gap in gaps)])
    return [rect(EAST + x, NORTH, size, size) for x in at]


class TestGaps:
    def test_a_strip_between_two_parcels_open_at_both_ends(self):
        verdicts, findings = judge(row(0.8, 0.0))
        assert verdicts["gap"].tolist() == ["yes", "yes", "no"]
        assert found(findings) == {("gap", "P0"), ("gap", "P1")}
        assert findings.geometry.area.tolist() == pytest.approx([80.0, 80.0])
        first = findings.iloc[0]
        assert (first["observed"], first["threshold"], first["unit"]) == (pytest.approx(0.8), 2.0, "m")
        assert first["reason_en"] == (
            "No parcel covers the ground between this parcel and P1: 80 m², 0.8 m wide on average."
        )
        assert "P1 之间的地面无宗地覆盖：80 平方米" in first["reason_zh"]
        told = {line["what"]: line["value"] for line in json.loads(first["evidence"])}
        assert told == {
            "neighbour": "P1",
            "at_park_boundary": False,
            "void_area_m2": 80.0,
            "mean_width_m": 0.8,
        }
        assert not first["verified"]

    def test_a_street_is_none_and_the_packs_width_says_what_a_street_is(self):
        assert judge(row(2.1))[1].empty
        assert found(judge(row(2.1), book=rules(gap_width_m=2.5))[1]) == {("gap", "P0"), ("gap", "P1")}

    def test_crossing_streets_are_none(self):
        blocks = [rect(EAST + 120 * x, NORTH + 90 * y, 100, 80) for x in range(3) for y in range(3)]
        assert judge(blocks, boundary=rect(EAST - 10, NORTH - 10, 360, 280))[1].empty

    def test_small_ground_closed_all_round_is_one_however_wide(self):
        ring = shapely.difference(rect(EAST, NORTH, 60, 60), rect(EAST + 20, NORTH + 20, 9, 9))
        west, east = (shapely.intersection(ring, rect(EAST + x, NORTH, 25, 60)) for x in (0, 25))
        verdicts, findings = judge([west, east])
        assert verdicts["gap"].tolist() == ["yes", "yes"]
        assert findings["observed"].tolist() == pytest.approx([81.0, 81.0])
        assert set(findings["unit"]) == {"m2"}
        assert judge([west, east], book=rules(gap_area_m2=80))[1].empty

    def test_a_hole_in_one_parcel_is_one_and_a_notch_is_its_shape(self):
        _, findings = judge([with_hole(EAST, NORTH, 50, 5)])
        assert found(findings) == {("gap", "P0")}
        assert "in a hole of this parcel: 25 m²" in findings["reason_en"].iloc[0]
        notched = shapely.difference(rect(EAST, NORTH, 50, 50), rect(EAST + 20, NORTH + 40, 1, 10))
        assert judge([notched])[1].empty

    def test_a_notch_along_a_neighbour_lies_between_the_two(self):
        notched = shapely.difference(rect(EAST, NORTH, 50, 50), rect(EAST + 49, NORTH + 10, 1, 30))
        _, findings = judge([notched, rect(EAST + 50, NORTH, 50, 50)])
        assert found(findings) == {("gap", "P0"), ("gap", "P1")}
        assert findings.geometry.area.tolist() == pytest.approx([30.0, 30.0])

    def test_a_strip_along_the_boundary_belongs_to_each_parcel_beside_it(self):
        boundary = rect(EAST, NORTH - 0.5, 200, 100.5)
        verdicts, findings = judge(row(0.0), boundary)
        assert verdicts["gap"].tolist() == ["yes", "yes"]
        assert findings.geometry.area.tolist() == pytest.approx([100.0, 100.0])
        told = "between this parcel, P1 and the park's boundary"
        assert told in findings["reason_en"].iloc[0]
        # A road of the usual width along the boundary is none, and nor is what lies beyond it.
        assert judge(row(0.0), rect(EAST, NORTH - 12, 200, 112))[1].empty

    def test_a_thin_strip_along_the_boundary_is_a_gap_not_near_edges(self):
        _, findings = judge(row(0.0), rect(EAST, NORTH - 0.1, 200, 100.1))
        assert set(findings["code"]) == {"gap"}

    def test_the_finding_of_a_long_gap_shows_what_lies_beside_its_parcel(self):
        front = row(*[0.0] * 9)
        back = [affinity.translate(shape, 0, 101) for shape in front]
        _, findings = judge([*front, *back])
        assert (findings["code"] == "gap").all()
        assert len(findings) == 20
        assert findings.geometry.area.between(100, 104.1).all()


class TestNearEdges:
    def test_a_strip_thinner_than_the_tolerance(self):
        verdicts, findings = judge(row(0.1, 0.0))
        assert verdicts["near_touching"].tolist() == ["yes", "yes", "no"]
        assert verdicts["gap"].tolist() == ["no"] * 3
        assert findings.geometry.area.tolist() == pytest.approx([10.0, 10.0])
        assert findings["observed"].tolist() == pytest.approx([0.1, 0.1])
        assert findings["finding_id"].tolist() == ["near_touching:P0:P1", "near_touching:P1:P0"]
        assert findings["reason_en"].iloc[0] == (
            "The edge lies 0.1 m from that of parcel P1 without touching it: a strip of 10 m² is between them."
        )

    def test_an_undershoot_leaves_a_thin_triangle(self):
        short = shapely.Polygon(
            [(EAST + 100.1, NORTH), (EAST + 200, NORTH), (EAST + 200, NORTH + 100), (EAST + 100, NORTH + 100)]
        )
        _, findings = judge([*row(), short])
        assert found(findings) == {("near_touching", "P0"), ("near_touching", "P1")}
        assert findings.geometry.area.tolist() == pytest.approx([5.0, 5.0], rel=1e-3)

    def test_the_rounding_of_coordinates_is_none(self):
        assert judge(row(0.008))[1].empty
        assert set(judge(row(0.012))[1]["code"]) == {"near_touching"}

    def test_corners_that_meet_across_a_point_are_none(self):
        assert judge([rect(EAST, NORTH, 50, 50), rect(EAST + 50.05, NORTH + 50.05, 50, 50)])[1].empty

    def test_a_parcel_between_two_others_parts_them(self):
        thin = rect(EAST + 100, NORTH, 0.15, 100)
        _, findings = judge([*row(0.15), thin])
        assert found(findings) == {("sliver", "P2")}


class TestSharedGround:
    def test_an_overlap_is_of_both(self):
        verdicts, findings = judge([rect(EAST, NORTH, 100, 100), rect(EAST + 90, NORTH, 100, 100)])
        assert verdicts["overlap"].tolist() == ["yes", "yes"]
        assert findings.geometry.area.tolist() == [1000.0, 1000.0]
        assert set(findings["code"]) == {"overlap"}

    def test_a_thin_overlap_is_a_sliver_and_no_overlap(self):
        verdicts, findings = judge([rect(EAST, NORTH, 100, 100), rect(EAST + 99.9, NORTH, 100, 100)])
        assert verdicts["overlap"].tolist() == ["no", "no"]
        assert verdicts["sliver"].tolist() == ["yes", "yes"]
        assert findings["observed"].tolist() == pytest.approx([0.1, 0.1], rel=1e-6)
        assert findings["threshold"].tolist() == [0.2, 0.2]

    @pytest.mark.parametrize(("shift", "code"), [(0.0, "duplicate"), (5.0, "duplicate"), (5.5, "overlap")])
    def test_the_same_ground_twice_is_a_duplicate_and_no_overlap(self, shift, code):
        # Shifted by s, two squares of side 100 share (100 - s) / (100 + s): nine tenths at 5.26 m.
        verdicts, findings = judge([rect(EAST, NORTH, 100, 100), rect(EAST + shift, NORTH, 100, 100)])
        assert set(findings["code"]) == {code}
        assert (verdicts[code] == "yes").all()
        if code == "duplicate":
            assert findings["observed"].iloc[0] == pytest.approx((100 - shift) / (100 + shift))

    def test_less_than_the_packs_area_is_tolerated(self):
        assert judge([rect(EAST, NORTH, 100, 100), rect(EAST + 99.991, NORTH, 100, 100)])[1].empty


class TestSlivers:
    def test_a_parcel_narrower_than_the_width(self):
        _, findings = judge([rect(EAST, NORTH, 200, 0.5), rect(EAST, NORTH - 50, 50, 50)])
        assert found(findings) == {("sliver", "P0")}
        assert findings["observed"].iloc[0] == pytest.approx(0.5)
        assert judge([rect(EAST, NORTH, 200, 1.1)])[1].empty

    def test_a_part_of_a_parcel(self):
        land, strip = rect(EAST, NORTH, 50, 50), rect(EAST, NORTH + 80, 50, 0.5)
        _, findings = judge([shapely.MultiPolygon([land, strip])])
        assert findings.geometry.area.tolist() == pytest.approx([25.0])
        assert (
            findings["reason_en"].iloc[0].startswith("Apart from the rest of the parcel lie 1 parts of 25 m²")
        )

    def test_a_large_parcel_with_a_long_tail_is_none(self):
        tail = shapely.union(rect(EAST, NORTH, 30, 30), rect(EAST + 30, NORTH, 900, 0.5))
        assert judge([tail])[1].empty


class TestTheBoundary:
    def test_outside_and_across_are_told_apart(self):
        boundary = rect(EAST, NORTH, 150, 100)
        _, findings = judge(row(0.0, 0.0), boundary)
        assert dict(zip(findings["parcel_id"], findings["reason_en"], strict=True)) == {
            "P1": "The parcel lies across the park's boundary: 50 % of it (5,000 m²) is outside.",
            "P2": "The whole parcel (10,000 m²) lies outside the park's boundary.",
        }
        assert findings.geometry.area.tolist() == pytest.approx([5000.0, 10_000.0])

    def test_without_a_boundary_it_is_not_judged(self):
        verdicts, _ = judge(row())
        assert verdicts["outside_park"].tolist() == [None]

    def test_areas_of_the_register(self):
        ratio = [0.03, -0.03, 0.02, np.nan]
        verdicts, findings = judge(row(0.0, 0.0, 0.0), area_difference_ratio=ratio)
        assert verdicts["area_mismatch"].tolist() == ["yes", "yes", "no", "undetermined"]
        assert findings["observed"].dropna().tolist() == [0.03, 0.03]
        assert findings["missing"].tolist() == ["", "", "registered_area_m2"]


class TestApprovedArea:
    @staticmethod
    def judge(*approved: float, given: bool = True, asked: bool = True):
        parks = gpd.GeoDataFrame(
            {
                "park_id": [f"A{at}" for at in range(len(approved))],
                "site_area_m2": 1e6,
                "source_file": "b.txt",
                "source_row": 1,
            },
            geometry=[rect(EAST + 2000 * at, NORTH, 1000, 1000) for at in range(len(approved))],
            crs=CRS,
        )
        if asked:
            parks["approved_area_m2"] = list(approved)
        columns, rows = approved_area_findings(parks, rules(), boundary_given=given)
        return columns, findings_frame(rows, CRS)

    def test_three_values(self):
        columns, findings = self.judge(1e6 / 1.03, 1e6, np.nan, 0.0)
        assert columns["approved_area_mismatch"].tolist() == ["yes", "no", "undetermined", "undetermined"]
        assert columns["approved_area_difference_ratio"].iloc[0] == pytest.approx(0.03)
        assert findings["park_id"].tolist() == ["A0", "A2", "A3"]
        assert findings["parcel_id"].isna().all()
        assert findings["missing"].tolist() == ["", "approved_area_m2", "approved_area_m2"]
        assert findings["reason_en"].iloc[0] == (
            "The boundary encloses 100 ha; approved are 97.09 ha, a difference of 3 %."
        )

    @pytest.mark.parametrize("how", [{"asked": False}, {"given": False}])
    def test_what_nobody_was_asked_is_not_judged(self, how):
        columns, findings = self.judge(5e5, **how)
        assert columns["approved_area_mismatch"].isna().all()
        assert findings.empty


def test_two_findings_never_share_an_id():
    ids = ["a", "a:b", "b", "b:c", "c", "a%3Ab"]
    assert len({finding_id("overlap", *pair) for pair in combinations(ids, 2)}) == 15
    _, findings = judge([rect(EAST, NORTH, 100, 100)] * 3, ids=["a", "a:a", "a%3Aa"])
    assert findings["finding_id"].is_unique
    assert len(findings) == 6


# --- laws -----------------------------------------------------------------------------------------------------------


def patchwork(seed: int) -> list[Any]:
    """A box cut into random cells, which meet without gap or overlap."""
    points = np.random.default_rng(seed).uniform(0, 400, (25, 2)) + np.array([EAST, NORTH])
    box = rect(EAST, NORTH, 400, 400)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box))
    return [cell for cell in shapely.intersection(cells, box) if cell.area > 0]


def tilted(shapes: Sequence[Any], degrees: float) -> list[Any]:
    return [affinity.rotate(shape, degrees, origin=(EAST, NORTH)) for shape in shapes]


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.floats(0, 90), st.booleans())
def test_a_partition_has_nothing_the_matter(seed, degrees, bounded):
    cells = [shape for shape in tilted(patchwork(seed), degrees) if shape.buffer(-1).area > 0]
    if len(cells) < len(patchwork(seed)):
        return  # a cell that is itself a sliver
    boundary = shapely.union_all(tilted([rect(EAST, NORTH, 400, 400)], degrees)) if bounded else None
    verdicts, findings = judge(cells, boundary)
    assert findings.empty
    assert (verdicts[list(TOPOLOGY)] == "no").all(axis=None)


@settings(max_examples=12)
@given(st.floats(0.02, 0.19), st.floats(0, 90), st.integers(0, 8))
def test_a_parcel_drawn_too_small_nearly_touches_each_neighbour(by, degrees, which):
    block = [rect(EAST + 50 * x, NORTH + 60 * y, 50, 60) for x in range(3) for y in range(3)]
    block[which] = block[which].buffer(-by, join_style="mitre")
    verdicts, findings = judge(tilted(block, degrees))
    assert set(findings["code"]) == {"near_touching"}
    east, north = which // 3, which % 3
    sides = [50 - 2 * by] * ((north > 0) + (north < 2)) + [60 - 2 * by] * ((east > 0) + (east < 2))
    own = findings[findings["parcel_id"] == f"P{which}"]
    assert sorted(own.geometry.area) == pytest.approx(
        sorted(by * side for side in sides), rel=1e-3, abs=2 * by**2
    )
    assert own["observed"].tolist() == pytest.approx([by] * len(sides), rel=0.01)
    assert (verdicts["near_touching"] == "yes").sum() == 1 + len(sides)


def spoiled(seed: int) -> list[Any]:
    """A patchwork with something of each kind the matter."""
    rng = np.random.default_rng(seed)
    cells = patchwork(seed)
    cells[0] = cells[0].buffer(-0.1, join_style="mitre")
    cells[1] = cells[1].buffer(-0.7, join_style="mitre")
    cells[2] = cells[2].buffer(3.0, join_style="mitre")
    cells[3] = affinity.translate(cells[3], *rng.uniform(-4, 4, 2))
    return [*cells, cells[4], rect(EAST + 100, NORTH + 500, 80, 0.4)]


def measures(findings: gpd.GeoDataFrame) -> dict[str, tuple[float, float]]:
    return {
        key: (round(area, 2), round(seen, 2))
        for key, area, seen in zip(
            findings["finding_id"], findings.geometry.area, findings["observed"], strict=True
        )
    }


@settings(max_examples=12)
@given(st.integers(0, 500), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_place_matters(seed, random):
    shapes = spoiled(seed)
    ids = [f"P{at}" for at in range(len(shapes))]
    _, first = judge(shapes, ids=ids)
    assert set(first["code"]) >= {"duplicate", "sliver"}
    order = random.sample(range(len(shapes)), len(shapes))
    moved = [affinity.translate(shapes[at], 1024.0, -512.0) for at in order]
    _, again = judge(moved, ids=[ids[at] for at in order])
    assert again["finding_id"].tolist() == first["finding_id"].tolist()
    np.testing.assert_allclose(again.geometry.area, first.geometry.area, atol=0.01)


@settings(max_examples=12)
@given(st.integers(0, 500), st.floats(0, 360))
def test_a_turned_park_has_the_same_findings(seed, degrees):
    _, first = judge(spoiled(seed))
    _, again = judge(tilted(spoiled(seed), degrees))
    assert found(again) == found(first)
    np.testing.assert_allclose(
        again.geometry.area.groupby(again["code"]).sum(),
        first.geometry.area.groupby(first["code"]).sum(),
        rtol=0.01,
    )


@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_shared_ground_is_what_overlay_and_all_pairs_find(seed):
    shapes = spoiled(seed)
    _, findings = judge(shapes, book=rules(overlap_m2=0.01))
    rows = findings[
        findings["code"].isin(["overlap", "duplicate"]) | findings["finding_id"].str.count(":").eq(2)
    ]
    rows = rows[rows["code"] != "near_touching"]
    rows = rows[rows["code"] != "gap"]
    ours = dict(
        zip(rows["finding_id"].str.split(":").map(lambda p: tuple(p[1:])), rows.geometry.area, strict=True)
    )
    frame = cadastre(shapes)
    cut = gpd.overlay(frame, frame, how="intersection", keep_geom_type=True)
    cut = cut[(cut["parcel_id_1"] != cut["parcel_id_2"]) & (cut.area > 0.01)]
    theirs = dict(zip(zip(cut["parcel_id_1"], cut["parcel_id_2"], strict=True), cut.area, strict=True))
    assert ours == pytest.approx(theirs)
    pairs = {
        (f"P{one}", f"P{other}")
        for one, other in combinations(range(len(shapes)), 2)
        if shapes[one].intersection(shapes[other]).area > 0.01
    }
    assert {tuple(sorted(pair, key=lambda name: int(name[1:]))) for pair in ours} == pairs


@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_voids_are_the_ground_that_difference_leaves_open(seed):
    """Inside the box, all that the cells leave open is narrow here: every bit of it is in a finding, and nothing else."""
    cells = patchwork(seed)
    for at in (0, 7, 14):
        cells[at] = cells[at].buffer(-0.4, join_style="mitre")
    box = rect(EAST, NORTH, 400, 400)
    _, findings = judge(cells, box)
    told = shapely.union_all(
        findings.loc[findings["code"].isin(["gap", "near_touching"])].geometry.to_numpy()
    )
    left = box.difference(shapely.union_all(cells))
    assert told.difference(left.buffer(1e-6)).area < 1e-6
    # An offset corner sharper than 11.5° is cut off, so a little of its tip is not told.
    assert left.difference(told.buffer(1e-6)).area < 1e-3 * left.area
