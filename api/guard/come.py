"""How a request came here: from which address, to which name, through which proxy. A header is a claim, not a fact."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from api.guard.refusal import Refused

if TYPE_CHECKING:
    from starlette.types import Scope

    from api.settings import Settings

__all__ = ["Arrival", "Door", "Headers", "host_name"]

_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+){1,8}")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_FORWARDING = frozenset(
    {
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-real-ip",
    }
)
# More than one of these is an attempt to be read differently by two programs.
_ONCE = frozenset(
    {"host", "authorization", "x-api-key", "content-length", "content-type", "origin", "sec-fetch-site", "x-forwarded-host",
     "x-forwarded-proto", "x-forwarded-prefix"}
)  # fmt: skip


class Headers(dict[str, str]):
    """A request's headers by name in lower case; where one is repeated the values have commas between.

    Parameters
    ----------
    scope
        The request.
    most, most_bytes
        How many, and how large in sum.

    Raises
    ------
    Refused
        There are too many, they are too large, or one is there twice that says something only once.
    """

    def __init__(self, scope: Scope, most: int, most_bytes: int) -> None:
        super().__init__()
        raw = scope["headers"]
        if len(raw) > most or sum(len(name) + len(value) for name, value in raw) > most_bytes:
            raise Refused(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the headers are too many or too large",
                f"keep to {most} headers of {most_bytes} bytes in all",
            )
        for name, value in raw:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            if key not in self:
                self[key] = text
            elif key in _ONCE:
                raise Refused(
                    HTTPStatus.BAD_REQUEST, f"the header {key} is there more than once", "send it once"
                )
            else:
                self[key] = f"{self[key]}, {text}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a request came.

    Attributes
    ----------
    client
        Address of the client, as far as it can be trusted; empty where there is none.
    direct
        Whether a program on this machine asks by itself, without a proxy between.
    base
        Address that every link starts with.
    """

    client: str
    direct: bool
    base: str


class Door:
    """Finds out how requests came.

    Parameters
    ----------
    settings
        Where the service listens, which names are its own, which proxies it trusts.
    """

    def __init__(self, settings: Settings) -> None:
        self._hosts = settings.hosts
        self._url = settings.url
        self._stated = settings.base_url is not None
        self._behind_proxy = settings.behind_proxy
        self._trusted = settings.access.trusted_proxies

    def arrive(self, scope: Scope, headers: Headers) -> Arrival:
        """Find out how a request came.

        Raises
        ------
        Refused
            It is addressed to a name that is not ours.
        """
        self._check_host(headers.get("host", ""))
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._trusted or not _is_trusted(peer, self._trusted):
            direct = not self._behind_proxy and _is_loopback(peer) and _FORWARDING.isdisjoint(headers)
            return Arrival(peer, direct, self._url)
        client = _client(headers.get("x-forwarded-for", ""), peer, self._trusted)
        return Arrival(client, direct=False, base=self._base(headers))

    def _check_host(self, header: str) -> None:
        if not ("*" in self._hosts or host_name(header) in self._hosts):
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                "this service does not answer to that host name",
                "use the address it was started with, or have the name added to PARKGEO_ALLOWED_HOSTS",
            )

    def _base(self, headers: Headers) -> str:
        """The address that a trusted proxy says clients use; where the settings state one, that."""
        host, scheme, prefix = (
            # A proxy appends to what it was given: only the last entry is its own word.
            headers.get(f"x-forwarded-{name}", "").rpartition(",")[2].strip()
            for name in ("host", "proto", "prefix")
        )
        if host:
            self._check_host(host)
        if self._stated or not (host or scheme or prefix):
            return self._url
        named, path = host or headers.get("host", ""), prefix.rstrip("/")
        readable = _HOST.fullmatch(named) and (scheme or "http") in {"http", "https"}
        if not readable or (path and (not _PREFIX.fullmatch(path) or ".." in path)):
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                "the X-Forwarded-Host, -Proto or -Prefix of the proxy cannot be read",
                "set them as docs/deployment.md shows",
            )
        return f"{scheme or 'http'}://{named}{path}"


def host_name(header: str) -> str:
    """The name in a Host header, without port and brackets, in lower case.

    Examples
    --------
    >>> host_name("[::1]:8000"), host_name("GIS.example.cn:80")
    ('::1', 'gis.example.cn')
    """
    if header.startswith("["):
        return header[1:].partition("]")[0].casefold()
    return header.partition(":")[0].casefold()


def _client(forwarded: str, peer: str, trusted: tuple[str, ...]) -> str:
    """The last address in the chain that is no proxy of ours; those before it may be made up."""
    for entry in reversed(forwarded.split(",")[-20:]):
        address = entry.strip().removeprefix("[").partition("]")[0]
        if not _is_address(address):
            return peer
        if not _is_trusted(address, trusted):
            return address
    return peer


@lru_cache(maxsize=1_024)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1_024)
def _is_trusted(text: str, trusted: tuple[str, ...]) -> bool:
    if not _is_address(text):
        return False
    address = ipaddress.ip_address(text)
    return any(address in ipaddress.ip_network(network, strict=False) for network in trusted)


@lru_cache(maxsize=1_024)
def _is_loopback(text: str) -> bool:
    return _is_address(text) and ipaddress.ip_address(text).is_loopback
