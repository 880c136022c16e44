"""Pictures of images' indices for maps: each cell is what the pixel under it shows, wherever the image's own grid lies."""

from __future__ import annotations

import base64
import datetime as dt
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import Affine

from maps.imagery import BANDS
from maps.overlays import overlays
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.pictures import COLUMNS, LEVELS, Frame, image_pictures, read_pictures
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.worker.zones import read_cells, write_cells, write_rows
from parkgeo.ingest.zonal import Looking
from parkgeo.metrics.imagery import Thresholds
from parkgeo.packs import load_packs
from parkgeo.pipeline import run_project
from parkgeo.project import Source
from tests.builders import CRS, rect
from tests.office import EAST, NORTH, layer, parcels, project, write

RULES = load_packs(["national"], Path())
BARE, GREEN, DARK = (2000, 2000), (1000, 3000), (0, 0)
"""Red and near infrared: NDVI 0, 0.5, and no measurement."""


def tiff(path, covers, *, place=None, crs=f"EPSG:{CRS}", cloud=None):
    """An image of 10 m pixels whose lower left corner is (EAST, NORTH)."""
    pixels = np.moveaxis(np.array(covers, dtype="uint16"), -1, 0)
    if cloud is not None:
        pixels = np.concatenate([pixels, np.array(cloud, dtype="uint16")[None]])
    place = place or Affine(10, 0, EAST, 0, -10, NORTH + 10 * pixels.shape[1])
    with rasterio.open(
        path, "w", driver="GTiff", width=pixels.shape[2], height=pixels.shape[1], count=len(pixels), dtype="uint16",
        crs=crs, transform=place,
    ) as file:  # fmt: skip
        file.write(pixels)
    return path


def source(**bands):
    return Source("imagery", (Path(),), date=dt.date(2026, 5, 1), bands=bands or {"red": 1, "nir": 2})


def park(*shapes):
    ids = [f"P{number}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"parcel_id": ids}, geometry=list(shapes), crs=CRS)


def pictures(path, land, *, trusted=True, **bands):
    image = read_raster(path, source(**bands))
    with opener_for(trusted=trusted, rasters=True) as opener:
        return image_pictures(opener, [image], land, RULES, [path.name], shown=lambda one: one.name)


def cells(row):
    """A table's row as values; NaN where nothing is seen."""
    raw = np.frombuffer(zlib.decompress(base64.b64decode(row["cells"])), dtype=np.uint8)
    values = (raw.astype(float) - 1) / LEVELS * 2 - 1
    values[raw == 0] = np.nan
    return values.reshape(row["height"], row["width"])


TO_MERCATOR = Transformer.from_crs(CRS, 3857, always_xy=True)


def value_at(row, x, y):
    """What the picture shows at a place of the working system."""
    east, north = TO_MERCATOR.transform(x, y)
    column = int((east - row["west"]) / (row["east"] - row["west"]) * row["width"])
    line = int((row["north"] - north) / (row["north"] - row["south"]) * row["height"])
    return cells(row)[line, column]


CHEQUERED = [[GREEN if (row + column) % 2 else BARE for column in range(24)] for row in range(24)]


@pytest.mark.parametrize("trusted", [True, False])
def test_each_pixel_lies_where_it_lies_on_the_ground(tmp_path, trusted):
    path = tiff(tmp_path / "a.tif", CHEQUERED)
    table, faults = pictures(path, park(rect(EAST, NORTH, 240, 240)), trusted=trusted)
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert table["image_index"].tolist() == ["ndvi"]
    assert len(faults) == 0
    row = table.iloc[0]
    for column in range(24):
        for line in range(24):
            expected = 0.5 if (line + column) % 2 else 0.0
            found = value_at(row, EAST + 10 * column + 5, NORTH + 235 - 10 * line)
            assert found == pytest.approx(expected, abs=1 / LEVELS)


@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:4326"])
def test_an_image_in_another_system_shows_the_same_ground(tmp_path, crs):
    straight = tiff(tmp_path / "a.tif", CHEQUERED)
    size = 200
    there = Transformer.from_crs(CRS, crs, always_xy=True)
    corners = np.array([there.transform(EAST + x, NORTH + y) for x in (-9, 249) for y in (-9, 249)])
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    place = Affine((east - west) / size, 0, west, 0, -(north - south) / size, north)
    middles = np.arange(size) + 0.5
    x, y = np.meshgrid(west + place.a * middles, north + place.e * middles)
    x, y = Transformer.from_crs(crs, CRS, always_xy=True).transform(x, y)
    column, line = ((x - EAST) // 10).astype(int), ((NORTH + 240 - y) // 10).astype(int)
    inside = (column >= 0) & (column < 24) & (line >= 0) & (line < 24)
    covers = np.zeros((size, size, 2), dtype="uint16")
    covers[inside] = np.array(CHEQUERED)[line[inside], column[inside]]
    other = tiff(tmp_path / "b.tif", covers, place=place, crs=crs)
    land = park(rect(EAST, NORTH, 240, 240))
    one, two = (pictures(path, land)[0].iloc[0] for path in (straight, other))
    for column in range(1, 23):
        place_of = (EAST + 10 * column + 5, NORTH + 115)
        assert value_at(one, *place_of) == pytest.approx(value_at(two, *place_of), abs=0.01)


def test_what_is_not_seen_is_blank_and_never_a_low_figure(tmp_path):
    covers = [[GREEN, DARK, BARE, GREEN]] * 4
    path = tiff(tmp_path / "a.tif", covers, cloud=[[0, 0, 0, 1]] * 4)
    table, _ = pictures(path, park(rect(EAST, NORTH, 80, 40)), red=1, nir=2, cloud=3)
    row = table.iloc[0]
    found = [value_at(row, EAST + 10 * column + 5, NORTH + 15) for column in range(8)]
    assert found[0] == pytest.approx(0.5, abs=1 / LEVELS)
    assert found[2] == pytest.approx(0, abs=1 / LEVELS)
    assert np.isnan([found[1], *found[3:]]).all()  # dark, cloud, beyond the image


def test_a_picture_is_no_finer_than_the_image_and_never_large(tmp_path):
    small = tiff(tmp_path / "a.tif", [[GREEN] * 12] * 12)
    row = pictures(small, park(rect(EAST, NORTH, 120, 120)))[0].iloc[0]
    assert 10 <= row["width"] <= 14
    large = tiff(tmp_path / "b.tif", [[GREEN] * 900] * 900)
    row = pictures(large, park(rect(EAST, NORTH, 9_000, 9_000)))[0].iloc[0]
    assert max(row["width"], row["height"]) <= 512
    assert np.nanmin(cells(row)[60:-60, 60:-60]) == pytest.approx(0.5, abs=1 / LEVELS)


def test_of_a_window_beyond_bounds_every_so_manieth_pixel_is_read(tmp_path, monkeypatch):
    from parkgeo.ingest import pictures as module

    covers = np.zeros((400, 400, 2), dtype="uint16")
    covers[:, :200], covers[:, 200:] = BARE, GREEN
    path = tiff(tmp_path / "a.tif", covers)
    monkeypatch.setattr(module, "_MOST_READ", 64)
    row = pictures(path, park(rect(EAST, NORTH, 4_000, 4_000)))[0].iloc[0]
    assert value_at(row, EAST + 1_000, NORTH + 2_000) == pytest.approx(0, abs=1 / LEVELS)
    assert value_at(row, EAST + 3_000, NORTH + 2_000) == pytest.approx(0.5, abs=1 / LEVELS)


def test_an_image_that_was_not_looked_at_has_no_picture(tmp_path):
    path = tiff(tmp_path / "a.tif", CHEQUERED)
    image = read_raster(path, source())
    with opener_for(trusted=True, rasters=True) as opener:
        table, faults = image_pictures(opener, [image], park(rect(EAST, NORTH, 90, 90)), RULES, [])
    assert len(table) == len(faults) == 0


def test_an_image_elsewhere_gives_no_picture_and_no_fault(tmp_path):
    table, faults = pictures(tiff(tmp_path / "a.tif", CHEQUERED), park(rect(EAST + 9_000, NORTH, 90, 90)))
    assert len(table) == len(faults) == 0


def test_what_a_damaged_child_answers_is_refused(tmp_path):
    frame = Frame(4, 3, np.zeros((2, 2, 2)))
    good = {"ndvi": np.arange(12, dtype=np.uint8).reshape(3, 4)}
    write_cells(good, tmp_path)
    np.testing.assert_array_equal(read_cells(tmp_path, frame)["ndvi"], good["ndvi"])
    for bad in (
        pa.table({"ndvi": pa.array(np.zeros(11, np.uint8))}),
        pa.table({"ndvi": pa.array(np.zeros(12))}),
        pa.table({"__proto__": pa.array(np.zeros(12, np.uint8))}),
    ):
        write_rows(bad, tmp_path / "cells.arrow")
        with pytest.raises(ValueError, match="other cells"):
            read_cells(tmp_path, frame)


def test_a_band_that_is_not_there_is_said(tmp_path):
    from parkgeo.errors import InputError

    path = tiff(tmp_path / "a.tif", CHEQUERED)
    nodes = np.stack(np.meshgrid([EAST, EAST + 50.0], [NORTH + 50.0, NORTH]), axis=2)
    looking = Looking({"red": 1, "nir": 7}, Thresholds(0.3, 0.2, 0.2, 0.12), ())
    with pytest.raises(InputError, match="it has 2 bands"):
        read_pictures(path, Frame(5, 5, nodes), looking)


def test_on_the_map_each_value_is_in_the_class_whose_band_holds_it(tmp_path):
    values = np.linspace(-0.9, 0.9, 24)
    covers = [[(round(2000 * (1 - value)), round(2000 * (1 + value))) for value in values]] * 24
    tiff(tmp_path / "image.tif", covers)
    file = write(parcels(3), tmp_path / "parcels.geojson")
    told = (
        layer("parcels", file)
        + '[[layers.imagery]]\npath = "image.tif"\ndate = 2026-05-01\nbands = { red = 1, nir = 2 }\n'
    )
    from parkgeo.project import read_project

    snapshot = run_project(read_project(project(tmp_path, told)), tmp_path / "w").snapshot
    table = snapshot.read("image_pictures")
    (found,) = [one for one in overlays(snapshot, (0.0, 0.0), full=True) if one["group"] == "imagery"]
    assert found["title"] == ["植被指数 NDVI，2026-05-01", "Vegetation index NDVI, 2026-05-01"]
    exact = cells(table.iloc[0]).ravel()
    classes = found["picture"]["classes"]
    assert (classes == 0).tolist() == np.isnan(exact).tolist()
    for number, (above, up_to) in enumerate(BANDS, start=1):
        inside = exact[classes == number]
        assert len(inside)
        assert above is None or (inside > above - 1e-6).all()
        assert up_to is None or (inside <= up_to + 1e-6).all()
