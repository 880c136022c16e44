"""How a snapshot lies in the database: written down when it is published, read by whoever serves it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FORMAT", "CollectionLayout", "ColumnLayout", "ShapeLayout", "in_database", "schema_of"]

FORMAT = 2
"""Of what this module writes; a snapshot of another format is published again before it is served."""

REGISTRY = "parkgeo"
"""Schema of the list of snapshots and of the views of the live one."""

_LONGEST = 63
"""Bytes of a name in PostgreSQL; it cuts longer ones off in silence."""


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """One column of a table.

    Attributes
    ----------
    name
        As the snapshot names it.
    column
        As the database names it: the same, but for names that cannot be names there.
    type
        Of the database.
    kind
        What filters see: ``number``, ``text``, ``flag``, ``time``, ``nothing`` (no value at all) or ``other``.
    dtype
        Of pandas, when the table is read back.
    """

    name: str
    column: str
    type: str
    kind: str
    dtype: str


@dataclass(frozen=True, slots=True)
class ShapeLayout:
    """The geometry of a table.

    Attributes
    ----------
    name, column
        As the snapshot and as the database name it.
    place
        Where among the columns it stands.
    srid
        Number of the working system in the database.
    bounds
        Of all geometry, in the working system; None where there is none.
    """

    name: str
    column: str
    place: int
    srid: int
    bounds: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class CollectionLayout:
    """One collection.

    Attributes
    ----------
    told
        What `api.served.catalogue.Collection` says of it, but for its rows.
    table, features
        Names of its two tables in the snapshot's schema.
    count
        Rows.
    extent
        West, south, east, north in degrees.
    largest
        Bytes of the longest feature.
    columns
        In their order, geometry left out.
    shape
        The geometry; None where the table has none.
    has_times
        Whether rows have a time.
    """

    told: dict[str, Any]
    table: str
    features: str
    count: int
    extent: tuple[float, float, float, float] | None
    largest: int
    columns: tuple[ColumnLayout, ...]
    shape: ShapeLayout | None
    has_times: bool

    def only(self, names: Sequence[str]) -> CollectionLayout:
        """The same with some columns only, the geometry among them or not."""
        columns = tuple(column for column in self.columns if column.name in names)
        if self.shape is None or self.shape.name not in names:
            return replace(self, columns=columns, shape=None)
        return replace(self, columns=columns, shape=replace(self.shape, place=len(columns)))

    def as_json(self) -> dict[str, Any]:
        """What JSON can write."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> CollectionLayout:
        """The same, read back."""
        shape = told["shape"]
        read = {
            **told,
            "extent": _four(told["extent"]),
            "columns": tuple(ColumnLayout(**column) for column in told["columns"]),
            "shape": shape and ShapeLayout(**{**shape, "bounds": _four(shape["bounds"])}),
        }
        return cls(**{field.name: read[field.name] for field in fields(cls)})


def _four(numbers: list[float] | None) -> tuple[float, float, float, float] | None:
    if numbers is None:
        return None
    west, south, east, north = numbers
    return west, south, east, north


def schema_of(name: str) -> str:
    """Schema of a snapshot.

    Examples
    --------
    >>> schema_of("2026-06-30-0123456789ab")
    'parkgeo_20260630_0123456789ab'
    """
    year, month, day, digest = name.split("-")
    return f"{REGISTRY}_{year}{month}{day}_{digest}"


def in_database(names: list[str]) -> list[str]:
    """Names as the database can hold them: each once, at most 63 bytes, none with our underscore in front.

    Examples
    --------
    >>> in_database(["面积", "_place"])
    ['面积', 'x_place']
    """
    given: list[str] = []
    for name in names:
        plain = f"x{name}" if name.startswith("_") or not name else name
        # A percent sign would be taken for the place of a bound value.
        plain = plain.replace("\0", "\N{REPLACEMENT CHARACTER}").replace("%", "_")
        if len(plain.encode()) > _LONGEST or plain in given:
            digest = hashlib.blake2s(name.encode(), digest_size=4).hexdigest()
            head = plain.encode()[: _LONGEST - len(digest) - 1].decode(errors="ignore")
            plain = f"{head}_{digest}"
        given.append(plain)
    return given
