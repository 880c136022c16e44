"""Snapshots in PostGIS: published there in one transaction, and served from there as from memory.

::

    parkgeo_20260630_0123456789ab/    one schema a snapshot, never changed once it is there
      parcels                         the rows: typed columns, geometry, and what serving needs (names that start with _)
      _parcels                        each row's id and its GeoJSON feature, in the order of space
    parkgeo/
      snapshots                       which snapshots there are, and which is live
      parcels, …                      views of the live snapshot, for people
"""

from __future__ import annotations

from api.postgis.database import Database
from api.postgis.publish import Published, publish
from api.postgis.shelf import PostgisShelf

__all__ = ["Database", "PostgisShelf", "Published", "publish"]
