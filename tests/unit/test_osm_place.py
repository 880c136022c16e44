"""A place's name through osmnx: real requests to a server on this machine that answers as OpenStreetMap's do."""

from __future__ import annotations

import json
import socket
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely

from parkgeo.errors import InputError, StoreError
from parkgeo.ingest.osm import read_osm
from parkgeo.ingest.osm_place import read_place
from tests.unit.test_osm import Map, node, square

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("osmnx", reason="the extra `osm` is not installed")

OUTLINE = {"type": "Polygon", "coordinates": [[[11, 50], [11.02, 50], [11.02, 50.02], [11, 50.02], [11, 50]]]}
FOUND = [
    {
        "place_id": 1, "osm_type": "relation", "osm_id": 9, "lat": "50.01", "lon": "11.01", "class": "boundary",
        "type": "administrative", "importance": 0.5, "addresstype": "town", "name": "Neustadt",
        "display_name": "Neustadt", "boundingbox": ["50", "50.02", "11", "11.02"], "geojson": OUTLINE,
    }
]  # fmt: skip


def town() -> Map:
    drawn = Map().way(2, square(1, 1, 1), {"building": "yes", "building:levels": "3"})
    drawn.way(3, [node(0, 9), node(5, 9)], {"highway": "primary", "oneway": "-1", "maxspeed": "none"})
    drawn.way(4, square(5, 5, 3), {}).way(6, square(6, 6, 1), {})
    return drawn.relation(5, [(4, "outer"), (6, "inner")], {"type": "multipolygon", "building": "hall"})


def as_answer(path: Path) -> list[dict[str, Any]]:
    """Elements of a file as an Overpass server writes them."""
    import osmium

    elements: list[dict[str, Any]] = []
    for one in osmium.FileProcessor(str(path)):
        element: dict[str, Any] = {"id": one.id, "tags": dict(one.tags)}
        if one.is_node():
            element |= {"type": "node", "lat": one.location.lat, "lon": one.location.lon}
        elif one.is_way():
            element |= {"type": "way", "nodes": [part.ref for part in one.nodes]}
        else:
            kinds = {"w": "way", "n": "node", "r": "relation"}
            members = [{"type": kinds[part.type], "ref": part.ref, "role": part.role} for part in one.members]
            element |= {"type": "relation", "members": members}
        if not element["tags"]:
            del element["tags"]
        elements.append(element)
    return elements


class Server(ThreadingHTTPServer):
    """Nominatim and Overpass at one address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.found: object = FOUND
        self.answer: object = {"elements": []}
        self.status = 200
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []

    @property
    def osm(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.server_port}"
        return {"overpass": f"{address}/api", "nominatim": address}

    @contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._reply(parts.path, parse_qs(parts.query), self.server.found)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._reply(self.path, parse_qs(body), self.server.answer)

    def _reply(self, path: str, asked: dict[str, list[str]], content: object) -> None:
        self.server.asked.append((path, asked, self.headers["User-Agent"]))
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(self.server.status if path.startswith("/api") else 200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def naps(monkeypatch):
    """Seconds that anything wanted to sleep; nothing does."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


@pytest.fixture
def server(tmp_path, naps):
    del naps
    answering = Server()
    elements = as_answer(town().save(tmp_path / "town.osm"))
    answering.answer = {"osm3s": {"timestamp_osm_base": "2026-06-30T10:00:00Z"}, "elements": elements}
    with answering.running():
        yield answering


def same(first, second) -> bool:
    drop = ["osm_version"]
    return (
        first.frame.drop(columns=drop).equals(second.frame.drop(columns=drop))
        and shapely.to_wkt(first.geometry).tolist() == shapely.to_wkt(second.geometry).tolist()
    )


@pytest.mark.parametrize("layer", ["roads", "buildings"])
def test_a_place_gives_what_a_file_gives(server, tmp_path, layer):
    table = read_place("Neustadt", layer, server.osm, tmp_path / "cache")
    assert same(table, read_osm(tmp_path / "town.osm", layer))
    assert table.declared == len(table.frame) > 0
    assert table.doubts == read_osm(tmp_path / "town.osm", layer).doubts
    assert [path for path, _, _ in server.asked] == ["/search", "/api/interpreter"]
    assert server.asked[0][1]["q"] == ["Neustadt"]
    assert server.asked[0][2].startswith("parkgeo/")


def test_it_says_whom_to_name_and_of_when_it_is(server, tmp_path):
    table = read_place("Neustadt", "roads", server.osm, tmp_path / "cache")
    assert str(table.notes[0]).startswith("© OpenStreetMap contributors, ODbL")
    assert str(table.notes[1]) == (
        f"Neustadt as {server.osm['overpass']} had it at 2026-06-30T10:00:00Z; "
        f"delete {table.path.name} to ask again"
    )


def test_what_is_asked_is_what_the_rules_take(server, tmp_path):
    read_place("Neustadt", "roads", server.osm, tmp_path / "cache")
    query = server.asked[1][1]["data"][0]
    assert "way['highway'='motorway_link']" in query
    assert "footway" not in query


def test_once_asked_it_needs_neither_network_nor_osmnx(tmp_path, naps, monkeypatch):
    del naps
    answering = Server()
    answering.answer = {"elements": as_answer(town().save(tmp_path / "town.osm"))}
    with answering.running():
        first = read_place("Neustadt", "buildings", answering.osm, tmp_path / "cache")
    monkeypatch.setitem(sys.modules, "osmnx", None)
    again = read_place("Neustadt", "buildings", answering.osm, tmp_path / "cache")
    assert same(first, again)
    assert again.notes == first.notes
    assert len(answering.asked) == 2
    with pytest.raises(InputError, match=r'osmnx, which is not installed .* pip install "parkgeo\[osm\]"'):
        read_place("Neustadt", "roads", answering.osm, tmp_path / "cache")
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"could not be reached at http://127\.0\.0\.1.*\.osm\.pbf.*\[osm\]"):
        read_place("Neustadt", "roads", answering.osm, tmp_path / "cache")


def test_one_file_is_kept_and_the_same_bytes_whatever_the_order_of_the_answer(server, tmp_path):
    first = read_place("Neustadt", "buildings", server.osm, tmp_path / "one").path
    server.answer["elements"].reverse()
    second = read_place("Neustadt", "buildings", server.osm, tmp_path / "two").path
    assert [file.name for file in (tmp_path / "one").iterdir()] == [first.name]
    assert first.read_bytes() == second.read_bytes()


def test_other_questions_are_kept_apart(server, tmp_path):
    files = {
        read_place(place, layer, server.osm, tmp_path / "cache").path.name
        for place, layer in (("Neustadt", "roads"), ("Neustadt", "buildings"), ("苏州工业园区", "roads"))
    }
    assert len(files) == 3


def test_an_address_to_its_very_end_is_understood(server, tmp_path):
    osm = server.osm | {"overpass": server.osm["overpass"] + "/interpreter"}
    assert len(read_place("Neustadt", "roads", osm, tmp_path / "cache").frame) == 1
    assert server.asked[-1][0] == "/api/interpreter"


@pytest.mark.parametrize("first", [0, 1])
def test_a_node_that_comes_twice_keeps_its_tags(server, tmp_path, first):
    bare = {"type": "node", "id": 1, "lat": 50.0, "lon": 11.0}
    both = [bare, bare | {"tags": {"highway": "bus_stop"}}]
    server.answer = {"elements": [both[first], both[1 - first]]}
    table = read_place("Neustadt", "facilities", server.osm, tmp_path / "cache")
    assert table.frame["facility_id"].tolist() == ["node/1"]


def test_a_place_with_nothing_of_the_layer_is_empty_not_an_error(server, tmp_path):
    server.answer = {"elements": []}
    assert read_place("Neustadt", "roads", server.osm, tmp_path / "cache").declared == 0


# ---- what can go wrong, in one clear word, and nothing kept


def refused(server: Server, tmp_path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_place("Neustadt", "roads", server.osm, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    return str(caught.value)


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_busy_server_is_said_at_once(server, tmp_path, naps, status):
    server.status = status
    assert f"is busy (HTTP {status})" in refused(server, tmp_path)
    assert sum(naps) <= 1
    assert [path for path, _, _ in server.asked].count("/api/interpreter") == 1


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_server_that_refuses(server, tmp_path, status):
    server.status = status
    assert f"refuses (HTTP {status})" in refused(server, tmp_path)


def test_an_answer_that_the_server_broke_off_is_not_taken_for_the_whole(server, tmp_path):
    server.answer |= {"remark": 'runtime error: Query timed out in "query" at line 1 after 90 seconds.'}
    assert "did not finish: runtime error: Query timed out" in refused(server, tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>Portal: please log in</html>",
        b'{"elements"',
        b'{"remark"',
        {"nothing": 1},
        {"elements": 5},
        {"elements": [{"type": "way"}]},
        {"elements": [{"type": "way", "id": 1}]},
        {"elements": [{"type": "node", "id": 1, "lat": "x", "lon": 1}]},
    ],
)
def test_an_answer_of_another_kind(server, tmp_path, answer):
    server.answer = answer
    assert "cannot be understood" in refused(server, tmp_path)


@pytest.mark.parametrize("found", [[], [FOUND[0] | {"geojson": {"type": "Point", "coordinates": [11, 50]}}]])
def test_a_place_that_is_not_known_or_has_no_outline(server, tmp_path, found):
    server.found = found
    assert refused(server, tmp_path).startswith("OpenStreetMap knows no area called 'Neustadt'")


@pytest.mark.parametrize("address", ["overpass.local/api", "file:///etc/passwd", "http://", "ftp://a.b/c"])
def test_what_is_no_address(tmp_path, address):
    with pytest.raises(InputError, match=r"is no address of a server — park\.toml \[osm\] overpass"):
        read_place("Neustadt", "roads", {"overpass": address}, tmp_path)


def test_a_damaged_kept_answer_names_the_file_to_delete(server, tmp_path):
    kept = read_place("Neustadt", "roads", server.osm, tmp_path / "cache").path
    for damage in (kept.read_bytes()[:50], b"[]", b'{"elements": [{}], "server": "", "time": ""}', b"\xff"):
        kept.write_bytes(damage)
        with pytest.raises(InputError, match=rf"{kept.name} — delete the file"):
            read_place("Neustadt", "roads", server.osm, tmp_path / "cache")


def test_a_folder_that_cannot_be(server, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be kept"):
        read_place("Neustadt", "roads", server.osm, tmp_path / "file" / "cache")


@pytest.mark.parametrize("status", [200, 429])
def test_osmnx_and_the_program_are_left_as_they_were(server, tmp_path, status):
    import osmnx

    server.status = status
    before = {name: getattr(osmnx.settings, name) for name in vars(osmnx.settings) if name.islower()}
    resolve = socket.getaddrinfo
    try:
        read_place("Neustadt", "roads", server.osm, tmp_path / "cache")
    except InputError:
        assert status == 429
    assert {name: getattr(osmnx.settings, name) for name in before} == before
    assert socket.getaddrinfo is resolve
