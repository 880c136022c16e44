"""The account of reading: what became of every file and every row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.i18n import LANGUAGES
from parkgeo.layers import schema, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from parkgeo.ingest.raw import Lost
    from parkgeo.ingest.repair import Repair
    from parkgeo.layers import Fault, Sentence

__all__ = ["Account"]

_COLUMNS = {
    "sources": {
        "layer": "str", "file": "str", "table": "str", "driver": "str", "encoding": "str", "crs": "str",
        "rows_declared": "int64", "rows_accepted": "int64", "rows_repaired": "int64", "rows_rejected": "int64",
        "columns_used": "str", "columns_unused": "str", "notes_zh": "str", "notes_en": "str", "sha256": "str",
    },
    "rejects": {
        "layer": "str", "file": "str", "row": "Int64", "id": "str", "reason_zh": "str", "reason_en": "str",
        "mend_zh": "str", "mend_en": "str", "content": "str",
    },
    "repairs": {
        "layer": "str", "file": "str", "row": "int64", "id": "str", "what_zh": "str", "what_en": "str",
        "area_before_m2": "float64", "area_after_m2": "float64",
    },
    "faults": {
        "severity": "str", "layer": "str", "file": "str", "field": "str", "what_zh": "str", "what_en": "str",
        "rows": "str", "mend_zh": "str", "mend_en": "str",
    },
}  # fmt: skip
_ROWS_SHOWN = 10


@dataclass
class Account:
    """Collects what became of files and rows while a project is read; see `tables`."""

    _entries: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in _COLUMNS})

    def source(self, *, notes: Sequence[Sentence], **entry: object) -> None:
        """Add a file that was read."""
        told = {f"notes_{lang}": "; ".join(note.speak(lang) for note in notes) for lang in LANGUAGES}
        self._entries["sources"].append(entry | told)

    def rejected(
        self,
        layer: str,
        rows: pd.DataFrame,
        reasons: Sequence[Sentence],
        mends: Sequence[Sentence],
        contents: Sequence[str],
    ) -> None:
        """Add rows that are left out.

        Parameters
        ----------
        layer
            Their layer.
        rows
            The rows, with ``source_file`` and ``source_row``.
        reasons, mends
            Why each is left out and how to mend it.
        contents
            Each row as its file gave it, so that it can be mended and fed back.
        """
        places = zip(rows["source_file"], rows["source_row"], _ids(layer, rows), strict=True)
        for (file, row, known), reason, mend, content in zip(places, reasons, mends, contents, strict=True):
            self._entries["rejects"].append(
                {"layer": layer, "file": file, "row": int(row), "id": known, "content": content}
                | _both("reason", reason)
                | _both("mend", mend)
            )

    def lost(self, layer: str, file: str, entry: Lost) -> None:
        """Add a row that its file's reader could not make a row of."""
        self._entries["rejects"].append(
            {"layer": layer, "file": file, "row": entry.row, "id": "", "content": entry.content}
            | _both("reason", entry.reason)
            | _both("mend", entry.mend)
        )

    def repaired(self, layer: str, rows: pd.DataFrame, repairs: Sequence[Repair]) -> None:
        """Add mended geometries, one a row."""
        for file, row, known, entry in zip(
            rows["source_file"], rows["source_row"], _ids(layer, rows), repairs, strict=True
        ):
            self._entries["repairs"].append(
                {
                    "layer": layer, "file": file, "row": int(row), "id": known,
                    "area_before_m2": entry.before_m2, "area_after_m2": entry.after_m2,
                } | _both("what", entry.what)
            )  # fmt: skip

    def doubtful(self, layer: str, frame: pd.DataFrame, fault: Fault) -> None:
        """Add a fault in rows that stay, once for each file it is found in."""
        for file, found in frame.iloc[fault.rows].groupby("source_file", sort=True):
            self.fault(
                layer,
                str(file),
                fault.what,
                fault.mend,
                field=fault.field,
                rows=found["source_row"].to_numpy(),
            )

    def fault(
        self,
        layer: str,
        file: str,
        what: Sentence,
        mend: Sentence,
        *,
        field: str = "",
        rows: NDArray[np.int64] | Sequence[int] = (),
    ) -> None:
        """Add something doubtful that a person must look at."""
        self._entry("fault", layer, file, what, mend, field=field, rows=rows)

    def note(
        self, layer: str, file: str, what: Sentence, *, rows: NDArray[np.int64] | Sequence[int] = ()
    ) -> None:
        """Add something a person should know and need not mend."""
        self._entry("note", layer, file, what, sentence(""), rows=rows)

    def _entry(
        self,
        severity: str,
        layer: str,
        file: str,
        what: Sentence,
        mend: Sentence,
        *,
        field: str = "",
        rows: NDArray[np.int64] | Sequence[int] = (),
    ) -> None:
        numbers = sorted(int(row) for row in rows)
        more = f" … ({len(numbers)})" if len(numbers) > _ROWS_SHOWN else ""
        self._entries["faults"].append(
            {"severity": severity, "layer": layer, "file": file, "field": field}
            | {"rows": ", ".join(map(str, numbers[:_ROWS_SHOWN])) + more}
            | _both("what", what)
            | _both("mend", mend)
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """The account as tables: sources, rejects, repairs, faults."""
        return {
            name: pd.DataFrame(self._entries[name], columns=list(columns)).astype(columns)
            for name, columns in _COLUMNS.items()
        }


def _both(name: str, said: Sentence) -> dict[str, str]:
    return {f"{name}_{lang}": said.speak(lang) for lang in LANGUAGES}


def _ids(layer: str, rows: pd.DataFrame) -> list[str]:
    """The id by which a person knows each row."""
    known = schema(layer)
    name = known.key or next((field.name for field in known.fields.values() if field.required), "")
    if name not in rows:
        return [""] * len(rows)
    return [str(value) for value in rows[name].fillna("")]
