"""Verdicts and indicators of a million parcels from their columns: seconds and peak memory of each stage of the analysis.

Run: ``python benchmarks/verdicts.py [parcels] [--profile STAGE]``. All layers but those that are overlaid: parcels, their ledger and
delays, a tenth as many companies with their tenancies, three years of returns and twelve months of meters, and two images'
figures. The mix is that of an office whose land is mostly in order: a few parcels in a hundred have a finding. Geometry takes no
part: areas, built form, the boundary's rules and the ground account are made up, every parcel has the same outline, and there are
no buildings, plan, constraints, roads and mains. Seconds are CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import pstats
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from parkgeo.assess.contracts import contracts_of
from parkgeo.assess.findings import findings_frame
from parkgeo.assess.gaps import gaps_frame
from parkgeo.layers import Layers
from parkgeo.packs import load_packs
from parkgeo.pipeline.analysis import STAGES
from parkgeo.pipeline.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

AS_OF = dt.date(2026, 6, 30)
CRS = 4528
UNTIMED = ("areas", "built_form", "boundary", "access", "services", "scenarios")
"""Stages that measure ground; what the first three leave is made up, what the others would leave is left out."""
COMPANY_SHARE, METERED_SHARE = 0.1, 0.2
"""Companies a parcel, and how many of these have meters that are read."""
M2_PER_MU = 2000 / 3


def days(rng: np.random.Generator, first: str, last: str, count: int) -> np.ndarray:
    """Random days between two."""
    low, high = (np.datetime64(day, "D") for day in (first, last))
    found = low + rng.integers(0, int((high - low).astype(int)), count).astype("timedelta64[D]")
    return found.astype("datetime64[s]")


def where(held: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Days where something holds, else none."""
    return np.where(held, values, np.datetime64("NaT", "s"))


def ledger(ids: np.ndarray, areas: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """A supply ledger: nearly all completed, one in fifty being built, one in a hundred not started, one in two hundred suspended."""
    count = len(ids)
    kind = rng.random(count)
    completed, building, stopped = kind < 0.965, (kind >= 0.965) & (kind < 0.985), kind >= 0.995
    agreed = days(rng, "2005-01-01", "2019-01-01", count)
    agreed = np.where(building, days(rng, "2025-01-01", "2026-03-01", count), agreed)
    started = where(
        completed | building | stopped, agreed + rng.integers(0, 90, count).astype("timedelta64[D]")
    )
    delayed = rng.random(count) < 0.03
    invested = rng.integers(3_000, 90_000, count).astype(float)
    return pd.DataFrame(
        {
            "parcel_id": ids,
            "contract_id": np.char.add("C", ids),
            "supply_status": pd.array(["supplied", "reserve"], dtype="str").take((rng.random(count) > 0.99).astype(int)),
            "supply_mode": "grant",
            "approved_on": agreed - np.timedelta64(500, "D"),
            "contract_on": agreed - np.timedelta64(300, "D"),
            "handover_on": agreed - np.timedelta64(200, "D") + rng.integers(0, 90, count).astype("timedelta64[D]"),
            "agreed_start": agreed,
            "permit_on": where(completed | building, started - np.timedelta64(10, "D")),
            "actual_start": started,
            "agreed_completion": agreed + np.timedelta64(900, "D"),
            "actual_completion": where(completed, started + np.timedelta64(700, "D")),
            "suspended_since": where(stopped, started + np.timedelta64(300, "D")),
            "government_delay_days": np.where(delayed, rng.integers(1, 500, count), 0.0),
            "government_delay_cause": pd.array(["拆迁", None], dtype="str").take((~delayed).astype(int)),
            "price_wan": np.round(areas * rng.uniform(0.03, 0.06, count)),
            "supplied_area_m2": areas,
            "developed_area_m2": np.where(np.isnat(started), np.nan, np.round(areas * np.where(completed, rng.uniform(0.8, 1.0, count), 0.2))),
            "agreed_investment_wan": invested,
            "invested_wan": np.where(completed, invested * rng.uniform(0.9, 1.3, count), invested * 0.1),
            "agreed_output_wan_per_mu": rng.integers(100, 282, count).astype(float),
            "agreed_tax_wan_per_mu": rng.integers(5, 15, count).astype(float),
            "unreadable": pd.array(["", "actual_start"], dtype="str").take((rng.random(count) < 0.0005).astype(int)),
            "source_file": "supply.xlsx",
            "source_row": np.arange(2, count + 2),
        }
    )  # fmt: skip


def delays(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Dated delays of one parcel in ten, two rows each."""
    held = np.repeat(rng.choice(ids, len(ids) // 10, replace=False), 2)
    begins = days(rng, "2005-01-01", "2018-01-01", len(held))
    return pd.DataFrame(
        {
            "parcel_id": held,
            "from_on": begins,
            "to_on": begins + rng.integers(0, 300, len(held)).astype("timedelta64[D]"),
            "cause": rng.choice(["not_delivered", "plan_change", "petition", "绿化"], len(held)),
            "document": "政函〔2014〕1号",
            "source_file": "delays.xlsx",
            "source_row": np.arange(2, len(held) + 2),
        }
    )


def companies(ids: np.ndarray, areas: np.ndarray, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Companies, who is on which parcel since when, and what they file: each yields about 400 万元 of output and 25 of tax a mu."""
    count, parcels = max(int(len(ids) * COMPANY_SHARE), 1), len(ids)
    names = np.char.add("91330000MA", np.char.zfill(np.arange(count).astype(str), 8))
    holder = rng.integers(0, count, parcels)
    occupancy = pd.DataFrame(
        {
            "enterprise_id": names[holder],
            "parcel_id": ids,
            "occupied_area_m2": areas,
            "from_on": days(rng, "2004-01-01", "2012-01-01", parcels),
            "to_on": where(rng.random(parcels) < 0.01, days(rng, "2026-07-01", "2030-01-01", parcels)),
            "tenure": pd.array(["own", "rent"], dtype="str").take((rng.random(parcels) < 0.1).astype(int)),
            "source_file": "occupancy.xlsx",
            "source_row": np.arange(2, parcels + 2),
        }
    )
    mu = np.bincount(holder, weights=areas, minlength=count) / M2_PER_MU
    enterprises = pd.DataFrame(
        {
            "enterprise_id": names,
            "name": np.char.add("企业", names),
            "industry_code": rng.choice(["1310", "2652", "3311", "3484", "3812", "3912", "C4011"], count),
            "scale": rng.choice(["规上", "规下"], count),
            "source_file": "enterprises.xlsx",
            "source_row": np.arange(2, count + 2),
        }
    )

    def yearly(year: int) -> pd.DataFrame:
        output = mu * rng.uniform(280, 520, count)
        power = output * rng.uniform(80, 120, count)
        return pd.DataFrame(
            {
                "enterprise_id": names, "year": year, "month": np.nan,
                "output_wan": output, "value_added_wan": output * 0.25, "revenue_wan": output * 0.98,
                "tax_wan": output * rng.uniform(0.05, 0.08, count), "fixed_assets_wan": mu * rng.uniform(200, 500, count),
                "rd_wan": output * 0.02, "energy_tce": output * 0.05, "electricity_kwh": power, "water_m3": output * 3,
                "emission_t": output * 0.001, "staff": np.round(output / 80), "capacity_use": rng.uniform(0.6, 1.0, count),
            }
        )  # fmt: skip

    read = rng.permutation(count)[: int(count * METERED_SHARE)]
    months = [
        pd.DataFrame(
            {
                "enterprise_id": names[read], "year": year, "month": float(month),
                "electricity_kwh": mu[read] * rng.uniform(2_500, 3_500, len(read)), "water_m3": mu[read] * rng.uniform(80, 120, len(read)),
            }
        )
        for year, month in [(2025, month) for month in range(7, 13)] + [(2026, month) for month in range(1, 7)]
    ]  # fmt: skip
    performance = pd.concat([*(yearly(year) for year in (2023, 2024, 2025)), *months], ignore_index=True)
    performance["source_file"] = "returns.xlsx"
    performance["source_row"] = np.arange(2, len(performance) + 2)
    return {"enterprises": enterprises, "occupancy": occupancy, "performance": performance}


def pixels(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Figures of two images."""
    count = len(ids)

    def seen(day: str) -> pd.DataFrame:
        built = np.where(rng.random(count) < 0.995, rng.uniform(0.6, 0.9, count), 0.02)
        return pd.DataFrame(
            {
                "parcel_id": ids, "imagery_on": np.full(count, np.datetime64(day, "s")), "valid_share": 0.99,
                "ndvi": rng.uniform(0.1, 0.3, count), "ndbi": rng.uniform(0.0, 0.2, count), "bsi": rng.uniform(0.0, 0.2, count),
                "built_share": built, "vegetated_share": (1 - built) / 2, "bare_share": (1 - built) / 2, "water_share": 0.0,
                "source_file": f"{day}.tif",
            }
        )  # fmt: skip

    return pd.concat([seen("2024-05-12"), seen("2026-05-17")], ignore_index=True)


def as_read(table: pd.DataFrame) -> pd.DataFrame:
    """Texts as the reader leaves them: objects of Python, but for the name of the file."""
    texts = [name for name in table.select_dtypes("str") if name != "source_file"]
    return table.astype(dict.fromkeys(texts, object))


def park_of(count: int) -> tuple[Layers, pd.DataFrame, pd.DataFrame]:
    """A park of so many parcels; what the stages that measure ground would leave of it; and the figures of its images."""
    rng = np.random.default_rng(53)
    ids = np.char.zfill(np.arange(count).astype(str), 19)
    areas = rng.integers(5_000, 200_000, count).astype(float)
    outline = box(0.0, 0.0, 100.0, 100.0)
    parcels = gpd.GeoDataFrame(
        {
            "parcel_id": ids,
            "park_id": "P",
            "holder": np.char.add("公司", ids),
            "land_use_code": rng.choice(["100101", "1001", "1101", "1207", "1402"], count, p=[0.45, 0.45, 0.05, 0.03, 0.02]),
            "registered_area_m2": areas,
            "planned_far": 2.0,
            "source_file": "parcels.shp",
            "source_row": np.arange(1, count + 1),
        },
        geometry=np.full(count, outline, dtype=object),
        crs=CRS,
    )  # fmt: skip
    parks = gpd.GeoDataFrame({"park_id": ["P"], "source_file": [""]}, geometry=[outline], crs=CRS)
    supply = ledger(ids, areas, rng)
    built = supply["actual_completion"].notna().to_numpy()
    density, far = np.where(built, 0.5, 0.0), np.where(built, rng.uniform(1.2, 2.0, count), 0.0)
    far = np.where(rng.random(count) < 0.005, far / 4, far)
    measured = pd.DataFrame(
        {
            "site_area_m2": areas, "registered_area_m2": areas, "area_difference_ratio": 0.0,
            "footprint_m2": areas * density, "completed_footprint_m2": areas * density, "floor_area_m2": areas * far,
            "far": far, "building_density": density, "building_coefficient": density + 0.05 * built,
        }
    )  # fmt: skip
    tables = {"supply": supply, "delays": delays(ids, rng), **companies(ids, areas, rng)}
    made = Layers(
        parks=parks, parcels=as_read(parcels), **{name: as_read(table) for name, table in tables.items()}
    )
    return made, measured, pixels(ids, rng)


def account_of(parcels: gpd.GeoDataFrame, parks: gpd.GeoDataFrame) -> pd.DataFrame:
    """In place of the ground account: parcels that fill the park."""
    whole = float(parcels["site_area_m2"].sum())
    row = {"boundary_m2": whole, "parcels_m2": whole} | dict.fromkeys(
        ("outside_m2", "outside_parcels", "repeated_m2", "repeated_parcels", "bare_m2"), 0.0
    )
    return pd.DataFrame([row], index=pd.Index(parks["park_id"].astype(str), name="park_id"))


def peak_mb() -> float:
    """Most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def made_later(desk: Desk) -> dict[str, Callable[[], pd.DataFrame]]:
    """What the stages left to be made when it is written."""
    found = desk.found
    words = {f"words {at}": make for at, make in enumerate(found.words)}
    tables = {name: table for name, table in found.tables.items() if callable(table)}
    return {
        **words,
        **tables,
        "findings": lambda: findings_frame(found.findings, desk.parcels.crs),
        "gaps": lambda: gaps_frame(found.gaps),
    }


def main() -> None:
    """Time the stages one after the other, each on the desk that the former left."""
    options = argparse.ArgumentParser()
    options.add_argument("parcels", nargs="?", type=int, default=1_000_000)
    options.add_argument("--profile", default="", help="stage or table whose costliest functions are listed")
    asked = options.parse_args()
    made, measured, images = park_of(asked.parcels)
    print(f"{asked.parcels} parcels; data {peak_mb():.0f} MB")
    rules = load_packs(["national"], Path())
    began = first = time.process_time()
    contracts = contracts_of(made.parcels, made.supply)
    parcels = made.parcels.drop(columns=[name for name in measured if name in made.parcels]).join(measured)
    desk = Desk(made, rules, AS_OF, parcels, made.parks.assign(site_area_m2=float(measured["site_area_m2"].sum())), contracts, images)  # fmt: skip
    print(f"{'contracts':<12} {time.process_time() - began:6.2f} s  peak {peak_mb():6.0f} MB")
    with mock.patch("parkgeo.pipeline.park.ground_account", account_of):
        for stage in STAGES:
            if stage.__name__ in UNTIMED:
                continue
            profile = cProfile.Profile()
            began = time.process_time()
            if stage.__name__ == asked.profile:
                profile.enable()
            desk = desk.take(stage(desk))
            took = time.process_time() - began
            if stage.__name__ == asked.profile:
                profile.disable()
                pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
            print(f"{stage.__name__:<12} {took:6.2f} s  peak {peak_mb():6.0f} MB")
    print(f"{'verdicts and indicators':<24} {time.process_time() - first:6.2f} s  peak {peak_mb():6.0f} MB")
    first = time.process_time()
    for name, make in made_later(desk).items():
        began = time.process_time()
        profile = cProfile.Profile()
        if name == asked.profile:
            profile.enable()
        rows = len(make())
        if name == asked.profile:
            profile.disable()
            pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
        print(f"  {name:<16} {time.process_time() - began:6.2f} s  peak {peak_mb():6.0f} MB  {rows} rows")
    print(f"{'what people read':<24} {time.process_time() - first:6.2f} s  peak {peak_mb():6.0f} MB")


if __name__ == "__main__":
    main()
