"""Archives and project files made to do harm, and bodies that are not archives."""

import asyncio
import contextlib
import io
import stat
import struct
import zipfile

import pytest
from starlette.requests import Request

from api.errors import TooMuchError
from api.jobs.confine import check_files, check_text
from api.jobs.receive import receive_file
from api.jobs.unpack import unpack
from parkgeo.errors import InputError, ProjectError
from parkgeo.project import read_project
from tests.api.jobs_builder import ZIP, archive, served, upload
from tests.api.test_bad_input import expect

GB = 1 << 30


def refused(tmp_path, content, most=GB):
    (tmp_path / "upload.zip").write_bytes(content)
    with pytest.raises(InputError) as caught:
        unpack(tmp_path / "upload.zip", tmp_path / "files", most)
    assert str(tmp_path) not in str(caught.value)
    outside = {path.name for path in tmp_path.iterdir()} - {"upload.zip", "files"}
    assert outside == set()
    return caught.value.what


@pytest.mark.parametrize(
    "name",
    [
        "../x.txt", "a/../../x.txt", "/etc/x.txt", "\\x.txt", "..\\x.txt", "C:/x.txt", "C:x.txt", "a/C:x.txt", "x.txt:stream",
        "con", "CON.txt", "a/nul.geojson", "com1", "LPT9.shp", "com¹.txt", "conin$", "x.", "x ", "a /x", "a./x", "x?", "x*", "a|b",
        "a\nb", "a\tb", "a\x7fb", "\u202egnp.exe", "a\u200bb", "\u2028", "a/" * 17 + "x", "x" * 250, "宗" * 90, ".", "./", "", "/",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_or_not_every_disk_takes_are_refused(tmp_path, name):
    refused(tmp_path, archive({"park.toml": "", name: "x"}))
    assert not list((tmp_path / "files").rglob("*")) if (tmp_path / "files").exists() else True


@pytest.mark.parametrize(
    "names",
    [
        ("a.shp", "A.SHP"),
        ("é.txt", "e\u0301.txt"),
        ("a", "a/b"),
        ("A/b", "a"),
        ("a//b", "a/b"),
        ("./a", "a"),
        ("a", "a"),
    ],
)
def test_names_that_some_disks_do_not_tell_apart_are_refused(tmp_path, names):
    made = io.BytesIO()
    twice = pytest.warns(UserWarning, match="Duplicate") if names == ("a", "a") else contextlib.nullcontext()
    with zipfile.ZipFile(made, "w") as opened, twice:
        for name in names:
            opened.writestr(zipfile.ZipInfo(name), "x")
    refused(tmp_path, made.getvalue())


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path, kind):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        entry = zipfile.ZipInfo("x")
        entry.external_attr = (kind | 0o777) << 16
        opened.writestr(entry, "/etc/passwd")
    refused(tmp_path, made.getvalue())


def test_bombs_are_refused_before_they_are_unpacked(tmp_path):
    assert "unpack to" in refused(tmp_path, archive({"x": b"\0" * (200 << 20)}))
    assert "when it is unpacked" in refused(
        tmp_path, archive({"x": b"ab" * 1000, "y": b"c" * 1000}), most=2500
    )
    assert "more than 20000" in refused(tmp_path, archive({f"{number}": "" for number in range(20_001)}))


def test_an_archive_that_lies_about_sizes_is_refused(tmp_path):
    content = bytearray(archive({"x.txt": b"y" * 1000}))
    directory = content.rindex(b"PK\x01\x02")
    for size in (10, 0xFFFFFFFE):
        content[directory + 24 : directory + 28] = struct.pack("<I", size)
        refused(tmp_path, bytes(content))


def test_a_locked_a_damaged_and_an_empty_archive_are_refused(tmp_path):
    content = bytearray(archive({"x.txt": b"y" * 1000}))
    for at in (content.index(b"PK\x03\x04") + 6, content.rindex(b"PK\x01\x02") + 8):
        content[at] |= 1
    assert "password" in refused(tmp_path, bytes(content))
    assert "no file" in refused(tmp_path, archive({}))
    assert "no file" in refused(tmp_path, archive({"folder/": ""}))
    whole = archive({"x.txt": b"y" * 1000})
    for cut in (0, 1, 30, len(whole) // 2, len(whole) - 1):
        assert "cannot be unpacked" in refused(tmp_path, whole[:cut])


def test_archives_within_stay_as_they_are_and_the_project_is_found(tmp_path):
    inner = archive({"../x": "y"})
    content = archive({"园区/park.toml": "[park]", "园区/图.zip": inner, "__MACOSX/._x": "z"})
    (tmp_path / "upload.zip").write_bytes(content)
    root = unpack(tmp_path / "upload.zip", tmp_path / "files", GB)
    assert root == tmp_path / "files" / "园区"
    assert sorted(path.name for path in root.iterdir()) == ["park.toml", "图.zip"]
    assert (root / "图.zip").read_bytes() == inner
    assert "several park.toml" in refused(tmp_path, archive({"a/park.toml": "", "b/park.toml": ""}))


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd", "/etc/passwd", "a/../../x.shp", "..\\x.shp", "\\\\server\\share\\x.shp", "C:/x.shp", "C:x.shp", "~/x.shp",
        "/vsicurl/http://evil.example/x.shp", "/vsizip//etc/x.zip", "http://evil.example/x.geojson", "file:///etc/passwd",
        "PG:dbname=x", "postgresql://x/y", "WFS:http://evil.example", "../*.shp", "**/../../*.shp", "", ".",
    ],
)  # fmt: skip
def test_a_park_toml_names_only_what_was_uploaded(tmp_path, path):
    file = tmp_path / "park.toml"
    quoted = path.replace("\\", "\\\\")
    for text in (
        f'[layers.parcels]\npath = "{quoted}"',
        f'[[layers.roads]]\npath = ["a.shp", "{quoted}"]',
        f'[park]\nmended = "{quoted}"',
        f'[park]\npacks = ["national", "{quoted}"]',
        f'[[scenarios]]\nname = "x"\npath = ["{quoted}"]',
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ProjectError, match="leads out of the upload"):
            check_text(file)


@pytest.mark.parametrize(
    "text",
    [
        '[osm]\noverpass = "http://169.254.169.254/"',
        '[layers.roads]\nplace = "Suzhou"',
        "[osm]\ncache = '/etc'",
    ],
)
def test_a_park_toml_has_nothing_fetched(tmp_path, text):
    (tmp_path / "park.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="asks servers elsewhere"):
        check_text(tmp_path / "park.toml")


def test_fields_and_roads_may_be_called_anything(tmp_path):
    text = (
        '[park]\nname = "../x"\npacks = ["national"]\n[layers.parcels]\npath = "子/*.shp"\nwhere = "a = \'http://x\'"\n'
        '[layers.parcels.fields]\npath = "../path"\nosm = "place"\n[[scenarios]]\nname = "n"\nspeed_km_h = { place = 20 }\n'
    )
    (tmp_path / "park.toml").write_text(text, encoding="utf-8")
    check_text(tmp_path / "park.toml")


@pytest.mark.parametrize(
    "text",
    [
        "layers = 3",
        "layers = { parcels = [1, 2] }",
        "park = []",
        "scenarios = 'x'",
        "park = { packs = { a = 1 } }",
        "[park",
        "a = " + "[" * 5000,
    ],
)
def test_a_park_toml_of_another_form_is_left_to_its_reader(tmp_path, text):
    (tmp_path / "park.toml").write_text(text, encoding="utf-8")
    check_text(tmp_path / "park.toml")
    with pytest.raises(ProjectError):
        read_project(tmp_path / "park.toml")


def test_a_file_that_truly_lies_elsewhere_is_refused_whatever_its_name(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.geojson").write_text("{}", encoding="utf-8")
    try:
        (tmp_path / "in" / "a.geojson").symlink_to(tmp_path / "secret.geojson")
    except OSError:
        pytest.skip("no links here")
    (tmp_path / "in" / "park.toml").write_text('[layers.parcels]\npath = "*.geojson"', encoding="utf-8")
    with pytest.raises(ProjectError, match="was not uploaded"):
        check_files(read_project(tmp_path / "in" / "park.toml"))


@pytest.mark.parametrize(
    "media_type",
    [
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/plain",
        "",
        "application/json",
        "application/zip2",
    ],
)
def test_a_body_that_a_page_elsewhere_can_send_is_415(tmp_path, media_type):
    with served(tmp_path) as client:
        expect(upload(client, archive({"a": "b"}), **{"Content-Type": media_type}), 415)
        expect(client.request("POST", "/uploads"), 415)
        assert not list((tmp_path / "jobs").glob("*/")) if (tmp_path / "jobs").exists() else True


def test_a_packed_body_is_415(tmp_path):
    with served(tmp_path) as client:
        expect(upload(client, archive({"a": "b"}), **{"Content-Encoding": "gzip"}), 415)


@pytest.mark.parametrize(
    "content",
    [b"", b"P", b"PK\x03", b"PK\x05\x06" + b"\0" * 18, b"Rar!\x1a\x07\x00", b"<html>", b"\0" * 1000],
)
def test_a_body_that_is_no_archive_is_refused_at_once(tmp_path, content):
    with served(tmp_path) as client:
        expect(upload(client, content), 400)
        assert client.get("/jobs").json()["jobs"] == []
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "query",
    ["?name=" + "x" * 81, "?name=a%0Ab", "?name=%E2%80%AE", "?check=yes", "?check=", "?accept=all", "?as_of=tomorrow", "?as_of=", "?as_of=20260101",
     "?as_of=2026-02-30", "?as_of=2026-W01-1", "?as_of=0001-01-01", "?as_of=9999-12-31", "?as_of=２０２６-01-01", "?path=/etc/passwd", "?url=http://x", "?name=a&name=b"],
)  # fmt: skip
def test_a_wrong_parameter_of_an_upload_is_400(tmp_path, query):
    with served(tmp_path) as client:
        expect(upload(client, archive({"a": "b"}), query), 400)


def test_too_large_a_body_is_413_before_it_is_on_the_disk(tmp_path):
    from api import Settings
    from api.settings import Limits
    from tests.api.conftest import open_client

    sent = 0

    async def endless():
        nonlocal sent
        yield b"PK\x03\x04"
        while sent < 500_000_000:
            sent += 100_000
            yield b"x" * 100_000

    with open_client(Settings(tmp_path, limits=Limits(upload_bytes=1_000_000))) as client:
        expect(client.request("POST", "/uploads", content=b"PK\x03\x04" + b"x" * 1_000_000, headers=ZIP), 413)
        expect(client.request("POST", "/uploads", content=endless(), headers=ZIP), 413)
        assert sent < 5_000_000
        client.app.state.parkgeo.jobs.close()
    jobs = tmp_path / "jobs"
    assert not jobs.exists() or [path.name for path in jobs.iterdir()] == [".lock"]


@pytest.mark.parametrize("stated", [[], [(b"content-length", b"5")]])
def test_the_cap_on_a_body_holds_without_the_guard_and_whatever_it_states(tmp_path, stated):
    pieces = iter([b"PK\x03\x04", b"x" * 600, b"x" * 600, b"x" * 600])

    async def receive():
        return {"type": "http.request", "body": next(pieces), "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": stated}, receive)
    with pytest.raises(TooMuchError):
        asyncio.run(receive_file(request, tmp_path / "upload.zip", 1_000, begins=b"PK"))
    assert (tmp_path / "upload.zip").stat().st_size <= 1_000
    assert len(list(pieces)) == 1
