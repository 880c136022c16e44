"""The HTTP API: a workspace's live snapshot as OGC API Features, as pages and as a map.

`DISTRIBUTION` and `__version__` tell this package from another one of the same name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo import __version__

if TYPE_CHECKING:
    from api.app import create_app
    from api.settings import Settings

__all__ = ["DISTRIBUTION", "Settings", "__version__", "create_app"]

DISTRIBUTION = "parkgeo"
"""The distribution that this package belongs to."""


def __getattr__(name: str) -> Any:
    """The service and its settings, when they are asked for: a job's process and the command line need a module or two."""
    if name == "create_app":
        from api.app import create_app

        return create_app
    if name == "Settings":
        from api.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
