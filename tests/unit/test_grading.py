"""Per-mu evaluation: scores by arithmetic, edges of bands, ties, vetoes, caps, who is not rated, and what lifts a grade."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.assess.grading import Scheme, evaluate, scheme_of
from parkgeo.assess.grading.bands import grade_of, next_better, places, ranks
from parkgeo.assess.grading.counterfactual import Terms, equal_rise, needed_values
from parkgeo.assess.grading.lift import company_lifts, indicator_lifts, not_rated_reasons
from parkgeo.errors import PackError
from parkgeo.metrics.returns import WHY
from parkgeo.packs import load_packs

NAN = float("nan")
YEAR = 2025
MEASURES = ("tax_wan", "value_added_wan", "energy_tce", "electricity_kwh", "rd_wan", "revenue_wan", "staff")
SCHEME = Scheme(
    weights={"tax_wan_per_mu": 60.0, "value_added_wan_per_mu": 40.0},
    below_scale=None,
    benchmarks={"tax_wan_per_mu": 10.0, "value_added_wan_per_mu": 100.0},
    cap=1.5,
    grades=("A", "B", "C", "D"),
    shares=(0.2, 0.75, 0.95, 1.0),
    least_scores=None,
    veto_best="C",
    veto_words={"safety": ("安全",), "environment": ("环保",)},
    no_veto_words=frozenset({"无"}),
    below_words=frozenset({"规下"}),
)
BY_SCORE = replace(SCHEME, shares=None, least_scores=(90.0, 80.0, 60.0, 0.0))


def firms(count: int, **columns: Any) -> pd.DataFrame:
    """Companies on one mu each, with a return; the measures given."""
    told = {
        "enterprise_id": [f"e{at}" for at in range(count)],
        "returns": 1,
        "parcels": 1,
        "land_mu": 1.0,
        "since": pd.NaT,
        "value_added_wan": 50.0,
    } | columns
    frame = pd.DataFrame(told, index=pd.RangeIndex(7, 7 + count))
    return frame.astype({"since": "datetime64[s]"})


def rate(companies: pd.DataFrame, scheme: Scheme = SCHEME, why: dict[str, Any] | None = None):
    reasons = pd.DataFrame("known", index=companies.index, columns=list(MEASURES)).assign(**(why or {}))
    return evaluate(companies, reasons.map(WHY.index), scheme, YEAR)


class TestScore:
    def test_by_hand(self):
        # 8 ÷ 10 × 60 = 48 and 50 ÷ 100 × 40 = 20.
        found = rate(firms(1, tax_wan=8.0))
        assert found.companies["score"].tolist() == [68.0]
        assert found.marks[0].terms.points().tolist() == [[48.0, 20.0]]

    @pytest.mark.parametrize(
        ("tax", "points"), [(14.999, 89.994), (15.0, 90.0), (15.001, 90.0), (500.0, 90.0)]
    )
    def test_a_term_is_capped_at_one_and_a_half_weights(self, tax, points):
        assert rate(firms(1, tax_wan=tax)).marks[0].terms.points()[0, 0] == pytest.approx(points)

    def test_a_loss_counts_against(self):
        assert rate(firms(1, tax_wan=-1.0, value_added_wan=0.0)).companies["score"].tolist() == [-6.0]

    def test_land_divides(self):
        assert rate(firms(1, tax_wan=8.0, value_added_wan=50.0, land_mu=0.5)).companies["score"].tolist() == [
            130.0
        ]

    def test_a_median_stands_in_for_a_benchmark_and_says_so(self):
        scheme = replace(SCHEME, benchmarks={"tax_wan_per_mu": 10.0})
        marks = rate(firms(3, tax_wan=10.0, value_added_wan=[10.0, 40.0, 400.0]), scheme).marks[0]
        assert marks.benchmark.tolist() == [10.0, 40.0]
        assert marks.basis == ("pack", "park_median")

    def test_a_median_of_zero_measures_nothing(self):
        scheme = replace(SCHEME, benchmarks={"tax_wan_per_mu": 10.0})
        found = rate(firms(3, tax_wan=10.0, value_added_wan=[0.0, 0.0, 4.0]), scheme)
        assert found.marks[0].dropped == ("value_added_wan_per_mu",)
        assert found.companies["score"].tolist() == [100.0] * 3


class TestBands:
    def test_at_most_the_share(self):
        assert places(SCHEME.shares, 20).tolist() == [4, 15, 19, 20]
        assert places(SCHEME.shares, 19).tolist() == [3, 14, 18, 19]
        assert places(SCHEME.shares, 1).tolist() == [0, 0, 0, 1]

    def test_ten_firms(self):
        grades = rate(firms(10, tax_wan=np.arange(10.0))).companies["grade"].tolist()
        assert "".join(reversed(grades)) == "AABBBBBCCD"

    def test_ties_at_the_edge_are_all_in_the_better_band(self):
        score = np.array([9.0, 8.0, 8.0, 8.0, 5.0, 5.0, 4.0, 3.0, 2.0, 1.0])
        assert ranks(score).tolist() == [1, 2, 2, 2, 5, 5, 7, 8, 9, 10]
        assert "".join("ABCD"[at] for at in grade_of(score, SCHEME)) == "AAAABBBCCD"

    def test_equal_firms_have_equal_grades(self):
        assert set(rate(firms(10, tax_wan=5.0)).companies["grade"]) == {"A"}

    @pytest.mark.parametrize(
        ("score", "grade"), [(90.0, 0), (np.nextafter(90, 0), 1), (80.0, 1), (60.0, 2), (59.9, 3), (-5.0, 3)]
    )
    def test_a_score_that_meets_the_edge_is_in(self, score, grade):
        assert grade_of(np.array([score]), BY_SCORE).tolist() == [grade]

    def test_the_next_grade_begins_at_the_last_place_of_the_band(self):
        score = np.arange(10.0)
        target, better = next_better(score, SCHEME)
        assert target[:8].tolist() == [1.0, 3.0, 3.0, 8.0, 8.0, 8.0, 8.0, 8.0]
        assert np.isnan(target[8:]).all()
        assert better.tolist() == [2, 1, 1, 0, 0, 0, 0, 0, -1, -1]

    def test_a_band_without_a_place_is_skipped(self):
        # Of four, C has no place of its own: who leaves D is in B. A has none at all.
        target, better = next_better(np.array([4.0, 3.0, 2.0, 1.0]), SCHEME)
        assert target[3] == 2.0
        assert better.tolist() == [-1, -1, -1, 1]

    def test_a_tie_with_the_last_may_be_a_tie_with_the_best(self):
        target, better = next_better(np.array([4.0, 4.0, 4.0, 0.0, 0.0]), SCHEME)
        assert target[3:].tolist() == [4.0, 4.0]
        assert better.tolist() == [-1, -1, -1, 0, 0]


class TestVeto:
    def test_neither_a_nor_b(self):
        companies = firms(10, tax_wan=np.arange(10.0), veto=["安全事故"] * 10)
        assert "".join(reversed(rate(companies).companies["grade"].tolist())) == "CCCCCCCCCD"

    def test_others_do_not_move_up(self):
        plain = rate(firms(10, tax_wan=np.arange(10.0))).companies["grade"]
        veto = rate(firms(10, tax_wan=np.arange(10.0), veto=[None] * 9 + ["环保处罚"])).companies["grade"]
        assert veto.tolist()[:-1] == plain.tolist()[:-1]
        assert veto.tolist()[-1] == "C"

    @pytest.mark.parametrize("said", [None, "", " 无 "])
    def test_no_veto(self, said):
        assert rate(firms(10, tax_wan=np.arange(10.0), veto=[said] * 10)).companies["veto"].isna().all()

    def test_what_is_no_known_kind_leaves_the_grade_open_where_it_matters(self):
        found = rate(firms(10, tax_wan=np.arange(10.0), veto=["欠薪"] * 10)).companies
        assert found["grade"].isna().tolist() == [False] * 3 + [True] * 7
        assert set(found["not_rated"].dropna()) == {"veto_unknown"}

    def test_the_sentence_says_that_the_veto_comes_first(self):
        companies = firms(10, tax_wan=np.arange(10.0), veto=["安全事故"] * 10)
        found = rate(companies)
        said = company_lifts(found, found.marks[0], SCHEME)["en"]
        assert said[9].startswith("Grade C because of a veto (safety)")
        assert said[1].startswith("The veto (safety) must be lifted first. Grade C")
        assert said[0].startswith("Grade D")


class TestWhoIsRated:
    def test_one_indicator_missing_is_not_rated_and_says_what(self):
        found = rate(firms(3, tax_wan=[8.0, NAN, 9.0]))
        assert found.companies["grade"].isna().tolist() == [False, True, False]
        assert found.companies["lacking"].tolist()[1] == ("tax_wan",)
        assert not_rated_reasons(found, SCHEME)["en"].tolist()[1] == "Not rated: missing Tax paid."
        assert not_rated_reasons(found, SCHEME)["zh"].isna().tolist() == [True, False, True]

    def test_an_indicator_that_nobody_has_is_left_out_for_all(self):
        found = rate(firms(3, tax_wan=[8.0, 9.0, 10.0]).assign(value_added_wan=NAN))
        assert found.marks[0].names == ("tax_wan_per_mu",)
        assert found.marks[0].weight.tolist() == [100.0]
        assert found.companies["score"].tolist() == [80.0, 90.0, 100.0]

    def test_nobody_has_anything(self):
        found = rate(firms(2).assign(value_added_wan=NAN))
        assert set(found.companies["not_rated"]) == {"no_indicator"}
        assert company_lifts(found, found.marks[0], SCHEME)["en"] == []

    def test_no_companies(self):
        assert rate(firms(0)).companies.empty

    def test_a_works_that_stands_still_earns_nothing_and_is_rated(self):
        scheme = replace(SCHEME, weights={"energy_productivity_wan_per_tce": 100.0}, benchmarks={})
        found = rate(firms(3, value_added_wan=[0.0, 5.0, 10.0], energy_tce=[0.0, 1.0, 1.0]), scheme)
        assert found.companies["score"].tolist() == [0.0, 100.0, 150.0]

    def test_something_out_of_nothing_is_not_rated(self):
        scheme = replace(SCHEME, weights={"energy_productivity_wan_per_tce": 100.0})
        found = rate(firms(2, value_added_wan=5.0, energy_tce=[0.0, 1.0]), scheme).companies
        assert found["not_rated"].tolist()[0] == "missing"
        assert found["lacking"].tolist()[0] == ("energy_tce",)

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"returns": 0}, "no_return"),
            ({"parcels": 0}, "no_land"),
            ({"land_mu": NAN}, "land_unknown"),
        ],
    )
    def test_what_stands_against_a_company(self, changed, code):
        companies = firms(2, tax_wan=8.0)
        for name, value in changed.items():
            companies.loc[companies.index[0], name] = value
        found = rate(companies)
        assert found.companies["not_rated"].tolist()[0] == code
        assert found.companies["grade"].isna().tolist() == [True, False]
        assert not_rated_reasons(found, SCHEME)["zh"].notna().tolist() == [True, False]

    def test_several_returns(self):
        companies = firms(2, tax_wan=[NAN, 8.0])
        why = {"tax_wan": ["several_returns", "known"]}
        assert rate(companies, why=why).companies["not_rated"].tolist()[0] == "several_returns"

    @pytest.mark.parametrize(
        ("since", "years", "rated"),
        [
            ("2025-01-01", 1, True), ("2025-01-02", 1, False), ("2024-01-01", 2, True), ("2024-01-02", 2, False),
            (None, 2, True), ("2025-12-31", 0, True),
        ],
    )  # fmt: skip
    def test_new_companies(self, since, years, rated):
        companies = firms(1, tax_wan=8.0, since=[since])
        found = rate(companies, replace(SCHEME, new_years=float(years))).companies
        assert found["grade"].notna().tolist() == [rated]


class TestBelowScale:
    SCHEME = replace(
        SCHEME,
        below_scale={"tax_wan_per_mu": 50.0, "tax_wan_per_10k_kwh": 50.0},
        benchmarks=SCHEME.benchmarks | {"tax_wan_per_10k_kwh": 2.0},
    )

    def test_by_hand(self):
        # 8 ÷ 10 × 50 = 40; 8 万元 ÷ 8 万千瓦时 = 1, ÷ 2 × 50 = 25.
        companies = firms(1, tax_wan=8.0, electricity_kwh=80_000.0, scale=["规下"])
        found = rate(companies, self.SCHEME).companies
        assert found["score"].tolist() == [65.0]
        assert found["group"].tolist() == ["below"]

    def test_each_group_has_its_ranks(self):
        companies = firms(
            4, tax_wan=[8.0, 7.0, 6.0, 5.0], electricity_kwh=1e4, scale=["规上", "规下", "规上", "规下"]
        )
        assert rate(companies, self.SCHEME).companies["rank"].tolist() == [1.0, 1.0, 2.0, 2.0]

    @pytest.mark.parametrize("columns", [{"scale": [None, "规上"]}, {}])
    def test_scale_not_known_is_not_rated(self, columns):
        found = rate(firms(2, tax_wan=8.0, **columns), self.SCHEME)
        assert found.companies["not_rated"].tolist()[0] == "scale_unknown"

    def test_without_weights_of_their_own_all_are_one_group(self):
        assert set(rate(firms(2, tax_wan=8.0, scale=["规上", None])).companies["group"]) == {"all"}


_VALUES = st.lists(
    st.tuples(st.floats(-5, 30).map(lambda x: round(x, 2)), st.floats(0, 300).map(lambda x: round(x, 1))),
    min_size=1,
    max_size=25,
)
_SCHEMES = st.sampled_from([SCHEME, BY_SCORE, replace(SCHEME, cap=np.inf)])


class TestCounterfactual:
    def test_by_hand(self):
        terms = Terms(np.array([[8.0, 50.0]]), np.array([10.0, 100.0]), np.array([60.0, 40.0]), 1.5)
        # 68 points; 12 more are 2 of tax, or 30 of value added.
        assert needed_values(terms, np.array([80.0])).tolist() == [pytest.approx([10.0, 80.0])]
        # 42 more are 7 of tax, beyond its cap of 15 only just not; of value added 40 × 1.5 = 60 is the most, 20 are there.
        assert needed_values(terms, np.array([110.0])).tolist() == [pytest.approx([15.0, NAN], nan_ok=True)]
        assert needed_values(terms, np.array([110.01])).tolist() == [pytest.approx([NAN, NAN], nan_ok=True)]

    def test_equal_rise_past_a_cap(self):
        # Tax is at 14 of its cap of 15: a fifth more of value added brings 4 points, and tax but 6.
        terms = Terms(np.array([[14.0, 50.0]]), np.array([10.0, 100.0]), np.array([60.0, 40.0]), 1.5)
        assert terms.score().tolist() == [104.0]
        assert equal_rise(terms, np.array([114.0])).tolist() == pytest.approx([0.2])
        assert equal_rise(terms, np.array([150.0])).tolist() == pytest.approx([2.0])
        assert np.isnan(equal_rise(terms, np.array([150.1]))).all()

    def test_what_is_nothing_does_not_rise(self):
        terms = Terms(np.array([[0.0, 0.0]]), np.array([10.0, 100.0]), np.array([60.0, 40.0]), 1.5)
        assert np.isnan(equal_rise(terms, np.array([10.0]))).all()

    @settings(max_examples=25)
    @given(_VALUES, _SCHEMES)
    def test_what_is_said_lifts_the_grade_and_a_hair_less_does_not(self, values, scheme):
        tax, added = (np.array(column) for column in zip(*values, strict=True))
        found = rate(firms(len(values), tax_wan=tax, value_added_wan=added), scheme)
        marks, before = found.marks[0], found.companies
        for at in range(len(values)):
            wanted = before["next_grade"].iloc[at]
            for column in range(2):
                needed = marks.needed[at, column]
                if np.isnan(needed):
                    if isinstance(wanted, str):
                        most = marks.terms.value.copy()
                        most[at, column] = 1e9
                        assert self.regraded(marks, most, scheme)[at] == before["grade"].iloc[at]
                    continue
                changed = marks.terms.value.copy()
                changed[at, column] = needed
                assert self.regraded(marks, changed, scheme)[at] == wanted
                changed[at, column] = needed - 1e-9 * marks.benchmark[column]
                assert self.regraded(marks, changed, scheme)[at] == before["grade"].iloc[at]

    @settings(max_examples=25)
    @given(_VALUES, _SCHEMES)
    def test_the_equal_rise_lifts_and_a_hair_less_does_not(self, values, scheme):
        tax, added = (np.array(column) for column in zip(*values, strict=True))
        found = rate(firms(len(values), tax_wan=tax, value_added_wan=added), scheme)
        marks, before = found.marks[0], found.companies
        for at in range(len(values)):
            rise = found.rise[at]
            if np.isnan(rise):
                continue
            for by, grade in (
                (rise, before["next_grade"].iloc[at]),
                (rise * (1 - 1e-6) - 1e-9, before["grade"].iloc[at]),
            ):
                share = np.zeros(len(values))
                share[at] = by
                assert self.regraded(marks, marks.terms.raised(share).value, scheme)[at] == grade

    @staticmethod
    def regraded(marks, value, scheme):
        score = Terms(value, marks.benchmark, marks.weight, scheme.cap).score()
        return np.asarray(scheme.grades)[grade_of(score, scheme)]

    @settings(max_examples=25)
    @given(_VALUES)
    def test_what_is_said_in_words_is_enough(self, values):
        tax, added = (np.array(column) for column in zip(*values, strict=True))
        found = rate(firms(len(values), tax_wan=tax, value_added_wan=added))
        marks = found.marks[0]
        said = indicator_lifts(found, marks, SCHEME)["en"]
        for at in range(len(values)):
            for column in range(2):
                if not np.isnan(marks.needed[at, column]):
                    told = float(said[at, column].split("→ ")[1].split(" ")[0].replace(",", ""))
                    assert told >= marks.needed[at, column]


class TestLaws:
    @settings(max_examples=25)
    @given(_VALUES, st.randoms(use_true_random=False))
    def test_order_changes_nothing(self, values, random):
        tax, added = (np.array(column) for column in zip(*values, strict=True))
        companies = firms(len(values), tax_wan=tax, value_added_wan=added)
        shuffled = companies.iloc[random.sample(range(len(companies)), len(companies))]
        one, other = rate(companies).companies, rate(shuffled).companies.loc[companies.index]
        assert one["grade"].tolist() == other["grade"].tolist()
        assert one["rank"].tolist() == other["rank"].tolist()

    @settings(max_examples=25)
    @given(_VALUES, st.integers(0, 24), st.floats(0.01, 50))
    def test_more_never_makes_a_grade_worse(self, values, at, more):
        tax, added = (np.array(column, dtype=float) for column in zip(*values, strict=True))
        before = rate(firms(len(values), tax_wan=tax, value_added_wan=added)).companies
        at %= len(values)
        tax[at] += more
        after = rate(firms(len(values), tax_wan=tax, value_added_wan=added)).companies
        assert after["grade"].iloc[at] <= before["grade"].iloc[at]

    @settings(max_examples=25)
    @given(_VALUES)
    def test_bands_hold_no_more_than_their_share_but_for_ties(self, values):
        tax, added = (np.array(column) for column in zip(*values, strict=True))
        found = rate(firms(len(values), tax_wan=tax, value_added_wan=added)).companies
        best = found[found["grade"] == "A"]
        assert (best["rank"] <= 0.2 * len(found) + 1e-9).all()


class TestScheme:
    def test_the_national_pack_has_no_weights_so_parkgeos_stand_in(self):
        scheme = scheme_of(load_packs(["national"], Path()))
        assert scheme.ours
        assert sum(scheme.weights.values()) == pytest.approx(100)
        assert len(set(scheme.weights.values())) == 1
        assert (scheme.cap, scheme.veto_best, scheme.grades) == (1.5, "C", ("A", "B", "C", "D"))
        assert scheme.benchmarks == {}
        assert not scheme.weighing.verified

    def test_local_packs_lie_over_it(self):
        scheme = scheme_of(load_packs(["national", "huangyan", "huaian"], Path()))
        assert not scheme.ours
        assert scheme.weights["tax_wan_per_mu"] == 30
        assert scheme.below_scale == {"tax_wan_per_mu": 50.0, "tax_wan_per_10k_kwh": 50.0}
        assert scheme.benchmarks == {"tax_wan_per_mu": 24.097, "value_added_wan_per_mu": 136.16}
        assert scheme.shares == (0.2, 0.6, 0.95, 1.0)
        assert scheme_of(load_packs(["national", "huangyan"], Path())).ours

    def test_abroad_nobody_is_graded(self):
        assert scheme_of(load_packs(["scotland"], Path())) is None

    @pytest.fixture
    def office(self, tmp_path):
        def rules(text: str):
            ours = 'source = "s"\nedition = "1"\nverified = true\n'
            (tmp_path / "own.toml").write_text(
                f'[pack]\nname = "own"\nedition = "1"\n{text}\n{ours}', encoding="utf-8"
            )
            return load_packs(["national", "own.toml"], tmp_path)

        return rules

    def test_bands_by_score_go_first(self, office):
        scheme = scheme_of(office("[evaluation.bands_by_score]\nvalue = { B = 80, A = 90, D = 0, C = 60 }"))
        assert scheme.shares is None
        assert (scheme.grades, scheme.least_scores) == (("A", "B", "C", "D"), (90.0, 80.0, 60.0, 0.0))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[evaluation.weights]\nvalue = { tax_per_mu = 30 }", "tax_per_mu"),
            ("[evaluation.bands_by_rank]\nvalue = { A = 0.2, C = 0.9 }", "ends at 0.9"),
            ('[evaluation.veto_best_grade]\nvalue = "E"', "no grade"),
        ],
    )
    def test_what_cannot_be_followed_is_refused(self, office, text, said):
        with pytest.raises(PackError, match=said):
            scheme_of(office(text))
