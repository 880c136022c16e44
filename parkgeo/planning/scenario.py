"""A park's layers as a scenario would have them, and what became of each of its changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError, ParkgeoError, gather
from parkgeo.layers import ADDS_TO, schema, sentence
from parkgeo.planning.contradictions import contradictions
from parkgeo.planning.roads import changed_roads, closed_roads, code_word, joined_road

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.layers import Change, Layers, Scenario, Sentence
    from parkgeo.planning.roads import Done

__all__ = ["Changed", "Effect", "applied", "faults_of"]

_ORIGIN = "origin of the row"
_SPEEDS = ("speed_km_h", "observed_km_h")
_FARTHEST_M = 100_000.0
"""Farther from the parcels than this lies another place, not a plan for this one."""


@dataclass(frozen=True)
class Effect:
    """What became of one change.

    Attributes
    ----------
    change
        As it was asked for.
    geometry
        What was added, closed or changed; None where nothing was.
    said
        What was done, and what a person should know of it.
    doubtful
        Whether a person must look at it: it changes nothing, or meets nothing.
    """

    change: Change
    geometry: Any
    said: tuple[Sentence, ...]
    doubtful: bool = False


@dataclass(frozen=True)
class Changed:
    """Layers after a scenario.

    Attributes
    ----------
    layers
        New ones; those before are as they were.
    effects
        One a change, in the order of the scenario.
    origin
        Of each road the row of the roads before that it is of; -1 where it is new.
    """

    layers: Layers
    effects: tuple[Effect, ...]
    origin: NDArray[np.intp]

    @property
    def of_roads(self) -> bool:
        """Whether roads or what is reached on them differ, and not only mains."""
        return any(one.change.action != "add_main" for one in self.effects)


class _Limits(NamedTuple):
    follow_m: float
    join_m: float
    speeds_km_h: tuple[float, float]


def applied(
    layers: Layers,
    scenario: Scenario,
    *,
    follow_m: float,
    join_m: float,
    speeds_km_h: tuple[float, float] = (0.0, np.inf),
) -> Changed:
    """The layers after a scenario.

    Parameters
    ----------
    layers
        Validated; coordinates in metres.
    scenario
        What changes; its shapes in the same coordinate system.
    follow_m
        How far a drawn line may lie from a road that it follows, metres.
    join_m
        The end of a new road that lies no farther than this from another road is drawn to it, and it is said.
    speeds_km_h
        Least and greatest speed with which is reckoned; another one that a scenario states is refused, and so is 0 always.

    Returns
    -------
    Changed
        Nothing given is changed.

    Raises
    ------
    InputError
        A road that is not there, an id that is there already, a line that follows no road, a change that another one gainsays;
        all at once.

    Notes
    -----
    Roads are closed and changed first, in the order of the scenario; then all is added that is added. A speed changes only where
    the scenario gives one: there is no model of capacity, so lanes and width change none.
    """
    changed, problems = _worked(layers, scenario, _Limits(follow_m, join_m, speeds_km_h))
    if problems:
        raise gather(problems, InputError)
    return changed


def faults_of(
    layers: Layers,
    scenario: Scenario,
    *,
    follow_m: float,
    join_m: float,
    speeds_km_h: tuple[float, float] = (0.0, np.inf),
) -> list[ParkgeoError]:
    """What `applied` would refuse, fault by fault; parameters as there."""
    return _worked(layers, scenario, _Limits(follow_m, join_m, speeds_km_h))[1]


def _worked(layers: Layers, scenario: Scenario, limits: _Limits) -> tuple[Changed, list[ParkgeoError]]:
    problems: list[ParkgeoError] = [*contradictions(scenario.changes)]
    gainsaid = {error.where for error in problems}
    problems += [*_far(layers, scenario), *_absurd(scenario, limits.speeds_km_h)]
    roads = None if layers.roads is None else layers.roads.assign(**{_ORIGIN: np.arange(len(layers.roads))})
    effects: dict[int, Effect] = {}
    for at, change in enumerate(scenario.changes):
        if change.action in ADDS_TO or change.place in gainsaid:
            continue
        try:
            done = _done(roads, change, limits.follow_m, layers.roads)
        except InputError as error:
            problems.append(InputError(error.what, where=change.place, mend=error.mend))
        else:
            roads = done.roads
            effects[at] = Effect(change, done.geometry, done.said, done.doubtful)
    changed = replace(layers, roads=roads)
    for at, change in enumerate(scenario.changes):
        if change.action in ADDS_TO:
            problems.extend(_taken(changed, change))
            changed, effects[at] = _added(changed, change, limits.join_m)
    changed, origin = _without_origin(changed)
    return Changed(changed, tuple(effects[at] for at in sorted(effects)), origin), problems


def _done(
    roads: gpd.GeoDataFrame | None, change: Change, follow_m: float, first: gpd.GeoDataFrame | None
) -> Done:
    if roads is None or first is None:
        raise InputError("there is no layer of roads", mend="give [layers.roads] in park.toml")
    was, is_ = ((one["road_id"] == change.road_id).any() for one in (first, roads))
    if was and not is_:
        raise InputError(f"road {change.road_id} is closed already", mend="delete this, or what closes it")
    act = closed_roads if change.action == "close_road" else changed_roads
    return act(roads, change, follow_m)


def _without_origin(layers: Layers) -> tuple[Layers, NDArray[np.intp]]:
    roads = layers.roads
    if roads is None or _ORIGIN not in roads:
        return layers, np.full(0 if roads is None else len(roads), -1, dtype=np.intp)
    origin = roads[_ORIGIN].fillna(-1).to_numpy(dtype=np.intp)
    return replace(layers, roads=roads.drop(columns=_ORIGIN)), origin


def _far(layers: Layers, scenario: Scenario) -> Iterator[InputError]:
    """Changes that lie elsewhere: a coordinate system that is not the one stated."""
    seat = shapely.box(*layers.parcels.total_bounds)
    for one in scenario.changes:
        distance = 0.0 if one.geometry is None else shapely.distance(seat, one.geometry)
        if not distance <= _FARTHEST_M:
            yield InputError(
                f"it lies {distance / 1000:,.0f} km from the parcels", where=one.place,
                mend="declare the coordinate system that it is drawn in, and check the order of axes",
            )  # fmt: skip


def _absurd(scenario: Scenario, limits: tuple[float, float]) -> Iterator[InputError]:
    """Speeds that the network would pass over for that of the class."""
    least, most = limits
    for one in scenario.changes:
        for name in _SPEEDS:
            speed = one.fields.get(name)
            if not isinstance(speed, int | float):
                continue
            if speed == 0:
                new = one.action == "add_road"
                yield InputError(
                    f"{name} 0 closes no road", where=one.place,
                    mend="leave the road out, or give its speed" if new else "use close_road",
                )  # fmt: skip
            elif not least <= speed <= most:
                yield InputError(
                    f"{name} {speed:g} is not within {least:g} to {most:g} km/h, beyond which that of the class counts",
                    where=one.place,
                    mend="correct it or its unit; the limits are network.speed_min_km_h and speed_max_km_h",
                )


def _taken(layers: Layers, change: Change) -> Iterator[InputError]:
    """That an id is there already, in the layer or on something that was added before."""
    name = ADDS_TO[change.action]
    own = getattr(layers, name)
    key = schema(name).key
    if own is not None and (own[key] == change.fields[key]).any():
        yield InputError(
            f"{key} {change.fields[key]} is there already", where=change.place,
            mend="give another id, or none; a road that is there is changed with change_road",
        )  # fmt: skip


def _added(layers: Layers, change: Change, join_m: float) -> tuple[Layers, Effect]:
    name = ADDS_TO[change.action]
    own: gpd.GeoDataFrame | None = getattr(layers, name)
    shape, doubtful = change.geometry, False
    said: tuple[Sentence, ...] = (_what_is_new(change),)
    if change.action == "add_road":
        drawn = joined_road(layers.roads, change, join_m)
        shape, said, doubtful = drawn.geometry, (*said, *drawn.said), drawn.doubtful
    elif change.fields["kind"] not in schema(name).fields["kind"].codes:
        said = (
            *said,
            sentence("{kind} is no kind that parkgeo measures the way to", kind=change.fields["kind"]),
        )
        doubtful = True
    row = {**change.fields, "source_file": change.source_file, "source_row": change.source_row}
    new = gpd.GeoDataFrame([row], geometry=[shape], crs=layers.parcels.crs)
    both = new if own is None else _under(own, new)
    return replace(layers, **{name: both}), Effect(change, shape, said, doubtful)


def _under(own: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """New rows under a layer's own: who comes first keeps his place wherever rows are told apart by their order."""
    shapes: NDArray[np.object_] = np.concatenate(
        [np.asarray(one.geometry.array, dtype=object) for one in (own, new)]
    )
    columns = [pd.DataFrame(one).drop(columns="geometry") for one in (own, new)]
    return gpd.GeoDataFrame(pd.concat(columns, ignore_index=True), geometry=shapes, crs=own.crs)


def _what_is_new(change: Change) -> Sentence:
    fields = change.fields
    if change.action == "add_road":
        length = round(shapely.length(change.geometry))
        return sentence("new road {road}, {metres} m", road=fields["road_id"], metres=length)
    known = schema(ADDS_TO[change.action])
    key, kind = known.key, code_word(fields["kind"], known.fields["kind"])
    if change.action == "add_main":
        return sentence("new main or station {id}: {kind}", id=fields[key], kind=kind)
    return sentence("new facility {id}: {kind}", id=fields[key], kind=kind)
