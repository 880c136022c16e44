"""docs/filters.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parkgeo.store.cql2_words import CONFORMANCE, FARTHEST_M, MAX_BYTES, MAX_DEPTH, SPATIAL, TEMPORAL
from parkgeo.store.where import check, parse, parse_json

GUIDE = (Path(__file__).parents[2] / "docs/filters.md").read_text(encoding="utf-8")
KINDS = {
    "idle": "text", "holder": "text", "site_area_m2": "number", "building_area_m2": "number", "far": "number", "idle_since": "time", "seen": "time",
    "contract_date": "time", "agreed_date": "time",
}  # fmt: skip


def examples(lang):
    return [
        line for block in re.findall(rf"```{lang}\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()
    ]


@pytest.mark.parametrize("expression", examples("cql2"))
def test_every_example_can_be_asked(expression):
    check(parse(expression), KINDS, geometry="geometry")


def test_the_tree_can_be_asked_too():
    (tree,) = examples("json")
    check(parse_json(tree), KINDS)


def test_limits_relations_and_classes_are_those_of_the_code():
    words = " ".join(GUIDE.split())
    met, unmet = words.split("Met of CQL2 1.0: ")[1].split(". Not met: ")
    assert tuple(met.split(", ")) == CONFORMANCE
    assert not set(re.findall(r"[a-z-]+", unmet)) & set(CONFORMANCE)
    assert f"{MAX_BYTES} bytes; {MAX_DEPTH} levels" in words
    assert f"{FARTHEST_M:,.0f}".replace(",", " ") in words
    for name in (*SPATIAL, *TEMPORAL):
        assert name.partition("_")[2] in words.replace("DWITHIN", "dwithin")
