"""XML of users: parsed as text, without entities, without anything that is not in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from parkgeo.errors import InputError
from parkgeo.ingest.text import read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["local_name", "read_markup", "walk"]

_DECLARED = re.compile(r"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"'][^>]*\?>", re.ASCII)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_CHINESE = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "windows-936": "gb18030"}
_HEAD_BYTES = 400


class _ForbiddenError(Exception):
    """The text declares entities or names a definition elsewhere."""


def read_markup(path: Path, encoding: str = "") -> tuple[str, str]:
    """The text of an XML file without its declaration, and the encoding it was read in.

    Parameters
    ----------
    path
        The file.
    encoding
        As park.toml states it; empty takes the file's declaration, and where that does not hold UTF-8, then GB18030.

    Raises
    ------
    InputError
        The file cannot be read, or is not text.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("latin-1").removeprefix("ï»¿")
    except OSError:
        head = ""  # the reading below says why
    declared = _DECLARED.match(head)
    stated = encoding or (declared.group(1).lower() if declared else "")
    stated = _CHINESE.get(stated, stated)
    try:
        text, used = read_text(path, stated if encoding or stated.startswith("gb") else "")
    except InputError:
        if encoding or not stated:
            raise
        text, used = read_text(path, "" if stated.startswith("gb") else stated)
    return _DECLARATION.sub("", text, count=1), used


def walk(
    text: str,
    path: Path,
    *,
    start: Callable[[str, dict[str, str]], object],
    end: Callable[[str], object] | None = None,
    data: Callable[[str], object] | None = None,
) -> None:
    """Go through XML text, element by element; names come without their prefix.

    Raises
    ------
    InputError
        It is not well-formed, declares entities, or refers to a definition elsewhere.
    """
    parser = expat.ParserCreate()

    def forbid(*_: Any) -> int:
        raise _ForbiddenError

    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    parser.ExternalEntityRefHandler = forbid
    parser.StartElementHandler = lambda name, attributes: start(local_name(name), attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(local_name(name))
    if data is not None:
        parser.CharacterDataHandler = data
        parser.buffer_text = True
    try:
        parser.Parse(text, True)
    except _ForbiddenError as error:
        raise InputError(
            "it carries a document type (DOCTYPE), by which entities and other files could be drawn in",
            where=str(path),
            mend="save it again from a GIS program",
        ) from error
    except (expat.ExpatError, UnicodeError) as error:
        raise InputError(
            f"not well-formed XML ({error})",
            where=str(path),
            mend="it may be cut short: save or copy it again",
        ) from error


def local_name(name: str) -> str:
    """A name without its prefix.

    Examples
    --------
    >>> local_name("gml:featureMember")
    'featureMember'
    """
    return name.rpartition(":")[2]
