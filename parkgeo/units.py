"""Units of land and money, in one place.

A column's unit is written in a header or in park.toml; values are converted once, on the way in. Inside parkgeo an
area is m², a length m, money 万元 (10 000 yuan, ``wan``), energy kWh.
"""

from __future__ import annotations

from functools import cache

from parkgeo.errors import ProjectError, name_some

__all__ = ["M2_PER_HA", "M2_PER_MU", "convert_factor", "convertible", "known_units"]

M2_PER_HA = 10_000.0
"""Square metres in a hectare."""

M2_PER_MU = 10_000.0 / 15.0
"""Square metres in a mu (亩): 15 mu are one hectare."""

# unit of the field → {unit as written: factor to it}
_FACTORS: dict[str, dict[str, float]] = {
    "m2": {
        "m2": 1.0,
        "m²": 1.0,
        "㎡": 1.0,
        "平方米": 1.0,
        "平米": 1.0,
        "sqm": 1.0,
        "mu": M2_PER_MU,
        "亩": M2_PER_MU,
        "ha": M2_PER_HA,
        "公顷": M2_PER_HA,
        "km2": 1e6,
        "km²": 1e6,
        "平方公里": 1e6,
        "平方千米": 1e6,
        "万亩": 1e4 * M2_PER_MU,
        "万m2": 1e4,
        "万m²": 1e4,
        "万㎡": 1e4,
        "万平方米": 1e4,
        "万平米": 1e4,
        "rai": 1600.0,
        "莱": 1600.0,
    },
    "wan": {
        "wan": 1.0,
        "万元": 1.0,
        "万": 1.0,
        "yuan": 1e-4,
        "元": 1e-4,
        "千元": 0.1,
        "百万元": 100.0,
        "千万元": 1000.0,
        "亿元": 1e4,
        "亿": 1e4,
    },
    "m": {
        "m": 1.0,
        "米": 1.0,
        "km": 1000.0,
        "公里": 1000.0,
        "千米": 1000.0,
        "cm": 0.01,
        "厘米": 0.01,
        "mm": 0.001,
        "毫米": 0.001,
    },
    "mm": {"mm": 1.0, "毫米": 1.0, "cm": 10.0, "厘米": 10.0, "m": 1000.0, "米": 1000.0},
    "kWh": {"kwh": 1.0, "千瓦时": 1.0, "度": 1.0, "万kwh": 1e4, "万千瓦时": 1e4, "万度": 1e4, "mwh": 1000.0},
    "kWh/mu": {
        "kwh/mu": 1.0,
        "千瓦时/亩": 1.0,
        "度/亩": 1.0,
        "kwh/ha": 1.0 / 15.0,
        "千瓦时/公顷": 1.0 / 15.0,
        "度/公顷": 1.0 / 15.0,
    },
    "kWp/m2": {
        "kwp/m2": 1.0,
        "kwp/m²": 1.0,
        "kwp/㎡": 1.0,
        "千瓦/平方米": 1.0,
        "wp/m2": 0.001,
        "瓦/平方米": 0.001,
    },
    "m3": {
        "m3": 1.0,
        "m³": 1.0,
        "立方米": 1.0,
        "吨": 1.0,
        "方": 1.0,
        "万m3": 1e4,
        "万立方米": 1e4,
        "万吨": 1e4,
    },
    "tce": {"tce": 1.0, "吨标准煤": 1.0, "吨标煤": 1.0, "万tce": 1e4, "万吨标准煤": 1e4, "万吨标煤": 1e4},
    "t": {"t": 1.0, "吨": 1.0, "kg": 0.001, "千克": 0.001},
    "t/m2": {"t/m2": 1.0, "t/m²": 1.0, "吨/平方米": 1.0, "kg/m2": 0.001, "kn/m2": 0.1019716},
    "point": {"point": 1.0},
    "kVA": {"kva": 1.0, "千伏安": 1.0, "mva": 1000.0, "兆伏安": 1000.0, "万kva": 1e4, "万千伏安": 1e4},
    "m3/day": {
        "m3/day": 1.0,
        "m3/d": 1.0,
        "m³/d": 1.0,
        "m³/day": 1.0,
        "立方米/日": 1.0,
        "立方米/天": 1.0,
        "吨/日": 1.0,
        "吨/天": 1.0,
        "t/d": 1.0,
        "万m3/d": 1e4,
        "万吨/日": 1e4,
        "万立方米/日": 1e4,
        "m3/h": 24.0,
        "m³/h": 24.0,
    },
    "m3/h": {
        "m3/h": 1.0,
        "m³/h": 1.0,
        "nm3/h": 1.0,
        "nm³/h": 1.0,
        "立方米/小时": 1.0,
        "标方/小时": 1.0,
        "m3/day": 1.0 / 24.0,
        "m3/d": 1.0 / 24.0,
        "m³/d": 1.0 / 24.0,
        "立方米/日": 1.0 / 24.0,
    },
    "km/h": {"km/h": 1.0, "公里/小时": 1.0, "千米/小时": 1.0, "mph": 1.609344},
    "1": {"1": 1.0, "": 1.0, "%": 0.01, "％": 0.01, "percent": 0.01},
    "deg": {"deg": 1.0, "°": 1.0, "度": 1.0},
    "min": {"min": 1.0, "minutes": 1.0, "分钟": 1.0, "分": 1.0, "h": 60.0, "小时": 60.0},
    "h": {"h": 1.0, "hours": 1.0, "小时": 1.0, "时": 1.0, "min": 1.0 / 60.0, "分钟": 1.0 / 60.0},
    "yuan/km": {"yuan/km": 1.0, "元/公里": 1.0, "元/千米": 1.0},
    "yuan/h": {"yuan/h": 1.0, "元/小时": 1.0},
    "km/km2": {"km/km2": 1.0, "km/km²": 1.0, "公里/平方公里": 1.0, "千米/平方千米": 1.0},
    "day": {"day": 1.0, "days": 1.0, "天": 1.0, "日": 1.0},
    "month": {"month": 1.0, "months": 1.0, "月": 1.0, "个月": 1.0},
    "year": {"year": 1.0, "years": 1.0, "年": 1.0},
    "person": {"person": 1.0, "人": 1.0},
    "wan/mu": {"wan/mu": 1.0, "万元/亩": 1.0, "万元/公顷": 1.0 / 15.0, "wan/ha": 1.0 / 15.0},
    "wan/ha": {"wan/ha": 1.0, "万元/公顷": 1.0, "万元/亩": 15.0, "wan/mu": 15.0},
}


def known_units(unit: str) -> tuple[str, ...]:
    """Units that convert to a field's unit.

    Examples
    --------
    >>> "亩" in known_units("m2")
    True
    """
    return tuple(_table(unit))


def convertible(one: str, other: str) -> bool:
    """Whether two units, as written, measure the same thing.

    Examples
    --------
    >>> convertible("rai", "亩"), convertible("亩", "元")
    (True, False)
    """
    return _key(one) in _table(other.strip()) or _key(other) in _table(one.strip())


def _key(written: str) -> str:
    return written.strip().replace(" ", "").casefold()


@cache
def _table(unit: str) -> dict[str, float]:
    """Factors to a unit; a unit that only stands in another's table (亩 in that of m²) has the same ones, scaled."""
    if unit in _FACTORS:
        return _FACTORS[unit]
    for table in _FACTORS.values():
        if unit and _key(unit) in table:
            return {written: factor / table[_key(unit)] for written, factor in table.items()}
    return {unit.casefold(): 1.0}


def convert_factor(written: str, unit: str) -> float:
    """Factor that turns a value in the written unit into the field's unit.

    Parameters
    ----------
    written
        The unit as the office writes it, for example ``亩`` or ``元``; letter case and spaces do not matter.
    unit
        The field's unit, for example ``m2`` or ``wan``.

    Returns
    -------
    float
        Multiply by it.

    Raises
    ------
    ProjectError
        The written unit is not known for that field's unit.

    Examples
    --------
    >>> round(convert_factor("亩", "m2"), 2)
    666.67
    >>> convert_factor("元", "wan")
    0.0001
    """
    table = _table(unit)
    key = _key(written)
    if key not in table:
        raise ProjectError(
            f"unit {written!r} does not convert to {unit!r}",
            mend=f"write one of {name_some(table, shown=12)}",
        )
    return table[key]
