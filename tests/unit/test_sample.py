"""The sample park: the files in data/ are what the generator writes, and the truth file is true of them."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely

from parkgeo.sample import write_sample
from parkgeo.units import M2_PER_MU

DATA = Path(__file__).parents[2] / "data"
SAME_BYTES = {".txt", ".shp", ".shx", ".dbf", ".prj", ".cpg", ".geojson", ".json", ".toml"}
AS_OF = dt.date(2026, 6, 30)
BY_HAND = {"README.md"}


def files_of(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths if path.name not in BY_HAND)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh")
    assert write_sample(folder) == folder / "park.toml"
    return folder


@pytest.fixture(scope="module")
def truth():
    return json.loads((DATA / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def parcels():
    return gpd.read_file(DATA / "parcels" / "parcels.shp").set_index("宗地代码")


@pytest.fixture(scope="module")
def buildings(parcels):
    frame = gpd.read_file(DATA / "buildings" / "buildings.shp")
    frame["geometry"] = shapely.make_valid(frame.geometry.to_numpy(), method="structure")
    spots = frame.geometry.representative_point().to_numpy()
    at, inside = shapely.STRtree(parcels.geometry.to_numpy()).query(spots, predicate="intersects")
    owner = pd.Series(parcels.index.to_numpy()[inside], index=at)
    return frame.assign(parcel=owner[~owner.index.duplicated()])


@pytest.fixture(scope="module")
def ledger():
    return pd.read_excel(
        DATA / "ledger" / "supply.xlsx", engine="openpyxl", dtype={"电子监管号": str}
    ).set_index("宗地代码")


@pytest.fixture(scope="module")
def boundary():
    lines = (DATA / "boundaries" / "boundary.txt").read_bytes().decode("gbk").splitlines()
    points = [line.split(",") for line in lines if line.startswith("J")]
    return shapely.Polygon([(float(east), float(north)) for _, _, north, east in points])


def planted(truth, code, verdict="yes"):
    return {entry["parcel_id"] for entry in truth["planted"].get(code, []) if entry["verdict"] == verdict}


def last_year_per_mu(parcels, column):
    """Split by area occupied on 31 December 2025, in 万元/亩."""
    figures = (
        pd.read_excel(DATA / "ledger" / "returns.xlsx", engine="openpyxl")
        .query("年份 == 2025")
        .set_index("企业代码")[column]
    )
    there = pd.read_excel(DATA / "ledger" / "occupancy.xlsx", engine="openpyxl")
    there = there[there["截止日期"].isna() | (there["截止日期"] > "2025-12-31")]
    area = there["占用面积(平方米)"]
    part = area / area.groupby(there["企业代码"]).transform("sum") * there["企业代码"].map(figures)
    whole = part.groupby(there["宗地代码"]).sum(min_count=1).dropna()
    return whole / (parcels.geometry.area.reindex(whole.index) / M2_PER_MU)


# --- the same files -------------------------------------------------------------------------------------------------


def test_data_folder_holds_exactly_what_the_generator_writes(fresh):
    assert files_of(fresh) == files_of(DATA)


def test_text_and_shapefiles_in_data_are_the_generators_byte_for_byte(fresh):
    names = [name for name in files_of(DATA) if Path(name).suffix in SAME_BYTES]
    assert len(names) >= 12
    differing = [name for name in names if (fresh / name).read_bytes() != (DATA / name).read_bytes()]
    assert differing == []


def test_geopackages_in_data_hold_the_same_rows(fresh):
    names = [name for name in files_of(DATA) if name.endswith(".gpkg")]
    assert len(names) == 3
    for name in names:
        tables = pyogrio.list_layers(DATA / name)[:, 0].tolist()
        assert pyogrio.list_layers(fresh / name)[:, 0].tolist() == tables
        for table in tables:
            made, kept = gpd.read_file(fresh / name, layer=table), gpd.read_file(DATA / name, layer=table)
            pd.testing.assert_frame_equal(pd.DataFrame(made), pd.DataFrame(kept))


def test_rasters_in_data_hold_the_same_pixels(fresh):
    names = [name for name in files_of(DATA) if name.endswith(".tif")]
    assert len(names) == 3
    for name in names:
        with rasterio.open(fresh / name) as made, rasterio.open(DATA / name) as kept:
            assert made.transform == kept.transform
            assert made.crs == kept.crs
            assert made.descriptions == kept.descriptions
            np.testing.assert_array_equal(made.read(), kept.read())


def test_workbooks_in_data_hold_the_same_cells(fresh):
    names = [name for name in files_of(DATA) if name.endswith(".xlsx")]
    assert len(names) == 5
    for name in names:
        made, kept = openpyxl.load_workbook(fresh / name), openpyxl.load_workbook(DATA / name)
        assert made.sheetnames == kept.sheetnames
        for sheet in made.sheetnames:
            assert list(made[sheet].values) == list(kept[sheet].values)


def test_a_second_run_with_the_seed_gives_the_same_bytes_and_another_seed_does_not(fresh, tmp_path):
    write_sample(tmp_path / "again", seed=20260630)
    write_sample(tmp_path / "other", seed=7)
    names = files_of(fresh)
    assert [
        name for name in names if (tmp_path / "again" / name).read_bytes() != (fresh / name).read_bytes()
    ] == []
    same = {name for name in names if (tmp_path / "other" / name).read_bytes() == (fresh / name).read_bytes()}
    fixed = {"park.toml", "boundaries/boundary.txt", "dem/dem.tif", "facilities/facilities.gpkg"}
    assert {name for name in same if Path(name).suffix not in {".prj", ".cpg"}} <= fixed


def test_the_folder_stays_small():
    sizes = {name: (DATA / name).stat().st_size for name in files_of(DATA)}
    assert max(sizes.values()) < 2_000_000
    assert sum(sizes.values()) < 6_000_000


# --- the formats that offices have ----------------------------------------------------------------------------------


def test_parcels_are_gbk_without_cpg_in_a_zone_with_prefix(parcels):
    header = (DATA / "parcels" / "parcels.dbf").read_bytes()
    assert header[29] == 0x4D
    assert "宗地代码".encode("gbk") in header[:1000]
    assert not (DATA / "parcels" / "parcels.cpg").exists()
    assert all(len(name.encode("gbk")) <= 10 for name in parcels.columns.drop("geometry"))
    assert parcels.crs.to_epsg() == 4528
    west, _, east, _ = parcels.total_bounds
    assert 40_500_000 < west < east < 40_600_000


def test_boundary_text_counts_its_points_and_states_its_area(boundary):
    lines = (DATA / "boundaries" / "boundary.txt").read_bytes().decode("gbk").splitlines()
    plot = lines[lines.index("[地块坐标]") + 1].split(",")
    assert int(plot[0]) == sum(line.startswith("J") for line in lines)
    assert float(plot[1]) == pytest.approx(boundary.area / 10_000, abs=1e-3)
    assert plot[-1] == "@"


def test_park_toml_names_files_and_columns_that_are_there():
    layers = tomllib.loads((DATA / "park.toml").read_text(encoding="utf-8"))["layers"]
    assert len(layers) == 14
    for name, tables in layers.items():
        for table in tables if isinstance(tables, list) else [tables]:
            path = DATA / table["path"]
            assert path.exists(), name
            named = {
                value["column"] if isinstance(value, dict) else value
                for value in table.get("fields", {}).values()
            }
            if path.suffix == ".xlsx":
                assert set(pd.read_excel(path, engine="openpyxl", nrows=1).columns) == named
            elif named:
                assert named <= set(pyogrio.read_info(path, layer=table.get("layer"))["fields"])


def test_ledger_dates_are_dates_and_its_area_is_in_hectares(ledger, parcels):
    assert all(ledger[column].dtype.kind == "M" for column in ledger.columns if column.endswith("日期"))
    supplied = ledger["供应面积(公顷)"].dropna()
    assert (supplied * 10_000).sub(parcels.geometry.area.reindex(supplied.index)).abs().max() < 1.0


def test_roads_are_longitude_and_latitude_and_meet_at_junctions():
    roads = gpd.read_file(DATA / "roads" / "roads.geojson")
    west, south, east, north = roads.total_bounds
    assert 119.5 < west < east < 121.0
    assert 30.0 < south < north < 31.5
    assert set(roads.loc[roads["道路等级"] == "高速公路", "层级"]) == {1}
    ends = pd.Series([point for line in roads.geometry for point in (line.coords[0], line.coords[-1])])
    assert (ends.value_counts() >= 3).sum() > 50
    ground = roads[roads["层级"] == 0].geometry.to_numpy()
    first, second = shapely.STRtree(ground).query(ground, predicate="crosses")
    assert len(first) == len(second) == 0


def test_imagery_looks_like_the_ground(truth, parcels):
    for day, cover in truth["land_cover"].items():
        with rasterio.open(DATA / "imagery" / f"{day}.tif") as image:
            assert image.count == 6
            assert image.nodata == 0
            blue, _, red, nir, swir, _ = image.read().astype(float)
            spots = [image.index(*shape.point_on_surface().coords[0]) for shape in parcels.geometry]
        ndvi = (nir - red) / np.maximum(nir + red, 1.0)
        bare = ((swir + red) - (nir + blue)) / np.maximum(swir + red + nir + blue, 1.0)
        kinds = pd.Series(cover).reindex(parcels.index).to_numpy()
        seen = np.array([red[spot] > 0 for spot in spots])
        green, bright = (np.array([index[spot] for spot in spots]) for index in (ndvi, bare))
        assert green[seen & (kinds == "vegetated")].min() > 0.4
        assert np.median(green[seen & (kinds == "bare")]) < 0.25
        assert (
            np.median(bright[seen & (kinds == "bare")]) > np.median(bright[seen & (kinds == "built")]) + 0.02
        )
    with rasterio.open(DATA / "imagery" / "2024-05-12.tif") as image:
        assert (image.read(1) == 0).any()


# --- counts and plausibility ----------------------------------------------------------------------------------------


def test_counts_are_those_promised(truth, parcels, buildings, ledger, boundary):
    assert 300 <= len(parcels) <= 340
    assert 900 <= len(buildings) <= 1100
    assert {"建筑", "堆场", "构筑物"} == set(buildings["类别"])
    assert 60 <= len(pd.read_excel(DATA / "ledger" / "enterprises.xlsx", engine="openpyxl")) <= 120
    assert 260 <= len(ledger) <= 320
    assert boundary.area == pytest.approx(12e6, rel=0.03)
    assert truth["counts"] == {
        "parcels": len(parcels),
        "buildings": len(buildings),
        "site_area_m2": pytest.approx(boundary.area, abs=1.0),
    }
    assert parcels.geometry.area.between(3_000, 200_000).all()


def test_ids_are_unique_and_refer_to_what_is_there(parcels, ledger, buildings):
    companies = pd.read_excel(DATA / "ledger" / "enterprises.xlsx", engine="openpyxl")
    occupancy = pd.read_excel(DATA / "ledger" / "occupancy.xlsx", engine="openpyxl")
    assert parcels.index.is_unique
    assert ledger.index.is_unique
    assert buildings["建筑编号"].is_unique
    assert companies["企业代码"].is_unique
    assert companies["企业名称"].is_unique
    assert set(ledger.index) <= set(parcels.index)
    assert set(occupancy["宗地代码"]) <= set(parcels.index)
    assert set(occupancy["企业代码"]) == set(companies["企业代码"])


def test_companies_and_parcels_are_many_to_many():
    occupancy = pd.read_excel(DATA / "ledger" / "occupancy.xlsx", engine="openpyxl")
    assert (occupancy["企业代码"].value_counts() > 1).sum() > 10
    assert (occupancy["宗地代码"].value_counts() > 1).sum() > 4


def test_returns_cover_three_years_and_meters_twelve_months():
    returns, meters = (
        pd.read_excel(DATA / "ledger" / f"{name}.xlsx", engine="openpyxl") for name in ("returns", "meters")
    )
    assert set(returns["年份"]) == {2023, 2024, 2025}
    assert not returns.duplicated(["企业代码", "年份"]).any()
    months = set(zip(meters["年份"], meters["月份"], strict=True))
    assert months == {(2025, month) for month in range(7, 13)} | {(2026, month) for month in range(1, 7)}
    assert meters.groupby("企业代码").size().eq(12).all()
    assert returns.drop(columns="企业代码").ge(0).all().all()
    share = (returns["工业增加值(万元)"] / returns["工业总产值(万元)"]).dropna()
    assert share.between(0.215, 0.285).all()


def test_yields_per_mu_are_plausible(parcels):
    output = last_year_per_mu(parcels, "工业总产值(万元)")
    producing = output[output > 0]
    assert 150 < producing.median() < 500
    assert producing.quantile(0.95) < 1200
    assert 165 <= last_year_per_mu(parcels, "固定资产投资(万元)").median() <= 600


def test_topology_is_clean_but_for_the_planted_overlaps(truth, parcels):
    assert parcels.geometry.is_valid.all()
    shapes = parcels.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    areas = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    over = areas > 0.01
    assert (areas[over] > 100.0).all()
    assert {*parcels.index[first[over]], *parcels.index[second[over]]} == planted(truth, "overlap")
    assert sum(len(shape.interiors) for shape in shapes) == 1


def test_one_building_is_invalid_and_mends_without_losing_area(truth):
    raw = gpd.read_file(DATA / "buildings" / "buildings.shp")
    broken = raw[~raw.geometry.is_valid]
    assert broken["建筑编号"].tolist() == [entry["id"] for entry in truth["repaired"]]
    mended = shapely.make_valid(broken.geometry.iloc[0], method="structure")
    assert mended.geom_type == "Polygon"
    assert mended.area == pytest.approx(broken.geometry.area.iloc[0], abs=1e-6)


# --- the truth is true ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "verdict", "count"),
    [
        ("idle_not_started", "yes", 11),
        ("idle_not_started", "no", 16),
        ("idle_not_started", "undetermined", 6),
        ("idle_suspended", "yes", 3),
        ("idle_suspended", "no", 2),
        ("idle_suspended", "undetermined", 1),
        ("used_in_part", "yes", 3),
        ("built_not_producing", "yes", 3),
        ("built_not_producing", "undetermined", 1),
        ("below_contract", "yes", 6),
        ("below_contract", "undetermined", 3),
        ("low_efficiency", "yes", 7),
        ("low_efficiency", "undetermined", 1),
        ("high_performer", "yes", 3),
        ("underbuilt", "yes", 6),
        ("evidence_conflict", "yes", 4),
        ("area_mismatch", "yes", 3),
        ("area_mismatch", "undetermined", 1),
        ("outside_park", "yes", 2),
        ("overlap", "yes", 4),
        ("gap", "yes", 4),
        ("no_frontage", "yes", 2),
        ("unreachable", "yes", 1),
        ("incompatible_neighbour", "yes", 2),
        ("plan_conflict", "yes", 4),
    ],
)
def test_every_promised_case_is_planted(truth, code, verdict, count):
    assert len(planted(truth, code, verdict)) == count


@pytest.mark.parametrize(
    "code", ["approved_not_supplied", "supplied_not_started", "service_missing", "constraint_conflict"]
)
def test_cases_that_follow_from_the_ground_are_there(truth, code):
    assert len(planted(truth, code)) >= 5


def test_each_parcel_has_one_entry_a_code_except_for_several_constraints(truth, parcels):
    for code, entries in truth["planted"].items():
        ids = [entry["parcel_id"] for entry in entries]
        assert set(ids) <= set(parcels.index)
        assert code == "constraint_conflict" or len(ids) == len(set(ids))


def year_later(day):
    """One year after a day; 29 February's year is full on 28 February."""
    return (pd.Timestamp(day) + pd.DateOffset(years=1)).date()


def test_clock_gives_the_planted_verdict_for_every_supplied_parcel(truth, ledger):
    """Order 53 art. 2 ¶1 written out again, in a dozen lines, over the whole ledger."""
    found = {"yes": set(), "undetermined": set()}
    for parcel_id, row in ledger[ledger["供应状态"] == "已供"].iterrows():
        if pd.notna(row["实际动工日期"]):
            continue
        if pd.isna(row["约定动工日期"]):
            found["undetermined"].add(parcel_id)
            continue
        delay = 0 if pd.isna(row["政府原因延误天数"]) else int(row["政府原因延误天数"])
        full = year_later(row["约定动工日期"] + pd.Timedelta(days=delay))
        if row["实际交地日期"] > row["约定动工日期"] + pd.Timedelta(days=365):
            found["undetermined"].add(parcel_id)
        elif full <= AS_OF:
            found["yes"].add(parcel_id)
    assert found["yes"] == planted(truth, "idle_not_started")
    without_row = {
        entry["parcel_id"]
        for entry in truth["planted"]["idle_not_started"]
        if entry["case"] == "no_ledger_row"
    }
    assert found["undetermined"] | without_row == planted(truth, "idle_not_started", "undetermined")


def test_idle_since_is_the_day_on_which_the_year_was_full(truth, ledger):
    dated = [e for e in truth["planted"]["idle_not_started"] if e["verdict"] == "yes" and "since" in e]
    assert len(dated) == 10
    for entry in dated:
        row = ledger.loc[entry["parcel_id"]]
        start = row["约定动工日期"] + pd.Timedelta(days=int(row["政府原因延误天数"]))
        assert entry["since"] == year_later(start).isoformat(), entry["case"]


def test_suspension_gives_the_planted_verdicts(truth, ledger, parcels):
    stopped = ledger[ledger["停工起始日期"].notna()]
    found = {"yes": set(), "no": set(), "undetermined": set()}
    for parcel_id, row in stopped.iterrows():
        area = row["已动工开发面积(平方米)"] / parcels.geometry.area[parcel_id]
        money = row["已投资额(万元)"] / row["约定投资总额(万元)"]
        small = bool(area < 1 / 3 or money < 0.25)
        if year_later(row["停工起始日期"]) > AS_OF:
            found["no"].add(parcel_id)
        elif pd.isna(area) and pd.isna(money):
            found["undetermined"].add(parcel_id)
        else:
            found["yes" if small else "no"].add(parcel_id)
    for verdict, ids in found.items():
        assert ids == planted(truth, "idle_suspended", verdict), verdict


def test_ordinary_parcels_started_in_time_and_their_dates_are_in_order(truth, ledger):
    late = {
        entry["parcel_id"]
        for entry in truth["planted"]["idle_not_started"]
        if entry["case"] == "started_late"
    }
    delivered_late = {
        e["parcel_id"] for e in truth["planted"]["idle_not_started"] if e["case"] == "handed_over_late"
    }
    rows = ledger[ledger["供应状态"] == "已供"]
    after = rows["实际动工日期"] > rows["约定动工日期"] + pd.DateOffset(years=1)
    assert set(rows.index[after]) == late
    order = ["批准日期", "合同签订日期", "实际交地日期", "约定动工日期", "约定竣工日期"]
    for earlier, later in pairwise(order):
        assert set(rows.index[rows[earlier] > rows[later]]) <= delivered_late
    assert not (rows["实际动工日期"] > rows["实际竣工日期"]).any()
    happened = ["批准日期", "合同签订日期", "实际交地日期", "实际动工日期", "实际竣工日期", "停工起始日期"]
    assert all((rows[column].dropna() <= pd.Timestamp(AS_OF)).all() for column in happened)


def test_registered_areas_are_right_but_for_the_planted(truth, parcels):
    difference = parcels["登记面积"] * M2_PER_MU / parcels.geometry.area - 1.0
    assert set(parcels.index[difference.isna()]) == planted(truth, "area_mismatch", "undetermined")
    assert set(parcels.index[difference.abs() > 0.05]) == planted(truth, "area_mismatch")
    assert ((difference.abs() > 0.05) | (difference.abs() < 0.001) | difference.isna()).all()


def test_all_but_the_planted_parcels_lie_in_the_park(truth, parcels, boundary):
    outside = parcels.geometry.difference(boundary).area / parcels.geometry.area
    assert set(parcels.index[outside > 0.0]) == planted(truth, "outside_park")
    assert outside[outside > 0.0].min() > 0.1


def test_all_but_the_planted_parcels_front_a_street(truth, parcels):
    roads = gpd.read_file(DATA / "roads" / "roads.geojson").to_crs(4528)
    land = shapely.union_all(
        roads.geometry.buffer(roads["红线宽度"] / 2 + 1.0, cap_style="square").to_numpy()
    )
    front = pd.Series(
        shapely.length(shapely.intersection(parcels.boundary.to_numpy(), land)), index=parcels.index
    )
    assert set(front.index[front < 20.0]) == planted(truth, "no_frontage")


def test_tax_per_mu_is_below_five_only_where_planted(truth, parcels):
    tax = last_year_per_mu(parcels, "实缴税收(万元)")
    assert set(tax.index[tax < 5.0]) == planted(truth, "low_efficiency")
    assert tax[tax >= 5.0].min() > 6.0


def test_output_and_tax_miss_the_contract_only_where_planted(truth, parcels, ledger):
    output, tax = (last_year_per_mu(parcels, name) for name in ("工业总产值(万元)", "实缴税收(万元)"))
    agreed = ledger.reindex(output.index)
    below = (output < agreed["约定亩均产出(万元/亩)"]) | (tax < agreed["约定亩均税收(万元/亩)"])
    assert set(below.index[below]) == planted(truth, "below_contract")
    blank = agreed.index[agreed["约定亩均产出(万元/亩)"].isna()]
    unknown_use = set(ledger.index) & planted(truth, "built_not_producing", "undetermined")
    assert set(blank) | unknown_use == planted(truth, "below_contract", "undetermined")


def test_works_are_built_up_but_for_the_planted(truth, parcels, buildings):
    rows = buildings[buildings["类别"] == "建筑"]
    counted = rows.geometry.area * rows["层数"] * np.where(rows["层高"] > 8.0, 2.0, 1.0)
    far = counted.groupby(rows["parcel"]).sum() / parcels.geometry.area
    coefficient = buildings.geometry.area.groupby(buildings["parcel"]).sum() / parcels.geometry.area
    completed = {
        pid for pid, state in truth["states"].items() if state not in {"building", "suspended", "public"}
    }
    works = [
        pid for pid in coefficient.dropna().index if pid in completed and pd.notna(parcels["行业代码"][pid])
    ]
    low = {pid for pid in works if coefficient[pid] < 0.30}
    assert low == planted(truth, "underbuilt")
    ordinary = [pid for pid in works if pid not in low]
    assert coefficient[ordinary].min() > 0.40
    assert (far[ordinary] > parcels.loc[ordinary, "规划容积率"]).all()
    assert (rows["层高"] == 8.0).any()


def test_nothing_stands_on_land_said_to_be_vacant(truth, buildings):
    empty = {
        pid
        for pid, state in truth["states"].items()
        if state in {"vacant", "reserve", "approved", "conflict_bare"}
    }
    assert len(empty) > 40
    assert not empty & set(buildings["parcel"])


def test_silent_works_use_no_electricity(truth, parcels):
    meters = (
        pd.read_excel(DATA / "ledger" / "meters.xlsx", engine="openpyxl")
        .groupby("企业代码")["用电量(千瓦时)"]
        .sum()
    )
    occupancy = pd.read_excel(DATA / "ledger" / "occupancy.xlsx", engine="openpyxl")
    silent = occupancy[occupancy["企业代码"].map(meters) == 0]
    bare = {
        e["parcel_id"] for e in truth["planted"]["evidence_conflict"] if e["case"].startswith("ledger_boasts")
    }
    assert set(silent["宗地代码"]) == planted(truth, "built_not_producing") | bare
    assert set(silent["宗地代码"]) <= set(parcels.index)


def test_class_three_industry_neighbours_housing_only_where_planted(truth, parcels):
    dirty = parcels[parcels["用途代码"] == "100103"]
    homes = parcels[parcels["用途代码"] == "0701"]
    pairs = {
        (a, b)
        for a in dirty.index
        for b in homes.index
        if dirty.geometry[a].distance(homes.geometry[b]) < 100.0
    }
    assert len(pairs) == 1
    assert set(next(iter(pairs))) == planted(truth, "incompatible_neighbour")


def test_planned_use_differs_only_where_planted(truth, parcels):
    plan = gpd.read_file(DATA / "plan" / "plan.gpkg", layer="规划")
    spots = parcels.geometry.representative_point().to_numpy()
    at, inside = shapely.STRtree(plan.geometry.to_numpy()).query(spots, predicate="within")
    codes = pd.Series(plan["规划用途代码"].to_numpy()[inside], index=parcels.index[at])
    differs = codes.index[codes != parcels["用途代码"].reindex(codes.index)]
    assert set(differs) == planted(truth, "plan_conflict")
