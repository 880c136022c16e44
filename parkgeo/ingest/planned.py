"""What park.toml says under ``[[scenarios]]``: checked for its form, and laid out in rows as a file would have them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import ParkgeoError, ProjectError, gather, name_some
from parkgeo.ingest.raw import RawTable
from parkgeo.patterns import is_given

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parkgeo.project import Project

__all__ = ["Planned", "planned_tables", "written_rows"]

_CHANGES = (
    "speed_km_h", "observed_km_h", "lanes", "width_m", "road_class", "oneway", "level", "max_height_m", "max_weight_t",
    "truck_closed_hours",
)  # fmt: skip
_TEXTS = ("name", "title", "crs")
_LISTS = ("path", "close")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Planned:
    """One ``[[scenarios]]`` table.

    Attributes
    ----------
    place
        Which it is, for messages.
    name, title, crs
        As written.
    files
        That draw it.
    close
        Roads that are closed.
    changes
        Road → field → value.
    """

    place: str
    name: str
    title: str
    crs: str
    files: tuple[Path, ...]
    close: tuple[str, ...]
    changes: dict[str, dict[str, Any]]


def planned_tables(project: Project) -> tuple[Planned, ...]:
    """All scenarios of a park.toml.

    Raises
    ------
    ProjectError
        A key or a value is not what it must be, a file is not there, a name is missing or there twice; all at once.
    """
    problems: list[ParkgeoError] = []
    found: list[Planned] = []
    for number, entry in enumerate(project.scenarios, 1):
        place = f"{project.path.name} [[scenarios]] {number}"
        wrong = list(_wrong(entry))
        if entry.get("name") in [one.name for one in found]:
            wrong.append(ProjectError("another scenario has this name", mend="give each its own"))
        problems.extend(ProjectError(one.what, where=place, mend=one.mend) for one in wrong)
        if wrong:
            continue
        files = tuple(project.folder / text for text in _listed(entry, "path"))
        problems.extend(
            ProjectError(
                f"no such file: {str(file)[:200]}", where=place, mend="correct path, or leave it out"
            )
            for file in files
            if not is_given(file)
        )
        changes: dict[str, dict[str, Any]] = {}
        for field in _CHANGES:
            for road, value in entry.get(field, {}).items():
                changes.setdefault(road, {})[field] = value
        texts = {key: str(entry.get(key, "")).strip() for key in _TEXTS}
        found.append(
            Planned(place=place, files=files, close=_listed(entry, "close"), changes=changes, **texts)
        )
    if problems:
        raise gather(problems, ProjectError)
    return tuple(found)


def _listed(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    return (value,) if isinstance(value, str) else tuple(value)


def _wrong(entry: dict[str, Any]) -> Iterator[ProjectError]:
    known = (*_TEXTS, *_LISTS, *_CHANGES)
    for key, value in entry.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            mend = f"did you mean {near[0]!r}?" if near else f"known are {name_some(known, shown=20)}"
            yield ProjectError(f"unknown key {key[:80]!r}", mend=mend)
        elif key in _TEXTS and not isinstance(value, str):
            yield ProjectError(f"{key} must be text, not {str(value)[:80]!r}")
        elif key in _LISTS and not _is_texts(value):
            yield ProjectError(f"{key} must be text or a list of texts, not {str(value)[:80]!r}")
        elif key in _CHANGES and not _is_values(value):
            yield ProjectError(
                f"{key} must be a table of road_id = value", mend=f'such as {key} = {{ "R2" = … }}'
            )
    name = entry.get("name", "")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        yield ProjectError(
            "no name, or one that is too long", mend=f"give name, up to {_LONGEST_NAME} letters"
        )
    if not any(entry.get(key) for key in (*_LISTS, *_CHANGES)):
        yield ProjectError(
            "it changes nothing",
            mend='give path = "changes.geojson", close = ["R1"] or speed_km_h = { R2 = 20 }',
        )


def _is_texts(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _is_values(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, str | int | float | bool) for one in value.values()
    )


def written_rows(planned: Planned, path: Path) -> RawTable:
    """What a table says in words, a row a road, as if it stood in a file without shapes."""
    rows: list[dict[str, Any]] = [{"action": "close_road", "road_id": road} for road in planned.close]
    rows += [{"action": "change_road", "road_id": road, **values} for road, values in planned.changes.items()]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = {name: [row.get(name) for row in rows] for name in columns}
    frame = pd.DataFrame(cells, index=range(len(rows)), dtype=object)
    return RawTable(
        path=path, table="", frame=frame, rows=np.arange(1, len(rows) + 1), geometry=None, crs="", driver="TOML",
        encoding="utf-8", declared=len(rows),
    )  # fmt: skip
