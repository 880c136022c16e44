"""How much at once, how often and how long: counters on the event loop, which no thread touches."""

from __future__ import annotations

import asyncio
import enum
import hashlib
import ipaddress
import math
import re
import time
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING

from api.errors import TooMuchError
from api.guard.refusal import Refused

if TYPE_CHECKING:
    from starlette.types import Message, Receive

    from api.guard.come import Headers
    from api.settings import Limits

__all__ = ["Body", "Buckets", "Pace", "Turns", "caller_of", "only_asks", "pace_of"]

_MOST_BUCKETS = 10_000
_IPV6_NETWORK = 64
_HEAVY = frozenset({"exports", "map.html", "report", "reports", "pmtiles", "sites", "fit", "allocations"})
_WHOLE = frozenset({"/view"})
"""What is made of a whole snapshot, while its parts are quick."""
_PLAIN_FILES = (".geojson", ".gpkg", ".xlsx", ".csv", ".parquet", ".pmtiles", ".zip", ".shp", ".fgb")
_SLOW = re.compile(r"/uploads(?:/.*)?|/jobs/[^/]+/events")
_ASKS = frozenset({"/sites/search", "/allocations"})
"""Where a body is a question and changes nothing."""
_SNAPSHOT = re.compile(r"/snapshots/[^/]+(?=/)")


class Pace(enum.Enum):
    """What a request costs, as far as its path tells."""

    HEALTH = "health"
    QUICK = "quick"
    HEAVY = "heavy"
    SLOW = "slow"


def pace_of(path: str) -> Pace:
    """What a request for a path costs.

    Examples
    --------
    >>> pace_of("/collections/parcels/items").value, pace_of("/snapshots/2026-06-30-bcc3ff1db35e/map.html").value
    ('quick', 'heavy')
    """
    if path == "/healthz":
        return Pace.HEALTH
    inner = _SNAPSHOT.sub("", path, count=1)
    first = inner[1:].partition("/")[0]
    if inner in _WHOLE or first in _HEAVY or ("/" not in inner[1:] and inner.endswith(_PLAIN_FILES)):
        return Pace.HEAVY
    return Pace.SLOW if _SLOW.fullmatch(inner) else Pace.QUICK


def only_asks(path: str) -> bool:
    """Whether a body that is sent to a path is a question: nothing is changed by it, so there is nothing to write down.

    Examples
    --------
    >>> only_asks("/snapshots/2026-06-30-bcc3ff1db35e/sites/search"), only_asks("/uploads")
    (True, False)
    """
    return _SNAPSHOT.sub("", path, count=1) in _ASKS


class Buckets:
    """A bucket of tokens for each caller, refilled with time: a burst is let through, a stream is held to its rate.

    Parameters
    ----------
    per_s
        Tokens that come back a second.
    most
        Tokens that a full bucket holds.
    """

    def __init__(self, per_s: float, most: int) -> None:
        self._per_s = per_s
        self._most = float(max(most, 1))
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> float:
        """Take a token; gives 0, or the seconds after which there will be one."""
        now = time.monotonic()
        tokens, since = self._kept.pop(who, (self._most, now))
        tokens = min(tokens + (now - since) * self._per_s, self._most)
        enough = tokens >= 1.0
        self._kept[who] = (tokens - 1.0 if enough else tokens, now)
        if len(self._kept) > _MOST_BUCKETS:
            self._kept.popitem(last=False)
        return 0.0 if enough else (1.0 - tokens) / self._per_s

    def check(self, who: str) -> None:
        """Take a token.

        Raises
        ------
        Refused
            There is none.
        """
        wait_s = self.take(who)
        if wait_s:
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many requests in a short time",
                "wait as many seconds as Retry-After says",
                {"retry-after": str(math.ceil(wait_s))},
            )


def caller_of(client: str) -> str:
    """Who an address is: itself, and of IPv6 the network, because one subscriber has them by the billion.

    Examples
    --------
    >>> caller_of("192.0.2.7"), caller_of("2001:db8:1:2:3:4:5:6")
    ('192.0.2.7', '2001:db8:1:2::/64')
    """
    if ":" not in client:
        return client
    try:
        return str(ipaddress.ip_network(f"{client}/{_IPV6_NETWORK}", strict=False))
    except ValueError:
        return client


class Turns:
    """How many are answered at once. Heavy requests wait for each other and take none of the quick ones' places.

    Parameters
    ----------
    limits
        How many of which.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._heavy: asyncio.Semaphore | None = None
        self.running = dict.fromkeys(Pace, 0)
        self.waiting = 0

    def enter(self, pace: Pace) -> None:
        """Take a place.

        Raises
        ------
        Refused
            There is none.
        """
        if self.running[pace] >= (self._limits.at_once if pace is Pace.QUICK else self._limits.slow_at_once):
            raise _busy(1)
        self.running[pace] += 1

    async def wait(self) -> None:
        """Take a place of the heavy ones, when one comes free.

        Raises
        ------
        Refused
            None does in time, or too many wait already.
        """
        if self._heavy is None:
            self._heavy = asyncio.Semaphore(self._limits.heavy_at_once)
        if self.waiting >= self._limits.heavy_waiting:
            raise _busy(math.ceil(self._limits.wait_s))
        self.waiting += 1
        try:
            async with asyncio.timeout(self._limits.wait_s):
                await self._heavy.acquire()
        except TimeoutError as error:
            raise _busy(math.ceil(self._limits.wait_s)) from error
        finally:
            self.waiting -= 1
        self.running[Pace.HEAVY] += 1

    def leave(self, pace: Pace) -> None:
        """Give a place back."""
        self.running[pace] -= 1
        if pace is Pace.HEAVY and self._heavy is not None:
            self._heavy.release()


def _busy(after_s: int) -> Refused:
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the service is busy",
        "wait as many seconds as Retry-After says",
        {"retry-after": str(after_s)},
    )


class Body:
    """A request's body as it comes: counted, whatever its headers say of it, and fingerprinted for the audit log.

    Parameters
    ----------
    receive
        Where it comes from.
    most
        Bytes that it may have.
    fingerprint
        Whether its SHA-256 is wanted.
    """

    def __init__(self, receive: Receive, most: int, *, fingerprint: bool) -> None:
        self._receive = receive
        self._most = most
        self._hash = hashlib.sha256() if fingerprint else None
        self.size = 0

    @staticmethod
    def check_stated(headers: Headers, most: int) -> None:
        """Refuse by what a request says of its body, before any of it is read.

        Raises
        ------
        Refused
            It says that it is too large, or says it in a way that two programs may read differently.
        """
        stated = headers.get("content-length", "0")
        if not (stated.isascii() and stated.isdigit()) or (
            "content-length" in headers and "transfer-encoding" in headers
        ):
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                "the length of the body is not clear",
                "send one Content-Length in digits, or Transfer-Encoding: chunked, not both",
                {"connection": "close"},
            )
        digits = stated.lstrip("0")
        if len(digits) > len(str(most)) or int(digits or "0") > most:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "the body is too large",
                f"keep it to {most} bytes",
                {"connection": "close"},
            )

    async def __call__(self) -> Message:
        """The next part.

        Raises
        ------
        TooMuchError
            The body is larger than is taken.
        """
        message = await self._receive()
        if message["type"] == "http.request":
            part: bytes = message.get("body", b"")
            self.size += len(part)
            if self.size > self._most:
                raise TooMuchError("the body is too large", mend=f"keep it to {self._most} bytes")
            if self._hash is not None:
                self._hash.update(part)
        return message

    @property
    def sha256(self) -> str:
        """Of what came so far, in hexadecimal; empty where none was wanted."""
        return self._hash.hexdigest() if self._hash is not None else ""
