"""What an image shows: indices and classes of pixels, and of all images of a parcel the one that tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.metrics.ids import parcel_places

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    Bands = Mapping[str, NDArray[np.float32]]

__all__ = [
    "CLASSES",
    "INDICES",
    "ROLES",
    "Thresholds",
    "classes_of",
    "classes_told",
    "index_of",
    "indices_told",
    "summarise",
]

INDICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ndvi": (("nir",), ("red",)),
    "ndbi": (("swir1",), ("nir",)),
    "bsi": (("swir1", "red"), ("nir", "blue")),
    "ndwi": (("green",), ("nir",)),
    "mndwi": (("green",), ("swir1",)),
}
"""Index → the bands it adds and those it takes away: (sum of the first − sum of the others) ÷ sum of all."""

CLASSES = ("built", "vegetated", "bare", "water")
"""What a pixel is taken for."""

ROLES = ("blue", "green", "red", "nir", "swir1")
"""Roles of bands that the indices need."""

_SHOWN = ("ndvi", "ndbi", "bsi")
_FIGURES = (*_SHOWN, *(f"{name}_share" for name in CLASSES))
_KEPT = ("valid_share", *_SHOWN, "built_share", "vegetated_share", "bare_share")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Thresholds:
    """From which value of an index on a pixel belongs to a class.

    Attributes
    ----------
    vegetated_ndvi
        NDVI of vegetation.
    water_mndwi, water_ndwi
        MNDWI of water, and NDWI where there is no short-wave infrared.
    bare_bsi
        Bare soil index of open soil; what is neither vegetation nor water nor this is built.
    """

    vegetated_ndvi: float
    water_mndwi: float
    water_ndwi: float
    bare_bsi: float


def indices_told(roles: Collection[str]) -> tuple[str, ...]:
    """The indices among NDVI, NDBI and BSI that bands of these roles give.

    Examples
    --------
    >>> indices_told({"red", "nir"})
    ('ndvi',)
    """
    return tuple(name for name in _SHOWN if _given(name, roles))


def classes_told(roles: Collection[str]) -> tuple[str, ...]:
    """The classes that bands of these roles tell apart.

    Examples
    --------
    >>> classes_told({"green", "red", "nir"})
    ('vegetated', 'water')
    """
    if not _given("ndvi", roles):
        return ()
    water = _given("mndwi", roles) or _given("ndwi", roles)
    soil = water and _given("bsi", roles)
    return tuple(name for name in CLASSES if name == "vegetated" or (water if name == "water" else soil))


def _given(index: str, roles: Collection[str]) -> bool:
    return all(role in roles for side in INDICES[index] for role in side)


def index_of(name: str, bands: Bands) -> NDArray[np.float32]:
    """An index of each pixel.

    Parameters
    ----------
    name
        One of `INDICES`.
    bands
        Role → reflectance from 0 up, in any unit that all share.

    Returns
    -------
    numpy.ndarray
        float32 from −1 to 1; NaN where all its bands are 0.

    References
    ----------
    NDVI: Rouse et al. 1974. NDBI: Zha, Gao and Ni 2003. BSI: Rikimaru, Roy and Miyatake 2002. NDWI: McFeeters 1996. MNDWI: Xu 2006.

    Examples
    --------
    >>> index_of("ndvi", {"red": np.array([1, 0], np.float32), "nir": np.array([3, 0], np.float32)}).tolist()
    [0.5, nan]
    """
    added, taken = ([bands[role] for role in side] for side in INDICES[name])
    above, below = (parts[0] if len(parts) == 1 else parts[0] + parts[1] for parts in (added, taken))
    whole = above + below
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float32] = np.divide(above - below, whole)
    return found


def classes_of(
    bands: Bands, indices: Mapping[str, NDArray[np.float32]], thresholds: Thresholds
) -> dict[str, NDArray[np.bool_]]:
    """Which pixels belong to each class: vegetated by their NDVI, else water, else bare by their BSI, else built.

    Parameters
    ----------
    bands
        Role → reflectance, as for `index_of`.
    indices
        Those of `indices_told`, by name.
    thresholds
        From which value on.

    Returns
    -------
    dict
        Class → where it is, for those of `classes_told`; a pixel is of one class at most, of none where its index is NaN.
    """
    told = classes_told(bands)
    if not told:
        return {}
    found = {"vegetated": indices["ndvi"] >= thresholds.vegetated_ndvi}
    if "water" in told:
        by, least = (
            ("mndwi", thresholds.water_mndwi) if _given("mndwi", bands) else ("ndwi", thresholds.water_ndwi)
        )
        found["water"] = (index_of(by, bands) >= least) & ~found["vegetated"]
    if "bare" in told:
        ground = ~(found["vegetated"] | found["water"])
        found["bare"] = (indices["bsi"] >= thresholds.bare_bsi) & ground
        found["built"] = (indices["bsi"] < thresholds.bare_bsi) & ground
    return found


def summarise(
    long: pd.DataFrame,
    parcels: pd.DataFrame,
    *,
    min_valid_share: float,
    change_months: int,
    change_common_share: float,
    place: NDArray[np.intp] | None = None,
) -> pd.DataFrame:
    """What the images say of each parcel.

    Parameters
    ----------
    long
        A row a parcel and image: ``parcel_id``, ``imagery_on``, ``valid_share``, ``ndvi``, ``ndbi``, ``bsi``, ``built_share``,
        ``vegetated_share``, ``bare_share``, ``water_share``; shares of 0 … 1.
    parcels
        With ``parcel_id``, each once.
    min_valid_share
        Share of a parcel's area that an image must have seen to tell of it.
    change_months
        How far two images lie apart at least to be compared.
    change_common_share
        Share of the area that both must have seen: at least the sum of their valid shares less one.
    place
        Position of the parcel of each row, -1 where it is none of them; None: it is looked up.

    Returns
    -------
    pandas.DataFrame
        On the parcels' index: ``imagery_on``, ``imagery_valid_share`` and the figures of the latest image that tells, and
        ``ndvi_change``, ``built_share_change`` against the earliest that may be compared with it. Where none tells, the image that saw
        most, for its valid share to say so. Of two of one day, the one that saw more. Missing where there is no image.
    """
    if place is None:
        place = parcel_places(long["parcel_id"], parcels["parcel_id"])
    inside = place >= 0
    seen = _Seen.of(long, place) if inside.all() else _Seen.of(long[inside], place[inside])
    tells = (seen.valid >= min_valid_share) & ~np.logical_and.reduce(
        [np.isnan(each) for each in seen.figures]
    )
    first, second = np.where(tells, seen.day, seen.valid), np.where(tells, seen.valid, seen.day)
    order = np.lexsort((second, first, tells, seen.place))
    chosen = np.full(len(parcels) + 1, -1)
    chosen[seen.place[order]] = order  # the last write wins: the best of a parcel
    chosen = chosen[:-1]
    none = chosen < 0
    columns = {"imagery_on": np.where(none, np.datetime64("NaT", "s"), _at(seen.taken, chosen))}
    for name in _KEPT:
        own = _at(long[name].to_numpy(dtype=float)[inside], chosen)
        columns["imagery_valid_share" if name == "valid_share" else name] = np.where(none, np.nan, own)
    earlier = _earlier(seen, tells, chosen, change_months, change_common_share)
    for name in ("ndvi", "built_share"):
        values = long[name].to_numpy(dtype=float)[inside]
        known = earlier[~np.isnan(values[earlier])][::-1]
        before = np.full(len(parcels), np.nan)
        before[seen.place[known]] = values[known]  # backwards, so that the first is the last to be written
        columns[f"{name}_change"] = columns[name] - before
    return pd.DataFrame(columns, index=parcels.index, copy=False)


@dataclass(frozen=True)
class _Seen:
    """Rows of images of parcels: which parcel, which day, which share of it, and the figures."""

    place: NDArray[np.intp]
    taken: NDArray[np.datetime64]
    valid: NDArray[np.float64]
    figures: list[NDArray[np.float64]]

    @classmethod
    def of(cls, rows: pd.DataFrame, place: NDArray[np.intp]) -> _Seen:
        return cls(
            place,
            rows["imagery_on"].to_numpy(dtype="datetime64[s]"),
            rows["valid_share"].to_numpy(dtype=float),
            [rows[name].to_numpy(dtype=float) for name in _FIGURES],
        )

    @property
    def day(self) -> NDArray[np.int64]:
        return self.taken.astype(np.int64)


def _at(values: NDArray[Any], rows: NDArray[np.intp]) -> NDArray[Any]:
    """Values of rows; of no row, -1, whatever stands last."""
    return values[rows] if len(values) else np.zeros(len(rows), dtype=values.dtype)


def _earlier(
    seen: _Seen,
    tells: NDArray[np.bool_],
    chosen: NDArray[np.intp],
    change_months: int,
    change_common_share: float,
) -> NDArray[np.intp]:
    """Images that a parcel's chosen one may be compared with, the earliest first, of one day the one that saw most."""
    own = chosen[seen.place]
    day, until = seen.day, _months_before(seen.taken, change_months)
    both = seen.valid + seen.valid[own] - 1.0 >= change_common_share - _ROUNDING
    rows = np.flatnonzero(tells & tells[own] & both & (day <= until[own]))
    return rows[np.lexsort((-seen.valid[rows], day[rows], seen.place[rows]))]


def _months_before(taken: NDArray[np.datetime64], months: int) -> NDArray[np.int64]:
    """Seconds of the same moment some months before; many rows are of few images."""
    place, moments = pd.factorize(taken)
    before = pd.DatetimeIndex(moments) - pd.DateOffset(months=months)
    return before.to_numpy(dtype="datetime64[s]").astype(np.int64)[place]
