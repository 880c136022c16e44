"""The lines as a table: a row a parcel and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.evidence.combine import groups
from parkgeo.assess.evidence.lines import LINES, SAYS
from parkgeo.assess.evidence.notes import notes
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.evidence.lines import Line
    from parkgeo.packs import RuleBook

__all__ = ["evidence_table"]


def evidence_table(
    parcel_ids: NDArray[np.object_], judged: NDArray[np.bool_], lines: Mapping[str, Line], rules: RuleBook
) -> pd.DataFrame:
    """What each line says of each judged parcel.

    Parameters
    ----------
    parcel_ids
        Of all parcels.
    judged
        Which have rows.
    lines
        By name.
    rules
        The packs in force, for the lines' groups.

    Returns
    -------
    pandas.DataFrame
        ``parcel_id``, ``line``, ``group`` (empty where the pack does not count the line), ``says``, ``figure``, ``unit``, ``day``,
        ``note_zh``, ``note_en``, ``source_file``, ``source_row``; by parcel, then line.
    """
    at = np.flatnonzero(judged)
    of = {line: group for group, members in groups(rules).items() for line in members}
    frames = [_rows(lines[name], parcel_ids, at, of.get(name, "")) for name in LINES]
    order = np.arange(len(at) * len(LINES)).reshape(len(LINES), len(at)).T.ravel()
    table = pd.concat(frames, ignore_index=True).iloc[order].reset_index(drop=True)
    texts = ["parcel_id", "line", "group", "says", "unit", "note_zh", "note_en"]
    table[texts] = table[texts].astype("str")
    table["source_file"] = table["source_file"].astype("str").where(table["source_file"].notna(), None)
    return table


def _rows(line: Line, parcel_ids: NDArray[np.object_], at: NDArray[np.intp], group: str) -> pd.DataFrame:
    file, row = line.source_file, line.source_row
    return pd.DataFrame(
        {
            "parcel_id": parcel_ids[at],
            "line": line.name,
            "group": group,
            "says": np.array(SAYS, dtype=object)[line.says[at]],
            "figure": line.figure[at],
            "unit": line.unit,
            "day": line.day[at].astype("datetime64[s]"),
            **{f"note_{lang}": notes(line, at, lang) for lang in LANGUAGES},
            "source_file": np.full(len(at), None) if file is None else file[at],
            "source_row": np.full(len(at), np.nan) if row is None else row[at].astype(float),
        }
    )
