"""A snapshot → the desk of its analysis, so that more can be asked of it without the office's files."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from parkgeo.assess.contracts import contracts_of
from parkgeo.layers import RASTERS, Layers
from parkgeo.packs import book_of
from parkgeo.pipeline.desk import Desk

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

__all__ = ["recalled"]


def recalled(snapshot: Snapshot) -> Desk:
    """The desk as the analysis left it.

    Parameters
    ----------
    snapshot
        Published.

    Returns
    -------
    Desk
        The layers that the snapshot holds (no images, no terrain), parcels and parks with their results, and the figures
        of the packs as they were in force.
    """
    held: dict[str, Any] = {
        entry.name: snapshot.read(entry.name)
        for entry in fields(Layers)
        if entry.name not in RASTERS and entry.name in snapshot.tables
    }
    layers = Layers(**held)
    return Desk(
        layers=layers,
        rules=book_of(snapshot.catalogue["figures"]),
        as_of=dt.date.fromisoformat(snapshot.manifest["as_of"]),
        parcels=layers.parcels.copy(),
        parks=layers.parks.copy(),
        contracts=contracts_of(layers.parcels, layers.supply),
    )
