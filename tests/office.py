"""Small projects as an office would have them: files in a folder and a park.toml."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pyogrio
import rasterio
from affine import Affine

from parkgeo.ingest import Intake, read_layers
from parkgeo.project import read_project
from tests.builders import land, rect

if TYPE_CHECKING:
    import geopandas as gpd

EAST, NORTH = 40_500_000.0, 3_400_000.0
"""South-west corner of the made-up parcels in EPSG:4528: 120° E, 30.7° N."""


def shared_data() -> Path:
    """Real data beside the checkout; see its README."""
    return Path(__file__).parents[2] / "shared" / "data"


def parcels(count: int = 3, **columns: Any) -> gpd.GeoDataFrame:
    """Parcels of 100 m × 100 m in a row, P1, P2, …"""
    shapes = [rect(EAST + 100 * at, NORTH, 100, 100) for at in range(count)]
    return land(shapes, **({"parcel_id": [f"P{at + 1}" for at in range(count)]} | columns))


def write(frame: gpd.GeoDataFrame, path: Path, **options: Any) -> Path:
    """Write a map file in the format of its ending."""
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shapefile writers shorten names and say so
            pyogrio.write_dataframe(frame, path, **options)
    return path


def imagery(path: Path, crs: str, west: float, north: float, size: float) -> str:
    """Write a GeoTIFF of 8 × 8 pixels by its north-west corner; its entry in park.toml."""
    with rasterio.open(
        path, "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8", crs=crs,
        transform=Affine(size, 0.0, west, 0.0, -size, north),
    ) as file:  # fmt: skip
        file.write(np.ones((1, 8, 8), dtype="uint8"))
    return f"[[layers.imagery]]\npath = '{path.name}'\ndate = 2025-01-01\n"


def write_xlsx(rows: list[list[Any]], path: Path, *, sheet: str = "Sheet1") -> Path:
    """Write rows as a workbook of one sheet."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def project(folder: Path, layers: str, *, park: str = "") -> Path:
    """Write a park.toml."""
    path = folder / "park.toml"
    path.write_text(
        f'[park]\nname = "园区"\nas_of = 2026-06-30\n{park}\n{layers}\n', encoding="utf-8", newline="\n"
    )
    return path


def layer(name: str, path: Path | str, **keys: str) -> str:
    """A [[layers.…]] entry; keys are text."""
    more = "".join(f"{key} = '{value}'\n" for key, value in keys.items())
    return f"[[layers.{name}]]\npath = '{path if isinstance(path, str) else path.name}'\n{more}"


def read(folder: Path, *layers: str, park: str = "") -> Intake:
    """Read a project of these layers in this process, and see that every row is accounted for."""
    intake = read_layers(read_project(project(folder, "\n".join(layers), park=park)), trusted=True)
    check_balance(intake)
    return intake


def check_balance(intake: Intake) -> None:
    """Each file's rows: declared = accepted + rejected, and as many rejects as are counted."""
    sources, rejects = intake.account["sources"], intake.account["rejects"]
    assert (sources["rows_declared"] == sources["rows_accepted"] + sources["rows_rejected"]).all()
    counted = sources.groupby(["layer", "file"])["rows_rejected"].sum()
    listed = rejects.groupby(["layer", "file"]).size().reindex(counted.index, fill_value=0)
    assert counted.to_dict() == listed.to_dict()
    accepted = sources.groupby("layer")["rows_accepted"].sum()
    tables = intake.layers.tables()
    assert {name: int(count) for name, count in accepted.items() if count} == {
        name: len(tables[name]) for name in accepted.index if accepted[name]
    }


def faults(intake: Intake) -> list[str]:
    """What is at fault, in English."""
    table = intake.account["faults"]
    return table.loc[table["severity"] == "fault", "what_en"].tolist()


def reasons(intake: Intake) -> dict[str, str]:
    """Rejected row's id, else its row number → the reason in English."""
    table = intake.account["rejects"]
    return {(one["id"] or str(one["row"])): one["reason_en"] for one in table.to_dict(orient="records")}
