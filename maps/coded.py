"""Verdicts, states, grades, land use and evidence as colourings: a class for each code, and one for parcels that have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps.legend import Colouring, Draft
from maps.palette import (
    CANDIDATES,
    CLUSTERS,
    EVIDENCE,
    FAVOURABLE,
    GRADES,
    LAND_USE_FILLS,
    NO_VALUE,
    NOT_JUDGED,
    STATES,
    VERDICTS,
    land_use_class,
)
from maps.standing import cited, metric_figures, verified
from maps.words import in_all_languages

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd

    from maps.legend import Classed, Kind, Land, Words
    from maps.palette import Style
    from parkgeo.store import Snapshot

__all__ = ["IDLE", "coded_colourings"]

IDLE = "idle"
"""The column of the statutory verdict."""

_FAVOURABLE = ("high_performer", "levelled_ground", "vertical_candidate")
_STATUTORY = ("idle_not_started", "idle_suspended")

_VERDICT_WORDS = {"yes": "Yes", "undetermined": "Undetermined", "no": "No"}
_IDLE_WORDS = _VERDICT_WORDS | {"yes": "Suspected idle", "no": "Not idle"}
_STATE_WORDS = {
    "approved_not_supplied": "Approved, not supplied", "supplied_not_started": "Supplied, not started",
    "under_construction": "Under construction", "suspended": "Suspended", "used_in_part": "Used in part",
    "built_not_producing": "Built, not producing", "below_contract": "Producing below contract", "in_use": "In normal use",
    "reserve": "Reserve land", "recovered": "Recovered", "not_built_on": "Not to be built on", "too_small": "Too small to be judged",
    "undetermined": "Undetermined",
}  # fmt: skip
_EVIDENCE_WORDS = {
    "idle": "idle",
    "conflict": "contradictory",
    "cannot_say": "cannot say",
    "in_use": "in use",
}
_USE_WORDS = {
    "residential": "Residential land", "public": "Public service land", "commercial": "Commercial land", "industry": "Industrial land",
    "storage": "Storage land", "transport": "Transport land", "utility": "Utility land", "green": "Green space",
    "reserve": "Reserve land", "other": "Other land",
}  # fmt: skip


@dataclass(frozen=True)
class _Coded:
    """A column of codes: how each is drawn and called; ``missing`` are the words for none; ``always`` stay in the legend at none."""

    column: str
    group: str
    kind: Kind
    styles: dict[str, Style]
    words: dict[str, str]
    missing: str
    always: frozenset[str]
    code_of: Callable[[str], str] | None = None
    missing_style: Style | None = None
    suspected: bool = False


def _verdict(column: str) -> _Coded:
    statutory = column in (IDLE, *_STATUTORY)
    styles = FAVOURABLE if column in _FAVOURABLE else VERDICTS
    return _Coded(
        column, "verdict", "verdict", {code: styles[code] for code in _VERDICT_WORDS},
        _IDLE_WORDS if column == IDLE else _VERDICT_WORDS, "Not judged", frozenset(_VERDICT_WORDS),
        missing_style=VERDICTS[NOT_JUDGED], suspected=statutory,
    )  # fmt: skip


_STATE = _Coded(
    "land_state",
    "state",
    "class",
    STATES,
    _STATE_WORDS,
    "No value",
    frozenset({"undetermined"}),
    suspected=True,
)
_GRADE = _Coded(
    "grade", "grade", "grade", GRADES, {code: code for code in GRADES}, "Not rated", frozenset(GRADES)
)
_USE = _Coded(
    "land_use_code",
    "use_of_land",
    "class",
    LAND_USE_FILLS,
    _USE_WORDS,
    "No value",
    frozenset(),
    code_of=land_use_class,
)


_CANDIDATE_WORDS = {
    "idle": "Suspected idle", "vacant": "Vacant land", "reserve": "Reserve land", "low_efficiency": "Low efficiency",
    "used_in_part": "Used in part", "none": "No candidate",
}  # fmt: skip
_CLUSTER_WORDS = {
    "high_high": "High among high", "high_low": "High among low", "low_high": "Low among high", "low_low": "Low among low",
    "not_significant": "Not significant",
}  # fmt: skip
_CANDIDATE = _Coded(
    "candidate", "siting", "class", CANDIDATES, _CANDIDATE_WORDS, "No value", frozenset(), suspected=True
)


def _cluster(column: str) -> _Coded:
    return _Coded(column, "siting", "class", CLUSTERS, _CLUSTER_WORDS, "No value", frozenset())


def _evidence(column: str) -> _Coded:
    whole = column == "evidence_says"
    codes = [code for code in EVIDENCE if whole or code != "conflict"]
    return _Coded(
        column, "evidence", "class", {code: EVIDENCE[code] for code in codes}, _EVIDENCE_WORDS, "Not judged", frozenset(codes),
        missing_style=VERDICTS[NOT_JUDGED], suspected=whole,
    )  # fmt: skip


def coded_colourings(snapshot: Snapshot, parcels: gpd.GeoDataFrame, land: Land) -> list[Colouring]:
    """What is said of the parcels in codes; the statutory verdict first, and always.

    Parameters
    ----------
    snapshot
        Gives titles and the sources of rules.
    parcels, land
        The rows, and their areas.
    """
    fields = snapshot.catalogue["fields"].get("parcels", {})
    judged = [
        name
        for name in map(str, parcels.columns)
        if name != IDLE
        and (fields.get(name, {}).get("type") == "verdict" or name in snapshot.findings_catalogue)
    ]
    evidence = [name for name in map(str, parcels.columns) if _is_evidence(fields, name)]
    wanted = [
        _STATE,
        _GRADE,
        _USE,
        *map(_evidence, sorted(evidence, key=lambda name: name != "evidence_says")),
        *map(_verdict, judged),
        _CANDIDATE,
        _cluster("output_cluster"),
        _cluster("idle_cluster"),
    ]
    there = [
        coded
        for coded in wanted
        if coded.column in parcels
        and not _personal(fields, coded.column)
        and parcels[coded.column].notna().any()
    ]
    return [_colouring(snapshot, parcels, land, coded) for coded in (_verdict(IDLE), *there)]


def _personal(fields: dict[str, dict[str, object]], name: str) -> bool:
    return bool(fields.get(name, {}).get("personal"))


def _is_evidence(fields: dict[str, dict[str, object]], name: str) -> bool:
    codes = fields.get(name, {}).get("codes")
    return name.startswith("evidence_") and isinstance(codes, dict) and "cannot_say" in codes


def _colouring(snapshot: Snapshot, parcels: gpd.GeoDataFrame, land: Land, coded: _Coded) -> Colouring:
    column = coded.column
    entry = snapshot.field("parcels", column)
    source, seen = _standing(snapshot, column)
    title = (str(entry["zh"]), str(entry["en"]))
    if column == IDLE and IDLE not in snapshot.catalogue["fields"].get("parcels", {}):
        title = _in_both("Idle land (statutory)")
    return Colouring(
        key=column, column=column, group=coded.group, title=title, unit="", kind=coded.kind, source=source, verified=seen,
        suspected=coded.suspected, work=lambda: _classed(parcels, land, coded),
    )  # fmt: skip


def _standing(snapshot: Snapshot, column: str) -> tuple[Words | None, bool | None]:
    """Clauses and sources that a verdict rests on, and whether they were seen."""
    rules = [
        entry
        for code in (_STATUTORY if column == IDLE else (column,))
        if (entry := snapshot.findings_catalogue.get(code)) is not None
    ]
    if not rules:
        return None, verified(metric_figures(snapshot, column))
    told = list(dict.fromkeys(cited(rule) for rule in rules))
    return ("; ".join(zh for zh, _ in told), "; ".join(en for _, en in told)), verified(rules)


def _classed(parcels: gpd.GeoDataFrame, land: Land, coded: _Coded) -> Classed:
    places = _places(parcels, coded)
    counts = np.bincount(places, minlength=len(coded.styles) + 2)
    drafts = [Draft(code, _in_both(coded.words[code]), style) for code, style in coded.styles.items()]
    drafts += [
        Draft("unknown", _in_both("Another code"), {**NO_VALUE, "pattern": "dots"}),
        Draft(
            NOT_JUDGED if coded.missing_style else "no_value",
            _in_both(coded.missing),
            coded.missing_style or NO_VALUE,
        ),
    ]
    # Codes that no parcel has are left out but for those that a reader looks for; the last, of parcels without one, stays.
    kept = [
        at
        for at, draft in enumerate(drafts)
        if counts[at] or draft.code in coded.always or at == len(drafts) - 1
    ]
    renumbered = np.zeros(len(drafts), dtype=np.intp)
    renumbered[kept] = np.arange(len(kept))
    return land.count([drafts[at] for at in kept], renumbered[places], _in_both("One class a code"))


def _places(parcels: gpd.GeoDataFrame, coded: _Coded) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The place of each parcel's code; a code that is not known has the last but one, none the last."""
    known = list(coded.styles)
    if coded.column not in parcels:
        return np.full(len(parcels), len(known) + 1, dtype=np.intp)
    values: pd.Series[str] = parcels[coded.column]
    codes = {
        value: coded.code_of(str(value)) if coded.code_of else value for value in values.dropna().unique()
    }
    order = {value: known.index(code) if code in known else len(known) for value, code in codes.items()}
    return values.map(order).fillna(len(known) + 1).to_numpy(dtype=np.intp)


def _in_both(sentence: str) -> Words:
    zh, en = in_all_languages(sentence)
    return zh, en
