"""Part of a stage: where high output stands beside high output, and idle land beside idle land."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.errors import PackError
from parkgeo.metrics.agglomeration.clusters import CLUSTERS, getis_ord_star, global_moran, local_moran
from parkgeo.metrics.agglomeration.weights import neighbours
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.metrics.agglomeration.weights import Weights
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk

__all__ = ["clusters"]

_ISLAND = "No other parcel with a known value touches it or lies across a road from it, so nothing is said of clusters."
_NO_VALUES = {
    "output": "Fewer than four parcels have a known output per mu, or all have the same: nothing can be said of clusters. Ask for occupancy and returns.",
    "idle": "Fewer than four parcels have a known verdict on idleness, or all have the same: nothing can be said of clusters.",
}
_NO_BAND = "No pack in force says how clusters are looked for (agglomeration.gap_m, significance, permutations, seed)."
_LAYOUTS = (99, 99_999)  # fewer say next to nothing, more only cost memory
_SETTINGS = ("gap_m", "significance", "permutations", "seed")


class _Settings(NamedTuple):
    gap_m: float
    alpha: float
    permutations: int
    seed: int


def clusters(desk: Desk) -> Part:
    """Columns of local association, the table ``spatial_association``, and what could not be said."""
    parcels = desk.parcels
    settings = _settings(desk.rules)
    columns: dict[str, Any] = {}
    gaps: list[Gap | pd.DataFrame] = []
    rows: list[dict[str, Any]] = []
    near = None
    if settings is None:
        gaps += field_gaps("output_cluster", _NO_BAND) + field_gaps("idle_cluster", _NO_BAND)
    else:
        near = neighbours(np.asarray(parcels.geometry.array, dtype=object), gap_m=settings.gap_m)
    for name, values in (("output", _output(parcels)), ("idle", _idle(parcels))):
        told = ~np.isnan(values)
        cluster, p, hot = _blank(len(parcels))
        if near is not None and settings is not None:
            among = near.among(told)
            found = local_moran(
                values[told], among, alpha=settings.alpha, permutations=settings.permutations, seed=settings.seed
            )  # fmt: skip
            cluster[told], p[told] = found.cluster, found.adjusted_p
            hot[told] = getis_ord_star(values[told], among)
            rows += _whole(name, parcels, values, near)
            gaps += _islands(name, parcels, told, among, cluster)
        words = pd.Categorical.from_codes(cluster, pd.Index(CLUSTERS))
        columns[f"{name}_cluster"] = pd.Series(words, index=parcels.index).astype("str")
        columns[f"{name}_cluster_p"] = p
        if name == "output":
            columns["output_gi_z"] = hot
    table = pd.DataFrame(rows, columns=list(_ROW)).astype(_ROW)
    return Part(pd.DataFrame(columns, index=parcels.index), gaps=gaps, tables={"spatial_association": table})


_ROW = {
    "park_id": "str", "measure": "str", "parcels": "int64", "islands": "int64", "moran_i": "float64",
    "expected_i": "float64", "z": "float64", "p": "float64",
}  # fmt: skip


def _settings(rules: RuleBook) -> _Settings | None:
    found = [rules.get(f"agglomeration.{name}") for name in _SETTINGS]
    if any(one is None for one in found):
        return None
    gap, alpha, permutations, seed = (one for one in found if one is not None)
    layouts = permutations.number("1")
    if not _LAYOUTS[0] <= layouts <= _LAYOUTS[1] or seed.number("1") < 0:
        raise PackError(
            f"{permutations.key} must lie between {_LAYOUTS[0]} and {_LAYOUTS[1]}, and {seed.key} must not be negative",
            where=permutations.pack,
        )
    return _Settings(gap.number("m"), alpha.number("1"), int(layouts), int(seed.number("1")))


def _blank(count: int) -> tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]:
    return np.full(count, -1, dtype=np.int8), np.full(count, np.nan), np.full(count, np.nan)


def _output(parcels: pd.DataFrame) -> NDArray[np.float64]:
    if "output_wan_per_mu" not in parcels:
        return np.full(len(parcels), np.nan)
    return parcels["output_wan_per_mu"].to_numpy(dtype=np.float64)


def _idle(parcels: pd.DataFrame) -> NDArray[np.float64]:
    """1 where the verdict on idleness is yes, 0 where it is no; missing where undetermined or not judged."""
    idle = coded(parcels, "idle")
    return np.select([idle.among(["yes"]), idle.among(["no"])], [1.0, 0.0], default=np.nan)


def _whole(
    name: str, parcels: pd.DataFrame, values: NDArray[np.float64], near: Weights
) -> list[dict[str, Any]]:
    """Moran's I of each park; neighbours in another park do not count."""
    park = coded(parcels, "park_id")
    rows = []
    for at, park_id in sorted(enumerate(park.words), key=lambda one: str(one[1])):
        own = (park.codes == at) & ~np.isnan(values)
        inside = near.among(own)
        found = global_moran(values[own], inside)
        rows.append(
            {
                "park_id": park_id, "measure": name, "parcels": int(own.sum()), "islands": int(inside.islands.sum()),
                "moran_i": found.statistic, "expected_i": found.expected, "z": found.z, "p": found.p,
            }
        )  # fmt: skip
    return rows


def _islands(
    name: str, parcels: pd.DataFrame, told: NDArray[np.bool_], among: Weights, cluster: NDArray[np.int8]
) -> list[Gap | pd.DataFrame]:
    """Why a parcel whose value is known has no cluster."""
    if not (cluster >= 0).any():
        return [*field_gaps(f"{name}_cluster", _NO_VALUES[name])]
    alone = np.zeros(len(parcels), dtype=bool)
    alone[told] = among.islands
    return [parcel_gaps(parcels["parcel_id"], alone, f"{name}_cluster", _ISLAND)] if alone.any() else []
