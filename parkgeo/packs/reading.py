"""A pack's files → its figures; all that is to be mended told at once."""

from __future__ import annotations

import difflib
import hashlib
import math
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from parkgeo.errors import PackError, name_some
from parkgeo.packs.figure import Figure, Kind
from parkgeo.units import convertible

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OPEN_GROUPS", "Pack", "Place", "parse_pack", "read_pack", "suggest"]

Place = Literal["common", "national", "local", "abroad", "office"]

_KEYS = ("value", "unit", "kind", "zh", "en", "clause", "source", "edition", "verified")
OPEN_GROUPS = ("industries",)
"""Groups to which an office adds entries of its own."""
_LIKE = 0.75
"""From which likeness on one key may have been meant for another."""
_HEAD_KEYS = ("name", "zh", "en", "edition", "switch_on")


@dataclass(frozen=True)
class Pack:
    """A pack as it stands in its files.

    Attributes
    ----------
    name, zh, en, edition
        What it calls itself.
    sha256
        Of the files, in the order of their names.
    figures
        Key → figure.
    switch_on
        Keys of figures, not verified, that the office stands behind.
    place
        Where it lies: ``common`` under all, ``national``, ``local`` over the national one, ``abroad`` by itself, or an
        ``office``'s own.
    """

    name: str
    zh: str
    en: str
    edition: str
    sha256: str
    figures: dict[str, Figure]
    switch_on: tuple[str, ...]
    place: Place = "office"


def parse_pack(
    files: Mapping[str, bytes], name: str, known: Mapping[str, Figure] | None, *, place: Place = "office"
) -> Pack:
    """A pack from the bytes of its files.

    Parameters
    ----------
    files
        File name → content, TOML in UTF-8. One of them holds ``[pack]``; a group of figures stands whole in one file.
    name
        What the pack is called in messages and figures.
    known
        The figures that there are; None: any key may be new.
    place
        Where it lies among the packs.

    Returns
    -------
    Pack

    Raises
    ------
    PackError
        All that is to be mended, told at once.
    """
    pack, problems = read_pack(files, name, known, place=place)
    if problems:
        raise PackError(
            f"{len(problems)} to mend" + "".join(f"\n  - {problem}" for problem in problems), where=name
        )
    return pack


def read_pack(
    files: Mapping[str, bytes], name: str, known: Mapping[str, Figure] | None, *, place: Place = "office"
) -> tuple[Pack, list[str]]:
    """What of a pack can be read, and all that is to be mended in it.

    As `parse_pack`, but a figure with a fault is left out and told.

    Raises
    ------
    PackError
        A file is not TOML, or ``pack`` is no table: nothing can be read.
    """
    problems: list[str] = []
    tables = _tables(files, problems)
    head = _head(tables.pop("pack", {}), name, problems)
    figures = {}
    for group, entries in tables.items():
        if not isinstance(entries, dict):
            problems.append(f"{group} must be a table of figures")
            continue
        for short, entry in entries.items():
            key = f"{group}.{short}"
            if known is not None and key not in known and group not in OPEN_GROUPS:
                problems.append(f"unknown key {key!r}; {suggest(key, known)}")
            elif found := _figure(key, entry, name, known, problems):
                figures[key] = found
    own_name = str(head.get("name") or name)
    pack = Pack(
        name=own_name,
        zh=str(head.get("zh") or own_name),
        en=str(head.get("en") or own_name),
        edition=str(head.get("edition", "")),
        sha256=hashlib.sha256(b"".join(content for _, content in sorted(files.items()))).hexdigest(),
        figures=figures,
        switch_on=tuple(head.get("switch_on", [])) if _is_texts(head.get("switch_on", [])) else (),
        place=place,
    )
    return pack, problems


def _tables(files: Mapping[str, bytes], problems: list[str]) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for file, content in sorted(files.items()):
        try:
            read = tomllib.loads(content.decode("utf-8-sig"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PackError(f"not TOML: {error}", where=file, mend="save it as UTF-8 TOML") from error
        problems += [f"[{group}] stands in {file} and in another file" for group in read if group in tables]
        tables |= read
    return tables


def suggest(key: str, known: Mapping[str, Figure]) -> str:
    """What a key that is not known may have been meant to be."""
    group = key.partition(".")[0] + "."
    own = [each.removeprefix(group) for each in known if each.startswith(group)]
    # The names alone are compared: that all keys of a group begin alike makes none of them likely.
    names = difflib.get_close_matches(key.removeprefix(group), own, n=1, cutoff=_LIKE)
    near = [group + names[0]] if names else difflib.get_close_matches(key, known, n=1, cutoff=_LIKE)
    if near:
        return f"did you mean {near[0]!r}?"
    if own:
        return f"[{group[:-1]}] has {name_some(own, shown=len(own))}"
    return "parkgeo packs show national lists the keys"


def _head(head: object, name: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(head, dict):
        raise PackError("pack must be a table", where=name, mend="write [pack], then name and edition")
    problems += [f"[pack] unknown key {key!r}" for key in head if key not in _HEAD_KEYS]
    problems += [f"[pack] {key} is missing" for key in ("name", "edition") if not head.get(key)]
    if not _is_texts(head.get("switch_on", [])):
        problems.append("[pack] switch_on must be a list of keys")
    return head


def _figure(
    key: str, entry: object, pack: str, known: Mapping[str, Figure] | None, problems: list[str]
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
    base = known.get(key) if known is not None else None
    own = "setting" if key.partition(".")[0] in OPEN_GROUPS else "rule"
    kind = entry.get("kind", base.kind if base else own)
    if kind not in get_args(Kind):
        problems.append(f"{key}: kind must be one of {name_some(get_args(Kind))}")
    elif base is not None and kind != base.kind:
        problems.append(f"{key}: kind is {base.kind}, not {kind}")
    if "value" in entry:
        problems += _value_problems(key, entry["value"], base)
    if base is not None and "unit" in entry and not convertible(str(entry["unit"]), base.unit):
        problems.append(f"{key}: unit {str(entry['unit'])!r} does not convert to {base.unit!r}")
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
    amount = base is not None and _is_amount(base)
    if amount and value == "":
        return []
    if amount and not _is_number(value):
        return [f'{key}: value {value!r} is not of the type: a number, or "" where there is none']
    if base is not None and not amount and not _same_type(value, base.value):
        return [f"{key}: value {value!r} is not of the type of {base.value!r}"]
    return _content_problems(key, value)


def _content_problems(key: str, value: object) -> list[str]:
    if isinstance(value, list) and not _is_texts(value):
        return [f"{key}: value must be a list of texts"]
    if isinstance(value, dict):
        lists = all(_is_texts(each) for each in value.values())
        if not lists and not all(_is_number(each) for each in value.values()):
            return [f"{key}: value must be a table of numbers, or a table of lists of texts"]
        return [told for name, each in value.items() for told in _content_problems(f"{key}.{name}", each)]
    # No comparison with NaN holds, so a threshold of NaN would clear every parcel.
    if isinstance(value, int | float) and not 0 <= value < math.inf:
        return [f"{key}: value must be a number from 0 up, not {value!r}"]
    if not isinstance(value, int | float | str | list):
        return [f"{key}: value must be a number, true or false, a text, a list or a table, not {value!r}"]
    return []


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_amount(figure: Figure) -> bool:
    """Whether a figure is a number, also where the pack leaves it empty: only then has a text a unit."""
    return _is_number(figure.value) or (figure.value == "" and bool(figure.unit))


def _same_type(value: object, like: object) -> bool:
    if isinstance(like, dict) and isinstance(value, dict):
        kinds = {type(each) is list for table in (value, like) for each in table.values()}
        return len(kinds) <= 1
    return type(value) is type(like)
