"""Metrics as colourings: which way is better, where the classes part, what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps.classes import MOST, Scheme, class_values, difference_classing, minute_breaks, settled
from maps.columns import number_kind
from maps.legend import Classed, Colouring, Draft
from maps.palette import NO_VALUE
from maps.ramps import difference_styles, ramp_styles
from maps.standing import cited, figure_in_force, metric_figures, thresholds, verified
from parkgeo.i18n import LANGUAGES, figure, say

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from maps.classes import Classing
    from maps.legend import Band, Land, Words
    from parkgeo.store import Snapshot

__all__ = ["Wanted", "quantity_colouring", "quantity_columns", "quantity_group"]

_RESULTS = ("idle_days", "idle_fee_wan", "developed_share", "invested_share")
"""Quantities of the parcels that are no metrics."""

# How a column's name begins → its group; the first that fits.
_GROUPS = (
    ("travel_min_", "car"), ("truck_min_", "truck"), ("walk_min_", "walk"), ("access_score", "score"), ("services_ready", "score"),
    ("travel_km_", "reach"), ("truck_yuan_", "reach"), ("main_m_", "reach"), ("gates", "reach"), ("frontage_m", "reach"),
    ("ground_", "ground"), ("cut_fill_", "ground"),
    ("imagery_", "imagery"), ("nd", "imagery"), ("bsi", "imagery"), ("built_share", "imagery"), ("vegetated_", "imagery"),
    ("bare_", "imagery"),
    ("releasable_", "potential"), ("vertical_", "potential"), ("pv_", "potential"), ("idle_cost_", "potential"),
    ("roof_area", "potential"),
    ("far", "built"), ("building_", "built"), ("footprint", "built"), ("completed_", "built"), ("floor_area", "built"),
    ("developed_share", "built"),
    ("site_area", "land"), ("area_difference", "land"), ("idle_", "idle"), ("invested_share", "idle"),
    ("electricity_", "use"), ("water_", "use"), ("energy_tce", "use"),
)  # fmt: skip

_MORE = frozenset({
    "access_score", "services_ready", "score", "output_wan_per_mu", "value_added_wan_per_mu", "tax_wan_per_mu", "revenue_wan_per_mu",
    "fixed_assets_wan_per_mu", "rd_wan_per_mu", "labour_productivity_wan_per_person", "energy_productivity_wan_per_tce",
    "emission_productivity_wan_per_t", "rd_share", "capacity_use", "investment_intensity_wan_per_ha", "developed_share",
    "invested_share", "imagery_valid_share", "ground_valid_share",
})  # fmt: skip
_BREAKS: dict[str, tuple[float, ...]] = {
    "access_score": (20.0, 40.0, 60.0, 80.0),
    "services_ready": (3.0, 4.0, 5.0, 6.0),
}
_DIFFERENCES: dict[str, str | None] = {
    "area_difference_ratio": "boundary.area_tolerance",
    "ndvi_change": None,
    "built_share_change": None,
}
"""Signed differences → the figure up to which there is none."""

_ABSURD = 1e15

_SCHEMES: dict[Scheme, str] = {
    "quantile": "About as many parcels in each class (quantiles)",
    "natural_breaks": "Natural breaks (Fisher–Jenks)",
    "equal_interval": "Equal steps",
    "round": "Round figures",
    "breaks": "Given figures",
}


@dataclass(frozen=True)
class Wanted:
    """How a quantity is to be classed.

    Attributes
    ----------
    scheme
        One of `maps.classes.SCHEMES`; None: as the column is by default.
    count
        How many classes.
    breaks
        For ``breaks``.
    pack
        For ``pack``: the figure's key.
    better
        ``more`` or ``less``; empty: as the column is by default.
    """

    scheme: Scheme | None = None
    count: int = 5
    breaks: tuple[float, ...] = ()
    pack: str = ""
    better: str = ""


def quantity_columns(snapshot: Snapshot, parcels: gpd.GeoDataFrame) -> list[str]:
    """Metrics and other quantities of which any parcel has a value, in the order of the table."""
    fields = snapshot.catalogue["fields"].get("parcels", {})
    return [
        name
        for name in map(str, parcels.columns)
        if (
            name in _RESULTS
            or _is_metric(fields.get(name, {}))
            or quantity_group(name) in ("car", "truck", "walk")
        )
        and not fields.get(name, {}).get("personal")
        and is_quantity(parcels, name)
    ]


def is_quantity(parcels: gpd.GeoDataFrame, name: str) -> bool:
    """Whether a column holds numbers, and any at all."""
    return bool(parcels[name].dtype.kind in "iuf" and parcels[name].notna().any())


def _is_metric(entry: dict[str, object]) -> bool:
    return "needs" in entry or "formula" in entry


def quantity_group(column: str) -> str:
    """The group of choices that a quantity belongs to.

    Examples
    --------
    >>> quantity_group("walk_min_canteen"), quantity_group("tax_wan_per_mu")
    ('walk', 'yield')
    """
    return next((group for start, group in _GROUPS if column.startswith(start)), "yield")


def quantity_colouring(
    snapshot: Snapshot, parcels: gpd.GeoDataFrame, land: Land, column: str, *,
    wanted: Wanted | None = None, key: str = "",
) -> Colouring:  # fmt: skip
    """A quantity as a colouring.

    Parameters
    ----------
    snapshot
        Gives titles, unit and the figures of its packs.
    parcels, land
        The rows, and their areas.
    column
        Of numbers.
    wanted
        How to class it; by default as the column is.
    key
        The colouring's name; by default the column's.
    """
    work = _Work(snapshot, parcels, land, column, wanted or Wanted())
    entry = snapshot.field("parcels", column)
    figures = [*metric_figures(snapshot, column), *work.figures]
    return Colouring(
        key=key or column, column=column, group=quantity_group(column), title=(str(entry["zh"]), str(entry["en"])),
        unit="" if entry["unit"] in ("1", "", None) else str(entry["unit"]), kind="quantity",
        source=_source(entry, work.figures), verified=verified(figures), suspected=column.startswith("idle_"), work=work.classed,
    )  # fmt: skip


def _source(entry: dict[str, object], figures: list[dict[str, object]]) -> Words | None:
    """Where the metric's formula stands, and the figures at which its classes part."""
    own = str(entry.get("source") or "")
    told = [(own, own)] if own else []
    told += [cited(one) for one in figures]
    return ("; ".join(zh for zh, _ in told), "; ".join(en for _, en in told)) if told else None


def _scheme(column: str) -> Scheme:
    """What is measured on the ground is classed at round figures; money, energy and the like by rank, for a few are far above all."""
    ground = quantity_group(column) in ("reach", "imagery", "ground") or number_kind(column) == "percent"
    return "round" if ground else "quantile"


@dataclass(frozen=True)
class _Work:
    """Makes the classes of one quantity."""

    snapshot: Snapshot
    parcels: gpd.GeoDataFrame
    land: Land
    column: str
    wanted: Wanted

    @property
    def unit(self) -> str:
        return str(self.snapshot.field("parcels", self.column)["unit"] or "")

    @property
    def share(self) -> bool:
        return number_kind(self.column) == "percent"

    @property
    def more(self) -> bool:
        return self.wanted.better == "more" or (not self.wanted.better and self.column in _MORE)

    @property
    def breaks(self) -> tuple[float, ...]:
        """Given ones: of the packs, of the spec, or the column's own."""
        if self.wanted.scheme == "pack":
            found = thresholds(self.snapshot, self.wanted.pack, self.unit)
            return found if len(found) < MOST else ()
        if self.wanted.scheme == "breaks":
            return self.wanted.breaks
        return _BREAKS.get(self.column, ()) if self.wanted.scheme is None else ()

    @property
    def zero(self) -> float | None:
        """How far from zero still is no difference, where a figure of the packs says so."""
        found = thresholds(self.snapshot, _DIFFERENCES.get(self.column) or "", self.unit)
        return found[0] if len(found) == 1 and found[0] > 0 else None

    @property
    def figures(self) -> list[dict[str, object]]:
        """The figures at which the classes part."""
        key = _DIFFERENCES.get(self.column) if self.is_difference and self.zero else None
        if self.wanted.scheme == "pack" and self.breaks:
            key = self.wanted.pack
        found = figure_in_force(self.snapshot, key) if key else None
        return [found] if found else []

    @property
    def is_difference(self) -> bool:
        return self.column in _DIFFERENCES and self.wanted.scheme is None

    def classed(self) -> Classed:
        """Legend, classes and scheme."""
        values = settled(self.parcels[self.column].to_numpy(dtype=np.float64, na_value=np.nan))
        if self.is_difference:
            classing, scheme = difference_classing(values, zero=self.zero), _in_both("Differences about zero")
            drafts = _difference_drafts(classing, share=self.share)
        else:
            classing, scheme = self._classing(values)
            drafts = _quantity_drafts(classing, share=self.share, reverse=self.more)
        of = classing.of(values)
        if self.more and not self.is_difference:
            of = np.where(of < len(drafts), len(drafts) - 1 - of, of)
        return self.land.count([*drafts, self._no_value()], of, scheme)

    def _classing(self, values: NDArray[np.float64]) -> tuple[Classing, Words]:
        known = values[np.isfinite(values)]
        whole = self.unit in ("", "1") and bool((known == np.floor(known)).all())
        breaks = self.breaks
        scheme = self.wanted.scheme or ("quantile" if whole else _scheme(self.column))
        if scheme == "pack":
            return self._by_pack(values, breaks, whole=whole)
        if breaks:
            return class_values(values, "breaks", breaks=breaks, whole=whole), _in_both("Given figures")
        if self.unit == "min" and self.wanted.scheme in (None, "round"):
            # By steps that people count minutes in.
            return class_values(values, "breaks", breaks=minute_breaks(values)), _in_both("Round figures")
        return class_values(values, scheme, self.wanted.count, whole=whole), _in_both(_SCHEMES[scheme])

    def _by_pack(
        self, values: NDArray[np.float64], breaks: tuple[float, ...], *, whole: bool
    ) -> tuple[Classing, Words]:
        """By the figure of the packs; by rank, and said so, where they hold none that could be used."""
        if breaks:
            # A least figure is met at it, a most one still is.
            reached = self.wanted.better != "less"
            told = _in_both("Thresholds of the rule packs ({key})", key=self.wanted.pack)
            return class_values(values, "pack", breaks=breaks, reached=reached), told
        told = _in_both(
            "The packs hold no usable figure {key}, so: about as many parcels in each class (quantiles)",
            key=self.wanted.pack,
        )
        return class_values(values, "quantile", self.wanted.count, whole=whole), told

    def _no_value(self) -> Draft:
        minutes = quantity_group(self.column) in ("car", "truck", "walk")
        return Draft("no_value", _in_both("No access, or not known" if minutes else "No value"), NO_VALUE)


def _quantity_drafts(classing: Classing, *, share: bool, reverse: bool) -> list[Draft]:
    """Dark to light: low to high, or the other way where more is better."""
    numbered = list(enumerate(classing.bands))[:: -1 if reverse else 1]
    return [
        Draft(str(at), _reached(band, share=share) if classing.reached else None, style, band)
        for (at, band), style in zip(numbered, ramp_styles(len(numbered)), strict=True)
    ]


def _difference_drafts(classing: Classing, *, share: bool) -> list[Draft]:
    """Reds below zero, blues above, and the class about zero said in words."""
    bands = classing.bands
    zero = next(at for at, band in enumerate(bands) if (band[1] is None or band[1] >= 0))
    styles = difference_styles(zero, len(bands) - 1 - zero)
    return [
        Draft(str(at), _about_zero(band, share=share) if at == zero else None, style, band)
        for at, (band, style) in enumerate(zip(bands, styles, strict=True))
    ]


def _about_zero(band: Band, *, share: bool) -> Words:
    low, high = band
    if low is None or high is None or low == high:
        return _in_both("no difference")
    return _with_band("about zero: {low} to {high}", band, share=share)


def _reached(band: Band, *, share: bool) -> Words:
    """Words of a class whose lower end belongs to it."""
    low, high = band
    if low is None:
        return _with_band("under {high}", band, share=share)
    return _with_band("{low} and more" if high is None else "{low} to under {high}", band, share=share)


def _with_band(pattern: str, band: Band, *, share: bool) -> Words:
    zh, en = (
        say(pattern, lang, low=_told(band[0], lang, share=share), high=_told(band[1], lang, share=share))
        for lang in LANGUAGES
    )
    return zh, en


def _told(value: float | None, lang: str, *, share: bool) -> str:
    if value is None:
        return ""
    told = 100 * value if share else value
    # An absurd figure is told as it is, not with all its digits.
    number = figure(told, lang, digits=4 if share else 6) if abs(told) < _ABSURD else f"{told:g}"
    return f"{number} %" if share else number


def _in_both(sentence: str, **values: object) -> Words:
    zh, en = (say(sentence, lang, **values) for lang in LANGUAGES)
    return zh, en
