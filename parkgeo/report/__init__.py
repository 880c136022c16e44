"""Documents that people take away: a parcel's dossier and the park report, as HTML, PDF and Word.

A document is first built from a snapshot as plain parts (`parkgeo.report.document`), then written. Users' texts are data
in every writer; the same snapshot gives the same bytes.
"""

from __future__ import annotations

from parkgeo.report.access_facts import access_of_parcel, access_summary, network_remarks
from parkgeo.report.dossier import dossier
from parkgeo.report.list_report import Chosen
from parkgeo.report.write import (
    DOSSIER_ENDINGS,
    LIST_ENDINGS,
    REPORT_ENDINGS,
    write_dossier,
    write_list,
    write_register_document,
    write_report,
)

__all__ = [
    "DOSSIER_ENDINGS",
    "LIST_ENDINGS",
    "REPORT_ENDINGS",
    "Chosen",
    "access_of_parcel",
    "access_summary",
    "dossier",
    "network_remarks",
    "write_dossier",
    "write_list",
    "write_register_document",
    "write_report",
]
