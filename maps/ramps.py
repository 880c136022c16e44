"""Shades of quantities and of differences, and outlines that show on each: how light a colour is, by the rules of WCAG 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from maps.palette import Style

__all__ = ["Ramp", "contrast", "difference_styles", "outline", "ramp_styles"]

Ramp = Literal["viridis", "cividis"]

_DARK, _LIGHT = "#1F1F1F", "#FFFFFF"
_LEAST_CONTRAST = 3.0
_LINEAR_BELOW = 0.04045
"""Up to it sRGB is a line (IEC 61966-2-1)."""

# Viridis (Smith, van der Walt 2015) and cividis (Nuñez, Anderton, Renslow 2018), evenly spaced over their first four fifths: their
# yellow end is, to some eyes, the yellow of "undetermined", which must never look like a high or low figure.
_RAMPS: dict[str, dict[int, str]] = {
    "viridis": {
        1: "#2A788E",
        2: "#440154 #7AD151",
        3: "#440154 #2A788E #7AD151",
        4: "#440154 #39568C #1F988B #7AD151",
        5: "#440154 #414487 #2A788E #22A884 #7AD151",
        6: "#440154 #453781 #32648E #228B8D #2CB17E #7AD151",
        7: "#440154 #472F7D #39568C #2A788E #1F988B #35B779 #7AD151",
    },
    "cividis": {
        1: "#666970",
        2: "#00224E #C8B866",
        3: "#00224E #666970 #C8B866",
        4: "#00224E #47516C #848279 #C8B866",
        5: "#00224E #35456C #666970 #948E77 #C8B866",
        6: "#00224E #273E6E #545A6D #777777 #9E9676 #C8B866",
        7: "#00224E #1E3A6F #47516C #666970 #848279 #A59C74 #C8B866",
    },
}

# RdBu (Harrower, Brewer 2003), from below zero over zero to above: shades on each side, the palest first.
_ZERO = "#F7F7F7"
_BELOW = ("#F4A582", "#D6604D", "#B2182B")
_ABOVE = ("#92C5DE", "#4393C3", "#2166AC")
_SHADES = {0: (), 1: (1,), 2: (0, 2), 3: (0, 1, 2)}


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        each / 12.92 if each <= _LINEAR_BELOW else ((each + 0.055) / 1.055) ** 2.4
        for each in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """How much lighter one colour is than another, 1 to 21, by WCAG 2.

    Examples
    --------
    >>> round(contrast("#FFFFFF", "#000000"), 2)
    21.0
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def outline(fill: str) -> str:
    """An outline that shows on a fill: dark, or white where the fill is too dark for that.

    Examples
    --------
    >>> outline("#7AD151"), outline("#440154")
    ('#1F1F1F', '#FFFFFF')
    """
    return _DARK if contrast(fill, _DARK) >= _LEAST_CONTRAST else _LIGHT


def _filled(fill: str) -> Style:
    return {"fill": fill, "fill_opacity": 1.0, "stroke": outline(fill), "weight": 0.6}


def ramp_styles(count: int, ramp: Ramp = "viridis") -> list[Style]:
    """Fills of the classes of a quantity, dark to light.

    Parameters
    ----------
    count
        How many classes, 1 to 7; those beyond the seventh look like it.
    ramp
        ``viridis``, or ``cividis`` that reads the same with and without colour vision.

    Examples
    --------
    >>> [style["fill"] for style in ramp_styles(3)]
    ['#440154', '#2A788E', '#7AD151']
    """
    shades = _RAMPS[ramp][min(count, max(_RAMPS[ramp]))].split()
    return [_filled(shades[min(number, len(shades) - 1)]) for number in range(count)]


def difference_styles(below: int, above: int) -> list[Style]:
    """Fills of differences: so many classes below zero in reds, one about zero, so many above in blues.

    Parameters
    ----------
    below, above
        At most three.

    Examples
    --------
    >>> [style["fill"] for style in difference_styles(1, 1)]
    ['#D6604D', '#F7F7F7', '#4393C3']
    """
    reds = [_BELOW[shade] for shade in reversed(_SHADES[below])]
    blues = [_ABOVE[shade] for shade in _SHADES[above]]
    return [_filled(fill) for fill in (*reds, _ZERO, *blues)]
