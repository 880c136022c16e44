"""The matrix of fit as rows, and desks that know only some of the sites."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.packs import load_packs
from parkgeo.pipeline.fits import ORDER, Fits, fits_of, holding, within
from parkgeo.pipeline.siting import SitingDesk
from parkgeo.planning.siting import GRADES, fit, site_table

RULES = load_packs(["national"], Path())


def desk_of(parcels, joined=None):
    sites = site_table(pd.DataFrame(parcels), None if joined is None else pd.DataFrame(joined))
    shapes = np.arange(len(sites)).astype(object)
    return SitingDesk(SimpleNamespace(name="x"), sites, shapes, RULES)


@pytest.fixture(scope="module")
def desk():
    count = 12
    parcels = {
        "parcel_id": [f"P{number:02d}" for number in range(count)],
        "park_id": ["A", "B"] * (count // 2),
        "candidate": ["idle"] * (count - 1) + ["none"],
        "net_area_m2": [np.nan, *np.linspace(5_000, 90_000, count - 1)],
        "site_area_m2": 95_000.0,
        "access_score": np.linspace(0, 100, count),
        "use_code": "100102",
    }
    joined = {
        "site_id": ["S1", "S2"],
        "parcel_ids": ["P00;P02", "P02;P03"],
        "net_area_m2": [30_000.0, 40_000.0],
    }
    return desk_of(parcels, joined)


def test_every_cell_stands_once_in_its_order(desk):
    fits = fits_of(desk)
    sites, needs = np.divmod(fits.order, len(fits.fit.needs))
    assert sorted(fits.order.tolist()) == list(range(fits.fit.grade.size))
    place = [ORDER.index(GRADES[int(code)]) for code in fits.fit.grade[sites, needs]]
    score = -np.nan_to_num(fits.fit.score[sites, needs], nan=-1.0)
    ids = fits.fit.sites["site_id"].to_numpy()[sites]
    told = list(zip(place, score.tolist(), ids.tolist(), needs.tolist(), strict=True))
    assert told == sorted(told)


def test_the_order_of_the_rows_decides_nothing(desk):
    turned = SitingDesk(desk.snapshot, desk.sites.iloc[::-1].reset_index(drop=True), desk.shapes[::-1], RULES)
    one, other = (each.as_dicts(each.order, "en") for each in (fits_of(desk), fits_of(turned)))
    assert one == other


def test_only_what_could_come_free_unless_all_is_asked(desk):
    assert "P11" not in set(fits_of(desk).fit.sites["site_id"])
    assert "P11" in set(fits_of(desk, all_parcels=True).fit.sites["site_id"])


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(sorted(ORDER))), st.sets(st.sampled_from(["machinery", "food", "chemicals"])))
def test_some_cells_are_those_of_all_that_have_the_grade_and_the_industry(desk, grades, industries):
    fits = fits_of(desk)
    told = fits.as_dicts(fits.order, "en")
    wanted = [
        cell
        for cell, row in zip(fits.order.tolist(), told, strict=True)
        if (not grades or row["grade"] in grades) and (not industries or row["industry"] in industries)
    ]
    assert fits.cells(grades=grades, industries=industries).tolist() == wanted


def test_a_row_says_what_the_matrix_says_of_its_cell(desk):
    fits = fits_of(desk)
    for cell, row in zip(fits.order[:60].tolist(), fits.as_dicts(fits.order[:60], "en"), strict=True):
        site, need = divmod(cell, len(fits.fit.needs))
        failed = fits.fit.failed(site, need)
        assert [limit["gate"] for limit in row["failed"]] == [limit.gate for limit in failed]
        assert (row["grade"] == "no") == any(limit.verdict == 0 for limit in failed)
        assert row["score"] == pytest.approx(float(fits.fit.score[site, need]), abs=1e-3)
    assert fits.as_dicts([], "en") == []


def test_a_joined_site_is_of_a_park_when_all_of_it_is(desk):
    assert within(desk, ["A"]).sites["site_id"].tolist() == [
        f"P{number:02d}" for number in range(0, 12, 2)
    ] + ["S1"]
    # What reaches over is no park's, so that a list by parks and a list by sites say the same.
    assert set(desk.sites["site_id"]) - set(within(desk, ["A", "B"]).sites["site_id"]) == {"S2"}
    assert within(desk, ["C"]).sites.empty
    assert within(desk, []).sites.empty
    # Shapes stay with their sites.
    part = within(desk, ["B"])
    assert part.shapes.tolist() == np.flatnonzero(desk.sites["site_id"].isin(part.sites["site_id"])).tolist()


def test_what_is_said_of_a_site_does_not_depend_on_who_asks(desk):
    whole, part = (
        fit(each.sites, each.needs(["machinery"]), terms=desk.terms) for each in (desk, within(desk, ["A"]))
    )
    kept = desk.sites["site_id"].isin(part.sites["site_id"]).to_numpy()
    assert np.array_equal(whole.score[kept], part.score, equal_nan=True)
    assert np.array_equal(whole.grade[kept], part.grade)


def test_a_parcel_is_held_by_the_joined_sites_that_name_it(desk):
    assert holding(desk, "P02").sites["site_id"].tolist() == ["P02", "S1", "S2"]
    assert holding(desk, "P0").sites.empty
    assert holding(desk, "S1").sites["site_id"].tolist() == ["S1"]


@pytest.mark.parametrize("name", ["a;b", ";", "", "=1+1", "a.*b", "宗地;1"])
def test_an_id_of_a_parcel_may_hold_anything(name):
    desk = desk_of({"parcel_id": [name, "b"], "park_id": ["A", "B"], "candidate": "idle"})
    assert within(desk, ["A"]).sites["site_id"].tolist() == [name]
    assert holding(desk, name).sites["site_id"].tolist() == [name]
    assert Fits(holding(desk, name).fit()).as_dicts([0], "en")[0]["parcel_ids"] == [name]
