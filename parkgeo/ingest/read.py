"""A project's files → validated layers and the account of every row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from parkgeo.errors import FilterError, InputError, ParkgeoError, gather, name_some
from parkgeo.files import file_sha256
from parkgeo.ingest.account import Account
from parkgeo.ingest.build import ReadFile, as_multipolygons, build_layer, stated_crs
from parkgeo.ingest.crs import areal_scale, choose_working_crs, in_metres, parse_crs, to_crs
from parkgeo.ingest.opening import open_source
from parkgeo.ingest.overlaps import overlapping_buildings
from parkgeo.ingest.place import far_files, odd_places
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.references import check_references
from parkgeo.ingest.shapefile import companions
from parkgeo.layers import Layers, schema, sentence
from parkgeo.project import RASTER_LAYERS, TABLE_LAYERS, VECTOR_LAYERS
from parkgeo.store.where import select

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd
    from pyproj import CRS

    from parkgeo.ingest.raw import RawTable
    from parkgeo.layers import RasterSource
    from parkgeo.project import Project

__all__ = ["Intake", "read_layers"]

_AREA_OFF = 0.005


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
        Tables ``sources``, ``rejects``, ``repairs``, ``faults``; sentences stand in ``…_zh`` and ``…_en``.
    inputs
        Each file's path as park.toml reaches it and its SHA-256, the parts of a shapefile among them.
    """

    layers: Layers
    crs: CRS
    account: dict[str, pd.DataFrame]
    inputs: tuple[dict[str, str], ...]

    @property
    def clean(self) -> bool:
        """Whether no row was rejected and nothing is at fault; notes and repairs are no faults."""
        return self.account["rejects"].empty and not (self.account["faults"]["severity"] == "fault").any()


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
    read: dict[str, list[ReadFile]] = {}
    rasters: dict[str, list[RasterSource]] = {name: [] for name in RASTER_LAYERS}
    for layer, sources in project.sources.items():
        progress(layer)
        for source in sources:
            for file in source.files:
                try:
                    if layer in RASTER_LAYERS:
                        rasters[layer].append(read_raster(file, source))
                    else:
                        raw = _only_where(open_source(file, source), source.where)
                        read.setdefault(layer, []).append(ReadFile(source, raw, _shown(project, file)))
                except ParkgeoError as error:
                    problems.append(error)
    if problems:
        raise gather(problems, InputError)
    return _assemble(project, _supply_from_parcels(read), rasters)


def _only_where(raw: RawTable, where: str) -> RawTable:
    """The rows that park.toml asks for; the others are neither accepted nor rejected, and it is said how many they are."""
    if not where:
        return raw
    try:
        kept = np.flatnonzero(select(raw.frame.infer_objects(), where))
    except FilterError as error:
        raise InputError(
            f"where = {where[:80]!r}: {error.what}", where=str(raw.path), mend=error.mend
        ) from error
    place = {int(at): new for new, at in enumerate(kept)}
    note = sentence(
        "only the {kept} of {all} rows where {where}", kept=len(kept), all=len(raw.frame), where=where
    )
    return replace(
        raw,
        frame=raw.frame.iloc[kept].reset_index(drop=True),
        rows=raw.rows[kept],
        geometry=None if raw.geometry is None else raw.geometry[kept],
        declared=max(raw.declared - (len(raw.frame) - len(kept)), 0),
        notes=(*raw.notes, note),
        spoiled={place[at]: reason for at, reason in raw.spoiled.items() if at in place},
        cut_off=frozenset(place[at] for at in raw.cut_off if at in place),
    )


def _assemble(
    project: Project, read: dict[str, list[ReadFile]], rasters: dict[str, list[RasterSource]]
) -> Intake:
    account = Account()
    crs = _working_crs(project, read["parcels"], account)
    problems: list[ParkgeoError] = []
    frames: dict[str, Any] = {}
    for layer in (*VECTOR_LAYERS, *TABLE_LAYERS):
        if layer in read:
            try:
                frames[layer] = build_layer(layer, read[layer], crs, account)
            except ParkgeoError as error:
                problems.append(error)
    problems.extend(
        _bare(layer, read, account)
        for layer in ("parks", "parcels")
        if layer in frames and frames[layer].empty
    )
    if problems:
        raise gather(problems, InputError)
    frames = _without_bare(frames, read, account)
    problems.extend(far_files(frames))
    if problems:
        raise gather(problems, InputError)
    given = "parks" in frames
    if not given:
        frames["parks"] = _park_of_parcels(project, frames["parcels"], account)
    _enter_doubts(frames, account, boundary_given=given)
    if rasters["dem"][1:]:
        mend = sentence("name one file in [layers.dem]")
        account.fault(
            "dem",
            _shown(project, rasters["dem"][1].path),
            sentence("only the first terrain raster is used"),
            mend,
        )
    dem = rasters["dem"][0] if rasters["dem"] else None
    return Intake(
        Layers(**frames, imagery=tuple(rasters["imagery"]), dem=dem), crs, account.tables(), _inputs(project)
    )


def _enter_doubts(frames: dict[str, Any], account: Account, *, boundary_given: bool) -> None:
    """What shows only where layers, or the features of one, are held against each other."""
    for file, layer, what, mend, rows in (
        *odd_places(frames, boundary_given=boundary_given),
        *check_references(frames),
    ):
        account.fault(layer, file, what, mend, rows=rows)
    if "buildings" not in frames:
        return
    for found in overlapping_buildings(frames["buildings"]):
        if found.twice:
            account.fault("buildings", found.file, found.what, found.mend, rows=found.rows)
        else:
            account.note("buildings", found.file, found.what, rows=found.rows)


def _working_crs(project: Project, parcels: list[ReadFile], account: Account) -> CRS:
    filled = next((one for one in parcels if one.raw.geometry is not None and len(one.raw.geometry)), None)
    if filled is None or filled.raw.geometry is None:
        raise InputError(
            "it holds no parcels",
            where=name_some(one.raw.path for one in parcels),
            mend="give the file with the parcels",
        )
    own = stated_crs(filled)
    try:
        if not project.working_crs:
            return choose_working_crs(own, filled.raw.geometry)
        crs = parse_crs(project.working_crs, "park.toml working_crs")
        _check_metres(crs)
        scale = areal_scale(crs, to_crs(filled.raw.geometry, own, crs))
    except InputError as error:
        raise InputError(error.what, where=f"{filled.raw.path} ({error.where})", mend=error.mend) from error
    if abs(scale - 1) > _AREA_OFF:
        what = sentence(
            "in {crs} areas here are {factor} times those on the ground", crs=crs.name, factor=f"{scale:.4g}"
        )
        account.fault(
            "parcels",
            filled.shown,
            what,
            sentence("leave working_crs out of park.toml, or name the zone of the place"),
        )
    return crs


def _check_metres(crs: CRS) -> None:
    if not in_metres(crs):
        raise InputError(
            f"working_crs is {crs.name}, which is not in metres", where="park.toml",
            mend='give a projected system such as "EPSG:4528", or leave it out',
        )  # fmt: skip


def _bare(layer: str, read: dict[str, list[ReadFile]], account: Account) -> InputError:
    """Nothing of a layer is left that must not be empty: say why."""
    rejects = account.tables()["rejects"]
    reasons = rejects[rejects["layer"] == layer]["reason_en"].value_counts()
    because = "; ".join(f"{count} × {str(reason)[:80]}" for reason, count in reasons.head(3).items())
    noun = {"parks": "no park boundary", "parcels": "no parcel"}[layer]
    return InputError(
        f"{noun} is left{f': {because}' if because else ', for it holds no rows'}",
        where=name_some(one.raw.path for one in read[layer]),
        mend="mend the file"
        if layer == "parcels"
        else "mend the file, or leave [layers.parks] out: the parcels' union is then the park",
    )


def _without_bare(
    frames: dict[str, Any], read: dict[str, list[ReadFile]], account: Account
) -> dict[str, Any]:
    """Layers that have rows; an empty one is missing, for nothing can be concluded from it."""
    for layer, frame in frames.items():
        if frame.empty:
            what = sentence(
                "no row of {layer} can be used; the layer is treated as missing", layer=schema(layer)
            )
            mend = sentence("mend the file, or leave it out of park.toml")
            account.fault(layer, name_some(one.shown for one in read[layer]), what, mend)
    return {layer: frame for layer, frame in frames.items() if not frame.empty}


def _park_of_parcels(project: Project, parcels: gpd.GeoDataFrame, account: Account) -> gpd.GeoDataFrame:
    union = shapely.union_all(np.asarray(parcels.geometry.array, dtype=object))
    account.note("parks", "", sentence("no boundary is given: the parcels' union is the one park"))
    return gpd.GeoDataFrame(
        {"park_id": ["park"], "name": [project.name], "source_file": [""], "source_row": [0]},
        geometry=as_multipolygons(np.array([union], dtype=object)),
        crs=parcels.crs,
    )


def _shown(project: Project, path: Path) -> str:
    """A path as park.toml reaches it, alike on every system."""
    try:
        return path.relative_to(project.folder).as_posix()
    except ValueError:
        return path.as_posix()


def _inputs(project: Project) -> tuple[dict[str, str], ...]:
    named = {file for sources in project.sources.values() for source in sources for file in source.files}
    files = {part for file in named for part in companions(file).values()}
    listed = sorted((_shown(project, file), file_sha256(file)) for file in files)
    return tuple({"path": path, "sha256": digest} for path, digest in listed)


def _supply_from_parcels(read: dict[str, list[ReadFile]]) -> dict[str, list[ReadFile]]:
    """Where no ledger is given, the supply fields among the parcels' columns are the ledger."""
    if "supply" in read:
        return read
    own, ledger = schema("parcels").fields, schema("supply").fields
    only_supply = {name for name in ledger if name not in own}
    parcels = []
    derived = []
    for one in read.get("parcels", []):
        columns = one.source.columns
        here = {name: column for name, column in columns.items() if name not in only_supply}
        parcels.append(replace(one, source=replace(one.source, columns=here)))
        theirs = {name: column for name, column in columns.items() if name in ledger}
        headers = [schema("supply").field_for(str(text)) for text in one.raw.frame.columns]
        found = {field.name for field in headers if field is not None} | set(theirs)
        if found & only_supply:
            raw = replace(one.raw, geometry=None, spoiled={}, doubts=(), notes=())
            derived.append(replace(one, source=replace(one.source, layer="supply", columns=theirs), raw=raw))
    return {**read, "parcels": parcels} | ({"supply": derived} if derived else {})
