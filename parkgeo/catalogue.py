"""Titles, units, formulas and sources of all that a snapshot holds, so that it explains itself."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from parkgeo.assess import CODES
from parkgeo.layers import RASTERS, schemas
from parkgeo.metrics import METRICS

if TYPE_CHECKING:
    from parkgeo.packs import RuleBook

__all__ = ["catalogue"]


@cache
def _results() -> dict[str, dict[str, dict[str, Any]]]:
    """Fields of the tables that parkgeo makes."""
    with resources.files("parkgeo").joinpath("results.toml").open("rb") as file:
        return tomllib.load(file)


def catalogue(rules: RuleBook) -> dict[str, Any]:
    """What each table, field and finding is.

    Parameters
    ----------
    rules
        The packs in force, for clauses and sources of findings.

    Returns
    -------
    dict
        ``tables`` name → titles and key; ``fields`` table → field → titles, unit, type; ``findings`` code → titles,
        clause, source, verified; ``figures`` key → the packs' figures.
    """
    tables: dict[str, dict[str, Any]] = {}
    fields: dict[str, dict[str, Any]] = {}
    row = _results()["row"]
    tables |= {name: dict(titles) for name, titles in RASTERS.items()}
    for name, layer in schemas().items():
        tables[name] = {"zh": layer.zh, "en": layer.en, "key": layer.key}
        fields[name] = {field.name: field.entry() for field in layer.fields.values()} | row
    for name, entries in _results().items():
        if name == "row":
            continue
        own = dict(entries)
        if "about" in own:
            tables[name] = own.pop("about")
        fields[name] = fields.get(name, {}) | own
    ledger = schemas()["supply"].fields
    joined = {name: field.entry() for name, field in ledger.items() if name not in fields["parcels"]}
    fields["parcels"] |= joined | {metric.name: metric.entry() for metric in METRICS}
    for code in CODES:
        fields[code.table][code.code] = {"zh": code.zh, "en": code.en, "unit": "", "type": "verdict"}
    return {"tables": tables, "fields": fields, "findings": _findings(rules), "figures": _figures(rules)}


def _findings(rules: RuleBook) -> dict[str, dict[str, Any]]:
    found = {}
    for code in CODES:
        if code.figure not in rules.figures:  # what no pack holds is not judged
            continue
        figure = rules[code.figure]
        found[code.code] = {
            "zh": code.zh, "en": code.en, "severity": code.severity, "statutory": code.statutory, "kind": figure.kind,
            "table": code.table,
            "clause_zh": figure.clause_zh, "clause_en": figure.clause_en,
            "source": f"{figure.source}, {figure.edition}", "verified": figure.verified,
        }  # fmt: skip
    return found


def _figures(rules: RuleBook) -> dict[str, dict[str, Any]]:
    return {
        key: {
            "value": figure.value, "unit": figure.unit, "kind": figure.kind, "zh": figure.zh, "en": figure.en,
            "clause_zh": figure.clause_zh, "clause_en": figure.clause_en, "source": figure.source,
            "edition": figure.edition, "verified": figure.verified, "pack": figure.pack, "on": figure.on,
        }
        for key, figure in sorted(rules.figures.items())
    }  # fmt: skip
