"""Parcels joined for a project: the minimal combinations of candidates around what a brief asks for."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from parkgeo.metrics.rectangle import INSIDE_M, rectangle_drawn
from parkgeo.pipeline.assembly import Candidates, candidates_of, obstacle_codes
from parkgeo.pipeline.grounds import Ground, Grounds
from parkgeo.planning.assembly import Pool, Wish, combinations, site_id
from parkgeo.planning.siting.found import Joining
from parkgeo.planning.siting.gates import drawn_answers, gates_of, judge
from parkgeo.planning.siting.surroundings import outline_sides

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.pipeline.desk import Desk
    from parkgeo.planning.assembly import Combinations
    from parkgeo.planning.siting.gates import Demand, Offer

__all__ = ["Joined", "JoinedLand"]

_STRICTEST = frozenset({"use", "hazard_class", "restricted", "separation", "height", "floor_load"})
"""Gates at which a parcel that fails makes every site fail that it is part of."""
_ANY = frozenset({"power", "water", "gas"})
"""Gates that a joined site passes where one of its parcels does; so with minutes to gateways."""
_SIDES = ("rectangle_area_m2", "rectangle_long_m", "rectangle_short_m")
_EXACT = 1e-9
_NEEDED_COLUMNS = frozenset({"candidate", "site_area_m2"})
_KEPT = 50_000


class Joined(NamedTuple):
    """What was joined.

    Attributes
    ----------
    sites
        Joined sites as the table ``sites`` has them, without geometry, and the sides of the outlines of their net land.
    covered
        Parcels that are in one of them, or are enough by themselves.
    told
        What was found and left out.
    """

    sites: pd.DataFrame
    covered: frozenset[str]
    told: Joining


class JoinedLand:
    """Candidates of a snapshot, joined as briefs ask.

    Parameters
    ----------
    recall
        Puts the analysis's desk together; called for the first brief that asks for joined sites.
    """

    def __init__(self, recall: Callable[[], Desk]) -> None:
        self._recall = recall
        self._members: dict[str, tuple[int, ...]] = {}

    @cached_property
    def _desk(self) -> Desk | None:
        desk = self._recall()
        return desk if set(desk.parcels) >= _NEEDED_COLUMNS else None

    @cached_property
    def _land(self) -> Candidates:
        assert self._desk is not None  # noqa: S101 - asked for only where there is one
        return self._desk.once(candidates_of)

    @cached_property
    def _ids(self) -> NDArray[np.object_]:
        assert self._desk is not None  # noqa: S101 - as above
        ids: NDArray[np.object_] = self._desk.parcels["parcel_id"].to_numpy(dtype=object)[self._land.rows]
        return ids

    @cached_property
    def _grounds(self) -> Grounds:
        assert self._desk is not None  # noqa: S101 - as above
        return Grounds(self._desk, self._land.shape)

    def shape(self, name: str) -> Any:
        """Ground of a site that was joined for some brief, as a multipolygon; None of any other."""
        members = self._members.get(name)
        return (
            None
            if members is None
            else shapely.multipolygons(shapely.get_parts(self._grounds.of(members).whole))
        )

    def around(
        self,
        parcels: NDArray[np.object_],
        offer: Offer,
        demand: Demand,
        *,
        measured_most: int,
        most: int,
        drawn_most: int,
    ) -> Joined | None:
        """The minimal combinations that meet what a brief asks for.

        Parameters
        ----------
        parcels, offer
            Ids of the parcels that may be joined, and what they have.
        demand
            Of one need.
        measured_most, most, drawn_most
            Combinations that are measured, those that are listed, and parcels on which the rectangle is drawn, at most.

        Returns
        -------
        Joined or None
            None where the snapshot does not say what the candidates are.

        Notes
        -----
        A set of parcels meets the wish where its net land and rectangle suffice, where it has no more holders, and where, at each gate that
        one good parcel passes for all, some parcel does not fail. Parcels that make every site fail that they are part of are left out.
        """
        if self._desk is None:
            return None
        at = pd.Index(parcels).get_indexer(pd.Index(self._ids))
        rows = np.flatnonzero(at >= 0)
        own = _Parcels.of(offer.rows(at[rows]), demand)
        alone = own.alone | (own.asks_drawing & self._drawn(rows, own, demand, drawn_most))
        pool = rows[own.allowed & ~alone]
        found = self._combined(pool, own.helps[own.allowed & ~alone], demand, measured_most)
        members = sorted((tuple(pool[list(each)].tolist()) for each in found.members), key=self._worth)
        in_some = {*rows[alone].tolist(), *(one for each in members for one in each)}
        covered = {str(self._ids[one]) for one in in_some}
        told = Joining(len(members), min(most, len(members)), found.complete)
        return Joined(
            self._sites(members[:most], rectangles=demand.needs[0].rectangle_m is not None),
            frozenset(covered),
            told,
        )

    def _worth(self, members: tuple[int, ...]) -> tuple[bool, float, int, float, tuple[int, ...]]:
        """By what combinations are put in order, the least first: cost, holders, area; an unknown cost comes last."""
        own, land = list(members), self._land
        cost = float(land.cost_wan[own].sum())
        unknown = math.isnan(cost)
        holders, area = len(np.unique(land.holder[own])), float(land.area_m2[own].sum())
        return unknown, 0.0 if unknown else cost, holders, area, members

    def _drawn(self, rows: NDArray[np.intp], own: _Parcels, demand: Demand, most: int) -> NDArray[np.bool_]:
        """Whether the rectangle finds room on parcels by themselves, of which only that is not known."""
        found = np.zeros(len(rows), dtype=bool)
        sides = demand.needs[0].rectangle_m
        if sides is not None:
            for place in np.flatnonzero(own.asks_drawing)[:most]:
                found[place] = rectangle_drawn(self._grounds.of((int(rows[place]),)).net, *sides)
        return found

    def _combined(
        self, pool: NDArray[np.intp], helps: NDArray[np.bool_], demand: Demand, measured_most: int
    ) -> Combinations:
        land, need = self._land, demand.needs[0]
        place = np.full(len(land.rows), -1, dtype=np.intp)
        place[pool] = np.arange(len(pool))
        pairs = np.stack([place[land.pairs.left], place[land.pairs.right]], axis=1)
        measure = _Measure(self._grounds, pool, helps, demand)
        area, holders = measure.area_m2, float(demand.numbers["holders"][0])
        wish = Wish(area, None if np.isnan(holders) else int(holders), need.rectangle_m, net_area_m2=area)
        return combinations(
            Pool(self._reach_m2[pool], land.holder[pool], land.cost_wan[pool], pairs[(pairs >= 0).all(axis=1)]), wish,
            most=int(self._settings("assembly.combinations_most")), fits=measure.fits, stop=lambda: measure.asked >= measured_most,
        )  # fmt: skip

    @cached_property
    def _reach_m2(self) -> NDArray[np.float64]:
        """What each candidate can bring at most: closing the slots between them adds to their own area."""
        half = self._settings("assembly.touching_m", "m") / 2
        grown = shapely.buffer(self._land.shape, half, join_style="mitre")
        return np.asarray(shapely.area(grown), dtype=np.float64)

    def _settings(self, key: str, unit: str = "1") -> float:
        assert self._desk is not None  # noqa: S101 - as above
        return self._desk.rules[key].number(unit)

    def _sites(self, members: list[tuple[int, ...]], *, rectangles: bool) -> pd.DataFrame:
        assert self._desk is not None  # noqa: S101 - as above
        land, made = self._land, [self._grounds.of(each) for each in members]
        names = [sorted(str(self._ids[one]) for one in each) for each in members]
        if len(self._members) > _KEPT:
            self._members.clear()
        self._members |= {site_id(own): each for own, each in zip(names, members, strict=True)}
        net, whole = _shapes([ground.net for ground in made]), _shapes([ground.whole for ground in made])
        # The search for the largest rectangle takes longest, and is asked about only where a rectangle is.
        held = self._grounds.largest(members) if rectangles else np.full((len(members), 3), np.nan)
        long, short = outline_sides(net)
        every = [np.array(each, dtype=np.intp) for each in members]
        return pd.DataFrame(
            {
                "site_id": [site_id(own) for own in names],
                "parcel_ids": [";".join(own) for own in names],
                "holders": [float(len(np.unique(land.holder[own]))) for own in every],
                "area_m2": [float(land.area_m2[own].sum()) for own in every],
                "net_area_m2": [ground.net_area_m2 for ground in made],
                **dict(zip(_SIDES, held.T, strict=True)),
                "outline_long_m": long,
                "outline_short_m": short,
                "cost_wan": [float(land.cost_wan[own].sum()) for own in every],
                "obstacles": obstacle_codes(self._desk, land, every, _removed(made), whole) if made else [],
            }
        )


class _Parcels(NamedTuple):
    """What gates say of parcels by themselves.

    Attributes
    ----------
    allowed
        May be part of a joined site.
    alone
        Enough by itself.
    asks_drawing
        Would be, if the rectangle finds room.
    helps
        Parcels × gates that one good parcel passes for all: not failed.
    """

    allowed: NDArray[np.bool_]
    alone: NDArray[np.bool_]
    asks_drawing: NDArray[np.bool_]
    helps: NDArray[np.bool_]

    @classmethod
    def of(cls, offer: Offer, demand: Demand) -> _Parcels:
        allowed, enough = np.ones((2, offer.count), dtype=bool)
        to_draw = np.zeros(offer.count, dtype=bool)
        helps = [np.ones(offer.count, dtype=bool)]
        for gate in gates_of(demand):
            no, unsure = (answers[:, 0] for answers in judge(gate, offer, demand))
            if gate.name in _STRICTEST:
                allowed &= ~no
            elif gate.name in _ANY or gate.name.startswith("travel:"):
                helps.append(~no)
            elif gate.name == "rectangle":
                to_draw = unsure & (drawn_answers(offer, demand)[:, 0] < 0)
                enough &= ~no
            else:
                enough &= ~no & ~unsure
        table = np.column_stack(helps)
        enough &= table.all(axis=1) & allowed
        return cls(allowed, enough & ~to_draw, enough & to_draw, table)


class _Measure:
    """Whether sets of parcels are what a brief asks for, on the ground; counts how many it measured."""

    def __init__(
        self, grounds: Grounds, pool: NDArray[np.intp], helps: NDArray[np.bool_], demand: Demand
    ) -> None:
        self._grounds, self._pool, self._helps = grounds, pool, helps
        self._sides = demand.needs[0].rectangle_m
        least = float(np.nan_to_num(demand.numbers["area"][0]))
        self.area_m2 = max(least, self._sides[0] * self._sides[1] if self._sides else 0.0) * (1 - _EXACT)
        self.asked = 0

    def fits(self, members: tuple[int, ...]) -> bool:
        """A parcel by itself is never measured: it stands in the table of sites."""
        own = list(members)
        if len(own) == 1 or not self._helps[own].any(axis=0).all():
            return False
        self.asked += 1
        key = tuple(self._pool[own].tolist())
        ground = self._grounds.of(key)
        if ground.net_area_m2 < self.area_m2:
            return False
        return self._sides is None or self._holds(key, ground, self._sides)

    def _holds(self, members: tuple[int, ...], ground: Ground, sides: tuple[float, float]) -> bool:
        long, short = (float(side[0]) for side in outline_sides(_shapes([ground.net])))
        if short < sides[1] * (1 - _EXACT) or np.hypot(long, short) < np.hypot(*sides) * (1 - _EXACT):
            return False
        if rectangle_drawn(ground.net, *sides):
            return True
        _, held_long, held_short = self._grounds.largest([members])[0]
        return bool(held_long >= sides[0] - INSIDE_M and held_short >= sides[1] - INSIDE_M)


def _shapes(every: list[Any]) -> NDArray[np.object_]:
    found = np.empty(len(every), dtype=object)
    found[:] = every
    return found


def _removed(made: list[Ground]) -> pd.DataFrame:
    return pd.concat([ground.removed.assign(place=at) for at, ground in enumerate(made)], ignore_index=True)
