"""What a verdict on statutory idleness rests on: cells of the ledger and of the delays, and the packs' figures."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import Cells
from parkgeo.assess.findings import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.delays import Stops
    from parkgeo.packs import RuleBook

__all__ = ["not_started_lines", "suspended_lines"]

_START_FIELDS = (
    "supply_status", "contract_id", "contract_on", "agreed_start", "permit_on", "actual_start", "foundation_kind",
    "foundation_share", "agreed_completion", "actual_completion", "suspended_since", "handover_on", "approved_on", "government_delay_days", "government_delay_cause",
    "price_wan",
)  # fmt: skip
_START_ASKED = ("supply_status", "agreed_start", "actual_start", "permit_on", "foundation_share")
_STOP_FIELDS = (
    "supply_status", "contract_id", "actual_start", "permit_on", "actual_completion", "suspended_since", "resumed_on",
    "developed_area_m2", "construction_area_m2", "supplied_area_m2", "developed_floor_area_m2", "agreed_floor_area_m2",
    "agreed_investment_wan", "invested_wan", "price_wan", "land_taxes_wan", "government_delay_days",
    "government_delay_cause",
)  # fmt: skip
_STOP_ASKED = ("suspended_since", "resumed_on", "actual_completion")
_STATE_KEYS = {
    "none": ("idle.blank_actual_start",),
    "permit_ahead": ("idle.start_needs_permit",),
    "permit_unknown": ("idle.start_needs_permit",),
    "foundation_short": ("idle.foundation_share_at_start", "idle.foundation_rounding"),
    "foundation_unknown": ("idle.foundation_share_at_start", "idle.foundation_rounding"),
}
_SUSPENDED_KEYS = (
    "idle.suspended_years", "idle.full_year_ends_on_anniversary", "idle.developed_area_below", "idle.invested_below",
    "idle.suspended_is_discretionary", "idle.developed_area_basis", "idle.investment_includes_land_price",
)  # fmt: skip
_DELAY_FIELDS = ("from_on", "to_on", "cause", "document")


class Papers:
    """The cells that the verdicts of a rule rest on; prepared at the first question, for all parcels with a finding.

    Parameters
    ----------
    found
        Positions of the parcels with a finding; others are answered too, one by one.
    contract
        The ledger's row of each parcel.
    stops
        Dated delays.
    fields
        Of the ledger.
    asked
        Fields of which it is told where the ledger has no such column.
    """

    def __init__(
        self,
        found: NDArray[np.intp],
        contract: pd.DataFrame,
        stops: Stops,
        *,
        fields: Sequence[str],
        asked: Sequence[str],
    ) -> None:
        self._found, self._contract, self._stops, self._fields = found, contract, stops, fields
        self._entries = contract["entries"].to_numpy()
        self._absent = [{"what": f"absent:{name}", "value": None} for name in asked if name not in contract]

    def lines(self, at: int) -> list[dict[str, Any]]:
        """The ledger's cells, what the ledger has no column for, and the cells of the parcel's delays."""
        lines: list[dict[str, Any]] = []
        if self._entries[at] == 1:
            place = self._places.get(at)
            if place is not None:
                lines += self._ledger.lines(place)
            else:
                lines += Cells(self._contract.iloc[[at]], self._fields).lines(0)
        lines += self._absent
        for row in self._stops.rows_of(at):
            lines += self._delays.lines(row)
        return lines

    @cached_property
    def _places(self) -> dict[int, int]:
        return {at: place for place, at in enumerate(self._found.tolist())}

    @cached_property
    def _ledger(self) -> Cells:
        return Cells(self._contract.iloc[self._found], self._fields)

    @cached_property
    def _delays(self) -> Cells:
        return Cells(self._stops.rows, _DELAY_FIELDS)


class _Figures:
    """The packs' figures as lines of evidence, each made once."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._lines: dict[str, Line | None] = {}

    def lines(self, keys: Iterable[str]) -> list[Line]:
        for key in keys:
            if key not in self._lines:
                figure = self._rules.get(key)
                self._lines[key] = Line(figure.as_evidence()) if figure else None
        return [line for key in keys if (line := self._lines[key])]


def _delay_keys(days: float, *, dated: bool) -> list[str]:
    """Figures that decide what delay counts; days are NaN while a delay runs."""
    keys = ["idle.government_delay_extends_start"] if not days <= 0 else []
    if dated:
        keys += [
            "idle.delay_counts_from",
            "idle.delay_causes",
            "idle.exempt_causes",
            "idle.delay_needs_document",
        ]
    return keys


def not_started_lines(
    table: pd.DataFrame, contract: pd.DataFrame, stops: Stops, rules: RuleBook
) -> Callable[[int], list[dict[str, Any]]]:
    """Evidence of the not-started clock: position of a parcel → its lines."""
    papers = Papers(_found(table), contract, stops, fields=_START_FIELDS, asked=_START_ASKED)
    figures = _Figures(rules)

    names = ("start_state", "start_basis", "consequence", "delay_days", "delay_claimed", "delay_own", "case")
    states, bases, consequences, delays, claims, owns, cases = (table[name].array for name in names)

    def told(at: int) -> list[dict[str, Any]]:
        state, basis, then = states[at], bases[at], consequences[at]
        days, dated = float(delays[at]), bool(stops.dated[at])
        counted = [{"what": "delay_counted_days", "value": _number(days)}] if dated else []
        keys = [
            "idle.full_years",
            "idle.full_year_ends_on_anniversary",
            *_STATE_KEYS.get(state, ()),
            *_delay_keys(days, dated=dated),
            *(["idle.delay_cause_words"] if not dated and (days > 0 or claims[at]) else []),
            *(["idle.own_cause_words"] if owns[at] else []),
            *(["land.construction"] if cases[at] == "use_unknown" else []),
            *([f"idle.default_start_after_{basis}_years"] if basis in ("handover", "approval") else []),
            *(["idle.fee_share"] if pd.notna(then) else []),
            *(["idle.recovery_years"] if then == "recovery" else []),
        ]
        return [*papers.lines(at), *counted, *figures.lines(keys)]

    return told


def suspended_lines(
    table: pd.DataFrame, contract: pd.DataFrame, stops: Stops, rules: RuleBook
) -> Callable[[int], list[dict[str, Any]]]:
    """Evidence of the suspension clock: position of a parcel → its lines."""
    papers = Papers(_found(table), contract, stops, fields=_STOP_FIELDS, asked=_STOP_ASKED)
    figures = _Figures(rules)

    shares = {name: table[name].array for name in ("developed_share", "invested_share")}
    delays, owns = (table[name].array for name in ("delay_days", "delay_own"))

    def told(at: int) -> list[dict[str, Any]]:
        days = float(delays[at])
        known = [{"what": name, "value": _number(values[at])} for name, values in shares.items()]
        keys = [*_SUSPENDED_KEYS, *_delay_keys(days, dated=bool(stops.dated[at]))]
        keys += ["idle.own_cause_words"] if owns[at] else []
        return [*papers.lines(at), *known, *figures.lines(keys)]

    return told


def _found(table: pd.DataFrame) -> NDArray[np.intp]:
    return np.flatnonzero(table["verdict"].isin(["yes", "undetermined"]).to_numpy())


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
