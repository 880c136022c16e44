"""Pages for people, in two languages: no script, one style sheet inside the page, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import math
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.reply import HTML, answer
from parkgeo.export.titles import table_title, unit_word
from parkgeo.i18n import LANGUAGES, figure, say
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from starlette.responses import Response

    from api.asked.ask import Ask

__all__ = ["answer_page"]

_MOST_DIGITS = 12


def answer_page(ask: Ask, template: str, *, also: str = "", form: bool = False, **told: Any) -> Response:
    """Answer with a page.

    Parameters
    ----------
    ask
        The request.
    template
        A file in ``api/described/templates``.
    also
        What else decides what the page says, beside the snapshot and the address; see `api.reply.answer`.
    form
        Whether the page has a form, which asks for the page's own address.
    **told
        What the template needs beside the snapshot; text in it is escaped.
    """
    edition, lang = ask.edition, ask.lang

    def make() -> bytes:
        page = _environment().get_template(template)
        return page.render(
            edition=edition,
            lang=lang,
            bound=ask.caller.parks is not None,  # counts and extents tell of all parks
            other=next(name for name in LANGUAGES if name != lang),
            path=ask.request.url.path,
            css=Markup(_style()),  # noqa: S704  our own file
            say=lambda sentence, **values: say(sentence, lang, **values),
            figure=lambda value, digits=1: figure(value, lang, digits=digits),
            url=ask.here,
            service_url=ask.url,
            cell=lambda value: _cell(value, lang),
            title=lambda table: table_title(edition.snapshot, table, lang),
            unit=lambda unit: unit_word(unit, lang),
            ha=lambda area_m2: figure(area_m2 / M2_PER_HA, lang, digits=1),
            mu=lambda area_m2: figure(area_m2 / M2_PER_MU, lang, digits=0),
            **told,
        ).encode()

    return answer(
        ask, make, HTML, headers={"Content-Security-Policy": _policy(form=form)}, spoken=True, also=also
    )


def _cell(value: Any, lang: str) -> str:
    """A feature's value as a table shows it: numbers as a person writes them, nothing where it is missing."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, float):
        # Small numbers keep three figures that count.
        small = 2 - math.floor(math.log10(abs(value))) if value else 0
        return figure(value, lang, digits=min(max(2, small), _MOST_DIGITS))
    return orjson.dumps(value).decode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("api.described"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return resources.files("api.described").joinpath("templates/page.css").read_text(encoding="utf-8")


@cache
def _policy(*, form: bool) -> str:
    """Nothing is loaded and nothing runs; only this very style sheet holds."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    asks = "'self'" if form else "'none'"
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {asks}; frame-ancestors 'none'"
