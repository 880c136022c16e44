"""What an office should know of its pack before it relies on it: all faults at once, and what is likely not meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from parkgeo.errors import unreadable
from parkgeo.packs.book import RuleBook, known_figures, lay, load_packs, shipped_packs
from parkgeo.packs.reading import Pack, read_pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from parkgeo.packs.figure import Figure

__all__ = ["Checked", "Remark", "check_pack"]

About = Literal["off", "on_unverified", "same", "replaces", "left_empty", "unknown_name"]


@dataclass(frozen=True)
class Remark:
    """Something about a figure of a pack that its office should know.

    Attributes
    ----------
    about
        ``off``: not verified, so not used. ``on_unverified``: used, and marked unverified wherever it shows. ``same``:
        equal to what it overrides. ``replaces``: takes the place of another figure. ``left_empty``: takes a figure out of
        force. ``unknown_name``: a name in its table that no shipped pack knows.
    key
        Of the figure.
    now
        What the pack says; of ``unknown_name`` the name.
    before
        What it overrides.
    pack
        Whose figure it overrides.
    """

    about: About
    key: str
    now: str
    before: str = ""
    pack: str = ""

    @property
    def warns(self) -> bool:
        """Whether it is likely not meant."""
        return self.about in ("off", "same", "unknown_name")


@dataclass(frozen=True)
class Checked:
    """A pack looked through.

    Attributes
    ----------
    pack
        What of it could be read.
    faults
        What keeps it from being used.
    remarks
        What its office should know.
    """

    pack: Pack
    faults: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is to be mended or looked at."""
        return not self.faults and not any(remark.warns for remark in self.remarks)


def check_pack(file: Path, over: Sequence[str] = ("national",)) -> Checked:
    """Look through an office's pack.

    Parameters
    ----------
    file
        The pack.
    over
        The packs that it is to lie over.

    Returns
    -------
    Checked

    Raises
    ------
    InputError
        The file cannot be read.
    PackError
        The file is not TOML.
    ProjectError
        There is no such pack in ``over``.
    """
    below = load_packs(over, file.parent)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error
    pack, faults = read_pack({file.name: content}, file.name, known_figures())
    book, conflicts = lay((*below.packs, pack))
    faults += [str(error) for error in conflicts]
    remarks = [remark for figure in pack.figures.values() for remark in _remarks(book[figure.key], below)]
    return Checked(pack, tuple(faults), tuple(remarks))


def _remarks(figure: Figure, below: RuleBook) -> Iterator[Remark]:
    yield from (
        Remark("unknown_name", figure.key, name)
        for name in _names(figure)
        if _known_names(figure.key) and name not in _known_names(figure.key)
    )
    if not figure.on:
        yield Remark("off", figure.key, figure.written())
    elif not figure.verified and figure.kind in ("rule", "benchmark"):
        yield Remark("on_unverified", figure.key, figure.written())
    before = below.get(figure.key)
    if before is None or not figure.on:
        return
    told = (figure.key, figure.written(), before.written(), before.pack)
    if figure.empty:
        yield Remark("left_empty", *told)
    elif _equal(figure, before):
        yield Remark("same", *told)
    else:
        yield Remark("replaces", *told)


def _equal(one: Figure, other: Figure) -> bool:
    if isinstance(one.value, int | float) and not isinstance(one.value, bool):
        return one.number(other.unit) == other.number()
    return bool(one.value == other.value) and one.unit == other.unit


def _names(figure: Figure) -> list[str]:
    """Names in a table; industry codes are numbers, and an office may add any."""
    return [name for name in figure.value if not name.isdigit()] if isinstance(figure.value, dict) else []


@cache
def _known_names(key: str) -> frozenset[str]:
    """Names that shipped packs use in this table, then those they use elsewhere in its group and of benchmarks.

    Where no shipped pack has any in the table there is nothing to hold a name against, and the answer is empty.
    """
    shipped = [figure for pack in shipped_packs() for figure in pack.figures.values()]
    own = {name for figure in shipped if figure.key == key for name in _names(figure)}
    if not own:
        return frozenset()
    group = key.split(".", maxsplit=1)[0] + "."
    lists = [each.value for each in shipped if each.key.startswith(group) and isinstance(each.value, list)]
    benchmarks = {figure.key.split(".", 1)[1] for figure in shipped if figure.key.startswith("benchmark.")}
    return frozenset(own | benchmarks | {text for texts in lists for text in texts})
