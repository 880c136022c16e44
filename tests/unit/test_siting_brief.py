"""Briefs and the needs of industries: what is read, and that all faults are told at once."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.errors import InputError, PackError
from parkgeo.packs import load_packs
from parkgeo.planning.siting import CRITERIA, Terms, industry_needs, read_brief
from parkgeo.planning.siting.quantities import quantity

DOCS = Path(__file__).parents[2] / "docs"
OURS = '[pack]\nname = "ours"\nedition = "1"\n'
SOURCE = 'source = "a study of ours"\nedition = "2026"\nverified = true\n'


def faults(written: object) -> list[str]:
    with pytest.raises(InputError) as told:
        read_brief(written)
    return [line.strip("- ").strip() for line in str(told.value).splitlines()[1:]]


@pytest.fixture
def pack(tmp_path):
    def rules(text: str):
        (tmp_path / "ours.toml").write_text(OURS + text, encoding="utf-8")
        return load_packs(["national", "ours.toml"], tmp_path)

    return rules


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        ("30 亩", "m2", 20_000),
        ("30mu", "m2", 20_000),
        ("2 ha", "m2", 20_000),
        ("1,250.5 m²", "m2", 1250.5),
        ("1.2万平方米", "m2", 12_000),
        ("1.5 MVA", "kVA", 1500),
        ("5 m3/h", "m3/day", 120),
        ("0.5 h", "min", 30),
        ("0 m", "m", 0),
    ],
)
def test_quantities_are_read_with_their_units(written, unit, value):
    assert quantity(written, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    "written",
    ["30", 30, "亩", "-3 亩", "−3 亩", "3 kg", "", "1e999 亩", "nan m2", True, None, ["3 m2"], "9" * 99],
)
def test_a_quantity_without_number_or_unit_is_refused(written):
    with pytest.raises(ValueError, match=r"unit|negative|large"):
        quantity(written, "m2")


@given(
    st.one_of(
        st.text(max_size=90), st.integers(), st.floats(), st.none(), st.lists(st.text(max_size=3), max_size=3)
    )
)
def test_whatever_is_written_a_quantity_is_a_number_from_0_up_or_refused(written):
    try:
        value = quantity(written, "m2")
    except ValueError:
        return
    assert 0 <= value < math.inf


def test_a_brief_lays_its_own_needs_over_those_of_the_industry():
    brief = read_brief({
        "name": "A", "industry": "34", "top": 3, "needs": {"area_m2": 9000, "rectangle": ["60 m", "0.12 km"], "travel_max": {"port": "1 h"}},
        "weights": {"cost": 2}, "sites": {"kinds": ["joined"], "holders_most": 2, "all_parcels": True}, "stability": {"draws": 50, "seed": 7, "spread": 0.1},
    })  # fmt: skip
    needs = brief.needs
    assert (needs.industry, needs.area_m2, needs.rectangle_m) == ("34", 9000, (120.0, 60.0))
    assert needs.travel_max_min == {"port": 60.0}
    assert needs.weights == {"cost": 2.0}
    assert needs.uses == industry_needs(load_packs(["national"], Path()))["machinery"].uses
    assert (brief.top, brief.kinds, brief.joins, brief.holders_most, brief.all_parcels) == (
        3,
        ("joined",),
        True,
        2,
        True,
    )
    assert (brief.draws, brief.seed, brief.spread) == (50, 7, 0.1)


def test_an_area_that_is_not_stated_is_at_least_that_of_the_rectangle():
    assert (
        read_brief({"industry": "machinery", "needs": {"rectangle": ["300 m", "100 m"]}}).needs.area_m2
        == 30_000
    )


def test_all_faults_are_told_at_once():
    told = faults({
        "naem": "A", "industry": "machinry", "top": 0,
        "needs": {"area": 30, "rectangle": ["100 m", "-3 m"], "height": "3 kg", "powr": "3 kVA", "hazard_class": 4, "travel_max": {"port": "0 min"}, "uses": 7},
        "weights": {"acess_score": 1}, "sites": {"kinds": ["lake"], "holders": 2}, "stability": {"spread": 1.0},
    })  # fmt: skip
    for word in ("'naem'; did you mean 'name'", "'machinry'; did you mean 'machinery'", "top must", "area has no unit", "rectangle is negative", "height has a unit",
                 "'powr'; did you mean 'power'", "hazard_class must be 1, 2 or 3", "travel_max.port is 0", "uses must", "'acess_score'; did you mean 'access_score'",
                 "sites.kinds must", "'holders'; did you mean 'holders_most'", "stability.spread must"):  # fmt: skip
        assert any(word in one for one in told), word
    assert len(told) == 14


def test_demands_that_contradict_each_other_are_told():
    assert "less than the rectangle" in faults({"needs": {"area": "1 mu", "rectangle": ["100 m", "40 m"]}})[0]
    assert faults({"needs": {"area": "5 mu"}, "weights": {"cost": 0}}) == [
        "weights are all 0: nothing says which site is better"
    ]
    # 1e308 + 1e308 has no bound, and a ranking by it no points.
    assert faults({"needs": {"area": "5 mu"}, "weights": {"cost": 1e308, "travel": 1e308}})[1].startswith(
        "weights.travel is above 1,000,000"
    )
    assert "area is 0" in faults({"needs": {"area": "0 m2"}})[0]
    assert "needs nothing" in faults({"name": "A"})[0]


def test_an_industry_without_needs_is_told_unless_the_brief_has_its_own():
    assert "has no needs in the packs" in faults({"industry": "41"})[0]
    assert read_brief({"industry": "41", "needs": {"area": "3 mu"}}).needs.industry == "41"


def test_what_is_no_table_is_refused():
    for written in ([], "x", None, 3):
        with pytest.raises(InputError, match="table"):
            read_brief(written)
    assert faults({"needs": 3, "sites": "parcel", "industry": "machinery"}) == [
        "needs must be a table: write [needs]",
        "sites must be a table: write [sites]",
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["area", "uses", "rectangle", "port", "kinds", "top"]) | st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["name", "industry", "top", "needs", "weights", "sites", "stability"]),
        json_values,
        max_size=5,
    )
)
def test_any_json_is_a_brief_or_one_message(written):
    try:
        brief = read_brief(written)
    except InputError:
        return
    assert brief.top >= 1


def test_the_briefs_in_the_documents_are_read():
    files = sorted((DOCS / "briefs").glob("*.toml"))
    assert files
    for file in files:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
        if "projects" not in written:
            assert read_brief(written).name
            assert read_brief(json.loads(json.dumps(written))) == read_brief(written)


class TestIndustries:
    def test_a_dozen_and_more_are_shipped_each_whole_with_its_source(self):
        known = industry_needs(load_packs(["national"], Path()))
        codes = {needs.industry for needs in known.values()}
        assert codes >= {"13", "14", "26", "27", "29", "30", "33", "34", "35", "36", "38", "39", "40", "59"}
        for needs in known.values():
            assert needs.source
            assert needs.zh != needs.key
            assert needs.uses
            assert needs.rectangle_m is not None
            assert needs.rectangle_m[0] * needs.rectangle_m[1] <= needs.area_m2

    def test_none_of_them_passes_for_a_regulations_figure(self):
        group = load_packs(["national"], Path()).group("industries")
        assert all(figure.kind == "setting" and not figure.verified for figure in group.values())

    def test_an_office_adds_one_and_changes_one(self, pack):
        rules = pack(
            f'[industries.boats]\nvalue = {{ name = ["船舶", "Boats"], code = ["37"], area = ["90 亩"] }}\n{SOURCE}'
            f'[industries.machinery]\nvalue = {{ code = ["34"], area = ["1 ha"] }}\n{SOURCE}'
        )
        known = industry_needs(rules)
        assert (known["boats"].area_m2, known["boats"].zh, known["boats"].source) == (
            60_000,
            "船舶",
            "a study of ours, 2026",
        )
        assert known["machinery"].area_m2 == 10_000
        assert known["machinery"].rectangle_m is None
        assert math.isnan(known["boats"].power_kva)
        assert "electronics" in known
        assert read_brief({"industry": "37"}, rules).needs.area_m2 == 60_000

    def test_faults_of_all_of_them_are_told(self, pack):
        rules = pack(
            f'[industries.boats]\nvalue = {{ area = ["90"] }}\n{SOURCE}[industries.trains]\nvalue = {{ areas = ["9 ha"] }}\n{SOURCE}'
        )
        with pytest.raises(
            PackError, match=r"(?s)industries.boats: area .*industries.trains: unknown key 'areas'"
        ):
            industry_needs(rules)

    def test_weights_of_a_pack_name_criteria(self, pack):
        with pytest.raises(PackError, match="no criterion"):
            Terms.of(pack(f"[siting.weights]\nvalue = {{ beauty = 1 }}\n{SOURCE}"))
        assert set(Terms.of(load_packs(["national"], Path())).weights) <= set(CRITERIA)
