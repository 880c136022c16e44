# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""Two dates of imagery and a height model that agree with what stands on the ground."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.sample.place import ORIGIN, bend, stream, to_plan
from parkgeo.sample.streets import CANAL_HALF_M, bank, boundary, canal, inner_streets

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["BANDS", "DATES", "PIXEL_M", "Grid", "grid", "ground_cover", "paint", "raise_terrain"]

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
DATES = (dt.date(2024, 5, 12), dt.date(2026, 5, 17))
PIXEL_M = 10.0
_FINE = 4
_MARGIN_M = 260.0
_STEP = 20.0

# reflectance × 10 000 in the order of BANDS
_SPECTRA: dict[str, tuple[float, ...]] = {
    "rice": (560, 820, 720, 2500, 1500, 900),
    "wheat": (620, 1020, 980, 3100, 2200, 1300),
    "fallow": (900, 1150, 1400, 2150, 2750, 2250),
    "trees": (340, 600, 400, 3500, 1650, 780),
    "grass": (520, 860, 680, 2950, 2050, 1200),
    "weeds": (640, 960, 880, 2450, 2250, 1500),
    "bare": (1050, 1330, 1720, 2350, 3150, 2750),
    "paved": (1350, 1480, 1580, 1850, 2150, 2050),
    "asphalt": (880, 980, 1060, 1250, 1400, 1320),
    "water": (640, 700, 480, 260, 120, 80),
    "roof_blue": (2250, 1950, 1350, 1850, 2250, 1950),
    "roof_grey": (1550, 1650, 1750, 1950, 2350, 2250),
    "roof_white": (3150, 3250, 3300, 3400, 2950, 2700),
    "concrete": (1750, 1900, 2020, 2250, 2600, 2500),
}
_COVERS = tuple(_SPECTRA)
_FIELD_KINDS = np.array(
    [_COVERS.index(name) for name in ("rice", "wheat", "fallow", "weeds", "trees")], dtype=np.uint8
)


@dataclass(frozen=True)
class Grid:
    """Pixels over the park: upper left corner in EPSG:4528, rows and columns of :data:`PIXEL_M`."""

    west: float
    north: float
    rows: int
    columns: int


def grid() -> Grid:
    """The pixels of imagery and terrain: the park and a margin, on whole tens of metres."""
    x0, y0, x1, y1 = boundary().bounds
    west = np.floor((x0 + ORIGIN[0] - _MARGIN_M) / PIXEL_M) * PIXEL_M
    north = np.ceil((y1 + ORIGIN[1] + _MARGIN_M) / PIXEL_M) * PIXEL_M
    columns = int(np.ceil((x1 + ORIGIN[0] + _MARGIN_M - west) / PIXEL_M))
    rows = int(np.ceil((north - y0 - ORIGIN[1] + _MARGIN_M) / PIXEL_M))
    return Grid(float(west), float(north), rows, columns)


def ground_cover(
    parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, on: dt.date, seed: int
) -> dict[str, str]:
    """What a parcel's open ground looks like on a day: built, bare or vegetated.

    Parameters
    ----------
    parcels, buildings
        The truth.
    on
        The day.
    seed
        Of the sample.

    Returns
    -------
    dict
        parcel_id → built, bare or vegetated.
    """
    rng = stream(seed, "cover")
    moods = rng.random(len(parcels))
    finished = buildings.dropna(subset=["completed_on"]).groupby("parcel_id")["completed_on"].min()
    cover = {}
    for mood, parcel in zip(moods, parcels.itertuples(), strict=True):
        if parcel.use_code in {"1401", "1402"}:
            cover[parcel.parcel_id] = "vegetated"
        elif parcel.state == "conflict_bare" or parcel.state in {"building", "suspended"}:
            cover[parcel.parcel_id] = "bare"
        elif parcel.state in {"vacant", "reserve", "approved"}:
            cover[parcel.parcel_id] = "bare" if mood < 0.5 else "vegetated"
        else:
            later = parcel.parcel_id in finished.index and finished[parcel.parcel_id] > on
            cover[parcel.parcel_id] = "bare" if later else "built"
    return cover


def paint(parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, on: dt.date, seed: int) -> np.ndarray:
    """One date of imagery.

    Parameters
    ----------
    parcels, buildings
        What is there; only what was there on the day is painted.
    on
        The day.
    seed
        Of the sample.

    Returns
    -------
    numpy.ndarray
        bands × rows × columns, uint16, reflectance × 10 000; 0 where a cloud hides the ground.
    """
    there = grid()
    labels = _label(there, parcels, buildings, on, seed)
    table = np.array([_SPECTRA[name] for name in _COVERS], dtype=np.float32)
    rng = stream(seed, f"imagery {on.isoformat()}")
    haze = _smooth(rng, there)
    image = np.empty((len(BANDS), there.rows, there.columns), dtype=np.uint16)
    for band in range(len(BANDS)):
        fine = table[labels, band].reshape(there.rows, _FINE, there.columns, _FINE)
        mean = fine.mean(axis=(1, 3), dtype=np.float64)
        noise = rng.integers(-3, 4, mean.shape) + rng.integers(-2, 3, mean.shape)
        value = mean * (1.0 + 0.035 * haze) + 0.011 * noise * mean
        image[band] = np.clip(np.round(value / _STEP) * _STEP, _STEP, 9980.0).astype(np.uint16)
    if on == DATES[0]:
        image[:, _cloud(there)] = 0
    return image


def _smooth(rng: np.random.Generator, there: Grid) -> np.ndarray:
    """Slow variation of brightness between −1 and 1, as soils and haze make it."""
    rows, columns = np.mgrid[0 : there.rows, 0 : there.columns]
    waves = [
        np.sin(rows / (4.0 + 9.0 * rng.random()) + 6.0 * rng.random())
        * np.sin(columns / (4.0 + 9.0 * rng.random()) + 6.0 * rng.random())
        for _ in range(5)
    ]
    return np.asarray(sum(waves)) / 5.0


def _cloud(there: Grid) -> np.ndarray:
    """A ragged cloud over the south-east corner."""
    rows, columns = np.mgrid[0 : there.rows, 0 : there.columns]
    down, right = there.rows - rows, there.columns - columns
    turn = np.arctan2(down, right)
    edge = 1.0 + 0.10 * np.sin(turn * 7.0) + 0.05 * np.sin(turn * 19.0 + 1.0) + 0.04 * np.sin(turn * 31.0)
    return np.asarray(np.hypot(down / 64.0, right / 92.0) < edge)


def _label(
    there: Grid, parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, on: dt.date, seed: int
) -> np.ndarray:
    """Cover of each fine pixel, painted from the fields up to the roofs."""
    from affine import Affine
    from rasterio.features import rasterize

    size = PIXEL_M / _FINE
    transform = Affine(size, 0.0, there.west - ORIGIN[0], 0.0, -size, there.north - ORIGIN[1])
    shape = (there.rows * _FINE, there.columns * _FINE)
    labels = _fields(shape, transform)
    painted = [(geometry, _COVERS.index(name)) for geometry, name in _scene(parcels, buildings, on, seed)]
    rasterize(painted, out=labels, transform=transform)
    return labels


def _fields(shape: tuple[int, int], transform: Any) -> np.ndarray:
    """Fields around the park: strips of rice, wheat, fallow and woods, and the river in the south."""
    rows, columns = np.mgrid[0 : shape[0] : _FINE, 0 : shape[1] : _FINE]
    x = transform.c + transform.a * (columns + 0.5)
    y = transform.f + transform.e * (rows + 0.5)
    uv = to_plan(np.column_stack([x.ravel(), y.ravel()]))
    across = np.floor((uv[:, 1] + 25.0 * np.sin(uv[:, 0] / 190.0)) / 52.0)
    along = np.floor((uv[:, 0] + 67.0 * (across % 3.0)) / 165.0)
    mixed = (along.astype(np.int64) * 73_856_093) ^ (across.astype(np.int64) * 19_349_663)
    draw = np.mod(mixed ^ (mixed >> 7), 101) / 101.0
    kinds = np.digitize(draw, [0.34, 0.62, 0.76, 0.88, 1.0]).astype(np.uint8)
    coarse = _FIELD_KINDS[np.minimum(kinds, len(_FIELD_KINDS) - 1)].reshape(x.shape)
    return np.ascontiguousarray(np.kron(coarse, np.ones((_FINE, _FINE), dtype=np.uint8)))


def _scene(
    parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, on: dt.date, seed: int
) -> list[tuple[Any, str]]:
    """Shapes with their cover, in the order of painting."""
    line = shapely.get_coordinates(bank())
    river = shapely.Polygon(
        [(-3600.0, line[0, 1]), *line.tolist(), (3600.0, line[-1, 1]), (3600.0, -4000.0), (-3600.0, -4000.0)]
    )
    scene: list[tuple[Any, str]] = [(bend(river), "water"), (boundary(), "grass")]
    scene.extend(
        (line.buffer(street.width_m / 2.0 - 2.0, cap_style="flat"), "asphalt")
        for street, line in inner_streets()
    )
    cover = ground_cover(parcels, buildings, on, seed)
    grounds = {"built": "paved", "bare": "bare", "vegetated": "weeds"}
    for parcel in parcels.itertuples():
        name = (
            "trees"
            if parcel.use_code == "1402"
            else "grass"
            if parcel.use_code == "1401"
            else grounds[cover[parcel.parcel_id]]
        )
        scene.append((parcel.geometry, name))
        if parcel.state == "built" and parcel.use_code == "0701" and name == "paved":
            scene.append((parcel.geometry.buffer(-9.0), "grass"))
        if parcel.state == "part":
            scene.append((parcel.geometry, "weeds"))
    scene.append((canal().buffer(CANAL_HALF_M, cap_style="flat"), "water"))
    scene.extend(
        (line.buffer(street.width_m / 2.0 - 2.0, cap_style="flat"), "asphalt")
        for street, line in inner_streets()
        if street.road_class != "支路"
    )
    scene.extend(_roofs(buildings, on))
    return [(shape, name) for shape, name in scene if not shape.is_empty]


def _roofs(buildings: gpd.GeoDataFrame, on: dt.date) -> list[tuple[Any, str]]:
    """Roofs of what stood on the day; shells of what is not completed stand on the later date only."""
    roofs = ("roof_blue", "roof_grey", "roof_blue", "roof_white", "roof_grey", "roof_blue", "roof_grey")
    scene = []
    for n, house in enumerate(buildings.itertuples()):
        if house.completed == "否":
            stands = on == DATES[-1]
            roof = "concrete"
        else:
            stands = house.completed_on is None or house.completed_on <= on
            roof = (
                "concrete"
                if house.kind != "建筑"
                else "roof_grey"
                if house.use in {"住宅", "商业", "办公"}
                else roofs[(n * 5 + n // 4) % 7]
            )
        if stands:
            scene.append((house.geometry, roof))
    return scene


def raise_terrain() -> np.ndarray:
    """Heights in metres, float32: a plain that rises from the river, a hill in the north-west.

    Returns
    -------
    numpy.ndarray
        rows × columns of :func:`grid`, to a tenth of a metre.
    """
    there = grid()
    rows, columns = np.mgrid[0 : there.rows, 0 : there.columns]
    x = there.west - ORIGIN[0] + PIXEL_M * (columns + 0.5)
    y = there.north - ORIGIN[1] - PIXEL_M * (rows + 0.5)
    u, v = to_plan(np.column_stack([x.ravel(), y.ravel()])).T
    height = 6.0 + 0.0016 * (v + 1400.0) + 0.4 * np.sin(u / 350.0) * np.sin(v / 270.0)
    hill = 41.0 * np.exp(-(((u + 1950.0) / 330.0) ** 2) - ((v - 1330.0) / 240.0) ** 2)
    bed = -3.5 / (1.0 + np.exp((v + 1370.0 - 42.0 * np.sin(u / 430.0)) / 14.0))
    heights: np.ndarray = np.round((height + hill + bed).reshape(x.shape), 1).astype(np.float32)
    return heights
