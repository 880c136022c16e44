"""A document as .docx, for an office that goes on writing in it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

from parkgeo.report.document import Entry, Gallery, Paragraph, Picture, Points
from parkgeo.report.palette import INK, TINTS

if TYPE_CHECKING:
    from parkgeo.report.document import Block, Document, Table

__all__ = ["document_docx"]

_FONTS = {"zh": ("Microsoft YaHei", "Microsoft YaHei"), "en": ("Calibri", "Microsoft YaHei")}
"""Latin and Chinese font by name: Word takes another where one is missing."""

_MARGIN_CM, _A4_CM = 1.8, (21.0, 29.7)
_SIZES = {"Normal": 10.0, "Title": 20.0, "Heading 1": 14.0, "Heading 2": 11.5}
_MANY_COLUMNS = 5
_INSET_CM = 0.5
"""What a cell of a row without lines keeps free at its sides."""

_PADDING = {"top": 30, "left": 70, "bottom": 30, "right": 70}
"""Room between a table's lines and its texts, in twentieths of a point; Word's own is too wide for a column of two digits."""

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can state; every part carries it."""


def document_docx(document: Document) -> bytes:
    """A document as a Word file.

    Parameters
    ----------
    document
        Its texts become runs of plain text: no field, no link, no macro.

    Returns
    -------
    bytes
        The same document gives the same bytes.
    """
    import docx

    file = docx.Document()
    width_cm = _page(file, document)
    _styles(file, document.lang)
    file.add_paragraph(document.title, style="Title")
    if document.subtitle:
        _colour(file.add_paragraph().add_run(document.subtitle), INK["quiet"])
    facts = file.add_paragraph()
    for at, (name, value) in enumerate(document.facts):
        _colour(facts.add_run(f"{name}  "), INK["quiet"])
        facts.add_run(value + ("" if at == len(document.facts) - 1 else "      "))
    for section in document.sections:
        heading = file.add_heading(section.title, level=section.level)
        heading.paragraph_format.page_break_before = section.new_page
        for block in section.blocks:
            _add(file, block, width_cm)
    beside = io.BytesIO()
    file.save(beside)
    return _without_clock(beside.getvalue())


def _page(file: Any, document: Document) -> float:
    """Paper, header, footer and properties; gives the text's width in centimetres."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section = file.sections[0]
    across, along = reversed(_A4_CM) if document.landscape else _A4_CM
    section.orientation = WD_ORIENT.LANDSCAPE if document.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(across), Cm(along)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)
    _small(
        section.header.paragraphs[0],
        document.banner or document.title,
        "#9C4400" if document.banner else INK["quiet"],
    )
    _small(section.footer.paragraphs[0], document.footer + "    ", INK["quiet"])
    _page_number(section.footer.paragraphs[0])
    told = file.core_properties
    day = dt.datetime(document.day.year, document.day.month, document.day.day, tzinfo=dt.UTC)
    told.title, told.author, told.comments = document.title[:200], "parkgeo", ""
    told.created = told.modified = day
    told.last_modified_by, told.revision = "parkgeo", 1
    return across - 2 * _MARGIN_CM


def _styles(file: Any, lang: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    latin, chinese = _FONTS[lang]
    for name, size in _SIZES.items():
        style = file.styles[name]
        style.font.name, style.font.size = latin, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(kind), None)
        fonts.set(qn("w:eastAsia"), chinese)
        colour = INK["accent"] if name == "Heading 1" else INK["text"]
        style.font.color.rgb = RGBColor.from_string(colour[1:])
    file.styles["Normal"].paragraph_format.space_after = Pt(4)
    file.styles["Title"].paragraph_format.space_after = Pt(4)
    _style_tables(file.styles["Table Grid"])


def _style_tables(style: Any) -> None:
    """Quiet lines, and room around the texts."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    told = style.element.find(qn("w:tblPr"))
    for line in told.find(qn("w:tblBorders")):
        line.set(qn("w:color"), INK["rule"][1:])
    margins = told.find(qn("w:tblCellMar"))
    if margins is None:
        margins = OxmlElement("w:tblCellMar")
        told.append(margins)
    margins.clear()
    for side, room in _PADDING.items():
        part = OxmlElement(f"w:{side}")
        part.set(qn("w:w"), str(room))
        part.set(qn("w:type"), "dxa")
        margins.append(part)


def _add(file: Any, block: Block, width_cm: float) -> None:
    from docx.shared import Pt

    if isinstance(block, Paragraph):
        run = file.add_paragraph().add_run(block.text)
        if block.style == "lead":
            run.font.size = Pt(12)
        elif block.style == "note":
            run.font.size = Pt(8)
            _colour(run, INK["quiet"])
        elif block.style == "warning":
            run.bold = True
            _colour(run, "#9C4400")
    elif isinstance(block, Points):
        for item in block.items:
            file.add_paragraph(item, style="List Bullet")
    elif isinstance(block, Picture):
        _picture(file.add_paragraph(), block.drawing.png(), width_cm * block.share, block.alt)
        _caption(file, block.caption)
    elif isinstance(block, Entry):
        _entry(file, block, width_cm)
    elif isinstance(block, Gallery):
        _gallery(file, block, width_cm)
    else:
        _table(file, block, width_cm)
        _caption(file, block.caption)


def _picture(paragraph: Any, content: bytes, width_cm: float, alt: str) -> None:
    from docx.shared import Cm

    paragraph.paragraph_format.keep_with_next = True
    shown = paragraph.add_run().add_picture(io.BytesIO(content), width=Cm(width_cm))
    shown._inline.docPr.set("descr", alt)  # noqa: SLF001 - the library has no way of its own to state it


def _side_by_side(file: Any, widths_cm: tuple[float, ...]) -> list[Any]:
    """The cells of a row without lines, that no page's end cuts."""
    from docx.shared import Cm

    made = file.add_table(rows=1, cols=len(widths_cm))
    made.autofit = False
    _keep_together(made.rows[0], head=False)
    cells = list(made.rows[0].cells)
    for column, cell, width in zip(made.columns, cells, widths_cm, strict=True):
        # Word goes by the cell, others by the column: where these differ, texts run over the lines.
        column.width = cell.width = Cm(width)
    return cells


def _entry(file: Any, block: Entry, width_cm: float) -> None:
    from docx.shared import Pt

    left, right = block.picture.share * width_cm, (1 - block.picture.share) * width_cm
    cells = _side_by_side(file, (left, right))
    _picture(cells[0].paragraphs[0], block.picture.drawing.png(), left - _INSET_CM, block.picture.alt)
    _caption(cells[0], block.picture.caption)
    # A cell begins with a paragraph; without a text it takes no room, so that picture and table begin side by side.
    above = cells[1].paragraphs[0]
    _small(above, block.table.caption, INK["quiet"])
    if not block.table.caption:
        above.paragraph_format.space_after = Pt(0)
        above.paragraph_format.line_spacing = Pt(1)
    _table(cells[1], block.table, right - 2 * _INSET_CM, small=True)
    # Tables that follow one another without a paragraph run into one.
    gap = file.add_paragraph().paragraph_format
    gap.space_after, gap.line_spacing = Pt(0), Pt(6)


def _gallery(file: Any, block: Gallery, width_cm: float) -> None:
    half = width_cm / 2
    for at in range(0, len(block.shots), 2):
        pair = block.shots[at : at + 2]
        for cell, shot in zip(_side_by_side(file, (half, half)), pair, strict=False):
            _picture(cell.paragraphs[0], shot.jpeg, half - _INSET_CM, shot.alt)
            _caption(cell, shot.caption)


def _caption(file: Any, text: str) -> None:
    if text:
        _small(file.add_paragraph(), text, INK["quiet"])


def _small(paragraph: Any, text: str, colour: str) -> None:
    from docx.shared import Pt

    run = paragraph.add_run(text)
    run.font.size = Pt(8)
    _colour(run, colour)


def _colour(run: Any, colour: str) -> None:
    from docx.shared import RGBColor

    run.font.color.rgb = RGBColor.from_string(colour[1:])


def _table(file: Any, block: Table, width_cm: float, *, small: bool = False) -> None:
    from docx.shared import Cm

    count = len(block.columns)
    rows = [[column.title for column in block.columns]] if block.headed else []
    made = file.add_table(rows=len(rows) + len(block.rows), cols=count)
    made.style = "Table Grid"
    made.autofit = False
    total = sum(column.share for column in block.columns)
    widths = [Cm(width_cm * column.share / total) for column in block.columns]
    for place, width in enumerate(widths):
        made.columns[place].width = width
    size = 8.0 if small or block.compact or count > _MANY_COLUMNS else 9.0
    # Asking the library for a cell walks the whole table; its row's own list does not.
    for at, row in enumerate(made.rows):
        head = block.headed and at == 0
        for place, box in enumerate(row.cells):
            cell = None if head else block.rows[at - len(rows)][place]
            text = cell.text if cell else block.columns[place].title
            _cell(
                box, text, size, bold=head, right=block.columns[place].align == "right", width=widths[place]
            )
            tint = INK["soft"] if head else TINTS.get(cell.mark, "") if cell else ""
            if tint:
                _ground(box, tint)
        _keep_together(row, head=head)


def _cell(box: Any, text: str, size: float, *, bold: bool, right: bool, width: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    box.width = width
    paragraph = box.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold = bold or None


def _ground(box: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", colour[1:])):
        shade.set(qn(name), value)
    box._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - the library has no grounds of cells


def _keep_together(row: Any, *, head: bool) -> None:
    """No row is cut by the end of a page; the head stands on each page."""
    from docx.oxml import OxmlElement

    told = row._tr.get_or_add_trPr()  # noqa: SLF001 - nor these two
    told.append(OxmlElement("w:cantSplit"))
    if head:
        told.append(OxmlElement("w:tblHeader"))


def _page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)  # noqa: SLF001 - nor fields


def _without_clock(content: bytes) -> bytes:
    """The same archive, each part with one and the same time instead of now."""
    beside = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            entry = zipfile.ZipInfo(part.filename, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(part.filename))
    return beside.getvalue()
