"""TopoJSON: shapes made of shared arcs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.errors import ShapelyError

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.geojson import named_crs, properties_of
from parkgeo.ingest.raw import RawTable
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["is_topology", "read_topology", "topology_tables"]

_MIN_RING = 4
_MIN_LINE = 2
_FAMILIES = {
    "Polygon": "polygon", "MultiPolygon": "polygon", "LineString": "line", "MultiLineString": "line",
    "Point": "point", "MultiPoint": "point",
}  # fmt: skip
_UNREADABLE = sentence("geometry that cannot be read: broken, curved or of a rare kind")


def is_topology(content: object) -> bool:
    """Whether JSON content says it is a topology."""
    return isinstance(content, dict) and content.get("type") == "Topology"


def topology_tables(content: Any, path: Path) -> tuple[TableInfo, ...]:
    """The objects of a topology, each a layer."""
    return tuple(
        TableInfo(name, _family(features), len(features))
        for name, features in ((name, _features(one)) for name, one in _objects(content, path).items())
    )


def read_topology(
    content: Any, path: Path, *, table: str = "", encoding: str = "UTF-8", stated_crs: str = ""
) -> RawTable:
    """Read one object of a topology.

    Parameters
    ----------
    content
        The file's JSON.
    path, encoding
        Where it stands and how it was read.
    table
        The object; needed where there are several.
    stated_crs
        What park.toml states; see `named_crs`.

    Returns
    -------
    RawTable
        A row a geometry of the object's collection. ``id`` is a column where features have one beside their
        properties.

    Raises
    ------
    InputError
        Not a topology, arcs that cannot be read, no such object, or several and none named.
    """
    objects = _objects(content, path)
    if table and table not in objects:
        raise InputError(
            f"no layer {table!r}", where=str(path), mend=f"it holds {name_some(objects, shown=20)}"
        )
    if not table and len(objects) != 1:
        mend = (
            f"set layer to one of {name_some(objects, shown=20)}"
            if objects
            else "give a file that holds a layer"
        )
        raise InputError(f"it holds {len(objects) or 'no'} layers", where=str(path), mend=mend)
    name = table or next(iter(objects))
    features = _features(objects[name])
    pieces = _Arcs(_arcs(content, path), *_transform(content, path))
    shapes: NDArray[np.object_] = np.empty(len(features), dtype=object)
    spoiled: dict[int, Sentence] = {}
    for at, feature in enumerate(features):
        try:
            shapes[at] = pieces.shape(feature)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError, ShapelyError):
            spoiled[at] = _UNREADABLE
    rows = [feature if isinstance(feature, dict) else {} for feature in features]
    frame, _ = properties_of(rows)
    if any("id" in row for row in rows) and "id" not in frame:
        frame["id"] = [row.get("id") for row in rows]
    crs, notes = named_crs(content, path, stated_crs)
    return RawTable(
        path=path,
        table=name,
        frame=frame,
        rows=np.arange(1, len(features) + 1, dtype=np.int64),
        geometry=shapes,
        crs=crs,
        driver="TopoJSON",
        encoding=encoding,
        declared=len(features),
        notes=notes,
        spoiled=spoiled,
    )


def _objects(content: Any, path: Path) -> dict[str, Any]:
    objects = content.get("objects") if is_topology(content) else None
    if not isinstance(objects, dict):
        raise InputError(
            "not a topology: no objects in it", where=str(path), mend="save it as GeoJSON or TopoJSON again"
        )
    return objects


def _features(one: Any) -> list[Any]:
    """The geometries of an object: those of a collection, else the object itself."""
    if isinstance(one, dict) and one.get("type") == "GeometryCollection":
        inside = one.get("geometries")
        return inside if isinstance(inside, list) else []
    return [one]


def _family(features: list[Any]) -> str:
    found = {
        _FAMILIES.get(str(one.get("type")), "mixed")
        for one in features
        if isinstance(one, dict) and one.get("type") is not None
    }
    return found.pop() if len(found) == 1 else "mixed"


def _arcs(content: dict[str, Any], path: Path) -> list[Any]:
    arcs = content.get("arcs", [])
    if not isinstance(arcs, list):
        raise InputError("its arcs cannot be read", where=str(path), mend="save it again")
    return arcs


def _transform(
    content: dict[str, Any], path: Path
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Scale and shift of whole-number coordinates; None where coordinates are written as they are."""
    stated = content.get("transform")
    if stated is None:
        return None, None
    try:
        scale = np.array(stated["scale"], dtype=float).reshape(2)
        shift = np.array(stated["translate"], dtype=float).reshape(2)
    except (ValueError, TypeError, LookupError) as error:
        raise InputError("its transform cannot be read", where=str(path), mend="save it again") from error
    return scale, shift


@dataclass(frozen=True)
class _Arcs:
    """The arcs, from which shapes are put together."""

    arcs: list[Any]
    scale: NDArray[np.float64] | None
    shift: NDArray[np.float64] | None

    def shape(self, feature: Any) -> shapely.Geometry | None:
        """One geometry; None where there is none.

        Raises
        ------
        ValueError, TypeError, LookupError
            It is not put together as the format says.
        """
        kind = feature["type"]
        if kind is None:
            return None
        if kind == "GeometryCollection":
            return shapely.geometrycollections([self.shape(one) for one in feature["geometries"]])
        build, held = self._builders()[kind]
        return build(feature[held])

    def _builders(self) -> dict[str, tuple[Callable[[Any], shapely.Geometry], str]]:
        """Kind of geometry → what builds it, and of what."""
        return {
            "Point": (lambda point: shapely.Point(self._placed(point)[0]), "coordinates"),
            "MultiPoint": (
                lambda points: shapely.MultiPoint([self._placed(one)[0] for one in points]), "coordinates",
            ),
            "LineString": (self._string, "arcs"),
            "MultiLineString": (lambda arcs: shapely.multilinestrings([self._string(one) for one in arcs]), "arcs"),
            "Polygon": (self._polygon, "arcs"),
            "MultiPolygon": (lambda arcs: shapely.multipolygons([self._polygon(one) for one in arcs]), "arcs"),
        }  # fmt: skip

    def _string(self, arcs: list[int]) -> shapely.LineString:
        return shapely.LineString(self._line(arcs, _MIN_LINE))

    def _polygon(self, rings: list[list[int]]) -> shapely.Polygon:
        outline, *holes = (self._line(ring, _MIN_RING) for ring in rings)
        return shapely.Polygon(outline, holes)

    def _line(self, numbers: list[int], least: int) -> NDArray[np.float64]:
        """Arcs joined end to end; ~n is arc n backwards. The end of one is the beginning of the next."""
        pieces = [self._arc(number) if number >= 0 else self._arc(~number)[::-1] for number in numbers]
        joined = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
        if len(joined) < least:
            raise ValueError(numbers)
        return joined

    def _arc(self, number: int) -> NDArray[np.float64]:
        points = np.array([point[:2] for point in self.arcs[number]], dtype=float).reshape(-1, 2)
        if self.scale is None or self.shift is None:
            return points
        return points.cumsum(axis=0) * self.scale + self.shift

    def _placed(self, point: list[float]) -> NDArray[np.float64]:
        placed = np.array([point[:2]], dtype=float).reshape(1, 2)
        return placed if self.scale is None or self.shift is None else placed * self.scale + self.shift
