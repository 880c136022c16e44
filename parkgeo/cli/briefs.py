"""Briefs as people write them: a TOML or JSON file → a table."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, unreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_written"]

_LARGEST = 1_000_000


def read_written(path: Path) -> dict[str, Any]:
    """The table that a TOML or JSON file holds.

    Raises
    ------
    InputError
        It is not there, too large, not in UTF-8, or neither TOML nor JSON.
    """
    mend = "write it as TOML (.toml) or JSON (.json) in UTF-8"
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"larger than {_LARGEST} bytes", where=str(path)[:200], mend=mend)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise unreadable(str(path)[:200], error) from error
    except UnicodeDecodeError as error:
        raise InputError("not in UTF-8", where=str(path)[:200], mend=mend) from error
    try:
        found = json.loads(text) if path.suffix.casefold() == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)[:200], mend=mend) from error
    if not isinstance(found, dict):
        raise InputError("holds no table", where=str(path)[:200], mend=mend)
    return found
