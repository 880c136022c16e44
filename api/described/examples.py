"""Examples in the OpenAPI document: real ones, of the snapshot that is served, so that they can be tried as they stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import orjson

from api.asked.selection import Selection
from api.asked.systems import CRS84
from api.asked.token import Token
from api.described.answers import operations_of
from api.reply import JSON, link
from api.tiles.grid import MATRIX_SET, tiles_over
from parkgeo import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.asked.ask import Ask
    from api.served.live import Edition

__all__ = ["EXAMPLE_ID", "Sample", "Samples", "add_examples", "read_samples"]

_LONGEST = 4_000
"""Letters of a feature beyond which its geometry is left out of the example."""

_NAMES = frozenset({"featureId", "parcelId", "parkId", "park", "parcel", "q"})
"""Parameters whose value must be one that this snapshot has, whatever was stated."""

_LEVEL = 14
_BOX_DIGITS = 100.0
EXAMPLE_ID = "5f3a9c0e7b1d4286a0c9e5d8f7b3a612"
"""Id of a job, as they look."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first row of a collection.

    Attributes
    ----------
    feature
        As GeoJSON, what is personal in it masked.
    token
        That leads to the page after it; empty where it is the only one.
    """

    feature: dict[str, Any]
    token: str


Samples = dict[str, Sample]
"""Collection → its first row; without those that have none."""

_kept: WeakKeyDictionary[Edition, dict[tuple[str, ...] | None, Samples]] = WeakKeyDictionary()


async def read_samples(ask: Ask) -> Samples:
    """The first row of each collection that the caller may know; read once for a snapshot."""
    parks = ask.caller.parks
    known = _kept.setdefault(ask.edition, {})
    if parks not in known:
        found = {}
        for name, collection in ask.edition.collections.items():
            selection = Selection(parks=parks)
            page = await collection.rows.page(selection, 1)
            if page.returned:
                after = page.following
                token = "" if after is None else str(Token(ask.edition.name, selection.mark(name), after))
                found[name] = Sample(_shortened(page.features), token)
        known[parks] = found
    return known[parks]


def _shortened(feature: bytes) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(feature)
    return told if len(feature) <= _LONGEST else {**told, "geometry": None}


def add_examples(ask: Ask, paths: Mapping[str, Any], samples: Samples) -> None:
    """Give every parameter and every answer in JSON that has no example one that fits the snapshot."""
    values, answers = _values(ask, samples), _answers(ask, samples)
    for path, _, told in operations_of(paths):
        about = _about(path, told, values)
        sample = samples.get(about)
        # Copies: what routes share is no document's own.
        told["parameters"] = [dict(one) for one in told["parameters"]]
        for one in told["parameters"]:
            found = _of_sample(one["name"], sample)
            if found is None:
                found = values.get(one["name"])
            if found is None and one["name"] != "token":  # which none leads to where there is one page only
                found = _of_schema(one["schema"])
            if found is not None:
                one["example"] = found if one["name"] in _NAMES else one.get("example", found)
        example = _of_collection(ask, told["operationId"], about, sample) or answers.get(told["operationId"])
        for status in ("200", "202"):
            for kind, form in told["responses"].get(status, {}).get("content", {}).items():
                if "json" in kind and example is not None:
                    form.setdefault("example", example)


def _about(path: str, told: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """The collection that an address is about, or of which its example is."""
    if path.startswith("/collections/") and not path.startswith("/collections/{"):
        return path.split("/")[2]
    stated = (one["example"] for one in told["parameters"] if one["name"] == "collectionId")
    return "parcels" if path == "/idle.geojson" else next(stated, values["collectionId"] or "")


def _of_sample(name: str, sample: Sample | None) -> Any:
    if sample is None:
        return None
    properties = sample.feature["properties"]
    known = {"featureId": sample.feature["id"], "token": sample.token or None}
    first = next((field for field, value in properties.items() if isinstance(value, str)), None)
    if name in {"sortby", "properties"} and first is not None:
        return [first]
    return known[name] if name in known else properties.get(name)


def _of_schema(schema: Mapping[str, Any]) -> Any:
    """A value of the right kind, where the snapshot's first row has none."""
    if "enum" in schema or "default" in schema:
        return schema.get("default", schema.get("enum", (None,))[0])
    if "format" in schema:
        return {"date": "2026-06-30", "date-time": "2026-06-30T00:00:00Z"}.get(schema["format"], "")
    return {"number": 1.5, "integer": 1, "boolean": True, "array": []}.get(schema["type"], "a")


def _of_collection(ask: Ask, operation: str, name: str, sample: Sample | None) -> dict[str, Any] | None:
    """An example of an answer about a collection; None of any other."""
    kind = operation.rpartition(".")[2] if operation.startswith(f"{name}.") else operation
    if name not in ask.edition.collections:
        return None
    collection = ask.edition.collections[name]
    title, here = collection.titles[ask.lang], ask.here("collections", name)
    links = [link(here, "collection", JSON)]
    if kind == "collection":
        systems = list(ask.edition.systems)
        return {"id": name, "title": title, "itemType": "feature", "itemCount": 1, "crs": systems, "storageCrs": CRS84, "links": links}  # fmt: skip
    if kind in {"schema", "queryables", "sortables"}:
        fields = {one.name: {"type": "string", "title": one.title(ask.lang)} for one in collection.fields[:1]}
        return {"$id": f"{here}/{kind}", "type": "object", "title": title, "properties": fields}
    if sample is not None and kind == "item":
        return {**sample.feature, "links": links}
    if kind in {"items", "export.rows", "plain", "plain.idle"}:
        features = [] if sample is None else [sample.feature]
        count = {"numberMatched": len(features), "numberReturned": len(features)} if kind == "items" else {}
        day = f"{ask.edition.snapshot.as_of.isoformat()}T00:00:00Z"
        return {"type": "FeatureCollection", "timeStamp": day, **count, "links": links, "features": features}
    return None


def _values(ask: Ask, samples: Samples) -> dict[str, Any]:
    """Parameter → a value that this snapshot has an answer to."""
    ids = {name: str(sample.feature["id"]) for name, sample in samples.items()}
    year = ask.edition.snapshot.as_of.year
    boxes = [one.rows.extent for one in ask.edition.collections.values() if one.rows.extent is not None]
    bound = ask.caller.parks is not None
    box = (-180.0, -85.0, 180.0, 85.0) if bound or not boxes else boxes[0]
    row, _, col, _ = tiles_over(box, _LEVEL)
    west, south, east, north = (value * _BOX_DIGITS for value in box)
    places = [name for name, one in ask.edition.collections.items() if one.rows.extent is not None]
    return {
        "bbox": [math.floor(west) / _BOX_DIGITS, math.floor(south) / _BOX_DIGITS, math.ceil(east) / _BOX_DIGITS, math.ceil(north) / _BOX_DIGITS],
        "crs": CRS84, "bbox-crs": CRS84, "filter-crs": CRS84, "datetime": f"{year - 1}-01-01/..", "filter": "1 = 1", "limit": 10,
        "skipGeometry": True, "collectionId": places[0] if places else None, "collections": places[:1],
        "tileMatrixSetId": MATRIX_SET, "tileMatrix": _LEVEL, "tileRow": row, "tileCol": col,
        "parcelId": ids.get("parcels"), "parkId": ids.get("parks"), "park": ids.get("parks"), "parcel": ids.get("parcels"), "q": ids.get("parcels", "a")[:8],
        "jobId": EXAMPLE_ID, "scenarioId": EXAMPLE_ID, "snapshot": ask.edition.name, "name": "2026", "as_of": f"{year}-06-30",
    }  # fmt: skip


def _answers(ask: Ask, samples: Samples) -> dict[str, Any]:
    """Operation → an example of its answer; what it names is what the caller may see."""
    parcel, park = (
        str(samples[name].feature["id"]) if name in samples else "id" for name in ("parcels", "parks")
    )
    name, as_of = ask.edition.name, ask.edition.snapshot.as_of.isoformat()
    title = ask.edition.summary.park or "parkgeo"
    here = link(ask.here(), "self", JSON)
    job = {
        "id": EXAMPLE_ID, "kind": "upload", "name": "2026", "state": "queued", "created": "2026-11-22T09:30:00Z", "started": None, "ended": None,
        "message": {"zh": "任务正在排队。", "en": "The job waits for its turn."}, "asked": {}, "steps": [],
        "links": [link(ask.url("jobs", EXAMPLE_ID), "self", JSON)],
    }  # fmt: skip
    scenario = {"id": EXAMPLE_ID, "title": "2026", "state": "done", "snapshot": name, "links": [link(ask.here("scenarios", EXAMPLE_ID), "self", JSON)]}  # fmt: skip
    place = {"site_id": parcel, "kind": "parcel", "parcel_ids": [parcel], "links": [link(ask.here("parcels", parcel), "related", JSON)]}  # fmt: skip
    fits = {
        "snapshot": name, "as_of": as_of, "numberMatched": 1, "numberReturned": 1, "links": [here],
        "fits": [{**place, "industry": "machinery", "title": "machinery", "grade": "high", "score": 76.5, "known_weight": 1.0, "failed": [], "counterfactual": "", "ask": ""}],
    }  # fmt: skip
    counts = {"asked": 1, "fit": 1, "do_not_fit": 0, "undetermined": 0}
    found = {
        "snapshot": name, "as_of": as_of, "brief": "Gearbox works", "needs": "Gearbox works", "source": "brief", "source_verified": False,
        "not_asked": ["power"], "counts": counts, "joining": None,
        "ranked": [{
            "rank": 1, **place, "grade": "high", "score": 76.5, "score_low": 76.5, "score_high": 76.5, "known_weight": 1.0, "stability": 0.98,
            "breakdown": [{"criterion": "access_score", "title": "access score", "points": 76.5, "weight": 1.0}],
            "limits": [{"gate": "area", "title": "net area", "verdict": "yes", "needed": 20000.0, "has": 24500.0, "margin": 4500.0, "unit": "m2", "words": "4,500 m²"}],
            "counterfactual": "", "ask": "", "cost_wan": None, "cost_words": "", "obstacles": [],
        }],
        "why_not": [], "undetermined": [],
    }  # fmt: skip
    plan = {
        "snapshot": name, "as_of": as_of, "portfolio": "This year", "state": "optimal", "proven": True, "points": 76.5, "bound": 76.5, "gap": 0.0,
        "summary": "The best plan.",
        "projects": [{
            "project": "Gearbox works", "site_id": parcel, "parcel_ids": [parcel], "fits": "yes", "score": 76.5, "points": 76.5,
            "site_net_area_m2": 24500.0, "area_m2": 20000.0, "industry": "34", "output_wan": None, "must": True, "reason": None, "links": [],
        }],
        "sites": [], "services": [], "leading_industries": ["34"], "others": [], "others_complete": True, "clash": [], "clash_smallest": False,
        "notes": [],
    }  # fmt: skip
    matrix_set = {"id": MATRIX_SET, "links": [link(ask.url("tileMatrixSets", MATRIX_SET), "self", JSON)]}
    tileset = {"title": title, "dataType": "vector", "links": [link(ask.here("tiles", MATRIX_SET), "self", JSON)]}  # fmt: skip
    tilejson = {"tilejson": "3.0.0", "name": title, "tiles": [f"{ask.here('tiles', MATRIX_SET)}/{{z}}/{{y}}/{{x}}"], "minzoom": 0, "maxzoom": 18, "vector_layers": []}  # fmt: skip
    tilesets = {"links": [link(ask.here("tiles"), "self", JSON)], "tilesets": [tileset]}
    return {
        "landing": {"title": title, "description": title, "as_of": as_of, "snapshot": name, "links": [here]},
        "snapshot": {"title": title, "description": title, "as_of": as_of, "snapshot": name, "links": [here]},
        "conformance": {"conformsTo": ["http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"]},
        "collections": {"links": [here], "crs": list(ask.edition.systems), "collections": []},
        "snapshots": {
            "links": [here],
            "snapshots": [{"name": name, "as_of": as_of, "park": title, "published": f"{as_of}T08:00:00Z", "live": True, "links": [here]}],
        },
        "healthz": {"status": "ok"},
        "readyz": {"status": "ready", "snapshot": name, "as_of": as_of, "collections": len(ask.edition.collections), "version": __version__},
        "api": {"openapi": "3.0.3"}, "tileMatrixSet": matrix_set, "tileMatrixSets": {"tileMatrixSets": [matrix_set], "links": [here]},
        "tilesets": tilesets, "collection.tilesets": tilesets, "tileset": tileset, "collection.tileset": tileset,
        "tilejson": tilejson, "collection.tilejson": tilejson,
        "findings.summary": {
            "findings": 1, "parcels": 1, "area_m2": 48008.0,
            "groups": [{"code": "idle_not_started", "verdict": "yes", "severity": "high", "findings": 1, "parcels": 1, "area_m2": 48008.0, "links": []}],
        },
        "search": {"q": park, "numberMatched": 1, "numberReturned": 1, "results": [{"kind": "parks", "id": park, "title": title, "links": []}]},
        "parcel": {
            "parcel_id": parcel, "snapshot": name, "as_of": as_of, "verdicts": {"idle_not_started": "no"}, "fields": {},
            "findings": [], "gaps": [],
        },
        "fit": fits, "parcel.fit": {"parcel_id": parcel, **fits}, "sites.search": found, "allocations": plan,
        "parcel.photos": {"parcel_id": parcel, "photos": [], "links": [here]},
        "park": {"park_id": park, "snapshot": name, "indicators": []},
        "exports": {"snapshot": name, "whole": [], "collections": [], "links": [here]},
        "jobs": {"jobs": [job], "links": [here]}, "job": job, "job.cancel": {**job, "state": "cancelled"}, "upload": job, "job.account.json": {},
        "scenario.ask": {**job, "kind": "scenario"}, "scenario": scenario, "scenarios": {"scenarios": [scenario], "links": [here]},
    }  # fmt: skip
