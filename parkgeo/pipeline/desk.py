"""What a stage of the analysis finds on its desk, and what it leaves there.

Columns and figures are worked out stage by stage. What only people read, sentences, lines of evidence, tables by year, is left as
a function that makes it when the table is written: no stage waits for it, and no more than one such table is held at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd

from parkgeo.assess.attached import Attached, attached

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from parkgeo.assess.gaps import Gap
    from parkgeo.layers import Layers, Scenario
    from parkgeo.packs import RuleBook

__all__ = ["Desk", "Part", "joined"]

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Part:
    """What a stage adds.

    Attributes
    ----------
    columns
        On the parcels' index; None where the stage adds none.
    words
        Makes further columns on the parcels' index that no stage reads, such as sentences; one function a kind.
    parks
        The same as ``columns`` for the parks.
    findings
        Rows and frames for `parkgeo.assess.findings.findings_frame`, or what makes such frames.
    gaps
        What is missing, and what to ask for; or what makes such frames.
    tables
        Tables of the snapshot by name, or what makes them.
    facts
        Entries of the manifest.
    """

    columns: pd.DataFrame | None = None
    words: Sequence[Callable[[], pd.DataFrame]] = ()
    parks: pd.DataFrame | None = None
    findings: Sequence[dict[str, Any] | pd.DataFrame | Callable[[], pd.DataFrame]] = ()
    gaps: Sequence[Gap | pd.DataFrame | Callable[[], pd.DataFrame]] = ()
    tables: Mapping[str, pd.DataFrame | Callable[[], pd.DataFrame]] = field(default_factory=dict)
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
    terrain
        What the terrain model says of the ground of each parcel; None where there is none.
    scenarios
        What is to be looked at beside what is there.
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
    terrain: pd.DataFrame | None = None
    scenarios: tuple[Scenario, ...] = ()
    found: Part = field(default_factory=Part)
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def boundary_given(self) -> bool:
        """Whether the office gave a boundary; else the parcels' union stands for the one park."""
        return bool((self.layers.parks["source_file"] != "").any())

    def attached(self, layer: str) -> Attached | None:
        """Rows of a layer with the parcels that they are about, looked up for the first stage that asks; None without the layer."""
        rows = getattr(self.layers, layer)
        if rows is None:
            return None
        if layer not in self._kept:
            self._kept[layer] = attached(rows, self.parcels)
        found: Attached = self._kept[layer]
        return found

    def once(self, make: Callable[[Desk], _Made]) -> _Made:
        """What several stages ask for: made for the first of them and kept for the others.

        Parameters
        ----------
        make
            Makes it from the desk. It must rest on nothing that a later stage changes: layers, packs, the day, and columns that
            are there when it is first asked for.
        """
        if make not in self._kept:
            self._kept[make] = make(self)
        made: _Made = self._kept[make]
        return made

    def take(self, part: Part) -> Desk:
        """The desk with a stage's part on it."""
        found = Part(
            words=[*self.found.words, *part.words],
            findings=[*self.found.findings, *part.findings],
            gaps=[*self.found.gaps, *part.gaps],
            tables={**self.found.tables, **part.tables},
            facts=self.found.facts | part.facts,
        )
        return replace(
            self,
            parcels=joined(self.parcels, part.columns),
            parks=joined(self.parks, part.parks),
            found=found,
        )


def joined(frame: gpd.GeoDataFrame, columns: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """A frame with columns beside its own, geometry last; a column that is there already is replaced."""
    if columns is None:
        return frame
    # Columns are shared, not copied: pandas copies one only when it is written to. geopandas copies all whenever some are chosen.
    own = pd.DataFrame(frame).drop(columns=["geometry", *(name for name in columns if name in frame)])
    # With the geometry among them: to insert one more into a hundred is what pandas warns of.
    shapes = pd.Series(frame.geometry.array, index=frame.index, name="geometry")
    return gpd.GeoDataFrame(pd.concat([own, columns, shapes], axis=1), geometry="geometry", copy=False)
