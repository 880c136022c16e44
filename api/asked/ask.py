"""One request, looked at once: who asks, of which snapshot, in which language, with which parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from api.asked.params import read_language, read_parameters
from api.errors import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Collection as Names
    from collections.abc import Mapping

    from starlette.requests import Request

    from api.served.catalogue import Collection, FieldInfo
    from api.served.live import Edition
    from api.served.rows import Rows
    from api.service import Service

__all__ = ["Ask", "Caller", "query_text"]

SNAPSHOT = "snapshot"
"""The part of a path that names a snapshot; without it the live one is meant."""

_SHORT = 64


def _segment(part: str) -> str:
    return _short_segment(part) if len(part) <= _SHORT else f"/{quote(part, safe='')}"


@lru_cache(maxsize=2_048)
def _short_segment(part: str) -> str:
    """The same few words stand in all links, so they are not encoded anew."""
    return f"/{quote(part, safe='')}"


_PLAIN = re.compile(r"[A-Za-z0-9_.~,-]*")


def query_text(told: Mapping[str, object]) -> str:
    """Parameters of an address, encoded; without those that are None.

    Examples
    --------
    >>> query_text({"bbox": "119.9,31", "name": "a b&c", "token": None})
    'bbox=119.9,31&name=a+b%26c'
    """
    pairs = ((name, str(value)) for name, value in told.items() if value is not None)
    return "&".join(f"{_plus(name)}={_plus(value)}" for name, value in pairs)


def _plus(text: str) -> str:
    # Most of them need no encoding, and to see that is far cheaper than to encode.
    return text if _PLAIN.fullmatch(text) else quote_plus(text, safe=",")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what that one may do.

    Attributes
    ----------
    name
        The key's id; empty for one who shows none.
    scopes
        ``read``, ``write``, ``personal``.
    parks
        Parks to which the key is bound; None for all.
    path
        What stands before every path of this caller: ``/k/<key>`` where the key came in the path, else empty. Links
        carry it on, because programs that cannot send headers follow links.
    """

    name: str = ""
    scopes: frozenset[str] = frozenset({"read"})
    parks: tuple[str, ...] | None = None
    path: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request and what was found out about it.

    Attributes
    ----------
    request, service
        The request, and what the routes share.
    caller
        Who asks.
    given
        Query parameters, each known here and there once.
    edition
        The snapshot asked for.
    named
        Whether the path names the snapshot.
    lang
        Language of the answer.
    """

    request: Request
    service: Service
    caller: Caller
    given: dict[str, str]
    edition: Edition
    named: bool
    lang: str

    @classmethod
    async def of(
        cls,
        request: Request,
        allowed: Names[str] = (),
        *,
        scope: str = "read",
        whole: bool = False,
        more: bool = False,
    ) -> Ask:
        """Look at a request.

        Parameters
        ----------
        request
            The request.
        allowed
            Query parameters that mean something here.
        scope
            What the caller must be allowed.
        whole
            The answer shows all parks, so a key bound to some does not open it.
        more
            Further parameters may be fields of a collection; `api.asked.reading.read_selection` looks at them.

        Raises
        ------
        RequestError, ForbiddenError, NotFoundError, StoreError
            A parameter is unknown or there twice; the caller may not; no such snapshot; nothing was published yet.
        """
        service: Service = request.app.state.parkgeo
        caller: Caller = request.scope.get("parkgeo.caller") or Caller()
        if scope not in caller.scopes:
            raise ForbiddenError(
                f"this needs a key with the scope {scope}", mend="ask whoever runs the service for one"
            )
        if whole and caller.parks is not None:
            raise ForbiddenError(
                "this key is bound to some parks, and this shows all of them",
                mend="use the collections and the parcels, which show the key's own",
            )
        given = read_parameters(request, None if more else allowed)
        name = request.path_params.get(SNAPSHOT)
        edition = await (service.live.current() if name is None else service.live.named(name))
        request.scope["parkgeo.snapshot"] = edition.name
        lang = read_language(request, given, service.settings.lang)
        return cls(request, service, caller, given, edition, name is not None, lang)

    @property
    def base(self) -> str:
        """The address with which every link starts: the service's own, or what a trusted proxy says it is."""
        return self.request.scope.get("parkgeo.base") or self.service.settings.url

    def url(self, *parts: str, **query: str | float | None) -> str:
        """An address of this service for this caller: path segments, encoded, and the parameters that are not None."""
        path = "".join(map(_segment, parts)) or "/"
        told = query_text(query)
        return f"{self.base}{self.caller.path}{path}{'?' if told else ''}{told}"

    def here(self, *parts: str, **query: str | float | None) -> str:
        """An address within the snapshot asked for."""
        return self.url(*(("snapshots", self.edition.name) if self.named else ()), *parts, **query)

    def collection(self, name: str) -> Collection:
        """A collection of the snapshot by its id."""
        return self.edition.collection(name)

    def rows(self, collection: Collection) -> Rows:
        """A collection's rows as this caller may see them: personal fields in clear only with the scope for it."""
        if collection.private is not None and "personal" in self.caller.scopes:
            return collection.private
        return collection.rows

    def fields(self, collection: Collection) -> tuple[FieldInfo, ...]:
        """The fields by which this caller may filter and sort: a field that is masked would be found out by filtering."""
        clear = "personal" in self.caller.scopes and collection.private is not None
        return tuple(field for field in collection.fields if clear or not field.personal)
