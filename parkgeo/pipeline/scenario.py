"""Scenarios: what would differ on a desk if roads, facilities or mains were changed; the desk itself stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.i18n import LANGUAGES, say
from parkgeo.layers import sentence
from parkgeo.pipeline.access import access
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.entrances import lost_entrances, with_entrances_of, without_doubles
from parkgeo.pipeline.network import road_network
from parkgeo.pipeline.services import services
from parkgeo.planning import Difference, applied, differences, faults_of, park_differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.errors import ParkgeoError
    from parkgeo.layers import Layers, Scenario
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk
    from parkgeo.pipeline.entrances import Lost
    from parkgeo.planning import Changed, Effect

__all__ = ["Outcome", "after_changes", "outcome", "scenario_faults", "scenarios"]

_ON_M = 0.2
"""What lies no farther than this from a stretch lay on it."""
_LESS = ("travel_min_", "travel_km_", "truck_min_", "truck_yuan_per_t_", "walk_min_", "main_m_", "frontage_m")
_MORE = ("access_score", "services_ready")
_VERDICTS = ("no_frontage", "unreachable", "truck_unreachable", "service_missing")
_TEXTS = ("services_missing", "services_bottleneck")


@dataclass(frozen=True)
class Outcome:
    """What a scenario changes.

    Attributes
    ----------
    scenario
        As it was asked for.
    parcels, parks, changes
        The tables ``scenario_parcels``, ``scenario_parks`` and ``scenario_changes``.
    """

    scenario: Scenario
    parcels: pd.DataFrame
    parks: pd.DataFrame
    changes: gpd.GeoDataFrame

    @property
    def clean(self) -> bool:
        """Whether each change does something."""
        return not bool(self.changes["doubtful"].any())


def after_changes(layers: Layers, rules: RuleBook, scenario: Scenario) -> Changed:
    """The layers after a scenario; see `parkgeo.planning.applied`."""
    return applied(layers, scenario, **_limits(rules))


def scenario_faults(layers: Layers, rules: RuleBook, scenario: Scenario) -> list[ParkgeoError]:
    """What of a scenario cannot be followed; see `parkgeo.planning.faults_of`."""
    return faults_of(layers, scenario, **_limits(rules))


def _limits(rules: RuleBook) -> dict[str, Any]:
    speeds = (rules[f"network.speed_{which}_km_h"].number("km/h") for which in ("min", "max"))
    return {
        "follow_m": rules["network.follow_m"].number("m"),
        "join_m": rules["network.near_miss_m"].number("m"),
        "speeds_km_h": tuple(speeds),
    }


def outcome(desk: Desk, scenario: Scenario) -> Outcome:
    """What a scenario changes on a desk, by the same stages that found what is there now.

    Parameters
    ----------
    desk
        With the columns of the stages on access and services; without them they are worked out.
    scenario
        What would change, in the coordinate system of the desk.

    Returns
    -------
    Outcome
        Only what differs; a scenario that does nothing gives tables of parcels and parks without rows.

    Raises
    ------
    InputError
        See `parkgeo.planning.applied`.
    """
    changed = after_changes(desk.layers, desk.rules, scenario)
    if not {"frontage_m", "services_ready"} <= set(desk.parcels):
        desk = desk.take(access(desk))
        desk = desk.take(services(desk))
    after = replace(desk, layers=changed.layers, _kept={})
    if changed.of_roads:
        after, effects = _with_network(desk, after, changed)
        changed = replace(changed, effects=_with_stranded(effects, after))
        after = after.take(access(after))
    after = after.take(services(after))
    compared = _compared(desk.parcels)
    parcels = differences(desk.parcels, after.parcels, compared)
    parks = park_differences(parcels, desk.parcels, after.parcels, compared, desk.parcels["park_id"])
    for table in (parcels, parks):
        table.insert(0, "scenario", scenario.name)
    return Outcome(scenario, parcels, parks, _changes(scenario, changed.effects, desk))


def _with_network(desk: Desk, after: Desk, changed: Changed) -> tuple[Desk, tuple[Effect, ...]]:
    """The desk with its changed roads and the entrances there were, and what is to be told of both."""
    before, network = desk.once(road_network), road_network(after)
    if before is None or network is None:
        return replace(after, _kept={road_network: network}), changed.effects
    roads, origin, doubles = without_doubles(before, network, changed.origin)
    effects = _with_doubles(changed.effects, before.roads.iloc[doubles])
    if len(doubles):
        after = replace(after, layers=replace(after.layers, roads=roads), _kept={})
        network = road_network(after)
        if network is None:
            return replace(after, _kept={road_network: None}), tuple(effects)
    network = with_entrances_of(before, network, origin)
    told = _with_lost(effects, lost_entrances(before, network), desk)
    return replace(after, _kept={road_network: network}), told


def _with_stranded(effects: Sequence[Effect], desk: Desk) -> tuple[Effect, ...]:
    """Of new facilities also that no road is near enough."""
    layer, network = desk.layers.facilities, desk.once(road_network)
    if layer is None:
        return tuple(effects)
    on_a_road = np.zeros(len(layer), dtype=bool)
    if network is not None:
        on_a_road = np.any([places.node >= 0 for places in network.places.values()], axis=0)
    stranded = set(layer["facility_id"][~on_a_road])
    said = sentence(
        "it lies farther than {metres} m from every road that it may open onto: it is reached by nobody",
        metres=f"{desk.rules['access.facility_m'].number('m'):g}",
    )
    return tuple(
        replace(one, said=(*one.said, said), doubtful=True)
        if one.change.action == "add_facility" and one.change.fields["facility_id"] in stranded
        else one
        for one in effects
    )


def _with_doubles(effects: Sequence[Effect], doubles: gpd.GeoDataFrame) -> list[Effect]:
    """Of closed roads also those that are drawn on them."""
    told = []
    for one in effects:
        on = np.zeros(len(doubles), dtype=bool)
        if one.change.action == "close_road":
            on = np.asarray(shapely.dwithin(doubles.geometry.to_numpy(), one.geometry, _ON_M), dtype=bool)
        ids = tuple(doubles["road_id"][on])
        said = sentence("roads {ids} are drawn on others here and count as closed with them", ids=ids)
        told.append(replace(one, said=(*one.said, said), doubtful=True) if on.any() else one)
    return told


def _with_lost(effects: Sequence[Effect], lost: Lost, desk: Desk) -> tuple[Effect, ...]:
    """Of closed roads also who has no entrance but on them."""
    told = []
    for one in effects:
        said, facilities = list(one.said), np.zeros(0, dtype=bool)
        if one.change.action == "close_road":
            parcels = shapely.dwithin(lost.gates, one.geometry, _ON_M)
            facilities = shapely.dwithin(lost.places, one.geometry, _ON_M)
            if parcels.any():
                ids = tuple(desk.parcels["parcel_id"].iloc[lost.parcels[parcels]])
                said.append(sentence("the only entrances of parcels {ids} lie on it", ids=ids))
        if facilities.any() and desk.layers.facilities is not None:
            ids = tuple(desk.layers.facilities["facility_id"].iloc[lost.facilities[facilities]])
            said.append(
                sentence(
                    "the entrances of facilities {ids} are taken to lie on it: they are reached by nobody then",
                    ids=ids,
                )
            )
        # Where a facility has its entrance was parkgeo's guess: the nearest road.
        told.append(replace(one, said=tuple(said), doubtful=one.doubtful or bool(facilities.any())))
    return tuple(told)


def _compared(parcels: pd.DataFrame) -> tuple[Difference, ...]:
    names = [str(name) for name in parcels]
    figures = [Difference(name, "less") for name in names if name.startswith(_LESS)]
    figures += [Difference(name, "more") for name in names if name in _MORE]
    verdicts = [Difference(name, "no") for name in _VERDICTS]
    return (*figures, *verdicts, *(Difference(name, "") for name in _TEXTS))


def _changes(scenario: Scenario, effects: Sequence[Effect], desk: Desk) -> gpd.GeoDataFrame:
    """What became of each change, a row each."""
    rows = {
        "scenario": [scenario.name] * len(effects),
        "title": [scenario.title or scenario.name] * len(effects),
        "action": [one.change.action for one in effects],
        "place": [one.change.place for one in effects],
        "doubtful": [one.doubtful for one in effects],
    }
    for lang in LANGUAGES:
        rows[f"what_{lang}"] = [
            say("; ", lang).join(said.speak(lang) for said in one.said) for one in effects
        ]
    shapes = [one.geometry for one in effects]
    told = gpd.GeoDataFrame(rows, geometry=shapes, crs=desk.parcels.crs)
    return told.assign(doubtful=told["doubtful"].astype(bool))


def scenarios(desk: Desk) -> Part:
    """What each scenario of park.toml changes."""
    found = [outcome(desk, one) for one in desk.scenarios]
    if not found:
        return Part()
    tables = {
        "scenario_parcels": pd.concat([one.parcels for one in found], ignore_index=True),
        "scenario_parks": pd.concat([one.parks for one in found], ignore_index=True),
        "scenario_changes": pd.concat([one.changes for one in found], ignore_index=True),
    }
    return Part(tables=tables, facts={"scenarios": [one.scenario.name for one in found]})
