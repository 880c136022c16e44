"""Everything known of one parcel, each figure with where it comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.i18n import LANGUAGES
from parkgeo.report.access_facts import access_of_parcel
from parkgeo.report.rows import parcel_row, plain_rows, plain_value

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

__all__ = ["dossier"]

_LEDGERS = ("supply", "delays", "occupancy", "performance")


def dossier(snapshot: Snapshot, parcel_id: str) -> dict[str, Any]:
    """All that a snapshot says of a parcel.

    Parameters
    ----------
    snapshot
        The analysis; tables and columns that it lacks are left out.
    parcel_id
        The parcel.

    Returns
    -------
    dict
        ``parcel_id``, ``verdicts`` (code → verdict), ``reason``, ``fields`` (field → value, titles, unit, formula, source;
        null with what to ask for), ``findings`` with evidence, ``records`` (rows of ledger, occupancy and returns with file
        and row), ``evidence``, ``scores`` (of the companies on it), ``access`` (minutes, score and services), ``parcel_years``, ``gaps``, ``snapshot``,
        ``as_of``, ``packs``, ``source``. Without personal fields.

    Raises
    ------
    NotFoundError
        No parcel has that id.
    """
    row = parcel_row(snapshot, parcel_id)
    judged = snapshot.manifest.get("findings_judged") or tuple(snapshot.catalogue.get("findings", {}))
    codes = [code for code in judged if code in row.index]  # some rules judge parks
    asked = _asked(snapshot, parcel_id)
    hidden = {*codes, "geometry", "parcel_id", "source_file", "source_row"}
    names = [
        str(name)
        for name in row.index
        if name not in hidden and not snapshot.field("parcels", str(name)).get("personal")
    ]
    return {
        "parcel_id": parcel_id,
        "snapshot": snapshot.name,
        "as_of": snapshot.as_of.isoformat(),
        "park": snapshot.manifest.get("park", ""),
        "packs": snapshot.manifest.get("packs", []),
        "source": {"file": plain_value(row.get("source_file")), "row": _whole(row.get("source_row"))},
        "verdicts": {code: plain_value(row[code]) for code in codes},
        "reason": {lang: plain_value(row.get(f"verdict_reason_{lang}")) for lang in LANGUAGES},
        "fields": {name: _field(snapshot, name, row[name], asked) for name in names},
        "findings": [_finding(entry, snapshot) for entry in _own(snapshot, "findings", parcel_id)],
        "records": _records(snapshot, parcel_id),
        "evidence": plain_rows(_own(snapshot, "evidence_lines", parcel_id)),
        "scores": plain_rows(_scores(snapshot, parcel_id)),
        "access": access_of_parcel(snapshot, parcel_id),
        "parcel_years": plain_rows(_own(snapshot, "parcel_years", parcel_id)),
        "gaps": [
            {"field": entry["field"], **{lang: plain_value(entry.get(f"ask_{lang}")) for lang in LANGUAGES}}
            for entry in asked.to_dict(orient="records")
            if entry["parcel_id"] == parcel_id
        ],
    }  # fmt: skip


def _table(snapshot: Snapshot, table: str) -> pd.DataFrame:
    """A table without geometry; an empty one where the snapshot has none."""
    frame = snapshot.read(table) if table in snapshot.tables else pd.DataFrame()
    return pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))


def _own(snapshot: Snapshot, table: str, parcel_id: str) -> list[dict[Any, Any]]:
    frame = _table(snapshot, table)
    if "parcel_id" not in frame:
        return []
    return frame[frame["parcel_id"] == parcel_id].to_dict(orient="records")


def _scores(snapshot: Snapshot, parcel_id: str) -> list[dict[Any, Any]]:
    """How the companies on a parcel were rated."""
    scores = _table(snapshot, "scores")
    companies = [row["enterprise_id"] for row in _own(snapshot, "occupancy", parcel_id)]
    if "enterprise_id" not in scores:
        return []
    return scores[scores["enterprise_id"].isin(companies)].to_dict(orient="records")


def _asked(snapshot: Snapshot, parcel_id: str) -> pd.DataFrame:
    """Rows of the gaps that are about the parcel or about all."""
    gaps = _table(snapshot, "gaps")
    if "parcel_id" not in gaps:
        return pd.DataFrame(columns=["field", "parcel_id", "ask_zh", "ask_en"])
    return gaps[(gaps["parcel_id"] == parcel_id) | gaps["parcel_id"].isna()]


def _records(snapshot: Snapshot, parcel_id: str) -> list[dict[str, Any]]:
    """Rows of the ledger, of occupancy and of the year's returns that the parcel's verdicts and figures rest on."""
    told: list[dict[str, Any]] = []
    companies: list[str] = []
    for table in _LEDGERS:
        frame = _table(snapshot, table)
        if table == "performance" and "enterprise_id" in frame:
            year = snapshot.manifest.get("performance_year")
            rows = frame[frame["enterprise_id"].isin(companies) & (frame["year"] == year)]
            rows = rows[rows["month"].isna()] if "month" in rows else rows
        elif "parcel_id" in frame:
            rows = frame[frame["parcel_id"] == parcel_id]
        else:
            continue
        if table == "occupancy":
            companies = list(rows["enterprise_id"])
        told.extend(_record(snapshot, table, row) for row in rows.to_dict(orient="records"))
    return told


def _record(snapshot: Snapshot, table: str, row: dict[Any, Any]) -> dict[str, Any]:
    titles = snapshot.catalogue.get("tables", {}).get(table, dict.fromkeys(LANGUAGES, table))
    fields = {str(name): snapshot.field(table, str(name)) for name in row}
    values = {
        str(name): _whole(value) if fields[name]["type"] == "integer" else plain_value(value)
        for name, value in row.items()
        if name not in ("source_file", "source_row", "unreadable") and not fields[name].get("personal")
    }
    return {
        "table": table, "zh": titles["zh"], "en": titles["en"],
        "file": plain_value(row.get("source_file")), "row": _whole(row.get("source_row")), "values": values,
        "about": {
            name: {key: fields[name][key] for key in ("zh", "en", "unit", "codes") if key in fields[name]} for name in values
        },
    }  # fmt: skip


def _field(snapshot: Snapshot, name: str, value: object, gaps: pd.DataFrame) -> dict[str, Any]:
    entry = snapshot.field("parcels", name)
    if entry["en"] == name:
        entry = snapshot.field("supply", name)
    told: dict[str, Any] = {
        "value": plain_value(value),
        "zh": entry["zh"],
        "en": entry["en"],
        "unit": entry["unit"],
    }
    for key in ("formula_zh", "formula_en", "source", "codes"):
        if key in entry:
            told[key] = entry[key]
    if told["value"] is None:
        own = gaps[gaps["field"] == name]
        if len(own):
            told["ask"] = {"zh": list(own["ask_zh"]), "en": list(own["ask_en"])}
    return told


def _finding(entry: dict[Any, Any], snapshot: Snapshot) -> dict[str, Any]:
    told = {str(key): plain_value(value) for key, value in entry.items()}
    lines = json.loads(str(entry.get("evidence") or "[]"))
    # Snapshots before evidence had lines hold a mapping there; it has no titles and no rows, so it is not shown.
    told["evidence"] = (
        [_titled(line, snapshot) for line in lines if isinstance(line, dict)]
        if isinstance(lines, list)
        else []
    )
    about = snapshot.catalogue.get("findings", {}).get(told["code"], {})
    return told | {"kind": "rule", **dict.fromkeys(LANGUAGES, told["code"])} | {
        key: about[key] for key in (*LANGUAGES, "kind") if key in about
    }  # fmt: skip


def _titled(line: dict[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """A line of evidence with the title of its field or figure."""
    what = str(line["what"]).removeprefix("absent:")
    fields = snapshot.catalogue["fields"]
    table = next(
        (name for name in ("evidence", "parcels", "supply", "delays") if what in fields.get(name, {})),
        "parcels",
    )
    known = snapshot.catalogue.get("figures", {}).get(line["what"]) or snapshot.field(table, what)
    more = {key: known[key] for key in ("codes", "unit") if known.get(key) and key not in line}
    return {**line, **{lang: known[lang] for lang in LANGUAGES}, **more}


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
