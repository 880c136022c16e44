"""parkgeo: what the land of an industrial park is doing.

For analysts, the whole surface is here: read a project, analyse it, open a workspace. Tables come as GeoDataFrames.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parkgeo.errors import ParkgeoError
    from parkgeo.ingest import read_layers
    from parkgeo.packs import load_packs
    from parkgeo.pipeline import analyse, run_project
    from parkgeo.project import read_project
    from parkgeo.store import Workspace

__version__ = "0.1.0"

__all__ = [
    "ParkgeoError",
    "Workspace",
    "__version__",
    "analyse",
    "load_packs",
    "read_layers",
    "read_project",
    "run_project",
]

# Each comes from its module when it is first asked for: importing parkgeo must not import geopandas.
_HOME = {
    "ParkgeoError": "parkgeo.errors",
    "Workspace": "parkgeo.store",
    "analyse": "parkgeo.pipeline",
    "load_packs": "parkgeo.packs",
    "read_layers": "parkgeo.ingest",
    "read_project": "parkgeo.project",
    "run_project": "parkgeo.pipeline",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module 'parkgeo' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """Public names, for completion."""
    return __all__
