"""The layers beside the parcels: boundary, roads, buildings, utilities, facilities, constraints, plan and findings other than idle.

A layer that has classes (roads, utilities …) becomes one entry a class, so that each has its own place in the layer control. Values
outside the known codes are a user's own words: they go into the class "other", and the word itself shows only in the pop-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from maps.columns import Strings, encode_column
from maps.encode import display_shapes, encode_shapes
from maps.palette import LAND_USES, ROADS, UTILITIES, Style, finding_style, land_use_class, layer_style
from maps.words import CODES, in_all_languages
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from parkgeo.store import Snapshot

__all__ = ["GROUPS", "OVERLAY_COLUMNS", "overlays"]

GROUPS = (
    "parks",
    "roads",
    "parcels",
    "buildings",
    "plan",
    "constraints",
    "utilities",
    "findings",
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
    draw = _Draw(snapshot, strings, origin, full=full)
    found: list[dict[str, Any]] = []
    for group in GROUPS:
        if group == "findings":
            found += draw.findings()
        elif group != "parcels" and group in snapshot.tables and (full or group != "buildings"):
            found += draw.table(group)
    return found


class _Draw:
    """Turns the tables of one snapshot into layers."""

    def __init__(
        self, snapshot: Snapshot, strings: Strings, origin: tuple[float, float], *, full: bool
    ) -> None:
        self._snapshot = snapshot
        self._strings = strings
        self._origin = origin
        self._full = full

    def table(self, group: str) -> list[dict[str, Any]]:
        """One layer, or one a class."""
        rows = self._snapshot.read(group)
        split = _CLASSED.get(group)
        if group == "constraints":
            style = layer_style(group)
            split = _Classed(
                "kind", _known(dict.fromkeys(_CONSTRAINTS, style)), dict.fromkeys(_CONSTRAINTS, style)
            )
        if split is None:
            title = [self._title(group, lang) for lang in LANGUAGES]
            return [
                self._layer(
                    group, group, title, layer_style(group), rows, shown=group in ("parks", "buildings")
                )
            ]
        values = (
            rows[split.column] if split.column in rows else pd.Series(None, index=rows.index, dtype=object)
        )
        classes = values.map(split.class_of, na_action=None)
        return [
            self._layer(
                f"{group}:{name}",
                group,
                in_all_languages(CODES[name]),
                style,
                rows[classes == name],
                shown=split.shown,
            )
            for name, style in split.styles.items()
            if (classes == name).any()
        ]

    def findings(self) -> list[dict[str, Any]]:
        """One layer a finding code; idle land has its own place, the parcels' fill."""
        if "findings" not in self._snapshot.tables:
            return []
        rows = self._snapshot.read("findings")
        rows = rows[(rows["verdict"] == "yes") & ~rows["code"].str.startswith("idle")]
        layers = []
        for number, code in enumerate(sorted(rows["code"].unique())):
            entry = self._snapshot.findings_catalogue.get(code, {})
            title = [str(entry.get(lang, code)) for lang in LANGUAGES]
            of_code = rows[rows["code"] == code]
            layer = self._layer(
                f"findings:{number}", "findings", title, finding_style(number), of_code, shown=False
            )
            layer["reasons"] = [
                self._strings.places(of_code[f"reason_{lang}"]) if self._full else [] for lang in LANGUAGES
            ]
            layers.append(layer)
        return layers

    def _title(self, group: str, lang: str) -> str:
        return say(_TITLES[group], lang)

    def _layer(
        self,
        layer_id: str,
        group: str,
        title: list[str],
        style: Style,
        rows: gpd.GeoDataFrame,
        *,
        shown: bool,
    ) -> dict[str, Any]:
        shapes = display_shapes(rows, self._snapshot.crs)
        columns = [
            encode_column(self._snapshot, group, rows[column], self._strings)
            for column in OVERLAY_COLUMNS.get(group, ())
            if self._full and column in rows and not self._snapshot.field(group, column).get("personal")
        ]
        return {
            "id": layer_id,
            "group": group,
            "title": title,
            "style": style,
            "shown": shown,
            "count": len(rows),
            "shapes": encode_shapes(shapes, self._origin),
            "columns": columns,
        }


_TITLES = {"parks": "Park boundary", "buildings": "Buildings", "facilities": "Facilities"}
