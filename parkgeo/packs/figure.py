"""One figure of a rule pack: its value, where it comes from, and whether it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from parkgeo.errors import PackError
from parkgeo.units import convert_factor

__all__ = ["Figure", "Kind"]

Kind = Literal["rule", "reading", "benchmark", "setting"]


@dataclass(frozen=True)
class Figure:
    """One figure of a pack.

    Attributes
    ----------
    key
        Group and name, ``idle.full_years``.
    value
        Number, flag, text, list or table; ``""`` for a number that is left to the office.
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

    def text(self) -> str:
        """The value as a text.

        Raises
        ------
        PackError
            The value is not a text.
        """
        if not isinstance(self.value, str):
            raise PackError(f"{self.key} must be a text, not {self.value!r}", where=self.pack)
        return self.value

    def flag(self) -> bool:
        """The value as a flag.

        Raises
        ------
        PackError
            The value is not true or false.
        """
        if not isinstance(self.value, bool):
            raise PackError(f"{self.key} must be true or false, not {self.value!r}", where=self.pack)
        return self.value

    def texts(self) -> tuple[str, ...]:
        """The value as a list of texts.

        Raises
        ------
        PackError
            The value is not a list.
        """
        if not isinstance(self.value, list):
            raise PackError(f"{self.key} must be a list of texts, not {self.value!r}", where=self.pack)
        return tuple(self.value)

    def table(self, unit: str = "") -> dict[str, float]:
        """The value as a table of numbers, in another unit where one is named.

        Raises
        ------
        PackError
            The value is not a table of numbers.
        """
        if not isinstance(self.value, dict) or any(isinstance(each, list) for each in self.value.values()):
            raise PackError(f"{self.key} must be a table of numbers, not {self.value!r}", where=self.pack)
        factor = convert_factor(self.unit, unit) if unit and unit != self.unit else 1.0
        return {name: float(each) * factor for name, each in self.value.items()}

    def lists(self) -> dict[str, tuple[str, ...]]:
        """The value as a table of lists of texts.

        Raises
        ------
        PackError
            The value is not a table of lists.
        """
        if not isinstance(self.value, dict) or not all(
            isinstance(each, list) for each in self.value.values()
        ):
            raise PackError(f"{self.key} must be a table of lists, not {self.value!r}", where=self.pack)
        return {name: tuple(each) for name, each in self.value.items()}

    @property
    def empty(self) -> bool:
        """Whether the pack names the figure and leaves it to the office: an empty table or list, or ``""``."""
        return self.value in ({}, [], "")

    def cite(self) -> str:
        """Source and edition in a line."""
        return f"{self.source}, {self.edition}"

    def clause(self, lang: str) -> str:
        """Where a regulation says it, in a language."""
        return self.clause_zh if lang == "zh" else self.clause_en

    def written(self) -> str:
        """Value and unit in a line: ``2 year``, ``12, 13, 14``, ``A = 0.2, B = 0.75``; empty where it is left empty."""
        unit = "" if self.unit == "1" or self.empty else self.unit
        return f"{_plain(self.value)} {unit}".strip()

    def as_evidence(self) -> dict[str, Any]:
        """A line of evidence that names the figure, its pack and its source."""
        return {
            "what": self.key, "value": self.value, "pack": self.pack, "source": self.source,
            "edition": self.edition, "kind": self.kind, "verified": self.verified,
        }  # fmt: skip


def _plain(value: object) -> str:
    if isinstance(value, dict):
        between = "; " if any(isinstance(each, list) for each in value.values()) else ", "
        return between.join(f"{name} = {_plain(each) or '—'}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
