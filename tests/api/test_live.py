import asyncio
import shutil
import time

import pytest

from api import DISTRIBUTION, Settings, __version__, create_app
from api.served.live import load_edition
from api.served.shelf import FolderShelf
from parkgeo.store import Snapshot, Workspace
from tests.api.conftest import open_client
from tests.snapshot_builder import build_snapshot

ITEMS = "/collections/parcels/items"


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def next_link(response):
    return next((link["href"] for link in response.json()["links"] if link["rel"] == "next"), None)


@pytest.fixture
def served(tmp_path):
    build_snapshot(tmp_path, parcels=20)
    with open_client(Settings(tmp_path, check_s=0.0)) as client:
        yield tmp_path, client


def test_the_package_says_that_it_is_ours():
    assert (DISTRIBUTION, __version__) == ("parkgeo", "0.1.0")


def test_a_new_snapshot_is_swapped_in_between_two_requests(served):
    folder, client = served
    first = client.get("/readyz").json()["snapshot"]
    newer = build_snapshot(folder, parcels=30)
    wait_for(lambda: client.get("/readyz").json()["snapshot"] == newer.name)
    assert first != newer.name
    assert client.get(ITEMS).json()["numberMatched"] == 30


def test_parcels_are_read_once_and_the_first_page_counts_those_of_its_own_snapshot(tmp_path, monkeypatch):
    snapshots = [build_snapshot(tmp_path, parcels=count) for count in (12, 20)]
    read, told = Snapshot.read, []
    monkeypatch.setattr(Snapshot, "read", lambda one, table: told.append(table) or read(one, table))
    shelf = FolderShelf(Workspace(tmp_path))
    editions = [load_edition(shelf, snapshot) for snapshot in snapshots]
    assert told.count("parcels") == 2
    assert [edition.summary.parcels.parcels for edition in editions] == [12, 20]
    assert shelf.summary(snapshots[0]) == editions[0].summary


def test_the_first_request_after_a_quiet_time_gets_the_new_snapshot(tmp_path):
    build_snapshot(tmp_path, parcels=20)
    app = create_app(Settings(tmp_path, check_s=0.0))

    async def nobody_asks():
        async with app.router.lifespan_context(app):
            live, until = app.state.parkgeo.live, time.monotonic() + 30
            newer = await asyncio.to_thread(build_snapshot, tmp_path, parcels=30)
            while live.loaded.name != newer.name:
                assert time.monotonic() < until
                await asyncio.sleep(0.02)

    asyncio.run(nobody_asks())


def test_requests_are_answered_from_the_old_snapshot_until_the_new_one_is_whole(served, monkeypatch):
    import threading

    from api.served import live

    folder, client = served
    assert client.get(ITEMS).json()["numberMatched"] == 20
    go, load = threading.Event(), live.load_edition

    def slow(shelf, snapshot):
        go.wait(30)
        return load(shelf, snapshot)

    monkeypatch.setattr(live, "load_edition", slow)
    newer = build_snapshot(folder, parcels=30)
    for _ in range(5):
        assert client.get(ITEMS).json()["numberMatched"] == 20
    go.set()
    wait_for(lambda: client.get("/readyz").json()["snapshot"] == newer.name)


def test_paging_stays_with_its_snapshot(served):
    folder, client = served
    page = client.get(f"{ITEMS}?limit=6")
    ids, name = [], client.get("/readyz").json()["snapshot"]
    newer = build_snapshot(folder, parcels=30)
    wait_for(lambda: client.get("/readyz").json()["snapshot"] == newer.name)
    while True:
        assert page.json()["numberMatched"] == 20
        ids += [feature["id"] for feature in page.json()["features"]]
        if next_link(page) is None:
            break
        page = client.get(next_link(page))
    assert len(ids) == len(set(ids)) == 20
    assert name != newer.name


def test_paging_goes_on_after_a_restart_and_ends_clearly_when_the_snapshot_is_gone(served):
    folder, client = served
    url = next_link(client.get(f"{ITEMS}?limit=6"))
    old = client.get("/readyz").json()["snapshot"]
    build_snapshot(folder, parcels=30)
    with open_client(Settings(folder)) as restarted:
        assert restarted.get(url).json()["numberMatched"] == 20
    shutil.rmtree(folder / "snapshots" / old)
    with open_client(Settings(folder)) as restarted:
        gone = restarted.get(url)
        assert gone.status_code == 410
        assert gone.json()["mend"] == "start again at the first page"


def test_only_the_last_snapshots_are_kept(tmp_path):
    build_snapshot(tmp_path, parcels=10)
    with open_client(Settings(tmp_path, check_s=0.0, keep=2)) as client:
        url = next_link(client.get(f"{ITEMS}?limit=6"))
        for parcels in (11, 12):
            newer = build_snapshot(tmp_path, parcels=parcels)
            wait_for(lambda name=newer.name: client.get("/readyz").json()["snapshot"] == name)
        assert client.get(url).status_code == 410


def test_an_empty_workspace_is_alive_but_not_ready(tmp_path):
    with open_client(Settings(tmp_path)) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        for path in ("/readyz", "/", ITEMS):
            told = client.get(path)
            assert told.status_code == 503
            assert "parkgeo analyze" in told.json()["mend"]
            assert str(tmp_path) not in told.text
        build_snapshot(tmp_path, parcels=5)
        assert client.get("/readyz").json()["as_of"] == "2026-06-30"


def test_a_damaged_new_snapshot_leaves_the_old_one_live(served, caplog):
    folder, client = served
    assert client.get(ITEMS).json()["numberMatched"] == 20
    newer = build_snapshot(folder, parcels=30)
    (newer.path / "parcels.parquet").write_bytes(b"not parquet")
    client.get(ITEMS)
    wait_for(lambda: "stays live" in caplog.text)
    assert client.get(ITEMS).json()["numberMatched"] == 20


def test_a_current_that_names_nothing_leaves_the_old_one_live(served):
    folder, client = served
    assert client.get(ITEMS).json()["numberMatched"] == 20
    (folder / "CURRENT").write_text("../../etc\n", encoding="utf-8")
    assert client.get(ITEMS).json()["numberMatched"] == 20
    (folder / "CURRENT").unlink()
    assert client.get(ITEMS).json()["numberMatched"] == 20
    assert Workspace(folder).names()


def test_the_map_is_drawn_once_for_many_clients(workspace, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    import maps

    drawn, draw = [], maps.render_map

    def count(snapshot, *, lang, specs):
        drawn.append(lang)
        return draw(snapshot, lang=lang, specs=specs)

    monkeypatch.setattr(maps, "render_map", count)
    with open_client(Settings(workspace)) as client, ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda _: client.get("/map.html?lang=en"), range(4)))
    assert drawn == ["en"]
    assert len({answer.content for answer in answers}) == 1
    assert 'lang="en"' in answers[0].text


def test_a_map_that_cannot_be_drawn_is_a_problem_and_is_tried_again(workspace, monkeypatch):
    import maps

    def fail(*_, **__):
        raise ZeroDivisionError

    with open_client(Settings(workspace)) as client:
        with monkeypatch.context() as patch:
            patch.setattr(maps, "render_map", fail)
            assert client.get("/map.html").status_code == 500
        assert client.get("/map.html").status_code == 200
