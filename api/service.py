"""What the routes of one service share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.tiles.painter import Painter
from api.view.grounds import Grounds
from api.view.kept import Kept

if TYPE_CHECKING:
    from api.exports.exporter import Exporter
    from api.guard.metrics import Metrics
    from api.jobs.jobs import Jobs
    from api.served.live import Live
    from api.settings import Settings
    from api.siting.desks import Desks

__all__ = ["Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes share.

    Attributes
    ----------
    settings
        What the service was told.
    live
        Which snapshot is served.
    metrics
        Figures for Prometheus; `api.guard.metrics.Metrics.watch` shows further ones.
    exporter
        Writes files to take away.
    jobs
        What is worked on for clients.
    desks
        Where sites are asked about.
    painter
        Draws vector tiles.
    views
        What the pages ask for.
    grounds
        Basemaps.
    """

    settings: Settings
    live: Live
    metrics: Metrics
    exporter: Exporter
    jobs: Jobs
    desks: Desks
    painter: Painter = field(default_factory=Painter)
    views: Kept = field(default_factory=Kept)
    grounds: Grounds = field(default_factory=Grounds)
