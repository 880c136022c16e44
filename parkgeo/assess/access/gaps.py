"""Why travel times and the score are missing, and what to ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import gaps_frame, parcel_gaps
from parkgeo.assess.park.reach import kind_named
from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES, figure, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap

__all__ = ["far_gate_gaps", "kind_gaps", "left_gaps", "missing_gaps", "said", "score_gaps", "sharing_gaps"]

_NONE = "No facility of this kind is recorded ({kind}): ask where they are, or whether there is none."
_OFF = "Of this kind these facilities lie farther than {limit} m from any road and are left out ({kind}): {ids}. Check their places, or ask for the roads."
_NO_GATE = "The parcel meets no road, so no way can be measured: see the finding on its frontage."
_NO_TRUCK_GATE = "None of the gates on record is open to trucks, so no way for trucks can be measured: see the finding on trucks."
_FAR_GATE = {
    "others": "Gate {gate} lies {metres} m from the nearest road that it may open onto, farther than {limit} m, and is left out: the parcel's other gates count. Correct its place, or ask for the road.",
    "assumed": "Gate {gate} lies {metres} m from the nearest road that it may open onto, farther than {limit} m, and is left out: the parcel has no other gate on record, so gates are assumed along its frontage. Correct its place, or ask for the road.",
    "none": "Gate {gate} lies {metres} m from the nearest road that it may open onto, farther than {limit} m, and is left out: the parcel now meets no road. Correct its place, or ask for the road.",
}
_PLACED = "{id} ({file}, row {row})"
_NO_WAY = {
    "car": "No way by car is left between the parcel and any facility of this kind: see the finding on its roads.",
    "truck": "No way for trucks is left between the parcel and any facility of this kind: see the findings on its roads and on trucks.",
    "walk": "No way on foot is left between the parcel and any facility of this kind.",
}
_NO_STAFF = "Where the companies' staff work is not known: ask for the table of occupancy and for staff in the companies' returns."
_SOME_STAFF = "The staff on {count} parcels is not known, so where they share a facility supply for each person is not known: ask the companies there."
_NO_FACILITY_WEIGHT = "The facilities have no weight: ask for beds, seats or the like, or give each 1."
_SOME_WEIGHT = "{count} facilities have no weight, so sums that they are part of are not known: ask for it."
_LEFT = "{count} stretches of road that fewest parcels depend on were not tried: raise access.links_tried."
_SCORE = "The score needs figures that are missing: {fields}. See what to ask for each."


def said(table: str, field: str, pattern: str, **values: object) -> Gap:
    """A gap of a field on all rows; a value by language is said in each."""
    told = {
        lang: {key: value[lang] if isinstance(value, dict) else value for key, value in values.items()}
        for lang in LANGUAGES
    }
    return table, None, field, {lang: say(pattern, lang, **told[lang]) for lang in LANGUAGES}


def kind_gaps(fields: Sequence[str], kind: str, there: int, off: pd.DataFrame, limit_m: float) -> list[Gap]:
    """What is missing of a kind as a whole.

    Parameters
    ----------
    fields
        Columns of the parcels that rest on it.
    kind
        Of facilities.
    there
        How many the layer has.
    off
        Rows of those that are too far from any road: ``facility_id``, ``source_file`` and ``source_row`` where they are known.
    limit_m
        Beyond which they are.
    """
    if there and off.empty:
        return []
    named = kind_named(kind)
    if not there:
        return [said("parcels", field, _NONE, kind=named) for field in fields]
    limit = {lang: figure(limit_m, lang) for lang in LANGUAGES}
    ids = {
        lang: name_some([named_in_file(row, "facility_id", lang) for row in off.to_dict("records")])
        for lang in LANGUAGES
    }
    return [said("parcels", field, _OFF, kind=named, limit=limit, ids=ids) for field in fields]


def named_in_file(row: Mapping[Any, Any], key: str, lang: str) -> str:
    """A feature's id, with its file and row where they are known."""
    if pd.isna(row.get("source_file")) or pd.isna(row.get("source_row")):
        return str(row[key])
    return say(_PLACED, lang, id=row[key], file=row["source_file"], row=int(row["source_row"]))


def far_gate_gaps(
    parcel_ids: pd.Series[Any], gates: pd.DataFrame, place: NDArray[np.intp], off_m: NDArray[np.float64],
    met: NDArray[np.bool_], given: NDArray[np.bool_], limit_m: float,
) -> Iterator[Gap]:  # fmt: skip
    """Of each gate on record that is too far from any road, that it is left out, and what counts instead.

    Parameters
    ----------
    parcel_ids
        Of the parcels.
    gates
        The layer.
    place
        Position of each gate's parcel; -1 where it is none of them.
    off_m
        Of each gate, metres to the nearest road; NaN where there is none.
    met, given
        Of each parcel, whether it meets a road, and whether by gates on record.
    limit_m
        How far a gate may lie.
    """
    limit = {lang: figure(limit_m, lang) for lang in LANGUAGES}
    for at in np.flatnonzero((place >= 0) & ~(off_m <= limit_m)):
        owner, row = place[at], gates.iloc[at].to_dict()
        pattern = _FAR_GATE["others" if given[owner] else "assumed" if met[owner] else "none"]
        told = {
            lang: say(
                pattern, lang, gate=named_in_file(row, "gate_id", lang), metres=figure(off_m[at], lang),
                limit=limit[lang],
            )
            for lang in LANGUAGES
        }  # fmt: skip
        yield "parcels", str(parcel_ids.iloc[owner]), "gates", told


def missing_gaps(
    parcel_ids: pd.Series[Any],
    minutes: NDArray[np.float64],
    gate: NDArray[np.bool_],
    usable: NDArray[np.bool_],
    mode: str,
    fields: Sequence[str],
) -> list[pd.DataFrame]:
    """Why the way from some parcels to a kind is missing.

    Parameters
    ----------
    parcel_ids
        Of the parcels.
    minutes
        NaN where there is no way.
    gate
        Whether each parcel meets a road at all.
    usable
        Whether it does by a gate that the mode may use: given gates may be closed to trucks.
    mode
        ``car``, ``truck`` or ``walk``.
    fields
        Columns that rest on it.
    """
    lost = np.isnan(minutes)
    reasons = (
        (lost & ~gate, _NO_GATE),
        (lost & gate & ~usable, _NO_TRUCK_GATE),
        (lost & usable, _NO_WAY[mode]),
    )
    return [
        parcel_gaps(parcel_ids, mask, field, sentence)
        for field in fields
        for mask, sentence in reasons
        if mask.any()
    ]


def sharing_gaps(
    staff: NDArray[np.float64] | None, weight: NDArray[np.float64], *, stated: bool
) -> list[Gap]:
    """Why sums of weights and supply for each person are missing.

    Parameters
    ----------
    staff
        On each parcel, NaN where it is not known; None where it is known of none.
    weight
        Of each facility.
    stated
        Whether the layer has weights at all.
    """
    gaps: list[Gap] = []
    shared, summed = ("sfca", "e2sfca"), ("weight_within", "gravity")
    if staff is None:
        gaps += [said("access_kinds", field, _NO_STAFF) for field in shared]
    elif unknown := int(np.isnan(staff).sum()):
        gaps += [said("access_kinds", field, _SOME_STAFF, count=unknown) for field in shared]
    if not stated:
        gaps += [said("access_kinds", field, _NO_FACILITY_WEIGHT) for field in ("weight_within", *shared)]
    elif blank := int(np.isnan(weight).sum()):
        gaps += [said("access_kinds", field, _SOME_WEIGHT, count=blank) for field in (*summed, *shared)]
    return gaps


def left_gaps(left_out: int) -> list[Gap]:
    """That stretches of road were not tried."""
    return [said("links", "road_id", _LEFT, count=left_out)] if left_out else []


def score_gaps(
    parcel_ids: pd.Series[Any], missing: pd.Series[str], title: Callable[[str, str], str]
) -> pd.DataFrame:
    """Which figures each parcel's score lacks; each set of them is put in words once.

    Parameters
    ----------
    parcel_ids
        Of the parcels.
    missing
        Metrics that each lacks, joined by ", "; None where none.
    title
        Metric, language → its title.
    """
    told, every = missing.to_numpy(dtype=object), pd.unique(missing.dropna())
    frames: list[Gap | pd.DataFrame | Callable[[], pd.DataFrame]] = []
    for names in every:
        asked = {
            lang: say(_SCORE, lang, fields=("、" if lang == "zh" else ", ").join(title(name, lang) for name in str(names).split(", ")))
            for lang in LANGUAGES
        }  # fmt: skip
        ids = parcel_ids.to_numpy(dtype=object)[told == names]
        frames.append(
            pd.DataFrame(
                {"table": "parcels", "parcel_id": ids, "field": "access_score", **{f"ask_{lang}": text for lang, text in asked.items()}}
            )
        )  # fmt: skip
    return gaps_frame(frames)
