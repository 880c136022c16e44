"""What a snapshot says of accessibility and services, of the whole park and of one parcel, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.i18n import LANGUAGES
from parkgeo.report.rows import parcel_row, plain_rows, plain_value

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

__all__ = ["MINUTES", "TRAVEL", "access_of_parcel", "access_summary", "is_access_figure", "network_remarks"]

MINUTES = {"car": "travel_min_", "truck": "truck_min_", "walk": "walk_min_"}
"""Who travels → how the columns of minutes to the nearest facility of a kind begin."""

TRAVEL = {"car": "by car", "truck": "by truck", "walk": "on foot"}
"""Who travels → the words for it."""

_FIGURES = (*MINUTES.values(), "travel_km_", "truck_yuan_per_t_", "main_m_")
_SERVICES = 7


def is_access_figure(field: str) -> bool:
    """Whether a field of the parcels is one of the many figures by kind of facility or main, which are told in tables.

    Examples
    --------
    >>> is_access_figure("travel_min_port"), is_access_figure("access_score")
    (True, False)
    """
    return field.startswith(_FIGURES)


def access_summary(snapshot: Snapshot) -> dict[str, Any]:
    """Network, minutes, services, score and links of the park.

    Parameters
    ----------
    snapshot
        The analysis; what it lacks is None or empty.

    Returns
    -------
    dict
        ``network`` (edges, nodes, km, by part; counts of the topology report; gates), ``minutes`` (a row a kind and mode: parcels
        with a figure, least, median, most, parcels without and why), ``score``, ``services`` (by kind, by number, bottleneck, parcels
        one main away), ``links``.
    """
    parcels = snapshot.read("parcels")
    return {
        "snapshot": snapshot.name,
        "as_of": snapshot.as_of.isoformat(),
        "park": snapshot.manifest.get("park", ""),
        "parcels": len(parcels),
        "network": _network(snapshot, parcels),
        "minutes": _minutes(snapshot, parcels),
        "score": _spread(parcels.get("access_score")),
        "services": _services(snapshot, parcels),
        "links": _links(snapshot),
    }


def _read(snapshot: Snapshot, table: str) -> pd.DataFrame | None:
    """A table with something in it; None where there is none."""
    if table not in snapshot.tables:
        return None
    frame = snapshot.read(table)
    return frame if len(frame) else None


def _network(snapshot: Snapshot, parcels: pd.DataFrame) -> dict[str, Any] | None:
    edges = _read(snapshot, "network_edges")
    if edges is None:
        return None
    lines = edges.geometry.to_numpy()
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    length = pd.Series(shapely.length(lines) / 1000.0, index=edges.index)
    report, gates = _read(snapshot, "network_report"), _read(snapshot, "gate_points")
    counts = {} if report is None else report["kind"].value_counts(sort=False).to_dict()
    parts = [
        {"part": str(part), "edges": len(of), "km": float(of.sum())}
        for part, of in length.groupby(edges["part"], sort=False)
    ]
    return {
        "edges": len(edges),
        # Ends that meet are one node and have the same coordinates; a millimetre is less than any snapping.
        "nodes": len(np.unique(np.round(ends, 3), axis=0)),
        "km": float(length.sum()),
        "parts": sorted(parts, key=lambda part: -part["km"]),
        "report": {str(kind): int(count) for kind, count in counts.items()},
        "gates_given": 0 if gates is None else int(gates["given"].sum()),
        "gates_assumed": 0 if gates is None else int((~gates["given"].astype(bool)).sum()),
        "parcels_without_gate": int((parcels["gates"].fillna(0) == 0).sum()) if "gates" in parcels else None,
    }  # fmt: skip


def _minutes(snapshot: Snapshot, parcels: pd.DataFrame) -> list[dict[str, Any]]:
    gaps = _read(snapshot, "gaps")
    if gaps is not None:
        gaps = gaps[gaps["table"] == "parcels"]
    gateways = _figure(snapshot, "access.gateway_kinds") or []
    rows = []
    for mode, start in MINUTES.items():
        for name in parcels.columns:
            if str(name).startswith(start):
                kind = str(name).removeprefix(start)
                told = {"kind": kind, "mode": mode, "field": str(name), "gateway": kind in gateways}
                rows.append(told | _spread(parcels[name]) | {"reasons": _reasons(gaps, parcels, str(name))})
    return rows


def _figure(snapshot: Snapshot, key: str) -> Any:
    return snapshot.catalogue.get("figures", {}).get(key, {}).get("value")


def _spread(values: pd.Series[Any] | None) -> dict[str, Any]:
    """Least, median and most of a column, with and without how many parcels."""
    known = pd.Series(dtype="float64") if values is None else values.astype("float64").dropna()
    some = len(known) > 0
    return {
        "known": len(known),
        "unknown": 0 if values is None else len(values) - len(known),
        "least": float(known.min()) if some else None,
        "median": float(known.median()) if some else None,
        "most": float(known.max()) if some else None,
    }


def _reasons(gaps: pd.DataFrame | None, parcels: pd.DataFrame, field: str) -> list[dict[str, Any]]:
    """Why parcels lack a figure, and how many for that reason, the most frequent first."""
    missing = parcels.loc[parcels[field].isna(), "parcel_id"]
    if gaps is None or missing.empty:
        return []
    own = gaps[(gaps["field"] == field) & (gaps["parcel_id"].isna() | gaps["parcel_id"].isin(missing))]
    rows = [
        {
            **{lang: str(asks[at]) for at, lang in enumerate(LANGUAGES)},
            "parcels": len(missing) if of["parcel_id"].isna().any() else int(of["parcel_id"].nunique()),
        }
        for asks, of in own.groupby([f"ask_{lang}" for lang in LANGUAGES], sort=False)
    ]
    return sorted(rows, key=lambda row: -row["parcels"])


def _services(snapshot: Snapshot, parcels: pd.DataFrame) -> dict[str, Any] | None:
    table = _read(snapshot, "services")
    if table is None or "services_ready" not in parcels:
        return None
    verdicts = table.groupby(["kind", "ready"], sort=False).size()
    kinds: list[dict[str, Any]] = []
    for kind in dict.fromkeys(table["kind"]):
        yes, no, open_ = (int(verdicts.get((kind, verdict), 0)) for verdict in ("yes", "no", "undetermined"))
        judged = yes + no + open_
        kinds.append({
            "kind": str(kind), "ready": yes, "not_ready": no, "undetermined": open_,
            "share": yes / judged if judged else None,
        })  # fmt: skip
    ready = parcels["services_ready"].dropna()
    short = [row for row in kinds if row["share"] is not None and row["not_ready"]]
    away = parcels[parcels["one_service_away"].notna()] if "one_service_away" in parcels else parcels.iloc[:0]
    one_away = away["one_service_away"].groupby(away["one_service_away"], sort=True).size()
    return {
        "kinds": kinds,
        "ready": {str(number): int((ready == number).sum()) for number in range(_SERVICES + 1)},
        "unknown": int(parcels["services_ready"].isna().sum()),
        "bottleneck": min(short, key=lambda row: row["share"])["kind"] if short else None,
        "one_away": {str(kind): int(count) for kind, count in one_away.items()},
        "one_away_parcels": [
            {"parcel_id": parcel, "kind": kind}
            for parcel, kind in zip(
                away.get("parcel_id", ()), away.get("one_service_away", ()), strict=True
            )
        ],
    }  # fmt: skip


def _links(snapshot: Snapshot) -> list[dict[str, Any]]:
    links = _read(snapshot, "links")
    if links is None:
        return []
    names = _names(snapshot, "roads", "road_id")
    rows = plain_rows(pd.DataFrame(links.drop(columns="geometry")).to_dict(orient="records"))
    return [{"name": names.get(str(row.get("road_id"))), **row} for row in rows]


def network_remarks(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What is wrong with the road network, a row a place.

    Returns
    -------
    list of dict
        ``kind``, ``road_id``, ``other_road_id``, ``value``, ``unit``, ``longitude`` and ``latitude`` of a point on it.
    """
    rows = _read(snapshot, "network_report")
    if rows is None:
        return []
    spots = rows.geometry.representative_point().to_crs("OGC:CRS84")
    told = pd.DataFrame(rows.drop(columns="geometry")).assign(
        longitude=spots.x.round(7).to_numpy(), latitude=spots.y.round(7).to_numpy()
    )
    return plain_rows(told.to_dict(orient="records"))


def _names(snapshot: Snapshot, layer: str, key: str) -> dict[str, str]:
    frame = _read(snapshot, layer)
    if frame is None or not {key, "name"} <= set(frame.columns):
        return {}
    known = frame[frame["name"].notna()]
    return dict(zip(known[key].astype(str), known["name"].astype(str), strict=True))


def access_of_parcel(snapshot: Snapshot, parcel_id: str) -> dict[str, Any]:
    """Minutes, score and services of one parcel.

    Parameters
    ----------
    snapshot
        The analysis; of one before roads were analysed all is empty.
    parcel_id
        The parcel.

    Returns
    -------
    dict
        ``parcel_id``, ``gates``, ``frontage_m``, ``score``; ``ways`` (a row a kind, mode and rank: facility, minutes, km; without a facility where
        there is no way), ``points`` (what the score is made of), ``services`` (a row a kind), ``asks`` (field → what to ask for).

    Raises
    ------
    NotFoundError
        No parcel has that id.
    """
    row = parcel_row(snapshot, parcel_id)
    names = _names(snapshot, "facilities", "facility_id")
    ways = [
        {**way, "name": names.get(str(way.get("facility_id")))} for way in _of(snapshot, "access", parcel_id)
    ]
    told = {(way["kind"], way["mode"]) for way in ways}
    columns = {
        (str(name).removeprefix(start), mode): str(name)
        for mode, start in MINUTES.items()
        for name in row.index
        if str(name).startswith(start)
    }
    ways += [
        {"kind": kind, "mode": mode, "rank": 1, "facility_id": None, "name": None, "minutes": plain_value(row[name]), "km": None}
        for (kind, mode), name in columns.items()
        if (kind, mode) not in told
    ]  # fmt: skip
    order = {pair: at for at, pair in enumerate(columns)}
    ways.sort(key=lambda way: (order.get((way["kind"], way["mode"]), len(order)), way["rank"]))
    return {
        "parcel_id": parcel_id,
        "gates": plain_value(row.get("gates")),
        "frontage_m": plain_value(row.get("frontage_m")),
        "score": plain_value(row.get("access_score")),
        "ways": ways,
        "points": _of(snapshot, "access_scores", parcel_id),
        "services_ready": plain_value(row.get("services_ready")),
        "services": _of(snapshot, "services", parcel_id),
        "asks": _asks(snapshot, parcel_id, row),
    }


def _of(snapshot: Snapshot, table: str, parcel_id: str) -> list[dict[str, Any]]:
    frame = _read(snapshot, table)
    if frame is None:
        return []
    own = pd.DataFrame(frame[frame["parcel_id"] == parcel_id]).drop(columns=["parcel_id"])
    return plain_rows(own.drop(columns="geometry", errors="ignore").to_dict(orient="records"))


def _asks(snapshot: Snapshot, parcel_id: str, row: pd.Series[Any]) -> dict[str, dict[str, list[str]]]:
    """What to ask for, of the figures on access that the parcel lacks."""
    gaps = _read(snapshot, "gaps")
    if gaps is None:
        return {}
    mine = gaps[(gaps["table"] == "parcels") & (gaps["parcel_id"].isna() | (gaps["parcel_id"] == parcel_id))]
    fields = [
        str(name)
        for name in row.index
        if (is_access_figure(str(name)) or name in ("access_score", "services_ready")) and pd.isna(row[name])
    ]
    found = {}
    for field in fields:
        own = mine[mine["field"] == field]
        if len(own):
            found[field] = {lang: [str(ask) for ask in own[f"ask_{lang}"]] for lang in LANGUAGES}
    return found
