"""Stage: which mains reach each parcel, and whether its ground is level."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.assess.ground import ground_columns, ground_gaps, ground_notes
from parkgeo.assess.judged import judged_findings, not_judged, verdict_text
from parkgeo.assess.occupant_gaps import alike_gaps
from parkgeo.assess.service_words import contradicted, service_missing, service_notes, service_table
from parkgeo.assess.services import (
    CASES,
    NAMES,
    ROAD,
    Mains,
    connection_limits,
    main_services,
    road_service,
    service_columns,
)
from parkgeo.assess.states.trivalent import UNKNOWN
from parkgeo.i18n import LANGUAGES, say
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.services import Service
    from parkgeo.pipeline.desk import Desk

__all__ = ["services"]

_NO_KIND = (
    "No main or station of this kind is recorded ({kind}): ask where they are, or whether there is none."
)
_MAPPED = "All mains and stations of this kind ({kind}) are from OpenStreetMap, which is not complete: ask the utility for its own."
_UNNAMED = "Of {count} mains or stations the kind is not known, so they serve nobody: ask for it."
_OPEN = "Of some services it is not known whether they are ready (services_unknown), so their number is not known."
_STATED = "The register states another number of ready services than mains and frontage give: check both."
_LEVELLED = "The register says of the levelling of the land what the terrain model does not show: check both."


def services(desk: Desk) -> Part:
    """Mains and frontage within reach, what they have to spare, the ground, and the office's own word beside them."""
    parcels, rules = desk.parcels, desk.rules
    mains = None if desk.layers.utilities is None else Mains.of(desk.layers.utilities)
    limits, figure = connection_limits(rules), rules.get("services.limit_m")
    spare = rules.get("services.spare_share_min")
    found = main_services(
        np.asarray(parcels.geometry.array, dtype=object), mains, limits,
        spare_share_min=-np.inf if spare is None else spare.number("1"),
    )  # fmt: skip
    frontage = rules.get("access.frontage_m")
    seven = [road_service(parcels, np.nan if frontage is None else frontage.number("m")), *found]
    ground = ground_columns(desk.terrain, parcels, rules)
    columns = service_columns(seven, mains, parcels.index).join(ground)
    judged = None if figure is None else service_missing(seven, mains, parcels, figure)
    columns["service_missing"] = not_judged(parcels) if judged is None else verdict_text(judged)
    notes = ground_notes(ground, parcels, rules)
    return Part(
        columns,
        words=[partial(service_notes, seven, parcels, notes)],
        findings=[] if judged is None else [partial(judged_findings, judged, parcels)],
        gaps=[*_gaps(desk, seven, mains), *ground_gaps(ground, desk.terrain, parcels, rules), *_doubts(desk, seven, ground)],
        tables={"services": partial(service_table, seven, mains, parcels["parcel_id"])},
    )  # fmt: skip


def _gaps(desk: Desk, seven: Sequence[Service], mains: Mains | None) -> list[Gap | pd.DataFrame]:
    """Kinds of which nothing is recorded, and what is not known for want of them."""
    gaps: list[Gap | pd.DataFrame] = []
    for one in seven:
        if mains is None or not one.asked or one.kind == ROAD:
            continue
        none = not (mains.kinds == one.kind).any()
        if none or (one.case == CASES.index("mapped")).any():
            wanted = _NO_KIND if none else _MAPPED
            ask = {lang: say(wanted, lang, kind=NAMES[one.kind][lang]) for lang in LANGUAGES}
            gaps.append(("parcels", None, f"main_m_{one.kind}", ask))
    unnamed = 0 if mains is None else int((mains.kinds == "").sum())
    if unnamed:
        gaps.append(
            ("utilities", None, "kind", {lang: say(_UNNAMED, lang, count=unnamed) for lang in LANGUAGES})
        )
    unknown: Any = np.logical_or.reduce([one.asked & (one.ready == UNKNOWN) for one in seven])
    if unknown.all() and len(unknown):
        gaps += field_gaps("services_ready", _OPEN)
    elif unknown.any():
        ids = desk.parcels["parcel_id"].to_numpy(dtype=object)[unknown]
        gaps.append(alike_gaps(ids, ["services_ready"], _OPEN))
    return gaps


def _doubts(desk: Desk, seven: Sequence[Service], ground: pd.DataFrame) -> list[pd.DataFrame]:
    """Where the office's register says otherwise."""
    ids = desk.parcels["parcel_id"]
    says = contradicted(seven, desk.parcels)
    notes = ground_notes(ground, desk.parcels, desk.rules)["en"]
    level = ~np.asarray(notes.is_null())
    found = []
    if says.any():
        found.append(parcel_gaps(ids, says, "ready_services", _STATED))
    if level.any():
        found.append(parcel_gaps(ids, level, "levelled", _LEVELLED))
    return found
