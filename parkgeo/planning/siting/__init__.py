"""Which project could stand where: needs and briefs, gates and scores, the matrix of fit, the search for a site."""

from __future__ import annotations

from parkgeo.planning.siting.brief import Brief, read_brief
from parkgeo.planning.siting.fit import GRADES, Fit, Limit, fit
from parkgeo.planning.siting.found import Found, Site
from parkgeo.planning.siting.needs import CRITERIA, Needs, industry_needs
from parkgeo.planning.siting.search import search
from parkgeo.planning.siting.table import site_table
from parkgeo.planning.siting.terms import Terms

__all__ = [
    "CRITERIA",
    "GRADES",
    "Brief",
    "Fit",
    "Found",
    "Limit",
    "Needs",
    "Site",
    "Terms",
    "fit",
    "industry_needs",
    "read_brief",
    "search",
    "site_table",
]
