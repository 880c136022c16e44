"""An office's own pack: what `check` tells of it, and the starter that it is written from."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from parkgeo.errors import InputError, PackError
from parkgeo.packs import check_pack, load_packs, starter
from parkgeo.packs.book import known_figures
from parkgeo.packs.reading import parse_pack

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '[pack]\nname = "county"\nedition = "2026"\n'
OURS = 'source = "the county\'s rules"\nedition = "2026"\nverified = true\n'


def figure(key: str, value: str, more: str = "", ours: str = OURS) -> str:
    return f"[{key}]\nvalue = {value}\n{more}{ours}"


class TestCheck:
    @pytest.fixture
    def check(self, tmp_path: Path):
        def look(text: str, over: tuple[str, ...] = ("national",)):
            (tmp_path / "office.toml").write_text(text, encoding="utf-8")
            return check_pack(tmp_path / "office.toml", over)

        return look

    @staticmethod
    def told(checked) -> dict[str, str]:
        return {remark.key: remark.about for remark in checked.remarks}

    def test_all_faults_of_reading_and_of_laying_at_once(self, check):
        checked = check(
            HEAD
            + 'switch_on = ["idle.fee_shares"]\n'
            + figure("idle.full_year", "1")
            + figure("benchmark.far", "2", ours=OURS.replace("true", "false"))
            + "[land.reserve]\nvalue = 1\n"
        )
        assert not checked.clean
        assert len(checked.faults) == 7
        for said in (
            "idle.full_years",
            "idle.fee_share'",
            "benchmark.far",
            "land.reserve: source is missing",
        ):
            assert any(said in fault for fault in checked.faults), said

    def test_what_it_changes(self, check):
        checked = check(
            HEAD
            + 'switch_on = ["control.green_ratio_max"]\n'
            + figure("idle.fee_share", "0.1")
            + figure("idle.recovery_years", '""')
            + figure("control.far_min_project", "1.2")
            + figure("control.green_ratio_max", "0.15", ours=OURS.replace("true", "false"))
        )
        assert checked.clean
        assert not checked.faults
        assert self.told(checked) == {
            "idle.fee_share": "replaces",
            "idle.recovery_years": "left_empty",
            "control.green_ratio_max": "on_unverified",
        }
        fee = next(remark for remark in checked.remarks if remark.key == "idle.fee_share")
        assert (fee.now, fee.before, fee.pack) == ("0.1", "0.2", "national")

    def test_what_is_likely_not_meant(self, check):
        checked = check(
            HEAD
            + figure("boundary.area_tolerance", "2", 'unit = "%"\n')
            + figure("idle.fee_share", "0.2")
            + figure("land.reserve", '["16"]')
            + figure("control.far_min_project", "1.2", ours=OURS.replace("true", "false"))
            + figure("evaluation.weights", "{ tax_per_mu = 100 }")
        )
        assert self.told(checked) == {
            "boundary.area_tolerance": "same",
            "idle.fee_share": "same",
            "land.reserve": "same",
            "control.far_min_project": "off",
            "evaluation.weights": "unknown_name",
        }
        assert not checked.clean
        assert not checked.faults

    def test_names_of_other_indicators_are_known(self, check):
        text = HEAD + figure("evaluation.weights", "{ tax_wan_per_mu = 60, output_wan_per_mu = 40 }")
        assert check(text).clean

    def test_compared_with_the_packs_it_lies_over(self, check):
        text = HEAD + figure("control.far_min_project", "1.5")
        assert self.told(check(text, ("national", "jiangsu-south"))) == {"control.far_min_project": "same"}
        assert self.told(check(text, ("national", "jiangsu-north"))) == {
            "control.far_min_project": "replaces"
        }
        assert self.told(check(text)) == {}

    def test_industry_codes_are_no_misspelled_names(self, check):
        text = HEAD + figure("control.far_min_by_industry_2002", '{ "36" = 1.2, "98" = 1 }')
        assert [remark.about for remark in check(text).remarks] == ["replaces"]

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(InputError, match=r"none\.toml"):
            check_pack(tmp_path / "none.toml")


class TestStarter:
    def test_as_it_stands_it_changes_nothing(self, tmp_path):
        book = load_packs(["national"], tmp_path)
        text = starter("ours.toml", "2026", book.figures.values(), ("national",))
        (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
        assert load_packs(["national", "ours.toml"], tmp_path).figures == book.figures
        assert check_pack(tmp_path / "ours.toml").clean

    def test_taking_away_one_mark_and_filling_in_the_source_sets_a_figure(self):
        every = known_figures().values()
        filled = starter("ours.toml", "2026", every, ("national",)).replace(
            'source = "", edition = "", verified = false', 'source = "ours", edition = "1", verified = true'
        )
        for each in every:
            short = each.key.split(".", 1)[1]
            before, after = filled.split(f"\n[{each.key.split('.')[0]}]\n")
            text = (
                before
                + f"\n[{each.key.split('.')[0]}]\n"
                + ("\n" + after).replace(f"\n# {short} = ", f"\n {short} = ", 1)
            )
            found = parse_pack({"ours.toml": text.encode()}, "ours.toml", known_figures())
            assert set(found.figures) == {each.key}
            assert found.figures[each.key].value == each.value
            assert found.figures[each.key].unit == each.unit

    def test_a_figure_without_a_source_is_refused(self):
        text = starter("ours.toml", "2026", [known_figures()["idle.fee_share"]], ("national",))
        with pytest.raises(PackError, match=r"idle\.fee_share: source is empty"):
            parse_pack(
                {"ours.toml": text.replace("# fee_share", "fee_share").encode()}, "ours", known_figures()
            )

    def test_hostile_words_stay_in_their_comment_and_their_string(self):
        bad = replace(
            known_figures()["idle.blank_actual_start"],
            zh="县\n[idle.fee_share]",
            value='a"\n\x7f[x]',
            source="s\r\nx = 1",
        )
        text = starter('a"\n[x].toml', "2026", [bad], ("national",))
        assert set(tomllib.loads(text)) == {"pack", "idle"}
        set_here = tomllib.loads(text.replace("# blank", "blank"))
        assert set_here["idle"]["blank_actual_start"]["value"] == bad.value
        assert set_here["pack"]["name"] == 'a"\n[x]'
