"""Maps of the park report: idleness, state of the land, output per mu, grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import say
from parkgeo.report.document import Picture, Section
from parkgeo.report.palette import GRADES, STATES, Fill
from parkgeo.report.parcel_identity import verdict_kinds
from parkgeo.report.park_answers import GRADE_ORDER, left_out_line
from parkgeo.report.static_map import Kind, kinds_of_quantity, park_map
from parkgeo.report.visible import visible

if TYPE_CHECKING:
    from parkgeo.report.facts import Facts
    from parkgeo.report.studio import Studio

__all__ = ["map_sections", "picture"]

_UNKNOWN = Fill("#DDDDDD", edge="#767676")


def map_sections(facts: Facts, studio: Studio, left_out: list[str]) -> list[Section]:
    """A map a question; one that cannot be answered is left out and named."""
    lang = facts.lang
    wanted: list[tuple[str, str, list[Kind], str]] = [
        ("idle", say("Which land is idle?", lang), verdict_kinds(facts, "idle"), say("Idle land (statutory)", lang)),
        ("land_state", say("In what state is each parcel?", lang), _state_kinds(facts), facts.title("parcels", "land_state")),
        *_quantity(facts),
        ("grade", say("Which land yields how well?", lang), _grade_kinds(facts), say("Grade", lang)),
    ]  # fmt: skip
    sections: list[Section] = []
    for name, question, kinds, legend in wanted:
        known = facts.column(name)
        if not known.notna().any():
            left_out.append(left_out_line(facts, say("Map: {question}", lang, question=question), name))
            continue
        title = (
            question
            if name not in ("idle", "land_state")
            else f"{question} ({say('Suspected, for verification', lang)})"
        )
        sections.append(
            Section(
                title,
                (picture(facts, studio, kinds, legend, question),),
                level=1,
                new_page=len(sections) % 2 == 0,
            )
        )
    return sections


def picture(facts: Facts, studio: Studio, kinds: list[Kind], legend: str, question: str) -> Picture:
    """A map of the parcels by class, with its caption."""
    lang = facts.lang
    crs = visible(str(facts.snapshot.crs.name), most=90)
    drawing = park_map(
        studio, facts.parcels, kinds, legend=legend, lang=lang, park=_layer(facts, "parks"), roads=_layer(facts, "roads"), crs=crs
    )  # fmt: skip
    caption = say(
        "{park}, as of {day}, snapshot {name}; coordinate system {crs}.",
        lang,
        park=facts.park,
        day=facts.snapshot.as_of,
        name=facts.snapshot.name,
        crs=crs,
    )
    return Picture(drawing, question, caption)


def _layer(facts: Facts, name: str) -> Any:
    return facts.table(name) if "geometry" in facts.table(name) else None


def _state_kinds(facts: Facts) -> list[Kind]:
    states = facts.column("land_state").astype(object)
    known = [*STATES, *sorted({str(one) for one in states.dropna()} - set(STATES))]
    kinds = [
        Kind(
            facts.word("parcels", "land_state", state),
            np.asarray(states == state, dtype=bool),
            STATES.get(state, _UNKNOWN),
        )
        for state in known
    ]
    return [*kinds, Kind(say("Not judged", facts.lang), states.isna().to_numpy(), _UNKNOWN)]


def _grade_kinds(facts: Facts) -> list[Kind]:
    grades = facts.column("grade").astype(object)
    texts = grades.where(grades.isin(GRADE_ORDER[:4]), "")
    return [
        Kind(grade or say("Not rated", facts.lang), np.asarray(texts == grade, dtype=bool), GRADES[grade])
        for grade in GRADE_ORDER
    ]


def _quantity(facts: Facts) -> list[tuple[str, str, list[Kind], str]]:
    lang = facts.lang
    name = "output_wan_per_mu"
    values = facts.numbers(name).to_numpy()
    digits = 0 if np.nanmax(np.abs(values), initial=0.0) >= 20 else 1  # noqa: PLR2004 - below, whole numbers tell too little
    legend = f"{facts.title('parcels', name)}\n({facts.unit_of('parcels', name)})"
    return [
        (
            name,
            say("What does each mu put out?", lang),
            kinds_of_quantity(values, lang=lang, digits=digits),
            legend,
        )
    ]
