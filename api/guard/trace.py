"""One request from its first byte to the last of its answer: what logs and figures say of it."""

from __future__ import annotations

import re
import secrets
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from api.guard.keys import blank_keys

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = ["Trace"]

_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ID_HEADER = b"x-request-id"
_NAMED = 20
_SHORT = 40
_LONGEST = 500
_SAFE = "/:@!$&'()*+,;=-._~%"
_PLAIN_TEXT = re.compile(rf"[A-Za-z0-9{re.escape(_SAFE)}]*")
"""What quoting leaves as it is: most paths and all names of our parameters."""


class Trace:
    """A request and what became of it.

    Parameters
    ----------
    scope
        The request, without the key in its path.
    """

    __slots__ = (
        "_began",
        "_query",
        "_scope",
        "caller",
        "client",
        "id",
        "method",
        "origin",
        "path",
        "sent",
        "status",
    )

    def __init__(self, scope: Scope) -> None:
        self._began = time.perf_counter()
        self._scope = scope
        self._query: bytes = scope["query_string"]
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.id = _request_id(scope)
        self.client = ""
        self.caller = ""
        self.origin = ""
        self.status = 0
        self.sent = 0

    @property
    def seconds(self) -> float:
        """How long it took until now."""
        return time.perf_counter() - self._began

    def follow(self, scope: Scope) -> None:
        """Look at what the routes write into their request, from now on."""
        self._scope = scope

    @property
    def template(self) -> str:
        """The route's path with its parts named and not filled in: few, however many addresses are asked for."""
        route = self._scope.get("route")
        path = getattr(route, "path_format", None) or getattr(route, "path", None)
        if path is not None:
            return str(path)
        endpoint = self._scope.get("endpoint")
        return str(getattr(endpoint, "__name__", "other")) if endpoint is not None else "none"

    @property
    def shown_path(self) -> str:
        """The path as a log may show it: in ASCII, on one line, cut where it is long."""
        path = _quoted(blank_keys(self.path))
        return path if len(path) <= _LONGEST else f"{path[:_LONGEST]}..."

    @property
    def told(self) -> dict[str, Any]:
        """The line of the log."""
        return {
            "request": self.id,
            "method": self.method,
            "path": self.shown_path,
            "query": self._names,
            "status": self.status,
            "ms": round(self.seconds * 1000, 2),
            "bytes": self.sent,
            "client": self.client,
            "caller": self.caller,
            "snapshot": self._scope.get("parkgeo.snapshot", ""),
        }

    def __str__(self) -> str:
        """The same in words."""
        names = self._names
        return (
            f"{self.method[:10]} {self.shown_path}{'?' if names else ''}{'&'.join(names)} {self.status} "
            f"{round(self.seconds * 1000, 2)} ms {self.sent} B {self.client or '-'} {self.caller or '-'} "
            f"{self._scope.get('parkgeo.snapshot') or '-'} {self.id}"
        )

    @property
    def _names(self) -> list[str]:
        """Names of the query's first parameters, without their values."""
        if not self._query:
            return []
        names = [part.partition(b"=")[0] for part in self._query.split(b"&")[:_NAMED]]
        return [_shown_name(name) if len(name) < _SHORT else _shown(name) for name in names if name]


def _shown(name: bytes) -> str:
    return _quoted(_without_key(name.decode("latin-1"))[:40])


_shown_name = lru_cache(maxsize=256)(_shown)
"""The same few names come again and again."""


def _without_key(name: str) -> str:
    """A name of a query as it came, unless what it says is a key, however escaped."""
    plain = unquote(name) if "%" in name else name
    blanked = blank_keys(plain)
    return name if blanked == plain else blanked


def _quoted(text: str) -> str:
    return text if _PLAIN_TEXT.fullmatch(text) else quote(text, safe=_SAFE, errors="replace")


def _request_id(scope: Scope) -> str:
    """The client's own name for the request where it is a plain word and no key, else a new one."""
    for name, value in scope["headers"]:
        if name == _ID_HEADER:
            text: str = value.decode("latin-1")
            if _PLAIN_ID.fullmatch(text) and blank_keys(text) == text:
                return text
            break
    return secrets.token_hex(8)
