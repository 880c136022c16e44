"""Colours and patterns: what is drawn and how, and nothing about where or what it is called.

A verdict hangs on colour and pattern together, so that it reads in print and by the colour-blind. "Undetermined" and "not judged" have
signs of their own and never take a colour of "yes" or "no". The utilities wear the colours of pipe surveys (CJJ 61), land uses those
that planning offices know.
"""

from __future__ import annotations

from typing import TypedDict

__all__ = [
    "BLOCKS",
    "CANDIDATES",
    "CLUSTERS",
    "CONFLICTS",
    "EVIDENCE",
    "FAVOURABLE",
    "FINDING_COLOURS",
    "GRADES",
    "LAND_USES",
    "LAND_USE_FILLS",
    "LINKS",
    "NETWORK_PARTS",
    "NOT_JUDGED",
    "NO_VALUE",
    "ROADS",
    "STATES",
    "UTILITIES",
    "VERDICTS",
    "Style",
    "band_styles",
    "finding_style",
    "gate_style",
    "land_use_class",
    "layer_style",
    "reach_style",
    "report_style",
]


class Style(TypedDict, total=False):
    """How a shape is drawn; lengths in screen pixels.

    ``pattern`` is ``hatch`` or ``dots``, drawn in ``ink`` over the fill.
    """

    stroke: str
    weight: float
    dash: str
    fill: str
    fill_opacity: float
    pattern: str
    ink: str
    radius: float


NOT_JUDGED = "not_judged"
"""The class of parcels that have no verdict: the rule was not applied to them."""

VERDICTS: dict[str, Style] = {
    "yes": {
        "fill": "#D55E00", "fill_opacity": 1.0, "pattern": "hatch", "ink": "#6E2F00", "stroke": "#5A2700", "weight": 0.6,
    },
    "undetermined": {
        "fill": "#F0E442", "fill_opacity": 1.0, "pattern": "dots", "ink": "#6B6400", "stroke": "#6B6400", "weight": 0.6,
    },
    "no": {"fill": "#009E73", "fill_opacity": 0.35, "stroke": "#00553E", "weight": 0.6},
    NOT_JUDGED: {"fill": "#FFFFFF", "fill_opacity": 1.0, "stroke": "#767676", "weight": 0.6},
}  # fmt: skip
"""The four classes of a verdict, in the order of the legend."""

NO_VALUE: Style = {
    "fill": "#DDDDDD", "fill_opacity": 1.0, "pattern": "hatch", "ink": "#9A9A9A", "stroke": "#767676", "weight": 0.6,
}  # fmt: skip
"""Parcels without a value of the quantity that the map shows."""

_UNDETERMINED = VERDICTS["undetermined"]


def _flat(fill: str, stroke: str) -> Style:
    return {"fill": fill, "fill_opacity": 1.0, "stroke": stroke, "weight": 0.6}


def _marked(fill: str, ink: str, pattern: str) -> Style:
    return {"fill": fill, "fill_opacity": 1.0, "pattern": pattern, "ink": ink, "stroke": ink, "weight": 0.6}


FAVOURABLE: dict[str, Style] = {
    "yes": _flat("#0072B2", "#FFFFFF"),
    "undetermined": _UNDETERMINED,
    "no": _flat("#EADFC8", "#6B5F45"),
}
"""Verdicts whose yes is good news, so that it does not look like a finding."""

GRADES: dict[str, Style] = {
    "A": _flat("#2C7BB6", "#06182A"),
    "B": _flat("#ABD9E9", "#2C5563"),
    "C": _flat("#FDAE61", "#6B3D0A"),
    "D": _marked("#D7191C", "#2E0203", "hatch"),
}
"""Grades of the evaluation; land that is not rated looks like land without a value."""

STATES: dict[str, Style] = {
    "approved_not_supplied": _marked("#CC79A7", "#4A1433", "dots"),
    "supplied_not_started": VERDICTS["yes"],
    "under_construction": _flat("#56B4E9", "#123B52"),
    "suspended": _marked("#B2452C", "#2B0A03", "dots"),
    "used_in_part": _marked("#E69F00", "#5C3D00", "hatch"),
    "built_not_producing": _marked("#6F4FA0", "#FFFFFF", "hatch"),
    "below_contract": _marked("#D9C08A", "#5E4A1C", "dots"),
    "in_use": VERDICTS["no"],
    "reserve": _flat("#FFFFFF", "#767676"),
    "recovered": _flat("#D9BFCD", "#5E3A4C"),
    "not_built_on": _flat("#B7D9A8", "#3C5E2C"),
    "too_small": _flat("#A9A9A9", "#3A3A3A"),
    "undetermined": _UNDETERMINED,
}
"""State of the land, in the order of its life and then what is not judged; the same colours as in the reports."""

EVIDENCE: dict[str, Style] = {
    "idle": VERDICTS["yes"],
    "conflict": _marked("#6F4FA0", "#FFFFFF", "hatch"),
    "cannot_say": _UNDETERMINED,
    "in_use": VERDICTS["no"],
}
"""What the evidence says; where it contradicts itself that is seen at once, and is neither idle nor undetermined."""

CANDIDATES: dict[str, Style] = {
    "idle": VERDICTS["yes"],
    "vacant": _marked("#CC79A7", "#4A1433", "dots"),
    "reserve": _flat("#56B4E9", "#123B52"),
    "low_efficiency": _marked("#6F4FA0", "#FFFFFF", "hatch"),
    "used_in_part": _marked("#E69F00", "#5C3D00", "hatch"),
    "none": _flat("#EDEFF0", "#767676"),
}
"""What could come free, and on what ground; the rest of the land keeps still."""

CLUSTERS: dict[str, Style] = {
    "high_high": _flat("#B2182B", "#FFFFFF"),
    "high_low": _marked("#F4A582", "#7A2B10", "hatch"),
    "low_high": _marked("#92C5DE", "#173F57", "hatch"),
    "low_low": _flat("#2166AC", "#FFFFFF"),
    "not_significant": _flat("#EDEFF0", "#767676"),
}
"""Local clusters: what is alike in one colour, what stands out against its neighbours hatched."""

BLOCKS: dict[str, Style] = {
    "oversized": {"stroke": "#8A3B00", "weight": 3.0, "dash": "10 3", "pattern": "hatch", "ink": "#8A3B0055"},
    "plain": {"stroke": "#3A3A3A", "weight": 1.4, "dash": "10 3"},
}
"""Blocks between roads, those that are too large apart."""

CONFLICTS: Style = {"stroke": "#B3001B", "weight": 4.0}
"""Lines between neighbours that do not go together."""

# Bands of isochrones, the nearest first; a hue of their own, for they lie beside parcels in the colours above.
_BANDS = ("#08519C", "#3F8FC5", "#7DB8DA", "#B5D4E9", "#D9E8F5")

ROADS: dict[str, Style] = {
    "motorway": {"stroke": "#4D4D4D", "weight": 4.0},
    "expressway": {"stroke": "#595959", "weight": 3.4},
    "arterial": {"stroke": "#707070", "weight": 2.8},
    "secondary": {"stroke": "#858585", "weight": 2.0},
    "local": {"stroke": "#8F8F8F", "weight": 1.4},
    "internal": {"stroke": "#949494", "weight": 0.9},
    "other": {"stroke": "#949494", "weight": 0.9, "dash": "3 3"},
}

UTILITIES: dict[str, Style] = {
    "water": {"stroke": "#0095D9", "weight": 1.8},
    "drainage": {"stroke": "#7B4A1E", "weight": 1.8},
    "gas": {"stroke": "#E0509A", "weight": 1.8},
    "heat": {"stroke": "#E67300", "weight": 1.8},
    "power": {"stroke": "#D7000F", "weight": 1.8},
    "telecom": {"stroke": "#00913A", "weight": 1.8},
    "other": {"stroke": "#555555", "weight": 1.8, "dash": "4 3"},
}

NETWORK_PARTS: dict[str, Style] = {
    "main": {"stroke": "#1B5FBF", "weight": 1.8},
    "island": {"stroke": "#C2185B", "weight": 3.4},
    "trap": {"stroke": "#C2185B", "weight": 3.4, "dash": "2 4"},
    "closed": {"stroke": "#5F5F5F", "weight": 3.4, "dash": "2 4"},
}
"""Roads that hang together in both directions, those cut off from them, and those that one gets into or out of only."""

LINKS: Style = {"stroke": "#B3001B", "weight": 5.0}

# Land-use code prefixes of the 2020/2023 classification → class and its office colour.
_LAND_USE_PREFIXES = (
    ("07", "residential"), ("08", "public"), ("09", "commercial"), ("10", "industry"), ("11", "storage"),
    ("12", "transport"), ("13", "utility"), ("14", "green"), ("16", "reserve"),
)  # fmt: skip

# Outlines over the verdict's fill: reserve, which offices draw white, is grey here to be seen.
LAND_USES: dict[str, str] = {
    "residential": "#FFFF2D", "public": "#FF00FF", "commercial": "#FF0000", "industry": "#BB9674", "storage": "#8761D3",
    "transport": "#B7B7B7", "utility": "#006380", "green": "#00FF00", "reserve": "#6F6F6F", "other": "#DDDDDD",
}  # fmt: skip

# Fills of land: reserve is white as offices draw it, and what has no class of its own keeps off the grey of "no value".
LAND_USE_FILLS: dict[str, Style] = {
    "residential": _flat("#FFFF2D", "#5E5E00"), "public": _flat("#FF00FF", "#3D003D"), "commercial": _flat("#FF0000", "#330000"),
    "industry": _flat("#BB9674", "#402A18"), "storage": _flat("#8761D3", "#FFFFFF"), "transport": _flat("#B7B7B7", "#444444"),
    "utility": _flat("#006380", "#FFFFFF"), "green": _flat("#00FF00", "#006300"), "reserve": _flat("#FFFFFF", "#767676"),
    "other": _marked("#F3E3D3", "#7A5C40", "dots"),
}  # fmt: skip
"""Land use of parcels, in the colours that offices know (用地用海 classes)."""

FINDING_COLOURS = ("#5B2A86", "#0B3C8C", "#9A1750", "#1B6B72", "#5F4B00", "#3A3A3A")
"""Dark outlines for findings other than idle land; they lie over the verdict's fill, so they bring none of their own."""

_LAYERS: dict[str, Style] = {
    "parks": {"stroke": "#1F1F1F", "weight": 2.2, "dash": "10 5"},
    "buildings": {"stroke": "#555555", "weight": 0.4, "fill": "#4A4A4A", "fill_opacity": 0.12},
    "facilities": {"stroke": "#FFFFFF", "weight": 1.5, "fill": "#1B3A6B", "fill_opacity": 1.0, "radius": 6.0},
    "net_land": {"stroke": "#00553E", "weight": 1.4, "pattern": "dots", "ink": "#00553EAA"},
    "sites": {"stroke": "#5B2A86", "weight": 3.4},
    "constraints": {
        "stroke": "#8C1D40",
        "weight": 1.6,
        "dash": "2 4",
        "pattern": "hatch",
        "ink": "#8C1D4066",
    },
}


def layer_style(layer: str) -> Style:
    """How a layer without classes is drawn.

    Examples
    --------
    >>> layer_style("parks")["weight"]
    2.2
    """
    return _LAYERS[layer]


def finding_style(number: int) -> Style:
    """Outline of the n-th kind of finding; colours repeat with another dash.

    Examples
    --------
    >>> finding_style(0)["stroke"]
    '#5B2A86'
    """
    turn, colour = divmod(number, len(FINDING_COLOURS))
    return {"stroke": FINDING_COLOURS[colour], "weight": 2.4, "dash": "7 3" if turn % 2 == 0 else "2 3"}


def land_use_class(code: str | None) -> str:
    """Class of a planned use by its code.

    Parameters
    ----------
    code
        Land-use code of the 2020/2023 classification; None and unknown codes are ``other``.

    Examples
    --------
    >>> land_use_class("100101")
    'industry'
    >>> land_use_class(None)
    'other'
    """
    for prefix, name in _LAND_USE_PREFIXES:
        if code is not None and code.startswith(prefix):
            return name
    return "other"


def band_styles(count: int) -> list[Style]:
    """Fills of the bands of an isochrone, the nearest first; those beyond the fifth look like the fifth.

    Examples
    --------
    >>> [style["fill"] for style in band_styles(2)]
    ['#08519C', '#3F8FC5']
    """
    return [
        {
            "fill": _BANDS[min(number, len(_BANDS) - 1)],
            "fill_opacity": 1.0,
            "stroke": "#084A8C",
            "weight": 0.8,
        }
        for number in range(count)
    ]


def reach_style(kind: str) -> Style:
    """The ground that mains of a kind reach, in the colour of the kind.

    Examples
    --------
    >>> reach_style("gas")["stroke"]
    '#E0509A'
    """
    colour = UTILITIES.get(kind, UTILITIES["other"])["stroke"]
    return {"stroke": colour, "weight": 1.4, "dash": "5 3", "fill": colour, "fill_opacity": 0.14}


def gate_style(*, given: bool) -> Style:
    """Gates that the office gave are filled, assumed ones hollow."""
    fill = "#111111" if given else "#FFFFFF"
    return {"stroke": "#111111", "weight": 1.2, "fill": fill, "fill_opacity": 1.0, "radius": 3.4}


def report_style(number: int) -> Style:
    """Sign of the n-th kind of remark on the road network; colours repeat with another size.

    Examples
    --------
    >>> report_style(0)["fill"]
    '#5B2A86'
    """
    turn, colour = divmod(number, len(FINDING_COLOURS))
    ink = FINDING_COLOURS[colour]
    return {"stroke": ink, "weight": 3.0, "fill": ink, "fill_opacity": 1.0, "radius": 5.5 + 2.0 * turn}
