"""Portfolios as offices write them: everything that is wrong is told at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from parkgeo.errors import InputError
from parkgeo.planning.allocation import Weights
from parkgeo.planning.allocation.portfolio import read_portfolio

EXAMPLE = Path(__file__).parents[2] / "docs" / "briefs" / "portfolio.toml"
MILL = {"name": "mill", "industry": "34", "needs": {"area": "20 亩"}}
FORGE = MILL | {"name": "forge"}


def faults(written):
    with pytest.raises(InputError) as caught:
        read_portfolio(written, where="p.toml")
    lines = str(caught.value).splitlines()
    assert "p.toml" in lines[-1]
    return [line.removeprefix("  - ").removesuffix(" — p.toml") for line in lines[1:]]


def test_the_example():
    told = read_portfolio(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")))
    assert [one.name for one in told.projects][:2] == ["精密机械", "新能源电池"]
    assert told.projects[0].must
    assert told.projects[1].hazard
    assert told.projects[1].output_wan == 80_000
    assert told.rules.separation_m == 200
    assert told.rules.leading == "soft"
    assert told.rules.weights == Weights(0.6, 0.4)


def test_what_is_not_said():
    told = read_portfolio({"projects": [MILL, FORGE]}, default_name="2026")
    assert told.name == "2026"
    assert told.rules.weights == Weights(1, 0)
    assert (told.rules.leading, told.rules.gap, told.rules.time_limit_s) == ("hard", None, None)
    with_output = read_portfolio({"projects": [MILL | {"output": "1 亿元"}]})
    assert with_output.rules.weights == Weights(1, 1)


def test_sites_of_the_portfolio_are_those_of_projects_without_their_own():
    own = FORGE | {"sites": {"kinds": ["parcel"]}}
    told = read_portfolio({"sites": {"holders_most": 2}, "projects": [MILL, own]})
    assert [one.brief.holders_most for one in told.projects] == [2, None]


def test_every_fault_is_told_at_once():
    written = {
        "projets": 1,
        "rules": {
            "gap": 2,
            "leadng": "hard",
            "leading": "firm",
            "time_limit_s": True,
            "weights": {"fit": -1},
        },
        "projects": [
            {"name": "A", "industry": "34", "needs": {"area": "20"}, "must": "yes"},
            {"name": "B", "industry": "999", "output": "3 t"},
            {"name": "C", "needs": {"power": "1 MVA"}, "output_wan": -1},
        ],
    }
    told = "\n".join(faults(written))
    for words in (
        "unknown key 'projets'; did you mean 'projects'?",
        "unknown key rules.'leadng'; did you mean 'leading'?",
        "rules.gap must be a number from 0 to 1, not '2'",
        "rules.leading must be one of hard, soft, off",
        "rules.time_limit_s must be a number",
        "rules.weights must be numbers from 0 up",
        "project 1 (A): must must be true or false",
        "project 1 (A): area",
        "project 2 (B): output has a unit that is none of this",
        "project 2 (B): industry '999'",
        "project 3 (C): output_wan must be a number from 0 up",
        "project 3 (C): it says no area",
    ):
        assert words in told, words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"projects": []}, "there are no projects"),
        ({"projects": [MILL] * 1001}, "at most 1000"),
        ({"projects": [MILL, MILL]}, "several projects have one name: mill"),
        ({"projects": [MILL | {"output_wan": 1}, FORGE]}, "output is not given of forge"),
        ({"projects": [MILL], "rules": {"weights": {"fit": 0}}}, "all 0"),
        ({"projects": [MILL], "rules": {"weights": {"fit": 1, "output": 1}}}, "output is not given of mill"),
        ({"projects": [MILL | {"hazard": True}, FORGE | {"sensitive": True}]}, "but not how far apart"),
        ({"projects": [MILL], "rules": {"separation": "100 m"}}, "no project is a hazard"),
        ({"projects": [MILL], "rules": {"separation": "100"}}, "rules.separation"),
        ({"projects": [MILL], "rules": {"leading": "off", "leading_most": 3}}, "leading_most is given"),
        ({"projects": [MILL], "rules": {"leading_penalty": 3}}, "leading_penalty is given"),
        ({"projects": [MILL | {"output": "1 亿元", "output_wan": 2}]}, "output stands twice"),
        ({"projects": [MILL], "rules": []}, "rules must be a table"),
    ],
)
def test_what_does_not_go_together(written, words):
    assert any(words in line for line in faults(written))
