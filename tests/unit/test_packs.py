"""Rule packs: what is refused, what overrides what, and that every shipped figure says where it comes from."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from parkgeo.errors import PackError, ProjectError
from parkgeo.packs import RuleBook, load_packs, shipped_packs
from parkgeo.packs.book import known_figures
from parkgeo.packs.reading import parse_pack
from parkgeo.packs.sources import source_in
from parkgeo.units import convertible

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


SHIPPED = [each for pack in shipped_packs() for each in pack.figures.values()]


@pytest.mark.parametrize("each", SHIPPED, ids=lambda each: f"{each.pack}-{each.key}")
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

    def test_agrees_with_the_most_general_figure_of_its_key(self, each):
        base = known_figures()[each.key]
        assert base.kind in {each.kind, "setting"}
        assert convertible(each.unit, base.unit)
        if not each.empty and not base.empty:
            assert isinstance(each.value, int | float) == isinstance(base.value, int | float)
            assert isinstance(each.value, bool) == isinstance(base.value, bool)


def test_the_figures_of_the_order():
    rules = {each.key: each.value for each in SHIPPED}
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
    assert [pack.name for pack in rules.packs] == ["common", "national", "county"]
    assert [one.pack for one in office(city, park).below("boundary.area_tolerance")] == [
        "office-0.toml",
        "common",
    ]


def office_folder() -> Path:
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
        (HEAD + figure("idle.start_yeers", "2"), r"\[idle\] has .*full_years"),
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
        (HEAD + figure("control.binding", "{}"), "not of the type"),
        (HEAD + figure("control.binding", '""'), "not of the type"),
        (HEAD + figure("control.far_min_project", '"1.2"'), "not of the type"),
        (HEAD + figure("control.far_min_project", "true"), "not of the type"),
        (HEAD + figure("control.far_min_by_industry_2002", "1.2"), "not of the type"),
        (HEAD + figure("control.far_min_by_industry_2002", '{ "36" = ["a"] }'), "not of the type"),
        (HEAD + figure("control.far_min_by_industry_2023", '{ "36" = "1.2" }'), "table of numbers"),
        (HEAD + figure("control.far_min_by_industry_2023", '{ "36" = true }'), "table of numbers"),
        (
            HEAD + figure("control.far_min_by_industry_2023", '{ "36" = 1.2, "37" = nan }'),
            r"2023\.37: .*from 0 up",
        ),
        (HEAD + figure("control.far_min_by_industry_2023", '{ "36" = -1 }'), "from 0 up"),
        (HEAD + figure("idle.blank_actual_start", "2025-01-01"), "not of the type"),
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


def test_what_does_not_go_together_is_told_at_once(office):
    head = HEAD + 'switch_on = ["idle.full_year", "idle.fee_shares"]\n'
    doubtful = figure("benchmark.far", "2", ours=OURS.replace("true", "false"))
    with pytest.raises(PackError) as told:
        office(head + doubtful)
    assert str(told.value).startswith("3 to mend")
    assert "idle.fee_share'" in str(told.value)


def test_a_pack_in_gbk_is_told_from_one_in_utf_8(tmp_path):
    (tmp_path / "gbk.toml").write_bytes((HEAD + "# 县\n").encode("gbk"))
    with pytest.raises(PackError, match="UTF-8"):
        load_packs(["gbk.toml"], tmp_path)
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert load_packs(["national", "bom.toml"], tmp_path).packs[2].name == "county"


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
    assert one.packs[2].sha256 != other.packs[2].sha256
    assert [pack.sha256 for pack in one.packs[:2]] == [pack.sha256 for pack in other.packs[:2]]


def test_the_guide_names_every_pack_and_every_group():
    guide = (Path(__file__).parents[2] / "docs/rule-packs.md").read_text(encoding="utf-8")
    for pack in shipped_packs():
        assert f"`{pack.name}`" in guide, pack.name
    for group in {key.split(".")[0] for key in known_figures()}:
        assert f"\n| `{group}` |" in guide, group


class TestFigure:
    """What a figure may hold, and that it is read only as what it is."""

    def test_a_table_of_numbers(self, office):
        table = office()["control.far_min_by_industry_2002"]
        assert table.table()["25"] == 0.5
        assert table.written().startswith("13 = 1.0, 14 = 1.0")
        text = HEAD + figure(
            "control.investment_min_by_industry_2008", '{ "36" = 200 }', 'unit = "万元/亩"\n'
        )
        assert office(text)["control.investment_min_by_industry_2008"].table("wan/ha") == {"36": 3000}

    def test_lists_and_tables_of_lists(self, office):
        rules = office()
        assert rules["control.binding"].texts() == ("far", "building_coefficient", "office_land_share")
        ways = figure("way.grounds", '{ recover = ["a", "b"], swap = [] }', 'kind = "setting"\n')
        pack = parse_pack({"x.toml": (HEAD + ways).encode()}, "x", None)
        assert pack.figures["way.grounds"].lists() == {"recover": ("a", "b"), "swap": ()}
        assert pack.figures["way.grounds"].written() == "recover = a, b; swap = —"
        with pytest.raises(PackError, match="table of numbers"):
            pack.figures["way.grounds"].table()

    @pytest.mark.parametrize(
        ("key", "read"),
        [
            ("idle.full_years", "texts"),
            ("idle.full_years", "flag"),
            ("idle.full_years", "text"),
            ("idle.full_years", "table"),
            ("idle.full_years", "lists"),
            ("idle.blank_actual_start", "flag"),
            ("idle.full_year_ends_on_anniversary", "text"),
            ("land.reserve", "table"),
            ("land.reserve", "text"),
            ("control.far_min_by_industry_2002", "lists"),
            ("control.far_min_by_industry_2002", "texts"),
            ("control.far_min_project", "number"),
        ],
    )
    def test_what_it_is_not_is_refused_with_its_pack(self, office, key, read):
        with pytest.raises(PackError, match=rf"{key} must be .* — national"):
            getattr(office()[key], read)()

    def test_read_as_what_it_is(self, office):
        rules = office()
        assert rules["idle.full_year_ends_on_anniversary"].flag() is True
        assert rules["idle.blank_actual_start"].text() == "not_started"
        assert rules["land.reserve"].texts() == ("16",)
        assert rules["idle.recovery_years"].written() == "2 year"
        assert rules["idle.fee_share"].written() == "0.2"
        assert rules["idle.full_year_ends_on_anniversary"].written() == "true"


class TestLeftEmpty:
    """Known to exist, and left to the office: nothing rests on it."""

    def test_is_not_in_force(self, office):
        rules = office()
        for key in ("control.far_min_project", "control.far_min_by_industry_2023"):
            assert rules[key].empty
            assert rules[key].written() == ""
            assert rules.get(key) is None

    def test_an_office_fills_it(self, office):
        assert (
            office(HEAD + figure("control.far_min_project", "1.2")).get("control.far_min_project").number()
            == 1.2
        )
        filled = office(HEAD + figure("control.far_min_by_industry_2023", '{ "36" = 1.2 }'))
        assert filled.get("control.far_min_by_industry_2023").table() == {"36": 1.2}

    def test_an_office_takes_a_figure_out_of_force(self, office):
        rules = office(HEAD + figure("idle.recovery_years", '""'))
        assert rules.get("idle.recovery_years") is None
        assert [one.written() for one in rules.below("idle.recovery_years")] == ["2 year"]

    def test_a_flag_that_is_false_and_a_zero_are_no_gaps(self, office):
        text = HEAD + figure("idle.full_year_ends_on_anniversary", "false") + figure("idle.fee_share", "0")
        rules = office(text)
        assert rules.get("idle.full_year_ends_on_anniversary").flag() is False
        assert rules.get("idle.fee_share").number() == 0


class TestLayers:
    def test_common_lies_under_all_and_only_once(self):
        for name in ("national", "scotland", "huangyan"):
            book = load_packs([name], office_folder())
            assert [pack.name for pack in book.packs] == ["common", name]
            assert book.get("boundary.area_tolerance") is not None
        assert len(load_packs(["common", "national"], office_folder()).packs) == 2

    def test_abroad_nothing_chinese_is_in_force(self):
        for pack in shipped_packs():
            if pack.place == "abroad":
                book = load_packs([pack.name], office_folder())
                assert {figure.pack for figure in book.figures.values()} == {"common", pack.name}
                assert book.get("idle.full_years") is None
                assert book.benchmark("far") is None

    def test_every_shipped_pack_lies_over_the_national_one(self):
        for pack in shipped_packs():
            if pack.place == "local":
                book = load_packs(["national", pack.name], office_folder())
                assert all(book[key].pack == pack.name for key in pack.figures)
                assert all(book[key].on for key in pack.figures)
                assert all(book.get(key) for key, each in pack.figures.items() if not each.empty)

    def test_get_and_group_leave_out_what_is_not_used(self, office):
        rules = office()
        assert rules.get("no.such") is None
        assert rules.get("idle.default_start_after_handover_years") is None
        assert set(rules.group("zone")) == {"industrial_land_share", "residential_land_share"}
        control = rules.group("control")
        assert control["office_land_share_max"].number() == 0.07
        assert not {"building_coefficient_min", "green_ratio_max", "far_min_project"} & set(control)
        assert not rules.group("idl")

    def test_a_group_in_two_files_of_a_pack_is_told(self):
        files = {"a.toml": (HEAD + figure("g.one", "1")).encode(), "b.toml": figure("g.two", "2").encode()}
        with pytest.raises(PackError, match=r"\[g\] stands in b.toml"):
            parse_pack(files, "x", None)

    def test_switching_on_does_not_verify(self, office):
        rules = office(HEAD + 'switch_on = ["control.building_coefficient_min"]\n')
        figure_on = rules.get("control.building_coefficient_min")
        assert figure_on.number() == 0.4
        assert not figure_on.verified
        assert not figure_on.as_evidence()["verified"]


class TestPublishedFigures:
    """Against the domain's tables, so that no slip of a digit ships."""

    def test_local_packs(self):
        held = {pack.name: {key: one.value for key, one in pack.figures.items()} for pack in shipped_packs()}
        weights = held["huangyan"]["evaluation.weights"]
        assert list(weights.values()) == [30, 20, 20, 10, 10, 10]
        assert list(weights)[:2] == ["tax_wan_per_mu", "value_added_wan_per_mu"]
        assert sum(held["huangyan"]["evaluation.weights_below_scale"].values()) == 100
        assert list(held["huangyan"]["evaluation.benchmarks"].values()) == [24.097, 136.16]
        assert list(held["changle"]["evaluation.bands_by_rank"].values()) == [0.2, 0.75, 0.95, 1]
        assert list(held["huaian"]["evaluation.bands_by_rank"].values()) == [0.2, 0.6, 0.95, 1]
        far = [held[f"jiangsu-{part}"]["control.far_min_project"] for part in ("south", "central", "north")]
        assert far == [1.5, 1.2, 1.0]
        assert list(held["fuzhou-national-parks"].values()) == [350, 300, 25]
        assert list(held["fuzhou-coastal-parks"].values()) == [270, 260, 20]
        assert held["dongyang"]["efficiency.tax_below_wan_per_mu"] == 5

    def test_a_place_is_judged_by_its_own_definition_alone(self):
        dongyang = load_packs(["national", "dongyang"], office_folder())
        assert dongyang.get("efficiency.no_tax_years") is None
        assert not dongyang["efficiency.not_producing"].flag()
        minhou = load_packs(["national", "minhou"], office_folder())
        assert minhou.get("efficiency.tax_below_wan_per_mu") is None
        assert minhou["efficiency.no_tax_years"].number("year") == 2

    def test_bands_rise_to_all(self):
        for each in SHIPPED:
            if each.key == "evaluation.bands_by_rank" and not each.empty:
                shares = list(each.table().values())
                assert shares == sorted(shares)
                assert shares[-1] == 1

    def test_abroad(self):
        def area(name: str, key: str) -> float:
            return load_packs([name], office_folder())[key].number("m2")

        assert area("scotland", "state.smallest_area_m2") == 1000
        assert area("england", "state.smallest_area_m2") == 2500
        assert area("thailand", "park.area_min_m2") == 800_000
        hong_kong = load_packs(["hong-kong"], office_folder())
        assert [hong_kong[f"control.far_{end}"].number() for end in ("min", "max")] == [1, 2.5]
        assert [hong_kong[f"park.net_to_gross_{end}"].number() for end in ("min", "max")] == [0.6, 0.65]
        assert load_packs(["singapore"], office_folder())["control.core_floor_share_min"].number() == 0.6

    def test_averages_of_zones(self, office):
        rules = office()
        now = {name: one.number() for name, one in rules.group("benchmark").items()}
        rates = ("development_rate", "supply_rate", "completion_rate", "industrial_land_rate")
        assert [now[name] for name in rates] == [0.8966, 0.9284, 0.9247, 0.4778]
        assert [now[f"{name}_2019"] for name in rates] == [0.8946, 0.9268, 0.9277, 0.4852]
        assert [now["far"], now["far_2019"], now["industrial_far"], now["building_density"]] == [
            1.06,
            0.98,
            0.93,
            0.3387,
        ]
        assert rules.benchmark("industrial_tax_wan_per_ha").number("wan/mu") == pytest.approx(45.266)
        assert now["industrial_fixed_assets_wan_per_ha"] == 8984.3
        assert now["industrial_fixed_assets_wan_per_ha_2009"] == 4812.43
        assert now["overall_tax_wan_per_ha"] == 539.96

    def test_every_class_of_2002_in_manufacturing_has_its_floor_area_ratio(self, office):
        table = office()["control.far_min_by_industry_2002"].table()
        assert set(table) == {str(code) for code in range(13, 44) if code != 38}
        by_value = {value: sum(each == value for each in table.values()) for value in set(table.values())}
        assert by_value == {1.0: 11, 0.8: 7, 0.7: 8, 0.6: 3, 0.5: 1}


@pytest.mark.parametrize(
    "pack", [pack for pack in shipped_packs() if pack.place != "abroad"], ids=lambda pack: pack.name
)
def test_every_source_of_china_has_its_chinese(pack):
    for figure in pack.figures.values():
        told = source_in(figure.cite(), "zh").replace("parkgeo", "")
        assert not re.search("[a-z]{3,}", told), figure.key
        assert source_in(figure.cite(), "en") == figure.cite()
