"""A file's columns → a layer's fields."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.errors import InputError, ProjectError, name_some
from parkgeo.ingest.values import read_values
from parkgeo.layers.schema import fold_header
from parkgeo.units import convert_factor, known_units

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import Field, LayerSchema
    from parkgeo.project import Source

__all__ = ["CellFault", "Mapped", "map_columns"]


@dataclass(frozen=True)
class CellFault:
    """Cells of a column that are not what the field must be; their value is missing."""

    rows: NDArray[np.intp]
    field: str
    column: str
    shown: str


@dataclass(frozen=True)
class Mapped:
    """A file's rows in the layer's terms.

    Attributes
    ----------
    frame
        Fields as columns.
    used
        Field → the column it came from, with the unit it was written in.
    unused
        Columns that feed no field.
    faults
        Cells that could not be read.
    """

    frame: pd.DataFrame
    used: dict[str, str]
    unused: tuple[str, ...]
    faults: tuple[CellFault, ...]


def map_columns(raw: RawTable, layer: LayerSchema, source: Source) -> Mapped:
    """Read a file's columns as the layer's fields.

    Parameters
    ----------
    raw
        The file.
    layer
        What it shall become.
    source
        What park.toml maps; other columns are recognised by name, title or alias.

    Returns
    -------
    Mapped

    Raises
    ------
    ProjectError
        park.toml maps a field that the layer does not have, or a unit that does not convert.
    InputError
        A mapped column is not in the file, or a required field has no column.
    """
    chosen = _chosen(raw, layer, source)
    typed: dict[str, pd.Series[Any]] = {}
    used: dict[str, str] = {}
    faults: list[CellFault] = []
    for name, (column, unit) in chosen.items():
        field = layer.fields[name]
        factor = convert_factor(unit, field.unit) if unit else 1.0
        typed[name], bad = read_values(raw.frame[column], field, factor=factor)
        used[name] = f"{column} [{unit}]" if unit else column
        if bad.any():
            shown = name_some([repr(str(cell)[:40]) for cell in raw.frame[column][bad]])
            faults.append(CellFault(bad.nonzero()[0], name, column, shown))
    taken = {column for column, _ in chosen.values()}
    unused = tuple(str(column) for column in raw.frame.columns if column not in taken)
    return Mapped(pd.DataFrame(typed, index=raw.frame.index), used, unused, tuple(faults))


def _chosen(raw: RawTable, layer: LayerSchema, source: Source) -> dict[str, tuple[str, str]]:
    """Field → column and written unit, in the order of the layer's fields."""
    where = f"{raw.path} ({layer.name})"
    columns = [str(column) for column in raw.frame.columns]
    chosen: dict[str, tuple[str, str]] = {}
    for name, column in source.columns.items():
        if name not in layer.fields:
            near = difflib.get_close_matches(name, layer.fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {name_some(layer.fields, shown=40)}"
            raise ProjectError(f"unknown field {name!r} of layer {layer.name}", where="park.toml", mend=hint)
        if column.name not in columns:
            raise InputError(
                f"no column {column.name!r} for {name}", where=where, mend=f"there are {name_some(columns, shown=40)}"
            )
        chosen[name] = (column.name, column.unit or _header_unit(column.name, layer.fields[name]))
    taken = {column for column, _ in chosen.values()}
    for text in columns:
        field = layer.field_for(text) if text not in taken else None
        if field is not None and field.name not in chosen:
            chosen[field.name] = (text, _header_unit(text, field))
    absent = [field for field in layer.fields.values() if field.required and field.name not in chosen]
    if absent:
        raise InputError(
            f"no column for {name_some(f'{field.name} ({field.zh})' for field in absent)}",
            where=where,
            mend=f"map it in park.toml: fields = {{ {absent[0].name} = \"…\" }}; there are {name_some(columns, shown=40)}",
        )
    return {name: chosen[name] for name in layer.fields if name in chosen}


def _header_unit(header: str, field: Field) -> str:
    """The unit in a header's bracket, where it is one of the field's; other brackets are remarks."""
    _, unit = fold_header(header)
    known = {text.casefold() for text in known_units(field.unit)} if field.unit else set()
    return unit if unit and unit.replace(" ", "").casefold() in known else ""
