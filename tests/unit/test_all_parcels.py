"""A clock that asks only some parcels answers for each as if it stood alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.assess.delays import read_delays
from parkgeo.assess.not_started import not_started
from parkgeo.assess.suspended import suspended
from parkgeo.packs import load_packs

AS_OF = dt.date(2026, 6, 30)
RULES = load_packs(["national"], Path())
DATES = ("agreed_start", "actual_start", "actual_completion", "suspended_since")
KINDS = {
    "built": ("2018-01-01", "2018-02-01", "2020-01-01", None),
    "building": ("2025-09-01", "2025-10-01", None, None),
    "idle": ("2022-01-01", None, None, None),
    "halted": ("2020-01-01", "2020-02-01", None, "2024-01-01"),
    "unsupplied": ("2022-01-01", None, None, None),
}


def tables(kinds: list[str], delayed: list[bool]) -> list[pd.DataFrame]:
    """Both clocks' answers; the delay of a parcel runs from mid-2024 until today but one day."""
    ids = [f"{kind}-{at}" for at, kind in enumerate(kinds)]
    supply = pd.DataFrame([KINDS[kind] for kind in kinds], columns=list(DATES))
    supply = supply.apply(pd.to_datetime).astype("datetime64[s]")
    supply["supply_status"] = ["reserve" if kind == "unsupplied" else "supplied" for kind in kinds]
    supply["government_delay_days"] = 5.0  # counts only where no delay is dated
    supply.insert(0, "parcel_id", ids)
    told = [each for each, late in zip(ids, delayed, strict=True) if late]
    rows = pd.DataFrame(
        {"parcel_id": told[::-1], "from_on": "2024-06-01", "to_on": "2026-06-29", "cause": "plan_change", "document": "x"}
    )  # fmt: skip
    rows = rows.astype({"from_on": "datetime64[s]", "to_on": "datetime64[s]"})
    parcels = pd.DataFrame({"parcel_id": ids, "registered_area_m2": 9000.0})
    stops = read_delays(parcels, rows, RULES, AS_OF)
    first = not_started(parcels, supply, RULES, AS_OF, stops=stops)
    return [first.table, suspended(parcels, supply, first, RULES, AS_OF, stops=stops).table]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(list(KINDS)), st.booleans()), min_size=1, max_size=5))
def test_each_parcel_is_judged_as_if_it_stood_alone(park):
    together = tables(*map(list, zip(*park, strict=True)))
    for at, (kind, late) in enumerate(park):
        for every, alone in zip(together, tables([kind], [late]), strict=True):
            own = every.iloc[[at]].reset_index(drop=True)
            pd.testing.assert_frame_equal(own.astype(object), alone.astype(object))
