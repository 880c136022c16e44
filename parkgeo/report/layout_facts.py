"""What a snapshot says of layout and of conflicts, of the whole park or of one of several, as plain values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.errors import NotFoundError, name_some
from parkgeo.i18n import LANGUAGES
from parkgeo.report.rows import plain_rows

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["CONFLICTS", "SHARES", "layout_summary"]

CONFLICTS = ("incompatible_neighbour", "plan_conflict", "constraint_conflict")
"""Codes of the findings, in the order in which they are shown."""

SHARES = ("production_share", "living_share", "service_share", "green_share", "other_share")
"""Indicators whose benchmark may have two ends, which its words tell."""

_INDICATORS = (
    *SHARES, "use_mix_entropy", "road_density_km_per_km2",
    "intersections_per_km2", "blocks", "block_area_median_ha", "oversized_blocks", "effective_mesh_ha", "frontage_share", "frontage_mean_m",
    "building_orientation_spread",
)  # fmt: skip
_SAID = ("name", "value", "unit", "low", "high", "benchmark", "benchmark_source", "verified")
_OTHER = {
    "incompatible_neighbour": "neighbour",
    "plan_conflict": "planned_use_code",
    "constraint_conflict": "constraint_id",
}
_IN_WORDS = (
    *(f"value_{lang}" for lang in LANGUAGES),
    *(f"benchmark_{lang}" for lang in LANGUAGES),
    *LANGUAGES,
)


def layout_summary(snapshot: Snapshot, park: str = "") -> dict[str, Any]:
    """Indicators of layout, and the conflicts, worst first.

    Parameters
    ----------
    snapshot
        The analysis; what it lacks is empty.
    park
        Id of one park; all without one.

    Returns
    -------
    dict
        ``parks``: of each, ``indicators`` (as in the table of indicators), ``blocks`` (how many are oversized, undetermined).
        ``conflicts``: of each code, parcels by verdict. ``worst``: a row for each parcel and what it clashes with, by how many times
        the limit it is: ``code``, ``parcel_id``, ``other``, ``observed``, ``threshold``, ``unit``, ``verified``, reasons. ``gaps``: why an
        indicator or a conflict is not known, or not of the whole park: ``field``, what to ask for in each language.

    Raises
    ------
    NotFoundError
        No park has that id.
    """
    parks = snapshot.read("parks")
    ids = parks["park_id"].astype(str)
    if park and park not in set(ids):
        raise NotFoundError(f"no park {park!r}", where=snapshot.name, mend=f"the parks: {name_some(ids)}")
    chosen = [park] if park else ids.tolist()
    parcels = snapshot.read("parcels")
    parcels = parcels[parcels["park_id"].astype(str).isin(chosen)]
    return {
        "snapshot": snapshot.name,
        "as_of": snapshot.as_of.isoformat(),
        "park": snapshot.manifest.get("park", ""),
        "parks": [_park(snapshot, each) for each in chosen],
        "conflicts": {code: parcels[code].value_counts().to_dict() for code in CONFLICTS if code in parcels},
        "worst": _worst(snapshot, chosen),
        "gaps": _gaps(snapshot),
    }


def _gaps(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What to ask for, in the order in which the figures are shown; what single parcels lack stands in the table of gaps."""
    order = [*_INDICATORS, *CONFLICTS]
    gaps = snapshot.read("gaps")
    whole = gaps[gaps["parcel_id"].isna() & gaps["field"].isin(order)]
    whole = whole.sort_values("field", key=lambda names: names.map(order.index), kind="stable")
    return plain_rows(whole[["field", "ask_zh", "ask_en"]].drop_duplicates().to_dict(orient="records"))


def _park(snapshot: Snapshot, park: str) -> dict[str, Any]:
    table = snapshot.read("indicators")
    own = table[table["park_id"].astype(str) == park].drop_duplicates("name").set_index("name", drop=False)
    rows = own.loc[[name for name in _INDICATORS if name in own.index], [*_SAID, *_IN_WORDS]]
    told: dict[str, Any] = {"park_id": park, "indicators": plain_rows(rows.to_dict(orient="records"))}
    if "blocks" in snapshot.tables:
        blocks = snapshot.read("blocks")
        verdicts = blocks.loc[blocks["park_id"].astype(str) == park, "oversized"]
        told["blocks"] = {
            "blocks": len(verdicts), **{one: int((verdicts == one).sum()) for one in ("yes", "undetermined")}
        }  # fmt: skip
    return told


def _worst(snapshot: Snapshot, parks: list[str]) -> list[dict[str, Any]]:
    found = snapshot.read("findings")
    here = found["park_id"].astype(str).isin(parks) & found["code"].isin(CONFLICTS)
    found = found[here & (found["verdict"] == "yes")]
    rank = _rank(found)
    order = np.lexsort((found["finding_id"].astype(str), -rank))
    rows = [
        {"other": _other(str(row["code"]), json.loads(str(row["evidence"])))} | row
        for row in found.iloc[order].drop(columns="geometry").to_dict(orient="records")
    ]
    keep = ("code", "parcel_id", "other", "park_id", "observed", "threshold", "unit", "severity", "verified", "reason_zh", "reason_en")  # fmt: skip
    return plain_rows([{name: row[name] for name in keep} for row in rows])


def _rank(found: pd.DataFrame) -> Any:
    """How far beyond its limit each finding is: the share of a distance that is lacking, else how many times the limit; high ones first."""
    observed, limit = (found[name].to_numpy(dtype=np.float64) for name in ("observed", "threshold"))
    with np.errstate(divide="ignore", invalid="ignore"):
        lacking, times = 1 - observed / limit, 1 - limit / observed
    beyond = np.where(found["code"] == CONFLICTS[0], lacking, times)
    high = (found["severity"] == "high").to_numpy(dtype=bool)
    return np.nan_to_num(beyond) + high


def _other(code: str, evidence: list[dict[str, Any]]) -> Any:
    """What the parcel clashes with."""
    return next((line["value"] for line in evidence if line.get("what") == _OTHER[code]), None)
