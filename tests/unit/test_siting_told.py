"""What a search and a matrix tell: industries to four digits, margins, what was not asked, whole files, words in workbooks; and nonsense in a brief."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from parkgeo.catalogue import catalogue
from parkgeo.cli.siting import print_found, write_fit, write_found
from parkgeo.errors import InputError
from parkgeo.packs import RuleBook, load_packs
from parkgeo.pipeline.siting import siting_desk
from parkgeo.planning.siting import Needs, Terms, fit, industry_needs, read_brief, search, site_table
from parkgeo.planning.siting.frames import fit_dict, fit_rows
from parkgeo.planning.siting.quantities import quantity
from parkgeo.planning.siting.words import limit_words
from tests.siting_snapshot import build_siting_snapshot


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load_packs(["national"], Path())


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return siting_desk(build_siting_snapshot(tmp_path_factory.mktemp("told")))


def test_an_industry_is_held_against_the_list_to_all_its_digits(rules):
    codes = {
        written: read_brief({"industry": written}, rules).needs.industry
        for written in ("1310", "C1311", "13", "food")
    }
    assert codes == {"1310": "1310", "C1311": "1311", "13": "13", "food": "13"}
    terms = replace(Terms(), restricted={"all": ("26", "1310")})
    plots = site_table(pd.DataFrame({"parcel_id": ["A"], "park_id": ["YTLG01"]}))
    told = fit(plots, [Needs("n", industry=code) for code in ("1310", "1311", "13", "2611")], terms=terms)
    assert told.verdict.tolist() == [[0, 1, -1, 0]]
    words = limit_words(told.limits(0, 2)[0], "en")
    assert words.endswith("undetermined (the list names a part of 13; park YTLG01)")


def test_needs_that_an_office_verified_are_not_called_unverified(rules, desk, capsys):
    figure = rules["industries.machinery"]
    own = RuleBook(rules.packs, {**rules.figures, figure.key: replace(figure, verified=True)})
    assert industry_needs(own)["machinery"].verified
    assert not industry_needs(rules)["machinery"].verified
    for book, doubted in ((own, False), (rules, True)):
        brief = read_brief({"industry": "machinery"}, book)
        found = desk.search(brief)
        print_found(desk, found, "en")
        assert ("(unverified)" in capsys.readouterr().out) is doubted
        assert found.as_dict("en")["source_verified"] is not doubted


def test_files_hold_all_sites_and_the_screen_says_how_many_it_leaves_out(desk, tmp_path, capsys):
    brief = desk.brief(
        {"needs": {"area": "900 ha"}, "shown": 1, "sites": {"all_parcels": True, "kinds": ["parcel"]}}
    )
    whole = desk.search(brief, whole=True)
    assert len(whole.why_not) + len(whole.undetermined) == whole.asked > 2
    few = desk.search(brief)
    for name in ("ranked", "why_not", "undetermined"):
        assert [one.site_id for one in getattr(whole.first(), name)] == [
            one.site_id for one in getattr(few, name)
        ]
    print_found(desk, whole.first(), "en")
    assert f"and {whole.fails - 1} more; write all with -o" in capsys.readouterr().out
    write_found(desk, whole, tmp_path / "s.csv", lang="zh")
    assert len(pd.read_csv(tmp_path / "s.csv")) == whole.asked


def test_the_matrix_has_the_margin_of_each_gate_that_is_failed():
    plots = site_table(
        pd.DataFrame({"parcel_id": ["A"], "net_area_m2": [958.5], "use_code": ["0701"], "height_m": [5.0]})
    )
    found = fit(plots, [Needs("n", area_m2=1000.0, uses=("1001",), height_m=4.0)])
    assert fit_rows(found, "en")["lacks"].tolist() == ["net area −42 m²; land use by plan"]
    cell = json.loads(json.dumps(fit_dict(found, "en")["cells"][0]))
    assert [(one["gate"], one["margin"], one["unit"]) for one in cell["fails"]] == [
        ("area", -41.5, "m2"),
        ("use", None, ""),
    ]
    assert {one["gate"]: one["margin"] for one in cell["limits"]} == {
        "area": -41.5,
        "use": None,
        "height": 1.0,
    }
    assert cell["counterfactual"].startswith("It would fit with 42 m² more net area")


def test_workbooks_are_in_words(desk, tmp_path):
    known = catalogue(load_packs(["national"], Path()))["fields"]
    desk.snapshot.catalogue["fields"].update({name: known[name] for name in ("site_search", "site_fit")})
    write_found(
        desk, desk.search(desk.brief({"industry": "machinery"}), whole=True), tmp_path / "s.xlsx", lang="zh"
    )
    write_fit(desk, desk.fit(["machinery"]), tmp_path / "f.xlsx", lang="zh")
    for name in ("s.xlsx", "f.xlsx"):
        cells = {
            str(cell.value)
            for sheet in openpyxl.load_workbook(tmp_path / name)
            for row in sheet.iter_rows()
            for cell in row
        }
        assert not cells & {
            "fits",
            "why_not",
            "parcel",
            "joined",
            "high",
            "no",
            "undetermined",
            "register",
            "area",
        }
        assert "宗地" in cells
        assert not any("（点）" in cell for cell in cells)


def test_nonsense_in_a_brief_is_no_demand(desk):
    for written, told in (
        ({"travel_max": {"moon": "3 min"}}, "no facility is called 'moon'"),
        ({"travel_max": {"prt": "3 min"}}, "did you mean 'port'"),
        ({"uses": ["ZZ9"]}, "uses names ZZ9"),
        ({"uses": []}, "names no land use"),
        ({"power": "1e12 MVA"}, "written with an exponent"),
    ):
        with pytest.raises(InputError) as caught:
            desk.brief({"needs": {"area": "1 ha", **written}})
        assert told in f"{caught.value}"
    desk.brief({"needs": {"uses": ["1001", "M1", "0701", "16"]}})


def test_what_nobody_asked_of_an_industry_without_needs_is_said(rules):
    brief = read_brief({"name": "船", "industry": "37", "needs": {"area": "90 亩"}}, rules)
    assert brief.needs.name("zh") == "行业 37"
    plots = site_table(pd.DataFrame({"parcel_id": ["A"], "net_area_m2": [99_999.0]}))
    told = search(plots, brief).as_dict("en")["not_asked"]
    assert told == ["land use by plan", "class of industrial land", "free power", "minutes to gateways"]
    assert search(plots, read_brief({"industry": "machinery"}, rules)).as_dict("en")["not_asked"] == []


def test_a_shortfall_and_its_remedy_are_one_figure():
    plots = site_table(pd.DataFrame({"parcel_id": ["A"], "net_area_m2": [8239.6]}))
    found = search(plots, read_brief({"needs": {"area": "10000 m2"}})).why_not[0]
    assert "1,761 m² short" in limit_words(found.limits[0], "en")
    assert "1,761 m² more" in found.counterfactual("en")


def test_an_exponent_is_named_as_the_fault():
    with pytest.raises(ValueError, match="written with an exponent"):
        quantity("1e400 m", "m")
    assert quantity("5 ha", "m2") == 50_000.0


def test_a_weight_of_cost_is_a_name_that_the_packs_know(rules):
    assert "cost" in rules["siting.weights"].table()
