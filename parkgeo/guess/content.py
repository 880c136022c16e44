"""What a column's cells tell of the field that they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.ingest.values import read_values
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.layers import Field, LayerSchema, Sentence

__all__ = ["Content", "Hint", "content_of", "fit", "hint", "parcel_numbers", "shared_ids", "typed"]

_SAMPLE = 200
_MOST_IDS = 200_000
# 宗地代码: county 6, cadastral region 3, subregion 3, kind 2 letters, number 5; 不动产单元号 adds nine.
_PARCEL_NUMBER = re.compile(r"\d{12}[A-Z]{2}\d{5}")
_UNIT_NUMBER = re.compile(r"\d{12}[A-Z]{2}\d{5}[A-Z]\d{8}")
# 统一社会信用代码 (GB 32100): 18 digits and capitals without I, O, S, V, Z.
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
# Codes of 用地用海分类 and GB/T 21010, and those of GB 50137.
_LAND_USE_CODE = re.compile(r"(?:0[1-9]|1[0-9]|2[0-4])\d{2}(?:\d{2})?|[ABEGHMRSUW]\d{0,2}")
_LONGEST_ID, _MOST_PROSE = 64, 0.5
_PROSE = re.compile(r"<[A-Za-z/!]|[\r\n]")
_MOSTLY = 0.8
_NUMBERS = ("number", "integer")


@dataclass(frozen=True)
class Content:
    """A column's cells, as far as guesses need them.

    Attributes
    ----------
    cells
        Up to two hundred that are not blank, spread over the column.
    rows
        Cells in all.
    filled
        Those that are not blank.
    ids
        All values as ids are read, none twice; empty where they are no ids.
    unique
        Whether every cell is filled, with an id of its own.
    shares
        What was asked of the cells already.
    """

    cells: pd.Series[Any]
    rows: int
    filled: int
    ids: frozenset[str]
    unique: bool
    shares: dict[object, float] = dataclass_field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Hint:
    """What the cells alone say of a field: how strongly, and what was seen."""

    score: float
    reason: Sentence


# How strongly cells speak without a header.
_NUMBER_FORM, _REFERENCE, _WORDS_OF_CODE, _UNIQUE_PARCEL, _UNIQUE = 0.85, 0.8, 0.6, 0.46, 0.3
_REFERRING, _WORDS_SHOWN, _SERIAL_DIGITS = 0.5, 3, 4
_OWN_VALUE = sentence("every row has a value of its own")
_LOOKS_LIKE_CODES = Hint(0.4, sentence("the cells look like land-use codes"))
_PATTERNS = {
    "unit_no": (_UNIT_NUMBER, Hint(0.85, sentence("the cells are property unit numbers of 28 characters"))),
    "enterprise_id": (
        _CREDIT_CODE,
        Hint(0.75, sentence("the cells are unified social credit codes of 18 characters")),
    ),
    "land_use_code": (_LAND_USE_CODE, _LOOKS_LIKE_CODES),
    "planned_use_code": (_LAND_USE_CODE, _LOOKS_LIKE_CODES),
}


def content_of(column: pd.Series[Any], id_field: Field) -> Content:
    """Look through a column's cells.

    Parameters
    ----------
    column
        As the file gave it.
    id_field
        A field whose values are ids, to read them as such.
    """
    filled = column[_filled(column)]
    places: NDArray[np.intp] = np.unique(
        np.linspace(0, max(len(filled) - 1, 0), min(_SAMPLE, len(filled))).astype(np.intp)
    )
    cells = filled.iloc[places].reset_index(drop=True)
    ids: frozenset[str] = frozenset()
    unique = False
    if len(filled) and len(filled) <= _MOST_IDS and _can_be_ids(cells):
        ids = frozenset(typed(filled, id_field).dropna())
        unique = len(ids) == len(column)
    return Content(cells, len(column), len(filled), ids, unique)


def typed(cells: pd.Series[Any], field: Field) -> pd.Series[Any]:
    """A column's values as a field has them; missing where they cannot be read."""
    found: pd.Series[Any] = read_values(cells, field).series
    return found


def _filled(column: pd.Series[Any]) -> NDArray[np.bool_]:
    missing = column.isna().to_numpy()
    if column.dtype == object or pd.api.types.is_string_dtype(column):
        missing = missing | np.array(
            [isinstance(cell, str) and not cell.strip() for cell in column], dtype=bool
        )
    return ~missing


def _can_be_ids(cells: pd.Series[Any]) -> bool:
    """Whether cells are short text or whole numbers: a description is no id, though every row has its own.

    A single cell may hold the ids of several parcels, line by line.
    """
    prose = sum(
        isinstance(cell, str) and (len(cell) > _LONGEST_ID or _PROSE.search(cell.strip()) is not None)
        for cell in cells
    )
    return prose <= _MOST_PROSE * len(cells) and all(
        isinstance(cell, str | int | np.integer)
        or (isinstance(cell, float | np.floating) and float(cell).is_integer())
        for cell in cells
    )


def fit(content: Content, field: Field) -> float | None:
    """The share of cells that are values of the field; None for a blank column.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> parcels = schema("parcels").fields
    >>> fit(content_of(pd.Series(["1.5", "about 2"]), parcels["parcel_id"]), parcels["planned_far"])
    0.5
    """
    if content.filled == 0:
        return None
    asked = (field.kind, field.unit, field.minimum, field.maximum, *field.codes)
    if asked not in content.shares:
        content.shares[asked] = _fit(content, field)
    return content.shares[asked]


def _fit(content: Content, field: Field) -> float:
    read = read_values(content.cells, field)
    values: pd.Series[Any] = read.series
    wrong = np.zeros(len(values), dtype=bool)
    for rows in read.troubles.values():
        wrong[rows] = True
    if field.kind in _NUMBERS:
        numbers = values.to_numpy(dtype="float64")
        # A percentage may stand without its sign.
        most = np.inf if field.maximum is None else max(field.maximum, 100.0)
        wrong |= (numbers > most) | (numbers < (-np.inf if field.minimum is None else field.minimum))
    elif field.kind == "code":
        wrong |= ~values.isin(list(field.codes)).to_numpy()
    elif field.kind == "id" and not _can_be_ids(content.cells):
        return 0.2
    elif field.kind == "text" and _numeric(content.cells):
        return 0.6
    return float(1 - wrong.mean())


def _numeric(cells: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(cells.infer_objects()) and len(cells) > 0


def hint(content: Content, field: Field, layer: LayerSchema, parcel_ids: frozenset[str]) -> Hint | None:
    """What a column's cells say of a field whatever its header; None where they say nothing.

    Parameters
    ----------
    content
        The cells.
    field
        The field.
    layer
        The layer it is a field of.
    parcel_ids
        Ids of the parcels, as far as they are known.
    """
    if content.filled == 0:
        return None
    if field.name == "parcel_id":
        return _parcel_number(content, layer, parcel_ids)
    if field.name in _PATTERNS:
        pattern, told = _PATTERNS[field.name]
        return told if _share(content, pattern) >= _MOSTLY else None
    if field.kind == "code" and (fit(content, field) or 0) >= _MOSTLY and not _numeric(content.cells):
        words = tuple(dict.fromkeys(str(cell) for cell in content.cells))[:_WORDS_SHOWN]
        return Hint(_WORDS_OF_CODE, sentence("the cells are words of this field: {words}", words=words))
    return Hint(_UNIQUE, _OWN_VALUE) if field.name == layer.key and content.unique else None


def _parcel_number(content: Content, layer: LayerSchema, parcel_ids: frozenset[str]) -> Hint | None:
    """What cells say of the number of a parcel: its form, its being unique, its being among the parcels'."""
    of_parcels = layer.name == "parcels"
    if parcel_numbers(content) and (content.unique or not of_parcels):
        return Hint(_NUMBER_FORM, sentence("the cells are parcel numbers of 19 characters"))
    if of_parcels:
        return Hint(_UNIQUE_PARCEL, _OWN_VALUE) if content.unique else None
    shared = shared_ids(content.ids, parcel_ids)
    if shared < _REFERRING:
        return None
    percent = f"{100 * shared:.0f}"
    return Hint(_REFERENCE, sentence("{percent} % of its values are ids of parcels", percent=percent))


def parcel_numbers(content: Content) -> bool:
    """Whether most cells are parcel numbers of 19 characters.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> parcel_numbers(content_of(pd.Series(["330226001001GB00001"]), schema("parcels").fields["parcel_id"]))
    True
    """
    return content.filled > 0 and _share(content, _PARCEL_NUMBER) >= _MOSTLY


def shared_ids(ids: frozenset[str], others: frozenset[str]) -> float:
    """Share of ids that stand among others; 0 for serial numbers, which every table has alike.

    Examples
    --------
    >>> shared_ids(frozenset({"P1", "P2"}), frozenset({"P1", "P3"}))
    0.5
    >>> shared_ids(frozenset({"1", "2"}), frozenset({"1", "2"}))
    0.0
    """
    telling = [one for one in ids if not (one.isdecimal() and len(one) <= _SERIAL_DIGITS)]
    return len(others.intersection(telling)) / len(ids) if ids else 0.0


def _share(content: Content, pattern: re.Pattern[str]) -> float:
    """Share of the cells that are of a pattern."""
    if pattern not in content.shares:
        texts = ["".join(str(cell).split()).upper() for cell in content.cells]
        found = sum(pattern.fullmatch(text) is not None for text in texts)
        content.shares[pattern] = found / max(len(texts), 1)
    return content.shares[pattern]
