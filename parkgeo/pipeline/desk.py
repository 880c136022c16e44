"""What a stage of the analysis finds on its desk, and what it leaves there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from parkgeo.assess.gaps import Gap
    from parkgeo.layers import Layers
    from parkgeo.packs import RuleBook

__all__ = ["Desk", "Part"]


@dataclass(frozen=True)
class Part:
    """What a stage adds.

    Attributes
    ----------
    columns
        On the parcels' index; None where the stage adds none.
    parks
        The same for the parks.
    findings
        Rows and frames for `parkgeo.assess.findings.findings_frame`.
    gaps
        What is missing, and what to ask for.
    tables
        Tables of the snapshot by name.
    facts
        Entries of the manifest.
    """

    columns: pd.DataFrame | None = None
    parks: pd.DataFrame | None = None
    findings: list[dict[str, Any] | pd.DataFrame] = field(default_factory=list)
    gaps: Sequence[Gap | pd.DataFrame] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """Layers, packs and day, and what the stages so far have found; nothing on it is changed in place.

    Attributes
    ----------
    layers
        As validated.
    rules
        The packs in force.
    as_of
        The day of judgement.
    parcels, parks
        With the columns of the stages so far.
    contracts
        The ledger's row of each parcel, see `parkgeo.assess.contracts.contracts_of`.
    pixels
        What each image shows of each parcel; None where there is none.
    found
        All that the stages left but columns.
    """

    layers: Layers
    rules: RuleBook
    as_of: dt.date
    parcels: gpd.GeoDataFrame
    parks: gpd.GeoDataFrame
    contracts: pd.DataFrame
    pixels: pd.DataFrame | None = None
    found: Part = field(default_factory=Part)

    @property
    def boundary_given(self) -> bool:
        """Whether the office gave a boundary; else the parcels' union stands for the one park."""
        return bool((self.layers.parks["source_file"] != "").any())

    def table(self, name: str) -> pd.DataFrame | None:
        """A table that an earlier stage left."""
        return self.found.tables.get(name)

    def take(self, part: Part) -> Desk:
        """The desk with a stage's part on it."""
        found = Part(
            findings=[*self.found.findings, *part.findings],
            gaps=[*self.found.gaps, *part.gaps],
            tables=self.found.tables | part.tables,
            facts=self.found.facts | part.facts,
        )
        return replace(
            self,
            parcels=_joined(self.parcels, part.columns),
            parks=_joined(self.parks, part.parks),
            found=found,
        )


def _joined(frame: gpd.GeoDataFrame, columns: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """A frame with columns beside its own, geometry last; a column that is there already is replaced."""
    if columns is None:
        return frame
    # Columns are shared, not copied: pandas copies one only when it is written to. geopandas copies all whenever some are chosen.
    own = pd.DataFrame(frame).drop(columns=["geometry", *(name for name in columns if name in frame)])
    return gpd.GeoDataFrame(pd.concat([own, columns], axis=1), geometry=frame.geometry, copy=False)
