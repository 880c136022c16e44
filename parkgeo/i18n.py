"""Words and figures in the reader's language.

The English sentence is the key; ``locale/zh.po`` holds the Chinese one, in the gettext format that translators' programs
open. Babel reads it and formats numbers; nothing is compiled, so a corrected line is at once in force.
"""

from __future__ import annotations

import locale
import math
import os
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from parkgeo.errors import ProjectError

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["LANGUAGES", "choose_language", "figure", "messages", "say"]

LANGUAGES = ("zh", "en")


@cache
def messages(lang: str) -> dict[str, str]:
    """All translated sentences of a language, English sentence → translation; empty for English.

    Examples
    --------
    >>> messages("en")
    {}
    """
    if lang == "en":
        return {}
    from babel.messages.pofile import read_po

    with resources.files("parkgeo").joinpath(f"locale/{lang}.po").open("rb") as file:
        catalogue = read_po(file, locale=lang)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}


def say(sentence: str, lang: str, /, **values: object) -> str:
    """A sentence in a language, its values filled in.

    Parameters
    ----------
    sentence
        The English sentence, with ``{name}`` where a value goes.
    lang
        ``zh`` or ``en``.
    **values
        What goes in. A user's text is safe here: only the sentence is read as a pattern.

    Returns
    -------
    str
        The English sentence where no translation is known.

    Examples
    --------
    >>> say("{count} parcels", "en", count=3)
    '3 parcels'
    """
    pattern = messages(lang).get(sentence, sentence)
    return pattern.format(**values) if values else pattern


def choose_language(requested: str | None = None) -> str:
    """The language to speak: as requested, else ``PARKGEO_LANG``, else the system's, else English.

    Raises
    ------
    ProjectError
        A language that parkgeo does not speak was requested.

    Examples
    --------
    >>> choose_language("zh")
    'zh'
    """
    asked = requested or os.environ.get("PARKGEO_LANG")
    if asked:
        if asked not in LANGUAGES:
            raise ProjectError(f"language {asked!r} is not spoken here", mend="use zh or en")
        return asked
    # Windows names its locales in words ("Chinese (Simplified)_China"), others by code ("zh_CN").
    system = (locale.getlocale()[0] or "").casefold()
    return "zh" if system.startswith(("zh", "chinese")) else "en"


def figure(value: float | None, lang: str, *, digits: int = 1) -> str:
    """A number as a reader of the language writes it; a dash where it is missing.

    Parameters
    ----------
    value
        NaN or None is missing.
    lang
        ``zh`` or ``en``.
    digits
        Most decimals shown.

    Examples
    --------
    >>> figure(12345.678, "en")
    '12,345.7'
    >>> figure(float("nan"), "zh")
    '—'
    """
    if value is None or math.isnan(value):
        return "—"
    from babel.numbers import format_decimal

    return format_decimal(
        round(value, digits) + 0.0,  # what rounds to nothing has no sign
        format="#,##0." + "#" * digits if digits else "#,##0",
        locale=_number_locale(lang),
    )


@cache
def _number_locale(lang: str) -> Locale:
    """How a language writes numbers; looked up once, for the look-up costs more than the writing."""
    from babel import Locale

    return Locale.parse("zh_CN" if lang == "zh" else "en")
