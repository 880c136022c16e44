"""The park as a whole: land ledger, indicators, zone type, industries."""

from __future__ import annotations

from parkgeo.assess.park.indicators import park_indicators
from parkgeo.assess.park.industries import leading_industries
from parkgeo.assess.park.land_ledger import land_ledger
from parkgeo.assess.park.land_use import land_classes

__all__ = ["land_classes", "land_ledger", "leading_industries", "park_indicators"]
