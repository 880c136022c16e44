"""What each layer holds: fields, units, titles, aliases, read from ``fields.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal

from parkgeo.errors import NotFoundError, name_some

__all__ = [
    "Field",
    "FieldType",
    "GeometryFamily",
    "LayerSchema",
    "any_table",
    "fold_header",
    "schema",
    "schemas",
]

FieldType = Literal["id", "text", "number", "integer", "date", "flag", "code", "list"]
GeometryFamily = Literal["polygon", "line", "point", "any", "none"]

_UNIT_IN_BRACKETS = re.compile(r"[(（\[【]\s*([^()（）\[\]【】]*)\s*[)）\]】]\s*$")


def fold_header(header: str) -> tuple[str, str]:
    """A header without case, spaces and unit, and the unit it named.

    Parameters
    ----------
    header
        As an office writes it.

    Returns
    -------
    tuple of str
        The folded header, and the text of its last bracket (empty when there is none).

    Examples
    --------
    >>> fold_header("宗地面积 (亩)")
    ('宗地面积', '亩')
    >>> fold_header("Parcel_ID")
    ('parcelid', '')
    """
    text = header.strip()
    found = _UNIT_IN_BRACKETS.search(text)
    unit = found.group(1).strip() if found else ""
    bare = text[: found.start()] if found else text
    return re.sub(r"[\s_\-]+", "", bare).casefold(), unit


@dataclass(frozen=True)
class Field:
    """One field of a layer.

    Attributes
    ----------
    name
        Name inside parkgeo, ASCII with a unit suffix.
    kind
        Type of the values.
    unit
        Unit inside parkgeo; empty where there is none.
    zh, en
        Titles.
    aliases
        Headers that offices use for it.
    codes
        For a code: value inside → what offices write.
    open_codes
        Whether a code outside the list is kept as it stands.
    minimum, maximum
        Values beyond them are faults; None is no limit.
    required
        Whether a row without it is rejected.
    personal
        Whether it tells of a person.
    month_day
        For a date: which day stands for a month that is given without one; empty where none does.
    """

    name: str
    kind: FieldType
    unit: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    codes: dict[str, tuple[str, ...]]
    open_codes: bool
    minimum: float | None
    maximum: float | None
    required: bool
    personal: bool
    month_day: Literal["", "first", "last"] = ""

    @cached_property
    def headers(self) -> frozenset[str]:
        """All folded headers that mean this field."""
        return frozenset(fold_header(text)[0] for text in (self.name, self.zh, *self.aliases))

    def entry(self) -> dict[str, Any]:
        """What a catalogue says of the field."""
        told: dict[str, Any] = {"zh": self.zh, "en": self.en, "unit": self.unit, "type": self.kind}
        if self.codes:
            told["codes"] = {code: (written[0] if written else code) for code, written in self.codes.items()}
        if self.personal:
            told["personal"] = True
        return told


@dataclass(frozen=True)
class LayerSchema:
    """One layer: its geometry, its key and its fields.

    Attributes
    ----------
    name
        Name inside parkgeo.
    geometry
        Family of geometry.
    key
        Field that must be unique; empty where no single field is.
    zh, en
        Titles.
    fields
        Name → field, in the order of ``fields.toml``.
    """

    name: str
    geometry: GeometryFamily
    key: str
    zh: str
    en: str
    fields: dict[str, Field]

    def field_for(self, header: str) -> Field | None:
        """The field that a header means, or None.

        Examples
        --------
        >>> schema("parcels").field_for("宗地面积（亩）").name
        'registered_area_m2'
        """
        folded, _ = fold_header(header)
        return self._by_header.get(folded)

    @cached_property
    def _by_header(self) -> dict[str, Field]:
        """Folded header → the first field that it means."""
        found: dict[str, Field] = {}
        for field in self.fields.values():
            for folded in field.headers:
                found.setdefault(folded, field)
        return found


@cache
def schemas() -> dict[str, LayerSchema]:
    """All layers by name."""
    with resources.files(__package__).joinpath("fields.toml").open("rb") as file:
        tables: dict[str, dict[str, dict[str, Any]]] = tomllib.load(file)
    return {name: _layer(name, entries) for name, entries in tables.items()}


def schema(layer: str) -> LayerSchema:
    """The schema of a layer.

    Raises
    ------
    NotFoundError
        No layer has that name.

    Examples
    --------
    >>> schema("parcels").key
    'parcel_id'
    """
    if layer not in schemas():
        raise NotFoundError(f"no layer {layer!r}", mend=f"there are {name_some(schemas(), shown=20)}")
    return schemas()[layer]


@cache
def any_table() -> LayerSchema:
    """A layer of all fields that tables have, to find the header of a table of which it is not known what it holds.

    Examples
    --------
    >>> any_table().field_for("工业总产值").name
    'output_wan'
    """
    fields = {
        f"{layer.name}.{name}": field
        for layer in schemas().values()
        if layer.geometry == "none" or layer.name == "parcels"
        for name, field in layer.fields.items()
    }
    return LayerSchema("", "none", "", "表格", "Table", fields)


def _layer(name: str, entries: dict[str, dict[str, Any]]) -> LayerSchema:
    head = entries["layer"]
    fields = {key: _field(key, entry) for key, entry in entries.items() if key != "layer"}
    return LayerSchema(name, head["geometry"], head["key"], head["zh"], head["en"], fields)


def _field(name: str, entry: dict[str, Any]) -> Field:
    return Field(
        name=name,
        kind=entry["type"],
        unit=entry.get("unit", ""),
        zh=entry["zh"],
        en=entry["en"],
        aliases=tuple(entry["aliases"]),
        codes={code: tuple(written) for code, written in entry.get("codes", {}).items()},
        open_codes=entry.get("open", False),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        required=entry.get("required", False),
        personal=entry.get("personal", False),
        month_day=entry.get("month_day", ""),
    )
