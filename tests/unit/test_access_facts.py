"""What a snapshot says of accessibility and services, as values, in the terminal, in dossier and report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parkgeo.cli.access import print_access, print_parcel_access, print_remarks
from parkgeo.errors import NotFoundError
from parkgeo.report import access_of_parcel, access_summary, dossier, network_remarks
from parkgeo.report.document import document_texts
from parkgeo.report.fonts import find_font
from parkgeo.report.parcel_report import parcel_document
from parkgeo.report.park_report import park_document
from parkgeo.report.studio import Studio
from tests.access_snapshot import ASKS, CUT_OFF, NO_ROAD, PARCELS, SERVICES, build_access_snapshot
from tests.snapshot_builder import HOSTILE, build_snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_access_snapshot(tmp_path_factory.mktemp("access"))


@pytest.fixture(scope="module")
def studio():
    try:
        return Studio(find_font(None, chinese=True))
    except NotFoundError as error:
        pytest.skip(f"{error}")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("bare"), parcels=6)


@pytest.fixture(scope="module")
def told(snapshot):
    return access_summary(snapshot)


def _id(snapshot, at):
    return snapshot.read("parcels")["parcel_id"].iloc[at]


def test_the_network_is_counted(told, snapshot):
    edges = snapshot.read("network_edges")
    network = told["network"]
    assert network["edges"] == len(edges)
    assert network["km"] == pytest.approx(edges.length.sum() / 1000)
    assert sum(part["km"] for part in network["parts"]) == pytest.approx(network["km"])
    assert {part["part"]: part["edges"] for part in network["parts"]} == {"main": len(edges) - 1, "island": 1}
    assert network["report"] == {"dangling_end": 1, "near_miss": 1}
    assert (network["gates_given"], network["gates_assumed"], network["parcels_without_gate"]) == (1, 3, 1)


def test_ends_that_meet_are_one_node(told, snapshot):
    lines = snapshot.read("network_edges").geometry
    ends = {(round(x, 3), round(y, 3)) for line in lines for x, y in (line.coords[0], line.coords[-1])}
    assert told["network"]["nodes"] == len(ends) < 2 * len(lines)


def test_minutes_are_told_with_who_lacks_them_and_why(told):
    ramp = next(row for row in told["minutes"] if row["field"] == "travel_min_motorway_ramp")
    minutes = [2.0 + 3.0 * at for at in range(PARCELS) if at not in (CUT_OFF, NO_ROAD)]
    assert (ramp["least"], ramp["median"], ramp["most"]) == (2.0, np.median(minutes), 35.0)
    assert (ramp["known"], ramp["unknown"]) == (PARCELS - 2, 2)
    assert {(reason["en"], reason["parcels"]) for reason in ramp["reasons"]} == {
        (english, 1) for _, english in ASKS.values()
    }


def test_a_reason_that_holds_for_all_counts_all_who_lack_the_figure(told):
    port = next(row for row in told["minutes"] if row["field"] == "truck_min_port")
    assert port["least"] is None
    assert port["reasons"] == [{"zh": "没有港口。", "en": "There is no port.", "parcels": PARCELS}]


def test_a_gap_of_a_parcel_that_has_the_figure_all_the_same_counts_for_nothing(snapshot, monkeypatch):
    gaps = snapshot.read("gaps")
    stale = gaps[gaps["field"] == "travel_min_motorway_ramp"].iloc[:1].assign(parcel_id=_id(snapshot, 0))
    real = type(snapshot).read
    monkeypatch.setattr(
        type(snapshot),
        "read",
        lambda self, name: (
            pd.concat([gaps, stale], ignore_index=True) if name == "gaps" else real(self, name)
        ),
    )
    ramp = next(
        row for row in access_summary(snapshot)["minutes"] if row["field"] == "travel_min_motorway_ramp"
    )
    assert [reason["parcels"] for reason in ramp["reasons"]] == [1, 1]


def test_services_are_counted_and_the_bottleneck_is_the_rarest(told):
    services = told["services"]
    # Every third parcel lacks gas, every third gas and heat, and one meets no road and has none.
    lost = {at: set(SERVICES) if at == NO_ROAD else set(("gas", "heat")[: at % 3]) for at in range(PARCELS)}
    for row in services["kinds"]:
        ready = sum(row["kind"] not in kinds for kinds in lost.values())
        assert (row["ready"], row["not_ready"]) == (ready, PARCELS - ready)
        assert row["share"] == pytest.approx(ready / PARCELS)
    assert services["bottleneck"] == "gas"
    assert services["one_away"] == {"gas": 4}
    assert sum(services["ready"].values()) + services["unknown"] == PARCELS


def test_no_bottleneck_is_named_where_all_is_ready(snapshot, monkeypatch):
    real = type(snapshot).read
    monkeypatch.setattr(
        type(snapshot), "read", lambda self, name: real(self, name).assign(ready="yes") if name == "services" else real(self, name)
    )  # fmt: skip
    assert access_summary(snapshot)["services"]["bottleneck"] is None


def test_a_parcel_has_its_ways_in_order_with_names(snapshot):
    told = access_of_parcel(snapshot, _id(snapshot, 0))
    ramp = [way for way in told["ways"] if way["kind"] == "motorway_ramp" and way["mode"] == "car"]
    assert [(way["rank"], way["minutes"], way["name"]) for way in ramp] == [
        (1, 2.0, "设施3"),
        (2, 32.0, None),
    ]
    assert told["ways"][0] == ramp[0]
    assert told["score"] == 100.0
    assert [row["kind"] for row in told["services"]] == list(SERVICES)


def test_a_parcel_without_a_way_says_so_and_why(snapshot):
    told = access_of_parcel(snapshot, _id(snapshot, NO_ROAD))
    assert all(way["minutes"] is None and way["facility_id"] is None for way in told["ways"])
    assert told["asks"]["travel_min_motorway_ramp"]["en"] == [ASKS[NO_ROAD][1]]
    assert told["asks"]["truck_min_port"]["en"] == ["There is no port."]
    assert told["score"] is None


def test_an_unknown_parcel_is_refused(snapshot):
    with pytest.raises(NotFoundError, match="no parcel"):
        access_of_parcel(snapshot, "nowhere")


def test_remarks_have_a_place_on_earth(snapshot):
    remarks = network_remarks(snapshot)
    assert [row["kind"] for row in remarks] == ["dangling_end", "near_miss"]
    assert 119 < remarks[0]["longitude"] < 121
    assert 31 < remarks[0]["latitude"] < 32
    assert remarks[0]["other_road_id"] is None


def test_a_snapshot_before_there_were_travel_times_says_so(bare, capsys):
    told = access_summary(bare)
    assert told["network"] is None
    assert told["services"] is None
    assert told["minutes"] == told["links"] == network_remarks(bare) == []
    print_access(told, bare, "en")
    assert "holds no travel times" in capsys.readouterr().out
    assert dossier(bare, _id(bare, 0))["access"]["ways"] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_printed_has_the_figures(snapshot, told, lang, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    print_access(told, snapshot, lang)
    text = capsys.readouterr().out
    for figure in ("2.0", "35.0", "7.2", "33.3 %", ASKS[CUT_OFF][lang == "en"]):
        assert figure in text
    print_parcel_access(access_of_parcel(snapshot, _id(snapshot, 0)), snapshot, lang)
    assert "2. F9" in capsys.readouterr().out
    print_parcel_access(access_of_parcel(snapshot, _id(snapshot, 0)), snapshot, lang, nearest=True)
    assert "F9" not in capsys.readouterr().out
    print_remarks(network_remarks(snapshot), snapshot, lang)
    assert "12.50 m" in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_dossier_and_report_have_a_section(snapshot, studio, lang):
    dossier_text = "\n".join(
        document_texts(parcel_document(snapshot, _id(snapshot, NO_ROAD), lang=lang, studio=studio))
    )
    title = {"zh": "交通可达性与配套", "en": "Accessibility and services"}[lang]
    for words in (title, ASKS[NO_ROAD][lang == "en"], "150.0", "100.0"):
        assert words in dossier_text
    report_text = "\n".join(document_texts(park_document(snapshot, lang=lang, studio=studio)))
    for words in (title, "35.0", "33.3 %"):
        assert words in report_text


def test_a_report_without_travel_times_names_what_is_left_out(bare, studio):
    text = "\n".join(document_texts(park_document(bare, lang="en", studio=studio)))
    assert "Accessibility and services: " in text


def test_users_text_is_printed_as_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    hostile = build_access_snapshot(tmp_path, hostile=True)
    print_access(access_summary(hostile), hostile, "en")
    assert HOSTILE[0] in capsys.readouterr().out
