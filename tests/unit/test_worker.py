"""Files that nobody vouches for are opened elsewhere: what comes back is the same, what goes wrong stays there."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.errors import InputError
from parkgeo.ingest.opening import open_source
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.raw import Doubt, Lost, RawTable
from parkgeo.ingest.values import Uncalculated
from parkgeo.ingest.worker.copies import combined, copy_in, digests_of
from parkgeo.ingest.worker.crew import _NONSENSE, ALLOWED_DRIVERS, Crew
from parkgeo.ingest.worker.holds import HOLDS, Bounds
from parkgeo.ingest.worker.orders import source_as, source_from
from parkgeo.ingest.worker.wire import _SHAPES_AT_ONCE, read_raw, write_raw
from parkgeo.layers import schema, sentence
from parkgeo.project import Column, Source
from tests.office import parcels, write, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

PARCELS = Source("parcels", ())


def same(one: RawTable, other: RawTable) -> None:
    """Two readings are the same, cell by cell, type by type."""
    pd.testing.assert_frame_equal(one.frame, other.frame)
    cells, others = one.frame.to_numpy(dtype=object).ravel(), other.frame.to_numpy(dtype=object).ravel()
    assert [type(cell) for cell in cells] == [type(cell) for cell in others]
    assert (one.geometry is None) == (other.geometry is None)
    if one.geometry is not None and other.geometry is not None:
        assert shapely.equals_identical(one.geometry, other.geometry)[~shapely.is_missing(one.geometry)].all()
        assert (shapely.is_missing(one.geometry) == shapely.is_missing(other.geometry)).all()
    for name in ("path", "table", "crs", "driver", "encoding", "declared", "cut_off"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.rows.tolist() == other.rows.tolist()
    for lang in ("zh", "en"):
        assert spoken(one, lang) == spoken(other, lang)


def spoken(raw: RawTable, lang: str) -> list[object]:
    """All sentences of a reading."""
    return [
        [note.speak(lang) for note in raw.notes],
        [(doubt.what.speak(lang), doubt.mend.speak(lang), tuple(doubt.rows)) for doubt in raw.doubts],
        {at: why.speak(lang) for at, why in raw.spoiled.items()},
        [(one.row, one.reason.speak(lang), one.mend.speak(lang), one.content) for one in raw.lost],
    ]


def table_of(
    cells: dict[str, list[object]], geometry: list[object] | None = None, **more: object
) -> RawTable:
    count = len(next(iter(cells.values()), geometry or []))
    shapes = None if geometry is None else np.array([*geometry, None], dtype=object)[:-1]
    frame = pd.DataFrame(
        {name: pd.Series(column, dtype=object) for name, column in cells.items()}, index=range(count)
    )
    return RawTable(
        Path("a.gpkg"),
        "t",
        frame,
        np.arange(1, count + 1),
        shapes,
        "EPSG:4528",
        "GPKG",
        "UTF-8",
        count,
        **more,
    )


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.dates(), st.times(),
    st.datetimes(), st.text().map(Uncalculated),
)  # fmt: skip


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_cells_come_back_as_they_went(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, object]]
) -> None:
    folder = tmp_path_factory.mktemp("wire")
    raw = table_of({"一": [one for one, _ in rows], 'a"b': [other for _, other in rows]})
    write_raw(raw, folder)
    same(read_raw(folder, raw.path), raw)


def test_typed_columns_shapes_and_sentences_come_back(tmp_path: Path) -> None:
    raw = table_of(
        {"x": [1, 2, 3]},
        [shapely.Point(1, 2), None, shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])],
        notes=(sentence("{count} rows as mended in {file}", count=3, file="{file.__class__}.xlsx"),),
        doubts=(
            Doubt(
                sentence("no value in {field}", field=schema("parcels").fields["parcel_id"]),
                sentence(""),
                (1, 2),
            ),
        ),
        spoiled={1: sentence("geometry that cannot be read: broken, curved or of a rare kind")},
        cut_off=frozenset({2}),
        lost=(Lost(None, sentence("not a feature"), sentence("draw it, or delete the row"), "{}"),),
    )
    raw.frame["day"] = pd.to_datetime(["2025-03-01", None, "2026-01-01"])
    raw.frame["share"] = [0.5, np.nan, 2.0]
    raw.frame["name"] = pd.Series(["一", None, "三"], dtype="str")
    write_raw(raw, tmp_path)
    same(read_raw(tmp_path, raw.path), raw)


def test_a_sentence_that_is_not_ours_is_only_text(tmp_path: Path) -> None:
    raw = table_of({"x": [1]}, notes=(sentence("{x.__init__.__globals__}", x=1),))
    write_raw(raw, tmp_path)
    assert [note.speak("en") for note in read_raw(tmp_path, raw.path).notes] == ["{x.__init__.__globals__}"]


def test_a_source_goes_over_and_comes_back() -> None:
    source = Source(
        "imagery", (), table="一", encoding="GBK", crs="EPSG:4528", where="a = 'b'", place="", axes="north_east",
        columns={"parcel_id": Column('ZD"DM', "亩")}, date=dt.date(2026, 2, 28), bands={"red": 3},
    )  # fmt: skip
    assert source_from(source_as(source)) == source


@pytest.fixture(scope="module")
def crew() -> Crew:
    with Crew(rasters=True) as one:
        yield one


@pytest.mark.parametrize(
    "name", ["parcels.shp", "parcels.gpkg", "parcels.geojson", "parcels.fgb", "parcels.parquet"]
)
def test_a_child_reads_what_this_process_reads(tmp_path: Path, crew: Crew, name: str) -> None:
    path = write(parcels(3, 权利人=["甲", None, "丙"], n=[1, 2, 3]), tmp_path / name)
    raw, digests = crew.read(path, PARCELS)
    same(raw, open_source(path, PARCELS))
    assert digests == digests_of(path)


def test_a_child_reads_a_workbook_cell_by_cell(tmp_path: Path, crew: Crew) -> None:
    rows = [
        ["宗地代码", "约定动工日期", "备注"],
        ["P1", dt.date(2025, 3, 1), 1.5],
        ["P2", "=A1", True],
        ["P3", None, "=cmd"],
    ]
    path = write_xlsx(rows, tmp_path / "供地 台账.xlsx")
    source = Source("supply", ())
    same(crew.read(path, source)[0], open_source(path, source))


def test_an_error_names_the_users_file_and_not_the_copy(tmp_path: Path, crew: Crew) -> None:
    path = tmp_path / "宗地.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + b"?" * 500)
    with pytest.raises(InputError) as caught:
        crew.read(path, PARCELS)
    assert str(path) in str(caught.value)
    assert "parkgeo-" not in str(caught.value)
    assert crew.read(write(parcels(2), tmp_path / "good.gpkg"), PARCELS)[0].declared == 2


def test_the_copy_is_read_only_complete_and_without_the_users_name(tmp_path: Path) -> None:
    path = write(parcels(2), tmp_path / "a{{x}}.shp")
    (tmp_path / "a{{x}}.exe").write_bytes(b"not asked for")
    (tmp_path / "in").mkdir()
    copy, digests = copy_in(path, tmp_path / "in")
    assert copy.name == "file.shp"
    assert {one.suffix for one in copy.parent.iterdir()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert not any(one.stat().st_mode & 0o222 for one in copy.parent.iterdir())
    assert digests == digests_of(path)
    assert len(combined(digests)) == 64
    assert combined({path: "ab"}) == "ab"


def test_what_is_no_plain_file_is_not_opened(tmp_path: Path, crew: Crew) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe.geojson")
    with pytest.raises(InputError, match="not a plain file"):
        crew.read(tmp_path / "pipe.geojson", PARCELS)


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(tmp_path: Path) -> None:
    path = write(parcels(2), tmp_path / "a.gpkg")
    with Crew() as crew:
        crew.read(path, PARCELS)
        (first,) = crew._idle
        crew.bounds = Bounds(job_s=0.0, job_s_per_gb=0.0)
        with pytest.raises(InputError, match="took longer than"):
            crew.read(path, PARCELS)
        assert first.process.poll() is not None
        crew.bounds = Bounds()
        assert crew.read(path, PARCELS)[0].declared == 2


def test_a_child_that_dies_costs_one_file_at_most(tmp_path: Path) -> None:
    path = write(parcels(2), tmp_path / "a.gpkg")
    with Crew() as crew:
        crew.read(path, PARCELS)
        (child,) = crew._idle
        child.process.kill()
        child.process.wait()
        assert crew.read(path, PARCELS)[0].declared == 2  # it was seen to be gone, and another one started
        (child,) = crew._idle
        child.stdin.write("{\n")  # no order: it breaks down
        child.stdin.flush()
        with pytest.raises(InputError, match="broke down"):
            crew.read(path, PARCELS)
        assert crew.read(path, PARCELS)[0].declared == 2


def test_a_child_that_falls_silent_and_lives_on_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its output may be closed by what took it over; waiting for its end would have no end."""
    monkeypatch.setattr("parkgeo.ingest.worker.crew._GONE_WITHIN_S", 0.1)
    path = write(parcels(2), tmp_path / "a.gpkg")
    with Crew() as crew:
        crew.read(path, PARCELS)
        (child,) = crew._idle
        child.answers.put("")  # as when its output ends
        with pytest.raises(InputError, match="broke down"):
            crew.read(path, PARCELS)
        assert child.process.poll() is not None


def test_no_child_outlives_its_crew_and_no_file_stays(tmp_path: Path) -> None:
    with Crew() as crew:
        crew.read(write(parcels(2), tmp_path / "a.gpkg"), PARCELS)
        (child,), folder = crew._idle, crew._folder
        assert folder.is_dir()
    assert child.process.poll() is not None
    assert not folder.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock and seccomp are Linux's")
def test_on_linux_every_limit_holds(tmp_path: Path, crew: Crew) -> None:
    crew.read(write(parcels(2), tmp_path / "a.gpkg"), PARCELS)
    assert crew.held == set(HOLDS)


INTRUDER = """
    import json, os, socket, subprocess, sys
    from pathlib import Path
    from parkgeo.ingest.worker.holds import Bounds, hold_resources, hold_rights
    outside, inside = Path(sys.argv[1]), Path(sys.argv[2])
    hold_resources(Bounds(memory_bytes=2 << 30, written_bytes=1 << 20))
    import ctypes, numpy
    libc = ctypes.CDLL(None, use_errno=True)
    hold_rights([], inside)

    def tried(act):
        try:
            act()
        except (OSError, MemoryError) as error:
            return type(error).__name__
        return "done"

    def connect_in_c():
        if libc.socket(2, 1, 0) < 0:
            raise OSError(ctypes.get_errno(), "socket")

    def run_in_c():
        pid = libc.fork()
        if pid == 0:
            libc.execv(b"/bin/true", (ctypes.c_char_p * 2)(b"/bin/true", None))
            os._exit(77)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 77:
            raise OSError("execv")

    print(json.dumps({
        "read a file elsewhere": tried(lambda: (outside / "secret").read_bytes()),
        "list a folder elsewhere": tried(lambda: os.listdir(outside)),
        "write elsewhere": tried(lambda: (outside / "new").write_bytes(b"x")),
        "write beside": tried(lambda: (inside.parent / "new").write_bytes(b"x")),
        "a link inside": tried(lambda: os.symlink(outside / "secret", inside / "link")),
        "a pipe inside": tried(lambda: os.mkfifo(inside / "pipe")),
        "write inside": tried(lambda: (inside / "new").write_bytes(b"x")),
        "write too much": tried(lambda: (inside / "big").write_bytes(bytes(2 << 20))),
        "a socket in Python": tried(lambda: socket.create_connection(("127.0.0.1", 9))),
        "a socket in C": tried(connect_in_c),
        "a program": tried(lambda: subprocess.run(["true"])),
        "a program in C": tried(run_in_c),
        "memory": tried(lambda: numpy.ones(1 << 29)),
    }))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock and seccomp are Linux's")
def test_on_linux_a_child_can_do_nothing_but_its_work(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (tmp_path / "program").mkdir()
    (outside / "secret").write_bytes(b"secret")
    script = tmp_path / "program" / "intruder.py"
    script.write_text(textwrap.dedent(INTRUDER), encoding="utf-8")
    command = [sys.executable, str(script), str(outside), str(inside)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = pd.Series(json.loads(done.stdout))
    assert told.pop("write inside") == "done"
    assert told.pop("memory") == "MemoryError"
    assert told.pop("write too much") == "OSError"
    assert (told.isin(["PermissionError", "OSError"])).all(), told.to_dict()


def test_a_child_has_only_the_allowed_drivers(tmp_path: Path, crew: Crew) -> None:
    crew.read(write(parcels(1), tmp_path / "a.gpkg"), PARCELS)
    assert "drivers" in crew.held
    assert not ALLOWED_DRIVERS & {
        "OGR_VRT",
        "VRT",
        "WFS",
        "WMS",
        "HTTP",
        "MRF",
        "CSV",
        "GTI",
        "PDF",
        "SQLite",
    }


DEEP = "[" * 100_000


def refused(crew: Crew, answer: str, ask: Callable[[], object]) -> None:
    """An answer put before the true one is refused, and its child is gone with all that it may still say."""
    (child,) = crew._idle
    child.answers.put(answer)
    with pytest.raises(InputError, match="gave something that cannot be read"):
        ask()
    assert child.process.poll() is not None
    assert crew._idle == []


def test_an_answer_that_is_none_is_an_error_of_the_file(tmp_path: Path) -> None:
    """A child that was taken over may say anything; the parent refuses the file and goes on."""
    path = write(parcels(2), tmp_path / "a.gpkg")
    with Crew() as crew:
        for answer in ("[]", "{}", '{"error": 1}', "?", '{"error": "InputError"}', DEEP):
            assert crew.read(path, PARCELS)[0].declared == 2
            refused(crew, answer, lambda: crew.read(path, PARCELS))
        tables = crew.tables(path)
        assert [one.rows for one in tables] == [2]
        refused(
            crew, '{"tables": [{"name": "a", "geometry": "none", "rows": "?"}]}', lambda: crew.tables(path)
        )
        assert crew.tables(path) == tables


def test_a_header_that_is_none_is_an_error_of_the_raster(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    profile = {"driver": "GTiff", "width": 3, "height": 2, "count": 1, "dtype": "uint8", "crs": "EPSG:4528"}
    with rasterio.open(path, "w", **profile, transform=Affine(2, 0, 4e7, 0, -2, 3e6)):
        pass
    source = Source("imagery", (), bands={"red": 1})
    with Crew(rasters=True) as crew:
        found, _ = crew.raster(path, source)
        assert found == read_raster(path, source)
        refused(crew, '{"crs": "EPSG:4528", "width": 1e999}', lambda: crew.raster(path, source))
        assert crew.raster(path, source)[0] == found


def spoil(folder: Path, *, rows: dict[str, object] | None = None, **rest: object) -> None:
    """Change what `write_raw` wrote: arrays of the rows, entries of the rest."""
    with pa.OSFile(str(folder / "rows.arrow"), "rb") as source:
        table = pa.ipc.open_file(source).read_all()
    for name, cells in (rows or {}).items():
        table = table.set_column(table.column_names.index(name), name, [cells])
    with (
        pa.OSFile(str(folder / "rows.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    told = json.loads((folder / "rest.json").read_text(encoding="utf-8"))
    (folder / "rest.json").write_text(json.dumps(told | rest), encoding="utf-8")


@pytest.mark.parametrize(
    "lie",
    [
        {"rows": {"0.0": pa.array([[1], [2]])}},
        {"rows": {"0.0": pa.array([{"a": 1}, None])}},
        {"rows": {"numbers": pa.array([1, None])}},
        {"rows": {"numbers": pa.array([0.5, 1.5])}},
        {"rows": {"shapes": pa.array([b"?", b""], type=pa.large_binary())}},
        {"notes": ["text"]},
        {"notes": [{"say": "{count} rows as mended in {file}", "with": [["count", 1]]}]},
        {"declared": float("inf")},
        {"columns": [{"name": "x", "how": "else"}]},
    ],
    ids=[
        "lists",
        "structures",
        "a row without a number",
        "broken numbers",
        "no shapes",
        "no sentence",
        "no values",
        "no count",
        "no column",
    ],
)
def test_content_that_is_none_of_ours_is_refused_where_it_is_read(
    tmp_path: Path, lie: dict[str, Any]
) -> None:
    """What gets through here would stop the parent later, where nothing says which file it came from."""
    raw = table_of({}, [shapely.Point(1, 2), shapely.Point(3, 4)])
    raw.frame["x"] = [1.5, 2.5]
    write_raw(raw, tmp_path)
    spoil(tmp_path)
    same(read_raw(tmp_path, raw.path), raw)
    spoil(tmp_path, **lie)
    with pytest.raises(_NONSENSE):
        read_raw(tmp_path, raw.path)


def test_days_go_over_as_days(tmp_path: Path) -> None:
    """A column of days alone is one array; a datetime is a day to Python and would lose its time there."""
    days = [dt.date(1, 1, 1), None, dt.date(9999, 12, 31)]
    times = [
        dt.datetime.fromisoformat("2026-01-01T12:00"),
        None,
        dt.datetime.fromisoformat("2026-01-02T00:00"),
    ]
    raw = table_of({"day": list(days), "time": list(times)})
    write_raw(raw, tmp_path)
    told = json.loads((tmp_path / "rest.json").read_text(encoding="utf-8"))["columns"]
    assert [one["how"] for one in told] == ["plain", "mixed"]
    same(read_raw(tmp_path, raw.path), raw)


def test_shapes_beyond_one_part_come_back_in_order(tmp_path: Path) -> None:
    count = 2 * _SHAPES_AT_ONCE + 1
    shapes = shapely.points(np.arange(count, dtype=float), 0.0).tolist()
    shapes[_SHAPES_AT_ONCE] = None
    raw = table_of({"x": list(range(count))}, shapes)
    write_raw(raw, tmp_path)
    same(read_raw(tmp_path, raw.path), raw)
