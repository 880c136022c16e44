"""The rectangle that a project asks for, drawn where the largest of a site is another."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely

from parkgeo.packs import load_packs
from parkgeo.pipeline.drawings import Drawings
from parkgeo.pipeline.fits import Fits
from parkgeo.pipeline.siting import SitingDesk
from parkgeo.planning.siting import Needs, read_brief, search, site_table
from tests.builders import rect

RULES = load_packs(["national"], Path())
BLOCK_AND_STRIP = shapely.union_all([rect(0, 0, 20, 20), rect(20, 0, 50, 5)])
"""Its largest rectangle is 20 m × 20 m; 70 m × 5 m finds room too."""
SPIRAL = shapely.union_all([rect(0, 0, 20, 20), rect(20, 0, 50, 4)])
"""Nearly the same, the strip too narrow."""


def desk_of(shapes: dict[str, shapely.Geometry], rules=RULES, **columns: list[object]) -> SitingDesk:
    count = len(shapes)
    sites = site_table(
        pd.DataFrame(
            {
                "parcel_id": list(shapes), "net_area_m2": [shape.area for shape in shapes.values()], "candidate": ["vacant"] * count,
                "rectangle_area_m2": [400.0] * count, "rectangle_long_m": [20.0] * count, "rectangle_short_m": [20.0] * count,
                "outline_long_m": [70.0] * count, "outline_short_m": [20.0] * count, **columns,
            }
        )
    )  # fmt: skip
    return SitingDesk(
        SimpleNamespace(name="x"), sites, np.array(list(shapes.values())), rules, Drawings(shapes.get)
    )


def brief(**more: object):
    return read_brief(
        {"needs": {"rectangle": ["70 m", "5 m"]}, "weights": {"access_score": 1}, **more}, RULES
    )


def test_the_rectangle_is_drawn_and_the_site_ranked():
    desk = desk_of({"A": BLOCK_AND_STRIP, "B": SPIRAL, "C": BLOCK_AND_STRIP}, access_score=[50.0, 90.0, 70.0])
    undrawn = search(desk.sites, brief(), terms=desk.terms)
    assert (undrawn.fits, undrawn.fails, undrawn.unknown) == (0, 0, 3)
    found = desk.search(brief(top=1))
    # Both are known to fit before they are ranked, so that only one of them is the best and firmly so.
    assert (found.fits, found.unknown) == (2, 1)
    assert [(site.site_id, site.stability) for site in found.ranked] == [("C", 1.0)]
    gate = found.ranked[0].limits[0]
    assert (gate.gate, gate.verdict, gate.drawn) == ("rectangle", 1, True)
    told = found.as_dict("en")["ranked"][0]["limits"][0]
    assert told["words"] == "rectangle: 70 m × 5 m finds room when drawn (the largest is 20 m × 20 m)"
    assert told["margin"] is None


def test_what_is_not_found_stays_open_and_says_that_it_was_drawn():
    found = desk_of({"B": SPIRAL}).search(brief())
    (site,) = found.undetermined
    told = site.as_dict("en")
    assert told["limits"][0]["verdict"] == "undetermined"
    assert told["limits"][0]["words"].endswith("none of 70 m × 5 m was found when drawn)")
    assert "by hand" in told["ask"]
    assert "未找到" in site.as_dict("zh")["limits"][0]["words"]


def test_so_many_are_drawn_and_the_rest_says_as_before_that_it_is_to_be():
    most = {"siting.drawn_most": RULES["siting.drawn_most"]}
    rules = type(RULES)(RULES.packs, {**RULES.figures, **{key: type(one)(**{**vars(one), "value": 1}) for key, one in most.items()}})  # fmt: skip
    desk = desk_of(dict.fromkeys("ABC", BLOCK_AND_STRIP), rules, access_score=[50.0, 60.0, 70.0])
    for _ in range(2):  # what was drawn before does not change what is drawn now
        found = desk.search(brief())
        assert [site.site_id for site in found.ranked] == ["C"]
        assert all("to be drawn" in site.as_dict("en")["limits"][0]["words"] for site in found.undetermined)


def test_nothing_is_drawn_where_another_gate_fails_or_nothing_is_known_of_the_land():
    asked = []
    desk = desk_of({"A": BLOCK_AND_STRIP, "B": BLOCK_AND_STRIP}, power_kva=[5.0, 500.0])
    desk = SitingDesk(desk.snapshot, desk.sites, desk.shapes, RULES, Drawings(asked.append))
    found = desk.search(brief(needs={"rectangle": ["70 m", "5 m"], "power": "100 kVA"}))
    assert asked == ["B"]
    assert (found.fits, found.fails, found.unknown) == (0, 1, 1)
    assert "to be drawn" in found.undetermined[0].as_dict("en")["limits"][0]["words"]


def test_a_parcels_own_fit_is_drawn():
    hall = shapely.union_all([rect(0, 0, 280, 280), rect(280, 0, 720, 70)])
    desk = desk_of({"A": hall}, rectangle_area_m2=[280.0**2], rectangle_long_m=[280.0], rectangle_short_m=[280.0], outline_long_m=[1000.0], outline_short_m=[280.0])  # fmt: skip
    for sides, drawn in (((1000.0, 70.0), 1), ((1000.0, 71.0), -1)):
        desk.industries["hall"] = Needs("hall", zh="hall", en="hall", rectangle_m=sides)
        fit = desk.fit(["hall"], site="A")
        assert fit.verdict.tolist() == [[drawn]]
        (limit,) = fit.limits(0, 0)
        assert (limit.drawn, limit.verdict) == (True, drawn)
        (row,) = Fits(fit).as_dicts([0], "en")
        assert [each["drawn"] for each in row["failed"]] == [True] * (drawn < 0)


@pytest.mark.parametrize("most", [0, 1])
def test_a_bound_of_nothing_draws_nothing(most):
    answers = Drawings({"A": BLOCK_AND_STRIP}.get).answers(
        [("A", False), ("A", False)], (70.0, 5.0), most=most
    )
    assert answers.tolist() == [1 if most else -1, -1]
