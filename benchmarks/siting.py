"""Fit of 100 000 parcels × 100 industries, and a site search among them, against plain pandas.

The peer does what an office's script does: one industry after the other, each gate a comparison of a column, missing taken care of, the score a
sum of columns. It answers verdict and score alone. Run: python benchmarks/siting.py
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd

from parkgeo.packs import load_packs
from parkgeo.planning.siting import Terms, fit, industry_needs, read_brief, search, site_table
from parkgeo.planning.siting.gates import Offer

PARCELS, INDUSTRIES, ROUNDS = 100_000, 100, 3
_COLUMNS = {
    "power_kva": 8000.0, "water_m3_per_day": 2000.0, "gas_m3_per_h": 400.0, "height_m": 60.0, "floor_load_t_m2": 4.0, "access_score": 100.0,
    "travel_min_motorway_ramp": 40.0, "sensitive_m": 900.0,
}  # fmt: skip


def parcels() -> pd.DataFrame:
    """A made-up park; one figure in twenty is missing."""
    chance = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "parcel_id": [f"P{at:06d}" for at in range(PARCELS)],
            "site_area_m2": chance.uniform(2000, 80_000, PARCELS),
        }
    )
    frame["net_area_m2"] = frame["site_area_m2"] * chance.uniform(0.5, 1, PARCELS)
    frame["rectangle_long_m"] = chance.uniform(50, 250, PARCELS)
    frame["rectangle_short_m"] = frame["rectangle_long_m"] * chance.uniform(0.3, 1, PARCELS)
    frame["use_code"] = chance.choice(["100101", "100102", "1101", "0701"], PARCELS)
    frame["services_ready"] = chance.integers(0, 8, PARCELS).astype(float)
    for name, most in _COLUMNS.items():
        frame[name] = np.where(chance.random(PARCELS) < 0.05, np.nan, chance.uniform(0, most, PARCELS))
    return frame


def plainly(sites: pd.DataFrame, needs: list, terms: Terms) -> list[tuple[pd.Series, pd.Series]]:
    """Verdict and score of each industry with pandas."""
    found = []
    for one in needs:
        gates = [
            (sites["net_area_m2"], one.area_m2, 1), (sites["height_m"], one.height_m, 1), (sites["power_kva"], one.power_kva, 1),
            (sites["water_m3_per_day"], one.water_m3_per_day, 1), (sites["gas_m3_per_h"], one.gas_m3_per_h, 1),
            (sites["floor_load_t_m2"], one.floor_load_t_m2, 1), (sites["sensitive_m"], one.separation_m, 1),
            *((sites[f"travel_min_{kind}"], minutes, -1) for kind, minutes in one.travel_max_min.items()),
        ]  # fmt: skip
        no, unsure = ~sites["use_code"].str.startswith(one.uses), pd.Series(data=False, index=sites.index)
        level = sites["use_code"].map(terms.hazard_classes)
        no |= level < one.hazard_class
        unsure |= level.isna() & (one.hazard_class > 1)
        for has, needed, sign in gates:
            if needed == needed:  # noqa: PLR0124 - NaN is not asked for
                no |= sign * has < sign * needed
                unsure |= has.isna()
        long, short = one.rectangle_m
        room = (sites["rectangle_long_m"] >= long) & (sites["rectangle_short_m"] >= short)
        small = (sites["rectangle_long_m"] * sites["rectangle_short_m"]) < 0.99 * long * short
        no |= ~room & small
        unsure |= ~room & ~small
        parts = {
            "access_score": sites["access_score"], "services_ready": sites["services_ready"] / 7 * 100, "net_share": sites["net_area_m2"] / sites["area_m2"] * 100,
            "travel": sum((1 - sites[f"travel_min_{kind}"] / most).clip(0, 1) * 100 for kind, most in one.travel_max_min.items()) / max(len(one.travel_max_min), 1),
            "rectangle": (sites["rectangle_long_m"] * sites["rectangle_short_m"] / (long * short) - 1).clip(0, 1) * 100,
            "economy": (one.area_m2 / sites["net_area_m2"]).clip(0, 1) * 100,
        }  # fmt: skip
        total = sum(terms.weights[name] * values.fillna(0) for name, values in parts.items())
        known = sum(terms.weights[name] * values.notna() for name, values in parts.items())
        verdict = pd.Series(1, index=sites.index).mask(unsure, -1).mask(no, 0)
        found.append((verdict, total / known))
    return found


def main() -> None:
    """Print the seconds of each, the least of some rounds, and their ratio."""
    rules = load_packs(["national"], Path())
    terms, shipped = Terms.of(rules), list(industry_needs(rules).values())
    needs = (shipped * (INDUSTRIES // len(shipped) + 1))[:INDUSTRIES]
    start = time.perf_counter()
    sites = site_table(parcels())
    print(f"table of {PARCELS} sites: {time.perf_counter() - start:.2f} s")
    ours, peer = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        matrix = fit(sites, needs, terms=terms)
        ours.append(time.perf_counter() - start)
    start = time.perf_counter()
    plain = plainly(sites, needs[: len(shipped)], terms)
    peer.append((time.perf_counter() - start) * INDUSTRIES / len(shipped))
    same = all((matrix.verdict[:, at] == plain[at][0].to_numpy()).all() for at in range(len(shipped)))
    near = max(float(np.nanmax(np.abs(matrix.score[:, at] - plain[at][1]))) for at in range(len(shipped)))
    print(
        f"fit, {PARCELS} × {INDUSTRIES}: {min(ours):.2f} s; pandas, one industry after the other: {min(peer):.2f} s (scaled from {len(shipped)})"
    )
    print(f"same verdicts: {same}; scores differ by at most {near:.1e}")
    offer = Offer.of(sites)
    for written in ({"industry": "machinery"}, {"needs": {"area": "3000 m2"}}):
        brief = read_brief(written, rules)
        start = time.perf_counter()
        found = search(sites, brief, terms=terms, offer=offer).as_dict("zh")
        print(
            f"search among {found['counts']['asked']} sites, {found['counts']['fit']} fit: {time.perf_counter() - start:.2f} s, with the words"
        )


if __name__ == "__main__":
    main()
