"""The HTTP API: a workspace's live snapshot as OGC API Features, as pages and as a map.

`DISTRIBUTION` and `__version__` tell this package from another one of the same name.
"""

from __future__ import annotations

from api.app import create_app
from api.settings import Settings
from parkgeo import __version__

__all__ = ["DISTRIBUTION", "Settings", "__version__", "create_app"]

DISTRIBUTION = "parkgeo"
"""The distribution that this package belongs to."""
