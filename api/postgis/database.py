"""The way to the database: few connections, each in a thread of its own, and its errors in our words.

Threads and not an event loop's own connections: a snapshot is also read by threads that draw maps and write exports, and
on Windows the event loop of the server cannot wait for libpq. Nothing here waits on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from api.errors import GoneError
from parkgeo.errors import ProjectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

__all__ = ["Database", "connect"]

_LOG = logging.getLogger("parkgeo.api")
_T = TypeVar("_T")
_CONNECT_S = 5
_UNREACHABLE = "the database cannot be reached"
_KEPT_OUT = "the database does not let this role in"
_SCHEMES = ("postgresql://", "postgres://")
# libpq's own errors have no number, and their words quote the address: only what kind they are may be written down.
_REASONS = {
    "Connection refused": "connection refused",
    "timeout expired": "no connection in time",
    "timed out": "no connection in time",
    "could not translate host name": "host name not found",
    "failed to resolve host": "host name not found",
    "No route to host": "no way to the host",
    "Network is unreachable": "no way to the host",
    "No such file or directory": "no such socket",
    "starting up": "starting up",
    "shutting down": "shutting down",
    "too many clients": "too many connections",
    "remaining connection slots": "too many connections",
    "no password supplied": "password missing",
    "authentication failed": "password or role wrong",
    "no pg_hba.conf entry": "not let in from here",
    "SSL": "TLS",
    "does not exist": "no such database or role",
    "closed the connection": "connection lost",
    "connection is closed": "connection lost",
    "terminating connection": "connection lost",
}


class Database:
    """Read-only connections to one database.

    Parameters
    ----------
    address
        ``postgresql://…``; what it leaves open is taken from libpq's own variables and files (``PGSERVICE``,
        ``PGHOST``, ``PGPASSFILE``, …). It is never shown.
    connections
        Most connections, and so most questions asked at once.
    timeout_ms
        A question that takes longer is given up.
    """

    def __init__(self, address: str, *, connections: int = 8, timeout_ms: int = 10_000) -> None:
        check_address(address)
        self._address = address
        self._timeout_ms = timeout_ms
        self._workers = ThreadPoolExecutor(max_workers=connections, thread_name_prefix="parkgeo-database")
        self._own = threading.local()
        self._opened: set[psycopg.Connection[Any]] = set()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "Database(…)"

    async def ask(self, work: Callable[[psycopg.Connection[Any]], _T]) -> _T:
        """Give a question to a thread and wait for its answer without holding the event loop."""
        return await asyncio.wrap_future(self._workers.submit(self._run, work))

    def run(self, work: Callable[[psycopg.Connection[Any]], _T]) -> _T:
        """Ask and wait; not for the event loop's thread.

        Raises
        ------
        StoreError
            The database cannot be reached, refuses, or takes too long.
        GoneError
            What is asked for was removed.
        """
        return self._workers.submit(self._run, work).result()

    def close(self) -> None:
        """Close every connection; what is asked afterwards fails."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _run(self, work: Callable[[psycopg.Connection[Any]], _T]) -> _T:
        import psycopg

        # An idle connection that the server closed meanwhile is found out by using it: one more try, on a new one.
        for last in (False, True):
            fresh = getattr(self._own, "connection", None) is None
            connection = self._connection()
            try:
                return work(connection)
            except psycopg.Error as error:
                lost = connection.closed or connection.broken
                if lost:
                    self._forget(connection)
                if not lost or last or fresh:
                    raise in_our_words(error, lost=lost) from None
        raise StoreError(_UNREACHABLE)

    def _connection(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = connect(self._address)
            try:
                settle(connection, self._timeout_ms)
            except BaseException:
                connection.close()
                raise
            self._own.connection = connection
            with self._lock:
                self._opened.add(connection)
        return connection

    def _forget(self, connection: psycopg.Connection[Any]) -> None:
        self._own.connection = None
        with self._lock:
            self._opened.discard(connection)
        connection.close()


def check_address(address: str) -> None:
    """See that a text is the address of a database, without showing it: it may hold a password.

    Raises
    ------
    ProjectError
        It is none.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    mend = "write it like postgresql://user@host:5432/database and keep the password in a .pgpass file"
    if not address.startswith(_SCHEMES):
        raise ProjectError("the store is no address of a PostgreSQL database", mend=mend)
    try:
        conninfo_to_dict(address)
    except psycopg.Error:
        # libpq quotes what it cannot read, which may be the password.
        raise ProjectError("the address of the database cannot be read", mend=mend) from None


def connect(address: str) -> psycopg.Connection[Any]:
    """A connection, each statement by itself.

    Raises
    ------
    StoreError
        There is nothing at the address, or it refuses.
    """
    import psycopg

    try:
        return psycopg.connect(
            address,
            autocommit=True,
            connect_timeout=_CONNECT_S,
            application_name="parkgeo",
            client_encoding="UTF8",
            keepalives_idle=30,
        )
    except psycopg.Error as error:
        raise in_our_words(error, lost=True) from None


def settle(connection: psycopg.Connection[Any], timeout_ms: int) -> None:
    """Nothing but reading, no question without an end, and no name but PostGIS's found without its schema."""
    import psycopg
    from psycopg import sql

    try:
        found = connection.execute(
            "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'postgis'"
        ).fetchone()
        if found is None:
            raise StoreError("the database has no PostGIS", mend="run there: CREATE EXTENSION postgis")
        for name, value in (
            ("default_transaction_read_only", "on"),
            ("statement_timeout", f"{timeout_ms}ms"),
            ("search_path", f"pg_catalog, {found[0]}"),
            ("jit", "off"),
            ("datestyle", "ISO"),
            ("timezone", "UTC"),
            ("extra_float_digits", "1"),
        ):
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.execute(sql.SQL("SET lock_timeout = '5s'"))
    except psycopg.Error as error:
        raise in_our_words(error, lost=connection.closed) from None


def in_our_words(error: psycopg.Error, *, lost: bool) -> StoreError | GoneError:
    """An error of the database for a person; its own words go to the log, where they quote no parameter."""
    from psycopg import errors

    state = error.sqlstate or ""
    if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName | errors.UndefinedFunction):
        return GoneError("the snapshot is no longer kept", mend="start again at the live one")
    _LOG.warning("the database: %s (%s)", type(error).__name__, state or _reason(error))
    said = {
        errors.QueryCanceled: (
            "the database did not answer in time",
            "ask for less: a smaller box, a narrower filter",
        ),
        errors.LockNotAvailable: ("the database is busy with something else", "try again in a while"),
        errors.InvalidAuthorizationSpecification: (_KEPT_OUT, "look at its role and password"),
        errors.InvalidPassword: (_KEPT_OUT, "look at its role and password"),
        errors.InsufficientPrivilege: (
            "the role may not do this in the database",
            "parkgeo publish --reader ROLE lets a role read; to publish, a role must be allowed to create schemas",
        ),
        errors.InvalidCatalogName: (
            "there is no such database at the address",
            "create it, with PostGIS in it",
        ),
        errors.DiskFull: ("the disk of the database is full", "make room; what was live is live still"),
    }
    for kind, (what, mend) in said.items():
        if isinstance(error, kind):
            return StoreError(what, mend=mend)
    if lost or isinstance(error, errors.OperationalError):
        return StoreError(
            _UNREACHABLE, mend="look whether it runs; the service goes on by itself when it is back"
        )
    return StoreError(
        f"the database refused what was asked ({state or type(error).__name__})", mend="the log tells when"
    )


def _reason(error: psycopg.Error) -> str:
    """What kind of error one without a number is."""
    words = str(error)
    return next((reason for sign, reason in _REASONS.items() if sign in words), "for a reason not known")
