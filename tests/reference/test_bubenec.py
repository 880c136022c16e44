"""Prague's Bubeneč, from momepy's data: real plots, buildings and streets, and the figures that others computed of them.

Source: ``bubenec.gpkg`` of pysal/momepy (BSD-3), 407 plots, 144 buildings, 35 streets, EPSG:3857. Reference figures, of
mean building density: 0.2381839578 over the plots by geopandas in EPSG:3857 and 0.2381839610 in EPSG:32633; 0.3206557
over the tessellation, momepy's own (0.3206527 where only what lies in the cell counts). The data stand beside the checkout; without them these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest

from parkgeo.pipeline import run_project
from parkgeo.project import read_project

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

DATA = Path(__file__).parents[3] / "shared" / "data" / "bubenec" / "bubenec.gpkg"
pytestmark = pytest.mark.skipif(
    not DATA.is_file(), reason=f"needs momepy's {DATA.name} in shared/data beside the checkout"
)

_PROJECT = """
[park]
name = "Bubenec"
as_of = 2026-06-30
packs = ["national"]
{working_crs}

[layers.parcels]
path = '{data}'
layer = "{layer}"
fields = {{ parcel_id = "{key}" }}

[layers.buildings]
path = '{data}'
layer = "buildings"
fields = {{ building_id = "uID" }}

[layers.roads]
path = '{data}'
layer = "streets"
"""


def analyse(folder: Path, layer: str, key: str, working_crs: str = "") -> Snapshot:
    folder.mkdir(exist_ok=True)
    text = _PROJECT.format(
        data=DATA.as_posix(),
        layer=layer,
        key=key,
        working_crs=f'working_crs = "{working_crs}"' if working_crs else "",
    )
    (folder / "park.toml").write_text(text, encoding="utf-8")
    return run_project(read_project(folder / "park.toml"), folder / "ws").snapshot


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return analyse(tmp_path_factory.mktemp("plots"), "plots", "ID", "EPSG:32633")


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return analyse(tmp_path_factory.mktemp("cells"), "tessellation", "uID", "EPSG:3857")


def test_mean_density_over_the_plots(plots):
    density = plots.read("parcels")["building_density"]
    assert len(density) == 407
    assert density.mean() == pytest.approx(0.238184, abs=1e-6)
    assert density.mean() == pytest.approx(0.2381839610, abs=1e-9)


def test_mean_density_in_the_plane_of_the_file(tmp_path):
    density = analyse(tmp_path, "plots", "ID", "EPSG:3857").read("parcels")["building_density"]
    assert density.mean() == pytest.approx(0.2381839578, abs=1e-9)


def test_mean_density_in_the_plane_that_is_chosen(tmp_path):
    """Nothing said of the plane: the density, a ratio, is the same to six digits, but areas must not be those of 3857."""
    chosen = analyse(tmp_path, "plots", "ID")
    assert chosen.read("parcels")["building_density"].mean() == pytest.approx(0.238184, abs=1e-6)
    assert chosen.crs.to_epsg() != 3857
    true = gpd.read_file(DATA, layer="plots").to_crs(32633).area.sum()
    assert chosen.read("parcels")["site_area_m2"].sum() == pytest.approx(true, rel=2e-3)


def test_mean_density_over_the_tessellation(cells):
    """momepy divides each building's whole area by its own cell's; a little of some buildings lies beyond their cell."""
    own = gpd.read_file(DATA, layer="tessellation").set_index("uID")
    buildings = gpd.read_file(DATA, layer="buildings").set_index("uID")
    whole = (buildings.area / own.area).mean()
    assert whole == pytest.approx(0.3206557, abs=1e-7)
    inside = buildings.intersection(own, align=True).area
    density = cells.read("parcels").set_index("parcel_id")["building_density"]
    assert density.mean() == pytest.approx(0.3206526726, abs=1e-9)
    pieces = gpd.overlay(buildings[["geometry"]], own.reset_index(), how="intersection", keep_geom_type=True)
    covered = pieces.area.groupby(pieces["uID"]).sum()
    assert density.mean() == pytest.approx((covered / own.area).mean(), abs=1e-12)
    # What lies beyond the cells is all of the difference, but for what falls into a neighbour's cell.
    beyond = ((buildings.area - inside) / own.area).mean()
    into_others = ((covered - inside) / own.area).mean()
    assert density.mean() == pytest.approx(whole - beyond + into_others, abs=1e-12)


def test_every_plot_against_geopandas(plots):
    parcels = gpd.read_file(DATA, layer="plots").to_crs(32633)
    buildings = gpd.read_file(DATA, layer="buildings").to_crs(32633)
    pieces = gpd.overlay(
        buildings[["geometry"]], parcels[["ID", "geometry"]], how="intersection", keep_geom_type=True
    )
    covered = pieces.area.groupby(pieces["ID"].astype(str)).sum()
    parcels.index = parcels["ID"].astype(str)
    found = plots.read("parcels").set_index("parcel_id")
    assert set(found.index) == set(parcels.index)
    np.testing.assert_allclose(found["footprint_m2"], covered.reindex(found.index, fill_value=0.0), atol=1e-6)
    np.testing.assert_allclose(found["site_area_m2"], parcels.area.reindex(found.index), rtol=1e-12)


def test_what_is_not_there_is_missing_not_zero(plots):
    parcels, gaps = plots.read("parcels"), plots.read("gaps")
    absent = {
        "far", "floor_area_m2", "building_coefficient", "output_wan_per_mu", "value_added_wan_per_mu", "tax_wan_per_mu",
        "fixed_assets_wan_per_mu",
    }  # fmt: skip
    assert parcels[sorted(absent)].isna().all(axis=None)
    told = gaps[gaps["parcel_id"].isna()]
    assert absent | {"idle_not_started"} <= set(told["field"])
    assert told[["ask_zh", "ask_en"]].map(bool).all(axis=None)
    indicators = plots.read("indicators").set_index("name")["value"]
    assert indicators[["far", "output_wan_per_mu", "tax_wan_per_mu"]].isna().all()
    assert indicators["parcels"] == 407


def test_missing_layers_are_named(plots):
    expected = {
        "supply",
        "enterprises",
        "occupancy",
        "performance",
        "utilities",
        "facilities",
        "constraints",
        "plan",
        "dem",
        "imagery",
    }
    assert set(plots.manifest["layers_missing"]) >= expected
    assert not set(plots.manifest["layers_missing"]) & {"parcels", "buildings", "roads"}
    assert {"parcels", "buildings", "roads", "parks"} <= set(plots.tables)


def test_nothing_is_judged_without_its_data(plots):
    parcels, findings = plots.read("parcels"), plots.read("findings")
    small = parcels["site_area_m2"] < 500  # the pack's smallest area: named, not judged
    assert 0 < small.sum() < len(parcels)
    for column in ("idle_not_started", "idle"):
        assert (parcels.loc[~small, column] == "undetermined").all()
        assert parcels.loc[small, column].isna().all()
    assert (parcels.loc[small, "land_state"] == "too_small").all()
    assert parcels["outside_park"].isna().all()  # no boundary was given, so nothing can be outside it
    assert (parcels["area_mismatch"] == "undetermined").all()
    assert set(findings.loc[findings["verdict"] == "yes", "code"]) <= {
        "overlap",
        "duplicate",
        "sliver",
        "gap",
        "near_touching",
        "no_frontage",
    }
    rows = findings[findings["code"] == "idle_not_started"]
    assert len(rows) == 407 - small.sum()
    assert set(rows["missing"]) == {"supply_status, contract_id, agreed_start, actual_start"}


def test_every_row_is_accounted_for(plots):
    sources = plots.read("sources").set_index("layer")
    assert sources["rows_declared"].to_dict() == {"parcels": 407, "buildings": 144, "roads": 35}
    assert (sources["rows_declared"] == sources["rows_accepted"] + sources["rows_rejected"]).all()
    assert sources["rows_rejected"].sum() == 0


def test_plots_without_frontage_against_geopandas(plots):
    """The streets name no class and no width: 15 m from the edge of a road of 2 x 4 m is 19 m from its drawn line."""
    ground = gpd.read_file(DATA, layer="plots").to_crs(32633)
    ground.index = ground["ID"].astype(str)
    streets = gpd.read_file(DATA, layer="streets").to_crs(32633).union_all()
    large = ground[ground.area >= 500]
    parcels = plots.read("parcels").set_index("parcel_id")
    expected = set(large.index[large.distance(streets) > 19])
    assert len(expected) == 30
    assert set(parcels.index[parcels["no_frontage"] == "yes"]) == expected
