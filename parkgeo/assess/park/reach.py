"""What a park's people reach, and how dense its roads are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from parkgeo.assess.park.rows import Title, indicator, indicator_gap
from parkgeo.i18n import LANGUAGES, figure, say
from parkgeo.layers import schema
from parkgeo.metrics.access.opportunities import served

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = [
    "ROAD_GROUPS",
    "KindReached",
    "ParkStaff",
    "kind_named",
    "road_density_row",
    "road_groups",
    "staff_rows",
    "uncovered_gap",
]

_DENSITY = "road_density_km_per_km2"
_ROADS = Title(
    "km/km2", "道路网密度", "Road density", "边界内计入等级道路的中心线长度 ÷ 边界面积",
    "centre lines within the boundary of the classes of road that count ÷ area of the boundary",
)  # fmt: skip
_M_PER_KM, _M2_PER_KM2 = 1e3, 1e6

ROAD_GROUPS = ("counted", "unknown", "left_out")
"""What a road is in the density: of a class that counts, of no known class, of another."""

_HOW = {
    "walk": ("步行可达最近{zh}", "on foot of the nearest {en}"),
    "car": ("车行可达最近{zh}", "by car of the nearest {en}"),
    "inbound": ("可由最近{zh}驶达", "by car from the nearest {en}"),
}

_NO_STAFF = "Where the companies' staff work is not known: ask for the table of occupancy and for staff in the companies' returns."
_NO_FACILITY = "No facility of this kind is recorded ({kind}): ask where they are, or whether there is none."
_NO_WAY = (
    "No parcel with known staff meets a road: ask for the layer of roads, or for the gates of the parcels."
)
_PARTLY = (
    "Of {filed} staff filed {judged} are counted; {apart} work on parcels that meet no road, {unplaced} on no known parcel, since areas or "
    "tenancies are missing. Companies without a certain number of staff: {silent}."
)
_NO_ROADS = "There is no layer of roads, or the park's boundary has no area."
_UNCOVERED = "No road is drawn within {limit} m of park {park}: the layer of roads may not cover it. Ask for the roads in and around it."
_UNCLASSED = "Roads of unknown class within the boundary: {km} km. Ask for the class of each."
_HAIR = 1e-9


@dataclass(frozen=True)
class KindReached:
    """How far a park's parcels are from a kind of facility.

    Attributes
    ----------
    kind
        Of facilities.
    how
        ``walk`` or ``car`` to the nearest; ``inbound`` where its vehicles come to the parcel.
    minutes
        Of each parcel of the park; NaN where none is reached. None where no facility of the kind is recorded at all.
    """

    kind: str
    how: Literal["walk", "car", "inbound"]
    minutes: NDArray[np.float64] | None


@dataclass(frozen=True)
class ParkStaff:
    """Where a park's people work.

    Attributes
    ----------
    on_parcel
        People on each parcel of the park, as far as they are known; see `parkgeo.metrics.access.staff`.
    connected
        Whether each of these parcels has a gate on the road network.
    unplaced
        People of the park's companies who stand on no parcel.
    silent
        Number of the park's companies without a certain number of staff.
    """

    on_parcel: NDArray[np.float64]
    connected: NDArray[np.bool_]
    unplaced: float = 0.0
    silent: int = 0


def kind_named(kind: str) -> dict[str, str]:
    """A kind of facility in each language; one that the layer does not know keeps its own name.

    Examples
    --------
    >>> kind_named("fire_station")
    {'zh': '消防站', 'en': 'fire station'}
    """
    words = schema("facilities").fields["kind"].codes.get(kind, ())
    return {"zh": words[0] if words else kind, "en": kind.replace("_", " ") if words else kind}


def staff_rows(
    kinds: Iterable[KindReached], staff: ParkStaff | None, *, within_min: float
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Share of a park's staff who have each kind of service within some minutes.

    Parameters
    ----------
    kinds
        How far each kind is.
    staff
        Where people work; None where occupancy or returns are missing.
    within_min
        Minutes; exactly so many is within.

    Returns
    -------
    tuple
        Rows ``staff_within_<kind>``, in %; gaps. Numerator and denominator are people, on parcels that meet a road. The bounds let
        all people whose reach is not known be served by none and by all; who filed no number is in neither, and is counted in
        the words beside the value. NaN, with a gap, where nobody can be judged.

    Notes
    -----
    A parcel is as near as its nearest gate. Who reaches no facility at all is not served; who works on a parcel that meets
    no road is not known.
    """
    rows, gaps = [], []
    for one in kinds:
        name, about = f"staff_within_{one.kind}", _staff_title(one, within_min)
        if staff is None or one.minutes is None:
            rows.append(indicator(name, np.nan, about=about))
            why = (
                indicator_gap(name, _NO_STAFF)
                if staff is None
                else indicator_gap(name, _NO_FACILITY, kind=kind_named(one.kind))
            )
            gaps.append(why)
            continue
        row, told = _staff_row(name, about, one.minutes, staff, within_min)
        rows.append(row)
        gaps += told
    return rows, gaps


def _staff_row(
    name: str, about: Title, minutes: NDArray[np.float64], staff: ParkStaff, within_min: float
) -> tuple[dict[str, Any], list[Gap]]:
    near = served(minutes, staff.connected, within_min=within_min)
    reached, beyond, apart = (
        float(staff.on_parcel[mask].sum()) for mask in (near == 1, near == 0, np.isnan(near))
    )
    judged, filed = reached + beyond, reached + beyond + apart + staff.unplaced
    if not judged > 0:
        why = _NO_WAY if filed > 0 else _NO_STAFF
        return indicator(name, np.nan, about=about), [indicator_gap(name, why)]
    ends = 100.0 * reached / filed, 100.0 * (filed - beyond) / filed
    row = indicator(
        name, 100.0 * reached / judged, numerator=reached, denominator=judged, bounds=ends, about=about
    )  # fmt: skip
    if not (apart or staff.unplaced or staff.silent):
        return row, []
    people = {
        "filed": filed,
        "judged": judged,
        "apart": apart,
        "unplaced": staff.unplaced,
        "silent": staff.silent,
    }
    told = {lang: {key: figure(value, lang, digits=0) for key, value in people.items()} for lang in LANGUAGES}
    row |= {f"value_{lang}": say(_PARTLY, lang, **told[lang]) for lang in LANGUAGES}
    return row, [
        indicator_gap(name, _PARTLY, **{key: {lang: told[lang][key] for lang in LANGUAGES} for key in people})
    ]


def _staff_title(one: KindReached, within_min: float) -> Title:
    kind = kind_named(one.kind)
    zh, en = (pattern.format(**kind) for pattern in _HOW[one.how])
    minutes = {lang: figure(within_min, lang) for lang in LANGUAGES}
    return Title(
        "%",
        f"{minutes['zh']} 分钟内{zh}的职工占比",
        f"Staff within {minutes['en']} min {en}",
        f"所在宗地 {minutes['zh']} 分钟内{zh}的职工 ÷ 在通路宗地上的职工；职工按占地分摊到宗地",
        f"staff on parcels within {minutes['en']} min {en} ÷ staff on parcels that meet a road; staff split over parcels by occupied area",
    )


def road_groups(road_class: pd.Series[Any], counted: Collection[str]) -> NDArray[np.intp]:
    """What each road is in the density, as its position in `ROAD_GROUPS`.

    Parameters
    ----------
    road_class
        Of each road; None where it is not known.
    counted
        Classes that count.

    Examples
    --------
    >>> import pandas as pd
    >>> road_groups(pd.Series(["local", None, "motorway"], dtype="str"), ["local"]).tolist()
    [0, 1, 2]
    """
    known = (road_class.notna() & (road_class != "")).to_numpy(dtype=bool)
    counts = road_class.isin(list(counted)).to_numpy(dtype=bool)
    return np.select([counts, ~known], [0, 1], default=2).astype(np.intp)


def road_density_row(
    counted_m: float, unknown_m: float, boundary_m2: float, rules: RuleBook
) -> tuple[dict[str, Any], list[Gap]]:
    """Road density of a park.

    Parameters
    ----------
    counted_m, unknown_m
        Length within the boundary of roads of the classes that count, and of roads of no known class; NaN without a layer of
        roads. See `parkgeo.metrics.access.density`.
    boundary_m2
        Area of the boundary.
    rules
        ``benchmark.road_density_km_per_km2``, ``park.rate_tolerance``.

    Returns
    -------
    tuple
        The row, km/km²; gaps. The bounds leave out and take in what has no known class; where that is more than the tolerance of
        the length there is no value.
    """
    if not (boundary_m2 > 0 and counted_m + unknown_m >= 0):
        return indicator(_DENSITY, np.nan, about=_ROADS), [indicator_gap(_DENSITY, _NO_ROADS)]
    km, open_km, area = counted_m / _M_PER_KM, unknown_m / _M_PER_KM, boundary_m2 / _M2_PER_KM2
    tolerance = rules.get("park.rate_tolerance")
    within = tolerance.number("1") if tolerance else _HAIR
    certain = open_km <= within * (km + open_km)
    row = indicator(
        _DENSITY, km / area if certain else np.nan, numerator=km, denominator=area, bounds=(km / area, (km + open_km) / area),
        benchmark=rules.benchmark(_DENSITY), about=_ROADS,
    )  # fmt: skip
    told = {"km": {lang: figure(open_km, lang, digits=2) for lang in LANGUAGES}}
    return row, [indicator_gap(_DENSITY, _UNCLASSED, **told)] if open_km > 0 else []


def uncovered_gap(name: str, park_id: str, rules: RuleBook) -> Gap:
    """Why a figure of roads is missing for a park near which none is drawn, by ``access.roads_cover_m``."""
    limit = rules["access.roads_cover_m"].number("m")
    told = {lang: figure(limit, lang, digits=0) for lang in LANGUAGES}
    return indicator_gap(name, _UNCOVERED, park=park_id, limit=told)
