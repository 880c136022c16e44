"""A portfolio: the projects of an office, each a brief, and the rules for placing them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, name_some
from parkgeo.planning.allocation.alternatives import Near
from parkgeo.planning.allocation.problem import Weights
from parkgeo.planning.siting.brief import Brief, read_brief
from parkgeo.planning.siting.needs import near as meant
from parkgeo.planning.siting.quantities import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.packs import RuleBook

__all__ = ["LEADING", "Portfolio", "Project", "Rules", "read_portfolio"]

LEADING = ("hard", "soft", "off")
"""How the number of leading industries is taken."""

_MOST_PROJECTS = 1000
_KEYS = ("name", "projects", "rules", "sites")
_OWN = ("output", "output_wan", "must", "hazard", "sensitive")
_FLAGS = ("must", "hazard", "sensitive")
_NUMBERS = {
    "leading_most": (0, 1000, True),
    "leading_share": (0, 1, False),
    "leading_penalty": (0, 100, False),
    "separation_m": (0, 100_000, False),
    "time_limit_s": (0.1, 86_400, False),
    "gap": (0, 1, False),
    "alternatives": (0, 100, True),
    "alternatives_within": (0, 1, False),
    "alternatives_differ": (1, _MOST_PROJECTS, True),
}
_RULES = ("leading", "separation", "weights", "undetermined", *_NUMBERS)


@dataclass(frozen=True)
class Project:
    """A project that looks for a site among others.

    Attributes
    ----------
    brief
        What it needs.
    output_wan
        Yearly output, 万元; NaN where it is not known.
    must
        It is to be placed in any case.
    hazard, sensitive
        It is a danger to others, or in danger from such: the two keep a distance.
    """

    brief: Brief
    output_wan: float = math.nan
    must: bool = False
    hazard: bool = False
    sensitive: bool = False

    @property
    def name(self) -> str:
        """As its author calls it."""
        return self.brief.name


@dataclass(frozen=True)
class Rules:
    """How projects are placed; what is None is as the packs say.

    Attributes
    ----------
    weights
        Of fit and output.
    leading
        Of `LEADING`.
    leading_most, leading_share, leading_penalty
        How many industries may lead, from what share of the land one does, and what each further one costs in points.
    separation_m
        Distance between a hazard and what is sensitive; NaN where none is kept.
    undetermined
        Also place projects on sites of which it is not known whether they fit.
    time_limit_s, gap
        When the search may stop.
    near
        Further plans.
    """

    weights: Weights = field(default_factory=Weights)
    leading: str = "hard"
    leading_most: int | None = None
    leading_share: float | None = None
    leading_penalty: float | None = None
    separation_m: float = math.nan
    undetermined: bool = False
    time_limit_s: float | None = None
    gap: float | None = None
    alternatives: int = 3
    alternatives_within: float | None = None
    alternatives_differ: int = 1

    def near(self, within: float) -> Near:
        """Which further plans are asked for."""
        told = within if self.alternatives_within is None else self.alternatives_within
        return Near(self.alternatives, told, self.alternatives_differ)


@dataclass(frozen=True)
class Portfolio:
    """Projects and rules."""

    name: str
    projects: tuple[Project, ...]
    rules: Rules


def read_portfolio(
    written: Mapping[str, Any], rules: RuleBook | None = None, *, where: str = "", default_name: str = ""
) -> Portfolio:
    """A portfolio as it stands in TOML or JSON.

    Parameters
    ----------
    written
        ``name``, ``[[projects]]`` (briefs with ``output``, ``must``, ``hazard``, ``sensitive``), ``[rules]``, and ``[sites]`` for all projects
        that have none of their own.
    rules
        The packs in force; None: those that come with parkgeo.
    where
        The file, for the message.
    default_name
        What it is called where it does not say.

    Returns
    -------
    Portfolio

    Raises
    ------
    InputError
        All that is wrong with it, told at once.

    Examples
    --------
    >>> project = {"name": "A", "industry": "34", "needs": {"area": "30 亩"}, "output": "2 亿元", "must": True}
    >>> told = read_portfolio({"projects": [project], "rules": {"weights": {"fit": 1, "output": 1}}})
    >>> told.projects[0].output_wan, told.rules.weights.shares
    (20000.0, (0.5, 0.5))
    """
    faults: list[str] = []
    if not isinstance(written, dict):
        raise InputError("a portfolio is a table", where=where, mend="write [[projects]] and [rules]")
    faults += [f"unknown key {key!r}; {meant(key, _KEYS)}" for key in written if key not in _KEYS]
    name = written.get("name", default_name or "portfolio")
    if not isinstance(name, str) or not name.strip():
        faults.append("name must be a text")
        name = default_name
    projects = _projects(written, rules, faults)
    own = written.get("rules", {})
    if not isinstance(own, dict):
        faults.append("rules must be a table: write [rules]")
        own = {}
    told = _rules(own, projects, faults)
    if faults:
        every = list(dict.fromkeys(faults))
        raise InputError(
            f"the portfolio has {len(every)} to mend" + "".join(f"\n  - {one}" for one in every), where=where
        )
    return Portfolio(str(name).strip(), tuple(projects), told)


def _projects(written: Mapping[str, Any], rules: RuleBook | None, faults: list[str]) -> list[Project]:
    rows = written.get("projects", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        faults.append("there are no projects: write [[projects]] for each")
        return []
    if len(rows) > _MOST_PROJECTS:
        faults.append(f"there are {len(rows)} projects; at most {_MOST_PROJECTS} are placed at once")
        return []
    shared = {"sites": written["sites"]} if "sites" in written else {}
    found = [_project(at, shared | row, rules, faults) for at, row in enumerate(rows, start=1)]
    names = [one.name for one in found if one is not None]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        faults.append(f"several projects have one name: {name_some(twice)}")
    return [one for one in found if one is not None]


def _project(at: int, row: Mapping[str, Any], rules: RuleBook | None, faults: list[str]) -> Project | None:
    own = {key: value for key, value in row.items() if key in _OWN}
    place = f"project {at}" + (f" ({row['name'][:80]})" if isinstance(row.get("name"), str) else "")
    told: list[str] = []
    flags = {key: own[key] for key in _FLAGS if key in own}
    told += [f"{key} must be true or false" for key, value in flags.items() if not isinstance(value, bool)]
    output = _output(own, told)
    brief = None
    try:
        rest = {key: value for key, value in row.items() if key not in _OWN}
        brief = read_brief(rest, rules, default_name=f"project {at}")
    except InputError as error:
        lines = error.what.split("\n  - ")
        told += lines[1:] or lines
    if brief is not None and not brief.needs.area_m2 > 0:
        told.append('it says no area: write needs.area, such as "30 亩"')
    faults += [f"{place}: {one}" for one in told]
    return None if brief is None or told else Project(brief, output, **flags)


def _output(own: Mapping[str, Any], faults: list[str]) -> float:
    if "output" in own and "output_wan" in own:
        faults.append("output stands twice: as output and as output_wan")
    if "output" in own:
        try:
            return quantity(own["output"], "wan")
        except ValueError as error:
            faults.append(f"output {error}")
    if "output_wan" in own:
        value = own["output_wan"]
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
            return float(value)
        faults.append(f"output_wan must be a number from 0 up, not {str(value)[:80]!r}")
    return math.nan


def _rules(own: Mapping[str, Any], projects: list[Project], faults: list[str]) -> Rules:
    faults += [f"unknown key rules.{key!r}; {meant(key, _RULES)}" for key in own if key not in _RULES]
    found: dict[str, Any] = {}
    for key, (low, high, whole) in _NUMBERS.items():
        if key in own:
            value = own[key]
            right = isinstance(value, int) if whole else isinstance(value, int | float)
            if not right or isinstance(value, bool) or not low <= value <= high:
                number = "a whole number" if whole else "a number"
                faults.append(f"rules.{key} must be {number} from {low} to {high}, not {str(value)[:80]!r}")
            else:
                found[key] = value
    if "separation" in own:
        if "separation_m" in own:
            faults.append("rules.separation stands twice: as separation and as separation_m")
        try:
            found["separation_m"] = quantity(own["separation"], "m")
        except ValueError as error:
            faults.append(f"rules.separation {error}")
    if own.get("leading", "hard") not in LEADING:
        faults.append(f"rules.leading must be one of {name_some(LEADING)}, not {str(own['leading'])[:80]!r}")
    if not isinstance(own.get("undetermined", False), bool):
        faults.append("rules.undetermined must be true or false")
    told = replace(
        Rules(**found), leading=own.get("leading", "hard"), undetermined=own.get("undetermined", False),
        weights=_weights(own.get("weights"), projects, faults),
    )  # fmt: skip
    _held_together(own, told, projects, faults)
    return told


def _weights(own: object, projects: list[Project], faults: list[str]) -> Weights:
    known = [not math.isnan(one.output_wan) for one in projects]
    if own is None:
        # Output counts as much as fit where it is known of all, and cannot where it is known of none.
        return Weights(1.0, 1.0 if projects and all(known) else 0.0)
    right = isinstance(own, dict) and set(own) <= {"fit", "output"}
    numbers = list(own.values()) if isinstance(own, dict) else []
    if not right or not all(
        isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < math.inf for one in numbers
    ):
        faults.append("rules.weights must be numbers from 0 up, such as { fit = 0.6, output = 0.4 }")
        return Weights()
    told = {"fit": 0.0, "output": 0.0} | (own if isinstance(own, dict) else {})
    if not any(told.values()):
        faults.append("rules.weights are all 0: nothing says which plan is better")
        return Weights()
    return Weights(float(told["fit"]), float(told["output"]))


def _held_together(own: Mapping[str, Any], rules: Rules, projects: list[Project], faults: list[str]) -> None:
    """What does not go together."""
    without = [one.name for one in projects if math.isnan(one.output_wan)]
    some = len(without) < len(projects)
    if without and (rules.weights.output > 0 or (some and "weights" not in own)):
        faults.append(
            f"output is not given of {name_some(without)}: write it, or rules.weights = {{ fit = 1, output = 0 }}"
        )
    hazards, others = ([one for one in projects if getattr(one, kind)] for kind in ("hazard", "sensitive"))
    if hazards and others and math.isnan(rules.separation_m):
        faults.append('a hazard and a sensitive project are asked for, but not how far apart: write rules.separation, such as "300 m"')  # fmt: skip
    kept = "separation" in own or "separation_m" in own
    if kept and projects and not (hazards and others):
        faults.append("rules.separation is given, but no project is a hazard and another sensitive: mark them, or leave it out")  # fmt: skip
    needless = [
        key
        for key in ("leading_most", "leading_share", "leading_penalty")
        if key in own and rules.leading == "off"
    ]
    if "leading_penalty" in own and rules.leading == "hard":
        needless.append("leading_penalty")
    if needless:
        faults.append(f"rules.{needless[0]} is given, but rules.leading is {rules.leading!r}")
