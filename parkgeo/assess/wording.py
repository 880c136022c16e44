"""The sentence a person reads for each verdict: first the verdict, then the reason, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.i18n import figure, messages, say

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.layers import LayerSchema

__all__ = ["compose", "date_text", "date_texts", "field_names", "figure_texts", "not_started_sentence"]

_SENTENCES = {
    "not_built_on": "Not judged: land of this use is not meant to be built on.",
    "reserve": "Not judged: land held in reserve.",
    "not_supplied": "Not judged: the land is not supplied ({status}).",
    "started": "Not idle: construction started on {actual_start}.",
    "within_the_year": "Not idle: {basis}; one full year ends on {idle_from}.",
    "idle": "Suspected idle: {basis}, no start reported by {as_of} ({days} days; {clause}).",
    "no_ledger": "Undetermined: there is no supply ledger.",
    "not_in_ledger": "Undetermined: the parcel is not in the supply ledger.",
    "several_contracts": "Undetermined: the ledger holds {entries} contracts for the parcel.",
    "status_unknown": "Undetermined: {basis} and the year is over, but the supply status is blank.",
    "start_unknown": "Undetermined: {basis} and the year is over, but whether construction started is not known.",
    "agreed_start_unknown": "Undetermined: no start by {as_of}, and no agreed start to count from.",
    "delay_unknown": "Undetermined: {basis} and the year is over, but how many days of government delay the ledger means is not known.",
    "late_handover": "Undetermined: {basis}, but the land was handed over on {handover_on}; a late delivery stops the clock (art. 8).",
}
_BASIS = {
    "agreed": "agreed start {date}",
    "handover": "default start {date} (counted from the handover on {handover_on})",
    "approval": "default start {date} (counted from the approval on {approved_on})",
}
_UNVERIFIED = "{basis} (unverified rule)"
_DELAY = "{basis} with {days} days of government delay"
_LATE = "{basis}, counted from the handover on {handover_on}"
_ASK = "{sentence} Missing: {fields}."
_DEFAULT_IS_OFF = "{sentence} A default start counted from {date} is an unverified rule and off; the office's pack may switch it on."


def compose(
    patterns: Mapping[str, str],
    case: Sequence[str] | NDArray[np.object_],
    lang: str,
    **columns: Sequence[object],
) -> list[str]:
    """A sentence for each row by its case, filled from columns.

    Parameters
    ----------
    patterns
        Case → English sentence with ``{name}`` where a value goes; the keys of the message catalogue.
    case
        Of each row.
    lang
        ``zh`` or ``en``.
    **columns
        Name → a text for each row, as long as ``case``.

    Returns
    -------
    list of str

    Examples
    --------
    >>> compose({"a": "{n} parcels", "b": "none"}, ["b", "a"], "en", n=["", "2"])
    ['none', '2 parcels']
    """
    spoken = {name: messages(lang).get(pattern, pattern) for name, pattern in patterns.items()}
    names = tuple(columns)
    rows = zip(*columns.values(), strict=True) if columns else ((),) * len(case)
    # The patterns are ours; a user's text only ever fills a gap in one.
    return [
        spoken[str(key)].format(**dict(zip(names, row, strict=True)))
        for key, row in zip(case, rows, strict=True)
    ]


def date_texts(values: NDArray[np.datetime64]) -> list[str]:
    """Days as texts; a dash where there is none."""
    return ["—" if text == "NaT" else text for text in values.astype("datetime64[D]").astype(str).tolist()]


def figure_texts(values: NDArray[np.float64], lang: str, *, digits: int = 1) -> list[str]:
    """Numbers as a reader of the language writes them; a dash where one is missing."""
    return [figure(value, lang, digits=digits) for value in np.asarray(values, dtype=float).tolist()]


def date_text(value: Any) -> str:
    """A day as text; a dash where there is none."""
    stamp = pd.Timestamp(value) if value is not None else pd.NaT
    return "—" if pd.isna(stamp) else stamp.strftime("%Y-%m-%d")


def field_names(names: str, layer: LayerSchema, lang: str) -> str:
    """Titles of fields named in a comma-separated list."""
    titles = [
        getattr(layer.fields[name], lang) if name in layer.fields else name
        for name in names.split(", ")
        if name
    ]
    return ("、" if lang == "zh" else ", ").join(titles)


def not_started_sentence(
    judged: Mapping[Hashable, Any],
    contract: Mapping[Hashable, Any],
    clause: str,
    as_of: dt.date,
    layer: LayerSchema,
    lang: str,
) -> str:
    """Why a parcel is judged so by the not-started clock.

    Parameters
    ----------
    judged
        A row of `parkgeo.assess.not_started`.
    contract
        The parcel's row of the ledger, as far as there is one, with ``entries``.
    clause
        Of the rule, in the language.
    as_of
        The day of judgement.
    layer
        Schema of the ledger, for the titles of what is missing.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    str
    """
    case = str(judged["case"])
    handover, approved = date_text(contract.get("handover_on")), date_text(contract.get("approved_on"))
    delay = float(judged["delay_days"])
    basis = ""
    if judged["start_basis"]:
        basis = say(
            _BASIS[str(judged["start_basis"])],
            lang,
            date=date_text(judged["start_on"]),
            handover_on=handover,
            approved_on=approved,
        )
        if not judged["start_verified"]:
            basis = say(_UNVERIFIED, lang, basis=basis)
        if delay > 0:
            basis = say(_DELAY, lang, basis=basis, days=figure(delay, lang))
        if judged["late"] and case == "idle":
            basis = say(_LATE, lang, basis=basis, handover_on=handover)
    status = contract.get("supply_status")
    codes = layer.fields["supply_status"].codes
    sentence = say(
        _SENTENCES[case],
        lang,
        basis=basis,
        idle_from=date_text(judged["idle_from"]),
        as_of=as_of.isoformat(),
        days=figure(float(judged["days"]), lang, digits=0),
        clause=clause,
        actual_start=date_text(contract.get("actual_start")),
        handover_on=handover,
        entries=contract.get("entries", 0),
        status=codes[str(status)][0]
        if lang == "zh" and status in codes
        else str(status or "").replace("_", " "),
    )
    none_agreed = "agreed_start" in contract and "agreed_start" not in str(contract.get("unreadable"))
    default_is_off = case == "agreed_start_unknown" and none_agreed
    if default_is_off and (known := handover if handover != "—" else approved) != "—":
        sentence = say(_DEFAULT_IS_OFF, lang, sentence=sentence, date=known)
    missing = field_names(str(judged["missing"]), layer, lang)
    return say(_ASK, lang, sentence=sentence, fields=missing) if missing else sentence
