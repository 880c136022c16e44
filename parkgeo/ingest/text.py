"""Text files in the encodings that offices use."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from parkgeo.errors import InputError, unreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_bytes", "read_text"]

_TRIED = {"utf-8": "UTF-8", "gb18030": "GB18030", "big5": "Big5"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# First and last lead byte, and lowest second byte, of the signs and hanzi that make up nearly all of a text: level 1 of
# GB 2312, level 1 of Big5. Two in five hanzi of Big5 have a second byte below those of GB 2312.
_COMMON = {"gb18030": (0xA1, 0xD7, 0xA1), "big5": (0xA1, 0xC6, 0x40)}
_IMPLAUSIBLE, _PLAUSIBLE = 0.75, 0.95
_JUDGED = 100_000
_PAIR = 2


def read_bytes(path: Path) -> bytes:
    """A file's content.

    Raises
    ------
    InputError
        The file cannot be read, or is empty.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if not content:
        raise InputError("the file is empty (0 bytes)", where=str(path), mend="copy or save it again")
    return content


def read_text(path: Path, encoding: str = "") -> tuple[str, str]:
    """A file's text and the encoding it was read in.

    Parameters
    ----------
    path
        The file.
    encoding
        As park.toml states it; empty tries UTF-8, then GB18030, of which GBK and GB2312 are parts; a UTF-16 mark at
        the start is honoured. Where GB18030 gives mostly rare hanzi and Big5 common ones, it is Big5.

    Raises
    ------
    InputError
        The file cannot be read, or is not text in the encoding.
    """
    content = read_bytes(path)
    tried: tuple[str, ...] = (encoding,) if encoding else ("utf-8", "gb18030")
    if not encoding and content.startswith(_UTF16_MARKS):
        tried = ("utf-16",)
    elif not encoding and _looks_like_big5(content):
        tried = ("utf-8", "big5", "gb18030")
    for name in tried:
        try:
            return content.decode(name).removeprefix("\ufeff"), _TRIED.get(name, name)
        except UnicodeError:
            continue
        except (LookupError, ValueError) as error:
            raise InputError(
                f"encoding {name!r} is not known", where=str(path), mend="use GBK or UTF-8"
            ) from error
    raise InputError(
        f"its text is not {encoding or ' or '.join(_TRIED.get(name, name.upper()) for name in tried)}",
        where=str(path),
        mend="set encoding in park.toml",
    )


def _looks_like_big5(content: bytes) -> bool:
    """Whether a text reads badly as GB18030, which takes nearly any bytes, and well as Big5."""
    return _common_share(content, "gb18030") < _IMPLAUSIBLE and _common_share(content, "big5") > _PLAUSIBLE


def _common_share(content: bytes, encoding: str) -> float:
    """Share of the hanzi and signs of a text that are common ones; 0 where it is not in the encoding."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content[:_JUDGED])
    except UnicodeDecodeError:
        return 0.0
    foreign = [letter.encode(encoding) for letter in text if not letter.isascii()]
    first, last, second = _COMMON[encoding]
    common = sum(
        len(letter) == _PAIR and first <= letter[0] <= last and letter[1] >= second for letter in foreign
    )
    return common / len(foreign) if foreign else 1.0
