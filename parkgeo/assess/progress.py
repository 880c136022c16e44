"""How far the works are by area and by money, against the two criteria of Order 53, art. 2 ¶2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.contracts import numbers, unreadable

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["Progress", "progress_of"]

_NOTHING = 1e-6
"""A whole of no more than this, in m² or 万元, is none: a share of it would say nothing."""


@dataclass(frozen=True)
class Progress:
    """Shares developed and invested of each parcel.

    Attributes
    ----------
    developed, invested
        Shares; NaN where not known.
    developed_met, invested_met
        Whether the share is known and below its limit.
    wanted
        Field → where it is missing for a share.
    by_reading
        Where a criterion is met, but none whose definition an office has stated: what developed area is, and what
        investment holds, are settings.
    """

    developed: NDArray[np.float64]
    invested: NDArray[np.float64]
    developed_met: NDArray[np.bool_]
    invested_met: NDArray[np.bool_]
    wanted: dict[str, NDArray[np.bool_]]
    by_reading: NDArray[np.bool_]

    @property
    def met(self) -> NDArray[np.bool_]:
        """Where one criterion is met."""
        return self.developed_met | self.invested_met

    @property
    def unmet(self) -> NDArray[np.bool_]:
        """Where both shares are known and neither criterion is met."""
        return ~self.met & ~np.isnan(self.developed) & ~np.isnan(self.invested)


def progress_of(parcels: pd.DataFrame, contract: pd.DataFrame, rules: RuleBook) -> Progress:
    """Shares developed and invested.

    Parameters
    ----------
    parcels
        ``registered_area_m2`` where known.
    contract
        The ledger's row of each parcel: ``developed_area_m2``, ``construction_area_m2``, ``supplied_area_m2``; or
        ``developed_floor_area_m2``, ``agreed_floor_area_m2``; ``invested_wan``, ``agreed_investment_wan``, ``price_wan``,
        ``land_taxes_wan``.
    rules
        ``idle.developed_area_below``, ``idle.invested_below``, ``idle.developed_area_basis``,
        ``idle.investment_includes_land_price``.

    Returns
    -------
    Progress

    Notes
    -----
    By land: developed area ÷ area to be developed, which is the construction area, else the supplied, else the registered
    one; a cell that cannot be read is not stood in for. By floor: floor area built ÷ floor area agreed. Investment is
    compared without land price and taxes: where the ledger's figures include them both are taken off both. A whole that is
    not above zero, and investment less than what is taken off it, give no share.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> row = pd.DataFrame({"developed_area_m2": [2000.0], "construction_area_m2": [8000.0]})
    >>> progress_of(row, row, load_packs(["national"], Path())).developed.tolist()
    [0.25]
    """
    basis = rules.get("idle.developed_area_basis")
    floor = basis is not None and basis.value == "floor"
    built, whole, wanted = _by_floor(contract) if floor else _by_land(parcels, contract)
    invested, agreed, wanted_money = _money(contract, rules)
    developed, spent = _share(built, whole), _share(invested, agreed)
    developed_met, invested_met = (
        _below(developed, rules, "idle.developed_area_below"),
        _below(spent, rules, "idle.invested_below"),
    )
    wanted = {name: mask & np.isnan(developed) for name, mask in wanted.items()}
    wanted |= {name: mask & np.isnan(spent) for name, mask in wanted_money.items()}
    gross = rules.get("idle.investment_includes_land_price")
    stated = (developed_met & bool(basis and basis.verified)) | (
        invested_met & bool(gross and gross.verified)
    )
    return Progress(
        developed, spent, developed_met, invested_met, wanted, (developed_met | invested_met) & ~stated
    )


def _by_floor(
    contract: pd.DataFrame,
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, NDArray[np.bool_]]]:
    built, whole = numbers(contract, "developed_floor_area_m2"), numbers(contract, "agreed_floor_area_m2")
    return (
        built,
        whole,
        {"developed_floor_area_m2": np.isnan(built), "agreed_floor_area_m2": ~(whole > _NOTHING)},
    )


def _by_land(
    parcels: pd.DataFrame, contract: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, NDArray[np.bool_]]]:
    built = numbers(contract, "developed_area_m2")
    whole = numbers(contract, "construction_area_m2")
    settled = unreadable(contract, "construction_area_m2")
    for stand_in, blurred in (
        (numbers(contract, "supplied_area_m2"), unreadable(contract, "supplied_area_m2")),
        (numbers(parcels, "registered_area_m2"), np.zeros(len(parcels), dtype=bool)),
    ):
        whole = np.where(np.isnan(whole) & ~settled, stand_in, whole)
        settled |= np.isnan(whole) & blurred
    return built, whole, {"developed_area_m2": np.isnan(built), "construction_area_m2": ~(whole > _NOTHING)}


def _money(
    contract: pd.DataFrame, rules: RuleBook
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, NDArray[np.bool_]]]:
    agreed, invested = numbers(contract, "agreed_investment_wan"), numbers(contract, "invested_wan")
    wanted = {"agreed_investment_wan": ~(agreed > _NOTHING), "invested_wan": np.isnan(invested)}
    gross = rules.get("idle.investment_includes_land_price")
    if gross is None or not gross.flag():
        return invested, agreed, wanted
    price, taxes = numbers(contract, "price_wan"), numbers(contract, "land_taxes_wan")
    net = agreed - price - taxes
    wanted |= {"price_wan": np.isnan(price), "land_taxes_wan": np.isnan(taxes)}
    wanted["agreed_investment_wan"] |= net <= _NOTHING
    wanted["invested_wan"] |= invested < price + taxes
    return invested - price - taxes, net, wanted


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = np.full(len(part), np.nan)
    np.divide(part, whole, out=share, where=(whole > _NOTHING) & (part >= 0))
    return share


def _below(share: NDArray[np.float64], rules: RuleBook, key: str) -> NDArray[np.bool_]:
    limit = rules.get(key)
    below: NDArray[np.bool_] = share < (limit.number("1") if limit else -np.inf)
    return below
