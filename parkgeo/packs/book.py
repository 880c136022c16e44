"""Rule packs laid over each other: which figure is in force.

The common pack lies under all others; of those that a project names the later overrides the earlier key by key (national ←
province ← city ← park) and may switch on figures that are not verified. Keys are those of the shipped packs: an unknown one
is an error, for it would change nothing and seem to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from parkgeo.errors import PackError, ProjectError, gather, name_some
from parkgeo.packs.figure import Figure
from parkgeo.packs.reading import Pack, Place, parse_pack, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

__all__ = ["COMMON", "RuleBook", "book_of", "known_figures", "lay", "load_packs", "shipped_packs"]

COMMON = "common"
"""The pack that lies under every other."""


@dataclass(frozen=True)
class RuleBook:
    """The packs of a project laid over each other.

    Attributes
    ----------
    packs
        In the order they override.
    figures
        Key → figure in force.
    """

    packs: tuple[Pack, ...]
    figures: dict[str, Figure]

    def __getitem__(self, key: str) -> Figure:
        """The figure, whether it is used or not.

        Raises
        ------
        PackError
            No pack holds it.
        """
        if key not in self.figures:
            raise PackError(f"no figure {key!r}", where=name_some(pack.name for pack in self.packs))
        return self.figures[key]

    def get(self, key: str) -> Figure | None:
        """The figure; None where no pack holds it, where it is off, or where it is left empty for the office to fill.

        A rule that no pack holds is not judged: an office elsewhere names other packs than the Chinese ones.
        """
        figure = self.figures.get(key)
        return figure if figure is not None and figure.on and not figure.empty else None

    def group(self, name: str) -> dict[str, Figure]:
        """The figures of a group that are used, by the name after the group's."""
        start = f"{name}."
        return {
            key.removeprefix(start): figure
            for key in self.figures
            if key.startswith(start) and (figure := self.get(key))
        }

    def below(self, key: str) -> tuple[Figure, ...]:
        """The figures that the one in force overrides, the nearest first."""
        held = [pack.figures[key] for pack in self.packs if key in pack.figures]
        return tuple(reversed(held[:-1]))

    def benchmark(self, metric: str) -> Figure | None:
        """The benchmark of a metric; None where no pack has one that is on."""
        return self.get(f"benchmark.{metric}")


def book_of(figures: Mapping[str, Mapping[str, Any]]) -> RuleBook:
    """The figures that a snapshot's catalogue holds, as a rule book: its packs need not be at hand.

    Parameters
    ----------
    figures
        Key → entry, as under ``figures`` in the catalogue.

    Returns
    -------
    RuleBook
        Without packs; so nothing is known of the figures that were overridden.
    """
    return RuleBook((), {key: Figure(key=key, **entry) for key, entry in figures.items()})


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """The packs that come with parkgeo, the common one first."""
    packs = [parse_pack(files, name, None, place=place) for name, files, place in _shipped_files()]
    return tuple(sorted(packs, key=lambda pack: (pack.name != COMMON, pack.name != "national", pack.name)))


def known_figures() -> dict[str, Figure]:
    """Every key that a shipped pack holds, with the figure of the most general one that does."""
    return {key: figure for pack in reversed(shipped_packs()) for key, figure in pack.figures.items()}


def _shipped_files() -> Iterator[tuple[str, dict[str, bytes], Place]]:
    """A folder with a ``pack.toml`` is one pack; so is each file in ``local`` and ``abroad``."""
    for folder in resources.files(__package__).iterdir():
        if not folder.is_dir():
            continue
        files = {file.name: file.read_bytes() for file in folder.iterdir() if _is_toml(file)}
        if "pack.toml" in files:
            yield folder.name, files, "common" if folder.name == COMMON else "national"
        else:
            place: Place = "abroad" if folder.name == "abroad" else "local"
            yield from (
                (name.removesuffix(".toml"), {name: content}, place) for name, content in files.items()
            )


def _is_toml(file: Traversable) -> bool:
    return file.name.endswith(".toml")


def load_packs(names: Sequence[str], folder: Path) -> RuleBook:
    """Packs laid over each other, the common one under all.

    Parameters
    ----------
    names
        Names of shipped packs, or files relative to ``folder``, the most general first.
    folder
        Where park.toml stands.

    Returns
    -------
    RuleBook

    Raises
    ------
    ProjectError
        A pack is neither shipped nor a file.
    PackError
        A pack is not TOML, has an unknown key, a figure without value, source, edition or ``verified``, a value or unit
        that cannot be what the key means, or a figure that is not verified in place of one that is in force.

    Examples
    --------
    >>> from pathlib import Path
    >>> load_packs(["national"], Path())["idle.fee_share"].number()
    0.2
    """
    shipped = {pack.name: pack for pack in shipped_packs()}
    known = known_figures()
    packs = [] if COMMON in names else [shipped[COMMON]]
    for name in names:
        path = folder / name
        if name in shipped:
            packs.append(shipped[name])
        elif path.is_file():
            packs.append(parse_pack({name: path.read_bytes()}, name, known))
        else:
            raise ProjectError(
                f"no rule pack {name!r}",
                where=str(path),
                mend=f"use a file's name, or one of {name_some(shipped)}",
            )
    book, problems = lay(packs)
    if problems:
        raise gather(problems, PackError)
    return book


def lay(packs: Sequence[Pack]) -> tuple[RuleBook, list[PackError]]:
    """Packs laid over each other, and what does not go together in them."""
    figures: dict[str, Figure] = {}
    problems = []
    for pack in packs:
        figures.update(pack.figures)
    for pack in packs:
        for key in pack.switch_on:
            if key in figures:
                figures[key] = replace(figures[key], on=True)
                continue
            mend = suggest(key, known_figures())
            problems.append(
                PackError(f"switch_on names {key!r}, which no pack holds", where=pack.name, mend=mend)
            )
    off = [
        key for key, figure in figures.items() if not figure.on and any(_is_on(pack, key) for pack in packs)
    ]
    if off:
        problems.append(
            PackError(
                f"not verified, so it would take the place of a figure that is in force and be off: {name_some(off)}",
                where=name_some(sorted({figures[key].pack for key in off})),
                mend="list it under switch_on in [pack], or state its source and verified = true",
            )
        )
    return RuleBook(tuple(packs), figures), problems


def _is_on(pack: Pack, key: str) -> bool:
    return key in pack.figures and pack.figures[key].on
