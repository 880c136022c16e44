"""What an image shows: indices and classes of pixels, and of all images of a parcel the one that tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

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

    Returns
    -------
    pandas.DataFrame
        On the parcels' index: ``imagery_on``, ``imagery_valid_share`` and the figures of the latest image that tells, and
        ``ndvi_change``, ``built_share_change`` against the earliest that may be compared with it. Where none tells, the image that saw
        most, for its valid share to say so. Of two of one day, the one that saw more. Missing where there is no image.
    """
    rows = long.assign(at=pd.Index(parcels["parcel_id"]).get_indexer(pd.Index(long["parcel_id"])))
    rows = rows[rows["at"] >= 0]
    rows = rows.assign(
        day=rows["imagery_on"].to_numpy(dtype="datetime64[s]").astype(np.int64),
        tells=(rows["valid_share"] >= min_valid_share) & rows[list(_FIGURES)].notna().any(axis=1),
    )
    first_key = rows["day"].where(rows["tells"], rows["valid_share"])
    second_key = rows["valid_share"].where(rows["tells"], rows["day"])
    order = np.lexsort((second_key, first_key, rows["tells"], rows["at"]))
    chosen = rows.iloc[order].drop_duplicates("at", keep="last").set_index("at")
    found = chosen[["imagery_on", *_KEPT]].rename(columns={"valid_share": "imagery_valid_share"})
    earlier = _earlier(rows, chosen, change_months, change_common_share)
    for name in ("ndvi", "built_share"):
        known = earlier[earlier[name].notna()].drop_duplicates("at").set_index("at")[name]
        found[f"{name}_change"] = found[name] - known
    found = found.reindex(np.arange(len(parcels))).set_axis(parcels.index)
    return found.astype({"imagery_on": "datetime64[s]"} | dict.fromkeys(found.columns[1:], "float64"))


def _earlier(
    rows: pd.DataFrame, chosen: pd.DataFrame, change_months: int, change_common_share: float
) -> pd.DataFrame:
    """Images that a parcel's chosen one may be compared with, the earliest first, of one day the one that saw most."""
    latest = chosen.loc[chosen["tells"], ["imagery_on", "valid_share"]]
    until = pd.DatetimeIndex(latest["imagery_on"]) - pd.DateOffset(months=change_months)
    held = pd.DataFrame(
        {"until": until.to_numpy(dtype="datetime64[s]"), "seen": latest["valid_share"]}, index=latest.index
    )
    pairs = rows[rows["tells"]].join(held, on="at", how="inner")
    both = pairs["valid_share"] + pairs["seen"] - 1.0 >= change_common_share - _ROUNDING
    pairs = pairs[both & (pairs["imagery_on"] <= pairs["until"])].reset_index(drop=True)
    return pairs.sort_values(["at", "day", "valid_share"], ascending=[True, True, False], kind="stable")
