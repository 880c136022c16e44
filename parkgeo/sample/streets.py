"""The street plan: centre lines, widths, the canal, the river bank and the park's boundary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from parkgeo.sample.place import bend

__all__ = [
    "BOUNDARY_VERGE_M",
    "CANAL_HALF_M",
    "Street",
    "bank",
    "boundary",
    "canal",
    "inner_streets",
    "street_land",
]

BOUNDARY_VERGE_M = 10.0
"""Parcels keep this far inside the boundary."""

CANAL_HALF_M = 20.0


@dataclass(frozen=True)
class Street:
    """One street as drawn.

    Parameters
    ----------
    name
        Street name.
    road_class
        As the sample's file writes it (主干路, 次干路, 支路 …).
    width_m
        Width between red lines.
    speed_km_h, lanes
        Speed limit and lanes in both directions together.
    path
        Points in plan metres.
    """

    name: str
    road_class: str
    width_m: float
    speed_km_h: float
    lanes: int
    path: tuple[tuple[float, float], ...]


def _arterial(name: str, *path: tuple[float, float], width_m: float = 40.0) -> Street:
    return Street(name, "主干路", width_m, 60.0, 6, path)


def _secondary(name: str, *path: tuple[float, float]) -> Street:
    return Street(name, "次干路", 26.0, 40.0, 4, path)


def _local(name: str, *path: tuple[float, float]) -> Street:
    return Street(name, "支路", 18.0, 30.0, 2, path)


STREETS: tuple[Street, ...] = (
    _secondary("滨江路", (-2320, -1120), (2240, -1120)),
    _secondary("云帆路", (-2320, -610), (2240, -610)),
    _arterial("金汀大道", (-2320, -40), (2240, -40)),
    _secondary("长岭路", (-2320, 500), (2240, 500)),
    _arterial("北环路", (-2320, 1060), (1960, 1060), width_m=32.0),
    _secondary("港西路", (-1760, -1120), (-1760, 1060)),
    _secondary("启航路", (-1160, -1120), (-1160, 1340)),
    _local("织云路", (-590, -1120), (-590, 500)),
    _arterial("中汀大道", (30, -1120), (30, 1340)),
    _secondary("桐荫路", (520, -610), (520, 1060)),
    _secondary("秋水路", (1010, -1120), (1010, 1340)),
    _secondary("东汀路", (1560, -1120), (1560, 1060)),
    # the diagonal from the port to the town
    _arterial(
        "港城大道",
        (-1160, -1120),
        (-870, -610),
        (-420, -40),
        (30, 500),
        (520, 1060),
        (760, 1340),
        width_m=44.0,
    ),
    # short streets that divide the larger blocks
    _local("货运一路", (-2320, -330), (-1160, -330)),
    _local("锦程路", (-1460, -40), (-1460, 1060)),
    _local("双桥路", (-1160, 780), (30, 780)),
    _local("工匠路", (-590, 500), (-590, 1060)),
    _local("玉衡路", (30, 230), (520, 230)),
    _local("开阳路", (30, -870), (1010, -870)),
    _local("天枢路", (1010, -320), (2240, -320)),
    _local("瑶光路", (1010, 780), (1960, 780)),
    _local("渡口路", (520, -1120), (520, -610)),
    _local("摇橹路", (1290, -1120), (1290, -610)),
    _local("晴川路", (1820, -320), (1820, 500)),
    _local("芦洲路", (-300, -1120), (-300, -610)),
)


def bank() -> Any:
    """The river's north bank, a line in plan metres from west to east."""
    u = np.arange(-2320.0, 2241.0, 100.0)
    return shapely.LineString(
        np.column_stack([u, -1335.0 + 42.0 * np.sin(u / 430.0) + 18.0 * np.sin(u / 170.0)])
    )


@lru_cache(maxsize=1)
def boundary() -> Any:
    """The park's boundary in site metres: the bank in the south, a notch in the north-east and north-west."""
    rest = [
        (2240, 620),
        (1970, 640),
        (1960, 1330),
        (900, 1350),
        (-1480, 1345),
        (-1500, 1210),
        (-2320, 1190),
    ]
    return bend(shapely.Polygon([*shapely.get_coordinates(bank()).tolist(), *rest]), every_m=150.0)


@lru_cache(maxsize=1)
def canal() -> Any:
    """The canal's centre line in site metres, from the river to the north."""
    v = np.arange(-1400.0, 1401.0, 70.0)
    return bend(shapely.LineString(np.column_stack([755.0 + 55.0 * np.sin(v / 330.0), v])))


@lru_cache(maxsize=1)
def inner_streets() -> tuple[tuple[Street, Any], ...]:
    """Every street of the park with its centre line in site metres."""
    return tuple((street, bend(shapely.LineString(street.path))) for street in STREETS)


@lru_cache(maxsize=1)
def street_land() -> Any:
    """The land between the streets' red lines, in site metres."""
    return shapely.union_all(
        [
            line.buffer(street.width_m / 2.0, cap_style="square", join_style="mitre")
            for street, line in inner_streets()
        ]
    )
