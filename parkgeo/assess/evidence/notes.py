"""The sentence of each line: what it says and by which figure."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.assess.written import days_written, figures_written, sentences_written
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from parkgeo.assess.evidence.lines import Line

__all__ = ["NOTES", "notes"]

NOTES: dict[str, dict[str, str]] = {
    "contract": {
        "several": "The ledger holds several contracts for the parcel.",
        "no_row": "The ledger has no row for the parcel.",
        "completed_not_started": "The ledger reports a completion ({on}) and no start.",
        "completed": "By the ledger works were completed on {on}.",
        "not_started": "By the ledger works have not begun; the year was full on {on}.",
        "suspended": "By the ledger works are suspended; the year was full on {on}.",
        "suspended_lately": "By the ledger works are suspended since {on}, not yet idle by the contract's clock.",
        "started": "By the ledger works began on {on}.",
        "within_time": "By the ledger works have not begun, and need not yet.",
        "open": "The ledger does not tell enough of start and dates.",
    },
    "permit": {
        "not_asked": "The ledger tells nothing of permits.",
        "completed": "A permit of {on} is held, and a completion on {completed} is reported.",
        "held": "A permit of {on} is held; it allows works and does not prove them.",
        "start_without": "A start is reported, but no permit.",
        "none": "No permit and no start are reported, and {months} months have passed since the agreed start ({agreed}).",
        "not_due": "No permit is reported, and none was due by the contract's clock.",
    },
    "buildings": {
        "no_layer": "There is no layer of buildings.",
        "nothing": "Buildings are drawn on {drawn} % of the parcel.",
        "yards": "Hardly any building is drawn ({drawn} %), but structures and yards bring it to {occupied} %.",
        "drawn": "Buildings are drawn on {drawn} % of the parcel; the layer does not tell whether they are completed.",
        "completed": "Completed buildings stand on {share} % of the parcel.",
        "not_completed": "Buildings are drawn on {drawn} % of the parcel; on {share} % they are known to be completed.",
        "little": "Buildings are drawn on {drawn} % of the parcel, too little to tell.",
    },
    "imagery": {
        "no_image": "There is no image.",
        "all_later": "Every image is of a day after the day of judgement, so none is looked at.",
        "no_bands": "Which bands of the image are red and near infrared is not named, so it tells nothing.",
        "none_used": "The images that there are could not be used; the account of the files says why.",
        "later": "The image is of {on}, after the day of judgement.",
        "old": "The latest image is of {on}, too long ago.",
        "unclear": "The image of {on} shows {valid} % of the parcel; the rest is cloud or has no data.",
        "no_classes": "The bands of the image of {on} do not tell built ground.",
        "built": "In the image of {on}, {built} % of the ground that is seen is built.",
        "empty": "In the image of {on}, {empty} % of the ground that is seen is bare or vegetated.",
        "between": "In the image of {on}, {built} % of the ground that is seen is built and {empty} % bare or vegetated: too mixed to tell.",
    },
    "meter": {
        "no_meter": "There are no monthly readings of it.",
        "no_company": "No company is recorded on the parcel in the twelve months to {on}.",
        "unread": "Of the twelve months to {on} a company there has certain readings of {months}; {least} are asked for.",
        "unsplit": "A company there is on several parcels and its area on each is not known, so its meter cannot be split.",
        "no_norm": "{figure} {unit} in the twelve months to {on}; too few parcels have figures to compare with.",
        "zero": "Nothing was used in the twelve months to {on}.",
        "low": "{figure} {unit} in the twelve months to {on}: hardly anything, {share} % of the median of its industry ({norm}).",
        "normal": "{figure} {unit} in the twelve months to {on}: {share} % of the median of its industry ({norm}).",
        "between": "{figure} {unit} in the twelve months to {on}: {share} % of the median of its industry ({norm}), too little to tell use and too much to tell none.",
    },
    "output": {
        "no_returns": "There are no yearly returns.",
        "no_return": "There is no return for the parcel for the year to {on}.",
        "zero": "No output and no tax are returned for the year to {on}.",
        "running": "Output {output} and tax {tax} wan yuan/mu in the year to {on}; the medians of its industry are {output_norm} and {tax_norm}.",
        "between": "Output {output} and tax {tax} wan yuan/mu in the year to {on}, too little or too incomplete to tell; the medians of its industry are {output_norm} and {tax_norm}.",
    },
}  # fmt: skip
"""Line → case → sentence; of the meters one for both."""

_METERS = ("electricity", "water")
_SHOWN = {"m3/mu": "m³/mu"}


def notes(line: Line, at: NDArray[np.intp]) -> dict[str, pa.Array]:
    """The line's sentences for the parcels at some places.

    Parameters
    ----------
    line
        Of all parcels.
    at
        Places.

    Returns
    -------
    dict of pyarrow.Array
        Language → texts, in the order of the places.
    """
    patterns = NOTES["meter" if line.name in _METERS else line.name]
    place = pd.Index(list(patterns), dtype=object).get_indexer(pd.Index(line.case.categories, dtype=object))
    case = place[line.case.codes[at]]
    told: list[dict[str, pa.Array]] = []
    for code, sentence in enumerate(patterns.values()):
        rows = at[case == code]
        names = {name for _, name, _, _ in Formatter().parse(sentence) if name} - {"unit"}
        told.append({name: _texts(line, name, rows) for name in sorted(names)} if len(rows) else {})
    found = {}
    for lang in LANGUAGES:
        unit = {"unit": say(_SHOWN.get(line.unit, line.unit), lang)}
        found[lang] = sentences_written(list(patterns.values()), case, lang, [each | unit for each in told])
    return found


def _texts(line: Line, name: str, at: NDArray[np.intp]) -> pa.Array:
    if name in line.days:
        return days_written(line.days[name][at])
    values, digits = line.numbers[name]
    return figures_written(values[at], digits=digits)
