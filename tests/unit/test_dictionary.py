"""docs/data-dictionary.md says what fields.toml says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from parkgeo.layers import schemas
from parkgeo.layers.dictionary import data_dictionary

COMMITTED = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_committed_dictionary_is_the_generated_one():
    assert COMMITTED.read_text(encoding="utf-8") == data_dictionary(), (
        "run python -m parkgeo.layers.dictionary docs/data-dictionary.md"
    )


def test_its_first_line_says_how_to_make_it(tmp_path):
    first = COMMITTED.read_text(encoding="utf-8").splitlines()[0]
    module = "parkgeo.layers.dictionary"
    assert f"python -m {module} docs/data-dictionary.md" in first
    made = tmp_path / "made.md"
    subprocess.run([sys.executable, "-m", module, str(made)], check=True)
    assert made.read_bytes() == COMMITTED.read_bytes()


def test_every_field_alias_and_code_is_in_it():
    text = data_dictionary()
    for layer in schemas().values():
        section = text.split(f"## `{layer.name}` ")[1].split("\n## ")[0]
        for field in layer.fields.values():
            row = next(line for line in section.splitlines() if line.startswith(f"| `{field.name}` |"))
            assert {field.zh, *field.aliases} <= {
                part for cell in row.split("|") for part in cell.strip().replace(" / ", "、").split("、")
            }
            for code in field.codes:
                assert f"| `{code}` |" in section


def test_a_table_has_as_many_cells_in_every_row():
    for section in data_dictionary().split("\n\n"):
        rows = [line for line in section.splitlines() if line.startswith("|")]
        assert len({line.replace("\\|", "").count("|") for line in rows}) <= 1
