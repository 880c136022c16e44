"""``parkgeo layout`` on the sample park: the tables, one park of several, and the JSON."""

from __future__ import annotations

import json
from pathlib import Path

TRUTH = json.loads((Path(__file__).parents[2] / "data" / "truth.json").read_text(encoding="utf-8"))["planted"]
CODES = ("incompatible_neighbour", "plan_conflict", "constraint_conflict")


def test_it_prints_indicators_and_both_parcels_of_a_conflict(run, demo):
    text = run("layout", "-w", demo[0]).stdout.decode()
    assert "Production, share of land" in text
    assert "km/km²" in text
    one = TRUTH["incompatible_neighbour"][0]
    assert any(one["parcel_id"] in line and one["other"] in line for line in text.splitlines())


def test_it_speaks_chinese_and_knows_the_parks(run, demo):
    text = run("layout", "-w", demo[0], "--park", "YTLG01", "--lang", "zh").stdout.decode()
    for words in ("生产用地占比", "不相容相邻", "依据未核"):
        assert words in text
    refused = run("layout", "-w", demo[0], "--park", "nowhere")
    assert refused.returncode == 2
    assert b"no park 'nowhere'" in refused.stderr
    assert b"YTLG01" in refused.stderr


def test_json_has_what_was_planted(run, demo):
    told = json.loads(run("layout", "-w", demo[0], "--json").stdout)
    values = {row["name"]: row["value"] for row in told["parks"][0]["indicators"]}
    shares = [values[f"{group}_share"] for group in ("production", "living", "service", "green", "other")]
    assert abs(sum(shares) - 100) < 1e-9
    for code in CODES:
        found = {row["parcel_id"] for row in told["worst"] if row["code"] == code}
        assert found == {entry["parcel_id"] for entry in TRUTH[code]}
        assert told["conflicts"][code]["yes"] == len(found)
    others = {row["parcel_id"]: row["other"] for row in told["worst"] if row["code"] == CODES[0]}
    assert others == {entry["parcel_id"]: entry["other"] for entry in TRUTH[CODES[0]]}
