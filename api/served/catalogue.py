"""A snapshot's tables as collections: which are served, under which id, with which fields and one type of geometry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from api.served.encode import column_values, encode_features, to_crs84
from api.served.memory import MemoryRows, space_order
from api.served.parks import Parks, Shares
from api.served.times import Times, period_of, row_times, time_fields
from parkgeo.export.cells import mask, personal_names
from parkgeo.export.titles import column_title, table_title
from parkgeo.i18n import LANGUAGES, say
from parkgeo.layers import schemas
from parkgeo.report.words import code_word

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from api.served.rows import Rows
    from parkgeo.store import Snapshot

__all__ = ["Collection", "FieldInfo", "build_collections"]

_WITHHELD = frozenset({"rejects", "repairs", "faults", "sources"})
"""The account of the files: it quotes rows as they were, people's names and telephones among them."""

_RESULT_KEYS = {"findings": "finding_id"}
_VERDICTS = ("yes", "no", "undetermined")
_FAMILIES = {"points": (0, 4), "lines": (1, 2, 5), "polygons": (3, 6), "others": (7,)}
_PARTS = {"points": "points", "lines": "lines", "polygons": "areas", "others": "mixed geometry"}
_MULTI = {
    0: shapely.multipoints,
    1: shapely.multilinestrings,
    2: shapely.multilinestrings,
    3: shapely.multipolygons,
}
_TYPE_NAMES = {
    0: "Point", 1: "LineString", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString",
    6: "MultiPolygon", 7: "GeometryCollection",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A property that features of a collection have.

    Attributes
    ----------
    name
        Name on the wire.
    kind
        As `api.encode.column_values` names it.
    zh, en
        Titles.
    unit
        Unit inside parkgeo; empty where there is none.
    formulas, source
        Of results: language → formula, and where it comes from; empty for what was read from a file.
    codes
        For a code or a verdict: value → language → words.
    is_key
        Whether its values are the features' ids.
    personal
        Whether it tells of a person: masked for callers without the scope, who cannot filter by it either.
    closed
        Whether there are no other values than the codes; offices may add to some lists.
    """

    name: str
    kind: str
    zh: str
    en: str
    unit: str
    formulas: dict[str, str]
    source: str
    codes: dict[str, dict[str, str]]
    is_key: bool
    personal: bool = False
    closed: bool = False

    def title(self, lang: str) -> str:
        """The title in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of a snapshot.

    Attributes
    ----------
    id
        Name on the wire: the table's, or for a part with one type of geometry the table's and the part's.
    titles
        Language → title.
    geometry_type
        GeoJSON type that every feature has; None where there is no geometry or more than one family of it.
    fields
        Properties, in their order.
    rows
        The features, personal fields masked.
    private
        The same with personal fields in clear; None where there are none, or where they are not kept.
    time
        Fields that hold a feature's time, as `api.served.times.time_fields` names them; empty where it has none.
    period
        From when until when its features reach, ISO 8601 in UTC, None for open; None where no feature has a time.
    """

    id: str
    titles: dict[str, str]
    geometry_type: str | None
    fields: tuple[FieldInfo, ...]
    rows: Rows
    private: Rows | None = None
    time: tuple[str, ...] = ()
    period: tuple[str | None, str | None] | None = None


def build_collections(
    snapshot: Snapshot, read: Mapping[str, pd.DataFrame] | None = None
) -> dict[str, Collection]:
    """Index every table of a snapshot that may be served.

    Parameters
    ----------
    snapshot
        A finished analysis.
    read
        Those of its tables that were read already.

    Returns
    -------
    dict
        Id → collection. A table whose geometry is of several families (mains and their stations, say) is served whole
        and, beside it, in parts with one type each, because most programs show only one type a layer.
    """
    built: dict[str, Collection] = {}
    parks, there = Parks(snapshot), read or {}
    for table in snapshot.tables:
        if table not in _WITHHELD:
            frame = there[table] if table in there else snapshot.read(table)
            told = _build_table(snapshot, table, frame, parks)
            built.update((collection.id, collection) for collection in told)
    return built


def _build_table(snapshot: Snapshot, table: str, frame: pd.DataFrame, parks: Parks) -> list[Collection]:
    spatial = bool(snapshot.manifest["tables"][table]["geometry"])
    geometry = to_crs84(frame.geometry) if spatial else np.full(len(frame), None, dtype=object)
    key = _key(snapshot, table)
    ids, keyed = _feature_ids(frame, key)
    if spatial:
        # In the order of space once and for all, so that nothing of it is moved again.
        order = space_order(geometry)
        frame, geometry = frame.iloc[order].reset_index(drop=True), geometry[order]
        ids = [ids[row] for row in order]
    plain = frame.drop(columns=[frame.geometry.name]) if spatial else frame
    fields, columns = _fields(snapshot, table, plain, key if keyed else "")
    clear = {field.name: columns[field.name] for field in fields if field.personal}
    masked = {name: mask(values) for name, values in clear.items()}
    families = _families(geometry)
    titles = {lang: table_title(snapshot, table, lang) for lang in LANGUAGES}
    held = frame.assign(**masked) if masked else frame
    shapes = _one_type(geometry) if len(families) <= 1 else geometry
    whole = _Table(
        table, ids, {**columns, **masked}, clear, shapes, held, row_times(table, plain), parks.shares(frame)
    )
    collections = [_collect(table, titles, fields, whole)]
    if len(families) <= 1:
        return collections
    for family, places in families.items():
        part_titles = {lang: f"{title} · {say(_PARTS[family], lang)}" for lang, title in titles.items()}
        collections.append(_collect(f"{table}_{family}", part_titles, fields, whole.only(places)))
    return collections


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    ids: list[str]
    columns: dict[str, list[Any]]
    clear: dict[str, list[Any]]
    geometry: NDArray[np.object_]
    frame: pd.DataFrame
    times: Times | None
    parks: Shares

    def only(self, places: NDArray[np.int64]) -> _Table:
        """Some rows, of one family of geometry and so of one type."""
        columns, clear = (
            {name: [values[place] for place in places] for name, values in told.items()}
            for told in (self.columns, self.clear)
        )
        parks = {park: rows[places] for park, rows in self.parks.items()}
        ids = [self.ids[place] for place in places]
        times = None if self.times is None else (self.times[0][places], self.times[1][places])
        frame = self.frame.iloc[places].reset_index(drop=True)
        return _Table(self.name, ids, columns, clear, _one_type(self.geometry[places]), frame, times, parks)

    def rows(self, fields: tuple[FieldInfo, ...]) -> MemoryRows:
        """The rows, ready to be asked."""
        bodies = encode_features(self.ids, self.columns, self.geometry)
        kinds = {field.name: field.kind for field in fields}
        return MemoryRows(
            self.ids, bodies, self.geometry, self.frame, kinds=kinds, times=self.times, parks=self.parks
        )

    def in_clear(self) -> _Table:
        """The same with personal fields in clear."""
        columns, frame = {**self.columns, **self.clear}, self.frame.assign(**self.clear)
        return replace(self, columns=columns, frame=frame)


def _collect(name: str, titles: dict[str, str], fields: tuple[FieldInfo, ...], table: _Table) -> Collection:
    numbers = np.unique(shapely.get_type_id(table.geometry)).tolist()
    types = {_TYPE_NAMES[number] for number in numbers if number >= 0}
    return Collection(
        name,
        titles,
        types.pop() if len(types) == 1 else None,
        fields,
        table.rows(fields),
        private=table.in_clear().rows(fields) if table.clear else None,
        time=time_fields(table.name, [field.name for field in fields]),
        period=period_of(table.times),
    )


def _key(snapshot: Snapshot, table: str) -> str:
    """The field whose values are the features' ids; empty where a table has none."""
    known = snapshot.catalogue.get("tables", {}).get(table)
    if known:
        return str(known["key"])
    return schemas()[table].key if table in schemas() else _RESULT_KEYS.get(table, "")


def _feature_ids(frame: pd.DataFrame, key: str) -> tuple[list[str], bool]:
    """The key's values where each row has its own, else row numbers from 1."""
    if key in frame.columns:
        names = frame[key].dropna().astype(str)
        if len(names) == len(frame) and names.is_unique and (names != "").all():
            return names.tolist(), True
    return [str(number) for number in range(1, len(frame) + 1)], False


def _fields(
    snapshot: Snapshot, table: str, frame: pd.DataFrame, key: str
) -> tuple[tuple[FieldInfo, ...], dict[str, list[Any]]]:
    fields: list[FieldInfo] = []
    columns: dict[str, list[Any]] = {}
    for name in map(str, frame.columns):
        told = snapshot.field(table, name)
        kind, columns[name] = column_values(frame[name], str(told["type"]))
        personal = bool(told.get("personal")) or name in personal_names()
        if personal and kind != "string":
            # A mask is text, and a field has one kind for all who see it.
            kind = "string"
            columns[name] = [None if value is None else str(value) for value in columns[name]]
        codes = _codes(name, told) if kind == "string" else {}
        fields.append(
            FieldInfo(
                name=name,
                kind=kind,
                zh=column_title(snapshot, table, name, "zh", unit=False),
                en=column_title(snapshot, table, name, "en", unit=False),
                unit=str(told["unit"] or ""),
                formulas={
                    lang: str(told.get(f"formula_{lang}") or told.get("formula") or "") for lang in LANGUAGES
                },
                source=str(told.get("source") or ""),
                codes=codes,
                is_key=name == key,
                personal=personal,
                closed=bool(codes) and set(columns[name]) <= {None, *codes} and not _is_open(table, name),
            )
        )
    return tuple(fields), columns


def _codes(name: str, told: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The values that a field may have, in words."""
    known = {str(code): str(word) for code, word in (told.get("codes") or {}).items()}
    values = known or (_VERDICTS if told["type"] == "verdict" else ())
    words: dict[str, dict[str, str]] = {}
    for code in values:
        # Some of the report's words begin a sentence, others stand within one; here none begins any.
        en = code_word(code, "en", state=name == "land_state")
        words[code] = {"zh": code_word(code, "zh", known=known), "en": en[:1].lower() + en[1:]}
    return words


def _is_open(table: str, name: str) -> bool:
    """Whether offices' own codes are kept in a field that parkgeo reads."""
    # Parcels bear what the supply ledger says of them.
    layers = (schemas().get(one) for one in (table, "supply" if table == "parcels" else table))
    return any(
        layer is not None and name in layer.fields and layer.fields[name].open_codes for layer in layers
    )


def _families(geometry: NDArray[np.object_]) -> dict[str, NDArray[np.int64]]:
    """Family → rows, for the families that are there."""
    types = shapely.get_type_id(geometry)
    rows = {family: np.flatnonzero(np.isin(types, numbers)) for family, numbers in _FAMILIES.items()}
    return {family: found for family, found in rows.items() if len(found)}


def _one_type(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometry of one family as one type: areas always multi, lines and points where both occur."""
    types = shapely.get_type_id(geometry)
    single, areas = np.isin(types, tuple(_MULTI)), np.isin(types, (3, 6)).any()
    if not single.any() or not (areas or np.unique(types[types >= 0]).size > 1):
        return geometry
    promoted = geometry.copy()
    for number, promote in _MULTI.items():
        rows = np.flatnonzero(types == number)
        if len(rows):
            promoted[rows] = promote(geometry[rows], indices=np.arange(len(rows)))
    return promoted
