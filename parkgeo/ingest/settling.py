"""What became of each row of a file, entered in the account: declared = accepted + rejected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.raw import Lost
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.ingest.account import Account
    from parkgeo.ingest.build import Part
    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import Reject, Sentence

__all__ = ["enter_rejects", "settle"]

# A damaged count may claim billions of rows; so many lost ones are a broken file, not a list of rejects.
_MOST_LOST = 100_000


def enter_rejects(
    name: str,
    together: pd.DataFrame,
    reject: Reject,
    parts: list[Part],
    starts: NDArray[np.intp],
    account: Account,
) -> None:
    """Enter the rows that a check of the layer left out, with what their files tell of them.

    Parameters
    ----------
    name
        The layer.
    together
        The rows of all its files.
    reject
        Which are left out, and why.
    parts, starts
        The files, and where each begins among the rows.
    account
        Where they are entered.
    """
    which = np.searchsorted(starts, reject.rows, side="right") - 1
    for at in np.unique(which):
        part, rows = parts[at], reject.rows[which == at]
        places = rows - starts[at]
        told = [_reason(reject, part, int(place)) for place in places]
        reasons, mends = zip(*told, strict=True)
        account.rejected(name, together.iloc[rows], reasons, mends, _contents(part.file.raw, places))


def _reason(reject: Reject, part: Part, place: int) -> tuple[Sentence, Sentence]:
    """Why a row is left out and how to mend it, with what its file tells of it."""
    raw = part.file.raw
    if reject.reason.pattern.startswith("no value in") and place in part.unreadable:
        return part.unreadable[place]
    if reject.reason.pattern == "no geometry":
        if place in part.beyond:
            return part.beyond[place]
        if place in raw.spoiled:
            return raw.spoiled[place], reject.mend
        if place in raw.cut_off:
            return (
                sentence("the .shp file ends before this feature"),
                sentence("the file is cut short: copy all its parts again"),
            )
    return reject.reason, reject.mend


def _contents(raw: RawTable, places: NDArray[np.intp]) -> list[str]:
    """Rows as their file gave them, each as JSON text with the geometry as WKT."""
    columns = {str(column): raw.frame[column].iloc[places].tolist() for column in raw.frame}
    if raw.geometry is not None:
        columns["geometry"] = shapely.to_wkt(raw.geometry[places], rounding_precision=-1).tolist()
    return [
        json.dumps(
            {column: _jsonable(cells[at]) for column, cells in columns.items()},
            ensure_ascii=False,
            default=str,
        )
        for at in range(len(places))
    ]


def _jsonable(cell: Any) -> object:
    return None if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)) else cell


def settle(name: str, part: Part, rejected: NDArray[np.bool_], account: Account) -> None:
    """Enter a file in the account: rows declared = accepted + rejected."""
    file, raw = part.file, part.file.raw
    kept = tuple(entry for entry in part.repairs if not rejected[entry.row])
    account.repaired(name, part.frame.iloc[[entry.row for entry in kept]], kept)
    changed = [entry.row for entry in kept if entry.changes_area]
    if changed:
        what = sentence("geometry that was mended has another area than the outline as drawn")
        account.fault(
            name, file.shown, what, sentence("see the repairs, and draw it again"), rows=raw.rows[changed]
        )
    lost = _all_lost(raw)
    for entry in lost:
        account.lost(name, file.shown, entry)
    if raw.declared < len(raw.frame) + len(raw.lost):
        what = sentence(
            "it states {stated} rows and holds {held}",
            stated=raw.declared,
            held=len(raw.frame) + len(raw.lost),
        )
        account.note(name, file.shown, what)
    account.source(
        layer=name, file=file.shown, table=raw.table, driver=raw.driver, encoding=raw.encoding, crs=part.crs,
        rows_declared=max(raw.declared, len(raw.frame) + len(raw.lost)), rows_accepted=int((~rejected).sum()),
        rows_repaired=len(kept), rows_rejected=int(rejected.sum()) + len(lost),
        columns_used=", ".join(f"{field} ← {column}" for field, column in part.mapped.used.items()),
        columns_unused=", ".join(part.mapped.unused), notes=raw.notes, sha256=file.sha256,
    )  # fmt: skip


def _all_lost(raw: RawTable) -> tuple[Lost, ...]:
    """Rows that never became rows: those the reader names, and those the file states beyond what came."""
    missing = raw.declared - len(raw.frame) - len(raw.lost)
    if missing > _MOST_LOST:
        raise InputError(
            f"it states {raw.declared} rows and gives {len(raw.frame)}: it is damaged",
            where=str(raw.path), mend="copy or save it again",
        )  # fmt: skip
    unknown = Lost(
        None,
        sentence("stated by the file, not delivered by its reader"),
        sentence("open the file in a GIS program, check the last features, save it again"),
    )
    return (*raw.lost, *([unknown] * max(missing, 0)))
