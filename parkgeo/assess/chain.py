"""Missing links: what the industries of a park buy from and the park does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.packs.industry import convert_industry, industry_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CHAIN_COLUMNS", "KEYED_BY", "chain_gaps"]

KEYED_BY = "2017"
"""Edition of GB/T 4754 of the packs' chain table and lists of industries."""

CHAIN_COLUMNS = {
    "park_id": "str", "industry": "str", "industry_zh": "str", "industry_en": "str", "lacks": "str", "lacks_zh": "str",
    "lacks_en": "str", "companies": "int64", "output_share": "float64", "strength": "str", "nearest_park": "str", "verdict": "str",
}  # fmt: skip
"""Columns of the table ``chain_gaps``."""


def chain_gaps(
    structure: pd.DataFrame,
    unknown: Mapping[str, int],
    chain: Mapping[str, tuple[str, ...]],
    *,
    edition: str,
    share_least: float,
    strengths: Mapping[str, float],
) -> pd.DataFrame:
    """A row for each industry of a park and each industry that it needs and the park lacks.

    Parameters
    ----------
    structure
        From `parkgeo.assess.structure.industry_structure`.
    unknown
        Companies of each park whose industry is not known: any of them may be what is missing.
    chain
        Industry → industries it needs, two digits of `KEYED_BY`.
    edition
        Of GB/T 4754, of the codes in ``structure``; one that may have become several is all of them.
    share_least
        Share of the park's output from which an industry's needs are looked at; one of unknown output is looked at.
    strengths
        Word → least share of output of the industry in need that it stands for.

    Returns
    -------
    pandas.DataFrame
        `CHAIN_COLUMNS`: ``output_share`` of the industry in need, ``strength`` the word of the
        highest share that it reaches (``weak`` below all, ``unknown`` without output), ``nearest_park`` another park of the snapshot that has it, the largest by output (missing where none
        has), ``verdict`` ``yes``, or ``undetermined`` where companies of unknown industry are in the park. The strongest first.
    """
    now = pd.Series(convert_industry(structure["industry"], edition, KEYED_BY), index=structure.index)
    made = structure.assign(now=now).explode("now").dropna(subset=["now"])
    has = {str(park): set(own["now"]) for park, own in made.groupby("park_id")}
    ranked = made.sort_values("output_wan", ascending=False, kind="stable")
    makers = {kind: list(dict.fromkeys(own["park_id"])) for kind, own in ranked.groupby("now", sort=False)}
    rows = [
        {
            "park_id": one.park_id, "industry": one.industry, "industry_zh": one.zh, "industry_en": one.en, "lacks": lacks,
            "companies": one.companies, "output_share": one.output_share,
            "nearest_park": next(iter(makers.get(lacks, ())), None),
            "verdict": "undetermined" if unknown.get(one.park_id, 0) else "yes",
        }
        for one in _rows(made)
        if not one.output_share < share_least
        for lacks in chain.get(one.now, ())
        if lacks not in has[one.park_id]
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(CHAIN_COLUMNS)).drop_duplicates(["park_id", "industry", "lacks"])
    share = frame["output_share"].to_numpy(dtype=np.float64)
    ranks = sorted(strengths.items(), key=lambda one: -one[1])
    frame["strength"] = np.select(
        [np.isnan(share), *(share >= least for _, least in ranks)],
        ["unknown", *(word for word, _ in ranks)],
        "weak",
    )
    for lang in ("zh", "en"):
        frame[f"lacks_{lang}"] = [industry_title(code, KEYED_BY, lang) for code in frame["lacks"]]
    order = frame.sort_values(["park_id", "output_share", "industry", "lacks"], ascending=[True, False, True, True], kind="stable")  # fmt: skip
    return order.astype(CHAIN_COLUMNS).reset_index(drop=True)


def _rows(made: pd.DataFrame) -> Iterator[Any]:
    """Rows by the names of their columns."""
    yield from made.itertuples(index=False)
