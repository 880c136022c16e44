"""What a drawn scenario does, feature by feature; and whether a file is one at all, without drawing it.

A service that takes a scenario says at once what is wrong with its form, by the words that whoever works it out would use
later. Shapes are left to the process that opens users' files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, ParkgeoError, gather
from parkgeo.ingest.cells import is_blank
from parkgeo.ingest.geojson import load_json, read_features
from parkgeo.layers.schema import fold_header

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import Action

__all__ = ["demand_changes", "demand_form", "is_action_header", "place_of", "read_actions"]

_HEADERS = frozenset({"action", "动作", "操作", "变更"})
_ACTIONS: dict[str, Action] = {
    "add_road": "add_road", "新建道路": "add_road", "新增道路": "add_road",
    "close_road": "close_road", "封闭道路": "close_road", "关闭道路": "close_road",
    "change_road": "change_road", "改造道路": "change_road", "道路改造": "change_road",
    "add_facility": "add_facility", "新增设施": "add_facility", "新建设施": "add_facility",
    "add_main": "add_main", "新增管线": "add_main", "新建管线": "add_main",
}  # fmt: skip
_KNOWN = "add_road, close_road, change_road, add_facility, add_main"
_LEVELS = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip
"""Type → how many lists lie around a position."""

_LOOKED_AT = 1_000
"""Features whose form is seen at once: nobody who waits for an answer waits for more. Whoever draws them sees all."""


def place_of(shown: str, row: int | None) -> str:
    """Where something is written: the file, and the feature if it is of one."""
    return f"{shown} feature {row}" if row is not None else shown


def is_action_header(name: object) -> bool:
    """Whether a property is the one that says what is done."""
    return fold_header(str(name))[0] in _HEADERS


def demand_changes(raw: RawTable, shown: str) -> None:
    """See that a file holds features, and nothing else.

    Raises
    ------
    InputError
        Something in it is no feature, or it is empty.
    """
    broken = [
        InputError(one.reason.speak("en"), where=place_of(shown, one.row), mend=one.mend.speak("en"))
        for one in raw.lost
    ]
    if broken:
        raise gather(broken, InputError)
    if not len(raw.frame):
        raise InputError("it holds no change", where=shown, mend=f"draw features with action = {_KNOWN}")


def read_actions(raw: RawTable, shown: str, problems: list[ParkgeoError]) -> list[Action | None]:
    """What each feature does; None, and a problem more, where it does not say."""
    column = next((name for name in raw.frame if is_action_header(name)), None)
    if column is None:
        problems.append(
            InputError("no property action", where=shown, mend=f"give each feature action = one of {_KNOWN}")
        )
        return [None] * len(raw.frame)
    actions: list[Action | None] = []
    for cell, row in zip(raw.frame[column], raw.rows, strict=True):
        action = _ACTIONS.get(str(cell).strip().casefold().replace(" ", "_").replace("-", "_"))
        if action is None:
            said = "no action" if is_blank(cell) else f"unknown action {str(cell)[:40]!r}"
            problems.append(InputError(said, where=place_of(shown, int(row)), mend=f"one of {_KNOWN}"))
        actions.append(action)
    return actions


def demand_form(path: Path, *, stated_crs: str = "") -> None:
    """See that a file is GeoJSON whose features say what they do, the first thousand of them; their shapes are not drawn.

    Parameters
    ----------
    path
        The file.
    stated_crs
        As for `parkgeo.ingest.scenarios.drawn_scenario`.

    Raises
    ------
    InputError
        All that is wrong with its form.
    """
    content, encoding = load_json(path)
    shapes: list[Any] = []
    raw = read_features(_without_shapes(content, shapes), path, encoding=encoding, stated_crs=stated_crs)
    demand_changes(raw, path.name)
    problems: list[ParkgeoError] = []
    read_actions(raw, path.name, problems)
    problems.extend(
        InputError(
            "its geometry is none of GeoJSON's", where=place_of(path.name, int(row)), mend="draw it again"
        )
        for row, shape in zip(raw.rows, shapes, strict=True)
        if not _is_shape(shape)
    )
    if problems:
        raise gather(problems, InputError)


def _without_shapes(content: Any, shapes: list[Any]) -> Any:
    """The content with each geometry taken out of it."""
    if not isinstance(content, dict):
        return content
    if content.get("type") == "Feature":
        shapes.append(content.get("geometry"))
        return {**content, "geometry": None}
    features = content.get("features")
    if not isinstance(features, list):
        return content
    # What is no feature is told by the reader.
    return {
        **content,
        "features": [
            _without_shapes(one, shapes) if isinstance(one, dict) and one.get("type") == "Feature" else one
            for one in features[:_LOOKED_AT]
        ],
    }


def _is_shape(value: Any) -> bool:
    """Whether this is a geometry by its type and how deep its lists go, or none."""
    waiting = [] if value is None else [value]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            return False
        if one.get("type") == "GeometryCollection" and isinstance(one.get("geometries"), list):
            waiting += one["geometries"]
        elif not _is_nested(one.get("coordinates"), _LEVELS.get(str(one.get("type")), -1)):
            return False
    return True


def _is_nested(value: Any, levels: int) -> bool:
    """Whether positions lie as many lists deep; the first tells of all. An empty list is told by what draws it."""
    while levels > 0 and isinstance(value, list) and value:
        value, levels = value[0], levels - 1
    return (
        levels >= 0 and isinstance(value, list) and (not value or not isinstance(value[0], list | dict | str))
    )
