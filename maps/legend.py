"""A colouring of the parcels: classes with counts and areas, and which class each parcel is in; worked out when it is asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from maps.palette import Style

__all__ = ["Band", "Classed", "ColourClass", "Colouring", "Draft", "Kind", "Land", "Words"]

Words = tuple[str, str]
"""Words in each of `parkgeo.i18n.LANGUAGES`."""

Band = tuple[float | None, float | None]
"""Above what and up to what values go, None at an open end; a figure twice where the class is that one figure."""

Kind = Literal["verdict", "grade", "class", "quantity"]


@dataclass(frozen=True)
class Draft:
    """A class before its parcels are counted."""

    code: str
    label: Words | None
    style: Style
    band: Band | None = None


@dataclass(frozen=True)
class ColourClass:
    """A line of the legend.

    Attributes
    ----------
    code
        What it is called inside.
    label
        What a person reads; None where the band says it.
    band
        Above what and up to what; None of what is no quantity.
    style
        How its parcels are drawn.
    count, ha, mu
        Parcels and their land, in hectares and mu.
    """

    code: str
    label: Words | None
    band: Band | None
    style: Style
    count: int
    ha: float
    mu: float


@dataclass(frozen=True)
class Classed:
    """Parcels in classes: the legend, the number of each parcel's class, how the classes were made."""

    classes: tuple[ColourClass, ...]
    of: NDArray[np.uint8]
    scheme: Words


class Land:
    """The parcels' areas, measured once for all colourings.

    Parameters
    ----------
    parcels
        Polygons in a projected system in metres.
    """

    def __init__(self, parcels: gpd.GeoDataFrame) -> None:
        self._parcels = parcels

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Square metres of each parcel."""
        found: NDArray[np.float64] = self._parcels.geometry.area.to_numpy(dtype=np.float64)
        return found

    def count(self, drafts: Sequence[Draft], of: NDArray[np.integer], scheme: Words) -> Classed:
        """Classes with their parcels counted.

        Parameters
        ----------
        drafts
            At most 256.
        of
            The place of each parcel's class among them.
        scheme
            How the classes were made.
        """
        counts = np.bincount(of, minlength=len(drafts))
        areas = np.bincount(of, weights=np.nan_to_num(self.areas), minlength=len(drafts))
        classes = tuple(
            ColourClass(
                draft.code, draft.label, draft.band, draft.style, int(counts[at]),
                round(float(areas[at]) / M2_PER_HA, 4), round(float(areas[at]) / M2_PER_MU, 4),
            )
            for at, draft in enumerate(drafts)
        )  # fmt: skip
        return Classed(classes, of.astype(np.uint8), scheme)


@dataclass(frozen=True, eq=False)
class Colouring:
    """What parcels can be coloured by.

    Attributes
    ----------
    key
        Its name: the column's, or ``column@spec`` where a map spec makes classes of its own.
    column
        The column of the parcels that it shows.
    group
        What it belongs to in a list of choices, see `maps.colouring.GROUPS`.
    title
        Words in each language.
    unit
        Of its bands, as parkgeo writes it; empty where there is none.
    kind
        ``verdict``, ``grade``, ``class`` or ``quantity``.
    source
        Where its figures come from, in each language; None where nothing is to be said.
    verified
        False where it rests on a figure whose source was not seen, True where all that it rests on were seen, None where it rests
        on no such figure.
    suspected
        Whether it says of land that it may be idle, so that a page must say "suspected, for verification".
    work
        Makes the classes.
    """

    key: str
    column: str
    group: str
    title: Words
    unit: str
    kind: Kind
    source: Words | None
    verified: bool | None
    suspected: bool
    work: Callable[[], Classed] = field(repr=False)

    @cached_property
    def classed(self) -> Classed:
        """Classes and the parcels in them, worked out at the first call."""
        return self.work()

    @property
    def classes(self) -> tuple[ColourClass, ...]:
        """The legend; parcels without a value have the last class."""
        return self.classed.classes

    @property
    def scheme(self) -> Words:
        """How the classes were made, in each language."""
        return self.classed.scheme

    def of(self) -> NDArray[np.uint8]:
        """The place of each parcel's class in the legend, in the order of the table."""
        return self.classed.of

    def as_dict(self) -> dict[str, Any]:
        """All of it, with ``classes`` as plain values and ``of`` as an array."""
        told = ("key", "column", "group", "title", "unit", "kind", "source", "verified", "suspected")
        return {
            **{name: getattr(self, name) for name in told},
            "scheme": self.scheme,
            "classes": [asdict(one) for one in self.classes],
            "of": self.of(),
        }
