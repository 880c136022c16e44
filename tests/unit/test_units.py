"""Units of land, money and the rest."""

from __future__ import annotations

import pytest

from parkgeo.errors import ProjectError
from parkgeo.layers import schemas
from parkgeo.packs import shipped_packs
from parkgeo.units import _FACTORS, M2_PER_HA, M2_PER_MU, convert_factor, convertible, known_units


def test_fifteen_mu_are_a_hectare():
    assert pytest.approx(M2_PER_HA) == 15 * M2_PER_MU
    assert round(M2_PER_MU, 4) == 666.6667


@pytest.mark.parametrize(
    ("value", "written", "unit", "expected"),
    [
        (3, "亩", "m2", 2000), (3, "mu", "m2", 2000), (2, "公顷", "m2", 20_000), (2, "ha", "m2", 20_000), (1, "平方公里", "m2", 1e6),
        (50, "元", "wan", 0.005), (50, "千元", "wan", 5), (2, "亿元", "wan", 20_000), (2, "百万元", "wan", 200),
        (2, "km", "m", 2000), (2, "千米", "m", 2000), (3, "万千瓦时", "kWh", 30_000), (3, "度", "kWh", 3), (2, "MWh", "kWh", 2000),
        (3, "万吨", "m3", 30_000), (678.99, "万元/公顷", "wan/mu", 45.266), (45.266, "万元/亩", "wan/ha", 678.99),
        (30, "%", "1", 0.3), (60, "mph", "km/h", 96.56064), (500, "rai", "m2", 800_000), (500, "莱", "亩", 1200), (1, "公顷", "mu", 15), (1, "公顷", "亩", 15), (2, "t", "t", 2), (500, "kg", "t", 0.5), (2, "m", "mm", 2000),
    ],
)  # fmt: skip
def test_known_conversions(value, written, unit, expected):
    assert value * convert_factor(written, unit) == pytest.approx(expected)


@pytest.mark.parametrize("written", [" 亩 ", "MU", "Mu", "平方 米"])
def test_case_and_spaces_do_not_matter(written):
    assert convert_factor(written, "m2") > 0


@pytest.mark.parametrize(
    ("written", "unit"), [("元", "m2"), ("acre", "m2"), ("", "m2"), ("亩", "wan"), ("day", "year")]
)
def test_what_does_not_convert_is_refused_with_what_does(written, unit):
    with pytest.raises(ProjectError, match="does not convert") as told:
        convert_factor(written, unit)
    assert known_units(unit)[0] in str(told.value)


def test_a_unit_without_a_table_is_its_own():
    assert known_units("furlong") == ("furlong",)
    assert convert_factor("Furlong", "furlong") == 1.0


@pytest.mark.parametrize("unit", _FACTORS)
def test_every_listed_way_of_writing_is_found(unit):
    assert convert_factor(unit, unit) == 1.0
    for written in known_units(unit):
        assert convert_factor(written, unit) == _FACTORS[unit][written] > 0


def test_every_unit_of_a_field_or_a_figure_is_known():
    fields = {field.unit for layer in schemas().values() for field in layer.fields.values() if field.unit}
    assert fields <= set(_FACTORS)
    figures = {figure.unit for pack in shipped_packs() for figure in pack.figures.values() if figure.unit}
    assert figures <= {written for unit, table in _FACTORS.items() for written in (unit, *table)}


def test_units_convert_where_they_measure_the_same():
    assert convertible("rai", "亩")
    assert convertible(" 万元/公顷 ", "wan/mu")
    assert convertible("furlong", "Furlong")
    assert not convertible("year", "m2")
    assert not convertible("元", "亩")


@pytest.mark.parametrize(("one", "other"), [("亩", "rai"), ("公顷", "亩"), ("元", "亿元"), ("km", "cm")])
def test_there_and_back_changes_nothing(one, other):
    assert convert_factor(one, other) * convert_factor(other, one) == pytest.approx(1)


def test_money_of_every_measure_is_told_in_chinese():
    """In tables, reports and on the map: no "yuan" is left where a Chinese reader reads."""
    from maps.words import UNITS
    from parkgeo.export import titles
    from parkgeo.i18n import say
    from parkgeo.metrics.catalogue import METRICS
    from parkgeo.report import words

    units = {metric.unit for metric in METRICS}
    assert "yuan/t" in units
    for unit in units:
        told = [titles.unit_word(unit, "zh"), words.unit_word(unit, "zh")]
        assert not [word for word in told if "yuan" in word or "wan" in word], unit
    assert say(UNITS["yuan/t"], "zh") == titles.unit_word("yuan/t", "zh") == "元/吨"


def test_a_kind_of_facility_has_one_name_on_the_map_and_in_the_terminal():
    from maps.words import CODES
    from parkgeo.layers import schemas
    from parkgeo.report.words import code_word

    kinds = schemas()["facilities"].fields["kind"].codes
    differ = {kind: code_word(kind, "en") for kind in kinds if code_word(kind, "en") != CODES[kind]}
    assert differ == {}
