"""parkgeo: what the land of an industrial park is doing."""

from __future__ import annotations

__version__ = "0.1.0"
