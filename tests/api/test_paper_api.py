"""Lists and registers for paper, and photos, as the service gives them: of the rows asked for, to who may see them."""

import io
import shutil
import subprocess
import zipfile

import pytest
from PIL import Image

from api import Settings
from api.exports.limits import ExportLimits
from parkgeo.errors import NotFoundError
from parkgeo.report.fonts import find_font
from parkgeo.store import Workspace
from tests.api.conftest import open_client
from tests.api.guarded import new_key
from tests.snapshot_builder import PERSONAL, build_snapshot


@pytest.fixture(scope="module", autouse=True)
def _font():
    try:
        find_font(None, chinese=True)
    except NotFoundError as error:
        pytest.skip(f"{error}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    build_snapshot(folder, parcels=24)
    return folder


@pytest.fixture(scope="module")
def parcels(folder):
    return Workspace(folder).current().read("parcels")


@pytest.fixture(scope="module")
def client(folder):
    with open_client(Settings(folder)) as opened:
        yield opened


def text_of(content):
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("no pdftotext (poppler-utils) on this machine")
    told = subprocess.run([program, "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return told.stdout.decode("utf-8")


def photo(path):
    told = Image.Exif()
    told[0x010F], told[0x0112] = "Maker-of-the-camera", 6
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (400, 200), "#446688").save(path, exif=told)
    return path


def test_the_list_holds_what_was_chosen_and_says_how(client, parcels):
    asked = {
        "filter": "idle = 'yes' AND site_area_m2 > 100",
        "sortby": "-site_area_m2",
        "limit": "2",
        "lang": "en",
    }
    answer = client.get("/exports/parcels.pdf", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert ".pdf" in answer.headers["content-disposition"]
    text = text_of(answer.content)
    found = client.get("/collections/parcels/items", params={**asked, "limit": "100"}).json()["features"]
    assert [one["id"] in text for one in found] == [True] * 2 + [False] * (len(found) - 2)
    assert len(found) == (parcels["idle"] == "yes").sum()
    for said in (
        "Suspected, for verification",
        asked["filter"],
        "is above 100 m²",
        "falling",
        "At most the first 2 parcels",
    ):
        assert said in text, said


def test_the_list_shows_the_columns_asked_for_and_nobody_s_name(client):
    text = text_of(client.get("/exports/parcels.pdf?properties=parcel_id,holder&lang=en").content)
    assert not any(secret in text for secret in PERSONAL)
    assert client.get("/exports/parcels.pdf?properties=nothing").status_code == 400
    assert client.get("/exports/roads.pdf").status_code == 404


def test_a_list_that_is_too_long_says_how_to_ask_for_less(folder):
    with open_client(Settings(folder, exports=ExportLimits(paper_values=20))) as client:
        answer = client.get("/exports/parcels.pdf?properties=parcel_id")
        assert answer.status_code == 413
        assert "limit=" in answer.json()["mend"]
        assert client.get("/exports/parcels.pdf?properties=parcel_id&limit=10").status_code == 200


def test_the_register_has_a_map_of_each_parcel(client, parcels):
    word = client.get("/exports/register.docx?lang=zh")
    assert word.status_code == 200
    with zipfile.ZipFile(io.BytesIO(word.content)) as packed:
        pictures = [name for name in packed.namelist() if name.startswith("word/media/")]
    assert len(pictures) == 1 + parcels["idle"].isin(["yes", "undetermined"]).sum()
    text = text_of(client.get("/exports/register.pdf?lang=zh").content)
    assert all(name in text for name in parcels.loc[parcels["idle"] == "yes", "parcel_id"])


def test_the_list_of_exports_and_the_description_name_them(client):
    told = client.get("/exports?f=json").json()
    assert {"register.pdf", "register.docx"} <= {entry["name"] for entry in told["whole"]}
    paths = client.get("/api?f=json").json()["paths"]
    assert {"/exports/parcels.pdf", "/exports/register.pdf", "/parcels/{parcelId}/photos/{number}"} <= set(
        paths
    )


def test_photos_are_sent_upright_and_bare_and_their_tag_changes_with_them(folder, client, parcels):
    parcel = parcels["parcel_id"].iloc[0]
    file = photo(folder / "photos" / parcel / "a.jpg")
    told = client.get(f"/parcels/{parcel}/photos").json()["photos"]
    assert [entry["number"] for entry in told] == [1]
    answer = client.get(told[0]["href"])
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (200, 400)
    assert b"Maker-of-the-camera" not in answer.content
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get(told[0]["href"], headers=tag).status_code == 304
    before = client.get(f"/parcels/{parcel}?f=html&lang=en").text
    assert "image/jpeg" in before
    Image.new("RGB", (100, 100), "red").save(file)
    again = client.get(told[0]["href"], headers=tag)
    assert (again.status_code, Image.open(io.BytesIO(again.content)).size) == (200, (100, 100))
    assert client.get(f"/parcels/{parcel}?f=html&lang=en").text != before
    shutil.rmtree(folder / "photos")
    assert client.get(f"/parcels/{parcel}/photos").json()["photos"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/parcels/{id}/photos/0",
        "/parcels/{id}/photos/2",
        "/parcels/nobody/photos/1",
        "/parcels/../photos/1",
        "/parcels/..%2F..%2Fsnapshots/photos/1",
    ],
)
def test_what_is_not_there_is_not_found(folder, client, parcels, path):
    parcel = parcels["parcel_id"].iloc[1]
    photo(folder / "photos" / parcel / "a.jpg")
    assert client.get(f"/parcels/{parcel}/photos/1").status_code == 200
    assert client.get(path.format(id=parcel)).status_code == 404


def test_photos_are_for_those_who_may_see_the_parcel(tmp_path):
    build_snapshot(tmp_path, parcels=6)
    parcel = Workspace(tmp_path).current().read("parcels")["parcel_id"].iloc[0]
    photo(tmp_path / "photos" / parcel / "a.jpg")
    own, other = (new_key(tmp_path, parks=[park]) for park in ("P1", "P9"))
    with open_client(Settings(tmp_path)) as client:
        for place in ("photos", "photos/1"):
            statuses = [
                client.get(f"/parcels/{parcel}/{place}", headers={"X-API-Key": key}).status_code
                for key in (own, other)
            ]
            assert statuses == [200, 404]
            assert client.get(f"/parcels/{parcel}/{place}").status_code in (401, 403)
