"""What is planted: a case, and the verdicts that hold of it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Case", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What a code says about the parcel.

    Parameters
    ----------
    code
        Finding code.
    verdict
        yes, no or undetermined.
    why
        The reason in a sentence.
    more
        Further keys of the truth file: ``since`` (ISO date), ``needs`` (a figure that the office's pack must switch
        on), ``verdict_with_default``, ``missing`` (fields to ask for).
    """

    code: str
    verdict: str
    why: str
    more: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A parcel with something the matter.

    Parameters
    ----------
    key
        Name of the case; in the truth file too.
    state
        vacant, started, suspended, built, part, sparse, silent, unknown_use, conflict_built, conflict_bare.
    verdicts
        What holds of it.
    ledger
        Cells of the ledger that differ from the ordinary; ``None`` leaves a cell blank.
        ``developed_share``, ``invested_share`` (of the land, of the agreed sum), ``registered_share`` (beyond the outline)
        and ``agreed_factor`` (of what the parcel yields) are turned into figures by the ledger and the parcel table.
    figures
        What its company reports per mu, in 万元, instead of the ordinary.
    row
        Whether the ledger has a row.
    """

    key: str
    state: str
    verdicts: tuple[Verdict, ...]
    ledger: dict[str, object] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    row: bool = True
