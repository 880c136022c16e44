"""The few figures that stand on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["Summary", "Tally", "count_verdicts", "summarize"]

_VERDICTS = ("yes", "undetermined", "no", "not_judged")
_DECIDED = ("yes", "no")


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
        Verdict (``yes``, ``undetermined``, ``no``, ``not_judged``) → parcels; None where it could not be given.
    """

    park: str
    parcels: Tally
    idle: dict[str, Tally | None]


def summarize(snapshot: Snapshot, parcels: gpd.GeoDataFrame | None = None) -> Summary:
    """Count a snapshot's parcels by the verdict on idle land.

    Parameters
    ----------
    snapshot
        A finished analysis.
    parcels
        Its parcels where they were read already.
    """
    if parcels is None:
        parcels = snapshot.read("parcels")
    manifest = snapshot.manifest
    idle = count_verdicts(parcels, ledger="supply" not in manifest.get("layers_missing", ()))
    everything = Tally(len(parcels), float(_areas(parcels).sum()))
    return Summary(str(manifest.get("park") or ""), everything, idle)


def count_verdicts(parcels: gpd.GeoDataFrame, *, ledger: bool) -> dict[str, Tally | None]:
    """Count parcels by the verdict on idle land.

    Parameters
    ----------
    parcels
        The parcels.
    ledger
        Whether there was a supply ledger to judge by; without one, that no parcel is idle is not known, and so None and not 0.

    Returns
    -------
    dict
        All four verdicts; empty where the parcels have none.
    """
    idle: dict[str, Tally | None] = {}
    if "idle" in parcels:
        verdict, area = parcels["idle"].fillna("not_judged"), _areas(parcels)
        for name in _VERDICTS:
            judged = verdict.eq(name)
            known = ledger or name not in _DECIDED or judged.any()
            idle[name] = Tally(int(judged.sum()), float(area[judged].sum())) if known else None
    return idle


def _areas(parcels: gpd.GeoDataFrame) -> pd.Series[float]:
    areas: pd.Series[float] = parcels.get("site_area_m2", parcels.geometry.area)
    return areas
