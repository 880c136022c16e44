"""What the README shows runs as it stands there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_python_of_the_readme(name, tmp_path, monkeypatch, capsys):
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert blocks
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for block in blocks:
        exec(block, scope)  # noqa: S102 - our own README
    assert "idle_since" in capsys.readouterr().out
    assert len(scope["idle"]) > 0


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/idle-land.md"]
)
def test_links_of_the_docs_lead_somewhere(name):
    page = ROOT / name
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_both_readmes_show_the_same_commands():
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
    )
    for fence in ("sh", "bat"):
        pattern = rf"```{fence}\n(.*?)```"
        assert re.findall(pattern, english, re.DOTALL) == re.findall(pattern, chinese, re.DOTALL)


def test_ci_calls_the_test_command_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(
        r"<!-- test command -->\n```sh\n.*-m pytest -n auto --dist loadfile --no-loadscope-reorder\n```",
        readme,
    )
    assert "<!-- test command -->" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_public_names_are_what_is_exported():
    import parkgeo

    for name in parkgeo.__all__:
        assert getattr(parkgeo, name) is not None
    with pytest.raises(AttributeError):
        _ = parkgeo.no_such_name
