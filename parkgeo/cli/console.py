"""Talking to a terminal: any encoding, any width, a person or a script."""

from __future__ import annotations

import codecs
import io
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.table import Table

__all__ = ["out", "print_json", "print_whole", "progress", "survive_any_encoding"]

# What a GBK console (code page 936) cannot show, in letters that it can.
_PLAIN = {
    "²": "2",
    "³": "3",
    "¶": " para ",
    "−": "-",
    "–": "-",
    "•": "-",
    "é": "e",
    "ü": "u",
    "✓": "v",
    "✗": "x",
    " ": " ",
}
_WIDEST = 1_000_000
"""More characters than any row of a table has."""


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end]
    plain = "".join(_PLAIN.get(letter, "?") for letter in part)
    return plain.encode(error.encoding, "replace").decode(error.encoding), error.end


def survive_any_encoding() -> None:
    """Make standard output replace what its encoding cannot hold, where it would else raise."""
    codecs.register_error("parkgeo-plain", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="parkgeo-plain")


def out(*, stderr: bool = False) -> Console:
    """A console; user text is printed with markup off."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_whole(table: Table) -> None:
    """A table: folded to the window where a person looks on, else as wide as its text, so that a script finds a row in a line."""
    from rich.measure import Measurement

    screen = out()
    if not screen.is_terminal:
        wide = screen.options.update(max_width=_WIDEST)
        screen.width = max(Measurement.get(screen, wide, table).maximum, 1)
    screen.print(table)


def print_json(value: dict[str, Any]) -> None:
    """One JSON document on standard output, in ASCII so that it passes any console and any pipe."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True, allow_nan=False, indent=1, default=str) + "\n")


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Tell what is being done, on standard error and only to a person.

    Yields
    ------
    callable
        Call it with the name of each step.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with out(stderr=True).status("…") as status:
        yield lambda step: status.update(f"{step} …")
