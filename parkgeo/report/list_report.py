"""A list of parcels as a document for paper: what was chosen, where it lies, and a row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.errors import ProjectError
from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.report.document import Cell, Column, Document, Paragraph, Picture, Section, Table
from parkgeo.report.facts import Facts
from parkgeo.report.filter_words import filter_words, tidy_bounds
from parkgeo.report.palette import VERDICTS, Fill
from parkgeo.report.static_map import Kind, park_map
from parkgeo.report.visible import visible
from parkgeo.report.words import area, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import pandas as pd

    from parkgeo.report.document import Block
    from parkgeo.report.studio import Studio
    from parkgeo.store import Snapshot

__all__ = ["LIST_COLUMNS", "Chosen", "list_document"]

LIST_COLUMNS = (
    "parcel_id", "holder", "land_use", "site_area_m2", "idle", "land_state", "idle_since", "idle_days", "grade", "output_wan_per_mu",
    "tax_wan_per_mu", "way",
)  # fmt: skip
"""Columns of a list for which none were chosen, as far as the parcels have them."""

_ACROSS = 11
"""Most columns beside a row's number and id; further ones stand in a table of their own."""

_NUMBERED = 60
"""Most parcels whose rows' numbers are written on the map."""

_SHARES = {
    "parcel_id": 2.6,
    "holder": 2.2,
    "name": 1.6,
    "location": 1.8,
    "way": 1.4,
    "land_use": 1.3,
    "land_state": 1.3,
}
_NUMBER_SHARE, _TEXT_SHARE = 1.0, 1.3
_MOST = 160
_OPEN = ("supplied_not_started", "suspended", "used_in_part", "built_not_producing")
"""States of land that are said of land that may lie idle."""

_OTHERS = Fill("#F3F3F3", edge="#B5B5B5")


@dataclass(frozen=True)
class Chosen:
    """What was chosen, to be said on the first page.

    Attributes
    ----------
    condition
        The filter as CQL2 JSON; None where there is none.
    written
        The filter as it was written.
    notes
        What else narrows the rows, in words, in the reader's language: a box, a first number of rows, an order.
    columns
        Columns to be shown, in their order; None is `LIST_COLUMNS`.
    """

    condition: dict[str, Any] | bool | None = None
    written: str = ""
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None


def list_document(snapshot: Snapshot, rows: pd.DataFrame, chosen: Chosen, *, lang: str, studio: Studio) -> Document:  # fmt: skip
    """The list of chosen parcels.

    Parameters
    ----------
    snapshot
        Of which they are; its other parcels are drawn beneath, without names.
    rows
        The chosen parcels, in the order in which they are listed, with what may leave.
    chosen
        What was asked for.
    lang
        ``zh`` or ``en``.
    studio
        Draws the map.

    Raises
    ------
    ProjectError
        A column was chosen that the parcels do not have.
    """
    facts = Facts(snapshot, lang)
    suspected = _is_suspected(rows)
    names = _columns(rows, chosen.columns)
    sections = [
        Section(say("What was chosen", lang), tuple(_told(facts, rows, chosen))),
        *([_map(facts, studio, rows)] if len(rows) else []),
        *_tables(facts, rows, names),
    ]
    return Document(
        title=say("Parcels of {park}", lang, park=facts.park),
        subtitle=say("List of chosen parcels", lang) if chosen.condition is not None or chosen.notes else say("List of all parcels", lang),
        facts=(
            (say("Park", lang), facts.park),
            (say("As of", lang), snapshot.as_of.isoformat()),
            (say("Snapshot", lang), snapshot.name),
        ),
        banner=say("Suspected, for verification", lang) if suspected else "",
        footer=f"parkgeo {snapshot.manifest.get('version', '')} · {snapshot.name}",
        lang=lang,
        day=snapshot.as_of,
        sections=tuple(sections),
        landscape=True,
    )  # fmt: skip


def _is_suspected(rows: pd.DataFrame) -> bool:
    """Whether a row says, of itself or by its state, that land may lie idle."""
    said = (("idle", ("yes", "undetermined")), ("land_state", _OPEN), ("evidence_says", ("idle", "conflict")))
    return any(name in rows and bool(rows[name].isin(codes).any()) for name, codes in said)


def _columns(rows: pd.DataFrame, wanted: Iterable[str] | None) -> list[str]:
    known = [str(name) for name in rows.columns if name != "geometry"]
    if wanted is None:
        return [name for name in LIST_COLUMNS if name in known]
    names = list(dict.fromkeys(wanted))
    absent = next((name for name in names if name not in known), None)
    if absent is not None:
        raise ProjectError(
            f"the parcels have no column {visible(absent, most=60)!r}", mend="name columns of the parcels"
        )
    return names


def _told(facts: Facts, rows: pd.DataFrame, chosen: Chosen) -> list[Block]:
    """The answer, the filter in words, and the filter as it was written."""
    lang = facts.lang
    blocks: list[Block] = [Paragraph(_sums(facts, rows), "lead")]
    if chosen.condition is not None:
        blocks.append(
            Paragraph(
                say(
                    "Only parcels of which this holds: {condition}.",
                    lang,
                    condition=filter_words(chosen.condition, facts),
                )
            )
        )
    blocks.extend(Paragraph(visible(note)) for note in chosen.notes)
    if chosen.written:
        blocks.append(
            Paragraph(
                say(
                    "The filter as written: {filter}",
                    lang,
                    filter=visible(tidy_bounds(chosen.written), most=2100),
                ),
                "note",
            )
        )
    return blocks


def _sums(facts: Facts, rows: pd.DataFrame) -> str:
    """How many parcels of how many, and how much of them is suspected idle."""
    lang = facts.lang
    told = say(
        "{count} of {all} parcels",
        lang,
        count=number(len(rows), lang, digits=0),
        all=number(len(facts.parcels), lang, digits=0),
    )
    if "site_area_m2" not in rows or not len(rows):
        return say("{told}.", lang, told=told)
    told = say("{told}, {area}", lang, told=told, area=area(rows["site_area_m2"].sum(), lang))
    if "idle" not in rows:
        return say("{told}.", lang, told=told)
    idle, unsure = (rows["site_area_m2"][rows["idle"] == verdict] for verdict in ("yes", "undetermined"))
    return say(
        "{told}; of these suspected idle {idle} ({idle_area}), undetermined {unsure} ({unsure_area}).", lang, told=told, idle=len(idle),
        idle_area=area(idle.sum(), lang), unsure=len(unsure), unsure_area=area(unsure.sum(), lang),
    )  # fmt: skip


def _map(facts: Facts, studio: Studio, rows: pd.DataFrame) -> Section:
    lang = facts.lang
    parcels: gpd.GeoDataFrame = facts.parcels
    order = {parcel: at for at, parcel in enumerate(rows["parcel_id"], start=1)}
    places = np.array([order.get(parcel, 0) for parcel in parcels["parcel_id"]], dtype=np.int64)
    kinds = [Kind(say("Not chosen", lang), places == 0, _OTHERS), *_kinds(facts, rows, places)]
    crs = visible(str(facts.snapshot.crs.name), most=90)
    layers = {
        name: facts.table(name) if "geometry" in facts.table(name) else None for name in ("parks", "roads")
    }
    drawing = park_map(
        studio, parcels, kinds, legend=say("Idle land (statutory)", lang) if "idle" in rows else say("Parcels", lang), lang=lang,
        park=layers["parks"], roads=layers["roads"], crs=crs, numbers=places if len(rows) <= _NUMBERED else None,
    )  # fmt: skip
    caption = say("{park}, as of {day}, snapshot {name}; coordinate system {crs}.", lang, park=facts.park, day=facts.snapshot.as_of, name=facts.snapshot.name, crs=crs)  # fmt: skip
    if len(rows) <= _NUMBERED:
        caption += ("" if lang == "zh" else " ") + say("The numbers are those of the list.", lang)
    return Section(
        say("Where they lie", lang),
        (Picture(drawing, say("Map of the chosen parcels", lang), caption, 0.6),),
    )


def _kinds(facts: Facts, rows: pd.DataFrame, places: Any) -> list[Kind]:
    """The chosen parcels by verdict; all in one where they have none."""
    lang = facts.lang
    if "idle" not in rows:
        return [Kind(say("Chosen", lang), places > 0, VERDICTS["no"])]
    verdicts = np.array(
        ["", *(str(one) if one in ("yes", "undetermined", "no") else "" for one in rows["idle"])],
        dtype=object,
    )
    own = verdicts[places]
    return [
        Kind(_verdict_words(verdict, lang), (places > 0) & (own == verdict), VERDICTS[verdict])
        for verdict in ("yes", "undetermined", "no", "")
    ]


def _verdict_words(verdict: str, lang: str) -> str:
    words = {"yes": "Suspected idle", "undetermined": "Undetermined", "no": "Not idle"}
    return say(words.get(verdict, "Not judged"), lang)


def _tables(facts: Facts, rows: pd.DataFrame, names: list[str]) -> list[Section]:
    """The rows; columns that do not fit across follow in further tables, each with number and id."""
    lang = facts.lang
    if not len(rows):
        return [Section(say("The list", lang), (Paragraph(say("No parcel fits.", lang)),))]
    rest = [name for name in names if name != "parcel_id"]
    parts = [rest[at : at + _ACROSS] for at in range(0, len(rest), _ACROSS)] or [[]]
    records = rows[["parcel_id", *rest]].to_dict(orient="records")
    sections = []
    for at, part in enumerate(parts, start=1):
        title = (
            say("The list", lang)
            if len(parts) == 1
            else say("The list, part {part} of {parts}", lang, part=at, parts=len(parts))
        )
        sections.append(Section(title, (_table(facts, rows, records, ["parcel_id", *part]),), new_page=True))
    return sections


def _table(facts: Facts, rows: pd.DataFrame, records: list[dict[Any, Any]], names: list[str]) -> Table:
    import pandas as pd

    lang = facts.lang
    figures = {
        name for name in names if pd.api.types.is_numeric_dtype(rows[name].dtype) and rows[name].dtype != bool
    }
    columns = [
        Column(say("No.", lang), 0.55, "right"),
        *(_column(facts, name, right=name in figures) for name in names),
    ]
    cells = [
        [str(at), *(_cell(facts, name, record[name]) for name in names)]
        for at, record in enumerate(records, start=1)
    ]  # fmt: skip
    return Table.of(columns, cells)


def _column(facts: Facts, name: str, *, right: bool) -> Column:
    unit = facts.unit_of("parcels", name) if right else ""
    title = facts.title("parcels", name)
    share = _SHARES.get(name, _NUMBER_SHARE if right else _TEXT_SHARE)
    return Column(f"{title} ({unit})" if unit else title, share, "right" if right else "left")


def _cell(facts: Facts, name: str, value: Any) -> Cell | str:
    if name == "idle":
        verdict = "" if is_missing(value) else str(value)
        return Cell(_verdict_words(verdict, facts.lang), verdict if verdict in VERDICTS else "")
    if is_missing(value):
        return "—"
    if name == "grade":
        return Cell(visible(str(value), most=20), str(value))
    if isinstance(value, list | tuple) or bool(getattr(value, "ndim", None)):
        return visible(", ".join(str(one) for one in value), most=_MOST)
    return visible(facts.shown("parcels", name, value, unit=False), most=_MOST)
