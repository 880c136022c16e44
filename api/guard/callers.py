"""Who asks: the key in a header or in the path, or nobody that is known."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from api.asked.visit import Caller
from api.guard.refusal import Refused
from parkgeo.errors import StoreError

if TYPE_CHECKING:
    from starlette.types import Scope

    from api.guard.come import Arrival, Headers
    from api.guard.keys import KeyRing
    from api.settings import Settings

__all__ = ["PATH_KEY", "Callers", "WrongKeyError", "strip_key"]

PATH_KEY = "/k/"
"""How a path begins that carries a key."""

_OPEN = frozenset({"/healthz", "/readyz"})
_ASKS_FOR_KEY = {"www-authenticate": 'Bearer realm="parkgeo"'}
_HOW = "send it as Authorization: Bearer <key>, as X-API-Key, or begin the path with /k/<key>/"


class WrongKeyError(Refused):
    """A key was shown that opens nothing."""


def strip_key(scope: Scope) -> tuple[Scope, str]:
    """A request whose path carries a key, without it; and the key, empty where there was none."""
    path: str = scope["path"]
    if path.startswith("//"):
        # What an address that ends with a slash gives before a path that begins with one.
        path = f"/{path.lstrip('/')}"
    if not path.startswith(PATH_KEY):
        return scope, ""
    secret, _, rest = path[len(PATH_KEY) :].partition("/")
    return {
        **scope,
        "path": f"/{rest}",
        "raw_path": quote(f"/{rest}", errors="replace").encode(),
    }, secret or "-"


class Callers:
    """Finds out who asks.

    Parameters
    ----------
    settings
        Where the service listens, and whether it may without keys.
    ring
        The keys.
    """

    def __init__(self, settings: Settings, ring: KeyRing) -> None:
        self._settings = settings
        self._ring = ring

    def identify(self, scope: Scope, headers: Headers, arrival: Arrival, path_key: str) -> Caller:
        """Who asks.

        Parameters
        ----------
        scope
            The request, without the key in its path.
        headers
            Its headers.
        arrival
            How it came.
        path_key
            The key that its path carried.

        Raises
        ------
        Refused
            A key is needed and not there, or cannot be read.
        WrongKeyError
            The key opens nothing: it is none of ours, has ended, or was revoked.
        """
        shown = _shown(headers, path_key)
        if shown:
            return self._known(shown, f"{PATH_KEY}{path_key}" if path_key else "")
        if not self._ring.any and (self._settings.on_loopback or self._settings.access.insecure):
            return Caller(scopes=frozenset({"read", "write"} if self._may_write(arrival) else {"read"}))
        if scope["path"] in _OPEN:
            return Caller(scopes=frozenset())
        raise Refused(HTTPStatus.UNAUTHORIZED, "this needs a key", _HOW, _ASKS_FOR_KEY)

    def _may_write(self, arrival: Arrival) -> bool:
        """Without keys only the person at the machine: whoever comes over the network or through a proxy does not."""
        return arrival.direct and self._settings.on_loopback

    def _known(self, shown: str, path: str) -> Caller:
        try:
            key = self._ring.find(shown)
        except StoreError as error:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the keys cannot be read",
                "try again later",
                {"retry-after": "10"},
            ) from error
        state = key.state() if key is not None else "unknown"
        if key is None or state != "valid":
            said = {
                "unknown": "the key is not known here",
                "expired": "the key has ended",
                "revoked": "the key was revoked",
            }
            headers = {"www-authenticate": 'Bearer realm="parkgeo", error="invalid_token"'}
            raise WrongKeyError(
                HTTPStatus.UNAUTHORIZED, said[state], "ask whoever runs the service for a key", headers
            )
        return Caller(key.id, frozenset(key.scopes), key.parks, path)


def _shown(headers: Headers, path_key: str) -> str:
    """The key that a request shows; empty where it shows none."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    bearer = scheme.casefold() == "bearer"
    if bearer and not token.strip():
        raise Refused(HTTPStatus.BAD_REQUEST, "the header Authorization holds no key", _HOW)
    shown = {
        one
        for one in (token.strip() if bearer else "", headers.get("x-api-key", "").strip(), path_key)
        if one
    }
    if len(shown) > 1:
        raise Refused(HTTPStatus.BAD_REQUEST, "two different keys are shown", "show one key, in one place")
    return shown.pop() if shown else ""
