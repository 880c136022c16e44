"""What parcels can be coloured by: verdicts, states, grades, land use, evidence, and every metric that they carry.

The list costs next to nothing; the classes of a colouring are worked out when they are asked for. Nothing here draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from maps.coded import IDLE, coded_colourings
from maps.legend import Classed, ColourClass, Colouring, Land
from maps.quantities import is_quantity, quantity_colouring, quantity_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from maps.specs import MapSpec
    from parkgeo.store import Snapshot

__all__ = ["GROUPS", "IDLE", "Classed", "ColourClass", "Colouring", "colourings"]

GROUPS: dict[str, str] = {
    "state": "State of the land",
    "grade": "Grade",
    "use_of_land": "Land use",
    "evidence": "Evidence",
    "verdict": "Verdicts",
    "idle": "Idle land",
    "yield": "Output and tax",
    "use": "Energy and water",
    "built": "Buildings and intensity",
    "potential": "Potential",
    "siting": "Layout and sites",
    "car": "Minutes by car to the nearest",
    "truck": "Minutes by truck to the nearest",
    "walk": "Minutes on foot to the nearest",
    "score": "Score and services",
    "reach": "Distances and costs",
    "imagery": "Imagery",
    "ground": "Ground",
    "land": "Areas",
}
"""Groups of choices, in the order in which they are offered, and what they are called (English; translated in the catalogue)."""


def colourings(
    snapshot: Snapshot, parcels: gpd.GeoDataFrame, specs: Sequence[MapSpec] = ()
) -> list[Colouring]:
    """What the parcels can be coloured by, the statutory verdict first.

    Parameters
    ----------
    snapshot
        Gives titles, units, sources and the figures of its packs.
    parcels
        The rows that may be seen, polygons in a projected system in metres. Columns that the catalogue calls personal are left out.
    specs
        Map specs; one that makes classes of its own adds a colouring ``column@spec``.

    Returns
    -------
    list of Colouring
        In the order of `GROUPS`, and of the table within a group. A column without any value is left out; the statutory verdict
        never is.
    """
    land = Land(parcels)
    found = coded_colourings(snapshot, parcels, land)
    found += [
        quantity_colouring(snapshot, parcels, land, name) for name in quantity_columns(snapshot, parcels)
    ]
    found += [
        quantity_colouring(snapshot, parcels, land, spec.colour, wanted=spec.classes, key=spec.key)
        for spec in specs
        if spec.classes and spec.colour in parcels and is_quantity(parcels, spec.colour)
    ]
    order = list(GROUPS)
    return sorted(found, key=lambda one: (one.column != IDLE, order.index(one.group)))
