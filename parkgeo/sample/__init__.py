"""The sample park: a made-up county industrial park, the same bytes for the same seed."""

from __future__ import annotations

from parkgeo.sample.write import write_sample

__all__ = ["write_sample"]
