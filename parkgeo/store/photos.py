"""Photos of parcels in a workspace: where they are, when and which way they were taken, and which parcel they show.

::

    workspace/
      photos/<parcel id>/*.jpg | *.png     an id with signs that no file's name may have is written in percent signs
      photos/taken.json                    what `parkgeo.store.photo_places` put there, and from which file

A photo is sent only after `fit_photo`: decoded, set upright, made smaller, and written anew without its metadata.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from parkgeo.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Exif, Image

__all__ = ["FOLDER", "Photo", "Seen", "fit_photo", "folder_name", "is_photo", "photos_of", "see_photo"]

FOLDER = "photos"
"""Folder of the workspace that holds them."""

ENDINGS = (".jpg", ".jpeg", ".png")
MOST_BYTES = 64 * 1024 * 1024
"""Largest file that is opened."""

MOST_PIXELS = 120_000_000
"""Most pixels that are unpacked: some 360 MB."""

SIDE_PX = 1600
"""Longest side of a photo as it is sent."""

_QUALITY = 82
_PLAIN = frozenset(" !#$&'()+,-.;=@[]^_`{}~")
_LONGEST_NAME = 200
_MOST_PHOTOS = 200
_IFD_EXIF, _IFD_GPS = 0x8769, 0x8825
_TAKEN, _CHANGED = 0x9003, 0x0132
_LATITUDE, _LONGITUDE, _DIRECTION = (1, 2), (3, 4), 17


@dataclass(frozen=True)
class Seen:
    """What a photo says of itself.

    Attributes
    ----------
    taken
        When, on the clock of the camera; None where it does not say.
    direction
        Whither it looks, in degrees from north, clockwise.
    place
        Whence, as longitude and latitude in degrees of WGS 84.
    """

    taken: dt.datetime | None = None
    direction: float | None = None
    place: tuple[float, float] | None = None


@dataclass(frozen=True)
class Photo:
    """A photo of a parcel.

    Attributes
    ----------
    file
        In the workspace.
    seen
        What it says of itself.
    """

    file: Path
    seen: Seen


def folder_name(parcel_id: str) -> str:
    """Name of the folder of a parcel's photos.

    Examples
    --------
    >>> folder_name("330599GB00007"), folder_name("../A/1"), folder_name("..")
    ('330599GB00007', '..%2FA%2F1', '.%2E')
    """
    signs = unicodedata.normalize("NFC", parcel_id)
    name = "".join(
        sign if sign.isalnum() or sign in _PLAIN else quote(sign, safe="", errors="replace") for sign in signs
    )
    if name.strip(".") == "" or name[-1] in ". ":  # folders that systems take for others
        name = name[:-1] + f"%{ord(name[-1]):02X}" if name else "%"
    if len(name.encode("utf-8", "replace")) > _LONGEST_NAME:
        return name[:20] + "%" + hashlib.blake2s(signs.encode("utf-8", "replace"), digest_size=12).hexdigest()
    return name


def is_photo(file: Path) -> bool:
    """Whether a file is one of ours by its name, and no link that leads elsewhere."""
    return (
        file.suffix.casefold() in ENDINGS
        and not file.name.startswith(".")
        and not file.is_symlink()
        and file.is_file()
    )


def photos_of(workspace: Path, parcel_id: str) -> tuple[Photo, ...]:
    """The photos of a parcel, by name; one that cannot be opened says nothing of itself.

    Parameters
    ----------
    workspace
        Folder of the snapshots.
    parcel_id
        Users' text: it is compared with the names of folders and is never a path.
    """
    found = _folder(workspace / FOLDER, {parcel_id, folder_name(parcel_id)})
    if found is None:
        return ()
    files = sorted((file for file in found.iterdir() if is_photo(file)), key=lambda file: file.name)
    return tuple(Photo(file, _seen_or_not(file)) for file in files[:_MOST_PHOTOS])


def _seen_or_not(file: Path) -> Seen:
    """What a photo says of itself; nothing where it cannot be opened, which whoever shows it will say."""
    try:
        return see_photo(file)
    except InputError:
        return Seen()


def _folder(photos: Path, names: set[str]) -> Path | None:
    if photos.is_symlink() or not photos.is_dir():
        return None
    wanted = {unicodedata.normalize("NFC", name) for name in names}
    for entry in photos.iterdir():
        if unicodedata.normalize("NFC", entry.name) in wanted and not entry.is_symlink() and entry.is_dir():
            return entry
    return None


def _open(file: Path) -> Image:
    """A photo with its head read; only two formats are tried."""
    from PIL import Image as Pictures

    try:
        size = file.stat().st_size
        content = file.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise InputError("cannot be read", where=file.name, mend="see who may read it") from error
    if size > MOST_BYTES:
        raise InputError(
            f"a photo of {size:,} bytes, more than {MOST_BYTES:,}", where=file.name, mend="save it smaller"
        )
    try:
        image = Pictures.open(io.BytesIO(content), formats=("JPEG", "PNG"))
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError) as error:
        raise InputError(
            "cannot be opened as a JPEG or PNG", where=file.name, mend="save it as a JPEG"
        ) from error
    if image.width * image.height > MOST_PIXELS:
        raise InputError(
            f"a photo of {image.width} × {image.height} pixels", where=file.name, mend="save it smaller"
        )
    return image


def see_photo(file: Path) -> Seen:
    """What a photo says of itself: time, direction, place.

    Raises
    ------
    InputError
        It is no photo, or too large.
    """
    image = _open(file)
    try:
        exif = image.getexif()
        return Seen(_taken(exif), _direction(exif), _place(exif))
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, ZeroDivisionError, OverflowError):
        return Seen()  # its metadata are damaged: it says nothing of itself


def _taken(exif: Exif) -> dt.datetime | None:
    text = exif.get_ifd(_IFD_EXIF).get(_TAKEN) or exif.get(_CHANGED)
    try:
        return dt.datetime.strptime(str(text).strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - a camera's clock has no zone
    except ValueError:
        return None


def _direction(exif: Exif) -> float | None:
    value = exif.get_ifd(_IFD_GPS).get(_DIRECTION)
    if value is None or not math.isfinite(float(value)):
        return None
    return float(value) % 360.0


def _place(exif: Exif) -> tuple[float, float] | None:
    told = exif.get_ifd(_IFD_GPS)
    latitude, longitude = _degrees(told, *_LATITUDE, "S"), _degrees(told, *_LONGITUDE, "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 - the globe
        return None
    return (
        None if latitude == longitude == 0.0 else (longitude, latitude)
    )  # a receiver without a fix writes zeros


def _degrees(told: dict[int, Any], side: int, number: int, below: str) -> float | None:
    parts = told.get(number)
    if parts is None or side not in told:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        return None
    return -value if str(told[side]).strip("\x00 ").upper() == below else value


def fit_photo(file: Path, *, side: int = SIDE_PX) -> bytes:
    """A photo as it is sent: upright, its longest side bounded, a JPEG without any metadata.

    Parameters
    ----------
    file
        JPEG or PNG.
    side
        Most pixels of its longest side.

    Raises
    ------
    InputError
        It is no photo, damaged, or too large.
    """
    from PIL import Image as Pictures
    from PIL import ImageOps

    image = _open(file)
    try:
        image.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(image)
        plain = (
            upright.convert("RGBA")
            if "A" in upright.getbands() or "transparency" in upright.info
            else upright.convert("RGB")
        )
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, ZeroDivisionError, OverflowError) as error:
        raise InputError("the photo is damaged", where=file.name, mend="save it anew") from error
    plain.thumbnail((side, side))
    paper = Pictures.new("RGB", plain.size, "white")
    paper.paste(plain, mask=plain.getchannel("A") if plain.mode == "RGBA" else None)
    beside = io.BytesIO()
    paper.save(beside, "JPEG", quality=_QUALITY)  # a new picture: it has no metadata that could be written
    return beside.getvalue()
