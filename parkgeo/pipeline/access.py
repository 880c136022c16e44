"""Stage: how well each parcel is connected: frontage, minutes, kilometres, cost, the score, and who does not get there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from parkgeo.assess.access import LIMITS, Approach, no_frontage, truck_unreachable, unreachable
from parkgeo.assess.access.approach import Met
from parkgeo.assess.access.gaps import (
    far_gate_gaps,
    kind_gaps,
    left_gaps,
    missing_gaps,
    said,
    score_gaps,
    sharing_gaps,
)
from parkgeo.assess.composite import composite
from parkgeo.assess.gaps import gaps_frame
from parkgeo.assess.judged import judged_findings, not_judged, verdict_text
from parkgeo.metrics import METRICS
from parkgeo.metrics.access import truck_yuan_per_t
from parkgeo.metrics.network.lines import column
from parkgeo.pipeline.access_tables import access_tables
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.network import road_network
from parkgeo.pipeline.staff import demand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.attached import Attached
    from parkgeo.assess.composite import Composite
    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.judged import Judged
    from parkgeo.layers import Layers
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk
    from parkgeo.pipeline.network import RoadNetwork

__all__ = ["access"]

_WHAT = {
    "travel_min_": ("car", "minutes"),
    "travel_km_": ("car", "km"),
    "truck_min_": ("truck", "minutes"),
    "truck_yuan_per_t_": ("truck", "yuan"),
    "walk_min_": ("walk", "minutes"),
}
_NO_ROAD = "The layer of roads holds no line that can be travelled: check the file."
_NO_LIMITS = "The roads have no field of height limits, weight limits or hours closed to trucks, and no gate says whether trucks may use it: ask, where trucks are kept from a parcel is then judged."
_NO_KIND = "The packs in force do not list this kind of facility (access.gateway_kinds, access.service_kinds, access.walk_kinds)."
_NO_WEIGHT = "The packs in force have no weights of the score (access.score_weights)."


class _Column(NamedTuple):
    """A column of the parcels about a kind of facility: its name, the kind, who travels, and what of the way it holds."""

    name: str
    kind: str
    mode: str
    holds: str


_COLUMNS = tuple(
    _Column(metric.name, metric.name.removeprefix(prefix), *told)
    for metric in METRICS
    for prefix, told in _WHAT.items()
    if metric.name.startswith(prefix)
)
_OWN = ("gates", "frontage_m", *(each.name for each in _COLUMNS), "access_score")


def access(desk: Desk) -> Part:
    """Columns and verdicts; tables, sentences and gaps are made when they are written."""
    network, ids = desk.once(road_network), desk.parcels["parcel_id"]
    columns = pd.DataFrame(np.nan, index=desk.parcels.index, columns=list(_OWN))
    if network is not None:
        columns["gates"] = np.bincount(network.gates.owner, minlength=network.parcels).astype(np.float64)
        columns["frontage_m"] = network.frontage_m
        for each, values in _measured(network):
            columns[each.name] = values
    score = _score(columns, desk.rules)
    if score is not None:
        columns["access_score"] = score.score
    answers = _answers(desk, network)
    verdicts = {
        code: not_judged(desk.parcels) if judged is None else verdict_text(judged)
        for code, judged in answers.items()
    }
    found = [
        partial(judged_findings, judged, desk.parcels) for judged in answers.values() if judged is not None
    ]
    return Part(
        pd.concat([columns, pd.DataFrame(verdicts)], axis=1),
        findings=found,
        gaps=[
            partial(
                _gaps, desk.layers, ids, network, score, desk.once(demand), desk.rules,
                limits_known=answers["truck_unreachable"] is not None, gates=desk.attached("gates"),
            )
        ],
        tables={} if network is None else access_tables(desk, network, None if score is None else partial(score.breakdown, ids)),
        facts={"network": None if network is None else _told(network)},
    )  # fmt: skip


def _listed(column: _Column, rules: RuleBook) -> bool:
    """Whether the packs ask for a column's kind."""
    names = {"car": ("gateway_kinds", "service_kinds"), "truck": ("gateway_kinds",), "walk": ("walk_kinds",)}
    return any(column.kind in rules[f"access.{name}"].texts() for name in names[column.mode])


def _measured(network: RoadNetwork) -> Iterator[tuple[_Column, NDArray[np.float64]]]:
    """Each column that can be measured."""
    rates = {
        name: network.rules[f"access.truck_{name}"].number(unit)
        for name, unit in (("yuan_per_km", "yuan/km"), ("yuan_per_h", "yuan/h"), ("toll_yuan_per_km", "yuan/km"), ("load_t", "t"))
    }  # fmt: skip
    for each in _COLUMNS:
        if not _listed(each, network.rules):
            continue
        way = network.nearest(each.kind, each.mode)
        if each.holds == "yuan":
            yield each, truck_yuan_per_t(way.km, way.minutes, way.extra_km, **rates)
        else:
            yield each, way.minutes if each.holds == "minutes" else way.km


def _score(columns: pd.DataFrame, rules: RuleBook) -> Composite | None:
    """The score of each parcel; None where the packs weigh nothing."""
    weights, ideal, worst = (rules.get(f"access.score_{name}") for name in ("weights", "ideal", "worst"))
    if weights is None or ideal is None or worst is None:
        return None
    return composite(columns, weights.table(), ideal.table(), worst.table(), where=weights.pack)


def _answers(desk: Desk, network: RoadNetwork | None) -> Mapping[str, Judged | None]:
    about = (desk.parcels["land_kind"] != "too_small").to_numpy(dtype=bool)
    approach = Approach(desk.parcels, about, desk.rules, None if network is None else _met(network))
    return {
        "no_frontage": no_frontage(approach),
        "unreachable": unreachable(approach),
        "truck_unreachable": truck_unreachable(approach),
    }


def _met(network: RoadNetwork) -> Met:
    return Met(
        network.roads, network.drawn, network.seen, network.gates, network.frontage_m, network.half_width_m, network.may_front,
        network.stray_m, network.weights, {mode: network.parts(mode) for mode in ("car", "truck")},
    )  # fmt: skip


def _told(network: RoadNetwork) -> dict[str, Any]:
    """For the manifest: how large the network is, and how parcels meet it."""
    found = network.parts("car")
    return {
        "nodes": network.drawn.nodes,
        "edges": network.drawn.edges,
        "km": round(float(network.drawn.length_m.sum()) / 1000.0, 3),
        "parts": len(np.unique(found.component[network.drawn.start])),
        "gates_given": int(network.given.sum()),
        "gates_assumed": int((~network.given).sum()),
    }


def _gaps(
    layers: Layers,
    ids: pd.Series[Any],
    network: RoadNetwork | None,
    score: Composite | None,
    staff: NDArray[np.float64] | None,
    rules: RuleBook,
    *,
    limits_known: bool,
    gates: Attached | None,
) -> pd.DataFrame:
    """Why what is missing is."""
    gaps: list[Gap | pd.DataFrame | Callable[[], pd.DataFrame]] = []
    if network is None:
        if layers.roads is not None:
            gaps += [said("parcels", name, _NO_ROAD) for name in (*_OWN, "no_frontage", "unreachable")]
        return gaps_frame(gaps)
    if not limits_known and not any(name in network.roads for name in LIMITS):
        gaps.append(said("parcels", "truck_unreachable", _NO_LIMITS))
    gaps += _far_gates(ids, network, gates)
    if layers.facilities is None:
        return gaps_frame(gaps)
    limit = rules["access.facility_m"].number("m")
    gaps += [said("parcels", each.name, _NO_KIND) for each in _COLUMNS if not _listed(each, rules)]
    groups: dict[tuple[str, str], list[str]] = {}
    for each in _COLUMNS:
        if _listed(each, rules):
            groups.setdefault((each.kind, each.mode), []).append(each.name)
    for (kind, mode), fields in groups.items():
        off = pd.DataFrame(layers.facilities).iloc[network.off_network(kind, mode)]
        gaps += kind_gaps(fields, kind, int((network.kind == kind).sum()), off, limit)
        if len(network.of_kind(kind, mode)):
            usable = np.isin(np.arange(network.parcels), network.drawn_ends(mode)[0].owner)
            minutes = network.nearest(kind, mode).minutes
            gaps += missing_gaps(ids, minutes, network.connected, usable, mode, fields)
    stated = "weight" in layers.facilities
    gaps += sharing_gaps(staff, column(layers.facilities, "weight"), stated=stated)
    gaps += left_gaps(network.worst_links.left_out)
    if score is None:
        gaps.append(said("parcels", "access_score", _NO_WEIGHT))
    else:
        gaps.append(score_gaps(ids, score.missing(), _title))
    return gaps_frame(gaps)


def _far_gates(ids: pd.Series[Any], network: RoadNetwork, gates: Attached | None) -> Iterator[Gap]:
    """Which gates on record are too far from any road."""
    if gates is not None:
        by_given = np.zeros(network.parcels, dtype=bool)
        by_given[network.gates.owner[network.given]] = True
        yield from far_gate_gaps(
            ids, gates.rows, gates.place, network.gate_off_m, network.connected, by_given,
            network.rules["access.gate_m"].number("m"),
        )  # fmt: skip


_TITLES: dict[str, dict[str, str]] = {metric.name: {"zh": metric.zh, "en": metric.en} for metric in METRICS}


def _title(name: str, lang: str) -> str:
    return _TITLES.get(name, {}).get(lang, name)
