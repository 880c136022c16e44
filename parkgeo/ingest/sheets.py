"""A workbook's sheet as its readers give it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, name_some

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Sheet", "cell_value", "chosen"]

_EXACT_BELOW = 1e15


@dataclass(frozen=True)
class Sheet:
    """One sheet; rows and columns count from 0.

    Attributes
    ----------
    name
        Its name; empty for delimited text.
    cells
        Its rows from the first, each as wide as the widest or as it is filled; a blank cell is None.
    merged
        First row, first column, last row and last column of each merged cell.
    percent
        Places of numbers that are shown as percentages.
    hidden
        Whether the sheet itself is hidden.
    hidden_rows, hidden_columns
        Those that a person does not see.
    from_1904
        Whether its days are counted from 1904.
    """

    name: str
    cells: list[list[Any]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    percent: frozenset[tuple[int, int]] = frozenset()
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    from_1904: bool = False


def chosen(names: list[str], wanted: str, path: Path) -> list[str]:
    """The sheets to be read: the one that is wanted, or all.

    Raises
    ------
    InputError
        There is no sheet of that name.
    """
    if wanted and wanted not in names:
        raise InputError(
            f"no sheet {wanted!r}", where=str(path), mend=f"it holds {name_some(names, shown=20)}"
        )
    return [wanted] if wanted else names


def cell_value(cell: Any) -> Any:
    """A cell's value, where the reader gives every number as floating point and a blank cell as empty text.

    Examples
    --------
    >>> cell_value(12.0), cell_value(""), cell_value(1e17)
    (12, None, 1e+17)
    """
    kind = type(cell)
    if kind is str:
        return cell or None
    if kind is float:
        return int(cell) if cell.is_integer() and abs(cell) < _EXACT_BELOW else cell
    return str(cell) if kind in (dt.time, dt.timedelta) else cell
