"""What a GeoTIFF is: terrain or an image, of which day, which band is which."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parkgeo.guess.words import words_in
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from parkgeo.guess.confidence import Confidence
    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import Sentence

__all__ = ["RasterGuess", "guess_raster"]

_IMAGE_BANDS = 3
_TYPES_OF_HEIGHTS = ("float32", "float64", "int16", "int32")
# From below the Dead Sea's shore to above Everest.
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
_HEIGHT_WORDS = ("height", "elevation", "dem", "dsm", "dtm", "高程")
_ROLES = {
    "blue": ("blue", "b02", "蓝", "蓝光"),
    "green": ("green", "b03", "绿", "绿光"),
    "red": ("red", "b04", "红", "红光"),
    "nir": ("nir", "near infrared", "b08", "b8a", "近红外"),
    "swir1": ("swir1", "swir 1", "swir16", "b11", "短波红外1"),
    "swir2": ("swir2", "swir 2", "swir22", "b12", "短波红外2"),
}
_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_.年/:]?(0[1-9]|1[0-2]|[1-9](?=[-_.月/:]))[-_.月/:]?(3[01]|[12]\d|0[1-9]|[1-9])(?!\d)"
)


@dataclass(frozen=True)
class RasterGuess:
    """What a raster is taken for.

    Attributes
    ----------
    layer
        ``dem``, ``imagery``; empty for neither.
    confidence
        How sure it is.
    reasons
        What was seen.
    date
        The day of an image; None where it is not known.
    bands
        Role → number of the band.
    bands_sure
        Whether the file names its bands.
    """

    layer: str
    confidence: Confidence
    reasons: tuple[Sentence, ...]
    date: dt.date | None = None
    bands: dict[str, int] | None = None
    bands_sure: bool = False


def guess_raster(path: Path, raw: RawTable) -> RasterGuess:
    """Tell what a GeoTIFF shows.

    Parameters
    ----------
    path
        The file, for its name.
    raw
        Its bands, as `parkgeo.ingest.bands.read_bands` gives them.
    """
    return _image(path, raw.frame) if len(raw.frame) >= _IMAGE_BANDS else _single(path, raw.frame)


def _image(path: Path, bands: pd.DataFrame) -> RasterGuess:
    named = _named_bands(bands)
    date, seen = _date_of(path, str(bands["datetime"].iloc[0]))
    reasons = [sentence("a raster of {count} bands", count=len(bands)), seen]
    if named:
        reasons.append(sentence("its bands are named in the file"))
        return RasterGuess(
            "imagery", "sure" if date else "likely", tuple(reasons), date, named, bands_sure=True
        )
    order = ("blue", "green", "red", "nir") if len(bands) > _IMAGE_BANDS else ("red", "green", "blue")
    reasons.append(sentence("its bands are not named: the usual order is written as a remark"))
    return RasterGuess(
        "imagery", "likely", tuple(reasons), date, {role: at for at, role in enumerate(order, 1)}
    )


def _named_bands(bands: pd.DataFrame) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, text in enumerate(bands["description"], 1):
        name = str(text).strip().casefold()
        role = next((role for role, words in _ROLES.items() if name in words), None)
        if role is not None:
            found.setdefault(role, number)
    if not found:
        colours = bands["colour"].tolist()
        found = {role: colours.index(role) + 1 for role in ("red", "green", "blue") if role in colours}
    return dict(sorted(found.items(), key=lambda entry: entry[1]))


def _date_of(path: Path, tag: str) -> tuple[dt.date | None, Sentence]:
    """The day of an image and where it stands."""
    for text, where in (
        (path.stem, sentence("the day is in its name")),
        (path.parent.name, sentence("the day is in its folder's name")),
        (tag, sentence("the day is in its tags")),
    ):
        for found in _DAY.finditer(text):
            try:
                return dt.date(*(int(part) for part in found.groups())), where
            except ValueError:
                continue  # the 31st of June is no day
    return None, sentence("its day is not known: write date")


def _single(path: Path, bands: pd.DataFrame) -> RasterGuess:
    first = bands.iloc[0]
    low, high, kind = float(first["least"]), float(first["greatest"]), str(first["type"])
    words = [word for word in words_in(path.stem) + words_in(path.parent.name) if word.layer == "dem"]
    named = bool(words) or any(word in str(first["description"]).casefold() for word in _HEIGHT_WORDS)
    fitting = kind in _TYPES_OF_HEIGHTS and _LOWEST_M <= low <= high <= _HIGHEST_M
    spread = sentence("one band of {kind}, {low} to {high}", kind=kind, low=f"{low:.4g}", high=f"{high:.4g}")
    if named and fitting:
        return RasterGuess("dem", "sure", (sentence("its name says heights"), spread))
    if fitting and len(bands) == 1 and first["kind"] in ("", "Elevation"):
        return RasterGuess("dem", "guess", (spread, sentence("its values could be heights in metres")))
    return RasterGuess("", "guess", (spread, sentence("neither an image nor heights")))
