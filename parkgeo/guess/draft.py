"""What a folder's files are taken for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from parkgeo.guess.columns import ColumnGuess
    from parkgeo.guess.confidence import Confidence
    from parkgeo.guess.system import SystemGuess
    from parkgeo.layers import Sentence

__all__ = ["Draft", "Entry", "NotUsed"]


@dataclass(frozen=True)
class Entry:
    """A table or raster taken for a layer: an entry of park.toml.

    Attributes
    ----------
    layer
        The layer.
    path
        The file.
    table
        Layer or sheet within it; empty where the file holds one.
    confidence
        How sure it is.
    reasons
        What was seen.
    what
        What the file holds, in few words: rows, geometry, encoding.
    columns
        Columns as fields.
    unused
        Columns that feed no field.
    system
        Its coordinate system; None for a table.
    not_live
        Why it is written as a remark only; None where it is an entry.
    date, bands, bands_sure
        Of an image.
    where
        Which of the rows are meant; empty is all.
    """

    layer: str
    path: Path
    table: str
    confidence: Confidence
    reasons: tuple[Sentence, ...]
    what: Sentence
    columns: tuple[ColumnGuess, ...] = ()
    unused: tuple[str, ...] = ()
    system: SystemGuess | None = None
    not_live: Sentence | None = None
    date: dt.date | None = None
    bands: dict[str, int] = field(default_factory=dict)
    bands_sure: bool = False
    where: str = ""

    @property
    def sure(self) -> bool:
        """Whether nothing in it is unsure."""
        return (
            self.confidence == "sure"
            and all(guess.confidence == "sure" for guess in self.columns)
            and (self.system is None or self.system.sure)
        )


@dataclass(frozen=True)
class NotUsed:
    """A file or table that feeds no layer.

    Attributes
    ----------
    path, table
        Which.
    reason
        Why not.
    unreadable
        Whether it could not be read.
    layer
        Which layer its name tells of, where it could not be read; empty for none.
    """

    path: Path
    table: str
    reason: Sentence
    unreadable: bool = False
    layer: str = ""


@dataclass(frozen=True)
class Draft:
    """What park.toml shall say.

    Attributes
    ----------
    folder
        The folder that was looked through.
    name
        The park's name, and where it was found.
    entries
        In the order of the layers, live ones first within each.
    not_used
        What feeds nothing.
    notes
        What a person should know of the search.
    """

    folder: Path
    name: str
    name_from: Sentence
    entries: tuple[Entry, ...]
    not_used: tuple[NotUsed, ...]
    notes: tuple[Sentence, ...]

    @property
    def live(self) -> tuple[Entry, ...]:
        """The entries that are no mere remarks."""
        return tuple(entry for entry in self.entries if entry.not_live is None)

    def has(self, layer: str) -> bool:
        """Whether a layer is there."""
        return any(entry.layer == layer for entry in self.live)

    @property
    def sure(self) -> bool:
        """Whether there are parcels, all is sure, and every file could be read."""
        return (
            self.has("parcels")
            and all(entry.sure and entry.not_live is None for entry in self.entries)
            and not any(one.unreadable for one in self.not_used)
        )
