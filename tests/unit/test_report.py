"""Dossier and park report: what they say, in both languages and all formats, of any snapshot and with any text."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import numpy as np
import pandas as pd
import pytest
from markupsafe import escape

from parkgeo.errors import NotFoundError, ProjectError
from parkgeo.report import dossier, fonts, write_dossier, write_report
from parkgeo.report.charts import Bar, bars, blend
from parkgeo.report.document import Cell, Column, Document, Paragraph, Picture, Section, Table, document_texts
from parkgeo.report.facts import Facts
from parkgeo.report.fonts import find_font, has_chinese
from parkgeo.report.html import document_html
from parkgeo.report.palette import VERDICTS, Fill
from parkgeo.report.parcel_report import parcel_document
from parkgeo.report.park_access import service_shares
from parkgeo.report.park_report import park_document
from parkgeo.report.pdf import document_pdf
from parkgeo.report.register_report import register_document
from parkgeo.report.static_map import kinds_of_quantity
from parkgeo.report.studio import Studio
from parkgeo.report.visible import one_line, visible
from parkgeo.report.word import document_docx
from parkgeo.store import Snapshot
from tests.report_snapshot import LINES, MARKUP, build_report_snapshot
from tests.snapshot_builder import AS_OF, HOSTILE, PERSONAL, build_snapshot

LANGUAGES = ("zh", "en")
IDLE, SUSPENDED, BUSY, OPEN = "320000-GB00003", "320000-GB00006", "320000-GB00001", "320000-GB00005"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_report_snapshot(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return build_report_snapshot(tmp_path_factory.mktemp("hostile"), hostile=True)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """As a snapshot before all these tables and columns was."""
    return build_snapshot(tmp_path_factory.mktemp("bare"), parcels=12)


@pytest.fixture(scope="module")
def font():
    try:
        return find_font(None, chinese=True)
    except NotFoundError as error:
        pytest.skip(f"{error}")


@pytest.fixture(scope="module")
def studio(font):
    return Studio(font)


def pdf_text(content: bytes) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("no pdftotext (poppler-utils) on this machine")
    done = subprocess.run([program, "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def docx_texts(content: bytes) -> list[str]:
    file = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in file.paragraphs), *cells]


def squeezed(text: str) -> str:
    """Without the breaks and spaces that setting a text brings."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def texts_of(document: Document) -> str:
    return "\n".join(document_texts(document))


def tables_of(document: Document, title: str) -> list[Table]:
    return [
        block
        for section in document.sections
        if section.title.startswith(title)
        for block in section.blocks
        if isinstance(block, Table)
    ]


def rows_of(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


# — the dossier's facts


def test_a_dossier_is_plain_json_and_holds_all_that_is_known(snapshot):
    told = json.loads(json.dumps(dossier(snapshot, IDLE), allow_nan=False))
    assert told["verdicts"] == {
        "idle_not_started": "yes", "idle_suspended": "no", "low_efficiency": "no", "evidence_conflict": "yes",
    }  # fmt: skip
    assert [line["line"] for line in told["evidence"]] == list(LINES)
    assert told["fields"]["idle_cost_wan_per_year"]["formula_en"]
    assert told["fields"]["output_wan_per_mu"]["value"] is None
    assert {record["table"] for record in told["records"]} == {"supply"}
    assert told["source"] == {"file": "sample.gpkg", "row": 3}


def test_personal_fields_are_in_no_document(snapshot, studio):
    told = json.dumps(dossier(snapshot, BUSY), ensure_ascii=False)
    told += texts_of(parcel_document(snapshot, BUSY, lang="zh", studio=studio))
    told += texts_of(park_document(snapshot, lang="zh", studio=studio))
    assert "经办人" not in told
    assert not [secret for secret in PERSONAL if secret in told]
    assert "agent" not in Facts(snapshot, "zh").parcels


def test_a_slip_of_the_id_is_answered_with_ids_near_it(snapshot):
    with pytest.raises(NotFoundError, match="near it: 320000-GB0"):
        dossier(snapshot, IDLE[:-1] + "X")


# — the dossier as a document


@pytest.mark.parametrize(
    ("lang", "first", "suspected", "yes"),
    [
        ("zh", "疑似闲置：约定 2024-03-01 动工", "疑似，待核实", "是"),
        ("en", "Suspected idle: agreed start 2024-03-01", "Suspected, for verification", "yes"),
    ],
)
def test_the_verdict_stands_first_then_each_clause(snapshot, studio, lang, first, suspected, yes):
    document = parcel_document(snapshot, IDLE, lang=lang, studio=studio)
    lead = document.sections[0].blocks[0]
    assert isinstance(lead, Paragraph)
    assert lead.text.startswith(first)
    assert document.banner == suspected
    clauses = rows_of(tables_of(document, {"zh": "逐条判定", "en": "Clause by clause"}[lang])[0])
    by_rule = {row[0]: row[1:] for row in clauses}
    assert by_rule[{"zh": "未动工（闲置）", "en": "Not started (idle)"}[lang]][0] == yes
    assert "365" in by_rule[{"zh": "未动工（闲置）", "en": "Not started (idle)"}[lang]][2]
    assert len(clauses) == 4


def test_a_parcel_in_use_carries_no_suspicion(snapshot, studio):
    assert parcel_document(snapshot, BUSY, lang="en", studio=studio).banner == ""


def test_each_line_of_evidence_says_what_it_says_and_whence(snapshot, studio):
    document = parcel_document(snapshot, IDLE, lang="zh", studio=studio)
    rows = rows_of(tables_of(document, "逐项证据")[0])
    assert [row[:2] for row in rows] == [
        ["合同", "闲置"], ["许可", "闲置"], ["建筑物", "闲置"], ["影像", "无法判断"], ["用电", "在用"], ["用水", "闲置"], ["产出与税收", "闲置"],
    ]  # fmt: skip
    assert rows[0][4] == "ledger/供地台账.xlsx, 第 12 行"
    text = texts_of(document)
    assert "综合：矛盾。" in text
    assert "相互矛盾" in text
    assert "缺少数据绝不当作证明" in text


def test_figures_are_traced_to_file_row_pack_and_clause(snapshot, studio):
    text = texts_of(parcel_document(snapshot, IDLE, lang="en", studio=studio))
    assert "ledger/供地台账.xlsx, row 12" in text
    assert "national · Order 53, 2012 (verified)" in text
    assert "the ledger has no such column" in text
    assert "sample.gpkg, row 3" in text
    assert "cn-national 2012/2023" in text
    assert "how Land that could be released is worked out" in text


def test_an_undetermined_parcel_names_what_to_ask_for(snapshot, studio):
    text = texts_of(parcel_document(snapshot, OPEN, lang="en", studio=studio))
    assert "Missing, to be asked for: Agreed start, Handover of land." in text
    assert "Ask the land supply section for: Proof of handover" in text


def test_the_second_paragraph_is_worded_as_the_discretion_that_it_is(snapshot, studio):
    text = texts_of(parcel_document(snapshot, SUSPENDED, lang="zh", studio=studio))
    assert "第二款规定“可以认定”为闲置土地" in text


def test_a_yield_is_held_against_its_benchmark_and_the_grade_says_what_would_lift_it(snapshot, studio):
    document = parcel_document(snapshot, BUSY, lang="en", studio=studio)
    rows = {row[0]: row[1:] for row in rows_of(tables_of(document, "What it yields")[0])}
    output = snapshot.read("parcels").set_index("parcel_id").loc[BUSY, "output_wan_per_mu"]
    assert rows["Output per mu"][0] == f"{output:g} wan yuan/mu"
    assert rows["Output per mu"][2] == f"{100 * output / 350:.0f} %"
    assert "Benchmark output per mu (Fuzhou, 2023)" in rows["Output per mu"][3]
    assert "Tax per mu of 21.4 would make it a B." in texts_of(document)
    pictures = [
        block for section in document.sections for block in section.blocks if isinstance(block, Picture)
    ]
    assert len(pictures) == 4  # map, dates, distribution, years


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_older_snapshot_says_what_it_lacks_and_why(bare, studio, lang):
    document = parcel_document(bare, IDLE, lang=lang, studio=studio)
    text = texts_of(document)
    assert {"zh": "本次成果没有该宗地的逐项证据", "en": "has no lines of evidence"}[lang] in text
    assert {"zh": "没有影像", "en": "There is no imagery"}[lang] in text
    report = texts_of(park_document(bare, lang=lang, studio=studio))
    assert {"zh": "本报告未列内容及原因", "en": "Left out of this report, and why"}[lang] in report
    assert {"zh": "地图：各宗地处于什么状态？", "en": "Map: In what state is each parcel?"}[lang] in report


def test_a_snapshot_of_parcels_alone_has_dossier_and_report(tmp_path, studio):
    full = build_snapshot(tmp_path / "workspace", parcels=4)
    manifest = json.loads((full.path / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables"] = {"parcels": manifest["tables"]["parcels"]}
    (full.path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    alone = Snapshot(full.path)
    assert "320000-GB00001" in texts_of(parcel_document(alone, "320000-GB00001", lang="en", studio=studio))
    assert "Register of suspected idle land" in texts_of(park_document(alone, lang="en", studio=studio))


# — the park report


def test_the_first_page_adds_up(snapshot, studio):
    document = park_document(snapshot, lang="en", studio=studio)
    parcels = snapshot.read("parcels")
    idle = parcels[parcels["idle"] == "yes"]
    lead = document.sections[0].blocks[0]
    assert isinstance(lead, Paragraph)
    judged = parcels["idle"].notna().sum()
    assert lead.text.startswith(f"{len(idle)} of {judged} parcels judged are suspected idle: ")
    assert f"{idle['site_area_m2'].sum() / 10_000:.2f}".rstrip("0") in lead.text
    assert f"{idle['idle_cost_wan_per_year'].sum() / 100:,.0f} million yuan" in lead.text
    share = 100 * idle["site_area_m2"].sum() / parcels.loc[parcels["idle"].notna(), "site_area_m2"].sum()
    assert f", {share:.1f} % of the land judged." in lead.text
    clauses = rows_of(tables_of(document, "How much land is idle?")[0])
    counts = {row[0]: int(row[2]) for row in clauses if row[1].startswith("Suspected")}
    assert counts == {
        "Not started (idle)": int((parcels["idle_not_started"] == "yes").sum()),
        "Suspended for a year (may be idle)": int((parcels["idle_suspended"] == "yes").sum()),
    }
    assert sum(counts.values()) == len(idle)
    grades = rows_of(tables_of(document, "What does it yield?")[1])
    assert sum(int(count) for count in grades[0][1:]) == len(parcels)


def test_what_it_yields_is_what_the_indicators_say(snapshot, studio):
    document = park_document(snapshot, lang="en", studio=studio)
    rows = rows_of(tables_of(document, "What does it yield?")[0])
    assert rows == [["Output per mu", "203.1", "wan yuan/mu", "350", "58 %", "Fuzhou"]]
    ledger = rows_of(tables_of(document, "How is the land used?")[0])
    assert [row[0] for row in ledger] == ["A", "A1", "A2", "B", "C", "D", "E", "F", "G"]
    assert ledger[0][1:] == ["Built town land", "81.2", "1,218", "24"]


def test_indicators_of_services_stand_in_a_row_a_service_and_nowhere_else(snapshot, monkeypatch):
    facts = Facts(snapshot, "en")
    about = {"unit": "%", "en": "x", "verified": True}
    shares = [
        {"name": f"service_{kind}_{of}", "value": value, "numerator": part, "denominator": whole, "formula_en": f"of {of}", **about}
        for kind, of, value, part, whole in (
            ("water", "parcels", 75.0, 3.0, 4.0), ("water", "area", 60.5, 12.1, 20.0), ("gas", "parcels", 50.0, 2.0, 4.0),
            ("gas", "area", 13.0, 2.6, 20.0), ("heat", "parcels", 25.0, 1.0, 4.0), ("heat", "area", float("nan"), float("nan"), 20.0),
        )
    ]  # fmt: skip
    both = pd.concat([facts.table("indicators"), pd.DataFrame(shares)], ignore_index=True)
    real = facts.table
    monkeypatch.setattr(facts, "table", lambda name: both if name == "indicators" else real(name))
    table, folded = service_shares(facts)
    assert rows_of(table) == [
        ["water", "75 %", "3 ÷ 4", "60.5 %", "12.1 ÷ 20"],
        ["gas", "50 %", "2 ÷ 4", "13 %", "2.6 ÷ 20"],
    ]
    # A service of which one half is not known stays among the others, where what has no value is named.
    assert folded == {f"service_{kind}_{of}" for kind in ("water", "gas") for of in ("parcels", "area")}
    assert "of parcels" in table.caption
    assert "of area" in table.caption


def test_columns_of_a_row_side_by_side_are_as_wide_as_their_cells(snapshot, studio):
    content = document_docx(register_document(snapshot, lang="zh", studio=studio))
    tables = docx.Document(io.BytesIO(content)).tables
    assert tables
    for table in tables:
        # Word goes by the cells, LibreOffice and WPS by the columns; the inner table must fit into either.
        assert [column.width for column in table.columns] == [cell.width for cell in table.rows[0].cells]
        inner = table.rows[0].cells[1].tables[0]
        assert sum(column.width for column in inner.columns) < table.columns[1].width


def test_the_register_lists_each_idle_parcel_once_and_field_checks_come_by_rank(snapshot, studio):
    document = park_document(snapshot, lang="zh", studio=studio)
    parcels = snapshot.read("parcels")
    register = rows_of(tables_of(document, "疑似闲置土地清单")[0])
    assert sorted(row[1] for row in register) == sorted(parcels.loc[parcels["idle"] == "yes", "parcel_id"])
    suspended = next(row for row in register if row[1] == SUSPENDED)
    assert "可以认定为闲置土地" in suspended[4]
    checks = rows_of(tables_of(document, "实地核查")[0])
    assert [row[0] for row in checks] == [str(rank) for rank in range(1, len(checks) + 1)]
    assert checks[0][5] == "用电"
    open_ones = rows_of(tables_of(document, "无法判定")[0])
    assert {row[4] for row in open_ones} == {"约定动工日期、实际交地日期"}


def test_every_chart_and_map_is_there_once(snapshot, studio):
    document = park_document(snapshot, lang="en", studio=studio)
    pictures = [
        block.alt for section in document.sections for block in section.blocks if isinstance(block, Picture)
    ]
    assert pictures == [
        "Which land is idle?", "In what state is each parcel?", "What does each mu put out?", "Which land yields how well?", "Land ledger",
        "Output per mu", "Tax per mu", "Output against floor area ratio", "Output per mu", "Trend over the years",
    ]  # fmt: skip
    captions = [
        block.caption
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Picture)
    ]
    assert all("2026-06-30" in caption and snapshot.name in caption for caption in captions)


def test_a_chinese_report_has_no_english_sentences(snapshot, studio):
    from parkgeo.i18n import messages

    english = {text for text in messages("zh") if len(text) > 3 and text.isascii()}
    texts = [text for text in document_texts(park_document(snapshot, lang="zh", studio=studio)) if text]
    texts += [
        text for text in document_texts(parcel_document(snapshot, IDLE, lang="zh", studio=studio)) if text
    ]
    assert not set(texts) & english - {"parkgeo"}


# — the writers


@pytest.mark.parametrize("ending", [".html", ".pdf", ".docx"])
def test_the_same_snapshot_gives_the_same_bytes(snapshot, font, tmp_path, ending):
    assert font
    for turn in ("one", "two"):
        write_dossier(snapshot, BUSY, tmp_path / f"d{turn}{ending}", lang="zh")
        write_report(snapshot, tmp_path / f"r{turn}{ending}", lang="zh")
    for kind in "dr":
        first, second = ((tmp_path / f"{kind}{turn}{ending}").read_bytes() for turn in ("one", "two"))
        assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    written = {f"{kind}{turn}{ending}" for kind in "dr" for turn in ("one", "two")}
    assert {file.name for file in tmp_path.iterdir()} == written


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pdf_and_word_hold_the_same_texts(snapshot, font, studio, lang):
    document = park_document(snapshot, lang=lang, studio=studio)
    in_pdf = squeezed(pdf_text(document_pdf(document, font)))
    in_word = {squeezed(text) for text in docx_texts(document_docx(document))}
    for section in document.sections:
        assert squeezed(section.title) in in_pdf
        assert squeezed(section.title) in in_word
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert squeezed(block.text) in in_pdf
                assert squeezed(block.text) in in_word
            if isinstance(block, Table):
                assert {squeezed(cell.text) for row in block.rows for cell in row} <= in_word


def test_the_pdf_says_the_day_of_the_snapshot_and_holds_its_fonts(snapshot, font, tmp_path):
    assert font
    write_report(snapshot, tmp_path / "r.pdf", lang="zh")
    program = shutil.which("pdfinfo")
    if program is None:
        pytest.skip("no pdfinfo (poppler-utils) on this machine")
    told = subprocess.run(
        [program, "-isodates", tmp_path / "r.pdf"], capture_output=True, check=True
    ).stdout.decode()
    assert "2026-06-30" in told
    assert "A4" in told


def test_the_word_file_repeats_heads_states_its_day_and_describes_its_pictures(snapshot, studio):
    document = park_document(snapshot, lang="zh", studio=studio)
    content = document_docx(document)
    file = docx.Document(io.BytesIO(content))
    assert file.core_properties.created.date() == AS_OF
    assert file.sections[0].header.paragraphs[0].text == "疑似，待核实"
    body = file.element.xml
    assert body.count("w:tblHeader") == sum(
        isinstance(block, Table) and block.headed for section in document.sections for block in section.blocks
    )
    assert "哪些地闲置？" in re.findall(r'descr="([^"]*)"', body)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_page_has_no_script_fetches_nothing_and_states_a_strict_policy(snapshot, studio):
    page = document_html(parcel_document(snapshot, IDLE, lang="zh", studio=studio))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1).replace("&#39;", "'")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!data:image/svg)', page)
    assert "style=" not in page


# — hostile text


def _hostile_section(text: str, studio: Studio) -> Section:
    """The text in every place that a document has for one."""
    shown, short = visible(text), one_line(text, 60)
    table = Table.of(
        [Column("A"), Column("B", 0.2), Column(short, 0.2)], [[Cell(shown, "yes"), shown, "1"]], short
    )
    drawing = bars(studio, [Bar(text, 1.0, Fill("#000000"))], axis=short, lang="en")
    return Section(short, (Paragraph(shown), table, Picture(drawing, short, short, 0.4)))


def test_a_users_text_is_shown_as_it_is_in_every_format(font, studio):
    texts = [*MARKUP, *HOSTILE]
    document = Document(
        title=one_line(MARKUP[0], 60), subtitle=MARKUP[1], facts=((MARKUP[2], MARKUP[3]),), banner=MARKUP[4], footer=MARKUP[5],
        lang="en", day=AS_OF, sections=tuple(_hostile_section(text, studio) for text in texts),
    )  # fmt: skip
    page, words = document_html(document), docx_texts(document_docx(document))
    plain = squeezed(pdf_text(document_pdf(document, font))).replace("…", "⋯")
    for text in texts:
        shown = visible(text)
        assert shown in words
        assert str(escape(shown)) in page
        assert squeezed(shown).replace("…", "⋯")[:40] in plain
    body = page.split("</style>")[1]
    assert not re.search(r"<(script|svg|img src=x|a )", body)


def test_a_hostile_snapshot_passes_through_every_writer(hostile, font, tmp_path):
    assert font
    ids = list(hostile.read("parcels")["parcel_id"])
    for ending, lang in ((".html", "zh"), (".pdf", "en"), (".docx", "zh")):
        write_report(hostile, tmp_path / f"r{ending}", lang=lang)
        for at in (2, 9):
            write_dossier(hostile, ids[at], tmp_path / f"d{at}{ending}", lang=lang)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "{{ 7*7 }}" in page
    assert "<script" not in page


def test_text_that_turns_the_reading_order_is_shown_for_what_it_is():
    assert visible("\u202egnp.exe\u202c") == "⟨U+202E⟩gnp.exe⟨U+202C⟩"
    assert visible("a\x00b\ud800") == "a\ufffdb\ufffd"
    assert visible("x\u2028y\r\nz\tt") == "x\ny\nz t"
    assert visible("ab" * 500, most=10) == "ababababab… (1,000)"


# — fonts, colours, files


def test_without_a_chinese_font_one_message_says_how_to_mend_it(monkeypatch, snapshot, tmp_path):
    class NoFonts:
        def fonts(self):
            return []

    monkeypatch.setattr(fonts, "typst_fonts", lambda _folder: NoFonts())
    with pytest.raises(NotFoundError, match=r"no font with Chinese characters.*--font-path DIR"):
        write_report(snapshot, tmp_path / "r.pdf", lang="zh")
    with pytest.raises(NotFoundError, match="--font-path"):
        # The report is in English, and the holders' names are Chinese.
        write_report(snapshot, tmp_path / "r.pdf", lang="en")
    assert not list(tmp_path.iterdir())


def test_a_font_is_found_in_the_folder_that_is_named(font, tmp_path):
    shutil.copy(font.path, tmp_path / f"own{font.path.suffix}")
    found = find_font(tmp_path, chinese=True)
    assert found.path == tmp_path / f"own{font.path.suffix}"
    with pytest.raises(NotFoundError, match="no such folder of fonts"):
        find_font(tmp_path / "none", chinese=True)


def test_an_unknown_font_is_taken_where_it_holds_the_characters(font, monkeypatch):
    assert font
    monkeypatch.setattr(fonts, "_FAMILIES", ())
    found = find_font(None, chinese=True)
    assert found.path is not None


def test_what_needs_a_chinese_font():
    assert has_chinese(["Park", "亩"])
    assert has_chinese(["，"])
    assert not has_chinese(["Park", "m²", "¶"])


def test_a_verdict_is_told_by_pattern_as_well_as_colour():
    patterns = [fill.hatch for verdict, fill in VERDICTS.items() if verdict in ("yes", "undetermined", "no")]
    assert len(set(patterns)) == 3
    assert VERDICTS["yes"].colour == "#D55E00"
    assert VERDICTS["undetermined"].colour == "#F0E442"


def test_opacity_is_taken_into_the_colour():
    assert blend(Fill("#000000", 0.5)) == "#808080"
    assert blend(Fill("#009E73", 0.35)) == "#A6DDCE"


def test_classes_of_a_quantity_hold_each_parcel_once():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.0, np.nan])
    kinds = kinds_of_quantity(values, lang="en")
    assert np.sum([kind.rows for kind in kinds], axis=0).tolist() == [1] * 7
    assert kinds[-1].rows.tolist() == [False] * 6 + [True]
    assert [kind.rows.sum() for kind in kinds_of_quantity(np.full(3, 7.0), lang="en")] == [3, 0]
    assert [kind.rows.sum() for kind in kinds_of_quantity(np.full(3, np.nan), lang="en")] == [3]


def test_a_benchmark_comes_in_the_unit_of_the_measure(snapshot):
    facts = Facts(snapshot, "en")
    assert facts.benchmark("output_wan_per_mu", "wan/mu").value == 350.0
    assert facts.benchmark("output_wan_per_mu", "wan/ha").value == pytest.approx(5250.0)
    assert facts.benchmark("output_wan_per_mu", "day") is None
    assert facts.benchmark("no_such_metric", "1") is None


def test_a_file_of_another_ending_is_refused(snapshot, tmp_path):
    with pytest.raises(ProjectError, match=r"end the name in one of .*\.pdf"):
        write_report(snapshot, tmp_path / "r.doc", lang="en")
    with pytest.raises(ProjectError, match=r"\.html"):
        write_dossier(snapshot, IDLE, Path(tmp_path / "d.txt"), lang="en")
