"""A slip of the pen: two cells of a row that contradict each other, or one that cannot be; and the parcels' findings of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.judged import Judged, verdict_table
from parkgeo.assess.states.telling import cases
from parkgeo.assess.states.trivalent import known, verdicts
from parkgeo.assess.wording import compose, date_text
from parkgeo.i18n import LANGUAGES, figure
from parkgeo.layers import schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.attached import Attached
    from parkgeo.packs import Figure

__all__ = ["SLIP_COLUMNS", "judged_slips", "slips_frame", "slips_of"]

SLIP_COLUMNS = (
    "place", "case", "layer", "one", "first", "other", "second", "observed", "threshold", "source_file", "source_row",
)  # fmt: skip
"""Of a slip: the parcel's position, what is wrong, the layer, a field and its value, another field and its value, by how much, against what, where."""

_JOIN = {"zh": "", "en": " "}
_DIGITS = 2


def slips_of(
    rows: Attached,
    at: NDArray[np.bool_],
    case: str,
    layer: str,
    one: str,
    other: str,
    *,
    observed: NDArray[np.float64],
    threshold: float,
    second: NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """Slips of the rows where something is wrong.

    Parameters
    ----------
    rows
        Of a layer, with their parcels.
    at
        Where.
    case
        What is wrong: the key of a sentence.
    layer
        Name of the layer.
    one, other
        The fields; ``other`` is empty where there is only one.
    observed, threshold
        By how much, against what.
    second
        What the first value is held against, where that is no field's.

    Returns
    -------
    pandas.DataFrame
        Columns `SLIP_COLUMNS`.
    """
    wrong = np.flatnonzero(at)
    if not len(wrong):
        return _no_slips()

    def held(name: str) -> NDArray[np.object_]:
        if name not in rows.rows:
            return np.full(len(wrong), None)
        return rows.rows[name].iloc[wrong].to_numpy(dtype=object)

    return pd.DataFrame(
        {
            "place": rows.place[wrong],
            "case": case,
            "layer": layer,
            "one": one,
            "first": held(one),
            "other": other,
            "second": held(other) if second is None else second[wrong].astype(object),
            "observed": observed[wrong],
            "threshold": threshold,
            "source_file": held("source_file"),
            "source_row": held("source_row"),
        },
        columns=list(SLIP_COLUMNS),
        dtype=object,
    )


def slips_frame(found: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Slips of several checks in one frame."""
    frames = [frame for frame in found if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else _no_slips()


@cache
def _no_slips() -> pd.DataFrame:
    """What nearly every check finds."""
    return pd.DataFrame({name: [] for name in SLIP_COLUMNS}, dtype=object)


def judged_slips(
    patterns: Mapping[str, str],
    code: str,
    rule: Figure,
    parcels: pd.DataFrame,
    slips: pd.DataFrame,
    asked: NDArray[np.bool_],
) -> Judged:
    """A rule's answer out of slips.

    Parameters
    ----------
    patterns
        Case → sentence, with ``{one} {first} {other} {second} {times} {file} {row}``.
    code
        Of the findings.
    rule
        The pack's figure.
    parcels
        On which the answer is laid out.
    slips
        Columns `SLIP_COLUMNS`; those of no parcel are left out.
    asked
        Parcels of which there is something to check: "no" where nothing is wrong. The others are not judged.

    Returns
    -------
    Judged
        ``observed`` and ``threshold`` are those of the parcel's largest slip; the sentence names all of them, with file and row.
    """
    own = slips[(slips["place"] >= 0).to_numpy(dtype=bool)].astype({"place": np.intp})
    own = own.sort_values(["place", "case", "one"], kind="stable")
    at_place = own["place"].to_numpy()
    by_place = own.groupby("place", sort=True).indices
    count = len(parcels)
    observed, threshold = np.full(count, np.nan), np.full(count, np.nan)
    size, limit = own["observed"].to_numpy(dtype=float), own["threshold"].to_numpy(dtype=float)
    order = np.argsort(size, kind="stable")
    # The last write wins, so writing in order of size leaves the largest.
    observed[at_place[order]] = size[order]
    threshold[at_place[order]] = limit[order]
    wrong = np.zeros(count, dtype=bool)
    wrong[at_place] = True
    table = verdict_table(
        verdicts(known(wrong), wrong | asked), parcels.index,
        observed=observed, threshold=threshold, case=cases([(wrong, "yes")], "no"),
    )  # fmt: skip

    def reasons(at: NDArray[np.intp]) -> pd.DataFrame:
        texts = {}
        for lang in LANGUAGES:
            spoken = np.array(_texts(patterns, own, lang), dtype=object)
            texts[lang] = [_JOIN[lang].join(spoken[by_place[each]]) for each in at.tolist()]
        return pd.DataFrame(texts, dtype=object)

    def told(at: int) -> list[dict[str, Any]]:
        rows = own.iloc[by_place[at]].to_dict("records")
        return [line for row in rows for line in _lines(row)] + [rule.as_evidence()]

    return Judged(code, rule, table, reasons, told)


def _texts(patterns: Mapping[str, str], slips: pd.DataFrame, lang: str) -> list[str]:
    def title(layer: str, name: str) -> str:
        field = schemas()[layer].fields.get(name) if layer in schemas() else None
        return str(getattr(field, lang)) if field else name

    def value(each: Any) -> str:
        if isinstance(each, pd.Timestamp):
            return date_text(each)
        return figure(np.nan if each is None else float(each), lang, digits=_DIGITS)

    return compose(
        patterns,
        slips["case"].tolist(),
        lang,
        one=[title(layer, name) for layer, name in zip(slips["layer"], slips["one"], strict=True)],
        other=[title(layer, name) for layer, name in zip(slips["layer"], slips["other"], strict=True)],
        first=[value(each) for each in slips["first"]],
        second=[value(each) for each in slips["second"]],
        times=[figure(float(each), lang, digits=0) for each in slips["observed"]],
        file=slips["source_file"].fillna("—").tolist(),
        row=[("—" if pd.isna(each) else str(int(each))) for each in slips["source_row"]],
    )


def _lines(slip: dict[Any, Any]) -> list[dict[str, Any]]:
    """The cells of a slip, with file and row."""
    where = (
        {"file": str(slip["source_file"]), "row": int(slip["source_row"])} if slip["source_file"] is not None else {}
    )  # fmt: skip
    cells = [(slip["one"], slip["first"])] + ([(slip["other"], slip["second"])] if slip["other"] else [])
    return [{"what": name, "value": _plain(value), **where} for name, value in cells]


def _plain(value: Any) -> object:
    if isinstance(value, pd.Timestamp):
        return date_text(value)
    if isinstance(value, int | float | np.number):
        whole = float(value)
        return None if np.isnan(whole) else int(whole) if whole.is_integer() else whole
    return value
