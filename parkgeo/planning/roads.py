"""Roads closed, changed and added."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError, name_some
from parkgeo.layers import schema, sentence
from parkgeo.planning.follow import crossed, cut, followed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.layers import Change, Field, Sentence
    from parkgeo.planning.follow import Stretch

__all__ = ["Done", "changed_roads", "closed_roads", "code_word", "joined_road"]

_MEETS_M = 1e-6
"""A line no farther than this from another touches it."""
_SLANTED = 2.5
"""A road that lies within reach of a line for more than this many times the reach, and is not followed, might be thought to be."""
_NO_SPEED = ("lanes", "width_m")
_SPEEDS = ("speed_km_h", "observed_km_h")


@dataclass(frozen=True)
class Word:
    """A code in both languages, for a sentence."""

    zh: str
    en: str


def code_word(code: object, field: Field) -> Word:
    """A code as people write it."""
    written = field.codes.get(str(code), ())
    return Word(written[0] if written else str(code), str(code).replace("_", " "))


@dataclass(frozen=True)
class Done:
    """Roads after one change.

    Attributes
    ----------
    roads
        All of them; None where only a shape was asked for.
    geometry
        The stretches concerned.
    said
        What was done.
    doubtful
        Whether a person must look at it.
    """

    roads: gpd.GeoDataFrame | None
    geometry: Any
    said: tuple[Sentence, ...]
    doubtful: bool = False


@dataclass(frozen=True)
class _Taken:
    """Rows concerned, the shape of each that is, and what is left of it: None where nothing is; roads that are only crossed."""

    rows: NDArray[np.intp]
    inner: list[Any]
    outer: list[Any]
    crossed: tuple[str, ...] = ()

    @property
    def length_m(self) -> float:
        return float(shapely.length(np.array(self.inner, dtype=object)).sum())

    @property
    def said(self) -> tuple[Sentence, ...]:
        if not self.crossed:
            return ()
        return (sentence("it only crosses {roads}: nothing changes there", roads=self.crossed),)

    @property
    def geometry(self) -> Any:
        return shapely.MultiLineString([part for one in self.inner for part in shapely.get_parts(one)])


def _taken(roads: gpd.GeoDataFrame, change: Change, follow_m: float) -> _Taken:
    """The roads that a change is about, by name, by the line they follow, or the named one as far as the line goes."""
    shapes: NDArray[np.object_] = np.asarray(roads.geometry.array, dtype=object)
    rows = np.arange(len(roads))
    if change.road_id:
        rows = np.flatnonzero((roads["road_id"] == change.road_id).to_numpy(dtype=bool))
        if not len(rows):
            raise InputError(f"there is no road {change.road_id}", mend=_near(change.road_id, roads))
    if change.geometry is None:
        return _Taken(rows, [shapes[row] for row in rows], [None] * len(rows))
    found: dict[int, list[Stretch]] = {}
    for one in followed(change.geometry, shapes[rows], within_m=follow_m):
        found.setdefault(int(rows[one.row]), []).append(one)
    if not found:
        road = f"does not follow road {change.road_id}" if change.road_id else "follows no road"
        met = [
            roads["road_id"].iloc[rows[row]]
            for row in crossed(change.geometry, shapes[rows], within_m=follow_m)
        ]
        only = f": it only crosses {name_some(met)}" if met else ""
        raise InputError(
            f"the line {road}{only}",
            mend=f"draw it along the road, no farther than {follow_m:g} m from it, or name its road_id and leave the line out",
        )
    parts = [cut(shapes[row], stretches) for row, stretches in found.items()]
    slanted = crossed(change.geometry, shapes[rows], within_m=follow_m, least_m=_SLANTED * follow_m)
    return _Taken(
        np.array(list(found), dtype=np.intp), [one for one, _ in parts], [rest for _, rest in parts],
        tuple(roads["road_id"].iloc[rows[row]] for row in slanted if rows[row] not in found),
    )  # fmt: skip


def _near(road: str, roads: gpd.GeoDataFrame) -> str:
    known = [str(one) for one in roads["road_id"]]
    near = difflib.get_close_matches(road, known, n=3)
    return f"is it {' or '.join(near)}?" if near else f"roads are {name_some(known)}"


def closed_roads(roads: gpd.GeoDataFrame, change: Change, follow_m: float) -> Done:
    """The roads without those that are closed; of a road that is closed in part the rest stays, under its own id.

    Parameters
    ----------
    roads
        The layer.
    change
        What is closed.
    follow_m
        How far a drawn line may lie from a road that it follows.

    Raises
    ------
    InputError
        There is no such road, or the line follows none.
    """
    taken = _taken(roads, change, follow_m)
    left = _with_shapes(roads, taken.rows, taken.outer)
    gone = np.isin(
        np.arange(len(roads)),
        [row for row, rest in zip(taken.rows, taken.outer, strict=True) if rest is None],
    )
    said = sentence(
        "closes {metres} m of {roads}",
        metres=round(taken.length_m),
        roads=tuple(roads["road_id"].iloc[taken.rows]),
    )
    return Done(left[~gone].reset_index(drop=True), taken.geometry, (said, *taken.said))


def changed_roads(roads: gpd.GeoDataFrame, change: Change, follow_m: float) -> Done:
    """The roads with new values of some; of a road that is changed in part the stretch has a row of its own, under a number.

    Parameters
    ----------
    roads
        The layer.
    change
        What is changed, and to what.
    follow_m
        How far a drawn line may lie from a road that it follows.

    Raises
    ------
    InputError
        There is no such road, or the line follows none.
    """
    taken = _taken(roads, change, follow_m)
    before = roads.iloc[taken.rows]
    fields = {name: value for name, value in change.fields.items() if not _is_so(before, name, value)}
    ids = tuple(before["road_id"])
    if not fields:
        return Done(
            roads, None, (sentence("changes nothing: {roads} are so already", roads=ids),), doubtful=True
        )
    said = (
        sentence(
            "changes {metres} m of {roads}: {what}",
            metres=round(taken.length_m),
            roads=ids,
            what=_what(before, fields),
        ),
        *taken.said,
        *_of_speed(before, fields),
    )
    whole = np.array(
        [row for row, rest in zip(taken.rows, taken.outer, strict=True) if rest is None], dtype=np.intp
    )
    partly = [at for at, rest in enumerate(taken.outer) if rest is not None]
    rest = _with_shapes(roads, taken.rows[partly], [taken.outer[at] for at in partly])
    rest = _with_fields(rest, np.isin(np.arange(len(roads)), whole), fields)
    cut_out = _with_shapes(
        before.iloc[partly].reset_index(drop=True), np.arange(len(partly)), [taken.inner[at] for at in partly]
    )
    cut_out["road_id"] = _numbered([ids[at] for at in partly], set(roads["road_id"]))
    cut_out = _with_fields(cut_out, np.ones(len(partly), dtype=bool), fields)
    if not partly:
        return Done(rest, taken.geometry, said)
    return Done(pd.concat([rest, cut_out], ignore_index=True), taken.geometry, said)


def _with_shapes(roads: gpd.GeoDataFrame, rows: NDArray[np.intp], shapes: list[Any]) -> gpd.GeoDataFrame:
    new = np.array(roads.geometry.array, dtype=object)
    for row, shape in zip(rows, shapes, strict=True):
        new[row] = shape
    return gpd.GeoDataFrame(pd.DataFrame(roads).drop(columns="geometry"), geometry=new, crs=roads.crs)


def _with_fields(
    roads: gpd.GeoDataFrame, which: NDArray[np.bool_], fields: Mapping[str, object]
) -> gpd.GeoDataFrame:
    columns = {}
    for name, value in fields.items():
        old = roads[name] if name in roads else pd.Series(None, index=roads.index, dtype=object)
        new = old.astype(object)
        new[which] = value
        columns[name] = new.infer_objects() if old.dtype != object else new
    return roads.assign(**columns)


def _numbered(ids: list[str], used: set[str]) -> list[str]:
    found = []
    for own in ids:
        number = 2
        while f"{own} ({number})" in used:
            number += 1
        found.append(f"{own} ({number})")
        used = used | {found[-1]}
    return found


def _is_so(roads: gpd.GeoDataFrame, name: str, value: object) -> bool:
    return name in roads and bool((roads[name] == value).all())


def _what(before: gpd.GeoDataFrame, fields: Mapping[str, object]) -> tuple[Sentence, ...]:
    roads = schema("roads").fields
    return tuple(
        sentence(
            "{field} {before} → {after}",
            field=roads[name], before=_values(before, roads[name]), after=_shown(value, roads[name]),
        )
        for name, value in fields.items()
    )  # fmt: skip


def _values(before: gpd.GeoDataFrame, field: Field) -> tuple[object, ...]:
    if field.name not in before:
        return ("—",)
    return tuple(dict.fromkeys("—" if pd.isna(one) else _shown(one, field) for one in before[field.name]))


def _shown(value: object, field: Field) -> object:
    if isinstance(value, bool | np.bool_):
        return sentence("yes") if value else sentence("no")
    if field.codes:
        return code_word(value, field)
    return f"{value:g}" if isinstance(value, int | float) else value


def _of_speed(before: gpd.GeoDataFrame, fields: Mapping[str, object]) -> list[Sentence]:
    """What becomes of the speed where the scenario gives none."""
    if any(name in fields for name in _SPEEDS):
        return []
    said = []
    if any(name in fields for name in _NO_SPEED):
        said.append(
            sentence(
                "lanes and width change no speed, for parkgeo has no model of capacity; give speed_km_h where the speed changes"
            )
        )
    if "road_class" in fields:
        stated = (
            before["speed_km_h"].notna()
            if "speed_km_h" in before
            else pd.Series(data=False, index=before.index)
        )
        if stated.any():
            said.append(
                sentence(
                    "the speed that is stated stays, whatever the class; give speed_km_h where it changes"
                )
            )
        if not stated.all():
            said.append(sentence("no speed is stated: it is now that of the new class"))
    return said


def joined_road(roads: gpd.GeoDataFrame | None, change: Change, join_m: float) -> Done:
    """A new road, with ends that nearly meet another road drawn to it.

    Parameters
    ----------
    roads
        All other roads; None where there are none.
    change
        The new road.
    join_m
        How far an end may lie off.

    Returns
    -------
    Done
        Its shape, and which roads it meets; doubtful where it meets none.
    """
    lines = [np.array(one.coords) for one in shapely.get_parts(change.geometry)]
    if roads is None or roads.empty:
        return Done(None, change.geometry, (sentence("it meets no other road"),), doubtful=True)
    shapes: NDArray[np.object_] = np.asarray(roads.geometry.array, dtype=object)
    tree = shapely.STRtree(shapes)
    said: list[Sentence] = []
    for line in lines:
        for at in (0, -1):
            end = shapely.Point(line[at])
            (row,), (off,) = tree.query_nearest(end, return_distance=True, all_matches=False)
            if _MEETS_M < off <= join_m:
                line[at] = shapely.get_coordinates(shapely.shortest_line(shapes[row], end))[0]
                road = roads["road_id"].iloc[int(row)]
                said.append(
                    sentence(
                        "an end {metres} m beside road {road} was drawn to it", metres=f"{off:.1f}", road=road
                    )
                )
    shape = shapely.MultiLineString(lines)
    met = np.sort(tree.query(shape, predicate="dwithin", distance=_MEETS_M))
    if not len(met):
        return Done(None, shape, (*said, sentence("it meets no other road")), doubtful=True)
    named = tuple(roads["road_id"].iloc[met])
    return Done(None, shape, (*said, sentence("it meets {roads}", roads=named)))
