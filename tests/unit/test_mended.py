"""Rejected rows go out, are mended, and come back in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from parkgeo.cli.account import write_account
from parkgeo.errors import InputError
from tests.builders import rect
from tests.office import EAST, NORTH, layer, parcels, read, reasons, write, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest import Intake


def broken_parcels(folder: Path) -> str:
    """Five parcels: the second has no outline, the third and fourth share an id, the fifth is a line's worth of land."""
    frame = parcels(
        5, 登记面积=[10_000.0, 10_000.0, 10_000.0, 9_000.5, 1.0], 权利人=["甲", "=1+1", None, "丁", "戊"]
    )
    frame.loc[1, "geometry"] = None
    frame.loc[3, "parcel_id"] = "P3"
    write(frame, folder / "parcels.gpkg")
    return layer("parcels", "parcels.gpkg")


LEDGER = [
    ["宗地代码", "供应状态", "约定动工日期", "土地价款(万元)"],
    ["P1", "已供", "2024-03-01", 100.5],
    [None, "已供", "2024-03-01", 200],
    ["P3", "已供", "2025-03-01", "=A1"],
]


def out(intake: Intake, folder: Path) -> list[str]:
    return [path.name for path in write_account(intake, folder)]


def test_rejected_rows_are_mended_and_come_back(tmp_path: Path) -> None:
    entry = broken_parcels(tmp_path)
    write_xlsx(LEDGER, tmp_path / "supply.xlsx")
    ledger = layer("supply", "supply.xlsx")
    first = read(tmp_path, entry, ledger)
    assert set(reasons(first)) == {"P2", "P3", "3"}
    assert out(first, tmp_path) == ["account.xlsx", "account.gpkg", "rejects.xlsx", "rejects.gpkg"]

    (name,) = pyogrio.list_layers(tmp_path / "rejects.gpkg")[:, 0]
    rows = gpd.read_file(tmp_path / "rejects.gpkg", layer=name)
    assert rows.crs.to_epsg() == 4528
    assert rows["_row"].tolist() == [2, 3, 4]
    assert rows["权利人"].tolist()[0] == "=1+1"
    assert rows["登记面积"].tolist() == [10_000.0, 10_000.0, 9_000.5]
    rows.loc[rows["_row"] == 2, "geometry"] = rect(EAST + 100, NORTH, 100, 100)
    rows.loc[rows["_row"] == 4, "parcel_id"] = "P4"
    pyogrio.write_dataframe(rows.to_crs(4490), tmp_path / "mended.gpkg", layer=name)

    book = openpyxl.load_workbook(tmp_path / "rejects.xlsx")
    (sheet,) = book.worksheets
    header = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, header.index("_row") + 1).value == 3
    sheet.cell(2, header.index("宗地代码") + 1).value = "P2"
    book.save(tmp_path / "mended.xlsx")

    second = read(tmp_path, entry, ledger, park='mended = ["mended.gpkg", "mended.xlsx"]')
    assert reasons(second) == {}
    land = second.layers.parcels.set_index("parcel_id")
    assert land.index.tolist() == ["P1", "P2", "P3", "P4", "P5"]
    assert shapely.area(land.geometry["P2"]) == pytest.approx(10_000, abs=0.01)
    assert land["registered_area_m2"]["P4"] == 9_000.5
    assert land["holder"]["P2"] == "=1+1"
    assert second.layers.supply is not None
    assert second.layers.supply.set_index("parcel_id")["price_wan"]["P2"] == 200
    notes = second.account["sources"].set_index("layer")["notes_en"]
    assert "3 rows as mended in mended.gpkg" in notes["parcels"]
    assert "1 rows as mended in mended.xlsx" in notes["supply"]
    assert {one["path"] for one in second.inputs} == {
        "parcels.gpkg",
        "supply.xlsx",
        "mended.gpkg",
        "mended.xlsx",
    }


def test_rows_given_back_as_they_were_are_rejected_again(tmp_path: Path) -> None:
    entry = broken_parcels(tmp_path)
    first = read(tmp_path, entry)
    out(first, tmp_path)
    again = read(tmp_path, entry, park='mended = "rejects.gpkg"')
    assert reasons(again) == reasons(first)
    assert again.account["rejects"]["content"].tolist() == first.account["rejects"]["content"].tolist()


def test_a_feature_that_was_none_comes_back(tmp_path: Path) -> None:
    path = write(parcels(3), tmp_path / "parcels.geojson")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"type": "Feature"', '"type": "Featur"', 1), encoding="utf-8")
    entry = layer("parcels", "parcels.geojson")
    first = read(tmp_path, entry)
    assert reasons(first) == {"1": "not a feature"}
    mended = gpd.GeoDataFrame(
        {"_layer": ["parcels"], "_file": ["parcels.geojson"], "_row": [1], "parcel_id": ["P1"]},
        geometry=[rect(EAST, NORTH, 100, 100)], crs=4528,
    )  # fmt: skip
    pyogrio.write_dataframe(mended, tmp_path / "mended.gpkg")
    second = read(tmp_path, entry, park='mended = "mended.gpkg"')
    assert second.layers.parcels["parcel_id"].tolist() == ["P1", "P2", "P3"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"_file": ["other.gpkg"]}, "other.gpkg"),
        ({"_row": [77]}, "77"),
        ({"_row": ["two"]}, "not a row's number"),
        ({}, None),
    ],
)
def test_a_mended_row_without_a_place_is_refused(
    tmp_path: Path, change: dict[str, list[object]], says: str | None
) -> None:
    entry = broken_parcels(tmp_path)
    columns = {"_layer": ["parcels"], "_file": ["parcels.gpkg"], "_row": [2], "parcel_id": ["P2"]} | change
    frame = gpd.GeoDataFrame(columns, geometry=[rect(EAST + 100, NORTH, 100, 100)], crs=4528)
    pyogrio.write_dataframe(frame, tmp_path / "mended.gpkg")
    if says is None:
        assert "P2" not in reasons(read(tmp_path, entry, park='mended = "mended.gpkg"'))
        return
    with pytest.raises(InputError, match=says):
        read(tmp_path, entry, park='mended = "mended.gpkg"')


def test_a_file_that_does_not_say_what_it_mends_is_refused(tmp_path: Path) -> None:
    entry = broken_parcels(tmp_path)
    write(parcels(1), tmp_path / "mended.gpkg")
    with pytest.raises(InputError, match="_layer"):
        read(tmp_path, entry, park='mended = "mended.gpkg"')


def test_what_was_repaired_is_on_the_map_of_the_account(tmp_path: Path) -> None:
    frame = parcels(2)
    bow = shapely.Polygon(
        [(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)]
    )
    frame.loc[0, "geometry"] = bow
    write(frame, tmp_path / "parcels.gpkg")
    intake = read(tmp_path, layer("parcels", "parcels.gpkg"))
    assert out(intake, tmp_path) == ["account.xlsx", "account.gpkg"]
    repairs = gpd.read_file(tmp_path / "account.gpkg", layer="repairs")
    assert repairs["row"].tolist() == [1]
    assert repairs.crs.to_epsg() == 4528
    assert repairs.geometry.area.tolist() == pytest.approx(repairs["area_after_m2"].tolist())
    assert {"sources", "rejects", "faults", "repairs"} == set(
        pyogrio.list_layers(tmp_path / "account.gpkg")[:, 0]
    )
