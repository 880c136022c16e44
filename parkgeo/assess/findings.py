"""Verdicts → findings: a row for every yes and every undetermined, with what it rests on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from parkgeo.assess.codes import CODES
from parkgeo.assess.wording import date_text, not_started_sentence

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from parkgeo.layers import LayerSchema
    from parkgeo.packs import RuleBook

__all__ = ["FINDING_COLUMNS", "evidence", "findings_frame", "idle_findings", "idle_sentences"]

FINDING_COLUMNS = {
    "finding_id": "str", "parcel_id": "str", "park_id": "str", "code": "str", "verdict": "str", "severity": "str",
    "observed": "float64", "threshold": "float64", "unit": "str", "clause_zh": "str", "clause_en": "str",
    "source": "str", "verified": "bool", "since": "datetime64[s]", "evidence": "str", "missing": "str",
    "reason_zh": "str", "reason_en": "str",
}  # fmt: skip
"""Columns of the findings and their types."""

_EVIDENCE_FIELDS = (
    "supply_status", "contract_id", "agreed_start", "actual_start", "handover_on", "approved_on", "permit_on",
    "government_delay_days", "government_delay_cause", "price_wan",
)  # fmt: skip
_BY_CODE = {code.code: code for code in CODES}


def evidence(entries: list[dict[str, Any]]) -> str:
    """Evidence as JSON text: each entry says what, its value, and where it stands."""
    return json.dumps(entries, ensure_ascii=False, allow_nan=False)


def findings_frame(found: Iterable[dict[str, Any] | pd.DataFrame], crs: object) -> gpd.GeoDataFrame:
    """Findings as a frame, sorted by code, then parcel.

    Parameters
    ----------
    found
        One dictionary a finding, keys as in `FINDING_COLUMNS`, and ``geometry``; or frames of such rows.
    crs
        Of the geometry.

    Returns
    -------
    geopandas.GeoDataFrame
    """
    found = list(found)
    columns = [*FINDING_COLUMNS, "geometry"]
    single = pd.DataFrame([row for row in found if isinstance(row, dict)], columns=columns, dtype=object)
    frames = [frame[columns].astype(object) for frame in found if isinstance(frame, pd.DataFrame)]
    every = pd.concat([single, *frames], ignore_index=True)
    place = every["code"].map({code: at for at, code in enumerate(_BY_CODE)}).to_numpy()
    every = every.iloc[np.lexsort((every["finding_id"].astype("str").to_numpy(dtype=object), place))]
    every = every.reset_index(drop=True)
    frame = every[list(FINDING_COLUMNS)].astype(FINDING_COLUMNS)
    return gpd.GeoDataFrame(frame, geometry=list(every["geometry"]), crs=crs)


def idle_sentences(
    judged: pd.DataFrame, contracts: pd.DataFrame, rules: RuleBook, as_of: dt.date, ledger: LayerSchema
) -> pd.DataFrame:
    """Each parcel's reason in both languages, on the parcels' index: ``zh``, ``en``."""
    rule = rules["idle.full_years"]
    return pd.DataFrame(
        {
            lang: [
                not_started_sentence(row, contract, clause, as_of, ledger, lang)
                for row, contract in zip(judged.to_dict("records"), contracts.to_dict("records"), strict=True)
            ]
            for lang, clause in (("zh", rule.clause_zh), ("en", rule.clause_en))
        },
        index=judged.index,
        dtype=object,
    )


def idle_findings(
    parcels: gpd.GeoDataFrame,
    judged: pd.DataFrame,
    contracts: pd.DataFrame,
    reasons: pd.DataFrame,
    rules: RuleBook,
) -> list[dict[str, Any]]:
    """Findings of the not-started clock.

    Parameters
    ----------
    parcels
        ``parcel_id``, ``park_id``, geometry, ``source_file``, ``source_row``.
    judged, contracts, reasons
        On the parcels' index: the verdicts, the ledger's rows, the sentences.
    rules
        The packs in force.

    Returns
    -------
    list of dict
        For `findings_frame`.
    """
    rule = rules["idle.full_years"]
    code = _BY_CODE["idle_not_started"]
    found = []
    for at in np.flatnonzero(judged["verdict"].isin(["yes", "undetermined"])):
        row, parcel, contract = judged.iloc[at], parcels.iloc[at], contracts.iloc[at]
        yes = row["verdict"] == "yes"
        found.append(
            {
                "finding_id": f"{code.code}:{parcel['parcel_id']}",
                "parcel_id": parcel["parcel_id"],
                "park_id": parcel["park_id"],
                "code": code.code,
                "verdict": row["verdict"],
                "severity": code.severity if yes else "medium",
                "observed": row["days"],
                "threshold": row["year_days"],
                "unit": code.unit,
                "clause_zh": rule.clause_zh,
                "clause_en": rule.clause_en,
                "source": f"{rule.source}, {rule.edition}",
                "verified": bool(rule.verified and row["verified"]),
                "since": row["idle_from"] if yes else pd.NaT,
                "evidence": evidence(_ledger_evidence(row, contract, rules)),
                "missing": row["missing"],
                "reason_zh": reasons["zh"].iloc[at],
                "reason_en": reasons["en"].iloc[at],
                "geometry": parcel["geometry"],
            }
        )
    return found


def _ledger_evidence(row: pd.Series[Any], contract: pd.Series[Any], rules: RuleBook) -> list[dict[str, Any]]:
    """What the ledger says and which figures and readings were applied to it."""
    entries: list[dict[str, Any]] = []
    if contract.get("entries", 0) == 1:
        unreadable = str(contract.get("unreadable") or "").split(", ")
        entries.extend(
            {
                "what": name,
                "value": _plain(contract[name]),
                "file": str(contract["source_file"]),
                "row": int(contract["source_row"]),
                **({"unreadable": True} if name in unreadable else {}),
            }
            for name in _EVIDENCE_FIELDS
            if name in contract
        )
    entries.extend(
        {"what": f"absent:{name}", "value": None}
        for name in ("supply_status", "agreed_start", "actual_start")
        if name not in contract
    )
    applied = ["idle.full_years", "idle.full_year_ends_on_anniversary"]
    if pd.isna(contract.get("actual_start")):
        applied.append("idle.blank_actual_start")
    if row["delay_days"] > 0:
        applied.append("idle.government_delay_extends_start")
    if row["start_basis"] in ("handover", "approval"):
        applied.append(f"idle.default_start_after_{row['start_basis']}_years")
    if row["consequence"]:
        applied.append("idle.fee_share")
    if row["consequence"] == "recovery":
        applied.append("idle.recovery_years")
    entries.extend(
        {"what": key, "value": rules[key].value, "pack": rules[key].pack, "source": rules[key].source,
         "edition": rules[key].edition, "kind": rules[key].kind, "verified": rules[key].verified}
        for key in applied
    )  # fmt: skip
    return entries


def _plain(value: object) -> object:
    """A cell as a JSON value: dates as text, missing as null."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]
        return None
    if isinstance(value, pd.Timestamp):
        return date_text(value)
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else float(value)
    return value
