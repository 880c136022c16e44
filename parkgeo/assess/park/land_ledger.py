"""The land ledger of a park, A to G: all its ground, each square metre once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.i18n import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEDGER_COLUMNS", "Ledger", "land_ledger"]

LEDGER_COLUMNS = {
    "park_id": "str", "item": "str", "zh": "str", "en": "str", "area_m2": "float64", "parcels": "float64", "low_m2": "float64",
    "high_m2": "float64", "note_zh": "str", "note_en": "str",
}  # fmt: skip

# item, zh, en, items whose area it may also have, note
_ITEMS: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("P", "园区边界内土地", "Ground within the boundary", (), "A + B + C + U + N - O - S."),
    ("A", "已建成城镇建设用地", "Built town land", ("U",), "A1 + A2 + A3 + A4."),
    ("A1", "其中：住宅用地", "of it residential", ("A4", "U"), ""),
    ("A2", "其中：工矿仓储用地", "of it industrial, mining and storage", ("A4", "U"), ""),
    ("A3", "其中：其他用地", "of it other", ("A4", "U"), ""),
    ("A4", "其中：用途不明", "of it of unknown use", (), "The parcels' land-use code is blank, or no pack in force says what it means."),
    ("B", "未建成城镇建设用地", "Town land not built", ("U",), "B21 + B22 + B23."),
    ("B21", "其中：达到供地条件", "of it ready for supply", ("B23", "U"), "Supplied, or acquired, levelled and served."),
    ("B22", "其中：未达到供地条件", "of it not ready for supply", ("B23", "U"), ""),
    ("B23", "其中：供地条件不明", "of it of unknown readiness", (), "Whether the land is acquired, levelled and served is not recorded."),
    ("C", "不可建设土地", "Unbuildable land", (), "Of parcels that are neither built nor supplied: land under constraints or of a use that cannot be built on."),
    ("U", "是否建成不明", "Not known whether built", (), "Neither state, ledger nor buildings say whether the parcels are built."),
    ("N", "不在任何宗地内", "In no parcel", (), "Roads and other ground between parcels; in no rate."),
    ("O", "减：重复计入的重叠", "less: counted more than once", (), "Parcels share this ground; it stands in A to U once too often for each."),
    ("S", "减：边界外的宗地部分", "less: parcels beyond the boundary", (), "Parcels reach beyond the boundary; A to U count them whole."),
    ("D", "已供应国有建设用地", "Supplied land", ("DU",), "By the supply ledger."),
    ("E", "尚可供应土地", "Still suppliable land", ("DU",), "In reserve, approved and not supplied, or recovered."),
    ("F", "不可供应土地", "Land that cannot be supplied", ("DU",), ""),
    ("DU", "供应情况不明", "Not known whether supplied", (), "The supply ledger does not hold the parcels."),
    ("G", "闲置土地（疑似）", "Idle land (suspected)", ("GU",), "Statutory verdict yes; up to the higher figure with what is undetermined."),
)  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """Areas of each park by item.

    Attributes
    ----------
    area_m2
        Index park_id, a column an item; besides those of the table ``GU``, idle undetermined. NaN where nothing could be judged, or where no parcel was.
    parcels
        How many parcels have some area in each.
    """

    area_m2: pd.DataFrame
    parcels: pd.DataFrame

    def of(self, park_id: str) -> dict[str, float]:
        """Item → area of a park, m²."""
        areas = self.area_m2.loc[[park_id]].to_numpy(dtype=np.float64)[0].tolist()
        return dict(zip(self.area_m2.columns.astype(str), areas, strict=True))

    def bounds(self, item: str) -> tuple[pd.Series[float], pd.Series[float]]:
        """Least and most area of an item."""
        more = next(also for name, _, _, also, _ in _ITEMS if name == item)
        low = self.area_m2[item]
        # Of idle land nothing may be certain: then there is no least either, but a most.
        high = low.fillna(0.0) + self.area_m2[list(more)].sum(axis=1)
        return low, high.mask(self.area_m2[list(more)].isna().any(axis=1))

    def table(self) -> pd.DataFrame:
        """The ledger as the snapshot holds it, with titles, bounds and notes; see `LEDGER_COLUMNS`."""
        frames = []
        for at, (item, zh, en, _, note) in enumerate(_ITEMS):
            low, high = self.bounds(item)
            frame = pd.DataFrame(
                {"area_m2": self.area_m2[item], "low_m2": low, "high_m2": high, "parcels": self.parcels[item]}
            )
            frames.append(
                frame.assign(
                    item=item, zh=zh, en=en, place=at, note_zh=say(note, "zh") if note else "", note_en=note
                ).reset_index()
            )
        whole = pd.concat(frames, ignore_index=True).sort_values(["park_id", "place"], kind="stable")
        return whole[list(LEDGER_COLUMNS)].astype(LEDGER_COLUMNS).reset_index(drop=True)


def land_ledger(parcels: pd.DataFrame, classes: pd.DataFrame, account: pd.DataFrame) -> Ledger:
    """Sum the parcels of each park by what they are.

    Parameters
    ----------
    parcels
        ``park_id``, ``site_area_m2`` and the verdict ``idle``.
    classes
        From `parkgeo.assess.park.land_use.land_classes`.
    account
        From `parkgeo.metrics.ground.ground_account`.

    Returns
    -------
    Ledger
        A + B + C + U = D + E + F + DU = the parcels' areas, and with N, O and S they make the area of the boundary.
    """
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64)
    idle = coded(parcels, "idle")
    parts = _parts(area, classes) | {
        "G": np.where(idle.among(["yes"]), area, 0.0),
        "GU": np.where(idle.among(["undetermined"]), area, 0.0),
    }
    of = coded(parcels, "park_id")
    park = account.index.get_indexer(pd.Index([str(word) for word in of.words]))[of.codes]

    def summed(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(park, weights=values, minlength=len(account)).astype(np.float64)

    def counted(held: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(park[held], minlength=len(account)).astype(np.float64)

    areas = pd.DataFrame({item: summed(part) for item, part in parts.items()}, index=account.index)
    counts = pd.DataFrame({item: counted(part > 0) for item, part in parts.items()}, index=account.index)
    counts["P"] = np.bincount(park, minlength=len(account))
    for item, name in (("P", "boundary"), ("N", "bare"), ("O", "repeated"), ("S", "outside")):
        areas[item] = account[f"{name}_m2"]
        if item != "P":
            counts[item] = account.get(f"{name}_parcels", np.nan)
    # Where no parcel could be judged, 0 m² of idle land would say that none is.
    unjudged = counted(idle.among(["yes", "no"])) == 0
    areas.loc[unjudged, "G"] = counts.loc[unjudged, "G"] = np.nan
    unasked = unjudged & (areas["GU"] == 0).to_numpy()
    areas.loc[unasked, "GU"] = counts.loc[unasked, "GU"] = np.nan
    return Ledger(areas, counts)


def _parts(area: NDArray[np.float64], classes: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Each parcel's area in each item; what is a part of something else adds up to it."""
    built, supplied, ready, suppliable, unbuildable = (
        classes[name].to_numpy(dtype=np.float64) for name in ("built", "supplied", "ready", "suppliable", "unbuildable")
    )  # fmt: skip
    barred = area * unbuildable
    free = area - barred
    use = coded(classes, "use")
    # A built parcel has no barred part, so its free area is its whole.
    parts = {
        item: np.where((built == 1) & use.among([name]), free, 0.0)
        for item, name in (("A1", "residential"), ("A2", "industrial"), ("A3", "other"))
    }
    parts["A4"] = np.where((built == 1) & (use.codes < 0), free, 0.0)
    parts["B21"] = np.where((built == 0) & (ready == 1), free, 0.0)
    parts["B22"] = np.where((built == 0) & (ready < 1), free, 0.0)
    parts["B23"] = np.where((built == 0) & np.isnan(ready), free, 0.0)
    parts["A"] = np.where(built == 1, free, 0.0)
    parts["B"] = np.where(built == 0, free, 0.0)
    parts["C"] = barred
    parts["U"] = np.where(np.isnan(built), free, 0.0)
    parts["D"] = np.where(supplied == 1, free, 0.0)
    parts["E"] = np.where(suppliable == 1, free, 0.0)
    parts["F"] = np.where(suppliable == 0, free, 0.0) + barred
    parts["DU"] = np.where((supplied != 1) & np.isnan(suppliable), free, 0.0)
    return parts
