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
from parkgeo.ingest.actions import demand_changes, is_action_header, place_of, read_actions
from parkgeo.ingest.build import ReadFile, build_layer
from parkgeo.ingest.cells import is_blank
from parkgeo.ingest.columns import map_columns
from parkgeo.ingest.grids import read_grids
from parkgeo.ingest.ground import stated_ground
from parkgeo.ingest.planned import planned_tables, written_rows
from parkgeo.ingest.worker.copies import combined
from parkgeo.layers import ADDS_TO, FARTHEST_M, Change, Scenario, schema
from parkgeo.project import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    from parkgeo.ingest.grids import Grid
    from parkgeo.ingest.ground import Ground
    from parkgeo.ingest.openers import Opener
    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import Action, LayerSchema
    from parkgeo.project import Project

__all__ = ["drawn_scenario", "read_scenarios"]

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
            changes += _all(*_changes(rows, None, crs, planned.place, "")) if len(rows.frame) else []
            for file in planned.files:
                shown = project.shown(file)
                raw, digests = opener.read(file, Source("roads", (file,), crs=planned.crs))
                inputs |= {project.shown(path): digest for path, digest in digests.items()}
                changes += _all(*_drawn(raw, planned.crs, crs, shown, combined(digests), grids))
            scenarios.append(Scenario(planned.name, tuple(changes), planned.title))
        except ParkgeoError as error:
            problems.append(error)
    if problems:
        raise gather(problems, ProjectError)
    listed = tuple({"path": path, "sha256": digest} for path, digest in sorted(inputs.items()))
    return tuple(scenarios), listed


def drawn_scenario(
    opener: Opener,
    path: Path,
    crs: CRS,
    *,
    stated_crs: str = "",
    more: Callable[[Scenario], Sequence[ParkgeoError]] | None = None,
) -> Scenario:
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
    more
        What else is wrong with the changes that can be read, so that all faults of a file are told at once.

    Raises
    ------
    InputError
        All that cannot be followed, feature by feature.
    """
    raw, digests = opener.read(path, Source("roads", (path,), crs=stated_crs))
    changes, problems = _drawn(raw, stated_crs, crs, path.name, combined(digests), {})
    asked = Scenario(path.stem, tuple(changes))
    problems += more(asked) if more is not None else []
    order = {place_of(path.name, int(row)): at for at, row in enumerate(raw.rows)}
    _all(changes, sorted(problems, key=lambda one: order.get(one.where, -1)))
    return asked


def _all(changes: list[Change], problems: list[ParkgeoError]) -> list[Change]:
    """The changes, if all can be read."""
    if problems:
        raise gather(problems, InputError)
    return changes


def _drawn(
    raw: RawTable, stated: str, crs: CRS, shown: str, sha256: str, grids: Mapping[str, Grid]
) -> tuple[list[Change], list[ParkgeoError]]:
    source = Source("roads", (raw.path,), crs=stated)
    ground = stated_ground(source, raw, grids)
    if ground is None:
        raise InputError("no coordinate system", where=shown, mend="declare it in the file, or state crs")
    demand_changes(raw, shown)
    return _changes(raw, ground, crs, shown, sha256)


def _changes(
    raw: RawTable, ground: Ground | None, crs: CRS, shown: str, sha256: str
) -> tuple[list[Change], list[ParkgeoError]]:
    """A change for each row that can be read, in the order of the rows, and what is wrong with the others."""
    problems: list[ParkgeoError] = []
    actions = read_actions(raw, shown, problems)
    shapes, astray = _shapes(raw, ground, crs, shown, problems)
    found: dict[int, Change] = {}
    for action in sorted({one for one in actions if one is not None}):
        at = np.flatnonzero([one == action for one in actions] & ~astray)
        if not len(at):
            continue
        part = _only(raw, at)
        if action in ADDS_TO:
            rows = _added(action, part, ground, crs, shown, sha256, problems)
        else:
            rows = _named(action, part, None if shapes is None else shapes[at], shown, problems)
        found |= {int(place): change for place, change in zip(at, rows, strict=True) if change is not None}
    return [found[at] for at in sorted(found)], problems


def _shapes(
    raw: RawTable, ground: Ground | None, crs: CRS, shown: str, problems: list[ParkgeoError]
) -> tuple[NDArray[np.object_] | None, NDArray[np.bool_]]:
    """In the working coordinate system, None for what park.toml says in words; and which cannot be used."""
    astray = np.zeros(len(raw.frame), dtype=bool)
    if ground is None or raw.geometry is None:
        return None, astray
    astray[list(raw.spoiled)] = True
    for at, why in sorted(raw.spoiled.items()):
        problems.append(
            InputError(why.speak("en"), where=place_of(shown, int(raw.rows[at])), mend="draw it again")
        )
    moved = ground.shapes(raw.geometry, crs)
    drawn = ~(shapely.is_missing(moved) | shapely.is_empty(moved))
    nowhere = drawn & ~astray & ~(np.abs(shapely.bounds(moved)) <= FARTHEST_M).all(axis=1)
    problems.extend(
        InputError(
            f"its coordinates do not lie where {ground.name} is meant for", where=place_of(shown, int(row)),
            mend='declare the coordinate system that they are in: "crs" in the file, or crs = "EPSG:4528"',
        )
        for row in raw.rows[nowhere]
    )  # fmt: skip
    return moved, astray | nowhere


def _only(raw: RawTable, at: NDArray[np.intp]) -> RawTable:
    """Some rows, with the columns that say something in them."""
    place = {int(old): new for new, old in enumerate(at)}
    frame = raw.frame.iloc[at].reset_index(drop=True)
    said = [name for name in frame if not is_action_header(name) and not frame[name].map(is_blank).all()]
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
) -> list[Change | None]:  # fmt: skip
    """What is added, through the same door as the layer that it is added to; a fault in it is an error here, and the row None."""
    layer = schema(ADDS_TO[action])
    account = Account()
    raw = _with_ids(raw, layer.key, ADDS_TO[action], shown)
    file = ReadFile(Source(layer.name, (raw.path,)), raw, shown, sha256, ground)
    try:
        frame = build_layer(layer.name, [file], crs, account)
    except ParkgeoError as error:
        problems.append(error)
        return [None] * len(raw.rows)
    told = account.tables()
    faults = told["faults"][told["faults"]["severity"] == "fault"]
    wrong: list[tuple[int | None, str, str]] = [
        (one["row"], one["reason_en"], one["mend_en"]) for one in told["rejects"].to_dict(orient="records")
    ]
    for one in faults.to_dict(orient="records"):
        wrong += [(row, one["what_en"], one["mend_en"]) for row in _rows_of(one["rows"], raw)]
    problems.extend(InputError(what, where=place_of(shown, row), mend=mend) for row, what, mend in wrong)
    bare = set(_without_kind(raw, layer, frame))
    problems.extend(
        InputError(
            "no kind",
            where=place_of(shown, row),
            mend=f"give kind, such as {name_some(layer.fields['kind'].codes)}",
        )
        for row in sorted(bare)
    )
    unfit = bare | {row for row, _, _ in wrong}
    if None in unfit:
        return [None] * len(raw.rows)
    fields = [name for name in layer.fields if name in frame]
    found = {
        int(row): Change(
            action, place_of(shown, int(row)), _filled(values), shape, source_file=shown, source_row=int(row)
        )
        for row, values, shape in zip(
            frame["source_row"], frame[fields].to_dict(orient="records"), frame.geometry, strict=True
        )
        if row not in unfit
    }
    return [found.get(int(row)) for row in raw.rows]


def _rows_of(told: str, raw: RawTable) -> Sequence[int | None]:
    """Rows of a fault, which the account names up to a number of them: all where it names not all, None where it is of the file."""
    if "…" in told:
        return [int(row) for row in raw.rows]
    return [int(row) for row in told.split(", ")] if told else [None]


def _without_kind(raw: RawTable, layer: LayerSchema, frame: gpd.GeoDataFrame) -> list[int]:
    """Rows of the layer where no kind is given; one that is given and not known was told already."""
    if "kind" not in layer.fields:
        return []
    given = np.zeros(len(raw.rows), dtype=bool)
    for name in raw.frame:
        if layer.field_for(str(name)) == layer.fields["kind"]:
            given |= ~raw.frame[name].map(is_blank).to_numpy(dtype=bool)
    none = frame["source_row"] if "kind" not in frame else frame.loc[frame["kind"].isna(), "source_row"]
    return [int(row) for row in none if row not in set(raw.rows[given])]


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
) -> list[Change | None]:  # fmt: skip
    """Roads that are closed or changed: by name, by a drawn line, or one of them as far as the line goes."""
    roads = schema("roads")
    mapped = map_columns(raw, roads, Source("roads", (raw.path,)))
    faults: dict[int, list[ParkgeoError]] = defaultdict(list)
    for fault in mapped.faults:
        for at in fault.rows:
            faults[int(at)].append(InputError(fault.what().speak("en"), mend=fault.mend.speak("en")))
    changes: list[Change | None] = []
    for at, (row, values) in enumerate(zip(raw.rows, mapped.frame.to_dict(orient="records"), strict=True)):
        told = _filled(values)
        road = str(told.pop("road_id", ""))
        place = f"{shown}: {road}" if shapes is None else place_of(shown, int(row))
        shape = None if shapes is None else shapes[at]
        change = Change(action, place, told if action == "change_road" else {}, _line(shape), road)
        wrong = [*faults[at], *_unfit(change, shape)]
        problems.extend(InputError(one.what, where=place, mend=one.mend) for one in wrong)
        changes.append(None if wrong else change)
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
