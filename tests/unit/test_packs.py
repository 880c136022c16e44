"""Rule packs: what is refused, what overrides what, and that every shipped figure says where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from parkgeo.errors import PackError, ProjectError
from parkgeo.packs import RuleBook, load_packs, shipped_packs

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '[pack]\nname = "county"\nedition = "2026"\n'
OURS = 'source = "the county\'s rules"\nedition = "2026"\nverified = true\n'


@pytest.fixture
def office(tmp_path: Path):
    """Lay texts, as packs, over the national one."""

    def rules(*texts: str) -> RuleBook:
        names = [f"office-{at}.toml" for at in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            (tmp_path / name).write_text(text, encoding="utf-8")
        return load_packs(["national", *names], tmp_path)

    return rules


def figure(key: str, value: str, more: str = "", ours: str = OURS) -> str:
    return f"[{key}]\nvalue = {value}\n{more}{ours}"


NATIONAL = [each for pack in shipped_packs() for each in pack.figures.values()]


@pytest.mark.parametrize("each", NATIONAL, ids=lambda each: each.key)
class TestShipped:
    def test_says_what_and_where_from_in_both_languages(self, each):
        assert all(text.strip() for text in (each.zh, each.en, each.source, each.edition))
        assert any("\u4e00" <= letter <= "\u9fff" for letter in each.zh)
        assert bool(each.clause_zh) == bool(each.clause_en)

    def test_a_rule_names_its_clause(self, each):
        assert each.clause_zh or each.kind != "rule"

    def test_verified_has_a_source_that_can_be_looked_up(self, each):
        doubtful = ("not seen", "general knowledge", "parkgeo's reading", "parkgeo's setting")
        if each.verified:
            assert not any(word in each.source for word in doubtful)
        else:
            assert any(word in each.source for word in doubtful)

    def test_is_on_only_where_verified_or_openly_ours(self, each):
        assert each.on == (each.verified or each.kind in ("reading", "setting"))

    def test_a_number_has_a_unit_and_is_finite(self, each):
        if isinstance(each.value, int | float) and not isinstance(each.value, bool):
            assert each.unit
            assert math.isfinite(each.value)
            assert each.number() == each.value


def test_the_figures_of_the_order():
    rules = {each.key: each.value for each in NATIONAL}
    assert rules["idle.full_years"] == 1
    assert rules["idle.fee_share"] == 0.2
    assert rules["idle.recovery_years"] == 2
    assert rules["form.double_storey_above_m"] == 8


def test_benchmarks_are_compared_per_mu(office):
    rules = office()
    assert rules["benchmark.tax_wan_per_mu"].number("wan/mu") == pytest.approx(45.266)
    assert rules["benchmark.fixed_assets_wan_per_mu"].number("wan/mu") == pytest.approx(598.9533, abs=1e-4)
    assert rules["benchmark.output_wan_per_mu"].number("wan/mu") == pytest.approx(837.5553, abs=1e-4)
    assert rules["benchmark.far"].number("1") == 1.06


def test_a_benchmark_may_be_written_in_another_unit(office):
    rules = office(HEAD + figure("benchmark.tax_wan_per_mu", "25", 'unit = "万元/亩"\n'))
    assert rules.benchmark("tax_wan_per_mu").number("wan/mu") == 25
    assert office(HEAD + figure("boundary.overlap_m2", "0.003", 'unit = "亩"\n'))[
        "boundary.overlap_m2"
    ].number("m2") == pytest.approx(2)


def test_no_benchmark_is_none_and_no_figure_is_an_error(office):
    assert office().benchmark("value_added_wan_per_mu") is None
    with pytest.raises(PackError, match="no figure"):
        office()["idle.nothing"]


def test_later_packs_override_earlier_ones_key_by_key(office):
    city, park = (HEAD + figure("boundary.area_tolerance", value) for value in ("0.05", "0.01"))
    assert office(city, park)["boundary.area_tolerance"].value == 0.01
    assert office(park, city)["boundary.area_tolerance"].value == 0.05
    rules = office(city)
    assert rules["boundary.outside_tolerance"].value == 0.01
    assert rules["boundary.area_tolerance"].pack == "office-0.toml"
    assert (
        rules["boundary.area_tolerance"].zh
        == load_packs(["national"], office_folder())["boundary.area_tolerance"].zh
    )
    assert rules["boundary.area_tolerance"].source == "the county's rules"
    assert [pack.name for pack in rules.packs] == ["national", "county"]


def office_folder() -> Path:
    from pathlib import Path

    return Path()


def test_what_is_not_verified_is_off_until_switched_on(office):
    key = "idle.default_start_after_handover_years"
    assert not office()[key].on
    switched = HEAD + f'switch_on = ["{key}"]\n'
    assert office(switched)[key].on
    assert not office(switched)[key].verified
    # A pack of its own figure, not verified, leaves it off; switched on in another pack, that figure is on.
    own = HEAD + figure(key, "2", ours=OURS.replace("true", "false"))
    assert not office(own)[key].on
    both = office(switched, own)
    assert both[key].on
    assert both[key].value == 2


def test_an_unverified_figure_does_not_silently_replace_one_in_force(office):
    doubtful = figure("benchmark.far", "2", ours=OURS.replace("true", "false"))
    with pytest.raises(PackError, match=r"benchmark\.far"):
        office(HEAD + doubtful)
    rules = office(HEAD + 'switch_on = ["benchmark.far"]\n' + doubtful)
    assert rules.benchmark("far").value == 2
    assert not rules.benchmark("far").verified


def test_a_setting_needs_no_verification(office):
    text = HEAD + figure("boundary.area_tolerance", "0.03", ours=OURS.replace("true", "false"))
    assert office(text)["boundary.area_tolerance"].number() == 0.03


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + figure("idle.full_year", "1"), "did you mean 'idle.full_years'"),
        (HEAD + "[idle]\nfull_years = 1\n", "must be a table"),
        (HEAD + "idle = 1\n", "must be a table of figures|unknown key"),
        ("idle = 1\n" + HEAD, "idle must be a table of figures"),
        (HEAD + "[idle.full_years]\nvalue = 1\n", "source is missing"),
        (HEAD + "[idle.full_years]\nvalue = 1\n", "edition is missing"),
        (HEAD + "[idle.full_years]\nvalue = 1\n", "verified is missing"),
        (HEAD + f"[idle.full_years]\n{OURS}", "value is missing"),
        (HEAD + figure("idle.full_years", "1").replace("the county's rules", " "), "source is empty"),
        (HEAD + figure("idle.full_years", "1").replace('"2026"', '""'), "edition is empty"),
        (HEAD + figure("idle.full_years", '"one"'), "not of the type"),
        (HEAD + figure("idle.full_years", "true"), "not of the type"),
        (HEAD + figure("idle.full_year_ends_on_anniversary", "1"), "not of the type"),
        (HEAD + figure("land.reserve", '"16"'), "not of the type"),
        (HEAD + figure("land.reserve", "[16]"), "list of texts"),
        (HEAD + figure("boundary.area_tolerance", "nan"), "number from 0 up"),
        (HEAD + figure("boundary.area_tolerance", "inf"), "number from 0 up"),
        (HEAD + figure("boundary.area_tolerance", "-0.1"), "number from 0 up"),
        (HEAD + figure("boundary.overlap_m2", "1", 'unit = "year"\n'), "does not convert"),
        (HEAD + figure("idle.full_years", "1", 'colour = "red"\n'), "unknown key 'colour'"),
        (HEAD + figure("idle.full_years", "1", 'kind = "law"\n'), "kind must be"),
        (HEAD + figure("idle.default_start_after_handover_years", "1", 'kind = "setting"\n'), "kind is rule"),
        (HEAD + figure("idle.full_years", "1", 'clause = "art. 2"\n'), "clause must be"),
        (HEAD + figure("idle.full_years", "1").replace("true", '"yes"'), "verified must be"),
        ('[pack]\nedition = "1"\n', "name is missing"),
        ('[pack]\nname = "n"\n', "edition is missing"),
        (HEAD + 'colour = "red"\n', "unknown key 'colour'"),
        ("", "name is missing"),
        ('pack = "county"\n', "pack must be a table"),
        (HEAD + 'switch_on = "idle.full_years"\n', "list of keys"),
        (HEAD + 'switch_on = ["idle.full_year"]\n', "which no pack holds"),
        ("[pack\n", "not TOML"),
    ],
)
def test_what_cannot_be_followed_is_refused(office, text, said):
    with pytest.raises(PackError, match=said):
        office(text)


def test_all_faults_are_told_at_once(office):
    with pytest.raises(PackError) as told:
        office(HEAD + figure("idle.full_year", "1") + "[land.reserve]\nvalue = 1\n")
    assert str(told.value).startswith("5 to mend")


def test_a_pack_in_gbk_is_told_from_one_in_utf_8(tmp_path):
    (tmp_path / "gbk.toml").write_bytes((HEAD + "# 县\n").encode("gbk"))
    with pytest.raises(PackError, match="UTF-8"):
        load_packs(["gbk.toml"], tmp_path)
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert load_packs(["national", "bom.toml"], tmp_path).packs[1].name == "county"


def test_a_pack_that_is_nowhere(tmp_path):
    with pytest.raises(ProjectError, match="nationl"):
        load_packs(["nationl"], tmp_path)


def test_text_is_no_number(office):
    with pytest.raises(PackError, match="must be a number"):
        office()["idle.blank_actual_start"].number()
    with pytest.raises(PackError, match="must be a number"):
        office()["idle.full_year_ends_on_anniversary"].number()


def test_the_hash_is_of_the_file(office):
    one, other = (office(HEAD + figure("boundary.area_tolerance", value)) for value in ("0.03", "0.04"))
    assert one.packs[1].sha256 != other.packs[1].sha256
    assert one.packs[0].sha256 == other.packs[0].sha256
