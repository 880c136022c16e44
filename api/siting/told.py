"""What was found about sites, as JSON: with links to parcels and sites, and as GeoJSON with their shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import orjson

from api.reply import GEOJSON, JSON, link
from api.served.encode import encode_features, to_crs84

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.asked.ask import Ask
    from parkgeo.pipeline.siting import SitingDesk

__all__ = ["fits_told", "plan_told", "sites_geojson", "with_links"]

_LISTS = ("ranked", "why_not", "undetermined")
_FLAT = ("rank", "site_id", "kind", "parcel_ids", "grade", "score", "score_low", "score_high", "known_weight", "stability")  # fmt: skip


def _about(ask: Ask) -> dict[str, Any]:
    """Of which snapshot an answer is."""
    return {"snapshot": ask.edition.name, "as_of": ask.edition.snapshot.as_of.isoformat()}


def _linked(ask: Ask, site: dict[str, Any], *, collected: bool = True) -> dict[str, Any]:
    """A site with links to itself and to what it is made of.

    Parameters
    ----------
    ask
        The request.
    site
        With ``site_id``, ``kind`` and ``parcel_ids``.
    collected
        Whether joined land is of the collection of sites: a search joins land around what a project asks for.
    """
    joined, name = site["kind"] == "joined", site["site_id"]
    # The id of a parcel may hold anything, also what stands between two.
    parcels = site["parcel_ids"] if joined else [name]
    own = [link(ask.here("collections", "sites" if joined else "parcels", "items", name), "item", GEOJSON)]
    links = own if collected or not joined else []
    links += [link(ask.here("parcels", parcel), "related", JSON) for parcel in parcels]
    return {**site, "parcel_ids": parcels, "links": links}


def with_links(ask: Ask, found: dict[str, Any]) -> dict[str, Any]:
    """What a search found, as `parkgeo.planning.siting.Found.as_dict` gives it, with links and places in the ranking."""
    told = {**_about(ask), **found}
    for name in _LISTS:
        told[name] = [_linked(ask, site, collected=False) for site in found[name]]
    told["ranked"] = [{"rank": place, **site} for place, site in enumerate(told["ranked"], 1)]
    return told


def fits_told(ask: Ask, rows: list[dict[str, Any]], matched: int) -> dict[str, Any]:
    """Rows of the matrix of fit, as `parkgeo.pipeline.fits.Fits.as_dicts` gives them, with links."""
    fits = [_linked(ask, row) for row in rows]
    return {**_about(ask), "numberMatched": matched, "numberReturned": len(fits), "fits": fits}


def plan_told(ask: Ask, plan: dict[str, Any]) -> dict[str, Any]:
    """A plan, as `parkgeo.pipeline.placing.placed` gives it, with links from each project to what its site is made of."""
    projects = []
    for project in plan["projects"]:
        site, written = project["site_id"], project["parcel_ids"]
        parcels = [] if site is None else [site] if site == written else written.split(";")
        place = {"site_id": site, "kind": "parcel" if site == written else "joined", "parcel_ids": parcels}
        links = [] if site is None else _linked(ask, place)["links"]
        projects.append({**project, "parcel_ids": parcels, "links": links})
    return {**_about(ask), **plan, "projects": projects}


def sites_geojson(ask: Ask, desk: SitingDesk, found: dict[str, Any]) -> bytes:
    """The sites that fit, best first, with their shapes, as GeoJSON in CRS84.

    Parameters
    ----------
    ask
        The request.
    desk
        Where they were looked for.
    found
        As for `with_links`.
    """
    ranked = [{"rank": place, **site} for place, site in enumerate(found["ranked"], 1)]
    ids = [site["site_id"] for site in ranked]
    shapes = to_crs84(gpd.GeoSeries(desk.shape(ids), crs=ask.edition.snapshot.crs))
    columns = {name: [site[name] for site in ranked] for name in _FLAT}
    return _collection(ask, encode_features(ids, columns, shapes), len(ids), found["counts"])


def _collection(ask: Ask, features: Iterable[bytes], returned: int, counts: dict[str, int]) -> bytes:
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "timeStamp": f"{ask.edition.snapshot.as_of.isoformat()}T00:00:00Z",
            "numberMatched": counts["fit"],
            "numberReturned": returned,
            "counts": counts,
            "links": [],
            "features": [orjson.Fragment(feature) for feature in features],
        }
    )
