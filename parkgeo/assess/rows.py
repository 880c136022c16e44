"""Rows of findings about ground: one form for the boundary's rules and the cadastre's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.codes import CODES
from parkgeo.assess.findings import evidence
from parkgeo.i18n import LANGUAGES, figure, say
from parkgeo.metrics.voids import polygon_parts

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.packs import Figure

__all__ = ["Ground", "finding", "finding_id", "one_multipolygon", "reasons"]

_BY_CODE = {code.code: code for code in CODES}


@dataclass(frozen=True)
class Ground:
    """Outlines with their ids, as arrays: rules go through all of them at once, and compose rows only for what they find.

    Attributes
    ----------
    ids
        Of the parcels.
    park_ids
        Park of each.
    shapes
        Valid polygons or multipolygons in metres.
    """

    ids: NDArray[np.object_]
    park_ids: NDArray[np.object_]
    shapes: NDArray[np.object_]

    @classmethod
    def of(cls, parcels: gpd.GeoDataFrame) -> Ground:
        """The parcels' ``parcel_id``, ``park_id`` and geometry."""
        return cls(
            parcels["parcel_id"].to_numpy(dtype=object),
            parcels["park_id"].to_numpy(dtype=object),
            np.asarray(parcels.geometry.array, dtype=object),
        )

    def finding(self, at: int | np.intp, code: str, rule: Figure, **more: Any) -> dict[str, Any]:
        """A row about the parcel at a place; see `finding`."""
        parcel = str(self.ids[at])
        told = {"finding_id": finding_id(code, parcel), "geometry": self.shapes[at], **more}
        return finding(code, rule, parcel_id=parcel, park_id=self.park_ids[at], **told)


def finding_id(code: str, *parts: str) -> str:
    """Code and ids with colons between; a colon in an id is written %3A, so that two findings never share an id.

    Examples
    --------
    >>> finding_id("overlap", "P1", "A:2")
    'overlap:P1:A%3A2'
    """
    return ":".join([code, *(part.replace("%", "%25").replace(":", "%3A") for part in parts)])


def finding(
    code: str, rule: Figure, *, told: list[dict[str, Any]], verdict: str = "yes", **more: Any
) -> dict[str, Any]:
    """A row for `parkgeo.assess.findings.findings_frame`.

    Parameters
    ----------
    code
        Of the finding.
    rule
        The figure that decides; it gives threshold, clause and source.
    told
        Lines of evidence.
    verdict
        ``yes`` or ``undetermined``.
    **more
        The other columns: ids, geometry, observed, reasons; ``unit`` where it is not the code's.

    Returns
    -------
    dict
    """
    kind = _BY_CODE[code]
    unit = str(more.get("unit", kind.unit))
    return {
        "code": code,
        "verdict": verdict,
        "severity": "low" if verdict == "undetermined" else kind.severity,
        "observed": np.nan,
        "threshold": rule.number(unit),
        "unit": unit,
        "clause_zh": rule.clause_zh,
        "clause_en": rule.clause_en,
        "source": f"{rule.source}, {rule.edition}",
        "verified": rule.verified,
        "since": pd.NaT,
        "missing": "",
        "evidence": evidence(told),
        **more,
    }


def reasons(sentence: str, **values: tuple[float, int] | str) -> dict[str, str]:
    """A sentence in both languages; a number comes with its decimals."""
    return {
        f"reason_{lang}": say(
            sentence,
            lang,
            **{
                name: value if isinstance(value, str) else figure(value[0], lang, digits=value[1])
                for name, value in values.items()
            },
        )
        for lang in LANGUAGES
    }


def one_multipolygon(*shapes: shapely.Geometry) -> shapely.MultiPolygon:
    """The polygons of shapes as one multipolygon; lines and points of touching edges fall away."""
    return shapely.multipolygons(polygon_parts(np.array(shapes, dtype=object))[0])
