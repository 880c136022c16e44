"""Photos from a folder into a workspace, each to the parcel that it shows; what is doubtful is named and left.

A photo in a folder that bears a parcel's id is that parcel's. One that says by GPS where it was taken is the parcel's in
which it lies, or else the one that it looks at within `REACH_M`. Nothing else is guessed.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.errors import InputError, name_some
from parkgeo.files import publish_file
from parkgeo.store.photos import FOLDER, folder_name, is_photo, see_photo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd

    from parkgeo.store.photos import Seen

__all__ = ["REACH_M", "Doubt", "Taken", "parcel_seen", "take_photos"]

REACH_M = 50.0
"""Metres within which a photo taken beside a parcel may show it."""

_ASIDE = (-15.0, 0.0, 15.0)
"""Degrees beside its direction at which a photo must show the same parcel, where it shows one."""

_LIST = "taken.json"
_NO_PLACE = "it does not say where it was taken: put it into a folder that bears the parcel's id"
_NO_DIRECTION = "it lies in no parcel and does not say whither it looks; near it: {parcels}"


@dataclass(frozen=True)
class Doubt:
    """A photo that was left, and why: an English pattern with its values, to be said in the reader's language."""

    file: str
    pattern: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """What became of the photos of a folder.

    Attributes
    ----------
    taken
        File → parcel.
    doubtful
        The others.
    """

    taken: dict[str, str]
    doubtful: tuple[Doubt, ...]


def take_photos(workspace: Path, folder: Path, parcels: gpd.GeoDataFrame) -> Taken:
    """Copy the photos of a folder into a workspace, each to its parcel.

    Parameters
    ----------
    workspace
        Folder of the snapshots.
    folder
        Holds ``<parcel id>/*.jpg`` or ``*.png``, or photos that say where they were taken.
    parcels
        ``parcel_id`` and geometry, in metres.

    Returns
    -------
    Taken
        What was taken earlier from a folder and is not any more is removed; photos that others put there stay.

    Raises
    ------
    StoreError
        A photo cannot be written.
    """
    ids = {
        unicodedata.normalize("NFC", name): parcel
        for parcel in parcels["parcel_id"]
        for name in (folder_name(parcel), parcel)
    }
    taken: dict[str, str] = {}
    doubtful: list[Doubt] = []
    kept: list[dict[str, str]] = []
    for file in _files(folder):
        shown = file.relative_to(folder).as_posix()
        found = _parcel_of(file, folder, ids, parcels, shown)
        if isinstance(found, Doubt):
            doubtful.append(found)
            continue
        taken[shown] = found
        kept.append({"file": _copied(file, workspace / FOLDER, found, shown), "from": shown, "parcel": found})
    _forget(workspace, {entry["file"] for entry in kept})
    if kept or (workspace / FOLDER / _LIST).is_file():
        with publish_file(workspace / FOLDER / _LIST) as beside:
            beside.write_text(
                json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n"
            )
    return Taken(taken, tuple(doubtful))


def _files(folder: Path) -> Iterator[Path]:
    """Photos in a folder and in the folders right below it."""
    for entry in sorted(folder.iterdir()):
        if is_photo(entry):
            yield entry
        elif entry.is_dir() and not entry.is_symlink():
            yield from (file for file in sorted(entry.iterdir()) if is_photo(file))


def _parcel_of(
    file: Path, folder: Path, ids: dict[str, str], parcels: gpd.GeoDataFrame, shown: str
) -> str | Doubt:
    try:
        seen = see_photo(file)
    except InputError as error:
        return Doubt(shown, "cannot be taken: {what}", {"what": error.what})
    if file.parent != folder:
        named = ids.get(unicodedata.normalize("NFC", file.parent.name))
        return (
            named
            if named is not None
            else Doubt(shown, "no parcel has the id {name}", {"name": file.parent.name})
        )
    found = parcel_seen(seen, parcels)
    return found if isinstance(found, str) else Doubt(shown, found.pattern, found.values)


def parcel_seen(seen: Seen, parcels: gpd.GeoDataFrame) -> str | Doubt:
    """The parcel that a photo shows, by what it says of itself.

    Parameters
    ----------
    seen
        Place and direction.
    parcels
        ``parcel_id`` and geometry, in metres.

    Returns
    -------
    str or Doubt
        The parcel in which it was taken; else the one that it looks at within `REACH_M`; else why that cannot be said.
    """
    import shapely
    from pyproj import Transformer

    if seen.place is None:
        return Doubt("", _NO_PLACE)
    east, north = Transformer.from_crs("EPSG:4326", parcels.crs, always_xy=True).transform(*seen.place)
    if not np.isfinite([east, north]).all():
        return Doubt("", "it was taken outside of the area that the coordinate system covers")
    here = shapely.Point(east, north)
    near = parcels.iloc[np.sort(parcels.sindex.query(here.buffer(REACH_M), predicate="intersects"))]
    if near.empty:
        return Doubt("", "no parcel lies within {metres} m", {"metres": f"{REACH_M:g}"})
    return _inside_or_ahead(here, seen.direction, near)


def _inside_or_ahead(here: Any, direction: float | None, near: gpd.GeoDataFrame) -> str | Doubt:
    within = near[near.geometry.intersects(here)]
    if len(within) == 1:
        return str(within["parcel_id"].iloc[0])
    if len(within) > 1:
        return Doubt("", "it lies in several parcels: {parcels}", {"parcels": name_some(within["parcel_id"])})
    if direction is None:
        return Doubt("", _NO_DIRECTION, {"parcels": name_some(near["parcel_id"])})
    return _looked_at(here, direction, near)


def _looked_at(here: Any, direction: float, near: gpd.GeoDataFrame) -> str | Doubt:
    """The first parcel along the middle of the view, where the sides of the view meet no other first."""
    import shapely

    first = []
    for aside in _ASIDE:
        angle = np.radians(direction + aside)
        far = (here.x + REACH_M * np.sin(angle), here.y + REACH_M * np.cos(angle))
        sight = shapely.LineString([(here.x, here.y), far])
        met = near[near.geometry.intersects(sight)]
        along = [shapely.distance(here, shape.intersection(sight)) for shape in met.geometry]
        first.append(str(met["parcel_id"].iloc[int(np.argmin(along))]) if along else None)
    middle = first[_ASIDE.index(0.0)]
    seen = {parcel for parcel in first if parcel is not None}
    if middle is not None and seen == {middle}:
        return middle
    if not seen:
        return Doubt(
            "",
            "it looks at no parcel within {metres} m; near it: {parcels}",
            {"metres": f"{REACH_M:g}", "parcels": name_some(near["parcel_id"])},
        )
    return Doubt("", "it may show any of these: {parcels}", {"parcels": name_some(sorted(seen))})


def _copied(file: Path, photos: Path, parcel: str, shown: str) -> str:
    """Copy a photo to its parcel; gives its path within the folder of photos."""
    content = file.read_bytes()
    room = photos / folder_name(parcel)
    room.mkdir(parents=True, exist_ok=True)
    place = room / file.name
    if place.is_file() and place.read_bytes() != content:
        mark = hashlib.blake2s(shown.encode("utf-8", "replace"), digest_size=4).hexdigest()
        place = room / f"{file.stem}-{mark}{file.suffix}"
    if not place.is_file() or place.read_bytes() != content:
        with publish_file(place) as beside:
            beside.write_bytes(content)
    return place.relative_to(photos).as_posix()


def _forget(workspace: Path, kept: set[str]) -> None:
    """Remove what was taken earlier and is not any more; never what lies elsewhere, whatever the list says."""
    photos = workspace / FOLDER
    for entry in _earlier(photos / _LIST):
        parts = entry.split("/")
        if entry in kept or len(parts) != 2 or any(part in ("", ".", "..") or "\\" in part for part in parts):  # noqa: PLR2004 - folder and file
            continue
        file = photos / parts[0] / parts[1]
        if is_photo(file) and not file.parent.is_symlink():
            file.unlink()


def _earlier(place: Path) -> list[str]:
    """What the list names; nothing where there is none, or it is damaged."""
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    entries = told if isinstance(told, list) else []
    return [str(entry["file"]) for entry in entries if isinstance(entry, dict) and "file" in entry]
