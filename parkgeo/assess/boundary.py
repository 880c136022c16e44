"""Parcels against the register, the park's boundary and each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.codes import CODES
from parkgeo.assess.findings import evidence
from parkgeo.i18n import LANGUAGES, figure, say

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.packs import Figure, RuleBook

__all__ = ["boundary_findings"]

_BY_CODE = {code.code: code for code in CODES}


def boundary_findings(
    parcels: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, rules: RuleBook, *, boundary_given: bool
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Judge areas, the boundary and overlaps.

    Parameters
    ----------
    parcels
        ``parcel_id``, ``park_id``, ``site_area_m2``, ``area_difference_ratio``, geometry.
    parks
        ``park_id`` and geometry.
    rules
        The packs in force; the tolerances are settings.
    boundary_given
        Whether the office gave a boundary; without one nothing is outside and the verdict is None.

    Returns
    -------
    tuple
        Verdict columns ``area_mismatch``, ``outside_park``, ``overlap`` on the parcels' index; findings for
        `findings_frame`.
    """
    area, area_rows = _area_mismatch(parcels, rules["boundary.area_tolerance"])
    outside, outside_rows = _outside(
        parcels, parks, rules["boundary.outside_tolerance"], boundary_given=boundary_given
    )
    overlap, overlap_rows = _overlap(parcels, rules["boundary.overlap_m2"])
    verdicts = pd.DataFrame(
        {"area_mismatch": area, "outside_park": outside, "overlap": overlap},
        index=parcels.index,
        dtype=object,
    )
    return verdicts, [*area_rows, *outside_rows, *overlap_rows]


def _finding(parcel: pd.Series[Any], code: str, rule: Figure, **more: object) -> dict[str, Any]:
    kind = _BY_CODE[code]
    undetermined = more.get("verdict") == "undetermined"
    return {
        "finding_id": f"{code}:{parcel['parcel_id']}",
        "parcel_id": parcel["parcel_id"],
        "park_id": parcel["park_id"],
        "code": code,
        "verdict": "yes",
        "severity": "low" if undetermined else kind.severity,
        "observed": np.nan,
        "threshold": rule.number(kind.unit),
        "unit": kind.unit,
        "clause_zh": rule.clause_zh,
        "clause_en": rule.clause_en,
        "source": f"{rule.source}, {rule.edition}",
        "verified": rule.verified,
        "since": pd.NaT,
        "missing": "",
        "geometry": parcel["geometry"],
        **more,
    }


def _reasons(sentence: str, **values: tuple[float, int] | str) -> dict[str, str]:
    """A sentence in both languages; a number comes with its decimals."""
    return {
        f"reason_{lang}": say(
            sentence,
            lang,
            **{
                name: value if isinstance(value, str) else figure(value[0], lang, digits=value[1])
                for name, value in values.items()
            },
        )
        for lang in LANGUAGES
    }


def _area_mismatch(parcels: gpd.GeoDataFrame, rule: Figure) -> tuple[list[str], list[dict[str, Any]]]:
    ratio = parcels["area_difference_ratio"].to_numpy(dtype=float)
    verdict = np.where(
        np.isnan(ratio), "undetermined", np.where(np.abs(ratio) > rule.number("1"), "yes", "no")
    )
    rows = []
    for at in np.flatnonzero(verdict != "no"):
        parcel = parcels.iloc[at]
        if verdict[at] == "undetermined":
            words = _reasons("Undetermined: no registered area to compare the drawn one with.")
            rows.append(
                _finding(
                    parcel, "area_mismatch", rule, verdict="undetermined", missing="registered_area_m2",
                    evidence=evidence([{"what": "site_area_m2", "value": round(float(parcel["site_area_m2"]), 3)}]), **words,
                )
            )  # fmt: skip
            continue
        drawn, registered = float(parcel["site_area_m2"]), float(parcel["registered_area_m2"])
        words = _reasons(
            "The drawn area of {drawn} m² differs from the registered {registered} m² by {percent} %.",
            drawn=(drawn, 1), registered=(registered, 1), percent=(100 * float(ratio[at]), 1),
        )  # fmt: skip
        told = evidence(
            [
                {"what": "site_area_m2", "value": round(drawn, 3)},
                {"what": "registered_area_m2", "value": registered, "file": str(parcel["source_file"]), "row": int(parcel["source_row"])},
            ]
        )  # fmt: skip
        rows.append(
            _finding(parcel, "area_mismatch", rule, observed=abs(float(ratio[at])), evidence=told, **words)
        )
    return list(verdict), rows


def _outside(
    parcels: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, rule: Figure, *, boundary_given: bool
) -> tuple[list[str | None], list[dict[str, Any]]]:
    if not boundary_given:
        return [None] * len(parcels), []
    boundary = shapely.union_all(np.asarray(parks.geometry.array, dtype=object))
    shapely.prepare(boundary)
    shapes: NDArray[np.object_] = np.asarray(parcels.geometry.array, dtype=object)
    beyond = shapely.difference(shapes, boundary)
    beyond[shapely.covers(boundary, shapes)] = shapely.from_wkt("POLYGON EMPTY")
    share = shapely.area(beyond) / shapely.area(shapes)
    over = share > rule.number("1")
    rows = []
    for at in np.flatnonzero(over):
        parcel = parcels.iloc[at]
        words = _reasons(
            "{percent} % of the parcel ({area} m²) lies outside the park's boundary.",
            percent=(100 * float(share[at]), 1), area=(float(shapely.area(beyond[at])), 1),
        )  # fmt: skip
        told = evidence([{"what": "area_outside_m2", "value": round(float(shapely.area(beyond[at])), 3)}])
        rows.append(
            _finding(
                parcel, "outside_park", rule, observed=float(share[at]), evidence=told,
                geometry=polygons_of(beyond[at]), **words,
            )
        )  # fmt: skip
    return ["yes" if found else "no" for found in over], rows


def _overlap(parcels: gpd.GeoDataFrame, rule: Figure) -> tuple[list[str], list[dict[str, Any]]]:
    shapes: NDArray[np.object_] = np.asarray(parcels.geometry.array, dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    left, right = left[pairs], right[pairs]
    shared = shapely.intersection(shapes[left], shapes[right])
    area = shapely.area(shared)
    over = np.flatnonzero(area > rule.number("m2"))
    verdict = np.full(len(parcels), "no", dtype=object)
    rows = []
    for pair in over:
        for at, other in ((left[pair], right[pair]), (right[pair], left[pair])):
            verdict[at] = "yes"
            parcel, neighbour = parcels.iloc[at], str(parcels["parcel_id"].iloc[other])
            words = _reasons(
                "The parcel shares {area} m² with parcel {other}.",
                area=(float(area[pair]), 1),
                other=neighbour,
            )
            told = evidence(
                [
                    {"what": "overlaps", "value": neighbour},
                    {"what": "shared_area_m2", "value": round(float(area[pair]), 3)},
                ]
            )
            rows.append(
                _finding(
                    parcel, "overlap", rule, observed=float(area[pair]), evidence=told,
                    geometry=polygons_of(shared[pair]), finding_id=f"overlap:{parcel['parcel_id']}:{neighbour}", **words,
                )
            )  # fmt: skip
    return list(verdict), rows


def polygons_of(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """The polygons of a shape, as one multipolygon; lines and points of touching edges fall away."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon(
        [part for part in parts if shapely.get_type_id(part) == shapely.GeometryType.POLYGON]
    )
