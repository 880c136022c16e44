"""``parkgeo layout`` in the terminal: guidance with two ends, what is missing, and how much is left out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from parkgeo.assess.park.rows import indicator_frame
from parkgeo.cli.layout import print_layout
from parkgeo.report.layout_facts import layout_summary
from tests.snapshot_builder import build_snapshot

CODES = {
    "plan_conflict": {"zh": "与规划冲突", "en": "In conflict with the plan"},
    "incompatible_neighbour": {"zh": "不相容相邻", "en": "Incompatible neighbour"},
}


def share(**values: Any) -> dict[str, Any]:
    row = {"name": "production_share", "value": 60.0, "unit": "%", "benchmark": 85.0, "verified": False, "zh": "生产用地占比", "en": "Production"}  # fmt: skip
    words = {
        "value_zh": "",
        "value_en": "",
        "benchmark_zh": "指导范围：85%–95%",
        "benchmark_en": "Guidance: 85 % to 95 %",
    }
    return row | words | values


def told(**values: Any) -> dict[str, Any]:
    park = {"park_id": "K", "indicators": [share()]}
    return {"park": "P", "as_of": "2026-06-30", "parks": [park], "conflicts": {"plan_conflict": {}}, "worst": [], "gaps": []} | values  # fmt: skip


@pytest.fixture
def printed(capsys):
    def text(lang="en", **values):
        print_layout(told(**values), SimpleNamespace(findings_catalogue=CODES), lang)
        return capsys.readouterr().out

    return text


def test_guidance_with_two_ends_is_told_once(printed):
    text = printed()
    assert text.count("Guidance: 85 % to 95 %") == 1
    assert "left empty" not in text
    assert "Unverified" in text


def test_what_was_not_judged_has_no_number_and_is_asked_for(printed):
    ask = {"field": "plan_conflict", "ask_zh": "缺图层：规划。", "ask_en": "The layer plan is missing."}
    text = printed(gaps=[ask])
    row = next(line for line in text.splitlines() if line.strip().startswith("In conflict with the plan"))
    assert row.split()[-3:] == ["—", "—", "—"]
    assert "No conflict was found" not in text
    assert any(
        "In conflict with the plan" in line and "The layer plan is missing." in line
        for line in text.splitlines()
    )
    assert "需索取" in printed("zh", gaps=[ask])


def test_conflicts_that_are_left_out_are_counted_as_conflicts(printed):
    row = {"parcel_id": "A", "other": "B", "reason_zh": "太近", "reason_en": "too near", "verified": True}
    assert "另有 5 条冲突" in printed("zh", conflicts={"plan_conflict": {"yes": 3}}, worst=[row] * 25)


def test_gaps_of_the_whole_are_those_of_layout(tmp_path):
    snapshot = build_snapshot(tmp_path)
    gaps = pd.DataFrame(
        [("parcels", None, "plan_conflict", "甲", "a"), ("parcels", "P1", "plan_conflict", "乙", "b"), ("indicators", None, "blocks", "丙", "c"), ("parcels", None, "far", "丁", "d")],
        columns=["table", "parcel_id", "field", "ask_zh", "ask_en"],
    )  # fmt: skip
    tables = {
        "parks": pd.DataFrame({"park_id": ["K"]}),
        "parcels": pd.DataFrame({"park_id": ["K"]}),
        "indicators": indicator_frame([]),
        "findings": snapshot.read("findings").iloc[:0],
        "gaps": gaps,
    }
    held = SimpleNamespace(
        name="s", as_of=snapshot.as_of, manifest={}, tables=tables, read=tables.__getitem__
    )
    assert [gap["field"] for gap in layout_summary(held)["gaps"]] == ["blocks", "plan_conflict"]
