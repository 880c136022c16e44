"""How parks and blocks are laid out: groups of uses by the packs, their mix, and blocks held against the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.assess.land_codes import CLASSIFICATIONS, LETTERS, chosen_classification
from parkgeo.metrics.layout import entropy, shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["GROUPS", "MIX", "Mix", "guidance", "kinds_of_codes", "mix_of", "oversized", "use_group"]

GROUPS = ("production", "living", "service", "green", "other")
"""Groups of uses; a known use that the packs put in none of the first four is other."""

MIX = (*(f"{group}_share" for group in GROUPS), "use_mix_entropy")
"""Columns of `mix_of`."""


def kinds_of_codes(rules: RuleBook, name: str) -> dict[str, tuple[str, ...]]:
    """Prefixes of the codes of each kind in a table, as the packs have digits read.

    Parameters
    ----------
    rules
        The packs in force.
    name
        In the group ``layout``: a table kind → prefixes in the classification of 2023 and in GB 50137. One named so with
        ``_gbt_21010`` behind it has the digits of GB/T 21010.

    Returns
    -------
    dict
        Under GB 50137 letters alone; empty where no pack has the table.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> kinds_of_codes(load_packs(["national"], Path()), "use_groups")["living"]
    ('07', 'R')
    """
    figure = rules.get(f"layout.{name}")
    if figure is None:
        return {}
    kinds, current = figure.lists(), CLASSIFICATIONS[0]
    chosen = chosen_classification(rules, current)
    if chosen == current:
        return kinds
    survey = rules.get(f"layout.{name}_gbt_21010") if chosen != LETTERS else None
    digits: Mapping[str, tuple[str, ...]] = survey.lists() if survey else {}
    letters = {
        kind: tuple(code for code in prefixes if not code[:1].isdigit()) for kind, prefixes in kinds.items()
    }
    return {kind: (*digits.get(kind, ()), *letters.get(kind, ())) for kind in kinds | dict(digits)}


def use_group(parcels: pd.DataFrame, rules: RuleBook) -> NDArray[np.intp]:
    """Group of uses of each parcel.

    Parameters
    ----------
    parcels
        ``use_code``, ``land_kind``.
    rules
        The packs in force.

    Returns
    -------
    numpy.ndarray
        Position in `GROUPS`; -1 where the use is not known. Without a code, land for industry and storage by its name is
        production.
    """
    prefixes = kinds_of_codes(rules, "use_groups")
    code, kind = coded(parcels, "use_code"), coded(parcels, "land_kind")
    found = np.full(len(parcels), -1, dtype=np.intp)
    found[kind.among(["industry", "storage"])] = 0
    found[(code.codes >= 0) & ~kind.among(["unknown"])] = len(GROUPS) - 1
    for at, group in enumerate(GROUPS):
        own = prefixes.get(group, ())
        if own:
            found[code.where(lambda word, own=own: word.startswith(own))] = at  # type: ignore[misc]
    return found


class Mix(NamedTuple):
    """Uses of places: parks, or blocks.

    Attributes
    ----------
    columns
        `MIX`; NaN where too little is known.
    known
        Share of the land whose use is known; NaN without land.
    areas
        Places × (groups + 1), m², of `parkgeo.metrics.layout.group_areas`.
    """

    columns: pd.DataFrame
    known: NDArray[np.float64]
    areas: NDArray[np.float64]


def mix_of(areas: NDArray[np.float64], rules: RuleBook) -> Mix:
    """Shares and mix of uses of each place.

    Parameters
    ----------
    areas
        Of `parkgeo.metrics.layout.group_areas`.
    rules
        ``layout.known_share``: where the use of less of the land is known, nothing is stated.

    Returns
    -------
    Mix
    """
    whole = areas.sum(axis=1)
    known = np.divide(areas[:, :-1].sum(axis=1), whole, out=np.full(len(areas), np.nan), where=whole > 0)
    own = shares(areas)
    own[~(known >= rules["layout.known_share"].number("1"))] = np.nan
    columns = pd.DataFrame(np.column_stack([own, entropy(own)]), columns=list(MIX))
    return Mix(columns, known, areas)


def oversized(long_m: NDArray[np.float64], mix: Mix, rules: RuleBook) -> NDArray[np.object_]:
    """Blocks of industrial and logistics areas that are longer than the standard's block.

    Parameters
    ----------
    long_m
        Long side of each block's least rectangle.
    mix
        Uses of the blocks.
    rules
        ``layout.block_side_max_m``, which is off until a pack switches it on, and ``layout.production_block_share``.

    Returns
    -------
    numpy.ndarray
        ``yes``, ``no``; ``undetermined`` where too little is known of the block's uses; None where the standard is not about the
        block, or not in force.
    """
    limit = rules.get("layout.block_side_max_m")
    found = np.full(len(long_m), None, dtype=object)
    if limit is None:
        return found
    share = mix.columns["production_share"].to_numpy(dtype=np.float64)
    about = share >= rules["layout.production_block_share"].number("1")
    found[about] = np.where(long_m[about] > limit.number("m"), "yes", "no")
    found[np.isnan(share) & ~np.isnan(mix.known)] = "undetermined"
    return found


def guidance(group: str, rules: RuleBook) -> tuple[float, float]:
    """Least and largest share of a group that the packs recommend; NaN where none does."""
    ends: list[Any] = [rules.get(f"layout.share_{end}") for end in ("least", "most")]
    low, high = (np.nan if end is None else end.table("1").get(group, np.nan) for end in ends)
    return low, high
