"""How much of a park's land each service reaches, which service reaches least, and what lies one main away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.park.rows import Title, indicator, indicator_gap
from parkgeo.assess.services import NAMES, ROAD, connection_limits
from parkgeo.i18n import LANGUAGES, say
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["service_indicators"]

_READ = ("site_area_m2", "land_kind", "services_missing", "services_unknown", "one_service_away")
_SHARES = (
    ("parcels", "宗地占比", "parcels", "可接入该项的宗地数 ÷ 已知是否可接入的宗地数", "parcels that can be connected ÷ parcels of which it is known"),
    ("area", "土地占比", "land", "可接入该项的宗地面积 ÷ 已知是否可接入的宗地面积", "area of parcels that can be connected ÷ area of those of which it is known"),
)  # fmt: skip
_ALL_ZH, _ALL_EN = "；不含不供建设的土地", "; without land that is not to be built on"
_WORST = Title("%", "配套短板", "Service that reaches least land", f"各项配套中可接入土地占比最低者及其占比{_ALL_ZH}", f"of all services the one that reaches the least share of the land, and that share{_ALL_EN}")  # fmt: skip
_AWAY = Title("1", "仅差一项配套的宗地数", "Parcels one service away", f"仅缺一项配套、其余均已具备的宗地个数{_ALL_ZH}", f"parcels that lack one service and have all others{_ALL_EN}")  # fmt: skip
_AWAY_HA = Title("ha", "仅差一项配套的土地", "Land one service away", f"仅缺一项配套、其余均已具备的宗地面积{_ALL_ZH}", f"area of parcels that lack one service and have all others{_ALL_EN}")  # fmt: skip
_COUNTED = "{kind} {count}"
_OPEN = "Of no parcel it is known whether it can be connected to {kind}: ask for the mains and stations of this kind, or whether there is none."
_OPEN_ROAD = "Of no parcel it is known whether it meets a road: ask for the layer of roads."
_OPEN_ALL = "Of no service it is known where it reaches: ask for the layers of utilities and roads."


def service_indicators(parcels: pd.DataFrame, rules: RuleBook) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Each park's coverage by the services that the packs ask for.

    Parameters
    ----------
    parcels
        ``park_id``, ``site_area_m2``, ``land_kind``, and the columns of `parkgeo.assess.services.service_columns`.
    rules
        The packs in force.

    Returns
    -------
    tuple
        Rows for `parkgeo.assess.park.rows.indicator_frame`, and gaps. ``service_<kind>_parcels`` and ``service_<kind>_area``: % of the parcels and
        of the land; their bounds let what is open be unserved and served. ``service_bottleneck``: the lowest share of land, and in words
        whose it is. ``one_service_away``: how many parcels lack just one, and in words which; ``one_service_away_ha``. Nothing where the
        services were not judged.
    """
    limits = connection_limits(rules)
    if "services_missing" not in parcels or not limits:
        return [], []
    kinds = [kind for kind in NAMES if kind == ROAD or kind in limits]
    rows: list[dict[str, Any]] = []
    gaps: list[Gap] = []
    for park_id, own in pd.DataFrame(parcels)[list(_READ)].groupby(parcels["park_id"], sort=True):
        found = _park(own[own["land_kind"] != "not_built_on"], kinds)
        rows += [{"park_id": park_id, **row} for row in found]
        gaps += [gap for gap in _gaps(found, kinds) if gap not in gaps]
    return rows, gaps


def _park(own: pd.DataFrame, kinds: Sequence[str]) -> list[dict[str, Any]]:
    area = own["site_area_m2"].to_numpy(dtype=np.float64) / M2_PER_HA
    weights = {"parcels": np.ones(len(own)), "area": area}
    rows, least = [], (np.nan, "")
    lists = {name: _kinds_in(own[name], kinds) for name in ("services_missing", "services_unknown")}
    for kind in kinds:
        missing, unknown = lists["services_missing"][kind], lists["services_unknown"][kind]
        for what, zh, en, formula_zh, formula_en in _SHARES:
            about = Title(
                "%", f"{NAMES[kind]['zh']}可接入{zh}", f"{NAMES[kind]['en'].capitalize()} within reach, share of {en}",
                formula_zh + _ALL_ZH, formula_en + _ALL_EN,
            )  # fmt: skip
            row = _share(f"service_{kind}_{what}", weights[what], missing, unknown, about)
            rows.append(row)
            if what == "area" and not row["value"] >= least[0] and not np.isnan(row["value"]):
                least = row["value"], kind
    return [*rows, _worst(*least), *_away(own["one_service_away"], area, lists["services_unknown"], kinds)]


def _kinds_in(texts: pd.Series[Any], kinds: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Where each kind stands in lists of them; each different list is taken apart once."""
    codes, lists = pd.factorize(texts)
    apart = [str(each).split(", ") for each in lists]
    return {kind: np.array([*(kind in each for each in apart), False], dtype=bool)[codes] for kind in kinds}


def _share(
    name: str,
    weight: NDArray[np.float64],
    missing: NDArray[np.bool_],
    unknown: NDArray[np.bool_],
    about: Title,
) -> dict[str, Any]:
    reached, lost, unsure = (float(weight[mask].sum()) for mask in (~missing & ~unknown, missing, unknown))
    told, whole = reached + lost, reached + lost + unsure
    if not told > 0:
        return indicator(name, np.nan, about=about)
    bounds = 100 * reached / whole, 100 * (reached + unsure) / whole
    return indicator(
        name, 100 * reached / told, numerator=reached, denominator=told, bounds=bounds, about=about
    )


def _worst(share: float, kind: str) -> dict[str, Any]:
    row = indicator("service_bottleneck", share, about=_WORST)
    return row | {f"value_{lang}": NAMES[kind][lang] if kind else "" for lang in LANGUAGES}


def _away(
    alone: pd.Series[Any],
    area: NDArray[np.float64],
    unknown: dict[str, NDArray[np.bool_]],
    kinds: Sequence[str],
) -> list[dict[str, Any]]:
    """Parcels one service away; those of which something is open may be so too."""
    away = alone.notna().to_numpy(dtype=bool)
    unsure = np.logical_or.reduce([*unknown.values()])
    counted = [(kind, int((alone == kind).sum())) for kind in kinds]
    counted = sorted((each for each in counted if each[1]), key=lambda each: -each[1])
    judged = not unsure.all() or not len(alone)
    rows = []
    for name, weight, about in (
        ("one_service_away", np.ones(len(alone)), _AWAY),
        ("one_service_away_ha", area, _AWAY_HA),
    ):
        value = float(weight[away].sum())
        bounds = value, value + float(weight[unsure].sum())
        rows.append(indicator(name, value if judged else np.nan, bounds=bounds, about=about))
    for lang in LANGUAGES:
        words = [say(_COUNTED, lang, kind=NAMES[kind][lang], count=count) for kind, count in counted]
        rows[0][f"value_{lang}"] = ("、" if lang == "zh" else ", ").join(words)
    return rows


def _gaps(rows: Sequence[dict[str, Any]], kinds: Sequence[str]) -> list[Gap]:
    """Why a share is missing."""
    missing = {row["name"] for row in rows if np.isnan(row["value"])}
    found = [
        indicator_gap(f"service_{kind}_{what}", _OPEN_ROAD)
        if kind == ROAD
        else indicator_gap(f"service_{kind}_{what}", _OPEN, kind=NAMES[kind])
        for kind in kinds
        for what, *_ in _SHARES
        if f"service_{kind}_{what}" in missing
    ]
    rest = ("service_bottleneck", "one_service_away", "one_service_away_ha")
    return found + [indicator_gap(name, _OPEN_ALL) for name in rest if name in missing]
