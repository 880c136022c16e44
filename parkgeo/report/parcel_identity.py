"""Who holds a parcel, where it lies, and what happened when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import say
from parkgeo.report.document import Column, Paragraph, Picture, Section, Table
from parkgeo.report.palette import VERDICTS
from parkgeo.report.static_map import Kind, parcel_map
from parkgeo.report.timeline import timeline
from parkgeo.report.visible import visible
from parkgeo.report.words import area, is_missing, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts
    from parkgeo.report.studio import Studio
    from parkgeo.report.timeline import Event

__all__ = ["came_from", "dates_section", "identity_section", "map_section", "verdict_kinds"]

_IDENTITY = (
    "name", "holder", "location", "land_use", "land_use_code", "industry_code", "right_type", "unit_no", "supply_status", "supply_mode",
    "contract_id", "term_years", "price_wan", "agreed_investment_wan", "invested_wan", "planned_far", "parents",
)  # fmt: skip
_DATES = {
    "approved_on": "paper", "contract_on": "paper", "handover_on": "paper", "permit_on": "paper", "agreed_start": "due",
    "actual_start": "done", "suspended_since": "due", "resumed_on": "done", "agreed_completion": "due", "actual_completion": "done",
}  # fmt: skip
"""Field → kind of the event."""


def came_from(told: dict[str, Any], name: str, lang: str) -> str:
    """File and row that a parcel's field was read from; of a computed one nothing."""
    for record in told["records"]:
        if record["table"] == "supply" and not is_missing(record["values"].get(name)):
            return _place(record["file"], record["row"], lang)
    if "formula_en" in told["fields"].get(name, {}) or told["source"]["file"] is None:
        return ""
    return _place(told["source"]["file"], told["source"]["row"], lang)


def _place(file: Any, row: Any, lang: str) -> str:
    if is_missing(file):
        return ""
    return (
        f"{visible(str(file), most=120)}, {say('row {row}', lang, row=row)}"
        if row is not None
        else visible(str(file), most=120)
    )


def identity_section(facts: Facts, told: dict[str, Any]) -> Section:
    """Identity, areas and companies."""
    lang = facts.lang
    fields = told["fields"]
    rows = [
        [
            facts.title("parcels", "parcel_id"),
            visible(told["parcel_id"], most=120),
            came_from(told, "parcel_id", lang),
        ]
    ]
    for name in _IDENTITY:
        value = fields.get(name, {}).get("value")
        if not is_missing(value):
            rows.append(
                [
                    facts.title("parcels", name),
                    facts.shown("parcels", name, _plain_list(value, lang)),
                    came_from(told, name, lang),
                ]
            )
    for name in ("registered_area_m2", "site_area_m2"):
        value = fields.get(name, {}).get("value")
        if value is not None:
            rows.append(
                [
                    facts.title("parcels", name),
                    f"{facts.shown('parcels', name, value)} = {area(value, lang)}",
                    came_from(told, name, lang),
                ]
            )
    companies = _companies(facts, told)
    if companies:
        rows.append(
            [
                say("Companies on it", lang),
                join(companies, lang),
                join(
                    [_place(r["file"], r["row"], lang) for r in told["records"] if r["table"] == "occupancy"],
                    lang,
                ),
            ]
        )
    absent = [
        facts.title("parcels", name)
        for name in ("holder", "land_use", "contract_id")
        if is_missing(fields.get(name, {}).get("value"))
    ]
    blocks: list[Block] = [
        Table.of(
            [
                Column(say("Matter", lang), 1.1),
                Column(say("Value", lang), 2),
                Column(say("Where it comes from", lang), 1.7),
            ],
            rows,
        )
    ]
    if absent:
        blocks.append(
            Paragraph(say("Not stated in the files: {fields}.", lang, fields=join(absent, lang)), "note")
        )
    return Section(say("Identity", lang), tuple(blocks))


def _plain_list(value: Any, lang: str) -> Any:
    return join([str(part) for part in value], lang) if isinstance(value, list) else value


def _companies(facts: Facts, told: dict[str, Any]) -> list[str]:
    ids = [r["values"].get("enterprise_id") for r in told["records"] if r["table"] == "occupancy"]
    if not facts.has("enterprises", "enterprise_id", "name"):
        return [visible(str(one), most=60) for one in ids]
    names = dict(
        zip(facts.column("enterprise_id", "enterprises"), facts.column("name", "enterprises"), strict=True)
    )
    return [visible(str(names[one] if not is_missing(names.get(one)) else one), most=80) for one in ids]


def verdict_kinds(facts: Facts, column: str) -> list[Kind]:
    """Classes of a column of verdicts, for a map."""
    lang = facts.lang
    verdicts = facts.column(column).astype(object)
    names = {
        "yes": say("Suspected idle", lang), "undetermined": say("Undetermined", lang), "no": say("Not idle", lang), "": say("Not judged", lang),
    }  # fmt: skip
    known = verdicts.where(verdicts.isin(["yes", "undetermined", "no"]), "").to_numpy()
    return [Kind(name, np.asarray(known == verdict), VERDICTS[verdict]) for verdict, name in names.items()]


def map_section(facts: Facts, studio: Studio, at: int) -> Section:
    """The parcel among its neighbours."""
    lang = facts.lang
    buildings = facts.table("buildings") if "geometry" in facts.table("buildings") else None
    roads = facts.table("roads") if "geometry" in facts.table("roads") else None
    crs = str(facts.snapshot.crs.name)
    drawing = parcel_map(
        studio,
        facts.parcels,
        at,
        verdict_kinds(facts, "idle"),
        lang=lang,
        buildings=buildings,
        roads=roads,
        crs=crs,
    )
    caption = say(
        "Verdict on idleness as of {day}; coordinate system {crs}.",
        lang,
        day=facts.snapshot.as_of,
        crs=visible(crs, most=90),
    )
    alt = say("Map of the parcel and its neighbours", lang)
    return Section(say("Place of the parcel", lang), (Picture(drawing, alt, caption, 0.64),))


def dates_section(facts: Facts, told: dict[str, Any], studio: Studio) -> Section:
    """Dates on a line and as a table with their sources."""
    lang = facts.lang
    events, rows = [], []
    for name, kind, when in _events(told):
        title = facts.title("parcels", name)
        events.append((when, title, kind))
        rows.append([when.isoformat(), title, came_from(told, name, lang)])
    since = _date(told["fields"].get("idle_since", {}).get("value"))
    if since is not None:
        title = facts.title("parcels", "idle_since")
        rows.append([since.isoformat(), title, say("worked out; see the clauses", lang)])
    until = facts.snapshot.as_of
    rows.sort()
    rows.append([until.isoformat(), say("As of", lang), ""])
    blocks: list[Block] = []
    if events:
        shown: list[Event] = [*events, (until, say("As of", lang), "today")]
        drawing = timeline(
            studio, shown, idle_from=since, until=until, idle=say("idle since {day}", lang, day=since)
        )
        blocks.append(Picture(drawing, say("Dates on a line", lang), ""))
    else:
        blocks.append(
            Paragraph(say("The files state no date of approval, contract, handover or start.", lang))
        )
        blocks.extend(
            Paragraph(ask, "note") for ask in facts.gaps("idle_not_started", parcel=told["parcel_id"])
        )
    columns = [
        Column(say("Day", lang), 0.8),
        Column(say("Event", lang), 1.6),
        Column(say("Where it comes from", lang), 2),
    ]
    blocks.append(Table.of(columns, rows))
    return Section(say("Dates", lang), tuple(blocks))


def _events(told: dict[str, Any]) -> Iterator[tuple[str, str, dt.date]]:
    supply = [record["values"] for record in told["records"] if record["table"] == "supply"]
    for name, kind in _DATES.items():
        values = [told["fields"].get(name, {}).get("value"), *(record.get(name) for record in supply)]
        when = next((found for found in map(_date, values) if found is not None), None)
        if when is not None:
            yield name, kind, when


def _date(value: Any) -> dt.date | None:
    if not isinstance(value, str):
        return None
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        return None
