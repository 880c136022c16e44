"""Parcels and buildings that lie where a constraint does not allow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES
from parkgeo.errors import PackError
from parkgeo.metrics.coverage import coverage
from parkgeo.metrics.layout import block_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.packs import RuleBook

__all__ = ["AgainstConstraints", "against_constraints", "constraint_rules"]

LAND, BUILDINGS, TALL = "land", "buildings", "tall"
_YARD = "yard"
_COLUMNS = ("parcel", "zone", "what", "answer", "observed", "area_m2", "missing")


@dataclass(frozen=True)
class AgainstConstraints:
    """Every parcel against the constraints.

    Attributes
    ----------
    verdict
        ``yes``, ``no`` or ``undetermined`` of each parcel.
    missing
        Fields to ask for where undetermined, joined by ", ", else "".
    pairs
        A row for each parcel and constraint that clash: ``parcel`` and ``zone`` (positions), ``what`` (``land``, ``buildings``,
        ``tall``, or a kind), ``observed`` (m² of land or footprint, or the height in m), ``area_m2`` (land under the constraint).
    """

    verdict: NDArray[np.object_]
    missing: NDArray[np.object_]
    pairs: pd.DataFrame


def constraint_rules(rules: RuleBook, kinds: Mapping[str, Answer]) -> dict[str, tuple[str, ...]]:
    """What clashes with each kind of constraint; empty where no pack says.

    Raises
    ------
    PackError
        The table names what is neither land, buildings, tall, nor a kind of use.
    """
    figure = rules.get("layout.constraint_conflicts")
    if figure is None:
        return {}
    table = figure.lists()
    allowed = {LAND, BUILDINGS, TALL, *kinds}
    strange = sorted({what for each in table.values() for what in each} - allowed)
    if strange:
        raise PackError(
            f"{figure.key} names {', '.join(map(repr, strange))}",
            where=figure.pack,
            mend=f"write one of {', '.join(sorted(allowed))}",
        )
    return table


def against_constraints(
    parcels: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    kinds: Mapping[str, Answer],
    may_build: Answer,
    rules: RuleBook,
) -> AgainstConstraints:
    """Hold each parcel, and what stands on it, against the constraints over it.

    Parameters
    ----------
    parcels
        Geometry in metres.
    zones
        Constraints: ``kind``, ``height_limit_m`` as far as they are there.
    buildings
        ``kind``, ``height_m`` as far as they are there; None where the office gave none.
    kinds
        Of `parkgeo.assess.conflicts.kinds.parcel_kinds`.
    may_build
        Of `parkgeo.assess.conflicts.kinds.buildable`.
    rules
        ``layout.constraint_*``.

    Returns
    -------
    AgainstConstraints
        A building across an edge counts with what of it lies on the parcel; its height with the parcel that holds most of it.
    """
    table = constraint_rules(rules, kinds)
    word = zones["kind"].astype(object).to_numpy() if "kind" in zones else np.full(len(zones), None)
    cover = coverage(parcels.geometry, zones.geometry)
    over = cover.area_m2 > rules["layout.constraint_land_m2"].number("m2")
    found = []
    for what in dict.fromkeys(each for own in table.values() for each in own):
        about = np.isin(word.astype(str), [kind for kind, own in table.items() if what in own])
        rows = about[cover.building]
        if what in (BUILDINGS, TALL):
            under = zones[about], np.flatnonzero(about)
            made = (
                _built(parcels, *under, buildings, rules)
                if what == BUILDINGS
                else _tall(parcels, *under, buildings)
            )
            if buildings is None:
                at = np.flatnonzero(rows & over)
                made = _rows(cover.parcel[at], cover.building[at], UNKNOWN, np.nan, "footprint_m2")
        else:
            answer = may_build if what == LAND else kinds[what]
            at = np.flatnonzero(rows & over)
            made = _rows(
                cover.parcel[at],
                cover.building[at],
                answer[cover.parcel[at]],
                cover.area_m2[at],
                "land_use_code",
            )
        found.append(made.assign(what=what))
    blank = np.flatnonzero(over & pd.isna(word)[cover.building])
    found.append(_rows(cover.parcel[blank], cover.building[blank], UNKNOWN, np.nan, "kind").assign(what=""))
    every = pd.concat(found, ignore_index=True)
    land = pd.Series(cover.area_m2, index=pd.MultiIndex.from_arrays([cover.parcel, cover.building]))
    every["area_m2"] = land.reindex(pd.MultiIndex.from_frame(every[["parcel", "zone"]])).to_numpy()
    verdict, missing = _verdicts(every, len(parcels))
    sure = every[every["answer"] == YES].drop_duplicates(["parcel", "zone"])
    return AgainstConstraints(
        verdict, missing, sure.sort_values(["parcel", "zone"], ignore_index=True)[list(_COLUMNS)]
    )


def _rows(
    parcel: NDArray[np.intp],
    zone: NDArray[np.intp],
    answer: Answer | np.int8,
    observed: NDArray[np.float64] | float,
    missing: str,
) -> pd.DataFrame:
    frame = pd.DataFrame({"parcel": parcel, "zone": zone})
    return frame.assign(answer=answer, observed=observed, missing=missing)


def _verdicts(every: pd.DataFrame, parcels: int) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    verdict, missing = np.full(parcels, "no", dtype=object), np.full(parcels, "", dtype=object)
    open_ = every[every["answer"] == UNKNOWN]
    asked = open_.groupby("parcel")["missing"].agg(lambda names: ", ".join(sorted(set(names))))
    verdict[open_["parcel"].to_numpy(dtype=np.intp)] = "undetermined"
    missing[asked.index.to_numpy(dtype=np.intp)] = asked.to_numpy(dtype=object)
    sure = every.loc[every["answer"] == YES, "parcel"].to_numpy(dtype=np.intp)
    verdict[sure], missing[sure] = "yes", ""
    return verdict, missing


def _pieces(
    zones: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Zone, building and shared area of each two that share ground."""
    cover = coverage(zones.geometry, buildings.geometry)
    return cover.parcel, cover.building, cover.area_m2


def _built(
    parcels: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    place: NDArray[np.intp],
    buildings: gpd.GeoDataFrame | None,
    rules: RuleBook,
) -> pd.DataFrame:
    """Footprint of each parcel's buildings under each constraint."""
    if buildings is None or not len(zones):
        return _rows(np.empty(0, np.intp), np.empty(0, np.intp), NO, np.nan, "")
    zone, building, _ = _pieces(zones, buildings)
    shapes, grounds = (np.asarray(each.geometry.array, dtype=object) for each in (buildings, zones))
    pieces = gpd.GeoSeries(shapely.intersection(shapes[building], grounds[zone]), crs=parcels.crs)
    cover = coverage(parcels.geometry, pieces)
    pairs = pd.DataFrame({"parcel": cover.parcel, "zone": place[zone[cover.building]], "area": cover.area_m2})
    sums = pairs.groupby(["parcel", "zone"], as_index=False).sum()
    sums = sums[sums["area"] > rules["layout.constraint_built_m2"].number("m2")]
    parcel, found = (sums[name].to_numpy(dtype=np.intp) for name in ("parcel", "zone"))
    return _rows(parcel, found, YES, sums["area"].to_numpy(dtype=np.float64), "")


def _tall(
    parcels: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    place: NDArray[np.intp],
    buildings: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """The tallest building of each parcel under each height limit, where it is above it, or may be."""
    nothing = _rows(np.empty(0, np.intp), np.empty(0, np.intp), NO, np.nan, "")
    if buildings is None or not len(zones):
        return nothing
    zone, building, _ = _pieces(zones, buildings)
    shapes, sites = (np.asarray(each.geometry.array, dtype=object) for each in (buildings, parcels))
    few, which = np.unique(building, return_inverse=True)
    home = block_of(shapes[few], sites)[which]
    stands = home >= 0
    if "kind" in buildings:
        stands &= ~(buildings["kind"] == _YARD).fillna(value=False).to_numpy(dtype=bool)[building]
    zone, building, home = zone[stands], building[stands], home[stands]
    limit, height = (
        frame[name].to_numpy(dtype=np.float64, na_value=np.nan)[at]
        if name in frame
        else np.full(len(at), np.nan)
        for frame, name, at in ((zones, "height_limit_m", zone), (buildings, "height_m", building))
    )
    frame = pd.DataFrame(
        {
            "parcel": home, "zone": place[zone], "observed": height,
            "answer": np.where(np.isnan(limit) | np.isnan(height), UNKNOWN, np.where(height > limit, YES, NO)),
            "missing": np.where(np.isnan(limit), "height_limit_m", "height_m"),
        }
    )  # fmt: skip
    # Of each parcel and limit the worst is kept: the tallest that is above it, else one that is not known.
    frame = frame[frame["answer"] != NO].sort_values(["answer", "observed"], ascending=False, kind="stable")
    frame = frame.drop_duplicates(["parcel", "zone"])
    return frame if len(frame) else nothing
