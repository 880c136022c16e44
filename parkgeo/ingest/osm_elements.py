"""Elements of OpenStreetMap as files and servers hold them: what a layer takes, and the nodes and ways it is made of."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError
from parkgeo.ingest.osm_tags import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from parkgeo.ingest.osm_tags import Rules, Take

__all__ = [
    "OSM_ENDINGS",
    "Element",
    "Extract",
    "count_elements",
    "elements_of_answer",
    "elements_of_file",
    "is_osm",
]

OSM_ENDINGS = {".osm": "osm", ".osm.gz": "osm.gz", ".osm.bz2": "osm.bz2", ".pbf": "pbf"}
"""How a file's name ends → its format, as osmium calls it."""

_PACKED: dict[str, Callable[[Path], Any]] = {"osm.gz": gzip.open, "osm.bz2": bz2.open}
# OSM XML packs about fifteen times; what unpacks further is no map, and what unpacks to more is for a database.
_MOST_UNPACKED = 8 << 30
_MOST_RATIO = 200
_ALWAYS_ALLOWED = 64 << 20
_CHUNK = 1 << 20
_EARTH = (180.0, 90.0)


@dataclass(frozen=True)
class Element:
    """A node, a way or a relation that a layer takes.

    Attributes
    ----------
    kind
        ``node``, ``way`` or ``relation``.
    number
        Its number in OpenStreetMap, unique within its kind.
    version
        How often it was changed; 0 where that is not said.
    tags
        Its tags.
    take
        The entry of the rules that takes it.
    nodes
        Of a way.
    members
        Of a relation, as far as they are ways.
    """

    kind: str
    number: int
    version: int
    tags: dict[str, str]
    take: Take
    nodes: tuple[int, ...] = ()
    members: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Its name on openstreetmap.org, such as ``way/123``."""
        return f"{self.kind}/{self.number}"


@dataclass
class Extract:
    """A layer's elements and what they are made of.

    Attributes
    ----------
    elements
        Nodes, ways, relations, each in the order of their numbers.
    ways
        Nodes of the ways that relations are made of.
    places
        Node → longitude and latitude in degrees; nodes without a position on earth are not in it.
    tally
        Counts of the pass that found the elements.
    """

    elements: list[Element] = field(default_factory=list)
    ways: dict[int, tuple[int, ...]] = field(default_factory=dict)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def settle(self) -> Extract:
        """The same in the order that holds whatever the order of the file."""
        order = ("node", "way", "relation")
        self.elements.sort(key=lambda one: (order.index(one.kind), one.number))
        return self

    def wanted_ways(self) -> set[int]:
        """Ways that relations are made of."""
        return {member for one in self.elements for member in one.members}

    def wanted_nodes(self) -> set[int]:
        """Nodes whose positions are needed."""
        own = {node for one in self.elements for node in one.nodes}
        return own.union(*self.ways.values()) | {one.number for one in self.elements if one.kind == "node"}


def is_osm(path: Path) -> bool:
    """Whether a file's name says that it is one of OpenStreetMap.

    Examples
    --------
    >>> from pathlib import Path
    >>> is_osm(Path("Bayreuth.OSM.gz")), is_osm(Path("a.osm.pbf")), is_osm(Path("a.gz"))
    (True, True, False)
    """
    return path.name.lower().endswith(tuple(OSM_ENDINGS))


def elements_of_file(path: Path, rules: Rules) -> Extract:
    """A layer's elements in a file.

    Parameters
    ----------
    path
        ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.pbf``. It is read three times over: what bears the tags, the ways that
        relations are made of, the nodes of all of them; so the order within the file is free, and only what the layer
        needs is held.
    rules
        What the layer takes.

    Raises
    ------
    InputError
        The file cannot be read to its end.
    """
    with _opened(path) as file:
        extract = Extract()
        _find(file, rules, extract)
        _trace(file, extract)
        _place(file, extract)
    return extract.settle()


def count_elements(path: Path, every: Mapping[str, Rules]) -> dict[str, int]:
    """How many elements of a file each layer takes by their tags.

    Parameters
    ----------
    path
        As for `elements_of_file`; read once.
    every
        Layer → what it takes.

    Raises
    ------
    InputError
        The file cannot be read to its end.
    """
    tallies = {layer: Tally() for layer in every}
    with _opened(path) as file:
        for kind, tags, _ in _tagged(file, {key for rules in every.values() for key in rules.keys}):
            for layer, rules in every.items():
                rules.match(kind, tags, tallies[layer])
    return {layer: tally.taken for layer, tally in tallies.items()}


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A file as osmium reads it, as often as it is asked for; what goes wrong is said of the file."""
    import osmium

    kind = next(kind for ending, kind in OSM_ENDINGS.items() if path.name.lower().endswith(ending))
    try:
        if kind in _PACKED:
            _check_unpacking(path, kind)
        # Read here rather than by osmium: names in other scripts open on every system, and no name is an address.
        content = path.read_bytes()
        if not content:
            raise InputError("the file is empty (0 bytes)", where=str(path), mend="copy or save it again")
        yield osmium.io.FileBuffer(content, kind)
    except (
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        RuntimeError,
        ValueError,
        osmium.InvalidLocationError,
    ) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"cannot be read as OpenStreetMap data ({str(error)[:200]})", where=str(path),
            mend="it may be cut short or have another ending than its content: copy or download it again",
        ) from error  # fmt: skip
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})",
            where=str(path),
            mend="copy or download it again; see that it is a file you may read",
        ) from error


def _check_unpacking(path: Path, kind: str) -> None:
    """See that a packed file is whole and does not unpack to more than a map would; nothing of it is kept."""
    packed = path.stat().st_size
    unpacked = 0
    with _PACKED[kind](path) as file:
        while chunk := file.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > _MOST_UNPACKED or unpacked > max(_ALWAYS_ALLOWED, _MOST_RATIO * packed):
                raise InputError(
                    f"it unpacks to more than {unpacked >> 20} MiB", where=str(path),
                    mend="cut the extract to the surroundings of the park, for example with osmium extract",
                )  # fmt: skip


def _tagged(file: Any, keys: set[str]) -> Iterator[tuple[str, dict[str, str], Any]]:
    """Elements that have one of the tags: kind, tags, and the element as osmium has it, good until the next."""
    import osmium

    found: Any = osmium.FileProcessor(file).with_filter(osmium.filter.KeyFilter(*sorted(keys)))
    for one in found:
        if not one.deleted:
            kind = "node" if one.is_node() else "way" if one.is_way() else "relation"
            yield kind, {tag.k: tag.v for tag in one.tags}, one


def _find(file: Any, rules: Rules, extract: Extract) -> None:
    """The elements that bear the tags."""
    for kind, tags, one in _tagged(file, {*rules.keys, *([rules.count] if rules.count else [])}):
        take = rules.match(kind, tags, extract.tally)
        if take is None:
            continue
        nodes = tuple(node.ref for node in one.nodes) if kind == "way" else ()
        members = tuple(part.ref for part in one.members if part.type == "w") if kind == "relation" else ()
        extract.elements.append(Element(kind, one.id, one.version, tags, take, nodes, members))


def _trace(file: Any, extract: Extract) -> None:
    """The ways that relations are made of."""
    import osmium

    wanted = extract.wanted_ways()
    for one in _only(osmium.FileProcessor(file, osmium.osm.WAY), wanted):
        extract.ways[one.id] = tuple(node.ref for node in one.nodes)


def _place(file: Any, extract: Extract) -> None:
    """The positions of nodes."""
    import osmium

    wanted = extract.wanted_nodes()
    for one in _only(osmium.FileProcessor(file, osmium.osm.NODE), wanted):
        if one.location.valid():
            extract.places[one.id] = (one.location.lon, one.location.lat)


def _only(elements: Any, wanted: set[int]) -> Iterator[Any]:
    import osmium

    if not wanted:
        return
    # Elements that an editor has not uploaded bear negative numbers, which the filter cannot hold.
    if min(wanted) >= 0:
        elements = elements.with_filter(osmium.filter.IdFilter(wanted))
    yield from (one for one in elements if one.id in wanted and not one.deleted)


def elements_of_answer(answer: Iterable[dict[str, Any]], rules: Rules) -> Extract:
    """A layer's elements in what an Overpass server answers.

    Parameters
    ----------
    answer
        Elements as its JSON has them: ``type``, ``id``, ``tags``, and ``lat`` and ``lon``, ``nodes`` or ``members``.
    rules
        What the layer takes.

    Raises
    ------
    KeyError, TypeError, ValueError
        An element is not what the format says.
    """
    extract = Extract()
    for one in answer:
        kind, number = str(one["type"]), int(one["id"])
        tags = {str(key): str(value) for key, value in one.get("tags", {}).items()}
        nodes = tuple(int(node) for node in one["nodes"]) if kind == "way" else ()
        if kind == "way":
            extract.ways[number] = nodes
        elif kind == "node":
            lon, lat = float(one["lon"]), float(one["lat"])
            if abs(lon) <= _EARTH[0] and abs(lat) <= _EARTH[1]:
                extract.places[number] = (lon, lat)
        take = rules.match(kind, tags, extract.tally) if tags else None
        if take is not None:
            members = (
                tuple(int(part["ref"]) for part in one["members"] if part["type"] == "way")
                if kind == "relation"
                else ()
            )
            extract.elements.append(
                Element(kind, number, int(one.get("version", 0)), tags, take, nodes, members)
            )
    return extract.settle()
