"""Matrices and isochrones that are asked for on the command line: written, and told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.cli.console import out
from parkgeo.errors import ProjectError
from parkgeo.i18n import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from parkgeo.pipeline.access_files import Written
    from parkgeo.store import Snapshot

__all__ = ["print_written", "write_files"]

_WITHOUT = {
    "no_gate": "a parcel without a gate",
    "no_truck_gate": "a parcel without a gate for trucks",
    "off_network": "a facility too far from every road",
    "no_way": "no way between the two",
}


def print_written(written: Mapping[Path, Written], lang: str) -> None:
    """Print what was written, and why rows of it have no minutes."""
    for file, (rows, without) in written.items():
        out().print(say("wrote {file}: {rows} rows", lang, file=file, rows=rows), soft_wrap=True)
        for reason, count in without.items():
            told = say("  {count} rows without minutes: {reason} ({code})", lang, count=count, reason=say(_WITHOUT[reason], lang), code=reason)  # fmt: skip
            out().print(told, soft_wrap=True)


def write_files(
    snapshot: Snapshot, *, matrix: Path | None, to: str, between: bool, isochrones: Path | None, start: str,
    minutes: str, mode: str,
) -> dict[Path, Written]:  # fmt: skip
    """Write the matrix and the isochrones that are asked for.

    Parameters
    ----------
    snapshot
        The analysis.
    matrix, to, between
        A .parquet file, and the kind of facilities or whether between parcels.
    isochrones, start, minutes
        A .geojson file, the kind of facilities, and the times with commas between them.
    mode
        Who travels.

    Returns
    -------
    dict
        File → rows or features in it, and how many of them have no minutes.

    Raises
    ------
    ProjectError
        Options that do not go together, or a time that is none.
    """
    from parkgeo.pipeline.access_files import isochrones_to, matrix_between, matrix_to

    if matrix is None and (to or between):
        raise ProjectError(
            "--to and --between say what a matrix is of", mend="name its file: --matrix FILE.parquet"
        )
    if isochrones is None and (start or minutes):
        raise ProjectError("--from and --minutes say what isochrones are of", mend="name their file: --isochrones FILE.geojson")  # fmt: skip
    _check_ending(matrix, ".parquet")
    _check_ending(isochrones, ".geojson")
    times = _times(minutes) if isochrones is not None else []
    written: dict[Path, Written] = {}
    if matrix is not None:
        if bool(to) == between:
            raise ProjectError("a matrix leads to facilities or between parcels", mend="add either --to KIND or --between")  # fmt: skip
        written[matrix] = (
            matrix_to(snapshot, to, matrix, mode=mode) if to else matrix_between(snapshot, matrix, mode=mode)
        )
    if isochrones is not None:
        if not start:
            raise ProjectError("isochrones are drawn round facilities of a kind", mend="add --from KIND, such as --from motorway_ramp")  # fmt: skip
        written[isochrones] = isochrones_to(snapshot, start, times, isochrones, mode=mode)
    return written


def _check_ending(file: Path | None, ending: str) -> None:
    if file is not None and file.suffix.lower() != ending:
        raise ProjectError(
            f"this option writes {ending}, not {file.name!r}", mend=f"end the name in {ending}"
        )


def _times(text: str) -> list[float]:
    try:
        times = [float(part) for part in (text or "5,10,15").split(",")]
    except ValueError as error:
        raise ProjectError(
            f"--minutes are numbers with commas between them, not {text!r}", mend="such as 5,10,15"
        ) from error
    if not all(0 < time < float("inf") for time in times):
        raise ProjectError(f"--minutes are above 0, not {text!r}", mend="such as 5,10,15")
    return times
