"""Headers of rasters: where they lie, how large a pixel is, and what cannot be used."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.transform import Affine

from parkgeo.errors import InputError
from parkgeo.ingest import rasters, read_layers
from parkgeo.ingest.formats import companions
from parkgeo.ingest.rasters import read_raster
from parkgeo.pipeline import run_project
from parkgeo.project import Source, read_project
from tests.office import EAST, NORTH, faults, layer, parcels, project, shared_data, write

NORTH_UP = Affine(2, 0, EAST, 0, -3, NORTH)


def tiff(path, transform=NORTH_UP, *, crs="EPSG:4528", count=2, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of files that lie nowhere
        with rasterio.open(
            path, "w", driver="GTiff", width=10, height=20, count=count, dtype="uint8", crs=crs, transform=transform, **more
        ) as file:  # fmt: skip
            file.write(np.ones((count, 20, 10), dtype=np.uint8))
    return path


def header(path, **bands):
    return read_raster(path, Source("imagery", (path,), bands=bands))


def test_a_pixel_and_the_edges_by_hand(tmp_path):
    """Pixels of 2 m × 3 m are as large as squares of √6 m; ten by twenty of them are 20 m × 60 m."""
    found = header(tiff(tmp_path / "a.tif"), red=2)
    assert found.pixel_m == pytest.approx(6**0.5)
    assert (found.left, found.bottom, found.right, found.top) == (EAST, NORTH - 60, EAST + 20, NORTH)


@pytest.mark.parametrize("degrees", [30, 90, 180])
def test_a_turned_raster_has_pixels_of_the_same_size(tmp_path, degrees):
    turn = np.radians(degrees)
    turned = Affine(2 * np.cos(turn), 3 * np.sin(turn), EAST, 2 * np.sin(turn), -3 * np.cos(turn), NORTH)
    assert header(tiff(tmp_path / "a.tif", turned)).pixel_m == pytest.approx(6**0.5)


@pytest.mark.parametrize(("latitude", "metres"), [(0, 110_946), (60, 78_451)])
def test_degrees_are_metres_by_their_latitude(tmp_path, latitude, metres):
    """A degree is 111.320 km × 110.574 km on the equator; at 60° half as wide."""
    place = Affine(1e-5, 0, 120, 0, -1e-5, latitude + 1e-4)
    assert header(tiff(tmp_path / "a.tif", place, crs="EPSG:4490")).pixel_m == pytest.approx(
        metres * 1e-5, rel=1e-4
    )


def test_feet_are_metres(tmp_path):
    found = header(tiff(tmp_path / "a.tif", Affine(10, 0, 0, 0, -10, 0), crs="EPSG:2263"))
    assert found.pixel_m == pytest.approx(10 * 1200 / 3937)


def test_a_world_file_places_a_raster_that_does_not_place_itself(tmp_path):
    """It names the middle of the first pixel."""
    path = tiff(tmp_path / "a.tif", Affine.identity())
    with pytest.raises(InputError, match="it lies nowhere"):
        header(path)
    (tmp_path / "a.tfw").write_text(f"2\n0\n0\n-3\n{EAST + 1}\n{NORTH - 1.5}\n", encoding="ascii")
    assert set(companions(path)) == {".tif", ".tfw"}
    found = header(path)
    assert (found.left, found.top, found.right, found.bottom) == (EAST, NORTH, EAST + 20, NORTH - 60)
    (tmp_path / "a.tfw").write_text("2\n0\nx\n", encoding="ascii")
    if rasterio.open(path).transform.is_identity:
        with pytest.raises(InputError, match="does not hold six numbers"):
            header(path)


def test_control_points_alone_do_not_place_a_raster(tmp_path):
    points = [GroundControlPoint(row, col, EAST + col, NORTH - row) for row in (0, 20) for col in (0, 10)]
    path = tiff(tmp_path / "a.tif", None, crs="EPSG:4528", gcps=points)
    with pytest.raises(InputError, match=r"placed by 4 control points only.*rectify it"):
        header(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"<VRTDataset rasterXSize='9'/>", b"<GDAL_WMS/>", b"<MRF_META/>", b"II*\0nonsense"],
)
def test_what_is_no_geotiff(tmp_path, content):
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(InputError):
        header(tmp_path / "a.tif")


def test_no_system_and_no_such_band_are_named(tmp_path):
    with pytest.raises(InputError, match="no coordinate system"):
        header(tiff(tmp_path / "a.tif", crs=None))
    with pytest.raises(InputError, match="it has 2 bands, not nir = 3"):
        header(tiff(tmp_path / "b.tif"), nir=3)


def test_a_small_file_that_asks_for_much_memory_is_refused(tmp_path, monkeypatch):
    """A blank file of 20 × 10 pixels stands for one of a million: the bound is moved, not the file."""
    path = tiff(tmp_path / "a.tif")
    monkeypatch.setattr(rasters, "_FREE_BYTES", 100)
    monkeypatch.setattr(rasters, "_MOST_RATIO", 0.01)
    with pytest.raises(InputError, match="10 × 20 pixels of 2 bands are"):
        header(path)


@pytest.mark.skipif(not shared_data().is_dir(), reason="no shared data beside the checkout")
@pytest.mark.parametrize(
    ("name", "size", "pixel_m"),
    [
        ("rasters/riotiler_cog_nodata_nan.tif", (549, 549), 200), ("rasters/s2a_l2a_fishbourne.tif", (301, 201), 10),
        ("rasters/titiler_dem.tif", (400, 400), 2.5), ("rasters/riotiler_cog_gcps.tif", None, None),
    ],
)  # fmt: skip
def test_real_rasters(name, size, pixel_m):
    if size is None:
        with pytest.raises(InputError, match="placed by 210 control points only"):
            header(shared_data() / name)
        return
    found = header(shared_data() / name)
    assert (found.width, found.height) == size
    assert found.pixel_m == pytest.approx(pixel_m)


class TestAnalysisWithoutARaster:
    """Images and terrain are evidence, no condition: what cannot be used is a fault, and the parcels are judged all the same."""

    @staticmethod
    def office(folder, *rasters):
        write(parcels(3), folder / "p.gpkg")
        return read_project(project(folder, "\n".join([layer("parcels", "p.gpkg"), *rasters])))

    @staticmethod
    def image(name, day="2026-05-01", bands="{ red = 1, nir = 2 }"):
        named = f"bands = {bands}\n" if bands else ""
        return f"[[layers.imagery]]\npath = '{name}'\ndate = {day}\n{named}"

    @staticmethod
    def spoil(folder, kind):
        path = folder / "a.tif"
        if kind == "corrupt":
            path.write_bytes(b"II*\0" + bytes(2000))
        elif kind == "no tiff":
            path.write_text("an image", encoding="utf-8")
        else:
            east = EAST + (50_000 if kind == "far" else 0)
            tiff(path, Affine(10, 0, east, 0, -10, NORTH + 400), count=1 if kind == "one band" else 2)

    @pytest.mark.parametrize("trusted", [True, False])
    @pytest.mark.parametrize("kind", ["corrupt", "no tiff", "one band", "far"])
    def test_an_image_that_cannot_be_used(self, tmp_path, kind, trusted):
        self.spoil(tmp_path, kind)
        given = self.office(tmp_path, self.image("a.tif"))
        intake = read_layers(given, trusted=trusted)
        assert not intake.clean
        run = run_project(given, tmp_path / "ws", trusted=trusted)
        assert not run.clean
        for table in (intake.account["faults"], run.snapshot.read("faults")):
            row = table[table["layer"] == "imagery"].iloc[0]
            assert (row["severity"], row["file"]) == ("fault", "a.tif")
            assert "not used" in row["what_en"]
            assert "went on without it" in row["mend_en"]
        seen = run.snapshot.read("parcels")
        assert seen["evidence_imagery"].tolist() == ["cannot_say"] * 3
        lines = run.snapshot.read("evidence_lines")
        assert lines.loc[lines["line"] == "imagery", "note_en"].str.contains("could not be used").all()

    @pytest.mark.parametrize("kind", ["corrupt", "no tiff", "far"])
    def test_terrain_that_cannot_be_used(self, tmp_path, kind):
        self.spoil(tmp_path, kind)
        intake = read_layers(self.office(tmp_path, layer("dem", "a.tif")), trusted=True)
        assert len(intake.layers.parcels) == 3
        assert intake.layers.dem is None
        assert any("not used" in text for text in faults(intake))

    def test_one_spoiled_image_does_not_silence_the_other(self, tmp_path):
        self.spoil(tmp_path, "corrupt")
        tiff(tmp_path / "b.tif", Affine(10, 0, EAST - 100, 0, -10, NORTH + 400))
        given = self.office(tmp_path, self.image("a.tif"), self.image("b.tif"))
        assert [one.path.name for one in read_layers(given, trusted=True).layers.imagery] == ["b.tif"]

    @pytest.mark.parametrize(
        ("day", "bands", "severity", "note"),
        [
            ("2027-05-01", "{ red = 1, nir = 2 }", "note", "after the day of judgement"),
            ("2026-05-01", "", "fault", "is not named"),
        ],
    )
    def test_an_image_that_is_not_looked_at(self, tmp_path, day, bands, severity, note):
        self.spoil(tmp_path, "well")
        run = run_project(
            self.office(tmp_path, self.image("a.tif", day, bands)), tmp_path / "ws", trusted=True
        )
        table = run.snapshot.read("faults")
        assert table.loc[table["file"] == "a.tif", "severity"].tolist() == [severity]
        lines = run.snapshot.read("evidence_lines")
        assert lines.loc[lines["line"] == "imagery", "note_en"].str.contains(note).all()
        gaps = run.snapshot.read("gaps")
        assert "No image can be used" in gaps.loc[gaps["field"] == "imagery_valid_share", "ask_en"].iloc[0]

    def test_parcels_that_the_image_does_not_show_are_asked_for(self, tmp_path):
        """Three parcels of 100 m in a row; the image ends 30 m within the second."""
        with rasterio.open(
            tmp_path / "a.tif", "w", driver="GTiff", width=30, height=60, count=2, dtype="uint16", crs="EPSG:4528",
            transform=Affine(10, 0, EAST - 170, 0, -10, NORTH + 300),
        ) as file:  # fmt: skip
            file.write(np.full((2, 60, 30), 1500, dtype="uint16"))
        run = run_project(self.office(tmp_path, self.image("a.tif")), tmp_path / "ws", trusted=True)
        share = run.snapshot.read("parcels")["imagery_valid_share"]
        assert share.tolist() == pytest.approx([1, 0.3, 0])
        gaps = run.snapshot.read("gaps")
        gaps = gaps[gaps["field"] == "imagery_valid_share"]
        assert gaps["parcel_id"].tolist() == ["P2", "P3"]
        assert gaps["ask_en"].str.contains("give another of a clear day").all()
