"""A snapshot and a portfolio → which project goes to which site."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array

from parkgeo.pipeline.feeding import sources
from parkgeo.planning.allocation import (
    Capacity,
    Leading,
    Plan,
    Problem,
    Separation,
    solve,
)
from parkgeo.planning.siting import Fit, fit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.siting import SitingDesk
    from parkgeo.planning.allocation.portfolio import Portfolio, Rules

__all__ = ["Allocation", "allocate", "problem_of"]

_NEEDED = {"power": "power_kva", "water": "water_m3_per_day", "gas": "gas_m3_per_h"}


@dataclass(frozen=True)
class Allocation:
    """A portfolio placed.

    Attributes
    ----------
    desk, portfolio
        What was asked.
    joins
        Whether joined parcels were asked too.
    sites
        The sites that took part: those that fit some project.
    fit
        Sites × projects.
    problem, plan
        As arrays.
    """

    desk: SitingDesk
    portfolio: Portfolio
    joins: bool
    sites: pd.DataFrame
    fit: Fit
    problem: Problem
    plan: Plan


def allocate(desk: SitingDesk, portfolio: Portfolio, *, joins: bool = False) -> Allocation:
    """Place the projects of a portfolio.

    Parameters
    ----------
    desk
        Of a snapshot, see `parkgeo.pipeline.siting.siting_desk`.
    portfolio
        Projects and rules.
    joins
        Also on parcels that could be joined.

    Returns
    -------
    Allocation
    """
    sites, found = _matched(desk, portfolio, joins=joins)
    problem = problem_of(desk, portfolio, sites, found)
    rules, book = portfolio.rules, desk.rules
    limit = (
        book["allocation.time_limit"].number("min") * 60 if rules.time_limit_s is None else rules.time_limit_s
    )
    gap = book["allocation.gap"].number("1") if rules.gap is None else rules.gap
    near = rules.near(book["allocation.alternatives_within"].number("1"))
    plan = solve(problem, time_limit_s=limit, gap=gap, near=near)
    return Allocation(desk, portfolio, joins, sites, found, problem, plan)


def _matched(desk: SitingDesk, portfolio: Portfolio, *, joins: bool) -> tuple[pd.DataFrame, Fit]:
    """The sites that some project may be put on and fits, and the matrix of fit over them."""
    asked = (desk.sites["candidate"] != "none").to_numpy(dtype=bool) | (
        desk.sites["kind"] == "joined"
    ).to_numpy()
    if any(one.brief.all_parcels for one in portfolio.projects):
        asked[:] = True
    if not joins:
        asked &= (desk.sites["kind"] != "joined").to_numpy()
    found = fit(desk.sites[asked], [one.brief.needs for one in portfolio.projects], terms=desk.terms)
    verdict = np.where(_allowed(found.sites, portfolio), found.verdict, 0)
    kept = (verdict == 1).any(axis=1) | (portfolio.rules.undetermined & (verdict != 0).any(axis=1))
    places = np.flatnonzero(kept)
    chosen = found.sites.iloc[places]
    part = replace(
        found, sites=chosen, verdict=verdict[places], score=found.score[places], known=found.known[places],
        grade=found.grade[places],
    )  # fmt: skip
    return chosen, part


def _allowed(sites: pd.DataFrame, portfolio: Portfolio) -> NDArray[np.bool_]:
    """Sites × projects: what each brief says of kinds of sites, parks and holders."""
    kind, park = (sites[name].to_numpy(dtype=object) for name in ("kind", "park_id"))
    holders = sites["holders"].to_numpy(dtype=np.float64)
    free = (sites["candidate"] != "none").to_numpy(dtype=bool) | (kind == "joined")
    columns = []
    for one in portfolio.projects:
        brief = one.brief
        most = math.inf if brief.holders_most is None else brief.holders_most
        own = np.isin(kind, brief.kinds) & (brief.all_parcels | free) & (holders <= most)
        columns.append(own & (park == brief.park if brief.park else True))
    found: NDArray[np.bool_] = np.stack(columns, axis=1)
    return found


def problem_of(desk: SitingDesk, portfolio: Portfolio, sites: pd.DataFrame, found: Fit) -> Problem:
    """The arrays of a portfolio on some sites.

    Parameters
    ----------
    desk, portfolio
        What is asked.
    sites
        Some rows of the desk's sites.
    found
        The matrix of fit over them.

    Returns
    -------
    Problem
        A pair of which it is not known whether it fits is left out unless the portfolio lets it in; then a net area that is not known
        counts as the whole area, and a score that is not known as no points.
    """
    rules, projects = portfolio.rules, portfolio.projects
    fits, score = found.verdict.T == 1, found.score.T.astype(np.float64)
    net = sites["net_area_m2"].to_numpy(dtype=np.float64)
    if rules.undetermined:
        fits, score = found.verdict.T != 0, np.nan_to_num(score)
        net = np.where(np.isnan(net), sites["area_m2"].to_numpy(dtype=np.float64), net)
    shapes = desk.shape(sites["site_id"].tolist())
    return Problem(
        tuple(one.name for one in projects), tuple(sites["site_id"]), score, fits,
        np.array([one.brief.needs.area_m2 for one in projects]), net,
        must=np.array([one.must for one in projects], dtype=bool),
        industry=tuple(one.brief.needs.industry[:2] for one in projects),
        output_wan=np.array([one.output_wan for one in projects]),
        weights=rules.weights, capacities=_capacities(desk, portfolio, shapes), separations=_separations(portfolio, shapes),
        overlaps=_overlaps(sites), leading=_leading(rules, desk.rules),
    )  # fmt: skip


def _capacities(desk: SitingDesk, portfolio: Portfolio, shapes: NDArray[np.object_]) -> tuple[Capacity, ...]:
    snapshot = desk.snapshot
    layer = gpd.GeoDataFrame(snapshot.read("utilities")) if "utilities" in snapshot.tables else None
    use = {
        service: np.array([getattr(one.brief.needs, name) for one in portfolio.projects], dtype=np.float64)
        for service, name in _NEEDED.items()
    }
    return tuple(
        Capacity(one.service, one.utility_id, one.sites, one.spare, use[one.service])
        for one in sources(shapes, layer, desk.rules)
        if np.nansum(use[one.service]) > 0
    )


def _separations(portfolio: Portfolio, shapes: NDArray[np.object_]) -> tuple[Separation, ...]:
    needed = portfolio.rules.separation_m
    hazards, sensitives = (
        tuple(at for at, one in enumerate(portfolio.projects) if getattr(one, kind))
        for kind in ("hazard", "sensitive")
    )
    if math.isnan(needed) or not hazards or not sensitives:
        return ()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=needed)
    nearer = shapely.distance(shapes[one], shapes[other]) < needed
    shape = (len(shapes), len(shapes))
    near = coo_array((np.ones(int(nearer.sum()), dtype=bool), (one[nearer], other[nearer])), shape=shape)
    return (Separation(hazards, sensitives, needed, csr_array(near)),)


def _overlaps(sites: pd.DataFrame) -> tuple[NDArray[np.intp], ...]:
    """Groups of sites that have a parcel in common."""
    members = sites["parcel_ids"].astype(str).reset_index(drop=True).str.split(";").explode()
    groups = {tuple(sorted(places)) for places in members.groupby(members).groups.values() if len(places) > 1}
    return tuple(np.array(one, dtype=np.intp) for one in sorted(groups))


def _leading(rules: Rules, book: RuleBook) -> Leading | None:
    """How many industries may lead: as the portfolio says, else as the packs do."""
    figure = book.get("park.leading_industries_max")
    most = rules.leading_most
    if most is None and figure is not None:
        most = int(figure.number("1"))
    if rules.leading == "off" or most is None:
        return None
    share, fine = rules.leading_share, rules.leading_penalty
    share = book["allocation.leading_land_share"].number("1") if share is None else share
    fine = book["allocation.leading_penalty"].number("point") if fine is None else fine
    return Leading(most, share, fine if rules.leading == "soft" else None)
