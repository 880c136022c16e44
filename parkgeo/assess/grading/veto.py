"""Who may not have the best grades, whatever the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.grading.scheme import Scheme

__all__ = ["UNKNOWN", "veto_kinds"]

UNKNOWN = "unknown"
"""The ledger names something that is none of the pack's kinds: whether it is a veto, the office must say."""


def veto_kinds(told: pd.Series[Any], scheme: Scheme) -> NDArray[np.object_]:
    """Kind of each company's veto; None where there is none.

    Parameters
    ----------
    told
        What the returns say; blank says that there is none.
    scheme
        Words of each kind.

    Returns
    -------
    numpy.ndarray of object
        Names of ``scheme.veto_words``, joined by ", "; `UNKNOWN` for a text that holds none of their words.

    Examples
    --------
    >>> import pandas as pd
    >>> from parkgeo.assess.grading import Scheme
    >>> scheme = Scheme({}, None, {}, 1.5, (), None, (), "C", {"safety": ("安全",)}, frozenset({"无"}))
    >>> veto_kinds(pd.Series(["发生安全事故", "无", None, "欠薪"]), scheme).tolist()
    ['safety', None, None, 'unknown']
    """
    found = np.full(len(told), None, dtype=object)
    if scheme.veto_best is None:
        return found
    text = told.astype(object).where(told.notna(), "").astype(str).str.strip().str.casefold()
    at = np.flatnonzero((text != "").to_numpy() & ~text.isin(scheme.no_veto_words).to_numpy())
    for row, said in zip(at.tolist(), text.iloc[at], strict=True):
        kinds = [
            kind
            for kind, words in scheme.veto_words.items()
            if any(word.casefold() in said for word in words)
        ]
        found[row] = ", ".join(kinds) or UNKNOWN
    return found
