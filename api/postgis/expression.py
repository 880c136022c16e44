"""Pieces of SQL with the values that are bound to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Expression", "joined", "storable", "together"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of SQL.

    Attributes
    ----------
    text
        The SQL, with a placeholder for each value.
    bound
        The values, in the order of their placeholders.
    """

    text: sql.Composable
    bound: tuple[Any, ...] = ()

    @classmethod
    def of(cls, pattern: LiteralString, *parts: Expression) -> Expression:
        """Pieces put into a pattern, their values kept in order."""
        text = sql.SQL(pattern).format(*(part.text for part in parts))
        return cls(text, tuple(value for part in parts for value in part.bound))


def joined(word: LiteralString, parts: Sequence[sql.Composable]) -> sql.Composed:
    """Conditions in brackets, with a word between them."""
    return sql.SQL("(") + sql.SQL(word).join(parts) + sql.SQL(")")


def together(word: LiteralString, parts: Sequence[Expression]) -> Expression:
    """Pieces in brackets, with a word between them."""
    return Expression(
        joined(word, [part.text for part in parts]), tuple(value for part in parts for value in part.bound)
    )


def storable(text: str) -> str:
    """A text as it would lie in the database, which knows no NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
