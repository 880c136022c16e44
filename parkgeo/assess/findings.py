"""Verdicts → findings: a row for every yes and every undetermined, with what it rests on."""

from __future__ import annotations

import json
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from parkgeo.assess.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["FINDING_COLUMNS", "Line", "evidence", "findings_frame"]

FINDING_COLUMNS = {
    "finding_id": "str", "parcel_id": "str", "park_id": "str", "code": "str", "verdict": "str", "severity": "str",
    "observed": "float64", "threshold": "float64", "unit": "str", "clause_zh": "str", "clause_en": "str",
    "source": "str", "verified": "bool", "since": "datetime64[s]", "evidence": "str", "missing": "str",
    "reason_zh": "str", "reason_en": "str",
}  # fmt: skip
"""Columns of the findings and their types."""

_BY_CODE = {code.code: code for code in CODES}


def evidence(entries: list[dict[str, Any]]) -> str:
    """Evidence as JSON text: each entry says what, its value, and where it stands."""
    parts: list[str] = []
    for shared, run in groupby(entries, key=lambda entry: isinstance(entry, Line)):
        lines = list(run)
        parts += [line.text for line in lines if isinstance(line, Line)] if shared else [_json(lines)[1:-1]]
    return f"[{', '.join(parts)}]"


class Line(dict[str, Any]):
    """A line of evidence that many findings share, a pack's figure: its text is made once."""

    @cached_property
    def text(self) -> str:
        """The line as JSON."""
        return _json(self)


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def _json(value: object) -> str:
    return _ENCODER.encode(value)


def findings_frame(
    found: Iterable[dict[str, Any] | pd.DataFrame | Callable[[], pd.DataFrame]], crs: object
) -> gpd.GeoDataFrame:
    """Findings as a frame, sorted by code, then parcel.

    Parameters
    ----------
    found
        One dictionary a finding, keys as in `FINDING_COLUMNS`, and ``geometry``; or frames of such rows,
        or functions that make such frames.
    crs
        Of the geometry.

    Returns
    -------
    geopandas.GeoDataFrame
    """
    found = [each() if callable(each) else each for each in found]
    names = [*FINDING_COLUMNS, "geometry"]
    single = pd.DataFrame([row for row in found if isinstance(row, dict)], columns=names, dtype=object)
    frames = [single, *(frame for frame in found if isinstance(frame, pd.DataFrame))]
    every = {name: np.concatenate([frame[name].to_numpy(dtype=object) for frame in frames]) for name in names}
    place = pd.Index(_BY_CODE).get_indexer(pd.Index(every["code"]))
    order = np.lexsort((every["finding_id"], place))
    frame = pd.DataFrame({name: every[name][order] for name in FINDING_COLUMNS}).astype(FINDING_COLUMNS)
    return gpd.GeoDataFrame(frame, geometry=every["geometry"][order], crs=crs)
