"""Stage: clusters of output and idle land, what each park is made of, how its companies hold together, and what its chains lack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.chain import chain_gaps
from parkgeo.assess.gaps import field_gaps
from parkgeo.assess.park.industries import edition
from parkgeo.assess.structure import concentration_of_parks, industry_structure
from parkgeo.assess.supply_links import LINK_FIGURES, link_figures, placed_links, supply_distances
from parkgeo.i18n import LANGUAGES, say
from parkgeo.pipeline.clusters import clusters
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.modes import modes
from parkgeo.pipeline.shared import filed_returns, held, home_parks, industry_of_companies

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.supply_links import Placed
    from parkgeo.pipeline.desk import Desk

__all__ = ["agglomeration", "companies_of_parks", "links_placed"]

_NO_COMPANIES = (
    "No company is known to be in a park: ask for the table of occupancy and the list of companies."
)
_NO_INDUSTRY = "No company's industry is known: ask for the industry codes of the list of companies."
_NO_REFERENCE = "The region's output by industry is not in the packs (park.region_output_shares), and there is no other park to compare with: fill it in to have location quotients."
_NO_STAFF = "The companies' staff is not in their returns: ask for it."
_NO_LINKS = "Who supplies whom is not recorded: ask the companies for their main suppliers and buyers with yearly values (supply_links)."
_UNPLACED = "Of {count} supply links it is not known where a company is: its id is on no parcel on the day of judgement."
_OWN = "Supply links from a company to itself, in no distance, share or value: {count}. Ask which of the two companies is meant."
_VALUELESS = "Of {whole} supply links {count} state no value that can be used: link_value_wan is the sum of the others, and shares count every link the same. Ask for their yearly values."
_FIGURES = ("output_wan", "staff", "rd_wan", "revenue_wan")


def agglomeration(desk: Desk) -> Part:
    """What stands beside what, and what belongs together."""
    around, companies = clusters(desk), desk.once(companies_of_parks)
    rules, codes = desk.rules, edition(desk.rules)
    structure = industry_structure(companies, rules, codes)
    placed = desk.once(links_placed)
    parks = concentration_of_parks(companies, desk.parks["park_id"])
    linked, gaps = _linked(desk, placed)
    parks = parks.join(linked)
    mode_columns, mode_table = modes(desk, companies, placed, parks)
    tables: dict[str, pd.DataFrame | Callable[[], pd.DataFrame]] = {
        **around.tables,
        "industry_structure": structure,
        "aggregation_modes": mode_table,
        "chain_gaps": _lacking(desk, structure, companies, codes),
    }
    if placed is not None:
        tables["supply_distances"] = supply_distances(placed, desk.parcels.crs)
    return Part(
        around.columns,
        parks=parks.join(mode_columns),
        gaps=[*around.gaps, *gaps, *_gaps(companies, structure)],
        tables=tables,
    )


def companies_of_parks(desk: Desk) -> pd.DataFrame:
    """Companies that are on a parcel on the day or filed for the latest year, index enterprise_id: park, industry, yearly figures."""
    home, holdings, industry = (
        desk.once(home_parks),
        desk.once(held),
        desk.once(industry_of_companies),
    )
    _, filed = desk.once(filed_returns)
    ids = pd.Index([], dtype=object)
    if holdings is not None:
        there = np.unique(holdings.company[holdings.on_day & (holdings.company >= 0)])
        ids = pd.Index(holdings.names.iloc[there], dtype=object)
    if filed is not None:
        ids = ids.union(pd.Index(filed[0].index, dtype=object))
    found = pd.DataFrame(index=pd.Index(ids, name="enterprise_id"))
    found["park_id"] = home.reindex(found.index).to_numpy(dtype=object)
    found["industry"] = industry.reindex(found.index).to_numpy(dtype=object)
    for name in _FIGURES:
        own = filed[0][name] if filed is not None and name in filed[0] else pd.Series(dtype="float64")
        found[name] = own.reindex(found.index).to_numpy(dtype=np.float64)
    return found[found["park_id"].notna()]


def links_placed(desk: Desk) -> Placed | None:
    """Supply links and where their companies are; None without the table."""
    links = desk.layers.supply_links
    if links is None:
        return None
    shapes = np.asarray(desk.parcels.geometry.array, dtype=object)
    return placed_links(links, desk.once(held), desk.once(home_parks), shapes)


def _linked(desk: Desk, placed: Placed | None) -> tuple[pd.DataFrame, list[Gap]]:
    """Figures of the parks' links; all missing, and asked for, without the table."""
    ids = desk.parks["park_id"]
    if placed is None:
        blank = pd.DataFrame(np.nan, index=ids.index, columns=list(LINK_FIGURES))
        return blank, field_gaps("link_within_share", _NO_LINKS, table="parks")
    near = desk.rules.get("agglomeration.link_near_km")
    links, whole = desk.layers.supply_links, len(placed.rows)
    lost, unvalued = int(np.isnan(placed.metres).sum()), int((~(placed.value_wan >= 0)).sum())
    own = 0 if links is None else len(links) - whole
    gaps = [_link_gap("distance_m", _UNPLACED, lost, whole)] if lost else []
    gaps += [_link_gap("to_id", _OWN, own, whole)] if own else []
    gaps += [_link_gap("value_wan", _VALUELESS, unvalued, whole)] if unvalued else []
    return link_figures(placed, ids, near.number("km") if near else np.nan), gaps


def _link_gap(field: str, pattern: str, count: int, whole: int) -> Gap:
    return (
        "supply_links",
        None,
        field,
        {lang: say(pattern, lang, count=count, whole=whole) for lang in LANGUAGES},
    )


def _lacking(desk: Desk, structure: pd.DataFrame, companies: pd.DataFrame, codes: str) -> pd.DataFrame:
    rules = desk.rules
    chain, least, words = (
        rules.get(f"agglomeration.{name}") for name in ("chain", "chain_share_least", "chain_strengths")
    )
    unknown: Any = companies.loc[companies["industry"].isna(), "park_id"].value_counts()
    return chain_gaps(
        structure,
        unknown.to_dict(),
        chain.lists() if chain else {},
        edition=codes,
        share_least=least.number("1") if least else 0.0,
        strengths=words.table("1") if words else {},
    )


def _gaps(companies: pd.DataFrame, structure: pd.DataFrame) -> list[Gap]:
    """What the structure of the parks lacks."""
    table = "industry_structure"
    if companies.empty:
        return field_gaps("companies", _NO_COMPANIES, table=table)
    if structure.empty:
        return field_gaps("industry", _NO_INDUSTRY, table=table)
    gaps: list[Gap] = []
    if (structure["reference"] == "none").all():
        gaps += field_gaps("location_quotient", _NO_REFERENCE, table=table)
    if structure["staff"].isna().all():
        gaps += field_gaps("staff", _NO_STAFF, table=table)
    return gaps
