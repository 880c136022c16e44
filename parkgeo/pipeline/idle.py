"""Stage: statutory idleness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.assess import not_started
from parkgeo.assess.findings import idle_findings, idle_sentences
from parkgeo.layers import schema
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from parkgeo.pipeline.desk import Desk

__all__ = ["idle"]

_JOINED = (
    "supply_status", "supply_mode", "contract_id", "price_wan", "approved_on", "contract_on", "handover_on", "agreed_start",
    "actual_start", "agreed_completion", "actual_completion", "suspended_since", "government_delay_days",
    "government_delay_cause", "developed_area_m2", "agreed_investment_wan", "invested_wan",
)  # fmt: skip


def idle(desk: Desk) -> Part:
    """Each parcel's contract and its verdict by Order 53."""
    contracts = desk.contracts
    judged = not_started(desk.parcels, desk.layers.supply, desk.rules, desk.as_of)
    reasons = idle_sentences(judged, contracts, desk.rules, desk.as_of, schema("supply"))
    results = pd.concat(
        [
            contracts[[name for name in _JOINED if name in contracts]],
            judged["verdict"].rename("idle_not_started"),
            judged["verdict"].rename("idle"),
            judged["idle_from"].where(judged["verdict"] == "yes").rename("idle_since"),
            judged["days"].where(judged["verdict"] == "yes").rename("idle_days"),
            judged["fee_wan"].rename("idle_fee_wan"),
            judged["consequence"].rename("idle_consequence"),
            reasons.rename(columns={"zh": "verdict_reason_zh", "en": "verdict_reason_en"}),
        ],
        axis=1,
    )
    texts = ["idle_not_started", "idle", "idle_consequence", "verdict_reason_zh", "verdict_reason_en"]
    results[texts] = results[texts].astype("str").where(results[texts].notna(), None)
    return Part(results, findings=[*idle_findings(desk.parcels, judged, contracts, reasons, desk.rules)])
