"""Repair: what is mended, what is given up before it takes minutes, and that fast ways say what simple ones say."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.ingest.repair import repair
from parkgeo.ingest.tangles import crossings, tangled
from parkgeo.layers import are_valid, schema, validate
from parkgeo.layers.validate import _numbered_apart
from tests.builders import land, rect
from tests.office import EAST, NORTH, layer, parcels, read, reasons, write

TANGLED = "an outline so tangled that it can be neither checked nor mended"


def star(points: int) -> shapely.Polygon:
    """A ring that goes almost half way round at each step: every edge crosses nearly every other."""
    angle = np.arange(points) * 2 * np.pi * (points // 2) / points
    return shapely.Polygon(np.column_stack([EAST + 1000 * np.cos(angle), NORTH + 1000 * np.sin(angle)]))


def comb(teeth: int) -> shapely.Polygon:
    """Valid, with long diagonal edges beside each other: the boxes of all of them meet."""
    at = np.arange(teeth)[:, None] * np.array([2.0, -2.0])
    tips = at + 20.0 * teeth + np.array([1.0, -1.0])
    back = [[22.0 * teeth, -2.0 * teeth - 5], [-2.0 * teeth - 5, -4.0 * teeth - 5]]
    return shapely.Polygon(np.vstack([np.stack([at, tips], axis=1).reshape(-1, 2), back]))


def objects(*shapes: shapely.Geometry | None) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def test_a_bow_tie_is_mended_with_the_area_of_its_two_triangles():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    found = repair(objects(rect(0, 0, 1, 1), bow_tie, None), "polygon")
    (entry,) = found.repairs
    assert (entry.row, entry.before_m2, entry.after_m2, entry.changes_area) == (1, 0.0, 50.0, True)
    assert found.sound.tolist() == [True, False, False]
    assert found.shapes[2] is None
    assert found.beyond == {}


def test_n_edges_of_a_star_cross_in_all_pairs_but_neighbours():
    for points in (5, 7, 51):
        assert crossings(star(points), 10**6) == points * (points - 3) // 2


def test_holes_and_parts_are_no_crossings():
    holed = shapely.Polygon(rect(0, 0, 9, 9).exterior.coords, [rect(3, 3, 1, 1).exterior.coords])
    assert crossings(shapely.MultiPolygon([holed, rect(20, 0, 5, 5)]), 100) == 0


def test_half_a_million_crossings_are_given_up_and_lesser_ones_mended():
    found = repair(objects(star(1001), star(101), rect(0, 0, 1, 1)), "polygon")
    assert {row: str(why) for row, (why, _) in found.beyond.items()} == {0: TANGLED}
    assert [entry.row for entry in found.repairs] == [1]
    assert found.shapes[0] is None
    assert shapely.is_valid(found.shapes[1:]).all()


def test_many_shapes_of_many_crossings_are_mended_as_far_as_time_allows_fewest_crossings_first():
    found = repair(objects(*[star(251)] * 3, star(33)), "polygon")
    mended = {entry.row for entry in found.repairs}
    assert 3 in mended
    assert 0 < len(found.beyond) < 3
    assert mended | set(found.beyond) == {0, 1, 2, 3}


def test_rings_that_run_around_again_and_again_are_given_up():
    rounds = shapely.Polygon(np.tile([[0, 0], [100, 0], [100, 100], [0, 100]], (1000, 1)))
    assert list(repair(objects(rounds), "polygon").beyond) == [0]


def test_whether_an_outline_is_tangled():
    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    circle = shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * 1e4)
    blocks = shapely.MultiPolygon([rect(10 * x, 10 * y, 8, 8) for x in range(60) for y in range(60)])
    assert comb(500).is_valid
    assert tangled(objects(comb(2000), comb(500), circle, blocks, None)).tolist() == [True] + [False] * 4


def test_a_tangled_parcel_is_rejected_with_its_reason_and_as_it_was(tmp_path):
    frame = parcels(3)
    frame.loc[1, "geometry"] = star(1001)
    intake = read(tmp_path, layer("parcels", write(frame, tmp_path / "p.gpkg")))
    assert reasons(intake) == {"P2": TANGLED}
    assert intake.account["rejects"]["content"].iloc[0].count(" ") > 2000


@settings(max_examples=20)
@given(st.lists(st.sampled_from([rect(0, 0, 1, 1), star(5), None, shapely.Polygon()]), max_size=8))
def test_validity_asked_by_several_threads_is_validity(shapes):
    many = np.tile(objects(*shapes), 4000)
    np.testing.assert_array_equal(are_valid(many), shapely.is_valid(many))


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", "a (2) (2)", "b"])))
def test_ids_are_numbered_apart_as_by_trying_one_number_after_the_other(ids):
    taken, seen, expected = set(ids), set(), []
    for own in ids:
        tried = itertools.chain([own], (f"{own} ({number})" for number in itertools.count(2)))
        expected.append(next(new for new in tried if new not in seen and (new == own or new not in taken)))
        seen.add(expected[-1])
    found = _numbered_apart(pd.Series(ids, dtype=object), np.arange(len(ids)))
    assert found.tolist() == expected


ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([1.0, 2.0, None, 1e99]), st.sampled_from([0, 1])),
    max_size=7,
)


@given(ROWS)
@pytest.mark.parametrize("name", ["parcels", "buildings"])
def test_copies_clashes_and_limits_are_those_of_comparing_every_row_with_every_other(name, rows):
    area, key = ("registered_area_m2", "parcel_id") if name == "parcels" else ("floor_area_m2", "building_id")
    shapes = [rect(20 * where, 0, 10, 10) for _, _, where in rows]
    columns = {key: pd.Series([one for one, _, _ in rows], dtype=object)}
    columns[area] = pd.Series([one for _, one, _ in rows], dtype=float)
    frame = land(shapes, **columns, source_row=range(len(rows)))
    found = validate(schema(name), frame, sound=np.ones(len(rows), dtype=bool))
    copies = {at for at, row in enumerate(rows) if row in rows[:at]}
    left = [at for at in range(len(rows)) if at not in copies]
    clashing = {at for at in left if sum(rows[at][0] == rows[other][0] for other in left) > 1}
    gone = copies | (clashing if name == "parcels" else set())
    assert set(found.frame["source_row"]) == set(range(len(rows))) - gone
    beyond = {at for at in set(left) - gone if rows[at][1] == 1e99}
    limits = [fault for fault in found.faults if fault.field == area]
    assert {row for fault in limits for row in fault.rows.tolist()} == beyond


def test_what_is_not_known_to_be_sound_is_asked_again():
    frame = land([star(5), rect(EAST, NORTH, 1, 1)], parcel_id=["a", "b"])
    kept = validate(schema("parcels"), frame, sound=np.array([False, True])).frame
    assert kept["parcel_id"].tolist() == ["b"]
