"""The table of sites that a search looks at: parcels by themselves, and parcels joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NUMBERS", "TEXTS", "joined_rows", "site_table"]

NUMBERS: Mapping[str, str] = {
    "holders": "sum",
    "area_m2": "sum",
    "net_area_m2": "sum",
    "net_share": "none",
    "rectangle_area_m2": "none",
    "rectangle_long_m": "none",
    "rectangle_short_m": "none",
    "outline_long_m": "none",
    "outline_short_m": "none",
    "cost_wan": "none",
    "floor_load_t_m2": "least",
    "height_m": "least",
    "height_most_m": "lowest",
    "power_kva": "most",
    "power_kva_most": "bound",
    "water_m3_per_day": "most",
    "water_m3_per_day_most": "bound",
    "gas_m3_per_h": "most",
    "gas_m3_per_h_most": "bound",
    "sensitive_m": "least",
    "sensitive_most_m": "lowest",
    "access_score": "best",
    "services_ready": "best",
    "plan_agrees": "least",
}
"""Columns of numbers → how the figure of joined parcels follows from its members: ``sum`` and ``least`` are missing where one member's is,
``most`` (``best``) and ``lowest`` are of those that are known, ``bound`` is without end where one is not known, ``none`` follows from no
member."""

_BOUNDS = {
    "height_m": "height_most_m",
    "power_kva": "power_kva_most",
    "water_m3_per_day": "water_m3_per_day_most",
    "gas_m3_per_h": "gas_m3_per_h_most",
    "sensitive_m": "sensitive_most_m",
}
"""Figures → the most that they can be; the same where nothing else is said."""

TEXTS = ("site_id", "kind", "parcel_ids", "park_id", "use_code", "planned_code", "candidate", "obstacles")
"""Columns of texts."""

_TRAVEL = "travel_min_"


def site_table(parcels: pd.DataFrame, sites: pd.DataFrame | None = None) -> pd.DataFrame:
    """Parcels and joined parcels as the rows that a search looks at.

    Parameters
    ----------
    parcels
        Rows of parcels with ``parcel_id``, and what of `NUMBERS`, of ``travel_min_<kind>`` and of ``use_code``, ``planned_code`` (by plan), ``plan_agrees``
        (1 the registered use goes with the plan, 0 it clashes), ``park_id``, ``candidate`` is known. ``area_m2`` may be called ``site_area_m2``.
    sites
        Joined parcels: ``site_id``, ``parcel_ids`` joined by ``;`` and what is known of the whole. What is not follows from the
        members: a gateway is reached from the member nearest to it, a main is met by any of them, a limit is that of the strictest,
        and uses that differ stand side by side, joined by ``;``. A site with a member that is not among the parcels is left out.

    Returns
    -------
    pandas.DataFrame
        `TEXTS`, `NUMBERS` and the minutes, index 0 … n; a column that is not known is all NaN (texts: None).

    Examples
    --------
    >>> parcels = pd.DataFrame({"parcel_id": ["A", "B"], "net_area_m2": [900.0, 1200.0], "travel_min_port": [9.0, 7.0]})
    >>> joined = pd.DataFrame({"site_id": ["S1"], "parcel_ids": ["A;B"], "net_area_m2": [2050.0]})
    >>> site_table(parcels, joined)[["site_id", "kind", "net_area_m2", "travel_min_port"]].values.tolist()
    [['A', 'parcel', 900.0, 9.0], ['B', 'parcel', 1200.0, 7.0], ['S1', 'joined', 2050.0, 7.0]]
    """
    single = _single(parcels)
    if sites is None or sites.empty:
        return single
    joined = joined_rows(single, sites)
    return pd.concat([single, joined], ignore_index=True) if len(joined) else single


def _single(parcels: pd.DataFrame) -> pd.DataFrame:
    ids = parcels["parcel_id"].to_numpy(dtype=object)
    columns: dict[str, Any] = {
        "site_id": ids,
        "kind": np.full(len(ids), "parcel", dtype=object),
        "parcel_ids": ids,
    }
    columns |= {name: _text_column(parcels, name) for name in TEXTS[3:]}
    columns |= {name: _numbers(parcels, name) for name in NUMBERS}
    columns["holders"] = np.where(np.isnan(columns["holders"]), 1.0, columns["holders"])
    if "area_m2" not in parcels:
        columns["area_m2"] = _numbers(parcels, "site_area_m2")
    for least, most in _BOUNDS.items():
        columns[most] = np.where(np.isnan(columns[most]), columns[least], columns[most])
    columns |= {str(name): _numbers(parcels, str(name)) for name in parcels if str(name).startswith(_TRAVEL)}
    return pd.DataFrame(columns)


def joined_rows(single: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Rows of joined parcels.

    Parameters
    ----------
    single
        Rows of the parcels, as `site_table` gives them.
    sites
        As for `site_table`.
    """
    sites = sites.reset_index(drop=True)
    members = sites["parcel_ids"].astype(str).str.split(";").explode()
    rows = pd.Index(single["site_id"]).get_indexer(pd.Index(members.to_numpy(dtype=object)))
    site = members.index.to_numpy(dtype=np.intp)
    whole = np.ones(len(sites), dtype=bool)
    whole[site[rows < 0]] = False
    kept = whole[site]
    own, groups = single.iloc[rows[kept]].reset_index(drop=True), site[kept]
    found: dict[str, Any] = {}
    for name in (*NUMBERS, *(str(name) for name in single if str(name).startswith(_TRAVEL))):
        given = _numbers(sites, name)
        rule = NUMBERS.get(name, "nearest")
        if rule != "none":
            given = np.where(np.isnan(given), _gathered(own[name], groups, len(sites), rule), given)
        found[name] = given
    joined = pd.DataFrame(found)
    joined["site_id"] = _text_column(sites, "site_id")
    joined["kind"], joined["parcel_ids"] = "joined", _text_column(sites, "parcel_ids")
    for name in TEXTS[3:]:
        joined[name] = _text_column(sites, name) if name in sites else _shared(own[name], groups, len(sites))
    return joined.loc[whole, list(single.columns)]


def _gathered(values: pd.Series, groups: np.ndarray, count: int, rule: str) -> np.ndarray:
    """The figure of each site from those of its members."""
    by = values.groupby(groups)
    if rule == "sum":
        told = by.sum(min_count=1)
    elif rule == "bound":
        told = values.fillna(np.inf).groupby(groups).max()
    elif rule in ("least", "lowest", "nearest"):
        told = by.min()
    else:
        told = by.max()
    if rule in ("sum", "least"):
        told = told.where(by.count() == by.size())
    found: np.ndarray = told.reindex(range(count)).to_numpy(dtype=np.float64)
    return found


def _shared(values: pd.Series, groups: np.ndarray, count: int) -> np.ndarray:
    """The texts of all members, joined by ``;``, each once; None where one has none."""
    pairs = pd.DataFrame({"site": groups, "text": values.to_numpy(dtype=object)})
    lacking = pairs.loc[pairs["text"].isna(), "site"].unique()
    told = (
        pairs.dropna().drop_duplicates().sort_values(["site", "text"]).groupby("site")["text"].agg(";".join)
    )
    found = np.full(count, None, dtype=object)
    found[told.index.to_numpy(dtype=np.intp)] = told.to_numpy(dtype=object)
    found[lacking] = None
    return found


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _text_column(frame: pd.DataFrame, name: str) -> np.ndarray:
    found = np.full(len(frame), None, dtype=object)
    if name in frame:
        values = frame[name].astype(object)
        found[:] = values.where(values.notna(), None).to_numpy(dtype=object)
    return found
