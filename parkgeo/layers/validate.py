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

from parkgeo.layers.sentence import sentence
from parkgeo.layers.validity import are_valid

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.layers.schema import Field, LayerSchema
    from parkgeo.layers.sentence import Sentence

__all__ = ["FARTHEST_M", "Fault", "Reject", "Validated", "validate"]

FARTHEST_M = 1e8
"""No projected system in metres reaches beyond it: eastings with a zone prefix are the largest that there are."""

# Fields whose blank cell means something of its own, so that a cell that cannot be read must not become blank.
_BLANK_TELLS = {
    "month": (
        sentence("the month cannot be read, so whether the figure is of a month or of a year is not known"),
        sentence("write 1 to 12, or leave it blank for a whole year"),
    )
}
_DELETE_OR_DRAW = sentence("draw it, or delete the row")
_FAMILIES = {
    "polygon": sentence("not a polygon"),
    "line": sentence("not a line"),
    "point": sentence("not a point"),
    "any": sentence("not a point, line or polygon"),
}
_FAMILY_TYPES = {"polygon": (3, 6), "line": (1, 5), "point": (0, 4), "any": (0, 1, 3, 4, 5, 6)}


@dataclass(frozen=True)
class Reject:
    """Rows that are left out of a layer, and why.

    Attributes
    ----------
    rows
        Positions in the frame.
    reason, mend
        What is wrong and how to mend it.
    """

    rows: NDArray[np.intp]
    reason: Sentence
    mend: Sentence


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
    what: Sentence
    mend: Sentence


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


def validate(layer: LayerSchema, frame: pd.DataFrame, *, sound: NDArray[np.bool_] | None = None) -> Validated:
    """Check a layer's rows.

    Parameters
    ----------
    layer
        Its schema.
    frame
        One row a feature, columns named by the schema and typed; geometry, where the layer has any, in one projected
        coordinate system in metres. ``unreadable``, where it is there, names the row's fields, joined by a comma,
        whose cell holds something that could not be read.
    sound
        Whether a row's geometry is known to be valid already, so that it need not be asked again; without it, of none.

    Returns
    -------
    Validated
        Every row of ``frame`` is in its ``frame`` or in exactly one of its ``rejects``.

    Notes
    -----
    Rejected: no value in a required field, or one beyond its limits; a month that cannot be read, for without one the
    figure would be of the whole year; geometry that is null, empty, not finite, invalid, of another family, a polygon
    without area, a line without length or, where the layer has points, several in one row; copies. Of rows that are
    equal in every field and in geometry the first stays. Of rows that differ and share an id that others refer to
    (parcels, parks, companies) none stays, for which of them is right is not ours to guess; where nothing refers to the
    id (buildings, roads) it is numbered apart and said.
    """
    left = np.ones(len(frame), dtype=bool)
    rejects: list[Reject] = []
    for found in (*_required(layer, frame), *_blank_tells(layer, frame), *_geometry(layer, frame, sound)):
        rows = found.rows[left[found.rows]]
        if len(rows):
            rejects.append(Reject(rows, found.reason, found.mend))
            left[rows] = False
    copies = _copies(layer, frame, np.flatnonzero(left))
    if len(copies):
        rejects.append(Reject(copies, sentence("a copy of an earlier row"), sentence("delete the copies")))
        left[copies] = False
    faults = []
    clashing = _clashing(layer, frame, np.flatnonzero(left))
    if len(clashing) and _referred_to(layer):
        mend = sentence("give each its own id, or join the parts of one into a multipart feature")
        rejects.append(Reject(clashing, sentence("the same id in several rows that differ"), mend))
        left[clashing] = False
    elif len(clashing):
        faults.append(_ids_fault(layer, frame, clashing))
    kept = np.flatnonzero(left)
    faults.extend(_beyond_limits(layer, frame, kept))
    accepted = frame.copy() if faults else frame
    for fault in faults:
        if fault.field != layer.key:
            _blank_out(accepted, frame.index[fault.rows], fault.field)
    if len(clashing) and not _referred_to(layer):
        accepted[layer.key] = _numbered_apart(accepted[layer.key], clashing)
    order = kept[_by_id(accepted[layer.key].iloc[kept])] if layer.key else kept
    return Validated(accepted.iloc[order].reset_index(drop=True), tuple(rejects), tuple(faults))


def _by_id(ids: pd.Series[str]) -> NDArray[np.intp]:
    """Positions in the order of the ids; equal ones as they stand, missing ones last."""
    given = ids.tolist()
    named = np.flatnonzero(ids.notna().to_numpy())
    order = sorted(named.tolist(), key=given.__getitem__)
    return np.concatenate([np.array(order, dtype=np.intp), np.flatnonzero(ids.isna().to_numpy())])


def _blank_out(frame: pd.DataFrame, rows: pd.Index, field: str) -> None:
    """Take values away that cannot be true; where the rows say what could not be read, say so of these."""
    frame.loc[rows, field] = np.nan
    if "unreadable" in frame:
        named = frame.loc[rows, "unreadable"].fillna("") + f", {field}"
        frame.loc[rows, "unreadable"] = named.str.removeprefix(", ")


def _required(layer: LayerSchema, frame: pd.DataFrame) -> list[Reject]:
    found = []
    for field in layer.fields.values():
        if not field.required or field.name not in frame:
            continue
        fill = sentence("fill in {field}", field=field)
        blank = np.flatnonzero(frame[field.name].isna())
        found.append(Reject(blank, sentence("no value in {field}", field=field), fill))
        if field.minimum is not None and field.maximum is not None:
            low, high = _beyond(field, frame)
            limits = {"low": _plain(field.minimum), "high": _plain(field.maximum)}
            what = sentence("{field} is not within {low} to {high}", field=field, **limits)
            found.append(Reject(np.flatnonzero(low | high), what, sentence("correct {field}", field=field)))
    return found


def _blank_tells(layer: LayerSchema, frame: pd.DataFrame) -> list[Reject]:
    found = []
    for name, (reason, mend) in _BLANK_TELLS.items():
        if name in layer.fields and name in frame:
            low, high = _beyond(layer.fields[name], frame)
            unread = np.zeros(len(frame), dtype=bool)
            if "unreadable" in frame:
                told = np.flatnonzero(frame["unreadable"].notna())
                unread[told] = [name in named.split(", ") for named in frame["unreadable"].iloc[told]]
            found.append(Reject(np.flatnonzero(low | high | unread), reason, mend))
    return found


def _geometry(layer: LayerSchema, frame: pd.DataFrame, sound: NDArray[np.bool_] | None) -> list[Reject]:
    if layer.geometry == "none":
        return []
    shapes: NDArray[np.object_] = np.asarray(frame.geometry.array, dtype=object)
    null = shapely.is_missing(shapes)
    empty = shapely.is_empty(shapes)
    bounds = shapely.bounds(shapes)
    # NaN and infinity compare as false; beyond the earth, areas would overflow.
    nowhere = ~(np.abs(bounds) <= FARTHEST_M).all(axis=1) & ~null & ~empty
    placed = shapes.copy()
    placed[nowhere] = None
    other = ~np.isin(shapely.get_type_id(shapes), _FAMILY_TYPES[layer.geometry])
    checks = [
        (null, sentence("no geometry"), _DELETE_OR_DRAW),
        (empty, sentence("empty geometry"), _DELETE_OR_DRAW),
        (
            nowhere,
            sentence("coordinates that lie nowhere on the earth"),
            sentence("correct the coordinates or the CRS"),
        ),
        (other, _FAMILIES[layer.geometry], sentence("move it to the layer it belongs to")),
    ]
    again = sentence("draw it again, or delete the row")
    if layer.geometry == "polygon":
        checks.append((shapely.area(placed) <= 0, sentence("a polygon without area"), again))
    elif layer.geometry == "line":
        checks.append((shapely.length(placed) <= 0, sentence("a line without length"), again))
    elif layer.geometry == "point":
        several = shapely.get_num_geometries(shapes) > 1
        checks.append(
            (several, sentence("several points in one row"), sentence("give each a row of its own"))
        )
    asked = np.ones(len(shapes), dtype=bool) if sound is None else ~sound
    invalid = asked.copy()
    invalid[asked] = ~are_valid(placed[asked])
    checks.append((invalid, sentence("invalid geometry that cannot be mended"), again))
    return [Reject(np.flatnonzero(mask), reason, mend) for mask, reason, mend in checks]


def _referred_to(layer: LayerSchema) -> bool:
    """Whether other layers name rows of this one by its key."""
    return layer.name == "parks" or (bool(layer.key) and layer.fields[layer.key].required)


def _copies(layer: LayerSchema, frame: pd.DataFrame, kept: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows that say in every field, and in geometry, what an earlier row says."""
    fields = [name for name in layer.fields if name in frame]
    # Copies agree in each field, so one field leaves few rows to be compared in all.
    first = layer.key if layer.key in frame else next(iter(fields), "")
    if not first:
        return kept[:0]
    kept = kept[frame[first].iloc[kept].duplicated(keep=False).to_numpy()]
    if first != layer.key:
        kept = kept[frame[fields].iloc[kept].duplicated(keep=False).to_numpy()]
    if not len(kept):
        return kept
    content = _content(layer, frame.iloc[kept])
    repeated: NDArray[np.intp] = kept[content.duplicated(keep="first").to_numpy()]
    return repeated


def _clashing(layer: LayerSchema, frame: pd.DataFrame, kept: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows that share their id with a row that differs."""
    if not layer.key or layer.key not in frame:
        return kept[:0]
    clashing: NDArray[np.intp] = kept[frame[layer.key].iloc[kept].duplicated(keep=False).to_numpy()]
    return clashing


def _ids_fault(layer: LayerSchema, frame: pd.DataFrame, rows: NDArray[np.intp]) -> Fault:
    ids = tuple(dict.fromkeys(str(value) for value in frame[layer.key].iloc[rows]))
    what = sentence("the same id in several rows; they are numbered apart: {ids}", ids=ids)
    return Fault(rows, layer.key, what, sentence("give each its own id"))


def _numbered_apart(ids: pd.Series[str], rows: NDArray[np.intp]) -> pd.Series[str]:
    """Ids with a number behind each repetition; no number makes an id that is there already."""
    used = set(ids.dropna())
    numbers: dict[str, int] = {}
    new = []
    for own in map(str, ids.iloc[rows]):
        number = numbers.get(own, 0) + 1
        while number > 1 and f"{own} ({number})" in used:
            number += 1
        numbers[own] = number
        new.append(own if number == 1 else f"{own} ({number})")
    found = ids.copy()
    found.iloc[rows] = pd.Series(new, dtype=object)
    return found


def _content(layer: LayerSchema, rows: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in layer.fields if name in rows]
    content = pd.DataFrame({name: rows[name].astype(str) for name in columns})
    if layer.geometry != "none":
        frame: gpd.GeoDataFrame = rows
        content["geometry"] = shapely.to_wkb(
            shapely.normalize(np.asarray(frame.geometry.array, dtype=object))
        )
    return content


def _beyond(field: Field, frame: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows below the field's minimum, and rows above its maximum; a missing value is neither."""
    values = pd.to_numeric(frame[field.name]).to_numpy(dtype=float, na_value=np.nan)
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    return values < low, values > high


def _beyond_limits(layer: LayerSchema, frame: pd.DataFrame, kept: NDArray[np.intp]) -> list[Fault]:
    found = []
    for field in layer.fields.values():
        if field.name not in frame or field.minimum is None or field.maximum is None:
            continue
        low, high = _beyond(field, frame)
        rows = kept[(low | high)[kept]]
        if len(rows):
            shown = tuple(_plain(value) for value in frame[field.name].iloc[rows])
            least, most = _plain(field.minimum), _plain(field.maximum)
            what = sentence(
                "{field} is not within {low} to {high}: {shown}",
                field=field, low=least, high=most, shown=shown,
            )  # fmt: skip
            if not high[rows].any():
                what = sentence("{field} is below {low}: {shown}", field=field, low=least, shown=shown)
            mend = sentence("correct the value or its unit; until then it is missing")
            found.append(Fault(rows, field.name, what, mend))
    return found


def _plain(value: float) -> str:
    """A figure as it was written: 20250630 and not 2.02506e+07."""
    return f"{value:.15g}"
