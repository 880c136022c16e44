"""Stage: statutory idleness by both paragraphs of Order 53, art. 2."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.all_parcels import few_texts, words_of
from parkgeo.assess.delays import read_delays
from parkgeo.assess.gaps import field_gaps, layer_gaps
from parkgeo.assess.judged import findings_later, not_judged, verdict_text
from parkgeo.assess.not_started import not_started
from parkgeo.assess.records import price_in_doubt
from parkgeo.assess.routes import add_routes, combined, disposal_routes
from parkgeo.assess.suspended import suspended
from parkgeo.i18n import LANGUAGES
from parkgeo.layers import schema
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.judged import Judged
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk

__all__ = ["idle"]

_JOINED = (
    "supply_status", "supply_mode", "contract_id", "price_wan", "approved_on", "contract_on", "handover_on", "agreed_start",
    "permit_on", "actual_start", "agreed_completion", "actual_completion", "suspended_since", "resumed_on",
    "government_delay_days", "government_delay_cause", "developed_area_m2", "agreed_investment_wan", "invested_wan",
)  # fmt: skip
_TEXTS = (
    "idle_not_started", "idle_suspended", "idle", "idle_kind", "idle_consequence", "idle_routes", "verdict_reason_zh",
    "verdict_reason_en",
)  # fmt: skip
_SILENT_ON_SUSPENSION = "The ledger says neither whether works were suspended nor whether they were completed: ask for the date of suspension."
_KINDS = ("not_started", "suspended")
# Cases of the suspension clock that say no more than the not-started clock's sentence does.
_PLAIN = ("no_works", "completed", "not_asked")


def idle(desk: Desk) -> Part:
    """Each parcel's contract and its verdict by Order 53."""
    contract = desk.contracts
    ledger = contract[[name for name in _JOINED if name in contract]]
    if not all(desk.rules.get(f"idle.{name}") for name in ("full_years", "suspended_years")):
        unjudged = {name: not_judged(desk.parcels) for name in _TEXTS}
        return Part(pd.concat([ledger, pd.DataFrame(unjudged), _no_figures(desk.parcels)], axis=1))
    stops = read_delays(desk.parcels, desk.attached("delays"), desk.rules, desk.as_of)
    supply, rules, as_of = desk.layers.supply, desk.rules, desk.as_of
    doubted = price_in_doubt(desk.parcels, desk.attached("supply"), rules)
    first = not_started(
        desk.parcels, supply, rules, as_of, stops=stops, contracts=contract, price_doubted=doubted
    )
    second = suspended(desk.parcels, supply, first, rules, as_of, stops=stops, contracts=contract)
    routes = disposal_routes((first, second), contract, stops, rules, np.datetime64(as_of, "D"))
    results = pd.concat([ledger, _results(first, second)], axis=1)
    results["idle_routes"] = few_texts(routes)
    found = [findings_later(each, desk.parcels) for each in (first, second)]
    words = [partial(_reasons, first, second, routes, desk.rules)]
    return Part(results, words=words, findings=[*found], gaps=[*_gaps(desk)])


def _no_figures(parcels: pd.DataFrame) -> pd.DataFrame:
    """The columns of numbers, dates and flags where no pack in force holds the rule."""
    names = ("idle_days", "idle_fee_wan", "developed_share", "invested_share")
    empty = pd.DataFrame(np.nan, index=parcels.index, columns=list(names))
    return empty.assign(
        idle_since=pd.Series(pd.NaT, index=parcels.index, dtype="datetime64[s]"),
        idle_discretionary=pd.Series(pd.NA, index=parcels.index, dtype="boolean"),
    )


def _results(first: Judged, second: Judged) -> pd.DataFrame:
    one, two = first.table, second.table
    started_late, stopped = ((each["verdict"] == "yes").to_numpy(dtype=bool) for each in (one, two))
    yes = started_late | stopped
    since = np.where(stopped, two["since"].to_numpy(), one["since"].to_numpy())
    days = np.where(stopped, two["observed"].to_numpy(), one["observed"].to_numpy())
    columns = {
        "idle_not_started": verdict_text(first),
        "idle_suspended": verdict_text(second),
        "idle": few_texts(combined(one["verdict"], two["verdict"])),
        "idle_kind": few_texts(words_of(np.where(stopped, 1, yes - 1), _KINDS)),
        "idle_since": np.where(yes, since, np.datetime64("NaT", "s")),
        "idle_days": np.where(yes, days, np.nan),
        "idle_fee_wan": one["fee_wan"].to_numpy(),
        "idle_consequence": few_texts(one["consequence"]),
        "idle_discretionary": pd.arrays.BooleanArray(stopped, ~yes),
        "developed_share": two["developed_share"].to_numpy(),
        "invested_share": two["invested_share"].to_numpy(),
    }
    return pd.DataFrame(columns, index=one.index, copy=False)


def _reasons(first: Judged, second: Judged, routes: NDArray[np.object_], rules: RuleBook) -> pd.DataFrame:
    """The sentence of the paragraph that decides, for every parcel."""
    every = np.arange(len(routes))
    by_second = ~second.table["case"].isin(_PLAIN).to_numpy()
    by_second &= (first.table["verdict"] != "undetermined").to_numpy(dtype=bool)
    one, two = first.reasons(every), second.reasons(every[by_second])
    columns = {}
    for lang in LANGUAGES:
        said = one[lang].to_numpy(dtype=object, copy=True)
        said[by_second] = two[lang].to_numpy()
        columns[f"verdict_reason_{lang}"] = add_routes(said, routes, rules, lang)
    texts = {name: pd.array(values, dtype="str") for name, values in columns.items()}
    return pd.DataFrame(texts, index=first.table.index)


def _gaps(desk: Desk) -> list[Gap]:
    """What the suspension clock lacks of the ledger as a whole."""
    if desk.layers.supply is None:
        titles = {"zh": schema("supply").zh, "en": schema("supply").en}
        return list(layer_gaps("idle_suspended", [("supply", titles)]))
    if {"suspended_since", "actual_completion"} & set(desk.contracts):
        return []
    return field_gaps("idle_suspended", _SILENT_ON_SUSPENSION)
