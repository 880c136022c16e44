"""The made-up snapshot as it is where the office delivered no supply ledger: no verdict on idle land can be given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.store import Snapshot, Workspace
from tests.snapshot_builder import AS_OF, build_snapshot

if TYPE_CHECKING:
    from pathlib import Path

_OF_THE_LEDGER = (
    "supply_status", "supply_mode", "price_wan", "agreed_start", "actual_start", "handover_on", "government_delay_days",
)  # fmt: skip
LAYER_GAPS = (
    ("idle_not_started", "缺少图层“供地台账”。", "The layer Supply ledger is missing."),
    ("far", "建筑没有层数。", "The buildings have no floors."),
    ("tax_wan_per_mu", "缺少图层“企业申报”。", "The layer Company returns is missing."),
)
"""Field, and what to ask for, of the gaps that hold for all parcels."""


def build_without_ledger(folder: Path, *, parcels: int = 12) -> Snapshot:
    """Publish it into a workspace: all verdicts undetermined, no taxes at all, a floor area ratio on some parcels only."""
    sample = build_snapshot(folder, parcels=parcels)
    tables = {name: sample.read(name) for name in sample.tables if name != "supply"}
    plots = tables["parcels"].drop(columns=list(_OF_THE_LEDGER))
    plots[["idle", "idle_not_started"]] = "undetermined"
    plots["tax_wan_per_mu"] = float("nan")
    plots[["idle_since", "idle_days", "idle_fee_wan"]] = None
    plots["verdict_reason_zh"] = "无法判定：没有供地台账。"
    plots["verdict_reason_en"] = "Undetermined: there is no supply ledger."
    tables["parcels"] = plots
    tables["findings"] = tables["findings"].query("code == 'area_mismatch'").reset_index(drop=True)
    tables["gaps"] = pd.DataFrame([
        {"table": "parcels", "parcel_id": None, "field": field, "ask_zh": zh, "ask_en": en} for field, zh, en in LAYER_GAPS
    ])  # fmt: skip
    catalogue = json.loads((sample.path / "catalogue.json").read_text(encoding="utf-8"))
    catalogue["findings"]["area_mismatch"] |= {"kind": "setting", "verified": False}
    manifest = {key: sample.manifest[key] for key in ("version", "park", "crs", "packs", "inputs")}
    return Workspace(folder).publish(
        AS_OF, tables, catalogue, {**manifest, "layers_missing": ["supply", "imagery"]}
    )
