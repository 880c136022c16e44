"""A request about a snapshot: the live one, or the one that its path names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.asked.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Collection as Names

    from starlette.requests import Request

    from api.served.catalogue import Collection, FieldInfo
    from api.served.live import Edition
    from api.served.rows import Rows

__all__ = ["Ask"]

SNAPSHOT = "snapshot"
"""The part of a path that names a snapshot; without it the live one is meant."""


@dataclass(frozen=True, slots=True)
class Ask(Visit):
    """A request about a snapshot, and what was found out about it.

    Attributes
    ----------
    edition
        The snapshot asked for.
    named
        Whether the path names the snapshot.
    """

    edition: Edition
    named: bool

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
        visit = Visit.come(request, None if more else allowed, scope=scope, whole=whole)
        live, name = visit.service.live, request.path_params.get(SNAPSHOT)
        edition = await (live.current() if name is None else live.named(name))
        request.scope["parkgeo.snapshot"] = edition.name
        return cls(
            request, visit.service, visit.caller, visit.given, visit.lang, edition, named=name is not None
        )

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
