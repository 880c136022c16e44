"""Stage: lines of evidence, side by side."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess import evidence as of
from parkgeo.assess.judged import judged_findings, verdict_text
from parkgeo.assess.membership import places
from parkgeo.metrics.imagery import indices_told
from parkgeo.metrics.meters import METERED, metered, occupants
from parkgeo.pipeline.desk import Part
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
            "evidence_says": _words(together.says, about, (*of.SAYS, of.CONFLICT), parcels.index),
            "evidence_confidence": _words(together.confidence, about, of.CONFIDENCE, parcels.index),
            "evidence_conflict": verdict_text(conflict),
            "field_check_rank": rank,
        },
        index=parcels.index,
    )
    ids = parcels["parcel_id"].to_numpy(dtype=object)
    return Part(
        columns,
        findings=[partial(judged_findings, conflict, parcels)],
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
    found = _meters(desk)
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
        on = None if meter is None else meter.parcels
        lines.append(
            of.meter_line(
                measure.partition("_")[0], parcels, _per_mu(parcels, on), on, rules, unit=_UNITS[measure],
                last=None if meter is None else meter.last,
            )
        )  # fmt: skip
    lines.append(_output(desk))
    return {line.name: line for line in lines}


def _meters(desk: Desk) -> dict[str, Metered]:
    layers = desk.layers
    if layers.occupancy is None or layers.performance is None:
        return {}
    months = int(desk.rules["evidence.meter_months"].number("month"))
    return metered(layers.occupancy, layers.performance, desk.as_of, least_months=months)


def _per_mu(parcels: pd.DataFrame, on: pd.DataFrame | None) -> NDArray[np.float64]:
    if on is None:
        return np.full(len(parcels), np.nan)
    total = on["total"].reindex(parcels["parcel_id"]).to_numpy(dtype=float)
    area = parcels["site_area_m2"].to_numpy(dtype=float) / M2_PER_MU
    per_mu: NDArray[np.float64] = np.divide(total, area, out=np.full(len(parcels), np.nan), where=area > 0)
    return per_mu


def _output(desk: Desk) -> of.Line:
    """The line of the latest full year, with the return's row where one company is on the parcel."""
    year: int | None = desk.found.facts.get("performance_year")
    occupancy, returns = desk.layers.occupancy, desk.layers.performance
    if year is None or occupancy is None or returns is None:
        return of.output_line(desk.parcels, None, np.zeros(len(desk.parcels), dtype=bool), desk.rules)
    there = occupants(occupancy, dt.date(year, 1, 1), dt.date(year, 12, 31)).reindex(
        desk.parcels["parcel_id"]
    )
    yearly = returns[(returns["year"] == year).to_numpy(dtype=bool)]
    if "month" in yearly:
        yearly = yearly[yearly["month"].isna()]
    filed = yearly.drop_duplicates("enterprise_id", keep=False).set_index("enterprise_id")
    rows = filed[["source_file", "source_row"]].reindex(there["sole"])
    return of.output_line(
        desk.parcels, year, (there["own"] > 0).to_numpy(dtype=bool), desk.rules,
        source_file=rows["source_file"].to_numpy(dtype=object), source_row=rows["source_row"].to_numpy(dtype=float),
    )  # fmt: skip


def _without_image(desk: Desk) -> str:
    """Why no image tells of a parcel where none does: a key of the line's notes."""
    images = desk.layers.imagery
    if not images:
        return "no_image" if desk.pixels is None else "none_used"
    if all(one.date is not None and one.date > desk.as_of for one in images):
        return "all_later"
    return "no_bands" if not any(indices_told(one.bands) for one in images) else "none_used"


def _image_files(desk: Desk) -> NDArray[np.object_] | None:
    """The file of the image that tells of each parcel."""
    pixels = desk.pixels
    if pixels is None or "source_file" not in pixels or "imagery_on" not in desk.parcels:
        return None
    parcel = places(pixels["parcel_id"], desk.parcels["parcel_id"])
    shown = desk.parcels["imagery_on"].to_numpy(dtype="datetime64[s]")
    day = pixels["imagery_on"].to_numpy(dtype="datetime64[s]")
    # The last write wins, so writing backwards leaves the first of several images of a day.
    rows = np.flatnonzero((parcel >= 0) & (day == shown[parcel]))[::-1]
    found = np.full(len(shown), None, dtype=object)
    found[parcel[rows]] = pixels["source_file"].to_numpy(dtype=object)[rows]
    return found


def _words(
    values: NDArray[np.object_], about: NDArray[np.bool_], words: tuple[str, ...], index: pd.Index
) -> pd.Series:
    """A column of some words; None where the parcel is not judged or there is none."""
    codes = np.full(len(values), -1, dtype=np.int8)
    for code, word in enumerate(words):
        codes[about & (values == word)] = code
    return of.texts(codes, words, index)
