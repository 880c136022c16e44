"""DXF drawings written pair by pair, as small as a test needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Point = tuple[float, float]


def pairs(*held: tuple[int, object]) -> str:
    """Group codes and values, a line each."""
    return "".join(f"{code}\n{value}\n" for code, value in held)


def entity(kind: str, layer: str, *held: tuple[int, object], handle: str = "") -> str:
    """An entity of a kind on a layer."""
    return pairs((0, kind), *([(5, handle)] if handle else []), (100, "AcDbEntity"), (8, layer), *held)


def polyline(
    layer: str, corners: list[Point], *, closed: bool = True, bulge: float = 0.0, handle: str = ""
) -> str:
    """A light polyline; a bulge of 1 makes each side half a circle."""
    places = [pair for x, y in corners for pair in ((10, x), (20, y), *([(42, bulge)] if bulge else []))]
    return entity(
        "LWPOLYLINE",
        layer,
        (100, "AcDbPolyline"),
        (90, len(corners)),
        (70, int(closed)),
        *places,
        handle=handle,
    )


def line(layer: str, first: Point, last: Point) -> str:
    """A single line."""
    return entity(
        "LINE", layer, (100, "AcDbLine"), (10, first[0]), (20, first[1]), (11, last[0]), (21, last[1])
    )


def text(layer: str, said: str, place: Point) -> str:
    """A text by its place."""
    return entity("TEXT", layer, (100, "AcDbText"), (10, place[0]), (20, place[1]), (40, 2.5), (1, said))


def mtext(layer: str, said: str, place: Point) -> str:
    """A text of several lines, with the marks of its form."""
    return entity(
        "MTEXT", layer, (100, "AcDbMText"), (10, place[0]), (20, place[1]), (40, 2.5), (71, 5), (1, said)
    )


def insert(layer: str, block: str, place: Point) -> str:
    """A block put in a place."""
    return entity("INSERT", layer, (100, "AcDbBlockReference"), (2, block), (10, place[0]), (20, place[1]))


def block(name: str, content: str) -> str:
    """A block of entities."""
    head = entity(
        "BLOCK", "0", (100, "AcDbBlockBegin"), (2, name), (70, 0), (10, 0), (20, 0), (3, name), handle="B0"
    )
    return head + content + entity("ENDBLK", "0", (100, "AcDbBlockEnd"), handle="B1")


def drawing(
    entities: Iterable[str], *, blocks: str = "", version: str = "AC1018", page: str = "ANSI_936"
) -> str:
    """A whole drawing."""
    head = [(9, "$ACADVER"), (1, version), *([(9, "$DWGCODEPAGE"), (3, page)] if page else [])]
    return (
        pairs((0, "SECTION"), (2, "HEADER"), *head, (0, "ENDSEC"), (0, "SECTION"), (2, "BLOCKS"))
        + blocks
        + pairs((0, "ENDSEC"), (0, "SECTION"), (2, "ENTITIES"))
        + "".join(entities)
        + pairs((0, "ENDSEC"), (0, "EOF"))
    )


def square(x: float, y: float, side: float) -> list[Point]:
    """Corners of a square by its south-west one."""
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
