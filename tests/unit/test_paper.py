"""The list of chosen parcels and the register with maps: what they say, of which rows, in both languages."""

import io
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
from PIL import Image

from parkgeo.errors import NotFoundError, ProjectError
from parkgeo.report import Chosen, write_dossier, write_list, write_register_document
from parkgeo.report.document import Entry, Gallery, Picture, Table, document_texts
from parkgeo.report.facts import Facts
from parkgeo.report.filter_words import filter_words, tidy_bounds
from parkgeo.report.fonts import find_font
from parkgeo.report.list_report import LIST_COLUMNS, list_document
from parkgeo.report.parcel_report import parcel_document
from parkgeo.report.register_report import register_document
from parkgeo.report.studio import Studio
from parkgeo.store.photos import photos_of
from parkgeo.store.where import parse, select
from tests.report_snapshot import build_report_snapshot

IDLE = "320000-GB00003"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_report_snapshot(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def studio():
    try:
        return Studio(find_font(None, chinese=True))
    except NotFoundError as error:
        pytest.skip(f"{error}")


def chosen_rows(snapshot, where):
    parcels = snapshot.read("parcels")
    return parcels[select(parcels, where)].reset_index(drop=True)


def listed(snapshot, where, studio, lang="en", **told):
    chosen = Chosen(condition=parse(where), written=where, **told)
    return list_document(snapshot, chosen_rows(snapshot, where), chosen, lang=lang, studio=studio)


def tables(document):
    return [block for section in document.sections for block in section.blocks if isinstance(block, Table)]


@pytest.mark.parametrize(
    ("where", "en", "zh"),
    [
        ("idle = 'yes'", "{idle} is suspected idle", "{idle}为疑似闲置"),
        ("idle IN ('yes', 'undetermined')", "{idle} is suspected idle or undetermined", "{idle}为疑似闲置 或 无法判定"),
        ("site_area_m2 >= 299999.995 AND site_area_m2 <= 300000.005", "{site} is at least 300,000 m² and {site} is at most 300,000 m²", "{site}不小于 300,000 m² 且 {site}不大于 300,000 m²"),
        ("site_area_m2 > 20000 AND NOT idle = 'no'", "{site} is above 20,000 m² and not ({idle} is not idle)", "{site}大于 20,000 m² 且 不满足（{idle}为未闲置）"),
        ("20000 < site_area_m2", "{site} is above 20,000 m²", "{site}大于 20,000 m²"),
        ("holder LIKE '%A%' OR holder IS NULL", "{holder} is like “%A%” or {holder} is not known", "{holder}形如“%A%” 或 {holder}未知"),
        ("(idle = 'yes' OR idle = 'no') AND site_area_m2 BETWEEN 1 AND 2", "({idle} is suspected idle or {idle} is not idle) and {site} is within 1 m² to 2 m²", "({idle}为疑似闲置 或 {idle}为未闲置) 且 {site}在 1 m² 至 2 m² 之间"),
        ("S_DWITHIN(geometry, POINT(120 31), 500)", "the land lies within 500 m of a given shape", "宗地距所给图形不超过 500 米"),
    ],
)  # fmt: skip
def test_a_filter_is_said_in_words(snapshot, where, en, zh):
    for lang, words in (("en", en), ("zh", zh)):
        facts = Facts(snapshot, lang)
        titles = {
            name: facts.title("parcels", full)
            for name, full in (("idle", "idle"), ("site", "site_area_m2"), ("holder", "holder"))
        }
        assert filter_words(parse(where), facts) == words.format(**titles)


def test_bounds_half_a_step_beside_are_said_as_they_were_typed():
    asked = "idle_days >= 1499.99995 AND far <= 0.75 AND tax_wan <= 0.00005 AND holder = 'x >= 1.00005'"
    assert (
        tidy_bounds(asked) == "idle_days >= 1500 AND far <= 0.75 AND tax_wan <= 0 AND holder = 'x >= 1.00005'"
    )


def test_text_of_a_filter_that_turns_the_reading_order_is_shown_for_what_it_is(snapshot):
    told = filter_words(parse("holder = '\u202egnp.exe'"), Facts(snapshot, "en"))
    assert "\u202e" not in told
    assert "⟨U+202E⟩" in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_has_each_chosen_parcel_once_with_the_numbers_of_the_map(snapshot, studio, lang):
    document = listed(snapshot, "idle IN ('yes', 'undetermined')", studio, lang)
    rows = chosen_rows(snapshot, "idle IN ('yes', 'undetermined')")
    (table,) = tables(document)
    assert [row[1].text for row in table.rows] == list(rows["parcel_id"])
    assert [row[0].text for row in table.rows] == [str(at) for at in range(1, len(rows) + 1)]
    assert document.banner
    texts = "\n".join(document_texts(document))
    idle = rows.loc[rows["idle"] == "yes", "site_area_m2"].sum() / 10_000
    assert f"{idle:,.2f}".rstrip("0") in texts
    assert "idle IN ('yes', 'undetermined')" in texts
    assert document.landscape


def test_a_list_without_idle_land_carries_no_suspicion(snapshot, studio):
    assert (
        listed(snapshot, "idle = 'no' AND land_state = 'in_use' AND evidence_says = 'in_use'", studio).banner
        == ""
    )
    assert listed(snapshot, "land_state = 'supplied_not_started' AND idle = 'no'", studio).banner != ""


def test_every_column_that_is_asked_for_is_there_however_many(snapshot, studio):
    names = tuple(name for name in snapshot.read("parcels").columns if name not in ("geometry", "parcel_id"))[
        :27
    ]
    document = listed(snapshot, "idle = 'yes'", studio, columns=names)
    made = tables(document)
    assert len(made) == 3
    assert sum(len(table.columns) - 2 for table in made) == len(names)
    assert len({row[1].text for table in made for row in table.rows}) == len(
        chosen_rows(snapshot, "idle = 'yes'")
    )
    with pytest.raises(ProjectError, match="no column 'nothing'"):
        listed(snapshot, "idle = 'yes'", studio, columns=("nothing",))


def test_a_list_of_nothing_says_so(snapshot, studio):
    texts = "\n".join(document_texts(listed(snapshot, "site_area_m2 < 0", studio)))
    assert "No parcel fits." in texts
    assert "0 of 40 parcels" in texts


def test_the_list_has_its_own_columns_where_none_are_asked_for(snapshot, studio):
    (table,) = tables(list_document(snapshot, snapshot.read("parcels"), Chosen(), lang="en", studio=studio))
    known = [name for name in LIST_COLUMNS if name in snapshot.read("parcels")]
    assert len(table.columns) == len(known) + 1
    assert len(table.rows) == 40


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_register_has_an_entry_with_a_map_for_each_suspected_parcel(snapshot, studio, lang):
    document = register_document(snapshot, lang=lang, studio=studio)
    entries = [block for section in document.sections for block in section.blocks if isinstance(block, Entry)]
    parcels = snapshot.read("parcels")
    wanted = parcels.loc[parcels["idle"].isin(["yes", "undetermined"]), "parcel_id"]
    assert sorted(entry.table.rows[0][1].text for entry in entries) == sorted(wanted)
    assert document.banner
    mark = {
        entry.table.rows[0][1].text: [cell.mark for row in entry.table.rows for cell in row if cell.mark]
        for entry in entries
    }
    assert all(
        mark[name] == [verdict]
        for name, verdict in zip(parcels["parcel_id"], parcels["idle"], strict=True)
        if name in mark
    )


def test_the_small_map_outlines_its_parcel_in_red(snapshot, studio):
    document = register_document(snapshot, lang="en", studio=studio)
    entry = next(
        block for section in document.sections for block in section.blocks if isinstance(block, Entry)
    )
    pixels = np.asarray(Image.open(io.BytesIO(entry.picture.drawing.png())).convert("RGB")).astype(int)
    red = (pixels[..., 0] > 150) & (pixels[..., 1] < 60) & (pixels[..., 2] < 60)
    rows, columns = np.nonzero(red)
    assert red.sum() > 500
    # The outline stands in the middle, and takes half of the width or of the height.
    height, width = red.shape
    assert abs((columns.min() + columns.max()) / 2 / width - 0.5) < 0.03
    assert abs((rows.min() + rows.max()) / 2 / height - 0.5) < 0.03
    assert np.ptp(columns) / width == pytest.approx(0.5, abs=0.05) or np.ptp(rows) / width == pytest.approx(
        0.5, abs=0.05
    )


@pytest.mark.parametrize("ending", ["pdf", "docx", "html"])
@pytest.mark.usefixtures("studio")
def test_list_and_register_are_written_alike_twice(snapshot, tmp_path, ending):
    rows = chosen_rows(snapshot, "idle = 'yes'")
    for at in range(2):
        write_register_document(snapshot, tmp_path / f"register-{at}.{ending}", lang="zh")
        write_list(snapshot, rows, tmp_path / f"list-{at}.{ending}", lang="zh")
    for name in ("register", "list"):
        first = (tmp_path / f"{name}-0.{ending}").read_bytes()
        assert first == (tmp_path / f"{name}-1.{ending}").read_bytes()
    if ending == "docx":
        with zipfile.ZipFile(tmp_path / "register-0.docx") as packed:
            pictures = [name for name in packed.namelist() if name.startswith("word/media/")]
        assert len(pictures) == 1 + snapshot.read("parcels")["idle"].isin(["yes", "undetermined"]).sum()
    program = shutil.which("pdftotext")
    if ending == "pdf" and program:
        told = subprocess.run(
            [program, "-layout", str(tmp_path / "register-0.pdf"), "-"], capture_output=True, check=True
        )
        assert IDLE in told.stdout.decode("utf-8")


@pytest.mark.usefixtures("studio")
def test_a_hostile_snapshot_passes_through_list_and_register(tmp_path):
    hostile = build_report_snapshot(tmp_path / "ws", parcels=20, hostile=True)
    for ending in ("pdf", "docx", "html"):
        write_register_document(hostile, tmp_path / f"register.{ending}", lang="zh")
        write_list(hostile, hostile.read("parcels"), tmp_path / f"list.{ending}", lang="en")
        assert "<script>window" not in (tmp_path / f"list.{ending}").read_bytes().decode("utf-8", "replace")


def test_photos_stand_in_the_dossier_with_day_and_direction(tmp_path, studio):
    snapshot = build_report_snapshot(tmp_path / "ws", parcels=8)
    folder = tmp_path / "ws" / "photos" / IDLE
    folder.mkdir(parents=True)
    told = Image.Exif()
    told.get_ifd(0x8769)[0x9003] = "2026:06:20 10:11:12"
    told.get_ifd(0x8825)[17] = 92.0
    Image.new("RGB", (300, 200), "#336699").save(folder / "a.jpg", exif=told)
    (folder / "b.jpg").write_bytes((folder / "a.jpg").read_bytes()[:500])
    photos = photos_of(tmp_path / "ws", IDLE)
    document = parcel_document(snapshot, IDLE, lang="en", studio=studio, photos=photos)
    (gallery,) = [
        block for section in document.sections for block in section.blocks if isinstance(block, Gallery)
    ]
    assert [shot.caption for shot in gallery.shots] == ["2026-06-20 10:11 · looking east (92°) · a.jpg"]
    assert "Damaged, and not shown: b.jpg." in "\n".join(document_texts(document))
    for ending in ("html", "pdf", "docx"):
        write_dossier(snapshot, IDLE, tmp_path / f"d.{ending}", lang="zh", photos=photos)
    assert b"data:image/jpeg;base64," in (tmp_path / "d.html").read_bytes()
    with zipfile.ZipFile(tmp_path / "d.docx") as packed:
        assert any(name.endswith((".jpg", ".jpeg")) for name in packed.namelist())


def test_the_map_of_a_list_shows_the_other_parcels_as_not_chosen(snapshot, studio):
    document = listed(snapshot, "idle = 'yes'", studio)
    (picture,) = [
        block for section in document.sections for block in section.blocks if isinstance(block, Picture)
    ]
    assert picture.drawing.svg().startswith(b"<?xml")
    assert "numbers are those of the list" in picture.caption
