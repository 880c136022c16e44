"""Candidates for factories of several storeys: built industrial land, an industry that suits them, a ratio far below the plan's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.judged import text_column
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, all_of, known, verdicts
from parkgeo.assess.written import figures_written, sentences_written
from parkgeo.assess.written import text_column as written_column
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.states.trivalent import Answer

__all__ = ["Vertical", "vertical_candidates", "vertical_column", "vertical_notes"]

_CASES = (
    "The industry suits several storeys and the floor area ratio of {far} is {share} % of the planned {planned}: {left} m² of floor area are to be won.",
    "The industry is not one of those that suit several storeys.",
    "The floor area ratio of {far} is {share} % of the planned {planned}, more than the {most} % of a candidate.",
    "Undetermined: the industry on the parcel is not known; ask for the company's industry code.",
    "Undetermined: the floor area or the planned floor area ratio is not known; ask for the buildings and the plan.",
)
_YES, _UNSUITED, _DENSE, _NO_INDUSTRY, _NO_RATIO = range(len(_CASES))


@dataclass(frozen=True)
class Vertical:
    """Which parcels are candidates, and what decided.

    Attributes
    ----------
    answer
        For each parcel.
    asked
        Where it is asked: on built industrial land.
    suits
        Whether the industry suits several storeys.
    share
        Floor area ratio ÷ the planned one.
    most
        The pack's limit of that.
    """

    answer: Answer
    asked: NDArray[np.bool_]
    suits: Answer
    share: NDArray[np.float64]
    most: float


def vertical_candidates(
    asked: NDArray[np.bool_], suits: Answer, far: pd.Series[float], planned: pd.Series[float], most: float
) -> Vertical:
    """Judge parcels.

    Parameters
    ----------
    asked
        Built industrial land.
    suits
        Whether the industry of each suits several storeys.
    far, planned
        Floor area ratio as it is and as planned.
    most
        Share of the planned ratio that a candidate has at most; NaN: no pack says.

    Returns
    -------
    Vertical

    Examples
    --------
    >>> far, planned = pd.Series([0.6, 1.8, 0.6]), pd.Series([2.0, 2.0, 2.0])
    >>> suits = np.array([1, 1, 0], dtype=np.int8)
    >>> vertical_candidates(np.ones(3, bool), suits, far, planned, 0.6).answer.tolist()
    [1, -1, 0]
    """
    target = planned.to_numpy(dtype=np.float64)
    share = np.divide(
        far.to_numpy(dtype=np.float64), target, out=np.full(len(target), np.nan), where=target > 0
    )
    low = known(share <= most, ~np.isnan(share) & ~np.isnan(most))
    return Vertical(all_of(suits, low), asked, suits, share, most)


def vertical_column(found: Vertical, index: pd.Index) -> pd.Series[str]:
    """The verdict; missing where it is not asked."""
    return text_column(verdicts(found.answer, found.asked), index)


def vertical_notes(
    found: Vertical, far: pd.Series[float], planned: pd.Series[float], left: pd.Series[float]
) -> pd.DataFrame:
    """Columns ``vertical_note_zh`` and ``vertical_note_en``: why a parcel is a candidate, is none, or what to ask for.

    Parameters
    ----------
    found
        From `vertical_candidates`.
    far, planned
        As there.
    left
        Floor area that the planned ratio leaves, m².
    """
    case = np.select(
        [~found.asked, found.answer == YES, found.suits == NO, found.answer == NO, found.suits == UNKNOWN],
        [-1, _YES, _UNSUITED, _DENSE, _NO_INDUSTRY],
        default=_NO_RATIO,
    )
    texts = {
        name: (values, digits)
        for name, values, digits in (
            ("far", far.to_numpy(dtype=np.float64), 2),
            ("planned", planned.to_numpy(dtype=np.float64), 2),
            ("share", 100 * found.share, 0),
            ("left", left.to_numpy(dtype=np.float64), 0),
            ("most", np.full(len(case), 100 * found.most), 0),
        )
    }
    columns = [
        {name: figures_written(values[case == at], digits=digits) for name, (values, digits) in texts.items()}
        for at in range(len(_CASES))
    ]
    return pd.DataFrame(
        {
            f"vertical_note_{lang}": written_column(sentences_written(_CASES, case, lang, columns))
            for lang in LANGUAGES
        },
        index=far.index,
    )
