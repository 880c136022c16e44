"""What columns, tables, units and codes are called in a file that a person opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.i18n import say

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

__all__ = [
    "code_word",
    "column_title",
    "entry",
    "field_names",
    "field_title",
    "plain_table_title",
    "plain_title",
    "spell_fields",
    "table_title",
    "unit_word",
]

_TABLES = {
    "parks": "Parks", "parcels": "Parcels", "findings": "Findings", "indicators": "Park indicators",
    "gaps": "What is missing", "rejects": "Rejected rows", "repairs": "Repaired rows", "faults": "Faults",
    "sources": "Files read", "supply": "Supply ledger", "delays": "Government delays", "buildings": "Buildings", "enterprises": "Companies",
    "occupancy": "Occupancy", "performance": "Company returns", "supply_links": "Supply links", "roads": "Roads", "utilities": "Utilities",
    "facilities": "Facilities", "gates": "Gates", "constraints": "Constraints", "plan": "Plan",
    "imagery": "Imagery", "dem": "Terrain model",
}  # fmt: skip

# Columns that are results or account, not input: the catalogue's own title goes first where it has one.
_COLUMNS = {
    "finding_id": "Finding number", "code": "Finding", "verdict": "Verdict", "severity": "Severity",
    "observed": "Observed", "threshold": "Threshold", "unit": "Unit", "clause_zh": "Clause (Chinese)",
    "clause_en": "Clause", "source": "Source", "verified": "Basis", "since": "Since", "evidence": "Evidence",
    "missing": "Missing", "reason_zh": "Reason (Chinese)", "reason_en": "Reason", "value": "Value",
    "numerator": "Numerator", "denominator": "Denominator", "benchmark": "Benchmark",
    "benchmark_source": "Source of benchmark", "formula": "Formula", "zh": "Title (Chinese)", "en": "Title",
    "table": "Layer", "layer": "Layer", "field": "Field", "ask_zh": "What to ask for (Chinese)", "ask_en": "What to ask for",
    "source_file": "Source file", "source_row": "Source row", "id": "ID", "reason": "Reason", "fault": "Fault",
    "file": "Source file", "row": "Source row", "content": "Content of the row", "what": "What", "mend": "How to mend it",
    "what_zh": "What (Chinese)", "what_en": "What", "mend_zh": "How to mend it (Chinese)", "mend_en": "How to mend it",
    "notes_zh": "Notes (Chinese)", "notes_en": "Notes",
    "driver": "Format", "rows_declared": "Rows declared", "rows_accepted": "Rows accepted", "rows_repaired": "Rows repaired",
    "rows_rejected": "Rows rejected", "columns_used": "Columns used", "columns_unused": "Columns not used", "notes": "Notes",
    "rows": "Rows", "accepted": "Accepted", "rejected": "Rejected", "encoding": "Encoding", "crs": "Coordinate system",
    "sha256": "SHA-256", "area_before_m2": "Area before (m²)", "area_after_m2": "Area after (m²)",
    "park_id": "Park ID", "parcel_id": "Parcel ID", "name": "Name",
    "idle": "Suspected idle", "idle_since": "Idle since", "idle_days": "Days idle", "idle_fee_wan": "Idle fee",
    "verdict_reason_zh": "Reason (Chinese)", "verdict_reason_en": "Reason",
}  # fmt: skip

_UNITS = {
    "m2": "m²", "wan": "wan yuan", "wan/mu": "wan yuan/mu", "day": "days", "year": "years", "m3": "m³", "1": "",
    "person": "persons", "t/m2": "t/m²", "wan/ha": "wan yuan/ha", "wan/year": "wan yuan a year", "person/ha": "persons/ha", "ha/year": "ha a year",
    "m3/mu": "m³/mu", "kWh/mu": "kWh/mu", "tce/mu": "tce/mu", "wan/person": "wan yuan/person", "wan/tce": "wan yuan/tce", "wan/t": "wan yuan/t",
    "mu": "mu", "tce": "tce", "kWp": "kWp", "kWh": "kWh", "parcel": "parcels", "point": "pts", "company": "companies", "month": "months",
    "yuan/t": "yuan/t",
}  # fmt: skip

# Codes whose English words are not the code's own.
_CODES = {
    "free_recovery": "Recovery without compensation",
    "check_in_field": "Check in the field first",
    "none": "Nothing to do",
}

# Tables in which a field named as missing is looked up for its title.
_ASKED = ("supply", "delays", "parcels", "buildings", "performance", "occupancy", "enterprises", "parks")


def table_title(snapshot: Snapshot, table: str, lang: str) -> str:
    """A table's title by the catalogue, else our own, else its name."""
    known = snapshot.catalogue.get("tables", {}).get(table)
    if known:
        return str(known[lang])
    return plain_table_title(table, lang)


def plain_table_title(table: str, lang: str) -> str:
    """A table's title without a catalogue; its name when it has none."""
    return say(_TABLES[table], lang) if table in _TABLES else table


def plain_title(column: str, lang: str) -> str:
    """A column's title without a catalogue; its name when it has none."""
    return say(_COLUMNS[column], lang) if column in _COLUMNS else column


def unit_word(unit: str, lang: str) -> str:
    """A unit as a reader writes it; empty for a plain number.

    Examples
    --------
    >>> unit_word("m2", "en"), unit_word("1", "en")
    ('m²', '')
    """
    word = _UNITS.get(unit, unit)
    return say(word, lang) if word else ""


def entry(snapshot: Snapshot, table: str, column: str) -> dict[str, Any]:
    """The catalogue's entry of a column; a parcel's fields from the supply ledger are found there too."""
    found = snapshot.field(table, column)
    if table == "parcels" and column not in snapshot.catalogue["fields"].get(table, {}):
        return snapshot.field("supply", column)
    return found


def column_title(snapshot: Snapshot, table: str, column: str, lang: str, *, unit: bool = True) -> str:
    """A column's title in a language, with its unit in brackets."""
    known = entry(snapshot, table, column)
    title = str(known[lang])
    if title == column:
        title = plain_title(column, lang)
    if title == column and column in snapshot.findings_catalogue:
        title = str(snapshot.findings_catalogue[column][lang])
    word = unit_word(str(known["unit"] or ""), lang) if unit else ""
    return f"{title} ({word})" if word and lang == "en" else f"{title}（{word}）" if word else title


def code_word(snapshot: Snapshot, table: str, column: str, code: str, lang: str) -> str:
    """A code as words: the catalogue's where it lists the codes, else our own, else the code without underscores."""
    if code in snapshot.findings_catalogue:
        return str(snapshot.findings_catalogue[code][lang])
    written = entry(snapshot, table, column).get("codes") or {}
    if lang == "zh" and code in written:
        return str(written[code])
    words = _CODES.get(code, code.replace("_", " "))
    sentence = words[:1].upper() + words[1:]
    return say(sentence, lang)


def field_names(missing: str | None) -> tuple[str, ...]:
    """Names in a list that is joined by commas."""
    return tuple(name.strip() for name in (missing or "").split(",") if name.strip())


def field_title(snapshot: Snapshot, name: str, lang: str) -> str:
    """Title of a field that is named as missing, in whichever layer it stands; of a layer its own."""
    titles = (str(snapshot.field(table, name)[lang]) for table in _ASKED)
    return next((title for title in titles if title != name), table_title(snapshot, name, lang))


def spell_fields(snapshot: Snapshot, names: tuple[str, ...], lang: str) -> str:
    """Titles of fields named as missing."""
    found = [field_title(snapshot, name, lang) for name in names]
    return ("、" if lang == "zh" else ", ").join(dict.fromkeys(found))
