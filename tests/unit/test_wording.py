"""The sentence a person reads for each verdict."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.not_started import CASES, not_started
from parkgeo.assess.not_started_words import SENTENCES
from parkgeo.assess.wording import compose, figure_texts
from parkgeo.i18n import figure
from parkgeo.packs import load_packs

AS_OF = dt.date(2026, 6, 30)
VERDICT = {
    "yes": "Suspected idle: ",
    "no": "Not idle: ",
    "undetermined": "Undetermined: ",
    None: "Not judged: ",
}


def told(
    lang: str = "en", *, code: str = "1001", pack: str = "", folder: Path = Path(), **cells: object
) -> str:
    row = {
        "parcel_id": "a", "supply_status": "supplied", "agreed_start": None, "actual_start": None, "handover_on": None,
        "approved_on": None, "government_delay_days": float("nan"), "government_delay_cause": None, **cells,
    }  # fmt: skip
    supply = pd.DataFrame([row])
    for name in ("agreed_start", "actual_start", "handover_on", "approved_on"):
        supply[name] = pd.to_datetime(supply[name]).astype("datetime64[s]")
    names = ["national"]
    if pack:
        (folder / "p.toml").write_text(
            f'[pack]\nname = "p"\nedition = "1"\nswitch_on = ["{pack}"]\n', encoding="utf-8"
        )
        names.append("p.toml")
    rules = load_packs(names, folder)
    land = pd.DataFrame({"parcel_id": ["a"], "land_use_code": [code]})
    return not_started(land, supply, rules, AS_OF).reasons(np.array([0]))[lang].iloc[0]


def test_every_case_has_a_sentence_that_begins_with_its_verdict():
    assert set(SENTENCES) == set(CASES)
    for case, sentence in SENTENCES.items():
        assert sentence.startswith(VERDICT[CASES[case]])


def test_idle():
    said = told(agreed_start="2024-06-30", handover_on="2024-01-01")
    assert (
        said
        == "Suspected idle: agreed start 2024-06-30, no start reported by 2026-06-30: 730 days from then, idle since 2025-06-30 (Order 53, art. 2 ¶1). "
        "Next: check on site and hear the holder; if recognised, recovery without compensation (Order 53, art. 14 (2))."
    )
    assert told("zh", agreed_start="2024-06-30").startswith("疑似闲置")


def test_delay_and_a_late_handover_are_told_with_the_dates_as_the_contract_has_them():
    said = told(
        agreed_start="2024-01-01", handover_on="2025-06-30", government_delay_days=2.5, government_delay_cause="信访",
    )  # fmt: skip
    assert "agreed start 2024-01-01" in said
    assert "with 2.5 days of government delay" in said
    assert "counted from the handover on 2025-06-30" in said
    assert ": 365 days from then, idle since 2026-06-30" in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_default_start_is_marked_unverified(lang, tmp_path):
    said = told(
        lang, handover_on="2020-01-01", pack="idle.default_start_after_handover_years", folder=tmp_path
    )
    assert "2021-01-01" in said
    assert "2020-01-01" in said
    assert ("unverified" if lang == "en" else "未") in said


def test_a_default_that_is_off_is_offered_only_where_it_would_serve():
    assert "may switch it on" in told(handover_on="2020-01-01")
    assert "may switch it on" not in told()
    assert "may switch it on" not in told(handover_on="2020-01-01", unreadable="agreed_start")


def test_a_default_that_is_on_is_never_called_off(tmp_path):
    pack = "idle.default_start_after_approval_years"
    said = told(unreadable="handover_on", approved_on="2020-01-01", pack=pack, folder=tmp_path)
    assert "off" not in said


def test_works_completed_before_their_start_are_named_as_a_contradiction():
    said = told(
        agreed_start="2020-01-01", actual_start="2024-01-01", permit_on=pd.Timestamp("2020-01-01"),
        actual_completion=pd.Timestamp("2023-01-01"),
    )  # fmt: skip
    assert said.startswith("Not idle")
    assert "contradict" in said


def test_what_is_missing_is_named_in_the_readers_words():
    assert told(supply_status=None, agreed_start="2020-01-01", handover_on="2019-01-01").endswith(
        "Missing: Supply status."
    )
    assert "供应状态" in told("zh", supply_status=None, agreed_start="2020-01-01", handover_on="2019-01-01")


def test_the_status_of_land_that_is_not_supplied():
    assert "approved not supplied" in told(supply_status="approved_not_supplied")
    assert "批而未供" in told("zh", supply_status="approved_not_supplied")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "cells",
    [
        {"agreed_start": "2020-01-01"}, {"agreed_start": "2026-01-01"}, {"actual_start": "2026-01-01"}, {},
        {"agreed_start": "2020-01-01", "handover_on": "2026-01-01"}, {"supply_status": "reserve"}, {"code": "1207"}, {"code": "16"},
        {"agreed_start": "2020-01-01", "government_delay_cause": "{cause} {0}"}, {"agreed_start": "2020-01-01", "unreadable": "actual_start"},
    ],
)  # fmt: skip
def test_no_placeholder_is_left(lang, cells):
    said = told(lang, **cells)
    assert "{" not in said
    assert "NaT" not in said
    assert "nan" not in said
    assert "None" not in said


@given(st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), max_size=8), st.integers(0, 3))
def test_many_figures_are_written_as_one_is(values, digits):
    for lang in ("zh", "en"):
        assert figure_texts(np.array(values), lang, digits=digits) == [
            figure(value, lang, digits=digits) for value in values
        ]


def test_compose_takes_texts_and_functions_and_never_reads_them_as_patterns():
    patterns = {"a": "{x} % of {y}", "b": "{y}", "c": "none"}
    asked = []

    def late(rows):
        asked.extend(rows.tolist())
        return [f"{{x}} %s {at}" for at in rows.tolist()]

    found = compose(patterns, ["c", "b", "a", "b"], "en", x=["", "", "%d {0}", ""], y=late)
    assert found == ["none", "{x} %s 1", "%d {0} % of {x} %s 2", "{x} %s 3"]
    assert sorted(asked) == [1, 2, 3]
    with pytest.raises(ValueError, match="x must have as many"):
        compose(patterns, ["b"], "en", x=[], y=[""])
    assert compose(patterns, [], "en") == []
