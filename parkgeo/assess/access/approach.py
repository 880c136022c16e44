"""How parcels come to the roads: what the rules on access are judged by, and how they are put in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.judged import Judged, verdict_table
from parkgeo.assess.states.telling import cases, missing_names, sentences
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, verdicts
from parkgeo.metrics.network.reach import AT_NODE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.states.telling import Text
    from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights
    from parkgeo.metrics.network.topology import Parts
    from parkgeo.packs import Figure, RuleBook

__all__ = ["Approach", "Met", "Passage", "decided", "of_parcels", "road_line"]

YES_CASE, NO_CASE = "yes", "no"


@dataclass(frozen=True)
class Met:
    """Roads, and where parcels meet them.

    Attributes
    ----------
    roads
        The layer: ``road_id``, ``name`` where it is stated, ``source_file``, ``source_row``.
    graph
        Its graph.
    seen
        What looked wrong while it was made: near misses among it.
    gates
        Where parcels meet it; ``trucks`` says which gates trucks may use.
    frontage_m
        Of each parcel, metres to the edge of the nearest road that it may open onto; NaN where there is none.
    half_width_m, may_front
        Of each edge.
    stray_m
        Of parcels whose given gates all lie too far from a road, how far the nearest does; NaN elsewhere.
    weights, parts
        By mode, ``car`` and ``truck``.
    """

    roads: gpd.GeoDataFrame
    graph: RoadGraph
    seen: gpd.GeoDataFrame
    gates: Ends
    frontage_m: NDArray[np.float64]
    half_width_m: NDArray[np.float64]
    may_front: NDArray[np.bool_]
    stray_m: NDArray[np.float64]
    weights: Mapping[str, Weights]
    parts: Mapping[str, Parts]

    @cached_property
    def names(self) -> NDArray[np.object_]:
        """Each road as a person calls it: its name with its id, or the id alone."""
        ids: NDArray[np.object_] = self.roads["road_id"].astype(object).to_numpy()
        if "name" not in self.roads:
            return ids
        named = self.roads["name"].astype(object)
        return np.array(
            [
                f"{name} ({own})" if isinstance(name, str) and name else own
                for name, own in zip(named, ids, strict=True)
            ],
            dtype=object,
        )

    def passage(self, mode: str) -> Passage:
        """Which parcels a mode gets into and out of."""
        ends = self.gates
        usable = ends.trucks if mode == "truck" else np.ones(len(ends.owner), dtype=bool)
        count, own, found = len(self.frontage_m), self.weights[mode], self.parts[mode]
        start, end = self.graph.start[ends.edge], self.graph.end[ends.edge]
        along, against = np.isfinite(own.along)[ends.edge], np.isfinite(own.against)[ends.edge]
        at_start, at_end = ends.fraction <= AT_NODE, ends.fraction >= 1 - AT_NODE
        enters = (found.entered[start] & (along | at_start)) | (found.entered[end] & (against | at_end))
        leaves = (found.left[end] & (along | at_end)) | (found.left[start] & (against | at_start))
        return Passage(
            gate=of_parcels(usable, ends.owner, count),
            enters=of_parcels(usable & enters, ends.owner, count),
            leaves=of_parcels(usable & leaves, ends.owner, count),
            on_open=of_parcels(usable & (along | against), ends.owner, count),
            part=self._part(usable, found, count),
        )

    def _part(self, usable: NDArray[np.bool_], found: Parts, count: int) -> NDArray[np.intp]:
        """Of each parcel, the longest of the parts of the network that its gates are on; -1 where it has none."""
        rows = np.flatnonzero(usable)
        part = found.component[self.graph.start[self.gates.edge[rows]]]
        order = np.argsort(found.component_m[part], kind="stable")
        best = np.full(count, -1, dtype=np.intp)
        best[self.gates.owner[rows[order]]] = part[order]  # the last write wins: the longest
        return best


@dataclass(frozen=True)
class Passage:
    """How a mode gets to each parcel.

    Attributes
    ----------
    gate
        Whether there is a gate that it may use.
    enters, leaves
        Whether one of them is reached from the main part of the network, and whether the main part is reached from one.
    on_open
        Whether one of them is on a road that is open to it.
    part
        Number of the part of the network that the gates are on; -1 without a gate.
    """

    gate: NDArray[np.bool_]
    enters: NDArray[np.bool_]
    leaves: NDArray[np.bool_]
    on_open: NDArray[np.bool_]
    part: NDArray[np.intp]


@dataclass(frozen=True)
class Approach:
    """What the rules on access are judged by.

    Attributes
    ----------
    parcels
        ``parcel_id``, geometry.
    about
        Which of them the rules are about: land that is built on.
    rules
        The packs in force.
    met
        The roads; None where there is no layer of them, or no road in it.
    """

    parcels: gpd.GeoDataFrame
    about: NDArray[np.bool_]
    rules: RuleBook
    met: Met | None
    _kept: dict[str, Passage] = field(default_factory=dict, repr=False, compare=False)

    def passage(self, mode: str) -> Passage:
        """`Met.passage`, worked out once; only where there are roads."""
        if mode not in self._kept and self.met is not None:
            self._kept[mode] = self.met.passage(mode)
        return self._kept[mode]


def of_parcels(held: NDArray[np.bool_], owner: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    """Whether something holds of a row of each parcel."""
    found = np.zeros(count, dtype=bool)
    found[owner[held]] = True
    return found


def decided(
    approach: Approach,
    code: str,
    figure: Figure,
    patterns: Mapping[str, str],
    found: list[tuple[NDArray[np.bool_], str]],
    *,
    about: NDArray[np.bool_],
    doubtful: tuple[str, ...],
    observed: NDArray[np.float64],
    threshold: float,
    values: Mapping[str, Text],
    told: Callable[[int], list[dict[str, Any]]],
) -> Judged:
    """A rule's answer by cases.

    Parameters
    ----------
    approach, code, figure, patterns
        What is judged, by which figure, and the sentence of each case.
    found
        Conditions with their cases; the first that holds counts. ``no`` is the case of a no.
    about
        Which parcels the rule is about.
    doubtful
        Cases that are undetermined, for want of roads that are complete; the others but ``no`` are a yes.
    observed, threshold
        In the code's unit.
    values, told
        What goes into the sentences, and the lines of evidence.
    """
    case = cases(found, NO_CASE)
    unsure = np.asarray(case.isin(doubtful))
    answer = np.where(unsure, UNKNOWN, np.where(np.asarray(case == NO_CASE), NO, YES)).astype(np.int8)
    verdict = verdicts(answer, about)
    missing = missing_names({"roads": unsure}, verdict)
    table = verdict_table(
        verdict, approach.parcels.index, observed=observed, threshold=threshold, case=case, missing=missing
    )
    return Judged(code, figure, table, sentences(patterns, case, missing, values), told)


def road_line(roads: pd.DataFrame, row: int, **more: Any) -> dict[str, Any]:
    """A line of evidence that names a road with its file and row."""
    where = (
        {"file": str(roads["source_file"].iloc[row]), "row": int(roads["source_row"].iloc[row])}
        if "source_row" in roads
        else {}
    )
    return {"what": "road_id", "value": str(roads["road_id"].iloc[row]), **where, **more}
