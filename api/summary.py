"""The few figures that stand on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

__all__ = ["Summary", "Tally", "summarize"]

_VERDICTS = ("yes", "undetermined", "no", "not_judged")


@dataclass(frozen=True, slots=True)
class Tally:
    """Parcels of one verdict.

    Attributes
    ----------
    parcels
        How many.
    area_m2
        Their computed area, m².
    """

    parcels: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a snapshot says in a line.

    Attributes
    ----------
    park
        Name of the park, as the office wrote it.
    parcels
        All parcels.
    idle
        Verdict (``yes``, ``undetermined``, ``no``, ``not_judged``) → parcels.
    """

    park: str
    parcels: Tally
    idle: dict[str, Tally]


def summarize(snapshot: Snapshot) -> Summary:
    """Count a snapshot's parcels by the verdict on idle land."""
    parcels = snapshot.read("parcels")
    area = parcels.get("site_area_m2", parcels.geometry.area)
    idle: dict[str, Tally] = {}
    if "idle" in parcels:
        verdict = parcels["idle"].fillna("not_judged")
        for name in _VERDICTS:
            judged = verdict.eq(name)
            idle[name] = Tally(int(judged.sum()), float(area[judged].sum()))
    park = str(snapshot.manifest.get("park") or "")
    return Summary(park, Tally(len(parcels), float(area.sum())), idle)
