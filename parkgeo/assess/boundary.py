"""Parcels against the register and the park's boundary; the boundary against the approved area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.rows import Ground, finding, finding_id, one_multipolygon, reasons
from parkgeo.assess.topology import topology_findings
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.packs import Figure, RuleBook

__all__ = ["approved_area_findings", "boundary_findings"]

# A parcel with less than this share of its area inside only touches the boundary from beyond.
_NOTHING = 1e-9


def boundary_findings(
    parcels: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, rules: RuleBook, *, boundary_given: bool
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Judge areas, the boundary and the parcels' topology.

    Parameters
    ----------
    parcels
        ``parcel_id``, ``park_id``, ``site_area_m2``, ``registered_area_m2``, ``area_difference_ratio``, ``source_file``,
        ``source_row``, geometry.
    parks
        ``park_id`` and geometry.
    rules
        The packs in force; the tolerances are settings.
    boundary_given
        Whether the office gave a boundary; without one nothing is outside and the verdict is None.

    Returns
    -------
    tuple
        Verdict columns ``area_mismatch``, ``outside_park`` and those of `topology_findings` on the parcels' index; findings
        for `findings_frame`.
    """
    ground = Ground.of(parcels)
    boundary = shapely.union_all(np.asarray(parks.geometry.array, dtype=object)) if boundary_given else None
    area, area_rows = _area_mismatch(parcels, ground, rules["boundary.area_tolerance"])
    outside, outside_rows = _outside(ground, boundary, rules["boundary.outside_tolerance"])
    topology, topology_rows = topology_findings(ground, boundary, rules)
    verdicts = pd.DataFrame(
        {"area_mismatch": area, "outside_park": outside, **topology}, index=parcels.index, dtype=object
    )
    return verdicts, [*area_rows, *outside_rows, *topology_rows]


def approved_area_findings(
    parks: gpd.GeoDataFrame, rules: RuleBook, *, boundary_given: bool
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Judge each park's boundary against the area that was approved.

    Parameters
    ----------
    parks
        ``park_id``, ``site_area_m2``, geometry, and ``approved_area_m2`` where a file has it; ``source_file``, ``source_row``.
    rules
        The packs in force.
    boundary_given
        Whether the office gave a boundary; the parcels' union is nobody's approved ground.

    Returns
    -------
    tuple
        Columns ``approved_area_difference_ratio`` ((drawn - approved) / approved) and ``approved_area_mismatch`` on the parks'
        index; findings of parks, ``parcel_id`` None. A blank approved area is undetermined; without the field nobody was
        asked, the verdict is None, and there is no finding.
    """
    rule = rules["boundary.approved_area_tolerance"]
    asked = boundary_given and "approved_area_m2" in parks
    approved = parks["approved_area_m2"].to_numpy(dtype=float) if asked else np.full(len(parks), np.nan)
    drawn = parks["site_area_m2"].to_numpy(dtype=float)
    ratio = np.divide(drawn - approved, approved, out=np.full(len(parks), np.nan), where=approved > 0)
    verdict = _by_tolerance(ratio, rule.number("1")) if asked else np.full(len(parks), None)
    rows = []
    for at in np.flatnonzero((verdict == "yes") | (verdict == "undetermined")):
        park = parks.iloc[at]
        told = [{"what": "boundary_area_m2", "value": round(float(drawn[at]), 3)}]
        if verdict[at] == "undetermined":
            more = reasons("Undetermined: no approved area to compare the boundary's with.") | {
                "missing": "approved_area_m2"
            }
        else:
            told.append(_stated("approved_area_m2", approved[at], park["source_file"], park["source_row"]))
            more = reasons(
                "The boundary encloses {drawn} ha; approved are {approved} ha, a difference of {percent} %.",
                drawn=(drawn[at] / M2_PER_HA, 2), approved=(approved[at] / M2_PER_HA, 2), percent=(100 * ratio[at], 1),
            )  # fmt: skip
        rows.append(
            finding(
                "approved_area_mismatch", rule, verdict=str(verdict[at]), observed=abs(float(ratio[at])), told=told,
                finding_id=finding_id("approved_area_mismatch", str(park["park_id"])), parcel_id=None, park_id=park["park_id"],
                geometry=park["geometry"], **more,
            )
        )  # fmt: skip
    columns = {"approved_area_difference_ratio": ratio, "approved_area_mismatch": pd.Series(verdict, parks.index, dtype="str")}  # fmt: skip
    return pd.DataFrame(columns, index=parks.index), rows


def _by_tolerance(ratio: NDArray[np.float64], tolerance: float) -> NDArray[np.object_]:
    """Yes beyond the tolerance, undetermined where the ratio is missing."""
    verdict = np.where(np.abs(ratio) > tolerance, "yes", "no").astype(object)
    verdict[np.isnan(ratio)] = "undetermined"
    return verdict


def _stated(what: str, value: float, file: object, row: Any) -> dict[str, Any]:
    """A figure as it stands in a file."""
    return {"what": what, "value": float(value), "file": str(file), "row": int(row)}


def _area_mismatch(
    parcels: gpd.GeoDataFrame, ground: Ground, rule: Figure
) -> tuple[NDArray[np.object_], list[dict[str, Any]]]:
    ratio = parcels["area_difference_ratio"].to_numpy(dtype=float)
    drawn, registered = (
        parcels[name].to_numpy(dtype=float) for name in ("site_area_m2", "registered_area_m2")
    )
    files, numbers = (parcels[name].to_numpy(dtype=object) for name in ("source_file", "source_row"))
    verdict = _by_tolerance(ratio, rule.number("1"))
    unknown = reasons("Undetermined: no registered area to compare the drawn one with.")
    rows = []
    for at in np.flatnonzero(verdict != "no"):
        told = [{"what": "site_area_m2", "value": round(float(drawn[at]), 3)}]
        if verdict[at] == "undetermined":
            rows.append(
                ground.finding(
                    at, "area_mismatch", rule, verdict="undetermined", missing="registered_area_m2", told=told, **unknown
                )
            )  # fmt: skip
            continue
        told.append(_stated("registered_area_m2", registered[at], files[at], numbers[at]))
        words = reasons(
            "The drawn area of {drawn} m² differs from the registered {registered} m² by {percent} %.",
            drawn=(drawn[at], 1), registered=(registered[at], 1), percent=(100 * ratio[at], 1),
        )  # fmt: skip
        rows.append(
            ground.finding(at, "area_mismatch", rule, observed=abs(float(ratio[at])), told=told, **words)
        )
    return verdict, rows


def _outside(
    ground: Ground, boundary: shapely.Geometry | None, rule: Figure
) -> tuple[NDArray[np.object_], list[dict[str, Any]]]:
    """Parcels with more than the tolerance beyond the boundary: wholly outside, or across it."""
    if boundary is None:
        return np.full(len(ground.ids), None), []
    shapely.prepare(boundary)
    # Most parcels lie well inside; only of the others is the part beyond drawn.
    crossing = np.flatnonzero(~shapely.covers(boundary, ground.shapes))
    beyond = shapely.difference(ground.shapes[crossing], boundary)
    area = shapely.area(beyond)
    share = area / shapely.area(ground.shapes[crossing])
    verdict = np.full(len(ground.ids), "no", dtype=object)
    rows = []
    for found in np.flatnonzero(share > rule.number("1")):
        at = crossing[found]
        verdict[at] = "yes"
        sentence = (
            "The whole parcel ({area} m²) lies outside the park's boundary."
            if share[found] > 1 - _NOTHING
            else "The parcel lies across the park's boundary: {percent} % of it ({area} m²) is outside."
        )
        words = reasons(sentence, percent=(100 * share[found], 1), area=(area[found], 1))
        told = [{"what": "area_outside_m2", "value": round(float(area[found]), 3)}]
        rows.append(
            ground.finding(
                at, "outside_park", rule, observed=float(share[found]), told=told,
                geometry=one_multipolygon(beyond[found]), **words,
            )
        )  # fmt: skip
    return verdict, rows
