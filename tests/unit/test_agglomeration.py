"""Neighbours, clusters and their chance, concentration and quotients: by hand, by brute force, and by law."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.metrics.agglomeration.clusters import getis_ord_star, global_moran, local_moran
from parkgeo.metrics.agglomeration.concentration import evenness, herfindahl, largest_share
from parkgeo.metrics.agglomeration.links import company_points, straight_m
from parkgeo.metrics.agglomeration.permutation import _draws, _normal, adjusted_p, chance_of_lag
from parkgeo.metrics.agglomeration.quotient import location_quotient, shares_in
from parkgeo.metrics.agglomeration.weights import Weights, neighbours
from tests.builders import rect

NAN = float("nan")


def board(side: int, gap: float = 0.0) -> np.ndarray:
    y, x = np.divmod(np.arange(side * side, dtype=float), side)
    step = 10 + gap
    return shapely.box(x * step, y * step, x * step + 10, y * step + 10)


class TestNeighbours:
    def test_a_queen_in_corner_edge_and_middle(self):
        assert neighbours(board(3)).degree.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]

    def test_across_a_road_only_with_a_gap(self):
        parted = board(2, gap=20)
        assert neighbours(parted).islands.all()
        assert neighbours(parted, gap_m=20).degree.tolist() == [2, 2, 2, 2]  # the diagonal is 28 m away
        assert neighbours(parted, gap_m=29).degree.tolist() == [3, 3, 3, 3]

    def test_what_is_left_out_is_as_though_it_were_not_there(self):
        kept = np.array([True] * 4 + [False] + [True] * 4)
        among = neighbours(board(3)).among(kept)
        again = neighbours(board(3)[kept])
        assert (among.at.tolist(), among.other.tolist()) == (again.at.tolist(), again.other.tolist())

    def test_missing_and_empty_shapes_are_islands(self):
        shapes = np.array([rect(0, 0, 1, 1), None, shapely.Polygon(), rect(1, 0, 1, 1)], dtype=object)
        assert neighbours(shapes, gap_m=5).degree.tolist() == [1, 0, 0, 1]


class TestChance:
    def exact(self, values, at, others):
        """Two-sided p of a place over all ways to lay out the other values beside it."""
        rest = np.delete(values, at)
        lags = np.array([sum(one) for one in permutations(rest, len(others))])
        seen = values[others].sum()
        share = min((lags >= seen - 1e-9).mean(), (lags <= seen + 1e-9).mean())
        return min(1.0, 2 * share)

    @pytest.mark.parametrize("values", [[9, 8, 1, 2, 5, 3, 7], [1, 1, 0, 0, 0, 0, 0], [4, 4, 4, 0, 0, 0, -9]])
    def test_against_all_layouts(self, values):
        """Places of one to three neighbours: what is drawn comes near what is counted."""
        pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (3, 4), (4, 5), (5, 6)]
        at, other = (np.array(side) for side in zip(*sorted(pairs + [(b, a) for a, b in pairs]), strict=True))
        near, given_values = Weights(at, other, 7), np.array(values, dtype=float)
        found = chance_of_lag(given_values, near, permutations=40_000, seed=5)
        counted = [self.exact(given_values, place, other[at == place]) for place in range(7)]
        np.testing.assert_allclose(found, counted, atol=0.02)

    def test_the_same_seed_gives_the_same(self):
        near, values = neighbours(board(5)), np.arange(25.0) % 7
        first, again = (chance_of_lag(values, near, permutations=199, seed=4) for _ in range(2))
        np.testing.assert_array_equal(first, again)

    def test_draws_are_different_positions_and_no_position_is_favoured(self):
        for count, size in ((7, 4), (50, 6)):
            drawn = _draws(count, size, 20_000, np.random.default_rng(1))
            assert all(len(set(row)) == size for row in drawn[:500].tolist())
            for place in (0, size - 1):
                often = np.bincount(drawn[:, place], minlength=count) / len(drawn)
                np.testing.assert_allclose(often, 1 / count, atol=5 * np.sqrt(1 / count / len(drawn)))

    def test_of_many_neighbours_the_normal_stands_in(self):
        """A place of 120 neighbours, by the normal distribution and by draws."""
        rng = np.random.default_rng(2)
        values = rng.lognormal(size=300)
        centred = values - values.mean()
        seen = centred[1:121].sum()
        found = _normal(centred, np.array([120]), np.array([seen]), centred[:1])
        rest = np.delete(centred, 0)
        drawn = np.array([rng.choice(rest, 120, replace=False).sum() for _ in range(4000)])
        share = 2 * min((drawn >= seen).mean(), (drawn <= seen).mean())
        assert found[0] == pytest.approx(share, abs=0.05)
        star = Weights(
            np.concatenate([np.zeros(120, int), np.arange(1, 121)]), np.concatenate([np.arange(1, 121), np.zeros(120, int)]), 300
        )  # fmt: skip
        assert chance_of_lag(values, star, permutations=99, seed=1)[0] == pytest.approx(found[0], rel=1e-12)

    def test_no_neighbours_no_difference_and_too_few_say_nothing(self):
        alone = Weights(np.array([], int), np.array([], int), 5)
        assert np.isnan(chance_of_lag(np.arange(5.0), alone, permutations=9, seed=1)).all()
        near = neighbours(board(2))
        assert np.isnan(chance_of_lag(np.ones(4), near, permutations=9, seed=1)).all()
        assert np.isnan(
            chance_of_lag(np.arange(3.0), near.among(np.array([True] * 3 + [False])), permutations=9, seed=1)
        ).all()
        nobody = Weights(np.array([], int), np.array([], int), 0)
        assert chance_of_lag(np.array([]), nobody, permutations=9, seed=1).tolist() == []

    def test_pure_chance_is_called_a_cluster_hardly_ever(self):
        """With the correction, a board of random values has a cluster in about one of twenty cases; without, in nearly every."""
        near = neighbours(board(12))
        runs = [
            local_moran(
                np.random.default_rng(at).normal(size=144), near, alpha=0.05, permutations=1999, seed=at
            )
            for at in range(30)
        ]
        assert sum(bool(((run.cluster >= 0) & (run.cluster < 4)).any()) for run in runs) <= 5
        assert sum(bool((run.p <= 0.05).any()) for run in runs) >= 29


@given(st.lists(st.floats(0, 1) | st.just(NAN), max_size=30))
def test_adjusted_p_is_never_less_and_keeps_the_order(listed):
    p = np.array(listed)
    found = adjusted_p(p)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(p))
    told = ~np.isnan(p)
    assert (found[told] >= p[told] - 1e-15).all()
    assert (found[told] <= 1).all()
    order = np.argsort(p[told], kind="stable")
    assert (np.diff(found[told][order]) >= 0).all()


class TestLaws:
    VALUES = st.lists(st.integers(-50, 50), min_size=16, max_size=16).filter(
        lambda listed: len(set(listed)) > 1
    )

    @settings(max_examples=40)
    @given(VALUES, st.integers(1, 9), st.integers(-100, 100))
    def test_unit_and_zero_point_of_the_values_change_nothing(self, listed, factor, shift):
        near, values = neighbours(board(4)), np.array(listed, dtype=float)
        for measure in (
            lambda own: [global_moran(own, near).statistic],
            lambda own: getis_ord_star(own, near),
        ):
            np.testing.assert_allclose(
                measure(factor * values + shift), measure(values), rtol=1e-7, atol=1e-9
            )

    @settings(max_examples=40)
    @given(VALUES, st.permutations(range(16)))
    def test_the_order_of_rows_changes_nothing(self, listed, order):
        values, shapes = np.array(listed, dtype=float), board(4)
        near, turned = neighbours(shapes), neighbours(shapes[order])
        first, again = global_moran(values, near), global_moran(values[order], turned)
        np.testing.assert_allclose(again, first, rtol=1e-9, atol=1e-12, equal_nan=True)
        np.testing.assert_allclose(
            getis_ord_star(values[order], turned), getis_ord_star(values, near)[order], atol=1e-9
        )
        own, other = (
            local_moran(v, w, alpha=0.05, permutations=19, seed=1)
            for v, w in ((values, near), (values[order], turned))
        )
        np.testing.assert_allclose(other.statistic, own.statistic[order], atol=1e-9)

    @settings(max_examples=40)
    @given(VALUES)
    def test_global_is_the_mean_of_the_local(self, listed):
        near, values = neighbours(board(4)), np.array(listed, dtype=float)
        local = local_moran(values, near, alpha=0.05, permutations=9, seed=1).statistic
        assert global_moran(values, near).statistic == pytest.approx(local.sum() / 15, abs=1e-9)

    @given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20))
    def test_concentration_lies_between_its_bounds(self, listed):
        parts = np.array(listed)
        largest, sum_of_squares = largest_share(parts), herfindahl(parts)
        assert 1 / len(parts) - 1e-12 <= sum_of_squares <= largest + 1e-12 <= 1 + 2e-12
        assert -1e-12 <= evenness(parts) <= 1 + 1e-12


def test_a_board_of_black_and_white():
    """The rook's neighbours of a chessboard are all of the other colour: Moran's I is -1."""
    y, x = np.divmod(np.arange(64), 8)
    apart = np.abs(y[:, None] - y) + np.abs(x[:, None] - x) == 1
    at, other = np.nonzero(apart)
    assert global_moran(((x + y) % 2).astype(float), Weights(at, other, 64)).statistic == pytest.approx(-1)


def test_nothing_is_said_of_islands():
    shapes = np.append(board(3), [rect(500, 500, 10, 10)])
    values, near = np.arange(10.0), neighbours(shapes)
    found = local_moran(values, near, alpha=0.05, permutations=99, seed=1)
    assert np.isnan(
        [found.statistic[9], found.p[9], found.adjusted_p[9], getis_ord_star(values, near)[9]]
    ).all()
    assert found.cluster[9] == -1
    assert (found.cluster[:9] >= 0).all()


def test_where_all_are_near_no_place_is_hot():
    assert np.isnan(getis_ord_star(np.arange(4.0), neighbours(board(2)))).all()


def test_concentration_of_nothing_known():
    for parts in (np.array([]), np.array([NAN, 0.0, -3.0])):
        assert np.isnan([largest_share(parts), herfindahl(parts), evenness(parts)]).all()


def test_quotients():
    share = shares_in(np.array([30.0, 70.0, NAN, 0.0]), np.array([0, 0, 0, 1]), 2)
    np.testing.assert_allclose(share, [0.3, 0.7, NAN, NAN])
    np.testing.assert_allclose(location_quotient(share, np.array([0.1, 0.0, 0.2, 0.2])), [3.0, NAN, NAN, NAN])


def test_a_company_stands_between_its_parcels():
    at = np.array([[0.0, 0.0], [30.0, 40.0]])
    rows = np.array([0, 0, 1, 1, 2, -1])
    where = np.array([0, 1, 0, 1, -1, 0])
    found = company_points(rows, where, np.array([1.0, 3.0, 5.0, NAN, 1.0, 1.0]), at, 3)
    np.testing.assert_allclose(found, [[22.5, 30.0], [15.0, 20.0], [NAN, NAN]])
    np.testing.assert_allclose(straight_m(found[[0, 0]], found[[1, 2]]), [12.5, NAN])
