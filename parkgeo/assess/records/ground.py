"""Buildings that stand across parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.judged import Judged, judged_findings, verdict_table
from parkgeo.assess.rows import one_multipolygon
from parkgeo.assess.states.trivalent import known, verdicts
from parkgeo.assess.wording import compose, figure_texts
from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES
from parkgeo.metrics import coverage

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["across_findings", "buildings_across"]

_PATTERNS = {
    "one": "A building stands across this parcel and others ({buildings}); {share} % of its footprint is here. Others: {others}.",
    "several": "{count} buildings stand across this parcel and others ({buildings}); of one of them {share} % of the footprint is here, of the rest no more. Others: {others}.",
}


def buildings_across(
    parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, rules: RuleBook
) -> tuple[Judged, pd.DataFrame] | None:
    """Parcels that share a building with others.

    Parameters
    ----------
    parcels, buildings
        In one projected coordinate system in metres.
    rules
        The packs in force.

    Returns
    -------
    tuple or None
        The answer (``observed`` is the largest share of a building's footprint that lies on the parcel), and the pairs of parcel and
        building that it rests on: ``parcel`` and ``building`` (positions) and ``share``.

    Notes
    -----
    A building stands across parcels where two or more hold more than the pack's share of its footprint each, and none holds all but
    that share: where outlines of parcels overlap, a building in the strip lies wholly on both, and that is the overlap's matter.
    Structures and yards count as buildings do.
    """
    rule = rules.get("records.building_across_share")
    if rule is None or buildings is None:
        return None
    pairs = _shared(parcels, buildings, rule.number("1"))
    share = np.full(len(parcels), np.nan)
    order = np.argsort(pairs["share"].to_numpy(), kind="stable")
    # The last write wins, so writing in order of the share leaves the largest.
    share[pairs["parcel"].to_numpy()[order]] = pairs["share"].to_numpy()[order]
    verdict = verdicts(known(~np.isnan(share)), np.ones(len(parcels), dtype=bool))
    table = verdict_table(verdict, parcels.index, observed=share, threshold=rule.number("1"), case=verdict)
    on_parcel = pairs.groupby("parcel")["building"].agg(list).to_dict()
    of_building = pairs.groupby("building")["parcel"].agg(list).to_dict()
    ids = parcels["parcel_id"].to_numpy(dtype=object)
    names = (
        buildings["building_id"] if "building_id" in buildings else pd.Series(range(1, len(buildings) + 1))
    ).to_numpy(dtype=object)

    def others(at: int) -> list[str]:
        shared = {place for building in on_parcel[at] for place in of_building[building]}
        return [str(ids[place]) for place in sorted(shared - {at})]

    def reasons(at: NDArray[np.intp]) -> pd.DataFrame:
        places = at.tolist()
        texts = {
            lang: compose(
                _PATTERNS, ["one" if len(on_parcel[each]) == 1 else "several" for each in places], lang,
                count=[str(len(on_parcel[each])) for each in places],
                buildings=[name_some([str(names[one]) for one in on_parcel[each]]) for each in places],
                share=figure_texts(100 * share[at], lang), others=[name_some(others(each)) for each in places],
            )
            for lang in LANGUAGES
        }  # fmt: skip
        return pd.DataFrame(texts, dtype=object)

    def told(at: int) -> list[dict[str, Any]]:
        rows = buildings.iloc[on_parcel[at]].to_dict("records")
        cells = [
            {"what": "building_id", "value": str(names[one]), **_where(row)}
            for one, row in zip(on_parcel[at], rows, strict=True)
        ]
        return [*cells, *({"what": "neighbour", "value": each} for each in others(at)), rule.as_evidence()]

    return Judged("building_across_parcels", rule, table, reasons, told), pairs


def across_findings(
    judged: Judged, pairs: pd.DataFrame, parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Findings whose place is that of the buildings."""
    found = judged_findings(judged, parcels)
    shapes = np.asarray(buildings.geometry.array, dtype=object)
    places = np.flatnonzero((judged.table["verdict"] == "yes").to_numpy())
    by_parcel = pairs.groupby("parcel")["building"].agg(list)
    found["geometry"] = [one_multipolygon(*shapes[by_parcel[place]]) for place in places]
    return found


def _shared(parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, least: float) -> pd.DataFrame:
    """Parts of buildings that stand across parcels; only buildings that more than one parcel meets are measured."""
    sites, shapes = (np.asarray(layer.geometry.array, dtype=object) for layer in (parcels, buildings))
    tree = shapely.STRtree(sites)
    building, _ = tree.query(shapes)
    several = np.flatnonzero(np.bincount(building, minlength=len(shapes)) > 1)
    cover = coverage(parcels.geometry, buildings.geometry.iloc[several])
    footprint = shapely.area(shapes[several])
    pairs = pd.DataFrame({"parcel": cover.parcel, "building": several[cover.building]})
    pairs["share"] = cover.area_m2 / footprint[cover.building]
    own = pairs[pairs["share"] > least]
    of_building = own.groupby("building")["share"]
    across = (of_building.transform("size") > 1) & (of_building.transform("max") < 1 - least)
    found: pd.DataFrame = own[across].sort_values(["parcel", "building"]).reset_index(drop=True)
    return found


def _where(row: dict[Any, Any]) -> dict[str, Any]:
    return {"file": str(row["source_file"]), "row": int(row["source_row"])} if "source_row" in row else {}
