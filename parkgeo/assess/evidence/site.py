"""What stands on the site: buildings as drawn, and the ground as images show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.evidence.lines import (
    CANNOT_SAY,
    IDLE,
    IN_USE,
    Line,
    choose,
    column,
    months_ago,
    months_later,
    no_days,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["buildings_line", "imagery_line"]

_ROUNDING = 1e-9


def buildings_line(
    parcels: pd.DataFrame, started: NDArray[np.datetime64], rules: RuleBook, day: np.datetime64
) -> Line:
    """Buildings as drawn.

    Parameters
    ----------
    parcels
        ``site_area_m2``, ``footprint_m2``, ``completed_footprint_m2`` (missing on all where the layer does not tell
        completion), ``building_coefficient`` where the kinds are known.
    started
        Day of start by the ledger; NaT where it reports none.
    rules
        The packs in force.
    day
        Of judgement.

    Returns
    -------
    Line
        Figure: completed share of the site; where completion is not told or nothing stands, the share that is drawn.

    Notes
    -----
    An empty site is no contradiction to works that began only lately.
    """
    site = column(parcels, "site_area_m2")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        drawn, completed = (
            column(parcels, name) / site for name in ("footprint_m2", "completed_footprint_m2")
        )
    occupied = column(parcels, "building_coefficient")
    nothing, enough = (
        rules[f"evidence.{name}"].number("1") for name in ("nothing_built_share", "built_share")
    )
    told = "completed_footprint_m2" in parcels and bool(np.isfinite(completed).any())
    stand = not told and rules["evidence.drawn_buildings_stand"].flag()
    standing = drawn if stand else completed
    case, says = choose(
        len(parcels),
        [
            (np.isnan(drawn), "no_layer", CANNOT_SAY),
            ((drawn < nothing) & ~(occupied >= nothing), "nothing", IDLE),
            (drawn < nothing, "yards", CANNOT_SAY),
            (standing >= enough, "drawn" if stand else "completed", IN_USE),
            (drawn >= enough, "not_completed", CANNOT_SAY),
        ],
        ("little", CANNOT_SAY),
    )
    figure = np.where(np.isnan(standing) | np.asarray(case == "nothing"), drawn, standing)
    months = int(rules["evidence.start_shows_months"].number("month"))
    return Line(
        "buildings", says, case, figure, "1", no_days(len(parcels)),
        firm=~((says == IDLE) & (started > months_ago(day, months))),
        numbers={"share": (100 * figure, 1), "drawn": (100 * drawn, 1), "occupied": (100 * occupied, 1)},
    )  # fmt: skip


def imagery_line(
    parcels: pd.DataFrame,
    started: NDArray[np.datetime64],
    works: NDArray[np.bool_],
    rules: RuleBook,
    day: np.datetime64,
    *,
    source_file: pd.Categorical | None = None,
    without: str = "no_image",
) -> Line:
    """The latest image that shows enough of the parcel.

    Parameters
    ----------
    parcels
        ``imagery_on``, ``imagery_valid_share``, ``built_share``, ``vegetated_share``, ``bare_share`` where images were read.
    started
        Day of start by the ledger; NaT where it reports none.
    works
        Where works had begun by the ledger and were not completed.
    rules
        The packs in force.
    day
        Of judgement.
    source_file
        The image.
    without
        Case where none was read: ``no_image``, ``all_later``, ``no_bands`` or ``none_used``.

    Returns
    -------
    Line
        Figure: built share of the valid area; where too little is valid, the valid share.

    Notes
    -----
    Bare ground is also what a building site looks like: where works are reported and not completed, an empty site contradicts
    them only where it is overgrown. An image taken before works could show contradicts nothing either.
    """
    count = len(parcels)
    taken = (
        parcels["imagery_on"].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
        if "imagery_on" in parcels
        else no_days(count)
    )
    valid, built, vegetated, bare = (
        column(parcels, name)
        for name in ("imagery_valid_share", "built_share", "vegetated_share", "bare_share")
    )
    least = rules["imagery.min_valid_share"].number("1")
    oldest, shows = (
        int(rules[f"evidence.{name}"].number("month"))
        for name in ("imagery_age_months", "start_shows_months")
    )
    empty, overgrown = vegetated + bare, rules["evidence.imagery_overgrown_share"].number("1")
    case, says = choose(
        count,
        [
            (np.isnat(taken), without, CANNOT_SAY),
            (taken > day, "later", CANNOT_SAY),
            (taken <= months_ago(day - np.timedelta64(1, "D"), oldest), "old", CANNOT_SAY),
            (~(valid >= least), "unclear", CANNOT_SAY),
            (np.isnan(built), "no_classes", CANNOT_SAY),
            (built >= rules["evidence.imagery_built_share"].number("1"), "built", IN_USE),
            (empty >= rules["evidence.imagery_idle_share"].number("1") - _ROUNDING, "empty", IDLE),
        ],
        ("between", CANNOT_SAY),
    )
    firm, empties = np.ones(count, dtype=bool), np.flatnonzero(says == IDLE)
    too_soon = months_later(started[empties], shows) > taken[empties]
    firm[empties] = ~too_soon & (~works[empties] | (vegetated[empties] >= overgrown))
    return Line(
        "imagery", says, case, np.where(np.asarray(case == "unclear"), valid, built), "1", taken,
        firm=firm,
        numbers={"built": (100 * built, 1), "empty": (100 * empty, 1), "valid": (100 * valid, 1)},
        days={"on": taken},
        source_file=source_file,
    )  # fmt: skip
