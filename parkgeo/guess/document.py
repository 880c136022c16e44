"""A draft as a commented park.toml."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from parkgeo.files import publish_file
from parkgeo.guess.headers import NAMED
from parkgeo.i18n import LANGUAGES, say
from parkgeo.layers import schemas, sentence
from parkgeo.project import TABLE_LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parkgeo.guess.columns import ColumnGuess
    from parkgeo.guess.draft import Draft, Entry, NotUsed
    from parkgeo.layers import Sentence

__all__ = ["document", "toml_text", "write_document"]

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_BMP = 0xFFFF
_LONGEST_REMARK, _MOST_REASONS, _MOST_UNUSED = 240, 4, 30
_HEAD = """\
# 由 parkgeo init 生成：每一行都是猜测，注明把握和依据；不对的地方改一行即可，本文件不会被覆盖。
# Written by parkgeo init: every line is a guess, with how sure it is and why. Correct a line; this file is not overwritten.
#
# 确定 / sure · 可能 / likely · 猜测 / guess · 以“# ”开头的行不起作用 / lines that begin with "# " do nothing
#
#   field = "列名"                              a column as it is
#   field = { column = "列名", unit = "亩" }     a column in another unit
# 相对路径以本文件所在文件夹为准 / Paths are relative to this file.
"""


def write_document(draft: Draft, path: Path) -> None:
    """Write a draft as a park.toml, whole or not at all.

    Parameters
    ----------
    draft
        What it shall say.
    path
        Where; an existing file is replaced.

    Raises
    ------
    StoreError
        The place cannot be written.
    """
    with publish_file(path) as beside:
        beside.write_text(document(draft, path.parent), encoding="utf-8", newline="\n")


def toml_text(text: str) -> str:
    r"""Text as a TOML string on one line, whatever is in it.

    Examples
    --------
    >>> print(toml_text('a "b"\nc'))
    "a \"b\"\nc"
    """
    return '"' + "".join(_letter(letter) for letter in text) + '"'


def _letter(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if letter.isprintable():
        return letter
    number = ord(letter)
    return f"\\u{number:04X}" if number <= _BMP else f"\\U{number:08X}"


def document(draft: Draft, folder: Path) -> str:
    """The text of a park.toml.

    Parameters
    ----------
    draft
        What it shall say.
    folder
        Where it shall lie; paths are written relative to it.
    """
    lines = [_HEAD, "[park]", f"name = {toml_text(draft.name)}  # {_both(draft.name_from)}"]
    lines.append(
        "# as_of = 2026-06-30  # "
        + _both(sentence("the day on which everything is judged; without it, today"))
    )
    lines.append(f'packs = ["national"]  # {_both(sentence("rule packs"))}')
    if not draft.has("parcels"):
        lines += ["", *_absent_parcels()]
    entries = {layer: [one for one in draft.entries if one.layer == layer] for layer in _order(draft)}
    for of_layer in entries.values():
        for entry in of_layer:
            lines += ["", *_entry(entry, folder, several=len(of_layer) > 1)]
    for one in draft.not_used:
        if one.layer:
            lines += ["", *_unread(one, folder)]
    lines += _leftovers(draft, folder)
    return "\n".join(lines) + "\n"


def _order(draft: Draft) -> list[str]:
    return list(dict.fromkeys(entry.layer for entry in draft.entries))


def _absent_parcels() -> Iterator[str]:
    yield f"# {_both(sentence('No table looks like the parcels, the one layer that must be there: name it here.'))}"
    yield "# [layers.parcels]"
    yield '# path = "…"'
    yield '# fields = { parcel_id = "…" }'


def _unread(one: NotUsed, folder: Path) -> Iterator[str]:
    """A file that could not be read as the entry that it would be, so that nobody takes its layer for absent."""
    yield f"# {_title(one.layer)}: {say('not read', 'zh')} / not read"
    yield f"#   {_both(one.reason)}"
    yield f"# [layers.{one.layer}]"
    yield f"# path = {toml_text(relative(one.path, folder))}"
    if one.table:
        yield f"# layer = {toml_text(one.table)}"


def _both(said: Sentence) -> str:
    """A sentence in both languages as a remark on one line."""
    return _remark(f"{said.speak('zh')} / {said.speak('en')}")


def _remark(text: str) -> str:
    """Text that may stand in a comment: on one line, without letters that do not show."""
    plain = "".join(letter if letter.isprintable() else _letter(letter) for letter in text)
    return plain if len(plain) <= _LONGEST_REMARK else plain[:_LONGEST_REMARK] + "…"


def _sure(confidence: str) -> str:
    return f"{say(confidence, 'zh')} / {confidence}"


def _entry(entry: Entry, folder: Path, *, several: bool) -> Iterator[str]:
    """An entry; one that is not live has every line behind a mark of a comment."""
    mark = "" if entry.not_live is None else "# "
    yield f"# {_title(entry.layer)}: {_sure(entry.confidence)}"
    for reason in entry.reasons[:_MOST_REASONS]:
        yield f"#   {_both(reason)}"
    yield f"#   {_both(entry.what)}"
    if entry.not_live is not None:
        yield f"#   {_both(sentence('not used: {reason}', reason=entry.not_live))}"
    yield mark + (f"[[layers.{entry.layer}]]" if several else f"[layers.{entry.layer}]")
    yield f"{mark}path = {toml_text(relative(entry.path, folder))}"
    if entry.table:
        yield f"{mark}layer = {toml_text(entry.table)}"
    if entry.where:
        yield f"{mark}where = {toml_text(entry.where)}  # {_both(sentence('only these rows: the parks are made of them'))}"
    for line in (*_system(entry), *_image(entry), *_fields(entry)):
        yield (mark + line).rstrip()


def relative(path: Path, folder: Path) -> str:
    """A path as park.toml in a folder names it; absolute where no relative one leads there (another drive)."""
    try:
        found = os.path.relpath(path, folder)
    except ValueError:
        return path.resolve().as_posix()
    return found.replace(os.sep, "/")


def _title(layer: str) -> str:
    if layer not in schemas():
        return f"{say(layer, 'zh')} / {say(layer, 'en')}"
    return f"{schemas()[layer].zh} / {schemas()[layer].en}"


def _system(entry: Entry) -> Iterator[str]:
    guess = entry.system
    if guess is None:
        return
    if guess.stated and guess.ground is not None:
        yield f"# {_both(sentence('coordinate system: {name}, {reason}', name=guess.name, reason=guess.reason))}"
    elif guess.ground is not None:
        yield f"crs = {toml_text(guess.ground.key)}  # {_both(guess.reason)}"
    else:
        yield f"# {_both(sentence('coordinate system not known: {reason}', reason=guess.reason))}"
        yield from (f"# {_remark(line)}" for line in guess.candidates or ('crs = "EPSG:…"',))
    if guess.axes:
        yield f'axes = "{guess.axes}"  # {_both(guess.reason)}'


def _image(entry: Entry) -> Iterator[str]:
    if entry.layer != "imagery":
        return
    yield f"date = {entry.date.isoformat()}" if entry.date else "# date = YYYY-MM-DD"
    if entry.bands:
        roles = ", ".join(f"{role} = {number}" for role, number in entry.bands.items())
        yield f"{'' if entry.bands_sure else '# '}bands = {{ {roles} }}"


def _fields(entry: Entry) -> Iterator[str]:
    if entry.columns:
        yield ""
        yield f"[layers.{entry.layer}.fields]"
        yield from (_column(guess) for guess in entry.columns)
    if entry.unused and (entry.columns or entry.layer in TABLE_LAYERS):
        named = ", ".join(toml_text(column) for column in entry.unused[:_MOST_UNUSED])
        yield f"# {_both(sentence('columns not used: {named}', named=named))}"


def _column(guess: ColumnGuess) -> str:
    """A line for a field; what is plain is not explained."""
    column = toml_text(guess.column)
    value = f"{{ column = {column}, unit = {toml_text(guess.unit)} }}" if guess.unit else column
    reasons = [*guess.reasons]
    if guess.confidence == "sure":
        reasons = [reason for reason in reasons if reason != NAMED]
    if guess.others:
        reasons.append(sentence("or {others}", others=tuple(toml_text(name) for name in guess.others)))
    why = " / ".join(say("; ", lang).join(reason.speak(lang) for reason in reasons) for lang in LANGUAGES)
    mark = "" if guess.live else "# "
    told = f"{guess.field.zh} {_sure(guess.confidence)}" + (f": {why}" if reasons else "")
    return f"{mark}{guess.field.name} = {value}  # {_remark(told)}"


def _leftovers(draft: Draft, folder: Path) -> Iterator[str]:
    left = [one for one in draft.not_used if not one.layer]
    if not left:
        return
    yield ""
    yield f"# {_both(sentence('Not used:'))}"
    for one in left:
        name = re.sub(r"^\./", "", relative(one.path, folder)) + (f" · {one.table}" if one.table else "")
        yield f"#   {_remark(name)}: {_both(one.reason)}"
