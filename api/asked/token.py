"""Where a page goes on: in which snapshot, of which query, after what."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

import orjson

from api.errors import RequestError, quote_short

__all__ = ["Token", "read_token"]

_SNAPSHOT = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}", re.ASCII)
_MARK = re.compile(r"[0-9a-f]{12}", re.ASCII)
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Token:
    """Where a page goes on.

    Attributes
    ----------
    snapshot
        The snapshot's name; the next page comes from the same.
    mark
        Fingerprint of the query, so that a token is not carried to another.
    after
        `api.served.rows.Page.following` of the page before.
    """

    snapshot: str
    mark: str
    after: list[Any]

    def __str__(self) -> str:
        text = orjson.dumps([self.snapshot, self.mark, self.after])
        return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_token(text: str | None) -> Token | None:
    """A token as it came back; what it says of rows is still hostile.

    Raises
    ------
    RequestError
        It is none of ours.
    """
    if text is None:
        return None
    told: Any = None
    try:
        if len(text) <= _LONGEST:
            told = orjson.loads(
                base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            )
    except (binascii.Error, ValueError):
        told = None
    match told:
        case [str(snapshot), str(mark), list(after)] if _SNAPSHOT.fullmatch(snapshot) and _MARK.fullmatch(
            mark
        ):
            return Token(snapshot, mark, after)
    raise RequestError(
        f"{quote_short(text)} is no token of this service", where="token", mend="follow the link called next"
    )
