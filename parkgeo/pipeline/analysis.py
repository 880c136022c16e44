"""Layers and packs → an analysis, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from parkgeo.assess.contracts import contracts_of
from parkgeo.assess.findings import findings_frame
from parkgeo.assess.gaps import gaps_frame, layer_gaps
from parkgeo.layers import RASTERS, schema
from parkgeo.metrics import METRICS
from parkgeo.metrics.membership import park_of
from parkgeo.pipeline.access import access
from parkgeo.pipeline.agglomeration import agglomeration
from parkgeo.pipeline.assembly import assembly
from parkgeo.pipeline.boundary import boundary
from parkgeo.pipeline.conflicts import conflicts
from parkgeo.pipeline.desk import Desk, joined
from parkgeo.pipeline.evidence import evidence
from parkgeo.pipeline.form import areas, built_form
from parkgeo.pipeline.idle import idle
from parkgeo.pipeline.imagery import imagery
from parkgeo.pipeline.land import land
from parkgeo.pipeline.layout import layout
from parkgeo.pipeline.meters import meters
from parkgeo.pipeline.net_land import net_land
from parkgeo.pipeline.park import park
from parkgeo.pipeline.performance import performance
from parkgeo.pipeline.potential import potential
from parkgeo.pipeline.records import records
from parkgeo.pipeline.scenario import scenarios as planned
from parkgeo.pipeline.services import services
from parkgeo.pipeline.states import states

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    import pandas as pd

    from parkgeo.assess.gaps import Gap
    from parkgeo.layers import Layers, Scenario
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Part

__all__ = ["STAGES", "Analysis", "Tables", "analyse"]

STAGES: tuple[Callable[[Desk], Part], ...] = (
    areas,
    land,
    built_form,
    performance,
    meters,
    access,
    services,
    idle,
    boundary,
    states,
    imagery,
    evidence,
    records,
    layout,
    conflicts,
    potential,
    net_land,
    assembly,
    park,
    agglomeration,
    planned,
)
"""What is worked out, in this order: each stage sees what the former left."""


class Tables(Mapping[str, "pd.DataFrame"]):
    """Tables by name; one that is yet to be made is made when it is asked for, each time."""

    def __init__(self, tables: Mapping[str, pd.DataFrame | Callable[[], pd.DataFrame]]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        table = self._tables[name]
        return table() if callable(table) else table

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def beside(self, others: Mapping[str, pd.DataFrame]) -> Tables:
        """These and others; an other takes the place of one of the same name."""
        return Tables({**self._tables, **others})


@dataclass(frozen=True)
class Analysis:
    """What layers and packs say about a park.

    Attributes
    ----------
    tables
        ``parcels`` with metrics and verdicts, ``findings``, ``indicators``, ``gaps``, ``parks``, what the stages made, and
        the layers as read. What only people read is made when its table is asked for, and not kept.
    facts
        For the manifest: year of the companies' figures, how they came to parcels, and what else the stages say.
    """

    tables: Tables
    facts: dict[str, Any]


def analyse(
    layers: Layers,
    rules: RuleBook,
    as_of: dt.date,
    *,
    pixels: pd.DataFrame | None = None,
    terrain: pd.DataFrame | None = None,
    scenarios: tuple[Scenario, ...] = (),
) -> Analysis:
    """Compute metrics, verdicts, findings and indicators.

    Parameters
    ----------
    layers
        Validated layers in one projected coordinate system in metres.
    rules
        The packs in force.
    as_of
        The day for which the land is judged.
    pixels
        What each image shows of each parcel.
    terrain
        What the terrain model says of the ground of each parcel.
    scenarios
        What is to be looked at beside what is there.

    Returns
    -------
    Analysis
        Pure: no file is read or written, nothing given is changed.
    """
    parcels = layers.parcels.copy()
    parcels["park_id"] = park_of(parcels, layers.parks)
    contracts = contracts_of(parcels, layers.supply)
    desk = Desk(layers, rules, as_of, parcels, layers.parks.copy(), contracts, pixels, terrain, scenarios)
    for stage in STAGES:
        desk = desk.take(stage(desk))
    # What the stages kept for each other goes with the desk.
    parcels, found = desk.parcels, desk.found
    tables: dict[str, pd.DataFrame | Callable[[], pd.DataFrame]] = {
        **layers.tables(),
        **found.tables,
        "parks": desk.parks,
        "parcels": lambda: reduce(joined, (words() for words in found.words), parcels),
        "findings": lambda: findings_frame(found.findings, parcels.crs),
        "gaps": lambda: gaps_frame([*found.gaps, *_absent_layers(layers)]),
    }
    return Analysis(Tables(tables), found.facts)


def _absent_layers(layers: Layers) -> Iterator[Gap]:
    """For each metric and finding, the layers it lacks."""
    absent = set(layers.missing())
    wanted = [(metric.name, metric.needs) for metric in METRICS]
    wanted += [
        (field, ("supply",))
        for field in ("idle_not_started", "approved_not_supplied", "supplied_not_started", "below_contract")
    ]
    wanted += [("building_across_parcels", ("buildings",)), ("no_company", ("occupancy",))]
    wanted += [("plan_conflict", ("plan",)), ("constraint_conflict", ("constraints",))]
    wanted += [("no_frontage", ("roads",)), ("unreachable", ("roads",))]
    for field, needs in wanted:
        yield from layer_gaps(field, [(name, _titles(name)) for name in needs if name in absent])


def _titles(layer: str) -> dict[str, str]:
    return RASTERS[layer] if layer in RASTERS else {"zh": schema(layer).zh, "en": schema(layer).en}
