"""An office's own maps, as they lie in the workspace now."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from api.asked.ask import Ask
    from maps.specs import MapSpec

__all__ = ["OwnMaps"]

_LOG = logging.getLogger("parkgeo.api")
_told: set[str] = set()
"""What was said of files already: a page that is opened again says nothing new."""


@dataclass(frozen=True)
class OwnMaps:
    """The maps of a workspace.

    Attributes
    ----------
    specs
        Those that can be read.
    mark
        Changes with them; empty where there are none.
    """

    specs: tuple[MapSpec, ...]
    mark: str

    @staticmethod
    async def of(ask: Ask) -> OwnMaps:
        """The maps of the service's workspace; what is wrong with a file goes to the log, once."""
        return await asyncio.to_thread(_read, ask.service.settings.workspace)


def _read(workspace: Path) -> OwnMaps:
    from maps.specs import workspace_specs

    specs, problems = workspace_specs(workspace)
    for problem in problems:
        if str(problem) not in _told:
            _told.add(str(problem))
            _LOG.warning("a map is left out: %s", problem)
    mark = hashlib.blake2s(repr(specs).encode(), digest_size=8).hexdigest() if specs else ""
    return OwnMaps(tuple(specs), mark)
