"""What stands on a parcel, what it yields, its grade, its potential, and what the images show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.packs.sources import source_in
from parkgeo.report.charts import Trend, distribution, trends
from parkgeo.report.document import Cell, Column, Paragraph, Picture, Points, Section, Table
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, is_missing, join, unit_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts
    from parkgeo.report.studio import Studio

__all__ = ["MEASURES", "figures_sections", "frame_table", "history"]

_FORM = (
    "footprint_m2", "floor_area_m2", "far", "planned_far", "building_density", "building_coefficient", "underbuilt",
    "developed_share", "invested_share", "area_difference_ratio",
)  # fmt: skip
MEASURES = (
    "output_wan_per_mu", "value_added_wan_per_mu", "revenue_wan_per_mu", "tax_wan_per_mu", "fixed_assets_wan_per_mu", "rd_wan_per_mu",
    "electricity_kwh_per_mu", "water_m3_per_mu", "energy_tce_per_mu", "labour_productivity_wan_per_person",
    "energy_productivity_wan_per_tce", "emission_productivity_wan_per_t", "rd_share", "capacity_use",
)  # fmt: skip
"""What companies yield, by parcel."""

_POTENTIAL = (
    "releasable_area_m2", "releasable_floor_area_m2", "idle_cost_wan_per_year", "vertical_headroom_m2", "roof_area_m2",
    "pv_kwp_low", "pv_kwp_high",
)  # fmt: skip
_IMAGERY = (
    "imagery_on", "imagery_valid_share", "ndvi", "ndbi", "bsi", "built_share", "vegetated_share", "bare_share", "ndvi_change",
    "built_share_change",
)  # fmt: skip
_HIDDEN = ("park_id", "parcel_id", "enterprise_id", "source_file", "source_row", "geometry")


def figures_sections(facts: Facts, told: dict[str, Any], studio: Studio, at: int) -> list[Section]:
    """The sections of figures; each says so where the snapshot has none."""
    lang = facts.lang
    return [
        _plain_section(facts, told, say("What is built", lang), _FORM),
        _performance_section(facts, told, studio, at),
        _grade_section(facts, told),
        _potential_section(facts, told),
        _plain_section(facts, told, say("What the images show", lang), _IMAGERY),
    ]


def _plain_section(facts: Facts, told: dict[str, Any], title: str, names: Sequence[str]) -> Section:
    return Section(title, tuple(_figures(facts, told, names)))


def _figures(facts: Facts, told: dict[str, Any], names: Sequence[str]) -> list[Block]:
    """Known figures as a table with their formulas; of the missing ones, what to ask for."""
    lang = facts.lang
    fields = told["fields"]
    rows = []
    for name in names:
        entry = fields.get(name)
        value = told["verdicts"].get(name) if name in told["verdicts"] else entry["value"] if entry else None
        if not is_missing(value):
            formula = visible(str((entry or {}).get(f"formula_{lang}") or ""))
            rows.append([facts.title("parcels", name), facts.shown("parcels", name, value), formula])
    blocks: list[Block] = []
    if rows:
        columns = [
            Column(say("Measure", lang), 1.5),
            Column(say("Value", lang), 1, "right"),
            Column(say("How it is worked out", lang), 2.4),
        ]
        blocks.append(Table.of(columns, rows))
    asks = [ask for name in names for ask in fields.get(name, {}).get("ask", {}).get(lang, ())]
    absent = [
        facts.title("parcels", name)
        for name in names
        if is_missing(fields.get(name, {}).get("value"))
        and name not in told["verdicts"]
        and facts.knows("parcels", name)
    ]
    if not rows:
        blocks.append(Paragraph(say("The snapshot has no such figures for this parcel.", lang)))
    elif absent:
        blocks.append(
            Paragraph(
                say("No value: {fields}.", lang, fields=("、" if lang == "zh" else ", ").join(absent)), "note"
            )
        )
    blocks.extend(Paragraph(visible(str(ask)), "note") for ask in dict.fromkeys(asks))
    return blocks


def _performance_section(facts: Facts, told: dict[str, Any], studio: Studio, at: int) -> Section:
    lang = facts.lang
    rows = []
    for name in MEASURES:
        entry = told["fields"].get(name)
        if entry is None or is_missing(entry["value"]):
            continue
        benchmark = facts.benchmark(name, facts.unit("parcels", name))
        value = float(entry["value"])
        ratio = (
            f"{number(100 * value / benchmark.value, lang, digits=0)} %"
            if benchmark and benchmark.value
            else "—"
        )
        of = f"{benchmark.title} ({benchmark.source})" if benchmark else "—"
        rows.append([
            facts.title("parcels", name), facts.shown("parcels", name, value),
            number(benchmark.value, lang, digits=2) if benchmark else "—", ratio, of,
        ])  # fmt: skip
    if not rows:
        return Section(say("What it yields", lang), tuple(_figures(facts, told, MEASURES)))
    columns = [
        Column(say("Measure", lang), 1.6), Column(say("Value", lang), 1.2, "right"), Column(say("Benchmark", lang), 0.9, "right"),
        Column(say("Against it", lang), 0.8, "right"), Column(say("Benchmark is", lang), 2.2),
    ]  # fmt: skip
    year = facts.snapshot.manifest.get("performance_year")
    caption = say("Returns of {year}.", lang, year=year) if year else ""
    blocks: list[Block] = [Table.of(columns, rows, caption), *_yield_pictures(facts, told, studio, at)]
    return Section(say("What it yields", lang), tuple(blocks))


def _yield_pictures(facts: Facts, told: dict[str, Any], studio: Studio, at: int) -> list[Block]:
    lang = facts.lang
    name = next(
        (
            one
            for one in ("output_wan_per_mu", "tax_wan_per_mu")
            if np.isfinite(facts.numbers(one).to_numpy()[at : at + 1]).any()
        ),
        None,
    )
    blocks: list[Block] = []
    if name is not None:
        values = facts.numbers(name).to_numpy()
        benchmark = facts.benchmark(name, facts.unit("parcels", name))
        title = facts.title("parcels", name)
        axis = f"{title} ({facts.unit_of('parcels', name)})"
        drawing = distribution(
            studio, values, axis=axis, count=say("Parcels", lang),
            benchmark=(benchmark.value, say("Benchmark {value}", lang, value=number(benchmark.value, lang, digits=1))) if benchmark else None,
            own=(float(values[at]), say("This parcel {value}", lang, value=number(float(values[at]), lang, digits=1))), height_cm=4.4,
        )  # fmt: skip
        blocks.append(
            Picture(
                drawing,
                title,
                say(
                    "All parcels of the park; {park}, {day}.", lang, park=facts.park, day=facts.snapshot.as_of
                ),
            )
        )
    measures = history(facts, told["parcel_years"])
    if measures:
        blocks.append(
            Picture(
                trends(studio, measures, lang=lang),
                say("Trend over the years", lang),
                say("Trend over the years; dashed: benchmark.", lang),
            )
        )
    return blocks


def history(facts: Facts, rows: Sequence[dict[Any, Any]]) -> list[Trend]:
    """Measures of a parcel or of the park over at least two years."""
    found = []
    for name in MEASURES:
        known = sorted(
            (int(row["year"]), float(row[name]))
            for row in rows
            if not is_missing(row.get(name)) and not is_missing(row.get("year"))
        )
        if len(known) > 1:
            unit = facts.unit("parcels", name)
            benchmark = facts.benchmark(name, unit)
            word = unit_word(unit, facts.lang)
            title = facts.title("parcels", name)
            found.append(
                Trend(
                    f"{title}\n{word}" if word else title,
                    tuple(year for year, _ in known),
                    tuple(value for _, value in known),
                    benchmark.value if benchmark else None,
                )
            )
    return found[:6]


def frame_table(
    facts: Facts, table: str, rows: Sequence[dict[Any, Any]], *, caption: str = ""
) -> Table | None:
    """Rows of a table under their titles, without ids, sources and the other language; None where nothing is left."""
    other = {"zh": "_en", "en": "_zh"}[facts.lang]
    twins = {"zh": "en", "en": "zh"}[facts.lang]
    names = [
        name
        for name in dict.fromkeys(key for row in rows for key in row)
        if name not in _HIDDEN
        and not name.endswith(other)
        and name != twins
        and any(not is_missing(row.get(name)) for row in rows)
    ]
    if not names or not rows:
        return None
    numeric = {
        name: any(
            isinstance(row.get(name), int | float) and not isinstance(row.get(name), bool) for row in rows
        )
        for name in names
    }
    columns = [
        Column(
            _headed(facts, table, name, numeric=numeric[name]),
            1.0 if numeric[name] else 1.7,
            "right" if numeric[name] else "left",
        )
        for name in names
    ]
    cells = [
        [_cell(facts, table, name, row.get(name), rows_unit=row.get("unit")) for name in names]
        for row in rows
    ]
    return Table.of(columns, cells, caption)


def _headed(facts: Facts, table: str, name: str, *, numeric: bool) -> str:
    unit = facts.unit_of(table, name) if numeric else ""
    title = facts.title(table, name)
    return f"{title} ({unit})" if unit else title


def _cell(facts: Facts, table: str, name: str, value: Any, *, rows_unit: Any) -> Cell | str:
    if name == "grade" and not is_missing(value):
        return Cell(visible(str(value), most=20), str(value))
    if name in ("indicator", "metric", "measure") and not is_missing(value):
        return (
            facts.title("parcels", str(value))
            if facts.title("parcels", str(value)) != value
            else visible(str(value), most=80)
        )
    if name == "unit":
        return unit_word(str(rows_unit or ""), facts.lang)
    return facts.shown(table, name, value, unit=False)


def _grade_section(facts: Facts, told: dict[str, Any]) -> Section:
    lang = facts.lang
    fields = told["fields"]
    grade = fields.get("grade", {}).get("value")
    blocks: list[Block] = []
    if is_missing(grade):
        blocks.append(Paragraph(say("Not rated: the snapshot has no grade for this parcel.", lang)))
        blocks.extend(
            Paragraph(ask, "note") for ask in facts.gaps("grade", "score", parcel=told["parcel_id"])
        )
    else:
        score = fields.get("score", {}).get("value")
        blocks.append(
            Paragraph(
                say(
                    "Grade {grade}, score {score}.",
                    lang,
                    grade=visible(str(grade), most=20),
                    score=number(score, lang, digits=1),
                ),
                "lead",
            )
        )
    if told["scores"]:
        blocks.append(_score_table(facts, told["scores"]))
    lifts = [
        visible(str(row[f"lift_{lang}"])) for row in told["scores"] if not is_missing(row.get(f"lift_{lang}"))
    ]
    if lifts:
        blocks += [
            Paragraph(say("What would lift it one grade, each taken alone:", lang)),
            Points(tuple(dict.fromkeys(lifts))),
        ]
    return Section(say("Grade", lang), tuple(blocks))


def _score_table(facts: Facts, rows: Sequence[dict[str, Any]]) -> Table:
    lang = facts.lang
    cells = [
        [
            visible(str(row.get("name") or ""), most=60), visible(str(row.get(lang) or row.get("indicator")), most=60),
            amount(row.get("value"), str(row.get("unit") or ""), lang), amount(row.get("benchmark"), "", lang, digits=2),
            amount(row.get("weight"), "", lang, digits=1), amount(row.get("points"), "", lang, digits=1), visible(source_in(str(row.get("benchmark_source") or "—"), lang), most=400),
        ]
        for row in rows
    ]  # fmt: skip
    columns = [
        Column(say("Company", lang), 1.6), Column(say("Measure", lang), 1.3), Column(say("Value", lang), 1.2, "right"), Column(say("Benchmark", lang), 0.9, "right"),
        Column(say("Weight", lang), 0.7, "right"), Column(say("Points", lang), 0.7, "right"), Column(say("Benchmark is", lang), 2),
    ]  # fmt: skip
    return Table.of(columns, cells, say("How the score came about, indicator by indicator", lang))


def _potential_section(facts: Facts, told: dict[str, Any]) -> Section:
    lang = facts.lang
    fields = told["fields"]
    blocks = _figures(facts, told, _POTENTIAL)
    way, ground = fields.get("way", {}).get("value"), fields.get(f"way_ground_{lang}", {}).get("value")
    if not is_missing(way):
        told_way = say("Suggested way: {way}.", lang, way=facts.word("parcels", "way", way))
        blocks.insert(0, Paragraph(told_way, "lead"))
    if not is_missing(ground):
        blocks.insert(1, Paragraph(say("Ground: {ground}", lang, ground=visible(str(ground)))))
    routes = fields.get("idle_routes", {}).get("value")
    if not is_missing(routes):
        blocks.append(
            Paragraph(
                say(
                    "Disposal routes that the order names: {routes}",
                    lang,
                    routes=join(
                        [
                            facts.word("parcels", "idle_routes", part.strip())
                            for part in str(routes).split(",")
                        ],
                        lang,
                    ),
                )
            )
        )
    return Section(say("Potential", lang), tuple(blocks))
