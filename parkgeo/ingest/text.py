"""Text files in the encodings that offices use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_bytes", "read_text"]

_TRIED = {"utf-8": "UTF-8", "gb18030": "GB18030"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


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
        raise InputError(
            f"cannot be read ({error.strerror or error})",
            where=str(path),
            mend="see that it is a file you may read",
        ) from error
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
        the start is honoured.

    Raises
    ------
    InputError
        The file cannot be read, or is not text in the encoding.
    """
    content = read_bytes(path)
    tried = (encoding,) if encoding else tuple(_TRIED)
    if not encoding and content.startswith(_UTF16_MARKS):
        tried = ("utf-16",)
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
        f"its text is not {encoding or ' or '.join(_TRIED.values())}",
        where=str(path),
        mend="set encoding in park.toml",
    )
