"""What a terrain model says of parcels: slopes and earthworks by arithmetic, gaps, feet, turned and foreign grids, damaged files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from parkgeo.assess.ground import ground_columns, ground_gaps, ground_notes
from parkgeo.errors import InputError
from parkgeo.ingest import zonal
from parkgeo.ingest.heights import Heights, read_heights
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.terrain import COLUMNS, empty_terrain, parcel_terrain
from parkgeo.ingest.worker.levels import (
    heights_told,
    read_heights_found,
    read_metres,
    write_heights_found,
    write_metres,
)
from parkgeo.metrics.terrain import GROUND, gradients
from parkgeo.packs import load_packs
from parkgeo.project import Source
from tests.builders import CRS, l_shape, land, rect, with_hole
from tests.office import EAST, NORTH, shared_data

RULES = load_packs(["national"], Path())
CELL = 10.0
SQUARE_METRES = np.array([[1.0, 0.0, 0.0, 1.0]])
"""A unit of the grid's system is a metre."""


def model(
    path,
    heights,
    *,
    place=None,
    crs=f"EPSG:{CRS}",
    dtype="float32",
    nodata=None,
    unit=None,
    bands=1,
    **options,
):
    """Write heights, the first row on top, north of NORTH."""
    heights = np.asarray(heights, dtype=float)
    place = place or Affine(CELL, 0, EAST, 0, -CELL, NORTH + CELL * len(heights))
    with rasterio.open(
        path, "w", driver="GTiff", width=heights.shape[1], height=len(heights), count=bands, dtype=dtype, crs=crs,
        transform=place, nodata=nodata, **options,
    ) as file:  # fmt: skip
        for band in range(1, bands + 1):
            file.write(heights.astype(dtype), band)
        if unit:
            file.units = [unit] * bands
    return path


def tilt(rows, columns, *, east=0.0, north=0.0, at=0.0):
    """Heights of a plane that rises by so much a metre, at the middles of the cells."""
    x, y = (np.arange(columns) + 0.5) * CELL, (np.arange(rows)[::-1] + 0.5) * CELL
    return at + east * x[None, :] + north * y[:, None]


def look(path, parcels, *, trusted=True):
    header = read_raster(path, Source("dem", (path,)))
    with opener_for(trusted=trusted, rasters=True) as opener:
        return parcel_terrain(opener, header, parcels, RULES, shown=lambda one: one.name)


def plots(*shapes):
    return land(shapes, parcel_id=[f"P{at + 1}" for at in range(len(shapes))])


def figures(path, *shapes):
    found, _ = look(path, plots(*shapes))
    return found


class TestArithmetic:
    def test_a_tilted_plane(self, tmp_path):
        """Ten columns rise by 0.3 m each: their distances from the mean are 0.15, 0.45 … 1.35 m, twice, on six rows of 100 m²."""
        found = figures(model(tmp_path / "a.tif", tilt(6, 10, east=0.03)), rect(EAST, NORTH, 100, 60)).iloc[0]
        assert found["cells"] == pytest.approx(60)
        assert found["valid_share"] == pytest.approx(1)
        assert found["mean_m"] == pytest.approx(1.5)
        assert found["slope"] == pytest.approx(0.03, abs=1e-7)
        assert found["steep_share"] == 0
        assert found["relief_m"] == pytest.approx(2.7)
        assert found["cut_m3"] == pytest.approx(2 * (0.15 + 0.45 + 0.75 + 1.05 + 1.35) * 6 * 100 / 2)

    def test_slope_is_along_the_steepest_way(self, tmp_path):
        found = figures(
            model(tmp_path / "a.tif", tilt(12, 12, east=0.03, north=-0.04)), l_shape(EAST, NORTH, 100)
        )
        assert found["slope"].iloc[0] == pytest.approx(0.05, abs=1e-6)

    def test_a_step_is_cut_and_filled(self, tmp_path):
        """Half the parcel lies 2 m above the other: 1 m is cut from 5 000 m² and filled on as much."""
        heights = np.where(np.arange(10) < 5, 1.0, 3.0)[None, :].repeat(10, axis=0)
        found = figures(model(tmp_path / "a.tif", heights), rect(EAST, NORTH, 100, 100)).iloc[0]
        assert found["cut_m3"] == pytest.approx(5000)
        assert found["steep_share"] == pytest.approx(0.2)
        assert found["slope"] == pytest.approx(0.02)

    def test_cells_count_by_the_share_that_lies_on_the_parcel(self, tmp_path):
        """15 m of width over cells at 0 and 3 m: mean 1, and 2 m are cut from 50 m²."""
        path = model(tmp_path / "a.tif", [[0.0, 3.0]])
        found = figures(path, rect(EAST, NORTH, 15, 10)).iloc[0]
        assert found["cells"] == pytest.approx(1.5)
        assert found["mean_m"] == pytest.approx(1)
        assert found["cut_m3"] == pytest.approx(2 * 50)
        assert found["relief_m"] == pytest.approx(3)

    def test_a_hole_is_no_ground(self, tmp_path):
        heights = np.zeros((10, 10))
        heights[4:6, 4:6] = 50.0
        found = figures(model(tmp_path / "a.tif", heights), with_hole(EAST, NORTH, 100, 20)).iloc[0]
        assert found["cells"] == pytest.approx(96)
        assert found["relief_m"] == 0
        assert found["cut_m3"] == pytest.approx(0)

    def test_level_ground_needs_no_earthworks(self, tmp_path):
        found = figures(model(tmp_path / "a.tif", np.full((10, 10), 7.5)), rect(EAST, NORTH, 100, 100)).iloc[
            0
        ]
        assert found[["slope", "steep_share", "relief_m", "cut_m3"]].tolist() == [0, 0, 0, 0]

    def test_gradients_at_the_edge_and_beside_nothing(self):
        heights = np.array([[0.0, 1.0, 2.0], [0.0, 1.0, np.nan], [0.0, 1.0, 2.0]])
        east, south = gradients(heights)
        assert east[1].tolist() == pytest.approx([1, 1, np.nan], nan_ok=True)
        assert south[0].tolist() == pytest.approx([0, 0, np.nan], nan_ok=True)
        assert np.isnan(gradients(np.array([[5.0]]))[0]).all()


class TestGrids:
    def test_a_turned_grid(self, tmp_path):
        """The same plane sampled on a grid turned by 30°."""
        place = Affine.translation(EAST - 100, NORTH) @ Affine.rotation(30) @ Affine.scale(10, -10)
        rows, columns = np.mgrid[-30:30, 0:60]
        x = place.a * (columns + 0.5) + place.b * (rows + 0.5) + place.c
        place = place @ Affine.translation(0, -30)
        path = model(tmp_path / "a.tif", (x - EAST) * 0.03, place=place)
        found = figures(path, rect(EAST, NORTH, 100, 60)).iloc[0]
        assert found["valid_share"] == pytest.approx(1)
        assert found["slope"] == pytest.approx(0.03, rel=1e-4)
        assert found["cut_m3"] == pytest.approx(100 * 60 * 0.03 * 25 / 2, rel=0.01)

    def test_web_mercator_is_measured_on_the_ground(self, tmp_path):
        """At 30.7° north its metres are 1.16 times too long: the slope is that of the ground all the same."""
        to_web = Transformer.from_crs(CRS, 3857, always_xy=True)
        back = Transformer.from_crs(3857, CRS, always_xy=True)
        west, south = to_web.transform(EAST - 50, NORTH - 50)
        place = Affine(10, 0, west, 0, -10, south + 400)
        rows, columns = np.mgrid[0:40, 0:40]
        x, _ = back.transform(west + 10 * (columns + 0.5), south + 400 - 10 * (rows + 0.5))
        path = model(tmp_path / "a.tif", (x - EAST) * 0.03, place=place, crs="EPSG:3857", dtype="float64")
        found = figures(path, rect(EAST, NORTH, 100, 100)).iloc[0]
        assert found["slope"] == pytest.approx(0.03, rel=2e-4)
        assert found["cut_m3"] == pytest.approx(100 * 100 * 0.03 * 25 / 2, rel=0.01)

    def test_survey_feet_on_the_ground_and_in_height(self, tmp_path):
        """New York's system in feet, heights in feet: a rise of 3 feet in 100 is one of 3 m in 100."""
        crs = 32618
        to_feet = Transformer.from_crs(crs, 2263, always_xy=True)
        x0, y0 = Transformer.from_crs(4326, crs, always_xy=True).transform(-73.95, 40.75)
        west, south = to_feet.transform(x0 - 50, y0 - 50)
        x = (np.arange(60) + 0.5) * 30
        path = model(
            tmp_path / "a.tif", np.tile(x * 0.03, (60, 1)), place=Affine(30, 0, west, 0, -30, south + 1800),
            crs="EPSG:2263", dtype="float64", unit="US survey foot",
        )  # fmt: skip
        parcels = gpd.GeoDataFrame({"parcel_id": ["P1"]}, geometry=[rect(x0, y0, 100, 100)], crs=crs)
        found, faults = look(path, parcels)
        assert found["slope"].iloc[0] == pytest.approx(0.03, rel=1e-3)
        assert found["cut_m3"].iloc[0] == pytest.approx(100 * 100 * 0.03 * 25 / 2, rel=0.02)
        assert "feet (us-ft)" in faults["what_en"].iloc[0]

    def test_a_parcel_of_several_strips_is_whole(self, tmp_path, monkeypatch):
        rng = np.random.default_rng(4)
        path = model(tmp_path / "a.tif", rng.uniform(0, 5, (12, 8)), blockysize=1)
        shapes = [l_shape(EAST + 3, NORTH + 5, 50), rect(EAST, NORTH, 80, 120), rect(EAST + 5, NORTH, 8, 8)]
        whole = figures(path, *shapes)
        monkeypatch.setattr(zonal, "_PIXELS_A_STRIP", 8)
        pd.testing.assert_frame_equal(figures(path, *shapes), whole)
        assert (whole["cut_m3"].iloc[:2] > 0).all()

    @given(
        st.lists(st.lists(st.floats(-50, 200), min_size=6, max_size=6), min_size=6, max_size=6),
        st.floats(-100, 1000),
        st.floats(0.1, 10),
        st.integers(1, 5),
    )
    @settings(max_examples=25, deadline=None)
    def test_laws(self, tmp_path_factory, heights, lift, factor, cut):
        """Lifting changes the mean only; heights times k have slopes times k; earthworks are at most a quarter of area × relief."""
        folder, grid = tmp_path_factory.mktemp("law"), np.array(heights)
        left, right = rect(EAST, NORTH, 10 * cut, 60), rect(EAST + 10 * cut, NORTH, 60 - 10 * cut, 60)
        shapes = rect(EAST, NORTH, 60, 60), left, right
        plain, lifted, scaled = (
            figures(model(folder / name, values, dtype="float64"), *shapes)
            for name, values in (("a.tif", grid), ("b.tif", grid + lift), ("c.tif", grid * factor))
        )
        scale = max(1.0, float(np.abs(grid).max()))
        for name in ("slope", "relief_m", "cut_m3"):
            one = scale * (1800 if name == "cut_m3" else 1)
            assert lifted[name].tolist() == pytest.approx(
                plain[name].tolist(), abs=1e-9 * (one + 1000 * 1800)
            )
            assert scaled[name].tolist() == pytest.approx(
                (plain[name] * factor).tolist(), abs=1e-9 * one * 10
            )
        assert lifted["mean_m"].tolist() == pytest.approx((plain["mean_m"] + lift).tolist(), abs=1e-6)
        assert plain["cells"].iloc[0] == pytest.approx(plain["cells"].iloc[1:].sum())
        assert (plain["cut_m3"] <= plain["relief_m"] * plain["cells"] * 100 / 4 + 1e-6 * scale).all()


class TestGapsInTheModel:
    @pytest.mark.parametrize(
        ("nodata", "hole", "dtype"),
        [
            (-9999.0, -9999.0, "float32"),
            (np.nan, np.nan, "float32"),
            (None, np.nan, "float32"),
            (-32768, -32768, "int16"),
        ],
    )
    def test_what_has_no_value_is_no_ground(self, tmp_path, nodata, hole, dtype):
        heights = np.full((10, 10), 4.0)
        heights[:, 8:] = hole
        path = model(tmp_path / "a.tif", heights, nodata=nodata, dtype=dtype)
        found, faults = look(path, plots(rect(EAST, NORTH, 100, 100)))
        one = found.iloc[0]
        assert one["valid_share"] == pytest.approx(0.8)
        assert one[["mean_m", "slope", "relief_m", "cut_m3"]].tolist() == [4, 0, 0, 0]
        assert set(faults["severity"]) == {"note"}

    @pytest.mark.parametrize("mark", [-9999.0, -32768.0, 65535.0, 3.4e38])
    def test_an_undeclared_mark_for_no_value_is_no_height(self, tmp_path, mark):
        heights = np.full((10, 10), 4.0)
        heights[0, :3] = mark
        found, faults = look(model(tmp_path / "a.tif", heights), plots(rect(EAST, NORTH, 100, 100)))
        assert found["relief_m"].iloc[0] == 0
        assert found["valid_share"].iloc[0] == pytest.approx(0.97)
        told = faults[faults["severity"] == "fault"]
        assert "3 cells" in told["what_en"].iloc[0]

    def test_half_the_park(self, tmp_path):
        path = model(tmp_path / "a.tif", np.zeros((10, 15)))
        parcels = plots(*(rect(EAST + 100 * at, NORTH, 100, 100) for at in range(3)))
        found, faults = look(path, parcels)
        assert found["valid_share"].tolist() == pytest.approx([1, 0.5, 0])
        columns = ground_columns(found, parcels, RULES)
        assert columns["levelled_ground"].tolist() == ["yes", "undetermined", "undetermined"]
        assert columns["cut_fill_m3"].isna().tolist() == [False, True, True]
        gaps = pd.concat(ground_gaps(columns, found, parcels, RULES))
        assert set(gaps["parcel_id"]) == {"P2", "P3"}
        assert "less than 90 %" in gaps["ask_en"].iloc[0]
        assert "2 of 3 parcels" in " ".join(faults["what_en"])

    def test_a_parcel_of_fewer_than_nine_cells_is_not_judged(self, tmp_path):
        parcels = plots(rect(EAST, NORTH, 30, 29), rect(EAST + 40, NORTH, 30, 30))
        found, _ = look(model(tmp_path / "a.tif", tilt(10, 10, east=0.2)), parcels)
        columns = ground_columns(found, parcels, RULES)
        assert columns["levelled_ground"].tolist() == ["undetermined", "no"]
        assert columns["ground_slope"].tolist() == pytest.approx([np.nan, 0.2], nan_ok=True)
        (gap,) = ground_gaps(columns, found, parcels, RULES)
        assert set(gap["parcel_id"]) == {"P1"}
        assert "Fewer than 9 cells" in gap["ask_en"].iloc[0]

    def test_elsewhere(self, tmp_path):
        path = model(tmp_path / "a.tif", np.zeros((10, 10)), place=Affine(10, 0, EAST + 9000, 0, -10, NORTH))
        found, faults = look(path, plots(rect(EAST, NORTH, 100, 100)))
        assert found["valid_share"].tolist() == [0]
        assert (
            faults.loc[faults["severity"] == "fault", "what_en"]
            .str.contains("no height for any parcel")
            .all()
        )

    def test_no_parcel_and_a_parcel_nowhere(self, tmp_path):
        path = model(tmp_path / "a.tif", np.zeros((10, 10)))
        assert figures(path).empty
        shapes = np.array([None, shapely.Polygon(), rect(EAST, NORTH, 50, 50)], dtype=object)
        found = read_heights(path, shapes, SQUARE_METRES.repeat(3, axis=0), 0.05).figures
        assert found["cells"].tolist() == pytest.approx([0, 0, 25])
        assert found[["mean_m", "slope", "cut_m3"]].isna().all(axis=1).tolist() == [True, True, False]


class TestFiles:
    def test_no_model_at_all(self):
        with opener_for(trusted=True, rasters=False) as opener:
            found, faults = parcel_terrain(opener, None, plots(rect(0, 0, 9, 9)), RULES)
        assert found is None
        assert faults.empty

    def test_the_unit_is_said(self, tmp_path):
        heights = tilt(10, 10, east=0.03)
        shape = plots(rect(EAST, NORTH, 100, 100))
        metres, told = look(model(tmp_path / "a.tif", heights, unit="m"), shape)
        assert told.empty
        feet, told = look(model(tmp_path / "b.tif", heights, unit="ft"), shape)
        assert feet["slope"].iloc[0] == pytest.approx(metres["slope"].iloc[0] * 0.3048)
        assert told["severity"].tolist() == ["note"]
        _, told = look(model(tmp_path / "c.tif", heights), shape)
        assert "metres are assumed" in told["what_en"].iloc[0]
        assert "米" in told["what_zh"].iloc[0]

    @pytest.mark.parametrize("trusted", [True, False])
    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ({"unit": "fathom"}, "fathom"),
            ({"bands": 3, "dtype": "uint8"}, "3 bands"),
            ({"dtype": "complex64"}, "complex"),
        ],
    )
    def test_what_is_no_terrain_is_a_fault_and_no_end(self, tmp_path, trusted, options, why):
        parcels = plots(rect(EAST, NORTH, 100, 100))
        found, faults = look(
            model(tmp_path / "a.tif", np.ones((10, 10)), **options), parcels, trusted=trusted
        )
        assert tuple(found.columns) == COLUMNS
        assert found.empty
        assert faults[["severity", "layer", "file"]].to_numpy().tolist() == [["fault", "dem", "a.tif"]]
        assert why in faults["what_en"].iloc[0]
        columns = ground_columns(found, parcels, RULES)
        assert columns["levelled_ground"].tolist() == ["undetermined"]
        (gap,) = ground_gaps(columns, found, parcels, RULES)
        assert gap["parcel_id"].isna().all()

    @pytest.mark.parametrize("trusted", [True, False])
    def test_a_damaged_file(self, tmp_path, trusted):
        noise = np.random.default_rng(5).uniform(0, 50, (300, 300))
        path = model(tmp_path / "a.tif", noise, compress="deflate")
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[: middle // 2] + bytes(middle) + content[middle // 2 + middle :])
        found, faults = look(path, plots(rect(EAST, NORTH, 2000, 2000)), trusted=trusted)
        assert found.empty
        assert "not used" in faults["what_en"].iloc[0]

    def test_a_file_that_is_gone(self, tmp_path):
        header = read_raster(
            model(tmp_path / "a.tif", np.zeros((4, 4))), Source("dem", (tmp_path / "a.tif",))
        )
        with opener_for(trusted=True, rasters=True) as opener:
            found, faults = parcel_terrain(
                opener, replace(header, path=tmp_path / "b.tif"), plots(rect(EAST, NORTH, 9, 9)), RULES
            )
        assert found.empty
        assert faults["severity"].tolist() == ["fault"]

    def test_the_worker_sees_what_this_process_sees(self, tmp_path):
        rng = np.random.default_rng(8)
        heights = rng.uniform(0, 20, (30, 30))
        heights[3:6, 4:9] = -9999
        heights[20, 20] = 1e9
        path = model(tmp_path / "a.tif", heights, nodata=-9999, unit="ft")
        parcels = plots(l_shape(EAST, NORTH, 200), rect(EAST + 150, NORTH + 50, 140, 77), rect(0, 0, 5, 5))
        here, told = look(path, parcels)
        there, told_there = look(path, parcels, trusted=False)
        pd.testing.assert_frame_equal(there, here)
        pd.testing.assert_frame_equal(told_there, told)

    def test_the_wire_gives_back_what_went_in_and_refuses_the_rest(self, tmp_path):
        write_metres(SQUARE_METRES, tmp_path)
        assert read_metres(tmp_path).tolist() == SQUARE_METRES.tolist()
        row = dict(zip(GROUND, (9.0, 1.0, 5.0, 0.1, 0.2, 3.0, 40.0), strict=True))
        found = Heights(
            pd.DataFrame([row, dict.fromkeys(GROUND, np.nan) | {"cells": 0.0, "valid_share": 0.0}]), "ft", 2
        )
        write_heights_found(found, tmp_path)
        again = read_heights_found(heights_told(found), tmp_path, 2)
        pd.testing.assert_frame_equal(again.figures, found.figures)
        assert (again.unit, again.absurd) == ("ft", 2)
        for told in ({"unit": "fathom", "absurd": 0}, {"unit": "m", "absurd": -1}):
            with pytest.raises(ValueError, match="unit"):
                read_heights_found(told, tmp_path, 2)
        for name, value in (
            ("slope", -1.0),
            ("valid_share", 1.5),
            ("valid_share", np.nan),
            ("mean_m", 1e6),
            ("cut_m3", np.inf),
        ):
            write_heights_found(replace(found, figures=pd.DataFrame([row | {name: value}])), tmp_path)
            with pytest.raises(ValueError, match=f"{name} out of bounds"):
                read_heights_found({"unit": "", "absurd": 0}, tmp_path, 1)
        with pytest.raises(ValueError, match="other rows"):
            read_heights_found({"unit": "", "absurd": 0}, tmp_path, 3)

    def test_not_a_raster(self, tmp_path):
        (tmp_path / "a.tif").write_text("no raster", encoding="utf-8")
        with pytest.raises(InputError, match="heights cannot be read"):
            read_heights(tmp_path / "a.tif", np.array([rect(0, 0, 1, 1)], dtype=object), SQUARE_METRES, 0.05)


class TestLevelled:
    def test_the_register_says_otherwise(self):
        """Slopes of 2, 2, 20, 20 and no figure; levelled by the register: yes, no, yes, no, yes."""
        terrain = pd.DataFrame({name: [1.0] * 4 for name in GROUND}).assign(
            parcel_id=["P1", "P2", "P3", "P4"], slope=[0.02, 0.02, 0.2, 0.2], cells=100.0, valid_share=1.0
        )
        parcels = plots(*(rect(10 * at, 0, 9, 9) for at in range(5))).assign(
            levelled=pd.array([True, False, True, False, True], dtype="boolean")
        )
        columns = ground_columns(terrain.iloc[::-1], parcels, RULES)
        assert columns["levelled_ground"].tolist() == ["yes", "yes", "no", "no", "undetermined"]
        notes = {lang: texts.to_pylist() for lang, texts in ground_notes(columns, parcels, RULES).items()}
        assert [text is not None for text in notes["en"]] == [False, True, True, False, False]
        assert "is levelled; by the terrain model its mean slope is 20 %" in notes["en"][2]
        assert "20" in notes["zh"][2]
        assert "levelled" not in notes["zh"][2]

    def test_without_a_model_nothing_is_known(self):
        parcels = plots(rect(0, 0, 9, 9))
        for terrain in (None, empty_terrain()):
            columns = ground_columns(terrain, parcels, RULES)
            assert columns["levelled_ground"].tolist() == ["undetermined"]
            assert columns.drop(columns="levelled_ground").isna().all(axis=None)
        assert ground_gaps(columns, None, parcels, RULES) == []


@pytest.mark.skipif(
    not (shared_data() / "sao_miguel").is_dir(),
    reason="the real data of São Miguel are not beside the checkout",
)
class TestSaoMiguel:
    """A terrain model in degrees, against sums over its cells that share nothing with parkgeo but the file."""

    UTM = 32626

    def test_means_of_the_municipalities(self):
        folder = shared_data() / "sao_miguel"
        towns = gpd.read_file(folder / "concelhos.gpkg")
        reference = pd.read_csv(folder / "ref_exactextract_dem.csv").set_index("name")
        name = next(column for column in towns if towns[column].isin(reference.index).all())
        parcels = towns[[name, "geometry"]].rename(columns={name: "parcel_id"}).to_crs(self.UTM)
        found, _ = look(folder / "eu_dem_v11.tif", parcels)
        found = found.set_index("parcel_id").loc[reference.index]
        assert found["mean_m"].to_numpy() == pytest.approx(reference["mean"].to_numpy(), rel=1e-4)
        assert found["cells"].to_numpy() == pytest.approx(reference["count"].to_numpy(), rel=1e-4)

    def test_slope_and_earthworks_of_squares(self):
        path = shared_data() / "sao_miguel" / "eu_dem_v11.tif"
        corners = Transformer.from_crs(4326, self.UTM, always_xy=True).transform(
            [-25.75, -25.6, -25.45, -25.3], [37.83, 37.77, 37.76, 37.79]
        )
        squares = [rect(x, y, 3000, 2500) for x, y in zip(*corners, strict=True)]
        parcels = gpd.GeoDataFrame({"parcel_id": list("abcd")}, geometry=squares, crs=self.UTM)
        found, _ = look(path, parcels)
        expected = pd.DataFrame([self.by_hand(path, square) for square in squares])
        for column in expected:
            assert found[column].to_numpy() == pytest.approx(expected[column].to_numpy(), rel=1e-4), column
        assert (found["slope"] > 0.05).any()

    def by_hand(self, path, square):
        """Each cell near the square as a polygon, its share by intersection, its size and slope in metres at its own place."""
        to_utm = Transformer.from_crs(4326, self.UTM, always_xy=True)
        back = Transformer.from_crs(self.UTM, 4326, always_xy=True)
        outline = shapely.transform(square, lambda xy: np.column_stack(back.transform(*xy.T)))
        with rasterio.open(path) as file:
            grid, size, (left, top) = (
                file.read(1).astype(float),
                file.res,
                (file.bounds.left, file.bounds.top),
            )
        west, south, east, north = outline.bounds
        sums = np.zeros(4)
        seen = []
        for row in range(int((top - north) / size[1]), int((top - south) / size[1]) + 1):
            for column in range(int((west - left) / size[0]), int((east - left) / size[0]) + 1):
                x, y = left + column * size[0], top - (row + 1) * size[1]
                share = shapely.box(x, y, x + size[0], y + size[1]).intersection(outline).area / (
                    size[0] * size[1]
                )
                if share <= 0:
                    continue
                a, b, c, d, height, f, g, h, i = grid[row - 1 : row + 2, column - 1 : column + 2].ravel()
                lon, lat = x + size[0] / 2, y + size[1] / 2
                ends = np.array(to_utm.transform([lon - size[0] / 2, lon + size[0] / 2, lon, lon], [lat, lat, lat - size[1] / 2, lat + size[1] / 2]))  # fmt: skip
                step = np.column_stack([ends[:, 1] - ends[:, 0], ends[:, 3] - ends[:, 2]])
                rise = np.array([(c + 2 * f + i - a - 2 * d - g) / 8, (a + 2 * b + c - g - 2 * h - i) / 8])
                slope = np.linalg.norm(np.linalg.solve(step.T, rise))
                sums += share * np.array([1, height, slope, slope > 0.05])
                seen.append((share * abs(np.linalg.det(step)), height))
        area, height = np.array(seen).T
        mean = sums[1] / sums[0]
        return {
            "cells": sums[0], "mean_m": mean, "slope": sums[2] / sums[0], "steep_share": sums[3] / sums[0],
            "cut_m3": float((area * np.abs(height - mean)).sum()) / 2,
        }  # fmt: skip
