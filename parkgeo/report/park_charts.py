"""Charts of the park report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.report.charts import Bar, bars, distribution, quadrants, trends
from parkgeo.report.document import Picture, Section
from parkgeo.report.palette import DIFFERENCE, LEDGER, NO_DATA, Fill
from parkgeo.report.parcel_figures import history
from parkgeo.report.park_answers import left_out_line
from parkgeo.report.park_lists import ledger_rows
from parkgeo.report.visible import one_line
from parkgeo.report.words import is_missing, unit_word
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts
    from parkgeo.report.studio import Studio

__all__ = ["chart_sections"]

_RANKED = 10
_NAMED = 6
_NAME, _TAIL = 24, 5
"""Characters of a name, and last ones of a parcel's id, which tell a holder's parcels apart."""

_LEAST = 3
"""Fewer parcels than this are a list, not a distribution."""


def chart_sections(facts: Facts, studio: Studio, left_out: list[str]) -> list[Section]:
    """Distribution, trend, scatter, ranking and ledger; what cannot be drawn is left out and named."""
    lang = facts.lang
    wanted = (
        (say("Land ledger", lang), _ledger(facts, studio), ("land_ledger",)),
        (say("How is the yield spread?", lang), _spread(facts, studio), ("output_wan_per_mu", "tax_wan_per_mu")),
        (say("Who uses land densely and yields, who does not?", lang), _dense_and_yielding(facts, studio), ("far", "output_wan_per_mu")),
        (say("Who yields most and least?", lang), _ranking(facts, studio), ("output_wan_per_mu",)),
        (say("How has it gone over the years?", lang), _over_years(facts, studio), ("park_years", "company_years")),
    )  # fmt: skip
    sections: list[Section] = []
    for title, blocks, fields in wanted:
        if blocks:
            sections.append(Section(title, tuple(blocks), new_page=not sections))
        else:
            left_out.append(left_out_line(facts, say("Chart: {question}", lang, question=title), *fields))
    return sections


def _caption(facts: Facts, more: str = "") -> str:
    told = say(
        "{park}, as of {day}, snapshot {name}.",
        facts.lang,
        park=facts.park,
        day=facts.snapshot.as_of,
        name=facts.snapshot.name,
    )
    return f"{more} {told}".strip()


def _axis(facts: Facts, name: str) -> str:
    unit = facts.unit_of("parcels", name)
    title = facts.title("parcels", name)
    return f"{title} ({unit})" if unit else title


def _ledger(facts: Facts, studio: Studio) -> list[Block]:
    rows = ledger_rows(facts)
    if not rows:
        return []
    lengths = [
        Bar(f"{row.code} {row.title}", row.square / M2_PER_HA, LEDGER.get(row.code, NO_DATA)) for row in rows
    ]
    drawing = bars(studio, lengths, axis=unit_word("ha", facts.lang), lang=facts.lang)
    return [Picture(drawing, say("Land ledger", facts.lang), _caption(facts))]


def _spread(facts: Facts, studio: Studio) -> list[Block]:
    lang = facts.lang
    blocks: list[Block] = []
    for name in ("output_wan_per_mu", "tax_wan_per_mu"):
        values = facts.numbers(name).to_numpy()
        if np.isfinite(values).sum() < _LEAST:
            continue
        benchmark = facts.benchmark(name, facts.unit("parcels", name))
        line = (
            (benchmark.value, say("Benchmark {value}", lang, value=number(benchmark.value, lang, digits=1)))
            if benchmark
            else None
        )
        drawing = distribution(
            studio, values, axis=_axis(facts, name), count=say("Parcels", lang), benchmark=line
        )
        why = f"{benchmark.title} ({benchmark.source})." if benchmark else ""
        blocks.append(Picture(drawing, facts.title("parcels", name), _caption(facts, why)))
    return blocks


def _dense_and_yielding(facts: Facts, studio: Studio) -> list[Block]:
    lang = facts.lang
    x, y = facts.numbers("far").to_numpy(), facts.numbers("output_wan_per_mu").to_numpy()
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < _LEAST:
        return []
    cuts, told = [], []
    for name, values in (("far", x), ("output_wan_per_mu", y)):
        benchmark = facts.benchmark(name, facts.unit("parcels", name))
        cuts.append(benchmark.value if benchmark else float(np.median(values[known])))
        told.append(
            f"{facts.title('parcels', name)}: {benchmark.title if benchmark else say('median of the park', lang)}"
        )
    names = (
        say("Loose and low", lang),
        say("Dense, low yield", lang),
        say("Loose, high yield", lang),
        say("Dense and high", lang),
    )
    order = np.argsort(-np.nan_to_num(y, nan=-np.inf), kind="stable")
    ends = [int(at) for at in order if known[at]]
    named = [
        (float(x[at]), float(y[at]), _name(facts, at)) for at in dict.fromkeys([*ends[:_NAMED], *ends[-2:]])
    ]
    drawing = quadrants(
        studio,
        x,
        y,
        axes_titles=(_axis(facts, "far"), _axis(facts, "output_wan_per_mu")),
        cut=(cuts[0], cuts[1]),
        names=names,
        named=named,
    )
    lines = say("Lines: {lines}.", lang, lines="; ".join(told))
    return [Picture(drawing, say("Output against floor area ratio", lang), _caption(facts, lines))]


def _name(facts: Facts, at: int) -> str:
    row = facts.parcels.iloc[at]
    holder = row.get("holder")
    return one_line(str(row["parcel_id"] if is_missing(holder) else holder), 40)


def _ranking(facts: Facts, studio: Studio) -> list[Block]:
    lang = facts.lang
    name = "output_wan_per_mu"
    values = facts.numbers(name).to_numpy()
    known = [
        int(at)
        for at in np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
        if np.isfinite(values[at])
    ]
    if len(known) < _LEAST:
        return []
    benchmark = facts.benchmark(name, facts.unit("parcels", name))
    line = benchmark.value if benchmark else None
    shown = known if len(known) <= 2 * _RANKED else [*known[:_RANKED], *known[-_RANKED:]]
    rows = [
        Bar(
            f"{one_line(_name(facts, at), _NAME)} …{str(facts.parcels['parcel_id'].iloc[at])[-_TAIL:]}",
            float(values[at]),
            Fill(DIFFERENCE[int(line is None or values[at] >= line)], edge="white"),
        )
        for at in shown
    ]
    told = (
        ""
        if len(shown) == len(known)
        else say("The {count} highest and the {count} lowest of {all}.", lang, count=_RANKED, all=len(known))
    )
    if line is not None:
        told = f"{told} {say('Dashed: benchmark {value}.', lang, value=number(line, lang, digits=1))}".strip()
    drawing = bars(studio, rows, axis=_axis(facts, name), lang=lang, benchmark=line)
    return [Picture(drawing, facts.title("parcels", name), _caption(facts, told))]


def _over_years(facts: Facts, studio: Studio) -> list[Block]:
    measures = history(facts, facts.table("park_years").to_dict(orient="records"))
    if not measures:
        return []
    told = say(
        "Sums of the companies' returns over the land of those who filed them; dashed: benchmark.", facts.lang
    )
    return [
        Picture(
            trends(studio, measures, lang=facts.lang),
            say("Trend over the years", facts.lang),
            _caption(facts, told),
        )
    ]
