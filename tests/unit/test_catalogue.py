"""A snapshot explains itself: every column of every table has its titles, and every number its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

if TYPE_CHECKING:
    from parkgeo.pipeline import Run
    from parkgeo.store import Snapshot

# Numbers of these say their unit in another column of the same row.
_UNIT_BESIDE = (
    {("findings", "observed"), ("findings", "threshold"), ("evidence_lines", "figure")}
    | {("indicators", name) for name in ("value", "low", "high", "numerator", "denominator", "benchmark")}
    | {("scores", name) for name in ("value", "benchmark", "needed_for_next_grade")}
    | {("access_scores", name) for name in ("value", "ideal", "worst")}
    | {("services", name) for name in ("capacity", "used", "spare")}
    | {("network_report", "value")}
)
_COUNTS_AND_RATIOS = {"source_row", "row", "year", "month", "level"}


@pytest.fixture(scope="module")
def snapshot(sample_run: Run) -> Snapshot:
    return sample_run.snapshot


def test_every_table_has_titles(snapshot):
    for table in snapshot.tables:
        told = snapshot.catalogue["tables"][table]
        assert told["zh"].strip(), table
        assert told["en"].strip(), table


def test_every_column_has_titles_in_both_languages_and_a_type(snapshot):
    untold = []
    for table in snapshot.tables:
        known = snapshot.catalogue["fields"].get(table, {})
        for column in snapshot.read(table).columns:
            told = known.get(column, {})
            if column not in ("geometry", "bbox") and not (
                told.get("zh") and told.get("en") and told.get("type")
            ):
                untold.append(f"{table}.{column}")
    assert untold == []


def test_every_number_has_a_unit_or_is_a_count_or_a_ratio(snapshot):
    bare = []
    for table in snapshot.tables:
        frame = snapshot.read(table)
        for column in frame.columns:
            number = pd.api.types.is_float_dtype(frame[column]) or pd.api.types.is_integer_dtype(
                frame[column]
            )
            if not number or (table, column) in _UNIT_BESIDE or column in _COUNTS_AND_RATIOS:
                continue
            told = snapshot.field(table, column)
            unitless = told["type"] == "integer" or column in (
                "far",
                "building_density",
                "building_coefficient",
                "area_difference_ratio",
            )
            if not told["unit"] and not unitless:
                bare.append(f"{table}.{column}")
    assert bare == []


def test_types_are_those_of_the_columns(snapshot):
    for table in snapshot.tables:
        frame = snapshot.read(table)
        for column in frame.columns:
            if column in ("geometry", "bbox"):
                continue
            kind = snapshot.field(table, column)["type"]
            if kind in ("number", "integer"):
                assert pd.api.types.is_numeric_dtype(frame[column]), (table, column)
            elif kind == "date":
                assert pd.api.types.is_datetime64_any_dtype(frame[column]), (table, column)
            elif kind == "verdict":
                assert set(frame[column].dropna()) <= {"yes", "no", "undetermined"}, (table, column)


def test_every_finding_code_is_told(snapshot):
    for code in snapshot.manifest["findings_judged"]:
        told = snapshot.findings_catalogue[code]
        assert all(told[key] for key in ("zh", "en", "severity", "source"))
        assert snapshot.field(told["table"], code)["type"] == "verdict"
    assert set(snapshot.read("findings")["code"]) <= set(snapshot.findings_catalogue)


def test_figures_in_force_are_told_with_their_source(snapshot):
    figures = snapshot.catalogue["figures"]
    assert figures["idle.fee_share"]["value"] == 0.2
    assert figures["idle.default_start_after_handover_years"]["on"] is False
    assert all(figure["source"] and figure["edition"] for figure in figures.values())


def test_personal_fields_are_marked(snapshot):
    fields = snapshot.catalogue["fields"]
    assert fields["enterprises"]["contact"]["personal"]
    assert fields["enterprises"]["phone"]["personal"]
