"""The service as its OpenAPI document tells of it: every operation, with addresses made of the document's own examples."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from api.described.answers import operations_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.api.conftest import Client


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    path: str
    method: str
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return self.told["operationId"]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return self.told["parameters"]

    def address(self, **given: str) -> str:
        """The address with examples for all that is required, and other values, already encoded, for some."""
        path, query = self.path, {}
        for one in self.parameters:
            name = one["name"]
            if not one["required"] and name not in given:
                continue
            value = given.get(name, quote(written(one["example"]), safe=","))
            if one["in"] == "path":
                path = path.replace(f"{{{name}}}", value)
            else:
                query[name] = value
        told = "&".join(f"{quote(name)}={value}" for name, value in query.items())
        return f"{path}?{told}" if told else path


NOT_HERE = {"view.layer", "basemap.tile", "parcel.photo"}
"""Operations: of what these tell the made-up park has nothing, so that there is nothing to ask for."""


def written(value: Any) -> str:
    """An example as it stands in an address."""
    if isinstance(value, list):
        return ",".join(map(written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, method, told in operations_of(document["paths"]):
        yield Operation(path, method, told)


def resolved(document: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference leads to."""
    while "$ref" in told:
        place: Any = document
        for part in told["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        told = place
    return told


def check_answer(document: Mapping[str, Any], operation: Operation, response: Any) -> None:
    """An answer is one that the document tells of: its status and its media type."""
    known = operation.told["responses"]
    status = str(response.status_code)
    assert status in known, (status, str(response.request.url)[:300], response.text[:300])
    content = resolved(document, known[status]).get("content")
    if response.content and content is not None:
        media_type = response.headers["content-type"]
        assert media_type.partition("; charset")[0].partition("; version=0")[0] in content, media_type


def read_document(client: Client) -> dict[str, Any]:
    return client.get("/api", headers={"Accept-Language": "en"}).json()


@dataclass(frozen=True)
class Answer:
    """What came back over the wire."""

    asked: str
    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.content)


def ask_raw(
    client: Client, method: str, address: str, headers: Mapping[str, str | bytes] | None = None
) -> Answer:
    """Ask as uvicorn hands it on, byte for byte: no client tidies the address or the headers."""
    return client._portal.call(_ask_raw, client.app, method, address, headers or {})


async def _ask_raw(app: Any, method: str, address: str, headers: Mapping[str, str | bytes]) -> Answer:
    path, _, query = address.partition("?")
    told = {"host": "127.0.0.1:8000", **{name.casefold(): value for name, value in headers.items()}}
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode("ascii"), "query_string": query.encode("ascii"), "root_path": "", "state": {},
        "headers": [(name.encode(), value if isinstance(value, bytes) else value.encode("latin-1")) for name, value in told.items()],
        "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []
    given = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        return next(given, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    # What goes wrong inside is answered first and raised afterwards, for the server's log.
    with contextlib.suppress(Exception):
        await app(scope, receive, send)
    begun = sent[0]
    told = {name.decode("latin-1").casefold(): value.decode("latin-1") for name, value in begun["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(f"{method} {address[:300]}", begun["status"], told, body)
