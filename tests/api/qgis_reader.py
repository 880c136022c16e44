"""QGIS without windows, asked one thing: run by the system's Python, which has ``qgis``; prints one line of JSON."""

from __future__ import annotations

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def open_layer(url, collection):
    layer = QgsVectorLayer(
        f"url='{url}' typename='{collection}' restrictToRequestBBOX='1'", collection, "OAPIF"
    )
    if not layer.isValid():
        sys.exit(f"{collection}: {layer.error().message()}")
    return layer


def count(url, collection):
    """What the layer says there is, and what really comes."""
    layer = open_layer(url, collection)
    extent = layer.extent()
    return {
        "stated": layer.featureCount(),
        "read": sum(1 for _ in layer.getFeatures()),
        "type": QgsWkbTypes.displayString(layer.wkbType()),
        "crs": layer.crs().authid(),
        "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
        "fields": {field.name(): field.typeName() for field in layer.fields()},
    }


def choose(url, collection, subset):
    """Parcels and holders of the features under a filter of the layer."""
    layer = open_layer(url, collection)
    if not layer.setSubsetString(subset):
        sys.exit(f"the filter {subset} is not taken")
    fields = ("parcel_id", "holder")
    rows = [[str(feature[field] or "") for field in fields] for feature in layer.getFeatures()]
    return sorted(rows)


def within(url, collection, *bounds):
    """Ids of the features that a request with a rectangle gives."""
    layer = open_layer(url, collection)
    request = QgsFeatureRequest().setFilterRect(QgsRectangle(*map(float, bounds)))
    request.setFlags(QgsFeatureRequest.ExactIntersect)
    return sorted(feature["parcel_id"] for feature in layer.getFeatures(request))


def paint(layer, extent, place):
    """A picture of 400 × 400; gives how much of it is inked."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setOutputSize(QSize(400, 400))
    settings.setBackgroundColor(QColor("white"))
    settings.setExtent(extent)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(place)
    # The ink has no blue, the ground has all: a pixel that is covered by more than half is inked.
    inked = sum(picture.pixel(x, y) % 256 < 128 for x in range(400) for y in range(400))
    return {"inked": inked / 400**2, "errors": [error.message for error in job.errors()]}


def mercator(url):
    layer = open_layer(url, "parcels")
    way = QgsCoordinateTransform(
        layer.crs(), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance()
    )
    return layer, way.transformBoundingBox(layer.extent())


def draw(url, place):
    layer, extent = mercator(url)
    layer.setRenderer(
        QgsSingleSymbolRenderer(QgsFillSymbol.createSimple({"color": "#D55E00", "outline_style": "no"}))
    )
    return paint(layer, extent, place)


def tiles(url, place):
    """The same from vector tiles."""
    _, extent = mercator(url)
    template = f"{url}/collections/parcels/tiles/WebMercatorQuad/%7Bz%7D/%7By%7D/%7Bx%7D"
    layer = QgsVectorTileLayer(f"type=xyz&url={template}&zmin=0&zmax=16", "tiles")
    if not layer.isValid():
        sys.exit(f"tiles: {layer.error().message()}")
    style = QgsVectorTileBasicRendererStyle("fill", "", QgsWkbTypes.PolygonGeometry)
    style.setSymbol(QgsFillSymbol.createSimple({"color": "#D55E00", "outline_style": "no"}))
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles([style])
    layer.setRenderer(renderer)
    return paint(layer, extent, place)


def main():
    program = QgsApplication([], False)
    program.initQgis()
    asked = {"count": count, "choose": choose, "within": within, "draw": draw, "tiles": tiles}[sys.argv[1]]
    sys.stdout.write(json.dumps(asked(*sys.argv[2:]), ensure_ascii=True) + "\n")
    program.exitQgis()


main()
