"""What each parcel is in the land ledger: built or not, supplied or not, of what use, ready, buildable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.assess.contracts import dates, numbers
from parkgeo.assess.land_codes import LETTERS, chosen_classification, use_prefixes
from parkgeo.errors import PackError, name_some

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.assess.coded import Coded
    from parkgeo.packs import RuleBook

__all__ = ["RATE_CLASSES", "land_classes", "use_codes"]

RATE_CLASSES = ("residential", "industrial", "other")
"""Uses of built land in the ledger: A1, A2 and what is neither."""

_PUBLIC = ("built", "unknown")


def land_classes(
    parcels: pd.DataFrame, unbuildable_share: NDArray[np.float64] | None, rules: RuleBook, as_of: dt.date
) -> pd.DataFrame:
    """What each parcel counts as; 1 yes, 0 no, NaN not known.

    Parameters
    ----------
    parcels
        ``site_area_m2``, and as far as they are there ``use_code`` (else
        ``land_use_code``), ``land_state``, ``supply_status``, ``contract_on``,
        ``actual_start``, ``actual_completion``, ``building_density``, ``acquired``, ``levelled``, ``ready_services``.
    unbuildable_share
        Share of each parcel under constraints that make land unbuildable; None where there is no such layer.
    rules
        The packs in force. Without the ledger's figures nothing is known of a parcel.
    as_of
        The day of judgement.

    Returns
    -------
    pandas.DataFrame
        On the parcels' index: ``built``, ``supplied``, ``suppliable`` (only where not supplied), ``ready`` (only where not
        built), ``use`` (categories `RATE_CLASSES`, missing where the code is
        blank or the packs hold no classes), ``unbuildable`` (share, 0 where built or supplied).
    """
    parcels = use_codes(parcels)
    code, status = coded(parcels, "land_use_code"), coded(parcels, "supply_status")
    public = _public(code, rules)
    supplied = _supplied(parcels, status, public, as_of)
    built = _built(parcels, supplied, public, rules, as_of)
    wet = _begins(code, _codes(rules, "unbuildable_codes"))
    share = np.where(wet, 1.0, 0.0 if unbuildable_share is None else unbuildable_share)
    return pd.DataFrame(
        {
            "built": built,
            "supplied": supplied,
            "suppliable": _suppliable(status, supplied, rules),
            "ready": _ready(parcels, supplied, rules),
            "use": _use(code, rules),
            "unbuildable": np.where((built == 1) | (supplied == 1), 0.0, share),
        },
        index=parcels.index,
    )


def use_codes(parcels: pd.DataFrame) -> pd.DataFrame:
    """The parcels with the register's code of use, else the plan's, as ``land_use_code``."""
    if "use_code" not in parcels:
        return parcels
    return pd.DataFrame(parcels).assign(land_use_code=parcels["use_code"])


def _codes(rules: RuleBook, name: str) -> tuple[str, ...]:
    """Prefixes of a list of codes: those of the classification that the office uses, and the letters of GB 50137."""
    figure = rules.get(f"ledger.{name}")
    if figure is None:
        return ()
    lists = figure.lists()
    chosen = chosen_classification(rules, LETTERS)
    if chosen not in lists:
        raise PackError(
            f"{figure.key} has no codes for the classification {chosen!r}",
            where=figure.pack,
            mend=f"set ledger.classification to one of {name_some(lists)}",
        )
    return (*lists[chosen], *(() if chosen == LETTERS else lists.get(LETTERS, ())))


def _begins(code: Coded, prefixes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Where the code begins with one of the prefixes."""
    return code.where(lambda word: word.startswith(prefixes))


def _flag(parcels: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column of flags as 1, 0 and NaN."""
    if name not in parcels:
        return np.full(len(parcels), np.nan)
    return np.asarray(
        parcels[name].astype("boolean").to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64
    )


def _public(code: Coded, rules: RuleBook) -> NDArray[np.bool_]:
    """Roads, utilities and green land that count as built; an office may leave that open."""
    setting = rules.get("ledger.public_land")
    if setting is None:
        return np.zeros(len(code.codes), dtype=bool)
    if setting.text() not in _PUBLIC:
        raise PackError(
            f"{setting.key} is {setting.text()!r}", where=setting.pack, mend=f"use {name_some(_PUBLIC)}"
        )
    codes = use_prefixes(rules, "land.not_built_on")
    # By code only: land under a corridor is not built on either, but nothing says that something was laid out there.
    if not codes or setting.text() != "built":
        return np.zeros(len(code.codes), dtype=bool)
    return _begins(code, codes)


def _supplied(
    parcels: pd.DataFrame, status: Coded, public: NDArray[np.bool_], as_of: dt.date
) -> NDArray[np.float64]:
    """By the ledger's status, else by a contract that is signed."""
    signed = dates(parcels, "contract_on") <= np.datetime64(as_of, "D")
    by_status = status.among(["supplied"]).astype(np.float64)
    return np.where(status.codes < 0, np.where(signed | public, 1.0, np.nan), by_status)


def _suppliable(status: Coded, supplied: NDArray[np.float64], rules: RuleBook) -> NDArray[np.float64]:
    figure = rules.get("ledger.suppliable_statuses")
    if figure is None:
        return np.full(len(supplied), np.nan)
    return np.where(supplied == 0, status.among(figure.texts()).astype(np.float64), np.nan)


def _built(
    parcels: pd.DataFrame,
    supplied: NDArray[np.float64],
    public: NDArray[np.bool_],
    rules: RuleBook,
    as_of: dt.date,
) -> NDArray[np.float64]:
    """By the state of the land, else by the ledger, else by what stands there."""
    day = np.datetime64(as_of, "D")
    completed = dates(parcels, "actual_completion") <= day
    started = dates(parcels, "actual_start") <= day
    density, least = numbers(parcels, "building_density"), rules.get("ledger.built_density")
    stands = np.where(density == 0, 0.0, np.nan)
    if least is not None:
        stands = np.where(density >= least.number("1"), 1.0, stands)
    # Works that have begun and are not completed are not built, however much stands; a completion is a fact of its own.
    by_ledger = np.where(started & ~np.isnat(dates(parcels, "actual_start")), 0.0, stands)
    by_ledger = np.where(supplied == 0, 0.0, by_ledger)
    known = np.where(completed, 1.0, np.where(public & (supplied == 1), 1.0, by_ledger))
    state = coded(parcels, "land_state")
    for value, name in ((1.0, "built_states"), (0.0, "unbuilt_states")):
        figure = rules.get(f"ledger.{name}")
        if figure is not None:
            known = np.where(state.among(figure.texts()), value, known)
    return known


def _ready(parcels: pd.DataFrame, supplied: NDArray[np.float64], rules: RuleBook) -> NDArray[np.float64]:
    """Acquired, levelled and served; one that is known to fail decides, else all must be known."""
    least, reading = rules.get("ledger.ready_services"), rules.get("ledger.supplied_is_ready")
    ready = np.full(len(parcels), np.nan)
    if least is not None:
        services = numbers(parcels, "ready_services")
        enough = np.where(np.isnan(services), np.nan, (services >= least.number("1")).astype(np.float64))
        parts = np.stack([_flag(parcels, "acquired"), _flag(parcels, "levelled"), enough])
        # The least of the three: 0 beats NaN, NaN beats 1.
        ready = np.where((parts == 0).any(axis=0), 0.0, parts.sum(axis=0) / len(parts))
    if reading is not None and reading.flag():
        ready = np.where(supplied == 1, 1.0, ready)
    return ready


def _use(code: Coded, rules: RuleBook) -> pd.Categorical[Any]:
    # A code is of another use only where the packs say which codes are of these; else its use is not known.
    known = all(rules.get(f"ledger.{name}") for name in ("residential_codes", "industrial_codes"))
    use = np.full(len(code.codes), RATE_CLASSES.index("other") if known else -1, dtype=np.int8)
    use[~code.where(bool)] = -1
    for name in ("residential", "industrial"):
        use[_begins(code, _codes(rules, f"{name}_codes"))] = RATE_CLASSES.index(name)
    return pd.Categorical.from_codes(use, categories=pd.Index(RATE_CLASSES))
