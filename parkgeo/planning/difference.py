"""What differs between two states of a park: parcel by parcel, and park by park."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SMALLEST", "Difference", "differences", "park_differences"]

SMALLEST = 0.001
"""Differences below it are those of rounding, whatever the unit: 0.06 s, 1 m of 1 km, 1 mm."""

Better = Literal["less", "more", "no", ""]

_PARCELS = ("parcel_id", "metric", "before", "after", "change", "effect", "before_text", "after_text")
_EFFECTS = ("better", "worse", "cut_off", "reached")
_PARKS = (
    "park_id", "metric", "before", "after", "change", "parcels_better", "parcels_worse", "parcels_cut_off", "parcels_reached",
)  # fmt: skip


class Difference(NamedTuple):
    """How a column is compared.

    Attributes
    ----------
    column
        Its name.
    better
        ``less`` or ``more`` of a figure is better; ``no`` of a verdict is; empty where a text is neither better nor worse.
    """

    column: str
    better: Better


def differences(before: pd.DataFrame, after: pd.DataFrame, compared: tuple[Difference, ...]) -> pd.DataFrame:
    """Values that differ, a row a parcel and column.

    Parameters
    ----------
    before, after
        The same parcels in the same order, with ``parcel_id``.
    compared
        Columns of both; one that either lacks is passed over.

    Returns
    -------
    pandas.DataFrame
        ``parcel_id``, ``metric``; of a figure ``before``, ``after`` and ``change``, NaN where one is missing; of a verdict or
        text ``before_text`` and ``after_text``; ``effect``: better, worse, ``cut_off`` (there was a figure and is none),
        ``reached`` (there was none and is one), changed. By metric, then parcel in the order given.

    Examples
    --------
    >>> frame = pd.DataFrame({"parcel_id": ["A", "B"], "travel_min_port": [10.0, np.nan]})
    >>> then = frame.assign(travel_min_port=[8.0, 12.0])
    >>> differences(frame, then, (Difference("travel_min_port", "less"),))[["parcel_id", "change", "effect"]].to_dict("list")
    {'parcel_id': ['A', 'B'], 'change': [-2.0, nan], 'effect': ['better', 'reached']}
    """
    both = [one for one in compared if one.column in before and one.column in after]
    told = (
        _texts(before, after, one) if one.better in ("no", "") else _figures(before, after, one)
        for one in both
    )
    found = [one for one in told if one is not None]
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(_PARCELS))
    return rows.reindex(columns=list(_PARCELS)).astype(_types(_PARCELS))


def _types(columns: tuple[str, ...]) -> dict[str, str]:
    numbers = {"before": "float64", "after": "float64", "change": "float64"}
    return {name: numbers.get(name, "int64" if name.startswith("parcels_") else "str") for name in columns}


def _figures(before: pd.DataFrame, after: pd.DataFrame, one: Difference) -> pd.DataFrame | None:
    old, new = (frame[one.column].to_numpy(dtype=np.float64, na_value=np.nan) for frame in (before, after))
    effect = _effects(old, new, one.better)
    rows = np.flatnonzero(effect != "")
    if not len(rows):
        return None
    return pd.DataFrame(
        {
            "parcel_id": before["parcel_id"].iloc[rows].to_numpy(), "metric": one.column,
            "before": old[rows], "after": new[rows], "change": (new - old)[rows], "effect": effect[rows],
        }
    )  # fmt: skip


def _effects(old: NDArray[np.float64], new: NDArray[np.float64], better: Better) -> NDArray[np.object_]:
    effect = np.full(len(old), "", dtype=object)
    gain = old - new if better == "less" else new - old
    effect[gain >= SMALLEST] = "better"
    effect[gain <= -SMALLEST] = "worse"
    effect[np.isnan(new) & ~np.isnan(old)] = "cut_off"
    effect[np.isnan(old) & ~np.isnan(new)] = "reached"
    return effect


def _texts(before: pd.DataFrame, after: pd.DataFrame, one: Difference) -> pd.DataFrame | None:
    old, new = (
        [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]
        for column in (before[one.column], after[one.column])
    )
    rows = [at for at, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
    if not rows:
        return None
    effects = {("yes", "no"): "better", ("no", "yes"): "worse"} if one.better == "no" else {}
    return pd.DataFrame(
        {
            "parcel_id": before["parcel_id"].iloc[rows].to_numpy(), "metric": one.column,
            "before_text": [old[at] for at in rows], "after_text": [new[at] for at in rows],
            "effect": [effects.get((str(old[at]), str(new[at])), "changed") for at in rows],
        }
    )  # fmt: skip


def park_differences(
    rows: pd.DataFrame,
    before: pd.DataFrame,
    after: pd.DataFrame,
    compared: tuple[Difference, ...],
    park: pd.Series[str],
) -> pd.DataFrame:
    """What differs in each park.

    Parameters
    ----------
    rows
        What `differences` gave.
    before, after, compared
        What it was given.
    park
        Park of each parcel; missing where it lies in none.

    Returns
    -------
    pandas.DataFrame
        A row a park and column of which some parcel differs: ``before`` and ``after`` are plain means over the parcels that
        have a figure in both states, so that who is cut off does not make the rest look faster; of a verdict the number of
        parcels with *yes*. And parcels that are better, worse, cut off, reached.

    Examples
    --------
    >>> frame = pd.DataFrame({"parcel_id": ["A", "B"], "travel_min_port": [10.0, 40.0]})
    >>> then = frame.assign(travel_min_port=[12.0, np.nan])
    >>> compared = (Difference("travel_min_port", "less"),)
    >>> told = park_differences(differences(frame, then, compared), frame, then, compared, pd.Series(["K", "K"]))
    >>> told[["before", "after", "parcels_worse", "parcels_cut_off"]].values.tolist()
    [[10.0, 12.0, 1.0, 1.0]]
    """
    rows = rows[~rows["metric"].isin([one.column for one in compared if not one.better])]
    if rows.empty:
        return pd.DataFrame(columns=list(_PARKS)).astype(_types(_PARKS))
    code, names = pd.factorize(park.to_numpy(dtype=object), use_na_sentinel=False)
    verdicts = {one.column for one in compared if one.better == "no"}
    of_parcel = pd.Series(code, index=before["parcel_id"].to_numpy())
    told: list[dict[str, object]] = []
    for metric, of_metric in rows.groupby("metric", sort=False):
        name = str(metric)
        places = of_parcel.loc[of_metric["parcel_id"]].to_numpy()
        for at in np.unique(places):
            here, effect = code == at, of_metric["effect"][places == at]
            old, new = _level(before[name][here], after[name][here], verdict=name in verdicts)
            counts = {f"parcels_{one}": int((effect == one).sum()) for one in _EFFECTS}
            if new == old and not any(counts.values()):
                continue  # verdicts that were not judged before or are not after
            told.append(
                {
                    "park_id": names[at],
                    "metric": name,
                    "before": old,
                    "after": new,
                    "change": new - old,
                    **counts,
                }
            )
    return pd.DataFrame(told, columns=list(_PARKS)).astype(_types(_PARKS))


def _level(before: pd.Series[Any], after: pd.Series[Any], *, verdict: bool) -> tuple[float, float]:
    if verdict:
        return float((before == "yes").sum()), float((after == "yes").sum())
    old, new = (one.to_numpy(dtype=np.float64, na_value=np.nan) for one in (before, after))
    both = ~np.isnan(old) & ~np.isnan(new)
    return (float(old[both].mean()), float(new[both].mean())) if both.any() else (np.nan, np.nan)
