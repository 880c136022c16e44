"""Coordinate text files: rings, plots, zones."""

from __future__ import annotations

import pytest

from parkgeo.errors import InputError
from parkgeo.ingest.coordinates import read_coordinates
from tests.office import EAST, NORTH, faults, layer, parcels, read, reasons, write


def ring(number, east, north, size, *, closed=True):
    corners = [(0, 0), (0, size), (size, size), (size, 0), (0, 0)][: 5 if closed else 4]
    return [f"J{at + 1},{number},{north + dn:.3f},{east + de:.3f}" for at, (de, dn) in enumerate(corners)]


def plot(points, name="园区", count=None, number="1"):
    return [f"{len(points) if count is None else count},1.0,{number},{name},面,,工业用地,,@", *points]


def content(*plots, datum="2000国家大地坐标系", width="3", zone="40", unit="米"):
    head = [
        "[属性描述]",
        f"坐标系={datum}",
        f"几度分带={width}",
        "投影类型=高斯克吕格",
        f"计量单位={unit}",
        f"带号={zone}",
        "精度=0.001",
        "转换参数=,,,,,,",
    ]
    return "\r\n".join([*head, "[地块坐标]", *(line for one in plots for line in one)])


def parse(tmp_path, text, **options):
    path = tmp_path / "b.txt"
    path.write_bytes(text.encode(options.pop("written", "gbk")))
    return read_coordinates(path, **options)


@pytest.mark.parametrize("written", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("closed", [True, False])
def test_a_square(tmp_path, closed, written):
    raw = parse(tmp_path, content(plot(ring(1, EAST, NORTH, 100, closed=closed))), written=written)
    assert raw.geometry[0].area == pytest.approx(10_000)
    assert raw.geometry[0].bounds == (EAST, NORTH, EAST + 100, NORTH + 100)
    assert raw.crs == "EPSG:4528"
    assert raw.doubts == ()
    assert raw.declared == 1


def test_a_ring_within_is_a_hole_and_a_ring_outside_a_further_part(tmp_path):
    hole = ring(2, EAST + 10, NORTH + 10, 20)
    apart = ring(3, EAST + 500, NORTH, 10)
    raw = parse(tmp_path, content(plot([*ring(1, EAST, NORTH, 100), *hole, *apart])))
    assert raw.geometry[0].area == pytest.approx(10_000 - 400 + 100)
    assert raw.geometry[0].is_valid


def test_several_plots(tmp_path):
    raw = parse(
        tmp_path,
        content(
            plot(ring(1, EAST, NORTH, 100), "甲"), plot(ring(1, EAST + 200, NORTH, 10), "乙", number="2")
        ),
    )
    assert [shape.area for shape in raw.geometry] == pytest.approx([10_000, 100])
    assert raw.frame["地块名称"].tolist() == ["甲", "乙"]


@pytest.mark.parametrize(
    ("datum", "width", "zone", "east", "crs"),
    [
        ("2000国家大地坐标系", "3", "40", 40_500_000, "EPSG:4528"),
        ("CGCS2000", "3度带", "", 40_500_000, "EPSG:4528"),
        ("2000国家大地坐标系", "3", "40", 500_000, "EPSG:4549"),
        ("2000国家大地坐标系", "6", "20", 20_500_000, "EPSG:4498"),
        ("1980西安坐标系", "3", "40", 40_500_000, "EPSG:2364"),
        ("1980西安坐标系", "3", "40", 500_000, "EPSG:2385"),
        ("1954年北京坐标系", "3", "40", 40_500_000, "EPSG:2416"),
        ("1954年北京坐标系", "6", "20", 20_500_000, "EPSG:21420"),
        ("2000国家大地坐标系", "3", "", 500_000, ""),
        ("2000国家大地坐标系", "3", "13", 500_000, ""),
        ("", "3", "40", 40_500_000, ""),
        ("2000国家大地坐标系", "", "40", 40_500_000, ""),
    ],
)
def test_the_header_and_the_prefix_give_the_system(tmp_path, datum, width, zone, east, crs):
    """Codes against the EPSG database; a header that says too little gives none, and none is guessed."""
    raw = parse(tmp_path, content(plot(ring(1, east, NORTH, 100)), datum=datum, width=width, zone=zone))
    assert raw.crs == crs


def test_a_header_that_contradicts_the_eastings_is_refused(tmp_path):
    with pytest.raises(InputError, match="header states zone 39, its eastings begin with 40"):
        parse(tmp_path, content(plot(ring(1, EAST, NORTH, 100)), zone="39"))
    assert (
        parse(tmp_path, content(plot(ring(1, EAST, NORTH, 100)), zone="39"), stated_crs="EPSG:4528").crs
        == "EPSG:4528"
    )


def test_swapped_axes_are_seen_by_the_prefix(tmp_path):
    with pytest.raises(InputError, match="northing and easting are swapped"):
        parse(tmp_path, content(plot(ring(1, NORTH, EAST, 100))))


def test_other_units_are_not_taken_for_metres(tmp_path):
    assert parse(tmp_path, content(plot(ring(1, EAST, NORTH, 100)), unit="度")).crs == ""


@pytest.mark.parametrize(("count", "doubt"), [(5, False), (4, False), (6, True), (3, True), ("", False)])
def test_a_file_that_is_cut_short_shows_in_the_number_of_points(tmp_path, count, doubt):
    raw = parse(tmp_path, content(plot(ring(1, EAST, NORTH, 100), count=count)))
    assert bool(raw.doubts) == doubt


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([], "a plot without points"),
        (ring(1, EAST, NORTH, 100)[:2], "ring 1 has fewer than three points"),
        (["J1,1,nan,1", "J2,1,5,6", "J3,1,9,9"], "coordinates that are not finite"),
    ],
)
def test_a_plot_that_cannot_be_drawn_is_rejected_with_its_reason(tmp_path, points, reason):
    write(parcels(), tmp_path / "p.gpkg")
    good = plot(ring(1, EAST, NORTH, 100))
    (tmp_path / "b.txt").write_text(content(good, plot(points, number="2")), encoding="utf-8")
    intake = read(tmp_path, layer("parcels", "p.gpkg"), layer("parks", "b.txt"))
    assert reasons(intake) == {"2": reason}
    assert len(intake.layers.parks) == 1
    assert faults(intake) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("随便", "no plot is found|point before any plot"),
        ("J1,1,1,1\n", "a point before any plot"),
    ],
)
def test_what_is_no_coordinate_text(tmp_path, text, what):
    with pytest.raises(InputError, match=what):
        parse(tmp_path, text)


def test_lines_that_are_no_points_cost_their_plot_only(tmp_path):
    """Both plots are counted; the message names the line of the file."""
    good = plot(ring(1, EAST, NORTH, 100), "甲")
    bad = plot([*ring(1, EAST, NORTH, 10)[:3], "J4,1,34000x0,40500000", "J5"], "乙", number="2")
    raw = parse(tmp_path, content(bad, good, bad))
    assert raw.declared == 3
    assert [shape is None for shape in raw.geometry] == [True, False, True]
    assert str(raw.spoiled[0]) == "line 14 is not a point: 'J4,1,34000x0,40500000'"
    assert set(raw.spoiled) == {0, 2}


@pytest.mark.parametrize(
    "mend",
    [
        lambda text: text.replace(",", "，"),
        lambda text: text.replace("[", "【").replace("]", "】"),
        lambda text: text.replace("=", "＝"),
        lambda text: text.replace("@", "＠"),
        lambda text: text.replace(",@", "@"),
        lambda text: text.replace(",@", " , @ "),
        lambda text: text.replace("J1,1,", "J1\t1\t").replace("J1\t1\t", "J1,1,\t"),
        lambda text: "\n".join(line.replace(",", "\t") if line.startswith("J") else line for line in text.splitlines()),
        lambda text: text.replace("\r\n", "\r\n\r\n"),
        lambda text: "\n".join(line[1:] if line.startswith("J") else f"  {line}  " for line in text.splitlines()),
        lambda text: "\n".join(line + "," if line.startswith("J") else line for line in text.splitlines()),
        lambda text: text.replace("投影类型=高斯克吕格\r\n", "").replace("转换参数=,,,,,,\r\n", "").replace("精度=0.001\r\n", ""),
        lambda text: text.replace("带号=40", "带号="),
        lambda text: text.replace("工业用地,,@", "工业用地,0601,张三,已批,2025,@"),
        lambda text: text + "\r\n\x1a",
    ],
)  # fmt: skip
@pytest.mark.parametrize("written", ["gbk", "utf-8", "utf-8-sig"])
def test_the_many_ways_people_write_the_same_square(tmp_path, mend, written):
    raw = parse(tmp_path, mend(content(plot(ring(1, EAST, NORTH, 100)))), written=written)
    assert [shape.area for shape in raw.geometry] == [pytest.approx(10_000)]
    assert raw.crs == "EPSG:4528"
    assert raw.frame["地块名称"].tolist() == ["园区"]
    assert raw.frame["地块用途"].tolist() == ["工业用地"]
    assert raw.doubts == ()


def test_twelve_fields_keep_what_stands_beyond_the_eight(tmp_path):
    raw = parse(
        tmp_path, content(plot(ring(1, EAST, NORTH, 100))).replace("工业用地,,@", "工业用地,0601,甲,乙,丙,@")
    )
    assert raw.frame.iloc[0].tolist()[7:] == ["0601", "甲", "乙", "丙"]
    assert list(raw.frame)[8:] == ["附加1", "附加2", "附加3"]


@pytest.mark.parametrize(
    ("stated", "doubt"),
    [
        ("1.0", False),
        ("1.009", False),
        ("1.02", True),
        ("15", True),
        ("", False),
        ("0", False),
        ("面议", False),
    ],
)
def test_the_area_in_the_plot_line_is_held_against_the_points(tmp_path, stated, doubt):
    """A square of 100 m is 1 ha; 15 would be its mu."""
    raw = parse(tmp_path, content(plot(ring(1, EAST, NORTH, 100))).replace("5,1.0,", f"5,{stated},"))
    assert [one.rows for one in raw.doubts] == ([(1,)] if doubt else [])
