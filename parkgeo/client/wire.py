"""Requests as they go out: with the key, in the language, again where the service says when."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from parkgeo.client.problems import ClientError

try:
    import httpx
except ModuleNotFoundError as error:  # pragma: no cover - the tests have it
    raise ModuleNotFoundError('parkgeo.client needs httpx: pip install "parkgeo[client]"') from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Wire"]

_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_READ_AT_ONCE = 1 << 16


class Wire:
    """One service, as it is spoken to.

    Parameters
    ----------
    url
        Address of the service.
    key
        A key, sent in a header and only to that address; redirects are not followed.
    lang
        ``zh`` or ``en``: language of titles and sentences; None leaves it to the service.
    timeout
        Seconds to wait for a connection, and for each part of an answer.
    retries
        How often a request is sent again that the service put off (429 or 503 with Retry-After).
    longest_wait
        Seconds; what is put off for longer is refused.
    transport
        Another way to the service than the network, for tests.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None,
        lang: str | None,
        timeout: float,
        retries: int,
        longest_wait: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ClientError(
                "this is not the address of a service", mend="write it like http://127.0.0.1:8000"
            )
        self.url = url.rstrip("/")
        self._retries = retries
        self._longest_wait = longest_wait
        headers = {"Accept": "application/geo+json, application/json", "User-Agent": "parkgeo-client"}
        headers.update({"Authorization": f"Bearer {key}"} if key else {})
        headers.update({"Accept-Language": lang} if lang else {})
        self._http = httpx.Client(headers=headers, timeout=timeout, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def read(
        self, *parts: str, query: Mapping[str, str] | None = None, method: str = "GET", **options: Any
    ) -> dict[str, Any]:
        """The JSON object that an address answers with.

        Parameters
        ----------
        parts
            Segments of the path.
        query
            Parameters.
        method
            HTTP method.
        options
            As `open` takes them.

        Raises
        ------
        ClientError
            The service refused, could not be reached, or answered something else.
        """
        with self.open(*parts, query=query, method=method, **options) as response:
            where = _place(method, parts)
            with _said_as_ours(where):
                response.read()
                told = response.json() if response.content else {}
            if not isinstance(told, dict):
                raise ClientError("the answer is no JSON object", status=response.status_code, where=where)
            return told

    @contextlib.contextmanager
    def open(
        self,
        *parts: str,
        query: Mapping[str, str] | None = None,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: Callable[[], bytes | Iterator[bytes]] | None = None,
        endless: bool = False,
    ) -> Iterator[httpx.Response]:
        """An answer whose body is still to be read.

        Parameters
        ----------
        parts, query, method
            What is asked for.
        headers
            Further headers.
        body
            Makes what is sent, each time that it is sent.
        endless
            The answer comes bit by bit, with long silences between.

        Raises
        ------
        ClientError
            The service refused or could not be reached.
        """
        where = _place(method, parts)
        address = self.url + "".join(f"/{_segment(part)}" for part in parts)
        timeout = httpx.Timeout(self._http.timeout.connect, read=None) if endless else self._http.timeout
        with contextlib.ExitStack() as stack:
            with _said_as_ours(where):
                for left in range(self._retries, -1, -1):
                    request = self._http.build_request(
                        method,
                        address,
                        params=dict(query) if query else None,
                        headers=dict(headers or {}),
                        content=None if body is None else body(),
                        timeout=timeout,
                    )
                    response = self._http.send(request, stream=True)
                    stack.callback(response.close)
                    wait = self._wait(response) if left else None
                    if wait is None:
                        break
                    response.close()
                    time.sleep(wait)
                if not response.is_success:
                    raise ClientError.from_answer(response.status_code, response.read(), where)
            yield response

    def pour(self, response: httpx.Response, write: Callable[[bytes], object], where: str) -> None:
        """Write an answer's body as it comes.

        Parameters
        ----------
        response
            As `open` gives it.
        write
            Takes the parts.
        where
            For the message, should the answer end early.
        """
        with _said_as_ours(where):
            for part in response.iter_bytes(_READ_AT_ONCE):
                write(part)

    def _wait(self, response: httpx.Response) -> float | None:
        """Seconds until a request may be sent again; None where that does not help, or would take too long."""
        if response.status_code not in _AGAIN:
            return None
        wait = _seconds(response.headers.get("retry-after", ""))
        return wait if wait is not None and wait <= self._longest_wait else None


def _seconds(text: str) -> float | None:
    """What a Retry-After header asks for: seconds, or a day and time.

    Examples
    --------
    >>> _seconds("5"), _seconds("Thu, 01 Jan 1970 00:00:00 GMT"), _seconds("soon")
    (5.0, 0.0, None)
    """
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (aware - dt.datetime.now(dt.UTC)).total_seconds())


def _segment(text: str) -> str:
    """A segment of a path; two dots would be taken for the folder above."""
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


def _place(method: str, parts: tuple[str, ...]) -> str:
    return f"{method} /{'/'.join(parts)}"


@contextlib.contextmanager
def _said_as_ours(where: str) -> Iterator[None]:
    """Errors of the network, and of an answer that breaks off, as `ClientError`."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise ClientError(
            "the service did not answer in time", where=where, mend="try again, or give it a longer timeout"
        ) from error
    except httpx.HTTPError as error:
        raise ClientError(
            f"the service cannot be reached ({type(error).__name__})",
            where=where,
            mend="see that it runs and that the address is right",
        ) from error
    except ValueError as error:
        raise ClientError("the answer is no JSON", where=where) from error
