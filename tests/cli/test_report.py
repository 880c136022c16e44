"""`parkgeo explain` and `parkgeo report` as their users run them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import docx
import pytest

from tests.report_snapshot import build_report_snapshot

if TYPE_CHECKING:
    from pathlib import Path

IDLE = "320000-GB00003"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    build_report_snapshot(folder, parcels=14)
    return folder


def test_explain_writes_a_page_and_a_pdf_and_says_so(run, workspace, tmp_path):
    page, paper = tmp_path / "d.html", tmp_path / "d.pdf"
    done = run("explain", IDLE, "-w", workspace, "--html", page, "--pdf", paper, "--lang", "zh")
    assert done.returncode == 0, done.stderr.decode()
    assert str(page) in done.stdout.decode()
    assert "疑似，待核实" in page.read_text(encoding="utf-8")
    assert paper.read_bytes().startswith(b"%PDF-")


def test_explain_writes_and_prints_json_in_one_run(run, workspace, tmp_path):
    done = run("explain", IDLE, "-w", workspace, "--html", tmp_path / "d.html", "--json")
    assert json.loads(done.stdout)["parcel_id"] == IDLE
    assert (tmp_path / "d.html").exists()


def test_explain_prints_the_lines_of_evidence(run, workspace):
    told = run("explain", IDLE, "-w", workspace, "--lang", "zh").stdout.decode()
    assert "合同: 闲置" in told
    assert "用电: 在用" in told


def test_explain_refuses_an_ending_that_is_not_the_options(run, workspace, tmp_path):
    done = run("explain", IDLE, "-w", workspace, "--pdf", tmp_path / "d.html")
    assert done.returncode == 2
    assert b"end the name in .pdf" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("lang", "title"),
    [("zh", "滨江工业园土地闲置、利用与产出"), ("en", "Land of 滨江工业园: idleness, use and yield")],
)
def test_report_writes_a_word_file(run, workspace, tmp_path, lang, title):
    file = tmp_path / "park.docx"
    done = run("report", "-w", workspace, "-o", file, "--lang", lang)
    assert done.returncode == 0, done.stderr.decode()
    assert docx.Document(file).paragraphs[0].text == title


def test_report_writes_a_pdf(run, workspace, tmp_path):
    file = tmp_path / "park.pdf"
    assert run("report", "-w", workspace, "-o", file).returncode == 0
    assert file.read_bytes().startswith(b"%PDF-")


def test_report_refuses_an_unknown_format_and_leaves_nothing(run, workspace, tmp_path):
    done = run("report", "-w", workspace, "-o", tmp_path / "park.xlsx")
    assert done.returncode == 2
    assert b".docx" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_of_fonts_that_is_not_there_is_named(run, workspace, tmp_path):
    done = run("report", "-w", workspace, "-o", tmp_path / "park.pdf", "--font-path", tmp_path / "none")
    assert done.returncode == 2
    assert b"--font-path names a folder" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no read-only folders in this sense")
def test_a_place_that_cannot_be_written_is_said_in_one_line(run, workspace, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    done = run("report", "-w", workspace, "-o", blocked / "park.html")
    assert done.returncode == 2
    assert len(done.stderr.decode().strip().splitlines()) == 1
