"""How sure a guess is."""

from __future__ import annotations

from typing import Literal

__all__ = ["GUESS", "LIKELY", "SURE", "Confidence", "confidence_of"]

Confidence = Literal["sure", "likely", "guess"]

SURE, LIKELY, GUESS = 0.88, 0.65, 0.45
"""Scores of a column from which it is sure, likely, or a guess; a weaker one is only mentioned."""


def confidence_of(score: float) -> Confidence:
    """The confidence in a column of this score.

    Examples
    --------
    >>> confidence_of(0.9), confidence_of(0.7), confidence_of(0.5)
    ('sure', 'likely', 'guess')
    """
    return "sure" if score >= SURE else "likely" if score >= LIKELY else "guess"
