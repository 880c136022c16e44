"""Folium maps of a park that open without internet."""

from __future__ import annotations

from maps.document import render_map
from maps.park import park_map

__all__ = ["park_map", "render_map"]
