"""One layer beside the parcels: its place in the control, how it is drawn, its shapes, what its pop-up shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maps.columns import encode_column
from maps.shapes import pack_shapes, world_coordinates

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from maps.palette import Style
    from parkgeo.store import Snapshot

__all__ = ["Drawing"]


@dataclass(frozen=True)
class Drawing:
    """Turns rows of one snapshot into layers.

    Attributes
    ----------
    snapshot
        A finished analysis.
    origin
        x and y taken off every coordinate, in units of the Web Mercator square.
    full
        False leaves out pop-ups, of a map that is too large for one file.
    """

    snapshot: Snapshot
    origin: tuple[float, float]
    full: bool

    def layer(
        self, layer_id: str, group: str, title: list[str], style: Style, rows: gpd.GeoDataFrame, *,
        columns: Sequence[str] = (), table: str = "", shown: bool = False, tolerance_m: float | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """A layer.

        Parameters
        ----------
        layer_id, group
            Its name, and the group of the drawing order that it belongs to.
        title
            Words in each language.
        style
            How it is drawn.
        rows
            With geometry in the working system.
        columns
            What its pop-up shows; those that are personal or not there are left out.
        table
            Where the columns' titles are looked up; by default under the group's name.
        shown
            Whether it is on at first.
        tolerance_m
            How far an outline may move, in metres; None keeps every vertex.
        """
        table = table or group
        shapes = world_coordinates(rows, self.snapshot.crs, tolerance_m=tolerance_m)
        told = {
            column: encode_column(self.snapshot, table, rows[column])
            for column in columns
            if self.full and column in rows and not self.snapshot.field(table, column).get("personal")
        }
        return {
            "id": layer_id, "group": group, "title": title, "style": style, "shown": shown, "count": len(rows),
            "shapes": pack_shapes(shapes, self.origin), "columns": told,
        }  # fmt: skip
