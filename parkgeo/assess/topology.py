"""Parcels against each other: one ground drawn twice, ground in two parcels, slivers, gaps and near edges.

A pair that shares ground is judged once: a *duplicate* where the two are the same ground, else a *sliver* where all that they
share is thinner than an edge can be drawn, else an *overlap*. Voids between parcels are in `parkgeo.assess.voids`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.assess.rows import finding_id, one_multipolygon, reasons
from parkgeo.assess.voids import void_findings
from parkgeo.metrics.voids import is_narrower, mean_width, polygon_parts, sharing_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.rows import Ground
    from parkgeo.packs import RuleBook

__all__ = ["topology_findings"]

_SHARED = {
    "duplicate": "The parcel is the same ground as parcel {other}: they share {area} m², {percent} % of what the two cover.",
    "overlap": "The parcel shares {area} m² with parcel {other}.",
    "sliver": "The parcel shares {area} m² with parcel {other} along a strip only {width} m wide on average: one edge drawn twice.",
}
_RULES = {
    "duplicate": "boundary.duplicate_share",
    "overlap": "boundary.overlap_m2",
    "sliver": "boundary.sliver_overlap_width_m",
}


def topology_findings(
    ground: Ground, boundary: shapely.Geometry | None, rules: RuleBook
) -> tuple[dict[str, NDArray[np.object_]], list[dict[str, Any]]]:
    """Judge the parcels' outlines against each other.

    Parameters
    ----------
    ground
        The parcels.
    boundary
        Of the park, for gaps along it; None where the office gave none.
    rules
        The packs in force.

    Returns
    -------
    tuple
        ``overlap``, ``duplicate``, ``sliver``, ``gap``, ``near_touching`` → verdict of each parcel, yes or no; rows of findings.
    """
    shared, rows = _shared_ground(ground, rules)
    slivers, sliver_rows = _slivers(ground, rules)
    shared["sliver"][slivers] = "yes"
    voids, void_rows = void_findings(ground, boundary, rules)
    return {**shared, **voids}, [*rows, *sliver_rows, *void_rows]


def _shared_ground(
    ground: Ground, rules: RuleBook
) -> tuple[dict[str, NDArray[np.object_]], list[dict[str, Any]]]:
    """Pairs that share more than the pack's area, each with a row for either side."""
    left, right, area = sharing_pairs(ground.shapes)
    over = area > rules["boundary.overlap_m2"].number("m2")
    left, right = left[over], right[over]
    shared = shapely.intersection(ground.shapes[left], ground.shapes[right])
    area, width = shapely.area(shared), mean_width(shared)
    share = area / (shapely.area(ground.shapes[left]) + shapely.area(ground.shapes[right]) - area)
    thin = is_narrower(shared, rules["boundary.sliver_overlap_width_m"].number("m"))
    same = share > rules["boundary.duplicate_share"].number("1")
    codes = np.where(same, "duplicate", np.where(thin, "sliver", "overlap")).astype(object)
    observed = np.where(same, share, np.where(thin, width, area))
    verdicts = {code: np.full(len(ground.ids), "no", dtype=object) for code in _SHARED}
    rows = []
    for pair, code in enumerate(codes):
        for at, beside in ((left[pair], right[pair]), (right[pair], left[pair])):
            verdicts[code][at] = "yes"
            other = str(ground.ids[beside])
            words = reasons(
                _SHARED[code], other=other, area=(area[pair], 1), percent=(100 * share[pair], 1), width=(width[pair], 3)
            )  # fmt: skip
            told = [
                {"what": "neighbour", "value": other},
                {"what": "shared_area_m2", "value": round(float(area[pair]), 3)},
                {"what": "mean_width_m", "value": round(float(width[pair]), 3)},
            ]
            rows.append(
                ground.finding(
                    at, code, rules[_RULES[code]], observed=float(observed[pair]), told=told,
                    geometry=one_multipolygon(shared[pair]), finding_id=finding_id(code, str(ground.ids[at]), other), **words,
                )
            )  # fmt: skip
    return verdicts, rows


def _slivers(ground: Ground, rules: RuleBook) -> tuple[NDArray[np.intp], list[dict[str, Any]]]:
    """Parcels that are slivers or have parts that are, a row each."""
    rule = rules["boundary.sliver_width_m"]
    parts, owner = polygon_parts(ground.shapes)
    thin = is_narrower(parts, rule.number("m"))
    count = np.bincount(owner, minlength=len(ground.ids))
    found, start = np.unique(owner[thin], return_index=True)
    rows = []
    for at, own in zip(found, np.split(parts[thin], start[1:]), strict=False):
        whole = len(own) == count[at]
        shape = shapely.multipolygons(own)
        area, width = float(shape.area), float(mean_width(np.array([shape], dtype=object))[0])
        sentence = (
            "The whole parcel of {area} m² is only {width} m wide on average."
            if whole
            else "Apart from the rest of the parcel lie {count} parts of {area} m², only {width} m wide on average."
        )
        words = reasons(sentence, area=(area, 2), width=(width, 2), count=(len(own), 0))
        told = [
            {"what": "sliver_parts", "value": len(own)},
            {"what": "sliver_area_m2", "value": round(area, 3)},
            {"what": "mean_width_m", "value": round(width, 3)},
        ]
        rows.append(ground.finding(at, "sliver", rule, observed=width, told=told, geometry=shape, **words))
    return found, rows
