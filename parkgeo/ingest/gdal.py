"""Map files that GDAL reads: shapefile, GeoPackage, file geodatabase, FlatGeobuf, GML, MapInfo, DXF."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.arrow import plain_frame
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.raw import RawTable
from parkgeo.ingest.shapes import is_curved, outlines_of_surfaces, shapes_from_wkb
from parkgeo.ingest.tables import distinct
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import shapely
    from numpy.typing import NDArray

__all__ = ["Opening", "choose", "family_of", "layers_of", "read_layer", "unreadable"]

_REMARKS = 3
_FID, _SHAPE = "<fid>", "<geometry>"
_MOST_LAYERS = 10_000
# What pyogrio says of measures, which is said for all formats in words of our own.
_MEASURED = "Measured (M) geometry types"
# GDAL draws an arc with a corner every four degrees (its setting OGR_ARC_STEPSIZE).
_ARC_STEP_DEG = 4


@dataclass(frozen=True)
class Opening:
    """How GDAL shall open one file.

    Attributes
    ----------
    path
        The file.
    driver
        The one driver that may.
    encoding
        Of its text; empty leaves it to the driver.
    options
        The driver's open options.
    """

    path: Path
    driver: str
    encoding: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


def family_of(kind: str | None) -> str:
    """GDAL's name of a geometry type → the family, as `TableInfo` says it.

    Examples
    --------
    >>> family_of("MultiPolygon Z"), family_of("Unknown"), family_of(None)
    ('polygon', 'mixed', 'none')
    """
    if kind is None:
        return "none"
    name = kind.casefold()
    if "polygon" in name or "surface" in name or "tin" in name or "triangle" in name:
        return "polygon"
    if "line" in name or "curve" in name:
        return "line"
    return "point" if "point" in name else "mixed"


def layers_of(opening: Opening) -> tuple[TableInfo, ...]:
    """The layers of a file, in their order.

    Raises
    ------
    InputError
        GDAL cannot open it, or opens it as something else.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    found = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are heard when the layer is read
            for number in range(_MOST_LAYERS):
                try:
                    info = pyogrio.read_info(
                        opening.path, layer=number, encoding=opening.encoding or None, **opening.options
                    )
                except DataLayerError:
                    break
                if info["driver"] != opening.driver:
                    raise InputError(
                        f"the content is {info['driver']}, not {opening.driver}",
                        where=str(opening.path),
                        mend="give the file its true ending",
                    )
                rows = int(info["features"])
                name = str(info["layer_name"])
                found.append(TableInfo(name, family_of(info["geometry_type"]), rows if rows >= 0 else None))
    except (DataSourceError, OSError, RuntimeError, UnicodeError) as error:
        raise unreadable(opening.path, error) from error
    return tuple(found)


def unreadable(path: Path, error: Exception) -> InputError:
    """The error for a file that its reader gives up on."""
    return InputError(
        f"cannot be read ({error})", where=str(path), mend="open it in a GIS program and save it again"
    )


def choose(path: Path, layers: tuple[TableInfo, ...], table: str) -> TableInfo:
    """The layer to read.

    Raises
    ------
    InputError
        The named one is not there; or none is named and there are several with geometry.
    """
    names = [one.name for one in layers]
    if table:
        found = next((one for one in layers if one.name == table), None)
        if found is None:
            raise InputError(
                f"no layer {table!r}", where=str(path), mend=f"it holds {name_some(names, shown=20)}"
            )
        return found
    if len(layers) == 1:
        return layers[0]
    mend = f"set layer to one of {name_some(names, shown=20)}" if names else "give a file that holds a layer"
    raise InputError(f"it holds {len(names) or 'no'} layers", where=str(path), mend=mend)


def read_layer(opening: Opening, layer: str, *, first: int = 0) -> RawTable:
    """Read one layer.

    Parameters
    ----------
    opening
        The file.
    layer
        As `layers_of` names it.
    first
        What the driver numbers the first feature by, 0 or 1.

    Returns
    -------
    RawTable
        Its ``declared`` is what the file's header states, as GDAL has it.

    Raises
    ------
    InputError
        GDAL cannot read it.
    """
    import pyarrow as pa
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read_arrow

    path, encoding, options = opening.path, opening.encoding or None, opening.options
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            info = pyogrio.read_info(
                path, layer=layer, encoding=encoding, force_feature_count=True, **options
            )
            meta, content = read_arrow(path, layer=layer, encoding=encoding, return_fids=True, **options)
        content.validate(full=False)
        content = _by_place(content, meta["geometry_name"] or "wkb_geometry")
        frame, broken = plain_frame(content, (_FID, _SHAPE))
        fids = content[_FID].to_numpy().astype(np.int64)
        shapes: NDArray[np.object_] | None = None
        spoiled: dict[int, Sentence] = {}
        notes: tuple[Sentence, ...] = ()
        if _SHAPE in content.column_names:
            content[_SHAPE].validate(full=True)
            cells = content[_SHAPE].to_pylist()
            shapes, spoiled = shapes_from_wkb(cells)
            if spoiled:
                shapes, spoiled, notes = _rare(opening, layer, fids, cells, shapes, spoiled)
    except (DataSourceError, DataLayerError, pa.ArrowException, OSError, RuntimeError, UnicodeError) as error:
        raise unreadable(path, error) from error
    return RawTable(
        path=path,
        table=layer,
        frame=frame,
        rows=fids + 1 - first,
        geometry=shapes,
        crs=meta["crs"] or "",
        driver=opening.driver,
        encoding=opening.encoding or "UTF-8",
        declared=int(info["features"]),
        notes=(*_remarks(said), *notes),
        doubts=broken,
        spoiled=spoiled,
    )


def _by_place(content: Any, geometry: str) -> Any:
    """Columns under names that no two of them share: GDAL's row number stands first and the geometry last.

    A file may well have a column of its own by GDAL's names (``OGC_FID``, ``wkb_geometry``), or two of one name.
    """
    names = [name or "?" for name in content.column_names]
    names[0] = _FID
    if content.column_names[-1] == geometry:
        names[-1] = _SHAPE
    return content.rename_columns(distinct(names))


def _rare(
    opening: Opening,
    layer: str,
    fids: NDArray[np.int64],
    cells: list[bytes | None],
    shapes: NDArray[np.object_],
    spoiled: dict[int, Sentence],
) -> tuple[NDArray[np.object_], dict[int, Sentence], tuple[Sentence, ...]]:
    """Shapes with arcs drawn as corners and surfaces as the ground they cover; what is still spoiled; what was done."""
    notes = []
    arcs = [at for at in spoiled if is_curved(cells[at] or b"")]
    drawn = _linear(opening, layer, fids, arcs) if arcs else {}
    outlines, upright = outlines_of_surfaces(cells, [at for at in spoiled if at not in drawn])
    done = shapes.copy()
    for at, shape in (*drawn.items(), *outlines.items()):
        done[at] = shape
    if drawn:
        notes.append(
            sentence(
                "{count} geometries with arcs: drawn with a corner every {step}°",
                count=len(drawn), step=_ARC_STEP_DEG,
            )
        )  # fmt: skip
    if outlines:
        notes.append(
            sentence("{count} surfaces made of faces: read as the ground they cover", count=len(outlines))
        )
    left = {at: why for at, why in spoiled.items() if at not in drawn and at not in outlines}
    return done, left | upright, tuple(notes)


def _linear(
    opening: Opening, layer: str, fids: NDArray[np.int64], rows: list[int]
) -> dict[int, shapely.Geometry]:
    """Position → the shape without arcs, as GDAL draws them where it is not asked for Arrow."""
    from pyogrio.raw import read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # heard already
        _, known, cells, _ = read(
            opening.path, layer=layer, columns=[], return_fids=True, encoding=opening.encoding or None,
            **opening.options,
        )  # fmt: skip
    by_fid = dict(zip(known.tolist(), cells, strict=True))
    shapes, _ = shapes_from_wkb([by_fid.get(int(fids[row])) for row in rows])
    return {row: shape for row, shape in zip(rows, shapes, strict=True) if shape is not None}


def _remarks(said: list[warnings.WarningMessage]) -> tuple[Sentence, ...]:
    """What GDAL had to say while reading."""
    texts = list(dict.fromkeys(str(one.message).strip()[:200] for one in said))
    texts = [text for text in texts if not text.startswith(_MEASURED)]
    return tuple(sentence("the reader remarks: {text}", text=text) for text in texts[:_REMARKS])
