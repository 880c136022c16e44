"""Composite scores: by hand, their laws, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.composite import composite
from parkgeo.errors import PackError

NAN, INF = np.nan, np.inf
WEIGHTS = {"ramp_min": 30.0, "port_min": 20.0, "beds": 50.0}
IDEAL = {"ramp_min": 5.0, "port_min": 15.0, "beds": 100.0}
WORST = {"ramp_min": 30.0, "port_min": 90.0, "beds": 0.0}
ROWS = pd.DataFrame(
    {
        "beds": [100.0, 25.0, 500.0, 50.0, NAN],
        "ramp_min": [5.0, 17.5, 0.0, NAN, NAN],
        "port_min": [15.0, 90.0, 120.0, 15.0, 52.5],
        "other": [NAN] * 5,
    },
    index=[7, 3, 9, 1, 5],
)


def by_hand(row):
    """The formula, one cell at a time."""
    total = 0.0
    for name, weight in WEIGHTS.items():
        share = (WORST[name] - row[name]) / (WORST[name] - IDEAL[name])
        total += weight * min(max(share, 0.0), 1.0)
    return 100 * total / sum(WEIGHTS.values())


class TestScore:
    def test_by_hand(self):
        found = composite(ROWS, WEIGHTS, IDEAL, WORST).score
        # 30 and 20 and 50; half of 30, none of 20, a quarter of 50; all of 30, none of 20, all of 50.
        np.testing.assert_allclose(found, [100, 27.5, 80, NAN, NAN], rtol=1e-14)
        assert found.index.equals(ROWS.index)
        assert (found.name, found.dtype) == ("score", np.float64)

    def test_which_values_are_missing(self):
        found = composite(ROWS, WEIGHTS, IDEAL, WORST).missing()
        assert found.index.equals(ROWS.index)
        assert found.astype(object).where(found.notna(), None).tolist() == [
            None,
            None,
            None,
            "ramp_min",
            "ramp_min, beds",
        ]

    def test_a_column_that_is_not_there_is_missing_everywhere(self):
        found = composite(ROWS.drop(columns="beds"), WEIGHTS, IDEAL, WORST)
        assert found.score.isna().all()
        assert found.missing().tolist() == ["beds", "beds", "beds", "ramp_min, beds", "ramp_min, beds"]

    def test_a_weight_of_nothing_is_not_asked_for(self):
        found = composite(ROWS, {"port_min": 1.0, "ramp_min": 0.0, "nowhere": 0.0}, IDEAL, WORST)
        np.testing.assert_allclose(found.score, [100, 0, 0, 100, 50])
        assert found.metrics == ("port_min",)

    @pytest.mark.parametrize("weights", [{}, {"port_min": 0.0}])
    def test_nothing_weighed_is_no_score(self, weights):
        found = composite(ROWS, weights, IDEAL, WORST)
        assert found.score.isna().all()
        assert found.missing().isna().all()
        assert found.breakdown(pd.Series(list("abcde"), name="parcel_id")).empty

    def test_no_rows(self):
        found = composite(ROWS.iloc[:0], WEIGHTS, IDEAL, WORST)
        assert len(found.score) == len(found.missing()) == 0
        assert found.breakdown(pd.Series([], name="parcel_id", dtype="str")).empty

    def test_beyond_the_ideal_counts_only_where_it_is_said_to(self):
        values = pd.DataFrame({"beds": [250.0, 120.0]})
        plain, more = (composite(values, {"beds": 2}, IDEAL, WORST, most=most).score for most in (1.0, 1.5))
        assert plain.tolist() == [100.0, 100.0]
        assert more.tolist() == [150.0, 120.0]

    def test_infinite_minutes_have_no_points(self):
        assert composite(pd.DataFrame({"ramp_min": [INF]}), {"ramp_min": 1}, IDEAL, WORST).score.tolist() == [
            0.0
        ]

    def test_integers_that_may_be_missing(self):
        values = pd.DataFrame({"beds": pd.array([50, None], dtype="Int64")})
        np.testing.assert_array_equal(composite(values, {"beds": 1}, IDEAL, WORST).score, [50, NAN])

    def test_nothing_given_is_changed(self):
        before = ROWS.copy(deep=True)
        composite(ROWS, WEIGHTS, IDEAL, WORST).points[:] = 0.0
        pd.testing.assert_frame_equal(ROWS, before)

    def test_rounding_makes_no_more_than_the_whole(self):
        weights = dict(zip("abcde", [1.0, 12.0, 25.0, 17.0, 1.0], strict=True))
        ideal, worst = dict.fromkeys(weights, 1.0), dict.fromkeys(weights, 0.0)
        found = composite(pd.DataFrame([ideal]), weights, ideal, worst)
        assert found.points.sum() > 100  # a hair
        assert found.score.tolist() == [100.0]


class TestBreakdown:
    def test_each_row_and_metric(self):
        ids = pd.Series(["p", "q", "r", "s", "t"], name="parcel_id", dtype="str")
        found = composite(ROWS, WEIGHTS, IDEAL, WORST).breakdown(ids)
        assert list(found) == ["parcel_id", "metric", "value", "ideal", "worst", "weight", "points"]
        assert found["parcel_id"].tolist() == [name for name in "pqrst" for _ in WEIGHTS]
        assert found["metric"].tolist() == list(WEIGHTS) * 5
        second = found[found["parcel_id"] == "q"].set_index("metric")
        assert second["points"].to_dict() == pytest.approx({"ramp_min": 15.0, "port_min": 0.0, "beds": 12.5})
        assert second.loc["ramp_min", ["value", "ideal", "worst", "weight"]].tolist() == [
            17.5,
            5.0,
            30.0,
            30.0,
        ]

    def test_what_is_known_of_a_row_without_a_score_is_there(self):
        ids = pd.Series(list("pqrst"), name="parcel_id")
        found = (
            composite(ROWS, WEIGHTS, IDEAL, WORST).breakdown(ids).set_index(["parcel_id", "metric"])["points"]
        )
        assert np.isnan(found["s", "ramp_min"])
        assert found["s", "port_min"] == pytest.approx(20)

    def test_no_points_are_no_negative_nothing(self):
        found = composite(pd.DataFrame({"beds": [0.0]}), {"beds": 1}, IDEAL, WORST)
        assert not np.signbit(found.points).any()
        assert not np.signbit(found.score).any()


class TestRefused:
    @pytest.mark.parametrize(
        ("weights", "ideal", "worst", "told"),
        [
            ({"a": -1}, {"a": 1}, {"a": 0}, "weights that are no numbers from 0 up: a"),
            ({"a": NAN}, {"a": 1}, {"a": 0}, "weights that are no numbers"),
            ({"a": 1}, {}, {"a": 0}, "without an ideal or a worst value: a"),
            ({"a": 1}, {"a": 1}, {}, "without an ideal or a worst value: a"),
            ({"a": 1}, {"a": INF}, {"a": 0}, "without an ideal or a worst value: a"),
            ({"a": 1}, {"a": 2}, {"a": 2}, "are the same: a"),
        ],
    )
    def test_figures_that_make_no_score(self, weights, ideal, worst, told):
        with pytest.raises(PackError, match=f"{told}.*our-pack"):
            composite(pd.DataFrame({"a": [1.0]}), weights, ideal, worst, where="our-pack")


amounts = st.floats(-1e6, 1e6)


@st.composite
def schemes(draw):
    """Weights, ideal and worst values of a few metrics, and rows."""
    names = [f"m{at}" for at in range(draw(st.integers(1, 5)))]
    weights = {name: draw(st.floats(0.01, 100)) for name in names}
    worst = {name: draw(amounts) for name in names}
    ideal = {name: worst[name] + draw(st.sampled_from([-1, 1])) * draw(st.floats(0.1, 1e4)) for name in names}
    cell = amounts | st.just(NAN)
    rows = draw(st.lists(st.tuples(*[cell] * len(names)), min_size=1, max_size=4))
    return pd.DataFrame(rows, columns=names), weights, ideal, worst


class TestLaws:
    @given(schemes())
    def test_between_0_and_100_and_missing_only_where_a_value_is(self, scheme):
        found = composite(*scheme)
        whole = ~scheme[0].isna().any(axis=1)
        assert found.score.notna().equals(whole)
        assert found.missing().isna().equals(whole)
        assert found.score[whole].between(0, 100).all()
        np.testing.assert_allclose(found.points.sum(axis=1)[whole], found.score[whole], atol=1e-9)

    @given(schemes(), st.data())
    def test_a_better_value_never_lowers_it(self, scheme, data):
        rows, weights, ideal, worst = scheme
        name = data.draw(st.sampled_from(list(weights)))
        better = rows.copy()
        better[name] += np.sign(ideal[name] - worst[name]) * data.draw(st.floats(0, 1e5))
        before, after = (composite(each, weights, ideal, worst).score for each in (rows, better))
        assert (after[before.notna()] >= before[before.notna()]).all()

    @given(schemes())
    def test_all_ideal_is_100_and_all_worst_is_0(self, scheme):
        _, weights, ideal, worst = scheme
        found = composite(pd.DataFrame([ideal, worst]), weights, ideal, worst).score
        assert found.tolist() == pytest.approx([100, 0], abs=1e-9)

    @given(schemes(), st.floats(0.01, 100))
    def test_only_the_proportion_of_weights_counts(self, scheme, factor):
        rows, weights, ideal, worst = scheme
        scaled = {name: weight * factor for name, weight in weights.items()}
        one, other = (composite(rows, each, ideal, worst).score for each in (weights, scaled))
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)

    def test_a_loop_finds_the_same(self):
        random = np.random.default_rng(5)
        rows = pd.DataFrame({name: random.uniform(-10, 130, 200) for name in WEIGHTS})
        again = [by_hand(row) for row in rows.to_dict(orient="records")]
        np.testing.assert_allclose(
            composite(rows, WEIGHTS, IDEAL, WORST).score, again, rtol=1e-12, atol=1e-12
        )
