"""Reading, checking and layering of rule packs.

A pack is a TOML file. The first of a list gives the figures; a later one overrides them key by key (national ← province ←
city ← park) and may switch on figures that are not verified. Keys are those of the shipped packs: an unknown one is an
error, for it would change nothing and seem to.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, get_args

from parkgeo.errors import PackError, ProjectError, name_some
from parkgeo.units import convert_factor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Figure", "Pack", "RuleBook", "load_packs", "shipped_packs"]

Kind = Literal["rule", "reading", "benchmark", "setting"]
_SHIPPED = ("national",)
_KEYS = ("value", "unit", "kind", "zh", "en", "clause", "source", "edition", "verified")
_HEAD_KEYS = ("name", "zh", "en", "edition", "switch_on")


@dataclass(frozen=True)
class Figure:
    """One figure of a pack.

    Attributes
    ----------
    key
        Group and name, ``idle.full_years``.
    value
        Number, flag, text or list.
    unit
        Unit of a number; empty where there is none.
    kind
        ``rule``, ``reading``, ``benchmark`` or ``setting``.
    zh, en
        What it says.
    clause_zh, clause_en
        Where a regulation says it.
    source, edition
        Where the figure comes from.
    verified
        Whether the source was seen.
    pack
        The pack it stands in.
    on
        Whether it is used.
    """

    key: str
    value: Any
    unit: str
    kind: Kind
    zh: str
    en: str
    clause_zh: str
    clause_en: str
    source: str
    edition: str
    verified: bool
    pack: str
    on: bool

    def number(self, unit: str = "") -> float:
        """The value as a number, in another unit where one is named.

        Raises
        ------
        PackError
            The value is not a number.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise PackError(f"{self.key} must be a number, not {self.value!r}", where=self.pack)
        return float(self.value) * (convert_factor(self.unit, unit) if unit and unit != self.unit else 1.0)


@dataclass(frozen=True)
class Pack:
    """A pack as it stands in its file.

    Attributes
    ----------
    name, zh, en, edition
        What it calls itself.
    sha256
        Of the file.
    figures
        Key → figure.
    switch_on
        Keys of figures, not verified, that the office stands behind.
    """

    name: str
    zh: str
    en: str
    edition: str
    sha256: str
    figures: dict[str, Figure]
    switch_on: tuple[str, ...]


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
        """The figure in force.

        Raises
        ------
        PackError
            No pack holds it.
        """
        if key not in self.figures:
            raise PackError(f"no figure {key!r}", where=name_some(pack.name for pack in self.packs))
        return self.figures[key]

    def benchmark(self, metric: str) -> Figure | None:
        """The benchmark of a metric; None where no pack has one that is on."""
        figure = self.figures.get(f"benchmark.{metric}")
        return figure if figure is not None and figure.on else None


def shipped_packs() -> tuple[Pack, ...]:
    """The packs that come with parkgeo."""
    folder = resources.files(__package__)
    return tuple(_parse(folder.joinpath(f"{name}.toml").read_bytes(), name, None) for name in _SHIPPED)


def load_packs(names: Sequence[str], folder: Path) -> RuleBook:
    """Packs laid over each other.

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
    known = {key: figure for pack in shipped.values() for key, figure in pack.figures.items()}
    packs = []
    for name in names:
        path = folder / name
        if name in shipped:
            packs.append(shipped[name])
        elif path.is_file():
            packs.append(_parse(path.read_bytes(), name, known))
        else:
            raise ProjectError(
                f"no rule pack {name!r}",
                where=str(path),
                mend=f"use a file's name, or one of {name_some(shipped)}",
            )
    figures: dict[str, Figure] = {}
    for pack in packs:
        figures.update(pack.figures)
    for pack in packs:
        for key in pack.switch_on:
            if key not in figures:
                raise PackError(
                    f"switch_on names {key!r}, which no pack holds", where=pack.name, mend=_near(key, known)
                )
            figures[key] = replace(figures[key], on=True)
    off = [
        key for key, figure in figures.items() if not figure.on and any(_is_on(pack, key) for pack in packs)
    ]
    if off:
        raise PackError(
            f"not verified, so it would take the place of a figure that is in force and be off: {name_some(off)}",
            where=name_some(sorted({figures[key].pack for key in off})),
            mend="list it under switch_on in [pack], or state its source and verified = true",
        )
    return RuleBook(tuple(packs), figures)


def _is_on(pack: Pack, key: str) -> bool:
    return key in pack.figures and pack.figures[key].on


def _parse(content: bytes, name: str, known: dict[str, Figure] | None) -> Pack:
    try:
        tables: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"not TOML: {error}", where=name, mend="save it as UTF-8 TOML") from error
    head = tables.pop("pack", {})
    if not isinstance(head, dict):
        raise PackError("pack must be a table", where=name, mend="write [pack], then name and edition")
    problems = [f"[pack] unknown key {key!r}" for key in head if key not in _HEAD_KEYS]
    problems += [f"[pack] {key} is missing" for key in ("name", "edition") if not head.get(key)]
    switch_on = head.get("switch_on", [])
    if not _is_texts(switch_on):
        problems.append("[pack] switch_on must be a list of keys")
    figures = {}
    for group, entries in tables.items():
        if not isinstance(entries, dict):
            problems.append(f"{group} must be a table of figures")
            continue
        for short, entry in entries.items():
            key = f"{group}.{short}"
            if known is not None and key not in known:
                problems.append(f"unknown key {key!r}; {_near(key, known)}")
            elif found := _figure(key, entry, name, known, problems):
                figures[key] = found
    if problems:
        raise PackError(
            f"{len(problems)} to mend" + "".join(f"\n  - {problem}" for problem in problems), where=name
        )
    return Pack(
        name=str(head["name"]),
        zh=str(head.get("zh", head["name"])),
        en=str(head.get("en", head["name"])),
        edition=str(head["edition"]),
        sha256=hashlib.sha256(content).hexdigest(),
        figures=figures,
        switch_on=tuple(switch_on),
    )


def _figure(
    key: str, entry: object, pack: str, known: dict[str, Figure] | None, problems: list[str]
) -> Figure | None:
    """A figure; what an overriding pack leaves out of wording and unit stays as it was, its source never does."""
    if not isinstance(entry, dict):
        problems.append(f"{key} must be a table with value, source, edition, verified")
        return None
    before = len(problems)
    problems += [f"{key}: unknown key {name!r}" for name in entry if name not in _KEYS]
    problems += [
        f"{key}: {name} is missing"
        for name in ("value", "source", "edition", "verified")
        if name not in entry
    ]
    base = known[key] if known else None
    kind = entry.get("kind", base.kind if base else "rule")
    if kind not in get_args(Kind):
        problems.append(f"{key}: kind must be one of {name_some(get_args(Kind))}")
    elif base is not None and kind != base.kind:
        problems.append(f"{key}: kind is {base.kind}, not {kind}")
    if "value" in entry:
        problems += _value_problems(key, entry["value"], base)
    if base is not None and "unit" in entry:
        problems += _unit_problems(key, str(entry["unit"]), base)
    if not isinstance(entry.get("verified", False), bool):
        problems.append(f"{key}: verified must be true or false")
    problems += [
        f"{key}: {name} is empty" for name in ("source", "edition") if not str(entry.get(name, "x")).strip()
    ]
    clause = entry.get("clause", {})
    if not isinstance(clause, dict):
        problems.append(f'{key}: clause must be {{ zh = "…", en = "…" }}')
    if len(problems) > before:
        return None
    verified = bool(entry["verified"])
    return Figure(
        key=key,
        value=entry["value"],
        unit=str(entry.get("unit", base.unit if base else "")),
        kind=kind,
        zh=str(entry.get("zh", base.zh if base else "")),
        en=str(entry.get("en", base.en if base else "")),
        clause_zh=str(clause.get("zh", base.clause_zh if base else "")),
        clause_en=str(clause.get("en", base.clause_en if base else "")),
        source=str(entry["source"]),
        edition=str(entry["edition"]),
        verified=verified,
        pack=pack,
        on=verified or kind in ("reading", "setting"),
    )


def _value_problems(key: str, value: object, base: Figure | None) -> list[str]:
    if base is not None and not _same_type(value, base.value):
        return [f"{key}: value {value!r} is not of the type of {base.value!r}"]
    if isinstance(value, list) and not _is_texts(value):
        return [f"{key}: value must be a list of texts"]
    # No comparison with NaN holds, so a threshold of NaN would clear every parcel.
    if isinstance(value, int | float) and not 0 <= value < math.inf:
        return [f"{key}: value must be a number from 0 up, not {value!r}"]
    return []


def _unit_problems(key: str, unit: str, base: Figure) -> list[str]:
    try:
        convert_factor(unit, base.unit)
    except ProjectError as error:
        return [f"{key}: {error}"]
    return []


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _same_type(value: object, like: object) -> bool:
    number = (int, float)
    if isinstance(value, bool) or isinstance(like, bool):
        return isinstance(value, bool) and isinstance(like, bool)
    if isinstance(like, number):
        return isinstance(value, number)
    return isinstance(value, type(like))


def _near(key: str, known: dict[str, Figure]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {near[0]!r}?" if near else "parkgeo packs show national lists the keys"
