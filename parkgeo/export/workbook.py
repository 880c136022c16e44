"""Excel sheets: titles that stay in sight, columns as wide as their text, numbers as numbers, text never as a formula."""

from __future__ import annotations

import contextlib
import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from parkgeo.export.cells import Notices, date_columns, fit_text, plain_value
from parkgeo.export.titles import column_title, entry, plain_table_title, plain_title, table_title
from parkgeo.files import publish_file
from parkgeo.i18n import say
from parkgeo.packs.sources import source_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = [
    "Book",
    "Column",
    "Sheet",
    "Verdict",
    "altered",
    "frame_columns",
    "frame_rows",
    "notice_lines",
    "open_book",
    "snapshot_book",
    "write_table_workbook",
    "write_tables",
]

_A3, _A4 = 8, 9
_NO_DAY = dt.date(1980, 1, 1)
"""The day of a workbook that has none: the first that a zip archive can hold."""

_SENTENCES = frozenset({"what", "mend", "reason", "content", "notes", "columns_used", "columns_unused"})
_WITH_SOURCES = ("findings", "indicators")
_PAGE_WIDTH = 250.0
"""Characters that can still be read across an A4 page; a wider sheet takes more pages."""

_LINE_CHARACTERS = 200
_RATIO_BELOW = 100.0
_NUMBER_FORMATS = {
    "text": "@", "long": "@", "count": "0", "whole": "#,##0", "money": "#,##0.00", "area": "#,##0.0", "ratio": "0.000",
    "date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm:ss",
}  # fmt: skip
_COLOURS = {
    "header": "#DCE6EE",
    "yes": "#FBE0CF",
    "undetermined": "#FCF7C5",
    "rule": "#9AA5AE",
    "quiet": "#5A6670",
}
_FONTS = {"zh": "Microsoft YaHei", "en": "Calibri"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    title
        With its unit.
    kind
        What its cells hold, a key of the number formats: ``text``, ``long`` (wrapped), ``whole``, ``area``, ``date`` …
    width
        In characters of Latin text; 0 fits the column to what it holds.
    """

    title: str
    kind: str = "text"
    width: float = 0


@dataclass(frozen=True)
class Verdict:
    """A cell that says a verdict in words and shows it by its colour too."""

    word: str
    verdict: str | None

    def __str__(self) -> str:
        return self.word


@dataclass
class Sheet:
    """A sheet to write: a heading, lines under it, columns and rows, lines at the end."""

    name: str
    heading: str
    lines: Sequence[str]
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    closing: Sequence[str] = ()
    across: bool = False
    """Whether its rows belong on one sheet of paper, whatever their width: printed on A3 then, else on A4."""


@dataclass
class Book:
    """A workbook being written."""

    workbook: Any
    lang: str
    footer: str
    notices: Notices = field(default_factory=Notices)
    formats: dict[tuple[str, str], Any] = field(default_factory=dict)

    def style(self, kind: str, mark: str = "") -> Any:
        """The format of a cell, made once."""
        if (kind, mark) not in self.formats:
            self.formats[kind, mark] = self.workbook.add_format(self._properties(kind, mark))
        return self.formats[kind, mark]

    def _properties(self, kind: str, mark: str) -> dict[str, Any]:
        base: dict[str, Any] = {"font_name": _FONTS[self.lang], "font_size": 10, "valign": "vcenter"}
        if kind == "heading":
            return base | {"font_size": 16, "bold": True}
        if kind == "line":
            return base | {"font_color": _COLOURS["quiet"]}
        base |= {"border": 1, "border_color": _COLOURS["rule"]}
        if kind == "header":
            return base | {"bold": True, "bg_color": _COLOURS["header"], "text_wrap": True, "align": "center"}
        base |= {"num_format": _NUMBER_FORMATS[kind], "text_wrap": kind in {"text", "long"}}
        if kind in {"date", "time", "count"}:
            base |= {"align": "center"}
        else:
            base |= {"align": "left" if kind in {"text", "long"} else "right", "indent": 1}
        return base | ({"bg_color": _COLOURS[mark]} if mark in _COLOURS else {})

    def add(self, sheet: Sheet) -> None:
        """Write a sheet, ready to be printed across."""
        page = self.workbook.add_worksheet(sheet.name)
        widths = _widths(sheet)
        top = 1 + len(sheet.lines)
        page.write_string(0, 0, _one_line(fit_text(sheet.heading, self.notices)), self.style("heading"))
        page.set_row(0, 26)
        for number, line in enumerate(sheet.lines, start=1):
            page.write_string(number, 0, _one_line(fit_text(line, self.notices)), self.style("line"))
        for place, column in enumerate(sheet.columns):
            page.write_string(top, place, _broken(fit_text(column.title, self.notices)), self.style("header"))
        page.set_row(top, 4 + _LINE_POINTS * _header_lines(sheet.columns, widths))
        self._fill(page, sheet, widths, top + 1)
        for place, width in enumerate(widths):
            page.set_column(place, place, width)
        last = top + max(len(sheet.rows), 1)
        for number, line in enumerate(sheet.closing, start=last + 2):
            page.write_string(number, 0, fit_text(line, self.notices), self.style("line"))
        # What runs out of the table, a long line at the top, must not shrink the print.
        page.print_area(0, 0, last + 1 + len(sheet.closing), len(sheet.columns) - 1)
        page.freeze_panes(top + 1, min(2, len(sheet.columns) - 1))
        page.autofilter(top, 0, last, len(sheet.columns) - 1)
        pages = 1 if sheet.across else max(1, round(sum(widths) / _PAGE_WIDTH))
        self._page_setup(page, top, pages_across=pages, paper=_A3 if sheet.across else _A4)

    def _fill(self, page: Any, sheet: Sheet, widths: Sequence[float], start: int) -> None:
        for number, row in enumerate(sheet.rows, start=start):
            for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                self._cell(page, number, place, column, value)
            page.set_row(number, _row_height(sheet.columns, widths, row))

    def _cell(self, page: Any, row: int, place: int, column: Column, value: Any) -> None:
        if isinstance(value, Verdict):
            page.write_string(row, place, value.word, self.style("text", value.verdict or ""))
            return
        kind = _number_kind(value) if column.kind == "number" else column.kind
        style = self.style(kind)
        if value is None or value == "":
            page.write_blank(row, place, None, style)
        elif isinstance(value, bool):
            page.write_boolean(row, place, value, style)
        elif isinstance(value, int | float):
            self._number(page, row, place, value, style)
        elif isinstance(value, dt.datetime):
            page.write_datetime(row, place, value.replace(tzinfo=None), style)
        elif isinstance(value, dt.date) and value.year >= 1900:  # noqa: PLR2004 - Excel's first year
            page.write_datetime(row, place, dt.datetime(value.year, value.month, value.day), style)  # noqa: DTZ001 - Excel knows no zones
        else:
            page.write_string(row, place, fit_text(str(value), self.notices), self.style(_textual(kind)))

    @staticmethod
    def _number(page: Any, row: int, place: int, value: float, style: Any) -> None:
        import math

        if math.isfinite(value):
            page.write_number(row, place, value, style)
        else:
            page.write_blank(row, place, None, style)

    def _page_setup(self, page: Any, top: int, *, pages_across: int, paper: int) -> None:
        page.set_landscape()
        page.set_paper(paper)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.fit_to_pages(pages_across, 0)
        page.repeat_rows(top)
        if pages_across > 1:
            page.repeat_columns(0)
        page.hide_gridlines(2)
        page.set_footer(
            f"&L&8 {self.footer}&R&8 {say('Page {page} of {pages}', self.lang, page='&P', pages='&N')}"
        )


def _number_kind(value: Any) -> str:
    """As many decimals as a number of any size needs to be read: none, three below one, else two."""
    if not isinstance(value, int | float) or float(value).is_integer():
        return "whole"
    return "ratio" if abs(value) < 1 else "money"


def _one_line(text: str) -> str:
    """A line above a table: no breaks, and short enough to stand over it."""
    line = " ".join(text.split())
    return line if len(line) <= _LINE_CHARACTERS else line[: _LINE_CHARACTERS - 1] + "…"


def _broken(title: str) -> str:
    """A title with its unit on a line of its own."""
    return title.replace("（", "\n（").replace(" (", "\n(")


def _textual(kind: str) -> str:
    return kind if kind in {"text", "long"} else "text"


@contextlib.contextmanager
def open_book(path: Path, *, lang: str, title: str, day: dt.date, footer: str) -> Iterator[Book]:
    """Open a workbook that carries a given day instead of now, so that the same tables give the same bytes.

    Parameters
    ----------
    path
        Where to write, as `publish_file` gives it.
    lang
        ``zh`` or ``en``.
    title
        Of the document.
    day
        The day of creation that the file states.
    footer
        Of each printed page, left.

    Raises
    ------
    OSError
        The file cannot be written; `publish_file` around it says so in words.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    workbook = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    midnight = dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - XlsxWriter takes it as UTC
    workbook.set_properties({"title": _one_line(fit_text(title, Notices())), "created": midnight})
    yield Book(workbook, lang, footer)
    try:
        workbook.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error


def snapshot_book(snapshot: Snapshot, path: Path, *, lang: str) -> contextlib.AbstractContextManager[Book]:
    """Open a workbook about a snapshot."""
    footer = f"{snapshot.as_of} · {snapshot.name} · {say('Suspected, for verification', lang)}"
    return open_book(path, lang=lang, title=str(snapshot.manifest["park"]), day=snapshot.as_of, footer=footer)


def write_table_workbook(
    snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path, *, lang: str
) -> None:
    """Write one table of a snapshot as a workbook of one sheet, where `publish_file` says."""
    title = table_title(snapshot, table, lang)
    sheet = Sheet(
        name=title,
        heading=f"{snapshot.manifest['park']} · {title}",
        lines=[say("As of {as_of} · snapshot {name}", lang, as_of=snapshot.as_of, name=snapshot.name)],
        columns=frame_columns(snapshot, table, frame, lang),
        rows=frame_rows(snapshot, table, _sources_in(table, frame, lang)),
    )
    sheet.lines = [*sheet.lines, *altered(sheet, lang)]
    with snapshot_book(snapshot, path, lang=lang) as book:
        book.add(sheet)


def _sources_in(table: str, frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Findings or indicators with the packs' sources as a reader of the language knows them; another table as it is."""
    named = [name for name in ("source", "benchmark_source") if table in _WITH_SOURCES and name in frame]
    spoken = {
        name: [source_in(text, lang) if isinstance(text, str) else text for text in frame[name]]
        for name in named
    }
    return frame.assign(**spoken)


def write_tables(tables: Mapping[str, pd.DataFrame], path: Path, *, lang: str = "en") -> None:
    """Write tables that are not of a snapshot, such as the account of a check, as one workbook.

    Parameters
    ----------
    tables
        Name → table, a sheet each, whole: this is for the owner of the files.
    path
        Ends in ``.xlsx``. It is replaced only when the new file is whole.
    lang
        ``zh`` or ``en``: titles.

    Raises
    ------
    StoreError
        The file cannot be written, for example while Excel has it open.
    """
    with (
        publish_file(path) as beside,
        open_book(beside, lang=lang, title="parkgeo", day=_NO_DAY, footer="parkgeo") as book,
    ):
        for name, frame in tables.items():
            names = [str(column) for column in frame.columns]
            values = [[plain_value(value) for value in frame[column]] for column in names]
            sheet = Sheet(
                name=plain_table_title(name, lang),
                heading=plain_table_title(name, lang),
                lines=[say("{count} rows", lang, count=len(frame))],
                columns=[
                    Column(plain_title(column, lang), "long" if _is_sentence(column) else "text")
                    for column in names
                ],
                rows=list(zip(*values, strict=True)),
            )
            sheet.lines = [*sheet.lines, *altered(sheet, lang)]
            book.add(sheet)


def _is_sentence(name: str) -> bool:
    return name.removesuffix("_zh").removesuffix("_en") in _SENTENCES


def altered(sheet: Sheet, lang: str) -> list[str]:
    """Sentences that say what Excel could not hold as it was; none when all fits."""
    notices = Notices()
    for row in sheet.rows:
        for value in row:
            if isinstance(value, str):
                fit_text(value, notices)
    return notice_lines(notices, lang)


def notice_lines(notices: Notices, lang: str) -> list[str]:
    """What was altered, as sentences."""
    sentences = {
        "control characters": "{count} texts held control characters; they are shown as �.",
        "long text": "{count} texts are longer than an Excel cell; they are cut and end in ….",
    }
    return [say(sentences[kind], lang, count=count) for kind, count in sorted(notices.counts.items())]


def frame_columns(snapshot: Snapshot, table: str, frame: pd.DataFrame, lang: str) -> list[Column]:
    """A column for each of a table's, without geometry."""
    return [
        Column(column_title(snapshot, table, name, lang), _kind(snapshot, table, frame, name))
        for name in _names(frame)
    ]


def frame_rows(snapshot: Snapshot, table: str, frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """A table's rows, without geometry."""
    days = date_columns(snapshot, table, frame)
    columns = [[plain_value(value, day=name in days) for value in frame[name]] for name in _names(frame)]
    return list(zip(*columns, strict=True)) if columns else []


def _names(frame: pd.DataFrame) -> list[str]:
    import geopandas as gpd

    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    return [str(name) for name in frame.columns if name != geometry]


def _kind(snapshot: Snapshot, table: str, frame: pd.DataFrame, name: str) -> str:
    import pandas as pd

    dtype = frame[name].dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "date" if name in date_columns(snapshot, table, frame) else "time"
    if pd.api.types.is_bool_dtype(dtype) or not pd.api.types.is_numeric_dtype(dtype):
        return "long" if name.startswith(("verdict_reason", "ask_")) or _is_sentence(name) else "text"
    unit = entry(snapshot, table, name)["unit"]
    if pd.api.types.is_integer_dtype(dtype):
        return "count"
    if unit in {"", "1"}:
        known = frame[name].dropna()
        whole = bool((known == known.round()).all())
        return "number" if whole or known.abs().max() >= _RATIO_BELOW else "ratio"
    return {"m2": "area", "wan": "money", "wan/mu": "money", "day": "whole"}.get(unit, "number")


# — measures of text

_WIDEST, _WIDEST_LONG, _NARROWEST, _WIDE_TITLE = 30, 46, 6, 16


def _text_width(text: str) -> float:
    """Width in Latin characters; a Chinese one takes almost two."""
    return sum(1.9 if unicodedata.east_asian_width(character) in "WF" else 1.0 for character in text)


def _shown(kind: str, value: Any) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        digits = {"area": 1, "money": 2, "ratio": 3, "number": 2}.get(kind, 0)
        return f"{value:,.{digits}f}"
    return str(value)[:200]


def _widths(sheet: Sheet) -> list[float]:
    widths = []
    for place, column in enumerate(sheet.columns):
        if column.width:
            widths.append(column.width)
            continue
        lines = (
            line for row in sheet.rows[:500] for line in _shown(column.kind, row[place] or "").split("\n")
        )
        widest = max((_text_width(line) for line in lines), default=0.0)
        title = max(_text_width(line) for line in _broken(column.title).split("\n"))
        title = title if title < _WIDE_TITLE else title / 2 + 2
        limit = _WIDEST_LONG if column.kind == "long" else _WIDEST
        widths.append(min(max(widest + 3, title + 2, _NARROWEST), limit))
    return widths


def _wrapped_lines(text: str, width: float) -> int:
    # An indent takes a character and a half; words that do not break leave a little room.
    return sum(max(1, -int(-_text_width(line) // max(width - 2, 1))) for line in text.split("\n"))


def _header_lines(columns: Sequence[Column], widths: Sequence[float]) -> int:
    lines = (
        _wrapped_lines(_broken(column.title), width) for column, width in zip(columns, widths, strict=True)
    )
    return max(2, *lines)


_LINE_POINTS, _MOST_LINES = 15.0, 26


def _row_height(columns: Sequence[Column], widths: Sequence[float], row: Sequence[Any]) -> float:
    """Height in points for the longest wrapped text; Excel shows no row higher than 409 points."""
    lines = 1
    for column, width, value in zip(columns, widths, row, strict=True):
        if isinstance(value, str) and column.kind in {"text", "long"}:
            lines = max(lines, _wrapped_lines(value[:4000], width))
    return 3.0 + _LINE_POINTS * min(lines, _MOST_LINES)
