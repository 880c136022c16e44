"""The layers beside the parcels: boundary, roads, buildings, utilities, facilities, constraints, plan and findings other than idle.

Those on accessibility and services are made in `maps.access_layers`. A layer that has classes (roads, utilities …) becomes one entry a class, so that each has its own place in the layer control. Values
outside the known codes are a user's own words: they go into the class "other", and the word itself shows only in the pop-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maps.access_layers import ACCESS_LAYERS
from maps.columns import text_column
from maps.imagery import imagery
from maps.layer import Drawing
from maps.palette import LAND_USES, ROADS, UTILITIES, Style, finding_style, land_use_class, layer_style
from maps.siting_layers import AREA_OF, SITING_COLUMNS, SITING_LAYERS, block_parts, listed
from maps.words import CODES, in_all_languages
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.store import Snapshot

__all__ = ["DERIVED", "GROUPS", "OVERLAY_COLUMNS", "PARTED_BY", "Part", "area_of", "overlays", "parts_of", "reasons", "told"]  # fmt: skip

GROUPS = (
    "imagery",
    "parks",
    "isochrones",
    "roads",
    "network",
    "parcels",
    "buildings",
    "blocks",
    "plan",
    "constraints",
    "net_land",
    "sites",
    "reach",
    "utilities",
    "findings",
    "neighbour_conflicts",
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
    **SITING_COLUMNS,
}
"""Table → columns that its pop-up shows; nothing else of the table is embedded."""


DERIVED = {**ACCESS_LAYERS, **SITING_LAYERS}
"""Group of layers that is derived for the map, and no table as it stands → what makes it."""

_DETAIL = ("buildings", "net_land", "blocks")
"""Tables that a map too large for one file leaves out."""


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
    snapshot: Snapshot, origin: tuple[float, float], *, full: bool, only: str = ""
) -> list[dict[str, Any]]:
    """All layers beside the parcels, in drawing order.

    Parameters
    ----------
    snapshot
        A finished analysis.
    origin
        x and y taken off every coordinate, in units of the Web Mercator square.
    full
        False leaves out buildings, blocks, net land and pop-ups of a map that is too large for one file.
    only
        A group; by default all.

    Returns
    -------
    list of dict
        ``id``, ``group``, ``title`` (words in each language), ``style`` or ``styles`` with each row's in ``of``, ``shown``, ``count``,
        ``area_m2`` where it tells something, ``shapes``, ``columns``; pictures of images have ``picture`` instead of shapes; findings have their ``reasons``, a column a language.
    """
    drawing = Drawing(snapshot, origin, full)
    found: list[dict[str, Any]] = []
    for group in (only,) if only else GROUPS:
        if group == "imagery":
            found += imagery(drawing)
        elif group in DERIVED:
            found += DERIVED[group](drawing)
        elif group != "parcels" and group in snapshot.tables and (full or group not in _DETAIL):
            found += _table(drawing, group)
    return found


@dataclass(frozen=True)
class Part:
    """Rows of a table that are one layer.

    Attributes
    ----------
    id, title, style, shown
        As layers have them.
    rows
        Which rows of the table.
    """

    id: str
    title: list[str]
    style: Style
    shown: bool
    rows: NDArray[np.bool_]


PARTED_BY: dict[str, tuple[str, ...]] = {
    "roads": ("road_class",),
    "utilities": ("kind",),
    "plan": ("planned_use_code",),
    "constraints": ("kind",),
    "findings": ("code", "verdict"),
    "blocks": ("oversized",),
}
"""Table → columns by which it is parted into layers; of a table that is not here all rows are one layer."""


def parts_of(snapshot: Snapshot, group: str, rows: pd.DataFrame) -> list[Part]:
    """A table's rows as layers: one, or one a class.

    Parameters
    ----------
    snapshot
        Gives titles of findings.
    group
        The table.
    rows
        With the columns that `PARTED_BY` names, as far as the table has them.
    """
    if group == "findings":
        return _findings(snapshot, rows)
    if group == "blocks":
        return [Part(name, title, style, False, of_part) for name, title, style, of_part in block_parts(rows)]
    split = _CLASSED.get(group)
    if group == "constraints":
        style = layer_style(group)
        split = _Classed(
            "kind", _known(dict.fromkeys(_CONSTRAINTS, style)), dict.fromkeys(_CONSTRAINTS, style)
        )
    if split is None:
        title = [say(_TITLES[group], lang) for lang in LANGUAGES]
        every = np.ones(len(rows), dtype=bool)
        return [Part(group, title, layer_style(group), group in ("parks", "buildings"), every)]
    values = rows[split.column] if split.column in rows else pd.Series(None, index=rows.index, dtype=object)
    classes = values.map(split.class_of, na_action=None).to_numpy(dtype=object)
    return [
        Part(f"{group}:{name}", in_all_languages(CODES[name]), style, split.shown, classes == name)
        for name, style in split.styles.items()
        if (classes == name).any()
    ]


def _findings(snapshot: Snapshot, rows: pd.DataFrame) -> list[Part]:
    """One layer a finding code; idle land has its own place, the parcels' fill."""
    codes = rows["code"].astype(str).to_numpy(dtype=object)
    held = (rows["verdict"] == "yes").to_numpy(dtype=bool, na_value=False)
    shown = sorted({code for code in codes[held] if not code.startswith("idle")})
    parts = []
    for number, code in enumerate(shown):
        entry = snapshot.findings_catalogue.get(code, {})
        title = [str(entry.get(lang, code)) for lang in LANGUAGES]
        parts.append(Part(f"findings:{number}", title, finding_style(number), False, held & (codes == code)))
    return parts


def _table(drawing: Drawing, group: str) -> list[dict[str, Any]]:
    """One layer, or one a class; of findings the reasons too."""
    rows, columns = drawing.snapshot.read(group), OVERLAY_COLUMNS.get(group, ())
    layers = []
    for part in parts_of(drawing.snapshot, group, rows):
        of_part = told(rows[part.rows])
        layer = drawing.layer(part.id, group, part.title, part.style, of_part, columns=columns, shown=part.shown)  # fmt: skip
        layer |= area_of(group, of_part)
        if group == "findings" and drawing.full:
            layer["reasons"] = reasons(of_part)
        layers.append(layer)
    return layers


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table as pop-ups tell them."""
    return listed(rows)


def area_of(group: str, rows: pd.DataFrame) -> dict[str, float]:
    """The land of a layer, m², where it tells something: of what is built on or joined, not of what merely lies there."""
    column = AREA_OF.get(group)
    return {"area_m2": float(rows[column].sum())} if column in rows and rows[column].notna().any() else {}


def reasons(findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Why each finding was made, a column a language."""
    return [text_column(findings[f"reason_{lang}"]) for lang in LANGUAGES]


_TITLES = {
    "parks": "Park boundary",
    "buildings": "Buildings",
    "facilities": "Facilities",
    "net_land": "Net land of candidates",
    "sites": "Joined sites",
}
