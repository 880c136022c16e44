"""What a park's people reach, and how dense its roads are, for the stage on the park."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.park.reach import (
    ROAD_GROUPS,
    KindReached,
    ParkStaff,
    road_density_row,
    road_groups,
    staff_rows,
    uncovered_gap,
)
from parkgeo.metrics.access import length_within_m
from parkgeo.metrics.network.edges import edge_lines
from parkgeo.metrics.network.speeds import classes
from parkgeo.pipeline.network import road_network
from parkgeo.pipeline.shared import held, home_parks
from parkgeo.pipeline.staff import working

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk
    from parkgeo.pipeline.network import RoadNetwork

__all__ = ["ParksReach", "network_ends_short", "parks_reach"]


@dataclass(frozen=True)
class ParksReach:
    """What the rows of every park are made of.

    Attributes
    ----------
    rules
        The packs in force.
    network
        The roads; None without them.
    staff
        Of each park; empty where it is not known where people work.
    roads_m
        Of each park, length within it of the roads of each of `ROAD_GROUPS`; NaN without roads, and where none is drawn near.
    area_m2
        Of each park.
    """

    rules: RuleBook
    network: RoadNetwork | None
    staff: Mapping[str, ParkStaff]
    roads_m: Mapping[str, NDArray[np.float64]]
    area_m2: Mapping[str, float]

    def rows(self, park_id: str, at: NDArray[np.intp]) -> tuple[list[dict[str, Any]], list[Gap]]:
        """Rows and gaps of a park whose parcels stand at some places."""
        within = self.rules["access.staff_within_min"].number("min")
        kinds = [self._reached(kind, at) for kind in self.rules["access.staff_kinds"].texts()]
        rows, gaps = staff_rows(kinds, self.staff.get(park_id), within_min=within)
        counted, unknown, _ = self.roads_m[park_id].tolist()
        density, open_ = road_density_row(counted, unknown, self.area_m2[park_id], self.rules)
        if network_ends_short(self, park_id):
            open_ = [uncovered_gap(density["name"], park_id, self.rules)]
        return [*rows, density], [*gaps, *open_]

    def _reached(self, kind: str, at: NDArray[np.intp]) -> KindReached:
        network = self.network
        walked = kind in self.rules["access.walk_kinds"].texts()
        inbound = kind in self.rules["access.inbound_kinds"].texts()
        how: Literal["walk", "car", "inbound"] = "walk" if walked else "inbound" if inbound else "car"
        if network is None or not (network.kind == kind).any():
            return KindReached(kind, how, None)
        return KindReached(kind, how, network.nearest(kind, "walk" if walked else "car").minutes[at])


def network_ends_short(reach: ParksReach, park_id: str) -> bool:
    """Whether there are roads, but none near a park: then what they would say of it is not known."""
    return reach.network is not None and bool(np.isnan(reach.roads_m[park_id]).all())


def parks_reach(desk: Desk) -> ParksReach:
    """What the rows of every park are made of, for all parks at once."""
    network = desk.once(road_network)
    ids = desk.parks["park_id"].astype(str).tolist()
    lengths = np.full((len(ids), len(ROAD_GROUPS)), np.nan)
    if network is not None:
        counted = desk.rules["access.density_classes"].texts()
        of_road = road_groups(pd.Series(classes(network.roads)), counted)
        lines, grounds = edge_lines(network.drawn), np.asarray(desk.parks.geometry.array, dtype=object)
        lengths = length_within_m(lines, grounds, of_road[network.drawn.road], groups=len(ROAD_GROUPS))
        cover = desk.rules.get("access.roads_cover_m")
        if cover is not None:
            near = shapely.STRtree(lines).query(grounds, predicate="dwithin", distance=cover.number("m"))[0]
            lengths[~np.isin(np.arange(len(ids)), near)] = np.nan
    return ParksReach(
        desk.rules, network, _staff(desk, network, ids), dict(zip(ids, lengths, strict=True)),
        dict(zip(ids, desk.parks.geometry.area.tolist(), strict=True)),
    )  # fmt: skip


def _staff(desk: Desk, network: RoadNetwork | None, ids: list[str]) -> dict[str, ParkStaff]:
    """Where the people of each park work; a company on no parcel is of the park if there is but one."""
    found, holdings = desk.once(working), desk.once(held)
    if found is None or holdings is None:
        return {}
    parks = desk.parcels["park_id"].astype(str)
    home: pd.Series[Any] = found.companies.to_series().map(desk.once(home_parks))
    if len(ids) == 1:
        home = home.fillna(ids[0])
    of_parcel, of_company = parks.to_numpy(dtype=object), home.to_numpy(dtype=object)
    connected = np.zeros(len(parks), dtype=bool) if network is None else network.connected
    return {
        one: ParkStaff(
            found.placed.on_parcel[of_parcel == one],
            connected[of_parcel == one],
            float(found.placed.unplaced[of_company == one].sum()),
            int(found.silent[of_company == one].sum()),
        )
        for one in ids
    }
