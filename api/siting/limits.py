"""How much may be asked of sites at once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from parkgeo.errors import ProjectError

__all__ = ["SitingLimits"]


def _told(default: Any, variable: str, says: str) -> Any:
    """A setting that the environment may state; `api.settings` reads it."""
    return field(default=default, metadata={"variable": variable, "says": says})


@dataclass(frozen=True, slots=True)
class SitingLimits:
    """Settings of searches for sites, of fits and of allocations.

    Attributes
    ----------
    body_bytes
        Largest brief or portfolio.
    at_once, open
        Searches, fits and allocations that are worked on at the same time, and of these and those that wait for them in all.
    listed
        Most sites in a list of an answer, and most rows of a page of fits.
    draws
        Most draws of the weights that a brief may ask for.
    projects
        Most projects of a portfolio.
    allocation_s
        Longest time that a portfolio may ask for.

    Raises
    ------
    ProjectError
        One of them is not above zero.

    Examples
    --------
    >>> SitingLimits(at_once=1).projects
    60
    """

    body_bytes: int = _told(65_536, "PARKGEO_BRIEF_BYTES", "Largest brief or portfolio; 413 beyond")
    at_once: int = _told(
        2, "PARKGEO_SITING_AT_ONCE", "Site searches, fits and allocations worked on at the same time"
    )
    open: int = _told(16, "PARKGEO_SITING_OPEN", "Of these waiting or worked on in all; 429 beyond")
    listed: int = _told(
        1_000,
        "PARKGEO_SITING_LISTED",
        "Most sites in a list of an answer; more is refused, or counts as this",
    )
    draws: int = _told(5_000, "PARKGEO_SITING_DRAWS", "Most draws of the weights that a brief may ask for")
    projects: int = _told(60, "PARKGEO_ALLOCATION_PROJECTS", "Most projects of a portfolio; 413 beyond")
    allocation_s: float = _told(
        30.0,
        "PARKGEO_ALLOCATION_S",
        "Seconds that an allocation may take; a portfolio that asks for more gets this",
    )

    def __post_init__(self) -> None:
        for one in fields(self):
            if not getattr(self, one.name) > 0:
                raise ProjectError(
                    f"{getattr(self, one.name)} is no limit",
                    where=str(one.metadata["variable"]),
                    mend="use a number above 0",
                )
