"""What a search for sites reads of each parcel, from the layers of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from parkgeo.assess.conflicts.plan import planned_uses
from parkgeo.assess.land_codes import chosen_classification
from parkgeo.assess.services import Mains, connection_limits
from parkgeo.errors import ProjectError
from parkgeo.planning.siting.surroundings import (
    free_capacity,
    height_limits,
    outline_sides,
    sensitive_distance,
)
from parkgeo.units import convert_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["site_rows", "with_outlines"]

_CAPACITIES = {
    "power": ("power_kva", "kVA"),
    "water": ("water_m3_per_day", "m3/day"),
    "gas": ("gas_m3_per_h", "m3/h"),
}
_OWN_BUILDINGS = ("idle", "vacant", "reserve", "used_in_part")
_SURVEY, _SURVEY_USES = "GB/T 21010", {"0601": "1001", "0604": "1101"}
_STATES = {
    "reserve": "reserve",
    "recovered": "reserve",
    "used_in_part": "used_in_part",
    "built_not_producing": "low_efficiency",
}
"""State of land → kind of candidate; of other states that are asked the land is vacant."""


def site_rows(
    parcels: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame | None], rules: RuleBook
) -> pd.DataFrame:
    """Parcels with the columns that `parkgeo.planning.siting.table.site_table` reads.

    Parameters
    ----------
    parcels
        With their results.
    layers
        ``buildings``, ``utilities``, ``plan``, ``constraints``, ``facilities`` and ``net_land``; None where there is none, and then what
        depends on it is not known.
    rules
        The packs in force.
    """
    candidates = _candidates(parcels, rules)
    rows: pd.DataFrame = parcels.assign(
        use_code=_uses(parcels, rules), **_planned(parcels, layers["plan"], rules), candidate=candidates, floor_load_t_m2=_floor_loads(parcels, layers["buildings"], candidates),
        **_outlines(parcels, layers["net_land"]), **_capacity(parcels, layers["utilities"], rules),
        **_heights(parcels, layers["plan"], layers["constraints"]), **_sensitive(parcels, layers["facilities"], rules), **_cut_off(parcels),
    )  # fmt: skip
    return rows


def _candidates(parcels: pd.DataFrame, rules: RuleBook) -> NDArray[np.object_]:
    """What could come free, as the analysis has it; else by verdict and state."""
    if "candidate" in parcels:
        held: NDArray[np.object_] = (
            parcels["candidate"]
            .astype(object)
            .where(parcels["candidate"].notna(), "none")
            .to_numpy(dtype=object)
        )
        return held
    found = np.full(len(parcels), "none", dtype=object)
    asked = rules["siting.candidate_states"].texts()
    state = (
        parcels["land_state"].astype(object)
        if "land_state" in parcels
        else pd.Series("", index=parcels.index)
    )
    found[(_is(parcels, "low_efficiency", "yes"))] = "low_efficiency"
    for one in asked:
        found[(state == one).to_numpy(dtype=bool, na_value=False)] = _STATES.get(one, "vacant")
    found[_is(parcels, "idle", "yes")] = "idle"
    return found


def _is(parcels: pd.DataFrame, column: str, word: str) -> NDArray[np.bool_]:
    if column not in parcels:
        return np.zeros(len(parcels), dtype=bool)
    return np.asarray(parcels[column].astype(object).to_numpy(dtype=object) == word, dtype=bool)


def _uses(parcels: pd.DataFrame, rules: RuleBook) -> NDArray[np.object_]:
    """Codes of land use as needs are written: of the classification of 2023 or GB 50137.

    The digits of GB/T 21010 mean other things (1001 is railways there), so its two that are asked for are told in the other's words, and
    the rest by the classification's name.
    """
    found = np.full(len(parcels), None, dtype=object)
    if "use_code" in parcels:
        found[:] = (
            parcels["use_code"].astype(object).where(parcels["use_code"].notna(), None).to_numpy(dtype=object)
        )
    if chosen_classification(rules, "2023") != _SURVEY:
        return found
    told = {code: _told(str(code)) for code in pd.unique(found) if code is not None}
    return np.array([told.get(code) for code in found], dtype=object)


def _planned(
    parcels: gpd.GeoDataFrame, plan: gpd.GeoDataFrame | None, rules: RuleBook
) -> dict[str, NDArray[Any]]:
    """Codes of the plan in the same words, and whether the register goes with them."""
    codes = planned_uses(parcels, plan, rules)
    if chosen_classification(rules, "2023") == _SURVEY:
        words = {each: ";".join(map(_told, each.split(";"))) for each in pd.unique(codes)}
        codes = np.array([words[each] for each in codes], dtype=object)
    clashes, goes = (_is(parcels, "plan_conflict", word) for word in ("yes", "no"))
    return {"planned_code": codes, "plan_agrees": np.where(clashes, 0.0, np.where(goes, 1.0, np.nan))}


def _told(code: str) -> str:
    other = next((new for old, new in _SURVEY_USES.items() if code.startswith(old)), "")
    return f"{other} ({_SURVEY} {code})".strip() if code[:1].isdigit() else code


def _floor_loads(
    parcels: pd.DataFrame, buildings: pd.DataFrame | None, candidates: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Greatest floor load of the buildings on each parcel; without limit where a project builds its own.

    That is on land that is bare, idle, vacant or held in reserve, and on the unused part of a parcel.
    """
    free = np.isin(candidates.astype(str), _OWN_BUILDINGS)
    if "footprint_m2" in parcels:
        free |= parcels["footprint_m2"].to_numpy(dtype=np.float64, na_value=np.nan) == 0
    found = np.where(free, np.inf, np.nan)
    if buildings is not None and {"floor_load_t_per_m2", "parcel_id"} <= set(buildings):
        loads = buildings.groupby("parcel_id")["floor_load_t_per_m2"].max()
        own = parcels["parcel_id"].map(loads).to_numpy(dtype=np.float64, na_value=np.nan)
        found = np.where(free, found, own)
    return found


def _outlines(parcels: gpd.GeoDataFrame, net: gpd.GeoDataFrame | None) -> dict[str, NDArray[np.float64]]:
    """Sides of the least rectangle around what is left of each parcel, else around the parcel."""
    shapes = np.asarray(parcels.geometry.array, dtype=object).copy()
    if net is not None and len(net):
        places = pd.Index(net["parcel_id"]).get_indexer(pd.Index(parcels["parcel_id"]))
        left = np.asarray(net.geometry.array, dtype=object)[places]
        shapes = np.where(places >= 0, left, shapes)
    long, short = outline_sides(shapes)
    return {"outline_long_m": long, "outline_short_m": short}


def with_outlines(sites: pd.DataFrame) -> pd.DataFrame:
    """Joined sites without their shapes, with the sides of the least rectangle around each."""
    long, short = outline_sides(np.asarray(gpd.GeoDataFrame(sites).geometry.array, dtype=object))
    return pd.DataFrame(sites.drop(columns="geometry")).assign(outline_long_m=long, outline_short_m=short)


def _capacity(
    parcels: gpd.GeoDataFrame, utilities: gpd.GeoDataFrame | None, rules: RuleBook
) -> dict[str, NDArray[np.float64]]:
    """Free capacity of power, water and gas within the distance at which the packs connect."""
    found: dict[str, NDArray[np.float64]] = {}
    if utilities is None:
        return found
    mains, limits = Mains.of(utilities), connection_limits(rules)
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    for kind, (column, unit) in _CAPACITIES.items():
        rows = np.flatnonzero(np.isin(mains.kinds, (kind, "")))
        if kind not in limits or not (mains.kinds == kind).any():
            continue
        # A main of unknown kind may be of this one: it is there, and what it has to spare is not known.
        spare = np.where(mains.kinds == kind, mains.spare * _factors(mains, unit), np.nan)[rows]
        least, most = free_capacity(
            shapes, mains.shapes[rows], spare, limit_m=limits[kind], mapped=mains.only_mapped(kind)
        )
        found |= {column: least, f"{column}_most": most}
    return found


def _factors(mains: Mains, unit: str) -> NDArray[np.float64]:
    """What turns each main's own unit into another; NaN where it says none or measures something else."""
    written = mains.column("capacity_unit", np.arange(len(mains.kinds)))
    known = {one: _factor(str(one), unit) for one in pd.unique(written[written != None])}  # noqa: E711 - elementwise
    return np.array([known.get(one, np.nan) for one in written], dtype=np.float64)


def _factor(written: str, unit: str) -> float:
    try:
        return convert_factor(written, unit)
    except ProjectError:
        return np.nan


def _heights(
    parcels: gpd.GeoDataFrame, plan: gpd.GeoDataFrame | None, constraints: gpd.GeoDataFrame | None
) -> dict[str, NDArray[np.float64]]:
    zones = constraints
    if zones is not None and "height_limit_m" in zones:
        zones = gpd.GeoDataFrame(zones[zones["height_limit_m"].notna()])
    least, most = height_limits(parcels, plan, zones)
    return {"height_m": least, "height_most_m": most}


def _sensitive(
    parcels: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame | None, rules: RuleBook
) -> dict[str, NDArray[np.float64]]:
    """Distance to housing, schools, hospitals: by the use of the parcels around, and the facilities."""
    kinds = rules["siting.sensitive_kinds"].texts()
    uses, places = rules["layout.neighbour_uses"].lists(), rules["layout.neighbour_facilities"].lists()
    prefixes = tuple(prefix for kind in kinds for prefix in uses.get(kind, ()))
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    codes = (
        parcels["use_code"].astype(object).to_numpy()
        if "use_code" in parcels
        else np.full(len(parcels), None)
    )
    known = np.array([isinstance(code, str) for code in codes], dtype=bool)
    near_by = np.array([isinstance(code, str) and code.startswith(prefixes) for code in codes], dtype=bool)
    others = shapes[near_by]
    if facilities is not None and "kind" in facilities:
        of_kind = (
            facilities["kind"]
            .isin([name for kind in kinds for name in places.get(kind, ())])
            .to_numpy(dtype=bool)
        )
        others = np.concatenate([others, np.asarray(facilities.geometry.array, dtype=object)[of_kind]])
    least, most = sensitive_distance(shapes, others, shapes[~known])
    # Without the layer of facilities there may be a school or a hospital that no parcel tells of.
    return {
        "sensitive_m": least if facilities is not None else np.full(len(least), np.nan),
        "sensitive_most_m": most,
    }


def _cut_off(parcels: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Minutes of a parcel that is known to be cut off are without end, not unknown."""
    cut = _is(parcels, "unreachable", "yes")
    return {
        str(name): np.where(
            cut & parcels[name].isna().to_numpy(),
            np.inf,
            parcels[name].to_numpy(dtype=np.float64, na_value=np.nan),
        )
        for name in parcels
        if str(name).startswith("travel_min_")
    }
