"""The views of the live snapshot, for people: ``parkgeo.parcels`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import errors, sql

from api.postgis.layout import REGISTRY
from api.postgis.tables import comments
from parkgeo.errors import StoreError

if TYPE_CHECKING:
    import psycopg

__all__ = ["flip_views"]

_VIEWS = "SELECT viewname FROM pg_views WHERE schemaname = 'parkgeo'"


def flip_views(connection: psycopg.Connection[Any], schema: str, layouts: list[dict[str, Any]]) -> None:
    """Let every view show a snapshot's tables, without the columns that serving needs.

    Parameters
    ----------
    connection
        Within a transaction, so that all views change at once.
    schema
        Of the snapshot.
    layouts
        Its collections, as JSON.

    Raises
    ------
    StoreError
        Something that somebody made hangs on a view that must change.
    """
    try:
        for (name,) in connection.execute(_VIEWS).fetchall():
            connection.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(REGISTRY, name)))
    except errors.DependentObjectsStillExist as error:
        raise StoreError(
            "something in the database hangs on a view of the live snapshot",
            where=error.diag.message_detail or "",
            mend="remove it, publish, and make it again; or let it read a table of one snapshot's schema",
        ) from None
    for layout in layouts:
        view = sql.Identifier(REGISTRY, _view_name(layout["table"]))
        columns = [sql.Identifier(column["column"]) for column in layout["columns"]]
        if layout["shape"]:
            columns.insert(layout["shape"]["place"], sql.Identifier(layout["shape"]["column"]))
        if not columns:
            continue
        table = sql.Identifier(schema, layout["table"])
        connection.execute(
            sql.SQL("CREATE VIEW {} AS SELECT {} FROM {}").format(view, sql.SQL(", ").join(columns), table)
        )
        for statement in comments("VIEW", view, layout):
            connection.execute(statement)


def _view_name(table: str) -> str:
    """A table called as the list of snapshots is gets another name as a view."""
    return "snapshots_" if table == "snapshots" else table
