"""Colours and patterns of charts, maps and tables; a pattern goes with the colour wherever a verdict hangs on it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "DIFFERENCE",
    "EVIDENCE",
    "GRADES",
    "INK",
    "LEDGER",
    "NO_DATA",
    "QUANTITY",
    "STATES",
    "TINTS",
    "VERDICTS",
    "Fill",
]


class Fill(NamedTuple):
    """How an area is drawn: colour, opacity, hatch in matplotlib's signs, colour of outline and hatch."""

    colour: str
    opacity: float = 1.0
    hatch: str = ""
    edge: str = "#4A4A4A"


INK = {
    "text": "#1F2A33",
    "quiet": "#5A6670",
    "rule": "#C4CCD2",
    "accent": "#1B5E8C",
    "benchmark": "#B2182B",
    "soft": "#EEF2F5",
}

VERDICTS: dict[str, Fill] = {
    "yes": Fill("#D55E00", 1.0, "////", "#5A2700"),
    "undetermined": Fill("#F0E442", 1.0, "..", "#6B6400"),
    "no": Fill("#009E73", 0.35, "", "#00553E"),
    "": Fill("#FFFFFF", 1.0, "", "#767676"),
}
"""Verdict → fill; the empty one is "not judged"."""

GRADES: dict[str, Fill] = {
    "A": Fill("#2C7BB6", edge="#16435F"),
    "B": Fill("#ABD9E9", edge="#4B7C8C"),
    "C": Fill("#FDAE61", edge="#8F5413"),
    "D": Fill("#D7191C", 1.0, "////", "#6E0A0C"),
    "": Fill("#DDDDDD", 1.0, "", "#767676"),
}
"""Grade → fill; the empty one is "not rated"."""

STATES: dict[str, Fill] = {
    "not_built_on": Fill("#B7D9A8"),
    "reserve": Fill("#FFFFFF", edge="#767676"),
    "approved_not_supplied": Fill("#CC79A7", 1.0, "\\\\\\\\", "#6B2A4E"),
    "recovered": Fill("#E8D5E0"),
    "supplied_not_started": Fill("#D55E00", 1.0, "////", "#5A2700"),
    "under_construction": Fill("#56B4E9"),
    "suspended": Fill("#B2452C", 1.0, "xx", "#4F1A0E"),
    "used_in_part": Fill("#E69F00", 1.0, "..", "#6B4A00"),
    "built_not_producing": Fill("#8C6BB1", 1.0, "--", "#3E2A57"),
    "below_contract": Fill("#C9A66B"),
    "in_use": Fill("#009E73", 0.45, "", "#00553E"),
    "too_small": Fill("#CFCFCF"),
    "undetermined": Fill("#F0E442", 1.0, "..", "#6B6400"),
}
"""State of the land → fill."""

EVIDENCE: dict[str, Fill] = {
    "idle": VERDICTS["yes"],
    "in_use": VERDICTS["no"],
    "cannot_say": Fill("#DDDDDD"),
    "conflict": Fill("#F0E442"),
}
"""What a line of evidence says → fill."""

LEDGER: dict[str, Fill] = {
    "A": Fill("#1B5E8C"), "A1": Fill("#5B9BC4"), "A2": Fill("#A9C8DE"), "B": Fill("#A98A3A"), "B21": Fill("#D9C27A"),
    "C": Fill("#8A8A8A"), "D": Fill("#6B8E5A"), "E": Fill("#A9C79B"), "F": Fill("#C4C4C4"), "G": VERDICTS["yes"],
}  # fmt: skip
"""Bars of the land ledger by item; idle land as on every map."""

QUANTITY = ("#440154", "#3B528B", "#21918C", "#5EC962", "#FDE725")
"""Five classes of a quantity, low to high (viridis; Smith and van der Walt 2015)."""

DIFFERENCE = ("#D6604D", "#4393C3")
"""Below and above the benchmark (of RdBu; Harrower and Brewer 2003)."""

NO_DATA = Fill("#DDDDDD", 1.0, "\\\\", "#999999")

TINTS = {
    "yes": "#FBE0CF", "idle": "#FBE0CF", "undetermined": "#FCF7C5", "conflict": "#FCF7C5", "no": "#DDF1EA", "in_use": "#DDF1EA",
    "cannot_say": "#EEEEEE", "A": "#CFE3F1", "B": "#E4F2F7", "C": "#FEEBD3", "D": "#F8D3D3",
}  # fmt: skip
"""Mark of a cell → its ground."""
