"""The decision table of ways: every state has one or an explicit none, and its ground says where it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parkgeo.assess.ways import LAND_STATES, NO_WAY, conditions, suggested_ways, way_grounds
from parkgeo.errors import PackError
from parkgeo.packs import load_packs

RULES = load_packs(["national"], Path())


def way(**cells):
    return suggested_ways(pd.DataFrame({name: [value] for name, value in cells.items()}), RULES).tolist()[0]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("not_built_on", NO_WAY),
        ("too_small", NO_WAY),
        ("in_use", NO_WAY),
        ("under_construction", NO_WAY),
        ("undetermined", NO_WAY),
        ("reserve", "new_supply"),
        ("approved_not_supplied", "new_supply"),
        ("recovered", "new_supply"),
        ("supplied_not_started", "supervise"),
        ("suspended", "agreed_recovery"),
        ("built_not_producing", "redevelop"),
        ("used_in_part", "transfer"),
        ("below_contract", "fee_reward"),
    ],
)
def test_every_state_has_a_way_or_an_explicit_none(state, expected):
    assert way(land_state=state, idle="no") == expected


def test_no_state_is_left_out():
    frame = pd.DataFrame({"land_state": LAND_STATES})
    found = suggested_ways(frame, RULES)
    assert found.notna().all()
    assert (way_grounds(found, RULES).fillna("") != "").all().all()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"idle": "yes", "idle_consequence": "fee"}, "idle_fee"),
        ({"idle": "yes", "idle_consequence": "recovery"}, "free_recovery"),
        ({"idle": "yes", "idle_consequence": None, "land_state": "suspended"}, "agreed_recovery"),
        # A works that stands and produces is not taken back on the ledger's word.
        ({"idle": "yes", "idle_consequence": "recovery", "evidence_conflict": "yes"}, "check_in_field"),
        # Added to the clock already, and still idle: the delay is not why.
        ({"idle": "yes", "idle_consequence": "recovery", "government_delay_days": 30.0}, "free_recovery"),
        ({"idle": "yes", "idle_consequence": "recovery", "idle_routes": "extend"}, "clear_government_cause"),
        ({"idle": "undetermined", "government_delay_days": 30.0}, "clear_government_cause"),
        ({"idle": "undetermined", "government_delay_days": 0.0}, "clarify"),
        ({"idle": "undetermined", "government_delay_days": np.nan}, "clarify"),
        ({"land_state": "in_use", "low_efficiency": "yes"}, "redevelop"),
        ({"land_state": "in_use", "low_efficiency": "undetermined"}, NO_WAY),
        ({"land_state": "in_use", "underbuilt": "yes", "vertical_headroom_m2": 10.0}, "vertical"),
        ({"land_state": "in_use", "underbuilt": "yes", "vertical_headroom_m2": 0.0}, "fee_reward"),
        ({"land_state": "in_use", "underbuilt": "yes", "vertical_headroom_m2": np.nan}, "fee_reward"),
    ],
)
def test_what_comes_first(cells, expected):
    assert way(**({"land_state": "supplied_not_started"} | cells)) == expected


def test_the_ground_names_the_clause_and_says_what_is_not_verified():
    frame = pd.DataFrame({"land_state": ["supplied_not_started", "reserve"], "idle": ["yes", None], "idle_consequence": ["fee", None]})  # fmt: skip
    grounds = way_grounds(suggested_ways(frame, RULES), RULES)
    zh, en = (grounds[f"way_ground_{lang}"].tolist() for lang in ("zh", "en"))
    assert "第十四条" in zh[0]
    assert "art. 14" in en[0]
    assert "unverified" not in en[0]
    assert "item 4" in en[1]
    assert en[1].endswith("(unverified)")
    assert zh[1].endswith("（未核实）")


def test_no_order_no_way():
    frame = pd.DataFrame({"land_state": ["in_use"]})
    book = load_packs(["national"], Path())
    del book.figures["ways.order"]
    found = suggested_ways(frame, book)
    assert found.isna().all()
    assert way_grounds(found, book).isna().all().all()


def test_nothing_known_fits_no_way():
    found = suggested_ways(pd.DataFrame({"parcel_id": ["p"]}), RULES)
    assert found.isna().all()
    assert way_grounds(found, RULES).isna().all().all()


@pytest.mark.parametrize("value", ['{ any = ["state.asleep"] }', '{ some = ["idle"] }'])
def test_a_way_that_asks_for_what_there_is_not(tmp_path, value):
    head = '[pack]\nname = "county"\nedition = "2026"\n'
    text = f'[ways.supervise]\nvalue = {value}\nsource = "the county"\nedition = "2026"\nverified = true\n'
    (tmp_path / "office.toml").write_text(head + text, encoding="utf-8")
    with pytest.raises(PackError, match=r"asleep|some"):
        suggested_ways(
            pd.DataFrame({"land_state": ["in_use"]}), load_packs(["national", "office.toml"], tmp_path)
        )


def test_an_office_may_change_the_order(tmp_path):
    head = '[pack]\nname = "county"\nedition = "2026"\n'
    text = '[ways.order]\nvalue = ["none", "new_supply"]\nsource = "the county"\nedition = "2026"\nverified = true\n'
    (tmp_path / "office.toml").write_text(head + text, encoding="utf-8")
    rules = load_packs(["national", "office.toml"], tmp_path)
    found = suggested_ways(pd.DataFrame({"land_state": ["reserve", "suspended"]}), rules)
    assert found[0] == "new_supply"
    assert pd.isna(found[1])


def test_conditions_are_false_where_nothing_is_known():
    assert not any(held().any() for held in conditions(pd.DataFrame({"parcel_id": ["p", "q"]})).values())
