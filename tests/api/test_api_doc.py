"""What the page about the API shows runs as it stands there, against the sample park."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.api.sample_service import HANDBOOK_CHANGES, pack_office, serve_copy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/api.md").read_text(encoding="utf-8")
SHOWN = "http://127.0.0.1:8000"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


COMMANDS = [block for block in blocks("sh") if "ogr" not in block]


@pytest.fixture(scope="module")
def served(sample_run, tmp_path_factory):
    with serve_copy(sample_run.snapshot, tmp_path_factory.mktemp("served")) as url:
        yield url


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return pack_office(tmp_path_factory.mktemp("sent"))


@pytest.fixture
def desk(archive, tmp_path, monkeypatch):
    """A folder with what the commands send, and a curl that fails where the service refuses."""
    shutil.copy(archive, tmp_path / "office.zip")
    (tmp_path / "changes.geojson").write_text(HANDBOOK_CHANGES, encoding="utf-8", newline="\n")
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n", encoding="utf-8")
    monkeypatch.setenv("CURL_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_shell(block, url):
    for tool in ("bash", "curl"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    command = ["bash", "-euo", "pipefail", "-c", block.replace(SHOWN, url)]
    return subprocess.run(command, capture_output=True, timeout=300, check=False, encoding="utf-8")


@pytest.mark.parametrize("block", COMMANDS, ids=range(len(COMMANDS)))
def test_commands_run(block, served, desk):
    done = in_shell(block, served)
    assert done.returncode == 0, block + done.stdout[:2_000] + done.stderr
    for place in re.findall(r"-o (\S+)", block):
        assert (desk / place).stat().st_size > 100
    for answer in re.findall(r'"numberMatched":(\d+)', done.stdout):
        assert int(answer) > 0, block
    assert done.stdout.count('"numberMatched"') >= len(re.findall(r"items|idle\.geojson", block))


def test_three_ways_to_ask_the_same_agree(served, desk):
    assert desk.is_dir()
    done = in_shell(COMMANDS[0], served)
    first, second, third = map(int, re.findall(r'"numberMatched":(\d+)', done.stdout))
    assert first == second == 14
    assert 0 < third < first


@pytest.mark.skipif(
    not shutil.which("ogr2ogr"), reason="GDAL's programs are not installed (Debian: gdal-bin)"
)
def test_commands_of_gdal_run(served, desk):
    (block,) = [block for block in blocks("sh") if "ogr" in block]
    done = in_shell(block, served)
    assert done.returncode == 0, done.stderr
    assert "Feature Count: 317" in done.stdout
    import pyogrio

    assert len(pyogrio.read_dataframe(desk / "idle.gpkg")) == 14


def test_python_runs(served, desk):
    told = []
    for block in blocks("python"):
        # In a process of its own: GDAL holds Python up while it waits for the server, which runs in this one.
        done = subprocess.run(
            [sys.executable, "-c", block.replace(SHOWN, served)],
            capture_output=True,
            timeout=120,
            check=False,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.splitlines())
    ours, others = told
    assert ours[0].startswith("14 ")
    assert ours[-1].startswith("400 ")
    assert "idel" in ours[-1]
    assert (desk / "idle.gpkg").stat().st_size > 10_000
    assert others == ["317 14"]


def test_javascript_runs(served, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    (block,) = blocks("js")
    script = tmp_path / "read.mjs"
    script.write_text(block.replace(SHOWN, served).replace("limit=100", "limit=4"), encoding="utf-8")
    done = subprocess.run(
        [node, script],
        capture_output=True,
        timeout=60,
        check=False,
        encoding="utf-8",
        env={**os.environ, "NODE_OPTIONS": ""},
    )
    assert done.stdout.strip() == "14 parcels are suspected idle", done.stderr


def test_the_error_that_is_shown_is_the_one_that_comes(served):
    (shown,) = map(json.loads, blocks("json"))
    answer = httpx.get(f"{served}/collections/parcels/items", params={"filter": "idel = 'yes'"})
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert {name: told[name] for name in ("type", "title", "status", "detail")} == {
        name: shown[name] for name in ("type", "title", "status", "detail")
    }
    assert told["mend"]


def test_every_address_is_on_the_page(served):
    paths = httpx.get(f"{served}/api").json()["paths"]
    named = set(re.findall(r"`(?:GET |POST |DELETE )?(/[^`?]*)", PAGE))
    named |= {"/collections/{id}/sortables", "/collections/{id}/tiles/WebMercatorQuad/tilejson.json"}
    shapes = [re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", one)))) for one in named]
    missing = []
    for path in paths:
        asked = re.sub(r"\{[^}]*\}", "x", path.replace("{tileMatrixSetId}", "WebMercatorQuad"))
        if not any(shape.fullmatch(asked) for shape in shapes):
            missing.append(path)
    assert missing == []


def test_addresses_that_are_named_are_there(served):
    named = re.findall(r"`/([^`{]*?)(?:\?[^`]*)?`", PAGE.split("## Which features")[0])
    for path in sorted({one for one in named if not one.startswith(("uploads", "k/"))}):
        query = {"q": "GB00001"} if path == "search" else {}
        answer = httpx.get(f"{served}/{path}", params=query, timeout=120)
        assert answer.status_code == 200, path


@pytest.mark.parametrize("name", ["api.md", "qgis.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
