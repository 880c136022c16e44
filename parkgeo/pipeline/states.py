"""Stage: the state of each parcel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.assess.judged import findings_later, not_judged, verdict_text
from parkgeo.assess.states import (
    approved_not_supplied,
    below_contract,
    built_not_producing,
    high_performer,
    land_state,
    low_efficiency,
    occupants_of,
    standing_of,
    supplied_not_started,
    underbuilt,
    used_in_part,
)
from parkgeo.assess.states.contract import not_in_ledger
from parkgeo.assess.wording import field_names
from parkgeo.i18n import LANGUAGES, say
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.shared import listed_companies

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.judged import Judged
    from parkgeo.assess.states import Standing
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk

__all__ = ["states"]

_NOT_AGREED = "The ledger has no column of what the contracts agree: {fields}."

_NO_DAY = "Not judged: the pack {pack} asks for a floor area ratio of {least} of new projects and does not state from which day; write control.far_min_project_from in your own pack."


def states(desk: Desk) -> Part:
    """Each class's answer, and one state out of them."""
    year = desk.found.facts.get("performance_year")
    has_ledger = desk.layers.supply is not None
    standing = standing_of(
        desk.parcels, desk.contracts, desk.rules, desk.as_of, has_ledger=has_ledger, year=year
    )
    answers = _answers(desk, standing)
    columns = {"land_state": land_state(standing, answers)}
    for code, judged in answers.items():
        columns[code] = not_judged(desk.parcels) if judged is None else verdict_text(judged)
    found = [findings_later(judged, desk.parcels) for judged in answers.values() if judged is not None]
    gaps: list[Gap | pd.DataFrame] = []
    absent = not_in_ledger(desk.contracts, desk.rules) if has_ledger else []
    if absent:
        gaps += _not_agreed(absent)
    gaps += _without_day(desk.rules)
    return Part(pd.DataFrame(columns), findings=[*found], gaps=gaps)


def _not_agreed(fields: list[str]) -> list[Gap]:
    ask = {
        lang: say(_NOT_AGREED, lang, fields=field_names(", ".join(fields), ("supply",), lang))
        for lang in LANGUAGES
    }
    return [("parcels", None, "below_contract", ask)]


def _without_day(rules: RuleBook) -> list[Gap]:
    """The figure of new projects that no pack says the day of."""
    least = rules.get("control.far_min_project")
    if least is None or rules.get("control.far_min_project_from") is not None:
        return []
    ask = {lang: say(_NO_DAY, lang, pack=least.pack, least=least.written()) for lang in LANGUAGES}
    return [("parcels", None, "underbuilt", ask)]


def _answers(desk: Desk, standing: Standing) -> dict[str, Judged | None]:
    layers, rules = desk.layers, desk.rules
    years, let = (rules.get(f"efficiency.{name}") for name in ("no_tax_years", "let_to_outside_taxpayers"))
    occupants = occupants_of(
        desk.parcels, desk.attached("occupancy"), layers.enterprises, layers.performance, desk.as_of,
        year=standing.year, years=int(years.number("year")) if years else 0, let=let is not None and let.flag(), listed=desk.once(listed_companies),
    )  # fmt: skip
    producing = built_not_producing(standing)
    return {
        "approved_not_supplied": approved_not_supplied(standing),
        "supplied_not_started": supplied_not_started(standing),
        "used_in_part": used_in_part(standing),
        "built_not_producing": producing,
        "below_contract": below_contract(standing),
        "low_efficiency": low_efficiency(standing, producing, occupants),
        "underbuilt": underbuilt(standing, occupants.industry),
        "high_performer": high_performer(standing),
    }
