"""docs/data-dictionary.md: every layer and field, out of ``fields.toml``.

::

    python -m parkgeo.layers.dictionary docs/data-dictionary.md
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from parkgeo.layers.schema import schemas
from parkgeo.units import known_units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parkgeo.layers.schema import Field, LayerSchema

__all__ = ["data_dictionary"]

_COMMAND = "python -m parkgeo.layers.dictionary docs/data-dictionary.md"
_HEAD = f"""\
<!-- 由 parkgeo/layers/fields.toml 生成，请勿手改 / Generated from parkgeo/layers/fields.toml, not written by hand: {_COMMAND} -->

# 数据字典 / Data dictionary

每个图层的字段：名称、类型、单位、含义，以及各单位常用的列名（别名）。列名不分大小写，空格、下划线和末尾括号里的单位不计；
别名以外的列名在 `park.toml` 里写明，或由 `parkgeo init` 猜测。只有标“必填”的字段不可缺。

The fields of each layer: name, type, unit, meaning, and the headers that offices use for it (aliases). Letter case, spaces,
underscores and a unit in a last bracket do not matter; other headers are mapped in `park.toml`, or guessed by
`parkgeo init`. Only fields marked as required must be there.

| 类型 / Type | 说明 / What it is |
|---|---|
| `id` | 编号，按文字读取，保留全部数字 / a number or code, read as text with all its digits |
| `text` | 文字 / text |
| `list` | 多个编号，以逗号、顿号、分号或空格分隔 / several ids, parted by commas, semicolons or spaces |
| `number`, `integer` | 数值；超出范围的值不删除，列为问题 / a figure; beyond its limits it is a fault and stays |
| `date` | 日期；只写年月的，按“缺日”取该月首日或末日（取对用地者有利的一天）/ a day; where only the month is given, the day under “month alone” stands for it, the one that is lenient to the land user |
| `flag` | 是 / 否，yes / no |
| `code` | 代码，各单位的写法见表下；注明“开放”的，表外的词原样保留 / a code, written as under the table; an open one keeps words of its own |

单位可写在列名括号里或 `park.toml` 里 / Units, in a header's bracket or in `park.toml`:
"""


def data_dictionary() -> str:
    """The text of docs/data-dictionary.md, in Markdown.

    Examples
    --------
    >>> "| `parcel_id` |" in data_dictionary()
    True
    """
    lines = [_HEAD, *_units()]
    for layer in schemas().values():
        lines += ["", *_layer(layer)]
    return "\n".join(lines) + "\n"


def _units() -> Iterator[str]:
    yield "| 字段的单位 / Field's unit | 可写 / May be written |"
    yield "|---|---|"
    inside = dict.fromkeys(field.unit for layer in schemas().values() for field in layer.fields.values())
    for unit in inside:
        written = [one for one in known_units(unit) if one]
        if unit and len(written) > 1:
            yield f"| {_cell(unit)} | {_cell(' · '.join(written))} |"


def _layer(layer: LayerSchema) -> Iterator[str]:
    kinds = {
        "polygon": "面 / polygons",
        "line": "线 / lines",
        "point": "点 / points",
        "any": "点、线或面 / points, lines or polygons",
    }
    kind = kinds.get(layer.geometry, "无图形 / a table")
    key = f"；唯一键 / unique key `{layer.key}`" if layer.key else ""
    yield f"## `{layer.name}` {layer.zh} / {layer.en}"
    yield ""
    yield f"{kind}{key}"
    yield ""
    yield "| 字段 / Field | 标题 / Title | 类型 / Type | 单位 / Unit | 范围 / Limits | 别名 / Aliases | 备注 / Remarks |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_row(field) for field in layer.fields.values())
    for field in layer.fields.values():
        if field.codes:
            yield ""
            yield from _codes(field)


def _row(field: Field) -> str:
    unit = "" if field.unit in ("", "1") else field.unit
    title = f"{field.zh} / {field.en}"
    cells = (
        f"`{field.name}`", _cell(title), f"`{field.kind}`", _cell(unit), _limits(field),
        _cell("、".join(field.aliases)), "；".join(_remarks(field)),
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _limits(field: Field) -> str:
    if field.minimum is None and field.maximum is None:
        return ""
    low, high = ("" if one is None else f"{one:,}" for one in (field.minimum, field.maximum))
    return f"{low} … {high}".strip()


def _remarks(field: Field) -> Iterator[str]:
    if field.required:
        yield "必填 / required"
    if field.personal:
        yield "个人信息，输出时遮蔽 / personal, masked in what is given out"
    if field.month_day:
        zh = {"first": "首日", "last": "末日"}[field.month_day]
        yield f"缺日取该月{zh} / month alone: its {field.month_day} day"
    if field.codes and field.open_codes:
        yield "开放 / open"


def _codes(field: Field) -> Iterator[str]:
    yield f"`{field.name}` {field.zh} / {field.en}:"
    yield ""
    yield "| 代码 / Code | 写法 / Written as |"
    yield "|---|---|"
    for code, written in field.codes.items():
        yield f"| `{code}` | {_cell('、'.join(written))} |"


def _cell(text: str) -> str:
    """Text in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(data_dictionary(), encoding="utf-8", newline="\n")
