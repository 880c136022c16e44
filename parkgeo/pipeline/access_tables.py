"""Tables of the stage on access: made when they are written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.judged import text_column
from parkgeo.metrics.access import enhanced_two_step, two_step
from parkgeo.metrics.access.gravity import gravity
from parkgeo.metrics.access.opportunities import opportunities, weight_within
from parkgeo.metrics.network.edges import edge_lines
from parkgeo.metrics.network.lines import column
from parkgeo.metrics.network.speeds import classes
from parkgeo.metrics.network.topology import edge_parts
from parkgeo.pipeline.staff import demand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from parkgeo.pipeline.desk import Desk
    from parkgeo.pipeline.network import RoadNetwork

__all__ = ["access_tables", "ways_measured"]

_ACCESS = ("parcel_id", "kind", "mode", "rank", "facility_id", "minutes", "km", "inbound")
_KINDS = (
    "parcel_id", "kind", "mode", "facilities_within", "weight_within", "gravity", "sfca", "e2sfca",
)  # fmt: skip


def access_tables(
    desk: Desk, network: RoadNetwork, scores: Callable[[], pd.DataFrame] | None
) -> Mapping[str, Callable[[], pd.DataFrame]]:
    """What makes each table.

    Parameters
    ----------
    desk
        With staff, for what is shared among people; it is not kept.
    network
        The roads.
    scores
        Makes the breakdown of the score; None where there is none.
    """
    ids, facilities, staff = desk.parcels["parcel_id"], desk.layers.facilities, desk.once(demand)
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "network_edges": partial(_edges, network),
        "network_report": network.report,
        "gate_points": partial(_gate_points, ids, network),
        "access": partial(_nearest_table, ids, facilities, network),
        "access_kinds": partial(_kinds_table, ids, facilities, staff, network),
        "isochrones": partial(_isochrones, network),
        "links": partial(_links, network),
    }
    return tables if scores is None else {**tables, "access_scores": scores}


def ways_measured(network: RoadNetwork) -> Iterator[tuple[str, str]]:
    """Kinds of facilities that are on the network, each with the modes by which it is measured."""
    gateways, walked = (network.rules[f"access.{name}"].texts() for name in ("gateway_kinds", "walk_kinds"))
    for kind in network.kinds():
        modes = ["car"] + ["truck"] * (kind in gateways) + ["walk"] * (kind in walked)
        yield from ((kind, mode) for mode in modes if len(network.of_kind(kind, mode)))


def _edges(network: RoadNetwork) -> gpd.GeoDataFrame:
    graph, roads = network.drawn, network.roads
    minutes = {
        f"{mode}_min_{way}": _finite(getattr(network.weights[mode], way))
        for mode in ("car", "truck")
        for way in ("along", "against")
    }
    data = {
        "edge": np.arange(graph.edges),
        "road_id": roads["road_id"].array.take(graph.road),
        "road_class": _few(classes(roads)[graph.road]),
        "length_m": graph.length_m,
        **minutes,
        "part": _few(edge_parts(graph, network.weights["car"], network.parts("car"))),
    }
    return gpd.GeoDataFrame(data, geometry=edge_lines(graph), crs=roads.crs)


def _finite(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(minutes), minutes, np.nan)


def _few(values: NDArray[np.object_] | str, count: int | None = None) -> Any:
    """A column of texts of a few kinds, or of one text so many times; an empty one is missing."""
    if isinstance(values, str):
        codes = np.zeros(count or 0, dtype=np.int8)
        return text_column(
            pd.Categorical.from_codes(codes, pd.Index([values])), pd.RangeIndex(len(codes))
        ).array
    whole = pd.Series(values).where(values != "", None)
    return text_column(pd.Categorical(whole), pd.RangeIndex(len(whole))).array


def _gate_points(ids: pd.Series[Any], network: RoadNetwork) -> gpd.GeoDataFrame:
    ends = network.gates
    spots = shapely.line_interpolate_point(
        edge_lines(network.drawn, ends.edge), ends.fraction, normalized=True
    )
    data = {
        "parcel_id": ids.array.take(ends.owner),
        "edge": ends.edge,
        "off_m": ends.off_m,
        "given": network.given,
        "trucks": ends.trucks,
    }
    return gpd.GeoDataFrame(data, geometry=spots, crs=network.roads.crs)


def _nearest_table(
    ids: pd.Series[Any], facilities: gpd.GeoDataFrame | None, network: RoadNetwork
) -> pd.DataFrame:
    """The k nearest facilities of each kind; a parcel that reaches fewer has fewer rows."""
    most = int(network.rules["access.nearest_count"].number("1"))
    frames = []
    for kind, mode in ways_measured(network):
        found = network.k_nearest(kind, mode, most)
        owner, rank = np.nonzero(found.which >= 0)
        which = found.which[owner, rank]
        frames.append(
            pd.DataFrame(
                {
                    "parcel_id": ids.array.take(owner),
                    "kind": _few(kind, len(owner)),
                    "mode": _few(mode, len(owner)),
                    "rank": rank + 1,
                    "facility_id": None
                    if facilities is None
                    else facilities["facility_id"].array.take(which),
                    "minutes": found.minutes[owner, rank],
                    "km": found.km[owner, rank],
                    "inbound": network.inbound(kind),
                }
            )
        )
    return _together(frames, _ACCESS)


def _together(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    full = [frame for frame in frames if len(frame)]
    if not full:
        types = {"rank": "int64", "inbound": "bool"}
        texts = ("parcel_id", "kind", "mode", "facility_id")
        return pd.DataFrame(
            {
                name: pd.Series(dtype="str" if name in texts else types.get(name, "float64"))
                for name in columns
            }
        )
    return pd.concat(full, ignore_index=True)[list(columns)]


def _kinds_table(
    ids: pd.Series[Any],
    facilities: gpd.GeoDataFrame | None,
    staff: NDArray[np.float64] | None,
    network: RoadNetwork,
) -> pd.DataFrame:
    """What each parcel reaches of each kind, and its share of it."""
    weight = np.full(len(network.kind), np.nan) if facilities is None else column(facilities, "weight")
    stated = facilities is not None and "weight" in facilities
    frames = []
    for kind, mode in ways_measured(network):
        own = weight[network.of_kind(kind, mode)]
        frames.append(
            pd.DataFrame(
                {
                    "parcel_id": ids.array,
                    "kind": _few(kind, network.parcels),
                    "mode": _few(mode, network.parcels),
                    **_reached(network, kind, mode, own, stated=stated),
                    **_shared(network, kind, mode, own, staff),
                }
            )
        )
    return _together(frames, _KINDS)


def _reached(
    network: RoadNetwork, kind: str, mode: str, weight: NDArray[np.float64], *, stated: bool
) -> dict[str, NDArray[np.float64]]:
    """Number, weight and gravity of the facilities of a kind; pairs are summed as they come."""
    within, half = (
        network.rules[f"access.{name}"].number("min") for name in ("within_min", "gravity_half_min")
    )
    gate = _gated(network, mode)
    count, total, pull = (np.where(gate, 0.0, np.nan) for _ in range(3))
    drawn = weight if stated else np.ones(len(weight))
    for facility, owner, minutes in network.pair_chunks(kind, mode):
        count += opportunities(owner, minutes, gate, within_min=within)
        total += weight_within(facility, owner, minutes, weight, gate, within_min=within)
        pull += gravity(facility, owner, minutes, drawn, gate, half_min=half)
    # Where no facility has a weight at all, none was asked: the sum is missing, and not 0 where nothing is reached.
    return {"facilities_within": count, "weight_within": total if stated else np.full(len(gate), np.nan), "gravity": pull}  # fmt: skip


def _shared(
    network: RoadNetwork,
    kind: str,
    mode: str,
    supply: NDArray[np.float64],
    staff: NDArray[np.float64] | None,
) -> dict[str, NDArray[np.float64]]:
    """Supply for each of the staff, by both forms of the two steps; missing for kinds that the packs do not list."""
    rules, nothing = network.rules, np.full(network.parcels, np.nan)
    if staff is None or kind not in rules["access.sfca_kinds"].texts():
        return {"sfca": nothing, "e2sfca": nothing}
    within = rules["access.sfca_min"].number("min")
    steps, weights = (
        [float(text) for text in rules[f"access.e2sfca_{name}"].texts()] for name in ("steps_min", "weights")
    )
    chunks = list(network.pair_chunks(kind, mode, max(within, *steps)))
    pairs = (
        [np.concatenate(part) for part in zip(*chunks, strict=True)]
        if chunks
        else [np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), np.empty(0)]
    )
    asked = (*pairs, supply, staff, _gated(network, mode))
    return {
        "sfca": two_step(*asked, within_min=within).access,
        "e2sfca": enhanced_two_step(*asked, steps_min=steps, weights=weights).access,
    }


def _gated(network: RoadNetwork, mode: str) -> NDArray[np.bool_]:
    found = np.zeros(network.parcels, dtype=bool)
    found[network.drawn_ends(mode)[0].owner] = True
    return found


def _isochrones(network: RoadNetwork) -> gpd.GeoDataFrame:
    """Of the pack's kinds and times, the longest first, so that shorter ones are drawn over them."""
    rules = network.rules
    minutes = sorted({float(text) for text in rules["access.isochrone_min"].texts()}, reverse=True)
    gateways, wanted = (rules[f"access.{name}"].texts() for name in ("gateway_kinds", "isochrone_kinds"))
    rows: list[dict[str, Any]] = []
    joined: dict[bytes, shapely.Geometry] = {}
    for kind in wanted:
        for mode in ["car"] + ["truck"] * (kind in gateways):
            shapes = network.isochrones(kind, mode, minutes, joined)
            rows += [
                {"kind": kind, "mode": mode, "minutes": time, "inbound": network.inbound(kind), "geometry": shape}
                for time, shape in zip(minutes, shapes, strict=True)
                if shape is not None
            ]  # fmt: skip
    types = {"kind": "str", "mode": "str", "minutes": "float64", "inbound": "bool"}
    frame = pd.DataFrame(rows, columns=[*types, "geometry"])
    return gpd.GeoDataFrame(frame[list(types)].astype(types), geometry=frame["geometry"].to_numpy(dtype=object), crs=network.roads.crs)  # fmt: skip


def _links(network: RoadNetwork) -> gpd.GeoDataFrame:
    """The stretches of road whose closing costs most."""
    found, shown = network.worst_links, int(network.rules["access.links_shown"].number("1"))
    edge = found.segment[:shown]
    data = {
        "edge": edge,
        "road_id": network.roads["road_id"].array.take(network.drawn.road[edge]),
        "parcels_slower": found.slower[:shown],
        "parcels_cut_off": found.cut_off[:shown],
        "minutes_lost": found.minutes_lost[:shown],
    }
    return gpd.GeoDataFrame(data, geometry=edge_lines(network.drawn, edge), crs=network.roads.crs)
