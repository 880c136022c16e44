"""Layers of one geometry type: single parts among many are written as the whole's type, without a warning."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import pyogrio
import pytest
import shapely

from parkgeo.export.vector import arrow_table, geometry_type, write_layer
from tests.builders import land, rect

ONE, TWO = rect(0, 0, 10, 10), rect(20, 0, 10, 10)
LINE = shapely.LineString([(0, 0), (5, 5)])


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ([ONE, shapely.MultiPolygon([ONE, TWO]), None], "MultiPolygon"),
        ([LINE, shapely.MultiLineString([LINE, [(9, 9), (8, 8)]])], "MultiLineString"),
        ([shapely.Point(1, 2), shapely.MultiPoint([(1, 2), (3, 4)])], "MultiPoint"),
        ([ONE, TWO], "Polygon"),
    ],
)
def test_a_layer_has_one_type(tmp_path, shapes, kind):
    frame = land(shapes, minutes=[float(at) for at in range(len(shapes))])
    held = SimpleNamespace(field=lambda *_: {"type": "number"}, catalogue={"fields": {}})
    assert geometry_type(frame) == kind
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = arrow_table(held, "isochrones", frame)
        write_layer(table, tmp_path / "x.gpkg", driver="GPKG", layer="x", kind=kind, crs=frame.crs.to_wkt())
    back = pyogrio.read_dataframe(tmp_path / "x.gpkg")
    assert set(back.geometry.geom_type.dropna()) == {kind}
    assert back.geometry.area.fillna(0).tolist() == pytest.approx(frame.geometry.area.fillna(0).tolist())
    assert frame.geometry.geom_type.tolist()[0] != "MultiPolygon", "what was given is as it was"
