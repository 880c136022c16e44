"""A snapshot into the database: in one transaction, so that readers see the one before or this one, and never half.

A publisher that is killed, or loses the database, leaves what was live. Two publishers come one after the other.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from psycopg import errors, sql

from api.postgis.database import check_address, connect, in_our_words
from api.postgis.functions import create_functions
from api.postgis.layout import FORMAT, REGISTRY, schema_of
from api.postgis.systems import find_srid
from api.postgis.tables import write_collection
from api.postgis.views import flip_views
from api.served.catalogue import build_collections
from api.served.encode import to_crs84
from api.served.memory import space_order
from api.served.summary import summarize
from parkgeo import __version__
from parkgeo.errors import ProjectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    from numpy.typing import NDArray

    from api.postgis.layout import CollectionLayout
    from api.served.catalogue import Collection
    from parkgeo.store import Snapshot

__all__ = ["Published", "publish"]

_LOCK = 0x7061726B67656F  # "parkgeo" in letters
_WAIT = "10min"
_ROLE = re.compile(r"[^\0]{1,63}")
_REGISTRY = """
CREATE TABLE IF NOT EXISTS parkgeo.snapshots (
  name text COLLATE "C" PRIMARY KEY,
  as_of date NOT NULL,
  published_at timestamp with time zone NOT NULL,
  schema_name text NOT NULL UNIQUE,
  manifest json NOT NULL,
  catalogue json NOT NULL,
  collections json NOT NULL,
  summary json NOT NULL,
  version text NOT NULL,
  format integer NOT NULL,
  live boolean NOT NULL
)
"""
_INSERT = """
INSERT INTO parkgeo.snapshots
  (name, as_of, published_at, schema_name, manifest, catalogue, collections, summary, version, format, live)
VALUES (%s, %s, clock_timestamp(), %s, %s::json, %s::json, %s::json, %s::json, %s, %s, false)
"""
_READERS = """
SELECT DISTINCT r.rolname FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = 'parkgeo' AND a.privilege_type = 'USAGE' AND a.grantee <> n.nspowner
"""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did.

    Attributes
    ----------
    name, schema
        The snapshot, and its schema.
    written
        Whether it was written; else it was there, and was only made the live one.
    rows
        Of all tables.
    srid
        Number of the working system in the database.
    made_srid
        Whether the database did not know the system and was told of it.
    readers
        Roles that may read it.
    removed
        Earlier snapshots that were removed.
    """

    name: str
    schema: str
    written: bool
    rows: int
    srid: int
    made_srid: bool
    readers: tuple[str, ...]
    removed: tuple[str, ...]


def publish(
    snapshot: Snapshot,
    address: str,
    *,
    reader: str = "",
    keep: int = 0,
    again: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Published:
    """Write a snapshot into a database and make it the live one there.

    Parameters
    ----------
    snapshot
        A finished analysis.
    address
        ``postgresql://…``; never shown.
    reader
        A role that may read it from now on, made where there is none (it may then not log in before it has a
        password). Roles that could read the ones before may read this one too.
    keep
        Snapshots to keep, this one among them; those published first are removed. 0 keeps all.
    again
        Write it anew where it is there already.
    tell
        Told what is being done: names of collections.

    Raises
    ------
    StoreError
        The database cannot be reached, or refuses; what was live is live still.
    """
    import psycopg

    check_address(address)
    if reader and not _ROLE.fullmatch(reader):
        raise ProjectError("this is no name of a role", where="--reader", mend="at most 63 letters")
    connection = connect(address)
    try:
        with connection, connection.transaction():
            return _Publisher(connection, snapshot, tell).publish(reader, keep, again=again)
    except psycopg.Error as error:
        raise in_our_words(error, lost=False) from None


class _Publisher:
    """One publishing, in one transaction."""

    def __init__(
        self, connection: psycopg.Connection[Any], snapshot: Snapshot, tell: Callable[[str], None]
    ) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._tell = tell

    def publish(self, reader: str, keep: int, *, again: bool) -> Published:
        self._prepare()
        name = self._snapshot.name
        there = self._ask("SELECT version = %s AND format = %s FROM parkgeo.snapshots WHERE name = %s", __version__, FORMAT, name)  # fmt: skip
        written = there is None or again or not there[0]
        srid, made_srid = find_srid(self._connection, self._snapshot.crs)
        if written:
            self._write(srid)
        layouts = self._layouts()
        flip_views(self._connection, schema_of(name), layouts)
        self._make_live(name)
        removed = self._prune(keep)
        readers = self._grant(reader)
        rows = sum(told["count"] for told in layouts)
        return Published(name, schema_of(name), written, rows, srid, made_srid, readers, removed)

    def _prepare(self) -> None:
        """One publisher at a time; the registry, and the database fit for what comes."""
        run = self._connection.execute
        run("SELECT set_config('lock_timeout', %s, true)", (_WAIT,))
        try:
            run("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        except errors.LockNotAvailable:
            raise StoreError(
                "another snapshot is being published", mend="wait until it is done, and publish again"
            ) from None
        if self._ask("SELECT current_setting('server_encoding')") != ("UTF8",):
            raise StoreError("the database does not hold UTF-8", mend="create it WITH ENCODING 'UTF8'")
        found = self._ask(
            "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'postgis'"
        )
        if found is None:
            raise StoreError("the database has no PostGIS", mend="run there: CREATE EXTENSION postgis")
        for setting, value in (
            ("search_path", f"pg_catalog, {found[0]}"),
            ("client_min_messages", "warning"),
            ("datestyle", "ISO"),
            ("timezone", "UTC"),
        ):
            run("SELECT set_config(%s, %s, true)", (setting, value))
        run(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(REGISTRY)))
        run(_REGISTRY)
        run("CREATE UNIQUE INDEX IF NOT EXISTS one_is_live ON parkgeo.snapshots (live) WHERE live")

    def _write(self, srid: int) -> None:
        snapshot = self._snapshot
        schema = schema_of(snapshot.name)
        run = self._connection.execute
        run("DELETE FROM parkgeo.snapshots WHERE name = %s", (snapshot.name,))
        run(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
        run(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        for statement in create_functions(schema):
            run(statement)
        collections = build_collections(snapshot)
        layouts: list[CollectionLayout] = []
        for number, collection in enumerate(collections.values()):
            self._tell(collection.id)
            layouts.append(
                write_collection(
                    self._connection, schema, collection, self._rows_before(collection), number, srid
                )
            )
        manifest = {
            **snapshot.manifest,
            "tables": {
                name: told for name, told in snapshot.manifest["tables"].items() if name in collections
            },
        }
        values = (
            snapshot.name, snapshot.as_of, schema, _json(manifest), _json(snapshot.catalogue),
            _json([layout.as_json() for layout in layouts]), _json(asdict(summarize(snapshot))), __version__, FORMAT,
        )  # fmt: skip
        run(_INSERT, values)

    def _rows_before(self, collection: Collection) -> NDArray[np.int64]:
        """Which row of the snapshot's table each row of a collection is; a part of a table is never read as a table."""
        table = collection.id
        if table not in self._snapshot.tables or not self._snapshot.manifest["tables"][table]["geometry"]:
            return np.arange(len(collection.rows))
        return space_order(to_crs84(self._snapshot.read(table).geometry))

    def _layouts(self) -> list[dict[str, Any]]:
        row = self._ask("SELECT collections FROM parkgeo.snapshots WHERE name = %s", self._snapshot.name)
        return list(row[0]) if row else []

    def _make_live(self, name: str) -> None:
        """Name the live one; what is made live again counts as published now."""
        run = self._connection.execute
        run("UPDATE parkgeo.snapshots SET live = false WHERE live AND name <> %s", (name,))
        run(
            "UPDATE parkgeo.snapshots SET live = true, published_at = clock_timestamp() WHERE name = %s AND NOT live",
            (name,),
        )

    def _prune(self, keep: int) -> tuple[str, ...]:
        """Remove what was published first, and never what is live."""
        if keep < 1:
            return ()
        rows = self._connection.execute(
            "SELECT name, schema_name FROM parkgeo.snapshots WHERE NOT live ORDER BY published_at DESC, name OFFSET %s",
            (keep - 1,),
        ).fetchall()
        for name, schema in rows:
            self._connection.execute(
                sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema))
            )
            self._connection.execute("DELETE FROM parkgeo.snapshots WHERE name = %s", (name,))
        return tuple(name for name, _ in rows)

    def _grant(self, reader: str) -> tuple[str, ...]:
        """Reading, and nothing else, for the role named and for those that could read before."""
        run = self._connection.execute
        if reader and self._ask("SELECT FROM pg_roles WHERE rolname = %s", reader) is None:
            run(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(reader)))
        known = {name for (name,) in run(_READERS).fetchall()}
        readers = sorted(known | ({reader} if reader else set()))
        for role in map(sql.Identifier, readers):
            for schema in map(sql.Identifier, (REGISTRY, schema_of(self._snapshot.name))):
                run(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
                run(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role))
        return tuple(readers)

    def _ask(self, text: Any, *values: Any) -> tuple[Any, ...] | None:
        return self._connection.execute(text, values).fetchone()


def _json(value: Any) -> str:
    # PostgreSQL's json keeps \u0000 as text, but readers of it may not.
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()
