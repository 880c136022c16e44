"""Sentences about a user's data, spoken in the reader's language when they are written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from parkgeo.i18n import say

__all__ = ["Sentence", "sentence"]

_SHOWN = 5


@runtime_checkable
class _Titled(Protocol):
    """A field or a layer: it has a title in each language."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True)
class Sentence:
    """A sentence whose words wait for a language.

    Attributes
    ----------
    pattern
        The English sentence with ``{name}`` where a value goes; the key of the message catalogue.
    values
        Name → value: text, numbers, a field or layer (its title), another sentence, or a tuple of them of which the
        first five are named.

    Examples
    --------
    >>> sentence("{count} rows: {rows}", count=9, rows=tuple(range(9))).speak("en")
    '9 rows: 0, 1, 2, 3, 4 … (9 in all)'
    """

    pattern: str
    values: tuple[tuple[str, object], ...] = ()

    def speak(self, lang: str) -> str:
        """Say it in ``zh`` or ``en``."""
        return say(self.pattern, lang, **{name: _spoken(value, lang) for name, value in self.values})

    def __str__(self) -> str:
        return self.speak("en")


def sentence(pattern: str, /, **values: object) -> Sentence:
    """A sentence with its values; see `Sentence`."""
    return Sentence(pattern, tuple(values.items()))


def _spoken(value: object, lang: str) -> object:
    if isinstance(value, Sentence):
        return value.speak(lang)
    if isinstance(value, tuple):
        named = say(", ", lang).join(str(_spoken(one, lang)) for one in value[:_SHOWN])
        if len(value) <= _SHOWN:
            return named
        return say("{named} … ({count} in all)", lang, named=named, count=len(value))
    if isinstance(value, _Titled):
        return value.zh if lang == "zh" else value.en
    return value
