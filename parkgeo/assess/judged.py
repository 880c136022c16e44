"""What one rule says of every parcel, and the findings that follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.codes import CODES
from parkgeo.assess.findings import FINDING_COLUMNS, evidence
from parkgeo.assess.rows import finding_id

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.packs import Figure

__all__ = [
    "FOUND",
    "Judged",
    "findings_later",
    "judged_findings",
    "not_judged",
    "text_column",
    "verdict_table",
    "verdict_text",
]

FOUND = ("yes", "undetermined")
"""Verdicts that make a finding."""

_BY_CODE = {code.code: code for code in CODES}


@dataclass(frozen=True)
class Judged:
    """One rule's answer for all parcels; sentences and evidence are composed only for those that have a finding.

    Attributes
    ----------
    code
        Of the findings, one of `parkgeo.assess.codes.CODES`.
    figure
        The pack's figure that decides; it gives clause and source.
    table
        On the parcels' index: ``verdict`` (``yes``, ``no``, ``undetermined``; missing where the rule is not about the parcel),
        ``case`` (why), ``observed`` and ``threshold`` (float64, in the code's unit), ``since`` (datetime64[s]),
        ``verified`` (bool: nothing unverified decided), ``missing`` (names of fields to ask for, joined by ", "). The texts may be
        categorical: they are few, and quickest made and compared so.
    reasons
        Positions → the sentences of those parcels: columns ``zh`` and ``en``, in the order of the positions.
    told
        Position → lines of evidence.
    """

    code: str
    figure: Figure
    table: pd.DataFrame
    reasons: Callable[[NDArray[np.intp]], pd.DataFrame]
    told: Callable[[int], list[dict[str, Any]]]


def not_judged(parcels: pd.DataFrame) -> pd.Series[Any]:
    """A verdict column of None: no pack in force holds the rule."""
    return pd.Series(None, index=parcels.index, dtype="str")


def verdict_text(judged: Judged) -> pd.Series[Any]:
    """The verdict as the column of parcels that its code names."""
    return text_column(judged.table["verdict"].array, judged.table.index).rename(judged.code)


def text_column(values: Any, index: pd.Index) -> pd.Series[Any]:
    """Texts of a few kinds as a column; categories are written once and then taken."""
    few = pd.Categorical(values)
    texts = pd.array(list(few.categories), dtype="str").take(few.codes, allow_fill=True)
    return pd.Series(texts, index=index)


def verdict_table(
    verdict: pd.Categorical,
    index: pd.Index,
    *,
    observed: NDArray[np.float64],
    threshold: NDArray[np.float64] | float,
    case: pd.Categorical | str = "",
    missing: pd.Categorical | str = "",
    since: NDArray[np.datetime64] | None = None,
) -> pd.DataFrame:
    """A `Judged`'s table of columns; a text stands for all rows, and nothing unverified decided but the figure itself."""
    nowhere = np.zeros(len(index), dtype=np.int8)
    texts = {"case": case, "missing": missing}
    words = {
        name: pd.Categorical.from_codes(nowhere, pd.Index([text])) if isinstance(text, str) else text
        for name, text in texts.items()
    }
    none = np.full(len(index), np.datetime64("NaT"), dtype="datetime64[s]")
    columns = {
        "verdict": verdict,
        "case": words["case"],
        "observed": observed,
        "threshold": threshold,
        "since": none if since is None else since.astype("datetime64[s]"),
        "verified": True,
        "missing": words["missing"],
    }
    return pd.DataFrame(columns, index=index, copy=False)


def judged_findings(judged: Judged, parcels: gpd.GeoDataFrame) -> pd.DataFrame:
    """A row for every yes and undetermined.

    Parameters
    ----------
    judged
        Of one rule.
    parcels
        ``parcel_id``, ``park_id``, geometry, on the same index.

    Returns
    -------
    pandas.DataFrame
        Columns of `parkgeo.assess.findings.FINDING_COLUMNS` and ``geometry``.
    """
    return findings_later(judged, parcels)()


def findings_later(judged: Judged, parcels: gpd.GeoDataFrame) -> Callable[[], pd.DataFrame]:
    """What makes the rows of `judged_findings`; of the table it keeps the rows of those parcels alone."""
    at = np.flatnonzero(judged.table["verdict"].isin(FOUND).to_numpy())
    few = replace(judged, table=judged.table.iloc[at])
    return partial(_findings, few, at, parcels["parcel_id"], parcels["park_id"], parcels.geometry)


def _findings(
    judged: Judged,
    at: NDArray[np.intp],
    parcel_ids: pd.Series[Any],
    park_ids: pd.Series[Any],
    geometry: gpd.GeoSeries,
) -> pd.DataFrame:
    code, figure, rows = _BY_CODE[judged.code], judged.figure, judged.table
    if not len(at):
        return pd.DataFrame(columns=[*FINDING_COLUMNS, "geometry"])
    yes = (rows["verdict"] == "yes").to_numpy()
    words = judged.reasons(at)
    ids = parcel_ids.iloc[at].astype(str).to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "finding_id": [finding_id(judged.code, each) for each in ids],
            "parcel_id": ids,
            "park_id": park_ids.iloc[at].to_numpy(dtype=object),
            "code": judged.code,
            "verdict": rows["verdict"].to_numpy(dtype=object),
            "severity": np.where(yes, code.severity, "medium" if code.severity == "high" else "low"),
            "observed": rows["observed"].to_numpy(dtype=float),
            "threshold": rows["threshold"].to_numpy(dtype=float),
            "unit": code.unit,
            "clause_zh": figure.clause_zh,
            "clause_en": figure.clause_en,
            "source": figure.cite(),
            "verified": rows["verified"].to_numpy(dtype=bool) & figure.verified,
            "since": rows["since"].where(rows["verdict"] == "yes").to_numpy(dtype="datetime64[s]"),
            "evidence": [evidence(judged.told(int(each))) for each in at],
            "missing": rows["missing"].to_numpy(dtype=object),
            "reason_zh": words["zh"].to_numpy(dtype=object),
            "reason_en": words["en"].to_numpy(dtype=object),
            "geometry": np.asarray(geometry.array, dtype=object)[at],
        },
        columns=[*FINDING_COLUMNS, "geometry"],
    )
