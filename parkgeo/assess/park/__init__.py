"""The park as a whole: land ledger, indicators, zone type, industries."""

from __future__ import annotations

from parkgeo.assess.park.indicators import idle_gaps, park_indicators
from parkgeo.assess.park.industries import leading_industries
from parkgeo.assess.park.land_ledger import land_ledger
from parkgeo.assess.park.land_use import land_classes

__all__ = ["idle_gaps", "land_classes", "land_ledger", "leading_industries", "park_indicators"]
