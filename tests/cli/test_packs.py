"""`parkgeo packs` as an office runs it."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from parkgeo.packs import shipped_packs

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '[pack]\nname = "county"\nedition = "2026"\n'
OURS = 'source = "our rules"\nedition = "2026"\nverified = true\n'


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A pack with one figure of its own."""
    file = tmp_path / "office.toml"
    file.write_text(HEAD + "[benchmark.far]\nvalue = 1.2\n" + OURS, encoding="utf-8")
    return file


class TestList:
    def test_every_pack_with_where_it_lies(self, run):
        text = run("packs", "list").stdout.decode()
        lines, places, place = {}, {}, ""
        for line in text.splitlines():
            if not line.startswith(" "):
                place = line
            elif not line.startswith("   "):
                lines[line.split()[0]], places[line.split()[0]] = line, place
        assert sorted(lines) == sorted(pack.name for pack in shipped_packs())
        assert places["common"] == "under all others, always"
        assert places["huangyan"] == "over the national pack"
        assert places["scotland"] == "by itself, outside China"
        assert "per-mu evaluation" in lines["huangyan"]
        assert run("packs", "list", COLUMNS="80").stdout.decode() == text  # no column breaks a word
        chinese = run("packs", "list", "--lang", "zh").stdout.decode()
        assert "黄岩区亩均效益评价" in chinese
        assert "under all others" not in chinese

    def test_counts_for_a_script(self, run):
        packs = {one["name"]: one for one in json.loads(run("packs", "list", "--json").stdout)["packs"]}
        for pack in shipped_packs():
            told = packs[pack.name]
            assert told["figures"] == len(pack.figures)
            assert told["off"] == sum(not figure.on for figure in pack.figures.values())
            assert told["place"] == pack.place
        assert packs["national"]["off"] > 0


class TestShow:
    def test_several_packs_with_what_each_figure_takes_the_place_of(self, run, office):
        done = run("packs", "show", "national", office, "--keys", "benchmark", "--lang", "en", COLUMNS="300")
        line = next(line for line in done.stdout.decode().splitlines() if line.startswith("benchmark.far "))
        assert "1.2" in line
        assert "in place of 1.06 (national)" in line
        figures = json.loads(run("packs", "show", "national", office, "--json").stdout)["figures"]
        far = next(one for one in figures if one["key"] == "benchmark.far")
        assert far["over"] == [{"pack": "national", "value": 1.06, "unit": "1"}]
        assert sum(bool(one["over"]) for one in figures) == 1

    def test_rows_are_whole_where_no_person_looks_on(self, run):
        for lang in ("zh", "en"):
            done = run("packs", "show", "hong-kong", "national", "--lang", lang, COLUMNS="80")
            lines = [line.rstrip() for line in done.stdout.decode().splitlines()][1:]
            figures = json.loads(run("packs", "show", "hong-kong", "national", "--json").stdout)["figures"]
            assert [line.split(" ")[0] for line in lines] == [one["key"] for one in figures]
            assert all(one[lang] in line for line, one in zip(lines, figures, strict=True))

    def test_what_no_rule_reads_is_said(self, run):
        figures = json.loads(run("packs", "show", "hong-kong", "--keys", "control", "--json").stdout)[
            "figures"
        ]
        assert {one["key"]: one["read"] for one in figures} == {
            "control.far_min": False,
            "control.far_max": False,
        }
        text = run("packs", "show", "hong-kong", "--lang", "zh").stdout.decode()
        assert "尚无规则使用" in next(
            line for line in text.splitlines() if line.startswith("control.far_max")
        )
        assert "尚无规则使用" not in next(line for line in text.splitlines() if line.startswith("boundary."))

    def test_a_file_alone_lies_over_the_national_pack(self, run, office):
        packs = json.loads(run("packs", "show", office, "--json").stdout)["packs"]
        assert [one["name"] for one in packs] == ["common", "national", "county"]

    def test_only_a_group(self, run):
        figures = json.loads(run("packs", "show", "national", "--keys", "zone", "--json").stdout)["figures"]
        assert {one["key"].split(".")[0] for one in figures} == {"zone"}
        done = run("packs", "show", "national", "--keys", "zones")
        assert done.returncode == 2
        assert b"zone" in done.stderr

    def test_what_is_left_empty_or_off_is_said(self, run):
        text = run("packs", "show", "national", "--keys", "control", COLUMNS="300").stdout.decode()
        lines = {line.split()[0]: line for line in text.splitlines() if line.startswith("control.")}
        assert "left empty" in lines["control.far_min_project"]
        assert "unverified, off" in lines["control.building_coefficient_min"]
        assert "off" not in lines["control.building_coefficient_min_2008"].split("2008")[-1]


class TestCheck:
    def test_in_order(self, run, office):
        done = run("packs", "check", office)
        assert done.returncode == 0
        text = done.stdout.decode()
        assert "benchmark.far: 1.2 in place of 1.06 (national)" in text
        assert "In order; figures set: 1." in text

    def test_something_to_look_at(self, run, tmp_path):
        file = tmp_path / "o.toml"
        file.write_text(HEAD + "[idle.fee_share]\nvalue = 0.2\n" + OURS, encoding="utf-8")
        done = run("packs", "check", file, "--lang", "zh")
        assert done.returncode == 1
        text = done.stdout.decode()
        assert "idle.fee_share" in text
        assert "leave it out" not in text

    def test_all_faults_at_once(self, run, tmp_path):
        file = tmp_path / "o.toml"
        file.write_text(
            HEAD
            + 'switch_on = ["no.such"]\n[idle.full_year]\nvalue = 1\n[idle.fee_share]\nvalue = "a fifth"\n',
            encoding="utf-8",
        )
        done = run("packs", "check", file)
        assert done.returncode == 2
        for said in (
            "did you mean 'idle.full_years'",
            "source is missing",
            "not of the type",
            "switch_on names 'no.such'",
        ):
            assert said in done.stdout.decode(), said
        told = json.loads(run("packs", "check", file, "--json").stdout)
        assert len(told["faults"]) == 6
        assert told["remarks"] == []

    @pytest.mark.parametrize("content", [b"\xc3\xdc", b"[pack", b"pack = 1"])
    def test_what_is_no_pack(self, run, tmp_path, content):
        file = tmp_path / "o.toml"
        file.write_bytes(content)
        assert run("packs", "check", file).returncode == 2
        assert run("packs", "check", tmp_path / "none.toml").returncode == 2
        assert run("packs", "check", tmp_path).returncode == 2

    def test_over_other_packs(self, run, tmp_path):
        file = tmp_path / "o.toml"
        file.write_text(HEAD + "[control.far_min_project]\nvalue = 1.5\n" + OURS, encoding="utf-8")
        assert run("packs", "check", file).returncode == 0
        assert run("packs", "check", file, "--over", "national", "--over", "jiangsu-south").returncode == 1
        assert run("packs", "check", file, "--over", "nowhere").returncode == 2


class TestNew:
    def test_a_new_pack_changes_nothing_and_is_in_order(self, run, tmp_path):
        file = tmp_path / "ours.toml"
        assert run("packs", "new", file).returncode == 0
        text = file.read_text(encoding="utf-8")
        assert set(tomllib.loads(text)["pack"]) == {"name", "zh", "en", "edition"}
        assert "\n# fee_share = { value = 0.2" in text
        assert "\n# overlap_m2 = " in text
        assert b"\r" not in file.read_bytes()
        assert run("packs", "check", file).returncode == 0

    def test_from_a_local_pack(self, run, tmp_path):
        file = tmp_path / "ours.toml"
        assert run("packs", "new", file, "--from", "huangyan").returncode == 0
        text = file.read_text(encoding="utf-8")
        assert '# weights = { value = { "tax_wan_per_mu" = 30' in text
        assert "fee_share" not in text
        filled = text.replace("# weights =", "weights =").replace(
            'source = "", edition = "", verified = false', 'source = "us", edition = "1", verified = true', 1
        )
        file.write_text(filled, encoding="utf-8")
        assert run("packs", "check", file).returncode == 0

    def test_from_a_pack_abroad_it_lies_over_nothing_chinese(self, run, tmp_path):
        file = tmp_path / "ours.toml"
        assert run("packs", "new", file, "--from", "scotland").returncode == 0
        assert 'packs = ["ours.toml"]' in file.read_text(encoding="utf-8")

    def test_only_some_groups(self, run, tmp_path):
        file = tmp_path / "ours.toml"
        assert run("packs", "new", file, "--keys", "idle", "--keys", "zone").returncode == 0
        assert set(tomllib.loads(file.read_text(encoding="utf-8"))) == {"pack", "idle", "zone"}

    @pytest.mark.parametrize(
        "more", [("--from", "nowhere"), ("--keys", "nothing"), ("--from", "scotland", "--keys", "idle")]
    )
    def test_what_cannot_be_begun_writes_nothing(self, run, tmp_path, more):
        file = tmp_path / "ours.toml"
        assert run("packs", "new", file, *more).returncode == 2
        assert not file.exists()

    def test_a_file_is_not_replaced_unasked(self, run, office):
        before = office.read_bytes()
        assert run("packs", "new", office).returncode == 2
        assert office.read_bytes() == before
        assert run("packs", "new", office, "--force").returncode == 0
        assert office.read_bytes() != before
        assert run("packs", "new", office.with_suffix(".txt")).returncode == 2
