"""Layers and packs → an analysis; a project → a snapshot."""

from __future__ import annotations

from parkgeo.pipeline.analysis import Analysis, analyse
from parkgeo.pipeline.run import Run, run_project

__all__ = ["Analysis", "Run", "analyse", "run_project"]
