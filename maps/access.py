"""How well each parcel is connected, for the map: what parcels can be coloured by, and the minutes that its pop-up shows.

A quantity is cut into at most five classes at round figures. Which class a parcel is in is one letter of a text, so a colouring costs
one byte a parcel; a parcel without a value has a class of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maps.columns import numbers
from maps.palette import NO_VALUE, quantity_styles
from parkgeo.i18n import LANGUAGES
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from maps.columns import Strings
    from maps.palette import Style
    from parkgeo.store import Snapshot

__all__ = ["MODES", "access_columns", "colourings", "minutes_table", "ramps", "round_breaks"]

MODES = {"car": "travel_min_", "truck": "truck_min_", "walk": "walk_min_"}
"""Who travels → how the columns of minutes to the nearest facility of a kind begin."""

_CLASSES = 5
_STEPS = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 240.0)
_OF_ALL = 0.02
"""Share of the parcels at either end that does not widen the steps: one far-off parcel must not make one class of all others."""

_SCORE_BREAKS = (20.0, 40.0, 60.0, 80.0)
_READY_BREAKS = (3.0, 4.0, 5.0, 6.0)


@dataclass(frozen=True)
class _Quantity:
    """A column to colour by: group of the choice, where its classes part, whether more is better, whether it counts things."""

    column: str
    group: str
    breaks: tuple[float, ...]
    more_is_better: bool = False
    counts: bool = False


def access_columns(parcels: pd.DataFrame) -> list[str]:
    """Columns of minutes to the nearest facility of a kind, in the order of the table."""
    return [str(name) for name in parcels.columns if str(name).startswith(tuple(MODES.values()))]


def round_breaks(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Round figures that part values into at most five classes.

    Parameters
    ----------
    values
        Minutes; missing ones are left out.

    Returns
    -------
    tuple of float
        Multiples of the least of some steps (1, 2, 5, 10, 15 … minutes) with which five classes are enough; empty where all are in
        one.

    Examples
    --------
    >>> import numpy as np
    >>> round_breaks(np.array([3.0, 8.0, 22.0, np.nan]))
    (5.0, 10.0, 15.0, 20.0)
    >>> round_breaks(np.array([41.2, 41.9]))
    ()
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return ()
    low, high = np.quantile(known, [_OF_ALL, 1 - _OF_ALL], method="nearest")
    longer = (_STEPS[-1] * 2**number for number in count(1))
    step = next(step for step in chain(_STEPS, longer) if _inside(low, high, step) < _CLASSES)
    breaks = (np.floor(low / step) + np.arange(1, 1 + _inside(low, high, step))) * step
    return tuple(float(value) for value in breaks)


def _inside(low: float, high: float, step: float) -> int:
    """Multiples of a step that lie between two figures."""
    return max(int(np.ceil(high / step) - np.floor(low / step)) - 1, 0)


def colourings(snapshot: Snapshot, parcels: gpd.GeoDataFrame, strings: Strings) -> list[dict[str, Any]]:
    """What the parcels can be coloured by, beside the verdict on idle land.

    Parameters
    ----------
    snapshot
        Gives titles.
    parcels
        In a projected system in metres.
    strings
        Where texts are stored.

    Returns
    -------
    list of dict
        ``key``, ``group`` (car, truck, walk, score), ``title``, ``kind`` of facility, ``unit``, ``bands`` (above what, up to what,
        null at the open ends), ``rows`` (count, ha, mu), with the class without a value last, ``classes``: a text with the number of
        each parcel's class. A column without any value is left out.
    """
    found = [
        *(
            _Quantity(name, mode, round_breaks(parcels[name].to_numpy(dtype=np.float64)))
            for mode, start in MODES.items()
            for name in access_columns(parcels)
            if name.startswith(start)
        ),
        _Quantity("access_score", "score", _SCORE_BREAKS, more_is_better=True),
        _Quantity("services_ready", "score", _READY_BREAKS, more_is_better=True, counts=True),
    ]
    return [
        _colouring(snapshot, parcels, quantity, strings)
        for quantity in found
        if quantity.column in parcels and parcels[quantity.column].notna().any()
    ]


def _colouring(
    snapshot: Snapshot, parcels: gpd.GeoDataFrame, quantity: _Quantity, strings: Strings
) -> dict[str, Any]:
    entry = snapshot.field("parcels", quantity.column)
    values = parcels[quantity.column].to_numpy(dtype=np.float64)
    bands = _bands(quantity)
    # Up to a break is still the class below it, as "within 15 minutes" includes 15.
    classes = np.searchsorted(quantity.breaks, values, side="left")
    if quantity.more_is_better:
        bands, classes = bands[::-1], len(bands) - 1 - classes
    classes[np.isnan(values)] = len(bands)
    areas = parcels.geometry.area.to_numpy()
    return {
        "key": quantity.column,
        "group": quantity.group,
        "kind": strings.place(_kind(quantity)),
        "title": [strings.place(entry[lang]) for lang in LANGUAGES],
        "unit": "" if entry["unit"] in ("1", "") else str(entry["unit"]),
        "bands": bands,
        "rows": [_row(areas[classes == number]) for number in range(len(bands) + 1)],
        "classes": "".join(map(str, classes)),
    }


def _kind(quantity: _Quantity) -> str | None:
    start = MODES.get(quantity.group)
    return None if start is None else quantity.column.removeprefix(start)


def _bands(quantity: _Quantity) -> list[list[float | None]]:
    """Above what and up to what each class goes; where things are counted and a class is one figure, that figure twice."""
    edges = [None, *quantity.breaks, None]
    bands = [[low, high] for low, high in pairwise(edges)]
    if quantity.counts:
        bands[1:-1] = [[high, high] for _, high in bands[1:-1]]
        last = quantity.breaks[-1] + 1
        bands[-1] = [last, last]
    return bands


def _row(areas: NDArray[np.float64]) -> dict[str, Any]:
    area = float(areas.sum())
    return {"count": len(areas), "ha": round(area / M2_PER_HA, 4), "mu": round(area / M2_PER_MU, 4)}


def ramps(found: list[dict[str, Any]]) -> dict[str, list[Style]]:
    """Number of classes → how each is drawn, for the colourings that there are; the class without a value last."""
    counts = sorted({len(colouring["bands"]) for colouring in found})
    return {str(count): [*quantity_styles(count), NO_VALUE] for count in counts}


def minutes_table(parcels: pd.DataFrame, strings: Strings) -> dict[str, Any]:
    """Minutes of each parcel to the nearest facility of each kind, by who travels.

    Parameters
    ----------
    parcels
        With columns of minutes.
    strings
        Where texts are stored.

    Returns
    -------
    dict
        ``kinds``, places of their codes; ``modes`` → for each kind the minutes of the parcels, or null where nothing is known of
        that kind and mode.
    """
    kinds = dict.fromkeys(
        name.removeprefix(start)
        for name in access_columns(parcels)
        for start in MODES.values()
        if name.startswith(start) and parcels[name].notna().any()
    )
    modes: dict[str, list[list[float | None] | None]] = {}
    for mode, start in MODES.items():
        columns = [parcels.get(f"{start}{kind}") for kind in kinds]
        told = [
            None if column is None or column.isna().all() else numbers(pd.Series(column), digits=1)
            for column in columns
        ]
        if any(column is not None for column in told):
            modes[mode] = told
    return {"kinds": strings.places(kinds), "modes": modes}
