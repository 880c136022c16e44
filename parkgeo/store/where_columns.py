"""A table's columns made ready for filters, each once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError, name_some
from parkgeo.store.where_text import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["Columns", "Values"]

_NEAR_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Values:
    """One value a row, or one for all.

    Attributes
    ----------
    kind
        ``number``, ``text``, ``flag``, ``time`` (points in time, UTC), ``day``, ``open`` (an end of an interval that is
        not there), ``nothing`` (no row has a value), or ``other`` (lists, geometry: only missing or not).
    data
        Array, `Texts`, or one value.
    known
        Where there is a value; array, or one flag for all.
    name
        What to call it in a message.
    """

    kind: str
    data: Any
    known: Any
    name: str


class Columns:
    """Columns of one table as filters read them.

    A column is made ready when a filter first names it, and kept: on a table that does not change, make one of these
    and use it for every filter. Any number of threads may.

    Parameters
    ----------
    frame
        Any table; it must not change.
    degrees
        Its geometry in CRS84, None where it is missing or empty, if that is at hand; else the frame's own is brought
        there when it is first asked for.
    tree
        A tree of `degrees`, where one is at hand.

    Examples
    --------
    >>> import pandas as pd
    >>> Columns(pd.DataFrame({"idle": ["yes", None]}))["idle"].kind
    'text'
    """

    def __init__(self, frame: pd.DataFrame, *, degrees: Any = None, tree: Any = None) -> None:
        self.frame = frame
        self.names = [str(name) for name in frame.columns]
        self._geometry: str | None = getattr(frame, "active_geometry_name", None)
        self._ready: dict[str, Values] = {}
        self._folded: dict[str, Values] = {}
        self._degrees = degrees
        self._tree = tree

    @classmethod
    def of_kinds(cls, kinds: Mapping[str, str], geometry: str | None = None) -> Columns:
        """Columns without rows, of which only the kinds are known.

        Parameters
        ----------
        kinds
            Column → kind, as `Values` names it.
        geometry
            The geometry column; None where there is none.
        """
        import numpy as np
        import pandas as pd

        columns = cls(pd.DataFrame(), degrees=np.empty(0, dtype=object))
        columns._geometry = geometry
        none = np.empty(0, dtype=bool)
        empty = {
            "number": np.empty(0, dtype=float),
            "flag": none,
            "time": np.empty(0, dtype="datetime64[us]"),
            "text": Texts(np.empty(0, dtype=np.int32), []),
        }
        for name, kind in {**kinds, **({geometry: "other"} if geometry else {})}.items():
            columns._ready[name] = Values(kind, empty.get(kind), none, f"column {name!r}")
        columns.names = list(columns._ready)
        return columns

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, name: str) -> Values:
        found = self._ready.get(name)
        if found is None:
            self._demand(name)
            found = self._ready[name] = _prepared(name, self.frame[name])
        return found

    def folded(self, name: str) -> Values:
        """A column of text without regard to letter case."""
        found = self._folded.get(name)
        if found is None:
            plain = self[name]
            found = self._folded[name] = Values(plain.kind, plain.data.folded(), plain.known, plain.name)
        return found

    @property
    def geometry(self) -> str:
        """Name of the geometry column.

        Raises
        ------
        FilterError
            There is none.
        """
        if self._geometry is None:
            raise FilterError("this table has no geometry", mend="filter it by its columns")
        return self._geometry

    @property
    def degrees(self) -> Any:
        """The geometry in CRS84; None where it is missing or empty.

        Raises
        ------
        FilterError
            It has no coordinate system.
        """
        import shapely

        if self._degrees is None:
            own = self.frame[self.geometry]
            if own.crs is None:
                raise FilterError("this table's geometry has no coordinate system")
            moved = own.to_crs("OGC:CRS84").to_numpy()
            moved[shapely.is_empty(moved)] = None
            self._degrees = moved
        return self._degrees

    @property
    def tree(self) -> Any:
        """A tree of the geometry in CRS84."""
        if self._tree is None:
            import shapely

            self._tree = shapely.STRtree(self.degrees)
        return self._tree

    def demand_geometry(self, name: str) -> None:
        """Raise FilterError unless a name is the geometry column's."""
        own = self.geometry
        if name != own:
            self._demand(name)
            raise FilterError(f"column {name!r} is no geometry", mend=f"write {own}")

    def _demand(self, name: str) -> None:
        if name in self.names:
            return
        near: list[str] = []
        if len(name) <= _NEAR_LENGTH:
            folded = {column.casefold(): column for column in self.names}
            near = [
                folded[word] for word in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
            ]
        there = name_some(self.names, shown=30)
        raise FilterError(
            f"no column {name[:_NEAR_LENGTH]!r}",
            mend=f"did you mean {' or '.join(near)}?" if near else f"there are: {there}",
        )


def _prepared(name: str, series: pd.Series[Any]) -> Values:
    """A column as filters read it."""
    import numpy as np
    import pandas as pd
    import shapely

    called = f"column {name!r}"
    kind = _kind_of(series)
    known: Any
    data: Any = None
    if series.dtype.name == "geometry":
        shapes = series.to_numpy()
        known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        return Values("other", None, known, called)
    known = series.notna().to_numpy(dtype=bool)
    if kind == "number":
        data = pd.to_numeric(series).to_numpy(dtype=float, na_value=np.nan)
        # What is larger than any number is as good as missing; the API writes it so, too.
        known = np.isfinite(data)
    elif kind == "flag":
        data = series.astype("boolean").fillna(value=False).to_numpy(dtype=bool)
    elif kind == "time":
        times = pd.to_datetime(series)
        times = times.dt.tz_convert("UTC").dt.tz_localize(None) if times.dt.tz is not None else times
        data = times.to_numpy(dtype="datetime64[us]")
    elif kind == "text":
        data = Texts.of(series.astype(object).to_numpy(), known)
    return Values(kind, data, np.True_ if known.all() else known, called)


def _kind_of(series: pd.Series[Any]) -> str:
    import pandas as pd

    dtype = series.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "flag"
    if pd.api.types.is_numeric_dtype(dtype):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "time"
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    known = {"string": "text", "boolean": "flag", "empty": "nothing", "categorical": "text"}
    known |= dict.fromkeys(("date", "datetime", "datetime64"), "time")
    known |= dict.fromkeys(("integer", "floating", "mixed-integer-float", "decimal"), "number")
    return known.get(inferred, "other")
