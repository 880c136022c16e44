"""A snapshot → the desk at which sites are looked for: its tables loaded once, its packs' rules, many questions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from parkgeo.errors import InputError, NotFoundError, name_some
from parkgeo.packs import RuleBook, book_of, shipped_packs
from parkgeo.pipeline.drawings import Drawings
from parkgeo.pipeline.joined_land import JoinedLand
from parkgeo.pipeline.recall import recalled
from parkgeo.pipeline.siting_rows import site_rows, with_outlines
from parkgeo.planning.siting.brief import Brief, read_brief
from parkgeo.planning.siting.fit import Fit, fit
from parkgeo.planning.siting.gates import GATES, Demand, Offer, judge
from parkgeo.planning.siting.needs import Needs, industry_needs, near, plain_code
from parkgeo.planning.siting.search import search
from parkgeo.planning.siting.table import joined_rows, site_table
from parkgeo.planning.siting.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.planning.siting.found import Found, Joining
    from parkgeo.store import Snapshot

__all__ = ["SitingDesk", "siting_desk"]

_FEW = 20
"""Rectangles are drawn for a matrix of no more sites than this."""


_USE = re.compile(r"(0[1-9]|1\d|2[0-4])\d{0,4}|[ABEGHMRSUW]\d{0,3}", re.ASCII)
"""Beginnings of codes in the classifications of 2023 and GB 50137; another country's are known where a parcel or the plan has one."""


def _nothing_known(_: str) -> None:
    """What is left of a site of which only figures are known."""


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
    drawings
        Of rectangles on what is left of each site.
    joined
        Joins candidates as a brief asks; None: only the joined sites of the table are known.
    """

    snapshot: Snapshot
    sites: pd.DataFrame
    shapes: NDArray[np.object_] = field(repr=False)
    rules: RuleBook = field(repr=False)
    drawings: Drawings = field(repr=False, default_factory=lambda: Drawings(_nothing_known))
    joined: JoinedLand | None = field(repr=False, default=None)

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
        brief = read_brief(written, self.rules, where=where, default_name=default_name)
        known = (*self.offer.use.known, *self.offer.planned.known)
        strange = [
            one
            for one in brief.needs.uses
            if not _USE.fullmatch(one) and not any(one in code for code in known)
        ]
        if strange:
            raise InputError(
                f"uses names {name_some(strange)}, which begins no code of land use", where=where,
                mend="write codes of the classification of 2023, such as 1001, or of GB 50137, such as M1",
            )  # fmt: skip
        return brief

    def search(self, brief: Brief, *, whole: bool = False) -> Found:
        """Look for sites, and list as many as the brief has shown or the whole of them; see `parkgeo.planning.siting.search`.

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
        sites, offer, told = self._around(brief)
        found = search(
            sites,
            brief,
            terms=self.terms,
            offer=offer,
            draw=partial(self._drawn, sites, brief.needs),
            whole=whole,
        )
        return replace(found, joining=told)

    def _around(self, brief: Brief) -> tuple[pd.DataFrame, Offer, Joining | None]:
        """The sites of a brief: where it allows joined ones, the minimal combinations around its wish are among them.

        They take the place of the groups of all that hangs together, of which one stays where nothing smaller in it was found.
        """
        if self.joined is None or not brief.joins:
            return self.sites, self.offer, None
        most = math.nan if brief.holders_most is None else float(brief.holders_most)
        demand = Demand.of([brief.needs], self.terms, holders_most=most)
        asked = self.sites["kind"] == "parcel"
        if brief.park:
            asked &= self.sites["park_id"] == brief.park
        rows = np.flatnonzero(asked.to_numpy(dtype=bool))
        measured_most, listed, drawn = (
            int(self.rules[f"siting.{key}_most"].number("1"))
            for key in ("joined_measured", "joined", "drawn")
        )
        found = self.joined.around(
            self.sites["site_id"].to_numpy(dtype=object)[rows], self.offer.rows(rows), demand,
            measured_most=measured_most, most=listed, drawn_most=drawn,
        )  # fmt: skip
        if found is None:
            return self.sites, self.offer, None
        whole = (self.sites["kind"] == "joined").to_numpy(dtype=bool)
        parts = self.sites["parcel_ids"][whole].astype(str).str.split(";")
        kept = ~whole
        kept[whole] = [found.covered.isdisjoint(one) for one in parts]
        single = self.sites[self.sites["kind"] == "parcel"]
        made = joined_rows(single, found.sites) if len(found.sites) else single.iloc[:0]
        sites = pd.concat([self.sites[kept], made], ignore_index=True) if len(made) else self.sites[kept].reset_index(drop=True)  # fmt: skip
        drawn_on: dict[tuple[float, float], NDArray[np.int8]] = {}
        if brief.needs.rectangle_m is not None:
            answers = np.full(len(sites), -1, dtype=np.int8)
            answers[len(sites) - len(made) :] = 1
            drawn_on[brief.needs.rectangle_m] = answers
        return sites, Offer.of(sites, drawn_on), found.told

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
        chosen, needs = chosen.reset_index(drop=True), self.needs(keys)
        found = fit(chosen, needs, terms=self.terms)
        drawn = self._drawn_of(found) if len(chosen) <= _FEW else {}
        return fit(chosen, needs, terms=self.terms, drawn=drawn) if drawn else found

    def _drawn(self, sites: pd.DataFrame, needs: Needs, rows: NDArray[np.intp]) -> NDArray[np.int8]:
        """The rectangle that is needed, drawn on some of the sites: no more than the packs say."""
        if needs.rectangle_m is None:
            return np.full(len(rows), -1, dtype=np.int8)
        names = sites["site_id"].to_numpy(dtype=object)[rows]
        known = sites["rectangle_long_m"].notna().to_numpy()[rows]
        most = int(self.rules["siting.drawn_most"].number("1"))
        return self.drawings.answers(
            zip(names.tolist(), known.tolist(), strict=True), needs.rectangle_m, most=most
        )

    def _drawn_of(self, found: Fit) -> dict[tuple[float, float], NDArray[np.int8]]:
        """The rectangles of a matrix of few sites that nothing but what is not known stands against."""
        drawn: dict[tuple[float, float], NDArray[np.int8]] = {}
        rectangle = next(gate for gate in GATES if gate.kind == "rectangle")
        wanted = judge(rectangle, found.offer(), found.demand).open & (found.verdict < 0)
        for column, one in enumerate(found.needs):
            rows = np.flatnonzero(wanted[:, column])
            if one.rectangle_m is None or not len(rows):
                continue
            answers = drawn.setdefault(one.rectangle_m, np.full(len(found.sites), -1, dtype=np.int8))
            answers[rows] = self._drawn(found.sites, one, rows)
        return drawn

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
                if key == one.key or (plain_code(key).isdigit() and one.industry == plain_code(key))
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
        found: NDArray[np.object_] = np.append(self.shapes, [None])[places]
        if self.joined is not None:
            for at in np.flatnonzero(places < 0).tolist():
                found[at] = self.joined.shape(str(site_ids[at]))
        return found


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
    layers = {name: gpd.GeoDataFrame(snapshot.read(name)) if name in snapshot.tables else None for name in ("buildings", "utilities", "plan", "constraints", "facilities", "net_land")}  # fmt: skip
    sites = snapshot.read("sites") if "sites" in snapshot.tables else None
    rows = site_rows(parcels, layers, rules)
    table = site_table(rows, None if sites is None else with_outlines(sites))
    by_id = dict(zip(parcels["parcel_id"], parcels.geometry, strict=True))
    if sites is not None:
        by_id |= dict(zip(sites["site_id"], gpd.GeoDataFrame(sites).geometry, strict=True))
    shapes = np.empty(len(table), dtype=object)
    shapes[:] = [by_id.get(site) for site in table["site_id"]]
    net = layers["net_land"]
    left = {} if net is None else dict(zip(net["parcel_id"], net.geometry, strict=True))
    joined = JoinedLand(lambda: replace(recalled(snapshot), rules=rules)) if net is not None else None
    return SitingDesk(snapshot, table, shapes, rules, Drawings(left.get), joined)


def _rules(snapshot: Snapshot) -> RuleBook:
    """The figures of the snapshot over those that come with parkgeo, so that one made by an earlier version can be asked."""
    common, own = shipped_packs()[0], book_of(snapshot.catalogue.get("figures", {}))
    return RuleBook((common,), {**common.figures, **own.figures})
