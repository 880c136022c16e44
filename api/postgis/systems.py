"""The working coordinate system's number in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from pyproj import CRS

__all__ = ["find_srid"]

_OWN = "parkgeo"
_FIRST, _LAST = 910_000, 998_999
"""Numbers that PostGIS leaves to its users; those below 910000 are ESRI's and others'."""


def find_srid(connection: psycopg.Connection[Any], crs: CRS) -> tuple[int, bool]:
    """The number by which the database knows a system; it is told of one that has none.

    Parameters
    ----------
    connection
        Within a transaction.
    crs
        The system.

    Returns
    -------
    tuple of (int, bool)
        The number, and whether the database was told of the system just now.
    """
    code = crs.to_epsg(min_confidence=100)
    if code is not None:
        found = connection.execute("SELECT srid FROM spatial_ref_sys WHERE srid = %s", (code,)).fetchone()
        if found is not None:
            return code, False
    text = crs.to_wkt("WKT1_GDAL")
    known = connection.execute(
        "SELECT srid FROM spatial_ref_sys WHERE auth_name = %s AND srtext = %s", (_OWN, text)
    ).fetchone()
    if known is not None:
        return int(known[0]), False
    row = connection.execute(
        "SELECT coalesce(max(srid) + 1, %s) FROM spatial_ref_sys WHERE srid BETWEEN %s AND %s",
        (_FIRST, _FIRST, _LAST),
    ).fetchone()
    srid = int(row[0]) if row else _FIRST
    connection.execute(
        "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES (%s, %s, %s, %s, %s)",
        (srid, _OWN, srid, text, _proj4(crs)),
    )
    return srid, True


def _proj4(crs: CRS) -> str:
    """The system as older programs write it; it leaves things out, of which pyproj warns."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return str(crs.to_proj4())
