"""Users' text, made so that what is printed is what is there."""

from __future__ import annotations

import re

__all__ = ["one_line", "visible"]

# Controls, halves of pairs, and places that are no characters: no font draws them.
_UNDRAWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# They turn the order of what is read around: a file's name that ends in "exe" can be made to seem to end in "png".
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("\r\n|\r|\u0085|\u2028|\u2029")


def visible(text: str, *, most: int = 600) -> str:
    r"""A text of which each character can be seen: no controls, no turning of the reading order, not endless.

    Parameters
    ----------
    text
        A user's text.
    most
        Longer text is cut, and says how long it was.

    Examples
    --------
    >>> visible("a\u202egnp.exe")
    'a⟨U+202E⟩gnp.exe'
    >>> visible("abcdef", most=3)
    'abc… (6)'
    """
    plain = _BREAKS.sub("\n", text).replace("\t", " ")
    plain = _UNDRAWN.sub("\ufffd", plain)
    plain = _TURNING.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", plain)
    return plain if len(plain) <= most else f"{plain[:most]}… ({len(text):,})"


def one_line(text: str, most: int) -> str:
    """A text for a label: in one line, and cut where it is longer than a number of characters.

    Examples
    --------
    >>> one_line("Northwind  Packaging Ltd", 12)
    'Northwind P…'
    """
    line = " ".join(visible(text, most=10 * most).split())
    return line if len(line) <= most else line[: most - 1] + "…"
