"""What is said of the seven services: the finding, the table, the office's own statement beside it, what to ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from parkgeo.assess.judged import Judged, verdict_table
from parkgeo.assess.services import CASES, NAMES, ROAD, Mains, Service
from parkgeo.assess.states.telling import cases, missing_names
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, all_of, verdicts
from parkgeo.assess.written import chosen, figures_written, sentences_written, text_column
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.packs import Figure

__all__ = ["contradicted", "service_missing", "service_notes", "service_table"]

_CODE = "service_missing"
_FULL_FIELDS = ("utility_id", "capacity", "used", "capacity_unit")
_BETWEEN = {"zh": "、", "en": ", "}
_AFTER = {"zh": "", "en": " "}

_PIECES = {
    "far": "{kind} ({distance} m away, limit {limit} m)",
    "full": "{kind} (no capacity to spare, {distance} m away)",
}
_MISSING = "Services missing: {told}."
_OPEN = "Not known: {kinds}."
_UNDETERMINED = {
    "no_layer": "Undetermined: there is no layer of utilities.",
    "no_kind": "Undetermined: no main or station is recorded for {kinds}. Ask whether there is none.",
    "mapped": "Undetermined: mains from OpenStreetMap are not complete, and none with capacity to spare lies within the limit for {kinds}. Ask the utility.",
    "unnamed": "Undetermined: a main of unknown kind lies within reach, and may be the one for {kinds}.",
}
_STATED = (
    "The register says that {stated} services are ready; by mains and frontage there are {found}. Check both."
)
_STATED_RANGE = "The register says that {stated} services are ready; by mains and frontage there are {found} to {most}. Check both."

_NOTES = {
    "spare": "",
    "unmeasured": "Capacity or use is not known: only the distance decides.",
    "other": "The nearest has no capacity to spare; {other} at {other_m} m has.",
    "other_unmeasured": "The nearest has no capacity to spare; of {other} at {other_m} m capacity or use is not known, so only its distance decides.",
    "far": "The nearest lies beyond the limit.",
    "full": "Within the limit none has capacity to spare.",
    "unnamed": "{other}, of unknown kind, lies {other_m} m away and may be one.",
    "mapped": "Mains from OpenStreetMap are not complete: ask the utility.",
    "no_kind": "No main or station of this kind is recorded: ask whether there is none.",
    "no_layer": "There is no layer of utilities.",
    "frontage": "",
    "no_frontage": "No road along the parcel.",
    "frontage_unknown": "Whether the parcel meets a road is not known.",
}
_VERDICTS = pa.array(["no", "undetermined", "yes"], pa.large_string())


def service_missing(
    services: Sequence[Service], mains: Mains | None, parcels: pd.DataFrame, figure: Figure
) -> Judged:
    """Whether a parcel lacks one of the mains that the packs ask for.

    Parameters
    ----------
    services
        All seven, as for `parkgeo.assess.services.service_columns`.
    mains
        Their rows.
    parcels
        ``land_kind``, and what else the register says.
    figure
        The packs' limits of connection.

    Returns
    -------
    Judged
        ``yes`` where a main is out of reach or full, ``undetermined`` where none is known to be but it is open of one. ``observed`` is the
        distance to the missing main that is farthest by its limit, and ``threshold`` that limit, metres. Land that is not built on needs
        no services and is not judged. The road is not part of it: a parcel without one has the finding ``no_frontage``.
    """
    asked = [one for one in services if one.asked and one.kind != ROAD]
    served = all_of(*(one.ready for one in asked))
    answer = (-served).astype(np.int8)
    verdict = verdicts(answer, (parcels["land_kind"] != "not_built_on").to_numpy(dtype=bool))
    case = cases(
        [
            (answer == YES, "yes"),
            (answer == NO, "no"),
            (np.full(len(parcels), mains is None), "no_layer"),
            (_any_case(asked, "no_kind"), "no_kind"),
            (_any_case(asked, "mapped"), "mapped"),
        ],
        "unnamed",
    )
    ratio = np.stack([_beyond(one) for one in asked], axis=1)
    worst = ratio.argmax(axis=1)
    rows = np.arange(len(parcels))
    told = np.where(answer == YES, np.stack([one.distance_m for one in asked], axis=1)[rows, worst], np.nan)
    limit = np.array([one.limit_m for one in asked])[worst]
    missing = missing_names(
        {"utilities": (case != "unnamed"), "kind": np.asarray(case == "unnamed")}, verdict
    )
    table = verdict_table(
        verdict, parcels.index, case=case, missing=missing, observed=told, threshold=np.where(answer == YES, limit, np.nan)
    )  # fmt: skip
    stated = _stated(services, parcels)

    def reasons(at: NDArray[np.intp]) -> pd.DataFrame:
        return pd.DataFrame({lang: _reason(asked, case, stated, at, lang) for lang in LANGUAGES})

    return Judged(_CODE, figure, table, reasons, lambda at: _evidence(asked, mains, figure, at))


def _any_case(services: Sequence[Service], name: str) -> NDArray[np.bool_]:
    wanted = CASES.index(name)
    found: NDArray[np.bool_] = np.logical_or.reduce([one.case == wanted for one in services])
    return found


def _beyond(one: Service) -> NDArray[np.float64]:
    """How many times its limit a missing service lies away; −1 where it is not missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(one.ready == NO, np.nan_to_num(one.distance_m / one.limit_m, nan=0.0), -1.0)


def _reason(
    services: Sequence[Service],
    case: pd.Categorical,
    stated: Callable[[NDArray[np.intp], str], pa.Array],
    at: NDArray[np.intp],
    lang: str,
) -> pd.api.extensions.ExtensionArray:
    words = np.asarray(case[at], dtype=object)
    named = {
        name: _kinds([one.case[at] == CASES.index(name) for one in services], services, lang)
        for name in _UNDETERMINED
    }
    rest = _kinds(
        [(one.ready[at] == UNKNOWN) & (np.array(CASES)[one.case[at]] != words) for one in services],
        services,
        lang,
    )
    patterns = [_MISSING, *_UNDETERMINED.values()]
    place = np.array([*("yes",), *_UNDETERMINED]).tolist()
    code = np.array([place.index(word) if word in place else -1 for word in words.tolist()], dtype=np.int64)
    missing = _joined([_piece(one, at, lang) for one in services], _BETWEEN[lang])
    first = sentences_written(
        patterns, code, lang,
        [{"told": missing.take(_rows(code == 0))}, *({"kinds": kinds.take(_rows(code == each))} for each, kinds in enumerate(named.values(), start=1))],
    )  # fmt: skip
    also = (code >= 0) & (words != "no_layer") & np.asarray(pc.is_valid(rest))
    second = sentences_written([_OPEN], np.where(also, 0, -1), lang, [{"kinds": rest.take(_rows(also))}])
    return text_column(_joined([first, second, stated(at, lang)], _AFTER[lang]))


def _rows(mask: NDArray[np.bool_]) -> pa.Array:
    return pa.array(np.flatnonzero(mask))


def _piece(one: Service, at: NDArray[np.intp], lang: str) -> pa.Array:
    """What is said of a service that is missing; nothing where it is not."""
    full = one.case[at] == CASES.index("full")
    code = np.where(one.ready[at] == NO, np.where(full, 1, 0), -1)
    columns = [
        {
            "kind": NAMES[one.kind][lang],
            "distance": figures_written(one.distance_m[at[code == each]], digits=0),
            "limit": f"{one.limit_m:g}",
        }
        for each in (0, 1)
    ]
    return sentences_written([*_PIECES.values()], code, lang, columns)


def _kinds(masks: Sequence[NDArray[np.bool_]], services: Sequence[Service], lang: str) -> pa.Array:
    """Names of the services that are meant, joined; nothing where none is."""
    return _joined(
        [
            chosen((None, NAMES[one.kind][lang]), mask.astype(np.int8))
            for one, mask in zip(services, masks, strict=True)
        ],
        _BETWEEN[lang],
    )


def _joined(texts: Sequence[pa.Array], between: str) -> pa.Array:
    """Texts one behind the other, those that are missing left out; missing where all are."""
    # Arrow's own way to skip what is missing drops the rows in which all is.
    sign = pa.scalar(between, pa.large_string())
    whole = texts[0]
    for text in texts[1:]:
        both = pc.binary_join_element_wise(whole, text, sign)
        whole = pc.coalesce(both, whole, text)
    return whole


def _evidence(
    services: Sequence[Service], mains: Mains | None, figure: Figure, at: int
) -> list[dict[str, Any]]:
    """Of each service that is missing or open the nearest main, where its row stands, and its limit."""
    lines: list[dict[str, Any]] = []
    for one in services:
        if one.ready[at] == YES:
            continue
        # What is open for the nearest itself shows the nearest; else the one of unknown kind that may serve.
        may_be = one.case[at] == CASES.index("unnamed")
        place = one.other[at] if may_be else one.which[at]
        distance = one.other_m[at] if may_be else one.distance_m[at]
        line: dict[str, Any] = {"what": f"main_m_{one.kind}", "value": None if np.isnan(distance) else round(float(distance), 2), "limit_m": one.limit_m}  # fmt: skip
        if mains is None or place < 0:
            lines.append(line)
            continue
        row = mains.layer.iloc[place]
        where = {"file": str(row.get("source_file", "")), "row": int(row.get("source_row", 0))}
        lines.append(line | where)
        fields = _FULL_FIELDS if one.case[at] == CASES.index("full") else ("utility_id",)
        lines += [
            {"what": name, "value": row[name], **where}
            for name in fields
            if name in row and pd.notna(row[name])
        ]
    return [*lines, figure.as_evidence()]


def contradicted(services: Sequence[Service], parcels: pd.DataFrame) -> NDArray[np.bool_]:
    """Where the register states a number of ready services that mains and frontage cannot give, whatever is open."""
    least, most = _span(services)
    said = _said(parcels)
    return (said < least) | (said > most)


def _said(parcels: pd.DataFrame) -> NDArray[np.float64]:
    if "ready_services" not in parcels:
        return np.full(len(parcels), np.nan)
    return parcels["ready_services"].to_numpy(dtype=np.float64, na_value=np.nan)


def _span(services: Sequence[Service]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and most services that can be ready; one that the packs do not ask for may be."""
    count = len(services[0].ready)
    least, most = np.zeros(count), np.zeros(count)
    for one in services:
        least += one.asked & (one.ready == YES)
        most += (not one.asked) | (one.ready != NO)
    return least, most


def _stated(
    services: Sequence[Service], parcels: pd.DataFrame
) -> Callable[[NDArray[np.intp], str], pa.Array]:
    """What is said where the register states something else."""
    (least, most), said = _span(services), _said(parcels)
    wrong = contradicted(services, parcels)

    def tell(at: NDArray[np.intp], lang: str) -> pa.Array:
        code = np.where(wrong[at], np.where(least[at] < most[at], 1, 0), -1)
        columns = [
            {
                "stated": figures_written(said[at[code == each]], digits=0),
                "found": figures_written(least[at[code == each]], digits=0),
                "most": figures_written(most[at[code == each]], digits=0),
            }
            for each in (0, 1)
        ]
        return sentences_written([_STATED, _STATED_RANGE], code, lang, columns)

    return tell


def service_notes(
    services: Sequence[Service], parcels: pd.DataFrame, ground: Mapping[str, pa.Array]
) -> pd.DataFrame:
    """Columns ``services_note_zh`` and ``services_note_en``: where the register says otherwise of services, or of the ground.

    Parameters
    ----------
    services, parcels
        As for `service_missing`.
    ground
        Language → what is said of the ground; see `parkgeo.assess.ground.ground_notes`.
    """
    tell, every = _stated(services, parcels), np.arange(len(parcels))
    said = {lang: _joined([tell(every, lang), ground[lang]], _AFTER[lang]) for lang in LANGUAGES}
    return pd.DataFrame(
        {f"services_note_{lang}": text_column(texts) for lang, texts in said.items()}, index=parcels.index
    )


def service_table(
    services: Sequence[Service], mains: Mains | None, parcel_ids: pd.Series[Any]
) -> pd.DataFrame:
    """The table ``services``: a row a parcel and service that the packs ask for.

    Returns
    -------
    pandas.DataFrame
        ``parcel_id``, ``kind``, ``distance_m`` and ``limit_m`` in metres, ``utility_id`` of the nearest, ``ready``, ``capacity``, ``used`` and
        ``spare`` of the nearest in its own ``unit``, ``note_zh``, ``note_en``. Capacities are never added up: of one kind they may
        be in different units, and pipes of one line pass on the same water.
    """
    asked = [one for one in services if one.asked]
    parts = [_rows_of(one, mains, parcel_ids) for one in asked]
    whole = pd.concat(parts, ignore_index=True)
    count = len(parcel_ids)
    order = np.arange(len(whole)).reshape(len(asked), count).T.ravel()
    return whole.iloc[order].reset_index(drop=True)


def _rows_of(one: Service, mains: Mains | None, parcel_ids: pd.Series[Any]) -> pd.DataFrame:
    none = np.full(len(parcel_ids), None, dtype=object)
    blank = np.full(len(parcel_ids), np.nan)
    of = one.which
    columns = {
        "parcel_id": parcel_ids.to_numpy(dtype=object),
        "kind": one.kind,
        "distance_m": one.distance_m,
        "limit_m": one.limit_m,
        "utility_id": none if mains is None else mains.column("utility_id", of),
        "ready": text_column(_VERDICTS.take(pa.array(one.ready + 1))),
        **{
            name: blank if mains is None else mains.number(name, of) for name in ("capacity", "used", "spare")
        },
        "unit": none if mains is None else mains.column("capacity_unit", of),
    }
    notes = {f"note_{lang}": text_column(_note(one, mains, lang)) for lang in LANGUAGES}
    texts = dict.fromkeys(("parcel_id", "kind", "utility_id", "unit"), "str")
    return pd.DataFrame(columns | notes).astype(texts)


def _note(one: Service, mains: Mains | None, lang: str) -> pa.Array:
    columns: list[dict[str, pa.Array | str]] = []
    for at in range(len(CASES)):
        rows = np.flatnonzero(one.case == at)
        others = one.other[rows]
        ids = np.full(len(rows), None) if mains is None else mains.column("utility_id", others)
        named = pc.fill_null(pa.array(ids, pa.large_string()), say("another", lang))
        columns.append({"other": named, "other_m": figures_written(one.other_m[rows], digits=0)})
    return sentences_written([_NOTES[name] for name in CASES], one.case, lang, columns)
