"""A project's files → validated layers and the account of every row."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError, ParkgeoError, gather, name_some
from parkgeo.ingest.account import Account
from parkgeo.ingest.columns import map_columns
from parkgeo.ingest.coordinates import read_coordinates
from parkgeo.ingest.crs import choose_working_crs, parse_crs, to_crs
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.references import check_references
from parkgeo.ingest.repair import repair
from parkgeo.ingest.tables import read_table
from parkgeo.ingest.vector import read_vector
from parkgeo.layers import Layers, schema, validate
from parkgeo.project import RASTER_LAYERS, TABLE_LAYERS, VECTOR_LAYERS
from parkgeo.store.workspace import file_sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from parkgeo.ingest.columns import CellFault
    from parkgeo.ingest.raw import RawTable
    from parkgeo.project import Project, Source

__all__ = ["Intake", "read_layers"]

_COORDINATE_TEXT = ".txt"
# Facilities are often far off on purpose: a port, an airport. The other layers must touch the park's surroundings.
_NEAR_M = 5_000.0


@dataclass(frozen=True)
class Intake:
    """What a project's files gave.

    Attributes
    ----------
    layers
        The validated layers, in the working coordinate system.
    crs
        The working coordinate system.
    account
        Tables ``sources``, ``rejects``, ``repairs``, ``faults``.
    inputs
        Each file's path as park.toml reaches it and its SHA-256.
    """

    layers: Layers
    crs: CRS
    account: dict[str, pd.DataFrame]
    inputs: tuple[dict[str, str], ...]

    @property
    def clean(self) -> bool:
        """Whether no row was rejected and nothing is at fault; notes and repairs are no faults."""
        return self.account["rejects"].empty and not (self.account["faults"]["severity"] == "fault").any()


@dataclass(frozen=True)
class _Read:
    """A file with what park.toml says of it."""

    source: Source
    raw: RawTable


def read_layers(project: Project, *, progress: Callable[[str], None] = lambda _: None) -> Intake:
    """Read all of a project's files.

    Parameters
    ----------
    project
        What park.toml says.
    progress
        Called with the name of each layer as it is begun.

    Returns
    -------
    Intake
        Every row of every file is in its layer or in ``account["rejects"]``.

    Raises
    ------
    InputError
        Files that cannot be used at all: missing, unreadable, without a coordinate system, without parcels. All are
        named at once.
    """
    problems: list[ParkgeoError] = []
    read: dict[str, list[_Read]] = {}
    rasters: dict[str, list[Any]] = {name: [] for name in RASTER_LAYERS}
    for layer, sources in project.sources.items():
        progress(layer)
        for source in sources:
            for file in source.files:
                try:
                    if layer in RASTER_LAYERS:
                        rasters[layer].append(read_raster(file, source))
                    else:
                        read.setdefault(layer, []).append(_Read(source, _open(file, source)))
                except ParkgeoError as error:
                    problems.append(error)
    if problems:
        raise gather(problems, InputError)
    return _Reader(project, read).intake(rasters)


def _open(file: Path, source: Source) -> RawTable:
    layer = schema(source.layer)
    if source.layer in TABLE_LAYERS:
        return read_table(file, layer, table=source.table, encoding=source.encoding)
    if file.suffix.lower() == _COORDINATE_TEXT:
        return read_coordinates(file, encoding=source.encoding)
    return read_vector(file, table=source.table, encoding=source.encoding, where=source.where)


class _Reader:
    """Turns files that were read into layers, keeping the account."""

    def __init__(self, project: Project, read: dict[str, list[_Read]]) -> None:
        self.project = project
        self.read = _supply_from_parcels(read)
        self.account = Account()
        self.crs = self._working_crs()

    def intake(self, rasters: dict[str, list[Any]]) -> Intake:
        problems: list[ParkgeoError] = []
        frames: dict[str, Any] = {}
        for layer in (*VECTOR_LAYERS, *TABLE_LAYERS):
            if layer in self.read:
                try:
                    frames[layer] = self._layer(layer)
                except ParkgeoError as error:
                    problems.append(error)
        if problems:
            raise gather(problems, InputError)
        if frames["parcels"].empty:
            raise InputError(
                "no parcel is left",
                where=name_some(one.raw.path.name for one in self.read["parcels"]),
                mend="see the rejects: parkgeo check park.toml --out DIR",
            )
        self._same_place(frames)
        if "parks" not in frames or frames["parks"].empty:
            frames["parks"] = self._park_of_parcels(frames["parcels"])
        for file, layer, what, mend, rows in check_references(frames):
            self.account.fault(layer, file, what, mend, rows=rows)
        dem = rasters["dem"][0] if rasters["dem"] else None
        layers = Layers(**frames, imagery=tuple(rasters["imagery"]), dem=dem)
        return Intake(layers, self.crs, self.account.tables(), self._inputs())

    def _working_crs(self) -> CRS:
        if self.project.working_crs:
            return parse_crs(self.project.working_crs, "park.toml working_crs")
        first = self.read["parcels"][0]
        shapes = first.raw.geometry
        if shapes is None or not len(shapes):
            raise InputError("it holds no parcels", where=str(first.raw.path), mend="give the file with the parcels")
        return choose_working_crs(self._crs(first), shapes)

    def _crs(self, one: _Read) -> CRS:
        return parse_crs(one.source.crs or one.raw.crs, f"{one.raw.path} ({one.source.layer})")

    def _layer(self, name: str) -> pd.DataFrame:
        """A layer from all of its files, validated."""
        layer = schema(name)
        parts = []
        used: list[tuple[dict[str, str], tuple[str, ...], int, str]] = []
        for one in self.read[name]:
            mapped = map_columns(one.raw, layer, one.source)
            frame = mapped.frame
            frame["source_file"] = self._shown(one.raw.path)
            frame["source_row"] = one.raw.rows
            if name == "supply":
                # A cell that holds something is not blank: the clocks must tell the two apart.
                frame["unreadable"] = _unreadable(mapped.faults, len(frame))
            for fault in mapped.faults:
                self.account.fault(
                    name,
                    self._shown(one.raw.path),
                    f"{fault.column}: not a {layer.fields[fault.field].kind}: {fault.shown}",
                    "correct the cells; until then their value is missing",
                    field=fault.field,
                    rows=one.raw.rows[fault.rows],
                )
            repaired = 0
            stated = ""
            if layer.geometry != "none":
                crs = self._crs(one)
                stated = crs.to_string() if crs.to_epsg() else crs.name
                frame, repaired = self._with_geometry(name, frame, one, crs)
            frame["_part"] = len(parts)
            parts.append(frame)
            used.append((mapped.used, mapped.unused, repaired, stated))
        together = pd.concat(parts, ignore_index=True)
        if layer.geometry != "none":
            together = gpd.GeoDataFrame(together, geometry="geometry", crs=self.crs)
        self._fill_key(name, together)
        found = validate(layer, together)
        for reject in found.rejects:
            self.account.rejected(name, together, reject.rows, reject, self._contents(name, reject.rows))
        for doubt in found.faults:
            self.account.doubtful(name, together, doubt)
        self._settle(name, found.frame["_part"], used)
        return found.frame.drop(columns="_part")

    def _with_geometry(self, name: str, frame: pd.DataFrame, one: _Read, crs: CRS) -> tuple[pd.DataFrame, int]:
        family = schema(name).geometry
        shapes = one.raw.geometry
        if shapes is None:
            raise InputError("it has no geometry", where=f"{one.raw.path} ({name})", mend="give a map file")
        moved, repairs = repair(to_crs(shapes, crs, self.crs), family)
        if crs.is_geographic and name in ("parks", "parcels"):
            self.account.note(
                name, self._shown(one.raw.path), f"in degrees ({crs.name}); areas are computed in {self.crs.name}"
            )
        self.account.repaired(name, frame, repairs)
        if family == "polygon":
            moved = _as_multi(moved, 3, shapely.multipolygons)
        elif family == "line":
            moved = _as_multi(moved, 1, shapely.multilinestrings)
        return frame.assign(geometry=gpd.GeoSeries(moved, index=frame.index, crs=self.crs)), len(repairs)

    def _fill_key(self, name: str, frame: pd.DataFrame) -> None:
        """Ids for features that need none of their own: a building, a stretch of road."""
        key = schema(name).key
        if not key or schema(name).fields[key].required:
            return
        given = frame[key] if key in frame else pd.Series(None, index=frame.index, dtype=object)
        blank = given.isna()
        numbered = pd.Series([f"{name}-{number:06d}" for number in range(1, len(frame) + 1)], index=frame.index)
        frame[key] = given.where(~blank, numbered)
        if blank.any():
            self.account.note(name, "", f"{int(blank.sum())} without {key}: numbered by their order in the file")

    def _contents(self, name: str, rows: NDArray[np.intp]) -> list[str]:
        """Rows of the files together, as JSON text with the geometry as WKT."""
        starts = np.cumsum([0, *(len(one.raw.frame) for one in self.read[name])])
        contents = []
        for at in rows:
            file = int(np.searchsorted(starts, at, side="right")) - 1
            raw = self.read[name][file].raw
            place = int(at - starts[file])
            row = {str(key): None if pd.isna(cell) else cell for key, cell in raw.frame.iloc[place].items()}
            if raw.geometry is not None:
                row["geometry"] = shapely.to_wkt(raw.geometry[place], rounding_precision=-1)
            contents.append(json.dumps(row, ensure_ascii=False, default=str))
        return contents

    def _settle(
        self, name: str, accepted_part: pd.Series[int], used: list[tuple[dict[str, str], tuple[str, ...], int, str]]
    ) -> None:
        """Enter each file's rows in the account: declared = accepted + rejected."""
        counts = accepted_part.value_counts()
        for part, (one, (columns, unused, repaired, crs)) in enumerate(zip(self.read[name], used, strict=True)):
            raw = one.raw
            file = self._shown(raw.path)
            accepted = int(counts.get(part, 0))
            lost = max(raw.declared - len(raw.frame), 0)
            self.account.lost(name, file, lost)
            self.account.source(
                layer=name, file=file, table=raw.table, driver=raw.driver, encoding=raw.encoding, crs=crs,
                rows_declared=len(raw.frame) + lost, rows_accepted=accepted, rows_repaired=repaired,
                rows_rejected=len(raw.frame) + lost - accepted,
                columns_used=", ".join(f"{field} ← {column}" for field, column in columns.items()),
                columns_unused=", ".join(unused), notes="; ".join(raw.notes), sha256=file_sha256(raw.path),
            )  # fmt: skip

    def _same_place(self, frames: dict[str, Any]) -> None:
        """A layer that lies wholly elsewhere is in another coordinate system than stated; it must not read as empty."""
        west, south, east, north = frames["parcels"].total_bounds
        near = shapely.box(west - _NEAR_M, south - _NEAR_M, east + _NEAR_M, north + _NEAR_M)
        problems: list[ParkgeoError] = []
        for name in VECTOR_LAYERS:
            frame = frames.get(name)
            if frame is None or frame.empty or name in ("parcels", "facilities"):
                continue
            shapes = np.asarray(frame.geometry.array, dtype=object)
            if not shapely.intersects(near, shapes).any():
                km = float(shapely.distance(near, shapely.box(*frame.total_bounds))) / 1000
                problems.append(
                    InputError(
                        f"nothing of it lies near the parcels; it is {km:,.0f} km off",
                        where=f"{name}: {name_some(one.raw.path for one in self.read[name])}",
                        mend="check its crs: datum, zone, zone prefix, order of axes",
                    )
                )
        if problems:
            raise gather(problems, InputError)

    def _park_of_parcels(self, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        union = shapely.union_all(np.asarray(parcels.geometry.array, dtype=object))
        self.account.note("parks", "", "no boundary is given: the parcels' union is the one park")
        return gpd.GeoDataFrame(
            {"park_id": ["park"], "name": [self.project.name], "source_file": [""], "source_row": [0]},
            geometry=_as_multi(np.array([union], dtype=object), 3, shapely.multipolygons),
            crs=self.crs,
        )

    def _shown(self, path: Path) -> str:
        """A path as park.toml reaches it, alike on every system."""
        try:
            return path.relative_to(self.project.folder).as_posix()
        except ValueError:
            return path.as_posix()

    def _inputs(self) -> tuple[dict[str, str], ...]:
        files = {
            file
            for sources in self.project.sources.values()
            for source in sources
            for file in source.files
        }
        listed = sorted((self._shown(file), file_sha256(file)) for file in files if file.is_file())
        return tuple({"path": path, "sha256": digest} for path, digest in listed)


def _unreadable(faults: tuple[CellFault, ...], rows: int) -> list[str | None]:
    """For each row the fields whose cell could not be read, joined by a comma; None where all could."""
    named: list[list[str]] = [[] for _ in range(rows)]
    for fault in faults:
        for row in fault.rows:
            named[row].append(fault.field)
    return [", ".join(names) or None for names in named]


def _as_multi(shapes: NDArray[np.object_], single: int, build: Callable[..., Any]) -> NDArray[np.object_]:
    """Single shapes as multipart ones, so that a layer has one geometry type."""
    alone = shapely.get_type_id(shapes) == single
    if not alone.any():
        return shapes
    promoted = shapes.copy()
    promoted[alone] = [build([shape]) for shape in shapes[alone]]
    return promoted


def _supply_from_parcels(read: dict[str, list[_Read]]) -> dict[str, list[_Read]]:
    """Where no ledger is given, the supply fields among the parcels' columns are the ledger."""
    parcels = read.get("parcels", [])
    own, ledger = schema("parcels").fields, schema("supply").fields
    only_supply = {name for name in ledger if name not in own}
    split = []
    derived = []
    for one in parcels:
        columns = one.source.columns
        here = {name: column for name, column in columns.items() if name not in only_supply}
        split.append(replace(one, source=replace(one.source, columns=here)))
        theirs = {name: column for name, column in columns.items() if name in ledger}
        headers = [schema("supply").field_for(str(text)) for text in one.raw.frame.columns]
        found = {field.name for field in headers if field is not None} | set(theirs)
        if found & only_supply:
            raw = replace(one.raw, geometry=None)
            derived.append(_Read(replace(one.source, layer="supply", columns=theirs), raw))
    if "supply" in read or not derived:
        return {**read, "parcels": split} if "supply" not in read else read
    return {**read, "parcels": split, "supply": derived}
