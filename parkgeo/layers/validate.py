"""A layer exists only after its validator.

Rows that cannot be used go to the rejects with a reason; what is doubtful becomes a fault. All faults are gathered and
said once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import name_some

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.layers.schema import LayerSchema

__all__ = ["Fault", "Reject", "Validated", "validate"]

_FAMILY_TYPES = {"polygon": (3, 6), "line": (1, 5), "any": (0, 1, 3, 4, 5, 6)}


@dataclass(frozen=True)
class Reject:
    """Rows that are left out of a layer, and why.

    Attributes
    ----------
    rows
        Positions in the frame.
    reason
        What is wrong, in English; a key of the message catalogue.
    mend
        How to mend it.
    """

    rows: NDArray[np.intp]
    reason: str
    mend: str


@dataclass(frozen=True)
class Fault:
    """Something doubtful in rows that stay.

    Attributes
    ----------
    rows
        Positions in the frame.
    field
        The field concerned; empty for the whole row.
    what, mend
        What is wrong and how to mend it.
    """

    rows: NDArray[np.intp]
    field: str
    what: str
    mend: str


@dataclass(frozen=True)
class Validated:
    """A validated layer and its account.

    Attributes
    ----------
    frame
        The accepted rows, sorted by the layer's key, with a fresh index.
    rejects, faults
        By position in the frame that was given.
    """

    frame: pd.DataFrame
    rejects: tuple[Reject, ...]
    faults: tuple[Fault, ...]


def validate(layer: LayerSchema, frame: pd.DataFrame) -> Validated:
    """Check a layer's rows.

    Parameters
    ----------
    layer
        Its schema.
    frame
        One row a feature, columns named by the schema and typed; geometry, where the layer has any, valid and in one
        projected coordinate system in metres.

    Returns
    -------
    Validated
        Every row of ``frame`` is in its ``frame`` or in exactly one of its ``rejects``.

    Notes
    -----
    Rejected: no value in a required field; geometry that is null, empty, not finite, of another family or, for
    polygons, without area; an id that stands in several rows. Of rows that are equal in every field and in geometry
    the first stays; of rows that differ none does, for which of them is right is not ours to guess.
    """
    left = np.ones(len(frame), dtype=bool)
    rejects: list[Reject] = []
    for found in (*_required(layer, frame), *_geometry(layer, frame)):
        rows = np.intersect1d(found.rows, np.flatnonzero(left))
        if len(rows):
            rejects.append(Reject(rows, found.reason, found.mend))
            left[rows] = False
    for found in _duplicates(layer, frame, np.flatnonzero(left)):
        rejects.append(found)
        left[found.rows] = False
    kept = np.flatnonzero(left)
    faults = tuple(_beyond_limits(layer, frame, kept))
    accepted = frame.iloc[kept].copy()
    for fault in faults:
        beyond = frame.index[fault.rows]
        accepted.loc[beyond, fault.field] = np.nan
        if "unreadable" in accepted:
            before = accepted.loc[beyond, "unreadable"]
            accepted.loc[beyond, "unreadable"] = [
                fault.field if pd.isna(names) else f"{names}, {fault.field}" for names in before
            ]
    if layer.key:
        accepted = accepted.sort_values(layer.key, kind="stable")
    return Validated(accepted.reset_index(drop=True), tuple(rejects), faults)


def _required(layer: LayerSchema, frame: pd.DataFrame) -> list[Reject]:
    return [
        Reject(
            np.flatnonzero(frame[field.name].isna()),
            f"no value in {field.name} ({field.zh})",
            f"fill in {field.zh} / {field.en}",
        )
        for field in layer.fields.values()
        if field.required and field.name in frame
    ]


def _geometry(layer: LayerSchema, frame: pd.DataFrame) -> list[Reject]:
    if layer.geometry == "none":
        return []
    shapes: NDArray[np.object_] = np.asarray(frame.geometry.array, dtype=object)
    null = shapely.is_missing(shapes)
    empty = shapely.is_empty(shapes)
    bounds = shapely.bounds(shapes)
    infinite = ~np.isfinite(bounds).all(axis=1) & ~null & ~empty
    other = ~np.isin(shapely.get_type_id(shapes), _FAMILY_TYPES[layer.geometry])
    found = [
        Reject(np.flatnonzero(null), "no geometry", "draw it, or delete the row"),
        Reject(np.flatnonzero(empty), "empty geometry", "draw it, or delete the row"),
        Reject(np.flatnonzero(infinite), "coordinates that are not finite", "correct the coordinates or the CRS"),
        Reject(np.flatnonzero(other), f"not a {layer.geometry}", f"give a {layer.geometry}"),
    ]
    if layer.geometry == "polygon":
        flat = shapely.area(shapes) <= 0
        found.append(Reject(np.flatnonzero(flat), "a polygon without area", "draw it again, or delete the row"))
    return found


def _duplicates(layer: LayerSchema, frame: pd.DataFrame, kept: NDArray[np.intp]) -> list[Reject]:
    if not layer.key or layer.key not in frame:
        return []
    rows = frame.iloc[kept]
    repeated = rows[layer.key].duplicated(keep=False).to_numpy()
    if not repeated.any():
        return []
    content = _content(layer, rows[repeated])
    same_as_earlier = content.duplicated(keep="first").to_numpy()
    variants = content[~content.duplicated()].groupby(layer.key, sort=False).size()
    differs = content[layer.key].map(variants).to_numpy() > 1
    positions = kept[repeated]
    ids = name_some(sorted({str(value) for value in content[layer.key][differs]}))
    copies = Reject(
        positions[same_as_earlier & ~differs], "a copy of an earlier row with the same id", "delete the copies"
    )
    clashing = Reject(
        positions[differs],
        f"the same id in several rows that differ: {ids}",
        "give each its own id, or join the parts of one into a multipart feature",
    )
    return [found for found in (copies, clashing) if len(found.rows)]


def _content(layer: LayerSchema, rows: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in layer.fields if name in rows]
    content = pd.DataFrame({name: rows[name].astype(str) for name in columns})
    if layer.geometry != "none":
        frame: gpd.GeoDataFrame = rows
        content["geometry"] = shapely.to_wkb(shapely.normalize(np.asarray(frame.geometry.array, dtype=object)))
    return content


def _beyond_limits(layer: LayerSchema, frame: pd.DataFrame, kept: NDArray[np.intp]) -> list[Fault]:
    found = []
    for field in layer.fields.values():
        if field.name not in frame or (field.minimum is None and field.maximum is None):
            continue
        values = pd.to_numeric(frame[field.name]).to_numpy(dtype=float, na_value=np.nan)[kept]
        low = -np.inf if field.minimum is None else field.minimum
        high = np.inf if field.maximum is None else field.maximum
        rows = kept[(values < low) | (values > high)]
        if len(rows):
            limits = f"below {low:g}" if field.maximum is None else f"not within {low:g} to {high:g}"
            shown = name_some(frame[field.name].iloc[rows])
            found.append(Fault(rows, field.name, f"{field.name} is {limits}: {shown}", "correct the value or its unit"))
    return found
