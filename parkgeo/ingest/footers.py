"""Rows of a table that are no rows of data: totals, who filled it in, remarks, the header printed again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from parkgeo.ingest.cells import is_blank, plain
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.layers import Sentence

__all__ = ["is_header", "left_out", "ranges"]

_TOTAL = re.compile(
    r"(?:[^0-9A-Za-z]{0,12}(?:合计|总计|小计|共计|累计)|总数|合\s+计|总\s+计|小\s+计|(?:grand |sub)?totals?|sum)[:：]?",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:填表|制表|填报|审核|复核|审批|编制|报送|统计|经办|联系|校对)(?:单位|人|日期|时间|负责人|电话)?\s*(?:[(（].*?[)）])?\s*[:：]"
    r"|(?:单位)?(?:负责人|领导)\s*(?:[(（].*?[)）])?\s*[:：]|联系电话\s*[:：]|(?:数据|资料)来源\s*[:：]"
    r"|(?:备\s*注|说\s*明|注\s*\d*|附\s*注|填表说明|remarks?|notes?|source)\s*[:：.、]",
    re.IGNORECASE,
)
_MOST_OF_FOOTER = 6


def left_out(
    body: list[tuple[int, list[Any]]], keys: Sequence[int], header: Sequence[Sequence[Any]]
) -> tuple[set[int], list[Sentence]]:
    """Which rows of a table are none of its data.

    Parameters
    ----------
    body
        Number and cells of each row that holds anything.
    keys
        Columns of the fields that no row can do without.
    header
        The header's rows as they stand in the sheet.

    Returns
    -------
    tuple
        Their numbers, and notes that name them: totals, where the key is blank or the very word; what stands behind the
        last row of data; the header once more. Any other row without a key stays, and is rejected by the validator.
    """
    totals = {number: text for number, row in body if (text := _total(row, keys))}
    repeated = [number for number, row in body if is_header(row, header)]
    footers: dict[int, str] = {}
    for number, row in reversed(body):
        if number in totals:
            continue
        text = _footer(row, keys)
        if not text:
            break
        footers[number] = text
    notes = []
    if totals:
        what = sentence(
            "totals are no rows of data: row {rows} ({words})",
            rows=ranges(totals), words=tuple(dict.fromkeys(totals.values())),
        )  # fmt: skip
        notes.append(what)
    if footers:
        what = sentence(
            "remarks below the table are no rows of data: row {rows} ({words})",
            rows=ranges(footers), words=tuple(footers[number][:20] for number in sorted(footers)),
        )  # fmt: skip
        notes.append(what)
    if repeated:
        notes.append(
            sentence("the header printed again is no row of data: row {rows}", rows=ranges(repeated))
        )
    return {*totals, *footers, *repeated}, notes


def ranges(numbers: Any) -> str:
    """Numbers in order, runs of them as a range.

    Examples
    --------
    >>> ranges([9, 2, 3, 4])
    '2–4, 9'
    """
    ordered = sorted(numbers)
    runs: list[list[int]] = []
    for number in ordered:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def _first_text(row: list[Any], keys: Sequence[int]) -> str:
    """The first text of a row whose key cells are blank or that text; empty for a row with a key."""
    found = next(
        ((at, cell) for at, cell in enumerate(row) if isinstance(cell, str) and not is_blank(cell)), None
    )
    if found is None:
        return ""
    at, text = found[0], found[1].strip()
    filled = [key for key in keys if key < len(row) and not is_blank(row[key])]
    return text if not filled or filled == [at] else ""


def _total(row: list[Any], keys: Sequence[int]) -> str:
    text = _first_text(row, keys)
    return text if _TOTAL.fullmatch(plain(text)) else ""


def _footer(row: list[Any], keys: Sequence[int]) -> str:
    text = _first_text(row, keys)
    if not text or not _FOOTER.match(plain(text)):
        return ""
    return text if sum(not is_blank(cell) for cell in row) <= _MOST_OF_FOOTER else ""


def is_header(row: list[Any], header: Sequence[Sequence[Any]]) -> bool:
    """Whether a row is one of the header's rows once more."""
    first = next((str(cell).strip() for cell in row if not is_blank(cell)), "")
    cells: list[str] = []
    for printed in header:
        known = _texts(printed)
        if known and known[0] == first:
            cells = cells or _texts(row)
            if cells == known:
                return True
    return False


def _texts(row: Sequence[Any]) -> list[str]:
    return [str(cell).strip() for cell in row if not is_blank(cell)]
