"""Who supplies whom: how far apart they are, and how much of it stays in the park or near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.contracts import numbers
from parkgeo.metrics.agglomeration.concentration import evenness
from parkgeo.metrics.agglomeration.links import company_points, straight_m
from parkgeo.metrics.ids import places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.park.companies import Holdings

__all__ = ["LINK_FIGURES", "Placed", "link_figures", "links_of_mode", "placed_links", "supply_distances"]

LINK_FIGURES = (
    "link_value_wan", "link_within_share", "link_within_low", "link_within_high", "link_near_share", "link_mean_km", "link_placed_share",
)  # fmt: skip
"""What a park's links come to."""


@dataclass(frozen=True)
class Placed:
    """Supply links and where their companies are.

    Attributes
    ----------
    rows
        Of the table; a company's link to itself is left out.
    start, end
        x and y of the supplier and of the buyer, metres; NaN where no parcel of it is known on the day.
    metres
        Between them, straight.
    from_park, to_park
        Their parks; missing where they have none.
    value_wan
        Yearly; NaN where not stated.
    """

    rows: pd.DataFrame
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    metres: NDArray[np.float64]
    from_park: NDArray[Any]
    to_park: NDArray[Any]
    value_wan: NDArray[np.float64]

    def within(self) -> NDArray[np.bool_]:
        """Whether both are in one park."""
        known = pd.notna(self.from_park) & pd.notna(self.to_park)
        found: NDArray[np.bool_] = known & (self.from_park == self.to_park)
        return found

    def weight(self) -> NDArray[np.float64]:
        """What a link counts: its value where all state one, else each the same."""
        valued = len(self.value_wan) > 0 and bool((self.value_wan >= 0).all())
        return self.value_wan if valued else np.ones(len(self.value_wan))


def placed_links(
    links: pd.DataFrame, held: Holdings | None, home: pd.Series[str], shapes: NDArray[Any]
) -> Placed:
    """Look up where the companies of the links are.

    Parameters
    ----------
    links
        ``from_id``, ``to_id``, ``value_wan`` as far as known.
    held
        Who holds which parcel; None where there is no such table.
    home
        Park of each company, by enterprise_id.
    shapes
        Of the parcels, in a projected coordinate system, metres.

    Returns
    -------
    Placed
    """
    rows = links[links["from_id"] != links["to_id"]].reset_index(drop=True)
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    points, names = np.empty((0, 2)), pd.Series(dtype=object)
    if held is not None and len(centres) == len(shapes):
        there = held.on_day
        names = held.names
        points = company_points(
            np.where(there, held.company, -1), held.parcel, held.area_m2, centres, len(names)
        )
    # The last stands for a company that is on no parcel, whose place is -1.
    every = np.vstack([points, np.full((1, 2), np.nan)])
    start, end = (every[places(rows[name], names)] for name in ("from_id", "to_id"))
    own = [home.reindex(rows[name]).to_numpy(dtype=object) for name in ("from_id", "to_id")]
    return Placed(rows, start, end, straight_m(start, end), own[0], own[1], numbers(rows, "value_wan"))


def supply_distances(placed: Placed, crs: object) -> gpd.GeoDataFrame:
    """The table ``supply_distances``: a row a link, with the straight line between the two companies.

    ``park_id`` is the park that both are in. A link between parks has none, so that nobody who may see one park alone sees whom its
    companies trade with elsewhere; a line that merely crosses a park would otherwise count as the park's.
    """
    within = placed.within()
    known = pd.notna(placed.from_park) & pd.notna(placed.to_park)
    apart = placed.metres > 0
    lines = np.full(len(within), None, dtype=object)
    ends = np.stack([placed.start[apart], placed.end[apart]], axis=1)
    lines[apart] = shapely.linestrings(ends) if apart.any() else lines[apart]
    goods = placed.rows["goods"] if "goods" in placed.rows else pd.Series(None, index=placed.rows.index)
    frame = pd.DataFrame(
        {
            "park_id": pd.Series(placed.from_park, dtype="str").where(within),
            "from_id": placed.rows["from_id"].astype("str"),
            "to_id": placed.rows["to_id"].astype("str"),
            "goods": goods.astype("str"),
            "value_wan": placed.value_wan,
            "from_park": pd.Series(placed.from_park, dtype="str"),
            "to_park": pd.Series(placed.to_park, dtype="str"),
            "within_park": np.select([within, known], ["yes", "no"], default="undetermined"),
            "distance_m": placed.metres,
        }
    ).astype({"within_park": "str"})
    return gpd.GeoDataFrame(frame, geometry=lines, crs=crs)


def link_figures(placed: Placed, park_ids: pd.Series[Any], near_km: float) -> pd.DataFrame:
    """What the links of each park's companies come to.

    Parameters
    ----------
    placed
        From `placed_links`.
    park_ids
        Of the parks.
    near_km
        Straight distance within which a link is near; NaN: no pack says.

    Returns
    -------
    pandas.DataFrame
        On the index of ``park_ids``, of the links with at least one company in the park, weighted by value where every link states
        one, else counted: ``link_value_wan`` (sum of what is stated), ``link_within_share`` (both in the park ÷ those of which both parks
        are known), ``link_within_low`` and ``link_within_high`` (of all links: those of which one park is not known taken as outside, and
        as inside), ``link_near_share`` (at most ``near_km`` apart ÷ those whose distance is known), ``link_mean_km`` (mean of those),
        ``link_placed_share`` (distance known ÷ all). All NaN for a park without links.
    """
    weight, within, far = placed.weight(), placed.within(), placed.metres
    known = pd.notna(placed.from_park) & pd.notna(placed.to_park)
    near = far <= 1000 * near_km
    rows = []
    for park_id in park_ids:
        own = (placed.from_park == str(park_id)) | (placed.to_park == str(park_id))
        whole, told = weight[own].sum(), own & ~np.isnan(far)
        if not whole > 0:
            rows.append(dict.fromkeys(LINK_FIGURES, np.nan))
            continue
        stated = placed.value_wan[own]
        mean = (
            float((weight * np.nan_to_num(far))[told].sum() / weight[told].sum() / 1000)
            if weight[told].sum() > 0
            else np.nan
        )
        rows.append(
            {
                "link_value_wan": float(np.nansum(stated)) if np.isfinite(stated).any() else np.nan,
                "link_within_share": _over(weight[own & within], weight[own & known]),
                "link_within_low": float(weight[own & within].sum() / whole),
                "link_within_high": float(weight[own & (within | ~known)].sum() / whole),
                "link_near_share": np.nan if np.isnan(near_km) else _over(weight[own & near], weight[told]),
                "link_mean_km": mean,
                "link_placed_share": float(weight[told].sum() / whole),
            }
        )
    return pd.DataFrame(rows, index=park_ids.index, columns=list(LINK_FIGURES)).astype("float64")


def _over(part: NDArray[np.float64], whole: NDArray[np.float64]) -> float:
    return float(part.sum() / whole.sum()) if whole.sum() > 0 else np.nan


def links_of_mode(placed: Placed, park_id: str, companies: pd.DataFrame) -> dict[str, float]:
    """What a park's links say of its mode: how many are linked, how widely, and whether all hangs on the largest.

    Parameters
    ----------
    placed
        From `placed_links`.
    park_id
        Of the park.
    companies
        Of the park, index enterprise_id: ``industry``, ``output_wan``.

    Returns
    -------
    dict
        ``linked_company_share`` (companies with a link inside the park ÷ companies), ``link_evenness`` (of the value over pairs of
        industries), ``dominant_link_share`` (value of the links inside that touch the company of the largest output); NaN where not known.
    """
    at = placed.within() & (placed.from_park == park_id)
    own, weight = placed.rows[at], placed.weight()[at]
    touched = {"linked_company_share": np.nan, "link_evenness": np.nan, "dominant_link_share": np.nan}
    if not len(companies):
        return touched
    linked = pd.unique(pd.concat([own["from_id"], own["to_id"]]))
    touched["linked_company_share"] = float(companies.index.isin(linked).mean())
    if not weight.sum() > 0:
        return touched
    kinds = [own[name].map(companies["industry"]) for name in ("from_id", "to_id")]
    paired = pd.Series(weight, index=own.index).groupby(kinds).sum()
    if len(paired):
        touched["link_evenness"] = evenness(paired.to_numpy(dtype=np.float64))
    made = companies["output_wan"].dropna()
    if len(made):
        largest = made.idxmax()
        hangs = ((own["from_id"] == largest) | (own["to_id"] == largest)).to_numpy(dtype=bool)
        touched["dominant_link_share"] = float(weight[hangs].sum() / weight.sum())
    return touched
