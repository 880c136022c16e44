"""One collection as two tables of a snapshot's schema: its rows, and its features as they go out."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from psycopg import sql

from api.postgis.columns import as_csv, database_column, lay_out_columns, text_of
from api.postgis.layout import CollectionLayout, ShapeLayout, in_database
from api.postgis.sql_places import DEGREES
from api.served.catalogue import Collection
from api.served.memory import MemoryRows
from parkgeo.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg
    from numpy.typing import NDArray

    from api.postgis.layout import ColumnLayout
    from api.served.memory import Contents

__all__ = ["write_collection"]

_TELLS = tuple(field.name for field in fields(Collection) if field.name not in {"rows", "private"})
_WORTH_AN_INDEX = 1_000
"""Rows from which an index is faster than looking at all of them."""

_WAYS = (sql.SQL(""), sql.SQL(" DESC NULLS LAST"))
"""Rising and falling, what is missing last in both: read backwards, an index would have it first. Texts have the first only:
the other takes a sixth more disk for an order in which hardly anybody wants them."""

_LONGEST_KEY = 500
"""Bytes; PostgreSQL refuses to index a value of more than about 2700."""


def write_collection(
    connection: psycopg.Connection[Any],
    schema: str,
    collection: Collection,
    rows_before: NDArray[np.int64],
    number: int,
    srid: int,
) -> CollectionLayout:
    """Create a collection's tables, fill them, and say how they lie.

    Parameters
    ----------
    connection
        Within the transaction that created the schema.
    schema
        Of the snapshot.
    collection
        In memory.
    rows_before
        Which row of the snapshot's table each row is.
    number
        Which of the snapshot's collections it is; tells tables with long names apart.
    srid
        Of the working system.
    """
    rows = collection.rows
    if not isinstance(rows, MemoryRows):
        raise StoreError("only what lies in a workspace is published")
    contents = rows.contents()
    layout = _lay_out(collection, contents, number, srid)
    _create(connection, schema, layout)
    _copy(connection, schema, layout.table, _row_columns(layout, contents, rows_before))
    _copy(connection, schema, layout.features, _feature_columns(contents))
    for statement in _finish(schema, layout, contents):
        connection.execute(statement)
    _describe(connection, schema, layout)
    return layout


def _lay_out(collection: Collection, contents: Contents, number: int, srid: int) -> CollectionLayout:
    frame = contents.frame
    name = _shape_name(frame)
    plain = frame if name is None else frame.drop(columns=[name])
    columns = lay_out_columns(plain)
    shape = None
    if name is not None:
        taken = [column.column for column in columns]
        column = in_database([*taken, name])[-1]
        bounds = frame.geometry.total_bounds
        shape = ShapeLayout(
            name, column, list(frame.columns).index(name), srid, tuple(bounds.tolist()) if np.isfinite(bounds).all() else None
        )  # fmt: skip
    table = in_database([collection.id])[0]
    features = f"_{table}" if len(table.encode()) < 63 else f"_{number}"  # noqa: PLR2004 - bytes of a name
    told = {name: getattr(collection, name) for name in _TELLS}
    told["fields"] = [asdict(field) for field in collection.fields]
    return CollectionLayout(
        told=told,
        table=table,
        features=features,
        count=len(contents.ids),
        extent=collection.rows.extent,
        largest=max(map(len, contents.bodies), default=0),
        columns=columns,
        shape=shape,
        has_times=contents.times is not None,
    )


def _shape_name(frame: Any) -> str | None:
    import geopandas as gpd

    return str(frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else None


def _create(connection: psycopg.Connection[Any], schema: str, layout: CollectionLayout) -> None:
    parts = [
        sql.SQL(
            "_place integer NOT NULL, _row integer NOT NULL, _geom84 geometry(Geometry, {}), _size double precision, "
            "_parks text[], _begin timestamp without time zone, _end timestamp without time zone"
        ).format(sql.Literal(DEGREES))
    ]
    parts += [
        sql.SQL("{} {}").format(sql.Identifier(column.column), sql.SQL(column.type))
        for column in layout.columns
    ]
    if layout.shape is not None:
        # Typed only once it is known which types and dimensions there are.
        parts.insert(
            1 + layout.shape.place, sql.SQL("{} geometry").format(sql.Identifier(layout.shape.column))
        )
    table, features = sql.Identifier(schema, layout.table), sql.Identifier(schema, layout.features)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(parts)))
    connection.execute(
        sql.SQL('CREATE TABLE {} (place integer NOT NULL, id text COLLATE "C" NOT NULL, feature bytea NOT NULL)').format(features)
    )  # fmt: skip
    # Short enough to stand in the row, and packing them would cost each reader the unpacking.
    connection.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN feature SET STORAGE EXTERNAL").format(features))


def _row_columns(
    layout: CollectionLayout, contents: Contents, rows_before: NDArray[np.int64]
) -> dict[str, pa.Array]:
    count = len(contents.ids)
    begin, end = contents.times or (None, None)
    told = {
        "_place": pa.array(np.arange(count), type=pa.int32()),
        "_row": pa.array(rows_before.astype(np.int32)),
        "_geom84": _hex(contents.geometry, DEGREES),
        "_size": pa.array(_sizes(contents.geometry)),
        "_parks": _parks(contents.parks, count),
        "_begin": pa.nulls(count, pa.timestamp("us"))
        if begin is None
        else pa.array(begin.astype("datetime64[us]")),
        "_end": pa.nulls(count, pa.timestamp("us"))
        if end is None
        else pa.array(end.astype("datetime64[us]")),
    }
    for column in layout.columns:
        told[column.column] = database_column(contents.frame[column.name], column)
    if layout.shape is not None:
        told[layout.shape.column] = _hex(contents.frame.geometry.to_numpy(), layout.shape.srid)
    return told


def _sizes(geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    """The longer side of each row's box, degrees, by which the largest are drawn first; 0 without geometry."""
    box = shapely.bounds(geometry)
    sizes: NDArray[np.float64] = np.nan_to_num(np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]))
    return sizes


def _feature_columns(contents: Contents) -> dict[str, pa.Array]:
    return {
        "place": pa.array(np.arange(len(contents.ids)), type=pa.int32()),
        "id": text_of(contents.ids),
        "feature": pa.array(["\\x" + body.hex() for body in contents.bodies], type=pa.large_string()),
    }


def _hex(geometry: NDArray[np.object_], srid: int) -> pa.Array:
    shapes = shapely.to_wkb(shapely.set_srid(geometry, srid), hex=True, include_srid=True)
    return pa.array(list(shapes), type=pa.large_string())


def _parks(parks: Mapping[str, NDArray[np.bool_]], count: int) -> pa.Array:
    """Each row's parks as an array of PostgreSQL."""
    if not parks:
        return pa.nulls(count, pa.large_string())
    own: list[list[str]] = [[] for _ in range(count)]
    for park, mask in parks.items():
        quoted = '"' + park.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for row in np.flatnonzero(mask):
            own[row].append(quoted)
    return text_of(["{" + ",".join(names) + "}" for names in own])


def _copy(connection: psycopg.Connection[Any], schema: str, table: str, columns: dict[str, pa.Array]) -> None:
    # Frozen: the table is of this transaction, so its rows need no later visit by vacuum.
    text = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, FREEZE)").format(
        sql.Identifier(schema, table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        for block in as_csv(columns):
            copy.write(block)


def _finish(schema: str, layout: CollectionLayout, contents: Contents) -> list[sql.Composed]:
    """Types of geometry, keys and indexes."""
    table, features = sql.Identifier(schema, layout.table), sql.Identifier(schema, layout.features)
    made = [
        sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (_place)").format(table),
        sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (place)").format(features),
        sql.SQL("CREATE INDEX ON {} USING hash (id)").format(features),
    ]
    if layout.shape is not None:
        made.insert(0, _typed(table, layout.shape, contents))
        made.append(
            sql.SQL("CREATE INDEX ON {} USING gist ({})").format(table, sql.Identifier(layout.shape.column))
        )
        made.append(sql.SQL("CREATE INDEX ON {} USING gist (_geom84)").format(table))
    if contents.parks:
        made.append(sql.SQL("CREATE INDEX ON {} USING gin (_parks)").format(table))
    if layout.count >= _WORTH_AN_INDEX:
        made += [
            sql.SQL("CREATE INDEX ON {} ({}{}, _place)").format(table, sql.Identifier(column.column), way)
            for column in layout.columns
            if _can_be_sorted(column, contents)
            for way in (_WAYS[:1] if column.kind == "text" else _WAYS)
        ]
    return [*made, sql.SQL("ANALYZE {}").format(table), sql.SQL("ANALYZE {}").format(features)]


def _typed(table: sql.Composable, shape: ShapeLayout, contents: Contents) -> sql.Composed:
    """The column's type as narrow as its geometry allows, by which GIS programs know what a layer holds."""
    geometry = contents.frame.geometry.to_numpy()
    there = geometry[~shapely.is_missing(geometry)]
    types = {shape.geom_type for shape in there}
    solid = shapely.has_z(there)
    kind = types.pop() if len(types) == 1 else "Geometry"
    if solid.any() and not solid.all():
        return sql.SQL("COMMENT ON COLUMN {}.{} IS 'with and without heights'").format(
            table, sql.Identifier(shape.column)
        )
    kind = "LineString" if kind == "LinearRing" else kind
    return sql.SQL("ALTER TABLE {} ALTER COLUMN {} TYPE geometry({}, {})").format(
        table,
        sql.Identifier(shape.column),
        sql.SQL(f"{kind}Z" if solid.any() else kind),
        sql.Literal(shape.srid),
    )


def _can_be_sorted(column: ColumnLayout, contents: Contents) -> bool:
    """Whether an index holds a column: by all that have an order rows are sorted and filtered, but for long texts."""
    if column.kind in {"other", "nothing"}:
        return False
    if column.kind != "text":
        return True
    values = contents.frame[column.name].dropna()
    longest = int(values.astype(str).str.len().max()) * 4 if len(values) else 0
    return longest <= _LONGEST_KEY


def _describe(connection: psycopg.Connection[Any], schema: str, layout: CollectionLayout) -> None:
    """Titles in both languages and units, where database programs show them."""
    table = sql.Identifier(schema, layout.table)
    for statement in comments("TABLE", table, layout.as_json()):
        connection.execute(statement)


def comments(kind: str, table: sql.Composable, layout: dict[str, Any]) -> list[sql.Composed]:
    """Comments on a table or a view and on its columns."""
    titles = layout["told"]["titles"]
    word = sql.SQL("TABLE" if kind == "TABLE" else "VIEW")
    told = [
        sql.SQL("COMMENT ON {} {} IS {}").format(word, table, _quoted(f"{titles['zh']} · {titles['en']}"))
    ]
    named = {column["name"]: column["column"] for column in layout["columns"]}
    for field in layout["told"]["fields"]:
        if field["name"] in named:
            unit = f" ({field['unit']})" if field["unit"] else ""
            text = f"{field['zh']} · {field['en']}{unit}"
            column = sql.Identifier(named[field["name"]])
            told.append(sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(table, column, _quoted(text)))
    return told


def _quoted(text: str) -> sql.Literal:
    # A comment is no place for bound values.
    return sql.Literal(text.replace("\0", ""))
