"""A font that can write Chinese, found on the system or in a folder that is named; boxes are never printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parkgeo.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Font", "find_font", "has_chinese", "typst_fonts"]

_FAMILIES = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "HarmonyOS Sans SC", "MiSans", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "DengXian", "SimHei", "STHeiti", "Heiti SC",
    "Noto Serif SC", "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "STSong", "SimSun", "FangSong",
    "Droid Sans Fallback",
)  # fmt: skip
"""Chinese fonts by preference: those without serifs first, for they are read best in tables."""

_PROBE = "闲置土地宗亩约定动工疑似待核实"
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_BOLD = 600


@dataclass(frozen=True)
class Font:
    """A font of the text and the drawings.

    Attributes
    ----------
    family
        Its name.
    path
        Its file; None for the one that comes with the PDF engine.
    bold
        Whether it has a bold cut.
    folder
        A folder in which it was looked for, beside the system's.
    """

    family: str
    path: Path | None
    bold: bool
    folder: Path | None


def has_chinese(texts: Iterable[str]) -> bool:
    """Whether a text needs a Chinese font.

    Examples
    --------
    >>> has_chinese(["Park"]), has_chinese(["Park", "园区"])
    (False, True)
    """
    return any(_CHINESE.search(text) for text in texts)


@cache
def typst_fonts(folder: Path | None) -> Any:
    """The fonts that the PDF engine sees: the system's, its own, those of a folder and of the drawing library."""
    import matplotlib as mpl
    import typst

    folders = [Path(mpl.get_data_path()) / "fonts" / "ttf", *([folder] if folder is not None else [])]
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=folders)


def find_font(folder: Path | None, *, chinese: bool) -> Font:
    """The font to write with.

    Parameters
    ----------
    folder
        Looked into first; None for the system's fonts alone.
    chinese
        Whether it must hold Chinese characters.

    Returns
    -------
    Font
        A Chinese one wherever there is one, also for English text, so that a park's documents look alike.

    Raises
    ------
    NotFoundError
        There is none with Chinese characters, and they are needed; or the folder is none.
    """
    if folder is not None and not folder.is_dir():
        raise NotFoundError("no such folder of fonts", where=str(folder), mend="--font-path names a folder")
    cuts = [cut for cut in typst_fonts(folder).fonts() if cut.path and cut.style == "normal"]
    own = [cut for cut in cuts if folder is not None and folder.resolve() in Path(cut.path).resolve().parents]
    chosen = _preferred(own) or _covering(own) or _preferred(cuts) or (_covering(cuts) if chinese else None)
    if chosen is not None:
        bold = any(cut.family == chosen.family and cut.weight >= _BOLD for cut in cuts)
        return Font(chosen.family, Path(chosen.path), bold, folder)
    if chinese:
        raise NotFoundError(
            "no font with Chinese characters on this machine",
            mend="install one (Noto Sans SC, or on Debian fonts-wqy-zenhei), or name a folder that holds one: --font-path DIR",
        )
    return Font("DejaVu Sans", _dejavu(), bold=True, folder=folder)


def _dejavu() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def _preferred(cuts: list[Any]) -> Any | None:
    """The best family by name, in its most regular cut."""
    by_family: dict[str, list[Any]] = {}
    for cut in cuts:
        by_family.setdefault(cut.family, []).append(cut)
    found = next((by_family[family] for family in _FAMILIES if family in by_family), None)
    return min(found, key=lambda cut: (abs(cut.weight - 400), cut.path)) if found else None


def _covering(cuts: list[Any]) -> Any | None:
    """A font of a name we do not know that holds the characters."""
    from matplotlib.ft2font import FT2Font

    for cut in sorted(cuts, key=lambda cut: (abs(cut.weight - 400), cut.family, cut.path)):
        try:
            drawn = FT2Font(cut.path)
        except (OSError, RuntimeError):
            continue  # a font that the drawing library cannot open is of no use to us
        if all(drawn.get_char_index(ord(character)) for character in _PROBE):
            return cut
    return None
