"""Real extracts of OpenStreetMap against what others count and build in them.

``north-bayreuth.osm.gz``: 2 056 roads, 4 267 buildings and 10 industrial areas, as the README of the data has them: ways
with the tag ``highway``, ``building`` and ``landuse=industrial``. ``Helsinki.osm.pbf`` is cut in the middle of ways, so
that rings of two points are left. Areas are held against those of libosmium's own assembler.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import osmium
import pytest
import shapely

from parkgeo.ingest.osm import osm_tables, read_osm
from tests.office import layer, read, shared_data

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable

BAYREUTH, HELSINKI = "north-bayreuth.osm.gz", "Helsinki.osm.pbf"
pytestmark = pytest.mark.skipif(
    not (shared_data() / "osm" / BAYREUTH).is_file(), reason="the shared data is not beside the checkout"
)


def extract(name: str) -> Path:
    return shared_data() / "osm" / name


@cache
def table(name: str, what: str) -> RawTable:
    return read_osm(extract(name), what)


def left(found: RawTable) -> dict[str, int]:
    """What the notes say is left out."""
    said = next(
        (dict(note.values) for note in found.notes if "left out" in note.pattern), {"kinds": "", "count": 0}
    )
    counts = dict(reversed(one.split(" ", 1)) for one in str(said["kinds"]).split(", ") if " " in one)
    return {kind: int(count) for kind, count in counts.items()} | {"": int(str(said["count"]))}


def test_bayreuth_counts_as_its_readme_does():
    assert table(BAYREUTH, "buildings").declared == 4267
    assert table(BAYREUTH, "parks").declared == 10
    roads = table(BAYREUTH, "roads")
    assert roads.declared == 869
    assert roads.declared + left(roads)[""] == 2056
    assert left(roads)["highway=track"] == 900


def test_bayreuth_is_whole():
    for what in ("parks", "parcels", "buildings", "roads", "facilities", "utilities"):
        found = table(BAYREUTH, what)
        assert found.declared == len(found.frame)
        assert found.spoiled == {}
        assert shapely.is_valid(found.geometry).mean() > 0.99


def test_the_roads_of_bayreuth():
    frame = table(BAYREUTH, "roads").frame
    assert frame["road_class"].value_counts().to_dict() == {
        "local": 534, "internal": 147, "motorway": 97, "arterial": 68, "secondary": 23,
    }  # fmt: skip
    assert frame["speed_km_h"].notna().sum() == sum(stated(BAYREUTH, "maxspeed"))
    assert len(table(BAYREUTH, "roads").doubts[0].rows) == 9  # maxspeed=none


def stated(name: str, tag: str) -> list[bool]:
    """For each way that is a road here, whether the tag is there and a figure; read by osmium alone."""
    ours = set(table(name, "roads").frame["osm_id"])
    ways = osmium.FileProcessor(str(extract(name)), osmium.osm.WAY)
    return [way.tags.get(tag, "").isdigit() for way in ways if f"way/{way.id}" in ours]


@pytest.mark.parametrize("name", [BAYREUTH, HELSINKI])
def test_areas_are_those_that_libosmium_builds(name):
    made = osmium.geom.WKBFactory()
    theirs = {}
    for area in osmium.FileProcessor(str(extract(name))).with_areas(osmium.filter.KeyFilter("building")):
        if area.is_area() and area.tags.get("building", "no") not in ("no", "entrance"):
            kind = "way" if area.from_way() else "relation"
            theirs[f"{kind}/{area.orig_id()}"] = shapely.from_wkb(
                bytes.fromhex(made.create_multipolygon(area))
            )
    found = table(name, "buildings")
    ours = {
        number: shape
        for number, shape in zip(found.frame["osm_id"], found.geometry, strict=True)
        if shape is not None and shape.is_valid
    }
    assert ours.keys() == theirs.keys()
    differ = [number for number in ours if not shapely.equals(ours[number], theirs[number])]
    assert differ == []


def test_helsinki_is_read_whole_and_what_is_cut_is_rejected_by_its_number():
    found = table(HELSINKI, "buildings")
    assert (found.declared, len(found.frame), len(found.spoiled)) == (502, 502, 57)
    numbers = [found.frame["osm_id"].iloc[at] for at in found.spoiled]
    assert sum(number.startswith("way/") for number in numbers) == 48
    assert all(found.geometry[at] is None for at in found.spoiled)
    kept = np.array([shape for shape in found.geometry if shape is not None], dtype=object)
    assert len(kept) == 445
    assert shapely.is_valid(kept).all()


def test_the_layers_that_the_extracts_hold():
    held = {one.name: one.rows for one in osm_tables(extract(HELSINKI))}
    assert held == {
        "parcels": 53,
        "buildings": 502,
        "roads": 952,
        "facilities": 164,
        "utilities": 15,
        "constraints": 1,
    }


def test_a_project_of_bayreuth(tmp_path):
    source = extract(BAYREUTH)
    names = ("buildings", "roads", "facilities", "utilities")
    intake = read(
        tmp_path,
        layer("parks", str(source)),
        layer("parcels", str(source)) + "where = \"land_use = 'industrial'\"\n",
        *(layer(name, str(source)) for name in names),
    )
    tables = intake.layers.tables()
    assert {name: len(tables[name]) for name in ("parks", "parcels", *names)} == {
        "parks": 10, "parcels": 10, "buildings": 4267, "roads": 869, "facilities": 203, "utilities": 44,
    }  # fmt: skip
    assert intake.crs.to_epsg() == 32632
