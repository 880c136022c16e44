"""A workspace in which whatever a person may have written is hostile: each of the strings in each of the places."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
from PIL import Image

from api.jobs.job import Job
from parkgeo.store import Workspace
from parkgeo.store.photos import folder_name
from tests.history_builder import BEFORE
from tests.report_snapshot import build_report_snapshot
from tests.snapshot_builder import AS_OF, HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.store import Snapshot

LONG = "W" * 10_000
STRINGS = (
    *(text for text in HOSTILE if len(text) < 1000),
    LONG,
    "__proto__",
    "constructor",
    "=1+1",
    "+SUM(1)",
    "-1+1",
    "@SUM(1)",
    "\x1b]0;x\x07\x7f\x01",
    "\u202eabc\u2066def\u2067",
    '" onmouseover="window.__owned=\'over\'" x="',
    "' autofocus onfocus='window.__owned=`focus`' x='",
    "<svg/onload=alert(1)>",
    "</style><style>*{display:none!important}</style>",
    "</title></textarea></option></select><script>window.__owned='closed'</script>",
    '<base href="http://example.invalid/">',
    '<link rel=stylesheet href="http://example.invalid/x.css">',
    "<iframe srcdoc=\"<script>parent.__owned='frame'</script>\"></iframe>",
    "<a href=\"javascript:window.__owned='link'\">x</a>",
    '<meta http-equiv=refresh content="0;url=http://example.invalid/">',
    "{{constructor.constructor('alert(1)')()}}",
    "{count} {file} {title} {0} %s $& $1 $'",
    "../../x?y=1&z#w%2f%00",
)
"""What users may have written."""

COUNT = len(STRINGS)
IDS = tuple(f"{text[:120]}#{at}" for at, text in enumerate(STRINGS))
"""As names in addresses, which are not so long."""

# Columns that hold what people wrote, or that an office's own rules, files and codes may hold.
_WRITTEN = {
    "parks": ("name", "level", "leading_industries", "source_file"),
    "parcels": (
        "name", "holder", "location", "land_use", "industry_code", "supply_mode", "verdict_reason_zh", "verdict_reason_en", "source_file", "idle_routes",
        "way_ground_zh", "way_ground_en",
    ),
    "findings": ("clause_zh", "clause_en", "source", "missing", "reason_zh", "reason_en", "source_file"),
    "indicators": ("benchmark_source", "formula"),
    "gaps": ("ask_zh", "ask_en"),
    "rejects": ("source_file", "id", "reason"),
    "repairs": ("source_file", "id", "reason"),
    "faults": ("source_file", "value", "fault"),
    "supply": ("contract_id", "source_file"),
    "buildings": ("name", "use", "source_file"),
    "enterprises": ("name", "industry_code", "source_file"),
    "roads": ("name", "road_class", "source_file"),
    "utilities": ("name", "capacity_unit", "source_file"),
    "facilities": ("name", "kind", "source_file"),
    "constraints": ("name", "kind", "source_file"),
    "plan": ("planned_use", "planned_use_code", "source_file"),
    "evidence_lines": ("note_zh", "note_en", "source_file"),
    "scores": ("name", "benchmark_source", "lift_zh", "lift_en"),
    "company_years": ("name", "industry_code", "lift_zh", "lift_en"),
    "industries": ("industry_code", "zh", "en"),
}  # fmt: skip
# Tables with few rows get one for each string.
_AS_MANY = ("parks", "gaps", "rejects", "repairs", "faults", "roads", "utilities", "facilities", "constraints", "plan", "evidence_lines", "scores", "enterprises", "occupancy", "industries")  # fmt: skip
_VERDICTS = ("idle_suspended", "low_efficiency", "evidence_conflict", "grade")
_FOUND = ("area_mismatch", "overlap", "outside_park", "idle_not_started")


@dataclasses.dataclass(frozen=True)
class HostilePark:
    """The workspace, its snapshots, and the parcel of which everything is told."""

    folder: Path
    before: Snapshot
    now: Snapshot
    dense: str


def build_hostile_park(folder: Path, scratch: Path) -> HostilePark:
    """Publish it at two days, with maps, photos and a scenario of the office's own.

    Parameters
    ----------
    folder
        The workspace.
    scratch
        An empty folder for what is built on the way.
    """
    plain = build_report_snapshot(scratch, parcels=COUNT)
    tables: dict[str, Any] = {name: plain.read(name) for name in plain.tables}
    dense = int(tables["parcels"].index[tables["parcels"]["idle"] == "undetermined"][0])
    was = list(tables["parcels"]["parcel_id"])
    renamed = dict(zip(was, IDS, strict=True))
    tables["company_years"] = pd.DataFrame(
        {"enterprise_id": "", "year": 2025, "grade": ["B"] * COUNT, "score": 70.0}
    )
    for name in _AS_MANY:
        table = tables[name]
        tables[name] = table.iloc[[at % len(table) for at in range(COUNT)]].reset_index(drop=True)
    for name, key in (("enterprises", "enterprise_id"), ("occupancy", "enterprise_id"), ("scores", "enterprise_id"), ("company_years", "enterprise_id")):  # fmt: skip
        tables[name][key] = IDS
    tables["parks"]["park_id"] = ["P1", *IDS[1:]]
    # All that can be told of a parcel is told of one.
    for name in ("gaps", "evidence_lines", "occupancy"):
        tables[name]["parcel_id"] = was[dense]
    tables["gaps"]["field"] = "holder"
    tables["evidence_lines"]["says"] = [("idle", "in_use")[at % 2] for at in range(COUNT)]
    tables["findings"] = _findings(tables["findings"], was[dense])
    for table in tables.values():
        if "parcel_id" in table:
            table["parcel_id"] = table["parcel_id"].map(renamed)
    for at, (name, columns) in enumerate(_WRITTEN.items()):
        for place, column in enumerate(columns):
            turned = [STRINGS[(row + 3 * at + 7 * place) % COUNT] for row in range(len(tables[name]))]
            tables[name][column] = turned
    together = " ".join(text for text in STRINGS if text != LONG)
    manifest = {
        key: value
        for key, value in plain.manifest.items()
        if key not in ("name", "as_of", "tables", "catalogue_sha256")
    }
    manifest |= {
        "park": f"{together} {LONG}",
        "packs": [{"name": text[:300], "edition": "1", "hash": "0"} for text in STRINGS],
    }
    workspace = Workspace(folder)
    before = workspace.publish(BEFORE, tables | {"parcels": _before(tables["parcels"])}, _catalogue(plain.catalogue, together), manifest)  # fmt: skip
    now = workspace.publish(AS_OF, tables, _catalogue(plain.catalogue, together), manifest)
    _maps(folder / "maps")
    _photos(folder / "photos" / folder_name(IDS[dense]))
    _scenarios(folder / "jobs", now.name)
    return HostilePark(folder, before, now, IDS[dense])


def _before(parcels: Any) -> Any:
    """A year before each parcel had another verdict."""
    turned = parcels.copy()
    turned["idle"] = turned["idle"].map({"yes": "no", "no": "yes", "undetermined": "yes"})
    return turned


def _findings(findings: Any, dense: str) -> Any:
    more = findings.iloc[[0] * COUNT].reset_index(drop=True)
    more["finding_id"] = [f"h{at}" for at in range(COUNT)]
    more["parcel_id"] = dense
    more["code"] = [_FOUND[at % len(_FOUND)] for at in range(COUNT)]
    more["verdict"] = "undetermined"
    return pd.concat([more, findings], ignore_index=True)


def _catalogue(plain: dict[str, Any], together: str) -> dict[str, Any]:
    """An office's own rules have titles and clauses of their own."""
    own = {"zh": together, "en": together, "clause_zh": together, "clause_en": together, "source": together}
    findings = {
        code: {**told, **own} if code in _FOUND[:2] else told for code, told in plain["findings"].items()
    }
    titles = {"zh": together, "en": together, "unit": "", "type": "text"}
    # Verdicts are codes, as an analysis writes them.
    verdicts = {name: {**plain["fields"]["parcels"][name], "type": "code"} for name in _VERDICTS}
    codes = {text: text for text in STRINGS}
    fields = {
        **plain["fields"],
        "parcels": {**plain["fields"]["parcels"], **verdicts, "location": titles, "supply_mode": {**titles, "type": "code", "codes": codes}},
        "company_years": {
            name: {"zh": name, "en": name, "unit": "", "type": kind}
            for name, kind in (("enterprise_id", "text"), ("year", "integer"), ("grade", "text"), ("score", "number"), ("name", "text"), ("industry_code", "text"), ("lift_zh", "text"), ("lift_en", "text"))
        },
    }  # fmt: skip
    return {**plain, "findings": findings, "fields": fields}


def _maps(folder: Path) -> None:
    """Maps of the office's own, of which the last cannot be answered."""
    folder.mkdir()
    for at, text in enumerate(STRINGS):
        title = json.dumps(text[:200])
        colour = "no_such_column" if at % 4 == 3 else "idle"
        told = f'map = 1\nid = "own-{at}"\ntitle = {{ zh = {title}, en = {title} }}\ncolour = "{colour}"\n'
        (folder / f"{at:02}.toml").write_text(told.replace("\x7f", "\\u007f"), encoding="utf-8", newline="\n")


def _photos(folder: Path) -> None:
    folder.mkdir(parents=True)
    picture = io.BytesIO()
    Image.new("RGB", (8, 6), "#808080").save(picture, "PNG")
    for at, text in enumerate(STRINGS):
        name = "".join(sign for sign in text[:40] if sign not in '/\\:*?"<>|' and ord(sign) > 31)
        (folder / f"{at:02} {name}.png").write_bytes(picture.getvalue())


def _scenarios(folder: Path, snapshot: str) -> None:
    for at, text in enumerate(STRINGS):
        job = Job(f"{at:032x}", "scenario", {"name": text, "crs": "", "snapshot": snapshot}, state="done")
        (folder / job.id).mkdir(parents=True)
        job.write(folder / job.id)
        told: dict[str, Any] = {"parcels": [], "parks": [], "changes": [{"what_zh": text, "what_en": text}]}
        told["parcels"] = [
            {"parcel_id": one, "metric": "idle", "before": None, "after": None, "before_text": "no", "after_text": text, "effect": "worse"}
            for one in IDS
        ]  # fmt: skip
        (folder / job.id / "scenario.json").write_text(json.dumps(told), encoding="utf-8")


__all__ = ["COUNT", "IDS", "LONG", "STRINGS", "HostilePark", "build_hostile_park"]
