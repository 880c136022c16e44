"""Filters: which rows of a table satisfy a condition.

The condition is CQL2, text or JSON. It is read into a tree, and the tree is evaluated on whole columns. Nothing of it is
ever executed as code, and it can name nothing but the table's columns.

Logic has three values, as in SQL: a comparison with a missing value is unknown, the contrary of unknown is unknown,
and only rows for which the whole condition is true are selected.

Rooms: `cql2_words` (what the words mean), `cql2_text` and `cql2_json` (reading), `cql2_shapes` and `cql2_times`
(literals); `where_columns` (a table made ready), `where_values`, `where_text`, `where_times`, `where_geometry` (how
values compare), `where_truth` (conditions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.store.cql2_json import normal, parse_json
from parkgeo.store.cql2_text import parse
from parkgeo.store.where_columns import Columns
from parkgeo.store.where_truth import truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Mask = npt.NDArray[np.bool_]

__all__ = ["Columns", "check", "evaluate", "parse", "parse_json", "select"]


def select(frame: pd.DataFrame, expression: str) -> Mask:
    """Rows for which a condition is true.

    Parameters
    ----------
    frame
        Any table; geometry conditions need a GeoDataFrame with a coordinate system.
    expression
        CQL2 text: comparisons, ``AND OR NOT``, ``LIKE`` (``%``, ``_``, escaped by a backslash; ``ILIKE`` and ``CASEI``
        ignore letter case), ``BETWEEN``, ``IN``, ``IS NULL``, ``+ - * /``; ``DATE('2026-06-30')``,
        ``TIMESTAMP('2026-06-30T08:00:00Z')`` and ``T_INTERSECTS(since, INTERVAL('2026-01-01', '..'))`` with the other
        relations of times; ``S_INTERSECTS(geometry, BBOX(west, south, east, north))`` or a WKT geometry, in degrees
        (CRS84), with the other relations of geometries and ``S_DWITHIN(geometry, POINT(121.5 29.8), metres)``.

    Returns
    -------
    numpy.ndarray of bool
        One a row, in the table's order.

    Raises
    ------
    FilterError
        The text cannot be read, names what is not a column, or compares what cannot be compared.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"idle": ["yes", "no", None], "area_m2": [900.0, 100.0, 500.0]})
    >>> select(table, "idle = 'yes' OR area_m2 BETWEEN 400 AND 600").tolist()
    [True, False, True]
    >>> select(table, "NOT idle = 'yes'").tolist()
    [False, True, False]
    """
    return evaluate(frame, parse(expression))


def evaluate(table: pd.DataFrame | Columns, tree: dict[str, Any] | bool) -> Mask:  # noqa: FBT001 - a condition may be a bare true
    """Rows for which a condition in CQL2 JSON is true.

    Parameters
    ----------
    table
        As for `select`; or its `Columns`, which answer further filters faster.
    tree
        As `parse` and `parse_json` give it; from elsewhere it may be anything.

    Returns
    -------
    numpy.ndarray of bool

    Raises
    ------
    FilterError
        The tree is not a condition on this table.
    """
    import numpy as np

    columns = table if isinstance(table, Columns) else Columns(table)
    found = np.asarray(truth(columns, normal(tree)).yes, dtype=bool)
    # What does not depend on the rows is one flag for all of them.
    return found if found.ndim else np.full(len(columns), found, dtype=bool)


def check(tree: dict[str, Any] | bool, kinds: Mapping[str, str], *, geometry: str | None = None) -> None:  # noqa: FBT001 - as evaluate
    """Refuse a condition that does not fit a table, without its rows.

    Whatever keeps the rows refuses the same conditions in the same words, if it asks this first.

    Parameters
    ----------
    tree
        As for `evaluate`.
    kinds
        Columns that may be named → ``number``, ``text``, ``flag``, ``time`` (dates, points in time) or ``other`` (lists
        and the like: only missing or not). A column that must not be named is simply not there.
    geometry
        The geometry column; None where there is none.

    Raises
    ------
    FilterError
        The condition names what is not there, or compares what cannot be compared.

    Examples
    --------
    >>> check(parse("area > 100"), {"area": "number"})
    >>> check(parse("area = 'yes'"), {"area": "number"})
    Traceback (most recent call last):
        ...
    parkgeo.errors.FilterError: column 'area' holds numbers, compared with 'yes' — write the number without quotes
    """
    truth(Columns.of_kinds(kinds, geometry), normal(tree))
