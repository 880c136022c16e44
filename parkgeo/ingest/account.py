"""The account of reading: what became of every file and every row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.errors import name_some
from parkgeo.layers import schema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from parkgeo.ingest.repair import Repair
    from parkgeo.layers.validate import Fault, Reject

__all__ = ["Account"]

_COLUMNS = {
    "sources": {
        "layer": "str", "file": "str", "table": "str", "driver": "str", "encoding": "str", "crs": "str",
        "rows_declared": "int64", "rows_accepted": "int64", "rows_repaired": "int64", "rows_rejected": "int64",
        "columns_used": "str", "columns_unused": "str", "notes": "str", "sha256": "str",
    },
    "rejects": {"layer": "str", "file": "str", "row": "Int64", "id": "str", "reason": "str", "mend": "str", "content": "str"},
    "repairs": {
        "layer": "str", "file": "str", "row": "int64", "id": "str", "what": "str",
        "area_before_m2": "float64", "area_after_m2": "float64",
    },
    "faults": {"severity": "str", "layer": "str", "file": "str", "field": "str", "what": "str", "rows": "str", "mend": "str"},
}  # fmt: skip


@dataclass
class Account:
    """Collects what became of files and rows while a project is read."""

    _entries: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in _COLUMNS})

    def source(self, **entry: object) -> None:
        """Add a file that was read."""
        self._entries["sources"].append(entry)

    def rejected(self, layer: str, frame: pd.DataFrame, rows: NDArray[np.intp], reject: Reject, contents: list[str]) -> None:
        """Add rows that are left out.

        Parameters
        ----------
        layer
            Their layer.
        frame
            The frame they stand in, with ``source_file`` and ``source_row``.
        rows
            Their positions.
        reject
            Why.
        contents
            Each row as its file gave it, so that it can be mended and fed back.
        """
        ids = _ids(layer, frame)
        for at, content in zip(rows, contents, strict=True):
            row = frame.iloc[at]
            self._entries["rejects"].append(
                {
                    "layer": layer, "file": row["source_file"], "row": int(row["source_row"]), "id": ids.iloc[at],
                    "reason": reject.reason, "mend": reject.mend, "content": content,
                }
            )  # fmt: skip

    def lost(self, layer: str, file: str, count: int) -> None:
        """Add rows that a file states to hold and that its reader did not deliver."""
        for _ in range(count):
            self._entries["rejects"].append(
                {
                    "layer": layer, "file": file, "row": None, "id": "", "reason": "stated by the file, not delivered by its reader",
                    "mend": "open the file in a GIS program, check the last features, save it again", "content": "",
                }
            )  # fmt: skip

    def repaired(self, layer: str, frame: pd.DataFrame, repairs: tuple[Repair, ...]) -> None:
        """Add mended geometries."""
        ids = _ids(layer, frame)
        for entry in repairs:
            row = frame.iloc[entry.row]
            self._entries["repairs"].append(
                {
                    "layer": layer, "file": row["source_file"], "row": int(row["source_row"]), "id": ids.iloc[entry.row],
                    "what": entry.what, "area_before_m2": entry.before_m2, "area_after_m2": entry.after_m2,
                }
            )  # fmt: skip

    def doubtful(self, layer: str, frame: pd.DataFrame, fault: Fault) -> None:
        """Add a fault of the validator, once for each file it is found in."""
        for file, found in frame.iloc[fault.rows].groupby("source_file", sort=True):
            self.fault(layer, str(file), fault.what, fault.mend, field=fault.field, rows=found["source_row"].to_numpy())

    def fault(
        self, layer: str, file: str, what: str, mend: str, *, field: str = "", rows: NDArray[np.int64] | None = None
    ) -> None:
        """Add something doubtful that a person must look at."""
        named = "" if rows is None else name_some(rows.tolist(), shown=10)
        self._entries["faults"].append(
            {"severity": "fault", "layer": layer, "file": file, "field": field, "what": what, "rows": named, "mend": mend}
        )

    def note(self, layer: str, file: str, what: str) -> None:
        """Add something a person should know and need not mend."""
        self._entries["faults"].append(
            {"severity": "note", "layer": layer, "file": file, "field": "", "what": what, "rows": "", "mend": ""}
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """The account as tables: sources, rejects, repairs, faults."""
        return {
            name: pd.DataFrame(self._entries[name], columns=list(columns)).astype(columns)
            for name, columns in _COLUMNS.items()
        }


def _ids(layer: str, frame: pd.DataFrame) -> pd.Series[Any]:
    """The id by which a person knows each row."""
    known = schema(layer)
    name = known.key or next((field.name for field in known.fields.values() if field.required), "")
    if name not in frame:
        return pd.Series("", index=frame.index)
    return frame[name].fillna("").astype(str)
