"""The layers beside the parcels: boundary, roads, buildings, utilities, facilities, constraints, plan and findings other than idle.

Those on accessibility and services are made in `maps.access_layers`. A layer that has classes (roads, utilities …) becomes one entry a class, so that each has its own place in the layer control. Values
outside the known codes are a user's own words: they go into the class "other", and the word itself shows only in the pop-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from maps.access_layers import ACCESS_LAYERS
from maps.layer import Drawing
from maps.palette import LAND_USES, ROADS, UTILITIES, Style, finding_style, land_use_class, layer_style
from maps.words import CODES, in_all_languages
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from maps.columns import Strings
    from parkgeo.store import Snapshot

__all__ = ["GROUPS", "OVERLAY_COLUMNS", "overlays"]

GROUPS = (
    "parks",
    "isochrones",
    "roads",
    "network",
    "parcels",
    "buildings",
    "plan",
    "constraints",
    "reach",
    "utilities",
    "findings",
    "links",
    "gates",
    "network_report",
    "facilities",
)
"""Groups of layers in drawing order, the first lowest."""

OVERLAY_COLUMNS: dict[str, tuple[str, ...]] = {
    "parks": ("name", "level", "approved_area_m2", "leading_industries"),
    "roads": ("name", "road_class", "speed_km_h", "lanes", "width_m"),
    "buildings": (),
    "plan": ("planned_use", "planned_use_code", "planned_far", "planned_density", "height_max_m"),
    "constraints": ("name", "kind", "height_limit_m"),
    "utilities": ("name", "kind", "capacity", "used", "capacity_unit", "diameter_mm"),
    "facilities": ("name", "kind"),
}
"""Table → columns that its pop-up shows; nothing else of the table is embedded."""


@dataclass(frozen=True)
class _Classed:
    """A layer split by a column: how a row's class is found, how each class is drawn, whether it shows at first."""

    column: str
    class_of: Callable[[Any], str]
    styles: dict[str, Style]
    shown: bool = False


def _known(styles: dict[str, Style]) -> Callable[[Any], str]:
    return lambda value: value if isinstance(value, str) and value in styles else "other"


_PLAN_STYLES: dict[str, Style] = {
    name: {"stroke": colour, "weight": 2.4, "dash": "8 4"} for name, colour in LAND_USES.items()
}

_CLASSED = {
    "roads": _Classed("road_class", _known(ROADS), ROADS, shown=True),
    "utilities": _Classed("kind", _known(UTILITIES), UTILITIES),
    "plan": _Classed(
        "planned_use_code", lambda code: land_use_class(code if isinstance(code, str) else None), _PLAN_STYLES
    ),
}
_CONSTRAINTS = (
    "ecological_red_line",
    "permanent_farmland",
    "flood",
    "hazard_distance",
    "height_limit",
    "corridor",
    "other",
)


def overlays(
    snapshot: Snapshot, strings: Strings, origin: tuple[float, float], *, full: bool
) -> list[dict[str, Any]]:
    """All layers beside the parcels, in drawing order.

    Parameters
    ----------
    snapshot
        A finished analysis.
    strings
        Where texts are stored.
    origin
        Longitude and latitude taken off every coordinate, in degrees.
    full
        False leaves out buildings and pop-ups of a map that is too large for one file.

    Returns
    -------
    list of dict
        ``id``, ``group``, ``title`` (words in each language) or ``titles`` (places), ``style``, ``shown``, ``shapes``, ``columns``.
    """
    drawing = Drawing(snapshot, strings, origin, full)
    found: list[dict[str, Any]] = []
    for group in GROUPS:
        if group in ACCESS_LAYERS:
            found += ACCESS_LAYERS[group](drawing)
        elif group == "findings":
            found += _findings(drawing)
        elif group != "parcels" and group in snapshot.tables and (full or group != "buildings"):
            found += _table(drawing, group)
    return found


def _table(drawing: Drawing, group: str) -> list[dict[str, Any]]:
    """One layer, or one a class."""
    rows, columns = drawing.snapshot.read(group), OVERLAY_COLUMNS[group]
    split = _CLASSED.get(group)
    if group == "constraints":
        style = layer_style(group)
        split = _Classed(
            "kind", _known(dict.fromkeys(_CONSTRAINTS, style)), dict.fromkeys(_CONSTRAINTS, style)
        )
    if split is None:
        title = [say(_TITLES[group], lang) for lang in LANGUAGES]
        shown = group in ("parks", "buildings")
        return [drawing.layer(group, group, title, layer_style(group), rows, columns=columns, shown=shown)]
    values = rows[split.column] if split.column in rows else pd.Series(None, index=rows.index, dtype=object)
    classes = values.map(split.class_of, na_action=None)
    return [
        drawing.layer(
            f"{group}:{name}", group, in_all_languages(CODES[name]), style, rows[classes == name],
            columns=columns, shown=split.shown,
        )
        for name, style in split.styles.items()
        if (classes == name).any()
    ]  # fmt: skip


def _findings(drawing: Drawing) -> list[dict[str, Any]]:
    """One layer a finding code; idle land has its own place, the parcels' fill."""
    snapshot = drawing.snapshot
    if "findings" not in snapshot.tables:
        return []
    rows = snapshot.read("findings")
    rows = rows[(rows["verdict"] == "yes") & ~rows["code"].str.startswith("idle")]
    layers = []
    for number, code in enumerate(sorted(rows["code"].unique())):
        entry = snapshot.findings_catalogue.get(code, {})
        title = [str(entry.get(lang, code)) for lang in LANGUAGES]
        of_code = rows[rows["code"] == code]
        layer = drawing.layer(f"findings:{number}", "findings", title, finding_style(number), of_code)
        layer["reasons"] = [
            drawing.strings.places(of_code[f"reason_{lang}"]) if drawing.full else [] for lang in LANGUAGES
        ]
        layers.append(layer)
    return layers


_TITLES = {"parks": "Park boundary", "buildings": "Buildings", "facilities": "Facilities"}
