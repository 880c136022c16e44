"""Composite scores: several figures in one, each between its worst and its ideal value, with the breakdown.

Every score of the product that is a weighted sum of figures held against ideal values is made here: of parcels, of parks, and what
else a pack may weigh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.errors import PackError, name_some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["WHOLE", "Composite", "composite"]

WHOLE = 100.0
"""Points of a row whose values are all ideal."""


@dataclass(frozen=True)
class Composite:
    """A score and what it is made of; rows are those of the values given.

    Attributes
    ----------
    score
        ``score``, 0 to 100 (to 100 × ``most``); NaN where a value that it needs is missing, or nothing has a weight.
    metrics
        What has a weight above 0, in the order of the weights.
    weight, ideal, worst
        Of each metric.
    values
        Rows × metrics, as given; NaN where missing.
    points
        Rows × metrics: what each value brings of the score; NaN where it is missing. The sum of a row is its score.
    """

    score: pd.Series[float]
    metrics: tuple[str, ...]
    weight: NDArray[np.float64]
    ideal: NDArray[np.float64]
    worst: NDArray[np.float64]
    values: NDArray[np.float64]
    points: NDArray[np.float64]

    def breakdown(self, ids: pd.Series[str]) -> pd.DataFrame:
        """Long table: a row for each row and metric.

        Parameters
        ----------
        ids
            Name of each row, in order; its own name becomes the first column's.

        Returns
        -------
        pandas.DataFrame
            The ids; ``metric``, ``value``, ``ideal``, ``worst``, ``weight``, ``points``. Of a row without a score the points of the
            values that are known are there all the same.

        Examples
        --------
        >>> minutes = pd.DataFrame({"ramp_min": [10.0, 30.0]})
        >>> found = composite(minutes, {"ramp_min": 1}, {"ramp_min": 5}, {"ramp_min": 25})
        >>> found.breakdown(pd.Series(["P1", "P2"], name="parcel_id"))[["parcel_id", "metric", "value", "points"]].values.tolist()
        [['P1', 'ramp_min', 10.0, 75.0], ['P2', 'ramp_min', 30.0, 0.0]]
        """
        rows, columns = self.values.shape
        named = pd.Series(ids.array.repeat(columns), name=ids.name)
        which = np.tile(np.arange(columns), rows)
        return pd.DataFrame(
            {
                str(ids.name): named,
                "metric": pd.Series(pd.array(list(self.metrics), dtype="str").take(which)),
                "value": self.values.ravel(),
                "ideal": self.ideal[which],
                "worst": self.worst[which],
                "weight": self.weight[which],
                "points": self.points.ravel(),
            },
            copy=False,
        )

    def missing(self) -> pd.Series[str]:
        """Metrics that each row lacks, joined by ``, ``; None where it lacks none.

        Examples
        --------
        >>> found = composite(pd.DataFrame({"a": [1.0, np.nan]}), {"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 0, "b": 0})
        >>> found.missing().tolist()
        ['b', 'a, b']
        """
        lacks = np.isnan(self.values)
        # Rows lack the same things over and over: each set of them is put in words once.
        key = np.packbits(lacks, axis=1)
        width = max(key.shape[1], 1)
        packed = (
            np.ascontiguousarray(np.pad(key, ((0, 0), (0, width - key.shape[1])))).view(f"V{width}").ravel()
        )
        kinds, first, which = np.unique(packed, return_index=True, return_inverse=True)
        told = np.full(len(kinds), None, dtype=object)
        for at, row in enumerate(first):
            told[at] = ", ".join(np.asarray(self.metrics, dtype=object)[lacks[row]]) or None
        return pd.Series(told[which], index=self.score.index, name="missing", dtype="str")


def composite(
    values: pd.DataFrame,
    weights: Mapping[str, float],
    ideal: Mapping[str, float],
    worst: Mapping[str, float],
    *,
    most: float = 1.0,
    where: str = "",
) -> Composite:
    """Weighted sum of values, each as its share of the way from its worst to its ideal value.

    Parameters
    ----------
    values
        A column a metric, in its unit; one that is not there is missing in every row. Further columns are not looked at.
    weights
        Metric → weight, 0 or more; one of 0 is left out, and need not be known.
    ideal, worst
        Metric → value with full points, and with none. Ideal may be above worst (more is better) or below (less is better).
    most
        Most of the way that counts: 1 caps at the ideal value, 1.5 rewards half as much again.
    where
        What the figures stand in, for the message if they cannot be used: a pack's name.

    Returns
    -------
    Composite
        On the values' index.

    Raises
    ------
    PackError
        A weight is negative or not finite; a metric with a weight lacks its ideal or worst value, or the two are equal.

    Notes
    -----
    points = weight · clip((worst − value) ÷ (worst − ideal), 0, most) ÷ Σ weights · 100; score = Σ points. The score is missing
    as soon as one value is, for a score of the rest would be another score.

    Examples
    --------
    A ramp at 10 minutes, between 5 (ideal) and 25 (worst), weighs 3; a port at 15 minutes, as good as can be, weighs 1.

    >>> minutes = pd.DataFrame({"ramp_min": [10.0, 10.0], "port_min": [15.0, np.nan]})
    >>> best, least = {"ramp_min": 5, "port_min": 15}, {"ramp_min": 25, "port_min": 90}
    >>> composite(minutes, {"ramp_min": 3, "port_min": 1}, best, least).score.tolist()
    [81.25, nan]
    """
    metrics = _weighed(weights, ideal, worst, where)
    weight = np.array([weights[name] for name in metrics], dtype=np.float64)
    best = np.array([ideal[name] for name in metrics], dtype=np.float64)
    least = np.array([worst[name] for name in metrics], dtype=np.float64)
    held = np.full((len(values), len(metrics)), np.nan)
    for at, name in enumerate(metrics):
        if name in values:
            held[:, at] = values[name].to_numpy(dtype=np.float64, na_value=np.nan)
    # A value just at its worst may give -0.0, which adding 0.0 turns into 0.0.
    share = np.clip((least - held) / (least - best), 0.0, most) + 0.0
    # Divided before it is multiplied, so that a whole weight is exactly a whole hundred.
    points = share * (weight / weight.sum() if len(metrics) else weight) * WHOLE
    # Rounding may leave a sum a hair above what all full points are.
    total = np.minimum(points.sum(axis=1), most * WHOLE) if len(metrics) else np.full(len(values), np.nan)
    score = pd.Series(total, index=values.index, name="score", dtype="float64")
    return Composite(score, metrics, weight, best, least, held, points)


def _weighed(
    weights: Mapping[str, float], ideal: Mapping[str, float], worst: Mapping[str, float], where: str
) -> tuple[str, ...]:
    """Metrics with a weight, after a look at their figures."""
    wrong = [name for name, weight in weights.items() if not (np.isfinite(weight) and weight >= 0)]
    if wrong:
        raise PackError(
            f"weights that are no numbers from 0 up: {name_some(wrong)}",
            where=where,
            mend="give each 0 or more",
        )
    metrics = tuple(name for name, weight in weights.items() if weight > 0)
    ends = {name: (ideal.get(name, np.nan), worst.get(name, np.nan)) for name in metrics}
    bare = [name for name, both in ends.items() if not np.isfinite(both).all()]
    if bare:
        raise PackError(
            f"metrics with a weight and without an ideal or a worst value: {name_some(bare)}",
            where=where,
            mend="give each an ideal and a worst value, or take its weight away",
        )
    level = [name for name, (best, least) in ends.items() if best == least]
    if level:
        raise PackError(
            f"ideal and worst value are the same: {name_some(level)}",
            where=where,
            mend="give each two values that differ",
        )
    return metrics
