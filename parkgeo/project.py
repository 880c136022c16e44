"""park.toml: which file is which layer, which column is which field, which packs, which day."""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from parkgeo.errors import ProjectError, name_some
from parkgeo.patterns import is_folder, is_given, matching

__all__ = ["Column", "Project", "Source", "read_project"]

VECTOR_LAYERS = (
    "parks",
    "parcels",
    "buildings",
    "roads",
    "utilities",
    "facilities",
    "gates",
    "constraints",
    "plan",
)
TABLE_LAYERS = ("supply", "delays", "enterprises", "occupancy", "performance", "supply_links")
RASTER_LAYERS = ("imagery", "dem")
PLACE_LAYERS = ("roads", "buildings", "facilities")
_PARK_KEYS = ("name", "as_of", "packs", "working_crs", "mended", "photos")
_SOURCE_KEYS = ("path", "place", "layer", "encoding", "crs", "axes", "where", "fields")
_OSM_KEYS = ("overpass", "nominatim", "cache")
_AXES = ("", "east_north", "north_east")
_RASTER_KEYS = ("path", "date", "bands")
_SHOWN = 80


@dataclass(frozen=True)
class Column:
    """Where a field comes from.

    Attributes
    ----------
    name
        The column's header in the file.
    unit
        Unit of the values as written there; empty means the header's own or the field's.
    """

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Source:
    """One file or one set of files of the same make that feed a layer.

    Attributes
    ----------
    layer
        Name of the layer.
    files
        The files, sorted within each pattern.
    table
        Layer within a GeoPackage, or sheet within a workbook; empty is the only or first one.
    encoding, crs, where
        As written; empty means found from the file.
    place
        Name of a place whose roads, buildings or facilities come from OpenStreetMap; there are no files then.
    axes
        ``north_east`` where the file's coordinates are written northing or latitude first; empty is east first.
    columns
        Field → column, as far as park.toml maps them.
    date, bands
        For rasters.
    """

    layer: str
    files: tuple[Path, ...]
    table: str = ""
    encoding: str = ""
    crs: str = ""
    where: str = ""
    place: str = ""
    axes: str = ""
    columns: dict[str, Column] = field(default_factory=dict)
    date: dt.date | None = None
    bands: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Project:
    """What park.toml says.

    Attributes
    ----------
    path
        The park.toml.
    name
        The park's name.
    as_of
        The day for which the land is judged; None is today.
    packs
        Rule packs: names of shipped ones, or files beside park.toml; a later one overrides an earlier.
    working_crs
        Coordinate system to compute in; empty is chosen from the place.
    sources
        Layer → its sources.
    grids
        Name → what park.toml says of an own coordinate system under ``[grids.NAME]``; see `parkgeo.ingest.grids`.
    osm
        ``[osm]``: ``overpass`` and ``nominatim`` addresses, ``cache`` folder; as written.
    mended
        Files of mended rows that take the place of rejected ones.
    scenarios
        What park.toml says under each ``[[scenarios]]``, as written; see `parkgeo.ingest.scenarios`.
    photos
        Folder of photos of the parcels; None is none. See `parkgeo.store.photo_places`.
    """

    path: Path
    name: str
    as_of: dt.date | None
    packs: tuple[str, ...]
    working_crs: str
    sources: dict[str, tuple[Source, ...]]
    grids: dict[str, dict[str, Any]] = field(default_factory=dict)
    osm: dict[str, str] = field(default_factory=dict)
    mended: tuple[Path, ...] = ()
    scenarios: tuple[dict[str, Any], ...] = ()
    photos: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder that paths are relative to."""
        return self.path.parent

    def shown(self, path: Path) -> str:
        """A path as park.toml reaches it, alike on every system."""
        try:
            return path.relative_to(self.folder).as_posix()
        except ValueError:
            return path.as_posix()

    def with_options(self, *, as_of: dt.date | None = None, packs: tuple[str, ...] = ()) -> Project:
        """The same project for another day, or with further packs behind its own."""
        return replace(self, as_of=as_of or self.as_of, packs=(*self.packs, *packs))


def read_project(path: Path | str) -> Project:
    """Read a park.toml.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Project

    Raises
    ------
    ProjectError
        The file is missing or is not TOML, a key is not known, a value is of the wrong type, a path names no file. All
        that is wrong is said at once.
    """
    path = Path(path)
    if is_folder(path):
        path = path / "park.toml"
    content = _load(path)
    problems: list[str] = []
    _known(content, ("park", "layers", "grids", "osm", "scenarios"), "", problems)
    park = _table(content, "park", problems)
    _known(park, _PARK_KEYS, "[park] ", problems)
    layers = _table(content, "layers", problems)
    _known(layers, (*VECTOR_LAYERS, *TABLE_LAYERS, *RASTER_LAYERS), "[layers] ", problems)
    sources = {
        layer: _sources(layer, entry, path.parent, problems)
        for layer, entry in layers.items()
        if layer in (*VECTOR_LAYERS, *TABLE_LAYERS, *RASTER_LAYERS)
    }
    if "parcels" not in layers:
        problems.append("[layers.parcels] is missing: the parcels are the one layer that must be there")
    project = Project(
        path=path,
        name=_text(park, "name", "[park]", problems) or path.resolve().parent.name,
        as_of=_date(park, "as_of", "[park]", problems),
        packs=tuple(_texts(park, "packs", "[park]", problems)) or ("national",),
        working_crs=_text(park, "working_crs", "[park]", problems),
        sources=sources,
        grids=_grids(content, problems),
        osm=_osm(content, problems),
        mended=_files(_texts(park, "mended", "[park]", problems), path.parent, "[park] mended", problems)
        if "mended" in park
        else (),
        scenarios=_scenarios(content, problems),
        photos=_folder(park, "photos", path.parent, problems),
    )
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ProjectError(f"{path}: {len(problems)} to mend{listed}")
    return project


def _load(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError as error:
        raise ProjectError("no such file", where=str(path), mend="name the park.toml of a project") from error
    except OSError as error:
        raise ProjectError(
            f"cannot be read ({error.strerror or error})",
            where=str(path),
            mend="name the park.toml of a project",
        ) from error
    except UnicodeDecodeError as error:
        raise ProjectError("not UTF-8 text", where=str(path), mend="save park.toml as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            f"not TOML: {error}",
            where=str(path),
            mend="strings in quotes; in Windows paths write / instead of \\",
        ) from error


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _known(table: dict[str, Any], keys: tuple[str, ...], where: str, problems: list[str]) -> None:
    for key in table:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {name_some(keys, shown=20)}"
            problems.append(f"{where}unknown key {key!r}; {hint}")


def _table(table: dict[str, Any], key: str, problems: list[str]) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        problems.append(f"[{key}] must be a table")
        return {}
    return value


def _text(table: dict[str, Any], key: str, where: str, problems: list[str]) -> str:
    value = table.get(key, "")
    if isinstance(value, bool) or not isinstance(value, str | int):
        problems.append(f"{where} {key} must be text, not {_quoted(value)}")
        return ""
    return str(value)


def _folder(table: dict[str, Any], key: str, base: Path, problems: list[str]) -> Path | None:
    name = _text(table, key, "[park]", problems)
    if not name:
        return None
    if not is_folder(base / name):
        problems.append(f"[park] {key} {_quoted(name)} is no folder; name one, relative to park.toml")
    return base / name


def _texts(table: dict[str, Any], key: str, where: str, problems: list[str]) -> list[str]:
    value = table.get(key, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(entry, str) for entry in values):
        problems.append(f"{where} {key} must be text or a list of texts, not {_quoted(value)}")
        return []
    return values


def _date(table: dict[str, Any], key: str, where: str, problems: list[str]) -> dt.date | None:
    value = table.get(key)
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            problems.append(f"{where} {key} must be a date such as 2026-06-30, not {_quoted(value)}")
            return None
    if isinstance(value, dt.datetime):
        return value.date()
    if value is not None and not isinstance(value, dt.date):
        problems.append(f"{where} {key} must be a date such as 2026-06-30, not {_quoted(value)}")
        return None
    return value


def _grids(content: dict[str, Any], problems: list[str]) -> dict[str, dict[str, Any]]:
    """Own coordinate systems, each a table; what is in them is checked where they are built."""
    grids = _table(content, "grids", problems)
    for name, entry in grids.items():
        if not isinstance(entry, dict):
            problems.append(f"[grids.{name}] must be a table")
    return {name: entry for name, entry in grids.items() if isinstance(entry, dict)}


def _osm(content: dict[str, Any], problems: list[str]) -> dict[str, str]:
    table = _table(content, "osm", problems)
    _known(table, _OSM_KEYS, "[osm] ", problems)
    return {key: _text(table, key, "[osm]", problems) for key in _OSM_KEYS if key in table}


def _scenarios(content: dict[str, Any], problems: list[str]) -> tuple[dict[str, Any], ...]:
    """Tables of changes; what is in them is checked where they are read."""
    entries = content.get("scenarios", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        problems.append("scenarios must be tables, each under a [[scenarios]] of its own")
        return ()
    return tuple(entries)


def _axes(entry: dict[str, Any], where: str, problems: list[str]) -> str:
    value = _text(entry, "axes", where, problems)
    if value not in _AXES:
        problems.append(f'{where} axes must be "east_north" or "north_east", not {_quoted(value)}')
        return ""
    return value


def _place(layer: str, entry: dict[str, Any], where: str, problems: list[str]) -> str:
    value = _text(entry, "place", where, problems)
    if "place" in entry and layer not in PLACE_LAYERS:
        problems.append(f"{where} place is for {name_some(PLACE_LAYERS)}; give a path")
    if "place" in entry and "path" in entry:
        problems.append(
            f"{where} has both path and place; give one of them, or two entries [[layers.{layer}]]"
        )
    return value


def _sources(layer: str, entry: object, folder: Path, problems: list[str]) -> tuple[Source, ...]:
    entries = entry if isinstance(entry, list) else [entry]
    if not entries:
        problems.append(f"[layers.{layer}] is empty; give it a path, or remove it")
    found = []
    for one in entries:
        where = f"[layers.{layer}]"
        if not isinstance(one, dict):
            problems.append(f"{where} must be a table with path")
            continue
        _known(one, _RASTER_KEYS if layer in RASTER_LAYERS else _SOURCE_KEYS, f"{where} ", problems)
        place = _place(layer, one, where, problems)
        written = _texts(one, "path", where, problems)
        found.append(
            Source(
                layer=layer,
                files=() if place and not written else _files(written, folder, where, problems),
                place=place,
                axes=_axes(one, where, problems),
                table=_text(one, "layer", where, problems),
                encoding=_text(one, "encoding", where, problems),
                crs=_text(one, "crs", where, problems),
                where=_text(one, "where", where, problems),
                columns=_columns(one.get("fields", {}), where, problems),
                date=_date(one, "date", where, problems),
                bands=_bands(one.get("bands", {}), where, problems),
            )
        )
    return tuple(found)


def _files(written: list[str], folder: Path, where: str, problems: list[str]) -> tuple[Path, ...]:
    if not written:
        problems.append(f"{where} path is missing")
    files: list[Path] = []
    for text in written:
        path = folder / text
        if is_given(path):
            files.append(path)
        elif is_folder(path):
            problems.append(f"{where} {_quoted(text)} is a folder; name the file in it")
        elif any(mark in text for mark in "*?["):
            matches = matching(folder, text)
            if not matches:
                problems.append(f"{where} no file matches {_quoted(text)} in {folder}")
            files.extend(matches)
        else:
            problems.append(f"{where} no such file: {str(path)[:200]}; correct path, or remove the layer")
    return tuple(dict.fromkeys(files))


def _columns(entry: object, where: str, problems: list[str]) -> dict[str, Column]:
    if not isinstance(entry, dict):
        problems.append(f"{where} fields must be a table of field = column")
        return {}
    columns = {}
    for name, value in entry.items():
        parts = {"column": value} if isinstance(value, str) else value
        if not isinstance(parts, dict) or not isinstance(parts.get("column"), str):
            problems.append(
                f'{where} fields.{name} must be a column\'s name or {{ column = "…", unit = "…" }}'
            )
            continue
        _known(parts, ("column", "unit"), f"{where} fields.{name}: ", problems)
        columns[name] = Column(parts["column"], _text(parts, "unit", f"{where} fields.{name}", problems))
    return columns


def _bands(entry: object, where: str, problems: list[str]) -> dict[str, int]:
    if not isinstance(entry, dict) or not all(type(band) is int and band > 0 for band in entry.values()):
        problems.append(f"{where} bands must be a table of role = band number, counted from 1")
        return {}
    return dict(entry)
