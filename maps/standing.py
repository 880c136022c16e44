"""What a colouring rests on: the figures of the packs in force, as a snapshot keeps them, and whether their sources were seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from maps.words import in_all_languages
from parkgeo.errors import ProjectError
from parkgeo.i18n import LANGUAGES
from parkgeo.units import convert_factor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from maps.legend import Words
    from parkgeo.store import Snapshot

__all__ = ["cited", "figure_in_force", "metric_figures", "thresholds", "verified"]

_KEY = re.compile(r"\b[a-z]+\.[a-z0-9_]+\b")
_GROUPS = re.compile(r"\bgroups? ([a-z]+)(?: and ([a-z]+))?")

_RESTS_ON = {
    "score": ("evaluation.weights", "evaluation.benchmarks", "evaluation.cap"),
    "grade": (
        "evaluation.weights", "evaluation.benchmarks", "evaluation.cap", "evaluation.bands_by_rank", "evaluation.bands_by_score",
        "evaluation.default_bands_by_rank",
    ),
}  # fmt: skip
"""Columns whose source names the packs and not their figures."""


def figure_in_force(snapshot: Snapshot, key: str) -> dict[str, Any] | None:
    """A figure of the packs; None where none holds it, where it is off, or where it is left to the office."""
    figure: dict[str, Any] | None = snapshot.catalogue.get("figures", {}).get(key)
    return None if figure is None or not figure["on"] or figure["value"] in ("", [], {}) else figure


def metric_figures(snapshot: Snapshot, column: str) -> list[dict[str, Any]]:
    """The figures in force that the catalogue names as the source of a column."""
    source = str(snapshot.field("parcels", column).get("source", ""))
    groups = {f"{name}." for found in _GROUPS.findall(source) for name in found if name}
    keys = [*_RESTS_ON.get(column, ()), *_KEY.findall(source)]
    keys += [key for key in snapshot.catalogue.get("figures", {}) if key.startswith(tuple(groups))]
    found = [figure_in_force(snapshot, key) for key in dict.fromkeys(keys)]
    return [figure for figure in found if figure is not None]


def verified(figures: Iterable[dict[str, Any]]) -> bool | None:
    """Whether the sources of figures were seen; None where there is none but parkgeo's own settings, which have no source.

    Examples
    --------
    >>> verified([{"kind": "rule", "verified": True}, {"kind": "setting", "verified": False}])
    True
    >>> verified([])
    """
    known = [bool(figure["verified"]) for figure in figures if figure.get("kind", "rule") != "setting"]
    return all(known) if known else None


def cited(entry: dict[str, Any], *, edition: bool = True) -> Words:
    """Clause and source of a figure or finding, in each language; a setting of parkgeo says that it is one."""
    setting = in_all_languages("parkgeo setting") if entry.get("kind") == "setting" else ["", ""]
    source = ", ".join(
        str(entry[name])
        for name in ("source", "edition")
        if (edition or name == "source") and entry.get(name)
    )
    told = [
        " · ".join(part for part in (setting[at], str(entry.get(f"clause_{lang}", "")), source) if part)
        for at, lang in enumerate(LANGUAGES)
    ]
    return told[0], told[1]


def thresholds(snapshot: Snapshot, key: str, unit: str) -> tuple[float, ...]:
    """The numbers of a figure in force, in another unit, each once and ascending; none where there are none.

    Parameters
    ----------
    snapshot
        Keeps the figures of its packs.
    key
        Of the figure: a number, a list or a table of numbers.
    unit
        Unit of the values that are classed.
    """
    figure = figure_in_force(snapshot, key)
    if figure is None:
        return ()
    value = figure["value"]
    held = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in held):
        return ()
    try:
        own = figure["unit"] or "1"
        factor = 1.0 if own == (unit or "1") else convert_factor(own, unit or "1")
    except ProjectError:
        return ()
    return tuple(sorted({float(each) * factor for each in held}))
