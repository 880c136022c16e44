"""The search for a site: who fits best, who nearly does and why not, of whom it is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.planning.siting.fit import GRADES, grade_of, judged_limits
from parkgeo.planning.siting.found import Found, Site, limit_dict
from parkgeo.planning.siting.gates import Demand, Offer, drawn_answers, gates_of, judge, misses
from parkgeo.planning.siting.needs import CRITERIA
from parkgeo.planning.siting.score import points, weights_of
from parkgeo.planning.siting.stability import stability, weighted
from parkgeo.planning.siting.terms import Terms, shipped_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.planning.siting.brief import Brief
    from parkgeo.planning.siting.fit import Limit

    Draw = Callable[[NDArray[np.intp]], NDArray[np.int8]]

__all__ = ["Found", "Site", "limit_dict", "search"]


def search(
    sites: pd.DataFrame,
    brief: Brief,
    *,
    terms: Terms | None = None,
    offer: Offer | None = None,
    draw: Draw | None = None,
    whole: bool = False,
) -> Found:
    """Look for sites for a project.

    Parameters
    ----------
    sites
        As `parkgeo.planning.siting.table.site_table` gives it. Where its ``candidate`` is known of some, only sites that could come free
        (neither ``none`` nor missing) are asked, unless the brief asks all.
    brief
        What is looked for.
    terms
        Settings of the packs in force; None: those that come with parkgeo.
    offer
        The same sites as arrays, where they are at hand.
    draw
        Draws the rectangle on sites that fail nothing and are open in it. It is given their rows, those with the fewest open questions
        and the best scores first, and answers each as `parkgeo.planning.siting.gates.Offer` has it; it may leave the last ones
        undrawn. None: nothing is drawn.
    whole
        List all sites, not only as many as the brief has shown.

    Returns
    -------
    Found
        The order of the rows decides nothing: what is equal stands in the order of its id.

    Examples
    --------
    >>> import pandas as pd
    >>> from parkgeo.planning.siting.brief import read_brief
    >>> from parkgeo.planning.siting.table import site_table
    >>> plots = pd.DataFrame({"parcel_id": ["A", "B", "C"], "net_area_m2": [958.0, 2000.0, None], "site_area_m2": [990.0, 2100.0, 5000.0]})
    >>> found = search(site_table(plots), read_brief({"needs": {"area": "1000 m2"}}))
    >>> [site.site_id for site in found.ranked], found.why_not[0].counterfactual("en"), found.undetermined[0].site_id
    (['B'], 'It would fit with 42 m² more net area.', 'C')
    """
    settings = _settings(brief, shipped_terms() if terms is None else terms)
    most = math.nan if brief.holders_most is None else float(brief.holders_most)
    demand = Demand.of([brief.needs], settings, holders_most=most)
    rows = _rows_asked(sites, brief)
    asked = _looked_at(rows, (Offer.of(sites) if offer is None else offer).rows(rows), demand)
    if draw is not None and brief.needs.rectangle_m is not None:
        asked = _drawn(asked, brief.needs.rectangle_m, draw)
    no, unsure = asked.failed > 0, asked.unsure > 0
    fits, fails, unknown = (np.flatnonzero(mask) for mask in (~no & ~unsure, no, ~no & unsure))
    top, more = (None, None) if whole else (brief.top, brief.shown)
    best = np.nan_to_num(asked.score, nan=-1.0)
    shown = (
        fits[np.argsort(-best[fits], kind="stable")][:top],
        fails[np.lexsort((asked.unsure[fails], _lack(asked, fails), asked.failed[fails]))][:more],
        unknown[np.lexsort((-best[unknown], asked.unsure[unknown]))][:more],
    )
    firm = np.full(len(rows), np.nan)
    firm[fits] = stability(
        asked.points[fits],
        asked.weights,
        top=brief.top,
        draws=settings.draws,
        spread=settings.spread,
        seed=settings.seed,
    )
    ranked, why_not, undetermined = (_told(sites, asked, each, firm) for each in shown)
    return Found(
        brief, len(rows), len(fits), len(fails), len(unknown), ranked, why_not, undetermined,
    )  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """The sites that a brief asks about: their rows in the table, gates failed and open, points by criterion, score."""

    rows: NDArray[np.intp]
    offer: Offer
    demand: Demand
    failed: NDArray[np.int64]
    unsure: NDArray[np.int64]
    points: NDArray[np.float64]
    weights: NDArray[np.float64]
    score: NDArray[np.float64]


def _looked_at(rows: NDArray[np.intp], offer: Offer, demand: Demand) -> _Asked:
    failed, unsure = (np.zeros(offer.count, dtype=np.int64) for _ in range(2))
    for gate in gates_of(demand):
        told = judge(gate, offer, demand)
        failed += told.no[:, 0]
        unsure += told.open[:, 0]
    got = np.column_stack([points(name, offer, demand)[:, 0] for name in CRITERIA])
    weights = weights_of(demand)[:, 0]
    return _Asked(rows, offer, demand, failed, unsure, got, weights, weighted(got, weights))


def _drawn(asked: _Asked, sides: tuple[float, float], draw: Draw) -> _Asked:
    """The same sites, the rectangle drawn where nothing but what is not known stands against them."""
    gate = next(each for each in gates_of(asked.demand) if each.kind == "rectangle")
    known = drawn_answers(asked.offer, asked.demand)[:, 0] >= 0
    places = np.flatnonzero((asked.failed == 0) & ~known & judge(gate, asked.offer, asked.demand).open[:, 0])
    places = places[np.lexsort((-np.nan_to_num(asked.score[places], nan=-1.0), asked.unsure[places]))]
    if not len(places):
        return asked
    before = asked.offer.drawn.get(sides)
    answers = np.full(asked.offer.count, -1, dtype=np.int8) if before is None else before.copy()
    answers[places] = draw(asked.rows[places])
    unsure = asked.unsure.copy()
    unsure[places] -= answers[places] == 1
    return replace(
        asked, offer=replace(asked.offer, drawn={**asked.offer.drawn, sides: answers}), unsure=unsure
    )


def _lack(asked: _Asked, places: NDArray[np.intp]) -> NDArray[np.float64]:
    """What some sites lack, summed over gates as shares of what is needed."""
    part, lack = asked.offer.rows(places), np.zeros(len(places))
    for gate in gates_of(asked.demand):
        lack += misses(gate, part, asked.demand)[:, 0]
    return lack


def _settings(brief: Brief, terms: Terms) -> Terms:
    own = {name: getattr(brief, name) for name in ("draws", "seed", "spread")}
    return replace(terms, **{name: value for name, value in own.items() if value is not None})


def _rows_asked(sites: pd.DataFrame, brief: Brief) -> NDArray[np.intp]:
    """Rows that the brief asks about, in the order of their ids."""
    mask = np.isin(sites["kind"].to_numpy(dtype=object).astype(str), brief.kinds)
    if brief.park:
        mask = mask & (sites["park_id"] == brief.park).to_numpy(dtype=bool)
    if not brief.all_parcels and sites["candidate"].notna().any():
        free = sites["candidate"].notna() & (sites["candidate"] != "none")
        mask = mask & (free | (sites["kind"] == "joined")).to_numpy(dtype=bool)
    rows = np.flatnonzero(mask)
    found: NDArray[np.intp] = rows[
        np.argsort(sites["site_id"].to_numpy(dtype=object)[rows].astype(str), kind="stable")
    ]
    return found


def _told(
    sites: pd.DataFrame, asked: _Asked, places: NDArray[np.intp], firm: NDArray[np.float64]
) -> tuple[Site, ...]:
    """The sites that are shown, with all that is said of them."""
    limits = judged_limits(asked.offer.rows(places), asked.demand)
    names = (
        sites.iloc[asked.rows[places]][["site_id", "kind", "parcel_ids", "obstacles"]]
        .fillna({"obstacles": ""})
        .astype(str)
        .itertuples(index=False)
    )
    return tuple(
        _site(asked, int(place), tuple(name), told, float(firm[place]))
        for place, name, told in zip(places, names, limits, strict=True)
    )


def _site(asked: _Asked, place: int, name: tuple[str, ...], limits: Sequence[Limit], firm: float) -> Site:
    got, weights, total = asked.points[place], asked.weights, float(asked.weights.sum())
    known = float((weights * ~np.isnan(got)).sum() / total) if total else 0.0
    low = float(np.nansum(weights * got) / total) if total else math.nan
    verdict = 0 if asked.failed[place] else -1 if asked.unsure[place] else 1
    score = asked.score[[place]]
    grade = grade_of(np.array([verdict]), score, np.array([known]), asked.demand.terms)[0]
    site_id, kind, parcel_ids, obstacles = name
    return Site(
        row=int(asked.rows[place]), site_id=site_id, kind=kind, parcel_ids=parcel_ids, verdict=verdict, score=float(score[0]), low=low,
        high=low + 100.0 * (1 - known), known=known, grade=GRADES[int(grade)], stability=firm, limits=tuple(limits),
        cost_wan=float(asked.offer.number("cost_wan")[place]), obstacles=tuple(filter(None, obstacles.split(";"))),
        breakdown={
            criterion: (float(got[column]), float(weights[column] / total)) for column, criterion in enumerate(CRITERIA) if weights[column] > 0
        },
    )  # fmt: skip
