"""An office's own grids: city and works systems that only park.toml can tie to the earth.

::

    [grids.old_city]
    to = "EPSG:4528"
    affine = [1.0, 0.0, 40400000.0, 0.0, 1.0, 3300000.0]

A source then says ``crs = "old_city"``. ``to`` is the system that a grid comes to, and one of four says how. In all of them
*x* is the grid's easting and *y* its northing in metres, though Chinese tables call the northing X.

``affine = [a, b, c, d, e, f]``
    E = a·x + b·y + c and N = d·x + e·y + f.
``helmert4 = { east_m, north_m, rotation_s, turn, scale_ppm }``
    E = east_m + k·(x·cos r - y·sin r) and N = north_m + k·(x·sin r + y·cos r), r counter-clockwise. ``turn`` is
    ``"counterclockwise"`` or ``"clockwise"`` and must be said, for published sets differ: r is the angle taken with that
    sign. ``rotation_s`` is in seconds of arc, or ``rotation_deg`` in degrees; ``scale_ppm`` is (k - 1)·10⁶, or
    ``scale`` is k itself.
``helmert7 = { dx_m, dy_m, dz_m, rx_s, ry_s, rz_s, scale_ppm, convention }``, with ``from = "EPSG:2364"``
    Geocentric shift, rotation and scale between the datums of ``from`` and ``to``, taken at height 0. ``convention`` is
    ``"position_vector"`` or ``"coordinate_frame"``; they differ in the sign of the rotations, and the office
    that gives a set must say which it is.
``points = [[x, y, E, N], …]``, and ``tolerance_m`` if wished
    Control points known in both. Two or more give the four parameters by least squares; what is left over is said, and
    refused where it is more than the tolerance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.errors import InputError, ProjectError
from parkgeo.ingest.crs import in_metres, parse_crs
from parkgeo.ingest.raw import Doubt
from parkgeo.ingest.shifted import shifted
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pyproj import CRS

__all__ = ["Grid", "read_grids"]

_WAYS = ("affine", "helmert4", "helmert7", "points")
_KEYS = {
    "affine": ("to", "affine"), "helmert4": ("to", "helmert4"),
    "helmert7": ("to", "from", "helmert7"), "points": ("to", "points", "tolerance_m"),
}  # fmt: skip
_SHIFTS = ("dx_m", "dy_m", "dz_m")
_ROTATIONS = ("rx_s", "ry_s", "rz_s")
_CONVENTIONS = ("position_vector", "coordinate_frame")
_TURNS = {"counterclockwise": 1.0, "clockwise": -1.0}
_AFFINE_FIGURES, _POINT_FIGURES, _FEWEST_POINTS = 6, 4, 2
# A grid in metres has the size of the ground within a thousandth; a tenth leaves room for any real one and none for a slip.
_SCALE_OFF = 0.1
_STRETCH = 0.001
_ARC_SECONDS = 3600.0


@dataclass(frozen=True)
class Grid:
    """An own grid, tied to the earth.

    Attributes
    ----------
    name
        As in park.toml.
    crs
        The system that `move` comes to.
    way
        Easting and northing in the grid → x and y in ``crs``, (n, 2) each.
    notes
        What its parameters came to.
    doubts
        What a person must look at.
    """

    name: str
    crs: CRS
    way: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    notes: tuple[Sentence, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def move(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Easting and northing in the grid → in ``crs``."""
        return self.way(points)


def read_grids(tables: dict[str, dict[str, Any]]) -> dict[str, Grid]:
    """Grids as park.toml writes them.

    Parameters
    ----------
    tables
        Name → what stands under ``[grids.NAME]``.

    Returns
    -------
    dict
        Name → grid.

    Raises
    ------
    ProjectError
        A key is unknown or missing, a figure is none, the parameters do not make a grid of metres. All that is wrong is said
        at once.

    Examples
    --------
    >>> grid = read_grids({"works": {"to": "EPSG:4528", "affine": [1, 0, 40_500_000, 0, 1, 3_400_000]}})["works"]
    >>> grid.move(np.array([[10.0, 20.0]])).tolist()
    [[40500010.0, 3400020.0]]
    """
    grids, problems = {}, []
    for name, table in tables.items():
        try:
            grids[name] = _grid(name, table)
        except (ProjectError, InputError) as error:
            problems.append(f"[grids.{name}] {error.what}" + (f"; {error.mend}" if error.mend else ""))
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ProjectError(f"park.toml: {len(problems)} to mend{listed}")
    return grids


def _grid(name: str, table: dict[str, Any]) -> Grid:
    if shifted(name) is not None or name.removeprefix("EPSG:").isdecimal():
        raise ProjectError("the name is that of a known system", mend="give the grid a name of its own")
    ways = [way for way in _WAYS if way in table]
    if len(ways) != 1:
        raise ProjectError(
            f"has {' and '.join(ways) or 'no parameters'}", mend=f"give one of {', '.join(_WAYS)}"
        )
    way = ways[0]
    _only(table, _KEYS[way], "")
    to = parse_crs(_text(table, "to"), "to")
    if way == "helmert7":
        return Grid(name, to, _helmert7(table, to))
    if not in_metres(to):
        raise ProjectError(
            f"to is {to.name}, which is not in metres", mend='give a zone such as to = "EPSG:4528"'
        )
    if way == "points":
        return _fitted(name, table, to)
    move = _affine(table) if way == "affine" else _helmert4(table)
    return Grid(name, to, move, doubts=_stretched(name, move))


def _affine(table: dict[str, Any]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    figures = table["affine"]
    if not isinstance(figures, list) or len(figures) != _AFFINE_FIGURES or not all(map(_is_figure, figures)):
        raise ProjectError("affine must be six numbers", mend="E = a·x + b·y + c, N = d·x + e·y + f")
    a, b, c, d, e, f = map(float, figures)
    if a * e - b * d <= 0:
        raise ProjectError(
            "affine turns the plane over or flattens it (a·e - b·d is not positive)",
            mend="x is the easting, y the northing; a Chinese table's X is y here",
        )
    _check_scale(math.sqrt(a * e - b * d))
    return lambda xy: np.column_stack([a * xy[:, 0] + b * xy[:, 1] + c, d * xy[:, 0] + e * xy[:, 1] + f])


def _helmert4(table: dict[str, Any]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    own = _table(table, "helmert4")
    if "dx_m" in own or "dy_m" in own:
        raise ProjectError(
            "helmert4 has dx_m or dy_m, which do not say which is the easting",
            mend="write east_m and north_m; a Chinese table's ΔX is north_m",
        )
    rotation = _one_of(own, ("rotation_s", "rotation_deg"), "helmert4")
    scale_key = _one_of(own, ("scale", "scale_ppm"), "helmert4")
    _only(own, ("east_m", "north_m", rotation, scale_key, "turn"), "helmert4 ")
    turn = _choice(own, "turn", tuple(_TURNS), "helmert4")
    degrees = _figure(own, rotation, "helmert4") / (_ARC_SECONDS if rotation == "rotation_s" else 1.0)
    scale = _figure(own, scale_key, "helmert4")
    ratio = scale if scale_key == "scale" else 1 + scale * 1e-6
    _check_scale(ratio)
    angle = math.radians(degrees) * _TURNS[turn]
    return _similarity(
        ratio * math.cos(angle), ratio * math.sin(angle),
        _figure(own, "east_m", "helmert4"), _figure(own, "north_m", "helmert4"),
    )  # fmt: skip


def _similarity(
    p: float, q: float, east_m: float, north_m: float
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda xy: np.column_stack(
        [east_m + p * xy[:, 0] - q * xy[:, 1], north_m + q * xy[:, 0] + p * xy[:, 1]]
    )


def _helmert7(table: dict[str, Any], to: CRS) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    from pyproj import Transformer

    own = _table(table, "helmert7")
    _only(own, (*_SHIFTS, *_ROTATIONS, "scale_ppm", "convention"), "helmert7 ")
    convention = _choice(own, "convention", _CONVENTIONS, "helmert7")
    figures = {key: _figure(own, key, "helmert7") for key in (*_SHIFTS, *_ROTATIONS, "scale_ppm")}
    start = parse_crs(_text(table, "from"), "from")
    given = " ".join(
        f"+{name}={figures[key]!r}"
        for name, key in zip(("x", "y", "z", "rx", "ry", "rz", "s"), figures, strict=True)
    )
    shift = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
        f" +step +proj=cart {_ellipsoid(start)} +step +proj=helmert {given} +convention={convention}"
        f" +step +inv +proj=cart {_ellipsoid(to)} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    before = Transformer.from_crs(start, start.geodetic_crs, always_xy=True)
    after = Transformer.from_crs(to.geodetic_crs, to, always_xy=True)

    def way(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        longitude, latitude = before.transform(xy[:, 0], xy[:, 1])
        longitude, latitude, _ = shift.transform(longitude, latitude, np.zeros(len(xy)))
        return np.column_stack(after.transform(longitude, latitude))

    return way


def _ellipsoid(crs: CRS) -> str:
    if crs.prime_meridian is not None and crs.prime_meridian.longitude != 0:
        raise ProjectError(f"{crs.name} does not count from Greenwich", mend="give a system that does")
    shape: Any = crs.ellipsoid
    return f"+a={shape.semi_major_metre!r} +rf={shape.inverse_flattening!r}"


def _fitted(name: str, table: dict[str, Any], to: CRS) -> Grid:
    """The four parameters that bring control points nearest to where they are, by least squares."""
    points = _points(table)
    own, there = points[:, :2], points[:, 2:]
    middle, aim = own.mean(axis=0), there.mean(axis=0)
    x, y = (own - middle).T
    east, north = (there - aim).T
    size = float(np.sum(x * x + y * y))
    if size <= 0 or not np.unique(own, axis=0).shape[0] == len(own):
        raise ProjectError("two of its points are one", mend="give different control points")
    p, q = float(np.sum(x * east + y * north)) / size, float(np.sum(x * north - y * east)) / size
    _check_scale(math.hypot(p, q))
    way = _similarity(
        p, q, float(aim[0] - p * middle[0] + q * middle[1]), float(aim[1] - q * middle[0] - p * middle[1])
    )
    off = np.hypot(*(way(own) - there).T)
    worst = int(np.argmax(off))
    tolerance = _figure(table, "tolerance_m", "") if "tolerance_m" in table else None
    if tolerance is not None and off[worst] > tolerance:
        raise ProjectError(
            f"its points fit no grid within {tolerance:g} m: point {worst + 1} is off by {off[worst]:.3f} m",
            mend="see its figures, [x, y, E, N] with the easting first, or leave it out",
        )
    turned, stretched = math.degrees(math.atan2(q, p)), (math.hypot(p, q) - 1) * 1e6
    note = sentence(
        "grid {name}: four parameters from {count} control points, turned by {degrees}°, scale {ppm} ppm; left over at most {off} m at point {point}",
        name=name, count=len(points), degrees=f"{turned:.6f}", ppm=f"{stretched:.2f}", off=f"{off[worst]:.3f}", point=worst + 1,
    )  # fmt: skip
    return Grid(name, to, way, (note,), _unchecked(name, points))


def _stretched(name: str, move: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> tuple[Doubt, ...]:
    """A grid of metres keeps lengths to a thousandth in every direction; more is a slip in its parameters."""
    corners = move(np.array([[0.0, 0.0], [1e5, 0.0], [0.0, 1e5]]))
    ratios = np.linalg.svd((corners[1:] - corners[0]) / 1e5, compute_uv=False)
    worst = float(ratios[np.argmax(np.abs(ratios - 1))])
    if abs(worst - 1) <= _STRETCH:
        return ()
    what = sentence(
        "grid {name}: a metre of it becomes {ratio} m on the ground", name=name, ratio=f"{worst:.6g}"
    )
    return (Doubt(what, sentence("compare its parameters with those that the surveying office gave")),)


def _unchecked(name: str, points: NDArray[np.float64]) -> tuple[Doubt, ...]:
    if len(points) > _FEWEST_POINTS:
        return ()
    what = sentence("grid {name} hangs on two control points: nothing checks them", name=name)
    return (Doubt(what, sentence("add a third control point")),)


def _points(table: dict[str, Any]) -> NDArray[np.float64]:
    rows = table["points"]
    if not isinstance(rows, list) or not all(
        isinstance(row, list) and len(row) == _POINT_FIGURES and all(map(_is_figure, row)) for row in rows
    ):
        raise ProjectError(
            "points must be a list of [x, y, E, N]", mend="four numbers for each control point"
        )
    if len(rows) < _FEWEST_POINTS:
        raise ProjectError(f"has {len(rows)} control points", mend="two are needed, a third checks them")
    return np.array(rows, dtype=np.float64)


def _check_scale(ratio: float) -> None:
    if not abs(ratio - 1) <= _SCALE_OFF:
        raise ProjectError(
            f"a metre of the grid would be {ratio:.6g} m on the ground",
            mend="scale is about 1, scale_ppm about 0; in control points and sums the easting comes first",
        )


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _figure(table: dict[str, Any], key: str, where: str) -> float:
    if key not in table:
        raise ProjectError(
            f"{where} lacks {key}".strip(), mend="a set of parameters is used whole; a zero is written too"
        )
    if not _is_figure(table[key]):
        raise ProjectError(f"{where} {key} must be a number, not {table[key]!r:.60}".strip())
    return float(table[key])


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key, "")
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ProjectError(f"{key} must be a coordinate system", mend=f'for example {key} = "EPSG:4528"')
    return str(value)


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, dict):
        raise ProjectError(f"{key} must be a table", mend=f"{key} = {{ … }}")
    return value


def _choice(table: dict[str, Any], key: str, choices: tuple[str, ...], where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or value not in choices:
        said = " or ".join(f'"{choice}"' for choice in choices)
        raise ProjectError(
            f"{where} needs {key} = {said}", mend="published sets differ in sign: ask the office that gave it"
        )
    return value


def _one_of(table: dict[str, Any], keys: tuple[str, str], where: str) -> str:
    found = [key for key in keys if key in table]
    if len(found) != 1:
        raise ProjectError(f"{where} needs one of {' and '.join(keys)}", mend="write a zero where it is zero")
    return found[0]


def _only(table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            raise ProjectError(f"{where}unknown key {key!r:.60}", mend=f"known are {', '.join(keys)}")
