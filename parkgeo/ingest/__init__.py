"""The only code that opens users' files: formats, encodings, coordinate systems, repair, and the account of it all."""

from __future__ import annotations

from parkgeo.ingest.read import Intake, read_layers

__all__ = ["Intake", "read_layers"]
