"""Travel times as files: matrices of parcels and facilities, or parcels and parcels, as Parquet; isochrones as GeoJSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np

from parkgeo.errors import NotFoundError, ProjectError, name_some
from parkgeo.metrics.network.arcs import Network
from parkgeo.metrics.network.ends import carried_ends
from parkgeo.metrics.network.search import nearest
from parkgeo.metrics.network.splitting import carried, split
from parkgeo.pipeline.network import MODES, road_network
from parkgeo.pipeline.recall import recalled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from parkgeo.metrics.network.reach import Reach
    from parkgeo.pipeline.desk import Desk
    from parkgeo.pipeline.network import RoadNetwork
    from parkgeo.store import Snapshot

    _Told = tuple[str, NDArray[np.object_], Reach, NDArray[np.int8]]
    """One destination: its id, the parcels, how they reach it, and why not, by place in `REASONS`."""

__all__ = ["BETWEEN_MOST", "REASONS", "Written", "isochrones_to", "matrix_between", "matrix_to"]

BETWEEN_MOST = 20_000
"""Most parcels of a matrix between all of them: above, it has more than 400 million rows."""

REASONS = ("", "no_gate", "no_truck_gate", "off_network", "no_way")
"""Why a row of a matrix has no minutes: a parcel meets no road, or none by a gate for trucks; the facility is too far from every road that
its visitors may use; there is no way between the two. Empty where there are minutes. The first that holds is named."""
_REASON = {name: np.int8(at) for at, name in enumerate(REASONS)}


class Written(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    rows
        Rows or features in it.
    without
        Of the rows, how many have no figure, by the reason of `REASONS`; those reasons that occur.
    """

    rows: int
    without: dict[str, int]


def _network(snapshot: Snapshot, mode: str) -> tuple[Desk, RoadNetwork]:
    if mode not in MODES:
        raise ProjectError(f"nobody travels by {mode!r}", mend=f"--mode is one of {name_some(MODES)}")
    desk = recalled(snapshot)
    network = desk.once(road_network)
    if network is None:
        raise NotFoundError(
            "there are no roads to travel on",
            where=snapshot.name,
            mend="name a layer of roads in park.toml and analyse again",
        )
    return desk, network


def _known_kind(network: RoadNetwork, kind: str, snapshot: Snapshot) -> None:
    kinds = network.kinds()
    if kind not in kinds:
        raise NotFoundError(
            f"no facility of kind {kind!r}",
            where=snapshot.name,
            mend=f"the layer of facilities has {name_some(kinds, shown=30)}" if kinds else "name a layer of facilities in park.toml",
        )  # fmt: skip


def matrix_to(snapshot: Snapshot, kind: str, path: Path, *, mode: str = "car") -> Written:
    """Write minutes and kilometres between every parcel and every facility of a kind.

    Parameters
    ----------
    snapshot
        The analysis.
    kind
        Of the facilities.
    path
        A .parquet file: ``parcel_id``, ``facility_id``, ``mode``, ``minutes``, ``km``, ``reason``. Minutes and km are null where there is
        no way, or where parcel or facility does not meet the roads; ``reason`` then says which, see `REASONS`. For kinds whose vehicles come to the parcel the way is from the facility.
    mode
        ``car``, ``truck`` or ``walk``.

    Returns
    -------
    Written
        Rows, and how many have no minutes, by reason.

    Raises
    ------
    NotFoundError
        There are no roads, or no such facilities.
    ProjectError
        The mode is none of them.
    """
    desk, network = _network(snapshot, mode)
    _known_kind(network, kind, snapshot)
    facilities = desk.layers.facilities
    assert facilities is not None  # noqa: S101 - the kind was found in it
    rows = np.flatnonzero(network.kind == kind)
    names = facilities["facility_id"].astype(str).to_numpy(dtype=object)
    parcels, met = _ids(desk), _meeting(network, mode)
    told = (
        (names[row], parcels, found, _facility_reasons(network, mode, row, met, found))
        for row in rows
        for found in [_from_all(network, mode, row, inbound=network.inbound(kind))]
    )
    return _write(path, "facility_id", mode, told)


def _ids(desk: Desk) -> NDArray[np.object_]:
    return np.asarray(desk.parcels["parcel_id"].astype(str), dtype=object)


def _meeting(network: RoadNetwork, mode: str) -> NDArray[np.int8]:
    """Of each parcel why it does not meet the roads of a mode, by place in `REASONS`; 0 where it does."""
    found = np.where(network.connected, _REASON["no_truck_gate"], _REASON["no_gate"])
    found[network.ends(mode).owner] = _REASON[""]
    return found


def _facility_reasons(
    network: RoadNetwork, mode: str, row: np.intp, met: NDArray[np.int8], found: Reach
) -> NDArray[np.int8]:
    """Why parcels do not reach one facility."""
    rest = _REASON["no_way" if network.places[mode].node[row] >= 0 else "off_network"]
    return np.where(np.isnan(found.minutes), np.where(met > 0, met, rest), _REASON[""])


def _from_all(network: RoadNetwork, mode: str, row: np.intp, *, inbound: bool) -> Reach:
    """How each parcel reaches one facility; that it does not where the facility is off the roads."""
    place = network.places[mode]
    on = np.array([row]) if place.node[row] >= 0 else np.empty(0, dtype=np.intp)
    return nearest(
        network.graph, network.networks[mode].weights, place.node[on], network.ends(mode),
        entry_km_h=network.entry_km_h, owners=network.parcels, inbound=inbound, off_m=place.off_m[on],
        network=network.networks[mode],
    )  # fmt: skip


def matrix_between(snapshot: Snapshot, path: Path, *, mode: str = "car") -> Written:
    """Write minutes and kilometres from every parcel to every other.

    Parameters
    ----------
    snapshot
        The analysis.
    path
        A .parquet file: ``parcel_id``, ``to_parcel_id``, ``mode``, ``minutes``, ``km``, ``reason``. Minutes and km are null where
        there is no way, or one of the two parcels meets no road; ``reason`` then says which, see `REASONS`. No row leads from a parcel
        to itself.
    mode
        ``car``, ``truck`` or ``walk``.

    Returns
    -------
    Written
        Rows, and how many have no minutes, by reason.

    Raises
    ------
    NotFoundError
        There are no roads.
    ProjectError
        The mode is none of them, or there are more than `BETWEEN_MOST` parcels.
    """
    desk, network = _network(snapshot, mode)
    if network.parcels > BETWEEN_MOST:
        raise ProjectError(
            f"a matrix between {network.parcels} parcels has {network.parcels**2:.1e} rows",
            mend=f"up to {BETWEEN_MOST} parcels are taken; ask for --to a kind of facility",
        )
    ends = network.ends(mode)
    # Every gate becomes a node, so that parcels can be driven to as facilities are.
    graph, nodes, edge_map = split(network.graph, ends.edge, ends.fraction)
    weights = carried(network.networks[mode].weights, edge_map)
    moved, arranged = carried_ends(ends, edge_map), Network(graph, weights)
    ids, met = _ids(desk), _meeting(network, mode)

    def told() -> Iterator[_Told]:
        for parcel in range(network.parcels):
            mine = np.flatnonzero(ends.owner == parcel)
            found = nearest(
                graph, weights, nodes[mine], moved, entry_km_h=network.entry_km_h, owners=network.parcels,
                off_m=ends.off_m[mine], network=arranged,
            )  # fmt: skip
            # Of two parcels that both meet no road, that at which the way begins is named.
            why = np.where(met > 0, met, met[parcel] if met[parcel] > 0 else _REASON["no_way"])
            yield ids[parcel], ids, found, np.where(np.isnan(found.minutes), why, _REASON[""])

    return _write(path, "to_parcel_id", mode, told(), itself=False)


def _write(
    path: Path, to: str, mode: str, told: Iterator[_Told], *, itself: bool = True
) -> Written:  # fmt: skip
    """One destination after the other, so that no more than one stands in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from parkgeo.files import publish_file

    schema = pa.schema([("parcel_id", pa.string()), (to, pa.string()), ("mode", pa.string()), ("minutes", pa.float64()), ("km", pa.float64()), ("reason", pa.string())])  # fmt: skip
    words, seen = pa.array(REASONS, pa.string()), Counter[str]()
    with publish_file(path) as beside, pq.ParquetWriter(beside, schema) as writer:
        for name, parcels, found, why in told:
            kept = np.ones(len(parcels), dtype=bool) if itself else parcels != name
            count = int(kept.sum())
            columns = [
                pa.array(parcels[kept], pa.string()), pa.array([name] * count, pa.string()), pa.array([mode] * count, pa.string()),
                *(pa.array(values[kept], mask=np.isnan(values[kept])) for values in (found.minutes, found.km)),
                words.take(pa.array(why[kept])),
            ]  # fmt: skip
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            counts = np.bincount(why[kept], minlength=len(REASONS)).tolist()
            seen.update(dict(zip(REASONS, counts, strict=True)))
    return Written(seen.total(), {name: count for name, count in seen.items() if name and count})


def isochrones_to(
    snapshot: Snapshot, kind: str, minutes: Sequence[float], path: Path, *, mode: str = "car"
) -> Written:
    """Write the ground from which the nearest facility of a kind is reached within each time.

    Parameters
    ----------
    snapshot
        The analysis.
    kind
        Of the facilities.
    minutes
        One or more times, above 0.
    path
        A .geojson file in longitude and latitude: ``kind``, ``mode``, ``minutes``, ``inbound`` (whether the way is from the facility). A
        larger time holds the smaller.
    mode
        ``car``, ``truck`` or ``walk``.

    Returns
    -------
    Written
        Features; none for a time within which no road is reached.

    Raises
    ------
    NotFoundError
        There are no roads, or no such facilities, or none of them stands on a road.
    ProjectError
        The mode is none of them.
    """
    from parkgeo.export.geojson import write_geojson
    from parkgeo.files import publish_file

    desk, network = _network(snapshot, mode)
    _known_kind(network, kind, snapshot)
    if not len(network.of_kind(kind, mode)):
        raise NotFoundError(
            f"no facility of kind {kind!r} stands near a road",
            where=snapshot.name,
            mend="check where it is drawn, or raise access.facility_m",
        )
    wanted = sorted(set(minutes))
    shapes = network.isochrones(kind, mode, wanted)
    properties: dict[str, Any] = {
        "kind": kind,
        "mode": mode,
        "minutes": wanted,
        "inbound": network.inbound(kind),
    }
    frame = gpd.GeoDataFrame(properties, geometry=list(shapes), crs=desk.parcels.crs)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    with publish_file(path) as beside:
        write_geojson(snapshot, "isochrones", frame, beside)
    return Written(len(frame), {})
