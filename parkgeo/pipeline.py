"""Layers and packs → an analysis; a project → a snapshot."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from parkgeo import __version__
from parkgeo.assess import CODES, approved_area_findings, boundary_findings, not_started, park_indicators
from parkgeo.assess.findings import findings_frame, idle_findings, idle_sentences
from parkgeo.assess.gaps import field_gaps, gaps_frame, layer_gaps, occupant_gaps, parcel_gaps
from parkgeo.assess.not_started import contracts_of
from parkgeo.catalogue import catalogue
from parkgeo.ingest import read_layers
from parkgeo.layers import schema
from parkgeo.metrics import METRICS, SPLIT_METHOD, attribute_performance, coverage, per_mu, site_area
from parkgeo.metrics import form as form_of
from parkgeo.metrics.membership import park_of
from parkgeo.metrics.performance import latest_year
from parkgeo.packs import load_packs
from parkgeo.store import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parkgeo.assess.gaps import Gap
    from parkgeo.ingest import Intake
    from parkgeo.layers import Layers
    from parkgeo.packs import RuleBook
    from parkgeo.project import Project
    from parkgeo.store import Snapshot

__all__ = ["Analysis", "Run", "analyse", "run_project"]

_MEASURES = ("output_wan", "value_added_wan", "tax_wan", "fixed_assets_wan")
_JOINED = (
    "supply_status", "supply_mode", "contract_id", "price_wan", "approved_on", "contract_on", "handover_on", "agreed_start",
    "actual_start", "agreed_completion", "actual_completion", "suspended_since", "government_delay_days",
    "government_delay_cause", "developed_area_m2", "agreed_investment_wan", "invested_wan",
)  # fmt: skip


@dataclass(frozen=True)
class Analysis:
    """What layers and packs say about a park.

    Attributes
    ----------
    tables
        ``parcels`` with metrics and verdicts, ``findings``, ``indicators``, ``gaps``, ``parks``, and the layers as read.
    year
        Calendar year of the companies' figures; None where there are none.
    split
        How companies' figures came to parcels, and 万元 attributed and not attributed of each measure.
    """

    tables: dict[str, pd.DataFrame]
    year: int | None
    split: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A finished run of a project.

    Attributes
    ----------
    snapshot
        What was published.
    clean
        Whether no row was rejected and nothing was at fault.
    """

    snapshot: Snapshot
    clean: bool


def analyse(layers: Layers, rules: RuleBook, as_of: dt.date) -> Analysis:
    """Compute metrics, verdicts, findings and indicators.

    Parameters
    ----------
    layers
        Validated layers in one projected coordinate system in metres.
    rules
        The packs in force.
    as_of
        The day for which the land is judged.

    Returns
    -------
    Analysis
        Pure: no file is read or written, nothing given is changed.
    """
    gaps: list[Gap] = []
    boundary_given = bool((layers.parks["source_file"] != "").any())
    parcels = layers.parcels.copy()
    parcels["park_id"] = park_of(parcels, layers.parks)
    parks = layers.parks.assign(site_area_m2=site_area(layers.parks.geometry))
    _add_areas(parcels)
    gaps.extend(_add_built_form(parcels, layers, rules))
    year, split, found = _add_performance(parcels, layers, as_of)
    gaps.extend(found)
    contracts = contracts_of(parcels, layers.supply)
    judged = not_started(parcels, layers.supply, rules, as_of)
    reasons = idle_sentences(judged, contracts, rules, as_of, schema("supply"))
    verdicts, boundary_rows = boundary_findings(parcels, parks, rules, boundary_given=boundary_given)
    approved, park_rows = approved_area_findings(parks, rules, boundary_given=boundary_given)
    findings = findings_frame(
        [*idle_findings(parcels, judged, contracts, reasons, rules), *boundary_rows, *park_rows], parcels.crs
    )
    if boundary_given and "approved_area_m2" not in parks:
        no_field = (
            "The park's boundary comes without its approved area, so the two cannot be compared: ask for it."
        )
        gaps += field_gaps("approved_area_mismatch", no_field, table="parks")
    parcels = _with_verdicts(parcels, contracts, judged, reasons, verdicts)
    gaps.extend(_absent_layers(layers))
    tables: dict[str, pd.DataFrame] = {
        **layers.tables(),
        "parks": parks.join(approved),
        "parcels": parcels,
        "findings": findings,
        "indicators": park_indicators(parcels, rules),
        "gaps": gaps_frame(gaps),
    }
    return Analysis(tables, year, split)


def run_project(
    project: Project,
    workspace: Path | str,
    *,
    trusted: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Run:
    """Read a project, analyse it and publish the result.

    Parameters
    ----------
    project
        What park.toml says.
    workspace
        Folder of the snapshots; made where it is not there.
    trusted
        Open the project's files in this process; else in a process of their own.
    progress
        Called with the name of each step as it is begun.

    Returns
    -------
    Run

    Raises
    ------
    ParkgeoError
        See `parkgeo.ingest.read_layers`, `parkgeo.packs.load_packs` and `parkgeo.store.Workspace.publish`. The live
        snapshot then stays as it was.
    """
    as_of = project.as_of or dt.datetime.now().astimezone().date()
    rules = load_packs(project.packs, project.folder)
    intake = read_layers(project, trusted=trusted, progress=progress)
    progress("analysis")
    analysis = analyse(intake.layers, rules, as_of)
    progress("snapshot")
    tables = {**analysis.tables, **intake.account}
    manifest = _manifest(project, intake, rules, analysis)
    published = Workspace(workspace).publish(as_of, tables, catalogue(rules), manifest)
    return Run(published, intake.clean)


def _add_areas(parcels: gpd.GeoDataFrame) -> None:
    parcels["site_area_m2"] = site_area(parcels.geometry)
    if "registered_area_m2" not in parcels:
        parcels["registered_area_m2"] = np.nan
    parcels["area_difference_ratio"] = form_of.area_difference_ratio(
        parcels["site_area_m2"], parcels["registered_area_m2"]
    )


def _add_built_form(parcels: gpd.GeoDataFrame, layers: Layers, rules: RuleBook) -> list[Gap]:
    """Footprint, floor area and their ratios; without a buildings layer they are missing, not zero."""
    names = ["footprint_m2", "floor_area_m2", "far", "building_density", "building_coefficient"]
    buildings = layers.buildings
    parcels[names] = np.nan
    if buildings is None:
        return []
    site = parcels["site_area_m2"]
    outline = np.asarray(site_area(buildings.geometry), dtype=np.float64)
    cover = coverage(parcels.geometry, buildings.geometry)
    kinds = buildings["kind"] if "kind" in buildings else pd.Series(None, index=buildings.index, dtype=object)
    is_building = (kinds.isna() | (kinds == "building")).to_numpy(dtype=bool)
    parcels["footprint_m2"] = form_of.footprint(parcels, cover, is_building, "footprint_m2")
    parcels["building_density"] = form_of.building_density(parcels["footprint_m2"], site)
    gaps: list[Gap] = []
    if "floors" in buildings or "floor_area_m2" in buildings:
        height = rules["form.double_storey_above_m"].number("m")
        floor_area = form_of.building_floor_area(buildings, outline, double_above_m=height)
        parcels["floor_area_m2"] = form_of.parcel_floor_area(
            parcels, cover, np.asarray(floor_area, dtype=np.float64), outline
        )
        parcels["far"] = form_of.far(parcels["floor_area_m2"], site)
        for field in ("floor_area_m2", "far"):
            gaps += parcel_gaps(parcels, field, "A building on the parcel has neither floors nor floor area.")
    else:
        for field in ("floor_area_m2", "far"):
            gaps += field_gaps(field, "The buildings have neither floors nor floor area.")
    if "kind" in buildings:
        every = np.ones(len(buildings), dtype=bool)
        occupied = form_of.footprint(parcels, cover, every, "occupied_m2")
        parcels["building_coefficient"] = form_of.building_coefficient(occupied, site)
    else:
        # What is drawn may leave out structures and yards, so it is only the least that the coefficient can be.
        gaps += field_gaps(
            "building_coefficient", "The buildings have no kind: which are structures and storage yards?"
        )
    return gaps


def _add_performance(
    parcels: gpd.GeoDataFrame, layers: Layers, as_of: dt.date
) -> tuple[int | None, dict[str, Any], list[Gap]]:
    """Companies' yearly figures per mu of parcel."""
    for measure in _MEASURES:
        parcels[f"{measure}_per_mu"] = np.nan
    if layers.occupancy is None or layers.performance is None:
        return None, {}, []
    year = latest_year(layers.performance, as_of)
    if year is None:
        no_year = "There is no company return for a full year before the day of judgement."
        return None, {}, [gap for measure in _MEASURES for gap in field_gaps(f"{measure}_per_mu", no_year)]
    found = attribute_performance(layers.occupancy, layers.performance, year=year, measures=_MEASURES)
    totals = found.parcels.reindex(parcels["parcel_id"]).set_axis(parcels.index)
    for measure in totals.columns.astype(str):
        parcels[f"{measure}_per_mu"] = per_mu(totals[measure], parcels["site_area_m2"], f"{measure}_per_mu")
    vacant = parcels[~parcels["parcel_id"].isin(found.parcels.index)]
    gaps = [
        gap
        for measure in totals.columns
        for gap in parcel_gaps(
            vacant, f"{measure}_per_mu", "No company is recorded on the parcel in that year."
        )
    ]
    gaps += list(occupant_gaps(found.reasons, year))
    for measure in sorted(set(_MEASURES) - set(totals.columns)):
        gaps += field_gaps(f"{measure}_per_mu", "The companies' returns do not hold this figure.")
    split = {
        "method": SPLIT_METHOD,
        "attributed_wan": {name: round(float(value), 6) for name, value in found.attributed.items()},
        "unattributed_wan": {name: round(float(value), 6) for name, value in found.unattributed.items()},
    }
    return year, split, gaps


def _with_verdicts(
    parcels: gpd.GeoDataFrame,
    contracts: pd.DataFrame,
    judged: pd.DataFrame,
    reasons: pd.DataFrame,
    verdicts: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Parcels with their contract, each rule's verdict, and the statutory verdict with its reason."""
    joined = [name for name in _JOINED if name in contracts]
    results = pd.concat(
        [
            contracts[joined],
            judged["verdict"].rename("idle_not_started"),
            verdicts,
            judged["verdict"].rename("idle"),
            judged["idle_from"].where(judged["verdict"] == "yes").rename("idle_since"),
            judged["days"].where(judged["verdict"] == "yes").rename("idle_days"),
            judged["fee_wan"].rename("idle_fee_wan"),
            judged["consequence"].rename("idle_consequence"),
            reasons.rename(columns={"zh": "verdict_reason_zh", "en": "verdict_reason_en"}),
        ],
        axis=1,
    )
    texts = [
        "idle_not_started",
        *verdicts.columns,
        "idle",
        "idle_consequence",
        "verdict_reason_zh",
        "verdict_reason_en",
    ]
    results[texts] = results[texts].astype("str").where(results[texts].notna(), None)
    return gpd.GeoDataFrame(
        pd.concat([parcels.drop(columns="geometry"), results], axis=1), geometry=parcels.geometry
    )


def _absent_layers(layers: Layers) -> Iterator[Gap]:
    """For each metric and finding, the layers it lacks."""
    absent = set(layers.missing())
    wanted = [(metric.name, metric.needs) for metric in METRICS]
    wanted.append(("idle_not_started", ("supply",)))
    for field, needs in wanted:
        lacking = [(name, {"zh": schema(name).zh, "en": schema(name).en}) for name in needs if name in absent]
        yield from layer_gaps(field, lacking)


def _manifest(project: Project, intake: Intake, rules: RuleBook, analysis: Analysis) -> dict[str, Any]:
    return {
        "version": __version__,
        "park": project.name,
        "crs": intake.crs.to_wkt(),
        "packs": [
            {"name": pack.name, "edition": pack.edition, "sha256": pack.sha256} for pack in rules.packs
        ],
        "switched_on": sorted(key for pack in rules.packs for key in pack.switch_on),
        "inputs": list(intake.inputs),
        "project_sha256": hashlib.sha256(project.path.read_bytes()).hexdigest(),
        "layers_missing": list(intake.layers.missing()),
        "findings_judged": [code.code for code in CODES],
        "performance_year": analysis.year,
        "performance_split": analysis.split,
    }
