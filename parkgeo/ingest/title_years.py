"""The year of a whole table, which its title or its sheet's name says and no column does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parkgeo.ingest.cells import plain
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from parkgeo.ingest.headers import Header
    from parkgeo.ingest.sheets import Sheet
    from parkgeo.layers import LayerSchema, Sentence

__all__ = ["year_of_table"]

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年")
_BARE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
# The day on which a table was filled in is not the year of its figures.
_DAY = re.compile(r"\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}\s*日?")
_SPAN = re.compile(r"(?<!\d)(?:19|20)\d{2}\s*年?\s*[-—–~至到]\s*(?:19|20)\d{2}")
_PART_OF_YEAR = re.compile(r"月|季|半年|旬|周|快报|[Qq][1-4]")


def year_of_table(sheet: Sheet, header: Header, layer: LayerSchema) -> tuple[dict[str, int], list[Sentence]]:
    """The column that a table of yearly figures lacks, and a note that says where it is from.

    Parameters
    ----------
    sheet
        Its name and the lines above the header may say the year.
    header
        Its columns.
    layer
        What the table shall become; only company returns have figures of a year.

    Returns
    -------
    tuple
        The column's name → the year; nothing where a column says it, where none or several years are named, or where
        the title names a part of the year and no column the month: a quarter's figures are not the year's.
    """
    fields = {field.name for field in header.fields if field is not None}
    if layer.name != "performance" or "year" in fields:
        return {}, []
    name = _DAY.sub(" ", plain(sheet.name))
    above = [cell for row in sheet.cells[: header.first] for cell in row if isinstance(cell, str)]
    titles = [_DAY.sub(" ", plain(cell)) for cell in above]
    years = {int(year) for text in titles for year in _YEAR.findall(text)}
    years |= {int(year) for year in _BARE_YEAR.findall(name)}
    told = [name, *titles]
    partial = "month" not in fields and any(map(_PART_OF_YEAR.search, told))
    if len(years) != 1 or partial or any(map(_SPAN.search, told)):
        return {}, []
    year = years.pop()
    note = sentence(
        "no column says the year: {year}, which the title or the sheet's name says, is that of all rows",
        year=year,
    )
    return {layer.fields["year"].zh: year}, [note]
