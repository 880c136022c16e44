"""São Miguel (Azores): zonal figures of six municipalities that exactextract 0.3.0 gives by itself, at 1e-4.

Source: isciences/exactextractr (Apache-2.0): municipalities, CORINE land cover, EU-DEM heights, gridded population; EPSG:4326. They are read as an
image is: a number v becomes red = 1 − v/M and near infrared = 1 + v/M, so that NDVI = v/M; a land cover becomes the spectrum of soil,
crop, roof or water. The data stand beside the checkout; without them these tests are skipped.
"""

from __future__ import annotations

import csv
from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from parkgeo.ingest.zonal import Looking, read_pixels
from parkgeo.metrics.imagery import Thresholds
from tests.office import shared_data

DATA = shared_data() / "sao_miguel"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="needs exactextractr's São Miguel in shared/data beside the checkout"
)

THRESHOLDS = Thresholds(vegetated_ndvi=0.3, water_mndwi=0.2, water_ndwi=0.2, bare_bsi=0.12)
# Blue, green, red, nir, swir1 of what CORINE's classes 1–11, 12–29, 30–34 and 35–44 (as numbered in the raster) are taken for.
SPECTRA = {
    "built": (1550, 1650, 1750, 1950, 2350),
    "vegetated": (560, 820, 720, 2500, 1500),
    "bare": (1050, 1330, 1720, 2350, 3150),
    "water": (640, 700, 480, 260, 120),
}
LAST = {"built": 11, "vegetated": 29, "bare": 34, "water": 44}


def reference(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def towns():
    return gpd.read_file(DATA / "concelhos.gpkg").set_index("name").geometry


def as_image(path, bands, like):
    with rasterio.open(
        path, "w", driver="GTiff", width=like.width, height=like.height, count=len(bands), dtype="float32", crs=like.crs,
        transform=like.transform, nodata=np.nan,
    ) as file:  # fmt: skip
        file.write(bands.astype(np.float32))
    return path


def read(path, **bands):
    shapes = np.asarray(towns().array, dtype=object)
    return read_pixels(path, shapes, Looking(bands, THRESHOLDS, ())).set_axis(towns().index)


@pytest.mark.parametrize(
    ("raster", "table", "most"),
    [
        ("eu_dem_v11.tif", "ref_exactextract_dem.csv", 1500),
        ("gpw_v411_2020_count_2020.tif", "ref_exactextract_gpw_count.csv", 5000),
    ],
)
def test_means_sums_and_pixels(tmp_path, raster, table, most):
    with rasterio.open(DATA / raster) as file:
        values = file.read(1, masked=True).astype(np.float64).filled(np.nan) / most
        path = as_image(tmp_path / "a.tif", np.stack([1 - values, 1 + values]), file)
        pixel = abs(file.transform.a * file.transform.e)
    found = read(path, red=1, nir=2)
    pixels = found["valid_share"] * np.array([shape.area for shape in towns()]) / pixel
    for row in reference(table):
        name = row["name"]
        assert found.loc[name, "ndvi"] * most == pytest.approx(float(row["mean"]), rel=1e-4)
        assert pixels[name] == pytest.approx(float(row["count"]), rel=1e-4)
        if "sum" in row:
            assert found.loc[name, "ndvi"] * most * pixels[name] == pytest.approx(float(row["sum"]), rel=1e-4)


def test_shares_of_land_cover(tmp_path):
    with rasterio.open(DATA / "clc2018_v2020_20u1.tif") as file:
        numbers = file.read(1)
        bands = np.full((5, *numbers.shape), np.nan)
        first = 1
        for name, last in LAST.items():
            bands[:, (numbers >= first) & (numbers <= last)] = np.array(SPECTRA[name])[:, None]
            first = last + 1
        path = as_image(tmp_path / "a.tif", bands, file)
    found = read(path, blue=1, green=2, red=3, nir=4, swir1=5)
    expected: Counter[tuple[str, str]] = Counter()
    for row in reference("ref_exactextract_clc_frac.csv"):
        number = int(float(row["clc_value"]))
        group = next((name for name, last in LAST.items() if number <= last), None)
        assert group is not None
        expected[row["name"], group] += float(row["frac"])
    for name in towns().index:
        for group in LAST:
            assert found.loc[name, f"{group}_share"] == pytest.approx(expected[name, group], abs=1e-4)
    assert len(expected) > len(found)
