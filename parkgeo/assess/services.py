"""Which of the seven services (七通) each parcel can be connected to.

Six are mains: water, power, drainage, telecom, gas and heat. The seventh is the road, by the parcel's frontage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.judged import text_column
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, Answer, known
from parkgeo.assess.wording import listed
from parkgeo.errors import PackError, name_some
from parkgeo.metrics.services import Nearest, nearest_mains, spare_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["CASES", "MAINS", "NAMES", "ROAD", "Mains", "Service", "connection_limits", "main_services", "road_service", "service_columns"]  # fmt: skip

ROAD = "road"
NAMES: dict[str, dict[str, str]] = {
    ROAD: {"zh": "道路", "en": "road"},
    "water": {"zh": "供水", "en": "water"},
    "power": {"zh": "供电", "en": "power"},
    "drainage": {"zh": "排水", "en": "drainage"},
    "telecom": {"zh": "通信", "en": "telecom"},
    "gas": {"zh": "燃气", "en": "gas"},
    "heat": {"zh": "供热", "en": "heat"},
}
"""The seven services in the order in which they are shown, with their names."""

MAINS = tuple(kind for kind in NAMES if kind != ROAD)
"""Services that come by mains."""

CASES = (
    "spare", "unmeasured", "other", "other_unmeasured", "far", "full", "unnamed", "mapped", "no_kind", "no_layer", "frontage",
    "no_frontage", "frontage_unknown",
)  # fmt: skip
"""Why a service is ready, or not, or why that is not known."""
_FROM_OSM = r"(node|way|relation)/\d+( \(\d+\))?"  # a number behind it: one of several rows of one id
_CASE = {name: np.int8(at) for at, name in enumerate(CASES)}


@dataclass(frozen=True)
class Mains:
    """The layer of utilities as arrays, sorted by id, so that the order of its rows decides nothing.

    Attributes
    ----------
    layer
        Its rows.
    shapes
        Geometry.
    kinds
        Of each row, ``""`` where it is not known.
    spare, spare_share
        Capacity less use in the row's own unit, and its share of the capacity; NaN where they are not known.
    """

    layer: pd.DataFrame
    shapes: NDArray[np.object_]
    kinds: NDArray[np.object_]
    spare: NDArray[np.float64]
    spare_share: NDArray[np.float64]

    def only_mapped(self, kind: str) -> bool:
        """Whether all mains of a kind are from OpenStreetMap, which shows some of them and never says that there are no others."""
        if "utility_id" not in self.layer:
            return False
        ids = self.layer.loc[self.kinds == kind, "utility_id"].astype("str")
        return bool(ids.str.fullmatch(_FROM_OSM).fillna(value=False).all())

    @classmethod
    def of(cls, utilities: gpd.GeoDataFrame) -> Mains:
        """The layer's mains."""
        order = np.arange(len(utilities))
        if "utility_id" in utilities:
            order = np.argsort(
                utilities["utility_id"].fillna("").astype(str).to_numpy(dtype=object), kind="stable"
            )
        rows = utilities.iloc[order].reset_index(drop=True)
        kinds = (
            rows["kind"].astype(object).where(rows["kind"].notna(), "")
            if "kind" in rows
            else [""] * len(rows)
        )
        spare, share = spare_of(*(_numbers(rows, name) for name in ("capacity", "used")))
        return cls(
            pd.DataFrame(rows.drop(columns="geometry")), np.asarray(rows.geometry.array, dtype=object),
            np.asarray(kinds, dtype=object), spare, share,
        )  # fmt: skip

    def column(self, name: str, which: NDArray[np.intp]) -> NDArray[np.object_]:
        """A field of some rows; None for -1 and where it is blank or not there."""
        if name not in self.layer:
            return np.full(len(which), None, dtype=object)
        values = np.full(len(self.layer) + 1, None, dtype=object)
        values[:-1] = self.layer[name].astype(object).where(self.layer[name].notna(), None)
        found: NDArray[np.object_] = values[which]
        return found

    def number(self, name: str, which: NDArray[np.intp]) -> NDArray[np.float64]:
        """A number of some rows; NaN for -1 and where it is not there."""
        values = self.spare if name == "spare" else _numbers(self.layer, name)
        return np.append(values, np.nan)[which]


@dataclass(frozen=True)
class Service:
    """One service of all parcels.

    Attributes
    ----------
    kind
        One of `NAMES`.
    limit_m
        How far it may be; NaN where the packs do not ask for this service, and it counts for nothing.
    distance_m
        To the nearest; NaN where there is none.
    which
        Row of the nearest in `Mains`; -1 where there is none, and for roads.
    other
        Row of the main that decides instead, since the nearest is full, or since its kind is not known; else -1.
    other_m
        How far that one is.
    ready
        Whether the parcel can be connected.
    case
        Why, by place in `CASES`.
    """

    kind: str
    limit_m: float
    distance_m: NDArray[np.float64]
    which: NDArray[np.intp]
    other: NDArray[np.intp]
    other_m: NDArray[np.float64]
    ready: Answer
    case: NDArray[np.int8]

    @property
    def asked(self) -> bool:
        """Whether the packs ask for it."""
        return not np.isnan(self.limit_m)


def connection_limits(rules: RuleBook) -> dict[str, float]:
    """How far a main of each kind may be, in metres; none where no pack in force has the figure.

    Raises
    ------
    PackError
        It names a kind that there is not.
    """
    figure = rules.get("services.limit_m")
    limits = figure.table("m") if figure else {}
    strange = [kind for kind in limits if kind not in MAINS]
    if figure and strange:
        raise PackError(
            f"{figure.key} names {name_some(strange)}, which is no kind of main", where=figure.pack,
            mend=f"kinds are {', '.join(MAINS)}",
        )  # fmt: skip
    return limits


def main_services(
    parcels: NDArray[np.object_], mains: Mains | None, limits: Mapping[str, float], *, spare_share_min: float
) -> list[Service]:
    """Whether a main of each kind is within reach and has capacity to spare.

    Parameters
    ----------
    parcels
        Polygons in metres.
    mains
        In the same system; None without a layer of utilities.
    limits
        Kind → how far a main may be.
    spare_share_min
        A main with less than this share of its capacity to spare is full.

    Returns
    -------
    list of Service
        One for each of `MAINS`.

    Notes
    -----
    Ready is a parcel with at least one main within the limit that is not known to be full. So the nearest need not be the one that
    decides; one of unknown capacity or use counts by its distance alone, and the note says so. Shares of capacities are compared,
    never capacities: mains of one kind may state them in different units. Where no main of a kind is recorded at all, nobody has
    said that there is none: the answer is open; it is so too where a main of unknown kind within the limit may be the one, and where none is
    ready among mains that are all from OpenStreetMap.
    """
    unnamed = _nearest_of(parcels, mains, "") if mains is not None else None
    return [
        _main_service(parcels, mains, kind, limits.get(kind, np.nan), spare_share_min, unnamed)
        for kind in MAINS
    ]


def _main_service(
    parcels: NDArray[np.object_],
    mains: Mains | None,
    kind: str,
    limit_m: float,
    spare_share_min: float,
    unnamed: Nearest | None,
) -> Service:
    count = len(parcels)
    other, other_m = np.full(count, -1, dtype=np.intp), np.full(count, np.nan)
    if mains is None or not (mains.kinds == kind).any():
        nothing = Nearest(other_m, other)
        case = np.full(count, _CASE["no_layer" if mains is None else "no_kind"])
        return Service(
            kind, limit_m, nothing.distance_m, nothing.which, other, other_m, np.full(count, UNKNOWN), case
        )
    near = _nearest_of(parcels, mains, kind)
    share = np.append(mains.spare_share, np.nan)
    within, full = near.distance_m <= limit_m, share[near.which] < spare_share_min
    case = np.where(np.isnan(share[near.which]), _CASE["unmeasured"], _CASE["spare"])
    case = np.where(within, np.where(full, _CASE["full"], case), _CASE["far"])
    at = np.flatnonzero(within & full)
    if len(at):
        rest = _nearest_of(parcels[at], mains, kind, open_only=spare_share_min)
        found = rest.distance_m <= limit_m
        at, rest = at[found], Nearest(rest.distance_m[found], rest.which[found])
        other[at], other_m[at] = rest.which, rest.distance_m
        case[at] = np.where(np.isnan(share[rest.which]), _CASE["other_unmeasured"], _CASE["other"])
    ready = known((case != _CASE["far"]) & (case != _CASE["full"]), ~np.isnan(near.distance_m))
    if unnamed is not None:
        at = np.flatnonzero((ready == NO) & (unnamed.distance_m <= limit_m))
        other[at], other_m[at] = unnamed.which[at], unnamed.distance_m[at]
        ready[at], case[at] = UNKNOWN, _CASE["unnamed"]
    if mains.only_mapped(kind):
        at = np.flatnonzero(ready == NO)
        ready[at], case[at] = UNKNOWN, _CASE["mapped"]
    case[np.isnan(near.distance_m)] = _CASE["no_kind"]
    return Service(kind, limit_m, near.distance_m, near.which, other, other_m, ready, case.astype(np.int8))


def _nearest_of(
    parcels: NDArray[np.object_], mains: Mains, kind: str, *, open_only: float | None = None
) -> Nearest:
    """The nearest main of a kind, by its row; with a share, of those that are not known to have less to spare."""
    chosen = mains.kinds == kind
    if open_only is not None:
        chosen &= ~(mains.spare_share < open_only)
    rows = np.flatnonzero(chosen)
    found = nearest_mains(parcels, mains.shapes[rows])
    return Nearest(found.distance_m, np.where(found.which >= 0, np.append(rows, -1)[found.which], -1))


def road_service(parcels: pd.DataFrame, limit_m: float) -> Service:
    """Whether the parcel meets a road.

    Parameters
    ----------
    parcels
        ``no_frontage`` and ``frontage_m`` as the stage on access left them; where it did not run, nothing is known.
    limit_m
        How far from the edge of a road a parcel still has frontage.

    Returns
    -------
    Service
        By the verdict; where there is none, on land that is not judged, by the distance.
    """
    count = len(parcels)
    distance = _numbers(parcels, "frontage_m")
    ready = known(distance <= limit_m, ~np.isnan(distance))
    if "no_frontage" in parcels:
        verdict = parcels["no_frontage"].to_numpy(dtype=object)
        for word, answer in (("yes", NO), ("no", YES), ("undetermined", UNKNOWN)):
            ready[verdict == word] = answer
    case = np.choose(ready + 1, [_CASE["no_frontage"], _CASE["frontage_unknown"], _CASE["frontage"]]).astype(
        np.int8
    )
    nowhere, never = np.full(count, -1, dtype=np.intp), np.full(count, np.nan)
    return Service(ROAD, limit_m, distance, nowhere, nowhere, never, ready, case)


def service_columns(services: Sequence[Service], mains: Mains | None, index: pd.Index) -> pd.DataFrame:
    """What the seven services say of each parcel.

    Parameters
    ----------
    services
        The road's and those of `main_services`.
    mains
        Their rows.
    index
        Of the parcels.

    Returns
    -------
    pandas.DataFrame
        ``main_m_<kind>`` in metres; ``services_ready``, how many are ready, NaN where it is open whether one is; ``services_missing`` and
        ``services_unknown``, kinds that are not ready and kinds of which it is open, joined by ", ", empty where none is;
        ``services_bottleneck``; ``one_service_away``, the kind that is missing where all others are ready.

    Notes
    -----
    The bottleneck is, of the services that are missing, the one that is hardest to bring: the one that lies the most times its own limit
    away, a parcel without any road within sight of the data counting as infinitely far from one; where all that are missing lie
    within their limits and are full, the one with the least share of its capacity to spare. Of equal ones it is the first in the order of
    `NAMES`. Missing where no service is missing.
    """
    asked = [one for one in services if one.asked]
    answers = np.stack([one.ready for one in asked], axis=1)
    ready, missing, unknown = ((answers == one).sum(axis=1) for one in (YES, NO, UNKNOWN))
    kinds = pd.Index([one.kind for one in asked])
    columns: dict[str, Any] = {f"main_m_{one.kind}": one.distance_m for one in services if one.kind != ROAD}
    columns["services_ready"] = np.where(unknown > 0, np.nan, ready)
    for name, answer in (("services_missing", NO), ("services_unknown", UNKNOWN)):
        columns[name] = text_column(listed({one.kind: one.ready == answer for one in asked}), index)
    alone = (missing == 1) & (unknown == 0)
    for name, told, place in (
        ("services_bottleneck", missing > 0, _hardest(asked, mains)),
        ("one_service_away", alone, np.argmax(answers == NO, axis=1)),
    ):
        columns[name] = text_column(pd.Categorical.from_codes(np.where(told, place, -1), kinds), index)
    return pd.DataFrame(columns, index=index)


def _hardest(services: Sequence[Service], mains: Mains | None) -> NDArray[np.intp]:
    """Place of the service that is hardest to bring."""
    far = np.stack(list(_times_the_limit(services)), axis=1)
    share = np.append([] if mains is None else mains.spare_share, np.nan)
    taken = np.stack(
        [np.where(one.case == _CASE["full"], 1 - share[one.which], -np.inf) for one in services], axis=1
    )
    found: NDArray[np.intp] = np.where((far >= 0).any(axis=1), far.argmax(axis=1), taken.argmax(axis=1))
    return found


def _times_the_limit(services: Sequence[Service]) -> Iterator[NDArray[np.float64]]:
    """How many times its limit each service that is out of reach lies away; below everything where it is not."""
    for one in services:
        out = (one.ready == NO) & (one.case != _CASE["full"])
        distance = np.where(np.isnan(one.distance_m), np.inf, one.distance_m)
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.nan_to_num(distance / one.limit_m, nan=1.0, posinf=np.inf)
        yield np.where(out, times, -np.inf)


def _numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return (
        frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if name in frame
        else np.full(len(frame), np.nan)
    )
