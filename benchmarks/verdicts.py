"""Verdicts of a million parcels from their columns: seconds and peak memory of each stage of the analysis.

Run: ``python benchmarks/verdicts.py [parcels] [stage …]``. Geometry takes no part: every parcel has the same outline, and
the stages that measure ground are not among those timed. A stage is named as in ``parkgeo.pipeline.analysis.STAGES``; add
yours to `TIMED`, and what it reads to `layers`.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from parkgeo.assess.contracts import contracts_of
from parkgeo.layers import Layers
from parkgeo.packs import load_packs
from parkgeo.pipeline.analysis import STAGES
from parkgeo.pipeline.desk import Desk

AS_OF = dt.date(2026, 6, 30)
CRS = 4528
TIMED = ("idle",)
"""Stages timed unless others are named."""


def days(rng: np.random.Generator, first: str, last: str, count: int, *, blank: float = 0.0) -> np.ndarray:
    """Random days between two, some of them blank."""
    low, high = (np.datetime64(day, "D") for day in (first, last))
    found = low + rng.integers(0, int((high - low).astype(int)), count).astype("timedelta64[D]")
    found[rng.random(count) < blank] = np.datetime64("NaT")
    return found.astype("datetime64[s]")


def ledger(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """A supply ledger: four fifths completed, one tenth not started, one in twenty suspended."""
    count = len(ids)
    kind = rng.random(count)
    agreed = days(rng, "2012-01-01", "2026-06-01", count, blank=0.01)
    started = np.where(
        kind < 0.9, agreed + rng.integers(0, 400, count).astype("timedelta64[D]"), np.datetime64("NaT")
    )
    completed = np.where(kind < 0.8, started + np.timedelta64(700, "D"), np.datetime64("NaT"))
    suspended = np.where(kind >= 0.85, started + np.timedelta64(300, "D"), np.datetime64("NaT"))
    delayed = rng.random(count) < 0.03
    area = rng.integers(5_000, 200_000, count).astype(float)
    return pd.DataFrame(
        {
            "parcel_id": ids,
            "contract_id": np.char.add("C", ids),
            "supply_status": pd.Categorical.from_codes(
                (rng.random(count) > 0.95).astype(int), ["supplied", "reserve"]
            ).astype("str"),
            "approved_on": agreed - np.timedelta64(500, "D"),
            "contract_on": agreed - np.timedelta64(300, "D"),
            "handover_on": agreed - np.timedelta64(200, "D") + rng.integers(0, 260, count).astype("timedelta64[D]"),
            "agreed_start": agreed,
            "permit_on": started,
            "actual_start": started,
            "actual_completion": completed,
            "suspended_since": suspended,
            "government_delay_days": np.where(delayed, rng.integers(1, 500, count), 0.0),
            "government_delay_cause": np.where(delayed, "拆迁", None),
            "price_wan": rng.integers(300, 30_000, count).astype(float),
            "supplied_area_m2": area,
            "developed_area_m2": np.where(np.isnat(started), np.nan, area * rng.random(count)),
            "agreed_investment_wan": rng.integers(3_000, 90_000, count).astype(float),
            "invested_wan": rng.integers(500, 90_000, count).astype(float),
            "unreadable": np.where(rng.random(count) < 0.001, "actual_start", ""),
            "source_file": "supply.xlsx",
            "source_row": np.arange(2, count + 2),
        }
    )  # fmt: skip


def delays(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Dated delays of one parcel in ten, two rows each."""
    held = np.repeat(rng.choice(ids, len(ids) // 10, replace=False), 2)
    begins = days(rng, "2015-01-01", "2026-06-01", len(held))
    return pd.DataFrame(
        {
            "parcel_id": held,
            "from_on": begins,
            "to_on": begins + rng.integers(0, 300, len(held)).astype("timedelta64[D]"),
            "cause": rng.choice(["not_delivered", "plan_change", "petition", "绿化"], len(held)),
            "document": np.where(rng.random(len(held)) < 0.9, "政函〔2024〕1号", None),
            "source_file": "delays.xlsx",
            "source_row": np.arange(2, len(held) + 2),
        }
    )


def layers(count: int) -> Layers:
    """A park of so many parcels, with what the timed stages read."""
    rng = np.random.default_rng(53)
    ids = np.char.zfill(np.arange(count).astype(str), 19)
    outline = box(0.0, 0.0, 100.0, 100.0)
    parcels = gpd.GeoDataFrame(
        {
            "parcel_id": ids,
            "park_id": "P",
            "land_use_code": rng.choice(["100101", "1001", "1101", "1207", "1402"], count, p=[0.4, 0.4, 0.1, 0.05, 0.05]),
            "registered_area_m2": rng.integers(5_000, 200_000, count).astype(float),
            "site_area_m2": rng.integers(5_000, 200_000, count).astype(float),
            "source_file": "parcels.shp",
            "source_row": np.arange(1, count + 1),
        },
        geometry=np.full(count, outline, dtype=object),
        crs=CRS,
    )  # fmt: skip
    parks = gpd.GeoDataFrame({"park_id": ["P"], "source_file": [""]}, geometry=[outline], crs=CRS)
    return Layers(parks=parks, parcels=parcels, supply=ledger(ids, rng), delays=delays(ids, rng))


def peak_mb() -> float:
    """Most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Time the stages one after the other, each on the desk that the former left."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    names = tuple(sys.argv[2:]) or TIMED
    made = layers(count)
    print(f"{count} parcels; data {peak_mb():.0f} MB")
    began = time.process_time()
    contracts = contracts_of(made.parcels, made.supply)
    print(f"{'contracts':<12} {time.process_time() - began:6.2f} s  peak {peak_mb():6.0f} MB")
    rules = load_packs(["national"], Path())
    desk = Desk(made, rules, AS_OF, made.parcels, made.parks, contracts)
    for stage in STAGES:
        if stage.__name__ in names:
            began = time.process_time()
            part = stage(desk)
            took = time.process_time() - began
            desk = desk.take(part)
            found = sum(1 if isinstance(each, dict) else len(each) for each in part.findings)
            print(f"{stage.__name__:<12} {took:6.2f} s  peak {peak_mb():6.0f} MB  {found} findings")


if __name__ == "__main__":
    main()
