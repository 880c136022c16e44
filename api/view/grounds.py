"""Basemaps as the service has them: read and opened once, when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.view.rasters import Rasters

if TYPE_CHECKING:
    from api.settings import Settings
    from maps.basemaps import Basemap

__all__ = ["Grounds"]


@dataclass(frozen=True)
class Grounds:
    """What may lie under the park.

    Attributes
    ----------
    basemaps
        In the order in which they are offered.
    rasters
        Those that are files.
    hosts
        From where pages may load pictures, beside the service itself.
    """

    basemaps: tuple[Basemap, ...] = ()
    rasters: Rasters = field(default_factory=lambda: Rasters(()))
    hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Grounds:
        """The basemaps that the settings name.

        Raises
        ------
        ProjectError
            The list, or a file on it, cannot be used.
        """
        if settings.basemaps is None:
            return cls()
        from maps.basemaps import picture_hosts, read_basemaps

        basemaps = read_basemaps(settings.basemaps, tianditu_key=settings.tianditu_key)
        return cls(basemaps, Rasters(basemaps), picture_hosts(basemaps))

    def listed(self) -> list[dict[str, Any]]:
        """What pages are told of them; addresses of the service's own are said from its root."""
        return [
            {**one.as_dict(), "urls": [f"basemaps/{one.id}/{{z}}/{{x}}/{{y}}"]}
            if one.file is not None
            else one.as_dict()
            for one in self.basemaps
        ]
