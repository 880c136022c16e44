"""A snapshot → the desk at which sites are looked for: its tables loaded once, its packs' rules, many questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from parkgeo.assess.land_codes import chosen_classification
from parkgeo.assess.services import Mains, connection_limits
from parkgeo.errors import NotFoundError, ProjectError, name_some
from parkgeo.packs import RuleBook, book_of, shipped_packs
from parkgeo.planning.siting.brief import Brief, read_brief
from parkgeo.planning.siting.fit import Fit, fit
from parkgeo.planning.siting.gates import Offer
from parkgeo.planning.siting.needs import Needs, industry_needs, near
from parkgeo.planning.siting.search import Found, search
from parkgeo.planning.siting.surroundings import (
    free_capacity,
    height_limits,
    outline_sides,
    sensitive_distance,
)
from parkgeo.planning.siting.table import site_table
from parkgeo.planning.siting.terms import Terms
from parkgeo.units import convert_factor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.store import Snapshot

__all__ = ["SitingDesk", "siting_desk"]

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


@dataclass(frozen=True)
class SitingDesk:
    """All that a search needs of a snapshot.

    Attributes
    ----------
    snapshot
        What it was made of.
    sites
        As `parkgeo.planning.siting.table.site_table` gives it.
    shapes
        Geometry of each site.
    rules
        The packs as they were in force; figures that came later are those that come with parkgeo.
    """

    snapshot: Snapshot
    sites: pd.DataFrame
    shapes: NDArray[np.object_] = field(repr=False)
    rules: RuleBook = field(repr=False)

    @cached_property
    def terms(self) -> Terms:
        """Settings of fit and search."""
        return Terms.of(self.rules)

    @cached_property
    def industries(self) -> dict[str, Needs]:
        """Key → needs of the industries of the packs."""
        return industry_needs(self.rules)

    @cached_property
    def offer(self) -> Offer:
        """The sites as arrays."""
        return Offer.of(self.sites)

    def brief(self, written: Mapping[str, Any], *, where: str = "", default_name: str = "") -> Brief:
        """A brief, read with the packs of this snapshot; see `parkgeo.planning.siting.read_brief`.

        Raises
        ------
        InputError
            All that is wrong with it.
        """
        return read_brief(written, self.rules, where=where, default_name=default_name)

    def search(self, brief: Brief) -> Found:
        """Look for sites; see `parkgeo.planning.siting.search`.

        Raises
        ------
        NotFoundError
            The brief names a park that there is not.
        """
        if brief.park and not (self.sites["park_id"] == brief.park).any():
            known = self.sites["park_id"].dropna().unique()
            raise NotFoundError(
                f"no park {brief.park[:80]!r}", where=self.snapshot.name, mend=f"there are {name_some(known)}"
            )
        return search(self.sites, brief, terms=self.terms, offer=self.offer)

    def fit(self, keys: Sequence[str] = (), *, site: str = "", all_parcels: bool = False) -> Fit:
        """Sites × industries of the packs.

        Parameters
        ----------
        keys
            Of industries, or their codes; empty: all.
        site
            Only this parcel or joined site; empty: all that could come free.
        all_parcels
            All parcels, also those in use.

        Raises
        ------
        NotFoundError
            There is no such industry or site.
        """
        chosen = self.sites
        if site:
            chosen = chosen[chosen["site_id"] == site]
            if chosen.empty:
                raise NotFoundError(
                    f"no parcel or site {site[:80]!r}",
                    where=self.snapshot.name,
                    mend="see parkgeo export parcels",
                )
        elif not all_parcels:
            chosen = chosen[(chosen["candidate"] != "none") | (chosen["kind"] == "joined")]
        return fit(chosen.reset_index(drop=True), self.needs(keys), terms=self.terms)

    def needs(self, keys: Sequence[str] = ()) -> list[Needs]:
        """Needs of some industries, by key or code; of all where none is named.

        Raises
        ------
        NotFoundError
            There is no such industry.
        """
        found: dict[str, Needs] = {}
        for key in keys:
            own = [
                one
                for one in self.industries.values()
                if key == one.key or (key.isdigit() and one.industry == key)
            ]
            if not own:
                raise NotFoundError(
                    f"no industry {key[:80]!r} in the packs in force", mend=near(key, self.industries)
                )
            found |= {one.key: one for one in own}
        return list((found or self.industries).values())

    def shape(self, site_ids: Sequence[str]) -> NDArray[np.object_]:
        """Geometry of some sites."""
        places = pd.Index(self.sites["site_id"]).get_indexer(pd.Index(site_ids))
        return np.append(self.shapes, [None])[places]


def siting_desk(snapshot: Snapshot) -> SitingDesk:
    """Load what a search for sites needs.

    Parameters
    ----------
    snapshot
        Of a finished analysis. Columns of stages that it was made without are not known, and what depends on them undetermined.

    Returns
    -------
    SitingDesk

    Raises
    ------
    StoreError
        A table cannot be read.
    """
    rules = _rules(snapshot)
    parcels = gpd.GeoDataFrame(snapshot.read("parcels"))
    layers = {name: gpd.GeoDataFrame(snapshot.read(name)) if name in snapshot.tables else None for name in ("utilities", "plan", "constraints", "facilities", "net_land")}  # fmt: skip
    sites = snapshot.read("sites") if "sites" in snapshot.tables else None
    candidates = _candidates(parcels, rules)
    rows = parcels.assign(
        use_code=_uses(parcels, rules), candidate=candidates, floor_load_t_m2=_floor_loads(snapshot, parcels, candidates),
        **_outlines(parcels, layers["net_land"]), **_capacity(parcels, layers["utilities"], rules),
        **_heights(parcels, layers["plan"], layers["constraints"]), **_sensitive(parcels, layers["facilities"], rules), **_cut_off(parcels),
    )  # fmt: skip
    table = site_table(rows, None if sites is None else _with_outlines(sites))
    by_id = dict(zip(parcels["parcel_id"], parcels.geometry, strict=True))
    if sites is not None:
        by_id |= dict(zip(sites["site_id"], gpd.GeoDataFrame(sites).geometry, strict=True))
    shapes = np.empty(len(table), dtype=object)
    shapes[:] = [by_id.get(site) for site in table["site_id"]]
    return SitingDesk(snapshot, table, shapes, rules)


def _rules(snapshot: Snapshot) -> RuleBook:
    """The figures of the snapshot over those that come with parkgeo, so that one made by an earlier version can be asked."""
    common, own = shipped_packs()[0], book_of(snapshot.catalogue.get("figures", {}))
    return RuleBook((common,), {**common.figures, **own.figures})


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


def _told(code: str) -> str:
    other = next((new for old, new in _SURVEY_USES.items() if code.startswith(old)), "")
    return f"{other} ({_SURVEY} {code})".strip() if code[:1].isdigit() else code


def _floor_loads(
    snapshot: Snapshot, parcels: pd.DataFrame, candidates: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Greatest floor load of the buildings on each parcel; without limit where a project builds its own.

    That is on land that is bare, idle, vacant or held in reserve, and on the unused part of a parcel.
    """
    free = np.isin(candidates.astype(str), _OWN_BUILDINGS)
    if "footprint_m2" in parcels:
        free |= parcels["footprint_m2"].to_numpy(dtype=np.float64, na_value=np.nan) == 0
    found = np.where(free, np.inf, np.nan)
    if "buildings" not in snapshot.tables:
        return found
    buildings = snapshot.read("buildings")
    if {"floor_load_t_per_m2", "parcel_id"} <= set(buildings):
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


def _with_outlines(sites: pd.DataFrame) -> pd.DataFrame:
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
