"""A project's images → what each shows of each parcel, and what is the matter with them.

Images are evidence, not a condition: one that cannot be used is named in the account, and the others tell what they can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import ProjError

from parkgeo.errors import InputError, ProjectError
from parkgeo.ingest.account import Account
from parkgeo.ingest.crs import datum_shift_known, to_crs
from parkgeo.ingest.zonal import FIGURES, Looking
from parkgeo.layers import sentence
from parkgeo.metrics.imagery import ROLES, Thresholds, indices_told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.ingest.openers import Opener
    from parkgeo.layers import RasterSource
    from parkgeo.packs import RuleBook

__all__ = ["COLUMNS", "empty_pixels", "in_its_system", "looking_at", "parcel_pixels"]

COLUMNS = ("parcel_id", "imagery_on", *FIGURES, "source_file")
"""Columns of the long table: a row a parcel and image."""

_LAYER = "imagery"


def parcel_pixels(
    opener: Opener,
    imagery: Sequence[RasterSource],
    parcels: gpd.GeoDataFrame,
    rules: RuleBook,
    *,
    until: dt.date | None = None,
    shown: Callable[[Path], str] = str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each image shows of each parcel.

    Parameters
    ----------
    opener
        Who opens the images.
    imagery
        Their headers.
    parcels
        With ``parcel_id``, in a projected coordinate system; they are brought to the images, not the pixels to them.
    rules
        The packs in force; the group ``imagery``.
    until
        Images of a later day are not looked at.
    shown
        How a file is called in the account and in ``source_file``.

    Returns
    -------
    tuple
        The long table, `COLUMNS`: ``imagery_on`` datetime64[s], figures float64 as of `parkgeo.ingest.zonal.read_pixels`, in the order
        of the images' days. And rows for the account's table of faults: an image that cannot be read or used is a fault; how many
        parcels an image does not show well enough, a note.
    """
    account, parts = Account(), []
    least = rules["imagery.min_valid_share"].number("1")
    for image in sorted(imagery, key=lambda one: (one.date is None, one.date, str(one.path))):
        file = shown(image.path)
        if image.date is None:
            account.fault(
                _LAYER, file, sentence("an image without its day, so it is not looked at"),
                sentence("write date = the day it was taken beside its path in park.toml"), field="date",
            )  # fmt: skip
        elif until is not None and image.date > until:
            account.note(
                _LAYER, file, sentence("an image of {day}, after the day of judgement, so it is not looked at", day=str(image.date))
            )  # fmt: skip
        else:
            part = _seen_by(opener, image, parcels, looking_at(image, rules), account, file)
            if part is not None:
                part.insert(1, "imagery_on", np.datetime64(image.date, "s"))
                part["source_file"] = file
                _say_what_is_hidden(part, least, account, file)
                parts.append(part)
    faults = account.tables()["faults"]
    return (pd.concat(parts, ignore_index=True) if parts else empty_pixels()), faults


def looking_at(image: RasterSource, rules: RuleBook) -> Looking:
    """How an image is looked at: its bands, and the packs' thresholds."""
    roles = (*ROLES, "cloud", "scl")
    return Looking(
        bands={role: image.bands[role] for role in roles if role in image.bands},
        thresholds=Thresholds(
            vegetated_ndvi=rules["imagery.vegetated_ndvi"].number("1"),
            water_mndwi=rules["imagery.water_mndwi"].number("1"),
            water_ndwi=rules["imagery.water_ndwi"].number("1"),
            bare_bsi=rules["imagery.bare_bsi"].number("1"),
        ),
        unclear_scl=tuple(int(text) for text in rules["imagery.unclear_scl"].texts() if text.isdecimal()),
    )


def _seen_by(
    opener: Opener,
    image: RasterSource,
    parcels: gpd.GeoDataFrame,
    looking: Looking,
    account: Account,
    file: str,
) -> pd.DataFrame | None:
    """The rows of one image; None where it cannot be used, which the account then says."""
    if not indices_told(looking.bands):
        account.fault(
            _LAYER, file, sentence("its bands red and nir are not named, so it tells nothing of vegetation or soil"),
            sentence("write bands = {{ red = 3, nir = 4 }} and so on in park.toml: role = number of the band"), field="bands",
        )  # fmt: skip
        return None
    try:
        found = opener.pixels(image, in_its_system(image, parcels, account, file), looking)
    except (InputError, ProjectError) as error:
        account.fault(
            _LAYER, file, sentence("the image is not looked at: {why}", why=error.what),
            sentence("{mend}; the analysis went on without it", mend=error.mend or "save it again as GeoTIFF"),
        )  # fmt: skip
        return None
    found.insert(0, "parcel_id", parcels["parcel_id"].to_numpy(dtype=object))
    return found


def in_its_system(
    image: RasterSource, parcels: gpd.GeoDataFrame, account: Account, file: str, *, layer: str = _LAYER
) -> NDArray[np.object_]:
    """The parcels' outlines in a raster's coordinate system; the account says where the way there is doubtful.

    Raises
    ------
    InputError
        There is no way there.
    """
    shapes: NDArray[np.object_] = np.asarray(parcels.geometry.array, dtype=object)
    try:
        system = CRS.from_wkt(image.crs).to_2d()
        moved = to_crs(shapes, parcels.crs, system)
        known = datum_shift_known(parcels.crs, system)
    except ProjError as error:
        raise InputError(
            "the parcels cannot be brought into its coordinate system", where=str(image.path),
            mend="save it in the parcels' coordinate system",
        ) from error  # fmt: skip
    if not known:
        account.fault(
            layer, file,
            sentence("between its datum and the parcels' no way is published: its pixels may lie 100 m and more beside the parcels"),
            sentence("save it in the parcels' coordinate system by an official transformation"),
        )  # fmt: skip
    return moved


def _say_what_is_hidden(part: pd.DataFrame, least: float, account: Account, file: str) -> None:
    """Parcels that an image does not show, or too little of."""
    share = part["valid_share"].to_numpy(dtype=np.float64)
    if not (share > 0).any():
        account.fault(
            _LAYER, file, sentence("of no parcel anything is seen: all is cloud, without data, or beyond the image"),
            sentence("give an image of a clear day that covers the parcels; see that its crs, nodata and cloud bands are right"),
        )  # fmt: skip
        return
    hidden = part.loc[share < least, "parcel_id"]
    if len(hidden):
        account.note(
            _LAYER, file,
            sentence(
                "of {hidden} of {all} parcels less than {least} % of the area is seen (cloud, no data, or beyond the image): {ids}",
                hidden=len(hidden), all=len(part), least=f"{least * 100:g}", ids=tuple(hidden),
            ),
        )  # fmt: skip


def empty_pixels() -> pd.DataFrame:
    """The long table of no image."""
    kinds = {"parcel_id": "object", "imagery_on": "datetime64[s]", "source_file": "object"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "float64")) for name in COLUMNS})
