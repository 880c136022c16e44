"""Snapshots: whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest

from parkgeo.errors import NotFoundError, StoreError
from parkgeo.files import publish_file
from parkgeo.store import Snapshot, Workspace, workspace
from tests.builders import CRS, land, rect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AS_OF = dt.date(2026, 6, 30)


def tables(count: int) -> dict[str, pd.DataFrame]:
    ids = [f"p{at}" for at in range(count)]
    return {
        "parcels": land([rect(20 * at, 0, 10, 10) for at in range(count)], parcel_id=ids),
        "gaps": pd.DataFrame({"parcel_id": ids, "when": pd.to_datetime(["2026-01-01"] * count)}),
    }


def publish(folder: Path, count: int = 3, as_of: dt.date = AS_OF, **manifest: Any) -> Snapshot:
    catalogue = {
        "fields": {"parcels": {"parcel_id": {"zh": "宗地", "en": "Parcel"}}},
        "findings": {"x": {"en": "X"}},
    }
    crs = gpd.GeoSeries(crs=CRS).crs.to_wkt()
    return Workspace(folder).publish(
        as_of, tables(count), catalogue, {"crs": crs, "park": "园区", **manifest}
    )


def files(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {".lock"}


def leftovers(folder: Path) -> list[str]:
    return [name for name in files(folder) if ".writing-" in name]


class TestPublishing:
    def test_is_read_as_it_was_written(self, tmp_path):
        told = publish(tmp_path / "deep" / "ws")
        found = Workspace(tmp_path / "deep" / "ws").current()
        assert found.name == told.name
        assert found.as_of == AS_OF
        assert found.tables == ("parcels", "gaps")
        assert found.crs.to_epsg() == CRS
        assert found.manifest["park"] == "园区"
        assert found.manifest["tables"]["parcels"]["rows"] == 3
        for name, frame in tables(3).items():
            pd.testing.assert_frame_equal(found.read(name), frame, check_dtype=False)
        assert isinstance(found.read("parcels"), gpd.GeoDataFrame)
        assert found.read("parcels").crs.to_epsg() == CRS

    def test_same_content_same_name_and_bytes(self, tmp_path):
        one, other = publish(tmp_path / "a"), publish(tmp_path / "b")
        assert one.name == other.name
        assert {file.name: file.read_bytes() for file in one.path.iterdir()} == {
            file.name: file.read_bytes() for file in other.path.iterdir()
        }

    def test_other_content_other_name(self, tmp_path):
        names = {
            publish(tmp_path).name, publish(tmp_path, count=4).name, publish(tmp_path, park="x").name,
            publish(tmp_path, as_of=dt.date(2026, 7, 1)).name,
        }  # fmt: skip
        assert len(names) == 4
        assert set(Workspace(tmp_path).names()) == names
        assert Workspace(tmp_path).names()[-1].startswith("2026-07-01-")

    def test_twice_keeps_the_one_that_is_there(self, tmp_path):
        first = publish(tmp_path)
        before = (first.path / "parcels.parquet").stat().st_mtime_ns
        publish(tmp_path, count=4)
        again = publish(tmp_path)
        assert (again.path / "parcels.parquet").stat().st_mtime_ns == before
        assert Workspace(tmp_path).current_name == first.name
        assert len(Workspace(tmp_path).names()) == 2
        assert leftovers(tmp_path) == []

    @pytest.mark.parametrize("file", ["parcels.parquet", "gaps.parquet", "catalogue.json", "manifest.json"])
    @pytest.mark.parametrize("damage", ["cut", "gone", "changed"])
    def test_a_damaged_one_is_written_anew(self, tmp_path, file, damage):
        first = publish(tmp_path)
        whole = {each.name: each.read_bytes() for each in first.path.iterdir()}
        target = first.path / file
        if damage == "cut":
            target.write_bytes(whole[file][: len(whole[file]) // 2])
        elif damage == "gone":
            target.unlink()
        else:
            changed = whole[file].replace(b"parcel_id", b"pXrcel_id").replace("园".encode(), "国".encode())
            assert changed != whole[file]
            target.write_bytes(changed)
        again = publish(tmp_path)
        assert {each.name: each.read_bytes() for each in again.path.iterdir()} == whole
        assert leftovers(tmp_path) == []

    @pytest.mark.parametrize(
        "text", ["[]", "{}", '{"name": "x", "tables": []}', '{"tables": {"parcels": {}}}']
    )
    def test_a_manifest_that_says_something_else_is_damage(self, tmp_path, text):
        first = publish(tmp_path)
        (first.path / "manifest.json").write_text(text, encoding="utf-8")
        with pytest.raises(StoreError, match="analyse again"):
            Workspace(tmp_path).current()
        assert publish(tmp_path).read("parcels").shape[0] == 3

    def test_leftovers_of_a_killed_writer_are_swept(self, tmp_path):
        publish(tmp_path)
        beside = tmp_path / "snapshots" / ".writing-2026-06-30"
        beside.mkdir()
        (beside / "parcels.parquet").write_bytes(b"half")
        (tmp_path / "snapshots" / ".writing-damaged-x").write_bytes(b"")
        (tmp_path / ".writing-77-CURRENT").write_text("half", encoding="utf-8")
        (tmp_path / ".writing-77-park.gpkg").write_bytes(b"an export that someone is writing")
        assert len(Workspace(tmp_path).names()) == 1
        publish(tmp_path, count=4)
        assert leftovers(tmp_path) == [".writing-77-park.gpkg"]


class _Made(Mapping[str, pd.DataFrame]):
    """Tables that are made when they are asked for; each notes whether the one before was let go of."""

    def __init__(self) -> None:
        self.before = lambda: None
        self.held: list[bool] = []

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.held.append(self.before() is not None)
        frame = tables(3)[name]
        self.before = weakref.ref(frame)
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(tables(0))

    def __len__(self) -> int:
        return len(tables(0))


def test_a_table_is_let_go_of_before_the_next_is_made(tmp_path):
    made = _Made()
    Workspace(tmp_path).publish(AS_OF, made, {}, {})
    assert made.held == [False, False]


class TestAFullDisk:
    @pytest.mark.parametrize("kind", [gpd.GeoDataFrame, pd.DataFrame])
    def test_leaves_the_old_one_live_and_nothing_behind(self, tmp_path, monkeypatch, kind):
        first = publish(tmp_path)
        before = files(tmp_path)

        def full(_: pd.DataFrame, path: Path, **__: Any) -> None:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(kind, "to_parquet", full)
        with pytest.raises(StoreError, match=r"No space left.*the earlier one stays live") as told:
            publish(tmp_path, count=9)
        assert "free space" in str(told.value)
        assert files(tmp_path) == before
        assert Workspace(tmp_path).current().name == first.name

    def test_at_the_last_moment_leaves_the_old_one_live(self, tmp_path, monkeypatch):
        first = publish(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(
                Workspace, "_make_current", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
            )
            with pytest.raises(StoreError, match="No space left"):
                publish(tmp_path, count=9)
        assert Workspace(tmp_path).current().name == first.name
        assert publish(tmp_path, count=9).name == Workspace(tmp_path).current_name

    def test_a_bug_leaves_the_old_one_live_too(self, tmp_path):
        first = publish(tmp_path)
        with pytest.raises(ValueError, match="JSON"):
            publish(tmp_path, count=9, share=float("nan"))
        assert Workspace(tmp_path).current().name == first.name
        assert leftovers(tmp_path) == []


class TestReaders:
    def test_see_the_old_or_the_new(self, tmp_path):
        """Reading all the while, from another thread: always a whole snapshot, and only these two."""
        counts = {publish(tmp_path, count=3).name: 3, publish(tmp_path, count=40).name: 40}
        seen: set[str] = set()
        faults: list[str] = []
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                try:
                    snapshot = Workspace(tmp_path).current()
                    rows = len(snapshot.read("parcels"))
                except (StoreError, NotFoundError) as error:
                    faults.append(str(error))
                    return
                seen.add(snapshot.name)
                if rows != counts[snapshot.name]:
                    faults.append(f"{snapshot.name}: {rows} rows")

        reader = threading.Thread(target=read)
        reader.start()
        for turn in range(20):
            publish(tmp_path, count=(3, 40)[turn % 2])
        done.set()
        reader.join()
        assert faults == []
        assert seen == set(counts)

    def test_of_an_empty_workspace_are_told_what_to_do(self, tmp_path):
        with pytest.raises(StoreError, match="parkgeo analyze"):
            Workspace(tmp_path).current()
        assert Workspace(tmp_path / "nowhere").names() == ()

    @pytest.mark.parametrize("text", ["", "../../etc", "2026-06-30", "2026-06-30-XYZ", "\x00"])
    def test_of_a_damaged_current_are_told(self, tmp_path, text):
        publish(tmp_path)
        (tmp_path / "CURRENT").write_text(text, encoding="utf-8")
        with pytest.raises(StoreError, match="analyse again"):
            Workspace(tmp_path).current()
        assert publish(tmp_path).name == Workspace(tmp_path).current_name

    @pytest.mark.parametrize("name", ["../..", "2026-06-30-000000000000", "", ".writing-x"])
    def test_ask_for_what_is_not_there(self, tmp_path, name):
        told = publish(tmp_path).name
        with pytest.raises(NotFoundError, match=told):
            Workspace(tmp_path).snapshot(name)

    def test_ask_for_a_table_that_is_not_there(self, tmp_path):
        with pytest.raises(NotFoundError, match="parcels, gaps"):
            publish(tmp_path).read("../manifest")

    @pytest.mark.parametrize("content", [None, b"", b"PAR1 half"])
    @pytest.mark.parametrize("table", ["parcels", "gaps"])
    def test_a_damaged_table_is_told_plainly(self, tmp_path, content, table):
        snapshot = publish(tmp_path)
        file = snapshot.path / f"{table}.parquet"
        file.unlink()
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(StoreError, match="analyse again"):
            snapshot.read(table)

    def test_a_damaged_catalogue_is_told_plainly(self, tmp_path):
        snapshot = publish(tmp_path)
        (snapshot.path / "catalogue.json").write_text("{", encoding="utf-8")
        with pytest.raises(StoreError, match="catalogue"):
            snapshot.field("parcels", "parcel_id")

    def test_a_column_that_is_not_in_the_catalogue_is_titled_by_its_name(self, tmp_path):
        snapshot = publish(tmp_path)
        assert snapshot.field("parcels", "parcel_id")["zh"] == "宗地"
        assert snapshot.field("parcels", "x") == {"zh": "x", "en": "x", "unit": "", "type": "text"}
        assert snapshot.findings_catalogue == {"x": {"en": "X"}}


class TestTheLock:
    def test_only_one_writes(self, tmp_path, monkeypatch):
        first = publish(tmp_path)
        monkeypatch.setattr(workspace, "_LOCK_S", 0.1)
        from filelock import FileLock

        with FileLock(tmp_path / ".lock"), pytest.raises(StoreError, match="another analysis"):
            publish(tmp_path, count=9)
        assert Workspace(tmp_path).current().name == first.name
        publish(tmp_path, count=9)

    def test_several_writers_take_turns(self, tmp_path):
        threads = [threading.Thread(target=publish, args=(tmp_path, count)) for count in (3, 5, 7, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(Workspace(tmp_path).names()) == 4
        assert {
            len(Workspace(tmp_path).snapshot(name).read("gaps")) for name in Workspace(tmp_path).names()
        } == {3, 5, 7, 9}
        assert leftovers(tmp_path) == []


class TestASingleFile:
    def test_appears_whole(self, tmp_path):
        target = tmp_path / "new" / "map.html"
        with publish_file(target) as beside:
            assert beside.parent == target.parent
            assert beside.suffix == ".html"
            beside.write_text("new", encoding="utf-8")
            assert not target.exists()
            written = beside.stat().st_ino
        assert target.read_text(encoding="utf-8") == "new"
        assert target.stat().st_ino == written  # renamed, not copied: no moment at which half of it is there
        assert files(tmp_path) == {"new/map.html"}

    @pytest.mark.parametrize("error", [OSError(28, "No space left"), RuntimeError("a bug")])
    def test_stays_as_it_was_when_writing_fails(self, tmp_path, error):
        target = tmp_path / "map.html"
        target.write_text("old", encoding="utf-8")

        def write() -> None:
            with publish_file(target) as beside:
                beside.write_text("half", encoding="utf-8")
                raise error

        with pytest.raises((StoreError, RuntimeError), match=r"No space left|a bug"):
            write()
        assert target.read_text(encoding="utf-8") == "old"
        assert files(tmp_path) == {"map.html"}

    def test_an_error_of_ours_is_told_as_it_is(self, tmp_path):
        with pytest.raises(StoreError) as told, publish_file(tmp_path / "x") as beside:
            raise StoreError("the workspace is empty", where=str(beside.parent))
        assert told.value.what == "the workspace is empty"


def test_manifest_and_catalogue_are_readable_text(tmp_path):
    snapshot = publish(tmp_path)
    text = (snapshot.path / "manifest.json").read_text(encoding="utf-8")
    assert "园区" in text
    assert "\r" not in text
    assert json.loads(text)["name"] == snapshot.name


def test_a_table_is_read_as_geopandas_reads_it(tmp_path):
    frame = land([rect(0, 0, 10, 10), None], parcel_id=["a", None], area_m2=[100.0, float("nan")])
    frame["on"] = pd.to_datetime(["2026-06-30", None])
    found = Workspace(tmp_path).publish(AS_OF, {"parcels": frame}, {}, {})
    expected = gpd.read_parquet(found.path / "parcels.parquet")
    pd.testing.assert_frame_equal(found.read("parcels"), expected)
    assert found.read("parcels").crs == expected.crs
    assert list(expected) == ["parcel_id", "area_m2", "geometry", "on"]
