"""What the routes of one service share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.served.live import Live
    from api.settings import Settings

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
    """

    settings: Settings
    live: Live
