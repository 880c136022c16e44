"""Draw the verdicts of a park in QGIS, read from a service of parkgeo: the steps of ../qgis.md as a script.

Run it with the Python that QGIS brings: ``python3 draw.py http://127.0.0.1:8000 -o verdicts.png``. Beside the picture it can
write the style, to be loaded in QGIS by *Layer Properties → Style → Load Style*, and a project file.
Without a display it needs ``QT_QPA_PLATFORM=offscreen`` in the environment.
"""

from __future__ import annotations

import argparse
import sys

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFillSymbol,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutPoint,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsPointPatternFillSymbolLayer,
    QgsPrintLayout,
    QgsProject,
    QgsReferencedRectangle,
    QgsRendererCategory,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import QRectF
from qgis.PyQt.QtGui import QColor, QFont

TITLES = {"zh": "哪些地闲置？（疑似，待核实）", "en": "Which land is idle? (suspected, for verification)"}
WORDS = {
    "zh": {"yes": "疑似闲置", "undetermined": "无法判定", "no": "未闲置", "": "未判定"},
    "en": {
        "yes": "Suspected idle",
        "undetermined": "Undetermined",
        "no": "Not idle",
        "": "Not judged",
    },
}
FILLS = {
    "yes": {"color": "#D55E00", "outline_color": "#5A2700", "outline_width": "0.3"},
    "undetermined": {"color": "#F0E442", "outline_color": "#6B6400", "outline_width": "0.3"},
    "no": {"color": "0,158,115,89", "outline_color": "#00553E", "outline_width": "0.15"},
    "": {"color": "255,255,255,255", "outline_color": "#9A9A9A", "outline_width": "0.15"},
}


def read_layer(url: str, collection: str, subset: str = "") -> QgsVectorLayer:
    """A collection as a layer; features are asked for as the map needs them."""
    source = f"url='{url}' typename='{collection}' restrictToRequestBBOX='1'"
    layer = QgsVectorLayer(source, collection, "OAPIF")
    if not layer.isValid():
        sys.exit(f"{collection}: {layer.error().message()}")
    if subset and not layer.setSubsetString(subset):
        sys.exit(f"{collection}: the filter {subset} is not understood")
    return layer


def verdict_symbol(verdict: str) -> QgsFillSymbol:
    """A fill, with a hatch or dots where something hangs on it: a copy in black and white still tells them apart."""
    symbol = QgsFillSymbol.createSimple(FILLS[verdict])
    if verdict == "yes":
        hatch = QgsLinePatternFillSymbolLayer()
        hatch.setLineAngle(45)
        hatch.setDistance(1.6)
        hatch.setSubSymbol(QgsLineSymbol.createSimple({"color": "#5A2700", "width": "0.2"}))
        symbol.appendSymbolLayer(hatch)
    elif verdict == "undetermined":
        dots = QgsPointPatternFillSymbolLayer()
        dots.setDistanceX(1.8)
        dots.setDistanceY(1.8)
        dot = {"name": "circle", "color": "#6B6400", "size": "0.5", "outline_style": "no"}
        dots.setSubSymbol(QgsMarkerSymbol.createSimple(dot))
        symbol.appendSymbolLayer(dots)
    return symbol


def style_verdicts(layer: QgsVectorLayer, field: str, lang: str) -> None:
    """A fill for each verdict, and the names of the parcels that are suspected idle."""
    categories = [
        QgsRendererCategory(verdict or None, verdict_symbol(verdict), words)
        for verdict, words in WORDS[lang].items()
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))
    text = QgsTextFormat()
    text.setSize(6)
    around = QgsTextBufferSettings()
    around.setEnabled(True)
    around.setSize(0.8)
    text.setBuffer(around)
    labels = QgsPalLayerSettings()
    labels.fieldName = f'CASE WHEN "{field}" = \'yes\' THEN "name" END'
    labels.isExpression = True
    labels.placement = QgsPalLayerSettings.OverPoint
    labels.centroidInside = True
    labels.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(labels))
    layer.setLabelsEnabled(True)


def draw(project: QgsProject, parcels: QgsVectorLayer, place: str, lang: str) -> None:
    """An A4 sheet with map, title and legend, as a picture."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    sheet = QgsLayoutItemMap(layout)
    sheet.attemptSetSceneRect(QRectF(8, 22, 222, 180))
    sheet.setBackgroundColor(QColor("#F4F2EC"))
    way = QgsCoordinateTransform(parcels.crs(), project.crs(), project)
    sheet.zoomToExtent(way.transformBoundingBox(parcels.extent()).buffered(60))
    layout.addLayoutItem(sheet)
    title = QgsLayoutItemLabel(layout)
    title.setText(TITLES[lang])
    title.setFont(QFont("sans-serif", 16))
    title.attemptSetSceneRect(QRectF(8, 7, 281, 12))
    layout.addLayoutItem(title)
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(sheet)
    legend.attemptMove(QgsLayoutPoint(232, 20))
    layout.addLayoutItem(legend)
    options = QgsLayoutExporter.ImageExportSettings()
    options.dpi = 110
    if QgsLayoutExporter(layout).exportToImage(place, options) != QgsLayoutExporter.Success:
        sys.exit(f"{place} cannot be written")


def main() -> None:
    """Read, style, draw."""
    asked = argparse.ArgumentParser(description="Draw the verdicts of a park in QGIS.")
    asked.add_argument("url", help="address of the service, with /k/<key> at its end where it needs a key")
    asked.add_argument("-o", "--output", required=True, help="the picture to write, .png")
    asked.add_argument("--where", default="", help="a filter on the parcels, such as \"idle\" = 'yes'")
    asked.add_argument("--field", default="idle", help="the verdict to colour by")
    asked.add_argument("--crs", default="EPSG:4528", help="coordinate system of the picture")
    asked.add_argument("--lang", default="zh", choices=sorted(WORDS))
    asked.add_argument("--style", default="", help="write the style here, .qml")
    asked.add_argument("--project", default="", help="write a project here, .qgz")
    given = asked.parse_args()

    program = QgsApplication([], False)
    program.initQgis()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem(given.crs))
    parcels = read_layer(given.url, "parcels", given.where)
    parcels.setName({"zh": "宗地", "en": "Parcels"}[given.lang])
    roads = read_layer(given.url, "roads")
    roads.setName({"zh": "道路", "en": "Roads"}[given.lang])
    style_verdicts(parcels, given.field, given.lang)
    roads.setRenderer(
        QgsSingleSymbolRenderer(QgsLineSymbol.createSimple({"color": "#B8B2A6", "width": "0.5"}))
    )
    project.addMapLayers([parcels, roads])
    if given.style:
        parcels.saveNamedStyle(given.style, QgsMapLayer.Symbology | QgsMapLayer.Labeling)
    draw(project, parcels, given.output, given.lang)
    if given.project:
        view = QgsReferencedRectangle(parcels.extent(), parcels.crs())
        project.viewSettings().setDefaultViewExtent(view)
        project.write(given.project)
    print(f"{parcels.featureCount()} parcels, {roads.featureCount()} roads")
    project.clear()
    program.exitQgis()


if __name__ == "__main__":
    main()
