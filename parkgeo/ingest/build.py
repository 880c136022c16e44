"""Files of one layer → the validated layer, every row of them entered in the account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.columns import map_columns, named_column
from parkgeo.ingest.crs import datum_shift_known
from parkgeo.ingest.repair import repair
from parkgeo.ingest.settling import enter_rejects, settle
from parkgeo.layers import schema, sentence, validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pyproj import CRS

    from parkgeo.ingest.account import Account
    from parkgeo.ingest.columns import Mapped
    from parkgeo.ingest.ground import Ground
    from parkgeo.ingest.raw import RawTable
    from parkgeo.ingest.repair import Repair, Repaired
    from parkgeo.layers import Sentence
    from parkgeo.project import Source

__all__ = ["Part", "ReadFile", "as_multipolygons", "build_layer", "ground_of"]

_POLYGON, _LINE, _MULTIPOINT = 3, 1, 4


@dataclass(frozen=True)
class ReadFile:
    """A file that was read, with what park.toml says of it.

    Attributes
    ----------
    source
        Its entry in park.toml.
    raw
        What it gave.
    shown
        Its path as park.toml reaches it.
    sha256
        Of the file; of a folder or a file of several parts, over theirs.
    ground
        How its coordinates come to the ground; None for a table, or where it is not known.
    """

    source: Source
    raw: RawTable
    shown: str
    sha256: str
    ground: Ground | None = None


@dataclass(frozen=True)
class Part:
    """One file's rows in the layer's terms.

    Attributes
    ----------
    file
        The file.
    mapped
        Its columns as fields.
    frame
        Its rows, with geometry in the working system.
    crs
        Its own system and what stated it, as the account shows it.
    repairs
        Geometries mended.
    unreadable
        Position → why a required cell has no value though something stands there.
    sound
        Whether a geometry was valid as it came; None for a table.
    beyond
        Position → why its geometry was given up.
    """

    file: ReadFile
    mapped: Mapped
    frame: pd.DataFrame
    crs: str
    repairs: tuple[Repair, ...]
    unreadable: dict[int, tuple[Sentence, Sentence]]
    sound: NDArray[np.bool_] | None = None
    beyond: dict[int, tuple[Sentence, Sentence]] = field(default_factory=dict)


def ground_of(file: ReadFile) -> Ground:
    """How a file's coordinates come to the ground.

    Raises
    ------
    InputError
        It is not known.
    """
    if file.ground is None:
        raise InputError(
            "no coordinate system",
            where=f"{file.raw.path} ({file.source.layer})",
            mend="set crs in park.toml",
        )
    return file.ground


def build_layer(name: str, files: list[ReadFile], crs: CRS, account: Account) -> pd.DataFrame:
    """Make a layer of its files.

    Parameters
    ----------
    name
        The layer.
    files
        Its files.
    crs
        The working coordinate system.
    account
        Where every row, repair and fault is entered.

    Returns
    -------
    pandas.DataFrame
        The accepted rows; a GeoDataFrame for a layer with geometry.

    Raises
    ------
    ParkgeoError
        A file has no coordinate system, no geometry, no column for a required field, or lies nowhere.
    """
    layer = schema(name)
    parts = [_part(file, crs, account) for file in files]
    starts = np.cumsum([0, *(len(part.frame) for part in parts)])
    together = pd.concat([part.frame for part in parts], ignore_index=True)
    if layer.geometry != "none":
        together = gpd.GeoDataFrame(together, geometry="geometry", crs=crs)
    _fill_key(name, together, account)
    known = [part.sound for part in parts if part.sound is not None]
    found = validate(layer, together, sound=np.concatenate(known) if known else None)
    for reject in found.rejects:
        enter_rejects(name, together, reject, parts, starts, account)
    for doubt in found.faults:
        account.doubtful(name, together, doubt)
    rejected = np.zeros(len(together), dtype=bool)
    for reject in found.rejects:
        rejected[reject.rows] = True
    for at, part in enumerate(parts):
        settle(name, part, rejected[starts[at] : starts[at + 1]], account)
    return found.frame.drop(columns="unreadable") if name == "performance" else found.frame


def _part(file: ReadFile, crs: CRS, account: Account) -> Part:
    name, raw = file.source.layer, file.raw
    layer = schema(name)
    drawn = layer.geometry != "none" and file.ground is not None
    with ThreadPoolExecutor(1) as beside:
        # Asking whether shapes are valid lets go of the interpreter: columns are read meanwhile.
        outlined = beside.submit(_shapes, file, ground_of(file), crs) if drawn else None
        mapped = map_columns(raw, layer, file.source)
    frame = mapped.frame.assign(source_file=file.shown, source_row=raw.rows)
    if name in ("supply", "delays", "performance"):
        # A cell that holds something is not blank: the clocks, and the month of a figure, must tell the two apart.
        frame["unreadable"] = _unread_fields(mapped, len(frame))
    unreadable = _enter_columns(file, mapped, account)
    if layer.geometry == "none":
        return Part(file, mapped, frame, "", (), unreadable)
    ground = ground_of(file)
    outlines = outlined.result() if outlined is not None else _shapes(file, ground, crs)
    _enter_ground(file, ground, crs, account)
    placed = frame.assign(
        geometry=gpd.GeoSeries(_promoted(outlines.shapes, layer.geometry), frame.index, crs)
    )
    return Part(
        file, mapped, placed, ground.label, outlines.repairs, unreadable, outlines.sound, outlines.beyond
    )


def _enter_ground(file: ReadFile, ground: Ground, crs: CRS, account: Account) -> None:
    """Say how the file's coordinates came to the ground, as far as a person should know."""
    name, own = file.source.layer, ground.crs
    for note in ground.notes:
        account.note(name, file.shown, note)
    for doubt in ground.doubts:
        account.fault(name, file.shown, doubt.what, doubt.mend)
    if own.is_geographic and name in ("parks", "parcels"):
        what = sentence("in degrees ({own}); areas are computed in {crs}", own=own.name, crs=crs.name)
        account.note(name, file.shown, what)
    if not datum_shift_known(own, crs):
        what = sentence(
            "from {own} to {crs} no published shift: positions may be off by 100 m and more",
            own=own.name,
            crs=crs.name,
        )
        mend = sentence(
            "ask the surveying office for the seven parameters and write them as [grids.NAME], or have the file transformed"
        )
        account.fault(name, file.shown, what, mend)


def _enter_columns(file: ReadFile, mapped: Mapped, account: Account) -> dict[int, tuple[Sentence, Sentence]]:
    """Enter what is doubtful in a file's columns; position → why a required cell has no value though something stands there."""
    name, raw = file.source.layer, file.raw
    unreadable: dict[int, tuple[Sentence, Sentence]] = {}
    for fault in mapped.faults:
        if fault.field.required:
            cells = raw.frame[fault.column].iloc[fault.rows]
            for row, cell in zip(fault.rows, cells, strict=True):
                what = sentence(
                    "{column}: {trouble}: {cells}",
                    column=named_column(fault.column, fault.field), trouble=fault.trouble, cells=repr(str(cell)[:40]),
                )  # fmt: skip
                unreadable.setdefault(int(row), (what, fault.mend))
        else:
            account.fault(
                name, file.shown, fault.what(), fault.mend, field=fault.field.name, rows=raw.rows[fault.rows]
            )
    for remark in mapped.remarks:
        rows = raw.rows[remark.rows]
        if remark.mend.pattern:
            account.fault(name, file.shown, remark.what(), remark.mend, field=remark.field.name, rows=rows)
        else:
            account.note(name, file.shown, remark.what(), rows=rows)
    for doubtful, doubt in mapped.doubts:
        account.fault(name, file.shown, doubt.what, doubt.mend, field=doubtful.name)
    for doubt in raw.doubts:
        account.fault(name, file.shown, doubt.what, doubt.mend, rows=doubt.rows)
    return unreadable


def _unread_fields(mapped: Mapped, rows: int) -> list[str | None]:
    """For each row the fields whose cell could not be read, joined by a comma; None where all could."""
    named: list[str | None] = [None] * rows
    for fault in mapped.faults:
        for row in fault.rows:
            before = named[row]
            named[row] = f"{before}, {fault.field.name}" if before else fault.field.name
    return named


def _shapes(file: ReadFile, ground: Ground, crs: CRS) -> Repaired:
    name, shapes = file.source.layer, file.raw.geometry
    if shapes is None:
        raise InputError("it has no geometry", where=f"{file.raw.path} ({name})", mend="give a map file")
    moved = ground.shapes(shapes, crs)
    finite_before = moved is not shapes and np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if np.any(finite_before) and not np.isfinite(shapely.bounds(moved)).all(axis=1).any():
        raise InputError(
            f"its coordinates do not lie where {ground.name} is meant for",
            where=f"{file.raw.path} ({name})", mend="set its true crs in park.toml: datum, zone, zone prefix, order of axes",
        )  # fmt: skip
    return repair(moved, schema(name).geometry)


def _promoted(shapes: NDArray[np.object_], family: str) -> NDArray[np.object_]:
    """Shapes of a layer, multipart where its family has such; a multipoint of one point is that point."""
    if family == "polygon":
        return as_multipolygons(shapes)
    if family == "point":
        return _as_points(shapes)
    return _as_multi(shapes, _LINE, shapely.multilinestrings) if family == "line" else shapes


def as_multipolygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons as multipart ones, so that a layer has one geometry type; other shapes stay."""
    return _as_multi(shapes, _POLYGON, shapely.multipolygons)


def _as_points(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    alone = (shapely.get_type_id(shapes) == _MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    if not alone.any():
        return shapes
    single = shapes.copy()
    single[alone] = shapely.get_geometry(shapes[alone], 0)
    return single


def _as_multi(shapes: NDArray[np.object_], single: int, build: Callable[..., Any]) -> NDArray[np.object_]:
    alone = shapely.get_type_id(shapes) == single
    if not alone.any():
        return shapes
    promoted = shapes.copy()
    promoted[alone] = build(shapes[alone][:, None])
    return promoted


def _fill_key(name: str, frame: pd.DataFrame, account: Account) -> None:
    """Ids for features that need none of their own: a building, a stretch of road."""
    key = schema(name).key
    if not key or schema(name).fields[key].required:
        return
    given = frame[key] if key in frame else pd.Series(None, index=frame.index, dtype=object)
    blank = given.isna()
    numbered = pd.Series(
        [f"{name}-{number:06d}" for number in range(1, len(frame) + 1)], index=frame.index, dtype=object
    )
    frame[key] = given.where(~blank, numbered)
    for file, count in frame.loc[blank, "source_file"].value_counts(sort=False).sort_index().items():
        what = sentence(
            "{count} without {field}: numbered by their order",
            count=int(count),
            field=schema(name).fields[key],
        )
        account.note(name, str(file), what)
