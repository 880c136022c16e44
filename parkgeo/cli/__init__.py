"""The command line."""

from __future__ import annotations

from parkgeo.cli.app import main

__all__ = ["main"]
