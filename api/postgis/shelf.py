"""The snapshots of a database, for the service."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from api.errors import quote_short
from api.postgis.layout import FORMAT, CollectionLayout
from api.postgis.rows import PostgisRows
from api.postgis.snapshot import PostgisSnapshot
from api.served.catalogue import Collection, FieldInfo
from api.served.summary import Summary, Tally
from parkgeo.errors import NotFoundError, StoreError, name_some

if TYPE_CHECKING:
    from collections.abc import Hashable

    import psycopg

    from api.postgis.database import Database
    from parkgeo.store import Snapshot

__all__ = ["PostgisShelf"]

_EMPTY = "no snapshot was published to the database"
_MEND = "run: parkgeo publish postgresql://… --workspace DIR"
_LIVE = "SELECT name, published_at FROM parkgeo.snapshots WHERE live"
_NAMES = "SELECT name FROM parkgeo.snapshots ORDER BY published_at, name"
_ONE = """
SELECT schema_name, manifest, catalogue, collections, summary, published_at, format FROM parkgeo.snapshots WHERE name = %s
"""


class PostgisShelf:
    """The snapshots published to a database.

    Parameters
    ----------
    database
        Where they lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self) -> Hashable:
        """Name and time of the live snapshot; None where there is none, or nobody can tell now."""
        try:
            return self._live()
        except StoreError:
            return None

    def check(self) -> None:
        """See that the database answers."""
        self._live()

    def current(self) -> PostgisSnapshot:
        """The live snapshot."""
        live = self._live()
        if live is None:
            raise StoreError(_EMPTY, mend=_MEND)
        return self.snapshot(live[0])

    def snapshot(self, name: str) -> PostgisSnapshot:
        """A snapshot by its name."""

        def ask(connection: psycopg.Connection[Any]) -> Any:
            return connection.execute(_ONE, (name,)).fetchone()

        row = self._database.run(ask) if "\0" not in name else None
        if row is None:
            raise NotFoundError(
                f"no snapshot {quote_short(name)}", mend=f"there are: {name_some(self.names()) or 'none'}"
            )
        schema, manifest, catalogue, collections, summary, published_at, written = row
        if written != FORMAT:
            raise StoreError(
                f"snapshot {name} was published by another version of parkgeo",
                mend=f"publish it again; {_MEND}",
            )
        layouts = tuple(CollectionLayout.from_json(told) for told in collections)
        return PostgisSnapshot(self._database, schema, manifest, catalogue, layouts, summary, published_at)

    def names(self) -> tuple[str, ...]:
        """Names of all snapshots, the one published first at the front."""
        if self._live() is None:
            return ()
        rows = self._database.run(lambda connection: connection.execute(_NAMES).fetchall())
        return tuple(row[0] for row in rows)

    def published(self, name: str) -> float:
        """When a snapshot was published, or made the live one again; 0 where that is not known."""
        try:
            return self.snapshot(name).published_at.timestamp()
        except (NotFoundError, StoreError):
            return 0.0

    def collections(self, snapshot: Snapshot) -> dict[str, Collection]:
        """A snapshot's collections; nothing is read before somebody asks."""
        if not isinstance(snapshot, PostgisSnapshot):
            raise TypeError("the snapshot lies elsewhere")
        return {layout.told["id"]: _collection(snapshot, layout) for layout in snapshot.layouts}

    def summary(self, snapshot: Snapshot) -> Summary:
        """The figures of the first page, as they were worked out when the snapshot was published."""
        if not isinstance(snapshot, PostgisSnapshot):
            raise TypeError("the snapshot lies elsewhere")
        told = snapshot.summary
        idle = {verdict: tally and Tally(**tally) for verdict, tally in told["idle"].items()}
        return Summary(told["park"], Tally(**told["parcels"]), idle)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def _live(self) -> tuple[str, Any] | None:
        def ask(connection: psycopg.Connection[Any]) -> Any:
            known = connection.execute("SELECT to_regclass('parkgeo.snapshots')").fetchone()
            if known is None or known[0] is None:
                return None
            return connection.execute(_LIVE).fetchone()

        return self._database.run(ask)  # type: ignore[no-any-return]  # a row of the two columns, or None


def _collection(snapshot: PostgisSnapshot, layout: CollectionLayout) -> Collection:
    told: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in layout.told.items()
    }
    known = {field.name for field in fields(FieldInfo)}
    told["fields"] = tuple(
        FieldInfo(**{name: value for name, value in one.items() if name in known})
        for one in layout.told["fields"]
    )
    rows = PostgisRows(snapshot.database, snapshot.schema, layout, snapshot.crs)
    return Collection(**told, rows=rows)
