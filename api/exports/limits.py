"""How much is exported at once, and where it is written meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  `api.settings` asks for the types when it reads them

from parkgeo.errors import ProjectError

__all__ = ["ExportLimits"]


@dataclass(frozen=True, slots=True)
class ExportLimits:
    """Settings of exports.

    Attributes
    ----------
    folder
        Where files are written before they go out; None means the folder ``exports`` in the workspace.
    at_once
        Exports that are written at the same time.
    open
        Exports that are waiting, being written or going out, in all; one more is told to come again.
    values
        Most values (rows times columns) of a file.
    sheet_values
        Most values of an Excel workbook, which is held in memory while it is written: a million take about 70 MB and 20 s of a processor.
    paper_values
        Most values of a list as PDF, which is set in memory.
    stalled_s
        Seconds after which a client that takes nothing of its file is given up.

    Raises
    ------
    ProjectError
        A limit below one.

    Examples
    --------
    >>> ExportLimits(at_once=1).open
    16
    """

    folder: Path | None = field(
        default=None,
        metadata={
            "variable": "PARKGEO_EXPORTS",
            "says": "Folder in which exports are written; unset: `exports` in the workspace",
        },
    )
    at_once: int = field(
        default=2,
        metadata={"variable": "PARKGEO_EXPORTS_AT_ONCE", "says": "Exports written at the same time"},
    )
    open: int = field(
        default=16,
        metadata={
            "variable": "PARKGEO_EXPORTS_OPEN",
            "says": "Exports waiting, written or going out in all; 429 beyond",
        },
    )
    values: int = field(
        default=100_000_000,
        metadata={
            "variable": "PARKGEO_EXPORT_VALUES",
            "says": "Most rows times columns of an export; 413 beyond",
        },
    )
    sheet_values: int = field(
        default=2_500_000,
        metadata={
            "variable": "PARKGEO_SHEET_VALUES",
            "says": "Most rows times columns of an Excel workbook; 413 beyond",
        },
    )
    paper_values: int = field(
        default=100_000,
        metadata={
            "variable": "PARKGEO_PAPER_VALUES",
            "says": "Most rows times columns of a list as PDF; 413 beyond",
        },
    )
    stalled_s: float = field(
        default=120.0,
        metadata={
            "variable": "PARKGEO_EXPORT_STALLED_S",
            "says": "Seconds after which a client that takes nothing of its file is given up",
        },
    )

    def __post_init__(self) -> None:
        bounds = (self.at_once, self.open, self.values, self.sheet_values, self.paper_values, self.stalled_s)
        if min(bounds) < 1:
            raise ProjectError("limits of exports are at least 1")
