"""A snapshot that lies in the database, read like one in a folder."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from api.postgis.rows import PostgisRows
from parkgeo.errors import NotFoundError, name_some
from parkgeo.store import Snapshot

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import pandas as pd

    from api.postgis.database import Database
    from api.postgis.layout import CollectionLayout

__all__ = ["PostgisSnapshot"]


class PostgisSnapshot(Snapshot):
    """A finished analysis.

    Personal fields are masked, and the account of the files is left out: neither was published.

    Parameters
    ----------
    database
        Where it lies.
    schema
        Its schema there.
    manifest, catalogue
        As they were published.
    layouts
        Its collections.
    summary
        The figures of the first page.
    published_at
        When it was published.
    """

    def __init__(
        self,
        database: Database,
        schema: str,
        manifest: dict[str, Any],
        catalogue: dict[str, Any],
        layouts: tuple[CollectionLayout, ...],
        summary: dict[str, Any],
        published_at: dt.datetime,
    ) -> None:
        self.manifest = manifest
        self.database = database
        self.schema = schema
        self.layouts = layouts
        self.summary = summary
        self.published_at = published_at
        self._catalogue = catalogue

    @cached_property
    def catalogue(self) -> dict[str, Any]:
        """Titles, units, formulas and sources of every table, field, finding and indicator."""
        return self._catalogue

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read a table, or some of its columns.

        Raises
        ------
        NotFoundError
            The snapshot has no such table.
        StoreError
            The database cannot be reached.
        """
        layout = next((one for one in self.layouts if one.told["id"] == table), None)
        if layout is None or table not in self.tables:
            raise NotFoundError(
                f"no table {table!r} in the snapshot",
                where=self.name,
                mend=f"it holds {name_some(self.tables, shown=30)}",
            )
        return PostgisRows(self.database, self.schema, layout, self.crs).read_table(columns)
