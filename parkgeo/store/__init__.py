"""Snapshots of finished analyses: written whole or not at all, read by name."""

from __future__ import annotations

from parkgeo.store.snapshot import Snapshot
from parkgeo.store.workspace import Workspace

__all__ = ["Snapshot", "Workspace"]
