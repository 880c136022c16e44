"""Made-up names: companies, trades, causes. None is a real company's; the syllables are drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["COUNTY", "COUNTY_CODE", "PARK", "TRADES", "USES", "Trade", "company_names"]

PARK = "云汀县临港工业园"
COUNTY = "云汀"
COUNTY_CODE = "330599"
"""Not assigned to any county."""

_FIRST = ("汀", "岚", "沁", "屿", "澍", "霁", "珩", "昱", "皓", "栩", "棠", "筠", "翎", "璟", "泠", "漪")
_SECOND = (
    "汀屿",
    "禾朗",
    "砚澜",
    "鹭洲",
    "溪桐",
    "望舒",
    "青岑",
    "南笙",
    "星棹",
    "云稔",
    "松壑",
    "石棣",
    "雁浦",
    "竹汐",
    "叶渚",
    "榆陌",
)


@dataclass(frozen=True)
class Trade:
    """One industry of the park.

    Parameters
    ----------
    code
        GB/T 4754-2017, two digits.
    name
        The industry's name in that standard.
    word
        What a company of it calls itself.
    output_wan_per_mu
        Middle of the made-up yearly output per mu.
    min_far
        Floor area ratio that the made-up plan asks for at least.
    kwh_per_wan, m3_per_wan
        Electricity and water for 10 000 yuan of output.
    """

    code: str
    name: str
    word: str
    output_wan_per_mu: float
    min_far: float
    kwh_per_wan: float
    m3_per_wan: float


TRADES: dict[str, Trade] = {
    trade.code: trade
    for trade in (
        Trade("13", "农副食品加工业", "粮油食品", 300.0, 1.0, 190.0, 5.5),
        Trade("17", "纺织业", "纺织", 240.0, 0.8, 520.0, 6.0),
        Trade("26", "化学原料和化学制品制造业", "精细化工", 420.0, 0.6, 640.0, 7.5),
        Trade("27", "医药制造业", "生物制药", 520.0, 0.7, 260.0, 4.0),
        Trade("29", "橡胶和塑料制品业", "塑业", 290.0, 0.8, 480.0, 2.2),
        Trade("33", "金属制品业", "金属制品", 280.0, 0.7, 360.0, 1.5),
        Trade("34", "通用设备制造业", "机械", 340.0, 0.7, 230.0, 1.1),
        Trade("35", "专用设备制造业", "智能装备", 380.0, 0.7, 210.0, 1.0),
        Trade("36", "汽车制造业", "汽车部件", 440.0, 0.7, 240.0, 1.3),
        Trade("38", "电气机械和器材制造业", "电气", 430.0, 0.7, 220.0, 0.9),
        Trade("39", "计算机、通信和其他电子设备制造业", "电子科技", 620.0, 1.0, 260.0, 1.6),
        Trade("59", "装卸搬运和仓储业", "仓储物流", 180.0, 0.5, 60.0, 0.6),
    )
}

USES: dict[str, str] = {
    "0701": "城镇住宅用地",
    "0901": "商业用地",
    "100101": "一类工业用地",
    "100102": "二类工业用地",
    "100103": "三类工业用地",
    "1101": "物流仓储用地",
    "1207": "城镇道路用地",
    "1301": "供水用地",
    "1302": "排水用地",
    "1303": "供电用地",
    "1304": "供燃气用地",
    "1305": "供热用地",
    "1306": "通信用地",
    "1310": "消防用地",
    "1401": "公园绿地",
    "1402": "防护绿地",
    "16": "留白用地",
}


def company_names(count: int, words: list[str], rng: np.random.Generator) -> list[str]:
    """Made-up company names, no two alike.

    Parameters
    ----------
    count
        How many.
    words
        The trade's word of each.
    rng
        Random numbers.

    Returns
    -------
    list of str
        For example ``云汀汀岚砚澜机械有限公司``.
    """
    pairs = [(first, second) for first in _FIRST for second in _SECOND]
    order = rng.permutation(len(pairs))[:count]
    ends = ("有限公司", "有限公司", "有限公司", "股份有限公司")
    return [
        f"{COUNTY}{pairs[k][0]}{pairs[k][1]}{words[n]}{ends[int(rng.integers(len(ends)))]}"
        for n, k in enumerate(order)
    ]
