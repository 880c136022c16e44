"""What CQL2 means here, whichever of its two languages it is written in: its words, its bounds, its relations.

Both readers (`parkgeo.store.cql2_text`, `parkgeo.store.cql2_json`) and whatever works out their trees (columns in memory,
a database) take it from here, so that a word means the same everywhere.
"""

from __future__ import annotations

from parkgeo.errors import FilterError

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "CONFORMANCE",
    "EXAMPLE",
    "FARTHEST_M",
    "FUNCTIONS",
    "MAX_BYTES",
    "MAX_DEPTH",
    "OPS",
    "SPATIAL",
    "TEMPORAL",
    "bounded",
    "too_deep",
    "wrong_distance",
]

MAX_BYTES = 2048
"""Longest expression that is read, in bytes of UTF-8."""

MAX_DEPTH = 32
"""Deepest nesting of brackets, of ``not`` and of signs, and most terms in one sum or product."""

FARTHEST_M = 1_000_000.0
"""Longest distance that ``s_dwithin`` takes, in metres: beyond it a plane is no picture of the globe."""

EXAMPLE = "for example: idle = 'yes' AND site_area_m2 > 10000"

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/")

SPATIAL = {
    "s_intersects": "s_intersects",
    "s_disjoint": "s_disjoint",
    "s_equals": "s_equals",
    "s_touches": "s_touches",
    "s_crosses": "s_crosses",
    "s_overlaps": "s_overlaps",
    "s_within": "s_contains",
    "s_contains": "s_within",
    "s_dwithin": "s_dwithin",
}
"""Relation of two geometries → the one that holds when they change places. ``s_dwithin`` (a third argument: metres) is
an addition of ours to CQL2; the others are the standard's."""

TEMPORAL: dict[str, tuple[tuple[str, str, str], ...]] = {
    "t_after": (("begin", ">", "end"),),
    "t_before": (("end", "<", "begin"),),
    "t_contains": (("begin", "<", "begin"), ("end", ">", "end")),
    "t_during": (("begin", ">", "begin"), ("end", "<", "end")),
    "t_equals": (("begin", "=", "begin"), ("end", "=", "end")),
    "t_finishedBy": (("begin", "<", "begin"), ("end", "=", "end")),
    "t_finishes": (("begin", ">", "begin"), ("end", "=", "end")),
    "t_intersects": (("begin", "<=", "end"), ("end", ">=", "begin")),
    "t_meets": (("end", "=", "begin"),),
    "t_metBy": (("begin", "=", "end"),),
    "t_overlappedBy": (("begin", ">", "begin"), ("begin", "<", "end"), ("end", ">", "end")),
    "t_overlaps": (("begin", "<", "begin"), ("end", ">", "begin"), ("end", "<", "end")),
    "t_startedBy": (("begin", "=", "begin"), ("end", ">", "end")),
    "t_starts": (("begin", "=", "begin"), ("end", "<", "end")),
    "t_disjoint": (),
}
"""Relation of two times → what must hold of an end of the first and an end of the second, all of it. ``t_disjoint`` is
the contrary of ``t_intersects``. Both ends belong to an interval; a point in time is an interval whose ends are one.
(The standard's tables, after the Time Ontology of W3C and OGC; it gives the relations but after, before, disjoint,
equals and intersects to intervals only, and we to points in time too, because our tables hold hardly anything else.)"""

FUNCTIONS = {"casei": 1, **dict.fromkeys(SPATIAL, 2), "s_dwithin": 3, **dict.fromkeys(TEMPORAL, 2)}
"""Function → how many arguments it takes. Their letter case does not matter when they are read."""

OPS = {
    name.casefold(): name
    for name in ("and", "or", "not", "like", "between", "in", "isNull", *COMPARISONS, *ARITHMETIC, *FUNCTIONS)
}
"""Every ``op`` of a tree, by its name in small letters."""

CONFORMANCE = (
    "cql2-text",
    "cql2-json",
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "temporal-functions",
    "property-property",
)
"""Requirement classes of CQL2 1.0 (OGC 21-065) that hold; each is the end of
``http://www.opengis.net/spec/cql2/1.0/conf/…``. Not arithmetic (``%``, ``div``, ``^`` are not read), accents, arrays, or
functions of one's own."""


def bounded(expression: str) -> str:
    """An expression as it is, if it is short enough and text that every store can hold.

    Raises
    ------
    FilterError
        It is longer than `MAX_BYTES`, or holds what is no character.
    """
    if len(expression) > MAX_BYTES or len(expression.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise FilterError("the filter is too long", mend=f"at most {MAX_BYTES} bytes")
    for place, character in enumerate(expression, start=1):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise FilterError(
                "the filter holds what is no character", where=f"character {place}", mend="leave it out"
            )
    return expression


def too_deep() -> FilterError:
    """What is said of an expression that is nested deeper than `MAX_DEPTH`."""
    return FilterError("the filter is nested too deep", mend=f"at most {MAX_DEPTH} levels")


def wrong_distance() -> FilterError:
    """What is said of an ``s_dwithin`` whose distance is none, or has a unit."""
    return FilterError(
        "S_DWITHIN takes 3 arguments, the last its distance in metres",
        mend=f"a plain number from 0 to {FARTHEST_M:.0f}, without a unit: S_DWITHIN(geometry, POINT(121.5 29.8), 500)",
    )
