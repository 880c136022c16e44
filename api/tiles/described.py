"""What is said of tiles: tile sets as OGC API – Tiles describes them, and TileJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api.asked.systems import CRS84
from api.reply import JSON, link
from api.tiles.choice import TOP_LEVEL, describe_layer
from api.tiles.grid import DEEPEST, MATRIX_SET, MATRIX_SET_URI, MERCATOR, limits_of
from api.tiles.painter import MOST_BYTES, MOST_FEATURES
from api.tiles.shapes import DETAILED_FROM
from parkgeo.i18n import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.asked.ask import Ask
    from api.served.catalogue import Collection

__all__ = [
    "MVT",
    "TILESETS_REL",
    "TILES_CONFORM_TO",
    "TILING_SCHEMES_REL",
    "TILING_SCHEME_REL",
    "describe_tileset",
    "list_tilesets",
    "tilejson",
]

MVT = "application/vnd.mapbox-vector-tile"
TILESETS_REL = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
TILING_SCHEME_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
TILING_SCHEMES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
TILES_CONFORM_TO = (
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{part}"
        for part in (
            "core",
            "tileset",
            "tilesets-list",
            "dataset-tilesets",
            "geodata-tilesets",
            "mvt",
            "oas30",
        )
    ),
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
)
_EVERYWHERE = (-180.0, -85.051129, 180.0, 85.051129)
_DIMENSIONS = {"Point": 0, "LineString": 1, "Polygon": 2}
_TYPES = {"Number": "number", "Boolean": "boolean", "String": "string"}


def list_tilesets(ask: Ask, title: str, here: tuple[str, ...]) -> dict[str, Any]:
    """The one tile set at an address, listed.

    Parameters
    ----------
    ask
        The request.
    title
        What is drawn.
    here
        Path segments of the address.
    """
    told = {
        **_head(ask, title),
        "links": [link(ask.here(*here, MATRIX_SET), "self", JSON, title), _scheme(ask), _item(ask, here)],
    }
    return {"links": [link(ask.here(*here), "self", JSON)], "tilesets": [told]}


def describe_tileset(
    ask: Ask, title: str, here: tuple[str, ...], layers: Sequence[Collection], chosen: tuple[str, ...] | None
) -> dict[str, Any]:
    """A tile set: where its tiles are, what is on them, where they end.

    Parameters
    ----------
    ask
        The request.
    title
        What is drawn.
    here
        Path segments of the list of tile sets.
    layers
        The collections drawn.
    chosen
        Attributes that the client chose.
    """
    bounds = _bounds(ask, layers)
    return {
        **_head(ask, title),
        "description": _limits_said(ask.lang),
        "links": [
            link(ask.here(*here, MATRIX_SET, **ask.given), "self", JSON),
            _scheme(ask),
            _item(ask, here),
            link(
                ask.here(*here, MATRIX_SET, "tilejson.json", **_carried(ask)), "describedby", JSON, "TileJSON"
            ),
        ],
        "layers": [_layer(layer, chosen, ask.lang) for layer in layers],
        "boundingBox": {"lowerLeft": bounds[:2], "upperRight": bounds[2:], "crs": CRS84},
        "tileMatrixSetLimits": limits_of(bounds),
    }


def tilejson(
    ask: Ask, title: str, here: tuple[str, ...], layers: Sequence[Collection], chosen: tuple[str, ...] | None
) -> dict[str, Any]:
    """A tile set as TileJSON 3.0 describes it; see `describe_tileset`."""
    west, south, east, north = _bounds(ask, layers)
    return {
        "tilejson": "3.0.0",
        "name": title,
        "description": _limits_said(ask.lang),
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [_template(ask, here, "{z}/{y}/{x}")],
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, 14],
        "minzoom": 0,
        "maxzoom": TOP_LEVEL,
        "vector_layers": [describe_layer(layer, chosen, ask.lang) for layer in layers],
    }


def _head(ask: Ask, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "tileMatrixSetDefinition": ask.url("tileMatrixSets", MATRIX_SET),
    }


def _limits_said(lang: str) -> str:
    return say(
        "Simplified below level {level}; a tile has at most {features} features of a layer and {bytes} MB, the largest first.",
        lang,
        level=DETAILED_FROM,
        features=MOST_FEATURES,
        bytes=MOST_BYTES // 1_000_000,
    )


def _scheme(ask: Ask) -> dict[str, str]:
    return link(ask.url("tileMatrixSets", MATRIX_SET), TILING_SCHEME_REL, JSON)


def _item(ask: Ask, here: tuple[str, ...]) -> dict[str, Any]:
    address = _template(ask, here, "{tileMatrix}/{tileRow}/{tileCol}")
    return {**link(address, "item", MVT), "templated": True}


def _template(ask: Ask, here: tuple[str, ...], ends: str) -> str:
    """The address of a tile with names in braces for its parts; what chooses rows and attributes is carried on."""
    query = urlencode(_carried(ask), safe=",")
    return f"{ask.here(*here, MATRIX_SET)}/{ends}" + (f"?{query}" if query else "")


def _carried(ask: Ask) -> dict[str, str]:
    return {name: value for name, value in ask.given.items() if name not in {"f", "lang"}}


def _layer(collection: Collection, chosen: tuple[str, ...] | None, lang: str) -> dict[str, Any]:
    told = describe_layer(collection, chosen, lang)
    fields = {field.name: field for field in collection.fields}
    properties: dict[str, Any] = {}
    for name, kind in told["fields"].items():
        properties[name] = {"type": _TYPES[kind]}
        if name in fields:
            properties[name]["title"] = fields[name].title(lang)
    layer: dict[str, Any] = {
        "id": collection.id,
        "title": collection.titles[lang],
        "dataType": "vector",
        "minTileMatrix": "0",
        "maxTileMatrix": str(DEEPEST),
        "propertiesSchema": {"type": "object", "properties": properties},
    }
    if collection.geometry_type is not None:
        layer["geometryDimension"] = _DIMENSIONS[collection.geometry_type.removeprefix("Multi")]
    return layer


def _bounds(ask: Ask, layers: Sequence[Collection]) -> tuple[float, float, float, float]:
    if ask.caller.parks is not None:
        # Who may know of some parks only is not told how far the others reach.
        return _EVERYWHERE
    wests, souths, easts, norths = zip(
        *(layer.rows.extent for layer in layers if layer.rows.extent is not None), strict=True
    )
    return min(wests), min(souths), max(easts), max(norths)
