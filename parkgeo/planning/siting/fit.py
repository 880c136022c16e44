"""Sites × needs: who fits where, how well, and by how much not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.planning.siting.codes import NOT_PLANNED, class_of
from parkgeo.planning.siting.gates import (
    Demand,
    Gate,
    Offer,
    asked,
    bounds,
    drawn_answers,
    gates_of,
    judge,
    margins,
)
from parkgeo.planning.siting.score import scored
from parkgeo.planning.siting.terms import Terms, shipped_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.planning.siting.needs import Needs
    from parkgeo.planning.siting.offer import Drawn

__all__ = ["GRADES", "Fit", "Limit", "fit", "grade_of", "judged_limits"]

GRADES = {3: "high", 2: "medium", 1: "low", 0: "no", -1: "undetermined"}
"""Grades as they are called."""

_CELLS = 400_000
"""Cells of the matrix that are worked on at once, so that they stay in the processor's memory."""


@dataclass(frozen=True)
class Limit:
    """What one gate says of one site and one need.

    Attributes
    ----------
    gate
        Its name.
    needed, has
        Amounts, sides of a rectangle, or codes; ``has`` is None where it is not known, and infinite where nothing limits it.
    margin
        What there is beyond what is needed, in the unit: positive is room, negative is lack; NaN where it is not known or no amount.
    unit
        Of the amounts; empty where they have none.
    verdict
        1 passes, 0 does not, -1 undetermined.
    drawn
        Whether the verdict rests on a drawing of the rectangle.
    basis
        Of gates that go by the land's use: ``plan``, ``register`` where no plan covers the site, or ``partly``.
    registered
        Code of the register, where it is not the plan's.
    """

    gate: str
    needed: Any
    has: Any
    margin: float
    unit: str
    verdict: int
    drawn: bool = False
    basis: str = ""
    registered: str = ""


@dataclass(frozen=True)
class Fit:
    """The matrix.

    Attributes
    ----------
    sites, needs
        Rows and columns.
    verdict
        int8: 1 fits, 0 does not, -1 undetermined.
    score
        float32, 0–100; NaN where no criterion is known.
    known
        float32: share of the weights whose criteria are known.
    grade
        int8, of `GRADES`.
    demand
        The needs as arrays.
    drawn
        Rectangles that were drawn, see `parkgeo.planning.siting.gates.Offer`.
    """

    sites: pd.DataFrame
    needs: tuple[Needs, ...]
    verdict: NDArray[np.int8]
    score: NDArray[np.float32]
    known: NDArray[np.float32]
    grade: NDArray[np.int8]
    demand: Demand
    drawn: Drawn = field(default_factory=dict)

    def offer(self, rows: Any = slice(None)) -> Offer:
        """Some of the sites as arrays, with what was drawn on them."""
        return Offer.of(
            self.sites.iloc[rows], {sides: answers[rows] for sides, answers in self.drawn.items()}
        )

    def limits(self, site: int, need: int) -> list[Limit]:
        """What each gate that the need asks for says of a site."""
        one = replace(self.demand, needs=self.needs[need : need + 1], numbers={
            name: values[need : need + 1] for name, values in self.demand.numbers.items()
        })  # fmt: skip
        return judged_limits(self.offer(slice(site, site + 1)), one)[0]

    def failed(self, site: int, need: int) -> list[Limit]:
        """The gates that a site does not pass, or of which that is not known."""
        return [limit for limit in self.limits(site, need) if limit.verdict != 1]


def fit(
    sites: pd.DataFrame,
    needs: Sequence[Needs],
    *,
    terms: Terms | None = None,
    holders_most: float = math.nan,
    drawn: Drawn | None = None,
) -> Fit:
    """Judge and score all sites for all needs.

    Parameters
    ----------
    sites
        As `parkgeo.planning.siting.table.site_table` gives it.
    needs
        Of industries or projects.
    terms
        Settings of the packs in force; None: those that come with parkgeo.
    holders_most
        Most holders of a site; NaN: any number.
    drawn
        Rectangles that were drawn on the sites; None: none was.

    Returns
    -------
    Fit
        A site fits where it passes all gates; it does not where it fails one; else it is undetermined. Its grade is by the score; it is
        undetermined where too few of the criteria are known.

    Examples
    --------
    >>> import pandas as pd
    >>> from parkgeo.planning.siting.needs import Needs
    >>> from parkgeo.planning.siting.table import site_table
    >>> sites = site_table(pd.DataFrame({"parcel_id": ["A", "B", "C"], "net_area_m2": [900.0, 2000.0, None]}))
    >>> found = fit(sites, [Needs("mill", area_m2=1000.0)])
    >>> found.verdict[:, 0].tolist(), found.failed(0, 0)[0].margin
    ([0, 1, -1], -100.0)
    """
    settings = shipped_terms() if terms is None else terms
    demand, offer = Demand.of(needs, settings, holders_most=holders_most), Offer.of(sites, drawn)
    shape = (len(sites), len(needs))
    verdict, grade = np.empty(shape, dtype=np.int8), np.empty(shape, dtype=np.int8)
    score, known = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32)
    gates, step = gates_of(demand), max(_CELLS // max(len(needs), 1), 1)
    for start in range(0, len(sites), step):
        rows = slice(start, start + step)
        part = offer.rows(rows)
        no, unsure = (
            np.zeros((part.count, len(needs)), dtype=bool),
            np.zeros((part.count, len(needs)), dtype=bool),
        )
        for gate in gates:
            told = judge(gate, part, demand)
            no |= told.no
            unsure |= told.open
        verdict[rows] = np.where(no, 0, np.where(unsure, -1, 1))
        score[rows], known[rows] = scored(part, demand)
        grade[rows] = grade_of(verdict[rows], score[rows], known[rows], settings)
    return Fit(sites, tuple(needs), verdict, score, known, grade, demand, drawn or {})


def grade_of(
    verdict: NDArray[Any], score: NDArray[Any], known: NDArray[Any], terms: Terms
) -> NDArray[np.int8]:
    """Grades, of `GRADES`, from verdicts, scores and the share of the weights that is known."""
    by_score = np.where(score >= terms.high_min, 3, np.where(score >= terms.medium_min, 2, 1))
    enough = (known >= np.float32(terms.known_weight_min)) & ~np.isnan(score)
    found: NDArray[np.int8] = np.where(
        verdict == 1, np.where(enough, by_score, -1), np.where(verdict == 0, 0, -1)
    ).astype(np.int8)
    return found


def judged_limits(offer: Offer, demand: Demand) -> list[list[Limit]]:
    """What each gate says of each of a few sites for the one need.

    Parameters
    ----------
    offer
        The sites.
    demand
        Of one need.
    """
    found: list[list[Limit]] = [[] for _ in range(offer.count)]
    by_use = [
        (basis, "" if planned is None or not registered or registered == planned else registered)
        for basis, planned, registered in zip(offer.bases(), _planned(offer), _registered(offer), strict=True)
    ]
    for gate in gates_of(demand):
        if not asked(gate, demand)[0]:
            continue
        told, room = judge(gate, offer, demand), margins(gate, offer, demand)
        drawn = drawn_answers(offer, demand)[:, 0] if gate.kind == "rectangle" else None
        for site, (needed, has) in enumerate(_values(gate, offer, demand)):
            verdict = 0 if told.no[site, 0] else -1 if told.open[site, 0] else 1
            rests = drawn is not None and drawn[site] >= 0 and verdict != 0
            basis, registered = by_use[site] if gate.kind in ("use", "hazard") else ("", "")
            found[site].append(
                Limit(
                    gate.name, needed, has, float(room[site, 0]), gate.unit, verdict, rests, basis, registered
                )
            )
    return found


def _registered(offer: Offer) -> list[str | None]:
    return [offer.use.known[at] if at >= 0 else None for at in offer.use.places]


def _planned(offer: Offer) -> list[str | None]:
    """Codes of the plan, joined by ``;``; None where it covers nothing of a site."""
    known = [
        ";".join(code for code in each.split(";") if code != NOT_PLANNED) for each in offer.planned.known
    ]
    return [(known[at] or None) if at >= 0 else None for at in offer.planned.places]


def _values(gate: Gate, offer: Offer, demand: Demand) -> list[tuple[Any, Any]]:
    """What is needed and what is there, as it is shown."""
    one = demand.needs[0]
    if gate.kind == "rectangle":
        sides = zip(offer.number("rectangle_long_m"), offer.number("rectangle_short_m"), strict=True)
        return [
            (one.rectangle_m, None if math.isnan(long + short) else (long, short)) for long, short in sides
        ]
    codes = [
        registered if planned is None else planned
        for planned, registered in zip(_planned(offer), _registered(offer), strict=True)
    ]
    if gate.kind == "use":
        return [(one.uses, code) for code in codes]
    if gate.kind == "hazard":
        levels = [math.nan if code is None else class_of(code, demand.terms) for code in codes]
        return [(one.hazard_class, None if math.isnan(level) else int(level)) for level in levels]
    if gate.kind == "restricted":
        return [(one.industry, offer.park.known[at] if at >= 0 else None) for at in offer.park.places]
    least, most = (offer.number(gate.has),) * 2 if gate.kind == "most" else bounds(gate, offer)
    shown = np.where(np.isnan(least), np.where(np.isinf(most), np.nan, most), least)
    needed = float(demand.numbers[gate.name][0])
    return [(needed, None if math.isnan(value) else float(value)) for value in shown]
