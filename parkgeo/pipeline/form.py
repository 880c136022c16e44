"""Stages: areas, and what is built on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.metrics import coverage, site_area
from parkgeo.metrics import form as form_of
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.pipeline.desk import Desk

__all__ = ["areas", "built_form"]

_FORM = (
    "footprint_m2",
    "completed_footprint_m2",
    "floor_area_m2",
    "far",
    "building_density",
    "building_coefficient",
)


def areas(desk: Desk) -> Part:
    """Drawn area, and how far it is from the registered one."""
    parcels = desk.parcels
    site = site_area(parcels.geometry)
    registered = (
        parcels["registered_area_m2"]
        if "registered_area_m2" in parcels
        else pd.Series(np.nan, index=parcels.index)
    )
    columns = pd.DataFrame(
        {
            "site_area_m2": site,
            "registered_area_m2": registered,
            "area_difference_ratio": form_of.area_difference_ratio(site, registered),
        }
    )
    return Part(columns, parks=pd.DataFrame({"site_area_m2": site_area(desk.parks.geometry)}))


def built_form(desk: Desk) -> Part:
    """Footprint, floor area and their ratios; without a buildings layer they are missing, not zero."""
    parcels, buildings = desk.parcels, desk.layers.buildings
    columns = pd.DataFrame(np.nan, index=parcels.index, columns=list(_FORM))
    if buildings is None:
        return Part(columns)
    site = parcels["site_area_m2"]
    outline = np.asarray(site_area(buildings.geometry), dtype=np.float64)
    cover = coverage(parcels.geometry, buildings.geometry)
    kinds = buildings["kind"] if "kind" in buildings else pd.Series(None, index=buildings.index, dtype=object)
    is_building = (kinds.isna() | (kinds == "building")).to_numpy(dtype=bool)
    columns["footprint_m2"] = form_of.footprint(parcels, cover, is_building, "footprint_m2")
    if "completed" in buildings or "completed_on" in buildings:
        done = is_building & form_of.completed(buildings, desk.as_of)
        columns["completed_footprint_m2"] = form_of.footprint(parcels, cover, done, "completed_footprint_m2")
    columns["building_density"] = form_of.building_density(columns["footprint_m2"], site)
    gaps: list[Gap | pd.DataFrame] = []
    if "floors" in buildings or "floor_area_m2" in buildings:
        double = desk.rules.get("form.double_storey_above_m")
        floor_area = form_of.building_floor_area(
            buildings, outline, double_above_m=np.inf if double is None else double.number("m")
        )
        columns["floor_area_m2"] = form_of.parcel_floor_area(
            parcels, cover, np.asarray(floor_area, dtype=np.float64), outline
        )
        columns["far"] = form_of.far(columns["floor_area_m2"], site)
        for name in ("floor_area_m2", "far"):
            blank = columns[name].isna().to_numpy(dtype=bool)
            gaps.append(
                parcel_gaps(
                    parcels["parcel_id"],
                    blank,
                    name,
                    "A building on the parcel has neither floors nor floor area.",
                )
            )
    else:
        for name in ("floor_area_m2", "far"):
            gaps += field_gaps(name, "The buildings have neither floors nor floor area.")
    if "kind" in buildings:
        every = np.ones(len(buildings), dtype=bool)
        occupied = form_of.footprint(parcels, cover, every, "occupied_m2")
        columns["building_coefficient"] = form_of.building_coefficient(occupied, site)
    else:
        # What is drawn may leave out structures and yards, so it is only the least that the coefficient can be.
        gaps += field_gaps(
            "building_coefficient", "The buildings have no kind: which are structures and storage yards?"
        )
    return Part(columns, gaps=gaps)
