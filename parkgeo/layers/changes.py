"""What a scenario changes in a park's layers, as it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

__all__ = ["ADDS_TO", "Action", "Change", "Scenario"]

Action = Literal["add_road", "close_road", "change_road", "add_facility", "add_main"]

ADDS_TO: dict[Action, str] = {"add_road": "roads", "add_facility": "facilities", "add_main": "utilities"}
"""Layer to which each adding action adds."""


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes
    ----------
    action
        ``add_road``, ``close_road``, ``change_road``, ``add_facility`` or ``add_main``.
    place
        Where it is written: file and feature, or the table in park.toml.
    fields
        Fields of the layer: of what is added all that is known, the key among them; of a road that is changed those that change.
    geometry
        In the working coordinate system: what is added, or the line that the roads follow which are closed or changed; None
        where these are named.
    road_id
        The road that is closed or changed; empty where the line says which. With a line, only as far as it is followed.
    source_file, source_row
        Of what is added.

    Examples
    --------
    >>> Change("close_road", "works.geojson feature 1", road_id="R7").road_id
    'R7'
    """

    action: Action
    place: str
    fields: Mapping[str, object] = field(default_factory=dict)
    geometry: BaseGeometry | None = None
    road_id: str = ""
    source_file: str = ""
    source_row: int = 0


@dataclass(frozen=True)
class Scenario:
    """Changes that are looked at together.

    Attributes
    ----------
    name
        By which tables know it.
    changes
        At least one, made in this order.
    title
        For people; empty where it has none but its name.
    """

    name: str
    changes: tuple[Change, ...]
    title: str = ""
