"""Scenarios as people draw or write them → changes of layers, every one of them readable, or one error that names all that are not.

A drawn scenario is a map file, GeoJSON as a rule, whose features say in ``action`` what is done; their other properties are the
fields of the layer. It is opened as every other file of a user is. What park.toml itself says is read cell by cell in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError, ParkgeoError, ProjectError, gather, name_some
from parkgeo.ingest.account import Account
from parkgeo.ingest.build import ReadFile, build_layer
from parkgeo.ingest.cells import is_blank
from parkgeo.ingest.columns import map_columns
from parkgeo.ingest.grids import read_grids
from parkgeo.ingest.ground import stated_ground
from parkgeo.ingest.planned import planned_tables, written_rows
from parkgeo.ingest.worker.copies import combined
from parkgeo.layers import ADDS_TO, FARTHEST_M, Change, Scenario, schema
from parkgeo.layers.schema import fold_header
from parkgeo.project import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from parkgeo.ingest.grids import Grid
    from parkgeo.ingest.ground import Ground
    from parkgeo.ingest.openers import Opener
    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import Action
    from parkgeo.project import Project

__all__ = ["drawn_scenario", "read_scenarios"]

_HEADERS = frozenset({"action", "动作", "操作", "变更"})
_ACTIONS: dict[str, Action] = {
    "add_road": "add_road", "新建道路": "add_road", "新增道路": "add_road",
    "close_road": "close_road", "封闭道路": "close_road", "关闭道路": "close_road",
    "change_road": "change_road", "改造道路": "change_road", "道路改造": "change_road",
    "add_facility": "add_facility", "新增设施": "add_facility", "新建设施": "add_facility",
    "add_main": "add_main", "新增管线": "add_main", "新建管线": "add_main",
}  # fmt: skip
_KNOWN = "add_road, close_road, change_road, add_facility, add_main"
_LINES = ("LineString", "MultiLineString", "LinearRing")


def read_scenarios(
    opener: Opener, project: Project, crs: CRS
) -> tuple[tuple[Scenario, ...], tuple[dict[str, str], ...]]:
    """The scenarios of a park.toml.

    Parameters
    ----------
    opener
        Opens their files.
    project
        What park.toml says.
    crs
        The working coordinate system.

    Returns
    -------
    tuple
        The scenarios, and each file's path as park.toml reaches it with its SHA-256.

    Raises
    ------
    ParkgeoError
        All that cannot be followed, at once.
    """
    scenarios: list[Scenario] = []
    inputs: dict[str, str] = {}
    problems: list[ParkgeoError] = []
    grids = read_grids(project.grids) if project.scenarios else {}
    for planned in planned_tables(project):
        changes: list[Change] = []
        try:
            rows = written_rows(planned, project.path)
            changes += _changes(rows, None, crs, planned.place, "") if len(rows.frame) else []
            for file in planned.files:
                shown = project.shown(file)
                raw, digests = opener.read(file, Source("roads", (file,), crs=planned.crs))
                inputs |= {project.shown(path): digest for path, digest in digests.items()}
                changes += _drawn(raw, planned.crs, crs, shown, combined(digests), grids)
            scenarios.append(Scenario(planned.name, tuple(changes), planned.title))
        except ParkgeoError as error:
            problems.append(error)
    if problems:
        raise gather(problems, ProjectError)
    listed = tuple({"path": path, "sha256": digest} for path, digest in sorted(inputs.items()))
    return tuple(scenarios), listed


def drawn_scenario(opener: Opener, path: Path, crs: CRS, *, stated_crs: str = "") -> Scenario:
    """The scenario that one file draws, named by the file.

    Parameters
    ----------
    opener
        Opens it.
    path
        A map file.
    crs
        The working coordinate system.
    stated_crs
        Coordinate system of the file where it does not state its own; GeoJSON without a word is longitude and latitude.

    Raises
    ------
    InputError
        All that cannot be followed, feature by feature.
    """
    raw, digests = opener.read(path, Source("roads", (path,), crs=stated_crs))
    changes = _drawn(raw, stated_crs, crs, path.name, combined(digests), {})
    return Scenario(path.stem, tuple(changes))


def _drawn(
    raw: RawTable, stated: str, crs: CRS, shown: str, sha256: str, grids: Mapping[str, Grid]
) -> list[Change]:
    source = Source("roads", (raw.path,), crs=stated)
    ground = stated_ground(source, raw, grids)
    if ground is None:
        raise InputError("no coordinate system", where=shown, mend="declare it in the file, or state crs")
    broken = [
        InputError(one.reason.speak("en"), where=_place(shown, one.row), mend=one.mend.speak("en"))
        for one in raw.lost
    ]
    if broken:
        raise gather(broken, InputError)
    if not len(raw.frame):
        raise InputError("it holds no change", where=shown, mend=f"draw features with action = {_KNOWN}")
    return _changes(raw, ground, crs, shown, sha256)


def _place(shown: str, row: int | None) -> str:
    return f"{shown} feature {row}" if row is not None else shown


def _changes(raw: RawTable, ground: Ground | None, crs: CRS, shown: str, sha256: str) -> list[Change]:
    """A change a row, in the order of the rows."""
    problems: list[ParkgeoError] = []
    actions = _actions(raw, shown, problems)
    shapes = _shapes(raw, ground, crs, shown, problems)
    if problems:
        raise gather(problems, InputError)
    found: dict[int, Change] = {}
    for action in sorted(set(actions)):
        at = np.flatnonzero([one == action for one in actions])
        part = _only(raw, at)
        if action in ADDS_TO:
            rows = _added(action, part, ground, crs, shown, sha256, problems)
        else:
            rows = _named(action, part, None if shapes is None else shapes[at], shown, problems)
        found |= {int(place): change for place, change in zip(at, rows, strict=False)}
    if problems:
        raise gather(problems, InputError)
    return [found[at] for at in sorted(found)]


def _actions(raw: RawTable, shown: str, problems: list[ParkgeoError]) -> list[Action]:
    column = next((name for name in raw.frame if fold_header(str(name))[0] in _HEADERS), None)
    if column is None:
        problems.append(
            InputError("no property action", where=shown, mend=f"give each feature action = one of {_KNOWN}")
        )
        return []
    actions: list[Action] = []
    for cell, row in zip(raw.frame[column], raw.rows, strict=True):
        action = _ACTIONS.get(str(cell).strip().casefold().replace(" ", "_").replace("-", "_"))
        if action is None:
            said = "no action" if is_blank(cell) else f"unknown action {str(cell)[:40]!r}"
            problems.append(InputError(said, where=_place(shown, int(row)), mend=f"one of {_KNOWN}"))
        else:
            actions.append(action)
    return actions


def _shapes(
    raw: RawTable, ground: Ground | None, crs: CRS, shown: str, problems: list[ParkgeoError]
) -> NDArray[np.object_] | None:
    """In the working coordinate system; None for what park.toml says in words."""
    if ground is None or raw.geometry is None:
        return None
    for at, why in sorted(raw.spoiled.items()):
        problems.append(
            InputError(why.speak("en"), where=_place(shown, int(raw.rows[at])), mend="draw it again")
        )
    moved = ground.shapes(raw.geometry, crs)
    drawn = ~(shapely.is_missing(moved) | shapely.is_empty(moved))
    nowhere = drawn & ~(np.abs(shapely.bounds(moved)) <= FARTHEST_M).all(axis=1)
    problems.extend(
        InputError(
            f"its coordinates do not lie where {ground.name} is meant for", where=_place(shown, int(row)),
            mend='declare the coordinate system that they are in: "crs" in the file, or crs = "EPSG:4528"',
        )
        for row in raw.rows[nowhere]
    )  # fmt: skip
    return moved


def _only(raw: RawTable, at: NDArray[np.intp]) -> RawTable:
    """Some rows, with the columns that say something in them."""
    place = {int(old): new for new, old in enumerate(at)}
    frame = raw.frame.iloc[at].reset_index(drop=True)
    said = [
        name
        for name in frame
        if fold_header(str(name))[0] not in _HEADERS and not frame[name].map(is_blank).all()
    ]
    return replace(
        raw,
        frame=frame[said],
        rows=raw.rows[at],
        geometry=None if raw.geometry is None else raw.geometry[at],
        declared=len(at),
        notes=(),
        doubts=(),
        spoiled={place[old]: why for old, why in raw.spoiled.items() if old in place},
    )


def _added(
    action: Action, raw: RawTable, ground: Ground | None, crs: CRS, shown: str, sha256: str, problems: list[ParkgeoError]
) -> list[Change]:  # fmt: skip
    """What is added, through the same door as the layer that it is added to; a fault in it is an error here."""
    layer = schema(ADDS_TO[action])
    account = Account()
    raw = _with_ids(raw, layer.key, ADDS_TO[action], shown)
    file = ReadFile(Source(layer.name, (raw.path,)), raw, shown, sha256, ground)
    try:
        frame = build_layer(layer.name, [file], crs, account)
    except ParkgeoError as error:
        problems.append(error)
        return []
    told = account.tables()
    faults = told["faults"][told["faults"]["severity"] == "fault"].rename(
        columns={"what_en": "reason_en", "rows": "row"}
    )
    before = len(problems)
    problems.extend(
        InputError(one["reason_en"], where=_place(shown, one["row"] or None), mend=one["mend_en"])
        for one in [*told["rejects"].to_dict(orient="records"), *faults.to_dict(orient="records")]
    )
    problems.extend(
        InputError(
            "no kind",
            where=_place(shown, row),
            mend=f"give kind, such as {name_some(layer.fields['kind'].codes)}",
        )
        for row in (
            frame["source_row"] if "kind" not in frame else frame.loc[frame["kind"].isna(), "source_row"]
        )
        if "kind" in layer.fields
    )
    if len(problems) > before:
        return []
    rows = frame.set_index("source_row").loc[raw.rows.tolist()]
    fields = [name for name in layer.fields if name in rows]
    return [
        Change(
            action, _place(shown, int(row)), _filled(values), shape, source_file=shown, source_row=int(row)
        )
        for row, values, shape in zip(
            rows.index, rows[fields].to_dict(orient="records"), rows.geometry, strict=True
        )
    ]  # fmt: skip


def _with_ids(raw: RawTable, key: str, layer: str, shown: str) -> RawTable:
    """What is added without an id is known by its file and feature."""
    known = schema(layer)
    column = next((name for name in raw.frame if known.field_for(str(name)) == known.fields[key]), key)
    given = (
        raw.frame[column].astype(object)
        if column in raw.frame
        else pd.Series(None, index=raw.frame.index, dtype=object)
    )
    own = [f"{shown} {row}" for row in raw.rows]
    ids = [new if is_blank(old) else old for old, new in zip(given, own, strict=True)]
    return replace(raw, frame=raw.frame.assign(**{str(column): pd.Series(ids, dtype=object)}))


def _filled(values: Mapping[Any, Any]) -> dict[str, object]:
    return {str(name): value for name, value in values.items() if not pd.isna(value)}


def _named(
    action: Action, raw: RawTable, shapes: NDArray[np.object_] | None, shown: str, problems: list[ParkgeoError]
) -> list[Change]:  # fmt: skip
    """Roads that are closed or changed: by name, by a drawn line, or one of them as far as the line goes."""
    roads = schema("roads")
    mapped = map_columns(raw, roads, Source("roads", (raw.path,)))
    faults: dict[int, list[ParkgeoError]] = defaultdict(list)
    for fault in mapped.faults:
        for at in fault.rows:
            faults[int(at)].append(InputError(fault.what().speak("en"), mend=fault.mend.speak("en")))
    changes = []
    for at, (row, values) in enumerate(zip(raw.rows, mapped.frame.to_dict(orient="records"), strict=True)):
        told = _filled(values)
        road = str(told.pop("road_id", ""))
        place = f"{shown}: {road}" if shapes is None else _place(shown, int(row))
        shape = None if shapes is None else shapes[at]
        change = Change(action, place, told if action == "change_road" else {}, _line(shape), road)
        wrong = [*faults[at], *_unfit(change, shape)]
        problems.extend(InputError(one.what, where=place, mend=one.mend) for one in wrong)
        changes.append(change)
    return changes


def _line(shape: Any) -> Any:
    return None if shape is None or shape.is_empty else shapely.force_2d(shape)


def _unfit(change: Change, shape: Any) -> Iterator[InputError]:
    if change.geometry is not None and shape.geom_type not in _LINES:
        yield InputError(
            f"a {shape.geom_type} follows no road",
            mend="draw a line along it, or name road_id and leave the geometry out",
        )
    if change.geometry is None and not change.road_id:
        yield InputError("it says no road", mend="name its road_id, or draw a line along it")
    if change.action == "change_road" and not change.fields:
        known = [name for name in schema("roads").fields if name != "road_id"]
        yield InputError("it changes nothing", mend=f"give at least one of {name_some(known, shown=20)}")
    for name, value in change.fields.items():
        field = schema("roads").fields[name]
        if (
            isinstance(value, int | float)
            and field.minimum is not None
            and field.maximum is not None
            and not field.minimum <= value <= field.maximum
        ):
            yield InputError(
                f"{name} {value:g} is not within {field.minimum:g} to {field.maximum:g}",
                mend=f"correct {name} or its unit",
            )
