"""What the packs say of judging and scoring sites."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from parkgeo.errors import PackError, name_some
from parkgeo.planning.siting.needs import CRITERIA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.packs import RuleBook

__all__ = ["Terms", "shipped_terms"]


@dataclass(frozen=True)
class Terms:
    """Settings of fit and search, as the packs in force have them.

    Attributes
    ----------
    weights
        Criterion → weight, where neither industry nor brief has its own.
    high_min, medium_min
        Least score of high and of medium fit.
    known_weight_min
        Least share of the weights whose criteria are known, for a grade.
    rectangle_full_ratio
        How many times the area of the rectangle that is needed gives full points.
    cost_none_wan_per_mu
        At which cost scores nothing; NaN: cost is not scored.
    hazard_classes
        Prefix of a land-use code → class of industrial land.
    restricted
        Park id, or ``all``, → prefixes of industries that are not let in.
    register_suffices
        Where no plan covers a site, its use goes by the register; else it is undetermined.
    draws, spread, seed
        Of rank stability.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(CRITERIA[:-1], 1.0))
    high_min: float = 70.0
    medium_min: float = 50.0
    known_weight_min: float = 0.6
    rectangle_full_ratio: float = 2.0
    cost_none_wan_per_mu: float = math.nan
    hazard_classes: Mapping[str, int] = field(default_factory=dict)
    restricted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    register_suffices: bool = True
    draws: int = 1000
    spread: float = 0.2
    seed: int = 0

    @classmethod
    def of(cls, rules: RuleBook) -> Terms:
        """The settings in force.

        Raises
        ------
        PackError
            The weights name a criterion that there is not.
        """
        weights = rules["siting.weights"].table()
        strange = [name for name in weights if name not in CRITERIA]
        if strange:
            raise PackError(
                f"siting.weights names {name_some(strange)}, which is no criterion", where=rules["siting.weights"].pack,
                mend=f"criteria are {', '.join(CRITERIA)}",
            )  # fmt: skip
        cost, restricted = rules.get("siting.cost_none_wan_per_mu"), rules.get("siting.restricted_industries")
        classes = rules.get("siting.hazard_classes")
        return cls(
            weights=weights,
            high_min=rules["siting.high_min"].number(),
            medium_min=rules["siting.medium_min"].number(),
            known_weight_min=rules["siting.known_weight_min"].number("1"),
            rectangle_full_ratio=rules["siting.rectangle_full_ratio"].number("1"),
            cost_none_wan_per_mu=cost.number("wan/mu") if cost else math.nan,
            hazard_classes={
                prefix: int(level) for level, prefixes in (classes.lists() if classes else {}).items() for prefix in prefixes
            },
            restricted=restricted.lists() if restricted else {},
            register_suffices=_register_suffices(rules),
            draws=int(rules["siting.draws"].number()),
            spread=rules["siting.weight_spread"].number("1"),
            seed=int(rules["siting.seed"].number()),
        )  # fmt: skip


def _register_suffices(rules: RuleBook) -> bool:
    figure = rules["siting.use_without_plan"]
    if figure.text() not in ("registered", "undetermined"):
        raise PackError(
            f"{figure.key} is {figure.text()[:80]!r}",
            where=figure.pack,
            mend="write registered or undetermined",
        )
    return figure.text() == "registered"


@cache
def shipped_terms() -> Terms:
    """The settings that come with parkgeo."""
    from parkgeo.packs import RuleBook, shipped_packs

    common = shipped_packs()[0]
    return Terms.of(RuleBook((common,), dict(common.figures)))
