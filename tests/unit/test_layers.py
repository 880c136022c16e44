"""The validator: every row in the layer or in exactly one reject; and what a schema says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.errors import NotFoundError
from parkgeo.layers import Layers, schema, schemas, sentence, validate
from parkgeo.units import known_units
from tests.builders import land, rect

SHAPES = [
    rect(0, 0, 10, 10), rect(20, 0, 5, 5), None, shapely.Polygon(), shapely.Point(1, 1),
    shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)]),
]  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(range(len(SHAPES))),
        st.sampled_from([1.0, -1.0, None]),
    )
)


def frame_of(rows):
    return land(
        [SHAPES[at] for _, at, _ in rows],
        parcel_id=pd.Series([one for one, _, _ in rows], dtype=object),
        registered_area_m2=pd.Series([one for _, _, one in rows], dtype=float),
        source_row=range(len(rows)),
    )


@given(ROWS)
def test_every_row_is_accepted_or_in_one_reject(rows):
    frame = frame_of(rows)
    before = frame.copy()
    found = validate(schema("parcels"), frame)
    kept = found.frame["source_row"].tolist()
    gone = [int(row) for reject in found.rejects for row in reject.rows]
    assert sorted(kept + gone) == list(range(len(rows)))
    pd.testing.assert_frame_equal(frame, before)


@given(ROWS)
def test_what_is_accepted_is_sound(rows):
    got = validate(schema("parcels"), frame_of(rows)).frame
    assert got["parcel_id"].is_unique
    assert got["parcel_id"].notna().all()
    assert got["parcel_id"].is_monotonic_increasing
    shapes = np.asarray(got.geometry.array, dtype=object)
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapes) > 0).all()
    assert not (got["registered_area_m2"] < 0).any()


@given(ROWS, st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows, random):
    """But which of equal copies stays: they are equal."""
    shuffled = list(rows)
    random.shuffle(shuffled)
    a, b = (
        validate(schema("parcels"), frame_of(one)).frame.drop(columns="source_row")
        for one in (rows, shuffled)
    )
    assert a["parcel_id"].tolist() == b["parcel_id"].tolist()
    assert a.geometry.tolist() == b.geometry.tolist()


def test_values_beyond_limits_are_missing_and_said():
    frame = land(
        [rect(0, 0, 1, 1), rect(2, 0, 1, 1)],
        building_id=["a", "b"],
        floors=[3.0, 900.0],
        height_m=[-2.0, 9.0],
    )
    found = validate(schema("buildings"), frame)
    assert found.frame["floors"].isna().tolist() == [False, True]
    assert found.frame["height_m"].isna().tolist() == [True, False]
    assert [str(fault.what) for fault in found.faults] == [
        "Floors is not within 0 to 200: 900",
        "Height is below 0: -2",
    ]
    assert [fault.rows.tolist() for fault in found.faults] == [[1], [0]]


def test_ids_that_nobody_refers_to_are_numbered_apart():
    frame = land([rect(at, 0, 1, 1) for at in range(4)], road_id=["1", "1", "1 (2)", "1"])
    frame["geometry"] = shapely.boundary(np.asarray(frame.geometry.array, dtype=object))
    found = validate(schema("roads"), frame)
    assert sorted(found.frame["road_id"]) == ["1", "1 (2)", "1 (3)", "1 (4)"]
    assert found.rejects == ()


def test_tables_have_no_key_but_no_copies_either():
    frame = pd.DataFrame(
        {
            "enterprise_id": ["e", "e", "e"],
            "year": [2025.0] * 3,
            "tax_wan": [1.0, 1.0, np.nan],
            "source_row": [2, 3, 4],
        }
    )
    found = validate(schema("performance"), frame)
    assert found.frame["source_row"].tolist() == [2, 4]


def test_an_empty_layer_is_an_empty_layer():
    for name in ("parcels", "roads"):
        assert validate(
            schema(name), frame_of([]).rename(columns={"parcel_id": schema(name).key})
        ).frame.empty


def test_the_layers_tell_what_is_missing():
    layers = Layers(parks=land([]), parcels=land([]))
    assert set(layers.tables()) == {"parks", "parcels"}
    assert {"supply", "buildings", "imagery", "dem"} <= set(layers.missing())
    assert "parks" not in layers.missing()


def test_fields_toml_is_of_one_piece():
    for layer in schemas().values():
        assert not layer.key or layer.key in layer.fields
        headers = [header for field in layer.fields.values() for header in sorted(field.headers)]
        doubled = {header for header in headers if headers.count(header) > 1}
        assert not doubled, f"{layer.name}: {doubled} mean two fields"
        for field in layer.fields.values():
            assert field.zh
            assert field.en
            assert not field.unit or field.unit.casefold() in known_units(field.unit)
            assert (field.kind == "code") == bool(field.codes)
            words = [word for written in field.codes.values() for word in written]
            assert len(words) == len(set(words))


def test_an_unknown_layer_is_named():
    with pytest.raises(NotFoundError, match=r"no layer 'nothing'.*parcels"):
        schema("nothing")


def test_sentences_speak_both_languages_and_braces_in_values_are_text():
    said = sentence(
        "{field} that is not in {target}: {ids}",
        field=schema("supply").fields["parcel_id"],
        target=schema("parcels"),
        ids=("{x}", "b"),
    )
    assert said.speak("en") == "Parcel ID that is not in Parcels: {x}, b"
    assert said.speak("zh") == "“宗地代码”在“宗地”中查不到：{x}、b"


NUMBERS = [
    pytest.param(layer, field, id=f"{layer.name}.{field.name}")
    for layer in schemas().values()
    for field in layer.fields.values()
    if field.kind in ("number", "integer")
]


@pytest.mark.parametrize(("layer", "field"), NUMBERS)
def test_every_number_has_limits_and_what_no_true_value_reaches_is_missing_and_said(layer, field):
    assert field.minimum is not None
    assert field.maximum is not None
    assert field.minimum < field.maximum <= 1e13
    frame = pd.DataFrame({field.name: [1e300, -1e300, field.maximum, field.minimum]})
    for other in layer.fields.values():
        if other.required and other.name != field.name:
            frame[other.name] = [f"{other.name} {at}" if other.kind == "id" else 2025.0 for at in range(4)]
    if layer.geometry != "none":
        shapes = [rect(20 * at, 0, 10, 10) for at in range(4)]
        drawn = shapes if layer.geometry != "line" else [shape.exterior for shape in shapes]
        frame = land(
            drawn if layer.geometry != "line" else [shapely.LineString(one.coords) for one in drawn],
            **{layer.key: list("abcd")} | {name: frame[name].to_list() for name in frame},
        )
    if layer.name == "supply":
        frame["unreadable"] = None
    found = validate(layer, frame)
    if field.required or field.name == "month":
        assert sorted(row for one in found.rejects for row in one.rows.tolist()) == [0, 1]
        return
    assert found.frame[field.name].isna().sum() == 2
    assert [fault.rows.tolist() for fault in found.faults] == [[0, 1]]
    assert "1e+300" in str(found.faults[0].what)
    if layer.name == "supply":
        assert found.frame["unreadable"].tolist().count(field.name) == 2


def test_limits_are_written_as_people_write_numbers():
    frame = pd.DataFrame({"parcel_id": ["a"], "government_delay_days": [20250630.0], "unreadable": None})
    (fault,) = validate(schema("supply"), frame).faults
    assert str(fault.what) == "Government delay is not within 0 to 36500: 20250630"


def test_a_month_that_was_not_read_rejects_its_row_for_a_blank_is_a_whole_year():
    frame = pd.DataFrame(
        {
            "enterprise_id": ["e"] * 4,
            "year": [2025.0, 2025.0, 2025.0, 2600.0],
            "month": [np.nan, np.nan, 13.0, 1.0],
            "tax_wan": [1.0, 2.0, 3.0, 4.0],
            "unreadable": [None, "tax_wan, month", None, None],
            "source_row": [2, 3, 4, 5],
        }
    )
    found = validate(schema("performance"), frame)
    assert found.frame["source_row"].tolist() == [2]
    said = {row: str(one.reason) for one in found.rejects for row in one.rows.tolist()}
    assert said[1] == said[2]
    assert said[1].startswith("the month cannot be read, so whether the figure is of a month or of a year")
    assert said[3] == "Year is not within 1950 to 2100"


def test_a_line_without_length_is_refused_as_such():
    lines = land(
        [shapely.LineString([(5, 5), (5, 5)]), shapely.LineString([(0, 0), (5, 5)])], road_id=["R1", "R2"]
    )
    found = validate(schema("roads"), lines)
    assert found.frame["road_id"].tolist() == ["R2"]
    assert [(reject.rows.tolist(), reject.reason.speak("en")) for reject in found.rejects] == [
        ([0], "a line without length")
    ]


def test_the_validator_knows_the_geometry_of_every_layer():
    shapes = {
        "polygon": rect(0, 0, 9, 9),
        "line": shapely.LineString([(0, 0), (9, 9)]),
        "point": shapely.Point(1, 1),
    }
    for layer in schemas().values():
        if layer.geometry == "none":
            continue
        given_ = {name: ["1"] for name, field in layer.fields.items() if field.required or name == layer.key}
        fits = {
            family for family, shape in shapes.items() if not validate(layer, land([shape], **given_)).rejects
        }
        assert fits == ({*shapes} if layer.geometry == "any" else {layer.geometry}), layer.name
