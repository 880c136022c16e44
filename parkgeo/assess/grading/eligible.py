"""Who can be rated, by which indicators, and who cannot and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.grading.scheme import INDICATORS
from parkgeo.metrics.productivity import RATIOS
from parkgeo.metrics.returns import WHY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.grading.scheme import Scheme

__all__ = ["Ratable", "group_of", "indicator_values", "missing_fields", "ratable", "refused"]

_LAND = "land_mu"
_AREA_FIELD = "occupied_area_m2"
_SCALES = {ratio.name: ratio.scale for ratio in RATIOS}


def indicator_values(companies: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    """Each company's indicators, companies × names, as they are scored.

    Parameters
    ----------
    companies
        ``land_mu`` and the measures.
    names
        Of `parkgeo.assess.grading.scheme.INDICATORS`.

    Notes
    -----
    NaN where a part is missing, and where something was made with nothing (0 tce for a value added): then one of the two is
    wrong. Where nothing, or a loss, was made with nothing, the indicator is 0: a works that stands still earns no points,
    it does not drop out.
    """
    found = np.full((len(companies), len(names)), np.nan)
    for at, name in enumerate(names):
        indicator = INDICATORS[name]
        under_name = indicator.under or _LAND
        if indicator.over not in companies or under_name not in companies:
            continue
        over = companies[indicator.over].to_numpy(dtype=float)
        under = companies[under_name].to_numpy(dtype=float) / _SCALES.get(name, 1.0)
        found[:, at] = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
        found[(over <= 0) & (under == 0), at] = 0.0
    return found


def group_of(companies: pd.DataFrame, scheme: Scheme) -> NDArray[np.object_]:
    """``all`` where every firm is evaluated alike, else ``above`` or ``below`` scale; None where the scale is not known."""
    if scheme.below_scale is None:
        return np.full(len(companies), "all", dtype=object)
    if "scale" not in companies:
        return np.full(len(companies), None, dtype=object)
    scale = companies["scale"].astype(object)
    said = scale.where(scale.notna(), "").astype(str).str.strip().str.casefold()
    below = said.isin(scheme.below_words).to_numpy()
    found = np.where(below, "below", "above").astype(object)
    found[(said == "").to_numpy()] = None
    return found


def refused(companies: pd.DataFrame, why: pd.DataFrame, scheme: Scheme, year: int) -> NDArray[np.object_]:
    """Why a company is not rated, whatever its indicators: a code, None where nothing stands against it.

    Parameters
    ----------
    companies
        ``returns``, ``parcels``, ``land_mu``, ``since`` (first day on land here, datetime64).
    why
        Of each measure, position in `parkgeo.metrics.returns.WHY`.
    scheme
        For how long a company is new.
    year
        Evaluated.
    """
    filed_nothing = companies["returns"].to_numpy() == 0
    monthly = (why == WHY.index("monthly_only")).any(axis=1).to_numpy(dtype=bool)
    count = len(companies)
    new = np.zeros(count, dtype=bool)
    if scheme.new_years > 0:
        months = round(12 * scheme.new_years)
        settled = np.datetime64(f"{year + 1:04d}-01", "M") - np.timedelta64(months, "M")
        new = companies["since"].to_numpy(dtype="datetime64[s]") > settled.astype("datetime64[s]")
    return np.select(
        [
            filed_nothing & monthly,
            filed_nothing,
            companies["parcels"].to_numpy() == 0,
            companies[_LAND].isna().to_numpy(),
            new,
        ],
        [
            np.full(count, each, dtype=object)
            for each in ("monthly_only", "no_return", "no_land", "land_unknown", "new_company")
        ],
        default=np.full(count, None, dtype=object),
    )


@dataclass(frozen=True)
class Ratable:
    """One group's indicators and who has them all.

    Attributes
    ----------
    names, weight
        Indicators that count; weights of those that were left out are spread over them.
    cells
        Companies of the group × indicators.
    rated
        Whether each company has all of them and nothing stands against it.
    dropped
        Indicators that no company of the group has.
    """

    names: tuple[str, ...]
    weight: NDArray[np.float64]
    cells: NDArray[np.float64]
    rated: NDArray[np.bool_]
    dropped: tuple[str, ...]

    def without(self, names: Sequence[str]) -> Ratable:
        """The same without some indicators."""
        keep = np.array([name not in names for name in self.names], dtype=bool)
        whole = self.weight.sum()
        weight = self.weight[keep]
        return Ratable(
            tuple(name for name, stays in zip(self.names, keep, strict=True) if stays),
            weight * (whole / weight.sum() if weight.sum() > 0 else 1.0),
            self.cells[:, keep],
            self.rated,
            (*self.dropped, *names),
        )


def ratable(companies: pd.DataFrame, open_to: NDArray[np.bool_], weights: Mapping[str, float]) -> Ratable:
    """The indicators of a group, less those that no company has, and who has all of them.

    Parameters
    ----------
    companies
        Of the group.
    open_to
        Against whom nothing stands.
    weights
        Indicator → weight.
    """
    names = tuple(weights)
    whole = Ratable(
        names,
        np.array([weights[name] for name in names], dtype=np.float64),
        indicator_values(companies, names),
        open_to,
        (),
    )
    held = np.asarray(~np.isnan(whole.cells[open_to]).all(axis=0), dtype=np.bool_)
    found = whole.without([name for name, has in zip(names, held, strict=True) if not has])
    complete = ~np.isnan(found.cells).any(axis=1) & bool(found.names)
    return Ratable(found.names, found.weight, found.cells, open_to & complete, found.dropped)


def missing_fields(
    companies: pd.DataFrame, names: Sequence[str]
) -> list[tuple[tuple[str, ...], NDArray[np.intp]]]:
    """The fields of the returns that companies' indicators lack, each combination with the positions of those who lack it.

    A divisor of 0 under something made is one of them.
    """
    lacking: dict[str, NDArray[np.bool_]] = {}
    values = indicator_values(companies, names)
    for at, name in enumerate(names):
        indicator = INDICATORS[name]
        under = indicator.under or _LAND
        blank = {each: _blank(companies, each) for each in (indicator.over, under)}
        undefined = np.isnan(values[:, at])
        whole = ~blank[indicator.over] & ~blank[under]
        for each, is_blank in blank.items():
            field = _AREA_FIELD if each == _LAND else each
            zero = whole if each == under else np.zeros_like(whole)
            lacking[field] = lacking.get(field, False) | (undefined & (is_blank | zero))
    fields = list(lacking)
    flags = (
        np.column_stack([lacking[field] for field in fields])
        if fields
        else np.zeros((len(companies), 0), bool)
    )
    patterns, which = np.unique(flags, axis=0, return_inverse=True)
    told = [tuple(field for field, lacks in zip(fields, row, strict=True) if lacks) for row in patterns]
    return [(each, np.flatnonzero(which.ravel() == at)) for at, each in enumerate(told)]


def _blank(companies: pd.DataFrame, field: str) -> NDArray[np.bool_]:
    if field not in companies:
        return np.ones(len(companies), dtype=bool)
    found: NDArray[np.bool_] = companies[field].isna().to_numpy(dtype=bool)
    return found
