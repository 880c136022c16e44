"""What is true of the sample: the planted cases with their parcels, and what follows from the geometry.

Only tests read it. Verdicts of cases come from :mod:`parkgeo.sample.cases`; those of place (overlap, constraint,
services) are computed here from the shapes, with the middle ground left out where a rule may be set either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from parkgeo.sample.cases import CASES
from parkgeo.sample.names import PARK
from parkgeo.sample.networks import MAINS
from parkgeo.sample.place import AS_OF, GRID_M
from parkgeo.sample.rasters import DATES, ground_cover
from parkgeo.sample.streets import boundary
from parkgeo.sample.zoning import HEIGHT_LIMIT_M, planned_otherwise

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

__all__ = ["tell_truth"]

_CASES = {case.key: case for case in CASES}
_SERVED_M = 60.0
_CLEAR_M2 = 100.0
_CLEAR_BUILT_M2 = 20.0
_ROUNDED_M2 = 1.0  # holes that corners on the grid leave along a neighbour's edge are far smaller
_UNSERVED_M = 200.0
_WORDS = {
    "给水": "water",
    "电力": "power",
    "污水": "drainage",
    "通信": "telecom",
    "燃气": "gas",
    "热力": "heat",
}


def tell_truth(
    seed: int,
    parcels: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    mains: gpd.GeoDataFrame,
    constraints: gpd.GeoDataFrame,
    *,
    repaired: dict[str, object],
) -> dict[str, Any]:
    """The content of ``truth.json``.

    Parameters
    ----------
    seed
        Of the sample.
    parcels, buildings, mains, constraints
        Layers in site metres.
    repaired
        The one invalid ring.

    Returns
    -------
    dict
        ``planted``: finding code → list of parcel_id, verdict, why and more; beside it what is not judged, land cover
        at the dates of the imagery, repairs, and counts.
    """
    planted: dict[str, list[dict[str, Any]]] = {}
    for code, entry in [
        *_of_cases(parcels), *_of_state(parcels), *_of_place(parcels), *_of_building(parcels, buildings),
        *_of_constraints(parcels, buildings, constraints), *_of_services(parcels, mains),
    ]:  # fmt: skip
        planted.setdefault(code, []).append(entry)
    return {
        "about": "Made up. Only tests read this file.",
        "park": PARK,
        "seed": seed,
        "as_of": AS_OF,
        "counts": {
            "parcels": len(parcels),
            "buildings": len(buildings),
            "site_area_m2": round(float(boundary().area), 1),
        },
        "planted": {
            code: sorted(planted[code], key=lambda entry: str(entry["parcel_id"])) for code in sorted(planted)
        },
        "not_judged": _not_judged(parcels),
        "repaired": [repaired],
        "land_cover": {on.isoformat(): ground_cover(parcels, buildings, on, seed) for on in DATES},
        "states": dict(zip(parcels["parcel_id"], parcels["state"], strict=True)),
    }


def _entry(parcel_id: str, verdict: str, why: str, **more: Any) -> dict[str, Any]:
    return {"parcel_id": parcel_id, "verdict": verdict, "why": why, **more}


def _of_cases(parcels: gpd.GeoDataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    for parcel in parcels[parcels["case"] != ""].itertuples():
        for verdict in _CASES[parcel.case].verdicts:
            yield (
                verdict.code,
                _entry(parcel.parcel_id, verdict.verdict, verdict.why, case=parcel.case, **verdict.more),
            )


def _of_state(parcels: gpd.GeoDataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the land's state alone says."""
    for parcel_id in parcels.loc[parcels["state"] == "approved", "parcel_id"]:
        yield "approved_not_supplied", _entry(parcel_id, "yes", "approved for construction, not supplied")
    for parcel in parcels[parcels["state"] == "vacant"].itertuples():
        case = _CASES[parcel.case]
        told = any(verdict.code == "supplied_not_started" for verdict in case.verdicts)
        if case.row and not told:
            why = "supplied; no start reported; nothing built"
            more = {"case": parcel.case, "idle": "undetermined"}
            yield "supplied_not_started", _entry(parcel.parcel_id, "yes", why, **more)


def _of_place(parcels: gpd.GeoDataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Outlines that leave the park, overlap, front no street, or neighbour what they must not."""
    by_mark = {mark: group for mark, group in parcels.groupby("mark") if mark}
    for mark, why in (
        ("outside", "wholly outside the boundary"),
        ("straddling", "partly outside the boundary"),
    ):
        for parcel in by_mark[mark].itertuples():
            share = 1.0 - parcel.geometry.intersection(boundary()).area / parcel.geometry.area
            yield "outside_park", _entry(parcel.parcel_id, "yes", why, outside_share=round(share, 4))
    for number in ("1", "2"):
        over, under = by_mark[f"overlap {number}"].iloc[0], by_mark[f"overlapped {number}"].iloc[0]
        area = round(over.geometry.intersection(under.geometry).area, 2)
        for one, other in ((over, under), (under, over)):
            why = "its outline and its neighbour's cover the same strip"
            yield "overlap", _entry(one["parcel_id"], "yes", why, other=other["parcel_id"], overlap_m2=area)
    yield from _of_corners(parcels)
    for mark in ("back", "inner", "cut_off"):
        why = "a works road that no street reaches" if mark == "cut_off" else "no street along any side"
        code = "unreachable" if mark == "cut_off" else "no_frontage"
        yield code, _entry(by_mark[mark]["parcel_id"].iloc[0], "yes", why)
    housing, works = by_mark["housing_by_chemicals"].iloc[0], by_mark["chemicals_by_housing"].iloc[0]
    yield (
        "incompatible_neighbour",
        _entry(housing["parcel_id"], "yes", "housing beside class 3 industry", other=works["parcel_id"]),
    )
    yield (
        "incompatible_neighbour",
        _entry(works["parcel_id"], "yes", "class 3 industry beside housing", other=housing["parcel_id"]),
    )
    for parcel_id, planned in planned_otherwise(parcels).items():
        yield "plan_conflict", _entry(parcel_id, "yes", f"the plan says {planned}", planned_use_code=planned)


def _of_corners(parcels: gpd.GeoDataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """A works' corner is cut off as if a street turned there; where green wraps round it, the corner is nobody's."""
    land = shapely.union_all(parcels.geometry.to_numpy())
    holes = shapely.polygons([hole for block in shapely.get_parts(land) for hole in block.interiors])
    for corner in holes[(shapely.area(holes) > _ROUNDED_M2) & (shapely.area(holes) < _CLEAR_M2)]:
        around = sorted(
            parcels.loc[shapely.dwithin(parcels.geometry.to_numpy(), corner, GRID_M), "parcel_id"]
        )
        for parcel_id in around:
            others = [other for other in around if other != parcel_id]
            why = "the corner between the two is in neither"
            yield "gap", _entry(parcel_id, "yes", why, others=others, gap_m2=round(corner.area, 2))


def _of_building(
    parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Land used in part is underbuilt too."""
    covered = buildings.geometry.area.groupby(buildings["parcel_id"]).sum()
    for parcel in parcels[parcels["state"] == "part"].itertuples():
        coefficient = float(covered[parcel.parcel_id]) / parcel.geometry.area
        yield "underbuilt", _entry(
            parcel.parcel_id, "yes", "used in part, so floor area and coefficient are far too low",
            case=parcel.case, building_coefficient=round(coefficient, 4),
        )  # fmt: skip


def _of_constraints(
    parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Parcels in conflict with a constraint; overlaps that harm nothing are left out."""
    by_parcel = dict(tuple(buildings.groupby("parcel_id")))
    none = buildings.iloc[:0]
    for zone in constraints.itertuples():
        for parcel in parcels[parcels.intersects(zone.geometry)].itertuples():
            area = float(parcel.geometry.intersection(zone.geometry).area)
            own = by_parcel.get(parcel.parcel_id, none)
            built = float(own.intersection(zone.geometry).area.sum())
            tall = own[own.intersects(zone.geometry)]["height_m"].astype(float).max()
            buildable = area > _CLEAR_M2 and parcel.state != "public"
            holds, why = {
                "生态保护红线": (buildable, "land to be built on in the red line"),
                "永久基本农田": (buildable, "land to be built on is permanent farmland"),
                "安全防护距离": (
                    area > _CLEAR_M2 and parcel.use_code == "0701",
                    "housing within the hazard distance",
                ),
                "高压走廊": (built > _CLEAR_BUILT_M2, "buildings under the power line"),
                "净空限制": (bool(tall > HEIGHT_LIMIT_M), "buildings above the height limit"),
            }[str(zone.kind)]
            if holds:
                more = {"constraint_id": zone.constraint_id, "kind": zone.kind, "overlap_m2": round(area, 1)}
                yield "constraint_conflict", _entry(parcel.parcel_id, "yes", why, **more)


def _of_services(parcels: gpd.GeoDataFrame, mains: gpd.GeoDataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Mains farther than 200 m; parcels with a main between 60 and 200 m and none farther are left out."""
    lines = {
        kind: shapely.union_all(mains.loc[mains["kind"].map(_WORDS) == kind, "geometry"].to_numpy())
        for kind in MAINS
    }
    for parcel in parcels[parcels["state"] != "public"].itertuples():
        missing = [kind for kind in MAINS if parcel.geometry.distance(lines[kind]) > _UNSERVED_M]
        served = all(parcel.geometry.distance(lines[kind]) <= _SERVED_M for kind in MAINS)
        if missing:
            yield "service_missing", _entry(parcel.parcel_id, "yes", "no main within 200 m", services=missing)
        elif served:
            yield "service_missing", _entry(parcel.parcel_id, "no", "every main within 60 m")


def _not_judged(parcels: gpd.GeoDataFrame) -> dict[str, Any]:
    """Land of which the clocks say nothing."""
    public = parcels.loc[parcels["state"] == "public", "parcel_id"].tolist()
    unsupplied = parcels.loc[parcels["state"].isin(["reserve", "approved"]), "parcel_id"].tolist()
    return {
        "idle_not_started": {
            "why": "green, road and utility land without a ledger row; reserve and approved land that was never supplied",
            "public": public,
            "unsupplied": unsupplied,
        }
    }
