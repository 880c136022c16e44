"""One finished analysis on disk, read only."""

from __future__ import annotations

import datetime as dt
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parkgeo.errors import NotFoundError, StoreError, name_some

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from pyproj import CRS

__all__ = ["CATALOGUE", "MANIFEST", "Snapshot"]

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.json"


class Snapshot:
    """A finished analysis.

    Parameters
    ----------
    path
        The snapshot's folder, as a workspace gives it.

    Raises
    ------
    StoreError
        The folder holds no readable manifest.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        try:
            self.manifest: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            whole = isinstance(self.manifest["tables"], dict) and {"name", "as_of"} <= set(self.manifest)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged("no readable manifest") from error
        if not whole:
            raise self._damaged("no whole manifest")

    def _damaged(self, what: str) -> StoreError:
        return StoreError(f"the snapshot has {what}", where=str(self.path), mend="analyse again")

    @property
    def name(self) -> str:
        """The snapshot's name: as-of date and a hash of all that went in."""
        return str(self.manifest["name"])

    @property
    def as_of(self) -> dt.date:
        """The day for which the land is judged."""
        return dt.date.fromisoformat(self.manifest["as_of"])

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables it holds."""
        return tuple(self.manifest["tables"])

    @cached_property
    def crs(self) -> CRS:
        """The working coordinate system: projected, in metres."""
        from pyproj import CRS

        return CRS.from_wkt(self.manifest["crs"])

    @cached_property
    def catalogue(self) -> dict[str, Any]:
        """Titles, units, formulas and sources of every table, field, finding and indicator."""
        try:
            found: dict[str, Any] = json.loads((self.path / CATALOGUE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self._damaged("no readable catalogue") from error
        return found

    @property
    def findings_catalogue(self) -> dict[str, dict[str, Any]]:
        """Titles, clause and source of each finding code."""
        found: dict[str, dict[str, Any]] = self.catalogue["findings"]
        return found

    def field(self, table: str, column: str) -> dict[str, Any]:
        """Titles, unit, formula and source of a column.

        Parameters
        ----------
        table, column
            Names in the snapshot.

        Returns
        -------
        dict
            ``zh``, ``en``, ``unit``, ``type`` and, for results, ``formula`` and ``source``. A column the catalogue
            does not know is titled by its own name.
        """
        known: dict[str, Any] = self.catalogue["fields"].get(table, {}).get(column, {})
        return {"zh": column, "en": column, "unit": "", "type": "text", **known}

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read a table.

        Parameters
        ----------
        table
            One of `tables`.
        columns
            Those that are wanted, without the geometry; None reads all.

        Returns
        -------
        geopandas.GeoDataFrame or pandas.DataFrame
            With geometry in the working coordinate system where the table has geometry.

        Raises
        ------
        NotFoundError
            The snapshot has no such table.
        StoreError
            The table's file is gone or damaged.
        """
        if table not in self.manifest["tables"]:
            raise NotFoundError(
                f"no table {table!r} in the snapshot",
                where=self.name,
                mend=f"it holds {name_some(self.tables, shown=30)}",
            )
        path = self.path / f"{table}.parquet"
        try:
            if columns is None and self.manifest["tables"][table]["geometry"]:
                return _read_spatial(path)
            import pandas as pd

            return pd.read_parquet(path, columns=None if columns is None else list(columns))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(f"a table that cannot be read: {path.name}") from error


def _read_spatial(path: Path) -> pd.DataFrame:
    """A table with geometry, as ``geopandas.read_parquet`` gives it, in half of its time: one file is no data set."""
    import geopandas as gpd
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        told = json.loads(file.schema_arrow.metadata[b"geo"])
        box = told["columns"][told["primary_column"]].get("covering", {}).get("bbox", {})
        helpers = {place[0] for place in box.values()}
        content = file.read(columns=[name for name in file.schema_arrow.names if name not in helpers])
    spatial: pd.DataFrame = gpd.GeoDataFrame.from_arrow(content, geometry=told["primary_column"])
    return spatial
