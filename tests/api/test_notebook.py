"""The notebook of the docs runs from its first cell to its last, and is kept without what it gave out."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.api.sample_service import serve_copy

PLACE = Path(__file__).parents[2] / "docs/notebooks/parkgeo-api.ipynb"

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(PLACE, as_version=4)


def run(notebook, folder, **environ):
    """Run a copy in a kernel of this very Python; its figures are drawn into memory."""
    kernel = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    manager = kernel.create_kernel_manager()
    manager.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kept = {name: value for name, value in os.environ.items() if name not in {"PARKGEO_URL", "PARKGEO_KEY"}}
    root = str(PLACE.parents[2])
    kernel.execute(
        env={**kept, "PYTHONPATH": root, "IPYTHONDIR": str(folder), "TMPDIR": str(folder), **environ}
    )
    return "\n".join(
        text
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        for text in (output.get("text", ""), output.get("data", {}).get("text/plain", ""))
    ), [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]


def test_it_is_kept_bare(notebook):
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    text = PLACE.read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|root|work|tmp|Users)/", text)


def test_it_runs_against_a_service(notebook, sample_run, tmp_path):
    with serve_copy(sample_run.snapshot, tmp_path / "served") as url:
        told, pictures = run(notebook.copy(), tmp_path, PARKGEO_URL=url)
    assert "14 parcels" in told
    assert "330599001" in told
    assert "nothing is sent there" in told
    assert "idle.gpkg" in told
    assert len(pictures) == 1


def test_it_starts_a_service_of_its_own(notebook, tmp_path):
    told, pictures = run(notebook.copy(), tmp_path)
    assert "14 parcels" in told
    assert told.rstrip().splitlines()
    assert re.search(r"^done$", told, flags=re.MULTILINE)
    assert len(pictures) == 1
