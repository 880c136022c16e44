"""What the form of a project's brief offers: the industries of the packs with what they need, and the criteria with their weights."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from parkgeo.errors import ProjectError
from parkgeo.units import convert_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.store import Snapshot

__all__ = ["siting_choices"]

_GROUP, _WEIGHTS = "industries.", "siting.weights"
_AMOUNTS = {
    "area": "m2",
    "power": "kVA",
    "water": "m3/day",
    "gas": "m3/h",
    "height": "m",
    "floor_load": "t/m2",
}
_SIDES = 2
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(\S.*)")


def siting_choices(snapshot: Snapshot) -> dict[str, Any]:
    """The choices of the form.

    Parameters
    ----------
    snapshot
        Its catalogue holds the figures of the packs that were in force; of packs without industries there are none.

    Returns
    -------
    dict
        ``industries``, in the order of their codes: ``key``, ``code``, ``name`` in each language, ``needs`` (quantity → amount in the
        unit of the brief; ``rectangle`` → two sides, m; ``travel`` → minutes by kind), ``verified``; ``weights`` (criterion → weight).
    """
    figures = snapshot.catalogue.get("figures", {})
    industries = [
        _industry(name.removeprefix(_GROUP), entry["value"]) | {"verified": bool(entry.get("verified"))}
        for name, entry in figures.items()
        if name.startswith(_GROUP) and entry.get("on", True) and isinstance(entry.get("value"), dict)
    ]
    weights = figures.get(_WEIGHTS, {}).get("value")
    return {
        "industries": sorted(industries, key=lambda one: (one["code"], one["key"])),
        "weights": weights if isinstance(weights, dict) else {},
    }


def _industry(key: str, written: Mapping[str, Any]) -> dict[str, Any]:
    names = [str(name) for name in written.get("name", ())] or [key]
    amounts = {
        name: _amount(str(written[name][0]), unit) for name, unit in _AMOUNTS.items() if written.get(name)
    }
    needs: dict[str, Any] = {name: amount for name, amount in amounts.items() if amount is not None}
    sides = [_amount(str(side), "m") for side in written.get("rectangle", ())]
    if len(sides) == _SIDES and None not in sides:
        needs["rectangle"] = sides
    travel = {
        kind: minutes
        for kind, _, rest in (str(each).partition(" ") for each in written.get("travel_max", ()))
        if (minutes := _amount(rest, "min")) is not None
    }
    code = str(next(iter(written.get("code", ())), ""))
    return {"key": key, "code": code, "name": [names[0], names[-1]], "needs": {**needs, "travel": travel}}


def _amount(written: str, unit: str) -> float | None:
    """A quantity in a unit, None where it is none: that is for the packs to say, not for a form.

    Examples
    --------
    >>> _amount("1.2 MVA", "kVA"), _amount("a lot", "kVA")
    (1200.0, None)
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    try:
        amount = float(found[1]) * convert_factor(found[2], unit)
    except ProjectError:
        return None
    return round(amount, 6) if math.isfinite(amount) else None
