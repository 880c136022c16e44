"""Everything known of one parcel, each figure with where it comes from."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.cli.console import out
from parkgeo.errors import NotFoundError, name_some
from parkgeo.i18n import LANGUAGES, figure, say

if TYPE_CHECKING:
    from rich.console import Console

    from parkgeo.store import Snapshot

__all__ = ["dossier", "print_dossier"]


def dossier(snapshot: Snapshot, parcel_id: str) -> dict[str, Any]:
    """All that a snapshot says of a parcel.

    Parameters
    ----------
    snapshot
        The analysis.
    parcel_id
        The parcel.

    Returns
    -------
    dict
        ``parcel_id``, ``verdicts`` (code → verdict), ``fields`` (field → value, titles, unit, formula, source; null with
        what to ask for), ``findings`` with evidence, ``records`` (rows of ledger, occupancy and returns with file and
        row), ``snapshot``, ``as_of``, ``packs``, ``source``.

    Raises
    ------
    NotFoundError
        No parcel has that id.
    """
    parcels = snapshot.read("parcels")
    found = parcels[parcels["parcel_id"] == parcel_id]
    if found.empty:
        near = difflib.get_close_matches(parcel_id, parcels["parcel_id"], n=3, cutoff=0.4)
        raise NotFoundError(
            f"no parcel {parcel_id!r}",
            where=snapshot.name,
            mend=f"near it: {name_some(near)}"
            if near
            else "list them: parkgeo export parcels -w DIR -o parcels.csv",
        )
    row = found.iloc[0]
    # Some rules judge parks.
    codes = [code for code in snapshot.manifest["findings_judged"] if code in row.index]
    findings = snapshot.read("findings")
    own = findings[findings["parcel_id"] == parcel_id].drop(columns="geometry")
    gaps = snapshot.read("gaps")
    asked = gaps[(gaps["parcel_id"] == parcel_id) | gaps["parcel_id"].isna()]
    hidden = {*codes, "geometry", "parcel_id", "source_file", "source_row"}
    return {
        "parcel_id": parcel_id,
        "snapshot": snapshot.name,
        "as_of": snapshot.as_of.isoformat(),
        "park": snapshot.manifest["park"],
        "packs": snapshot.manifest["packs"],
        "source": {"file": row["source_file"], "row": int(row["source_row"])},
        "verdicts": {code: _plain(row[code]) for code in codes},
        "reason": {"zh": row["verdict_reason_zh"], "en": row["verdict_reason_en"]},
        "fields": {
            name: _field(snapshot, name, row[name], asked) for name in row.index if name not in hidden
        },
        "findings": [_finding(entry, snapshot) for entry in own.to_dict(orient="records")],
        "records": _records(snapshot, parcel_id),
    }


def _records(snapshot: Snapshot, parcel_id: str) -> list[dict[str, Any]]:
    """Rows of the ledger, of occupancy and of the year's returns that the parcel's verdicts and figures rest on."""
    told: list[dict[str, Any]] = []
    companies: list[str] = []
    for table in ("supply", "occupancy", "performance"):
        if table not in snapshot.tables:
            continue
        frame = snapshot.read(table)
        if table == "performance":
            rows = frame[
                frame["enterprise_id"].isin(companies)
                & (frame["year"] == snapshot.manifest["performance_year"])
            ]
            rows = rows[rows["month"].isna()] if "month" in rows else rows
        else:
            rows = frame[frame["parcel_id"] == parcel_id]
        if table == "occupancy":
            companies = list(rows["enterprise_id"])
        told.extend(_record(snapshot, table, row) for row in rows.to_dict(orient="records"))
    return told


def _record(snapshot: Snapshot, table: str, row: dict[Any, Any]) -> dict[str, Any]:
    titles = snapshot.catalogue["tables"][table]
    fields = {str(name): snapshot.field(table, str(name)) for name in row}
    values = {
        str(name): int(value) if fields[name]["type"] == "integer" and pd.notna(value) else _plain(value)
        for name, value in row.items()
        if name not in ("source_file", "source_row", "unreadable") and not fields[name].get("personal")
    }
    return {
        "table": table, "zh": titles["zh"], "en": titles["en"],
        "file": row["source_file"], "row": int(row["source_row"]), "values": values,
        "about": {name: {key: fields[name][key] for key in ("zh", "en", "codes") if key in fields[name]} for name in values},
    }  # fmt: skip


def _field(snapshot: Snapshot, name: str, value: object, gaps: pd.DataFrame) -> dict[str, Any]:
    entry = snapshot.field("parcels", name)
    told: dict[str, Any] = {
        "value": _plain(value),
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
    told = {str(key): _plain(value) for key, value in entry.items()}
    told["evidence"] = [_titled(line, snapshot) for line in json.loads(str(entry["evidence"]))]
    about = snapshot.findings_catalogue[told["code"]]
    told |= {key: about[key] for key in (*LANGUAGES, "kind")}
    return told


def _titled(line: dict[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """A line of evidence with the title of its field or figure."""
    what = line["what"].removeprefix("absent:")
    table = "evidence" if what in snapshot.catalogue["fields"].get("evidence", {}) else "parcels"
    known = snapshot.catalogue["figures"].get(line["what"]) or snapshot.field(table, what)
    codes = {"codes": known["codes"]} if "codes" in known else {}
    return {**line, **{lang: known[lang] for lang in LANGUAGES}, **codes}


def _plain(value: Any) -> Any:
    """A cell as a JSON value."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return value.item() if hasattr(value, "item") else value


def print_dossier(told: dict[str, Any], lang: str) -> None:
    """Print it: verdict, findings with evidence, figures, what is missing, the rows behind it."""
    console = out()
    console.print(f"{told['parcel_id']}  ·  {told['park']}  ·  {told['as_of']}", style="bold", soft_wrap=True)
    if all(finding[f"reason_{lang}"] != told["reason"][lang] for finding in told["findings"]):
        console.print(told["reason"][lang], soft_wrap=True)
    _print_findings(console, told["findings"], lang)
    _print_fields(console, told["fields"], lang)
    for record in told["records"]:
        values = "; ".join(
            f"{record['about'][name][lang]} {_shown(value, record['about'][name].get('codes', {}), lang)}"
            for name, value in record["values"].items()
            if value is not None
        )
        row = say("row {row}", lang, row=record["row"])
        console.print(f"{record[lang]} ({record['file']}, {row}): {values}", soft_wrap=True)
    source = told["source"]
    packs = ", ".join(f"{pack['name']} {pack['edition']}" for pack in told["packs"])
    console.print(
        say(
            "From {file}, row {row}; packs {packs}; snapshot {name}.", lang,
            file=source["file"], row=source["row"], packs=packs, name=told["snapshot"],
        ),
        soft_wrap=True,
    )  # fmt: skip


def _print_findings(console: Console, findings: list[dict[str, Any]], lang: str) -> None:
    for finding in findings:
        console.print()
        state = "" if finding["verified"] else "setting" if finding["kind"] == "setting" else "unverified"
        mark = f" [{say(state, lang)}]" if state else ""
        console.print(
            f"{finding[lang]} ({finding['code']}): {say(finding['verdict'], lang)}{mark}", style="bold"
        )
        console.print(finding[f"reason_{lang}"], soft_wrap=True)
        basis = "; ".join(part for part in (finding[f"clause_{lang}"], finding["source"]) if part)
        console.print(say("Basis: {basis}", lang, basis=basis), soft_wrap=True)
        for entry in finding["evidence"]:
            console.print("  " + _evidence_line(entry, lang), soft_wrap=True)


def _print_fields(console: Console, fields: dict[str, Any], lang: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from parkgeo.export.titles import unit_word

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(("Field", "Value", "Unit", "Formula, or what to ask for")):
        table.add_column(say(title, lang), justify="right" if at == 1 else "left", overflow="fold")
    for name, entry in fields.items():
        if name.startswith("verdict_reason"):
            continue
        about = entry.get(f"formula_{lang}", "")
        if entry["value"] is None:
            about = " ".join(entry["ask"][lang]) if "ask" in entry else about
        value = _shown(entry["value"], entry.get("codes", {}), lang)
        table.add_row(entry[lang], value, unit_word(entry["unit"], lang), about)
    console.print(table)


def _evidence_line(entry: dict[str, Any], lang: str) -> str:
    title = entry[lang]
    if entry["what"].startswith("absent:"):
        return say("{field}: the ledger has no such column", lang, field=title)
    if "pack" in entry:
        state = say("verified" if entry["verified"] else "unverified", lang)
        return f"{title} ({entry['source']}, {entry['edition']}; {say(entry['kind'], lang)}, {state})"
    value = _shown(entry["value"], entry.get("codes", {}), lang)
    if entry.get("unreadable"):
        value = say("something that could not be read", lang)
    if "file" in entry:
        return f"{title}: {value}  ({entry['file']}, {say('row {row}', lang, row=entry['row'])})"
    return f"{title}: {value}"


def _shown(value: object, codes: dict[str, str], lang: str) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        return figure(value, lang, digits=3)
    if value in ("yes", "no", "undetermined"):
        return say(str(value), lang)
    return codes.get(str(value), str(value)) if lang == "zh" else str(value)
