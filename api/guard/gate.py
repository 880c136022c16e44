"""What stands before every route: who asks, from where, how much; and what is written down of it.

Outside everything else, so that an answer that goes wrong inside is counted, named and logged as well. One plain ASGI
wrapper and no chain of them: each costs every request its share.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from api.guard.across import WRITES, Across
from api.guard.audit import Audit
from api.guard.callers import Callers, WrongKeyError, strip_key
from api.guard.come import Door, Headers
from api.guard.headers import HEADERS
from api.guard.keys import KeyFile, KeyRing
from api.guard.limits import Body, Buckets, Pace, Turns, caller_of, only_asks, pace_of
from api.guard.logs import log_trace
from api.guard.refusal import Refused
from api.guard.trace import Trace
from parkgeo.errors import ProjectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.asked.visit import Caller
    from api.guard.come import Arrival
    from api.guard.metrics import Metrics
    from api.settings import Settings

__all__ = ["Guard", "open_ring"]

_RAW_HEADERS = [(name.casefold().encode(), value.encode()) for name, value in HEADERS.items()]
# A page says what it may load in a policy of its own, and an answer may ask for another of these two.
_MAY_DIFFER = frozenset({b"content-security-policy", b"referrer-policy", b"cross-origin-resource-policy"})
_ALWAYS = tuple(pair for pair in _RAW_HEADERS if pair[0] not in _MAY_DIFFER)
_UNLESS_STATED = tuple(pair for pair in _RAW_HEADERS if pair[0] in _MAY_DIFFER)
_LARGE = 1_048_576
_AGAIN = b", Accept-Encoding"
_RATE_PER_S = 100.0
_WRONG_KEYS_PER_S, _WRONG_KEYS_AT_ONCE = 0.5, 20
_UPLOADS = "/uploads"


def open_ring(settings: Settings) -> KeyRing:
    """The keys of a service.

    Raises
    ------
    ProjectError
        Others could reach the service, and there are no keys.
    """
    ring = KeyRing(KeyFile(settings.keys_file))
    if not (settings.on_loopback or settings.access.insecure or ring.any):
        raise ProjectError(
            f"{settings.host} can be reached by others, and there are no keys",
            mend="make one: parkgeo keys new --workspace DIR; or add --insecure, and everybody may read",
        )
    return ring


class Guard:
    """ASGI middleware around a whole service.

    Parameters
    ----------
    app
        What it guards.
    settings
        What the service was told.
    turns
        How many are answered at once.
    metrics
        Where requests are counted.
    ring
        The keys, as `open_ring` gives them.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, turns: Turns, metrics: Metrics, ring: KeyRing
    ) -> None:
        self._app = app
        self._settings = settings
        self._limits = settings.limits
        self._turns = turns
        self._metrics = metrics
        self._door = Door(settings)
        self._callers = Callers(settings, ring)
        self._across = Across(settings.access.cors_origins)
        self._audit = Audit(settings.workspace, settings.logs.audit_bytes)
        per_s = _RATE_PER_S if self._limits.rate_per_s is None else self._limits.rate_per_s
        self._rates = Buckets(per_s, self._limits.burst) if per_s else None
        self._wrong = Buckets(_WRONG_KEYS_PER_S, _WRONG_KEYS_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        inner, path_key = strip_key(scope)
        # The routes write what they find out into their request; what came from outside stays as it is.
        inner = {**inner, "state": dict(inner.get("state") or {})}
        trace = Trace(inner)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                message["headers"] = self._dress(list(message.get("headers") or ()), trace)
            elif message["type"] == "http.response.body" and trace.method != "HEAD":
                trace.sent += len(message.get("body", b""))
            await send(message)

        refused = False
        try:
            await self._let_in(inner, path_key, trace, receive, answer)
        except Refused as refusal:
            refused = True
            if not trace.status:
                await refusal.answer(answer)
        finally:
            self._metrics.count(trace, refused=refused)
            log_trace(trace)

    def _dress(self, headers: Iterable[tuple[bytes, bytes]], trace: Trace) -> list[tuple[bytes, bytes]]:
        """The headers of an answer, with those that every answer has."""
        headers = [(name, _vary_once(value) if name == b"vary" else value) for name, value in headers]
        named = [name for name, _ in headers]
        told = [*headers, *_ALWAYS, (b"x-request-id", trace.id.encode("ascii"))]
        told += [pair for pair in _UNLESS_STATED if pair[0] not in named]
        if self._across.any:
            told += self._across.headers(trace.origin)
        return told

    async def _let_in(self, scope: Scope, path_key: str, trace: Trace, receive: Receive, send: Send) -> None:
        limits = self._limits
        if len(scope["raw_path"]) + len(scope["query_string"]) > limits.address_bytes:
            raise Refused(
                HTTPStatus.REQUEST_URI_TOO_LONG,
                "the address is too long",
                f"keep it under {limits.address_bytes} bytes",
            )
        headers = Headers(scope, limits.headers, limits.header_bytes)
        trace.client = scope["client"][0] if scope.get("client") else ""
        trace.origin = headers.get("origin", "")
        arrival = self._door.arrive(scope, headers)
        trace.client = arrival.client
        if self._across.is_preflight(trace.method, headers):
            await send({"type": "http.response.start", "status": 204, "headers": self._across.preflight()})
            await send({"type": "http.response.body", "body": b""})
            return
        caller = self._identify(scope, headers, arrival, path_key)
        trace.caller = caller.name
        self._hold_back(caller, arrival, trace.path)
        scope["parkgeo.caller"], scope["parkgeo.base"] = caller, arrival.base
        scope["parkgeo.headers"] = headers
        uploads = trace.path == _UPLOADS or trace.path.startswith(f"{_UPLOADS}/")
        most = limits.upload_bytes if uploads else limits.body_bytes
        Body.check_stated(headers, most)
        writes = trace.method in WRITES and not only_asks(trace.path)
        body = Body(receive, most, fingerprint=writes)
        if trace.method in WRITES:
            # A page of another site does not spend this one's time on its questions either.
            self._across.check_write(headers, arrival.base)
        if writes:
            await self._write(scope, body, send, trace, caller)
        else:
            await self._answer(scope, body, send, trace)

    def _identify(self, scope: Scope, headers: Headers, arrival: Arrival, path_key: str) -> Caller:
        try:
            return self._callers.identify(scope, headers, arrival, path_key)
        except WrongKeyError:
            # After the look, so that a key that is right opens the door also while its neighbours guess.
            self._wrong.check(caller_of(arrival.client))
            raise

    def _hold_back(self, caller: Caller, arrival: Arrival, path: str) -> None:
        """Hold a caller to the rate; a program on this machine only where a rate was stated."""
        if self._rates is None or path == "/healthz":
            return
        if self._limits.rate_per_s is None and arrival.direct and self._settings.on_loopback:
            return
        self._rates.check(caller.name or caller_of(arrival.client))

    async def _write(self, scope: Scope, body: Body, send: Send, trace: Trace, caller: Caller) -> None:
        """Answer a request that changes something, with a line in the audit log before and one after."""
        told = {
            "request": trace.id, "key": caller.name, "client": trace.client, "method": trace.method, "path": trace.shown_path,
        }  # fmt: skip
        try:
            await asyncio.to_thread(self._audit.note, what="asked", **told)
        except StoreError as error:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                error.what,
                "tell whoever runs the service",
                {"retry-after": "60"},
            ) from error
        try:
            await self._answer(scope, body, send, trace)
        finally:
            ended = {"status": trace.status, "bytes": body.size, "sha256": body.sha256 if body.size else ""}
            await asyncio.shield(asyncio.to_thread(self._audit.note, what="ended", **told, **ended))

    async def _answer(self, scope: Scope, body: Body, send: Send, trace: Trace) -> None:
        """Let the routes answer, in their turn and in time."""
        pace = pace_of(trace.path)
        if pace is Pace.QUICK:
            # Most requests: without the cost of a context manager.
            self._turns.enter(pace)
            try:
                await self._answer_in_time(scope, body, send, self._limits.time_s)
            finally:
                self._turns.leave(pace)
        elif pace is Pace.HEAVY:
            await self._turns.wait()
            try:
                await self._answer_in_time(scope, body, send, self._limits.heavy_time_s)
            finally:
                self._turns.leave(pace)
        elif pace is Pace.SLOW:
            # An upload takes as long as the line of who sends it; the route ends those that stall.
            self._turns.enter(pace)
            try:
                await self._app(scope, body, send)
            finally:
                self._turns.leave(pace)
        else:
            await self._app(scope, body, send)

    async def _answer_in_time(self, scope: Scope, body: Body, send: Send, begin_s: float) -> None:
        clock = asyncio.timeout(begin_s)
        begun = False

        async def send_in_time(message: Message) -> None:
            nonlocal begun
            if not begun and (message.get("more_body") or len(message.get("body", b"")) > _LARGE):
                # What has begun may take its time on a slow line.
                begun = True
                if not clock.expired():
                    clock.reschedule(asyncio.get_running_loop().time() + self._limits.heavy_time_s)
            await send(message)

        try:
            async with clock:
                await self._app(scope, body, send_in_time)
        except TimeoutError:
            if not clock.expired():
                raise
            raise Refused(
                HTTPStatus.GATEWAY_TIMEOUT,
                f"there was no answer within {begin_s:g} seconds",
                "ask for less: fewer rows, a smaller box, a simpler filter",
            ) from None


def _vary_once(value: bytes) -> bytes:
    """What an answer depends on, each once: who compresses it adds Accept-Encoding, also where it is there already."""
    return value.removesuffix(_AGAIN) if value.count(b"Accept-Encoding") > 1 else value
