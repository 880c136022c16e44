"""Findings of conflicts, each with what it clashes with, and the table of neighbours; composed when their tables are written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.conflicts.kinds import kind_name
from parkgeo.assess.findings import FINDING_COLUMNS
from parkgeo.assess.rows import finding_id, one_multipolygon, reasons
from parkgeo.assess.written import figures_written
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.assess.conflicts.constraints import AgainstConstraints
    from parkgeo.assess.conflicts.neighbours import Pairs, Places
    from parkgeo.assess.conflicts.plan import AgainstPlan
    from parkgeo.assess.rows import Ground
    from parkgeo.packs import RuleBook

__all__ = ["constraint_findings", "neighbour_findings", "neighbour_table", "plan_findings"]

_NEIGHBOUR, _PLAN, _CONSTRAINT = "incompatible_neighbour", "plan_conflict", "constraint_conflict"
_NEAR = "The parcel ({kind}) lies {distance} m from parcel {other} ({other_kind}); at least {needed} m are to lie between them."
_NEAR_DOWNWIND = "The parcel ({kind}) lies {distance} m from parcel {other} ({other_kind}); at least {needed} m are to lie between them, and the one to be protected lies downwind."
_BY = "The parcel ({kind}) lies {distance} m from facility {other} ({other_kind}); at least {needed} m are to lie between them."
_BY_DOWNWIND = "The parcel ({kind}) lies {distance} m from facility {other} ({other_kind}); at least {needed} m are to lie between them, and the one to be protected lies downwind."
_USE_OPEN = "Undetermined: the use of the parcel or of one beside it is not known, so it is not known whether the two go together."
_PLANNED = "Registered for {registered}, planned for {planned}: {area} m² ({percent} % of the parcel) are in conflict."
_PLAN_OPEN = "Undetermined: the registered or the planned use is not known, so the two cannot be held against each other."
_AGAINST = {
    "land": "Land to be built on lies under {constraint} ({kind}): {area} m².",
    "buildings": "Buildings stand under {constraint} ({kind}): {observed} m² of footprint.",
    "tall": "A building of {observed} m stands under {constraint} ({kind}), which allows {limit} m.",
}
_AGAINST_KIND = "The parcel ({what}) lies under {constraint} ({kind}): {area} m²."
_CONSTRAINT_OPEN = (
    "Undetermined: what lies under a constraint is not known well enough to say whether the two clash."
)
_ZONES = {
    "ecological_red_line": {"zh": "生态保护红线", "en": "ecological red line"},
    "permanent_farmland": {"zh": "永久基本农田", "en": "permanent farmland"},
    "hazard_distance": {"zh": "安全防护距离", "en": "hazard distance"},
    "corridor": {"zh": "管线走廊", "en": "corridor of a line"},
    "height_limit": {"zh": "净空限高", "en": "height limit"},
    "flood": {"zh": "蓄滞洪区", "en": "flood area"},
}


def neighbour_table(pairs: Pairs, places: Places, crs: object) -> gpd.GeoDataFrame:
    """Each parcel of a pair with the other, a row for either; a facility is only ever the other.

    Returns
    -------
    geopandas.GeoDataFrame
        ``parcel_id``, ``other_id``, ``distance_m``, ``needed_m``, ``kind``, ``other_kind``, ``downwind``; geometry the shortest line
        between the two, or, where they touch, the line between their inner points. Sorted by what is lacking, most first.
    """
    first, second = np.append(pairs.source, pairs.sensitive), np.append(pairs.sensitive, pairs.source)
    kinds = pairs.kind, pairs.sensitive_kind
    twice = {
        "distance_m": np.tile(pairs.distance_m, 2), "needed_m": np.tile(pairs.needed_m, 2),
        "kind": np.append(*kinds), "other_kind": np.append(*kinds[::-1]), "downwind": np.tile(pairs.downwind, 2),
    }  # fmt: skip
    one, other = places.shapes[first], places.shapes[second]
    apart = shapely.distance(one, other) > 0
    ends = shapely.get_coordinates(
        np.concatenate([shapely.point_on_surface(one), shapely.point_on_surface(other)])
    )
    between = shapely.linestrings(ends.reshape(2, -1, 2).transpose(1, 0, 2))
    lines = np.where(apart, shapely.shortest_line(one, other), between)
    table = pd.DataFrame({"parcel_id": places.ids[first], "other_id": places.ids[second], **twice})
    order = np.lexsort((table["other_id"], table["parcel_id"], twice["distance_m"] - twice["needed_m"]))
    order = order[first[order] < places.parcels]
    texts = dict.fromkeys(("parcel_id", "other_id", "kind", "other_kind", "downwind"), "str")
    return gpd.GeoDataFrame(
        table.iloc[order].reset_index(drop=True).astype(texts), geometry=lines[order], crs=crs
    )


def neighbour_findings(
    table: gpd.GeoDataFrame, open_: NDArray[np.bool_], ground: Ground, rules: RuleBook
) -> pd.DataFrame:
    """A row for each parcel and neighbour that stand too near, and for each parcel of which it is not known.

    Parameters
    ----------
    table
        Of `neighbour_table`.
    open_
        Which parcels are undetermined.
    ground
        The parcels.
    rules
        The packs in force.
    """
    rule = rules["layout.neighbour_distance_m"]
    place = pd.Series(np.arange(len(ground.ids)), index=ground.ids.astype(str))
    place = place[~place.index.duplicated()]

    def rows() -> Iterator[dict[str, Any]]:
        downwind = table["downwind"].eq("yes").fillna(value=False).to_numpy(dtype=bool)
        far, needed = (_written(table[name]) for name in ("distance_m", "needed_m"))
        at = place.reindex(table["parcel_id"]).to_numpy()
        parcels = table["other_id"].isin(place.index).tolist()
        for n, (row, leeward) in enumerate(zip(table.itertuples(index=False), downwind, strict=True)):
            told = [
                {"what": "neighbour", "value": row.other_id},
                {"what": "neighbour_kind", "value": row.other_kind},
                {"what": "distance_m", "value": round(float(row.distance_m), 3)},
                rule.as_evidence() | {"value": float(row.needed_m)},
            ]
            plain, lee = (_NEAR, _NEAR_DOWNWIND) if parcels[n] else (_BY, _BY_DOWNWIND)
            words = _worded(
                lee if leeward else plain, {"kind": row.kind, "other_kind": row.other_kind},
                distance=far[n], needed=needed[n], other=row.other_id,
            )  # fmt: skip
            yield ground.finding(
                int(at[n]), _NEIGHBOUR, replace(rule, value=float(row.needed_m)), told=told,
                observed=float(row.distance_m), finding_id=finding_id(_NEIGHBOUR, str(row.parcel_id), str(row.other_id)), **words,
            )  # fmt: skip

    numbered = replace(rule, value=max(rule.table("m").values()))
    return _frame([*rows(), *_undetermined(_NEIGHBOUR, numbered, open_, ground, _USE_OPEN, None)])


def plan_findings(
    found: AgainstPlan, parcels: pd.DataFrame, plan: gpd.GeoDataFrame, ground: Ground, rules: RuleBook
) -> pd.DataFrame:
    """A row for each parcel in conflict with the plan, or of which that is not known; geometry the part in conflict."""
    rule = rules["layout.plan_conflict_m2"]
    plots, codes = (
        np.asarray(plan.geometry.array, dtype=object),
        plan["planned_use_code"].astype(str).to_numpy(dtype=object),
    )
    registered = parcels["land_use_code"].astype(str).to_numpy(dtype=object)
    names = plan["plan_id"].astype(str).to_numpy(dtype=object) if "plan_id" in plan else None
    order = np.lexsort((found.plot, -found.area_m2, found.parcel))
    at, start = np.unique(found.parcel[order], return_index=True)
    sites = shapely.area(ground.shapes[at])
    areas, percents = _written(found.clash_m2[at]), _written(100 * found.clash_m2[at] / sites)
    shared = shapely.intersection(ground.shapes[found.parcel], plots[found.plot])
    rows = []
    # Of no pairs at all numpy still makes one part, without a parcel.
    for n, (parcel, own) in enumerate(zip(at, np.split(order, start[1:]), strict=False)):
        each = found.plot[own]
        planned = ", ".join(dict.fromkeys(codes[each]))
        area = found.clash_m2[parcel]
        told = [
            {"what": "registered_use_code", "value": registered[parcel]},
            {"what": "planned_use_code", "value": planned},
            {"what": "conflict_area_m2", "value": round(float(area), 3)},
            *({"what": "plan_id", "value": names[plot]} for plot in each if names is not None),
            rule.as_evidence(),
        ]
        words = reasons(
            _PLANNED, registered=str(registered[parcel]), planned=planned, area=areas[n], percent=percents[n]
        )  # fmt: skip
        # Plots beside each other are one piece of ground, not two that share an edge.
        shape = one_multipolygon(shapely.union_all(shared[own]) if len(own) > 1 else shared[own[0]])
        rows.append(
            ground.finding(parcel, _PLAN, rule, told=told, observed=float(area), geometry=shape, **words)
        )
    open_ = found.verdict == "undetermined"
    return _frame([*rows, *_undetermined(_PLAN, rule, open_, ground, _PLAN_OPEN, found.missing)])


def constraint_findings(
    found: AgainstConstraints, zones: gpd.GeoDataFrame, ground: Ground, rules: RuleBook
) -> pd.DataFrame:
    """A row for each parcel and constraint that clash, and for each parcel of which that is not known; geometry the ground they share."""
    land, built = (rules[f"layout.constraint_{what}_m2"] for what in ("land", "built"))
    ids = zones["constraint_id"].astype(str).to_numpy(dtype=object)
    kinds = zones["kind"].astype(object).to_numpy() if "kind" in zones else ids
    limits = (
        zones["height_limit_m"].to_numpy(dtype=np.float64, na_value=np.nan)
        if "height_limit_m" in zones
        else np.full(len(zones), np.nan)
    )
    grounds = np.asarray(zones.geometry.array, dtype=object)
    rows = []
    numbers = {name: _written(found.pairs[name]) for name in ("observed", "area_m2")}
    allowed = _written(limits)
    under = found.pairs[["parcel", "zone"]].to_numpy(dtype=np.intp)
    shared = shapely.intersection(ground.shapes[under[:, 0]], grounds[under[:, 1]])
    columns = (found.pairs[name].tolist() for name in ("parcel", "zone", "what", "observed", "area_m2"))
    for n, (parcel, zone, what, observed, area) in enumerate(zip(*columns, strict=True)):
        tall = what == "tall"
        told = [
            {"what": "constraint_id", "value": ids[zone]},
            {"what": "constraint_kind", "value": str(kinds[zone])},
            {"what": "constraint_area_m2", "value": round(area, 3)},
        ]
        rule = land
        if tall:
            rule = replace(built, value=float(limits[zone]), unit="m")
            told.append({"what": "building_height_m", "value": observed})
        elif what == "buildings":
            rule = built
            told.append({"what": "constraint_footprint_m2", "value": round(observed, 3)})
        told.append(rules["layout.constraint_conflicts"].as_evidence())
        words = _worded(
            _AGAINST.get(what, _AGAINST_KIND), {"kind": str(kinds[zone]), "what": what}, constraint=ids[zone],
            area=numbers["area_m2"][n], observed=numbers["observed"][n], limit=allowed[zone],
        )  # fmt: skip
        shape = one_multipolygon(shared[n])
        rows.append(
            ground.finding(
                parcel, _CONSTRAINT, rule, told=told, observed=observed, unit="m" if tall else "m2",
                geometry=ground.shapes[parcel] if shape.is_empty else shape,
                finding_id=finding_id(_CONSTRAINT, str(ground.ids[parcel]), str(ids[zone])), **words,
            )
        )  # fmt: skip
    open_ = found.verdict == "undetermined"
    return _frame([*rows, *_undetermined(_CONSTRAINT, land, open_, ground, _CONSTRAINT_OPEN, found.missing)])


def _undetermined(
    code: str,
    rule: Any,
    open_: NDArray[np.bool_],
    ground: Ground,
    sentence: str,
    missing: NDArray[np.object_] | None,
) -> Iterator[dict[str, Any]]:
    words = reasons(sentence)
    told = [rule.as_evidence()]
    for at in np.flatnonzero(open_):
        asked = "land_use_code" if missing is None else str(missing[at])
        yield ground.finding(at, code, rule, verdict="undetermined", told=told, missing=asked, **words)


def _worded(sentence: str, kinds: dict[str, str], **values: str) -> dict[str, str]:
    """A sentence in both languages, with names of kinds of use and of constraints in each."""
    return {
        f"reason_{lang}": say(
            sentence, lang, **{name: _kind(kind, lang) for name, kind in kinds.items()}, **values
        )
        for lang in LANGUAGES
    }


def _written(values: Any) -> list[str]:
    """Numbers as both languages write them, with a decimal at most; all at once, for one by one costs more than all the rest."""
    found: list[str] = figures_written(np.asarray(values, dtype=np.float64), digits=1).to_pylist()
    return found


def _kind(kind: str, lang: str) -> str:
    return _ZONES[kind][lang] if kind in _ZONES else kind_name(kind, lang)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*FINDING_COLUMNS, "geometry"], dtype=object)
