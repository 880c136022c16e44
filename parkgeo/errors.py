"""The errors of parkgeo.

::

    ParkgeoError                     a message for the user: what, where, how to mend
    ├── ProjectError (ValueError)    park.toml: a key, a value, a path
    ├── InputError (ValueError)      a user's file: unreadable, no coordinate system, no parcels, ...
    ├── PackError (ValueError)       a rule pack: a key, a figure without a source
    ├── FilterError (ValueError)     a filter expression
    ├── StoreError (OSError)         the workspace: missing, locked, full, damaged
    └── NotFoundError (LookupError)  a parcel, a layer, a snapshot by a name that nothing has

Every message says what is wrong, where, and how to mend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "FilterError",
    "InputError",
    "NotFoundError",
    "PackError",
    "ParkgeoError",
    "ProjectError",
    "StoreError",
    "gather",
    "name_some",
    "unreadable",
]

_SHOWN = 5


def name_some(values: Iterable[object], *, shown: int = _SHOWN) -> str:
    """Name the first few of many values and their total.

    Parameters
    ----------
    values
        Ids, rows or names.
    shown
        How many to spell out.

    Returns
    -------
    str
        Comma-separated values; the total in brackets when not all are shown.

    Examples
    --------
    >>> name_some(["a", "b"])
    'a, b'
    >>> name_some(range(9), shown=3)
    '0, 1, 2 … (9 in all)'
    """
    every = [str(value) for value in values]
    head = ", ".join(every[:shown])
    return head if len(every) <= shown else f"{head} … ({len(every)} in all)"


class ParkgeoError(Exception):
    """A message for the user.

    Parameters
    ----------
    what
        What is wrong.
    where
        File, layer, rows or ids.
    mend
        How to mend it.

    Examples
    --------
    >>> str(ParkgeoError("no coordinate system", where="roads.geojson", mend="set crs in park.toml"))
    'no coordinate system — roads.geojson — set crs in park.toml'
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(" — ".join(part for part in (what, where, mend) if part))


class ProjectError(ParkgeoError, ValueError):
    """park.toml says something that cannot be followed."""


class InputError(ParkgeoError, ValueError):
    """A user's file cannot be used as it is."""


def unreadable(path: object, error: OSError) -> InputError:
    """The error for a file that the system does not let be read.

    Examples
    --------
    >>> str(unreadable("a.csv", PermissionError(13, "Permission denied")))
    'cannot be read (Permission denied) — a.csv — see that it is a file you may read'
    """
    return InputError(
        f"cannot be read ({error.strerror or error})",
        where=str(path),
        mend="see that it is a file you may read",
    )


class PackError(ParkgeoError, ValueError):
    """A rule pack is not what a rule pack must be."""


class FilterError(ParkgeoError, ValueError):
    """A filter expression cannot be understood or names what is not there."""


class StoreError(ParkgeoError, OSError):
    """The workspace cannot be read or written."""

    def __str__(self) -> str:
        """Give the message as composed; OSError would show its own arguments."""
        return str(self.args[0])


class NotFoundError(ParkgeoError, LookupError):
    """Nothing has that name."""


def gather(problems: Sequence[ParkgeoError], kind: type[ParkgeoError]) -> ParkgeoError:
    """One error out of several, each on its own line; a single one stays as it is.

    Examples
    --------
    >>> str(gather([InputError("a"), InputError("b")], InputError)).splitlines()
    ['2 to mend', '  - a', '  - b']
    """
    if len(problems) == 1:
        return problems[0]
    return kind(f"{len(problems)} to mend" + "".join(f"\n  - {problem}" for problem in problems))
