"""Stage: lines of evidence, side by side."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess import evidence as of
from parkgeo.assess.judged import findings_later, verdict_text
from parkgeo.metrics.imagery import indices_told
from parkgeo.metrics.meters import METERED, meter_window, metered, occupants
from parkgeo.metrics.performance import quotient
from parkgeo.metrics.returns import one_return
from parkgeo.pipeline.books import books_of
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.shared import pixel_places
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.meters import Metered
    from parkgeo.pipeline.desk import Desk

__all__ = ["evidence"]

_NOT_ABOUT = ("not_built_on", "reserve", "approved_not_supplied", "recovered", "too_small")
_UNITS = {"electricity_kwh": "kWh/mu", "water_m3": "m3/mu"}


def evidence(desk: Desk) -> Part:
    """Each line's answer, what they say together, contradictions, and whom to check in the field."""
    parcels = desk.parcels
    about = _about(parcels)
    lines = _lines(desk)
    together = of.combined(lines, desk.rules)
    conflict = of.conflict_judged(together, about, lines, desk.rules, parcels.index)
    area = parcels["site_area_m2"].to_numpy(dtype=float)
    rank = of.field_check_rank(together.says, about, area, together.against, desk.rules)
    columns = pd.DataFrame(
        {f"evidence_{name}": of.said(lines[name].says, about, parcels.index) for name in of.LINES}
        | {
            "evidence_says": _words(together.says, about, of.TOGETHER, parcels.index),
            "evidence_confidence": _words(together.confidence, about, of.CONFIDENCE, parcels.index),
            "evidence_conflict": verdict_text(conflict),
            "field_check_rank": rank,
        },
        index=parcels.index,
    )
    ids = parcels["parcel_id"].to_numpy(dtype=object)
    return Part(
        columns,
        findings=[findings_later(conflict, parcels)],
        tables={"evidence_lines": partial(of.evidence_table, ids, about, lines, desk.rules)},
    )


def _about(parcels: pd.DataFrame) -> NDArray[np.bool_]:
    """Land that is meant to be built on and supplied, or may be, for all that is known."""
    about = np.ones(len(parcels), dtype=bool)
    if "idle_not_started" in parcels:
        about &= parcels["idle_not_started"].notna().to_numpy(dtype=bool)
    if "land_state" in parcels:
        about &= ~parcels["land_state"].isin(_NOT_ABOUT).to_numpy(dtype=bool)
    return about


def _lines(desk: Desk) -> dict[str, of.Line]:
    parcels, contracts, rules = desk.parcels, desk.contracts, desk.rules
    day = np.datetime64(desk.as_of, "D")
    started = of.reported_start(contracts, day)
    window = meter_window(desk.as_of)
    found, industry, files = _meters(desk, window), of.industries_of(parcels), _return_files(desk)
    lines = [
        of.contract_line(parcels, contracts, day),
        of.permit_line(parcels, contracts, rules, day),
        of.buildings_line(parcels, started, rules, day),
        of.imagery_line(
            parcels,
            started,
            of.works_open(contracts, day),
            rules,
            day,
            source_file=_image_files(desk),
            without=_without_image(desk),
        ),
    ]
    for measure in METERED:
        meter = found.get(measure)
        where = {} if meter is None else _standing(desk, files, meter.row)
        lines.append(
            of.meter_line(
                measure.partition("_")[0], industry, _per_mu(parcels, meter), meter, rules, unit=_UNITS[measure],
                last=None if meter is None else window[1], **where,
            )
        )  # fmt: skip
    lines.append(_output(desk, industry, files))
    return {line.name: line for line in lines}


def _meters(desk: Desk, window: tuple[dt.date, dt.date]) -> dict[str, Metered]:
    books = desk.once(books_of)
    if desk.layers.occupancy is None or books is None:
        return {}
    months = int(desk.rules["evidence.meter_months"].number("month"))
    return metered(books.there(*window), books.filed, least_months=months)


def _per_mu(parcels: pd.DataFrame, meter: Metered | None) -> NDArray[np.float64]:
    if meter is None:
        return np.full(len(parcels), np.nan)
    return quotient(meter.total, parcels["site_area_m2"].to_numpy(dtype=float) / M2_PER_MU)


def _return_files(desk: Desk) -> pd.Categorical | None:
    """The file of each return."""
    returns = desk.layers.performance
    return None if returns is None else pd.Categorical(returns["source_file"])


def _standing(desk: Desk, files: pd.Categorical | None, row: NDArray[np.intp]) -> dict[str, Any]:
    """File and row of returns at positions; nothing at -1."""
    returns = desk.layers.performance
    if returns is None or files is None:
        return {}
    numbers = np.append(returns["source_row"].to_numpy(dtype=float), np.nan)
    return {"source_file": files.take(row, allow_fill=True), "source_row": numbers[row]}


def _output(desk: Desk, industry: NDArray[np.intp], files: pd.Categorical | None) -> of.Line:
    """The line of the latest full year, with the return's row where one company is on the parcel."""
    year: int | None = desk.found.facts.get("performance_year")
    books = desk.once(books_of)
    if year is None or desk.layers.occupancy is None or books is None:
        return of.output_line(desk.parcels, None, np.zeros(len(desk.parcels), dtype=bool), desk.rules)
    there = occupants(books.there(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    where = _standing(desk, files, np.append(one_return(books.filed, year), -1)[there.sole])
    return of.output_line(desk.parcels, year, there.own > 0, desk.rules, industry=industry, **where)


def _without_image(desk: Desk) -> str:
    """Why no image tells of a parcel where none does: a key of the line's notes."""
    images = desk.layers.imagery
    if not images:
        return "no_image" if desk.pixels is None else "none_used"
    if all(one.date is not None and one.date > desk.as_of for one in images):
        return "all_later"
    return "no_bands" if not any(indices_told(one.bands) for one in images) else "none_used"


def _image_files(desk: Desk) -> pd.Categorical | None:
    """The file of the image that tells of each parcel."""
    pixels = desk.pixels
    if pixels is None or "source_file" not in pixels or "imagery_on" not in desk.parcels:
        return None
    parcel = desk.once(pixel_places)
    shown = desk.parcels["imagery_on"].to_numpy(dtype="datetime64[s]")
    day = pixels["imagery_on"].to_numpy(dtype="datetime64[s]")
    # The last write wins, so writing backwards leaves the first of several images of a day.
    rows = np.flatnonzero((parcel >= 0) & (day == shown[parcel]))[::-1]
    found = np.full(len(shown), -1)
    found[parcel[rows]] = rows
    return pd.Categorical(pixels["source_file"]).take(found, allow_fill=True)


def _words(
    values: pd.Categorical, about: NDArray[np.bool_], words: tuple[str, ...], index: pd.Index
) -> pd.Series:
    """A column of some words; None where the parcel is not judged or there is none."""
    return of.texts(np.where(about, values.codes, np.int8(-1)), words, index)
