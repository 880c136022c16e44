"""What speaks for each mode of agglomeration, as figures of a park."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.chain import KEYED_BY
from parkgeo.assess.modes import Known
from parkgeo.packs.industry import convert_industry

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from parkgeo.packs import RuleBook

__all__ = ["company_indicators", "facility_indicators", "land_indicators", "policy_indicators"]

_GATEWAYS = ("motorway_ramp", "rail_freight", "port", "airport", "core_city")


def company_indicators(companies: pd.DataFrame, rules: RuleBook, edition: str) -> dict[str, Known]:
    """R&D, and the output shares of high technology and of trade and carriage.

    Parameters
    ----------
    companies
        Of the park: ``industry``, ``output_wan``, ``rd_wan``, ``revenue_wan``; NaN where not known.
    rules
        ``agglomeration.high_tech_industries``, ``agglomeration.market_industries``.
    edition
        Of GB/T 4754, of the codes. One that may have become several counts where all of them are among the pack's.
    """
    found = {}
    both = companies[["rd_wan", "revenue_wan"]].dropna()
    revenue = float(both["revenue_wan"].sum())
    if revenue > 0:
        found["rd_share"] = Known(float(both["rd_wan"].sum()) / revenue, len(both) / len(companies))
    own = companies.dropna(subset=["industry", "output_wan"])
    whole = float(own["output_wan"].sum())
    now = convert_industry(own["industry"].astype(object), edition, KEYED_BY)
    for name, key in (
        ("high_tech_output_share", "high_tech_industries"),
        ("market_output_share", "market_industries"),
    ):
        listed = rules.get(f"agglomeration.{key}")
        if listed is not None and whole > 0:
            among = np.array([bool(one) and set(one) <= set(listed.texts()) for one in now], dtype=bool)
            found[name] = Known(float(own["output_wan"][among].sum()) / whole, len(own) / len(companies))
    return found


def facility_indicators(kinds: pd.Series[Any] | None, rules: RuleBook) -> dict[str, Known]:
    """Facilities of innovation and of trade.

    Parameters
    ----------
    kinds
        Of the facilities of the layer, which are those in and around the park; None without the layer.

    Returns
    -------
    dict
        Counts; not known where the layer holds none of the kinds, for that may be what nobody has drawn.
    """
    found = {}
    for name, key in (("innovation_facilities", "innovation_kinds"), ("market_facilities", "market_kinds")):
        listed = rules.get(f"agglomeration.{key}")
        if kinds is not None and listed is not None and (count := int(kinds.isin(listed.texts()).sum())):
            found[name] = Known(float(count))
    return found


def land_indicators(parcels: pd.DataFrame, rules: RuleBook) -> dict[str, Known]:
    """Storage land, and how many kinds of gateway are near.

    Parameters
    ----------
    parcels
        Of the park: ``land_kind``, ``site_area_m2``, ``travel_min_*`` as far as they are there.
    """
    found = {}
    if "land_kind" in parcels:
        area, kind = parcels["site_area_m2"].to_numpy(dtype=np.float64), parcels["land_kind"]
        storage, works = (
            float(area[(kind == word).to_numpy(dtype=bool)].sum()) for word in ("storage", "industry")
        )
        unknown = float(area[(kind == "unknown").to_numpy(dtype=bool)].sum())
        if storage + works > 0:
            found["storage_land_share"] = Known(
                storage / (storage + works), (storage + works) / (storage + works + unknown)
            )
    limit = rules.get("agglomeration.gateway_min")
    columns = [name for kind in _GATEWAYS if (name := f"travel_min_{kind}") in parcels]
    told = parcels[columns].median().dropna()
    if limit is not None and len(told):
        found["gateways_near"] = Known(float((told <= limit.number("min")).sum()), len(told) / len(_GATEWAYS))
    return found


def policy_indicators(
    park: Mapping[Hashable, Any], output_wan: float, known_share: float, rules: RuleBook
) -> dict[str, Known]:
    """Level of the park, and policy promised and paid beside its output.

    Parameters
    ----------
    park
        The park's row; ``level``, ``policy_promised_wan``, ``policy_paid_wan`` as far as they are there.
    output_wan, known_share
        Output of the park's companies as far as known, and of how many of them it is.
    rules
        ``agglomeration.level_points``.
    """
    found = {}
    points, level = rules.get("agglomeration.level_points"), park.get("level")
    if points is not None and isinstance(level, str):
        said = [value for word, value in points.table("1").items() if word.casefold() in level.casefold()]
        if said:
            found["level_points"] = Known(max(said))
    for name in ("promised", "paid"):
        value = park.get(f"policy_{name}_wan")
        if isinstance(value, int | float | np.number) and output_wan > 0:
            found[f"policy_{name}_share"] = Known(float(value) / output_wan, known_share)
    return found
