"""What a binary workbook's records say beside its values; see `parkgeo.ingest.spreadsheet`.

Records as in [MS-XLSB]: a number and a length, both in seven bits a byte, and the content.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.ingest.spreadsheet import SheetExtras

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["read_binary_contents", "read_binary_extras"]

_ROW, _FIRST_CELL, _LAST_CELL, _COLUMN, _MERGED, _SHEET, _WORKBOOK = 0, 2, 11, 60, 176, 156, 153
_ERRORS = (3, 11)
_ERROR_WORDS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_HIDDEN_ROW, _HIDDEN_COLUMN, _FROM_1904 = 0x10, 0x01, 0x01


def read_binary_extras(content: bytes, path: Path) -> SheetExtras:
    """How far a sheet reaches, its errors, what is merged and hidden.

    Raises
    ------
    InputError
        The records are damaged.
    """
    extras = SheetExtras()
    row = 0
    try:
        for number, body in _records(content):
            if number == _ROW:
                (row,) = struct.unpack_from("<I", body)
                if body[11] & _HIDDEN_ROW:
                    extras.hidden_rows.append(row)
            elif _FIRST_CELL <= number <= _LAST_CELL:
                (column,) = struct.unpack_from("<I", body)
                extras.rows, extras.columns = max(extras.rows, row + 1), max(extras.columns, column + 1)
                if number in _ERRORS:
                    extras.cells[row, column] = _ERROR_WORDS.get(body[8], "#N/A")
            elif number == _MERGED:
                top, bottom, left, right = struct.unpack_from("<4I", body)
                extras.merged.append((top, left, bottom, right))
            elif number == _COLUMN and body[16] & _HIDDEN_COLUMN:
                first, last = struct.unpack_from("<2I", body)
                extras.hidden_columns.update(range(first, min(last, 1 << 14) + 1))
    except (IndexError, struct.error) as error:
        raise _damaged(path) from error
    return extras


def read_binary_contents(content: bytes, path: Path) -> tuple[dict[str, str], bool]:
    """Sheet → number of its relation, and whether days are counted from 1904.

    Raises
    ------
    InputError
        The records are damaged.
    """
    sheets: dict[str, str] = {}
    from_1904 = False
    try:
        for number, body in _records(content):
            if number == _WORKBOOK:
                from_1904 = bool(body[0] & _FROM_1904)
            elif number == _SHEET:
                relation, end = _text(body, 8)
                name, _ = _text(body, end)
                sheets[name] = relation
    except (IndexError, struct.error, UnicodeError) as error:
        raise _damaged(path) from error
    return sheets, from_1904


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        number = content[at]
        at += 1
        if number & 0x80:
            number = (number & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        length = 0
        for shift in (0, 7, 14, 21):
            part = content[at]
            at += 1
            length |= (part & 0x7F) << shift
            if not part & 0x80:
                break
        yield number, content[at : at + length]
        at += length


def _text(body: bytes, at: int) -> tuple[str, int]:
    (letters,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * letters
    return body[at + 4 : end].decode("utf-16-le"), end


def _damaged(path: Path) -> InputError:
    return InputError(
        "its records are damaged", where=str(path), mend="open it in Excel and save it as .xlsx"
    )
