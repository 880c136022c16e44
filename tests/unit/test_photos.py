"""Photos of parcels: which parcel each shows, what is sent of it, and that no id leads out of the folder."""

import io
import json

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from pyproj import Transformer
from shapely import box

from parkgeo.errors import InputError
from parkgeo.store import photos
from parkgeo.store.photo_places import Doubt, parcel_seen, take_photos
from parkgeo.store.photos import Seen, fit_photo, folder_name, photos_of, see_photo

CRS = "EPSG:4549"
WEST, SOUTH = 497_000.0, 3_512_000.0
BACK = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


@pytest.fixture(scope="module")
def parcels():
    """Two parcels of 100 m side by side with a street of 20 m between them, and one that lies over the second."""
    shapes = [
        box(WEST, SOUTH, WEST + 100, SOUTH + 100),
        box(WEST + 120, SOUTH, WEST + 220, SOUTH + 100),
        box(WEST + 200, SOUTH, WEST + 300, SOUTH + 100),
    ]
    return gpd.GeoDataFrame({"parcel_id": ["A", "B/1", "C"]}, geometry=shapes, crs=CRS)


def at(east, north, direction=None):
    return Seen(direction=direction, place=BACK.transform(WEST + east, SOUTH + north))


def sexagesimal(value):
    degrees = int(value)
    minutes = int((value - degrees) * 60)
    return degrees, minutes, round(((value - degrees) * 60 - minutes) * 60, 5)


def shot(path, *, seen=None, turn=1, size=(60, 40), colour="#884422"):
    """A JPEG whose upper left corner is white, with metadata as a telephone writes them."""
    picture = Image.new("RGB", size, colour)
    picture.paste("white", (0, 0, size[0] // 4, size[1] // 4))
    told = Image.Exif()
    told[0x010F], told[0x0112] = "Maker-of-the-camera", turn
    told.get_ifd(0x8769)[0x9003] = "2026:06:20 10:11:12"
    if seen is not None and seen.place is not None:
        gps = told.get_ifd(0x8825)
        gps.update({1: "N", 2: sexagesimal(seen.place[1]), 3: "E", 4: sexagesimal(seen.place[0])})
        if seen.direction is not None:
            gps.update({16: "T", 17: seen.direction})
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, exif=told)
    return path


@pytest.mark.parametrize(
    ("seen", "parcel"),
    [
        (at(50, 50, 270.0), "A"),  # whithersoever it looks: it was taken there
        (at(110, 50, 90.0), "B/1"),
        (at(110, 50, 270.0), "A"),
        (at(50, 140, 180.0), "A"),  # 40 m from its edge
        (at(110, 50, 450.0 % 360), "B/1"),
    ],
)
def test_a_photo_is_of_the_parcel_in_which_it_was_taken_or_at_which_it_looks(parcels, seen, parcel):
    assert parcel_seen(seen, parcels) == parcel


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Seen(), "does not say where"),
        (at(210, 50), "several parcels"),
        (at(110, 50), "whither"),
        (at(50, 160, 180.0), "no parcel lies within"),
        (at(-20, 50, 270.0), "looks at no parcel"),
        (at(110, 50, 0.0), "any of these"),
        (at(110, 130, 180.0), "any of these"),
    ],
)
def test_what_is_doubtful_is_said_and_not_guessed(parcels, seen, why):
    told = parcel_seen(seen, parcels)
    assert isinstance(told, Doubt)
    assert why in told.pattern


def test_time_place_and_direction_are_read_as_the_camera_wrote_them(tmp_path):
    seen = see_photo(shot(tmp_path / "a.jpg", seen=Seen(direction=123.4, place=(121.5, 29.75))))
    assert seen.taken is not None
    assert seen.taken.isoformat() == "2026-06-20T10:11:12"  # the camera's clock, of no zone
    assert seen.direction == pytest.approx(123.4, abs=1e-3)
    assert seen.place == pytest.approx((121.5, 29.75), abs=1e-7)


def test_a_receiver_without_a_fix_has_no_place(tmp_path):
    assert see_photo(shot(tmp_path / "a.jpg", seen=Seen(place=(0.0, 0.0)))).place is None


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photo_is_sent_upright_small_and_without_metadata(tmp_path, turn):
    file = shot(tmp_path / "a.jpg", turn=turn, size=(600, 400), seen=at(50, 50, 10.0))
    sent = fit_photo(file, side=300)
    picture = Image.open(io.BytesIO(sent))
    across = turn >= 5
    assert picture.size == ((200, 300) if across else (300, 200))
    assert not picture.getexif()
    assert "exif" not in picture.info
    assert b"Maker-of-the-camera" not in sent
    assert b"Maker-of-the-camera" in file.read_bytes()
    # Where the corner comes to lie, by the table of the EXIF standard: row 0 and column 0 are at these sides.
    sides = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[turn]
    pixels = np.asarray(picture.convert("L"))
    row = 10 if sides[0] == "t" else -10
    column = 10 if sides[1] == "l" else -10
    assert pixels[row, column] > 200
    assert pixels[-row, -column] < 120


def test_a_png_with_holes_is_set_on_white(tmp_path):
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert Image.open(io.BytesIO(fit_photo(tmp_path / "a.png"))).getpixel((10, 10)) == (255, 255, 255)


def test_what_is_too_large_or_no_photo_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(b"GIF89a" + bytes(100))
    with pytest.raises(InputError, match="JPEG or PNG"):
        see_photo(tmp_path / "a.jpg")
    file = shot(tmp_path / "b.jpg")
    (tmp_path / "c.jpg").write_bytes(file.read_bytes()[:400])
    with pytest.raises(InputError):
        fit_photo(tmp_path / "c.jpg")
    monkeypatch.setattr(photos, "MOST_PIXELS", 60 * 40 - 1)
    with pytest.raises(InputError, match="60 × 40 pixels"):
        fit_photo(file)
    monkeypatch.setattr(photos, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="bytes"):
        fit_photo(file)


def test_photos_come_into_the_workspace_and_go_when_they_are_taken_away(tmp_path, parcels):
    field, work = tmp_path / "field", tmp_path / "work"
    shot(field / "inside.jpg", seen=at(50, 50))
    shot(field / "street.jpg", seen=at(110, 50))
    shot(field / "B%2F1" / "named.jpg")
    shot(field / "nobody" / "x.jpg")
    (field / "broken.png").write_bytes(b"no")
    shot(work / "photos" / "A" / "own.jpg")
    told = take_photos(work, field, parcels)
    assert told.taken == {"B%2F1/named.jpg": "B/1", "inside.jpg": "A"}
    assert {doubt.file for doubt in told.doubtful} == {"street.jpg", "nobody/x.jpg", "broken.png"}
    assert [photo.file.name for photo in photos_of(work, "A")] == ["inside.jpg", "own.jpg"]
    assert [photo.file.name for photo in photos_of(work, "B/1")] == ["named.jpg"]
    (field / "inside.jpg").unlink()
    take_photos(work, field, parcels)
    assert [photo.file.name for photo in photos_of(work, "A")] == ["own.jpg"]  # what others put there stays


def test_two_photos_of_one_name_are_both_kept(tmp_path, parcels):
    shot(tmp_path / "field" / "a.jpg", seen=at(50, 50))
    shot(tmp_path / "field" / "A" / "a.jpg", colour="#123456")
    for _ in range(2):
        take_photos(tmp_path / "work", tmp_path / "field", parcels)
        assert len(photos_of(tmp_path / "work", "A")) == 2


def test_a_list_that_was_tampered_with_removes_nothing_elsewhere(tmp_path, parcels):
    kept = shot(tmp_path / "work" / "kept.jpg")
    (tmp_path / "work" / "photos").mkdir()
    hostile = [
        {"file": "../kept.jpg"},
        {"file": "..\\kept.jpg"},
        {"file": "/kept.jpg"},
        {"file": "a/../../kept.jpg"},
        7,
    ]
    (tmp_path / "work" / "photos" / "taken.json").write_text(json.dumps(hostile), encoding="utf-8")
    (tmp_path / "field").mkdir()
    take_photos(tmp_path / "work", tmp_path / "field", parcels)
    assert kept.is_file()


@pytest.mark.parametrize("name", ["..", ".", "../outside", "..%2Foutside", "/", "", "A/../../outside", "A\0"])
def test_no_id_leads_out_of_the_folder(tmp_path, name):
    shot(tmp_path / "outside" / "a.jpg")
    shot(tmp_path / "work" / "photos" / "A" / "a.jpg")
    shot(tmp_path / "work" / "photos" / "loose.jpg")
    assert photos_of(tmp_path / "work", name) == ()


def test_links_are_not_followed(tmp_path):
    shot(tmp_path / "outside" / "a.jpg")
    (tmp_path / "work" / "photos" / "B").mkdir(parents=True)
    try:
        (tmp_path / "work" / "photos" / "A").symlink_to(tmp_path / "outside")
        (tmp_path / "work" / "photos" / "B" / "a.jpg").symlink_to(tmp_path / "outside" / "a.jpg")
    except OSError:
        pytest.skip("no links can be made here")
    assert photos_of(tmp_path / "work", "A") == photos_of(tmp_path / "work", "B") == ()


@given(st.text(min_size=1, max_size=400))
@example("B/1")
@example("..")
@example("A ")
@example("工" * 90)
def test_every_id_has_a_folder_name_that_is_one_plain_name(text):
    name = folder_name(text)
    assert 0 < len(name.encode("utf-8", "replace")) <= 200 + 8
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert name.strip(".") != ""
    assert name[-1] not in ". "
