"""Quantities as people write them: a number and its unit, ``30 亩``, ``1.2 MVA``, ``120 m``."""

from __future__ import annotations

import math
import re

from parkgeo.errors import ProjectError, name_some
from parkgeo.units import convert_factor, known_units

__all__ = ["quantity"]

_WRITTEN = re.compile(r"([+\-−]?)\s*(\d+(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)\s*(\D.*)", re.DOTALL)
_EXPONENT = re.compile(r"[+\-−]?[\d.,]+[eE][+\-−]?\d")
_LONGEST = 80
"""No quantity is longer; what is, is not looked at."""


def quantity(written: object, unit: str) -> float:
    """A written quantity in a unit.

    Parameters
    ----------
    written
        A text with a number and a unit.
    unit
        The unit that is wanted, ``m2``.

    Returns
    -------
    float
        0 or more.

    Raises
    ------
    ValueError
        It is no text, has no number, no unit or an unknown one, or is negative; the message says which.

    Examples
    --------
    >>> round(quantity("30 亩", "m2"), 6), quantity("2 ha", "m2"), quantity("1.2 MVA", "kVA")
    (20000.0, 20000.0, 1200.0)
    >>> quantity("-3 m", "m")
    Traceback (most recent call last):
    ValueError: is negative: '-3 m'
    """
    example = f"write a number and its unit, one of {name_some(known_units(unit), shown=6)}"
    if isinstance(written, bool) or not isinstance(written, str):
        raise ValueError(  # noqa: TRY004 - what is written is wrong, not the program
            f"has no unit: {str(written)[:_LONGEST]!r}; {example}"
        )
    if _EXPONENT.match(written[:_LONGEST].strip()):
        raise ValueError(
            f"is written with an exponent: {written[:_LONGEST]!r}; write the number in full, and its unit"
        )
    found = _WRITTEN.fullmatch(written.strip()) if len(written) <= _LONGEST else None
    if found is None:
        raise ValueError(f"is no number with a unit: {written[:_LONGEST]!r}; {example}")
    sign, number, named = found.groups()
    if sign in ("-", "−"):
        raise ValueError(f"is negative: {written!r}")
    try:
        factor = convert_factor(named, unit)
    except ProjectError:
        raise ValueError(f"has a unit that is none of this: {written!r}; {example}") from None
    value = float(number.replace(",", "")) * factor
    if not math.isfinite(value):
        raise ValueError(f"is too large: {written!r}")
    return value
