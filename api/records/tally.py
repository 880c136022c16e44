"""Findings counted: by code, verdict and severity, with the land concerned."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from api.asked.selection import Selection
    from parkgeo.store import Snapshot

__all__ = ["BY", "codes_of", "tell_findings"]

BY = ("code", "verdict", "severity")
_SEVERITIES = ("high", "medium", "low")
_VERDICTS = ("yes", "undetermined", "no")
_ABOUT = (*LANGUAGES, "kind", "clause_zh", "clause_en", "source", "verified")


async def tell_findings(ask: Ask, selection: Selection) -> dict[str, Any]:
    """The findings that a request chooses, counted.

    Parameters
    ----------
    ask
        The request.
    selection
        Which findings.

    Returns
    -------
    dict
        ``findings`` and ``parcels`` in all, ``area_m2`` of those parcels, each once, and ``groups``: a row a code, verdict
        and severity with the same three, titles, clause and whether the figure behind it is verified. A finding that
        is of no parcel has no area.
    """
    findings = await ask.rows(ask.collection("findings")).frame(selection)
    everything = type(selection)(parks=selection.parks)
    parcels = await ask.rows(ask.collection("parcels")).frame(everything)
    return await asyncio.to_thread(_tell, ask.edition.snapshot, findings, parcels)


def codes_of(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """What each of `BY` may be in a snapshot, whether or not it has such a finding."""
    return {"code": tuple(snapshot.findings_catalogue), "verdict": _VERDICTS, "severity": _SEVERITIES}


def _tell(snapshot: Snapshot, findings: pd.DataFrame, parcels: pd.DataFrame) -> dict[str, Any]:
    areas = parcels.get("site_area_m2", parcels.geometry.area)
    known = pd.Series(areas.to_numpy(), index=parcels["parcel_id"].astype(str))
    frame = pd.DataFrame({name: findings[name] for name in (*BY, "parcel_id")})
    groups = [
        {
            **dict(zip(BY, map(_text, names), strict=True)),
            **_about(snapshot, str(names[0])),
            **_count(rows, known),
        }
        for names, rows in frame.groupby(list(BY), sort=False, dropna=False)
    ]
    order = {str(code): at for at, code in enumerate(snapshot.findings_catalogue)}
    groups.sort(
        key=lambda group: (
            _rank(group["verdict"], _VERDICTS), _rank(group["severity"], _SEVERITIES), order.get(group["code"], len(order)), group["code"],
        )
    )  # fmt: skip
    return {**_count(frame, known), "groups": groups}


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _rank(value: str | None, order: tuple[str, ...]) -> int:
    return order.index(value) if value in order else len(order)


def _about(snapshot: Snapshot, code: str) -> dict[str, Any]:
    known = snapshot.findings_catalogue.get(code, dict.fromkeys(LANGUAGES, code))
    return {name: known[name] for name in _ABOUT if name in known}


def _count(rows: pd.DataFrame, areas: pd.Series[float]) -> dict[str, Any]:
    ids = rows["parcel_id"].dropna().astype(str).unique()
    # Each parcel once: several findings on one plot do not make it larger.
    there = areas[areas.index.isin(ids)]
    return {"findings": len(rows), "parcels": len(ids), "area_m2": float(there.sum()) if len(there) else None}
