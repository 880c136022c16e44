"""A file's columns → a layer's fields."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import InputError, ProjectError, name_some
from parkgeo.ingest.cells import is_blank
from parkgeo.ingest.numbers import month_of_year
from parkgeo.ingest.raw import Doubt
from parkgeo.ingest.values import mend_of, read_values
from parkgeo.layers import schemas, sentence
from parkgeo.layers.schema import fold_header
from parkgeo.units import convert_factor, known_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import Field, LayerSchema, Sentence
    from parkgeo.project import Source

__all__ = ["CellFault", "Mapped", "map_columns", "named_column"]

_SHOWN_OF_A_CELL = 40
_REPETITION = re.compile(r" \(\d+\)$")
# Letters of units: a bracket with one of them names a unit, others are remarks.
_UNIT_LETTERS = re.compile(
    r"[亩顷元米吨度克升瓦里％%㎡²³]|^(?:k?m[23]?|ha|kg|t|yuan|usd|rmb)$", re.IGNORECASE
)

_UNIT_WORD = re.compile(r"^\s*(?:(?:计量|金额|面积|货币)?单位\s*[:：]\s*)?(?:人民币)?|人民币\s*$")


@dataclass(frozen=True)
class CellFault:
    """Cells of a column that are not what the field must be; their value is missing.

    Attributes
    ----------
    rows
        Positions.
    field, column
        The field and the column it is read from.
    trouble
        What the cells are.
    mend
        How a person mends them.
    shown
        The cells as they stand in the file, cut after 40 letters.
    """

    rows: NDArray[np.intp]
    field: Field
    column: str
    trouble: Sentence
    mend: Sentence
    shown: tuple[str, ...]

    def what(self) -> Sentence:
        """The fault in a sentence."""
        named = named_column(self.column, self.field)
        return sentence("{column}: {trouble}: {cells}", column=named, trouble=self.trouble, cells=self.shown)


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
    doubts
        Columns of which it is not certain what they are.
    remarks
        Cells that were read, but not as they stand; their value is kept. Without a mend there is nothing to do.
    """

    frame: pd.DataFrame
    used: dict[str, str]
    unused: tuple[str, ...]
    faults: tuple[CellFault, ...]
    doubts: tuple[tuple[Field, Doubt], ...]
    remarks: tuple[CellFault, ...]


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
    remarks: list[CellFault] = []
    for name, (column, unit) in chosen.items():
        field = layer.fields[name]
        cells = raw.frame[column]
        read = read_values(cells, field, factor=_factor(unit, field, raw))
        typed[name] = read.series
        used[name] = f"{column} [{unit}]" if unit else column
        if not unit and _misfit(column, field):
            # Values that could be wrong by a factor are not taken.
            faults.extend(_not_converted(cells, field, column))
            typed[name] = pd.Series(math.nan, index=read.series.index)
            continue
        for entered, found in ((faults, read.troubles), (remarks, read.remarks)):
            for trouble, rows in found.items():
                shown = tuple(dict.fromkeys(repr(str(cell)[:_SHOWN_OF_A_CELL]) for cell in cells.iloc[rows]))
                entered.append(CellFault(rows, field, column, trouble, mend_of(trouble, field), shown))
    faults.extend(_months_of_other_years(raw, layer, chosen, typed))
    taken = {column for column, _ in chosen.values()}
    unused = tuple(str(column) for column in raw.frame.columns if column not in taken)
    doubts = (*_rivals(layer, chosen, unused, source), *_strange_units(layer, chosen))
    frame = pd.DataFrame(typed, index=raw.frame.index)
    return Mapped(frame, used, unused, tuple(faults), doubts, tuple(remarks))


def _factor(unit: str, field: Field, raw: RawTable) -> float:
    if not unit:
        return 1.0
    try:
        return convert_factor(unit, field.unit)
    except ProjectError as error:
        raise ProjectError(f"{field.name}: {error.what}", where=str(raw.path), mend=error.mend) from error


def _chosen(raw: RawTable, layer: LayerSchema, source: Source) -> dict[str, tuple[str, str]]:
    """Field → column and written unit, in the order of the layer's fields."""
    where = f"{raw.path} ({layer.name})"
    columns = [str(column) for column in raw.frame.columns]
    chosen: dict[str, tuple[str, str]] = {}
    for name, column in source.columns.items():
        if name not in layer.fields:
            raise ProjectError(
                f"unknown field {name!r} of layer {layer.name}",
                where="park.toml",
                mend=_known_fields(name, layer),
            )
        if column.name not in columns:
            raise InputError(
                f"no column {column.name!r} for {name}",
                where=where,
                mend=f"there are {name_some(columns, shown=40)}",
            )
        chosen[name] = (column.name, column.unit or _header_unit(column.name, layer.fields[name]))
    taken = {column for column, _ in chosen.values()}
    recognised = [(text, layer.field_for(text)) for text in columns if text not in taken]
    named = [(text, field) for text, field in recognised if field is not None]
    # A column whose unit fits the field goes before one whose unit does not: 成交价（元/㎡） is no 成交价（万元）.
    for text, field in sorted(named, key=lambda pair: _misfit(*pair)):
        if field.name not in chosen:
            chosen[field.name] = (text, _header_unit(text, field))
    absent = [field for field in layer.fields.values() if field.required and field.name not in chosen]
    if absent:
        raise InputError(
            f"no column for {name_some(f'{field.name} ({field.zh})' for field in absent)}",
            where=where,
            mend=f'map it in park.toml: fields = {{ {absent[0].name} = "…" }}; there are {name_some(columns, shown=40)}',
        )
    return {name: chosen[name] for name in layer.fields if name in chosen}


def _known_fields(name: str, layer: LayerSchema) -> str:
    near = difflib.get_close_matches(name, layer.fields, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    elsewhere = [other.name for other in schemas().values() if name in other.fields]
    if elsewhere:
        return f"it is a field of {name_some(elsewhere)}; known here are {name_some(layer.fields, shown=40)}"
    return f"known are {name_some(layer.fields, shown=40)}"


def _header_unit(header: str, field: Field) -> str:
    """The unit in a header's bracket, where it is one of the field's; other brackets are remarks.

    It may stand with its word or a remark that is no unit: （单位：万元）, （万元，含税）.
    """
    _, bracket = fold_header(header)
    known = {text.casefold() for text in known_units(field.unit)} if field.unit else set()
    parts = [_UNIT_WORD.sub("", part).replace(" ", "") for part in re.split(r"[、,，;；]", bracket)]
    units = [part for part in parts if part and part.casefold() in known]
    others = [part for part in parts if part not in units and _UNIT_LETTERS.search(part)]
    return units[0] if len(units) == 1 and not others else ""


def _months_of_other_years(
    raw: RawTable, layer: LayerSchema, chosen: dict[str, tuple[str, str]], typed: dict[str, pd.Series[Any]]
) -> list[CellFault]:
    """Months that stand with a year of their own, which the year's column contradicts: they become missing."""
    if "month" not in typed or "year" not in typed:
        return []
    column = chosen["month"][0]
    cells, years = raw.frame[column], typed["year"].to_numpy()
    own = [month_of_year(cell) for cell in cells]
    rows = np.array(
        [at for at, found in enumerate(own) if found and not np.isnan(years[at]) and found[0] != years[at]],
        dtype=np.intp,
    )
    if not len(rows):
        return []
    typed["month"] = typed["month"].mask(np.isin(np.arange(len(cells)), rows))
    trouble = sentence("a month of another year than the row's")
    shown = tuple(dict.fromkeys(repr(str(cell)[:_SHOWN_OF_A_CELL]) for cell in cells.iloc[rows]))
    mend = sentence("write the month alone, and correct the year")
    return [CellFault(rows, layer.fields["month"], column, trouble, mend, shown)]


def _rivals(
    layer: LayerSchema, chosen: dict[str, tuple[str, str]], unused: tuple[str, ...], source: Source
) -> list[tuple[Field, Doubt]]:
    """Columns that could be a field that another column became without park.toml saying so."""
    rivals: dict[str, list[str]] = {}
    for column in unused:
        field = layer.field_for(_REPETITION.sub("", column))
        if field is None or _misfit(column, field):
            continue
        if field.name in chosen and field.name not in source.columns:
            rivals.setdefault(field.name, []).append(column)
    mend = sentence("map the right one in park.toml, and remove or rename the other")
    return [
        (
            layer.fields[name],
            Doubt(
                sentence(
                    "several columns could be {field}: {column} is read, {others} are not",
                    field=layer.fields[name], column=chosen[name][0], others=tuple(others),
                ),
                mend,
            ),
        )
        for name, others in rivals.items()
    ]  # fmt: skip


def _strange_unit(column: str, field: Field) -> str:
    """The unit that a header of a number names and that does not convert; empty for any other bracket."""
    _, bracket = fold_header(column)
    strange = field.kind == "number" and not _header_unit(column, field) and _UNIT_LETTERS.search(bracket)
    return bracket if strange else ""


def _misfit(column: str, field: Field) -> bool:
    """Whether a column's unit is another than the field's, so that its figures mean something else."""
    return field.unit != "1" and bool(_strange_unit(_REPETITION.sub("", column), field))


def _not_converted(cells: pd.Series[Any], field: Field, column: str) -> list[CellFault]:
    """The fault of a column whose unit does not convert; none where it is blank."""
    rows = np.flatnonzero([not is_blank(cell) for cell in cells])
    if not len(rows):
        return []
    trouble = sentence(
        "the unit {unit} does not convert to {own}; not read",
        unit=_strange_unit(_REPETITION.sub("", column), field), own=_shown_units(field)[0],
    )  # fmt: skip
    shown = tuple(dict.fromkeys(repr(str(cell)[:_SHOWN_OF_A_CELL]) for cell in cells.iloc[rows]))
    return [CellFault(rows, field, column, trouble, _unit_mend(field), shown)]


def _unit_mend(field: Field) -> Sentence:
    return sentence(
        "convert the column, or name its unit in park.toml: one of {units}", units=_shown_units(field)
    )


def named_column(column: str, field: Field) -> str | Sentence:
    """A column for people: a header in ASCII letters, often a code, with the field's title beside it."""
    if not column.isascii() or column.casefold() in (field.zh.casefold(), field.en.casefold()):
        return column
    return sentence("{column} ({field})", column=column, field=field)


def _shown_units(field: Field) -> tuple[str, ...]:
    """Units that convert to a field's, as people write them: 万元, not wan."""
    units = known_units(field.unit)
    return tuple(unit for unit in units if not unit.isascii()) or units


def _strange_units(layer: LayerSchema, chosen: dict[str, tuple[str, str]]) -> list[tuple[Field, Doubt]]:
    """Headers of bare numbers that name a unit: it may be a capacity's own, and its figures stay as they are."""
    found = []
    for name, (column, unit) in chosen.items():
        field = layer.fields[name]
        strange = _strange_unit(column, field)
        if not unit and strange and not _misfit(column, field):
            what = sentence(
                "{column}: the unit {unit} is not known here; the values are taken as they stand",
                column=named_column(column, field), unit=strange,
            )  # fmt: skip
            found.append((field, Doubt(what, _unit_mend(field))))
    return found
