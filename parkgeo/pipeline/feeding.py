"""Which main feeds each site: the one within reach that has most to spare."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from parkgeo.assess.services import Mains, connection_limits
from parkgeo.errors import ProjectError
from parkgeo.units import convert_factor

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["SERVICES", "Source", "sources"]

SERVICES = {"power": "kVA", "water": "m3/day", "gas": "m3/h"}
"""Services that projects ask for → the unit that they ask in."""


class Source(NamedTuple):
    """A main or station and the sites that it feeds.

    Attributes
    ----------
    service
        Of `SERVICES`.
    utility_id
        Its id.
    spare
        What it has to spare, in the unit of the service.
    sites
        Places of the sites.
    """

    service: str
    utility_id: str
    spare: float
    sites: NDArray[np.intp]


def sources(shapes: NDArray[np.object_], utilities: gpd.GeoDataFrame | None, rules: RuleBook) -> list[Source]:
    """The mains that feed sites, and what each has to spare.

    Parameters
    ----------
    shapes
        Of the sites, in metres.
    utilities
        Mains and stations in the same system; None without the layer.
    rules
        ``services.limit_m``.

    Returns
    -------
    list of Source
        Each site is fed by the main of the service within the limit that is known to have most to spare, of equals the first by id. A site
        that no such main reaches is in none.
    """
    if utilities is None:
        return []
    mains, limits = Mains.of(utilities), connection_limits(rules)
    found: list[Source] = []
    for service, unit in SERVICES.items():
        if service in limits:
            found += _of_service(shapes, mains, service, unit, limits[service])
    return found


def _of_service(
    shapes: NDArray[np.object_], mains: Mains, service: str, unit: str, limit_m: float
) -> Iterator[Source]:
    spare = mains.spare * _factors(mains, unit)
    rows = np.flatnonzero((mains.kinds == service) & ~np.isnan(spare))
    tree = shapely.STRtree(mains.shapes[rows])
    site, which = tree.query(shapes, predicate="dwithin", distance=limit_m)
    # The last write wins, so the main with most to spare is written last; of equals the first by id.
    order = np.lexsort((-which, spare[rows][which]))
    feeds = np.full(len(shapes), -1, dtype=np.intp)
    feeds[site[order]] = rows[which[order]]
    ids = mains.column("utility_id", np.arange(len(mains.kinds)))
    for row in np.unique(feeds[feeds >= 0]).tolist():
        name = str(ids[row]) if ids[row] is not None else f"{service} {row + 1}"
        yield Source(service, name, float(spare[row]), np.flatnonzero(feeds == row))


def _factors(mains: Mains, unit: str) -> NDArray[np.float64]:
    """What turns each main's unit into that of the service; NaN where it names none, or measures something else."""
    written = mains.column("capacity_unit", np.arange(len(mains.kinds)))
    known: dict[object, float] = {None: np.nan}
    for one in set(written.tolist()) - {None}:
        try:
            known[one] = convert_factor(str(one), unit)
        except ProjectError:
            known[one] = np.nan
    return np.array([known[one] for one in written], dtype=np.float64)
