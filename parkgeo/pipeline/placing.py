"""A portfolio as it was sent → the plan as plain values, within bounds that whoever answers sets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from parkgeo.pipeline.allocation import allocate
from parkgeo.pipeline.allocation_told import allocation_dict
from parkgeo.planning.allocation.portfolio import read_portfolio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.pipeline.siting import SitingDesk

__all__ = ["placed"]


def placed(
    desk: SitingDesk, written: Mapping[str, Any], *, longest_s: float, lang: str, joins: bool = False
) -> dict[str, Any]:
    """Place the projects of a portfolio.

    Parameters
    ----------
    desk
        Where sites are asked about.
    written
        The portfolio as TOML or JSON has it; see `parkgeo.planning.allocation.portfolio.read_portfolio`.
    longest_s
        Seconds for the plan, whatever the portfolio says; as many again at most for further plans.
    lang
        Language of the sentences.
    joins
        Also on joined sites.

    Returns
    -------
    dict
        As `parkgeo.pipeline.allocation_told.allocation_dict` gives it, and ``proven``: whether no plan is better.

    Raises
    ------
    InputError
        All that is wrong with the portfolio.
    """
    portfolio = read_portfolio(written, desk.rules)
    asked_s = portfolio.rules.time_limit_s
    if asked_s is None:
        asked_s = desk.rules["allocation.time_limit"].number("min") * 60
    rules = replace(portfolio.rules, time_limit_s=min(asked_s, longest_s))
    found = allocate(desk, replace(portfolio, rules=rules), joins=joins)
    return {**allocation_dict(found, lang), "proven": found.plan.proven}
