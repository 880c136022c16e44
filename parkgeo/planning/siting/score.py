"""How good a site is for a need, of 100, by weighted criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.planning.siting.needs import CRITERIA
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.planning.siting.gates import Demand, Offer

__all__ = ["Scored", "points", "scored", "weights_of"]

_FULL = 100.0
_SERVICES = 7.0


class Scored(NamedTuple):
    """Scores of sites (rows) for needs (columns).

    Attributes
    ----------
    score
        0–100, by the criteria that are known; NaN where none is.
    known
        Share of the weights whose criteria are known.
    """

    score: NDArray[np.float32]
    known: NDArray[np.float32]


def weights_of(demand: Demand) -> NDArray[np.float64]:
    """Weights of `CRITERIA` (rows) for each need: its own, else the packs'; 0 for what the need does not ask.

    Minutes to gateways count where the need limits some, room in the rectangle and economy of land where it asks for a rectangle
    or an area, cost where the packs say at which it counts for nothing.
    """
    found = np.zeros((len(CRITERIA), len(demand.needs)))
    terms = demand.terms
    for at, one in enumerate(demand.needs):
        weights = dict(one.weights or terms.weights)
        asks = {
            "travel": bool(one.travel_max_min),
            "rectangle": one.rectangle_m is not None,
            "economy": one.area_m2 > 0,
            "cost": terms.cost_none_wan_per_mu > 0,
        }
        found[:, at] = [weights.get(name, 0.0) if asks.get(name, True) else 0.0 for name in CRITERIA]
    return found


def points(criterion: str, offer: Offer, demand: Demand) -> NDArray[np.float64]:
    """Points of 100 that sites (rows) get for a criterion; one column where it is the same for all needs.

    Returns
    -------
    numpy.ndarray
        NaN where it is not known.

    Notes
    -----
    ``access_score`` as the analysis has it. ``services_ready`` ÷ 7 × 100. ``travel``: mean over the gateways that the need limits of
    1 − minutes ÷ limit. ``net_share`` × 100. ``rectangle``: (largest rectangle ÷ the one needed − 1) ÷ (full − 1), full being
    ``siting.rectangle_full_ratio``. ``economy``: area needed ÷ net area, so that a large site is not spent on a small project. ``cost``:
    1 − cost per mu of net area ÷ ``siting.cost_none_wan_per_mu``. All are cut to 0–100.
    """
    net = offer.number("net_area_m2")
    share: NDArray[np.float64]
    with np.errstate(divide="ignore", invalid="ignore"):
        if criterion == "access_score":
            share = offer.number("access_score")[:, None] / _FULL
        elif criterion == "services_ready":
            share = offer.number("services_ready")[:, None] / _SERVICES
        elif criterion == "net_share":
            given = offer.number("net_share")
            share = np.where(np.isnan(given), net / offer.number("area_m2"), given)[:, None]
        elif criterion == "cost":
            share = (
                1
                - (offer.number("cost_wan") / (net / M2_PER_MU) / demand.terms.cost_none_wan_per_mu)[:, None]
            )
        elif criterion == "economy":
            share = demand.numbers["area"][None, :] / net[:, None]
        elif criterion == "rectangle":
            needed = (demand.numbers["rectangle_long"] * demand.numbers["rectangle_short"])[None, :]
            largest = offer.number("rectangle_area_m2")
            sides = offer.number("rectangle_long_m") * offer.number("rectangle_short_m")
            ratio = np.where(np.isnan(largest), sides, largest)[:, None] / needed
            share = (ratio - 1) / (demand.terms.rectangle_full_ratio - 1)
        else:
            share = _travel(offer, demand)
    return _FULL * np.clip(share, 0.0, 1.0)


def _travel(offer: Offer, demand: Demand) -> NDArray[np.float64]:
    total = np.zeros((offer.count, len(demand.needs)))
    for kind in demand.kinds:
        limit = demand.numbers[f"travel:{kind}"]
        part = np.clip(1 - offer.number(f"travel_min_{kind}")[:, None] / limit[None, :], 0.0, 1.0)
        total += np.where(np.isnan(limit)[None, :], 0.0, part)
    limits = [~np.isnan(demand.numbers[f"travel:{kind}"]) for kind in demand.kinds]
    return total / np.sum(limits, axis=0) if limits else np.full(total.shape, np.nan)


def scored(offer: Offer, demand: Demand) -> Scored:
    """Scores of all sites for all needs.

    Returns
    -------
    Scored
        Σ weight × points ÷ Σ weight, over the criteria that are known. What is not known neither helps nor harms, and the share of the
        weights that is known stands beside it.
    """
    weights = weights_of(demand)
    shape = (offer.count, len(demand.needs))
    total, known = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    for at, criterion in enumerate(CRITERIA):
        weight = weights[at].astype(np.float32)[None, :]
        if not weight.any():
            continue
        got = points(criterion, offer, demand).astype(np.float32)
        told = ~np.isnan(got)
        total += np.where(told, got, np.float32(0)) * weight
        known += told * weight
    with np.errstate(divide="ignore", invalid="ignore"):
        return Scored(total / known, known / weights.sum(axis=0).astype(np.float32)[None, :])
