"""Files for other programs and for the office: tables in the usual formats, one GeoPackage of all, the Excel register.

Every file is written beside its place and put there only when it is whole. Personal fields never leave. The same
snapshot gives the same bytes.
"""

from __future__ import annotations

from parkgeo.export.frames import write_frames
from parkgeo.export.geopackage import write_geopackage
from parkgeo.export.register import write_register
from parkgeo.export.rejects import write_account_map, write_rejects
from parkgeo.export.table import ENDINGS, export_table, write_table
from parkgeo.export.workbook import write_tables

__all__ = [
    "ENDINGS",
    "export_table",
    "write_account_map",
    "write_frames",
    "write_geopackage",
    "write_register",
    "write_rejects",
    "write_table",
    "write_tables",
]
