"""A request's body → a file, or a few bytes, as it comes and under a cap."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.errors import MediaTypeError, RequestError, TooMuchError, quote_short
from parkgeo.errors import InputError, StoreError, name_some

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

__all__ = ["check_drawing", "check_media_type", "receive_bytes", "receive_file"]

_SPOKEN = 2_000
"""Letters of what is wrong with a body, which may be as long as the body."""
_LESS = "upload less at once, or run parkgeo analyze where the files are"


def check_media_type(request: Request, taken: tuple[str, ...]) -> None:
    """See that a body is of a kind that is taken.

    A page elsewhere can make a browser send forms and plain text without asking; none of these is ever among them.

    Raises
    ------
    MediaTypeError
        It is of another kind, or does not say.
    """
    stated = request.headers.get("content-type", "")
    if stated.partition(";")[0].strip().casefold() not in taken:
        raise MediaTypeError(
            f"a body of type {quote_short(stated)} is not taken here",
            mend=f"send the file itself, with Content-Type: {name_some(taken)}",
        )
    packed = request.headers.get("content-encoding", "identity")
    if packed.strip().casefold() != "identity":
        raise MediaTypeError(
            f"a body packed with {quote_short(packed)} is not taken here", mend="send it as it is"
        )


async def receive_file(
    request: Request, path: Path, most_bytes: int, *, begins: bytes = b"", idle_s: float = 60.0
) -> None:
    """Write a request's body to a file.

    Parameters
    ----------
    request
        The request.
    path
        A file that is not there yet.
    most_bytes
        The most that is taken.
    begins
        What the body must begin with.
    idle_s
        Seconds that may pass without a byte.

    Raises
    ------
    TooMuchError
        It is bigger; as soon as that is known.
    RequestError
        It is empty, begins otherwise, or breaks off.
    StoreError
        The disk is full or protected.
    """
    _check_stated(request, most_bytes)
    size, head = 0, b""
    try:
        with path.open("xb") as file:
            async for chunk in _chunks(request, idle_s):
                size += len(chunk)
                if size > most_bytes:
                    raise _too_much(most_bytes)
                if len(head) < len(begins):
                    head = (head + chunk)[: len(begins)]
                    if head != begins[: len(head)]:
                        raise RequestError(
                            "the body is not the file that was announced", mend="send a plain zip"
                        )
                await asyncio.to_thread(file.write, chunk)
    except OSError as error:
        raise StoreError(
            f"the upload cannot be written ({error.strerror or error})", where=str(path)
        ) from error
    if size == 0 or head != begins:
        raise RequestError("the body is empty or cut short", mend="send the file itself as the body")


async def receive_bytes(request: Request, most_bytes: int, *, within_s: float = 10.0) -> bytes:
    """A request's body, small enough to be held.

    Parameters
    ----------
    request, most_bytes
        As in `receive_file`.
    within_s
        Seconds within which all of it must come.

    Raises
    ------
    TooMuchError
        It is bigger; as soon as that is known.
    RequestError
        It breaks off.
    """
    mend = f"keep it to {most_bytes} bytes"
    _check_stated(request, most_bytes, mend)
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for chunk in _chunks(request, within_s):
                body += chunk
                if len(body) > most_bytes:
                    raise _too_much(most_bytes, mend)
    except TimeoutError as error:
        raise _stopped() from error
    return bytes(body)


def check_drawing(path: Path, crs: str) -> None:
    """See that a scenario has the form of one, before a job is made of it.

    Parameters
    ----------
    path
        The body, as it was received.
    crs
        Coordinate system that the client states.

    Raises
    ------
    RequestError
        All that is wrong with its form. What it names, and whether that is there, is for the job to see.
    """
    from parkgeo.ingest.actions import demand_form

    try:
        demand_form(path, stated_crs=crs)
    except InputError as error:
        place = "" if error.where in {"", str(path)} else f"{error.where}: "
        what = error.what if len(error.what) <= _SPOKEN else f"{error.what[:_SPOKEN]}…"
        raise RequestError(f"the scenario cannot be read: {place}{what}", mend=error.mend) from error


def _check_stated(request: Request, most_bytes: int, mend: str = _LESS) -> None:
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:20]) > most_bytes:
        raise _too_much(most_bytes, mend)


async def _chunks(request: Request, idle_s: float) -> AsyncIterator[bytes]:
    """The body piece by piece, for as long as pieces come."""
    pieces = request.stream()
    while True:
        try:
            async with asyncio.timeout(idle_s):
                chunk = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise _stopped() from error
        except ClientDisconnect as error:
            raise RequestError("the connection broke off") from error
        yield chunk


def _stopped() -> HTTPException:
    return HTTPException(HTTPStatus.REQUEST_TIMEOUT, "the body stopped coming")


def _too_much(most_bytes: int, mend: str = _LESS) -> TooMuchError:
    return TooMuchError(f"the body is bigger than {most_bytes} bytes", mend=mend)
