"""A pack for an office to begin with: every key with what it says and its present value, each set by taking away one ``#``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parkgeo.packs.figure import Figure

__all__ = ["starter"]

_HEAD = """\
# 规则包 / rule pack. 说明见文档 rule-packs.md / docs/rule-packs.md says more.
#
# “##”行说明每项指标及其现值；去掉“#”即由本文件设定该项，并请填写出处（source）、版本（edition），
# 见过原文的写 verified = true。没有出处的指标不予采用。
# Lines with "##" say what each figure is and what is in force; take away one "#" to set it here, and fill in source and
# edition; verified = true where the text was seen. A figure without a source is refused.
#
# 在 park.toml 中 / in park.toml: packs = [{packs}]
# 检查 / check it: parkgeo packs check {file}

[pack]
name = {name}
zh = ""
en = ""
edition = {edition}
# 采用未核实的指标 / figures, not verified, that you stand behind:
# switch_on = []
"""


def starter(file: str, edition: str, figures: Iterable[Figure], over: Sequence[str]) -> str:
    """Text of a starter pack.

    Parameters
    ----------
    file
        Name of its file.
    edition
        Its edition.
    figures
        The figures to show, with the values to start from.
    over
        The packs that it lies over.

    Returns
    -------
    str
        TOML; as it stands it changes nothing.
    """
    names = ", ".join(_text(name) for name in (*over, file))
    lines = [
        _HEAD.format(
            packs=names, file=_line(file), name=_text(file.removesuffix(".toml")), edition=_text(edition)
        )
    ]
    group = ""
    for figure in sorted(figures, key=lambda each: each.key.split(".")[0]):
        own, short = figure.key.split(".", 1)
        if own != group:
            group = own
            lines.append(f"\n[{group}]\n")
        lines += _entry(short, figure)
    return "".join(lines)


def _entry(short: str, figure: Figure) -> list[str]:
    state = "" if figure.on else "；未核实，未采用 / not verified, off"
    value = figure.written() or "（留空 / left empty）"
    clause = "; ".join(part for part in (figure.clause_zh, figure.source, figure.edition) if part)
    unit = f"unit = {_text(figure.unit)}, " if figure.unit else ""
    return [
        f"## {_line(figure.zh)}\n",
        f"## {_line(figure.en)}\n",
        f"## 现值 / now: {_line(value)}  ({_line(figure.pack)}: {_line(clause)}{state})\n",
        f'# {short} = {{ value = {_value(figure.value)}, {unit}source = "", edition = "", verified = false }}\n',
    ]


def _line(text: str) -> str:
    """On one line: a comment ends where its line does."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _value(value: object) -> str:
    if value == {}:
        return "{}"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_text(name)} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """A TOML string; JSON escapes as TOML does, but leaves DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
