"""The maps that there are: parkgeo's own, and an office's laid over them.

parkgeo's stand in ``maps/specs``; an office puts a file of its own into the folder ``maps`` of the workspace. One with the id of a
shipped map takes its place.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from maps.quantities import is_quantity
from maps.specfile import MOST_BYTES, MapSpec, parse_spec, suggest
from parkgeo.errors import ProjectError, gather
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import geopandas as gpd

    from maps.legend import Colouring, Words
    from parkgeo.store import Snapshot

__all__ = ["FOLDER", "MapSpec", "check_colours", "lay_specs", "parse_spec", "plan_maps", "read_spec", "shipped_specs", "workspace_specs"]  # fmt: skip

FOLDER = "maps"
"""The folder of a workspace that holds an office's own maps."""

_MOST_FILES = 200


def read_spec(path: Path) -> MapSpec:
    """A spec from a file.

    Raises
    ------
    ProjectError
        It cannot be read, or is no spec.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ProjectError(
            f"cannot be read ({error.strerror or error})",
            where=str(path),
            mend="see that it is a file you may read",
        ) from error
    return parse_spec(content, str(path))


@cache
def shipped_specs() -> tuple[MapSpec, ...]:
    """The maps that come with parkgeo, in their order."""
    files = [
        file for file in resources.files("maps").joinpath("specs").iterdir() if file.name.endswith(".toml")
    ]
    return tuple(
        parse_spec(file.read_bytes(), file.name) for file in sorted(files, key=lambda file: file.name)
    )


def workspace_specs(root: Path) -> tuple[list[MapSpec], list[ProjectError]]:
    """An office's own maps, in the order of their files' names, and what is wrong with those that cannot be used.

    Parameters
    ----------
    root
        The workspace; without a folder ``maps`` there are none.
    """
    folder = root / FOLDER
    paths = sorted(path for path in folder.glob("*.toml") if path.is_file()) if folder.is_dir() else []
    found: dict[str, MapSpec] = {}
    problems = []
    if len(paths) > _MOST_FILES:
        problems.append(
            ProjectError(
                f"more than {_MOST_FILES} maps",
                where=str(folder),
                mend="remove those not needed; the rest is left out",
            )
        )
    for path in paths[:_MOST_FILES]:
        try:
            spec = read_spec(path)
        except ProjectError as error:
            problems.append(error)
            continue
        if spec.id in found:
            problems.append(
                ProjectError(
                    f"a second map with the id {spec.id!r}", where=str(path), mend="give it another id"
                )
            )
            continue
        found[spec.id] = spec
    return list(found.values()), problems


def lay_specs(own: Sequence[MapSpec]) -> list[MapSpec]:
    """The shipped maps with an office's own laid over them: one of the same id takes its place, the others come after."""
    laid = {spec.id: spec for spec in shipped_specs()}
    laid |= {spec.id: spec for spec in own}
    return list(laid.values())


def check_colours(snapshot: Snapshot, specs: Iterable[MapSpec]) -> None:
    """See that the catalogue knows what maps are coloured by.

    Raises
    ------
    ProjectError
        A column is not known, so that the map could never be drawn.
    """
    known = snapshot.catalogue["fields"].get("parcels", {})
    problems = [
        ProjectError(
            f"unknown colour {spec.colour!r}",
            where=f"map {spec.id}, colour",
            mend=suggest(spec.colour, known),
        )
        for spec in specs
        if spec.colour not in known
    ]
    if problems:
        raise gather(problems, ProjectError)


def plan_maps(
    snapshot: Snapshot, parcels: gpd.GeoDataFrame, specs: Sequence[MapSpec], found: Sequence[Colouring]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The maps that can be shown, and those that cannot, with the reason.

    Parameters
    ----------
    snapshot
        Gives titles.
    parcels
        The rows that may be seen.
    specs
        In their order.
    found
        What `maps.colouring.colourings` gave for them.

    Returns
    -------
    tuple of list of dict
        ``id``, ``title``, ``colour`` (a colouring's key), ``layers``, ``suspected``; and ``id``, ``title``, ``reason`` in each language.
    """
    by_key = {colouring.key: colouring for colouring in found}
    maps, left_out = [], []
    for spec in specs:
        colouring = by_key.get(spec.key)
        head = {"id": spec.id, "title": spec.title}
        if colouring is None:
            left_out.append(head | {"reason": _reason(snapshot, parcels, spec)})
        else:
            suspected = spec.suspected or colouring.suspected
            maps.append(head | {"colour": spec.key, "layers": list(spec.layers), "suspected": suspected})
    return maps, left_out


def _reason(snapshot: Snapshot, parcels: gpd.GeoDataFrame, spec: MapSpec) -> Words:
    """Why a map cannot be shown."""
    entry = snapshot.field("parcels", spec.colour)
    if spec.colour not in parcels:
        sentence = "The snapshot has no column {title} ({column})."
    elif not parcels[spec.colour].notna().any():
        sentence = "No parcel has a value of {title} ({column})."
    elif spec.classes and not is_quantity(parcels, spec.colour):
        sentence = "{title} ({column}) is no quantity, so it cannot be classed."
    else:
        sentence = "Parcels cannot be coloured by {title} ({column})."
    zh, en = (say(sentence, lang, title=entry[lang], column=spec.colour) for lang in LANGUAGES)
    return zh, en
