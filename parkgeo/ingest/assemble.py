"""Files that were read → one set of layers in one coordinate system, and the account of every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from parkgeo.errors import InputError, ParkgeoError, gather, name_some
from parkgeo.ingest.account import Account
from parkgeo.ingest.build import ReadFile, as_multipolygons, build_layer, ground_of
from parkgeo.ingest.crs import areal_scale, choose_working_crs, in_metres, parse_crs
from parkgeo.ingest.evidence import find_grounds
from parkgeo.ingest.overlaps import overlapping_buildings
from parkgeo.ingest.place import far_files, odd_places
from parkgeo.ingest.references import check_references
from parkgeo.layers import Layers, schema, sentence
from parkgeo.project import TABLE_LAYERS, VECTOR_LAYERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from pyproj import CRS

    from parkgeo.ingest.openers import Opened, Protection
    from parkgeo.ingest.place import Far
    from parkgeo.layers import RasterSource
    from parkgeo.project import Project

__all__ = ["Intake", "assemble"]

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
    protection
        How this process was protected from the files.
    systems
        Layer and file → coordinate system (WKT) in which its rejected shapes stand.
    """

    layers: Layers
    crs: CRS
    account: dict[str, pd.DataFrame]
    inputs: tuple[dict[str, str], ...]
    protection: Protection
    systems: dict[tuple[str, str], str]

    @property
    def clean(self) -> bool:
        """Whether no row was rejected and nothing is at fault; notes and repairs are no faults."""
        return self.account["rejects"].empty and not (self.account["faults"]["severity"] == "fault").any()


def assemble(
    project: Project,
    read: dict[str, list[ReadFile]],
    rasters: dict[str, list[RasterSource]],
    digests: dict[Path, str],
    protection: Protection,
    unread: Sequence[Opened] = (),
) -> Intake:
    """Layers and the account out of files that were read.

    Parameters
    ----------
    project
        What park.toml says.
    read
        Layer → its files as they were read.
    rasters
        Raster layer → its files.
    digests
        SHA-256 of each file that was opened.
    protection
        How this process was protected from them.
    unread
        Rasters that could not be opened: faults, for the layers stand without them.

    Raises
    ------
    InputError
        Files that cannot be used at all; all are named at once.
    """
    account = Account()
    _enter_unread(account, project, unread)
    read = find_grounds(read, rasters, project)
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
    far = list(far_files(frames, read, rasters))
    rasters = _without_far(rasters, far, project, account)
    problems.extend(one.error for one in far if one.layer not in rasters)
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
            project.shown(rasters["dem"][1].path),
            sentence("only the first terrain raster is used"),
            mend,
        )
    dem = rasters["dem"][0] if rasters["dem"] else None
    return Intake(
        Layers(**frames, imagery=tuple(rasters["imagery"]), dem=dem),
        crs,
        account.tables(),
        _inputs(project, digests),
        protection,
        {(layer, one.shown): _wkt(one.raw.crs) for layer, files in read.items() for one in files},
    )


def _without_far(
    rasters: dict[str, list[RasterSource]], far: Sequence[Far], project: Project, account: Account
) -> dict[str, list[RasterSource]]:
    """Rasters but those that lie elsewhere, which are at fault."""
    errors = {(one.layer, one.file): one.error for one in far}
    for layer, sources in rasters.items():
        for one in sources:
            if error := errors.get((layer, one.path.name)):
                _enter_unused(account, layer, project.shown(one.path), error)
    return {
        layer: [one for one in sources if (layer, one.path.name) not in errors]
        for layer, sources in rasters.items()
    }


def _enter_unread(account: Account, project: Project, unread: Sequence[Opened]) -> None:
    for one in unread:
        if isinstance(one.found, ParkgeoError):
            _enter_unused(account, one.source.layer, project.shown(one.path), one.found)


def _enter_unused(account: Account, layer: str, file: str, error: ParkgeoError) -> None:
    """A raster that is left out."""
    account.fault(
        layer, file, sentence("the raster is not used: {why}", why=error.what),
        sentence("{mend}; the analysis went on without it", mend=error.mend or "save it again as GeoTIFF"),
    )  # fmt: skip


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
    ground = ground_of(filled)
    try:
        if not project.working_crs:
            return choose_working_crs(ground.crs, ground.shapes(filled.raw.geometry))
        crs = parse_crs(project.working_crs, "park.toml working_crs")
        _check_metres(crs)
        scale = areal_scale(crs, ground.shapes(filled.raw.geometry, crs))
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
    # Parcels that lie apart are many, and put together in a hundredth of the time when they are told apart first.
    union = shapely.disjoint_subset_union_all(np.asarray(parcels.geometry.array, dtype=object))
    account.note("parks", "", sentence("no boundary is given: the parcels' union is the one park"))
    return gpd.GeoDataFrame(
        {"park_id": ["park"], "name": [project.name], "source_file": [""], "source_row": [0]},
        geometry=as_multipolygons(np.array([union], dtype=object)),
        crs=parcels.crs,
    )


def _wkt(stated: str) -> str:
    """A file's own coordinate system as WKT; empty where it states none that can be used."""
    try:
        return str(parse_crs(stated, "").to_wkt())
    except InputError:
        return ""


def _inputs(project: Project, digests: dict[Path, str]) -> tuple[dict[str, str], ...]:
    listed = sorted((project.shown(file), digest) for file, digest in digests.items())
    return tuple({"path": path, "sha256": digest} for path, digest in listed)
