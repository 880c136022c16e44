"""Codes, evidence and what is missing, in words, in files for people."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from parkgeo.assess.modes import Known, mode_rows, scored_modes
from parkgeo.catalogue import catalogue
from parkgeo.export import export_table, write_frames
from parkgeo.export.worded import worded
from parkgeo.packs import load_packs
from parkgeo.store import Snapshot
from tests.snapshot_builder import build_snapshot

RULES = load_packs(["national"], Path())


@pytest.fixture(scope="module")
def snapshot():
    known = catalogue(RULES)
    held = SimpleNamespace(
        catalogue=known, findings_catalogue=known["findings"], manifest={"park": "P", "packs": []}, as_of=dt.date(2026, 6, 30), name="s"
    )  # fmt: skip
    held.field = lambda table, column: Snapshot.field(held, table, column)
    return held


def test_modes_and_their_evidence(snapshot):
    known = {
        "dominant_company_share": Known(0.3),
        "company_herfindahl": Known(0.3),
        "link_within_share": Known(0.4),
    }
    rows = mode_rows("K", scored_modes(known, RULES), "leading_firm", RULES)
    said = worded(snapshot, "aggregation_modes", rows, lang="zh").set_index("mode")
    assert "最大企业产值占比 0.3" in said.loc["龙头带动", "evidence"]
    assert "与最大企业有关的园内供应额占比" in said.loc["龙头带动", "missing"]
    assert not said["evidence"].str.contains("[{]").any()
    assert json.loads(rows["evidence"].iloc[0]), "codes stay for programs"


def test_clashing_neighbours(snapshot):
    rows = pd.DataFrame({"kind": ["class_3_industry"], "other_kind": ["housing"], "downwind": ["no"]})
    said = worded(snapshot, "neighbour_conflicts", rows, lang="zh").iloc[0]
    assert said[["kind", "other_kind"]].tolist() == ["三类工业", "居住"]
    assert said["downwind"] == "否"


def test_a_workbook_of_an_allocation_is_in_words(snapshot, tmp_path):
    frames = {
        "allocation": pd.DataFrame({"project": ["甲"], "fits": ["yes"], "must": [True]}),
        "allocation_services": pd.DataFrame({"service": ["power"], "spare": [1.5]}),
    }
    write_frames(snapshot, frames, tmp_path / "a.xlsx", lang="zh")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"适配", "供电", "是"} <= cells
    assert not {"yes", "power", "True"} & cells


def test_a_table_in_words_on_demand(tmp_path):
    held = build_snapshot(tmp_path / "w")
    for words in (False, True):
        assert export_table(held, "parcels", tmp_path / f"{words}.csv", lang="zh", words=words) > 0
    plain, said = ((tmp_path / f"{words}.csv").read_text(encoding="utf-8-sig") for words in (False, True))
    assert ",疑似闲置," not in plain
    assert ",疑似闲置," in said
