"""A single cell: blank or not, its text without the accidents of writing, and how it says that it cannot be read."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from parkgeo.layers import Sentence

__all__ = [
    "BLANK_WORDS",
    "DITTO_WORDS",
    "EXCEL_ERRORS",
    "Uncalculated",
    "UnreadableError",
    "is_blank",
    "is_ditto",
    "plain",
]

BLANK_WORDS = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "nan", "none", "null", "n/a", "<na>", "nat"}
)
"""What people write for nothing, folded by `plain` and without case."""

DITTO_WORDS = frozenset(
    {
        "同上",
        "同前",
        "〃",
        "々",
        "〞",
        "′′",
        "''",
        '"',
        "”",
        "“",
        "ditto",
        "do.",
        "as above",
        "same as above",
        "(同上)",
        "同上。",
    }
)
"""What people write for the cell above, folded by `plain` and without case."""

EXCEL_ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
"""What stands in a cell whose formula failed."""

_LONGEST_BLANK = max(map(len, BLANK_WORDS))
_LONGEST_DITTO = max(map(len, DITTO_WORDS))


class Uncalculated(str):
    """A formula whose result the workbook does not hold."""

    __slots__ = ()


class UnreadableError(ValueError):
    """A cell that holds something else than it should; it never leaves the reader of its column."""

    def __init__(self, trouble: Sentence) -> None:
        super().__init__(trouble.pattern)
        self.trouble = trouble


def plain(cell: object) -> str:
    r"""Text without outer space, full-width forms folded (１２，５ → 12,5), without marks that do not show.

    Examples
    --------
    >>> plain(" １２，５\u200b ")
    '12,5'
    """
    text = str(cell)
    if text.isascii():
        return text.strip()
    folded = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    if not folded.isprintable():
        folded = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return folded.strip()


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing, or a word for it.

    Examples
    --------
    >>> is_blank(" —— "), is_blank(0), is_blank(float("nan"))
    (True, False, True)
    """
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    if isinstance(cell, np.datetime64):
        return bool(np.isnat(cell))
    if not isinstance(cell, str) or isinstance(cell, Uncalculated):
        return False
    if len(cell) > _LONGEST_BLANK and cell.isalnum():
        return False  # folding shortens only what has space or marks that do not show
    return plain(cell).casefold() in BLANK_WORDS


def is_ditto(cell: object) -> bool:
    """Whether a cell says that it is as the one above.

    Examples
    --------
    >>> is_ditto(" 同上 "), is_ditto("″"), is_ditto("同上海路")
    (True, True, False)
    """
    return (
        isinstance(cell, str)
        and len(cell.strip()) <= _LONGEST_DITTO
        and plain(cell).casefold() in DITTO_WORDS
    )
