"""Puts the sample together and writes it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING

from parkgeo.sample import files
from parkgeo.sample.assign import place_cases
from parkgeo.sample.built import build, draw_self_touching
from parkgeo.sample.companies import Companies, settle_companies
from parkgeo.sample.ledger import keep_ledger, name_holders
from parkgeo.sample.names import PARK
from parkgeo.sample.networks import lay_roads, lay_utilities, place_facilities
from parkgeo.sample.parcels import number_parcels
from parkgeo.sample.place import stream
from parkgeo.sample.rasters import BANDS, DATES, PIXEL_M, grid, paint, raise_terrain
from parkgeo.sample.streets import boundary
from parkgeo.sample.tables import parcel_table, renamed
from parkgeo.sample.truth import tell_truth
from parkgeo.sample.zoning import draw_constraints, draw_plan

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd

__all__ = ["Sample", "make_sample", "write_sample"]


@dataclass(frozen=True)
class Sample:
    """Every layer of the sample, in site metres and with the names used inside.

    Attributes
    ----------
    seed
        It was made from.
    """

    seed: int
    parcels: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    mains: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    plan: gpd.GeoDataFrame
    constraints: gpd.GeoDataFrame
    ledger: pd.DataFrame
    companies: Companies


def make_sample(seed: int) -> Sample:
    """Make every layer of the sample in memory.

    Parameters
    ----------
    seed
        Of all random numbers.

    Returns
    -------
    Sample
        Layers in site metres.
    """
    parcels = place_cases(number_parcels(seed), seed)
    companies = settle_companies(parcels, seed)
    parcels["holder"] = name_holders(parcels, companies, seed)
    ledger = keep_ledger(parcels, companies, seed)
    mains, stations = lay_utilities(seed)
    return Sample(
        seed=seed,
        parcels=parcels,
        buildings=build(parcels, ledger, seed),
        roads=lay_roads(parcels),
        mains=mains,
        stations=stations,
        facilities=place_facilities(),
        plan=draw_plan(parcels),
        constraints=draw_constraints(parcels),
        ledger=ledger,
        companies=companies,
    )


def write_sample(folder: Path, *, seed: int = 20260630) -> Path:
    """Make the sample park and write it in the formats that offices have.

    Parameters
    ----------
    folder
        Made when it is not there; files of the sample in it are replaced.
    seed
        The same seed gives the same files.

    Returns
    -------
    pathlib.Path
        Of ``park.toml``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_sample(Path(folder)).name
    'park.toml'
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sample = make_sample(seed)
    drawn, repaired = draw_self_touching(sample.buildings)
    _write_vectors(sample, drawn, folder)
    _write_tables(sample, folder)
    _write_rasters(sample, folder)
    truth = tell_truth(
        sample.seed, sample.parcels, sample.buildings, sample.mains, sample.constraints, repaired=repaired
    )
    files.write_json({**truth, "enterprises": len(sample.companies.enterprises)}, folder / "truth.json")
    project = folder / "park.toml"
    text = resources("parkgeo.sample").joinpath("park.toml").read_text(encoding="utf-8")
    project.write_text(text, encoding="utf-8", newline="\n")
    return project


def _write_vectors(sample: Sample, drawn: gpd.GeoDataFrame, folder: Path) -> None:
    files.write_boundary_text(boundary(), folder / "boundaries" / "boundary.txt", number="YTLG01", name=PARK)
    noise = stream(sample.seed, "registered").uniform(-1.0, 1.0, len(sample.parcels))
    files.write_shapefile(
        parcel_table(sample.parcels, noise), folder / "parcels" / "parcels.shp", with_cpg=False
    )
    files.write_shapefile(_building_table(drawn), folder / "buildings" / "buildings.shp", with_cpg=True)
    files.write_geojson(renamed(sample.roads, "roads"), folder / "roads" / "roads.geojson")
    files.write_geopackage(
        {"管线": renamed(sample.mains, "utilities"), "站点": renamed(sample.stations, "utilities")},
        folder / "utilities" / "utilities.gpkg",
    )
    files.write_geopackage(
        {"设施": renamed(sample.facilities, "facilities")}, folder / "facilities" / "facilities.gpkg"
    )
    files.write_geopackage(
        {"规划": renamed(sample.plan, "plan"), "限制要素": renamed(sample.constraints, "constraints")},
        folder / "plan" / "plan.gpkg",
    )


def _building_table(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = renamed(buildings, "buildings")
    for column in ("层数", "建筑高度", "层高"):
        table[column] = table[column].astype(float)
    return table


def _write_tables(sample: Sample, folder: Path) -> None:
    companies = sample.companies
    ledger = folder / "ledger"
    files.write_workbook({"供地台账": renamed(sample.ledger, "supply")}, ledger / "supply.xlsx")
    files.write_workbook({"企业": renamed(companies.enterprises, "enterprises")}, ledger / "enterprises.xlsx")
    occupancy = companies.occupancy.copy()
    for column in ("from_on", "to_on"):
        occupancy[column] = [
            dt.date.fromisoformat(text) if isinstance(text, str) else None for text in occupancy[column]
        ]
    files.write_workbook({"企业用地": renamed(occupancy, "occupancy")}, ledger / "occupancy.xlsx")
    files.write_workbook({"年度报表": renamed(companies.returns, "returns")}, ledger / "returns.xlsx")
    files.write_workbook({"月度水电": renamed(companies.meters, "meters")}, ledger / "meters.xlsx")


def _write_rasters(sample: Sample, folder: Path) -> None:
    there = grid()
    for on in DATES:
        pixels = paint(sample.parcels, sample.buildings, on, sample.seed)
        path = folder / "imagery" / f"{on.isoformat()}.tif"
        files.write_raster(
            pixels, path, west=there.west, north=there.north, size_m=PIXEL_M, bands=BANDS, nodata=0,
            tags={"DATE": on.isoformat(), "SCALE": "reflectance x 10000"},
        )  # fmt: skip
    height: np.ndarray = raise_terrain()
    files.write_raster(
        height,
        folder / "dem" / "dem.tif",
        west=there.west,
        north=there.north,
        size_m=PIXEL_M,
        bands=("height_m",),
    )
