"""A document as one web page: no script, nothing fetched, a strict content policy, fit for the printer."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

from parkgeo.report.palette import TINTS

if TYPE_CHECKING:
    from parkgeo.report.document import Document

__all__ = ["document_html"]


def document_html(document: Document) -> str:
    """A document as HTML.

    Parameters
    ----------
    document
        Its texts are data: the template escapes each.

    Returns
    -------
    str
        One self-contained page; the same document gives the same text.
    """
    import jinja2

    folder = resources.files("parkgeo.report") / "templates"
    # Its only text is ours; a document's texts come in as values.
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"page": (folder / "document.html").read_text(encoding="utf-8")}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    style = (folder / "document.css").read_text(encoding="utf-8") + _generated_styles()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    page: str = environment.get_template("page").render(
        document=document,
        style=style,
        style_hash=f"'sha256-{digest}'",
        kind=_kind,
        picture=_picture,
        photo=_photo,
        widths=_widths,
    )
    return page


def _generated_styles() -> str:
    """Grounds of marked cells and widths of columns; the content policy allows no styles in place."""
    marks = (f"td.m-{mark} {{ background: {colour}; }}\n" for mark, colour in TINTS.items())
    widths = (f"col.w{percent} {{ width: {percent}%; }}\n" for percent in range(1, 101))
    return "".join((*marks, *widths))


def _widths(block: Any) -> list[int]:
    """The columns' widths in percent."""
    total = sum(column.share for column in block.columns)
    return [max(1, round(100 * column.share / total)) for column in block.columns]


def _kind(block: object) -> str:
    return type(block).__name__


def _picture(block: Any) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(block.drawing.svg()).decode("ascii")


def _photo(shot: Any) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(shot.jpeg).decode("ascii")
