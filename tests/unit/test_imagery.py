"""What images show of parcels: pixels in known shares, clouds, gaps, turned and foreign grids, two days, damaged files."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.features import geometry_mask
from rasterio.transform import Affine

from parkgeo.ingest import zonal
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.pixels import COLUMNS, looking_at, parcel_pixels
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.read import read_with
from parkgeo.ingest.worker.zones import read_figures, read_shapes, write_figures, write_shapes
from parkgeo.ingest.zonal import FIGURES, Looking, read_pixels
from parkgeo.layers import RasterSource
from parkgeo.metrics.imagery import (
    CLASSES,
    INDICES,
    Thresholds,
    classes_of,
    classes_told,
    index_of,
    indices_told,
    summarise,
)
from parkgeo.packs import load_packs
from parkgeo.project import Source, read_project
from tests.builders import CRS, l_shape, land, rect
from tests.office import EAST, NORTH

ROLES = {"blue": 1, "green": 2, "red": 3, "nir": 4, "swir1": 5}
# Reflectance × 10 000 in the order of ROLES: open soil, a crop, a roof, a pond.
SOIL, CROP, ROOF, POND = (1050, 1330, 1720, 2350, 3150), (560, 820, 720, 2500, 1500), (1550, 1650, 1750, 1950, 2350), (640, 700, 480, 260, 120)  # fmt: skip
RULES = load_packs(["national"], Path())
THRESHOLDS = Thresholds(vegetated_ndvi=0.3, water_mndwi=0.2, water_ndwi=0.2, bare_bsi=0.12)
PLACE = Affine(10, 0, EAST, 0, -10, NORTH + 40)
"""Pixels of 10 m, four rows of them north of NORTH."""


def stack(covers, *more):
    """Bands × rows × columns of a grid of covers, with further bands behind."""
    grid = np.moveaxis(np.array(covers, dtype=float), -1, 0)
    return np.concatenate([grid, *(np.array(band, dtype=float)[None] for band in more)])


def tiff(
    path,
    pixels,
    *,
    place=PLACE,
    crs=f"EPSG:{CRS}",
    dtype="uint16",
    nodata=None,
    scales=None,
    offsets=None,
    **options,
):
    with rasterio.open(
        path, "w", driver="GTiff", width=pixels.shape[2], height=pixels.shape[1], count=len(pixels), dtype=dtype, crs=crs,
        transform=place, nodata=nodata, **options,
    ) as file:  # fmt: skip
        file.write(pixels.astype(dtype))
        if scales:
            file.scales = scales
        if offsets:
            file.offsets = offsets
    return path


def seen(path, *shapes, bands=None, unclear=(3, 8, 9, 10, 11)):
    looking = Looking(bands or ROLES, THRESHOLDS, unclear)
    return read_pixels(path, np.array([*shapes, None], dtype=object)[:-1], looking)


def ndvi(cover):
    return (cover[3] - cover[2]) / (cover[3] + cover[2])


class TestArithmetic:
    def test_pixels_count_by_the_share_that_lies_on_the_parcel(self, tmp_path):
        """Ground of 15 m × 10 m over a pixel of soil and half a pixel of crop: two thirds and one third."""
        path = tiff(tmp_path / "a.tif", stack([[SOIL, CROP]]), place=Affine(10, 0, EAST, 0, -10, NORTH))
        found = seen(path, rect(EAST, NORTH - 10, 15, 10)).iloc[0]
        assert found["valid_share"] == pytest.approx(1)
        assert found["ndvi"] == pytest.approx((2 * ndvi(SOIL) + ndvi(CROP)) / 3, abs=1e-6)
        assert found["ndbi"] == pytest.approx((2 * 800 / 5500 - 1000 / 4000) / 3, abs=1e-6)
        assert found["bsi"] == pytest.approx(
            (2 * 1470 / 8270 + (1500 + 720 - 2500 - 560) / 5280) / 3, abs=1e-6
        )
        assert found[["bare_share", "vegetated_share"]].tolist() == pytest.approx([2 / 3, 1 / 3])
        assert found[["built_share", "water_share"]].tolist() == [0, 0]

    def test_each_cover_is_told(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, CROP], [ROOF, POND]]))
        corners = [rect(EAST + x, NORTH + y, 10, 10) for x, y in ((0, 30), (10, 30), (0, 20), (10, 20))]
        found = seen(path, *corners)[["bare_share", "vegetated_share", "built_share", "water_share"]]
        assert found.to_numpy() == pytest.approx(np.eye(4))

    def test_half_outside_is_half_seen(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, SOIL]]), place=Affine(10, 0, EAST, 0, -10, NORTH + 10))
        found = seen(path, rect(EAST - 10, NORTH, 20, 10), rect(EAST - 90, NORTH, 10, 10))
        assert found["valid_share"].tolist() == pytest.approx([0.5, 0])
        assert found["bare_share"].iloc[0] == pytest.approx(1)
        assert found.iloc[1, 1:].isna().all()

    def test_a_parcel_of_several_strips_is_whole(self, tmp_path, monkeypatch):
        rows = [[SOIL if row % 3 else CROP] * 4 for row in range(8)]
        path = tiff(
            tmp_path / "a.tif", stack(rows), place=Affine(10, 0, EAST, 0, -10, NORTH + 80), blockysize=1
        )
        shapes = [l_shape(EAST + 3, NORTH + 5, 33), rect(EAST, NORTH, 40, 80)]
        whole = seen(path, *shapes)
        monkeypatch.setattr(zonal, "_PIXELS_A_STRIP", 8)
        pd.testing.assert_frame_equal(seen(path, *shapes), whole)
        assert whole["vegetated_share"].iloc[1] == pytest.approx(3 / 8)

    def test_the_pixels_of_a_parcel_one_by_one(self, tmp_path):
        """Reference: each pixel's share by shapely, parcel by parcel."""
        rng = np.random.default_rng(3)
        covers = np.array([SOIL, CROP, ROOF, POND])[rng.integers(0, 4, (6, 6))]
        path = tiff(tmp_path / "a.tif", stack(covers), place=Affine(10, 0, EAST, 0, -10, NORTH + 60))
        shapes = [shapely.affinity.rotate(l_shape(EAST + 12, NORTH + 11, 35), turn) for turn in (0, 17, 71)]
        found = seen(path, *shapes)
        for at, shape in enumerate(shapes):
            share = np.array(
                [
                    [
                        shape.intersection(rect(EAST + 10 * c, NORTH + 50 - 10 * r, 10, 10)).area
                        for c in range(6)
                    ]
                    for r in range(6)
                ]
            )
            own = (share * ndvi(np.moveaxis(covers.astype(float), -1, 0))).sum() / share.sum()
            assert found["ndvi"].iloc[at] == pytest.approx(own, abs=1e-6)
            assert found["valid_share"].iloc[at] == pytest.approx(share.sum() / shape.area, abs=1e-6)

    def test_large_parcels_are_near_rasterio_s_mask(self, tmp_path):
        rng = np.random.default_rng(4)
        values = rng.integers(300, 4000, (5, 200, 200)).astype(float)
        place = Affine(10, 0, EAST, 0, -10, NORTH + 2000)
        path = tiff(tmp_path / "a.tif", values, place=place)
        shape = shapely.Point(EAST + 900, NORTH + 1100).buffer(700)
        inside = ~geometry_mask([shape], (200, 200), place)
        own = ndvi(values)[inside].mean()
        assert seen(path, shape)["ndvi"].iloc[0] == pytest.approx(own, abs=2e-3)


class TestWhatIsNotSeen:
    def test_no_data(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, (0, 0, 0, 0, 0)]]), nodata=0)
        found = seen(path, rect(EAST, NORTH + 30, 20, 10)).iloc[0]
        assert (found["valid_share"], found["bare_share"]) == pytest.approx((0.5, 1))

    def test_one_band_without_data_hides_the_pixel(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, (*SOIL[:4], 0)]]), nodata=0)
        assert seen(path, rect(EAST, NORTH + 30, 20, 10))["valid_share"].iloc[0] == pytest.approx(0.5)

    def test_all_zero_is_no_measurement_though_the_file_does_not_say_so(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, (0, 0, 0, 0, 0)]]))
        assert seen(path, rect(EAST, NORTH + 30, 20, 10))["valid_share"].iloc[0] == pytest.approx(0.5)

    def test_a_pixel_that_is_dark_in_an_index_s_bands_counts_in_the_others(self, tmp_path):
        """Red and near infrared are 0, so it has no NDVI; it was seen all the same."""
        path = tiff(tmp_path / "a.tif", stack([[SOIL, (50, 50, 0, 0, 20)]]))
        found = seen(path, rect(EAST, NORTH + 30, 20, 10)).iloc[0]
        assert (found["valid_share"], found["ndvi"]) == pytest.approx((1, ndvi(SOIL)))
        assert found["ndbi"] == pytest.approx((800 / 5500 + 1) / 2)

    def test_nan_and_infinity(self, tmp_path):
        pixels = stack([[SOIL, SOIL, SOIL, CROP]])
        pixels[3, 0, 1], pixels[2, 0, 2] = np.nan, np.inf
        path = tiff(tmp_path / "a.tif", pixels, dtype="float32")
        found = seen(path, rect(EAST, NORTH + 30, 40, 10)).iloc[0]
        assert (found["valid_share"], found["vegetated_share"]) == pytest.approx((0.5, 0.5))

    def test_a_mask_in_the_file(self, tmp_path):
        path = tmp_path / "a.tif"
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(
            path, "w", driver="GTiff", width=2, height=1, count=5, dtype="uint16", crs=f"EPSG:{CRS}", transform=PLACE
        ) as file:  # fmt: skip
            file.write(stack([[SOIL, SOIL]]).astype("uint16"))
            file.write_mask(np.array([[255, 0]], dtype="uint8"))
        assert seen(path, rect(EAST, NORTH + 30, 20, 10))["valid_share"].iloc[0] == pytest.approx(0.5)

    def test_a_cloud_band_whose_clear_is_the_mark_for_no_data(self, tmp_path):
        """Such a band is 0 where the sky is clear, and 0 is the file's mark for no data."""
        path = tiff(tmp_path / "a.tif", stack([[SOIL, SOIL, CROP, CROP]], [[0, 1, 0, 255]]), nodata=0)
        found = seen(path, rect(EAST, NORTH + 30, 40, 10), bands=ROLES | {"cloud": 6}).iloc[0]
        assert (found["valid_share"], found["vegetated_share"]) == pytest.approx((0.5, 0.5))

    @pytest.mark.parametrize(
        ("scl", "share"), [(4, 1), (5, 1), (6, 1), (2, 1), (3, 0.5), (8, 0.5), (9, 0.5), (10, 0.5), (11, 0.5)]
    )
    def test_scene_classes(self, tmp_path, scl, share):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, SOIL]], [[4, scl]]))
        shape = rect(EAST, NORTH + 30, 20, 10)
        assert seen(path, shape, bands=ROLES | {"scl": 6})["valid_share"].iloc[0] == pytest.approx(share)

    def test_all_cloud_is_no_figure_and_not_zero(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, SOIL]], [[1, 1]]))
        found = seen(path, rect(EAST, NORTH + 30, 20, 10), bands=ROLES | {"cloud": 6}).iloc[0]
        assert found["valid_share"] == 0
        assert found.drop("valid_share").isna().all()

    def test_no_shape_empty_shape_and_a_shape_that_lies_nowhere(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, SOIL]]))
        nowhere = shapely.Polygon([(np.inf, 0), (np.inf, 1), (0, 1)])
        found = seen(path, None, shapely.Polygon(), nowhere, rect(EAST, NORTH + 30, 20, 10))
        assert found["valid_share"].tolist() == pytest.approx([0, 0, 0, 1])
        assert found["ndvi"].isna().tolist() == [True, True, True, False]

    def test_nothing_near(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, SOIL]]))
        assert seen(path, rect(0, 0, 5, 5))["valid_share"].tolist() == [0]
        assert list(seen(path).columns) == list(FIGURES)


class TestGrids:
    @pytest.mark.parametrize("degrees", [30, 90, 180, 251])
    def test_a_turned_image_shows_the_same(self, tmp_path, degrees):
        covers = [[SOIL, CROP, ROOF], [POND, SOIL, CROP]]
        shape = l_shape(EAST + 4, NORTH + 21, 17)
        straight = seen(tiff(tmp_path / "a.tif", stack(covers)), shape)
        pivot = (EAST, NORTH + 40)
        turned = tiff(tmp_path / "b.tif", stack(covers), place=Affine.rotation(degrees, pivot) @ PLACE)
        found = seen(turned, shapely.affinity.rotate(shape, degrees, origin=pivot))
        pd.testing.assert_frame_equal(found, straight, atol=1e-6, rtol=0)

    def test_south_up(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL], [CROP]]), place=Affine(10, 0, EAST, 0, 10, NORTH))
        assert seen(path, rect(EAST, NORTH + 10, 10, 10))["vegetated_share"].iloc[0] == pytest.approx(1)

    def test_an_image_in_degrees(self, tmp_path):
        """Parcels are brought to the image: a pixel of 1e-4° is about 9.6 m × 11.1 m here."""
        parcels = land([rect(EAST, NORTH, 300, 300)], parcel_id=["P1"])
        west, _, _, north = parcels.to_crs(4490).total_bounds
        pixels = np.repeat(np.repeat(stack([[SOIL, CROP]]), 40, axis=1), 20, axis=2)
        path = tiff(
            tmp_path / "a.tif",
            pixels,
            place=Affine(1e-4, 0, west - 4e-4, 0, -1e-4, north + 4e-4),
            crs="EPSG:4490",
        )
        long, _ = look(path, parcels)
        one = long.iloc[0]
        assert one["valid_share"] == pytest.approx(1)
        width = 300 / 95.7 * 10  # pixels under the parcel
        assert one["bare_share"] == pytest.approx(16 / width, abs=0.01)

    def test_scale_and_offset_that_the_file_states(self, tmp_path):
        """Sentinel-2's baseline adds 1 000 to all bands: means of ratios are wrong without it."""
        path = tiff(tmp_path / "a.tif", stack([[SOIL]]) + 1000, scales=[1e-4] * 5, offsets=[-0.1] * 5)
        assert seen(path, rect(EAST, NORTH + 30, 10, 10))["ndvi"].iloc[0] == pytest.approx(
            ndvi(SOIL), abs=1e-6
        )

    def test_below_zero_is_zero(self, tmp_path):
        """NDVI of 1 beside one of 0: one half, and not the mean of 3 and 0."""
        path = tiff(
            tmp_path / "a.tif", stack([[(10, 10, -50, 100, 20), (10, 10, 70, 70, 20)]]), dtype="int16"
        )
        assert seen(path, rect(EAST, NORTH + 30, 20, 10))["ndvi"].iloc[0] == pytest.approx(0.5)


class TestBands:
    def test_what_they_tell(self):
        assert indices_told(ROLES) == ("ndvi", "ndbi", "bsi")
        assert classes_told(ROLES) == CLASSES
        assert indices_told({"red", "green", "blue"}) == ()
        assert classes_told({"red", "green", "blue"}) == ()
        assert classes_told({"red", "nir"}) == ("vegetated",)

    def test_without_short_wave_infrared_soil_and_roofs_are_not_told(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[CROP, POND]]))
        found = seen(
            path,
            rect(EAST, NORTH + 30, 20, 10),
            bands={role: ROLES[role] for role in ("green", "red", "nir")},
        ).iloc[0]
        assert found[["built_share", "bare_share", "ndbi", "bsi"]].isna().all()
        assert found[["vegetated_share", "water_share"]].tolist() == pytest.approx([0.5, 0.5])

    def test_a_band_that_is_not_there(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[CROP, POND]]))
        with pytest.raises(Exception, match="5 bands, not nir = 9"):
            seen(path, rect(EAST, NORTH, 20, 10), bands={"red": 1, "nir": 9})

    def test_complex_numbers(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[CROP, POND]]), dtype="complex64")
        with pytest.raises(Exception, match="complex"):
            seen(path, rect(EAST, NORTH, 20, 10))


reflectances = st.lists(st.integers(0, 10_000), min_size=5, max_size=5)


class TestLaws:
    @given(st.lists(reflectances, min_size=1, max_size=9))
    def test_indices_lie_between_minus_one_and_one(self, pixels):
        bands = dict(zip(ROLES, np.array(pixels, dtype=np.float32).T, strict=True))
        for name in INDICES:
            values = index_of(name, bands)
            assert (np.isnan(values) | (np.abs(values) <= 1)).all()

    @given(st.lists(reflectances, min_size=1, max_size=9), st.sampled_from([0.0001, 0.5, 8.0]))
    def test_brightness_does_not_change_them(self, pixels, factor):
        bands = dict(zip(ROLES, np.array(pixels, dtype=np.float32).T, strict=True))
        bright = {role: band * np.float32(factor) for role, band in bands.items()}
        for name in INDICES:
            np.testing.assert_allclose(index_of(name, bands), index_of(name, bright), atol=1e-5)

    @given(st.lists(st.lists(st.integers(1, 10_000), min_size=5, max_size=5), min_size=1, max_size=9))
    def test_each_pixel_is_of_one_class(self, pixels):
        bands = dict(zip(ROLES, np.array(pixels, dtype=np.float32).T, strict=True))
        indices = {name: index_of(name, bands) for name in indices_told(ROLES)}
        classes = classes_of(bands, indices, THRESHOLDS)
        assert set(classes) == set(CLASSES)
        assert (sum(plane.astype(int) for plane in classes.values()) == 1).all()

    @given(st.lists(st.lists(st.sampled_from([SOIL, CROP, ROOF, POND, (0, 0, 0, 0, 0)]), min_size=4, max_size=4), min_size=4, max_size=4),
           st.floats(2, 38))  # fmt: skip
    def test_parts_of_a_parcel_add_up(self, tmp_path_factory, covers, cut):
        """Shares of classes sum to one; a parcel's figures are the means of its parts', by the area that is seen."""
        path = tiff(tmp_path_factory.mktemp("law") / "a.tif", stack(covers), nodata=0)
        found = seen(
            path, rect(EAST, NORTH, 40, 40), rect(EAST, NORTH, cut, 40), rect(EAST + cut, NORTH, 40 - cut, 40)
        )
        area = found["valid_share"] * [1600, cut * 40, (40 - cut) * 40]
        assert area[0] == pytest.approx(area[1] + area[2], abs=1e-3)
        for name in FIGURES[1:]:
            total = (found[name] * area).fillna(0)
            assert total[0] == pytest.approx(total[1] + total[2], abs=2e-3)
        shares = found[[f"{name}_share" for name in CLASSES]].sum(axis=1)[found["valid_share"] > 0]
        assert shares.to_numpy() == pytest.approx(1, abs=1e-5)


def look(path, parcels, *, bands=None, day=dt.date(2025, 6, 1), trusted=True, **more):
    header = read_raster(path, Source("imagery", (path,), date=day, bands=bands or ROLES))
    with opener_for(trusted=trusted, rasters=True) as opener:
        return parcel_pixels(opener, [header], parcels, RULES, shown=lambda one: one.name, **more)


def three():
    """Three parcels of 20 m × 20 m side by side on the grid of PLACE."""
    return land([rect(EAST + 20 * at, NORTH, 20, 20) for at in range(3)], parcel_id=["P1", "P2", "P3"])


class TestParcels:
    def test_a_row_a_parcel_and_image(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL] * 6] * 4))
        long, faults = look(path, three())
        assert tuple(long.columns) == COLUMNS
        assert long["parcel_id"].tolist() == ["P1", "P2", "P3"]
        assert long["imagery_on"].dtype == "datetime64[s]"
        assert long["source_file"].tolist() == ["a.tif"] * 3
        assert faults.empty

    def test_the_worker_sees_what_this_process_sees(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, CROP, ROOF, POND, (0,) * 5, SOIL]] * 4), nodata=0)
        here, _ = look(path, three())
        there, _ = look(path, three(), trusted=False)
        pd.testing.assert_frame_equal(there, here)

    @pytest.mark.parametrize("trusted", [True, False])
    def test_a_damaged_image_is_a_fault_and_no_end(self, tmp_path, trusted):
        noise = np.random.default_rng(5).integers(1, 4000, (5, 300, 300)).astype(float)
        path = tiff(
            tmp_path / "a.tif",
            noise,
            compress="deflate",
            place=Affine(10, 0, EAST - 1500, 0, -10, NORTH + 1500),
        )
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[: middle // 2] + bytes(middle) + content[middle // 2 + middle :])
        header = read_raster(path, Source("imagery", (path,), date=dt.date(2025, 6, 1), bands=ROLES))
        with opener_for(trusted=trusted, rasters=True) as opener:
            long, faults = parcel_pixels(opener, [header], three(), RULES, shown=lambda one: one.name)
        assert long.empty
        assert tuple(long.columns) == COLUMNS
        assert faults[["severity", "layer", "file"]].to_numpy().tolist() == [["fault", "imagery", "a.tif"]]
        assert "not looked at" in faults["what_en"].iloc[0]
        assert "went on without it" in faults["mend_en"].iloc[0]

    def test_one_damaged_image_does_not_silence_the_other(self, tmp_path):
        good = tiff(tmp_path / "a.tif", stack([[SOIL] * 6] * 4))
        header = read_raster(good, Source("imagery", (good,), date=dt.date(2025, 6, 1), bands=ROLES))
        gone = replace(header, path=tmp_path / "b.tif")
        with opener_for(trusted=True, rasters=True) as opener:
            long, faults = parcel_pixels(opener, [gone, header], three(), RULES, shown=lambda one: one.name)
        assert len(long) == 3
        assert faults["file"].tolist() == ["b.tif"]

    def test_all_cloud_is_a_fault(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL] * 6] * 4, [[1] * 6] * 4))
        long, faults = look(path, three(), bands=ROLES | {"cloud": 6})
        assert long["valid_share"].tolist() == [0, 0, 0]
        assert faults["severity"].tolist() == ["fault"]
        assert "云" in faults["what_zh"].iloc[0]

    def test_half_the_park_is_named_by_its_parcels(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL, SOIL, SOIL]] * 4))
        long, faults = look(path, three())
        assert long["valid_share"].tolist() == pytest.approx([1, 0.5, 0])
        assert faults["severity"].tolist() == ["note"]
        assert "1 of 3 parcels" in faults["what_en"].iloc[0]
        assert faults["what_en"].iloc[0].endswith("P3")

    def test_no_day_no_bands_and_after_the_day_of_judgement(self, tmp_path):
        path = tiff(tmp_path / "a.tif", stack([[SOIL] * 6] * 4))
        for options, word in (
            ({"day": None}, "without its day"),
            ({"bands": {"red": 3, "green": 2, "blue": 1}}, "red and nir"),
            ({"until": dt.date(2025, 5, 31)}, "after the day of judgement"),
        ):
            long, faults = look(path, three(), **options)
            assert long.empty
            assert word in faults["what_en"].iloc[0]

    def test_a_datum_without_a_published_way_is_said(self, tmp_path):
        path = tiff(
            tmp_path / "a.tif",
            stack([[SOIL] * 60] * 40),
            place=Affine(10, 0, EAST - 200, 0, -10, NORTH + 200),
            crs="EPSG:2364",
        )
        _, faults = look(path, three())
        assert any("100 m" in text for text in faults["what_en"])

    def test_the_pack_s_settings_are_used(self):
        image = RasterSource(
            Path("a.tif"), None, ROLES | {"swir2": 6, "scl": 7}, "", 1, 1, 10.0, 0.0, 0.0, 10.0, 10.0
        )
        looking = looking_at(image, RULES)
        assert looking.bands == ROLES | {"scl": 7}
        assert looking.thresholds == THRESHOLDS
        assert {3, 8, 9, 10, 11} <= set(looking.unclear_scl)


class TestWire:
    def test_shapes_come_back(self, tmp_path):
        shapes = np.array(
            [rect(0, 0, 1, 2), None, shapely.Polygon([(np.inf, 0), (1, 1), (0, 1)])], dtype=object
        )
        write_shapes(shapes, tmp_path)
        back = read_shapes(tmp_path)
        assert shapely.equals(back[0], shapes[0])
        assert [one is None for one in back] == [False, True, True]

    @pytest.mark.parametrize(
        ("name", "value"), [("ndvi", 1.5), ("built_share", -0.1), ("valid_share", np.nan), ("bsi", np.inf)]
    )
    def test_a_child_that_lies_is_not_believed(self, tmp_path, name, value):
        figures = pd.DataFrame(0.5, index=range(2), columns=list(FIGURES))
        write_figures(figures, tmp_path)
        pd.testing.assert_frame_equal(read_figures(tmp_path, 2), figures)
        with pytest.raises(ValueError, match="other rows"):
            read_figures(tmp_path, 3)
        figures.loc[1, name] = value
        write_figures(figures, tmp_path)
        with pytest.raises(ValueError, match=name):
            read_figures(tmp_path, 2)


def long_table(*rows):
    """Rows of parcel, day, share seen, NDVI, built share."""
    frame = pd.DataFrame(rows, columns=["parcel_id", "imagery_on", "valid_share", "ndvi", "built_share"])
    empty = dict.fromkeys(("ndbi", "bsi", "vegetated_share", "bare_share", "water_share"), np.nan)
    return frame.assign(
        imagery_on=pd.to_datetime(frame["imagery_on"]).astype("datetime64[s]"), source_file="a.tif", **empty
    )


def told(*rows, ids=("P1",)):
    parcels = pd.DataFrame({"parcel_id": list(ids)}, index=[10 * (at + 1) for at in range(len(ids))])
    return summarise(
        long_table(*rows), parcels, min_valid_share=0.5, change_months=12, change_common_share=0.5
    )


class TestSummary:
    def test_the_latest_image_that_saw_enough(self):
        found = told(
            ("P1", "2023-05-01", 1.0, 0.6, 0.1),
            ("P1", "2025-05-01", 0.9, 0.2, 0.7),
            ("P1", "2026-05-01", 0.3, 0.9, 0.0),
        )
        assert found.index.tolist() == [10]
        one = found.iloc[0]
        assert one["imagery_on"] == pd.Timestamp("2025-05-01")
        assert one[
            ["imagery_valid_share", "ndvi", "ndvi_change", "built_share_change"]
        ].tolist() == pytest.approx([0.9, 0.2, -0.4, 0.6])

    def test_where_none_saw_enough_the_one_that_saw_most(self):
        one = told(("P1", "2023-05-01", 0.4, 0.6, 0.1), ("P1", "2025-05-01", 0.2, 0.2, 0.7)).iloc[0]
        assert (one["imagery_valid_share"], one["ndvi"]) == (0.4, 0.6)
        assert np.isnan(one["ndvi_change"])

    def test_a_later_picture_without_infrared_hides_nothing(self):
        one = told(("P1", "2023-05-01", 1.0, 0.6, 0.1), ("P1", "2025-05-01", 1.0, np.nan, np.nan)).iloc[0]
        assert one["imagery_on"] == pd.Timestamp("2023-05-01")

    @pytest.mark.parametrize(("earlier", "change"), [("2025-05-01", 0.1), ("2025-05-02", np.nan)])
    def test_images_to_be_compared_lie_a_year_apart(self, earlier, change):
        one = told(("P1", earlier, 1.0, 0.3, 0.1), ("P1", "2026-05-01", 1.0, 0.4, 0.1)).iloc[0]
        assert one["ndvi_change"] == pytest.approx(change, nan_ok=True)

    @pytest.mark.parametrize(("share", "change"), [(0.5, 0.1), (0.49, np.nan)])
    def test_both_must_have_seen_the_same_ground(self, share, change):
        """Halves that were seen on different days are not a change."""
        one = told(("P1", "2020-05-01", share, 0.3, 0.1), ("P1", "2026-05-01", 1.0, 0.4, 0.1)).iloc[0]
        assert one["ndvi_change"] == pytest.approx(change, nan_ok=True)
        other = told(("P1", "2020-05-01", 0.7, 0.3, 0.1), ("P1", "2026-05-01", 0.7, 0.4, 0.1)).iloc[0]
        assert np.isnan(other["ndvi_change"])

    def test_each_change_against_the_earliest_image_that_has_the_figure(self):
        one = told(
            ("P1", "2020-05-01", 1.0, 0.3, np.nan),
            ("P1", "2022-05-01", 1.0, 0.5, 0.2),
            ("P1", "2026-05-01", 1.0, 0.4, 0.3),
        ).iloc[0]
        assert one[["ndvi_change", "built_share_change"]].tolist() == pytest.approx([0.1, 0.1])

    def test_two_sheets_of_one_day(self):
        one = told(("P1", "2026-05-01", 0.7, 0.3, 0.1), ("P1", "2026-05-01", 0.9, 0.4, 0.2)).iloc[0]
        assert one["ndvi"] == 0.4

    def test_parcels_without_image_and_no_image_at_all(self):
        found = told(
            ("P2", "2026-05-01", 1.0, 0.3, 0.1), ("other", "2026-05-01", 1.0, 0.3, 0.1), ids=("P1", "P2")
        )
        assert found["ndvi"].tolist() == pytest.approx([np.nan, 0.3], nan_ok=True)
        nothing = told(ids=("P1", "P2"))
        assert nothing.isna().all(axis=None)
        assert (nothing.dtypes == found.dtypes).all()

    def test_nothing_given_is_changed(self):
        long = long_table(("P1", "2026-05-01", 1.0, 0.3, 0.1))
        before = long.copy()
        summarise(
            long,
            gpd.GeoDataFrame({"parcel_id": ["P1"]}),
            min_valid_share=0.5,
            change_months=12,
            change_common_share=0.5,
        )
        pd.testing.assert_frame_equal(long, before)


@pytest.fixture(scope="module")
def seen_of_sample(sample):
    project = read_project(sample)
    with opener_for(trusted=True, rasters=True) as opener:
        intake = read_with(opener, project)
        long, faults = parcel_pixels(
            opener, intake.layers.imagery, intake.layers.parcels, RULES, shown=project.shown
        )
    assert faults.empty
    truth = json.loads((sample.parent / "truth.json").read_text(encoding="utf-8"))
    return long, intake.layers.parcels, truth


class TestSample:
    """The sample's two images against what was painted on them."""

    def test_the_largest_share_is_what_was_painted(self, seen_of_sample):
        """But where the truth's "built" is a garden or weeds around a house, and where shells stand on a site that it calls bare."""
        long, _, truth = seen_of_sample
        for day, cover in truth["land_cover"].items():
            shares = long[long["imagery_on"] == pd.Timestamp(day)].set_index("parcel_id")
            best = shares[[f"{name}_share" for name in CLASSES]].idxmax(axis=1).str.removesuffix("_share")
            painted = pd.Series(cover).reindex(best.index)
            wrong = pd.DataFrame({"painted": painted, "seen": best})[painted != best]
            assert len(best) == len(cover)
            assert len(wrong) < 0.07 * len(best)
            states = pd.Series(truth["states"]).reindex(wrong.index)
            garden = (wrong["painted"] == "built") & (wrong["seen"] == "vegetated")
            shell = (wrong["painted"] == "bare") & (wrong["seen"] == "built") & (states == "building")
            assert (garden | shell).all()

    def test_building_sites_grow_and_nothing_else_does(self, seen_of_sample):
        """Shells of what is not completed stand on the later day only."""
        long, parcels, truth = seen_of_sample
        found = summarise(long, parcels, min_valid_share=0.5, change_months=12, change_common_share=0.5)
        change = found["built_share_change"].set_axis(parcels["parcel_id"])
        states = pd.Series(truth["states"]).reindex(change.index)
        sites = states.isin(["building", "suspended"])
        assert change[sites].max() > 0.5
        assert change[~sites].abs().max() < 0.1
