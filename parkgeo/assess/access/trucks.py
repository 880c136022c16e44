"""Unreachable for trucks: cars get to a parcel, trucks do not, and by which limit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.access.approach import decided, road_line
from parkgeo.i18n import figure as written
from parkgeo.i18n import say
from parkgeo.metrics.network.hours import closed_at
from parkgeo.metrics.network.lines import column

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.assess.access.approach import Approach, Met
    from parkgeo.assess.judged import Judged
    from parkgeo.packs import RuleBook

__all__ = ["LIMITS", "truck_unreachable"]

LIMITS = ("max_height_m", "max_weight_t", "truck_closed_hours")
"""Fields of the roads that close them to trucks."""

_SHOWN = 3
_TRUCKS = {
    "gates": "Trucks do not get in: none of the gates that are recorded is open to trucks.",
    "front": "Trucks do not get to it: every road that it lies on is closed to them. {limits}.",
    "way": "Trucks do not get to it, or not away from it: on the way there roads are closed to them. {limits}.",
    "no_main": "Undetermined: the roads that are open to trucks hold no part within which one gets from everywhere to everywhere.",
    "no": "",
}
_WORDS = {
    "max_height_m": "{road}: height limit of {limit} m, for a truck of {truck} m",
    "max_weight_t": "{road}: weight limit of {limit} t, for a truck of {truck} t",
    "truck_closed_hours": "{road}: closed to trucks at {limit}, and so at {truck} o'clock",
}
_ONE_WAY = "One-way roads and roads closed to trucks together leave no way"


def truck_unreachable(approach: Approach) -> Judged | None:
    """Parcels that cars get to and trucks do not.

    Parameters
    ----------
    approach
        The parcels and the roads; ``network.truck_height_m``, ``network.truck_weight_t``, ``network.truck_hour``.

    Returns
    -------
    Judged or None
        None where no pack has the figures; where there are no roads; and where neither a road has a field of limits nor a gate one of
        trucks, for then nobody was asked. Judged are parcels that cars get to and away from. A road whose limit is blank is open.
    """
    figure, met = approach.rules.get("network.truck_height_m"), approach.met
    if figure is None or met is None:
        return None
    if not any(name in met.roads for name in LIMITS) and met.gates.trucks.all():
        return None
    cars, trucks, count = approach.passage("car"), approach.passage("truck"), len(approach.parcels)
    found = [
        (trucks.enters & trucks.leaves, "no"), (np.full(count, not met.parts["truck"].main.any()), "no_main"),
        (~trucks.gate, "gates"), (~trucks.on_open, "front"), (np.ones(count, dtype=bool), "way"),
    ]  # fmt: skip
    blocks = _blocks(met, trucks.part, trucks.on_open)
    keys = ("truck_height_m", "truck_weight_t", "truck_hour")
    figures = [rule for key in keys if (rule := approach.rules.get(f"network.{key}"))]

    def limits(at: NDArray[np.intp], lang: str) -> list[str]:
        return [_said(met, blocks(int(one)), approach.rules, lang) for one in at]

    def told(at: int) -> list[dict[str, Any]]:
        lines = []
        for row in blocks(at)[:_SHOWN]:
            line = road_line(met.roads, row)
            lines += [
                line,
                *(
                    {**line, "what": name, "value": value}
                    for name, value, _ in _limits_of(met, row, approach.rules)
                ),
            ]
        return [*lines, *(each.as_evidence() for each in figures)]

    return decided(
        approach, "truck_unreachable", figure, _TRUCKS, found,
        about=approach.about & cars.enters & cars.leaves, doubtful=("no_main",), observed=np.full(count, np.nan),
        threshold=np.nan, values={"limits": limits}, told=told,
    )  # fmt: skip


def _blocks(met: Met, part: NDArray[np.intp], on_open: NDArray[np.bool_]) -> Callable[[int], list[int]]:
    """Rows of the roads closed to trucks that keep them from a parcel: those that it lies on, or those round its part of the network."""

    @cache
    def round_parts() -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        graph, own = met.graph, met.weights
        shut = {
            mode: ~np.isfinite(own[mode].along) & ~np.isfinite(own[mode].against) for mode in ("car", "truck")
        }
        edges = np.flatnonzero(shut["truck"] & ~shut["car"])
        component = met.parts["truck"].component
        sides: dict[int, list[int]] = {}
        for one, two, row in zip(
            component[graph.start[edges]].tolist(), component[graph.end[edges]].tolist(), graph.road[edges].tolist(), strict=True
        ):  # fmt: skip
            for side in {one, two}:
                sides.setdefault(side, []).append(row)
        rows: dict[int, list[int]] = {}
        held = ~on_open[met.gates.owner] & met.gates.trucks
        for owner, row in zip(
            met.gates.owner[held].tolist(), graph.road[met.gates.edge[held]].tolist(), strict=True
        ):
            rows.setdefault(owner, []).append(row)
        return sides, rows

    def of(at: int) -> list[int]:
        sides, rows = round_parts()
        found = sides.get(int(part[at]), []) if on_open[at] else rows.get(at, [])
        return list(dict.fromkeys(found))

    return of


def _limits_of(met: Met, row: int, rules: RuleBook) -> list[tuple[str, Any, float]]:
    """Limits that close a road to trucks: field, what it says, and the truck's figure."""
    road = met.roads.iloc[[row]]
    found: list[tuple[str, Any, float]] = []
    for name, key, unit in (("max_height_m", "truck_height_m", "m"), ("max_weight_t", "truck_weight_t", "t")):
        limit, size = column(road, name)[0], rules.get(f"network.{key}")
        if size is not None and 0 < limit < size.number(unit):
            found.append((name, float(limit), size.number(unit)))
    hour = rules.get("network.truck_hour")
    if (
        hour is not None
        and "truck_closed_hours" in road
        and closed_at(road["truck_closed_hours"], hour.number("h"))[0]
    ):
        found.append(("truck_closed_hours", str(road["truck_closed_hours"].iloc[0]), hour.number("h")))
    return found


def _said(met: Met, rows: list[int], rules: RuleBook, lang: str) -> str:
    """The limits of some roads in words."""
    texts = [
        say(
            _WORDS[name], lang, road=met.names[row], truck=written(truck, lang),
            limit=value if isinstance(value, str) else written(value, lang),
        )
        for row in rows
        for name, value, truck in _limits_of(met, row, rules)
    ]  # fmt: skip
    if not texts:
        return say(_ONE_WAY, lang)
    return ("；" if lang == "zh" else "; ").join(texts[:_SHOWN]) + (" …" if len(texts) > _SHOWN else "")
