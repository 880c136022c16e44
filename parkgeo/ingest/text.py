"""Text files in the encodings that offices use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_text"]

_TRIED = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}


def read_text(path: Path, encoding: str = "") -> tuple[str, str]:
    """A file's text and the encoding it was read in.

    Parameters
    ----------
    path
        The file.
    encoding
        As park.toml states it; empty tries UTF-8, then GB18030, of which GBK and GB2312 are parts.

    Raises
    ------
    InputError
        The file cannot be read, or is not text in the encoding.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from error
    for name in (encoding,) if encoding else _TRIED:
        try:
            return content.decode(name), _TRIED.get(name, name)
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise InputError(f"encoding {name!r} is not known", where=str(path), mend="use GBK or UTF-8") from error
    raise InputError(
        f"its text is not {encoding or ' or '.join(_TRIED.values())}", where=str(path), mend="set encoding in park.toml"
    )
