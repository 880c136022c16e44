"""Files of one layer → the validated layer, every row of them entered in the account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError
from parkgeo.files import file_sha256
from parkgeo.ingest.columns import map_columns
from parkgeo.ingest.crs import datum_shift_known, parse_crs, to_crs
from parkgeo.ingest.raw import Lost
from parkgeo.ingest.repair import repair
from parkgeo.layers import schema, sentence, validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pyproj import CRS

    from parkgeo.ingest.account import Account
    from parkgeo.ingest.columns import Mapped
    from parkgeo.ingest.raw import RawTable
    from parkgeo.ingest.repair import Repair
    from parkgeo.layers import Reject, Sentence
    from parkgeo.project import Source

__all__ = ["ReadFile", "as_multipolygons", "build_layer", "stated_crs"]

_POLYGON, _LINE = 3, 1
# A damaged count may claim billions of rows; so many lost ones are a broken file, not a list of rejects.
_MOST_LOST = 100_000


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
    """

    source: Source
    raw: RawTable
    shown: str


@dataclass(frozen=True)
class _Part:
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
        Its own system, as people name it.
    repairs
        Geometries mended.
    unreadable
        Position → why a required cell has no value though something stands there.
    """

    file: ReadFile
    mapped: Mapped
    frame: pd.DataFrame
    crs: str
    repairs: tuple[Repair, ...]
    unreadable: dict[int, tuple[Sentence, Sentence]]


def stated_crs(file: ReadFile) -> CRS:
    """The coordinate system that park.toml states for a file, else the file itself.

    Raises
    ------
    InputError
        Neither states one that can be used.
    """
    return parse_crs(file.source.crs or file.raw.crs, f"{file.raw.path} ({file.source.layer})")


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
    together["_part"] = np.repeat(np.arange(len(parts)), np.diff(starts))
    if layer.geometry != "none":
        together = gpd.GeoDataFrame(together, geometry="geometry", crs=crs)
    _fill_key(name, together, account)
    found = validate(layer, together)
    for reject in found.rejects:
        _enter_rejects(name, together, reject, parts, starts, account)
    for doubt in found.faults:
        account.doubtful(name, together, doubt)
    rejected = np.zeros(len(together), dtype=bool)
    for reject in found.rejects:
        rejected[reject.rows] = True
    for at, part in enumerate(parts):
        _settle(name, part, rejected[starts[at] : starts[at + 1]], account)
    return found.frame.drop(columns=["_part", "unreadable"] if name == "performance" else ["_part"])


def _part(file: ReadFile, crs: CRS, account: Account) -> _Part:
    name, raw = file.source.layer, file.raw
    layer = schema(name)
    mapped = map_columns(raw, layer, file.source)
    frame = mapped.frame.assign(source_file=file.shown, source_row=raw.rows)
    if name in ("supply", "performance"):
        # A cell that holds something is not blank: the clocks, and the month of a figure, must tell the two apart.
        frame["unreadable"] = _unread_fields(mapped, len(frame))
    unreadable: dict[int, tuple[Sentence, Sentence]] = {}
    for fault in mapped.faults:
        if fault.field.required:
            for row in fault.rows:
                cell = repr(str(raw.frame[fault.column].iloc[row])[:40])
                what = sentence(
                    "{column}: {trouble}: {cells}", column=fault.column, trouble=fault.trouble, cells=cell
                )
                unreadable.setdefault(int(row), (what, fault.mend))
        else:
            account.fault(
                name, file.shown, fault.what(), fault.mend, field=fault.field.name, rows=raw.rows[fault.rows]
            )
    for field, doubt in mapped.doubts:
        account.fault(name, file.shown, doubt.what, doubt.mend, field=field.name)
    for doubt in raw.doubts:
        account.fault(name, file.shown, doubt.what, doubt.mend, rows=doubt.rows)
    if layer.geometry == "none":
        return _Part(file, mapped, frame, "", (), unreadable)
    own = stated_crs(file)
    shapes, repairs = _shapes(file, own, crs)
    if own.is_geographic and name in ("parks", "parcels"):
        what = sentence("in degrees ({own}); areas are computed in {crs}", own=own.name, crs=crs.name)
        account.note(name, file.shown, what)
    if not datum_shift_known(own, crs):
        what = sentence(
            "from {own} to {crs} no published shift: positions may be off by 100 m and more",
            own=own.name,
            crs=crs.name,
        )
        mend = sentence("have the file transformed into the parcels' system by the surveying office")
        account.fault(name, file.shown, what, mend)
    placed = frame.assign(geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs))
    return _Part(file, mapped, placed, own.to_string() if own.to_epsg() else own.name, repairs, unreadable)


def _unread_fields(mapped: Mapped, rows: int) -> list[str | None]:
    """For each row the fields whose cell could not be read, joined by a comma; None where all could."""
    named: list[list[str]] = [[] for _ in range(rows)]
    for fault in mapped.faults:
        for row in fault.rows:
            named[row].append(fault.field.name)
    return [", ".join(names) or None for names in named]


def _shapes(file: ReadFile, own: CRS, crs: CRS) -> tuple[NDArray[np.object_], tuple[Repair, ...]]:
    name, shapes = file.source.layer, file.raw.geometry
    if shapes is None:
        raise InputError("it has no geometry", where=f"{file.raw.path} ({name})", mend="give a map file")
    moved = to_crs(shapes, own, crs)
    finite_before = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if finite_before.any() and not np.isfinite(shapely.bounds(moved)).all(axis=1).any():
        raise InputError(
            f"its coordinates do not lie where {own.name} is meant for",
            where=f"{file.raw.path} ({name})", mend="set its true crs in park.toml: datum, zone, zone prefix, order of axes",
        )  # fmt: skip
    family = schema(name).geometry
    mended, repairs = repair(moved, family)
    if family == "polygon":
        return as_multipolygons(mended), repairs
    if family == "line":
        return _as_multi(mended, _LINE, shapely.multilinestrings), repairs
    return mended, repairs


def as_multipolygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons as multipart ones, so that a layer has one geometry type; other shapes stay."""
    return _as_multi(shapes, _POLYGON, shapely.multipolygons)


def _as_multi(shapes: NDArray[np.object_], single: int, build: Callable[..., Any]) -> NDArray[np.object_]:
    alone = shapely.get_type_id(shapes) == single
    if not alone.any():
        return shapes
    promoted = shapes.copy()
    promoted[alone] = [build([shape]) for shape in shapes[alone]]
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


def _enter_rejects(
    name: str,
    together: pd.DataFrame,
    reject: Reject,
    parts: list[_Part],
    starts: NDArray[np.intp],
    account: Account,
) -> None:
    reasons, mends, contents = [], [], []
    for at in reject.rows:
        which = int(np.searchsorted(starts, at, side="right")) - 1
        place = int(at - starts[which])
        part = parts[which]
        reason, mend = reject.reason, reject.mend
        if reason.pattern.startswith("no value in") and place in part.unreadable:
            reason, mend = part.unreadable[place]
        elif reason.pattern == "no geometry" and place in part.file.raw.spoiled:
            reason = part.file.raw.spoiled[place]
        elif reason.pattern == "no geometry" and place in part.file.raw.cut_off:
            reason = sentence("the .shp file ends before this feature")
            mend = sentence("the file is cut short: copy all its parts again")
        reasons.append(reason)
        mends.append(mend)
        contents.append(_content(part.file.raw, place))
    account.rejected(name, together.iloc[reject.rows], reasons, mends, contents)


def _content(raw: RawTable, place: int) -> str:
    """A row as its file gave it, as JSON text with the geometry as WKT."""
    row = {str(column): _jsonable(raw.frame[column].iloc[place]) for column in raw.frame}
    if raw.geometry is not None:
        row["geometry"] = shapely.to_wkt(raw.geometry[place], rounding_precision=-1)
    return json.dumps(row, ensure_ascii=False, default=str)


def _jsonable(cell: Any) -> object:
    return None if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)) else cell


def _settle(name: str, part: _Part, rejected: NDArray[np.bool_], account: Account) -> None:
    """Enter a file in the account: rows declared = accepted + rejected."""
    file, raw = part.file, part.file.raw
    kept = tuple(entry for entry in part.repairs if not rejected[entry.row])
    account.repaired(name, part.frame.iloc[[entry.row for entry in kept]], kept)
    changed = [entry.row for entry in kept if entry.changes_area]
    if changed:
        what = sentence("geometry that was mended has another area than the outline as drawn")
        account.fault(
            name, file.shown, what, sentence("see the repairs, and draw it again"), rows=raw.rows[changed]
        )
    lost = _all_lost(raw)
    for entry in lost:
        account.lost(name, file.shown, entry)
    if raw.declared < len(raw.frame) + len(raw.lost):
        what = sentence(
            "it states {stated} rows and holds {held}",
            stated=raw.declared,
            held=len(raw.frame) + len(raw.lost),
        )
        account.note(name, file.shown, what)
    account.source(
        layer=name, file=file.shown, table=raw.table, driver=raw.driver, encoding=raw.encoding, crs=part.crs,
        rows_declared=max(raw.declared, len(raw.frame) + len(raw.lost)), rows_accepted=int((~rejected).sum()),
        rows_repaired=len(kept), rows_rejected=int(rejected.sum()) + len(lost),
        columns_used=", ".join(f"{field} ← {column}" for field, column in part.mapped.used.items()),
        columns_unused=", ".join(part.mapped.unused), notes=raw.notes, sha256=file_sha256(raw.path),
    )  # fmt: skip


def _all_lost(raw: RawTable) -> tuple[Lost, ...]:
    """Rows that never became rows: those the reader names, and those the file states beyond what came."""
    missing = raw.declared - len(raw.frame) - len(raw.lost)
    if missing > _MOST_LOST:
        raise InputError(
            f"it states {raw.declared} rows and gives {len(raw.frame)}: it is damaged",
            where=str(raw.path), mend="copy or save it again",
        )  # fmt: skip
    unknown = Lost(
        None,
        sentence("stated by the file, not delivered by its reader"),
        sentence("open the file in a GIS program, check the last features, save it again"),
    )
    return (*raw.lost, *([unknown] * max(missing, 0)))
